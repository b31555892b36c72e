"""Which design a study has: exactly one, the most specific that holds.

The rules stand in the order in which they are asked; the first that finds its words decides.  A title is believed
before an abstract, and an abstract only where authors describe what they did: "randomised trials are needed", a
background full of other people's trials and "no randomised trial exists" prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from harvester.paper.records import Evidence
from harvester.tagging import signs
from harvester.tagging.guesses import guess_design, guess_placebo, is_wished, speaks_of_literature
from harvester.tagging.lexicon import Mention
from harvester.tagging.numbers import Count
from harvester.tagging.reading import Reading, Sentence

_TITLE = frozenset(("title",))
_DID = frozenset(("objective", "methods", "results"))
_DID_OR_FOUND = frozenset(("objective", "methods", "results", "conclusions"))
Found = tuple[Sentence, Mention]


def read_design(reading: Reading, counts: list[Count]) -> Evidence | None:
    """Read the design.

    Parameters
    ----------
    reading
        The citation.
    counts
        The numbers of people that it states: a paper that counts people is no essay.

    Returns
    -------
    Evidence or None
        Its value is the design; None where nothing tells, which means ``other``.
    """
    for rule in _RULES:
        found = rule(reading)
        if found is not None:
            return found
    return guess_placebo(reading, counts) or guess_design(reading, counts)


def _first(reading: Reading, cue: str, roles: frozenset[str]) -> Found | None:
    for sentence, mention in reading.find(f"cues.{cue}", roles):
        if not (sentence.role != "title" and is_wished(sentence)) and not sentence.is_negated(mention):
            return sentence, mention
    return None


def _proof(design: str, found: Found) -> Evidence:
    sentence, mention = found
    return sentence.proves("design", design, mention)


def _proof_of_match(design: str, sentence: Sentence, match: re.Match[str]) -> Evidence:
    return Evidence(
        facet="design", value=design, field=sentence.passage.field, sentence=sentence.text, words=match.group().strip()
    )


def _note(reading: Reading) -> Evidence | None:
    if reading.has("cues.case_series", _TITLE) or reading.has("cues.case_report", _TITLE):
        return None  # cases told in a letter
    for sentence in reading.prose():
        if sentence.role != "title" and "cues.comment" not in sentence.facets:
            continue
        match = signs.NOTE.search(sentence.text) if sentence.role == "title" else signs.LETTER.search(sentence.text)
        if match is not None and match.group().strip():
            return _proof_of_match("comment", sentence, match)
    return None


def _type(reading: Reading) -> Evidence | None:
    types = reading.citation.publication_types
    for name, design in signs.TYPES:
        if name in types:
            return Evidence(facet="design", value=design, field="publication_types", sentence=name, words=name)
    return None


def _protocol(reading: Reading) -> Evidence | None:
    found = _first(reading, "protocol", _TITLE)
    if found is not None:
        return _proof("protocol", found)
    for sentence in reading.prose(("objective", "methods", "conclusions")):
        if not ("rotocol" in sentence.text or "ationale" in sentence.text or "roposal" in sentence.text):
            continue
        match = signs.PROTOCOL_ITSELF.search(sentence.text)
        if match is not None:
            return _proof_of_match("protocol", sentence, match)
    return _register_entry(reading)


def _planned(reading: Reading) -> Evidence | None:
    """Recognise a plan by its tense: much of it "will be", or some of it and nothing that was."""
    if _review_itself(reading) is not None:
        return None  # a review, too, "will summarise"
    if any(s.role == "results" and s.passage.label and "RESULT" in s.passage.label.upper() for s in reading.prose()):
        return None
    told = list(reading.prose(("background", "objective", "methods", "results", "limitations")))
    planned = [(s, s.mentions_of("cues.planned")[0]) for s in told if "cues.planned" in s.facets and _is_of_a_study(s)]
    past = any(not s.keys.isdisjoint(signs.PAST) for s in told if s.role != "background")
    if planned and (not past or (len(planned) >= 2 and len(planned) >= len(told) * 0.25)):
        return _proof("protocol", planned[0])
    if past or reading.has("cues.result", _DID) or any(reading.has(f"cues.{cue}") for cue in ("review", "searched")):
        return None
    for sentence in told:
        match = signs.AIM_IN_PRESENT.search(sentence.text)
        if match is not None and _is_of_a_study(sentence):
            return _proof_of_match("protocol", sentence, match)
    return None


def _is_of_a_study(sentence: Sentence) -> bool:
    return not _OF_A_STUDY.isdisjoint(sentence.facets)


_OF_A_STUDY = frozenset(("people", "compounds", "cues.own_study", "cues.randomised", "cues.trial", "scales"))


def _register_entry(reading: Reading) -> Evidence | None:
    """Recognise an entry of a trial register by its headings: a plan, with no results."""
    headings = {s.passage.label.upper(): s for s in reading.prose() if s.passage.label}
    wanted = [
        name
        for name in headings
        if name.startswith(("CONDITION", "PRIMARY OUTCOME", "SECONDARY OUTCOME", "INCLUSION CRITERIA"))
    ]
    if len(wanted) < 2 or any(name.startswith(("RESULT", "CONCLUSION", "FINDING")) for name in headings):
        return None
    sentence = headings[wanted[0]]
    return Evidence(
        facet="design",
        value="protocol",
        field="abstract",
        sentence=sentence.text,
        words=sentence.words[0].text if sentence.words else sentence.text,
    )


def _meta_analysis(reading: Reading) -> Evidence | None:
    found = _first(reading, "meta_analysis", _TITLE)
    if found is None:
        # a title that says only "systematic review" is believed unless the analysis was really done
        roles = frozenset(("results", "conclusions")) if _first(reading, "systematic_review", _TITLE) else _DID_OR_FOUND
        if any(reading.has(f"cues.{cue}", _TITLE) for cue in ("review", "randomised_trial", "guideline")):
            return None
        found = _first(reading, "meta_analysis", roles)
        if found is not None and not _is_own(found[0]):
            found = None
    return _proof("meta-analysis", found) if found else None


def _is_own(sentence: Sentence) -> bool:
    return "cues.own_study" in sentence.facets or "cues.aim" in sentence.facets or not sentence.keys.isdisjoint(_DONE)


_DONE = frozenset(("performed", "conducted", "included", "identified", "was", "were"))


def _systematic_review(reading: Reading) -> Evidence | None:
    found = _first(reading, "systematic_review", _TITLE)
    if found is None and not reading.has("cues.randomised_trial", _TITLE):
        found = _first(reading, "systematic_review", _DID_OR_FOUND)
        if found is not None and not _is_own(found[0]):
            found = None
    if found is not None:
        return _proof("systematic-review", found)
    labels = [(s, s.passage.label) for s in reading.prose() if s.passage.label]
    searched = {label.upper(): s for s, label in labels if signs.SEARCH_LABEL.match(label)}
    if len(searched) >= 2:
        sentence = next(iter(searched.values()))
        return Evidence(
            facet="design", value="systematic-review", field="abstract", sentence=sentence.text, words=sentence.text
        )
    return None


def _guideline(reading: Reading) -> Evidence | None:
    found = _first(reading, "guideline", _TITLE)
    return _proof("guideline", found) if found else None


def _case(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(_TITLE):
        match = signs.CASES_IN_TITLE.search(sentence.text)
        if match is not None:
            return _proof_of_match("case-series" if match.group("number") else "case-report", sentence, match)
    for cue, design in (("case_series", "case-series"), ("case_report", "case-report")):
        found = _first(reading, cue, _TITLE)
        if found is not None:
            return (_several(reading, found) if design == "case-report" else None) or _proof(design, found)
    if "Case Reports" in reading.citation.publication_types:
        found = _first(reading, "case_series", _DID_OR_FOUND)
        if found is not None:
            return _proof("case-series", found)
        return Evidence(
            facet="design",
            value="case-report",
            field="publication_types",
            sentence="Case Reports",
            words="Case Reports",
        )
    for cue, design in (("case_series", "case-series"), ("case_report", "case-report")):
        found = _first(reading, cue, frozenset(("objective", "methods", "results", "conclusions")))
        if found is not None and "cues.own_study" in found[0].facets and not _in_list(found):
            return _proof(design, found)
    return None


def _several(reading: Reading, found: Found) -> Evidence | None:
    """Find that a "case report" tells several cases."""
    for sentence in reading.prose(_DID_OR_FOUND | {"background"}):
        match = signs.SEVERAL.search(sentence.text)
        if match is not None:
            return _proof_of_match("case-series", sentence, match)
    return None


def _in_list(found: Found) -> bool:
    """Whether the words count other people's work: "two retrospective case series and 9 case reports"."""
    sentence, mention = found
    return bool(signs.MANY.search(sentence.text[: mention.start])) or (
        not sentence.keys.isdisjoint(("study", "article", "literature", "level")) and "this" not in sentence.keys
    )


