"""Secrets: from the environment, systemd's credentials or files, in one way for all, and never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.config.loading import parse_settings
from harvester.config.secrets import find_exposure, list_secret_files, look_up_in, read_secret
from harvester.config.settings import Settings
from harvester.ground.errors import ConfigError
from harvester.jobs.job import GRAMMAR
from tests.config.test_config import GOOD, mistakes_of


def parse(text: str, folder: Path) -> Settings:
    """Read settings that are without mistakes."""
    return parse_settings(text, GRAMMAR, name="config.yaml", folder=folder)


def test_a_variable_comes_before_a_credential_of_its_name(tmp_path: Path) -> None:
    """As systemd has them, in capitals, or in small letters with hyphens or underscores."""
    (tmp_path / "SMTP_PASSWORD").write_text("one\n")
    (tmp_path / "ncbi-api-key").write_text("two\n")
    (tmp_path / "ntfy_topic").write_text("three")
    look_up = look_up_in({"CREDENTIALS_DIRECTORY": str(tmp_path), "PING": "four", "EMPTY": ""})
    assert [look_up(name) for name in ("SMTP_PASSWORD", "NCBI_API_KEY", "NTFY_TOPIC", "PING", "EMPTY", "OTHER")] == [
        "one",
        "two",
        "three",
        "four",
        None,
        None,
    ]
    assert look_up_in({"SMTP_PASSWORD": "five", "CREDENTIALS_DIRECTORY": str(tmp_path)})("SMTP_PASSWORD") == "five"


def test_a_file_is_read_when_it_is_needed_without_its_last_line_break(tmp_path: Path) -> None:
    """Blanks belong to the secret; the environment is not asked."""
    path = tmp_path / "password"
    for content, secret in ((b" pass word \r\n", " pass word "), ("späterü".encode(), "späterü")):
        path.write_bytes(content)
        assert read_secret("SMTP_PASSWORD", path, look_up=lambda name: "another") == secret
    assert read_secret(None, None, look_up=lambda name: "another") is None


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "cannot be read"), (b"", "empty"), (b"\n", "empty"), (b"\xff\xfe", "UTF-8"), (b"x" * 70_000, "too long")],
)
def test_a_file_that_holds_no_secret_is_a_mistake_of_the_settings(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    """Told with its path, and never with what it holds."""
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=told) as caught:
        read_secret("SMTP_PASSWORD", path, look_up=lambda name: None)
    assert str(path) in str(caught.value)
    assert "xxx" not in str(caught.value)


def test_files_of_secrets_are_relative_to_the_settings(tmp_path: Path) -> None:
    """Those of the mail, of sources and of the monitor alike."""
    text = GOOD.replace("query: ketamin*[tiab]", "query: ketamin*[tiab]\n    api_key_file: secrets/key")
    text += "  password_file: /etc/password\nmonitor: {ping_file: ping, ntfy_env: NTFY_TOPIC}\n"
    assert dict(list_secret_files(parse(text, tmp_path))) == {
        "sources.pubmed.api_key_file": tmp_path / "secrets" / "key",
        "mail.password_file": Path("/etc/password"),
        "monitor.ping_file": tmp_path / "ping",
    }


def test_one_secret_is_named_in_one_way(tmp_path: Path) -> None:
    """Also where the name of the variable has a default."""
    text = GOOD + "  password_env: SMTP_PASSWORD\n  password_file: password\n"
    text += 'monitor:\n  ping: "https://example.org/p"\n  ping_file: ping\n'
    assert mistakes_of(text, tmp_path) == [
        "config.yaml:14: mail: password_env and password_file name one secret: give one of them",
        "config.yaml:18: monitor: ping and ping_file name one secret: give one of them",
    ]
    parse(GOOD + "  password_file: password\n", tmp_path)
    parse(GOOD + "  password_env: SMTP_PASSWORD\n  password_file: null\n", tmp_path)


def test_addresses_of_a_monitor_are_kept_out_of_sight(tmp_path: Path) -> None:
    """They are secrets: whoever has one can answer for us."""
    settings = parse(GOOD + 'monitor: {ping: "https://example.org/secret-part"}\n', tmp_path)
    assert "secret-part" not in repr(settings)
    assert "secret-part" not in settings.model_dump_json()
    (told,) = mistakes_of(GOOD + 'monitor: {webhook: "ftp://example.org/secret-part"}\n', tmp_path)
    assert told == "config.yaml:16: monitor.webhook: not an http(s) address"


def test_a_file_that_others_can_read_is_told(tmp_path: Path) -> None:
    """With what to do about it."""
    path = tmp_path / "password"
    path.write_text("secret")
    for mode, is_told in ((0o600, False), (0o400, False), (0o640, True), (0o604, True)):
        path.chmod(mode)
        assert (find_exposure(path) is not None) == is_told, oct(mode)
    assert find_exposure(tmp_path / "missing") is None
