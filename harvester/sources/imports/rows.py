"""CSV: our own table, Zotero's, PubMed's, Scopus's and other exports, told apart by nothing but their column names.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harvester.ground.errors import ParseError
from harvester.paper.identifiers import find_issns, normalise_pmcid, normalise_pmid, read_doi, safe_url
from harvester.paper.preprints import looks_like_preprint, says_preprint
from harvester.paper.records import Author, Identifiers, Record
from harvester.paper.registries import collect_trial_ids
from harvester.paper.text import collapse
from harvester.sources.imports.values import (
    choose_date,
    read_abstract_field,
    read_authors,
    read_languages,
    read_mesh,
    read_text,
    split_list,
)
from harvester.sources.pubmed.xml import BadRecord

Row = dict[str, str]

ROW_COLUMNS = ("ID", "title", "author", "year", "journal", "volume", "number", "pages", "abstract", "doi", "pmid")

# The column names of exports by what they mean, in lower case without blanks and signs; the first that is filled
# counts.
_NAMES = {
    "title": "title articletitle primarytitle documenttitle ti",
    "authors": "authors author authornames au",
    "published": "published date publicationdate pubdate coverdate",
    "year": "year publicationyear pubyear py",
    "journal": "journal journalbook publicationtitle sourcetitle journaltitle journalname secondarytitle",
    "abbreviation": "journalabbreviation isoabbreviation abbreviatedsourcetitle journalabbrev",
    "volume": "volume vol",
    "issue": "issue number issuenumber",
    "pages": "pages page pagerange artno",
    "first_page": "pagestart startpage",
    "last_page": "pageend endpage",
    "abstract": "abstract abstractnote ab",
    "doi": "doi digitalobjectidentifier",
    "pmid": "pmid pubmedid",
    "pmcid": "pmcid pmc",
    "url": "url link pubmedurl",
    "issn": "issn eissn isbn",
    "keywords": "keywords authorkeywords manualtags automatictags indexkeywords",
    "language": "language languageoforiginaldocument",
    "publication_types": "publicationtypes publicationtype documenttype itemtype entrytype",
    "mesh_terms": "meshterms mesh",
    "trial_ids": "trialids",
    "extra": "extra",
}
_MEANINGS = {name: meaning for meaning, names in _NAMES.items() for name in names.split()}
# What exports call the types of works, as NLM calls them; our own table has NLM's names already.
_TYPES = {
    "review": "Review",
    "editorial": "Editorial",
    "letter": "Letter",
    "note": None,
    "erratum": "Published Erratum",
    "book": "Book",
    "thesis": "Academic Dissertation",
    "conferencepaper": "Congress",
    "conference paper": "Congress",
    "journalarticle": None,
    "article": None,
    "booksection": None,
}
_MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "-"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file."""

    header: tuple[str, ...]
    rows: list[Row]

    @property
    def is_table(self) -> bool:
        """Whether the header is one of a table of papers."""
        known = [meaning for name in self.header if (meaning := _MEANINGS.get(_plain(name))) is not None]
        return bool({"title", "doi", "pmid"} & set(known))


