"""PubMed XML, from bytes to records: what is read, and what a damaged document costs."""

from __future__ import annotations

import gzip
import io
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.ground.errors import ParseError
from harvester.paper.records import AbstractSection, Author, BadRecord, Identifiers, MeshTerm, Record, Relation
from harvester.sources.pubmed.xml import DeletedPmids, parse_pubmed_xml

FIXTURES = Path(__file__).parents[1] / "fixtures" / "pubmed"


def article(pmid: object = 1, *, inside: str = "", citation: str = "", data: str = "") -> str:
    """Write a record: `inside` its Article, behind that in its `citation`, and in its PubmedData."""
    return (
        f'<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
        f'<Article PubModel="Print">{inside}</Article>{citation}</MedlineCitation>'
        f"<PubmedData>{data}</PubmedData></PubmedArticle>"
    )


def whole(*records: str, root: str = "PubmedArticleSet") -> bytes:
    return f'<?xml version="1.0" ?>\n<{root}>\n{"".join(records)}\n</{root}>\n'.encode()


def read(document: bytes) -> list[Record | BadRecord | DeletedPmids]:
    return list(parse_pubmed_xml(document))


def read_one(text: str) -> Record:
    (record,) = read(whole(text))
    assert isinstance(record, Record), record
    return record


def read_until_error(document: bytes, **limits: int) -> tuple[list[str], str]:
    """Give the keys of the records that came before the error, and the error."""
    came: list[Record | BadRecord | DeletedPmids] = []
    with pytest.raises(ParseError) as caught:
        deque(map(came.append, parse_pubmed_xml(document, **limits)), maxlen=0)
    return [name_item(item) for item in came], str(caught.value)


def name_item(item: Record | BadRecord | DeletedPmids) -> str:
    if isinstance(item, Record):
        return item.source_key
    return f"deleted {'+'.join(item.pmids)}" if isinstance(item, DeletedPmids) else f"bad {item.pmid}"


def names(document: bytes) -> list[str]:
    return [name_item(item) for item in read(document)]


# What is read.


def test_a_whole_article_of_next_years_dtd() -> None:
    (record,) = read((FIXTURES / "whole_article.xml").read_bytes())
    assert record == Record(
        source="pubmed",
        source_key="90000001",
        title="[R-ketamine & 10-6 M of nothing: an invented xy title with a<1].",
        title_markup=(
            "[<i>R</i>-ketamine &amp; 10<sup>-6</sup> M of nothing: "
            "an invented <sub>x<i>y</i></sub> title with a&lt;1]."
        ),
        vernacular_title="Ein erfundener Titel.",
        authors=(
            Author(
                family="van der Example",
                given="Ann Bea",
                initials="AB",
                suffix="Jr",
                orcid="0000-0000-0000-000X",
                affiliations=("Department of Examples, Nowhere.", "Institute of Inventions, Nowhere."),
            ),
            Author(family="Mononym"),
            Author(collective="The Invented Group", affiliations=("Everywhere.",)),
        ),
        authors_complete=False,
        journal="Invented Journal of Examples",
        journal_abbreviation="Invent J Ex",
        issns=("0000-0001", "0000-0002"),
        published="2026-11",
        published_online="2026-10-05",
        volume="7",
        issue="2",
        pages="11-9",
        identifiers=Identifiers(pmid="90000001", doi="10.9999/invented.2026.1", pmcid="PMC9000001"),
        trial_ids=("NCT09999998", "C000000001", "NCT09999999"),
        url="https://pubmed.ncbi.nlm.nih.gov/90000001/",
        languages=("eng", "chi"),
        abstract=(
            AbstractSection(text="Nothing was known of the invented drug.", label="BACKGROUND", category="BACKGROUND"),
            AbstractSection(
                text="We made it up (NCT09999999, p < 0.05 & so on).", label="WHAT WE DID", category="METHODS"
            ),
            AbstractSection(text="It is invented."),
        ),
        other_abstracts=(
            AbstractSection(text="HINTERGRUND: Nichts.", label="ger"),
            AbstractSection(text="In plain words.", label="plain-language-summary"),
        ),
        publication_types=("Journal Article", "Randomized Controlled Trial"),
        mesh_terms=(
            MeshTerm(
                name="Ketamine",
                ui="D007649",
                is_major=True,
                qualifiers=("administration & dosage", "adverse effects"),
            ),
            MeshTerm(name="Humans", ui="D006801"),
        ),
        chemicals=("Ketamine",),
        keywords=("Invention", "Ketamine", "Ethics"),
        relations=(
            Relation(
                kind="ErratumIn",
                pmid="90000002",
                doi="10.9999/invented.2027.9",
                reference="Invent J Ex. 2027;8(1):1. doi: 10.9999/Invented.2027.9.",
                note="A number was wrong.",
            ),
            Relation(kind="UpdateOf", doi="10.9999/preprint.5", reference="doi: 10.9999/preprint.5"),
        ),
        publication_status="ppublish",
        created="2026-10-07",
        entered="2026-10-08",
        revised="2026-11-13",
    )


