"""The files of an edition: golden ones compared byte for byte, and rules that hold for any week."""

from __future__ import annotations

import os
import re
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from harvester.digest import render
from harvester.digest.edition import Change, Edition, load_edition
from harvester.digest.render import MAIL_BUDGET, TEXT_WIDTH, as_sent
from harvester.ground.errors import ConfigError
from harvester.paper.records import Author, Identifiers
from harvester.paper.tags import Evidence
from tests.digest.golden.digest_samples import FAILED_FEED, GOLDEN, PUBMED, WEEK, make_edition, make_report, make_study

GOLDEN_FOLDER = Path(__file__).parent / "golden"
TEMPLATES = Path(__file__).parents[2] / "harvester" / "digest" / "templates"
VOID = {"meta", "br", "input", "link", "hr", "img"}


class Outline(HTMLParser):
    """What the tests ask of a page: headings, links with their texts, ids, tags, visible text; every tag closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.links: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in given.items()]
        if "id" in given:
            self.ids.append(given["id"])
        if tag not in VOID:
            self.stack.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if tag == "a":
            self.links.append((given["href"], ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" in self.stack or "style" in self.stack:
            return
        self.text += data
        if any(re.fullmatch("h[1-6]", tag) for tag in self.stack):
            level, text = self.headings[-1]
            self.headings[-1] = level, text + data
        if "a" in self.stack:
            href, text = self.links[-1]
            self.links[-1] = href, text + data


def outline(content: bytes) -> Outline:
    return Outline(content.decode())


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_edition(name: str) -> None:
    files = render(GOLDEN[name])
    folder = GOLDEN_FOLDER / name
    if os.environ.get("HARVESTER_UPDATE_GOLDEN") == "1":
        folder.mkdir(exist_ok=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
    assert set(files) == {path.name for path in folder.iterdir()}
    for file, content in files.items():
        assert content.decode() == (folder / file).read_bytes().decode(), (
            f"{name}/{file} differs; see tests/digest/golden/README.md"
        )


@pytest.mark.parametrize("name", GOLDEN)
def test_stored_edition_renders_to_the_same_bytes(name: str) -> None:
    files = render(GOLDEN[name])
    assert render(load_edition(files["digest.json"])) == files


# A hostile source: markup, scripts, schemes, template syntax, controls, reordering, sheer size.
NASTY = (
    "<script>alert(1)</script> {{ 7*7 }} {% raw %} </script><!-- \x00\u202egnp.exe\u2066 \u2028 ]]> \" ' & 🧪 \ufffe"
)
HOSTILE = (
    make_study(1, NASTY, design="rct", conditions=("ptsd",), key_finding=NASTY, reasons=(NASTY,), follow_up=NASTY),
    make_study(
        2,
        title_markup="<i onmouseover=alert(1)>R</i><img src=x onerror=alert(1)><b><a href='javascript:x'>ketamine</a>"
        "<svg/onload=x>",
        design="cohort",
        journal=NASTY,
        authors=(Author(collective=NASTY), Author(family=NASTY, initials=NASTY)),
        comparators=(NASTY,),
    ),
    make_study(3, "x" * 10_000, design="review"),
    make_study(4, "word " * 2_000, design="review", url="javascript:alert(1)", identifiers=Identifiers()),
    make_study(5, title_markup="<script>only</script>", identifiers=Identifiers(doi='10.5555/"><script>x</script>')),
    make_study(6, NASTY, trial_ids=(NASTY, "NCT<b>"), design="protocol", url="data:text/html,x"),
    make_study(7, NASTY, tier="adjacent", identifiers=Identifiers(), url='https://example.org/"><script>x</script>'),
    make_study(
        8,
        "ketamine 🧪" * 30,
        design="preclinical",
        evidence=(Evidence(facet="design", value=NASTY, field=NASTY, sentence=NASTY, words="<script>"),),
    ),
    make_study(9, "العلاج بالكيتامين", design="comment"),
)
HOSTILE_EDITION = make_edition(
    HOSTILE,
    [
        Change(
            study=make_study(40, NASTY),
            kind=NASTY,
            at="2026-11-18",
            sent_in="2026-W44",
            notice_url="javascript:x",
            detail=NASTY,
        ),
        Change(
            study=make_study(41),
            kind="retracted",
            at="2026-11-18",
            sent_in="2026-W44",
            notice_url="https://é.example/ü?<",
        ),
    ],
    title=NASTY,
    topic=NASTY,
    reports=(
        make_report(NASTY, answered=False, error=NASTY, notes=(NASTY,)),
        make_report(query=NASTY, translation=NASTY),
    ),
    where=NASTY,
    unsubscribe="javascript:alert(1)",
    page_url="javascript:alert(1)",
)
ALL = {**GOLDEN, "hostile": HOSTILE_EDITION}


@pytest.fixture(scope="module", params=ALL)
def edition(request: pytest.FixtureRequest) -> Edition:
    return ALL[request.param]


@pytest.fixture(scope="module")
def files(edition: Edition) -> dict[str, bytes]:
    return render(edition)


def test_no_markup_of_a_source_survives(edition: Edition, files: dict[str, bytes]) -> None:
    mail, page = outline(files["email.html"]), outline(files["index.html"])
    for part in (mail, page):
        assert not part.tags & {"img", "svg", "iframe", "object", "link", "base", "template"}
        assert not [name for _, name, _ in part.attributes if name.startswith("on")]
        assert "7*7" in part.text or edition is not HOSTILE_EDITION
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe]", part.text)
    assert "script" not in mail.tags
    assert files["index.html"].count(b"<script") == files["index.html"].count(b"</script>") == 2
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe]", files["email.txt"].decode())


def test_every_link_is_safe_and_says_where_it_leads(files: dict[str, bytes]) -> None:
    mail, page = outline(files["email.html"]), outline(files["index.html"])
    for href, text in (*mail.links, *page.links):
        assert href.isascii()
        assert not re.search(r"[\s<>\"\\]", href)
        assert len(text.strip()) > 2
        assert text.strip().lower() not in {"here", "link", "click here", "more"}
    for href, _ in mail.links:
        assert re.match(r"https?://[^/]|mailto:[^@]+@", href)
    for href, _ in page.links:
        if href.startswith("#"):
            assert href[1:] in page.ids
        else:
            assert re.match(r"https?://[^/]|mailto:[^@]+@|\.\./\.\./|references\.ris$", href)
    for address in re.findall(r"[]:] <((?!script)\S+)>$", files["email.txt"].decode(), re.MULTILINE):
        assert re.match(r"https?://|mailto:", address)


def test_headings_are_in_order_and_ids_unique(files: dict[str, bytes]) -> None:
    for name in ("index.html", "email.html"):
        part = outline(files[name])
        levels = [level for level, _ in part.headings]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert all(text.strip() for _, text in part.headings)
        assert len(part.ids) == len(set(part.ids))


def test_mail_is_for_mail_clients(files: dict[str, bytes]) -> None:
    content = files["email.html"]
    assert content.isascii()
    assert content.startswith(b'<!DOCTYPE html><html lang="en">')
    part = outline(content)
    assert part.tags <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "table",
        "tbody",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "a",
        "b",
        "i",
        "em",
        "strong",
        "sub",
        "sup",
        "br",
    }
    names = {name for _, name, _ in part.attributes}
    assert names <= {
        "lang",
        "charset",
        "name",
        "content",
        "style",
        "class",
        "role",
        "width",
        "align",
        "valign",
        "cellpadding",
        "cellspacing",
        "border",
        "colspan",
        "scope",
        "dir",
        "href",
    }
    roles = [value for tag, name, value in part.attributes if name == "role"]
    assert roles == ["main", "presentation", "presentation"]
    assert re.search(r"<title>[^<]+</title>", content.decode())


# Support by mail clients as caniemail.com lists it (July 2026): each of these is known to all, at least in part,
# or harmless where it is not (word-break).
SAFE_PROPERTIES = {
    "background-color",
    "border-top",
    "color",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "letter-spacing",
    "line-height",
    "margin",
    "max-width",
    "padding",
    "text-align",
    "text-transform",
    "width",
    "word-break",
    "word-wrap",
}


def test_mail_uses_only_css_that_mail_clients_know(files: dict[str, bytes]) -> None:
    part = outline(files["email.html"])
    styles = [value for _, name, value in part.attributes if name == "style"]
    assert styles
    for style in styles:
        for declaration in style.strip(";").split(";"):
            name, _, value = declaration.partition(":")
            assert name.strip() in SAFE_PROPERTIES
            assert not re.search(r"var\(|url\(|calc\(|rem|em\b|#[0-9a-f]{3}\b|rgba", value)


def test_text_part_fits_a_terminal(edition: Edition, files: dict[str, bytes]) -> None:
    text = files["email.txt"].decode()
    assert not re.search(r"</?[a-z]+[ >]|&(amp|lt|#\d+);", text.replace("<script>", "").replace("</script>", "")) or (
        edition is HOSTILE_EDITION
    )
    for line in text.splitlines():
        assert line == line.rstrip()
        assert len(line) <= TEXT_WIDTH or " " not in line.strip().removeprefix("Notice: ").partition("] ")[2]
    marks = re.findall(r"^\[(\d+)\] <", text, re.MULTILINE)
    assert marks == [str(number) for number in range(1, len(marks) + 1)]
    for mark in marks:
        assert text.count(f"[{mark}]") >= 2


def test_sections_come_in_the_same_order_everywhere() -> None:
    files = render(GOLDEN["ordinary"])
    expected = [
        "Since you read them",
        "Read first",
        "By condition",
        "Protocols and registrations",
        "Mechanism and preclinical",
        "Comments",
        "Perioperative and other adjacent work",
        "The map",
        "Receipt",
    ]
    for name in ("index.html", "email.html"):
        assert [text for level, text in outline(files[name]).headings if level == 2] == expected
    text = files["email.txt"].decode()
    places = [text.index(f"\n{name.upper()}\n") for name in expected]
    assert places == sorted(places)


def test_masthead_is_name_week_counts_failure() -> None:
    for name in ("index.html", "email.html"):
        part = outline(render(GOLDEN["ordinary"])[name])
        seen = part.text.replace("\u00a0", " ")
        order = [
            "Ketamine & mental health, weekly",
            "What came in up to Monday 23 November 2026",
            "16 new: 4 randomised",
            "Archives of Nowhere (failing",
        ]
        body = seen[seen.rindex(order[0], 0, seen.index("Since you read them")) :]
        assert [body.index(words) for words in order] == sorted(body.index(words) for words in order)


def test_empty_week_is_told_from_a_broken_program() -> None:
    quiet = render(GOLDEN["empty"])
    broken = render(make_edition(reports=(make_report(answered=False, error="timed out"), FAILED_FEED)))
    for name in ("index.html", "email.html", "email.txt"):
        said, broken_said = (" ".join(files[name].decode().split()) for files in (quiet, broken))
        assert "Nothing new" in said
        assert "Nothing new" in broken_said
        assert "did not answer" not in said
        assert "did not answer" in broken_said
        assert "timed out" in broken_said


def test_invented_data_is_called_so() -> None:
    for content in (render(GOLDEN["ordinary"])[name].decode() for name in ("index.html", "email.html", "email.txt")):
        assert "Invented sample data" in content
    titles = [
        text for href, text in outline(render(GOLDEN["ordinary"])["email.html"]).links if "10.5555/invented" in href
    ]
    assert len(titles) > 15
    assert all("(invented sample)" in text or text.startswith("doi:") for text in titles)


LONG = "A title of four hundred characters that goes on about what was done, and to whom, and why it matters " * 4
MANY = tuple(
    make_study(
        number,
        f"{number}: {LONG}"[:400],
        design=("rct", "cohort", "protocol", "preclinical", "comment", "review")[number % 6],
        tier="adjacent" if number % 5 == 0 else "core",
        conditions=(("depression", "ptsd", "bipolar", "ocd", "anxiety")[number % 5],),
        relevance=round(1 - number / 1000, 2),
        key_finding="It was found that much of this is very long indeed, as results are (95% CI 1 to 2). " * 3,
        reasons=("randomised", "many people"),
        sample_size=number,
    )
    for number in range(1, 901)
)
RETRACTED = tuple(
    Change(
        study=make_study(1000 + number, f"{number}: {LONG}"[:400], status="retracted"),
        kind="retracted",
        at="2026-11-18",
        sent_in="2026-W44",
        notice_url=f"https://doi.org/10.5555/notice.{number}",
        detail="The data could not be provided. " * 9,
    )
    for number in range(1, 101)
)
EMOJI = "🧪" * 300
WORST = make_edition(
    [
        make_study(
            number,
            EMOJI,
            design="rct",
            conditions=("depression",),
            key_finding=f"{EMOJI}. " * 3,
            journal=EMOJI,
            authors=tuple(Author(family=EMOJI) for _ in range(3)),
            reasons=(EMOJI,) * 9,
            comparators=(EMOJI,) * 9,
            follow_up=EMOJI,
            trial_ids=(EMOJI,) * 9,
            identifiers=Identifiers(pmid=str(number), doi=f"10.5555/{'é' * 60}{number}", pmcid=f"PMC{number}"),
        )
        for number in range(1, 100)
    ],
    [
        Change(
            study=make_study(number, EMOJI),
            kind="retracted",
            at="2026-11-18",
            sent_in="2026-W44",
            notice_url="https://example.org/" + "é" * 60,
            detail=EMOJI,
        )
        for number in range(500, 800)
    ],
    title="🧪" * 120,
    reports=[make_report(f"{number}{EMOJI}", answered=False, error=EMOJI, notes=(EMOJI,) * 99) for number in range(90)]
    + [make_report(query=EMOJI, translation=EMOJI)],
    where=EMOJI,
)


HUGE = {
    "first harvest of 900": make_edition(MANY, previous=None),
    "900 studies, 100 retractions": make_edition(MANY, RETRACTED),
    "100 retractions": make_edition(WEEK, RETRACTED),
    "long query": make_edition(HOSTILE, reports=(make_report(query="a OR " * 9_000, translation="b OR " * 9_000),)),
    "400 feeds": make_edition(reports=[make_report(f"Feed {number}", notes=("odd",)) for number in range(400)]),
    "the worst": WORST,
    "hostile": HOSTILE_EDITION,
}


@cache
def render_huge(name: str) -> dict[str, bytes]:
    return render(HUGE[name])


@pytest.mark.parametrize("name", HUGE)
def test_mail_stays_under_its_budget(name: str) -> None:
    edition, content = HUGE[name], render_huge(name)["email.html"]
    assert as_sent(content) <= MAIL_BUDGET
    hrefs = [href for href, _ in outline(content).links]
    for study in edition.studies:
        if study.study_id in edition.read_first and study.identifiers.pmid:
            assert f"https://pubmed.ncbi.nlm.nih.gov/{study.identifiers.pmid}/" in hrefs


def test_retractions_are_all_in_the_mail() -> None:
    content = render_huge("900 studies, 100 retractions")["email.html"].decode()
    for number in range(1, 101):
        assert f'"https://doi.org/10.5555/invented.{1000 + number}"' in content
    assert content.count("<b>Retracted:</b>") == 100
    assert "(you had it in the edition of 26" in content


def test_cuts_say_how_many_went_to_the_page() -> None:
    edition, files = HUGE["first harvest of 900"], render_huge("first harvest of 900")
    text = files["email.txt"].decode()
    listed = len(re.findall(r"^\[\d+\] <", text, re.MULTILINE))
    cut = sum(int(number) for number in re.findall(r"^(\d+) (?:more )?titles? on the page", text, re.MULTILINE))
    assert listed + cut == len(edition.studies)
    assert "The map of condition and design is on the page." in text


def test_measure_is_what_is_sent(files: dict[str, bytes]) -> None:
    message = EmailMessage(policy=SMTP)
    message.set_content(files["email.html"].decode(), subtype="html", cte="quoted-printable")
    body = message.as_bytes().partition(b"\r\n\r\n")[2]
    assert len(body) <= as_sent(files["email.html"]) <= len(body) * 1.01


def test_own_templates_replace_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "email.txt").write_text("{{ view.name }} & {{ view.counts }}")
    files = render(GOLDEN["empty"], templates=tmp_path)
    assert files["email.txt"] == b"Ketamine & mental health, weekly & Nothing new\n"
    assert files["index.html"] == render(GOLDEN["empty"])["index.html"]


@pytest.mark.parametrize(
    "template", ["{% if %}", "{{ view.nmae }}", "{{ view.name | shout }}", '{% include "no.html" %}']
)
def test_mistakes_in_own_templates_are_named(tmp_path: Path, template: str) -> None:
    (tmp_path / "email.html").write_text(template)
    with pytest.raises(ConfigError) as caught:
        render(GOLDEN["empty"], templates=tmp_path)
    assert "email.html" in str(caught.value) or "templates" in str(caught.value)


def luminance(colour: str) -> float:
    """Give the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def inverted(colour: str) -> str:
    """Give a colour as clients do that invert a mail by force."""
    return "#" + "".join(f"{255 - int(colour[place : place + 2], 16):02x}" for place in (1, 3, 5))


