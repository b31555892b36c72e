"""Feeds: bytes in, records out."""

from __future__ import annotations

import contextlib
import json
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.ground.errors import ParseError
from harvester.paper.records import Record
from harvester.sources.feeds.entry import normalise_link
from harvester.sources.feeds.entry_text import read_description, read_title
from harvester.sources.feeds.parse import Feed, parse_feed

PAIRS = sorted((Path(__file__).parents[1] / "fixtures" / "feeds").glob("*.xml"))
URL = "https://feeds.example.org/feed"


def parse(content: bytes | str, *, content_type: str | None = None, name: str = "Invented feed") -> Feed:
    data = content.encode() if isinstance(content, str) else content
    return parse_feed(data, name=name, url=URL, content_type=content_type)


def rss(items: str, *, channel: str = "", declaration: str = "") -> str:
    return (
        f'{declaration}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">'
        f"<channel><title>Invented</title>{channel}{items}</channel></rss>"
    )


def one(item: str, **options: str) -> Record:
    feed = parse(rss(f"<item><title>An invented title</title>{item}</item>", **options))
    assert len(feed.records) == 1, feed
    return feed.records[0]


def flat(record: Record) -> dict[str, Any]:
    """Give a record in the words of the fixtures."""
    return {
        "title": record.title,
        "title_markup": record.title_markup,
        "authors": [author.display for author in record.authors],
        "authors_complete": record.authors_complete,
        "journal": record.journal,
        "issns": list(record.issns),
        "published": record.published,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "doi": record.identifiers.doi,
        "pmid": record.identifiers.pmid,
        "pmcid": record.identifiers.pmcid,
        "url": record.url,
        "source_key": record.source_key,
        "abstract": record.abstract_text,
        "publication_types": list(record.publication_types),
        "keywords": list(record.keywords),
        "trial_ids": list(record.trial_ids),
    }


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_a_feed_gives_the_expected_records(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    feed = parse(path.read_bytes())
    assert {"title": feed.title, "bad": len(feed.bad), "warnings": len(feed.warnings)} == expected["feed"]
    assert len(feed.records) == len(expected["records"])
    for record, wanted in zip(feed.records, expected["records"], strict=True):
        assert record.source == "feed:Invented feed"
        assert {name: flat(record)[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "an empty answer"),
        (b"  \n ", "an empty answer"),
        (b"<!DOCTYPE html><html><head><title>Just a moment&hellip;</title></head></html>", "Just a moment…"),
        (b"<html><body>Log in</body></html>", "an HTML page instead of a feed"),
        (b"<!doctype html><meta charset=utf-8><title>Denied</title>", "(title: 'Denied')"),
        (b"<HTML xmlns='http://www.w3.org/2005/Atom'><p>x</p></HTML>", "an HTML page"),
        (b'{"error": "forbidden"}', "JSON instead of a feed"),
        (b"%PDF-1.7", "a PDF"),
        (b"<PubmedArticleSet></PubmedArticleSet>", "root element <PubmedArticleSet>"),
        (b"Service unavailable", "begins with 'Service unavailable'"),
        (b"\xff\xd8\xff\xe0 picture", "no feed"),
    ],
)
def test_what_is_no_feed_is_an_error_that_says_what_came(content: bytes, says: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(content)
    assert says in str(caught.value)
    assert caught.value.source == "feed:Invented feed"
    assert URL in (caught.value.advice or "")


def test_an_empty_feed_is_fine() -> None:
    feed = parse(rss(""))
    assert (feed.title, feed.records, feed.bad, feed.warnings) == ("Invented", (), (), ())


LAUGHS = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "declaration",
    [
        LAUGHS + "]>",
        f'<!DOCTYPE rss [<!ENTITY big "{"x" * 100}">]>',
        '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY % more SYSTEM "http://example.org/x.dtd"> %more;]>',
    ],
    ids=["billion laughs", "one big entity", "a file", "a parameter entity"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_that_expand_or_read_are_refused(declaration: str, encoding: str) -> None:
    document = rss("<item><title>&i; Invented</title></item>", declaration=declaration)
    with pytest.raises(ParseError, match="refused unread"):
        parse(document.encode(encoding))


def test_a_plain_doctype_and_short_entities_are_read() -> None:
    declaration = '<!DOCTYPE rss PUBLIC "-//Invented//DTD" "http://example.org/rss.dtd" [<!ENTITY nbsp "&#160;">]>'
    feed = parse(rss("<item><title>Two&nbsp;words</title></item>", declaration=declaration))
    assert feed.records[0].title == "Two words"


def test_endless_nesting_is_refused_and_unclosed_html_is_not() -> None:
    with pytest.raises(ParseError, match="deep"):
        parse(rss("<a>" * 5000))
    items = "".join(
        f"<item><title>Invented {n}</title><description>{'<p>x' * 20}</description></item>" for n in range(60)
    )
    assert len(parse(rss(items)).records) == 60


def test_a_broken_document_is_a_warning_and_its_entries_live() -> None:
    feed = parse(rss("<item><title>One & two</title><dc:identifier>doi:10.1000/x</dc:identifier></item>"))
    assert feed.records[0].title == "One & two"
    assert feed.records[0].identifiers.doi == "10.1000/x"
    assert "not well-formed" in feed.warnings[0]


def test_prism_under_its_own_declaration_survives_a_broken_document() -> None:
    item = '<item><title>One & two</title><prism:doi xmlns:prism="prism">10.1000/y</prism:doi></item>'
    feed = parse(f'<rss version="2.0"><channel>{item}</channel></rss>')
    assert feed.records[0].identifiers.doi == "10.1000/y"


def test_a_document_that_breaks_off_costs_the_last_entry() -> None:
    whole = rss("<item><title>First</title></item><item><title>Second, which is cut</title></item>")
    feed = parse(whole[: whole.index("which")])
    assert [record.title for record in feed.records] == ["First"]
    assert len(feed.bad) == 1
    assert "ends within" in feed.bad[0].reason
    assert feed.warnings


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("latin-1", "utf-8", None),
        ("cp1252", "utf-8", "application/xml; charset=utf-8"),
        ("utf-8", "iso-8859-1", "text/xml; charset=ISO-8859-1"),
        ("utf-8", None, "text/xml"),
        ("utf-16", "utf-16", None),
        ("utf-8-sig", "utf-8", None),
        ("koi8-r", "koi8-r", None),
        ("cp1252", "us-ascii", "text/xml; charset=us-ascii"),
        ("utf-8", "invented-8", "text/xml; charset=invented"),
    ],
)
def test_a_wrong_charset_loses_nothing(encoding: str, declared: str | None, content_type: str | None) -> None:
    title = "Мир и кетамин" if encoding == "koi8-r" else "Müller’s naïve café"
    if encoding == "latin-1":
        title = title.replace("’", "'")
    declaration = "" if declared is None else f'<?xml version="1.0" encoding="{declared}"?>'
    content = rss(f"<item><title>{title}</title></item>", declaration=declaration).encode(encoding)
    assert [record.title for record in parse(content, content_type=content_type).records] == [title]


