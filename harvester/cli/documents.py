"""The generated documents and parts of documents, written from the declarations that they list.

``make docs`` runs it with ``write``, ``make check`` with ``check``. A generated part stands between the lines
``<!-- NAME: begin -->`` and ``<!-- NAME: end -->`` of its document; what stands around them is written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from harvester.cli.commands import cli
from harvester.cli.manual import describe_manual
from harvester.config.document import describe_settings
from harvester.config.loading import parse_settings
from harvester.ground.files import write_atomically
from harvester.jobs.job import GRAMMAR
from harvester.jobs.schedule import FILES, Place, build_files
from harvester.jobs.setup import CONFIG_NAME, Answers, write_schema, write_settings
from harvester.table.document import describe_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A document or a part of one, and what writes it."""

    document: str
    name: str | None = None  # None: the whole document
    describe: Callable[[], str]  # whole lines


def _write_sample(name: str) -> str:
    """Return a file of `schedule` for a program and settings in /opt/harvester."""
    home = Path("/opt/harvester")
    settings = parse_settings(write_settings(Answers()), GRAMMAR, name=CONFIG_NAME, folder=home)
    place = Place(config=home / CONFIG_NAME, program=home / ".venv/bin/harvester", user="harvester")
    return build_files(settings, place)[name]


PARTS = (
    Part(document="docs/table.md", name="columns", describe=describe_table),
    Part(document="docs/settings.md", name="settings", describe=lambda: describe_settings(GRAMMAR.model)),
    Part(document="docs/config.schema.json", describe=write_schema),
    Part(document="docs/harvester.1", describe=lambda: describe_manual(cli)),
    *(Part(document=f"contrib/{name}", describe=partial(_write_sample, name)) for name in FILES),
)


def replace_part(text: str, name: str, content: str) -> str:
    r"""Return a document with another content between the two marks of a part.

    Raises
    ------
    ValueError
        If the document does not hold the two marks, in this order.

    Examples
    --------
    >>> replace_part("before\n<!-- a: begin -->\nold\n<!-- a: end -->\nafter\n", "a", "new\n")
    'before\n<!-- a: begin -->\nnew\n<!-- a: end -->\nafter\n'
    """
    begin, end = (f"<!-- {name}: {place} -->\n" for place in ("begin", "end"))
    before, opened, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"the marks {begin.strip()} and {end.strip()} are missing")
    return before + begin + content + end + after


def write_documents(root: Path, parts: Iterable[Part] = PARTS, *, dry_run: bool = False) -> list[str]:
    """Write the documents that are behind their declarations, and return which these are."""
    parts_of: dict[str, list[Part]] = {}
    for part in parts:
        parts_of.setdefault(part.document, []).append(part)
    behind = []
    for document, inside in parts_of.items():
        path = root / document
        before = after = path.read_text(encoding="utf-8") if path.exists() else ""
        for part in inside:
            after = part.describe() if part.name is None else replace_part(after, part.name, part.describe())
        if after != before:
            behind.append(document)
            if not dry_run:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, after.encode())
    return behind


@click.command()
@click.argument("action", type=click.Choice(["write", "check"]))
def main(action: str) -> None:
    """Write the generated parts of the documents below this folder, or check that they are in step."""
    behind = write_documents(Path(), dry_run=action == "check")
    for document in behind:
        click.echo(f"{document} is behind its declarations: run `make docs`" if action == "check" else document)
    if behind and action == "check":
        raise SystemExit(1)


if __name__ == "__main__":
    main()
