"""Each exporter's dialect: its columns and tags, names, dates and numbers, as its files really are; invented rows."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from harvester.ground.errors import ParseError
from harvester.paper.records import BadRecord, Record
from harvester.paper.statuses import derive_status
from harvester.sources.imports import parse_import, read_import, read_rows
from harvester.table.foreign import unwrap


def read(content: str | bytes, name: str = "export.txt") -> list[Record]:
    """Read a file of which no record may be bad."""
    found = parse_import(content.encode() if isinstance(content, str) else content, filename=name)
    assert all(isinstance(item, Record) for item in found), found
    return [item for item in found if isinstance(item, Record)]


def say(record: Record) -> dict[str, object]:
    """Say what a record says, as the table would, without what is absent."""
    numbers = record.identifiers
    values = {
        "title": record.title,
        "authors": "; ".join(author.display for author in record.authors),
        "journal": record.journal,
        "published": record.published,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "doi": numbers.doi,
        "pmid": numbers.pmid,
        "pmcid": numbers.pmcid,
        "language": "; ".join(record.languages),
        "keywords": "; ".join(record.keywords),
        "trial_ids": "; ".join(record.trial_ids),
        "status": derive_status(record),
    }
    return {name: value for name, value in values.items() if value}


TABLES = {
    "PubMed": (
        "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI\n"
        '"99000801","Ketamine in sample one","Sample AB, van der Muster CA Jr, O\'Brien KE; Invented Group.",'
        '"Inv J. 2026;1:1.","Sample AB","Inv J","2026","2026/01/02","PMC801","","10.5555/inv.801"\n',
        {
            "title": "Ketamine in sample one",
            "authors": "Sample AB; van der Muster CA Jr; O'Brien KE; Invented Group",
            "journal": "Inv J",
            "published": "2026",
            "doi": "10.5555/inv.801",
            "pmid": "99000801",
            "pmcid": "PMC801",
            "status": "published",
        },
    ),
    "Scopus, before 2023": (
        "Authors,Title,Year,Source title,Volume,Issue,Art. No.,Page start,Page end,DOI,Link,Document Type,"
        "Publication Stage,Source,EID\n"
        '"Sample A.B., Muster C.",Ketamine in sample two,2018,Inv J,3,1,,7,12,10.5555/inv.802,'
        "https://www.scopus.com/x,Article,Final,Scopus,2-s2.0-802\n",
        {
            "title": "Ketamine in sample two",
            "authors": "Sample AB; Muster C",
            "journal": "Inv J",
            "published": "2018",
            "volume": "3",
            "issue": "1",
            "pages": "7-12",
            "doi": "10.5555/inv.802",
            "status": "published",
        },
    ),
    "Web of Science, Excel columns": (
        "Publication Type,Authors,Author Full Names,Article Title,Source Title,Language,Document Type,Author Keywords,"
        "Publication Date,Publication Year,Volume,Issue,Start Page,End Page,Article Number,DOI,Pubmed Id,"
        "UT (Unique WOS ID)\n"
        'J,"Sample, AB; Muster, C","Sample, Anna B.; Muster, Carl",Ketamine in sample three,INVENTED JOURNAL,English,'
        "Article; Retracted Publication,depression; ketamine,NOV 5,2026,7,2,,,e19,10.5555/inv.803,99000803,WOS:803\n",
        {
            "title": "Ketamine in sample three",
            "authors": "Sample AB; Muster C",
            "journal": "INVENTED JOURNAL",
            "published": "2026-11-05",
            "volume": "7",
            "issue": "2",
            "pages": "e19",
            "doi": "10.5555/inv.803",
            "pmid": "99000803",
            "language": "eng",
            "keywords": "depression; ketamine",
            "status": "retracted",
        },
    ),
    "Embase, through Excel": (
        "SEARCH QUERY;ketamine:ti AND depression:ti;;;;;;;;\n--------------------;;;;;;;;;\n;;;;;;;;;\n"
        "Title;Author Names;Source title;Publication Year;Volume;First Page;Last Page;Date of Publication;"
        "Clinical Trial Numbers;Medline PMID\n"
        "Ketamine in sample four;Sample A.B., Muster C.;Inv J;2026;7;11;19;5 Nov 2026;"
        "ClinicalTrials.gov (NCT01234567), ISRCTN (ISRCTN12345678);99000804\n",
        {
            "title": "Ketamine in sample four",
            "authors": "Sample AB; Muster C",
            "journal": "Inv J",
            "published": "2026-11-05",
            "volume": "7",
            "pages": "11-19",
            "pmid": "99000804",
            "trial_ids": "NCT01234567; ISRCTN12345678",
            "status": "published",
        },
    ),
    "EBSCO": (
        "Article Title,Author,Journal Title,ISSN,ISBN,Publication Date,Volume,Issue,First Page,Page Count,"
        "Accession Number,DOI,Publisher,Doctype,Subjects,Keywords,Abstract,PLink\n"
        '"Ketamine in sample five.","Sample, Anna",Inv J,="1234567X",,="11/5/2026",="7","2","11","9","123456789",'
        '"10.5555/inv.805","P","Article","KETAMINE; MENTAL depression",,"It held.","https://search.example/x"\n',
        {
            "title": "Ketamine in sample five.",
            "authors": "Sample A",
            "journal": "Inv J",
            "published": "2026-11-05",
            "volume": "7",
            "issue": "2",
            "pages": "11",
            "doi": "10.5555/inv.805",
            "keywords": "KETAMINE; MENTAL depression",
            "status": "published",
        },
    ),
    "CENTRAL, of a registration": (
        "CENTRAL ID,Author(s),Title,Source,Year,Abstract,Volume,Issue,Pages,Database Name,PubMed ID,Embase ID,CTgov ID,"
        "CINAHL ID,ICTRP ID,Publication Type,Keywords,DOI,URL\n"
        '"CN-00000806","NCT01234567","Ketamine in sample six","https://clinicaltrials.gov/show/NCT01234567","2026","",'
        '"","","39‐45","","PUBMED 99000806","EMBASE 600000806","CTGOV NCT01234567","","","Trial registry record",'
        '"*Depression; Sleep","","https://www.cochranelibrary.com/central/doi/10.1002/central/CN-00000806/full"\n',
        {
            "title": "Ketamine in sample six",
            "published": "2026",
            "pages": "39-45",
            "pmid": "99000806",
            "keywords": "Depression; Sleep",
            "trial_ids": "NCT01234567",
            "status": "published",
        },
    ),
    "Covidence": (
        "Title,Authors,Abstract,Published Year,Published Month,Journal,Volume,Issue,Pages,Accession Number,DOI,Ref,"
        "Covidence #,Study,Notes,Tags\n"
        'Ketamine in sample seven,"Garcia Muestra, Gabriel Jose",,2026,Nov,Inv J,7,2,11-19,,,,#1,Muestra 2026,,\n',
        {
            "title": "Ketamine in sample seven",
            "authors": "Garcia Muestra GJ",
            "journal": "Inv J",
            "published": "2026-11",
            "volume": "7",
            "issue": "2",
            "pages": "11-19",
            "status": "published",
        },
    ),
    "Lens": (
        "Lens ID,Title,Date Published,Publication Year,Publication Type,Source Title,ISSNs,Author/s,Volume,"
        "Issue Number,Start Page,End Page,PMID,DOI,PMCID\n"
        "000-463-679-101-319,Ketamine in sample eight,2026-11-05,2026,journal article,Inv J,12345679; 23456789,"
        "Anna B. Sample; Carl van der Muster,7,2,11,19,99000808,10.5555/inv.808,\n",
        {
            "title": "Ketamine in sample eight",
            "authors": "Sample AB; van der Muster C",
            "journal": "Inv J",
            "published": "2026-11-05",
            "volume": "7",
            "issue": "2",
            "pages": "11-19",
            "doi": "10.5555/inv.808",
            "pmid": "99000808",
            "status": "published",
        },
    ),
    "OpenAlex": (
        "id,doi,title,publication_year,publication_date,type,language,is_retracted,authorships.author.display_name,"
        "primary_location.source.display_name,biblio.volume,biblio.issue,biblio.first_page,biblio.last_page,ids.pmid\n"
        "https://openalex.org/W1234567,https://doi.org/10.5555/INV.809,Ketamine in sample nine,2026,2026-11-05,article,"
        "en,True,Anna B. Sample|Carl van der Muster,Inv J,7,None,11,19,https://pubmed.ncbi.nlm.nih.gov/99000809\n",
        {
            "title": "Ketamine in sample nine",
            "authors": "Sample AB; van der Muster C",
            "journal": "Inv J",
            "published": "2026-11-05",
            "volume": "7",
            "pages": "11-19",
            "doi": "10.5555/inv.809",
            "pmid": "99000809",
            "language": "eng",
            "status": "retracted",
        },
    ),
    "Dimensions": (
        "\"About the data: Exported on Nov 05, 2026. Criteria: 'ketamine' in title; Publication Type is Article.\"\n"
        "Rank,Publication ID,DOI,PMID,PMCID,Title,Source title,Anthology title,ISSN,Publication date,PubYear,Volume,"
        "Issue,Pagination,Publication Type,Authors,Dimensions URL\n"
        '500,pub.1234567890,10.5555/inv.810,99000810,,Ketamine in sample ten,Inv J,,"1234-5679",2026-11-05,2026,7,2,'
        '11-19,Preprint,"Sample, Anna B; van der Muster, Carl",https://app.dimensions.ai/details/pub.1234567890\n',
        {
            "title": "Ketamine in sample ten",
            "authors": "Sample AB; van der Muster C",
            "journal": "Inv J",
            "published": "2026-11-05",
            "volume": "7",
            "issue": "2",
            "pages": "11-19",
            "doi": "10.5555/inv.810",
            "pmid": "99000810",
            "status": "preprint",
        },
    ),
    "Google Scholar": (
        "\ufeffAuthors,Title,Publication,Volume,Number,Pages,Year,Publisher\n"
        '"Sample, Anna B; Muster, Carl; ",Ketamine in sample eleven,Inv J,7,2,11-19,2026,P\n',
        {
            "title": "Ketamine in sample eleven",
            "authors": "Sample AB; Muster C",
            "journal": "Inv J",
            "published": "2026",
            "volume": "7",
            "issue": "2",
            "pages": "11-19",
            "status": "published",
        },
    ),
    "Publish or Perish": (
        "Cites,Authors,Title,Year,Source,Publisher,ArticleURL,CitesURL,GSRank,QueryDate,Type,DOI,ISSN,Volume,Issue,"
        "StartPage,EndPage,Abstract\n"
        '5,"AB Sample, C Muster, DE van der Roe...",Ketamine in sample twelve,2026,Inv J,P,https://x.example,,1,'
        '2026-11-05 10:00:00,PDF,,,0,0,0,0,""\n',
        {
            "title": "Ketamine in sample twelve",
            "authors": "Sample AB; Muster C; van der Roe DE",
            "journal": "Inv J",
            "published": "2026",
            "status": "published",
        },
    ),
    "RefWorks": (
        "Reference Type\tAuthors, Primary\tTitle Primary\tPeriodical Full\tPub Year\tPub Month & Day\tVolume\tIssue\t"
        "Start Page\tOther Pages\tDOI\n"
        "Journal Article\tSample,null;Muster,C.\tKetamine in sample thirteen\tInv J\t2026\tNov 5\t7\t2\t11\t19\tnull\n",
        {
            "title": "Ketamine in sample thirteen",
            "authors": "Sample; Muster C",
            "journal": "Inv J",
            "published": "2026-11-05",
            "volume": "7",
            "issue": "2",
            "pages": "11-19",
            "status": "published",
        },
    ),
    "JabRef": (
        '"Identifier","Type","Author","Journal","Month","Number","Pages","Title","Volume","Year","DOI"\n'
        '"Sample2026","article","Sample, Anna B. and Muster, Carl","Inv J","#nov#","2","11--19",'
        '"Ketamine in sample fourteen","7","2026","n/a"\n',
        {
            "title": "Ketamine in sample fourteen",
            "authors": "Sample AB; Muster C",
            "journal": "Inv J",
            "published": "2026-11",
            "volume": "7",
            "issue": "2",
            "pages": "11-19",
            "status": "published",
        },
    ),
    "Zotero": (
        '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Date","Pages","Issue",'
        '"Volume","Extra"\n"A","journalArticle","2026","Garcia Muestra, Gabriel Jose","Ketamine in sample fifteen",'
        '"Inv J","","https://www.nature.com/articles/s00000-026-00815-5","2026-11-05","11–19","2","7",'
        '"PMID: 99000815\nPMCID: PMC815"\n',
        {
            "title": "Ketamine in sample fifteen",
            "authors": "Garcia Muestra GJ",
            "journal": "Inv J",
            "published": "2026-11-05",
            "volume": "7",
            "issue": "2",
            "pages": "11-19",
            "doi": "10.1038/s00000-026-00815-5",
            "pmid": "99000815",
            "pmcid": "PMC815",
            "status": "published",
        },
    ),
    "Rayyan": (
        "key,title,year,month,day,journal,issn,volume,issue,pages,authors,url,language,abstract,notes,pubmed_id,pmc_id\n"
        'rayyan-1,Ketamine in sample sixteen,2026,11,5,Inv J,,7.0,2.0,11-19,"Sample, A.B. and Muster, Carl and Invented'
        ' and New Notional College of Psychiatrists",https://x.example/a     U2  - L2,English,,,99000816.0,\n',
        {
            "title": "Ketamine in sample sixteen",
            "authors": "Sample AB; Muster C; Invented and New Notional College of Psychiatrists",
            "journal": "Inv J",
            "published": "2026-11-05",
            "volume": "7",
            "issue": "2",
            "pages": "11-19",
            "pmid": "99000816",
            "language": "eng",
            "status": "published",
        },
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_as_its_program_means_it(name: str) -> None:
    text, wanted = TABLES[name]
    (found,) = read(text)
    assert say(found) == wanted


@pytest.mark.parametrize("name", [name for name in TABLES if name != "RefWorks"])
def test_the_same_table_as_a_spreadsheet_says_the_same(name: str) -> None:
    text, wanted = TABLES[name]
    header = read_rows(text.encode(), filename="x.csv")
    sheet = Workbook()
    assert sheet.active is not None
    for line in [
        ["exported today"],
        list(header.header),
        *([unwrap(cell) for cell in row.values()] for row in header.rows),
    ]:
        sheet.active.append(line)
    stream = io.BytesIO()
    sheet.save(stream)
    (found,) = read(stream.getvalue(), "x.xlsx")
    assert say(found) == wanted


RIS = {
    "Scopus": (
        ["M3  - Retracted", "C7  - e7", "C2  - 99000821", "DB  - Scopus"],
        {"pages": "e7", "pmid": "99000821", "status": "retracted"},
    ),
    "Scopus, by its address": (
        ["C2  - 99000821", "UR  - https://www.scopus.com/inward/record.uri?eid=2-s2.0-821&doi=x"],
        {"pmid": "99000821", "status": "published"},
    ),
    "Web of Science": (
        ["M3  - Article; Retracted Publication", "DA  - NOV-DEC", "PY  - 2026", "AN  - WOS:000000000000822",
         "C2  - 99000822"],
        {"published": "2026-11", "pmid": "99000822", "status": "retracted"},
    ),
    "PubMed Central": (
        ["U1  - 99000820[pmid]", "U2  - PMC820[pmcid]"],
        {"pmid": "99000820", "pmcid": "PMC820", "status": "published"},
    ),
    "Embase": (
        ["U2  - L600000823", "C5  - 99000823", "DB  - Embase", "DB  - Medline", "M3  - Article in Press"],
        {"pmid": "99000823", "status": "ahead-of-print"},
    ),
    "CENTRAL": (
        ["AN  -  CN-00000824", "C3  -  PUBMED 99000824,EMBASE 600000824", "SP  -  39‐45", "M3  -  Journal article"],
        {"pages": "39-45", "pmid": "99000824", "status": "published"},
    ),
    "CENTRAL, of a registration": (
        ["AU  -  ISRCTN12345678", "JA  -  https://www.isrctn.com/ISRCTN12345678", "C3  -  ICTRP ISRCTN12345678"],
        {"trial_ids": "ISRCTN12345678", "status": "published"},
    ),
    "Europe PMC": (
        ["UR  - https://europepmc.org/article/MED/99000825", "L2  - https://europepmc.org/articles/PMC825"],
        {"pmid": "99000825", "pmcid": "PMC825", "status": "published"},
    ),
    "Nature": (
        ["UR  - https://www.nature.com/articles/s00000-026-00826-3"],
        {"doi": "10.1038/s00000-026-00826-3", "status": "published"},
    ),
    "medRxiv": (
        ["UR  - http://medrxiv.org/content/early/2025/11/05/2025.11.05.25000001.abstract"],
        {"doi": "10.1101/2025.11.05.25000001", "status": "preprint"},
    ),
    "medRxiv, a PDF": (
        ["UR  - https://www.medrxiv.org/content/10.64898/2026.01.05.26000001v2.full.pdf+html"],
        {"doi": "10.64898/2026.01.05.26000001", "status": "preprint"},
    ),
    "a server as publisher": (["PB  - Research Square"], {"status": "preprint"}),
    "Zotero": (
        ["DA  - 2026/11/05/", "PY  - 2026", "J2  - Inv. J.", "N1  - PMID: 99000827",
         "L2  - http://dx.doi.org/10.5555/inv.827"],
        {"journal": "Inv. J.", "published": "2026-11-05", "doi": "10.5555/inv.827", "pmid": "99000827",
         "status": "published"},
    ),
    "EndNote": (
        ["N1  - L600000828", "2026-06-24", "KW  - mood", "sleep", "deep sleep", "SN  - 1234-5679", "2345-6789"],
        {"keywords": "mood; sleep; deep sleep", "status": "published"},
    ),
    "several addresses on a line": (
        ["UR  - https://example.org/1 http://dx.doi.org/10.5555/inv.829 https://pubmed.ncbi.nlm.nih.gov/99000829/"],
        {"doi": "10.5555/inv.829", "pmid": "99000829", "status": "published"},
    ),
    "what is not there": (
        ["VL  - n/a", "IS  - null", "SP  - undefined", "DO  - None", "PY  - -", "T2  - NA"],
        {"status": "published"},
    ),
    "what nobody sees": (
        ["DO  - \u200b10.5555/\u00adinv.830", "AN  - \ufeff99000830", "DB  - PubMed", "AU  - Sample,\u00a0Anna"],
        {"authors": "Sample A", "doi": "10.5555/inv.830", "pmid": "99000830", "status": "published"},
    ),
    "a notice in a note": (["N1  - Retraction in: Inv J. 2026;1:1"], {"status": "retracted"}),
    "prose in a note": (["N1  - Withdrawn adolescents were retracted from the analysis"], {"status": "published"}),
}  # fmt: skip


@pytest.mark.parametrize("name", RIS)
def test_ris_is_read_as_its_program_means_it(name: str) -> None:
    lines, wanted = RIS[name]
    (found,) = read("\n".join(["TY  - JOUR", "TI  - Ketamine in a sample", *lines, "ER  - ", ""]))
    assert say(found) == {"title": "Ketamine in a sample", **wanted}


@pytest.mark.parametrize(
    ("field", "authors"),
    [
        ("World Health Organization", "World Health Organization"),
        ("EXAMPLE-2 Investigators,", "EXAMPLE-2 Investigators"),
        ("Invented Research & Development", "Invented Research & Development"),
        ("Invented and New Notional College of Psychiatrists", "Invented and New Notional College of Psychiatrists"),
        ("Sample, Anna B., 3rd", "Sample AB 3rd"),
        ("Muster Jr., Carl", "Muster C Jr"),
        ("O'Brien KE.", "O'Brien KE"),
        ("Griffin RE.", "Griffin RE"),
        ("Anna van der Roe", "van der Roe A"),
        ("Garcia Muestra, Gabriel Jose", "Garcia Muestra GJ"),
        ("Sample A; Roe K", "Sample A; Roe K"),
        ("Sample A, Roe K", "Sample A; Roe K"),
        ("Sample, A. and Muster, C.", "Sample A; Muster C"),
        ("[Anonymous]", ""),
        ("NCT01234567", ""),
    ],
)  # fmt: skip
def test_a_field_is_one_author(field: str, authors: str) -> None:
    for text in (
        f"TY  - JOUR\nTI  - A sample\nAU  - {field}\nER  - \n",
        f"TY  - JOUR\nTI  - A sample\nA1  - {field}\nER  -",
    ):
        (found,) = read(text)
        assert "; ".join(author.display for author in found.authors) == authors


@pytest.mark.parametrize(
    ("lines", "authors"),
    [
        (["A1  - Zimmer, Anna", "AU  - Muster, Carl", "AU  - Roe, Karl"], "Zimmer A; Muster C; Roe K"),
        (["A1  - Zimmer, Anna", "A1  - Roe, Karl", "AU  - Zimmer, Anna", "AU  - Roe, Karl"], "Zimmer A; Roe K"),
        (["AU  - Wang, Y.", "AU  - Muster, A.", "AU  - Wang, Y."], "Wang Y; Muster A; Wang Y"),
        (["A1  - Wang, Y.", "A1  - Wang, Y."], "Wang Y; Wang Y"),
    ],
)  # fmt: skip
def test_authors_of_ris_come_in_their_order(lines: list[str], authors: str) -> None:
    (found,) = read("\n".join(["TY  - JOUR", "TI  - A sample", *lines, "ER  - "]))
    assert "; ".join(author.display for author in found.authors) == authors


@pytest.mark.parametrize("place", range(6))
def test_a_record_of_ris_ends_where_it_says_wherever_its_type_stands(place: int) -> None:
    lines = ["DB  - Scopus", "TI  - A sample", "AU  - Sample, A.", "PY  - 2026", "DO  - 10.5555/inv.1"]
    whole = [*lines[:place], "TY  - JOUR", *lines[place:], "ER  - "]
    second = ["TY  - JOUR", "TI  - Another sample", "PY  - 2025", "ER  - "]
    found = read("\n".join([*whole, *second, *whole]))
    assert [(record.title, record.published) for record in found] == [
        ("A sample", "2026"),
        ("Another sample", "2025"),
        ("A sample", "2026"),
    ]


@pytest.mark.parametrize(
    ("dates", "read_as"),
    [
        (["25/11/2026", "05/11/2026"], ["2026-11-25", "2026-11-05"]),
        (["11/25/2026", "11/05/2026"], ["2026-11-25", "2026-11-05"]),
        (["05/11/2026", "06/11/2026"], ["2026", "2026"]),
        (["11/25/2026", "25/11/2026", "05/11/2026"], ["2026-11-25", "2026-11-25", "2026"]),
        (["5.11.2026"], ["2026-11-05"]),
        (["2026-11-05", "Nov 2026"], ["2026-11-05", "2026-11"]),
    ],
)
def test_a_column_tells_which_number_is_the_month(dates: list[str], read_as: list[str]) -> None:
    rows = [f"Ketamine in sample {number},{date}" for number, date in enumerate(dates)]
    assert [record.published for record in read("\n".join(["Title,Date", *rows]))] == read_as


@pytest.mark.parametrize(
    "preamble",
    ["sep=,\n", "Search: ketamine\n\n", '"SEARCH QUERY","title"\n---,---\n', "\n\n\n", "*Journal Article\n"],
)  # fmt: skip
def test_what_stands_before_a_header_is_passed_over(preamble: str) -> None:
    (found,) = read(f"{preamble}Title,Authors,Year\nA sample,Sample A,2026\n")
    assert say(found) == {"title": "A sample", "authors": "Sample A", "published": "2026", "status": "published"}


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_bad_row_costs_itself(mark: str) -> None:
    rows = [
        ["title", "authors", "year"],
        ["One", "Sample A", "2025"],
        ["Two", "with", "a", "comma"],
        ["Three", "Roe K"],
    ]
    items = parse_import("\n".join(mark.join(row) for row in rows).encode(), filename="x.csv")
    assert [item.title if isinstance(item, Record) else item.reason for item in items] == [
        "One",
        "row 2 of the table has 4 cells, its header 3",
        "Three",
    ]


@pytest.mark.parametrize("number", ["39500002,0", "39500002.0", "39500002", " 39500002,0 "])
def test_a_spreadsheet_makes_a_fraction_of_a_pmid(number: str) -> None:
    (found,) = read(f"PMID;Title;Year;Volume\n{number};A sample;2026,0;7,0\n")
    assert (found.identifiers.pmid, found.published, found.volume) == ("39500002", "2026", "7")


@pytest.mark.parametrize(
    ("cell", "authors"),
    [
        ("J. A. Muster, K.-H. Müller and P. van der Berg", "Muster JA; Müller KH; van der Berg P"),
        ("J.A. Muster, K. Müller, and P. Berg Jr.", "Muster JA; Müller K; Berg P Jr"),
        ("J. Muster and K. Müller", "Muster J; Müller K"),
        ("J. Muster, K. Müller", "Muster J; Müller K"),
        ("JA Muster, K Müller & P Berg", "Muster JA; Müller K; Berg P"),
        ("Garcia Marquez, Gabriel", "Garcia Marquez G"),
        ("Muster, J. A.", "Muster JA"),
        ("Muster and Company", "Muster and Company"),
    ],
)
def test_a_cell_that_begins_with_initials_is_a_list_of_its_own(cell: str, authors: str) -> None:
    first, second = read(f'Title,Authors\nOne,"Sample, John A.; Roe, Jane"\nTwo,"{cell}"\n')
    assert say(first)["authors"] == "Sample JA; Roe J"
    assert say(second)["authors"] == authors


WOS = "PT\tAU\tCA\tTI\tSO\tDT\tPD\tPY\tEA\tBP\tEP\tAR\tDI\tPM\tUT\n"


def test_web_of_science_tab_delimited() -> None:
    """Groups in a column of their own, a date of early access, and titles that begin with a quotation mark."""
    rows = (
        'J\tSample, AB\tInvented Study Grp\t"Special K" in a sample\tINV J\tArticle; Early Access\t\t2026\tNOV 2026'
        "\t\t\te9\t10.5555/inv.1\t99000001\tWOS:1\n"
        'J\tMuster, C\t\tA "sample\tINV J\tRetraction\tDEC 24\t2026\t\t1\t2\t\t10.5555/inv.2\t\tWOS:2\n'
    )
    first, second = read(WOS + rows)
    assert say(first) == {
        "title": '"Special K" in a sample',
        "authors": "Sample AB; Invented Study Grp",
        "journal": "INV J",
        "published": "2026-11",
        "pages": "e9",
        "doi": "10.5555/inv.1",
        "pmid": "99000001",
        "status": "ahead-of-print",
    }
    assert (second.title, second.published, second.publication_types) == (
        'A "sample',
        "2026-12-24",
        ("Retraction of Publication",),
    )
    (saved,) = read(WOS + 'J\t"Sample, AB; Roe, K"\t\t"A ""sample"""\tINV J\t\t\t2026\t\t\t\t\t\t\tWOS:3\n')
    assert (saved.title, len(saved.authors)) == ('A "sample"', 2)


