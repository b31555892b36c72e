"""What `check` says of settings that a run would take, and a person did not mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harvester.ground.checkup import Finding
from harvester.ground.errors import ExitCode
from harvester.jobs import check
from harvester.jobs.job import Job

MakeJob = Callable[..., Job]


def found_of(job: Job, what: str) -> list[Finding]:
    """Give what check finds of one thing."""
    return [finding for finding in check.check(job) if finding.what == what and finding.verdict != "ok"]


def test_placeholders_are_told_with_their_places(make_job: MakeJob) -> None:
    """As warnings: a run goes on, and its mail reaches nobody."""
    job = make_job(
        contact="you@example.org",
        topic="CHANGE_ME",
        digests=[{"name": "weekly", "title": "<your title>", "recipients": ["me@sub.example.com"]}],
    )
    told = {finding.told for finding in found_of(job, "settings")}
    assert "you@example.org is still a placeholder: contact" in told
    assert "CHANGE_ME is still a placeholder: topic" in told
    assert "<your title> is still a placeholder: digests[0].title" in told
    assert "me@sub.example.com is still a placeholder: digests[0].recipients[0]" in told
    assert {finding.code for finding in found_of(job, "settings")} == {ExitCode.DONE}


def test_what_only_looks_like_a_placeholder_is_none(make_job: MakeJob) -> None:
    """Names of one's own that hold the word."""
    job = make_job(
        contact="a@my-example.org.uk",
        digests=[{"name": "weekly", "title": "An example of change", "recipients": ["b@counterexample.com"]}],
        mail={"sender": "c@clinic.test", "host": "127.0.0.1", "port": 1},
    )
    assert found_of(job, "settings") == []


def test_a_template_that_is_wrong_is_told_before_an_edition_needs_it(make_job: MakeJob, tmp_path: Path) -> None:
    """With the code that a run would exit with."""
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "email.txt").write_text("{{ nothing.of.the.kind }}", encoding="utf-8")
    (finding,) = found_of(make_job(templates=str(folder)), "templates")
    assert finding.verdict == "failed"
    assert finding.code == ExitCode.CONFIG
