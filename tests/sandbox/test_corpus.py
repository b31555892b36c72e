"""What the embedded server serves: the invented corpus, and PubMed files of one's own."""

from __future__ import annotations

import gzip
import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from Bio import Entrez

from harvester.sandbox import Corpus, Feed, Version, build_invented
from harvester.sandbox.evaluate import search
from harvester.sandbox.record_view import read_dates, read_pmid, read_record

NOW = datetime(2031, 3, 12, 6, tzinfo=UTC)
TODAY = NOW.date()
HEAD = (
    b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>'
)


def invented(today: date = TODAY) -> dict[str, str]:
    """Give the records of the invented corpus on a day, by the text of their titles."""
    corpus = build_invented(NOW)
    pmids = {version.pmid for version in corpus.versions}
    records = [xml for pmid in sorted(pmids) if (xml := corpus.record(pmid, today)) is not None]
    return {read_record(xml)[0].title: xml.decode() for xml in records}


def record(pmid: int, *, created: str = "2031-03-01", revised: str = "2031-03-01", title: str = "Made-up title") -> str:
    """Write a minimal record."""

    def parts(day: str) -> str:
        return "<Year>{}</Year><Month>{}</Month><Day>{}</Day>".format(*day.split("-"))

    return (
        f'<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
        f"<DateRevised>{parts(revised)}</DateRevised><Article><ArticleTitle>{title}</ArticleTitle></Article>"
        f'</MedlineCitation><PubmedData><History><PubMedPubDate PubStatus="entrez">{parts(created)}</PubMedPubDate>'
        "</History></PubmedData></PubmedArticle>"
    )


def article_set(*records: str, tail: str = "") -> str:
    return f"<PubmedArticleSet>\n{''.join(records)}{tail}</PubmedArticleSet>"


