"""Watch over a run: note how it began and ended, and tell the monitor, whichever way it ends.

Nothing here can fail a run, or hold it for more than some seconds.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from pydantic import ValidationError

from harvester import __version__
from harvester.config.glance import glance_at
from harvester.config.secrets import LookUp
from harvester.config.settings import MonitorSettings
from harvester.ground.clock import format_time
from harvester.ground.counted import counted
from harvester.ground.errors import ConfigError, ExitCode, HarvesterError, LockedError, StorageError
from harvester.ground.http import PoliteSession
from harvester.jobs.job import Job
from harvester.jobs.monitor import OPTIONS, Ending, Monitor, read_addresses, warn
from harvester.jobs.pipeline import Outcome
from harvester.jobs.runs import Run, RunFile, fit_names, fit_text

# How a process ends that a signal or Ctrl-C ends, as shells say it: 128 and the signal.
INTERRUPTED = 128 + signal.SIGINT
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_A_DAY = 86_400  # seconds
_TITLES: dict[int, str] = {
    ExitCode.UNAVAILABLE: "nothing was sent",
    ExitCode.PARTIAL: "done in part",
    ExitCode.CONFIG: "the configuration is wrong",
    ExitCode.DATA: "stored data is damaged",
}


class Watch:
    """The watch over one run, by `watch`."""

    def __init__(self, command: str, *, config: Path, look_up: LookUp, now: datetime) -> None:
        self._config = config
        self._look_up = look_up
        self._run = Run(command=command, began=format_time(now), process=os.getpid())
        self._now = now
        self._begun_at = datetime.now(UTC)
        self._file: RunFile | None = None
        self._monitor: Monitor | None = None
        self._is_over = False

    def begin(self, job: Job) -> Job:
        """Note that a run has begun, whose settings are without mistakes; returns its job."""
        with _harmless():
            with suppress(OSError):
                job.settings.data.mkdir(parents=True, exist_ok=True)
            self._open(job.settings.data, job.settings.topic, job.settings.monitor, job)
            if self._monitor is not None and self._run.command == "run":
                self._monitor.begin()
            self._note(self._run)
        return job

    def end(self, ending: Ending) -> None:
        """Note how the run ended, and tell those who want to know; only the first time that it is called."""
        if self._is_over:
            return
        self._is_over = True
        with _harmless():
            if self._file is None:
                self._glance()
            before = self._before()
            at = format_time(self._now + (datetime.now(UTC) - self._begun_at))
            told = fit_text(ending.told[0] if ending.exit else ending.told[-1])
            self._note(replace(self._run, ended=at, exit=ending.exit, failed=fit_names(ending.failed), told=told))
            if self._monitor is not None and ending.exit not in (ExitCode.USAGE, INTERRUPTED):
                self._monitor.end(ending, news=find_news(ending, before, at=at))

    def _open(self, data: Path, topic: str, settings: MonitorSettings | None, job: Job | None) -> None:
        self._file = RunFile(data)
        if settings is None:
            return
        addresses, mistakes = read_addresses(settings, self._look_up)
        for mistake in mistakes:
            warn(mistake)

        def open_session() -> PoliteSession:
            if job is not None:
                return replace(job, http=OPTIONS).open_session()
            return PoliteSession(f"harvester/{__version__}", options=OPTIONS)

        self._monitor = Monitor(addresses, topic=topic, open_session=open_session, warn=warn)

    def _glance(self) -> None:
        """Find out where the run was to be noted and who is to be told, of settings that stopped it."""
        try:
            glance = glance_at(self._config)
        except ConfigError:
            return
        folder = self._config.resolve().parent
        parts: dict[str, Any] = {
            key: folder / value if key.endswith("_file") else value
            for key, value in glance.monitor.items()
            if key in MonitorSettings.model_fields
        }
        settings = None
        with suppress(ValidationError):
            settings = MonitorSettings.model_validate(parts, strict=False)
        self._open(glance.data, glance.topic, settings, None)

    def _note(self, run: Run) -> None:
        # A disk that refuses even this is told by the run itself.
        with suppress(OSError):
            if self._file is not None and self._file.path.parent.is_dir():
                self._run = self._file.write(run)

    def _before(self) -> Run | None:
        """Return the last run of this command before this one."""
        runs = [] if self._file is None else self._file.read()
        of_command = [run for run in runs if run.command == self._run.command and run.number != self._run.number]
        return of_command[-1] if of_command else None


@contextmanager
def watch(command: str, *, config: Path, look_up: LookUp, now: datetime) -> Iterator[Watch]:
    """Watch over a run, which calls `Watch.begin` once its settings are read, and `Watch.end` when it is done.

    An exception, Ctrl-C, or a signal that ends the process ends the run here; they go on afterwards.
    """
    guard = Watch(command, config=config, look_up=look_up, now=now)

    def end_by_signal(number: int, frame: FrameType | None) -> None:
        told = f"ended by {signal.Signals(number).name}; the next run goes on where this one was"
        guard.end(Ending(command=command, exit=128 + number, told=(told,), failed=("ended",)))
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    is_main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.signal(number, end_by_signal) for number in _SIGNALS} if is_main else {}
    try:
        yield guard
    except BaseException as error:
        guard.end(describe_end(command, error))
        raise
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def describe_outcome_end(command: str, outcome: Outcome, summary: str) -> Ending:
    """Return how a run ended that came to its end; `summary` is what the terminal is told of it."""
    told = [report for report in outcome.reports if report.error is not None and not report.is_tolerated]
    errors = [f"{report.name}: {report.error}" for report in told] + [*outcome.waiting, *outcome.failed]
    failed = [report.name for report in told] + (["work"] if outcome.failed else [])
    mail = outcome.delivered
    undelivered = len(mail.failed) + len(mail.refused) + len(mail.unknown)
    if undelivered:
        errors.append(f"mail: {counted(undelivered, 'message')} not delivered, or of unknown fate")
        failed.append("mail")
    return Ending(
        command=command,
        exit=outcome.exit_code,
        told=(*errors, *filter(None, summary.splitlines())),
        failed=tuple(failed),
        editions=tuple(" ".join(folder.parts[-2:]) for folder in outcome.editions),
        sent=outcome.delivered.sent,
    )


def describe_end(command: str, error: BaseException) -> Ending:
    """Return how a run ended that an exception ended."""
    failed, told, code = "defect", f"{type(error).__name__}: {error}", int(ExitCode.DEFECT)
    if isinstance(error, HarvesterError):
        failed = "locked" if isinstance(error, LockedError) else type(error).__name__.removesuffix("Error").lower()
        told, code = str(error), error.exit_code
    elif isinstance(error, OSError):
        failed, told, code = "storage", str(error), StorageError.exit_code
    elif isinstance(error, KeyboardInterrupt):
        failed, told, code = "interrupted", "interrupted", INTERRUPTED
    return Ending(command=command, exit=code, told=tuple(told.splitlines()) or (failed,), failed=(failed,))


def find_news(ending: Ending, before: Run | None, *, at: str) -> str | None:
    """Return the title under which a person is to be told how a run ended; None: there is no need.

    Told is what needs a person: once for runs of one day that fail alike, as they try again; and once that all is
    well again.
    """
    if ending.exit == 0:
        return "well again" if before is not None and before.exit not in (0, ExitCode.USAGE, INTERRUPTED) else None
    if (
        before is not None
        and (before.exit, before.failed) == (ending.exit, fit_names(ending.failed))
        and _seconds_between(before.began, at) < _A_DAY
    ):
        return None
    return _TITLES.get(ending.exit, f"{ending.command} failed")


@contextmanager
def _harmless() -> Iterator[None]:
    """Let nothing that goes wrong inside touch the run."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - a run is worth more than the note of it
        warn(f"the run was not noted, or not told to the monitor ({type(error).__name__}: {error})")


def _seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
