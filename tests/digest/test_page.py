"""The page: its content policy, the data in it, and what it does in a browser."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

import rispy

from harvester.digest import Edition, render
from harvester.digest.archive import build_archive
from harvester.digest.page import build_page
from harvester.digest.render import render_archive
from harvester.digest.words import read_words
from harvester.exports import FORMATS, TextFormat
from harvester.paper.records import AbstractSection, Author
from harvester.paper.text import fold
from harvester.tagging import load_vocabulary
from tests.browser import IN_BROWSER, browse, drive
from tests.digest.golden.digest_samples import (
    CHANGES,
    GOLDEN,
    PUBMED,
    WEEK,
    WORDS,
    make_edition,
    make_report,
    make_study,
)

EMPTY_ARCHIVE = build_archive([], words=WORDS, topic="T", editions=(), held_in={}, sample=False)


def page_of(edition: Edition) -> str:
    return render(edition)["index.html"].decode()


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="studies">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found.group(1))
    return data


def test_policy_allows_this_style_and_script_and_nothing_else() -> None:
    page = page_of(GOLDEN["ordinary"])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    for tag in ("style", "script"):
        inner = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert inner is not None
        digest = base64.b64encode(hashlib.sha256(inner.group(1).encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy.group(1)
    assert policy.group(1).startswith("default-src &#39;none&#39;")
    assert " style=" not in page
    assert not re.search(r"""\b(src|action)=["']""", page)


def test_data_holds_every_study_and_cannot_end_its_element() -> None:
    nasty = "</script><script>alert(1)</script><!-- \u2028 &amp;"
    page = page_of(make_edition([make_study(1, nasty)], CHANGES))
    data = data_of(page)
    assert list(data["studies"]) == ["S0000001", "S0000030", "S0000031"]
    assert data["studies"]["S0000001"]["pieces"][0][0].startswith(
        "TY  - JOUR\nTI  - </script><script>alert(1)</script><!-- "
    )
    assert "alert(1)</script>" not in page


def test_facets_without_a_value_are_left_out_of_the_data() -> None:
    data = data_of(page_of(make_edition([make_study(1)])))["studies"]["S0000001"]
    assert {key: value for key, value in data.items() if key != "pieces"} == {
        "design": ["other"],
        "compound": ["ketamine"],
    }


def test_every_format_for_the_page_has_a_button() -> None:
    page = page_of(GOLDEN["ordinary"])
    offered = {name: form for name, form in FORMATS.items() if isinstance(form, TextFormat) and form.is_on_page}
    assert re.findall(r'data-export="([^"]+)" aria-label="Export as ([^"]+)">', page) == [
        (name, form.label) for name, form in offered.items()
    ]
    assert set(data_of(page)["formats"]) == set(offered) >= {"ris", "bibtex", "csv"}


def test_filters_offer_what_occurs_in_the_order_of_the_sections() -> None:
    filters = {facet.facet: facet.options for facet in build_page(GOLDEN["ordinary"]).filters}
    assert list(filters) == ["condition", "topic", "design", "compound", "route"]
    assert [(option.value, option.label) for option in filters["topic"]] == [
        ("safety", "Safety (1)"),
        ("maintenance", "Maintenance (2)"),
        ("access-and-cost", "Access and cost (1)"),
    ]
    conditions = [option.label for option in filters["condition"]]
    assert conditions[:3] == ["Depression (11)", "Treatment-resistant depression (5)", "Postpartum depression (2)"]
    assert build_page(GOLDEN["empty"]).filters == ()


def test_one_study_is_in_the_singular() -> None:
    assert '<output id="shown">1 study</output>' in page_of(make_edition([make_study(1)]))
    assert '<output id="shown">0 studies</output>' in page_of(make_edition())


# ---------------------------------------------------------------------------------------------------------------
# In a browser