def test_books_and_chapters() -> None:
    chapter, book, bare = read((FIXTURES / "books.xml").read_bytes())
    assert isinstance(chapter, Record)
    assert isinstance(book, Record)
    assert isinstance(bare, Record)
    assert chapter == Record(
        source="pubmed",
        source_key="90000011",
        title="An invented chapter",
        title_markup="An <em>invented</em> chapter",
        authors=(Author(family="Writer", given="Wanda", initials="W"),),
        journal="Inventions in vitro",
        published="2026-02",
        volume="3",
        identifiers=Identifiers(pmid="90000011", doi="10.9999/chapter.1"),
        trial_ids=("NCT09999997",),
        url="https://pubmed.ncbi.nlm.nih.gov/90000011/",
        languages=("eng",),
        abstract=(AbstractSection(text="A chapter about NCT09999997."),),
        publication_types=("Review",),
        keywords=("Chapters",),
        publication_status="ppublish",
        entered="2026-02-06",
        revised="2026-03-04",
    )
    assert (book.title, book.journal, book.published) == ("A whole invented book", "Invented Press", "2019")
    assert book.authors == (Author(collective="Committee of Nobody"),)
    assert (bare.title, bare.authors, bare.journal, bare.published) == (None, (), None, None)


def test_an_almost_empty_record_is_a_record() -> None:
    assert read_one(article(5)) == Record(
        source="pubmed",
        source_key="5",
        identifiers=Identifiers(pmid="5"),
        url="https://pubmed.ncbi.nlm.nih.gov/5/",
    )


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("<Year>2026</Year>", "2026"),
        ("<Year>2026</Year><Month>Nov</Month>", "2026-11"),
        ("<Year>2026</Year><Month>11</Month><Day>5</Day>", "2026-11-05"),
        ("<Year>2005</Year><Month>Sep</Month><Day>31</Day>", "2005-09"),
        ("<Year>2000</Year><Season>Spring</Season>", "2000"),
        ("<Year>2021</Year><Season>Apr-Jun</Season>", "2021-04"),
        ("<Year>2021</Year><Month>Winter</Month>", "2021"),
        ("<Year>2021a</Year>", "2021"),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", "1998-12"),
        ("<MedlineDate>2000 Nov-Dec</MedlineDate>", "2000-11"),
        ("<MedlineDate>1976 Jul 10-24</MedlineDate>", "1976-07-10"),
        ("<MedlineDate>1978 Jan 30-Feb 5</MedlineDate>", "1978-01-30"),
        ("<MedlineDate>1977-1978</MedlineDate>", "1977"),
        ("<MedlineDate>1977-78 Winter</MedlineDate>", "1977"),
        ("<MedlineDate>2001-02</MedlineDate>", "2001"),
        ("<MedlineDate>2000 Spring</MedlineDate>", "2000"),
        ("<MedlineDate>2000 Spring-Summer</MedlineDate>", "2000"),
        ("<MedlineDate>Winter 1998</MedlineDate>", "1998"),
        ("<MedlineDate>Fall-Winter 1998-1999</MedlineDate>", "1998"),
        ("<MedlineDate>Dec 1998</MedlineDate>", "1998-12"),
        ("<MedlineDate>Dec 1998-Jan 1999</MedlineDate>", "1998-12"),
        ("<MedlineDate>15 Dec 1998</MedlineDate>", "1998-12-15"),
        ("<MedlineDate>1999 1st Quart</MedlineDate>", "1999"),
        ("<MedlineDate>1983 Sept.</MedlineDate>", "1983-09"),
        ("<MedlineDate>2009 Oct-2010 Mar</MedlineDate>", "2009-10"),
        ("<MedlineDate>19981 or so</MedlineDate>", None),
        ("<MedlineDate>no date</MedlineDate>", None),
        ("<MedlineDate/>", None),
        ("", None),
    ],
)
def test_dates_of_issues(date: str, expected: str | None) -> None:
    issue = f"<Journal><JournalIssue><PubDate>{date}</PubDate></JournalIssue></Journal>"
    assert read_one(article(inside=issue)).published == expected


