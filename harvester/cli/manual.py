"""The manual page, docs/harvester.1, from the commands' own help."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from harvester import __version__

_ABOUT = "follow the research on a topic: one table, and a weekly digest by mail"


def describe_manual(group: click.Group) -> str:
    """Return the manual page of a group of commands, as man(7) wants it."""
    context = click.Context(group, info_name="harvester")
    shared = _shared_options(group)
    lines = [
        f'.TH HARVESTER 1 "" "harvester {__version__}" "User Commands"',
        ".SH NAME",
        f"harvester \\- {_ABOUT}",
        ".SH SYNOPSIS",
        ".B harvester",
        "\\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]",
        ".SH DESCRIPTION",
        *_paragraphs(group.help or ""),
        ".SH OPTIONS",
        "Every command takes these:",
        *_describe_options(shared, context),
        ".SH COMMANDS",
    ]
    for name, command in group.commands.items():
        inner = click.Context(command, info_name=name, parent=context)
        usage = " ".join(piece for piece in command.collect_usage_pieces(inner) if piece != "[OPTIONS]")
        own = [option for option in _options(command) if option.opts not in [other.opts for other in shared]]
        lines += [".SS", f"\\fBharvester {_escape(name)}\\fR {_escape(usage)}".rstrip()]
        lines += [*_paragraphs(command.help or ""), *_describe_options(own, inner)]
    lines += [".SH EXIT STATUS", *_describe_codes(group.epilog or "")]
    lines += [
        ".SH FILES",
        *_item("config.yaml", "The settings, in the working directory unless \\-\\-config names another file."),
        *_item(
            "data/, digests/", "The library with its table, and the editions, unless the settings name other folders."
        ),
    ]
    return "\n".join(lines) + "\n"


def _options(command: click.Command) -> list[click.Option]:
    return [option for option in command.params if isinstance(option, click.Option)]


def _shared_options(group: click.Group) -> list[click.Option]:
    """Return the options that all commands have, in the order of the first of them."""
    first, *others = (_options(command) for command in group.commands.values())
    return [option for option in first if all(option.opts in [other.opts for other in there] for there in others)]


def _describe_options(options: list[click.Option], context: click.Context) -> Iterator[str]:
    for option in options:
        record = option.get_help_record(context)
        if record is not None:
            names, told = record
            yield from _item(_escape(names), _escape(told))


def _describe_codes(epilog: str) -> Iterator[str]:
    for code, told in re.findall(r"(?m)^ +(\d+) +(.*)$", epilog):
        yield from _item(code, _escape(told))


def _item(term: str, told: str) -> Iterator[str]:
    yield from (".TP", f".B {term}", told)


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.replace("\b", "").strip())):
        if number:
            yield ".PP"
        yield _escape(" ".join(paragraph.split()))


def _escape(text: str) -> str:
    """Write a text so that troff sets it as it is."""
    escaped = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped
