"""CSV: our own table, and those of other programs, told apart by nothing but the names of their columns.

Which names those are says `harvester.table.headers`.  Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from harvester.ground.counted import counted
from harvester.paper.identifiers import (
    find_issns,
    normalise_pmcid,
    normalise_pmid,
    page_pmcid,
    page_pmid,
    read_doi,
    safe_url,
)
from harvester.paper.names import Names
from harvester.paper.preprints import add_preprint
from harvester.paper.records import Author, BadRecord, Identifiers, Record
from harvester.paper.registries import collect_trial_ids, find_trial_ids
from harvester.paper.statuses import with_status
from harvester.paper.text import strip_invisible, strip_markup
from harvester.sources.imports.cells import Cells
from harvester.sources.imports.keys import find_numbers, name_record
from harvester.sources.imports.values import (
    DayOrder,
    choose_date,
    find_day_order,
    linked_doi,
    print_date,
    read_abstract_field,
    read_author_column,
    read_languages,
    state_status,
)
from harvester.table.columns import COLUMN_NAMES
from harvester.table.foreign import (
    Fields,
    choose_pages,
    plain_number,
    read_fields,
    read_mesh,
    read_types,
    split_list,
)
from harvester.table.headers import find_columns, parts_by_semicolons, prints_month_first

Row = dict[str, str]

# The search, its date and a line of dashes stand before the header; more than these lines are no preamble.
_LONGEST_PREAMBLE = 40
_LONGEST_HEAD = 20_000  # characters; a quote that is never closed must not make a header of the whole file
_FEWEST_COLUMNS = 3  # known ones that tell a header from a line of a preamble
_PMID_LABEL = re.compile(r"^(?:MEDLINE|PUBMED)\s*[: ]\s*", re.IGNORECASE)
_YES = frozenset(("true", "yes", "y", "1", "t", "retracted"))

ROW_COLUMNS = ("ID", "title", "author", "year", "journal", "volume", "number", "pages", "abstract", "doi", "pmid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of texts: the names of its columns, no two alike, and its rows by them."""

    header: tuple[str, ...]
    rows: list[Row]
    damaged: Mapping[int, str] = field(default_factory=dict)  # by place from 0, why a row cannot be read

    @property
    def is_table(self) -> bool:
        """Whether the header is one of a table of papers."""
        return not {"title", "doi", "pmid"}.isdisjoint(find_columns(self.header))

    @property
    def unknown(self) -> list[str]:
        """The names of the columns that are not understood; of our own table those that say nothing of a record are."""
        known = {place for places in find_columns(self.header).values() for place in places}
        own = COLUMN_NAMES if "study_id" in self.header else ()
        return [name for place, name in enumerate(self.header) if place not in known and name not in own]


def read_csv(text: str, *, only_header: bool = False) -> Table:
    """Read CSV with commas, semicolons or tabs between cells, whichever gives known columns.

    Every cell stays as it is; cells that a short row lacks are empty, and blank lines are left out.  What stands before
    the header (a search, its date) is passed over.

    Raises
    ------
    ParseError
        If a cell is longer than the csv module takes.

    Notes
    -----
    Of two columns of one name the second is called ``name.1``; one without a name, as spreadsheets leave at the end, is
    called by its place, ``column 3``.
    """
    first = text.lstrip("\ufeff\r\n ")
    start, delimiter = _find_header(first[:_LONGEST_HEAD])
    header = _first_row(first[start : start + _LONGEST_HEAD], delimiter)
    if only_header:
        return build_table(iter([header]))
    cells = Cells(first[start:], delimiter, find_columns(header), len(header))
    return build_table(iter(cells), broken=cells.broken)


def build_table(rows: Iterator[Iterable[str]], *, broken: Mapping[int, str] = MappingProxyType({})) -> Table:
    """Build a table of rows of cells, the names of the columns first.

    Parameters
    ----------
    broken
        By number of the row, why it cannot be read; filled by the time that a row comes.
    """
    header = _name_columns(tuple(cell.strip() for cell in next(rows, ())))
    table: list[Row] = []
    damaged: dict[int, str] = {}
    if not header:
        return Table(header=header, rows=table)
    for number, cells in enumerate(rows, start=1):
        row = list(cells)
        if not any(cell.strip() for cell in row):
            continue
        if number in broken:
            damaged[len(table)] = broken[number]
        elif any(cell.strip() for cell in row[len(header) :]):
            damaged[len(table)] = f"row {number} of the table has {counted(len(row), 'cell')}, its header {len(header)}"
        table.append(dict(zip(header, [*row, *[""] * len(header)], strict=False)))
    return Table(header=header, rows=table, damaged=damaged)


