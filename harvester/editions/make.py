"""Make editions: decide what a week's issue holds, freeze it in the library, render it into files.

An edition is made once.  What is stored is everything that its rendering depends on, so that it can be rendered
again to the same bytes; what comes later in its week belongs to the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from itertools import chain
from pathlib import Path

from harvester import __version__
from harvester.config.settings import DigestSettings, Settings
from harvester.digest import render, select, subject
from harvester.digest.edition import Edition, dump_edition, load_edition
from harvester.digest.fieldmap import MapWork
from harvester.digest.follow import Follow
from harvester.digest.history import Known, count_known
from harvester.digest.sections import SECTIONS
from harvester.digest.select import Outline, choose_shown, find_standings, outline
from harvester.digest.words import Words
from harvester.editions.changes import choose_new, find_changes, find_corrections, find_late
from harvester.editions.kept import Kept
from harvester.editions.receipts import collect_reports
from harvester.editions.waiting import Wait, find_wait
from harvester.exports import RIS
from harvester.ground.clock import format_time, name_week, parse_time, week_days
from harvester.ground.errors import StorageError, contain
from harvester.ground.files import remove_leftovers, write_tree
from harvester.library import Delivery, EditionMade, Library, Mark, StoredEdition
from harvester.mail.message import build_message, build_message_id, message_bytes
from harvester.paper.records import Study
from harvester.table.columns import split_list

# What an edition shows of what is new, at most.  A study takes up to 13 KB of the page (abstract, proofs, its piece of
# each export; benchmarks/first_edition.py): 150 make 2 MB, which a telephone still opens, and more than anybody reads
# in a week.  Only a first edition after a backfill, or an import of a whole field, has more.
MOST_SHOWN = 150
_RECENT = timedelta(days=30)  # what a first run looks back, if nobody says otherwise


def make_edition(
    library: Library,
    settings: Settings,
    digest: DigestSettings,
    words: Words,
    *,
    now: datetime,
    sample: bool,
    recipients: Sequence[str] | None = None,
    waited: str | None = None,
    most: int | None = MOST_SHOWN,
) -> StoredEdition | None:
    """Make this week's edition of a digest, in one transaction; None if it is there already.

    Parameters
    ----------
    words
        The edition keeps those that it needs.
    sample
        Whether the studies are invented.
    recipients
        To whom it is due from now on; None: that is not planned here.
    waited
        UTC time since which it waited, in vain, for a required source; None: it did not.
    most
        How many new studies it shows, the best; None: all.  The others it counts, and no later edition announces them.
    """
    week = name_week(now, settings.zone)
    latest = library.editions.latest(*digest.names)
    if latest is not None and latest.edition >= week:
        return None
    start = library.editions.last_mark(*digest.names) or _start_of_new_digest(library, week)
    arrived = library.studies.iterate(where=digest.where, after=start.last_study_id)
    late = find_late(library, digest.names, where=digest.where, after=start.last_event_id)
    changes = find_changes(library, digest.names, after=start.last_event_id)
    changes += find_corrections(library, digest.names, words, after=start.last_event_id)
    articles = [change.study for change in changes if change.kind == "published"]
    made_at = format_time(now)
    outlines: list[Outline] = []

    def outlined(new: Iterable[Study]) -> Iterator[Study]:
        """Keep of each study what is needed of all: thousands of whole ones are too many to hold."""
        for study in new:
            outlines.append(outline(study, words))
            yield study

    standings = find_standings(
        outlined(choose_new(library, digest.names, chain(arrived, late))),
        words=words,
        weights=settings.ranking.weights,
        follow=Follow(**digest.follow.model_dump()),
        known=_known_before(library, start),
        today=now.astimezone(settings.zone).date().isoformat(),
    )
    recent = (now - _RECENT).astimezone(settings.zone).date().isoformat()
    shown_ids = choose_shown(outlines, standings, most=len(outlines) if most is None else most, recent=recent)
    shown = [study for study_id in sorted(shown_ids) if (study := library.studies.get(study_id)) is not None]
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
        new=[_name_edition(study, week) for study in shown],
        counted=[item for item in outlines if item.study_id not in shown_ids],
        changes=[replace(change, study=_name_edition(change.study, week)) for change in changes],
        held=_held_before(library, digest, {item.study_id for item in outlines}),
        reports=collect_reports(library, settings, after=start.last_harvest_id),
        words=words,
        version=__version__,
        contact=settings.contact,
        where=digest.where or None,
        previous=latest.edition if latest is not None else None,
        previous_digest=latest.digest if latest is not None and latest.digest != digest.name else None,
        reissue=library.editions.times_withdrawn(digest.name, week),
        standings=standings,
        sections=SECTIONS if digest.sections is None else digest.sections,
        sample=sample,
        unsubscribe=settings.mail.unsubscribe if settings.mail is not None else None,
        page_url=page_url(settings, week, digest.name),
    )
    edition = replace(edition, waited=waited)
    told_ids = [study.study_id for study in shown] + [change.study.study_id for change in changes]
    considered = {item.study_id for item in outlines}.union(library.studies.all_ids(after=start.last_study_id))
    considered.difference_update(told_ids, (item.study_id for item in outlines if item.tier != "off-topic"))
    kept = Kept(
        edition=week,
        document=dump_edition(edition).decode(),
        told=told_ids,
        passed_over=sorted(considered),
        named=[study.study_id for study in (*shown, *articles) if study.first_edition is None],
    )
    name, sha256, content = kept.seal(digest.name)
    entry = replace(
        _describe_edition(settings, digest, now=now, sample=sample),
        recipients=recipients,
        waited=waited,
        file=name,
        sha256=sha256,
    )
    return save_edition(library, entry, kept, beside={name: content})


def save_edition(
    library: Library, entry: EditionMade, kept: Kept, *, beside: Mapping[str, bytes] | None = None
) -> StoredEdition:
    """Write an edition, whom it told of what, and which studies it was the first to show, in one transaction."""
    stored = StoredEdition(
        digest=entry.digest,
        edition=kept.edition,
        made_at=entry.at,
        mark=library.mark,
        document=kept.document,
    )
    with library.transaction(entry, beside=beside):
        library.editions.save(stored, kept.told)
        library.editions.plan_deliveries(
            [
                Delivery(digest=entry.digest, edition=kept.edition, recipient=one, state="due")
                for one in entry.recipients or ()
            ],
            at=entry.at,
        )
        library.editions.pass_over(entry.digest, kept.passed_over)
        for study_id in kept.named:
            study = library.studies.get(study_id)
            if study is not None:
                library.studies.save(_name_edition(study, kept.edition))
    return stored


def _name_edition(study: Study, week: str) -> Study:
    """Return a study as it is once an edition holds it."""
    return replace(study, first_edition=study.first_edition or week)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of making editions."""

    editions: tuple[StoredEdition, ...] = ()
    waiting: tuple[Wait, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)  # by digest, why its edition could not be made


