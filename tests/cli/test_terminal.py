"""What the commands print: one of a thing is in the singular."""

from __future__ import annotations

import pytest

from harvester.cli.terminal import describe_imported, describe_outcome, describe_rebuilt, format_log
from harvester.jobs.maintain import Rebuilt
from harvester.jobs.pipeline import Outcome
from harvester.jobs.questions import LOG_COLUMNS
from harvester.studies.integrate import Integrated
from harvester.studies.naming import Named


@pytest.mark.parametrize(("number", "shown"), [(0, "0 new studies"), (1, "1 new study"), (2, "2 new studies")])
def test_a_run_counts_its_new_studies(number: int, shown: str) -> None:
    assert describe_outcome(Outcome(new_studies=number)).splitlines()[0] == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, "1 new study, 1 record joined a study, 1 study changed"),
        (2, "2 new studies, 2 records joined studies, 2 studies changed"),
    ],
)
def test_an_import_counts_what_came_of_it(number: int, shown: str) -> None:
    assert describe_imported(Integrated(new=number, joined=number, changed=number)) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, "1 study and 1 edition made again from 1 change"),
        (2, "2 studies and 2 editions made again from 2 changes"),
    ],
)
def test_a_rebuild_counts_what_it_made(number: int, shown: str) -> None:
    rebuilt = Rebuilt(
        changes=number, studies=number, editions=number, written=(), differences=None, named=Named(), before=None
    )
    assert describe_rebuilt(rebuilt) == shown


@pytest.mark.parametrize(("number", "shown"), [(1, "1 found, 1 new study"), (1200, "1,200 found, 1,200 new studies")])
def test_the_search_log_counts_new_studies(number: int, shown: str) -> None:
    row = dict.fromkeys(LOG_COLUMNS) | {"asked_at": "2026-11-16T06:00:00Z", "source": "PubMed"}
    assert format_log([row | {"count": number, "new": number}]).endswith(f"PubMed: {shown}")
