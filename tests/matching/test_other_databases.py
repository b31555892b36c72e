"""How databases and search engines write one record, and records of like look that are two papers.

All papers, people and journals are invented; the forms are those of Scopus, Web of Science, Embase, PsycINFO, CINAHL,
Lens and Google Scholar.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from harvester.jobs.standalone import dedupe_file
from harvester.matching import block_keys, cluster, compare, dedupe_frame, link
from harvester.matching.prepare import prepare_row

Row = dict[str, str]
PAPER = {
    "title": "Ketamine in invented people of the fog",
    "author": "Roth, Anna; Weiss, Bert; Schwarz, Carl",
    "year": "2020",
    "journal": "Imaginary Journal of Psychiatry",
    "volume": "5",
    "number": "2",
    "pages": "100-110",
    "doi": "10.1234/ijp.2020.5",
}
SPARSE = {name: PAPER[name] for name in ("title", "author", "year", "journal")}  # no identifier, no place
PLACED = SPARSE | {name: PAPER[name] for name in ("volume", "number", "pages")}
TELLING = "Subcutaneous ketamine in invented people of the fog who have not slept since the lighthouse"
ABSTRACT = PLACED | {"number": "Suppl 1", "pages": "S34"}  # of a meeting


def titles(one: str, other: str, base: Row = SPARSE) -> tuple[Row, Row]:
    return base | {"title": one}, base | {"title": other}


@pytest.mark.parametrize(
    "changes",
    [
        {"author": "A. Roth; B. Weiss; C. Schwarz"},
        {"author": "A Roth, B Weiss, C Schwarz"},
        {"author": "A Roth, B Weiss…"},
        {"author": "Roth A, et al."},
        {"author": "Roth A [et al.]"},
        {"author": "ROTH A, WEISS B, SCHWARZ C"},
        {"author": "ANNA ROTH; BERT WEISS; CARL SCHWARZ"},
        {"author": "Anna Roth, Bert Weiss, and Carl Schwarz"},
        {"author": "Roth, A., Weiss, B., & Schwarz, C."},
        {"author": "Roth,A.;Weiss,B.;Schwarz,C."},
        {"author": "Roth, Anna (57200000000); Weiss, Bert (57200000001); Schwarz, Carl (7000)"},
        {"author": "L., Roth A. Weiss B. Schwarz C."},
        {"author": "L, Roth A. Weiss B. Schwarz C."},
        {"author": "Rotth, Anna; Weis, Bert; Schwartz, Carl"},
        {"title": "KETAMINE IN INVENTED PEOPLE OF THE FOG."},
        {"title": "[HTML][HTML] Ketamine in invented people of the fog"},
        {"title": "[CITATION] Ketamine in invented people of the fog"},
        {"title": "{K}etamine in {Invented} people of the fog"},
        {"title": "Ketamine in\u00a0invented \n people of the fog*"},
        {"title": "Ketamine in invented people of the fog (Retracted article. See vol. 7, pg. 1, 2022)"},
        {"year": "2020-05-01"},
        {"year": "May2020"},
        {"year": "05/01/2020"},
        {"journal": "IMAG J PSYCHIAT"},
        {"journal": "Imaginary Journal of Psychiatry (Online)"},
        {"journal": "Imaginary Journal of Psychiatry. 5(2):100-10, 2020 Feb"},
        {"journal": "Imaginary Journal of Psychiatry, vol. 5, no. 2"},
        {"journal": "IJP-Imaginary Journal of Psychiatry"},
        {"journal": "Imaginary Journal of …"},
        {"volume": "5 (2)", "number": "", "pages": "100-10"},
        {"volume": "5 (2) (no pagination)", "pages": ""},
        {"volume": "5", "pages": "No Pagination Specified"},
        {"volume": "5", "pages": "100-10+"},
        {"volume": "5", "pages": "p100-p110"},
        {"volume": "5", "pages": "100\u00e2\u20ac\u201c110"},
        {"doi": "https://doi.org/10.1234/IJP.2020.5?source=x", "journal": ""},
        {"doi": "10.1234/ijp.2020.5/full", "journal": "", "author": ""},
        {"doi": "DOI: 10.1234/ijp.2020.5.", "journal": "", "author": ""},
    ],
    ids=str,
)
def test_one_paper_as_databases_write_it(changes: Row) -> None:
    same_found(PAPER, SPARSE | changes)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        titles("TNF-α in β-cells of invented people", "TNF-{alpha} in &beta;-cells of invented people"),
        titles("Behavioural modelling of foetal leukaemia in fog", "Behavioral modeling of fetal leukemia in fog"),
        titles("A multi-centre analysis of diarrhoea in the fog", "A multicenter analysis of diarrhea in the fog"),
        titles("Two-year follow-up of twelve people of the fog", "2-year follow-up of 12 people of the fog"),
        titles("CO<sub>2</sub> in the invented fog of people", "CO₂ in the invented fog of people"),
        titles("(11)C-raclopride in invented people of fog", "[<sup>11</sup>C]Raclopride in invented people of fog"),
        titles("50% of invented people in the fog sleep", "50 percent of invented people in the fog sleep"),
        titles("Ketamine vs. fog in invented people of it", "Ketamine versus fog in invented people of it"),
        titles("Ketamine + fog in invented people of it", "Ketamine plus fog in invented people of it"),
        (
            SPARSE | {"title": "Ketamine in the invented fog: a case report"},
            PLACED | {"title": "Ketamine in the invented fog: a case report", "year": "2021"},
        ),
        (
            PLACED | {"journal": "Anales de pediatria (Barcelona, Spain : 2003)"},
            SPARSE | {"journal": "An Pediatr (Barc)"},
        ),
        (PLACED | {"number": "10290"}, PLACED | {"number": "10290", "pages": ""}),
        (
            {"title": f"Retraction of: {PAPER['title']}", "year": "2020", "journal": "Fog", "pages": "FOG0000380"},
            {"title": f"Retraction of: {PAPER['title']}", "year": "2020", "journal": "Fog", "pages": "fog0000380"},
        ),
        (SPARSE | {"journal": "PNAS"}, SPARSE | {"journal": "Proc. Natl. Acad. Sci. U. S. A."}),
        # A feed without dates.
        (SPARSE | {"title": TELLING, "year": ""}, PAPER | {"title": TELLING, "pages": ""}),
        (
            PAPER | {"journal": "Proceedings of the National Academy of Sciences of the United States of America"},
            SPARSE | {"journal": "PNAS"},
        ),
        (
            PAPER | {"journal": "Progress in Neuro-Psychopharmacology & Biological Psychiatry"},
            SPARSE | {"journal": "Prog Neuropsychopharmacol Biol Psychiatry"},
        ),
    ],
    ids=lambda row: str(row)[:60],
)
def test_one_paper_in_two_spellings(one: Row, other: Row) -> None:
    same_found(one, other)


def same_found(one: Row, other: Row) -> None:
    """Check that two rows are found and joined."""
    left, right = prepare_row(1, **one), prepare_row(2, **other)
    found = compare(left, right)
    assert found is not None
    assert found.verdict == "same", found.reason
    assert set(block_keys(left)) & set(block_keys(right))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Reports that come again under one title.
        (
            SPARSE | {"title": "Annual report of the registry of the imaginary fog"},
            SPARSE | {"title": "Annual report of the registry of the imaginary fog", "year": "2021"},
        ),
        titles("Annual report of the fog centre 2018/2019", "Annual report of the fog centre 2019/2020"),
        titles("Fog and its people, part one: mornings", "Fog and its people, part two: evenings"),
        titles("Lighthouses and the invented fog I", "Lighthouses and the invented fog"),
        (
            PLACED | {"title": "Correction: Ketamine in invented people of the fog", "pages": "730"},
            PLACED | {"title": "Correction: Ketamine in invented people of the fog", "pages": "731"},
        ),
        titles("Invented cohort of the fog: year 1 results", "Invented cohort of the fog: year 2 results"),
        titles("Two-year follow-up of invented people of fog", "Five-year follow-up of invented people of fog"),
        # Titles that name no paper.
        titles("Letter to the editor", "Letter to the editor"),
        titles("Author's reply", "Author's reply"),
        titles("What is your diagnosis in this patient?", "What is your diagnosis in this patient?"),
        titles(
            "From the editors of the Imaginary Journal of Psychiatry",
            "From the editors of the Imaginary Journal of Psychiatry",
        ),
        titles("In reply", "In reply", PLACED | {"author": ""}),
        # Next to nothing known.
        (
            {"title": "Ketamine for treatment-resistant depression"},
            {"title": "Ketamine for treatment-resistant depression"},
        ),
        (
            {"title": "Ketamine for treatment-resistant depression", "year": "2019"},
            {"title": "Ketamine for treatment-resistant depression", "year": "2019"},
        ),
        (SPARSE | {"title": TELLING, "year": ""}, PAPER | {"title": TELLING, "journal": "Fog Medicine"}),
        (SPARSE | {"title": TELLING, "year": "", "author": "Nobody, Anna"}, PAPER | {"title": TELLING}),
        (SPARSE | {"year": ""}, PAPER),
        (
            SPARSE | {"title": "Annual report of the registry of the imaginary fog and of all its lights", "year": ""},
            PAPER | {"title": "Annual report of the registry of the imaginary fog and of all its lights"},
        ),
        # The same title by others.
        (SPARSE, SPARSE | {"author": "Nobody, Nina; Niemand, Olaf"}),
        (SPARSE | {"author": "Roth A"}, SPARSE | {"author": "Roth Z"}),
        (PLACED, PLACED | {"author": "Nobody N", "pages": "301-302"}),
        (PLACED, PLACED | {"pages": "xiii-xv"}),
        # The same title in two places, or of two kinds.
        (PLACED, PLACED | {"journal": "Fog Medicine", "volume": "77", "pages": "9-12"}),
        (SPARSE, SPARSE | {"journal": "Fog Medicine"}),
        (ABSTRACT, PLACED | {"pages": ""}),
        (SPARSE | {"journal": "Imaginary Journal of Psychiatry. Conference: 5th Congress"}, SPARSE),
        (PAPER, SPARSE | {"journal": "ClinicalTrials.gov"}),
        (PAPER, SPARSE | {"journal": "Figshare", "doi": "10.6084/m9.figshare.1"}),
        (SPARSE, SPARSE | {"title": "Publisher Correction: Ketamine in invented people of the fog"}),
        (SPARSE, SPARSE | {"title": "Retraction Note to: Ketamine in invented people of the fog"}),
        (SPARSE, SPARSE | {"title": "Ketamine in invented people of the fog: study protocol"}),
        # Titles one word apart.
        titles("Agonists of 5-HT1A receptors in the fog", "Agonists of 5-HT1B receptors in the fog"),
        titles("Agonists of GluN2A receptors in the fog", "Agonists of GluN2B receptors in the fog"),
        titles("Levels of ApoA in people of the fog", "Levels of ApoE in people of the fog"),
        titles("Psychological effects of invented lighthouses", "Physiological effects of invented lighthouses"),
        titles("Fluoxetine for people of the invented fog", "Fluvoxamine for people of the invented fog"),
        titles("Prednisone for people of the invented fog", "Prednisolone for people of the invented fog"),
        titles("Ketamine plus fog in invented people of it", "Ketamine versus fog in invented people of it"),
        titles("Ketamine in men of the invented fog", "Ketamine in women of the invented fog"),
        titles("Inpatient ketamine in the invented fog", "Outpatient ketamine in the invented fog"),
        titles("Ketamine in the fog: a systematic review", "Ketamine in the fog: a meta-analysis"),
        # Cochrane reviews that appeared twice in one year.
        (
            SPARSE | {"journal": "Cochrane Database Syst Rev", "pages": "CD099999", "number": "1"},
            SPARSE | {"journal": "Cochrane Database Syst Rev", "pages": "CD099999", "number": "9"},
        ),
        # A protocol and its results begin alike.
        (
            SPARSE | {"title": "Infusions for people of the fog: a protocol", "abstract": "Background: sadness " * 20},
            SPARSE | {"title": "Infusions for people of the fog", "abstract": "Background: sadness " * 20},
        ),
    ],
    ids=lambda row: str(row)[:60],
)
def test_two_papers_of_like_look(one: Row, other: Row) -> None:
    found = compare(prepare_row(1, **one), prepare_row(2, **other))
    assert found is None or found.verdict != "same", found


def test_abstracts_that_share_the_doi_of_their_supplement_stay_apart() -> None:
    """Thirty abstracts, three on a page, from two databases."""
    subjects = ("lamps", "horns", "buoys", "gulls", "rocks", "ropes", "boats", "tides", "moons", "winds")
    settings = ("winter mornings", "summer evenings", "autumn nights")
    papers = [
        ABSTRACT
        | {
            "title": f"Imaginary {subject} and the mood of keepers on {setting}",
            "author": f"{subject.title()}son, Ada",
            "pages": f"S{30 + place}",
            "doi": "10.1234/supplement",
        }
        for place, subject in enumerate(subjects)
        for setting in settings
    ]
    copies = [paper | {"title": paper["title"].upper(), "author": paper["author"][:-2]} for paper in papers]
    prepared = [prepare_row(key, **row) for key, row in enumerate([*papers, *copies])]
    assert cluster(prepared, link(prepared)) == [(key, key + 30) for key in range(30)]


@pytest.mark.parametrize(
    "names",
    [
        {"title": "Title", "author": "Author", "year": "Publication Year", "journal": "Publication Title"},
        {"title": "Article Title", "author": "Authors", "year": "Publication Year", "journal": "Source Title"},
        {"title": "Title", "author": "Authors", "year": "Publication Year", "journal": "Journal/Book"},
        {"title": "title", "author": "authors", "year": "published", "journal": "journal"},
    ],
)
def test_columns_are_found_under_the_names_of_exports(names: Row) -> None:
    rows = [{names[name]: text for name, text in SPARSE.items()} | {"Number": str(place)} for place in range(2)]
    result = dedupe_frame(pd.DataFrame(rows))
    assert list(result["study_id"]) == ["S0000001", "S0000001"]
    assert list(result.columns) == ["study_id", "merge_reason", *rows[0]]


def test_what_a_table_said_before_is_kept_under_another_name() -> None:
    """The published table can be deduplicated, and no column of it is lost."""
    found = dedupe_frame(pd.DataFrame([PAPER | {"study_id": "S0000007", "merge_reason": "said before"}]))
    assert list(found.columns[:2]) == ["study_id", "merge_reason"]
    assert found.loc[0, "input_study_id"] == "S0000007"
    assert found.loc[0, "input_merge_reason"] == "said before"


def test_the_issue_comes_before_a_number_of_another_kind() -> None:
    """Zotero's "Number" is that of a report."""
    rows = [PLACED | {"Issue": "2", "Number": str(place)} for place in range(2)]
    for row in rows:
        row["title"] = "Editorial"
        del row["number"], row["pages"]
    assert dedupe_frame(pd.DataFrame(rows))["study_id"].nunique() == 1


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("ID,title\n1,A\n", ["ID", "title"]),
        ("title,abstract,,\nA,B,,\n", ["title", "abstract", "column 3", "column 4"]),
        ("title,note,note\nA,1,2\n", ["title", "note", "note.1"]),
        ("title;note\nA;1\n", ["title", "note"]),
    ],
)
def test_any_header_with_a_title_is_a_table(tmp_path: Path, content: str, columns: list[str]) -> None:
    """As spreadsheets leave it: without names at the end, with one name twice."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(content, encoding="utf-8")
    dedupe_file(source, target)
    found = pd.read_csv(target, dtype="str", keep_default_na=False)
    assert list(found.columns) == ["study_id", "merge_reason", *columns]
    assert len(found) == 1
