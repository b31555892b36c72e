"""Who was studied, at which dose, in how many studies, and whether a paper is the first report of its trial.

Each is said only where a sentence says it: adults are not named, because most people studied are; a dose stands as
printed; the number of studies is that of those a review included, not of those it found.
"""

from __future__ import annotations

import re

from harvester.paper.tags import SYNTHESES, Evidence
from harvester.tagging.english import key_set, read_number, word_set
from harvester.tagging.reading import Reading, Sentence

_NO_PEOPLE = frozenset(("preclinical", "comment", "guideline"))
_REPORTS = frozenset(
    ("rct", "open-label-trial", "cohort", "cross-sectional", "case-series", "case-report", "qualitative", "economic")
)
_SECONDARY = re.compile(
    r"\b(?:secondary|post[- ]?hoc|ancillary|pooled) (?:data )?(?:analys[ie]s|reanalysis)\b"
    r"|\bre-?analy[sz]\w*|\bsub-?stud(?:y|ies)\b|\banalys[ie]s of (?:pooled )?data (?:from|of)\b"
    r"|\bdata (?:\w+ ){0,6}?(?:from|of) (?:an?|the|two|three|four|five|[2-9]|our|previous\w*|larger?|completed"
    r"|parent) (?:[\w,-]+ ){0,8}?(?:trials?|RCTs?)\b"
    r"|\b(?:parent|original|primary|main) (?:trial|study)\b",
    re.IGNORECASE,
)

_SECONDARY_KEYS = word_set("secondary post posthoc ancillary pooled re sub substudy data parent original primary main")
_OF_DATA = re.compile(r"\s?(?:of|from|on|using)\b|$", re.IGNORECASE)
_THIS = re.compile(r"\b(?:this|here|present|were|was|in an?|used|using|we)\b[^.;]{0,30}$", re.IGNORECASE)

_POPULATIONS = (
    ("children", r"\b(?:child(?:ren)?|paediatric|pediatric|infants?|toddlers?|preschool\w*)\b"),
    ("adolescents", r"\b(?:adolescents?|adolescence|teen\w*|youths?)\b"),
    (
        "older-adults",
        r"\b(?:elderly|geriatric|late-life|older (?:adults?|patients|people|inpatients|participants|women|men)"
        r"|octogenarians?)\b",
    ),
    ("pregnant-women", r"\b(?:pregnant|antenatal|during pregnancy|expectant mothers)\b"),
    (
        "postpartum-women",
        r"\b(?:postpartum|puerper\w+|parturients?|ca?esare?an|lying-in women|(?:women|mothers) after (?:childbirth"
        r"|delivery)|after childbirth)\b",
    ),
    ("veterans", r"\b(?:veterans?|service members|soldiers|military)\b"),
    ("students", r"\b(?:students?|undergraduates)\b"),
    ("prisoners", r"\b(?:prison\w*|incarcerat\w*|inmates)\b"),
)
_WHO = tuple((value, re.compile(words, re.IGNORECASE)) for value, words in _POPULATIONS)
# One of these words, or of these beginnings, is in whatever names one of the populations.
_ANYBODY = key_set(
    """
    child children paediatric infant toddler adolescent adolescence youth elderly geriatric late older octogenarian
    pregnant antenatal pregnancy expectant postpartum parturient caesarean caesaran lying childbirth delivery veteran
    service soldier military student undergraduate inmate cesaran
    """
)
_ANYBODY_BEGINS = ("teen", "preschool", "puerper", "prison", "incarcerat")
_COUNTS_PEOPLE = re.compile(
    r"\b(?:enrolled|randomi[sz]\w+|recruited|included|participants?|patients?|allocated|assigned|scheduled|aged"
    r"|undergoing|n ?=|surveyed)",
    re.IGNORECASE,
)
_NOT_WHO = re.compile(
    r"\b(?:child birth|youth cent|childhood|exclud\w+|not (?:in|for)|as in|unlike|family|parents of|students? t"
    r"|child-?bearing|childbirth)\b",
    re.IGNORECASE,
)

