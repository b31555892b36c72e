"""Which design a text shows.  The papers are invented."""

from __future__ import annotations

import pytest

from harvester.paper.records import AbstractSection, Citation, MeshTerm
from harvester.tagging import classify, load_vocabulary

KETAMINE = load_vocabulary("ketamine")


def design(title: str, abstract: str = "", **more: object) -> str:
    sections = (AbstractSection(text=abstract),) if abstract else ()
    return classify(Citation(title=title, abstract=sections, **more), KETAMINE).design  # type: ignore[arg-type]


TITLES = [
    ("Ketamine for depression: study protocol for a randomised trial", "protocol"),
    ("Ketamine for depression: a systematic review and meta-analysis", "meta-analysis"),
    ("Ketamine for depression: a scoping review", "systematic-review"),
    ("Ketamine for depression: a consensus statement", "guideline"),
    ("Ketamine for depression: a narrative review", "review"),
    ("Ketamine for depression: a chart review", "cohort"),
    ("Ketamine for depression: a double-blind crossover study", "rct"),
    ("Ketamine for depression: an open-label study", "open-label-trial"),
    ("Ketamine for depression: a retrospective cohort", "cohort"),
    ("Ketamine use at festivals: an online survey", "cross-sectional"),
    ("Ketamine for depression: a case series", "case-series"),
    ("Ketamine in four adolescents with depression", "case-series"),
    ("Ketamine in a woman with depression", "case-report"),
    ("How patients live with ketamine: a qualitative study", "qualitative"),
    ("Esketamine for depression: a cost-effectiveness analysis", "economic"),
    ("Ketamine reverses stress in mice", "preclinical"),
    ("Ketamine on alcohol relapse: a preclinical randomised controlled trial", "preclinical"),
    ("Reply to Example and others: ketamine for depression", "comment"),
    ("Ketamine for depression: a commentary", "comment"),
    ("Response to ketamine in depression: a randomised controlled trial", "rct"),
    ("Esketamine and depression: a Mendelian randomisation study", "other"),
]


@pytest.mark.parametrize(("title", "expected"), TITLES)
def test_a_title_tells_the_design(title: str, expected: str) -> None:
    assert design(title) == expected