def test_single_wrong_bytes_do_not_spoil_the_rest() -> None:
    content = rss("<item><title>Zürich and Caf# invented</title></item>").encode().replace(b"#", b"\xe9")
    assert parse(content).records[0].title == "Zürich and Café invented"


def test_characters_that_xml_forbids_are_dropped() -> None:
    assert parse(rss("<item><title>An in\x0bven\x00ted title</title></item>")).records[0].title == "An invented title"


@pytest.mark.parametrize(
    ("item", "doi"),
    [
        ("<prism:doi>10.1000/A.1</prism:doi>", "10.1000/a.1"),
        ("<dc:identifier>issn:1234-5678</dc:identifier><dc:identifier>doi:10.1000/a2</dc:identifier>", "10.1000/a2"),
        (
            '<dc:identifier xsi:type="dcterms:DOI" xmlns:xsi="http://example.org/x">10.1000/a3</dc:identifier>',
            "10.1000/a3",
        ),
        ('<dc:identifier type="doi">10.1000/a3</dc:identifier>', "10.1000/a3"),
        ("<link>https://www.example.org/doi/full/10.1000/a4?af=R</link>", "10.1000/a4"),
        ("<link>https://www.example.org/articles/10.1000/a.5/full</link>", "10.1000/a.5"),
        ("<link>https://www.example.org/content/10.1101/2026.11.05.1v2.full.pdf</link>", "10.1101/2026.11.05.1"),
        ("<guid isPermaLink='false'>doi:10.1000/a6</guid>", "10.1000/a6"),
        ("<description>Invented words. doi:10.1000/a7</description>", "10.1000/a7"),
        ("<description>See doi:10.1000/a8 and doi:10.1000/a9</description>", None),
        ("<description>This corrects the article DOI: 10.1000/a8. It was wrong in many places.</description>", None),
        ("<description>[This corrects the article DOI: 10.1000/a8.]</description>", None),
        ("<description>Plain 10.1000/not-called-one</description>", None),
        ("", None),
    ],
)
def test_the_doi_is_the_papers_own(item: str, doi: str | None) -> None:
    assert one(item).identifiers.doi == doi


