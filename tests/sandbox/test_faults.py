"""Each failure that the embedded HTTP servers can play, seen with requests and bare sockets."""

from __future__ import annotations

import gc
import gzip
import json
import re
import socket
import struct
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from xml.etree import ElementTree

import feedparser
import pytest
import requests

from harvester.sandbox import Fault, Sandbox
from tests.conftest import invented_corpus

NOW = datetime(2031, 3, 12, 6, tzinfo=UTC)
FEED = "Journal of Invented Psychiatry"
IDS = ",".join(str(99_000_001 + n) for n in range(9))


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as server:
        yield server


def esearch(box: Sandbox, **params: str | int) -> requests.Response:
    values: dict[str, str | int] = {"db": "pubmed", "term": "ketamin*[tiab]", "retmode": "json", **params}
    return requests.get(f"{box.pubmed_url}esearch.fcgi", params=values, timeout=30)


def efetch(box: Sandbox, *, timeout: float = 30) -> requests.Response:
    return requests.post(f"{box.pubmed_url}efetch.fcgi", data={"id": IDS, "retmode": "xml"}, timeout=timeout)


def feed(box: Sandbox, **headers: str) -> requests.Response:
    return requests.get(box.feed_url(FEED), headers=headers, timeout=30, allow_redirects=False)


class TestWhen:
    def test_once_unless_told_otherwise(self, box: Sandbox) -> None:
        box.fail(Fault(path="esearch", kind="status", status=500))
        assert [esearch(box).status_code for _ in range(2)] == [500, 200]

    def test_after_some_and_so_many_times(self, box: Sandbox) -> None:
        box.fail(Fault(path="esearch", kind="status", status=503, after=1, times=2))
        assert [esearch(box).status_code for _ in range(4)] == [200, 503, 503, 200]

    def test_until_cleared(self, box: Sandbox) -> None:
        box.fail(Fault(path="esearch", kind="status", status=502, times=None))
        assert [esearch(box).status_code for _ in range(3)] == [502] * 3
        box.clear_faults()
        assert esearch(box).status_code == 200

    def test_only_where_it_belongs_and_one_after_another(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="status", status=500))
        box.fail(Fault(path="efetch", kind="status", status=503))
        assert esearch(box).status_code == 200
        assert [efetch(box).status_code for _ in range(3)] == [500, 503, 200]

    def test_a_feed_by_its_name(self, box: Sandbox) -> None:
        box.fail(Fault(path=f"feed:{FEED}", kind="status", status=404, times=None))
        assert feed(box).status_code == 404
        assert requests.get(box.feed_url("mockRxiv Psychiatry"), timeout=30).status_code == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            {"path": "esearch", "kind": "nonsense"},
            {"path": "smtp", "kind": "gzip-bomb"},
            {"path": "esearch", "kind": "error", "error": "nonsense"},
            {"path": "feeds/", "kind": "redirect"},
        ],
    )
    def test_a_fault_that_does_not_exist_is_refused(self, wrong: dict[str, str]) -> None:
        with pytest.raises(ValueError, match=r"no such|needs the url"):
            Fault(**wrong)  # type: ignore[arg-type]


