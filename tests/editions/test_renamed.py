"""A digest that has another name goes on where it ended; one that is gone is asked after until somebody says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester.digest import load_edition, render
from harvester.editions.archiving import ARCHIVE_NAME
from harvester.ground.errors import ConfigError, ExitCode
from harvester.jobs import check, maintain, pipeline
from harvester.jobs.job import Job
from harvester.library import Library
from harvester.sandbox import Sandbox
from tests.conftest import NOW

MakeJob = Callable[..., Job]
BEFORE = NOW - timedelta(weeks=1)
OLD: dict[str, Any] = {"name": "weekly", "title": "Weekly", "recipients": ["a@example.org"]}
NEW = OLD | {"name": "ketamine-news", "title": "Ketamine news", "formerly": ["weekly"]}


def test_a_renamed_digest_goes_on_where_the_old_one_ended(box: Sandbox, make_job: MakeJob, tmp_path: Path) -> None:
    """Changes of what the old one sent, nothing announced twice, and the way back to its last edition."""
    for now in (BEFORE, NOW):
        pipeline.run(make_job(now=now, data="plain", editions="plain-digests", digests=[OLD]), send=False)
    plain = load_edition((tmp_path / "plain-digests/2026-W48/weekly/digest.json").read_bytes())
    assert plain.changes

    pipeline.run(make_job(now=BEFORE, digests=[OLD]))
    again = pipeline.run(make_job(now=BEFORE, digests=[NEW]))
    assert (again.exit_code, again.editions, again.notes, len(box.mailbox)) == (0, (), (), 1)
    job = make_job(digests=[NEW])
    outcome = pipeline.run(job)
    assert (outcome.exit_code, outcome.notes, len(box.mailbox)) == (0, (), 2)
    edition = load_edition((tmp_path / "digests/2026-W48/ketamine-news/digest.json").read_bytes())
    assert [study.study_id for study in edition.studies] == [study.study_id for study in plain.studies]
    assert [(change.kind, change.study.study_id, change.sent_in) for change in edition.changes] == [
        (change.kind, change.study.study_id, change.sent_in) for change in plain.changes
    ]
    assert (edition.previous, edition.since) == (plain.previous, plain.since)
    assert b'href="../../2026-W47/weekly/index.html"' in render(edition)["index.html"]
    archive = (tmp_path / "digests" / ARCHIVE_NAME).read_text(encoding="utf-8")
    assert 'href="2026-W47/weekly/index.html"' in archive
    assert 'href="2026-W48/ketamine-news/index.html"' in archive
    (folder,) = pipeline.digest(job, edition="2026-W47").editions
    assert folder.parts[-2:] == ("2026-W47", "weekly")
    assert maintain.rebuild(job).differences == {}


def test_what_readers_were_told_under_another_name_is_what_a_correction_corrects(
    make_job: MakeJob, tmp_path: Path
) -> None:
    pipeline.run(make_job(now=BEFORE, digests=[OLD]), send=False)
    with Library.open(tmp_path / "data", writable=False) as library:
        (study_id, *_) = library.editions.told_first_in("weekly", "2026-W47")
    job = make_job(digests=[NEW])
    maintain.correct_study(job, study_id, ["sample_size=4321"])
    pipeline.run(job, send=False)
    edition = load_edition((tmp_path / "digests/2026-W48/ketamine-news/digest.json").read_bytes())
    assert [change.study.study_id for change in edition.changes if change.kind == "by-hand"] == [study_id]


def test_a_digest_that_the_settings_forgot_is_noted_until_they_say_what_became_of_it(make_job: MakeJob) -> None:
    """A note, and no failure; a run, check, and the two ways to answer."""
    other = OLD | {"name": "other"}
    pipeline.run(make_job(digests=[OLD, other]), send=False)
    job = make_job(digests=[other])
    outcome = pipeline.run(job, send=False)
    assert outcome.exit_code == ExitCode.DONE
    (note,) = outcome.notes
    assert "formerly: [weekly]" in note
    assert "ended_digests: [weekly]" in note
    assert [(item.verdict, item.told) for item in check.check(job) if item.what == "editions"] == [("warning", note)]
    for answer in ({"digests": [other | {"formerly": ["weekly"]}]}, {"digests": [other], "ended_digests": ["weekly"]}):
        settled = make_job(**answer)
        assert pipeline.run(settled, send=False).notes == ()
        assert [item for item in check.check(settled) if item.what == "editions"] == []


@pytest.mark.parametrize("past", [{"digests": [OLD | {"formerly": ["weekly"]}]}, {"ended_digests": ["weekly"]}])
def test_a_digest_of_today_is_none_of_the_past(make_job: MakeJob, past: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="there is a digest named weekly in these settings"):
        make_job(**({"digests": [OLD]} | past))