_DOSE = re.compile(
    r"(?<![\w./-])[0-9]+(?:[.·][0-9]+)?(?:\s?(?:-|–|to|or|and|,|/)\s?[0-9]+(?:[.·][0-9]+)?){0,4}[\s-]?(?:mg|µg|μg|ug"
    r"|mcg)\b"
    r"(?:\s?/\s?(?:kg|70\s?kg)(?:/(?:h|hr|min|day))?|\s?·?\s?kg\s?\(?[-−‐–]?1\)?(?:\s?·?\s?(?:h|min)\s?[-−]?1)?)?"
)
_NOT_DOSE = re.compile(r"\s?(?:/\s?(?:dl|ml|l)\b|·?\s?(?:dl|ml|l)-1)", re.IGNORECASE)
_MOST_DOSES = 4

_NUMBER = r"(?P<number>[0-9]{1,4}|[A-Za-z]+(?:-[a-z]+)?)"
_STUDIES = r"(?:studies|trials|RCTs|articles|papers|reports|publications|records|reviews|cohorts)"
_WORD = rf"(?!{_STUDIES}\b|screened)[A-Za-z][\w-]*"
_WORKS = word_set("study trial rct article paper report publication record review cohort")
# Each with words of which one stands in every match.
_INCLUDED = (
    (
        key_set("included eligible inclusion analysed pooled selected synthesised reviewed retained"),
        re.compile(
            rf"\b{_NUMBER} (?:\(\d+\) )?(?:{_WORD},? ){{0,6}}?{_STUDIES}(?: \([^()]*\))?(?: [\w-]+){{0,3}}?"
            r" (?:were|was|are|have been|met|fulfilled|satisfied)(?: \w+){0,3}? ?"
            r"(?:included|eligible|inclusion|analy[sz]ed|pooled|selected|synthesi[sz]ed|reviewed|retained)",
            re.IGNORECASE,
        ),
    ),
    (
        key_set("included pooled comprised comprising analysed involving from across reviewed summarised"),
        re.compile(
            rf"\b(?:included|pooled|identified and included|comprised|comprising|analy[sz]ed|involving|from|across"
            rf"|reviewed|summari[sz]ed)"
            rf" (?:a total of |the |data from )?{_NUMBER} (?:{_WORD},? ){{0,5}}?{_STUDIES}\b",
            re.IGNORECASE,
        ),
    ),
    (_WORKS, re.compile(rf"^{_NUMBER} (?:{_WORD} ){{0,3}}?{_STUDIES}\b", re.IGNORECASE)),
)
_FOUND_ONLY = re.compile(
    r"\b(?:screened|retrieved|abstracts|titles|duplicates|full[- ]texts?|initially|hits)\b", re.IGNORECASE
)
_SOME = re.compile(r"\b(?:of these|of which|among|only|most of)\b", re.IGNORECASE)


def read_analysis(reading: Reading, design: str, proof: Evidence | None) -> list[Evidence]:
    """Read whether a paper is the first report of a study, a later look at its data, its plan or a review.

    Parameters
    ----------
    reading
        The citation.
    design
        Its design.
    proof
        What proved the design; it also proves that a paper is a plan, a review or a first report.
    """
    if design in _REPORTS:
        for sentence in reading.prose(("title", "objective", "methods", "background")):
            if sentence.has_none_of(_SECONDARY_KEYS, "reanaly"):
                continue
            match = _SECONDARY.search(sentence.text)
            if match is None or (sentence.role == "background" and sentence.passage.label):
                continue
            if (
                sentence.role in ("title", "objective", "background")
                or _OF_DATA.match(sentence.text, match.end())
                or _THIS.search(sentence.text[: match.start()])
            ):
                return [_proof("analysis", "secondary", sentence, match.group())]
    value = (
        "protocol"
        if design == "protocol"
        else "review"
        if design in SYNTHESES
        else "primary"
        if design in _REPORTS
        else ""
    )
    if not value or proof is None:
        return []
    return [Evidence(facet="analysis", value=value, field=proof.field, sentence=proof.sentence, words=proof.words)]


