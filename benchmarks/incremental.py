"""How long a weekly run takes to find the place of 100 new records in a library of many.

    python benchmarks/incremental.py [--data FOLDER] [--sizes 10000 100000]

Fills a library with perturbed real records (those of benchmarks/dedupe.py), then adds 100 more three times: half of
them copies of papers that are there, half of them new.  Prints, for each size, the seconds of saving and integrating
them (reading candidates from the file, comparing, clustering, merging, classifying, writing, all durable), how many
records were read for it, and the memory.  The table of benchmarks/dedupe.md is made by this.
"""

from __future__ import annotations

import argparse
import csv
import io
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from dedupe_runs import SETS, load_rows, perturb

from harvester.library import Library, StudiesIntegrated
from harvester.paper.records import Record
from harvester.sources.imports import parse_import
from harvester.studies.integrate import integrate
from harvester.tagging import load_vocabulary

ADDED = 100  # records a week, as FACTS estimates
TURNS = 3
PORTION = 1_000  # records that become durable together, as in a backfill
AT = "2026-11-23T06:00:00Z"


def build_records(data: Path, size: int) -> list[Record]:
    """Make that many different papers and copies of papers out of the real ones."""
    rows = [row for name in SETS for row in load_rows(data / "dedupe" / name)]
    stream = io.StringIO()
    names = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(stream, names, restval="")
    writer.writeheader()
    writer.writerows(perturb(rows, size))
    found = parse_import(stream.getvalue().encode(), filename="perturbed.csv")
    return [item for item in found if isinstance(item, Record)]


def add(library: Library, records: Sequence[Record]) -> float:
    """Save and integrate records; gives the seconds."""
    start = time.perf_counter()
    with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
        library.records.save(records, seen_at=AT)
    integrate(library, load_vocabulary("ketamine"), at=AT)
    return time.perf_counter() - start


def measure(records: Sequence[Record], folder: Path) -> tuple[float, list[float]]:
    """Fill a library, all but the last records, and add those; gives the seconds of both."""
    late = TURNS * ADDED
    fill, rest = records[:-late], records[-late:]
    with Library.open(folder) as library:
        filled = sum(add(library, portion) for portion in _cut(fill, PORTION))
        return filled, [add(library, portion) for portion in _cut(rest, ADDED)]


def _cut(records: Sequence[Record], size: int) -> Iterator[Sequence[Record]]:
    return (records[start : start + size] for start in range(0, len(records), size))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    options = parser.parse_args()
    print("| library | filled in | 100 more: fastest | slowest | peak memory |")
    print("| --- | --- | --- | --- | --- |")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            filled, added = measure(build_records(options.data, size + TURNS * ADDED), Path(folder))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| {size:,} | {filled:.0f} s | {min(added):.2f} s | {max(added):.2f} s | {memory:,.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
