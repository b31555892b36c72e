"""What can be seen of config.yaml at a glance: without its grammar, so quickly, and of one with mistakes in it too.

For those who must say how things stand whatever the state of the file: `harvester status`, and the monitor of a run
that its settings stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from harvester.config.yaml_lines import read_text, read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The parts of config.yaml that could be read; what could not is as if it were absent."""

    topic: str
    data: Path
    zone: ZoneInfo
    recipients: Mapping[str, tuple[str, ...]]  # by the name of their digest
    feeds: Mapping[str, Mapping[str, Any]]  # by name, as the file has them
    sources: Mapping[str, Any]  # the other sections below `sources`
    monitor: Mapping[str, str]


def glance_at(path: Path) -> Glance:
    """Look at config.yaml.

    Raises
    ------
    ConfigError
        If there is no such file, or it is not YAML.
    """
    _, data = read_yaml(read_text(path), name=str(path))
    top = data if isinstance(data, dict) else {}
    sources = _mapping(top.get("sources"))
    return Glance(
        topic=str(top.get("topic") or "harvester"),
        data=path.resolve().parent / (_text(top.get("data")) or "data"),
        zone=_zone(_text(top.get("timezone"))),
        recipients={
            str(digest.get("name")): tuple(item for item in _list(digest.get("recipients")) if isinstance(item, str))
            for digest in _mappings(top.get("digests"))
        },
        feeds={str(feed.get("name")): feed for feed in _mappings(sources.get("feeds"))},
        sources={name: section for name, section in sources.items() if name != "feeds" and section is not None},
        monitor={key: value for key, value in _mapping(top.get("monitor")).items() if isinstance(value, str)},
    )


def _mapping(value: Any) -> dict[str, Any]:
    return {key: item for key, item in value.items() if isinstance(key, str)} if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    return (_mapping(item) for item in _list(value) if isinstance(item, dict))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
