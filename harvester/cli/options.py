"""What the commands take: the options that all share, times and days, and what they make of them."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.ground.secrets import mask_secrets

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from harvester.jobs.job import Job
    from harvester.jobs.watch import Watch


class Options:
    """What every command takes."""

    def __init__(self, config: Path, *, quiet: bool, verbose: bool) -> None:
        self.config = config
        self.quiet = quiet
        self.verbose = verbose

    def job(self, *, now: datetime | None = None) -> Job:
        """Read the settings and make a `Job` with the real clock, environment and terminal."""
        from harvester.cli.terminal import progress_bars
        from harvester.config.secrets import look_up_in
        from harvester.jobs.job import Job, no_progress, read_settings

        settings = read_settings(self.config)
        shows = sys.stderr.isatty() and not self.quiet
        progress = progress_bars() if shows else no_progress
        return Job(
            settings=settings,
            now=now or datetime.now(UTC),
            secrets=look_up_in(os.environ),
            progress=progress,
            judges_clock=now is None,
        )

    def watch(self, command: str, *, now: datetime | None) -> AbstractContextManager[Watch]:
        """Watch over a run: see `harvester.jobs.watch`."""
        from harvester.config.secrets import look_up_in
        from harvester.jobs.watch import watch

        return watch(command, config=self.config, look_up=look_up_in(os.environ), now=now or datetime.now(UTC))

    def print(self, text: str) -> None:
        """Print a result, unless the user wants none."""
        if not self.quiet:
            click.echo(text)


def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that all share, as its first argument."""

    @click.option(
        "--config",
        type=click.Path(path_type=Path),
        default=Path("config.yaml"),
        show_default=True,
        help="The settings; relative paths in them are relative to their folder.",
    )
    @click.option("-q", "--quiet", is_flag=True, help="Print results and warnings only when something is wrong.")
    @click.option("-v", "--verbose", is_flag=True, help="Say what is being done.")
    @functools.wraps(command)
    def wrapped(*args: Any, config: Path, quiet: bool, verbose: bool, **kwargs: Any) -> Any:
        # Only our own words: what libraries log (every line of SMTP, say) is for their developers.
        logging.basicConfig(level=logging.CRITICAL, format="harvester: %(message)s", stream=sys.stderr, force=True)
        logging.getLogger().handlers[0].setFormatter(_WithoutSecrets("harvester: %(message)s"))
        level = logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING
        logging.getLogger("harvester").setLevel(level)
        click.get_current_context().obj["verbose"] = verbose
        return command(Options(config, quiet=quiet, verbose=verbose), *args, **kwargs)

    return wrapped


class _WithoutSecrets(logging.Formatter):
    """Whatever is logged, tracebacks too, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_secrets(super().format(record))


class Moment(click.ParamType[datetime]):
    """An ISO time or day on the command line."""

    name = "ISO-TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the time, aware."""
        from harvester.ground.clock import parse_time

        try:
            return parse_time(value)
        except ValueError:
            self.fail(f"{value!r} is not an ISO time such as 2026-11-16 or 2026-11-16T06:00:00+01:00", param, ctx)


class Day(click.ParamType[date]):
    """An ISO day, month or year on the command line; the earliest day that it names."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the earliest day that the text names."""
        try:
            return date.fromisoformat(value + "-01-01"[len(value) - 4 :] if len(value) in (4, 7) else value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 1960, 2026-11 or 2026-11-16", param, ctx)
