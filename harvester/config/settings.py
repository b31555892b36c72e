"""The grammar of config.yaml, as frozen models: a key that is not here, or declared by a source, is a mistake.

Secrets are named there, not written: `X_env` or `X_file` (`harvester.config.secrets`).  The docstrings of the fields
are their descriptions in docs/settings.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from harvester.config.secrets import find_doubled
from harvester.config.weights import Weights
from harvester.paper.identifiers import safe_url
from harvester.paper.names import parse_name
from harvester.paper.registries import is_trial_id
from harvester.table.where import check_where

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.?[^@\s<>,;.]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class _Settings(BaseModel):
    """What all settings share: nothing unknown, nothing changed later, no type guessing; docstrings describe."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    @model_validator(mode="after")
    def _names_each_secret_once(self) -> Self:
        mistake = find_doubled({name for name in self.model_fields_set if getattr(self, name) is not None})
        if mistake is not None:
            raise ValueError(mistake)
        return self


def _check_each(values: tuple[str, ...], is_right: Callable[[str], object], message: str) -> tuple[str, ...]:
    """Return texts as they are; refuse them with a message, in which the wrong ones stand for {}."""
    wrong = [value for value in values if not is_right(value)]
    if wrong:
        raise ValueError(message.format(", ".join(f"'{value}'" for value in wrong)))
    return values


def _check_line(value: str) -> str:
    """Return a text of one line without the space around it; refuse what no header of a mail can hold."""
    line = value.strip()
    if not line or not line.isprintable():
        raise ValueError("must be one line of text, without control characters")
    return line


class SourceSettings(_Settings):
    """What every source's settings build on; each source declares its own beside its code."""

    tolerate: Annotated[int, Field(ge=1, le=1000)] = 3
    """How many runs in a row it must fail before mail, output and exit code say so, unless it is required or never
    answered; the receipt always says it."""


class SourcesSettings(_Settings):
    """Where papers come from: a field for each section that `Grammar.sources` names."""


