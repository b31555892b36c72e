"""From an edition to finished strings, in the order in which a reader meets them.

Templates only place what they find here; every decision about words, order and length is made in this module and
those it calls.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harvester.digest.edition import Change, Edition
from harvester.digest.entries import Entry, EntryStyle, Link, build_entry, paper_href
from harvester.digest.fieldmap import MapView, build_map
from harvester.digest.headline import count_line, preheader
from harvester.digest.markup import clean, shorten, web_link
from harvester.digest.receipt import Receipt, answer_line, build_receipt, failure_lines
from harvester.digest.words import (
    CHANGES,
    CONDITIONS,
    SEPARATOR,
    capitalise,
    condition_words,
    count_words,
    date_words,
    time_words,
    week_words,
    weeks_apart,
    weightiest,
)
from harvester.records import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """How much is left out for want of room; the default leaves out nothing."""

    adjacent: int | None = None  # adjacent titles listed; None: all
    show_map: bool = True
    comments: int | None = None  # comments listed
    preclinical: int | None = None  # preclinical studies listed
    findings: int | None = None  # studies by condition, best first, that show their finding
    entries: int | None = None  # studies by condition, best first, that are listed; protocols each as many
    query: int | None = None  # bytes of a search
    sources: int | None = None  # sources in the receipt
    finding_length: int | None = None  # bytes of a finding under read first; longer ones are left out whole
    titles: int | None = None  # bytes of a title
    changes: int | None = None  # changes listed, the gravest first
    details: bool = True  # changes as entries of their own; False: a line each


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Studies under one heading."""

    name: str
    entries: tuple[Entry, ...]
    more: str = ""  # what is only on the page; ""


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

    items: tuple[ChangeView, ...]
    in_lines: bool  # a line each instead of an entry
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that the templates place."""

    name: str  # the digest's
    topic: str
    edition: str
    week: str
    head: str  # for <title>
    file_name: str  # of what is exported, without its ending
    sample: str  # "" or the sentence that the data is invented
    counts: str  # the summary line
    failure: str  # which sources failed, since when; ""
    failure_means: str  # what that may mean; ""
    answered: str  # in a week without news, that the sources were asked and answered; ""
    span: str  # which days, if not just this week's; ""
    preheader: str
    changes: Changes
    read_first: Section
    by_condition: tuple[Section, ...]
    by_condition_more: str
    protocols: Section
    preclinical: Section
    comments: Section
    adjacent: Section
    field_map: MapView | None
    map_more: str
    receipt: Receipt
    page: Link | None
    page_place: str  # where the page is, if it has no address; ""
    earlier: Link | None
    separator: str  # between parts of a line
    paper_links: tuple[tuple[str, str], ...]  # the text part's: "[1]" and the address


class _Marks:
    """Number the addresses in order of appearance, for the text part."""

    def __init__(self) -> None:
        self.links: dict[str, str] = {}

    def mark(self, href: str) -> str:
        """Give the number of an address in brackets; "" for no address."""
        return self.links.setdefault(href, f"[{len(self.links) + 1}]") if href else ""

    def entry(self, study: Study, style: EntryStyle) -> Entry:
        """Write a study with the number of its link."""
        return build_entry(study, mark=self.mark(paper_href(study)), style=style)


def build_view(edition: Edition, *, cuts: Cuts | None = None, with_text: bool = False) -> View:
    """Write an edition as finished strings.

    Parameters
    ----------
    edition
        The edition.
    cuts
        What to leave out for want of room; None: nothing.
    with_text
        Whether to give abstracts and proofs too, for the page.
    """
    cuts = cuts or Cuts()
    marks = _Marks()
    style = EntryStyle(sample=edition.sample, title_limit=cuts.titles, with_text=with_text)
    core = [study for study in edition.studies if study.tags.tier == "core"]
    first = {study.study_id: study for study in core if study.study_id in edition.read_first}
    rest = [study for study in core if study.study_id not in first]
    changes = _changes(edition, cuts, marks, style)
    read_first = _read_first([first[key] for key in edition.read_first if key in first], cuts, marks, style)
    main = [study for study in rest if study.tags.design not in ("protocol", "preclinical", "comment")]
    by_condition, findings_left = _by_condition(main, cuts, marks, style)
    brief = EntryStyle(sample=edition.sample, title_limit=cuts.titles, findings=0, with_text=with_text)
    field_map = build_map(core, [(cell.condition, cell.design, cell.count) for cell in edition.year])
    failure, failure_means = failure_lines(edition.reports, zone=edition.timezone)
    return View(
        name=clean(edition.title),
        topic=clean(edition.topic),
        edition=edition.edition,
        week=week_words(edition.edition),
        head=f"{clean(edition.title)}, {week_words(edition.edition)}",
        file_name=f"{edition.digest}-{edition.edition}",
        sample="Invented sample data: none of these studies exists." if edition.sample else "",
        counts=count_line(edition),
        failure=failure,
        failure_means=failure_means,
        answered="" if edition.studies else answer_line(edition.reports),
        span=_span(edition),
        preheader=preheader(edition),
        changes=changes,
        read_first=read_first,
        by_condition=by_condition,
        by_condition_more=findings_left,
        protocols=_listed("Protocols and registrations", _of(rest, "protocol"), cuts.entries, marks, brief),
        preclinical=_listed("Mechanism and preclinical", _of(rest, "preclinical"), cuts.preclinical, marks, brief),
        comments=_listed("Comments", _of(rest, "comment"), cuts.comments, marks, brief),
        adjacent=_listed(
            "Perioperative and other adjacent work",
            [study for study in edition.studies if study.tags.tier != "core"],
            cuts.adjacent,
            marks,
            brief,
        ),
        field_map=field_map if cuts.show_map else None,
        map_more="" if cuts.show_map else "The map of condition and design is on the page.",
        receipt=build_receipt(edition, query_limit=cuts.query, rows=cuts.sources),
        page=_page(edition),
        page_place=""
        if _page(edition)
        else f"The page is {edition.edition}/{edition.digest}/index.html among the editions, where the program runs.",
        earlier=_earlier(edition),
        separator=SEPARATOR,
        paper_links=tuple((mark, href) for href, mark in marks.links.items()),
    )


def shelf(study: Study) -> str | None:
    """Give the one condition under which a study stands; None if it names none."""
    named = [proof.value for proof in study.tags.evidence if (proof.facet, proof.field) == ("conditions", "title")]
    return weightiest(study.tags.conditions, in_title=named)


def _span(edition: Edition) -> str:
    """Say which days the edition holds, where they are not those since last week's."""
    if edition.previous is None:
        return "The first edition: it holds all that was found so far."
    if weeks_apart(edition.previous, edition.edition) > 1:
        return (
            f"The last edition was that of {week_words(edition.previous)}; "
            f"this one holds what came since {date_words(edition.since)}."
        )
    return ""