@pytest.mark.parametrize(
    ("item", "types"),
    [
        ("<prism:doi>10.26434/chemrxiv-2026-abcde</prism:doi>", ("Preprint",)),
        ("<prism:doi>10.1590/SciELOPreprints.1234</prism:doi>", ("Preprint",)),
        ("<prism:publicationName>SocArXiv</prism:publicationName>", ("Preprint",)),
        ("<prism:aggregationType>Preprint</prism:aggregationType>", ("Preprint",)),
        ("<prism:doi>10.12688/f1000research.1234.1</prism:doi>", ()),
        ("<prism:doi>10.2196/12345</prism:doi>", ()),
    ],
)
def test_a_preprint_is_known_by_its_source_its_doi_or_its_server(item: str, types: tuple[str, ...]) -> None:
    assert one(item).publication_types == types


def test_europe_pmcs_links_name_the_pmid() -> None:
    assert one("<link>https://europepmc.org/article/MED/39000920</link>").identifiers.pmid == "39000920"
    assert one("<link>https://europepmc.org/article/PPR/PPR39000920</link>").identifiers.pmid is None


def test_a_doi_in_the_text_of_a_correction_is_not_its_own() -> None:
    item = (
        "<item><title>Correction to: an invented title</title><description>Invented. doi:10.1000/b</description></item>"
    )
    assert parse(rss(item)).records[0].identifiers.doi is None


@pytest.mark.parametrize(
    ("item", "pmid"),
    [
        ("<dc:identifier>pmid:0123</dc:identifier>", "123"),
        ("<link>https://www.ncbi.nlm.nih.gov/pubmed/456?dopt=Abstract</link>", "456"),
        ("<guid isPermaLink='false'>PubMed:789</guid>", "789"),
        ("<guid isPermaLink='false'>789</guid>", None),
    ],
)
def test_a_pmid_is_only_what_is_called_one(item: str, pmid: str | None) -> None:
    assert one(item).identifiers.pmid == pmid


@pytest.mark.parametrize(
    ("item", "authors", "complete"),
    [
        ("<dc:creator>Ada Example</dc:creator><dc:creator>Bo Sample</dc:creator>", ["Example A", "Sample B"], True),
        ("<author>Ada Example, Bo Sample and Cy Specimen</author>", ["Example A", "Sample B", "Specimen C"], True),
        ("<author>ada@example.org (Ada Example)</author>", ["Example A"], True),
        ("<author>Ada Example</author><dc:creator>Ada Example</dc:creator>", ["Example A"], True),
        (
            "<author>Ada Example</author><dc:creator>Ada Example, Bo Sample</dc:creator>",
            ["Example A", "Sample B"],
            True,
        ),
        (
            "<dc:creator>Y Wang</dc:creator><dc:creator>L Zhang</dc:creator><dc:creator>Y Wang</dc:creator>",
            ["Wang Y", "Zhang L", "Wang Y"],
            True,
        ),
        ("<author>webmaster@example.org</author>", [], True),
        ("<dc:creator>Example A, et al</dc:creator>", ["Example A"], False),
        ("<dc:creator>Invented</dc:creator>", [], True),
        ("<description>Author(s): Ada Example; Bo Sample</description>", ["Example A", "Sample B"], True),
    ],
)
def test_authors_in_their_shapes(item: str, authors: list[str], complete: bool) -> None:
    record = one(item)
    assert ([author.display for author in record.authors], record.authors_complete) == (authors, complete)


