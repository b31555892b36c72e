"""Journal feeds as publishers write them: four dialects, each with its own way to say who, when and which DOI."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape

from harvester.sandbox.corpus import Feed, FeedEntry
from harvester.sandbox.responses import Answer

_CONTENT_TYPES = {
    "rss2": "application/rss+xml; charset=utf-8",
    "undated": "text/xml; charset=utf-8",
    "rdf": "application/rdf+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
}


def slug(name: str) -> str:
    """Return the part of an address that stands for a feed's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def write_feed(feed: Feed, now: datetime) -> tuple[Answer, datetime | None]:
    """Write a feed as it stands at a time.

    Returns
    -------
    tuple
        The answer, and the time of its newest entry; None without entries.
    """
    shown = sorted((entry for entry in feed.entries if entry.since <= now), key=lambda entry: entry.since, reverse=True)
    shown = shown[: feed.length]
    newest = shown[0].since if shown else None
    writer = {"rss2": _rss2, "undated": _undated, "rdf": _rdf, "atom": _atom}[feed.dialect]
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + writer(feed, shown, newest)
    return Answer(body=body.encode(), content_type=_CONTENT_TYPES[feed.dialect]), newest


def conditional(answer: Answer, newest: datetime | None, headers: dict[str, str]) -> Answer:
    """Add ETag and Last-Modified, and answer 304 if the client has this document already.

    Parameters
    ----------
    answer
        The whole document.
    newest
        When it last changed; None: no Last-Modified.
    headers
        The request's headers, names in lower case.
    """
    validators = {"ETag": f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'}
    if newest is not None:
        validators["Last-Modified"] = format_datetime(newest.astimezone(UTC), usegmt=True)
    if "if-none-match" in headers:
        # It outranks If-Modified-Since (RFC 9110, 13.1.3).
        known = headers["if-none-match"].replace("W/", "").split(",")
        is_known = validators["ETag"] in (value.strip() for value in known)
    else:
        is_known = newest is not None and _is_not_older(headers.get("if-modified-since", ""), newest)
    if is_known:
        return Answer(status=304, headers=validators)
    return Answer(status=answer.status, body=answer.body, content_type=answer.content_type, headers=validators)


def _is_not_older(text: str, newest: datetime) -> bool:
    try:
        since = parsedate_to_datetime(text)
    except ValueError:
        return False
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    return since >= newest.replace(microsecond=0)


def _home(feed: Feed) -> str:
    return f"https://example.org/{slug(feed.name)}"


def _element(name: str, text: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{escape(text, quote=False)}</{name}>\n" if text else ""


def _rss2(feed: Feed, entries: list[FeedEntry], newest: datetime | None) -> str:
    items = "".join(
        "<item>\n"
        + _element("title", entry.title)
        + _element("link", entry.link)
        + _element("description", entry.summary)
        + "".join(_element("dc:creator", name) for name in entry.authors)
        + _element("prism:doi", entry.doi)
        + _element("prism:publicationName", feed.name)
        + _element("guid", entry.key, ' isPermaLink="false"')
        + _element("pubDate", format_datetime(entry.since.astimezone(UTC), usegmt=True))
        + "</item>\n"
        for entry in entries
    )
    built = _element("lastBuildDate", format_datetime(newest.astimezone(UTC), usegmt=True)) if newest else ""
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">\n<channel>\n'
        f"{_element('title', feed.name + ' (invented sample)')}{_element('link', _home(feed))}"
        f"{_element('description', 'An invented journal for trying things out')}{built}{items}</channel>\n</rss>\n"
    )


def _undated(feed: Feed, entries: list[FeedEntry], newest: datetime | None) -> str:
    """Write RSS 2.0 without dates and fields: authors in one string, the DOI only in the description."""
    items = "".join(
        "<item>\n"
        + _element("title", entry.title)
        + _element("link", entry.link)
        + _element(
            "description", " ".join(filter(None, (entry.summary, f"https://doi.org/{entry.doi}" if entry.doi else "")))
        )
        + _element("author", ", ".join(entry.authors))
        + _element("guid", entry.key)
        + "</item>\n"
        for entry in entries
    )
    return (
        f'<rss version="2.0">\n<channel>\n{_element("title", feed.name + " (invented sample)")}'
        f"{_element('link', _home(feed))}"
        f"{_element('description', 'An invented journal for trying things out')}{items}</channel>\n</rss>\n"
    )


def _rdf(feed: Feed, entries: list[FeedEntry], newest: datetime | None) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{escape(entry.key)}"/>\n' for entry in entries)
    items = "".join(
        f'<item rdf:about="{escape(entry.key)}">\n'
        + _element("title", entry.title)
        + _element("link", entry.link)
        + _element("description", entry.summary)
        + _element("dc:creator", ", ".join(entry.authors))
        + _element("dc:date", f"{entry.since.astimezone(UTC):%Y-%m-%d}")
        + _element("dc:identifier", f"doi:{entry.doi}" if entry.doi else "")
        + _element("dc:source", feed.name)
        + "</item>\n"
        for entry in entries
    )
    return (
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{_home(feed)}">\n{_element("title", feed.name + " (invented sample)")}'
        f"{_element('link', _home(feed))}"
        f"{_element('description', 'An invented preprint server for trying things out')}"
        f"<items><rdf:Seq>\n{listed}</rdf:Seq></items>\n</channel>\n{items}</rdf:RDF>\n"
    )


def _atom(feed: Feed, entries: list[FeedEntry], newest: datetime | None) -> str:
    def stamp(moment: datetime) -> str:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    items = "".join(
        "<entry>\n"
        + _element("title", entry.title, ' type="html"')
        + f'<link rel="alternate" href="{escape(entry.link)}"/>\n'
        + _element("id", entry.key)
        + "".join(f"<author><name>{escape(name)}</name></author>\n" for name in entry.authors)
        + _element("published", stamp(entry.since))
        + _element("updated", stamp(entry.since))
        + _element("summary", entry.summary, ' type="html"')
        + "</entry>\n"
        for entry in entries
    )
    updated = _element("updated", stamp(newest)) if newest else ""
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom">\n{_element("title", feed.name + " (invented sample)")}'
        f'<link href="{_home(feed)}"/>\n{_element("id", _home(feed))}{updated}{items}</feed>\n'
    )
