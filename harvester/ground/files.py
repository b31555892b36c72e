"""Files that appear whole or not at all.

A reader of `data/` or `digests/` (a notebook, a web server, the next run) must never meet half a file, and a
full disk must not cost the file that was there before.  So everything is written under a temporary name in
the same folder, synced, and renamed: POSIX promises that the rename is seen entirely or not at all, and
syncing the folder makes it survive a power cut.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from harvester.ground.errors import StorageError, UsageError

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and run again",
    errno.EDQUOT: "the disk quota is used up; free some space and run again",
    errno.EFBIG: "the file is larger than this system allows; raise the limit (ulimit -f)",
    errno.EACCES: "this user may not write there; change the owner or the permissions",
    errno.EPERM: "this user may not write there; change the owner or the permissions",
    errno.EROFS: "the disk is mounted read-only",
    errno.ENOENT: "the folder does not exist; make it first",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "there is a file where a folder should be; move it away",
    errno.EISDIR: "there is a folder of that name; choose another name",
    errno.ENOTEMPTY: "there is a folder of that name; choose another name",
    errno.ENAMETOOLONG: "the name is too long for this disk; choose a shorter one",
    errno.EIO: "the disk reports an error; look at the system log",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file that is being written and that nobody sees under its name yet."""

    path: Path  # where it will appear
    temporary: Path  # where it is now, in the same folder
    stream: BinaryIO  # write here

    def finish(self) -> None:
        """Bring everything written so far to the disk; nothing may be written afterwards."""
        if not self.stream.closed:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()

    def publish(self) -> None:
        """Finish, and let the file appear under its name in place of what was there."""
        self.finish()
        self.temporary.replace(self.path)
        sync_folder(self.path.parent)


@contextmanager
def drafting(path: Path) -> Iterator[Draft]:
    """Open a draft of a file; leaving the block without `Draft.publish` leaves no trace of it.

    Parameters
    ----------
    path
        Where the file will appear; its folder must exist.  A symbolic link is followed, not replaced.

    Yields
    ------
    Draft
        With a binary stream to write to.

    Raises
    ------
    StorageError
        If the disk refuses anything inside the block; what was at `path` is as it was.
    """
    with storage_errors(path):
        target = path.resolve()
        temporary = _temporary_name(target)
        # Not tempfile: its files are private (0600), and what we publish shall follow the user's umask.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        stream = os.fdopen(descriptor, "wb")
        try:
            yield Draft(path=target, temporary=temporary, stream=stream)
        finally:
            with suppress(OSError):  # closing flushes, which a full disk refuses a second time
                stream.close()
            temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes | Callable[[BinaryIO], object]) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path
        The file; its folder must exist.  What is no regular file (``/dev/stdout``, a pipe) is written to directly,
        because it cannot be renamed over.
    content
        The bytes, or a function that writes them to the stream it is given.

    Raises
    ------
    StorageError
        If the disk refuses; the file that was there before is as it was.
    """
    with storage_errors(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as stream:
                _fill(stream, content)
            return
        with drafting(path) as draft:
            _fill(draft.stream, content)
            draft.publish()


def read_file(path: Path) -> bytes:
    """Read a file that a user named.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from error


def write_tree(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files whole or not at all; a folder of that name is replaced with all it holds.

    Parameters
    ----------
    folder
        The folder to appear; the folders above it are made.
    files
        Content by plain file name.

    Raises
    ------
    StorageError
        If the disk refuses; the folder that was there before is as it was.
    ValueError
        If a name is no plain file name (has a slash, or is ``.`` or ``..``).

    Notes
    -----
    A crash between moving the old folder aside and the new one in leaves no folder of this name, for the next call
    to write, rather than a mixture of both.  A folder that already holds exactly these files is not touched.
    """
    wrong = [name for name in files if not name or name != Path(name).name or name in {".", ".."}]
    if wrong:
        raise ValueError(f"not a plain file name: {', '.join(map(repr, wrong))}")
    with storage_errors(folder):
        target = folder.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        if _holds(target, files):
            return
        fresh, old = _temporary_name(target), _temporary_name(target)
        try:
            fresh.mkdir()
            for name, content in files.items():
                write_atomically(fresh / name, content)
            sync_folder(fresh)
            if target.exists():
                target.rename(old)
            try:
                fresh.rename(target)
            except OSError:
                if old.exists():
                    old.rename(target)
                raise
            sync_folder(target.parent)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
            if target.exists():
                shutil.rmtree(old, ignore_errors=True)


def move_aside(folder: Path, place: Path) -> None:
    """Move a folder to another place, in place of what is there; nothing happens if it does not exist.

    The folder above it goes if nothing else is in it.
    """
    with storage_errors(folder):
        if not folder.exists():
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        folder.rename(place)
        with suppress(OSError):
            folder.parent.rmdir()


def remove_leftovers(path: Path) -> None:
    """Remove what killed writers of this file or folder left behind under temporary names.

    Call it only while holding the lock under which `path` is written: a draft of a living writer would go too.

    Parameters
    ----------
    path
        The file or folder whose drafts to remove; it is itself not touched.
    """
    with storage_errors(path):
        target = path.resolve()
        if not target.parent.is_dir():
            return
        start, end = _temporary_parts(target)
        for leftover in sorted(target.parent.iterdir()):
            if not (leftover.name.startswith(start) and leftover.name.endswith(end)):
                continue
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, so that a rename in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync folders and say so; there is nothing more to be done on them.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def _fill(stream: BinaryIO, content: bytes | Callable[[BinaryIO], object]) -> None:
    if isinstance(content, bytes):
        stream.write(content)
    else:
        content(stream)


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    if not folder.is_dir() or {entry.name for entry in folder.iterdir()} != set(files):
        return False
    paths = {folder / name: content for name, content in files.items()}
    return all(path.is_file() and path.read_bytes() == content for path, content in paths.items())


def _temporary_parts(path: Path) -> tuple[str, str]:
    # 40 characters of the name are enough to know it by and leave room for the rest of a 255-byte name.
    return f".{path.name[:40]}.", ".tmp"


def _temporary_name(path: Path) -> Path:
    start, end = _temporary_parts(path)
    return path.parent / f"{start}{secrets.token_hex(6)}{end}"


@contextmanager
def storage_errors(path: Path, *, doing: str = "write") -> Iterator[None]:
    """Turn what the disk refuses inside the block into a `StorageError` with the path and what to do.

    Parameters
    ----------
    path
        What the block works on, for the message.
    doing
        The verb of the message: ``write`` or ``read``.
    """
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        advice = _ADVICE.get(error.errno or 0, "check the disk and the permissions")
        raise StorageError(f"cannot {doing} {path} ({what})", advice=advice) from error
