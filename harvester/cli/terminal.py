"""What the commands print: plain text for a terminal of 80 columns, and progress bars where somebody watches."""

from __future__ import annotations

import csv
import io
import json
import logging
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from harvester.editions.deliver import Delivered, tell_of
from harvester.editions.withdraw import Withdrawn
from harvester.ground.checkup import Finding
from harvester.ground.counted import counted
from harvester.jobs.backup import Restored
from harvester.jobs.maintain import Rebuilt
from harvester.jobs.pipeline import Outcome
from harvester.library import PutAside
from harvester.studies.integrate import Integrated

_WIDTH = 80
_log = logging.getLogger(__name__)

# The search log's numbers, as its short form calls one and several of them.
_LOG_COUNTS = {
    "count": ("found", "found"),
    "fetched": ("fetched", "fetched"),
    "left_out": ("off the topic", "off the topic"),
    "held": ("held already", "held already"),
    "deleted": ("deleted", "deleted"),
    "unreadable": ("unreadable", "unreadable"),
    "unaccounted": ("unaccounted for", "unaccounted for"),
    "new": ("new study", "new studies"),
}


def progress_bars() -> Callable[[str, int, int], None]:
    """Return a progress callback that draws one bar a source on stderr."""
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
            level = logging.INFO if report.is_tolerated else logging.ERROR
            since = f" (failing since {report.failing_since})" if report.failing_since else ""
            again = "" if "the next run asks again" in report.error else "; the next run asks again"
            _log.log(level, "%s: %s%s%s", report.name, report.error, again, since)
        for note in report.notes:
            level = logging.ERROR if note in report.alarms else logging.WARNING
            _log.log(level, "%s: %s", report.name, note)
    for line in (*outcome.waiting, *outcome.failed):
        _log.error("%s", line)
    for line in outcome.notes:
        _log.warning("%s", line)
    mail = outcome.delivered
    for what, items in (("not sent", mail.failed), ("refused", mail.refused), ("unknown", mail.unknown)):
        for line in tell_of(items):
            _log.error("mail %s: %s", what, line)
    for line in tell_of(mail.late):
        _log.error("mail sent late: %s", line)
    for line in tell_of(mail.known):
        _log.warning("mail refused as before: %s", line)


def describe_outcome(outcome: Outcome, *, is_dry: bool = False) -> str:
    """Return in a few lines what a run did."""
    lines = []
    for report in outcome.reports:
        numbers = f"{report.received} received, {report.new} new"
        numbers += f", {report.left_out} off the topic" if report.left_out else ""
        if report.error is not None:
            result = f"{numbers}, incomplete" if report.answered else "did not answer"
            result += (
                f", {counted(report.failed_runs, 'run')} in a row: told if it lasts" if report.is_tolerated else ""
            )
        else:
            result = "unchanged" if report.unchanged else numbers
        lines.append(f"{report.name:<40} {result}")
    lines.append(counted(outcome.new_studies, "new study", "new studies"))
    lines += [str(folder / "index.html") for folder in outcome.editions]
    lines += [str(path) for path in outcome.table[:1]]
    if is_dry:
        lines.append("dry run: nothing was written, nothing was sent")
    elif outcome.delivered != Delivered():
        lines.append(describe_delivered(outcome.delivered))
    return "\n".join(lines)


def describe_delivered(delivered: Delivered) -> str:
    """Return how many messages went out, in one line."""
    parts = [f"{delivered.sent} sent"]
    if delivered.failed:
        parts.append(f"{len(delivered.failed)} failed, tried again by the next run")
    if refused := len(delivered.refused) + len(delivered.known):
        parts.append(f"{refused} refused for good")
    if delivered.declined:
        parts.append(f"{delivered.declined} kept for the next run or `harvester send`")
    if delivered.unknown:
        parts.append(f"{len(delivered.unknown)} of unknown fate")
    return "mail: " + ", ".join(parts)


def describe_withdrawn(withdrawn: Withdrawn) -> str:
    """Return that an edition was taken back, and what that means to its readers, in one line."""
    what = f"{withdrawn.edition} {withdrawn.digest} is taken back"
    studies = counted(withdrawn.studies, "study", "studies")
    if not withdrawn.readers:
        return f"{what}: nobody had it; the next edition tells of its {studies}"
    readers = counted(withdrawn.readers, "reader")
    return f"{what}: {readers} had it, so that its {studies} are not told again; the next edition goes on from there"


def format_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV, header first, without the last line break."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return stream.getvalue().rstrip("\n")


