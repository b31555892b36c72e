"""A citation as sentences, each knowing which part of the paper it belongs to.

Abstracts come in three shapes: sections with labels (PubMed), one string with the labels inside (CSV, feeds), and
plain prose.  All three end as sentences with a `role`; in plain prose the roles are inferred by
`harvester.tagging.reading`, because that takes knowing the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from harvester.paper.records import AbstractSection, Citation
from harvester.tagging.english import word_set

# What a label says about its section.  The first pattern that occurs in the label decides.
_ROLES = {
    "admin": (
        "REGIST, FUNDING, ETHIC, DISSEMINATION, KEYWORD, KEY WORD, COPYRIGHT, PROTOCOL ID, NUMBER, IRCT, "
        "DISCLOSURE, SUPPLEMENT, DATA AVAIL, URL"
    ),
    "limitations": "LIMITATION, UNCERTAINT, STRENGTH",
    "conclusions": (
        "CONCLU, INTERPRETATION, IMPLICATION, DISCUSSION, SIGNIFICANCE, SUMMARY, EXPERT OPINION, EXPERT "
        "COMMENTARY, RELEVANCE, CLINICAL IMPACT, TAKE-HOME, KEY MESSAGE, MESSAGE, LESSON, WHAT THIS, OUTLOOK"
    ),
    "background": "BACKGROUND, INTRODUCTION, CONTEXT, IMPORTANCE, RATIONALE, PROBLEM, PREMISE",
    "objective": "OBJECTIVE, AIM, PURPOSE, GOAL, HYPOTHES, QUESTION",
    "results": "RESULT, FINDING, OUTCOMES AND RESULTS, OBSERVATION, AREAS COVERED, ADVANCES, EVIDENCE SYNTHESIS",
    "methods": (
        "METHOD, DESIGN, PARTICIPANT, PATIENT, SUBJECT, SETTING, INTERVENTION, EXPOSURE, MEASURE, "
        "OUTCOME, PROCEDURE, DATA SOURCE, DATA EXTRACTION, DATA COLLECTION, STUDY SELECTION, SEARCH, "
        "SAMPLE, MATERIAL, ELIGIBILITY, ANALYSIS, APPROACH, EXPERIMENTAL, POPULATION, SOURCES, CASE, "
        "TREATMENT, CRITERIA, CONDITION"
    ),
}
_WORDS_OF_ROLES = {role: tuple(words.split(", ")) for role, words in _ROLES.items()}
_CATEGORIES = {
    "BACKGROUND": "background",
    "OBJECTIVE": "objective",
    "METHODS": "methods",
    "RESULTS": "results",
    "CONCLUSIONS": "conclusions",
}
# Label words that are trusted in running text even when they are not in capitals ("Methods: We asked…").
_PLAIN_LABEL = (
    r"Background|Introduction|Context|Importance|Rationale|Objectives?|Aims?|Purpose|Goals?|Hypothesis|"
    r"Questions?|Methods?|Methodology|Materials?|Patients?|Participants?|Subjects?|Design|Study design|"
    r"Study Design|Settings?|Interventions?|Exposures?|Measures?|"
    r"Main [Oo]utcomes?(?: (?:and|[Mm]easures?))*|Outcomes?|Data [Ss]ources?|Data [Ee]xtraction|"
    r"Study [Ss]election|Search [Mm]ethods?|Results?|Findings?|Main [Rr]esults?|Conclusions?|Discussion|"
    r"Interpretation|Limitations?|Implications?|Summary|Relevance|Significance|Recent [Ff]indings|"
    r"Purpose of [Rr]eview|Expert [Oo]pinion|Areas [Cc]overed|Trial [Rr]egistration|"
    r"Clinical [Tt]rials? [Rr]egistration|Registration|Funding|Ethics(?: and [Dd]issemination)?|"
    r"Case(?: [Pp]resentation| [Rr]eport)?|Procedures?|Approach|Observations?|Authors' conclusions|"
    r"Selection [Cc]riteria|Key [Ww]ords|Keywords"
)
_COLON = re.compile(r":(?=\s|[A-Z(\"'])")
# capitals before a colon: trusted when their words are those of labels
_CAPITALS = re.compile(r"(?:(?<=^)|(?<=[\s.!?)\]]))[A-Z][A-Z/&,'’()-]{2,}(?:\s(?:[A-Z][A-Z/&,'’()-]*|&|/)){0,6}$")
_PLAIN = re.compile(
    rf"(?:^|(?<=[.!?)\]]\s)|(?<=[.!?)\]]))(?:{_PLAIN_LABEL})(?:\s?(?:and|&|/|,)\s?(?:[A-Z]?[a-z]+\s?){{1,3}})?$"
)
_LONGEST_LABEL = 90  # characters
# A point after these does not end a sentence.
_ABBREVIATED = word_set(
    """
    vs v cf ca al fig figs no nos dr prof mr mrs ms st eg ie etc approx resp vol ed eds dept univ inc ltd co est
    ref refs tab eq ver sp spp subsp var jr sr seq e.g i.e i.v i.m s.c p.o i.p b.i.d q.d u.s u.k e.u viz incl
    max min
    """
)
_TOO_LONG = 1 + max(map(len, _ABBREVIATED))  # letters, of which no abbreviation has so many
_END = re.compile(r"[.!?](?:[\"'”’)\]]*(?=\s+[\"'“‘(\[]*[A-Z0-9≥≤<>±Α-Ωα-ω])|(?=[A-Z][a-z]{2,}[\s-][a-z]))")
_LAST_WORD = re.compile(r"[\w.'’]+$")
_ORDINAL_ABBREVIATION = frozenset(("no", "nos", "fig", "figs", "tab", "eq", "ref", "refs", "vol"))


# What is read of an abstract and of a title, in characters: almost three times the longest real record, because
# a feed may send anything.
_MOST_CHARACTERS = 30_000
_MOST_OF_TITLE = 2_000
_LONGEST_SENTENCE = 2_000  # characters; what is longer is a register entry or a list


class Passage(NamedTuple):
    """A sentence, a title, or one term of a list, and where it stands."""

    field: str  # title, abstract, keywords, mesh_terms, chemicals, publication_types
    role: str  # title, background, objective, methods, results, conclusions, limitations, admin, term, or "" (unknown)
    text: str  # as printed
    section: int = 0  # number of the abstract's section, for joining neighbours
    start: int = 0  # where it begins in that section's text
    label: str | None = None  # its section's label, as printed


@lru_cache(maxsize=4096)
def read_role(label: str | None, category: str | None = None) -> str:
    """Return which part of a paper a section's label announces; "" where it does not say.

    Examples
    --------
    >>> [read_role(label) for label in ("METHODS AND ANALYSIS", "Trial registration", "What this adds", "KETAMINE")]
    ['methods', 'admin', 'conclusions', '']
    """
    if label:
        capitals = label.upper()
        if capitals == "OUTCOME":
            return "results"  # of a case; the measures of a trial are in the plural or say so
        for role, words in _WORDS_OF_ROLES.items():
            if any(word in capitals for word in words):
                return role
    return _CATEGORIES.get((category or "").upper(), "")


def split_sections(text: str) -> Iterator[tuple[str | None, int, int]]:
    """Split running text at the section labels that stand in it.

    Parameters
    ----------
    text
        An abstract, or one section of it.

    Yields
    ------
    label : str or None
        As printed; None before the first one.
    start, end : int
        The section's text without its label.

    Examples
    --------
    >>> text = "AIM: To see. METHODS: We asked 9 people.Results: They agreed (PHQ-9: 5)."
    >>> [(label, text[start:end]) for label, start, end in split_sections(text)]
    [('AIM', 'To see.'), ('METHODS', 'We asked 9 people.'), ('Results', 'They agreed (PHQ-9: 5).')]
    """
    label: str | None = None
    begin = 0
    for colon in _COLON.finditer(text):
        end = colon.start() - text[colon.start() - 1 : colon.start()].isspace()  # "METHODS :"
        from_ = max(begin, end - _LONGEST_LABEL)
        before = text[from_:end]
        match = _CAPITALS.search(before) if before[-1:].isupper() or before[-1:] == ")" else _PLAIN.search(before)
        if match is None:
            continue
        words, start = match.group(), from_ + match.start()
        if words.isupper():
            if not read_role(words):
                continue
            # "…p < 0.05, I CONCLUSION:" is what is left where a formula was lost: the label is its last words.
            if start and text[:start].rstrip()[-1:] not in ".!?)]" and len(words.split()[0]) == 1:
                start += len(words.split()[0]) + 1
                words = words.split(maxsplit=1)[-1]
        if text[begin:start].strip():
            yield label, *_strip(text, begin, start)
        label, begin = words, colon.end()
    if text[begin:].strip():
        yield label, *_strip(text, begin, len(text))


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Split a text into sentences.

    A point does not end one in "vs. placebo", "Wang et al. The", "i.v. Ketamine", after an initial or inside a
    number; it does where a publisher lost the space ("weeks.Patients were").

    Returns
    -------
    list of (int, int)
        Start and end of each sentence, without the white space around it.

    Examples
    --------
    >>> text = "Drug vs. placebo (p < .05). Dr. J. Doe saw 9 people. Why? It helped."
    >>> [text[start:end] for start, end in split_sentences(text)]
    ['Drug vs. placebo (p < .05).', 'Dr. J. Doe saw 9 people.', 'Why?', 'It helped.']
    """
    spans: list[tuple[int, int]] = []
    begin = 0
    for match in _END.finditer(text):
        if text[match.start()] == "." and _is_abbreviated(text, begin, match):
            continue
        start, end = _strip(text, begin, match.end())
        if end > start:
            spans.append((start, end))
        begin = match.end()
    start, end = _strip(text, begin, len(text))
    if end > start:
        spans.append((start, end))
    return spans


