"""The ledger and what is made of it: library, table and editions again, byte for byte, without a network."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import harvester
from harvester.cli.commands import cli
from harvester.editions.withdraw import save_withdrawal
from harvester.ground.errors import LibraryError
from harvester.jobs import maintain, pipeline
from harvester.jobs.job import Job, read_settings
from harvester.library import FILE_NAME, EditionWithdrawn, Entry, Ledger, Library, StudiesIntegrated, StudiesMerged
from harvester.paper.tags import TAGS
from harvester.studies.correct import Wish, correct_study
from harvester.tagging import load_vocabulary
from tests.conftest import NOW
from tests.factories import build_record

SYNTHESES = frozenset({"meta-analysis", "systematic-review", "review", "guideline"})
FIXTURES = Path(__file__).parents[1] / "fixtures" / "library"


@pytest.fixture
def finished(finished_run: Path, tmp_path: Path) -> Job:
    """Give a copy of a finished run, whose servers are gone."""
    folder = tmp_path / "run"
    shutil.copytree(finished_run, folder)
    return Job(settings=read_settings(folder / "config.yaml"), now=NOW)


def entry(name: str) -> Entry:
    """Make an entry that can be told from others."""
    return StudiesMerged(studies=[name], at="2026-11-23T06:00:00Z")


def names(ledger: Ledger) -> list[str]:
    """Give the names of a ledger's entries."""
    return [item.studies[0] for _, item in ledger.entries() if isinstance(item, StudiesMerged)]


