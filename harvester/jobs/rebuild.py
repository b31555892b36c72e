"""Make a library again from its ledger and the answers as received; nobody is asked, nothing is sent.

The ledger tells each change in the words in which it was made, and the same code makes it again.  With the program
and the vocabulary of the time the result is the same, down to every id; with newer ones it is what they make of
the same answers.  Only an edition is not made again but put back as it was: what was sent is a fact.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harvester.digest.words import read_words
from harvester.editions.deliver import save_delivery, save_plan
from harvester.editions.found import read_document, save_found_edition, save_found_studies
from harvester.editions.kept import load_kept
from harvester.editions.make import make_edition, save_edition
from harvester.editions.withdraw import save_withdrawal
from harvester.ground.clock import parse_time
from harvester.ground.counted import counted
from harvester.ground.errors import LibraryError, ParseError
from harvester.jobs.job import GRAMMAR
from harvester.library import (
    DeliveriesPlanned,
    DeliveryNoted,
    EditionFound,
    EditionMade,
    EditionWithdrawn,
    Entry,
    HarvestNoted,
    ImportsNamed,
    KeysMade,
    Library,
    OpinionsSaved,
    RecordsSaved,
    StudiesFound,
    StudiesIntegrated,
    StudiesMerged,
    StudyCorrected,
    StudySplit,
    TagsRead,
)
from harvester.library.raw import StoredAnswer, load
from harvester.paper.records import BadRecord, Record
from harvester.sources.desk import save_harvest, save_records
from harvester.sources.registry import find_kind
from harvester.studies.correct import save_correction
from harvester.studies.decide import save_merge, save_split
from harvester.studies.integrate import integrate
from harvester.studies.naming import save_names
from harvester.studies.refresh import rekey, retag, save_opinions
from harvester.tagging import Vocabulary


def replay(
    library: Library,
    raw: Path,
    entries: Sequence[tuple[int, Entry]],
    vocabulary: Vocabulary,
    *,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Make every change of a ledger again.

    Parameters
    ----------
    library
        Empty, open for writing, without a ledger of its own.
    raw
        The folder of the answers that the ledger names.
    entries
        The ledger's, from the first.

    Raises
    ------
    LibraryError
        If an answer is missing or damaged.
    """
    for done, (number, entry) in enumerate(entries, start=1):
        _replay_entry(library, raw, entry, vocabulary)
        if library.position < number:
            # A newer program may find nothing to do where the older one changed something.
            with library.transaction(entry):
                pass
        if progress is not None:
            progress(done)


def read_records(raw: Path, entry: RecordsSaved) -> list[Record]:
    """Read the records of a ledger's entry again from the answers that it names.

    Raises
    ------
    LibraryError
        If an answer is missing or damaged, or lacks a record that was kept.
    """
    by_key: dict[tuple[str, str], list[Record]] = defaultdict(list)
    records: list[Record] = []
    for name in entry.answers:
        for number, item in enumerate(_parse(load(raw, name), entry.source, raw / name), start=1):
            if not isinstance(item, Record):
                continue
            records.append(item)
            by_key[item.source, item.source_key].append(item)
            if item.source.startswith("import:"):
                # As programs called it that knew files by their rows.
                by_key[item.source, str(number)].append(replace(item, source_key=str(number)))
    wanted = [(source, key) for source, key in entry.keys]
    lost = [key for source, key in wanted if (source, key) not in by_key]
    if lost and entry.source.startswith("import:") and len(records) == len(wanted):
        return records  # a file is handed in whole; what is read otherwise today may be called otherwise
    if lost:
        missing = counted(len(lost), "record that was kept", "records that were kept")
        raise LibraryError(
            f"{', '.join(entry.answers)} lack {missing}, such as {lost[0]}", advice="put back a copy of the folder raw"
        )
    # An answer that was cut was asked for again, so that a record may stand in two: what came last was kept.  An
    # imported file may hold a record twice, and both were kept.
    times = Counter(wanted)
    queues = {key: iter(by_key[key][-count:]) for key, count in times.items()}
    return [next(queues[key]) for key in wanted]


def read_answers(raw: Path, entry: RecordsSaved) -> Iterator[Record]:
    """Yield every record of the answers that a ledger's entry names, those too that were not kept.

    Raises
    ------
    LibraryError
        If an answer is missing or damaged.
    """
    for name in entry.answers:
        items = _parse(load(raw, name), entry.source, raw / name)
        yield from (item for item in items if isinstance(item, Record))


def _parse(answer: StoredAnswer, source: str, path: Path) -> list[Record | BadRecord]:
    try:
        return list(find_kind(source).reread(answer, source))
    except ParseError as error:
        raise LibraryError(f"{path} cannot be read again ({error})") from error
    except KeyError as error:
        raise LibraryError(f"{path} is of a source unknown here", advice="install the newer program") from error


def _replay_entry(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    match entry:
        case RecordsSaved():
            save_records(library, read_records(raw, entry), entry)
        case HarvestNoted():
            save_harvest(library, entry)
        case StudiesIntegrated():
            integrate(library, vocabulary, at=entry.at)
        case OpinionsSaved():
            save_opinions(library, vocabulary, entry)
        case TagsRead():
            retag(library, vocabulary, at=entry.at)
        case ImportsNamed():
            save_names(library, entry)
        case KeysMade():
            rekey(library, at=entry.at)
        case EditionMade(file=str(file)):
            save_edition(library, entry, load_kept(raw, file, sha256=entry.sha256))
        case EditionMade():
            settings = GRAMMAR.model.model_validate_json(json.dumps(entry.settings))
            digest = next(item for item in settings.digests if item.name == entry.digest)
            words = read_words(vocabulary)
            # Programs that kept no file showed all that was new, however much.
            make_edition(
                library,
                settings,
                digest,
                words,
                now=parse_time(entry.at),
                sample=entry.sample,
                recipients=entry.recipients,
                waited=entry.waited,
                most=None,
            )
        case EditionWithdrawn():
            save_withdrawal(library, entry)
        case StudiesFound():
            save_found_studies(library, entry, [read_document(raw, name) for name in entry.files])
        case EditionFound():
            save_found_edition(library, entry, read_document(raw, entry.file))
        case DeliveriesPlanned():
            save_plan(library, entry)
        case DeliveryNoted():
            save_delivery(library, entry)
        case StudiesMerged(studies=(one, other)):
            save_merge(library, one, other, at=entry.at)
        case StudySplit():
            save_split(library, *entry.studies, at=entry.at)
        case StudyCorrected():
            save_correction(library, vocabulary, entry)
        case _:
            raise AssertionError(f"{type(entry).__name__} is not replayed")
