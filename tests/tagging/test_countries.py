"""In which countries a study was done.  The papers, people and places of work are invented."""

from __future__ import annotations

import pytest

from harvester.paper.records import AbstractSection, Author, Citation
from harvester.paper.tags import Tags
from harvester.tagging import classify, load_vocabulary

KETAMINE = load_vocabulary("ketamine")


def tag(title: str, abstract: str = "", affiliations: tuple[str, ...] = ()) -> Tags:
    authors = (Author(family="Árvane", affiliations=affiliations),) if affiliations else ()
    sections = (AbstractSection(text=abstract),) if abstract else ()
    return classify(Citation(title=title, abstract=sections, authors=authors), KETAMINE)


SETTINGS = [
    ("a country", "Ketamine clinics in Canada: a survey", "", ("Canada",)),
    ("its people", "Ketamine in Japanese patients with depression", "", ("Japan",)),
    ("an abbreviation", "Esketamine in the US and the UK", "", ("United States", "United Kingdom")),
    ("a town or province", "Ketamine in Ontario", "", ("Canada",)),
    ("the methods say it", "Ketamine", "METHODS: 40 adults were randomised at a hospital in Iran.", ("Iran",)),
    ("a background is not the study", "Ketamine", "BACKGROUND: Esketamine is sold in Brazil. AIM: To see.", ()),
    ("a scale is no place", "Ketamine", "METHODS: We used the Edinburgh Postnatal Depression Scale in 9 women.", ()),
    ("nor is a society", "Ketamine", "METHODS: 40 patients of American Society of Anesthesiologists grade 2.", ()),
    ("nor a register", "Ketamine", "METHODS: 40 adults; Chinese Clinical Trial Registry.", ()),
    ("nor a war", "Ketamine for Vietnam veterans", "", ()),
    ("nor a pronoun or a bird", "Ketamine: it gives us a turkey", "", ()),
    ("outside of it", "Ketamine", "METHODS: We asked 40 adults, excluding Canada.", ()),
]


@pytest.mark.parametrize(("shows", "title", "abstract", "expected"), SETTINGS, ids=lambda value: str(value)[:40])
def test_settings(shows: str, title: str, abstract: str, expected: tuple[str, ...]) -> None:
    assert tag(title, abstract).countries == expected, shows


AFFILIATIONS = [
    ("at the end", "Department of Invention, University of Nowhere, Basel, Switzerland.", ("Switzerland",)),
    ("before an address", "Clinic of Examples, Paris, France. Electronic address: a@example.org.", ("France",)),
    ("a state is no country", "School of Examples, Albuquerque, New Mexico, USA", ("United States",)),
    ("letters of a state", "School of Examples, New Haven, CT 06511", ("United States",)),
    ("the republic, not the state", "Clinic of Examples, Tbilisi, Georgia", ("Georgia",)),
    ("the state, not the republic", "Clinic of Examples, Atlanta, Georgia, USA", ("United States",)),
    ("spelt at home", "Klinik, Zürich", ("Switzerland",)),
    ("not said", "Department of Invention", ()),
    ("nothing", ".", ()),
]


@pytest.mark.parametrize(("shows", "affiliation", "expected"), AFFILIATIONS)
def test_affiliations(shows: str, affiliation: str, expected: tuple[str, ...]) -> None:
    tags = tag("Ketamine", affiliations=(affiliation,))
    assert tags.countries == expected, shows
    for proof in tags.evidence:
        if proof.facet == "countries":
            assert (proof.field, proof.sentence) == ("affiliations", affiliation)
            assert proof.words in affiliation


def test_the_setting_comes_before_the_authors_and_each_country_once() -> None:
    tags = tag(
        "Ketamine in Brazil",
        affiliations=("Clinic, Lyon, France", "Clinic, São Paulo, Brazil", "Clinic, Paris, France"),
    )
    assert tags.countries == ("Brazil", "France")
