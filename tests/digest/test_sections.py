"""Which sections a digest has, and in which order."""

from __future__ import annotations

import json
import re

import pytest

from harvester.digest import render
from harvester.digest.budget import Cuts
from harvester.digest.edition import Edition, dump_edition, load_edition, section_of, shown_studies
from harvester.digest.sections import BY_NAME, SECTION_KINDS, SECTIONS, SectionKind, section_for
from harvester.digest.view import build_view
from harvester.paper.tags import Tags
from tests.digest.golden.digest_samples import CHANGES, WEEK, make_edition, make_study

SHORT = ("map", "by-condition")


def edition_of(*sections: str) -> Edition:
    return make_edition(WEEK, CHANGES, sections=sections)


def headings(edition: Edition) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", render(edition)["index.html"].decode())


@pytest.mark.parametrize("kind", SECTION_KINDS, ids=lambda kind: kind.name)
def test_every_section_that_takes_studies_can_be_cut(kind: SectionKind) -> None:
    assert bool(kind.tier) == bool(kind.cut)
    assert not kind.cut or hasattr(Cuts(), kind.cut)


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        (Tags(tier="core", design="rct"), "by-condition"),
        (Tags(tier="core", design="n-of-1"), "by-condition"),
        (Tags(tier="core", design="protocol"), "protocols"),
        (Tags(tier="core", design="preclinical"), "preclinical"),
        (Tags(tier="core", design="comment"), "comments"),
        (Tags(tier="adjacent", design="comment"), "adjacent"),
        (Tags(tier="adjacent", design="rct"), "adjacent"),
    ],
)
def test_one_section_takes_a_study(tags: Tags, name: str) -> None:
    assert section_for(tags.tier, tags.design) == name


def test_an_edition_of_before_sections_were_stored_has_the_six_of_then() -> None:
    document = json.loads(dump_edition(make_edition(WEEK)))
    assert "sections" not in document
    assert load_edition(json.dumps(document).encode()).sections == (
        "by-condition",
        "protocols",
        "preclinical",
        "comments",
        "adjacent",
        "map",
    )


def test_a_section_that_the_program_does_not_know_is_passed_over() -> None:
    assert headings(edition_of("forecast", "map")) == headings(edition_of("map"))


@pytest.mark.parametrize("sections", [SHORT, (), tuple(reversed(SECTIONS)), ("adjacent",)])
def test_page_mail_and_text_have_the_sections_in_their_order(sections: tuple[str, ...]) -> None:
    edition = edition_of(*sections)
    expected = ["Since you read them", "Read first", *(BY_NAME[name].heading for name in sections), "Receipt"]
    files = render(edition)
    assert headings(edition) == expected
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", files["email.html"].decode()) == expected
    found = re.findall(r"^([A-Z][A-Z ]+)\n-+$", files["email.txt"].decode(), re.MULTILINE)
    assert found == [*(name.upper() for name in expected), "LINKS"]


def test_links_of_the_text_part_are_numbered_as_they_are_met() -> None:
    text = render(edition_of("adjacent", "protocols", "by-condition"))["email.txt"].decode()
    marks = [int(mark) for mark in re.findall(r"\[(\d+)\]$", text.partition("\nLINKS\n")[0], re.MULTILINE)]
    assert list(dict.fromkeys(marks)) == list(range(1, max(marks) + 1))


def test_what_is_left_out_is_told_and_nowhere_on_the_page() -> None:
    edition = edition_of(*SHORT)
    left = [study for study in edition.studies if section_of(edition, study) not in ("read-first", *SHORT)]
    assert left
    page = render(edition)["index.html"].decode()
    data = json.loads(re.findall(r'id="studies">(.*?)</script>', page)[0])["studies"]
    assert not {study.study_id for study in left} & set(data)
    assert {study.study_id for study in shown_studies(edition)} <= set(data)
    remarks = " ".join(build_view(edition).receipt.remarks)
    assert re.search(
        r"settings leave out: protocols and registrations \(\d+\), mechanism and preclinical \(\d+\), "
        r"comments \(\d+\) and perioperative and other adjacent work \(\d+\); they are in the table",
        remarks,
    )
    assert "leave out" not in " ".join(build_view(make_edition(WEEK)).receipt.remarks)


def test_the_map_is_left_out_and_not_said_to_be_on_the_page() -> None:
    for text in render(edition_of("by-condition")).values():
        assert b"map of condition" not in text
    assert [section.name for section in build_view(edition_of("by-condition")).sections] == ["by-condition"]


def test_sections_are_kept_with_the_edition() -> None:
    edition = edition_of(*SHORT)
    assert load_edition(dump_edition(edition)) == edition
    assert load_edition(dump_edition(make_edition(WEEK))).sections == SECTIONS


def test_a_followed_study_says_so_wherever_it_stands() -> None:
    """In the mail, reasons are given for what is read first, and for what somebody waits for."""
    crowd = [make_study(number, design="rct", sample_size=300, relevance=0.9) for number in range(1, 21)]
    protocol = make_study(30, design="protocol", reasons=("a trial you follow (NCT01234567)",))
    plain = make_study(31, design="protocol", reasons=("told nobody",))
    edition = make_edition([*crowd, protocol, plain])
    followed = load_edition(dump_edition(edition).replace(b'"read_first"', b'"noted": ["S0000030"], "read_first"'))
    files = render(followed)
    for file in ("email.html", "email.txt"):
        text = " ".join(files[file].decode().split())
        assert "a trial you follow (NCT01234567)" in text
        assert "told nobody" not in text
    assert "a trial you follow" not in render(edition)["email.txt"].decode()


def test_mail_leads_to_the_page_of_all_editions() -> None:
    edition = make_edition(WEEK, page_url="https://example.org/digests/2026-W48/weekly/index.html")
    files = render(edition)
    assert b'href="https://example.org/digests/index.html"' in files["email.html"]
    assert b"All editions and studies: <https://example.org/digests/index.html>" in files["email.txt"]
    assert b"All editions and studies" not in render(make_edition(WEEK))["email.html"]
