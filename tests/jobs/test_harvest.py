"""A harvest accounts for every paper that PubMed listed, and one that was killed goes on where it was."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import harvester
from harvester.cli.commands import cli
from harvester.jobs import pipeline, questions
from harvester.jobs.job import Job, read_settings
from harvester.library import Library
from harvester.sandbox import Fault, Sandbox
from harvester.sources.pubmed.client import Limits
from tests.conftest import IMPATIENT, NOW, invented_corpus, open_with, write_settings

MakeJob = Callable[..., Job]
BACKFILL = date(1960, 1, 1)


def add_up(row: dict[str, object]) -> bool:
    """Tell whether a row of the search log accounts for all that was found."""
    parts = ("fetched", "held", "deleted", "unreadable", "unaccounted")
    return row["count"] == sum(int(str(row[part])) for part in parts)


def fetched_pmids(box: Sandbox) -> list[str]:
    """Give the PMIDs that EFetch was asked for, in order."""
    asked = [request for request in box.requests if "efetch" in request.path]
    return [pmid for request in asked for pmid in request.params["id"].split(",")]


def test_every_search_is_accounted_for_and_logged(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """count = fetched + held + deleted + unreadable + unaccounted; the log is CSV with the search as it was run."""
    pipeline.run(make_job())
    rows = questions.search_log(tmp_path / "data")
    assert all(add_up(row) for row in rows)
    (found,) = [row for row in rows if row["source"] == "PubMed"]
    assert found["count"] == found["fetched"] > 20
    assert found["unaccounted"] == 0
    assert "[crdt]" in found["term"]
    assert found["translation"]
    feed = next(row for row in rows if row["kind"] == "feed")
    assert feed["url"].startswith("http://127.0.0.1:")
    assert found["url"].endswith("esearch.fcgi")
    done = CliRunner().invoke(cli, ["log", "--csv", "--config", str(tmp_path / "config.yaml")], obj={})
    lines = list(csv.DictReader(io.StringIO(done.output)))
    assert [line["source"] for line in lines] == [row["source"] for row in rows]
    assert lines[0]["count"] == str(found["count"])
    later = ["log", "--json", "--since", "2026-11-24", "--config", str(tmp_path / "config.yaml")]
    assert CliRunner().invoke(cli, later, obj={}).output.strip() == "[]"
    assert "found" in CliRunner().invoke(cli, ["log", "--config", str(tmp_path / "config.yaml")], obj={}).output


def test_records_that_do_not_come_are_named_and_asked_for_again(
    box: Sandbox, make_job: MakeJob, tmp_path: Path
) -> None:
    """Exit code 75, the PMIDs in the message and in the log; the next run has them."""
    whole = pipeline.run_dry(make_job())
    box.fail(Fault(path="efetch", kind="drop-records", amount=3, times=1000))
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == 75
    (row,) = [row for row in questions.search_log(tmp_path / "data") if row["source"] == "PubMed"]
    assert row["unaccounted"] > 0
    assert add_up(row)
    lost = row["unaccounted_pmids"].split("; ")
    assert len(lost) == row["unaccounted"]
    report = next(report for report in outcome.reports if report.name == "PubMed")
    assert report.error is not None
    assert lost[0] in report.error
    box.clear_faults()
    again = pipeline.run(make_job())
    assert again.exit_code == 0
    with Library.open(tmp_path / "data", writable=False) as library:
        held = {held.record.source_key for key in lost if (held := library.records.get("pubmed", key))}
        assert held == set(lost)
        assert library.studies.count() == whole.new_studies


@pytest.mark.parametrize("kind", ["drop-records", "status"])
def test_a_first_run_that_failed_is_caught_up_a_month_later(
    box: Sandbox, make_job: MakeJob, tmp_path: Path, kind: str
) -> None:
    """The days that it was to read are still to be read, whenever the next run comes."""
    start = NOW - timedelta(days=40)
    whole = pipeline.run_dry(make_job(start)).reports[0].received
    box.fail(Fault(path="efetch", kind=kind, amount=3, status=500, times=1000))
    assert pipeline.run(make_job(start), send=False).exit_code in (69, 75)
    box.clear_faults()
    assert pipeline.run(make_job(), send=False).exit_code == 0
    (_, second) = [row for row in questions.search_log(tmp_path / "data") if row["source"] == "PubMed"]
    assert second["since"] == (start - timedelta(days=30)).date().isoformat()
    assert second["count"] >= whole


def test_a_record_that_cannot_be_read_keeps_the_window_open(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """It is named in the receipt, exit code 75; when it can be read, it is there."""
    box.fail(Fault(path="efetch", kind="malformed-record", times=1000))
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == 75
    (row,) = [row for row in questions.search_log(tmp_path / "data") if row["source"] == "PubMed"]
    assert row["unreadable"] >= 1
    assert add_up(row)
    error = outcome.reports[0].error
    assert error is not None
    assert "could not be read" in error
    # One paper makes no edition incomplete; the receipt names it.
    assert "incomplete" not in box.mailbox[0].message["Subject"]
    assert "could not be read" in " ".join(box.mailbox[0].raw.decode().split())
    box.clear_faults()
    again = pipeline.run(make_job(NOW + timedelta(weeks=5)))
    assert again.exit_code == 0
    with Library.open(tmp_path / "data", writable=False) as library:
        named = re.findall("99[0-9]{6}", error)
        assert named
        assert all(library.records.get("pubmed", pmid) for pmid in named)


def test_a_backfill_that_ends_early_goes_on_where_it_was(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """What came is not asked for again; together the two runs fetched everything once."""
    open_sources = open_with(Limits(requests_without_key=1000, portion=7))
    box.fail(Fault(path="efetch", kind="status", status=503, after=2, times=1000))
    first = pipeline.harvest(replace(make_job(), open_sources=open_sources), since=BACKFILL, source="pubmed")
    assert first.exit_code == 75
    came = first.reports[0].received
    assert came == 14
    assert first.reports[0].error is not None
    assert "unaccounted for" in first.reports[0].error
    box.clear_faults()
    before = len(fetched_pmids(box))
    job = make_job(NOW + timedelta(hours=1))
    second = pipeline.harvest(job, since=BACKFILL, source="pubmed")
    assert second.exit_code == 0
    rows = questions.search_log(tmp_path / "data")
    assert all(add_up(row) for row in rows)
    assert rows[-1]["held"] == came
    assert len(fetched_pmids(box)) - before == rows[-1]["count"] - came
    # A day later nothing is taken for granted any more.
    third = pipeline.harvest(make_job(NOW + timedelta(days=2)), since=BACKFILL, source="pubmed")
    assert third.reports[0].received == rows[-1]["count"]


def test_a_backfill_split_into_many_searches_holds_everything_once(
    box: Sandbox, make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PubMed lists no more than 9,999 papers; here no more than 20."""
    whole = pipeline.run_dry(make_job()).new_studies
    open_sources = open_with(Limits(requests_without_key=1000, listed=20, portion=4))
    outcome = pipeline.harvest(replace(make_job(), open_sources=open_sources), since=date(2020, 1, 1))
    assert outcome.exit_code == 0
    rows = [row for row in questions.search_log(tmp_path / "data") if row["source"] == "PubMed"]
    assert len(rows) > 2
    assert all(add_up(row) for row in rows)
    assert max(row["count"] for row in rows) <= 20
    assert outcome.new_studies >= whole


