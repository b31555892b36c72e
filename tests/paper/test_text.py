"""Text made comparable."""

from __future__ import annotations

import sys

import pytest

from harvester.paper.text import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ǽ", "ae"),
        ("ǿ", "o"),
        ("ᴭ", "ae"),  # a modifier letter that stands for Æ
        ("ŉ", "ʼn"),
        ("ǰ", "j"),
        ("ᾳ", "α"),
        ("İSTANBUL", "istanbul"),
        ("ﬁeld Ⅳ ½", "field iv 1⁄2"),
        ("Ketamine", "ketamine"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_folding_twice_changes_nothing_for_any_character() -> None:
    folded = fold("\n".join(map(chr, range(sys.maxunicode + 1))))
    again = fold(folded)
    assert [pair for pair in zip(folded.split("\n"), again.split("\n"), strict=True) if len(set(pair)) > 1] == []
