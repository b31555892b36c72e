"""Write a user's decisions on studies: that two are one, that one is several, that two are not one.

A decision is kept between records, which never change their names, and holds for ever: whatever records come
later, those of a decision stay together or apart, until a later decision on the same records says otherwise.
The records are then pending, and `integrate` makes studies of them.
"""

from __future__ import annotations

from itertools import combinations, product

from harvester.ground.errors import UsageError
from harvester.library import Library, StoredRecord, StudiesMerged, StudySplit


def save_merge(library: Library, one: str, other: str, *, at: str) -> None:
    """Write that two studies are one; once integrated, the older id is that of both.

    Raises
    ------
    UsageError
        If there is no such study, or they are one already.
    """
    first, second = _records_of(library, one), _records_of(library, other)
    if first[0].study_id == second[0].study_id:
        raise UsageError(f"{one} and {other} are one study already ({first[0].study_id})")
    pairs = [(a.record_id, b.record_id) for a, b in product(first, second)]
    with library.transaction(StudiesMerged(studies=[one, other], at=at)):
        library.decisions.forget(pairs, "apart")
        library.decisions.save([(first[0].record_id, second[0].record_id)], "same", at=at)
        library.records.mark_pending([stored.record_id for stored in (*first, *second)])


def save_split(library: Library, study_id: str, other: str | None = None, *, at: str) -> None:
    """Write that a study is several papers; or that two studies are two, however alike they look.

    A study that was made of several, by a user or by what came later, is parted into those again; any other into its
    records, one paper each.

    Parameters
    ----------
    study_id
        The study; once integrated it keeps its oldest record.
    other
        Another study that looks like it: both stay as they are, and `review` lists them no more.

    Raises
    ------
    UsageError
        If there is no such study, it has one record only, or the two are one.
    """
    records = _records_of(library, study_id)
    ids = [stored.record_id for stored in records]
    own_id = library.studies.resolve(study_id)
    if other is not None:
        others = _records_of(library, other)
        if others[0].study_id == own_id:
            raise UsageError(f"{study_id} and {other} are one study", advice=f"part it with: harvester split {own_id}")
        pairs = list(product(ids, (stored.record_id for stored in others)))
        with library.transaction(StudySplit(studies=[study_id, other], at=at)):
            library.decisions.save(pairs, "apart", at=at)
        return
    if len(ids) == 1:
        raise UsageError(f"{study_id} has one record only; there is nothing to split")
    homes = {stored.record_id: stored.first_study_id for stored in records}
    is_composed = len(set(homes.values())) > 1
    pairs = [pair for pair in combinations(ids, 2) if not is_composed or homes[pair[0]] != homes[pair[1]]]
    with library.transaction(StudySplit(studies=[study_id], at=at)):
        library.decisions.save(pairs, "apart", at=at)
        library.studies.forget_merges(ids)
        library.studies.add_event(own_id, "parted", {"records": ids}, at=at)
        library.records.mark_pending(ids)


def _records_of(library: Library, study_id: str) -> list[StoredRecord]:
    records = library.records.of_studies([library.studies.resolve(study_id)])
    if not records:
        raise UsageError(f"there is no study {study_id}", advice='find one with: harvester query "WORDS"')
    return records
