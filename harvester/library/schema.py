"""The library's tables, and the steps from one version of them to the next.

The version counts changes of what is kept.  What is derived from it (`harvester.library.derived`) has none: it is
filled again when its definition changes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

from harvester.ground.errors import SchemaError
from harvester.library import derived
from harvester.library.source_store import SourceState, SourceStore

LIBRARY_VERSION = 5

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- What each source said, as it last said it.
CREATE TABLE records (
  record_id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  source_key TEXT NOT NULL,
  record TEXT NOT NULL,                -- Record as JSON
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  deleted_at TEXT,                     -- when the source said that it is gone
  study_id TEXT,                       -- NULL: not yet deduplicated
  pending INTEGER NOT NULL DEFAULT 1,  -- 1: new or changed since studies were last built
  first_study_id TEXT,                 -- the study that it first belonged to; NULL: none yet
  UNIQUE (source, source_key)
);
CREATE INDEX records_by_study ON records (study_id);
CREATE INDEX records_pending ON records (pending) WHERE pending = 1;

-- What each source said before; the current words stand in `records`.
CREATE TABLE revisions (
  record_id INTEGER NOT NULL REFERENCES records,
  seen_at TEXT NOT NULL,               -- until when these words stood
  record TEXT NOT NULL
);
CREATE INDEX revisions_by_record ON revisions (record_id);

-- Where a new record looks for its like.
CREATE TABLE block_keys (
  key TEXT NOT NULL,
  record_id INTEGER NOT NULL REFERENCES records,
  PRIMARY KEY (key, record_id)
) WITHOUT ROWID;
CREATE INDEX block_keys_by_record ON block_keys (record_id);

CREATE TABLE study_documents (
  study_id TEXT PRIMARY KEY,
  document TEXT NOT NULL               -- Study as JSON, tags and their evidence included
) WITHOUT ROWID;

-- Why a record belongs to its study: the reason of its best link to the others.
CREATE TABLE merges (
  record_id INTEGER PRIMARY KEY REFERENCES records,
  other_record_id INTEGER NOT NULL REFERENCES records,
  study_id TEXT NOT NULL,
  score REAL NOT NULL,
  reason TEXT NOT NULL,
  merged_at TEXT NOT NULL
);

-- Pairs that look alike and were not merged.
CREATE TABLE near_misses (
  record_id INTEGER NOT NULL REFERENCES records,
  other_record_id INTEGER NOT NULL REFERENCES records,
  score REAL NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (record_id, other_record_id)
) WITHOUT ROWID;

-- What a user said of two records: that they are one paper ('same'), or two ('apart').
CREATE TABLE decisions (
  record_id INTEGER NOT NULL REFERENCES records,
  other_record_id INTEGER NOT NULL REFERENCES records,
  verdict TEXT NOT NULL,
  decided_at TEXT NOT NULL,
  PRIMARY KEY (record_id, other_record_id)
) WITHOUT ROWID;

-- What a user corrected in the tags of the study of a record.
CREATE TABLE corrections (
  correction_id INTEGER PRIMARY KEY,   -- the later, the higher
  record_id INTEGER NOT NULL REFERENCES records,
  tag TEXT NOT NULL,
  value TEXT NOT NULL,                 -- JSON; null: the paper does not say
  why TEXT,
  corrected_at TEXT NOT NULL,
  UNIQUE (record_id, tag)
);

-- What records say of other papers, held or not: notices of retraction, concern, correction, and articles of preprints.
CREATE TABLE notices (
  record_id INTEGER NOT NULL REFERENCES records,
  kind TEXT NOT NULL,                  -- as that paper's own record would say it: RetractionIn, UpdateIn, ...
  pmid TEXT NOT NULL,                  -- the paper that it speaks of; '': not stated
  doi TEXT NOT NULL,                   -- likewise
  PRIMARY KEY (record_id, kind, pmid, doi)
) WITHOUT ROWID;
CREATE INDEX notices_by_pmid ON notices (pmid);
CREATE INDEX notices_by_doi ON notices (doi);

-- What Retraction Watch says of papers that the library holds.
CREATE TABLE second_opinions (
  paper TEXT PRIMARY KEY,              -- the paper's DOI or PMID, as the list names it
  kind TEXT NOT NULL,                  -- RetractionIn, ExpressionOfConcernIn, ErratumIn
  pmid TEXT,                           -- the notice's
  doi TEXT,                            -- the notice's
  said_on TEXT                         -- ISO day of the notice
) WITHOUT ROWID;

CREATE TABLE redirects (study_id TEXT PRIMARY KEY, to_study_id TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE history (
  event_id INTEGER PRIMARY KEY,
  study_id TEXT NOT NULL,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,                  -- see harvester.library.study_store.EVENT_KINDS
  detail TEXT NOT NULL                 -- JSON
);
CREATE INDEX history_by_study ON history (study_id);
CREATE INDEX history_by_kind ON history (kind, event_id);

CREATE TABLE sources (
  source TEXT PRIMARY KEY,
  mark TEXT NOT NULL,                  -- JSON: how far it was read, in the source's own words
  last_answered TEXT,
  failing_since TEXT
) WITHOUT ROWID;

-- One row a source and harvest: what the receipt and a methods section need.
CREATE TABLE harvests (
  harvest_id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  source TEXT NOT NULL,
  report TEXT NOT NULL                 -- JSON
);

CREATE TABLE editions (
  digest TEXT NOT NULL,
  edition TEXT NOT NULL,
  made_at TEXT NOT NULL,
  last_study_id TEXT NOT NULL,         -- studies after this one belong to the next edition
  last_event_id INTEGER NOT NULL,      -- likewise events
  last_harvest_id INTEGER NOT NULL,    -- likewise harvests
  document BLOB NOT NULL,              -- Edition as JSON, zlib
  PRIMARY KEY (digest, edition)
) WITHOUT ROWID;

CREATE TABLE edition_studies (
  digest TEXT NOT NULL,
  study_id TEXT NOT NULL,
  edition TEXT NOT NULL,
  PRIMARY KEY (digest, study_id)
) WITHOUT ROWID;

-- Studies that an edition looked at and left out: off the topic, or not what the digest asks for.
CREATE TABLE passed_over (
  digest TEXT NOT NULL,
  study_id TEXT NOT NULL,
  PRIMARY KEY (digest, study_id)
) WITHOUT ROWID;

CREATE TABLE deliveries (
  digest TEXT NOT NULL,
  edition TEXT NOT NULL,
  recipient TEXT NOT NULL,
  state TEXT NOT NULL,                 -- see harvester.library.edition_store.Delivery
  attempts INTEGER NOT NULL DEFAULT 0,
  changed_at TEXT NOT NULL,
  error TEXT,
  PRIMARY KEY (digest, edition, recipient)
) WITHOUT ROWID;

-- Editions that were taken back after somebody had received them: their names are free, what they told stays told.
CREATE TABLE withdrawn_editions (
  digest TEXT NOT NULL,
  edition TEXT NOT NULL,
  number INTEGER NOT NULL,             -- of those of this name, from 1
  withdrawn_at TEXT NOT NULL,
  made_at TEXT NOT NULL,
  last_study_id TEXT NOT NULL,
  last_event_id INTEGER NOT NULL,
  last_harvest_id INTEGER NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (digest, edition, number)
) WITHOUT ROWID;

-- Who received those.
CREATE TABLE withdrawn_deliveries (
  digest TEXT NOT NULL,
  edition TEXT NOT NULL,
  number INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  state TEXT NOT NULL,                 -- claimed, sent, unknown
  attempts INTEGER NOT NULL,
  changed_at TEXT NOT NULL,
  error TEXT,
  PRIMARY KEY (digest, edition, number, recipient)
) WITHOUT ROWID;
"""


