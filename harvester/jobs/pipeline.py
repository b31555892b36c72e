"""The story of a run, top to bottom.

::

    settings ─► open library (lock) ─► harvest: each source by itself          sources/
                                         └─ integrate: deduplicate, tag        studies/integrate.py
                                       make the editions that are due          editions/make.py
                                       write the table                         table/published.py
                                       write the editions' files               editions/make.py
                                       deliver what is due, once each          editions/deliver.py
                                       write the page of all editions          editions/archiving.py

Every step asks the library what is still to be done, so a run that was killed anywhere is continued by the next.
What serves browsing fails as a warning, and never costs the mail.
This file decides nothing but the order, and what the whole amounts to (`Outcome.exit_code`).
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from pathlib import Path

from harvester.config.settings import DigestSettings
from harvester.digest.words import Words
from harvester.editions.archiving import write_archive
from harvester.editions.deliver import Consent, Delivered, deliver, deliver_one
from harvester.editions.make import Made, make_editions, write_edition, write_missing_editions
from harvester.editions.withdraw import Withdrawn, find_ahead, find_editions_of, find_forgotten, take_back
from harvester.ground.errors import ExitCode, LibraryError, UsageError, contain
from harvester.jobs.harvesting import Harvested, choose_sources, harvest_sources
from harvester.jobs.job import Job
from harvester.library import Library, StoredEdition
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
    waiting: tuple[str, ...] = ()  # editions that wait for a required source, a line each
    failed: tuple[str, ...] = ()  # what else could not be done, a line each
    notes: tuple[str, ...] = ()  # what somebody should look at some day, a line each

    @property
    def exit_code(self) -> ExitCode:
        """What the run amounts to: done, done in part, or nothing of what is required."""
        failed = [report.name for report in self.reports if report.error is not None and not report.is_tolerated]
        # A source that gave a part of what it listed has answered.
        silent = {report.name for report in self.reports if not report.answered}
        needed = self.required or tuple(report.name for report in self.reports)
        if self.waiting or (needed and self.reports and silent.issuperset(needed)):
            return ExitCode.UNAVAILABLE
        mail = self.delivered
        if failed or self.failed or mail.failed or mail.refused or mail.unknown:
            return ExitCode.PARTIAL
        return ExitCode.DONE


def run(job: Job, *, send: bool = True, ask: Consent | None = None) -> Outcome:
    """Do the weekly job: harvest, then digest, then send; without `send` everything but the mail.

    Parameters
    ----------
    ask
        Asked before the library's first mail whether to send it; None: nobody is.

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
        failed = _find_clock_troubles(job, library)
        digests = () if job.doubt_clock() else settings.digests
        made = make_editions(library, settings, digests, words, now=job.now, sample=job.is_sample)
        failed += _describe_failures(made)
        notes = find_forgotten(library, settings)
        table = _publish_table(job, library, failed)
        folders = write_missing_editions(library, settings, tell=failed.append)
        delivered = Delivered()
        if send:
            delivered = deliver(
                library, settings, clock=job.clock, password=password, open_mailer=job.open_mailer, ask=ask
            )
        _write_archive(job, library, words, failed)
    return replace(
        _outcome(harvested),
        editions=folders,
        table=table,
        delivered=delivered,
        waiting=_describe_waiting(job, made),
        failed=tuple(failed),
        notes=tuple(notes),
    )


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


