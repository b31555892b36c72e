"""Pairs of records that databases make hard, and what comparing says of them.

All papers, people and journals are invented; what is done to them is what real exports do.
"""

from __future__ import annotations

import pytest

from harvester.matching import compare
from harvester.matching.prepare import prepare_row

PAPER = {
    "title": "Invented ketamine infusions for low mood in lighthouse keepers: a randomised controlled trial",
    "author": "Fictional, Ada and Mockman, Berthold and Sample-Doe, Carla",
    "year": "2019",
    "journal": "Journal of Imaginary Psychiatry",
    "volume": "12",
    "number": "3",
    "pages": "211-219",
    "doi": "10.1000/jip.2019.211",
}
ABSTRACT = (
    "Background: Lighthouse keepers report persistent sadness during winter storms, although evidence concerning "
    "invented infusions remains scarce. Methods: Participants received fictional treatment weekly, compared against "
    "imaginary saline. "
    "Results: Invented scores improved significantly throughout follow-up measurements among treated keepers."
)
OTHER_ABSTRACT = (
    "Objective: Harbour pilots experience different troubles, including sleeplessness following midnight journeys. "
    "Design: Cohort observation without intervention, measuring imaginary biomarkers monthly. "
    "Findings: Circulating markers stayed constant, whereas questionnaires indicated gradual recovery everywhere."
)
MEETING = PAPER | {"volume": "12", "number": "Suppl 1", "pages": "S34", "doi": "10.1000/jip.supp.2019"}
REVIEW = {
    "title": "Invented infusions for low mood in lighthouse keepers",
    "author": "Fictional A, Mockman B",
    "journal": "Cochrane Database of Systematic Reviews",
    "pages": "CD099999",
}


def without(record: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in record.items() if name not in names}


