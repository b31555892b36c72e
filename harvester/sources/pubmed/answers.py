"""NCBI's answers, read with distrust: an error inside a 200, a list shorter than its count, a missing record.

`read_search` reads an answer of ESearch; `Tally` compares what EFetch was asked for with what came.  No network, disk
or clock.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from harvester.ground.counted import counted
from harvester.ground.errors import FetchError
from harvester.ground.http import RetryableError
from harvester.paper.identifiers import normalise_pmid
from harvester.paper.records import BadRecord, Record
from harvester.sources.pubmed.xml import DeletedPmids

_ERROR = re.compile(r"<ERROR>([^<]+)</ERROR>")
_ERROR_BYTES = 4_000  # of an answer in which its reason is looked for; answers that hold nothing else are short
_LOST_WORDS = {
    "phrasenotfound": "PubMed does not know {!r} and searched without it",
    "fieldnotfound": "PubMed has no field {!r} and searched all fields instead",
    "phraseignored": "PubMed ignored {!r}",
    "quotedphrasenotfound": "PubMed does not know the phrase {!r} and searched for its words",
}
_WARNINGS = {**_LOST_WORDS, "outputmessage": "PubMed says: {}"}
_NO_WARNINGS = ("No items found.",)  # a week without news


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What PubMed found."""

    term: str  # as we asked, dates included
    translation: str | None  # as PubMed understood it; None: it did not say
    count: int  # papers that match, by PubMed's count
    pmids: tuple[str, ...]  # all of them, in PubMed's order; as many as `count` says
    warnings: tuple[str, ...] = ()  # what is probably wrong with the query, what PubMed ignored; one sentence each
    since: date | None = None  # the window's first and last day, both included; None: not limited to one
    until: date | None = None
    url: str | None = field(default=None, compare=False)  # which program was asked
    asked_at: datetime | None = field(default=None, compare=False)  # when it answered, aware UTC


def read_search(content: bytes, term: str, *, at_most: int) -> Search:
    """Read an answer of ESearch, in JSON as NCBI writes it.

    Parameters
    ----------
    at_most
        How many PMIDs were asked for; fewer are right only if no more match.

    Raises
    ------
    RetryableError
        If it is no answer, holds an error, or does not list as many papers as it counts.
    """
    try:
        # NCBI writes raw line breaks into the strings of its error messages.
        answer = json.loads(content.decode("utf-8", "replace"), strict=False)
    except ValueError as error:
        if (reason := find_error(content)) is not None:
            raise RetryableError(f"reports an error: {reason}", status=200) from error
        shown = " ".join(content[:60].decode("utf-8", "replace").split()) or "nothing"
        raise RetryableError(f"gave no search result but {shown!r}", status=200) from error
    result = answer.get("esearchresult") if isinstance(answer, dict) else None
    if not isinstance(result, dict):
        reason = answer.get("error") if isinstance(answer, dict) else None
        what = f"gave no search result: {_one_line(reason)}" if reason else "gave no search result"
        raise RetryableError(what, status=200)
    failure = next((value for key, value in result.items() if key.lower() == "error"), None)
    if failure:
        raise RetryableError(f"reports an error: {_one_line(failure)}", status=200)
    count = str(result.get("count", ""))
    ids = result.get("idlist", [])
    if not re.fullmatch(r"[0-9]{1,9}", count) or not isinstance(ids, list):
        raise RetryableError("gave a search result without a count", status=200)
    pmids = tuple(dict.fromkeys(pmid for pmid in map(normalise_pmid, map(str, ids)) if pmid is not None))
    if len(pmids) != min(int(count), at_most):
        raise RetryableError(f"counts {counted(int(count), 'paper')} but lists {len(pmids)}", status=200)
    translation = result.get("querytranslation")
    return Search(
        term=term,
        translation=_one_line(translation) if translation else None,
        count=int(count),
        pmids=pmids,
        warnings=_read_warnings(result),
    )


def find_error(content: bytes) -> str | None:
    """Find the reason that an answer in XML states, whichever program gave it; None if it states none.

    Errors come as XML even where JSON was asked for.

    Examples
    --------
    >>> find_error(b"<eFetchResult><ERROR>ID list is empty</ERROR></eFetchResult>")
    'ID list is empty'
    """
    error = _ERROR.search(content[:_ERROR_BYTES].decode("utf-8", "replace"))
    return None if error is None else _one_line(error.group(1))


def has_lost_words(warning: str) -> bool:
    """Return whether a warning says that PubMed searched for something else than was asked."""
    return warning.startswith(tuple(sentence.partition("{")[0] for sentence in _LOST_WORDS.values()))


