"""RSS and Atom feeds: bytes in, records out.

feedparser reads the twenty dialects; around it stands what it does not do:

- the text is decoded here, because a feed's charset is often declared wrongly and feedparser believes it;
- a document that declares entities beyond plain abbreviations, or nests without end, is refused unread;
- elements that feedparser would overwrite (of several ``dc:identifier`` it keeps the last, of ``title`` and
  ``dc:title`` the first) or drop for having an attribute are renamed before it sees them;
- what is no feed is an error that says what came instead, because a captcha page must not look like a quiet
week.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import feedparser

from harvester.ground.errors import ParseError
from harvester.paper.records import BadRecord, Record
from harvester.paper.text import collapse, decode_text, strip_markup
from harvester.sources.feeds.entry import Channel, read_channel, read_entry, read_posted
from harvester.sources.feeds.entry_text import drop_between

# Elements that stand inside each other without an end; real feeds with HTML in them reach about 30.
_DEEPEST = 500
# The longest real feeds show some hundred entries, whole archives a few thousand.
_MOST_ENTRIES = 5_000
# Tags of a document and characters of one; feedparser takes minutes for documents that are little else.  An entry has
# some twenty, each with an address or two.
_MOST_TAGS = 150_000
_LONGEST_TAG = 20_000
# An entity stands for at most this many characters; "nbsp" needs one, a bomb needs thousands.
_LONGEST_ENTITY = 64

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:-]+)[\"']")
_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"\s*<([A-Za-z_][\w.:-]*)")
_ENTITY = re.compile(r"<!ENTITY\s+(%\s*)?([\w.-]+)\s+(?:\"([^\"]*)\"|'([^']*)')?\s*([^>]*)>?", re.IGNORECASE)
_HARMLESS_VALUE = re.compile(r"[^&%]*|&#x?[0-9A-Fa-f]+;")
_TAG = re.compile(r"<(/?)[A-Za-z_][\w.:-]*(?=[\s/>])[^<>]*>")
_LONG_TAG = re.compile(rf"<[^<>]{{{_LONGEST_TAG},}}")
_ENTRY_START = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
# No word is as long; they are pictures written out, or meant to keep feedparser's search for addresses busy.
_ABSURD_WORD = re.compile(r"[A-Za-z0-9_.+/=-]{1000,}")
_ROOT_END = re.compile(
    r"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>\s*(?:<!--(?:(?!-->).)*-->\s*)*$", re.IGNORECASE | re.DOTALL
)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NAMESPACED = re.compile(r"<(/?)((?:prism|dc|dcterms):[A-Za-z]+)(\s[^<>]*)?>", re.IGNORECASE)
_DECLARATION = re.compile(r"\sxmlns(?::[\w.-]+)?\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_NUMBERED = frozenset(("dc:identifier", "dc:title", "dc:source"))  # of which an entry may have several
_HTML_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one answer of a feed holds."""

    title: str | None  # the feed's own title, plain
    records: tuple[Record, ...]  # in the feed's order, each source_key once
    bad: tuple[BadRecord, ...]  # the entries that could not be read
    warnings: tuple[str, ...] = ()  # readable lines: what was wrong with the document, though it could be read
    posted: tuple[str, ...] = ()  # ISO days on which entries were posted, one for each that says it; ascending
    is_whole: bool = True  # the document has its end; False: older entries may be cut off


