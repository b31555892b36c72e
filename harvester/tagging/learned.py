"""Weights that were learned from labelled abstracts, and how they are applied.

A facet's rule describes each candidate (a sentence, a condition that is named, …) by features; the weights of the
features add up to how likely a careful reader would take the candidate.  `make train` learns them; the file
``learned.json`` can be read by eye: the sign says for or against, the size how much.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any


@dataclass(frozen=True, slots=True)
class Learned:
    """The weights of one facet: logistic regression, sparse by its L1 penalty."""

    bias: float
    features: Mapping[str, float]
    words: Mapping[str, float]  # of words by their normal forms, apart because a sentence has many

    def rate(self, features: Iterable[str], words: Set[str] = frozenset()) -> float:
        """Return how likely a candidate with these features is right, between 0 and 1; unknown ones weigh nothing."""
        weights = chain((self.bias,), map(self.features.get, features), map(self.words.get, words))
        # an exact sum: a set has another order in each run, and rounding must not decide between two that are equal
        return 1.0 / (1.0 + math.exp(-math.fsum(filter(None, weights))))


@cache
def load_learned() -> dict[str, Learned]:
    """Load the weights that were learned, by facet."""
    text = files("harvester.tagging").joinpath("learned.json").read_text(encoding="utf-8")
    return read_learned(json.loads(text))


def read_learned(learned: Mapping[str, Any]) -> dict[str, Learned]:
    """Read the weights of each facet from a document as `make train` writes it."""
    return {facet: Learned(each["bias"], each["features"], each["words"]) for facet, each in learned.items()}
