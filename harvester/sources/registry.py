"""The list of all sources: the only place that names every one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harvester.config.settings import Settings
from harvester.sources.feeds.harvest import JournalFeed
from harvester.sources.imports.harvest import ImportedFile
from harvester.sources.pubmed.harvest import Pubmed
from harvester.sources.retraction_watch import RetractionWatch
from harvester.sources.source import Source

# In the order in which a run harvests them, the receipt lists them and `check` asks them.
SOURCES: Final[tuple[type[Source], ...]] = (Pubmed, JournalFeed, RetractionWatch, ImportedFile)

# Whose words win in a merge, by the kind of source: the lowest first.
RANKS: Final[Mapping[str, int]] = {source.kind: source.rank for source in SOURCES}

# Title and page of the kinds of source that have a page, by kind, for ``datapackage.json``.
SOURCE_PAGES: Final[Mapping[str, tuple[str, str]]] = {
    source.kind: (source.name, source.homepage) for source in SOURCES if source.homepage is not None
}


def open_sources(settings: Settings) -> list[Source]:
    """Make the sources that the settings name, in the order of `SOURCES`."""
    opened: list[Source] = []
    for source in SOURCES:
        section = getattr(settings.sources, source.section, None) if source.section is not None else None
        items = section if isinstance(section, tuple) else (section,)
        opened += [source(item) for item in items if item is not None]
    return opened


def find_kind(key: str) -> type[Source]:
    """Return the class of the source with a key (``pubmed``, ``feed:NAME``), whether or not the settings name it.

    Raises KeyError for a kind of source that this program does not know.
    """
    return {source.kind: source for source in SOURCES}[key.partition(":")[0]]
