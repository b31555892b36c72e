"""What spreadsheet programs open: xlsx, and CSV as they want it, guarded against cells that would run as formulas.

The guard changes data (an apostrophe before the text), which is why the published table is CSV without it and these
are copies for reading.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from harvester.exports.format import FileFormat, TextFormat, Written
from harvester.ground.errors import UsageError
from harvester.paper.records import Study
from harvester.table.columns import COLUMN_NAMES, Cell, build_row
from harvester.table.encode import csv_text

# Characters with which a text becomes a formula or a command (OWASP ASVS 1.2.10, CWE-1236).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_767  # UTF-16 units, Excel's limit (Microsoft, "Excel specifications and limits")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # which XML cannot hold


def build_workbook(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str]) -> Written:
    """Build a spreadsheet (Office Open XML), the names of the columns in its first row, which stays in view.

    Numbers stay numbers, None and missing cells are empty, everything else is text.  A warning counts the cells that
    were too long for a spreadsheet and were cut.

    Raises
    ------
    UsageError
        If the optional package openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise UsageError(
            "the package that writes spreadsheets is not installed",
            advice="pip install 'harvester[xlsx]', or export csv",
        ) from error
    book = Workbook(write_only=True)
    sheet = book.create_sheet("studies")
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    cut: Counter[str] = Counter()
    for row in rows:
        cells = []
        for column in columns:
            whole = guard_cell(row.get(column))
            cells.append(_fit(whole))
            cut[column] += cells[-1] != whole
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return Written(content=stream.getvalue(), warnings=_describe_cut(+cut))


def _describe_cut(cut: Counter[str]) -> tuple[str, ...]:
    if not cut:
        return ()
    number = f"{cut.total():,} cells" if cut.total() > 1 else "1 cell"
    return (
        f"{number} ({', '.join(sorted(cut))}) cut at {_LONGEST_CELL:,} characters, the most that a spreadsheet holds;"
        " csv and parquet hold all",
    )


def _fit(cell: Cell) -> Cell:
    """Cut a text to what Excel holds, which counts a character beyond the basic plane as two."""
    if not isinstance(cell, str) or 2 * len(cell) <= _LONGEST_CELL:
        return cell
    return cell.encode("utf-16-le")[: 2 * _LONGEST_CELL].decode("utf-16-le", "ignore")


def guard_cell(value: object) -> Cell:
    """Return a value as a spreadsheet may hold it: a text that would run begins with an apostrophe instead.

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
    return text or None


def _print_line(study: Study) -> str:
    return csv_text([[guard_cell(cell) for cell in build_row(study).values()]])


XLSX = FileFormat(
    name="xlsx",
    suffix="xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write=lambda studies: build_workbook(map(build_row, studies), COLUMN_NAMES),
)
CSV_EXCEL = TextFormat(
    name="csv-excel",
    label="CSV for Excel",
    suffix="excel.csv",
    media_type="text/csv",
    head="\ufeff" + csv_text([COLUMN_NAMES]),  # without the byte-order mark Excel does not read UTF-8
    print_study=_print_line,
    is_on_page=True,
)
