"""Kinds of pairs that went wrong in the hands of users of such programs, several wordings of each.

All papers, people and journals are invented; what is done to them is what real exports do.
"""

from __future__ import annotations

import pytest

from harvester.matching import block_keys, compare
from harvester.matching.prepare import prepare_row
from harvester.matching.venue import are_journals_alike, read_journal

Row = dict[str, str]
PAPER = {
    "title": "Subcutaneous ketamine for low mood in ferry pilots of an invented fjord",
    "author": "Kestrel, Mina and Vole, Oskar and Heron, Tilda",
    "year": "2024",
    "journal": "Invented Archives of Harbour Medicine",
}
PLACED = PAPER | {"volume": "31", "number": "4", "pages": "314-320"}
ABSTRACT = (
    "Background: Ferry pilots report persistent sadness during foggy winters. Methods: Pilots received ketamine or "
    "midazolam under the skin, twice weekly over four weeks, in a randomised comparison at three invented harbours."
)
OTHER_ABSTRACT = (
    "Objective: Lighthouse architecture changed between several centuries. Design: Archive photographs, drawings and "
    "letters were catalogued, describing stairs, lenses, kitchens and gardens without any treatment whatsoever."
)


def without(row: Row, *names: str) -> Row:
    return {name: cell for name, cell in row.items() if name not in names}


def verdict(one: Row, other: Row) -> str:
    """Give what comes of a pair of rows: same, maybe, preprint or apart."""
    left, right = prepare_row(1, **one), prepare_row(2, **other)
    found, turned = compare(left, right), compare(prepare_row(1, **other), prepare_row(2, **one))
    assert (found and found.verdict) == (turned and turned.verdict)
    if found is None or set(block_keys(left)).isdisjoint(block_keys(right)):
        return "apart"
    return found.verdict


COMPANIONS = (
    "five-year follow-up of a randomised trial",
    "long-term outcomes",
    "24-month results",
    "an economic evaluation",
    "a budget impact analysis",
    "cost-utility analysis",
    "an interview study",
    "a mixed-methods study of experiences",
    "design and rationale",
    "study protocol",
    "statistical analysis plan",
    "baseline data",
    "post hoc analysis of suicidality",
    "a subgroup analysis",
    "an imaging substudy",
    "mediators and moderators",
    "a lay summary",
    "feasibility and acceptability",
    "process evaluation",
    "open-label extension",
)


@pytest.mark.parametrize("words", COMPANIONS)
def test_another_kind_of_study_is_no_lost_subtitle(words: str) -> None:
    """Where the abstracts begin alike, with the volume alone, and with nothing."""
    goes_on = f"{ABSTRACT} Here we report what came after, which was planned from the first day on."
    for known in ({"abstract": ABSTRACT}, {"volume": "31"}, {"volume": "31", "abstract": ABSTRACT}, {}):
        sister = known | ({"abstract": goes_on} if "abstract" in known else {})
        for base in (PAPER, PAPER | {"title": f"{PAPER['title']}: a randomised trial"}):
            assert verdict(base | known, base | sister | {"title": f"{base['title']}: {words}"}) != "same"
            assert verdict(base | known, base | sister | {"title": f"{base['title']}. {words.capitalize()}"}) != "same"


@pytest.mark.parametrize(
    "words",
    ["a randomised controlled trial", "an open-label trial", "a systematic review and meta-analysis", "a case series"],
)
def test_a_lost_subtitle_says_of_what_form_a_study_is(words: str) -> None:
    assert verdict(PAPER | {"volume": "31"}, PAPER | {"volume": "31", "title": f"{PAPER['title']}: {words}"}) == "same"


@pytest.mark.parametrize(
    "title",
    [
        "Ketamine under the skin of ferry pilots: low mood in an invented fjord",
        "Subcutaneous ketamine: mood of pilots on ferries in an invented fjord",
        "Subcutaneous esketamine for sadness in ferry pilots of an invented fjord",
    ],
)
@pytest.mark.parametrize("more", [{"abstract": ABSTRACT}, {"year": "2023"}, {"pages": ""}])
def test_a_doi_copied_to_a_congress_abstract_is_for_a_person(title: str, more: Row) -> None:
    paper = PLACED | {"doi": "10.5555/fjord.1", "abstract": ABSTRACT}
    abstract = {"title": title, "journal": "Made-up Congress of Sea Medicine", "volume": "2)"} | more
    assert verdict(paper, paper | abstract) in ("maybe", "apart")


