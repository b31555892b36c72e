"""Text as sources send it: decoded, without markup, its white space collapsed, folded for comparing.

Every function is total: no text and no bytes make it raise.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from collections.abc import Iterable

TITLE_TAGS = frozenset({"i", "b", "em", "strong", "sub", "sup"})  # the markup that a title keeps
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


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


# Soft hyphens, zero widths (not the joiners, which Persian and Indian scripts need) and marks of direction: they come
# with copied text, and would part or reverse what a reader sees as one.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)


def strip_invisible(text: str) -> str:
    r"""Return a text without characters that nobody sees, and with plain blanks for no-break ones.

    Examples
    --------
    >>> strip_invisible("\ufeff10.1000/\u200bx\u00a0y")
    '10.1000/x y'
    """
    return text if text.isascii() else text.translate(_INVISIBLE).replace("\u00a0", " ")


def compose(text: str) -> str:
    r"""Return a text without what is not seen, and with its letters and their accents composed, as most write them.

    Examples
    --------
    >>> compose("ke\u00adtamin\u200b"), compose("e\u0301") == "é"
    ('ketamin', True)
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(_INVISIBLE))


# Scripts in which a word stands beside the next without a space, or takes on what belongs to it: Hebrew, Arabic, Thai,
# Korean, Japanese and Chinese; as the inside of a character class.
WRITTEN_TOGETHER = (
    r"\u0590-\u06ff\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\uff65-\uffdc"
)
_PARTED = re.compile(f"([{WRITTEN_TOGETHER}])")


def part_characters(text: str) -> str:
    """Put spaces around each character of a script that does not part words, so that any of them can be found.

    Examples
    --------
    >>> part_characters("S-氯胺酮 vs. 안정")
    'S- 氯  胺  酮  vs.  안  정 '
    """
    return text if text.isascii() else _PARTED.sub(r" \1 ", text)


def drop_full_stop(title: str) -> str:
    """Return a title without the full stop that PubMed adds; an ellipsis stays.

    Examples
    --------
    >>> drop_full_stop("A trial."), drop_full_stop("And then...")
    ('A trial', 'And then...')
    """
    return title[:-1] if title.endswith(".") and not title.endswith("..") else title


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
