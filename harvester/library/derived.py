"""What the library derives from its studies' documents: the published table `studies`, and the index `study_words`.

Both are dropped and filled again whenever they were filled by another definition than this program's.  A fingerprint of
the code that defines and fills them, kept in the library, tells; so a column, or a word of the index, that is added
needs no version number that somebody might forget.
"""

from __future__ import annotations

import sqlite3

from harvester.ground.fingerprint import fingerprint
from harvester.library.codec import study_from_json
from harvester.paper.records import Study
from harvester.paper.tags import TAGS
from harvester.paper.text import part_characters
from harvester.table.columns import build_row, sql_columns

_KEY = "rules of studies"  # in the table meta
_WORDS = """
CREATE VIRTUAL TABLE study_words USING fts5 (
  study_id UNINDEXED, title, abstract, people, terms, tokenize = "unicode61 remove_diacritics 2"
)
"""


def number_of(study_id: str) -> int:
    """Return the number in a study id, by which the index of words knows it; 0 for what is no study id.

    Examples
    --------
    >>> number_of("S0000012"), number_of("nonsense")
    (12, 0)
    """
    digits = study_id[1:]
    return int(digits) if digits.isdecimal() else 0


def bring_up(connection: sqlite3.Connection) -> None:
    """Fill both tables anew, in a transaction of their own, if they were filled by another definition."""
    if _is_current(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    for table in ("studies", "study_words"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    create(connection)
    for (document,) in connection.execute("SELECT document FROM study_documents ORDER BY study_id"):
        add(connection, study_from_json(document))
    connection.execute("COMMIT")


def create(connection: sqlite3.Connection) -> None:
    """Make both tables, empty, inside a transaction."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in sql_columns())
    connection.execute(f"CREATE TABLE studies ({columns}, PRIMARY KEY (study_id))")
    connection.execute("CREATE INDEX studies_by_doi ON studies (doi)")
    connection.execute("CREATE INDEX studies_by_pmid ON studies (pmid)")
    connection.execute(_WORDS)
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, _definition()))


def add(connection: sqlite3.Connection, study: Study) -> None:
    """Write a study that is in neither table into both, inside a transaction."""
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
            *(
                part_characters(" ".join(filter(None, texts)))
                for texts in ((study.title, study.vernacular_title), (study.abstract_text,), people, terms)
            ),
        ),
    )


def remove(connection: sqlite3.Connection, study_id: str) -> None:
    """Drop a study from both tables, inside a transaction."""
    connection.execute("DELETE FROM studies WHERE study_id = ?", (study_id,))
    connection.execute("DELETE FROM study_words WHERE rowid = ?", (number_of(study_id),))


def column_names(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of the columns that the table has; a reader may meet those of another definition."""
    return tuple(row[1] for row in connection.execute("PRAGMA table_info (studies)"))


def _is_current(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return row == (_definition(),) and column_names(connection) == tuple(name for name, _ in sql_columns())


def _definition() -> str:
    """Return a fingerprint of how both tables are defined and filled."""
    return fingerprint("library/derived.py", "library/codec.py", "table/columns.py", "paper")