@pytest.mark.parametrize(
    ("item", "published"),
    [
        ("<prism:publicationDate>2018-12-17-08:00</prism:publicationDate>", "2018-12-17"),
        ("<dc:date>2026</dc:date>", "2026"),
        ("<pubDate>Thu, 5 Nov 2026 23:59:00 -0800</pubDate>", "2026-11-05"),
        ("<prism:coverDisplayDate>November 2026</prism:coverDisplayDate>", "2026-11"),
        ("<pubDate>soon</pubDate><dc:date>2026-11-05T10:00:00Z</dc:date>", "2026-11-05"),
        ("<pubDate>soon</pubDate>", None),
        ("", None),
    ],
)
def test_dates_are_as_precise_as_stated(item: str, published: str | None) -> None:
    assert one(item).published == published


@pytest.mark.parametrize(
    ("name", "title", "journal"),
    [
        ("x", "Wiley: Bipolar Inventions: Table of Contents", None),
        ("x", "Journal of Inventions", "Journal of Inventions"),
        ("x", "BMC Psychiatry - Latest Articles", "BMC Psychiatry"),
        ("x", "Frontiers in Psychiatry | New and Recent Articles", "Frontiers in Psychiatry"),
        ("x", "Latest Results for Psychopharmacology", "Psychopharmacology"),
        ("Invented Alpha", "Invented Alpha", None),
        ("x", "Everything that a department of psychiatry has to say about itself", None),
    ],
)
def test_a_feeds_title_is_a_journal_only_if_it_plainly_is_one(name: str, title: str, journal: str | None) -> None:
    feed = parse(
        f'<rss version="2.0"><channel><title>{title}</title><item><title>Invented</title></item></channel></rss>',
        name=name,
    )
    assert feed.records[0].journal == journal


def test_volume_issue_and_pages_that_stand_for_nothing_are_absent() -> None:
    record = one(
        "<prism:volume>0</prism:volume><prism:number>ahead-of-print</prism:number><prism:startingPage>n/a</prism:startingPage>"
        "<prism:issueIdentifier>S0022-3476(17)X0025-5</prism:issueIdentifier>"
    )
    assert (record.volume, record.issue, record.pages) == (None, None, None)


def test_the_same_entry_twice_is_one_and_two_papers_under_one_link_are_two() -> None:
    item = "<item><title>{}</title><link>https://example.org/home</link></item>"
    feed = parse(rss(item.format("First") + item.format("First") + item.format("Second")))
    assert [record.title for record in feed.records] == ["First", "Second"]
    assert len({record.source_key for record in feed.records}) == 2


@pytest.mark.parametrize(
    ("source", "text", "markup", "section"),
    [
        ("Plain", "Plain", None, None),
        ("<b>Bold</b> &lt;i&gt;and&lt;/i&gt;", "Bold and", "<b>Bold</b> <i>and</i>", None),
        ("A<script>alert(1)</script> title", "Aalert(1) title", None, None),
        ('<i onclick="x()">R</i>-ketamine', "R-ketamine", "<i>R</i>-ketamine", None),
        ("<jats:italic>N</jats:italic> of 1", "N of 1", "<i>N</i> of 1", None),
        ("p <0.05 & n > 3", "p <0.05 & n > 3", None, None),
        ("[Editorial] Words", "Words", None, "editorial"),
        ("Words [Review]", "Words", None, "review"),
        ("[Ketamine in the treatment of pain]", "[Ketamine in the treatment of pain]", None, None),
        ("Esketamine [Spravato]", "Esketamine [Spravato]", None, None),
        ("Invented, Vol. 9, Pages 120: Turbulence", "Turbulence", None, None),
    ],
)
def test_titles(source: str, text: str, markup: str | None, section: str | None) -> None:
    title = read_title(source)
    assert title is not None
    assert (title.text, title.markup, title.section) == (text, markup, section)


