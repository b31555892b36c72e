"""Reading one entry of a feed, as feedparser gives it, as a record.

What a publisher states in an element of its own (PRISM, Dublin Core) goes before what is found in a link, and
that before what stands in text.  A DOI in prose may be another paper's, so that it counts only where nothing
else does.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvester.paper.dates import parse_date, whole_day
from harvester.paper.identifiers import (
    address_doi,
    find_issns,
    normalise_pmcid,
    normalise_pmid,
    page_doi,
    page_pmid,
    safe_url,
)
from harvester.paper.names import GROUP, parse_names
from harvester.paper.preprints import add_preprint
from harvester.paper.records import Author, Identifiers, Record
from harvester.paper.registries import find_trial_ids
from harvester.paper.statuses import NOTICE_TYPE, read_notice
from harvester.paper.text import collapse, compose, fold, strip_markup
from harvester.sources.feeds.entry_text import (
    ANOTHER_PAPER,
    Description,
    Title,
    choose_description,
    find_dois_said,
    publication_type,
    read_title,
)

# Parameters that say how the reader came, not where to: Google's, and those of feeds of Wiley (af), Elsevier
# (rss, dgcid), PubMed (fc, ff, v), HighWire (rss), JAMA (widget).
_TRACKING = re.compile(r"utm_.*|rss|af|dgcid|fc|ff|v|ref|mc_[ce]id|gclid|fbclid|wt\.mc_id|cmpid|source|ijkey|keytype")
# Relays whose links name the page that they lead to.
_RELAY = re.compile(
    r"https?://(?:www\.)?google\.[a-z.]+/url\?|https?://[^/]+/(?:redirect|r|out|click)\?", re.IGNORECASE
)
_PREPRINT_PAGE = re.compile(r"europepmc\.org/(?:article|abstract)s?/ppr/", re.IGNORECASE)
_PMC_LINK = re.compile(r"\b(PMC[0-9]{2,9})\b")
_NO_VOLUME = re.compile(
    r"(?:0+|n/?a|ahead[ -]of[ -]print|aop|online(?: first)?|in press|publish ahead.*|tbd)?", re.IGNORECASE
)
# What publishers write around a journal's name in the title of its feed.
_AROUND_JOURNAL = re.compile(
    r"^(?:ScienceDirect Publication|Wiley(?: Online Library)?|SAGE Publications(?: Ltd| Inc)?|tandf|Springer"
    r"|Taylor & Francis(?: Online)?|(?:Latest Results|Table of Contents) for|(?:Recent|Latest) articles (?:in|from))"
    r"\s*:?\s+"
    r"|\s*[:,|–-]?\s*(?:Table of Contents|Latest Articles?|(?:New and )?Recent Articles?|Current Issue|Early View"
    r"|Online First(?: Articles)?|Most Recent Articles|Advance (?:Access|Articles)|Ahead of Print|(?:RSS )?Feed|RSS"
    r"|Latest Results|Articles in Press)$",
    re.IGNORECASE,
)
_JOURNAL_WORD = re.compile(
    r"\b(?:journal|annals|archives|frontiers in|bmc|bmj|jama|lancet|acta|psychiatry|psychopharmacology|medicine)\b",
    re.IGNORECASE,
)
_AFTER_JOURNAL = re.compile(
    r"(?:,?\s+Published online\b|,\s*(?:Vol|Issue|No)\b|[\s,;.]+(?:Vol(?:ume)?\.?\s*)?[0-9]).*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a feed says of all its entries."""

    name: str  # its name in the settings
    title: str | None
    journal: str | None  # None: the feed is not plainly one journal's
    issns: tuple[str, ...]
    publishers: tuple[str, ...]  # names that may stand where an author's should; folded
    prism: tuple[str, ...]  # prefixes under which feedparser keeps PRISM's elements


def read_channel(feed: Mapping[str, Any], namespaces: Mapping[str, str], *, name: str) -> Channel:
    """Read what a feed says of itself: feedparser's ``feed`` and ``namespaces``, and its name in the settings."""
    plain = dict(feed)
    prism = tuple(
        dict.fromkeys(["prism", *(prefix for prefix, uri in namespaces.items() if prefix and "prism" in uri.lower())])
    )
    title = strip_markup(_text(plain.get("title")))
    stated = strip_markup(_first(_prism(plain, prism, "publicationname")))
    publisher = plain.get("publisher")
    names = (title, stated, name, _text(publisher), _text(plain.get("author")))
    return Channel(
        name=name,
        title=title,
        journal=stated or _journal_of_title(title, name),
        issns=_issns(plain, prism),
        publishers=tuple(fold(word) for word in names if word),
        prism=prism,
    )


