"""What NCBI's E-utilities answer (https://www.ncbi.nlm.nih.gov/books/NBK25499/), on the corpus.

Where NCBI is odd, so is this: errors inside a 200, a raw line break inside a JSON string, unknown PMIDs left out
without a word, hits listed up to the 9,999th only, the history server included.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape

from harvester.sandbox import formats
from harvester.sandbox.corpus import Corpus
from harvester.sandbox.evaluate import QueryError, SearchResult, search
from harvester.sandbox.record_view import parse_day
from harvester.sandbox.responses import Answer, error_inside, html_answer, json_answer, xml_answer

LISTED = 9_999  # "ESearch can only retrieve the first 9,999 records matching the query" (NBK25499)
LARGEST_PAGE = 10_000  # retmax of ESearch and EFetch (NBK25499)
IDS_IN_GET = 200  # "if more than about 200 UIDs are to be provided, use HTTP POST" (NBK25499)
_DATE_TYPES = {"crdt": "crdt", "edat": "edat", "mdat": "mdat", "lr": "mdat", "mhda": "mhda", "pdat": "pdat"}
_ESEARCH_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
)
_EPOST_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE ePostResult PUBLIC "-//NLM//DTD epost 20090526//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20090526/epost.dtd">\n'
)
_EFETCH_HEAD = (
    '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
)


@dataclass(slots=True)
class _Stored:
    """One search or list on the history server."""

    numbers: list[int]  # states in the corpus, for #1 in a later query
    pmids: list[str]


@dataclass(slots=True)
class _Environment:
    queries: list[_Stored] = field(default_factory=list)


class Eutils:
    """The five programs that a harvester needs, on one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._lock = threading.Lock()
        self._history: dict[str, _Environment] = {}
        self._made = 0

    def forget_history(self) -> None:
        """Let every WebEnv expire."""
        with self._lock:
            self._history.clear()

    def answer(self, program: str, params: dict[str, str], today: date, *, method: str, vanished: int = 0) -> Answer:
        """Answer a request.

        Parameters
        ----------
        program
            ``esearch``, ``epost``, ``efetch``, ``esummary`` or ``einfo``.
        params
            The request's parameters.
        today
            The day on which it is asked.
        method
            ``GET`` or ``POST``.
        vanished
            How many of the newest hits a search does not find (``count-changes``, ``count-grows``).
        """
        as_json = params.get("retmode", "").lower() == "json"
        if program == "einfo":
            return self._einfo(params, as_json=as_json, today=today)
        if params.get("db", "pubmed") != "pubmed":
            text = f"Invalid db name specified: {params['db']}"
            return _error(program, text, as_json=as_json)
        if program == "esearch":
            return self._esearch(params, today, as_json=as_json, vanished=vanished)
        if method == "GET" and params.get("id", "").count(",") >= IDS_IN_GET:
            return html_answer("414 Request-URI Too Large", "Use POST for so many ids.", status=414)
        if program == "epost":
            return self._epost(params, today)
        if program == "efetch":
            return self._efetch(params, today)
        if program == "esummary":
            return self._esummary(params, today, as_json=as_json)
        return html_answer("404 Not Found", "There is no such program.", status=404)

    def _esearch(self, params: dict[str, str], today: date, *, as_json: bool, vanished: int) -> Answer:
        term = params.get("term", "").strip()
        environment = self._environment(params.get("WebEnv", ""))
        if not term and params.get("query_key") and environment:
            term = f"#{params['query_key']}"
        if not term:
            return _error("esearch", "Empty term and query_key - nothing todo", as_json=as_json)
        start, size = _number(params, "retstart", 0), _number(params, "retmax", 20)
        if start > LISTED - 1:
            return error_inside("raw-newline", "esearch", as_json=as_json)
        try:
            result = search(self._corpus, _with_dates(term, params, today), today, history=_earlier(environment))
        except QueryError:
            return error_inside("unavailable", "esearch", as_json=as_json)
        index = self._corpus.index
        numbers = result.numbers[vanished:]
        if params.get("sort", "").replace("+", " ").lower() in ("pub_date", "pub date", "pubdate"):
            numbers = sorted(numbers, key=index.published.__getitem__, reverse=True)
        pmids = [index.pmids[number] for number in numbers]
        page = pmids[start : min(start + min(size, LARGEST_PAGE), LISTED)]
        stored: tuple[str, str] | None = None
        if params.get("usehistory", "").lower() == "y":
            stored = self._store(params.get("WebEnv", ""), numbers, pmids)
        write = _esearch_json if as_json else _esearch_xml
        return write(result, page, count=len(pmids), start=start, stored=stored)

    def _epost(self, params: dict[str, str], today: date) -> Answer:
        ids, wrong = _ids(params)
        if not ids:
            return xml_answer(
                f"{_EPOST_HEAD}<ePostResult>\n\t<ERROR>Empty ID list; Nothing to store</ERROR>\n</ePostResult>\n"
            )
        environment, key = self._store(params.get("WebEnv", ""), [], ids)
        invalid = (
            f"\n\t<InvalidIdList>{''.join(f'<Id>{escape(word)}</Id>' for word in wrong)}</InvalidIdList>"
            if wrong
            else ""
        )
        body = f"<QueryKey>{key}</QueryKey>\n\t<WebEnv>{environment}</WebEnv>"
        return xml_answer(f"{_EPOST_HEAD}<ePostResult>{invalid}\n\t{body}\n</ePostResult>\n")

    def _efetch(self, params: dict[str, str], today: date) -> Answer:
        ids = self._asked_for(params)
        if ids is None:
            return _error("efetch", "Unable to obtain query #1", as_json=False)
        if not ids:
            text = "ID list is empty! Possibly it has no correct IDs."
            return xml_answer(f"<eFetchResult><ERROR>{text}</ERROR></eFetchResult>", status=400)
        known = {pmid: xml for pmid in dict.fromkeys(ids) if (xml := self._corpus.record(pmid, today)) is not None}
        kind, mode = params.get("rettype", "").lower(), params.get("retmode", "").lower()
        if kind == "uilist":
            return Answer(body="".join(f"{pmid}\n" for pmid in known).encode())
        if mode != "xml":  # the default has been text since November 2022
            write = formats.medline if kind == "medline" else formats.abstract
            return Answer(body="\n".join(write(xml) for xml in known.values()).encode())
        if not known:
            return xml_answer('<?xml version="1.0" ?>\n<PubmedArticleSet></PubmedArticleSet>\n')
        deleted = [pmid for pmid in dict.fromkeys(ids) if self._corpus.is_deleted(pmid, today)]
        tail = "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in deleted)
        tail = f"<DeleteCitation>{tail}</DeleteCitation>\n" if tail else ""
        body = b"\n".join(known.values())
        return xml_answer(
            _EFETCH_HEAD.encode() + b"<PubmedArticleSet>\n" + body + f"\n{tail}</PubmedArticleSet>\n".encode()
        )

    def _esummary(self, params: dict[str, str], today: date, *, as_json: bool) -> Answer:
        ids = self._asked_for(params)
        if ids is None:
            return _error("esummary", "Unable to obtain query #1", as_json=as_json)
        if not ids:
            return _error("esummary", "Empty id list - nothing todo", as_json=as_json)
        summaries: dict[str, dict[str, object]] = {}
        for pmid in dict.fromkeys(ids):
            xml = self._corpus.record(pmid, today)
            summaries[pmid] = formats.summary(xml) if xml else {"uid": pmid, "error": "cannot get document summary"}
        if as_json:
            return json_answer(
                {"header": {"type": "esummary", "version": "0.3"}, "result": {"uids": list(summaries), **summaries}}
            )
        return xml_answer(formats.summaries_xml(summaries))

    def _einfo(self, params: dict[str, str], *, as_json: bool, today: date) -> Answer:
        if not params.get("db"):
            return formats.databases(as_json=as_json)
        if params["db"] != "pubmed":
            return _error("einfo", f"Can not retrieve DbInfo for db={params['db']}", as_json=as_json)
        return formats.database_info(count=self._corpus.shown(today).bit_count(), today=today, as_json=as_json)

    def _environment(self, name: str) -> _Environment | None:
        with self._lock:
            return self._history.get(name)

    def _store(self, name: str, numbers: list[int], pmids: list[str]) -> tuple[str, str]:
        with self._lock:
            if name not in self._history:
                self._made += 1
                name = f"MCID_invented{self._made:024x}"
                self._history[name] = _Environment()
            # The history server does not lift the limit of 9,999.
            self._history[name].queries.append(_Stored(numbers[:LISTED], pmids[:LISTED]))
            return name, str(len(self._history[name].queries))

    def _asked_for(self, params: dict[str, str]) -> list[str] | None:
        """Return the PMIDs of the id list or of the history; None if the history does not hold them any more."""
        start, size = _number(params, "retstart", 0), min(_number(params, "retmax", LARGEST_PAGE), LARGEST_PAGE)
        if params.get("query_key"):
            environment, key = self._environment(params.get("WebEnv", "")), _number(params, "query_key", 0)
            if environment is None or not 1 <= key <= len(environment.queries):
                return None
            return environment.queries[key - 1].pmids[start : start + size]
        return _ids(params)[0][:LARGEST_PAGE]


