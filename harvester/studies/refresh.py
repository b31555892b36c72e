"""Bring studies in step with what has changed around them: the rules of this program, and lists of notices.

Tags are read again when the rules, the vocabulary or the weights have changed; the keys under which records look for
their like, when deduplication has.  A fingerprint of the rules, kept in the library, shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harvester.ground.fingerprint import fingerprint
from harvester.library import KeysMade, Library, Opinion, OpinionsSaved, TagsRead
from harvester.matching import block_keys
from harvester.paper.tags import TAGS, Tags
from harvester.studies.build import update_study
from harvester.studies.correct import read_tags
from harvester.studies.integrate import prepare_stored
from harvester.tagging import Vocabulary


def retag(
    library: Library, vocabulary: Vocabulary, *, at: str, progress: Callable[[int, int], None] | None = None
) -> int:
    """Bring the tags of all studies in step with the rules of this program, in one transaction.

    Parameters
    ----------
    library
        Open for writing.
    at
        UTC time of the run; becomes `last_changed` of what changed.
    progress
        Called with how many studies are done, of how many.

    Returns
    -------
    int
        How many studies have other tags now; 0 if nothing has changed since the last call.
    """
    now = fingerprint("tagging", "paper", "studies/correct.py", words=repr((vocabulary.entries, vocabulary.weights)))
    if library.rules("tags") == now:
        return 0
    changed = 0
    with library.transaction(TagsRead(at=at)):
        study_ids = library.studies.all_ids()
        for done, study_id in enumerate(study_ids, start=1):
            study = library.studies.get(study_id)
            if study is not None:
                tags = read_tags(study, library.corrections.of_study(study_id), vocabulary)
                if tags != study.tags:
                    changed += 1
                    library.studies.save(replace(study, tags=tags, last_changed=at))
                    library.studies.add_event(study_id, "retagged", _differences(study.tags, tags), at=at)
            if progress is not None:
                progress(done, len(study_ids))
        library.set_rules("tags", now)
    return changed


def rekey(library: Library, *, at: str) -> int:
    """Compute the block keys of all records again, in one transaction; who was merged with whom stays as it is.

    Returns
    -------
    int
        How many records have other keys now; 0 if nothing has changed since the last call.
    """
    now = fingerprint("matching", "paper")
    if library.rules("keys") == now:
        return 0
    with library.transaction(KeysMade(at=at)):
        changed = sum(
            library.records.set_keys(stored.record_id, block_keys(prepare_stored(stored)))
            for stored in library.records.settled()
        )
        library.set_rules("keys", now)
    return changed


def save_opinions(library: Library, vocabulary: Vocabulary, entry: OpinionsSaved) -> None:
    """Write what a list says of papers, and build the studies again of which it says something else than before."""
    with library.transaction(entry):
        before = {opinion.paper: opinion for opinion in library.notices.opinions()}
        after = {fields["paper"]: Opinion(**fields) for fields in entry.opinions}
        library.notices.save_opinions(after.values())
        for paper in sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)):
            for study_id in library.studies.with_identifier(pmid=paper, doi=paper):
                update_study(library, vocabulary, study_id, library.records.of_studies([study_id]), at=entry.at)


def _differences(before: Tags, after: Tags) -> dict[str, Any]:
    """Return the old and new values of the tags that differ, of those that stand in a history."""
    pairs = {tag.name: [getattr(before, tag.name), getattr(after, tag.name)] for tag in TAGS if tag.in_history}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
