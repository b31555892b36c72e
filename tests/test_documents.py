"""What is documented is there, and what is there is documented."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import re
from pathlib import Path

import click
import jsonschema
import pytest
import yaml

import harvester
from harvester.cli.commands import cli
from harvester.cli.documents import write_documents
from harvester.exports import FORMATS
from harvester.ground.errors import ExitCode
from harvester.jobs.job import read_settings
from harvester.jobs.setup import write_sample
from harvester.sources.pubmed.query import lint_query

ROOT = Path(__file__).parents[1]


def read(name: str) -> str:
    """Read a document."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_names_every_command_and_exit_code() -> None:
    """And no command that is not there."""
    readme = read("README.md")
    assert set(re.findall(r"\| `harvester ([a-z]+)", readme)) == set(cli.commands)
    for code in ExitCode:
        assert re.search(rf"\b{code.value}\b", readme)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_the_targets_that_are_named_are_there(document: str) -> None:
    """In code, where one may stand behind another."""
    for targets in re.findall(r"(?m)(?:^|`)make((?: [a-z-]+)+)", read(document)):
        for target in targets.split():
            assert re.search(rf"^{target}:", read("Makefile"), re.MULTILINE), f"make {target} is not there"


def test_the_readme_names_every_format() -> None:
    """In the order of the list."""
    (row,) = re.findall(r"\| `harvester export FORMAT` \| (.*?);", read("README.md"))
    assert re.findall("`([a-z-]+)`", row) == list(FORMATS)


def test_every_option_has_a_help_text() -> None:
    """`--help` is the first document that people read."""
    for name, command in cli.commands.items():
        assert command.help, name
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help, f"{name} {option.name}"


def test_the_shipped_settings_are_without_mistakes() -> None:
    """And the query without what the linter knows."""
    settings = read_settings(ROOT / "config.yaml")
    assert settings.sources.pubmed is not None
    assert lint_query(settings.sources.pubmed.query) == []
    assert len(settings.sources.feeds) >= 25
    assert all(feed.url.startswith("https://") for feed in settings.sources.feeds)


def test_the_shipped_settings_are_what_init_writes() -> None:
    """One text, in harvester/jobs/config.template.yaml: `write_sample()` gives the file anew."""
    assert read("config.yaml") == write_sample()


def test_what_is_generated_is_in_step() -> None:
    """Tables of settings and columns, the schema of the settings, the manual page, the samples of `schedule`."""
    assert write_documents(ROOT, dry_run=True) == []


def test_editors_get_a_schema_that_takes_the_shipped_settings() -> None:
    """And refuses what the program refuses."""
    schema = json.loads(read("docs/config.schema.json"))
    settings = yaml.safe_load(read("config.yaml"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(settings, schema)
    mistakes = {**settings, "colour": "red", "mail": {**settings["mail"], "port": 99_999}}
    found = [list(error.path) for error in jsonschema.Draft202012Validator(schema).iter_errors(mistakes)]
    assert sorted(found) == [[], ["mail"]]
    line = read("config.yaml").splitlines()[0]
    assert (ROOT / line.removeprefix("# yaml-language-server: $schema=")).is_file()


def test_links_between_documents_lead_somewhere() -> None:
    """Of those at the top and everything below docs/ and contrib/."""
    for document in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "contrib").rglob("*.md")):
        for link in re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (document.parent / link).exists(), f"{document.name}: {link}"


@pytest.mark.parametrize(
    "name",
    [item.name for item in pkgutil.walk_packages(harvester.__path__, "harvester.") if "__main__" not in item.name],
)
def test_examples_in_docstrings_run(name: str) -> None:
    """As they stand."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0
