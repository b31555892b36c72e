"""How runs began and ended, in `data/runs.jsonl`: one line each, the newest hundred.

Runs that fail do so where the library cannot be written: it is locked, damaged, or the disk is full.  So they are
noted beside it, in a file whose lines have one length and are written over in place, the oldest first: a full disk
cannot hide the run that failed on it, and a run that was killed stays as one that began and never ended.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO, Self

FILE_NAME = "runs.jsonl"
_LINES = 100
_WIDTH = 1000  # bytes of a line, with its line break
_ROOM = 360  # bytes for what failed, and as many for what is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run."""

    number: int = 0  # counts up; 0: not written yet
    command: str  # run, harvest or send
    began: str  # UTC time by the clock of the run
    process: int  # its id on its machine
    ended: str | None = None  # UTC time; None: it is under way, or was killed
    exit: int | None = None
    failed: tuple[str, ...] = ()  # what failed: sources by name, "mail", "locked", …
    told: str = ""  # what it amounts to, a line

    @property
    def is_alive(self) -> bool:
        """Whether it is under way: it has not ended, and its process is there."""
        if self.ended is not None:
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True  # another user's
        return True

    @classmethod
    def from_line(cls, line: bytes) -> Self | None:
        """Read a line; None: it is blank, or cut."""
        try:
            fields = json.loads(line)
            return cls(**{**fields, "failed": tuple(fields["failed"])})
        except (ValueError, TypeError, KeyError):
            return None

    def to_line(self) -> bytes:
        """Write it as one line of the file's width."""
        line = json.dumps(asdict(self), ensure_ascii=False).encode()
        return line[: _WIDTH - 1].ljust(_WIDTH - 1) + b"\n"


class RunFile:
    """The runs that were noted in a data folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def read(self) -> list[Run]:
        """Return the runs, the oldest first; none if there is no such file, or it cannot be read."""
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return []
        return sorted((run for run in map(Run.from_line, lines) if run is not None), key=lambda run: run.number)

    def write(self, run: Run) -> Run:
        """Write a run, a new one over the oldest; returns it with its number.

        Raises
        ------
        OSError
            If the disk refuses.
        """
        with self._open() as stream:
            if not run.number:
                run = replace(run, number=max((before.number for before in self.read()), default=0) + 1)
            stream.seek(run.number % _LINES * _WIDTH)
            stream.write(run.to_line())
            stream.flush()
            os.fsync(stream.fileno())
        return run

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        """Open the file for one writer at a time, whole: no later line will need room on the disk."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        with os.fdopen(descriptor, "r+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            lines = stream.seek(0, os.SEEK_END) // _WIDTH
            stream.seek(lines * _WIDTH)  # what a full disk cut is no line
            stream.write((b" " * (_WIDTH - 1) + b"\n") * (_LINES - lines))
            stream.flush()
            yield stream


def fit_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return as many of the first names as a line has room for."""
    fitting: list[str] = []
    for name in names:
        if _size(json.dumps([*fitting, name], ensure_ascii=False)) > _ROOM:
            break
        fitting.append(name)
    return tuple(fitting)


def fit_text(text: str) -> str:
    """Return as much of a text's beginning as a line has room for."""
    line = " ".join(text.split())[:_ROOM]
    while _size(json.dumps(line, ensure_ascii=False)) > _ROOM:
        line = line[: -max(1, len(line) // 10)]
    return line


def _size(text: str) -> int:
    return len(text.encode())