def _read_warnings(result: Mapping[str, object]) -> tuple[str, ...]:
    """Return in sentences what PubMed left out of a query or remarks on it."""
    warnings: list[str] = []
    for group in ("errorlist", "warninglist"):
        lists = result.get(group)
        for key, values in lists.items() if isinstance(lists, dict) else ():
            # The names are in the plural in JSON and in the singular in XML.
            sentence = _WARNINGS.get(key.lower().replace("phrases", "phrase").replace("fields", "field").rstrip("s"))
            texts = [_one_line(value) for value in (values if isinstance(values, list) else [values]) if value]
            warnings += [
                (sentence or f"PubMed says ({key}): {{}}").format(text) for text in texts if text not in _NO_WARNINGS
            ]
    return tuple(dict.fromkeys(warnings))


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of the records that were asked for.

    Each PMID that was asked for is in exactly one place: among `records`, `merged`, `deleted`, `missing`, or, where
    what came could not be read, `bad`.
    """

    records: tuple[Record, ...] = ()  # what was asked for, and what PubMed has in the place of merged ones
    bad: tuple[BadRecord, ...] = ()  # came, but could not be read; or came without having been asked for
    deleted: tuple[str, ...] = ()  # PMIDs that NLM has withdrawn
    missing: tuple[str, ...] = ()  # PMIDs that did not come, for whatever reason: unaccounted for
    error: FetchError | None = None  # the last request that failed, if that left records missing
    merged: tuple[tuple[str, str], ...] = ()  # (PMID asked for, PMID of the record that PubMed gives for it)


class Tally:
    """What EFetch was asked for, and what has come of it so far: nothing that is missing goes unnoticed."""

    def __init__(self, pmids: Sequence[str]) -> None:
        self.asked = tuple(dict.fromkeys(pmids))
        self.error: FetchError | None = None
        self._records: dict[str, Record] = {}
        self._bad: dict[str, BadRecord] = {}
        self._stray: list[BadRecord] = []  # bad ones that cannot be told whose they are, of the last batches
        self._deleted: dict[str, None] = {}
        self._unasked: Counter[str] = Counter()  # in how many answers a record came that was not asked for
        self._merged: dict[str, str] = {}

    def add(self, batch: Sequence[str], items: Sequence[Record | BadRecord | DeletedPmids]) -> None:
        """Add what came for a batch; of two versions of a record, the later one counts."""
        unasked: dict[str, Record] = {}
        for item in items:
            if isinstance(item, DeletedPmids):
                self._deleted.update(dict.fromkeys(pmid for pmid in item.pmids if pmid in batch))
            elif isinstance(item, BadRecord):
                pmid = item.pmid or (batch[0] if len(batch) == 1 else None)
                if pmid is not None and pmid in batch:
                    self._bad[pmid] = BadRecord(pmid=pmid, reason=item.reason)
                elif pmid not in self.asked:
                    self._stray.append(item)
            elif item.source_key in batch:
                self._records[item.source_key] = item
                self._bad.pop(item.source_key, None)
            else:
                unasked[item.source_key] = item
        self._note_unasked(batch, unasked)

    def _note_unasked(self, batch: Sequence[str], unasked: dict[str, Record]) -> None:
        """Distinguish a merged record from a wrong answer.

        Where NLM has made one record of two, the other's PMID may give the one.  We believe it when a PMID that was
        asked for alone brings one other record and nothing else, and that record came before in its place.
        """
        self._unasked.update(unasked.keys())
        for pmid, record in unasked.items():
            is_alone = len(batch) == len(unasked) == 1 and batch[0] not in self._records
            if is_alone and self._unasked[pmid] > 1:
                self._merged[batch[0]] = pmid
                self._records.setdefault(pmid, record)
            elif pmid not in self.asked:  # one that belongs to another batch is accounted for there
                self._stray.append(BadRecord(pmid=pmid, reason="it came without having been asked for"))

    def missing(self) -> list[str]:
        """Return the PMIDs of which nothing came, in the order in which they were asked for."""
        return [pmid for pmid in self.unread() if pmid not in self._bad]

    def unread(self) -> list[str]:
        """Return the PMIDs of which nothing came that could be read."""
        places = (self._records, self._deleted, self._merged)
        return [pmid for pmid in self.asked if not any(pmid in place for place in places)]

    def forget_strays(self) -> None:
        """Forget what could be ascribed to nobody: it is asked for again, in smaller batches."""
        self._stray = []

    def close(self) -> Fetched:
        """Return the result; of several answers on a PMID, the best counts."""
        missing = self.missing()
        merged = {old: new for old, new in self._merged.items() if old not in self._records}
        deleted = [pmid for pmid in self._deleted if pmid not in self._records and pmid not in merged]
        settled = {*self._records, *merged, *deleted}
        return Fetched(
            records=tuple(self._records.values()),
            bad=(*(bad for pmid, bad in self._bad.items() if pmid not in settled), *self._stray),
            deleted=tuple(deleted),
            missing=tuple(missing),
            error=self.error if missing else None,
            merged=tuple(merged.items()),
        )
