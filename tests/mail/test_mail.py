"""Messages as programs of all kinds will read them, and handing them over to servers of all kinds."""

from __future__ import annotations

import email
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.config.settings import MailSettings
from harvester.ground.errors import MailError
from harvester.mail.message import build_message, build_message_id, message_bytes
from harvester.mail.smtp import Mailer, MailRefusedError

SENDER = "Invented digest <digest@example.org>"
READER = "reader@example.org"
LONG_ADDRESS = "https://example.org/unsubscribe?" + "&".join(f"part{number}=value" for number in range(40))


def build(**changes: Any) -> EmailMessage:
    recipient = changes.get("recipient", READER)
    arguments: dict[str, Any] = {
        "sender": SENDER,
        "recipient": recipient,
        "subject": "Invented digest: 3 new, 1 retracted",
        "text": "Nothing happened.\n.\n..\nFrom here on, nothing will.\n",
        "html": "<!doctype html><html lang='en'><p>Nothing happened: “0 < 1”.</p></html>",
        "message_id": build_message_id("2026-W47", "weekly", recipient, sender=SENDER),
        "date": datetime(2026, 11, 16, 6, 0, tzinfo=UTC),
        "list_id": "Invented digest, weekly <weekly.example.org>",
        "unsubscribe": "mailto:digest@example.org?subject=unsubscribe",
    }
    return build_message(**(arguments | changes))


