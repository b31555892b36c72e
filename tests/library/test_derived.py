"""What is derived in the library follows its definition: no forgotten number can lock a library."""

from __future__ import annotations

import csv
import gzip
import io
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harvester.ground.errors import UsageError
from harvester.jobs import questions
from harvester.library import FILE_NAME, Library
from harvester.studies.integrate import integrate
from harvester.table.columns import COLUMN_NAMES
from harvester.tagging import load_vocabulary
from tests.factories import build_record

MONDAY = "2026-11-16T06:00:00Z"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "library"
MISSING = "direction"  # the column that an earlier program did not have


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / FILE_NAME)
    with connection:
        yield connection
    connection.close()


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A library as a program left it that had one column fewer and indexed no words."""
    with Library.open(tmp_path) as library:
        with library.transaction({"kind": "test"}):
            library.records.save([build_record(number) for number in range(3)], seen_at=MONDAY)
        integrate(library, load_vocabulary("ketamine"), at=MONDAY)
    with opened(tmp_path) as connection:
        connection.execute(f"ALTER TABLE studies DROP COLUMN {MISSING}")
        connection.execute("DELETE FROM study_words")
        connection.execute("UPDATE meta SET value = 'another' WHERE key = 'rules of studies'")
    return tmp_path


def test_a_library_with_a_column_fewer_is_filled_again_when_it_is_opened_for_writing(earlier: Path) -> None:
    with Library.open(earlier) as library:
        rows = list(library.studies.rows())
        assert [tuple(row) for row in rows] == [COLUMN_NAMES] * 3
        assert {row[MISSING] for row in rows} == {"favours"}
        assert [row["title"] for row in rows] == [study.title for study in library.studies.iterate()]
        assert len(library.studies.search("esketamine", limit=9)) == 1


@pytest.mark.parametrize("change", ["columns", "fingerprint", "nothing noted"])
def test_each_sign_of_another_definition_is_enough(earlier: Path, change: str) -> None:
    """Also where only how rows are filled has changed, or where a library is older than the fingerprint."""
    Library.open(earlier).close()
    with opened(earlier) as connection:
        if change == "columns":
            connection.execute("ALTER TABLE studies ADD COLUMN of_a_newer_program TEXT")
        elif change == "fingerprint":
            connection.execute("UPDATE meta SET value = 'another' WHERE key = 'rules of studies'")
        else:
            connection.execute("DELETE FROM meta WHERE key = 'rules of studies'")
        connection.execute("UPDATE studies SET title = 'stale'")
    with Library.open(earlier) as library:
        assert "stale" not in {row["title"] for row in library.studies.rows()}
    with opened(earlier) as connection:
        assert tuple(row[1] for row in connection.execute("PRAGMA table_info (studies)")) == COLUMN_NAMES


def test_what_is_up_to_date_is_not_filled_again(earlier: Path) -> None:
    Library.open(earlier).close()
    with opened(earlier) as connection:
        connection.execute("UPDATE studies SET title = 'as it stands'")
    with Library.open(earlier) as library:
        assert {row["title"] for row in library.studies.rows()} == {"as it stands"}


def test_a_filling_that_is_cut_off_leaves_the_library_as_it_was(earlier: Path) -> None:
    with opened(earlier) as connection:
        connection.execute("UPDATE study_documents SET document = '{' WHERE study_id = 'S0000003'")
    with pytest.raises(Exception, match="stored study cannot be read"):
        Library.open(earlier)
    assert len(questions.find(earlier, "", where="", limit=9)) == 3


def test_a_reader_answers_from_what_is_there(earlier: Path) -> None:
    """It cannot fill anything; what is absent is absent, and nothing is changed."""
    before = (earlier / FILE_NAME).read_bytes()
    found = questions.find(earlier, "", where="design = 'rct'", limit=9)
    assert [(tuple(row), row[MISSING]) for row in found] == [(COLUMN_NAMES, None)] * 3
    assert questions.show(earlier, "S0000001")["study"] == next(row for row in found if row["study_id"] == "S0000001")
    rows = list(csv.DictReader(io.StringIO(questions.export(earlier, "csv", where="", edition=None).content.decode())))
    assert [(row["design"], row[MISSING]) for row in rows] == [("rct", "favours")] * 3  # written from the documents
    assert questions.select(earlier, "select count(*) as n from studies") == (("n",), ((3,),))
    assert (earlier / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("condition", [f"{MISSING} = 'favours'", f"\"{MISSING}\" = 'favours'", f"{MISSING} is null"])
def test_a_reader_says_so_where_a_condition_asks_for_what_is_not_there_yet(earlier: Path, condition: str) -> None:
    """SQLite would take a name in double quotes for a text, and find nothing without a word."""
    with pytest.raises(UsageError, match=f"no column {MISSING} yet: run `harvester harvest` once"):
        questions.find(earlier, "", where=condition, limit=9)
    with pytest.raises(UsageError, match=f"no column {MISSING} yet"):
        questions.export(earlier, "ris", where=condition, edition=None)
    with pytest.raises(UsageError, match=f"no column {MISSING} yet"):
        questions.find(earlier, "ketamine", where=condition, limit=9)


def test_a_query_in_sql_says_so_too_and_only_then(earlier: Path) -> None:
    for statement in (f"select {MISSING} from studies", f"select s.{MISSING.upper()} from studies s"):
        with pytest.raises(UsageError, match=f"no column {MISSING} yet: run `harvester harvest` once"):
            questions.select(earlier, statement)
    with pytest.raises(UsageError, match="no such column: nonsense"):
        questions.select(earlier, "select nonsense from studies")
    with pytest.raises(UsageError, match="no such column: title"):
        questions.select(earlier, "select title from records")


def test_a_library_of_an_old_version_gets_todays_columns(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(gzip.decompress((FIXTURES / "version-1.db.gz").read_bytes()))
    with Library.open(tmp_path) as library:
        rows = list(library.studies.rows())
        assert [tuple(row) for row in rows] == [COLUMN_NAMES] * 10
        assert len(library.studies.search("ketamine", limit=99)) == 9
