"""The arms of a study: what was compared with the treatment it is about, in the authors' own words.

Each mention of another treatment has a function, read from the words around it: an *arm* ("randomised to ketamine or
midazolam", "the saline group", "placebo-controlled"), an *addition* that every arm had ("each combined with an SSRI"),
a *setting* ("anaesthesia for ECT"), or none.  Only arms are comparators; how often a name stands proves nothing.  What
an abstract says of its arms without a drug's name follows from other words: healthy controls, a lower dose, people who
were not given the compound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from harvester.paper.tags import TRIALS, Evidence
from harvester.tagging.english import word_set
from harvester.tagging.lexicon import Mention
from harvester.tagging.listed import PASSED_OVER, find_new_names
from harvester.tagging.reading import Reading, Sentence

# One patient, a series, a talk about other people's work: nobody is compared with anybody.
_NOT_COMPARED = frozenset(("case-report", "case-series", "qualitative", "comment", "guideline"))
_REVIEWS = frozenset(("meta-analysis", "systematic-review", "review"))
_CONTROLLED = frozenset(("rct", "protocol", "preclinical"))
_ABOUT = ("title", "objective")
_OWN = ("title", "objective", "methods", "results", "conclusions")
_DEALT = ("title", "objective", "methods")

_COMPARES = word_set("or versus vs than over against either nor contrast")
_COMPARED_WITH = re.compile(
    r"\b(?:compar(?:ed|ing|ison|able|es?)|relative|similar|superior|(?:non-?)?inferior|equivalent|contrast|differ\w*"
    r"|alternative)\b[^.;,]{0,60}\b(?:to|with|from|of|between|and)\s*$",
    re.IGNORECASE,
)
_DEALS = re.compile(
    r"\b(?:random|assign|allocat|cross-?over|receiv|given\b|gave\b|administ|infus|inject|groups?\b|arms?\b|took\b"
    r"|n ?= ?\d|treated\b|counterbalanced|sessions?\b|double-blind|controlled\b)",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"(?:\bcombin(?:ed|ation|ing)\b[^.;,]{0,25}\b(?:with|of)|\b(?:add(?:ed|ing|-on)?|adjunct(?:ive)?|augment\w*)"
    r" (?:on )?(?:to|of|with)|\balong(?:side)?(?: with)?|\btogether with|\bin addition to|\bon top of|\bplus|\+"
    r"|\bon|\bongoing|\bcon(?:comitant|current)\w*(?: with)?|\bco-?administ\w*(?: with)?|\bstable doses? of|\bcurrent"
    r"|\b(?:prior|previous\w*)(?: treatments?)?(?: with)?|\bhistory of|\bmaintain\w*\b[^.;,]{0,35}|\binduc\w* with"
    r"|\b(?:resistan|respon|refractory|fail)\w* (?:to|of)|\bfollowed by|\bdiluted (?:in|with|to)|\bneed for|\buse of)"
    r"\s*$",
    re.IGNORECASE,
)
_PLACE_BEFORE = word_set("before during undergoing for in under after undergo receiving with of prior underwent pre-")
_PLACE_AFTER = re.compile(
    r"\s?-?\s?(?:(?:general |deep )?ana?esth|sedation|induction|consumption|requirement|dos(?:e|es|age)\b"
    r"|us(?:e|ers?|ing)\b|based|induced|resistant|refractory|naive|(?:non-?)?respon|sessions?\b|seizure|course|treatments?\b|withdrawal"
    r"|augmentation|was (?:used|diluted)|were (?:used|measured)|levels?|concentrations?|models?)",
    re.IGNORECASE,
)
_NAMES_AN_ARM = re.compile(
    r"\s?-?(?:controll?(?:ed|s)?\b|groups?\b|arms?\b|conditions?\b|alone|treated|recipients?|placebo\b|infusions?\b"
    r"|injections?\b|administration\b|sessions?\b|\((?:[A-Z][\w-]{0,8} )?(?:group|arm|n ?=))",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"\b(?:previous(?:ly)?|prior|earlier|other) (?:\w+ )?(?:stud|trial|report|publish)", re.IGNORECASE)
_PLURAL_STUDIES = re.compile(r"[\s-]*control(?:led)?\b[^.;,]{0,40}\b(?:studies|trials)\b", re.IGNORECASE)
_DILUTES = re.compile(
    r"\b(?:dilut|dissolv|mixed|made up|prepared|reconstitut|(?:additional|total|final) volume of)\w*\b"
    r"(?:[^.;,()]|\.\d){0,40}$",
    re.IGNORECASE,
)
_OTHERS_KEYS = word_set("previous previously prior earlier other")  # one in every match
_INERT = frozenset(("placebo", "saline"))

_HEALTHY = re.compile(
    r"\b(?:healthy|non-?depressed|never-?depressed|normal|unaffected) (?:[\w-]+,? ){0,3}?(?:controls?|comparisons?"
    r"|volunteers?|subjects?|participants?|individuals?|adults?|people|persons?|(?:wo)?men|siblings?)\b|\bH[CV]s?\b"
    r"|\b(?:age|sex|gender)\b[\w ,-]{0,20}matched (?:controls|comparison subjects)\b",
)
_CONTROL = re.compile(
    r"\bcontrols?[ -](?:groups?|arms?|subjects|participants|patients|individuals)\b|\bcontrols\b|\bcontrol \("
    r"|\bCON group\b|\bgroup C\b|\b(?:or|(?:to|than|with) the) control\b"
)
_WITHOUT = re.compile(
    r"\b(?:without|no|not (?:receiv\w*|given|treated with|exposed to|administered|taking|us(?:e|ing))|unexposed to)"
    r" (?:(?:any|the|intraoperative|perioperative|intravenous|use of|exposure to|history of|receiving|treatment with)"
    r" ){0,3}"
    r"(?P<what>(?:es)?ketamine)\b(?! (?:use )?disorder|-)"
    r"|\b(?:than|from|to|with|and) (?:(?:that|those) of )?(?:the )?(?:other|remaining) patients\b"
    r"|\b(?:those|patients|women|participants|people|individuals) (?:who|that) (?:did|had|have) not\b(?! receive [a-z])"
    r"|\bnon-?(?P<other>(?:es)?ketamine)(?: (?:group|users?|patients|cohort|controls?))",
    re.IGNORECASE,
)
_NON_USERS = re.compile(
    r"\b(?:non-? ?|never-)users?\b|ketamine[- ]na[iï]ve controls"
    r"|\bnon-(?!drug)[\w-]+(?: users\b|[ -]using\b.{0,12}?\bcontrols)"
    r"|\b(?:who|had|have|having) (?:had |have )?never used\b",
    re.IGNORECASE,
)
# People who take other things than the compound, or nothing, beside those who take it.
_OTHER_USERS = re.compile(
    r"(?<![\w/-])(?P<name>(?:(?:cannabis|mari[jh]uana|alcohol|nicotine|tobacco|cocaine|heroin|opioid|stimulant|amphetamine"
    r"|poly-?drug|drug-free|non-?drug|drug-na[iï]ve|ex-?\w+|former \w+)[/-]?)+(?: ?using)? (?:users|controls))\b",
    re.IGNORECASE,
)
_DOSE = re.compile(
    r"(?<![\d.,·-])(?P<number>[0-9]+(?:[.·][0-9]+)?|\.[0-9]+)(?P<unit>[\s-]?(?:mg|µg|μg|ug|mcg|microg)\b"
    r"(?P<kg>/kg|\s?kg\s?-?1|\s?·\s?kg\s?[-−]?1|/70 ?kg)?)?(?!\s?(?:mg|µg|μg|ug|mcg)?/kg/|[.·]?[0-9]|\s?%)",
)
_COMPOUND = re.compile(r"(?: of)? (?:racemic )?(?:es)?ketamine\b", re.IGNORECASE)
_NEXT_DOSE = re.compile(r"\s?(?:,\s?(?:and|or)?|and|or|vs\.?|versus|/|compared with)\s?(?:an? )?")
_LOW, _HIGH = r"(?:low|small)(?:er)?", r"(?:high|standard|full|moderate|medium|large)(?:er)?"
_DOSE_WORDS = re.compile(
    rf"\b{_LOW}[- ]?(?:dos\w+)?\b[^.;]{{0,100}}?\b{_HIGH}[- ](?:[\w-]+ ){{0,2}}?(?:dos|infusion)"
    rf"|\b{_HIGH}(?:[- ]dos\w+|,? (?:and|or|versus|vs\.?|to))\b[^.;]{{0,100}}?\b{_LOW}[- ](?:[\w-]+ ){{0,2}}?dos"
    rf"|\b{_LOW}[- ]dose[^.;,]{{0,30}}\bas (?:an )?(?:active )?(?:placebo|control|comparator)\b"
    r"|\b(?:active placebo|control) doses?\b|\b(?:different|various|comparison of (?:two|three|four)) doses of\b",
    re.IGNORECASE,
)
_BRACKET = re.compile(r" ?\([^()]*\)| ?[\"“”]")
_ONE_COURSE = re.compile(
    r"\b(?:bolus|loading|followed by|then|maintenance|titrat|escalat|increas|up to|rang(?:e|ing)|from|mean|average"
    r"|maximum|flexib|subsequent)\w*\b|/h\b|\bper hour\b|\bmin-?1\b|/min\b",
    re.IGNORECASE,
)


_IN_APPOSITION = re.compile(
    r"\b(?:placebo|comparator|control(?: (?:group|condition|arm|drug))?)\s?(?:\(|,|:|was|is)?\s?(?:i\.e\.,? )?"
    r"(?:[\d.]+ ?% ?)?(?:IV |i\.v\. |intravenous |of )?$",
    re.IGNORECASE,
)
_CONTROL_HAD = re.compile(
    r"\b(?:control|placebo|comparator|comparison) (?:group|arm|condition)\b[^.;]{0,60}\b(?:receiv\w+|given|got|took)\b"
    r"(?:(?!\b(?:before|after|during|under)\b)[^.;,]){0,60}$",
    re.IGNORECASE,
)
_AS_CONTROL = re.compile(
    r"(?:[^.;:,()]|\.\d){0,12}[\s,(]+(?:used )?(?:as )?(?:an?|the) (?:\w+ )?(?:placebo|comparator|control)\b",
    re.IGNORECASE,
)


def tag_comparators(reading: Reading, design: str) -> list[Evidence]:
    """Tag what the compound, or the treatment that the study is about, was compared with.

    Parameters
    ----------
    reading
        The citation.
    design
        Its design: a case has no comparator, a review only the one that its title or aim names.

    Returns
    -------
    list of Evidence
        In the order of the text; the value of each is the vocabulary's name, or else the words as printed.
    """
    if design in _NOT_COMPARED:
        return []
    found = _find_arms(reading, design)
    if "placebo" in found and found["placebo"].words.lower() == "sham" and any(v.startswith("sham ") for v in found):
        del found["placebo"]
    if "oral antidepressant" in found:
        found.pop("antidepressants", None)
    if design not in _REVIEWS:
        _name_placebo(reading, found)
    for proof in _derive(reading, design, found):
        found.setdefault(proof.value, proof)
    return list(found.values())


def _find_arms(reading: Reading, design: str) -> dict[str, Evidence]:
    """Find the treatments of the vocabulary that some sentence makes an arm, and none gives to every arm."""
    found: dict[str, Evidence] = {}
    shared: set[str] = set()
    roles = _ABOUT if design in _REVIEWS else _OWN
    for sentence, mention in reading.find("comparators"):
        in_opening = sentence.role == "background" and design in _CONTROLLED and not sentence.passage.label
        if not (sentence.role in roles or in_opening) or _is_compound(sentence, mention):
            continue
        if _is_shared(sentence, mention):
            shared.add(mention.value)
        elif _is_arm(sentence, mention, design):
            value = _as_printed(sentence, mention)
            found.setdefault(value, sentence.proves("comparators", value, mention))
    return {value: proof for value, proof in found.items() if value not in shared}


def _is_compound(sentence: Sentence, mention: Mention) -> bool:
    return any(
        other.first <= mention.last and mention.first <= other.last for other in sentence.mentions_of("compounds")
    )


_CLASSES = frozenset(("antidepressants",))


def _as_printed(sentence: Sentence, mention: Mention) -> str:
    """Return the vocabulary's name of one thing, but the author's words for one of a class."""
    if mention.value in _CLASSES:
        words = sentence.text[mention.start : mention.end].lower()
        return words.removesuffix("s") if " " in words else mention.value
    if sentence.words[mention.first].key == "sham":
        beside = sentence.words[mention.last + 1 : mention.last + 2] + sentence.words[mention.first - 1 : mention.first]
        for word in beside:  # "sham acupuncture", "TMS-sham"
            if word.key in _SHAMS:
                return f"sham {word.text.lower() if word.text[1:].islower() else word.text}"
    return mention.value


_SHAMS = word_set(
    "acupuncture tms rtms itbs tdcs ect stimulation electroacupuncture neurofeedback light cpap surgery feeding"
)


_PARTNER = re.compile(
    r"(?: [\d.]+ ?[mµ]g\S*?)? ?(?:[+‐-](?!only|alone|treat|induc|based|control|like|free|na[iï]ve)|plus\b"
    r"|combined with)",
    re.IGNORECASE,
)


def _is_beside_inert(sentence: Sentence) -> bool:
    return any(m.value in _INERT for m in sentence.mentions_of("comparators"))


def _is_tested_itself(sentence: Sentence, mention: Mention) -> bool:
    """Whether a drug is tested against placebo, beside or after the compound: "riluzole or placebo after ketamine"."""
    inert = [m for m in sentence.mentions_of("comparators") if m.value in _INERT]
    compounds = sentence.mentions_of("compounds")
    if not compounds or _names_control(sentence, mention):
        return False
    for other in inert:
        one, two = sorted((mention, other), key=lambda m: m.first)
        joint = _gap(sentence, one, two)
        between = {sentence.words[one.first - 1].key, *(joint or ())} >= {"between", "and"}
        if joint is None or not (between or joint & _ALTERNATES):
            continue
        ends = (
            (_gap(sentence, c, one), _gap(sentence, two, c), _gap(sentence, c, m)) for c in compounds for m in inert
        )
        if all(gap is None for gaps in ends for gap in gaps):
            return True
    return False


_ALTERNATES = word_set("or versus vs than compared against")
_IN_LISTS = _ALTERNATES | word_set("and with to plus was were as matched")


def _gap(sentence: Sentence, one: Mention, two: Mention) -> set[str] | None:
    """Return the words between two names of a list; None if they are not of one list."""
    if two.first <= one.last:
        return None
    keys = {w.key for w in sentence.words[one.last + 1 : two.first] if not w.text[0].isdigit()} - PASSED_OVER
    return keys if len(keys) < 4 and keys <= _IN_LISTS else None


def _names_control(sentence: Sentence, mention: Mention) -> bool:
    """Whether the text says that a drug is the placebo or the comparator: "placebo (midazolam)"."""
    before = _IN_APPOSITION.search(sentence.text, max(0, mention.start - 30), mention.start)
    return before is not None or _AS_CONTROL.match(sentence.text, mention.end) is not None


_TO_ALL = re.compile(
    r"\b(?:both|all|each|every) (?:of the )?(?:[\w-]+ ){0,3}?(?:groups?|arms?|patients?|participants?|subjects?|women"
    r"|children|individuals?|volunteers?)\b[^.;,]{0,40}\b(?:receiv|given|took|treated|administered|had)\w*\b[^.;]{0,80}$",
    re.IGNORECASE,
)


def _is_shared(sentence: Sentence, mention: Mention) -> bool:
    """Whether a sentence gives a drug to both sides: "X plus ketamine or X plus placebo", "both groups received X"."""
    if mention.value in _INERT:
        return False
    named = [*sentence.mentions_of("compounds"), *(m for m in sentence.mentions_of("comparators") if m.value in _INERT)]
    to_all = _TO_ALL.search(sentence.text, 0, mention.start)
    if (
        to_all is not None
        and not any(to_all.start() < one.start < mention.start for one in named)
        and all(_gap(sentence, mention, one) is None for one in named)
    ):
        return True
    if _is_tested_itself(sentence, mention):
        return True
    same = [m for m in sentence.mentions_of("comparators") if m.value == mention.value]
    compounds = sentence.mentions_of("compounds")
    if len(compounds) > 1 and all(any(_gap(sentence, one, m) == {"and"} for m in same) for one in compounds):
        return True  # "ketamine and X by mouth, ketamine and X by vein"
    return sum(bool(_PARTNER.match(sentence.text, m.end)) for m in same) > 1


def _is_arm(sentence: Sentence, mention: Mention, design: str) -> bool:
    """Whether the words around a mention make it an arm."""
    text = sentence.text
    near = [word.key for word in sentence.words[max(0, mention.first - 4) : mention.first]]
    if sentence.is_negated(mention) and "than" not in near and near[-1:] != ["free"]:
        return False
    inert = mention.value in _INERT
    if mention.value == "saline" and _DILUTES.search(text, 0, mention.start):
        return False
    if inert and sentence.role == "background" and _PLURAL_STUDIES.match(text, mention.end):
        return False
    names = _NAMES_AN_ARM.match(text, mention.end) is not None
    is_parallel = _is_parallel(sentence, mention)
    if not (inert or is_parallel):
        if _is_added(sentence, mention):
            return False
        if not names and _PLACE_AFTER.match(text, mention.end) and not _is_alternative(sentence, mention):
            return False
    if sentence.role != "title" and not sentence.keys.isdisjoint(_OTHERS_KEYS) and _OTHERS.search(text):
        return False
    if not (inert or "compounds" in sentence.facets or _names_control(sentence, mention)) and _is_beside_inert(
        sentence
    ):
        return False  # what is compared with placebo there is the other drug
    compared = _is_compared(sentence, mention)
    if design in _REVIEWS:
        in_title = sentence.role == "title"
        paired = in_title and _joiner(sentence, mention)[0] == "and" and "compounds" in sentence.facets
        return compared or paired or (names and in_title)
    if mention.value in ("ECT", "rTMS"):
        return compared or _names_device_arm(sentence, mention)
    if design == "open-label-trial" and sentence.role not in _ABOUT:
        return compared and sentence.role != "background" and (inert or "compounds" in sentence.facets)
    deals = _deals(sentence)
    if (is_parallel and deals) or (compared and sentence.role in _OWN) or (inert and design in _CONTROLLED):
        return True
    if names and (deals or sentence.role in _DEALT) and (inert or design in _CONTROLLED):
        return True
    pretreats = design in ("rct", "protocol") and _pretreats(sentence, mention)
    return sentence.role in _DEALT and (pretreats or (deals and _is_listed(sentence, mention)))


def _is_parallel(sentence: Sentence, mention: Mention) -> bool:
    """Whether a drug stands where the compound stands: "propofol with ketamine or propofol with fentanyl"."""
    own = _three_before(sentence, mention)
    return own[-1:] in (["with"], ["plus"], ["and"]) and any(
        _three_before(sentence, one) == own for one in sentence.mentions_of("compounds")
    )


def _three_before(sentence: Sentence, mention: Mention) -> list[str]:
    return [word.key for word in sentence.words[max(0, mention.first - 3) : mention.first]]


def _is_alternative(sentence: Sentence, mention: Mention) -> bool:
    """Whether a drug and the compound are alternatives: "ketamine or propofol anaesthesia"."""
    gaps = (
        _gap(sentence, *pair) for one in sentence.mentions_of("compounds") for pair in ((one, mention), (mention, one))
    )
    return any(gap is not None and gap & _ALTERNATES for gap in gaps)


def _deals(sentence: Sentence) -> bool:
    """Whether a sentence says what was given to whom."""
    return _find_deal(sentence.text)


@lru_cache(maxsize=64)  # the sentences of one paper, which several rules ask
def _find_deal(text: str) -> bool:
    return _DEALS.search(text) is not None


def _is_added(sentence: Sentence, mention: Mention) -> bool:
    """Whether a drug, or its sibling, was added to something: "maintained on lithium or valproate"."""
    joiner, place = _joiner(sentence, mention)
    sibling = _sibling(sentence, joiner, place)
    ends = {mention.start, sentence.words[place].end if place >= 0 else 0, sibling.start if sibling is not None else 0}
    may_end = not sentence.has_none_of(_NOTHING, *_ADDS_ANYHOW)
    return any(
        _ADDS.search(sentence.text, max(0, end - 60), end)
        for end in ends
        if may_end or sentence.lower[max(0, end - 60) : end].rstrip().endswith(_ADDS_ENDS)
    )


_NOTHING: frozenset[str] = frozenset()
# How what adds a drug to another ends, but for some that may end anyhow.
_ADDS_ENDS = (
    *("with", "of", "to", "for", "in", "on", "by", "plus", "+", "along", "alongside", "ongoing", "current", "prior"),
    *("treatment", "treatments", "administered"),
)
_ADDS_ANYHOW = ("concomitant", "concurrent", "previous", "maintain")


def _pretreats(sentence: Sentence, mention: Mention) -> bool:
    """Whether a drug was tested against the compound's effects: "after haloperidol pretreatment"."""
    before, after = sentence.text[max(0, mention.start - 60) : mention.start], sentence.text[mention.end :]
    return _PRETREATED.search(before) is not None or re.match(r" pre-?treat", after) is not None