def digest(job: Job, *, name: str | None = None, edition: str | None = None) -> Outcome:
    """Make the editions of this week that are not there yet, or render an old one again.

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
    made, failed = Made(), list[str]()
    with job.open_library() as library:
        if edition is not None:
            editions = [_require(library, item, edition) for item in digests]
        else:
            if not library.sources.last_harvest_id() and not library.studies.count():
                advice = "run `harvester run`, or `harvester harvest` first"
                raise UsageError("nothing was harvested yet", advice=advice)
            job.refresh(library)
            made = make_editions(library, job.settings, digests, words, now=job.now, sample=job.is_sample)
            failed = [*_find_clock_troubles(job, library), *_describe_failures(made)]
            _publish_table(job, library, failed)
            lacking = {wait.digest for wait in made.waiting}.union(made.failed)
            latest = [library.editions.latest(*item.names) for item in digests if item.name not in lacking]
            editions = list(made.editions) or [stored for stored in latest if stored is not None]
        folders = []
        for stored in editions:
            with contain(failed.append, f"{stored.edition} {stored.digest}"):
                folders.append(write_edition(stored, job.settings))
        _write_archive(job, library, words, failed)
    return Outcome(editions=tuple(folders), waiting=_describe_waiting(job, made), failed=tuple(failed))


def withdraw(job: Job, edition: str, *, name: str | None = None) -> list[Withdrawn]:
    """Take an edition back, of one digest or of all that have it.

    Raises
    ------
    UsageError
        If there is no such edition, or a later one builds on it.
    """
    words = job.read_words()
    with job.open_library() as library:
        editions = find_editions_of(library, job.settings, edition, name=name)
        withdrawn = [take_back(library, job.settings, stored, at=job.at) for stored in editions]
        job.publish_table(library)
        write_archive(library, job.settings, words, sample=job.is_sample)
        return withdrawn


def send(job: Job) -> Outcome:
    """Deliver everything that is due, and write the editions' files that are missing."""
    password = job.read_password()
    failed: list[str] = []
    with job.open_library() as library:
        folders = write_missing_editions(library, job.settings, tell=failed.append)
        delivered = deliver(library, job.settings, clock=job.clock, password=password, open_mailer=job.open_mailer)
    return Outcome(editions=folders, delivered=delivered, failed=tuple(failed))


def send_one(job: Job, edition: str, recipient: str, *, name: str | None = None, again: bool = False) -> Outcome:
    """Send one edition to one address; see `harvester.editions.deliver.deliver_one`."""
    password = job.read_password()
    with job.open_library() as library:
        delivered = deliver_one(
            library,
            job.settings,
            edition=edition,
            recipient=recipient,
            name=name,
            again=again,
            clock=job.clock,
            password=password,
            open_mailer=job.open_mailer,
        )
    return Outcome(delivered=delivered)


def _publish_table(job: Job, library: Library, failed: list[str]) -> tuple[Path, ...]:
    """Write the table; that it cannot be written is told, and does not keep the mail from leaving."""
    with contain(failed.append, "table", but=(LibraryError,)):
        return job.publish_table(library, warn=failed.append)
    return ()


def _write_archive(job: Job, library: Library, words: Words, failed: list[str]) -> None:
    with contain(failed.append, "the page of all editions"):
        write_archive(library, job.settings, words, sample=job.is_sample)


def _describe_failures(made: Made) -> list[str]:
    return [f"{digest}: its edition could not be made: {reason}" for digest, reason in made.failed.items()]


def _describe_waiting(job: Job, made: Made) -> tuple[str, ...]:
    return tuple(wait.describe(job.settings.timezone) for wait in made.waiting)


def _find_clock_troubles(job: Job, library: Library) -> list[str]:
    """Return why no edition is made though its week has come, in words: a clock that is or was wrong."""
    doubt = job.doubt_clock()
    return [doubt] if doubt is not None else find_ahead(library, job.settings, now=job.now)


def _require(library: Library, digest: DigestSettings, edition: str) -> StoredEdition:
    """Return an edition of a digest, by any of its names."""
    found = [stored for name in digest.names if (stored := library.editions.get(name, edition)) is not None]
    return found[0] if found else library.editions.require(digest.name, edition)


def _outcome(harvested: Harvested) -> Outcome:
    return Outcome(reports=harvested.reports, required=harvested.required, new_studies=harvested.studies.new)