def parse(message: EmailMessage) -> EmailMessage:
    parsed = email.message_from_bytes(message_bytes(message), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


# -- building

GOLDEN = """\
From: Invented digest <digest@example.org>
To: reader@example.org
Subject: Invented digest: 3 new, 1 retracted
Date: Mon, 16 Nov 2026 06:00:00 +0000
Message-ID: <2026-W47.weekly.62b1430ab1c8c3fad6c0c7f7@example.org>
List-Id: "Invented digest, weekly" <weekly.example.org>
List-Unsubscribe: <mailto:digest@example.org?subject=unsubscribe>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_d4792f2a5a99b2d779c1762c"

--=_d4792f2a5a99b2d779c1762c
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

Nothing happened.
.
..
From here on, nothing will.

--=_d4792f2a5a99b2d779c1762c
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<!doctype html><html lang=3D'en'><p>Nothing happened: =E2=80=9C0 < 1=E2=80=9D=
.</p></html>

--=_d4792f2a5a99b2d779c1762c--
"""


def test_the_whole_message() -> None:
    assert message_bytes(build()).decode("ascii") == GOLDEN.replace("\n", "\r\n")


def test_text_comes_first_and_html_last() -> None:
    parsed = parse(build())
    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    plain, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content() == "Nothing happened.\r\n.\r\n..\r\nFrom here on, nothing will.\r\n"
    assert "“0 < 1”" in html.get_content()


def test_names_and_subjects_in_any_script_come_back() -> None:
    subject = "Kétamine & santé mentale: " + "très long sujet " * 8 + "終"
    message = build(sender="Kétamine, «hebdo» (日本) <digest@example.org>", subject=subject)
    parsed = parse(message)
    assert parsed["Subject"] == subject
    (address,) = parsed["From"].addresses
    assert (address.display_name, address.addr_spec) == ("Kétamine, «hebdo» (日本)", "digest@example.org")
    head = message_bytes(message).partition(b"\r\n\r\n")[0]
    assert head.isascii()
    # RFC 2047, section 2: an encoded word has at most 75 characters, a line that holds one at most 76.
    assert all(len(word) <= 75 for word in re.findall(rb"=\?\S+\?=", head))
    assert all(len(line) <= 78 for line in head.split(b"\r\n") if b"=?" in line)


@pytest.mark.parametrize(
    "sender", ["digest@example.org", " digest@example.org ", "<digest@example.org>", '"" <digest@example.org>']
)
def test_a_sender_needs_no_name(sender: str) -> None:
    assert parse(build(sender=sender))["From"] == "digest@example.org"


def test_international_addresses() -> None:
    message = build(recipient="leserin@müller.example")
    assert parse(message)["To"] == "leserin@xn--mller-kva.example"
    assert message_bytes(message).isascii()
    assert "To: jürgen@example.org\r\n".encode() in message_bytes(build(recipient="jürgen@example.org"))


def test_the_copy_for_the_files_names_nobody() -> None:
    parsed = parse(build(recipient=None))
    assert parsed["To"].addresses == ()
    assert READER.encode() not in message_bytes(build(recipient=None))


def test_an_https_address_announces_one_click_and_stays_on_one_line() -> None:
    message = build(unsubscribe=LONG_ADDRESS)
    assert f"\r\nList-Unsubscribe: <{LONG_ADDRESS}>\r\n".encode() in message_bytes(message)
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in message_bytes(message)
    assert parse(message)["List-Unsubscribe"] == f"<{LONG_ADDRESS}>"


def test_a_mailto_address_does_not() -> None:
    parsed = parse(build(unsubscribe="mailto:digest@example.org?subject=Abbestellen für immer"))
    assert parsed["List-Unsubscribe"] == "<mailto:digest@example.org?subject=Abbestellen%20f%C3%BCr%20immer>"
    assert "List-Unsubscribe-Post" not in parsed


def test_there_may_be_no_way_to_unsubscribe() -> None:
    assert "List-Unsubscribe" not in parse(build(unsubscribe=None))


@pytest.mark.parametrize(
    ("list_id", "header"),
    [
        ("weekly.example.org", "<weekly.example.org>"),
        ('A, "b" & c <weekly.example.org>', '"A, \\"b\\" & c" <weekly.example.org>'),
        ("Wöchentlich <weekly.müller.example>", "<weekly.xn--mller-kva.example>"),
    ],
)
def test_list_ids(list_id: str, header: str) -> None:
    assert f"\r\nList-Id: {header}\r\n".encode() in message_bytes(build(list_id=list_id))


def test_the_bytes_depend_on_nothing_but_the_arguments() -> None:
    assert message_bytes(build()) == message_bytes(build())
    assert message_bytes(build(html="<p>Other</p>")) != message_bytes(build())


def test_a_message_id_is_one_edition_for_one_reader() -> None:
    ids = {
        build_message_id(edition, digest, recipient, sender=sender)
        for edition in ("2026-W47", "2026-W48")
        for digest in ("weekly", "trials")
        for recipient in (READER, "other@example.org", None)
        for sender in (SENDER, "other@example.org")
    }
    assert len(ids) == 24
    assert all(re.fullmatch(r"<2026-W4[78]\.(weekly|trials)\.[0-9a-f]{24}@example\.org>", name) for name in ids)
    assert not any("reader" in name for name in ids)


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "One\r\nBcc: all@example.org"},
        {"subject": "One\n"},
        {"subject": "One\x00two"},
        {"subject": "One\u2028two"},
        {"subject": "One\udc80"},
        {"sender": "A\nBcc: all@example.org <digest@example.org>"},
        {"sender": "nobody"},
        {"sender": "A <b> <digest@>"},
        {"recipient": "reader@example.org\r\nBcc: all@example.org"},
        {"recipient": "reader@example.org, other@example.org"},
        {"recipient": ""},
        {"recipient": "reader@exa..mple.ö"},
        {"message_id": "<a@b>\r\nX: y"},
        {"list_id": "A\r\nX: y <weekly.example.org>"},
        {"list_id": "weekly example"},
        {"unsubscribe": "javascript:alert(1)"},
        {"unsubscribe": "https://example.org/" + "x" * 1000},
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MailError) as caught:
        build(**({"message_id": "<a@example.org>"} | changes))
    assert "\n" not in str(caught.value)


def test_a_date_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        build(date=datetime(2026, 11, 16))  # noqa: DTZ001 - that is the mistake


