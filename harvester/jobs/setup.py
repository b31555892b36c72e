"""`harvester init`: a first config.yaml, with comments, from a few answers.

The file at the top of the repository is `write_sample()`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import yaml

from harvester.config.loading import parse_settings
from harvester.ground.errors import ConfigError, UsageError
from harvester.ground.files import read_file, storage_errors
from harvester.jobs.job import GRAMMAR
from harvester.tagging import load_vocabulary

CONFIG_NAME = "config.yaml"
SCHEMA_NAME = "config.schema.json"
_TEMPLATE = "config.template.yaml"
# What the template says of ketamine; another vocabulary has its own compounds there.
_QUERY_BEGINS, _QUERY_ENDS = "    # PubMed's own syntax", "    # Journals whose feeds"
_PASSWORD_FILE = "smtp-password"  # noqa: S105 - the file's name, not a password
_MAX_TOPIC = 110  # characters of a title, of which the settings take 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a first config.yaml must know of whoever runs it."""

    contact: str = "you@example.org"
    topic: str = "Ketamine in mental health"
    vocabulary: str = "ketamine"
    recipients: tuple[str, ...] = ()
    timezone: str = "Europe/Zurich"
    host: str = "localhost"
    port: int = 25
    security: str = "starttls"
    username: str | None = None
    sender: str | None = None  # None: the digest, from the contact's address


def write_settings(answers: Answers, *, schema: str = SCHEMA_NAME, digest_address: str | None = None) -> str:
    """Return the text of a config.yaml; `schema` is where editors find its JSON Schema.

    `digest_address` is whom mail comes from where the answers do not say; None: the contact.
    """
    text = (resources.files("harvester.jobs") / _TEMPLATE).read_text(encoding="utf-8")
    usual = Answers()
    if answers.vocabulary != usual.vocabulary:
        before, _, rest = text.partition(_QUERY_BEGINS)
        _, mark, after = rest.partition(_QUERY_ENDS)
        text = before + _query_of(answers.vocabulary) + mark + after
    is_usual = answers.topic == usual.topic
    title = "Ketamine & mental health, weekly" if is_usual else f"{answers.topic[:_MAX_TOPIC]}, weekly"
    address = digest_address or answers.contact
    has_login = answers.username is not None
    return Template(text).substitute(
        schema=schema,
        topic=_scalar(answers.topic),
        contact=_scalar(answers.contact),
        timezone=_scalar(answers.timezone),
        vocabulary=_scalar(answers.vocabulary),
        title=_scalar(title),
        recipients=json.dumps(answers.recipients, ensure_ascii=False),
        sender=json.dumps(answers.sender or f"{'Ketamine' if is_usual else 'Research'} digest <{address}>"),
        host=_scalar(answers.host),
        port=answers.port,
        security=answers.security,
        username=_scalar(answers.username) if answers.username is not None else "null",
        password=f"password_file: {_PASSWORD_FILE}" if has_login else "password_env: SMTP_PASSWORD",
        unsubscribe=json.dumps(f"mailto:{address}?subject=unsubscribe"),
    )


def write_sample() -> str:
    """Return the config.yaml of the repository, for its own place and nobody's address."""
    return write_settings(Answers(), schema=f"docs/{SCHEMA_NAME}", digest_address="digest@example.org")


def write_schema() -> str:
    """Return the JSON Schema of config.yaml, by which editors complete keys, explain them and underline mistakes."""
    schema = GRAMMAR.model.model_json_schema()
    top = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "harvester's config.yaml"}
    return json.dumps(top, ensure_ascii=False, indent=1) + "\n"


def find_mistake(folder: Path, **given: Any) -> str | None:
    """Return what is wrong with an answer, beside sound ones; None: nothing."""
    try:
        answers = replace(Answers(), **given)
        parse_settings(write_settings(answers), GRAMMAR, name=CONFIG_NAME, folder=folder.resolve())
    except ConfigError as error:
        # ``FILE:LINE: KEY: what is wrong``; what follows from one answer is told once.
        return error.mistakes[0].split(": ", 2)[-1]
    except UsageError as error:
        return str(error)
    return None


def init(folder: Path, answers: Answers) -> list[Path]:
    """Write a config.yaml and its schema into a folder; return what was written.

    Raises
    ------
    UsageError
        If the folder has a config.yaml.
    ConfigError
        If the answers make no sound settings; nothing is written then.
    StorageError
        If the disk refuses.
    """
    config = folder / CONFIG_NAME
    text = write_settings(answers)
    if config.exists():
        raise UsageError(f"there is a {config} already", advice="name another folder, or edit that file")
    parse_settings(text, GRAMMAR, name=str(config), folder=folder.resolve())
    with storage_errors(config):
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for path, content in ((config, text), (folder / SCHEMA_NAME, write_schema())):
            if not path.exists():
                with path.open("x", encoding="utf-8") as stream:
                    stream.write(content)
                written.append(path)
    return written


def guess_timezone(zone: str | None) -> str:
    """Return the machine's time zone by its name, `zone` if the environment has one (TZ); UTC where nothing tells."""
    linked = Path("/etc/localtime").resolve().parts
    timezone = Path("/etc/timezone")
    names = [
        (zone or "").removeprefix(":"),
        timezone.read_text(encoding="utf-8", errors="replace").strip() if timezone.is_file() else "",
        "/".join(linked[linked.index("zoneinfo") + 1 :]) if "zoneinfo" in linked else "",
    ]
    return next((name for name in names if name and find_mistake(Path(), timezone=name) is None), "UTC")


def _query_of(vocabulary: str) -> str:
    """Write the search for the compounds of a vocabulary, with its comment."""
    path = Path(vocabulary)
    if path.suffix in (".yaml", ".yml"):
        loaded = load_vocabulary(read_file(path).decode("utf-8", "replace"), filename=vocabulary)
    else:
        loaded = load_vocabulary(vocabulary)
    words = " OR ".join(f'"{name}"[tiab]' for name in loaded.entries["compounds"])
    return (
        "    # PubMed's own syntax, without dates: so far the vocabulary's compounds, wherever they are named.  Add\n"
        "    # their other names, and what else belongs to the question: (…) AND (depress*[tiab] OR anxiety[tiab]).\n"
        f"    query: |\n      {words}\n"
    )


def _scalar(text: str) -> str:
    """Write a text as YAML has it, plain where it can be."""
    try:
        is_plain = yaml.safe_load(f"key: {text}") == {"key": text}
    except yaml.YAMLError:
        is_plain = False
    return text if is_plain else json.dumps(text, ensure_ascii=False)
