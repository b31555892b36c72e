"""What a user types is read as people mean it, or refused with a sentence; never read silently as something else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.ground.errors import UsageError
from harvester.library import Library, StudiesIntegrated
from harvester.library.words import build_match
from harvester.studies.integrate import integrate
from harvester.tagging import load_vocabulary
from tests.factories import build_record

MONDAY = "2026-11-16T06:00:00Z"
TITLES = (
    "Ketamine for sailors with low mood",
    "Arketamine and the invented harbour",
    "Ketamine and arketamine, a comparison in islanders",
    "Nasal spray of (S)-ketamine before sleep",
    "A spray for nasal use, and ketamine or not",
    "氯胺酮治疗抑郁症的样本",
    "艾司氯胺酮鼻喷雾剂",
    "ケタミンとうつ病の標本",
    "케타민의 항우울 효과",
    "Кетамин при депрессии: выборка",
    "הקטמין בדיכאון",
    "ketamine की भूमिका: केटामाइन",
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Give a library of a study for each title, in their order."""
    with Library.open(tmp_path_factory.mktemp("words")) as opened:
        records = [
            replace(build_record(number), title=title, abstract=(), keywords=(), mesh_terms=())
            for number, title in enumerate(TITLES, start=1)
        ]
        with opened.transaction(StudiesIntegrated(at=MONDAY)):
            opened.records.save(records, seen_at=MONDAY)
        integrate(opened, load_vocabulary("ketamine"), at=MONDAY)
        yield opened


def find(library: Library, text: str) -> list[int]:
    """Give the numbers of the titles that a text finds."""
    found = library.studies.search(text, limit=99)
    places = {study.study_id: TITLES.index(study.title or "") + 1 for study in library.studies.iterate()}
    return sorted(places[study_id] for study_id in found)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("arketamine islanders", [3]),
        ("arketamine AND islanders", [3]),
        ("arketamine and islanders", [3]),
        ("sailors OR harbour", [1, 2]),
        ("sailors or harbour", [1, 2]),
        ("sailors | harbour | islanders", [1, 2, 3]),
        ("arketamine -islanders", [2]),
        ("arketamine –islanders", [2]),
        ("-islanders arketamine", [2]),
        ("arketamine NOT islanders", [2]),
        ("arketamine AND NOT islanders", [2]),
        ("sailors OR harbour OR islanders -mood", [2, 3]),
        ("arketamine NOT (harbour OR sailors)", [3]),
        ("(sailors OR islanders) mood", [1]),
        ("((sailors OR islanders) AND mood) OR harbour", [1, 2]),
        ('"nasal spray"', [4]),
        ("“nasal spray”", [4]),
        ("'nasal spray'", [4]),
        ("nasal spray", [4, 5]),
        ("(S)-ketamine", [4]),
        ("S-ketamine", [4]),
        ("island*", [3]),
        ('"nasal spr*"', [4]),
        ('ketamine "not"', [5]),
        ("sailors,mood", [1]),
        ("氯胺酮", [6, 7]),
        ("氯胺酮 -艾司氯胺酮", [6]),
        ("抑郁症 OR うつ病", [6, 8]),
        ("ケタミン", [8]),
        ("케타민", [9]),
        ("кетамин депрессии", [10]),
        ("КЕТАМИН*", [10]),
        ("קטמין", [11]),
        ("केटामाइन", [12]),
        ("xylophone", []),
    ],
)
def test_words_are_read_as_people_mean_them(library: Library, text: str, numbers: list[int]) -> None:
    assert find(library, text) == numbers


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no word"),
        (" !? ", "no word"),
        ('ketamine ""', "no word in"),
        ("ketamine *", "no word in"),
        ("()", "nothing between two parentheses"),
        ('"nasal spray', "quotation mark is not closed"),
        ('nasal" spray', "quotation mark is not closed"),
        ("(ketamine", "a parenthesis is not closed"),
        ("ketamine)", "closed that was not opened"),
        ("(" * 30 + "ketamine" + ")" * 30, "too many parentheses"),
        ("ketamine arketamine OR pain", "can be read in two ways"),
        ("ketamine OR arketamine pain", "can be read in two ways"),
        ("ketamine OR arketamine AND pain", "can be read in two ways"),
        ("-sailors", "not what to look for"),
        ("NOT sailors", "not what to look for"),
        ("ketamine OR -sailors", "not what is left out"),
        ("ketamine NOT sailors OR pain", "not what is left out"),
        ("ketamine not sailors", "can be the word"),
        ("ketamine - sailors", "right before the word"),
        ("ketamine --sailors", "right before the word"),
        ("OR ketamine", "OR stands where a word should be"),
        ("ketamine AND OR pain", "OR stands where a word should be"),
        ("ketamine NOT NOT pain", "NOT stands where a word should be"),
        ("ketamine AND", "nothing follows AND"),
        ("(ketamine OR) pain", "nothing follows OR"),
        ("NOT(", "a parenthesis is not closed"),
        ("title:ketamine", "title: is not known here"),
        ('ti:"nasal spray"', "ti: is not known here"),
        ("ketamine[tiab]", "in brackets"),
        ('"nasal spray"[Title/Abstract]', "in brackets"),
        ("ketamine NEAR/3 pain", "NEAR/3 is not known"),
        ("ketamine adj3 pain", "adj3 is not known"),
        ("ketamine.ti,ab.", ".ti,ab. is not known"),
        ("ketamine:ti,ab AND pain", ":ti,ab is not known"),
        ("(ketamine/exp)", "/exp is not known"),
        ("TI=ketamine", "TI= is not known"),
        ("TITLE-ABS-KEY(ketamine)", r"TITLE-ABS-KEY\( is not known"),
        ("#1 AND #2", "#1 is not known"),
        ("ketamine adj pain ADJ3 x", "ADJ3 is not known"),
        ("wom?n", "the sign in 'wom\\?n'"),
        ("ketamine~2", "the sign in"),
        ("keta*ne", "the end of a word"),
        ("*ketamine", "the end of a word"),
    ],
)
def test_what_is_not_certain_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        build_match(text)


SIGNS = st.sampled_from([*'"()*-–! ', " OR ", " AND ", " NOT ", " ketamine ", "ke", "氯", "ี", "_", ":", "²"])


@given(st.one_of(st.text(), st.lists(SIGNS).map("".join)))
def test_no_text_is_a_mistake_of_ours(text: str) -> None:
    """FTS5 understands whatever is made of a text, or a sentence refuses it."""
    try:
        expression = build_match(text)
    except UsageError:
        return
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2')")
        connection.execute("SELECT * FROM words WHERE words MATCH ?", (expression,)).fetchall()
    finally:
        connection.close()
