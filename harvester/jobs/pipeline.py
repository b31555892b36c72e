"""The story of a run, top to bottom.

::

    settings ─► open library (lock) ─► harvest: each source by itself          sources/
                                         └─ integrate: deduplicate, classify   studies/integrate.py
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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from harvester import __version__
from harvester.config.settings import DigestSettings, Settings
from harvester.digest import SourceReport
from harvester.digest.words import Words, read_words
from harvester.editions.archiving import write_archive
from harvester.editions.deliver import Delivered, deliver
from harvester.editions.make import edition_folder, make_edition, write_edition
from harvester.ground.clock import format_time
from harvester.ground.errors import ConfigError, ExitCode, LibraryError, UsageError
from harvester.ground.files import read_file
from harvester.ground.http import HttpOptions, PoliteSession
from harvester.library import Journal, Library, StoredEdition
from harvester.library.raw import RawStore
from harvester.sources.desk import Harvest
from harvester.sources.feeds.harvest import harvest_feeds
from harvester.sources.pubmed.client import PubmedClient
from harvester.sources.pubmed.harvest import harvest_pubmed
from harvester.sources.retraction_watch import SOURCE as RETRACTION_WATCH
from harvester.sources.retraction_watch import harvest_retraction_watch
from harvester.studies.integrate import integrate
from harvester.studies.refresh import rekey, retag
from harvester.table.published import CSV_NAME, verify_table, write_table
from harvester.tagging import Vocabulary, load_vocabulary

# The largest feeds are some 2 MB; an answer beyond this is no feed, and would take feedparser minutes to read.
FEED_BYTES = 16_000_000

Progress = Callable[[str, int, int], None]  # what, done, of how many
Secrets = Callable[[str], str | None]  # the value of a secret by its environment variable's name


def no_progress(what: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a run is given: its settings, its clock, and its ways to the outside."""

    settings: Settings
    now: datetime  # aware; the only clock of the run
    secrets: Secrets = lambda name: None
    progress: Progress = no_progress
    http: HttpOptions = field(default_factory=HttpOptions)
    is_sample: bool = False  # the studies are invented, and every edition says so

    @property
    def at(self) -> str:
        """The clock as UTC text."""
        return format_time(self.now)


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
        failed = [report.name for report in self.reports if report.error is not None]
        # A source that gave a part of what it listed has answered.
        silent = {report.name for report in self.reports if report.error is not None and not report.received}
        needed = self.required or tuple(report.name for report in self.reports)
        if needed and self.reports and silent.issuperset(needed):
            return ExitCode.UNAVAILABLE
        if failed or self.delivered.failed or self.delivered.unknown:
            return ExitCode.PARTIAL
        return ExitCode.DONE