def history(**days: str) -> str:
    dates = (
        f'<PubMedPubDate PubStatus="{status}"><Year>{day[:4]}</Year><Month>{day[5:7]}</Month><Day>{day[8:]}</Day>'
        "</PubMedPubDate>"
        for status, day in days.items()
    )
    return f"<History>{''.join(dates)}</History>"


ONLINE = '<ArticleDate DateType="Electronic"><Year>2026</Year><Month>1</Month><Day>9</Day></ArticleDate>'


@pytest.mark.parametrize(
    ("inside", "data", "expected"),
    [
        (ONLINE, history(pubmed="2026-02-01"), "2026-01-09"),
        ("", history(entrez="2026-02-02", pubmed="2026-02-01"), "2026-02-01"),
        ("", history(entrez="2026-02-02"), "2026-02-02"),
        ("", history(received="2025-02-02"), None),
        ("", history(entrez="2026-13-02"), None),
        (ONLINE.replace("Electronic", "Print"), "", None),
    ],
)
def test_without_a_date_of_the_issue_the_next_best_counts(inside: str, data: str, expected: str | None) -> None:
    assert read_one(article(inside=inside, data=data)).published == expected


def test_files_before_2016_have_their_own_places() -> None:
    text = (
        '<MedlineCitation Owner="NLM" Status="MEDLINE"><PMID Version="1">7</PMID>'
        "<DateCreated><Year>2001</Year><Month>02</Month><Day>03</Day></DateCreated>"
        "<Article><ArticleTitle>An old invented title.</ArticleTitle><AuthorList>"
        "<Author><LastName>Old</LastName><Affiliation>Nowhere.</Affiliation></Author></AuthorList></Article>"
        '<OtherID Source="NLM">NIHMS1 [Available on 12/22/16]</OtherID><OtherID Source="NLM"/>'
        '<OtherID Source="NLM">PMC77 [Available on 12/22/16]</OtherID></MedlineCitation>'
    )
    document = whole(text, "<DeleteCitation><PMID>8</PMID></DeleteCitation>", root="MedlineCitationSet")
    record, deleted = read(document)
    assert isinstance(record, Record)
    assert record.title == "An old invented title."
    assert record.authors == (Author(family="Old", affiliations=("Nowhere.",)),)
    assert record.identifiers == Identifiers(pmid="7", pmcid="PMC77")
    assert record.created == "2001-02-03"
    assert deleted == DeletedPmids(pmids=("8",))


def location(kind: str, text: str, valid: str = "Y") -> str:
    return f'<ELocationID EIdType="{kind}" ValidYN="{valid}">{text}</ELocationID>'


def listed(kind: str, text: str) -> str:
    return f'<ArticleIdList><ArticleId IdType="{kind}">{text}</ArticleId></ArticleIdList>'


SICI = "10.1002/(SICI)1097-0000(19970515)16:9&lt;965::AID-SIM509&gt;3.0.CO;2-O"


