"""What a paper is about, read from its words by rules and a vocabulary; each tag with the sentence that proves it.

::

    Citation ─► passages: title, sentences, terms ─► reading: what each mentions, which part of the paper it is
                                                          │
             Tags ◄── ranking ◄── tiers ◄── design, arms, facets, size, follow_up, findings, account

Pure and deterministic: no model, no network, no clock.  The words come from `vocabulary/*.yaml`, the rules are
general English; a second vocabulary serves another topic without a change here.
"""

from __future__ import annotations

from harvester.tagging.dataframe import classify_frame
from harvester.tagging.tagger import classify, is_on_topic
from harvester.tagging.vocabulary import Vocabulary, list_vocabularies, load_vocabulary

__all__ = [
    "Vocabulary",
    "classify",
    "classify_frame",
    "is_on_topic",
    "list_vocabularies",
    "load_vocabulary",
]
