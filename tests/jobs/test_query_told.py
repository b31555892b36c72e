"""What is wrong with a query is told by every run and by `check`, before PubMed and by PubMed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harvester.cli.terminal import warn_of
from harvester.ground.errors import ExitCode
from harvester.jobs import pipeline
from harvester.jobs.check import check
from harvester.jobs.job import Job
from harvester.sandbox import Fault, Sandbox

BLIND = "new papers have no MeSH terms for weeks and are missed"


def job_for(box: Sandbox, make_job: Callable[..., Job], query: str) -> Job:
    return make_job(sources={"pubmed": {"query": query, "base_url": box.pubmed_url}})


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("esketamin*[tiab] OR ketamien[tiab]", ["PubMed does not know 'ketamien[tiab]' and searched without it"]),
        ("esketamin*[tiab] OR quetiapine[tiabb]", ["PubMed has no field 'tiabb'"]),
        ('"Ketamine"[Mesh] AND depress*[tiab]', [BLIND]),
        ("esketamin*[tiab] OR arketamine[tiab] AND depress*[tiab]", ["AND and OR stand side by side"]),
        ("(esketamin*[tiab] OR arketamine[tiab]", ["a parenthesis is opened and not closed"]),
        ("esketamin*[tiab] OR AND arketamine[tiab]", ["OR has nothing on one side"]),
        ('"Ketamine"[Mesh] AND (esketamin*[tiab] OR ketamien[tiab])', [BLIND, "PubMed does not know"]),
        ("esketamin*[tiab] OR arketamine[tiab]", []),
    ],
)
def test_a_run_and_a_check_tell_what_is_wrong_with_the_query(
    box: Sandbox, make_job: Callable[..., Job], query: str, told: list[str]
) -> None:
    job = job_for(box, make_job, query)
    found = [finding.told for finding in check(job) if finding.what == "query" and finding.verdict == "warning"]
    for _ in range(2):  # in the second run as in the first
        (report,) = pipeline.harvest(job).reports
        for words in told:
            assert any(words in note for note in report.notes), words
            assert any(words in line for line in found), words
        assert bool(report.notes) == bool(told)
    assert bool(found) == bool(told)


def test_what_pubmed_says_in_passing_is_told(box: Sandbox, make_job: Callable[..., Job]) -> None:
    """PubMed's remarks on an answer, in whichever list it puts them."""
    body = (
        b'{"esearchresult":{"count":"0","idlist":[],"warninglist":{"phrasesignored":["the"],'
        b'"quotedphrasesnotfound":["\\"rapid onset\\"[tiab]"],"outputmessages":["Truncated to 600 variations"]}}}'
    )
    box.fail(Fault(path="esearch", kind="body", body=body, times=None))
    outcome = pipeline.harvest(job_for(box, make_job, "the[tiab] ketamine"))
    (report,) = outcome.reports
    told = " ".join(report.notes)
    assert "PubMed ignored 'the'" in told
    assert "does not know the phrase" in told
    assert "Truncated to 600 variations" in told
    assert outcome.exit_code == ExitCode.DONE


def test_a_term_that_pubmed_does_not_know_is_told_to_cron(
    make_job: Callable[..., Job], caplog: pytest.LogCaptureFixture, box: Sandbox
) -> None:
    """The search finds something else than was meant: a quiet run is not silent about it."""
    sources = {"pubmed": {"query": "ketamin*[tiab] OR qqxxqq[tiab]", "base_url": box.pubmed_url}}
    outcome = pipeline.harvest(make_job(sources=sources))
    assert [note for report in outcome.reports for note in report.alarms] == [
        "PubMed does not know 'qqxxqq[tiab]' and searched without it"
    ]
    warn_of(outcome)
    told = [record for record in caplog.records if "qqxxqq" in record.getMessage()]
    assert told
    assert {record.levelname for record in told} == {"ERROR"}
