"""What the library held before an edition, and which of its studies are the first of their kind there.

A claim of a first is only made when it means something: the library holds `ENOUGH_STUDIES` core studies or has been
kept for `ENOUGH_DAYS`, the study has results, and its title names the condition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from harvester.digest.sections import APART
from harvester.digest.words import Words, join_words, shelf
from harvester.paper.records import Study
from harvester.paper.statuses import IN_DOUBT
from harvester.paper.tags import SYNTHESES

# Of 200 studies none: with 95 % confidence fewer than 1.5 % of the field are of that kind (the rule of three,
# Hanley and Lippman-Hand 1983).  A library of fewer has simply not met most things yet.
ENOUGH_STUDIES = 200
ENOUGH_DAYS = 365  # a small field is known after a year, too

Kind = tuple[str, str]  # ("on", condition) or ("randomised trial on", condition)

_NO_FIELD = frozenset({"healthy-volunteers"})  # people who were studied, not what they suffer from


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The core studies that the library held before an edition."""

    studies: int = 0
    since: str | None = None  # ISO day or time when the first of them was seen; None: there is none
    conditions: frozenset[str] = frozenset()
    trials: frozenset[str] = frozenset()  # conditions of which there is a randomised trial
    # How many syntheses there are of a condition, in which people.
    syntheses: Mapping[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)

    def is_enough(self, today: str) -> bool:
        """Return whether the first study of a kind means something on a day."""
        if self.studies >= ENOUGH_STUDIES:
            return True
        if self.since is None:
            return False
        return date.fromisoformat(self.since[:10]) <= date.fromisoformat(today[:10]) - timedelta(days=ENOUGH_DAYS)


def count_known(studies: Iterable[tuple[Sequence[str], str, Sequence[str], str]]) -> Known:
    """Sum up core studies, each given as conditions, design, population and when it was first seen."""
    count, since = 0, None
    conditions: set[str] = set()
    trials: set[str] = set()
    syntheses: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for named, design, people, first_seen in studies:
        count += 1
        since = first_seen if since is None else min(since, first_seen)
        conditions.update(named)
        if design == "rct":
            trials.update(named)
        if design in SYNTHESES:
            syntheses.update((condition, tuple(people)) for condition in named)
    return Known(
        studies=count,
        since=since,
        conditions=frozenset(conditions),
        trials=frozenset(trials),
        syntheses=syntheses,
    )


def count_syntheses(study: Study, words: Words, known: Known, *, today: str) -> int | None:
    """Return how many syntheses of a study's condition in its people were held before; None: that means nothing."""
    condition = shelf(study, words)
    if condition is None:
        return None
    count = known.syntheses.get((condition, study.tags.population), 0)
    return count if count or known.is_enough(today) else None


def claim_firsts(kinds: Mapping[str, Sequence[Kind]], words: Words) -> dict[str, tuple[str, ...]]:
    """Return, by `study_id`, of which conditions a study is the first, or the first randomised trial, in words.

    Several of one week share that.  Given is what `find_kinds` finds new of each study of the week.
    """
    count = Counter(kind for listed in kinds.values() for kind in listed)
    return {
        study_id: tuple(
            f"{'among the first' if shared else 'first'} {claim} here"
            for shared, claim in _grouped(listed, words, count)
        )
        for study_id, listed in kinds.items()
    }


def find_kinds(study: Study, words: Words, known: Known) -> list[Kind]:
    """Return what is new of a study, where the library knows enough to say so."""
    tags = study.tags
    if tags.tier != "core" or tags.design in APART or study.status in IN_DOUBT:
        return []
    in_title = {proof.value for proof in tags.evidence if (proof.facet, proof.field) == ("conditions", "title")}
    named = [value for value in words.narrowest(tags.conditions) if value in in_title and value not in _NO_FIELD]
    kinds = [("on", value) for value in named if value not in known.conditions]
    if tags.design == "rct":
        kinds += [
            ("randomised trial on", value) for value in named if value in known.conditions and value not in known.trials
        ]
    return kinds


def _grouped(kinds: Sequence[Kind], words: Words, count: Mapping[Kind, int]) -> list[tuple[bool, str]]:
    """Join the conditions of one claim, and say whether others of the week share it: (False, "on OCD and autism")."""
    groups: dict[tuple[bool, str], list[str]] = {}
    for kind in kinds:
        groups.setdefault((count[kind] > 1, kind[0]), []).append(words.label("conditions", kind[1]))
    return [(shared, f"{claim} {join_words(names)}") for (shared, claim), names in groups.items()]
