"""One study as a reader sees it: finished strings, safe to show."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from harvester.digest.corrections import hand_words
from harvester.digest.facts import facts_line
from harvester.digest.markup import (
    clean,
    first_statement,
    in_quotes,
    plain_text,
    shorten,
    split_finding,
    title_html,
    web_link,
    weigh,
)
from harvester.digest.words import NOTICES, SEPARATOR, STATUSES, Words, capitalise, date_words, sample_mark
from harvester.paper.identifiers import doi_url, pmc_url, pubmed_url
from harvester.paper.languages import language_name
from harvester.paper.records import AbstractSection, Study
from harvester.paper.registries import trial_url
from harvester.paper.statuses import IN_DOUBT, NOTICE_TYPES, is_notice, read_notice
from harvester.paper.tags import BY_HAND, TAGS, Evidence

_MOST_REASONS = 9  # four of the study itself, two of its firsts, three of what is followed
_LONGEST_NAME = 160  # bytes in the mail of a journal, an author, a reason: beyond, it is no name

_LABELS = {tag.name: tag.label for tag in TAGS}
_FIELDS = {"mesh_terms": "MeSH term", "publication_types": "publication type", "chemicals": "substance"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place to go."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A labelled part of an abstract, or the proof of a tag."""

    label: str  # "" for none
    text: Markup
    command: str = ""  # what to type to correct a tag; "" where there is nothing to correct


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One study, ready for the templates."""

    study_id: str
    title: Markup
    title_text: str
    href: str  # the paper; "" if nothing leads there
    mark: str  # "[12]", the number of `href` among the text part's links; "" without
    flag: str  # "Retracted", …; "" if nothing is wrong
    facts: str
    finding: str  # in quotation marks; "" if the authors' words do not say
    source: str  # journal, authors, date, what is special about the version
    links: tuple[Link, ...]  # PubMed, DOI, open full text
    registrations: tuple[Link, ...]  # href "" where we know no page for the registry
    quiet: str  # `source` and the first of the links, for the text part
    imprint: str  # `source` and the texts of all links, for the text part
    why: str  # why it stands where it does; "" without reasons
    is_noted: bool  # the readers follow it, or it is the first of its kind: why it stands here is worth a line
    abstract: tuple[Passage, ...]  # empty where not asked for
    proofs: tuple[Passage, ...]  # empty where not asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryStyle:
    """How much of a study is shown."""

    sample: bool = False  # mark the title as invented if it does not say so itself
    title_limit: int | None = None  # bytes in the mail; None: whole
    findings: int = 1  # 0: none, 1: its first statement, 2: whole, with its numbers
    finding_limit: int | None = None  # bytes in the mail beyond which no finding is shown; None: any
    form: int = 2  # the edition's
    with_text: bool = False  # abstract and proofs
    noted: frozenset[str] = frozenset()  # study_id of those that are not only there for what they are


def build_entry(study: Study, words: Words, *, mark: str, style: EntryStyle) -> Entry:
    """Return one study for the templates; its mark is the number of its link in the text part, "" for none."""
    title = _title(study, style)
    source, links = _source(study), _links(study)
    registrations = tuple(_registration(number) for number in study.trial_ids[:4])
    return Entry(
        study_id=study.study_id,
        title=title,
        title_text=plain_text(title),
        href=paper_href(study),
        mark=mark,
        flag=_flag(study, style),
        facts=facts_line(study.tags, words, title=clean(study.title), form=style.form),
        finding=_finding(study, style),
        source=source,
        links=links,
        registrations=registrations,
        quiet=SEPARATOR.join(part for part in (source, *(link.text for link in links[:1])) if part),
        imprint=SEPARATOR.join(part for part in (source, *(link.text for link in (*links, *registrations))) if part),
        why=_why(study),
        is_noted=study.study_id in style.noted,
        abstract=tuple(_abstract_part(part) for part in study.abstract) if style.with_text else (),
        proofs=tuple(_proof(proof, study.study_id, words) for proof in study.tags.evidence) if style.with_text else (),
    )


def _flag(study: Study, style: EntryStyle) -> str:
    """Return what must be known before reading: that a paper is in doubt, or that it is a notice about another."""
    if study.status in IN_DOUBT:
        return STATUSES[study.status]
    kinds = (read_notice(study.title), *map(NOTICE_TYPES.get, study.publication_types if is_notice(study) else ()))
    return next((NOTICES[kind] for kind in kinds if kind in NOTICES), "") if style.form > 2 else ""


def paper_href(study: Study) -> str:
    """Return the address of the paper: its DOI, else PubMed, else its source's page; "" without any."""
    names = study.identifiers
    if names.doi is not None and (href := doi_href(names.doi)):
        return href
    if names.pmid is not None:
        return pubmed_url(names.pmid)
    return web_link(study.url) or ""


