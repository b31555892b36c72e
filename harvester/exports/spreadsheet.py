"""A spreadsheet of rows, guarded against cells that a spreadsheet program would run as formulas.

The guard changes data (an apostrophe before the text), which is why the published table is CSV without it and this
is a copy for reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from harvester.ground.errors import UsageError
from harvester.ground.files import write_atomically

# Characters with which a text becomes a formula or a command (OWASP ASVS 1.2.10, CWE-1236).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_767  # characters, Excel's limit
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # which XML cannot hold


def write_xlsx(rows: Iterable[Mapping[str, object]], columns: Sequence[str], path: Path) -> None:
    """Write rows as a spreadsheet (Office Open XML), whole or not at all.

    Parameters
    ----------
    rows
        Cells by column; numbers stay numbers, None and missing cells are empty, everything else is text.
    columns
        The columns to write, in order; they are the first row, which stays in view.
    path
        The file; an older one is replaced.

    Raises
    ------
    UsageError
        If the optional package openpyxl is not installed.
    StorageError
        If the file cannot be written.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise UsageError(
            "the package that writes spreadsheets is not installed",
            advice="pip install 'harvester[xlsx]', or export csv",
        ) from error

    def fill(stream: IO[bytes]) -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("studies")
        sheet.freeze_panes = "A2"
        sheet.append(list(columns))
        for row in rows:
            sheet.append([guard_cell(row.get(column)) for column in columns])
        book.save(stream)

    write_atomically(path, fill)


def guard_cell(value: object) -> str | int | float | None:
    """Give a value as a spreadsheet may hold it: a text that would run begins with an apostrophe instead.

    Examples
    --------
    >>> guard_cell("=1+1"), guard_cell(-2.5), guard_cell("ketamine"), guard_cell(None)
    ("'=1+1", -2.5, 'ketamine', None)
    """
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    text = _FORBIDDEN.sub("", str(value))
    if str(value).startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS):
        text = f"'{text}"
    return text[:_LONGEST_CELL] or None
