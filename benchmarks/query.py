"""What the shipped PubMed query finds of the ketamine records that we hold, as PubMed has them on their first day.

The records have no MeSH headings, as new ones have none, so that only words in title, abstract and keywords count.
``python benchmarks/query.py [QUERY]``; needs ../shared/data.
"""

from __future__ import annotations

import collections
import csv
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
DATA = ROOT.parent / "shared" / "data"
NAMES = re.compile(r"ketamin|\bspravato\b|\bketalar\b|\bketanest\b", re.IGNORECASE)


def main() -> None:
    """Print recall by tier, and the titles of what is missed."""
    from harvester.jobs.job import read_settings
    from harvester.sandbox.corpus import Corpus, Version
    from harvester.sandbox.evaluate import search

    settings = read_settings(ROOT / "config.yaml")
    query = sys.argv[1] if len(sys.argv) > 1 else settings.sources.model_dump()["pubmed"]["query"]
    records = list(_read_labels())
    versions = [
        Version(pmid=str(number), since=date(2026, 1, 1), xml=_write(number, title, text))
        for number, (_, title, text, _) in enumerate(records, start=1)
    ]
    today = date(2026, 1, 2)
    found = {int(versions[place].pmid) for place in search(Corpus(versions), query, today).numbers}
    counts: dict[str, collections.Counter[bool]] = collections.defaultdict(collections.Counter)
    for number, (tier, title, _, is_open) in enumerate(records, start=1):
        counts[tier][number in found] += 1
        if number not in found and is_open:
            print(f"missed  {tier:<10} {title[:140]}")
    for tier, count in sorted(counts.items()):
        print(f"{tier:<10} {count[True]} of {count.total()} found ({count[True] / count.total():.3f})")


def _read_labels() -> Iterator[tuple[str, str, str, bool]]:
    """Yield tier, title and abstract of each record that names the drug, each title once, and whether it may be read.

    A third of the labelled records is set aside: it is counted, and its titles are not shown.
    """
    seen = set()
    with gzip.open(DATA / "ketamine_labels" / "labels.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            item = json.loads(line)
            text = " ".join(item["sentences"])
            if NAMES.search(item["title"] + text) and item["title"].lower() not in seen:
                seen.add(item["title"].lower())
                is_open = int(hashlib.sha256(item["id"].encode()).hexdigest()[:8], 16) % 3 != 0
                yield item["tier"], item["title"], text, is_open
    with gzip.open(DATA / "ketamine_week" / "pubmed_fetch_2025-03-06.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            title, text = row["title"], row["abstract"]
            if NAMES.search(title + text) and title.lower() not in seen:
                seen.add(title.lower())
                yield "unlabelled", title, text, True


def _write(number: int, title: str, text: str) -> bytes:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{number}</PMID><Article><ArticleTitle>{escape(title)}'
        f"</ArticleTitle><Abstract><AbstractText>{escape(text)}</AbstractText></Abstract></Article></MedlineCitation>"
        '<PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>2026</Year><Month>1</Month><Day>1</Day>'
        "</PubMedPubDate></History></PubmedData></PubmedArticle>"
    ).encode()


if __name__ == "__main__":
    main()
