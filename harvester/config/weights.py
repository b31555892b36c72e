"""How much each answer counts in the relevance of a study: what the settings may change and the ranking asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each answer counts, against the others; 0 or more, the first five not all 0.

    `followed` and `first` are what a reader's own digest adds; they do not touch the table's relevance.
    """

    design: float = 0.45
    size: float = 0.2  # full from 1,000 people, half at 30
    follow_up: float = 0.1  # full from 180 days
    title: float = 0.2  # the compound stands in the title
    comparator: float = 0.05
    followed: float = 0.2  # an author, journal or trial that the digest follows
    first: float = 0.1  # the first study of its kind in the library

    @property
    def total(self) -> float:
        """The sum of those that make the table's relevance."""
        return self.design + self.size + self.follow_up + self.title + self.comparator
