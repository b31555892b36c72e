"""Merging: one citation out of all records of a study, field by field.

Each field is taken whole from the record that knows it best, never mixed: PubMed's curators correct what feeds and
exports copy, a printed record knows volume and pages that an earlier one could not, and within one rank the record
that says more wins.  Lists of names given by indexers and authors (keywords, trial numbers) are united.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

from harvester.paper.records import Citation, Identifiers, Record

# Which state of publication knows more of the paper's final form; what is unknown lies between.
_STATUS_RANK = {"ppublish": 0, "epublish": 0, None: 1, "aheadofprint": 2}
_UNITED = ("trial_ids", "keywords", "issns", "languages")


def merge(records: Sequence[Record], *, ranks: Mapping[str, int] | None = None) -> Citation:
    """Merge the records of one study into one citation.

    Parameters
    ----------
    records
        At least one; their order does not matter.
    ranks
        Whose words win, by the kind of source (what the record's `source` begins with): the lowest first.  None:
        those of the record that says more.

    Returns
    -------
    Citation
        The best of each field: by the source's rank, printed before ahead of print, then the fuller.
        `abstract` is the longest of the best-ranked records that have one, unless another is half as long again;
        `authors` the longest complete list; `trial_ids`, `keywords`, `issns` and `languages` are united.

    Examples
    --------
    >>> feed = Record(source="feed:A", source_key="1", title="Ketamine and mood", abstract=())
    >>> pubmed = Record(source="pubmed", source_key="2", title="Ketamine and mood.", volume="7")
    >>> merge([feed, pubmed], ranks={"pubmed": 0, "feed": 2}).title
    'Ketamine and mood.'
    """
    if not records:
        raise ValueError("nothing to merge")
    ranked = sorted(records, key=partial(_rank, ranks or {}))
    merged: dict[str, Any] = {field.name: _first(ranked, field.name) for field in fields(Citation)}
    # The markup belongs to the words of one title.
    merged["title_markup"] = next((record.title_markup for record in ranked if record.title), None)
    merged |= _merge_place(ranked)
    merged["identifiers"] = _merge_identifiers(ranked)
    merged |= _merge_authors(ranked)
    merged |= _merge_abstract(ranked)
    for name in _UNITED:
        merged[name] = _unite(ranked, name)
    return Citation(**merged)


def _rank(ranks: Mapping[str, int], record: Record) -> tuple[Any, ...]:
    """Order records from the best to the least; the last parts only make the order independent of the input's."""
    return (
        ranks.get(record.source.partition(":")[0], len(ranks)),
        _STATUS_RANK.get(record.publication_status, 1),
        not (record.volume or record.pages),
        _descending(record.revised),
        record.source,
        record.source_key,
        repr(record),
    )


def _descending(date: str | None) -> tuple[int, ...]:
    return tuple(-ord(char) for char in date or "")


def _first(ranked: Sequence[Record], name: str) -> Any:
    """Return the first value that says something; a field's default if none does."""
    values = [getattr(record, name) for record in ranked]
    return next((value for value in values if value not in (None, ())), values[0])


def _merge_place(ranked: Sequence[Record]) -> dict[str, Any]:
    """Take date, volume, issue and pages from one record: parts of two places name none."""
    best = min(ranked, key=lambda record: (not (record.volume or record.issue), not record.pages, ranked.index(record)))
    place = {name: getattr(best, name) for name in ("volume", "issue", "pages")}
    is_placed = best.volume or best.issue
    # Where a record that says nothing of its status has a volume, another's "ahead of print" is over.
    place["publication_status"] = best.publication_status if is_placed else _first(ranked, "publication_status")
    place["published"] = best.published or _first(ranked, "published")
    # The online date may come from the record that was there first.
    place["published_online"] = best.published_online or _first(ranked, "published_online")
    return place


def _merge_identifiers(ranked: Sequence[Record]) -> Identifiers:
    identifiers = [record.identifiers for record in ranked]

    def first(read: Callable[[Identifiers], str | None]) -> str | None:
        return next((value for value in map(read, identifiers) if value), None)

    return Identifiers(
        pmid=first(lambda ids: ids.pmid), doi=first(lambda ids: ids.doi), pmcid=first(lambda ids: ids.pmcid)
    )


def _merge_authors(ranked: Sequence[Record]) -> dict[str, Any]:
    """Take the best complete list; among cut ones the longest."""
    listed = [record for record in ranked if record.authors]
    if not listed:
        return {"authors": (), "authors_complete": True}
    complete = [record for record in listed if record.authors_complete]
    best = complete[0] if complete else max(listed, key=lambda record: len(record.authors))
    longest = max(listed, key=lambda record: len(record.authors))
    # A list that calls itself complete and has one name where another has ten was cut without saying so.
    if len(longest.authors) >= 2 * len(best.authors) and len(longest.authors) > 2:
        best = longest
    return {"authors": best.authors, "authors_complete": best.authors_complete}


def _merge_abstract(ranked: Sequence[Record]) -> dict[str, Any]:
    """Take the best source's abstract, unless it is a teaser of a much longer one."""
    written = [record for record in ranked if record.abstract]
    if not written:
        return {"abstract": ()}
    best, longest = written[0], max(written, key=_abstract_length)
    return {
        "abstract": longest.abstract if _abstract_length(longest) >= 1.5 * _abstract_length(best) else best.abstract
    }


def _abstract_length(record: Record) -> int:
    return sum(len(part.text) for part in record.abstract)


def _unite(ranked: Sequence[Record], name: str) -> tuple[str, ...]:
    united: dict[str, str] = {}
    for record in ranked:
        for value in getattr(record, name):
            united.setdefault(value.casefold(), value)
    return tuple(united.values())
