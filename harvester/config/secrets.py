"""Secrets: in an environment variable, a credential of systemd's or a file of their own, never in config.yaml.

A secret X is named in the settings by `X_env`, a variable, or by `X_file`, a file; never by both.  Whoever needs one
calls `read_secret` with the two, when it is needed: a file may be renewed while nobody looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from harvester.ground.errors import ConfigError

LookUp = Callable[[str], str | None]  # the value that an environment gives for a name; None: none

_MAX_BYTES = 1 << 16  # no secret is longer; a device or a log would be
# Docker and systemd put secrets here under modes of their own, and keep other users out in other ways.
_KEPT_BY_OTHERS = (Path("/run/secrets"), Path("/run/credentials"))


def read_secret(name: str | None, file: Path | None, *, look_up: LookUp) -> str | None:
    """Return a secret from its file if it has one, else from the environment; None if it is not set there.

    Raises
    ------
    ConfigError
        If the file cannot be read, is empty, or is no text.
    """
    if file is not None:
        return read_secret_file(file)
    return None if name is None else look_up(name)


def read_secret_file(path: Path) -> str:
    """Return what a secret's file holds, without the line break at its end; raises as `read_secret`."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
        text = content.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigError([f"{path}: this file of a secret cannot be read ({error.strerror})"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: this file of a secret is not UTF-8 text"]) from error
    if not text or len(content) > _MAX_BYTES:
        raise ConfigError([f"{path}: this file of a secret {'is too long to be one' if text else 'is empty'}"])
    return text


def look_up_in(environment: Mapping[str, str]) -> LookUp:
    """Return how to look a name up in an environment: its variables, then the files of `CREDENTIALS_DIRECTORY`.

    There the secret SMTP_PASSWORD is the file SMTP_PASSWORD, smtp_password or smtp-password.
    """

    def look_up(name: str) -> str | None:
        if environment.get(name):
            return environment[name]
        folder = environment.get("CREDENTIALS_DIRECTORY")
        for file in (name, name.lower(), name.lower().replace("_", "-")) if folder else ():
            path = Path(str(folder), file)
            if path.is_file():
                return read_secret_file(path)
        return None

    return look_up


def find_doubled(names: set[str]) -> str | None:
    """Return what is wrong with the keys of a section that names one secret in two ways; None: nothing.

    Examples
    --------
    >>> find_doubled({"sender", "password_env", "password_file"})
    'password_env and password_file name one secret: give one of them'
    """
    for stem in sorted({re.sub(r"_(?:env|file)$", "", name) for name in names}):
        ways = [way for way in (stem, f"{stem}_env", f"{stem}_file") if way in names]
        if len(ways) > 1:
            return f"{' and '.join(ways)} name one secret: give one of them"
    return None


def list_secret_files(settings: BaseModel) -> Iterator[tuple[str, Path]]:
    """Yield the files of secrets that settings name, each with its place: ``mail.password_file``."""
    for place, section, name in _walk(settings, ""):
        if name.endswith("_file") and isinstance(path := getattr(section, name), Path):
            yield place + name, path


def list_secret_names(settings: BaseModel) -> Iterator[tuple[str, str]]:
    """Yield the variables of secrets that have no file, each with its place: ``mail.password_env``."""
    for place, section, name in _walk(settings, ""):
        variable = getattr(section, name) if name.endswith("_env") else None
        if variable is not None and getattr(section, f"{name.removesuffix('_env')}_file", None) is None:
            yield place + name, variable


def _walk(section: BaseModel, place: str) -> Iterator[tuple[str, BaseModel, str]]:
    """Yield every field of settings: the place of its section, the section, its name."""
    for name, value in section:
        yield place, section, name
        for number, item in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
            if isinstance(item, BaseModel):
                yield from _walk(item, f"{place}{name}" + ("." if number is None else f"[{number}]."))


def find_exposure(path: Path) -> str | None:
    """Return who else may read a secret's file, and what to do; None: nobody, or there is none."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return None
    if not mode & 0o077 or any(path.is_relative_to(folder) for folder in _KEPT_BY_OTHERS):
        return None
    return f"{path} can be read by others than its owner: chmod 600 {path}"


def with_whole_files(value: Any, folder: Path) -> Any:
    """Return settings, or a list of them, with the paths of secrets' files made absolute."""
    if isinstance(value, tuple):
        whole = tuple(with_whole_files(item, folder) for item in value)
        return whole if any(new is not old for new, old in zip(whole, value, strict=True)) else value
    if not isinstance(value, BaseModel):
        return value
    update: dict[str, Any] = {}
    for name, item in value:
        if name.endswith("_file") and isinstance(item, Path):
            update[name] = folder / item.expanduser()
        elif (whole := with_whole_files(item, folder)) is not item:
            update[name] = whole
    return value.model_copy(update=update) if update else value
