"""Where things stand in a YAML file: the line of each key, for messages that a person can act on."""

from __future__ import annotations

import re
from typing import Any

import yaml

Place = tuple[Any, ...]  # keys and positions from the top: ("sources", "feeds", 0, "url")


def note_lines(node: yaml.Node | None, place: Place, lines: dict[Place, int], mistakes: list[tuple[int, str]]) -> None:
    """Fill `lines` with each key's line, and `mistakes` with the keys that stand twice."""
    if node is None:
        return
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, key.value)
            if inner in lines:
                mistakes.append((key.start_mark.line + 1, f"{write_place(inner)}: this key stands twice"))
            lines[inner] = key.start_mark.line + 1
            note_lines(value, inner, lines, mistakes)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            note_lines(value, (*place, index), lines, mistakes)


def describe_finding(part: Any, lines: dict[Place, int]) -> tuple[int, str]:
    """Turn one of pydantic's findings into a line number and a readable sentence."""
    place = tuple(part["loc"])
    known = place
    while known and known not in lines:
        known = known[:-1]
    if part["type"] == "extra_forbidden":
        message = "unknown key"
    elif part["type"] == "missing":
        message = "missing"
    else:
        message = re.sub(r"^Value error, ", "", part["msg"]).replace("Input should be", "should be")
    return lines.get(known, 1), f"{write_place(place)}: {message}" if place else message


def write_place(place: Place) -> str:
    """Write a place in the file as ``sources.feeds[0].url``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def name_kind(data: object) -> str:
    """Name what a YAML document holds, for a message."""
    return {type(None): "nothing", list: "a list", str: "text"}.get(type(data), type(data).__name__)
