"""Sum up for an edition's receipt how its sources were asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from harvester.config.settings import Settings
from harvester.library import Library
from harvester.paper.reports import SourceReport
from harvester.sources.registry import open_sources


def collect_reports(library: Library, settings: Settings, *, after: int) -> list[SourceReport]:
    """Sum up how each source of the settings was asked since a harvest, in the order of the settings.

    The last harvest says whether a source answers; what it gave, and what it warned of, is summed over all of them.
    """
    by_key: dict[str, SourceReport] = {}
    for _, _, key, report in library.sources.harvests(after=after):
        latest = _read(report)
        earlier = by_key.get(key)
        if earlier is not None:
            first = min(filter(None, (earlier.window, latest.window)), default=None)
            latest = replace(
                latest,
                received=earlier.received + latest.received,
                new=earlier.new + latest.new,
                left_out=earlier.left_out + latest.left_out,
                notes=tuple(dict.fromkeys((*earlier.notes, *latest.notes))),
                alarms=tuple(dict.fromkeys((*earlier.alarms, *latest.alarms))),
                unchanged=latest.unchanged and earlier.unchanged,
                window=(first[0], latest.window[1]) if first and latest.window else latest.window,
            )
        by_key[key] = latest
    return [by_key[source.key] for source in open_sources(settings) if source.key in by_key]


def _read(report: Mapping[str, Any]) -> SourceReport:
    """Take what a receipt needs from a kept report; the rest is the search log's."""
    known = {field.name: report[field.name] for field in fields(SourceReport) if field.name in report}
    window = report["window"]
    pair = None if window is None else (window[0], window[1])
    texts = {name: tuple(report.get(name, ())) for name in ("notes", "alarms")}
    return SourceReport(**{**known, **texts, "window": pair})
