"""Decide whether an edition waits: while a required source does not answer, there is none, for some days.

A reader must not lose a week to a router.  What is waited for, and since when, are facts of the library: the harvests
that were noted since the edition before.  An edition that waits over a Sunday becomes that of the week in which it is
made; nothing is lost by that, since editions begin where the one before ended, not at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from harvester.config.settings import DigestSettings, Settings
from harvester.digest.words import NO_BREAK, join_words, time_words
from harvester.ground.clock import format_time, name_week, parse_time, week_days
from harvester.library import Library
from harvester.sources.registry import open_sources

# A timer's runs are not to the minute as far apart as its days; without this an edition would wait a day more.
_EARLY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What an edition waits for."""

    digest: str
    edition: str
    sources: tuple[str, ...]  # names of the required sources that do not answer
    since: str  # UTC time of the first try of this edition that they did not answer
    until: datetime  # when it goes out without

    def is_over(self, now: datetime) -> bool:
        """Return whether the edition is to be made all the same."""
        return now >= self.until - _EARLY

    def describe(self, timezone: str) -> str:
        """Return in a sentence what is waited for and until when, and what to do."""
        until = time_words(format_time(self.until), timezone).replace(NO_BREAK, " ")
        return (
            f"{self.edition} {self.digest} waits for {join_words(self.sources)} until {until}; nothing is sent yet:"
            " run again later and it is made, or set digests[].wait to 0 to have it now"
        )


def find_wait(library: Library, settings: Settings, digest: DigestSettings, *, now: datetime) -> Wait | None:
    """Return what a digest's next edition waits for.

    Returns
    -------
    Wait or None
        None if every required source answered when it was last asked, or was not asked since the edition before; and
        if there is an edition of this week already.
    """
    week = name_week(now, settings.zone)
    latest = library.editions.latest(*digest.names)
    if latest is not None and latest.edition >= week:
        return None
    required = {source.key: source.name for source in open_sources(settings) if source.required}
    due_since, after = "", 0
    if latest is not None:
        # Harvests in the week of the edition before were no tries of this one.
        monday = week_days(latest.edition)[1] + timedelta(days=1)
        due_since = format_time(datetime.combine(monday, time(), settings.zone))
        mark = library.editions.last_mark(*digest.names)
        after = mark.last_harvest_id if mark is not None else 0
    silent: dict[str, str] = {}  # by key, since when; "": since before this edition was due
    for _, at, key, report in library.sources.harvests(after=after):
        if report["answered"]:  # be it in part
            silent.pop(key, None)
        elif key in required:
            silent[key] = silent.get(key) or (at if at >= due_since else "")
    if not silent:
        return None
    since = min(at or format_time(now) for at in silent.values())
    return Wait(
        digest=digest.name,
        edition=week,
        sources=tuple(name for key, name in required.items() if key in silent),
        since=since,
        until=parse_time(since) + timedelta(days=digest.wait),
    )