class TestInBrowser:
    pytestmark = IN_BROWSER

    def test_own_script_runs_under_the_policy_and_a_foreign_one_does_not(self, tmp_path: Path) -> None:
        page = page_of(GOLDEN["ordinary"])
        foreign = page.replace("</body>", "<script>document.title = 'broken into'</script></body>")
        seen = browse(tmp_path, foreign)
        assert re.search(r'<form id="tools"(?![^>]*hidden)', seen)
        assert "21 studies shown" in re.sub(r"<[^>]+>", "", seen) or "select</label>" in seen
        assert "<title>broken into" not in seen

    def test_filters_and_search_narrow_what_is_shown(self, tmp_path: Path) -> None:
        answer = drive(
            tmp_path,
            page_of(GOLDEN["ordinary"]),
            """
            const visible = () => [...document.querySelectorAll("article:not([hidden])")].map((part) => part.id).sort();
            const put = (where, value) => {
              const element = document.querySelector(where);
              element.value = value;
              element.dispatchEvent(new Event("input", { bubbles: true }));
            };
            const answer = { start: visible().length };
            put("[data-facet=design]", "rct");
            put("[data-facet=condition]", "suicidality");
            answer.both = visible();
            answer.sections = [...document.querySelectorAll("main > section:not([hidden])")].map((part) => part.id);
            answer.count = document.getElementById("shown").value;
            put("[data-facet=design]", ""); put("[data-facet=condition]", "");
            put("[data-facet=compound]", "arketamine");
            answer.compound = visible();
            put("[data-facet=compound]", ""); put("[data-facet=route]", "sublingual");
            answer.route = visible();
            put("[data-facet=route]", ""); put("[data-facet=topic]", "maintenance");
            answer.topic = visible();
            put("[data-facet=design]", "cohort");
            answer.topicAndDesign = visible();
            put("[data-facet=design]", ""); put("[data-facet=topic]", "");
            put("#words", "QUÉTIAPINE remission");
            answer.words = visible();
            put("#words", "no such words");
            answer.none = document.getElementById("shown").value;
            put("#words", "");
            answer.end = visible().length;
            return answer;
            """,
        )
        assert answer == {
            "start": 21,
            "both": ["S0000002"],
            "sections": ["read-first", "map", "receipt"],
            "count": "1 study shown",
            "compound": ["S0000004"],
            "route": ["S0000012"],
            "topic": ["S0000001", "S0000006"],
            "topicAndDesign": ["S0000006"],
            "words": ["S0000001"],
            "none": "0 studies shown",
            "end": 21,
        }

    def test_letters_are_folded_as_the_program_folds_them(self, tmp_path: Path) -> None:
        spans = ((0x20, 0x250), (0x370, 0x400), (0x1E00, 0x2000), (0xFB00, 0xFB07))
        letters = [chr(number) for span in spans for number in range(*span) if chr(number).isalpha()]
        words = ["Møller", "STRAẞE", "Łukasz Đoković", "Ærø", "œdème", "ﬁt", "ΟΔΟΣ", "Iğdır", "naïve"]
        for page in (page_of(GOLDEN["empty"]), render_archive(EMPTY_ARCHIVE).decode()):
            folded = drive(tmp_path, page, f"return {json.dumps([*letters, *words])}.map(fold);")
            assert folded == [fold(fold(text)) for text in (*letters, *words)]

    def test_a_search_finds_letters_however_they_are_typed(self, tmp_path: Path) -> None:
        study = make_study(1, "Ærø's straße", authors=(Author(family="Møller", initials="Đ"),))
        answer = drive(
            tmp_path,
            page_of(make_edition([study, *WEEK[1:4]])),
            """
            const found = {};
            for (const word of ["moller", "MØLLER", "aero", "strasse", "STRASSE", "mollar"]) {
              document.getElementById("words").value = word;
              document.getElementById("tools").dispatchEvent(new Event("input"));
              found[word] = [...document.querySelectorAll("article:not([hidden])")].map((part) => part.id);
            }
            return found;
            """,
        )
        assert answer.pop("mollar") == []
        assert set(map(tuple, answer.values())) == {("S0000001",)}

    def test_export_holds_what_is_selected_and_says_what_the_formats_say(self, tmp_path: Path) -> None:
        """Byte for byte, in the order of the ids, whatever the texts hold; nothing ticked is all that is shown."""
        tricky = make_study(
            50,
            '=HYPERLINK("x"), 50% of α & β_1 🧪 in \U0001d5dd </script>',
            authors=(Author(family="de Óvar", given="Ana María"), Author(collective="A Group, and others")),
            pages="211-9",
            design="rct",
            status="retracted",
            abstract=(AbstractSection(text="🧪 twice & “quoted”\u2028" * 9),),
        )
        edition = make_edition([*WEEK, tricky], CHANGES)
        answer = drive(
            tmp_path,
            page_of(edition),
            """
            const blobs = [];
            URL.createObjectURL = (blob) => { blobs.push(blob); return "#"; };
            const names = [];
            HTMLAnchorElement.prototype.click = function () { names.push(this.download); };
            const buttons = [...document.querySelectorAll("[data-export]")];
            for (const button of buttons) button.click();
            for (const id of ["S0000050", "S0000001"]) document.querySelector(`#${id} .choose input`).click();
            const count = document.getElementById("shown").value;
            for (const button of buttons) button.click();
            const bytes = async (blob) => [...new Uint8Array(await blob.arrayBuffer())];
            const formats = buttons.map((button) => button.dataset.export);
            return { count, names, formats, files: await Promise.all(blobs.map(bytes)) };
            """,
        )
        held = {study.study_id: study for study in (*edition.studies, *(change.study for change in CHANGES))}
        everything, formats = [held[key] for key in sorted(held)], answer["formats"]
        assert answer["count"] == "2 studies selected"
        assert answer["names"] == [f"weekly-2026-W48.{FORMATS[name].suffix}" for name in formats] * 2
        files = list(map(bytes, answer["files"]))
        assert files[: len(formats)] == [FORMATS[name].write(everything).content for name in formats]
        assert files[len(formats) :] == [FORMATS[name].write([WEEK[0], tricky]).content for name in formats]
        ris = rispy.loads(files[len(formats)].decode())
        assert ris[1]["notes"] == ["RETRACTED PUBLICATION"]

    def test_nothing_scrolls_sideways(self, tmp_path: Path) -> None:
        long = make_study(60, "Un" + "breakable" * 40, design="rct", relevance=1.0, trial_ids=("NCT" + "0" * 40,))
        label = json.dumps("Un" + "speakable" * 20)
        vocabulary = load_vocabulary(f"extends: ketamine\nconditions: {{ptsd: {{label: {label}}}}}")
        report = make_report("Un" + "feedable" * 20, answered=False, error="https://example.org/" + "x" * 200)
        files = render(make_edition([*WEEK, long], CHANGES, words=read_words(vocabulary), reports=(PUBMED, report)))
        frames = "".join(
            f'<iframe width="{width}" height="900" srcdoc="{html.escape(files[file].decode())}"></iframe><p>'
            for file in ("index.html", "email.html")
            for width in (320, 375, 700, 1200)
        )
        answer = drive(
            tmp_path,
            f"<!DOCTYPE html><body>{frames}</body>",
            """
            return [...document.querySelectorAll("iframe")].map(({ contentDocument: page }) => {
              for (const part of page.querySelectorAll("details")) part.open = true;
              return page.documentElement.scrollWidth;
            });
            """,
        )
        assert answer == [320, 375, 700, 1200] * 2
