"""What time it is by the servers that answered, for a machine whose own clock may be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class HeardTime:
    """The newest time that servers have told; several threads may listen at once."""

    def __init__(self) -> None:
        self._times: list[datetime] = []

    def listen(self, headers: Mapping[str, str]) -> None:
        """Take the time from the headers of an answer, if they tell it.

        An answer that a cache kept is of the time when the server made it, and as old as its Age (RFC 9111, 5.1).

        Examples
        --------
        >>> heard = HeardTime()
        >>> heard.listen({"Date": "Mon, 23 Nov 2026 05:00:00 GMT", "Age": "3600"})
        >>> heard.listen({"Date": "yesterday"})
        >>> print(heard.newest)
        2026-11-23 06:00:00+00:00
        """
        age = headers.get("Age", "")
        with suppress(ValueError, OverflowError):
            moment = parsedate_to_datetime(headers.get("Date", ""))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            self._times.append(moment + timedelta(seconds=int(age) if age.isdecimal() else 0))

    @property
    def newest(self) -> datetime | None:
        """The newest of the times; None: no server told one."""
        return max(self._times, default=None)
