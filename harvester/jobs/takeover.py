"""Take over, into a copy that is put back, what the place knows beyond it: what was announced and what was mailed.

A copy is older than what it replaces.  Left alone, it would announce papers twice and mail weeks twice.  In this order:

1. The ledger at the place goes on where the copy's ends, and the answers are there: the changes are made again.
2. What else the ledger and the library at the place tell of editions and deliveries.
3. Editions in the editions folder.  Nobody is left to say who received them: that counts as sent.

A delivery that the copy calls due, and of which the place knows nothing, may have been sent since: it is unknown.
"""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from harvester.digest import load_edition
from harvester.editions.deliver import save_delivery, save_plan
from harvester.editions.found import read_document, save_found_edition, save_found_studies
from harvester.ground.clock import name_week, parse_time
from harvester.ground.counted import counted
from harvester.ground.errors import LibraryError, StorageError, contain
from harvester.jobs.job import Job
from harvester.jobs.rebuild import replay
from harvester.library import (
    FILE_NAME,
    DeliveriesPlanned,
    Delivery,
    DeliveryNoted,
    EditionFound,
    EditionMade,
    EditionWithdrawn,
    Entry,
    Ledger,
    Library,
    StudiesFound,
)
from harvester.library.raw import RawStore
from harvester.studies.integrate import integrate

# What a delivery may be, the surest knowledge that a reader has, or may have, the mail last.
_STATES = ("due", "failed", "refused", "claimed", "unknown", "sent")
_SINCE = "it was due when the copy was made and may have been sent since; it is not sent again"

Name = tuple[str, str]  # digest and edition
Mail = tuple[str, str, str]  # and recipient


@dataclass(kw_only=True)
class Place:
    """What is known where a copy is put back."""

    goes_on: bool = False  # its ledger holds all of the copy's
    is_known: bool = False  # and tells of everything that is found here, so that what it does not tell did not happen
    position: int = 0  # of its library, as its ledger counts; 0: unknown
    made: set[Name] = field(default_factory=set)  # editions of which it is told who was to receive them
    documents: dict[Name, str] = field(default_factory=dict)  # of editions
    states: dict[Mail, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)  # what could not be read, a sentence each


def take_over(job: Job, draft: Path) -> list[str]:
    """Bring a copy that lies ready in a draft up to what its place knows; return what was done, a sentence each.

    Parameters
    ----------
    draft
        With a library, and a folder of answers with its ledger.
    """
    data, raw = job.settings.data, draft / "raw"
    entries: list[tuple[int, Entry]] = []
    with suppress(LibraryError):  # that of a library of an old program lacks its beginning
        entries = list(Ledger(raw).entries())
    place = _look_around(job, entries)
    told = _replay_beyond(job, draft, entries) if place.goes_on else []
    ledger = Ledger(raw)
    with Library.open(draft, ledger=ledger) as library:
        told += place.told
        told += _take_editions(job, library, place, RawStore(raw, now=job.now))
        told += _take_deliveries(job, library, place)
    if not place.is_known:
        told.append(
            f"what was announced or mailed after the copy was made, and is neither told by a ledger in {data} "
            f"nor stands in {job.settings.editions}, cannot be known, and may come twice"
        )
    return told


def _look_around(job: Job, entries: list[tuple[int, Entry]]) -> Place:
    data, place = job.settings.data, Place()
    _look_at_editions(job.settings.editions, place)
    _look_at_library(data / FILE_NAME, place)
    ledger = Ledger(job.raw_folder)
    last: dict[Mail, str] = {}
    for entry in ledger.legible():
        if isinstance(entry, EditionMade):
            week = name_week(parse_time(entry.at), ZoneInfo(entry.settings["timezone"]))
            place.made.add((entry.digest, week))
            for recipient in entry.recipients or ():
                last.setdefault((entry.digest, week, recipient), "due")
        elif isinstance(entry, EditionWithdrawn):
            place.made.discard((entry.digest, entry.edition))
            last = {mail: state for mail, state in last.items() if mail[:2] != (entry.digest, entry.edition)}
        elif isinstance(entry, EditionFound):
            with suppress(LibraryError):
                edition = load_edition(read_document(job.raw_folder, entry.file).encode())
                place.made.add((edition.digest, edition.edition))
        elif isinstance(entry, DeliveriesPlanned):
            for item in entry.deliveries:
                last.setdefault((item["digest"], item["edition"], item["recipient"]), item["state"])
        elif isinstance(entry, DeliveryNoted):
            item = entry.delivery
            last[item["digest"], item["edition"], item["recipient"]] = entry.state
    for mail, state in last.items():
        place.states[mail] = max(state, place.states.get(mail, state), key=_STATES.index)
    with suppress(LibraryError):
        there = list(ledger.entries())
        place.goes_on = bool(there and entries) and there[: len(entries)] == entries
        place.is_known = place.goes_on and place.position <= there[-1][0] and place.made.issuperset(place.documents)
    return place


