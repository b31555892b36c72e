"""The generated parts of the documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli.documents import Part, main, replace_part, write_documents

PARTS = (
    Part(document="a.md", name="one", describe=lambda: "1\n"),
    Part(document="a.md", name="two", describe=lambda: "2\n"),
)


def test_parts_are_written_and_what_stands_around_them_stays(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text("A.\n<!-- one: begin -->\nold\n<!-- one: end -->\nB.\n<!-- two: begin -->\n<!-- two: end -->\nC.\n")
    before = page.read_text()
    assert write_documents(tmp_path, PARTS, dry_run=True) == ["a.md"]
    assert page.read_text() == before
    assert write_documents(tmp_path, PARTS) == ["a.md"]
    assert page.read_text() == (
        "A.\n<!-- one: begin -->\n1\n<!-- one: end -->\nB.\n<!-- two: begin -->\n2\n<!-- two: end -->\nC.\n"
    )
    assert write_documents(tmp_path, PARTS) == []


@pytest.mark.parametrize("text", ["", "<!-- a: begin -->\n", "<!-- a: end -->\n<!-- a: begin -->\n"])
def test_a_document_without_its_marks_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="a: begin --> and <!-- a: end"):
        replace_part(text, "a", "new\n")


def test_the_command_says_what_is_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (Path(__file__).parents[2] / "docs").glob("*.md"):
        (tmp_path / "docs").mkdir(exist_ok=True)
        emptied = re.sub(r"(: begin -->\n).*?(<!-- )", r"\1\2", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        (tmp_path / "docs" / path.name).write_text(emptied, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["check"])
    assert "docs/table.md is behind its declarations: run `make docs`\n" in done.output
    assert done.exit_code == 1
    assert "contrib/harvester.service is behind" in done.output
    assert CliRunner().invoke(main, ["write"]).exit_code == 0
    assert CliRunner().invoke(main, ["check"]).output == ""
