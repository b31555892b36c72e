"""What the commands print: plain text for a terminal of 80 columns, and progress bars where somebody watches."""

from __future__ import annotations

import csv
import io
import logging
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from harvester.checks import Finding
from harvester.pipeline import Outcome
from harvester.steps.deliver import Delivered

_WIDTH = 80
_log = logging.getLogger(__name__)


def progress_bars() -> Callable[[str, int, int], None]:
    """Give a progress callback that draws one bar a source on stderr."""
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def show(what: str, done: int, total: int) -> None:
        if what not in bars:
            bars[what] = tqdm(total=total, desc=what, leave=False, unit="")
        bars[what].n = done
        bars[what].refresh()
        if done >= total:
            bars.pop(what).close()

    return show


def warn_of(outcome: Outcome) -> None:
    """Log what failed, one line each; these are what cron mails."""
    for report in outcome.reports:
        if report.error is not None:
            since = f" (failing since {report.failing_since})" if report.failing_since else ""
            _log.error("%s: %s%s; the next run asks again", report.name, report.error, since)
        for note in report.notes:
            _log.warning("%s: %s", report.name, note)
    for line in (*outcome.delivered.failed, *outcome.delivered.unknown):
        _log.error("mail: %s", line)


def describe_outcome(outcome: Outcome, *, is_dry: bool = False) -> str:
    """Say in a few lines what a run did."""
    lines = []
    for report in outcome.reports:
        if report.error is not None:
            told = "did not answer"
        elif report.unchanged:
            told = "unchanged"
        else:
            told = f"{report.received} received, {report.new} new"
        lines.append(f"{report.name:<40} {told}")
    lines.append(f"{outcome.new_studies} new studies")
    lines += [str(folder / "index.html") for folder in outcome.editions]
    lines += [str(path) for path in outcome.table[:1]]
    if is_dry:
        lines.append("dry run: nothing was written, nothing was sent")
    elif outcome.delivered.sent or outcome.delivered.failed:
        lines.append(describe_delivered(outcome.delivered))
    return "\n".join(lines)


def describe_delivered(delivered: Delivered) -> str:
    """Say how many messages went out."""
    parts = [f"{delivered.sent} sent"]
    if delivered.failed:
        parts.append(f"{len(delivered.failed)} failed, tried again by the next run")
    if delivered.unknown:
        parts.append(f"{len(delivered.unknown)} of unknown fate")
    return "mail: " + ", ".join(parts)


def format_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV, header first, without the last line break."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return stream.getvalue().rstrip("\n")


def format_studies(rows: Sequence[Mapping[str, Any]]) -> str:
    """List studies: id, year, design and people, then the title and where it stands."""
    if not rows:
        return "no study matches"
    blocks = []
    for row in rows:
        size = f"n={row['sample_size']}" if row["sample_size"] is not None else ""
        facts = [
            row["year"],
            row["design"],
            size,
            row["tier"],
            "" if row["status"] == "published" else row["status"],
        ]
        head = f"{row['study_id']}  " + " · ".join(str(fact) for fact in facts if fact)
        place = " · ".join(
            str(part) for part in (row["journal"], f"PMID {row['pmid']}" if row["pmid"] else None, row["doi"]) if part
        )
        blocks.append(
            "\n".join(
                [head, _indent(row["title"] or "(no title)"), _indent(place)]
                if place
                else [head, _indent(row["title"] or "(no title)")]
            )
        )
    return "\n\n".join(blocks)


def format_study(dossier: Mapping[str, Any]) -> str:
    """Print all that is known of one study."""
    row = dossier["study"]
    lines = [row["study_id"] + (f" (was {dossier['redirected_from']})" if dossier["redirected_from"] else "")]
    lines.append(_indent(row["title"] or "(no title)"))
    width = max(len(name) for name in row)
    for name, value in row.items():
        if value is not None and name not in ("study_id", "title", "abstract"):
            lines.append(_hang(f"  {name:<{width}}  ", str(value)))
    if row["abstract"]:
        lines += ["", "abstract", _indent(row["abstract"])]
    lines += ["", "records"]
    for record in dossier["records"]:
        notes = [f"first seen {record['first_seen']}"]
        notes += [f"{record['revisions']} revisions"] * bool(record["revisions"])
        notes += ["deleted by its source"] * record["deleted"]
        lines.append(
            _hang(
                "  - ",
                f"#{record['record_id']} {record['source']} {record['source_key']}: {', '.join(notes)}",
            )
        )
    if dossier["merges"]:
        lines += ["", "why they are one study"]
        lines += [
            _hang("  - ", f"#{merge['record_id']} with #{merge['other_record_id']}: {merge['reason']}")
            for merge in dossier["merges"]
        ]
    if dossier["evidence"]:
        lines += ["", "proof of the tags"]
        for item in dossier["evidence"]:
            lines.append(f"  {item['facet']}: {item['value']}  ({item['field']}: {item['words']})")
            lines.append(_hang("      ", item["sentence"]))
    lines += ["", "history"]
    for event in dossier["history"]:
        told = ", ".join(f"{name}: {value}" for name, value in event["detail"].items() if value is not None)
        lines.append(_hang(f"  {event['at']}  ", f"{event['kind']} {told}".strip()))
    return "\n".join(lines)


def format_findings(findings: Sequence[Finding], *, only_wrong: bool) -> str:
    """List what `check` found: one line each, what is wrong with what to do."""
    shown = [finding for finding in findings if not (only_wrong and finding.verdict == "ok")]
    return "\n".join(_hang(f"{finding.verdict:<8} ", f"{finding.what}: {finding.told}") for finding in shown)


def _indent(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _hang(start: str, text: str) -> str:
    return textwrap.fill(
        text,
        max(_WIDTH, len(start) + 40),
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_on_hyphens=False,
        break_long_words=False,
    )
