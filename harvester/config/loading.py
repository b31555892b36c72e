"""config.yaml -> frozen settings; every mistake in one message, each with its line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from harvester.config.consistency import find_mistakes, is_path
from harvester.config.grammar import Grammar
from harvester.config.secrets import with_whole_files
from harvester.config.settings import Settings, SourceSettings
from harvester.config.yaml_lines import Place, describe_finding, name_kind, note_lines, write_place
from harvester.ground.connections import holds_authorities
from harvester.ground.errors import ConfigError


def load_settings(path: Path, grammar: Grammar) -> Settings:
    """Read config.yaml.

    Relative paths in it are relative to its folder.  In the settings `data`, `editions`, `templates`, `ca_bundle`,
    every path of a source, every file of a secret and a vocabulary that names a file are absolute.

    Raises
    ------
    ConfigError
        With one line ``FILE:LINE: KEY: what is wrong`` for every mistake in the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no such file; name one with --config"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read as UTF-8 text ({error})"]) from error
    return parse_settings(text, grammar, name=str(path), folder=path.resolve().parent)


def parse_settings(text: str, grammar: Grammar, *, name: str, folder: Path) -> Settings:
    """Turn the text of config.yaml into settings; see `load_settings`."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        # What YAML takes for an alias or a tag may be a password that begins with * or !.
        problem = re.sub(r"(alias|anchor|tag) '.*'", r"\1", getattr(error, "problem", None) or "not YAML")
        raise ConfigError([f"{name}:{line}: not readable as YAML: {problem}"]) from error
    if not isinstance(data, dict):
        raise ConfigError([f"{name}:1: expected settings as `key: value` lines, found {name_kind(data)}"])
    lines: dict[Place, int] = {}
    mistakes: list[tuple[int, str]] = []
    note_lines(node, (), lines, mistakes)
    settings: Settings | None = None
    try:
        # Through JSON, because strict validation takes a list for a tuple only from there.
        settings = grammar.model.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        mistakes += [describe_finding(part, lines) for part in error.errors(include_url=False)]
    mistakes += [(lines.get(place, 1), f"{write_place(place)}: {told}") for place, told in find_mistakes(data, grammar)]
    for place, file in _named_files(data, grammar).items():
        if not (folder / file).is_file():
            mistakes.append((lines.get(place, 1), f"{write_place(place)}: there is no file {file}"))
        elif place == ("ca_bundle",) and not holds_authorities(folder / file):
            told = f"{file} holds no certificates in PEM form (-----BEGIN CERTIFICATE-----)"
            mistakes.append((lines.get(place, 1), f"ca_bundle: {told}"))
    if mistakes or settings is None:
        raise ConfigError([f"{name}:{line}: {message}" for line, message in sorted(mistakes)])
    whole: Settings = with_whole_files(_with_whole_paths(settings, folder), folder)
    return whole


def _named_files(data: dict[Any, Any], grammar: Grammar) -> dict[Place, str]:
    """Return the files that must be there, by the place in the settings that names them."""
    vocabulary = data.get("vocabulary")
    files: dict[Place, str] = {}
    if isinstance(data.get("ca_bundle"), str):
        files["ca_bundle",] = data["ca_bundle"]
    if isinstance(vocabulary, str) and is_path(vocabulary):
        files["vocabulary",] = vocabulary
    sources = data.get("sources")
    for section, (form, _) in grammar.sources.items():
        section_data = sources.get(section) if isinstance(sources, dict) else None
        items: dict[Place, Any] = {(section,): section_data}
        if isinstance(section_data, list):
            items = {(section, number): item for number, item in enumerate(section_data)}
        for place, item in items.items():
            for field in _path_fields(form):
                if isinstance(item, dict) and isinstance(item.get(field), str):
                    files["sources", *place, field] = item[field]
    return files


def _path_fields(form: type[BaseModel]) -> list[str]:
    """Return the fields of a source's settings that name a file."""
    return [name for name, field in form.model_fields.items() if field.annotation is Path]


def _with_whole_paths(settings: Settings, folder: Path) -> Settings:
    def whole(source: Any) -> Any:
        if isinstance(source, tuple):
            return tuple(whole(item) for item in source)
        fields = _path_fields(type(source)) if isinstance(source, SourceSettings) else []
        return source.model_copy(update={name: folder / getattr(source, name) for name in fields}) if fields else source

    named = is_path(settings.vocabulary)
    sources = settings.sources.model_copy(update={name: whole(source) for name, source in settings.sources})
    return settings.model_copy(
        update={
            "data": folder / settings.data,
            "editions": folder / settings.editions,
            "templates": folder / settings.templates if settings.templates else None,
            "ca_bundle": folder / settings.ca_bundle if settings.ca_bundle else None,
            "vocabulary": str(folder / settings.vocabulary) if named else settings.vocabulary,
            "sources": sources,
        }
    )
