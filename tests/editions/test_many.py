"""An edition after a backfill: what nobody could read is counted, truly, and told as told in number."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from harvester.config.loading import parse_settings
from harvester.config.settings import Settings
from harvester.digest import Edition, load_edition, subject
from harvester.digest.edition import count_new
from harvester.digest.view import count_line
from harvester.digest.words import read_words
from harvester.editions.archiving import write_archive
from harvester.editions.make import MOST_SHOWN, make_edition, render_edition
from harvester.ground.clock import parse_time
from harvester.jobs import maintain, pipeline
from harvester.jobs.job import GRAMMAR, Job, read_settings
from harvester.library import Library, StoredEdition, StudiesIntegrated
from harvester.paper.records import Record, Relation
from harvester.studies.integrate import integrate
from harvester.tagging import load_vocabulary
from tests.conftest import NOW
from tests.factories import build_record

VOCABULARY = load_vocabulary("ketamine")
WORDS = read_words(VOCABULARY)
MANY = MOST_SHOWN + 60
DAYS = [f"2026-11-{day:02d}T06:00:00Z" for day in (9, 16, 23)]


class Backfill:
    """A library that begins with more than anybody reads."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self.library = library
        self.settings = settings
        self.week = 0

    def play(self, *records: Record, where: str = "") -> tuple[StoredEdition, Edition]:
        """Take records in and make the week's edition."""
        at = DAYS[self.week]
        self.week += 1
        with self.library.transaction(StudiesIntegrated(at=at)):
            self.library.records.save(records, seen_at=at)
        integrate(self.library, VOCABULARY, at=at)
        digest = self.settings.digests[0].model_copy(update={"where": where})
        stored = make_edition(self.library, self.settings, digest, WORDS, now=parse_time(at), sample=True)
        assert stored is not None
        return stored, load_edition(stored.document.encode())


@pytest.fixture
def backfill(tmp_path: Path) -> Iterator[Backfill]:
    """Give an empty library with a digest."""
    settings = parse_settings(
        "topic: t\ncontact: a@example.org\nsources: {feeds: [{name: x, url: 'http://127.0.0.1:9/'}]}\n"
        "digests: [{name: weekly, title: W}]\n",
        GRAMMAR,
        name="config.yaml",
        folder=tmp_path,
    )
    with closing(Library.open(tmp_path / "data")) as library:
        yield Backfill(library, settings)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_best_are_shown_whole_and_the_others_are_counted_where_they_would_stand(backfill: Backfill) -> None:
    records = [build_record(number) for number in range(1, MANY + 1)]
    # The weakest: five protocols that nobody follows, and one paper that is off the topic.
    records[:5] = [replace(item, title=f"Study protocol: {item.title}", abstract=()) for item in records[:5]]
    records[5] = replace(records[5], title="Tea in an invented harbour (invented sample)", abstract=())
    stored, edition = backfill.play(*records)
    assert len(edition.studies) == MOST_SHOWN
    assert edition.off_topic == 1
    assert sum(item.count for item in edition.counted) == MANY - MOST_SHOWN - 1
    assert {(item.section, item.kind): item.count for item in edition.counted}["protocols", "protocol"] == 5
    core, adjacent = count_new(edition)
    assert core.total() + adjacent == MANY - 1
    assert plain(count_line(edition)).startswith(f"{MANY - 1} new: ")
    assert subject(edition).startswith(f"{MANY - 1} new")
    assert edition.field_counts is not None
    depression = sum(item.count for item in edition.field_counts.new if item.condition == "depression")
    with_depression = list(backfill.library.studies.rows(where="conditions LIKE '%depression%'"))
    assert depression == len(with_depression) > MOST_SHOWN / 2
    files = {
        name: plain(unescape(content.decode())) for name, content in render_edition(stored, backfill.settings).items()
    }
    rest = MANY - MOST_SHOWN - 6
    assert f'<a href="../../index.html">{rest} more studies, in the archive</a>' in files["index.html"]
    assert '<a href="../../index.html">5 studies, in the archive</a>' in files["index.html"]
    for name in ("email.html", "email.txt"):
        assert f"{rest} more studies, in the archive." in files[name]
        assert "5 studies, in the archive." in files[name]
    assert files["references.ris"].count("TY  - ") == MOST_SHOWN