@pytest.mark.parametrize(
    ("pages", "damaged"),
    [
        ("S109-S112", "Suppl-12"),
        ("314-320", "t-20"),
        ("314-320", "-320"),
        ("125-128", "2-8"),
        ("314-320", "4-20"),
        ("H1470-6", "22-Jun"),
        ("314-320", "3-Apr"),
        ("314-320", "S0140-6736(24)30001-5"),
    ],
)
def test_a_damaged_page_contradicts_nothing(pages: str, damaged: str) -> None:
    assert verdict(PLACED | {"pages": pages}, PLACED | {"pages": damaged}) == "same"


@pytest.mark.parametrize(
    "title",
    [
        "Editorial",
        "Letters to the editor",
        "In this issue",
        "Book reviews",
        "News and notes of the harbour doctors",
        "Research highlights of ferry medicine",
        "Ask the expert about pilots and their nerves",
        "Correspondence",
    ],
)
def test_what_comes_again_is_one_within_its_issue_only(title: str) -> None:
    column = PLACED | {"title": title, "author": "Kestrel, Mina", "pages": "1-2"}
    assert verdict(column, column | {"number": "5"}) != "same"
    assert verdict(column, column | {"number": "5", "pages": "1-3"}) != "same"
    assert verdict(column | {"doi": "10.5555/a.1"}, column | {"doi": "10.5555/a.2"}) != "same"
    assert verdict(without(column, "pages"), without(column, "pages") | {"number": "5"}) != "same"
    assert verdict(without(column, "number", "pages"), without(column, "number", "pages") | {"year": "2025"}) != "same"
    assert verdict(column, column | {"author": "Kestrel M", "journal": "Inv Arch Harb Med"}) == "same"


@pytest.mark.parametrize(
    "title", ["A captain's choice of papers on rapid antidepressants", "Ten questions for a pilot"]
)
def test_one_title_in_two_issues_is_two_papers(title: str) -> None:
    """Also where nothing in the title says that it comes again."""
    column = PLACED | {"title": title, "pages": "1-2"}
    assert verdict(column, column | {"number": "5", "pages": "1-3"}) != "same"
    assert verdict(column | {"doi": "10.5555/a.1"}, column | {"doi": "10.5555/a.2", "number": "5"}) != "same"
    assert verdict(without(column, "pages"), without(column, "pages") | {"number": "5"}) != "same"


@pytest.mark.parametrize(
    "names",
    [
        "FERRY Study Group",
        "The FERRY Investigators",
        "Invented Consortium for Harbours and Pilots",
        "Royal College of Made-up Pilots and Captains",
        "Fjord Pharmaceuticals Inc",
        "王, 伟 and 李, 明",
        "Кречет, М. and Полёвка, О.",
        "山田 太郎; 鈴木 花子",
    ],
)
def test_people_cannot_be_compared_with_a_group_or_other_letters(names: str) -> None:
    for known in (PLACED | {"pages": "e101234"}, PLACED, PAPER):
        assert verdict(known, known | {"author": names}) == "same"
        assert verdict(known, known | {"author": names, "journal": "Invented Dentistry", "volume": "3"}) != "same"


def test_a_volume_without_number_is_that_of_no_issue() -> None:
    """As publishers write what is ahead of print."""
    report = PLACED | {"title": "Guidelines for ferry pilots and their moods: an invented report"}
    assert verdict(report, report | {"volume": "0", "number": "0", "pages": "1-9"}) == "same"


def test_two_groups_are_two() -> None:
    one, other = (
        without(PLACED, "pages") | {"author": f"{name} Study Group"} for name in ("FERRY", "Snow Mountain Walkers")
    )
    assert verdict(one, other) != "same"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Psycho-oncology", "Psychooncology"),
        ("Neuro-oncology", "Neuro Oncol"),
        ("Zeitschrift für Psychiatrie und Psychotherapie", "Z Psychiatr Psychother"),
        ("Kardiochirurgia i psychiatria polska = Polish journal of invented care", "Kardiochir Psychiatr Pol"),
        ("Nihon rinsho. Japanese journal of clinical medicine", "Nihon Rinsho"),
        ("EFSA journal. European Food Safety Authority", "EFSA J"),
        ("Rozhledy v psychiatrii", "Rozhl Psychiatr"),
        ("Nederlands tijdschrift voor geneeskunde", "Ned Tijdschr Geneeskd"),
        ("Tidsskrift for den Norske laegeforening : tidsskrift for praktisk medicin", "Tidsskr Nor Laegeforen"),
        ("Alzheimer's research", "Alzheimers Res"),
        ("Healthcare (Basel, Switzerland)", "Healthc (Basel)"),
        ("Giornale di psichiatria e dei servizi nei territori", "G Psichiatr Serv Territ"),
        ("American Journal of Invented Physiology - Birds and Boats of the North Sea", "Am J Invent Physiol"),
        ("Monatsschrift Kinderheilkunde", "Monatsschr Kinderheilkd"),
    ],
)
def test_a_journal_is_alike_to_its_abbreviation(name: str, short: str) -> None:
    assert are_journals_alike(read_journal(name).names, read_journal(short).names)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Lancet. Psychiatry", "Lancet"),
        ("Neuroscience letters", "Neuroscience"),
        ("Drug safety", "Drugs (Abingdon, England)"),
        ("Journal of neurology", "Journal of neurosurgery"),
        ("Zeitschrift für Psychiatrie", "Z Rheumatol"),
    ],
)
def test_journals_of_like_names_are_two(one: str, other: str) -> None:
    assert not are_journals_alike(read_journal(one).names, read_journal(other).names)


