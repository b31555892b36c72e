"""What an edition holds and in which order: input studies, expected order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.digest.edition import Change, dump_edition, load_edition
from harvester.digest.fieldmap import count_map
from harvester.ground.errors import LibraryError
from harvester.paper.records import Study
from tests.digest.golden.digest_samples import CHANGES, GOLDEN, WEEK, WORDS, make_edition, make_study


def ids(studies: tuple[Study, ...]) -> list[int]:
    return [int(study.study_id[1:]) for study in studies]


def test_core_comes_before_adjacent_and_off_topic_is_only_counted() -> None:
    edition = make_edition(
        [
            make_study(1, tier="adjacent", relevance=0.9),
            make_study(2, tier="core", relevance=0.1),
            make_study(3, tier="off-topic", relevance=1.0),
        ]
    )
    assert ids(edition.studies) == [2, 1]
    assert edition.off_topic == 1


def test_rank_is_relevance_then_newest_then_study_id() -> None:
    edition = make_edition(
        [
            make_study(5, relevance=0.5, published="2026-11-03"),
            make_study(4, relevance=0.5, published="2026-11-03"),
            make_study(3, relevance=0.5, published="2026-11"),
            make_study(2, relevance=0.5, published=None),
            make_study(1, relevance=0.4, published="2026-11-20"),
            make_study(6, relevance=0.5, published="2027-01", published_online="2026-11-09"),
        ]
    )
    assert ids(edition.studies) == [6, 4, 5, 3, 2, 1]


@given(st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(shuffler: random.Random) -> None:
    studies, changes = list(WEEK), list(CHANGES)
    shuffler.shuffle(studies)
    shuffler.shuffle(changes)
    assert make_edition(studies, changes) == make_edition(WEEK, CHANGES)


@pytest.mark.parametrize(("core", "first"), [(0, 0), (1, 1), (3, 3), (15, 3), (16, 4), (19, 4), (20, 5), (60, 5)])
def test_read_first_is_three_to_five(core: int, first: int) -> None:
    edition = make_edition([make_study(number, design="rct") for number in range(1, core + 1)])
    assert len(edition.read_first) == first


def test_read_first_prefers_results() -> None:
    edition = make_edition(
        [
            make_study(1, design="protocol", relevance=0.9),
            make_study(2, design="comment", relevance=0.9),
            make_study(3, design="preclinical", relevance=0.9),
            make_study(4, design="cohort", relevance=0.1),
        ]
    )
    assert edition.read_first == ("S0000004",)


def test_read_first_takes_what_there_is() -> None:
    edition = make_edition([make_study(1, design="protocol"), make_study(2, tier="adjacent", relevance=1.0)])
    assert edition.read_first == ("S0000001",)


@pytest.mark.parametrize("status", ["retracted", "withdrawn", "concern"])
def test_what_is_in_doubt_is_never_read_first(status: str) -> None:
    edition = make_edition([make_study(1, design="rct", status=status)])
    assert edition.read_first == ()
    assert ids(edition.studies) == [1]


def test_changes_come_the_gravest_first() -> None:
    kinds = ("deleted", "in-print", "published", "corrected", "concern", "withdrawn", "retracted", "renamed")
    changes = [
        Change(study=make_study(number), kind=kind, at="2026-11-18", sent_in="2026-W40")
        for number, kind in enumerate(kinds, start=1)
    ]
    assert [change.kind for change in make_edition(changes=changes).changes] == [*reversed(kinds[:-1]), "renamed"]


def test_map_counts_a_study_once_under_each_condition_and_the_broader_one() -> None:
    """Whether the tags hold the broader one or not."""
    cells = count_map(
        [
            (("depression", "treatment-resistant-depression", "ptsd"), "rct"),
            (("treatment-resistant-depression", "postpartum-depression"), "rct"),
            (("depression",), "rct"),
            (("ptsd",), "rct"),
            (("grief",), "cohort"),
            ((), "rct"),
        ],
        WORDS,
    )
    assert [(cell.condition, cell.design, cell.count) for cell in cells] == [
        ("depression", "rct", 3),
        ("treatment-resistant-depression", "rct", 2),
        ("postpartum-depression", "rct", 1),
        ("ptsd", "rct", 2),
        ("grief", "cohort", 1),
    ]


@pytest.mark.parametrize("name", GOLDEN)
def test_edition_survives_being_stored(name: str) -> None:
    stored = dump_edition(GOLDEN[name])
    assert load_edition(stored) == GOLDEN[name]
    assert dump_edition(load_edition(stored)) == stored


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", dump_edition(GOLDEN["ordinary"])[:-40]])
def test_damaged_edition_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(LibraryError) as caught:
        load_edition(content)
    assert "\n" not in str(caught.value)
