"""Write a study into its three places: the published table, its document, and the index of its words."""

from __future__ import annotations

import sqlite3

from harvester.paper.records import Study
from harvester.paper.tags import TAGS
from harvester.table.columns import build_row


def number_of(study_id: str) -> int:
    """Give the number in a study id, by which the index of words knows it; 0 for what is no study id.

    Examples
    --------
    >>> number_of("S0000012"), number_of("nonsense")
    (12, 0)
    """
    digits = study_id[1:]
    return int(digits) if digits.isdecimal() else 0


def write_study(connection: sqlite3.Connection, study: Study, document: str) -> None:
    """Write a study that is in none of the three places.

    Parameters
    ----------
    connection
        Inside a transaction.
    study
        The study.
    document
        The study as JSON.
    """
    connection.execute("INSERT INTO study_documents VALUES (?, ?)", (study.study_id, document))
    row = build_row(study)
    names = ", ".join(f'"{name}"' for name in row)
    connection.execute(f"INSERT INTO studies ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    people = [author.display for author in study.authors] + [study.journal, study.journal_abbreviation]
    identifiers = study.identifiers
    terms = [
        *study.keywords,
        *(term.name for term in study.mesh_terms),
        *(value for tag in TAGS if tag.in_search for value in tag.values(study.tags)),
        *study.trial_ids,
        identifiers.pmid,
        identifiers.doi,
    ]
    # FTS5 finds a row at once by its rowid only; looking for the id would read the whole index.
    connection.execute(
        "INSERT INTO study_words (rowid, study_id, title, abstract, people, terms) VALUES (?, ?, ?, ?, ?, ?)",
        (
            number_of(study.study_id),
            study.study_id,
            " ".join(filter(None, (study.title, study.vernacular_title))),
            study.abstract_text or "",
            " ".join(filter(None, people)),
            " ".join(filter(None, terms)),
        ),
    )
