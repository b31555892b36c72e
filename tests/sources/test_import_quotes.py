"""Quotation marks that nobody closed, and those that stand around cells of several lines; invented rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.ground.errors import ParseError, UsageError
from harvester.jobs.standalone import classify_file, dedupe_file
from harvester.paper.records import Record
from harvester.sources.imports import parse_import, read_rows

HEADER = ["PMID", "Title", "Authors", "Journal", "Year", "DOI"]
GOOD = ["39200007", '"Ketamine, in a sample"', "Muster B", "Inv J", "2021", "10.5555/inv.7"]
PLAIN = ["39200008", "Ketamine again", "Roe K", "Inv J", "2022", "10.5555/inv.8"]
BAD = ["39200006", '"Ketamine for grief in tamers', "Alpha A", "J Clowns", "2020", "10.5555/bad.6"]


def table(*rows: list[str], mark: str = ",", end: str = "\n") -> bytes:
    """Write rows as they are, without quoting anything."""
    return "".join(mark.join(row) + end for row in rows).encode()


def titles(content: bytes) -> list[str]:
    """Read a file, and return each title, or why there is none."""
    return [
        f"{item.title} {item.identifiers.doi or '-'}" if isinstance(item, Record) else item.reason
        for item in parse_import(content, filename="x.csv")
    ]


SEVEN, EIGHT = "Ketamine, in a sample 10.5555/inv.7", "Ketamine again 10.5555/inv.8"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([BAD, GOOD, PLAIN], [1, SEVEN, EIGHT]),
        ([BAD, PLAIN, GOOD], [1, EIGHT, SEVEN]),
        ([BAD, PLAIN], [1, EIGHT]),
        ([GOOD, BAD, PLAIN, GOOD], [SEVEN, 2, EIGHT, SEVEN]),
        ([GOOD, PLAIN, BAD], [SEVEN, EIGHT, 3]),
        ([BAD, BAD, GOOD], [1, 2, SEVEN]),
        ([BAD], [1]),
    ],
)
def test_a_mark_that_is_not_closed_costs_its_row(
    mark: str, end: str, rows: list[list[str]], found: list[object]
) -> None:
    told = [
        f"row {item} of the table has a quotation mark that is not closed" if isinstance(item, int) else item
        for item in found
    ]
    assert titles(table(HEADER, *rows, mark=mark, end=end)) == told


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (["Title", "Authors", "Journal"], ['"Ketamine in one,Doe J,Inv J', '"Ketamine, two",Roe K,Inv J', "Three,K,J"]),
        (["DOI", "Title", "Year"], ['10.5555/a.1,"One,2020', "10.5555/b.2,Two,2021", '10.5555/c.3,"A, 3",2021']),
        (["Title", "Year", "DOI"], ['"One,2020,10.5555/a', 'Scars of 5",2021,10.5555/b', '"T, 3",2022,10.5555/c']),
        (["ID", "Title", "Authors", "Abstract"], ['S001,"One,Doe J,x', 'S002,Two,Roe K,"a, b"', "S003,Three,Roe K,c"]),
        (["PMID", "Title", "Abstract"], ['3001,"One","First line\nof it', "3002,Two,Second", '3003,"Th, ree",x']),
        (["PMID", "Title", "Abstract"], ['3001,"One,First', '3002,Two,"Line one\n\nline, two"', '3003,"Th, ree",x']),
        (["PMID", "Title", "Abstract"], ['"3001,One,First', "3002,Two,Second", '3003,"Th, ree",x']),
        (["PMID", "Title", "Journal", "Issue", "Year"],
         ["3001,One,J,1,2020", '3002,"Two,Inv J,"3",2021', "3003,Three,J,1,2022"]),
    ],
)  # fmt: skip
def test_whatever_the_columns_one_row_is_lost_and_told(header: list[str], rows: list[str]) -> None:
    content = "\n".join([",".join(header), *rows]).encode()
    items = parse_import(content, filename="x.csv")
    assert [isinstance(item, Record) for item in items].count(False) == 1
    assert len(items) == 3
    with pytest.raises(ParseError, match="quotation mark that is not closed"):
        read_rows(content, filename="x.csv")


ABSTRACTS = [
    "Background: a mood.\nMethods: 12, 13, 14, 15 and 16 people.\nResults: none, at all, of, the, kind.",
    "In 2020, we began.\n\n2021, 2022 and 2023 followed,\nand so on",
    "Doses:\n1, low\n2, middle\n3, high, very high, too high, 2020, 10",
    'They said ""no"".\r\n""Yes"", said others,\r\n""perhaps"", the rest',
    "39200006 is a number\n39200007, as another, is one",
    "a\n,,,,\nb",
]


@pytest.mark.parametrize("place", [0, 1, 3, 5])
@pytest.mark.parametrize("abstract", ABSTRACTS)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_cell_of_several_lines_stays_whole(abstract: str, mark: str, place: int) -> None:
    header, row = ["PMID", "Title", "Year", "DOI", "Journal"], ["39200006", "Title", "2020", "10.5555/a", "Inv J"]
    header.insert(place, "Abstract")
    row.insert(place, f'"{abstract}"')
    found = read_rows(table(header, row, row, mark=mark), filename="x.csv").rows
    assert [item["Abstract"] for item in found] == [abstract.replace('""', '"')] * 2
    assert [item["Journal"] for item in found] == ["Inv J"] * 2


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_an_abstract_stays_whole_behind_a_title_with_a_mark(mark: str) -> None:
    header = ["Title", "DOI", "Year", "PMID", "Abstract"]
    row = ['Scars of 5" and mood', "10.5555/a", "2003", "39200004", '"Low,\n3, high\n39200005, and so on"']
    (found,) = read_rows(table(header, row, mark=mark), filename="x.csv").rows
    assert found["Abstract"] == row[-1].strip('"')


def test_marks_between_tabs_are_prose_unless_they_stand_around_a_cell() -> None:
    rows = [
        ["39200001", '"Special K" in tamers', "Doe J", "J", "2020", "10.5555/a"],
        ["39200002", '"Ketamine for grief', "Doe J", "J", "2020", "10.5555/b"],
        ["39200003", 'Ketamine after 5" scars', "Doe J", "J", "2020", "10.5555/c"],
        ["39200004", 'Ketamine for scars of 5"', "Doe J", "J", "2020", "10.5555/d"],
        ["39200005", '"Ketamine, ""quoted"""', "Doe J", "J", "2020", "10.5555/e"],
        ["39200006", '"Ketamine\nin two lines"', "Doe J", "J", "2020", "10.5555/f"],
        ["39200007", '"Ketamine', 'Doe "J"', "J"],
        ["39200008", '"Ketamine at the end', "Doe J", "J", "2020", "10.5555/g"],
    ]
    assert titles(table(HEADER, *rows, mark="\t")) == [
        '"Special K" in tamers 10.5555/a',
        "Ketamine for grief 10.5555/b".replace("Ketamine", '"Ketamine'),
        'Ketamine after 5" scars 10.5555/c',
        'Ketamine for scars of 5" 10.5555/d',
        'Ketamine, "quoted" 10.5555/e',
        "Ketamine in two lines 10.5555/f",
        '"Ketamine -',
        '"Ketamine at the end 10.5555/g',
    ]


@pytest.mark.parametrize("rows", [[BAD, GOOD, PLAIN], [GOOD, PLAIN, BAD], [BAD, PLAIN, PLAIN]])
def test_a_table_with_such_a_row_is_neither_deduplicated_nor_classified(rows: list[list[str]], tmp_path: Path) -> None:
    """Every row comes back there."""
    path, output = tmp_path / "x.csv", tmp_path / "out.csv"
    path.write_bytes(table(HEADER, *rows))
    with pytest.raises(UsageError, match="quotation mark that is not closed"):
        dedupe_file(path, output)
    with pytest.raises(UsageError, match="quotation mark that is not closed"):
        classify_file(path, output, vocabulary="ketamine")
    assert not output.exists()
