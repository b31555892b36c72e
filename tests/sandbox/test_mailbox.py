"""The embedded mail server, talked to with smtplib."""

from __future__ import annotations

import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from harvester.sandbox import Corpus, Fault, Sandbox, SmtpOptions

NOW = datetime(2031, 3, 12, 6, tzinfo=UTC)
EMPTY = Corpus([])
LOGIN = ("user", "invented pass word")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(EMPTY, now=NOW) as server:
        yield server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a key and a self-signed certificate for 127.0.0.1 in one file."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    names = ["-subj", "/CN=sandbox.invalid", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-keyout",
            path,
            "-out",
            f"{path}.crt",
            *names,
        ],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture(scope="module")
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(scope="module")
def client_tls(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=f"{certificate}.crt")


def message() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Ünusual"
    mail.set_content("One line.\n.\nA dot alone above.\n")
    return mail


def send(client: smtplib.SMTP, *recipients: str) -> dict[str, tuple[int, bytes]]:
    return client.send_message(message(), "bounces@example.org", list(recipients) or ["b@example.org"])


def connect(box: Sandbox, *, timeout: float = 30) -> smtplib.SMTP:
    return smtplib.SMTP(box.smtp_host, box.smtp_port, timeout=timeout)


class TestMailbox:
    def test_keeps_envelope_and_message(self, box: Sandbox) -> None:
        with connect(box) as client:
            assert send(client, "b@example.org", "c@example.org") == {}
        (received,) = box.mailbox
        assert (received.sender, received.recipients) == ("bounces@example.org", ("b@example.org", "c@example.org"))
        assert received.message["Subject"] == "Ünusual"
        assert received.message.get_content().splitlines() == ["One line.", ".", "A dot alone above."]
        assert received.raw.count(b"\n") == received.raw.count(b"\r\n")

    def test_several_in_one_connection(self, box: Sandbox) -> None:
        with connect(box) as client:
            for name in ("b", "c", "d"):
                send(client, f"{name}@example.org")
        assert [received.recipients for received in box.mailbox] == [(f"{name}@example.org",) for name in "bcd"]


class TestFaults:
    def test_one_recipient_refused(self, box: Sandbox) -> None:
        box.fail(Fault(path="smtp", kind="refuse-recipient", recipient="c@example.org", times=None))
        with connect(box) as client:
            refused = send(client, "b@example.org", "c@example.org")
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                send(client, "c@example.org")
        assert refused["c@example.org"][0] == 550
        assert [received.recipients for received in box.mailbox] == [("b@example.org",)]

    def test_recipient_put_off_once(self, box: Sandbox) -> None:
        box.fail(Fault(path="smtp", kind="defer-recipient"))
        with connect(box) as client:
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                send(client)
            assert refused.value.recipients["b@example.org"][0] == 451
            send(client)
        assert len(box.mailbox) == 1

    def test_sender_refused(self, box: Sandbox) -> None:
        box.fail(Fault(path="smtp", kind="refuse-sender"))
        with connect(box) as client, pytest.raises(smtplib.SMTPSenderRefused):
            send(client)
        assert box.mailbox == []

    def test_message_refused(self, box: Sandbox) -> None:
        box.fail(Fault(path="smtp", kind="refuse-data"))
        with connect(box) as client, pytest.raises(smtplib.SMTPDataError) as refused:
            send(client)
        assert refused.value.smtp_code == 451
        assert box.mailbox == []

    @pytest.mark.parametrize(("kind", "kept"), [("drop-in-data", 0), ("drop-after-data", 1)])
    def test_connection_lost(self, box: Sandbox, kind: str, kept: int) -> None:
        box.fail(Fault(path="smtp", kind=kind))
        client = connect(box)
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            send(client)
        client.close()
        assert len(box.mailbox) == kept
        with connect(box) as again:
            send(again)
        assert len(box.mailbox) == kept + 1

    def test_hang(self, box: Sandbox) -> None:
        box.fail(Fault(path="smtp", kind="hang", seconds=3600))
        client = connect(box, timeout=0.2)
        with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
            send(client)
        client.close()
        assert box.mailbox == []

    def test_closes_while_connections_are_open(self) -> None:
        with Sandbox(EMPTY, now=NOW) as box:
            idle, hanging = connect(box), connect(box)
            box.fail(Fault(path="smtp", kind="hang", seconds=3600))
            hanging.putcmd("MAIL FROM:<a@example.org>")
            port = box.smtp_port
        for client in (idle, hanging):
            client.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


