"""What fails for weeks: told when it must be, kept to itself, and never the end of a run."""

from __future__ import annotations

import gzip
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli.commands import cli
from harvester.cli.terminal import warn_of
from harvester.ground.errors import ExitCode, StorageError
from harvester.jobs import check as checking
from harvester.jobs import pipeline, questions
from harvester.jobs.job import Job, read_settings
from harvester.library import Library
from harvester.paper.reports import SourceReport
from harvester.sandbox import Fault, Sandbox
from harvester.sources.feeds.harvest import JournalFeed
from tests.conftest import NOW, write_settings
from tests.jobs.test_failures import FEED, HASTY, OTHER_FEED, QUERY, make_job, sent
from tests.scripted_server import Reply, Seen, serve

PUBMED = "PubMed"


@pytest.fixture
def job(box: Sandbox, tmp_path: Path) -> Job:
    return make_job(box, tmp_path)


def report_of(reports: tuple[SourceReport, ...], name: str) -> SourceReport:
    (report,) = [report for report in reports if report.name == name]
    return report


def in_week(job: Job, box: Sandbox, week: int) -> Job:
    """Give the job of a later week; the server's clock follows."""
    box.now = NOW + timedelta(days=7 * week)
    return replace(job, now=box.now)


# -- one source's failure


