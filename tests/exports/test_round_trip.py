"""What we write, we read: studies exported, and imported again."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.exports import FORMATS
from harvester.exports.citation import page_span, title_of
from harvester.ground.errors import ParseError
from harvester.jobs.job import Job, read_settings
from harvester.jobs.maintain import import_files
from harvester.library import Library
from harvester.paper.records import Author, Identifiers, Record, Study
from harvester.paper.statuses import STATUSES, derive_status
from harvester.sources.imports import parse_import
from tests.exports.test_exports import FULL, study


def there_and_back(studies: Iterable[Study], name: str = "ris") -> list[Record]:
    """Export studies in a format and import what was written."""
    found = parse_import(FORMATS[name].write(studies).content, filename=f"back.{name}")
    assert all(isinstance(item, Record) for item in found)
    return [item for item in found if isinstance(item, Record)]


def line(text: str | None) -> str:
    return " ".join((text or "").split())


def assert_same(held: Study, found: Record) -> None:
    """Compare what RIS can say; "corrected" is no part of a citation."""
    assert found.title == line(title_of(held))
    assert [author.display for author in found.authors] == [author.display for author in held.authors]
    assert [author.collective for author in found.authors] == [author.collective for author in held.authors]
    assert found.authors_complete == held.authors_complete
    for name in ("journal_abbreviation", "issns", "published", "volume", "issue", "identifiers", "languages", "url"):
        assert getattr(found, name) == getattr(held, name), name
    assert found.journal == (held.journal or held.journal_abbreviation)
    assert page_span(found.pages) == page_span(held.pages)
    assert line(found.abstract_text) == line(held.abstract_text)
    assert found.keywords == tuple(dict.fromkeys((*held.keywords, *(term.name for term in held.mesh_terms))))
    assert derive_status(found) == ("published" if held.status == "corrected" else held.status)


def test_the_library_of_a_run_comes_back(demo_run: Path) -> None:
    """Every study of the invented corpus: RIS with every field, CSV with every status."""
    with Library.open(demo_run / "data", writable=False) as library:
        held = list(library.studies.iterate())
    assert {"preprint", "retracted", "withdrawn", "corrected", "published"} <= {work.status for work in held}
    assert any(author.collective for work in held for author in work.authors)
    for work, found in zip(held, there_and_back(held), strict=True):
        assert_same(work, found)
    assert [derive_status(found) for found in there_and_back(held, "csv")] == [work.status for work in held]


@pytest.mark.parametrize("name", ["ris", "csv", "bibtex", "xlsx"])
def test_importing_our_own_export_changes_no_status(demo_run: Path, tmp_path: Path, name: str) -> None:
    """Every record joins its study, and no reader is told of a notice; a paper whose source deleted it stays so."""

    def states(library: Library) -> list[tuple[str, str]]:
        return [(work.study_id, work.status) for work in library.studies.iterate()]

    folder = tmp_path / "run"
    shutil.copytree(demo_run, folder)
    with Library.open(folder / "data", writable=False) as library:
        before, last = states(library), library.studies.last_event_id()
        (tmp_path / f"own.{name}").write_bytes(FORMATS[name].write(library.studies.iterate()).content)
    job = Job(settings=read_settings(folder / "config.yaml"), now=datetime(2026, 11, 24, tzinfo=UTC))
    result = import_files(job, [tmp_path / f"own.{name}"])
    assert (result.studies.new, result.skipped) == (0, [])
    with Library.open(folder / "data", writable=False) as library:
        assert states(library) == before
        assert [event for kind in ("notice", "status") for event in library.studies.events(kind=kind, after=last)] == []


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_comes_back(status: str) -> None:
    """In RIS beside everything else; in our CSV from its own column."""
    types = ("Journal Article", "Preprint") if status == "preprint" else ("Journal Article",)
    work = study(title="An invented sample.", status=status, publication_types=types)
    (found,) = there_and_back([work])
    assert_same(work, found)
    for name in ("csv", "csv-excel", "xlsx"):
        (found,) = there_and_back([work], name)
        assert derive_status(found) == status
    (found,) = there_and_back([work], "bibtex")
    assert derive_status(found) == ("published" if status == "corrected" else status)


def test_a_full_record_comes_back() -> None:
    (found,) = there_and_back([FULL])
    assert_same(FULL, found)
    assert [part.label for part in found.abstract] == ["AIMS", "RESULTS"]


def test_bibtex_comes_back() -> None:
    """What LaTeX would read as a command, capitals, a group, Jr, a family name of two words, a cut list."""
    work = study(
        title="The MADRS_2: 50% of {A} & B ~ C^2 in #3 and a \\ sign, n < 5",
        authors=(
            Author(family="Example", given="Ada B.", initials="AB", suffix="Jr"),
            Author(family="García Muestra", given="José", initials="J"),
            Author(collective="Invented Research & Development and Co"),
            Author(family="van der Sample", given="Bo", initials="B"),
        ),
        authors_complete=False,
        journal="Journal of A & B",
        published="2026-11",
        volume="7",
        issue="2",
        pages="211-9",
        identifiers=Identifiers(doi="10.1000/a_b.1", pmid="99000001", pmcid="PMC99"),
        keywords=("mood", "deep sleep"),
    )
    (found,) = there_and_back([work], "bibtex")
    for name in ("title", "authors_complete", "journal", "published", "volume", "issue", "identifiers", "keywords"):
        assert getattr(found, name) == getattr(work, name), name
    assert [author.display for author in found.authors] == [author.display for author in work.authors]
    assert found.pages == "211-219"


@pytest.mark.parametrize("name", ["csv-excel", "xlsx"])
def test_what_keeps_a_cell_from_being_a_formula_is_no_part_of_it(name: str) -> None:
    (found,) = there_and_back([study(title="+/- ketamine (invented sample)", volume="-7")], name)
    assert (found.title, found.volume) == ("+/- ketamine (invented sample)", "-7")


def test_what_is_unusual_comes_back() -> None:
    """Groups, one name twice, a cut list, an old SICI number, a month without a day, a thesis in two languages."""
    sici = "10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-o"
    work = study(
        title="Is 5 < 6 & 7 > 6 in [mice]?",
        authors=(
            Author(family="Wang", initials="Y"),
            Author(family="Wang", initials="Y"),
            Author(family="Example", initials="YuV", suffix="3rd"),
            Author(collective="Invented Ketamine and Esketamine Study Group"),
            Author(collective="the SAMPLE Investigators"),
        ),
        authors_complete=False,
        published="1997-05",
        pages="965-72",
        languages=("eng", "chi"),
        identifiers=Identifiers(doi=sici),
        publication_types=("Academic Dissertation",),
        status="ahead-of-print",
    )
    (found,) = there_and_back([work])
    assert found.title == work.title
    assert [author.display for author in found.authors] == [
        "Wang Y",
        "Wang Y",
        "Example YV 3rd",
        "Invented Ketamine and Esketamine Study Group",
        "the SAMPLE Investigators",
    ]
    assert not found.authors_complete
    assert (found.published, found.pages, found.languages) == ("1997-05", "965-972", ("eng", "chi"))
    assert found.identifiers.doi == sici
    assert found.publication_types == ("Academic Dissertation",)
    assert derive_status(found) == "ahead-of-print"


def test_a_retracted_preprint_is_both() -> None:
    work = study(title="An invented sample", status="retracted", publication_types=("Preprint",))
    (found,) = there_and_back([work])
    assert found.is_preprint
    assert derive_status(found) == "retracted"


@pytest.mark.parametrize(
    ("note", "status"),
    [
        ("Retracted publication", "retracted"),
        ("We looked for RETRACTED PUBLICATION notices.", "published"),
        ("read this", "published"),
    ],
)
def test_only_a_note_that_says_nothing_else_is_a_status(note: str, status: str) -> None:
    ris = f"TY  - JOUR\nTI  - An invented sample\nN1  - first note\nN1  - {note}\nER  - \n"
    (found,) = parse_import(ris.encode(), filename="mine.ris")
    assert isinstance(found, Record)
    assert derive_status(found) == status


def test_a_column_of_other_states_is_no_status() -> None:
    """A register's list of trials has a Status, too."""
    (found,) = parse_import(b"NCT Number,Title,Status\nNCT01234567,An invented trial,Withdrawn\n", filename="x.csv")
    assert isinstance(found, Record)
    assert derive_status(found) == "published"