_PRETREATED = re.compile(r"\bpre-?treat\w* with [^.;,]{0,50}$", re.IGNORECASE)


def _names_device_arm(sentence: Sentence, mention: Mention) -> bool:
    """Whether ECT or stimulation is an arm, not what the drug was given for."""
    if _joiner(sentence, mention)[0] in _PLACE_BEFORE or _PLACE_AFTER.match(sentence.text, mention.end):
        return False
    return any(word.key in ("or", "group", "arm") for word in sentence.words[mention.last + 1 : mention.last + 2])


def _joiner(sentence: Sentence, mention: Mention) -> tuple[str, int]:
    """Return the word before a name, and its place, passing over amounts, routes and adjectives."""
    words = sentence.words
    place = mention.first - 1
    routes = {m.first for m in sentence.mentions_of("routes")}
    while place >= 0:
        word = words[place]
        if word.key in PASSED_OVER or word.text[0].isdigit() or place in routes or word.key in ("one", "two"):
            place -= 1
            continue
        break
    return (words[place].key, place) if place >= 0 else ("", -1)


def _sibling(sentence: Sentence, joiner: str, place: int) -> Mention | None:
    """Return the treatment that "or", "and" or a comma joins to one with such a joiner at that place."""
    for other in sentence.mentions_of("comparators"):
        if (joiner in ("or", "and") and other.last == place - 1) or other.last == place:
            return other
    return None