@pytest.mark.timeout(120)
def test_a_backfill_killed_between_portions_is_finished_by_the_same_command(tmp_path: Path) -> None:
    """SIGKILL; then everything is there once, and what had come was not asked for again."""
    script = (
        "import os, signal, sys\n"
        "from harvester.sources import desk\n"
        "from harvester.sources.pubmed import client\n"
        "client.Limits.__init__.__kwdefaults__['portion'] = 5\n"
        "save, left = desk.save_records, 3\n"
        "def dying(*arguments):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    save(*arguments)\n"
        "desk.save_records = dying\n"
        "from harvester.cli.commands import main\n"
        "main()\n"
    )
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
        config = write_settings(tmp_path / "config.yaml", box)
        command = [sys.executable, "-c", script, "harvest", "--since", "1960", "--source", "pubmed"]
        command += ["--config", str(config), "--now", NOW.isoformat(), "--quiet"]
        assert subprocess.run(command, check=False, env=dict(os.environ), timeout=60).returncode == -signal.SIGKILL
        job = Job(settings=read_settings(config), now=NOW, http=IMPATIENT)
        outcome = pipeline.harvest(job, since=BACKFILL, source="pubmed")
    assert outcome.exit_code == 0
    (row,) = questions.search_log(tmp_path / "data")
    assert row["held"] == 10
    assert add_up(row)
    with Library.open(tmp_path / "data", writable=False) as library:
        assert "open_window" not in library.sources.state("pubmed").mark
        held = sum(library.records.get("pubmed", pmid) is not None for pmid in set(fetched_pmids(box)))
    assert held == row["count"]