def parse_feed(content: bytes, *, name: str, url: str, content_type: str | None) -> Feed:
    """Read an RSS or Atom feed.

    Parameters
    ----------
    content
        The body of the answer, not compressed.
    name
        The feed's name in the settings; records have the source ``feed:NAME``.
    url
        Where the answer came from; relative links are resolved against it.
    content_type
        The Content-Type header, of which only the charset is used; None: there was none.

    Raises
    ------
    ParseError
        If this is no feed (an HTML page, JSON, nothing, …), or one that only an attacker would send.
    """
    source = f"feed:{name}"
    text = _decode(content, content_type)
    root = _find_root(text)
    if root is None or root.rpartition(":")[2].lower() in ("html", "head", "body"):
        raise ParseError(_describe_answer(text, root), source=source, advice=_advise(url))
    danger = _find_danger(text)
    if danger is not None:
        raise ParseError(f"the feed was refused unread, because it {danger}", source=source)
    parsed = _run_feedparser(text, url)
    if not parsed["version"]:
        raise ParseError(_describe_answer(text, root), source=source, advice=_advise(url))
    warnings = []
    if parsed["bozo"]:
        reason = collapse(str(parsed.get("bozo_exception", ""))) or "unknown reason"
        warnings.append(f"the feed is not well-formed ({reason[:160]}); what could be read was kept")
    channel = read_channel(parsed["feed"], parsed["namespaces"], name=name)
    records, bad = _read_entries(parsed["entries"], channel, is_cut=_ends_within_entry(text))
    return Feed(
        title=channel.title,
        records=records,
        bad=bad,
        warnings=tuple(warnings),
        posted=tuple(sorted(filter(None, map(read_posted, parsed["entries"])))),
        is_whole=_has_end(text),
    )


def _read_entries(
    entries: list[Mapping[str, Any]], channel: Channel, *, is_cut: bool
) -> tuple[tuple[Record, ...], tuple[BadRecord, ...]]:
    """Read the entries one by one, so that a bad one costs only itself."""
    records: dict[str, Record] = {}
    bad: list[BadRecord] = []
    for number, entry in enumerate(entries, start=1):
        where = f"entry {number}"
        if is_cut and number == len(entries):
            bad.append(BadRecord(pmid=None, reason=f"{where}: the document ends within it"))
            continue
        try:
            record = read_entry(dict(entry), channel)
        except ValueError as error:
            bad.append(BadRecord(pmid=None, reason=f"{where}: {error}"))
            continue
        earlier = records.setdefault(record.source_key, record)
        if earlier.title != record.title:
            # Unlike papers under one link: the link names none of them (a journal's home page), the title does.
            key = f"{record.source_key}#{record.title}"
            records.setdefault(key, replace(record, source_key=key))
    return tuple(records.values()), tuple(bad)


def _decode(content: bytes, content_type: str | None) -> str:
    """Decode, without what XML allows nowhere and no text holds."""
    header = _CHARSET.search(content_type or "")
    declared = _XML_DECLARATION.match(content[:400])
    names = (header.group(1) if header else None, declared.group(1).decode("ascii") if declared else None)
    text = _NOT_IN_XML.sub("", decode_text(content, declared=names)).strip("\ufeff \t\r\n")
    return _ABSURD_WORD.sub("", text)


def _find_root(text: str) -> str | None:
    """Return the name of the document's root element; None if it does not begin as XML or HTML does."""
    at = 0
    while (prologue := _PROLOGUE.match(text, at)) is not None:
        if prologue.group().lstrip()[:14].lower() == "<!doctype html" and "xhtml" not in prologue.group().lower():
            return "html"
        at = prologue.end()
    root = _ROOT.match(text, at)
    return None if root is None else root.group(1)


def _find_danger(text: str) -> str | None:
    """Return what makes a document unsafe to read; None if nothing does."""
    plain = drop_between(text, "<![CDATA[", "]]>")
    for is_parameter, name, double, single, rest in _ENTITY.findall(plain):
        value = double or single
        if is_parameter or rest.strip() or len(value) > _LONGEST_ENTITY or not _HARMLESS_VALUE.fullmatch(value):
            return f"declares the entity {name[:40]!r}, which may expand without end or read a file"
    entries = sum(1 for _ in _ENTRY_START.finditer(plain))
    if entries > _MOST_ENTRIES:
        return f"holds {entries:,} entries, and no feed has more than {_MOST_ENTRIES:,}"
    if (tags := plain.count("<")) > _MOST_TAGS:
        return f"holds {tags:,} tags, and no feed has more than {_MOST_TAGS:,}"
    if max(map(len, plain.split("<"))) > _LONGEST_TAG and (tag := _LONG_TAG.search(plain)):
        return f"holds a tag of {len(tag.group()):,} characters"
    depth = 0
    for tag in _TAG.finditer(plain):
        if _ENTRY_START.match(tag.group()):
            depth = 2  # unclosed HTML of the entries before does not add up
        elif not tag.group().endswith("/>"):
            depth += -1 if tag.group(1) else 1
        if depth > _DEEPEST:
            return f"nests elements more than {_DEEPEST} deep"
    return None


