"""How large the page of all studies gets, how long it takes to make, and how long a reader waits for it.

Invents a library (35,000 studies unless told otherwise; words by Zipf's law, abstracts of 220 words), makes the
page, and, where Chromium is installed, opens it from disk and searches.  Prints figures; nothing is asserted, because
they depend on the machine.

    python benchmarks/archive.py [STUDIES]
"""

from __future__ import annotations

import gzip
import html
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harvester.digest.archive import EditionPage, build_archive
from harvester.digest.render import render_archive
from harvester.digest.words import read_words
from harvester.paper.records import AbstractSection, Author, Identifiers, Study
from harvester.paper.tags import Tags
from harvester.table.columns import Cell, build_row
from harvester.tagging import load_vocabulary

WORDS = 120_000  # different ones to draw from; the more, the larger the index
WEEKS = [f"{year}-W{week:02d}" for year in range(2017, 2027) for week in range(1, 53)]
SEARCHES = ("ketamine", "ketamine baloda", "tami", "91000007", "")

_DRIVER = """<script>
addEventListener("load", () => {
  const found = [["opened", performance.now()]];
  const words = document.getElementById("words");
  for (const search of SEARCHES) {
    const start = performance.now();
    words.value = search;
    document.getElementById("tools").requestSubmit();
    document.body.offsetHeight;
    found.push([search || "(nothing)", performance.now() - start, document.getElementById("shown").value]);
  }
  document.body.textContent = "ANSWER" + found.map((row) => row.join("|")).join("\\n") + "END";
});
</script></body>"""


def invent(number: int) -> Iterator[dict[str, Cell]]:
    """Make rows of the table, the same ones each time."""
    chance = random.Random(2026)
    syllables = [one + two for one in "bcdfgklmnprst" for two in "aeiou"]
    words = ["ketamine", "and", "of", "patients"]
    words += ["".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(WORDS)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    total = 0.0
    cumulative = [total := total + weight for weight in weights]

    def some(count: int) -> str:
        return " ".join(chance.choices(words, cum_weights=cumulative, k=count))

    for index in range(1, number + 1):
        tier = chance.choices(("core", "adjacent", "off-topic"), (35, 25, 40))[0]
        yield build_row(
            Study(
                study_id=f"S{index:07d}",
                title=f"Ketamine {some(13)} (invented)",
                authors=tuple(Author(family=some(1).title(), initials="AB") for _ in range(chance.randint(1, 11))),
                journal=f"Journal of {words[chance.randint(4, 2500)].title()}",
                published=f"{chance.randint(1975, 2026)}-{chance.randint(1, 12):02d}",
                identifiers=Identifiers(pmid=str(91_000_000 + index), doi=f"10.5555/invented.{index}"),
                abstract=(AbstractSection(text=f"Ketamine {some(220)}."),),
                tags=Tags(
                    tier=tier,
                    compounds=("ketamine",),
                    conditions=(chance.choice(("depression", "ptsd", "suicidality", "pain")),),
                    design=chance.choice(("rct", "cohort", "review", "case-report", "preclinical")),
                    sample_size=chance.randint(4, 900),
                    relevance=round(chance.random(), 2),
                    key_finding=f"{some(28).capitalize()}.",
                ),
                first_seen="2026-11-23T06:00:00Z",
                last_changed="2026-11-23T06:00:00Z",
            )
        )


def open_in_browser(page: str, chromium: str) -> list[list[str]]:
    """Open the page from disk, search, and give what was measured: what, milliseconds, what was shown."""
    page = re.sub(r"<meta http-equiv[^>]*>", "", page).replace(
        "</body>", _DRIVER.replace("SEARCHES", str(list(SEARCHES)))
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.html"
        path.write_text(page, encoding="utf-8")
        flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"
        command = [chromium, *flags.split(), "--virtual-time-budget=60000", "--dump-dom", f"--user-data-dir={folder}/p"]
        done = subprocess.run([*command, path.as_uri()], capture_output=True, check=True, timeout=300)
    found = re.search(r"ANSWER(.*)END", done.stdout.decode(), re.DOTALL)
    return [line.split("|") for line in html.unescape(found[1]).splitlines()] if found else []


def main() -> None:
    """Measure and print."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 35_000
    rows = list(invent(number))
    editions = [EditionPage(edition=week, digest="weekly", title="Weekly") for week in WEEKS]
    held_in = {str(row["study_id"]): editions[place % len(editions)].place for place, row in enumerate(rows)}
    start = time.perf_counter()
    words = read_words(load_vocabulary("ketamine"))
    view = build_archive(rows, words=words, topic="Invented", editions=editions, held_in=held_in, sample=True)
    page = render_archive(view)
    seconds = time.perf_counter() - start
    print(f"{number:,} studies: made in {seconds:.1f} s")
    print(f"page {len(page) / 1e6:.1f} MB (rows {len(view.studies) / 1e6:.1f}, index {len(view.index) / 1e6:.1f})")
    print(f"compressed {len(gzip.compress(page, 6)) / 1e6:.1f} MB")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    for what, milliseconds, *shown in open_in_browser(page.decode(), chromium) if chromium else []:
        print(f"{what:20} {float(milliseconds):8.0f} ms  {' '.join(shown)}")


if __name__ == "__main__":
    main()
