"""The mail as a filter for spam sees it: SpamAssassin's rules that need no network."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.digest.render import render_mail
from harvester.digest.view import subject
from harvester.mail.message import build_message, build_message_id, message_bytes
from tests.digest.golden.digest_samples import GOLDEN

SPAMASSASSIN = shutil.which("spamassassin")
SENDER = "Ketamine digest <digest@example.org>"


@pytest.mark.skipif(SPAMASSASSIN is None, reason="no SpamAssassin here (CONTRIBUTING.md)")
@pytest.mark.parametrize("name", GOLDEN)
def test_spamassassin_finds_nothing(name: str, tmp_path: Path) -> None:
    edition = GOLDEN[name]
    files = render_mail(edition)
    message = build_message(
        sender=SENDER,
        recipient="reader@example.net",
        subject=subject(edition),
        text=files["email.txt"].decode(),
        html=files["email.html"].decode(),
        message_id=build_message_id(edition.edition, edition.digest, "reader@example.net", sender=SENDER),
        date=datetime(2026, 11, 30, 6, 0, tzinfo=UTC),
        list_id="Ketamine digest <weekly.example.org>",
        unsubscribe="mailto:digest@example.org?subject=unsubscribe",
    )
    assert rules_of(message_bytes(message), tmp_path) == {}


def rules_of(message: bytes, home: Path) -> dict[str, float]:
    """Give the rules that count against a message, with their points."""
    assert SPAMASSASSIN is not None
    done = subprocess.run(
        [SPAMASSASSIN, "--local", "--test-mode", "--nocreate-prefs"],
        input=message,
        capture_output=True,
        check=True,
        timeout=60,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    _, found, table = done.stdout.decode().partition("Content analysis details:")
    assert found
    rules = {name: float(points) for points, name in re.findall(r"^ *(-?\d+\.\d) (\w+)", table, re.MULTILINE)}
    assert "HTML_MESSAGE" in rules  # it has read the mail
    return {name: points for name, points in rules.items() if points > 0}