def test_proquest_puts_its_own_number_before_pubmeds() -> None:
    (found,) = read("TY  - JOUR\nTI  - A sample\nAN  - 2812345678; 99000009\nDB  - MEDLINE\nER  - \n")
    assert found.identifiers.pmid == "99000009"


def test_a_damaged_table_is_not_deduplicated() -> None:
    """Every row comes back there, and of a damaged one nobody could say which cell is which."""
    with pytest.raises(ParseError, match="row 1 of the table has 3 cells"):
        read_rows(b"title,doi\na,b,c\n", filename="x.csv")


def test_columns_that_are_not_understood_are_named() -> None:
    assert read_import(b"title,mood,year,Colour\nA,b,2026,c\n", filename="x.csv").unknown == ("mood", "Colour")
    assert read_import(b"study_id,title,design\nS0000001,A,rct\n", filename="x.csv").unknown == ()


def test_an_old_spreadsheet_is_told() -> None:
    with pytest.raises(ParseError, match="Excel 97"):
        parse_import(b"\xd0\xcf\x11\xe0" + b"\0" * 100, filename="savedrecs.xls")
    with pytest.raises(ParseError, match="cannot be read as a spreadsheet"):
        parse_import(b"PK\x03\x04" + b"\0" * 100, filename="damaged.xlsx")


