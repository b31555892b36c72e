"""Linking, clustering and tables: what becomes of many records, whatever their order."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.matching import Link, block_keys, cluster, compare, dedupe_frame, link
from harvester.matching.pair import reason_for
from harvester.matching.prepare import Prepared, prepare_row

TITLES = (
    "Invented ketamine infusions for low mood in lighthouse keepers: a randomised controlled trial",
    "Invented ketamine infusions for low mood in lighthouse keepers",
    "Invented ketamine infusions for low mood in lighthouse keepers. Part II",
    "Erratum: Invented ketamine infusions for low mood in lighthouse keepers",
    "Harbour pilots and their imaginary sleep in winter",
    "Editorial",
    "",
)
rows = st.fixed_dictionaries(
    {
        "title": st.sampled_from(TITLES),
        "author": st.sampled_from(("Fictional, Ada and Mockman, Berthold", "Fictional A", "Roth, Carla", "")),
        "year": st.sampled_from(("2018", "2019", "")),
        "journal": st.sampled_from(("Journal of Imaginary Psychiatry", "J Imag Psychiatry", "Fyr og sinn", "")),
        "volume": st.sampled_from(("12", "11", "")),
        "number": st.sampled_from(("3", "Suppl 1", "")),
        "pages": st.sampled_from(("211-9", "211", "S34", "301-9", "")),
        "doi": st.sampled_from(("10.1000/a", "10.1000/b", "10.1101/2018.05.04.123456", "")),
        "pmid": st.sampled_from(("1", "2", "", "", "")),
    }
)
PAPER = {
    "title": TITLES[0],
    "author": "Fictional, Ada and Mockman, Berthold",
    "year": "2019",
    "journal": "Journal of Imaginary Psychiatry",
    "volume": "12",
    "number": "3",
    "pages": "211-9",
}


def prepare_all(records: Sequence[dict[str, str]]) -> list[Prepared]:
    return [prepare_row(key, **record) for key, record in enumerate(records)]


def group(records: Sequence[Prepared], **options: object) -> list[tuple[int, ...]]:
    return cluster(records, link(records), **options)  # type: ignore[arg-type]


def contents(records: Sequence[dict[str, str]], groups: Sequence[tuple[int, ...]]) -> list[list[str]]:
    return sorted(sorted(str(records[key]) for key in keys) for keys in groups)


@settings(max_examples=150)
@given(st.lists(rows, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(records: list[dict[str, str]], chance: random.Random) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert contents(records, group(prepare_all(records))) == contents(shuffled, group(prepare_all(shuffled)))


@settings(max_examples=200)
@given(rows, rows)
def test_comparing_does_not_depend_on_who_comes_first(one: dict[str, str], other: dict[str, str]) -> None:
    left, right = prepare_row(1, **one), prepare_row(2, **other)
    assert compare(left, right) == compare(right, left)


@settings(max_examples=100)
@given(st.lists(rows, max_size=12))
def test_doing_it_again_changes_nothing(records: list[dict[str, str]]) -> None:
    prepared = prepare_all(records)
    groups = group(prepared)
    assert group(prepared, groups=groups) == groups
    assert sorted(key for keys in groups for key in keys) == list(range(len(records)))


@settings(max_examples=150)
@given(st.lists(rows, max_size=12), st.integers(min_value=0, max_value=12))
def test_late_records_never_split_a_study(records: list[dict[str, str]], cut: int) -> None:
    """What was one study before the late records came is part of one study afterwards."""
    prepared = prepare_all(records)
    earlier = group(prepared[:cut])
    later = cluster(prepared, link(prepared[cut:], prepared[:cut]), groups=earlier)
    assert sorted(key for keys in later for key in keys) == list(range(len(records)))
    for study in earlier:
        assert sum(not set(study).isdisjoint(keys) for keys in later) == 1


@settings(max_examples=100)
@given(st.lists(rows, min_size=2, max_size=10), st.data())
def test_what_was_split_is_never_joined_again(records: list[dict[str, str]], data: st.DataObject) -> None:
    keys = st.integers(min_value=0, max_value=len(records) - 1)
    apart = data.draw(st.lists(st.tuples(keys, keys).filter(lambda pair: pair[0] != pair[1]), max_size=4))
    prepared = prepare_all(records)
    for groups in ((), group(prepared)):
        result = group(prepared, groups=groups, apart=apart)
        assert not any({one, other} <= set(study) for study in result for one, other in apart)


@settings(max_examples=100)
@given(st.lists(rows, max_size=10), st.integers(min_value=0, max_value=10))
def test_looking_up_by_keys_finds_what_comparing_everything_finds(records: list[dict[str, str]], cut: int) -> None:
    prepared = prepare_all(records)
    held, new = prepared[:cut], prepared[cut:]
    keys = {key for record in new for key in block_keys(record)}
    candidates = [record for record in held if not keys.isdisjoint(block_keys(record))]
    assert link(new, candidates) == link(new, held)
    fresh = {record.key for record in new}
    assert all(found.a in fresh or found.b in fresh for found in link(new, held))


@settings(max_examples=100)
@given(st.lists(rows, max_size=12))
def test_no_study_holds_two_pmids_or_a_paper_and_its_erratum(records: list[dict[str, str]]) -> None:
    prepared = prepare_all(records)
    for keys in group(prepared):
        assert len({prepared[key].pmid for key in keys} - {""}) <= 1
        assert len({prepared[key].is_preprint for key in keys}) == 1


def test_nothing_is_nothing() -> None:
    assert link([]) == []
    assert cluster([], []) == []


def test_a_chain_does_not_join_what_contradicts() -> None:
    """A congress abstract and a paper, and a third record that could be either."""
    paper = PAPER | {"doi": "10.1000/a"}
    other = PAPER | {"year": "2020", "volume": "13", "pages": "1-8", "number": "1", "doi": "10.1000/b"}
    sparse = {"title": PAPER["title"], "author": PAPER["author"], "journal": PAPER["journal"], "year": "2019"}
    prepared = prepare_all([paper, sparse, other])
    links = [Link(0, 1, "same", 0.9, "x"), Link(1, 2, "same", 0.8, "y")]
    assert cluster(prepared, links) == [(0, 1), (2,)]
    assert cluster(prepared, list(reversed(links))) == [(0, 1), (2,)]


def test_two_pages_with_two_dois_do_not_meet_through_a_sparse_record() -> None:
    """A paper and its correction, which has no label, in one volume."""
    paper, correction = (PAPER | {"pages": f"10{page}", "doi": f"10.1000/{page}"} for page in ("0968", "1076"))
    sparse = {"title": PAPER["title"], "author": PAPER["author"], "journal": PAPER["journal"], "year": "2019"}
    assert sorted(map(len, group(prepare_all([paper, correction, sparse])))) == [1, 2]


def test_two_pmids_never_meet_through_a_third_record() -> None:
    prepared = prepare_all([PAPER | {"pmid": "1"}, PAPER, PAPER | {"pmid": "2"}])
    assert sorted(map(len, group(prepared))) == [1, 2]


def test_what_a_user_split_stays_split() -> None:
    prepared = prepare_all([PAPER, PAPER, PAPER])
    assert group(prepared) == [(0, 1, 2)]
    split = group(prepared, apart=[(0, 2)])
    assert len(split) == 2
    assert not any({0, 2} <= set(keys) for keys in split)
    assert group(prepared, apart=[(0, 1), (0, 2), (1, 2)]) == [(0,), (1,), (2,)]
    assert group(prepared, groups=[(0, 1, 2)], apart=[(0, 2)]) == split


def test_what_a_user_joined_stays_joined() -> None:
    prepared = prepare_all([PAPER | {"pmid": "1"}, PAPER | {"pmid": "2"}, {"title": TITLES[4]}])
    assert group(prepared, groups=[(0, 1)]) == [(0, 1), (2,)]
    assert group(prepared, groups=[(0, 1), (1, 2)]) == [(0, 1, 2)]


def test_groups_may_hold_records_that_are_not_given() -> None:
    prepared = prepare_all([PAPER, PAPER])
    assert group(prepared, groups=[(1, 99)]) == [(0, 1, 99)]


def test_links_that_are_not_same_or_point_outside_join_nothing() -> None:
    prepared = prepare_all([PAPER, {"title": TITLES[4]}])
    assert cluster(prepared, [Link(0, 1, "maybe", 1.0, "x"), Link(1, 7, "same", 1.0, "x")]) == [(0,), (1,)]


def test_ten_thousand_editorials_are_linear_work() -> None:
    editorials = [
        PAPER | {"title": "Editorial", "pages": str(page), "volume": str(page % 50)} for page in range(10_000)
    ]
    assert link(prepare_all(editorials)) == []


def test_many_copies_of_one_paper_are_one_study() -> None:
    assert group(prepare_all([PAPER] * 300)) == [tuple(range(300))]


def test_preprints_are_linked_apart_from_papers() -> None:
    preprint = PAPER | {
        "journal": "medRxiv",
        "doi": "10.1101/2018.05.04.123456",
        "volume": "",
        "pages": "",
        "number": "",
    }
    prepared = prepare_all([PAPER, preprint])
    (found,) = link(prepared)
    assert (found.a, found.b, found.verdict) == (0, 1, "preprint")


def test_near_misses_are_kept() -> None:
    (found,) = link(prepare_all([PAPER, PAPER | {"number": "7", "pages": "595-6"}]))
    assert found.verdict == "maybe"
    assert found.reason == "same title; same authors; same journal; same volume; pages differ; same year"
    (twice,) = link(
        prepare_all([PAPER | {"doi": "10.1000/a1", "pmid": "1"}, PAPER | {"doi": "10.1000/a1", "pmid": "2"}])
    )
    assert (twice.verdict, twice.reason.partition(";")[0]) == ("maybe", "different PMIDs")


def test_reasons_are_sorted_from_identifiers_to_years() -> None:
    score, reason = reason_for((4, 97, 3, 2, 2, 3, 1, 2, 3, 1))
    assert (
        reason
        == "same DOI; titles 97 % alike; same authors; journal names alike; same volume; pages overlap; years one apart"
    )
    assert 0.8 < score < 1
    assert reason_for((1, 0, 1, 1, 1, 1, 1, 1, 1, 1)) == (0.0, "")
    assert reason_for((0, 40, 0, 0, 0, 0, 0, 0, 0, 0)) == (
        0.086,
        "PMIDs differ; DOIs differ; titles differ (40 % alike); no common author; journals differ; volumes differ; "
        "pages differ; years far apart",
    )


def test_a_table_keeps_rows_columns_and_order() -> None:
    frame = pd.DataFrame(
        [
            {"ID": "a", "title": TITLES[4], "note": "x", "study_id": "old"},
            {"ID": "b", **PAPER, "note": "y", "study_id": "old"},
            {"ID": "c", **PAPER, "pages": "211-219", "note": "z", "study_id": "old"},
        ],
        index=[7, 7, 9],
    ).fillna("")
    result = dedupe_frame(frame)
    assert list(result.columns[:3]) == ["study_id", "merge_reason", "ID"]
    assert list(result["study_id"]) == ["S0000001", "S0000002", "S0000002"]
    assert list(result["note"]) == ["x", "y", "z"]
    assert list(result.index) == [7, 7, 9]
    assert list(result["merge_reason"]) == [
        "",
        "same as c: same title; same authors; same journal; same volume; same issue; same first page; same year",
        "same as b: same title; same authors; same journal; same volume; same issue; same first page; same year",
    ]
    assert frame.columns[0] == "ID", "the input is not changed"


def test_a_table_without_anything_to_compare() -> None:
    assert list(dedupe_frame(pd.DataFrame({"title": ["", None]}))["study_id"]) == ["S0000001", "S0000002"]
    assert list(dedupe_frame(pd.DataFrame({"title": []})).columns) == ["study_id", "merge_reason", "title"]


def test_missing_cells_and_numbers_are_read_as_text() -> None:
    frame = pd.DataFrame(
        {"title": [TITLES[0], None, TITLES[0]], "year": [2019, float("nan"), 2019.0], "ID": ["", "", ""]}
    )
    result = dedupe_frame(frame)
    assert list(result["study_id"]) == ["S0000001", "S0000002", "S0000001"]
    assert list(result["merge_reason"]) == [
        "same as row 3: same title; same year",
        "",
        "same as row 1: same title; same year",
    ]


@settings(max_examples=50)
@given(st.lists(rows, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_a_table_says_the_same_in_any_order(records: list[dict[str, str]], chance: random.Random) -> None:
    named = [record | {"ID": f"id{place}"} for place, record in enumerate(records)]
    shuffled = list(named)
    chance.shuffle(shuffled)

    def partition(these: list[dict[str, str]]) -> list[list[str]]:
        result = dedupe_frame(pd.DataFrame(these))
        plain = [{name: value for name, value in row.items() if name != "ID"} for row in these]
        return sorted(
            sorted(str(plain[place]) for place in places)
            for places in result.reset_index().groupby("study_id").groups.values()
        )

    assert partition(named) == partition(shuffled)