@pytest.mark.parametrize(
    ("inside", "data", "expected"),
    [
        (location("doi", "10.9999/A"), listed("doi", "10.9999/b"), "10.9999/a"),
        (location("doi", "10.9999/A", "N"), listed("doi", "10.9999/B"), "10.9999/b"),
        (location("doi", "10.9999/A", "N"), "", None),
        (location("doi", "no DOI"), listed("doi", "10.9999/b"), "10.9999/b"),
        (location("pii", "10.9999/a"), "", None),
        ("", listed("pii", "10.9999/a"), None),
        ("", listed("doi", "doi:10.9999/A."), "10.9999/a"),
        ("", listed("doi", ""), None),
        ("", listed("doi", SICI), "10.1002/(sici)1097-0000(19970515)16:9<965::aid-sim509>3.0.co;2-o"),
        ("", f"<ReferenceList><Reference>{listed('doi', '10.9999/r')}</Reference></ReferenceList>", None),
    ],
)
def test_the_doi_is_the_papers_own(inside: str, data: str, expected: str | None) -> None:
    assert read_one(article(inside=inside, data=data)).identifiers.doi == expected


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<Pagination><MedlinePgn>1831</MedlinePgn></Pagination>", "1831"),
        ("<Pagination><StartPage>211</StartPage><EndPage>219</EndPage></Pagination>", "211-219"),
        ("<Pagination><StartPage>211</StartPage><EndPage>211</EndPage></Pagination>", "211"),
        ("<Pagination><StartPage>e5</StartPage><MedlinePgn/></Pagination>", "e5"),
        (location("pii", "104077"), "104077"),
        (location("pii", "104077", "N"), None),
        (location("pii", "S0140-6736(26)00001-2"), None),
        (location("pii", ""), None),
    ],
)
def test_pages_or_else_the_article_number(inside: str, expected: str | None) -> None:
    assert read_one(article(inside=inside)).pages == expected


def test_the_source_of_an_abstract_in_no_language_is_its_type() -> None:
    text = '<OtherAbstract Type="AIDS"><AbstractText>A</AbstractText></OtherAbstract>'
    text += '<OtherAbstract Type="Publisher"><AbstractText>B</AbstractText></OtherAbstract>'
    text += "<OtherAbstract><AbstractText>C</AbstractText></OtherAbstract>"
    labels = [section.label for section in read_one(article(citation=text)).other_abstracts]
    assert labels == ["AIDS", "Publisher", None]


def test_an_orcid_that_is_none_is_none() -> None:
    author = '<Author><LastName>A</LastName><Identifier Source="ORCID">unknown</Identifier></Author>'
    (read_author,) = read_one(article(inside=f"<AuthorList>{author}</AuthorList>")).authors
    assert read_author.orcid is None


def test_a_person_with_a_given_name_only_is_known_by_it() -> None:
    text = "<AuthorList><Author><ForeName>Plato</ForeName></Author><Note/></AuthorList>"
    assert read_one(article(inside=text)).authors == (Author(family="Plato", given="Plato"),)


def test_registrations_in_the_abstract_are_found_whatever_their_form() -> None:
    # What the cheap look before the real search must not overlook.
    numbers = [
        *("NCT01234567", "ISRCTN12345678", "ACTRN12345678901234", "ChiCTR2000012345", "DRKS00012345"),
        *("CTRI/2019/01/012345", "UMIN000012345", "jRCTs012345678", "IRCT20190101012345N1", "NTR123", "NL1234"),
        *("PACTR201901012345678", "KCT0012345", "TCTR20190101012", "CRD42019012345", "2019-012345-12", "RBR-6bcdef"),
    ]
    for number in numbers:
        text = f"<Abstract><AbstractText>Registered: {number}.</AbstractText></Abstract>"
        assert read_one(article(inside=text)).trial_ids == (number,)


def test_a_deeply_nested_title_is_one_bad_record() -> None:
    deep = f"<ArticleTitle>{'<i>' * 5000}x{'</i>' * 5000}</ArticleTitle>"
    assert names(whole(article(1), article(2, inside=deep), article(3))) == ["1", "bad 2", "3"]


