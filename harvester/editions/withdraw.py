"""Take an edition back that should not be, and tell of those that silence a digest until their week comes.

An edition is named by the clock of the machine that made it.  One that was made while that clock was ahead stands in
the way of all others until its week comes.  Nobody can unsend a mail: what somebody received stays told, and only
the name is free again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from harvester.config.settings import Settings
from harvester.editions.make import edition_folder
from harvester.ground.clock import name_week
from harvester.ground.errors import UsageError
from harvester.ground.files import move_aside
from harvester.library import EditionWithdrawn, Library, StoredEdition
from harvester.library.edition_store import RECEIVED

FOLDER = "withdrawn"  # among the editions; the pages of those that were taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """An edition that was taken back."""

    digest: str
    edition: str
    readers: int  # how many have received it, or may have
    studies: int  # of how many it was the first to tell


def find_editions_of(library: Library, settings: Settings, week: str, *, name: str | None) -> list[StoredEdition]:
    """Return the editions that a user means, each the newest of its digest.

    Parameters
    ----------
    name
        One digest's name, of the settings or only of the library; None: all of the settings.

    Raises
    ------
    UsageError
        If there is none of that week, or a later one builds on it.
    """
    chosen = [digest.names for digest in settings.digests if name in (None, digest.name)] or [(str(name),)]
    names = [one for each in chosen for one in each]
    found = [stored for one in names if (stored := library.editions.get(one, week)) is not None]
    if not found:
        library.editions.require(names[0], week)
    for stored in found:
        later = library.editions.names(*_names_of(settings, stored.digest))[-1]
        if later != week:
            raise UsageError(
                f"the edition {later} of {stored.digest} came after {week} and builds on it",
                advice=f"take that one back first: harvester digest --withdraw {later}",
            )
    return found


def _names_of(settings: Settings, name: str) -> tuple[str, ...]:
    return next((digest.names for digest in settings.digests if name in digest.names), (name,))


def take_back(library: Library, settings: Settings, stored: StoredEdition, *, at: str) -> Withdrawn:
    """Take an edition back, its page first: a run that is killed in between writes the page again."""
    move_aside(edition_folder(stored, settings), settings.editions / FOLDER / stored.edition / stored.digest)
    withdrawn = Withdrawn(
        digest=stored.digest,
        edition=stored.edition,
        readers=len(_received(library, stored.digest, stored.edition)),
        studies=len(library.editions.told_first_in(stored.digest, stored.edition)),
    )
    save_withdrawal(library, EditionWithdrawn(digest=stored.digest, edition=stored.edition, at=at))
    return withdrawn


def save_withdrawal(library: Library, entry: EditionWithdrawn) -> None:
    """Write that an edition was taken back.

    If nobody received it, it has never been: its studies are new again.  Else what it told stays told, and its name
    is free.
    """
    digest, edition = entry.digest, entry.edition
    told = library.editions.told_first_in(digest, edition)
    with library.transaction(entry):
        if _received(library, digest, edition):
            library.editions.set_aside(digest, edition, at=entry.at)
            return
        library.editions.forget(digest, edition)
        for study_id in told:
            study = library.studies.get(study_id)
            if study is not None and study.first_edition == edition:
                library.studies.save(replace(study, first_edition=library.editions.first_of(study.study_id)))


def _received(library: Library, digest: str, edition: str) -> list[str]:
    return [
        item.recipient
        for item in library.editions.deliveries(states=RECEIVED)
        if (item.digest, item.edition) == (digest, edition)
    ]


def find_ahead(library: Library, settings: Settings, *, now: datetime) -> list[str]:
    """Return, for each edition that is of a week still to come, that it silences its digest, and what to do."""
    week = name_week(now, settings.zone)
    several = len(settings.digests) > 1
    lines = []
    for digest in settings.digests:
        ahead = [name for name in library.editions.names(*digest.names) if name > week]
        for name in reversed(ahead):
            command = f"harvester digest --withdraw {name}" + several * f" --name {digest.name}"
            lines.append(
                f"{digest.name}: there is an edition {name}, and by the clock of this run it is {week}: no other is"
                f" made before that week is over; take it back with `{command}`, or set the clock if it is wrong"
            )
    return lines


def find_forgotten(library: Library, settings: Settings) -> list[str]:
    """Return, for each digest that the library knows and the settings do not, what its readers lose, and what to do."""
    known = {*settings.ended_digests, *(name for digest in settings.digests for name in digest.names)}
    return [
        f"the library has editions of a digest {name} that the settings do not name: nobody hears what becomes of its"
        f" studies; if it has another name now, write `formerly: [{name}]` there; if it has ended, write"
        f" `ended_digests: [{name}]` at the top of the settings"
        for name in library.editions.digests()
        if name not in known
    ]
