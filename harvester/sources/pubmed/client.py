"""Asking PubMed through NCBI's E-utilities.

A search asks for what was created, entered or revised in a window of days, lists every PMID in one answer, and
is split where the answer would be longer than NCBI lists.  A fetch counts what came against what was asked for.
Nothing is given up silently: what NCBI ignored, left out or could not deliver is in the result, in words.
Why so: docs/decisions/pubmed-search.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from harvester.ground.counted import counted
from harvester.ground.errors import FetchError, ParseError
from harvester.ground.http import Answer, PoliteSession, RetryableError
from harvester.paper.records import BadRecord, Record
from harvester.sources.pubmed.answers import Fetched, Search, Tally, find_error, read_search
from harvester.sources.pubmed.query import build_term, build_wanted, format_days, lint_query
from harvester.sources.pubmed.settings import PubmedSettings
from harvester.sources.pubmed.xml import DeletedPmids, parse_pubmed_xml

# Records a request: 200 is NCBI's own advice for one request, and an answer of 2 to 6 MB.  What is missing is
# asked for again in ever smaller portions, so that one record which breaks an answer takes few others with it.
BATCHES = (200, 20, 1)
MAX_SINGLES = 40  # so many are asked for one by one; if more are missing, the fault is not in single records
FAILURES_IN_A_ROW = 2  # batches that fail one after the other; then the server is down, and we stop
FIRST_DAY = date(1800, 1, 1)  # no record of PubMed was created before
LAST_DAY = date(2999, 12, 31)
LAST_PMID = 999_999_999  # PMIDs have up to eight digits so far; nine leave room for decades
ROUNDS = 3  # of asking for a list in parts until the parts hold all of it: PubMed changes while it is read
# Nothing in a window is believed only where chance allows it: were a query's papers spread over this many days (they
# are not: ever more appear), and so many of them due in the window, none would come in one window of 150.
DAYS_OF_PAPERS = 40 * 365
TOO_MANY_FOR_NONE = 5
TOO_LONG = (413, 414)  # the statuses of a request that a smaller one is the cure for
BACKEND_FAILED = (400,)  # NCBI answers so, with a page, when a part of its own does not answer

SaveRaw = Callable[[str, Answer], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What NCBI allows, and how much is asked for at once."""

    # Requests a second (https://www.ncbi.nlm.nih.gov/books/NBK25497/).
    requests_without_key: float = 3
    requests_with_key: float = 10
    listed: int = 9_999  # papers of a search that ESearch lists (https://www.ncbi.nlm.nih.gov/books/NBK25499/)
    # Records that become durable together: five requests, so that a run that is killed loses a few seconds' work.
    portion: int = 1_000


