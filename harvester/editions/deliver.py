"""Deliver editions: each once to each recipient, whatever happens in between.

SMTP cannot say afterwards whether a message was taken, so a delivery is claimed, durably, just before its text is
sent.  A run that dies before the claim has sent nothing, and the next run sends; one that dies after it may have
sent, and the next run does not send again but says so.  Why this way round: docs/decisions/mail-once.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Literal

from harvester.config.settings import DigestSettings, Settings
from harvester.digest import Edition, load_edition, subject
from harvester.digest.render import render_mail
from harvester.editions.make import build_edition_message
from harvester.ground.clock import format_time, name_week
from harvester.ground.counted import counted
from harvester.ground.errors import LibraryError, MailError, StorageError, UsageError, contain
from harvester.library import DeliveriesPlanned, Delivery, DeliveryNoted, Library
from harvester.mail.message import parse_address
from harvester.mail.smtp import Mailer, MailRefusedError

_STATES = ("due", "claimed", "sent", "failed", "unknown", "refused")
_UNKNOWN = "it may or may not have arrived, and is not sent again"
_NAMED = 3  # recipients that a line names; of more it says how many

Clock = Callable[[], datetime]
OpenMailer = Callable[..., Mailer]  # takes what `Mailer` takes
Consent = Callable[[Sequence[str]], bool]  # given what would be sent to whom, a line each


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of delivering: deliveries in the states that they have now."""

    sent: int = 0
    late: tuple[Delivery, ...] = ()  # those sent of editions of earlier weeks
    failed: tuple[Delivery, ...] = ()  # tried again by the next run
    refused: tuple[Delivery, ...] = ()  # for good
    known: tuple[Delivery, ...] = ()  # likewise, as an earlier run has told
    unknown: tuple[Delivery, ...] = ()  # may or may not have arrived, and are not sent again
    declined: int = 0  # a person did not want them to be sent now


def deliver(
    library: Library,
    settings: Settings,
    *,
    clock: Clock,
    password: str | None,
    open_mailer: OpenMailer = Mailer,
    ask: Consent | None = None,
) -> Delivered:
    """Send what is due, the oldest edition first; what goes wrong with one message concerns only that message.

    A recipient who was added after an edition was made gets the newest edition, not the older ones; one who was
    removed gets nothing any more.

    Parameters
    ----------
    clock
        The time, as it goes on.
    ask
        Asked before this library's first mail; it says whether to send.  None: nobody is asked.
    """
    if settings.mail is None:
        return Delivered()
    round_ = _Round(library, settings, clock=clock, password=password, open_mailer=open_mailer)
    _plan(library, settings, at=round_.at)
    closed = _close_claims(library, at=round_.at)
    due = find_due(library, settings)
    is_first = not library.editions.deliveries(states=("sent", "unknown"))
    if due and is_first and ask is not None and not ask(round_.announce(due)):
        return Delivered(declined=len(due))
    delivered = round_.send(due, known=_find_known(library, settings))
    return replace(delivered, unknown=(*closed, *delivered.unknown))


def find_due(library: Library, settings: Settings) -> list[Delivery]:
    """Return what is still to be sent to those who are recipients today, the oldest edition first.

    Who was refused for good is tried with the newest edition alone, and sent the others once that has arrived.
    """
    readers = {(name, address) for digest in settings.digests for name in digest.names for address in digest.recipients}
    latest = [library.editions.latest(*digest.names) for digest in settings.digests]
    newest = {(stored.digest, stored.edition) for stored in latest if stored is not None}
    last = _find_last_states(library)
    return [
        item
        for item in library.editions.deliveries(states=("due", "failed", "refused"))
        if (item.digest, item.recipient) in readers
        and (item.state != "refused" or last[item.recipient] == "sent" or (item.digest, item.edition) in newest)
    ]


def deliver_one(
    library: Library,
    settings: Settings,
    *,
    edition: str,
    recipient: str,
    name: str | None,
    again: bool,
    clock: Clock,
    password: str | None,
    open_mailer: OpenMailer = Mailer,
) -> Delivered:
    """Send an edition to one address, be it a recipient's or not.

    Parameters
    ----------
    name
        The digest's; None: the one that has such an edition, or of several the one that this address receives.
    again
        Whether to send it once more where it was sent already.

    Raises
    ------
    UsageError
        If there is no such edition, it was sent to that address already, or that is none.
    """
    if settings.mail is None:
        raise UsageError("the settings have no `mail`", advice="add it to config.yaml: sender, host, port")
    try:
        parse_address(recipient)
    except MailError as error:
        raise UsageError(error.message, advice=error.advice) from error
    digest = _find_digest(library, settings, edition=edition, recipient=recipient, name=name)
    called = next(name for name in digest.names if edition in library.editions.names(name))
    round_ = _Round(library, settings, clock=clock, password=password, open_mailer=open_mailer)
    closed = _close_claims(library, at=round_.at)
    item = Delivery(digest=called, edition=edition, recipient=recipient, state="due")
    there = [one for one in library.editions.deliveries(states=_STATES) if _name(one) == _name(item)]
    if there and there[0].state in ("sent", "unknown") and not again:
        what = "was sent" if there[0].state == "sent" else "may have been sent"
        raise UsageError(f"{edition} {called} {what} to {recipient} already", advice="--again sends it once more")
    if not there:
        save_plan(library, DeliveriesPlanned(deliveries=[asdict(item)], at=round_.at))
    delivered = round_.send(there or [item])
    return replace(delivered, late=(), unknown=(*closed, *delivered.unknown))


