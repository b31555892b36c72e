"""The receipt: what was asked, what came, what failed; the search as run; how to leave and whom to write to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.digest.edition import Edition, section_of
from harvester.digest.entries import Link
from harvester.digest.markup import clean, shorten, web_link, weigh
from harvester.digest.sections import BY_NAME, SECTIONS
from harvester.digest.words import count_words, date_words, join_words, number_words, range_words, time_words
from harvester.paper.reports import SourceReport

# All in bytes in the mail.
_LONGEST_NAME = 80  # characters in the settings
_LONGEST_NOTE = 300  # an error or a warning
_LONGEST_NOTES = 900  # all that is said of a source
# What a reader may miss, by the kind of source, for editions whose reports do not say it themselves.
_FORMER_LOSSES = {
    "pubmed": "Most new papers come from {there}: this edition is incomplete, and the next will catch up.",
    "feed": "Papers that only {it lists} may be missing; what is in PubMed is here.",
    "list": "Retractions that PubMed does not know of yet may be missing.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source of the receipt."""

    name: str
    asked: str
    received: str
    new: str
    line: str  # the four as a sentence, for the text part
    note: str  # what failed and when it will be tried again, what it warned of; "" if all is well


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView:
    """A search as it was run."""

    heading: str
    query: str  # "" where there was not room for it
    translation_heading: str
    translation: str  # "" if not known or no room
    more: str  # what is only on the page; ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The last section."""

    heading: str
    made: str
    asked: str  # heading of the times, with the day if they share one
    rows: tuple[SourceRow, ...]
    more_rows: str  # "12 more sources answered; they are listed on the page."; ""
    searches: tuple[SearchView, ...]
    remarks: tuple[str, ...]
    leave: Link
    contact: Link


def build_receipt(edition: Edition, *, query_limit: int | None, rows: int | None) -> Receipt:
    """Return the receipt.

    Parameters
    ----------
    query_limit
        Bytes in the mail beyond which a search is left to the page; None: no limit.
    rows
        How many sources to list, those that failed first if not all; None: all.
    """
    reports = list(edition.reports)
    listed = reports
    if rows is not None and len(reports) > rows:
        listed = sorted(reports, key=lambda report: (report.answered, not report.new))[:rows]
    left = len(reports) - len(listed)
    days = {time_words(report.asked_at, edition.timezone).rpartition(", ")[0] for report in reports}
    day = days.pop() if len(days) == 1 else ""
    mailto = Link(text=edition.contact, href=web_link(f"mailto:{edition.contact}") or "")
    leave = web_link(edition.unsubscribe)
    return Receipt(
        heading=BY_NAME["receipt"].heading,
        made=f"Made on {time_words(edition.made_at, edition.timezone)} ({edition.timezone}) "
        f"by harvester {edition.version}.",
        asked=f"Asked on {day}" if day else "Asked",
        rows=tuple(_row(report, edition.timezone, day=day) for report in listed),
        more_rows=f"{count_words(left, 'more source')} on the page." if left else "",
        searches=tuple(_search(report, limit=query_limit) for report in edition.reports if report.query is not None),
        remarks=_remarks(edition),
        leave=Link(text="Stop receiving this digest", href=leave or mailto.href),
        contact=mailto,
    )


def failure_lines(reports: Sequence[SourceReport], *, zone: str) -> tuple[str, str]:
    """Return which sources failed since when, and what that may mean; twice "" if all answered.

    Examples
    --------
    >>> silent = {"asked_at": "2026-11-16T06:00:00Z", "answered": False, "loss": "What {it lists} may be missing."}
    >>> failure_lines([SourceReport(name="A", kind="feed", **silent)], zone="UTC")
    ('A did not answer.', 'What it lists may be missing.')
    """
    answered = any(report.answered for report in reports)
    # What fails now and then is the receipt's to tell; not where nothing answered.
    told = [report for report in reports if not (report.is_tolerated and answered)]
    failed = [report for report in told if not report.answered]
    partial = [report for report in told if report.answered and report.lacks_much]
    sentences = []
    for group, what in ((failed, "did not answer"), (partial, "gave only a part of what was asked for")):
        first = [_failed_words(report, zone=zone) for report in group[:3]]
        rest = len(group) - len(first)
        names = join_words([*first, count_words(rest, "other source")] if rest else first)
        sentences += [f"{names} {what}."] if group else []
    return " ".join(sentences), " ".join(_name_losses(sorted(failed + partial, key=is_required, reverse=True)))


def _name_losses(failed: Sequence[SourceReport]) -> list[str]:
    """Return what readers may miss, each loss once; without a required source, what others alone list matters less."""
    sources: dict[str, list[SourceReport]] = {}
    for report in failed:
        if not is_required(failed[0]) or is_required(report) or not report.gives_papers:
            loss = clean(report.loss or _FORMER_LOSSES.get(report.kind, _FORMER_LOSSES["feed"]))
            sources.setdefault(loss, []).append(report)
    sentences = []
    for loss, those in sources.items():
        name = source_name(those[0])
        there, lists = ("there", "it lists") if len(failed) == 1 else (name, f"{name} lists")
        lists = lists if len(those) == 1 else "they list"
        sentences.append(loss.replace("{there}", there).replace("{it lists}", lists))
    return sentences


def waited_line(edition: Edition) -> str:
    """Return the sentence that an edition waited for a source in vain; "" if it did not."""
    if edition.waited is None:
        return ""
    return f"This edition waited for an answer since {time_words(edition.waited, edition.timezone)}."


