"""Real feeds, of many programs and publishers."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from harvester.ground.errors import ParseError
from harvester.sources.feeds.parse import Feed, parse_feed

pytestmark = pytest.mark.real


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give every feed, those in archives too."""
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                for member in archive:
                    stream = archive.extractfile(member) if member.isfile() else None
                    if stream is not None and not member.name.endswith((".json", "LICENSE")):
                        yield member.name, stream.read()
        elif path.is_file() and path.suffix in (".xml", ".rss", ".rdf", ".atom"):
            yield path.name, path.read_bytes()


def read(content: bytes) -> Feed:
    return parse_feed(content, name="real", url="https://example.org/feed", content_type=None)


def test_no_real_document_crashes_and_what_feedparser_knows_is_read(shared_data: Path) -> None:
    count = entries = 0
    refusals: dict[str, tuple[str, bytes]] = {}
    for name, content in documents(shared_data / "feeds"):
        count += 1
        try:
            feed = read(content)
        except ParseError as error:
            refusals[name] = (str(error), content)
            continue
        entries += len(feed.records)
        assert len({record.source_key for record in feed.records}) == len(feed.records), name
        for record in feed.records:
            assert record.title
            assert "<" not in (record.url or "")
            assert all(part.text.strip() for part in record.abstract)
    assert count > 1500
    assert entries > 500
    # What feedparser knows for a feed is refused only for what it could do, or for being a page of HTML.
    known = {
        name: reason
        for name, (reason, content) in refusals.items()
        if feedparser.parse(content, sanitize_html=False, resolve_relative_uris=False).version
    }
    assert all("refused unread" in reason or "HTML" in reason for reason in known.values()), known
    assert len(known) <= count / 500


@pytest.mark.parametrize(
    "name", ["extracted/biorxiv_rdf_miniflux_1item.rdf", "feed-rs/rss1/rss_1.0_biorxiv.xml"], ids=["one", "other"]
)
def test_preprint_feeds(shared_data: Path, name: str) -> None:
    for record in read((shared_data / "feeds" / name).read_bytes()).records:
        assert "Preprint" in record.publication_types
        assert record.journal == "bioRxiv"
        assert record.identifiers.doi is not None
        assert record.abstract
        assert len(record.authors) > 3
        assert all(author.initials and "," not in (author.family or "") for author in record.authors)


@pytest.mark.parametrize(
    "name",
    [
        "react-native-rss-parser/jpeds_elsevier_rdf_dc_prism.rdf",
        "extracted/pubmed_rss_shape_1item_of_3.xml",
        "zotero/feedArticleMetadata.rss",
    ],
)
def test_journals_feeds_are_whole(shared_data: Path, name: str) -> None:
    for record in read((shared_data / "feeds" / name).read_bytes()).records:
        assert record.identifiers.doi is not None
        assert record.source_key == record.identifiers.doi
        assert record.published is not None
        assert len(record.published) == len("2026-11-05")
        assert record.journal is not None
        assert not any(char.isdigit() for char in record.journal)
        assert len(record.authors) >= 3
        assert all(author.given for author in record.authors)
        assert ", Vol." not in (record.title or "")
