"""Spreadsheets (xlsx), the first sheet as a table; what Excel 97 wrote (xls) is told, as no well-kept library reads it.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime

from harvester.ground.errors import ParseError
from harvester.sources.imports.rows import Table, build_table, is_header

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def is_spreadsheet(data: bytes) -> bool:
    """Return whether a file is a spreadsheet by its first bytes."""
    return data.startswith((_ZIP, _OLE))


def read_spreadsheet(data: bytes, name: str) -> Table:
    """Read the first sheet, each cell as text; what stands before the header is passed over.

    Raises
    ------
    ParseError
        If it is an xls, damaged, or the package that reads it is not installed.
    """
    if data.startswith(_OLE):
        raise ParseError(f"{name} is a spreadsheet of Excel 97 (xls)", advice="save it as xlsx or CSV")
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        advice = "pip install 'harvester[xlsx]', or save it as CSV"
        raise ParseError("the package that reads spreadsheets is not installed", advice=advice) from error
    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        rows = [[_print(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise ParseError(f"{name} cannot be read as a spreadsheet ({error})") from error
    table = build_table(_drop_preamble(rows))
    if not table.is_table:
        raise ParseError(f"{name} has no column that is known to hold a title, a DOI or a PMID")
    return table


def _drop_preamble(rows: list[list[str]]) -> Iterator[list[str]]:
    start = next((place for place, row in enumerate(rows) if is_header(row, is_first=False)), 0)
    return iter(rows[start:])


def _print(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell)