def test_a_title_of_nothing_is_none_and_a_huge_one_has_no_markup() -> None:
    assert read_title(" <b></b> ") is None
    assert read_title(None) is None
    huge = read_title("<b>x</b> " * 1000)
    assert huge is not None
    assert huge.markup is None


@pytest.mark.parametrize(
    "boilerplate",
    [
        "Invented Psychiatry, Volume 40, Issue 11, Page 1123-1131, November 2026.",
        "Volume 10, Issue 2, October 2026",
        "Invented Psychiatry, Ahead of Print.",
        "EarlyView",
        "Invented Psychiatry, Published online: 05 November 2026; doi:10.1000/x",
        "Available online 5 November 2026",
        "Publication date: March 2027",
        "Source: Journal of Inventions, Volume 400",
        "Invented J. 2026 Nov 5:S0000. doi: 10.1000/x. Online ahead of print.",
        "https://doi.org/10.1000/x",
        "Read more…",
        "© 2026 The Author(s). Published by Invention Ltd.",
        "No abstract available.",
        "The title itself",
        "ABSTRACT",
        "***",
    ],
)
def test_what_publishers_put_around_an_abstract_is_none(boilerplate: str) -> None:
    title = "The title itself"
    assert read_description(f"<p>{boilerplate}</p>", title=title).abstract == ()
    both = read_description(f"<p>{boilerplate}</p><p>Ketamine helped 12 of 40 people.</p>", title=title)
    assert [part.text for part in both.abstract] == ["Ketamine helped 12 of 40 people."]


@pytest.mark.parametrize(
    "text",
    [
        "Accepted treatments help few people.",
        "Volume loss of the hippocampus was slower.",
        "Subjects: forty adults took part.",
        "Published trials disagree; 12 of 40 people improved.",
        "Grey matter lost volume slowly, no difference was seen.",
        "Ketamine reduced the scores of forty adults, p.001.",
        "Published: 12 of 40 trials.",
        "p<0.05 and a<b, n > 3.",
        "Copyright law is not our topic. Ketamine is.",
    ],
)
def test_prose_stays(text: str) -> None:
    found = read_description(text).abstract
    assert " ".join(f"{part.label}: {part.text}" if part.label else part.text for part in found) == text


def test_a_copyright_line_behind_an_abstract_goes() -> None:
    assert read_description("It helped. © 2026 Invention Ltd.").abstract[0].text == "It helped."


ABSTRACT = "Forty adults received ketamine or midazolam once. Scores fell after ketamine."


def described(text: str, more: str = "") -> dict[str, Any]:
    """Give what an entry with a description says."""
    return flat(one(f"<description>{escape(text)}</description>{more}"))


