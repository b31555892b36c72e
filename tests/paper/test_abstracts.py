"""Abstracts divided at their labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.paper.abstracts import categorise_label, read_abstract
from harvester.paper.records import Citation
from harvester.paper.text import collapse


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        (None, []),
        ("  ", []),
        ("Plain text.", [(None, None, "Plain text.")]),
        (
            "Background: Why. Methods: How (n = 40). Results: What. Conclusions and Relevance: So what.",
            [
                ("Background", "BACKGROUND", "Why."),
                ("Methods", "METHODS", "How (n = 40)."),
                ("Results", "RESULTS", "What."),
                ("Conclusions and Relevance", "CONCLUSIONS", "So what."),
            ],
        ),
        (
            "First words. AIMS: This. RESULTS: That.",
            [(None, None, "First words."), ("AIMS", "OBJECTIVE", "This."), ("RESULTS", "RESULTS", "That.")],
        ),
        ("We had results: see text. Methods: none.", [(None, None, "We had results: see text. Methods: none.")]),
        ("Two drugs: ketamine. Three doses: 0.5 mg.", [(None, None, "Two drugs: ketamine. Three doses: 0.5 mg.")]),
        ("METHODS: RESULTS: All.", [(None, None, "METHODS: RESULTS: All.")]),
        ("Aims: a. Methods: ", [(None, None, "Aims: a. Methods:")]),
    ],
)
def test_sections(text: str | None, sections: list[tuple[str | None, str | None, str]]) -> None:
    assert [(part.label, part.category, part.text) for part in read_abstract(text)] == sections


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("OBJECTIVES", "OBJECTIVE"),
        ("Materials and methods:", "METHODS"),
        ("Funding", "UNASSIGNED"),
        ("Dose", None),
        ("", None),
    ],
)
def test_categories(label: str, category: str | None) -> None:
    assert categorise_label(label) == category


PIECES = st.sampled_from(
    ["Background: ", "METHODS: ", "Results:", "It held. ", "n = 3 ", ". ", "Dose: ", "Conclusions: "]
)


@given(st.lists(PIECES | st.text(max_size=10), max_size=12).map("".join))
def test_sections_joined_are_the_text(text: str) -> None:
    assert Citation(abstract=read_abstract(text)).abstract_text == collapse(text)
