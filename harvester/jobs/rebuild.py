"""Make a library again from its journal and the answers as received; nobody is asked, nothing is sent.

The journal tells each change in the words in which it was made, and the same code makes it again.  With the program
and the vocabulary of the time the result is the same, down to every id; with newer ones it is what they make of
the same answers.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from harvester.config.settings import Settings
from harvester.digest.words import read_words
from harvester.editions.deliver import note_delivery, plan_deliveries
from harvester.editions.make import make_edition
from harvester.ground.clock import parse_time
from harvester.ground.errors import LibraryError, ParseError
from harvester.library import Entry, Journal, Library
from harvester.library.raw import Kept, load
from harvester.paper.records import Record
from harvester.sources.desk import keep_harvest, keep_records
from harvester.sources.feeds.parse import parse_feed
from harvester.sources.imports import parse_import
from harvester.sources.pubmed.xml import parse_pubmed_xml
from harvester.sources.retraction_watch import keep_opinions
from harvester.studies.decide import note_merge, note_split
from harvester.studies.integrate import integrate
from harvester.studies.refresh import rekey, retag
from harvester.tagging import Vocabulary


def replay(
    library: Library,
    raw: Path,
    entries: Sequence[Entry],
    vocabulary: Vocabulary,
    *,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Make every change of a journal again.

    Parameters
    ----------
    library
        Empty, open for writing, without a journal of its own.
    raw
        The folder of the answers that the journal names.
    entries
        The journal's, from the first.
    vocabulary
        What words mean.
    progress
        Is told how many entries are done.

    Raises
    ------
    LibraryError
        If an answer is missing or damaged, or the journal is of a newer program.
    """
    for done, entry in enumerate(entries, start=1):
        make = _KINDS.get(entry["kind"])
        if make is None:
            raise LibraryError(
                f"{raw / Journal(raw).path.name}: entry {entry['number']} tells of {entry['kind']!r}",
                advice="install the newer program that wrote it",
            )
        make(library, raw, entry, vocabulary)
        if library.position < entry["number"]:
            # A newer program may find nothing to do where the older one changed something.
            with library.transaction(entry):
                pass
        if progress is not None:
            progress(done)


def read_records(raw: Path, entry: Entry) -> list[Record]:
    """Read the records of a journal's entry again from the answers that it names.

    Raises
    ------
    LibraryError
        If an answer is missing or damaged, or lacks a record that was kept.
    """
    found: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for name in entry["answers"]:
        for record in _parse(load(raw, name), entry["source"], raw / name):
            found[record.source, record.source_key].append(record)
    wanted = [(source, key) for source, key in entry["keys"]]
    lost = [key for source, key in wanted if (source, key) not in found]
    if lost:
        raise LibraryError(
            f"{', '.join(entry['answers'])} lack {len(lost)} records that were kept, such as {lost[0]}",
            advice="put back a copy of the folder raw",
        )
    # An answer that was cut was asked for again, so that a record may stand in two: what came last was kept.  An
    # imported file may hold a record twice, and both were kept.
    times = Counter(wanted)
    queues = {key: iter(found[key][-count:]) for key, count in times.items()}
    return [next(queues[key]) for key in wanted]


def _parse(kept: Kept, source: str, path: Path) -> list[Record]:
    try:
        if source == "pubmed":
            items = list(parse_pubmed_xml(kept.content))
        elif source.startswith("feed:"):
            headers = kept.header["headers"]
            feed = parse_feed(
                kept.content,
                name=source.removeprefix("feed:"),
                url=kept.header["url"],
                content_type=headers.get("Content-Type"),
            )
            items = list(feed.records)
        else:
            items = list(parse_import(kept.content, filename=source.removeprefix("import:")))
    except ParseError as error:
        raise LibraryError(f"{path} cannot be read again ({error})") from error
    return [item for item in items if isinstance(item, Record)]


def _records(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    keep_records(library, read_records(raw, entry), entry)


def _integrate(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    integrate(library, vocabulary, at=entry["at"])


def _retag(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    retag(library, vocabulary, at=entry["at"], progress=lambda done, total: None)


def _rekey(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    rekey(library, at=entry["at"])


def _harvest(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    keep_harvest(library, entry)


def _edition(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    settings = Settings.model_validate_json(json.dumps(entry["settings"]))
    digest = next(item for item in settings.digests if item.name == entry["digest"])
    make_edition(library, settings, digest, read_words(vocabulary), now=parse_time(entry["at"]), sample=entry["sample"])


def _planned(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    plan_deliveries(library, entry)


def _delivery(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    note_delivery(library, entry)


def _merge(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    note_merge(library, *entry["studies"], at=entry["at"])


def _split(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    note_split(library, *entry["studies"], at=entry["at"])


def _opinions(library: Library, raw: Path, entry: Entry, vocabulary: Vocabulary) -> None:
    keep_opinions(library, vocabulary, entry)


_KINDS: dict[str, Callable[[Library, Path, Entry, Vocabulary], None]] = {
    "records": _records,
    "integrate": _integrate,
    "retag": _retag,
    "rekey": _rekey,
    "harvest": _harvest,
    "edition": _edition,
    "planned": _planned,
    "delivery": _delivery,
    "merge": _merge,
    "split": _split,
    "opinions": _opinions,
}
