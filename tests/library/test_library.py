"""The library: what is written is there, what is damaged is refused, and one run holds it at a time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.ground.errors import LibraryError, LockedError, SchemaError, StorageError, UsageError
from harvester.library import FILE_NAME, Library, Mark, StoredEdition, StudiesIntegrated
from harvester.paper.records import Record, Relation
from harvester.studies.integrate import integrate
from harvester.tagging import load_vocabulary
from tests.factories import build_record

MONDAY, NEXT_MONDAY = "2026-11-16T06:00:00Z", "2026-11-23T06:00:00Z"


def take_in(library: Library, *records: Record, at: str = MONDAY) -> None:
    """Save records and make studies of them."""
    with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
        library.records.save(records, seen_at=at)
    integrate(library, load_vocabulary("ketamine"), at=at)


def test_a_record_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """JSON and SQLite lose nothing of a record."""
    record = build_record(relations=(Relation(kind="ErratumIn", pmid="99600001", note="page 3"),))
    with Library.open(tmp_path) as library, library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
        library.records.save([record], seen_at=MONDAY)
    with Library.open(tmp_path, writable=False) as library:
        stored = library.records.get("pubmed", record.source_key)
        assert stored is not None
        assert stored.record == record
        assert stored.first_seen == MONDAY


def test_a_revision_keeps_what_was_said_before_and_an_older_one_replaces_nothing(tmp_path: Path) -> None:
    """An imported file may be older than the last harvest."""
    first = build_record(revised="2026-11-10")
    later = replace(first, title="A better title (invented sample)", revised="2026-11-20")
    with Library.open(tmp_path) as library:
        with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
            library.records.save([first], seen_at=MONDAY)
            library.records.save([later], seen_at=NEXT_MONDAY)
            library.records.save([first], seen_at=NEXT_MONDAY)
        held = library.records.get("pubmed", first.source_key)
        assert held is not None
        assert held.record == later
        assert library.records.revisions(held.record_id) == [(NEXT_MONDAY, first)]


def test_a_paper_from_a_feed_is_completed_by_pubmed_and_keeps_its_id(tmp_path: Path) -> None:
    """One row, first seen in the feed, with the reason of the merge."""
    feed = build_record(1, source="feed:A journal", abstract=())
    with Library.open(tmp_path) as library:
        take_in(library, feed)
        take_in(library, build_record(1), at=NEXT_MONDAY)
        (study,) = library.studies.iterate()
        assert study.study_id == "S0000001"
        assert study.first_seen == MONDAY
        assert study.sources == ("feed:A journal", "pubmed")
        assert study.identifiers.pmid == "99500001"
        assert study.record_count == 2
        (merge,) = library.studies.merges("S0000001")
        assert "DOI" in merge.reason
        assert [event.kind for event in library.studies.history("S0000001")] == ["seen", "joined", "changed"]


def test_two_studies_that_turn_out_to_be_one_keep_the_older_id(tmp_path: Path) -> None:
    """The other id leads to it for ever."""
    bare = build_record(
        1, source="feed:A journal", identifiers=replace(build_record(1).identifiers, doi=None, pmid=None)
    )
    bare = replace(
        bare, source_key="https://example.org/1", title="Something else entirely (invented sample)", authors=()
    )
    with Library.open(tmp_path) as library:
        take_in(library, bare)
        take_in(library, build_record(1))
        assert [study.study_id for study in library.studies.iterate()] == ["S0000001", "S0000002"]
        take_in(library, replace(build_record(1, source="feed:A journal"), source_key="https://example.org/1"))
        assert [study.study_id for study in library.studies.iterate()] == ["S0000001"]
        found = library.studies.get("S0000002")
        assert found is not None
        assert found.study_id == "S0000001"


def test_a_different_pmid_is_a_different_paper(tmp_path: Path) -> None:
    """Even with the same title, authors and journal."""
    twin = build_record(1)
    other = replace(
        twin, source_key="99500099", identifiers=replace(twin.identifiers, pmid="99500099", doi="10.5555/z")
    )
    with Library.open(tmp_path) as library:
        take_in(library, twin, other)
        assert len(list(library.studies.iterate())) == 2


def test_an_article_and_its_preprint_are_linked_whichever_comes_first(tmp_path: Path) -> None:
    """Two studies, because two records of PubMed are two papers; the article names its preprint."""
    article = build_record(1)
    preprint = replace(
        article,
        source_key="99500098",
        identifiers=replace(article.identifiers, pmid="99500098", doi="10.1101/2026.01.02.26000001"),
        publication_types=("Preprint",),
        journal="mockRxiv",
    )
    for name, order in (("article", (article, preprint)), ("preprint", (preprint, article))):
        with Library.open(tmp_path / name) as library:
            for record in order:
                take_in(library, record)
            found = {study.status: study.preprint_doi for study in library.studies.iterate()}
        assert found == {"published": "10.1101/2026.01.02.26000001", "preprint": None}


def test_a_deleted_record_leaves_a_withdrawn_study(tmp_path: Path) -> None:
    """PubMed's DeleteCitation is told, not hidden."""
    with Library.open(tmp_path) as library:
        take_in(library, build_record(1))
        with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
            library.records.mark_deleted("pubmed", ["99500001", "1"], at=NEXT_MONDAY)
        integrate(library, load_vocabulary("ketamine"), at=NEXT_MONDAY)
        (study,) = library.studies.iterate()
        assert study.status == "withdrawn"
        (event,) = library.studies.events(kind="status", after=0)
        assert event.detail["to"] == "withdrawn"


