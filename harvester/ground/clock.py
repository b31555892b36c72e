"""Times as the program writes them, and weeks as the reader counts them.

The clock is read once, where a command begins, and passed in, so that every week can be repeated.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def format_time(moment: datetime) -> str:
    """Write an aware time as UTC text with seconds.

    Examples
    --------
    >>> format_time(datetime(2026, 11, 16, 7, 0, tzinfo=ZoneInfo("Europe/Zurich")))
    '2026-11-16T06:00:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str, *, zone: ZoneInfo | None = None) -> datetime:
    """Read an ISO time or date; one without an offset is taken to be in `zone` (default UTC).

    Raises
    ------
    ValueError
        If the text is not ISO 8601.

    Examples
    --------
    >>> format_time(parse_time("2026-11-16"))
    '2026-11-16T00:00:00Z'
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)


def name_week(moment: datetime, zone: ZoneInfo) -> str:
    """Name the ISO week of a time in a time zone.

    Examples
    --------
    >>> name_week(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Zurich"))
    '2026-W48'
    """
    year, week, _ = moment.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"


def week_days(week: str) -> tuple[date, date]:
    """Return the Monday and the Sunday of a named week.

    Raises
    ------
    ValueError
        If the name is not ``YYYY-Www``, or the year has no such week.

    Examples
    --------
    >>> [day.isoformat() for day in week_days("2026-W47")]
    ['2026-11-16', '2026-11-22']
    """
    if len(week) != 8 or week[4:6] != "-W":
        raise ValueError(f"not a week: {week!r}")
    monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    return monday, monday + timedelta(days=6)