def read_csv(text: str, *, only_header: bool = False) -> Table:
    """Read CSV with commas, semicolons or tabs between cells, whichever gives known columns.

    Parameters
    ----------
    text
        The file, decoded.
    only_header
        Stop after the header.

    Returns
    -------
    Table
        Every cell as it is.  Cells that a short row lacks are empty; blank lines are left out.

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
    delimiter = max(headers, key=lambda mark: sum(_plain(name) in _MEANINGS for name in headers[mark]))
    header = _tell_apart(headers[delimiter])
    if only_header or not header:
        return Table(header=header, rows=[])
    return Table(header=header, rows=list(_data_rows(first, delimiter, header)))


def parse_csv(text: str, *, source: str) -> list[Record | BadRecord]:
    """Read CSV as records; their key is the number of the row, the header not counted."""
    found: list[Record | BadRecord] = []
    for number, row in enumerate(read_csv(text).rows, start=1):
        try:
            found.append(_read_record(_Cells(row), source=source, number=number))
        except ValueError as error:
            found.append(BadRecord(pmid=None, reason=f"row {number}: {error}"))
    return found


def build_row(record: Record | None, number: int) -> Row:
    """Give a record as a flat row with the columns `ROW_COLUMNS`; None gives a row with its number alone."""
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


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


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


def _tell_apart(header: tuple[str, ...]) -> tuple[str, ...]:
    """Give each column a name of its own."""
    names: list[str] = []
    for place, name in enumerate(header, start=1):
        base = name or f"column {place}"
        names.append(next(new for new in (base, *(f"{base}.{n}" for n in range(1, place + 1))) if new not in names))
    return tuple(names)


def _data_rows(text: str, delimiter: str, header: tuple[str, ...]) -> Iterator[Row]:
    cells = _reader(text, delimiter)
    next(cells)
    for number, row in enumerate(cells, start=1):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
            raise ParseError(f"row {number} of the table has {len(row)} cells, its header {len(header)}")
        yield dict(zip(header, [*row, *[""] * len(header)], strict=False))


class _Cells:
    """The cells of one row by their meaning."""

    def __init__(self, row: Mapping[str, str]) -> None:
        self._cells: dict[str, list[tuple[int, str]]] = {}
        for name, cell in row.items():
            meaning = _MEANINGS.get(_plain(name))
            if meaning is not None and cell.strip().lower() not in _MISSING:
                rank = _NAMES[meaning].split().index(_plain(name))
                self._cells.setdefault(meaning, []).append((rank, cell))

    def all(self, *meanings: str) -> list[str]:
        """Give the filled cells of some meanings, the better column names first."""
        return [cell for meaning in meanings for _, cell in sorted(self._cells.get(meaning, ()))]

    def one(self, meaning: str) -> str | None:
        """Give the first filled cell of a meaning."""
        return next(iter(self.all(meaning)), None)


def _read_record(cells: _Cells, *, source: str, number: int) -> Record:
    title = read_text(cells.one("title"))
    if title is None:
        raise ValueError("it has no title")
    names = read_authors(_author_texts(cells.one("authors")))
    abstract = read_abstract_field(cells.one("abstract"))
    identifiers = _read_identifiers(cells)
    stated = [number for text in cells.all("trial_ids") for number in split_list(text)]
    mesh = [read_mesh(text) for cell in cells.all("mesh_terms") for text in split_list(cell)]
    keywords = [word for cell in cells.all("keywords") for word in split_list(cell)]
    return Record(
        source=source,
        source_key=str(number),
        title=title,
        authors=names.authors,
        authors_complete=names.complete,
        journal=read_text(cells.one("journal")),
        journal_abbreviation=read_text(cells.one("abbreviation")),
        issns=find_issns(cells.all("issn")),
        published=choose_date(cells.all("published"), cells.all("year")),
        volume=collapse(cells.one("volume")),
        issue=collapse(cells.one("issue")),
        pages=_read_pages(cells),
        identifiers=identifiers,
        trial_ids=collect_trial_ids(stated, "\n".join(part.text for part in abstract)),
        url=next((url for text in cells.all("url") if (url := safe_url(text)) is not None), None),
        languages=read_languages(cells.all("language")),
        abstract=abstract,
        publication_types=_read_types(cells, identifiers.doi),
        mesh_terms=tuple(term for term in mesh if term is not None),
        keywords=tuple(dict.fromkeys(keywords)),
    )


def _author_texts(cell: str | None) -> Iterable[str]:
    """Divide a cell of authors only where that is beyond doubt; names themselves hold commas."""
    if cell is None:
        return ()
    if cell.strip().startswith("["):
        return split_list(cell)
    return re.split(r"\s*[;|\n]\s*", cell) if re.search(r"[;|\n]", cell) else (cell,)


def _read_identifiers(cells: _Cells) -> Identifiers:
    extra = "\n".join(cells.all("extra"))
    called = dict(re.findall(r"^\s*(PMID|PMCID|DOI)\s*:\s*(\S+)", extra, re.IGNORECASE | re.MULTILINE))
    called = {name.upper(): value for name, value in called.items()}
    pmid = cells.one("pmid") or called.get("PMID")
    if pmid is not None:
        pmid = re.sub(r"\.0$", "", pmid.strip())  # spreadsheets and pandas make numbers of them
    return Identifiers(
        doi=read_doi(cells.one("doi") or called.get("DOI")),
        pmid=normalise_pmid(pmid),
        pmcid=normalise_pmcid(cells.one("pmcid") or called.get("PMCID")),
    )


def _read_pages(cells: _Cells) -> str | None:
    first, last = collapse(cells.one("first_page")), collapse(cells.one("last_page"))
    if first is not None and last is not None and first != last:
        return f"{first}-{last}"
    return first or collapse(cells.one("pages"))


def _read_types(cells: _Cells, doi: str | None) -> tuple[str, ...]:
    stated = [kind for cell in cells.all("publication_types") for kind in split_list(cell)]
    is_preprint = any(map(says_preprint, stated)) or looks_like_preprint(doi, cells.one("journal"))
    kinds = [kind for kind in stated if not says_preprint(kind)]
    found = [_TYPES.get(kind.lower(), kind if " " in kind or kind[:1].isupper() else None) for kind in kinds]
    if is_preprint:
        found.append("Preprint")
    return tuple(dict.fromkeys(kind for kind in found if kind is not None))
