"""Columns of other programs' tables: one list of names, which importing, deduplicating and tagging ask alike."""

from __future__ import annotations

import pandas as pd
import pytest

import harvester
from harvester.ground.errors import UsageError
from harvester.paper.records import Record
from harvester.sources.imports import parse_import
from harvester.table.columns import COLUMNS
from harvester.table.headers import find_columns

# The headers of real exports, shortened to what says something, and what each of their columns holds.
EXPORTS = {
    "our own table": {
        "title": "title", "authors": "authors", "journal": "journal", "published": "published", "year": "year",
        "volume": "volume", "issue": "issue", "pages": "pages", "doi": "doi", "pmid": "pmid", "pmcid": "pmcid",
        "abstract": "abstract", "publication_types": "publication_types", "mesh_terms": "mesh_terms",
        "keywords": "keywords", "language": "language", "trial_ids": "trial_ids", "url": "url", "status": "status",
    },
    "labelled sets": {
        "ID": "id", "title": "title", "author": "authors", "year": "year", "journal": "journal", "volume": "volume",
        "number": "issue", "pages": "pages", "abstract": "abstract", "doi": "doi", "pmid": "pmid",
    },
    "PubMed": {
        "PMID": "pmid", "Title": "title", "Authors": "authors", "Journal/Book": "journal", "Publication Year": "year",
        "PMCID": "pmcid", "DOI": "doi",
    },
    "Scopus": {
        "Authors": "authors", "Title": "title", "Year": "year", "Source title": "journal", "Volume": "volume",
        "Issue": "issue", "Art. No.": "pages", "Page start": "first_page", "Page end": "last_page", "DOI": "doi",
        "Abstract": "abstract", "Author Keywords": "keywords", "Index Keywords": "keywords", "PubMed ID": "pmid",
        "Language of Original Document": "language", "Abbreviated Source Title": "journal_abbreviation",
        "Document Type": "publication_types", "Source": None, "Author full names": None, "Author(s) ID": None,
        "Conference name": None, "Link": "url", "ISSN": "issn", "ISBN": "issn",
    },
    "Web of Science, Excel": {
        "Publication Type": "publication_types", "Authors": "authors", "Author Full Names": None,
        "Article Title": "title", "Source Title": "journal", "Book Series Title": None, "Language": "language",
        "Document Type": "publication_types", "Conference Title": None, "Author Keywords": "keywords",
        "Keywords Plus": "keywords", "Abstract": "abstract", "ISSN": "issn", "eISSN": "issn",
        "Journal Abbreviation": "journal_abbreviation", "Journal ISO Abbreviation": "journal_abbreviation",
        "Publication Date": "published", "Publication Year": "year", "Volume": "volume", "Issue": "issue",
        "Start Page": "first_page", "End Page": "last_page", "Article Number": "pages", "DOI": "doi",
        "DOI Link": "doi", "Pubmed Id": "pmid",
    },
    "Web of Science, tab-delimited": {
        "PT": None, "AU": "authors", "AF": None, "CA": "groups", "EA": "published",
        "TI": "title", "SO": "journal", "LA": "language",
        "DT": "publication_types", "DE": "keywords", "ID": "keywords", "AB": "abstract", "SN": "issn",
        "J9": "journal_abbreviation", "PD": "published", "PY": "year", "VL": "volume", "IS": "issue",
        "BP": "first_page", "EP": "last_page", "AR": "pages", "DI": "doi", "PM": "pmid", "UT": "accession",
    },
    "MEDLINE": {
        "PMID": "pmid", "TI": "title", "AB": "abstract", "FAU": "authors", "AU": "authors", "JT": "journal",
        "TA": "journal_abbreviation", "DP": "published", "VI": "volume", "IP": "issue", "PG": "pages", "IS": "issn",
        "MH": "mesh_terms", "PT": "publication_types", "OT": "keywords", "LA": "language", "PMC": "pmcid",
    },
    "RIS": {
        "TY": None, "T1": "title", "A1": "authors", "JF": "journal", "Y1": "year", "VL": "volume", "IS": "issue",
        "SP": "first_page", "EP": "last_page", "N2": "abstract", "DO": "doi", "KW": "keywords", "SN": "issn",
    },
    "Embase": {
        "Title": "title", "Original Title": None, "Author Names": "authors", "Source": None, "Source title": "journal",
        "Publication Year": "year", "Volume": "volume", "Issue": "issue", "First Page": "first_page",
        "Last Page": "last_page", "Date of Publication": "published", "Publication Type": "publication_types",
        "Abstract": "abstract", "Author Keywords": "keywords", "Article Language": "language", "Medline PMID": "pmid",
        "DOI": "doi",
    },
    "EBSCO": {
        "Article Title": "title", "Author": "authors", "Journal Title": "journal", "ISSN": "issn",
        "Publication Date": "published", "Volume": "volume", "Issue": "issue", "First Page": "first_page",
        "Page Count": None, "Accession Number": "accession", "DOI": "doi", "Doctype": "publication_types",
        "Subjects": "keywords", "Keywords": "keywords", "Abstract": "abstract", "PLink": "url",
    },
    "CENTRAL": {
        "CENTRAL ID": "accession", "Author(s)": "authors", "Title": "title", "Source": "journal", "Year": "year",
        "Abstract": "abstract", "Volume": "volume", "Issue": "issue", "Pages": "pages", "PubMed ID": "pmid",
        "Publication Type": "publication_types", "Keywords": "keywords", "DOI": "doi", "URL": "url",
    },
    "Zotero": {
        "Key": None, "Item Type": "publication_types", "Publication Year": "year", "Author": "authors",
        "Title": "title", "Publication Title": "journal", "ISSN": "issn", "DOI": "doi", "Url": "url",
        "Abstract Note": "abstract", "Date": "published", "Date Added": None, "Pages": "pages", "Num Pages": None,
        "Issue": "issue", "Volume": "volume", "Journal Abbreviation": "journal_abbreviation", "Short Title": None,
        "Series Title": None, "Language": "language", "Type": None, "Extra": "extra", "Manual Tags": "keywords",
        "Automatic Tags": "keywords", "Book Author": None, "Number": "issue",
    },
    "EndNote": {
        "Reference Type": "publication_types", "Author": "authors", "Year": "year", "Title": "title",
        "Secondary Title": "journal", "Volume": "volume", "Number": "issue", "Pages": "pages", "Abstract": "abstract",
        "DOI": "doi", "Keywords": "keywords", "URL": "url",
    },
    "RefWorks": {
        "Reference Type": "publication_types", "Authors, Primary": "authors", "Title Primary": "title",
        "Periodical Full": "journal", "Periodical Abbrev": "journal_abbreviation", "Pub Year": "year",
        "Volume": "volume", "Issue": "issue", "Start Page": "first_page", "Other Pages": "last_page",
        "Abstract": "abstract", "Title Secondary": None, "ISSN/ISBN": "issn", "DOI": "doi", "PMID": "pmid",
        "Shortened Title": None, "Original Foreign Title": None,
    },
    "Covidence": {
        "Title": "title", "Authors": "authors", "Abstract": "abstract", "Published Year": "year",
        "Published Month": "month", "Journal": "journal", "Volume": "volume", "Issue": "issue", "Pages": "pages",
        "DOI": "doi", "Covidence #": None, "Study": None, "Notes": None, "Tags": None,
    },
    "Rayyan": {
        "key": None, "title": "title", "year": "year", "journal": "journal", "issn": "issn", "volume": "volume",
        "issue": "issue", "pages": "pages", "authors": "authors", "url": "url", "language": "language",
        "abstract": "abstract", "notes": None, "doi": "doi", "keywords": "keywords", "pubmed_id": "pmid",
        "pmc_id": "pmcid",
    },
    "Lens": {
        "Lens ID": "accession", "Title": "title", "Date Published": "published", "Publication Year": "year",
        "Publication Type": "publication_types", "Source Title": "journal", "ISSNs": "issn", "Source Country": None,
        "Author/s": "authors", "Abstract": "abstract", "Volume": "volume", "Issue Number": "issue",
        "Start Page": "first_page", "End Page": "last_page", "Keywords": "keywords", "MeSH Terms": "mesh_terms",
        "PMID": "pmid", "DOI": "doi", "PMCID": "pmcid",
    },
    "OpenAlex": {
        "id": "id", "doi": "doi", "title": "title", "display_name": None, "publication_year": "year",
        "publication_date": "published", "language": "language", "type": "publication_types",
        "primary_location.source.display_name": "journal", "biblio.volume": "volume", "biblio.issue": "issue",
        "biblio.first_page": "first_page", "biblio.last_page": "last_page", "ids.pmid": "pmid",
        "abstract": "abstract", "authorships.author.display_name": "authors", "keywords.display_name": "keywords",
        "topics.display_name": None,
    },
    "Dimensions": {
        "Publication ID": "accession", "DOI": "doi", "PMID": "pmid", "Title": "title", "Abstract": "abstract",
        "Source title": "journal", "Anthology title": None, "MeSH terms": "mesh_terms",
        "Publication Date": "published", "PubYear": "year", "Volume": "volume", "Issue": "issue",
        "Pagination": "pages", "Publication Type": "publication_types", "Authors": "authors",
    },
    "Google Scholar": {
        "Authors": "authors", "Title": "title", "Publication": "journal", "Volume": "volume", "Number": "issue",
        "Pages": "pages", "Year": "year", "Publisher": None,
    },
    "Publish or Perish": {
        "Cites": None, "Authors": "authors", "Title": "title", "Year": "year", "Source": "journal",
        "ArticleURL": "url", "CitesURL": None, "DOI": "doi", "ISSN": "issn", "Volume": "volume", "Issue": "issue",
        "StartPage": "first_page", "EndPage": "last_page", "Abstract": "abstract", "AuthorCount": None,
    },
    "IEEE Xplore": {
        "Document Title": "title", "Authors": "authors", "Author Affiliations": None, "Publication Title": "journal",
        "Publication Year": "year", "Volume": "volume", "Issue": "issue", "Start Page": "first_page",
        "End Page": "last_page", "Abstract": "abstract", "ISSN": "issn", "DOI": "doi", "Author Keywords": "keywords",
        "IEEE Terms": None, "Document Identifier": None,
    },
    "ProQuest": {
        "Title": "title", "Abstract": "abstract", "Authors": "authors", "documentType": "publication_types",
        "issn": "issn", "language": "language", "pages": "pages", "pubdate": "published", "pubtitle": "journal",
        "year": "year", "DocumentURL": "url", "startPage": "first_page", "subjectTerms": "keywords",
        "volume": "volume", "issue": "issue", "digitalObjectIdentifier": "doi",
    },
    "Europe PMC": {
        "pmid": "pmid", "pmcid": "pmcid", "doi": "doi", "title": "title", "authorString": "authors",
        "journalTitle": "journal", "pubYear": "year", "issue": "issue", "journalVolume": "volume",
        "pageInfo": "pages", "pubType": "publication_types", "abstractText": "abstract",
        "firstPublicationDate": "published",
    },
}  # fmt: skip