# What a damaged record costs.


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (article("", inside="<x/>"), "bad None"),
        (article("12a"), "bad None"),
        (article("0"), "bad 0"),
        (article("1234567890"), "bad None"),
        ("<PubmedArticle/>", "bad None"),
        ("<PubmedArticle></PubmedArticle>", "bad None"),
        (article(2, inside="<ArticleTitle>a & b</ArticleTitle>"), "bad 2"),
        (article(2, inside="<ArticleTitle>a < b</ArticleTitle>"), "bad 2"),
        (article(2, inside="<ArticleTitle><i>a</ArticleTitle>"), "bad 2"),
        (article(2, inside="<ArticleTitle>&nbsp;</ArticleTitle>"), "bad 2"),
        (article(2, inside="<ArticleTitle>\x01</ArticleTitle>"), "bad 2"),
        (article(2, inside='<a b="1" b="2"/>'), "bad 2"),
        (article(2, inside="<a b=1/>"), "bad 2"),
        (article(2, inside="<!DOCTYPE x [<!ENTITY y 'z'>]>"), "bad 2"),
        (article(2, inside="<!-- begun and never ended"), "bad 2"),
        (article(2, inside="<![CDATA[ begun and never ended"), "bad 2"),
        (article(2).replace("</PubmedArticle>", ""), "bad 2"),
        (article(2).replace("</PubmedArticle>", "</PubmedArticl>"), "bad 2"),
        (article(2)[:120], "bad 2"),
        (article(2).replace("<PubmedArticle>", ""), "bad 2"),
        (article(2).replace("<PubmedArticle>", "<PubmedArtcle>"), "bad 2"),
        ("words that belong to nobody", "bad None"),
        ("<ERROR>Something is wrong</ERROR>", "bad None"),
        ("</MedlineCitation>", "bad None"),
    ],
)
def test_a_bad_record_costs_exactly_itself(record: str, expected: str) -> None:
    expected = "bad None" if expected == "bad 0" else expected
    between = names(whole(article(1), record, article(3), article(4)))
    assert between == ["1", expected, "3", "4"]
    assert names(whole(article(1), record)) == ["1", expected]
    assert names(whole(record, article(3)))[-1] == "3" or not record.startswith("<")


def test_bytes_that_are_not_utf_8_cost_their_record() -> None:
    document = whole(article(1), article(2, inside="<ArticleTitle>@</ArticleTitle>"), article(3))
    assert names(document.replace(b"@", b"caf\xe9")) == ["1", "bad 2", "3"]


def test_reasons_are_one_readable_line() -> None:
    document = whole(
        article(2, inside="<b>"),
        article(3).replace("</PubmedArticle>", ""),
        article(""),
        article("x"),
        "\nstray\n words",
    )
    assert [item.reason for item in read(document) if isinstance(item, BadRecord)] == [
        "it is not well-formed XML: mismatched tag: line 1, column 120",
        "</PubmedArticle> is missing",
        "it has no PMID",
        "'x' is not a PMID",
        "what stands between two records is no record: 'stray words'",
    ]


@pytest.mark.parametrize(
    "inside",
    [
        "<!-- </PubmedArticle> <PubmedArticle> -->",
        "<ArticleTitle><![CDATA[</PubmedArticle><PubmedArticle>]]></ArticleTitle>",
        "<!-- </PubmedArticle> --><ArticleTitle><![CDATA[ </PubmedArticle> ]]></ArticleTitle>",
        "<!-- </PubmedArticle> </PubmedArticle> -->",
    ],
)
def test_tags_in_comments_and_cdata_are_text(inside: str) -> None:
    assert names(whole(article(1, inside=inside), article(2))) == ["1", "2"]


def test_comments_between_records_are_no_records() -> None:
    assert names(whole(article(1), f"<!-- {article(9)} -->", "<?x <PubmedArticle> ?>", article(2))) == ["1", "2"]


def test_closing_tags_may_hold_white_space() -> None:
    spaced = article(1).replace("</PubmedArticle>", "</PubmedArticle \n>")
    assert names(whole(spaced, article(2), spaced)) == ["1", "2", "1"]