SAME = {
    "the same record twice": (PAPER, PAPER),
    "short page range, abbreviated journal, initials": (
        PAPER,
        PAPER | {"pages": "211-9", "journal": "J Imag Psychiatry", "author": "Fictional A, Mockman B, Sample-Doe C"},
    ),
    "only title, authors, journal and year": (PAPER, without(PAPER, "volume", "number", "pages", "doi")),
    "capitals": (PAPER, without(PAPER, "doi") | {"title": PAPER["title"].upper(), "author": PAPER["author"].upper()}),
    "markup and entities": (
        PAPER | {"title": "Invented &alpha;-ketamine &amp; mood of <i>keepers</i>: 5-HT<sub>2A</sub> effects"},
        without(PAPER, "doi") | {"title": "Invented alpha-ketamine & mood of keepers: 5-HT2A effects"},
    ),
    "lost accents": (
        without(PAPER, "doi")
        | {"title": "Étude imaginée de la kétamine chez les gardiens de phare", "author": "Müller, Zoë"},
        without(PAPER, "doi")
        | {"title": "?tude imagin?e de la k?tamine chez les gardiens de phare", "author": "M?ller, Zo?"},
    ),
    "UTF-8 read as Windows-1252": (
        without(PAPER, "doi")
        | {"title": "Kétamine imaginée chez les gardiens de phare – suite", "author": "König, Zoë"},
        without(PAPER, "doi")
        | {"title": "KÃ©tamine imaginÃ©e chez les gardiens de phare â€“ suite", "author": "KÃ¶nig, ZoÃ«"},
    ),
    "transcribed umlaut": (
        PAPER | {"author": "Müller-Lüdenscheidt, Ada"},
        without(PAPER, "doi") | {"author": "Mueller-Luedenscheidt A"},
    ),
    "swapped family and given name": (
        PAPER | {"author": "Lei, Yujie"},
        without(PAPER, "doi") | {"author": "Yujie, L. E. I."},
    ),
    "separators lost between authors": (
        PAPER,
        without(PAPER, "doi") | {"author": "Fictional A.Mockman B.Sample-Doe C."},
    ),
    "authors sorted by name": (
        PAPER,
        without(PAPER, "doi", "volume", "pages")
        | {"author": "Sample-Doe, Carla and Mockman, Berthold and Fictional, Ada"},
    ),
    "authors missing, place known": (PAPER, without(PAPER, "doi", "author")),
    "a group for its people": (PAPER, without(PAPER, "doi") | {"author": "Lighthouse Study Group"}),
    "only the first author": (PAPER, without(PAPER, "doi") | {"author": "Fictional, A."}),
    "online and print year": (PAPER, without(PAPER, "doi") | {"year": "2018"}),
    "ahead of print and printed": (PAPER, without(PAPER, "volume", "number", "pages") | {"year": "2018", "doi": ""}),
    "two DOIs, one place": (PAPER, PAPER | {"doi": "10.2000/other.211"}),
    "the journal's publisher changed": (PAPER | {"doi": "10.1046/j.1-2.x"}, PAPER | {"doi": "10.1111/j.1-2.x"}),
    "DOI with resolver and capitals": (PAPER, {"title": PAPER["title"], "doi": "https://doi.org/10.1000/JIP.2019.211"}),
    "missing subtitle": (
        PAPER,
        without(PAPER, "doi") | {"title": "Invented ketamine infusions for low mood in lighthouse keepers"},
    ),
    "truncated title": (PAPER, without(PAPER, "doi") | {"title": PAPER["title"][:60]}),
    "missing subtitle, same DOI, no place": (
        PAPER,
        without(PAPER, "volume", "pages") | {"title": "Invented ketamine infusions for low mood in lighthouse keepers"},
    ),
    "bracketed translation": (PAPER, without(PAPER, "doi") | {"title": f"[{PAPER['title']}]."}),
    "language note": (PAPER, without(PAPER, "doi") | {"title": f"{PAPER['title']}. [Norwegian]"}),
    "original title before the translation": (
        without(PAPER, "doi"),
        without(PAPER, "doi") | {"title": f"Oppfunnet ketamin mot nedstemthet hos fyrvoktere; {PAPER['title']}"},
    ),
    "two translations on one range of pages": (
        without(PAPER, "doi")
        | {"title": "[Ketamine infusions in melancholy of guardians of lighthouses. Controlled study]"},
        without(PAPER, "doi") | {"title": "Melancholy of lighthouse keepers and infusion of ketamine, controlled"},
    ),
    "notes of the database": (
        PAPER,
        without(PAPER, "doi") | {"title": f"{PAPER['title']}. [Erratum appears in J Imag Psych. 2020;13:1]"},
    ),
    "retracted, as the publisher prints it": (PAPER, PAPER | {"title": f"RETRACTED: {PAPER['title']}"}),
    "British and American spelling": (
        without(PAPER, "doi") | {"title": "Invented tumour behaviour in anaesthetised lighthouse mice"},
        without(PAPER, "doi") | {"title": "Invented tumor behavior in anesthetized lighthouse mice"},
    ),
    "ligatures spelled out, and a genitive": (
        without(PAPER, "doi") | {"title": "Alzheimer's oedema and anæmia in invented keepers' daughters"},
        without(PAPER, "doi") | {"title": "Alzheimer edema and anemia in invented keepers daughters"},
    ),
    "hyphens": (
        without(PAPER, "doi") | {"title": "Non-invasive stimulation in invented keepers of tumours"},
        without(PAPER, "doi") | {"title": "Noninvasive stimulation in invented keepers of tumors"},
    ),
    "a word was split": (
        without(PAPER, "doi") | {"title": "Invented light house keepers and their tumours"},
        without(PAPER, "doi") | {"title": "Invented lighthouse keepers and their tumors"},
    ),
    "family name without its particles": (
        PAPER | {"author": "van der Lichtenberg, A."},
        without(PAPER, "doi") | {"author": "Lichtenberg, A."},
    ),
    "page without its letter": (MEETING | {"doi": ""}, MEETING | {"pages": "34", "doi": ""}),
    "first page wrong within the range": (PAPER, without(PAPER, "doi") | {"pages": "212-219"}),
    "page wrong, abstract the same, issue unknown": (
        without(PAPER, "number") | {"abstract": ABSTRACT},
        without(PAPER, "doi", "number") | {"pages": "11", "abstract": ABSTRACT.replace("Background: ", "")},
    ),
    "subtitle and page lost": (
        without(PAPER, "doi", "pages"),
        without(PAPER, "doi") | {"title": "Invented ketamine infusions for low mood in lighthouse keepers"},
    ),
    "roman and arabic part": (
        without(PAPER, "doi") | {"title": "Ketamine in invented lighthouses. Part II: the keepers"},
        without(PAPER, "doi") | {"title": "Ketamine in invented lighthouses, part 2: the keepers"},
    ),
    "spreadsheet made a date of the pages": (PAPER | {"pages": "6-10"}, without(PAPER, "doi") | {"pages": "06-Oct"}),
    "supplement number as volume": (MEETING | {"doi": ""}, MEETING | {"doi": "", "volume": "1)", "number": ""}),
    "conference named in the journal": (
        without(MEETING, "doi", "pages")
        | {"journal": "Journal of Imaginary Psychiatry. Conference: 5th Invented Congress"},
        without(MEETING, "doi", "pages"),
    ),
    "wrong year, same place": (PAPER, without(PAPER, "doi") | {"year": "2009"}),
    "article number against pages of the file": (
        PAPER | {"pages": "e12345", "number": ""},
        without(PAPER, "doi") | {"pages": "1-12", "number": ""},
    ),
    "article number in the issue field": (
        PAPER | {"pages": "e0123456"},
        without(PAPER, "doi", "pages") | {"number": "e0123456"},
    ),
    "same PMID, other title": (
        {"title": "Ketamin hos fyrvoktere", "author": "Fictional A", "pmid": "123"},
        {"title": "Invented ketamine for keepers", "author": "Fictional, Ada", "pmid": "00123"},
    ),
    "Cochrane review from two databases": (
        REVIEW | {"year": "2012"},
        REVIEW | {"year": "2012", "volume": "6", "number": "6"},
    ),
    "generic title, same place": (PAPER | {"title": "Editorial"}, PAPER | {"title": "Editorial.", "doi": ""}),
    "journal in two languages": (
        PAPER | {"journal": "Fyr og sinn = Journal of Imaginary Psychiatry"},
        without(PAPER, "doi") | {"journal": "J. Imag. Psychiat."},
    ),
    "journals differ in name only": (PAPER | {"journal": "Fyr og sinn"}, without(PAPER, "doi")),
    "page wrong, issue and title the same": (PAPER, without(PAPER, "doi") | {"pages": "11"}),
    "feed entry without its journal": ({"title": PAPER["title"], "year": "2019"}, without(PAPER, "doi")),
    "feed with a label": (
        {"title": PAPER["title"], "journal": "Journal of Imaginary Psychiatry: Online First", "year": "2019"},
        without(PAPER, "doi"),
    ),
    "feed entry": (
        {"title": PAPER["title"], "journal": "Journal of Imaginary Psychiatry", "year": "2019"},
        without(PAPER, "doi"),
    ),
}

