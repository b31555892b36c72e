"""A feed as a source: asked beside the others, its entries on the topic handed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import ClassVar

from harvester.ground.checkup import Finding
from harvester.ground.counted import counted
from harvester.ground.errors import FetchError, SourceError
from harvester.ground.http import Answer
from harvester.ground.secrets import hide_address
from harvester.library.raw import StoredAnswer
from harvester.paper.identifiers import safe_url
from harvester.paper.records import BadRecord, Record
from harvester.paper.reports import SourceReport
from harvester.sources.desk import Desk, Outside, SearchAccount
from harvester.sources.feeds.fetch import FeedResult, FeedState, fetch_feed
from harvester.sources.feeds.parse import parse_feed
from harvester.sources.feeds.settings import FeedSettings
from harvester.sources.source import Source

# The largest feeds are some 2 MB; an answer beyond this is no feed, and would take feedparser minutes to read.
FEED_BYTES = 16_000_000


class JournalFeed(Source):
    """One RSS or Atom feed."""

    kind: ClassVar[str] = "feed"
    section: ClassVar[str] = "feeds"
    settings_model: ClassVar[type[FeedSettings]] = FeedSettings
    is_list: ClassVar[bool] = True
    rank: ClassVar[int] = 2
    platform: ClassVar[str] = "RSS or Atom feed"
    leaves_out: ClassVar[bool] = True

    def __init__(self, settings: FeedSettings) -> None:
        self.name = settings.name
        self.key = f"feed:{settings.name}"
        self.required = settings.required
        self.tolerate = settings.tolerate
        self._settings = settings
        self._address = settings.url
        self._answers: list[tuple[str, Answer]] = []
        self._result: FeedResult | Exception | None = None

    @classmethod
    def reread(cls, answer: StoredAnswer, key: str) -> Sequence[Record | BadRecord]:
        """Read the records of a feed's answer again."""
        content_type = answer.header["headers"].get("Content-Type")
        return parse_feed(
            answer.content, name=key.removeprefix("feed:"), url=answer.header["url"], content_type=content_type
        ).records

    def check(self, outside: Outside) -> Iterator[Finding]:
        """Ask for the whole feed."""
        what = f"feed {self.name}"
        self._fetch(outside, FeedState())
        try:
            result = self._take_result()
        except SourceError as error:
            yield self.failed(str(error), what=what)
            return
        entries = len(result.feed.records) if result.feed is not None else 0
        told = "; ".join([counted(entries, "entry", "entries"), *result.warnings])
        yield Finding(what=what, verdict="warning" if result.warnings else "ok", told=told)

    def ask(self, desk: Desk) -> None:
        """Ask for what changed since the last answer."""
        self._fetch(desk.outside, FeedState.from_json(desk.mark))

    def harvest(self, desk: Desk) -> SourceReport:
        """Save the answer, and hand in its entries on the topic."""
        answers = [desk.save_answer(name, answer) for name, answer in self._answers]
        report = self.report(desk)
        result = self._take_result()
        mark = {name: value for name, value in asdict(result.state).items() if value}
        if result.feed is None:
            report = replace(report, unchanged=True, notes=result.warnings)
            return desk.close(report, mark=mark, searches=[SearchAccount(url=self._address)])
        on_topic = [record for record in result.feed.records if desk.is_on_topic(record)]
        notes = [
            *result.warnings,
            *(f"an entry could not be read and was skipped: {bad.reason}" for bad in result.feed.bad),
            *([result.gap.describe()] if result.gap is not None else []),
        ]
        new = desk.hand_in(on_topic, answers=answers)
        unreadable = [bad.pmid or "an entry" for bad in result.feed.bad]
        read = len(result.feed.records)
        left_out = read - len(on_topic)
        report = replace(report, received=read, new=new, left_out=left_out, notes=tuple(notes))
        account = SearchAccount(
            url=self._address,
            count=read + len(unreadable),
            fetched=read,
            left_out=left_out,
            unreadable=unreadable,
        )
        return desk.close(report, mark=mark, searches=[account])

    def _fetch(self, outside: Outside, state: FeedState) -> None:
        """Ask for the feed, and keep what came of it, whatever that is: `harvest` saves the answers first."""
        self._answers = []
        try:
            secret_url = self._read_url(outside)
            self._address = self._settings.url or hide_address(secret_url or "")
            with outside.open_session(FEED_BYTES) as session:
                self._result = fetch_feed(
                    session,
                    self._settings,
                    state,
                    save_raw=lambda name, answer: self._answers.append((name, answer)),
                    secret_url=secret_url,
                )
        except Exception as failure:  # noqa: BLE001 - raised by `_take_result`
            self._result = failure

    def _take_result(self) -> FeedResult:
        if isinstance(self._result, FeedResult):
            return self._result
        raise self._result or AssertionError("a feed is asked before it is harvested")

    def _read_url(self, outside: Outside) -> str | None:
        """Return the feed's address, where that is a secret; None: it stands in the settings."""
        variable, file = self._settings.url_env, self._settings.url_file
        if variable is None and file is None:
            return None
        url = safe_url(outside.read_secret(variable, file))
        if url is None:
            place = f"the environment variable {variable} is not set, or" if variable is not None else str(file)
            raise FetchError(
                f"{place} holds no http(s) address",
                source=self.key,
                advice="put the feed's address there",
            )
        return url
