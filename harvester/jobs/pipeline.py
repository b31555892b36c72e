"""The story of a run, top to bottom.

::

    settings ─► open library (lock) ─► harvest: each source by itself          sources/
                                         └─ integrate: deduplicate, tag        studies/integrate.py
                                       make this week's editions               editions/make.py
                                       write the table                         table/published.py
                                       write the editions' files               editions/make.py
                                       write the page of them all              editions/archiving.py
                                       deliver them, once each                 editions/deliver.py

Every step asks the library what is still to be done, so a run that was killed anywhere is continued by the next.
This file decides nothing but the order, and what the whole amounts to (`Outcome.exit_code`).
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from pathlib import Path

from harvester.editions.archiving import write_archive
from harvester.editions.deliver import Delivered, deliver
from harvester.editions.make import make_editions, write_edition, write_missing_editions
from harvester.ground.errors import ExitCode, UsageError
from harvester.jobs.harvesting import Harvested, choose_sources, harvest_sources
from harvester.jobs.job import Job
from harvester.paper.reports import SourceReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did."""

    reports: tuple[SourceReport, ...] = ()
    required: tuple[str, ...] = ()  # names of the sources that the settings call required
    editions: tuple[Path, ...] = ()  # folders of the editions that were written
    delivered: Delivered = field(default_factory=Delivered)
    table: tuple[Path, ...] = ()
    new_studies: int = 0

    @property
    def exit_code(self) -> ExitCode:
        """What the run amounts to: done, done in part, or nothing of what is required."""
        failed = [report.name for report in self.reports if report.error is not None and not report.is_tolerated]
        # A source that gave a part of what it listed has answered.
        silent = {report.name for report in self.reports if report.error is not None and not report.received}
        needed = self.required or tuple(report.name for report in self.reports)
        if needed and self.reports and silent.issuperset(needed):
            return ExitCode.UNAVAILABLE
        if failed or self.delivered.failed or self.delivered.unknown:
            return ExitCode.PARTIAL
        return ExitCode.DONE


def run(job: Job, *, send: bool = True) -> Outcome:
    """Do the weekly job: harvest, then digest, then send; without `send` everything but the mail.

    Raises
    ------
    LockedError, LibraryError, StorageError, ConfigError
        Nothing that was there before is lost by any of them.
    """
    settings = job.settings
    words = job.read_words()
    password = job.read_password() if send else None
    with job.open_library() as library:
        job.refresh(library)
        harvested = harvest_sources(job, library, job.sources)
        make_editions(library, settings, settings.digests, words, now=job.now, sample=job.is_sample)
        table = job.publish_table(library)
        folders = write_missing_editions(library, settings)
        write_archive(library, settings, words, sample=job.is_sample)
        delivered = deliver(library, settings, at=job.at, password=password) if send else Delivered()
    return replace(_outcome(harvested), editions=folders, table=table, delivered=delivered)


def run_dry(job: Job) -> Outcome:
    """Do the weekly job on a copy of the data that is thrown away, without sending.

    The sources are asked; nothing is written outside a temporary folder.
    """
    with tempfile.TemporaryDirectory(prefix="harvester-dry-") as folder:
        data = Path(folder) / "data"
        if job.settings.data.is_dir():
            shutil.copytree(job.settings.data, data, ignore=shutil.ignore_patterns("raw", ".lock*"))
        settings = job.settings.model_copy(update={"data": data, "editions": Path(folder) / "digests"})
        outcome = run(replace(job, settings=settings), send=False)
    return replace(outcome, editions=(), table=())


def harvest(job: Job, *, since: date | None = None, until: date | None = None, source: str | None = None) -> Outcome:
    """Ask the sources and bring library and table up to date.

    Parameters
    ----------
    since, until
        Days to ask for, both included, where a source can be asked for days; None: what is due.
    source
        A source's name, to ask only that; None: all.

    Raises
    ------
    UsageError
        If the settings name no such source, or no day lies between the two.
    """
    today = job.now.astimezone(UTC).date()
    if since is not None and since > (until or today):
        raise UsageError(f"there is no day from {since} until {until or today}", advice="--since names the first day")
    sources = choose_sources(job, source)
    with job.open_library() as library:
        job.refresh(library)
        harvested = harvest_sources(job, library, sources, since=since, until=until)
        return replace(_outcome(harvested), table=job.publish_table(library))


def digest(job: Job, *, name: str | None = None, edition: str | None = None) -> list[Path]:
    """Make the editions of this week that are not there yet, or render an old one again; return their folders.

    Parameters
    ----------
    name
        One digest's name; None: all.
    edition
        An old edition to render again, ``2026-W47``; None: this week's.

    Raises
    ------
    UsageError
        If there is no such digest or edition, or nothing was harvested yet.
    """
    digests = [item for item in job.settings.digests if name in (None, item.name)]
    if not digests:
        known = ", ".join(item.name for item in job.settings.digests)
        raise UsageError(f"there is no digest named {name}", advice=f"the settings name: {known}")
    words = job.read_words()
    with job.open_library() as library:
        if edition is not None:
            editions = [library.editions.require(item.name, edition) for item in digests]
        else:
            if not library.sources.last_harvest_id() and not library.studies.count():
                advice = "run `harvester run`, or `harvester harvest` first"
                raise UsageError("nothing was harvested yet", advice=advice)
            job.refresh(library)
            made = make_editions(library, job.settings, digests, words, now=job.now, sample=job.is_sample)
            job.publish_table(library)
            latest = [library.editions.latest(item.name) for item in digests]
            editions = made or [stored for stored in latest if stored is not None]
        folders = [write_edition(stored, job.settings) for stored in editions]
        write_archive(library, job.settings, words, sample=job.is_sample)
        return folders


def send(job: Job) -> Delivered:
    """Deliver what is rendered and not yet delivered."""
    password = job.read_password()
    with job.open_library() as library:
        return deliver(library, job.settings, at=job.at, password=password)


def _outcome(harvested: Harvested) -> Outcome:
    return Outcome(reports=harvested.reports, required=harvested.required, new_studies=harvested.studies.new)
