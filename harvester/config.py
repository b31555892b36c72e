"""config.yaml -> frozen settings; every mistake in one message.

The models below are the whole grammar of the file: a key that is not here is a mistake, and each mistake is
reported with the line it stands on, all of them at once (`ConfigError`).  Secrets are never in the file; the
settings hold the *names* of environment variables.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from harvester.errors import ConfigError
from harvester.text import safe_url
from harvester.where import check_where

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.?[^@\s<>,;.]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class _Settings(BaseModel):
    """What all settings share: nothing unknown, nothing changed later, no type guessing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PubmedSettings(_Settings):
    """How PubMed is asked."""

    query: str  # in PubMed's own syntax, without dates
    journals: tuple[str, ...] = ()  # titles as PubMed's [Journal] knows them
    api_key_env: str = "NCBI_API_KEY"
    base_url: str = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
    first_days: Annotated[int, Field(ge=1, le=36500)] = 30  # how far back the first run looks, days
    overlap_days: Annotated[int, Field(ge=0, le=365)] = 14  # how far each later run looks behind the last, days
    required: bool = True

    @field_validator("query")
    @classmethod
    def _has_words(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the query is empty")
        return value.strip()

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return _http_url(value).rstrip("/") + "/"


class FeedSettings(_Settings):
    """One RSS or Atom feed."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    url: str
    required: bool = False

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return _http_url(value)


class SourcesSettings(_Settings):
    """Where papers come from."""

    pubmed: PubmedSettings | None = None
    feeds: tuple[FeedSettings, ...] = ()

    @model_validator(mode="after")
    def _has_sources_with_own_names(self) -> SourcesSettings:
        if self.pubmed is None and not self.feeds:
            raise ValueError("no source: name pubmed, feeds or both")
        names = [feed.name for feed in self.feeds]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"two feeds have the name {', '.join(doubled)}")
        return self


class DigestSettings(_Settings):
    """One digest: who gets what."""

    name: str
    title: Annotated[str, Field(min_length=1, max_length=120)]
    recipients: tuple[str, ...] = ()
    where: str = ""  # SQL condition on the table's columns; empty: everything

    @field_validator("name")
    @classmethod
    def _is_a_folder_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("use lower-case letters, digits and hyphens (it names a folder)")
        return value

    @field_validator("where")
    @classmethod
    def _is_a_condition(cls, value: str) -> str:
        mistake = check_where(value) if value.strip() else None
        if mistake is not None:
            raise ValueError(mistake)
        return value.strip()

    @field_validator("recipients")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [address for address in value if not _ADDRESS.fullmatch(address)]
        if wrong:
            raise ValueError(f"not an e-mail address: {', '.join(wrong)}")
        return tuple(dict.fromkeys(value))


class MailSettings(_Settings):
    """How mail leaves."""

    sender: str  # "Name <address>" or an address
    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    password_env: str = "SMTP_PASSWORD"  # noqa: S105 - the variable's name, not a password
    unsubscribe: str | None = None  # mailto: or https:

    @field_validator("sender")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        address = value.rpartition("<")[2].removesuffix(">") if "<" in value else value
        if "\n" in value or "\r" in value or not _ADDRESS.fullmatch(address.strip()):
            raise ValueError("not an e-mail address; write it as: Name <address@example.org>")
        return value

    @field_validator("unsubscribe")
    @classmethod
    def _is_a_link(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"(?:mailto:[^@\s<>]+@[^\s<>]+|https://[^\s<>]+)", value):
            raise ValueError("must begin with mailto: or https:")
        return value


class Settings(_Settings):
    """The whole file, paths made absolute."""

    topic: Annotated[str, Field(min_length=1, max_length=120)]
    contact: str
    timezone: str = "UTC"
    data: Path = Path("data")
    editions: Path = Path("digests")
    editions_url: str | None = None  # https address where the folder of editions can be read; None: only on disk
    templates: Path | None = None  # a folder whose files replace the built-in templates of the same name
    vocabulary: str = "ketamine"
    sources: SourcesSettings
    digests: tuple[DigestSettings, ...]
    mail: MailSettings | None = None

    @field_validator("contact")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("not an e-mail address")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("not a time zone; write one as Europe/Zurich") from error
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Settings:
        if not self.digests:
            raise ValueError("no digest: name at least one under digests")
        names = [digest.name for digest in self.digests]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"two digests have the name {', '.join(doubled)}")
        if self.mail is None and any(digest.recipients for digest in self.digests):
            raise ValueError("a digest has recipients, but there is no mail section")
        return self

    @field_validator("editions_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        return None if value is None else _http_url(value).rstrip("/") + "/"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which weeks are counted."""
        return ZoneInfo(self.timezone)


def load_settings(path: Path) -> Settings:
    """Read config.yaml.

    Parameters
    ----------
    path
        The file.  Relative paths in it are relative to its folder.

    Returns
    -------
    Settings
        Frozen; `data`, `editions`, `templates` and a vocabulary that names a file are absolute paths.

    Raises
    ------
    ConfigError
        With one line ``FILE:LINE: KEY: what is wrong`` for every mistake in the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no such file; name one with --config"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read as UTF-8 text ({error})"]) from error
    return parse_settings(text, name=str(path), folder=path.resolve().parent)


def parse_settings(text: str, *, name: str, folder: Path) -> Settings:
    """Turn the text of config.yaml into settings; see `load_settings`."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = getattr(error, "problem", None) or "not YAML"
        raise ConfigError([f"{name}:{line}: not readable as YAML: {problem}"]) from error
    if not isinstance(data, dict):
        raise ConfigError([f"{name}:1: expected settings as `key: value` lines, found {_kind(data)}"])
    lines: dict[tuple[Any, ...], int] = {}
    mistakes: list[tuple[int, str]] = []
    _note_lines(node, (), lines, mistakes)
    settings: Settings | None = None
    try:
        # Through JSON, because strict validation takes a list for a tuple only from there.
        settings = Settings.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        mistakes += [_describe(part, lines) for part in error.errors(include_url=False)]
    if mistakes or settings is None:
        raise ConfigError([f"{name}:{line}: {message}" for line, message in sorted(mistakes)])
    is_file = "/" in settings.vocabulary or settings.vocabulary.endswith((".yaml", ".yml"))
    if is_file and not (folder / settings.vocabulary).is_file():
        line = lines.get(("vocabulary",), 1)
        raise ConfigError([f"{name}:{line}: vocabulary: there is no file {settings.vocabulary}"])
    return settings.model_copy(
        update={
            "data": folder / settings.data,
            "editions": folder / settings.editions,
            "templates": folder / settings.templates if settings.templates else None,
            "vocabulary": str(folder / settings.vocabulary) if is_file else settings.vocabulary,
        }
    )


def _note_lines(
    node: yaml.Node | None,
    place: tuple[Any, ...],
    lines: dict[tuple[Any, ...], int],
    mistakes: list[tuple[int, str]],
) -> None:
    """Fill `lines` with each key's line, and `mistakes` with the keys that stand twice."""
    if node is None:
        return
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, key.value)
            if inner in lines:
                mistakes.append((key.start_mark.line + 1, f"{_path(inner)}: this key stands twice"))
            lines[inner] = key.start_mark.line + 1
            _note_lines(value, inner, lines, mistakes)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*place, index), lines, mistakes)


def _describe(part: Any, lines: dict[tuple[Any, ...], int]) -> tuple[int, str]:
    """Turn one of pydantic's findings into a line number and a readable sentence."""
    place = tuple(part["loc"])
    known = place
    while known and known not in lines:
        known = known[:-1]
    if part["type"] == "extra_forbidden":
        message = "unknown key"
    elif part["type"] == "missing":
        message = "missing"
    else:
        message = re.sub(r"^Value error, ", "", part["msg"]).replace("Input should be", "should be")
    return lines.get(known, 1), f"{_path(place)}: {message}" if place else message


def _path(place: tuple[Any, ...]) -> str:
    """Write a place in the file as ``sources.feeds[0].url``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def _kind(data: object) -> str:
    """Name what a YAML document holds, for a message."""
    return {type(None): "nothing", list: "a list", str: "text"}.get(type(data), type(data).__name__)


def _http_url(value: str) -> str:
    """Accept an http(s) address; used by validators."""
    if safe_url(value) is None:
        raise ValueError("not an http(s) address")
    return value
