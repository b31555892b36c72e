"""The embedded E-utilities over a real socket: what a client of NCBI meets when all is well."""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests
from Bio import Entrez, Medline

from harvester.sandbox import Corpus, Sandbox, Version, build_invented
from tests.conftest import invented_corpus

NOW = datetime(2031, 3, 12, 6, tzinfo=UTC)


def record(pmid: int, day: date) -> Version:
    parts = f"<Year>{day.year}</Year><Month>{day.month}</Month><Day>{day.day}</Day>"
    xml = (
        f'<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
        f"<Article><ArticleTitle>Ketamine {pmid}</ArticleTitle></Article></MedlineCitation><PubmedData><History>"
        f'<PubMedPubDate PubStatus="entrez">{parts}</PubMedPubDate></History></PubmedData></PubmedArticle>'
    )
    return Version(pmid=str(pmid), since=day, xml=xml.encode())


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(invented_corpus(NOW), now=NOW, rate_limit=False) as server:
        yield server


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    """More than PubMed lists: 10,500 records, 500 a day."""
    corpus = Corpus([record(1000 + n, NOW.date() - timedelta(days=n // 500)) for n in range(10_500)])
    with Sandbox(corpus, now=NOW, rate_limit=False) as server:
        yield server


def ask(box: Sandbox, program: str, **params: str | int) -> requests.Response:
    return requests.get(f"{box.pubmed_url}{program}.fcgi", params={"db": "pubmed", **params}, timeout=60)


def search(box: Sandbox, **params: str | int) -> dict[str, Any]:
    result: dict[str, Any] = ask(box, "esearch", retmode="json", **params).json()["esearchresult"]
    return result


class TestESearch:
    def test_json(self, box: Sandbox) -> None:
        result = search(box, term="ketamin*[tiab]", retmax=5)
        assert int(result["count"]) > 30
        assert len(result["idlist"]) == int(result["retmax"]) == 5
        assert result["retstart"] == "0"
        assert result["querytranslation"] == '"ketamin*"[Title/Abstract]'
        assert "webenv" not in result

    def test_pages_are_the_whole_without_overlap(self, box: Sandbox) -> None:
        whole = search(box, term="ketamin*[tiab]", retmax=1000)
        pages = [search(box, term="ketamin*[tiab]", retmax=7, retstart=n)["idlist"] for n in range(0, 70, 7)]
        assert [pmid for page in pages for pmid in page] == whole["idlist"]
        assert len(whole["idlist"]) == int(whole["count"])

    def test_xml_is_what_biopython_reads(self, box: Sandbox) -> None:
        answer = ask(box, "esearch", term="ketamin*[tiab] AND deppression[tiab]", retmax=3, usehistory="y")
        read = Entrez.read(io.BytesIO(answer.content), validate=False)  # type: ignore[no-untyped-call]
        expected = search(box, term="ketamin*[tiab]", retmax=3)
        assert read["Count"] == expected["count"]
        assert list(read["IdList"]) == expected["idlist"]
        assert read["ErrorList"]["PhraseNotFound"] == ["deppression[tiab]"]
        assert read["WebEnv"]

    def test_names_what_it_did_not_find(self, box: Sandbox) -> None:
        result = search(box, term='the ketamine AND deppression[tiab] AND qqx[nonsense] AND "zz qq"[ti]')
        assert result["errorlist"]["phrasesnotfound"] == ["deppression[tiab]", "qqx"]
        assert result["errorlist"]["fieldsnotfound"] == ["nonsense"]
        assert result["warninglist"]["quotedphrasesnotfound"] == ['"zz qq"[Title]']
        assert result["warninglist"]["phrasesignored"] == ["the"]

    def test_nothing_found(self, box: Sandbox) -> None:
        result = search(box, term="zzqqxx")
        assert (result["count"], result["idlist"]) == ("0", [])
        assert result["warninglist"]["outputmessages"] == ["No items found."]

    def test_nothing_asked(self, box: Sandbox) -> None:
        assert "Empty term" in search(box, term=" ")["ERROR"]
        assert "<ERROR>Empty term" in ask(box, "esearch").text

    def test_brackets_only_break_the_backend(self, box: Sandbox) -> None:
        assert "Search Backend failed" in search(box, term="((")["ERROR"]

    def test_other_databases_do_not_exist(self, box: Sandbox) -> None:
        assert "Invalid db name" in search(box, db="pmc", term="ketamine")["ERROR"]

    @pytest.mark.parametrize(
        "limits",
        [
            {"datetype": "crdt", "mindate": "2031/03/10", "maxdate": "2031/03/12"},
            {"datetype": "edat", "mindate": "2031/03/10", "maxdate": "2031/03/12"},
            {"datetype": "mdat", "mindate": "2031/03", "maxdate": "2031/03"},
            {"datetype": "crdt", "reldate": 2},
        ],
    )
    def test_date_limits_are_the_same_as_in_the_query(self, box: Sandbox, limits: dict[str, str | int]) -> None:
        field = limits["datetype"]
        ends = {"2031/03": "2031/03/01:2031/03/31"}.get(str(limits.get("mindate")), "2031/03/10:2031/03/12")
        by_params = search(box, term="ketamin*[tiab]", retmax=100, **limits)
        by_query = search(box, term=f"ketamin*[tiab] AND {ends}[{field}]", retmax=100)
        assert by_params["idlist"] == by_query["idlist"]
        assert 0 < int(by_params["count"]) < int(search(box, term="ketamin*[tiab]")["count"])

    def test_sorted_by_publication(self, box: Sandbox) -> None:
        late = search(box, term="melancholia[ti]")["idlist"]
        assert search(box, term="ketamin*[tiab]", sort="pub_date", retmax=100)["idlist"][-1:] == late
        assert search(box, term="ketamin*[tiab]", retmax=100)["idlist"][-1:] != late


class TestTheLimitOf9999:
    def test_lists_no_more(self, large: Sandbox) -> None:
        result = search(large, term="ketamine[ti]", retmax=20_000)
        assert result["count"] == "10500"
        assert len(result["idlist"]) == 9_999

    def test_refuses_a_later_start_in_broken_json(self, large: Sandbox) -> None:
        assert len(search(large, term="ketamine[ti]", retstart=9_998, retmax=10)["idlist"]) == 1
        answer = ask(large, "esearch", term="ketamine[ti]", retmode="json", retstart=9_999)
        assert answer.status_code == 200
        with pytest.raises(json.JSONDecodeError, match="control character"):
            json.loads(answer.text)
        assert "9998" in json.loads(answer.text, strict=False)["esearchresult"]["ERROR"]
        assert "<ERROR>" in ask(large, "esearch", term="ketamine[ti]", retstart=9_999).text

    def test_the_history_does_not_lift_it(self, large: Sandbox) -> None:
        result = search(large, term="ketamine[ti]", usehistory="y", retmax=0)
        answer = ask(large, "efetch", retmode="xml", WebEnv=result["webenv"], query_key=1, retstart=9_990, retmax=500)
        assert answer.text.count("<PubmedArticle>") == 9

    def test_parts_by_date_are_complete(self, large: Sandbox) -> None:
        days = [NOW.date() - timedelta(days=n) for n in range(21)]
        parts = [search(large, term=f"ketamine[ti] AND {day:%Y/%m/%d}[crdt]", retmax=9_999) for day in days]
        assert len({pmid for part in parts for pmid in part["idlist"]}) == 10_500


class TestHistory:
    def test_search_then_fetch(self, box: Sandbox) -> None:
        result = search(box, term="bipolar[tiab]", usehistory="y")
        fetched = ask(box, "efetch", retmode="xml", WebEnv=result["webenv"], query_key=result["querykey"])
        assert set(re.findall(r'<MedlineCitation[^>]*><PMID Version="1">(\d+)', fetched.text)) == set(result["idlist"])

    def test_searches_combine(self, box: Sandbox) -> None:
        first = search(box, term="bipolar[tiab]", usehistory="y")
        second = search(box, term="subcutaneous[tiab]", usehistory="y", WebEnv=first["webenv"])
        assert (second["webenv"], second["querykey"]) == (first["webenv"], "2")
        both = search(box, term="#1 AND #2", WebEnv=first["webenv"])
        assert both["idlist"] == search(box, term="bipolar[tiab] AND subcutaneous[tiab]")["idlist"]
        assert search(box, query_key=1, WebEnv=first["webenv"])["idlist"] == first["idlist"]

    def test_post_then_fetch(self, box: Sandbox) -> None:
        ids = search(box, term="ketamin*[tiab]", retmax=3)["idlist"]
        posted = Entrez.read(io.BytesIO(ask(box, "epost", id=",".join(ids)).content), validate=False)  # type: ignore[no-untyped-call]
        fetched = ask(box, "efetch", retmode="xml", WebEnv=posted["WebEnv"], query_key=posted["QueryKey"], retmax=2)
        assert fetched.text.count("<PubmedArticle>") == 2

    def test_posting_nonsense(self, box: Sandbox) -> None:
        assert "<ERROR>" in ask(box, "epost", id="").text
        assert "<InvalidIdList><Id>x1</Id></InvalidIdList>" in ask(box, "epost", id="99000001,x1").text

    def test_an_environment_that_never_was(self, box: Sandbox) -> None:
        for program in ("efetch", "esummary"):
            answer = ask(box, program, retmode="xml", WebEnv="MCID_none", query_key=1)
            assert answer.status_code == 200
            assert "Unable to obtain query" in answer.text


class TestEFetch:
    def test_xml_is_what_biopython_reads(self, box: Sandbox) -> None:
        ids = search(box, term="ketamin*[tiab]", retmax=100)["idlist"]
        answer = ask(box, "efetch", retmode="xml", id=",".join(ids))
        assert "pubmed_250101.dtd" in answer.text.splitlines()[1]
        read = Entrez.read(io.BytesIO(answer.content), validate=True)  # type: ignore[no-untyped-call]
        assert [str(article["MedlineCitation"]["PMID"]) for article in read["PubmedArticle"]] == ids

    def test_unknown_pmids_are_left_out_without_a_word(self, box: Sandbox) -> None:
        assert ask(box, "efetch", retmode="xml", id="1,99000002,2").text.count("<PubmedArticle>") == 1
        none = ask(box, "efetch", retmode="xml", id="1")
        assert (none.status_code, none.text.count("PubmedArticle>")) == (200, 0)
        assert "<PubmedArticleSet></PubmedArticleSet>" in none.text

    @pytest.mark.parametrize("ids", ["", "x", "0"])
    def test_no_pmids(self, box: Sandbox, ids: str) -> None:
        answer = ask(box, "efetch", retmode="xml", id=ids)
        assert answer.status_code == 400
        assert answer.text.startswith("<eFetchResult><ERROR>")

    def test_many_pmids_only_by_post(self, box: Sandbox) -> None:
        ids = ",".join(str(99_000_001 + n) for n in range(201))
        assert ask(box, "efetch", retmode="xml", id=ids).status_code == 414
        answer = requests.post(f"{box.pubmed_url}efetch.fcgi", data={"id": ids, "retmode": "xml"}, timeout=60)
        assert answer.status_code == 200
        assert answer.text.count("<PubmedArticle>") > 50

    def test_repeated_parameters_are_one_list(self, box: Sandbox) -> None:
        answer = requests.get(
            f"{box.pubmed_url}efetch.fcgi",
            params=[("id", "99000001"), ("id", "99000002"), ("retmode", "xml")],
            timeout=60,
        )
        assert answer.text.count("<PubmedArticle>") == 2

    def test_a_deleted_record_is_named(self) -> None:
        day = NOW.date()
        versions = [record(1, day), record(2, day), Version(pmid="2", since=day + timedelta(days=1), xml=None)]
        with Sandbox(Corpus(versions), now=NOW) as box:
            assert "DeleteCitation" not in ask(box, "efetch", retmode="xml", id="1,2").text
            box.now += timedelta(days=1)
            text = ask(box, "efetch", retmode="xml", id="1,2").text
            assert text.count("<PubmedArticle>") == 1
            assert '<DeleteCitation><PMID Version="1">2</PMID></DeleteCitation>' in text

    def test_medline_is_what_biopython_reads(self, box: Sandbox) -> None:
        answer = ask(box, "efetch", rettype="medline", retmode="text", id="99000001,99000003")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            first, second = Medline.parse(io.StringIO(answer.text))  # type: ignore[no-untyped-call]
        assert first["PMID"] == "99000001"
        assert first["TI"].startswith("Esketamine nasal spray versus")
        assert first["AB"].startswith("OBJECTIVE: To compare")
        assert first["AID"] == ["10.5555/jip.0001 [doi]"]
        assert len(first["AU"]) == len(first["FAU"]) == 8
        assert first["CN"] == ["BORROWED-LIGHT Study Group"]
        assert "*Depressive Disorder, Treatment-Resistant/drug therapy" in first["MH"]
        assert "Retracted Publication" in second["PT"]
        assert second["RIN"][0].endswith(("PMID: 99000022", "PMID: 99000021"))
        assert first["CRDT"] == ["2031/02/28 00:00"]

    def test_text_and_lists(self, box: Sandbox) -> None:
        assert "PMID: 99000001" in ask(box, "efetch", id="99000001").text
        assert ask(box, "efetch", id="99000001,1", rettype="uilist").text == "99000001\n"


class TestESummaryAndEInfo:
    def test_summaries(self, box: Sandbox) -> None:
        result = ask(box, "esummary", id="99000001,5", retmode="json").json()["result"]
        assert result["uids"] == ["99000001", "5"]
        assert result["99000001"]["fulljournalname"] == "Journal of Invented Psychiatry"
        assert {"idtype": "doi", "idtypen": 1, "value": "10.5555/jip.0001"} in result["99000001"]["articleids"]
        assert result["5"] == {"uid": "5", "error": "cannot get document summary"}
        assert "<Id>99000001</Id>" in ask(box, "esummary", id="99000001,5").text

    def test_no_ids(self, box: Sandbox) -> None:
        assert ask(box, "esummary", retmode="json").json()["esummaryresult"] == ["Empty id list - nothing todo"]

    def test_databases_and_fields(self, box: Sandbox) -> None:
        url = f"{box.pubmed_url}einfo.fcgi"
        assert requests.get(url, params={"retmode": "json"}, timeout=60).json()["einforesult"]["dblist"] == ["pubmed"]
        assert "<DbName>pubmed</DbName>" in requests.get(url, timeout=60).text
        info = ask(box, "einfo", retmode="json").json()["einforesult"]["dbinfo"][0]
        assert int(info["count"]) > 50
        assert {"TIAB", "CRDT", "EDAT", "MDAT"} <= {field["name"] for field in info["fieldlist"]}
        assert "<Name>TIAB</Name>" in ask(box, "einfo").text
        assert "ERROR" in ask(box, "einfo", db="protein", retmode="json").json()["einforesult"]


class TestManners:
    def test_three_a_second_then_429(self) -> None:
        seconds = iter([100.0] * 4 + [101.0])
        with Sandbox(now=NOW, clock=lambda: next(seconds)) as box:
            answers = [ask(box, "einfo") for _ in range(4)]
            assert ask(box, "einfo").status_code == 200
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        refused = answers[-1]
        assert refused.headers["Retry-After"] == "2"
        assert refused.headers["X-RateLimit-Limit"] == "3"
        assert refused.json() == {
            "error": "API rate limit exceeded",
            "api-key": "127.0.0.1",
            "count": "4",
            "limit": "3",
        }

    def test_ten_a_second_with_the_key(self) -> None:
        with Sandbox(now=NOW, api_key="invented-key") as box:
            answers = [ask(box, "einfo", api_key="invented-key") for _ in range(4)]
            wrong = ask(box, "einfo", api_key="other")
            logged = list(box.requests)
        assert {answer.status_code for answer in answers} == {200}
        assert answers[0].headers["X-RateLimit-Limit"] == "10"
        assert wrong.status_code == 400
        assert wrong.json()["error"] == "API key invalid"
        assert all(request.params["api_key"] == "***" for request in logged)
        assert "invented-key" not in repr(logged)

    def test_requests_are_logged(self, box: Sandbox) -> None:
        requests.post(
            f"{box.pubmed_url}esearch.fcgi",
            data={"term": "x", "tool": "test"},
            headers={"User-Agent": "me/1"},
            timeout=60,
        )
        last = box.requests[-1]
        assert (last.method, last.path, last.user_agent) == ("POST", "/entrez/eutils/esearch.fcgi", "me/1")
        assert last.params == {"term": "x", "tool": "test"}

    def test_a_later_week_shows_more(self) -> None:
        with Sandbox(build_invented(NOW), now=NOW - timedelta(days=7), rate_limit=False) as box:
            before = search(box, term="ketamin*[tiab]")["count"]
            box.now = NOW
            assert int(search(box, term="ketamin*[tiab]")["count"]) > int(before)

    @pytest.mark.parametrize("path", ["", "entrez/eutils/espell.fcgi", "entrez/eutils/a/b.fcgi", "feeds/none.xml"])
    def test_elsewhere_is_nothing(self, box: Sandbox, path: str) -> None:
        assert requests.get(box.url + path, timeout=60).status_code == 404

    def test_wants_an_aware_clock(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            Sandbox(now=datetime(2031, 3, 12))  # noqa: DTZ001 - the mistake