def test_new_rules_read_the_tags_of_all_studies_again(
    box: Sandbox, make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One table, read one way; the history says what reads otherwise, and a second run does nothing."""
    pipeline.run(make_job(), send=False)
    words = (Path(harvester.__file__).parent / "tagging" / "vocabulary" / "ketamine.yaml").read_text()
    own = tmp_path / "own.yaml"
    own.write_text(words.replace("compounds:", "compounds:\n  tea: {terms: [trial]}", 1), encoding="utf-8")
    before = (tmp_path / "data" / "studies.csv").read_text()
    job = make_job(NOW + timedelta(days=1), vocabulary="own.yaml")
    pipeline.run(job, send=False)
    after = (tmp_path / "data" / "studies.csv").read_text()
    assert "tea; " in after or "; tea" in after
    assert "tea; " not in before
    with Library.open(tmp_path / "data", writable=False) as library:
        events = library.studies.events(kind="retagged", after=0)
        assert events
        assert "tea" in str(events[0].detail["compounds"])
        count = library.studies.last_event_id()
    pipeline.run(make_job(NOW + timedelta(days=1), vocabulary="own.yaml"), send=False)
    with Library.open(tmp_path / "data", writable=False) as library:
        assert library.studies.last_event_id() == count


def test_new_rules_of_deduplication_compute_the_keys_again(make_job: MakeJob, tmp_path: Path) -> None:
    """A library whose keys are those of an older program would not find the likes of new records."""
    pipeline.run(make_job(), send=False)
    keys = "SELECT key, record_id FROM block_keys ORDER BY 1, 2"
    path = tmp_path / "data" / "library.db"
    with closing(sqlite3.connect(path)) as connection:
        before = connection.execute(keys).fetchall()
        connection.execute("DELETE FROM block_keys WHERE record_id % 2")
        connection.execute("UPDATE meta SET value = 'old' WHERE key = 'rules of keys'")
        connection.commit()
    pipeline.run(make_job(), send=False)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(keys).fetchall() == before
    assert before


def test_a_paper_that_pubmed_deleted_is_noticed_by_its_absence(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """A deleted paper is not listed; one that the query only finds no more is asked for by its PMID, and stays."""
    pipeline.run(make_job(NOW - timedelta(days=7)), send=False)
    narrow = {**make_job().settings.sources.model_dump(mode="json", exclude_none=True)}
    narrow["pubmed"] = {**narrow["pubmed"], "query": "esketamin*[tiab]"}
    outcome = pipeline.run(make_job(sources=narrow), send=False)
    assert outcome.exit_code == 0
    with Library.open(tmp_path / "data", writable=False) as library:
        gone = library.studies.events(kind="deleted", after=0)
        assert len(gone) == 1
        study = library.studies.get(gone[0].study_id)
        assert study is not None
        assert study.status == "withdrawn"
        assert "by mistake" in (study.title or "")


def test_a_feed_that_moved_on_by_more_than_it_shows_is_told(box: Sandbox, make_job: MakeJob) -> None:
    """The receipt says how many entries were probably missed; asking in time gives no such note."""

    def build_feed(first: int) -> bytes:
        items = "".join(
            f"<item><title>Ketamine paper number {number} of an invented journal (sample)</title>"
            f"<link>https://example.org/{number}</link><guid>g{number}</guid>"
            f"<pubDate>{(NOW + timedelta(days=number)).strftime('%a, %d %b %Y 06:00:00 GMT')}</pubDate></item>"
            for number in range(first + 4, first, -1)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>J</title>{items}</channel></rss>'.encode()

    url = box.serve_feed("moving", build_feed(0))
    sources = {"feeds": [{"name": "Moving", "url": url}]}
    assert pipeline.harvest(make_job(sources=sources)).reports[0].notes == ()
    box.serve_feed("moving", build_feed(3))
    assert pipeline.harvest(make_job(NOW + timedelta(days=3), sources=sources)).reports[0].notes == ()
    box.serve_feed("moving", build_feed(17))
    (note,) = pipeline.harvest(make_job(NOW + timedelta(days=17), sources=sources)).reports[0].notes
    assert "missed" in note
    assert "10 entries" in note


def test_retraction_watch_is_a_second_opinion(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """By DOI or PMID; told once; taken back when the list takes it back."""
    first = make_job()
    pipeline.run(first, send=False)
    with Library.open(tmp_path / "data", writable=False) as library:
        studies = list(library.studies.iterate(where="status = 'published' AND tier = 'core'"))
    by_doi = next(study for study in studies if study.identifiers.doi)
    by_pmid = next(study for study in studies if study.identifiers.pmid and study is not by_doi)
    header = "Record ID,OriginalPaperDOI,OriginalPaperPubMedID,RetractionDOI,RetractionDate,RetractionNature\n"
    retraction = f"1,{by_doi.identifiers.doi},0,10.5555/notice,11/20/2026 0:00,Retraction\n"
    other = f"2,unavailable,{by_pmid.identifiers.pmid},,11/21/2026 0:00,Correction\n3,10.5555/none,0,,,Retraction\n"
    path = tmp_path / "watch.csv"
    path.write_text(header + retraction + other, encoding="utf-8")
    sources = {**first.settings.sources.model_dump(mode="json", exclude_none=True)}
    sources["retraction_watch"] = {"file": "watch.csv"}

    def week(number: int) -> list[tuple[str, str]]:
        job = make_job(NOW + timedelta(weeks=number), sources=sources)
        outcome = pipeline.run(job, send=False)
        report = next(report for report in outcome.reports if report.name == "Retraction Watch")
        assert report.error is None
        from harvester.digest import load_edition

        with Library.open(tmp_path / "data", writable=False) as library:
            stored = library.editions.latest("weekly")
        assert stored is not None
        changes = load_edition(stored.document.encode()).changes
        return [(change.kind, change.study.study_id) for change in changes]

    ours = {by_doi.study_id, by_pmid.study_id}
    told = [change for change in week(1) if change[1] in ours]
    assert told == [("retracted", by_doi.study_id), ("corrected", by_pmid.study_id)]
    assert [change for change in week(2) if change[1] in ours] == []
    path.write_text(header + retraction + f"4,{by_doi.identifiers.doi},0,,12/4/2026 0:00,Reinstatement\n" + other)
    assert [change for change in week(3) if change[1] in ours] == [("reinstated", by_doi.study_id)]
    with Library.open(tmp_path / "data", writable=False) as library:
        study = library.studies.get(by_pmid.study_id)
    assert study is not None
    assert study.status == "corrected"


def test_a_retraction_list_that_cannot_be_read_stops_nothing(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """Named, exit code 75, the rest goes on."""
    (tmp_path / "watch.csv").write_text("<html>not a list</html>", encoding="utf-8")
    sources = {**make_job().settings.sources.model_dump(mode="json", exclude_none=True)}
    sources["retraction_watch"] = {"file": "watch.csv"}
    outcome = pipeline.run(make_job(sources=sources), send=False)
    assert outcome.exit_code == 75
    assert outcome.new_studies > 20
    report = next(report for report in outcome.reports if report.name == "Retraction Watch")
    assert report.error is not None
    assert "watch.csv" in report.error


def test_a_locked_library_is_told_and_the_next_run_catches_up(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """Another program holds a transaction open on the file for longer than we wait."""
    from harvester.ground.errors import LockedError

    pipeline.harvest(make_job(), source="pubmed", since=NOW.date())
    other = sqlite3.connect(tmp_path / "data" / "library.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LockedError) as caught:
        pipeline.run(replace(make_job(), busy_seconds=0.1))
    assert caught.value.exit_code == 75
    other.execute("ROLLBACK")
    other.close()
    assert pipeline.run(make_job()).exit_code == 0
    assert len(box.mailbox) == 2


def test_a_full_disk_is_told_and_the_next_run_catches_up(
    box: Sandbox, make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library cannot grow: SQLite says so as it does on a full disk."""
    from harvester.ground.errors import StorageError

    connect = Library.open

    def open_full(*arguments: object, **options: object) -> Library:
        library = connect(*arguments, **options)  # type: ignore[arg-type]
        (pages,) = library._connection.execute("PRAGMA page_count").fetchone()
        library._connection.execute(f"PRAGMA max_page_count = {pages + 8}")
        return library

    pipeline.harvest(make_job(), source="pubmed", since=NOW.date())
    with monkeypatch.context() as patch:
        patch.setattr(Library, "open", open_full)
        with pytest.raises(StorageError, match="full") as caught:
            pipeline.run(make_job())
    assert caught.value.exit_code == 75
    assert box.mailbox == []
    outcome = pipeline.run(make_job())
    assert outcome.exit_code == 0
    assert len(box.mailbox) == 2
    assert replace(outcome, reports=()).new_studies > 20