BIBTEX = r"""Scopus
EXPORT DATE: 05 Nov 2026
@string{ij = "Invented Journal"}
@comment{a comment}
@ARTICLE{Sample2026,
  author = {Sample, Anna B. and {Invented Research \& Development} and M{\"u}ller, Jr, Carl and others},
  title = {An {\textit{R}}-ketamine study in M{\'e}xico: 50\% of {MADRS}},
  journal = ij, month = nov, year = 2026, volume = {7}, number = {2}, pages = {11 -- 19},
  doi = {10.5555/inv\_840}, pubmed_id = {99000840}, keywords = {mood; sleep}, language = {English},
  note = {RETRACTED PUBLICATION}, source = {Scopus}
}
@article{bad, title = {not closed
@article{ WOS:000000000000841,
Author = {{Invented Study Grp}},
Title = {{Ketamine in a web sample}},
Type = {{Article; Retracted Publication}},
Month = {{NOV 5}},
Year = {{2026}},
Unique-ID = {{WOS:000000000000841}},
}
@online{Sample2026,
  title = {A key that was there before}, date = {2026-11-05}, author = {Roe, Karl}, title = {a field that was, too},
  doi = {10.31234/osf.io/abcde_v1}, langid = {english}
}
"""


def test_eprints_and_article_numbers_of_bibtex() -> None:
    found = read(
        "@misc{a, title={One}, eprint={2511.01234}, archivePrefix={arXiv}, url={\\url{https://example.org/a_b}}}\n"
        "@article{b, title={Two}, eprint={99000842}, eprinttype={pubmed}, eid={e12}, year=2026}\n"
    )
    assert [say(record) for record in found] == [
        {"title": "One", "doi": "10.48550/arxiv.2511.01234", "status": "preprint"},
        {"title": "Two", "published": "2026", "pages": "e12", "pmid": "99000842", "status": "published"},
    ]
    assert found[0].url == "https://example.org/a_b"


