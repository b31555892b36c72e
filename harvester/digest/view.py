"""From an edition to finished strings, in the order in which a reader meets them.

Templates only place what they find here; every decision about words, order and length is made in this module and
those it calls.  Pure.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from harvester.digest.budget import NO_CUTS, Cuts
from harvester.digest.edition import Change, Edition, FieldCounts, count_new, section_of, words_of
from harvester.digest.entries import Entry, EntryStyle, Link, build_entry, paper_href
from harvester.digest.fieldmap import MapView, build_map, count_map
from harvester.digest.markup import clean, shorten, web_link
from harvester.digest.receipt import (
    Receipt,
    answer_line,
    build_receipt,
    failure_lines,
    is_required,
    source_name,
    waited_line,
)
from harvester.digest.sections import BY_NAME
from harvester.digest.words import (
    CHANGES,
    DESIGNS,
    SAMPLE_NOTE,
    SEPARATOR,
    capitalise,
    count_words,
    date_words,
    held_words,
    new_words,
    number_words,
    shelf,
    time_words,
    week_words,
    weeks_apart,
)
from harvester.paper.records import Study
from harvester.paper.statuses import TAKEN_BACK

_COUNTED = (  # in this order; of equally many, the first are named
    *("rct", "secondary-analysis", "review", "cohort", "open-label-trial", "cross-sectional", "case-series"),
    *("case-report", "qualitative", "economic", "protocol", "preclinical", "comment"),
)
_COUNT_WORDS = {**DESIGNS, "secondary-analysis": ("secondary analysis", "secondary analyses")}
_MOST_DESIGNS = 5  # named in the counts; the rest of a week are few
_LONGEST_SOURCE = 24  # characters of a source's name in the subject
_LONGEST_SUBJECT = 78  # characters: RFC 5322's line, so that the subject need not fold
_ASCII = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "\u00a0": " "})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Studies under one heading."""

    heading: str
    entries: tuple[Entry, ...]
    more: str = ""  # what is only on the page; ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One of the sections between what is read first and the receipt; see `harvester.digest.sections`."""

    name: str
    heading: str
    layout: str
    groups: tuple[Group, ...] = ()  # one, unless the layout gives them headings of their own
    field_map: MapView | None = None
    more: str = ""  # what is only on the page; ""
    archived: str = ""  # how many are neither here nor on the page: "12,345 more, in the archive"; ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A study that changed since it was sent."""

    kind: str
    anchor: str  # the study's id where it changes for the first time; "" after
    entry: Entry
    when: str  # when we saw it, and when this reader had the study
    sent: str  # only the latter, for a line
    notice: Link | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All studies that changed."""

    heading: str
    items: tuple[ChangeView, ...]
    in_lines: bool  # a line each instead of an entry
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that the templates place."""

    name: str  # the digest's
    topic: str
    edition: str
    held: str  # what came in until when, since when
    head: str  # for <title>
    file_name: str  # of what is exported, without its ending
    sample: str  # "" or the sentence that the data is invented
    counts: str  # the summary line
    failure: str  # which sources failed, since when; ""
    failure_means: str  # what that may mean; ""
    answered: str  # in a week without news, that the sources were asked and answered; ""
    span: str  # which edition came before, if not last week's; ""
    changes: Changes
    read_first: Group
    sections: tuple[Section, ...]  # those that hold something, in the edition's order
    receipt: Receipt
    page: Link | None
    archive: Link | None  # the page of all editions and studies, if it has an address
    page_place: str  # where the page is, if it has no address; ""
    earlier: Link | None
    is_former: bool  # the mail says no more than it did when the edition was sent; see `Edition.form`
    separator: str  # between parts of a line
    paper_links: tuple[tuple[str, str], ...]  # the text part's: "[1]" and the address


