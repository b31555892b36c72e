"""How fast PubMed XML is read, and in how much memory: our parser beside others, the same file, one run.

    python benchmarks/parse.py FILE [--records 10000] [--rounds 5] [--pubmed-parser-python PATH]

FILE is PubMed XML, ``.xml`` or ``.xml.gz``.  Its records are repeated until there are as many as asked for.  Each
contender runs in a process of its own, several times, in turns with the others; medians are printed.  Time is that
of the processor (the whole reading, without starting Python and importing), so that a busy machine distorts it less.

The contenders
    ours                 `parse_pubmed_xml`, every record whole
    ours, a quarter      the same with a quarter of the records: does memory grow with the file?
    ours, bad records    the same with one record in a thousand damaged; how many were lost is checked
    Bio.Entrez.read      the whole file at once, as it works; the DTD named is one that it bundles
    pubmed_parser        `parse_medline_xml` of the Python that is named, which has pubmed_parser installed
    expat                the bare parser of the standard library: the floor, for it gives nothing
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

HEAD = (
    b'<?xml version="1.0" encoding="utf-8"?>\n'
    b'<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)
TAIL = b"\n</PubmedArticleSet>\n"
TARGETS = {"Bio.Entrez.read": 8.0, "expat": 1 / 3}  # how many times as fast ours shall be


def main() -> None:
    options = read_arguments()
    if options.contender:
        print(json.dumps(run_contender(options.contender, options.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        files = write_files(options.file, Path(folder), options.records)
        contenders = choose_contenders(options.pubmed_parser_python)
        results: dict[str, list[dict[str, float]]] = {name: [] for name, _, _ in contenders}
        for _ in range(options.rounds):
            for name, python, file in contenders:
                results[name].append(measure(name, python, files[file]))
        report(results, options.rounds, files["whole"].stat().st_size, options.records)
    if options.pubmed_parser_python is None:
        print("\npubmed_parser was left out: name a Python that has it with --pubmed-parser-python.")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="PubMed XML, .xml or .xml.gz")
    parser.add_argument("--records", type=int, default=10_000, help="how many records the measured file has")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pubmed-parser-python", help="a Python in which pubmed_parser is installed")
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    return parser.parse_args()


def choose_contenders(other_python: str | None) -> list[tuple[str, str, str]]:
    """Give name, Python and file of each contender."""
    chosen = [
        ("ours", sys.executable, "whole"),
        ("ours, a quarter", sys.executable, "quarter"),
        ("ours, bad records", sys.executable, "bad"),
        ("Bio.Entrez.read", sys.executable, "whole"),
        ("expat", sys.executable, "whole"),
    ]
    return [*chosen, ("pubmed_parser", other_python, "packed")] if other_python else chosen


def write_files(source: Path, folder: Path, count: int) -> dict[str, Path]:
    """Write the files to be read: whole, a quarter of it, and one with a damaged record in each thousand."""
    content = gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes()
    records = re.findall(rb"<PubmedArticle>.*?</PubmedArticle>", content, re.DOTALL)
    if not records:
        raise SystemExit(f"{source} holds no PubmedArticle")
    repeated = [records[number % len(records)] for number in range(count)]
    damaged = [
        record.replace(b"<ArticleTitle>", b"<ArticleTitle><broken>", 1) if number % 1000 == 500 else record
        for number, record in enumerate(repeated)
    ]
    files = {"whole": repeated, "quarter": repeated[: count // 4], "bad": damaged}
    paths = {name: folder / f"{name}.xml" for name in files}
    for name, chosen in files.items():
        paths[name].write_bytes(HEAD + b"\n".join(chosen) + TAIL)
    # pubmed_parser reads compressed files only; unpacking is a few hundredths of its time.
    paths["packed"] = folder / "whole.xml.gz"
    paths["packed"].write_bytes(gzip.compress(paths["whole"].read_bytes(), compresslevel=1))
    return paths


def measure(name: str, python: str, file: Path) -> dict[str, float]:
    command = [python, __file__, str(file), "--contender", name]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise SystemExit(f"{name} failed:\n{finished.stderr}")
    found: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return found


def run_contender(name: str, file: Path) -> dict[str, float]:
    """Read the file once, in this process; give seconds, megabytes, and how many records came and were bad."""
    read = {"Bio.Entrez.read": read_entrez, "expat": read_expat, "pubmed_parser": read_pubmed_parser}.get(
        name, read_ours
    )
    seconds, records, bad = read(file)
    return {"seconds": seconds, "records": records, "bad": bad, "peak": read_peak()}


def read_peak() -> float:
    """Give the most memory that this process has held, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux: ru_maxrss counts what the parent held before this process was started
        found = re.search(r"VmHWM:\s*([0-9]+) kB", status.read_text())
        if found is not None:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def read_ours(file: Path) -> tuple[float, int, int]:
    from harvester.paper.records import BadRecord
    from harvester.sources.pubmed.xml import parse_pubmed_xml

    records = bad = 0
    began = time.process_time()
    with file.open("rb") as stream:
        for item in parse_pubmed_xml(stream):
            if isinstance(item, BadRecord):
                bad += 1
            else:
                records += 1
    return time.process_time() - began, records, bad


def read_entrez(file: Path) -> tuple[float, int, int]:
    from Bio import Entrez

    began = time.process_time()
    with file.open("rb") as stream:
        found = Entrez.read(stream, validate=False)
    return time.process_time() - began, len(found["PubmedArticle"]), 0


def read_pubmed_parser(file: Path) -> tuple[float, int, int]:
    import pubmed_parser  # type: ignore[import-not-found]

    began = time.process_time()
    found = list(pubmed_parser.parse_medline_xml(str(file), author_list=True, nlm_category=True))
    return time.process_time() - began, len(found), 0


def read_expat(file: Path) -> tuple[float, int, int]:
    from xml.parsers import expat

    parser = expat.ParserCreate()
    began = time.process_time()
    with file.open("rb") as stream:
        parser.ParseFile(stream)
    return time.process_time() - began, 0, 0


def report(results: dict[str, list[dict[str, float]]], rounds: int, size: int, count: int) -> None:
    """Print the table, and whether the targets are met."""
    print(f"{count:,} records of {size / count / 1000:.1f} KB, median of {rounds} rounds, processor time\n")
    print("| contender | records/s | beside ours | peak MB | records | bad |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    speed = {}
    peak = {}
    for name, runs in results.items():
        expected = count // 4 if name.endswith("quarter") else count
        speed[name] = expected / median(run["seconds"] for run in runs)
        peak[name] = median(run["peak"] for run in runs)
    for name, runs in results.items():
        came, bad = int(runs[0]["records"]), int(runs[0]["bad"])
        shown = f"{came:,}" if name != "expat" else "-"
        print(
            f"| {name} | {speed[name]:,.0f} | {speed[name] / speed['ours']:.2f} | {peak[name]:,.0f} | {shown} | {bad} |"
        )
    print()
    for name, times in TARGETS.items():
        ratio = speed["ours"] / speed[name]
        print(f"{'met' if ratio >= times else 'MISSED'}: {ratio:.2f} times {name}, target {times:.2f}")
    growth = peak["ours"] - peak["ours, a quarter"]
    print(f"{'met' if growth < 10 else 'MISSED'}: {growth:.1f} MB more for four times the file, target: no growth")
    lost = count - int(results["ours, bad records"][0]["records"])
    damaged = len(range(500, count, 1000))
    print(f"{'met' if lost == damaged else 'MISSED'}: {damaged} damaged records cost {lost}, target: exactly those")


if __name__ == "__main__":
    main()
