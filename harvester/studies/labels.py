"""Studies that were corrected by hand, as labelled examples by which the rules can be tested.

It has the shape of an export format but is none of `FORMATS`: it is of corrections, and says nothing of other studies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from harvester.exports import TextFormat
from harvester.paper.records import Study
from harvester.paper.tags import BY_HAND, TAGS
from harvester.tagging.passages import split_sentences

# Tags that a label does not judge: they follow from the others, or are written as numbers of sentences.
_NOT_LABELLED = ("relevance", "key_finding", "guesses")
_NO_DIRECTION = "none"  # how a label says that a paper has no such finding


def print_labels(study: Study) -> str:
    """Return a line of JSON on a study that was corrected; "" for any other.

    ``corrected`` says which tags a user judged, why and when; the others are what the program reads today, and judged
    by nobody.
    """
    tags = study.tags
    corrected = {
        proof.facet: {"why": proof.sentence, "at": proof.words} for proof in tags.evidence if proof.field == BY_HAND
    }
    if not corrected:
        return ""
    sentences = list(_split(study))
    label: dict[str, Any] = {
        "id": _name(study),
        "title": study.title,
        "sentences": [f"{part}: {text}" if part else text for part, text in sentences],
    }
    for tag in TAGS:
        if tag.name not in _NOT_LABELLED:
            value = getattr(tags, tag.name)
            label[tag.name] = "" if value is None and tag.type == "text" else value
    finding = " ".join((tags.key_finding or "").split())
    label |= {
        "direction": tags.direction or _NO_DIRECTION,
        "finding_best": [place for place, (_, text) in enumerate(sentences) if text in finding],
        "finding_ok": [],
        "corrected": corrected,
    }
    return json.dumps(label, ensure_ascii=False) + "\n"


def _split(study: Study) -> Iterator[tuple[str, str]]:
    """Yield the sentences of an abstract; the first of each part with the part's label, the others with ""."""
    for part in study.abstract:
        for place, (start, end) in enumerate(split_sentences(part.text)):
            yield (part.label or "") if place == 0 else "", " ".join(part.text[start:end].split())


def _name(study: Study) -> str:
    names = study.identifiers
    if names.pmid is not None:
        return f"pmid:{names.pmid}"
    return f"doi:{names.doi}" if names.doi is not None else study.study_id


LABELS = TextFormat(
    name="labels", label="Labels", suffix="jsonl", media_type="application/jsonl", print_study=print_labels
)
