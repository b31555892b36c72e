"""What a digest's order asks beyond the table's relevance: whether a paper is news that changes what a reader does.

Relevance knows a design, a number of people, a length.  The rules here know how far a study's design is to be believed
in this very paper.  Each adds to or takes from what the design is worth, so that they weigh as much as the settings
let the design weigh; they only order studies within a tier, and the table's column stays as it is.

The steps are set, not fitted: a secondary analysis weighs about half a trial, a synthesis that says what is known
falls behind a trial, and no single rule outweighs the design itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harvester.digest.markup import clean
from harvester.paper.records import Study
from harvester.paper.tags import SYNTHESES, TRIALS

_SINGLE_ARM = frozenset({"open-label-trial", "cohort", "case-series"})
_INACTIVE = frozenset({"placebo", "saline", "sham", "waiting list", "usual care", "control"})

_LATER_LOOK = re.compile(
    r"\b(?:secondary|post[- ]?hoc|ancillary|exploratory|mediat\w+|moderat\w+|subgroup|pooled)\s(?:\w+\s)?analys[ei]s\b"
    r"|\bsub-?stud(?:y|ies)\b|\b(?:neuro)?imaging\b|\bf?MRI\b|\bEEG\b|\bPET\b|\bconnectivity\b|\bbiomarkers?\b"
    r"|\b(?:results|data|findings) (?:from|of) (?:two|three|four|five|six|\d+) (?:[\w-]+ ){0,4}(?:trials|studies)\b"
    r"|\bpolymorphisms?\b|\bgenetic\b|\bplasma levels?\b|\bpredictors?\b",
    re.IGNORECASE,
)
_PATIENT_LEVEL = re.compile(r"\b(?:individual|patient|participant)[- ](?:patient|participant|level)\b", re.IGNORECASE)
_ALMOST_ALL = re.compile(
    r"\b(?:9\d|100)(?:\.\d+)?\s?% [^.;]{0,60}\b(?:respon|remi|improv)|\b(?:respon|remission)\w*[^.;]{0,40}"
    r"\b(?:9\d|100)(?:\.\d+)?\s?%",
    re.IGNORECASE,
)
_DEATHS = re.compile(r"\b(?:all-cause )?(?:mortality|deaths?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that a reader weighs."""

    what: str  # what it asks
    step: float  # parts of the design's weight
    holds: Callable[[Study], bool]


def _is_later_look(study: Study) -> bool:
    """Whether a paper on a trial is not its first report: a secondary, post hoc, imaging or genetic analysis."""
    is_later = study.tags.analysis == "secondary" or _LATER_LOOK.search(clean(study.title)) is not None
    return study.tags.design in TRIALS and is_later


def _is_controlled(study: Study) -> bool:
    return study.tags.design == "rct" and bool(study.tags.comparators) and not _is_later_look(study)


def _is_missed(study: Study) -> bool:
    return study.tags.direction in ("no-difference", "against")


def _claims_too_much(study: Study) -> bool:
    tags = study.tags
    said = clean(f"{tags.key_finding or ''} {tags.effect or ''}")
    if tags.design in _SINGLE_ARM and not tags.comparators and _ALMOST_ALL.search(said):
        return True
    return tags.design == "cohort" and tags.direction == "favours" and bool(_DEATHS.search(said))


def _is_named(study: Study) -> bool:
    return any(proof.facet == "compounds" and proof.field == "title" for proof in study.tags.evidence)


RULES = (
    Rule(what="a controlled result, told for the first time", step=0.2, holds=_is_controlled),
    Rule(
        what="a controlled result that shows no difference, or the other way",
        step=0.15,
        holds=lambda study: _is_controlled(study) and _is_missed(study),
    ),
    Rule(
        what="against something that works or is felt",
        step=0.1,
        holds=lambda study: _is_controlled(study) and not _INACTIVE.issuperset(study.tags.comparators),
    ),
    Rule(what="a later look at a trial", step=-0.45, holds=_is_later_look),
    Rule(
        what="a synthesis that settles nothing",
        step=-0.25,
        holds=lambda study: (
            study.tags.design in SYNTHESES
            and not _is_missed(study)
            and study.tags.direction != "mixed"
            and not _PATIENT_LEVEL.search(clean(study.title))
        ),
    ),
    Rule(what="too good for its design", step=-0.5, holds=_claims_too_much),
    Rule(
        what="a synthesis in which the compound is one of many drugs",
        step=-0.4,
        holds=lambda study: study.tags.design in SYNTHESES and not _is_named(study),
    ),
)


def weigh_rules(study: Study) -> float:
    """Return what the rules add to the worth of a study's design, in parts of it; 0 if none holds."""
    return sum(rule.step for rule in RULES if rule.holds(study))


def join_trials(studies: Sequence[Study]) -> list[Study]:
    """Set later papers of a trial behind its first, in the order of the first."""
    places: dict[str, int] = {}  # of the first paper with a registration number
    keys = {}
    for place, study in enumerate(studies):
        numbers = () if study.tags.design in SYNTHESES else study.trial_ids
        keys[study.study_id] = min((places[number] for number in numbers if number in places), default=place)
        for number in numbers:
            places.setdefault(number, keys[study.study_id])
    return sorted(studies, key=lambda study: keys[study.study_id])


def _is_same_trial(study: Study, other: Study) -> bool:
    """Whether two papers tell of one trial; a synthesis names the trials of others."""
    return not SYNTHESES.intersection((study.tags.design, other.tags.design)) and not set(study.trial_ids).isdisjoint(
        other.trial_ids
    )


def shares_place(study: Study, other: Study, shelves: tuple[str | None, str | None]) -> bool:
    """Whether one place under what to read first is enough for two studies, each with the condition it stands under.

    Papers of one trial share it, syntheses of one condition, and what was seen of one drug without a control.
    """
    one, two = study.tags, other.tags
    if _is_same_trial(study, other):
        return True
    if {one.design, two.design} <= SYNTHESES:
        return shelves[0] == shelves[1] and one.compounds == two.compounds
    return all(tags.design in _SINGLE_ARM and not tags.comparators for tags in (one, two)) and (
        one.compounds == two.compounds
    )
