"""The published table: rows, files, and the way back."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import frictionless
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.ground.errors import ExitCode, LibraryError, SchemaError, StorageError
from harvester.paper.records import AbstractSection, Author, Identifiers, MeshTerm, Study
from harvester.paper.tags import Tags
from harvester.table.columns import (
    COLUMN_NAMES,
    COLUMNS,
    SCHEMA_VERSION,
    build_row,
    join_list,
    split_list,
    sql_columns,
)
from harvester.table.document import describe_table
from harvester.table.published import read_table, verify_table, write_table
from harvester.table.where import check_where

DOCUMENT = Path(__file__).parents[2] / "docs" / "table.md"
TABLES = Path(__file__).parents[1] / "fixtures" / "table"
CREATED = "2026-11-16T06:00:00Z"
PAGES = {"pubmed": ("PubMed", "https://pubmed.ncbi.nlm.nih.gov/")}
SEEN = "2026-11-16T05:59:58Z"
# What users rely on: these names, in this order.  New columns go to the end.
PROMISED = """
study_id title authors journal published year volume issue pages doi pmid pmcid trial_ids url language abstract
key_finding publication_types mesh_terms keywords compounds routes conditions design sample_size scales topics tier
relevance status preprint_doi sources record_count first_seen last_changed first_edition
comparators follow_up countries direction
"""

FULL = Study(
    study_id="S0000001",
    title="Invented trial of ketamine, “NA” and 00123",
    authors=(
        Author(family="Família", initials="GI", suffix="Jr"),
        Author(collective="Group for Nothing; Ghent"),
        Author(family="van der Berg", given="Jo Ann"),
    ),
    journal="Journal of Invented Results",
    published="2026-11",
    volume="007",
    issue="1-2",
    pages="=1+1",
    identifiers=Identifiers(pmid="123", doi="10.1000/a;b", pmcid="PMC7"),
    trial_ids=("NCT01234567", "ISRCTN12345678"),
    url="https://example.org/a",
    languages=("eng", "ger"),
    abstract=(
        AbstractSection(label="METHODS", text='We\rasked,\n"why"?'),
        AbstractSection(text="And\u2028none\x00answered."),
    ),
    publication_types=("Randomized Controlled Trial",),
    mesh_terms=(MeshTerm(name="Ketamine", qualifiers=("therapeutic use",)), MeshTerm(name="Depression")),
    keywords=("one; two", "three"),
    tags=Tags(
        compounds=("ketamine",),
        routes=("intravenous",),
        conditions=("depression", "treatment-resistant-depression"),
        design="rct",
        sample_size=236,
        scales=("MADRS",),
        topics=("efficacy",),
        tier="core",
        relevance=0.857,
        key_finding="Nothing was found.",
        comparators=("midazolam", "placebo"),
        follow_up="32 weeks",
        countries=("Canada", "France"),
        direction="no-difference",
    ),
    preprint_doi="10.1101/2026.01.01.1",
    sources=("feed:Invented; Journal", "pubmed"),
    record_count=2,
    first_seen=SEEN,
    last_changed=CREATED,
    first_edition="2026-W47",
)
BARE = Study(study_id="S0000002", first_seen=SEEN, last_changed=SEEN)


def write(folder: Path, *studies: Study) -> list[Path]:
    return write_table(folder, map(build_row, studies), created=CREATED, topic="Invented topic", source_pages=PAGES)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write(tmp_path, FULL, BARE)
    return tmp_path


# -- rows


def test_the_columns_are_the_promised_ones_in_their_order() -> None:
    promised = PROMISED.split()
    assert [*COLUMN_NAMES[: len(promised)]] == promised
    assert tuple(build_row(BARE)) == COLUMN_NAMES


def test_a_study_becomes_a_row() -> None:
    promised = {
        "study_id": "S0000001",
        "title": "Invented trial of ketamine, “NA” and 00123",
        "authors": "Família GI Jr; Group for Nothing, Ghent; van der Berg Jo Ann",
        "journal": "Journal of Invented Results",
        "published": "2026-11",
        "year": 2026,
        "volume": "007",
        "issue": "1-2",
        "pages": "=1+1",
        "doi": "10.1000/a;b",
        "pmid": "123",
        "pmcid": "PMC7",
        "trial_ids": "NCT01234567; ISRCTN12345678",
        "url": "https://example.org/a",
        "language": "eng; ger",
        "abstract": 'METHODS: We asked, "why"? And none answered.',
        "key_finding": "Nothing was found.",
        "publication_types": "Randomized Controlled Trial",
        "mesh_terms": "Ketamine; Depression",
        "keywords": "one, two; three",
        "compounds": "ketamine",
        "routes": "intravenous",
        "conditions": "depression; treatment-resistant-depression",
        "design": "rct",
        "sample_size": 236,
        "scales": "MADRS",
        "topics": "efficacy",
        "tier": "core",
        "relevance": 0.86,
        "status": "published",
        "preprint_doi": "10.1101/2026.01.01.1",
        "sources": "feed:Invented, Journal; pubmed",
        "record_count": 2,
        "first_seen": SEEN,
        "last_changed": CREATED,
        "first_edition": "2026-W47",
        "comparators": "midazolam; placebo",
        "follow_up": "32 weeks",
        "countries": "Canada; France",
        "direction": "no-difference",
    }
    assert {name: build_row(FULL)[name] for name in promised} == promised
    assert [*promised] == PROMISED.split()


def test_what_a_study_lacks_is_none() -> None:
    held = {name: value for name, value in build_row(BARE).items() if value is not None}
    assert held == {
        "study_id": "S0000002",
        "design": "other",
        "tier": "off-topic",
        "relevance": 0.0,
        "status": "published",
        "record_count": 1,
        "first_seen": SEEN,
        "last_changed": SEEN,
    }


@pytest.mark.parametrize(
    ("identifiers", "url"),
    [
        (Identifiers(), None),
        (Identifiers(pmid="1"), "https://pubmed.ncbi.nlm.nih.gov/1/"),
        (
            Identifiers(pmid="1", doi="10.1002/(sici)1<2::aid-x>3.0.co;2-#"),
            "https://doi.org/10.1002/(sici)1%3C2::aid-x%3E3.0.co;2-%23",
        ),
    ],
)
def test_a_paper_without_an_address_gets_that_of_its_identifier(identifiers: Identifiers, url: str | None) -> None:
    study = Study(study_id="S0000001", identifiers=identifiers, first_seen=SEEN, last_changed=SEEN)
    assert build_row(study)["url"] == url


def test_the_other_title_and_journal_stand_in() -> None:
    study = Study(
        study_id="S0000001",
        vernacular_title="Erfundenes",
        journal_abbreviation="J Inv",
        first_seen=SEEN,
        last_changed=SEEN,
    )
    row = build_row(study)
    assert (row["title"], row["journal"]) == ("Erfundenes", "J Inv")


@given(st.lists(st.text()))
def test_the_items_of_a_list_come_back_apart(items: list[str]) -> None:
    cell = join_list(items)
    parts = split_list(cell)
    assert cell is None or (cell.strip() == cell and len(cell.splitlines()) == 1)
    assert all(part and ";" not in part for part in parts)
    assert join_list(parts) == cell
    assert len(parts) <= len(items)


# -- files


def test_the_csv_is_plain_and_exact(table: Path) -> None:
    content = (table / "studies.csv").read_bytes()
    assert content.startswith(b"study_id,title,")
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert content.count(b"\n") == 3
    with (table / "studies.csv").open(encoding="utf-8", newline="") as stream:
        rows = [*csv.DictReader(stream)]
    assert rows[0] == {name: "" if value is None else str(value) for name, value in build_row(FULL).items()}
    assert rows[1]["title"] == ""
    assert rows[0]["pages"] == "=1+1"


def test_a_cell_with_line_breaks_would_survive(tmp_path: Path) -> None:
    odd = 'a\rb\nc\r\nd,"e";\t'
    write_table(
        tmp_path, [build_row(BARE) | {"title": odd, "abstract": "x\r"}], created=CREATED, topic="T", source_pages=PAGES
    )
    with (tmp_path / "studies.csv").open(encoding="utf-8", newline="") as stream:
        row = next(csv.DictReader(stream))
    assert (row["title"], row["abstract"]) == (odd, "x\r")
    assert read_table(tmp_path)["title"].tolist() == [odd]


def test_a_cell_longer_than_csv_readers_expect_is_read(tmp_path: Path) -> None:
    write_table(
        tmp_path, [build_row(BARE) | {"abstract": "x" * 200_000}], created=CREATED, topic="T", source_pages=PAGES
    )
    assert len(read_table(tmp_path)["abstract"][0]) == 200_000
    assert csv.field_size_limit() == 131_072


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write(tmp_path / folder, FULL, BARE)
    for name in names(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert names(tmp_path / "a") == ["datapackage.json", "studies.csv", "studies.parquet"]


def test_the_description_holds_what_a_stranger_needs(table: Path) -> None:
    described = json.loads((table / "datapackage.json").read_bytes())
    assert described["schema_version"] == described["version"] == SCHEMA_VERSION
    assert described["created"] == CREATED
    assert described["title"] == "Invented topic"
    assert [source["title"] for source in described["sources"]] == ["feed:Invented, Journal", "PubMed"]
    assert "licenses" not in described
    (resource,) = described["resources"]
    content = (table / "studies.csv").read_bytes()
    assert resource["bytes"] == len(content)
    assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    schema = resource["schema"]
    assert schema["primaryKey"] == ["study_id"]
    assert schema["missingValues"] == [""]
    assert [field["name"] for field in schema["fields"]] == [*COLUMN_NAMES]
    assert all(field["description"].endswith(".") for field in schema["fields"])


def test_frictionless_agrees_with_what_is_written(table: Path) -> None:
    report = frictionless.validate(table / "datapackage.json")
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("doi", "not a doi"),
        ("pmid", "012"),
        ("published", "2026-13"),
        ("tier", "near"),
        ("status", None),
        ("first_seen", "2026-11-16"),
        ("relevance", 1.5),
        ("year", 26),
    ],
)
def test_frictionless_would_notice_a_wrong_cell(tmp_path: Path, name: str, value: Any) -> None:
    write_table(tmp_path, [build_row(FULL) | {name: value}], created=CREATED, topic="T", source_pages=PAGES)
    report = frictionless.validate(tmp_path / "datapackage.json")
    assert {field for (field,) in report.flatten(["fieldName"])} == {name}


def test_parquet_holds_the_same_typed(table: Path) -> None:
    parquet = pq.read_table(table / "studies.parquet")
    assert parquet.column_names == [*COLUMN_NAMES]
    types = {field.name: str(field.type) for field in parquet.schema}
    assert types["year"] == "int64"
    assert types["relevance"] == "double"
    assert types["first_seen"] == "timestamp[us, tz=UTC]"
    assert types["pmid"] == types["published"] == types["authors"] == "string"
    rows = parquet.to_pylist()
    assert rows[0]["first_seen"].isoformat() == "2026-11-16T05:59:58+00:00"
    text = [name for name in COLUMN_NAMES if name not in {"first_seen", "last_changed"}]
    for row, study in zip(rows, (FULL, BARE), strict=True):
        assert {name: row[name] for name in text} == {name: build_row(study)[name] for name in text}
    assert parquet.schema.metadata[b"schema_version"] == SCHEMA_VERSION.encode()


def test_a_table_of_many_rows_is_written_in_several_groups(tmp_path: Path) -> None:
    rows = (build_row(BARE) | {"study_id": f"S{number:07}"} for number in range(1, 10_002))
    write_table(tmp_path, rows, created=CREATED, topic="T", source_pages=PAGES)
    assert pq.ParquetFile(tmp_path / "studies.parquet").num_row_groups == 3
    assert len(read_table(tmp_path)) == 10_001


def test_parquet_that_cannot_be_written_costs_only_itself(table: Path) -> None:
    """A number that no typed file can hold; the table is there all the same, and nothing stale beside it."""
    rows = [build_row(FULL) | {"year": 2**70}, build_row(BARE)]
    told: list[str] = []
    write_table(table, rows, created=CREATED, topic="T", source_pages=PAGES, warn=told.append)
    assert names(table) == ["datapackage.json", "studies.csv"]
    assert verify_table(table).state == "whole"
    (line,) = told
    assert line.startswith("studies.parquet cannot be written")
    with (table / "studies.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["study_id"] for row in csv.DictReader(stream)] == ["S0000001", "S0000002"]
    with pytest.raises(OverflowError):
        write_table(table, rows, created=CREATED, topic="T", source_pages=PAGES)
    with pytest.raises(ValueError, match="rows must ascend"):
        write_table(table, rows[::-1], created=CREATED, topic="T", source_pages=PAGES, warn=told.append)


def test_without_pyarrow_there_is_no_parquet_and_no_stale_one(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert [path.name for path in write(table, FULL)] == ["studies.csv", "datapackage.json"]
    assert names(table) == ["datapackage.json", "studies.csv"]
    assert len(read_table(table)) == 1


def test_a_table_without_rows_has_its_header(tmp_path: Path) -> None:
    write(tmp_path)
    assert frictionless.validate(tmp_path / "datapackage.json").valid
    assert pq.read_table(tmp_path / "studies.parquet").num_rows == 0
    frame = read_table(tmp_path)
    assert len(frame) == 0
    assert (frame.dtypes == read_back_dtypes(tmp_path / "b")).all()


def read_back_dtypes(folder: Path) -> pd.Series:
    write(folder, FULL)
    return read_table(folder).dtypes


@pytest.mark.parametrize("second", [FULL, Study(study_id="S0000000", first_seen=SEEN, last_changed=SEEN)])
def test_rows_that_do_not_ascend_are_refused_and_nothing_changes(table: Path, second: Study) -> None:
    before = {name: (table / name).read_bytes() for name in names(table)}
    with pytest.raises(ValueError, match="must ascend by study_id"):
        write(table, FULL, second)
    assert {name: (table / name).read_bytes() for name in names(table)} == before


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="is a file"):
        write(tmp_path / "file" / "data", FULL)


# -- reading


def test_reading_gives_the_types_of_the_schema(table: Path) -> None:
    frame = read_table(table)
    assert [*frame.columns] == [*COLUMN_NAMES]
    assert frame.index.tolist() == [0, 1]
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    for column in COLUMNS:
        expected = {"integer": "Int64", "number": "Float64", "time": "datetime64[us, UTC]"}.get(column.type, "string")
        assert kinds[column.name] == expected, column.name
    first, second = frame.iloc[0], frame.iloc[1]
    assert first["volume"] == "007"
    assert first["pmid"] == "123"
    assert first["published"] == "2026-11"
    assert first["sample_size"] == 236
    assert first["relevance"] == 0.86
    assert first["first_seen"] == pd.Timestamp("2026-11-16T05:59:58Z")
    assert second[["title", "doi", "year", "first_edition"]].isna().all()
    assert frame["title"].str.contains("NA").fillna(value=False).tolist() == [True, False]
    assert read_table(str(table)).equals(frame)


def test_the_table_can_be_read_from_the_package_root(table: Path) -> None:
    import harvester

    assert len(harvester.read_table(table)) == 2


def test_pandas_is_imported_only_for_reading() -> None:
    script = (
        "import sys, harvester.table.published; assert 'pandas' not in sys.modules and 'pyarrow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_no_table_is_told_with_advice(tmp_path: Path) -> None:
    assert verify_table(tmp_path).state == "missing"
    assert verify_table(tmp_path / "absent").state == "missing"
    with pytest.raises(LibraryError, match=r"there is no table in .*harvester run"):
        read_table(tmp_path)


def test_a_deleted_csv_is_written_anew(table: Path) -> None:
    (table / "studies.csv").unlink()
    assert verify_table(table).state == "missing"
    write(table, FULL)
    assert verify_table(table).state == "whole"


def repack(folder: Path) -> None:
    """Make the description fit the CSV that is there, as somebody clever might."""
    content = (folder / "studies.csv").read_bytes()
    path = folder / "datapackage.json"
    described = json.loads(path.read_bytes())
    described["resources"][0] |= {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    path.write_text(json.dumps(described))


DAMAGE = [
    (b"S0000002,", b"S0000003,", "it was changed after it was written"),
    (b"study_id,title", b"study_id,titel", f"its header is not that of schema version {SCHEMA_VERSION}"),
    (b"S0000002,,", b"S0000002,", f"line 3 has {len(COLUMNS) - 1} cells instead of {len(COLUMNS)}"),
    (b"S0000002,", b"S0000001,", "study_id 'S0000001' appears twice (line 3)"),
    (b"S0000002,", b"S0000000,", "study_id 'S0000000' is out of order (line 3)"),
    (b"S0000002,", b'"S0000002', "is not CSV"),
    (b"Invented trial", b"Invented \xff", "it is not UTF-8 text"),
]


@pytest.mark.parametrize(("old", "new", "reason"), DAMAGE)
def test_a_changed_table_is_damage_and_stays_as_it_is(table: Path, old: bytes, new: bytes, reason: str) -> None:
    path = table / "studies.csv"
    damaged = path.read_bytes().replace(old, new)
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    verdict = verify_table(table)
    assert verdict.state == "damaged"
    assert reason in str(verdict.reason)
    for attempt in (lambda: read_table(table), lambda: write(table, FULL)):
        with pytest.raises(LibraryError, match=re.escape(reason)) as caught:
            attempt()
        assert caught.value.exit_code == ExitCode.DATA
        assert "move it aside" in str(caught.value)
    assert path.read_bytes() == damaged


@pytest.mark.parametrize(("old", "new", "reason"), DAMAGE[1:])
def test_reading_checks_more_than_the_hash(table: Path, old: bytes, new: bytes, reason: str) -> None:
    path = table / "studies.csv"
    path.write_bytes(path.read_bytes().replace(old, new))
    repack(table)
    with pytest.raises(LibraryError, match=re.escape(reason)):
        read_table(table)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (b",236,", b",many,", "sample_size"),
        (b"2026-11-16T05:59:58Z", b"last Monday", "first_seen"),
        (b"0.86", b"high", "relevance"),
    ],
)
def test_a_cell_of_the_wrong_type_is_named(table: Path, old: bytes, new: bytes, column: str) -> None:
    path = table / "studies.csv"
    path.write_bytes(path.read_bytes().replace(old, new))
    repack(table)
    with pytest.raises(LibraryError, match=f"column {column} holds something that is no"):
        read_table(table)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"{",
        b"[]",
        b"{}",
        b'{"schema_version": "one", "resources": [{"bytes": 1, "hash": "sha256:0"}]}',
        b'{"schema_version": "1.0.0", "resources": [{"bytes": 1, "hash": "md5:0"}]}',
    ],
)
def test_a_csv_that_nothing_vouches_for_is_left_alone(table: Path, content: bytes | None) -> None:
    (table / "datapackage.json").unlink()
    if content is not None:
        (table / "datapackage.json").write_bytes(content)
    assert verify_table(table).state == "damaged"
    with pytest.raises(LibraryError, match=r"datapackage\.json"):
        write(table, FULL)


@pytest.mark.parametrize(
    ("version", "age"), [("1.99.0", "newer"), ("1.100.0", "newer"), ("2.0.0", "newer"), ("0.9.0", "older")]
)
def test_another_schema_version_is_refused_by_name(table: Path, version: str, age: str) -> None:
    path = table / "datapackage.json"
    path.write_text(path.read_text().replace(f'"schema_version": "{SCHEMA_VERSION}"', f'"schema_version": "{version}"'))
    for attempt in (lambda: read_table(table), lambda: verify_table(table), lambda: write(table, FULL)):
        with pytest.raises(SchemaError, match=f"schema version {version}, {age} than {SCHEMA_VERSION}"):
            attempt()


def test_files_that_cannot_be_read_are_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "studies.csv").mkdir()
    with pytest.raises(StorageError, match="cannot read"):
        verify_table(tmp_path)
    with pytest.raises(StorageError, match="cannot read"):
        read_table(tmp_path)


# -- killed in between


class Killed(BaseException):
    """The process is no more; nothing it does afterwards reaches the disk."""


def write_and_be_killed(folder: Path, study: Study, *, after: int) -> bool:
    """Write the table, and die before the n-th step that the disk would remember; tell whether it died.

    Once dead, every further step dies too: what `finally` would clean up, a killed process leaves behind.
    """
    steps = after

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal steps
            if steps <= 0:
                raise Killed
            steps -= 1
            return function(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((Path, "replace"), (Path, "unlink"), (os, "fsync"), (os, "open")):
            patch.setattr(owner, name, counted(getattr(owner, name)))
        try:
            write(folder, study)
        except Killed:
            return True
    return False


def assert_is_readable(folder: Path, *allowed: Study) -> None:
    assert verify_table(folder).state == "whole"
    assert read_table(folder)["study_id"].tolist() in [[study.study_id] for study in allowed]


def assert_next_run_succeeds(folder: Path) -> None:
    write(folder, FULL, BARE)
    assert verify_table(folder).state == "whole"
    assert names(folder) == ["datapackage.json", "studies.csv", "studies.parquet"]
    assert len(read_table(folder)) == 2


@pytest.mark.parametrize("is_first", [True, False])
def test_a_run_killed_between_any_two_steps_leaves_a_table_that_the_next_one_replaces(
    tmp_path: Path, is_first: bool
) -> None:
    for steps in range(60):
        folder = tmp_path / str(steps)
        if not is_first:
            write(folder, FULL)
        if not write_and_be_killed(folder, BARE, after=steps):
            break
        if not (is_first and verify_table(folder).state == "missing"):
            assert_is_readable(folder, FULL, BARE)
        assert_next_run_succeeds(folder)
    assert 8 < steps < 59


def test_a_run_killed_while_it_follows_a_killed_run_leaves_such_a_table_too(tmp_path: Path) -> None:
    """The dangerous state is a new CSV that only the hidden description knows, about to be replaced."""
    first, third = tmp_path / "first", replace(BARE, study_id="S0000003")
    for steps in range(60):
        shutil.rmtree(first, ignore_errors=True)
        write(first, FULL)
        write_and_be_killed(first, BARE, after=steps)
        if read_table(first)["study_id"].tolist() == [BARE.study_id]:
            break
    assert (first / ".datapackage.json.next").exists()
    for steps in range(60):
        folder = tmp_path / str(steps)
        shutil.copytree(first, folder)
        if not write_and_be_killed(folder, third, after=steps):
            break
        assert_is_readable(folder, BARE, third)
        assert_next_run_succeeds(folder)
    assert 8 < steps < 59


# -- properties

words = st.text(max_size=30)
some = st.lists(words, max_size=3).map(tuple)
dates = st.none() | st.dates().map(lambda day: day.isoformat()).flatmap(
    lambda day: st.sampled_from([day, day[:7], day[:4]])
)
dates = dates.filter(lambda date: date is None or date >= "1000")


@st.composite
def studies(draw: st.DrawFn) -> Study:
    authors = st.builds(Author, family=words.filter(bool)) | st.builds(Author, collective=words.filter(bool))
    numbers = st.none() | st.integers(min_value=0, max_value=10**9)
    return Study(
        study_id=f"S{draw(st.integers(min_value=1, max_value=9_999_999)):07}",
        title=draw(st.none() | words.filter(bool)),
        authors=draw(st.lists(authors, max_size=3).map(tuple)),
        published=draw(dates),
        pages=draw(st.none() | words.filter(bool)),
        identifiers=Identifiers(
            pmid=draw(st.none() | st.from_regex("[1-9][0-9]{0,8}", fullmatch=True)),
            doi=draw(st.none() | st.from_regex(r"10\.[0-9]{4,9}/[a-z0-9<>;()#%,\"]{1,20}", fullmatch=True)),
        ),
        keywords=draw(some),
        abstract=draw(st.lists(st.builds(AbstractSection, text=words), max_size=2).map(tuple)),
        tags=Tags(
            conditions=draw(some),
            sample_size=draw(numbers),
            relevance=draw(st.floats(min_value=0, max_value=1)),
            tier=draw(st.sampled_from(["core", "adjacent", "off-topic"])),
            key_finding=draw(st.none() | words),
        ),
        sources=draw(some),
        first_seen=SEEN,
        last_changed=CREATED,
    )


@settings(max_examples=20)
@given(st.lists(studies(), max_size=4, unique_by=lambda study: study.study_id))
def test_whatever_the_studies_say_the_table_is_valid_and_reads_back(
    tmp_path_factory: pytest.TempPathFactory, found: list[Study]
) -> None:
    folder = tmp_path_factory.mktemp("table")
    rows = [build_row(study) for study in sorted(found, key=lambda study: study.study_id)]
    write_table(folder, rows, created=CREATED, topic="T", source_pages=PAGES)
    report = frictionless.validate(folder / "datapackage.json")
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])
    frame = read_table(folder)
    times = {"first_seen", "last_changed"}
    for name in COLUMN_NAMES:
        cells: Iterator[Any] = iter(frame[name])
        if name in times:
            cells = (cell.strftime("%Y-%m-%dT%H:%M:%SZ") for cell in cells)
        assert [None if pd.isna(cell) else cell for cell in cells] == [row[name] for row in rows]
    assert pq.read_table(folder / "studies.parquet").column("title").to_pylist() == [row["title"] for row in rows]


# -- the schema in other words


def test_sql_types() -> None:
    types = dict(sql_columns())
    assert [*types] == [*COLUMN_NAMES]
    assert types["year"] == types["sample_size"] == types["record_count"] == "INTEGER"
    assert types["relevance"] == "REAL"
    assert types["pmid"] == types["first_seen"] == types["conditions"] == "TEXT"


def test_every_column_is_described() -> None:
    assert len(describe_table().splitlines()) == len(COLUMNS) + 2


def test_the_examples_of_the_document_run(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    monkeypatch.chdir(table)
    (table / "data").symlink_to(table)
    (code,) = re.findall(r"```python\n(.+?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["trials"]["study_id"].tolist() == ["S0000001"]
    assert names["counts"].to_dict() == {"depression": 1, "treatment-resistant-depression": 1}
    (conditions,) = re.findall(r"```\n(design .+?)```", page, re.DOTALL)
    assert [check_where(line) for line in conditions.splitlines()] == [None] * 4


@pytest.mark.parametrize("version", sorted(path.name for path in TABLES.iterdir()))
def test_a_table_of_each_version_is_read_and_followed(version: str, tmp_path: Path) -> None:
    folder = tmp_path / "table"
    shutil.copytree(TABLES / version, folder)
    frame = read_table(folder)
    assert list(frame.columns) == list(COLUMN_NAMES)
    assert frame["study_id"].tolist() == ["S0000001", "S0000002"]
    assert frame["sample_size"].tolist()[0] == 236
    assert frame["direction"].isna().all() == (version == "1.0.0")
    write(folder, FULL)  # the next run writes today's columns over it
    assert read_table(folder)["direction"].tolist() == ["no-difference"]


def test_a_column_that_was_added_needs_no_number_of_its_own(table: Path) -> None:
    """A table without the last column is an earlier one, whatever its version says."""
    path = table / "studies.csv"
    path.write_bytes(b"".join(line.rpartition(b",")[0] + b"\n" for line in path.read_bytes().splitlines()))
    repack(table)
    frame = read_table(table)
    assert list(frame.columns) == list(COLUMN_NAMES)
    assert frame[COLUMN_NAMES[-1]].isna().all()
    write(table, FULL)
    assert read_table(table)["study_id"].tolist() == [FULL.study_id]
