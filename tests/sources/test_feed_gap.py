"""What a feed dropped between two answers: noticed and estimated, and no false alarm."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.paper.records import Identifiers, Record
from harvester.sources.feeds.gap import REMEMBERED, FeedGap, find_gap, remember
from harvester.sources.feeds.parse import Feed, parse_feed

START = date(2026, 11, 1)


def entry(number: int, *, doi: bool = True, link: bool = True, title: str | None = None, key: str = "k") -> Record:
    """Give the entry of a number, with as much to recognise it by as is asked for."""
    return Record(
        source="feed:Invented",
        source_key=f"{key}{number}",
        title=title or f"An invented title with the number {number}",
        url=f"https://example.org/{number}" if link else None,
        identifiers=Identifiers(doi=f"10.1000/inv.{number}" if doi else None),
    )


def feed(numbers: range, *, per_day: float | None = 1.0, **names: object) -> Feed:
    """Give a feed of consecutive entries, so many posted a day; None: undated."""
    days = [] if per_day is None else [START + timedelta(days=int(number / per_day)) for number in numbers]
    return Feed(
        title=None,
        records=tuple(entry(number, **names) for number in reversed(numbers)),  # type: ignore[arg-type]
        bad=(),
        posted=tuple(day.isoformat() for day in days),
    )


def gap(before: Feed, after: Feed) -> FeedGap | None:
    newest = before.posted[-1] if before.posted else None
    return find_gap(after, seen=remember(before.records), newest=newest)


def test_the_first_answer_shows_no_gap() -> None:
    assert find_gap(feed(range(10)), seen=(), newest=None) is None


@pytest.mark.parametrize("start", [0, 3, 9])
def test_answers_that_overlap_show_none(start: int) -> None:
    assert gap(feed(range(10)), feed(range(start, start + 10))) is None


@pytest.mark.parametrize("per_day", [0.25, 1.0, 3.0, 10.0])
@pytest.mark.parametrize("lost", [20, 100])
def test_what_was_dropped_is_estimated_from_the_feeds_own_dates(per_day: float, lost: int) -> None:
    found = gap(feed(range(30), per_day=per_day), feed(range(30 + lost, 60 + lost), per_day=per_day))
    assert found is not None
    assert found.missed is not None
    # Entries on the two days at the edges cannot be told from those that were seen.
    assert abs(found.missed - lost) <= 2 * per_day + 1 + lost / 10
    assert f"about {found.missed} entries between {found.since} and {found.until} were missed" in found.describe()


def test_answers_that_join_by_their_dates_show_none() -> None:
    """A feed that shows the last ten days only, asked every ten days."""
    assert gap(feed(range(10)), feed(range(10, 20))) is None


def test_a_journal_that_posts_an_issue_a_month_shows_none() -> None:
    """Both issues of the last answer are replaced by the next two; none came in between."""
    issues = [START + timedelta(days=30 * number) for number in range(4)]

    def two(first: int) -> Feed:
        posted = tuple(day.isoformat() for day in issues[first : first + 2] for _ in range(15))
        return Feed(title=None, records=feed(range(first * 15, first * 15 + 30)).records, bad=(), posted=posted)

    assert gap(two(0), two(2)) is None


def test_a_single_issue_that_replaces_another_is_told_without_a_number() -> None:
    before = feed(range(15), per_day=1000)
    after = Feed(title=None, records=feed(range(15, 30)).records, bad=(), posted=("2026-12-01",) * 15)
    found = gap(before, after)
    assert found == FeedGap(since="2026-11-01", until="2026-12-01", missed=None)
    assert "(2026-11-01 to 2026-12-01), so that entries may have been missed" in found.describe()


def test_an_undated_feed_shows_a_gap_without_a_number() -> None:
    found = gap(feed(range(10), per_day=None), feed(range(50, 60), per_day=None))
    assert found == FeedGap(since=None, until=None, missed=None)
    assert "may have been missed" in found.describe()
    assert "None" not in found.describe()


def test_too_few_dates_are_no_dates() -> None:
    after = feed(range(50, 60))
    few = Feed(title=None, records=after.records, bad=(), posted=after.posted[:5])
    assert gap(feed(range(10)), few) == FeedGap(since="2026-11-10", until=None, missed=None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"doi": False, "link": False, "key": "a"}, {"doi": False, "link": False, "key": "b"}),  # titles agree
        ({"doi": False, "key": "a"}, {"doi": False, "key": "b", "title": None}),  # links agree
        ({"link": False, "key": "a"}, {"key": "b"}),  # DOIs agree
    ],
)
def test_other_guids_are_no_gap(before: dict[str, object], after: dict[str, object]) -> None:
    assert gap(feed(range(10), **before), feed(range(5, 15), **after)) is None  # type: ignore[arg-type]


def test_other_titles_are_no_gap_where_links_agree() -> None:
    changed = [entry(number, doi=False, title=f"Corrected: another title for {number}") for number in range(10)]
    assert (
        find_gap(Feed(title=None, records=tuple(changed), bad=()), seen=remember(feed(range(10)).records), newest=None)
        is None
    )


def test_what_all_entries_share_names_none() -> None:
    """One link for all, and the titles that every issue has, must not hide a gap."""

    def plain(first: int) -> Feed:
        records = [
            Record(
                source="feed:Invented",
                source_key=f"{first}-{number}",
                title="Editorial" if number == 0 else f"Invented paper {first}-{number} on something",
                url="https://example.org/",
            )
            for number in range(5)
        ]
        return Feed(title=None, records=tuple(records), bad=())

    assert gap(plain(1), plain(2)) == FeedGap(since=None, until=None, missed=None)


def test_entries_without_anything_else_are_known_by_their_keys() -> None:
    names = {"doi": False, "link": False, "title": "Editorial"}
    assert gap(feed(range(3), **names), feed(range(2, 5), **names)) is None  # type: ignore[arg-type]
    assert gap(feed(range(3), **names), feed(range(5, 8), **names)) is not None  # type: ignore[arg-type]


def test_a_feed_that_was_set_back_to_older_entries_is_told_without_a_number() -> None:
    found = gap(feed(range(50, 60)), feed(range(10)))
    assert found is not None
    assert found.missed is None


def test_an_empty_answer_shows_none() -> None:
    assert gap(feed(range(3)), Feed(title=None, records=(), bad=())) is None


def test_of_long_feeds_the_newest_are_remembered_at_whichever_end_they_stand() -> None:
    long = feed(range(1000))
    assert len(remember(long.records)) == 3 * REMEMBERED
    assert gap(long, feed(range(980, 1500))) is None
    oldest_first = Feed(title=None, records=long.records[::-1], bad=(), posted=long.posted)
    assert gap(oldest_first, feed(range(980, 1500))) is None


def test_one_entry_is_told_in_the_singular() -> None:
    told = FeedGap(since="2026-11-05", until="2026-11-07", missed=1).describe()
    assert "about 1 entry between 2026-11-05 and 2026-11-07 was missed" in told


@given(
    st.integers(min_value=1, max_value=40),
    st.integers(min_value=0, max_value=60),
    st.integers(min_value=1, max_value=40),
    st.sampled_from([None, 0.3, 1.0, 7.0]),
)
def test_an_overlap_is_never_a_gap_and_a_gap_is_never_negative(
    size: int, start: int, then: int, per_day: float | None
) -> None:
    found = gap(feed(range(size), per_day=per_day), feed(range(start, start + then), per_day=per_day))
    if start < size:
        assert found is None
    assert found is None or found.missed is None or found.missed > 0


@pytest.mark.parametrize(
    ("dates", "posted"),
    [
        (("Thu, 05 Nov 2026 23:00:00 GMT", "Wed, 04 Nov 2026 01:00:00 +0900"), ("2026-11-04", "2026-11-05")),
        (("November 2026", "Thu, 05 Nov 2026"), ("2026-11-05",)),
        (("", "n.d."), ()),
    ],
)
def test_days_are_read_from_the_entries(dates: tuple[str, ...], posted: tuple[str, ...]) -> None:
    items = "".join(f"<item><title>T{n}</title><pubDate>{day}</pubDate></item>" for n, day in enumerate(dates))
    content = f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>'.encode()
    found = parse_feed(content, name="F", url="https://example.org/", content_type=None)
    assert (found.posted, found.is_whole) == (posted, True)


@pytest.mark.parametrize(("tail", "is_whole"), [("", True), ("<!-- cached -->\n", True), (None, False)])
def test_a_document_without_its_end_is_not_whole(tail: str | None, is_whole: bool) -> None:
    content = '<rss version="2.0"><channel><title>F</title><item><title>One</title></item>'
    content += "" if tail is None else f"</channel></rss>{tail}"
    found = parse_feed(content.encode(), name="F", url="https://example.org/", content_type=None)
    assert (found.is_whole, len(found.records)) == (is_whole, 1)
