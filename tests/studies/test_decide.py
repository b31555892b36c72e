"""What a user says of studies holds for ever; ids survive it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.cli.commands import cli
from harvester.editions.changes import choose_new
from harvester.ground.errors import UsageError
from harvester.jobs import maintain
from harvester.jobs.job import Job, read_settings
from harvester.library import Library, StudiesIntegrated
from harvester.paper.records import Identifiers, Record
from harvester.studies.decide import save_merge, save_split
from harvester.studies.integrate import BY_HAND, integrate
from harvester.tagging import load_vocabulary
from tests.conftest import NOW
from tests.factories import build_record

MONDAY, NEXT_MONDAY, LATER = "2026-11-16T06:00:00Z", "2026-11-23T06:00:00Z", "2026-11-30T06:00:00Z"
VOCABULARY = load_vocabulary("ketamine")


def take_in(library: Library, *records: Record, at: str = MONDAY) -> None:
    """Save records and make studies of them."""
    with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
        library.records.save(records, seen_at=at)
    integrate(library, VOCABULARY, at=at)


def studies_of(library: Library) -> dict[str, list[str]]:
    """Give the sources' names of each study's records by study id."""
    found: dict[str, list[str]] = {}
    for study in library.studies.iterate():
        found[study.study_id] = [held.record.source_key for held in library.records.of_studies([study.study_id])]
    return found


def copy_of(record: Record, source: str, **changes: object) -> Record:
    """Give the same paper as another source has it, without its PMID."""
    identifiers = Identifiers(doi=record.identifiers.doi)
    return replace(record, source=source, source_key=f"{source}/1", identifiers=identifiers, **changes)  # type: ignore[arg-type]


def test_what_a_user_merges_stays_merged_whatever_comes(tmp_path: Path) -> None:
    """Two PMIDs are two papers to every rule; the user knows better."""
    one, other = build_record(1), build_record(2)
    with Library.open(tmp_path) as library:
        take_in(library, one, other)
        save_merge(library, "S0000002", "S0000001", at=NEXT_MONDAY)
        integrate(library, VOCABULARY, at=NEXT_MONDAY)
        assert studies_of(library) == {"S0000001": ["99500001", "99500002"]}
        (merge,) = library.studies.merges("S0000001")
        assert merge.reason == BY_HAND
        assert library.studies.resolve("S0000002") == "S0000001"
        take_in(library, replace(one, volume="9", revised="2026-11-29"), copy_of(other, "feed:B"), at=LATER)
        assert list(studies_of(library)) == ["S0000001"]
        with pytest.raises(UsageError, match="one study already"):
            save_merge(library, "S0000001", "S0000002", at=LATER)


def test_what_a_user_splits_stays_split_whatever_comes(tmp_path: Path) -> None:
    """Same DOI, same words: the rules would merge them every time."""
    one = build_record(1)
    with Library.open(tmp_path) as library:
        take_in(library, one, copy_of(one, "feed:A"))
        assert list(studies_of(library)) == ["S0000001"]
        save_split(library, "S0000001", at=NEXT_MONDAY)
        integrate(library, VOCABULARY, at=NEXT_MONDAY)
        assert studies_of(library) == {"S0000001": ["99500001"], "S0000002": ["feed:A/1"]}
        assert library.studies.merges("S0000001") == []
        assert "parted" in [event.kind for event in library.studies.history("S0000001")]
        take_in(library, replace(one, volume="9", revised="2026-11-29"), copy_of(one, "feed:A", volume="9"), at=LATER)
        assert list(studies_of(library)) == ["S0000001", "S0000002"]
        take_in(library, copy_of(one, "feed:B"), at=LATER)
        found = studies_of(library)
        assert sorted(map(len, found.values())) == [1, 2]
        with pytest.raises(UsageError, match="one record only"):
            save_split(library, next(name for name, keys in found.items() if len(keys) == 1), at=LATER)


def test_studies_that_were_merged_and_are_split_have_their_old_ids(tmp_path: Path) -> None:
    """An id that led elsewhere leads home again."""
    with Library.open(tmp_path) as library:
        take_in(library, build_record(1), build_record(2))
        for note, arguments in ((save_merge, ("S0000001", "S0000002")), (save_split, ("S0000001",))):
            note(library, *arguments, at=NEXT_MONDAY)
            integrate(library, VOCABULARY, at=NEXT_MONDAY)
        assert studies_of(library) == {"S0000001": ["99500001"], "S0000002": ["99500002"]}
        study = library.studies.get("S0000002")
        assert study is not None
        assert study.identifiers.pmid == "99500002"
        save_merge(library, "S0000001", "S0000002", at=LATER)
        integrate(library, VOCABULARY, at=LATER)
        assert list(studies_of(library)) == ["S0000001"]


def test_a_split_undoes_a_merge_and_no_more(tmp_path: Path) -> None:
    """Both had a twin in a feed, which stays with its paper."""
    papers = build_record(1), build_record(2)
    with Library.open(tmp_path) as library:
        take_in(library, *papers, *(copy_of(paper, f"feed:{paper.source_key}") for paper in papers))
        before = studies_of(library)
        assert len(before) == 2
        for note, arguments in ((save_merge, tuple(before)), (save_split, ("S0000001",))):
            note(library, *arguments, at=NEXT_MONDAY)
            integrate(library, VOCABULARY, at=NEXT_MONDAY)
        assert studies_of(library) == before


def test_what_was_split_off_is_not_announced_as_new(finished_copy: Path) -> None:
    """Readers were told of it as a part of the study that it was in."""
    settings = read_settings(finished_copy)
    with Library.open(settings.data, writable=False) as library:
        whole = next(study for study in library.studies.iterate(where="record_count > 1 AND tier = 'core'"))
    job = Job(settings=settings, now=NOW)
    _, other = maintain.split_study(job, whole.study_id)
    with job.open_library() as library:
        part = library.studies.get(other)
        assert part is not None
        assert part.first_edition == whole.first_edition
        assert list(choose_new(library, ("weekly",), [part])) == []


def test_near_misses_are_listed_until_somebody_decides(tmp_path: Path) -> None:
    """A chapter's two editions look alike; nobody but a reader can say."""
    one = build_record(1, source="import:a.ris", identifiers=Identifiers(), volume="3", pages="10-20")
    other = replace(one, source_key="b", published="2021", volume="4", pages="30-41")
    with Library.open(tmp_path) as library:
        take_in(library, replace(one, source_key="a", published="2020"), other)
        (miss,) = library.decisions.near_misses()
        assert {miss.study_id, miss.other_study_id} == {"S0000001", "S0000002"}
        save_split(library, "S0000001", "S0000002", at=NEXT_MONDAY)
        assert library.decisions.near_misses() == []
        take_in(library, replace(other, issue="2"), at=LATER)
        assert library.decisions.near_misses() == []
        assert len(studies_of(library)) == 2


