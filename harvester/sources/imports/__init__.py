"""Files that a user has already: PubMed XML, MEDLINE text (nbib), RIS and CSV; bytes in, records or rows out.

The format is recognised by the content, because reference managers call everything ``.txt``.  A record that cannot be
read is reported and skipped; only a file that is in none of the formats is an error.

Records that PubMed made itself (its XML, and nbib with a PMID) keep it as their source, so that a later harvest
updates them; all others have the source ``import:FILE`` and the number of the row as their key.

What a program's columns and tags hold is declared in `harvester.table.headers` and in `ris`.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import PurePath

from harvester.ground.errors import ParseError
from harvester.paper.records import BadRecord, Record
from harvester.paper.text import decode_text
from harvester.sources.imports.medline import parse_medline
from harvester.sources.imports.ris import parse_ris
from harvester.sources.imports.rows import ROW_COLUMNS, Table, build_row, parse_csv, read_csv
from harvester.sources.pubmed.xml import parse_pubmed_xml
from harvester.table.headers import list_names

__all__ = ["parse_import", "read_csv", "read_rows"]

_PARSERS = {"csv": parse_csv, "medline": parse_medline, "ris": parse_ris}
_SHOWN = 300  # characters of a file that is in no known format: the names of a table's columns
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_XML_CHARACTERS = (b"<\x00", b"\x00<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")
_RIS = re.compile(r"^\s{0,3}TY\s{0,3}-", re.MULTILINE)
_MEDLINE = re.compile(r"^(?:PMID|PMC |OWN |STAT|TI  |FAU )\s?-", re.MULTILINE)


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
    name = PurePath(filename).name
    source = f"import:{name}"
    data = _unpack(content, name)
    if _is_xml(data):
        return [item for item in parse_pubmed_xml(data) if isinstance(item, (Record, BadRecord))]
    text = decode_text(data)
    return _PARSERS[_find_format(text, name)](text, source=source)


def read_rows(content: bytes, *, filename: str) -> Table:
    """Read a file as a table of texts, for tools that work without a library; as `parse_import`.

    Returns
    -------
    Table
        CSV: every row and column as it is, in order.  Other formats: the columns `ROW_COLUMNS`; an absent value is an
        empty text.  A record that cannot be read is a row with its number alone, so that the number of rows is that of
        the records.
    """
    name = PurePath(filename).name
    data = _unpack(content, name)
    if not _is_xml(data):
        text = decode_text(data)
        if _find_format(text, name) == "csv":
            return read_csv(text)
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


def _find_format(text: str, name: str) -> str:
    """Return the format of a text: csv, ris or medline.

    A header with known columns is looked for first, because a cell of a table may hold a line of RIS, and the
    other way round does not happen.
    """
    if read_csv(text, only_header=True).is_table:
        return "csv"
    ris, medline = _RIS.search(text), _MEDLINE.search(text)
    if ris is not None and (medline is None or ris.start() < medline.start()):
        return "ris"
    if medline is not None:
        return "medline"
    lines = text.strip("\ufeff \r\n").splitlines()
    first = " ".join(lines[0][:_SHOWN].split()) if lines else ""
    raise ParseError(
        f"{name} is neither PubMed XML, nbib, RIS nor CSV with known columns"
        + (f"; it begins with {first!r}" if first else ""),
        advice=f"a CSV needs a column for the title ({list_names('title')})" if first else "the file is empty",
    )