class _Writer:
    """Writes the studies of an edition, and numbers their addresses in order of appearance, for the text part."""

    def __init__(self, edition: Edition, cuts: Cuts, *, with_text: bool) -> None:
        self.edition = edition
        self.cuts = cuts
        self.words = words_of(edition)
        self.style = EntryStyle(
            sample=edition.sample,
            form=edition.form,
            title_limit=cuts.titles,
            with_text=with_text,
            noted=frozenset(edition.noted),
        )
        self.links: dict[str, str] = {}  # address: its mark, "[1]"

    def entry(self, study: Study, style: EntryStyle) -> Entry:
        href = paper_href(study)
        mark = self.links.setdefault(href, f"[{len(self.links) + 1}]") if href else ""
        return build_entry(study, self.words, mark=mark, style=style)

    def changes(self) -> Changes:
        changes = self.edition.changes
        shown = changes[: self.cuts.changes]
        left = len(changes) - len(shown)
        seen: set[str] = set()
        items = []
        for change in shown:
            anchor = "" if change.study.study_id in seen else change.study.study_id
            seen.add(change.study.study_id)
            items.append(self._change(change, anchor))
        return Changes(
            heading=BY_NAME["changes"].heading,
            items=tuple(items),
            in_lines=not self.cuts.details,
            more=f"{count_words(left, 'more change')} on the page." if left else "",
        )

    def _change(self, change: Change, anchor: str) -> ChangeView:
        seen = time_words(change.at, self.edition.timezone).split(",")[0]
        done = "Corrected" if change.kind == "by-hand" else "Seen"
        sent = f"you had it in the edition of {week_words(change.sent_in)}"
        notice = web_link(change.notice_url)
        return ChangeView(
            kind=CHANGES.get(change.kind, capitalise(clean(change.kind))),
            anchor=anchor,
            entry=self.entry(change.study, self.style),
            when=f"{done} on {seen}. {capitalise(sent)}.",
            sent=sent,
            notice=Link(text=f"Notice: {_bare(notice)}", href=notice) if notice else None,
            detail=shorten(clean(change.detail), 300) if self.cuts.details else "",
        )

    def read_first(self) -> Group:
        whole = replace(self.style, findings=2, finding_limit=self.cuts.finding_length)
        studies = {study.study_id: study for study in self.edition.studies}
        return Group(
            heading=BY_NAME["read-first"].heading,
            entries=tuple(self.entry(studies[key], whole) for key in self.edition.read_first if key in studies),
        )

    def sections(self) -> tuple[Section, ...]:
        by_section: dict[str, list[Study]] = {}
        for study in self.edition.studies:
            by_section.setdefault(section_of(self.edition, study), []).append(study)
        counts: Counter[str] = Counter()
        for counted in self.edition.counted:
            counts[counted.section] += counted.count
        sections = []
        for kind in (BY_NAME[name] for name in self.edition.sections if name in BY_NAME):
            studies = by_section.get(kind.name, [])
            section = Section(name=kind.name, heading=kind.heading, layout=kind.layout)
            if kind.layout == "map":
                left = "" if self.cuts.show_map else "The map of condition and design is on the page."
                section = replace(section, field_map=self._map() if self.cuts.show_map else None, more=left)
            elif studies and kind.layout == "conditions":
                groups, left = self._by_condition(studies)
                section = replace(section, groups=groups, more=left)
            elif studies:
                limit: int | None = getattr(self.cuts, kind.cut)
                section = replace(section, groups=(self._listed(studies, limit),))
            if counts[kind.name]:
                section = replace(section, archived=_archived(counts[kind.name], of=len(studies)))
            if section.groups or section.archived or kind.layout == "map":
                sections.append(section)
        return tuple(sections)

    def _map(self) -> MapView:
        core = (
            (study.tags.conditions, study.tags.design) for study in self.edition.studies if study.tags.tier == "core"
        )
        former = FieldCounts(held=self.edition.year, new=count_map(core, self.words))
        return build_map(self.edition.field_counts or former, self.words, is_narrowed=self.edition.where is not None)

    def _by_condition(self, studies: Sequence[Study]) -> tuple[tuple[Group, ...], str]:
        """Return studies in groups by condition, and the sentence on findings that are left out."""
        shown = studies[: self.cuts.entries]
        listed = {study.study_id for study in shown}
        with_finding = {study.study_id for study in shown[: self.cuts.findings]}
        without = replace(self.style, findings=0, with_text=False)
        groups: dict[str, list[Study]] = {}  # "": without a condition
        for study in studies:
            groups.setdefault(shelf(study, self.words) or "", []).append(study)
        order = [*self.words.in_order("conditions", filter(None, groups)), *(name for name in groups if not name)]
        sections = tuple(
            Group(
                heading=capitalise(self.words.label("conditions", name)) if name else "Without a condition of its own",
                entries=tuple(
                    self.entry(study, self.style if study.study_id in with_finding else without)
                    for study in groups[name]
                    if study.study_id in listed
                ),
                more=_more(sum(study.study_id not in listed for study in groups[name])),
            )
            for name in order
        )
        left = sum(bool(study.tags.key_finding) for study in shown if study.study_id not in with_finding)
        return sections, f"{count_words(left, 'finding')} on the page." if left else ""

    def _listed(self, studies: Sequence[Study], limit: int | None) -> Group:
        shown = studies[:limit]
        style = replace(self.style, findings=0)
        return Group(
            heading="",
            entries=tuple(self.entry(study, style) for study in shown),
            more=_more(len(studies) - len(shown), of=len(studies)),
        )