def test_review_merge_and_split_are_commands(finished_copy: Path) -> None:
    """As a user types them, with what they print."""

    def call(*arguments: str) -> str:
        done = CliRunner().invoke(cli, [*arguments, "--config", str(finished_copy)], obj={})
        assert done.exit_code in (0, None), done.output
        return done.output

    assert "S0000001 and S0000003 are S0000001" in call("merge", "S0000003", "S0000001").replace(
        "S0000003 and S0000001", "S0000001 and S0000003"
    )
    assert "was S0000003" in call("show", "S0000003")
    assert "S0000003" in call("split", "S0000001")
    assert "stay two studies" in call("split", "S0000001", "S0000003")
    assert call("review", "--json").startswith("[")
    assert call("review")


@pytest.mark.parametrize("arguments", [["merge", "S0000001", "S9999999"], ["split", "S9999999"], ["split", "nonsense"]])
def test_a_study_that_is_not_there_is_told(finished_copy: Path, arguments: list[str]) -> None:
    """Exit code 2, one line."""
    done = CliRunner().invoke(cli, [*arguments, "--config", str(finished_copy)], obj={})
    assert isinstance(done.exception, UsageError)
    assert "there is no study" in str(done.exception)


@settings(max_examples=20)
@given(data=st.data())
def test_records_in_any_portions_and_order_make_the_same_groups(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A late record joins its study; which records are one paper does not depend on when they came."""
    papers = [build_record(number) for number in range(4)]
    records = [*papers, *(copy_of(paper, f"feed:{place}") for place, paper in enumerate(papers))]
    order = data.draw(st.permutations(records))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=3)))
    with Library.open(tmp_path_factory.mktemp("order")) as library:
        for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True):
            if start < end:
                take_in(library, *order[start:end])
        groups = {frozenset(keys) for keys in studies_of(library).values()}
    assert groups == {frozenset((paper.source_key, f"feed:{place}/1")) for place, paper in enumerate(papers)}
