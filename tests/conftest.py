"""What all tests share: the embedded server, and settings that point to it."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, settings

from harvester.config.settings import Settings
from harvester.ground import secrets
from harvester.ground.http import HttpOptions
from harvester.jobs import pipeline
from harvester.jobs.job import Job, read_settings
from harvester.mail.smtp import Mailer
from harvester.sandbox import Sandbox, build_invented
from harvester.sources.pubmed.client import Limits
from harvester.sources.pubmed.harvest import Pubmed
from harvester.sources.registry import open_sources
from harvester.sources.source import Source

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # a Monday: 2026-W48 in Zurich

# Short waits, because the servers that fail in tests do so on purpose.
IMPATIENT = HttpOptions(
    connect_timeout=2, read_timeout=2, total_timeout=5, attempts=2, backoff_seconds=0.05, max_wait=0.2, min_interval=0
)

# Property tests try other examples in every run, and print the one that fails; in CI they try the same ones each time.
# How long an example takes depends on what else the machine does, so no time is too long for one.
for name, is_derandomized in (("work", False), ("ci", True)):
    settings.register_profile(
        name, derandomize=is_derandomized, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
    )
settings.load_profile("ci" if os.environ.get("CI") else "work")


UNPACED = Limits(requests_without_key=1000)  # the embedded server does not ask for NCBI's rate


def open_with(limits: Limits) -> Callable[[Settings], list[Source]]:
    """Give a function that opens the sources of settings, PubMed with limits of its own."""

    def open_limited(settings: Settings) -> list[Source]:
        opened = open_sources(settings)
        pubmed = getattr(settings.sources, "pubmed", None)
        return [Pubmed(pubmed, limits=limits) if isinstance(source, Pubmed) else source for source in opened]

    return open_limited


open_unpaced = open_with(UNPACED)


open_hasty = partial(Mailer, pauses=(0.05, 0.05))  # for what the mail server wants tried again later


@pytest.fixture(autouse=True)
def csv_limit() -> Iterator[None]:
    """Put back the csv module's limit of a cell, which frictionless lifts for the whole process."""
    before = csv.field_size_limit()
    yield
    csv.field_size_limit(before)


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test know the secrets of another, which would be masked in its texts."""
    monkeypatch.setattr(secrets, "_known", {})


# The invented studies as of a time, which are made and indexed once.
invented_corpus = cache(build_invented)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Give the embedded server with its invented corpus, without NCBI's rate limit."""
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as server:
        yield server


def write_settings(path: Path, box: Sandbox, **changes: object) -> Path:
    """Write a config.yaml for the embedded server; keywords replace top-level keys."""
    settings: dict[str, object] = {
        "topic": "Ketamine in mental health",
        "contact": "you@example.org",
        "timezone": "Europe/Zurich",
        "sources": {
            "pubmed": {"query": "ketamin*[tiab] OR esketamin*[tiab]", "base_url": box.pubmed_url},
            "feeds": [{"name": name, "url": box.feed_url(name)} for name in box.feed_names],
        },
        "digests": [{"name": "weekly", "title": "Weekly", "recipients": ["a@example.org", "b@example.org"]}],
        "mail": {
            "sender": "Digest <digest@example.org>",
            "host": box.smtp_host,
            "port": box.smtp_port,
            "security": "none",
            "unsubscribe": "mailto:digest@example.org?subject=unsubscribe",
        },
    }
    path.write_text(yaml.safe_dump({**settings, **changes}), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a finished run, to be copied and not changed; its servers are gone."""
    folder = tmp_path_factory.mktemp("finished")
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as server:
        path = write_settings(folder / "config.yaml", server)
        pipeline.run(Job(settings=read_settings(path), now=NOW, http=IMPATIENT))
    return folder


@pytest.fixture
def write_config(box: Sandbox, tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes a config.yaml for the embedded server; keywords replace top-level keys."""

    def write(**changes: object) -> Path:
        return write_settings(tmp_path / "config.yaml", box, **changes)

    return write


@pytest.fixture
def make_job(box: Sandbox, write_config: Callable[..., Path]) -> Callable[..., Job]:
    """Give a function that makes a job at a time, and sets the server's clock to it."""

    def make(now: datetime = NOW, **changes: object) -> Job:
        box.now = now
        settings = read_settings(write_config(**changes))
        return Job(settings=settings, now=now, http=IMPATIENT, open_sources=open_unpaced, open_mailer=open_hasty)

    return make


@pytest.fixture
def ncbi_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process, and those that it starts, ask PubMed ten times a second instead of three."""
    monkeypatch.setenv("NCBI_API_KEY", "invented")


@pytest.fixture
def finished_copy(finished_run: Path, tmp_path: Path) -> Path:
    """Give the config.yaml of a copy of a finished run, which a test may change."""
    folder = tmp_path / "finished"
    shutil.copytree(finished_run, folder)
    return folder / "config.yaml"
