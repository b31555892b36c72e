"""What the page has beyond the mail: filters, the data behind search and export, its content policy."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from dataclasses import dataclass

from markupsafe import Markup

from harvester.digest.edition import Edition, shown_studies, words_of
from harvester.digest.entries import paper_href
from harvester.digest.filters import FACETS, Filter, build_filter
from harvester.digest.markup import clean
from harvester.digest.words import tags_of
from harvester.ground.counted import counted
from harvester.paper.records import Author, Study

# What would end a script element, open a comment, or end a line for old engines (ECMA-262 before 2019).
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page's own strings."""

    filters: tuple[Filter, ...]
    data: Markup  # JSON for a script element of type application/json
    count: str  # "21 studies"


def build_page(edition: Edition) -> Page:
    """Prepare filters and data of the page.

    Returns
    -------
    Page
        Filters without any choice are left out.
    """
    studies = {study.study_id: study for study in shown_studies(edition)}
    studies |= {change.study.study_id: change.study for change in edition.changes}
    held = list(studies.values())
    counts = {facet: Counter(tag for study in held for tag in tags_of(study.tags, facet.column)) for facet in FACETS}
    facets = [build_filter(facet, words_of(edition), counts[facet]) for facet in FACETS]
    return Page(
        filters=tuple(facet for facet in facets if facet.options),
        data=script_json({key: _study_data(study) for key, study in studies.items()}),
        count=counted(len(held), "study", "studies", thousands=","),
    )


def script_json(value: object) -> Markup:
    r"""Write JSON that can stand inside a script element, whatever its strings hold.

    Examples
    --------
    >>> script_json("</script><!--")
    Markup('"\\u003c/script\\u003e\\u003c!--"')
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE))  # noqa: S704 - escaped here


def content_policy(style: str, script: str) -> str:
    """Write the Content-Security-Policy that allows this very style and script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _study_data(study: Study) -> dict[str, object]:
    """Give what filters and exports need; absent fields are left out."""
    names = study.identifiers
    data: dict[str, object | None] = {
        "title": clean(study.title),
        "authors": [_author(author) for author in study.authors],
        "journal": clean(study.journal),
        "published": study.published,
        "volume": clean(study.volume),
        "issue": clean(study.issue),
        "pages": clean(study.pages),
        "doi": names.doi,
        "pmid": names.pmid,
        "pmcid": names.pmcid,
        "trials": list(study.trial_ids),
        "url": paper_href(study),
        **{facet.name: list(tags_of(study.tags, facet.column)) for facet in FACETS},
        "people": study.tags.sample_size,
        "status": study.status,
    }
    return {key: value for key, value in data.items() if value not in (None, "", [])}


def _author(author: Author) -> str | list[str]:
    """Give an author as the parts that reference managers tell apart: family, given, suffix; a group as its name."""
    if author.collective is not None:
        return clean(author.collective)
    parts = [clean(author.family), clean(author.given or author.initials), clean(author.suffix)]
    return [part for part in parts if part]
