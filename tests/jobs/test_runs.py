"""The note of runs: bounded, readable, whole whatever happens."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from harvester.jobs.runs import Run, RunFile, fit_names, fit_text

BEGUN = Run(command="run", began="2026-11-23T06:00:00Z", process=1)


def test_runs_are_numbered_and_read_in_order(tmp_path: Path) -> None:
    """A run that ends is written over its beginning."""
    file = RunFile(tmp_path)
    first, second = file.write(BEGUN), file.write(replace(BEGUN, command="send"))
    file.write(replace(first, ended="2026-11-23T06:01:00Z", exit=0, told="done"))
    assert [(run.number, run.command, run.exit) for run in file.read()] == [(1, "run", 0), (2, "send", None)]
    assert second == file.read()[1]


def test_the_newest_hundred_are_kept_in_a_file_of_one_size(tmp_path: Path) -> None:
    """Ten years of daily runs take as much as a day's."""
    file = RunFile(tmp_path)
    file.write(BEGUN)
    size = file.path.stat().st_size
    for _ in range(250):
        file.write(BEGUN)
    assert file.path.stat().st_size == size
    assert [run.number for run in file.read()] == list(range(152, 252))


def test_each_line_is_json_for_other_programs(tmp_path: Path) -> None:
    """Whatever a run had to tell: what does not fit is cut between characters."""
    long = Run(
        command="run",
        began="2026-11-23T06:00:00Z",
        process=4_194_304,
        ended="2026-11-23T06:00:00Z",
        exit=75,
        failed=fit_names(f'Zeitschrift für "Ä" {number}' for number in range(100)),
        told=fit_text('"\\\n€' * 300),
    )
    file = RunFile(tmp_path)
    file.write(long)
    (line,) = [line for line in file.path.read_text("utf-8").splitlines() if line.strip()]
    assert json.loads(line)["exit"] == 75
    (read,) = file.read()
    assert read == replace(long, number=1)
    assert len(read.failed) > 5


def test_what_was_cut_or_is_of_others_is_passed_over(tmp_path: Path) -> None:
    """A note is no reason to fail."""
    file = RunFile(tmp_path)
    assert file.read() == []
    file.path.write_bytes(b'{"number": 7, "comm')
    assert file.read() == []
    file.write(BEGUN)
    file.write(BEGUN)
    assert [run.number for run in file.read()] == [1, 2]
    file.path.write_bytes(b'[]\n{"other": 1}\nnull\n\xff\n')
    assert file.read() == []
