"""Files that a user has already: PubMed XML, nbib, RIS, BibTeX, EndNote XML, CSV and xlsx; bytes in, records out.

The format is recognised by the content, because reference managers call everything ``.txt``.  A record that cannot be
read is reported and skipped; only a file that is in none of the formats is an error.

Records that PubMed made itself (its XML, and nbib with a PMID) keep it as their source, so that a later harvest
updates them; all others have the source ``import:FILE``, and a key that says what they are (`keys`).

What a program's columns and tags hold is declared in `harvester.table.headers` and in `ris`.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from harvester.ground.errors import ParseError
from harvester.paper.records import BadRecord, Record
from harvester.paper.text import decode_text
from harvester.sources.imports.bibtex import parse_bibtex
from harvester.sources.imports.charset import guess_encoding
from harvester.sources.imports.endnote import is_endnote, parse_endnote
from harvester.sources.imports.medline import parse_medline
from harvester.sources.imports.ris import parse_ris
from harvester.sources.imports.rows import ROW_COLUMNS, Table, build_row, parse_table, read_csv
from harvester.sources.imports.spreadsheet import is_spreadsheet, read_spreadsheet
from harvester.sources.pubmed.xml import parse_pubmed_xml
from harvester.table.headers import list_names

__all__ = ["Imported", "parse_import", "read_csv", "read_import", "read_rows"]

_PARSERS: dict[str, Callable[..., list[Record | BadRecord]]] = {
    "bibtex": parse_bibtex,
    "medline": parse_medline,
    "ris": parse_ris,
}
_SHOWN = 300  # characters of a file that is in no known format: the names of a table's columns
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_XML_CHARACTERS = (b"<\x00", b"\x00<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")
_RIS = re.compile(r"^\s{0,3}TY\s{0,3}-", re.MULTILINE)
_MEDLINE = re.compile(r"^(?:PMID|PMC |OWN |STAT|FAU )\s?-", re.MULTILINE)
_TITLE = re.compile(r"^TI  ?- ?", re.MULTILINE)  # of both; alone it is of a MEDLINE record that somebody shortened
_BIBTEX = re.compile(r"^\s*@[A-Za-z]+\s*[{(]\s*[^\s,{}]*\s*,", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was read of a file."""

    items: list[Record | BadRecord]  # in its order
    unknown: tuple[str, ...] = ()  # names of the columns that were not understood
    encoding: str | None = None  # the character set, where it was guessed


def parse_import(content: bytes, *, filename: str) -> list[Record | BadRecord]:
    """Read a file of records, in its order.

    Parameters
    ----------
    content
        The file, compressed with gzip or not; any of the usual character sets.
    filename
        Its name, for the records' source; folders before it are dropped.

    Raises
    ------
    ParseError
        If the file is in none of the formats, or damaged as a whole.
    """
    return read_import(content, filename=filename).items


def read_import(content: bytes, *, filename: str) -> Imported:
    """Read a file of records, and say what of it was not understood; as `parse_import`."""
    name = PurePath(filename).name
    source = f"import:{name}"
    data = _unpack(content, name)
    if _is_xml(data):
        if is_endnote(data):
            return Imported(items=parse_endnote(data, source=source))
        return Imported(items=[item for item in parse_pubmed_xml(data) if isinstance(item, (Record, BadRecord))])
    encoding = None if is_spreadsheet(data) else guess_encoding(data)
    table = _read_table(data, name, encoding)
    if table is not None:
        return Imported(items=parse_table(table, source=source), unknown=tuple(table.unknown), encoding=encoding)
    text = decode_text(data, declared=(encoding,))
    return Imported(items=_PARSERS[_find_format(text, name)](text, source=source), encoding=encoding)


def read_rows(content: bytes, *, filename: str) -> Table:
    """Read a file as a table of texts, for tools that work without a library; as `parse_import`.

    Returns
    -------
    Table
        A table: every row and column as it is, in order.  Other formats: the columns `ROW_COLUMNS`; an absent value is
        an empty text.  A record that cannot be read is a row with its number alone, so that the number of rows
        is that of the records.
    """
    name = PurePath(filename).name
    data = _unpack(content, name)
    encoding = None if is_spreadsheet(data) else guess_encoding(data)
    table = None if _is_xml(data) else _read_table(data, name, encoding)
    if table is not None:
        # Every row comes back, and of one that is damaged nobody could say which cell is which.
        for reason in table.damaged.values():
            raise ParseError(reason)
        return table
    items = enumerate(parse_import(data, filename=filename), start=1)
    rows = [build_row(item if isinstance(item, Record) else None, number) for number, item in items]
    return Table(header=ROW_COLUMNS, rows=rows)


def _unpack(content: bytes, name: str) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ParseError(f"{name} is damaged: it cannot be unpacked ({error})") from error


def _is_xml(data: bytes) -> bool:
    return _XML.match(data[:200]) is not None or data.startswith(_XML_CHARACTERS)


def _read_table(data: bytes, name: str, encoding: str | None) -> Table | None:
    """Read a table; None if it is none.

    A header with known columns is looked for before anything else, because a cell of a table may hold a line of RIS,
    and the other way round does not happen.
    """
    if is_spreadsheet(data):
        return read_spreadsheet(data, name)
    text = decode_text(data, declared=(encoding,))
    return read_csv(text) if read_csv(text, only_header=True).is_table else None


def _find_format(text: str, name: str) -> str:
    """Return the format of a text that is no table, by what comes first: ris, medline or bibtex."""
    forms = {"ris": _RIS, "medline": _MEDLINE, "bibtex": _BIBTEX}
    found = {form: match.start() for form, pattern in forms.items() if (match := pattern.search(text)) is not None}
    if found:
        return min(found, key=lambda form: found[form])
    if _TITLE.search(text):
        return "medline"
    lines = text.strip("\ufeff \r\n").splitlines()
    first = " ".join(lines[0][:_SHOWN].split()) if lines else ""
    raise ParseError(
        f"{name} is neither PubMed XML, nbib, RIS, BibTeX, EndNote XML nor a table with known columns"
        + (f"; it begins with {first!r}" if first else ""),
        advice=f"a CSV needs a column for the title ({list_names('title')})" if first else "the file is empty",
    )
