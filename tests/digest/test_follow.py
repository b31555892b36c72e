"""Following authors, journals and trials; firsts; and where that puts a study."""

from __future__ import annotations

import doctest
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harvester.digest.follow
from harvester.config.weights import Weights
from harvester.digest import render
from harvester.digest.edition import dump_edition, load_edition
from harvester.digest.follow import Follow, find_followed
from harvester.digest.history import Known, count_known
from harvester.digest.select import Standing, find_standings
from harvester.paper.records import Author, Study
from harvester.paper.tags import Evidence
from harvester.tagging.ranking import DEFAULT_WEIGHTS, rank, weigh_tags
from tests.digest.golden.digest_samples import WEEK, WORDS, make_edition, make_study

TODAY = "2026-11-23"
KNOWN = Known(
    studies=500, since="2026-01-01T00:00:00Z", conditions=frozenset({"depression", "ocd"}), trials=frozenset()
)
ZARVANE = Author(family="Zárvane", given="Carlo A", initials="CA", suffix="Jr")


def by(*authors: Author) -> Study:
    return make_study(1, authors=authors)


def titled(number: int, condition: str, **changes: Any) -> Study:
    """Make a study whose title names a condition."""
    proof = Evidence(facet="conditions", value=condition, field="title", sentence="It says so.", words="so")
    return make_study(number, conditions=(condition,), evidence=(proof,), **changes)


def standings(*studies: Study, known: Known = KNOWN) -> dict[str, Standing]:
    return find_standings(studies, words=WORDS, weights=DEFAULT_WEIGHTS, follow=Follow(), known=known, today=TODAY)


def test_examples_hold() -> None:
    assert doctest.testmod(harvester.digest.follow).failed == 0


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Zarvane CA", True),
        ("Carlo A. Zarvane", True),
        ("Carlo A. Zárvane Jr.", True),
        ("Zarvane, Carlo", True),
        ("Zarvane C", True),
        ("zarvane ca", True),
        ("ZARVANE CA", True),
        ("Zarvane Carlo A", True),
        ("Zarvane", True),
        ("Zarvane CB", False),
        ("Carla Zarvane", False),
        ("Zarvane, Carlo A., Sr.", False),
        ("Zarvan CA", False),
    ],
)
def test_an_author_is_known_by_family_name_and_initials(wanted: str, found: bool) -> None:
    reasons = find_followed(by(ZARVANE), Follow(authors=(wanted,)))
    assert reasons == (("an author you follow (Zárvane CA Jr)",) if found else ())


@pytest.mark.parametrize(
    ("author", "wanted", "found"),
    [
        (Author(family="van der Hoorn", initials="JP"), "Jan van der Hoorn", True),
        (Author(family="Garcés Mirquez", initials="G"), "Gabrio Garcés Mirquez", True),
        (Author(family="Garcés Mirquez", initials="P"), "Gabrio Garcés Mirquez", False),
        (Author(family="Wong", given="Xiaomeng", initials="X"), "Wong Xiaomeng", True),
        (Author(family="Wong", given="Li", initials="L"), "Wong Li", True),
        (Author(family="O'Nail-Özer", initials="K"), "ONail Ozer K", True),
        (Author(collective="The Nowhere Study Group"), "the nowhere study group", True),
        (Author(collective="The Nowhere Study Group"), "Nowhere S", False),
        (Author(family="Nowhere", initials="S"), "The Nowhere Study Group", False),
    ],
)
def test_names_whose_family_part_is_not_marked(author: Author, wanted: str, found: bool) -> None:
    assert bool(find_followed(by(author), Follow(authors=(wanted,)))) is found


