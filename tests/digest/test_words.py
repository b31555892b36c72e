"""What tags are called: as the vocabulary says, kept with the edition, and as before in editions that kept nothing."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester.digest import render
from harvester.digest.archive import build_archive
from harvester.digest.edition import Edition, dump_edition, load_edition
from harvester.digest.facts import facts_line
from harvester.digest.fieldmap import MapRow, MapWork
from harvester.digest.follow import Follow
from harvester.digest.former_words import FORMER_WORDS
from harvester.digest.history import Known
from harvester.digest.page import build_page
from harvester.digest.render import render_archive
from harvester.digest.select import find_standings
from harvester.digest.view import build_view
from harvester.digest.words import Words, read_words, shelf
from harvester.jobs import pipeline
from harvester.jobs.job import Job
from harvester.library import Library
from harvester.paper.records import AbstractSection, Citation, Study
from harvester.table.columns import build_row
from harvester.tagging import classify, list_vocabularies, load_vocabulary
from harvester.tagging.ranking import DEFAULT_WEIGHTS
from tests.browser import IN_BROWSER, browse
from tests.conftest import NOW
from tests.digest.golden.digest_samples import make_edition, make_study

MakeJob = Callable[..., Job]
OWN = """
extends: mental-health
compounds:
  five-meo: {label: 5-MeO-DMT, terms: [5-MeO-DMT]}
  new-one: {terms: [newonium]}
routes:
  vaped: {label: inhaled, terms: [vaporised]}
conditions:
  stage-fright: {broader: social-anxiety, terms: [stage fright]}
  social-anxiety: {label: social anxiety disorder, broader: anxiety, terms: [social anxiety]}
comparators:
  niacin: {label: an active placebo}
