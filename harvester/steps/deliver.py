"""Deliver editions: each once to each recipient, whatever happens in between.

SMTP cannot say afterwards whether a message was taken, so a delivery is claimed, durably, just before its text is
sent.  A run that dies before the claim has sent nothing, and the next run sends; one that dies after it may have
sent, and the next run does not send again but says so.  Why this way round: docs/decisions/mail-once.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harvester.config import Settings
from harvester.digest import load_edition
from harvester.errors import MailError
from harvester.library import Delivery, Library
from harvester.mail import Mailer
from harvester.steps.edition import build_edition_message, render_edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of delivering."""

    sent: int = 0
    failed: tuple[str, ...] = ()  # one line each, with the reason
    unknown: tuple[str, ...] = ()  # claimed by a run that died: one line each


def deliver(
    library: Library,
    settings: Settings,
    *,
    at: str,
    password: str | None,
    progress: Callable[[int], None] = lambda count: None,
) -> Delivered:
    """Send what is due.

    Parameters
    ----------
    library
        Open for writing.
    settings
        Whose mail section says how, and whose digests say to whom.
    at
        UTC time of the run.
    password
        For the mail server; None where it asks for none.
    progress
        Called with 1 after each recipient.

    Notes
    -----
    A recipient who was added during the week gets the newest edition, not the older ones; one who was removed gets
    nothing any more.
    """
    if settings.mail is None:
        return Delivered()
    _plan(library, settings, at=at)
    unknown = _settle_claims(library, at=at)
    recipients = {(digest.name, address) for digest in settings.digests for address in digest.recipients}
    due = [
        item
        for item in library.editions.deliveries(states=("due", "failed"))
        if (item.digest, item.recipient) in recipients
    ]
    sent, failed = 0, []
    if due:
        with Mailer(settings.mail, password=password) as mailer:
            for item in due:
                error = _send(library, settings, mailer, item, at=at)
                if error is None:
                    sent += 1
                else:
                    failed.append(f"{item.edition} {item.digest} to {item.recipient}: {error}")
                progress(1)
    return Delivered(sent=sent, failed=tuple(failed), unknown=tuple(unknown))


def _plan(library: Library, settings: Settings, *, at: str) -> None:
    """Note who is to receive the newest edition of each digest."""
    planned = []
    for digest in settings.digests:
        latest = library.editions.latest(digest.name)
        if latest is not None:
            planned += [
                Delivery(digest=digest.name, edition=latest.edition, recipient=address, state="due")
                for address in digest.recipients
            ]
    with library.transaction():
        library.editions.plan_deliveries(planned, at=at)


def _settle_claims(library: Library, *, at: str) -> list[str]:
    """Close the claims that a run left open when it died, and say so.

    The library's lock is ours, so no living run can hold them.
    """
    lines = []
    for item in library.editions.deliveries(states=("claimed",)):
        line = (
            f"{item.edition} {item.digest} to {item.recipient}: a run ended while this was being sent;"
            " it may or may not have arrived, and is not sent again"
        )
        with library.transaction():
            library.editions.set_delivery(item, "unknown", at=at, error=line)
        lines.append(line)
    return lines


def _send(library: Library, settings: Settings, mailer: Mailer, item: Delivery, *, at: str) -> str | None:
    """Send one edition to one recipient; gives the reason if it could not be sent."""
    stored = library.editions.get(item.digest, item.edition)
    if stored is None:
        return "its edition is not in the library"
    edition = load_edition(stored.document.encode())
    message = build_edition_message(
        edition, render_edition(stored, settings), settings, recipient=item.recipient
    )

    def claim() -> None:
        with library.transaction():
            library.editions.set_delivery(item, "claimed", at=at)

    try:
        receipt = mailer.deliver(message, item.recipient, before_data=claim)
    except MailError as error:
        with library.transaction():
            library.editions.set_delivery(item, "failed", at=at, error=str(error))
        return str(error)
    is_certain = receipt.state == "accepted"
    told = None if is_certain else f"{receipt.reply}; it may or may not have arrived, and is not sent again"
    with library.transaction():
        library.editions.set_delivery(item, "sent" if is_certain else "unknown", at=at, error=told)
    return told
