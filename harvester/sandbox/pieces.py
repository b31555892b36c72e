"""Pieces of PubMed XML and of feed entries, written from the fields of an invented study."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape
from zlib import crc32

MARK = "(invented sample)"
_MARKUP = re.compile(r"&lt;(/?(?:i|b|u|sub|sup))&gt;")
_TAG = re.compile(r"</?[a-z]+>")
_SEASONS = ("Winter", "Spring", "Summer", "Autumn")
# Identifiers of NLM's publication types and headings (meshb.nlm.nih.gov); others get one that NLM does not use.
_UI = {
    "Journal Article": "D016428",
    "Randomized Controlled Trial": "D016449",
    "Clinical Trial Protocol": "D000078325",
    "Systematic Review": "D000078182",
    "Meta-Analysis": "D017418",
    "Review": "D016454",
    "Case Reports": "D002363",
    "Observational Study": "D064888",
    "Multicenter Study": "D016448",
    "Practice Guideline": "D017065",
    "Comment": "D016420",
    "Letter": "D016422",
    "Editorial": "D016421",
    "Preprint": "D000076942",
    "English Abstract": "D004740",
    "Published Erratum": "D016425",
    "Retracted Publication": "D016441",
    "Retraction of Publication": "D016440",
    "Ketamine": "D007649",
    "Esketamine": "C000629870",
    "Depression": "D003863",
    "Depressive Disorder, Major": "D003865",
    "Depressive Disorder, Treatment-Resistant": "D061218",
    "Bipolar Disorder": "D001714",
    "Depression, Postpartum": "D019052",
    "Suicidal Ideation": "D059020",
    "Stress Disorders, Post-Traumatic": "D013313",
    "Alcoholism": "D000437",
    "Humans": "D006801",
    "Animals": "D000818",
}
_CATEGORIES = {
    "BACKGROUND": ("BACKGROUND", "INTRODUCTION", "RATIONALE", "CONTEXT"),
    "OBJECTIVE": ("OBJECTIVE", "OBJECTIVES", "AIM", "AIMS"),
    "METHODS": (
        "METHODS",
        "METHODS AND ANALYSIS",
        "DESIGN",
        "MATERIALS AND METHODS",
        "DESIGN, SETTING, AND PARTICIPANTS",
    ),
    "RESULTS": ("RESULTS", "FINDINGS"),
    "CONCLUSIONS": ("CONCLUSION", "CONCLUSIONS", "INTERPRETATION", "CONCLUSIONS AND RELEVANCE"),
}
_CATEGORY_OF = {label: category for category, labels in _CATEGORIES.items() for label in labels}


def element(name: str, inside: str, **attributes: str) -> str:
    """Write an element around what is already XML; nothing if there is nothing inside."""
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>{inside}</{name}>" if inside else ""


def xml(text: object) -> str:
    """Escape a text, but keep the markup that PubMed allows, and collapse its white space."""
    return _MARKUP.sub(r"<\1>", escape(" ".join(str(text).split()), quote=False))


def ui(name: str) -> str:
    """Return NLM's identifier of a name, or an invented one."""
    return _UI.get(name, f"D99{crc32(name.encode()) % 10_000:04d}")


def day_parts(day: date) -> str:
    """Write a day as Year, Month and Day."""
    return f"<Year>{day.year}</Year><Month>{day.month:02d}</Month><Day>{day.day:02d}</Day>"


def printed_date(day: date, precision: str) -> str:
    """Write a publication date as journals do: ``day``, ``month``, ``months``, ``season`` or ``year``."""
    year = element("Year", str(day.year))
    following = day.replace(day=1) + timedelta(days=32)
    match precision:
        case "year":
            return year
        case "season":
            return year + element("Season", _SEASONS[day.month % 12 // 3])
        case "months":
            end = f"{following:%b}" if following.year == day.year else f"{following:%Y %b}"
            return element("MedlineDate", f"{day:%Y %b}-{end}")
        case "month":
            return year + element("Month", f"{day:%b}")
    return year + element("Month", f"{day:%b}") + element("Day", f"{day:%d}")


def abstract(content: str | Mapping[str, str] | None) -> str:
    """Write an abstract: of one text, or of labelled sections."""
    if isinstance(content, Mapping):
        sections = content.items()
        texts = (
            element("AbstractText", xml(text), Label=label, NlmCategory=_CATEGORY_OF.get(label, "UNASSIGNED"))
            for label, text in sections
        )
        return element("Abstract", "".join(texts))
    return element("Abstract", element("AbstractText", xml(content or "")))


def plain_summary(text: str) -> str:
    """Write an abstract in plain words, which PubMed keeps beside the other."""
    inside = element("AbstractText", xml(text))
    return element("OtherAbstract", inside, Type="plain-language-summary", Language="eng")


def chemicals(names: Sequence[str]) -> str:
    """Write the list of substances."""
    items = (
        element("Chemical", element("RegistryNumber", "0") + element("NameOfSubstance", xml(name), UI=ui(name)))
        for name in names
    )
    return element("ChemicalList", "".join(items))


def mesh(terms: Sequence[str]) -> str:
    """Write headings given as ``Heading*/qualifier/qualifier``; the asterisk marks a major topic."""
    items = []
    for term in terms:
        heading, *qualifiers = term.split("/")
        name, major = heading.rstrip("*"), "Y" if heading.endswith("*") else "N"
        descriptor = element("DescriptorName", xml(name), UI=ui(name), MajorTopicYN=major)
        written = (element("QualifierName", xml(text), UI=ui(text), MajorTopicYN="N") for text in qualifiers)
        items.append(element("MeshHeading", descriptor + "".join(written)))
    return element("MeshHeadingList", "".join(items))


def keywords(words: Sequence[str]) -> str:
    """Write the authors' keywords."""
    return element("KeywordList", "".join(element("Keyword", xml(word)) for word in words), Owner="NOTNLM")


def initials(given: str) -> str:
    """Return the initials of given names."""
    return "".join(part[0] for part in re.split(r"[\s-]+", given) if part)


def feed_summary(content: str | Mapping[str, str] | None, length: str) -> str:
    """Return what a feed says of an abstract: the ``whole`` of it, a ``short`` first sentence, or ``none``."""
    if content is None or length == "none":
        return ""
    text = content if isinstance(content, str) else " ".join(f"{label}: {part}" for label, part in content.items())
    plain = _TAG.sub("", " ".join(text.split()))
    return plain if length == "whole" else re.split(r"(?<=[.!?]) ", plain)[0]


def feed_name(person: tuple[str, str], dialect: str) -> str:
    """Return an author, (family, given), as a feed of that dialect writes one."""
    family, given = person
    return f"{family}, {given[0]}." if dialect == "rdf" else f"{given} {family}"
