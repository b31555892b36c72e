"""The failure bodies that were observed at NCBI: each is noticed, told, and cured by another try."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from harvester.ground.errors import FetchError
from harvester.ground.http import HttpOptions, PoliteSession
from harvester.sources.pubmed.client import PubmedClient
from harvester.sources.pubmed.settings import PubmedSettings
from tests.conftest import UNPACED
from tests.scripted_server import Reply, Seen, serve

pytestmark = pytest.mark.real

QUICK = HttpOptions(connect_timeout=1, read_timeout=1, total_timeout=3, attempts=2, backoff_seconds=0.01, max_wait=0.05)
FOUND = Reply(body=b'{"esearchresult":{"count":"1","idlist":["1"]}}')


@contextmanager
def asking(script: list[Reply] | Callable[[Seen], Reply]) -> Iterator[PubmedClient]:
    """Give a client whose server answers so."""
    with serve(script) as server, PoliteSession("harvester/test", options=QUICK) as http:
        settings = PubmedSettings(query="ketamine", base_url=server.url)
        yield PubmedClient(http, settings, "you@example.org", None, limits=UNPACED)


def read_replies(folder: Path, program: str) -> dict[str, Reply]:
    """Give the observed answers of a program; the status is in the file's name, the headers in a file beside it."""
    replies = {}
    for path in sorted((folder / "eutils_responses" / "ncbi_error_bodies").iterdir()):
        named = re.fullmatch(r"(\w+?)_([0-9]{3})_.*\.(json|xml)", path.name)
        if named is None or named[1] not in (program, "eutils"):
            continue
        head = path.with_suffix(".headers.txt")
        lines = head.read_text("utf-8").splitlines()[1:] if head.exists() else []
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        kind = "application/json" if named[3] == "json" else "text/xml"
        headers["Content-Type"] = kind
        replies[path.name] = Reply(status=int(named[2]), body=path.read_bytes(), headers=headers)
    return replies


def test_every_failure_of_a_search_is_told_and_cured_by_another_try(shared_data: Path) -> None:
    """Errors inside a 200, with a raw line break, or 429."""
    replies = read_replies(shared_data, "esearch")
    assert len(replies) >= 7
    for name, reply in replies.items():
        if "zero_hits" in name:
            continue
        with asking([reply, FOUND]) as client:
            assert client.search("x").pmids == ("1",), name
        with asking([reply]) as client, pytest.raises(FetchError) as caught:
            client.search("x")
        stated = re.search(rb'"(?:ERROR|error)":"([^"]+)', reply.body)
        assert stated is not None
        assert " ".join(stated[1].decode().split())[:60] in caught.value.message, name
        assert "\n" not in str(caught.value)


def test_no_hit_is_asked_for_again_and_not_taken_for_a_quiet_week(shared_data: Path) -> None:
    """Where the query has found papers before."""
    (reply,) = [reply for name, reply in read_replies(shared_data, "esearch").items() if "zero_hits" in name]
    with asking([reply, FOUND]) as client:
        assert [search.pmids for search in client.find(date(2026, 11, 2), date(2026, 11, 9))] == [("1",)]
    with asking([reply]) as client, pytest.raises(FetchError, match="which cannot be"):
        client.find(date(2026, 11, 2), date(2026, 11, 9), has_found=True)


def test_every_failure_of_a_fetch_leaves_its_records_unaccounted_for(shared_data: Path) -> None:
    """An unknown PMID, an ID list that is refused, 429."""
    replies = read_replies(shared_data, "efetch")
    assert len(replies) >= 3
    for name, reply in replies.items():
        with asking([reply]) as client:
            fetched = client.fetch(["1", "2"])
        assert (fetched.records, fetched.missing) == ((), ("1", "2")), name
        assert (fetched.error is None) == (reply.status == 200), name


def test_answers_of_other_programs_are_no_search_results(shared_data: Path) -> None:
    """Whatever NCBI sends in the place of an answer, it does not pass for an empty one."""
    bodies = [
        path.read_bytes()
        for folder in ("biopython", "klortho")
        for path in sorted((shared_data / "eutils_responses" / folder).iterdir())
        if path.suffix in (".xml", ".json") and not path.name.startswith("esearch")
    ]
    assert len(bodies) > 100
    remaining = iter(bodies)
    with asking(lambda seen: Reply(body=next(remaining))) as client:
        for _ in range(len(bodies) // QUICK.attempts):
            with pytest.raises(FetchError):
                client.search("x")
