"""What a feed dropped between two answers: noticed, and estimated from the feed's own dates.

A feed shows its newest entries only.  As long as one entry of the last answer is in the present one, nothing can
have slipped through between them; if none is, the feed has moved on by more than it shows.

Entries are recognised by whatever names them: DOI, link or title, because publishers change one or the other of
these for all entries at once.  Only days are counted, by the feed's own calendar: no clock of ours is asked, and
one that is set back changes nothing.

How many were missed: the days on which the feed posts come at some distance from each other; as many of them fit
between the newest entry of the last answer and the oldest of the present one, each with as many entries as its
posting days have on average.  Counting days and not entries keeps a journal that posts an issue a month from
looking like one that posts thirty papers a day.  No network, disk or clock.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from harvester.ground.counted import counted
from harvester.paper.records import Record
from harvester.paper.text import fold
from harvester.sources.feeds.parse import Feed

# Entries of an answer that are remembered: more than nearly all feeds show, in some 8 kB.  Of a longer one the
# first and the last, because some feeds put the newest entry at the end.
REMEMBERED = 200
# A shorter title ("Editorial", "In this issue") returns with every issue and names no entry.
SHORTEST_TITLE = 20  # letters and digits
_DIGEST_BYTES = 6  # 48 bits: of 600 names in each of two answers, two agree by chance once in 10^9 comparisons


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedGap:
    """A time of which a feed did not show us everything."""

    since: str | None  # ISO day of the newest entry of the last whole answer; None: undated
    until: str | None  # ISO day of the oldest entry of the present one; None: undated
    missed: int | None  # estimated number of entries in between, at least 1; None: the dates do not tell

    def describe(self) -> str:
        """Return the gap as a readable line for the receipt.

        Examples
        --------
        >>> FeedGap(since="2026-11-05", until="2026-11-15", missed=9).describe().partition(";")[0]
        'about 9 entries between 2026-11-05 and 2026-11-15 were missed: nothing of the last answer is in this one'
        """
        advice = "ask more often, or name the journal under sources: pubmed: journals"
        if self.missed is None:
            between = "" if self.since is None or self.until is None else f" ({self.since} to {self.until})"
            return f"nothing of the last answer is in this one{between}, so that entries may have been missed; {advice}"
        entries = counted(self.missed, "entry", "entries")
        return (
            f"about {entries} between {self.since} and {self.until} {'was' if self.missed == 1 else 'were'} missed:"
            f" nothing of the last answer is in this one; {advice}"
        )


def remember(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the names by which the entries of an answer will be recognised, as short digests, in the feed's order.

    There are at most three for each of `REMEMBERED` entries.
    """
    half = REMEMBERED // 2
    chosen = records if len(records) <= REMEMBERED else [*records[:half], *records[-half:]]
    return tuple(dict.fromkeys(_digest(name) for name in _names(chosen)))


def find_gap(feed: Feed, *, seen: Iterable[str], newest: str | None) -> FeedGap | None:
    """Return what a feed dropped between its last whole answer and the present one; None: nothing that we know of.

    Parameters
    ----------
    seen
        What `remember` returned for the last answer; empty on the first run.
    newest
        ISO day of the last one's newest entry; None: undated.
    """
    digests = frozenset(seen)
    if not digests or not feed.records or any(_digest(name) in digests for name in _names(feed.records)):
        return None
    if newest is None or not _is_dated(feed):
        return FeedGap(since=newest, until=None, missed=None)
    oldest = feed.posted[0]
    missed = _estimate(feed.posted, days=(date.fromisoformat(oldest) - date.fromisoformat(newest)).days)
    return None if missed == 0 else FeedGap(since=newest, until=oldest, missed=missed)


def _is_dated(feed: Feed) -> bool:
    """Return whether enough entries have a date to reckon with them."""
    return 2 * len(feed.posted) > len(feed.records)


def _estimate(posted: Sequence[str], *, days: int) -> int | None:
    """Estimate how many entries lie strictly between two days so far apart; None if these dates do not tell."""
    posting_days = len(set(posted))
    span = (date.fromisoformat(posted[-1]) - date.fromisoformat(posted[0])).days
    if posting_days < 2 or days < 1:
        return None
    missed_days = days * (posting_days - 1) / span - 1
    return max(0, round(missed_days * len(posted) / posting_days))


def _names(records: Iterable[Record]) -> list[str]:
    """Return the DOIs, links and titles of entries, without those that several of them share."""
    names: Counter[str] = Counter()
    for record in records:
        title = re.sub(r"[\W_]+", "", fold(record.title or ""))
        candidates = (
            record.identifiers.doi and f"doi {record.identifiers.doi}",
            record.url and f"link {record.url}",
            title and len(title) >= SHORTEST_TITLE and f"title {title}",
        )
        # What has none of the three is known by its key alone.
        names.update({name for name in candidates if name} or {f"key {record.source_key}"})
    return [name for name, count in names.items() if count == 1]


def _digest(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=_DIGEST_BYTES).hexdigest()
