"""What to read first, and why, in words."""

from __future__ import annotations

import math

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
# How much each counts: the design, the number of people, the time followed, the compound in the title, a comparator.
_WEIGHTS = (0.45, 0.2, 0.1, 0.2, 0.05)
# Bounds of relevance by tier: they do not overlap, so no adjacent paper outranks a core one.
_BOUNDS = {"core": (0.40, 1.0), "adjacent": (0.15, 0.39), "off-topic": (0.0, 0.14)}
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def rank(
    *,
    tier: str,
    design: str,
    sample_size: int | None,
    follow_up: str | None,
    in_title: bool,
    comparators: tuple[str, ...],
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
    size = 0.0
    if sample_size is not None and design != "case-report":
        size = min(1.0, math.log10(sample_size + 1) / 3)
        if sample_size >= 30:
            reasons.append(f"{sample_size:,} people")
    days = _in_days(follow_up)
    length = min(1.0, days / 180)
    if days >= 180:
        reasons.append("follow-up over six months" if days < 365 else "follow-up of a year or more")
    if comparators and design == "rct":
        reasons.append(f"against {comparators[0]}")
    worth = sum(
        weight * value
        for weight, value in zip(
            _WEIGHTS, (quality, size, length, float(in_title), float(bool(comparators))), strict=True
        )
    )
    low, high = _BOUNDS[tier]
    return round(low + (high - low) * worth, 2), tuple(reasons)


def _in_days(follow_up: str | None) -> int:
    if follow_up is None:
        return 0
    count, unit = follow_up.split()
    return int(count) * _DAYS[unit.removesuffix("s")]
