"""How `harvester status` prints how things stand: for a person, and for a monitor of Nagios' kind."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from harvester.ground.clock import format_time, parse_time
from harvester.ground.counted import counted
from harvester.jobs.runs import Run
from harvester.jobs.status import Status

NAGIOS_CODES = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}
_WIDTH = 80
_LABEL = 11  # characters


def format_status(status: Status) -> str:
    """Say how things stand: first what needs a look."""
    labels = {"warning": "look at", "critical": "critical"}
    rows = [(labels[trouble.level], trouble.told) for trouble in status.troubles] or [("well", "nothing needs a look")]
    rows += [("", ""), *_rows(status)]
    return "\n".join(_hang(label, text) for label, text in rows)


def format_nagios(status: Status) -> str:
    """Say it in one line, with figures, as plug-ins of Nagios do."""
    told = "; ".join(trouble.told for trouble in status.troubles) or _sum_up(status)
    weekly = status.runs.get("run")
    figures = {
        "due": status.count("due"),
        "failed": status.count("failed"),
        "unknown": status.count("unknown"),
        "failing_sources": len(status.failing),
        "put_aside": sum(map(len, status.put_aside.values())),
        "last_exit": "U" if weekly is None or weekly.exit is None else weekly.exit,
        "free": f"{status.free_bytes}B",
        "data": f"{status.data_bytes}B",
    }
    return write_nagios(status.level, told, " ".join(f"{name}={value}" for name, value in figures.items()))


def write_nagios(level: str, told: str, figures: str = "") -> str:
    """Write a plug-in's line: a bar parts its text from its figures, so there is none in the text."""
    line = f"HARVESTER {level.upper()} - {' '.join(told.replace('|', '/').split())}"
    return f"{line} | {figures}" if figures else line


def _sum_up(status: Status) -> str:
    editions = [f"{item.edition} {item.digest}" for item in status.digests if item.edition is not None]
    return f"latest edition {', '.join(editions)}" if editions else "no edition yet"


def _rows(status: Status) -> Iterator[tuple[str, str]]:
    for run in sorted(status.runs.values(), key=lambda run: -run.number):
        yield f"last {run.command}", _describe_run(run)
    yield "next run", f"{status.next_run}, as `harvester schedule` prints it"
    for item in status.digests:
        made = f"{item.edition}, made {item.made_at}" if item.edition is not None else "no edition yet"
        yield "digest", f"{item.digest}: {made}"
        for edition, states in item.deliveries.items():
            yield "", f"mail of {edition}: " + ", ".join(f"{count} {state}" for state, count in states.items())
    for source in status.failing:
        tolerated = ", which is tolerated still" if source.is_tolerated else ""
        yield "failing", f"{source.name} since {source.since}{tolerated}{': ' * bool(source.error)}{source.error or ''}"
    for key, names in status.put_aside.items():
        papers = counted(len(names), "paper", "papers")
        yield "put aside", f"{key}: {papers} listed and not given, asked for alone: {', '.join(names)}"
    yield "library", status.library
    yield "disk", f"{status.data_bytes / 1e6:,.1f} MB of data, {status.free_bytes / 1e6:,.0f} MB free"


def _describe_run(run: Run) -> str:
    if run.ended is None:
        return f"{run.began}, {f'at work as process {run.process}' if run.is_alive else 'never ended'}"
    seconds = (parse_time(run.ended) - parse_time(run.began)).total_seconds()
    return f"{format_time(parse_time(run.began))}, exit {run.exit} after {seconds:.0f} s: {run.told}"


def _hang(label: str, text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=f"{label:<{_LABEL}} ",
        subsequent_indent=" " * (_LABEL + 1),
        break_on_hyphens=False,
        break_long_words=False,
    ).rstrip()