APART = {
    "different PMIDs": (PAPER | {"pmid": "1"}, PAPER | {"pmid": "2"}),
    "parts": (
        PAPER | {"title": "Ketamine in invented lighthouses. Part I", "doi": "", "pages": "1-9"},
        PAPER | {"title": "Ketamine in invented lighthouses. Part II", "doi": "", "pages": "10-19"},
    ),
    "part and whole": (
        PAPER | {"title": "Ketamine in invented lighthouses of the north", "doi": "", "pages": "1-9"},
        PAPER | {"title": "Ketamine in invented lighthouses of the north. II", "doi": "", "pages": "10-19"},
    ),
    "supplement DOI": (
        MEETING
        | {"title": "Invented infusions in keepers with sadness", "author": "Fictional A", "abstract": ABSTRACT},
        MEETING
        | {"title": "Harbour pilots and sleeplessness in winter", "author": "Mockman B", "abstract": OTHER_ABSTRACT},
    ),
    "supplement DOI, one group, like titles, one page": (
        MEETING
        | {"title": "Invented ketamine lowers sadness scores in keepers of the northern coast", "abstract": ABSTRACT},
        MEETING
        | {
            "title": "Invented esketamine raises sleep scores in keepers of the northern coast",
            "abstract": OTHER_ABSTRACT,
        },
    ),
    "erratum": (PAPER, PAPER | {"title": f"Erratum: {PAPER['title']}", "pages": "301"}),
    "correction": (PAPER, PAPER | {"title": f"Correction to: {PAPER['title']}"}),
    "erratum as Web of Science writes it": (
        PAPER,
        PAPER | {"title": f"{PAPER['title']} (vol 12, pg 211, 2019)", "pages": "301"},
    ),
    "reply": (PAPER, PAPER | {"title": f"{PAPER['title']}: reply"}),
    "authors' reply": (PAPER, PAPER | {"title": f"Authors' reply: {PAPER['title']}", "doi": ""}),
    "comment": (PAPER, PAPER | {"title": f"Comment on: {PAPER['title']}"}),
    "retraction notice": (PAPER, PAPER | {"title": f"Retraction: {PAPER['title']}"}),
    "expression of concern": (PAPER, PAPER | {"title": f"Expression of Concern: {PAPER['title']}"}),
    "Cochrane update": (REVIEW | {"year": "2012"}, REVIEW | {"year": "2008"}),
    "Cochrane update by DOI": (
        REVIEW | {"year": "2012", "doi": "10.1002/14651858.CD099999.pub2"},
        REVIEW | {"year": "2012", "doi": "10.1002/14651858.CD099999.pub3"},
    ),
    "Cochrane review and its protocol": (
        REVIEW | {"year": "2012"},
        REVIEW | {"year": "2012", "title": "Invented infusions for low mood in lighthouse keepers (Protocol)"},
    ),
    "conference abstract and later paper": (
        PAPER | {"year": "2018", "volume": "11", "number": "Suppl 2", "pages": "S34", "doi": ""},
        PAPER,
    ),
    "conference abstract without pages and paper of the same year": (
        without(PAPER, "pages", "doi") | {"volume": "11", "number": "Suppl 2"},
        PAPER,
    ),
    "conference abstract in another journal with the paper's DOI": (
        PAPER | {"journal": "Imaginary Congress Bulletin", "volume": "3", "number": "Suppl", "pages": "S7"},
        PAPER,
    ),
    "one abstract at two congresses": (
        MEETING | {"journal": "Bulletin of Invented Neurology", "volume": "37", "pages": "S42", "doi": ""},
        MEETING | {"journal": "Fictional Stroke", "volume": "41", "pages": "e505", "doi": ""},
    ),
    "protocol and result": (
        PAPER
        | {
            "title": "Invented infusions for low mood in keepers: study protocol for a randomised controlled trial",
            "year": "2017",
            "volume": "10",
            "pages": "1-9",
            "doi": "",
        },
        PAPER | {"title": "Invented infusions for low mood in keepers: a randomised controlled trial", "doi": ""},
    ),
    "co-published statement": (
        PAPER | {"journal": "Invented Lancet", "volume": "300", "pages": "1-5", "doi": "10.1/a"},
        PAPER | {"journal": "Imaginary BMJ", "volume": "40", "pages": "700-5", "doi": "10.1/b"},
    ),
    "yearly update": (
        PAPER | {"title": "Statistics of invented lighthouses: 2018 update", "doi": ""},
        PAPER | {"title": "Statistics of invented lighthouses: 2019 update", "doi": "", "pages": "300-310"},
    ),
    "with and without": (
        PAPER | {"title": "Invented ketamine in keepers with sadness", "doi": ""},
        PAPER | {"title": "Invented ketamine in keepers without sadness", "doi": "", "pages": "220-230"},
    ),
    "one drug and its relative on one page of abstracts": (
        MEETING | {"title": "Effects of invented ketamine on sleep of lighthouse keepers", "doi": ""},
        MEETING | {"title": "Effects of invented esketamine on sleep of lighthouse keepers", "doi": ""},
    ),
    "one drug and its enantiomer on one page of abstracts": (
        MEETING | {"title": "Effects of invented S-ketamine on sleep of lighthouse keepers", "doi": ""},
        MEETING | {"title": "Effects of invented ketamine on sleep of lighthouse keepers", "doi": ""},
    ),
    "two drugs of like names on one page of abstracts": (
        MEETING | {"title": "Effects of fluoxetine on sleep of invented lighthouse keepers", "doi": ""},
        MEETING | {"title": "Effects of duloxetine on sleep of invented lighthouse keepers", "doi": ""},
    ),
    "two abstracts of like titles and other texts": (
        MEETING | {"title": "Effects of incretin on invented lighthouse keepers", "abstract": ABSTRACT, "doi": ""},
        MEETING
        | {"title": "Effects of incretins on invented lighthouse keeper", "abstract": OTHER_ABSTRACT, "doi": ""},
    ),
    "symptomatic and asymptomatic": (
        PAPER | {"title": "Symptomatic low mood in invented keepers", "doi": "", "pages": "1-9"},
        PAPER | {"title": "Asymptomatic low mood in invented keepers", "doi": "", "pages": "1"},
    ),
    "hypotension and hypertension": (
        PAPER | {"title": "Hypotension in invented keepers after infusions", "doi": ""},
        PAPER | {"title": "Hypertension in invented keepers after infusions", "doi": "", "pages": "211"},
    ),
    "two Cochrane reviews of one title": (REVIEW | {"year": "2012"}, REVIEW | {"year": "2012", "pages": "CD088888"}),
    "subtitle and page lost, but one is the protocol": (
        without(PAPER, "doi", "pages") | {"title": "Invented infusions for low mood in keepers: study protocol"},
        without(PAPER, "doi") | {"title": "Invented infusions for low mood in keepers"},
    ),
    "sparse records of two volumes": (
        without(PAPER, "doi", "pages"),
        without(PAPER, "doi", "pages") | {"volume": "14", "number": "1"},
    ),
    "two doses": (
        MEETING | {"title": "Invented ketamine 0.5 mg/kg in sad keepers of lighthouses", "doi": ""},
        MEETING | {"title": "Invented ketamine 1.0 mg/kg in sad keepers of lighthouses", "doi": ""},
    ),
    "same title by other people": (
        PAPER,
        PAPER | {"author": "Nobody, N.", "volume": "9", "pages": "1-5", "doi": "", "year": "2011"},
    ),
    "generic title": (PAPER | {"title": "Editorial"}, PAPER | {"title": "Editorial", "pages": "305", "doi": ""}),
    "generic title without anything": ({"title": "Editorial"}, {"title": "Editorial"}),
    "two letters on one page": (
        PAPER | {"title": "Ketamine and the sea", "author": "Fictional A", "pages": "400", "doi": ""},
        PAPER | {"title": "Sleep in harbours of the north", "author": "Mockman B", "pages": "400", "doi": ""},
    ),
    "a letter and its answer under one title on one page": (
        PAPER | {"author": "Fictional A", "pages": "222-222", "doi": ""},
        PAPER | {"author": "Mockman B", "pages": "222-222", "doi": ""},
    ),
    "published twice after an error": (PAPER | {"doi": ""}, PAPER | {"number": "7", "pages": "595-6", "doi": ""}),
    "nothing known": ({}, {}),
}