def test_a_prefix_that_only_the_dtd_explains_is_understood() -> None:
    title = "<ArticleTitle>a <mml:math xlink:href='x'><mml:mi>b</mml:mi></mml:math></ArticleTitle>"
    assert read_one(article(inside=title)).title == "a b"
    broken = article(2, inside="<mml:mi>b</mml:mo>")
    assert names(whole(article(1), broken, article(3))) == ["1", "bad 2", "3"]


def test_versions_of_a_record_come_in_order_and_never_back() -> None:
    def version(number: int, title: str) -> str:
        text = article(5, inside=f"<ArticleTitle>{title}</ArticleTitle>")
        return text.replace('<PMID Version="1">', f'<PMID Version="{number}">')

    document = whole(version(1, "first"), version(2, "second"), version(1, "first again"), version(3, "third"))
    assert [item.title for item in read(document) if isinstance(item, Record)] == ["first", "second", "third"]


# Documents.


def test_deleted_records_are_listed() -> None:
    document = whole(article(1), "<DeleteCitation><PMID>3</PMID><PMID>x</PMID><PMID>4</PMID></DeleteCitation>")
    assert names(document) == ["1", "deleted 3+4"]
    assert names(b"<DeleteCitation><PMID>3</PMID></DeleteCitation>") == ["deleted 3"]


@pytest.mark.parametrize(
    "document",
    [
        b"<PubmedArticleSet></PubmedArticleSet>",
        b"<PubmedArticleSet/>",
        b'<?xml version="1.0" ?><PubmedArticleSet\n></PubmedArticleSet >',
        b"<PubmedBookArticleSet> </PubmedBookArticleSet>",
        b"<!DOCTYPE PubmedArticleSet [ ]><PubmedArticleSet/>",
    ],
)
def test_an_empty_set_is_no_error(document: bytes) -> None:
    assert read(document) == []


def test_a_record_may_stand_alone_and_documents_one_behind_the_other() -> None:
    assert names(article(1).encode()) == ["1"]
    assert names(whole(article(1)) + b"\xef\xbb\xbf" + whole(article(2))) == ["1", "2"]
    assert names(whole(article(1)) + b"words behind the end") == ["1", "bad None"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!DOCTYPE html><html><body>Error</body></html>", "'<html><body>Error</body></html>'"),
        (b"<eFetchResult><ERROR>ID list is empty!</ERROR></eFetchResult>", "ID list is empty!"),
        (b'{"error":"API rate limit exceeded"}', "API rate limit exceeded"),
        (b"<SerialsSet></SerialsSet>", "SerialsSet"),
        (b"x" * 500, "xxx…"),
        pytest.param(gzip.compress(b"<PubmedArticleSet/>"), "still compressed", id="gzip"),
        (b"<?xml version='1.0' encoding='x-klingon'?><PubmedArticleSet/>", "unknown encoding"),
    ],
)
def test_what_is_no_pubmed_xml_is_an_error(document: bytes, words: str) -> None:
    came, error = read_until_error(document)
    assert came == []
    assert words in error


def test_entities_that_expand_are_refused() -> None:
    laughs = "".join(f'<!ENTITY l{n} "&l{n - 1};&l{n - 1};&l{n - 1};">' for n in range(1, 30))
    document = f'<!DOCTYPE PubmedArticleSet [<!ENTITY l0 "ha">{laughs}]>'.encode() + whole(
        article(1, inside="<ArticleTitle>&l29;</ArticleTitle>")
    ).removeprefix(b'<?xml version="1.0" ?>\n')
    came, error = read_until_error(document)
    assert came == []
    assert "declares entities" in error


CUT = whole(article(1), article(2), article(3))


@pytest.mark.parametrize(
    ("document", "came", "words"),
    [
        (CUT[: CUT.index(b'">3<') + 8], ["1", "2"], "inside a record"),
        (CUT[: CUT.rindex(b"<Article ")], ["1", "2"], "inside the record of PMID 3"),
        (CUT[: CUT.rindex(b"</PubmedArticleSet>")], ["1", "2", "3"], "<PubmedArticleSet> is not closed"),
        (CUT[: CUT.rindex(b"<PubmedArticle>") + 5], ["1", "2"], "<PubmedArticleSet> is not closed"),
        (article(1).encode()[:-20], [], "inside the record of PMID 1"),
    ],
)
def test_a_document_that_is_cut_gives_its_whole_records_first(document: bytes, came: list[str], words: str) -> None:
    given, error = read_until_error(document)
    assert given == came
    assert words in error
    assert "ends too early" in error


