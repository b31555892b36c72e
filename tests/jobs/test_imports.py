"""Files that users import, week after week: a record is what it is, whatever its file is called, wherever it stands."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from harvester.cli.terminal import describe_rebuilt
from harvester.exports import FORMATS
from harvester.jobs import maintain, pipeline
from harvester.jobs.job import Job, read_settings
from harvester.library import FILE_NAME, Ledger, Library
from tests.conftest import NOW

FIXTURE = Path(__file__).parents[1] / "fixtures" / "library" / "keyed-by-row"
CONFIG = """
topic: Ketamine in mental health
contact: you@example.org
sources:
  pubmed: {query: "ketamin*[tiab]", base_url: "http://127.0.0.1:9/", required: false}
digests: [{name: weekly, title: W, recipients: []}]
mail: {sender: "D <d@example.org>", host: 127.0.0.1, port: 25, security: none}
"""
PAPERS = {
    "A": ("Sample, A.B.", "Intravenous ketamine in lighthouse keepers (invented sample)", "10.5555/inv.a"),
    "B": ("Muster, C.", "Esketamine and sleep in night bakers (invented sample)", "10.5555/inv.b"),
    "C": ("Roe, K.", "Oral ketamine in watchmakers (invented sample)", "10.5555/inv.c"),
    "no DOI": ("Poe, E.", "Arketamine in clerks (invented sample)", None),
}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Give an empty library."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return Job(settings=read_settings(tmp_path / "config.yaml"), now=NOW)


def ris(*names: str, **changes: str) -> str:
    """Write papers as Scopus does; changes are of tags, in all of them."""
    records = []
    for name in names:
        author, title, doi = PAPERS[name]
        tags = {"TY": "JOUR", "AU": author, "TI": title, "PY": "2026", "T2": "Inv J", "DO": doi, "DB": "Scopus"}
        lines = [f"{tag}  - {text}" for tag, text in (tags | changes).items() if text]
        records.append("\n".join([*lines, "ER  - ", ""]))
    return "\n".join(records)


def take_in(job: Job, content: str | bytes, name: str, *, week: int = 0) -> tuple[int, int, int]:
    """Import a file; returns how many studies are new, how many records joined one, and how many studies changed."""
    folder = job.settings.data.parent / f"week {week}"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    later = replace(job, now=job.now + timedelta(weeks=week))
    done = maintain.import_files(later, [folder / name]).studies
    return done.new, done.joined, done.changed


def rows(job: Job) -> list[dict[str, str]]:
    """Give the rows of the table."""
    with (job.settings.data / "studies.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def titles(job: Job) -> dict[str, str]:
    """Give the first words of each study by its id."""
    return {row["study_id"]: row["title"].split(" in ")[0] for row in rows(job)}


A, B, C = "Intravenous ketamine", "Esketamine and sleep", "Oral ketamine"


@pytest.mark.parametrize("name", ["scopus.ris", "scopus (1).ris"])
def test_the_next_export_of_a_name_overwrites_nobody(job: Job, name: str) -> None:
    """Three papers, whose ids stay with them; the new one is told, and the others are not told again."""
    assert take_in(job, ris("A", "B"), "scopus.ris") == (2, 0, 0)
    pipeline.digest(job)
    assert take_in(job, ris("C", "A", "B"), name, week=1) == (1, 0, 0)
    assert titles(job) == {"S0000001": A, "S0000002": B, "S0000003": C}
    pipeline.digest(replace(job, now=job.now + timedelta(weeks=1)))
    assert [row["first_edition"] for row in rows(job)] == ["2026-W48", "2026-W48", "2026-W49"]
    before = rows(job)
    assert take_in(job, ris("C", "A", "B"), name, week=2) == (0, 0, 0)
    assert rows(job) == before
    assert maintain.rebuild(job).differences == {}


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"VL": "7"}, "volume", "7"),
        ({"TI": f"RETRACTED: {PAPERS['A'][1]}"}, "status", "retracted"),
        ({"AB": "It was corrected."}, "abstract", "It was corrected."),
        ({"PY": "2025"}, "year", "2025"),
    ],
)
def test_a_corrected_row_updates_its_record(job: Job, changes: dict[str, str], column: str, value: str) -> None:
    take_in(job, ris("A"), "scopus.ris")
    assert take_in(job, ris("A", **changes), "corrected.ris", week=1) == (0, 0, 1)
    (row,) = rows(job)
    assert (row[column], row["record_count"]) == (value, "1")


def test_a_title_that_was_corrected_is_told_by_the_rest(job: Job) -> None:
    abstract = "Forty lighthouse keepers received ketamine or midazolam once."
    take_in(job, ris("A", AB=abstract), "scopus.ris")
    corrected = "Intravenous esketamine in lighthouse keepers (invented sample)"
    assert take_in(job, ris("A", AB=abstract, TI=corrected), "scopus.ris", week=1) == (0, 0, 1)
    (row,) = rows(job)
    assert (row["title"], row["record_count"]) == (corrected, "1")


def test_an_export_with_fewer_columns_takes_nothing_away(job: Job) -> None:
    take_in(
        job, "title,doi,year,abstract,volume\nAn invented sample of ketamine,10.5555/inv.1,2026,It held.,7\n", "a.csv"
    )
    take_in(job, "title,doi,year\nAn invented sample of ketamine,10.5555/inv.1,2026\n", "b.csv", week=1)
    (row,) = rows(job)
    assert (row["abstract"], row["volume"], row["record_count"]) == ("It held.", "7", "1")


def test_abstracts_of_a_congress_share_a_doi_and_are_two(job: Job) -> None:
    """Content parts them, in one file and in the next, whichever comes first."""
    both = ris("A", "B", DO="10.5555/inv.supplement", SP="S1")
    assert take_in(job, both, "scopus.ris") == (2, 0, 0)
    other_way = ris("C", "B", "A", DO="10.5555/inv.supplement", SP="S1")
    assert take_in(job, other_way, "scopus.ris", week=1) == (1, 0, 0)
    assert titles(job) == {"S0000001": A, "S0000002": B, "S0000003": C}
    assert take_in(job, both, "scopus.ris", week=2) == (0, 0, 0)
    assert maintain.rebuild(job).differences == {}


def test_two_rows_with_one_pmid_lose_no_paper(job: Job) -> None:
    """The same row twice is one record; another paper under that number is another record, for people to look at."""
    header = "title,authors,year,pmid\n"
    one = '"Ketamine in bakers (invented sample)","Sample A",2026,99000801\n'
    other = '"Sleep after esketamine in sailors (invented sample)","Muster C",2026,99000801\n'
    take_in(job, header + one + one, "list.csv")
    assert [row["record_count"] for row in rows(job)] == ["1"]
    take_in(job, header + one + other, "list.csv", week=1)
    with Library.open(job.settings.data, writable=False) as library:
        held = [stored.record for stored in library.records.by_id(range(10))]
    assert [record.source_key for record in held] == ["pmid:99000801", "pmid:99000801 2"]


@pytest.mark.parametrize("change", [{"JO": "Inv J"}, {"AB": "An abstract came."}, {"DO": "10.5555/inv.late"}])
def test_a_record_without_identifiers_is_known_by_what_it_says(job: Job, change: dict[str, str]) -> None:
    take_in(job, ris("no DOI"), "scopus.ris")
    take_in(job, ris("B", "no DOI", **change) if "DO" not in change else ris("no DOI", **change), "scopus.ris", week=1)
    assert [row["record_count"] for row in rows(job)] == ["1"] * len(rows(job))
    assert rows(job)[0]["study_id"] == "S0000001"
    assert rows(job)[0]["title"] == PAPERS["no DOI"][1]


def test_two_papers_that_are_alike_but_for_the_issue_stay_two(job: Job) -> None:
    row = "Editorial,Sample A,Inv J,2026,7"
    take_in(job, f"title,authors,journal,year,volume,issue\n{row},1\n{row},2\n", "a.csv")
    with Library.open(job.settings.data, writable=False) as library:
        assert len(library.records.by_id(range(10))) == 2


def test_what_two_databases_say_of_a_paper_are_two_records(job: Job) -> None:
    take_in(job, ris("A"), "one.ris")
    assert take_in(job, ris("A", DB="Embase", AB="Only Embase has it."), "two.ris", week=1) == (0, 1, 1)
    (row,) = rows(job)
    assert (row["record_count"], row["sources"]) == ("2", "import:one.ris; import:two.ris")


def test_what_we_export_we_know_again(job: Job) -> None:
    """Week 7: a retraction comes back as one; and keys of BibTeX stay with their studies in every export (week 8)."""
    take_in(job, ris("A", "B", "C"), "scopus.ris")
    take_in(job, ris("B", M3="Retracted"), "scopus.ris", week=1)
    with Library.open(job.settings.data, writable=False) as library:
        written = {
            name: FORMATS[name].write(library.studies.iterate()).content for name in ("ris", "bibtex", "csv", "xlsx")
        }
    assert b"RETRACTED PUBLICATION" in written["ris"]
    for week, (name, content) in enumerate(written.items(), start=2):
        empty = replace(job, settings=job.settings.model_copy(update={"data": job.settings.data.parent / name}))
        take_in(empty, content, f"own.{name}", week=week)
        assert [row["status"] for row in rows(empty)] == ["published", "retracted", "published"], name
    keys = re.findall(rb"^@[a-z]+\{(\S+),$", written["bibtex"], re.MULTILINE)
    assert keys == [b"S0000001", b"S0000002", b"S0000003"]
    take_in(job, ris("no DOI"), "more.ris", week=9)
    with Library.open(job.settings.data, writable=False) as library:
        later = FORMATS["bibtex"].write(library.studies.iterate(where="volume IS NULL")).content
    assert re.findall(rb"^@[a-z]+\{(\S+),$", later, re.MULTILINE) == [*keys, b"S0000004"]


@pytest.mark.parametrize("form", ["ris", "csv", "bib"])
def test_a_group_is_one_author_and_namesakes_are_two(job: Job, form: str) -> None:
    """Week 6."""
    group = "Invented and New Notional College of Psychiatrists"
    content = {
        "ris": f"TY  - JOUR\nTI  - Ketamine, a sample\nAU  - {group}\nAU  - Wang, Y.\nAU  - Wang, Y.\nER  - \n",
        "csv": f"title,authors,year\n\"Ketamine, a sample\",\"{group}; Wang Y; Wang Y\",2026\n",
        "bib": f"@article{{a, title={{Ketamine, a sample}}, author={{{{{group}}} and Wang, Y. and Wang, Y.}}}}\n",
    }  # fmt: skip
    take_in(job, content[form], f"x.{form}")
    (row,) = rows(job)
    assert row["authors"] == f"{group}; Wang Y; Wang Y"


def test_a_spreadsheet_says_when_it_cuts_a_cell(job: Job) -> None:
    """Week 12: 32,767 characters are the most that a cell holds."""
    abstract = "word " * 6_554
    take_in(job, ris("A", AB=abstract[:32_760]), "fits.ris")
    take_in(job, ris("B", AB=abstract + "word."), "long.ris")
    with Library.open(job.settings.data, writable=False) as library:
        written = FORMATS["xlsx"].write(library.studies.iterate())
    (warning,) = written.warnings
    assert warning.startswith("1 cell (abstract) cut at 32,767 characters")


@pytest.fixture
def older(tmp_path: Path) -> Job:
    """Give a library of a program that called imported records by file and row.

    Its ledger: nov/scopus.ris held A and B, dec/scopus.ris C, A and B; then PubMed's record of C came, and the study of
    the second row, which showed A then, was corrected.
    """
    folder = tmp_path / "older"
    shutil.copytree(FIXTURE, folder)
    packed = folder / "data" / f"{FILE_NAME}.gz"
    packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    return Job(settings=read_settings(folder / "config.yaml"), now=NOW)


# S0000003, a second id of the bakers, leads to S0000002.
KEPT = {"S0000001": "lighthouse keepers", "S0000002": "night bakers", "S0000004": "watchmakers"}


def assert_kept(job: Job) -> None:
    shown = {row["study_id"]: row["title"] for row in rows(job)}
    assert shown.keys() == KEPT.keys()
    assert all(KEPT[study_id] in title for study_id, title in shown.items())
    with Library.open(job.settings.data, writable=False) as library:
        assert library.studies.resolve("S0000003") == "S0000002"
        found = library.studies.get("S0000004")
        assert found is not None
        assert found.sources == ("pubmed", "import:scopus.ris")
        assert library.editions.first_of("S0000001") == "2026-W45"
        assert library.editions.first_of("S0000004") is None, "readers were never told of it under its own name"
        assert list(library.corrections.of_study("S0000001")) == ["design"]
        assert library.corrections.of_study("S0000002") == {}
        assert library.position == Ledger(job.raw_folder).last_number()


def test_a_rebuild_names_imported_records_by_what_they_are_and_loses_no_id(older: Job) -> None:
    assert [row["study_id"] for row in rows(older)] == ["S0000001", "S0000002", "S0000003"]
    rebuilt = maintain.rebuild(older)
    told = [line for line in describe_rebuilt(rebuilt).splitlines() if "record" in line or "S000000" in line]
    assert told == [
        "3 imported records named by what they are, not by file and row",
        "S0000003 was a second id of S0000002, and leads to it",
        "S0000004 is a paper that stood under S0000001",
    ]
    assert_kept(older)
    again = maintain.rebuild(older)
    assert (again.differences, again.named.records) == ({}, 0)
    assert_kept(older)


def test_the_next_import_names_them_too(older: Job) -> None:
    (answer,) = (older.settings.data / "raw" / "2026-11-09").glob("*scopus*")
    content = gzip.decompress(answer.read_bytes())
    body = content[content.index(b"TY  -") :]
    assert take_in(older, body, "scopus.ris", week=1) == (0, 0, 0)
    assert_kept(older)
    assert set(maintain.rebuild(older).differences) <= {"editions"}  # these are composed by the rules of today


def test_files_that_differ_do_not_take_turns(job: Job) -> None:
    three = ris("A", AU="Alpha, Anna\nAU  - Beta, Bob\nAU  - Gamma, Carl")
    one = ris("A", AU="Alpha, A.", PY="2025")
    take_in(job, three, "a.ris")
    assert take_in(job, one, "b.ris", week=1) == (0, 0, 1)
    (row,) = rows(job)
    assert (row["authors"], row["year"]) == ("Alpha A; Beta B; Gamma C", "2025")
    for week, (content, name) in enumerate([(three, "a.ris"), (one, "b.ris"), (three, "a.ris")], start=2):
        assert take_in(job, content, name, week=week) == (0, 0, 0)
    assert rows(job) == [row]
    assert maintain.rebuild(job).differences == {}
