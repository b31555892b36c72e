"""Studies in the formats of tables, spreadsheets and reference managers.

`FORMATS` is the one list of them: the command `harvester export`, the buttons of an edition's page and its
``references.ris`` take their formats from here.  A new one is a file beside these and its line in the list.
Whatever is exported, a retracted study says so.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

from collections.abc import Mapping

from harvester.exports.bibtex import BIBTEX
from harvester.exports.csl import CSL_JSON
from harvester.exports.format import FileFormat, Format, TextFormat, Written
from harvester.exports.ris import RIS
from harvester.exports.spreadsheet import CSV_EXCEL, XLSX
from harvester.exports.table import CSV, PARQUET

__all__ = ["FORMATS", "RIS", "FileFormat", "TextFormat", "Written"]

_ALL: tuple[Format, ...] = (RIS, BIBTEX, CSL_JSON, CSV, CSV_EXCEL, PARQUET, XLSX)
FORMATS: Mapping[str, Format] = {format.name: format for format in _ALL}
