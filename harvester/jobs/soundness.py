"""Whether what is kept is sound: table, library, ledger and answers, by what a run and a rebuild need of them.

Everything is only read.  What a run would stop at has failed with the code that it would exit with; what it would
overlook, and what costs the way back (`harvester rebuild`), is told as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harvester.ground.checkup import Finding
from harvester.ground.counted import counted
from harvester.ground.errors import ExitCode, HarvesterError, LibraryError
from harvester.library import FILE_NAME, LIBRARY_VERSION, Entry, Ledger, Library, is_replacing, read_position
from harvester.library.raw import load
from harvester.table.published import CSV_NAME, verify_table

_NEWEST = 50  # answers that are unpacked each time; of the others it is enough that they are there
_NAMED = 3
_COPY = "put back a copy: `harvester restore FILE`"


def examine(data: Path, raw: Path, *, thorough: bool = False) -> Iterator[Finding]:
    """Yield what is found of the stored data, in the order of a run.

    Parameters
    ----------
    thorough
        Whether to read all answers and documents, and not only the newest.
    """
    if is_replacing(data):
        told = "a restore was cut off; the next run finishes it before it begins"
        yield Finding(what="library", verdict="warning", told=told)
        return
    yield _examine_table(data)
    last, entries, ledger = _examine_ledger(raw)
    found = list(_examine_library(data, last, thorough=thorough))
    yield from found
    if ledger is not None and not any(one.what == "ledger" for one in found):
        yield ledger
    if entries:
        yield _examine_answers(raw, entries, thorough=thorough)


def _failed(what: str, told: str, code: ExitCode = ExitCode.DATA) -> Finding:
    return Finding(what=what, verdict="failed", told=told, code=code)


def _examine_table(data: Path) -> Finding:
    try:
        verdict = verify_table(data)
    except HarvesterError as error:
        return _failed("table", str(error), error.exit_code)
    if verdict.state == "damaged":
        return _failed("table", f"damaged: {verdict.reason}; move it away: the next run writes it anew")
    return Finding(what="table", verdict="ok", told="none yet" if verdict.state == "missing" else "whole")


def _examine_ledger(raw: Path) -> tuple[int, list[Entry], Finding | None]:
    """Return the ledger's last number, its entries, and what is wrong with it or that it is whole; None: no ledger."""
    ledger = Ledger(raw)
    if not ledger.path.exists():
        return 0, [], None
    try:
        last = ledger.last_number()
        entries = [entry for _, entry in ledger.entries()]
    except HarvesterError as error:
        finding = _failed("ledger", str(error), error.exit_code)
        if ledger.lacks_beginning():
            told = "its beginning is from a program that kept none: `harvester rebuild` is not possible; keep copies"
            finding = Finding(what="ledger", verdict="warning", told=told)
        return ledger.last_number(), list(ledger.legible()), finding
    return last, entries, Finding(what="ledger", verdict="ok", told=f"whole, {counted(len(entries), 'change')}")


def _examine_library(data: Path, last: int, *, thorough: bool) -> Iterator[Finding]:
    path = data / FILE_NAME
    if not path.is_file() or not path.stat().st_size:
        beside = CSV_NAME if (data / CSV_NAME).exists() else "its ledger" if last else None
        told = f"missing or empty, but {beside} is there: `harvester rebuild` makes it again, or {_COPY}"
        none = Finding(what="library", verdict="ok", told="none yet; the first run makes it")
        yield none if beside is None else _failed("library", told)
        return
    try:
        version, position = read_position(path)
        if last > position + 1:
            told = f"{path} is older than its ledger ({position} of {last} changes): `harvester rebuild` makes it again"
            yield _failed("library", told)
        elif 0 < last < position:
            told = f"ends with change {last}, the library with {position}: it was cut, or is an older one; {_COPY}"
            yield _failed("ledger", told)
        elif not last and position > 1:
            told = "there is none, so that `harvester rebuild` could not make the library again; keep copies of it"
            yield Finding(what="ledger", verdict="warning", told=told, code=ExitCode.PARTIAL)
        if version < LIBRARY_VERSION:
            told = f"of version {version}; the next run brings it to {LIBRARY_VERSION}, and keeps the old one"
            yield Finding(what="library", verdict="ok", told=told)
            return
        with Library.open(data, writable=False) as library:
            faults = library.find_damage(thorough=thorough)
            upto = library.studies.last_id()
    except HarvesterError as error:
        yield _failed("library", str(error), error.exit_code)
        return
    for fault in faults[:_NAMED]:
        yield _failed("library", f"{fault}: `harvester rebuild` makes it again, or {_COPY}")
    if not faults:
        yield Finding(what="library", verdict="ok", told=f"sound, up to {upto}")


def _examine_answers(raw: Path, entries: list[Entry], *, thorough: bool) -> Finding:
    """Look whether the answers that the ledger names are there, and unpack the newest."""
    names: list[tuple[str, str | None]] = []
    for entry in entries:
        names += [(name, None) for name in (*getattr(entry, "answers", ()), *getattr(entry, "files", ()))]
        if getattr(entry, "file", None) is not None:
            names.append((entry.file, getattr(entry, "sha256", None)))  # type: ignore[attr-defined]
    names = list(dict.fromkeys(names))
    missing = [name for name, _ in names if not (raw / name).is_file()]
    damaged = [name for name, _ in names if name not in missing and not (raw / name).stat().st_size]
    for name, sha256 in names if thorough else names[-_NEWEST:]:
        if name not in missing:
            try:
                load(raw, name, sha256=sha256)
            except LibraryError:
                damaged.append(name)
    if damaged:
        return _failed("answers", f"damaged: {_some(damaged)}; runs go on, `harvester rebuild` could not: {_COPY}")
    if missing:
        told = f"missing: {_some(missing)}; runs go on, `harvester rebuild` could not: {_COPY}"
        return Finding(what="answers", verdict="warning", told=told, code=ExitCode.PARTIAL)
    seen = "all read" if thorough or len(names) <= _NEWEST else f"the newest {_NEWEST} read (all: --all)"
    return Finding(what="answers", verdict="ok", told=f"{counted(len(names), 'file')}, {seen}")


def _some(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {counted(rest, 'other')}" if rest > 0 else "")