"""
VOCABULARY = load_vocabulary(OWN, filename="own.yaml")
OWN_WORDS = read_words(VOCABULARY)
CITATION = Citation(
    title="Vaporised 5-MeO-DMT in stage fright: an invented randomised trial",
    abstract=(
        AbstractSection(
            label="METHODS",
            text="We randomly assigned 40 adults with stage fright to inhale vaporised 5-MeO-DMT or niacin. "
            "The Sheehan Disability Scale and the HAM-A were used.",
        ),
        AbstractSection(
            label="CONCLUSIONS", text="Stage fright did not differ between 5-MeO-DMT and niacin (p = 0.6)."
        ),
    ),
)


def own_study(number: int, **changes: Any) -> Study:
    study = make_study(number, CITATION.title, **changes)
    return replace(study, abstract=CITATION.abstract, tags=classify(CITATION, VOCABULARY))


def own_edition(*studies: Study, **settings: Any) -> Edition:
    crowd = [make_study(number, design="rct", relevance=1.0) for number in (91, 92, 93)]  # stand first
    return make_edition([*studies, *crowd], **({"words": OWN_WORDS, "held": ()} | settings))


def rows_of(edition: Edition) -> dict[str, MapRow]:
    drawn = next(section.field_map for section in build_view(edition).sections if section.layout == "map")
    assert drawn is not None
    return {row.label: row for row in drawn.rows}


def test_the_line_of_facts_says_what_the_vocabulary_says() -> None:
    line = facts_line(own_study(1).tags, OWN_WORDS).replace("\u00a0", " ")
    assert (
        line == "Randomised trial · 40 people · stage fright · inhaled 5-MeO-DMT vs an active placebo · "
        "no difference between groups"
    )


@pytest.mark.parametrize(
    ("vocabulary", "facet", "tag", "label"),
    [
        ("psychedelics", "compounds", "mdma", "MDMA"),
        ("psychedelics", "compounds", "5-meo-dmt", "5-MeO-DMT"),
        ("psychedelics", "compounds", "salvinorin-a", "salvinorin A"),
        ("psilocybin", "conditions", "ptsd", "PTSD"),
        ("ketamine", "conditions", "healthy-volunteers", "healthy volunteers"),
        ("ketamine", "scales", "HAM-D", "HAM-D"),
        ("ketamine", "scales", "SHEEHAN", "Sheehan Disability Scale"),
        ("ketamine", "comparators", "antidepressants", "other antidepressants"),
        ("ketamine", "topics", "access-and-cost", "access and cost"),
        ("ketamine", "direction", "no-difference", "no difference"),
        ("ketamine", "design", "rct", "randomised trial"),
        ("ketamine", "status", "concern", "Expression of concern"),
        ("ketamine", "tier", "off-topic", "Off the topic"),
    ],
)
def test_labels(vocabulary: str, facet: str, tag: str, label: str) -> None:
    assert read_words(load_vocabulary(vocabulary)).label(facet, tag) == label


@pytest.mark.parametrize("name", list_vocabularies())
def test_every_condition_of_a_built_in_vocabulary_has_its_place(name: str) -> None:
    words = read_words(load_vocabulary(name))
    assert set(words.precedence) == set(words.labels["conditions"])


def test_a_narrower_condition_follows_its_broader_one() -> None:
    order = list(OWN_WORDS.labels["conditions"])
    start = order.index("anxiety")
    assert order[start : start + 3] == ["anxiety", "social-anxiety", "stage-fright"]
    assert OWN_WORDS.in_order("conditions", ["zeal", "ptsd", "stage-fright", "anxiety"]) == [
        "ptsd",
        "anxiety",
        "stage-fright",
        "zeal",
    ]


@pytest.mark.parametrize(
    ("conditions", "narrowest"),
    [
        (("anxiety", "social-anxiety", "stage-fright"), ["stage-fright"]),
        (("anxiety", "stage-fright"), ["stage-fright"]),
        (("stage-fright", "ptsd", "anxiety"), ["stage-fright", "ptsd"]),
        (("anxiety", "anxiety"), ["anxiety"]),
        ((), []),
    ],
)
def test_only_the_narrower_condition_is_told(conditions: tuple[str, ...], narrowest: list[str]) -> None:
    assert OWN_WORDS.narrowest(conditions) == narrowest


def test_a_study_stands_under_an_own_condition_before_those_of_everybody() -> None:
    assert shelf(make_study(1, conditions=("anxiety", "social-anxiety", "suicidality")), OWN_WORDS) == "social-anxiety"
    told = replace(OWN_WORDS, precedence=("suicidality", "social-anxiety"))
    assert shelf(make_study(1, conditions=("anxiety", "social-anxiety", "suicidality")), told) == "suicidality"


def test_the_section_is_headed_by_the_label_and_holds_the_study_once() -> None:
    study = own_study(1)
    conditions = next(section for section in build_view(own_edition(study)).sections if section.name == "by-condition")
    assert [(group.heading, [entry.study_id for entry in group.entries]) for group in conditions.groups] == [
        ("Stage fright", ["S0000001"])
    ]
    social = make_study(2, conditions=("anxiety", "social-anxiety"))
    conditions = next(section for section in build_view(own_edition(social)).sections if section.name == "by-condition")
    assert [group.heading for group in conditions.groups] == ["Social anxiety disorder"]


def test_the_map_counts_a_narrower_condition_as_a_part_of_the_broader_one_and_says_so() -> None:
    held = [
        MapWork(conditions=conditions, design="rct") for conditions in (("anxiety", "social-anxiety"), ("anxiety",))
    ]
    edition = own_edition(own_study(1), held=held)
    rows = rows_of(edition)
    cells = {label: (row.depth, row.cells[0].held, row.cells[0].new) for label, row in rows.items() if row.cells[0].new}
    assert cells == {
        "Anxiety": (0, "2", "+1"),
        "of these, social anxiety disorder": (1, "1", "+1"),
        "of these, stage fright": (2, "", "+1"),
    }
    files = render(edition)
    for name in ("index.html", "email.txt"):
        assert "‘Of these’: a part of the wider row above" in " ".join(files[name].decode().split())
    assert "\n    of these, stage fright " in files["email.txt"].decode()
    flat = read_words(load_vocabulary("compounds: {one: {terms: [one]}}\nconditions: {woe: {terms: [woe]}}"))
    assert rows_of(make_edition(words=flat, held=())).keys() == {"Woe"}
    assert "Of these" not in render(make_edition(words=flat, held=()))["email.txt"].decode()


def test_filters_and_proofs_of_the_page_are_in_these_words() -> None:
    edition = own_edition(own_study(1), make_study(2, compounds=("new-one", "lost-one"), routes=("oral",)))
    options = {facet.facet: [option.label for option in facet.options] for facet in build_page(edition).filters}
    assert options["condition"] == ["Anxiety (1)", "Social anxiety disorder (1)", "Stage fright (1)"]
    assert options["compound"] == ["5-MeO-DMT (1)", "New one (1)", "Ketamine (3)", "Lost-one (1)"]
    assert options["route"] == ["Oral (1)", "Inhaled (1)"]
    page = render(edition)["index.html"].decode()
    labels = re.findall(r"<dt>(.*?)</dt>", page)
    assert {
        "Compound: 5-MeO-DMT",
        "Route: inhaled",
        "Condition: social anxiety disorder",
        "Scale: Sheehan Disability Scale",
        "Scale: HAM-A",
        "Against: an active placebo",
        "Direction: no difference",
    } <= set(labels)


def test_a_first_is_claimed_in_these_words_of_the_narrower_condition() -> None:
    known = Known(studies=500, conditions=frozenset({"anxiety"}))
    found = find_standings(
        [own_study(1)], words=OWN_WORDS, weights=DEFAULT_WEIGHTS, follow=Follow(), known=known, today="2026-11-23"
    )
    assert found["S0000001"].reasons[-1] == "first on stage fright here"


def test_a_hostile_label_stays_text() -> None:
    nasty = json.dumps("<script>alert(1)</script> {{ 7*7 }} \u202e\n & x")
    text = f"extends: ketamine\nconditions: {{ptsd: {{label: {nasty}}}}}"
    files = render(make_edition([make_study(1, conditions=("ptsd",))], words=read_words(load_vocabulary(text))))
    for name in ("index.html", "email.html"):
        assert b"<script>alert" not in files[name]
        assert b"&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} &amp; x" in files[name]


# ---------------------------------------------------------------------------------------------------------------
# Kept with the edition


def test_an_edition_keeps_the_words_that_it_needs_and_no_others() -> None:
    edition = own_edition(own_study(1))
    words = edition.words
    assert words is not None
    assert words.labels["compounds"] == {"five-meo": "5-MeO-DMT"}
    assert words.labels["comparators"] == {"niacin": "an active placebo"}
    assert words.labels["conditions"] == OWN_WORDS.labels["conditions"]
    assert load_edition(dump_edition(edition)) == edition
    assert render(load_edition(dump_edition(edition))) == render(edition)
    whole = replace(edition, words=OWN_WORDS)
    assert {name: content for name, content in render(whole).items() if name != "digest.json"} == {
        name: content for name, content in render(edition).items() if name != "digest.json"
    }


def test_an_edition_without_words_counts_and_calls_as_it_did() -> None:
    study = make_study(1, design="rct", conditions=("depression", "treatment-resistant-depression"))
    edition = make_edition([study])
    former = load_edition(dump_edition(replace(edition, words=None, field_counts=None)))
    assert former.words is None
    rows = rows_of(former)
    assert list(rows)[:2] == ["Treatment-resistant depression", "Depression"]
    assert [row.label for row in rows.values() if any(cell.new for cell in row.cells)] == [
        "Treatment-resistant depression"
    ]
    assert FORMER_WORDS.label("compounds", "five-meo") == "five-meo"
    assert FORMER_WORDS.label("conditions", "new-woe") == "new woe"


def test_a_later_vocabulary_changes_the_archive_and_no_edition(make_job: MakeJob, tmp_path: Path) -> None:
    """And an edition of a program that kept no words is rendered, too."""
    path = tmp_path / "own.yaml"
    path.write_text("extends: ketamine\nconditions: {depression: {label: low mood}}\n", encoding="utf-8")
    pipeline.run(make_job(vocabulary=str(path)))
    folder = tmp_path / "digests" / "2026-W48" / "weekly"
    before = {item.name: item.read_bytes() for item in folder.iterdir()}
    archive = (tmp_path / "digests" / "index.html").read_text("utf-8")
    assert b"low mood" in before["email.html"]
    assert "low mood" in archive
    path.write_text("extends: ketamine\nconditions: {depression: {label: melancholy}}\n", encoding="utf-8")
    later = make_job(now=NOW + timedelta(days=1), vocabulary=str(path))
    for item in folder.iterdir():
        item.unlink()
    folder.rmdir()
    pipeline.digest(later, edition="2026-W48")
    assert {item.name: item.read_bytes() for item in folder.iterdir()} == before
    archive = (tmp_path / "digests" / "index.html").read_text("utf-8")
    assert "melancholy" in archive
    assert "low mood" not in archive

    with Library.open(tmp_path / "data") as library:
        stored = library.editions.get("weekly", "2026-W48")
        assert stored is not None
        document = json.loads(stored.document)
        del document["words"]
    packed = zlib.compress(json.dumps(document).encode())
    with closing(sqlite3.connect(tmp_path / "data" / "library.db")) as database, database:
        database.execute("UPDATE editions SET document = ?", (packed,))
    pipeline.digest(later, edition="2026-W48")
    assert b"low mood" not in (folder / "email.html").read_bytes()
    assert b"depression" in (folder / "email.html").read_bytes()


# ---------------------------------------------------------------------------------------------------------------
# In the archive


def archive_of(*studies: Study, words: Words = OWN_WORDS) -> str:
    rows = [build_row(study) for study in studies]
    view = build_archive(rows, words=words, topic="T", editions=(), held_in={}, sample=False)
    return render_archive(view).decode()


def test_the_archive_filters_in_the_words_and_order_of_today() -> None:
    page = archive_of(own_study(1), make_study(2, conditions=("depression",), status="concern"))
    labels = re.findall(r"<option value=\"[^\"]+\">([^<]+ \(\d+\))</option>", page)
    assert labels == [
        "Depression (1)",
        "Anxiety (1)",
        "Social anxiety disorder (1)",
        "Stage fright (1)",
        "Randomised trial (1)",
        "Other design (1)",
        "5-MeO-DMT (1)",
        "Ketamine (1)",
        "Inhaled (1)",
        "Expression of concern (1)",
        "Published (1)",
        "Core (2)",
    ]


class TestInBrowser:
    pytestmark = IN_BROWSER

    def test_the_archive_tells_the_narrower_condition_in_these_words(self, tmp_path: Path) -> None:
        seen = browse(tmp_path, archive_of(own_study(1)))
        facts = re.findall(r'<p class="facts">(.*?)</p>', seen)
        assert [line.replace("&nbsp;", " ") for line in facts] == [
            "Randomised trial · 40 people · stage fright · inhaled 5-MeO-DMT vs an active placebo · "
            "no difference between groups"
        ]