_COMPARES_WITH = re.compile(r"\bcompar(?:e|ed|es|ing|ison|ative)\b[^.;]{0,200} (?:to|with)$", re.IGNORECASE)
_AGAIN = word_set("under with to by on after of from in receiving given")
_LINKS = word_set("to with and from of between")


def _head_of_list(sentence: Sentence, mention: Mention) -> Mention:
    """Return the first name of the list that a name ends: of "with lithium, aripiprazole and quetiapine", lithium."""
    named = (*sentence.mentions_of("compounds"), *sentence.mentions_of("comparators"))
    for other in sorted(named, key=lambda m: -m.first):
        gap = _gap(sentence, other, mention)
        if gap is not None and gap <= {"and", "or"} and (gap or "," in sentence.text[other.end : mention.start]):
            mention = other
    return mention


def _is_compared(sentence: Sentence, mention: Mention) -> bool:
    """Whether a word that compares joins a name to another: "or midazolam", "compared with the placebo group"."""
    if _names_control(sentence, mention):
        return True
    joiner, place = _joiner(sentence, mention)
    text = sentence.text
    if joiner in ("those", "that") and place > 0:
        joiner, place = sentence.words[place - 1].key, place - 1  # "compared with those of triazolam"
    had = _CONTROL_HAD.search(text, max(0, mention.start - 160), mention.start)
    if had is not None and not any(had.start() <= m.start < mention.start for m in sentence.mentions_of("compounds")):
        return True
    if joiner in _AGAIN and place > 0 and sentence.words[place - 1].key in _COMPARES:
        joiner, place = sentence.words[place - 1].key, place - 1  # "under ketamine or under propofol"
    if joiner in _COMPARES:
        in_bracket = "(" in text[sentence.words[place].end : mention.start]
        if joiner == "or" and not _deals(sentence) and "compar" not in sentence.lower and sentence.role != "title":
            return False
        return not (joiner == "or" and (in_bracket or text[: sentence.words[place].start].endswith("and/")))
    places = {place, _joiner(sentence, _head_of_list(sentence, mention))[1]}
    for place_before in places:
        if place_before < 0 or sentence.words[place_before].key not in _LINKS:
            continue
        end = sentence.words[place_before].end
        if _COMPARED_WITH.search(text, max(0, end - 90), end):
            return True
        behind_compound = any(m.last == place_before - 1 for m in sentence.mentions_of("compounds"))
        if behind_compound and _COMPARES_WITH.search(text, 0, end):
            return True  # "to compare the efficacy, safety and cost of ketamine with …"
    after = sentence.words[mention.last + 1 : mention.last + 7]
    for place_after, word in enumerate(after):
        if word.key in ("versus", "vs"):
            return True
        if word.key == "or":
            return any(
                mention.last < m.first <= mention.last + 4 + place_after
                for m in (*sentence.mentions_of("compounds"), *sentence.mentions_of("comparators"))
                if m.facet == "compounds" or m.value in _INERT
            )
        if word.key not in PASSED_OVER and not word.text[0].isdigit() and word.key != "alone":
            break
    return False