def _look_at_editions(folder: Path, place: Place) -> None:
    for path in sorted(folder.glob("[0-9]*-W[0-9]*/*/digest.json")):  # those taken back lie elsewhere
        with contain(place.told.append, str(path)):
            document = path.read_text(encoding="utf-8")
            edition = load_edition(document.encode())
            place.documents[edition.digest, edition.edition] = document


def _look_at_library(path: Path, place: Place) -> None:
    if not path.is_file():
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            ((position,),) = connection.execute("SELECT value FROM meta WHERE key = 'journal'").fetchall()
            place.position = int(position)
            for digest, edition, document in connection.execute("SELECT digest, edition, document FROM editions"):
                text = zlib.decompress(document).decode()
                load_edition(text.encode())
                place.documents[digest, edition] = text
                place.made.add((digest, edition))
            for *mail, state in connection.execute("SELECT digest, edition, recipient, state FROM deliveries"):
                place.states[mail[0], mail[1], mail[2]] = state
    except (sqlite3.Error, zlib.error, ValueError, LibraryError) as error:
        place.told.append(f"the library that was at {path} cannot be read to its end ({error})")


def _replay_beyond(job: Job, draft: Path, entries: list[tuple[int, Entry]]) -> list[str]:
    """Make the changes of the place's ledger beyond the copy again, if all that they need is there."""
    beyond = list(Ledger(job.raw_folder).entries())[len(entries) :]
    if not beyond:
        return []
    trial = draft / "trial"
    trial.mkdir()
    shutil.copyfile(draft / FILE_NAME, trial / FILE_NAME)
    problems: list[str] = []
    with contain(problems.append, but=(StorageError,)), Library.open(trial) as library:
        replay(library, job.raw_folder, beyond, job.read_vocabulary())
    changes = counted(len(beyond), "change")
    if problems:
        shutil.rmtree(trial)
        return [f"{changes} that were made here after the copy cannot be made again ({problems[0]})"]
    (trial / FILE_NAME).replace(draft / FILE_NAME)
    shutil.rmtree(trial)
    raw = draft / "raw"
    for path in sorted(job.raw_folder.rglob("*")):
        target = raw / path.relative_to(job.raw_folder)
        is_ours = path.is_file() and not path.name.startswith(".")
        if is_ours and (not target.exists() or path == Ledger(job.raw_folder).path):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return [f"{changes} that were made here after the copy were made again, so that nothing is lost"]


def _take_editions(job: Job, library: Library, place: Place, store: RawStore) -> list[str]:
    """Count the editions that the copy does not know as made, the oldest first."""
    order = sorted(place.documents, key=lambda name: (name[1], name[0]))
    found = {name: place.documents[name] for name in order if library.editions.get(*name) is None}
    if not found:
        return []
    files = {name: store.save_file(f"{name[1]}-{name[0]}-digest.json", text.encode()) for name, text in found.items()}
    save_found_studies(library, StudiesFound(files=list(files.values()), at=job.at), list(found.values()))
    integrate(library, job.read_vocabulary(), at=job.at)
    readers = {digest.name: digest.recipients for digest in job.settings.digests}
    told = []
    for (digest, week), document in found.items():
        save_found_edition(library, EditionFound(file=files[digest, week], at=job.at), document)
        line = f"{week} {digest} was made after the copy and counts as made"
        known = {mail[2] for mail in place.states if mail[:2] == (digest, week)}
        guessed = [] if place.is_known else [one for one in readers.get(digest, ()) if one not in known]
        if guessed:
            sent = [Delivery(digest=digest, edition=week, recipient=one, state="sent") for one in guessed]
            save_plan(library, DeliveriesPlanned(deliveries=[asdict(item) for item in sent], at=job.at))
            line += f", and as sent to {', '.join(guessed)}: `harvester send --edition {week} --to ADDRESS --again`"
        told.append(line)
    return [*told, "what became of earlier papers, where these editions told it, may be told once more"]


def _take_deliveries(job: Job, library: Library, place: Place) -> list[str]:
    """Bring the deliveries up to what the place knows of them."""
    held = {(item.digest, item.edition, item.recipient): item for item in library.editions.deliveries(states=_STATES)}
    unknown: list[Mail] = []
    for mail, state in sorted(place.states.items()):
        if mail not in held and library.editions.get(mail[0], mail[1]) is not None:
            item = Delivery(digest=mail[0], edition=mail[1], recipient=mail[2], state=state)
            save_plan(library, DeliveriesPlanned(deliveries=[asdict(item)], at=job.at))
            held[mail] = item
    for mail, item in sorted(held.items()):
        known = place.states.get(mail, "due")
        is_open = item.state in ("due", "failed", "refused")
        if _STATES.index(known) > _STATES.index(item.state) and known in ("claimed", "unknown", "sent"):
            state, error = known, None if known == "sent" else _SINCE
        elif is_open and not place.is_known:
            state, error = "unknown", _SINCE
        else:
            continue
        if state != "sent":
            unknown.append(mail)
        save_delivery(library, DeliveryNoted(delivery=asdict(item), state=state, error=error, at=job.at))
    weeks = sorted({f"{edition} {digest} to {recipient}" for digest, edition, recipient in unknown})
    return [f"{', '.join(weeks)}: {_SINCE}"] if weeks else []