class PubmedClient:
    """Ask PubMed.

    Parameters
    ----------
    http
        The session; from now on it keeps to NCBI's rate.
    contact
        The address that NCBI writes to before it blocks a program.
    topic_words
        What makes a paper of one of the settings' journals one on the topic.
    save_raw
        Called with a name and each accepted answer.
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
        limits: Limits | None = None,
    ) -> None:
        self._http = http
        self._settings = settings
        self._identity = {"tool": "harvester", "email": contact}
        if api_key:
            self._identity["api_key"] = api_key
        self._topic_words = tuple(topic_words)
        self._save_raw = save_raw
        self._limits = limits or Limits()
        http.pace(1 / (self._limits.requests_with_key if api_key else self._limits.requests_without_key))

    def check(self) -> Search:
        """Ask how many papers query and journals find at all, and return the search without PMIDs.

        Its warnings name what PubMed did not understand.  Raises FetchError if PubMed gives no usable answer.
        """
        settings = self._settings
        search = self._search(build_wanted(settings.query, settings.journals, self._topic_words), lists=False)
        nothing = () if search.count else ("no paper in PubMed matches the query",)
        return replace(search, warnings=(*search.warnings, *nothing))

    def search(self, term: str) -> Search:
        """Search for a term and list the papers that match, at most `Limits.listed`.

        Raises
        ------
        FetchError
            If PubMed gives no usable answer, or lists fewer papers than it counts.
        """
        return self._search(term, lists=True)

    def find(self, since: date, until: date, *, has_found: bool = False) -> list[Search]:
        """Find what was created, entered or revised in a window, in as many searches as it takes.

        Parameters
        ----------
        since, until
            First and last day, both included.
        has_found
            Whether PubMed has found papers for this query before, so that it cannot be that none matches at all.

        Returns
        -------
        list of Search
            One that holds all, or several, of which each paper is in one; oldest first.  Their warnings begin with
            what `lint_query` has to say, so that every run says it.

        Raises
        ------
        FetchError
            If PubMed gives no usable answer, or a search cannot be split into lists that are complete.
        """
        settings = self._settings
        term = build_term(settings.query, settings.journals, self._topic_words, since, until)
        listed = count = 0
        for _ in range(ROUNDS):
            whole = self._search(term, lists=True)
            if whole.count == 0:
                whole = self._search_again(term, days=(until - since).days + 1, has_found=has_found)
            parts = [whole] if whole.count <= self._limits.listed else self._split(whole, _axes(since, until))
            listed, count = sum(part.count for part in parts), whole.count
            if listed >= count:
                remarks = lint_query(settings.query)
                return [
                    replace(part, since=since, until=until, warnings=tuple(dict.fromkeys([*remarks, *part.warnings])))
                    for part in parts
                ]
        raise FetchError(
            f"PubMed finds {counted(count, 'paper')}, but {listed} when asked in parts",
            source="pubmed",
            advice="the next run asks again",
        )

    def fetch(
        self,
        pmids: Sequence[str],
        *,
        batches: Sequence[int] = BATCHES,
        progress: Callable[[int], None] | None = None,
    ) -> Fetched:
        """Fetch the records of PMIDs; what came is returned also where the network failed in between.

        `progress` is called with how many of the PMIDs have been dealt with so far.
        """
        tally = Tally(pmids)
        for size in batches:
            # A record that was damaged on its way is whole the second time; one that is bad twice stays bad.
            wanted = tally.missing() if size == 1 else tally.unread()
            if not wanted or (size == 1 and len(wanted) > MAX_SINGLES):
                break
            tally.forget_strays()
            if not self._fetch_batches(tally, wanted, size, progress):
                break
        return tally.close()

    def _fetch_batches(
        self, tally: Tally, wanted: Sequence[str], size: int, progress: Callable[[int], None] | None
    ) -> bool:
        """Fetch records in batches of a size, and return whether the server is worth asking again."""
        failures = 0
        for batch in _batches(wanted, size):
            before = len(tally.unread())
            try:
                tally.add(batch, self._fetch_batch(batch))
            except FetchError as error:
                tally.error = error
                failures += 1
                if error.status in TOO_LONG and size > 1:
                    return True
            else:
                # A whole batch of which nothing came is a failure, too; a single record may well not be there.
                failures = failures + 1 if size > 1 and len(tally.unread()) == before else 0
            if failures == FAILURES_IN_A_ROW:
                tally.error = tally.error or FetchError(
                    f"PubMed gave none of the records that it was asked for, {failures} times in a row",
                    source="pubmed",
                    advice="the next run asks again",
                )
                return False
            if progress is not None:
                progress(len(tally.asked) - len(tally.missing()))
        return True

    def _search_again(self, term: str, *, days: int, has_found: bool) -> Search:
        """Ask again for what seems to be nothing: a search that fails within PubMed looks like a quiet week.

        Raises FetchError if PubMed finds nothing again, and that cannot be.
        """
        again = self._search(term, lists=True)
        if again.count:
            return again
        ever = self.check()
        if ever.count == 0 and not has_found:
            return replace(again, warnings=tuple(dict.fromkeys([*again.warnings, *ever.warnings])))
        if ever.count == 0 or ever.count * days / DAYS_OF_PAPERS >= TOO_MANY_FOR_NONE:
            raise FetchError(
                f"PubMed finds {counted(ever.count, 'paper that matches', 'papers that match')} the query,"
                f" and none of {counted(days, 'day')}, which cannot be",
                source="pubmed",
                advice="the next run asks again",
            )
        return again

    def _split(self, whole: Search, axes: Sequence[_Axis]) -> list[Search]:
        """Split a search into searches that PubMed lists whole, by something of which each record has exactly one."""
        if not axes:
            raise FetchError(
                f"PubMed finds {whole.count} papers that it cannot tell apart, and lists {self._limits.listed} at most",
                source="pubmed",
                advice="make the query narrower",
            )
        axis, *others = axes
        parts: list[Search] = []
        waiting = [(whole, axis.first, axis.last, axis.cuts)]
        while waiting:
            search, first, last, cuts = waiting.pop()
            if search.count <= self._limits.listed:
                parts.append(search)
                continue
            pieces = []
            if first < last:
                edges = (first - 1, *(cuts or ((first + last) // 2,)), last)
                for before, end in pairwise(edges):
                    term = f"({whole.term}) AND {axis.write(before + 1, end)}"
                    pieces.append((self._search(term, lists=True), before + 1, end, ()))
            if all(piece.count >= search.count for piece, *_ in pieces):
                # It is a single day, or PubMed does not heed this axis and would be asked for ever.
                parts += self._split(search, others)
            else:
                waiting += reversed(pieces)
        return parts

    def _search(self, term: str, *, lists: bool) -> Search:
        at_most = self._limits.listed if lists else 0
        searches: list[Search] = []

        def accept(answer: Answer) -> None:
            search = read_search(answer.content, term, at_most=at_most)
            searches[:] = [replace(search, asked_at=answer.fetched_at, url=answer.url)]

        self._ask("esearch", {"term": term, "retmode": "json", "retmax": str(at_most)}, accept)
        return searches[0]

    def _fetch_batch(self, pmids: Sequence[str]) -> list[Record | BadRecord | DeletedPmids]:
        items: list[Record | BadRecord | DeletedPmids] = []

        def accept(answer: Answer) -> None:
            try:
                items[:] = parse_pubmed_xml(answer.content)
            except ParseError as error:
                reason = find_error(answer.content) or error.message
                raise RetryableError(f"gave no usable records: {reason}", status=answer.status) from error

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
            source="pubmed",
            accept=accept,
            again=BACKEND_FAILED,
        )
        if self._save_raw is not None:
            self._save_raw(f"pubmed-{program}", answer)


def _batches(pmids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (pmids[start : start + size] for start in range(0, len(pmids), size))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """Something by which a search can be split: whole numbers, and how a range of them is written."""

    first: int
    last: int
    write: Callable[[int, int], str]
    cuts: tuple[int, ...] = ()  # after which numbers to cut first; empty: in the middle


def _axes(since: date, until: date) -> list[_Axis]:
    """Return what the search of a window is split by: the day of creation, then the PMID."""

    def days(first: int, last: int) -> str:
        return f"{format_days(date.fromordinal(first), date.fromordinal(last))}[crdt]"

    # Most of what is asked for was created in the window; the rest before it, and revised in it, or after it: a
    # record that comes late is entered under the day of its publication.
    first, last = FIRST_DAY.toordinal(), LAST_DAY.toordinal()
    cuts = tuple(cut for cut in (since.toordinal() - 1, until.toordinal()) if first <= cut < last)
    return [
        _Axis(first=first, last=last, write=days, cuts=cuts),
        # On a day of bulk loading, more papers are created than one search lists.
        _Axis(first=1, last=LAST_PMID, write=lambda first, last: f"{first}:{last}[uid]"),
    ]
