"""Decide what an edition holds, and in which order a reader meets it.

Pure: studies, changes and reports in, an `Edition` out; the clock is an argument.

Rules
-----
*Tiers.*  Core studies are the digest; adjacent ones are listed briefly; off-topic ones stay in the table and are
only counted.  Papers on one question around an operation or a birth stand under one tier
(`harvester.digest.questions`).

*Rank.*  Core before adjacent, whatever a digest follows; within a tier by the digest's own order, or else by
relevance, then the newest publication first, then `study_id`, so that the order never depends on the order of arrival.

*Read first.*  Three to five: a fourth and a fifth only in a week with more than fifteen and nineteen studies to
choose from, so that the list stays a choice.  Protocols, comments and preclinical work stand there only if there
is nothing else: they are read for other reasons.  What is retracted, withdrawn or under an expression of concern
never stands there.  Papers of one trial, syntheses of one condition and what was seen of one drug without a control
take one place, if the week has others to fill it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.config.weights import Weights
from harvester.digest.edition import CHANGE_KINDS, Change, Counted, Edition, kind_of
from harvester.digest.fieldmap import MapWork, count_field
from harvester.digest.follow import Follow, find_followed
from harvester.digest.history import Kind, Known, claim_firsts, count_syntheses, find_kinds
from harvester.digest.order import join_trials, shares_place, weigh_rules
from harvester.digest.questions import find_joined, find_question
from harvester.digest.sections import APART, SECTIONS, section_for
from harvester.digest.words import Words, shelf
from harvester.paper.records import Study
from harvester.paper.reports import SourceReport
from harvester.paper.statuses import IN_DOUBT, is_about_another
from harvester.tagging.ranking import add_bonus, weigh_tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one study stands."""

    relevance: float  # the table's, under the settings' weights
    order: float  # the digest's own; only orders studies within a tier
    without_first: float  # the same, whether or not the study is the first of its kind
    reasons: tuple[str, ...]  # in words, beside those of the study itself: what is new of it, and what readers want
    is_noted: bool  # followed, or the first of its kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What an edition must know of a new study to rank it, and to count it if it is not shown."""

    study_id: str
    tier: str
    kind: str  # as `kind_of` calls it
    day: str  # of its publication, as precise as known; "": not known
    question: str | None  # see `harvester.digest.questions`
    work: MapWork


def outline(study: Study, words: Words) -> Outline:
    """Return what an edition must know of a new study that it may not show."""
    return Outline(
        study_id=study.study_id,
        tier=study.tags.tier,
        kind=kind_of(study),
        day=_day_of(study),
        question=find_question(study, words),
        work=_map_work(study),
    )


def choose_shown(outlines: Iterable[Outline], standings: Mapping[str, Standing], *, most: int, recent: str) -> set[str]:
    """Return the `study_id` of the new studies that an edition shows: all on the topic, or the best if they are more.

    The others it counts.  What was published since the day `recent` comes first, since a backfill that falls into a
    week must not cost the reader what is new in it.
    """
    on_topic = [item for item in outlines if item.tier != "off-topic"]
    order = {item.study_id: standings[item.study_id].order for item in on_topic}
    days = {item.study_id: item.day for item in on_topic}
    groups: dict[tuple[bool, bool], list[str]] = {}
    for item in on_topic:
        groups.setdefault((item.day < recent, item.tier != "core"), []).append(item.study_id)
    ranked = [study_id for group in sorted(groups) for study_id in _ranked(groups[group], order, days)]
    return set(ranked[:most])


def find_standings(
    studies: Iterable[Study], *, words: Words, weights: Weights, follow: Follow, known: Known, today: str
) -> dict[str, Standing]:
    """Return where each new study stands for the readers of a digest, by `study_id`.

    The digest's own order adds to the table's relevance, within a tier, what `harvester.digest.order` says of the
    design, a bonus for what its readers follow and one for the first study of its kind.  `today` is the ISO day or time
    of the edition.
    """
    is_enough = known.is_enough(today)
    kinds: dict[str, list[Kind]] = {}
    standings: dict[str, Standing] = {}
    for study in studies:
        followed = find_followed(study, follow)
        relevance = weigh_tags(study.tags, weights)
        design = weigh_rules(study, summed_up=count_syntheses(study, words, known, today=today))
        if is_enough and (new := find_kinds(study, words, known)):
            kinds[study.study_id] = new
        order, without_first = (
            add_bonus(
                relevance,
                tier=study.tags.tier,
                weights=weights,
                followed=bool(followed),
                first=is_first,
                design=design,
            )
            for is_first in (study.study_id in kinds, False)
        )
        standings[study.study_id] = Standing(
            relevance=relevance,
            order=order,
            without_first=without_first,
            reasons=followed,
            is_noted=bool(followed),
        )
    for study_id, first in claim_firsts(kinds, words).items():
        reasons = (*first, *standings[study_id].reasons)
        standings[study_id] = replace(standings[study_id], reasons=reasons, is_noted=True)
    return standings


