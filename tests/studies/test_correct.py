"""What a user corrects holds for ever, is shown where the tag is, and is told once to who was told otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli.commands import cli
from harvester.digest import Edition, load_edition
from harvester.ground.errors import UsageError
from harvester.jobs import maintain, pipeline
from harvester.jobs.job import Job, read_settings
from harvester.library import Library, StudiesIntegrated
from harvester.paper.records import Record
from harvester.paper.tags import BY_HAND, TAGS, Tags
from harvester.studies.correct import CORRECTABLE, Wish, correct_study, read_wish
from harvester.studies.decide import save_merge, save_split
from harvester.studies.integrate import integrate
from harvester.studies.refresh import retag
from harvester.tagging import load_vocabulary
from tests.conftest import NOW
from tests.factories import build_record

MONDAY, NEXT_MONDAY, LATER = "2026-11-16T06:00:00Z", "2026-11-23T06:00:00Z", "2026-11-30T06:00:00Z"
VOCABULARY = load_vocabulary("ketamine")


def take_in(library: Library, *records: Record, at: str = MONDAY) -> None:
    """Save records and make studies of them."""
    with library.transaction(StudiesIntegrated(at=at)):
        library.records.save(records, seen_at=at)
    integrate(library, VOCABULARY, at=at)


def correct(library: Library, study_id: str, *arguments: str, clear: bool = False, why: str | None = None) -> None:
    """Correct as the command does."""
    wish = read_wish(arguments, clear=clear, vocabulary=VOCABULARY)
    correct_study(library, VOCABULARY, study_id, wish, why=why, at=NEXT_MONDAY)


def tags_of(library: Library, study_id: str) -> Tags:
    """Give the tags of a study that is there."""
    study = library.studies.get(study_id)
    assert study is not None
    return study.tags


@pytest.fixture
def call(finished_copy: Path) -> Callable[..., str]:
    """Give a function that types a command, and gives what it prints."""

    def type_command(*arguments: str) -> str:
        done = CliRunner().invoke(cli, [*arguments, "--config", str(finished_copy)], obj={})
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return type_command


def find_told(config: Path) -> tuple[str, Tags]:
    """Give a randomised trial that the first edition told of."""
    with Library.open(read_settings(config).data, writable=False) as library:
        study = next(library.studies.iterate(where="tier = 'core' AND design = 'rct' AND sample_size > 50"))
    return study.study_id, study.tags


def make_edition(config: Path, weeks: int) -> Edition:
    """Make the edition of a later week."""
    settings = read_settings(config)
    job = Job(settings=settings, now=NOW + timedelta(weeks=weeks))
    pipeline.digest(job)
    with Library.open(settings.data, writable=False) as library:
        stored = library.editions.latest("weekly")
    assert stored is not None
    return load_edition(stored.document.encode())


def test_a_correction_stands_whatever_comes(tmp_path: Path) -> None:
    """Revisions, records that join, new rules; until it is taken back."""
    one = build_record(1)
    with Library.open(tmp_path) as library:
        take_in(library, one)
        read = tags_of(library, "S0000001")
        assert (read.design, read.sample_size) == ("rct", 41)
        correct(library, "S0000001", "design=cohort", "sample_size=108", "direction=")
        take_in(library, replace(one, volume="9", revised="2026-11-29"), replace(one, source="feed:A"), at=LATER)
        library.set_rules("tags", "of another day")
        retag(library, VOCABULARY, at=LATER)
        assert library.studies.count() == 1
        now = tags_of(library, "S0000001")
        assert (now.design, now.sample_size, now.direction) == ("cohort", 108, None)
        assert now.relevance < read.relevance
        assert "randomised" in read.reasons
        assert "randomised" not in now.reasons
        correct(library, "S0000001", "design=", clear=True)
        assert (tags_of(library, "S0000001").design, tags_of(library, "S0000001").sample_size) == ("rct", 108)
        correct(library, "S0000001", clear=True)
        assert tags_of(library, "S0000001") == read


def test_what_a_newer_vocabulary_dropped_still_stands(tmp_path: Path) -> None:
    """The ledger's values are not checked again; a tag that a newer program dropped is left alone."""
    with Library.open(tmp_path) as library:
        take_in(library, build_record(1))
        wish = Wish(values={"conditions": ["long-lost", "ptsd"], "humours": "black bile"}, cleared=())
        correct_study(library, VOCABULARY, "S0000001", wish, why=None, at=NEXT_MONDAY)
        assert tags_of(library, "S0000001").conditions == ("ptsd", "long-lost")


