"""`harvester check`: say what is wrong before cron does.  Asks, and changes and sends nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from harvester.config.secrets import find_exposure, list_secret_files, read_secret_file
from harvester.config.settings import Settings
from harvester.ground.checkup import Finding
from harvester.ground.counted import counted
from harvester.ground.errors import ConfigError, ExitCode, HarvesterError
from harvester.jobs.harvesting import AT_ONCE
from harvester.jobs.job import Job
from harvester.jobs.monitor import read_addresses
from harvester.library import FILE_NAME, Library
from harvester.mail.smtp import Mailer
from harvester.table.published import verify_table

_PROBE_BYTES = 1_000_000  # a small week's library, table and edition


def check(job: Job) -> list[Finding]:
    """Check everything that a run depends on, in the order of a run: settings, stored data, sources, mail."""
    settings = f"{counted(len(job.settings.digests), 'digest')}, no mistakes"
    return [
        Finding(what="settings", verdict="ok", told=settings),
        *_check_secrets(job),
        *_check_vocabulary(job),
        *_check_data(job.settings),
        *_check_folders(job.settings),
        *_check_sources(job),
        *_check_mail(job),
    ]


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """Return what a run would exit with: the gravest of the findings."""
    order = (ExitCode.CONFIG, ExitCode.DATA, ExitCode.UNAVAILABLE, ExitCode.PARTIAL)
    codes = {finding.code for finding in findings}
    return next((code for code in order if code in codes), ExitCode.DONE)


def _check_secrets(job: Job) -> Iterator[Finding]:
    """Check the files of secrets, and who would be told how runs end; nobody is told anything."""
    for place, path in list_secret_files(job.settings):
        if place.startswith("monitor."):
            continue  # read below
        try:
            read_secret_file(path)
        except ConfigError as error:
            yield Finding(what=place, verdict="failed", told=str(error), code=error.exit_code)
    for place, path in list_secret_files(job.settings):
        if (told := find_exposure(path)) is not None:
            yield Finding(what=place, verdict="warning", told=told)
    if job.settings.monitor is not None:
        addresses, mistakes = read_addresses(job.settings.monitor, job.secrets)
        for mistake in mistakes:
            yield Finding(what="monitor", verdict="failed", told=mistake, code=ExitCode.CONFIG)
        for kind, address in addresses.items():
            yield Finding(what=f"monitor.{kind}", verdict="ok", told=f"{urlsplit(address).hostname} would be told")


def _check_vocabulary(job: Job) -> Iterator[Finding]:
    try:
        job.read_vocabulary()
    except ConfigError as error:
        for mistake in error.mistakes:
            yield Finding(what="vocabulary", verdict="failed", told=mistake, code=error.exit_code)
    else:
        yield Finding(what="vocabulary", verdict="ok", told=job.settings.vocabulary)


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
    """Check that the folders can be written to, without leaving anything there."""
    for what, folder in (("data folder", settings.data), ("editions folder", settings.editions)):
        place = next(path for path in (folder, *folder.parents) if path.exists())
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b" " * _PROBE_BYTES)
                file.flush()
        except OSError as error:
            told = f"{place} cannot be written ({error.strerror}): free space or mend its rights"
            yield Finding(what=what, verdict="failed", told=told, code=ExitCode.PARTIAL)
        else:
            yield Finding(what=what, verdict="ok", told="can be written")


def _check_sources(job: Job) -> Iterator[Finding]:
    """Ask the sources, several at once, and yield their findings in order."""
    try:
        outside = job.outside(job.read_vocabulary())
    except HarvesterError:
        return  # told already
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for findings in pool.map(lambda source: list(source.check(outside)), job.sources):
            yield from findings


def _check_mail(job: Job) -> Iterator[Finding]:
    mail = job.settings.mail
    readers = sum(len(digest.recipients) for digest in job.settings.digests)
    if mail is None or not readers:
        yield Finding(what="mail", verdict="ok", told="no recipients: only the files are written")
        return
    try:
        with Mailer(mail, password=job.read_password()) as mailer:
            mailer.check()
    except HarvesterError as error:
        yield Finding(what="mail", verdict="failed", told=str(error), code=error.exit_code)
    else:
        told = f"{mail.host}:{mail.port} would take mail for {counted(readers, 'recipient')}"
        yield Finding(what="mail", verdict="ok", told=told)
