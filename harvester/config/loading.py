"""config.yaml -> frozen settings; every mistake in one message, each with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from harvester.config.consistency import find_mistakes, is_path
from harvester.config.grammar import Grammar
from harvester.config.secrets import with_whole_files
from harvester.config.settings import Settings, SourceSettings
from harvester.config.yaml_lines import (
    Place,
    describe_finding,
    name_kind,
    note_lines,
    read_text,
    read_yaml,
    write_place,
)
from harvester.ground.connections import holds_authorities
from harvester.ground.errors import ConfigError


def load_settings(path: Path, grammar: Grammar) -> Settings:
    """Read config.yaml.

    Relative paths in it are relative to its folder.  In the settings `data`, `editions`, `templates`, `ca_bundle`,
    every path of a source, every file of a secret and a vocabulary that names a file are absolute; ``~`` is the home
    folder.

    Raises
    ------
    ConfigError
        With one line ``FILE:LINE: KEY: what is wrong`` for every mistake in the file.
    """
    return parse_settings(read_text(path), grammar, name=str(path), folder=path.resolve().parent)


def parse_settings(text: str, grammar: Grammar, *, name: str, folder: Path) -> Settings:
    """Turn the text of config.yaml into settings; see `load_settings`."""
    node, data = read_yaml(text, name=name)
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
    for key in ("data", "editions", "templates"):
        if isinstance(data.get(key), str) and _from(folder, data[key]) is None:
            mistakes.append((lines.get((key,), 1), f"{key}: there is no home folder {data[key].split('/')[0]}"))
    for place, file in _named_files(data, grammar).items():
        whole = _from(folder, file)
        if whole is None or not whole.is_file():
            mistakes.append((lines.get(place, 1), f"{write_place(place)}: there is no file {file}"))
        elif place == ("ca_bundle",) and not holds_authorities(whole):
            told = f"{file} holds no certificates in PEM form (-----BEGIN CERTIFICATE-----)"
            mistakes.append((lines.get(place, 1), f"ca_bundle: {told}"))
    if settings is not None and not mistakes:
        mistakes += [
            (lines.get(place, lines.get(place[:-1], 1)), f"{write_place(place)}: {told}")
            for place, told in grammar.find_faults(settings)
        ]
    if mistakes or settings is None:
        raise ConfigError([f"{name}:{line}: {message}" for line, message in sorted(mistakes)])
    loaded: Settings = with_whole_files(_with_whole_paths(settings, folder), folder)
    return loaded


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


def _from(folder: Path, path: Path | str) -> Path | None:
    """Return a path of the settings from their folder on, or from a home folder (``~``); None: there is no such."""
    try:
        return folder / Path(path).expanduser()
    except RuntimeError:
        return None


def _path_fields(form: type[BaseModel]) -> list[str]:
    """Return the fields of a source's settings that name a file."""
    return [name for name, field in form.model_fields.items() if field.annotation is Path]


def _with_whole_paths(settings: Settings, folder: Path) -> Settings:
    def whole(source: Any) -> Any:
        if isinstance(source, tuple):
            return tuple(whole(item) for item in source)
        fields = _path_fields(type(source)) if isinstance(source, SourceSettings) else []
        paths = {name: _from(folder, getattr(source, name)) for name in fields}
        return source.model_copy(update=paths) if paths else source

    named = is_path(settings.vocabulary)
    sources = settings.sources.model_copy(update={name: whole(source) for name, source in settings.sources})
    return settings.model_copy(
        update={
            "data": _from(folder, settings.data),
            "editions": _from(folder, settings.editions),
            "templates": _from(folder, settings.templates) if settings.templates else None,
            "ca_bundle": _from(folder, settings.ca_bundle) if settings.ca_bundle else None,
            "vocabulary": str(_from(folder, settings.vocabulary)) if named else settings.vocabulary,
            "sources": sources,
        }
    )
