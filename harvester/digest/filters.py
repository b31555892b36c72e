"""The filters of page and archive: by which columns studies are chosen, and what each choice is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harvester.digest.words import Words, capitalise, number_words
from harvester.paper.tags import FILTER_TAGS, Tag, TagFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A column by which studies are chosen."""

    name: str  # in addresses, and the key in a page's data
    column: str  # of the table
    label: str
    every: str  # the choice that filters nothing
    place: int  # among the filters


def _build_facet(tag: Tag, shown: TagFilter) -> Facet:
    every = shown.every or f"Any {tag.label.lower()}"
    return Facet(name=shown.name, column=tag.name, label=tag.label, every=every, place=shown.place)


ALL_FACETS = tuple(_build_facet(tag, shown) for tag, shown in FILTER_TAGS)
# Those of an edition's page; the archive has all.
FACETS = tuple(_build_facet(tag, shown) for tag, shown in FILTER_TAGS if shown.on_page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a filter."""

    value: str
    label: str  # with the number of studies


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One facet to choose from."""

    facet: str  # its name
    label: str
    every: str
    options: tuple[Option, ...]  # in the order in which tags are listed


def build_filter(facet: Facet, words: Words, counts: Mapping[str, int]) -> Filter:
    """Return the filter of a facet, given how many studies have each of its values."""
    return Filter(
        facet=facet.name,
        label=facet.label,
        every=facet.every,
        options=tuple(
            Option(value=value, label=f"{capitalise(words.label(facet.column, value))} ({number_words(counts[value])})")
            for value in words.in_order(facet.column, counts)
        ),
    )
