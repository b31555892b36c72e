"""How a source was asked: what the receipt, the search log and the exit code are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """How one source was asked, and what it answered."""

    name: str  # as readers know it: "PubMed", or the feed's name
    kind: str  # the kind of source: "pubmed", "feed", "retraction-watch"
    asked_at: str  # UTC time
    answered: bool
    received: int = 0  # records or entries in the answer
    new: int = 0  # studies that nobody had named before
    left_out: int = 0  # of those received: off the topic, and in no table
    error: str | None = None  # why there was no usable answer, without secrets; None: answered
    failing_since: str | None = None  # UTC time or day of the first failure in an unbroken row
    failed_runs: int = 0  # in an unbroken row, this one included
    is_tolerated: bool = False  # it failed too rarely yet to be told of outside the receipt
    next_try: str | None = None  # UTC time or day; None: with the next run
    notes: tuple[str, ...] = ()  # what the source warned of ("term not found: …"), bad records skipped
    alarms: tuple[str, ...] = ()  # those of the notes that cron must hear of: something else was asked than was meant
    query: str | None = None  # the search as it was sent
    translation: str | None = None  # how the source understood it
    window: tuple[str, str] | None = None  # first and last ISO day asked for
    unchanged: bool = False  # a feed that said "not modified"
    is_required: bool = False  # an edition without it is incomplete
    # What a reader may miss if it fails, a sentence; see `harvester.sources.source.Source`.  "": stored before there
    # were such sentences.
    loss: str = ""
    gives_papers: bool = True  # False: it tells of papers that others gave
    listed: int = 0  # papers that it said it has, those included that came before; 0: it does not say
    missing: int = 0  # of those: did not come, or cannot be read

    @property
    def lacks_much(self) -> bool:
        """Whether so much is missing that an edition made of this is incomplete.

        One paper that is listed and never comes must not call every edition incomplete, a failure half-way must: more
        than two papers that are more than one in a hundred, or half of what was listed, or nobody knows how many.
        """
        if not self.answered:
            return True
        if self.error is None:
            return False
        return (
            not self.missing
            or (self.missing > 2 and self.missing * 100 > self.listed)
            or (self.missing * 2 >= self.listed)
        )
