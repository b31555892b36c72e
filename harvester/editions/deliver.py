"""Deliver editions: each once to each recipient, whatever happens in between.

SMTP cannot say afterwards whether a message was taken, so a delivery is claimed, durably, just before its text is
sent.  A run that dies before the claim has sent nothing, and the next run sends; one that dies after it may have
sent, and the next run does not send again but says so.  Why this way round: docs/decisions/mail-once.md.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from email.message import EmailMessage
from functools import cache

from harvester.config.settings import Settings
from harvester.digest import Edition, load_edition
from harvester.editions.make import build_edition_message, render_edition
from harvester.ground.errors import LibraryError, MailError
from harvester.library import DeliveriesPlanned, Delivery, DeliveryNoted, Library
from harvester.mail.smtp import Mailer


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of delivering."""

    sent: int = 0
    failed: tuple[str, ...] = ()  # one line each, with the reason
    unknown: tuple[str, ...] = ()  # may or may not have arrived, and not sent again: one line each


def deliver(library: Library, settings: Settings, *, at: str, password: str | None) -> Delivered:
    """Send what is due.

    A recipient who was added during the week gets the newest edition, not the older ones; one who was removed gets
    nothing any more.
    """
    if settings.mail is None:
        return Delivered()
    _plan(library, settings, at=at)
    unknown = _close_claims(library, at=at)
    recipients = {(digest.name, address) for digest in settings.digests for address in digest.recipients}
    due = [
        item
        for item in library.editions.deliveries(states=("due", "failed"))
        if (item.digest, item.recipient) in recipients
    ]
    sent = 0
    failed: list[str] = []

    @cache
    def prepare(digest: str, edition: str) -> tuple[Edition, dict[str, bytes]]:
        return _render(library, settings, digest, edition)

    if due:
        with Mailer(settings.mail, password=password, ca_bundle=settings.ca_bundle) as mailer:
            for item in due:
                issue, files = prepare(item.digest, item.edition)
                message = build_edition_message(issue, files, settings, recipient=item.recipient)
                state, reason = _send(library, mailer, message, item, at=at)
                sent += state == "sent"
                if state != "sent":
                    lines = failed if state == "failed" else unknown
                    lines.append(f"{item.edition} {item.digest} to {item.recipient}: {reason}")
    return Delivered(sent=sent, failed=tuple(failed), unknown=tuple(unknown))


def _plan(library: Library, settings: Settings, *, at: str) -> None:
    """Write down who is to receive the newest edition of each digest."""
    planned = []
    for digest in settings.digests:
        latest = library.editions.latest(digest.name)
        if latest is not None:
            planned += [
                Delivery(digest=digest.name, edition=latest.edition, recipient=address, state="due")
                for address in digest.recipients
            ]
    known = library.editions.deliveries(states=("due", "claimed", "sent", "failed", "unknown"))
    there = {(item.digest, item.edition, item.recipient) for item in known}
    missing = [item for item in planned if (item.digest, item.edition, item.recipient) not in there]
    if missing:
        save_plan(library, DeliveriesPlanned(deliveries=[asdict(item) for item in missing], at=at))


def save_plan(library: Library, entry: DeliveriesPlanned) -> None:
    """Write who is to receive an edition."""
    with library.transaction(entry):
        library.editions.plan_deliveries([Delivery(**item) for item in entry.deliveries], at=entry.at)


def save_delivery(library: Library, entry: DeliveryNoted) -> None:
    """Write how far a delivery has come."""
    with library.transaction(entry):
        item = Delivery(**entry.delivery)
        library.editions.set_delivery(item, entry.state, at=entry.at, error=entry.error)


def _describe(item: Delivery, state: str, *, at: str, error: str | None = None) -> DeliveryNoted:
    return DeliveryNoted(delivery=asdict(item), state=state, error=error, at=at)


def _close_claims(library: Library, *, at: str) -> list[str]:
    """Close the claims that a run left open when it died, and say so.

    The library's lock is ours, so no living run can hold them.
    """
    lines = []
    for item in library.editions.deliveries(states=("claimed",)):
        line = (
            f"{item.edition} {item.digest} to {item.recipient}: a run ended while this was being sent;"
            " it may or may not have arrived, and is not sent again"
        )
        save_delivery(library, _describe(item, "unknown", at=at, error=line))
        lines.append(line)
    return lines


def _render(library: Library, settings: Settings, digest: str, edition: str) -> tuple[Edition, dict[str, bytes]]:
    """Return an edition and its files."""
    stored = library.editions.get(digest, edition)
    if stored is None:
        raise LibraryError(f"the edition {edition} of {digest} is to be delivered, but is not in the library")
    return load_edition(stored.document.encode()), render_edition(stored, settings)


def _send(
    library: Library, mailer: Mailer, message: EmailMessage, item: Delivery, *, at: str
) -> tuple[str, str | None]:
    """Send one message to one recipient; returns the delivery's new state and, unless it is sent, the reason."""

    def claim() -> None:
        save_delivery(library, _describe(item, "claimed", at=at))

    state = "sent"
    reason: str | None = None
    try:
        receipt = mailer.deliver(message, item.recipient, before_data=claim)
    except MailError as error:
        state, reason = "failed", str(error)
    else:
        if receipt.state == "unknown":
            state, reason = "unknown", f"{receipt.reply}; it may or may not have arrived, and is not sent again"
    save_delivery(library, _describe(item, state, at=at, error=reason))
    return state, reason
