"""What to read first, and why, in words.

Relevance is a weighted mean of five answers, each from 0 to 1: how much such a design tells about what works, how
many people, how long they were followed, whether the title names the compound, whether there was a comparator.  The
mean is laid into the bounds of the study's tier, which do not overlap: whatever the weights, no adjacent paper
outranks a core one.
"""

from __future__ import annotations

import math

from harvester.config.weights import Weights
from harvester.paper.tags import SYNTHESES, Tags
from harvester.tagging.english import DAYS

# How much a design tells about what works, from 0 to 1, after the usual levels of evidence; protocols and comments
# are listed apart by the digest.
_DESIGNS = {
    "meta-analysis": (0.95, "meta-analysis"),
    "rct": (1.0, "randomised"),
    "guideline": (0.9, "guideline"),
    "systematic-review": (0.8, "systematic review"),
    "open-label-trial": (0.55, "open-label trial"),
    "cohort": (0.55, "cohort"),
    "economic": (0.5, "economic study"),
    "cross-sectional": (0.4, "survey"),
    "qualitative": (0.4, "qualitative study"),
    "case-series": (0.3, "case series"),
    "preclinical": (0.3, "preclinical"),
    "review": (0.35, "review"),
    "protocol": (0.35, "protocol"),
    "case-report": (0.2, "case report"),
    "other": (0.3, ""),
    "comment": (0.1, "comment"),
}
# Of these an abstract often cannot give a head count: then the mean is that of the other answers.
# Bounds of relevance by tier: they do not overlap, so no adjacent paper outranks a core one.
_BOUNDS = {"core": (0.40, 1.0), "adjacent": (0.15, 0.39), "off-topic": (0.0, 0.14)}


DEFAULT_WEIGHTS = Weights()


def rank(
    *,
    tier: str,
    design: str,
    sample_size: int | None,
    follow_up: str | None,
    in_title: bool,
    comparators: tuple[str, ...],
    weights: Weights = DEFAULT_WEIGHTS,
) -> tuple[float, tuple[str, ...]]:
    """Rank a study within its tier.

    Returns
    -------
    relevance : float
        0 to 1, two decimals; core studies have 0.40 or more, adjacent ones 0.15 to 0.39, others less.
    reasons : tuple of str
        In words for the reader, most important first.
    """
    quality, word = _DESIGNS[design]
    reasons = [word] if word and quality >= 0.5 else []
    counts_people = sample_size is not None and design != "case-report"
    if counts_people and sample_size is not None and sample_size >= 30:
        reasons.append(f"{sample_size:,} people" + (" planned" if design == "protocol" else ""))
    days = _in_days(follow_up)
    if days >= 180:
        reasons.append("follow-up over six months" if days < 365 else "follow-up of a year or more")
    if comparators and design == "rct":
        reasons.append(f"against {comparators[0]}")
    has_size = design not in SYNTHESES or sample_size is not None
    answers = [
        (weights.design, quality),
        (weights.size if has_size else 0.0, _of_people(sample_size or 0) if counts_people else 0.0),
        (weights.follow_up, min(1.0, days / 180)),
        (weights.title, in_title),
        (weights.comparator, bool(comparators)),
    ]
    total = sum(weight for weight, _ in answers)
    worth = sum(weight * answer for weight, answer in answers) / total if total else 0.0
    low, high = _BOUNDS[tier]
    return round(low + (high - low) * worth, 2), tuple(reasons)


def weigh_tags(tags: Tags, weights: Weights) -> float:
    """Return the relevance of tags that were read before, under these weights; see `rank`."""
    relevance, _ = rank(
        tier=tags.tier,
        design=tags.design,
        sample_size=tags.sample_size,
        follow_up=tags.follow_up,
        in_title=any(proof.facet == "compounds" and proof.field == "title" for proof in tags.evidence),
        comparators=tags.comparators,
        weights=weights,
    )
    return relevance


def add_bonus(
    relevance: float, *, tier: str, weights: Weights, followed: bool, first: bool, design: float = 0.0
) -> float:
    """Add to a relevance what a reader's own digest gives; the sum only orders studies within a tier.

    `design` is what the digest's rules add to the worth of the design, or take from it.

    Examples
    --------
    >>> round(add_bonus(0.7, tier="core", weights=DEFAULT_WEIGHTS, followed=True, first=False), 2)
    0.82
    """
    low, high = _BOUNDS[tier]
    bonus = weights.followed * followed + weights.first * first + weights.design * design
    return relevance + (high - low) * bonus / weights.total


def _of_people(number: int) -> float:
    return min(1.0, math.log10(number + 1) / 3)


def _in_days(follow_up: str | None) -> float:
    if follow_up is None:
        return 0.0
    count, unit = follow_up.split()
    return float(count) * DAYS[unit.removesuffix("s")]