class TestAnswersInstead:
    @pytest.mark.parametrize("status", [403, 404, 410, 500, 502, 503])
    def test_html_with_a_status(self, box: Sandbox, status: int) -> None:
        box.fail(Fault(path="esearch", kind="status", status=status, retry_after="7"))
        answer = esearch(box)
        assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
        assert answer.text.startswith("<!DOCTYPE html>")

    def test_rate_limit(self, box: Sandbox) -> None:
        date = "Wed, 12 Mar 2031 06:00:05 GMT"
        box.fail(Fault(path="esearch", kind="rate-limit", retry_after=1))
        box.fail(Fault(path="efetch", kind="rate-limit", retry_after=date))
        assert (esearch(box).status_code, efetch(box).headers["Retry-After"]) == (429, date)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_redirect(self, box: Sandbox, status: int) -> None:
        box.fail(Fault(path=f"feed:{FEED}", kind="redirect", status=status, url=box.feed_url(FEED)))
        answer = feed(box)
        assert (answer.status_code, answer.headers["Location"]) == (status, box.feed_url(FEED))

    @pytest.mark.parametrize("kind", ["html", "captcha"])
    def test_a_page_with_200(self, box: Sandbox, kind: str) -> None:
        box.fail(Fault(path="feeds/", kind=kind))
        answer = feed(box)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
        assert feedparser.parse(answer.content).version == ""

    def test_nothing_with_200(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="empty-body"))
        answer = efetch(box)
        assert (answer.status_code, answer.content) == (200, b"")

    def test_anything(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="body", body=b"<odd/>"))
        assert efetch(box).content == b"<odd/>"

    def test_billion_laughs(self, box: Sandbox) -> None:
        box.fail(Fault(path="feeds/", kind="billion-laughs"))
        text = feed(box).text
        assert text.count("<!ENTITY") == 10
        assert len(text) < 2_000

    @pytest.mark.parametrize(
        "name",
        ["address-table", "database", "unavailable", "raw-newline", "history", "fetch", "empty-ids", "empty-term"],
    )
    def test_errors_inside_a_200(self, box: Sandbox, name: str) -> None:
        box.fail(Fault(path="fcgi", kind="error", error=name, times=2))
        as_json, as_xml = esearch(box), efetch(box)
        assert as_json.status_code == as_xml.status_code == 200
        message = json.loads(as_json.text, strict=False)["esearchresult"]["ERROR"]
        assert ElementTree.fromstring(as_xml.text).findtext("ERROR") == message
        assert ("\n" in as_json.text) == (name == "raw-newline")

    def test_errors_with_a_status(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="error", error="empty-ids", status=400))
        answer = efetch(box)
        assert answer.status_code == 400
        assert "ID list is empty" in (ElementTree.fromstring(answer.text).findtext("ERROR") or "")

    def test_neither_a_result_nor_an_error(self, box: Sandbox) -> None:
        box.fail(Fault(path="fcgi", kind="no-result", times=2))
        assert "esearchresult" not in esearch(box).json()
        assert len(ElementTree.fromstring(efetch(box).text)) == 0

    def test_a_key_that_is_not_known(self, box: Sandbox) -> None:
        box.fail(Fault(path="fcgi", kind="invalid-key"))
        answer = esearch(box, api_key="s3cret")
        assert (answer.status_code, answer.json()["error"]) == (400, "API key invalid")
        assert "s3cret" not in answer.text

    def test_not_modified_without_having_been_asked(self, box: Sandbox) -> None:
        box.fail(Fault(path="feeds/", kind="not-modified"))
        answer = feed(box)
        assert (answer.status_code, answer.content) == (304, b"")
        assert feed(box).status_code == 200


