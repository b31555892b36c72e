"""What `check` says of stored data that is damaged, and what a run then does."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from harvester.ground.checkup import Finding
from harvester.ground.errors import ExitCode, LibraryError, SchemaError
from harvester.jobs import maintain
from harvester.jobs.job import Job, read_settings
from harvester.jobs.soundness import examine
from tests.conftest import NOW


def examined(data: Path, *, thorough: bool = False) -> list[Finding]:
    """Give what is found that is not well."""
    return [one for one in examine(data, data / "raw", thorough=thorough) if one.verdict != "ok"]


def execute(data: Path, *statements: str) -> None:
    """Change a library behind the program's back."""
    with closing(sqlite3.connect(data / "library.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def edit_ledger(data: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the lines of a ledger."""
    path = data / "raw" / "journal.jsonl"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def answers(data: Path) -> list[Path]:
    """Give the answers that the ledger names, in order."""
    lines = [json.loads(line) for line in (data / "raw" / "journal.jsonl").read_bytes().splitlines()]
    return [data / "raw" / name for line in lines for name in line.get("answers", ())]


def truncate(path: Path) -> None:
    """Cut a file in its middle."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garble_answer(data: Path) -> None:
    """Replace the body of the newest answer, so that its packing is wrong."""
    content = bytearray(answers(data)[-1].read_bytes())
    content[len(content) // 2] ^= 0xFF
    answers(data)[-1].write_bytes(content)


STOPS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "the library is gone, its table is there": ("library", "rebuild", lambda data: (data / "library.db").unlink()),
    "the library is gone, its ledger is there": (
        "library",
        "its ledger is there",
        lambda data: [(data / name).unlink() for name in ("library.db", "studies.csv", "datapackage.json")],
    ),
    "the library is empty": ("library", "rebuild", lambda data: (data / "library.db").write_bytes(b"")),
    "the library is no database": ("library", "rebuild", lambda data: (data / "library.db").write_bytes(b"x" * 9999)),
    "the library is cut": ("library", "rebuild", lambda data: truncate(data / "library.db")),
    "the library is of a newer version": (
        "library",
        "newer program",
        lambda data: execute(data, "UPDATE meta SET value = '99' WHERE key = 'library_version'"),
    ),
    "the library is older than its ledger": (
        "library",
        "older than its ledger",
        lambda data: execute(data, "UPDATE meta SET value = '2' WHERE key = 'journal'"),
    ),
    "a record is no JSON": (
        "library",
        "1 row of records",
        lambda data: execute(data, "UPDATE records SET record = '{\"title' WHERE record_id = 1"),
    ),
    "a study is no JSON": (
        "library",
        "1 row of study_documents",
        lambda data: execute(data, "UPDATE study_documents SET document = 'x' WHERE study_id = 'S0000001'"),
    ),
    "a study is JSON, but no study": (
        "library",
        "a stored study cannot be read",
        lambda data: execute(data, "UPDATE study_documents SET document = '{}' WHERE study_id = 'S0000003'"),
    ),
    "a harvest's report is no JSON": (
        "library",
        "row of harvests",
        lambda data: execute(data, "UPDATE harvests SET report = '[' WHERE harvest_id = 1"),
    ),
    "an edition is damaged": (
        "library",
        "the edition 2026-W48 of weekly",
        lambda data: execute(data, "UPDATE editions SET document = substr(document, 1, 100)"),
    ),
    "the ledger has a gap": (
        "ledger",
        "is missing",
        lambda data: edit_ledger(data, lambda lines: lines[:3] + lines[4:]),
    ),
    "a line of the ledger is garbled": (
        "ledger",
        "is missing",
        lambda data: edit_ledger(data, lambda lines: [*lines[:3], b"xx" + lines[3][2:], *lines[4:]]),
    ),
    "the ledger's end is cut": ("ledger", "it was cut", lambda data: edit_ledger(data, lambda lines: lines[:-3])),
    "the ledger is a newer program's": (
        "ledger",
        "newer program",
        lambda data: edit_ledger(data, lambda lines: [*lines[:-1], lines[-1].replace(b'"kind": "', b'"kind": "new ')]),
    ),
    "an entry has fields of a newer program": (
        "ledger",
        "newer program",
        lambda data: edit_ledger(data, lambda lines: [*lines[:-1], lines[-1].replace(b'"at": ', b'"new": 1, "at": ')]),
    ),
    "an answer is empty": ("answers", "damaged", lambda data: answers(data)[0].write_bytes(b"")),
    "an answer is cut": ("answers", "damaged", lambda data: truncate(answers(data)[-1])),
    "an answer is garbled": ("answers", "damaged", garble_answer),
    "an answer is no packed answer": (
        "answers",
        "damaged",
        lambda data: answers(data)[-1].write_bytes(gzip.compress(b"x")),
    ),
    "the table was changed": ("table", "damaged", lambda data: (data / "studies.csv").write_bytes(b"a,b\n")),
}


@pytest.fixture
def data(finished_copy: Path) -> Path:
    """Give the data folder of a finished run."""
    return finished_copy.parent / "data"


def test_a_finished_run_leaves_everything_sound(data: Path) -> None:
    assert examined(data) == []
    assert examined(data, thorough=True) == []


@pytest.mark.parametrize("damage", STOPS)
def test_what_is_damaged_is_told_with_what_to_do(data: Path, damage: str) -> None:
    """As a failure, with the code of damaged data."""
    what, told, make = STOPS[damage]
    make(data)
    found = examined(data)
    assert any(one.what == what and told in one.told for one in found), found
    assert {one.code for one in found if one.verdict == "failed"} == {ExitCode.DATA}


def test_answers_that_are_gone_are_a_warning(data: Path) -> None:
    """Runs go on without them; with --all, or without."""
    shutil.rmtree(answers(data)[0].parent)
    (found,) = examined(data)
    assert (found.what, found.verdict, found.code) == ("answers", "warning", ExitCode.PARTIAL)
    assert "rebuild" in found.told


def test_a_ledger_that_is_gone_is_a_warning(data: Path) -> None:
    (data / "raw" / "journal.jsonl").unlink()
    (found,) = examined(data)
    assert (found.what, found.verdict) == ("ledger", "warning")


def test_an_empty_folder_is_well(tmp_path: Path) -> None:
    assert examined(tmp_path) == []


@pytest.mark.parametrize("damage", [name for name, (what, _, _) in STOPS.items() if what in ("library", "table")])
def test_check_fails_wherever_a_run_stops(finished_copy: Path, damage: str) -> None:
    """What opening the library for a run refuses was told before."""
    data = finished_copy.parent / "data"
    STOPS[damage][2](data)
    job = Job(settings=read_settings(finished_copy), now=NOW)
    failed = [one for one in examined(data) if one.verdict == "failed"]
    try:
        with job.open_library():
            pass
    except LibraryError:
        assert failed


def test_a_newer_library_is_not_made_again_by_an_older_program(finished_copy: Path) -> None:
    """That would lose what the newer program keeps."""
    data = finished_copy.parent / "data"
    execute(data, "UPDATE meta SET value = '99' WHERE key = 'library_version'")
    before = (data / "library.db").read_bytes()
    with pytest.raises(SchemaError):
        maintain.rebuild(Job(settings=read_settings(finished_copy), now=NOW))
    assert (data / "library.db").read_bytes() == before
    assert not list(data.glob("library.*.db"))
