"""CSV and Parquet as the published table has them, of the studies that were asked for."""

from __future__ import annotations

import io
from collections.abc import Iterable

from harvester.exports.format import FileFormat, TextFormat, Written
from harvester.ground.errors import UsageError
from harvester.paper.records import Study
from harvester.table.columns import COLUMN_NAMES, build_row
from harvester.table.encode import csv_text, write_parquet


def _print_line(study: Study) -> str:
    return csv_text([list(build_row(study).values())])


def _write_parquet(studies: Iterable[Study]) -> Written:
    stream = io.BytesIO()
    try:
        write_parquet((list(build_row(study).values()) for study in studies), stream)
    except ImportError as error:
        raise UsageError("Parquet needs the package pyarrow", advice='pip install "harvester[parquet]"') from error
    return Written(content=stream.getvalue())


CSV = TextFormat(
    name="csv",
    label="CSV",
    suffix="csv",
    media_type="text/csv",
    head=csv_text([COLUMN_NAMES]),
    print_study=_print_line,
    is_on_page=True,
)
PARQUET = FileFormat(
    name="parquet", suffix="parquet", media_type="application/vnd.apache.parquet", write=_write_parquet
)