class TestChangedAnswers:
    def test_records_dropped(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="drop-records", amount=3))
        assert len(ElementTree.fromstring(efetch(box).content).findall("PubmedArticle")) == 6
        assert len(ElementTree.fromstring(efetch(box).content).findall("PubmedArticle")) == 9

    def test_all_records_dropped(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="drop-records", amount=50))
        assert len(ElementTree.fromstring(efetch(box).content)) == 0

    def test_empty_set(self, box: Sandbox) -> None:
        box.fail(Fault(path="fcgi", kind="empty-set", times=3))
        assert len(ElementTree.fromstring(efetch(box).content)) == 0
        result = esearch(box).json()["esearchresult"]
        assert (result["count"], result["idlist"]) == ("0", [])
        tree = ElementTree.fromstring(esearch(box, retmode="xml").content)
        assert (tree.findtext("Count"), tree.findall(".//Id")) == ("0", [])

    def test_a_record_twice(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="repeated-record"))
        pmids = [node.text for node in ElementTree.fromstring(efetch(box).content).findall(".//MedlineCitation/PMID")]
        assert (len(pmids), len(set(pmids)), pmids[-1]) == (10, 9, pmids[0])

    def test_a_record_under_another_number(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="other-record"))
        texts = [efetch(box).text for _ in range(2)]
        pmids = [
            [node.text for node in ElementTree.fromstring(text).findall("PubmedArticle/MedlineCitation/PMID")]
            for text in texts
        ]
        assert [one for one, two in zip(*pmids, strict=True) if one != two] == ["19000005"]

    def test_an_empty_feed(self, box: Sandbox) -> None:
        box.fail(Fault(path="feeds/", kind="empty-set", times=4))
        for name in box.feed_names:
            found = feedparser.parse(requests.get(box.feed_url(name), timeout=30).content)
            assert (found.version != "", found.entries) == (True, [])

    def test_truncated_before_it_was_sent(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="truncated"))
        cut, whole = efetch(box).content, efetch(box).content
        assert cut == whole[: len(whole) // 2]

    def test_count_grows_while_paging(self, box: Sandbox) -> None:
        whole = esearch(box, retmax=100).json()["esearchresult"]
        box.fail(Fault(path="esearch", kind="count-grows", amount=2, times=None))
        pages = [esearch(box, retmax=100).json()["esearchresult"] for _ in range(4)]
        assert [int(page["count"]) - int(whole["count"]) for page in pages] == [-2, -1, 0, 0]
        assert pages[0]["idlist"] == whole["idlist"][2:]

    def test_malformed_record(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="malformed-record"))
        text = efetch(box).text
        with pytest.raises(ElementTree.ParseError):
            ElementTree.fromstring(text)
        records = re.findall(r"<PubmedArticle>.*?</PubmedArticle>", text, re.DOTALL)
        assert [len(_readable(record)) for record in records] == [1, 1, 1, 1, 0, 1, 1, 1, 1]

    def test_invalid_record(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="invalid-record"))
        records = ElementTree.fromstring(efetch(box).content).findall("PubmedArticle")
        assert [record.find("MedlineCitation/PMID") is None for record in records].index(True) == 4
        assert len(records) == 9

    def test_next_years_dtd(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="next-dtd"))
        text = efetch(box).text
        assert "pubmed_990101.dtd" in text
        assert "250101" not in text
        assert len(ElementTree.fromstring(text).findall(".//PlainTitle")) == 9

    def test_history_expired(self, box: Sandbox) -> None:
        stored = esearch(box, usehistory="y").json()["esearchresult"]
        box.fail(Fault(path="efetch", kind="history-expired"))
        params = {"WebEnv": stored["webenv"], "query_key": "1", "retmode": "xml"}
        for _ in range(2):
            assert (
                "Unable to obtain query" in requests.get(f"{box.pubmed_url}efetch.fcgi", params=params, timeout=30).text
            )

    def test_count_changes_while_paging(self, box: Sandbox) -> None:
        whole = esearch(box, retmax=100).json()["esearchresult"]
        box.fail(Fault(path="esearch", kind="count-changes", after=1, times=None))
        pages = [esearch(box, retmax=10, retstart=start).json()["esearchresult"] for start in (0, 10, 20)]
        assert [int(page["count"]) - int(whole["count"]) for page in pages] == [0, -1, -2]
        # What slid over the edge between two pages is on neither.
        assert whole["idlist"][10] not in [pmid for page in pages for pmid in page["idlist"]]

    @pytest.mark.parametrize("mode", ["json", "xml"])
    def test_cut_idlist(self, box: Sandbox, mode: str) -> None:
        box.fail(Fault(path="esearch", kind="cut-idlist", amount=2))
        ids = [re.findall(r"9900[0-9]{4}", esearch(box, retmode=mode, retmax=10).text) for _ in range(2)]
        assert ids[0] == ids[1][:-2]

    def test_broken_in_the_middle(self, box: Sandbox) -> None:
        box.fail(Fault(path="feeds/", kind="xml-error"))
        with pytest.raises(ElementTree.ParseError):
            ElementTree.fromstring(feed(box).content)

    def test_wrong_charset(self, box: Sandbox) -> None:
        box.fail(Fault(path="feeds/", kind="wrong-charset"))
        answer = feed(box)
        assert "charset=utf-8" in answer.headers["Content-Type"]
        with pytest.raises(UnicodeDecodeError):
            answer.content.decode("utf-8")

    @pytest.mark.parametrize(
        "name", ["Journal of Invented Psychiatry", "mockRxiv Psychiatry", "Anaesthesia & Mind Reports"]
    )
    def test_feeds_without_dates(self, box: Sandbox, name: str) -> None:
        box.fail(Fault(path="feeds/", kind="no-dates", after=1))
        dated, undated = (feedparser.parse(requests.get(box.feed_url(name), timeout=30).content) for _ in range(2))
        assert all("published" in entry or "updated" in entry for entry in dated.entries)
        assert not any("published" in entry or "updated" in entry for entry in undated.entries)
        assert len(undated.entries) == len(dated.entries)

    @pytest.mark.parametrize("name", ["Journal of Invented Psychiatry", "Anaesthesia & Mind Reports"])
    def test_feeds_with_other_guids_each_time(self, box: Sandbox, name: str) -> None:
        box.fail(Fault(path="feeds/", kind="changed-guids", times=None))
        first, second = (feedparser.parse(requests.get(box.feed_url(name), timeout=30).content) for _ in range(2))
        assert not {entry.id for entry in first.entries} & {entry.id for entry in second.entries}
        assert [entry.link for entry in first.entries] == [entry.link for entry in second.entries]


