"""Text from sources made safe to show: it is hostile until proven otherwise.

What these functions return is either plain text, which the templates escape, or `Markup` that holds nothing but the
tags that titles need.  Links are http(s) and mailto only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

import nh3
from markupsafe import Markup, escape

from harvester.paper.identifiers import safe_url
from harvester.paper.text import TITLE_TAGS
from harvester.tagging.passages import split_sentences

# What is never shown: control characters that are no white space, surrogates, noncharacters, and the invisible
# ones that reorder or hide text around them (bidirectional controls of Unicode's TR9, byte-order and interlinear
# marks).  Joiners stay; Persian and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_MAILTO = re.compile(r"mailto:[^\s<>\"'@]+@[^\s<>\"']+", re.IGNORECASE)
_HEAVIEST = len("&#1114111;")  # bytes of a character in the mail
_LONGEST_ADDRESS = 400  # characters; longer ones are no addresses of papers, and there is a byte budget
# Sentences of a finding that are no neighbours in the abstract; within a sentence the dots are the authors'.
_GAP = re.compile(r"(?<=[.!?)\]\"”’]) … ")
# How a sentence begins that takes back the one before it.
_TURN = re.compile(
    r"(?:However|But|Yet|Nevertheless|Nonetheless|Still|Conversely|In contrast|By contrast|On the other hand|That said|"
    r"Notwithstanding|Unfortunately)\b"
)
_FINAL_STOP = re.compile(r"(?<![.\s])\.((?:</[a-z]+>)*)$")


def clean(text: str | None) -> str:
    r"""Drop control, hidden and impossible characters, and collapse white space; "" for nothing.

    Examples
    --------
    >>> clean("a\x00b\u202e c\n")
    'ab c'
    """
    if not text:
        return ""
    return " ".join(_HIDDEN.sub("", text).split())


def title_html(title: str | None, markup: str | None, *, suffix: str = "") -> Markup:
    """Return a title with its italics, sub- and superscripts, and nothing else.

    PubMed's final full stop is dropped, as in a table of contents.

    Examples
    --------
    >>> title_html("x", "<i onclick=a>R</i>-ketamine<script>1</script> and CO<sub>2</sub>.")
    Markup('<i>R</i>-ketamine and CO<sub>2</sub>')
    """
    if markup:
        safe = nh3.clean(clean(markup), tags=set(TITLE_TAGS), attributes={}).strip()
    else:
        safe = str(escape(clean(title)))
    safe = _FINAL_STOP.sub(r"\1", safe)
    if not plain_text(safe):
        safe = "Untitled"
    return Markup(safe) + suffix  # noqa: S704 - cleaned above


def plain_text(markup: str) -> str:
    """Return the text of markup that `title_html` made.

    Examples
    --------
    >>> plain_text(Markup("<i>R</i>-ketamine &lt; placebo"))
    'R-ketamine < placebo'
    """
    return Markup(markup).striptags()  # noqa: S704 - only read


def weigh(text: str) -> int:
    """Count the bytes of a text in the mail's HTML, where what is not ASCII is written as a reference.

    Examples
    --------
    >>> weigh("abc"), weigh("é"), weigh("<")
    (3, 6, 4)
    """
    return len(escape(text).encode("ascii", "xmlcharrefreplace"))


def shorten(text: str, limit: int) -> str:
    """Cut a text at a word, so that it weighs at most `limit` bytes in the mail, its ellipsis not counted.

    Examples
    --------
    >>> shorten("one two three", 9), shorten("short", 9), shorten("unbreakable", 6)
    ('one two…', 'short', 'unbrea…')
    """
    if len(text) * _HEAVIEST <= limit or weigh(text) <= limit:
        return text
    weight = end = 0
    while weight + weigh(text[end]) <= limit:
        weight += weigh(text[end])
        end += 1
    head, space, _ = text[: end + 1].rpartition(" ")
    return (head if space and len(head) * 2 > end else text[:end]).rstrip(" ,;:") + "…"


def split_finding(text: str) -> list[str]:
    """Split a finding into what stands together in the abstract; " … " parts sentences that are no neighbours.

    Examples
    --------
    >>> split_finding("Scores fell. Relapse was rare. … The difference was 4.2 points (p = 0.01).")
    ['Scores fell. Relapse was rare.', 'The difference was 4.2 points (p = 0.01).']
    >>> split_finding("One felt … free."), split_finding("")
    (['One felt … free.'], [])
    """
    return [part for part in _GAP.split(text) if part]


def first_statement(text: str) -> str:
    """Return the first sentence of a finding, and what takes it back at once: it is never parted from its "However".

    Sentences are as the classifier splits them.

    Examples
    --------
    >>> first_statement("Scores fell (4.2 vs. 3.1 points). Relapse was rare.")
    'Scores fell (4.2 vs. 3.1 points).'
    >>> first_statement("Scores fell. However, they rose again. Relapse was rare. … It was 4.2 points.")
    'Scores fell. However, they rose again.'
    """
    parts = split_finding(text)
    if not parts:
        return ""
    spans = split_sentences(parts[0])
    end = next((last for last, (start, _) in enumerate(spans) if last and not _TURN.match(parts[0], start)), len(spans))
    return parts[0][spans[0][0] : spans[end - 1][1]] if spans else parts[0]


def in_quotes(parts: Iterable[str]) -> str:
    """Return texts in quotation marks, each in its own.

    Examples
    --------
    >>> in_quotes(["Scores fell.", "By 4.2 points."]), in_quotes([])
    ('“Scores fell.” “By 4.2 points.”', '')
    """
    return " ".join(f"“{part}”" for part in parts)


def web_link(url: str | None) -> str | None:
    """Return an http(s) or mailto address that is safe in an attribute, ASCII only; None for any other.

    Examples
    --------
    >>> web_link("https://example.org/ä"), web_link("javascript:alert(1)"), web_link("mailto:a@example.org")
    ('https://example.org/%C3%A4', None, 'mailto:a@example.org')
    """
    text = clean(url)
    if _MAILTO.fullmatch(text):
        return _quoted(text)
    address = safe_url(text)
    if address is None:
        return None
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if not host:
        return None
    return _quoted(address if parts.netloc.isascii() else parts._replace(netloc=host).geturl())


def _quoted(address: str) -> str | None:
    """Percent-encode what is not ASCII; None for what is too long to be an address."""
    quoted = quote(address, safe=":/?#[]@!$&()*+,;=%._-~")
    return quoted if len(quoted) <= _LONGEST_ADDRESS else None