def meanings(header: list[str]) -> dict[str, str | None]:
    held = {place: field for field, places in find_columns(header).items() for place in places}
    return {name: held.get(place) for place, name in enumerate(header)}


@pytest.mark.parametrize("program", EXPORTS)
def test_the_columns_of_exports_are_known(program: str) -> None:
    """Each under its name, and no other column is taken for one of ours."""
    assert meanings(list(EXPORTS[program])) == EXPORTS[program]


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, str.title, lambda name: f"\ufeff {name} ", lambda name: f"ï»¿{name}"]
)
@pytest.mark.parametrize("program", EXPORTS)
def test_case_blanks_and_byte_order_marks_do_not_matter(program: str, change: object) -> None:
    """As spreadsheets and R write names: ``Source.title``, ``SOURCE_TITLE``."""
    assert callable(change)
    header = list(EXPORTS[program])
    for changed in ([change(name) for name in header], [name.replace(" ", ".") for name in header]):
        assert find_columns(changed) == find_columns(header)


def test_the_columns_of_our_own_table_are_called_as_our_fields() -> None:
    """So that what the program writes it reads."""
    own = [column.name for column in COLUMNS]
    assert set(EXPORTS["our own table"]) <= set(own)
    assert meanings(own) == {name: name if name in EXPORTS["our own table"] else None for name in own}


