"""PubMed, through NCBI's E-utilities.

A search asks for what was created, entered or revised in a window of days, lists every PMID in one answer, and
is split where the answer would be longer than NCBI lists.  A fetch counts what came against what was asked for.
Nothing is given up silently: what NCBI ignored, left out or could not deliver is in the result, in words.
Why so: docs/decisions/pubmed-search.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from harvester.config import PubmedSettings
from harvester.errors import FetchError, ParseError
from harvester.http import Answer, PoliteSession, RetryableError
from harvester.records import Record
from harvester.sources.pubmed_query import build_term, format_days, lint_query
from harvester.sources.pubmed_xml import BadRecord, DeletedPmids, parse_pubmed_xml
from harvester.text import normalise_pmid

# What NCBI allows (https://www.ncbi.nlm.nih.gov/books/NBK25497/): requests a second without and with a key.
REQUESTS_WITHOUT_KEY = 3
REQUESTS_WITH_KEY = 10
LISTED = 9_999  # ESearch lists no more of a PubMed search (https://www.ncbi.nlm.nih.gov/books/NBK25499/)
# Records a request: 200 is NCBI's own advice for one request, and an answer of 2 to 6 MB.  What is missing is
# asked for again in ever smaller portions, so that one record which breaks an answer takes few others with it.
BATCHES = (200, 20, 1)
MAX_SINGLES = 40  # so many are asked for one by one; if more are missing, the fault is not in single records
FAILURES_IN_A_ROW = 2  # batches that fail one after the other; then the server is down, and we stop
FIRST_DAY = date(1800, 1, 1)  # no record of PubMed was created before
SOURCE = "pubmed"

_WARNINGS = {
    "phrasenotfound": "PubMed does not know {!r} and searched without it",
    "fieldnotfound": "PubMed has no field {!r} and searched all fields instead",
    "phraseignored": "PubMed ignored {!r}",
    "quotedphrasenotfound": "PubMed does not know the phrase {!r} and searched for its words",
    "outputmessage": "PubMed says: {}",
}
_NO_WARNINGS = ("No items found.",)  # a week without news

__all__ = ["Fetched", "PubmedClient", "Search", "build_term", "lint_query"]

SaveRaw = Callable[[str, Answer], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What PubMed found."""

    term: str  # as we asked
    translation: str | None  # as PubMed understood it; None: it did not say
    count: int  # papers that match
    pmids: tuple[str, ...]  # all of them, in PubMed's order
    warnings: tuple[str, ...] = ()  # what PubMed ignored or did not know, one sentence each


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of the records that were asked for."""

    records: tuple[Record, ...] = ()
    bad: tuple[BadRecord, ...] = ()  # came, but could not be read
    deleted: tuple[str, ...] = ()  # PMIDs that NLM has withdrawn
    missing: tuple[str, ...] = ()  # PMIDs that did not come, for whatever reason
    error: FetchError | None = None  # the last request that failed, if that left records missing


class PubmedClient:
    """Ask PubMed.

    Parameters
    ----------
    http
        The session; from now on it keeps to NCBI's rate.
    settings
        The query, the journals, and where the E-utilities are.
    contact
        The address that NCBI writes to before it blocks a program.
    api_key
        NCBI's key, or None.
    topic_words
        What makes a paper of one of the settings' journals one on the topic.
    save_raw
        Is given each accepted answer, with a name for it.
    """

    def __init__(
        self,
        http: PoliteSession,
        settings: PubmedSettings,
        contact: str,
        api_key: str | None,
        *,
        topic_words: Sequence[str] = (),
        save_raw: SaveRaw | None = None,
    ) -> None:
        self._http = http
        self._settings = settings
        self._identity = {"tool": "harvester", "email": contact}
        if api_key:
            self._identity["api_key"] = api_key
        self._topic_words = tuple(topic_words)
        self._save_raw = save_raw
        http.pace(1 / (REQUESTS_WITH_KEY if api_key else REQUESTS_WITHOUT_KEY))

    def check(self) -> Search:
        """Ask how many papers the query finds at all, which shows whether PubMed is there and understands it.

        Returns
        -------
        Search
            Without PMIDs; its warnings say what PubMed did not understand.

        Raises
        ------
        FetchError
            If PubMed gives no usable answer.
        """
        return self._search(" ".join(self._settings.query.split()), lists=False)

    def search(self, term: str) -> Search:
        """Search for a term and list what was found, at most `LISTED` papers.

        Raises
        ------
        FetchError
            If PubMed gives no usable answer, or lists fewer papers than it counts.
        """
        return self._search(term, lists=True)

    def find(self, since: date, until: date) -> list[Search]:
        """Find what was created, entered or revised in a window, in as many searches as it takes.

        Parameters
        ----------
        since, until
            First and last day, both included.

        Returns
        -------
        list of Search
            In order of their days; a paper that was, say, created and later revised may be in two of them.

        Raises
        ------
        FetchError
            If PubMed gives no usable answer, or a search cannot be split into lists that are complete.
        """
        settings = self._settings
        term = build_term(settings.query, settings.journals, self._topic_words, since, until)
        found = self._search(term, lists=True)
        if found.count <= LISTED:
            return [found]
        if since < until:
            middle = since + (until - since) // 2
            halves = [*self.find(since, middle), *self.find(middle + timedelta(days=1), until)]
            return _check_parts(found, halves)
        # On a single day NLM may revise more than it lists, as each December when it applies new headings.
        return self._split_by_creation(found, FIRST_DAY, until + timedelta(days=1))

    def fetch(self, pmids: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Fetched:
        """Fetch records.

        Parameters
        ----------
        pmids
            Whose; asked for once each.
        progress
            Is told how many of them have been dealt with so far.

        Returns
        -------
        Fetched
            Whatever came, also where the network failed in between.
        """
        tally = _Tally(pmids)
        for size in BATCHES:
            # A record that was damaged on its way is whole the second time; one that is bad twice stays bad.
            wanted = tally.missing() if size == 1 else tally.unread()
            if not wanted or (size == 1 and len(wanted) > MAX_SINGLES):
                break
            tally.forget_strays()
            failures = 0
            for batch in _batches(wanted, size):
                try:
                    tally.add(batch, self._fetch_batch(batch))
                    failures = 0
                except FetchError as error:
                    tally.error = error
                    failures += 1
                if failures == FAILURES_IN_A_ROW:
                    return tally.close()
                if progress is not None:
                    progress(len(tally.asked) - len(tally.missing()))
        return tally.close()

    def _split_by_creation(self, whole: Search, since: date, until: date) -> list[Search]:
        """Split a search by the day on which records were created, of which each record has exactly one."""
        if since == until:
            raise FetchError(
                f"PubMed finds {whole.count} papers of a single day, and lists no more than {LISTED}",
                source=SOURCE,
                advice="make the query narrower",
            )
        middle = since + (until - since) // 2
        parts = []
        for first, last in ((since, middle), (middle + timedelta(days=1), until)):
            part = self._search(f"({whole.term}) AND {format_days(first, last)}[crdt]", lists=True)
            parts += [part] if part.count <= LISTED else self._split_by_creation(part, first, last)
        return _check_parts(whole, parts)

    def _search(self, term: str, *, lists: bool) -> Search:
        found: list[Search] = []

        def accept(answer: Answer) -> None:
            found[:] = [_read_search(answer.content, term, lists=lists)]

        self._ask("esearch", {"term": term, "retmode": "json", "retmax": str(LISTED if lists else 0)}, accept)
        return found[0]

    def _fetch_batch(self, pmids: Sequence[str]) -> list[Record | BadRecord | DeletedPmids]:
        items: list[Record | BadRecord | DeletedPmids] = []

        def accept(answer: Answer) -> None:
            try:
                items[:] = parse_pubmed_xml(answer.content)
            except ParseError as error:
                raise RetryableError(f"gave no usable records: {error.message}", status=answer.status) from error

        # Without retmode NCBI answers in text since November 2022.
        self._ask("efetch", {"id": ",".join(pmids), "retmode": "xml"}, accept)
        return items

    def _ask(self, program: str, fields: Mapping[str, str], accept: Callable[[Answer], None]) -> None:
        """Ask a program of the E-utilities.

        Always by POST: terms and lists of PMIDs outgrow an address, and a key in a form reaches no access log.
        """
        answer = self._http.post(
            f"{self._settings.base_url}{program}.fcgi",
            data={"db": "pubmed", **fields, **self._identity},
            source=SOURCE,
            accept=accept,
        )
        if self._save_raw is not None:
            self._save_raw(f"{SOURCE}-{program}", answer)


class _Tally:
    """What was asked for, and what has come of it so far."""

    def __init__(self, pmids: Sequence[str]) -> None:
        self.asked = tuple(dict.fromkeys(pmids))
        self.error: FetchError | None = None
        self._records: dict[str, Record] = {}
        self._bad: dict[str, BadRecord] = {}
        self._stray: list[BadRecord] = []  # bad ones that cannot be told whose they are, of the last batches
        self._deleted: dict[str, None] = {}

    def add(self, batch: Sequence[str], items: Sequence[Record | BadRecord | DeletedPmids]) -> None:
        """Note what came for a batch; of two versions of a record, the later one counts."""
        for item in items:
            if isinstance(item, DeletedPmids):
                self._deleted.update(dict.fromkeys(item.pmids))
            elif isinstance(item, BadRecord):
                pmid = item.pmid or (batch[0] if len(batch) == 1 else None)
                if pmid is not None and pmid in batch:
                    self._bad[pmid] = BadRecord(pmid=pmid, reason=item.reason)
                else:
                    self._stray.append(item)
            elif item.source_key in batch:
                self._records[item.source_key] = item
                self._bad.pop(item.source_key, None)
            else:
                reason = "it came without having been asked for"
                self._stray.append(BadRecord(pmid=item.source_key, reason=reason))

    def missing(self) -> list[str]:
        """Give the PMIDs of which nothing came, in the order in which they were asked for."""
        return [
            pmid for pmid in self.asked if not (pmid in self._records or pmid in self._bad or pmid in self._deleted)
        ]

    def unread(self) -> list[str]:
        """Give the PMIDs of which nothing came that could be read."""
        return [pmid for pmid in self.asked if pmid not in self._records and pmid not in self._deleted]

    def forget_strays(self) -> None:
        """Forget what could be ascribed to nobody: it is asked for again, in smaller batches."""
        self._stray = []

    def close(self) -> Fetched:
        """Give the result."""
        missing = self.missing()
        return Fetched(
            records=tuple(self._records.values()),
            bad=(*self._bad.values(), *self._stray),
            deleted=tuple(self._deleted),
            missing=tuple(missing),
            error=self.error if missing else None,
        )


def _batches(pmids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (pmids[start : start + size] for start in range(0, len(pmids), size))


def _check_parts(whole: Search, parts: list[Search]) -> list[Search]:
    """Make sure that the parts of a split search hold all of it."""
    listed = sum(part.count for part in parts)
    if listed < whole.count:
        raise FetchError(
            f"PubMed finds {whole.count} papers, but {listed} when asked in parts",
            source=SOURCE,
            advice="the next run asks again",
        )
    return parts


def _read_search(content: bytes, term: str, *, lists: bool) -> Search:
    """Read an answer of ESearch.

    Raises
    ------
    RetryableError
        If it is no answer, holds an error, or lists fewer papers than it counts.
    """
    try:
        # NCBI writes raw line breaks into the strings of its error messages.
        answer = json.loads(content.decode("utf-8", "replace"), strict=False)
    except ValueError as error:
        shown = " ".join(content[:60].decode("utf-8", "replace").split()) or "nothing"
        raise RetryableError(f"gave no search result but {shown!r}", status=200) from error
    result = answer.get("esearchresult") if isinstance(answer, dict) else None
    if not isinstance(result, dict):
        said = answer.get("error") if isinstance(answer, dict) else None
        raise RetryableError(f"gave no search result: {_say(said)}" if said else "gave no search result", status=200)
    failure = next((value for key, value in result.items() if key.lower() == "error"), None)
    if failure:
        raise RetryableError(f"reports an error: {_say(failure)}", status=200)
    count = str(result.get("count", ""))
    ids = result.get("idlist", [])
    if not re.fullmatch(r"[0-9]{1,9}", count) or not isinstance(ids, list):
        raise RetryableError("gave a search result without a count", status=200)
    pmids = tuple(dict.fromkeys(pmid for pmid in map(normalise_pmid, map(str, ids)) if pmid is not None))
    if lists and len(pmids) < min(int(count), LISTED):
        raise RetryableError(f"counts {count} papers but lists {len(pmids)}", status=200)
    translation = result.get("querytranslation")
    return Search(
        term=term,
        translation=_say(translation) if translation else None,
        count=int(count),
        pmids=pmids,
        warnings=_read_warnings(result),
    )


def _read_warnings(result: Mapping[str, object]) -> tuple[str, ...]:
    """Put into sentences what PubMed left out of a query or has to say of it."""
    found: list[str] = []
    for group in ("errorlist", "warninglist"):
        lists = result.get(group)
        for key, values in lists.items() if isinstance(lists, dict) else ():
            # The names are in the plural in JSON and in the singular in XML.
            sentence = _WARNINGS.get(key.lower().replace("phrases", "phrase").replace("fields", "field").rstrip("s"))
            said = [_say(value) for value in (values if isinstance(values, list) else [values]) if value]
            found += [
                (sentence or f"PubMed says ({key}): {{}}").format(text) for text in said if text not in _NO_WARNINGS
            ]
    return tuple(dict.fromkeys(found))


def _say(value: object) -> str:
    """Make one line of whatever NCBI put there."""
    return " ".join(str(value).split())