def colours(css: str, name: str) -> set[str]:
    return set(re.findall(rf"(?<![-\w]){name}:\s*(#[0-9a-f]{{6}})", css))


def mail_schemes() -> dict[str, tuple[set[str], set[str]]]:
    css = (TEMPLATES / "email.css").read_text()
    dark = (TEMPLATES / "email-adaptive.css").read_text()
    return {
        "mail, light": (colours(css, "background-color"), colours(css, "color")),
        "mail, dark": (colours(dark, "background-color"), colours(dark, "color")),
    }


def page_schemes() -> dict[str, tuple[set[str], set[str]]]:
    css = (TEMPLATES / "page.css").read_text()
    found = {}
    for name, root in zip(("light", "dark", "print"), re.findall(r":root \{([^}]*)\}", css), strict=True):
        words = set().union(*(colours(root, f"--{role}") for role in ("ink", "quiet", "link")))
        found[f"page, {name}"] = colours(root, "--paper"), words
    return found


@pytest.mark.parametrize("scheme", [*mail_schemes(), *page_schemes()])
def test_contrast_is_enough(scheme: str) -> None:
    papers, inks = (mail_schemes() | page_schemes())[scheme]
    assert len(papers) == 1
    assert len(inks) >= 2
    for paper in papers:
        for ink in inks:
            assert contrast(paper, ink) >= 4.5, (paper, ink)
            assert contrast(inverted(paper), inverted(ink)) >= 4.5, (paper, ink, "inverted")
            if "print" not in scheme:
                assert not {"#000000", "#ffffff"} & {paper, ink}


def test_contrast_is_computed_as_wcag_says() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_dark_mode_reaches_every_colour_of_the_mail() -> None:
    light = (TEMPLATES / "email.css").read_text()
    dark = (TEMPLATES / "email-adaptive.css").read_text()
    selectors = [
        rule for rule, body in re.findall(r"([^{}]+)\{([^}]*)\}", light) if re.search(r"(?<![-\w])color:", body)
    ]
    named = {name.strip() for rule in selectors for name in rule.split(",")}
    assert named <= set(re.findall(r"[.a-z-]+", dark))


def test_types_come_in_three_sizes() -> None:
    mail = (TEMPLATES / "email.css").read_text()
    sizes = set(re.findall(r"font-size: (\d+px)", mail))
    assert len(sizes) == 3


def test_pubmed_search_is_on_the_page_whole() -> None:
    query = "ketamin*[tiab] OR " * 900
    page = render(make_edition(reports=(make_report(query=query),)))["index.html"].decode()
    assert query.strip() in page
    assert PUBMED.query is not None