@pytest.mark.parametrize(
    ("journal", "abbreviation", "wanted", "found"),
    [
        ("The Annals of imaginary psychiatry", "Ann Imagin Psychiatry", "Ann Imagin Psychiatry", True),
        ("Annals of Imaginary Psychiatry", None, "Ann Imagin Psychiatry", True),
        ("Annals of Imaginary Psychiatry", None, "annals of imaginary psychiatry", True),
        ("Imaginary psychiatry : cognitive neuroscience and imaging", None, "Imaginary Psychiatry", False),
        ("Imaginary psychiatry : official publication of the Society", None, "Imaginary Psychiatry", True),
        ("Annals of imaginary psychiatry reports", None, "Annals of Imaginary Psychiatry", False),
        ("Nowhere (Abingdon, England)", None, "Nowhere", True),
        ("Nowhere Psychiatry", None, "Nowhere", False),
        ("Journal of psychopharmacology", None, "J Psychol", False),
        (None, None, "Nowhere", False),
    ],
)
def test_a_journal_is_known_by_name_or_abbreviation(
    journal: str | None, abbreviation: str | None, wanted: str, found: bool
) -> None:
    study = make_study(1, journal=journal, journal_abbreviation=abbreviation)
    assert find_followed(study, Follow(journals=(wanted,))) == (("a journal you follow",) if found else ())


def test_several_reasons_are_named_in_order() -> None:
    people = [Author(family=f"Name{letter}", initials=letter) for letter in "ABCDE"]
    study = make_study(
        1, authors=(*people, people[0]), journal="Nowhere", trial_ids=("NCT01234567", "ChiCTR2200000000")
    )
    follow = Follow(
        authors=tuple(person.display for person in people), journals=("NOWHERE",), trials=("chictr 2200000000",)
    )
    assert find_followed(study, follow) == (
        "authors you follow (NameA A, NameB B, NameC C and 2 more)",
        "a trial you follow (ChiCTR2200000000)",
        "a journal you follow",
    )


@pytest.mark.parametrize(
    ("study", "reasons"),
    [
        (titled(1, "ptsd"), ("first on PTSD here",)),
        (titled(1, "ptsd", design="rct"), ("first on PTSD here",)),
        (titled(1, "ocd", design="rct"), ("first randomised trial on OCD here",)),
        (titled(1, "ocd", design="cohort"), ()),
        (titled(1, "depression", design="comment"), ()),
        (titled(1, "ptsd", design="comment"), ()),
        (titled(1, "ptsd", design="protocol"), ()),
        (titled(1, "ptsd", design="preclinical"), ()),
        (titled(1, "ptsd", tier="adjacent"), ()),
        (titled(1, "ptsd", status="retracted"), ()),
        (titled(1, "healthy-volunteers"), ()),
        (make_study(1, conditions=("ptsd",)), ()),  # not in the title
    ],
)
def test_a_first_is_claimed_for_results_on_a_condition_of_the_title(study: Study, reasons: tuple[str, ...]) -> None:
    assert standings(study)["S0000001"].reasons == reasons


def test_several_firsts_of_one_week_share_the_claim() -> None:
    found = standings(titled(1, "ptsd"), titled(2, "ptsd"), titled(3, "autism"))
    assert [standing.reasons for standing in found.values()] == [
        ("among the first on PTSD here",),
        ("among the first on PTSD here",),
        ("first on autism here",),
    ]


@pytest.mark.parametrize(
    ("known", "claims"),
    [
        (Known(), False),
        (Known(studies=199, since="2026-06-01T00:00:00Z"), False),
        (Known(studies=200, since="2026-06-01T00:00:00Z"), True),
        (Known(studies=20, since="2025-11-23T00:00:00Z"), True),
        (Known(studies=20, since="2025-11-24T00:00:00Z"), False),
    ],
)
def test_a_first_means_something_only_in_a_library_that_has_met_much(known: Known, claims: bool) -> None:
    assert bool(standings(titled(1, "ptsd"), known=known)["S0000001"].reasons) is claims


def test_what_is_known_is_summed_up() -> None:
    rows = [
        (("depression",), "cohort", (), "2026-02-01T00:00:00Z"),
        (("ocd",), "rct", (), "2026-01-01T00:00:00Z"),
        (("ocd", "autism"), "review", ("children",), "2026-03-01T00:00:00Z"),
    ]
    assert count_known(rows) == Known(
        studies=3,
        since="2026-01-01T00:00:00Z",
        conditions=frozenset({"depression", "ocd", "autism"}),
        trials=frozenset({"ocd"}),
        syntheses={("ocd", ("children",)): 1, ("autism", ("children",)): 1},
    )
    assert count_known([]) == Known()


