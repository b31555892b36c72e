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
from harvester.ground.errors import LibraryError, LockedError, SchemaError, UsageError
from harvester.jobs.harvesting import harvest_sources
from harvester.jobs.job import Job
from harvester.jobs.rebuild import replay
from harvester.library import FILE_NAME, Event, Ledger, Library, compare_libraries, lock_folder
from harvester.sources.imports.harvest import ImportedFile
from harvester.studies import correct
from harvester.studies.decide import save_merge, save_split
from harvester.studies.integrate import Integrated, integrate
from harvester.studies.naming import Named, name_imports


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What came of making a library again."""

    changes: int  # entries of the ledger
    studies: int
    editions: int
    written: tuple[Path, ...]  # folders of editions that were not there
    differences: Mapping[str, int] | None  # rows that differ from the library before, by table; None: not comparable
    named: Named  # what became of records of files that an older program had called by their rows
    before: Path | None  # where the library lies that was there before; None: there was none, or it was the same


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFiles:
    """What came of importing files."""

    studies: Integrated
    skipped: Sequence[str]  # a line for each record that could not be read, and each file that is in no known format
    remarks: Sequence[str]  # columns that were not understood, and how many records lack DOI, year or journal


def import_files(job: Job, files: Sequence[Path]) -> ImportedFiles:
    """Bring records that a user has into library and table.

    Raises
    ------
    UsageError
        If a file cannot be opened, or none is in a format that we know.
    """
    sources = [ImportedFile(path) for path in files]
    for source in sources:
        source.read()
    known = [source for source in sources if source.error is None]
    unknown = [source.error for source in sources if source.error is not None]
    if not known:
        raise UsageError("; ".join(unknown))
    with job.open_library() as library:
        job.refresh(library)
        harvested = harvest_sources(job, library, known)
        job.publish_table(library)
    return ImportedFiles(
        studies=harvested.studies,
        skipped=[*unknown, *(line for source in known for line in source.skipped)],
        remarks=[line for source in known for line in source.remarks],
    )


def merge_studies(job: Job, one: str, other: str) -> str:
    """Make one study of two, for ever; returns the id of both, which is the older one.

    Raises
    ------
    UsageError
        If there is no such study, or they are one already.
    """
    with job.open_library() as library:
        save_merge(library, one, other, at=job.at)
        integrate(library, job.read_vocabulary(), at=job.at)
        job.publish_table(library)
        return library.studies.resolve(one)


def split_study(job: Job, study_id: str, other: str | None = None) -> list[str]:
    """Make a study of each record of a study, for ever; or decide that two studies are two.

    Returns the ids of the studies that it is now; with `other`, of both.

    Raises
    ------
    UsageError
        If there is no such study, there is nothing to split, or the two are one.
    """
    with job.open_library() as library:
        record_ids = [record.record_id for record in library.records.of_studies([library.studies.resolve(study_id)])]
        save_split(library, study_id, other, at=job.at)
        integrate(library, job.read_vocabulary(), at=job.at)
        job.publish_table(library)
        study_ids = [record.study_id for record in library.records.by_id(record_ids) if record.study_id is not None]
        return list(dict.fromkeys([*study_ids, *([library.studies.resolve(other)] if other is not None else [])]))


def correct_study(
    job: Job, study_id: str, arguments: Sequence[str], *, clear: bool = False, why: str | None = None
) -> Event:
    """Correct tags of a study, for ever, or take corrections back; returns what its history tells of it.

    Parameters
    ----------
    arguments
        ``design=cohort``; with `clear` the names of tags, none for all.

    Raises
    ------
    UsageError
        If there is no such study, tag or value, or nothing to take back.
    """
    vocabulary = job.read_vocabulary()
    wish = correct.read_wish(arguments, clear=clear, vocabulary=vocabulary)
    reason = correct.clean_words(why or "") or None
    with job.open_library() as library:
        event = correct.correct_study(library, vocabulary, study_id, wish, why=reason, at=job.at)
        job.publish_table(library)
        return event


def rebuild(job: Job) -> Rebuilt:
    """Make library, table and missing editions again from ``data/raw``; asks nobody, sends nothing.

    The library that was there is kept beside the new one, unless they hold the same.

    Raises
    ------
    LibraryError
        If the ledger or an answer is missing or damaged; then everything is left as it was.
    """
    data, raw = job.settings.data, job.raw_folder
    entries = list(Ledger(raw).entries())
    if not entries:
        raise LibraryError(f"there is no ledger in {raw}", advice="there is nothing to rebuild from")
    fresh, path = data / "rebuild", data / FILE_NAME
    if path.exists():
        try:
            with Library.open(data):
                pass  # opening brings a library of an older version to today's, so that it can be compared
        except (SchemaError, LockedError):
            raise  # what a newer program keeps would be lost
        except LibraryError:
            pass  # it is damaged, and made again
    with lock_folder(data):
        shutil.rmtree(fresh, ignore_errors=True)
        with Library.open(fresh) as library:
            vocabulary = job.read_vocabulary()
            replay(library, raw, entries, vocabulary, progress=lambda n: job.progress("rebuild", n, len(entries)))
        differences = compare_libraries(path, fresh / FILE_NAME)
        before = data / "library.before-rebuild.db" if path.exists() and differences != {} else None
        if before is not None:
            path.replace(before)
        (fresh / FILE_NAME).replace(path)
        shutil.rmtree(fresh)
    with Library.open(data, ledger=Ledger(raw)) as library:
        named = name_imports(library, vocabulary, at=job.at)
        job.publish_table(library)
        editions = library.editions.all()
        missing = [stored for stored in editions if not edition_folder(stored, job.settings).exists()]
        written = tuple(write_edition(stored, job.settings) for stored in missing)
        write_archive(library, job.settings, job.read_words(), sample=job.is_sample)
        return Rebuilt(
            changes=len(entries),
            studies=library.studies.count(),
            editions=len(editions),
            written=written,
            differences=differences,
            named=named,
            before=before,
        )