def tell_of(items: Iterable[Delivery]) -> list[str]:
    """Return a line for each reason that deliveries have, with the editions and recipients that it concerns."""
    by_reason: dict[str | None, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        by_reason[item.error][f"{item.edition} {item.digest}"].append(item.recipient)
    return [
        "; ".join(f"{edition} to {_who(recipients)}" for edition, recipients in editions.items())
        + (f": {reason}" if reason else "")
        for reason, editions in by_reason.items()
    ]


def _who(recipients: Sequence[str]) -> str:
    rest = len(recipients) - _NAMED
    return ", ".join(recipients[:_NAMED]) + (f" and {counted(rest, 'other')}" if rest > 0 else "")


def _name(item: Delivery) -> tuple[str, str, str]:
    return item.digest, item.edition, item.recipient


def _find_digest(
    library: Library, settings: Settings, *, edition: str, recipient: str, name: str | None
) -> DigestSettings:
    """Return the digest of which a person means an edition."""
    named = [digest for digest in settings.digests if name in (None, digest.name)]
    if not named:
        known = ", ".join(digest.name for digest in settings.digests)
        raise UsageError(f"there is no digest named {name}", advice=f"the settings name: {known}")
    having = [digest for digest in named if edition in library.editions.names(*digest.names)]
    if not having:
        library.editions.require(named[0].name, edition)  # says which there are
    receiving = [digest for digest in having if recipient in digest.recipients] or having
    if len(receiving) > 1:
        names = ", ".join(digest.name for digest in receiving)
        raise UsageError(f"several digests have an edition {edition}", advice=f"choose one with --name: {names}")
    return receiving[0]


def _find_known(library: Library, settings: Settings) -> set[str]:
    """Return the recipients who were refused for good when they were last sent something.

    Where that is all of them it is no matter of single recipients, and is told anew.
    """
    last = _find_last_states(library)
    readers = {address for digest in settings.digests for address in digest.recipients}
    refused = {address for address in readers if last.get(address) == "refused"}
    return refused if refused != readers else set()


def _find_last_states(library: Library) -> dict[str, str]:
    """Return what became of the newest edition of which it is known, for each recipient."""
    return {item.recipient: item.state for item in library.editions.deliveries(states=("sent", "unknown", "refused"))}


def _plan(library: Library, settings: Settings, *, at: str) -> None:
    """Write down who is to receive the newest edition of each digest and was no recipient when it was made."""
    known = {_name(item) for item in library.editions.deliveries(states=_STATES)}
    newest = [(digest.recipients, library.editions.latest(*digest.names)) for digest in settings.digests]
    planned = [
        Delivery(digest=stored.digest, edition=stored.edition, recipient=address, state="due")
        for recipients, stored in newest
        if stored is not None
        for address in recipients
    ]
    missing = [item for item in planned if _name(item) not in known]
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


def _note(library: Library, item: Delivery, state: str, *, at: str, error: str | None = None) -> Delivery:
    """Write a delivery's new state, and return the delivery in it."""
    save_delivery(library, DeliveryNoted(delivery=asdict(item), state=state, error=error, at=at))
    return replace(item, state=state, error=error)


def _close_claims(library: Library, *, at: str) -> tuple[Delivery, ...]:
    """Close the claims that a run left open when it died.

    The library's lock is ours, so no living run can hold them.
    """
    reason = f"a run ended while this was being sent; {_UNKNOWN}"
    return tuple(
        _note(library, item, "unknown", at=at, error=reason)
        for item in library.editions.deliveries(states=("claimed",))
    )


_Kind = Literal["sent", "failed", "deferred", "refused", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What came of one delivery."""

    kind: _Kind  # deferred: the server wants it tried again later
    delivery: Delivery


class _Round:
    """The sending of several messages, the same server for all of them."""

    def __init__(
        self, library: Library, settings: Settings, *, clock: Clock, password: str | None, open_mailer: OpenMailer
    ) -> None:
        self.at = format_time(clock())
        self._library = library
        self._settings = settings
        self._clock = clock
        self._open = partial(open_mailer, settings.mail, password=password, ca_bundle=settings.ca_bundle)
        self._prepare = cache(self._render)

    def announce(self, items: Sequence[Delivery]) -> list[str]:
        """Return a line for each edition that is to be sent: what it is, and to whom it goes."""
        readers: dict[tuple[str, str], list[str]] = defaultdict(list)
        for item in items:
            readers[item.digest, item.edition].append(item.recipient)
        lines: list[str] = []
        for (digest, edition), recipients in readers.items():
            title = f"{edition} {digest}"
            with contain(lambda reason: None):  # it is told when the edition is to be sent
                title = subject(self._prepare(digest, edition)[0])
            lines.append(f"“{title}”: {counted(len(recipients), 'message')}, to {_who(recipients)}")
        return lines

    def send(self, items: Sequence[Delivery], *, known: Collection[str] = ()) -> Delivered:
        """Send in order; whom the server wants to try again later comes once more after a pause, others first.

        Parameters
        ----------
        known
            Recipients that were refused for good before: to them only the newest edition is sent.
        """
        newest = {(name, week) for name in {item.digest for item in items} for week in self._names(name)[-1:]}
        results: dict[tuple[str, str, str], _Result] = {}
        refused: dict[str, str | None] = {}  # by recipient, why
        waiting = list(items)
        with self._open() as mailer:
            for pause in (0.0, *mailer.pauses):
                if not waiting:
                    break
                if pause:
                    mailer.rest(pause)
                put_off: dict[str, str | None] = {}  # likewise, in this turn; so that no edition overtakes another
                turn, waiting = waiting, []
                for item in turn:
                    address, last = item.recipient, results.get(_name(item))
                    if address in put_off:
                        result = last or self._close(item, "deferred", put_off[address])
                    elif address in refused or (address in known and (item.digest, item.edition) not in newest):
                        reason = refused.get(address, f"{address} was refused for good before")
                        result = self._close(item, "refused", reason)
                    else:
                        result = self._close(item, *self._hand_over(mailer, item))
                        if result.kind == "refused":
                            refused[address] = result.delivery.error
                    if result.kind == "deferred":
                        put_off[address] = result.delivery.error
                        waiting.append(item)
                    results[_name(item)] = result
        everybody = {address for digest in self._settings.digests for address in digest.recipients}
        if len(everybody) > 1 and everybody <= refused.keys():
            # That is no matter of single recipients: nothing is given up.
            for name, result in results.items():
                if result.kind == "refused":
                    item = result.delivery
                    results[name] = self._close(item, "failed", refused[item.recipient])
        return self._sum_up(results.values(), known=known)

    def _sum_up(self, results: Collection[_Result], *, known: Collection[str]) -> Delivered:
        def those(*kinds: str) -> tuple[Delivery, ...]:
            return tuple(result.delivery for result in results if result.kind in kinds)

        sent, refused = those("sent"), those("refused")
        week = name_week(self._clock(), self._settings.zone)
        return Delivered(
            sent=len(sent),
            late=tuple(item for item in sent if item.edition < week),
            failed=those("failed", "deferred"),
            refused=tuple(item for item in refused if item.recipient not in known),
            known=tuple(item for item in refused if item.recipient in known),
            unknown=those("unknown"),
        )

    def _hand_over(self, mailer: Mailer, item: Delivery) -> tuple[_Kind, str | None]:
        """Hand one message over; returns what came of it and, unless it is sent, the reason."""
        is_claimed = False

        def claim() -> None:
            nonlocal is_claimed
            _note(self._library, item, "claimed", at=self.at)
            is_claimed = True

        problems: list[str] = []
        with contain(problems.append):
            edition, files = self._prepare(item.digest, item.edition)
            message = build_edition_message(
                edition, files, self._settings, recipient=item.recipient, date=self._clock()
            )
        if problems:
            return "failed", problems[0]
        try:
            with contain(problems.append, but=(MailError, LibraryError, StorageError)):
                receipt = mailer.deliver(message, item.recipient, before_data=claim)
                return ("sent", None) if receipt.state == "accepted" else ("unknown", f"{receipt.reply}; {_UNKNOWN}")
        except MailRefusedError as error:
            kind: _Kind = "refused" if error.is_recipient else "failed" if error.is_permanent else "deferred"
            return kind, str(error)
        except MailError as error:
            return "failed", str(error)
        return ("unknown", f"{problems[0]}; {_UNKNOWN}") if is_claimed else ("failed", problems[0])

    def _close(self, item: Delivery, kind: _Kind, reason: str | None) -> _Result:
        """Write what came of a delivery."""
        state: str = "failed" if kind == "deferred" else kind
        if state in ("failed", "refused") and item.state in ("sent", "unknown"):
            state = item.state  # a person had it sent once more, and what was true of it before still is
        return _Result(kind=kind, delivery=_note(self._library, item, state, at=self.at, error=reason))

    def _names(self, digest: str) -> list[str]:
        return self._library.editions.names(digest)

    def _render(self, digest: str, name: str) -> tuple[Edition, dict[str, bytes]]:
        """Return an edition and the files of its mail."""
        stored = self._library.editions.get(digest, name)
        if stored is None:
            raise LibraryError(f"the edition {name} of {digest} is to be delivered, but is not in the library")
        edition = load_edition(stored.document.encode())
        return edition, render_mail(edition, templates=self._settings.templates)