def _changes(edition: Edition, cuts: Cuts, marks: _Marks, style: EntryStyle) -> Changes:
    shown = edition.changes if cuts.changes is None else edition.changes[: cuts.changes]
    left = len(edition.changes) - len(shown)
    seen: set[str] = set()
    items = []
    for change in shown:
        anchor = "" if change.study.study_id in seen else change.study.study_id
        seen.add(change.study.study_id)
        items.append(_change(change, anchor, edition.timezone, cuts, marks, style))
    return Changes(
        items=tuple(items),
        in_lines=not cuts.details,
        more=f"{count_words(left, 'more change')} on the page." if left else "",
    )


def _change(change: Change, anchor: str, zone: str, cuts: Cuts, marks: _Marks, style: EntryStyle) -> ChangeView:
    kind = CHANGES.get(change.kind, capitalise(clean(change.kind)))
    seen = time_words(change.at, zone).split(",")[0]
    notice = web_link(change.notice_url)
    return ChangeView(
        kind=kind,
        anchor=anchor,
        entry=marks.entry(change.study, style),
        when=f"Seen on {seen}. You had it in the edition of {week_words(change.sent_in)}.",
        sent=f"you had it in the edition of {week_words(change.sent_in)}",
        notice=Link(text=f"Notice: {_bare(notice)}", href=notice) if notice else None,
        detail=shorten(clean(change.detail), 300) if cuts.details else "",
    )


def _bare(href: str) -> str:
    """Write an address as people do, without scheme and final slash."""
    return shorten(href.partition("://")[2].rstrip("/") or href, 80)


def _read_first(studies: Sequence[Study], cuts: Cuts, marks: _Marks, style: EntryStyle) -> Section:
    whole = EntryStyle(
        sample=style.sample,
        title_limit=cuts.titles,
        findings=2,
        finding_limit=cuts.finding_length,
        with_text=style.with_text,
    )
    return Section(name="Read first", entries=tuple(marks.entry(study, whole) for study in studies))


def _by_condition(
    studies: Sequence[Study], cuts: Cuts, marks: _Marks, style: EntryStyle
) -> tuple[tuple[Section, ...], str]:
    """Group studies by condition; give the groups, and the sentence on findings that are left out."""
    shown = studies if cuts.entries is None else studies[: cuts.entries]
    listed = {study.study_id for study in shown}
    telling = {study.study_id for study in (shown if cuts.findings is None else shown[: cuts.findings])}
    silent = EntryStyle(sample=style.sample, title_limit=style.title_limit, findings=0)
    groups: dict[str | None, list[Study]] = {}
    for study in studies:
        groups.setdefault(shelf(study), []).append(study)
    places = {condition: place for place, condition in enumerate(CONDITIONS)}
    order = sorted(groups, key=lambda name: (name is None, places.get(name or "", len(places)), name or ""))
    sections = tuple(
        Section(
            name=capitalise(condition_words(name)) if name else "Without a condition of its own",
            entries=tuple(
                marks.entry(study, style if study.study_id in telling else silent)
                for study in groups[name]
                if study.study_id in listed
            ),
            more=_more(sum(study.study_id not in listed for study in groups[name])),
        )
        for name in order
    )
    left = sum(bool(study.tags.key_finding) for study in shown if study.study_id not in telling)
    return sections, f"{count_words(left, 'finding')} on the page." if left else ""


def _listed(name: str, studies: Sequence[Study], limit: int | None, marks: _Marks, style: EntryStyle) -> Section:
    shown = studies if limit is None else studies[:limit]
    return Section(
        name=name,
        entries=tuple(marks.entry(study, style) for study in shown),
        more=_more(len(studies) - len(shown), of=len(studies)),
    )


def _more(left: int, *, of: int = 0) -> str:
    if not left:
        return ""
    words = count_words(left, "title") if left == of else count_words(left, "more title")
    return f"{words} on the page."


def _of(studies: Iterable[Study], design: str) -> list[Study]:
    return [study for study in studies if study.tags.design == design]


def _page(edition: Edition) -> Link | None:
    href = web_link(edition.page_url)
    return Link(text="Read this edition as a page", href=href) if href else None


def _earlier(edition: Edition) -> Link | None:
    if edition.previous is None:
        return None
    return Link(
        text=f"Earlier: {week_words(edition.previous)}",
        href=f"../../{edition.previous}/{edition.digest}/index.html",
    )
