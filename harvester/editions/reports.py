"""Sum up for an edition's receipt how its sources were asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from harvester.config.settings import Settings
from harvester.digest import SourceReport
from harvester.library import Library
from harvester.sources.retraction_watch import SOURCE as RETRACTION_WATCH


def collect_reports(library: Library, settings: Settings, *, after: int) -> list[SourceReport]:
    """Sum up how each source of the settings was asked since a harvest, in the order of the settings.

    The last harvest says whether a source answers; what it gave, and what it warned of, is summed over all of them.
    """
    by_name: dict[str, SourceReport] = {}
    for _, _, source, report in library.sources.harvests(after=after):
        found = _read(report)
        earlier = by_name.get(source)
        if earlier is not None:
            first = min(filter(None, (earlier.window, found.window)), default=None)
            found = replace(
                found,
                received=earlier.received + found.received,
                new=earlier.new + found.new,
                notes=tuple(dict.fromkeys((*earlier.notes, *found.notes))),
                unchanged=found.unchanged and earlier.unchanged,
                window=(first[0], found.window[1]) if first and found.window else found.window,
            )
        by_name[source] = found
    names = ["pubmed"] if settings.sources.pubmed is not None else []
    names += [f"feed:{feed.name}" for feed in settings.sources.feeds]
    names += [RETRACTION_WATCH] if settings.sources.retraction_watch is not None else []
    return [by_name[name] for name in names if name in by_name]


def _read(report: Mapping[str, Any]) -> SourceReport:
    """Take what a receipt needs from a kept report; the rest is the search log's."""
    known = {field.name: report[field.name] for field in fields(SourceReport) if field.name in report}
    window = report["window"]
    pair = None if window is None else (window[0], window[1])
    return SourceReport(**{**known, "notes": tuple(report["notes"]), "window": pair})
