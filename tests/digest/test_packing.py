"""Texts packed for the page come back as they were."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from harvester.digest.packing import Part, pack


def unpack(packed: Sequence[Sequence[Part]]) -> list[str]:
    """Do what page.js does."""
    texts: list[str] = []
    for parts in packed:
        before = "".join(texts)
        texts.append("".join(part if isinstance(part, str) else before[part[0] :][: part[1]] for part in parts))
    return texts


SENTENCES = st.lists(
    st.sampled_from(["ketamine ", "relieved depression ", "50\\% ", "🧪", "a", "\n", "in a trial of "]), max_size=40
)


@given(st.lists(st.text() | SENTENCES.map("".join), max_size=5))
def test_packed_texts_come_back(texts: list[str]) -> None:
    assert unpack(pack(texts)) == texts


def test_an_abstract_is_said_once() -> None:
    """Wherever it stands in the second text, and also where a character of it is written otherwise."""
    abstract = (
        "Esketamine relieved depression in 50% of 80 adults within a day; saline in 20%, and nobody fell ill of it."
    )
    first, second = pack([f"AB  - {abstract}\n", f"  abstract = {{{abstract.replace('%', chr(92) + '%')}}}"])
    assert first == [f"AB  - {abstract}\n"]
    assert [part for part in second if isinstance(part, str)] == ["  abstract = {", "\\", "\\", "}"]
