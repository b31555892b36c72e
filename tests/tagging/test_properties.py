"""What holds for every text, however broken."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.paper.records import AbstractSection, Citation
from harvester.paper.tags import Tags
from harvester.tagging import classify, load_vocabulary
from harvester.tagging.ranking import rank

KETAMINE = load_vocabulary("ketamine")
# Pieces that the rules look for, and noise between them.
PIECES = st.sampled_from(
    [
        "METHODS: ", "RESULTS: ", "Conclusions: ", "We randomised 40 patients ", "(n = 20) ", "ketamine ",
        "esketamine ", "intranasal ", "oral ", "TRD ", "alcohol use disorder (AUD) ", "no history of ",
        "psychosis ", "were excluded. ", "midazolam ", "95% CI 1.2 to 3.4", "over 12 weeks. ",
        "In conclusion, ketamine was effective", ". ", "? ", "; ", "rats ", "systematic review ",
        "twenty-one ", "1,234 ", "adults ", "phase 2b ", "surgery ", "²", "\u00a0", "(", ")",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=12), max_size=25).map("".join)


def build(title: str, abstract: str) -> Citation:
    text = " ".join(abstract.split())
    return Citation(title=" ".join(title.split()) or None, abstract=(AbstractSection(text=text),) if text else ())


@settings(max_examples=150)
@given(title=TEXTS, abstract=TEXTS)
def test_every_tag_is_proved_by_words_of_the_text(title: str, abstract: str) -> None:
    citation = build(title, abstract)
    tags = classify(citation, KETAMINE)
    fields = {"title": citation.title or "", "abstract": citation.abstract_text or ""}
    for proof in tags.evidence:
        assert proof.words in proof.sentence
        assert proof.sentence in fields[proof.field]
    proved = {(proof.facet, proof.value) for proof in tags.evidence}
    for facet in ("compounds", "routes", "conditions", "scales", "topics", "comparators"):
        assert all((facet, value) in proved for value in getattr(tags, facet))
    if tags.sample_size is not None:
        assert ("sample_size", str(tags.sample_size)) in proved
        assert tags.sample_size > 0
    if tags.design != "other":
        assert ("design", tags.design) in proved


@settings(max_examples=100)
@given(title=TEXTS, abstract=TEXTS)
def test_findings_are_whole_parts_of_the_abstract(title: str, abstract: str) -> None:
    citation = build(title, abstract)
    tags = classify(citation, KETAMINE)
    for finding in (tags.key_finding, tags.effect):
        assert finding is None or finding in (citation.abstract_text or "")
        assert finding is None or finding.rstrip("\"'”’)]")[-1] in ".!?"


@settings(max_examples=100)
@given(title=TEXTS, abstract=TEXTS)
def test_the_same_text_has_the_same_tags_and_broader_ones_follow(title: str, abstract: str) -> None:
    citation = build(title, abstract)
    tags = classify(citation, KETAMINE)
    assert tags == classify(citation, KETAMINE)
    assert set(KETAMINE.broaden("conditions", list(tags.conditions))) == set(tags.conditions)
    assert isinstance(tags, Tags)


@given(
    design=st.sampled_from(["rct", "meta-analysis", "cohort", "comment", "other", "protocol", "case-report"]),
    size=st.none() | st.integers(1, 10**7),
    follow_up=st.sampled_from([None, "2 days", "1 year", "32 weeks"]),
    in_title=st.booleans(),
)
def test_tiers_never_overlap(design: str, size: int | None, follow_up: str | None, in_title: bool) -> None:
    ranks = [
        rank(tier=tier, design=design, sample_size=size, follow_up=follow_up, in_title=in_title, comparators=())[0]
        for tier in ("off-topic", "adjacent", "core")
    ]
    assert 0 <= ranks[0] <= 0.14 < 0.15 <= ranks[1] <= 0.39 < 0.40 <= ranks[2] <= 1
