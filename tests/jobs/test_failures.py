"""Every failure that sources are known for, played to the whole run: once for a moment, and once lasting.

For a moment: the run asks again, ends well and has everything.  Lasting: the run says what failed and where, the
other sources are unharmed, and the next run without the failure has everything, each study once.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from harvester.ground.errors import ExitCode
from harvester.jobs import pipeline
from harvester.jobs.job import Job, read_settings
from harvester.jobs.pipeline import Outcome
from harvester.sandbox import Fault, Sandbox
from harvester.sources.pubmed.client import Limits
from tests.conftest import IMPATIENT, NOW, invented_corpus, open_unpaced, open_with, write_settings

QUERY = "esketamin*[tiab] OR quetiapine[tiab]"
FEED = "Anaesthesia & Mind Reports"
OTHER_FEED = "mockRxiv Psychiatry"
# The servers are on this machine; what takes longer than this hangs on purpose.
HASTY = replace(IMPATIENT, read_timeout=0.5, total_timeout=0.8, backoff_seconds=0.01, max_wait=0.05)

Table = list[tuple[str, str, str, str]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One failure, and what a run makes of it while it lasts."""

    fault: dict[str, Any] = field(default_factory=dict)  # of `Fault`, without path and times
    says: str = ""  # what the report of the source says, in its error or its notes
    retried: bool = True  # whether asking again within the run helps where it passes