def _readable(text: str) -> list[str]:
    try:
        return [ElementTree.fromstring(text).tag]
    except ElementTree.ParseError:
        return []


class TestSending:
    def test_reset(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="reset"))
        with socket.create_connection(("127.0.0.1", int(box.url.split(":")[2].strip("/")))) as client:
            client.sendall(b"GET /entrez/eutils/efetch.fcgi?id=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                client.recv(10)
        assert efetch(box).status_code == 200

    def test_cut(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="cut"))
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
            efetch(box)

    def test_hang_ends_after_its_time(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="hang", seconds=0.05))
        with pytest.raises(requests.ConnectionError):
            efetch(box)
        box.fail(Fault(path="efetch", kind="hang", seconds=60))
        with pytest.raises(requests.ReadTimeout):
            efetch(box, timeout=0.1)

    def test_drip(self, box: Sandbox) -> None:
        box.fail(Fault(path="efetch", kind="drip", seconds=0.001, amount=5_000))
        assert efetch(box).content == efetch(box).content

    def test_gzip_bomb(self, box: Sandbox) -> None:
        box.fail(Fault(path="feeds/", kind="gzip-bomb", amount=20))
        with requests.get(box.feed_url(FEED), stream=True, timeout=30) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            body = answer.raw.read(decode_content=False)
        assert len(body) < 100_000
        assert len(gzip.decompress(body)) > 20_000_000

    def test_huge(self, box: Sandbox) -> None:
        box.fail(Fault(path="feeds/", kind="huge", amount=3))
        answer = feed(box)
        assert len(answer.content) > 3_000_000
        assert "Content-Length" not in answer.headers

    def test_endless(self, box: Sandbox) -> None:
        box.fail(Fault(path="feeds/", kind="huge", amount=0))
        with requests.get(box.feed_url(FEED), stream=True, timeout=30) as answer:
            assert sum(len(part) for part in islice(answer.iter_content(100_000), 60)) > 5_000_000

    def test_closes_at_once_whatever_goes_on(self) -> None:
        with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
            box.fail(Fault(path="efetch", kind="hang", seconds=3600))
            box.fail(Fault(path="feeds/", kind="drip", seconds=3600))
            port = int(box.url.split(":")[2].strip("/"))
            clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
            clients[0].sendall(b"GET /entrez/eutils/efetch.fcgi?id=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            clients[1].sendall(b"GET /feeds/journal-of-invented-psychiatry.xml HTTP/1.1\r\nHost: x\r\n\r\n")
            while len(box.requests) < 2:
                time.sleep(0.01)
            # Three connections are open: one hangs, one drips, one has said nothing. The test's own time limit
            # is what fails if closing waits for any of them.
        for client in clients:
            # One that was not accepted yet is reset instead of ended.
            with client, suppress(ConnectionResetError):
                client.settimeout(30)
                while client.recv(65_536):
                    pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))

    def test_a_client_that_goes_away_leaves_nothing_open(self) -> None:
        with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as box:
            box.fail(Fault(path="feeds/", kind="huge", amount=0, times=None))
            for _ in range(5):
                with socket.create_connection(("127.0.0.1", int(box.url.split(":")[2].strip("/")))) as client:
                    client.sendall(b"GET /feeds/journal-of-invented-psychiatry.xml HTTP/1.1\r\nHost: x\r\n\r\n")
                    client.recv(1000)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            gc.collect()
        assert [str(warning.message) for warning in caught] == []

    def test_a_request_that_is_too_large(self, box: Sandbox) -> None:
        with socket.create_connection(("127.0.0.1", int(box.url.split(":")[2].strip("/")))) as client:
            client.sendall(b"POST /entrez/eutils/efetch.fcgi HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n")
            assert b" 413 " in client.recv(100)


