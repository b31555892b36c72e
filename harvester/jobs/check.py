"""`harvester check`: say what is wrong before cron does.  Asks, and changes and sends nothing."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import Any
from urllib.parse import urlsplit

from harvester.config.secrets import find_exposure, list_secret_files, read_secret_file
from harvester.config.settings import Settings
from harvester.config.yaml_lines import Place, write_place
from harvester.digest import render
from harvester.editions.trial import build_empty_edition
from harvester.editions.withdraw import find_ahead, find_forgotten
from harvester.ground.checkup import Finding
from harvester.ground.counted import counted
from harvester.ground.errors import ConfigError, ExitCode, HarvesterError
from harvester.jobs.harvesting import AT_ONCE
from harvester.jobs.job import Job
from harvester.jobs.monitor import read_addresses
from harvester.jobs.soundness import examine
from harvester.library import Library
from harvester.mail.message import build_message, build_message_id
from harvester.mail.smtp import Mailer
from harvester.sources.desk import Outside
from harvester.sources.source import Source, describe_failure

_log = logging.getLogger(__name__)
# What settings as shipped leave to be filled in; nobody has an address in example.org (RFC 2606).
_PLACEHOLDER = re.compile(
    r"(?:[\w.+-]+@)?(?<![\w-])(?:[\w-]+\.)*example\.(?:com|net|org)(?![\w-])|<your\b[^>]*>?|\bCHANGE[ _-]?ME\b",
    re.IGNORECASE,
)
_PROBE_BYTES = 1_000_000  # a small week's library, table and edition


def check(job: Job, *, thorough: bool = False) -> list[Finding]:
    """Check everything that a run depends on, in the order of a run: settings, stored data, sources, mail.

    `thorough` reads all that is stored, and not only what is newest.
    """
    settings = f"{counted(len(job.settings.digests), 'digest')}, no mistakes"
    return [
        Finding(what="settings", verdict="ok", told=settings),
        *_check_secrets(job),
        *_check_placeholders(job.settings),
        *_check_templates(job.settings),
        *_check_vocabulary(job),
        *examine(job.settings.data, job.raw_folder, thorough=thorough),
        *_check_folders(job.settings),
        *_check_sources(job),
        *_check_editions(job),
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


def _check_placeholders(settings: Settings) -> Iterator[Finding]:
    """Find what nobody has filled in: no such address has a mailbox, no such host a server."""
    left: dict[str, list[str]] = {}
    for place, text in _list_texts(settings.model_dump(mode="json"), ()):
        for found in dict.fromkeys(match.group() for match in _PLACEHOLDER.finditer(text)):
            left.setdefault(found, []).append(write_place(place))
    for found, places in left.items():
        told = f"{found} is still a placeholder: {', '.join(places)}"
        yield Finding(what="settings", verdict="warning", told=told)


def _list_texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _list_texts(inner, (*place, step))


def _check_templates(settings: Settings) -> Iterator[Finding]:
    """Render each digest as it would be in a week without news, to find what is wrong with templates of one's own."""
    for digest in settings.digests:
        edition = build_empty_edition(
            settings, digest, unsubscribe=settings.mail.unsubscribe if settings.mail else None
        )
        try:
            render(edition, templates=settings.templates)
        except HarvesterError as error:
            yield Finding(what="templates", verdict="failed", told=str(error), code=error.exit_code)
            return


def _check_vocabulary(job: Job) -> Iterator[Finding]:
    try:
        job.read_vocabulary()
    except ConfigError as error:
        for mistake in error.mistakes:
            yield Finding(what="vocabulary", verdict="failed", told=mistake, code=error.exit_code)
    else:
        yield Finding(what="vocabulary", verdict="ok", told=job.settings.vocabulary)


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
        for findings in pool.map(lambda source: _check_source(source, outside), job.sources):
            yield from findings


def _check_editions(job: Job) -> Iterator[Finding]:
    """Check the clock by what the sources' servers said, and that no edition stands in the way of others."""
    if doubt := job.doubt_clock():
        yield Finding(what="clock", verdict="failed", told=doubt, code=ExitCode.PARTIAL)
    try:
        with Library.open(job.settings.data, writable=False) as library:
            ahead, forgotten = find_ahead(library, job.settings, now=job.now), find_forgotten(library, job.settings)
    except HarvesterError:
        return  # there is none yet, or it was told already
    for told in ahead:
        yield Finding(what="editions", verdict="failed", told=told, code=ExitCode.PARTIAL)
    for told in forgotten:
        yield Finding(what="editions", verdict="warning", told=told)


def _check_source(source: Source, outside: Outside) -> list[Finding]:
    """Ask a source; whatever goes wrong with it is what was found of it."""
    try:
        return list(source.check(outside))
    except Exception as error:  # noqa: BLE001 - as in a run, it concerns this source only
        _log.info("%s failed", source.name, exc_info=error)
        return [source.failed(describe_failure(error))]


def _check_mail(job: Job) -> Iterator[Finding]:
    mail = job.settings.mail
    readers = sum(len(digest.recipients) for digest in job.settings.digests)
    if mail is None or not readers:
        yield Finding(what="mail", verdict="ok", told="no recipients: only the files are written")
        return
    try:
        with Mailer(mail, password=job.read_password(), ca_bundle=job.settings.ca_bundle) as mailer:
            mailer.check()
    except HarvesterError as error:
        yield Finding(what="mail", verdict="failed", told=str(error), code=error.exit_code)
    else:
        told = f"{mail.host}:{mail.port} would take mail for {counted(readers, 'recipient')}"
        yield Finding(what="mail", verdict="ok", told=told)


def send_test(job: Job, recipient: str) -> Finding:
    """Send a short message that says that it is a test, as an edition is sent; tell what came of it."""
    mail = job.settings.mail
    if mail is None:
        told = "the settings have no `mail`; add it to config.yaml: sender, host, port"
        return Finding(what="test mail", verdict="failed", told=told, code=ExitCode.CONFIG)
    at = job.clock()
    words = f"This is a test of the mail of “{job.settings.topic}”, sent by `harvester check --send-test`."
    try:
        message = build_message(
            sender=mail.sender,
            recipient=recipient,
            subject=f"Test: {job.settings.topic}",
            text=f"{words}\n",
            html=f'<!doctype html>\n<html lang="en"><title>Test</title><p>{escape(words)}</p></html>\n',
            message_id=build_message_id("test", at.isoformat(), recipient, sender=mail.sender),
            date=at,
            list_id=f"test.{mail.sender.rpartition('@')[2].rstrip('>')}",
            unsubscribe=mail.unsubscribe,
        )
        with job.open_mailer(mail, password=job.read_password(), ca_bundle=job.settings.ca_bundle) as mailer:
            receipt = mailer.deliver(message, recipient, before_data=lambda: None)
    except HarvesterError as error:
        return Finding(what="test mail", verdict="failed", told=str(error), code=error.exit_code)
    if receipt.state == "unknown":
        told = f"{receipt.reply}; it may or may not have arrived"
        return Finding(what="test mail", verdict="failed", told=told, code=ExitCode.PARTIAL)
    return Finding(what="test mail", verdict="ok", told=f"accepted for {recipient}: {receipt.reply}")