ESEARCH = {
    "429": Case(fault={"kind": "rate-limit", "retry_after": "0"}, says="429"),
    "429-for-an-hour": Case(fault={"kind": "rate-limit", "retry_after": "3600"}, says="API rate limit exceeded"),
    "400": Case(fault={"kind": "status", "status": 400}, says="400"),
    "500": Case(fault={"kind": "status", "status": 500}, says="500"),
    "502": Case(fault={"kind": "status", "status": 502}, says="502"),
    "503": Case(fault={"kind": "status", "status": 503, "retry_after": "0"}, says="503"),
    "invalid-key": Case(fault={"kind": "invalid-key"}, says="API key invalid"),
    "hang": Case(fault={"kind": "hang"}, says="was silent"),
    "drip": Case(fault={"kind": "drip", "seconds": 0.1}, says="did not finish its answer"),
    "reset": Case(fault={"kind": "reset"}, says="broke the connection"),
    "cut": Case(fault={"kind": "cut"}, says="cut its answer short"),
    "truncated": Case(fault={"kind": "truncated"}, says="no search result"),
    "html": Case(fault={"kind": "html"}, says="<!DOCTYPE html>"),
    "empty": Case(fault={"kind": "empty-body"}, says="nothing"),
    "no-result": Case(fault={"kind": "no-result"}, says="no search result"),
    "address-table": Case(fault={"kind": "error", "error": "address-table"}, says="address table is empty"),
    "database": Case(fault={"kind": "error", "error": "database"}, says="Database is not supported"),
    "unavailable": Case(fault={"kind": "error", "error": "unavailable"}, says="Search Backend failed"),
    "raw-newline": Case(fault={"kind": "error", "error": "raw-newline"}, says="cannot be larger than 9998"),
    "empty-term": Case(fault={"kind": "error", "error": "empty-term"}, says="Empty term"),
    "history": Case(fault={"kind": "error", "error": "history"}, says="Unable to obtain query"),
    "short-list": Case(fault={"kind": "cut-idlist", "amount": 3}, says="lists"),
}
EFETCH = {
    "429": Case(fault={"kind": "rate-limit", "retry_after": "0"}, says="429"),
    "400-bad-ids": Case(fault={"kind": "error", "error": "empty-ids", "status": 400}, says="ID list is empty"),
    "414": Case(fault={"kind": "status", "status": 414}, says="414"),
    "502": Case(fault={"kind": "status", "status": 502}, says="502"),
    "hang": Case(fault={"kind": "hang"}, says="was silent"),
    "reset": Case(fault={"kind": "reset"}, says="broke the connection"),
    "cut": Case(fault={"kind": "cut"}, says="cut its answer short"),
    "truncated": Case(fault={"kind": "truncated"}, says="ends too early"),
    "html": Case(fault={"kind": "html"}, says="no usable records"),
    "empty": Case(fault={"kind": "empty-body"}, says="no usable records"),
    "error": Case(fault={"kind": "error", "error": "fetch"}, says="did not answer"),
    "no-result": Case(fault={"kind": "no-result"}, says="no usable records"),
    "empty-set": Case(fault={"kind": "empty-set"}, says="did not come"),
    "short": Case(fault={"kind": "drop-records", "amount": 3}, says="did not come"),
    "laughs": Case(fault={"kind": "billion-laughs"}, says="no usable records"),
    "bomb": Case(fault={"kind": "gzip-bomb", "amount": 70}, says="more than 64 MB", retried=False),
}
FEEDS = {
    "403": Case(fault={"kind": "status", "status": 403}, says="refuses programs", retried=False),
    "404": Case(fault={"kind": "status", "status": 404}, says="the address is gone", retried=False),
    "410": Case(fault={"kind": "status", "status": 410}, says="remove it", retried=False),
    "429": Case(fault={"kind": "status", "status": 429, "retry_after": "0"}, says="429"),
    "503": Case(fault={"kind": "status", "status": 503}, says="503"),
    "304-unasked": Case(fault={"kind": "not-modified"}, says="304"),
    "captcha": Case(fault={"kind": "captcha"}, says="HTML page instead of a feed", retried=False),
    "empty": Case(fault={"kind": "empty-body"}, says="empty answer instead of a feed", retried=False),
    "hang": Case(fault={"kind": "hang"}, says="was silent"),
    "reset": Case(fault={"kind": "reset"}, says="broke the connection"),
    "cut": Case(fault={"kind": "cut"}, says="cut its answer short"),
    "bomb": Case(fault={"kind": "gzip-bomb", "amount": 20}, says="more than 16 MB", retried=False),
    "100-mb": Case(fault={"kind": "huge"}, says="more than 16 MB", retried=False),
    "laughs": Case(fault={"kind": "billion-laughs"}, says="refused unread", retried=False),
    "circle": Case(fault={"kind": "redirect", "status": 302, "url": "SELF"}, says="redirects", retried=False),
}
# What goes on while they last, without a run being any the poorer; the note that it writes, if it does.
HARMLESS = {
    ("efetch", "next-dtd"): Case(fault={"kind": "next-dtd"}),
    ("efetch", "repeated-record"): Case(fault={"kind": "repeated-record"}),
    ("efetch", "history-expired"): Case(fault={"kind": "history-expired"}),
    ("feed", "302"): Case(fault={"kind": "redirect", "status": 302, "url": "OTHER"}),
    ("feed", "301"): Case(fault={"kind": "redirect", "status": 301, "url": "OTHER"}, says="moved for good to"),
    ("feed", "no-dates"): Case(fault={"kind": "no-dates"}),
    ("feed", "changed-guids"): Case(fault={"kind": "changed-guids"}),
    ("feed", "wrong-charset"): Case(fault={"kind": "wrong-charset"}),
}
# What costs something while it lasts, is told, and is made good by the next run.
TOLD = {
    ("efetch", "malformed-record"): Case(fault={"kind": "malformed-record"}, says="could not be read"),
    ("efetch", "invalid-record"): Case(fault={"kind": "invalid-record"}, says="could not be read"),
    ("efetch", "other-record"): Case(fault={"kind": "other-record"}, says=""),
    ("feed", "truncated"): Case(fault={"kind": "truncated"}, says="not well-formed"),
    ("feed", "xml-error"): Case(fault={"kind": "xml-error"}, says="not well-formed"),
}
FAILING = [
    pytest.param(path, case, id=f"{path}-{name}")
    for path, cases in (("esearch", ESEARCH), ("efetch", EFETCH), ("feed", FEEDS))
    for name, case in cases.items()
]


@pytest.fixture
def job(box: Sandbox, tmp_path: Path) -> Job:
    return make_job(box, tmp_path)


