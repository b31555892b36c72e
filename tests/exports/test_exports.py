"""Studies written for reference managers and spreadsheets, and read back."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from harvester.exports import FORMATS, RIS, TextFormat
from harvester.exports.bibtex import BIBTEX, escape_latex, protect_capitals
from harvester.exports.csl import CSL_JSON
from harvester.exports.spreadsheet import build_workbook, guard_cell
from harvester.ground.errors import UsageError
from harvester.paper.records import AbstractSection, Author, Identifiers, MeshTerm, Study
from harvester.paper.tags import Tags
from harvester.table.columns import COLUMN_NAMES

SEEN = "2026-11-05T06:00:00Z"


def study(number: int = 1, **fields: Any) -> Study:
    return Study(study_id=f"S{number:07d}", first_seen=SEEN, last_changed=SEEN, **fields)


FULL = study(
    title="An invented trial of (R)-ketamine & MADRS: 50% of {all}.",
    title_markup="An invented trial of (<em>R</em>)-ketamine &amp; MADRS: 50% of {all}.",
    authors=(
        Author(family="van der Example", given="Ada Bo", initials="AB"),
        Author(family="García Muestra", initials="JP", suffix="Jr"),
        Author(collective="Invented Depression and Anxiety Group"),
    ),
    journal="The invented journal",
    journal_abbreviation="Invented J",
    issns=("1234-567X",),
    published="2026-11-05",
    volume="40",
    issue="11",
    pages="211-9",
    identifiers=Identifiers(pmid="99000001", doi="10.1000/inv_1", pmcid="PMC9900001"),
    url="https://pubmed.ncbi.nlm.nih.gov/99000001/",
    languages=("eng",),
    abstract=(
        AbstractSection(text="It was\ninvented.", label="AIMS", category="OBJECTIVE"),
        AbstractSection(text="ER  - not an end", label="RESULTS", category="RESULTS"),
    ),
    publication_types=("Journal Article", "Randomized Controlled Trial"),
    mesh_terms=(MeshTerm(name="Depression"), MeshTerm(name="mood")),
    keywords=("mood", "invention"),
    status="retracted",
)
BARE = study(2)


def test_ris_line_by_line() -> None:
    assert RIS.text([FULL]).splitlines() == [
        "TY  - JOUR",
        "TI  - An invented trial of (R)-ketamine & MADRS: 50% of {all}",
        "AU  - van der Example, Ada Bo",
        "AU  - García Muestra, J. P., Jr",
        "AU  - Invented Depression and Anxiety Group",
        "T2  - The invented journal",
        "J2  - Invented J",
        "PY  - 2026",
        "DA  - 2026/11/05/",
        "VL  - 40",
        "IS  - 11",
        "SP  - 211",
        "EP  - 219",
        "SN  - 1234-567X",
        "DO  - 10.1000/inv_1",
        "AN  - 99000001",
        "DB  - PubMed",
        "C2  - PMC9900001",
        "UR  - https://pubmed.ncbi.nlm.nih.gov/99000001/",
        "LA  - eng",
        "N1  - RETRACTED PUBLICATION",
        "AB  - AIMS: It was invented. RESULTS: ER - not an end",
        "KW  - mood",
        "KW  - invention",
        "KW  - Depression",
        "ER  - ",
        "",
    ]


def test_rispy_reads_our_ris() -> None:
    entries = rispy.loads(RIS.text([FULL, BARE]))
    assert [entry["type_of_reference"] for entry in entries] == ["JOUR", "JOUR"]
    assert len(entries[0]["authors"]) == 3
    assert (entries[0]["doi"], entries[0]["year"], entries[0]["accession_number"]) == (
        "10.1000/inv_1",
        "2026",
        "99000001",
    )
    assert entries[1]["title"] == "S0000002"


@pytest.mark.parametrize(
    ("types", "ris", "bibtex", "csl"),
    [
        ((), "JOUR", "article", "article-journal"),
        (("Preprint",), "UNPB", "misc", "article"),
        (("Book", "Review"), "BOOK", "book", "book"),
        (("Academic Dissertation",), "THES", "phdthesis", "thesis"),
        (("Technical Report",), "RPRT", "techreport", "report"),
        (("Congress",), "CONF", "inproceedings", "paper-conference"),
        (("Dataset",), "DATA", "misc", "dataset"),
        (("Newspaper Article",), "NEWS", "misc", "article-newspaper"),
    ],
)
def test_kinds_of_work(types: tuple[str, ...], ris: str, bibtex: str, csl: str) -> None:
    work = study(title="Invented", publication_types=types, journal="Somewhere")
    assert RIS.text([work]).startswith(f"TY  - {ris}\n")
    assert BIBTEX.text([work]).startswith(f"@{bibtex}{{")
    assert json.loads(CSL_JSON.text([work]))[0]["type"] == csl
    assert "Somewhere" in BIBTEX.text([work])


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("ahead-of-print", "Epub ahead of print"),
        ("retracted", "RETRACTED PUBLICATION"),
        ("withdrawn", "WITHDRAWN PUBLICATION"),
        ("concern", "EXPRESSION OF CONCERN PUBLISHED"),
        ("published", None),
        ("corrected", None),
    ],
)
def test_what_must_not_be_cited_unawares_says_so(status: str, says: str | None) -> None:
    work = study(title="Invented", status=status)
    ris, bibtex, csl = RIS.text([work]), BIBTEX.text([work]), json.loads(CSL_JSON.text([work]))[0]
    if says is None:
        assert "N1" not in ris
        assert "note" not in bibtex
        assert "note" not in csl
    else:
        assert f"N1  - {says}" in ris
        assert f"note = {{{says}}}" in bibtex
        assert csl["note"] == says


def test_bibtex() -> None:
    assert BIBTEX.text([FULL]) == (
        "@article{S0000001,\n"
        "  title = {An invented trial of ({R})-ketamine \\& {MADRS}: 50\\% of \\{all\\}},\n"
        "  author = {van der Example, Ada Bo and {García Muestra}, Jr, J. P."
        " and {Invented Depression and Anxiety Group}},\n"
        "  journal = {The invented journal},\n"
        "  year = {2026},\n"
        "  volume = {40},\n"
        "  number = {11},\n"
        "  pages = {211--219},\n"
        "  issn = {1234-567X},\n"
        "  month = nov,\n"
        "  doi = {10.1000/inv_1},\n"
        "  url = {https://pubmed.ncbi.nlm.nih.gov/99000001/},\n"
        "  pmid = {99000001},\n"
        "  pmcid = {PMC9900001},\n"
        "  keywords = {mood, invention},\n"
        "  abstract = {AIMS: It was\ninvented. RESULTS: ER  - not an end},\n"
        "  note = {RETRACTED PUBLICATION}\n"
        "}\n"
    )


def key_of(entry: str) -> str:
    return entry.partition("{")[2].partition(",")[0]


def test_a_bibtex_key_belongs_to_its_study_and_stays() -> None:
    """One paper has one key whatever else is exported and however its words change; one key names one paper."""
    twins = [study(number, title="It", authors=(Author(family="Müller"),), published="2026") for number in range(1, 31)]
    together = [key_of(entry) for entry in BIBTEX.text(twins).split("\n@")]
    assert together == [key_of(BIBTEX.text([twin])) for twin in twins]
    assert together == list(reversed([key_of(entry) for entry in BIBTEX.text(twins[::-1]).split("\n@")]))
    assert len(set(together)) == 30
    later = study(
        1, title="The article of it", authors=(Author(family="Mueller"),), published="2027", status="retracted"
    )
    assert key_of(BIBTEX.text([later])) == together[0] == json.loads(CSL_JSON.text([later]))[0]["id"]


def test_bibtex_of_a_cut_list_and_of_a_preprint() -> None:
    work = study(
        title="Invented",
        authors=(Author(family="Band and Sons", given="Ada"), Author(family="Example")),
        authors_complete=False,
        publication_types=("Preprint",),
        identifiers=Identifiers(doi="10.1000/{x}"),
    )
    text = BIBTEX.text([work])
    assert "author = {{Band {and} Sons}, Ada and Example and others}" in text
    assert "note = {Preprint}" in text
    assert RIS.text([work]).startswith("TY  - UNPB\nM3  - Preprint\n")
    assert "doi = {10.1000/{x}}" in text
    assert "url = {https://doi.org/10.1000/%7Bx%7D}" in text
    lone = study(title="Invented", identifiers=Identifiers(doi="10.1000/}x{"), url="https://example.org/{a")
    assert "doi = {10.1000/%7Dx%7B},\n  url = {https://example.org/%7Ba}" in BIBTEX.text([lone])


def test_a_doi_with_any_sign_leads_to_its_paper_in_every_format() -> None:
    doi = "10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-#"
    address = "https://doi.org/10.1002/(sici)1097-0258(19970515)16:9%3C965::aid-sim509%3E3.0.co;2-%23"
    work = study(title="Invented", identifiers=Identifiers(doi=doi))
    assert {f"DO  - {doi}", f"UR  - {address}"} <= set(RIS.text([work]).splitlines())
    assert f"  doi = {{{doi}}},\n  url = {{{address}}}" in BIBTEX.text([work])
    (item,) = json.loads(CSL_JSON.text([work]))
    assert (item["DOI"], item["URL"]) == (doi, address)


def test_a_paper_known_by_its_pmid_alone_leads_to_pubmed() -> None:
    work = study(title="Invented", identifiers=Identifiers(pmid="7"))
    assert "UR  - https://pubmed.ncbi.nlm.nih.gov/7/" in RIS.text([work])


def test_a_preprint_by_its_doi_is_written_as_one() -> None:
    assert RIS.text([study(identifiers=Identifiers(doi="10.26434/chemrxiv-2026-abcde"))]).startswith("TY  - UNPB\n")


@given(st.text(max_size=80))
def test_braces_are_balanced_whatever_the_title(title: str) -> None:
    for text in (escape_latex(title), protect_capitals(title)):
        bare = text.replace("\\{", "").replace("\\}", "")
        depth = 0
        for char in bare:
            depth += {"{": 1, "}": -1}.get(char, 0)
            assert depth >= 0
        assert depth == 0


def test_csl_json() -> None:
    full, bare = json.loads(CSL_JSON.text([FULL, BARE]))
    assert full["title"] == "An invented trial of (<i>R</i>)-ketamine &amp; MADRS: 50% of {all}"
    assert full["author"] == [
        {"family": "van der Example", "given": "Ada Bo"},
        {"family": "García Muestra", "given": "J. P.", "suffix": "Jr"},
        {"literal": "Invented Depression and Anxiety Group"},
    ]
    assert full["issued"] == {"date-parts": [[2026, 11, 5]]}
    assert (full["container-title"], full["container-title-short"]) == ("The invented journal", "Invented J")
    assert (full["page"], full["ISSN"], full["language"], full["PMID"]) == ("211-219", "1234-567X", "en", "99000001")
    assert bare == {"id": "S0000002", "type": "article-journal", "title": "S0000002"}


@pytest.mark.parametrize(
    ("published", "parts"), [("2026", [2026]), ("2026-11", [2026, 11]), ("2026-11-05", [2026, 11, 5])]
)
def test_csl_dates_are_as_precise_as_known(published: str, parts: list[int]) -> None:
    assert json.loads(CSL_JSON.text([study(published=published)]))[0]["issued"] == {"date-parts": [parts]}


def test_a_bare_less_than_in_a_title_is_no_markup() -> None:
    assert json.loads(CSL_JSON.text([study(title="Is a<b in mice?")]))[0]["title"] == "Is a&lt;b in mice?"
    assert json.loads(CSL_JSON.text([study(title="p < 0.05?")]))[0]["title"] == "p < 0.05?"


def test_nothing_gives_nothing() -> None:
    assert (RIS.text([]), BIBTEX.text([]), json.loads(CSL_JSON.text([]))) == ("", "", [])


def read_cells(content: bytes) -> Sequence[Sequence[object]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()]


def test_xlsx() -> None:
    rows: list[Mapping[str, str | int | float | None]] = [
        {"title": '=HYPERLINK("http://example.org")', "year": 2026, "relevance": 0.5, "extra": "not asked for"},
        {"title": "Invented\x00", "year": None},
    ]
    written = build_workbook(rows, ["title", "year", "relevance"])
    assert read_cells(written.content) == [
        ["title", "year", "relevance"],
        ['\'=HYPERLINK("http://example.org")', 2026, 0.5],
        ["Invented", None, None],
    ]
    assert written.warnings == ()
    assert openpyxl.load_workbook(io.BytesIO(written.content)).active.freeze_panes == "A2"


def test_xlsx_says_how_many_cells_it_cut() -> None:
    """Excel counts UTF-16 units, so a cell of 20,000 emoji is too long; none is halved."""
    rows = [
        {"title": "x" * 32_767, "abstract": "y" * 32_768},
        {"title": "=" + "z" * 32_766, "abstract": "🧪" * 20_000},
    ]
    written = build_workbook(rows, ["title", "abstract"])
    _, first, second = read_cells(written.content)
    assert first == ["x" * 32_767, "y" * 32_767]
    assert second == ["'=" + "z" * 32_765, "🧪" * 16_383]
    (warning,) = written.warnings
    assert warning.startswith("3 cells (abstract, title) cut at 32,767 characters")
    (warning,) = build_workbook(rows[:1], ["abstract"]).warnings
    assert warning.startswith("1 cell (abstract) cut")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_would_run_is_guarded(start: str) -> None:
    assert guard_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", [0, -3, 2.5, None, "plain", "a=b"])
def test_other_cells_stay_as_they_are(value: object) -> None:
    assert guard_cell(value) == value


def test_truth_values_and_hidden_starts_are_text() -> None:
    assert guard_cell(True) == "True"
    assert guard_cell("\x00=1+1") == "'=1+1"
    assert guard_cell("\x00") is None


def test_csv_is_exact_and_the_one_for_excel_is_guarded() -> None:
    work = study(1, title='=HYPERLINK("x"), and α', issue="-3", tags=Tags(relevance=0.5))
    exact = FORMATS["csv"].write([work]).content.decode()
    (row,) = csv.DictReader(io.StringIO(exact))
    assert (row["title"], row["issue"], row["relevance"]) == (work.title, "-3", "0.5")
    guarded = FORMATS["csv-excel"].write([work]).content.decode()
    assert guarded.startswith("\ufeffstudy_id,")
    (row,) = csv.DictReader(io.StringIO(guarded.removeprefix("\ufeff")))
    assert (row["title"], row["issue"], row["relevance"]) == (f"'{work.title}", "'-3", "0.5")


def test_parquet_is_typed() -> None:
    table = pq.read_table(io.BytesIO(FORMATS["parquet"].write([FULL, BARE]).content))
    assert table.column_names == list(COLUMN_NAMES)
    assert table.column("year").to_pylist() == [2026, None]
    assert table.column("status").to_pylist() == ["retracted", "published"]


@pytest.mark.parametrize(("name", "package"), [("xlsx", "openpyxl"), ("parquet", "pyarrow")])
def test_a_missing_package_is_named(name: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match="package") as caught:
        FORMATS[name].write([FULL])
    assert "pip install" in str(caught.value)


@pytest.mark.parametrize("name", [name for name, format in FORMATS.items() if isinstance(format, TextFormat)])
def test_a_text_format_is_its_pieces_in_a_frame(name: str) -> None:
    """Whatever the studies hold; a file that cannot be encoded or that XML refuses comes of none."""
    format = FORMATS[name]
    assert isinstance(format, TextFormat)
    nasty = study(
        3, title="A \x00\ud800\x85\u2028 \ufffe title 🧪\r\n", abstract=(AbstractSection(text="a\x0bb\n\nc"),)
    )
    works = [FULL, BARE, nasty]
    assert format.text(works) == format.head + format.between.join(map(format.piece, works)) + format.tail
    assert format.write(works).content.decode() == format.text(works)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", format.text(works))
    if name == "csl-json":
        assert [item["id"] for item in json.loads(format.text(works))] == ["S0000001", "S0000002", "S0000003"]


def test_names_and_suffixes_tell_formats_apart() -> None:
    assert len({format.suffix for format in FORMATS.values()}) == len(FORMATS)
    assert all(name == format.name for name, format in FORMATS.items())
