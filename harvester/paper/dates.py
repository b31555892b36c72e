"""Dates as sources write them, no more precise than they are.

Every function is total on text: what cannot be understood is ``None``, never an exception.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange

from harvester.paper.text import collapse, fold

# What a date looks like here, as a regular expression of the whole: known to the year, the month or the day.
PARTIAL_DATE = "[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"

# How feeds and reference managers write the twelve months, as names and in the form that follows a day; abbreviations
# are those that are printed.  In English, German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Danish,
# Norwegian, Catalan, Romanian, Polish, Czech, Hungarian, Turkish, Indonesian, Russian, Ukrainian and Greek.  Of
# the one word that names two months (listopad, October in Croatian) the meaning in Polish and Czech counts.
_MONTH_NAMES = (
    "jan january januar jänner janvier janv enero ene janeiro gennaio gen januari gener ianuarie ian styczeń"
    " stycznia sty leden ledna led január ocak oca январь января янв січень січня січ Ιανουάριος Ιανουαρίου Ιαν",
    "feb february februar feber februari février févr fév febrero fevereiro fev febbraio febr febrer februarie luty"
    " lutego lut únor února február şubat şub pebruari февраль февраля февр фев лютий лютого лют Φεβρουάριος"
    " Φεβρουαρίου Φεβ",
    "mar march märz mär mrz mars marzo março maart mrt marts març martie marzec marca březen března bře március"
    " márc mart maret март марта мар березень березня бер Μάρτιος Μαρτίου Μαρ Μάρ",
    "apr april avril avr abril abr aprile aprilie kwiecień kwietnia kwi duben dubna dub április ápr nisan nis"
    " апрель апреля апр квітень квітня кві Απρίλιος Απριλίου Απρ",
    "may mai mayo maio maggio mag mei maj maig květen května kvě május máj mayıs май мая травень травня тра Μάιος"
    " Μαΐου Μάι Μαΐ",
    "jun june juni juin junio junho giugno giu juny iunie iun czerwiec czerwca cze červen června čvn június jún"
    " haziran haz июнь июня июн червень червня чер Ιούνιος Ιουνίου Ιουν",
    "jul july juli juillet juil julio julho luglio lug juliol iulie iul lipiec lipca lip červenec července čvc"
    " július júl temmuz tem июль июля июл липень липня Ιούλιος Ιουλίου Ιουλ",
    "aug august août aoû agosto ago augustus augusti agost sierpień sierpnia sie srpen srpna srp augusztus ağustos"
    " ağu agustus agt август августа авг серпень серпня сер Αύγουστος Αυγούστου Αυγ Αύγ",
    "sep sept september septembre septiembre setiembre setembro set settembre sett septembrie wrzesień września wrz"
    " září zář szeptember szept eylül eyl сентябрь сентября сент сен вересень вересня вер Σεπτέμβριος Σεπτεμβρίου"
    " Σεπ Σεπτ",
    "oct october oktober okt octobre octubre outubro out ottobre ott octombrie październik października paź říjen"
    " října říj október ekim eki октябрь октября окт жовтень жовтня жов Οκτώβριος Οκτωβρίου Οκτ",
    "nov november novembre noviembre novembro noiembrie noi listopad listopada listopadu lis kasım kas nopember"
    " ноябрь ноября нояб ноя листопад листопада лис Νοέμβριος Νοεμβρίου Νοε Νοέ",
    "dec december dezember dez décembre déc diciembre dic dezembro dicembre desember desembre des decembrie"
    " grudzień grudnia gru prosinec prosince pro aralık ara декабрь декабря дек грудень грудня гру Δεκέμβριος"
    " Δεκεμβρίου Δεκ",
)
_MONTHS = {fold(name): number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}


def is_partial_date(text: str) -> bool:
    """Return whether a text is an ISO date known to the year, the month or the day.

    Examples
    --------
    >>> [is_partial_date(text) for text in ("2026", "2026-11", "2026-11-05", "2026-13", "Nov 2026")]
    [True, True, True, False, False]
    """
    return re.fullmatch(PARTIAL_DATE, text) is not None


def parse_month(text: str | None) -> int | None:
    """Read a month from a number or a name in one of the languages of feeds; None if it is neither.

    Examples
    --------
    >>> parse_month("Sept."), parse_month("09"), parse_month("août"), parse_month("Summer")
    (9, 9, 8, None)
    """
    word = fold((text or "").strip().rstrip("."))
    if word.isascii() and word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    return _MONTHS.get(word)


def build_date(year: str | int | None, month: str | int | None = None, day: str | int | None = None) -> str | None:
    """Build an ISO date from parts of one source date, as precise as the parts allow.

    An impossible part ends the date before it (31 September is September), because the parts before it are
    still what the source said.

    Examples
    --------
    >>> build_date("2026", "Nov", "5"), build_date(2026, "Summer"), build_date(2005, 9, 31), build_date("n.d.")
    ('2026-11-05', '2026', '2005-09', None)
    """
    match = re.fullmatch(r"\s*([0-9]{4})\s*", str(year or ""))
    if match is None or int(match.group(1)) < 1000:
        return None
    number = parse_month(str(month)) if month is not None else None
    if number is None:
        return match.group(1)
    text = str(day or "").strip()
    if text.isascii() and text.isdigit() and 1 <= int(text) <= monthrange(int(match.group(1)), number)[1]:
        return f"{match.group(1)}-{number:02d}-{int(text):02d}"
    return f"{match.group(1)}-{number:02d}"


def whole_day(date: str | None) -> str | None:
    """Return an ISO date that names a day; None for one known only to the month or year."""
    return date if date is not None and len(date) == len("2026-11-05") else None


# The ways in which feeds, RIS, MEDLINE and spreadsheets write dates, folded; the first that fits is read.
_YEAR, _WORD = "(?P<year>[0-9]{4})", r"(?P<month>[^\W\d_]{2,12}|[0-9]{1,2} ?月)"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|re|[oae]|-?го)?\.?"
_BEFORE = r"(?:[^\W\d_]+[.,]{0,2} ){0,3}?"  # a day of the week, "le", "den"
_OF = r"(?:[.,]? (?:(?:de|del|di|of) )?|[-/]|\.)"  # between day, month and year: "5 de noviembre de 2026", "5-Nov-2026"
_DATE_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}[-/.](?P<month>[0-9]{{1,2}})(?:[-/.](?P<day>[0-9]{{1,2}})(?![0-9:]))?(?![0-9])",
        rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})(?:t.*)?$",  # compact ISO, MEDLINE's DEP
        rf"{_YEAR}\.? (?P<month>[0-9]{{1,2}})(?:\.? (?P<day>[0-9]{{1,2}})(?![0-9]))?(?![0-9])",
        rf"{_YEAR}[ ,.]+{_WORD}(?:[ .,]+(?P<day>[0-9]{{1,2}})(?![0-9]))?",  # MEDLINE's DP, Hungarian
        rf"{_BEFORE}{_DAY} (?:thang|thg) (?P<month>[0-9]{{1,2}}),? (?:nam )?{_YEAR}",  # Vietnamese
        rf"{_BEFORE}{_DAY}{_OF}{_WORD}{_OF}(?P<year>[0-9]{{4}}|[0-9]{{2}}(?![0-9]))",  # RFC 822, and most languages
        rf"{_BEFORE}{_WORD}[.,]? {_DAY},? (?:[0-9:]{{5,8}} (?:[a-z]{{3,4}} )?)?{_YEAR}",  # asctime, US English
        rf"{_WORD}(?:[-–/][^\W\d_]+)?{_OF}{_YEAR}(?![0-9])",
        rf"{_BEFORE}(?P<day>[0-9]{{1,2}})\. ?(?P<month>[0-9]{{1,2}})\. ?{_YEAR}(?![0-9])",  # the day is first
        rf"{_BEFORE}(?P<one>[0-9]{{1,2}})[-/](?P<two>[0-9]{{1,2}})[-/]{_YEAR}(?![0-9])",
        rf"[^0-9]*{_YEAR}(?:[-/][0-9]{{4}})?[^0-9]*$",
    )
)
# Chinese, Japanese and Korean: 2026年11月5日, 2026년 11월 5일; composed, because folding takes Korean syllables apart.
_EAST_ASIAN = re.compile(r"([0-9]{4}) ?[年년] ?(?:([0-9]{1,2}) ?[月월] ?(?:([0-9]{1,2}) ?[日일号號])?)?")


def parse_date(text: str | None) -> str | None:
    """Read a date as printed by a feed, a reference manager or a spreadsheet, no more precise than printed.

    The day is the one printed, in whatever zone it was meant.  Where day and month cannot be told apart
    (``05/11/2026``), only the year is certain.  Of a range the beginning is taken, as PubMed sorts it.

    Examples
    --------
    >>> [parse_date(text) for text in ("2026-11", "Thu, 05 Nov 2026 06:00 GMT", "2026 Nov-Dec", "2021/06//")]
    ['2026-11', '2026-11-05', '2026-11', '2021-06']
    >>> [parse_date(text) for text in ("2018-12-17-08:00", "November 5, 2026", "05/11/2026", "n.d.")]
    ['2018-12-17', '2026-11-05', '2026', None]
    """
    line = unicodedata.normalize("NFKC", collapse(text) or "").replace("월", "月")
    line = fold(_EAST_ASIAN.sub(lambda date: "-".join(filter(None, date.groups())) + " ", line)).strip()
    for form in _DATE_FORMS:
        match = form.match(line)
        if match is None:
            continue
        parts = match.groupdict()
        year = parts["year"]
        if len(year) == 2:  # RFC 822 allowed two digits; none of these formats is older than 1970
            if parse_month(parts["month"]) is None:
                continue  # "5 patients 26"
            year = ("20" if int(year) < 70 else "19") + year
        month, day = (parts.get("month") or "").removesuffix("月").strip() or None, parts.get("day")
        if "one" in parts:
            one, two = int(parts["one"]), int(parts["two"])
            month, day = (str(two), str(one)) if one > 12 else (str(one), str(two)) if two > 12 else (None, None)
        date = build_date(year, month, day)
        if date is not None:
            return date
    return None
