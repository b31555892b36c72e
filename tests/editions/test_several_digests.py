"""Several digests from one library, each with its own condition, readers, follow list and sections; weights."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from harvester.digest import load_edition
from harvester.jobs import pipeline
from harvester.jobs.job import Job
from harvester.library import Library
from harvester.sandbox import Sandbox
from tests.conftest import NOW

MakeJob = Callable[..., Job]
PLAIN = {"name": "weekly", "title": "Weekly", "recipients": ["a@example.org"]}


def read_edition(folder: Path, digest: str, week: str = "2026-W48") -> dict[str, Any]:
    """Read an edition's digest.json."""
    path = folder / "digests" / week / digest / "digest.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def read_rows(folder: Path) -> dict[str, dict[str, str]]:
    """Read the table by study."""
    with (folder / "data" / "studies.csv").open(encoding="utf-8", newline="") as stream:
        return {row["study_id"]: row for row in csv.DictReader(stream)}


def plain_text(message: EmailMessage) -> str:
    """Give a mail's text part."""
    part = next(message.iter_parts())
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def ids(edition: dict[str, Any]) -> list[str]:
    return [study["study_id"] for study in edition["studies"]]


def test_each_digest_has_its_own_studies_readers_order_and_sections(
    box: Sandbox, make_job: MakeJob, tmp_path: Path
) -> None:
    """From one harvest; what one digest follows does not touch the others, or the table."""
    pipeline.run(make_job(data="first", editions="first-digests", digests=[PLAIN]), send=False)
    plain = json.loads((tmp_path / "first-digests/2026-W48/weekly/digest.json").read_text("utf-8"))
    relevance = {study["study_id"]: study["tags"]["relevance"] for study in plain["studies"]}
    core = [study for study in plain["studies"] if study["tags"]["tier"] == "core"]
    wanted = next(
        study
        for study in core
        if study["study_id"] not in plain["read_first"]
        and study["tags"]["design"] in ("cohort", "open-label-trial", "case-series", "case-report", "review")
        and study.get("authors")
    )
    name = wanted["authors"][0]
    author = " ".join(part for part in (name.get("given") or name.get("initials"), name["family"]) if part)

    digests: list[dict[str, Any]] = [
        PLAIN,
        {"name": "trials", "title": "Trials", "recipients": ["b@example.org"], "where": "design = 'rct'"},
        {
            "name": "mine",
            "title": "Mine",
            "recipients": ["c@example.org"],
            "follow": {"authors": [author]},
            "sections": ["map", "by-condition"],
        },
    ]
    box.mailbox.clear()
    job = make_job(digests=digests)
    assert pipeline.run(job).exit_code == 0

    weekly, trials, mine = (read_edition(tmp_path, name) for name in ("weekly", "trials", "mine"))
    assert ids(weekly) == ids(plain)
    assert {study["tags"]["design"] for study in trials["studies"]} == {"rct"}
    assert set(ids(trials)) < set(ids(weekly))
    assert sorted(ids(mine)) == sorted(ids(weekly))
    assert ids(mine) != ids(weekly)
    assert wanted["study_id"] in mine["noted"]
    assert ids(mine).index(wanted["study_id"]) < ids(weekly).index(wanted["study_id"])
    reasons = {study["study_id"]: study["tags"].get("reasons", []) for study in mine["studies"]}
    assert any("an author you follow" in reason for reason in reasons[wanted["study_id"]])
    assert "you follow" not in json.dumps(weekly)
    assert [study["tags"]["tier"] for study in mine["studies"]] == sorted(
        (study["tags"]["tier"] for study in mine["studies"]), key=["core", "adjacent"].index
    )
    rows = read_rows(tmp_path)
    assert all(float(rows[study_id]["relevance"]) == relevance[study_id] for study_id in relevance)

    mails = {message.recipients[0]: message.message for message in box.mailbox}
    assert set(mails) == {"a@example.org", "b@example.org", "c@example.org"}
    texts = {name: plain_text(message) for name, message in mails.items()}
    text = texts["c@example.org"]
    assert "you follow" in text
    assert text.index("THE MAP") < text.index("BY CONDITION") < text.index("RECEIPT")
    assert "COMMENTS" not in text
    assert "you follow" not in texts["a@example.org"]

    before = {path: path.read_bytes() for path in (tmp_path / "digests").rglob("*") if path.is_file()}
    forgetful: list[dict[str, Any]] = [{**item, "recipients": [], "follow": {}, "sections": []} for item in digests]
    pipeline.digest(make_job(digests=forgetful), edition="2026-W48")
    assert {path: path.read_bytes() for path in before} == before


def test_new_weights_rank_the_whole_library_and_the_next_edition(make_job: MakeJob, tmp_path: Path) -> None:
    """The table follows the settings; an edition that was made stays as it is."""
    pipeline.run(make_job(digests=[PLAIN]), send=False)
    before = read_rows(tmp_path)
    weights = {"design": 0, "size": 1, "follow_up": 0, "title": 0, "comparator": 0}
    job = make_job(digests=[PLAIN], ranking=weights)
    pipeline.digest(job)
    after = read_rows(tmp_path)
    assert any(after[key]["relevance"] != before[key]["relevance"] for key in before)
    core = [row for row in after.values() if row["tier"] == "core" and row["design"] != "case-report"]
    by_size = sorted(core, key=lambda row: int(row["sample_size"] or 0))
    assert [float(row["relevance"]) for row in by_size] == sorted(float(row["relevance"]) for row in core)
    pipeline.run(make_job(now=NOW + timedelta(days=7), digests=[PLAIN], ranking=weights), send=False)
    later = read_rows(tmp_path)
    assert sum(later[key]["relevance"] == row["relevance"] for key, row in after.items()) > len(after) * 0.9
    with Library.open(tmp_path / "data", writable=False) as library:
        stored = library.editions.get("weekly", "2026-W48")
    assert stored is not None
    first = load_edition(stored.document.encode())
    assert all(str(study.tags.relevance) == str(float(before[study.study_id]["relevance"])) for study in first.studies)
