"""CSV: our own table, and those of other programs, told apart by nothing but the names of their columns.

Which names those are says `harvester.table.headers`.  Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harvester.ground.counted import counted
from harvester.ground.errors import ParseError
from harvester.paper.identifiers import find_issns, normalise_pmcid, normalise_pmid, read_doi, safe_url
from harvester.paper.preprints import add_preprint
from harvester.paper.records import Author, BadRecord, Identifiers, Record
from harvester.paper.registries import collect_trial_ids
from harvester.paper.statuses import with_status
from harvester.paper.text import collapse, strip_markup
from harvester.sources.imports.values import (
    choose_date,
    read_abstract_field,
    read_authors,
    read_languages,
)
from harvester.table.foreign import Fields, choose_pages, read_fields, read_mesh, read_types, split_list
from harvester.table.headers import find_columns

Row = dict[str, str]

ROW_COLUMNS = ("ID", "title", "author", "year", "journal", "volume", "number", "pages", "abstract", "doi", "pmid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of texts: the names of its columns, no two alike, and its rows by them."""

    header: tuple[str, ...]
    rows: list[Row]

    @property
    def is_table(self) -> bool:
        """Whether the header is one of a table of papers."""
        return not {"title", "doi", "pmid"}.isdisjoint(find_columns(self.header))


def read_csv(text: str, *, only_header: bool = False) -> Table:
    """Read CSV with commas, semicolons or tabs between cells, whichever gives known columns.

    Every cell stays as it is; cells that a short row lacks are empty, and blank lines are left out.

    Raises
    ------
    ParseError
        If a row has more cells than the header, or a quote is never closed.

    Notes
    -----
    Of two columns of one name the second is called ``name.1``; one without a name, as spreadsheets leave at the end, is
    called by its place, ``column 3``.
    """
    first = text.lstrip("\ufeff\r\n ")
    headers = {mark: _first_row(first, mark) for mark in ",;\t"}
    delimiter = max(headers, key=lambda mark: sum(map(len, find_columns(headers[mark]).values())))
    header = _name_columns(headers[delimiter])
    if only_header or not header:
        return Table(header=header, rows=[])
    return Table(header=header, rows=list(_data_rows(first, delimiter, header)))


def parse_csv(text: str, *, source: str) -> list[Record | BadRecord]:
    """Read CSV as records; their key is the number of the row, the header not counted."""
    table = read_csv(text)
    rows = read_fields(table.header, (tuple(row.values()) for row in table.rows))
    items: list[Record | BadRecord] = []
    for number, fields in enumerate(rows, start=1):
        try:
            items.append(_read_record(fields, source=source, number=number))
        except ValueError as error:
            items.append(BadRecord(pmid=None, reason=f"row {number}: {error}"))
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


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    """Read cells, with the csv module's errors in words."""
    lines = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter, strict=False)
    try:
        yield from lines
    except csv.Error as error:
        raise ParseError(
            f"the table cannot be read at line {lines.line_num} ({error})",
            advice="a quotation mark before that line is probably not closed",
        ) from error


def _first_row(text: str, delimiter: str) -> tuple[str, ...]:
    # No header is longer; a quote that is never closed must not make a header of the whole file.
    return tuple(cell.strip() for cell in next(_reader(text[:20_000], delimiter), []))


def _name_columns(header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the columns, each different from the others."""
    names: list[str] = []
    for place, name in enumerate(header, start=1):
        base = name or f"column {place}"
        names.append(next(new for new in (base, *(f"{base}.{n}" for n in range(1, place + 1))) if new not in names))
    return tuple(names)


def _data_rows(text: str, delimiter: str, header: tuple[str, ...]) -> Iterator[Row]:
    rows = _reader(text, delimiter)
    next(rows)
    for number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
            cells = counted(len(row), "cell")
            raise ParseError(f"row {number} of the table has {cells}, its header {len(header)}")
        yield dict(zip(header, [*row, *[""] * len(header)], strict=False))


def _read_record(fields: Fields, *, source: str, number: int) -> Record:
    title = strip_markup(fields.one("title"))
    if title is None:
        raise ValueError("it has no title")
    names = read_authors(_author_texts(fields.one("authors")))
    abstract = read_abstract_field(fields.one("abstract"))
    identifiers = _read_identifiers(fields)
    stated = [trial_id for text in fields.all("trial_ids") for trial_id in split_list(text)]
    mesh = [read_mesh(text) for cell in fields.all("mesh_terms") for text in split_list(cell)]
    works = [kind for cell in fields.all("publication_types") for kind in split_list(cell)]
    journal = strip_markup(fields.one("journal"))
    keywords = [word for cell in fields.all("keywords") for word in split_list(cell)]
    record = Record(
        source=source,
        source_key=str(number),
        title=title,
        authors=names.authors,
        authors_complete=names.complete,
        journal=journal,
        journal_abbreviation=strip_markup(fields.one("journal_abbreviation")),
        issns=find_issns(fields.all("issn")),
        published=choose_date(fields.all("published"), fields.all("year")),
        volume=collapse(fields.one("volume")),
        issue=collapse(fields.one("issue")),
        pages=choose_pages(fields.one("first_page"), fields.one("last_page"), fields.one("pages")),
        identifiers=identifiers,
        trial_ids=collect_trial_ids(stated, "\n".join(part.text for part in abstract)),
        url=next((url for text in fields.all("url") if (url := safe_url(text)) is not None), None),
        languages=read_languages(fields.all("language")),
        abstract=abstract,
        publication_types=add_preprint(read_types(works), stated=works, doi=identifiers.doi, journal=journal),
        mesh_terms=tuple(term for term in mesh if term is not None),
        keywords=tuple(dict.fromkeys(keywords)),
    )
    return with_status(record, fields.one("status") or "published")


def _author_texts(cell: str | None) -> Iterable[str]:
    """Divide a cell of authors only where that is beyond doubt; names themselves hold commas."""
    if cell is None:
        return ()
    return split_list(cell) if re.search(r"^\s*\[|[;|\n]", cell) else (cell,)


def _read_identifiers(fields: Fields) -> Identifiers:
    extra = "\n".join(fields.all("extra"))
    labelled = dict(re.findall(r"^\s*(PMID|PMCID|DOI)\s*:\s*(\S+)", extra, re.IGNORECASE | re.MULTILINE))
    labelled = {name.upper(): value for name, value in labelled.items()}
    pmid = fields.one("pmid") or labelled.get("PMID")
    if pmid is not None:
        pmid = re.sub(r"\.0$", "", pmid.strip())  # spreadsheets and pandas make numbers of them
    return Identifiers(
        doi=read_doi(fields.one("doi") or labelled.get("DOI")),
        pmid=normalise_pmid(pmid),
        pmcid=normalise_pmcid(fields.one("pmcid") or labelled.get("PMCID")),
    )