def read_entry(entry: dict[str, Any], channel: Channel) -> Record:
    """Read an entry; raises ValueError if it has no title."""
    title = _choose_title(entry)
    if title is None:
        raise ValueError("it has no title")
    description = choose_description(_descriptions(entry), title=title.text)
    facts = description.facts
    link = normalise_link(_own_link(entry))
    doi = _doi(entry, channel, description, title=title.text)
    identifiers = _identifiers(entry, channel, facts, doi=doi, link=link)
    abstract = description.abstract
    journal = _journal(entry, channel, facts)
    authors, complete = _authors(entry, channel, facts, journal=journal)
    return Record(
        source=f"feed:{channel.name}",
        # Not by a DOI that is inferred, nor by the address behind a relay: a better program may infer more, and the
        # paper would come again under another name.
        source_key=doi or normalise_link(_text(entry.get("link"))) or _text(entry.get("id")) or title.text,
        title=title.text,
        title_markup=title.markup,
        authors=authors,
        authors_complete=complete,
        journal=journal,
        issns=_issns(entry, channel.prism) or channel.issns,
        published=_published(entry, channel, facts),
        volume=_number([*_prism(entry, channel.prism, "volume"), facts.get("volume")]),
        issue=_number([*_prism(entry, channel.prism, "number", "issue"), facts.get("issue")]),
        pages=_pages(entry, channel, facts),
        identifiers=identifiers,
        trial_ids=find_trial_ids(" ".join(part.text for part in abstract)),
        url=link,
        abstract=abstract,
        publication_types=_publication_types(entry, channel, title, doi=identifiers.doi, journal=journal, link=link),
        keywords=_keywords(entry, facts),
    )


def read_posted(entry: Mapping[str, Any]) -> str | None:
    """Return the ISO day on which an entry was posted, by the feed's own word; None if it does not say the day.

    This need not be the date of the paper: an issue's lies in the future as often as not.
    """
    plain = dict(entry)
    return _first(whole_day(parse_date(_text(plain.get(name)))) for name in ("published", "updated"))


def normalise_link(url: str | None) -> str | None:
    """Return a link without fragment and tracking parameters, scheme and host in lower case; None if it is none.

    Examples
    --------
    >>> normalise_link("HTTPS://Example.org/doi/10.1000/X?af=R&page=2#abstract")
    'https://example.org/doi/10.1000/X?page=2'
    >>> normalise_link("javascript:alert(1)") is None
    True
    """
    safe = safe_url(re.sub(r"\s", "%20", (url or "").strip()))
    if safe is None:
        return None
    try:
        parts = urlsplit(safe)
        host = parts.netloc.lower().removesuffix(":443" if parts.scheme == "https" else ":80")
    except ValueError:  # "http://[": brackets that hold no address
        return None
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    telling = [(key, value) for key, value in parameters if not _TRACKING.fullmatch(key.lower())]
    query = parts.query if len(telling) == len(parameters) else urlencode(telling)
    return urlunsplit((parts.scheme.lower(), host, parts.path, query, "")) if host else None


def _text(value: object) -> str | None:
    return collapse(compose(value)) if isinstance(value, str) else None


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _prism(entry: Mapping[str, Any], prefixes: tuple[str, ...], *names: str) -> list[str]:
    """Return the values of PRISM elements, by name in lower case, in the order of the names."""
    values = (_text(entry.get(f"{prefix}_{name}")) for name in names for prefix in prefixes)
    return [value for value in values if value is not None]


def _renamed(entry: Mapping[str, Any], name: str) -> list[str]:
    """Return all values of an element that `parse` has numbered, in the document's order."""
    numbered = [key for key in entry if key.startswith(f"{name}.")]
    numbered.sort(key=lambda key: int(key.rpartition(".")[2]))
    return [value for key in [*numbered, name] if (value := _text(entry.get(key))) is not None]


def _choose_title(entry: Mapping[str, Any]) -> Title | None:
    """Read the title; Dublin Core's if ``title`` is the same with a citation before it."""
    plain = read_title(_text(entry.get("title")))
    for other in map(read_title, _renamed(entry, "dc_title")):
        if other is not None and (plain is None or (plain.text != other.text and plain.text.endswith(other.text))):
            return other
    return plain