def test_bibtex() -> None:
    first, bad, second, third = parse_import(BIBTEX.encode(), filename="x.bib")
    assert isinstance(first, Record)
    assert say(first) == {
        "title": "An R-ketamine study in México: 50% of MADRS",
        "authors": "Sample AB; Invented Research & Development; Müller C Jr",
        "journal": "Invented Journal",
        "published": "2026-11",
        "volume": "7",
        "issue": "2",
        "pages": "11-19",
        "doi": "10.5555/inv_840",
        "pmid": "99000840",
        "language": "eng",
        "keywords": "mood; sleep",
        "status": "retracted",
    }
    assert (first.authors_complete, first.source_key) == (False, "scopus pmid:99000840")
    assert bad == BadRecord(pmid=None, reason="entry at line 12: it cannot be read")
    assert isinstance(second, Record)
    assert say(second) == {
        "title": "Ketamine in a web sample",
        "authors": "Invented Study Grp",
        "published": "2026-11-05",
        "status": "retracted",
    }
    assert second.source_key == "wos WOS:000000000000841"
    assert isinstance(third, Record)
    assert say(third) == {
        "title": "A key that was there before",
        "authors": "Roe K",
        "published": "2026-11-05",
        "doi": "10.31234/osf.io/abcde_v1",
        "language": "eng",
        "status": "preprint",
    }


