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

from harvester.digest.facts import IMAGING
from harvester.digest.markup import clean
from harvester.digest.questions import names_operation
from harvester.paper.records import Study
from harvester.paper.tags import SYNTHESES, TRIALS
from harvester.tagging.english import DAYS

_SINGLE_ARM = frozenset({"open-label-trial", "cohort", "case-series"})
# Designs that tell of what people met, not of what a trial gave them.
_OBSERVED = frozenset({"cohort", "cross-sectional", "economic", "qualitative", "case-series"})
_HARM_LENGTH_COST = frozenset({"safety", "misuse", "maintenance", "access-and-cost"})
_LARGE_TRIAL = 200  # people: half of what `relevance` counts for a thousand, and two arms of a hundred
_LARGE_DENOMINATOR = 1000  # people: of a harm of one in 300 that was not seen there, it tells something
_LONG = 180  # days, as in `relevance`
_ENOUGH_FOLLOWED = 30  # people, as in the reasons of `relevance`: fewer are cases, however long they were seen
_ENOUGH_COMPARED = (
    60  # people: 30 in each of two groups show a difference of 0.75 standard deviations four times in five
)
_LASTING = 28  # days: a mood four weeks after an operation is no longer the anaesthetic

# A comparison that shows no more than that something was given.
_INACTIVE = re.compile(
    r"(?:no|non|not|without|un)\b.*|untreated.*|(?!.*\bactive\b).*\b(?:placebo|saline|sham|wait\w*|usual care|"
    r"standard care|controls?|water|dextrose|glucose|vitamin \w+)\b.*",
    re.IGNORECASE,
)
# What was measured is a brain, a blood or a gene, and not how people are.
_BODY = re.compile(
    rf"{IMAGING.pattern}|\bM?EEG\b|\bspectroscopy\b|\bcortical\b|\bhippocamp\w+|\bbrain\b(?! injur| stimulation)"
    r"|\b(?:bio)?markers?\b|\bhormones?\b|\bBDNF\b|\bcytokines?\b|\bserum\b|\bplasma\b|\bneurotransmitters?\b"
    r"|\bmicrobio\w+|\bpolymorphisms?\b|\bgen(?:es?|etics?)\b|\b(?:epi)?genom\w+|\b(?:prote|metabol|transcript)om\w+",
    re.IGNORECASE,
)
# The groups are no longer compared: people within them are.
_WITHIN = re.compile(
    r"\b(?:predict\w*|moderat\w+|mediat\w+|correlat\w+|associations?|associated|subgroups?|trajector\w+|factors)\b"
    r"|\b(?:sex|gender|age) differences\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\b(?:secondary|post[- ]?hoc|ancillary|exploratory|pooled)\s(?:\w+\s)?analys[ei]s\b|\bsub-?stud(?:y|ies)\b"
    r"|\bre-?analys[ei]s\b"
    r"|\b(?:results|data|findings) (?:from|of) (?:two|three|four|five|six|\d+) (?:[\w-]+ ){0,4}(?:trials|studies)\b"
    r"|\b(?:cognitive|sleep|quality[- ]of[- ]life|functional|patient-reported) outcomes (?:from|of|in) (?:the|an?)\b",
    re.IGNORECASE,
)
_PATIENT_LEVEL = re.compile(r"\b(?:individual|patient|participant)[- ](?:patient|participant|level)\b", re.IGNORECASE)
# A look at how far the field's studies are to be believed.
_AUDIT = re.compile(
    r"\b(?:(?:un)?blinding|expectancy|publication bias|risk of bias|reporting (?:bias|quality)|spin|"
    r"reproducib\w+|replicab\w+|methodological quality|umbrella review)\b",
    re.IGNORECASE,
)
_NINE_IN_TEN = r"\b(?:9\d|100)(?:\.\d+)?\s?%(?!\s?(?:CI|CrI|confidence|credib))"
_ALMOST_ALL = re.compile(
    rf"{_NINE_IN_TEN} [^.;]{{0,60}}\b(?:respon|remi|improv)|\b(?:respon|remission)\w*[^.;]{{0,40}}{_NINE_IN_TEN}",
    re.IGNORECASE,
)
_MANY = 8  # syntheses held before: the next is the ninth
_SETTLES_NOTHING, _REPEATED = -0.25, -0.4  # parts of the design's weight, as the steps of the rules
_DEATHS = re.compile(r"\b(?:all-cause )?(?:mortality|deaths?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that a reader weighs."""

    what: str  # what it asks
    step: float  # parts of the design's weight
    holds: Callable[[Study], bool]


def _title(study: Study) -> str:
    return clean(study.title)


def _in_days(follow_up: str | None) -> float:
    """Return a length such as ``32 weeks`` in days; 0 if it is not stated."""
    count, _, unit = (follow_up or "0 days").partition(" ")
    return float(count) * DAYS[unit.removesuffix("s")]


def _people(study: Study) -> int:
    return study.tags.sample_size or 0


def _looks_again(study: Study) -> bool:
    """Whether a paper on a trial is not its first report, or not of how people fared."""
    if study.tags.design not in TRIALS:
        return False
    title = _title(study)
    return study.tags.analysis == "secondary" or any(known.search(title) for known in (_AGAIN, _BODY, _WITHIN))


def _keeps_comparison(study: Study) -> bool:
    """Whether a later look still compares large randomised groups on what clinicians ask."""
    is_asked = _is_active(study) or not _HARM_LENGTH_COST.isdisjoint(study.tags.topics)
    is_large = study.tags.design == "rct" and _people(study) >= _LARGE_TRIAL
    return (
        is_large
        and is_asked
        and bool(study.tags.comparators)
        and not any(pattern.search(_title(study)) for pattern in (_BODY, _WITHIN))
    )


def _is_controlled(study: Study) -> bool:
    return study.tags.design == "rct" and bool(study.tags.comparators) and not _looks_again(study)


def _is_active(study: Study) -> bool:
    return any(not _INACTIVE.fullmatch(comparator) for comparator in study.tags.comparators)


def _is_missed(study: Study) -> bool:
    return study.tags.direction in ("no-difference", "against")


def _is_large_or_long(study: Study) -> bool:
    """Whether harm, length or cost was looked at in many people or for long, whatever was seen."""
    tags = study.tags
    if tags.design not in _OBSERVED | {"open-label-trial"}:
        return False
    in_title = {proof.value for proof in tags.evidence if (proof.facet, proof.field) == ("topics", "title")}
    is_asked = tags.design == "economic" or not _HARM_LENGTH_COST.isdisjoint(in_title)
    is_told = is_asked or not _HARM_LENGTH_COST.isdisjoint(tags.topics)
    is_long = _in_days(tags.follow_up) >= _LONG and _people(study) >= _ENOUGH_FOLLOWED
    return (is_asked and _people(study) >= _LARGE_DENOMINATOR) or (is_told and is_long)


def _settles(study: Study) -> bool:
    """Whether a synthesis settles or unsettles something."""
    is_open = _is_missed(study) or study.tags.direction == "mixed"
    return is_open or any(pattern.search(_title(study)) for pattern in (_PATIENT_LEVEL, _AUDIT))


def _claims_too_much(study: Study) -> bool:
    tags = study.tags
    said = clean(f"{tags.key_finding or ''} {tags.effect or ''}")
    if tags.design in _SINGLE_ARM and not tags.comparators and _ALMOST_ALL.search(said):
        return True
    return tags.design == "cohort" and tags.direction == "favours" and bool(_DEATHS.search(said))


def _is_one_of_many(study: Study) -> bool:
    """Whether the compound is only one of many drugs: no title names it, and of what was seen no finding."""
    proofs = [proof for proof in study.tags.evidence if proof.facet == "compounds"]
    if any(proof.field == "title" for proof in proofs):
        return False
    finding = (study.tags.key_finding or "").casefold()
    is_silent = bool(proofs) and not any(proof.words.casefold() in finding for proof in proofs)
    return study.tags.design in SYNTHESES or (study.tags.design in _OBSERVED and is_silent)


RULES = (
    Rule(what="a controlled result, told for the first time", step=0.2, holds=_is_controlled),
    Rule(
        what="a controlled result that shows no difference, or the other way",
        step=0.05,
        holds=lambda study: _is_controlled(study) and _is_missed(study),
    ),
    Rule(
        what="the same in enough people to have shown one",
        step=0.1,
        holds=lambda study: _is_controlled(study) and _is_missed(study) and _people(study) >= _ENOUGH_COMPARED,
    ),
    Rule(
        what="against something that works or is felt",
        step=0.1,
        holds=lambda study: _is_controlled(study) and _is_active(study),
    ),
    Rule(
        what="harm, length or cost in many people or for long",
        step=0.4,
        holds=_is_large_or_long,
    ),
    Rule(
        what="a later look at a trial",
        step=-0.45,
        holds=lambda study: _looks_again(study) and not _keeps_comparison(study),
    ),
    Rule(what="too good for its design", step=-0.5, holds=_claims_too_much),
    Rule(
        what="the compound is one of many drugs",
        step=-0.4,
        holds=_is_one_of_many,
    ),
    Rule(
        what="around an operation or a birth, and not shown to last",
        step=-0.45,
        holds=lambda study: _in_days(study.tags.follow_up) < _LASTING and names_operation(study),
    ),
)


def weigh_rules(study: Study, *, summed_up: int | None = None) -> float:
    """Return what the rules add to the worth of a study's design, in parts of it; 0 if none holds.

    A synthesis that settles nothing falls, unless it is the first of its question, and more so if it is one of many.

    Parameters
    ----------
    summed_up
        How many syntheses of the same condition in the same people were held before; None: that is not known.
    """
    step = sum(rule.step for rule in RULES if rule.holds(study))
    if study.tags.design in SYNTHESES and summed_up != 0 and not _settles(study):
        step += _REPEATED if (summed_up or 0) >= _MANY else _SETTLES_NOTHING
    return step


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

    Papers of one trial share it, syntheses of one condition, trials that gave and compared the same in one condition,
    and what was seen of one drug without a control.
    """
    one, two = study.tags, other.tags
    if _is_same_trial(study, other):
        return True
    is_same_condition = shelves[0] == shelves[1]
    if {one.design, two.design} <= SYNTHESES:
        return is_same_condition and one.compounds == two.compounds
    if one.comparators and (one.design, two.design) == ("rct", "rct"):
        given, given_too = ((tags.compounds, tags.routes, set(tags.comparators)) for tags in (one, two))
        return is_same_condition and given == given_too
    return all(tags.design in _SINGLE_ARM and not tags.comparators for tags in (one, two)) and (
        one.compounds == two.compounds
    )
