"""The columns of the published table, and how a study becomes a row of it.

`COLUMNS` is the one list from which the CSV, the Parquet file, ``datapackage.json``, the SQL columns, the
types of `harvester.table.published.read_table` and docs/table.md derive.  Changing it means a new `SCHEMA_VERSION`; new
columns go to the end.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from harvester.paper.dates import PARTIAL_DATE
from harvester.paper.identifiers import DOI, PMCID, PMID, PUBMED
from harvester.paper.statuses import STATUSES
from harvester.paper.text import collapse

if TYPE_CHECKING:
    from harvester.paper.records import Study

SCHEMA_VERSION = "1.1.0"

ColumnType = Literal["text", "list", "integer", "number", "date", "time"]
Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table: what it is called, holds and means."""

    name: str
    type: ColumnType  # list: items joined by "; "; date: ISO, as precise as known; time: UTC to the second
    meaning: str
    pattern: str | None = None  # what the whole cell looks like, as a regular expression
    choices: tuple[str, ...] = ()  # the only values there are; empty: any
    minimum: float | None = None
    maximum: float | None = None
    is_required: bool = False  # never empty


def _column(name: str, type_: ColumnType, meaning: str, **constraints: Any) -> Column:
    return Column(name=name, type=type_, meaning=meaning, **constraints)


COLUMNS: tuple[Column, ...] = (
    _column("study_id", "text", "Names the study in this table for ever.", pattern="S[0-9]{7,}", is_required=True),
    _column("title", "text", "Title as the source prints it, in the paper's own language if that is all there is."),
    _column("authors", "list", "Family name and initials (`Family GI`), or the name of a group, in printed order."),
    _column("journal", "text", "Journal's full name, or its abbreviation if that is all there is."),
    _column("published", "date", "Publication date, as precise as known: `2026`, `2026-11` or `2026-11-05`."),
    _column("year", "integer", "Year of `published`.", minimum=1000, maximum=9999),
    _column("volume", "text", "Volume, as printed."),
    _column("issue", "text", "Issue, as printed."),
    _column("pages", "text", "Pages as printed (`211-9`), or the article number."),
    _column("doi", "text", "DOI in lower case, without resolver.", pattern=DOI),
    _column("pmid", "text", "PubMed identifier, without leading zeros.", pattern=PMID),
    _column("pmcid", "text", "PubMed Central identifier.", pattern=PMCID),
    _column("trial_ids", "list", "Registrations of trials and reviews (`NCT01234567`, `CRD42024500001`)."),
    _column(
        "url",
        "text",
        "The paper's page at its source, else its DOI's or PubMed's.",
        pattern=r"[Hh][Tt][Tt][Pp][Ss]?://\S+",
    ),
    _column("language", "list", "Languages of the paper, ISO 639-2/B as PubMed has them (`eng`, `chi`)."),
    _column("abstract", "text", "Abstract on one line, `LABEL: text` per section. It belongs to its publisher."),
    _column(
        "key_finding",
        "text",
        "The authors' own sentences that state the result, from conclusions or results.",
    ),
    _column("publication_types", "list", "NLM's publication types (`Randomized Controlled Trial`)."),
    _column("mesh_terms", "list", "Names of the MeSH descriptors."),
    _column("keywords", "list", "The authors' keywords."),
    _column("compounds", "list", "Compounds studied, tags of the vocabulary (`ketamine`, `esketamine`)."),
    _column("routes", "list", "Routes of administration, tags of the vocabulary (`intravenous`, `intranasal`)."),
    _column("conditions", "list", "Conditions, tags of the vocabulary; a narrower one brings its broader one too."),
    _column(
        "design",
        "text",
        "Study design, one tag (`rct`, `protocol`, `systematic-review`, `preclinical`, `other`).",
    ),
    _column("sample_size", "integer", "People randomised, else enrolled, else analysed.", minimum=0),
    _column("scales", "list", "Rating scales named in the text (`MADRS`)."),
    _column("topics", "list", "What the study asks, tags of the vocabulary (`efficacy`, `safety`, `mechanism`)."),
    _column("tier", "text", "How close to the topic the study is.", choices=("core", "adjacent", "off-topic")),
    _column("relevance", "number", "Order within a tier, higher is nearer, two decimals.", minimum=0, maximum=1),
    _column(
        "status",
        "text",
        "Where the paper stands; a retraction outweighs all else.",
        choices=STATUSES,
        is_required=True,
    ),
    _column("preprint_doi", "text", "DOI of the preprint that became this paper.", pattern=DOI),
    _column(
        "sources",
        "list",
        "Sources that described it, in order of arrival (`pubmed`, `feed:NAME`, `import:FILE`).",
    ),
    _column(
        "record_count",
        "integer",
        "Number of records that were merged into this study.",
        minimum=1,
        is_required=True,
    ),
    _column("first_seen", "time", "When this program first met the study.", is_required=True),
    _column("last_changed", "time", "When anything in this row last changed.", is_required=True),
    _column("first_edition", "text", "First edition that held it, an ISO week.", pattern="[0-9]{4}-W[0-5][0-9]"),
    _column("comparators", "list", "What it was compared with (`midazolam`, `placebo`, `ECT`)."),
    _column("follow_up", "text", "Length of follow-up, as written (`32 weeks`)."),
    _column("countries", "list", "Where the study was done, then where its authors work (English short names)."),
    _column(
        "direction",
        "text",
        "Which way the main finding points; empty where the paper does not say.",
        choices=("favours", "against", "no-difference", "mixed"),
    ),
)
COLUMN_NAMES = tuple(column.name for column in COLUMNS)
# How many columns each schema version has: new ones go to the end, so an earlier table is the beginning of a row.
COLUMN_COUNTS = {"1.0.0": 38, SCHEMA_VERSION: len(COLUMNS)}