def _run_feedparser(text: str, url: str) -> dict[str, Any]:
    """Parse with feedparser; a document that is not well-formed is read again without namespaced attributes."""
    renamed = _rename(text, everywhere=False)
    parsed = _parse(renamed, url)
    if parsed["bozo"] and (stripped := _rename(text, everywhere=True)) != renamed:
        # feedparser's lenient reader takes an element with attributes (even ``xmlns:``) to have no text.
        parsed = _parse(stripped, url)
    return parsed


def _parse(text: str, url: str) -> dict[str, Any]:
    declaration = re.match(r"<\?xml.*?\?>\s*", text, re.DOTALL)
    body = text if declaration is None else text[declaration.end() :]
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    parsed = feedparser.parse(
        b'<?xml version="1.0" encoding="utf-8"?>\n' + body.encode("utf-8", "replace"),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    defaults: dict[str, Any] = {"version": "", "bozo": False, "entries": [], "feed": {}, "namespaces": {}}
    return defaults | {key: parsed[key] for key in (*defaults, "bozo_exception") if key in parsed}


def _rename(text: str, *, everywhere: bool) -> str:
    """Give numbers to the elements that feedparser would overwrite, and drop the attributes that make it drop text.

    `everywhere` drops namespace declarations too, which only a lenient reader can do without.
    """
    numbers: dict[str, int] = {}

    def renamed(tag: re.Match[str]) -> str:
        slash, name, attributes = tag.group(1), tag.group(2), tag.group(3) or ""
        if attributes.endswith("/"):
            return tag.group()
        attributes = "" if everywhere else "".join(_DECLARATION.findall(attributes))
        plain = name.lower()
        if plain in _NUMBERED:
            numbers[plain] = numbers.get(plain, 0) + (not slash)
            name = f"{name}.{numbers[plain]}"
        return f"<{slash}{name}{attributes}>"

    return _NAMESPACED.sub(renamed, text)


def _ends_within_entry(text: str) -> bool:
    """Return whether the document breaks off in an entry."""
    tail = text[-200_000:]
    starts: Iterator[re.Match[str]] = _ENTRY_START.finditer(tail)
    ends = _ENTRY_END.finditer(tail)
    last_start = max((start.start() for start in starts), default=-1)
    last_end = max((end.start() for end in ends), default=-1)
    return last_start > last_end and not _has_end(text)


def _has_end(text: str) -> bool:
    """Return whether the document's root is closed; caches write comments behind it."""
    return _ROOT_END.search(text[-2000:]) is not None


def _describe_answer(text: str, root: str | None) -> str:
    """Return what came instead of a feed, in words."""
    if not text:
        return "an empty answer instead of a feed"
    if root is not None and root.lower() in ("html", "head", "body"):
        element = _HTML_TITLE.search(text[:20_000])
        title = strip_markup(element.group(1)) if element else None
        return "an HTML page instead of a feed" + (f" (title: {title[:120]!r})" if title else "")
    if root is not None:
        return f"XML with the root element <{root[:40]}> instead of a feed"
    if text[0] in "{[":
        return "JSON instead of a feed"
    if text.startswith("%PDF"):
        return "a PDF instead of a feed"
    element = _HTML_TITLE.search(text[:20_000])
    if element is not None:
        return f"an HTML page instead of a feed (title: {(strip_markup(element.group(1)) or '')[:120]!r})"
    return f"no feed: the answer begins with {(collapse(text[:200]) or '')[:60]!r}"


def _advise(url: str) -> str:
    return (
        f"open {url} in a browser; if the publisher refuses programs, name the journal under"
        " sources: pubmed: journals instead"
    )