@pytest.mark.parametrize("number", ["a9754", "e101234", "e27", "101234", "zaa123", "S0033291724000123", "b2535"])
def test_a_page_cannot_be_compared_with_the_number_of_an_article(number: str) -> None:
    assert verdict(PLACED, PLACED | {"pages": number}) == "same"
    assert verdict(without(PLACED, "number"), without(PLACED, "number") | {"pages": number, "year": "2023"}) == "same"
    assert verdict(PLACED, PLACED | {"pages": number, "volume": "32"}) != "same"


@pytest.mark.parametrize(
    "changes",
    [
        {"author": "Newname, Mina"},
        {"author": "Newname, Mina and Other, Olaf", "year": "2020"},
        {"journal": "Journal That Was Renamed"},
        {"journal": "Invented Archives of Harbour Medicine - Section of Ferries and Pilots of the North"},
        {"pages": "22-Jun", "volume": "31", "number": "4"},
        {"volume": "2024", "pages": "1"},
    ],
)
def test_the_same_doi_and_title_are_one_whatever_else_was_renamed(changes: Row) -> None:
    paper = PLACED | {"doi": "10.5555/fjord.2"}
    assert verdict(paper, paper | changes) == "same"


@pytest.mark.parametrize(
    "other", ["Forecasting the wages of harbour nurses", "Whales, storms and the price of tickets"]
)
@pytest.mark.parametrize("abstract", ["", ABSTRACT])
def test_the_same_pages_of_another_issue_are_another_paper(other: str, abstract: str) -> None:
    """Abstracts of one series begin alike; nor are they one where the issue is not said."""
    paper = PLACED | {"abstract": abstract}
    assert verdict(paper, paper | {"title": other, "number": "3"}) != "same"
    assert verdict(paper, without(paper, "number") | {"title": other}) != "same"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NCT01111111. Forty pilots.", "NCT02222222. Two hundred captains."),
        ("Registered: ISRCTN11111111.", "Registered: ISRCTN22222222."),
        ("EudraCT 2019-001111-11; forty pilots", "EudraCT 2020-002222-22; forty pilots"),
        (
            "Forty pilots inhale a spray or salt water for migraine.",
            "Captains wear a patch after surgery of the heart.",
        ),
        (ABSTRACT, OTHER_ABSTRACT),
    ],
)
@pytest.mark.parametrize("year", ["2024", "2023"])
def test_a_title_alone_does_not_join_other_texts_or_registrations(one: str, other: str, year: str) -> None:
    title = {
        "title": "Safety and efficacy of invented nasal spray in adults with depression that resists",
        "year": "2024",
    }
    assert verdict(title | {"abstract": one}, title | {"abstract": other, "year": year}) != "same"


def test_other_registrations_part_a_title_with_its_people() -> None:
    one, other = (PAPER | {"abstract": f"{ABSTRACT} NCT0{digit * 7}."} for digit in "12")
    assert verdict(one, other) == "maybe"
    assert verdict(PLACED | one, PLACED | other) == "same"  # on one range of pages stands one paper


