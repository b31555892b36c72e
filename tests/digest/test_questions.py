"""One question has one tier: papers around an operation or a birth stand together in an edition."""

from __future__ import annotations

from typing import Any

import pytest

from harvester.digest.edition import Edition, dump_edition, load_edition, section_of
from harvester.digest.questions import find_joined, find_question
from harvester.digest.view import build_view, count_line, subject
from tests.digest.golden.digest_samples import WORDS, make_edition, make_study

BIRTH: dict[str, Any] = {"conditions": ("depression", "postpartum-depression"), "design": "review"}
DELIRIUM: dict[str, Any] = {"conditions": ("delirium",), "design": "rct"}
ADJACENT = {"tier": "adjacent"}


def sections(edition: Edition) -> dict[int, str]:
    """Return the section of each study by its number."""
    return {int(study.study_id[1:]): section_of(edition, study) for study in edition.studies}


@pytest.mark.parametrize(
    ("title", "fields", "question"),
    [
        ("Ketamine for mood after birth", BIRTH, "postpartum-depression"),
        ("Esketamine at caesarean section and depression", {"conditions": ("depression",)}, "postpartum-depression"),
        (
            "Esketamine and mood of young mothers",
            {"conditions": ("depression",), "population": ("postpartum-women",)},
            "postpartum-depression",
        ),
        ("Ketamine for confusion of the old", DELIRIUM, "delirium"),
        ("Postoperative depression and esketamine", {"conditions": ("depression",)}, "depression"),
        ("Esketamine under general anaesthesia and anxiety", {"conditions": ("anxiety",)}, "anxiety"),
        ("Esketamine anaesthesia for ECT", {"conditions": ("depression",)}, "depression, ECT"),
        ("Ketamine or electroconvulsive therapy", {"conditions": ("depression",)}, None),
        ("Mood after hysterectomy", {"conditions": ("depression",)}, "depression"),
        ("Sub-anesthetic ketamine for depression", {"conditions": ("depression",)}, None),
        ("Sub-anaesthesia doses of ketamine for depression", {"conditions": ("depression",)}, None),
        ("Ketamine for depression", {"conditions": ("depression",)}, None),
        (
            "Ketamine for depression of pregnant women",
            {"conditions": ("bipolar",), "population": ("pregnant-women",)},
            None,
        ),
        ("Ketamine after surgery", {"conditions": ()}, None),
        ("Ketamine for rats after surgery", {"conditions": ("depression",), "design": "preclinical"}, None),
    ],
)
def test_a_question_is_a_condition_around_an_operation_or_a_birth(
    title: str, fields: dict[str, Any], question: str | None
) -> None:
    assert find_question(make_study(1, title, **fields), WORDS) == question


def test_a_question_that_is_mostly_adjacent_is_adjacent_and_its_studies_are_counted_there() -> None:
    edition = make_edition(
        [
            make_study(1, **BIRTH),
            *(make_study(number, **BIRTH, **ADJACENT) for number in (2, 3)),
            make_study(4, design="rct", conditions=("depression",)),
            make_study(5, **DELIRIUM, **ADJACENT),
        ],
        sample=False,
    )
    assert edition.joined == ("S0000001",)
    assert sections(edition) == {4: "read-first", 1: "adjacent", 2: "adjacent", 3: "adjacent", 5: "adjacent"}
    assert [study.tags.tier for study in edition.studies] == ["core", "core", "adjacent", "adjacent", "adjacent"]
    assert count_line(edition).replace("\u00a0", " ") == "1 new: 1 randomised trial · 4 perioperative or adjacent"
    assert subject(edition).startswith("1 new")
    shown = [
        entry.study_id for part in build_view(edition).sections for group in part.groups for entry in group.entries
    ]
    assert sorted(shown) == ["S0000001", "S0000002", "S0000003", "S0000005"]
    assert load_edition(dump_edition(edition)) == edition


def test_a_question_that_is_mostly_core_is_core_and_so_is_a_tie() -> None:
    for core, adjacent in ((2, 1), (1, 1)):
        week = [make_study(number, design="rct", relevance=0.9) for number in (1, 2, 3)]
        week += [make_study(10 + number, **BIRTH) for number in range(core)]
        week += [make_study(20 + number, **BIRTH, **ADJACENT, relevance=0.3) for number in range(adjacent)]
        edition = make_edition(week, sample=False)
        assert edition.joined == ("S0000020",)
        assert set(sections(edition).values()) == {"read-first", "by-condition"}
        (group,) = next(part for part in build_view(edition).sections if part.name == "by-condition").groups
        assert group.heading == "Postpartum depression"
        assert group.entries[-1].study_id == "S0000020", "it does not outrank what is core by itself"
        assert "adjacent" not in count_line(edition)


def test_questions_do_not_mix_and_one_tier_stays_as_it_is() -> None:
    studies = [
        make_study(1, **BIRTH),
        *(make_study(number, **DELIRIUM, **ADJACENT) for number in (2, 3)),
        make_study(4, "Ketamine for depression", conditions=("depression",)),
        make_study(5, "Depression after surgery", conditions=("depression",), **ADJACENT),
    ]
    asked = [(study.study_id, study.tags.tier, find_question(study, WORDS)) for study in studies]
    assert find_joined(asked) == ()
    assert find_joined([]) == ()


def test_a_digest_without_one_of_the_sections_loses_nothing_to_it() -> None:
    studies = [make_study(1, **BIRTH), *(make_study(number, **BIRTH, **ADJACENT) for number in (2, 3))]
    for sections_ in (("by-condition",), ("adjacent", "map")):
        assert make_edition(studies, sections=sections_).joined == ()
    assert make_edition(studies, sections=("adjacent", "by-condition")).joined == ("S0000001",)
