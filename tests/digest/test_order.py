"""The order within an edition: which papers are news, and which share a place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harvester.digest.follow import Follow
from harvester.digest.history import Known
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


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TRIAL | {"direction": "no-difference"}, TRIAL | {"direction": "favours"}),
        (TRIAL | {"comparators": ("midazolam",)}, TRIAL),
        (TRIAL, TRIAL | {"title": "Imaging in a trial"}),
        (TRIAL, TRIAL | {"title": "Sleep: results from three phase 3 trials"}),
        (TRIAL, TRIAL | {"title": "A trial: a post hoc analysis", "sample_size": 900, "follow_up": "1 year"}),
        (TRIAL, REVIEW | {"sample_size": 9000}),
        (REVIEW | {"direction": "no-difference"}, REVIEW),
        (REVIEW | {"title": "An individual patient data meta-analysis"}, REVIEW),
        (REVIEW, REVIEW | {"evidence": ()}),
        (REVIEW, REVIEW | {"design": "review"}),
        (
            {"design": "cohort", "sample_size": 40, "evidence": NAMED},
            {
                "design": "cohort",
                "sample_size": 90,
                "evidence": NAMED,
                "key_finding": "The response rate was 92% after four weeks.",
            },
        ),
        (
            {"design": "cohort", "sample_size": 40, "evidence": NAMED},
            {
                "design": "cohort",
                "sample_size": 9000,
                "evidence": NAMED,
                "comparators": ("fluoxetine",),
                "direction": "favours",
                "key_finding": "Mortality was lower with ketamine.",
            },
        ),
    ],
)
def test_what_is_more_of_an_answer_stands_first(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert order_of(make_study(1, **first), make_study(2, **second)) == [1, 2]
    assert order_of(make_study(1, **second), make_study(2, **first)) == [2, 1]


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
