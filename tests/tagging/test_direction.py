"""Which way a finding points.  The papers are invented."""

from __future__ import annotations

import pytest

from harvester.paper.records import AbstractSection, Citation
from harvester.paper.tags import Tags
from harvester.tagging import classify, direction, load_vocabulary
from harvester.tagging.reading import Reading
from harvester.tagging.size import count_people
from harvester.tagging.tagger import prove_tags

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


OPEN = "METHODS: Nineteen sailors with depression received ketamine."
CHALLENGE = "METHODS: Twenty healthy volunteers were given ketamine or placebo in a randomised crossover study."
USERS = "METHODS: We compared 40 recreational ketamine users with 40 non-users in a cross-sectional survey."
REVIEW = "METHODS: Two databases were searched for this systematic review."
# Each kind in two rewordings: what it shows, the title, the methods, the rest, the direction.
KINDS = [
    (
        "no compound",
        "Ketamine at sea: an open-label trial",
        OPEN,
        "RESULTS: Mean depression scores decreased significantly from 29 to 12 (p < 0.001).",
        "favours",
    ),
    (
        "no compound",
        "Ketamine at sea: an open-label trial",
        OPEN,
        "CONCLUSIONS: These results suggest that the two together led to lasting improvement.",
        "favours",
    ),
    ("a noun", "Ketamine at sea", METHODS, "CONCLUSIONS: The trial supports the efficacy of ketamine.", "favours"),
    ("a noun", "Ketamine at sea", METHODS, "CONCLUSIONS: Ketamine exerts robust antidepressant effects.", "favours"),
    ("two things", "Ketamine at sea", METHODS, "CONCLUSIONS: Ketamine led to higher depression remission.", "favours"),
    ("two things", "Ketamine at sea", METHODS, "CONCLUSIONS: Ketamine increased distress tolerance.", "favours"),
    (
        "no effect",
        "Ketamine and sleep",
        METHODS,
        "CONCLUSIONS: Ketamine did not affect sleep.",
        "no-difference",
    ),
    (
        "no effect",
        "Ketamine and sleep",
        METHODS,
        "CONCLUSIONS: Ketamine had little effect on sleep.",
        "no-difference",
    ),
    (
        "what is concluded comes first",
        "Ketamine at sea",
        METHODS,
        "RESULTS: Depression scores fell by 12 points with ketamine. CONCLUSIONS: Ketamine was not more effective.",
        "no-difference",
    ),
    (
        "what is concluded comes first",
        "Ketamine at sea",
        METHODS,
        "RESULTS: Anxiety did not differ between the groups. CONCLUSIONS: Ketamine relieved depression.",
        "favours",
    ),
    ("half of it", "Ketamine at sea", METHODS, "CONCLUSIONS: Ketamine relieved depression, but not in men.", "mixed"),
    (
        "half of it",
        "Ketamine or sertraline",
        METHODS,
        "CONCLUSIONS: Ketamine reduced anxiety faster, while sertraline eased it for longer.",
        "mixed",
    ),
    (
        "doubted",
        "Ketamine at sea: a systematic review",
        REVIEW,
        "RESULTS: Ketamine reduced depression in three trials. CONCLUSIONS: Evidence for longer use remains lacking.",
        "mixed",
    ),
    (
        "doubted",
        "Ketamine at sea: a systematic review",
        REVIEW,
        "RESULTS: Ketamine relieved anxiety. CONCLUSIONS: There is insufficient evidence to recommend it to sailors.",
        "mixed",
    ),
    ("those given", "Lithium", METHODS, "CONCLUSIONS: Mood improved more than in those given ketamine.", "against"),
    (
        "those given",
        "ECT",
        METHODS,
        "CONCLUSIONS: ECT eased depression more than treatment with ketamine.",
        "against",
    ),
    ("a challenge", "Ketamine and memory", CHALLENGE, "CONCLUSIONS: Ketamine impaired verbal memory.", "against"),
    ("a challenge", "Ketamine and reading", CHALLENGE, "CONCLUSIONS: Ketamine induced cognitive deficits.", "against"),
    (
        "users",
        "Memory of recreational ketamine users: a survey of misuse",
        USERS,
        "RESULTS: Ketamine users showed memory deficits.",
        "against",
    ),
    (
        "users",
        "Mood of recreational ketamine users: a survey of misuse",
        USERS,
        "RESULTS: Ketamine users had more severe depressive symptoms.",
        "against",
    ),
    ("of the body", "Ketamine at sea", METHODS, "CONCLUSIONS: Ketamine reduced plasma cytokine levels.", None),
    ("of the body", "Ketamine at sea", METHODS, "CONCLUSIONS: Ketamine increased cortical glutamate.", None),
    (
        "why, not whether",
        "Brain connectivity after ketamine for depression",
        METHODS,
        "RESULTS: Scores improved. CONCLUSIONS: Connectivity of the amygdala fell with ketamine.",
        None,
    ),
    (
        "why, not whether",
        "Predictors of response to ketamine",
        METHODS,
        "CONCLUSIONS: Sleep predicted a greater reduction in depression after ketamine.",
        None,
    ),
    (
        "harm is asked",
        "Safety of ketamine for sailors: an open-label trial",
        OPEN,
        "CONCLUSIONS: These results suggest that ketamine is safe and well tolerated in sailors with depression.",
        "favours",
    ),
    (
        "harm is asked",
        "Tolerability of ketamine in sailors",
        METHODS,
        "CONCLUSIONS: Ketamine did not significantly increase adverse events compared with midazolam in depression.",
        "favours",
    ),
    (
        "as good as elsewhere",
        "Ketamine for sailors: an open-label trial",
        OPEN,
        "CONCLUSIONS: Ketamine reduced depression, with similar effects in young and old sailors.",
        "favours",
    ),
    (
        "as good as elsewhere",
        "Ketamine for sailors",
        METHODS,
        "CONCLUSIONS: Ketamine was effective, with benefits comparable to those of published trials.",
        "favours",
    ),
    ("another drug", "Clonidine against ketamine-induced fear", METHODS, "CONCLUSIONS: Clonidine relieved it.", None),
    ("another drug", "Ketamine-induced delirium", METHODS, "CONCLUSIONS: Clonidine was superior to placebo.", None),
    ("all improved", "Ketamine at sea", METHODS, "RESULTS: Depression scores improved in both groups.", None),
    ("all improved", "Ketamine at sea", METHODS, "RESULTS: Anxiety was reduced in all arms with ketamine.", None),
    ("a plan", "Ketamine at sea: study design of a trial", METHODS, "CONCLUSIONS: Ketamine reduced depression.", None),
    ("if", "Ketamine at sea", METHODS, "CONCLUSIONS: If ketamine reduces depression, sailors will benefit.", None),
    # each below in a wording that counts and one that does not
    (
        "its own clause",
        "Ketamine and recall",
        METHODS,
        "CONCLUSIONS: Ketamine was not harmful but beneficial.",
        "favours",
    ),
    ("its own clause", "Ketamine and recall", METHODS, "CONCLUSIONS: Ketamine was not beneficial.", "no-difference"),
    (
        "a want of it",
        "Ketamine at sea",
        METHODS,
        "CONCLUSIONS: The trial of ketamine suggests a lack of clinical efficacy.",
        "no-difference",
    ),
    (
        "less of an ill",
        "Ketamine at sea",
        METHODS,
        "CONCLUSIONS: Ketamine led to less anxiety than midazolam.",
        "favours",
    ),
    (
        "less of a good",
        "Ketamine at sea",
        METHODS,
        "CONCLUSIONS: Ketamine produced less improvement than ECT.",
        "against",
    ),
    ("of no ill", "Ketamine at sea", METHODS, "CONCLUSIONS: Ketamine had adverse effects.", None),
    ("a trend", "Ketamine at sea", METHODS, "CONCLUSIONS: A trend suggests that ketamine may act faster.", None),
    ("no trend", "Ketamine at sea", METHODS, "CONCLUSIONS: The trial suggests that ketamine acts faster.", "favours"),
    ("a promise", "Ketamine at sea", METHODS, "CONCLUSIONS: This will lead to more effective treatments.", None),
    (
        "of the work",
        "Ketamine at sea",
        METHODS,
        "CONCLUSIONS: These findings are valuable knowledge on ketamine.",
        None,
    ),
    (
        "it fades",
        "Ketamine at sea",
        METHODS,
        "CONCLUSIONS: Ketamine relieved anxiety; however, this benefit was not sustained.",
        "mixed",
    ),
    (
        "what fades is beside it",
        "Ketamine at sea",
        METHODS,
        "CONCLUSIONS: Ketamine relieved anxiety and was well tolerated.",
        "favours",
    ),
    (
        "only some",
        "Ketamine at sea",
        METHODS,
        "CONCLUSIONS: Only patients without insomnia (27 of 84; p = 0.02) benefited from ketamine.",
        "mixed",
    ),
    (
        "not only some",
        "Ketamine at sea",
        METHODS,
        "CONCLUSIONS: Patients without insomnia (27 of 84; p = 0.02) benefited from ketamine.",
        "favours",
    ),
    (
        "the primary outcome",
        "Ketamine for cluster headache: an open-label trial",
        OPEN,
        "RESULTS: The primary endpoint was not met. CONCLUSIONS: Ketamine may relieve headache within an hour.",
        "mixed",
    ),
    (
        "a secondary outcome",
        "Ketamine for cluster headache: an open-label trial",
        OPEN,
        "RESULTS: A secondary endpoint was not met. CONCLUSIONS: Ketamine may relieve headache within an hour.",
        "favours",
    ),
    (
        "all improved alike",
        "Ketamine or light: a retrospective cohort study",
        "METHODS: We read the charts of 30 patients with depression who were given ketamine or light.",
        "CONCLUSIONS: Depression scores fell, with no significant differences between the two treatment groups.",
        "no-difference",
    ),
    (
        "alike in side effects",
        "Ketamine or light: a retrospective cohort study",
        "METHODS: We read the charts of 30 patients with depression who were given ketamine or light.",
        "CONCLUSIONS: Ketamine reduced depression, with no differences in side effects between the groups.",
        "favours",
    ),
    (
        "what bears on it",
        "Ketamine in anxious depression: an open-label trial",
        OPEN,
        "CONCLUSIONS: The improvement after ketamine was not influenced by anxiety.",
        None,
    ),
    (
        "what goes with it",
        "Dissociation under ketamine",
        METHODS,
        "CONCLUSIONS: No evidence was found that dissociative effects are associated with its antisuicidal action.",
        None,
    ),
    (
        "groups of patients are alike",
        "Ketamine at sea: a retrospective cohort study",
        "METHODS: We read the charts of 30 sailors with depression who were given ketamine.",
        "RESULTS: Similar antidepressant effects of ketamine were seen in young and old sailors.",
        None,
    ),
    (
        "treatments are alike",
        "Ketamine or esketamine at sea: a retrospective cohort study",
        "METHODS: We read the charts of 30 sailors with depression who were given ketamine or esketamine.",
        "RESULTS: Ketamine and esketamine had similar antidepressant effects.",
        "no-difference",
    ),
    (
        "a better one",
        "Ketamine or sertraline",
        METHODS,
        "CONCLUSIONS: Ketamine may be a better add-on treatment for depression than sertraline.",
        "favours",
    ),
    ("a better future", "Ketamine at sea", METHODS, "CONCLUSIONS: This may bring better ketamine treatment.", None),
    (
        "harm was asked",
        "Side effects of ketamine at sea",
        METHODS,
        "CONCLUSIONS: These results show that ketamine significantly increased adverse events in depression.",
        "against",
    ),
    (
        "harm was not asked",
        "Ketamine at sea",
        METHODS,
        "CONCLUSIONS: These results show that ketamine significantly increased adverse events in depression.",
        None,
    ),
    (
        "an antidote",
        "Clonidine reduces ketamine-induced memory deficits",
        CHALLENGE,
        "RESULTS: Ketamine impaired memory. Clonidine reduced ketamine-induced memory deficits.",
        "favours",
    ),
    (
        "an antidote",
        "Clonidine fails to reduce ketamine-induced memory deficits",
        CHALLENGE,
        "RESULTS: Ketamine impaired memory. Clonidine did not reduce ketamine-induced memory deficits.",
        "no-difference",
    ),
    (
        "a title that tells",
        "Ketamine leads to an increase in suicidal thoughts: a case report",
        "CASE: A sailor of 40 with depression received ketamine.",
        "RESULTS: Ketamine led to an improvement of depression. The thoughts came back.",
        "against",
    ),
    ("a title that asks", "Is ketamine effective at sea?", METHODS, "CONCLUSIONS: Sailing is hard.", None),
    ("a title that tells", "Ketamine relieves anxiety at sea", METHODS, "CONCLUSIONS: Sailing is hard.", "favours"),
]


@pytest.mark.parametrize(("shows", "title", "methods", "rest", "expected"), KINDS, ids=lambda value: str(value)[:50])
def test_kinds(
    monkeypatch: pytest.MonkeyPatch, shows: str, title: str, methods: str, rest: str, expected: str | None
) -> None:
    monkeypatch.setattr(direction, "_LIKELY", 0.0)  # what is read, however sure it is
    text = f"{methods} {rest}"
    reading = Reading(Citation(title=title, abstract=(AbstractSection(text=text),)), KETAMINE)
    proofs = prove_tags(reading, count_people(reading))["direction"]
    assert (proofs[0].value if proofs else None) == expected, shows
