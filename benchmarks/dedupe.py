"""How good and how fast deduplication is, beside bib-dedupe and what others published.

    python benchmarks/dedupe.py --bib-dedupe-python /tmp/venv/bin/python > /tmp/dedupe.md

prints the tables of benchmarks/dedupe.md.  Exits with 1 on any false merge that is not among the judged errors of the
labels below.  Without `--bib-dedupe-python` (an interpreter with bib-dedupe 0.11) its rows are left out, which the
output says.  `--sizes 10000` keeps it short.  The records of `dedupe_kinds` are read from beside the labelled sets.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import dedupe_runs
from dedupe_kinds import (
    PERTURBATIONS,
    SISTERS,
    load_records,
    load_texts,
    measure_journals,
    measure_preprints,
    measure_recall,
    measure_sisters,
)
from dedupe_runs import (
    BIB_DEDUPE,
    SETS,
    Group,
    Measured,
    Row,
    load_gold,
    load_rows,
    perturb,
    run,
    run_stages,
    write_csv,
)

SIZES = (10_000, 100_000, 1_000_000)
BIB_DEDUPE_LIMIT = 100_000  # rows; ten times as many take it hours

# Pairs that we merge and the labels do not, read one by one.  IDs and judgement only: the texts are their publishers'.
LABEL_ERRORS = {
    (
        "respiratory",
        "id_0000738",
        "id_0000739",
    ): "one Cochrane review, same year, title and authors; one row lacks the number",
}
# Pairs that the labels merge and we do not, read one by one: what they are.  What is not here is a real miss.
JUDGED_MISSES = {
    (
        "neuroimaging",
        "id_0002442",
    ): "label error: a congress abstract that carries the DOI of the paper, in another journal",
    (
        "neuroimaging",
        "id_0002899",
    ): "doubtful: one abstract printed twice in a supplement, on pages far apart, author lists differ",
    ("respiratory", "id_0000010"): "doubtful: the English and the Chinese edition of a journal, other pages and issue",
    ("respiratory", "id_0000893"): "label error: a congress abstract and the paper in another journal",
    ("respiratory", "id_0000420"): "label error: a Cochrane review of 2008 and its update of 2012",
    ("respiratory", "id_0000985"): "label error: a paper and a supplement article of the same author and title",
    ("stroke", "id_0000009"): "doubtful: a thesis and its entry in Dissertation Abstracts, a year apart",
    ("stroke", "id_0000428"): "label error: one abstract at two congresses, in two journals",
}
# Guimarães and others measured five tools on one set of their own; the others report on sets of their own making.
PUBLISHED = (
    (
        "ASySD",
        "sensitivity .95-.99, specificity above .99 on five sets",
        "Hair and others 2023, doi 10.1101/2021.05.04.442412",
    ),
    (
        "Deduklick",
        "recall .995, precision 1.000 on eight sets",
        "Borissov and others 2022, doi 10.1186/s13643-022-02045-9",
    ),
    ("SRA deduplicator", "sensitivity .90", "Guimarães and others 2022, doi 10.1016/j.jclinepi.2022.10.009"),
    ("EndNote X9", "sensitivity .73", "the same"),
    ("Zotero", "sensitivity .74", "the same"),
    ("Rayyan", "sensitivity .98, but positive predictive value .41", "the same"),
    ("Mendeley", "sensitivity .93", "the same"),
)


# --- counting -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """What a grouping got right, by records and by pairs."""

    true_positives: int  # rows dropped that are copies
    true_negatives: int
    false_positives: int  # papers of which no row was kept
    false_negatives: int  # copies kept
    pairs_found: int
    pairs_gold: int
    pairs_false: int
    pairs_possible: int

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def sensitivity(self) -> float:
        """Give the share of copies that were dropped."""
        return self.true_positives / (self.true_positives + self.false_negatives)

    @property
    def specificity(self) -> float:
        """Give the share of papers that were kept."""
        return self.true_negatives / (self.true_negatives + self.false_positives)

    @property
    def pair_sensitivity(self) -> float:
        """Give the share of gold pairs that were found."""
        return self.pairs_found / self.pairs_gold

    @property
    def pair_specificity(self) -> float:
        """Give the share of all other pairs that were left apart."""
        return 1 - self.pairs_false / (self.pairs_possible - self.pairs_gold)


Pair = tuple[str, str]


def list_pairs(groups: Iterable[Group]) -> set[Pair]:
    return {(min(pair), max(pair)) for group in groups for pair in combinations(group, 2)}


def count(ids: list[str], gold: list[Group], found: list[Group]) -> Counts:
    """Count as bib-dedupe's evaluation does: of each found group one row (the first ID) is kept.

    A row of no gold group is right if kept.  Of a gold group with k rows kept: k - 1 copies were missed; none kept is
    a paper lost.  This does not see two gold groups in one found group, therefore pairs are counted too.
    """
    kept = set(ids) - {identifier for group in found for identifier in sorted(group)[1:]}
    grouped = {identifier for group in gold for identifier in group}
    singles = [identifier for identifier in ids if identifier not in grouped]
    lost = sum(identifier not in kept for identifier in singles)
    tp = fn = fp = 0
    for group in gold:
        k = sum(identifier in kept for identifier in group)
        tp += len(group) - max(k, 1)
        fn += max(k - 1, 0)
        fp += k == 0
    gold_pairs, found_pairs = list_pairs(gold), list_pairs(found)
    return Counts(
        tp,
        len(singles) - lost + len(gold) - fp,
        fp + lost,
        fn,
        len(gold_pairs & found_pairs),
        len(gold_pairs),
        len(found_pairs - gold_pairs),
        len(ids) * (len(ids) - 1) // 2,
    )


# --- report ---------------------------------------------------------------------------------------------------


def report_quality(data: Path, commands: dict[str, list[str]], folder: Path) -> bool:
    print("## Quality\n")
    print(
        "| set | tool | sensitivity | specificity | pairs found | pair sensitivity | false pairs | pair specificity "
        "| seconds |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    totals: dict[str, tuple[Counts, float]] = {}
    errors: list[str] = []
    is_clean = True
    for name in SETS:
        rows, gold = load_rows(data / name), load_gold(data / name)
        write_csv(folder / "set.csv", rows)
        for tool, command in commands.items():
            measured = run(command, folder / "set.csv", folder)
            assert measured is not None
            counts = count([row["ID"] for row in rows], gold, measured.groups)
            _print_counts(name, tool, counts, measured.seconds)
            before = totals.get(tool)
            totals[tool] = (before[0] + counts, before[1] + measured.seconds) if before else (counts, measured.seconds)
            if tool == "harvester":
                is_clean &= _judge(name, gold, measured.groups, errors)
    for tool, (counts, seconds) in totals.items():
        _print_counts("**all four**", tool, counts, seconds)
    print("\n## Every remaining error\n")
    print("\n".join(errors))
    print("\n## Published by others, on their sets\n\n| tool | figures | source |\n| --- | --- | --- |")
    print("\n".join(f"| {tool} | {figures} | {source} |" for tool, figures, source in PUBLISHED))
    return is_clean


def _print_counts(name: str, tool: str, counts: Counts, seconds: float) -> None:
    print(
        f"| {name} | {tool} | {counts.sensitivity:.4f} | {counts.specificity:.4f}"
        f" | {counts.pairs_found} of {counts.pairs_gold} | {counts.pair_sensitivity:.4f}"
        f" | {counts.pairs_false} | {counts.pair_specificity:.6f} | {seconds:.2f} |"
    )


def _judge(name: str, gold: list[Group], found: list[Group], errors: list[str]) -> bool:
    """List what differs from the labels; tell whether each false merge is a judged error of the labels."""
    gold_pairs, found_pairs = list_pairs(gold), list_pairs(found)
    is_clean = True
    for pair in sorted(found_pairs - gold_pairs):
        judgement = LABEL_ERRORS.get((name, *pair))
        is_clean &= judgement is not None
        errors.append(f"- {name}, merged against the labels: {pair[0]} and {pair[1]}: {judgement or '**FALSE MERGE**'}")
    missed: dict[str, int] = {}
    for pair in sorted(gold_pairs - found_pairs):
        known = [JUDGED_MISSES[name, identifier] for identifier in pair if (name, identifier) in JUDGED_MISSES]
        text = f"{known[0]}" if known else f"**missed**: {pair[0]} and {pair[1]}"
        missed[text] = missed.get(text, 0) + 1
    errors += [f"- {name}, not merged, {number} pair{'s' * (number > 1)}: {text}" for text, number in missed.items()]
    return is_clean


def report_speed(
    data: Path, commands: dict[str, list[str]], sizes: list[int], folder: Path, *, patience: float
) -> None:
    print(
        "\n## Speed and memory\n\n"
        "Perturbed real records; the reading of the file is not counted. Processor seconds are those of all processes\n"
        "of a tool, seconds those of the clock. Memory is the peak of the process, pandas and the table included.\n\n"
        "| rows | tool | seconds | processor seconds | microseconds a row | peak MB | studies of several rows "
        "| harvester is times as fast |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    )
    rows = [row for name in SETS for row in load_rows(data / name)]
    ours: dict[int, Measured] = {}
    for size in sizes:
        write_csv(folder / f"{size}.csv", perturb(rows, size))
        for tool, command in commands.items():
            if tool != "harvester" and size > BIB_DEDUPE_LIMIT:
                print(f"| {size:,} | {tool} | not run: hours | | | | | |", flush=True)
                continue
            measured = run(command, folder / f"{size}.csv", folder, patience=None if tool == "harvester" else patience)
            if measured is None:
                at_least = patience / ours[size].seconds
                print(
                    f"| {size:,} | {tool} | stopped after {patience:.0f} | | | | | more than {at_least:.0f} |",
                    flush=True,
                )
                continue
            ours.setdefault(size, measured)
            ratio = "" if tool == "harvester" else f"{measured.seconds / ours[size].seconds:.0f}"
            print(
                f"| {size:,} | {tool} | {measured.seconds:.2f} | {measured.processor_seconds:.2f}"
                f" | {1e6 * measured.processor_seconds / size:.0f} | {measured.megabytes:.0f}"
                f" | {len(measured.groups):,} | {ratio} |",
                flush=True,
            )
    for small, large in pairwise(sizes):
        clock, processor = (
            math.log(getattr(ours[large], name) / getattr(ours[small], name)) / math.log(large / small)
            for name in ("seconds", "processor_seconds")
        )
        print(
            f"\nGrowth exponent from {small:,} to {large:,} rows: {clock:.2f} by the clock, "
            f"{processor:.2f} of processor time"
        )
    report_stages(sizes, folder)
    report_special(rows)


def report_kinds(data: Path) -> None:
    """Say what is found of real records as other databases would hold them, and what is joined with another paper."""
    rows, texts = load_records(data / "pubmed_xml"), load_texts(data / "ketamine_labels" / "labels.jsonl.gz")
    print(
        f"\n## As other databases would hold them\n\n{len(rows):,} real records of PubMed, and of each what another "
        "database would hold of it, without its PMID and DOI, all in one table. The interval is that in which 95 of "
        "100 such shares lie. *Other papers*: pairs that were joined though their titles in PubMed differ.\n\n"
        "| kind | found | share | interval | other papers |\n| --- | --- | --- | --- | --- |"
    )
    for name in PERTURBATIONS:
        share, others = measure_recall(rows, name)
        print(f"| {name} | {share} | {others} |", flush=True)
    share, others = measure_preprints(rows)
    print(f"| a preprint of its title (linked, not joined) | {share} | {others} |")
    for kind, share in zip(("its own", "another's"), measure_journals(rows), strict=True):
        print(f"| a journal's name beside {kind} NLM abbreviation | {share} | |")
    print(
        f"\n## Other papers beside them\n\nThe same records, and the titles and texts of {len(texts)} labelled ones, "
        "each beside another paper; joined should be none.\n\n"
        "| kind | joined | share | interval | titles and texts alone | share | interval |\n"
        "| --- | --- | --- | --- | --- | --- | --- |"
    )
    for name in SISTERS:
        print(f"| {name} | {measure_sisters(rows, name)} | {measure_sisters(texts, name)} |", flush=True)


def report_stages(sizes: list[int], folder: Path) -> None:
    """Say which stage takes the time, and whether the number of candidates grows with the table."""
    print(
        "\n## Where the time goes\n\nProcessor microseconds a row, one process, each stage by itself.\n\n"
        "| rows | garbage collector | candidates a row | prepare | find candidates | compare | cluster |\n"
        "| --- | --- | --- | --- | --- | --- | --- |"
    )
    for size in sizes:
        for collector in ("off", "on") if size == BIB_DEDUPE_LIMIT else ("off",):
            command = [sys.executable, dedupe_runs.__file__, "--stages", collector]
            stages = run_stages(command, folder / f"{size}.csv", folder)
            print(
                f"| {size:,} | {collector} | {stages.pop('candidates') / size:.2f} | "
                + " | ".join(f"{1e6 * seconds / size:.1f}" for seconds in stages.values())
                + " |",
                flush=True,
            )


def report_special(rows: list[Row]) -> None:
    """Time the cases that break naive blocking: one title ten thousand times, and a weekly run on a full library."""
    from harvester.matching import Prepared, block_keys, link
    from harvester.matching.prepare import prepare_row

    def prepare_all(these: Iterable[Row], first: int) -> list[Prepared]:
        names = ("title", "author", "year", "journal", "volume", "number", "pages", "abstract", "doi")
        return [prepare_row(key, **{name: row.get(name, "") for name in names}) for key, row in enumerate(these, first)]

    editorials = prepare_all((row | {"title": "Editorial", "doi": ""} for row in perturb(rows, 10_000)), 0)
    start = time.perf_counter()
    links = link(editorials)
    print("\n## Special cases")
    print(f'\nTen thousand records titled "Editorial": {time.perf_counter() - start:.2f} s, {len(links)} links.')
    everything = prepare_all(perturb(rows, 100_100), 0)
    link(everything[:10])  # so that the time below is not that of importing numpy
    index: dict[str, list[Prepared]] = {}
    for record in everything[:100_000]:
        for key in block_keys(record):
            index.setdefault(key, []).append(record)
    start = time.perf_counter()
    new = everything[100_000:]
    held = {record.key: record for each in new for key in block_keys(each) for record in index.get(key, ())}
    links = link(new, held.values())
    seconds = time.perf_counter() - start
    print(
        f"\nAdding 100 records to 100,000 through block keys: {seconds:.3f} s, {len(held)} candidates, "
        f"{len(links)} links."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(__file__).parents[2] / "shared" / "data" / "dedupe",
        help="folder with the labelled sets",
    )
    parser.add_argument("--bib-dedupe-python", help="an interpreter that has bib-dedupe 0.11")
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(part) for part in text.split(",") if part],
        default=list(SIZES),
        help="rows, separated by commas; empty: quality only",
    )
    parser.add_argument(
        "--patience", type=float, default=3600, help="seconds after which bib-dedupe is stopped on a large table"
    )
    options = parser.parse_args()
    commands = {"harvester": [sys.executable, dedupe_runs.__file__]}
    if options.bib_dedupe_python:
        commands["bib-dedupe 0.11"] = [options.bib_dedupe_python, "-c", BIB_DEDUPE]
    print("# Deduplication\n")
    if not options.bib_dedupe_python:
        print("bib-dedupe was not run: no `--bib-dedupe-python` was given.\n")
    with tempfile.TemporaryDirectory() as name:
        is_clean = report_quality(options.data, commands, Path(name))
        report_kinds(options.data.parent)
        if options.sizes:
            report_speed(options.data, commands, options.sizes, Path(name), patience=options.patience)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
