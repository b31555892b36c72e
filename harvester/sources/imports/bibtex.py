"""BibTeX and biblatex, read through bibtexparser; LaTeX's accents and commands become plain text through pylatexenc.

The names of fields are those of columns (`harvester.table.headers`), as reference managers use one vocabulary for both.
An entry that cannot be read costs itself; two entries of one key are two.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import InvalidNameError, split_multiple_persons_names
from bibtexparser.model import Block, Entry, ParsingFailedBlock
from pylatexenc.latex2text import LatexNodes2Text

from harvester.paper.names import Names, parse_name
from harvester.paper.preprints import says_preprint
from harvester.paper.records import Author, BadRecord, Record
from harvester.paper.text import collapse, strip_invisible
from harvester.sources.imports.rows import read_record
from harvester.table.foreign import Fields, read_fields

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it could not read is ours to tell
_DECODER = LatexNodes2Text(math_mode="text", keep_comments=True)
# Read as they are: biblatex and hyperref do not take LaTeX's commands there, and some exporters escape all the same.
_VERBATIM = frozenset(("doi", "url", "pmid", "pmcid", "eprint", "issn"))
_TYPES = {
    "book": "Book",
    "conference": "Congress",
    "dataset": "Dataset",
    "inproceedings": "Congress",
    "mastersthesis": "Academic Dissertation",
    "phdthesis": "Academic Dissertation",
    "techreport": "Technical Report",
    "thesis": "Academic Dissertation",
}


def parse_bibtex(text: str, *, source: str) -> list[Record | BadRecord]:
    """Read BibTeX as records of a source, in the text's order."""
    items: list[Record | BadRecord] = []
    for block in parse_string(strip_invisible(text)).blocks:
        entry = _find_entry(block)
        try:
            if entry is not None:
                items.append(_read_entry(entry, source=source))
            elif isinstance(block, ParsingFailedBlock):
                raise ValueError("it cannot be read")
        except ValueError as error:
            items.append(BadRecord(pmid=None, reason=f"entry at line {(block.start_line or 0) + 1}: {error}"))
    return items


def _find_entry(block: Block) -> Entry | None:
    """Return the entry of a block, also where its key or one of its fields stood there before."""
    found = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
    return found if isinstance(found, Entry) else None


def _read_entry(entry: Entry, *, source: str) -> Record:
    raw = {field.key.lower(): _open(str(field.value)) for field in reversed(entry.fields)}
    if "eid" in raw:  # the number of an article, where Scopus's column of that name has its own number of the record
        raw["article-number"] = raw.pop("eid")
    values = {name: _decode(name, value) for name, value in raw.items() if name not in ("author", "file")}
    notes = [values[name] for name in ("note", "annotation", "annote", "addendum", "pubstate") if name in values]
    place = values.get("eprinttype", values.get("archiveprefix", "")).lower()
    eprint = values.get("eprint")
    kind = _TYPES.get(entry.entry_type.lower())
    (fields,) = read_fields(list(values), [tuple(values.values())])
    found = {
        **fields.by_name(),
        "keywords": [part for text in fields.all("keywords") for part in re.split(r"\s*[,;]\s*", text)],
        "publication_types": [
            *fields.all("publication_types"),
            *([kind] if kind else []),
            *filter(says_preprint, notes),
        ],
        "doi": [*fields.all("doi"), *([f"10.48550/arxiv.{eprint}"] if eprint and place == "arxiv" else [])],
        "pmid": [*fields.all("pmid"), *([eprint] if eprint and place in ("pubmed", "pmid") else [])],
        "notes": notes,
        "database": [values["source"]] if "source" in values else [],
        "extra": [*fields.all("extra"), *notes],
        "authors": [raw["author"]] if "author" in raw else [],
    }
    return read_record(Fields(found), _read_names(raw.get("author")), source=source)


def _open(value: str) -> str:
    """Return a value without the braces or quotes around it, which an entry keeps that has a field twice."""
    enclosed = re.fullmatch(r'\s*(?:\{([^{}]*)\}|"([^"]*)")\s*', value, re.DOTALL)
    return value if enclosed is None else enclosed[1] or enclosed[2] or ""


def _decode(name: str, value: str) -> str:
    if name in _VERBATIM:
        return re.sub(r"\\([_&%#$~{}])", r"\1", re.sub(r"^\\url\{(.*)\}$", r"\1", value.strip())).strip("{}")
    # The decoder knows another circumflex than the one that was meant.
    text: str = _DECODER.latex_to_text(value.replace(r"\textasciicircum{}", "^").replace(r"\^{}", "^"))
    return text.replace("–", "-") if name == "pages" else text


def _read_names(text: str | None) -> Names:
    """Read authors: "and" divides them outside braces, and what stands in braces of its own is a group."""
    authors: list[Author | None] = []
    complete = True
    for name in _split(text or ""):
        plain = collapse(_DECODER.latex_to_text(name))
        if plain == "others":
            complete = False
        elif plain is not None and name.startswith("{") and name.endswith("}") and "," not in name:
            authors.append(Author(collective=plain))
        else:
            authors.append(parse_name(plain))
    return Names(authors=tuple(author for author in authors if author is not None), complete=complete)


def _split(text: str) -> Iterator[str]:
    try:
        yield from split_multiple_persons_names(text)
    except InvalidNameError:
        yield from re.split(r"\s+and\s+", text)
