"""Invented records for tests; every title says that it is a sample."""

from __future__ import annotations

from dataclasses import replace

from harvester.paper.records import AbstractSection, Author, Identifiers, Record


def build_record(number: int = 1, *, source: str = "pubmed", **changes: object) -> Record:
    """Give an invented record; records of different numbers are different papers."""
    doi = f"10.5555/sample.{number}"
    pmid = str(99_500_000 + number) if source == "pubmed" else None
    record = Record(
        source=source,
        source_key=pmid or doi,
        title=f"{_TOPICS[number % len(_TOPICS)]} in cohort {_WORDS[number % len(_WORDS)]}-{number} (invented sample)",
        authors=(Author(family=f"{_WORDS[number % len(_WORDS)]}son", given="Jane A", initials="JA"),),
        journal="Journal of Invented Psychiatry",
        published=f"2026-11-{number % 27 + 1:02d}",
        identifiers=Identifiers(doi=doi, pmid=pmid),
        abstract=(
            AbstractSection(
                label="METHODS",
                text=f"We randomised {40 + number} adults with major depression to intravenous ketamine or saline.",
            ),
            AbstractSection(label="CONCLUSIONS", text="Ketamine reduced depressive symptoms at day 7."),
        ),
    )
    return replace(record, **changes)  # type: ignore[arg-type]


_TOPICS = (
    "Intravenous ketamine for major depressive disorder",
    "Esketamine nasal spray and relapse of depression",
    "Oral ketamine for post-traumatic stress",
    "Ketamine infusions and suicidal ideation",
    "Maintenance esketamine after remission",
)
_WORDS = ("Amber", "Birch", "Cedar", "Dahlia", "Elder", "Fennel", "Ginger")