ENDNOTE = """<?xml version="1.0" encoding="UTF-8" ?><xml><records><record><database name="My.enl">My.enl</database>
<ref-type name="Journal Article">17</ref-type><contributors><authors>
<author><style face="normal" font="default" size="100%">Sample, A. B.</style></author>
<author>Invented and New Notional College of Psychiatrists,</author><author>Muster, C., Jr</author></authors>
</contributors>
<titles><title><style face="italic">R</style><style face="normal">-ketamine &amp; a sample</style></title>
<secondary-title>Other name</secondary-title></titles>
<periodical><full-title>Invented Journal</full-title><abbr-1>Inv J</abbr-1></periodical><pages>11-19</pages>
<volume>7</volume><number>2</number><keywords><keyword>mood</keyword><keyword>sleep</keyword></keywords>
<dates><year>2026</year><pub-dates><date>Nov 5</date></pub-dates></dates>
<isbn>1234-5679 (Print)&#xD;2345-6789 (Electronic)</isbn><accession-num>99000850</accession-num>
<urls><related-urls><url>https://example.org/1</url></related-urls></urls><custom2>PMC850</custom2>
<electronic-resource-num>10.5555/inv.850</electronic-resource-num><notes>Retracted</notes>
<remote-database-name>PubMed</remote-database-name><language>eng</language></record>
<record><titles><title>Broken & bad</title></titles></record>
<record><ref-type name="Thesis">32</ref-type><titles><title>A thesis&#x1f; on samples</title></titles></record>
</records></xml>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_endnote_xml(encoding: str) -> None:
    content = ENDNOTE.replace("UTF-8", encoding).encode(encoding)
    first, bad, third = parse_import(content, filename="x.xml")
    assert isinstance(first, Record)
    assert say(first) == {
        "title": "R-ketamine & a sample",
        "authors": "Sample AB; Invented and New Notional College of Psychiatrists; Muster C Jr",
        "journal": "Invented Journal",
        "published": "2026-11-05",
        "volume": "7",
        "issue": "2",
        "pages": "11-19",
        "doi": "10.5555/inv.850",
        "pmid": "99000850",
        "pmcid": "PMC850",
        "language": "eng",
        "keywords": "mood; sleep",
        "status": "retracted",
    }
    assert first.issns == ("1234-5679", "2345-6789")
    assert isinstance(bad, BadRecord)
    assert bad.reason.startswith("record 2: not well-formed")
    assert isinstance(third, Record)
    assert (third.title, third.publication_types) == ("A thesis on samples", ("Academic Dissertation",))


def test_entities_of_endnote_xml_are_refused() -> None:
    bomb = '<!DOCTYPE xml [<!ENTITY a "aaaa">]>' + ENDNOTE.partition("?>")[2].replace("Broken", "&a;")
    with pytest.raises(ParseError, match="document type"):
        parse_import(bomb.encode(), filename="x.xml")


@pytest.mark.parametrize(
    ("accession", "key"),
    [
        ("2-s2.0-860", "scopus 2-s2.0-860"),
        ("WOS:000000000000860", "wos WOS:000000000000860"),
        ("L600000860", "embase L600000860"),
        ("CN-00000860", "central CN-00000860"),
        ("pub.1234567860", "dimensions pub.1234567860"),
        ("123456860", None),
    ],
)
def test_a_record_without_identifiers_is_called_as_its_database_calls_it(accession: str, key: str | None) -> None:
    (found,) = read(f"Title,Accession Number\nA sample,{accession}\n")
    assert found.source_key == key or (key is None and found.source_key.startswith("content:"))