def select(
    *,
    edition: str,
    digest: str,
    title: str,
    topic: str,
    made_at: str,
    timezone: str,
    since: str,
    until: str,
    new: Iterable[Study],
    changes: Iterable[Change],
    held: Sequence[MapWork],
    reports: Iterable[SourceReport],
    words: Words,
    version: str,
    contact: str,
    where: str | None = None,
    previous: str | None = None,
    previous_digest: str | None = None,
    reissue: int = 0,
    standings: Mapping[str, Standing] | None = None,
    counted: Sequence[Outline] = (),
    sections: Sequence[str] = SECTIONS,
    sample: bool = False,
    unsubscribe: str | None = None,
    page_url: str | None = None,
) -> Edition:
    """Build the edition of one digest.

    Without any study it is still rendered and sent.

    Parameters
    ----------
    edition, previous
        ISO weeks, ``2026-W47``; `previous` is None for a digest's first edition.
    previous_digest
        What the digest was called then; None: the same.
    reissue
        How many editions of this name were sent and taken back before it.
    made_at
        The clock, UTC time ``2026-11-16T06:00:00Z``.
    since, until
        ISO days between which the new studies were first seen.
    new
        Studies first seen since the previous edition, of every tier, in any order; with `counted` all of them.
    changes
        What happened to studies that this digest sent, in any order.
    held
        Core and adjacent work that the library held before, for the map.
    reports
        One a source, in the order of the settings.
    words
        The vocabulary's; the edition keeps those that it needs.
    standings
        Where each new study stands for the readers of this digest, by `study_id`; None: as the table has them.
    counted
        New studies of every tier that are only counted; see `choose_shown`.
    sections
        Those that the digest has, in order.
    sample
        Whether the studies are invented.
    page_url
        Where readers find the page; None if it is only on disk.
    """
    standings = standings or {}
    studies = [_with_standing(study, standings.get(study.study_id)) for study in new]
    order = {study.study_id: study.tags.relevance for study in studies}
    order |= {study_id: standing.order for study_id, standing in standings.items()}
    by_id = {study.study_id: study for study in studies}
    days = {study.study_id: _day_of(study) for study in studies}
    all_core = [study.study_id for study in studies if study.tags.tier == "core"]
    # A first of its kind rises to the third place at most.
    best = _ranked(all_core, order | {study_id: one.without_first for study_id, one in standings.items()}, days)[:2]
    core = [by_id[key] for key in (*best, *_ranked((key for key in all_core if key not in best), order, days))]
    all_adjacent = (study.study_id for study in studies if study.tags.tier == "adjacent")
    adjacent = [by_id[key] for key in _ranked(all_adjacent, order, days)]
    unseen = [item for item in counted if item.tier != "off-topic"]
    outlines = [*(outline(study, words) for study in (*core, *adjacent)), *unseen]
    # A digest that has one of the two sections alone loses nothing to the other.
    is_both = {"by-condition", "adjacent"}.issubset(sections)
    joined = find_joined((item.study_id, item.tier, item.question) for item in outlines) if is_both else ()
    gravest_first = sorted(changes, key=_gravity)
    return Edition(
        edition=edition,
        digest=digest,
        title=title,
        topic=topic,
        made_at=made_at,
        timezone=timezone,
        since=since,
        until=until,
        studies=(*join_trials(core), *adjacent),
        read_first=_read_first([study for study in core if study.study_id not in joined], words),
        counted=_count(unseen, frozenset(joined)),
        changes=tuple(gravest_first),
        reports=tuple(reports),
        field_counts=count_field(held, [item.work for item in outlines], words),
        words=words.needed_for([*core, *adjacent, *(change.study for change in gravest_first)]),
        joined=joined,
        noted=tuple(
            study.study_id
            for study in (*core, *adjacent)
            if study.study_id in standings and standings[study.study_id].is_noted
        ),
        sections=tuple(sections),
        off_topic=len(studies) - len(core) - len(adjacent) + len(counted) - len(unseen),
        where=where or None,
        previous=previous,
        previous_digest=previous_digest,
        reissue=reissue,
        sample=sample,
        form=3,
        version=version,
        contact=contact,
        unsubscribe=unsubscribe,
        page_url=page_url,
    )


def _count(outlines: Iterable[Outline], joined: frozenset[str]) -> tuple[Counted, ...]:
    """Count new studies by the section in which they would stand, and by kind."""
    counts = Counter(
        (
            section_for("core" if (item.tier == "core") != (item.study_id in joined) else "adjacent", item.work.design),
            item.kind,
        )
        for item in outlines
    )
    return tuple(Counted(section=section, kind=kind, count=counts[section, kind]) for section, kind in sorted(counts))


def _map_work(study: Study) -> MapWork:
    year = (study.published or study.first_seen)[:4]
    return MapWork(conditions=study.tags.conditions, design=study.tags.design, trial_ids=study.trial_ids, year=year)


def _with_standing(study: Study, standing: Standing | None) -> Study:
    """Write into a study what this digest says of it, so that the edition can be rendered from itself."""
    if standing is None:
        return study
    reasons = (*study.tags.reasons, *standing.reasons)
    return replace(study, tags=replace(study.tags, relevance=standing.relevance, reasons=reasons))


def _day_of(study: Study) -> str:
    return study.published_online or study.published or ""


def _ranked(study_ids: Iterable[str], order: Mapping[str, float], days: Mapping[str, str]) -> list[str]:
    by_day = sorted(sorted(study_ids), key=days.__getitem__, reverse=True)
    return sorted(by_day, key=lambda study_id: round(order[study_id], 4), reverse=True)


def _read_first(core: Sequence[Study], words: Words) -> tuple[str, ...]:
    sound = [study for study in core if study.status not in IN_DOUBT and not is_about_another(study)]
    results = [study for study in sound if study.tags.design not in APART]
    chosen = results or sound
    number = min(5, max(3, len(chosen) // 4))
    first: list[Study] = []
    behind: list[Study] = []
    for study in chosen:
        shared = any(shares_place(study, other, (shelf(study, words), shelf(other, words))) for other in first)
        (behind if shared else first).append(study)
        if len(first) == number:
            break
    return tuple(study.study_id for study in [*first, *behind][:number])


def _gravity(change: Change) -> tuple[int, str, str]:
    place = CHANGE_KINDS.index(change.kind) if change.kind in CHANGE_KINDS else len(CHANGE_KINDS)
    return place, change.at, change.study.study_id