def test_a_narrower_condition_brings_its_broader_one(tmp_path: Path) -> None:
    """In the vocabulary's order, by its own name or by what readers call it."""
    with Library.open(tmp_path) as library:
        take_in(library, build_record(1))
        correct(library, "S0000001", "conditions=PTSD, treatment-resistant depression")
        assert tags_of(library, "S0000001").conditions == ("depression", "treatment-resistant-depression", "ptsd")


def test_the_evidence_is_the_users_word_beside_the_proof_of_what_stays(tmp_path: Path) -> None:
    """Of what the rules read wrongly no proof is left."""
    with Library.open(tmp_path) as library:
        take_in(library, build_record(1))
        correct(library, "S0000001", "compounds=arketamine; esketamine", "sample_size=", why="  asked the\nauthors ")
        proofs = [proof for proof in tags_of(library, "S0000001").evidence if proof.facet == "compounds"]
        assert [(proof.value, proof.field == BY_HAND) for proof in proofs] == [
            ("esketamine", False),
            ("esketamine", True),
            ("arketamine", True),
        ]
        (size,) = [proof for proof in tags_of(library, "S0000001").evidence if proof.facet == "sample_size"]
        assert (size.value, size.field, size.words) == ("", BY_HAND, "2026-11-23")


def test_a_corrected_finding_is_quoted_alone(tmp_path: Path) -> None:
    """The sentence with numbers belonged to the finding that the rules had read."""
    with Library.open(tmp_path) as library:
        take_in(library, build_record(1))
        correct(library, "S0000001", "key_finding=Ketamine reduced depressive symptoms at day 7.")
        tags = tags_of(library, "S0000001")
        assert (tags.key_finding, tags.effect) == ("Ketamine reduced depressive symptoms at day 7.", None)
        with pytest.raises(UsageError, match="not the authors' words"):
            correct(library, "S0000001", "key_finding=Ketamine reduced depressive symptoms. It cures.")


def test_sentences_that_are_no_neighbours_may_be_quoted_together(tmp_path: Path) -> None:
    """As a finding of two is told: each of them must be the authors' own."""
    arms, result = "We randomised 41 adults with major depression to", "Ketamine reduced depressive symptoms at day 7."
    with Library.open(tmp_path) as library:
        take_in(library, build_record(1))
        finding = f"{result} … {arms} intravenous ketamine or saline."
        correct(library, "S0000001", f"key_finding={finding}")
        assert tags_of(library, "S0000001").key_finding == finding
        with pytest.raises(UsageError, match="not the authors' words"):
            correct(library, "S0000001", f"key_finding={result} … {arms} ketamine.")