def make_editions(
    library: Library,
    settings: Settings,
    digests: Sequence[DigestSettings],
    words: Words,
    *,
    now: datetime,
    sample: bool,
) -> Made:
    """Make this week's edition of each digest that has none yet, and is not to wait for a source.

    One that cannot be made does not keep the others from it.

    Raises
    ------
    StorageError
        If the library cannot be written.
    """
    made: list[StoredEdition] = []
    waiting: list[Wait] = []
    failed: dict[str, str] = {}
    for digest in digests:
        with contain(partial(failed.setdefault, digest.name), but=(StorageError,)):
            wait = find_wait(library, settings, digest, now=now)
            if wait is not None and not wait.is_over(now):
                waiting.append(wait)
                continue
            stored = make_edition(
                library,
                settings,
                digest,
                words,
                now=now,
                sample=sample,
                recipients=digest.recipients,
                waited=wait.since if wait is not None and digest.wait else None,
            )
            made += [] if stored is None else [stored]
    return Made(editions=tuple(made), waiting=tuple(waiting), failed=failed)


def _describe_edition(settings: Settings, digest: DigestSettings, *, now: datetime, sample: bool) -> EditionMade:
    unheld = {"data", "editions", "templates", "vocabulary", "ca_bundle", "monitor"}
    frozen = settings.model_dump(mode="json", exclude=unheld)
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
    columns = ("conditions", "design", "population", "first_seen")
    rows = library.studies.rows(where=f"tier = 'core' AND study_id <= '{start.last_study_id}'", columns=columns)
    return count_known(
        (split_list(row["conditions"]), row["design"], split_list(row["population"]), row["first_seen"]) for row in rows
    )