_DEALT_OUT = word_set("received given administered receive randomized took assigned gave receiving")


def _is_listed(sentence: Sentence, mention: Mention) -> bool:
    """Whether a name stands where the arms are dealt out: "29 received diphenhydramine", "ketamine, X and placebo"."""
    joiner, place = _joiner(sentence, mention)
    if place < 0:
        return False
    gap = sentence.text[sentence.words[place].end : mention.start]
    if ", " in gap or "/" in gap or ";" in gap:
        return True
    if joiner == "only":
        return True
    if not sentence.keys.isdisjoint(("cross", "crossover")) and any(
        _gap(sentence, mention, one) == {"and"} for one in sentence.mentions_of("compounds")
    ):
        return True
    if joiner in _DEALT_OUT:
        others = [m for f in ("compounds", "comparators") for m in sentence.mentions_of(f) if m is not mention]
        return bool(others) or "group" in sentence.keys
    if joiner in ("and", "to") and (m := sentence.mentions_of("compounds")):
        return any(abs(c.first - place) <= 8 for c in m)
    return joiner in ("group", "arm")


def _name_placebo(reading: Reading, found: dict[str, Evidence]) -> None:
    """Drop "placebo" where it is only what the trial calls its active comparator."""
    if "placebo" not in found or not set(found) - _INERT:
        return
    is_active = False
    for sentence, mention in reading.find("comparators", (*_DEALT, "results")):
        if mention.value != "placebo":
            continue
        if not any(word.key in ("controlled", "control") for word in sentence.words[mention.last + 1 :][:1]):
            return
        if mention.first and sentence.words[mention.first - 1].key in ("active", "psychoactive"):
            is_active = True
    if is_active:
        del found["placebo"]