def verdict(one: dict[str, str], other: dict[str, str]) -> str | None:
    found = compare(prepare_row(1, **one), prepare_row(2, **other))
    turned = compare(prepare_row(2, **other), prepare_row(1, **one))
    assert found == turned, "comparing must not depend on who comes first"
    return found.verdict if found else None


@pytest.mark.parametrize("name", SAME)
def test_one_paper(name: str) -> None:
    assert verdict(*SAME[name]) == "same"


@pytest.mark.parametrize("name", APART)
def test_two_papers(name: str) -> None:
    assert verdict(*APART[name]) != "same"


def test_pairs_of_one_paper_share_a_block_key() -> None:
    from harvester.matching import block_keys

    for name, (one, other) in SAME.items():
        shared = set(block_keys(prepare_row(1, **one))) & set(block_keys(prepare_row(2, **other)))
        assert shared, name


def test_preprint_and_article_are_linked_not_merged() -> None:
    preprint = PAPER | {
        "journal": "medRxiv",
        "doi": "10.1101/2018.05.04.12345678v2",
        "volume": "",
        "pages": "",
        "number": "",
        "year": "2018",
    }
    assert verdict(PAPER, preprint) == "preprint"
    assert verdict(preprint, preprint | {"doi": "10.1101/2018.05.04.12345678"}) == "same"