def answer_line(reports: Sequence[SourceReport], *, where: str | None = None) -> str:
    """Return the sentence that the sources were asked and answered, for a week without news; "" if none did.

    With a digest's own condition, papers may be new and not meet it.

    Examples
    --------
    >>> answer_line([SourceReport(name="A", kind="feed", asked_at="2026-11-16T06:00:00Z", answered=True, received=9)])
    'The one source was asked and answered; none of the 9 papers it gave is new.'
    """
    answered = [report for report in reports if report.answered]
    if not answered:
        return ""
    if len(reports) == 1:
        who = "The one source was asked and answered"
    elif len(answered) < len(reports):
        who = f"Of {len(reports)} sources that were asked, {len(answered)} answered"
    else:
        who = f"All {len(reports)} sources were asked and answered"
    # What came was counted once a harvest, so that it is the sum of several if there were several.
    received, new = sum(report.received for report in answered), sum(report.new for report in answered)
    whom = "it" if len(answered) == 1 else "they"
    if new:
        one, none = ("does not meet", "meets") if where else ("is not on", "is on")
        rest = "this digest's own condition" if where else "the topic"
        what = (
            f"the one new paper {one} {rest}"
            if new == 1
            else f"none of the {number_words(new)} new papers {none} {rest}"
        )
    elif received == 1:
        what = f"the one paper {whom} gave is not new"
    else:
        what = (
            f"none of the {number_words(received)} papers {whom} gave is new" if received else f"{whom} gave no papers"
        )
    return f"{who}; {what}."


def _failed_words(report: SourceReport, *, zone: str) -> str:
    name = source_name(report)
    if report.failing_since is None:
        return name
    return f"{name} (failing since {time_words(report.failing_since, zone).split(',')[0]})"


def is_required(report: SourceReport) -> bool:
    """Return whether an edition without the source is incomplete."""
    return report.is_required or (not report.loss and report.kind == "pubmed")


def source_name(report: SourceReport, longest: int = _LONGEST_NAME) -> str:
    """Return what readers call a source."""
    name = clean(report.name).removeprefix("feed:")
    return "PubMed" if report.kind == "pubmed" else shorten(name, longest)


def _row(report: SourceReport, zone: str, *, day: str) -> SourceRow:
    notes = []
    if report.error is not None or not report.answered:
        notes.append(_error_words(report, zone))
    elif report.unchanged:
        notes.append("Nothing changed since it was last asked.")
    if report.left_out:
        notes.append(f"{count_words(report.left_out, 'entry', 'entries')} off the topic left out.")
    notes += [shorten(clean(note), _LONGEST_NOTE) for note in report.notes[:8]]
    name, asked = source_name(report), time_words(report.asked_at, zone)
    gave = f"gave {number_words(report.received)}, {number_words(report.new)} new"
    return SourceRow(
        name=name,
        asked=asked.removeprefix(f"{day}, ") if day else asked,
        received=number_words(report.received) if report.answered else "no answer",
        new=number_words(report.new) if report.answered else "–",
        line=f"{name}: asked on {asked}; {gave if report.answered else 'no answer'}.",
        note=shorten(" ".join(notes), _LONGEST_NOTES),
    )


def _error_words(report: SourceReport, zone: str) -> str:
    error = shorten(clean(report.error) or "no usable answer", _LONGEST_NOTE).rstrip(".")
    since = f", failing since {time_words(report.failing_since, zone)}" if report.failing_since else ""
    again = f"on {time_words(report.next_try, zone)}" if report.next_try else "with the next run"
    failed = "Incomplete" if report.answered else "Failed"
    return f"{failed}: {error}{since}. It will be asked again {again}."


def _search(report: SourceReport, *, limit: int | None) -> SearchView:
    name = source_name(report)
    query, translation = clean(report.query), clean(report.translation)
    fits = limit is None or weigh(query) <= limit
    fits_too = limit is None or weigh(query) + weigh(translation) <= limit
    missing = [] if fits else ["the search"]
    missing += [f"how {name} read it"] if translation and not fits_too else []
    window = "" if report.window is None else f", for {range_words(*report.window)}"
    return SearchView(
        heading=f"The search as {name} was asked it{window}:",
        query=query if fits else "",
        translation_heading=f"How {name} read it:",
        translation=translation if fits_too else "",
        more=f"On the page: {join_words(missing)}." if missing else "",
    )


def _left_out(edition: Edition) -> str:
    """Return the sentence that names the sections that the digest does not have but that had studies; "" for none."""
    counts = Counter(section_of(edition, study) for study in edition.studies)
    for counted in edition.counted:
        counts[counted.section] += counted.count
    left = [BY_NAME[name] for name in SECTIONS if counts[name] and name not in edition.sections]
    named = join_words([f"{kind.heading.lower()} ({number_words(counts[kind.name])})" for kind in left])
    whole = "it is" if sum(counts[kind.name] for kind in left) == 1 else "they are"
    return f"This digest's settings leave out: {named}; {whole} in the table." if left else ""


def _remarks(edition: Edition) -> tuple[str, ...]:
    remarks = [] if edition.reports else ["No source was asked since the last edition."]
    since = f"from {date_words(edition.since)} to" if edition.previous else "up to"
    remarks += [f"It holds what was first seen {since} {date_words(edition.until)}."]
    if edition.where:
        remarks.append(f"Only what meets this digest's own condition: {shorten(clean(edition.where), _LONGEST_NOTE)}.")
    if left := _left_out(edition):
        remarks.append(left)
    articles = sum(edition.form > 1 and change.study.first_edition == edition.edition for change in edition.changes)
    if articles:
        who = "paper is the article of a preprint" if articles == 1 else "papers are the articles of preprints"
        remarks.append(f"{number_words(articles)} new {who} that you had, under ‘{BY_NAME['changes'].heading}’.")
    if edition.off_topic:
        papers = count_words(edition.off_topic, "new paper is", "new papers are")
        remarks.append(f"{papers} off the topic and only in the table.")
    return tuple(remarks)
