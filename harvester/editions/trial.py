"""Build each digest's message of an empty week, to find before cron does what of the settings no mail can hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from harvester import __version__
from harvester.config.settings import DigestSettings, Settings
from harvester.config.yaml_lines import Place
from harvester.digest import Edition
from harvester.editions.make import build_edition_message
from harvester.ground.errors import MailError
from harvester.mail.message import message_bytes, parse_address
from harvester.table.where import try_where

_MONDAY = datetime(2026, 11, 16, tzinfo=UTC)  # any week will do


def find_faults(settings: Settings) -> Iterator[tuple[Place, str]]:
    """Yield what stands in the way of a digest's message, with its place in the settings."""
    mail = settings.mail
    senders = [(("mail", "sender"), mail.sender)] if mail is not None else [(("contact",), settings.contact)]
    addresses: list[tuple[Place, str]] = [
        *senders,
        *(
            (("digests", number, "recipients", place), address)
            for number, digest in enumerate(settings.digests)
            for place, address in enumerate(digest.recipients)
        ),
    ]
    faults = [(place, str(error)) for place, address in addresses if (error := _try_address(address)) is not None]
    yield from faults
    for number, digest in enumerate(settings.digests):
        if (mistake := try_where(digest.where)) is not None:
            yield ("digests", number, "where"), mistake
    if any(place in (("mail", "sender"), ("contact",)) for place, _ in faults):
        return
    for number, digest in enumerate(settings.digests):
        edition = build_empty_edition(settings, digest, unsubscribe=None)
        if (fault := _try_message(settings, edition)) is not None:
            yield ("digests", number, "title"), str(fault)
            return
    with suppress(IndexError):
        edition = build_empty_edition(settings, settings.digests[0], unsubscribe=mail.unsubscribe if mail else None)
        if (fault := _try_message(settings, edition)) is not None:
            yield ("mail", "unsubscribe"), str(fault)


def build_empty_edition(settings: Settings, digest: DigestSettings, *, unsubscribe: str | None) -> Edition:
    """Return the edition of a digest in a week in which nothing came."""
    return Edition(
        edition="2026-W47",
        digest=digest.name,
        title=digest.title,
        topic=settings.topic,
        made_at="2026-11-16T00:00:00Z",
        timezone=settings.timezone,
        since="2026-11-16",
        until="2026-11-16",
        studies=(),
        read_first=(),
        changes=(),
        reports=(),
        version=__version__,
        contact=settings.contact,
        unsubscribe=unsubscribe,
    )


def _try_address(address: str) -> Exception | None:
    try:
        parse_address(address)
    except (MailError, ValueError) as error:
        return error
    return None


def _try_message(settings: Settings, edition: Edition) -> Exception | None:
    try:
        files = {"email.txt": b"", "email.html": b""}
        message_bytes(build_edition_message(edition, files, settings, recipient=None, date=_MONDAY))
    except (MailError, ValueError) as error:
        return error
    return None