def test_what_was_counted_is_not_announced_later_and_no_edition_is_said_to_have_shown_it(backfill: Backfill) -> None:
    """Whatever happens to it: it was told in number, and its readers have never met it."""
    records = [build_record(number) for number in range(1, MANY + 1)]
    stored, edition = backfill.play(*records)
    shown = {study.study_id for study in edition.studies}
    rows = list(backfill.library.studies.rows(columns=("study_id", "pmid", "first_edition")))
    assert {row["study_id"] for row in rows if row["first_edition"] == stored.edition} == shown
    assert {row["first_edition"] for row in rows if row["study_id"] not in shown} == {None}
    assert backfill.library.editions.studies_of(stored.edition) == sorted(shown)
    by_pmid = {record.identifiers.pmid: record for record in records}
    unseen = [by_pmid[row["pmid"]] for row in rows if row["study_id"] not in shown]
    seen = by_pmid[next(row["pmid"] for row in rows if row["study_id"] in shown)]
    retracted = (Relation(kind="RetractionIn", pmid="99600001", reference="J Invent. 2026"),)
    _, later = backfill.play(
        build_record(MANY + 1),
        replace(unseen[0], volume="9", revised="2026-11-15"),
        *(replace(record, relations=retracted, revised="2026-11-15") for record in (unseen[1], seen)),
    )
    assert [study.identifiers.doi for study in later.studies] == [f"10.5555/sample.{MANY + 1}"]
    assert later.counted == ()
    assert [(change.kind, change.study.identifiers.doi) for change in later.changes] == [
        ("retracted", seen.identifiers.doi)
    ]


def test_what_is_new_in_the_week_is_not_lost_among_old_papers(backfill: Backfill) -> None:
    """A backfill of stronger studies falls into the week of two recent ones, the weakest of all."""
    old = [replace(build_record(number), published="2009-05") for number in range(1, MANY + 1)]
    bare = {"abstract": (), "published": "2026-11"}
    recent = [
        build_record(MANY + 1, title="A comment on ketamine for depression (invented sample)", **bare),
        build_record(MANY + 2, title="Ketamine for delirium after surgery (invented sample)", **bare),
    ]
    _, edition = backfill.play(*old, *recent)
    shown = {study.identifiers.doi for study in edition.studies}
    assert len(shown) == MOST_SHOWN
    assert {record.identifiers.doi for record in recent} <= shown


def test_a_condition_is_heeded_and_the_archive_counts_as_the_edition_does(backfill: Backfill) -> None:
    records = [build_record(number) for number in range(1, MANY + 1)]
    records[:9] = [replace(item, title=f"Study protocol: {item.title}", abstract=()) for item in records[:9]]
    _, edition = backfill.play(*records, where="design <> 'protocol'")
    count = MANY - 9
    assert plain(count_line(edition)).startswith(f"{count} new: ")
    page = write_archive(backfill.library, backfill.settings, WORDS, sample=True).read_text(encoding="utf-8")
    assert f"{count} new</span>" in plain(page)


def test_many_papers_that_are_imported_are_counted_and_the_library_is_made_again(finished_copy: Path) -> None:
    """The kept document, what was told and what was not: row for row."""
    table = finished_copy.parent / "own.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("title", "doi", "year", "abstract"))
        for record in map(build_record, range(1000, 1000 + MANY)):
            abstract = " ".join(part.text for part in record.abstract)
            writer.writerow((record.title, record.identifiers.doi, "2020", abstract))
    job = Job(settings=read_settings(finished_copy), now=NOW + timedelta(weeks=1))
    maintain.import_files(job, [table])
    (folder,) = pipeline.digest(job).editions
    edition = load_edition((folder / "digest.json").read_bytes())
    assert len(edition.studies) == MOST_SHOWN
    assert len(edition.studies) + sum(item.count for item in edition.counted) >= MANY
    assert maintain.rebuild(job).differences == {}
