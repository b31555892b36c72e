"""What an edition's page exports is what the command exports of the same studies."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harvester.cli.commands import main
from harvester.exports import FORMATS
from tests.browser import IN_BROWSER, drive

SAVE = """
    const blobs = [];
    URL.createObjectURL = (blob) => { blobs.push(blob); return "#"; };
    HTMLAnchorElement.prototype.click = function () {};
    const buttons = [...document.querySelectorAll("[data-export]")];
    const bytes = async (blob) => [...new Uint8Array(await blob.arrayBuffer())];
"""


def export(run: Path, path: Path, name: str, study_ids: list[str]) -> bytes:
    """Export some studies of a run with the command."""
    where = f"study_id in ({', '.join(map(repr, study_ids))})"
    with pytest.raises(SystemExit) as caught:
        main(["export", name, "--where", where, "-o", str(path), "--config", str(run / "config.yaml"), "--quiet"])
    assert caught.value.code == 0
    return path.read_bytes()


class TestInBrowser:
    pytestmark = IN_BROWSER

    def test_page_and_command_write_the_same_bytes(self, demo_run: Path, tmp_path: Path) -> None:
        """All that the page shows, changed papers too, and one that is ticked, in each format that has a button."""
        page = (demo_run / "digests" / "2026-W48" / "weekly" / "index.html").read_text(encoding="utf-8")
        found = re.findall(r'id="studies">(.*?)</script>', page, re.DOTALL)
        shown = list(json.loads(found[0])["studies"])
        retracted = re.findall(r'data-study="(S[0-9]+)">\s*<h3[^>]*><b>Retracted', page)
        assert retracted
        answer = drive(
            tmp_path,
            page,
            SAVE
            + f"""
            for (const button of buttons) button.click();
            document.querySelector('[data-study={retracted[0]}] input').click();
            for (const button of buttons) button.click();
            return [buttons.map((button) => button.dataset.export), await Promise.all(blobs.map(bytes))];
            """,
        )
        names, files = answer[0], [bytes(content) for content in answer[1]]
        assert {"ris", "bibtex", "csv"} <= set(names)
        for place, name in enumerate(names):
            assert files[place] == export(demo_run, tmp_path / "out", name, shown), name
            alone = files[len(names) + place]
            assert alone == export(demo_run, tmp_path / "out", name, retracted[:1]), name
            assert b"RETRACTED PUBLICATION" in alone or b",retracted," in alone


def test_the_references_of_an_edition_are_the_same_pieces(demo_run: Path, tmp_path: Path) -> None:
    """In the edition's order, which is that of reading."""
    edition = demo_run / "digests" / "2026-W48" / "weekly"
    study_ids = [study["study_id"] for study in json.loads((edition / "digest.json").read_text("utf-8"))["studies"]]
    expected = b"".join(export(demo_run, tmp_path / "out", "ris", [study_id]) for study_id in study_ids)
    assert (edition / f"references.{FORMATS['ris'].suffix}").read_bytes() == expected
