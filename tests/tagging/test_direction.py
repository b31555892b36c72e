"""Which way a finding points.  The papers are invented."""

from __future__ import annotations

import pytest

from harvester.paper.records import AbstractSection, Citation
from harvester.paper.tags import Tags
from harvester.tagging import classify, load_vocabulary

KETAMINE = load_vocabulary("ketamine")
METHODS = "METHODS: We randomised 84 adults with depression to ketamine or midazolam."


def tag(conclusion: str, *, title: str = "Ketamine for depression", methods: str = METHODS) -> Tags:
    text = f"{methods} CONCLUSIONS: {conclusion}"
    return classify(Citation(title=title, abstract=(AbstractSection(text=text),)), KETAMINE)


DIRECTIONS = [
    ("an ill is lowered", "Ketamine reduced depressive symptoms more than midazolam.", "favours"),
    ("a good is raised", "Ketamine produced higher response rates than placebo.", "favours"),
    ("a greater reduction is one", "Ketamine led to a greater reduction in depression scores.", "favours"),
    ("said outright", "Esketamine was superior to quetiapine in depression.", "favours"),
    ("after the compound", "Depressive symptoms improved after ketamine.", "favours"),
    ("what it prevents", "Ketamine lowered the incidence of postpartum depression.", "favours"),
    ("against suicidal thoughts", "Ketamine had anti-suicidal effects in depression.", "favours"),
    ("safety beside it", "Ketamine is effective in depression and was well tolerated.", "favours"),
    ("without harm", "Ketamine reduced depression without increasing adverse events.", "favours"),
    ("a good is lowered", "Ketamine was associated with lower remission rates than placebo in depression.", "against"),
    ("an ill is raised", "Ketamine increased the incidence of delirium.", "against"),
    ("the other one did better", "Electroconvulsive therapy was superior to ketamine in depression.", "against"),
    ("worse", "Ketamine was inferior to electroconvulsive therapy in depression.", "against"),
    ("denied", "Ketamine did not reduce depressive symptoms compared with midazolam.", "no-difference"),
    ("no difference", "There was no significant difference between ketamine and midazolam.", "no-difference"),
    ("not inferior", "Ketamine was noninferior to electroconvulsive therapy.", "no-difference"),
    ("not noninferior", "Ketamine was not noninferior to electroconvulsive therapy.", "against"),
    ("failed", "Ketamine failed to reduce suicidal ideation.", "no-difference"),
    ("equally", "Ketamine and midazolam were equally effective in depression.", "no-difference"),
    ("both", "Ketamine did not reduce depression but did significantly lower pain scores.", "mixed"),
    ("a predictor", "Younger age predicted a better response to ketamine in depression.", None),
    ("an occasion", "Response to ketamine was lower in older patients with depression.", None),
    ("what it causes is another's matter", "Midazolam was effective against ketamine-induced dissociation.", None),
    ("in brackets", "Ketamine changed connectivity in depression (improved sleep in one patient).", None),
    ("a prefix takes it back", "Ketamine showed non-improvement of connectivity in depression.", None),
    ("only tolerability", "Ketamine was better tolerated than midazolam in depression.", None),
    ("fewer sessions needed", "Ketamine reduced the number of sessions required for remission of depression.", None),
    ("hopes", "Larger trials of ketamine in depression are needed.", None),
]


@pytest.mark.parametrize(("shows", "conclusion", "expected"), DIRECTIONS, ids=lambda value: str(value)[:40])
def test_directions(shows: str, conclusion: str, expected: str | None) -> None:
    tags = tag(conclusion)
    assert tags.direction == expected, shows
    proofs = [proof for proof in tags.evidence if proof.facet == "direction"]
    assert bool(proofs) == (expected is not None)
    assert all(proof.words in proof.sentence and proof.sentence in conclusion for proof in proofs)


def test_a_mixed_finding_has_two_proofs() -> None:
    tags = tag("Ketamine did not reduce depression but did significantly lower pain scores.")
    assert [proof.words for proof in tags.evidence if proof.facet == "direction"] == ["reduce", "lower"]


def test_the_numbers_decide_where_the_finding_does_not() -> None:
    text = (
        f"{METHODS} RESULTS: Depression scores fell more with ketamine than with midazolam "
        "(difference −5.8 points, 95% CI −8.9 to −2.7). CONCLUSIONS: Ketamine acts on depression."
    )
    tags = classify(Citation(title="Ketamine for depression", abstract=(AbstractSection(text=text),)), KETAMINE)
    assert tags.direction == "favours"


@pytest.mark.parametrize(
    ("shows", "title", "methods"),
    [
        ("a plan has found nothing", "Ketamine for depression: study protocol", METHODS),
        (
            "a challenge of healthy people treats nobody",
            "Ketamine and memory",
            "METHODS: 20 healthy volunteers got it.",
        ),
        (
            "use outside of medicine is no treatment",
            "Recreational ketamine use and depression: a retrospective cohort of ketamine users",
            "METHODS: We followed 90 recreational ketamine users.",
        ),
        ("a survey observes", "Ketamine and depression: an online survey", "METHODS: We surveyed 90 adults."),
    ],
)
def test_who_treats_nobody_has_no_direction(shows: str, title: str, methods: str) -> None:
    assert tag("Ketamine improved scores.", title=title, methods=methods).direction is None, shows
