"""Write the page that lists all editions and finds all studies, beside the editions."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from harvester.config.settings import DigestSettings, Settings
from harvester.digest import load_edition
from harvester.digest.archive import EditionPage, build_archive
from harvester.digest.render import render_archive
from harvester.digest.sections import BY_NAME
from harvester.digest.words import Words
from harvester.ground.files import remove_leftovers, write_atomically
from harvester.library import Library
from harvester.paper.tags import BY_HAND, Evidence

ARCHIVE_NAME = "index.html"

_WEEK = re.compile(r"[0-9]{4}-W[0-5][0-9]")


def write_archive(library: Library, settings: Settings, words: Words, *, sample: bool) -> Path:
    """Write the archive page from the library, whole or not at all; not touched if it holds these bytes already.

    The page says that its studies are invented if `sample` does, or the newest edition of a digest.
    """
    first_places = _first_places(library, settings.digests)
    joined, counted = _read_documents(library, settings.digests, first_places)
    pages = find_editions(library, settings)
    view = build_archive(
        library.studies.rows(),
        words=words,
        topic=settings.topic,
        editions=[replace(page, counted=counted.get(page.place, page.counted)) for page in pages],
        held_in=first_places,
        told_as_changes=_articles_of_sent(library, settings.digests),
        joined=joined,
        corrected=_corrections(library),
        sample=sample or _is_sample(library, settings.digests),
    )
    content = render_archive(view, templates=settings.templates)
    path = settings.editions / ARCHIVE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    if not path.is_file() or path.read_bytes() != content:
        write_atomically(path, content)
    return path


def find_editions(library: Library, settings: Settings) -> list[EditionPage]:
    """Return the editions that can be opened: those of the settings' digests, and what else stands in the folder.

    A digest that was taken out of the settings keeps its pages, and one that has another name those of its old one.
    """
    titles = {name: item.title for item in settings.digests for name in item.names}
    places = {(week, name) for name in titles for week in library.editions.names(name)}
    for page in settings.editions.glob("*/*/index.html"):
        week, name = page.parts[-3:-1]
        if name not in titles and _WEEK.fullmatch(week):
            places.add((week, name))
    return [EditionPage(edition=week, digest=name, title=titles.get(name, name)) for week, name in sorted(places)]


def _first_places(library: Library, digests: Iterable[DigestSettings]) -> dict[str, str]:
    """Return the place of the first edition that shows each study; off-topic studies stand in none."""
    shown = [row["study_id"] for row in library.studies.rows(where="tier <> 'off-topic'", columns=("study_id",))]
    places: dict[str, str] = {}
    for item in digests:
        for name in item.names:
            for study_id, week in library.editions.sent_in((name,), shown).items():
                if study_id not in places or week < places[study_id][: len(week)]:
                    places[study_id] = f"{week}/{name}"
    return places


def _articles_of_sent(library: Library, digests: Iterable[DigestSettings]) -> frozenset[str]:
    """Return the articles whose preprint was sent before them: an edition tells them as a change, not as new."""
    article_of = {
        library.studies.resolve(event.study_id): library.studies.resolve(str(event.detail["article"]))
        for event in library.studies.events(kind="published", after=0)
    }
    told = set()
    for item in digests:
        sent = library.editions.sent_in(item.names, {*article_of, *article_of.values()})
        told |= {
            article
            for preprint, article in article_of.items()
            if preprint in sent and article in sent and sent[preprint] < sent[article]
        }
    return frozenset(told)


def _read_documents(
    library: Library, digests: Iterable[DigestSettings], first_places: Mapping[str, str]
) -> tuple[frozenset[str], dict[str, tuple[int, int]]]:
    """Return what only the editions themselves know.

    It is which studies stood in the sections of the other tier in the first edition that showed them, and how many
    core and adjacent ones an edition only counted, by its place.
    """
    joined: set[str] = set()
    counted: dict[str, tuple[int, int]] = {}
    for name in (name for item in digests for name in item.names):
        for week in library.editions.names(name):
            document = library.editions.require(name, week).document
            if '"joined"' not in document and '"counted"' not in document:
                continue
            told, place = json.loads(document), f"{week}/{name}"
            joined.update(study_id for study_id in told.get("joined", ()) if first_places.get(study_id) == place)
            numbers = Counter[bool]()
            for one in told.get("counted", ()):
                numbers[BY_NAME[one["section"]].tier == "core"] += one["count"]
            counted[place] = (numbers[True], numbers[False])
    return frozenset(joined), counted


def _corrections(library: Library) -> dict[str, list[Evidence]]:
    """Return a user's word on the tags of each study that was corrected."""
    return {
        study_id: [
            Evidence(facet=one.tag, value="", field=BY_HAND, sentence=one.why or "", words=one.at[:10])
            for one in corrections.values()
        ]
        for study_id, corrections in library.corrections.by_study().items()
    }


def _is_sample(library: Library, digests: Iterable[DigestSettings]) -> bool:
    latest = [library.editions.latest(*item.names) for item in digests]
    return any(load_edition(stored.document.encode()).sample for stored in latest if stored is not None)