class TestFeeds:
    def test_every_dialect_is_what_feedparser_reads(self, box: Sandbox) -> None:
        versions = {}
        for name in box.feed_names:
            parsed = feedparser.parse(requests.get(box.feed_url(name), timeout=30).content)
            assert not parsed.bozo
            assert parsed.feed.title.endswith("(invented sample)")
            assert len(parsed.entries) >= 3
            assert all(entry.title.endswith("(invented sample)") for entry in parsed.entries)
            versions[name] = parsed.version
        assert sorted(versions.values()) == ["atom10", "rss10", "rss20", "rss20"]

    def test_where_each_dialect_has_its_doi(self, box: Sandbox) -> None:
        def entries(name: str) -> list[feedparser.FeedParserDict]:
            return list(feedparser.parse(requests.get(box.feed_url(name), timeout=30).content).entries)

        assert all(entry.prism_doi.startswith("10.5555/") for entry in entries(FEED))
        assert all(entry.dc_identifier.startswith("doi:10.5555/") for entry in entries("mockRxiv Psychiatry"))
        assert any("doi.org/10.5555/" in entry.summary for entry in entries("Transactions in Notional Medicine"))
        assert not any("published" in entry for entry in entries("Transactions in Notional Medicine"))

    def test_shows_what_has_appeared_newest_first(self, box: Sandbox) -> None:
        later = feedparser.parse(feed(box).content).entries
        box.now = NOW - timedelta(days=7)
        earlier = feedparser.parse(feed(box).content).entries
        assert {entry.id for entry in earlier} < {entry.id for entry in later}
        assert [entry.published_parsed for entry in later] == sorted(
            (entry.published_parsed for entry in later), reverse=True
        )
        box.now = NOW - timedelta(days=900)
        assert feedparser.parse(feed(box).content).entries == []

    def test_conditional_requests(self, box: Sandbox) -> None:
        first = feed(box)
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        same = feed(box, **{"If-None-Match": f'"other", W/{etag}'})
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", etag)
        assert feed(box, **{"If-Modified-Since": modified}).status_code == 304
        assert feed(box, **{"If-Modified-Since": "nonsense"}).status_code == 200
        assert feed(box, **{"If-None-Match": '"other"', "If-Modified-Since": modified}).status_code == 200
        box.now -= timedelta(days=7)
        assert feed(box, **{"If-None-Match": etag}).status_code == 200

    def test_feeds_of_ones_own(self, box: Sandbox) -> None:
        url = box.serve_feed("My Own", b"<rss version='2.0'><channel/></rss>", content_type="text/xml")
        answer = requests.get(url, timeout=30)
        assert (answer.content, answer.headers["Content-Type"]) == (b"<rss version='2.0'><channel/></rss>", "text/xml")
        assert "My Own" in box.feed_names
        assert requests.get(url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=30).status_code == 304
        with pytest.raises(KeyError):
            box.feed_url("No such feed")