def parse_table(table: Table, *, source: str) -> list[Record | BadRecord]:
    """Read the rows of a table as records; one that cannot be read costs itself."""
    rows = list(read_fields(table.header, (tuple(map(strip_invisible, row.values())) for row in table.rows)))
    days = [text for fields in rows for text in fields.all("published")]
    order = find_day_order(days, month_first=prints_month_first(table.header))
    has_separator = parts_by_semicolons(table.header) or any(
        re.search("[;|]", text) for fields in rows for text in fields.all("authors")
    )
    items: list[Record | BadRecord] = []
    for place, fields in enumerate(rows):
        try:
            if place in table.damaged:
                raise ValueError(table.damaged[place])
            names = read_author_column(fields.one("authors"), has_separator=has_separator)
            items.append(read_record(fields, names, source=source, order=order))
        except ValueError as error:
            told = str(error) if place in table.damaged else f"row {place + 1}: {error}"
            items.append(BadRecord(pmid=None, reason=told))
    return items


def build_row(record: Record | None, number: int) -> Row:
    """Return a record as a flat row with the columns `ROW_COLUMNS`; for None, a row with its number alone."""
    if record is None:
        return dict.fromkeys(ROW_COLUMNS, "") | {"ID": str(number)}
    values = {
        "ID": record.source_key if record.source == "pubmed" else str(number),
        "title": record.title,
        "author": "; ".join(_print_author(author) for author in record.authors),
        "year": None if record.year is None else str(record.year),
        "journal": record.journal,
        "volume": record.volume,
        "number": record.issue,
        "pages": record.pages,
        "abstract": record.abstract_text,
        "doi": record.identifiers.doi,
        "pmid": record.identifiers.pmid,
    }
    return {column: values[column] or "" for column in ROW_COLUMNS}


def _print_author(author: Author) -> str:
    given = author.given or author.initials
    parts = (author.collective or author.family, given, author.suffix)
    return ", ".join(part for part in parts if part)


def _find_header(text: str) -> tuple[int, str]:
    """Return where in the beginning of a text the header begins, and what stands between its cells."""
    start = 0
    found: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(keepends=True)[:_LONGEST_PREAMBLE]):
        rows = {mark: _first_row(text[start:], mark) for mark in ",;\t"}
        delimiter = max(rows, key=lambda mark: _count_known(rows[mark]))
        if is_header(rows[delimiter], is_first=False):
            return start, delimiter
        if number == 0 and is_header(rows[delimiter], is_first=True):
            found = start, delimiter
        start += len(line)
    return found or (0, ",")


def _count_known(row: Iterable[str]) -> int:
    return sum(map(len, find_columns(row).values()))


def is_header(row: Iterable[str], *, is_first: bool) -> bool:
    """Return whether a row names the columns of a table of papers; one that is not the first must name several."""
    columns = find_columns(row)
    return not {"title", "doi", "pmid"}.isdisjoint(columns) and (is_first or len(columns) >= _FEWEST_COLUMNS)


def _first_row(text: str, delimiter: str) -> tuple[str, ...]:
    lines = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    try:
        return tuple(cell.strip() for cell in next(lines, ()))
    except csv.Error:
        return ()


