"""A number and its noun."""

from __future__ import annotations

import pytest

from harvester.ground.counted import counted


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 new studies"), (1, "1 new study"), (2, "2 new studies"), (1234, "1234 new studies")],
)
def test_only_one_is_in_the_singular(number: int, shown: str) -> None:
    """Nought is many."""
    assert counted(number, "new study", "new studies") == shown


def test_thousands_are_parted_where_asked() -> None:
    """Every three digits."""
    assert counted(1234567, "notice", thousands=",") == "1,234,567 notices"
