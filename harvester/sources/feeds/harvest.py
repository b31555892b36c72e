"""A feed as a source: asked beside the others, its entries on the topic handed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import ClassVar

from harvester.ground.checkup import Finding
from harvester.ground.counted import counted
from harvester.ground.errors import SourceError
from harvester.ground.http import Answer
from harvester.library.raw import StoredAnswer
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
        self._settings = settings
        self._answers: list[tuple[str, Answer]] = []
        self._result: FeedResult | SourceError | None = None

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
        if isinstance(self._result, FeedResult):
            entries = len(self._result.feed.records) if self._result.feed is not None else 0
            warnings = self._result.warnings
            told = "; ".join([counted(entries, "entry", "entries"), *warnings])
            yield Finding(what=what, verdict="warning" if warnings else "ok", told=told)
        else:
            yield self.failed(str(self._result), what=what)

    def ask(self, desk: Desk) -> None:
        """Ask for what changed since the last answer."""
        self._fetch(desk.outside, FeedState.from_json(desk.mark))

    def harvest(self, desk: Desk) -> SourceReport:
        """Save the answer, and hand in its entries on the topic."""
        answers = [desk.save_answer(name, answer) for name, answer in self._answers]
        report = self.report(desk)
        result = self._result
        if not isinstance(result, FeedResult):
            return desk.close(replace(report, answered=False, error=str(result)))
        mark = {name: value for name, value in asdict(result.state).items() if value}
        if result.feed is None:
            report = replace(report, unchanged=True, notes=result.warnings)
            return desk.close(report, mark=mark, searches=[SearchAccount(url=self._settings.url)])
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
            url=self._settings.url,
            count=read + len(unreadable),
            fetched=read,
            left_out=left_out,
            unreadable=unreadable,
        )
        return desk.close(report, mark=mark, searches=[account])

    def _fetch(self, outside: Outside, state: FeedState) -> None:
        self._answers = []
        try:
            with outside.open_session(FEED_BYTES) as session:
                self._result = fetch_feed(
                    session, self._settings, state, save_raw=lambda name, answer: self._answers.append((name, answer))
                )
        except SourceError as failure:
            self._result = failure