def _name_columns(header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the columns, each different from the others."""
    names: list[str] = []
    for place, name in enumerate(header, start=1):
        base = name or f"column {place}"
        names.append(next(new for new in (base, *(f"{base}.{n}" for n in range(1, place + 1))) if new not in names))
    return tuple(names)


def read_record(fields: Fields, names: Names, *, source: str, order: DayOrder | None = None) -> Record:
    """Read a record of its fields, as a table or a reference manager has them.

    Raises
    ------
    ValueError
        If it has no title.
    """
    title = strip_markup(fields.one("title"))
    if title is None:
        raise ValueError("it has no title")
    abstract = read_abstract_field(fields.one("abstract"))
    identifiers = _read_identifiers(fields)
    stated = [
        trial_id for text in fields.all("trial_ids") for part in split_list(text) for trial_id in _read_trial_ids(part)
    ]
    mesh = [read_mesh(text) for cell in fields.all("mesh_terms") for text in split_list(cell)]
    works = [kind for cell in fields.all("publication_types") for kind in split_list(cell)]
    journal = strip_markup(next((name for name in fields.all("journal") if safe_url(name) is None), None))
    keywords = [word for cell in fields.all("keywords") for word in _split_keywords(cell)]
    dates = [print_date(text, order) for text in fields.all("published")]
    if (month := fields.one("month")) is not None:
        dates.append(f"{plain_number(month)} {plain_number(fields.one('day')) or ''}".strip())
    is_early = any(
        "in press" in text.lower() or text.lower() == "early access" for text in (*works, *fields.all("stage"))
    )
    record = Record(
        source=source,
        source_key="",
        title=title,
        authors=(*names.authors, *_read_groups(fields)),
        authors_complete=names.complete,
        journal=journal,
        journal_abbreviation=strip_markup(fields.one("journal_abbreviation")),
        issns=find_issns(fields.all("issn")),
        published=choose_date(dates, map(plain_number, fields.all("year"))),
        volume=plain_number(fields.one("volume")),
        issue=plain_number(fields.one("issue")),
        pages=choose_pages(fields.one("first_page"), fields.one("last_page"), fields.one("pages")),
        identifiers=identifiers,
        trial_ids=collect_trial_ids(
            [*stated, *find_trial_ids(fields.one("authors"))], "\n".join(part.text for part in abstract)
        ),
        url=next((url for text in _split_links(fields) if (url := safe_url(text)) is not None), None),
        languages=read_languages(fields.all("language")),
        abstract=abstract,
        publication_types=add_preprint(read_types(works), stated=works, doi=identifiers.doi, journal=journal),
        mesh_terms=tuple(term for term in mesh if term is not None),
        keywords=tuple(dict.fromkeys(keywords)),
        publication_status="aheadofprint" if is_early else None,
    )
    record = state_status(with_status(record, fields.one("status") or "published"), (*works, *fields.all("notes")))
    if any(text.strip().lower() in _YES for text in fields.all("retracted")):
        record = with_status(record, "retracted")
    numbers = find_numbers(fields.all("accession", "id"), _split_links(fields))
    return name_record(record, databases=fields.all("database"), numbers=numbers)


def _read_groups(fields: Fields) -> tuple[Author, ...]:
    """Read the groups that Web of Science has in a column of their own."""
    names = [name for cell in fields.all("groups") for name in split_list(cell)]
    return tuple(Author(collective=name) for name in names)


def _split_links(fields: Fields) -> list[str]:
    return [link for text in fields.all("url") for link in re.split(r"\s+|;\s*(?=http)", text.strip())]


def _split_keywords(cell: str) -> list[str]:
    """Divide keywords, which some programs part by commas; a single comma may stand in one ("Sleep, deep")."""
    words = split_list(cell)
    if len(words) == 1 and words[0].count(",") > 1:
        words = split_list(words[0].replace(",", ";"))
    return [word.lstrip("*") for word in words]


def _read_trial_ids(text: str) -> tuple[str, ...]:
    """Return the numbers in a field for them; Embase prints the registry before each, others the number alone."""
    return find_trial_ids(text) or (() if " " in text else (text,))


def _read_identifiers(fields: Fields) -> Identifiers:
    extra = "\n".join(fields.all("extra"))
    labelled = dict(re.findall(r"^\s*(PMID|PMCID|DOI)\s*[:=]\s*(\S+)", extra, re.IGNORECASE | re.MULTILINE))
    labelled = {name.upper(): value for name, value in labelled.items()}
    links = _split_links(fields)
    dois = (*map(read_doi, fields.all("doi")), read_doi(labelled.get("DOI")), *map(linked_doi, links))
    pmids = [
        read
        for text in (*fields.all("pmid"), labelled.get("PMID"))
        for read in (normalise_pmid(_PMID_LABEL.sub("", plain_number(text) or "")), page_pmid(text))
    ]
    pmcids = [
        read
        for text in (*fields.all("pmcid"), labelled.get("PMCID"))
        for read in (normalise_pmcid(text), page_pmcid(text))
    ]
    return Identifiers(
        doi=next((doi for doi in dois if doi is not None), None),
        pmid=next((pmid for pmid in (*pmids, *map(page_pmid, links)) if pmid is not None), None),
        pmcid=next((pmcid for pmcid in (*pmcids, *map(page_pmcid, links)) if pmcid is not None), None),
    )
