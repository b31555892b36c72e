"""`harvester check`: say what is wrong before cron does.  Asks, and changes and sends nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial

from harvester.config.settings import FeedSettings, Settings
from harvester.ground.counted import counted
from harvester.ground.errors import ConfigError, ExitCode, HarvesterError, SourceError
from harvester.jobs.pipeline import FEED_BYTES, Job, open_pubmed, open_session, read_password, read_vocabulary
from harvester.library import FILE_NAME, Library
from harvester.mail.smtp import Mailer
from harvester.sources.feeds.fetch import FeedState, fetch_feed
from harvester.sources.feeds.harvest import FEEDS_AT_ONCE
from harvester.sources.pubmed.client import lint_query
from harvester.sources.retraction_watch import read_list
from harvester.table.published import verify_table

_ROOM = 1_000_000  # bytes that are tried: a small week's library, table and edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str  # "settings", "PubMed", "feed JAMA Psychiatry", "mail", …
    verdict: str  # ok, warning, failed
    told: str  # what was found, and what to do about it
    code: ExitCode = ExitCode.DONE  # what a run would exit with because of it

    def as_dict(self) -> dict[str, str | int]:
        """Give the finding as JSON has it."""
        return {**asdict(self), "code": int(self.code)}


def check(job: Job) -> list[Finding]:
    """Look at everything that a run depends on.

    Parameters
    ----------
    job
        Settings that were read without mistakes.

    Returns
    -------
    list of Finding
        In the order of a run: settings, stored data, PubMed, feeds, mail.
    """
    findings = [
        Finding(what="settings", verdict="ok", told=f"{counted(len(job.settings.digests), 'digest')}, no mistakes")
    ]
    findings += _check_vocabulary(job.settings)
    findings += _check_data(job.settings)
    findings += _check_folders(job.settings)
    findings += _check_retraction_watch(job.settings)
    findings += _check_pubmed(job)
    with ThreadPoolExecutor(max_workers=FEEDS_AT_ONCE) as pool:
        findings += pool.map(partial(_check_feed, job), job.settings.sources.feeds)
    findings += _check_mail(job)
    return findings


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """Give what a run would exit with: the gravest of the findings."""
    order = (ExitCode.CONFIG, ExitCode.DATA, ExitCode.UNAVAILABLE, ExitCode.PARTIAL)
    codes = {finding.code for finding in findings}
    return next((code for code in order if code in codes), ExitCode.DONE)


def _check_vocabulary(settings: Settings) -> Iterator[Finding]:
    try:
        read_vocabulary(settings)
    except ConfigError as error:
        for mistake in error.mistakes:
            yield Finding(what="vocabulary", verdict="failed", told=mistake, code=error.exit_code)
    else:
        yield Finding(what="vocabulary", verdict="ok", told=settings.vocabulary)


def _check_data(settings: Settings) -> Iterator[Finding]:
    verdict = verify_table(settings.data)
    if verdict.state == "damaged":
        told = f"damaged: {verdict.reason}"
        yield Finding(what="table", verdict="failed", told=told, code=ExitCode.DATA)
    else:
        yield Finding(what="table", verdict="ok", told="none yet" if verdict.state == "missing" else "whole")
    if not (settings.data / FILE_NAME).is_file():
        yield Finding(what="library", verdict="ok", told="none yet; the first run makes it")
        return
    try:
        with Library.open(settings.data, writable=False) as library:
            last = library.studies.last_id()
    except HarvesterError as error:
        yield Finding(what="library", verdict="failed", told=str(error), code=error.exit_code)
    else:
        yield Finding(what="library", verdict="ok", told=f"sound, up to {last}")


def _check_folders(settings: Settings) -> Iterator[Finding]:
    """Find out whether the folders can be written to, without leaving anything there."""
    for what, folder in (("data folder", settings.data), ("editions folder", settings.editions)):
        place = next(path for path in (folder, *folder.parents) if path.exists())
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b" " * _ROOM)
                file.flush()
        except OSError as error:
            told = f"{place} cannot be written ({error.strerror}): free space or mend its rights"
            yield Finding(what=what, verdict="failed", told=told, code=ExitCode.PARTIAL)
        else:
            yield Finding(what=what, verdict="ok", told="can be written")


def _check_retraction_watch(settings: Settings) -> Iterator[Finding]:
    if settings.sources.retraction_watch is None:
        return
    path = settings.sources.retraction_watch.file
    try:
        count = len(read_list(path))
    except (OSError, ValueError) as error:
        told = f"{path} cannot be read ({error})"
        yield Finding(what="Retraction Watch", verdict="failed", told=told, code=ExitCode.PARTIAL)
    else:
        yield Finding(what="Retraction Watch", verdict="ok", told=counted(count, "notice", thousands=","))


def _check_pubmed(job: Job) -> Iterator[Finding]:
    pubmed = job.settings.sources.pubmed
    if pubmed is None:
        return
    for mistake in lint_query(pubmed.query):
        yield Finding(what="query", verdict="warning", told=mistake)
    with open_session(job) as session:
        client = open_pubmed(job, session, None)
        try:
            found = client.check() if client is not None else None
        except SourceError as error:
            code = ExitCode.UNAVAILABLE if pubmed.required else ExitCode.PARTIAL
            yield Finding(what="PubMed", verdict="failed", told=str(error), code=code)
            return
    if found is not None:
        for warning in found.warnings:
            yield Finding(what="query", verdict="warning", told=warning)
        yield Finding(
            what="PubMed",
            verdict="ok",
            told=f"{counted(found.count, 'paper matches', 'papers match', thousands=',')} the query",
        )


def _check_feed(job: Job, feed: FeedSettings) -> Finding:
    what = f"feed {feed.name}"
    try:
        with open_session(job, max_bytes=FEED_BYTES) as session:
            result = fetch_feed(session, feed, FeedState(), save_raw=lambda name, answer: None)
    except SourceError as error:
        code = ExitCode.UNAVAILABLE if feed.required else ExitCode.PARTIAL
        return Finding(what=what, verdict="failed", told=str(error), code=code)
    entries = counted(len(result.feed.records) if result.feed is not None else 0, "entry", "entries")
    if result.warnings:
        return Finding(what=what, verdict="warning", told=f"{entries}; {'; '.join(result.warnings)}")
    return Finding(what=what, verdict="ok", told=entries)


def _check_mail(job: Job) -> Iterator[Finding]:
    mail = job.settings.mail
    readers = sum(len(digest.recipients) for digest in job.settings.digests)
    if mail is None or not readers:
        yield Finding(what="mail", verdict="ok", told="no recipients: only the files are written")
        return
    try:
        with Mailer(mail, password=read_password(job)) as mailer:
            mailer.check()
    except HarvesterError as error:
        yield Finding(what="mail", verdict="failed", told=str(error), code=error.exit_code)
    else:
        yield Finding(
            what="mail",
            verdict="ok",
            told=f"{mail.host}:{mail.port} would take mail for {counted(readers, 'recipient')}",
        )