def make_job(box: Sandbox, folder: Path) -> Job:
    """Make a small job: PubMed, two feeds, one reader."""
    sources = {
        "pubmed": {"query": QUERY, "base_url": box.pubmed_url},
        "feeds": [{"name": name, "url": box.feed_url(name)} for name in (FEED, OTHER_FEED)],
    }
    digests = [{"name": "weekly", "title": "Weekly", "recipients": ["a@example.org"]}]
    path = write_settings(folder / "config.yaml", box, sources=sources, digests=digests)
    return Job(settings=read_settings(path), now=NOW, http=HASTY, open_sources=open_unpaced)


def table(job: Job) -> Table:
    """Give what the table holds, without the numbers that depend on the order of arrival."""
    with (job.settings.data / "studies.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return sorted((row["pmid"], row["doi"], row["title"], row["record_count"]) for row in rows)


def titles(rows: Table) -> set[str]:
    """Give the titles in a table; PubMed's end with a full stop and feeds' do not."""
    return {title.rstrip(".") for _, _, title, _ in rows}


@cache
def whole() -> Table:
    """Give what a run without any failure has."""
    with TemporaryDirectory() as folder, Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
        job = make_job(box, Path(folder))
        assert pipeline.harvest(job).exit_code == ExitCode.DONE
        found = table(job)
    assert len([row for row in found if row[0]]) >= 8
    return found


def play(box: Sandbox, path: str, case: Case, *, times: int | None) -> None:
    """Let the server play a case."""
    urls = {"SELF": box.feed_url(FEED), "OTHER": f"{box.feed_url(FEED)}?moved=1"}
    options = {**case.fault, **({"url": urls[case.fault["url"]]} if "url" in case.fault else {})}
    box.fail(Fault(path=f"feed:{FEED}" if path == "feed" else path, times=times, **options))


def said(outcome: Outcome, path: str) -> str:
    """Give what the report of the source that failed says; no other has an error."""
    name = FEED if path == "feed" else "PubMed"
    others = [report for report in outcome.reports if report.name != name]
    assert [report.error for report in others] == [None, None]
    assert all(report.answered and report.received for report in others)
    (report,) = [report for report in outcome.reports if report.name == name]
    return " ".join([report.error or "", *report.notes])


def check_others(job: Job, path: str) -> None:
    """Make sure that what the other sources gave is in the table."""
    held = {title for _, _, title, _ in table(job)}
    if path == "feed":
        assert {row[2] for row in whole() if row[0]} <= held
    else:
        assert any(not row[0] for row in table(job))


def passing() -> Iterator[Any]:
    """Give the failures that asking again cures, one of each path at a time, because each path asks by itself."""
    kinds = {"esearch": ESEARCH, "efetch": EFETCH, "feed": FEEDS}
    rows = [[(path, name, case) for name, case in kinds[path].items() if case.retried] for path in kinds]
    for together in zip_longest(*rows):
        chosen = [item for item in together if item is not None]
        label = "+".join(f"{path}-{name}" for path, name, _ in chosen)
        yield pytest.param([(path, case) for path, _, case in chosen], id=label)


@pytest.mark.parametrize("cases", list(passing()))
def test_failures_that_pass_cost_nothing(box: Sandbox, job: Job, cases: list[tuple[str, Case]]) -> None:
    """The run asks again, and is none the poorer."""
    for path, case in cases:
        play(box, path, case, times=1)
    outcome = pipeline.harvest(job)
    assert [report.error for report in outcome.reports] == [None, None, None]
    assert outcome.exit_code == ExitCode.DONE
    assert table(job) == whole()


@pytest.mark.parametrize(("path", "case"), FAILING)
def test_a_failure_that_lasts_is_told_and_made_good_by_the_next_run(
    box: Sandbox, job: Job, path: str, case: Case
) -> None:
    """What failed and where; the others unharmed; then everything, each study once."""
    play(box, path, case, times=None)
    outcome = pipeline.harvest(job)
    assert outcome.exit_code in ((ExitCode.PARTIAL,) if path == "feed" else (ExitCode.PARTIAL, ExitCode.UNAVAILABLE))
    assert any(report.error for report in outcome.reports)
    assert case.says in said(outcome, path)
    check_others(job, path)
    box.clear_faults()
    assert pipeline.harvest(job).exit_code == ExitCode.DONE
    assert table(job) == whole()


@pytest.mark.parametrize(
    ("path", "case"),
    [
        pytest.param("esearch", ESEARCH["503"], id="esearch-503"),
        pytest.param("efetch", EFETCH["short"], id="efetch-short"),
        pytest.param("feed", FEEDS["captcha"], id="feed-captcha"),
    ],
)
def test_a_failure_is_mailed_once_and_what_came_late_is_in_the_next_edition(
    box: Sandbox, job: Job, path: str, case: Case
) -> None:
    """The readers are told, nobody is mailed twice in a week, and no study is left out or sent twice."""
    play(box, path, case, times=None)
    pipeline.run(job)
    box.clear_faults()
    assert pipeline.run(job).exit_code == ExitCode.DONE
    assert [message.recipients for message in box.mailbox] == [("a@example.org",)]
    assert (FEED if path == "feed" else "PubMed") in sent(box, 0)
    box.now = NOW + timedelta(days=7)
    assert pipeline.run(replace(job, now=box.now)).exit_code == ExitCode.DONE
    assert len(box.mailbox) == 2
    with (job.settings.data / "studies.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["tier"] != "off-topic"]
    assert all(row["first_edition"] for row in rows)
    first, second = (edition_ids(job, week) for week in ("2026-W48", "2026-W49"))
    assert {row["study_id"] for row in rows} == first | second
    assert not first & second


def edition_ids(job: Job, week: str) -> set[str]:
    """Give the studies that an edition holds."""
    content = json.loads((job.settings.editions / week / "weekly" / "digest.json").read_bytes())
    return {study["study_id"] for study in content["studies"]}


def sent(box: Sandbox, number: int) -> str:
    """Give the text of a message that was received, on one line."""
    part = box.mailbox[number].message.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


@pytest.mark.parametrize(
    ("path", "case"), [pytest.param(path, case, id=f"{path}-{name}") for (path, name), case in HARMLESS.items()]
)
def test_what_is_no_failure_to_us_costs_nothing(box: Sandbox, job: Job, path: str, case: Case) -> None:
    """Next year's DTD, an address that moved, a feed without dates: all there, and nothing twice."""
    redirects = case.fault["kind"] == "redirect"
    play(box, path, case, times=1 if redirects else None)
    outcome = pipeline.harvest(job)
    assert outcome.exit_code == ExitCode.DONE
    assert case.says in said(outcome, path)
    assert bool(said(outcome, path)) == bool(case.says)
    assert titles(table(job)) == titles(whole())
    before = table(job)
    assert pipeline.harvest(job).exit_code == ExitCode.DONE
    assert table(job) == before


@pytest.mark.parametrize(
    ("path", "case"), [pytest.param(path, case, id=f"{path}-{name}") for (path, name), case in TOLD.items()]
)
def test_a_damage_in_part_is_told_and_made_good_by_the_next_run(box: Sandbox, job: Job, path: str, case: Case) -> None:
    """A record or an entry that cannot be read costs itself only."""
    play(box, path, case, times=None)
    outcome = pipeline.harvest(job)
    assert case.says in said(outcome, path)
    check_others(job, path)
    assert len(titles(whole()) - titles(table(job))) <= 4
    box.clear_faults()
    assert pipeline.harvest(job).exit_code == ExitCode.DONE
    assert titles(table(job)) == titles(whole())


@pytest.mark.parametrize("kind", ["count-changes", "count-grows"])
def test_a_count_that_changes_while_it_is_read_loses_nothing(box: Sandbox, job: Job, kind: str) -> None:
    """Records appear and vanish between two requests; the windows of two runs overlap."""
    box.fail(Fault(path="esearch", kind=kind, times=None))
    pipeline.harvest(job)
    assert len(table(job)) >= len(whole()) - 1
    box.clear_faults()
    assert pipeline.harvest(job).exit_code == ExitCode.DONE
    assert table(job) == whole()


@pytest.mark.parametrize("kind", ["count-changes", "count-grows", "cut-idlist"])
def test_a_count_that_changes_while_a_list_is_read_in_parts_loses_nothing(box: Sandbox, job: Job, kind: str) -> None:
    """More papers than PubMed lists, in the middle of which the first answers are wrong."""
    job = replace(job, open_sources=open_with(Limits(requests_without_key=1000, listed=3)))
    box.fail(Fault(path="esearch", kind=kind, after=1, times=1))
    assert pipeline.harvest(job).exit_code == ExitCode.DONE
    assert table(job) == whole()


def test_a_list_of_more_than_pubmed_gives_is_whole(box: Sandbox, job: Job) -> None:
    """Were it no more than two at a time, even papers of one day would be told apart."""
    job = replace(job, open_sources=open_with(Limits(requests_without_key=1000, listed=2)))
    assert pipeline.harvest(job).exit_code == ExitCode.DONE
    assert table(job) == whole()
    assert any("[uid]" in request.params.get("term", "") for request in box.requests)


def test_an_empty_list_does_not_pass_for_a_quiet_week(box: Sandbox, job: Job) -> None:
    """Said once, it is asked again; said for good, it is told, and the windows of two runs overlap."""
    week_before = NOW - timedelta(days=7)
    box.now = week_before
    assert pipeline.harvest(replace(job, now=week_before)).exit_code == ExitCode.DONE
    box.now = NOW
    play(box, "esearch", Case(fault={"kind": "empty-set"}), times=None)
    assert "PubMed" in said(pipeline.harvest(job), "esearch")
    box.clear_faults()
    play(box, "esearch", Case(fault={"kind": "empty-set"}), times=1)
    assert pipeline.harvest(job).exit_code == ExitCode.DONE
    assert titles(whole()) <= titles(table(job))


def daily(numbers: range) -> bytes:
    """Give a feed of one entry a day."""
    entries = "".join(
        f"<item><title>Invented esketamine paper with the number {n}</title><link>https://example.org/{n}</link>"
        f"<pubDate>{n + 1:02d} Nov 2026 06:00:00 GMT</pubDate></item>"
        for n in reversed(numbers)
    )
    return f'<rss version="2.0"><channel><title>Invented</title>{entries}</channel></rss>'.encode()


def test_what_a_feed_dropped_between_two_runs_is_told(box: Sandbox, tmp_path: Path) -> None:
    """Ten days fell off its end; a run without news in between changes nothing of that."""
    url = box.serve_feed("Invented Daily", daily(range(5)))
    path = write_settings(tmp_path / "config.yaml", box, sources={"feeds": [{"name": "Invented Daily", "url": url}]})
    job = Job(settings=read_settings(path), now=NOW, http=HASTY, open_sources=open_unpaced)
    for _ in range(2):
        assert [report.notes for report in pipeline.harvest(job).reports] == [()]
    box.serve_feed("Invented Daily", daily(range(15, 20)))
    (report,) = pipeline.harvest(job).reports
    assert any("about 10 entries between 2026-11-05 and 2026-11-16 were missed" in note for note in report.notes)
    assert [report.notes for report in pipeline.harvest(job).reports] == [()]


def test_all_sources_down_is_unavailable(box: Sandbox, job: Job) -> None:
    """The table is made all the same, the mail waits, and the next run has everything."""
    box.fail(Fault(path="", kind="reset", times=None))
    assert pipeline.run(job).exit_code == ExitCode.UNAVAILABLE
    assert table(job) == []
    assert box.mailbox == []
    box.clear_faults()
    assert pipeline.run(job).exit_code == ExitCode.DONE
    assert table(job) == whole()
    assert len(box.mailbox) == 1


def test_every_failure_that_the_server_can_play_is_played_here() -> None:
    """A new kind of fault without a test here would be one that nobody tried."""
    from harvester.sandbox.faults import ERRORS, WEB_KINDS

    cases = [*ESEARCH.values(), *EFETCH.values(), *FEEDS.values(), *HARMLESS.values(), *TOLD.values()]
    played = {case.fault["kind"] for case in cases} | {"count-changes", "count-grows"}
    assert played == WEB_KINDS.keys() - {"body"}
    assert {case.fault["error"] for case in cases if "error" in case.fault} == set(ERRORS)