def run(job: Job, *, send: bool = True) -> Outcome:
    """Do the weekly job: harvest, then digest, then send.

    Parameters
    ----------
    job
        Settings, clock and ways to the outside.
    send
        False: everything but the mail.

    Raises
    ------
    LockedError, LibraryError, StorageError, ConfigError
        Nothing that was there before is lost by any of them.
    """
    password = read_password(job) if send else None
    with open_library(job) as library:
        harvested = _harvest(job, library)
        _make_editions(job, library)
        table = publish_table(job, library)
        folders = _write_editions(job, library)
        write_archive(library, job.settings, current_words(job.settings), sample=job.is_sample)
        delivered = _deliver(job, library, password) if send else Delivered()
    return replace(harvested, editions=folders, table=table, delivered=delivered)


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
    job
        Settings, clock and ways to the outside.
    since, until
        Days to ask PubMed for, both included; None: what is due.
    source
        ``pubmed`` or a feed's name, to ask only that; None: all.

    Raises
    ------
    UsageError
        If the settings name no such source.
    """
    today = job.now.astimezone(UTC).date()
    if since is not None and since > (until or today):
        raise UsageError(f"there is no day from {since} until {until or today}", advice="--since names the first day")
    with open_library(job) as library:
        outcome = _harvest(job, library, since=since, until=until, source=source)
        return replace(outcome, table=publish_table(job, library))


def digest(job: Job, *, name: str | None = None, edition: str | None = None) -> list[Path]:
    """Make the editions of this week that are not there yet, or render an old one again.

    Parameters
    ----------
    job
        Settings and clock.
    name
        One digest's name; None: all.
    edition
        An old edition to render again, ``2026-W47``; None: this week's.

    Returns
    -------
    list of Path
        The folders that were written.

    Raises
    ------
    UsageError
        If there is no such digest or edition.
    """
    chosen = [item for item in job.settings.digests if name in (None, item.name)]
    if not chosen:
        known = ", ".join(item.name for item in job.settings.digests)
        raise UsageError(f"there is no digest named {name}", advice=f"the settings name: {known}")
    with open_library(job) as library:
        if edition is None:
            if not library.sources.last_harvest_id() and not library.studies.count():
                raise UsageError(
                    "nothing was harvested yet", advice="run `harvester run`, or `harvester harvest` first"
                )
            refresh(job, library)
            made = _make_editions(job, library, only=chosen)
            publish_table(job, library)
            week = [library.editions.latest(item.name) for item in chosen]
            stored = made or [item for item in week if item is not None]
        else:
            stored = [_stored(library, item, edition) for item in chosen]
        folders = [write_edition(item, job.settings) for item in stored]
        write_archive(library, job.settings, current_words(job.settings), sample=job.is_sample)
        return folders


def send(job: Job) -> Delivered:
    """Deliver what is rendered and not yet delivered."""
    password = read_password(job)
    with open_library(job) as library:
        return _deliver(job, library, password)


def open_library(job: Job) -> Library:
    """Open the library for writing, after making sure that neither it nor the table is damaged.

    Raises
    ------
    LibraryError
        If one of them is; nothing is overwritten.
    """
    verdict = verify_table(job.settings.data)
    if verdict.state == "damaged":
        raise LibraryError(
            f"{job.settings.data / CSV_NAME} is damaged ({verdict.reason})",
            advice="move it away and run again: it is written anew from the library; nothing was overwritten",
        )
    return Library.open(job.settings.data, journal=Journal(raw_folder(job.settings)))


def raw_folder(settings: Settings) -> Path:
    """Give the folder of the answers as received, and of the journal."""
    return settings.data / "raw"


def publish_table(job: Job, library: Library) -> tuple[Path, ...]:
    """Write the table from the library, whole or not at all, ranked by the settings' weights."""
    rows = library.studies.rows()
    return tuple(write_table(job.settings.data, rows, created=job.at, topic=job.settings.topic))


def read_vocabulary(settings: Settings) -> Vocabulary:
    """Load the settings' vocabulary, built in or from a file, with the settings' weights."""
    path = Path(settings.vocabulary)
    if path.is_absolute():
        vocabulary = load_vocabulary(read_file(path).decode("utf-8", "replace"), filename=str(path))
    else:
        vocabulary = load_vocabulary(settings.vocabulary)
    return replace(vocabulary, weights=settings.ranking.weights)


def current_words(settings: Settings) -> Words:
    """Return what the settings' vocabulary calls its tags today."""
    return read_words(read_vocabulary(settings))