def _descriptions(entry: Mapping[str, Any]) -> list[str]:
    """Return every text that may hold the abstract."""
    contents = [content.get("value") for content in entry.get("content", ()) if isinstance(content, Mapping)]
    texts = (*contents, entry.get("summary"), entry.get("prism_teaser"), entry.get("dcterms_abstract"))
    return list(dict.fromkeys(text for text in texts if isinstance(text, str) and text.strip()))


def _addresses(entry: Mapping[str, Any]) -> list[str]:
    links = [
        item.get("href") for item in entry.get("links", ()) if isinstance(item, Mapping) and item.get("rel") != "via"
    ]
    return [address for address in map(_text, (entry.get("id"), entry.get("link"), *links)) if address]


def _doi(entry: Mapping[str, Any], channel: Channel, description: Description, *, title: str) -> str | None:
    """Find the DOI that the entry states, in an element, an address or its text."""
    doi = _first(
        (
            *map(page_doi, _prism(entry, channel.prism, "doi")),
            *map(page_doi, _renamed(entry, "dc_doi")),
            *map(page_doi, _renamed(entry, "dc_identifier")),
            *map(page_doi, _addresses(entry)),
        )
    )
    if doi is None and not ANOTHER_PAPER.search(title):
        doi = page_doi(description.facts.get("doi")) or description.doi or _doi_said(_descriptions(entry))
    return doi


def _identifiers(
    entry: Mapping[str, Any], channel: Channel, facts: Mapping[str, str], *, doi: str | None, link: str | None
) -> Identifiers:
    """Find what names the paper, of which the entry states `doi`."""
    stated = _renamed(entry, "dc_identifier")
    others = filter(None, (_text(entry.get("dcterms_identifier")), link, *_prism(entry, channel.prism, "url")))
    named = [*stated, *others, *_addresses(entry)]
    pmcids = [place.group(1) for text in named if (place := _PMC_LINK.search(text))]
    return Identifiers(
        doi=doi or _first(map(address_doi, named)),
        pmid=_first([*map(_pmid, named), normalise_pmid(facts.get("pmid"))]),
        pmcid=normalise_pmcid(_first([*pmcids, facts.get("pmcid")])),
    )


def _pmid(text: str) -> str | None:
    """Find a PMID that is called one; a bare number is anything."""
    called = re.fullmatch(r"(?:pmid|pubmed)\s*:\s*([0-9]+)", text, re.IGNORECASE)
    return normalise_pmid(called.group(1)) if called else page_pmid(text)


def _doi_said(texts: Iterable[str]) -> str | None:
    """Find the one DOI that the texts call a DOI; None if there are several, or it is said to be another's."""
    whole = " ".join(texts)
    dois = find_dois_said(whole)
    return dois.pop() if len(dois) == 1 and not ANOTHER_PAPER.search(strip_markup(whole) or "") else None


def _own_link(entry: Mapping[str, Any]) -> str | None:
    """Return the address of the item itself, where the feed's link leads to it through a relay that counts clicks."""
    original = next((value for name, value in entry.items() if name.endswith("_origlink") and _text(value)), None)
    link = _text(original) or _text(entry.get("link"))
    if link is not None and _RELAY.match(link):
        link = next((value for _, value in parse_qsl(urlsplit(link).query) if value.startswith("http")), link)
    return link


def _authors(
    entry: Mapping[str, Any], channel: Channel, facts: Mapping[str, str], *, journal: str | None
) -> tuple[tuple[Author, ...], bool]:
    """Read the authors, from the elements for them or else from the description."""
    people = [item for item in entry.get("authors", ()) if isinstance(item, Mapping)]
    stated = [_text(item.get("name")) for item in people]
    if not any(stated):
        stated = [_text(entry.get("author"))]
    no_authors = {*channel.publishers, fold(journal or "")}
    own = [
        name for name in stated if name and "@" not in name and not _is_journal(name) and fold(name) not in no_authors
    ]
    said = parse_names(facts.get("author"))
    lists = [parse_names(text) for text in own]
    authors = _join([names.authors for names in lists])
    if not authors:
        return said.authors, said.complete
    # A relay that cuts its lists says so where it writes them out.
    return authors, all(names.complete for names in lists) and (said.complete or len(said.authors) < len(authors))


def _join(lists: Sequence[tuple[Author, ...]]) -> tuple[Author, ...]:
    """Join the authors of several elements; namesakes stay two, but who is named again in another element is one."""
    whole = [set(names) for names in lists if len(names) > 1]
    own = [names for names in lists if len(names) > 1 or not any(one.issuperset(names) for one in whole)]
    authors = [author for names in own for author in names]
    half = len(authors) // 2
    return tuple(authors[:half] if len(own) > 1 and authors[:half] == authors[half:] else authors)


