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

from harvester.config.consistency import find_mistakes, is_path
from harvester.config.yaml_lines import Place, describe_finding, name_kind, note_lines, write_place
from harvester.ground.errors import ConfigError
from harvester.paper.identifiers import safe_url
from harvester.paper.names import parse_name
from harvester.paper.registries import is_trial_id
from harvester.table.where import check_where
from harvester.tagging.ranking import Weights

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.?[^@\s<>,;.]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

# The sections of a digest that may be left out or stand in another order, in their usual one.  Masthead, changes and
# what to read first always come before them, the receipt after them: without those a reader cannot tell what happened.
SECTIONS = ("by-condition", "protocols", "preclinical", "comments", "adjacent", "map")
_FIXED_SECTIONS = ("masthead", "changes", "read-first", "receipt")


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


class RetractionWatchSettings(_Settings):
    """The list of retractions that Crossref publishes, as a second opinion on PubMed's."""

    file: Path  # the CSV, downloaded by whoever runs the program


class SourcesSettings(_Settings):
    """Where papers come from."""

    pubmed: PubmedSettings | None = None
    feeds: tuple[FeedSettings, ...] = ()
    retraction_watch: RetractionWatchSettings | None = None


class FollowSettings(_Settings):
    """Whose papers a digest's readers want to see first; see `harvester.digest.follow` for how they are compared."""

    authors: tuple[str, ...] = ()  # "Family GI" or "Given Family", or a group's name
    journals: tuple[str, ...] = ()  # full names or abbreviations
    trials: tuple[str, ...] = ()  # registration numbers

    @field_validator("authors")
    @classmethod
    def _are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [name for name in value if parse_name(name) is None]
        if wrong:
            raise ValueError(f"not an author's name: {_quote(wrong)}; write it as Family GI")
        return value

    @field_validator("journals")
    @classmethod
    def _are_titles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [name for name in value if not any(char.isalpha() for char in name)]
        if wrong:
            raise ValueError(f"not a journal's name: {_quote(wrong)}")
        return value

    @field_validator("trials")
    @classmethod
    def _are_registrations(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [number for number in value if not is_trial_id(number)]
        if wrong:
            raise ValueError(f"not a registration number: {_quote(wrong)}; write it as NCT01234567")
        return value


class DigestSettings(_Settings):
    """One digest: who gets what."""

    name: str
    title: Annotated[str, Field(min_length=1, max_length=120)]
    recipients: tuple[str, ...] = ()
    where: str = ""  # SQL condition on the table's columns; empty: everything
    follow: FollowSettings = FollowSettings()
    sections: tuple[str, ...] = SECTIONS  # of SECTIONS, in the order in which they appear

    @field_validator("sections")
    @classmethod
    def _are_sections(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = f"choose from {', '.join(SECTIONS)}"
        unknown = [name for name in value if name not in SECTIONS]
        fixed = [name for name in unknown if name in _FIXED_SECTIONS]
        if fixed:
            raise ValueError(f"{', '.join(fixed)} always appear, and always in their place; {known}")
        if unknown:
            raise ValueError(f"there is no section {_quote(unknown)}; {known}")
        doubled = sorted({name for name in value if value.count(name) > 1})
        if doubled:
            raise ValueError(f"listed twice: {', '.join(doubled)}")
        return value

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


_Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
_USUAL = Weights()


class RankingSettings(_Settings):
    """How much each answer counts in the relevance of a study; only their proportions matter."""

    design: _Weight = _USUAL.design
    size: _Weight = _USUAL.size
    follow_up: _Weight = _USUAL.follow_up
    title: _Weight = _USUAL.title
    comparator: _Weight = _USUAL.comparator
    followed: _Weight = _USUAL.followed
    first: _Weight = _USUAL.first

    @model_validator(mode="after")
    def _ranks_something(self) -> RankingSettings:
        if not self.weights.total:
            raise ValueError("design, size, follow_up, title and comparator are all 0: nothing is left to rank by")
        return self

    @property
    def weights(self) -> Weights:
        """The weights, as the ranking takes them."""
        return Weights(**self.model_dump())


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
    ranking: RankingSettings = RankingSettings()
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
        Frozen; `data`, `editions`, `templates`, the list of retractions and a vocabulary that names a file are
        absolute paths.

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
        raise ConfigError([f"{name}:1: expected settings as `key: value` lines, found {name_kind(data)}"])
    lines: dict[Place, int] = {}
    mistakes: list[tuple[int, str]] = []
    note_lines(node, (), lines, mistakes)
    settings: Settings | None = None
    try:
        # Through JSON, because strict validation takes a list for a tuple only from there.
        settings = Settings.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        mistakes += [describe_finding(part, lines) for part in error.errors(include_url=False)]
    mistakes += [(lines.get(place, 1), f"{write_place(place)}: {told}") for place, told in find_mistakes(data)]
    for place, file in _named_files(data).items():
        if not (folder / file).is_file():
            mistakes.append((lines.get(place, 1), f"{write_place(place)}: there is no file {file}"))
    if mistakes or settings is None:
        raise ConfigError([f"{name}:{line}: {message}" for line, message in sorted(mistakes)])
    return _with_whole_paths(settings, folder)


def _named_files(data: dict[Any, Any]) -> dict[Place, str]:
    """Give the files that must be there, by the place in the settings that names them."""
    found: dict[Place, str] = {}
    places: tuple[Place, ...] = (("vocabulary",), ("sources", "retraction_watch", "file"))
    for place in places:
        value: Any = data
        for key in place:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and (place[-1] == "file" or is_path(value)):
            found[place] = value
    return found


def _with_whole_paths(settings: Settings, folder: Path) -> Settings:
    sources, watch = settings.sources, settings.sources.retraction_watch
    if watch is not None:
        whole = watch.model_copy(update={"file": folder / watch.file})
        sources = sources.model_copy(update={"retraction_watch": whole})
    named = is_path(settings.vocabulary)
    return settings.model_copy(
        update={
            "data": folder / settings.data,
            "editions": folder / settings.editions,
            "templates": folder / settings.templates if settings.templates else None,
            "vocabulary": str(folder / settings.vocabulary) if named else settings.vocabulary,
            "sources": sources,
        }
    )


def _quote(words: list[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _http_url(value: str) -> str:
    """Accept an http(s) address; used by validators."""
    if safe_url(value) is None:
        raise ValueError("not an http(s) address")
    return value
