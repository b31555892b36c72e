"""The PubMed client, against a real server on loopback that answers as NCBI does, well and badly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harvester.ground.errors import FetchError
from harvester.ground.http import Answer, HttpOptions, PoliteSession
from harvester.sources.pubmed import client as pubmed
from harvester.sources.pubmed.answers import Fetched, Search
from harvester.sources.pubmed.client import Limits, PubmedClient
from harvester.sources.pubmed.query import build_term, lint_query
from harvester.sources.pubmed.settings import PubmedSettings
from tests.scripted_server import Reply, ScriptedServer, Seen, serve

QUICK = HttpOptions(connect_timeout=1, read_timeout=1, total_timeout=3, attempts=2, backoff_seconds=0.01, max_wait=0.1)
QUERY = "ketamin*[tiab] AND depress*[tiab]"

Script = list[Reply] | Callable[[Seen], Reply]
Saved = list[tuple[str, bytes]]


UNPACED = Limits(requests_without_key=1000)  # the server of the tests asks for no rate
SHORT_LISTS = Limits(requests_without_key=1000, listed=10)


@contextmanager
def asking(
    script: Script,
    *,
    api_key: str | None = None,
    query: str = QUERY,
    journals: tuple[str, ...] = (),
    saved: Saved | None = None,
    limits: Limits = UNPACED,
) -> Iterator[tuple[PubmedClient, ScriptedServer]]:
    """Give a client and the server that it asks."""

    def save(name: str, answer: Answer) -> None:
        assert saved is not None
        saved.append((name, answer.content))

    with serve(script) as server, PoliteSession("harvester/test", options=QUICK) as http:
        settings = PubmedSettings(query=query, base_url=server.url + "entrez/eutils/", journals=journals)
        client = PubmedClient(
            http,
            settings,
            "you@example.org",
            api_key,
            topic_words=["ketamin*"],
            save_raw=None if saved is None else save,
            limits=limits,
        )
        yield client, server


def found(pmids: list[str], *, count: int | None = None, **more: object) -> Reply:
    """Answer a search."""
    result = {"count": str(len(pmids) if count is None else count), "idlist": pmids, **more}
    return Reply(body=json.dumps({"header": {"type": "esearch"}, "esearchresult": result}).encode())


def record(pmid: str) -> str:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article>'
        f"<ArticleTitle>Invented paper {pmid}.</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    )


def records(pmids: list[str], *, dtd: str = "250101") -> Reply:
    """Answer a fetch."""
    head = (
        '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2099//EN" '
    )
    head += f'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_{dtd}.dtd">\n'
    body = "".join(map(record, pmids))
    return Reply(body=f"{head}<PubmedArticleSet>\n{body}</PubmedArticleSet>\n".encode())


def asked_for(seen: Seen) -> list[str]:
    return seen.form["id"].split(",")


def keys(fetched: Fetched) -> list[str]:
    return [item.source_key for item in fetched.records]


# Searching.


def test_a_search_is_one_polite_post() -> None:
    saved: Saved = []
    with asking([found(["2", "1"], querytranslation="understood")], api_key="k3y", saved=saved) as (client, server):
        result = client.search("x")
        (seen,) = server.seen
    assert result == Search(term="x", translation="understood", count=2, pmids=("2", "1"))
    assert (seen.method, seen.path, seen.query) == ("POST", "/entrez/eutils/esearch.fcgi", {})
    assert seen.form == {
        "db": "pubmed",
        "term": "x",
        "retmode": "json",
        "retmax": "9999",
        "tool": "harvester",
        "email": "you@example.org",
        "api_key": "k3y",
    }
    assert [name for name, _ in saved] == ["pubmed-esearch"]


@pytest.mark.parametrize(("api_key", "least"), [(None, 1 / 3), ("k3y", 1 / 10)])
def test_ncbis_rate_is_kept(api_key: str | None, least: float) -> None:
    with asking([found([])], api_key=api_key, limits=Limits()) as (client, server):
        for _ in range(3):
            client.search("x")
        times = [seen.at for seen in server.seen]
    assert times[2] - times[0] >= 2 * least - 0.03


def test_a_week_without_news_is_no_warning() -> None:
    silent = found([], warninglist={"outputmessages": ["No items found."]}, errorlist={})
    with asking([silent]) as (client, _):
        assert client.search("x") == Search(term="x", translation=None, count=0, pmids=())


def test_what_pubmed_did_not_understand_is_said_in_words() -> None:
    answer = found(
        ["1"],
        errorlist={"phrasesnotfound": ["ketamien"], "fieldsnotfound": ["tiabb"]},
        warninglist={
            "phrasesignored": ["the"],
            "quotedphrasesnotfound": ['"a b"'],
            "outputmessages": ["Wildcard\nsearch ignored"],
            "somethingnew": "odd",
        },
    )
    with asking([answer]) as (client, _):
        assert client.search("x").warnings == (
            "PubMed does not know 'ketamien' and searched without it",
            "PubMed has no field 'tiabb' and searched all fields instead",
            "PubMed ignored 'the'",
            "PubMed does not know the phrase '\"a b\"' and searched for its words",
            "PubMed says: Wildcard search ignored",
            "PubMed says (somethingnew): odd",
        )


BAD_SEARCHES = {
    "error": (b'{"esearchresult":{"ERROR":"Search Backend failed: Database is not supported"}}', "Database is not"),
    "raw-newline": (
        b'{"esearchresult":{"ERROR":"Search Backend failed: Exception:\n\'retstart\' is"}}',
        "'retstart' is",
    ),
    "error-beside-count": (b'{"esearchresult":{"count":"0","idlist":[],"ERROR":"Broken"}}', "Broken"),
    "rate": (b'{"error":"API rate limit exceeded","api-key":"1.2.3.4","count":"4"}', "API rate limit"),
    "html": (b"<html><body>Sorry</body></html>", "Sorry"),
    "error-in-xml": (b"<eSearchResult><ERROR>Search Backend\nfailed</ERROR></eSearchResult>", "Search Backend failed"),
    "empty": (b"", "nothing"),
    "list": (b"[]", "no search result"),
    "no-count": (b'{"esearchresult":{"idlist":[]}}', "without a count"),
    "ids-missing": (b'{"esearchresult":{"count":"5","idlist":["1","2"]}}', "counts 5 papers but lists 2"),
    "ids-doubled": (b'{"esearchresult":{"count":"2","idlist":["1","1"]}}', "counts 2 papers but lists 1"),
    "no-ids": (b'{"esearchresult":{"count":"2"}}', "counts 2 papers but lists 0"),
    "too-many-ids": (b'{"esearchresult":{"count":"1","idlist":["1","2"]}}', "counts 1 paper but lists 2"),
    "ids-of-no-form": (b'{"esearchresult":{"count":"1","idlist":"1"}}', "without a count"),
}


@pytest.mark.parametrize(("body", "words"), BAD_SEARCHES.values(), ids=BAD_SEARCHES)
def test_a_bad_answer_to_a_search_is_asked_again_and_then_an_error(body: bytes, words: str) -> None:
    saved: Saved = []
    with asking([Reply(body=body), found(["1"])], saved=saved) as (client, server):
        assert client.search("x").pmids == ("1",)
        assert len(server.seen) == 2
    assert len(saved) == 1  # only what was accepted is kept
    with asking([Reply(body=body)]) as (client, _), pytest.raises(FetchError) as caught:
        client.search("x")
    assert words in caught.value.message
    assert caught.value.source == "pubmed"
    assert "1.2.3.4" not in str(caught.value)


def test_a_rate_limit_is_waited_for() -> None:
    limit = Reply(status=429, headers={"Retry-After": "0.1"}, body=BAD_SEARCHES["rate"][0])
    with asking([limit, found(["1"])]) as (client, server):
        assert client.search("x").pmids == ("1",)
        assert server.seen[1].at - server.seen[0].at >= 0.1


def test_the_check_asks_for_a_number_only() -> None:
    with asking([found([], count=1234, querytranslation="t")]) as (client, server):
        result = client.check()
        (seen,) = server.seen
    assert (result.count, result.pmids, result.translation) == (1234, (), "t")
    assert (seen.form["term"], seen.form["retmax"]) == (QUERY, "0")


def test_the_check_asks_for_the_journals_too() -> None:
    """A journal that PubMed does not know is told before cron finds out."""
    unknown = found([], count=7, errorlist={"phrasesnotfound": ['"Lancett"[jour]']})
    with asking([unknown], journals=("Lancett",)) as (client, server):
        assert client.check().warnings == ("PubMed does not know '\"Lancett\"[jour]' and searched without it",)
        assert "Lancett[jour]" in server.seen[0].form["term"]


def test_a_query_that_finds_nothing_at_all_is_told_by_the_check() -> None:
    with asking([found([])]) as (client, _):
        assert client.check().warnings == ("no paper in PubMed matches the query",)


def test_every_search_of_a_run_says_what_is_probably_wrong_with_the_query() -> None:
    """And what PubMed made of it; the same in each part where it is split."""
    answer = found(["1"], warninglist={"phrasesignored": ["the"]})
    with asking([answer], query='"Ketamine"[Mesh] AND depress*[tiab]') as (client, _):
        (search,) = client.find(date(2026, 3, 1), date(2026, 3, 2))
    assert search.warnings == (
        'new papers have no MeSH terms for weeks and are missed; add words with [tiab] to: "Ketamine"[Mesh]',
        "PubMed ignored 'the'",
    )


# Windows, against a small PubMed that knows on which day each paper was created and revised.


class SmallPubmed:
    """Papers 1, 2, 3 …, each with the days on which it was created and last revised."""

    def __init__(self, days: list[tuple[date, date]], *, ignored: tuple[str, ...] = ()) -> None:
        self.papers = {str(number): day for number, day in enumerate(days, start=1)}
        self.ignored = ignored  # fields whose ranges it does not heed, except in the window itself

    def __call__(self, seen: Seen) -> Reply:
        matching = []
        for pmid, (created, revised) in self.papers.items():
            fields = {"crdt": created, "edat": created, "lr": revised}
            parts = seen.form["term"].split(" AND ")
            ranges = [re.findall(r"([\d/]+):([\d/]+)\[(\w+)\]", part) for part in parts]

            def holds(
                first: str, last: str, name: str, *, number: int = int(pmid), fields: dict[str, date] = fields
            ) -> bool:
                if name == "uid":
                    return int(first) <= number <= int(last)
                return first <= f"{fields[name]:%Y/%m/%d}" <= last

            heeded = [one for one in ranges if one and not (len(one) == 1 and one[0][2] in self.ignored)]
            if all(any(holds(*limits) for limits in one) for one in heeded):
                matching.append(pmid)
        return found(matching[: int(seen.form["retmax"])], count=len(matching))


def days_of(month: int, count: int) -> list[tuple[date, date]]:
    return [(date(2026, month, 1 + number % 28), date(2026, month, 28)) for number in range(count)]


def test_a_window_is_one_search_where_its_papers_fit() -> None:
    with asking(SmallPubmed(days_of(3, 20)), journals=("Invented Journal",)) as (client, server):
        (search,) = client.find(date(2026, 3, 1), date(2026, 3, 31))
        assert len(search.pmids) == 20
        assert len(server.seen) == 1
    assert search.term == build_term(QUERY, ["Invented Journal"], ["ketamin*"], date(2026, 3, 1), date(2026, 3, 31))


def test_a_window_of_more_papers_than_pubmed_lists_is_split() -> None:
    with asking(SmallPubmed(days_of(3, 20) + days_of(4, 15)), limits=SHORT_LISTS) as (client, _):
        searches = client.find(date(2026, 3, 1), date(2026, 4, 30))
    assert all(search.count == len(search.pmids) <= 10 for search in searches)
    assert {pmid for search in searches for pmid in search.pmids} == {str(number) for number in range(1, 36)}


def test_a_single_day_of_more_papers_than_pubmed_lists_is_split_by_their_creation() -> None:
    revised = date(2026, 12, 14)
    papers = [(date(1999 + number % 27, 1 + number % 12, 5), revised) for number in range(60)]
    with asking(SmallPubmed(papers), limits=SHORT_LISTS) as (client, _):
        searches = client.find(revised, revised)
    assert all(search.count == len(search.pmids) <= 10 for search in searches)
    assert sorted(int(pmid) for search in searches for pmid in search.pmids) == list(range(1, 61))


def test_a_day_of_bulk_loading_is_split_by_pmid() -> None:
    """More papers created on one day than PubMed lists, besides those of other days."""
    day = date(2026, 12, 14)
    with asking(SmallPubmed([(day, day)] * 45 + days_of(12, 28)), limits=SHORT_LISTS) as (client, _):
        searches = client.find(date(2026, 12, 1), date(2026, 12, 31))
    assert all(search.count == len(search.pmids) <= 10 for search in searches)
    assert sorted(int(pmid) for search in searches for pmid in search.pmids) == list(range(1, 74))
    assert {(search.since, search.until) for search in searches} == {(date(2026, 12, 1), date(2026, 12, 31))}


def test_records_that_were_created_after_the_window_are_in_it_where_they_were_entered_in_it() -> None:
    """PubMed enters a record that comes late under the day of its publication."""
    papers = [(date(2031, 1 + number % 12, 5), date(2026, 3, 15)) for number in range(30)]
    with asking(SmallPubmed(papers + days_of(3, 28)), limits=SHORT_LISTS) as (client, _):
        searches = client.find(date(2026, 3, 1), date(2026, 3, 31))
    assert sorted(int(pmid) for search in searches for pmid in search.pmids) == list(range(1, 59))


@pytest.mark.parametrize("since", [date(1, 1, 1), date(1960, 1, 1), date(2026, 3, 28)])
def test_a_backfill_may_begin_on_any_day(since: date) -> None:
    papers = [(date(1966 + number, 5, 5), date(2026, 3, 28)) for number in range(60)]
    with asking(SmallPubmed(papers), limits=SHORT_LISTS) as (client, _):
        searches = client.find(since, date(2026, 3, 31))
    assert sorted(int(pmid) for search in searches for pmid in search.pmids) == list(range(1, 61))


@pytest.mark.parametrize("ignored", [("uid",), ("uid", "crdt")])
def test_what_cannot_be_split_is_an_error_and_nothing_is_cut_off(ignored: tuple[str, ...]) -> None:
    """A server that does not heed ranges is not asked for ever."""
    day = date(2026, 12, 14)
    with (
        asking(SmallPubmed([(day, day)] * 11, ignored=ignored), limits=SHORT_LISTS) as (client, server),
        pytest.raises(FetchError, match="narrower"),
    ):
        client.find(day, day)
    assert len(server.seen) < 50


def test_parts_that_hold_less_than_the_whole_are_asked_again() -> None:
    """PubMed changes between two requests; what slid through is found when all is asked again."""
    ten = [str(n) for n in range(1, 11)]
    changing = [found(ten, count=15), found(["1"]), found(["2"]), found([])]
    replies = [*changing, found(ten, count=12), found(ten), found(["11", "12"]), found([])]
    with asking(replies, limits=SHORT_LISTS) as (client, server):
        parts = client.find(date(2026, 3, 1), date(2026, 3, 2))
        assert len(server.seen) == 8
    assert [part.count for part in parts] == [10, 2, 0]


def test_parts_that_never_hold_the_whole_are_an_error() -> None:

    def answer(seen: Seen) -> Reply:
        is_part = seen.form["term"].count("crdt") > 1
        return found(["1"]) if is_part else found([str(n) for n in range(1, 11)], count=15)

    with asking(answer, limits=SHORT_LISTS) as (client, server):
        with pytest.raises(FetchError, match="15 papers, but 3 when asked in parts"):
            client.find(date(2026, 3, 1), date(2026, 3, 2))
        assert len(server.seen) == 4 * pubmed.ROUNDS


MARCH = (date(2026, 3, 1), date(2026, 3, 21))


def test_a_search_that_finds_nothing_is_made_again() -> None:
    """A backend that fails may answer with an empty list."""
    with asking([found([]), found(["1"])]) as (client, _):
        assert [search.pmids for search in client.find(*MARCH)] == [("1",)]


def test_a_quiet_week_is_believed_where_chance_allows_it() -> None:
    with asking([found([]), found([]), found([], count=3_000)]) as (client, server):
        assert [(search.count, search.pmids) for search in client.find(*MARCH)] == [(0, ())]
        assert len(server.seen) == 3
        assert server.seen[2].form["term"] == QUERY


def test_a_query_that_matches_nothing_at_all_is_told() -> None:
    with asking([found([])]) as (client, _):
        (search,) = client.find(*MARCH)
    assert (search.count, search.warnings) == (0, ("no paper in PubMed matches the query",))


@pytest.mark.parametrize(("total", "has_found"), [(12_000, False), (0, True)])
def test_an_outage_does_not_pass_for_a_quiet_week(total: int, has_found: bool) -> None:
    with (
        asking([found([]), found([]), found([], count=total)]) as (client, _),
        pytest.raises(FetchError, match=f"{total} papers that match the query, and none of 21 days, which cannot be"),
    ):
        client.find(*MARCH, has_found=has_found)


def test_a_search_carries_what_its_log_needs() -> None:
    with asking([found(["1"], querytranslation="t")]) as (client, server):
        (search,) = client.find(date(2026, 3, 1), date(2026, 3, 2))
        assert search.url == f"{server.url}entrez/eutils/esearch.fcgi"
    assert (search.since, search.until) == (date(2026, 3, 1), date(2026, 3, 2))
    assert (search.count, search.pmids, search.translation) == (1, ("1",), "t")
    assert "2026/03/01:2026/03/02[crdt]" in search.term
    assert search.asked_at is not None
    assert search.asked_at.utcoffset() == timedelta(0)


# Fetching.


def test_records_are_fetched_in_batches_and_progress_is_told() -> None:
    pmids = [str(number) for number in range(1, 451)]
    told: list[int] = []
    saved: Saved = []
    with asking(lambda seen: records(asked_for(seen), dtd="990101"), saved=saved) as (client, server):
        fetched = client.fetch([*pmids, "1"], progress=told.append)
        sizes = [len(asked_for(seen)) for seen in server.seen]
    assert keys(fetched) == pmids
    assert (fetched.bad, fetched.deleted, fetched.missing, fetched.error) == ((), (), (), None)
    assert sizes == [200, 200, 50]
    assert told == [200, 400, 450]
    assert server.seen[0].form["retmode"] == "xml"
    assert [name for name, _ in saved] == ["pubmed-efetch"] * 3


def test_nothing_is_asked_for_nothing() -> None:
    with asking([Reply(status=500)]) as (client, server):
        assert client.fetch([]) == Fetched()
        assert server.seen == []


def test_an_answer_that_lacks_three_records_is_noticed_and_completed() -> None:
    def answer(seen: Seen) -> Reply:
        asked = asked_for(seen)
        return records(asked[:-3] if len(asked) > 20 else asked)

    pmids = [str(number) for number in range(1, 31)]
    with asking(answer) as (client, server):
        fetched = client.fetch(pmids)
        assert [asked_for(seen) for seen in server.seen][1:] == [["28", "29", "30"]]
    assert sorted(keys(fetched), key=int) == pmids
    assert fetched.missing == ()


def test_records_that_never_come_are_missing() -> None:
    with asking(lambda seen: records([pmid for pmid in asked_for(seen) if pmid != "7"])) as (client, server):
        fetched = client.fetch([str(number) for number in range(1, 11)])
        assert [len(asked_for(seen)) for seen in server.seen] == [10, 1, 1]
    assert fetched.missing == ("7",)
    assert len(fetched.records) == 9
    assert fetched.error is None


BAD_FETCHES = {
    "html": (Reply(body=b"<html>Sorry</html>"), "Sorry"),
    "error": (Reply(body=b"<eFetchResult><ERROR>Backend failed</ERROR></eFetchResult>"), "Backend failed"),
    "empty": (Reply(), "empty"),
    "cut": (Reply(body=records(["1"]).body[:-30], length=-1), "ends too early"),
    "text": (Reply(body=b"1. Invented paper 1. PMID: 1"), "Invented paper"),
    "502": (Reply(status=502, body=b"<html>Bad Gateway</html>"), "502"),
    "reset": (Reply(reset=True), "broke the connection"),
    "laughs": (Reply(body=b'<!DOCTYPE PubmedArticleSet [<!ENTITY a "b">]><PubmedArticleSet/>'), "declares entities"),
}


@pytest.mark.parametrize(("bad", "words"), BAD_FETCHES.values(), ids=BAD_FETCHES)
def test_a_bad_answer_to_a_fetch_is_asked_again_and_then_an_error(bad: Reply, words: str) -> None:
    with asking([bad, records(["1"])]) as (client, server):
        assert keys(client.fetch(["1"])) == ["1"]
        assert len(server.seen) == 2
    with asking([bad]) as (client, _):
        fetched = client.fetch(["1"])
    assert (fetched.records, fetched.missing) == ((), ("1",))
    assert fetched.error is not None
    assert words in fetched.error.message
    assert "efetch" in fetched.error.message


def test_batches_that_came_before_the_network_failed_are_kept() -> None:
    def answer(seen: Seen) -> Reply:
        return records(asked_for(seen)) if asked_for(seen)[0] == "1" else Reply(status=503)

    pmids = [str(number) for number in range(1, 1001)]
    with asking(answer) as (client, server):
        fetched = client.fetch(pmids)
        # The first batch, then two in vain, each tried twice: the server is down, and is left in peace.
        assert len(server.seen) == 1 + 2 * QUICK.attempts
    assert keys(fetched) == pmids[:200]
    assert list(fetched.missing) == pmids[200:]
    assert fetched.error is not None
    assert fetched.error.status == 503


def test_a_server_that_gives_well_formed_nothing_is_left_in_peace() -> None:
    pmids = [str(number) for number in range(1, 2001)]
    with asking([records([])]) as (client, server):
        fetched = client.fetch(pmids)
        assert len(server.seen) == 2
    assert list(fetched.missing) == pmids
    assert "none of the records" in str(fetched.error)


def test_one_record_that_breaks_every_answer_takes_no_other_with_it() -> None:
    def answer(seen: Seen) -> Reply:
        return Reply(status=500) if "30" in asked_for(seen) else records(asked_for(seen))

    pmids = [str(number) for number in range(1, 301)]
    with asking(answer) as (client, _):
        fetched = client.fetch(pmids)
    assert sorted(keys(fetched), key=int) == [pmid for pmid in pmids if pmid != "30"]
    assert fetched.missing == ("30",)
    assert fetched.error is not None


def test_when_too_many_are_missing_nobody_is_asked_for_singly() -> None:
    def answer(seen: Seen) -> Reply:
        return records(asked_for(seen)[: len(asked_for(seen)) // 2])

    with asking(answer) as (client, server):
        fetched = client.fetch([str(number) for number in range(1, 201)])
        assert min(len(asked_for(seen)) for seen in server.seen) == 20
    assert len(fetched.missing) == 50


def spoilt(pmids: list[str], bad: str, *, nameless: bool = False) -> Reply:
    """Answer a fetch with one record that is not well-formed."""
    body = records(pmids).body.decode()
    broken = record(bad).replace("<ArticleTitle>", "<ArticleTitle><broken>")
    if nameless:
        broken = broken.replace("<PMID", "<P").replace("</PMID", "</P")
    return Reply(body=body.replace(record(bad), broken).encode())


def test_a_bad_record_is_reported_and_the_others_live() -> None:
    with asking(lambda seen: spoilt(asked_for(seen), "2")) as (client, server):
        fetched = client.fetch(["1", "2", "3"])
        assert len(server.seen) == 2
    assert keys(fetched) == ["1", "3"]
    assert [(bad.pmid, "mismatched tag" in bad.reason) for bad in fetched.bad] == [("2", True)]
    assert (fetched.missing, fetched.error) == ((), None)


def test_a_record_that_was_damaged_on_its_way_is_whole_the_second_time() -> None:
    with asking([spoilt(["1", "2", "3"], "2"), records(["2"])]) as (client, _):
        fetched = client.fetch(["1", "2", "3"])
    assert (sorted(keys(fetched)), fetched.bad) == (["1", "2", "3"], ())


def test_a_bad_record_without_a_name_is_found_by_asking_singly() -> None:
    with asking(lambda seen: spoilt(asked_for(seen), "2", nameless=True)) as (client, _):
        fetched = client.fetch(["1", "2", "3"])
    assert keys(fetched) == ["1", "3"]
    assert [bad.pmid for bad in fetched.bad] == ["2"]
    assert fetched.missing == ()


def test_a_record_that_comes_twice_is_one() -> None:
    with asking([records(["1", "2", "1"])]) as (client, server):
        fetched = client.fetch(["1", "2"])
        assert len(server.seen) == 1
    assert (keys(fetched), fetched.bad, fetched.missing) == (["1", "2"], (), ())


def test_a_merged_record_is_taken_for_the_one_that_was_asked_for() -> None:
    """NLM has made one record of two: the PMID of the one gives the other."""

    def answer(seen: Seen) -> Reply:
        return records([{"2": "99"}.get(pmid, pmid) for pmid in asked_for(seen)])

    with asking(answer) as (client, _):
        fetched = client.fetch(["1", "2", "3"])
    assert sorted(keys(fetched), key=int) == ["1", "3", "99"]
    assert fetched.merged == (("2", "99"),)
    assert (fetched.missing, fetched.bad, fetched.error) == ((), (), None)
    with asking(answer) as (client, _):
        fetched = client.fetch(["2", "99"])
    assert (keys(fetched), fetched.merged, fetched.missing) == (["99"], (("2", "99"),), ())


def test_a_wrong_record_is_not_taken_for_the_one_that_was_asked_for() -> None:
    """Another one each time, or more than one: that is no merging."""
    replies = [records([str(number)]) for number in range(90, 100)]
    for script in (replies, [records(["98", "99"])]):
        with asking(script) as (client, _):
            fetched = client.fetch(["2"])
        assert (fetched.records, fetched.merged, fetched.missing) == ((), (), ("2",))
        assert {bad.reason for bad in fetched.bad} == {"it came without having been asked for"}


def test_a_deletion_of_what_was_not_asked_for_is_passed_over() -> None:
    body = records(["1"]).body.replace(
        b"</PubmedArticleSet>",
        b"<DeleteCitation><PMID>1</PMID><PMID>7</PMID></DeleteCitation></PubmedArticleSet>",
    )
    with asking([Reply(body=body)]) as (client, _):
        fetched = client.fetch(["1"])
    assert (keys(fetched), fetched.deleted) == (["1"], ())


@pytest.mark.parametrize("status", [400, 502])
def test_a_page_of_ncbis_backend_is_asked_again(status: int) -> None:
    page = Reply(status=status, body=b"<html><title>Error</title></html>", headers={"Content-Type": "text/html"})
    with asking([page, found(["1"])]) as (client, _):
        assert client.search("x").pmids == ("1",)


def test_a_request_that_is_too_long_is_made_in_smaller_ones() -> None:
    def answer(seen: Seen) -> Reply:
        return Reply(status=414) if len(asked_for(seen)) > 20 else records(asked_for(seen))

    pmids = [str(number) for number in range(1, 501)]
    with asking(answer) as (client, server):
        fetched = client.fetch(pmids)
        assert len(server.seen) == 1 + 25
    assert sorted(keys(fetched), key=int) == pmids
    assert (fetched.missing, fetched.error) == ((), None)


def test_a_key_that_ncbi_does_not_know_is_named_as_the_cause() -> None:
    body = b'{"error":"API key invalid","api-key":"k3y","type":"client","status":"unknown"}'
    with (
        asking([Reply(status=400, body=body)], api_key="k3y") as (client, _),
        pytest.raises(FetchError, match="API key invalid") as caught,
    ):
        client.search("x")
    assert "k3y" not in str(caught.value)


def test_records_that_nobody_asked_for_are_not_taken() -> None:
    with asking([records(["1", "99"])]) as (client, _):
        fetched = client.fetch(["1"])
    assert keys(fetched) == ["1"]
    assert [(bad.pmid, bad.reason) for bad in fetched.bad] == [("99", "it came without having been asked for")]


def test_deleted_records_are_neither_bad_nor_missing() -> None:
    body = records(["1"]).body.replace(
        b"</PubmedArticleSet>", b"<DeleteCitation><PMID>2</PMID></DeleteCitation></PubmedArticleSet>"
    )
    with asking([Reply(body=body)]) as (client, server):
        fetched = client.fetch(["1", "2"])
        assert len(server.seen) == 1
    assert (keys(fetched), fetched.deleted, fetched.missing) == (["1"], ("2",), ())


def test_the_key_is_in_no_error() -> None:
    with asking([Reply(status=500)], api_key="k3y") as (client, _):
        error = client.fetch(["1"]).error
    assert error is not None
    assert "k3y" not in f"{error} {error!r}"


# Terms.


def test_a_term_asks_for_created_entered_and_revised() -> None:
    term = build_term("a OR\n  b", [], [], date(2026, 1, 5), date(2026, 1, 5))
    day = "2026/01/05:2026/01/05"
    assert term == f"(a OR b) AND ({day}[crdt] OR {day}[edat] OR {day}[lr])"


def test_journals_are_added_with_the_topics_words() -> None:
    day = date(2026, 1, 1)
    term = build_term("q", ['Br J "Psychiatry"', "Lancet"], ["ketamin*", "s-ketamine"], day, day)
    titles, words = '"Br J Psychiatry"[jour] OR Lancet[jour]', 'ketamin*[tiab] OR "s-ketamine"[tiab]'
    assert term.startswith(f"((q) OR (({titles}) AND ({words}))) AND (2026/01/01:")


def test_terms_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="every paper"):
        build_term("q", ["Lancet"], [], date(2026, 1, 1), date(2026, 1, 2))
    with pytest.raises(ValueError, match="before it begins"):
        build_term("q", [], [], date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    "query",
    [
        "ketamine",
        QUERY,
        '("Ketamine"[Mesh] OR ketamin*[tiab]) AND (depress*[tiab] OR "Depression"[Mesh])',
        "treatment resistant depression[tiab] AND ketamine[tiab]",
        'ketamin*[tiab] NOT ("Animals"[Mesh] NOT "Humans"[Mesh])',
        'ketamine "rapid and lasting (or so)"[tiab]',
        "a OR (b AND c) OR d",
        '("Ketamine"[Mesh] AND "Depression"[Mesh]) OR ketamine[tiab]',
        "2020:2021[dp] AND ketamine",
        "ketamine[tiab] AND NOT animals[tiab]",
        '"s-keta*"[tiab] AND "use disorder*"[tiab]',
        "()",
        "",
    ],
)
def test_a_sound_query_raises_no_remark(query: str) -> None:
    assert lint_query(query) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("(a AND (b OR c)", "a parenthesis is opened and not closed: (a AND (b OR c)"),
        ("a) AND b", "a parenthesis is closed and not opened: a)"),
        ('"a OR b', 'a quotation mark is not closed: "a OR b'),
        ("a[tiab AND b", "the brackets around field names do not match"),
        ("a and b", "PubMed takes 'and' for a word; write AND, or quote the phrase"),
        ('"a b"[tiab] or c[tiab]', "PubMed takes 'or' for a word; write OR, or quote the phrase"),
        (
            "a OR b AND c",
            "AND and OR stand side by side and are read from left to right; put parentheses into: a OR b AND c",
        ),
        ("a AND OR b", "AND has nothing on one side: a AND"),
        ("OR a", "OR has nothing on one side: OR a"),
        ("(a OR) AND b", "OR has nothing on one side: (a OR"),
        ("a AND (NOT b)", "NOT has nothing on one side: NOT b)"),
        ("a AND", "AND has nothing on one side: a AND"),
        ("ket*[tiab] AND depress*[tiab]", "PubMed wants four letters before the asterisk: ket*"),
        ('"drug use*"[tiab] AND x', "PubMed wants four letters before the asterisk: use*"),
        ("x AND (a NOT b OR c)", "put parentheses into: (a NOT b OR c)"),
        ('"Ketamine"[Mesh] AND depress*', 'are missed; add words with [tiab] to: "Ketamine"[Mesh]'),
        (
            '("A"[Mesh:NoExp] OR "B"[majr]) AND x',
            'are missed; add words with [tiab] to: ("A"[Mesh:NoExp] OR "B"[majr])',
        ),
        ('x AND (y AND "B"[MeSH Terms])', '[tiab] to: "B"[MeSH Terms]'),
        ('(x OR "B"[mh]) AND "C"[Supplementary Concept]', '[tiab] to: "C"[Supplementary Concept]'),
    ],
)
def test_what_is_probably_wrong_with_a_query_is_remarked(query: str, words: str) -> None:
    (remark,) = lint_query(query)
    assert words in remark


def test_a_long_part_of_a_query_is_quoted_in_short() -> None:
    (remark,) = lint_query("(" + "ketamine AND " * 50 + "x")
    assert len(remark) < 120
    (remark,) = lint_query("ketamine AND " * 50 + "x)")
    assert remark.endswith("ketamine AND x)")
    assert len(remark) < 120


@given(st.text(alphabet='ab ()[]"*ANDORT', max_size=60))
@example("[(])")  # a tag's brackets and a parenthesis, crossed
def test_any_text_can_be_looked_at(query: str) -> None:
    assert all(remark and "\n" not in remark for remark in lint_query(query))
