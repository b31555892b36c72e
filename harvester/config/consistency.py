"""What only the whole of config.yaml can get wrong: names that are doubled, parts that need each other.

Looked for in the file as it was written, so that these mistakes are told beside those of single settings and not
after them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harvester.config.yaml_lines import Place
from harvester.tagging import list_vocabularies

_DEFAULT = "ketamine"  # known to be there, so that an ordinary start reads no other vocabulary


def find_mistakes(data: dict[Any, Any]) -> Iterator[tuple[Place, str]]:
    """Give each mistake with its place; parts that are not of the right kind are left to those who check them.

    Examples
    --------
    >>> list(find_mistakes({"digests": [{"name": "a"}, {"name": "a"}]}))
    [(('digests', 1, 'name'), 'another digest has the name a')]
    >>> list(find_mistakes({"digests": [{"name": "a", "recipients": ["b@example.org"]}]}))
    [(('digests', 0, 'recipients'), 'a digest has recipients, but there is no mail section')]
    """
    vocabulary = data.get("vocabulary", _DEFAULT)
    if isinstance(vocabulary, str) and vocabulary != _DEFAULT and not is_path(vocabulary):
        known = list_vocabularies()
        if vocabulary not in known:
            yield ("vocabulary",), f"there is no built-in vocabulary {vocabulary!r}; there are {', '.join(known)}"
    sources = data.get("sources")
    if isinstance(sources, dict):
        if not sources.get("pubmed") and not sources.get("feeds"):
            yield ("sources",), "no source: name pubmed, feeds or both"
        yield from _find_doubled(sources.get("feeds"), ("sources", "feeds"), "feed")
    digests = data.get("digests")
    if isinstance(digests, list) and not digests:
        yield ("digests",), "no digest: name at least one"
    yield from _find_doubled(digests, ("digests",), "digest")
    if not data.get("mail"):
        for place, digest in enumerate(digests if isinstance(digests, list) else ()):
            if isinstance(digest, dict) and digest.get("recipients"):
                yield ("digests", place, "recipients"), "a digest has recipients, but there is no mail section"


def is_path(vocabulary: str) -> bool:
    """Tell whether a vocabulary is named by its file, not by a built-in name."""
    return "/" in vocabulary or vocabulary.endswith((".yaml", ".yml"))


def _find_doubled(items: Any, where: Place, what: str) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for place, item in enumerate(items if isinstance(items, list) else ()):
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str):
            if name in seen:
                yield (*where, place, "name"), f"another {what} has the name {name}"
            seen.add(name)