def stream_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a large answer as `format_csv` writes it, line by line."""
    yield format_csv(names, ())
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="")
    for row in rows:
        writer.writerow(row)
        yield stream.getvalue()
        stream.seek(0)
        stream.truncate()


def stream_json(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a large answer as a list in JSON, object by object."""
    before = "["
    for row in rows:
        item = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, indent=2, default=str)
        yield before if before == "[" else f"{before},"
        before = textwrap.indent(item, "  ")
    if before == "[":
        yield "[]"
    else:
        yield before
        yield "]"


def format_studies(rows: Sequence[Mapping[str, Any]]) -> str:
    """List studies: id, year, design and people, then the title and where it stands."""
    if not rows:
        return "no study matches"
    blocks = []
    for row in rows:
        size = f"n={row['sample_size']}" if row["sample_size"] is not None else ""
        status = "" if row["status"] == "published" else row["status"]
        head = f"{row['study_id']}  {_join(row['year'], row['design'], size, row['tier'], status)}"
        place = _join(row["journal"], _pmid(row), row["doi"])
        blocks.append("\n".join([head, _indent(_title(row)), *([_indent(place)] if place else [])]))
    return "\n\n".join(blocks)


def format_study(dossier: Mapping[str, Any]) -> str:
    """Print all that is known of one study."""
    row = dossier["study"]
    lines = [row["study_id"] + (f" (was {dossier['redirected_from']})" if dossier["redirected_from"] else "")]
    lines.append(_indent(_title(row)))
    width = max(len(name) for name in row)
    for name, value in row.items():
        if value is not None and name not in ("study_id", "title", "abstract"):
            lines.append(_hang(f"  {name:<{width}}  ", str(value)))
    if row["abstract"]:
        lines += ["", "abstract", _indent(row["abstract"])]
    lines += ["", "records"]
    for record in dossier["records"]:
        notes = [f"first seen {record['first_seen']}"]
        notes += [counted(record["revisions"], "revision")] * bool(record["revisions"])
        notes += ["deleted by its source"] * record["deleted"]
        name = f"#{record['record_id']} {record['source']} {record['source_key']}"
        lines.append(_hang("  - ", f"{name}: {', '.join(notes)}"))
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
            lines += [_hang("      ", item["sentence"])] * bool(item["sentence"])
    lines += ["", "history"]
    lines += [
        _hang(f"  {event['at']}  ", describe_event(event["kind"], event["detail"])) for event in dossier["history"]
    ]
    return "\n".join(lines)


def describe_event(kind: str, detail: Mapping[str, Any]) -> str:
    """Return an event of a study's history in words.

    Examples
    --------
    >>> describe_event("changed", {"volume": [None, "9"], "abstract": "added"})
    'changed: volume is now 9; abstract added'
    >>> describe_event("notice", {"kind": "retracted", "notice": {"pmid": "7", "reference": "J Sample. 2026:1"}})
    'retracted: J Sample. 2026:1, PMID 7'
    """
    match kind:
        case "seen":
            return f"first seen in {detail['source']}"
        case "joined":
            reason = f": {detail['reason']}" if detail["reason"] else ""
            return f"also in {detail['source']} ({detail['source_key']}){reason}"
        case "changed" | "retagged":
            changes = "; ".join(_describe_difference(name, value) for name, value in detail.items())
            return f"{kind}: {changes}" if changes else kind
        case "status":
            return f"{detail['from']}, now {detail['to']}"
        case "notice":
            return f"{detail['kind']}: {_describe_notice(detail['notice'])}"
        case "published":
            doi = f" ({detail['doi']})" if detail["doi"] else ""
            return f"published as {detail['article']}{doi}: {detail['reason']}"
        case "redirected":
            return f"found to be {detail['to']}"
        case "parted":
            return f"parted by hand: records {', '.join(f'#{record_id}' for record_id in detail['records'])}"
        case "by-hand":
            parts = [
                _describe_difference(name, pair) if pair[0] != pair[1] else f"{name.replace('_', ' ')} confirmed"
                for name, pair in detail["tags"].items()
            ]
            kind = "correction taken back" if detail["cleared"] else "corrected by hand"
            return f"{kind}: {'; '.join(parts)}" + (f" ({detail['why']})" if detail["why"] else "")
        case "deleted":
            return f"deleted by {detail['source']} ({detail['source_key']})"
    return kind


def _describe_difference(name: str, value: Any) -> str:
    words = name.replace("_", " ")
    if not isinstance(value, list):
        return f"{words} {value}"
    before, now = (", ".join(side) if isinstance(side, list) else side for side in value)
    if not before:
        return f"{words} is now {now}"
    return f"{words} {before!r} is now {now!r}" if now else f"{words} {before!r} is gone"


def _describe_notice(notice: Mapping[str, str]) -> str:
    pmid = f"PMID {notice['pmid']}" if "pmid" in notice else None
    parts = (notice.get("reference"), notice.get("note"), pmid, notice.get("doi"))
    return ", ".join(filter(None, parts)) or "no notice is named"