def topic_words(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Give the names of the topic's compounds, for a search in titles and abstracts."""
    return tuple(vocabulary.entries["compounds"])


def read_password(job: Job) -> str | None:
    """Look up the mail password, if the settings name a user.

    Raises
    ------
    ConfigError
        If they do, there are recipients, and the environment does not hold it.
    """
    mail = job.settings.mail
    if mail is None or mail.username is None:
        return None
    password = job.secrets(mail.password_env)
    if password is None and any(item.recipients for item in job.settings.digests):
        raise ConfigError([f"mail.password_env: the environment variable {mail.password_env} is not set"])
    return password


def open_session(job: Job, *, max_bytes: int | None = None) -> PoliteSession:
    """Open an HTTP session that says who asks; `max_bytes` lowers the limit of an answer's size."""
    agent = f"harvester/{__version__} (+mailto:{job.settings.contact})"
    limit = min(max_bytes or job.http.max_bytes, job.http.max_bytes)
    return PoliteSession(agent, options=replace(job.http, max_bytes=limit))


def open_pubmed(job: Job, session: PoliteSession, raw: RawStore | None) -> PubmedClient | None:
    """Make the PubMed client of the settings; None if they do not name PubMed."""
    pubmed = job.settings.sources.pubmed
    if pubmed is None:
        return None
    return PubmedClient(
        session,
        pubmed,
        contact=job.settings.contact,
        api_key=job.secrets(pubmed.api_key_env),
        topic_words=topic_words(read_vocabulary(job.settings)),
        save_raw=raw.save if raw is not None else None,
    )


def _harvest(
    job: Job,
    library: Library,
    *,
    since: date | None = None,
    until: date | None = None,
    source: str | None = None,
) -> Outcome:
    """Ask each source by itself, PubMed last, and make studies of what they gave."""
    sources = job.settings.sources
    feeds = [feed for feed in sources.feeds if source in (None, feed.name)]
    asks_pubmed = sources.pubmed is not None and source in (None, "pubmed")
    asks_watch = sources.retraction_watch is not None and source in (None, RETRACTION_WATCH)
    if not (feeds or asks_pubmed or asks_watch):
        names = ["pubmed"] * (sources.pubmed is not None) + [feed.name for feed in sources.feeds]
        known = ", ".join([*names, *([RETRACTION_WATCH] if sources.retraction_watch is not None else [])])
        raise UsageError(f"there is no source named {source}", advice=f"the settings name: {known}")
    vocabulary = read_vocabulary(job.settings)
    raw = RawStore(raw_folder(job.settings), now=job.now)
    context = Harvest(library=library, vocabulary=vocabulary, raw=raw, now=job.now, progress=job.progress)
    refresh(job, library)
    pending = integrate(library, vocabulary, at=job.at)  # what a killed run left
    reports: list[SourceReport] = []
    if asks_pubmed and sources.pubmed is not None:
        with open_session(job) as session:
            client = open_pubmed(job, session, raw)
            if client is not None:
                reports.append(harvest_pubmed(context, sources.pubmed, client, since=since, until=until))
    reports += harvest_feeds(context, feeds, lambda: open_session(job, max_bytes=FEED_BYTES))
    if asks_watch and sources.retraction_watch is not None:
        reports.append(harvest_retraction_watch(context, sources.retraction_watch.file))
    required = ["PubMed"] if sources.pubmed is not None and sources.pubmed.required else []
    required += [feed.name for feed in sources.feeds if feed.required]
    asked = {report.name for report in reports}
    return Outcome(
        reports=tuple(reports),
        required=tuple(name for name in required if name in asked),
        new_studies=pending.new + sum(report.new for report in reports),
    )


def refresh(job: Job, library: Library) -> None:
    """Bring all tags and keys in step with today's rules, words and weights."""
    vocabulary = read_vocabulary(job.settings)
    rekey(library, at=job.at)
    retag(library, vocabulary, at=job.at, progress=lambda done, total: job.progress("tags", done, total))


def _make_editions(job: Job, library: Library, *, only: Sequence[DigestSettings] | None = None) -> list[StoredEdition]:
    """Make this week's edition of each digest that has none yet."""
    words = current_words(job.settings)
    made = [
        make_edition(library, job.settings, item, words, now=job.now, sample=job.is_sample)
        for item in only or job.settings.digests
    ]
    return [stored for stored in made if stored is not None]


def _write_editions(job: Job, library: Library) -> tuple[Path, ...]:
    """Write the newest edition of each digest, unless its folder is there: made now, or by a run that was killed."""
    latest = [library.editions.latest(item.name) for item in job.settings.digests]
    return tuple(
        write_edition(stored, job.settings)
        for stored in latest
        if stored is not None and not edition_folder(stored, job.settings).exists()
    )


def _stored(library: Library, item: DigestSettings, edition: str) -> StoredEdition:
    stored = library.editions.get(item.name, edition)
    if stored is None:
        known = ", ".join(library.editions.names(item.name)[-5:]) or "none yet"
        raise UsageError(f"there is no edition {edition} of {item.name}", advice=f"the latest are: {known}")
    return stored


def _deliver(job: Job, library: Library, password: str | None) -> Delivered:
    return deliver(library, job.settings, at=job.at, password=password)