@pytest.mark.parametrize(
    ("journal", "dois"),
    [
        ("ChemRxiv", ("10.26434/chemrxiv-2018-abcde", "10.26434/chemrxiv-2018-abcde-v2")),
        ("", ("10.26434/chemrxiv-2018-abcde", "10.26434/chemrxiv-2018-abcde-v2")),
        ("", ("10.31234/osf.io/abcde", "10.31234/osf.io/abcde_v1")),
        ("", ("10.12688/verixiv.54.1", "10.12688/verixiv.54.2")),
        ("", ("10.1590/scielopreprints.1234", "10.1590/scielopreprints.1234")),
    ],
)
def test_versions_of_a_preprint_are_one_and_its_article_another(journal: str, dois: tuple[str, str]) -> None:
    placeless = dict.fromkeys(("volume", "pages", "number"), "") | {"journal": journal, "year": "2018"}
    one, other = (PAPER | placeless | {"doi": doi} for doi in dois)
    assert verdict(one, other) == "same"
    assert verdict(PAPER, one) == verdict(PAPER, other) == "preprint"


def test_versions_of_an_article_of_f1000_are_one_paper() -> None:
    one, other = (PAPER | {"doi": f"10.12688/f1000research.1234.{version}", "pages": ""} for version in (1, 2))
    assert verdict(one, other) == "same"
