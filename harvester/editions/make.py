"""Make editions: decide what a week's issue holds, freeze it in the library, render it into files.

An edition is made once.  What is stored is everything that its rendering depends on, so that it can be rendered
again to the same bytes; what comes later in its week belongs to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from harvester import __version__
from harvester.config.settings import DigestSettings, Settings
from harvester.digest import render, select, subject
from harvester.digest.edition import Edition, dump_edition, load_edition
from harvester.digest.fieldmap import MapWork
from harvester.digest.follow import Follow
from harvester.digest.history import Known, count_known
from harvester.digest.sections import SECTIONS
from harvester.digest.select import find_standings
from harvester.digest.words import Words
from harvester.editions.changes import choose_new, find_changes, find_corrections, find_late
from harvester.editions.receipts import collect_reports
from harvester.exports import RIS
from harvester.ground.clock import format_time, name_week, parse_time, week_days
from harvester.ground.files import remove_leftovers, write_tree
from harvester.library import EditionMade, Library, Mark, StoredEdition
from harvester.mail.message import build_message, build_message_id, message_bytes
from harvester.paper.records import Study
from harvester.table.columns import split_list


def make_edition(
    library: Library, settings: Settings, digest: DigestSettings, words: Words, *, now: datetime, sample: bool
) -> StoredEdition | None:
    """Make this week's edition of a digest, in one transaction; None if it is there already.

    The edition keeps those of the words that it needs.  `sample` says that the studies are invented.
    """
    week = name_week(now, settings.zone)
    latest = library.editions.latest(digest.name)
    if latest is not None and latest.edition >= week:
        return None
    start = latest.mark if latest is not None else _start_of_new_digest(library, week)
    arrived = library.studies.iterate(where=digest.where, after=start.last_study_id)
    late = find_late(library, digest.name, where=digest.where, after=start.last_event_id)
    new = choose_new(library, digest.name, [*arrived, *late])
    changes = find_changes(library, digest.name, after=start.last_event_id)
    changes += find_corrections(library, digest.name, words, after=start.last_event_id)
    articles = [change.study for change in changes if change.kind == "published"]
    made_at = format_time(now)
    standings = find_standings(
        new,
        words=words,
        weights=settings.ranking.weights,
        follow=Follow(**digest.follow.model_dump()),
        known=_known_before(library, start),
        today=now.astimezone(settings.zone).date().isoformat(),
    )
    since = parse_time(latest.made_at).astimezone(settings.zone).date() if latest else week_days(week)[0]
    edition = select(
        edition=week,
        digest=digest.name,
        title=digest.title,
        topic=settings.topic,
        made_at=made_at,
        timezone=settings.timezone,
        since=since.isoformat(),
        until=now.astimezone(settings.zone).date().isoformat(),
        new=[_name_edition(study, week) for study in new],
        changes=[replace(change, study=_name_edition(change.study, week)) for change in changes],
        held=_held_before(library, digest, new),
        reports=collect_reports(library, settings, after=start.last_harvest_id),
        words=words,
        version=__version__,
        contact=settings.contact,
        where=digest.where or None,
        previous=latest.edition if latest is not None else None,
        standings=standings,
        sections=SECTIONS if digest.sections is None else digest.sections,
        sample=sample,
        unsubscribe=settings.mail.unsubscribe if settings.mail is not None else None,
        page_url=page_url(settings, week, digest.name),
    )
    stored = StoredEdition(
        digest=digest.name,
        edition=week,
        made_at=made_at,
        mark=Mark(
            last_study_id=library.studies.last_id(),
            last_event_id=library.studies.last_event_id(),
            last_harvest_id=library.sources.last_harvest_id(),
        ),
        document=dump_edition(edition).decode(),
    )
    shown = [study for study in new if study.tags.tier != "off-topic"]
    told_ids = [study.study_id for study in shown] + [change.study.study_id for change in changes]
    considered = {study.study_id for study in new}.union(library.studies.all_ids(after=start.last_study_id))
    with library.transaction(_describe_edition(settings, digest, now=now, sample=sample)):
        library.editions.save(stored, told_ids)
        library.editions.pass_over(digest.name, sorted(considered.difference(told_ids)))
        for study in (*shown, *articles):
            if study.first_edition is None:
                library.studies.save(_name_edition(study, week))
    return stored


def _name_edition(study: Study, week: str) -> Study:
    """Return a study as it is once an edition holds it."""
    return replace(study, first_edition=study.first_edition or week)


def make_editions(
    library: Library,
    settings: Settings,
    digests: Sequence[DigestSettings],
    words: Words,
    *,
    now: datetime,
    sample: bool,
) -> list[StoredEdition]:
    """Make this week's edition of each digest that has none yet; as `make_edition`."""
    made = [make_edition(library, settings, digest, words, now=now, sample=sample) for digest in digests]
    return [stored for stored in made if stored is not None]


