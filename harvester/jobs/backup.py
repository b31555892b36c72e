"""`harvester backup` and `harvester restore`: everything that cannot be asked for again, in one file.

The file is a tar, packed with gzip, that ordinary programs can open: the library, as it was after one of its
transactions; its ledger up to that one; the answers as received; the table; and last ``backup.json`` with the size and
checksum of each.  Settings and secrets are not in it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from harvester import __version__
from harvester.ground.errors import LibraryError, UsageError
from harvester.ground.files import drafting, remove_leftovers, storage_errors
from harvester.jobs.job import Job
from harvester.jobs.takeover import take_over
from harvester.library import (
    FILE_NAME,
    Ledger,
    Library,
    copy_library,
    finish_replacing,
    lock_folder,
    replace_library,
    settle,
    start_draft,
)
from harvester.library.ledger import FILE_NAME as LEDGER_NAME
from harvester.sources.registry import SOURCE_PAGES
from harvester.table.published import TABLE_NAMES, write_table

_FORM = 1  # of the file; a program refuses a newer one
_LIST = "backup.json"
_CHUNK = 1 << 20
_LEVEL = 4  # of gzip: the answers are packed already, and for the library more gains little and takes long


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What went into a copy."""

    path: Path
    files: int
    size: int  # bytes, packed


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came of putting a copy back."""

    made_at: str  # when the copy was made
    studies: int
    told: tuple[str, ...]  # what was taken over, and what could not be, a sentence each
    before: Path | None  # where everything lies that was there; None: nothing was


def backup(job: Job, path: Path, *, force: bool = False, settings: str = "config.yaml") -> BackedUp:
    """Write library, ledger, answers and table into one file, whole or not at all; a run may go on meanwhile.

    Parameters
    ----------
    force
        Whether to replace a file of that name.
    settings
        The name of the settings' file, for the reader of the copy.

    Raises
    ------
    UsageError
        If there is such a file already, or nothing to copy.
    LibraryError
        If the library is damaged.
    """
    data = job.settings.data
    if path.exists() and not force:
        raise UsageError(f"{path} is there already", advice="--force replaces it; or choose another name")
    if path.resolve().is_relative_to(data.resolve()):
        raise UsageError(f"{path} lies in the data folder", advice="a copy is of use on another disk")
    settle(data)
    if not (data / FILE_NAME).is_file():
        raise UsageError(f"there is no library in {data}", advice="there is nothing to copy yet")
    remove_leftovers(path)
    # Beside the file, where there must be room; a name that `remove_leftovers` knows.
    private = partial(tempfile.TemporaryDirectory, prefix=f".{path.name[:40]}.", suffix=".tmp")
    with storage_errors(path), private(dir=path.parent) as folder, drafting(path) as draft:
        copy = Path(folder) / FILE_NAME
        version, position = copy_library(data / FILE_NAME, copy)
        about = {
            "form": _FORM,
            "program": __version__,
            "made_at": job.at,
            "topic": job.settings.topic,
            "settings": settings,
            "library_version": version,
            "position": position,
        }
        with gzip.GzipFile(filename="", fileobj=draft.stream, mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
            files = _pack(packed, about, _list_files(data, copy, job.raw_folder, position))
        draft.publish()
    return BackedUp(path=path, files=files, size=path.stat().st_size)


def restore(job: Job, path: Path) -> Restored:
    """Put a copy in the place of the data, and take over what the place knows beyond it.

    What was there is kept beside it.  A process that is killed leaves what was there or what is restored.

    Raises
    ------
    UsageError
        If there is no such file.
    LibraryError
        If it is damaged or no copy of a library, or a newer program's; nothing was changed.
    LockedError
        If a run is going on.
    """
    data = job.settings.data
    with lock_folder(data):
        finish_replacing(data)
        draft = start_draft(data)
        try:
            about = _unpack(path, draft)
            told = take_over(job, draft)
            with Library.open(draft) as library:
                studies = library.studies.count()
                rows = library.studies.rows()
                topic = job.settings.topic
                write_table(draft, rows, created=job.at, topic=topic, source_pages=SOURCE_PAGES)
            for leftover in (".lock", ".lock-holder"):
                (draft / leftover).unlink(missing_ok=True)
            before = replace_library(data, draft, stamp=job.at.replace(":", ""))
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return Restored(made_at=about["made_at"], studies=studies, told=tuple(told), before=before)


def _list_files(data: Path, library: Path, raw: Path, position: int) -> Iterator[tuple[str, Path | bytes]]:
    """Yield the names in the copy, with what they hold; first the library, which says how far the ledger counts."""
    yield FILE_NAME, library
    if (raw / LEDGER_NAME).is_file():
        yield f"raw/{LEDGER_NAME}", b"".join(Ledger(raw).lines(until=position))
    for path in sorted(raw.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and path != raw / LEDGER_NAME:
            yield f"raw/{path.relative_to(raw).as_posix()}", path
    for name in TABLE_NAMES:
        if (data / name).is_file():
            yield name, (data / name).read_bytes()


def _pack(stream: gzip.GzipFile, about: dict[str, Any], files: Iterator[tuple[str, Path | bytes]]) -> int:
    sums: dict[str, Any] = {}
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files:
            with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as source:
                member = tarfile.TarInfo(name)
                member.size = source.seek(0, io.SEEK_END)
                source.seek(0)
                summed = _Summed(source)
                tar.addfile(member, summed)
                sums[name] = {"bytes": member.size, "sha256": summed.sum.hexdigest()}
        listed = json.dumps({**about, "files": sums}, ensure_ascii=False, indent=1).encode()
        member = tarfile.TarInfo(_LIST)
        member.size = len(listed)
        tar.addfile(member, io.BytesIO(listed))
    return len(sums)


class _Summed:
    """A stream that sums up what is read from it."""

    def __init__(self, stream: Any) -> None:
        self.sum = hashlib.sha256()
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Read, as a stream does."""
        content: bytes = self._stream.read(size)
        self.sum.update(content)
        return content


