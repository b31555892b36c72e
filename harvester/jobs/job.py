"""What a job is given (settings, clock, ways to the outside), and how it opens what it works on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from harvester import __version__
from harvester.config.grammar import Grammar
from harvester.config.loading import load_settings
from harvester.config.secrets import LookUp, read_secret
from harvester.config.settings import Settings
from harvester.digest.sections import FIXED_SECTIONS, SECTIONS
from harvester.digest.words import Words, read_words
from harvester.editions.deliver import OpenMailer
from harvester.editions.trial import find_faults
from harvester.ground.clock import format_time
from harvester.ground.errors import ConfigError, LibraryError
from harvester.ground.files import read_file
from harvester.ground.heard import HeardTime
from harvester.ground.http import HttpOptions, PoliteSession
from harvester.ground.secrets import note_secret
from harvester.library import Ledger, Library, settle
from harvester.mail.smtp import Mailer
from harvester.sources.desk import Outside
from harvester.sources.registry import SOURCE_PAGES, SOURCES, open_sources
from harvester.sources.source import Source
from harvester.studies.naming import name_imports
from harvester.studies.refresh import rekey, retag
from harvester.table.published import CSV_NAME, verify_table, write_table
from harvester.tagging import Vocabulary, list_vocabularies, load_vocabulary

# Clocks are wrong by minutes, and answers that were kept on the way old by hours.
_CLOCK_LEEWAY = timedelta(days=1)

Progress = Callable[[str, int, int], None]  # what, done, of how many

# What may stand in config.yaml beyond what `harvester.config` declares itself.
GRAMMAR = Grammar(
    sources={source.section: (source.settings_model, source.is_list) for source in SOURCES if source.section},
    papers_from=[source.section for source in SOURCES if source.section and source.gives_papers],
    sections=SECTIONS,
    fixed_sections=FIXED_SECTIONS,
    list_vocabularies=list_vocabularies,
    find_faults=find_faults,
)


def no_progress(what: str, done: int, total: int) -> None:
    """Show no progress."""


def read_settings(path: Path) -> Settings:
    """Read config.yaml; see `harvester.config.settings.load_settings`."""
    return load_settings(path, GRAMMAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a run is given: its settings, its clock, and its ways to the outside."""

    settings: Settings
    now: datetime  # aware; the only clock of the run, read once
    secrets: LookUp = lambda name: None
    progress: Progress = no_progress
    http: HttpOptions = field(default_factory=HttpOptions)
    open_sources: Callable[[Settings], Sequence[Source]] = open_sources
    open_mailer: OpenMailer = Mailer
    started: float = field(default_factory=time.monotonic)  # when the clock was read
    busy_seconds: float = 30  # how long to wait for another program that writes to the library
    is_sample: bool = False  # the studies are invented, and every edition says so
    judges_clock: bool = False  # `now` is this machine's clock, which may be wrong, and not a time that the user gave
    heard: HeardTime = field(default_factory=HeardTime)  # what time it is by the servers that answered

    @property
    def at(self) -> str:
        """The clock as UTC text."""
        return format_time(self.now)

    def clock(self) -> datetime:
        """Return the clock as it has gone on since it was read."""
        return self.now + timedelta(seconds=time.monotonic() - self.started)

    @property
    def raw_folder(self) -> Path:
        """The folder of the answers as received, and of the ledger."""
        return self.settings.data / "raw"

    @property
    def sources(self) -> Sequence[Source]:
        """The sources that the settings name, ready to be asked once."""
        return self.open_sources(self.settings)

    def outside(self, vocabulary: Vocabulary) -> Outside:
        """Return the sources' ways to the outside."""
        return Outside(
            now=self.now,
            contact=self.settings.contact,
            topic_words=tuple(vocabulary.entries["compounds"]),
            open_session=self.open_session,
            read_secret=self.read_secret,
        )

    def open_session(self, max_bytes: int | None = None) -> PoliteSession:
        """Open an HTTP session that says who asks; `max_bytes` lowers the limit of an answer's size."""
        agent = f"harvester/{__version__} (+mailto:{self.settings.contact})"
        limit = min(max_bytes or self.http.max_bytes, self.http.max_bytes)
        options = replace(self.http, max_bytes=limit)
        return PoliteSession(agent, options=options, listen=self.heard.listen, ca_bundle=self.settings.ca_bundle)

    def doubt_clock(self) -> str | None:
        """Return in words that this machine's clock is ahead of all servers that answered; None: it is not.

        What servers say proves no clock to be behind: one of them may be ahead itself.
        """
        heard = self.heard.newest
        if not self.judges_clock or heard is None or self.now - heard <= _CLOCK_LEEWAY:
            return None
        return (
            f"this machine's clock says {self.at}, but the servers that answered say {format_time(heard)}:"
            " no edition is made; set the clock and run again"
        )

    def open_library(self) -> Library:
        """Open the library for writing, after making sure that neither it nor the table is damaged.

        Raises
        ------
        LibraryError
            If one of them is; nothing is overwritten.
        """
        settle(self.settings.data)
        verdict = verify_table(self.settings.data)
        if verdict.state == "damaged":
            raise LibraryError(
                f"{self.settings.data / CSV_NAME} is damaged ({verdict.reason})",
                advice="move it away and run again: it is written anew from the library; nothing was overwritten",
            )
        return Library.open(self.settings.data, ledger=Ledger(self.raw_folder), busy_seconds=self.busy_seconds)

    def read_vocabulary(self) -> Vocabulary:
        """Load the settings' vocabulary, built in or from a file, with the settings' weights."""
        name = self.settings.vocabulary
        path = Path(name)
        if path.is_absolute():
            vocabulary = load_vocabulary(read_file(path).decode("utf-8", "replace"), filename=str(path))
        else:
            vocabulary = load_vocabulary(name)
        return replace(vocabulary, weights=self.settings.ranking.weights)

    def read_words(self) -> Words:
        """Return what the vocabulary of the settings calls its tags today."""
        return read_words(self.read_vocabulary())

    def read_secret(self, name: str | None, file: Path | None = None) -> str | None:
        """Return a secret by the `X_env` and the `X_file` of the settings, and see to it that no text repeats it."""
        return note_secret(read_secret(name, file, look_up=self.secrets))

    def read_password(self) -> str | None:
        """Return the mail password; None if the settings name no user.

        Raises
        ------
        ConfigError
            If there are recipients and it is not where the settings say.
        """
        mail = self.settings.mail
        if mail is None or mail.username is None:
            return None
        password = self.read_secret(mail.password_env, mail.password_file)
        if password is None and any(digest.recipients for digest in self.settings.digests):
            raise ConfigError([f"mail.password_env: the environment variable {mail.password_env} is not set"])
        return password

    def refresh(self, library: Library) -> None:
        """Bring all names, tags and keys in step with today's rules, words and weights."""
        name_imports(library, self.read_vocabulary(), at=self.at)
        rekey(library, at=self.at)
        retag(
            library, self.read_vocabulary(), at=self.at, progress=lambda done, total: self.progress("tags", done, total)
        )

    def publish_table(self, library: Library, *, warn: Callable[[str], object] | None = None) -> tuple[Path, ...]:
        """Write the table from the library, whole or not at all.

        `warn` is called with a line about its optional parts, where they cannot be written; None: that is raised.
        """
        rows = library.studies.rows()
        settings = self.settings
        paths = write_table(
            settings.data, rows, created=self.at, topic=settings.topic, source_pages=SOURCE_PAGES, warn=warn
        )
        return tuple(paths)