@settings(max_examples=60)
@given(st.integers(min_value=0, max_value=len(CUT) - 1))
def test_wherever_a_document_is_cut_its_whole_records_come_and_the_cut_is_noticed(length: int) -> None:
    document = CUT[:length]
    if document.rstrip() == CUT.rstrip():
        return
    came, _ = read_until_error(document)
    assert came == [key for key in ("1", "2", "3") if document.count(b"</PubmedArticle>") >= int(key)]


@settings(max_examples=60)
@given(st.integers(min_value=1, max_value=700))
def test_where_the_pieces_of_a_stream_end_makes_no_difference(size: int) -> None:
    texts = (article(1, inside="<!-- </PubmedArticle> -->"), article(2, inside="<b>"), "stray", article(4))
    document = whole(
        *texts, "<!-- between -->", article(5).replace("</PubmedArticle>", "</PubmedArticle >"), article(6)
    )
    expected = ["1", "bad 2", "bad None", "4", "5", "6"]
    assert [name_item(item) for item in parse_pubmed_xml(io.BytesIO(document), chunk_bytes=size)] == expected


def test_a_record_without_end_is_given_up_at_a_limit() -> None:
    limits = {"max_record_bytes": 50_000, "chunk_bytes": 10_000}
    endless = article(2, inside="x" * 200_000).replace("</PubmedArticle>", "")
    given, error = read_until_error(whole(article(1), endless), **limits)
    assert given == ["1"]
    assert "ends too early" in error
    rubbish = whole(article(1), "y" * 200_000, article(3))
    assert [name for name in map(name_item, parse_pubmed_xml(rubbish, **limits)) if name != "bad None"] == ["1", "3"]


ACCENTS = "<ArticleTitle>Étude inventée à Zürich, 5 µg</ArticleTitle>"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-8", "utf-16"),  # a declaration that is plainly wrong
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("iso-8859-1", "ISO-8859-1"),
        ("windows-1252", "windows-1252"),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    """Read in odd pieces, so that signs of several bytes are torn apart."""
    document = whole(article(1, inside=ACCENTS)).decode()
    text = document.replace('version="1.0"', f'version="1.0" encoding="{declared}"')
    (record,) = parse_pubmed_xml(text.encode(encoding), chunk_bytes=101)
    assert isinstance(record, Record)
    assert record.title == "Étude inventée à Zürich, 5 µg"


def test_a_document_that_is_not_in_its_encoding_is_an_error() -> None:
    text = '<?xml version="1.0" encoding="shift_jis"?>\n' + CUT.decode().partition("\n")[2]
    came, error = read_until_error(text.encode() + b"\x85\xff\xff")
    assert "not in its encoding" in error
    assert came == []


def test_a_compressed_stream_that_is_cut_gives_what_came() -> None:
    packed = gzip.compress(CUT)
    with gzip.open(io.BytesIO(packed)) as stream:
        assert [name_item(item) for item in parse_pubmed_xml(stream)] == ["1", "2", "3"]
    with gzip.open(io.BytesIO(packed[:-10])) as stream, pytest.raises(ParseError, match="cannot be read to its end"):
        list(parse_pubmed_xml(stream))


@settings(max_examples=40)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=60))
def test_any_text_survives_and_never_becomes_markup(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    record = read_one(article(inside=f"<ArticleTitle><i>x</i>{escaped}</ArticleTitle>"))
    assert record.title == " ".join(f"x{text}".split())
    assert record.title_markup == " ".join(f"<i>x</i>{escaped}".split())


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_give_items_or_a_parse_error(rubbish: bytes) -> None:
    place = len(CUT) // 2
    for document in (rubbish, CUT[:place] + rubbish + CUT[place:]):
        try:
            items = read(document)
        except ParseError:
            continue
        assert all(isinstance(item, (Record, BadRecord, DeletedPmids)) for item in items)
