"""The answers of the sources as received, compressed, so that what was made of them can be checked and made again.

One file an answer: ``data/raw/2026-11-16/060000-0001-pubmed-efetch.gz``.  Unpacked it is one line of JSON (address
without secrets, status, headers, time) and then the body, byte for byte.  Files that a user imported lie beside
them in the same form.  The ledger (`harvester.library.ledger`) says what was made of which.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from harvester.ground.clock import format_time
from harvester.ground.errors import LibraryError, StorageError
from harvester.ground.files import write_atomically
from harvester.ground.http import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer as it was received, or an imported file."""

    header: Mapping[str, Any]  # url, status, headers, fetched_at; or file
    content: bytes


class RawStore:
    """The folder of answers, for one run to write.

    Parameters
    ----------
    folder
        ``data/raw``.
    now
        The clock of the run, aware; names the folder of the day.
    """

    def __init__(self, folder: Path, *, now: datetime) -> None:
        stamp = format_time(now)
        self._root = folder
        self._folder = folder / stamp[:10]
        self._start = stamp[11:19].replace(":", "")
        # A second run of the same second (a replay, a clock set back) goes on counting where the first ended.
        self._count = max(
            (int(path.name[7:11]) for path in self._folder.glob(f"{self._start}-[0-9][0-9][0-9][0-9]-*.gz")), default=0
        )

    def save(self, name: str, answer: Answer) -> str:
        """Write an answer.

        Parameters
        ----------
        name
            Who answered what: ``pubmed-efetch``, ``feed-JAMA Psychiatry``.
        answer
            With an address that holds no secrets.

        Returns
        -------
        str
            What `load` knows it by: its path below the folder.
        """
        header = {
            "url": answer.url,
            "status": answer.status,
            "headers": dict(answer.headers),
            "fetched_at": format_time(answer.fetched_at),
        }
        return self._write(name, header, answer.content)

    def save_file(self, name: str, content: bytes) -> str:
        """Write a file that a user imported, under its name; as `save`."""
        return self._write(f"import-{name}", {"file": name}, content)

    def _write(self, name: str, header: Mapping[str, Any], content: bytes) -> str:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self._folder} cannot be written ({error.strerror})") from error
        self._count += 1
        safe = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:60]
        path = self._folder / f"{self._start}-{self._count:04d}-{safe}.gz"
        write_atomically(path, pack(header, content))
        return path.relative_to(self._root).as_posix()


def pack(header: Mapping[str, Any], content: bytes) -> bytes:
    """Return what `load` reads, the same bytes for the same content."""
    head = json.dumps(header, sort_keys=True).encode() + b"\n"
    return gzip.compress(head + content, compresslevel=6, mtime=0)


def load(folder: Path, name: str, *, sha256: str | None = None) -> StoredAnswer:
    """Read what `pack` made; raises LibraryError if the file is missing, damaged, or has another checksum."""
    path = folder / name
    try:
        packed = path.read_bytes()
        if sha256 not in (None, hashlib.sha256(packed).hexdigest()):
            raise ValueError("its checksum is not the ledger's")
        head, _, content = gzip.decompress(packed).partition(b"\n")
        return StoredAnswer(header=json.loads(head), content=content)
    except FileNotFoundError as error:
        raise LibraryError(f"{path} is missing", advice="put back a copy of the folder raw") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise LibraryError(f"{path} is damaged ({error})", advice="put back a copy of the folder raw") from error