def read_population(reading: Reading, design: str) -> list[Evidence]:
    """Read who was studied, as far as a list of groups goes; adults are not named."""
    if design in _NO_PEOPLE:
        return []
    roles = ("title",) if design in SYNTHESES else ("title", "objective", "methods")
    found: dict[str, Evidence] = {}
    for sentence in reading.prose(roles):
        if sentence.has_none_of(_ANYBODY, *_ANYBODY_BEGINS):
            continue
        if sentence.role != "title" and not ("people" in sentence.facets and _COUNTS_PEOPLE.search(sentence.text)):
            continue
        if "CRITERIA" in (sentence.passage.label or "").upper():
            continue
        for value, words in _WHO:
            match = words.search(sentence.text)
            if match is not None and not _NOT_WHO.search(sentence.text[max(0, match.start() - 12) : match.end() + 12]):
                found.setdefault(value, _proof("population", value, sentence, match.group()))
    if "postpartum-women" in found and "pregnant-women" in found and found["pregnant-women"].field != "title":
        del found["pregnant-women"]
    return list(found.values())


def read_doses(reading: Reading, design: str) -> list[Evidence]:
    """Read the doses of the compound as printed: "0.5 mg/kg", "56-84 mg"."""
    if design in SYNTHESES or design == "comment":
        return []
    found: dict[str, Evidence] = {}
    for sentence in reading.prose(("title", "objective", "methods", "results", "background")):
        compounds = sentence.mentions_of("compounds")
        if not compounds or not sentence.numbers or "g" not in sentence.text:
            continue
        if sentence.role == "background" and (sentence.passage.label or found):
            continue
        others = [m for m in sentence.mentions_of("comparators") if m.value not in ("placebo", "saline")]
        for match in _DOSE.finditer(sentence.text):
            if _NOT_DOSE.match(sentence.text, match.end()):
                continue
            near = min(_distance(match, m.start, m.end) for m in compounds)
            if any(_distance(match, m.start, m.end) < near for m in others) or near > 90:
                continue
            found.setdefault(match.group().strip(), _proof("dose", match.group().strip(), sentence, match.group()))
        if found and sentence.role in ("methods", "title") and len(found) >= _MOST_DOSES:
            break
    return list(found.values())[:_MOST_DOSES]


def _distance(match: re.Match[str], start: int, end: int) -> int:
    return start - match.end() if start >= match.end() else match.start() - end


def read_studies_included(reading: Reading, design: str) -> list[Evidence]:
    """Read how many studies a review includes."""
    if design not in ("review", "systematic-review", "meta-analysis"):
        return []
    for keys, pattern in _INCLUDED:
        for sentence in reading.prose(("results", "methods", "objective", "conclusions")):
            if not sentence.numbers or sentence.keys.isdisjoint(_WORKS) or sentence.keys.isdisjoint(keys):
                continue
            for match in pattern.finditer(sentence.text):
                number = _read(match.group("number"))
                if number is None or number < 3 or _is_year(number, match):
                    continue
                if _FOUND_ONLY.search(match.group()) or _SOME.search(
                    sentence.text[max(0, match.start() - 12) : match.start()]
                ):
                    continue
                return [_proof("studies_included", str(number), sentence, match.group())]
    return []


def _read(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    parts = [read_number(part) for part in word.lower().split("-")]
    return sum(part for part in parts if part is not None) if all(part is not None for part in parts) else None


def _is_year(number: int, match: re.Match[str]) -> bool:
    return 1900 <= number <= 2099 and len(match.group("number")) == 4


def _proof(facet: str, value: str, sentence: Sentence, words: str) -> Evidence:
    return Evidence(facet=facet, value=value, field=sentence.passage.field, sentence=sentence.text, words=words.strip())