def _describe_edition(settings: Settings, digest: DigestSettings, *, now: datetime, sample: bool) -> EditionMade:
    frozen = settings.model_dump(mode="json", exclude={"data", "editions", "templates", "vocabulary", "monitor"})
    return EditionMade(digest=digest.name, sample=sample, settings=frozen, at=format_time(now))


def _start_of_new_digest(library: Library, week: str) -> Mark:
    """Return where a digest's first edition begins.

    The library's first edition holds the first harvest.  A digest that is added later would otherwise begin with
    everything ever collected; it begins where the others' editions of its week began.
    """
    return library.editions.latest_mark(before=week) or Mark()


def _known_before(library: Library, start: Mark) -> Known:
    """Sum up the core studies that came before this edition, into whichever digest."""
    if not start.last_study_id:
        return Known()
    rows = library.studies.rows(where=f"tier = 'core' AND study_id <= '{start.last_study_id}'")
    return count_known(
        (split_list(row["conditions"]), row["design"], split_list(row["population"]), row["first_seen"]) for row in rows
    )


def page_url(settings: Settings, week: str, digest: str) -> str | None:
    """Return the address of an edition's page, where the settings say that the editions are published."""
    return None if settings.editions_url is None else f"{settings.editions_url}{week}/{digest}/index.html"


def _held_before(library: Library, digest: DigestSettings, new: Sequence[Study]) -> list[MapWork]:
    """Return the core and adjacent work that the library holds beside what is new, for the map."""
    told = {study.study_id for study in new}
    condition = "tier IN ('core', 'adjacent')"
    if digest.where:
        condition = f"({digest.where}\n) AND {condition}"
    # A preprint whose article is held is counted as the article.
    superseded = {
        library.studies.resolve(event.study_id) for event in library.studies.events(kind="published", after=0)
    }
    return [
        MapWork(
            conditions=split_list(row["conditions"]),
            design=row["design"],
            trial_ids=split_list(row["trial_ids"]),
            year=(row["published"] or row["first_seen"])[:4],
        )
        for row in library.studies.rows(where=condition)
        if row["study_id"] not in told and row["study_id"] not in superseded
    ]


def render_edition(stored: StoredEdition, settings: Settings) -> dict[str, bytes]:
    """Render a stored edition into its files, by name; the same edition gives the same bytes."""
    edition = load_edition(stored.document.encode())
    files = dict(render(edition, templates=settings.templates))
    files["references.ris"] = RIS.write(edition.studies).content
    files["message.eml"] = message_bytes(build_edition_message(edition, files, settings, recipient=None))
    return files


def build_edition_message(
    edition: Edition, files: dict[str, bytes], settings: Settings, *, recipient: str | None
) -> EmailMessage:
    """Build the mail of an edition for one recipient; None: the copy that is kept beside the page."""
    sender = settings.mail.sender if settings.mail is not None else settings.contact
    return build_message(
        sender=sender,
        recipient=recipient,
        subject=subject(edition),
        text=files["email.txt"].decode(),
        html=files["email.html"].decode(),
        message_id=build_message_id(edition.edition, edition.digest, recipient, sender=sender),
        date=parse_time(edition.made_at),
        list_id=f"{edition.title} <{edition.digest}.{sender.rpartition('@')[2].rstrip('>')}>",
        unsubscribe=edition.unsubscribe,
    )


def edition_folder(stored: StoredEdition, settings: Settings) -> Path:
    """Return the folder in which an edition's files stand."""
    return settings.editions / stored.edition / stored.digest


def write_edition(stored: StoredEdition, settings: Settings) -> Path:
    """Write an edition's files, all of them or none; returns their folder."""
    folder = edition_folder(stored, settings)
    remove_leftovers(folder)
    write_tree(folder, render_edition(stored, settings))
    return folder


def write_missing_editions(library: Library, settings: Settings) -> tuple[Path, ...]:
    """Write the newest edition of each digest, unless its folder is there: made now, or by a run that was killed."""
    latest = [library.editions.latest(digest.name) for digest in settings.digests]
    return tuple(
        write_edition(stored, settings)
        for stored in latest
        if stored is not None and not edition_folder(stored, settings).exists()
    )
