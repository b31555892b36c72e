"""Rows of the table as CSV and as Parquet.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from harvester.table.columns import COLUMNS, SCHEMA_VERSION, Cell, Column

_BATCH_ROWS = 5_000  # rows a Parquet row group: some 15 MB in memory, and few enough groups to read fast


class _Lines:
    """Encodes the rows that `csv.writer` gives it.

    The writer quotes a cell only for the line end it is told, so a lone carriage return would go out bare
    when that is a line feed.  It is told CR LF, which protects both, and the CR of the line's end is dropped
    here.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, line: str) -> int:
        return self._stream.write(line.removesuffix("\r\n").encode() + b"\n")


def write_csv(rows: Iterable[Sequence[Cell]], stream: BinaryIO) -> None:
    """Write rows as lines of CSV: UTF-8, lines that end in a line feed, quoted as RFC 4180 asks."""
    csv.writer(_Lines(stream), lineterminator="\r\n").writerows(rows)


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    r"""Return rows as lines of CSV.

    Examples
    --------
    >>> csv_text([["a", None, 0.5], ["b, c", "", 1]])
    'a,,0.5\n"b, c",,1\n'
    """
    stream = io.BytesIO()
    write_csv(rows, stream)
    return stream.getvalue().decode()


def write_parquet(rows: Iterable[Sequence[Cell]], stream: BinaryIO) -> None:
    """Write whole rows, typed by the schema, as Parquet, a batch of them in memory at a time.

    Raises
    ------
    ImportError
        If pyarrow is not installed; no row was taken.
    """
    import pyarrow as pa
    from pyarrow import parquet as pq

    types = {"integer": pa.int64(), "number": pa.float64(), "time": pa.timestamp("us", tz="UTC")}
    schema = pa.schema(
        [
            pa.field(column.name, types.get(column.type, pa.string()), metadata={"meaning": column.meaning})
            for column in COLUMNS
        ],
        metadata={"schema_version": SCHEMA_VERSION},
    )
    with pq.ParquetWriter(stream, schema, compression="zstd") as groups:
        for batch in _batches(rows):
            columns = [_typed(column, cells) for column, cells in zip(COLUMNS, zip(*batch, strict=True), strict=True)]
            arrays = [pa.array(cells, field.type) for cells, field in zip(columns, schema, strict=True)]
            groups.write_batch(pa.record_batch(arrays, schema=schema))


def _batches(rows: Iterable[Sequence[Cell]]) -> Iterator[list[Sequence[Cell]]]:
    rest = iter(rows)
    while batch := list(islice(rest, _BATCH_ROWS)):
        yield batch


def _typed(column: Column, cells: Iterable[Cell]) -> list[object]:
    if column.type == "time":
        return [datetime.fromisoformat(str(cell)) if cell else None for cell in cells]
    return [None if cell == "" else cell for cell in cells]
