"""Names of authors out of one string."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.paper.names import parse_name, parse_names
from harvester.paper.records import Author


@pytest.mark.parametrize(
    ("text", "displays"),
    [
        ("Ada Example, Bo Sample", ["Example A", "Sample B"]),
        ("Example A, Sample BC", ["Example A", "Sample BC"]),
        ("Example, Ada; Sample, Bo", ["Example A", "Sample B"]),
        ("Example, Ada", ["Example A"]),
        ("Example, A.", ["Example A"]),
        ("Example, MA", ["Example MA"]),
        ("Example, Ada, Sample, Bo", ["Example A", "Sample B"]),
        ("Example, A., Sample, B.-C., O'Specimen, D. E.", ["Example A", "Sample BC", "O'Specimen DE"]),
        ("Example, A. B. and Sample, C. and Specimen, D.", ["Example AB", "Sample C", "Specimen D"]),
        ("Example, Ada and Sample, Bo", ["Example A", "Sample B"]),
        ("Ada Example, Bo Sample, and Cy Specimen", ["Example A", "Sample B", "Specimen C"]),
        ("Ada Example & Bo Sample", ["Example A", "Sample B"]),
        ("Ada Example|Bo Sample", ["Example A", "Sample B"]),
        ("Ada Example, MD, PhD, Bo Sample, M.A.", ["Example A", "Sample B"]),
        ("Ada Example, University of Invention, Basel", ["Example A"]),
        ("Ada Example, University of Invention, Basel, Bo Sample", ["Example A", "Sample B"]),
        ("Author(s): Ada Example, Bo Sample", ["Example A", "Sample B"]),
        ("by Ada Example and Bo Sample", ["Example A", "Sample B"]),
        ("Authors: Example A; Sample B", ["Example A", "Sample B"]),
        ("ada@example.org (Ada Example)", ["Example A"]),
        ("Ada Example <ada@example.org>", ["Example A"]),
        ("Ada Example (Invented University)", ["Example A"]),
        ("Ada Example1,2, Bo Sample3*", ["Example A", "Sample B"]),
        ("<b>Ada</b> Example", ["Example A"]),
        ("Example A.Sample B. C.O'Specimen D.", ["Example A", "Sample BC", "O'Specimen D"]),
        ("Erik van Widenfelt, Maria De Luca", ["van Widenfelt E", "De Luca M"]),
        ("van der Berg, Jan; Berg, Jan van den", ["van der Berg J", "van den Berg J"]),
        ("Example JA Jr; Sample, Bo, 3rd; Specimen III, Cy", ["Example JA Jr", "Sample B 3rd", "Specimen C III"]),
        ("Bo Sample Jr.", ["Sample B Jr"]),
        ("Sample, Bo, Jr., Example, Ada", ["Sample B Jr", "Example A"]),
        ("Ada Example, Bo Sample, Jr., Cy Specimen", ["Example A", "Sample B Jr", "Specimen C"]),
        ("Dr. Ada Example, Prof. Bo Sample", ["Example A", "Sample B"]),
        ("Hans-Peter Beispiel; Jean-Luc D. Muster", ["Beispiel HP", "Muster JLD"]),
        ("Mary J.Sample", ["Sample MJ"]),
        ("ADA EXAMPLE", ["EXAMPLE A"]),
        ("Ada Example PhD", ["Example A"]),
        ("Ada Example and the ASPIRE Invented Study Group", ["Example A", "the ASPIRE Invented Study Group"]),
        ("Ketamine and Invention Study Group", ["Ketamine and Invention Study Group"]),
        ("Example A; on behalf of the Invented Consortium", ["Example A", "the Invented Consortium"]),
        ("王小明", ["王小明"]),
        ("王, 小明", ["王 小明"]),
        ("山田, 太郎", ["山田 太郎"]),
        ("山田 太郎", ["山田 太郎"]),
        ("スミス, ジョン", ["スミス ジョン"]),
        ("ジョン スミス", ["スミス ジョン"]),
        ("김, 철수; 이, 영희", ["김 철수", "이 영희"]),
        ("王, 小明, 欧阳, 娜娜", ["王 小明", "欧阳 娜娜"]),
        ("王，小明；李，四", ["王 小明", "李 四"]),
        ("王小明、欧阳娜娜、李四", ["王小明", "欧阳娜娜", "李四"]),
        ("Muster, Ada 小明", ["Muster A"]),
        ("Мустер, Ада Б.", ["Мустер АБ"]),
        ("Example", ["Example"]),
        ("Ada Example, Ada Example", ["Example A", "Example A"]),
        ("Wang Y, Zhang L, Wang Y", ["Wang Y", "Zhang L", "Wang Y"]),
        ("Wang Y; Zhang L; Wang Y", ["Wang Y", "Zhang L", "Wang Y"]),
        ("Example AB, Sample C, O'Brien KE.", ["Example AB", "Sample C", "O'Brien KE"]),
        ("D'Angelo MC.", ["D'Angelo MC"]),
        ("Example AB, Griffin RE.", ["Example AB", "Griffin RE"]),
        ("Example A.B., Sample C.", ["Example AB", "Sample C"]),
        ("Example CA Jr, Sample J.", ["Example CA Jr", "Sample J"]),
        ("Example B, Sample CA Jr, Roe K.", ["Example B", "Sample CA Jr", "Roe K"]),
        ("Example B, Sample CA 3rd.", ["Example B", "Sample CA 3rd"]),
        ("Example B, van der Sample CA III.", ["Example B", "van der Sample CA III"]),
        ("Ada Example, Bo Sample Jr.", ["Example A", "Sample B Jr"]),
        ("AB Example, C Sample", ["Example AB", "Sample C"]),
        ("Example, Ada Maria", ["Example AM"]),
        ("Example, Ada Maria, Sample, Bo Carl", ["Example AM", "Sample BC"]),
        ("Example AB, Sample C; INVENTED-2 Investigators.", ["Example AB", "Sample C", "INVENTED-2 Investigators"]),
        ("Example AB Jr, Sample C; Invented Group", ["Example AB Jr", "Sample C", "Invented Group"]),
        ("Invented Research & Development", ["Invented Research & Development"]),
        ("Example A, Invented Research & Development, Sample B",
         ["Example A", "Invented Research & Development", "Sample B"]),
        ("Invented and New Notional College of Psychiatrists", ["Invented and New Notional College of Psychiatrists"]),
        ("Ada Example, Notional Institute for Health and Care",
         ["Example A", "Notional Institute for Health and Care"]),
        ("Ada Example, Bo Sample and INVENTED Study Group", ["Example A", "Sample B", "INVENTED Study Group"]),
        ("Example J and Invented Study Group", ["Example J", "Invented Study Group"]),
        ("Inventor Maker and Company", ["Inventor Maker and Company"]),
        ("Gesellschaft für erfundene Psychiatrie", ["Gesellschaft für erfundene Psychiatrie"]),
        ("Invented Centers for Sample Control (ICSC)", ["Invented Centers for Sample Control"]),
        ("Invented Health Administration", ["Invented Health Administration"]),
        ("[Anonymous]", []),
        ("No authors listed", []),
        ("[No author name available]", []),
        ("NCT01234567", []),
        ("Example A; ISRCTN12345678", ["Example A"]),
        ("", []),
        (None, []),
        (" ; , 12 ", []),
        ("This sentence stands where a name should be and goes on for much longer than names do.", []),
        ("The invented group " + "of many words " * 30, []),
    ],
)  # fmt: skip
def test_names(text: str | None, displays: list[str]) -> None:
    assert [author.display for author in parse_names(text).authors] == displays


@pytest.mark.parametrize(
    ("text", "count", "complete"),
    [
        ("Example A, Sample B, et al.", 2, False),
        ("Example A et al", 1, False),
        ("Ada Example and others", 1, False),
        ("Ada Example, and 12 more", 1, False),
        ("Example A, …", 1, False),
        ("et al.", 0, False),
        ("Etal Example", 1, True),
    ],
)
def test_a_list_that_is_cut_says_so(text: str, count: int, complete: bool) -> None:
    names = parse_names(text)
    assert (len(names.authors), names.complete) == (count, complete)


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("Example, Ada Bo", Author(family="Example", given="Ada Bo", initials="AB")),
        ("Garcia Muestra, Gabriel Jose", Author(family="Garcia Muestra", given="Gabriel Jose", initials="GJ")),
        ("Example AB", Author(family="Example", initials="AB")),
        ("A. B. Example", Author(family="Example", given="A. B.", initials="AB")),
        ("Example, D'Arcy", Author(family="Example", given="D'Arcy", initials="D")),
        (
            "Ada Example https://orcid.org/0000-0001-2345-678x",
            Author(family="Example", given="Ada", initials="A", orcid="0000-0001-2345-678X"),
        ),
        ("Invented Trial Investigators", Author(collective="Invented Trial Investigators")),
        (
            "Invented Depression, Anxiety and Mood Group",
            Author(collective="Invented Depression, Anxiety and Mood Group"),
        ),
        ("Invented Network (INN).", Author(collective="Invented Network (INN)")),
        ("Company, B.", Author(family="Company", given="B.", initials="B")),
        ("Jr.", None),
        ("12", None),
        (None, None),
    ],
)
def test_one_name(text: str | None, author: Author | None) -> None:
    assert parse_name(text) == author


@given(st.text(max_size=150))
def test_any_text_gives_authors_with_names(text: str) -> None:
    for author in parse_names(text).authors:
        assert author.display.strip()


FAMILIES = st.sampled_from(["Example", "Sample", "O'Specimen", "Müller", "van der Berg", "Beispiel-Muster"])
GIVENS = st.sampled_from(["Ada", "Bo", "Jean-Luc", "Cy D.", "Éva"])


@given(st.lists(st.tuples(FAMILIES, GIVENS), min_size=1, max_size=6, unique=True))
def test_all_ways_of_printing_a_list_give_the_same_people(people: list[tuple[str, str]]) -> None:
    printed = [
        "; ".join(f"{family}, {given}" for family, given in people),
        ", ".join(f"{given} {family}" for family, given in people),
        " and ".join(f"{family}, {given}" for family, given in people),
    ]
    read = [[(author.family, author.given) for author in parse_names(text).authors] for text in printed]
    assert read == [people] * 3


@pytest.mark.parametrize("piece", [",", " and ", "a@", "(", "A.", "a1 ", "et al ", "A B;", "a ", "é"])
def test_what_is_made_to_keep_a_parser_busy_does_not(piece: str) -> None:
    # The time-out fails it.
    assert isinstance(parse_names(piece * (100_000 // len(piece))).authors, tuple)