def _derive(reading: Reading, design: str, found: dict[str, Evidence]) -> Iterator[Evidence]:
    """Yield the comparators that no drug's name tells."""
    if design in _REVIEWS:
        yield from _other_compound(reading, _ABOUT)
        return
    yield from _healthy_controls(reading)
    yield from _other_compound(reading, ("title", "objective", "methods"))
    if design in ("rct", "protocol", "other", "open-label-trial"):
        yield from _lower_dose(reading, design)
    if design in ("cohort", "cross-sectional", "rct", "economic", "other", "open-label-trial"):
        without = _without(reading, is_trial=design in TRIALS)
        yield from (proof for proof in without if _INERT.isdisjoint(found) or not proof.value.startswith("no "))
    if design in ("rct", "protocol"):
        yield from _few_sessions(reading)
        yield from _alone(reading)
        yield from _unlisted(reading)
    if not found and design in ("rct", "protocol", "cohort", "preclinical", "cross-sectional"):
        yield from _unnamed_control(reading)


def _say(value: str, sentence: Sentence, words: str) -> Evidence:
    return Evidence(facet="comparators", value=value, field=sentence.passage.field, sentence=sentence.text, words=words)


def _healthy_controls(reading: Reading) -> Iterator[Evidence]:
    """Yield healthy controls where others are measured beside them."""
    for sentence in reading.prose(("title", "objective", "methods", "results")):
        if sentence.keys.isdisjoint(_HEALTH_WORDS):
            continue
        for match in _HEALTHY.finditer(sentence.text):
            as_control = match.group().lower().endswith(("control", "controls", "comparison", "comparisons", "hcs"))
            near = sentence.text[max(0, match.start() - 200) : match.start()], sentence.text[match.end() :][:200]
            if _STUDIES_OF.search(near[0]):
                continue
            beside = any(map(_ILL_PEOPLE.search, (*near, match.group()))) and (
                as_control
                or _BESIDE.search(near[0][-25:])
                or _BESIDE.match(near[1].lstrip(" ,"))
                or _BESIDE.search(match.group())
            )
            if beside or (as_control and _CONTROLS_ARE_SEEN.search(sentence.text)):
                yield _say("healthy controls", sentence, match.group())
                return