def create(connection: sqlite3.Connection) -> None:
    """Make an empty library of the current version, inside the caller's transaction."""
    for statement in _split(_TABLES):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO meta VALUES ('library_version', ?), ('last_study', '0'), ('journal', '0')",
        (str(LIBRARY_VERSION),),
    )
    derived.create(connection)


def _bring_to_2(connection: sqlite3.Connection) -> None:
    """Add users' decisions, notices, second opinions and the ledger's position."""
    connection.execute("ALTER TABLE records ADD COLUMN first_study_id TEXT")
    connection.execute("UPDATE records SET first_study_id = study_id")
    for name in ("open_window", "seen", "newest"):
        connection.execute(f"ALTER TABLE sources ADD COLUMN {name} TEXT")
    for statement in _split(_TABLES):
        words = statement.split()
        if words[:1] == ["CREATE"] and any(
            name in statement
            for name in ("TABLE decisions", "notices", "second_opinions", "history_by_kind", "passed_over")
        ):
            connection.execute(statement)
    # What the library holds so far was never written into a ledger: its first entry is missing, and `rebuild` says so.
    connection.execute("INSERT INTO meta VALUES ('journal', '1')")


def _bring_to_3(connection: sqlite3.Connection) -> None:
    """Put each source's mark into one column, in the source's own words."""
    connection.execute("ALTER TABLE sources RENAME TO sources_2")
    connection.execute(next(statement for statement in _split(_TABLES) if "TABLE sources " in statement))
    names = ("watermark", "etag", "last_modified", "newest", "open_window", "seen")
    for source, answered, failing, *values in connection.execute(
        f"SELECT source, last_answered, failing_since, {', '.join(names)} FROM sources_2"
    ).fetchall():
        fields = dict(zip(names, values, strict=True))
        fields |= {name: json.loads(fields[name]) for name in ("open_window", "seen") if fields[name]}
        state = SourceState.from_json({**fields, "last_answered": answered, "failing_since": failing})
        SourceStore(connection).save_state(source, state)
    connection.execute("DROP TABLE sources_2")


def _bring_to_4(connection: sqlite3.Connection) -> None:
    """Add users' corrections."""
    connection.execute(next(statement for statement in _split(_TABLES) if "TABLE corrections " in statement))


def _bring_to_5(connection: sqlite3.Connection) -> None:
    """Add editions that were taken back."""
    for statement in _split(_TABLES):
        if "TABLE withdrawn_" in statement:
            connection.execute(statement)


# Step n brings a library of version n to version n + 1.
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: _bring_to_2,
    2: _bring_to_3,
    3: _bring_to_4,
    4: _bring_to_5,
}


def migrate(connection: sqlite3.Connection, present: int) -> None:
    """Bring a library to the current version, inside the caller's transaction.

    Raises
    ------
    SchemaError
        If the library is newer than this program.
    """
    if present > LIBRARY_VERSION:
        raise SchemaError(
            f"the library is of version {present}, this program knows up to {LIBRARY_VERSION}",
            advice="install the newer program; nothing was changed",
        )
    for version in range(present, LIBRARY_VERSION):
        MIGRATIONS[version](connection)
    connection.execute("UPDATE meta SET value = ? WHERE key = 'library_version'", (str(LIBRARY_VERSION),))


def _split(script: str) -> list[str]:
    """Cut a script into statements; `executescript` would commit the caller's transaction."""
    statements, lines = [], []
    for line in script.splitlines():
        lines.append(line.split("--")[0])
        if line.split("--")[0].rstrip().endswith(";"):
            statements.append("\n".join(lines))
            lines = []
    return statements
