"""Studies written for reference managers and spreadsheets, and read back."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from harvester.exports import write_bibtex, write_csl_json, write_ris, write_xlsx
from harvester.exports.bibtex import escape_latex, protect_capitals
from harvester.exports.spreadsheet import guard_cell
from harvester.ground.errors import StorageError, UsageError
from harvester.paper.records import AbstractSection, Author, Identifiers, MeshTerm, Record, Study
from harvester.sources.imports import parse_import

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
    assert write_ris([FULL]).splitlines() == [
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
    entries = rispy.loads(write_ris([FULL, BARE]))
    assert [entry["type_of_reference"] for entry in entries] == ["JOUR", "JOUR"]
    assert len(entries[0]["authors"]) == 3
    assert (entries[0]["doi"], entries[0]["year"], entries[0]["accession_number"]) == (
        "10.1000/inv_1",
        "2026",
        "99000001",
    )
    assert entries[1]["title"] == "S0000002"


def test_our_import_reads_our_ris() -> None:
    (found,) = parse_import(write_ris([FULL]).encode(), filename="back.ris")
    assert isinstance(found, Record)
    assert found.title == "An invented trial of (R)-ketamine & MADRS: 50% of {all}"
    assert [author.display for author in found.authors] == [author.display for author in FULL.authors]
    assert (found.identifiers, found.year, found.published) == (FULL.identifiers, 2026, "2026-11-05")
    assert (found.journal, found.pages, found.keywords) == (
        "The invented journal",
        "211-219",
        ("mood", "invention", "Depression"),
    )
    assert [part.label for part in found.abstract] == ["AIMS", "RESULTS"]


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
    assert write_ris([work]).startswith(f"TY  - {ris}\n")
    assert write_bibtex([work]).startswith(f"@{bibtex}{{")
    assert json.loads(write_csl_json([work]))[0]["type"] == csl
    assert "Somewhere" in write_bibtex([work])


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("retracted", "RETRACTED PUBLICATION"),
        ("withdrawn", "WITHDRAWN PUBLICATION"),
        ("concern", "EXPRESSION OF CONCERN PUBLISHED"),
        ("published", None),
        ("corrected", None),
    ],
)
def test_what_must_not_be_cited_unawares_says_so(status: str, says: str | None) -> None:
    work = study(title="Invented", status=status)
    ris, bibtex, csl = write_ris([work]), write_bibtex([work]), json.loads(write_csl_json([work]))[0]
    if says is None:
        assert "N1" not in ris
        assert "note" not in bibtex
        assert "note" not in csl
    else:
        assert f"N1  - {says}" in ris
        assert f"note = {{{says}}}" in bibtex
        assert csl["note"] == says


def test_bibtex() -> None:
    assert write_bibtex([FULL]) == (
        "@article{vanderexample2026invented,\n"
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


def test_bibtex_keys_are_unique_and_ascii() -> None:
    works = [
        study(number, title="The Größe of it", authors=(Author(family="Müller"),), published="2026")
        for number in range(30)
    ]
    keys = [line[len("@article{") : -1] for line in write_bibtex(works).splitlines() if line.startswith("@")]
    assert keys[:3] == ["muller2026grosse", "muller2026grosseb", "muller2026grossec"]
    assert keys[26] == "muller2026grosseaa"
    assert len(set(keys)) == 30
    assert write_bibtex([BARE]).startswith("@article{anonymouss0000002,\n")


def test_bibtex_of_a_cut_list_and_of_a_preprint() -> None:
    work = study(
        title="Invented",
        authors=(Author(family="Band and Sons", given="Ada"), Author(family="Example")),
        authors_complete=False,
        publication_types=("Preprint",),
        identifiers=Identifiers(doi="10.1000/{x}"),
    )
    text = write_bibtex([work])
    assert "author = {{Band {and} Sons}, Ada and Example and others}" in text
    assert "note = {Preprint}" in text
    assert "doi = {10.1000/{x}}" in text
    assert "url = {https://doi.org/10.1000/%7Bx%7D}" in text
    lone = study(title="Invented", identifiers=Identifiers(doi="10.1000/}x{"), url="https://example.org/{a")
    assert "doi = {10.1000/%7Dx%7B},\n  url = {https://example.org/%7Ba}" in write_bibtex([lone])


def test_a_doi_with_any_sign_leads_to_its_paper_in_every_format() -> None:
    doi = "10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-#"
    address = "https://doi.org/10.1002/(sici)1097-0258(19970515)16:9%3C965::aid-sim509%3E3.0.co;2-%23"
    work = study(title="Invented", identifiers=Identifiers(doi=doi))
    assert {f"DO  - {doi}", f"UR  - {address}"} <= set(write_ris([work]).splitlines())
    assert f"  doi = {{{doi}}},\n  url = {{{address}}}" in write_bibtex([work])
    (item,) = json.loads(write_csl_json([work]))
    assert (item["DOI"], item["URL"]) == (doi, address)


def test_a_paper_known_by_its_pmid_alone_leads_to_pubmed() -> None:
    work = study(title="Invented", identifiers=Identifiers(pmid="7"))
    assert "UR  - https://pubmed.ncbi.nlm.nih.gov/7/" in write_ris([work])


def test_a_preprint_by_its_doi_is_written_as_one() -> None:
    assert write_ris([study(identifiers=Identifiers(doi="10.26434/chemrxiv-2026-abcde"))]).startswith("TY  - UNPB\n")


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
    full, bare = json.loads(write_csl_json([FULL, BARE]))
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
    assert json.loads(write_csl_json([study(published=published)]))[0]["issued"] == {"date-parts": [parts]}


def test_a_bare_less_than_in_a_title_is_no_markup() -> None:
    assert json.loads(write_csl_json([study(title="Is a<b in mice?")]))[0]["title"] == "Is a&lt;b in mice?"
    assert json.loads(write_csl_json([study(title="p < 0.05?")]))[0]["title"] == "p < 0.05?"


def test_nothing_gives_nothing() -> None:
    assert (write_ris([]), write_bibtex([]), json.loads(write_csl_json([]))) == ("", "", [])


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
)
FAMILIES = st.sampled_from(["Example", "Sample", "O'Specimen", "Müller", "van der Berg", "García Muestra"])
GIVENS = st.sampled_from(["Ada", "Bo", "Jean-Luc", "Cy D.", "A. B."])


@given(
    title=WORDS.filter(lambda text: any(char.isalnum() for char in text) and "&" not in text and "<" not in text),
    people=st.lists(st.tuples(FAMILIES, GIVENS), max_size=4, unique=True),
    year=st.integers(1900, 2100),
    doi=st.none() | st.just("10.1000/abc.1"),
)
def test_a_study_survives_ris_and_back(title: str, people: list[tuple[str, str]], year: int, doi: str | None) -> None:
    work = study(
        title=f"{title} x",
        authors=tuple(Author(family=family, given=given) for family, given in people),
        published=str(year),
        identifiers=Identifiers(doi=doi),
    )
    (found,) = parse_import(write_ris([work]).encode(), filename="x.ris")
    assert isinstance(found, Record)
    assert found.title == work.title
    assert [(author.family, author.given) for author in found.authors] == people
    assert (found.identifiers.doi, found.year) == (doi, year)


def read_cells(path: Path) -> Sequence[Sequence[object]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path).active.iter_rows()]


def test_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "studies.xlsx"
    rows: list[Mapping[str, object]] = [
        {"title": '=HYPERLINK("http://example.org")', "year": 2026, "relevance": 0.5, "extra": "not asked for"},
        {"title": "Invented\x00", "year": None},
        {"title": "x" * 40_000},
    ]
    write_xlsx(rows, ["title", "year", "relevance"], path)
    assert read_cells(path) == [
        ["title", "year", "relevance"],
        ['\'=HYPERLINK("http://example.org")', 2026, 0.5],
        ["Invented", None, None],
        ["x" * 32_767, None, None],
    ]
    assert openpyxl.load_workbook(path).active.freeze_panes == "A2"
    assert [entry.name for entry in tmp_path.iterdir()] == ["studies.xlsx"]


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


def test_xlsx_without_openpyxl_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "openpyxl":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match="pip install"):
        write_xlsx([], ["title"], tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_xlsx_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        write_xlsx([], ["title"], tmp_path / "missing" / "x.xlsx")