def _review(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(_TITLE):
        match = (
            signs.REVIEW_TITLE.search(sentence.text) if "eview" in sentence.text or "EVIEW" in sentence.text else None
        )
        if match is not None:
            return _proof_of_match("review", sentence, match)
    if "Review" in reading.citation.publication_types:
        return Evidence(facet="design", value="review", field="publication_types", sentence="Review", words="Review")
    return None


def _review_itself(reading: Reading) -> Evidence | None:
    """Recognise a narrative review by its saying so of itself."""
    if any(
        reading.has(f"cues.{cue}", _TITLE) for cue in ("randomised", "randomised_trial", "open_label", "retrospective")
    ):
        return None
    for sentence in reading.prose():
        if sentence.role == "title" or not ("eview" in sentence.text or "cues.review" in sentence.facets):
            continue
        match = signs.REVIEW_ITSELF.search(sentence.text)
        if match is not None:
            return _proof_of_match("review", sentence, match)
    return None


def _method(reading: Reading) -> Evidence | None:
    found = _first(reading, "method", _TITLE)
    return _proof("other", found) if found else None


def _by_cue(cue: str, design: str, roles: frozenset[str]) -> Callable[[Reading], Evidence | None]:
    def rule(reading: Reading) -> Evidence | None:
        found = _first(reading, cue, roles)
        return _proof(design, found) if found else None

    return rule


def _preclinical(reading: Reading) -> Evidence | None:
    names = {term.name.lower() for term in reading.citation.mesh_terms}
    if "animals" in names and "humans" not in names:
        return Evidence(facet="design", value="preclinical", field="mesh_terms", sentence="Animals", words="Animals")
    found = {sentence.index: (sentence, mention) for sentence, mention in reading.find("cues.preclinical", _DID)}
    if not found:
        return None
    people = {sentence.index for sentence, _ in reading.find("people", frozenset(("methods", "results", "objective")))}
    animal = set(found)
    if len(animal) <= 2 * len(people - animal) and any(
        _is_trial_in_people(reading.sentences[index]) for index in people - animal
    ):
        return None  # a trial, and in rats as well
    if len(animal) >= 2 and len(animal) > len(people - animal):
        return _proof("preclinical", found[min(animal)])
    return None


def _is_trial_in_people(sentence: Sentence) -> bool:
    """Whether a sentence tells of people who were randomised or given a placebo."""
    tried = any(facet in sentence.facets for facet in ("cues.randomised", "cues.placebo_controlled", "comparators"))
    named = not sentence.keys.isdisjoint(("human", "participant", "volunteer", "patient", "individual"))
    return tried and named and sentence.role in ("methods", "results")


def _preclinical_title(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(_TITLE):
        match = signs.PRECLINICAL_TITLE.search(sentence.text)
        if match is not None:
            return _proof_of_match("preclinical", sentence, match)
    for sentence, mention in reading.find("people", _TITLE):
        if sentence.words[mention.last].key not in signs.SEXES:
            return None  # "in both humans and rats": the abstract decides
    title = _first(reading, "preclinical", _TITLE)
    return _proof("preclinical", title) if title is not None else None


def _rct(reading: Reading) -> Evidence | None:
    for cue in ("randomised_trial", "randomised", "placebo_controlled", "crossover", "blinded"):
        found = _first(reading, cue, _TITLE)
        if found is not None:
            return _proof("rct", found)
    return None


def _cross_sectional(reading: Reading) -> Evidence | None:
    for sentence, mention in reading.find("cues.cross_sectional", _DID):
        after = sentence.words[mention.last + 1].key if mention.last + 1 < len(sentence.words) else ""
        if is_wished(sentence) or sentence.is_negated(mention) or after in signs.CROSS_SECTIONAL_RESULT:
            continue
        return _proof("cross-sectional", (sentence, mention))
    return None


def _rct_in_abstract(reading: Reading) -> Evidence | None:
    for cue in ("randomised", "placebo_controlled", "crossover", "blinded"):
        for sentence, mention in reading.find(f"cues.{cue}", _DID_OR_FOUND):
            if is_wished(sentence) or sentence.is_negated(mention):
                continue
            if sentence.role == "conclusions" and "cues.own_study" not in sentence.facets:
                continue
            if speaks_of_literature(sentence) or _selects(sentence, mention):
                continue
            return _proof("rct", (sentence, mention))
    return None


def _selects(sentence: Sentence, mention: Mention) -> bool:
    after = sentence.words[mention.last + 1 : mention.last + 2]
    return bool(after) and after[0].key in signs.SELECTED


def _secondary(reading: Reading) -> Evidence | None:
    found = _first(reading, "secondary_analysis", _TITLE | _DID)
    if (
        found is not None
        and reading.has("cues.trial", _TITLE | _DID)
        and not reading.has("cues.retrospective", _TITLE | _DID)
    ):
        return _proof("rct", found)
    return None


_RULES: tuple[Callable[[Reading], Evidence | None], ...] = (
    _note,
    _protocol,
    _meta_analysis,
    _systematic_review,
    _planned,
    _guideline,
    _type,
    _case,
    _by_cue("qualitative", "qualitative", _TITLE),
    _by_cue("economic", "economic", _TITLE),
    _review,
    _review_itself,
    _method,
    _preclinical_title,
    _rct,
    _preclinical,
    _by_cue("retrospective", "cohort", _TITLE),
    _by_cue("cross_sectional", "cross-sectional", _TITLE),
    _by_cue("open_label", "open-label-trial", _TITLE),
    _by_cue("observational", "cohort", _TITLE),
    _rct_in_abstract,
    _by_cue("qualitative", "qualitative", _DID),
    _by_cue("economic", "economic", frozenset(("objective", "methods"))),
    _secondary,
    _by_cue("retrospective", "cohort", _DID),
    _cross_sectional,
    _by_cue("open_label", "open-label-trial", _TITLE | _DID),
    _by_cue("naturalistic", "cohort", _TITLE | _DID),
    _by_cue("observational", "cohort", _DID),
    _by_cue("pilot", "open-label-trial", _TITLE | _DID),
)
