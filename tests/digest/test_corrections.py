"""What readers are told of a user's corrections, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harvester.digest.corrections import describe_corrections
from harvester.digest.markup import weigh
from harvester.paper.tags import Tags
from tests.digest.golden.digest_samples import WORDS

FINDING = "Scores fell more with ketamine. … The difference was 4.2 points."


@pytest.mark.parametrize(
    ("finding", "told"),
    [
        ("It fell.", "Finding: “It fell.”"),
        (FINDING, "Finding: “Scores fell more with ketamine.” “The difference was 4.2 points.”"),
        ("It fell " + "and fell " * 40 + ".", "Another sentence states the finding."),
        (None, "The sentence that was quoted does not state the finding."),
        ("It rose.", ""),
    ],
)
def test_a_finding_is_told_in_whole_sentences_or_not_at_all(finding: str | None, told: str) -> None:
    before = Tags(key_finding="It rose.")
    assert describe_corrections(before, replace(before, key_finding=finding), ["key_finding"], WORDS) == told


def test_the_finding_comes_last_where_there_is_room_beside_the_others() -> None:
    before = Tags(design="rct", key_finding="It rose.")
    now = replace(before, design="cohort", key_finding=FINDING, dose=("0.5 mg/kg",))
    assert describe_corrections(before, now, ["key_finding", "design"], WORDS) == (
        "Design: cohort, not randomised trial. "
        "Finding: “Scores fell more with ketamine.” “The difference was 4.2 points.”"
    )
    long = replace(now, comparators=tuple(f"a comparator with the number {number}" for number in range(8)))
    told = describe_corrections(before, long, ["key_finding", "design", "comparators"], WORDS)
    assert told.endswith(" Another sentence states the finding.")
    assert weigh(told) > 300, "the others are told whole"


def test_what_nobody_read_is_not_told() -> None:
    before = Tags(topics=("safety",), tier="core", relevance=0.5)
    now = Tags(topics=("misuse",), tier="adjacent", relevance=0.3)
    assert describe_corrections(before, now, ["topics", "tier", "relevance"], WORDS) == ""
