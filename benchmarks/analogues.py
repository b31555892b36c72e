"""Labelled abstracts on related drugs, read as if they were on the compound: what no rule was written on.

``analogues.jsonl`` holds our labels of 300 abstracts of ``ketamine_week`` and ``tags`` that do not name ketamine but
psilocybin, LSD, MDMA, ayahuasca, DMT, ibogaine or mescaline in their title, read by the guide of ``ketamine_labels``
with the drug's name replaced by "ketamine" or "esketamine".  The texts stay with the data; an id is a PMID or a hash
of the title.  ``read`` are those whose errors were read by who wrote rules (four fifths).

``unread.jsonl`` holds our labels of the 111 abstracts of the same two sets that do name ketamine and are in no labelled
set: nobody who wrote a rule has read one of them.  How sure a claim is, is learned from them before all.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NAMES = (
    ("ketamine", r"\bpsilocybin\b|\bpsilocin\b"),
    ("ketamine", r"\blysergic acid diethylamide\b|\bLSD\b"),
    ("esketamine", r"\b3,?4-methylenedioxymethamphetamine\b|\bMDMA\b(?!-like)"),
    ("ketamine", r"\bayahuasca\b"),
    ("esketamine", r"\bN,N-dimethyltryptamine\b|\b5-MeO-DMT\b|\bDMT\b"),
    ("ketamine", r"\bibogaine\b"),
    ("ketamine", r"\bmescaline\b"),
)
REPLACED = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in NAMES)
END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9(])")
TITLE_END = re.compile(r"\.?\^(?:\\n|\n)")


def read_analogues(data: Path) -> list[dict[str, Any]]:
    """Return the labels with title and sentences, those whose text is not in the data left out."""
    return [label | {"set": "analogues"} for label in read_labelled(data, "analogues.jsonl", replace_names)]


def read_unread(data: Path) -> list[dict[str, Any]]:
    """Return the labels of abstracts that nobody has read who wrote rules, as `read_analogues` does."""
    return [label | {"set": "unread", "read": False} for label in read_labelled(data, "unread.jsonl", str)]


def read_labelled(data: Path, name: str, edit: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    texts = {identifier: (title, abstract) for identifier, title, abstract in read_texts(data)}
    with (HERE / name).open(encoding="utf-8") as lines:
        for line in lines:
            label = json.loads(line)
            if label["id"] in texts:
                title, abstract = texts[label["id"]]
                yield label | {"title": edit(title), "sentences": END.split(" ".join(edit(abstract).split()))}


def read_texts(data: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (id, title, abstract) of every text of the two sets."""
    csv.field_size_limit(10**9)
    for row in read_rows(data / "ketamine_week" / "pubmed_fetch_2025-03-06.csv.gz"):
        yield f"pmid:{row['pubmed_id']}", row["title"], row["abstract"]
    for file in sorted((data / "tags").glob("*/*.csv.gz")):
        for row in read_rows(file):
            title, _, abstract = TITLE_END.sub("\n", row["text"], count=1).partition("\n")
            plain = re.sub(r"\W+", "", title.lower())[:80]
            yield f"text:{hashlib.sha256(plain.encode()).hexdigest()[:10]}", title, abstract


def read_rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def replace_names(text: str) -> str:
    for name, words in REPLACED:
        text = words.sub(partial(replace_name, name), text)
    return text


def replace_name(name: str, match: re.Match[str]) -> str:
    return name.capitalize() if match[0][0].isupper() and not match[0].isupper() else name
