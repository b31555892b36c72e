"""CSL-JSON, the inner form of Zotero, Pandoc and citeproc (citationstyles.org, schema of CSL 1.0.2)."""

from __future__ import annotations

import json
import re
from html import escape

from harvester.exports.citation import given_of, kind_of_work, note_of, page_span, title_of
from harvester.exports.format import TextFormat
from harvester.paper.languages import language_tag
from harvester.paper.records import Author, Study
from harvester.paper.text import drop_full_stop

_TYPES = {
    "article": "article-journal",
    "preprint": "article",
    "thesis": "thesis",
    "dataset": "dataset",
    "report": "report",
    "book": "book",
    "conference": "paper-conference",
    "news": "article-newspaper",
}
# CSL's rich text knows these tags in titles.
_MARKUP = (("<em>", "<i>"), ("</em>", "</i>"), ("<strong>", "<b>"), ("</strong>", "</b>"))


def _print(study: Study) -> str:
    # Only between the parts of JSON are there line ends; inside a text they are escaped.
    return "  " + json.dumps(_item(study), ensure_ascii=False, indent=2).replace("\n", "\n  ")


def _item(study: Study) -> dict[str, object]:
    kind = kind_of_work(study)
    pages = page_span(study.pages)
    values: dict[str, object] = {
        "id": study.study_id,
        "type": _TYPES[kind],
        "genre": "Preprint" if kind == "preprint" else None,
        "title": _title(study),
        "author": [_author(author) for author in study.authors],
        "issued": _issued(study.published),
        "container-title": study.journal or study.journal_abbreviation,
        "container-title-short": study.journal_abbreviation,
        "volume": study.volume,
        "issue": study.issue,
        "page": None if pages is None else "-".join(part for part in pages if part),
        "ISSN": study.issns[0] if study.issns else None,
        "DOI": study.identifiers.doi,
        "PMID": study.identifiers.pmid,
        "PMCID": study.identifiers.pmcid,
        "URL": study.page_url,
        "language": language_tag(study.languages[0]) if study.languages else None,
        "abstract": study.abstract_text,
        "keyword": ", ".join(study.keywords) or None,
        "note": note_of(study),
    }
    return {name: value for name, value in values.items() if value not in (None, [])}


def _title(study: Study) -> str:
    """Return the title as CSL's rich text, where a bare ``<`` would begin a tag."""
    if study.title_markup is None:
        title = title_of(study)
        return escape(title, quote=False) if re.search(r"<[/a-z]", title) else title
    title = study.title_markup
    for ours, theirs in _MARKUP:
        title = title.replace(ours, theirs)
    return drop_full_stop(title)


def _author(author: Author) -> dict[str, str]:
    if author.collective is not None:
        return {"literal": author.collective}
    parts = {"family": author.family, "given": given_of(author), "suffix": author.suffix}
    return {name: value for name, value in parts.items() if value}


def _issued(published: str | None) -> dict[str, list[list[int]]] | None:
    return None if published is None else {"date-parts": [[int(part) for part in published.split("-")]]}


CSL_JSON = TextFormat(
    name="csl-json",
    label="CSL-JSON",
    suffix="json",
    media_type="application/vnd.citationstyles.csl+json",
    print_study=_print,
    head="[\n",
    between=",\n",
    tail="\n]\n",
)
