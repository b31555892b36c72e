"""Dates as sources write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.paper.dates import _MONTH_NAMES, build_date, is_partial_date, parse_date
from harvester.paper.text import fold


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
        ("Nov–Dec 2026", "2026-11"),
        ("13.11.2026", "2026-11-13"),
        ("11.12.2026", "2026-12-11"),
        ("11-12-2026", "2026"),
        ("31.11.2026", "2026-11"),
        ("5.11.26", None),
        ("5 patients 26", None),
        ("12 patients 2026", "2026"),
        ("令和8年11月5日", None),
        ("5 พฤศจิกายน 2569", None),
        ("0000-11-05", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_no_more_precise_than_printed(text: str | None, date: str | None) -> None:
    assert parse_date(text) == date


@pytest.mark.parametrize(
    "text",
    [
        "mer., 05 nov. 2026 08:00:00 +0100",
        "le 5 novembre 2026",
        "jeudi 5 novembre 2026 à 8h",
        "5. November 2026",
        "Donnerstag, den 5. November 2026",
        "Do, 05 Nov 2026 08:00:00 +0100",
        "05.11.2026",
        "5. 11. 2026",
        "5 de noviembre de 2026",
        "jueves, 5 de noviembre de 2026",
        "5 de nov. de 2026",
        "5/nov/2026",
        "Qui, 05 Nov 2026 00:00:00 -0300",
        "5º de novembro de 2026",
        "giovedì 5 novembre 2026",
        "donderdag 5 november 2026",
        "torsdag den 5. november 2026",
        "Чт, 05 ноя 2026 10:00:00 +0300",
        "5 ноября 2026 г.",
        "5 листопада 2026 р.",
        "5 listopada 2026 r.",
        "Czw, 05 lis 2026",
        "2026. november 5.",
        "5 Kasım 2026 Perşembe",
        "Per, 05 Kas 2026 10:00:00 +0300",
        "5 Νοεμβρίου 2026",
        "ngày 5 tháng 11 năm 2026",
        "2026年11月5日",
        "2026年11月5日 (木)",
        "２０２６年１１月０５日",
        "木, 05 11月 2026 08:00:00 +0900",
        "11月 5, 2026",
        "2026년 11월 5일",
        "2026. 11. 5.",
        "목, 05 11월 2026 08:00:00 +0000",
        "Thursday, November 5, 2026 - 08:00",
    ],
)
def test_feeds_write_dates_in_their_own_languages(text: str) -> None:
    assert parse_date(text) == "2026-11-05"


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("1er août 2026", 8),
        ("mars 2026", 3),
        ("März 2026", 3),
        ("15 gen 2026", 1),
        ("15 ene. 2026", 1),
        ("15 мая 2026", 5),
        ("15 października 2026", 10),
        ("15 Ağustos 2026", 8),
        ("15 out 2026", 10),
        ("15 mei 2026", 5),
        ("15 set 2026", 9),
        ("15 czerwca 2026", 6),
        ("15 lipca 2026", 7),
        ("15 fév 2026", 2),
        ("15 июня 2026", 6),
        ("15 июля 2026", 7),
        ("15 Μαΐου 2026", 5),
        ("15 Haz 2026", 6),
        ("15 dic 2026", 12),
    ],
)
def test_a_month_by_its_name(text: str, month: int) -> None:
    assert (parse_date(text) or "").startswith(f"2026-{month:02d}")


def test_no_word_names_two_months() -> None:
    names = [{fold(name) for name in month.split()} for month in _MONTH_NAMES]
    assert sum(map(len, names)) == len(set().union(*names)) > 300


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
