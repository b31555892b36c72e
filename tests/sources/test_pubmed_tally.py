"""What was asked of EFetch against what came: each PMID is in exactly one place, whatever the answers hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.paper.records import BadRecord, Record
from harvester.sources.pubmed.answers import Tally
from harvester.sources.pubmed.xml import DeletedPmids

PMIDS = [str(number) for number in range(1, 9)]
_PMID = st.sampled_from([*PMIDS, "98", "99"])
_ITEM = st.one_of(
    _PMID.map(lambda pmid: Record(source="pubmed", source_key=pmid, title=f"Invented {pmid}")),
    st.one_of(_PMID, st.none()).map(lambda pmid: BadRecord(pmid=pmid, reason="it is not well-formed")),
    st.lists(_PMID, max_size=3).map(lambda pmids: DeletedPmids(pmids=tuple(pmids))),
)
_ANSWERS = st.lists(
    st.tuples(st.lists(st.sampled_from(PMIDS), min_size=1, max_size=8, unique=True), st.lists(_ITEM, max_size=6)),
    max_size=8,
)


@given(_ANSWERS)
def test_each_pmid_that_was_asked_for_is_in_exactly_one_place(
    answers: list[tuple[list[str], list[Record | BadRecord | DeletedPmids]]],
) -> None:
    tally = Tally([*PMIDS, PMIDS[0]])
    for batch, items in answers:
        tally.add(batch, items)
    result = tally.close()
    places = [
        *(record.source_key for record in result.records if record.source_key in PMIDS),
        *(bad.pmid for bad in result.bad if bad.pmid in PMIDS),
        *result.deleted,
        *result.missing,
        *(asked for asked, _ in result.merged),
    ]
    assert sorted(place for place in places if place is not None) == PMIDS
    assert {got for _, got in result.merged} <= {record.source_key for record in result.records}


@given(_ANSWERS)
def test_nothing_is_taken_back_that_came(
    answers: list[tuple[list[str], list[Record | BadRecord | DeletedPmids]]],
) -> None:
    tally = Tally(PMIDS)
    held: set[str] = set()
    for batch, items in answers:
        tally.add(batch, items)
        now = {record.source_key for record in tally.close().records}
        assert held <= now
        held = now