def test_integrating_again_changes_nothing(tmp_path: Path) -> None:
    """The same records, seen again, leave every byte of the studies as it was."""
    with Library.open(tmp_path) as library:
        take_in(library, *(build_record(number) for number in range(1, 6)))
        before = list(library.studies.rows())
        take_in(library, *(build_record(number) for number in range(1, 6)), at=NEXT_MONDAY)
        assert list(library.studies.rows()) == before
        assert library.studies.last_event_id() == 5


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("esketamine", 2),
        ('"nasal spray"', 1),
        ("'nasal spray'", 1),
        ("nasal-spray", 1),
        ("nasal esket*", 1),
        ("Elderson", 1),
        ("xylophone", 0),
    ],
)
def test_words_find_studies(tmp_path: Path, words: str, number: int) -> None:
    with Library.open(tmp_path) as library:
        take_in(library, *(build_record(number) for number in range(5)))
        assert len(library.studies.search(words, limit=10)) == number


def test_an_edition_comes_back_and_knows_its_studies(tmp_path: Path) -> None:
    """Compressed and back; the mark says where the next one begins."""
    stored = StoredEdition(
        digest="weekly", edition="2026-W47", made_at=MONDAY, mark=Mark(last_study_id="S0000002"), document='{"a": "é"}'
    )
    with Library.open(tmp_path) as library:
        with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
            library.editions.save(stored, ["S0000001"])
        assert library.editions.get("weekly", "2026-W47") == stored
        assert library.editions.latest("weekly") == stored
        assert library.editions.latest("other") is None
        assert library.editions.sent_in(("weekly",), ["S0000001", "S0000002"]) == {"S0000001": "2026-W47"}
        assert library.editions.studies_of("2026-W47") == ["S0000001"]
        assert library.editions.studies_of("2026-W48") is None


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    """All or nothing, whatever is raised inside."""
    with Library.open(tmp_path) as library:

        def fail() -> None:
            with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
                library.records.save([build_record(1)], seen_at=MONDAY)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert library.records.pending() == []


def test_a_second_run_is_refused_and_says_who_holds_the_library(tmp_path: Path) -> None:
    """The lock holds between processes, and a reader is not refused."""
    with Library.open(tmp_path):
        code = (
            "import sys; from pathlib import Path; from harvester.library import Library\n"
            "Library.open(Path(sys.argv[1]), writable=False).close()\n"
            "try: Library.open(Path(sys.argv[1]))\n"
            "except Exception as error: print(type(error).__name__, error)"
        )
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
        assert "LockedError" in done.stdout
        assert "process" in done.stdout
    with Library.open(tmp_path) as library:
        assert library.records.pending() == []
    with Library.open(tmp_path), pytest.raises(LockedError):
        Library.open(tmp_path)


@pytest.mark.parametrize("damage", ["cut", "noise", "other"])
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, damage: str) -> None:
    """A cut file, one that is no database, and another program's database."""
    path = tmp_path / FILE_NAME
    with Library.open(tmp_path) as library:
        take_in(library, *(build_record(number) for number in range(20)))
    if damage == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "noise":
        path.write_bytes(b"this is no database\n" * 400)
    else:
        path.unlink()
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE something (x)")
        connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryError) as caught:
        Library.open(tmp_path)
    assert caught.value.exit_code == 65
    assert path.read_bytes() == before


def test_a_library_from_the_future_is_refused(tmp_path: Path) -> None:
    """Its version is named; nothing is changed."""
    Library.open(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("UPDATE meta SET value = '99' WHERE key = 'library_version'")
    connection.commit()
    connection.close()
    with pytest.raises(SchemaError, match="version 99"):
        Library.open(tmp_path)


def test_a_table_without_its_library_is_not_overwritten_by_an_empty_one(tmp_path: Path) -> None:
    """Somebody lost library.db; the table is all they have."""
    (tmp_path / "studies.csv").write_text("study_id\n", encoding="utf-8")
    with pytest.raises(LibraryError, match=r"studies\.csv is there"):
        Library.open(tmp_path)


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "data").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError):
        Library.open(tmp_path / "data")
    with pytest.raises(UsageError, match="there is no library"):
        Library.open(tmp_path / "nowhere", writable=False)
