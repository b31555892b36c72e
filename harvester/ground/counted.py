"""A number and what it counts, in the singular or the plural."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, noun: str, plural: str | None = None, *, thousands: str = "") -> str:
    """Return a number with its noun, in the plural unless the number is 1.

    Parameters
    ----------
    number
        How many.
    noun
        What is counted, in the singular; words may stand before and behind it ("record received").
    plural
        The same in the plural, where it is not the noun with an "s".
    thousands
        What stands between thousands: nothing, or ",".

    Examples
    --------
    >>> counted(1, "new study", "new studies"), counted(0, "record"), counted(1234, "notice", thousands=",")
    ('1 new study', '0 records', '1,234 notices')
    """
    shown = f"{number:,}".replace(",", thousands)
    return f"{shown} {noun if number == 1 else plural or f'{noun}s'}"