_HEALTH_WORDS = word_set("healthy nondepressed normal unaffected depressed matched")
_CONTROLS_ARE_SEEN = re.compile(
    r"\b(?:compared (?:with|to)|and|than|versus|vs)\b|\bcontrols (?:were|also)\b", re.IGNORECASE
)
_STUDIES_OF = re.compile(r"\b(?:studies|trials|research|experiments) (?:\w+ )?(?:with|in|of|on|using) $")
_BESIDE = re.compile(r"\b(?:compared (?:with|to)|and|than|versus|vs|from)\b", re.IGNORECASE)
_ILL_PEOPLE = re.compile(
    r"\b(?:patients|inpatients|outpatients|users|abusers|addicts|(?:individuals|participants|adults|people|subjects"
    r"|women"
    r"|men|veterans|adolescents|those) (?:diagnosed )?with (?!out)|TRD\b|MDD\b|PTSD\b|OCD\b|unmedicated"
    r"|(?:schizophreni[ac]|(?<!non)(?<!non-)depressed|bipolar|psychotic|autistic|traumati[sz]ed) (?:\w+ )?"
    r"(?:volunteers|subjects|individuals|participants|adults|people)\b)"
)
_COMPARING = re.compile(r"\bcompar(?:e|ed|ing|ison|ative)\b[^.;]{0,60}$", re.IGNORECASE)


