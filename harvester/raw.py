"""The answers of the sources as received, compressed, so that what was made of them can be checked and made again.

One file an answer: ``data/raw/2026-11-16/060000-0001-pubmed-efetch.gz``.  Unpacked it is one line of JSON (address
without secrets, status, headers, time) and then the body, byte for byte.
"""

from __future__ import annotations

import gzip
import json
import re
from datetime import datetime
from pathlib import Path

from harvester.clock import format_time
from harvester.errors import StorageError
from harvester.files import write_atomically
from harvester.http import Answer


class RawStore:
    """Where the answers of one run are kept.

    Parameters
    ----------
    folder
        ``data/raw``.
    now
        The clock of the run, aware; names the folder of the day.
    """

    def __init__(self, folder: Path, *, now: datetime) -> None:
        stamp = format_time(now)
        self._folder = folder / stamp[:10]
        self._start = stamp[11:19].replace(":", "")
        self._count = 0

    def save(self, name: str, answer: Answer) -> None:
        """Keep an answer.

        Parameters
        ----------
        name
            Who answered what: ``pubmed-efetch``, ``feed-JAMA Psychiatry``.
        answer
            With an address that holds no secrets.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self._folder} cannot be written ({error.strerror})") from error
        self._count += 1
        safe = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:60]
        header = {
            "url": answer.url,
            "status": answer.status,
            "headers": dict(answer.headers),
            "fetched_at": format_time(answer.fetched_at),
        }
        content = json.dumps(header, sort_keys=True).encode() + b"\n" + answer.content
        # No time stamp inside, so that the same answer gives the same bytes.
        packed = gzip.compress(content, compresslevel=6, mtime=0)
        write_atomically(self._folder / f"{self._start}-{self._count:04d}-{safe}.gz", packed)
