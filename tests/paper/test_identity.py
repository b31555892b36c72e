"""When two records of a file are one, and what of the earlier one stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harvester.paper.identity import complete, content_key, is_same_record
from harvester.paper.records import AbstractSection, Author, Identifiers, Record

BASE = Record(
    source="import:a.ris",
    source_key="doi:10.5555/inv.1",
    title="Ketamine in 12 invented bakers: a sample",
    authors=(Author(family="Sample", initials="A"), Author(family="Muster", initials="C")),
    pages="11-19",
    published="2026-11",
    identifiers=Identifiers(doi="10.5555/inv.1"),
)
ABSTRACT = (AbstractSection(text="Bakers improved."),)


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({}, True),
        ({"title": "RETRACTED: Ketamine in 12 invented bakers: a sample"}, True),
        ({"title": "[Ketamine in 12 invented bakers: A Sample]."}, True),
        ({"title": "Ketamine in 12 invented bakers: the sample"}, True),
        ({"title": "Ketamine in 13 invented bakers: a sample"}, False),
        ({"title": "Esketamine and dreams of sailors"}, False),
        ({"title": "Ketamine in 12 invented bakers: the sample", "pages": "20"}, False),
        ({"title": "Ketamine in 12 invented bakers: the sample", "authors": ()}, False),
        ({"title": "Ketamine in 12 invented bakers: the sample", "authors": (Author(family="Roe"),)}, False),
        ({"identifiers": Identifiers(doi="10.5555/inv.2")}, False),
        ({"identifiers": Identifiers(doi="10.5555/inv.1", pmid="99000001")}, True),
        ({"pages": "e1", "published": "2025"}, True),
    ],
)
def test_whether_two_records_are_one(changes: dict[str, object], is_same: bool) -> None:
    other = replace(BASE, **changes)  # type: ignore[arg-type]
    assert is_same_record(BASE, other) is is_same
    assert is_same_record(other, BASE) is is_same


def test_an_abstract_decides_where_both_have_one() -> None:
    one = replace(BASE, abstract=ABSTRACT)
    renamed = replace(one, title="Something else about bakers")
    assert is_same_record(one, renamed)
    assert not is_same_record(one, replace(renamed, abstract=(AbstractSection(text="Sailors slept."),)))


def test_a_name_is_the_best_identifier_or_the_content() -> None:
    assert content_key(replace(BASE, identifiers=Identifiers(pmid="7", doi="10.5555/inv.1"))) == "pmid:7"
    assert content_key(BASE) == "doi:10.5555/inv.1"
    bare = replace(BASE, identifiers=Identifiers())
    assert content_key(bare) == content_key(replace(bare, title="KETAMINE in 12 invented bakers. A sample"))
    for other in ({"issue": "2"}, {"volume": "7"}, {"published": "2025"}, {"title": "Another"}, {"journal": "Inv J"}):
        assert content_key(bare) != content_key(replace(bare, **other))  # type: ignore[arg-type]
    assert content_key(replace(bare, authors=())) != content_key(bare)


def test_what_a_record_does_not_say_any_more_stays() -> None:
    before = replace(BASE, volume="7", abstract=ABSTRACT, authors_complete=False, published="2026-11-05")
    now = complete(replace(BASE, authors=(), published="2026-11", identifiers=Identifiers(pmid="7")), before)
    assert now == replace(before, identifiers=Identifiers(pmid="7", doi="10.5555/inv.1"))
    assert complete(replace(BASE, published="2027"), before).published == "2027"
    assert complete(replace(BASE, volume="8"), before).volume == "8"