def test_what_import_does_not_read_it_refuses() -> None:
    with pytest.raises(ParseError, match="is neither"):
        there_and_back([FULL], "csl-json")


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=40
).map(lambda text: " ".join(text.split()))
FAMILIES = st.sampled_from(["Example", "Sample", "O'Specimen", "Müller", "van der Berg", "García Muestra"])
GIVENS = st.sampled_from(["Ada", "Bo", "Jean-Luc", "Cy D.", "A. B."])


@given(
    title=WORDS.filter(lambda text: any(char.isalnum() for char in text) and "&" not in text and "<" not in text),
    people=st.lists(st.tuples(FAMILIES, GIVENS), max_size=4),
    year=st.integers(1900, 2100),
    doi=st.none() | st.just("10.1000/abc.1"),
)
def test_a_study_survives_ris_and_back(title: str, people: list[tuple[str, str]], year: int, doi: str | None) -> None:
    work = study(
        title=f"{title} x",
        authors=tuple(Author(family=family, given=given) for family, given in people),
        published=str(year),
        identifiers=Identifiers(doi=doi),
    )
    (found,) = there_and_back([work])
    assert found.title == work.title
    assert [(author.family, author.given) for author in found.authors] == people
    assert (found.identifiers.doi, found.year) == (doi, year)