@pytest.mark.parametrize(
    "error",
    [
        UnicodeError("cannot be written: \ud800"),
        RecursionError("too deep"),
        MemoryError(),
        KeyError("x"),
        OSError(1, "no"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("method", ["ask", "harvest", "_fetch"])
def test_whatever_one_source_raises_is_its_own_failure(
    job: Job, error: Exception, method: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = pipeline.run_dry(job)
    usual = getattr(JournalFeed, method)

    def breaks(source: JournalFeed, *given: object) -> object:
        if source.name == FEED:
            raise error
        return usual(source, *given)

    monkeypatch.setattr(JournalFeed, method, breaks)
    outcome = pipeline.run(job, send=False)
    failed = report_of(outcome.reports, FEED)
    assert failed.error is not None
    assert failed.error.startswith(f"a defect of ours; please report it ({type(error).__name__}")
    assert "\n" not in failed.error
    assert outcome.exit_code == ExitCode.PARTIAL
    for name in (PUBMED, OTHER_FEED):
        assert report_of(outcome.reports, name).received == report_of(whole.reports, name).received
    with Library.open(job.settings.data, writable=False) as library:
        assert library.sources.state(f"feed:{FEED}").mark == {}
    caplog.clear()
    warn_of(outcome)
    assert any(FEED in line and "Traceback" not in line for line in caplog.messages)
    if method == "_fetch":
        found = checking.check(job)
        (finding,) = [finding for finding in found if FEED in finding.what]
        assert finding.told.startswith("a defect of ours")
        assert {finding.what for finding in found} >= {PUBMED, f"feed {OTHER_FEED}"}
    monkeypatch.undo()
    assert report_of(pipeline.run(job, send=False).reports, FEED).received


def test_what_a_source_raises_in_a_transaction_is_rolled_back(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    from harvester.library.record_store import RecordStore

    usual = RecordStore.save

    def breaks(store: RecordStore, records: object, **options: object) -> list[int]:
        saved = usual(store, list(records), **options)  # type: ignore[call-overload, arg-type]
        if any(record.source == f"feed:{FEED}" for record in records):  # type: ignore[attr-defined]
            raise RecursionError("in the middle")
        return saved

    monkeypatch.setattr(RecordStore, "save", breaks)
    outcome = pipeline.harvest(job)
    assert "RecursionError: in the middle" in str(report_of(outcome.reports, FEED).error)
    with Library.open(job.settings.data, writable=False) as library:
        assert not library.records.has_any(f"feed:{FEED}")
        assert library.records.has_any(f"feed:{OTHER_FEED}")
    monkeypatch.undo()
    assert pipeline.harvest(job).exit_code == ExitCode.DONE


@pytest.mark.parametrize("error", [StorageError("the disk is full"), OSError(28, "No space left on device")])
def test_a_full_disk_still_ends_the_run(job: Job, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(source: JournalFeed, desk: object) -> object:
        raise error

    monkeypatch.setattr(JournalFeed, "harvest", breaks)
    with pytest.raises(type(error)):
        pipeline.harvest(job)


def test_a_feed_that_redirects_to_no_address_costs_the_others_nothing(box: Sandbox, job: Job) -> None:
    for target in ("http://[bad/", "file:///etc/passwd", "http://169.254.169.254/latest"):
        box.clear_faults()
        box.fail(Fault(path=f"feed:{FEED}", kind="redirect", status=302, url=target, times=None))
        outcome = pipeline.harvest(job)
        assert "redirects to" in str(report_of(outcome.reports, FEED).error)
        assert report_of(outcome.reports, PUBMED).error is None
        (finding,) = [finding for finding in checking.check(job) if FEED in finding.what]
        assert finding.verdict == "failed"


# -- a feed that fails now and then


def test_a_feed_is_told_when_it_failed_in_three_runs_and_once_when_it_is_back(box: Sandbox, job: Job) -> None:
    assert pipeline.run(job).exit_code == ExitCode.DONE
    fault = Fault(path=f"feed:{FEED}", kind="status", status=404, times=None)
    for week in (1, 2, 3, 4):
        box.fail(fault)
        outcome = pipeline.run(in_week(job, box, week))
        report = report_of(outcome.reports, FEED)
        text = sent(box, week)
        assert report.failed_runs == week
        assert "Failed: " in text  # the receipt always tells
        is_told = week >= 3
        assert report.is_tolerated != is_told
        assert (f"{FEED} (failing since" in text) == is_told
        assert outcome.exit_code == (ExitCode.PARTIAL if is_told else ExitCode.DONE)
    box.clear_faults()
    outcome = pipeline.run(in_week(job, box, 5))
    assert outcome.exit_code == ExitCode.DONE
    (note,) = report_of(outcome.reports, FEED).notes
    assert note.startswith("it answers again; it had failed since 2026-11-30")
    assert report_of(pipeline.run(in_week(job, box, 6)).reports, FEED).notes == ()
    box.fail(fault)
    assert pipeline.run(in_week(job, box, 7)).exit_code == ExitCode.DONE
    box.clear_faults()
    assert report_of(pipeline.run(in_week(job, box, 8)).reports, FEED).notes == ()  # it was never told


def test_a_feed_that_never_answered_is_told_at_once_and_tolerance_is_a_setting(box: Sandbox, tmp_path: Path) -> None:
    feeds = [
        {"name": FEED, "url": box.feed_url(FEED), "tolerate": 1},
        {"name": OTHER_FEED, "url": box.feed_url(OTHER_FEED), "required": True},
    ]
    settings = read_settings(write_settings(tmp_path / "config.yaml", box, sources={"feeds": feeds}))
    job = Job(settings=settings, now=NOW, http=HASTY)
    box.fail(Fault(path=f"feed:{FEED}", kind="status", status=404, times=None))
    assert pipeline.harvest(job).exit_code == ExitCode.PARTIAL
    box.clear_faults()
    assert pipeline.harvest(job).exit_code == ExitCode.DONE
    for name in (FEED, OTHER_FEED):
        box.fail(Fault(path=f"feed:{name}", kind="status", status=404, times=1))
        assert pipeline.harvest(job).exit_code != ExitCode.DONE


# -- a paper that is listed and never comes


@contextmanager
def withholding(box: Sandbox, how: str) -> Iterator[tuple[str, set[str], list[str]]]:
    """Serve PubMed without some papers; give its address, the set of their PMIDs, and each list of PMIDs asked for."""
    withheld: set[str] = set()
    asked: list[str] = []

    def answer(seen: Seen) -> Reply:
        form = dict(seen.form)
        wanted = form.get("id", "").split(",")
        caught = withheld.intersection(wanted)
        if seen.path.endswith("efetch.fcgi"):
            asked.append(form["id"])
            if caught and how == "broken":
                return Reply(status=500)
            if caught and how == "dropped":
                form["id"] = ",".join(pmid for pmid in wanted if pmid not in withheld)
                if not form["id"]:
                    return Reply(body=b"<PubmedArticleSet></PubmedArticleSet>", headers={"Content-Type": "text/xml"})
        url = f"{box.pubmed_url}{seen.path.rpartition('/')[2]}"
        with urllib.request.urlopen(url, data=urllib.parse.urlencode(form).encode()) as response:
            body = response.read()
            kind = response.headers["Content-Type"]
        for pmid in caught if how == "unreadable" else ():
            record = re.compile(
                rb"(<PMID[^>]*>%s</PMID>(?:(?!</PubmedArticle>).)*?)</ArticleTitle>" % pmid.encode(), re.S
            )
            body = record.sub(rb"\1</Artic", body, count=1)
        return Reply(body=body, headers={"Content-Type": kind})

    with serve(answer) as server:
        yield server.url, withheld, asked


@pytest.mark.parametrize("how", ["dropped", "broken", "unreadable"])
def test_a_paper_that_never_comes_is_put_aside_by_name_after_three_runs(
    box: Sandbox, job: Job, tmp_path: Path, how: str
) -> None:
    with withholding(box, how) as (url, withheld, asked):
        path = tmp_path / "config.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(box.pubmed_url, url), encoding="utf-8")
        job = replace(job, settings=read_settings(path))
        first = pipeline.run_dry(job)
        (pmid,) = sorted(asked[-1].split(","))[:1]
        withheld.add(pmid)
        errors = []
        for week in range(3):
            outcome = pipeline.run(in_week(job, box, week))
            report = report_of(outcome.reports, PUBMED)
            errors.append(report.error)
            assert "incomplete" not in box.mailbox[week].message["Subject"]
            if week < 2:
                assert outcome.exit_code == ExitCode.PARTIAL
                assert pmid in str(report.error)
                assert (report.missing, report.listed > 2) == (1, True)
                assert pmid in sent(box, week)
                assert put_aside(job) == []
        assert errors[2] is None
        assert outcome.exit_code == ExitCode.DONE
        assert [note for note in report.notes if f"PMID {pmid} was listed in 3 runs" in note]
        assert f"PMID {pmid} was listed in 3 runs" in sent(box, 2)
        assert mark_of(job)["watermark"] == "2026-12-07"
        (aside,) = put_aside(job)
        assert (aside[0], aside[1]) == ("pubmed", pmid)
        assert aside[2] == ("could not be read" if how == "unreadable" else "did not come")
        log = CliRunner().invoke(cli, ["log", "--config", str(path)], obj={}).output
        assert f"put aside  pubmed {pmid}" in log

        del asked[:]
        outcome = pipeline.run(in_week(job, box, 3))
        report = report_of(outcome.reports, PUBMED)
        assert (outcome.exit_code, report.error, report.notes) == (ExitCode.DONE, None, ())
        assert pmid in asked  # alone
        assert not [ids for ids in asked if pmid in ids and ids != pmid]

        withheld.clear()
        outcome = pipeline.run(in_week(job, box, 4))
        assert outcome.new_studies >= 1
        assert any(f"PMID {pmid} was put aside" in note for note in report_of(outcome.reports, PUBMED).notes)
        assert put_aside(job) == []
        with Library.open(job.settings.data, writable=False) as library:
            assert library.records.get("pubmed", pmid) is not None
        for row in questions.search_log(job.settings.data):
            if row["source"] == PUBMED:
                parts = ("fetched", "held", "deleted", "unreadable", "unaccounted")
                assert row["count"] == sum(row[part] for part in parts)
        assert first.new_studies >= 2


def put_aside(job: Job) -> list[tuple[str, str, str]]:
    """Give what is put aside: source, name, and the beginning of why."""
    return [(item.source, item.name, item.why.partition(" (")[0]) for item in questions.put_aside(job.settings.data)]


def mark_of(job: Job) -> dict[str, object]:
    with Library.open(job.settings.data, writable=False) as library:
        return dict(library.sources.state("pubmed").mark)


def test_a_server_that_is_down_for_weeks_puts_nothing_aside(box: Sandbox, job: Job) -> None:
    box.fail(Fault(path="efetch", kind="status", status=500, times=None))
    for week in range(4):
        outcome = pipeline.run(in_week(job, box, week), send=False)
        assert outcome.exit_code == ExitCode.UNAVAILABLE
    assert put_aside(job) == []
    box.clear_faults()
    assert report_of(pipeline.run(in_week(job, box, 4), send=False).reports, PUBMED).received > 2


# -- secrets


SECRET_URL = "feed?token=hush-hush-1234&format=rss"


def everything_kept(folder: Path) -> bytes:
    """Give the bytes of all files below a folder, unpacked."""
    parts = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            parts += [path.name.encode(), gzip.decompress(content) if path.suffix == ".gz" else content]
    return b"\n".join(parts)


@pytest.mark.parametrize("answer", ["good", "gone", "html", "redirect"])
def test_of_a_secret_address_only_the_host_is_told_and_kept(
    box: Sandbox, tmp_path: Path, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    def reply(seen: Seen) -> Reply:
        here = f"{server.url}{seen.path.lstrip('/')}?token={seen.query.get('token', '')}&format=rss"
        if answer == "redirect" and seen.path == "/private-0a1b2c3d4e5f6a7b8c9d/feed":
            return Reply(status=301, headers={"Location": f"{server.url}{SECRET_URL}"})
        if answer == "gone":
            return Reply(status=404)
        if answer == "html":
            return Reply(body=f"<html><title>{here}</title></html>".encode())
        item = "<item><title>Esketamine for whom it helps</title><link>https://example.org/1</link></item>"
        self_link = here.replace("&", "&amp;")
        body = f'<rss version="2.0"><channel><title>X</title><link>{self_link}</link>{item}</channel></rss>'
        return Reply(body=body.encode(), headers={"Link": f"<{here}>; rel=self"})

    with serve(reply) as server:
        secret = f"{server.url}private-0a1b2c3d4e5f6a7b8c9d/{SECRET_URL}"
        feeds = [{"name": "Members only", "url_env": "MEMBERS_FEED"}]
        path = write_settings(tmp_path / "config.yaml", box, sources={"feeds": feeds})
        job = Job(settings=read_settings(path), now=NOW, http=HASTY, secrets={"MEMBERS_FEED": secret}.get)
        outcome = pipeline.run(job, send=False)
        told = [finding.told for finding in checking.check(job)]
        warn_of(outcome)
    (report,) = outcome.reports
    assert report.answered == (answer in ("good", "redirect"))
    kept = everything_kept(tmp_path / "data") + everything_kept(tmp_path / "digests")
    words = f"{kept.decode('utf-8', 'replace')} {report} {told} {caplog.text}"
    assert "127.0.0.1" in words
    for part in ("hush-hush", "0a1b2c3d4e5f6a7b8c9d"):
        assert part not in words
    assert "Esketamine for whom it helps" in words or not report.answered


def test_a_secret_address_that_is_not_set_is_that_feeds_failure(box: Sandbox, tmp_path: Path) -> None:
    feeds = [{"name": "Members only", "url_env": "MEMBERS_FEED"}, {"name": FEED, "url": box.feed_url(FEED)}]
    path = write_settings(tmp_path / "config.yaml", box, sources={"feeds": feeds})
    outcome = pipeline.harvest(Job(settings=read_settings(path), now=NOW, http=HASTY))
    assert "the environment variable MEMBERS_FEED is not set" in str(report_of(outcome.reports, "Members only").error)
    assert report_of(outcome.reports, FEED).received


def test_keys_in_plain_addresses_are_masked_wherever_they_are_kept(box: Sandbox, tmp_path: Path) -> None:
    with serve([Reply(status=404)]) as server:
        url = f"{server.url.replace('http://', 'http://me:hunter22@')}0a1b2c3d4e5f6a7b8c9d/feed?rsskey=hush-hush"
        feeds = [{"name": "Members only", "url": url}, {"name": FEED, "url": box.feed_url(FEED)}]
        path = write_settings(tmp_path / "config.yaml", box, sources={"feeds": feeds})
        outcome = pipeline.run(Job(settings=read_settings(path), now=NOW, http=HASTY), send=False)
    kept = everything_kept(tmp_path / "data") + everything_kept(tmp_path / "digests")
    for part in (b"hush-hush", b"0a1b2c3d4e5f6a7b8c9d", b"hunter22"):
        assert part not in kept + str(outcome.reports).encode()


def test_a_key_that_a_server_repeats_in_its_words_is_masked_by_its_value(box: Sandbox, tmp_path: Path) -> None:
    script = [Reply(status=400, body=b'{"error": "no such user: qwertzuiop"}', headers={"Content-Type": "text/json"})]
    with serve(script) as server:
        sources = {"pubmed": {"query": QUERY, "base_url": server.url}}
        path = write_settings(tmp_path / "config.yaml", box, sources=sources)
        job = Job(settings=read_settings(path), now=NOW, http=HASTY, secrets={"NCBI_API_KEY": "qwertzuiop"}.get)
        (report,) = pipeline.harvest(job).reports
    assert "no such user: …" in str(report.error)
    assert b"qwertzuiop" not in everything_kept(tmp_path / "data")