def _is_journal(name: str) -> bool:
    """Return whether what stands for an author is plainly a journal's name."""
    return _JOURNAL_WORD.search(name) is not None and "," not in name and not GROUP.search(name)


def _journal_of_title(title: str | None, name: str) -> str | None:
    """Return the journal if a feed's title plainly is one's."""
    if title is None:
        return None
    core = title
    while (shorter := _AROUND_JOURNAL.sub("", core).strip()) and shorter != core:
        core = shorter
    is_named_so = fold(core) == fold(name)
    return core if _JOURNAL_WORD.search(core) and (is_named_so or core != title or len(core.split()) <= 6) else None


def _journal(entry: Mapping[str, Any], channel: Channel, facts: Mapping[str, str]) -> str | None:
    """Return the journal: the entry's own, then that of the feed, or of the feed that it was taken from."""
    stated = strip_markup(_first(_prism(entry, channel.prism, "publicationname")))
    if stated is not None:
        return stated
    sources = [*_renamed(entry, "dc_source"), facts.get("source")]
    named = [
        collapse(_AFTER_JOURNAL.sub("", strip_markup(text) or "")) for text in sources if text and "://" not in text
    ]
    origin = entry.get("source")
    others = [origin.get("title") if isinstance(origin, Mapping) else None, entry.get("author")]
    guessed = [
        _journal_of_title(strip_markup(_text(title)), channel.name) for title in others if isinstance(title, str)
    ]
    return _first([*named, channel.journal, *guessed])


def _issns(entry: Mapping[str, Any], prism: tuple[str, ...]) -> tuple[str, ...]:
    return find_issns(_prism(entry, prism, "issn", "eissn"))


def _published(entry: Mapping[str, Any], channel: Channel, facts: Mapping[str, str]) -> str | None:
    """Return the day of publication, no more precise than stated."""
    stated = (
        *_prism(entry, channel.prism, "publicationdate", "coverdate"),
        _text(entry.get("published")),
        _text(entry.get("updated")),
        facts.get("date"),
        *_prism(entry, channel.prism, "coverdisplaydate"),
        _text(entry.get("date")),
    )
    for text in stated:
        if (date := parse_date(text)) is not None:
            return date
    return None


def _number(values: Iterable[str | None]) -> str | None:
    """Return a volume or issue; None for the words that stand in for one, and for Elsevier's internal numbers."""
    value = _first(values)
    return None if value is None or _NO_VOLUME.fullmatch(value) or len(value) > 20 else value


def _pages(entry: Mapping[str, Any], channel: Channel, facts: Mapping[str, str]) -> str | None:
    span = _first(_prism(entry, channel.prism, "pagerange"))
    first = _first([*_prism(entry, channel.prism, "startingpage"), _text(entry.get("startpage"))])
    last = _first([*_prism(entry, channel.prism, "endingpage"), _text(entry.get("endpage"))])
    if span is None and first is not None:
        span = first if last is None or last == first else f"{first}-{last}"
    span = span or facts.get("pages")
    return None if span is None or _NO_VOLUME.fullmatch(span) or len(span) > 40 else span


def _publication_types(
    entry: Mapping[str, Any], channel: Channel, title: Title, *, doi: str | None, journal: str | None, link: str | None
) -> tuple[str, ...]:
    """Return NLM's types, of those that a feed can prove."""
    sections = (title.section, *_prism(entry, channel.prism, "section", "genre", "aggregationtype"))
    notice = read_notice(title.text)
    types = [kind for kind in (*map(publication_type, sections), NOTICE_TYPE.get(notice or "")) if kind is not None]
    stated = [*sections, "Preprint" if _PREPRINT_PAGE.search(link or "") else None]
    return add_preprint(types, stated=stated, doi=doi, journal=journal)


def _keywords(entry: Mapping[str, Any], facts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the entry's categories and keywords, without the names of sections."""
    terms = [strip_markup(_text(tag.get("term"))) for tag in entry.get("tags", ()) if isinstance(tag, Mapping)]
    said = [collapse(word) for word in re.split(r"[;,|，；、]", facts.get("keyword", ""))]
    keywords = [word for word in (*terms, *said) if word and len(word) <= 80 and not word.startswith("http")]
    return tuple(dict.fromkeys(keywords))[:50]