def _other_compound(reading: Reading, roles: tuple[str, ...]) -> Iterator[Evidence]:
    """Yield the second of two compounds that are compared: both, in a "comparison of A and B" or "A or B"."""
    for sentence in reading.prose(roles):
        mentions = sentence.mentions_of("compounds")
        for one, two in pairwise(mentions):
            if one.value == two.value or two.first - one.last > 8 or two.first <= one.last:
                continue
            between = sentence.text[one.end : two.start].lower()
            paired = re.search(r"\b(?:and|to|with)\b", between) and _COMPARING.search(
                sentence.text[max(0, one.start - 90) : one.start]
            )
            if (
                paired
                or re.search(r"\bversus\b|\bvs\b|\bcompared (?:with|to)\b|\bagainst\b", between)
                or (
                    re.search(r"^[^.;]{0,25}\bor\b", between)
                    and re.search(r"\brandom|\bassigned|\beither\b", sentence.text.lower())
                    and "in" not in between.split()
                )
            ):
                if re.search(r"\b(?:and|or)\b", between):
                    yield sentence.proves("comparators", one.value, one)
                yield sentence.proves("comparators", two.value, two)
                return


def _lower_dose(reading: Reading, design: str) -> Iterator[Evidence]:
    """Yield "lower dose" where groups differ in the dose of the compound."""
    for sentence in reading.prose((*_DEALT, "results")):
        if "compounds" not in sentence.facets or not _deals(sentence):
            continue
        match = _DOSE_WORDS.search(_BRACKET.sub("", sentence.text)) if "dose" in sentence.keys else None
        several = any(len({m.value for m in sentence.mentions_of(facet)}) > 1 for facet in ("compounds", "routes"))
        if (
            match is None
            and sentence.role in _DEALT
            and design != "open-label-trial"
            and not several
            and "combination" not in sentence.keys
            and not _ONE_COURSE.search(sentence.text)
        ):
            doses = list(_compound_doses(sentence))
            if len({match.group("number") for match in doses}) > 1:
                match = doses[0]
        if match is not None:
            words = match.group() if match.group() in sentence.text else "dose"  # a bracket stood between
            yield _say("lower dose", sentence, words)
            return


def _compound_doses(sentence: Sentence) -> Iterator[re.Match[str]]:
    """Yield the doses of one unit that belong to no other drug; what is not per kilogram only from a list of doses."""
    others = [m for m in sentence.mentions_of("comparators") if m.value not in _INERT]
    last: re.Match[str] | None = None
    for match in reversed(list(_DOSE.finditer(sentence.text))):
        between = _BRACKET.sub("", sentence.text[match.end() : last.start()]) if last is not None else ""
        goes_on = last is not None and _NEXT_DOSE.fullmatch(_COMPOUND.sub("", between))
        per_kilogram = match.group("kg") and (last is None or last.group("kg"))
        if (last is None and not match.group("unit")) or (last is not None and not goes_on and not per_kilogram):
            continue
        if last is not None and match.group("unit") and _unit(match) != _unit(last):
            continue
        if any(
            0 <= match.start() - m.end <= 3 or sentence.text[match.end() : m.start] in (" ", " of ") for m in others
        ):
            continue
        if match.group("number").strip("0.") and match.group("number") not in _SPRAYS:
            last = match
            yield match


