"""Crossref's own word of what is a preprint, against what the DOI alone says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harvester.paper.preprints import is_preprint_doi

pytestmark = pytest.mark.real

# Posted content of registrants whose DOIs say nothing of what they name: numbers without a word before them.
SILENT = {"10.62329/fmdw8234", "10.21070/ups.10182"}


def test_the_form_of_a_doi_says_what_crossref_says_of_it(shared_data: Path) -> None:
    works = [json.loads(path.read_bytes()) for path in sorted((shared_data / "sources" / "crossref").glob("*.json"))]
    types = {work["DOI"].lower(): work["type"] for work in (work.get("message", work) for work in works)}
    posted = {doi for doi, kind in types.items() if kind == "posted-content"}
    assert len(posted) > 30
    assert {doi for doi in types if is_preprint_doi(doi)} == posted - SILENT
