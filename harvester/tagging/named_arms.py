"""Which of the treatments that an abstract names are arms of the study.

Each mention of another treatment has a function, read from the words around it: an *arm* ("randomised to ketamine or
midazolam", "the saline group", "placebo-controlled"), an *addition* that every arm had ("each combined with an SSRI"),
a *setting* ("anaesthesia for ECT"), or none.  Only arms are comparators; how often a name stands proves nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from harvester.paper.tags import Evidence
from harvester.tagging.english import word_set
from harvester.tagging.lexicon import Mention
from harvester.tagging.listed import PASSED_OVER
from harvester.tagging.reading import Reading, Sentence

REVIEWS = frozenset(("meta-analysis", "systematic-review", "review"))

_CONTROLLED = frozenset(("rct", "protocol", "preclinical"))

ABOUT = ("title", "objective")

_OWN = ("title", "objective", "methods", "results", "conclusions")

DEALT = ("title", "objective", "methods")

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

INERT = frozenset(("placebo", "saline"))

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


def find_named_arms(reading: Reading, design: str) -> dict[str, Evidence]:
    """Find the treatments of the vocabulary that some sentence makes an arm, and none gives to every arm."""
    found: dict[str, Evidence] = {}
    shared: set[str] = set()
    roles = ABOUT if design in REVIEWS else _OWN
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
    return any(m.value in INERT for m in sentence.mentions_of("comparators"))


def _is_tested_itself(sentence: Sentence, mention: Mention) -> bool:
    """Whether a drug is tested against placebo, beside or after the compound: "riluzole or placebo after ketamine"."""
    inert = [m for m in sentence.mentions_of("comparators") if m.value in INERT]
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
    if mention.value in INERT:
        return False
    named = [*sentence.mentions_of("compounds"), *(m for m in sentence.mentions_of("comparators") if m.value in INERT)]
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
    inert = mention.value in INERT
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
    if design in REVIEWS:
        in_title = sentence.role == "title"
        paired = in_title and _joiner(sentence, mention)[0] == "and" and "compounds" in sentence.facets
        return compared or paired or (names and in_title)
    if mention.value in ("ECT", "rTMS"):
        return compared or _names_device_arm(sentence, mention)
    if design == "open-label-trial" and sentence.role not in ABOUT:
        return compared and sentence.role != "background" and (inert or "compounds" in sentence.facets)
    deals = deals_out(sentence)
    if (is_parallel and deals) or (compared and sentence.role in _OWN) or (inert and design in _CONTROLLED):
        return True
    if names and (deals or sentence.role in DEALT) and (inert or design in _CONTROLLED):
        return True
    pretreats = design in ("rct", "protocol") and _pretreats(sentence, mention)
    return sentence.role in DEALT and (pretreats or (deals and _is_listed(sentence, mention)))


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


def deals_out(sentence: Sentence) -> bool:
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
        if joiner == "or" and not deals_out(sentence) and "compar" not in sentence.lower and sentence.role != "title":
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
                if m.facet == "compounds" or m.value in INERT
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
