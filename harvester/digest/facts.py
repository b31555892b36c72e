"""The line of facts: design · people · who · what against what · how long · the answer, always in this order.

What the abstract does not say is left out; a number of people that is missing where a reader expects one is said
to be missing.  The answer is a controlled study's alone.
"""

from __future__ import annotations

import re

from harvester.digest.markup import clean, shorten
from harvester.digest.words import NO_BREAK, SEPARATOR, Words, capitalise, count_words, design_words, join_words
from harvester.paper.tags import TRIALS, Tags

# Designs of which a reader asks "how many?"; reviews and case reports are not among them.
_COUNTS_PEOPLE = frozenset(
    {"rct", "open-label-trial", "cohort", "cross-sectional", "case-series", "qualitative", "protocol"}
)
# Designs that may have compared groups of their own; of a review the answer is others'.
_CONTROLLED = frozenset({"rct", "open-label-trial", "cohort"})
# Pictures of the brain that a title names are what the paper is about; one that only led a coil to its place is not.
IMAGING = re.compile(
    r"\b(?:(?:neuro)?imaging|f?MRI)\b(?!.guided)|\b(?-i:PET)\b|\bpositron emission|\bmagnetic resonance\b"
    r"|\bconnectivity\b|\b(?:white|gr[ae]y) matter\b|\bcortical thickness\b"
    r"|\b(?:brain|hippocampal|amygdala) volumes?\b|\bbrain network",
    re.IGNORECASE,
)
# People who were compared with patients, and who got nothing: which way that came out is no answer on the treatment.
_OTHER_PEOPLE = re.compile(r"\bhealthy\b|\bnon-?users?\b|\bgeneral population\b", re.IGNORECASE)
# What a placebo is made of: with "placebo" it is one comparator, not two.
_MADE_OF = re.compile(r"saline|(?:\w+ )?water|dextrose|glucose|lactose|sugar|vitamin \w+", re.IGNORECASE)
_AGES = ("children", "adolescents")  # groups that may take part together: people are of one age
_MOST_CONDITIONS = 3  # more would no longer be a line
_MOST_COMPARATORS = 3
_SHORT = 12  # characters that are kept on one line, as "32 weeks"
_LONGEST_LINE = 600  # bytes in the mail
_LONGEST_PART = 90  # bytes in the mail; comparators and follow-up come from free text


def facts_line(tags: Tags, words: Words, *, title: str = "", form: int = 2) -> str:
    """Return a study's facts as one line; "" if nothing is known.

    As in ``Randomised trial · 236 people · treatment-resistant depression · esketamine spray vs quetiapine · 32
    weeks · favours esketamine``.  The form is the edition's.
    """
    design, treatment = _design(tags, title, form=form), _treatment(tags, words, form=form)
    beside = [_people(tags, words, form=form), _who(tags, words)]
    after = [_length(tags), _answer(tags, words) if form > 1 else ""]
    if form > 1 and not any((design, *beside, *after)) and not tags.comparators:
        return ""  # a drug alone is what the title says
    parts = [design, *beside, treatment, *after]
    return shorten(capitalise(SEPARATOR.join(part for part in parts if part)), _LONGEST_LINE)


def _design(tags: Tags, title: str, *, form: int) -> str:
    """Return what the paper is: of pictures or of data looked at again, what it is of the trial."""
    if tags.design == "other":
        return ""
    design = design_words(tags.design)
    if form > 1 and tags.design in TRIALS:
        a_trial = f"{'an' if design[0] in 'aeiou' else 'a'} {design}"
        if IMAGING.search(title):
            return f"imaging in {a_trial}"
        if tags.analysis == "secondary":
            return f"secondary analysis of {a_trial}"
    return f"probably {design}" if form > 1 and "design" in tags.guesses else design


def _people(tags: Tags, words: Words, *, form: int) -> str:
    if tags.design in ("preclinical", "case-report"):
        return ""
    studies = count_words(tags.studies_included, "study", "studies") if form > 1 and tags.studies_included else ""
    group = _group(tags, words) if form > 1 else ""
    if tags.sample_size is None:
        missing = "size not stated" if tags.design in _COUNTS_PEOPLE else ""
        return " of ".join(filter(None, (studies, group))) if studies else ", ".join(filter(None, (group, missing)))
    people = count_words(tags.sample_size, "person", "people")
    if group and tags.sample_size > 1:
        people = people.removesuffix("people") + group
    if tags.design == "protocol":
        return f"{people} planned"
    return f"{studies}, {people}" if studies else people


def _group(tags: Tags, words: Words) -> str:
    """Return who took part, where it is one group, or children and adolescents; "" for adults, who are not named."""
    if len(tags.population) != 1 and not (tags.population and set(tags.population) <= set(_AGES)):
        return ""
    return join_words([words.label("population", name) for name in words.in_order("population", tags.population)])


def _who(tags: Tags, words: Words) -> str:
    conditions = words.in_order("conditions", words.narrowest(tags.conditions))
    return ", ".join(words.label("conditions", condition) for condition in conditions[:_MOST_CONDITIONS])


def _treatment(tags: Tags, words: Words, *, form: int) -> str:
    """Return what was given, by which route, against what; "" if nothing is known."""
    comparators = tags.comparators[:_MOST_COMPARATORS]
    compounds = [compound for compound in tags.compounds if compound not in comparators] or list(tags.compounds)
    against = [shorten(clean(words.label("comparators", comparator)), _LONGEST_PART) for comparator in comparators]
    if form > 1:
        against = _join_placebo(
            [label for label, one in zip(against, comparators, strict=True) if one not in compounds]
        )
    given = _given(compounds, tags.routes, words)
    if not against or not given:
        return given
    return f"{given} vs {join_words(against, last='or')}"


def _join_placebo(comparators: list[str]) -> list[str]:
    """Return comparators with a placebo and what it is made of as one.

    Examples
    --------
    >>> _join_placebo(["saline", "placebo", "midazolam"]), _join_placebo(["saline"])
    (['placebo (saline)', 'midazolam'], ['saline'])
    """
    made_of = [label for label in comparators if _MADE_OF.fullmatch(label)]
    if "placebo" not in comparators or len(made_of) != 1:
        return comparators
    rest = [label for label in comparators if label not in ("placebo", *made_of)]
    return [f"placebo ({made_of[0]})", *rest]


def _length(tags: Tags) -> str:
    """Return how long people were followed; "" if it is not stated."""
    text = shorten(clean(tags.follow_up), _LONGEST_PART)
    return text.replace(" ", NO_BREAK) if len(text) <= _SHORT else text


def _answer(tags: Tags, words: Words) -> str:
    """Return which way a comparison of groups came out; "" if it is not stated, or if there was none."""
    is_compared = any(not _OTHER_PEOPLE.search(comparator) for comparator in tags.comparators)
    subjects = [words.label("compounds", one) for one in tags.compounds if one not in tags.comparators]
    is_one_sided = tags.direction in ("favours", "against") and bool(tags.compounds) and not subjects
    if tags.direction is None or not is_compared or tags.design not in _CONTROLLED or is_one_sided:
        return ""
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
