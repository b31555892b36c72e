"""What says in one line whether anything happened: the summary, the mail's preheader and its subject."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from harvester.digest.edition import Edition
from harvester.digest.markup import clean
from harvester.digest.receipt import failure_lines
from harvester.digest.words import SEPARATOR, count_words, number_words
from harvester.paper.records import Study
from harvester.paper.statuses import TAKEN_BACK

_REVIEWS = frozenset({"review", "systematic-review", "meta-analysis", "guideline"})
_LONGEST_SUBJECT = 78  # characters: RFC 5322's line, so that the subject need not fold
_ASCII = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "\u00a0": " "})


def count_line(edition: Edition) -> str:
    """Write the one line that sums up an edition.

    Returns
    -------
    str
        As in ``19 new: 4 randomised trials, 3 reviews, 5 protocols, 7 others · 2 changed since you read them ·
        6 perioperative or adjacent``; ``Nothing new this week`` if there is nothing of the kind.
    """
    core = [study for study in edition.studies if study.tags.tier == "core"]
    adjacent = len(edition.studies) - len(core)
    parts = [_new_words(core)]
    if edition.changes:
        parts.append(f"{number_words(len(edition.changes))} changed since you read them")
    if adjacent:
        parts.append(f"{number_words(adjacent)} perioperative or adjacent")
    return SEPARATOR.join(parts)


def preheader(edition: Edition) -> str:
    """Write what a mail client shows beside the subject: the counts, and what failed."""
    failure, _ = failure_lines(edition.reports, zone=edition.timezone)
    parts = ["Invented sample data." if edition.sample else "", f"{count_line(edition)}.", failure]
    return " ".join(part for part in parts if part)


def subject(edition: Edition) -> str:
    """Write the mail's subject: the counts first, then the digest's name and week.

    Returns
    -------
    str
        One line of at most 78 characters; dashes and quotation marks in their ASCII forms.
    """
    core = sum(study.tags.tier == "core" for study in edition.studies)
    grave = sum(change.kind in TAKEN_BACK for change in edition.changes)
    parts = [f"{number_words(core)} new" if core else "Nothing new"]
    if grave:
        parts.append(f"{number_words(grave)} retracted")
    if len(edition.changes) > grave:
        parts.append(f"{number_words(len(edition.changes) - grave)} changed")
    if any(report.kind == "pubmed" and not report.answered for report in edition.reports):
        parts.append("PubMed not reached")
    elif any(report.kind == "pubmed" and report.error is not None for report in edition.reports):
        parts.append("PubMed incomplete")
    counts = ", ".join(parts) + (" (sample)" if edition.sample else "")
    name = clean(edition.title).translate(_ASCII)
    line = f"{counts}: {name}, {edition.edition}"
    if len(line) > _LONGEST_SUBJECT:
        line = f"{counts}: {name}"
    return textwrap.shorten(line, _LONGEST_SUBJECT, placeholder="...")


def _new_words(core: Sequence[Study]) -> str:
    if not core:
        return "Nothing new this week"
    designs = [study.tags.design for study in core]
    groups = [
        (designs.count("rct"), *("randomised trial", "randomised trials")),
        (sum(design in _REVIEWS for design in designs), "review", "reviews"),
        (designs.count("protocol"), "protocol", "protocols"),
    ]
    others = len(core) - sum(number for number, _, _ in groups)
    named = [count_words(*group) for group in groups if group[0]]
    if others and named:
        named.append(count_words(others, "other"))
    return f"{number_words(len(core))} new" + (f": {', '.join(named)}" if named else "")