class FollowSettings(_Settings):
    """Whose papers a digest's readers want to see first; see `harvester.digest.follow` for how they are compared."""

    authors: tuple[str, ...] = ()
    """Authors whose papers come first: `Family GI`, `Given Family`, or a group's name."""
    journals: tuple[str, ...] = ()
    """Journals: full names or abbreviations."""
    trials: tuple[str, ...] = ()
    """Registration numbers of trials, in any case."""

    @field_validator("authors")
    @classmethod
    def _are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _check_each(value, parse_name, "not an author's name: {}; write it as Family GI")

    @field_validator("journals")
    @classmethod
    def _are_titles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _check_each(value, lambda name: any(map(str.isalpha, name)), "not a journal's name: {}")

    @field_validator("trials")
    @classmethod
    def _are_registrations(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _check_each(value, is_trial_id, "not a registration number: {}; write it as NCT01234567")


class DigestSettings(_Settings):
    """One digest: who gets what."""

    name: str
    """Names the folder of the edition: lower-case letters, digits, hyphens."""
    formerly: tuple[str, ...] = ()
    """Names that it had before: it goes on where they ended, and its readers have what they sent."""
    title: Annotated[str, Field(min_length=1, max_length=120)]
    """The masthead."""
    recipients: tuple[str, ...] = ()
    """Who gets it by mail; nobody: only the files are written."""
    where: str = ""
    """A condition on the [columns of the table](table.md), as for `query --where`; empty: everything."""
    wait: Annotated[int, Field(ge=0, le=28)] = 2
    """How many days an edition waits for required sources that do not answer, before it goes out without; 0: none."""
    follow: FollowSettings = FollowSettings()
    """Whose papers its readers want first: [see below](#following)."""
    sections: tuple[str, ...] | None = None
    """Which sections it has, in which order: [see below](#sections); absent: all, in their usual order."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, and those that it had before."""
        return (self.name, *self.formerly)

    @field_validator("title")
    @classmethod
    def _is_one_line(cls, value: str) -> str:
        return _check_line(value)

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
    """How much such a design tells about what works: a randomised trial 1, a meta-analysis 0.95, … a comment 0.1."""
    size: _Weight = _USUAL.size
    """People: 1,000 count fully, 30 half."""
    follow_up: _Weight = _USUAL.follow_up
    """Time followed: from 180 days fully."""
    title: _Weight = _USUAL.title
    """The compound stands in the title."""
    comparator: _Weight = _USUAL.comparator
    """There is a comparator."""
    followed: _Weight = _USUAL.followed
    """An author, journal or trial that the digest follows."""
    first: _Weight = _USUAL.first
    """The first study, or first randomised trial, on a condition in this library."""

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

    sender: str
    """Whom it comes from: `Name <address@example.org>`, or an address."""
    host: str = "localhost"
    """The mail server."""
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    """Its port."""
    security: Literal["none", "starttls", "tls"] = "starttls"
    """How the connection is kept from other eyes; it never falls back to less."""
    username: str | None = None
    """The login; absent: none."""
    password_env: str = "SMTP_PASSWORD"  # noqa: S105 - the variable's name, not a password
    """The environment variable that holds its password."""
    password_file: Path | None = None
    """A file that holds its password, instead."""
    unsubscribe: str | None = None
    """A `mailto:` or `https:` address for List-Unsubscribe; an https address must accept a POST (RFC 8058)."""

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


class MonitorSettings(_Settings):
    """Who else is told how runs end: [see below](#monitor); what goes wrong with it never touches a run."""

    ping: SecretStr | None = None
    """An address that hears of each `run`, as healthchecks.io or Uptime Kuma (`/api/push/`) give one."""
    ping_env: str | None = None
    """The environment variable that holds it, instead."""
    ping_file: Path | None = None
    """A file that holds it, instead."""
    ntfy: SecretStr | None = None
    """The address of an ntfy topic, which hears of what needs a person, and when all is well again."""
    ntfy_env: str | None = None
    """The environment variable that holds it, instead."""
    ntfy_file: Path | None = None
    """A file that holds it, instead."""
    webhook: SecretStr | None = None
    """An address that gets a JSON object after each `run`, `harvest` and `send`."""
    webhook_env: str | None = None
    """The environment variable that holds it, instead."""
    webhook_file: Path | None = None
    """A file that holds it, instead."""

    @field_validator("ping", "ntfy", "webhook")
    @classmethod
    def _is_http(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_http_url(value.get_secret_value())
        return value


class Settings(_Settings):
    """The whole file, paths made absolute."""

    topic: Annotated[str, Field(min_length=1, max_length=120)]
    """What the digest is about, for the reader."""
    contact: str
    """Your e-mail address; NCBI and publishers see it."""
    timezone: str = "UTC"
    """The zone in which weeks are counted, such as `Europe/Zurich`."""
    data: Path = Path("data")
    """The folder of the library and the table."""
    editions: Path = Path("digests")
    """The folder of the rendered editions."""
    editions_url: str | None = None
    """The http(s) address under which that folder is published: mails then link to their page there, else they name the
    file."""
    templates: Path | None = None
    """A folder whose files replace built-in templates of the same name (`index.html`, `email.html`, `email.txt`,
    `page.css`, `archive.html`, …)."""
    ca_bundle: Path | None = None
    """A PEM file of certificate authorities of one's own, which sources and mail server may be vouched for by, beside
    the usual ones."""
    vocabulary: str = "ketamine"
    """The words behind the tags: a built-in name, or the path of a YAML file of one's own."""
    ranking: RankingSettings = RankingSettings()
    """How much each answer counts in the relevance of a study: [see below](#ranking)."""
    sources: SourcesSettings
    """Where papers come from."""
    digests: tuple[DigestSettings, ...]
    """Who gets what, at least one."""
    ended_digests: tuple[str, ...] = ()
    """Names of digests that are no more, on purpose: runs stop asking what became of them."""
    mail: MailSettings | None = None
    """How mail leaves; absent: no digest may have recipients."""
    monitor: MonitorSettings | None = None
    """Who else is told how runs end: [see below](#monitor)."""

    @field_validator("topic")
    @classmethod
    def _is_one_line(cls, value: str) -> str:
        return _check_line(value)

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
        return None if value is None else check_http_url(value).rstrip("/") + "/"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which weeks are counted."""
        return ZoneInfo(self.timezone)


def check_http_url(value: str) -> str:
    """Return an http(s) address as it is; for validators."""
    if safe_url(value) is None:
        raise ValueError("not an http(s) address")
    return value