@pytest.mark.parametrize(
    ("header", "title"),
    [
        (["Title", "Document Title"], "Document Title"),
        (["Article Title", "Title"], "Article Title"),
        (["Title", "Source title", "Short Title"], "Title"),
        (["display_name", "title"], "title"),
        (["display_name"], "display_name"),
    ],
)
def test_of_two_titles_the_more_specific_counts(header: list[str], title: str) -> None:
    """What is merely the title of something else is none."""
    assert header[find_columns(header)["title"][0]] == title
    assert "title" not in find_columns(["Source title", "Publication Title", "Short Title", "Conference Title"])


@pytest.mark.parametrize("tag", ["IS", "SO", "ID", "DE", "LA", "AR", "PD", "VL", "DI", "SN", "EP", "SP", "T1"])
def test_two_letters_are_tags_only_among_tags(tag: str) -> None:
    """A table of countries has a column IS, DE and LA."""
    assert [field for field in find_columns(["title", tag]) if field != "id"] == ["title"]


TITLE = "Esketamine nasal spray for treatment-resistant depression"
VALUES = {
    "title": TITLE, "authors": "Sample, Ada; Muster, Carl", "year": "2025", "journal": "Invented Journal",
    "volume": "7", "issue": "2", "pages": "11-19", "first_page": "11", "last_page": "19",
    "abstract": "Ketamine was given to 80 adults. Depression was less frequent.",
    "doi": "10.5555/inv.1", "pmid": "39000001",
    "keywords": "ketamine; depression", "publication_types": "Randomized Controlled Trial", "published": "2025",
    "mesh_terms": "Bipolar Disorder",
}  # fmt: skip
TAGGED = ("title", "abstract", "publication_types", "mesh_terms", "keywords")


