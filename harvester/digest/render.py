"""From an edition to its files: templates, inlined styles, and the byte budget of the mail.

The mail's HTML is ASCII only: other characters are written as references, which cost no more than their encoded
bytes would, and come through whatever a relay takes the charset to be.
"""

from __future__ import annotations

import binascii
import json
import re
import textwrap
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import css_inline
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    select_autoescape,
)
from markupsafe import Markup

from harvester.digest.archive import ArchiveView
from harvester.digest.budget import LADDER
from harvester.digest.edition import Edition, dump_edition
from harvester.digest.fieldmap import MapView
from harvester.digest.page import build_page, content_policy
from harvester.digest.view import View, build_view
from harvester.digest.wordindex import spell_letters
from harvester.digest.words import NO_BREAK
from harvester.ground.errors import ConfigError

# Gmail clips a message at about 102 KB (hteumeuleu/email-bugs 41); 80 KB leaves room for what relays add.
MAIL_BUDGET = 80_000  # bytes as sent: quoted-printable, line ends of two bytes
TEXT_WIDTH = 72  # columns
_CLASS = re.compile(r' class="([^"]*)"')


def render(edition: Edition, *, templates: Path | None = None) -> dict[str, bytes]:
    """Return the files of an edition, which depend on nothing else than it and the templates.

    They are ``index.html``, ``email.html`` (at most `MAIL_BUDGET` bytes as sent), ``email.txt`` and ``digest.json``.
    A folder of templates replaces the built-in ones of the same name.

    Raises
    ------
    ConfigError
        If a template of the user's own cannot be used.
    """
    try:
        page = _render_page(
            _environment(templates),
            "index.html",
            styles=("page.css",),
            script="page.js",
            context={"view": build_view(edition, with_text=True), "page": build_page(edition)},
        )
    except TemplateError as error:
        raise ConfigError([_mistake(error)]) from error
    return {"index.html": page, **render_mail(edition, templates=templates), "digest.json": dump_edition(edition)}


def render_mail(edition: Edition, *, templates: Path | None = None) -> dict[str, bytes]:
    """Return those files of `render` that the mail is made of: ``email.html`` and ``email.txt``.

    Raises
    ------
    ConfigError
        If a template of the user's own cannot be used.
    """
    try:
        html, text = _render_mail(_environment(templates), edition)
    except TemplateError as error:
        raise ConfigError([_mistake(error)]) from error
    return {"email.html": html, "email.txt": text.encode()}


def render_archive(view: ArchiveView, *, templates: Path | None = None) -> bytes:
    """Return the page of all editions and studies, one file that needs no other.

    Raises
    ------
    ConfigError
        If a template of the user's own cannot be used.
    """
    try:
        return _render_page(
            _environment(templates),
            "archive.html",
            styles=("page.css", "archive.css"),
            script="archive.js",
            context={"view": view},
        )
    except TemplateError as error:
        raise ConfigError([_mistake(error)]) from error


def as_sent(html: bytes) -> int:
    """Count the bytes of the mail's HTML in quoted-printable, as it goes to the server."""
    encoded = binascii.b2a_qp(html, istext=True)
    return len(encoded) + encoded.count(b"\n")


def _render_page(
    environment: Environment, template: str, *, styles: Sequence[str], script: str, context: Mapping[str, object]
) -> bytes:
    """Render a page that holds its styles and its script."""
    style, code = "\n".join(_source(environment, name) for name in styles), _script(environment, script)
    html = environment.get_template(template).render(
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(code),  # noqa: S704 - our own file
        policy=content_policy(style, code),
        **context,
    )
    return (html.rstrip() + "\n").encode()


