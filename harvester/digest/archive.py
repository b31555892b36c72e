"""The archive: one page that lists every edition, and finds every study of the library, from a disk.

The page is the table again, in the form a browser reads fast: one row a study, the values of facets and the journals
as numbers in lists that stand once.  Words of abstracts are in an index (`wordindex`); the abstracts themselves are
in the editions and in the table.  Pure: rows in, bytes out, the same bytes for the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from markupsafe import Markup

from harvester.digest.corrections import summarise_corrections
from harvester.digest.entries import doi_href
from harvester.digest.facts import facts_line
from harvester.digest.filters import ALL_FACETS, Facet, Filter, build_filter
from harvester.digest.markup import clean, first_statement, web_link
from harvester.digest.page import script_json
from harvester.digest.wordindex import build_index
from harvester.digest.words import (
    MONTHS,
    SAMPLE_NOTE,
    STATUSES,
    Words,
    count_words,
    new_words,
    sample_mark,
    week_words,
)
from harvester.paper.statuses import IN_DOUBT
from harvester.paper.tags import Evidence, Tags
from harvester.paper.text import drop_full_stop
from harvester.table.columns import Cell, split_list

_LONGEST_FINDING = 400  # characters; beyond, the first statement is no longer one
_LATEST = 8  # editions that are listed without unfolding a year


_FACETS = tuple(
    sorted(
        (Facet(name="status", column="status", label="Status", every="Any status", place=6), *ALL_FACETS),
        key=lambda facet: facet.place,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPage:
    """An edition that can be opened beside the archive."""

    edition: str  # "2026-W47"
    digest: str  # the digest's name: the folder
    title: str  # the digest's title, or its name where the settings no longer know it
    counted: tuple[int, int] = (0, 0)  # new core and adjacent studies that it counts and does not show

    @property
    def place(self) -> str:
        """The folder of the page, relative to the archive."""
        return f"{self.edition}/{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionLink:
    """One page of a week."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekView:
    """All editions of one week."""

    week: str
    count: str  # "16 new · 2 perioperative or adjacent"
    links: tuple[EditionLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearView:
    """The weeks of a year that are not among the latest."""

    name: str
    weeks: tuple[WeekView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveView:
    """Everything that the template places."""

    head: str
    topic: str
    summary: str
    sample: str
    latest: tuple[WeekView, ...]
    years: tuple[YearView, ...]
    filters: tuple[Filter, ...]
    studies: Markup  # JSON
    index: Markup  # JSON


@dataclass(slots=True, kw_only=True)
class _Numbering:
    """The number of each value, in order of appearance, and how often it occurs."""

    numbers: dict[str, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def number(self, value: str) -> int:
        self.counts[value] += 1
        return self.numbers.setdefault(value, len(self.numbers))


def build_archive(
    rows: Iterable[Mapping[str, Cell]],
    *,
    words: Words,
    topic: str,
    editions: Iterable[EditionPage],
    held_in: Mapping[str, str],
    told_as_changes: frozenset[str] = frozenset(),
    joined: frozenset[str] = frozenset(),
    corrected: Mapping[str, Iterable[Evidence]] | None = None,
    sample: bool,
) -> ArchiveView:
    """Prepare the archive; of an empty library it says so.

    Parameters
    ----------
    rows
        The table's rows in the order of their ids.
    words
        What tags are called today.
    editions
        Those whose page can be opened, in any order.
    held_in
        The place (``2026-W47/weekly``) of the first edition that shows a study, by `study_id`.
    told_as_changes
        Studies that their edition does not count as new.
    joined
        Studies that their edition has in the sections of the other tier.
    corrected
        A user's word on tags of studies, by `study_id`; None: there is none.
    sample
        Whether the studies are invented.
    """
    pages = sorted(editions, key=lambda page: (page.edition, page.digest))
    facets = [_Numbering() for _ in _FACETS]
    journals, lines, weeks = _Numbering(), _Numbering(), Counter[tuple[str, bool]]()
    place_numbers = {page.place: number for number, page in enumerate(pages)}
    studies: list[list[object]] = []
    texts: list[tuple[str, str]] = []
    for row in rows:
        finding = _finding(row)
        journal = clean(_text(row, "journal"))
        numbers = [
            [numbering.number(value) for value in _values(row, facet.column)]
            for facet, numbering in zip(_FACETS, facets, strict=True)
        ]
        place = held_in.get(_text(row, "study_id"), "")
        if place in place_numbers and _text(row, "study_id") not in told_as_changes:
            is_core = (row["tier"] == "core") != (row["study_id"] in joined)
            weeks[place.partition("/")[0], is_core] += 1
        title = _title(row, sample=sample)
        facts = _facts(row, words)
        studies.append(
            _trimmed(
                int(_text(row, "study_id")[1:]),
                title,
                clean(_text(row, "authors")),
                journals.number(journal) + 1 if journal else 0,
                row["published"] or "",
                row["sample_size"] or 0,
                round(float(row["relevance"] or 0) * 100),
                place_numbers.get(place, -1) + 1,
                numbers,
                lines.number(facts) + 1 if facts else 0,
                int(_text(row, "pmid") or 0),
                _doi(row),
                _text(row, "trial_ids"),
                finding,
                "" if row["pmid"] or row["doi"] else web_link(_text(row, "url")) or "",
                summarise_corrections((corrected or {}).get(_text(row, "study_id"), ())),
            )
        )
        texts.append(
            (" ".join(_text(row, name) for name in ("abstract", "keywords", "mesh_terms")), f"{title} {finding}")
        )
    for page in pages:
        for is_core, count in zip((True, False), page.counted, strict=True):
            weeks[page.edition, is_core] += count
    data = {
        "facets": [
            {
                "name": facet.name,
                "values": list(numbering.numbers),
                "labels": [words.label(facet.column, value) for value in numbering.numbers],
            }
            for facet, numbering in zip(_FACETS, facets, strict=True)
        ],
        "journals": list(journals.numbers),
        "lines": list(lines.numbers),
        "months": MONTHS,
        "inDoubt": sorted(IN_DOUBT),
        "special": [status for status in STATUSES if status not in IN_DOUBT],
        "editions": [[page.place, _edition_words(page, pages)] for page in pages],
        "studies": studies,
    }
    latest, years = _weeks(pages, weeks)
    return ArchiveView(
        head=f"{clean(topic)}: all editions and studies",
        topic=clean(topic),
        summary=count_words(len(studies), "study", "studies")
        + (f" in {count_words(len(pages), 'edition')}" if pages else "; no edition yet"),
        sample=SAMPLE_NOTE if sample else "",
        latest=latest,
        years=years,
        filters=tuple(
            build_filter(facet, words, numbering.counts)
            for facet, numbering in zip(_FACETS, facets, strict=True)
            if numbering.numbers
        ),
        studies=script_json(data),
        index=script_json(build_index(texts)),
    )


def _text(row: Mapping[str, Cell], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value)


def _values(row: Mapping[str, Cell], column: str) -> tuple[str, ...]:
    return split_list(_text(row, column))


def _title(row: Mapping[str, Cell], *, sample: bool) -> str:
    title = drop_full_stop(clean(_text(row, "title")) or "Untitled")
    return title + sample_mark(title, sample=sample)


def _finding(row: Mapping[str, Cell]) -> str:
    """Return the first statement of the finding, of core studies only: the others are not read for it."""
    words = clean(_text(row, "key_finding"))
    if not words or row["tier"] != "core":
        return ""
    first = first_statement(words)
    return first if len(first) <= _LONGEST_FINDING else ""


def _facts(row: Mapping[str, Cell], words: Words) -> str:
    size, included = row.get("sample_size"), row.get("studies_included")
    return facts_line(
        Tags(
            compounds=_values(row, "compounds"),
            routes=_values(row, "routes"),
            conditions=_values(row, "conditions"),
            design=_text(row, "design"),
            sample_size=None if size is None else int(size),
            comparators=_values(row, "comparators"),
            follow_up=_text(row, "follow_up") or None,
            direction=_text(row, "direction") or None,
            analysis=_text(row, "analysis") or None,
            population=_values(row, "population"),
            studies_included=None if included is None else int(included),
            guesses=_values(row, "guesses"),
        ),
        words,
        title=clean(_text(row, "title")),
    )


def _edition_words(page: EditionPage, pages: Sequence[EditionPage]) -> str:
    several = any(other.digest != page.digest for other in pages)
    return (f"{clean(page.title)}, " if several else "") + f"edition of {week_words(page.edition)}"


def _doi(row: Mapping[str, Cell]) -> str:
    doi = _text(row, "doi")
    return doi if doi and doi_href(doi) else ""


def _trimmed(*values: object) -> list[object]:
    """Drop what is empty at the end of a row."""
    row = list(values)
    while row[-1] in ("", 0):
        row.pop()
    return row


def _weeks(
    pages: Sequence[EditionPage], counts: Mapping[tuple[str, bool], int]
) -> tuple[tuple[WeekView, ...], tuple[YearView, ...]]:
    """Return the latest weeks, and the others by year, the newest first."""
    several = len({page.digest for page in pages}) > 1
    weeks = []
    for edition, group in groupby(reversed(pages), key=lambda page: page.edition):
        days, core, adjacent = week_words(edition), counts[edition, True], counts[edition, False]
        view = WeekView(
            week=days if several else "",
            count=new_words(core, adjacent).lower(),
            links=tuple(
                EditionLink(text=clean(page.title) if several else days, href=f"{page.place}/index.html")
                for page in sorted(group, key=lambda page: page.digest)
            ),
        )
        weeks.append((edition[:4], view))
    years = tuple(
        YearView(name=year, weeks=tuple(view for _, view in group))
        for year, group in groupby(weeks[_LATEST:], key=lambda week: week[0])
    )
    return tuple(view for _, view in weeks[:_LATEST]), years