@pytest.mark.parametrize("known", [{}, {"year": "2024"}, {"year": "2025"}, {"journal": "Inv Arch Harb Med"}])
def test_a_telling_title_and_all_its_people_are_one_paper(known: Row) -> None:
    sparse = {"title": PAPER["title"], "author": "Kestrel M; Vole O; Heron T"} | known
    assert verdict(PLACED, sparse) == "same"
    assert verdict(PLACED, sparse | {"author": "Nobody N; Niemand O; Nemo P"}) != "same"
    assert verdict(PLACED | {"title": "Editorial"}, sparse | {"title": "Editorial"}) != "same"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Three doses of ketamine after 5 nights of fog in pilots",
            "5 doses of ketamine after three nights of fog in pilots",
        ),
        (
            "Non-invasive signs of sleep in responders among pilots",
            "Non-invasive signs of sleep in non-responders among pilots",
        ),
        ("Invasive signs in non-smoking pilots of ferries", "Non-invasive signs in smoking pilots of ferries"),
        ("Acute effects and chronic pain in ferry pilots", "Chronic effects and acute pain in ferry pilots"),
        ("Ketamine with rest, without sleep, in ferry pilots", "Ketamine without rest, with sleep, in ferry pilots"),
        ("Sadness after fog and fear before storms in pilots", "Sadness before fog and fear after storms in pilots"),
        ("Sleep of pilots in HIV and TB wards at sea", "Sleep of pilots in non-HIV and TB wards at sea"),
        (
            "Ketamine is effective in pilots of invented ferries",
            "Ketamine is not effective in pilots of invented ferries",
        ),
    ],
)
def test_a_number_or_a_not_that_moved_makes_another_title(one: str, other: str) -> None:
    for known in (PAPER, PAPER | {"volume": "31"}, PAPER | {"abstract": ABSTRACT}):
        assert verdict(known | {"title": one}, known | {"title": other}) != "same"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Non-invasive signs of sleep in pilots of ferries", "Noninvasive signs of sleep in pilots of ferries"),
        ("Two doses of ketamine in 12 pilots of ferries", "2 doses of ketamine in twelve pilots of ferries"),
        (
            "A randomised trial: ketamine in men and women at sea",
            "Ketamine in men and women at sea: a randomised trial",
        ),
        (
            "Ketamine in pilots of invented ferries: not a miracle",
            "Ketamine in pilots of invented ferries: not a miracle.",
        ),
    ],
)
def test_the_same_words_in_order_are_one_title(one: str, other: str) -> None:
    assert verdict(PAPER | {"title": one}, PAPER | {"title": other}) == "same"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10.21203/rs.3.rs-2000001/v1", "10.21203/rs.3.rs-2000001/v2"),
        ("10.31234/osf.io/fjord_v1", "10.31234/osf.io/fjord_v3"),
        ("10.20944/preprints202401.0002.v1", "10.20944/preprints202401.0002.v2"),
        ("10.22541/au.17000000/v1", "10.22541/au.17000000/v2"),
        ("10.1101/2024.01.02.24000002v1", "10.1101/2024.01.02.24000002v2"),
    ],
)
def test_versions_of_a_preprint_are_one_whatever_they_are_called(one: str, other: str) -> None:
    preprint = without(PAPER, "journal") | {"doi": one}
    renamed = preprint | {"doi": other, "title": "What ferry pilots say of sadness under the skin"}
    assert verdict(preprint, renamed) == "same"
    assert verdict(preprint, renamed | {"author": "Nobody, Nina; Niemand, Olaf"}) != "same"


def test_one_work_on_two_servers_is_one() -> None:
    one = PAPER | {"journal": "medRxiv", "doi": "10.1101/2024.01.02.24000002"}
    other = PAPER | {"journal": "PsyArXiv", "doi": "10.31234/osf.io/fjord"}
    assert verdict(one, other) == "same"
    assert verdict(one, without(other, "author")) == "same"
    assert verdict(one, other | {"title": "Oral ketamine for low mood in ferry pilots of an invented fjord"}) != "same"
    assert verdict(one, other | {"author": "Nobody, Nina"}) != "same"


@pytest.mark.parametrize(
    ("title", "right"),
    [
        (PAPER["title"], "preprint"),
        (PAPER["title"].upper(), "preprint"),
        (f"{PAPER['title']}: a randomised trial", "preprint"),
        (f"{PAPER['title']}: a phase 2 trial", "preprint"),
        (f"{PAPER['title']} 2", "maybe"),
        (f"{PAPER['title']}: study protocol", "maybe"),
        (f"{PAPER['title']}: sleep outcomes", "maybe"),
        (f"{PAPER['title']} and its islands", "maybe"),
        (PAPER["title"].replace("Subcutaneous", "Intramuscular"), "maybe"),
        (PAPER["title"].replace("low mood", "anxiety"), "maybe"),
        (f"Correction: {PAPER['title']}", "apart"),
        (f"Response to “{PAPER['title']}”", "apart"),
    ],
)
def test_a_preprint_becomes_an_article_by_an_equal_title(title: str, right: str) -> None:
    preprint = PAPER | {"journal": "medRxiv", "doi": "10.1101/2024.01.02.24000002"}
    assert verdict(preprint, PLACED | {"title": title, "year": "2025"}) == right