def _render_mail(environment: Environment, edition: Edition) -> tuple[bytes, str]:
    """Render HTML and text, leaving out as little as the budget allows.

    Each step of the ladder is smaller than the one before it, so the first one that fits is found by halving.
    """

    @cache
    def attempt(step: int) -> tuple[View, bytes]:
        view = build_view(edition, cuts=LADDER[step])
        return view, _inline(environment, view)

    def fits(step: int) -> bool:
        return as_sent(attempt(step)[1]) <= MAIL_BUDGET

    chosen = 0 if fits(0) else bisect_left(range(len(LADDER) - 1), True, lo=1, key=fits)
    view, html = attempt(chosen)
    text = environment.get_template("email.txt").render(view=view)
    return html, _tidy_text(text)


def _inline(environment: Environment, view: View) -> bytes:
    style, adaptive = _source(environment, "email.css"), _source(environment, "email-adaptive.css")
    html = environment.get_template("email.html").render(view=view, adaptive=Markup(adaptive))  # noqa: S704
    inlined = _CLASS.sub(_kept_classes(adaptive), _inliner(style).inline(html))
    return _dense(inlined).encode("ascii", "xmlcharrefreplace")


@lru_cache(maxsize=4)
def _inliner(style: str) -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        extra_css=style,
        load_remote_stylesheets=False,
        keep_style_tags=True,
        keep_at_rules=True,
        minify_css=True,
    )


def _kept_classes(style: str) -> Callable[[re.Match[str]], str]:
    """Return what replaces a class attribute: the classes that a style which stays in the mail names, or nothing."""
    named = set(re.findall(r"\.([a-z][a-z-]*)", style))

    def replace(attribute: re.Match[str]) -> str:
        classes = " ".join(name for name in attribute.group(1).split() if name in named)
        return f' class="{classes}"' if classes else ""

    return replace


def _dense(html: str) -> str:
    """Drop the white space that indents templates."""
    return re.sub(r"\s*\n\s*", "\n", html).strip() + "\n"


@lru_cache(maxsize=4)  # compiling the templates takes longer than rendering them
def _environment(templates: Path | None) -> Environment:
    builtin = PackageLoader("harvester.digest", "templates")
    loader = builtin if templates is None else ChoiceLoader([FileSystemLoader(templates), builtin])
    environment = Environment(
        loader=loader,
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fill"] = fill
    environment.filters["grid"] = grid
    environment.filters["rule"] = lambda text, line="-": line * min(len(text), TEXT_WIDTH)
    return environment


def fill(text: str, indent: int = 0, hang: int = 0) -> str:
    """Wrap a text at `TEXT_WIDTH` columns, indented, its further lines `hang` columns deeper.

    Addresses are never broken, so that a terminal can open them.
    """
    filled = textwrap.fill(
        text,
        width=TEXT_WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(NO_BREAK, " ")


def grid(field_map: MapView) -> str:
    """Set the map as columns of text, numbers aligned to the right."""
    cells = [[f"{cell.held}{cell.new}" for cell in row.cells] for row in field_map.rows]
    columns = list(zip(field_map.columns, *cells, strict=True))
    widths = [max(map(len, column)) + 1 for column in columns]
    label = max(12, TEXT_WIDTH - sum(widths))
    lines = [" " * label + _right(field_map.columns, widths)]
    for row, numbers in zip(field_map.rows, cells, strict=True):
        inset = "  " * row.depth
        *first, last = textwrap.wrap(row.label, label - 1, initial_indent=inset, subsequent_indent=f"{inset}  ")
        lines += [*first, last.ljust(label) + _right(numbers, widths)]
    return "\n".join(lines)


def _right(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))


def _tidy_text(text: str) -> str:
    """Drop trailing spaces and more than two line ends in a row."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _script(environment: Environment, name: str) -> str:
    """Return a script of ours with what it needs before it."""
    letters = f"const LETTERS = {json.dumps(spell_letters())};"
    return "\n".join(('"use strict";', letters, _source(environment, "fold.js"), _source(environment, name)))


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None  # noqa: S101 - set by _environment
    source, _, _ = environment.loader.get_source(environment, name)
    return source.strip()


def _mistake(error: TemplateError) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}:{error.lineno}: {error.message}"
    return f"templates: {error.message or type(error).__name__}"
