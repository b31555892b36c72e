"""What was asked of EFetch, against what came: nothing that is missing goes unnoticed.

No network, disk or clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.ground.errors import FetchError
from harvester.paper.records import BadRecord, Record
from harvester.sources.pubmed.xml import DeletedPmids


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
    """What was asked for, and what has come of it so far."""

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
        """Note what came for a batch; of two versions of a record, the later one counts."""
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
        """Tell a merged record from a wrong answer.

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
        known = (self._records, self._deleted, self._merged)
        return [pmid for pmid in self.asked if not any(pmid in place for place in known)]

    def forget_strays(self) -> None:
        """Forget what could be ascribed to nobody: it is asked for again, in smaller batches."""
        self._stray = []

    def close(self) -> Fetched:
        """Return the result; of what was said of a PMID in several answers, the best counts."""
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