_SQL_TYPES: Mapping[ColumnType, str] = {"integer": "INTEGER", "number": "REAL"}  # all else is TEXT
_FIELD_TYPES: Mapping[ColumnType, str] = {
    "integer": "integer",
    "number": "number",
    "time": "datetime",
}  # else string
_TYPE_WORDS: Mapping[ColumnType, str] = {
    "date": "partial date",
    "time": "time (UTC)",
}  # else the type's own name


def build_row(study: Study) -> dict[str, Cell]:
    """Flatten a study into a row of the table.

    Parameters
    ----------
    study
        Any study.

    Returns
    -------
    dict
        A value or None by column name, in the order of `COLUMNS`.  Every text is one line: white space is
        collapsed, and control characters, which no reader of CSV agrees on, become spaces.  Lists are joined
        by ``"; "``; a semicolon inside an item becomes a comma, so that a semicolon in a list always divides.
    """
    tags, identifiers = study.tags, study.identifiers
    return {
        "study_id": study.study_id,
        "title": _line(study.title or study.vernacular_title),
        "authors": join_list(author.display for author in study.authors),
        "journal": _line(study.journal or study.journal_abbreviation),
        "published": study.published,
        "year": study.year,
        "volume": _line(study.volume),
        "issue": _line(study.issue),
        "pages": _line(study.pages),
        "doi": identifiers.doi,
        "pmid": identifiers.pmid,
        "pmcid": identifiers.pmcid,
        "trial_ids": join_list(study.trial_ids),
        "url": study.page_url,
        "language": join_list(study.languages),
        "abstract": _line(study.abstract_text),
        "key_finding": _line(tags.key_finding),
        "publication_types": join_list(study.publication_types),
        "mesh_terms": join_list(term.name for term in study.mesh_terms),
        "keywords": join_list(study.keywords),
        "compounds": join_list(tags.compounds),
        "routes": join_list(tags.routes),
        "conditions": join_list(tags.conditions),
        "design": _line(tags.design),
        "sample_size": tags.sample_size,
        "scales": join_list(tags.scales),
        "topics": join_list(tags.topics),
        "tier": tags.tier,
        "relevance": round(tags.relevance, 2),
        "status": study.status,
        "preprint_doi": study.preprint_doi,
        "sources": join_list(study.sources),
        "record_count": study.record_count,
        "first_seen": study.first_seen,
        "last_changed": study.last_changed,
        "first_edition": study.first_edition,
        "comparators": join_list(tags.comparators),
        "follow_up": _line(tags.follow_up),
        "countries": join_list(tags.countries),
        "direction": tags.direction,
    }


