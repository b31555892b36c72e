"""Hand messages to the mail server.

In an order that lets the caller never send twice (docs/decisions/mail-once.md)::

    MAIL, RCPT          may be refused: nothing was sent, nothing is claimed
    before_data()       the caller notes, durably, that this delivery is about to happen
    DATA, the message   lost before its end was handed over: the server must not deliver it
    the server's reply  accepted, refused, or never heard: then nobody knows

What a message is made of: `harvester.mail.message`.
"""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from harvester.config.settings import MailSettings
from harvester.ground.connections import trust
from harvester.ground.errors import MailError
from harvester.mail.message import message_bytes, parse_address

_TIMEOUT_SECONDS = 30.0  # for connecting and for each reply
# For the reply to the whole message, which many servers scan before they answer.  RFC 5321 4.5.3.2.6 names
# ten minutes; a run holds the library meanwhile, and an answer missed is told and not repeated: two must do.
_FINAL_SECONDS = 120.0
# Seconds between tries of what a server wants tried again later.  Greylisting takes a message after five minutes at
# most (Postgrey's delay is 300 s, others' are shorter), and a run holds the library meanwhile.
_PAUSES = (60.0, 120.0, 150.0)
# Refusals that speak of us, whatever command they answer: sender, permission, relaying (codes of RFC 3463; Exim's and
# qmail's words).
_OF_SENDER = re.compile(r"\b5\.(?:7\.\d+|1\.[78])\b|\brelay|\brcpthosts\b", re.IGNORECASE)
_ASK = "its words say why; ask the server's owner"
_REPLY_CHARACTERS = 200  # of a server's words that go into our messages


