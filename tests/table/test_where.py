"""The language of conditions, and SQL that only reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.ground.errors import LibraryError, LockedError, UsageError
from harvester.table.columns import COLUMN_NAMES, sql_columns
from harvester.table.where import bounded, build_condition, check_where, limit_time, query_read_only, register_functions

STUDIES: list[dict[str, object]] = [
    {"study_id": "S0000001", "design": "rct", "sample_size": 236, "conditions": "depression; bipolar"},
    {"study_id": "S0000002", "design": "cohort", "sample_size": None, "conditions": "postpartum-depression"},
    {"study_id": "S0000003", "design": "rct", "sample_size": 12, "conditions": None},
]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "it's 50% & co.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE studies ({', '.join(f'{n} {t}' for n, t in sql_columns())})")
        for study in STUDIES:
            marks = ", ".join("?" for _ in study)
            connection.execute(f"INSERT INTO studies ({', '.join(study)}) VALUES ({marks})", [*study.values()])
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(study_id, title)")
        connection.execute("INSERT INTO words VALUES ('S0000001', 'Invented study of ketamine')")
        connection.commit()
    return path


@pytest.fixture
def connection(library: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(library)) as opened:
        register_functions(opened)
        yield opened


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("", [1, 2, 3]),
        ("  \n", [1, 2, 3]),
        ("design = 'rct' and sample_size > 100", [1]),
        ("has(conditions, 'depression')", [1]),
        ("has(conditions, ' Bipolar ')", [1]),
        ("has(conditions, NULL) or has(NULL, 'x')", []),
        ("conditions like '%DEPRESSION%'", [1, 2]),
        ("sample_size is null", [2]),
        ("design in ('cohort', 'case-report') or sample_size between 10 and 20", [2, 3]),
        ("not (design = 'rct')", [2]),
        ("\"design\" = 'rct' and [sample_size] < 100", [3]),
        ("studies.design = 'rct'", [1, 3]),
        ("coalesce(conditions, '; -- (''') = '; -- ('''", [3]),
        ("date('now') > '2020'", [1, 2, 3]),
        ("case when design = 'rct' then 1 else 0 end", [1, 3]),
    ],
)
def test_a_condition_selects(connection: sqlite3.Connection, condition: str, found: list[int]) -> None:
    assert check_where(condition) is None
    rows = connection.execute(
        f"SELECT study_id FROM studies WHERE {build_condition(condition)} AND 1 ORDER BY study_id"
    )
    assert [int(study_id[1:]) for (study_id,) in rows] == found


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("desing = 'rct'", "there is no column desing; did you mean design?"),
        ("zzz = 1", "there is no column zzz; the columns are study_id, title"),
        ('design = "rct"', "there is no column \"rct\"; a text stands in single quotes ('…')"),
        ("design = 'rct", "a quotation that begins with ' does not end"),
        ("(year = 2026", "a bracket is not closed"),
        ("1) or (1", "a closing bracket has no opening one"),
        ("1; drop table studies", "leave out the semicolon"),
        ("1 -- and so on", "comments (--)"),
        ("1 /* and so on", "comments (/*)"),
        ("year = ?", "placeholders"),
        ("year = :year", "placeholders"),
        ("year = (select max(year) from studies)", "cannot contain SELECT"),
        ("exists (select 1)", "cannot contain SELECT"),
        ("year in (with recursive n as (values (1)) select * from n)", "cannot contain SELECT"),
        ("pmid in json_each(keywords)", "nothing but the columns"),
        ("rowid = 1", "nothing but the columns"),
        ("sqlite_master.name = 'x'", "there is no column sqlite_master.name"),
        ("load_extension('x')", "cannot use load_extension; it can use abs,"),
        ("random() > 0", "cannot use random"),
        ("count(*) > 1", "cannot use count"),
        ("title match 'x'", "cannot use match"),
        ("nosuch(1)", "no such function: nosuch"),
        ("has(conditions)", "wrong number of arguments to function has()"),
        ("1 order by year", "syntax error"),
        ("1 union select 1", "syntax error"),
        ("1, 2", "row value misused"),
        ("year between 1 and", "syntax error"),
        ("year\0", "null character"),
        ("title = '\udcff'", "no text"),
        ("(" * 5000 + "1" + ")" * 5000, "parser stack overflow"),
    ],
)
def test_a_mistake_is_told_in_words(condition: str, words: str) -> None:
    mistake = check_where(condition)
    assert mistake is not None
    assert words in mistake
    assert "\n" not in mistake
    with pytest.raises(UsageError) as caught:
        build_condition(condition)
    assert caught.value.advice == mistake


pieces = st.sampled_from(
    [
        "(",
        ")",
        "'",
        '"',
        "[",
        "]",
        "`",
        "--",
        "/*",
        "*/",
        ";",
        "select",
        "1",
        "year",
        "or",
        "title",
        " ",
        "\n",
        ",",
        "=",
        "x",
    ]
)


@given(st.lists(pieces, max_size=12).map(" ".join) | st.text(max_size=20))
def test_a_condition_that_passes_stays_within_its_brackets(condition: str) -> None:
    if check_where(condition) is not None:
        return
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE studies ({', '.join(COLUMN_NAMES)})")
        connection.execute("INSERT INTO studies (study_id) VALUES ('S0000001')")
        register_functions(connection)
        rows = connection.execute(f"SELECT 1 FROM studies WHERE 0 AND {build_condition(condition)} AND 0")
        assert rows.fetchall() == []


@pytest.mark.parametrize(
    ("sql", "columns", "rows"),
    [
        (
            "select study_id, sample_size from studies where has(conditions, 'bipolar')",
            ("study_id", "sample_size"),
            (("S0000001", 236),),
        ),
        ("select count(*) as n from studies;", ("n",), ((3,),)),
        (
            "with recursive n(i) as (values (1) union all select i + 1 from n where i < 3) select max(i) from n",
            ("max(i)",),
            ((3,),),
        ),
        ("select study_id from words where words match 'ketamine'", ("study_id",), (("S0000001",),)),
        ("values (1, 'a')", ("column1", "column2"), ((1, "a"),)),
        ("", (), ()),
        ("-- nothing", (), ()),
    ],
)
def test_sql_reads(library: Path, sql: str, columns: tuple[str, ...], rows: tuple[object, ...]) -> None:
    answer = query_read_only(library, sql)
    assert (answer.columns, answer.rows) == (columns, rows)


@pytest.mark.parametrize(
    "sql",
    [
        "delete from studies",
        "update studies set title = 'x'",
        "insert into studies (study_id) values ('x')",
        "drop table studies",
        "create table x (y)",
        "create temp table x (y)",
        "pragma journal_mode = delete",
        "pragma user_version",
        "attach database ':memory:' as x",
        "vacuum into 'x.db'",
        "begin",
        "reindex",
        "analyze",
        "select load_extension('x')",
        "with x as (select 1) delete from studies",
        "insert into words (words) values ('optimize')",
    ],
)
def test_sql_changes_nothing(library: Path, sql: str) -> None:
    before = library.read_bytes()
    with pytest.raises(UsageError, match="--sql only reads"):
        query_read_only(library, sql)
    assert library.read_bytes() == before
    assert [path.name for path in library.parent.iterdir()] == [library.name]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select 1; select 2", "one statement at a time"),
        ("selct 1", "syntax error"),
        ("select * from absent", "no such table: absent"),
        ("select ?", "binding"),
        ("select zeroblob(100000000)", "too big"),
        ("select '\udcff'", "surrogates"),
    ],
)
def test_wrong_sql_is_told_in_words(library: Path, sql: str, words: str) -> None:
    with pytest.raises(UsageError, match="the SQL is wrong") as caught:
        query_read_only(library, sql)
    assert words in str(caught.value)


ENDLESS = "with recursive n(i) as (values (1) union all select i + 1 from n) select max(i) from n"


def test_a_query_that_takes_too_long_is_stopped(library: Path) -> None:
    with pytest.raises(UsageError, match=r"took longer than 0\.05 s"):
        query_read_only(library, ENDLESS, seconds=0.05)


GROWING = "with recursive n(i) as (values (1) union all select i + 1 from n where i < 3000) "


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (f"{GROWING} select printf('%.*c', 1000000, 'x') from n", "larger than 20 MB"),
        (f"{GROWING} select zeroblob(1000000) from n", "larger than 20 MB"),
        (f"{GROWING} select a.i, b.i from n a, n b", "larger than 20 MB"),
        (f"{GROWING} select group_concat(printf('%.*c', 1000000, 'x')) from n", "too big|too much memory"),
        (f"{GROWING} select printf('%.*c', 4000000, i) as x from n order by x", "too much memory"),
        (f"{GROWING} select max(length(a.i || b.i || c.i)) from n a, n b, n c", "took longer"),
    ],
)
def test_what_a_query_takes_is_bounded_in_memory_and_time(
    library: Path, monkeypatch: pytest.MonkeyPatch, sql: str, told: str
) -> None:
    """Whatever it multiplies."""
    monkeypatch.setattr("harvester.table.where._LONGEST_ANSWER", 20_000_000)
    with pytest.raises(UsageError, match=told) as caught:
        query_read_only(library, sql, seconds=1 if told == "took longer" else 30)
    assert caught.value.exit_code == 2


def test_a_condition_of_a_user_is_bounded_in_time(connection: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="took longer"), bounded(connection, path=tmp_path, seconds=0.05):
        connection.execute(ENDLESS).fetchall()
    connection.execute("select 1").fetchall()


def test_any_connection_can_be_limited(connection: sqlite3.Connection) -> None:
    limit_time(connection, seconds=0.05)
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        connection.execute(ENDLESS).fetchall()


def test_a_library_that_is_absent_or_damaged_is_told(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="there is no library"):
        query_read_only(tmp_path / "library.db", "select 1")
    (tmp_path / "library.db").write_bytes(b"this is no database, and long enough to be read as one" * 100)
    with pytest.raises(LibraryError, match="cannot be read"):
        query_read_only(tmp_path / "library.db", "select * from studies")


def test_a_library_that_is_being_written_is_told(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: connect(*args, **(options | {"timeout": 0})))
    with closing(connect(library, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LockedError, match="is being written"):
            query_read_only(library, "select * from studies")
        writer.execute("ROLLBACK")