def test_what_is_noted_rises_within_its_tier_and_never_beyond() -> None:
    """A followed adjacent trial of thousands stands below the last core comment, a followed off-topic one nowhere."""
    followed: dict[str, Any] = {"authors": (ZARVANE,)}
    studies = [
        make_study(1, design="rct", sample_size=20),
        make_study(2, design="cohort", sample_size=50, **followed),
        make_study(3, design="comment"),
        make_study(4, design="rct", sample_size=9000, tier="adjacent", **followed),
        make_study(5, design="rct", tier="adjacent"),
        make_study(6, tier="off-topic", **followed),
    ]
    own = find_standings(
        studies,
        words=WORDS,
        weights=DEFAULT_WEIGHTS,
        follow=Follow(authors=("Zarvane CA",)),
        known=Known(),
        today=TODAY,
    )
    edition = make_edition(studies, standings=own)
    assert [study.study_id for study in edition.studies] == [f"S000000{number}" for number in (2, 1, 3, 4, 5)]
    assert edition.noted == ("S0000002", "S0000004")
    assert edition.studies[0].tags.reasons == ("an author you follow (Zárvane CA Jr)",)


def test_an_edition_holds_what_its_rendering_needs() -> None:
    """Reasons and order are frozen; an edition that follows nobody is stored as before."""
    study = make_study(40, design="cohort", authors=(ZARVANE,), relevance=0.41)
    crowd = [make_study(number, design="rct", sample_size=300) for number in range(41, 60)]
    own = find_standings(
        [study, *crowd],
        words=WORDS,
        weights=DEFAULT_WEIGHTS,
        follow=Follow(authors=("Zarvane CA",)),
        known=KNOWN,
        today=TODAY,
    )
    edition = make_edition([study, *crowd], standings=own)
    stored = load_edition(dump_edition(edition))
    assert stored == edition
    assert render(stored) == render(edition)
    for file in ("email.html", "email.txt", "index.html"):
        text = render(edition)[file].decode().replace("&#225;", "á")
        assert "an author you follow (Zárvane CA Jr)" in " ".join(text.split())
    plain = dump_edition(make_edition(WEEK))
    assert b'"noted"' not in plain
    assert b'"sections"' not in plain


WEIGHTS = st.builds(
    Weights,
    **{
        name: st.floats(0, 10, allow_subnormal=False)
        for name in ("size", "follow_up", "title", "comparator", "followed")
    },
    design=st.floats(0.01, 10),
)
FACTS = st.fixed_dictionaries(
    {
        "design": st.sampled_from(["rct", "cohort", "comment", "meta-analysis", "case-report"]),
        "sample_size": st.none() | st.integers(0, 10**6),
        "follow_up": st.sampled_from([None, "1 day", "32 weeks", "5 years"]),
        "in_title": st.booleans(),
        "comparators": st.sampled_from([(), ("placebo",)]),
    }
)


@given(WEIGHTS, FACTS, FACTS)
def test_whatever_the_weights_the_tiers_do_not_overlap(
    weights: Weights, one: dict[str, Any], other: dict[str, Any]
) -> None:
    core, _ = rank(tier="core", weights=weights, **one)
    adjacent, _ = rank(tier="adjacent", weights=weights, **other)
    off_topic, _ = rank(tier="off-topic", weights=weights, **other)
    assert 1 >= core >= 0.40 > 0.39 >= adjacent >= 0.15 > 0.14 >= off_topic >= 0


@given(FACTS, FACTS)
def test_only_the_proportions_of_weights_matter(one: dict[str, Any], other: dict[str, Any]) -> None:
    usual = {name: getattr(DEFAULT_WEIGHTS, name) for name in Weights.__dataclass_fields__}
    doubled = Weights(**{name: 2 * value for name, value in usual.items()})
    assert rank(tier="core", weights=doubled, **one) == rank(tier="core", **one)
    assert rank(tier="core", **other) == rank(tier="core", weights=DEFAULT_WEIGHTS, **other)


def test_weights_of_one_answer_rank_by_it_alone() -> None:
    only_size = Weights(design=0, size=1, follow_up=0, title=0, comparator=0)
    small = make_study(1, design="rct", sample_size=20).tags
    large = replace(make_study(2, design="comment", sample_size=999).tags)
    assert weigh_tags(small, only_size) < weigh_tags(large, only_size) == 1.0
    assert weigh_tags(small, DEFAULT_WEIGHTS) > weigh_tags(large, DEFAULT_WEIGHTS)
