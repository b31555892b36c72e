"""Studies in the formats of reference managers and spreadsheets: studies in, text out (a spreadsheet: a file).

The table itself is written by `harvester.table.published`.  Whatever is exported, a retracted study says so.
"""

from __future__ import annotations

from harvester.exports.bibtex import write_bibtex
from harvester.exports.csl import write_csl_json
from harvester.exports.ris import write_ris
from harvester.exports.spreadsheet import write_xlsx

__all__ = ["write_bibtex", "write_csl_json", "write_ris", "write_xlsx"]