def _earlier(environment: _Environment | None) -> Callable[[int], list[int] | None]:
    def numbers(key: int) -> list[int] | None:
        queries = environment.queries if environment else []
        return queries[key - 1].numbers if 1 <= key <= len(queries) else None

    return numbers


def _number(params: dict[str, str], name: str, default: int) -> int:
    text = params.get(name, "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else default


def _ids(params: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return the PMIDs of the id list and what in it is none."""
    words = re.split(r"[\s,]+", params.get("id", "").strip())
    ids = [word.lstrip("0") for word in words if re.fullmatch(r"0*[1-9][0-9]*", word)]
    return ids, [word for word in words if word and not re.fullmatch(r"0*[1-9][0-9]*", word)]


def _with_dates(term: str, params: dict[str, str], today: date) -> str:
    """Add the limits of datetype, mindate and maxdate, or of reldate, to a query."""
    name = _DATE_TYPES.get(params.get("datetype", "pdat").lower(), "pdat")
    ends = [parse_day(params.get(key, "")) for key in ("mindate", "maxdate")]
    if ends[0] and ends[1]:
        return f"({term}) AND {ends[0][0]:%Y/%m/%d}:{ends[1][1]:%Y/%m/%d}[{name}]"
    if days := _number(params, "reldate", 0):
        return f"({term}) AND {today - timedelta(days=days):%Y/%m/%d}:{today:%Y/%m/%d}[{name}]"
    return term


def _error(program: str, text: str, *, as_json: bool) -> Answer:
    result = {
        "esearch": "eSearchResult",
        "efetch": "eFetchResult",
        "epost": "ePostResult",
        "esummary": "eSummaryResult",
    }
    root = result.get(program, "eInfoResult")
    if as_json and program == "esummary":
        return json_answer({"header": {"type": program, "version": "0.3"}, "esummaryresult": [text]})
    if as_json:
        return json_answer({"header": {"type": program, "version": "0.3"}, root.lower(): {"ERROR": text}})
    return xml_answer(
        f'<?xml version="1.0" encoding="UTF-8" ?>\n<{root}>\n\t<ERROR>{escape(text)}</ERROR>\n</{root}>\n'
    )


def _esearch_json(
    result: SearchResult, page: list[str], *, count: int, start: int, stored: tuple[str, str] | None
) -> Answer:
    fields: dict[str, object] = {"count": str(count), "retmax": str(len(page)), "retstart": str(start)}
    if stored:
        fields |= {"querykey": stored[1], "webenv": stored[0]}
    fields |= {
        "idlist": page,
        "translationset": [{"from": source, "to": target} for source, target in result.translations],
        "querytranslation": result.translation,
    }
    if result.phrases_not_found or result.fields_not_found:
        fields["errorlist"] = {"phrasesnotfound": result.phrases_not_found, "fieldsnotfound": result.fields_not_found}
    if result.ignored or result.quoted_not_found or result.messages:
        fields["warninglist"] = {
            "phrasesignored": result.ignored,
            "quotedphrasesnotfound": result.quoted_not_found,
            "outputmessages": result.messages,
        }
    return json_answer({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": fields})


def _esearch_xml(
    result: SearchResult, page: list[str], *, count: int, start: int, stored: tuple[str, str] | None
) -> Answer:
    def elements(name: str, texts: list[str]) -> str:
        return "".join(f"<{name}>{escape(text, quote=False)}</{name}>" for text in texts)

    def wrapped(name: str, inside: str) -> str:
        return f"<{name}>{inside}</{name}>" if inside else ""

    history = f"<QueryKey>{stored[1]}</QueryKey><WebEnv>{stored[0]}</WebEnv>" if stored else ""
    ids = "".join(f"\n<Id>{pmid}</Id>" for pmid in page)
    sets = "".join(
        f"<Translation>{elements('From', [source])}{elements('To', [target])}</Translation>"
        for source, target in result.translations
    )
    errors = elements("PhraseNotFound", result.phrases_not_found) + elements("FieldNotFound", result.fields_not_found)
    warnings = (
        elements("PhraseIgnored", result.ignored)
        + elements("QuotedPhraseNotFound", result.quoted_not_found)
        + elements("OutputMessage", result.messages)
    )
    return xml_answer(
        f"{_ESEARCH_HEAD}<eSearchResult><Count>{count}</Count><RetMax>{len(page)}</RetMax>"
        f"<RetStart>{start}</RetStart>{history}"
        f"<IdList>{ids}\n</IdList><TranslationSet>{sets}</TranslationSet>"
        f"{elements('QueryTranslation', [result.translation])}"
        f"{wrapped('ErrorList', errors)}{wrapped('WarningList', warnings)}</eSearchResult>\n"
    )