def page_url(settings: Settings, week: str, digest: str) -> str | None:
    """Return the address of an edition's page, where the settings say that the editions are published."""
    return None if settings.editions_url is None else f"{settings.editions_url}{week}/{digest}/index.html"


def _held_before(library: Library, digest: DigestSettings, new: Set[str]) -> list[MapWork]:
    """Return the core and adjacent work that the library holds beside what is new, for the map."""
    condition = "tier IN ('core', 'adjacent')"
    if digest.where:
        condition = f"({digest.where}\n) AND {condition}"
    columns = ("study_id", "conditions", "design", "trial_ids", "published", "first_seen")
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
        for row in library.studies.rows(where=condition, columns=columns)
        if row["study_id"] not in new and row["study_id"] not in superseded
    ]


def render_edition(stored: StoredEdition, settings: Settings) -> dict[str, bytes]:
    """Render a stored edition into its files, by name; the same edition gives the same bytes."""
    edition = load_edition(stored.document.encode())
    files = dict(render(edition, templates=settings.templates))
    files["references.ris"] = RIS.write(edition.studies).content
    files["message.eml"] = message_bytes(build_edition_message(edition, files, settings, recipient=None))
    return files


def build_edition_message(
    edition: Edition,
    files: Mapping[str, bytes],
    settings: Settings,
    *,
    recipient: str | None,
    date: datetime | None = None,
) -> EmailMessage:
    """Build the mail of an edition.

    Parameters
    ----------
    files
        At least those of `render_mail`.
    recipient
        One address; None: the copy that is kept beside the page.
    date
        When the message is handed over; None: when the edition was made.
    """
    sender = settings.mail.sender if settings.mail is not None else settings.contact
    return build_message(
        sender=sender,
        recipient=recipient,
        subject=subject(edition),
        text=files["email.txt"].decode(),
        html=files["email.html"].decode(),
        message_id=build_message_id(_issue_name(edition), edition.digest, recipient, sender=sender),
        date=date or parse_time(edition.made_at),
        list_id=f"{' '.join(edition.title.split())} <{edition.digest}.{sender.rpartition('@')[2].rstrip('>')}>",
        unsubscribe=edition.unsubscribe,
    )


def _issue_name(edition: Edition) -> str:
    """Return a name that only this edition has, also if others of its week were sent and taken back."""
    return f"{edition.edition}-{edition.reissue + 1}" if edition.reissue else edition.edition


def edition_folder(stored: StoredEdition, settings: Settings) -> Path:
    """Return the folder in which an edition's files stand."""
    return settings.editions / stored.edition / stored.digest


def write_edition(stored: StoredEdition, settings: Settings) -> Path:
    """Write an edition's files, all of them or none; returns their folder."""
    folder = edition_folder(stored, settings)
    remove_leftovers(folder)
    write_tree(folder, render_edition(stored, settings))
    return folder


def write_missing_editions(library: Library, settings: Settings, *, tell: Callable[[str], object]) -> tuple[Path, ...]:
    """Write the editions of the settings' digests whose folders are not there; returns the folders, oldest first.

    They were made now, or by a run that was killed or found the disk full.  One that cannot be rendered or written
    does not stop the others: `tell` is called with a line about it.
    """
    names = sorted(
        (week, name) for digest in settings.digests for name in digest.names for week in library.editions.names(name)
    )
    written = []
    for week, name in names:
        if not (settings.editions / week / name).exists():
            with contain(tell, f"{week} {name}"):
                written.append(write_edition(library.editions.require(name, week), settings))
    return tuple(written)
