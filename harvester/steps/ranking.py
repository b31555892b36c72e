"""Bring the library's relevance in step with the weights of the settings, after somebody changed them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from harvester.classify.ranking import Weights, weigh_tags
from harvester.library import Library

# How many studies are looked at to see whether the weights have changed.  All were ranked by the same weights, in one
# transaction or as they came in, so a change that matters shows among the first of them.
_SAMPLE = 300


def rerank(library: Library, weights: Weights, *, at: str) -> int:
    """Rank every study again if the weights are not those by which the library was ranked.

    What happened to a paper has not changed, so `last_changed` stays and no history is written.

    Parameters
    ----------
    library
        Open for writing.
    weights
        From the settings.
    at
        UTC time of the run.

    Returns
    -------
    int
        How many studies stand elsewhere now; 0 if the weights are the same.
    """
    sample = islice(library.studies.iterate(where="tier = 'core'"), _SAMPLE)
    if all(study.tags.relevance == weigh_tags(study.tags, weights) for study in sample):
        return 0
    # In the journal nothing needs to be said: studies that are made again from it are ranked by today's weights.
    changed = 0
    with library.transaction({"kind": "integrate", "at": at}):
        for study_id in [study.study_id for study in library.studies.iterate()]:
            study = library.studies.get(study_id)
            if study is None:
                continue
            relevance = weigh_tags(study.tags, weights)
            if relevance != study.tags.relevance:
                library.studies.save(replace(study, tags=replace(study.tags, relevance=relevance)))
                changed += 1
    return changed