def _unit(dose: re.Match[str]) -> tuple[bool, bool]:
    return (dose.group("unit") or "mg").strip(" -").startswith("mg"), bool(dose.group("kg"))


_SPRAYS = frozenset(("28", "56", "84"))  # mg of esketamine nasal spray, which is adjusted to the patient


def _without(reading: Reading, *, is_trial: bool) -> Iterator[Evidence]:
    """Yield those who were not given the compound, or take other things or nothing beside those who take it."""
    roles = ("title", "objective", "methods", "results")
    about_users = any(not sentence.keys.isdisjoint(_USERS) for sentence in reading.prose(roles))
    for sentence in reading.prose(roles):
        if about_users and sentence.role != "results" and not sentence.keys.isdisjoint(_USERS | {"control"}):
            ends = {m.end + 1 for m in sentence.mentions_of("compounds") if sentence.words[m.first - 1].key != "non"}
            for other in _OTHER_USERS.finditer(sentence.text):
                value = other.group("name").lower().replace(" using", "")
                if other.start() not in ends and (value.endswith("controls") or not is_trial):
                    yield _say(value, sentence, other.group())
        if about_users and (non_users := _NON_USERS.search(sentence.text)):
            yield _say("non-users", sentence, non_users.group())
        without = _WITHOUT.search(sentence.text) if "compounds" in sentence.facets else None
        if without is not None and (
            sentence.role != "results" or not sentence.keys.isdisjoint(("group", "who", "other", "remaining"))
        ):
            what = (
                without.group("what") or without.group("other") or sentence.mentions_of("compounds")[0].value
            ).lower()
            yield _say("non-users" if about_users else f"no {what}", sentence, without.group())
            return


_USERS = word_set("user abuser")


_FEW = re.compile(
    r"(?:\b(?:vs\.?|versus|or|and|compared (?:with|to))|,) (?:to |with )?(?:an? )?"
    r"(?P<one>single(?:[- ]dose|[- ]infusion)?) (?:(?:IV|intravenous|sub-?ana?esthetic|low-dose) ){0,2}"
    r"(?P<what>(?:es)?ketamine(?: session| infusion| dose)?|infusion|session)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(?:two|three|four|five|six|eight|ten|twelve|[2-9]|1[0-9]|repeat\w*|multiple|serial|several)"
    r"(?: vs\.?| versus| or|[ -])",
    re.IGNORECASE,
)


def _few_sessions(reading: Reading) -> Iterator[Evidence]:
    """Yield one session, where it was compared with several."""
    for sentence in reading.prose(_DEALT):
        match = _FEW.search(sentence.text) if "single" in sentence.keys else None
        if match is None or (match.group()[0] in ",a" and not _SEVERAL.search(sentence.text)):
            continue
        if _deals(sentence) or "compare" in sentence.keys or sentence.role == "title":
            yield _say(f"{match.group('one')} {match.group('what')}".lower(), sentence, match.group("one"))
            return


def _alone(reading: Reading) -> Iterator[Evidence]:
    """Yield the compound alone, where a combination was tested against each of its parts."""
    for sentence in reading.prose(("title", "objective", "methods", "results")):
        if "alone" not in sentence.keys and "monotherapy" not in sentence.keys:
            continue
        if not re.search(
            r"\bcombin|\bplus\b|\+|\btogether\b|ketamine with\b|ketamine and\b", sentence.text, re.IGNORECASE
        ):
            continue
        for mention in sentence.mentions_of("compounds"):
            if re.match(r"\s(?:alone|monotherapy)", sentence.text[mention.end :]):
                yield sentence.proves("comparators", mention.value, mention)
                control = re.search(r"\band (?:a|the) control group\b(?! \()", sentence.text)
                if control:
                    yield _say("control", sentence, control.group())
                return


def _unlisted(reading: Reading) -> Iterator[Evidence]:
    """Yield the arms that no vocabulary knows, as printed."""
    for sentence in reading.prose(_DEALT):
        is_title = sentence.role == "title"
        if "compounds" not in sentence.facets or not (is_title or "compar" in sentence.text or _deals(sentence)):
            continue
        known = {sentence.text[m.start : m.end] for f in ("compounds", "comparators") for m in sentence.mentions_of(f)}
        for name in find_new_names(sentence.text, known, is_title=is_title):
            yield _say(name.lower(), sentence, name)


def _unnamed_control(reading: Reading) -> Iterator[Evidence]:
    for sentence in reading.prose(("title", "objective", "methods", "results")):
        if "control" not in sentence.text and "CON" not in sentence.text:
            continue
        match = _CONTROL.search(sentence.text)
        if match is not None and not re.search(
            r"\b(?:healthy|normal) (?:\w+ )?controls?\b", sentence.text, re.IGNORECASE
        ):
            yield _say("control", sentence, match.group())
            return
