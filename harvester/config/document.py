"""The settings as docs/settings.md lists them, from their declarations."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def describe_settings(model: type[BaseModel], *, prefix: str = "") -> str:
    """Return a Markdown table of the keys of a form of config.yaml, or of a part of it: key, meaning, if absent.

    `prefix` stands before each key: ``sources.pubmed.``.
    """
    rows = "".join(f"| `{key}` | {meaning} | {absent} |\n" for key, meaning, absent in _rows(model, prefix))
    return f"| key | meaning | if absent |\n| --- | --- | --- |\n{rows}"


def _rows(model: type[BaseModel], prefix: str) -> list[tuple[str, str, str]]:
    rows = []
    for name, field in model.model_fields.items():
        part, is_list = _part(field.annotation)
        meaning = field.description or (part.__doc__ if part is not None and not field.is_required() else None)
        if meaning:
            rows.append((f"{prefix}{name}", _meaning(field, meaning), _absent(field)))
        if part is not None:
            rows += _rows(part, f"{prefix}{name}{'[]' if is_list else ''}.")
    return rows


def _meaning(field: FieldInfo, text: str) -> str:
    """Return a description on one line, with the values that are allowed where there are few."""
    line = " ".join(text.split()).removesuffix(".")
    if get_origin(field.annotation) is Literal:
        line += f": one of {', '.join(f'`{value}`' for value in get_args(field.annotation))}"
    return line


def _part(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the model that a field holds, if it holds one, and whether it holds a list of it."""
    options = [annotation, *get_args(annotation)]
    part = next((option for option in options if isinstance(option, type) and issubclass(option, BaseModel)), None)
    return part, get_origin(annotation) is tuple


def _absent(field: FieldInfo) -> str:
    """Return what an absent key stands for."""
    default = field.default
    if field.is_required():
        return "required"
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, (str, int, float, Path)) and default != "":
        return f"`{default}`"
    return "–"