@settings(max_examples=50)
@given(st.text(), st.text(), st.text(alphabet=st.characters(exclude_categories=["C", "Z"])))
def test_any_text_arrives_as_it_left(text: str, html: str, subject: str) -> None:
    message = build(text=text, html=html, subject=subject)
    content = message_bytes(message)
    assert content.isascii()
    assert all(len(line) <= 78 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    parsed = parse(message)
    assert parsed["Subject"] == subject
    received = parsed.get_body(("plain",))
    assert received is not None
    # The lines of a part end in one way, and the last one ends too.
    lines = re.split("\r\n|\r|\n", text)
    assert received.get_content() == "".join(
        f"{line}\r\n" for line in (lines[:-1] if text and not lines[-1] else lines)
    )


# -- a server


class Server:
    """What a mail server does with the mail of the tests; answers can be replaced per command.

    The names of its methods are those that aiosmtpd calls.
    """

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.greetings: list[str] = []
        self.answers: dict[str, str] = {}
        self.port = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.greetings.append(hostname)
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.get("DATA", "250 OK, queued as 1")
        if answer.startswith("250"):
            self.received.append(envelope)
        return answer

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(**options: Any) -> Iterator[Server]:
    server = Server()
    server.port = free_port()
    controller = Controller(
        server, hostname="127.0.0.1", port=server.port, authenticator=server.authenticate, **options
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@contextmanager
def acting(*lines: str | None, then: str = "close", greeting: str = "220 ready") -> Iterator[tuple[int, list[bytes]]]:
    """Serve one connection by a script: a reply for each line received; after it, close or hang."""
    heard: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def act() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.write(greeting.encode() + b"\r\n" if greeting else b"")
                stream.flush()
                in_data = False
                for line in lines:
                    received = stream.readline()
                    heard.append(received)
                    while in_data and received not in {b".\r\n", b""}:
                        received = stream.readline()
                        heard.append(received)
                    in_data = line is not None and line.startswith("354")
                    if line is not None:
                        stream.write(line.encode() + b"\r\n")
                        stream.flush()
                if then == "hang":
                    over.wait(30)

        thread = threading.Thread(target=act)
        thread.start()
        try:
            yield listener.getsockname()[1], heard
        finally:
            over.set()
            thread.join(30)
            assert not thread.is_alive()


def mailer(
    port: int,
    *,
    password: str | None = None,
    timeout: float = 10.0,
    ca_bundle: Path | None = None,
    **changes: Any,
) -> Mailer:
    arguments: dict[str, Any] = {"sender": SENDER, "host": "127.0.0.1", "port": port, "security": "none"}
    mail_settings = MailSettings(**(arguments | changes))
    return Mailer(mail_settings, password=password, ca_bundle=ca_bundle, timeout=timeout, final_timeout=timeout)


class Claims:
    """Counts how often a delivery was claimed."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


# -- handing over


def test_a_message_arrives_as_it_was_built(server: Server) -> None:
    message, claims = build(), Claims()
    with mailer(server.port) as post:
        receipt = post.deliver(message, READER, before_data=claims)
    assert (receipt.state, receipt.reply) == ("accepted", "OK, queued as 1")
    (envelope,) = server.received
    assert envelope.content == message_bytes(message)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("digest@example.org", [READER])
    assert f"SIZE={len(message_bytes(message))}" in envelope.mail_options
    assert claims.count == 1
    # A name that says where it comes from: with a dot, or an address in brackets.
    assert all("." in name for name in server.greetings)


def test_each_recipient_gets_a_message_of_his_own_over_one_connection(server: Server) -> None:
    readers = [f"reader{number}@example.org" for number in range(3)]
    with mailer(server.port) as post:
        for reader in readers:
            post.deliver(build(recipient=reader), reader, before_data=Claims())
    assert [envelope.rcpt_tos for envelope in server.received] == [[reader] for reader in readers]
    for reader, envelope in zip(readers, server.received, strict=True):
        assert isinstance(envelope.content, bytes)
        assert set(re.findall(rb"reader\d?@example\.org", envelope.content)) == {reader.encode()}
    assert len(server.greetings) == 1


def test_the_claim_is_made_after_the_recipient_was_accepted_and_before_the_message(server: Server) -> None:
    seen: list[int] = []
    with mailer(server.port) as post:
        post.deliver(build(), READER, before_data=lambda: seen.append(len(server.received)))
    assert (seen, len(server.received)) == ([0], 1)


def test_a_claim_that_fails_sends_nothing_and_the_next_message_is_sent(server: Server) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with mailer(server.port) as post:
        with pytest.raises(ZeroDivisionError):
            post.deliver(build(), READER, before_data=fail)
        post.deliver(build(recipient="other@example.org"), "other@example.org", before_data=Claims())
    assert [envelope.rcpt_tos for envelope in server.received] == [["other@example.org"]]


@pytest.mark.parametrize(
    ("place", "answer", "is_permanent", "claimed", "words"),
    [
        (
            READER,
            "550 5.1.1 no such user",
            True,
            0,
            "refused the recipient reader@example.org (550 5.1.1 no such user)",
        ),
        (READER, "450 4.2.0 greylisted", False, 0, "(450 4.2.0 greylisted): the next run tries again"),
        ("MAIL", "553 not yours", True, 0, "refused the sender digest@example.org (553 not yours): check mail.sender"),
        ("MAIL", "451 later", False, 0, "the next run tries again"),
        ("DATA", "554 looks like spam", True, 1, "refused the message to reader@example.org (554 looks like spam)"),
        ("DATA", "452 disk full", False, 1, "the next run tries again"),
    ],
)
def test_a_refusal_is_told_and_the_next_recipient_is_served(
    server: Server, place: str, answer: str, is_permanent: bool, claimed: int, words: str
) -> None:
    server.answers[place] = answer
    claims = Claims()
    with mailer(server.port) as post:
        with pytest.raises(MailRefusedError) as caught:
            post.deliver(build(), READER, before_data=claims)
        server.answers.clear()
        post.deliver(build(recipient="other@example.org"), "other@example.org", before_data=Claims())
    assert caught.value.is_permanent is is_permanent
    assert caught.value.code == int(answer[:3])
    assert words in str(caught.value)
    assert claims.count == claimed
    assert [envelope.rcpt_tos for envelope in server.received] == [["other@example.org"]]


@pytest.mark.parametrize(
    ("place", "answer", "is_recipient"),
    [
        (READER, "550 5.1.1 no such user", True),
        (READER, "550 no such user", True),
        (READER, "552 5.2.2 mailbox full", True),
        (READER, "450 4.2.0 greylisted", False),
        (READER, "554 5.7.1 relay access denied", False),
        (READER, "550 5.1.8 sender address rejected: domain not found", False),
        (READER, "550 relay not permitted", False),
        (READER, "553 sorry, that domain isn't in my list of allowed rcpthosts", False),
        ("MAIL", "550 5.1.1 not you", False),
        ("DATA", "554 5.6.0 looks like spam", False),
    ],
)
def test_a_recipient_refused_for_good_is_told_from_a_sender_and_a_message(
    server: Server, place: str, answer: str, is_recipient: bool
) -> None:
    """Whom a server does not want to relay for is no recipient that has gone."""
    server.answers[place] = answer
    with mailer(server.port) as post, pytest.raises(MailRefusedError) as caught:
        post.deliver(build(), READER, before_data=Claims())
    assert caught.value.is_recipient is is_recipient
    assert ("until then only the newest edition is tried" in str(caught.value)) is is_recipient


def test_between_two_tries_there_is_no_connection(server: Server) -> None:
    """Greylisting takes a message after five minutes, and servers close a silent connection before."""
    assert 300 < sum(mailer(server.port).pauses) < 600
    with mailer(server.port) as post:
        post.deliver(build(), READER, before_data=Claims())
        post.rest(0.01)
        post.deliver(build(), READER, before_data=Claims())
    assert len(server.received) == len(server.greetings) == 2


def test_data_refused_before_the_message_is_a_refusal() -> None:
    with (
        acting("250 hello", "250 ok", "250 ok", "503 no", "221 bye") as (port, heard),
        mailer(port) as post,
        pytest.raises(MailRefusedError, match="503 no"),
    ):
        post.deliver(build(), READER, before_data=Claims())
    assert heard[3] == b"DATA\r\n"
    assert not any(line.startswith(b"From:") for line in heard)


def test_a_server_that_says_421_is_left_and_asked_anew() -> None:
    with (
        acting("250 hello", "421 too many") as (port, heard),
        mailer(port) as post,
        pytest.raises(MailRefusedError, match="421 too many") as caught,
    ):
        post.deliver(build(), READER, before_data=Claims())
    assert not caught.value.is_permanent
    assert len(heard) == 2


def test_no_reply_after_the_whole_message_is_unknown_and_no_error() -> None:
    claims = Claims()
    with acting("250 hello", "250 ok", "250 ok", "354 go on", None) as (port, heard), mailer(port) as post:
        receipt = post.deliver(build(), READER, before_data=claims)
    assert receipt.state == "unknown"
    assert "closed" in receipt.reply
    assert heard[-1] == b".\r\n"
    assert claims.count == 1


def test_a_server_that_hangs_after_the_message_is_unknown() -> None:
    script = ("250 hello", "250 ok", "250 ok", "354 go on", None)
    with acting(*script, then="hang") as (port, _), mailer(port, timeout=0.3) as post:
        assert post.deliver(build(), READER, before_data=Claims()).state == "unknown"


@pytest.mark.parametrize("replies", [1, 2, 3])
@pytest.mark.parametrize("then", ["close", "hang"])
def test_a_connection_lost_before_the_message_was_sent_is_no_delivery(replies: int, then: str) -> None:
    script = ("250 hello", "250 ok", "250 ok")[:replies]
    claims = Claims()
    with (
        acting(*script, then=then) as (port, heard),
        mailer(port, timeout=0.3) as post,
        pytest.raises(MailError, match="nothing was delivered") as caught,
    ):
        post.deliver(build(), READER, before_data=claims)
    assert not isinstance(caught.value, MailRefusedError)
    assert claims.count == (1 if replies == 3 else 0)
    assert not any(line.startswith(b"From:") for line in heard)


def test_a_connection_lost_between_two_recipients_is_made_anew(server: Server) -> None:
    with mailer(server.port) as post:
        post.deliver(build(), READER, before_data=Claims())
        assert post._smtp is not None
        assert post._smtp.sock is not None
        post._smtp.sock.shutdown(socket.SHUT_RDWR)
        post.deliver(build(recipient="other@example.org"), "other@example.org", before_data=Claims())
    assert len(server.received) == 2
    assert len(server.greetings) == 2


def test_lines_that_begin_with_a_dot_arrive(server: Server) -> None:
    with mailer(server.port) as post:
        post.deliver(build(text=".\n..a\n.\r\n"), READER, before_data=Claims())
    content = server.received[0].content
    assert isinstance(content, bytes)
    assert b"\r\n\r\n.\r\n..a\r\n.\r\n" in content


def test_an_address_outside_ascii_needs_a_server_that_takes_it() -> None:
    reader = "jürgen@example.org"
    with serving(enable_SMTPUTF8=True) as able, mailer(able.port) as post:
        post.deliver(build(recipient=reader), reader, before_data=Claims())
        assert able.received[0].rcpt_tos == [reader]
        assert "SMTPUTF8" in able.received[0].mail_options
        post.deliver(build(), READER, before_data=Claims())
        assert "SMTPUTF8" not in able.received[1].mail_options
    with serving(enable_SMTPUTF8=False) as unable, mailer(unable.port) as post:
        with pytest.raises(MailRefusedError, match=r"takes ASCII addresses only, not jürgen@example.org"):
            post.deliver(build(recipient=reader), reader, before_data=Claims())
        post.deliver(build(), READER, before_data=Claims())


# -- connecting


def test_check_connects_and_sends_nothing(server: Server) -> None:
    mailer(server.port).check()
    assert len(server.greetings) == 1
    assert server.received == []


def test_a_mailer_that_was_never_used_connects_to_nothing() -> None:
    with mailer(free_port()):
        pass


def test_a_server_that_is_not_there_is_told_and_not_asked_again() -> None:
    port = free_port()
    with mailer(port) as post:
        with pytest.raises(MailError, match=r"cannot use the mail server 127\.0\.0\.1:\d+ \(Connection refused\)"):
            post.deliver(build(), READER, before_data=Claims())
        with socket.create_server(("127.0.0.1", port)) as listener:
            listener.setblocking(False)
            with pytest.raises(MailError, match="Connection refused"):
                post.deliver(build(), READER, before_data=Claims())
            with pytest.raises(BlockingIOError):
                listener.accept()


def test_a_name_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(MailError, match=r"Name or service not known.*check mail\.host"):
        mailer(25, host="absent.example.org").check()


def test_a_server_that_does_not_greet_is_given_up() -> None:
    with acting(then="hang", greeting="") as (port, _), pytest.raises(MailError, match=r"no answer within 0\.3 s"):
        mailer(port, timeout=0.3).check()


@pytest.mark.parametrize(
    ("greeting", "lines", "words"),
    [
        ("554 go away", (), "554 go away"),
        ("HTTP/1.1 400 Bad Request", (), "does not speak SMTP"),
        ("220 ready", ("500 what", "500 what"), "500 what"),
        ("220 ready", (), "closed"),
    ],
)
def test_a_server_that_does_not_want_us_is_told(greeting: str, lines: tuple[str, ...], words: str) -> None:
    with (
        acting(*lines, greeting=greeting) as (port, _),
        pytest.raises(MailError, match="cannot use the mail server") as caught,
    ):
        mailer(port).check()
    assert words in str(caught.value)


# -- encryption and login


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for 127.0.0.1, with its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=test"
    extension = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command.split(), *extension], cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


@pytest.fixture
def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.parent / "cert.pem"))


@pytest.mark.usefixtures("trusted")
def test_starttls_encrypts_before_anything_else(server_context: ssl.SSLContext) -> None:
    with (
        serving(tls_context=server_context, require_starttls=True) as server,
        mailer(server.port, security="starttls") as post,
    ):
        assert post.deliver(build(), READER, before_data=Claims()).state == "accepted"
        assert len(server.received) == 1
        assert len(server.greetings) == 2


@pytest.mark.usefixtures("trusted")
def test_tls_encrypts_from_the_start(server_context: ssl.SSLContext) -> None:
    with serving(ssl_context=server_context) as server, mailer(server.port, security="tls") as post:
        assert post.deliver(build(), READER, before_data=Claims()).state == "accepted"
        assert len(server.received) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(server_context: ssl.SSLContext, security: str) -> None:
    options = {"tls_context": server_context} if security == "starttls" else {"ssl_context": server_context}
    with (
        serving(**options) as server,
        pytest.raises(MailError, match=r"certificate is not valid: self-signed certificate.*ca_bundle"),
    ):
        mailer(server.port, security=security).check()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_authority_of_ones_own_is_trusted_where_it_is_named(
    server_context: ssl.SSLContext, certificate: Path, security: str
) -> None:
    options = {"tls_context": server_context} if security == "starttls" else {"ssl_context": server_context}
    with serving(**options) as server:
        mailer(server.port, security=security, ca_bundle=certificate.parent / "cert.pem").check()


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused(server_context: ssl.SSLContext) -> None:
    with (
        serving(tls_context=server_context) as server,
        pytest.raises(MailError, match="certificate is not valid: Hostname mismatch"),
    ):
        mailer(server.port, host="localhost", security="starttls").check()


def test_a_server_without_starttls_gets_neither_password_nor_message(server: Server) -> None:
    with (
        mailer(server.port, security="starttls", username="me", password="right") as post,
        pytest.raises(MailError, match=r"offers no STARTTLS; nothing is sent unencrypted: set mail\.security"),
    ):
        post.deliver(build(), READER, before_data=Claims())
    assert (server.received, server.logins) == ([], [])


def test_tls_to_a_server_that_speaks_none_is_told() -> None:
    with (
        acting() as (port, _),
        pytest.raises(MailError, match=r"check mail\.security: starttls is usual on ports 25 and 587"),
    ):
        mailer(port, security="tls").check()


@pytest.mark.usefixtures("trusted")
def test_login(server_context: ssl.SSLContext) -> None:
    options: dict[str, Any] = {"tls_context": server_context, "auth_required": True, "auth_require_tls": True}
    with serving(**options) as server:
        with mailer(server.port, security="starttls", username="me@example.org", password="right") as post:
            post.deliver(build(), READER, before_data=Claims())
        assert server.logins == [(b"me@example.org", b"right")]
        assert len(server.received) == 1


def test_a_refused_login_is_told_without_the_password_and_tried_once() -> None:
    with serving(auth_require_tls=False) as server, mailer(server.port, username="me", password="wr0ng-secret") as post:
        for _ in range(2):
            with pytest.raises(MailError) as caught:
                post.deliver(build(), READER, before_data=Claims())
        assert "refused the login of me (535" in str(caught.value)
        assert "check mail.username and the password in SMTP_PASSWORD" in str(caught.value)
        assert "wr0ng-secret" not in repr(caught.value)
        assert len(server.greetings) == 1


def test_a_server_that_repeats_the_password_does_not_bring_it_into_our_words() -> None:
    answer = "535 no: s3cret, czNjcmV0, AG1lAHMzY3JldA=="
    with (
        acting("250-hello\r\n250 AUTH PLAIN", answer, "221 bye") as (port, _),
        pytest.raises(MailError, match=r"535 no: \*\*\*, \*\*\*, \*\*\*"),
    ):
        mailer(port, username="me", password="s3cret").check()


def test_a_server_without_login_is_told(server: Server) -> None:
    with acting("250 hello", "221 bye") as (port, _), pytest.raises(MailError, match="offers no login"):
        mailer(port, username="me", password="right").check()


def test_a_missing_password_is_told(server: Server) -> None:
    with pytest.raises(MailError, match="no password for me: set the environment variable SMTP_PASSWORD"):
        mailer(server.port, username="me").check()


def test_a_password_that_smtp_cannot_carry_is_told_and_not_shown() -> None:
    with serving(auth_require_tls=False) as server, pytest.raises(MailError, match="letters outside ASCII") as caught:
        mailer(server.port, username="me", password="schlüssel").check()
    assert "schlüssel" not in str(caught.value)
    assert caught.value.__suppress_context__
