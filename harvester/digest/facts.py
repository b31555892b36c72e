"""The line of facts: design · people · who · what against what · how long · the answer, always in this order.

What the abstract does not say is left out; a number of people that is missing where a reader expects one is said
to be missing.  The answer is a controlled study's alone.
"""

from __future__ import annotations

from harvester.digest.markup import clean, shorten
from harvester.digest.words import NO_BREAK, SEPARATOR, Words, capitalise, count_words, design_words, join_words
from harvester.paper.tags import TRIALS, Tags

# Designs of which a reader asks "how many?"; reviews and case reports are not among them.
_COUNTS_PEOPLE = frozenset(
    {"rct", "open-label-trial", "cohort", "cross-sectional", "case-series", "qualitative", "protocol"}
)
# Designs that may have compared groups of their own; of a review the answer is others'.
_CONTROLLED = frozenset({"rct", "open-label-trial", "cohort"})
_MOST_CONDITIONS = 3  # more would no longer be a line
_MOST_COMPARATORS = 3
_SHORT = 12  # characters that are kept on one line, as "32 weeks"
_LONGEST_LINE = 600  # bytes in the mail
_LONGEST_PART = 90  # bytes in the mail; comparators and follow-up come from free text


def facts_line(tags: Tags, words: Words, *, form: int = 2) -> str:
    """Return a study's facts as one line; "" if nothing is known.

    As in ``Randomised trial · 236 people · treatment-resistant depression · esketamine spray vs quetiapine · 32
    weeks · favours esketamine``.  The form is the edition's.
    """
    design, treatment = _design(tags, form=form), _treatment(tags, words)
    beside = [_people(tags, words, form=form), _who(tags, words)]
    after = [_length(tags), _answer(tags, words) if form > 1 else ""]
    if form > 1 and not any((design, *beside, *after)) and not tags.comparators:
        return ""  # a drug alone is what the title says
    parts = [design, *beside, treatment, *after]
    return shorten(capitalise(SEPARATOR.join(part for part in parts if part)), _LONGEST_LINE)


def _design(tags: Tags, *, form: int) -> str:
    """Return what the paper is: of a trial's data looked at again, a secondary analysis of the trial."""
    if tags.design == "other":
        return ""
    design = design_words(tags.design)
    if form > 1 and tags.analysis == "secondary" and tags.design in TRIALS:
        return f"secondary analysis of {'an' if design[0] in 'aeiou' else 'a'} {design}"
    return design


def _people(tags: Tags, words: Words, *, form: int) -> str:
    if tags.design in ("preclinical", "case-report"):
        return ""
    studies = count_words(tags.studies_included, "study", "studies") if form > 1 and tags.studies_included else ""
    if tags.sample_size is None:
        return studies or ("size not stated" if tags.design in _COUNTS_PEOPLE else "")
    people = count_words(tags.sample_size, "person", "people")
    if form > 1 and len(tags.population) == 1 and tags.sample_size > 1:
        # Adults are not named; who else took part is.
        people = people.removesuffix("people") + words.label("population", tags.population[0])
    if tags.design == "protocol":
        return f"{people} planned"
    return f"{studies}, {people}" if studies else people


def _who(tags: Tags, words: Words) -> str:
    conditions = words.in_order("conditions", words.narrowest(tags.conditions))
    return ", ".join(words.label("conditions", condition) for condition in conditions[:_MOST_CONDITIONS])


def _treatment(tags: Tags, words: Words) -> str:
    """Return what was given, by which route, against what; "" if nothing is known."""
    comparators = tags.comparators[:_MOST_COMPARATORS]
    against = [shorten(clean(words.label("comparators", comparator)), _LONGEST_PART) for comparator in comparators]
    compounds = [compound for compound in tags.compounds if compound not in comparators] or list(tags.compounds)
    given = _given(compounds, tags.routes, words)
    if not against or not given:
        return given
    return f"{given} vs {join_words(against, last='or')}"


def _length(tags: Tags) -> str:
    """Return how long people were followed; "" if it is not stated."""
    text = shorten(clean(tags.follow_up), _LONGEST_PART)
    return text.replace(" ", NO_BREAK) if len(text) <= _SHORT else text


def _answer(tags: Tags, words: Words) -> str:
    """Return which way a comparison of groups came out; "" if it is not stated, or if there was none."""
    if tags.direction is None or not tags.comparators or tags.design not in _CONTROLLED:
        return ""
    subjects = [words.label("compounds", one) for one in tags.compounds if one not in tags.comparators]
    subject = subjects[0] if len(subjects) == 1 else "the treatment"
    answers = {
        "favours": f"favours {subject}",
        "against": f"against {subject}",
        "no-difference": "no difference between groups",
        "mixed": "mixed results",
    }
    return answers.get(tags.direction, "")


def _given(compounds: list[str], routes: tuple[str, ...], words: Words) -> str:
    """Return the compounds, with the route where only one compound could have been given by it."""
    names = [words.label("compounds", compound) for compound in compounds]
    if len(compounds) != 1 or not 1 <= len(routes) <= 2:
        return join_words(names)
    if compounds == ["esketamine"] and routes == ("intranasal",):
        return f"{names[0]} spray"
    return f"{join_words([words.label('routes', route) for route in routes], last='or')} {names[0]}"