def read_rows(data: Path) -> list[dict[str, str]]:
    """Give the rows of a table."""
    with (data / "studies.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_all(folder: Path, pattern: str) -> dict[str, bytes]:
    """Give the files below a folder by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob(pattern) if path.is_file()}


def test_everything_is_made_again_byte_for_byte_from_the_raw_answers(finished: Job) -> None:
    """Only data/raw is left; nothing answers."""
    data, editions = finished.settings.data, finished.settings.editions
    table, pages = read_all(data, "studies.*"), read_all(editions, "*.*")
    assert table
    assert pages
    for path in data.iterdir():
        if path.name != "raw":
            path.unlink()
    shutil.rmtree(editions)
    rebuilt = maintain.rebuild(finished)
    assert read_all(data, "studies.*") == table
    assert read_all(editions, "*.*") == pages
    assert rebuilt.differences is None
    assert rebuilt.studies > 20
    assert rebuilt.before is None


def test_a_rebuilt_library_holds_what_the_one_before_held(finished: Job) -> None:
    """Row for row, ids, times, history and deliveries too; and it goes on being used."""
    assert maintain.rebuild(finished).differences == {}
    assert not (finished.settings.data / "library.before-rebuild.db").exists()
    with finished.open_library() as library:
        assert library.position == Ledger(finished.raw_folder).last_number()


def test_a_library_that_an_earlier_program_filled_is_rebuilt_run_and_the_same(finished: Job) -> None:
    """What is derived has another definition: that is no difference of what the library holds, and locks nothing."""
    data = finished.settings.data
    table = read_all(data, "studies.csv")
    with sqlite3.connect(data / FILE_NAME) as connection:
        connection.execute("ALTER TABLE studies DROP COLUMN direction")
        connection.execute("UPDATE meta SET value = 'another' WHERE key = 'rules of studies'")
    connection.close()
    assert maintain.rebuild(finished).differences == {}
    with sqlite3.connect(data / FILE_NAME) as connection:
        connection.execute("ALTER TABLE studies DROP COLUMN direction")
    connection.close()
    pipeline.digest(finished)
    assert read_all(data, "studies.csv") == table


def test_imports_decisions_and_a_second_week_are_made_again(finished: Job, tmp_path: Path) -> None:
    """What a user did is in the ledger like what sources said."""
    data = finished.settings.data
    table = tmp_path / "own.csv"
    table.write_text("title,doi,year\nA paper of one's own (invented sample),10.5555/own,2020\n", encoding="utf-8")
    maintain.import_files(finished, [table])
    with Library.open(data, writable=False) as library:
        first, second, *_ = (study.study_id for study in library.studies.iterate())
    assert maintain.merge_studies(finished, second, first) == first
    assert len(maintain.split_study(finished, first)) >= 2
    before = read_all(data, "studies.csv")
    assert maintain.rebuild(finished).differences == {}
    assert read_all(data, "studies.csv") == before


def test_corrections_by_hand_are_made_again(finished: Job) -> None:
    """Those that were taken back, and those of studies that were merged and parted, too."""
    data = finished.settings.data
    with Library.open(data, writable=False) as library:
        first, second, third, *_ = (study.study_id for study in library.studies.iterate())
    maintain.correct_study(finished, first, ["design=cohort", "direction="], why="read the paper")
    maintain.correct_study(finished, second, ["conditions=ptsd; ocd", "sample_size=7"])
    maintain.correct_study(finished, third, ["routes="])
    maintain.merge_studies(finished, first, second)
    maintain.correct_study(finished, second, ["sample_size"], clear=True)
    maintain.split_study(finished, first)
    before = read_all(data, "studies.csv")
    assert maintain.rebuild(finished).differences == {}
    assert read_all(data, "studies.csv") == before
    rows = {row["study_id"]: row for row in read_rows(data)}
    assert rows[first]["design"] == "cohort"
    assert rows[second]["conditions"] == "ptsd; ocd"
    assert rows[third]["routes"] == ""


def test_what_was_sent_stays_what_it_was_after_rules_words_and_settings_changed(finished: Job) -> None:
    """Studies are read with the words of today; the edition, and what it told of, stays."""
    data, config = finished.settings.data, finished.settings.data.parent / "config.yaml"
    words = (Path(harvester.__file__).parent / "tagging" / "vocabulary" / "ketamine.yaml").read_text(encoding="utf-8")
    own = words.replace("depress", "gloom").replace("ketamin", "kettamin")
    (config.parent / "own.yaml").write_text(own, encoding="utf-8")
    with config.open("a", encoding="utf-8") as stream:
        stream.write("vocabulary: ./own.yaml\nranking: {design: 0, size: 1, follow_up: 0, title: 0, comparator: 0}\n")
    job = replace(finished, settings=read_settings(config))
    pages, before = read_all(finished.settings.editions, "*/*/*"), read_rows(data)
    shutil.rmtree(finished.settings.editions)
    rebuilt = maintain.rebuild(job)
    assert rebuilt.differences is not None
    assert rebuilt.differences["studies"] > 20, "the words of today were not read"
    told = {"editions", "edition_studies", "passed_over", "deliveries"}
    assert told.isdisjoint(rebuilt.differences)
    assert read_all(finished.settings.editions, "*/*/*") == pages
    first = {row["study_id"]: row["first_edition"] for row in before}
    assert {row["study_id"]: row["first_edition"] for row in read_rows(data)} == first


@pytest.mark.parametrize("damage", ["missing", "other", "cut"])
def test_an_edition_whose_file_is_not_the_one_that_was_kept_is_not_made_up(finished: Job, damage: str) -> None:
    data = finished.settings.data
    before = (data / FILE_NAME).read_bytes()
    (path,) = (data / "raw" / "editions").iterdir()
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "other":
        path.write_bytes(gzip.compress(gzip.decompress(content).replace(b"randomised", b"sanctified")))
    else:
        path.write_bytes(content[:-40])
    with pytest.raises(LibraryError, match=path.name):
        maintain.rebuild(finished)
    assert (data / FILE_NAME).read_bytes() == before


def test_an_edition_of_an_older_program_is_composed_again(finished: Job) -> None:
    """Its entry names no file: there is nothing to put back but what the answers give."""
    ledger = Ledger(finished.raw_folder)
    lines = [json.loads(line) for line in ledger.path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line.pop("file", None)
        line.pop("sha256", None)
    ledger.path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    shutil.rmtree(finished.raw_folder / "editions")
    assert maintain.rebuild(finished).differences == {}


def test_a_missing_answer_is_named_and_nothing_is_touched(finished: Job) -> None:
    """Exit code 65; the library stays as it was."""
    data = finished.settings.data
    before = (data / FILE_NAME).read_bytes()
    answers = sorted((data / "raw").rglob("*efetch*.gz"))
    answers[0].unlink()
    result = CliRunner().invoke(cli, ["rebuild", "--config", str(data.parent / "config.yaml")], obj={})
    assert isinstance(result.exception, LibraryError)
    assert result.exception.exit_code == 65
    assert answers[0].name in str(result.exception)
    assert (data / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("damage", ["cut", "noise", "lacks"])
def test_a_damaged_answer_is_named(finished: Job, damage: str) -> None:
    """A cut file, one that is not gzip, and one that lacks records."""
    path = sorted((finished.settings.data / "raw").rglob("*efetch*.gz"))[0]
    content = path.read_bytes()
    if damage == "lacks":
        head, _, body = gzip.decompress(content).partition(b"\n")
        parts = body.split(b"<PubmedArticle>")
        path.write_bytes(gzip.compress(head + b"\n" + b"<PubmedArticle>".join([parts[0], *parts[2:]])))
    else:
        path.write_bytes(content[:-40] if damage == "cut" else b"noise")
    with pytest.raises(LibraryError, match=path.name):
        maintain.rebuild(finished)


def test_a_library_older_than_its_journal_is_refused_until_it_is_rebuilt(finished: Job) -> None:
    """A copy put back from last week would lose what came since, silently."""
    data = finished.settings.data
    old = (data / FILE_NAME).read_bytes()
    own = data.parent / "own.ris"
    own.write_text("TY  - JOUR\nTI  - A paper of one's own (invented sample)\nPY  - 2020\nER  - \n", encoding="utf-8")
    maintain.import_files(finished, [own])
    table = (data / "studies.csv").read_bytes()
    (data / FILE_NAME).write_bytes(old)
    with pytest.raises(LibraryError, match="older than") as caught:
        finished.open_library()
    assert "harvester rebuild" in str(caught.value)
    rebuilt = maintain.rebuild(finished)
    assert rebuilt.differences is not None
    assert rebuilt.differences["studies"] == 1
    assert rebuilt.before is not None
    assert rebuilt.before.read_bytes() == old
    assert (data / "studies.csv").read_bytes() == table


def test_a_damaged_library_is_made_again(finished: Job) -> None:
    """The damaged file is kept aside, not overwritten."""
    path = finished.settings.data / FILE_NAME
    path.write_bytes(b"this is no database\n" * 400)
    rebuilt = maintain.rebuild(finished)
    assert rebuilt.differences is None
    assert rebuilt.before is not None
    assert rebuilt.before.read_bytes().startswith(b"this is no database")
    with finished.open_library() as library:
        assert library.studies.count() == rebuilt.studies


def test_without_a_journal_there_is_nothing_to_rebuild(finished: Job) -> None:
    """Told in a line, not with an empty library."""
    shutil.rmtree(finished.settings.data / "raw")
    with pytest.raises(LibraryError, match="no ledger"):
        maintain.rebuild(finished)


def test_an_entry_of_a_newer_program_is_refused(finished: Job) -> None:
    """What this program cannot do again it does not leave out."""
    ledger = Ledger(finished.settings.data / "raw")
    number = ledger.last_number() + 1
    with ledger.path.open("a", encoding="utf-8") as stream:
        stream.write(f'{{"number": {number}, "kind": "dream", "at": "2026-11-23T06:00:00Z"}}\n')
    with pytest.raises(LibraryError, match="dream"):
        maintain.rebuild(finished)


def test_a_line_that_never_came_about_does_not_count(tmp_path: Path) -> None:
    """A run that died between ledger and library leaves a line; the next change bears its number."""
    ledger = Ledger(tmp_path)
    ledger.append(1, entry("a"))
    ledger.append(2, entry("dead"))
    ledger.append(2, entry("b"))
    with ledger.path.open("ab") as stream:
        stream.write(b'{"number": 3, "kind": "half')
    ledger.append(3, entry("c"))
    assert names(ledger) == ["a", "b", "c"]
    assert ledger.last_number() == 3


def test_a_journal_with_a_hole_is_refused(tmp_path: Path) -> None:
    """What is missing is named."""
    ledger = Ledger(tmp_path)
    ledger.append(1, entry("a"))
    ledger.append(3, entry("c"))
    with pytest.raises(LibraryError, match="entry 2 is missing"):
        list(ledger.entries())
    assert list(Ledger(tmp_path / "nowhere").entries()) == []


def test_a_failed_change_leaves_its_number_to_the_next(tmp_path: Path) -> None:
    """The ledger's line of a transaction that failed is overruled."""
    ledger = Ledger(tmp_path / "raw")
    with Library.open(tmp_path, ledger=ledger) as library:

        def fail() -> None:
            with library.transaction(entry("a")):
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        with library.transaction(entry("b")):
            library.records.save([build_record(1)], seen_at="2026-11-16T06:00:00Z")
    lines = [json.loads(line) for line in ledger.path.read_text().splitlines()]
    assert [(line["number"], line["studies"]) for line in lines] == [(1, ["a"]), (1, ["b"])]
    assert names(ledger) == ["b"]


def test_a_library_of_version_1_is_brought_up_and_says_that_it_has_no_whole_journal(tmp_path: Path) -> None:
    """Its studies, history and editions stay; a copy of the old file is kept."""
    data = tmp_path / "data"
    data.mkdir()
    (data / FILE_NAME).write_bytes(gzip.decompress((FIXTURES / "version-1.db.gz").read_bytes()))
    ledger = Ledger(data / "raw")
    with Library.open(data, ledger=ledger) as library:
        rows = list(library.studies.rows())
        assert len(rows) == 10
        assert {row["study_id"] for row in rows} >= {"S0000001"}
        assert len(library.editions.all()) == 2
        assert library.decisions.near_misses() == []
        with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
            pass
    assert (data / "library.v1.db").is_file()
    with pytest.raises(LibraryError, match="entry 1 is missing"):
        list(ledger.entries())


def test_a_library_of_version_2_is_brought_up_and_made_again_with_the_same_rows(tmp_path: Path) -> None:
    """What the version before wrote, its ledger and answers included: `harvester demo` of that day."""
    shutil.copytree(FIXTURES / "version-2", tmp_path / "run")
    data = tmp_path / "run" / "data"
    packed = data / f"{FILE_NAME}.gz"
    (data / FILE_NAME).write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    before = read_rows(data)
    job = Job(settings=read_settings(tmp_path / "run" / "config.yaml"), now=NOW)
    rebuilt = maintain.rebuild(job)
    # The version before did not know the server of one preprint.
    (preprint,) = (row for row in before if row["study_id"] == "S0000055")
    assert preprint["status"] == "published"
    preprint |= {"status": "preprint", "publication_types": "Preprint"}
    # What is read from the words follows the rules of today.
    read = {tag.name for tag in TAGS}
    facts = [{name: value for name, value in row.items() if name not in read} for row in read_rows(data)]
    assert facts == [{name: value for name, value in row.items() if name not in read} for row in before]
    assert rebuilt.editions == 2
    with Library.open(data, writable=False) as library:
        assert library.sources.state("pubmed").mark["watermark"] == "2026-11-27"


def test_a_library_of_version_3_is_brought_up_and_can_be_corrected(tmp_path: Path) -> None:
    """What the version before wrote; a copy of it is kept."""
    data = tmp_path / "data"
    data.mkdir()
    (data / FILE_NAME).write_bytes(gzip.decompress((FIXTURES / "version-3.db.gz").read_bytes()))
    with Library.open(data) as library:
        assert library.studies.count() == 3
        assert library.corrections.of_study("S0000001") == {}
        wish = Wish(values={"sample_size": 9}, cleared=())
        correct_study(library, load_vocabulary("ketamine"), "S0000001", wish, why=None, at="2026-11-23T06:00:00Z")
        (row,) = library.studies.rows(where="study_id = 'S0000001'")
        assert row["sample_size"] == 9
    assert (data / "library.v3.db").is_file()


def test_a_library_of_version_4_is_brought_up_and_its_editions_can_be_taken_back(tmp_path: Path) -> None:
    """What the version before wrote: two editions, both sent; a copy of it is kept."""
    data = tmp_path / "data"
    data.mkdir()
    (data / FILE_NAME).write_bytes(gzip.decompress((FIXTURES / "version-4.db.gz").read_bytes()))
    with Library.open(data) as library:
        assert library.editions.names("weekly") == ["2026-W47", "2026-W48"]
        mark = library.editions.last_mark("weekly")
        save_withdrawal(library, EditionWithdrawn(digest="weekly", edition="2026-W48", at="2026-11-23T07:00:00Z"))
        assert library.editions.names("weekly") == ["2026-W47"]
        assert library.editions.last_mark("weekly") == mark
        assert library.editions.times_withdrawn("weekly", "2026-W48") == 1
    assert (data / "library.v4.db").is_file()
