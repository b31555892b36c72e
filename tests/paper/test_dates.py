"""Dates as sources write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.paper.dates import build_date, is_partial_date, parse_date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Thu, 05 Nov 2026 06:00:00 GMT", "2026-11-05"),
        ("Thu Nov  5 06:00:00 GMT 2026", "2026-11-05"),
        ("05-Nov-26", "2026-11-05"),
        ("5th November 2026", "2026-11-05"),
        ("2026-11-05T06:00:00Z", "2026-11-05"),
        ("20261105", "2026-11-05"),
        ("2026 Nov-Dec", "2026-11"),
        ("Winter 2026", "2026"),
        ("13/11/2026", "2026-11-13"),
        ("11/13/2026", "2026-11-13"),
        ("11/12/2026", "2026"),
        ("2026-02-30", "2026-02"),
        ("2026-13-01", "2026"),
        ("0000-11-05", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_no_more_precise_than_printed(text: str | None, date: str | None) -> None:
    assert parse_date(text) == date


@given(
    st.one_of(
        st.text(), st.from_regex(r"[A-Za-z]{0,4},? ?[0-9]{1,4}[-/. ][0-9A-Za-z]{1,4}[-/. ][0-9]{1,4}", fullmatch=True)
    )
)
def test_what_was_read_is_a_date_and_reads_as_itself(text: str) -> None:
    date = parse_date(text)
    assert date is None or (is_partial_date(date) and parse_date(date) == date)


@given(st.integers(1000, 9999), st.integers(0, 14), st.integers(0, 33))
def test_an_impossible_part_ends_the_date_before_it(year: int, month: int, day: int) -> None:
    date = build_date(year, month, day)
    assert date is not None
    assert f"{year}-{month:02d}-{day:02d}".startswith(date)
    assert is_partial_date(date)
