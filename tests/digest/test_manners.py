"""How page, archive and mail behave with a reader's browser, telephone, printer and screen reader."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.digest import Edition, render
from harvester.digest.archive import EditionPage, build_archive
from harvester.digest.render import render_archive
from harvester.paper.records import Identifiers
from harvester.table.columns import build_row
from tests.browser import AXE, DARK, IN_BROWSER, drive, find_barriers
from tests.digest.golden.digest_samples import CHANGES, FEED, GOLDEN, PUBMED, WEEK, WORDS, make_edition, make_study

# Studies of which little is known, so that parts of their lines are missing.
BARE = [
    make_study(number, journal=None, authors=(), published=None, identifiers=Identifiers(), **known)
    for number, known in enumerate(
        (
            {},
            {"trial_ids": ("NCT00000061",)},
            {"trial_ids": ("EUCTR1", "NCT00000062")},
            {"tier": "adjacent"},
            {"design": "comment"},
        ),
        60,
    )
]
NAMED = make_study(1, "Sleep & wake", title_markup="Sleep &amp; <i>wake</i> (invented sample).")
BARE_CHANGES = [replace(change, study=study) for change, study in zip(CHANGES, BARE, strict=False)]
EDITION = make_edition(
    [*WEEK, *BARE], [*CHANGES, *BARE_CHANGES], reports=(PUBMED, FEED), page_url="https://example.org/a/b/index.html"
)


def _archive(edition: Edition) -> str:
    editions = [EditionPage(edition="2026-W48", digest="weekly", title="Weekly")]
    rows = [build_row(study) for study in edition.studies]
    held = {study.study_id: "2026-W48/weekly" for study in edition.studies[::2]}
    view = build_archive(rows, words=WORDS, topic="T", editions=editions, held_in=held, sample=True)
    return render_archive(view).decode()


SHOWN: dict[str, Callable[[Edition], str]] = {
    "page": lambda edition: render(edition)["index.html"].decode(),
    "mail": lambda edition: render(edition)["email.html"].decode(),
    "archive": _archive,
}
each = pytest.mark.parametrize("kind", SHOWN)


def test_no_part_that_is_missing_leaves_its_separator() -> None:
    files = render(EDITION)
    for name in ("index.html", "email.html"):
        lines = re.findall(r"<p[^>]*>(.*?)</p>", files[name].decode(), re.DOTALL)
        said = [re.sub(r"<[^>]+>", "", html.unescape(line)).replace("\u00a0", " ").strip() for line in lines]
        assert sum("·" in line for line in said) > 30
        assert not [line for line in said if re.search(r"^·|·$|· *·", line)]
    assert not re.search(r"^\s*·|·\s*·", files["email.txt"].decode(), re.MULTILINE)


def test_labels_name_the_study() -> None:
    page = SHOWN["page"](make_edition([NAMED]))
    assert (
        '<a href="#S0000001" aria-label="S0000001, permanent link to: Sleep &amp; wake (invented sample)">S0000001</a>'
        in page
    )


class TestInBrowser:
    pytestmark = IN_BROWSER

    @each
    @pytest.mark.parametrize(("width", "flags"), [(320, ()), (1000, (DARK,))], ids=["narrow", "dark"])
    @pytest.mark.skipif(AXE is None, reason="no axe-core here (requirements-axe.lock)")
    def test_axe_finds_nothing(self, kind: str, width: int, flags: tuple[str, ...], tmp_path: Path) -> None:
        assert find_barriers(tmp_path, SHOWN[kind](EDITION), width=width, flags=flags) == []

    @pytest.mark.skipif(AXE is None, reason="no axe-core here (requirements-axe.lock)")
    def test_axe_would_find_something(self, tmp_path: Path) -> None:
        """A link by its colour alone, as light as the ground in the dark: the scheme reaches the page."""
        page = SHOWN["mail"](GOLDEN["empty"]).replace("<h1", '<h3 style="color:#24262b">Ill placed</h3><h1')
        light, dark = (find_barriers(tmp_path, page, width=700, flags=flags) for flags in ((), (DARK,)))
        assert not [found for found in light if found.startswith("color-contrast")]
        assert [found for found in dark if found.startswith("color-contrast")]

    @each
    @pytest.mark.parametrize("width", [320, 1000])
    def test_every_target_has_24_pixels(self, kind: str, width: int, tmp_path: Path) -> None:
        count, small = drive(
            tmp_path,
            SHOWN[kind](EDITION),
            """
            for (const part of document.querySelectorAll("details")) part.open = true;
            const targets = [...document.querySelectorAll("a, button, input, select, summary, label")];
            const boxes = targets.map((part) => [part.outerHTML, part.getBoundingClientRect()]);
            const shown = boxes.filter(([, { width }]) => width);
            return [shown.length, shown.filter(([, { width, height }]) => Math.min(width, height) < 24)];
            """,
            width=width,
        )
        assert count > 50
        assert small == []

    @pytest.mark.parametrize("kind", ["page", "mail"])
    def test_the_names_of_the_map_have_room_on_a_telephone(self, kind: str, tmp_path: Path) -> None:
        table, name, cell = drive(
            tmp_path,
            SHOWN[kind](EDITION),
            """
            const widths = (found) => [...document.querySelectorAll(found)].map((part) => part.offsetWidth);
            const [tables, names, cells] = [".map", ".map th[scope=row]", ".map td"].map(widths);
            return [tables[0], Math.min(...names), Math.max(...cells)];
            """,
            width=320,
        )
        assert name > 0.95 * table
        assert cell < table / 6

    def test_a_box_names_the_study_that_it_selects(self, tmp_path: Path) -> None:
        labels = drive(
            tmp_path,
            SHOWN["page"](make_edition([NAMED], CHANGES[:1])),
            "return [...document.querySelectorAll('.choose input')].map((box) => box.getAttribute('aria-label'));",
        )
        assert labels[1] == "Select: Sleep & wake (invented sample)"
        assert labels[0] == "Select: Corrected: A single infusion for postpartum depression (invented sample)"

    @pytest.mark.parametrize("kind", ["page", "archive"])
    def test_print_leaves_out_controls_with_their_separators(self, kind: str, tmp_path: Path) -> None:
        printed = SHOWN[kind](EDITION).replace("@media print", "@media all").replace("@media screen", "@media not all")
        lines = drive(
            tmp_path,
            printed,
            "return [...document.querySelectorAll('.imprint')].map((part) => part.innerText);",
        )
        assert len(lines) > 20
        assert not [line for line in lines if re.search(r"^\s*·|·\s*$|·\s*·|select", line)]
        assert "select" not in drive(tmp_path, printed, "return document.body.innerText;").split()