class TestInvented:
    def test_says_everywhere_that_it_is_invented(self) -> None:
        corpus = build_invented(NOW)
        titles = [read_record(version.xml)[0].title for version in corpus.versions if version.xml is not None]
        entries = [entry for feed in corpus.feeds for entry in feed.entries]
        assert len(titles) > 55
        assert all("(invented sample)" in title for title in titles)
        assert all("(invented sample)" in entry.title for entry in entries)
        for version in corpus.versions:
            text = (version.xml or b"").decode()
            assert int(version.pmid) > 99_000_000
            assert set(re.findall(r"\b10\.[0-9]{4,}/", text)) <= {"10.5555/"}
            assert all(number.startswith("000000") for number in re.findall(r"NCT([0-9]+)", text))

    def test_is_valid_for_biopython_in_every_state(self) -> None:
        corpus = build_invented(NOW)
        states = [version.xml for version in corpus.versions if version.xml is not None]
        read = Entrez.read(io.BytesIO(HEAD + b"".join(states) + b"</PubmedArticleSet>"), validate=True)  # type: ignore[no-untyped-call]
        assert len(read["PubmedArticle"]) == len(states)

    def test_plays_over_two_weeks_in_any_week(self) -> None:
        counts = [len(invented(TODAY + timedelta(days=days))) for days in (-400, -14, -7, 0, 30)]
        assert counts[0] == 0
        assert counts[1] >= 15
        assert counts[2] - counts[1] >= 15
        assert counts[3] - counts[2] >= 15
        assert counts[4] == counts[3]
        later = build_invented(NOW + timedelta(days=1000))
        assert len(later) == len(build_invented(NOW))
        assert later.shown(TODAY) == 0

    def test_has_the_odd_shapes_of_a_real_week(self) -> None:
        text = "".join(invented().values())
        for shape in (
            "<i>R</i>",
            "CO<sub>2</sub>",
            "<CollectiveName>",
            "<VernacularTitle>",
            "<ArticleTitle>[",
            "<MedlineDate>",
            "<Season>",
            'NlmCategory="RESULTS"',
            "plain-language-summary",
            ">Preprint<",
            ">Clinical Trial Protocol<",
            'RefType="CommentOn"',
            "<MeshHeading>",
        ):
            assert shape in text, shape

    def test_retracts_in_the_second_week_what_the_first_showed(self) -> None:
        (title,) = (title for title in invented(TODAY - timedelta(days=7)) if "at home for generalised" in title)
        assert "Retracted Publication" not in invented(TODAY - timedelta(days=7))[title]
        after = invented()
        assert "Retracted Publication" in after[title]
        notice = next(xml for name, xml in after.items() if name.startswith("Retraction:"))
        assert 'RefType="RetractionOf"' in notice
        assert read_pmid(after[title].encode()) in notice

    def test_prints_what_was_ahead_of_print(self) -> None:
        title = next(title for title in invented() if "alcohol use disorder" in title)
        before, after = invented(TODAY - timedelta(days=7))[title], invented()[title]
        assert "<PublicationStatus>aheadofprint" in before
        assert "<Volume>" not in before
        assert "<PublicationStatus>ppublish" in after
        assert "<Volume>12</Volume>" in after

    def test_joins_preprint_and_article(self) -> None:
        after = invented()
        preprint = next(xml for xml in after.values() if ">Preprint<" in xml)
        article = next(xml for xml in after.values() if 'RefType="UpdateOf"' in xml and "prolonged exposure" in xml)
        assert 'RefType="UpdateIn"' in preprint
        assert read_pmid(article.encode()) in preprint
        assert read_record(preprint.encode())[0].people == read_record(article.encode())[0].people

    def test_deletes_a_record(self) -> None:
        corpus = build_invented(NOW)
        (gone,) = (version for version in corpus.versions if version.xml is None)
        assert corpus.record(gone.pmid, gone.since - timedelta(days=1)) is not None
        assert corpus.record(gone.pmid, gone.since) is None
        assert corpus.is_deleted(gone.pmid, gone.since)
        assert not corpus.is_deleted(gone.pmid, gone.since - timedelta(days=1))

    def test_shows_studies_in_feeds_before_pubmed_and_strays(self) -> None:
        corpus = build_invented(NOW)
        assert {feed.dialect for feed in corpus.feeds} == {"rss2", "rdf", "atom", "undated"}
        in_pubmed = {read_record(version.xml)[0].title.rstrip(".") for version in corpus.versions if version.xml}
        entries = [entry.title for feed in corpus.feeds for entry in feed.entries]
        both = [title for title in entries if title in in_pubmed]
        assert len(both) >= 8
        assert len(entries) - len(both) >= 8

    def test_wants_an_aware_time(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            build_invented(datetime(2031, 3, 12))  # noqa: DTZ001 - the mistake


class TestFromFolder:
    def test_reads_plain_and_compressed_files_in_subfolders(self, tmp_path: Path) -> None:
        (tmp_path / "deep").mkdir()
        (tmp_path / "a.xml").write_text(article_set(record(1), record(2)))
        (tmp_path / "deep" / "b.xml.gz").write_bytes(gzip.compress(article_set(record(3)).encode()))
        (tmp_path / "notes.txt").write_text("not a corpus")
        corpus = Corpus.from_folder(tmp_path)
        assert [version.pmid for version in corpus.versions] == ["1", "2", "3"]
        assert len(Corpus.from_folder(tmp_path / "a.xml")) == 2

    def test_serves_each_record_byte_for_byte(self, tmp_path: Path) -> None:
        odd = record(7, title="α &lt; β  <i>twice</i>\n spaced")
        (tmp_path / "a.xml").write_text(article_set(odd))
        assert Corpus.from_folder(tmp_path).record("7", TODAY) == odd.encode()

    def test_shows_a_record_from_its_entry_and_revisions_from_theirs(self, tmp_path: Path) -> None:
        first, second = record(5, title="First"), record(5, revised="2031-03-08", title="Second")
        (tmp_path / "a.xml").write_text(article_set(first))
        (tmp_path / "b.xml").write_text(article_set(second))
        corpus = Corpus.from_folder(tmp_path)
        assert corpus.record("5", date(2031, 2, 28)) is None
        assert b"First" in (corpus.record("5", date(2031, 3, 7)) or b"")
        assert b"Second" in (corpus.record("5", date(2031, 3, 8)) or b"")

    def test_deletes_on_the_newest_day_of_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.xml").write_text(article_set(record(5)))
        tail = '<DeleteCitation><PMID Version="1">5</PMID></DeleteCitation>'
        (tmp_path / "b.xml").write_text(article_set(record(6, created="2031-03-09", revised="2031-03-10"), tail=tail))
        corpus = Corpus.from_folder(tmp_path)
        assert corpus.record("5", date(2031, 3, 9)) is not None
        assert corpus.record("5", date(2031, 3, 10)) is None
        assert corpus.record("6", date(2031, 3, 10)) == record(6, created="2031-03-09", revised="2031-03-10").encode()

    def test_keeps_a_broken_record_broken_and_the_others_whole(self, tmp_path: Path) -> None:
        broken = record(2, title="Ketamine lost").replace("</ArticleTitle>", "</Artic")
        unclosed = record(3).replace("</PubmedArticle>", "")
        (tmp_path / "a.xml").write_text(article_set(record(1), broken, unclosed, record(4)))
        corpus = Corpus.from_folder(tmp_path)
        assert [version.pmid for version in corpus.versions] == ["1", "2", "3", "4"]
        assert corpus.record("4", TODAY) == record(4).encode()
        found = search(corpus, "ketamine[tiab]", TODAY)
        assert [corpus.index.pmids[number] for number in found.numbers] == ["2"]
        with pytest.raises(ElementTree.ParseError):
            ElementTree.fromstring(corpus.record("3", TODAY) or b"")

    def test_wraps_bare_citations_of_old_files(self, tmp_path: Path) -> None:
        article = "<Article><ArticleTitle>Old</ArticleTitle></Article>"
        bare = f'<MedlineCitation Status="MEDLINE"><PMID>9</PMID>{article}</MedlineCitation>'
        (tmp_path / "a.xml").write_text(f"<MedlineCitationSet>{bare}</MedlineCitationSet>")
        corpus = Corpus.from_folder(tmp_path)
        assert corpus.record("9", date(1900, 1, 1)) == f"<PubmedArticle>{bare}</PubmedArticle>".encode()

    def test_recodes_other_encodings(self, tmp_path: Path) -> None:
        text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + article_set(record(1, title="Müller"))
        (tmp_path / "a.xml").write_bytes(text.encode("latin-1"))
        assert "Müller".encode() in (Corpus.from_folder(tmp_path).record("1", TODAY) or b"")

    def test_refuses_what_holds_no_record(self, tmp_path: Path) -> None:
        (tmp_path / "a.xml").write_text("<nothing/>")
        with pytest.raises(ValueError, match="no PubMed record"):
            Corpus.from_folder(tmp_path)
        with pytest.raises(FileNotFoundError):
            Corpus.from_folder(tmp_path / "absent")


class TestReading:
    @pytest.mark.parametrize(
        ("pub_date", "expected"),
        [
            ("<Year>2030</Year>", [date(2030, 1, 1)]),
            ("<Year>2030</Year><Month>Nov</Month>", [date(2030, 11, 1)]),
            ("<Year>2030</Year><Month>11</Month><Day>05</Day>", [date(2030, 11, 5)]),
            ("<Year>2030</Year><Season>Summer</Season>", [date(2030, 7, 1)]),
            ("<MedlineDate>2030 Nov-Dec</MedlineDate>", [date(2030, 11, 1)]),
            ("<Year>2030</Year><Month>Feb</Month><Day>31</Day>", [date(2030, 2, 1)]),
            ("<MedlineDate>in press</MedlineDate>", []),
        ],
    )
    def test_publication_dates(self, pub_date: str, expected: list[date]) -> None:
        _, dates = read_record(f"<PubmedArticle><PubDate>{pub_date}</PubDate></PubmedArticle>".encode())
        assert list(dates) == expected

    def test_dates_by_field(self) -> None:
        dates = read_dates(record(1, created="2031-03-01", revised="2031-03-04").encode())
        assert dates == {"crdt": (date(2031, 3, 1),), "mdat": (date(2031, 3, 4),)}
        assert read_dates(record(1, created="2031-02-31").encode()) == {"mdat": (date(2031, 3, 1),)}

    def test_reads_a_book(self) -> None:
        reading, _ = read_record(
            b"<PubmedBookArticle><BookDocument><PMID>3</PMID>"
            b"<ArticleIdList><ArticleId IdType='bookaccession'>NBK0</ArticleId></ArticleIdList>"
            b"<Book><BookTitle>An invented book</BookTitle></Book>"
            b"<PublicationType>Review</PublicationType></BookDocument></PubmedBookArticle>"
        )
        assert (reading.pmid, reading.title, reading.publication_types) == ("3", "An invented book", ("Review",))
        assert reading.identifiers == {"bookaccession": "NBK0"}


def test_of_two_states_of_one_day_the_later_counts() -> None:
    versions = [Version(pmid="1", since=TODAY, xml=text) for text in (b"<a/>", b"<b/>")]
    corpus = Corpus(versions, [Feed(name="F", dialect="atom")])
    assert corpus.record("1", TODAY) == b"<b/>"
    assert corpus.shown(TODAY) == 0b10
