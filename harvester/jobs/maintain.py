"""What a user does to a library besides the weekly run: importing, joining and parting studies, making it again.

The weekly run is in `harvester.jobs.pipeline`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harvester.editions.archiving import write_archive
from harvester.editions.make import edition_folder, write_edition
from harvester.ground.errors import LibraryError, ParseError, UsageError
from harvester.ground.files import read_file
from harvester.jobs.pipeline import (
    Job,
    current_words,
    open_library,
    publish_table,
    raw_folder,
    read_vocabulary,
    refresh,
)
from harvester.jobs.rebuild import replay
from harvester.library import FILE_NAME, Journal, Library, compare_libraries, hold
from harvester.library.raw import RawStore
from harvester.paper.records import Record
from harvester.sources.desk import describe_records, keep_records
from harvester.sources.imports import parse_import
from harvester.studies.decide import note_merge, note_split
from harvester.studies.integrate import Integrated, integrate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What came of making a library again."""

    changes: int  # entries of the journal
    studies: int
    editions: int
    written: tuple[Path, ...]  # folders of editions that were not there
    differences: Mapping[str, int] | None  # rows that differ from the library before, by table; None: not comparable
    before: Path | None  # where the library lies that was there before; None: there was none, or it was the same


def import_files(job: Job, files: Sequence[Path]) -> tuple[Integrated, list[str]]:
    """Bring records that a user has into library and table.

    Returns
    -------
    Integrated
        What came of them.
    list of str
        One line for each record that could not be read, and for each file that is in no format that we know; the
        others are kept.

    Raises
    ------
    UsageError
        If a file cannot be opened, or none is in a format that we know.
    """
    found: list[tuple[Path, bytes, list[Record]]] = []
    skipped: list[str] = []
    unknown: list[str] = []
    for path in files:
        content = read_file(path)
        try:
            items = parse_import(content, filename=path.name)
        except ParseError as error:
            unknown.append(f"{path} cannot be imported ({error})")
            continue
        found.append((path, content, [item for item in items if isinstance(item, Record)]))
        skipped += [
            f"{path}: {item.pmid or 'a record'}: {item.reason}" for item in items if not isinstance(item, Record)
        ]
    if len(unknown) == len(files):
        raise UsageError("; ".join(unknown))
    vocabulary = read_vocabulary(job.settings)
    raw = RawStore(raw_folder(job.settings), now=job.now)
    with open_library(job) as library:
        refresh(job, library)
        for path, content, records in found:
            answers = [raw.save_file(path.name, content)]
            keep_records(library, records, describe_records(f"import:{path.name}", answers, records, at=job.at))
        result = integrate(library, vocabulary, at=job.at)
        publish_table(job, library)
    return result, unknown + skipped


def merge_studies(job: Job, one: str, other: str) -> str:
    """Make one study of two, for ever; gives the id of both, which is the older one.

    Raises
    ------
    UsageError
        If there is no such study, or they are one already.
    """
    with open_library(job) as library:
        note_merge(library, one, other, at=job.at)
        integrate(library, read_vocabulary(job.settings), at=job.at)
        publish_table(job, library)
        return library.studies.resolve(one)


def split_study(job: Job, study_id: str, other: str | None = None) -> list[str]:
    """Make a study of each record of a study, for ever; or note that two studies are two.

    Returns
    -------
    list of str
        The ids of the studies that it is now; with `other`, of both.

    Raises
    ------
    UsageError
        If there is no such study, there is nothing to split, or the two are one.
    """
    with open_library(job) as library:
        records = [held.record_id for held in library.records.of_studies([library.studies.resolve(study_id)])]
        note_split(library, study_id, other, at=job.at)
        integrate(library, read_vocabulary(job.settings), at=job.at)
        publish_table(job, library)
        found = [held.study_id for held in library.records.by_id(records) if held.study_id is not None]
        return list(dict.fromkeys([*found, *([library.studies.resolve(other)] if other is not None else [])]))


def rebuild(job: Job) -> Rebuilt:
    """Make library, table and missing editions again from ``data/raw``; asks nobody, sends nothing.

    The library that was there is kept beside the new one, unless they hold the same.

    Raises
    ------
    LibraryError
        If the journal or an answer is missing or damaged; then everything is left as it was.
    """
    data, raw = job.settings.data, raw_folder(job.settings)
    entries = list(Journal(raw).entries())
    if not entries:
        raise LibraryError(f"there is no journal in {raw}", advice="there is nothing to rebuild from")
    fresh, path = data / "rebuild", data / FILE_NAME
    with hold(data):
        shutil.rmtree(fresh, ignore_errors=True)
        with Library.open(fresh) as library:
            vocabulary = read_vocabulary(job.settings)
            replay(library, raw, entries, vocabulary, progress=lambda n: job.progress("rebuild", n, len(entries)))
        differences = compare_libraries(path, fresh / FILE_NAME)
        before = data / "library.before-rebuild.db" if path.exists() and differences != {} else None
        if before is not None:
            path.replace(before)
        (fresh / FILE_NAME).replace(path)
        shutil.rmtree(fresh)
    with Library.open(data, journal=Journal(raw)) as library:
        publish_table(job, library)
        editions = library.editions.all()
        missing = [stored for stored in editions if not edition_folder(stored, job.settings).exists()]
        written = tuple(write_edition(stored, job.settings) for stored in missing)
        write_archive(library, job.settings, current_words(job.settings), sample=job.is_sample)
        return Rebuilt(
            changes=len(entries),
            studies=library.studies.count(),
            editions=len(editions),
            written=written,
            differences=differences,
            before=before,
        )
