"""`harvester status`: how things stand, for the operator and for whatever watches machines.

Asks nobody and changes nothing; reads beside a run that is at work.  It looks at the settings only as far as it must
(`harvester.config.glance`) and does not read the library through, so that it answers at once, whatever their state.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from harvester.config.glance import Glance, glance_at
from harvester.ground.clock import format_time, name_week, parse_time
from harvester.ground.counted import counted
from harvester.ground.errors import ExitCode, HarvesterError, LibraryError, LockedError
from harvester.jobs.runs import Run, RunFile
from harvester.jobs.schedule import find_next_run
from harvester.library import FILE_NAME, Library

# A weekly job that did not run for a week and a day has stopped.
_OVERDUE = timedelta(days=8)
# No run takes so long, but a first backfill; the units end one after two hours.
_STUCK = timedelta(hours=6)
_BUSY_SECONDS = 2.0  # a commit takes less
_LITTLE_ROOM = 200_000_000  # bytes; and not less than the library takes, which an upgrade copies
_NO_ROOM = 20_000_000  # bytes; a small week
_OPEN_STATES = ("due", "claimed", "failed", "unknown", "refused")
_GRAVE = (ExitCode.DATA, ExitCode.DEFECT, ExitCode.CONFIG)
# Ended by the person who began them.
_NO_RUNS = (ExitCode.USAGE, 130)

Level = Literal["warning", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that a person should look at."""

    level: Level
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One digest: its newest edition, and those of its readers' deliveries that are not done."""

    digest: str
    edition: str | None  # None: none yet
    made_at: str | None
    deliveries: Mapping[str, Mapping[str, int]]  # by edition, how many in each state: due, failed, unknown, …


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingSource:
    """A source that does not answer."""

    name: str
    since: str
    error: str | None
    is_tolerated: bool  # not for so long that it is worth a look


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How things stand."""

    runs: Mapping[str, Run]  # the newest of each command
    library: str  # "sound", "none yet", or what is wrong with it
    digests: tuple[Standing, ...]
    failing: tuple[FailingSource, ...]
    put_aside: Mapping[str, tuple[str, ...]]  # by source, what it lists and does not give
    free_bytes: int
    data_bytes: int
    next_run: str  # UTC time, as `schedule` prints it
    troubles: tuple[Trouble, ...]

    @property
    def level(self) -> Literal["ok", "warning", "critical"]:
        """The gravest of the troubles."""
        levels = {trouble.level for trouble in self.troubles}
        return "critical" if "critical" in levels else "warning" if levels else "ok"

    def count(self, state: str) -> int:
        """Return how many deliveries are in a state."""
        return sum(states.get(state, 0) for digest in self.digests for states in digest.deliveries.values())


def look(config: Path, *, now: datetime) -> Status:
    """Look at how things stand.

    Raises
    ------
    ConfigError
        If there are no settings, or they are not YAML.
    """
    glance = glance_at(config)
    runs = _newest_of_each(RunFile(glance.data).read())
    library = "none yet"
    level: Level | None = None
    digests: tuple[Standing, ...] = ()
    failing: tuple[FailingSource, ...] = ()
    put_aside: Mapping[str, tuple[str, ...]] = {}
    if (glance.data / FILE_NAME).is_file():
        try:
            with Library.open(glance.data, writable=False, busy_seconds=_BUSY_SECONDS, is_hasty=True) as opened:
                digests = tuple(_find_digests(opened, glance))
                failing = tuple(_find_failing(opened, glance))
                put_aside = _find_put_aside(opened)
            library = "sound"
        except HarvesterError as error:
            is_grave = isinstance(error, LibraryError) and not isinstance(error, LockedError)
            library, level = str(error), "critical" if is_grave else "warning"
    digests = digests or tuple(
        Standing(digest=name, edition=None, made_at=None, deliveries={}) for name in glance.recipients
    )
    week = name_week(now, glance.zone)
    is_made = all(item.edition is not None and item.edition >= week for item in digests)
    free, data = _measure(glance.data)
    troubles = [
        *_judge_library(library, level),
        *_judge_runs(runs, digests, now=now),
        *_judge_digests(digests, week, is_busy=any(run.is_alive for run in runs.values())),
        *_judge_sources(failing),
        *_judge_disk(free, glance.data),
    ]
    return Status(
        runs=runs,
        library=library,
        digests=digests,
        failing=failing,
        put_aside=put_aside,
        free_bytes=free,
        data_bytes=data,
        next_run=format_time(find_next_run(now, glance.zone, weekly=is_made)),
        troubles=tuple(troubles),
    )


def _newest_of_each(runs: list[Run]) -> dict[str, Run]:
    """Return the newest run of each command that did something: a person did not end it, no other was at work."""
    return {run.command: run for run in runs if run.exit not in _NO_RUNS and "locked" not in run.failed}


def _find_digests(library: Library, glance: Glance) -> Iterator[Standing]:
    open_ones = [
        item
        for item in library.editions.deliveries(states=_OPEN_STATES)
        if item.recipient in glance.recipients.get(item.digest, ())
    ]
    for name in glance.recipients:
        edition, made_at = library.editions.latest_name(name) or (None, None)
        counts: dict[str, dict[str, int]] = {}
        for item in open_ones:
            # What may have arrived and what was refused for good is over with the next edition.
            if item.digest == name and (item.state not in ("unknown", "refused") or item.edition == edition):
                states = counts.setdefault(item.edition, {})
                states[item.state] = states.get(item.state, 0) + 1
        yield Standing(digest=name, edition=edition, made_at=made_at, deliveries=counts)


def _find_failing(library: Library, glance: Glance) -> Iterator[FailingSource]:
    for key in library.sources.asked():
        since = library.sources.state(key).failing_since
        kind, _, name = key.partition(":")
        if since is None or (name or kind.replace("-", "_")) not in (glance.feeds if name else glance.sources):
            continue
        report = library.sources.last_report(key)
        yield FailingSource(
            name=str(report.get("name", key)),
            since=since,
            error=report.get("error"),
            is_tolerated=bool(report.get("is_tolerated")),
        )


def _find_put_aside(library: Library) -> dict[str, tuple[str, ...]]:
    found = {key: tuple(library.sources.state(key).mark.get("aside") or ()) for key in library.sources.asked()}
    return {key: names for key, names in found.items() if names}


def _judge_library(told: str, level: Level | None) -> Iterator[Trouble]:
    if level is not None:
        yield Trouble(level=level, told=f"the library: {told}")


def _judge_runs(runs: Mapping[str, Run], digests: tuple[Standing, ...], *, now: datetime) -> Iterator[Trouble]:
    weekly = runs.get("run")
    made = max((item.made_at for item in digests if item.made_at is not None), default=None)
    last = weekly.began if weekly is not None else made
    if last is None:
        yield Trouble(level="warning", told="nothing ran yet: `harvester run`, and `harvester schedule` for cron")
    elif now - parse_time(last) > _OVERDUE:
        days = (now - parse_time(last)).days
        yield Trouble(level="critical", told=f"no run for {counted(days, 'day')}: look at cron, or at the timer")
    for command, run in runs.items():
        if weekly is not None and run.number < weekly.number:
            continue  # `run` has done since what that was to do
        if run.ended is None:
            yield from _judge_unended(run, now=now)
        elif run.exit and not _is_told_elsewhere(run):
            level: Level = "critical" if run.exit in _GRAVE else "warning"
            yield Trouble(level=level, told=f"the last {command} exited {run.exit}: {run.told}")


def _is_told_elsewhere(run: Run) -> bool:
    """Return whether what failed in a run is told with sources and deliveries, as long as it lasts."""
    return run.exit == ExitCode.PARTIAL and not {"storage", "work"}.intersection(run.failed)


def _judge_unended(run: Run, *, now: datetime) -> Iterator[Trouble]:
    if not run.is_alive:
        told = f"the {run.command} of {run.began} began and never ended (killed, or the machine stopped): the next one"
        yield Trouble(level="warning", told=f"{told} goes on where it was")
    elif now - parse_time(run.began) > _STUCK:
        told = f"the {run.command} of {run.began} is still at work, as process {run.process}"
        yield Trouble(level="warning", told=told)


def _judge_digests(digests: tuple[Standing, ...], week: str, *, is_busy: bool) -> Iterator[Trouble]:
    for item in digests:
        if item.edition is not None and item.edition > week:
            told = f"{item.edition} {item.digest} lies ahead of the clock, and there is no other until then:"
            advice = f"`harvester digest --withdraw {item.edition}` takes it back"
            yield Trouble(level="critical", told=f"{told} {advice}")
        for edition, states in {} if is_busy else item.deliveries.items():
            parts = ", ".join(f"{count} {state}" for state, count in states.items())
            yield Trouble(level="warning", told=f"mail of {edition} {item.digest}: {parts}")


def _judge_sources(failing: tuple[FailingSource, ...]) -> Iterator[Trouble]:
    for source in failing:
        if not source.is_tolerated:
            why = f": {source.error}" if source.error else ""
            yield Trouble(level="warning", told=f"{source.name} is failing since {source.since[:10]}{why}")


def _judge_disk(free: int, data: Path) -> Iterator[Trouble]:
    library = data / FILE_NAME
    needed = max(_LITTLE_ROOM, library.stat().st_size if library.is_file() else 0)
    if free < needed:
        level: Level = "critical" if free < _NO_ROOM else "warning"
        yield Trouble(level=level, told=f"the disk of {data} has {free / 1e6:,.0f} MB left")


def _measure(data: Path) -> tuple[int, int]:
    """Return the bytes that are free on the disk of the data, and those that the data takes."""
    place = next(path for path in (data, *data.parents) if path.exists())
    sizes = (path.lstat().st_size for path in data.rglob("*"))
    return shutil.disk_usage(place).free, sum(sizes)


def describe_json(status: Status) -> dict[str, Any]:
    """Return it as JSON has it."""
    runs = {command: {**asdict(run), "is_alive": run.is_alive} for command, run in status.runs.items()}
    return {"level": status.level, **asdict(status), "runs": runs}
