"""Classification over the real records: rules that hold for all of them, and the floors of the labelled ones."""

from __future__ import annotations

import ast
import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from harvester.paper.records import AbstractSection, Citation
from harvester.paper.tags import GAP, Tags
from harvester.tagging import classify, is_on_topic, load_vocabulary

pytestmark = pytest.mark.real
KETAMINE = load_vocabulary("ketamine")
ALLOWED_DESIGNS = frozenset(
    [
        *("rct", "protocol", "systematic-review", "meta-analysis", "guideline", "review", "open-label-trial", "cohort"),
        *(
            "cross-sectional",
            "case-series",
            "case-report",
            "qualitative",
            "economic",
            "preclinical",
            "comment",
            "other",
        ),
    ]
)


@pytest.fixture(scope="module")
def read(shared_data: Path) -> dict[str, tuple[Citation, Tags]]:
    """Every record of the real week, by PMID, with its tags."""
    path = shared_data / "ketamine_week" / "pubmed_fetch_2025-03-06.csv.gz"
    limit = csv.field_size_limit(10**9)  # of the whole process: other tests rely on the default
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8"))))
    csv.field_size_limit(limit)
    found: dict[str, tuple[Citation, Tags]] = {}
    for row in rows:
        text = " ".join(row["abstract"].split())
        citation = Citation(
            title=" ".join(row["title"].split()) or None,
            abstract=(AbstractSection(text=text),) if text else (),
            keywords=tuple(ast.literal_eval(row["keywords"] or "[]")),
        )
        found[row["pubmed_id"]] = (citation, classify(citation, KETAMINE))
    return found


def test_every_tag_is_allowed_and_proved(read: dict[str, tuple[Citation, Tags]]) -> None:
    for citation, tags in read.values():
        assert tags.design in ALLOWED_DESIGNS
        assert tags.tier in ("core", "adjacent", "off-topic")
        texts = {"title": citation.title or "", "abstract": citation.abstract_text or ""}
        for proof in tags.evidence:
            assert proof.words in proof.sentence
            assert proof.sentence in texts.get(proof.field, "; ".join(citation.keywords))
        quoted = [proof.sentence for proof in tags.evidence if proof.facet == "key_finding"]
        assert (tags.key_finding or "") in (" ".join(quoted), GAP.join(quoted))
        assert tags.effect is None or tags.effect in texts["abstract"]


def test_most_studies_with_results_have_a_finding(read: dict[str, tuple[Citation, Tags]]) -> None:
    studies = [
        tags for _, tags in read.values() if tags.tier == "core" and tags.design in ("rct", "meta-analysis", "cohort")
    ]
    assert sum(tags.key_finding is not None for tags in studies) >= 0.85 * len(studies)


def test_a_paper_that_names_ketamine_in_its_title_is_on_topic(read: dict[str, tuple[Citation, Tags]]) -> None:
    for citation, tags in read.values():
        if "ketamine" in (citation.title or "").lower().split():
            assert is_on_topic(citation, KETAMINE)
            assert tags.compounds


def test_labels_are_met(read: dict[str, tuple[Citation, Tags]], shared_data: Path) -> None:
    labels = json.loads((shared_data / "ketamine_week" / "labels.json").read_text(encoding="utf-8"))
    # A review of several drugs is core by the guide of these labels, adjacent by the later one that the rules follow.
    for facet, least in (("tier", 0.88), ("design", 0.93), ("sample_size", 0.92)):
        right = sum(getattr(read[label["pubmed_id"]][1], facet) == label[facet] for label in labels)
        assert right >= least * len(labels), facet
