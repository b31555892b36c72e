"""Read a YAML file, and know where things stand in it: the line of each key, for messages that a person can act on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from harvester.ground.errors import ConfigError

Place = tuple[Any, ...]  # keys and positions from the top: ("sources", "feeds", 0, "url")

_LONGEST = 500_000  # characters; a hundred feeds and a long query take 20,000
_MOST_PARTS = 50_000  # keys and values, each alias counted as what it stands for


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


def find_growth(node: yaml.Node | None, *, most: int) -> int | None:
    """Return the line of the part of a file whose aliases make more of it than so many parts, or that holds itself.

    None: there is none.  Ten lines of aliases to aliases can mean a thousand million parts.
    """
    sizes: dict[int, int] = {}

    def measure(part: yaml.Node) -> int:
        if id(part) not in sizes:
            sizes[id(part)] = most + 1  # as long as it is being measured: what holds itself has no end
            inner: list[yaml.Node] = []
            if isinstance(part, yaml.MappingNode):
                inner = [each for pair in part.value for each in pair]
            elif isinstance(part, yaml.SequenceNode):
                inner = part.value
            sizes[id(part)] = 1 + sum(map(measure, inner))
        if sizes[id(part)] > most and part is not node and not too_large:
            too_large.append(part.start_mark.line + 1)
        return sizes[id(part)]

    too_large: list[int] = []
    if node is None or measure(node) <= most:
        return None
    return too_large[0] if too_large else 1


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


def read_text(path: Path) -> str:
    """Return the text of config.yaml, of one that is too long a part; raises ConfigError if it cannot be read."""
    try:
        with path.open(encoding="utf-8") as stream:
            text = stream.read(_LONGEST + 1)
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no such file; name one with --config"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read as UTF-8 text ({error})"]) from error
    return text


def read_yaml(text: str, *, name: str) -> tuple[yaml.Node | None, Any]:
    """Return the nodes of a text in YAML, which know their lines, and what it holds.

    Raises
    ------
    ConfigError
        If it is no YAML, or aliases make it grow without end.
    """
    if len(text) > _LONGEST:
        raise ConfigError([f"{name}:1: longer than {_LONGEST:,} characters: these are no settings"])
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if (line := find_growth(node, most=_MOST_PARTS)) is not None:
            told = f"aliases (*) that make more than {_MOST_PARTS:,} parts of it, or hold themselves"
            raise ConfigError([f"{name}:{line}: {told}: write out what is meant"])
        data = yaml.safe_load(text)
    except RecursionError as error:
        raise ConfigError([f"{name}:1: lists or keys within each other without end"]) from error
    except ValueError as error:  # a day that does not exist, say
        raise ConfigError([f"{name}:1: not readable as YAML: {error}"]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        # What YAML takes for an alias or a tag may be a password that begins with * or !.
        problem = re.sub(r"(alias|anchor|tag) '.*'", r"\1", getattr(error, "problem", None) or "not YAML")
        raise ConfigError([f"{name}:{line}: not readable as YAML: {problem}"]) from error
    return node, data
