"""The order within an edition: which papers are news, and which share a place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harvester.digest.follow import Follow
from harvester.digest.history import Known, count_known, count_syntheses
from harvester.digest.order import RULES, join_trials, weigh_rules
from harvester.digest.select import find_standings
from harvester.paper.records import Study
from harvester.paper.tags import Evidence
from harvester.tagging.ranking import DEFAULT_WEIGHTS, rank
from tests.digest.golden.digest_samples import WORDS, make_edition, make_study

NAMED = (Evidence(facet="compounds", value="ketamine", field="title", sentence="Ketamine", words="Ketamine"),)
TRIAL: dict[str, Any] = {"design": "rct", "sample_size": 60, "comparators": ("placebo",), "evidence": NAMED}
REVIEW: dict[str, Any] = {"design": "meta-analysis", "evidence": NAMED, "direction": "favours"}


def order_of(*studies: Study) -> list[int]:
    """Return the numbers of the core studies of an edition, in its order."""
    standings = find_standings(
        studies, words=WORDS, weights=DEFAULT_WEIGHTS, follow=Follow(), known=Known(), today="2026-11-23"
    )
    return [int(study.study_id[1:]) for study in make_edition(studies, standings=standings).studies]


MIDAZOLAM = TRIAL | {"comparators": ("midazolam",)}
COHORT: dict[str, Any] = {"design": "cohort", "sample_size": 40, "evidence": NAMED}
SAID_IN_TITLE = (*NAMED, Evidence(facet="topics", value="safety", field="title", sentence="Harm", words="Harm"))
HARM = COHORT | {"evidence": SAID_IN_TITLE, "sample_size": 40_000}
AGAIN = MIDAZOLAM | {"analysis": "secondary"}
ABSTRACT_ONLY = (replace(NAMED[0], field="abstract"),)
OPERATION = TRIAL | {"title": "Ketamine before abdominal surgery", "conditions": ("depression",)}

# By the rules of the order: what it asks, what stands first, what stands behind it.
PAIRS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("1 null raises", TRIAL | {"direction": "no-difference"}, TRIAL | {"direction": "favours"}),
    (
        "1 null raises in few people, too",
        MIDAZOLAM | {"direction": "no-difference", "sample_size": 36},
        MIDAZOLAM | {"direction": "favours", "sample_size": 36},
    ),
    (
        "1 null of few does not crowd out many",
        TRIAL | {"direction": "favours", "sample_size": 170},
        TRIAL | {"direction": "no-difference", "sample_size": 30},
    ),
    ("1 active above saline", MIDAZOLAM, TRIAL),
    ("1 what is no treatment is not active", MIDAZOLAM, TRIAL | {"comparators": ("no ketamine", "healthy controls")}),
    ("1 an active placebo is felt", TRIAL | {"comparators": ("active placebo",)}, TRIAL),
    ("1 saline above before and after", TRIAL, TRIAL | {"design": "open-label-trial", "comparators": ()}),
    ("2 a trial above what sums up", TRIAL, REVIEW | {"sample_size": 9000}),
    ("2 what unsettles", REVIEW | {"direction": "no-difference"}, REVIEW),
    ("2 patient-level", REVIEW | {"title": "An individual patient data meta-analysis"}, REVIEW),
    ("2 audit", REVIEW | {"title": "Functional unblinding in trials of ketamine"}, REVIEW),
    ("2 double-blind is no audit", REVIEW | {"sample_size": 900}, REVIEW | {"title": "Double-blind trials: a review"}),
    ("2 pooled above told", REVIEW, REVIEW | {"design": "review"}),
    ("3 a large look at harm stands with trials", HARM, MIDAZOLAM | {"analysis": "secondary"}),
    ("3 and above one more synthesis", HARM, REVIEW | {"sample_size": 9000}),
    ("3 but not above a first controlled result", TRIAL, HARM),
    ("3 whatever was seen", HARM | {"direction": "no-difference"}, COHORT | {"sample_size": 40_000}),
    (
        "3 long",
        HARM | {"sample_size": 50, "follow_up": "2 years"},
        COHORT | {"sample_size": 50, "follow_up": "2 years"},
    ),
    (
        "3 a few cases are not followed for long",
        COHORT | {"sample_size": 40, "follow_up": "6 weeks"},
        HARM | {"sample_size": 8, "follow_up": "26 weeks", "design": "case-series"},
    ),
    ("3 cost", {"design": "economic", "sample_size": 5000, "evidence": NAMED}, COHORT | {"design": "cross-sectional"}),
    ("4 secondary", TRIAL, MIDAZOLAM | {"analysis": "secondary"}),
    ("4 imaging", TRIAL, TRIAL | {"title": "Imaging in a trial"}),
    ("4 blood", TRIAL, TRIAL | {"title": "Serum BDNF in a trial"}),
    ("4 genes", TRIAL, TRIAL | {"title": "Genome-wide analysis in a trial"}),
    ("4 within groups", TRIAL, TRIAL | {"title": "Factors associated with response in a trial", "sample_size": 900}),
    ("4 a brain injury is no picture", TRIAL | {"title": "A trial after brain injury"}, TRIAL | {"title": "PET"}),
    ("4 pooled trials", TRIAL, TRIAL | {"title": "Sleep: results from three phase 3 trials"}),
    ("4 one outcome of a trial", TRIAL, MIDAZOLAM | {"title": "Cognitive outcomes from the randomised Moon study"}),
    ("4 post hoc", TRIAL, TRIAL | {"title": "A trial: a post hoc analysis", "sample_size": 900, "follow_up": "1 year"}),
    ("4 a large comparison is kept", AGAIN | {"sample_size": 300}, AGAIN | {"sample_size": 190, "follow_up": "1 year"}),
    ("4 but no predictors in it", AGAIN | {"sample_size": 300}, AGAIN | {"sample_size": 900, "title": "Predictors"}),
    ("4 kept, and below a first report", MIDAZOLAM | {"sample_size": 300}, AGAIN | {"sample_size": 300}),
    (
        "5 nearly all respond",
        COHORT,
        COHORT | {"sample_size": 90, "key_finding": "The response rate was 92% after four weeks."},
    ),
    (
        "5 an interval is no rate",
        COHORT | {"sample_size": 90, "key_finding": "Response was 54% (95% CI 40 to 68)."},
        COHORT,
    ),
    (
        "5 fewer deaths",
        COHORT,
        COHORT
        | {
            "sample_size": 9000,
            "comparators": ("fluoxetine",),
            "direction": "favours",
            "key_finding": "Mortality was lower with ketamine.",
        },
    ),
    ("6 one of many drugs in a review", REVIEW, REVIEW | {"evidence": ()}),
    (
        "6 one of many drugs in a register",
        COHORT,
        COHORT | {"sample_size": 90_000, "evidence": ABSTRACT_ONLY, "key_finding": "Antidepressants differed."},
    ),
    (
        "6 the finding names it",
        COHORT | {"evidence": ABSTRACT_ONLY, "key_finding": "Ketamine was safe."},
        COHORT | {"evidence": ABSTRACT_ONLY, "key_finding": "Antidepressants were."},
    ),
    ("6 an operation", TRIAL, OPERATION | {"follow_up": "48 hours"}),
    ("6 what lasts after it", OPERATION | {"follow_up": "3 months"}, OPERATION | {"follow_up": "7 days"}),
]


@pytest.mark.parametrize(("first", "second"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_what_is_more_of_an_answer_stands_first(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert order_of(make_study(1, **first), make_study(2, **second)) == [1, 2]
    assert order_of(make_study(1, **second), make_study(2, **first)) == [2, 1]


def test_a_week_with_many_null_trials_does_not_hold_them_alone() -> None:
    """Of five to read first, small trials that show nothing leave room for what larger ones show."""
    nulls = [make_study(n, **TRIAL | {"direction": "no-difference", "sample_size": 20 + n}) for n in range(1, 7)]
    shown = [
        make_study(n, **TRIAL | {"direction": "favours", "sample_size": 150 + n, "conditions": (name,)})
        for n, name in enumerate(("ptsd", "ocd", "bipolar"), 11)
    ]
    rest = [make_study(n, design="case-report") for n in range(21, 35)]
    first = {*order_of(*nulls, *shown, *rest)[:4]}
    assert first.issuperset({11, 12, 13})


def test_the_ninth_synthesis_of_a_question_sinks_and_the_first_in_a_population_does_not() -> None:
    young = REVIEW | {"conditions": ("ptsd",), "population": ("adolescents",)}
    study = make_study(1, **REVIEW | {"conditions": ("ptsd",)})
    seen = [(("ptsd",), "review", (), "2024-01-01")] * 8 + [(("ocd",), "rct", (), "2024-01-01")]
    known = count_known(seen)
    held = count_syntheses(study, WORDS, known, today="2026-11-23")
    assert held == 8
    assert weigh_rules(study, summed_up=held) < weigh_rules(study, summed_up=7) == weigh_rules(study)
    first = make_study(2, **young)
    assert count_syntheses(first, WORDS, known, today="2026-11-23") == 0
    assert weigh_rules(first, summed_up=0) > weigh_rules(first, summed_up=7)
    assert count_syntheses(first, WORDS, Known(), today="2026-11-23") is None, "of a library that has met little"
    assert count_syntheses(make_study(3), WORDS, known, today="2026-11-23") is None, "without a condition"
    standings = find_standings(
        [study, first], words=WORDS, weights=DEFAULT_WEIGHTS, follow=Follow(), known=known, today="2026-11-23"
    )
    assert standings["S0000002"].order > standings["S0000001"].order


def test_no_rule_outweighs_the_design_and_each_is_told_in_words() -> None:
    assert all(abs(rule.step) <= 0.5 and rule.what for rule in RULES)
    assert weigh_rules(make_study(1)) == 0


def test_a_head_count_that_cannot_be_had_is_left_out_of_the_mean() -> None:
    answers: dict[str, Any] = {"tier": "core", "follow_up": None, "in_title": True, "comparators": ()}
    unsaid, _ = rank(design="meta-analysis", sample_size=None, **answers)
    few, _ = rank(design="meta-analysis", sample_size=5, **answers)
    many, _ = rank(design="meta-analysis", sample_size=5000, **answers)
    assert few < unsaid < many
    assert rank(design="rct", sample_size=None, **answers)[0] < rank(design="rct", sample_size=5, **answers)[0]


def test_papers_of_one_trial_stand_together() -> None:
    numbers = ("NCT00000001", "2015-001234-12")
    studies = [
        make_study(1, design="rct", trial_ids=numbers),
        make_study(2, design="rct"),
        make_study(3, design="review", trial_ids=numbers),
        make_study(4, design="cohort", trial_ids=numbers[1:]),
    ]
    assert [study.study_id[-1] for study in join_trials(studies)] == ["1", "4", "2", "3"]
    assert join_trials([]) == []


def test_what_is_alike_takes_one_place_of_what_to_read_first() -> None:
    alike = [
        *(make_study(number, design="cohort", relevance=0.9, published="2026") for number in (1, 2)),
        *(
            make_study(number, design="review", conditions=("ptsd",), relevance=0.8, published="2026")
            for number in (3, 4)
        ),
        *(make_study(number, design="rct", trial_ids=("NCT01",), relevance=0.7, published="2026") for number in (5, 6)),
    ]
    assert make_edition(alike).read_first == ("S0000001", "S0000003", "S0000005")
    assert make_edition(alike[:3]).read_first == ("S0000001", "S0000003", "S0000002"), "where there is room"
    same: dict[str, Any] = {"design": "rct", "conditions": ("ptsd",), "routes": ("oral",), "published": "2026"}
    trials = [make_study(n, **same | {"comparators": ("midazolam",)}, relevance=0.9 - n / 100) for n in (1, 2, 3)]
    others = [
        make_study(4, **same | {"comparators": ("placebo",)}),
        make_study(5, **same | {"comparators": ("midazolam",), "conditions": ("ocd",)}),
        make_study(6, **same | {"comparators": ("midazolam",), "routes": ("intravenous",)}),
    ]
    assert make_edition([*trials, *others]).read_first == ("S0000001", "S0000004", "S0000005")
    questions = [
        make_study(place, design="review", conditions=(name,)) for place, name in enumerate(("ptsd", "ocd"), 1)
    ]
    assert len(make_edition([*questions, make_study(3, design="rct")]).read_first) == 3


def test_a_first_of_its_kind_rises_to_the_third_place_at_most() -> None:
    sizes = (900, 500, 250, 120, 60)
    studies = [make_study(number, design="rct", sample_size=size) for number, size in enumerate(sizes, 1)]
    standings = find_standings(
        studies, words=WORDS, weights=DEFAULT_WEIGHTS, follow=Follow(), known=Known(), today="2026-11-23"
    )
    raised = standings["S0000004"]
    standings["S0000004"] = replace(raised, order=raised.order + 1)
    numbers = [int(study.study_id[1:]) for study in make_edition(studies, standings=standings).studies]
    assert numbers == [1, 2, 4, 3, 5]