@pytest.mark.parametrize(
    "text",
    [
        "Authors: Ada B. Example, Bo Sample\n\nJournal: Invented J; Volume: 83; Issue: 8; Pages: 1-9\n\n"
        f"Abstract: {ABSTRACT}",
        "Authors: Ada B. Example; Bo Sample\nJournal: Invented J\nVolume: 83\nIssue: 8\nPages: 1-9\n"
        f"Abstract: {ABSTRACT}",
        "Author(s): Example AB, Sample B | Journal: Invented J | Volume: 83 | Issue: 8 | Pages: 1-9 | "
        f"Abstract: {ABSTRACT}",
        "<b>Authors:</b> Ada B. Example, Bo Sample<br/><b>Journal:</b> Invented J, Volume 83, Issue 8, Pages 1-9<br/>"
        f"<b>Abstract:</b> {ABSTRACT}",
        "Autoren: Ada B. Example, Bo Sample. Zeitschrift: Invented J. Band: 83. Heft: 8. Seiten: 1-9. "
        f"Zusammenfassung: {ABSTRACT}",
        f"Ada B. Example, Bo Sample<br/>Invented J, vol. 83, no. 8, pp. 1-9<br/>{ABSTRACT}",
        f"Ada B. Example and Bo Sample\nInvented J, Vol 83(8), pp. 1-9\n{ABSTRACT}",
        f"<p>by Ada B. Example, Bo Sample</p><p>Invented J. 2026 Nov 5;83(8):1-9. doi: 10.1000/x.</p>{ABSTRACT}",
    ],
)
def test_facts_are_told_from_the_abstract_in_all_their_forms(text: str) -> None:
    said = described(text)
    assert said["authors"] == ["Example AB", "Sample B"]
    assert (said["journal"], said["volume"], said["issue"], said["pages"]) == ("Invented J", "83", "8", "1-9")
    assert said["abstract"] == ABSTRACT


@pytest.mark.parametrize(
    ("text", "authors", "published"),
    [
        (
            "Publication date: October 2026 Source: Journal of Inventions, Volume 9 Author(s): Ada Example, Bo Sample",
            ["Example A", "Sample B"],
            "2026-10",
        ),
        (
            "Publication date: Available online 5 November 2026 Source: Journal of Inventions Author(s): Ada Example",
            ["Example A"],
            "2026-11-05",
        ),
        (
            "Publication date: 5 November 2026Source: Journal of Inventions, Volume 139, Part AAuthor(s): Ada Example",
            ["Example A"],
            "2026-11-05",
        ),
        (
            "Author(s): Ada Example Source: Journal of Inventions, Volume 139 Publication date: 2026 DOI: 10.1000/x",
            ["Example A"],
            "2026",
        ),
    ],
)
def test_facts_on_one_line_end_where_the_next_label_begins(text: str, authors: list[str], published: str) -> None:
    said = described(text, "<author>Journal of Inventions</author>")
    assert (said["authors"], said["journal"], said["published"]) == (authors, "Journal of Inventions", published)
    assert said["abstract"] is None


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        (f"by Ada Example, Bo van der Sample\n\n{ABSTRACT}", ["Example A", "van der Sample B"]),
        (f"<p>by Ada Example</p>\n\n{ABSTRACT}", ["Example A"]),
        (f"<div>By Ada Example and Bo Sample</div><div>{ABSTRACT}</div>", ["Example A", "Sample B"]),
        (f"Example A, Sample BC, et al.<br>{ABSTRACT}", ["Example A", "Sample BC"]),
        (f"Ada X. Example · Bo Sample<br>{ABSTRACT}", ["Example AX", "Sample B"]),
        (f"Ada Example<br>Invented J, vol. 1, pp. 2<br>{ABSTRACT}", ["Example A"]),
        (f"Mental Health, Suicide Prevention<br>{ABSTRACT}", []),
        (f"Case Report<br>Invented J, vol. 1, pp. 2<br>{ABSTRACT}", []),
    ],
)
def test_names_on_a_line_are_no_abstract_and_people_if_that_is_sure(text: str, authors: list[str]) -> None:
    said = described(text)
    assert said["authors"] == authors
    assert (said["abstract"] or "").endswith(ABSTRACT)
    assert "Example" not in said["abstract"]


