"""What the page has beyond the mail: filters, the data behind search and export, its content policy."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harvester.digest.edition import Edition, shown_studies, words_of
from harvester.digest.filters import FACETS, Filter, build_filter
from harvester.digest.packing import pack
from harvester.digest.words import tags_of
from harvester.exports import FORMATS, TextFormat
from harvester.ground.counted import counted
from harvester.paper.records import Study

# What would end a script element, open a comment, or end a line for old engines (ECMA-262 before 2019); and what is
# not seen in a file, but alters how the rest of it looks.
_UNSAFE = {
    number: f"\\u{number:04x}"
    for number in (*map(ord, "<>&\u2028\u2029\u061c\u200e\u200f\ufeff"), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One format to export in."""

    name: str  # the key in the data
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page's own strings."""

    filters: tuple[Filter, ...]
    buttons: tuple[Button, ...]
    data: Markup  # JSON for a script element of type application/json
    count: str  # "21 studies"


def build_page(edition: Edition) -> Page:
    """Prepare filters and data of the page; filters without any choice are left out."""
    studies = {study.study_id: study for study in shown_studies(edition)}
    studies |= {change.study.study_id: change.study for change in edition.changes}
    offered = [format for format in FORMATS.values() if isinstance(format, TextFormat) and format.is_on_page]
    # In the order of the ids, as the command exports them.
    data = {key: _study_data(studies[key], offered) for key in sorted(studies)}
    filters = []
    for facet in FACETS:
        counts = Counter(tag for study in studies.values() for tag in tags_of(study.tags, facet.column))
        if counts:
            filters.append(build_filter(facet, words_of(edition), counts))
    return Page(
        filters=tuple(filters),
        buttons=tuple(Button(name=format.name, label=format.label) for format in offered),
        data=script_json({"formats": _frames(offered), "studies": data}),
        count=counted(len(studies), "study", "studies", thousands=","),
    )


def script_json(value: object) -> Markup:
    r"""Return JSON that can stand inside a script element, whatever its strings hold.

    Examples
    --------
    >>> script_json("</script><!--")
    Markup('"\\u003c/script\\u003e\\u003c!--"')
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE))  # noqa: S704 - escaped here


def content_policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy that allows this very style and script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _frames(formats: Sequence[TextFormat]) -> dict[str, object]:
    """Return what stands around the pieces of each format, and what its file is called."""
    return {
        format.name: {
            "head": format.head,
            "between": format.between,
            "tail": format.tail,
            "suffix": format.suffix,
            "type": format.media_type,
        }
        for format in formats
    }


def _study_data(study: Study, formats: Sequence[TextFormat]) -> dict[str, object]:
    """Return what filters ask of a study, absent values left out, and its piece of each format."""
    facets = {facet.name: tags_of(study.tags, facet.column) for facet in FACETS}
    pieces = pack([format.piece(study) for format in formats])
    return {name: values for name, values in facets.items() if values} | {"pieces": pieces}