def _is_abbreviated(text: str, begin: int, point: re.Match[str]) -> bool:
    last = text[max(0, point.start() - _TOO_LONG) : point.start()]
    if len(last) == _TOO_LONG and last.isalpha():
        return False  # at once, as most are
    before = _LAST_WORD.search(text, max(begin, point.start() - 20), point.start())
    if before is None or point.group() != ".":
        return False
    word = before.group().lower().strip("'’")
    if word.isdigit() and len(word) < 3 and text[point.end() :].lstrip()[:1].isdigit():
        return True  # "0. 91", as some publishers space their numbers
    if word in _ORDINAL_ABBREVIATION:
        return text[point.end() :].lstrip()[:1].isdigit()
    if word in _ABBREVIATED:
        return True
    # an initial ("J. Doe"), but not the end of "vitamin C. Patients…", which only more words could tell
    return (
        len(word) == 1
        and before.group().isupper()
        and text[max(0, before.start() - 2) : before.start()] in ("", ". ", "r.", "r. ")
    )


def split_citation(citation: Citation) -> list[Passage]:
    """Split a citation into passages: the title, the abstract's sentences, then each listed term.

    Returns
    -------
    list of Passage
        In reading order.  The texts are exact substrings of their fields.
    """
    passages: list[Passage] = []
    if citation.title:
        passages.append(Passage("title", "title", citation.title[:_MOST_OF_TITLE]))
    number = 0
    left = _MOST_CHARACTERS
    for section in citation.abstract:
        if left > 0:
            number = _split_section(section, number, passages, left)
        left -= len(section.text)
    lists = (
        ("keywords", citation.keywords),
        ("mesh_terms", tuple(term.name for term in citation.mesh_terms)),
        ("chemicals", citation.chemicals),
    )
    for field, terms in lists:
        passages += [Passage(field, "term", term) for term in terms if term]
    return passages


def _cut(spans: list[tuple[int, int]], text: str) -> Iterator[tuple[int, int]]:
    """Cut at blanks what is too long to be a sentence: the cost of reading grows with the text and no faster."""
    for start, end in spans:
        while end - start > _LONGEST_SENTENCE:
            blank = text.rfind(" ", start + 1, start + _LONGEST_SENTENCE)
            cut = blank if blank > 0 else start + _LONGEST_SENTENCE
            yield start, cut
            start = cut + 1 if blank > 0 else cut
        yield start, end


def _split_section(section: AbstractSection, number: int, passages: list[Passage], most: int) -> int:
    outer = read_role(section.label, section.category)
    for label, start, end in split_sections(section.text[:most]):
        role = read_role(label) if label else outer
        number += 1
        for first, last in _cut(split_sentences(section.text[start:end]), section.text[start:end]):
            passages.append(
                Passage(
                    "abstract",
                    role,
                    section.text[start + first : start + last],
                    number,
                    start + first,
                    label or section.label,
                )
            )
    return number