ABSTRACTS = [
    (
        "randomised trials that are wished for are none",
        "METHODS: We read the charts of 60 patients retrospectively. CONCLUSIONS: Randomised trials are needed.",
        "cohort",
    ),
    (
        "nor are those of the background",
        "BACKGROUND: Randomised trials show that ketamine works. METHODS: In an open-label study 12 patients received "
        "ketamine.",
        "open-label-trial",
    ),
    (
        "a placebo and no word of chance",
        "METHODS: Ketamine or placebo was given to 20 healthy volunteers on two days. RESULTS: Placebo did less.",
        "rct",
    ),
    (
        "whom one asks may be drawn at random",
        "METHODS: We surveyed randomly selected adults.",
        "cross-sectional",
    ),
    (
        "what will be done is a plan",
        "METHODS: Forty adults will receive ketamine. Mood will be rated weekly. DISSEMINATION: It will be published.",
        "protocol",
    ),
    (
        "an entry of a register is a plan",
        "INTERVENTION: Ketamine 0.5 mg/kg. CONDITION: Depression. PRIMARY OUTCOME: Mood. INCLUSION CRITERIA: Adults.",
        "protocol",
    ),
    (
        "a review in all but name: its headings",
        "SEARCH METHODS: Three databases. SELECTION CRITERIA: Trials of ketamine. MAIN RESULTS: Ten trials.",
        "systematic-review",
    ),
    (
        "an analysis of a trial's data is still of a trial",
        "METHODS: This post hoc analysis used data from a phase 3 trial of esketamine in 200 patients.",
        "rct",
    ),
    (
        "animals in every sentence",
        "METHODS: Rats received ketamine. We used the forced swim test in rats. RESULTS: Rats moved more.",
        "preclinical",
    ),
    (
        "people before and after, with no design named",
        "METHODS: Twenty patients with depression received ketamine and had scans before and after.",
        "open-label-trial",
    ),
    (
        "users against others, with no design named",
        "METHODS: We compared 30 ketamine users and 30 controls on memory. RESULTS: Users remembered less.",
        "cohort",
    ),
    ("an essay", "We discuss what ketamine may mean for psychiatry.", "review"),
    ("a letter that says so", "This letter to the editor was written about a study of ketamine.", "comment"),
    (
        "case reports counted by a review",
        "METHODS: We conducted a systematic review. RESULTS: Two case series and 9 case reports were found.",
        "systematic-review",
    ),
    ("one patient", "We report a case of depression treated with ketamine.", "case-report"),
    ("interviews", "METHODS: We held semi-structured interviews with 15 patients given ketamine.", "qualitative"),
    ("a model of costs", "METHODS: A Markov model gave the cost per QALY of esketamine.", "economic"),
    (
        "a review says that it is one, and what it will do",
        "Depression is common. The present review summarises ketamine and will conclude with what is missing. "
        "A proof-of-concept trial showed that ketamine works.",
        "review",
    ),
    (
        "so does a paper that reviews",
        "This paper provides a comprehensive review of drugs. Registries were read.",
        "review",
    ),
    (
        "the board that approves is no review",
        "METHODS: The institutional review board agreed. In this open-label study 12 patients received ketamine.",
        "open-label-trial",
    ),
    (
        "nor are charts",
        "METHODS: In this retrospective chart review 12 patients received ketamine.",
        "cohort",
    ),
    ("a viewpoint", "In this viewpoint, we propose to give ketamine during sleep.", "comment"),
    (
        "what is cross-sectional of a result",
        "METHODS: 40 adults received an infusion of ketamine. RESULTS: Cross-sectional correlations were found.",
        "open-label-trial",
    ),
    (
        "a table of random numbers",
        "METHODS: 94 patients were divided into two groups by the random number table method and received ketamine.",
        "rct",
    ),
    (
        "people of their own accord",
        "METHODS: We enrolled 64 treatment-seeking ketamine-dependent patients and 80 healthy controls.",
        "cohort",
    ),
    (
        "people and rats",
        "METHODS: Forty patients were randomised to ketamine or placebo. Rats were given ketamine. RESULTS: Patients "
        "improved. Rats moved.",
        "rct",
    ),
    (
        "rats, and a few people",
        "METHODS: Twelve patients were randomised. Rats were stressed. Rats were given ketamine. RESULTS: Rats swam. "
        "Mice swam. In rats proteins changed.",
        "preclinical",
    ),
]


@pytest.mark.parametrize(("shows", "abstract", "expected"), ABSTRACTS)
def test_an_abstract_tells_the_design(shows: str, abstract: str, expected: str) -> None:
    assert design("Ketamine and mood", abstract) == expected, shows


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Clinical Trial Protocol", "protocol"),
        ("Meta-Analysis", "meta-analysis"),
        ("Practice Guideline", "guideline"),
        ("Randomized Controlled Trial", "rct"),
        ("Editorial", "comment"),
        ("Case Reports", "case-report"),
        ("Review", "review"),
    ],
)
def test_publication_types_tell_the_design_where_the_text_does_not(name: str, expected: str) -> None:
    assert design("Ketamine and mood", publication_types=("Journal Article", name)) == expected


def test_a_case_report_with_two_cases_is_a_series() -> None:
    assert (
        design("Ketamine after trauma: a case report", "We report two cases of adults given ketamine.") == "case-series"
    )
    assert design("Ketamine", "We report a series of cases.", publication_types=("Case Reports",)) == "case-series"


def test_headings_tell_animal_work() -> None:
    animals = (MeshTerm(name="Animals"), MeshTerm(name="Ketamine"))
    assert design("Ketamine and synapses", mesh_terms=animals) == "preclinical"
    assert design("Ketamine and synapses", mesh_terms=(*animals, MeshTerm(name="Humans"))) != "preclinical"


def test_the_design_has_its_proof() -> None:
    tags = classify(Citation(title="Ketamine for depression: a cohort study"), KETAMINE)
    (proof,) = [evidence for evidence in tags.evidence if evidence.facet == "design"]
    assert (proof.value, proof.field, proof.words) == ("cohort", "title", "cohort study")


def test_young_and_male_rats_are_rats() -> None:
    assert design("Ketamine causes poor maternal care in rats and changes their male offspring") == "preclinical"