def export(program: str) -> pd.DataFrame:
    """Return one paper in the columns of a program; what we do not read says something else."""
    columns = EXPORTS[program]
    return pd.DataFrame([{name: VALUES.get(field, "") if field else "other" for name, field in columns.items()}])


@pytest.mark.parametrize("program", EXPORTS)
def test_importing_deduplicating_and_tagging_read_the_same_columns(program: str) -> None:
    """One paper is the same paper to each of them, from whatever program it comes."""
    foreign, fields = export(program), EXPORTS[program].values()
    (record,) = parse_import(foreign.to_csv(index=False).encode(), filename="x.csv")
    assert isinstance(record, Record)
    assert (record.title, record.journal) == (TITLE, "Invented Journal")
    assert [author.family for author in record.authors] == ["Sample", "Muster"]
    assert record.pages in (None, "11", "11-19")
    own = pd.DataFrame([{name: VALUES[name] for name in ("title", "authors", "year", "journal")}])
    assert harvester.dedupe(pd.concat([foreign, own]).fillna(""))["study_id"].nunique() == 1
    tags = list(harvester.classify(pd.DataFrame()).columns)
    plain = pd.DataFrame([{name: VALUES[name] for name in TAGGED if name in fields}])
    pd.testing.assert_frame_equal(harvester.classify(foreign)[tags], harvester.classify(plain)[tags])
    if "abstract" in fields:
        assert harvester.classify(foreign)["sample_size"][0] == 80


@pytest.mark.parametrize(
    ("column", "value", "tag", "expected"),
    [
        ("Document Type", "publication_types", "design", "rct"),
        ("MeSH Terms", "mesh_terms", "conditions", "depression; treatment-resistant-depression; bipolar"),
        ("Author Keywords", "keywords", "compounds", "ketamine; esketamine"),
    ],
)
def test_what_indexers_say_is_read_under_other_names(column: str, value: str, tag: str, expected: str) -> None:
    """Each changes a tag."""
    bare = pd.DataFrame([{"Document Title": TITLE, "Abstract Note": VALUES["abstract"]}])
    assert harvester.classify(bare)[tag][0] != expected
    assert harvester.classify(bare.assign(**{column: VALUES[value]}))[tag][0] == expected


@pytest.mark.parametrize("column", ["Titel", "Name", "Source title", "Short Title"])
def test_a_table_without_a_known_title_is_refused(column: str) -> None:
    """Its rows would all be off-topic, or all be studies of their own."""
    frame = pd.DataFrame({column: [TITLE], "doi": ["10.5555/inv.1"], "note": ["mine"]})
    for function in (harvester.classify, harvester.dedupe):
        with pytest.raises(UsageError, match=f"'{column}', 'doi', 'note'.*article title, document title"):
            function(frame)


def test_many_columns_are_not_all_named() -> None:
    with pytest.raises(UsageError, match="'c19' and 80 more"):
        harvester.classify(pd.DataFrame({f"c{number}": ["x"] for number in range(100)}))


def test_identifiers_name_papers_without_titles() -> None:
    """If no column is left that could be the title."""
    frame = pd.DataFrame({"ID": ["a", "b", "c"], "DOI": ["10.5555/inv.1", "https://doi.org/10.5555/INV.1", ""]})
    assert list(harvester.dedupe(frame)["study_id"]) == ["S0000001", "S0000001", "S0000002"]
    with pytest.raises(UsageError):
        harvester.dedupe(frame[["ID"]])
    with pytest.raises(UsageError):
        harvester.classify(frame)


def test_nothing_is_not_refused() -> None:
    for function in (harvester.classify, harvester.dedupe):
        assert len(function(pd.DataFrame())) == 0
        assert len(function(pd.DataFrame({"Article Title": []}))) == 0
        with pytest.raises(UsageError, match="columns: none"):
            function(pd.DataFrame(index=range(3)))