def _unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack a copy into a folder, and return what it says of itself, once every checksum is right."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    try:
        with path.open("rb") as stream, gzip.GzipFile(fileobj=stream) as packed:
            about = _read_members(packed, folder)
            while packed.read(_CHUNK):
                pass  # gzip's own checksum stands at the end
            return about
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise LibraryError(
            f"{path} is damaged, or no copy that `harvester backup` made ({error})",
            advice="take another copy; nothing was changed",
        ) from error


def _read_members(packed: gzip.GzipFile, folder: Path) -> dict[str, Any]:
    sums: dict[str, Any] = {}
    about: dict[str, Any] = {}
    with tarfile.open(fileobj=packed, mode="r|") as tar:
        for member in tar:
            source = tar.extractfile(member)
            parts = PurePosixPath(member.name).parts
            if source is None or member.name.startswith("/") or ".." in parts or about:
                raise ValueError(f"{member.name} has no place in it")
            if member.name == _LIST:
                about = json.load(source)
                continue
            target = folder / member.name
            summed = _Summed(source)
            with storage_errors(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as stream:
                    shutil.copyfileobj(summed, stream, _CHUNK)
            sums[member.name] = {"bytes": member.size, "sha256": summed.sum.hexdigest()}
    if not about:
        raise ValueError(f"it has no {_LIST}")
    if about["form"] > _FORM:
        raise LibraryError("the copy is of a newer program", advice="install that one; nothing was changed")
    if about["files"] != sums or FILE_NAME not in sums:
        wrong = sorted(name for name in {*sums, *about["files"]} if sums.get(name) != about["files"].get(name))
        raise ValueError(f"wrong checksum or missing: {', '.join(wrong[:3]) or FILE_NAME}")
    for name in TABLE_NAMES:
        (folder / name).unlink(missing_ok=True)  # written anew, from what the library then holds
    return about
