"""The arms of a study: what was compared with the treatment it is about, in the authors' own words.

Most have a name: `harvester.tagging.named_arms`.  What an abstract says of its arms without a drug's name follows from
other words: healthy controls, a lower dose, people who were not given the compound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from harvester.paper.tags import TRIALS, Evidence
from harvester.tagging.english import word_set
from harvester.tagging.listed import find_new_names
from harvester.tagging.named_arms import ABOUT, DEALT, INERT, REVIEWS, deals_out, find_named_arms
from harvester.tagging.reading import Reading, Sentence

# One patient, a series, a talk about other people's work: nobody is compared with anybody.
_NOT_COMPARED = frozenset(("case-report", "case-series", "qualitative", "comment", "guideline"))

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
    found = find_named_arms(reading, design)
    if "placebo" in found and found["placebo"].words.lower() == "sham" and any(v.startswith("sham ") for v in found):
        del found["placebo"]
    if "oral antidepressant" in found:
        found.pop("antidepressants", None)
    if design not in REVIEWS:
        _name_placebo(reading, found)
    for proof in _derive(reading, design, found):
        found.setdefault(proof.value, proof)
    return list(found.values())


def _name_placebo(reading: Reading, found: dict[str, Evidence]) -> None:
    """Drop "placebo" where it is only what the trial calls its active comparator."""
    if "placebo" not in found or not set(found) - INERT:
        return
    is_active = False
    for sentence, mention in reading.find("comparators", (*DEALT, "results")):
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
    if design in REVIEWS:
        yield from _other_compound(reading, ABOUT)
        return
    yield from _healthy_controls(reading)
    yield from _other_compound(reading, ("title", "objective", "methods"))
    if design in ("rct", "protocol", "other", "open-label-trial"):
        yield from _lower_dose(reading, design)
    if design in ("cohort", "cross-sectional", "rct", "economic", "other", "open-label-trial"):
        without = _without(reading, is_trial=design in TRIALS)
        yield from (proof for proof in without if INERT.isdisjoint(found) or not proof.value.startswith("no "))
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
    for sentence in reading.prose((*DEALT, "results")):
        if "compounds" not in sentence.facets or not deals_out(sentence):
            continue
        match = _DOSE_WORDS.search(_BRACKET.sub("", sentence.text)) if "dose" in sentence.keys else None
        several = any(len({m.value for m in sentence.mentions_of(facet)}) > 1 for facet in ("compounds", "routes"))
        if (
            match is None
            and sentence.role in DEALT
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
    others = [m for m in sentence.mentions_of("comparators") if m.value not in INERT]
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
    for sentence in reading.prose(DEALT):
        match = _FEW.search(sentence.text) if "single" in sentence.keys else None
        if match is None or (match.group()[0] in ",a" and not _SEVERAL.search(sentence.text)):
            continue
        if deals_out(sentence) or "compare" in sentence.keys or sentence.role == "title":
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
    for sentence in reading.prose(DEALT):
        is_title = sentence.role == "title"
        if "compounds" not in sentence.facets or not (is_title or "compar" in sentence.text or deals_out(sentence)):
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