class MailRefusedError(MailError):
    """The server understood and said no: nothing was delivered.

    Parameters
    ----------
    message
        What was refused, with the server's words.
    code
        SMTP's code, 400 to 599.
    advice
        What to do next.
    is_recipient
        Whether it is the recipient whom the server refused for good.
    """

    def __init__(self, message: str, *, code: int, advice: str | None = None, is_recipient: bool = False) -> None:
        super().__init__(message, advice=advice)
        self.code = code
        self.is_recipient = is_recipient

    @property
    def is_permanent(self) -> bool:
        """Whether trying the same again is pointless (5xx)."""
        return self.code >= 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a message that was handed over."""

    state: Literal["accepted", "unknown"]  # unknown: sent to its end, and the connection was lost before a reply
    reply: str  # the server's words, or what happened instead of them


class Mailer:
    """A mail server that messages are handed to, one recipient at a time.

    Connects when the first message is due, and again when the connection was lost in between.  A server that
    could not be reached or refused the login is not asked again by the same mailer.

    Parameters
    ----------
    settings
        Server, port, security, user name, sender.
    password
        For `settings.username`; None if there is none.
    ca_bundle
        A PEM file of authorities that are trusted beside the usual ones; None: no others.
    timeout
        Seconds to wait for a connection and for each reply.
    final_timeout
        Seconds to wait for the reply to a whole message.
    pauses
        Seconds to wait before each further try of what the server wants tried again later; the caller tries.

    Notes
    -----
    With ``starttls`` the connection is encrypted or not used; with that and ``tls`` the server's certificate must
    be valid for its name.  An authority of one's own is named by `ca_bundle`.
    """

    def __init__(
        self,
        settings: MailSettings,
        *,
        password: str | None,
        ca_bundle: Path | None = None,
        timeout: float = _TIMEOUT_SECONDS,
        final_timeout: float = _FINAL_SECONDS,
        pauses: Sequence[float] = _PAUSES,
    ) -> None:
        self.pauses = tuple(pauses)
        self._settings = settings
        self._password = password
        self._ca_bundle = ca_bundle
        self._timeout = timeout
        self._final_timeout = final_timeout
        self._sender = parse_address(settings.sender).addr_spec
        self._server = f"{settings.host}:{settings.port}"
        self._smtp: smtplib.SMTP | None = None
        self._failure: MailError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye, if connected; what was accepted stays accepted whatever the server answers."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._drop()

    def rest(self, seconds: float) -> None:
        """Wait, without a connection that a server would close meanwhile."""
        self.close()
        time.sleep(seconds)

    def check(self) -> None:
        """Connect, encrypt and log in as for sending, and send nothing.

        Raises
        ------
        MailError
            If sending would fail.
        """
        self._ready()
        self.close()

    def deliver(self, message: EmailMessage, recipient: str, *, before_data: Callable[[], None]) -> Receipt:
        """Hand a message over for one recipient.

        Parameters
        ----------
        message
            As `build_message` makes it.
        recipient
            The address it goes to.
        before_data
            Called once sender and recipient are accepted and before the message is sent.  What it raises is passed
            on, and nothing is sent.

        Returns
        -------
        Receipt
            ``accepted``, or ``unknown`` if no reply came to the whole message: it may have been delivered, and must
            not be sent again by a program.

        Raises
        ------
        MailRefusedError
            If the server refused sender, recipient or message; nothing was delivered.
        MailError
            If the server could not be reached or used; nothing was delivered.
        """
        payload = message_bytes(message)
        address = parse_address(recipient).addr_spec
        smtp = self._ready()
        try:
            self._announce(smtp, address, payload)
        except (smtplib.SMTPException, OSError) as error:
            raise self._lost(error, f"before the message to {recipient} was sent") from error
        before_data()
        try:
            code, reply = smtp.docmd("DATA")
            if code != 354:
                raise self._refusal(
                    code,
                    reply,
                    what=f"the message to {recipient}",
                    advice=_ASK,
                )
            smtp.send(re.sub(rb"(?m)^\.", b"..", payload) + b".\r\n")
        except (smtplib.SMTPException, OSError) as error:
            raise self._lost(error, f"before the end of the message to {recipient} was sent") from error
        except BaseException:
            self._drop()  # whatever came next would be taken for a part of the message
            raise
        return self._conclude(smtp, recipient)

    def _announce(self, smtp: smtplib.SMTP, address: str, payload: bytes) -> None:
        """Name sender and recipient."""
        options = [f"SIZE={len(payload)}"] if smtp.has_extn("size") else []
        if not (self._sender + address).isascii():
            if not smtp.has_extn("smtputf8"):
                raise MailRefusedError(
                    f"the mail server {self._server} takes ASCII addresses only, not {address}",
                    code=553,
                    advice="use another address or another server",
                    is_recipient=self._sender.isascii(),
                )
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        code, reply = smtp.mail(self._sender, options)
        if code != 250:
            raise self._refusal(
                code, reply, what=f"the sender {self._sender}", advice="check mail.sender and mail.username"
            )
        code, reply = smtp.rcpt(address)
        if code not in {250, 251}:
            is_recipient = 500 <= code <= 599 and not _OF_SENDER.search(self._words(reply))
            raise self._refusal(
                code,
                reply,
                what=f"the recipient {address}",
                advice="correct the address in config.yaml, or remove it; until then only the newest edition is tried"
                if is_recipient
                else _ASK,
                is_recipient=is_recipient,
            )

    def _conclude(self, smtp: smtplib.SMTP, recipient: str) -> Receipt:
        """Wait for the reply to the whole message."""
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._final_timeout)
            code, reply = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(self._timeout)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Receipt(state="unknown", reply=self._words(str(error)))
        if code != 250:
            raise self._refusal(
                code,
                reply,
                what=f"the message to {recipient}",
                advice=_ASK,
            )
        return Receipt(state="accepted", reply=self._words(reply))

    # -- the connection

    def _ready(self) -> smtplib.SMTP:
        """Return a connection with no message under way; a new one if there is none or it was lost."""
        if self._failure is not None:
            raise self._failure
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self._smtp.rset()[0] == 250:
                    return self._smtp
            self._drop()
        try:
            self._smtp = self._connect()
        except MailError as error:
            self._failure = error
            raise
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        context = None if settings.security == "none" else trust(self._ca_bundle)
        smtp: smtplib.SMTP | None = None
        try:
            # smtplib asks the DNS for the name of this machine unless it is told one; see _introduce.
            if settings.security == "tls":
                smtp = smtplib.SMTP_SSL(
                    settings.host, settings.port, "localhost", timeout=self._timeout, context=context
                )
            else:
                smtp = smtplib.SMTP(settings.host, settings.port, "localhost", timeout=self._timeout)
            _introduce(smtp)
            if context is not None and settings.security == "starttls":
                if not smtp.has_extn("starttls"):
                    raise MailError(
                        f"the mail server {self._server} offers no STARTTLS; nothing is sent unencrypted",
                        advice="set mail.security to tls (often port 465), or to none on a trusted network",
                    )
                smtp.starttls(context=context)
                _introduce(smtp)
            if settings.username is not None:
                self._log_in(smtp, settings.username)
        except (smtplib.SMTPException, OSError, MailError) as error:
            if smtp is not None:
                smtp.close()
            if isinstance(error, MailError):
                raise
            raise self._unreachable(error) from error
        return smtp

    def _log_in(self, smtp: smtplib.SMTP, username: str) -> None:
        variable = self._settings.password_env
        if self._password is None:
            raise MailError(f"no password for {username}", advice=f"set the environment variable {variable}")
        try:
            smtp.login(username, self._password)
        except smtplib.SMTPAuthenticationError as error:
            words = self._words(error.smtp_error)
            raise MailError(
                f"the mail server {self._server} refused the login of {username} ({error.smtp_code} {words})",
                advice=f"check mail.username and the password in {variable}",
            ) from None  # the original holds what was exchanged
        except smtplib.SMTPNotSupportedError as error:
            raise MailError(
                f"the mail server {self._server} offers no login",
                advice="remove mail.username, or set mail.security to starttls or tls",
            ) from error
        except UnicodeEncodeError:
            raise MailError(
                f"the user name or the password in {variable} has letters outside ASCII",
                advice="choose others; SMTP's older logins cannot carry them",
            ) from None  # the original holds the password

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    # -- errors

    def _refusal(
        self, code: int, reply: bytes, *, what: str, advice: str, is_recipient: bool = False
    ) -> MailRefusedError:
        is_refusal = 400 <= code <= 599
        if code == 421 or not is_refusal:  # it closes the connection, or it does not speak SMTP
            self._drop()
        return MailRefusedError(
            f"the mail server {self._server} refused {what} ({code} {self._words(reply)})",
            code=code if is_refusal else 451,
            advice=advice if is_refusal and code >= 500 else "the next run tries again",
            is_recipient=is_recipient,
        )

    def _lost(self, error: Exception, when: str) -> MailError:
        self._drop()
        return MailError(
            f"the connection to the mail server {self._server} was lost {when} ({self._words(str(error))})",
            advice="nothing was delivered; the next run tries again",
        )

    def _unreachable(self, error: smtplib.SMTPException | OSError) -> MailError:
        message = f"cannot use the mail server {self._server}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return MailError(
                f"{message} (its certificate is not valid: {error.verify_message})",
                advice="check mail.host; name an authority of your own under ca_bundle",
            )
        if isinstance(error, ssl.SSLError):
            return MailError(
                f"{message} ({self._words(error.reason or str(error))})",
                advice="check mail.security: starttls is usual on ports 25 and 587, tls on 465",
            )
        if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
            words = f"{error.smtp_code} {self._words(error.smtp_error)}"
            return MailError(f"{message} ({words})", advice="the next run tries again")
        advice = "check mail.host, mail.port and mail.security"
        if isinstance(error, smtplib.SMTPResponseException):
            return MailError(f"{message} (it does not speak SMTP)", advice=advice)
        if TimeoutError in {type(error), type(error.__context__)}:  # smtplib wraps it once connected
            return MailError(f"{message} (no answer within {self._timeout:g} s)", advice=advice)
        return MailError(f"{message} ({self._words(error.strerror or str(error))})", advice=advice)

    def _words(self, reply: bytes | str) -> str:
        """Return a server's words as one short line, without the password, should it repeat it."""
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        if self._password:
            for secret in _spellings(self._settings.username or "", self._password):
                text = text.replace(secret, "***")
        return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_REPLY_CHARACTERS]


def _spellings(username: str, password: str) -> tuple[str, ...]:
    """Return the ways in which a password travels: AUTH PLAIN's, AUTH LOGIN's, and as it is."""
    plain = (f"\0{username}\0{password}", password)
    return (*(base64.b64encode(text.encode("utf-8", "surrogateescape")).decode() for text in plain), password)


def _introduce(smtp: smtplib.SMTP) -> None:
    """Say EHLO with this machine's full name, or else the connection's address (RFC 5321 4.1.3)."""
    name = socket.gethostname()
    if "." not in name and smtp.sock is not None:
        address = smtp.sock.getsockname()[0]
        name = f"[IPv6:{address}]" if ":" in address else f"[{address}]"
    smtp.local_hostname = name
    smtp.ehlo_or_helo_if_needed()