@pytest.mark.parametrize(
    "text",
    [
        f"arXiv:2611.00832v1 Announce Type: new \nAbstract: {ABSTRACT}",
        f"arXiv:2611.00832v2 Announce Type: replace-cross Abstract: {ABSTRACT}",
        f"{ABSTRACT} (PsycInfo Database Record (c) 2026 APA, all rights reserved)",
        f"{ABSTRACT} (PsycINFO Database Record (c) 2016 APA, all rights reserved) (journal abstract)",
        f"<p>{ABSTRACT}</p><p>(APA PsycInfo Database Record (c) 2026 APA, all rights reserved)</p>",
        f"{ABSTRACT} Keywords: ketamine; sleep",
        f"Type: Journal article. Abstract: {ABSTRACT}",
        f"Invented Psychiatry. Abstract: {ABSTRACT} DOI: 10.1000/x",
        f"{ABSTRACT}<p>Metadata update (not publication): 2026-10-04</p>",
    ],
)
def test_what_aggregators_add_is_no_abstract(text: str) -> None:
    assert described(text)["abstract"] == ABSTRACT


def test_blank_lines_divide_plain_text_and_line_breaks_do_not() -> None:
    said = described("We asked forty\nadults.\n\nCopyright 2026 Invention Ltd.\n \nIt\nhelped.")
    assert said["abstract"] == "We asked forty adults. It helped."


def test_a_list_of_authors_that_a_relay_cut_is_not_complete() -> None:
    people = "<dc:creator>Ada Example</dc:creator><dc:creator>Bo Sample</dc:creator>"
    assert described("Authors: Ada Example, Bo Sample", people)["authors_complete"]
    assert not described("Authors: Ada Example, Bo Sample, et al.", people)["authors_complete"]


@pytest.mark.parametrize(
    ("item", "journal"),
    [
        ("<author>Annals of Invention</author>", "Annals of Invention"),
        ("<source url='https://example.org/'>Journal of Inventions Current Issue</source>", "Journal of Inventions"),
        ("<source url='https://example.org/'>Things that I read</source>", None),
    ],
)
def test_a_journals_name_is_no_author(item: str, journal: str | None) -> None:
    record = one(item)
    assert (record.authors, record.journal) == ((), journal)


@pytest.mark.parametrize(
    ("item", "url", "doi"),
    [
        (
            "<link>http://feedproxy.example.org/~r/a/~3/b/</link>"
            "<feedburner:origLink>https://doi.org/10.1000/o1</feedburner:origLink>",
            "https://doi.org/10.1000/o1",
            "10.1000/o1",
        ),
        (
            "<link>https://www.google.com/url?rct=j&amp;url=https://www.nature.com/articles/s41386-026-01234-5&amp;ct=ga</link>",
            "https://www.nature.com/articles/s41386-026-01234-5",
            "10.1038/s41386-026-01234-5",
        ),
        (
            "<link>https://example.org/out?u=https%3A%2F%2Fexample.org%2Fdoi%2F10.1000%2Fo2</link>",
            "https://example.org/doi/10.1000/o2",
            "10.1000/o2",
        ),
        ("<link>https://example.org/out?id=7</link>", "https://example.org/out?id=7", None),
    ],
)
def test_a_relays_link_leads_to_the_papers_own(item: str, url: str, doi: str | None) -> None:
    names = ' xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    document = rss(f"<item><title>An invented title</title>{item}</item>").replace("<rss", f"<rss{names}", 1)
    (record,) = parse(document).records
    assert (record.url, record.identifiers.doi) == (url, doi)


@pytest.mark.parametrize(
    "item",
    [
        "<link>https://arxiv.org/abs/2611.00832v1</link>",
        "<guid isPermaLink='false'>oai:arXiv.org:2611.00832v1</guid>",
        "<link>https://europepmc.org/article/PPR/PPR123456</link>",
        "<link>http://medrxiv.org/cgi/content/short/2026.06.01.26328000v1?rss=1</link>",
        "<link>https://psyarxiv.com/hq8sd</link>",
    ],
)
def test_a_preprints_page_says_that_it_is_one(item: str) -> None:
    assert one(item).publication_types == ("Preprint",)


def test_what_is_not_seen_is_not_kept() -> None:
    (record,) = parse(rss("<item><title>Keta\u00admine\u200b and e\u0301toile</title></item>")).records
    assert record.title == "Ketamine and étoile"


