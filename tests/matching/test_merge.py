"""Merging: which record's word is taken for which field."""

from __future__ import annotations

import random
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.matching import merge
from harvester.paper.records import AbstractSection, Author, Identifiers, MeshTerm, Record
from harvester.sources.registry import RANKS

PUBMED = Record(
    source="pubmed",
    source_key="77",
    title="Invented ketamine in lighthouse keepers.",
    authors=(Author(family="Fictional", given="Ada", initials="A"), Author(family="Mockman", initials="B")),
    journal="Journal of imaginary psychiatry",
    journal_abbreviation="J Imag Psychiatry",
    issns=("1234-5678",),
    published="2026-03",
    volume="12",
    issue="3",
    pages="211-9",
    identifiers=Identifiers(pmid="77", doi="10.1000/x"),
    trial_ids=("NCT01234567",),
    abstract=(AbstractSection(text="A short abstract."),),
    publication_types=("Journal Article", "Randomized Controlled Trial"),
    mesh_terms=(MeshTerm(name="Ketamine"),),
    keywords=("ketamine", "lighthouses"),
    publication_status="ppublish",
    revised="2026-04-01",
)
FEED = Record(
    source="feed:Imaginary",
    source_key="10.1000/x",
    title="Invented ketamine in lighthouse keepers",
    authors=(Author(family="Fictional"),),
    published="2026-01-15",
    published_online="2026-01-15",
    identifiers=Identifiers(doi="10.1000/x", pmcid="PMC9"),
    url="https://example.org/x",
    abstract=(AbstractSection(text="A much longer abstract, which the publisher's feed gives in full words."),),
    keywords=("Ketamine", "mood"),
)


def test_each_field_comes_from_who_knows_it_best() -> None:
    merged = merge([FEED, PUBMED], ranks=RANKS)
    assert merged.title == PUBMED.title
    assert merged.authors == PUBMED.authors
    assert (merged.published, merged.volume, merged.issue, merged.pages) == ("2026-03", "12", "3", "211-9")
    assert merged.published_online == "2026-01-15"
    assert merged.identifiers == Identifiers(pmid="77", doi="10.1000/x", pmcid="PMC9")
    assert merged.abstract == FEED.abstract
    assert merged.keywords == ("ketamine", "lighthouses", "mood")
    assert merged.url == "https://example.org/x"
    assert merged.publication_types == PUBMED.publication_types
    assert merged.publication_status == "ppublish"


def test_one_record_is_itself() -> None:
    assert merge([PUBMED]).title == PUBMED.title
    assert merge([Record(source="feed:A", source_key="1")]).title is None


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="nothing to merge"):
        merge([])


def test_printed_wins_over_ahead_of_print() -> None:
    ahead = Record(
        source="import:a", source_key="1", published="2025-12-01", publication_status="aheadofprint", title="Old"
    )
    printed = Record(
        source="import:a", source_key="2", published="2026-02", volume="3", publication_status="ppublish", title="New"
    )
    merged = merge([ahead, printed])
    assert (merged.published, merged.title, merged.publication_status) == ("2026-02", "New", "ppublish")


def test_a_printed_place_completes_pubmeds_record_ahead_of_print() -> None:
    ahead = Record(
        source="pubmed", source_key="1", published="2025-12-01", publication_status="aheadofprint", title="A"
    )
    printed = Record(source="import:a", source_key="2", published="2026-02", volume="3", pages="1-9")
    merged = merge([ahead, printed])
    assert (merged.title, merged.published, merged.volume, merged.pages) == ("A", "2026-02", "3", "1-9")
    assert merged.publication_status is None, "it is no longer ahead of print"


def test_markup_stays_with_its_title() -> None:
    feed = Record(source="feed:A", source_key="1", title="R-ketamine", title_markup="<i>R</i>-ketamine")
    plain = Record(source="pubmed", source_key="1", title="R-Ketamine.")
    assert merge([feed, plain], ranks=RANKS).title_markup is None
    assert merge([feed]).title_markup == "<i>R</i>-ketamine"


def test_cut_author_lists_lose() -> None:
    many = tuple(Author(family=f"Name{place}") for place in range(6))
    cut = Record(source="pubmed", source_key="1", authors=many[:1], authors_complete=False)
    full = Record(source="feed:A", source_key="2", authors=many)
    assert merge([cut, full]).authors == many
    also_cut = Record(source="feed:A", source_key="2", authors=many[:3], authors_complete=False)
    assert merge([cut, also_cut]).authors == many[:3]
    silent = Record(source="pubmed", source_key="1", authors=many[:1])
    assert merge([silent, full]).authors == many
    assert merge([Record(source="feed:A", source_key="3")]).authors == ()


def test_a_slightly_longer_abstract_does_not_beat_pubmeds() -> None:
    feed = Record(source="feed:A", source_key="1", abstract=(AbstractSection(text="A short abstract. Buy."),))
    assert merge([feed, PUBMED], ranks=RANKS).abstract == PUBMED.abstract


@given(st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(chance: random.Random) -> None:
    records = [
        PUBMED,
        FEED,
        Record(source="import:a", source_key="1", volume="12", title="Other"),
        Record(source="x", source_key="2"),
    ]
    expected = merge(records, ranks=RANKS)
    chance.shuffle(records)
    assert merge(records, ranks=RANKS) == expected


def test_versions_of_one_record_are_ordered_by_revision() -> None:
    old = Record(source="pubmed", source_key="77", title="Old title", volume="1", revised="2026-01-01")
    new = Record(source="pubmed", source_key="77", title="New title", volume="1", revised="2026-02-01")
    assert {merge(list(order)).title for order in permutations((old, new))} == {"New title"}
