"""An issue of the digest as data: everything that its rendering depends on, and its form as ``digest.json``."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from harvester.digest.former_words import FORMER_WORDS
from harvester.digest.sections import BY_NAME, section_for
from harvester.digest.words import Words
from harvester.ground.errors import LibraryError
from harvester.paper.records import Study
from harvester.paper.reports import SourceReport
from harvester.paper.statuses import AGAINST
from harvester.paper.tags import SYNTHESES, TRIALS

# What may have happened to a study that a reader already has, the gravest first.
CHANGE_KINDS = (*AGAINST, "reinstated", "cleared", "published", "in-print", "deleted", "by-hand")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to a study since a reader was sent it."""

    study: Study  # as it is now
    kind: str  # one of CHANGE_KINDS; "published": a preprint became an article; "by-hand": our entry was wrong
    at: str  # when we saw it: ISO day or UTC time
    sent_in: str  # the edition that sent the study, "2026-W44"
    notice_url: str | None = None  # the notice's page; None: not known
    detail: str | None = None  # the notice as the source words it, or what changed; None: nothing to add


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCount:
    """One cell of the map.

    A study counts under each of its conditions; in an edition without words of its own, under the narrowest alone.
    """

    condition: str
    design: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCounts:
    """The map: core and adjacent work that the library holds, each trial once."""

    held: tuple[MapCount, ...]  # from before the edition
    new: tuple[MapCount, ...]  # what the edition adds
    # First and last year of publication; "" twice: nothing is held.  None: `Edition.year`, of core studies alone.
    years: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """New studies of one kind that an edition counts and does not show: there are more than anybody reads."""

    section: str  # in which they would stand
    kind: str  # as `kind_of` calls it
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One issue of one digest."""

    edition: str  # the ISO week of the clock when it was made, "2026-W47"
    digest: str  # the digest's name in the settings, "weekly"
    title: str  # the digest's title
    topic: str
    made_at: str  # UTC time
    timezone: str  # IANA name; weeks and clock times are shown in it
    since: str  # ISO day: holds what was first seen from here …
    until: str  # … to here
    studies: tuple[Study, ...]  # core by rank, then adjacent by rank; no off-topic ones, and no more than are read
    read_first: tuple[str, ...]  # study_id of those to read first, in order
    changes: tuple[Change, ...]  # the gravest first
    reports: tuple[SourceReport, ...]  # in the order of the settings
    field_counts: FieldCounts | None = None  # None: stored before there were any
    year: tuple[MapCount, ...] = ()  # without them: the core studies of the year before, by condition and design
    counted: tuple[Counted, ...] = ()  # the new core and adjacent studies beyond those; they are in the archive
    # study_id of those that stand in the sections of the other tier; see `harvester.digest.questions`.
    joined: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()  # study_id of those that the readers follow, or that are the first of their kind
    # Of `harvester.digest.sections.SECTIONS`, in this order; the default is what editions had that did not store it.
    sections: tuple[str, ...] = ("by-condition", "protocols", "preclinical", "comments", "adjacent", "map")
    words: Words | None = None  # what its tags are called; None: as `FORMER_WORDS` calls them
    off_topic: int = 0  # new studies that went to the table only
    where: str | None = None  # the digest's own condition; None: everything
    previous: str | None = None  # the edition before this one; None: this is the first
    previous_digest: str | None = None  # what the digest was called then; None: the same
    reissue: int = 0  # how many editions of this name were sent and taken back before it
    waited: str | None = None  # UTC time since which it waited, in vain, for a required source; None: it did not
    sample: bool = False  # the studies are invented
    # How much its rendering says; 1: what it said when the edition was sent, before the answer in the line of facts,
    # the imprint of each entry in the mail, and the map of all that is held; 2: without the flags of notices.
    form: int = 1
    version: str  # the program's
    contact: str  # whom to write to, an e-mail address
    unsubscribe: str | None = None  # mailto: or https:; None: write to the contact
    page_url: str | None = None  # where the page can be read, https; None: only on the disk of who runs the program


def is_core(edition: Edition, study: Study) -> bool:
    """Whether a study stands, and is counted, among the core ones."""
    return (study.tags.tier == "core") != (study.study_id in edition.joined)


def section_of(edition: Edition, study: Study) -> str:
    """Return the name of the section in which a study stands."""
    if study.study_id in edition.read_first:
        return "read-first"
    return section_for("core" if is_core(edition, study) else "adjacent", study.tags.design)


def kind_of(study: Study) -> str:
    """Return what the line of counts calls a study: its design, or what that is counted with."""
    design = study.tags.design
    if study.tags.analysis == "secondary" and design in TRIALS:
        return "secondary-analysis"
    return "review" if design in SYNTHESES else design


def count_new(edition: Edition) -> tuple[Counter[str], int]:
    """Count an edition's new studies, shown or not: the core ones by `kind_of`, and the adjacent ones."""
    core: Counter[str] = Counter()
    adjacent = 0
    for study in edition.studies:
        if is_core(edition, study):
            core[kind_of(study)] += 1
        else:
            adjacent += 1
    for counted in edition.counted:
        if BY_NAME[counted.section].tier == "core":
            core[counted.kind] += counted.count
        else:
            adjacent += counted.count
    return core, adjacent


def words_of(edition: Edition) -> Words:
    """Return the words with which an edition is rendered."""
    return edition.words or FORMER_WORDS


def shown_studies(edition: Edition) -> list[Study]:
    """Return the studies of the sections that the edition has."""
    present = {"read-first", *edition.sections}
    return [study for study in edition.studies if section_of(edition, study) in present]


_ADAPTER: TypeAdapter[Edition] = TypeAdapter(Edition)


def dump_edition(edition: Edition) -> bytes:
    """Return an edition as JSON, to be stored as ``digest.json``.

    A field that has its default value is left out, so that a later program with more fields writes the same bytes for
    an old edition.
    """
    plain = _ADAPTER.dump_python(edition, mode="json", exclude_defaults=True)
    return (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def load_edition(content: bytes) -> Edition:
    """Read what `dump_edition` wrote.

    Raises
    ------
    LibraryError
        If the bytes are no edition (cut, edited by hand, or of a newer program).
    """
    try:
        return _ADAPTER.validate_python(json.loads(content))
    except (ValidationError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise LibraryError(f"digest.json cannot be read: {reason}", advice="restore it from a backup") from error