def join_list(items: Iterable[str]) -> str | None:
    """Join the items of a list into one cell; None if nothing is left.

    Examples
    --------
    >>> join_list(["Family GI", "Group for A; B and C"])
    'Family GI; Group for A, B and C'
    >>> join_list([]) is None
    True
    """
    lines = (_line(re.sub(r"\s*;\s*", ", ", item.strip("; \t\n\r"))) for item in items)
    return "; ".join(line for line in lines if line) or None


def split_list(cell: str | None) -> tuple[str, ...]:
    """Split a list's cell into its items.

    Examples
    --------
    >>> split_list("ketamine; esketamine"), split_list(None)
    (('ketamine', 'esketamine'), ())
    """
    return tuple(cell.split("; ")) if cell else ()


_UNPRINTABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


def _line(text: str | None) -> str | None:
    return None if text is None else collapse(_UNPRINTABLE.sub(" ", text))


def sql_columns() -> tuple[tuple[str, str], ...]:
    """Give each column's name and SQLite type, in the order of `COLUMNS`."""
    return tuple((column.name, _SQL_TYPES.get(column.type, "TEXT")) for column in COLUMNS)


def describe_columns() -> str:
    """Describe the columns as a Markdown table, one line each, ending in a line feed."""
    lines = ["| column | type | meaning |", "| --- | --- | --- |"]
    for column in COLUMNS:
        meaning = column.meaning
        if column.choices:
            meaning += " One of " + ", ".join(f"`{choice}`" for choice in column.choices) + "."
        if column.maximum is not None and column.type == "number":
            meaning += f" From {column.minimum} to {column.maximum}."
        if column.is_required:
            meaning += " Never empty."
        lines.append(f"| `{column.name}` | {_TYPE_WORDS.get(column.type, column.type)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _build_field(column: Column) -> dict[str, object]:
    constraints: dict[str, object] = {}
    if column.is_required:
        constraints["required"] = True
    if column.name == "study_id":
        constraints["unique"] = True
    pattern = PARTIAL_DATE if column.type == "date" else column.pattern
    if pattern is not None:
        constraints["pattern"] = pattern
    if column.choices:
        constraints["enum"] = list(column.choices)
    bounds = {"minimum": column.minimum, "maximum": column.maximum}
    constraints |= {word: bound for word, bound in bounds.items() if bound is not None}
    note = ' Items are joined by "; ".' if column.type == "list" else ""
    field: dict[str, object] = {
        "name": column.name,
        "type": _FIELD_TYPES.get(column.type, "string"),
        "description": column.meaning + note,
    }
    return field | ({"constraints": constraints} if constraints else {})


def build_description(*, path: str, topic: str, created: str, sources: Iterable[str], size: int, sha256: str) -> bytes:
    """Build ``datapackage.json``: what the table holds, in the words of Data Package 2.0.

    Parameters
    ----------
    path
        The CSV's file name.
    topic
        The title.
    created
        UTC time, ``2026-11-16T06:00:00Z``.
    sources
        Names of the sources that the rows name, in any order.
    size
        The CSV's size, bytes.
    sha256
        The CSV's SHA-256, hexadecimal.

    Returns
    -------
    bytes
        Indented JSON, UTF-8.

    Notes ----- No ``licenses``: most of a row is facts, but the abstracts are their publishers', and we
    cannot license those. The Parquet file is not listed, because it is a copy for fast reading and not every
    validator can open it.
    """
    described = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "studies",
        "title": topic,
        "description": (
            "One row a study. The bibliographic data come from the sources named here. The abstracts belong "
            "to their publishers; nothing here licenses republishing them, so no licence is stated."
        ),
        "version": SCHEMA_VERSION,
        "schema_version": SCHEMA_VERSION,
        "created": created,
        "sources": [
            {"title": "PubMed", "path": PUBMED} if name == "pubmed" else {"title": name} for name in sorted(sources)
        ],
        "resources": [
            {
                "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
                "name": "studies",
                "type": "table",
                "path": path,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": size,
                "hash": f"sha256:{sha256}",
                "schema": {
                    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
                    "fields": [_build_field(column) for column in COLUMNS],
                    "primaryKey": ["study_id"],
                    "missingValues": [""],
                },
            }
        ],
    }
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode()