def test_what_arxiv_wrote_behind_its_titles_goes() -> None:
    title = read_title("Ketamine and graphs. (arXiv:2611.00832v1 [q-bio.NC])")
    assert title is not None
    assert title.text == "Ketamine and graphs."


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://EXAMPLE.org:443/a?utm_source=x&id=7&rss=yes#top", "https://example.org/a?id=7"),
        ("http://example.org/a b", "http://example.org/a%20b"),
        ("https://example.org/a?x=%2F", "https://example.org/a?x=%2F"),
        ("https://", None),
        ("http://[broken", None),
        ("ftp://example.org/a", None),
        ("mailto:ada@example.org", None),
        ("", None),
        (None, None),
    ],
)
def test_links(url: str | None, link: str | None) -> None:
    assert normalise_link(url) == link
    assert normalise_link(link) == link


@given(st.binary(max_size=400))
def test_any_bytes_give_a_feed_or_a_parse_error(content: bytes) -> None:
    with contextlib.suppress(ParseError):
        assert isinstance(parse(content), Feed)


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
def test_any_text_in_an_entry_gives_a_record_or_a_reason(title: str, description: str, author: str) -> None:
    def safe(text: str) -> str:
        return "".join(char for char in text if char.isprintable()).replace("]]>", "")

    item = (
        f"<item><title><![CDATA[{safe(title)}]]></title><description><![CDATA[{safe(description)}]]></description>"
        f"<dc:creator><![CDATA[{safe(author)}]]></dc:creator></item>"
    )
    feed = parse(rss(item))
    assert len(feed.records) + len(feed.bad) == 1


START = '<rss version="2.0"><channel><item><title>t</title>'


@pytest.mark.parametrize(
    "content",
    [
        START + "<![CDATA[" * 10_000,
        START + "<!--" * 20_000,
        START + "<" + "a" * 100_000,
        START + "<dc:title" + " " * 100_000,
        START + '<a b="' * 10_000,
        "<!DOCTYPE [" * 10_000,
        rss(f"<item><title>t</title><author>{'a' * 200_000}</author></item>"),
        rss(f"<item><title>t</title><author>{'A B, ' * 20_000}</author></item>"),
        rss(f"<item><title>t</title><description>{'&lt;!--' * 20_000}</description></item>"),
        rss(f"<item><title>{'&lt;b&gt;' * 20_000}</title></item>"),
    ],
    ids=["cdata", "comments", "name", "blanks", "quotes", "doctypes", "address", "authors", "escaped comments", "bold"],
)
def test_what_is_made_to_keep_a_parser_busy_does_not(content: str) -> None:
    # Each of these takes minutes where a pattern looks for the same end from every beginning; the time-out fails it.
    with contextlib.suppress(ParseError):
        assert isinstance(parse(content), Feed)


@pytest.mark.parametrize(
    "text",
    ["DOI: ", "It. DOI: ", "Authors: A B, ", "Abstract: It. ", "A B, ", "Published: 2026 It is. ", "\n", "Vol 1 "],
)
def test_nor_does_a_description_without_end(text: str) -> None:
    record = one(f"<description>{text * (100_000 // len(text))}</description>")
    assert record.title == "An invented title"


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ("<item><title>Ketamine</title></item>" * 5_001, "holds 5,001 entries"),
        (f"<item><title>Ketamine</title>{'<a/>' * 150_000}</item>", "tags, and no feed has more than 150,000"),
        (f"<item><description>{'<a' * 200_000}</description></item>", "tags, and no feed has more than 150,000"),
        ("<item><a " + " ".join(f'b{n}="c"' for n in range(50_000)) + "/></item>", "holds a tag of"),
    ],
    ids=["flood", "empty-tags", "open-tags", "attributes"],
)
def test_what_would_be_read_for_minutes_is_refused_unread(items: str, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parse(rss(items))


def test_the_longest_feeds_are_read() -> None:
    items = "".join(
        f"<item><title>Ketamine, paper {n}</title><link>https://e.org/{n}</link></item>" for n in range(5000)
    )
    assert len(parse(rss(items)).records) == 5000
