"""Ask sources, each by itself, and make studies of what they give."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial

from harvester.ground.errors import UsageError
from harvester.jobs.job import Job
from harvester.library import Library, is_of_storage
from harvester.library.raw import RawStore
from harvester.paper.reports import SourceReport
from harvester.sources.desk import Desk, Studies
from harvester.sources.source import Source
from harvester.studies.integrate import Integrated, integrate
from harvester.studies.refresh import save_opinions

_log = logging.getLogger(__name__)

# Sources are as many hosts; this many at once keeps a run short when several of them hang until their time-out.
AT_ONCE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvested:
    """What came of asking sources."""

    reports: tuple[SourceReport, ...]  # in the order in which they were harvested
    required: tuple[str, ...]  # the names of those of them that the settings call required
    studies: Integrated  # what became of their records, and of those that a killed run left


def choose_sources(job: Job, name: str | None) -> Sequence[Source]:
    """Return the sources of the settings; or only that of a name, as settings, receipt or table call it.

    Raises
    ------
    UsageError
        If the settings name no such source.
    """
    sources = job.sources
    chosen = [
        source
        for source in sources
        if name is None or name.casefold() in (source.name.casefold(), source.key.casefold())
    ]
    if not chosen:
        known = ", ".join(source.name for source in sources)
        raise UsageError(f"there is no source named {name}", advice=f"the settings name: {known}")
    return chosen


def harvest_sources(
    job: Job, library: Library, sources: Sequence[Source], *, since: date | None = None, until: date | None = None
) -> Harvested:
    """Ask sources, and bring the studies in step with what they gave.

    Parameters
    ----------
    sources
        In the order in which they hand in what came.
    since, until
        The days that the user asked for, both included; None: what is due.
    """
    vocabulary = job.read_vocabulary()
    raw = RawStore(job.raw_folder, now=job.now)
    steps = [integrate(library, vocabulary, at=job.at)]  # what a killed run left

    def integrate_pending() -> int:
        steps.append(integrate(library, vocabulary, at=job.at))
        return steps[-1].new

    desks = [
        Desk(
            source.key,
            library=library,
            raw=raw,
            vocabulary=vocabulary,
            outside=job.outside(vocabulary),
            studies=Studies(integrate=integrate_pending, save_opinions=partial(save_opinions, library, vocabulary)),
            progress=partial(job.progress, source.name),
            since=since,
            until=until,
            tolerate=source.tolerate,
        )
        for source in sources
    ]
    reports = []
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        pending = [pool.submit(source.ask, desk) for source, desk in zip(sources, desks, strict=True)]
        for done, (source, desk, future) in enumerate(zip(sources, desks, pending, strict=True), start=1):
            reports.append(_harvest(source, desk, future))
            job.progress("sources", done, len(sources))
    return Harvested(
        reports=tuple(reports),
        required=tuple(source.name for source in sources if source.required),
        studies=Integrated(
            new=sum(step.new for step in steps),
            changed=sum(step.changed for step in steps),
            joined=sum(step.joined for step in steps),
        ),
    )


def _harvest(source: Source, desk: Desk, asked: Future[None]) -> SourceReport:
    """Harvest a source that was asked; whatever goes wrong with it is its own failure."""
    try:
        asked.result()
        return source.harvest(desk)
    except Exception as error:
        if is_of_storage(error):
            raise
        _log.info("%s failed", source.name, exc_info=error)
        return source.close_failed(desk, error)