def build_view(edition: Edition, *, cuts: Cuts = NO_CUTS, with_text: bool = False) -> View:
    """Return an edition as finished strings, without what is cut; for the page with abstracts and proofs."""
    writer = _Writer(edition, cuts, with_text=with_text)
    # In the order in which a reader meets them, so that links are numbered as they come.
    changes, read_first, sections = writer.changes(), writer.read_first(), writer.sections()
    failure, failure_means = failure_lines(edition.reports, zone=edition.timezone)
    return View(
        name=clean(edition.title),
        topic=clean(edition.topic),
        edition=edition.edition,
        held=held_words(edition.since if edition.previous else None, edition.until),
        head=f"{clean(edition.title)}, up to {date_words(edition.until)}",
        file_name=f"{edition.digest}-{edition.edition}",
        sample=SAMPLE_NOTE if edition.sample else "",
        counts=count_line(edition),
        failure=failure,
        failure_means=" ".join(filter(None, (failure_means, waited_line(edition)))),
        answered="" if edition.studies else answer_line(edition.reports, where=edition.where),
        span=_span(edition),
        changes=changes,
        read_first=read_first,
        sections=sections,
        receipt=build_receipt(edition, query_limit=cuts.query, rows=cuts.sources),
        page=_page(edition),
        archive=_archive(edition),
        page_place=""
        if _page(edition)
        else f"The page is {edition.edition}/{edition.digest}/index.html among the editions, where the program runs.",
        earlier=_earlier(edition),
        is_former=edition.form == 1,
        separator=SEPARATOR,
        paper_links=tuple((mark, href) for href, mark in writer.links.items()),
    )


def _span(edition: Edition) -> str:
    """Return which edition came before this one, where it is not that of the week before."""
    if edition.previous is None:
        return "The first edition of this digest."
    if weeks_apart(edition.previous, edition.edition) > 1:
        return f"The last edition was that of {week_words(edition.previous)}."
    return ""


def _bare(href: str) -> str:
    """Return an address as people do, without scheme and final slash."""
    return shorten(href.partition("://")[2].rstrip("/") or href, 80)


def _more(left: int, *, of: int = 0) -> str:
    if not left:
        return ""
    words = count_words(left, "title") if left == of else count_words(left, "more title")
    return f"{words} on the page."


def _archived(count: int, *, of: int) -> str:
    return f"{count_words(count, 'more study' if of else 'study', 'more studies' if of else 'studies')}, in the archive"


def _page(edition: Edition) -> Link | None:
    href = web_link(edition.page_url)
    return Link(text="Read this edition as a page", href=href) if href else None


def _archive(edition: Edition) -> Link | None:
    """Return the page of all editions, which stands above the folders of week and digest."""
    href = web_link(edition.page_url)
    if not href:
        return None
    return Link(text="All editions and studies", href=urljoin(href, f"../../{href.rpartition('/')[2]}"))


def _earlier(edition: Edition) -> Link | None:
    if edition.previous is None:
        return None
    return Link(
        text=f"Earlier: {week_words(edition.previous)}",
        href=f"../../{edition.previous}/{edition.previous_digest or edition.digest}/index.html",
    )


def count_line(edition: Edition) -> str:
    """Return the one line that sums up an edition.

    As in ``19 new: 4 randomised trials, 3 reviews, 5 cohorts, 2 protocols, 5 others · 2 changed since you read them · 6
    perioperative or adjacent``; ``Nothing new`` if there is nothing of the kind.
    """
    core, adjacent = count_new(edition)
    them = "it" if len(edition.changes) == 1 else "them"
    changed = f"{number_words(len(edition.changes))} changed since you read {them}" if edition.changes else ""
    return new_words(core.total(), adjacent, designs=_designs_of(core), between=changed)


def subject(edition: Edition) -> str:
    """Return the mail's subject: the counts first, then the digest's name and week.

    One line of at most 78 characters; dashes and quotation marks in their ASCII forms.
    """
    core = count_new(edition)[0].total()
    grave = sum(change.kind in TAKEN_BACK for change in edition.changes)
    parts = [f"{number_words(core)} new" if core else "Nothing new"]
    if grave:
        parts.append(f"{number_words(grave)} retracted")
    if len(edition.changes) > grave:
        parts.append(f"{number_words(len(edition.changes) - grave)} changed")
    required = [report for report in edition.reports if is_required(report)]
    silent = [report for report in required if not report.answered]
    partial = [report for report in required if report.lacks_much]
    if lost := silent or partial:
        who = source_name(lost[0], _LONGEST_SOURCE) if len(lost) == 1 else f"{number_words(len(lost))} sources"
        parts.append(f"{who.translate(_ASCII)} {'not reached' if silent else 'incomplete'}")
    counts = ", ".join(parts) + (" (sample)" if edition.sample else "")
    name = clean(edition.title).translate(_ASCII)
    line = f"{counts}: {name}, {edition.edition}"
    if len(line) > _LONGEST_SUBJECT:
        line = f"{counts}: {name}"
    return textwrap.shorten(line, _LONGEST_SUBJECT, placeholder="...")


def _designs_of(counts: Counter[str]) -> str:
    """Return the designs of the new core studies, the commonest by name: ": 4 randomised trials, 2 others"."""
    named = sorted((design for design in _COUNTED if counts[design]), key=lambda design: -counts[design])
    named = sorted(named[:_MOST_DESIGNS], key=_COUNTED.index)
    parts = [count_words(counts[design], *_COUNT_WORDS[design]) for design in named]
    if parts and (others := counts.total() - sum(counts[design] for design in named)):
        parts.append(count_words(others, "other"))
    return f": {', '.join(parts)}" if parts else ""