def format_near_misses(pairs: Sequence[Mapping[str, Any]]) -> str:
    """List pairs that look alike, and what to type to decide on them."""
    if not pairs:
        return "nothing to review: no two studies look alike and undecided"
    blocks = []
    for pair in pairs:
        lines = [f"{pair['score']:.2f}  {pair['reason']}"]
        for side in pair["studies"]:
            place = _join(side["authors"], side["journal"], side["year"], _pmid(side), side["doi"])
            lines += [f"  {side['study_id']}  ({', '.join(side['sources'])})", _indent(f"  {_title(side)}")]
            lines += [_indent(f"  {place}")] if place else []
        one, other = (side["study_id"] for side in pair["studies"])
        lines.append(f"  one paper: harvester merge {one} {other}    two: harvester split {one} {other}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def format_log(rows: Sequence[Mapping[str, Any]]) -> str:
    """List the searches: when, where, how many, and what was not accounted for."""
    if not rows:
        return "nothing was asked yet"
    lines = []
    for row in rows:
        days = f" {row['since']} to {row['until']}" if row["since"] else ""
        remark = row["error"] or ("unchanged" if row["unchanged"] else "")
        counts = [
            counted(row[name], one, several, thousands=",")
            for name, (one, several) in _LOG_COUNTS.items()
            if row[name] or (row[name] == 0 and name in ("count", "new"))
        ]
        text = f"{row['source']}{days}: {', '.join(counts)}{'; ' * bool(remark)}{remark}"
        lines.append(_hang(f"{row['asked_at']}  ", text))
    return "\n".join(lines)


def describe_aside(papers: Sequence[PutAside]) -> list[str]:
    """Return a line for each paper that a source lists and does not give, and that each run asks for alone."""
    return [
        _hang("put aside  ", f"{paper.source} {paper.name}: {paper.why}, missed since {paper.since[:10]}")
        for paper in papers
    ]


def format_left_out(entries: Sequence[Mapping[str, Any]]) -> str:
    """List what was left out as off the topic: where and when it first stood, its title and its page."""
    if not entries:
        return "nothing was left out"
    blocks = []
    for entry in entries:
        head = f"{entry['at']}  {entry['source']}"
        blocks.append("\n".join([head, _indent(_title(entry)), *([_indent(entry["url"])] if entry["url"] else [])]))
    return "\n\n".join(blocks)


def describe_imported(result: Integrated) -> str:
    """Return what came of records that were imported, in one line."""
    new = counted(result.new, "new study", "new studies")
    joined = counted(result.joined, "record joined a study", "records joined studies")
    return f"{new}, {joined}, {counted(result.changed, 'study', 'studies')} changed"


def describe_rebuilt(rebuilt: Rebuilt) -> str:
    """Return what was made again, and whether it is what was there before."""
    lines = [
        f"{counted(rebuilt.studies, 'study', 'studies')} and {counted(rebuilt.editions, 'edition')} made again"
        f" from {counted(rebuilt.changes, 'change')}",
        *(str(folder / "index.html") for folder in rebuilt.written),
    ]
    if rebuilt.differences == {}:
        lines.append("the library holds what it held before, row for row")
    elif rebuilt.differences:
        counts = ", ".join(f"{count} in {name}" for name, count in rebuilt.differences.items())
        lines.append(f"rows that differ from the library before: {counts}")
    if rebuilt.named.records:
        lines.append(f"{counted(rebuilt.named.records, 'imported record')} named by what they are, not by file and row")
        lines += [f"{study_id} was a second id of {other}, and leads to it" for study_id, other in rebuilt.named.joined]
        lines += [f"{study_id} is a paper that stood under {other}" for study_id, other in rebuilt.named.parted]
    if rebuilt.before is not None:
        lines.append(f"the library before is kept as {rebuilt.before}")
    return "\n".join(lines)


def describe_restored(restored: Restored) -> str:
    """Return what was put back, and where that lies which was there."""
    lines = [f"{counted(restored.studies, 'study', 'studies')}, from the copy of {restored.made_at}"]
    if restored.before is not None:
        lines.append(f"what was there before is kept in {restored.before}")
    return "\n".join(lines)


def format_findings(findings: Sequence[Finding], *, only_wrong: bool) -> str:
    """List what `check` found: one line each, what is wrong with what to do."""
    shown = [finding for finding in findings if not (only_wrong and finding.verdict == "ok")]
    return "\n".join(_hang(f"{finding.verdict:<8} ", f"{finding.what}: {finding.told}") for finding in shown)


def _join(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


def _title(row: Mapping[str, Any]) -> str:
    return row["title"] or "(no title)"


def _pmid(row: Mapping[str, Any]) -> str | None:
    return f"PMID {row['pmid']}" if row["pmid"] else None


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
