"""Files appear whole or not at all, also when the disk refuses or the writer is killed."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from harvester.ground.errors import StorageError, UsageError
from harvester.ground.files import drafting, read_file, remove_leftovers, write_atomically, write_tree


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_writes_bytes_and_what_a_function_writes(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"bytes")
    write_atomically(tmp_path / "b", lambda stream: stream.write(b"streamed"))
    assert (tmp_path / "a").read_bytes() == b"bytes"
    assert (tmp_path / "b").read_bytes() == b"streamed"
    assert names(tmp_path) == ["a", "b"]


def test_the_users_umask_decides_who_may_read(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail(stream: BinaryIO) -> None:
        stream.write(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_atomically(path, fail)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_file_too_large_for_the_system_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    script = (
        "import resource, sys; from pathlib import Path; from harvester.ground.files import write_atomically\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: write_atomically(Path(sys.argv[1]), b'x' * 100_000)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "a"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("StorageError cannot write")
    assert "ulimit -f" in done.stdout
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_a_storage_error_that_says_so() -> None:
    with pytest.raises(StorageError, match=r"/dev/full .*the disk is full; free some space"):
        write_atomically(Path("/dev/full"), b"x")


def test_what_is_no_regular_file_is_written_to_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("place", "advice"),
    [
        ("absent/file", "make it first"),
        ("a/file", "is a file, not a folder"),
        ("folder", "choose another name"),
        ("x" * 300, "choose a shorter one"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_with_advice(tmp_path: Path, place: str, advice: str) -> None:
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError) as caught:
        write_atomically(tmp_path / place, b"x")
    assert place in str(caught.value)
    assert advice in str(caught.value)
    assert names(tmp_path) == ["a", "folder"]


@pytest.mark.parametrize(("number", "is_fatal"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_disk_that_cannot_sync_folders_is_lived_with_and_a_broken_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_fatal: bool
) -> None:
    sync = os.fsync

    def refuse_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    if is_fatal:
        with pytest.raises(StorageError, match="system log"):
            write_atomically(tmp_path / "a", b"x")
    else:
        write_atomically(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


def test_a_draft_is_seen_only_when_published(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with drafting(path) as draft:
        draft.stream.write(b"x")
        draft.finish()
        assert not path.exists()
        draft.publish()
        assert path.read_bytes() == b"x"
    with drafting(path) as draft:
        draft.stream.write(b"never published")
    assert path.read_bytes() == b"x"
    assert names(tmp_path) == ["a"]


def test_a_killed_writer_leaves_the_old_file_and_a_leftover_that_can_be_removed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    (tmp_path / ".a.other").write_bytes(b"not ours")
    script = (
        "import os, signal, sys; from pathlib import Path; from harvester.ground.files import write_atomically\n"
        "def die(stream): stream.write(b'half'); stream.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_atomically(Path(sys.argv[1]), die)"
    )
    done = subprocess.run([sys.executable, "-c", script, path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    assert len(names(tmp_path)) == 3
    (tmp_path / ".a.folder.tmp").mkdir()
    remove_leftovers(path)
    assert names(tmp_path) == [".a.other", "a"]


def test_there_are_no_leftovers_where_there_is_no_folder(tmp_path: Path) -> None:
    remove_leftovers(tmp_path / "absent" / "file")
    assert names(tmp_path) == []


def test_a_tree_appears_with_all_its_files_and_replaces_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "2026-W47" / "weekly"
    write_tree(folder, {"index.html": b"1", "email.txt": b"2"})
    assert names(folder) == ["email.txt", "index.html"]
    write_tree(folder, {"index.html": b"3"})
    assert (folder / "index.html").read_bytes() == b"3"
    assert names(folder) == ["index.html"]
    assert names(folder.parent) == ["weekly"]


def test_the_same_tree_again_touches_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "weekly"
    write_tree(folder, {"a": b"1"})
    before = folder.stat()
    write_tree(folder, {"a": b"1"})
    after = folder.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_tree_of_no_files_is_an_empty_folder(tmp_path: Path) -> None:
    write_tree(tmp_path / "weekly", {})
    assert names(tmp_path / "weekly") == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a"])
def test_a_tree_takes_only_plain_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        write_tree(tmp_path / "weekly", {name: b""})
    assert names(tmp_path) == []


def test_a_tree_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    folder = tmp_path / "weekly"
    write_tree(folder, {"a": b"old"})
    with pytest.raises(StorageError, match="choose a shorter one"):
        write_tree(folder, {"a": b"new", "x" * 300: b""})
    assert (folder / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["weekly"]


def test_a_tree_that_cannot_be_moved_in_puts_the_old_one_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "weekly"
    write_tree(folder, {"a": b"old"})
    rename = Path.rename

    def refuse_the_new_one(self: Path, target: Path) -> Path:
        if target == folder and (self / "a").read_bytes() == b"new":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_new_one)
    with pytest.raises(StorageError, match="system log"):
        write_tree(folder, {"a": b"new"})
    assert (folder / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["weekly"]


def test_a_tree_where_a_file_is_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="there is a file where a folder should be"):
        write_tree(tmp_path / "file" / "weekly", {"a": b""})


def test_a_file_that_a_user_named_is_read_or_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert read_file(tmp_path / "a") == b"x"
    with pytest.raises(UsageError, match="cannot be read"):
        read_file(tmp_path / "absent")
