"""Where a paper stands, and what says so."""

from __future__ import annotations

import pytest

from harvester.digest.edition import CHANGE_KINDS
from harvester.digest.words import CHANGES
from harvester.digest.words import STATUSES as WORDS
from harvester.paper.records import Citation, Record, Relation
from harvester.paper.statuses import (
    AGAINST,
    IN_DOUBT,
    NOTICE_KINDS,
    NOTICE_RELATIONS,
    NOTICE_TYPES,
    STATUSES,
    TAKEN_BACK,
    derive_status,
    is_notice,
    with_status,
)


def test_the_lists_that_derive_from_the_declaration() -> None:
    assert (*("published", "ahead-of-print", "preprint", "retracted", "concern", "corrected", "withdrawn"),) == STATUSES
    assert AGAINST == ("retracted", "withdrawn", "concern", "corrected")
    assert ({"retracted", "withdrawn", "concern"}, {"retracted", "withdrawn"}) == (IN_DOUBT, TAKEN_BACK)
    assert set(NOTICE_RELATIONS.values()) <= set(NOTICE_KINDS)
    assert set(NOTICE_KINDS.values()) == set(NOTICE_TYPES.values()) == set(AGAINST) - {"withdrawn"}


def test_readers_have_a_word_for_each() -> None:
    assert set(WORDS) == set(STATUSES) - {"published"}
    assert set(CHANGES) == set(CHANGE_KINDS)
    assert CHANGE_KINDS[: len(AGAINST)] == AGAINST


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("RETRACTED: Ketamine in a false sample", "retracted"),
        ("RETRACTED ARTICLE: Esketamine in invented cells", "retracted"),
        ("Retracted: Arketamine for imagined mice", "retracted"),
        ("[Retracted] Ketamine in a false sample", "retracted"),
        ("[Retracted article.] Ketamine in a false sample", "retracted"),
        ("(Retracted) Ketamine in a false sample", "retracted"),
        ("RETRACTED – Ketamine in a false sample", "retracted"),
        ("[RETRACTED: Ketamin in einer falschen Probe].", "retracted"),
        ("Ketamine in a false sample (Retracted article. See vol. 12, pg. 3, 2020)", "retracted"),
        ("Ketamine in a false sample [Retracted].", "retracted"),
        ("WITHDRAWN: Ketamine for depression", "withdrawn"),
        ("[Withdrawn] Ketamine for depression", "withdrawn"),
        ("Article withdrawn: Ketamine for depression", "withdrawn"),
        ("TEMPORARY REMOVAL: Ketamine for depression", "withdrawn"),
        ("REMOVED: Ketamine for depression", "withdrawn"),
        ("Withdrawn adolescents with depression: a cohort", "published"),
        ("WITHDRAWN ADOLESCENTS WITH DEPRESSION", "published"),
        ("Retracted studies on ketamine: a review", "published"),
        ("[Retracted studies on ketamine]", "published"),
        ("Retracted-paper citations in reviews of ketamine", "published"),
        ("How retracted articles (retracted before 2020) are cited", "published"),
        ("Retraction notice to “Ketamine in a false sample”", "published"),
        ("Retraction: Ketamine in a false sample", "published"),
        (None, "published"),
    ],
)
def test_only_a_label_in_the_title_counts(title: str | None, status: str) -> None:
    assert derive_status(Citation(title=title)) == status
    assert derive_status(Citation(title="Ketamine in a false sample"), titles=[title]) == status


@pytest.mark.parametrize(
    ("types", "relations", "status"),
    [
        (("Retracted Publication",), (), "retracted"),
        (("Preprint", "Preprint-Withdrawal"), (), "withdrawn"),
        ((), ("RetractedandRepublishedIn", "ErratumIn"), "retracted"),
        (("Expression of Concern",), ("ExpressionOfConcernIn", "ErratumIn"), "concern"),
        (("Preprint",), ("ErratumIn",), "corrected"),
        (("Preprint",), ("CommentIn", "UpdateIn"), "preprint"),
        (("Published Erratum",), ("ErratumFor",), "published"),
    ],
)
def test_the_gravest_counts(types: tuple[str, ...], relations: tuple[str, ...], status: str) -> None:
    kinds = tuple(Relation(kind=kind, pmid="1") for kind in relations)
    assert derive_status(Citation(publication_types=types, relations=kinds)) == status


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_that_a_source_names_is_found_again(status: str) -> None:
    record = Record(source="import:a.ris", source_key="1", title="Ketamine in a false sample")
    told = with_status(record, status)
    assert derive_status(told) == status
    assert with_status(told, status) == told
    assert derive_status(with_status(with_status(record, "retracted"), status)) == "retracted"


@pytest.mark.parametrize(
    ("types", "relations", "notice"),
    [
        (("Retraction of Publication",), (), True),
        (("Published Erratum",), ("ErratumFor",), True),
        (("Expression of Concern",), ("ExpressionOfConcernFor",), True),
        (("Journal Article", "Expression of Concern"), ("ExpressionOfConcernIn",), False),
        (("Retracted Publication",), ("RetractionIn",), False),
    ],
)
def test_a_notice_is_no_paper(types: tuple[str, ...], relations: tuple[str, ...], notice: bool) -> None:
    kinds = tuple(Relation(kind=kind, pmid="1") for kind in relations)
    assert is_notice(Citation(publication_types=types, relations=kinds)) is notice