def test_of_merged_studies_the_later_correction_counts_and_parted_each_has_its_own(tmp_path: Path) -> None:
    """Corrections belong to records, which are the same papers for ever."""
    with Library.open(tmp_path) as library:
        take_in(library, build_record(1), build_record(2))
        read = tags_of(library, "S0000001")
        correct(library, "S0000001", "design=cohort", "sample_size=1")
        correct(library, "S0000002", "sample_size=2", "routes=rectal")
        save_merge(library, "S0000001", "S0000002", at=NEXT_MONDAY)
        integrate(library, VOCABULARY, at=NEXT_MONDAY)
        both = tags_of(library, "S0000001")
        assert (both.design, both.sample_size, both.routes) == ("cohort", 2, ("rectal",))
        correct(library, "S0000002", "sample_size=3")
        assert tags_of(library, "S0000001").sample_size == 3
        save_split(library, "S0000001", at=LATER)
        integrate(library, VOCABULARY, at=LATER)
        one, other = tags_of(library, "S0000001"), tags_of(library, "S0000002")
        assert (one.design, one.sample_size, one.routes) == ("cohort", 3, read.routes)
        assert (other.design, other.sample_size, other.routes) == ("rct", 2, ("rectal",))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("design=trial", "design cannot be 'trial': there are rct, "),
        ("design=", "every study has a design: there are rct, "),
        ("tier=", "there are core, adjacent, off-topic"),
        ("direction=up", "there are favours, against, no-difference, mixed"),
        ("conditions=depression, TRD", "conditions cannot be 'TRD': there are depression, "),
        ("countries=Swizerland", "there are Switzerland"),
        ("countries=???", "it must be one of the vocabulary's"),
        ("sample_size=-4", "'-4' is no whole number"),
        ("sample_size=many", "write it as 108"),
        ("sample_size=99999999999", "no whole number"),
        ("follow_up=two weeks", "write it as 24 hours or 32 weeks"),
        ("relevance=1", "'relevance' is no tag to correct: there are compounds, "),
        ("design", "write design=VALUE"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(call: Callable[..., str], typed: str, told: str) -> None:
    """Exit code 2, and nothing is changed."""
    with pytest.raises(UsageError) as caught:
        call("correct", "S0000001", typed)
    assert told in str(caught.value)
    assert "by hand" not in call("show", "S0000001")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("S0000001",), "nothing to correct"),
        (("S0000001", "routes=oral", "routes="), "routes stands there twice"),
        (("S0000001", "--clear", "design=rct"), "--clear sets no value"),
        (("S0000001", "--clear", "design"), "S0000001 has no correction of design"),
        (("S0000001", "--clear"), "S0000001 has no correction"),
        (("S9999999", "routes=oral"), "there is no study S9999999"),
    ],
)
def test_what_cannot_be_done_is_told(call: Callable[..., str], arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2."""
    with pytest.raises(UsageError) as caught:
        call("correct", *arguments)
    assert told in str(caught.value)
    assert caught.value.exit_code == 2


def test_values_are_read_as_people_write_them() -> None:
    """Groups of digits, lists with either sign, comparators in the authors' words, stray control characters."""
    wish = read_wish(
        [
            "sample_size=1,234",
            "comparators=usual care, a waiting list",
            "scales=madrs",
            "follow_up=1 week",
            "routes=",
        ],
        clear=False,
        vocabulary=VOCABULARY,
    )
    assert wish.values == {
        "sample_size": 1234,
        "comparators": ["usual care", "a waiting list"],
        "scales": ["MADRS"],
        "follow_up": "1 week",
        "routes": [],
    }
    (finding,) = read_wish(["key_finding=a\x00b \udcff\n c"], clear=False, vocabulary=VOCABULARY).values.values()
    assert finding == "a b ? c"


def test_every_declared_tag_that_is_read_can_be_corrected() -> None:
    """A tag that is declared tomorrow, too."""
    assert [*CORRECTABLE, "relevance", "guesses"] == sorted(
        [tag.name for tag in TAGS],
        key=lambda name: ("relevance", "guesses").index(name) if name in ("relevance", "guesses") else -1,
    )


def test_the_command_shows_what_it_did_everywhere(call: Callable[..., str], finished_copy: Path) -> None:
    """Result, table, text and JSON of `show`, and labels."""
    study_id, before = find_told(finished_copy)
    assert call("export", "labels") == ""
    printed = call("correct", study_id, "design=cohort", "direction=", "tier=core", "--why", "read the paper")
    assert printed.startswith(f"{study_id} corrected by hand: design 'rct' is now 'cohort'")
    assert "tier confirmed" in printed
    assert json.loads(call("query", "--where", f"study_id = '{study_id}'", "--json"))[0]["design"] == "cohort"
    table = (finished_copy.parent / "data" / "studies.csv").read_text(encoding="utf-8")
    assert any(line.startswith(study_id) and ",cohort," in line for line in table.splitlines())
    shown = call("show", study_id)
    assert "design: cohort  (corrected by hand: " in shown
    assert "read the paper" in shown
    dossier = json.loads(call("show", study_id, "--json"))
    assert [(item["tag"], item["value"], item["why"]) for item in dossier["corrections"]] == [
        ("design", "cohort", "read the paper"),
        ("direction", None, "read the paper"),
        ("tier", "core", "read the paper"),
    ]
    assert dossier["history"][-1]["detail"]["tags"]["design"] == ["rct", "cohort"]
    (label,) = map(json.loads, call("export", "labels").splitlines())
    assert set(label["corrected"]) == {"design", "direction", "tier"}
    assert (label["design"], label["direction"], label["sample_size"]) == ("cohort", "none", before.sample_size)
    assert label["id"].startswith("pmid:")
    assert label["sentences"][label["finding_best"][-1]].endswith((before.key_finding or "")[-40:])
    assert "correction taken back: design 'cohort' is now 'rct'" in call("correct", study_id, "--clear", "design")


def test_readers_are_told_once_what_they_were_told_wrong(finished_copy: Path) -> None:
    """In plain words, as what they read and what is right; and the proof on the page says whose word it is."""
    study_id, before = find_told(finished_copy)
    job = Job(settings=read_settings(finished_copy), now=NOW)
    maintain.correct_study(job, study_id, ["design=cohort", "topics=", "sample_size="], why="read the paper")
    maintain.correct_study(job, study_id, ["sample_size=7"])
    edition = make_edition(finished_copy, 1)
    (change,) = [change for change in edition.changes if change.kind == "by-hand"]
    assert change.study.study_id == study_id
    assert change.sent_in == "2026-W48"
    assert change.detail == f"Design: cohort, not randomised trial. People: 7, not {before.sample_size}."
    text = (finished_copy.parent / "digests" / "2026-W49" / "weekly" / "email.txt").read_text(encoding="utf-8")
    assert "OUR ENTRY" in text, text
    archive = (finished_copy.parent / "digests" / "index.html").read_text(encoding="utf-8")
    assert re.search(
        r'"Design, Topic: corrected by hand on [^"]*: read the paper[^"]*People: corrected by hand on', archive
    )
    assert not [change for change in make_edition(finished_copy, 2).changes if change.kind == "by-hand"]
    maintain.correct_study(job, study_id, ["design"], clear=True)
    (change,) = [change for change in make_edition(finished_copy, 3).changes if change.kind == "by-hand"]
    assert change.detail == "Design: randomised trial, not cohort."


@pytest.mark.parametrize("typed", [["topics="], ["tier=adjacent"], ["countries="], ["design=rct"]])
def test_what_readers_did_not_see_or_read_rightly_is_not_told(finished_copy: Path, typed: list[str]) -> None:
    """Nor what was taken back before they could read it."""
    study_id, _ = find_told(finished_copy)
    job = Job(settings=read_settings(finished_copy), now=NOW)
    maintain.correct_study(job, study_id, ["design=comment", "key_finding="])
    maintain.correct_study(job, study_id, [], clear=True)
    maintain.correct_study(job, study_id, typed)
    assert not [change for change in make_edition(finished_copy, 1).changes if change.kind == "by-hand"]


def test_a_study_that_is_corrected_to_be_on_the_topic_comes_into_the_next_edition(finished_copy: Path) -> None:
    """It was left out for what the rules read; its page says whose word it is."""
    settings = read_settings(finished_copy)
    with Library.open(settings.data, writable=False) as library:
        lost = next(library.studies.iterate(where="tier = 'off-topic'"))
    maintain.correct_study(Job(settings=settings, now=NOW), lost.study_id, ["tier=core"], why="for <depression>")
    assert lost.study_id in [study.study_id for study in make_edition(finished_copy, 1).studies]
    page = (finished_copy.parent / "digests" / "2026-W49" / "weekly" / "index.html").read_text(encoding="utf-8")
    assert "Corrected by hand on 23\N{NO-BREAK SPACE}November 2026: for &lt;depression&gt;" in page
    assert f"harvester correct {lost.study_id} tier=" in page
