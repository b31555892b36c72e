"""Bring papers in step with what lists of notices say of them."""

from __future__ import annotations

from harvester.library import Library, Opinion, OpinionsSaved
from harvester.studies.build import update_study
from harvester.tagging import Vocabulary


def save_opinions(library: Library, vocabulary: Vocabulary, entry: OpinionsSaved) -> None:
    """Write what a list says of papers, and build the studies again of which it says something else than before."""
    with library.transaction(entry):
        before = {one.paper: one for one in library.notices.opinions()}
        now = {one["paper"]: Opinion(**one) for one in entry.opinions}
        library.notices.save_opinions(now.values())
        for paper in sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)):
            for study_id in library.studies.with_identifier(pmid=paper, doi=paper):
                records = library.records.of_studies([study_id])
                update_study(library, vocabulary, study_id, records, at=entry.at)
