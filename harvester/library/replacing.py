"""Putting a whole library in the place of another, so that a process that is killed leaves the one or the other.

Several files are to change together, which no file system does at once.  So everything new lies ready in one folder,
and renaming that folder is the decision; what is left to do is then done by whoever opens the library next::

    restoring            whatever was being prepared; nothing has happened yet
    taking-out.BEFORE    decided: the old files move into the folder BEFORE
    putting-in.BEFORE    the old ones are out: the new ones move in
"""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

from harvester.ground.files import storage_errors, sync_folder
from harvester.table.published import TABLE_NAMES

FILE_NAME = "library.db"
RAW_NAME = "raw"

_DRAFT = "restoring"
_OUT, _IN = "taking-out.", "putting-in."
# Of a file of SQLite's and what a killed program leaves beside it, which must never meet another library.
_OURS = (*(f"{FILE_NAME}{end}" for end in ("-journal", "-wal", "-shm", "")), RAW_NAME, *TABLE_NAMES)


def start_draft(folder: Path) -> Path:
    """Make the empty folder in which what is to be put into a data folder is prepared, under its lock."""
    draft = folder / _DRAFT
    with storage_errors(draft):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
    return draft


def replace_library(folder: Path, draft: Path, *, stamp: str) -> Path | None:
    """Put what lies in a draft in place of a data folder's library, ledger, answers and table, under its lock.

    Returns
    -------
    Path or None
        The folder beside them in which everything now lies that was there; None: nothing was there.
    """
    names = (f"before-restore-{stamp}{'' if number == 1 else f'-{number}'}" for number in count(1))
    before = next(folder / name for name in names if not (folder / name).exists())
    with storage_errors(draft):
        os.sync()  # thousands of answers, one by one, would take minutes
        draft.rename(folder / f"{_OUT}{before.name}")
        sync_folder(folder)
    finish_replacing(folder)
    return before if before.exists() else None


def is_replacing(folder: Path) -> bool:
    """Whether a process died while it put a library into a data folder."""
    return any(path.name.startswith((_OUT, _IN)) for path in folder.glob("*-*.*"))


def finish_replacing(folder: Path) -> None:
    """Finish what a killed process began, under the folder's lock; mostly there is nothing to do."""
    with storage_errors(folder):
        for marker in sorted(folder.glob(f"{_OUT}*")):
            before = folder / marker.name.removeprefix(_OUT)
            before.mkdir(exist_ok=True)
            for name in _OURS:
                if (folder / name).exists():
                    (folder / name).rename(before / name)
            if not any(before.iterdir()):
                before.rmdir()
            sync_folder(folder)
            marker.rename(folder / f"{_IN}{before.name}")
        for marker in sorted(folder.glob(f"{_IN}*")):
            for path in sorted(marker.iterdir()):
                path.rename(folder / path.name)
            marker.rmdir()
            sync_folder(folder)
