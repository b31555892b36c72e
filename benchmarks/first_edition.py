"""What an edition costs that follows a backfill: seconds, memory, bytes; and the next week's, on top of it.

    python benchmarks/first_edition.py [STUDIES] [--keep FOLDER]

Invents a library (35,000 studies unless told otherwise: the abstracts of the embedded server's corpus, two to a paper,
under titles of their own), makes the first edition, writes its files, and does the same a week and 40 studies later.
Each step is a process of its own, so that its memory can be told.  Nothing is asserted: figures depend on the machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harvester.config.settings import Settings
from harvester.digest.words import read_words
from harvester.editions.make import make_editions, write_edition
from harvester.jobs.job import read_settings
from harvester.library import Ledger, Library, StudiesIntegrated
from harvester.paper.records import Identifiers, Record
from harvester.sandbox import build_invented
from harvester.sources.pubmed.xml import parse_pubmed_xml
from harvester.studies.integrate import integrate
from harvester.tagging import load_vocabulary

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PORTION = 1_000
WEEK = 40  # studies that a later week brings
CONFIG = """topic: Invented
contact: you@example.org
sources: {feeds: [{name: none, url: "http://127.0.0.1:9/"}]}
digests: [{name: weekly, title: Weekly}]
"""


def invent(number: int, *, start: int = 0) -> Iterator[Record]:
    """Make records, the same ones each time."""
    corpus = build_invented(NOW)
    body = b"<PubmedArticleSet>%s</PubmedArticleSet>" % b"".join(
        corpus.record(pmid, NOW.date()) or b"" for pmid in map(str, range(99_000_001, 99_000_101))
    )
    models = [item for item in parse_pubmed_xml(body) if isinstance(item, Record) and item.abstract]
    chance = random.Random(2026)
    syllables = [one + two for one in "bcdfgklmnprst" for two in "aeiou"]
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(20_000)]
    for index in range(start, start + number):
        model, other = models[index % len(models)], models[(index * 7 + 3) % len(models)]
        title = (model.title or "").replace(
            "(invented sample)", f"{' '.join(chance.choices(words, k=6))} (invented sample)"
        )
        yield replace(
            model,
            source_key=str(90_000_000 + index),
            identifiers=Identifiers(pmid=str(90_000_000 + index), doi=f"10.5555/scale.{index}"),
            title=title,
            title_markup=None,
            abstract=(*model.abstract, *other.abstract),
            published=f"{1990 + index % 36}-{index % 12 + 1:02d}",
            relations=(),
            trial_ids=(),
        )


def build(folder: Path, number: int, start: int) -> None:
    """Add studies to the library."""
    vocabulary = load_vocabulary("ketamine")
    with Library.open(folder / "data") as library:
        records = list(invent(number, start=start))
        for first in range(0, number, PORTION):
            with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
                library.records.save(records[first : first + PORTION], seen_at="2026-11-23T06:00:00Z")
            integrate(library, vocabulary, at="2026-11-23T06:00:00Z")


def make(folder: Path, week: int) -> None:
    """Make the edition of a week."""
    settings = _settings(folder)
    words = read_words(load_vocabulary("ketamine"))
    with Library.open(folder / "data", ledger=Ledger(folder / "data" / "raw")) as library:
        now = NOW + timedelta(weeks=week)
        make_editions(library, settings, settings.digests, words, now=now, sample=True)


def write(folder: Path) -> None:
    """Write the newest edition's files."""
    with Library.open(folder / "data") as library:
        stored = library.editions.latest("weekly")
        assert stored is not None
        target = write_edition(stored, _settings(folder))
    for path in sorted(target.iterdir()):
        print(f"    {path.name:16} {path.stat().st_size / 1e6:8.2f} MB")


def _settings(folder: Path) -> Settings:
    config = folder / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    return read_settings(config)


def _timed(name: str, arguments: tuple[object, ...]) -> None:
    start = time.process_time()
    globals()[name](*arguments)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:6} {' '.join(map(str, arguments[1:])):12} {seconds:7.1f} s {memory:7.0f} MB", flush=True)


def run(name: str, *arguments: object) -> None:
    """Do a step in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=_timed, args=(name, arguments))
    process.start()
    process.join()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("studies", type=int, nargs="?", default=35_000)
    parser.add_argument("--keep", type=Path, help="Where the library is made, or lies already.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if options.keep is not None and (options.keep / "data").is_dir():
            shutil.copytree(options.keep, folder, dirs_exist_ok=True)
        else:
            run("build", folder, options.studies, 0)
            if options.keep is not None:
                shutil.copytree(folder, options.keep)
        run("make", folder, 0)
        run("write", folder)
        run("build", folder, WEEK, options.studies)
        run("make", folder, 1)
        run("write", folder)


if __name__ == "__main__":
    main()