def doi_href(doi: str) -> str | None:
    """Return the resolver's address of a DOI; None for what is too long to be one."""
    return web_link(doi_url(doi))


def _title(study: Study, style: EntryStyle) -> Markup:
    suffix = sample_mark(clean(study.title), sample=style.sample)
    title = title_html(study.title, study.title_markup, suffix=suffix)
    if style.title_limit is None or weigh(title) <= style.title_limit:
        return title
    return escape(shorten(plain_text(title), style.title_limit))


def _finding(study: Study, style: EntryStyle) -> str:
    """Quote the finding: whole where there is room, with the sentence that has its numbers if it has none itself.

    What stands apart in the abstract stands in quotation marks of its own.
    """
    words, numbers = clean(study.tags.key_finding), clean(study.tags.effect)
    if not words or not style.findings:
        return ""
    parts = split_finding(words)
    wanted = [[first_statement(words)]]  # from short to long
    if style.findings > 1:
        wanted.append(parts)
    if style.findings > 1 and numbers and not any(char.isdigit() for char in words):
        wanted.append([*parts, numbers])
    limit = style.finding_limit
    fitting = [quoted for quoted in wanted if limit is None or weigh(" ".join(quoted)) <= limit]
    return in_quotes(fitting[-1]) if fitting else ""


def _source(study: Study) -> str:
    languages = [name for name in map(language_name, study.languages) if name is not None]
    published = study.published or study.published_online
    special = study.status if study.status in STATUSES and study.status not in IN_DOUBT else None
    parts = [
        shorten(clean(study.journal or study.journal_abbreviation), _LONGEST_NAME),
        _authors(study),
        date_words(published) if published else "",
        f"in {' and '.join(languages)}" if languages and "eng" not in study.languages else "",
        STATUSES[special].lower() if special else "",
    ]
    return SEPARATOR.join(part for part in parts if part)


def _authors(study: Study) -> str:
    names = [shorten(clean(author.display), _LONGEST_NAME) for author in study.authors]
    if not names:
        return ""
    if not study.authors_complete:
        return f"{names[0]} et al."
    if len(names) == 1:
        return names[0]
    return f"{names[0]} and {names[1]}" if len(names) == 2 else f"{names[0]} … {names[-1]}"


def _links(study: Study) -> tuple[Link, ...]:
    names = study.identifiers
    links = []
    if names.pmid is not None:
        links.append(Link(text=f"PubMed {names.pmid}", href=pubmed_url(names.pmid)))
    if names.doi is not None and (href := doi_href(names.doi)):
        links.append(Link(text=f"doi:{shorten(clean(names.doi), 80)}", href=href))
    if names.pmcid is not None:
        links.append(Link(text="open full text in PMC", href=pmc_url(names.pmcid)))
    if not links and (url := web_link(study.url)):
        links.append(Link(text="the paper at its source", href=url))
    return tuple(links)


def _registration(number: str) -> Link:
    return Link(text=shorten(clean(number), 40), href=trial_url(number) or "")


def _why(study: Study) -> str:
    reasons = [shorten(clean(reason), _LONGEST_NAME) for reason in study.tags.reasons[:_MOST_REASONS]]
    return ", ".join(reason for reason in reasons if reason)


def _abstract_part(part: AbstractSection) -> Passage:
    label = clean(part.label)
    return Passage(label=capitalise(label.lower()) if label.isupper() else label, text=escape(clean(part.text)))


def _proof(proof: Evidence, study_id: str, words: Words) -> Passage:
    facet = _LABELS.get(proof.facet) or capitalise(clean(proof.facet).replace("_", " "))
    value = clean(words.label(proof.facet, proof.value)) if proof.value else "not stated"
    label = facet if proof.facet == "key_finding" and proof.value else f"{facet}: {value}"
    command = f"harvester correct {study_id} {proof.facet}=" if proof.facet in _LABELS else ""
    if proof.field == BY_HAND:
        return Passage(label=label, text=escape(capitalise(hand_words(proof))), command=command)
    field = _FIELDS.get(proof.field, clean(proof.field))
    text = _marked(clean(proof.sentence), clean(proof.words)) + f" ({field})"
    return Passage(label=label, text=text, command=command)


def _marked(sentence: str, words: str) -> Markup:
    """Set the words that decided in bold, where they stand in the sentence."""
    if not words or words not in sentence:
        return escape(sentence)
    before, _, after = sentence.partition(words)
    return Markup("{}<b>{}</b>{}").format(before, words, after)
