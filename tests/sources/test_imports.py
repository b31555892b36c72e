"""Files that users have: records and rows out of every format."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.ground.errors import ParseError
from harvester.paper.records import Author, BadRecord, MeshTerm, Record, Relation
from harvester.sources.imports import parse_import, read_rows
from harvester.sources.imports.rows import ROW_COLUMNS
from harvester.sources.imports.values import choose_date

FOLDER = Path(__file__).parents[1] / "fixtures" / "imports"

RIS = """TY  - JOUR
AU  - Example, Ada B.
AU  - Sample, Bo, Jr.
TI  - An invented study
T2  - The invented journal
J2  - Invented J
PY  - 2026
DA  - 2026/11/05/
VL  - 40
IS  - 11
SP  - 211
EP  - 219
SN  - 1234-5678 1234567X
DO  - https://doi.org/10.1000/INV.1
AN  - 99000001
DB  - PubMed
LA  - English
UR  - https://example.org/1
AB  - It was invented. © 2026 Invention Ltd.
KW  - *mood
KW  - invention
ER  -
"""


def records(text: str | bytes, filename: str = "file.txt") -> list[Record]:
    content = text.encode() if isinstance(text, str) else text
    found = parse_import(content, filename=filename)
    assert all(isinstance(item, Record) for item in found), found
    return [item for item in found if isinstance(item, Record)]


def ris(*lines: str, kind: str = "JOUR") -> Record:
    found = records("\n".join([f"TY  - {kind}", "TI  - Invented", *lines, "ER  - "]))
    assert len(found) == 1
    return found[0]


def test_medline_text() -> None:
    found = parse_import((FOLDER / "invented.nbib").read_bytes(), filename="folder/invented.nbib")
    first, second, third, fourth, fifth = found
    assert isinstance(first, Record)
    assert (first.source, first.source_key, first.identifiers.pmid) == ("pubmed", "99000001", "99000001")
    assert first.title == "An invented trial of ketamine for invented depression: a title that goes on."
    assert first.authors == (
        Author(
            family="Example", given="Ada Bo", initials="AB", affiliations=("Department of Invention, Example City.",)
        ),
        Author(family="van der Sample", given="Cy", initials="C", suffix="Jr"),
        Author(collective="Invented Study Group"),
    )
    assert [(part.label, part.category) for part in first.abstract] == [
        ("BACKGROUND", "BACKGROUND"),
        ("METHODS", "METHODS"),
        ("CONCLUSIONS", "CONCLUSIONS"),
    ]
    assert first.abstract[2].text == "It held."
    assert (first.identifiers.doi, first.identifiers.pmcid) == ("10.1000/inv.1", "PMC9900001")
    assert (first.journal, first.journal_abbreviation) == ("The invented journal", "Invented J")
    assert (first.volume, first.issue, first.pages) == ("40", "11", "211-9")
    assert (first.published, first.published_online) == ("2026-11", "2026-11-03")
    assert (first.created, first.entered, first.revised) == ("2026-11-04", "2026-11-05", "2026-11-10")
    assert first.issns == ("1234-567X", "1234-5678")
    assert first.publication_types == ("Journal Article", "Randomized Controlled Trial")
    assert first.mesh_terms[0] == MeshTerm(name="Depression", is_major=True, qualifiers=("drug therapy", "psychology"))
    assert first.chemicals == ("Ketamine", "Antidepressive Agents")
    assert first.keywords == ("mood", "invention")
    assert first.trial_ids == ("NCT09000002", "NCT09000001")
    assert first.relations == (
        Relation(
            kind="CommentIn",
            pmid="99000002",
            doi="10.1000/inv.2",
            reference="Invented J. 2026 Dec;40(12):1. doi: 10.1000/inv.2.",
        ),
        Relation(kind="RetractionIn", reference="Other J. 2026 Dec;1(1):9"),
        Relation(kind="UpdateOf", doi="10.1101/2026.01.01.1", reference="doi: 10.1101/2026.01.01.1"),
    )
    assert isinstance(second, Record)
    assert (second.identifiers.pmid, second.title, second.publication_types) == (
        "99000003",
        "An invented letter",
        ("Letter",),
    )
    assert [author.display for author in second.authors] == ["Example A"]
    assert isinstance(third, Record)
    assert (third.source_key, third.vernacular_title) == ("99000004", "Eine erfundene Uebersetzung.")
    assert isinstance(fourth, Record)
    assert (fourth.source, fourth.source_key) == ("import:invented.nbib", "content:e1f53dc70f9318a6")
    assert fifth == BadRecord(pmid=None, reason="record 5: it has neither a PMID nor a title")


def test_ris() -> None:
    (found,) = records(RIS, "mine.ris")
    assert (found.source, found.source_key) == ("import:mine.ris", "pubmed pmid:99000001")
    assert found.authors == (
        Author(family="Example", given="Ada B.", initials="AB"),
        Author(family="Sample", given="Bo", initials="B", suffix="Jr"),
    )
    assert (found.title, found.journal, found.journal_abbreviation) == (
        "An invented study",
        "The invented journal",
        "Invented J",
    )
    assert (found.published, found.volume, found.issue, found.pages) == ("2026-11-05", "40", "11", "211-219")
    assert (found.identifiers.doi, found.identifiers.pmid) == ("10.1000/inv.1", "99000001")
    assert found.issns == ("1234-5678", "1234-567X")
    assert (found.languages, found.url) == (("eng",), "https://example.org/1")
    assert (found.abstract_text, found.keywords) == ("It was invented.", ("mood", "invention"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("ER  -\n", ""),
        lambda text: text.replace("ER  -", "ER  - "),
        lambda text: text.replace("  - ", " - "),
        lambda text: text.replace("  - ", "  -  "),
        lambda text: text.replace("  - ", "-"),
        lambda text: "Exported by an invention\n\n" + text,
        lambda text: text.replace("VL  -", "ZZ  - unknown\nVL  -"),
        lambda text: text.replace("It was invented.", "It was\ninvented."),
        lambda text: text.replace("It was invented.", "\n   It was\n\n   invented."),
    ],
    ids=[
        "bom",
        "crlf",
        "cr",
        "no-er",
        "er",
        "one-blank",
        "blanks",
        "no-blank",
        "preamble",
        "unknown",
        "wrapped",
        "blank-lines",
    ],
)
def test_ris_that_is_not_quite_ris_gives_the_same(damage: object) -> None:
    assert callable(damage)
    (wanted,) = records(RIS)
    assert records(damage(RIS)) == [wanted]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "utf-16"])
def test_ris_in_any_charset(encoding: str) -> None:
    found = records("TY  - JOUR\nTI  - Über Müller\nAU  - Müller, Ä.\nER  - \n".encode(encoding))
    assert (found[0].title, found[0].authors[0].family) == ("Über Müller", "Müller")


def test_ris_keeps_the_records_around_a_bad_one() -> None:
    text = "TY  - JOUR\nTI  - First\nER  - \nTY  - JOUR\nAU  - Nobody\nER  - \nTY  - JOUR\nTI  - Third"
    found = parse_import(text.encode(), filename="x")
    assert [item.title if isinstance(item, Record) else item.reason for item in found] == [
        "First",
        "record 2: it has no title",
        "Third",
    ]
    assert [row["title"] for row in read_rows(text.encode(), filename="x").rows] == ["First", "", "Third"]


def test_prose_that_looks_like_a_tag_stays_prose() -> None:
    found = ris("AB  - The ratio was", "OR - 2.5, and the", "RR  - 1.2 as well", "VL  - 3")
    assert found.abstract_text == "The ratio was OR - 2.5, and the"
    assert found.volume == "3"


@pytest.mark.parametrize(
    ("lines", "pmid"),
    [
        (["AN  - 99000001", "DB  - PubMed"], "99000001"),
        (["AN  - 99000001", "DP  - NLM"], "99000001"),
        (["AN  - PMID: 99000001"], "99000001"),
        (["AN  - 99000001", "DB  - Embase"], None),
        (["AN  - WOS:000082252000006"], None),
        (["ID  - 57530", "C1  - 57279"], None),
        (["N1  - PMID: 99000001"], "99000001"),
        (["L2  - http://www.ncbi.nlm.nih.gov/pubmed/99000001"], "99000001"),
    ],
)
def test_a_number_is_a_pmid_only_if_the_record_says_so(lines: list[str], pmid: str | None) -> None:
    assert ris(*lines).identifiers.pmid == pmid


@pytest.mark.parametrize(
    ("lines", "doi"),
    [
        (["DO  - 10.1000/A"], "10.1000/a"),
        (["DO  - doi: 10.1000/A."], "10.1000/a"),
        (["DI  - 10.1000/b"], "10.1000/b"),
        (["M3  - 10.1000/c"], "10.1000/c"),
        (["M3  - Article", "L3  - http://dx.doi.org/10.1000/d?x=1"], "10.1000/d"),
        (["UR  - https://example.org/record?doi=10.1000%2fe&partner=1"], None),
        (["UR  - https://example.org/doi/10.1000/f/figure/1"], None),
        (["UR  - https://example.org/10.1101/2026.11.05.26000001v2.full.pdf+html"],
         "10.1101/2026.11.05.26000001"),
        (["DO  - 10.1002/(SICI)1097-0258(19970515)16:9<965::AID-X>3.0.CO;2-O"],
         "10.1002/(sici)1097-0258(19970515)16:9<965::aid-x>3.0.co;2-o"),
        (["DO  - none"], None),
    ],
)  # fmt: skip
def test_dois_in_ris(lines: list[str], doi: str | None) -> None:
    assert ris(*lines).identifiers.doi == doi


@pytest.mark.parametrize(
    ("lines", "published"),
    [
        (["PY  - 2026"], "2026"),
        (["PY  - 2026///"], "2026"),
        (["Y1  - 2021/06//"], "2021-06"),
        (["DA  - AUG", "PY  - 1999"], "1999-08"),
        (["DA  - FEB 28", "PY  - 1999"], "1999-02-28"),
        (["DA  - MAY-JUN", "PY  - 1999"], "1999-05"),
        (["DA  - 1999/08//undefined", "PY  - 1999"], "1999-08"),
        (["DA  - 2020/12/30", "PY  - 2021"], "2021"),
        (["DA  - 2021/04/21/"], "2021-04-21"),
        (["YR  - 2023"], "2023"),
        (["YR  - 2023", "DA  - 2023/05/06"], "2023-05-06"),
        (["YR  - 2023", "PY  - 2022"], "2022"),
        ([], None),
    ],
)
def test_dates_in_ris(lines: list[str], published: str | None) -> None:
    assert ris(*lines).published == published


@pytest.mark.parametrize(
    ("lines", "pages"),
    [
        (["SP  - 12", "EP  - 20"], "12-20"),
        (["SP  - 1535-41"], "1535-41"),
        (["SP  - 212-222", "EP  - 222"], "212-222"),
        (["SP  - 7", "EP  - 7"], "7"),
        (["C7  - 107538"], "107538"),
        ([], None),
    ],
)
def test_pages_in_ris(lines: list[str], pages: str | None) -> None:
    assert ris(*lines).pages == pages


@pytest.mark.parametrize(
    ("kind", "lines", "types"),
    [
        ("JOUR", [], ()),
        ("THES", [], ("Academic Dissertation",)),
        ("GEN", ["DO  - 10.31234/osf.io/abcde"], ("Preprint",)),
        ("JOUR", ["DO  - 10.26434/chemrxiv-2026-abcde-v2"], ("Preprint",)),
        ("JOUR", ["T2  - medRxiv"], ("Preprint",)),
        ("UNPB", [], ("Preprint",)),  # as we write preprints ourselves
        ("GEN", ["M3  - Posted-Content"], ("Preprint",)),
        ("JOUR", ["DO  - 10.12688/f1000research.1.2", "T2  - F1000Research"], ()),
        ("JOUR", ["M3  - Review"], ("Review",)),
    ],
)
def test_types_in_ris(kind: str, lines: list[str], types: tuple[str, ...]) -> None:
    assert ris(*lines, kind=kind).publication_types == types


def test_what_databases_add_to_abstracts_goes() -> None:
    added = "It held. [ABSTRACT FROM AUTHOR]"
    assert ris(f"AB  - {added}", "AB  - Copyright of X is the property of Y.").abstract_text == "It held."
    assert (
        ris("AB  - It held. (PsycInfo Database Record (c) 2026 APA, all rights reserved)").abstract_text == "It held."
    )
    assert ris("AB  - <p>It <b>held</b> &amp; more.</p>").abstract_text == "It held & more."
    assert ris("AU  - Example A", "AU  - et al.").authors_complete is False


OWN = (
    "study_id,title,authors,journal,published,year,volume,issue,pages,doi,pmid,pmcid,trial_ids,url,language,abstract,"
    "publication_types,mesh_terms,keywords\n"
    'S0000001,An invented study,"Example AB; van der Sample C Jr; Invented Study Group",The invented journal,2026-11,'
    "2026,40,11,211-9,10.1000/inv.1,99000001,PMC9900001,NCT09000001; NCT09000002,https://example.org/1,eng,"
    '"AIMS: To invent. RESULTS: It held.",Journal Article; Review,Depression; Humans,mood; invention\n'
)


def test_csv_of_our_own_table() -> None:
    (found,) = records(OWN, "studies.csv")
    assert (found.source, found.source_key) == ("import:studies.csv", "pmid:99000001")
    assert [author.display for author in found.authors] == ["Example AB", "van der Sample C Jr", "Invented Study Group"]
    assert (found.published, found.volume, found.issue, found.pages) == ("2026-11", "40", "11", "211-9")
    assert (found.identifiers.doi, found.identifiers.pmid, found.identifiers.pmcid) == (
        "10.1000/inv.1",
        "99000001",
        "PMC9900001",
    )
    assert found.trial_ids == ("NCT09000001", "NCT09000002")
    assert [part.label for part in found.abstract] == ["AIMS", "RESULTS"]
    assert (found.languages, found.publication_types) == (("eng",), ("Journal Article", "Review"))
    assert [term.name for term in found.mesh_terms] == ["Depression", "Humans"]
    assert found.keywords == ("mood", "invention")


def test_csv_of_zotero_and_of_others() -> None:
    zotero = (
        '"Key","Item Type","Publication Year","Author","Title","Publication Title","ISSN","DOI","Url","Abstract Note",'
        '"Date","Pages","Issue","Volume","Journal Abbreviation","Language","Extra","Manual Tags","Number"\n'
        '"A","preprint","2026","Example, Ada; Sample, Bo","An invented study","Inventions","12345678","","","It held.",'
        '"2026-11-05","3","2","1","Inv","en-US","PMID: 99000001\nPMCID: PMC12\nDOI: 10.1000/z","mood; mind",""\n'
    )
    (found,) = records(zotero)
    assert [author.display for author in found.authors] == ["Example A", "Sample B"]
    assert (found.published, found.journal, found.journal_abbreviation) == ("2026-11-05", "Inventions", "Inv")
    assert (found.identifiers.pmid, found.identifiers.pmcid, found.identifiers.doi) == (
        "99000001",
        "PMC12",
        "10.1000/z",
    )
    assert (found.publication_types, found.languages, found.issue) == (("Preprint",), ("eng",), "2")
    semicolons = (
        "Title;Authors;Year;Page start;Page end;PubMed ID\nInvented;Example A., Sample B.;2026;3;9;99000001.0\n"
    )
    (found,) = records(semicolons)
    assert [author.display for author in found.authors] == ["Example A", "Sample B"]
    assert (found.pages, found.identifiers.pmid) == ("3-9", "99000001")
    (found,) = records("pubmed_id,title,authors,year\n7,Invented,\"['Example, Ada', 'Sample, Bo']\",NA\n")
    assert ([author.display for author in found.authors], found.published) == (["Example A", "Sample B"], None)


def test_rows_of_csv_come_back_as_they_are() -> None:
    text = 'zzz,title,abstract,doi\n 1 ,"A, ""quoted"" title","two\nlines",NA\n\n2,,,\n'
    assert read_rows(text.encode(), filename="x.csv").rows == [
        {"zzz": " 1 ", "title": 'A, "quoted" title', "abstract": "two\nlines", "doi": "NA"},
        {"zzz": "2", "title": "", "abstract": "", "doi": ""},
    ]
    assert read_rows(b"title,doi\nshort\n", filename="x").rows == [{"title": "short", "doi": ""}]


def test_rows_of_other_formats_have_the_columns_of_the_labelled_sets() -> None:
    (row,) = read_rows(RIS.encode(), filename="x.ris").rows
    assert tuple(row) == ROW_COLUMNS
    assert row == {
        "ID": "1",
        "title": "An invented study",
        "author": "Example, Ada B.; Sample, Bo, Jr",
        "year": "2026",
        "journal": "The invented journal",
        "volume": "40",
        "number": "11",
        "pages": "211-219",
        "abstract": "It was invented.",
        "doi": "10.1000/inv.1",
        "pmid": "99000001",
    }
    nbib = read_rows((FOLDER / "invented.nbib").read_bytes(), filename="x.nbib").rows
    assert [row["ID"] for row in nbib] == ["99000001", "99000003", "99000004", "4", "5"]
    assert nbib[0]["author"].endswith("; Invented Study Group")


def test_a_bad_row_is_reported_and_the_others_live() -> None:
    found = parse_import(b"title,doi\nFirst,10.1000/a\n,10.1000/b\nThird,\n", filename="x.csv")
    assert [item.title if isinstance(item, Record) else item.reason for item in found] == [
        "First",
        "row 2: it has no title",
        "Third",
    ]


PUBMED_XML = (
    b"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>99000001</PMID><Article><Journal><Title>J</Title>"
    b"</Journal><ArticleTitle>Invented</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
)


@pytest.mark.parametrize(
    "content",
    [PUBMED_XML, gzip.compress(PUBMED_XML), b"\xef\xbb\xbf" + PUBMED_XML],
    ids=["plain", "gzip", "byte order mark"],
)
def test_pubmed_xml_keeps_pubmed_as_its_source(content: bytes) -> None:
    (found,) = parse_import(content, filename="anything.txt")
    assert isinstance(found, Record)
    assert (found.source, found.source_key, found.title) == ("pubmed", "99000001", "Invented")
    assert read_rows(content, filename="x").rows[0]["title"] == "Invented"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"Dear all,\nplease find attached", "begins with 'Dear all,"),
        (b"a,b\n1,2\n", "neither PubMed XML"),
        (b"<html><body>x</body></html>", "PubMed XML"),
        pytest.param(gzip.compress(PUBMED_XML)[:-20], "damaged", id="cut gzip"),
        (b"title,doi\na," + b'"' + b"x\n" * 200_000, "not closed"),
    ],
)
def test_what_cannot_be_read_at_all_is_an_error_that_says_why(content: bytes, says: str) -> None:
    for read in (parse_import, read_rows):
        with pytest.raises(ParseError) as caught:
            read(content, filename="folder/invented.txt")
        assert says in str(caught.value)


def test_formats_are_told_by_content() -> None:
    assert records('title,abstract\nInvented,"TY  - JOUR\nPMID- 1"\n')[0].title == "Invented"
    assert records("TY  - JOUR\nTI  - Invented\nN1  - \nPMID- 12\nER  - \n")[0].source == "import:file.txt"


def test_dates_and_years() -> None:
    assert choose_date([], []) is None
    assert choose_date(["nonsense"], ["2026"]) == "2026"
    assert choose_date(["2026-11"], ["nonsense"]) == "2026-11"


@given(st.binary(max_size=300))
def test_any_bytes_give_records_or_a_parse_error(content: bytes) -> None:
    with contextlib.suppress(ParseError):
        assert isinstance(parse_import(content, filename="x"), list)


@given(st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), min_size=1, max_size=5))
def test_csv_written_is_csv_read(cells: list[list[str]]) -> None:
    rows = [
        [cell.replace("\0", "") for cell in row] for row in cells if any(cell.replace("\0", "").strip() for cell in row)
    ]
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["title", "doi", "other"], *rows])
    found = read_rows(written.getvalue().encode("utf-8", "surrogatepass"), filename="x").rows
    assert [list(row.values()) for row in found] == rows


@given(
    st.lists(
        st.sampled_from(["TY  - JOUR", "TI  - x", "ER  -", "AU  - ,", "text", "", "DO  - 10.1/", "PMID- 1", "AB  - y"])
    )
)
def test_any_lines_of_ris_give_a_record_for_each_type(lines: list[str]) -> None:
    text = "\n".join(["TY  - JOUR", *lines])
    found = parse_import(text.encode(), filename="x")
    # A title that stands behind the end of a record begins another, which has no type, unless one comes.
    assert text.count("TY  - JOUR") <= len(found) <= text.count("TY  - JOUR") + text.count("TI  - x")
