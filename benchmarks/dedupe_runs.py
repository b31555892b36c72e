"""Real rows, perturbed ones, and tools that are run on them, each in a process of its own.

`benchmarks/dedupe.py` reports what comes of it.  Called itself with a CSV and a JSON file, this deduplicates the
first and writes time, memory and groups into the second; with `--stages on` or `off` (the garbage collector) before
them, the times of the stages.
"""

from __future__ import annotations

import csv
import gc
import gzip
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

SETS = ("respiratory", "stroke", "neuroimaging", "diabetes")
Group = list[str]

# --- data -----------------------------------------------------------------------------------------------------

Row = dict[str, str]


def load_rows(folder: Path) -> list[Row]:
    with gzip.open(folder / "records_pre_merged.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def load_gold(folder: Path) -> list[Group]:
    with (folder / "merged_record_ids.csv").open(encoding="utf-8", newline="") as stream:
        return [row["merged_ids"].split(";") for row in csv.DictReader(stream)]


_LONG_WORD = re.compile("[A-Za-z]{5,}")
_NUMBER = re.compile("[0-9]+")
_FIELDS = ("ID", "ENTRYTYPE", "title", "author", "year", "journal", "volume", "number", "pages", "abstract", "doi")


def perturb(rows: list[Row], size: int) -> Iterator[Row]:
    """Give `size` rows: the real ones, then again and again with every longer word exchanged for another.

    A round exchanges a word for the same other word in all rows, so copies stay copies, damaged as they are in
    reality, and each round is a set of papers of its own.  Rows are shuffled within a round.
    """
    pool = sorted({word.lower() for row in rows for word in _LONG_WORD.findall(row["title"])})
    for number in range(size):
        turn, place = divmod(number, len(rows))
        if place == 0:
            order = list(rows)
            random.Random(turn).shuffle(order)
            renamed: dict[str, str] = {}
        row = order[place]
        yield _rename(row, turn, number, pool, renamed) if turn else row | {"ID": f"id_{number:07d}"}


def _rename(row: Row, turn: int, number: int, pool: list[str], renamed: dict[str, str]) -> Row:
    def exchange(match: re.Match[str]) -> str:
        word = match.group().lower()
        if word not in renamed:
            renamed[word] = pool[zlib.crc32(f"{turn} {word}".encode()) % len(pool)]
        return renamed[word].capitalize()

    new = {name: row.get(name, "") for name in _FIELDS} | {"ID": f"id_{number:07d}"}
    for name in ("title", "author"):
        new[name] = _LONG_WORD.sub(exchange, new[name])
    new["abstract"] = _LONG_WORD.sub(exchange, new["abstract"][:600]) + new["abstract"][600:]
    if new["doi"]:
        new["doi"] += f".{turn}"
    # Of "96 (19)" too: a hundred papers on one page of one volume do not exist, and would be compared with each other.
    new["volume"] = _NUMBER.sub(lambda match: str(int(match.group()) + turn), new["volume"], count=1)
    return new


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, _FIELDS, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows({name: row.get(name, "") for name in _FIELDS} for row in rows)


# --- measuring, each in a process of its own ------------------------------------------------------------------

BIB_DEDUPE = """
import json, resource, sys, time
import pandas as pd
from bib_dedupe.bib_dedupe import block, cluster, match, prep
frame = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
def used():
    all_used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in all_used), max(each.ru_maxrss for each in all_used) / 1024
start, before = time.perf_counter(), used()[0]
groups = cluster(match(block(prep(frame))))
seconds, (after, memory) = time.perf_counter() - start, used()
found = {"seconds": seconds, "processor_seconds": after - before, "megabytes": memory, "groups": groups}
json.dump(found, open(sys.argv[2], "w"))
"""


def measure_ours(source: Path, target: Path) -> None:
    import pandas as pd

    from harvester.matching import dedupe_frame

    frame = pd.read_csv(source, dtype=str, keep_default_na=False)
    start, before = time.perf_counter(), time.process_time()
    result = dedupe_frame(frame)
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - before
    groups: dict[str, Group] = {}
    for study, identifier in zip(result["study_id"], result["ID"], strict=True):
        groups.setdefault(study, []).append(identifier)
    measured = {
        "seconds": seconds,
        "processor_seconds": processor_seconds,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "groups": [group for group in groups.values() if len(group) > 1],
    }
    target.write_text(json.dumps(measured))


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of one tool took, and what it found."""

    seconds: float  # by the clock
    processor_seconds: float  # of all its processes: what it takes where nothing else runs
    megabytes: float  # at its peak, table included
    groups: list[Group]


def run(command: list[str], source: Path, folder: Path, *, patience: float | None = None) -> Measured | None:
    """Run a tool on a file in a process of its own; None if it was stopped after `patience` seconds."""
    answer = _run(command, source, folder, patience)
    return None if answer is None else Measured(**answer)


def run_stages(command: list[str], source: Path, folder: Path) -> dict[str, float]:
    """Run the stages in a process of its own: processor seconds of each, and the number of candidates."""
    answer = _run(command, source, folder, None)
    assert answer is not None
    return answer


def _run(command: list[str], source: Path, folder: Path, patience: float | None) -> dict[str, Any] | None:
    target = folder / "result.json"
    process = subprocess.Popen(
        [*command, str(source), str(target)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that it can be stopped together with its workers
    )
    try:
        code = process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None
    if code:
        raise SystemExit(f"{command[0]} ended with {code} on {source.name}")
    answer: dict[str, Any] = json.loads(target.read_text())
    return answer


def measure_stages(source: Path, target: Path) -> None:
    from harvester.matching import block_keys, cluster, link
    from harvester.matching.block import find_candidates
    from harvester.matching.prepare import prepare_row

    list(find_candidates([("a",), ("a",)]))  # so that no stage below imports numpy
    names = [name for name in _FIELDS if name not in ("ID", "ENTRYTYPE")]
    times = [time.process_time()]
    with source.open(encoding="utf-8", newline="") as stream:
        cells = [tuple(row[name] for name in names) for row in csv.DictReader(stream)]
    times.append(time.process_time())
    prepared = [prepare_row(key, **dict(zip(names, row, strict=True))) for key, row in enumerate(cells)]
    times.append(time.process_time())
    del cells
    prepared.sort(key=lambda record: record.title)
    candidates = sum(len(found) for _, found in find_candidates(map(block_keys, prepared)))
    times.append(time.process_time())
    links = link(prepared)
    times.append(time.process_time())
    cluster(prepared, links)
    times.append(time.process_time())
    _, prepare, find, linked, clustered = (later - earlier for earlier, later in pairwise(times))
    answer = {
        "candidates": candidates,
        "prepare": prepare,
        "find candidates": find,
        "compare": linked - find,  # linking finds the candidates once more
        "cluster": clustered,
    }
    target.write_text(json.dumps(answer))


if __name__ == "__main__":
    if sys.argv[1] == "--stages":
        if sys.argv[2] == "off":
            gc.disable()
        measure_stages(Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        measure_ours(Path(sys.argv[1]), Path(sys.argv[2]))
