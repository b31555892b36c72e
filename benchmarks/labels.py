"""What an entry says of 428 real records, measured against labels that a person gave each of them.

Run beside the real data (``../shared/data/ketamine_labels``) or with ``--data FOLDER``.  The records are split by a
hash of their id: rules are written on two thirds ("development"); the last third is measured only if asked for, with
``--set-aside``.  Each figure stands with a 95 % interval (Wilson's for shares, a bootstrap over records for F1).
``--errors FACET`` prints what is said of the development records that is not so.

An entry *says nothing false* if its tier is right and each other thing that it says is: what it leaves out is not
false, nor is a design that it words as a guess.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import random
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harvester.paper.records import AbstractSection, Citation
from harvester.paper.tags import Tags
from harvester.tagging import classify, load_vocabulary

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"
LISTS = ("compounds", "routes", "conditions", "comparators")
# What the labels call otherwise than the vocabulary does.
SAME = {
    "electroconvulsive therapy": "ect",
    "treatment as usual": "usual care",
    "standard care": "usual care",
    "normal saline": "saline",
    "waitlist": "waiting list",
    "wait list": "waiting list",
    "controls": "control",
    "no treatment": "control",
    "healthy volunteers": "healthy controls",
    "waiting-list": "waiting list",
    "delayed treatment": "waiting list",
    "polydrug users": "polydrug controls",
    "transcranial magnetic stimulation": "rtms",
    "tms": "rtms",
    "dimethyltryptamine": "dmt",
    "d-amphetamine": "dextroamphetamine",
    "ethanol": "alcohol",
    "ascorbic acid": "vitamin c",
}
UNITS = {"min": 1 / 1440, "minute": 1 / 1440, "h": 1 / 24, "hr": 1 / 24, "hour": 1 / 24}
UNITS |= {"day": 1, "night": 1, "week": 7, "wk": 7, "month": 30.4, "year": 365, "yr": 365}
UNIT = "(" + "|".join(sorted(UNITS, key=len, reverse=True)) + r")s?\b"


@dataclass(frozen=True)
class Case:
    """A labelled record and what is said of it."""

    label: dict[str, Any]
    tags: Tags

    @property
    def found(self) -> dict[str, Any]:
        """What the program says, by facet."""
        said = {facet: {name(value) for value in getattr(self.tags, facet)} for facet in LISTS}
        others = ("tier", "design", "sample_size", "follow_up", "direction", "key_finding")
        return said | {facet: getattr(self.tags, facet) for facet in others}

    @property
    def expected(self) -> dict[str, Any]:
        """What the person said, by facet."""
        return {facet: {name(value) for value in self.label[facet] or ()} for facet in LISTS} | {
            "tier": self.label["tier"],
            "design": self.label["design"],
            "sample_size": self.label["sample_size"],
            "follow_up": self.label["follow_up"] or None,
            "direction": None if self.label["direction"] in ("none", "", None) else self.label["direction"],
        }


def name(value: str) -> str:
    lower = value.lower().strip()
    return SAME.get(lower, lower)


def is_set_aside(identifier: str) -> bool:
    return int(hashlib.sha256(identifier.encode()).hexdigest()[:8], 16) % 3 == 0


def read_labels(folder: Path, *, set_aside: bool) -> list[dict[str, Any]]:
    with gzip.open(folder / "ketamine_labels" / "labels.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [label for line in lines if is_set_aside((label := json.loads(line))["id"]) == set_aside]


def as_citation(label: dict[str, Any]) -> Citation:
    text = " ".join(" ".join(label["sentences"]).split())
    return Citation(title=label["title"], abstract=(AbstractSection(text=text),) if text else ())


def in_days(text: str | None) -> float | None:
    """Return a length of time in days; None if there is none."""
    if not text:
        return None
    match = re.search(r"(\d+(?:\.\d+)?)[\s-]*" + UNIT, text.lower())
    if match:
        return float(match[1]) * UNITS[match[2]]
    match = re.search(UNIT + r"\s*(\d+)", text.lower())
    return float(match[2]) * UNITS[match[1]] if match else None


def is_same_time(expected: str | None, found: str | None) -> bool:
    one, two = in_days(expected), in_days(found)
    if bool(expected) != bool(found):
        return False
    return one is None or (two is not None and abs(one - two) <= 0.05 * one)


def rate_finding(case: Case) -> str:
    """Return how good the chosen sentences are: best, ok, none (no finding), missing, or right if there is none."""
    said = case.tags.key_finding
    numbered = dict(enumerate(case.label["sentences"], start=0))
    if not said:
        return "missing" if case.label["finding_best"] else "right"
    held = {number for number, text in numbered.items() if overlap(text, said)}
    if held & set(case.label["finding_best"]):
        return "best"
    return "ok" if held & set(case.label["finding_ok"]) else "none"


def overlap(sentence: str, said: str) -> bool:
    plain = " ".join(sentence.split())
    return plain in said or said in plain or (len(plain) > 60 and plain[40:] in said)


def is_right(facet: str) -> Callable[[Case], bool]:
    if facet == "follow_up":
        return lambda case: is_same_time(case.expected["follow_up"], case.found["follow_up"])
    return lambda case: bool(case.expected[facet] == case.found[facet])


def is_false(facet: str, case: Case) -> bool:
    """Whether what is said of a facet is not so; to say nothing is not false."""
    expected, found = case.expected.get(facet), case.found[facet]
    if facet == "key_finding":
        return rate_finding(case) == "none"
    if facet in LISTS:
        return bool(found - expected)
    if facet == "design":  # an entry words a guess as one, and says nothing of a design that it does not know
        return bool(found not in (expected, "other") and "design" not in case.tags.guesses)
    if facet == "tier":
        return bool(found != expected)
    if facet == "follow_up":
        return bool(found) and not is_same_time(expected, found)
    return found is not None and found != expected


FALSE_IN = ("tier", "design", "sample_size", *LISTS, "follow_up", "direction", "key_finding")
SHARES: dict[str, tuple[Callable[[Case], bool], Callable[[Case], bool]]] = {
    # figure -> what is counted, among what
    **{facet: (is_right(facet), lambda _: True) for facet in ("tier", "design", "sample_size")},
    "sample_size false": (lambda case: is_false("sample_size", case), lambda _: True),
    "follow_up": (is_right("follow_up"), lambda _: True),
    "follow_up false": (lambda case: is_false("follow_up", case), lambda _: True),
    "direction right": (is_right("direction"), lambda _: True),
    "direction wrong": (lambda case: is_false("direction", case), lambda _: True),
    "finding best": (lambda case: rate_finding(case) == "best", lambda case: bool(case.label["finding_best"])),
    "finding is none": (lambda case: rate_finding(case) == "none", lambda _: True),
    "lost": (
        lambda case: case.found["tier"] == "off-topic" and case.expected["tier"] != "off-topic",
        lambda case: case.expected["tier"] != "off-topic",
    ),
    "nothing false": (lambda case: not any(is_false(facet, case) for facet in FALSE_IN), lambda _: True),
}


def f1(cases: Sequence[Case], facet: str) -> float:
    right = sum(len(case.expected[facet] & case.found[facet]) for case in cases)
    both = sum(len(case.expected[facet]) + len(case.found[facet]) for case in cases)
    return 2 * right / both if both else 1.0


def wilson(right: int, number: int) -> tuple[float, float]:
    """Return the 95 % interval of a share."""
    if not number:
        return 0.0, 1.0
    z, share = 1.96, right / number
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    half = z * math.sqrt(share * (1 - share) / number + z * z / (4 * number * number)) / (1 + z * z / number)
    return middle - half, middle + half


def bootstrap(cases: Sequence[Case], facet: str, rounds: int = 400) -> tuple[float, float]:
    """Return the 95 % interval of an F1 over records drawn again and again; the same for the same records."""
    chance = random.Random(20261127)
    sums = [(len(c.expected[facet] & c.found[facet]), len(c.expected[facet]) + len(c.found[facet])) for c in cases]
    drawn = sorted(
        2 * sum(one for one, _ in chosen) / max(1, sum(two for _, two in chosen))
        for chosen in (chance.choices(sums, k=len(sums)) for _ in range(rounds))
    )
    return drawn[int(rounds * 0.025)], drawn[int(rounds * 0.975)]


def measure(cases: Sequence[Case]) -> dict[str, tuple[float, float, float]]:
    """Return each figure with its interval."""
    figures: dict[str, tuple[float, float, float]] = {}
    for figure, (counted, among) in SHARES.items():
        chosen = [case for case in cases if among(case)]
        right = sum(map(counted, chosen))
        figures[figure] = (right / max(1, len(chosen)), *wilson(right, len(chosen)))
    for facet in LISTS:
        figures[facet] = (f1(cases, facet), *bootstrap(cases, facet))
    return figures


def measure_labels(folder: Path, *, set_aside: bool, crossed: bool = False) -> dict[str, tuple[float, float, float]]:
    """Print the figures of the development records, beside them those of other sets if asked for; return the former."""
    vocabulary = load_vocabulary("ketamine")
    development = read_labels(folder, set_aside=False)
    sets = {"development": [Case(label, classify(as_citation(label), vocabulary)) for label in development]}
    if crossed or set_aside:
        from train import read_all, read_crossed

        cases = read_crossed(read_all(folder), vocabulary)
        names = ("development", "set aside", "analogues", "unread")
        for name in names if set_aside else names[::2]:
            sets[f"{name}, crossed"] = [case for case in cases if case.label["set"] == name]
    measured = {name: measure(cases) for name, cases in sets.items()}
    print("\nketamine_labels: " + ", ".join(f"{name} ({len(cases)})" for name, cases in sets.items()))
    for figure in measured["development"]:
        shown = [f"{value:.3f} [{low:.3f}, {high:.3f}]" for value, low, high in (m[figure] for m in measured.values())]
        print(f"  {figure:20} " + "   ".join(shown))
    return measured["development"]


def show_errors(folder: Path, facet: str) -> None:
    vocabulary = load_vocabulary("ketamine")
    for label in read_labels(folder, set_aside=False):
        case = Case(label, classify(as_citation(label), vocabulary))
        right = rate_finding(case) in ("best", "right") if facet == "key_finding" else is_right(facet)(case)
        if not right:
            expected = label["finding_best"] if facet == "key_finding" else case.expected[facet]
            print(f"\n{label['id']}: {facet} {case.found[facet]!r}, should be {expected!r} ({case.tags.design})")
            print("   " + label["title"])
            for number, text in enumerate(label["sentences"], start=0):
                print(f"   {number} {text}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEFAULT, help="the folder of real data")
    parser.add_argument("--set-aside", action="store_true", help="measure the third that is set aside, too")
    parser.add_argument("--crossed", action="store_true", help="read each by weights learned without it, too")
    parser.add_argument("--errors", metavar="FACET", help="print the development records of which a facet is wrong")
    arguments = parser.parse_args()
    if not (arguments.data / "ketamine_labels").is_dir():
        print(f"no folder {arguments.data / 'ketamine_labels'}; name it with --data", file=sys.stderr)
        return 2
    if arguments.errors:
        show_errors(arguments.data, arguments.errors)
    else:
        measure_labels(arguments.data, set_aside=arguments.set_aside, crossed=arguments.crossed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
