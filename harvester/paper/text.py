"""Normalising the small texts that sources write in many ways: identifiers, dates, names, white space.

Every function is total on text: what cannot be understood is ``None``, never an exception, because a record
with a malformed DOI is still a paper.  Normalising twice changes nothing.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from urllib.parse import unquote

_DOI_IN_TEXT = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\"<>{}|\\^`]+", re.IGNORECASE)
# DOIs of 1996 to 2003 that hold a SICI (ANSI/NISO Z39.56), angle brackets included; they end in its version and a check
# character.  Cut at the bracket they would all be the same for one issue of a journal.
_SICI_DOI = re.compile(r"10\.[0-9]{4,9}/\(SICI\)[^\s\"]{10,80}?;2-[A-Z0-9#]", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
# Registries' own formats: clinicaltrials.gov, isrctn.com, anzctr.org.au, EU CTR and CTIS, chictr.org.cn, drks.de,
# ctri.nic.in, umin.ac.jp and jrct, irct.ir, trialregister.nl, crd.york.ac.uk/prospero, pactr, slctr.lk.  Authors and
# typesetters put a space, a hyphen or a sign between the register's letters and the number of the commonest ones.
_TRIAL_ID = re.compile(
    r"\b(?:(?P<register>NCT|ISRCTN|ACTRN|DRKS|UMIN|CRD|KCT)[\s:#-]{1,2}(?P<number>[0-9]{7,14})"
    r"|NCT[0-9]{8}|ISRCTN[0-9]{8}|ACTRN[0-9]{14}p?|ChiCTR(?:-?[A-Z]{2,4})?-?[0-9]{8,10}|DRKS[0-9]{8}"
    r"|CTRI/[0-9]{4}/[0-9]{2,3}/[0-9]{6}|UMIN[0-9]{9}|jRCTs?[0-9]{9,10}|IRCT[0-9]{8,20}N?[0-9]{0,3}|NTR[0-9]{3,5}|NL[0-9]{4,5}"
    r"|PACTR[0-9]{15,16}|KCT[0-9]{7}|TCTR[0-9]{11}|RBR-[0-9a-z]{6,8}|CRD[0-9]{11}|SLCTR/[0-9]{4}/[0-9]{3}"
    r"|20[0-9]{2}-[0-9]{6}-[0-9]{2}(?:-[0-9]{2})?)\b"
)
# How many digits those registers' numbers have.
_REGISTER_DIGITS = {"NCT": 8, "ISRCTN": 8, "ACTRN": 14, "DRKS": 8, "UMIN": 9, "CRD": 11, "KCT": 7}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}


def collapse(text: str | None) -> str | None:
    r"""Collapse white space (no-break spaces included) to single spaces; None if nothing is left.

    Examples
    --------
    >>> collapse("  a\u00a0 b\n")
    'a b'
    >>> collapse("  ") is None
    True
    """
    if text is None:
        return None
    return " ".join(text.split()) or None


# Letters that Unicode does not decompose, with their usual ASCII spelling; in lower case, as `fold` meets them.
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})


def fold(text: str) -> str:
    """Return a text without case, accents, ligatures and width, for comparing; not for showing.

    Folding twice changes nothing: decomposing uncovers letters that have a spelling of their own (``Ǽ`` is ``Æ``
    with an accent), and folding case uncovers accents (``ǰ``), so that each comes after the other.

    Examples
    --------
    >>> fold("Ærø Straße Müller ﬁt Ǽ")
    'aero strasse muller fit ae'
    """
    if text.isascii():
        return text.lower()
    return _drop_accents(_drop_accents(text).casefold()).casefold().translate(_LETTERS)


def _drop_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def strip_markup(text: str | None) -> str | None:
    """Drop HTML tags and decode entities (twice, as feeds double-escape), then collapse.

    Examples
    --------
    >>> strip_markup("<i>R</i>-ketamine &amp;lt; placebo, p &lt; 0.05")
    'R-ketamine < placebo, p < 0.05'
    """
    if text is None:
        return None
    decoded = html.unescape(_TAG.sub("", html.unescape(text)))
    return collapse(_TAG.sub("", decoded))


def normalise_doi(text: str | None) -> str | None:
    """Find the DOI in a text and give it in lower case without resolver; None where there is none.

    Examples
    --------
    >>> normalise_doi("https://doi.org/10.1001/JAMA.2026.1.")
    '10.1001/jama.2026.1'
    >>> normalise_doi("doi:10.1016/S0140-6736(26)00001-2")
    '10.1016/s0140-6736(26)00001-2'
    >>> normalise_doi("10.1002/(SICI)1097-0258(19970515)16:9<965::AID-SIM509>3.0.CO;2-O")
    '10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-o'
    >>> normalise_doi("S0140-6736") is None
    True
    """
    if not text:
        return None
    if (sici := _SICI_DOI.search(text)) is not None:
        return sici.group().lower()
    match = _DOI_IN_TEXT.search(unquote(text) if "%" in text else text)
    if match is None:
        return None
    doi = match.group().rstrip(".,;:'")
    # A closing bracket belongs to the DOI only if it was opened in it.
    while doi and doi[-1] in ")]" and doi.count(doi[-1]) > doi.count("(["[")]".index(doi[-1])]):
        doi = doi[:-1].rstrip(".,;:'")
    doi = doi.lower()
    return doi if re.fullmatch(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+", doi) else None


# Prefixes of preprint servers (doi.org registrants): bioRxiv and medRxiv until and since December 2025, PsyArXiv, OSF,
# Research Square, Preprints.org, SSRN, arXiv, Authorea.  10.1101 is also the prefix of Cold Spring Harbor's journals,
# whose suffixes begin with letters.
_PREPRINT_DOI = re.compile(r"10\.(?:1101/[0-9]|(?:64898|31234|31219|21203|20944|2139|48550|22541)/)")


def is_preprint_doi(doi: str | None) -> bool:
    """Tell whether a normalised DOI is a preprint server's.

    Examples
    --------
    >>> is_preprint_doi("10.1101/2026.11.05.26000001"), is_preprint_doi("10.1101/gr.280000.126"), is_preprint_doi(None)
    (True, False, False)
    """
    return doi is not None and _PREPRINT_DOI.match(doi) is not None


def normalise_pmid(text: str | None) -> str | None:
    """Give a PMID as digits without leading zeros; None if the text is not one.

    Examples
    --------
    >>> normalise_pmid(" pmid: 00123 "), normalise_pmid("PMC123"), normalise_pmid("0")
    ('123', None, None)
    """
    match = re.fullmatch(r"\s*(?:pmid\s*:?\s*)?0*([1-9][0-9]{0,8})\s*(?:\[pmid\])?\s*", text or "", re.IGNORECASE)
    return match.group(1) if match else None


def normalise_pmcid(text: str | None) -> str | None:
    """Give a PMCID as ``PMC`` and digits, without version; None if the text is not one.

    Examples
    --------
    >>> normalise_pmcid("pmc123.1"), normalise_pmcid("123")
    ('PMC123', None)
    """
    match = re.fullmatch(r"\s*PMC0*([1-9][0-9]*)(?:\.[0-9]+)?\s*", text or "", re.IGNORECASE)
    return f"PMC{match.group(1)}" if match else None


def find_trial_ids(text: str | None) -> tuple[str, ...]:
    """Find trial and review registrations in a text, in order of appearance, each once.

    Examples
    --------
    >>> find_trial_ids("Registered as NCT01234567 and ISRCTN12345678 (NCT 01234567).")
    ('NCT01234567', 'ISRCTN12345678')
    """
    found = []
    for match in _TRIAL_ID.finditer(text or ""):
        register, number = match["register"], match["number"]
        if register is None:
            found.append(match.group())
        elif len(number) == _REGISTER_DIGITS[register]:
            found.append(register + number)
    return tuple(dict.fromkeys(found))


def parse_month(text: str | None) -> int | None:
    """Read a month from a number or an English name; None if it is neither.

    Examples
    --------
    >>> parse_month("Sept."), parse_month("09"), parse_month("Summer")
    (9, 9, None)
    """
    word = (text or "").strip().rstrip(".").lower()
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
    found = re.fullmatch(r"\s*([0-9]{4})\s*", str(year or ""))
    if found is None or int(found.group(1)) < 1000:
        return None
    number = parse_month(str(month)) if month is not None else None
    if number is None:
        return found.group(1)
    text = str(day or "").strip()
    if text.isascii() and text.isdigit() and 1 <= int(text) <= monthrange(int(found.group(1)), number)[1]:
        return f"{found.group(1)}-{number:02d}-{int(text):02d}"
    return f"{found.group(1)}-{number:02d}"


# The ways in which feeds, RIS, MEDLINE and spreadsheets write dates; the first that fits is read.
_YEAR, _WORD = r"(?P<year>[0-9]{4})", r"(?P<month>[A-Za-z]{3,9})"
_DAY, _WEEKDAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?", r"(?:[A-Za-z]{3,9},? )?"
_DATE_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_YEAR}[-/.](?P<month>[0-9]{{1,2}})(?:[-/.](?P<day>[0-9]{{1,2}})(?![0-9:]))?(?![0-9])",
        rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})(?:T.*)?$",  # compact ISO, MEDLINE's DEP
        rf"{_YEAR}[ ,]+{_WORD}(?:[ .,]+(?P<day>[0-9]{{1,2}})(?![0-9]))?",  # MEDLINE's DP
        rf"{_YEAR} +(?P<month>[0-9]{{1,2}})(?:[ ]+(?P<day>[0-9]{{1,2}})(?![0-9]))?(?![0-9])",
        rf"{_WEEKDAY}{_DAY}[ -]{_WORD}[.,]?[ -](?P<year>[0-9]{{4}}|[0-9]{{2}}(?![0-9]))",  # RFC 822
        rf"{_WEEKDAY}{_WORD}[.,]? {_DAY},? (?:[0-9:]{{5,8}} (?:[A-Z]{{3,4}} )?)?{_YEAR}",  # asctime, US English
        rf"{_WORD}[.,]?[ -]{_YEAR}(?![0-9])",
        rf"(?P<one>[0-9]{{1,2}})/(?P<two>[0-9]{{1,2}})/{_YEAR}(?![0-9])",
        rf"[^0-9]*{_YEAR}(?:[-/][0-9]{{4}})?[^0-9]*$",
    )
)


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
    line = collapse(text)
    if line is None:
        return None
    for form in _DATE_FORMS:
        found = form.match(line)
        if found is None:
            continue
        parts = found.groupdict()
        year = parts["year"]
        if len(year) == 2:  # RFC 822 allowed two digits; none of these formats is older than 1970
            year = ("20" if int(year) < 70 else "19") + year
        month, day = parts.get("month"), parts.get("day")
        if "one" in parts:
            one, two = int(parts["one"]), int(parts["two"])
            month, day = (str(two), str(one)) if one > 12 else (str(one), str(two)) if two > 12 else (None, None)
        date = build_date(year, month, day)
        if date is not None:
            return date
    return None


def safe_url(text: str | None) -> str | None:
    """Give the text if it is an http(s) address without white space or quotes, else None.

    Examples
    --------
    >>> safe_url("https://example.org/a"), safe_url("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    stripped = (text or "").strip()
    return stripped if re.fullmatch(r"https?://[^\s\"'<>\\]+", stripped, re.IGNORECASE) else None


_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
_SEVEN_BIT = ("iso-2022", "iso2022", "csiso2022", "hz", "utf-7", "utf7")


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 as Windows-1252, for `bytes.decode`."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in wrong), error.end


codecs.register_error("harvester.windows-1252", _as_windows_1252)


def decode_text(content: bytes, *, declared: Iterable[str | None] = ()) -> str:
    """Decode text whose declared character set may be wrong; never fails.

    Text that is valid UTF-8 is UTF-8 whatever is declared: chance does not produce it.  Next comes what is
    declared, in the order given.  The rest is Latin-1 or Windows-1252 sent under a wrong name, whole or in
    places: bytes that are no UTF-8 are read as Windows-1252.

    Parameters
    ----------
    content
        The bytes.
    declared
        Names of character sets, most trusted first (HTTP's, then the document's); unknown ones are skipped.

    Examples
    --------
    >>> decode_text("Müller".encode("latin-1"), declared=("utf-8",))
    'Müller'
    >>> decode_text("Müller".encode(), declared=("latin-1",))
    'Müller'
    >>> decode_text("Мир".encode("koi8-r"), declared=(None, "KOI8-R"))
    'Мир'
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace").removeprefix("\ufeff")
    names = [name.strip().lower() for name in declared if name and name.strip()]
    for name in names:
        if name.startswith(_SEVEN_BIT):
            return _decode_strictly(content, name) or content.decode("ascii", "replace")
    for name in ("utf-8", *names):
        if name in _LATIN or (text := _decode_strictly(content, name)) is None:
            continue
        return text
    return content.decode("utf-8", "harvester.windows-1252")


# The Web reads these names as Windows-1252 (encoding.spec.whatwg.org).
_LATIN = frozenset(
    ("iso-8859-1", "iso8859-1", "latin-1", "latin1", "l1", "windows-1252", "cp1252", "us-ascii", "ascii")
)


def _decode_strictly(content: bytes, name: str) -> str | None:
    """Decode, or give None where the name is no character set of text or the bytes do not fit."""
    try:
        return content.decode(name)
    except (LookupError, ValueError):
        return None