class TestSecurity:
    def test_no_tls_without_a_certificate(self, box: Sandbox) -> None:
        with connect(box) as client:
            client.ehlo()
            assert not client.has_extn("starttls")
            with pytest.raises(smtplib.SMTPNotSupportedError):
                client.starttls()

    def test_starttls(self, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
        with Sandbox(EMPTY, now=NOW, smtp=SmtpOptions(tls=server_tls)) as box:
            with connect(box) as client:
                client.starttls(context=client_tls)
                send(client)
            assert len(box.mailbox) == 1

    def test_starttls_withheld(self, server_tls: ssl.SSLContext) -> None:
        with Sandbox(EMPTY, now=NOW, smtp=SmtpOptions(tls=server_tls)) as box:
            box.fail(Fault(path="smtp", kind="no-starttls"))
            offers = []
            for _ in range(2):
                with connect(box) as client:
                    client.ehlo()
                    offers.append(client.has_extn("starttls"))
        assert offers == [False, True]

    def test_implicit_tls(self, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
        with Sandbox(EMPTY, now=NOW, smtp=SmtpOptions(tls=server_tls, is_implicit=True)) as box:
            with smtplib.SMTP_SSL(box.smtp_host, box.smtp_port, context=client_tls, timeout=30) as client:
                send(client)
            assert len(box.mailbox) == 1

    def test_an_unknown_certificate_is_noticed(self, server_tls: ssl.SSLContext) -> None:
        with Sandbox(EMPTY, now=NOW, smtp=SmtpOptions(tls=server_tls)) as box:
            client = connect(box)
            with pytest.raises(ssl.SSLCertVerificationError):
                client.starttls(context=ssl.create_default_context())
            client.close()
            assert box.mailbox == []

    @pytest.mark.parametrize("mechanism", ["plain", "login"])
    def test_login(self, mechanism: str) -> None:
        with Sandbox(EMPTY, now=NOW, smtp=SmtpOptions(login=LOGIN)) as box:
            with connect(box) as client:
                client.ehlo()
                with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
                    send(client)
                client.user, client.password = LOGIN
                client.auth(mechanism, getattr(client, f"auth_{mechanism}"))
                send(client)
            assert len(box.mailbox) == 1

    def test_login_refused(self) -> None:
        with Sandbox(EMPTY, now=NOW, smtp=SmtpOptions(login=LOGIN)) as box:
            with connect(box) as client, pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("user", "wrong")
            box.fail(Fault(path="smtp", kind="refuse-login", times=1))
            with connect(box) as client:
                client.ehlo()
                client.user, client.password = LOGIN
                with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
                    client.auth("plain", client.auth_plain)
                assert refused.value.smtp_code == 535
                client.auth("plain", client.auth_plain)


def test_runs_in_the_foreground(tmp_path: Path) -> None:
    """`python -m harvester.sandbox` prints its addresses, answers, and ends when interrupted."""
    command = [sys.executable, "-m", "harvester.sandbox", "--now", "2031-03-12T06:00:00"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().split() for _ in range(7)]
        addresses = {line[0]: line[1] for line in lines}
        try:
            assert addresses["now"] == "2031-03-12T06:00:00+00:00"
            answer = requests.get(addresses["pubmed"] + "einfo.fcgi", timeout=30)
            assert answer.status_code == 200
            host, port = addresses["smtp"].split(":")
            with smtplib.SMTP(host, int(port), timeout=30) as client:
                assert client.noop()[0] == 250
        finally:
            process.send_signal(2)
            deadline = time.monotonic() + 10
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
    assert process.returncode == 0
    wrong = subprocess.run([*command, "--corpus", str(tmp_path / "none")], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "no such corpus" in wrong.stderr


def test_a_port_in_use_is_an_error_and_leaves_nothing_open(box: Sandbox) -> None:
    port = int(box.url.split(":")[2].strip("/"))
    with pytest.raises(OSError, match="in use"), Sandbox(EMPTY, now=NOW, port=port):
        pass
    with pytest.raises(OSError, match="in use"), Sandbox(EMPTY, now=NOW, smtp_port=box.smtp_port):
        pass
