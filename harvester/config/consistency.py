"""What only the whole of config.yaml can get wrong: names that are doubled, parts that need each other.

Looked for in the file as it was written, so that these mistakes are told beside those of single settings and not
after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from harvester.config.grammar import Grammar
from harvester.config.yaml_lines import Place

# The name of an environment variable as everybody writes them; a long one in one piece with digits is rather a key.
_VARIABLE = re.compile(r"(?![A-Z0-9]{16,}\Z)[A-Z][A-Z0-9_]{0,63}|[A-Z]{16,64}")
_DEFAULT = "ketamine"  # known to be there, so that an ordinary start reads no other vocabulary


def find_mistakes(data: dict[Any, Any], grammar: Grammar) -> Iterator[tuple[Place, str]]:
    """Yield each mistake with its place; parts that are not of the right kind are left to those who check them."""
    yield from _find_secrets(data, ())
    vocabulary = data.get("vocabulary", _DEFAULT)
    if isinstance(vocabulary, str) and vocabulary != _DEFAULT and not is_path(vocabulary):
        known = grammar.list_vocabularies()
        if vocabulary not in known:
            yield ("vocabulary",), f"there is no built-in vocabulary {vocabulary!r}; there are {', '.join(known)}"
    sources = data.get("sources")
    if isinstance(sources, dict):
        if not any(sources.get(section) for section in grammar.papers_from):
            yield ("sources",), f"no source of papers: name one or more of {', '.join(grammar.papers_from)}"
        for section, (_, is_list) in grammar.sources.items():
            if is_list:
                yield from _find_doubled(sources.get(section), ("sources", section), section.removesuffix("s"))
    digests = data.get("digests")
    if isinstance(digests, list) and not digests:
        yield ("digests",), "no digest: name at least one"
    yield from _find_doubled(digests, ("digests",), "digest")
    for place, digest in enumerate(digests if isinstance(digests, list) else ()):
        if isinstance(digest, dict) and isinstance(digest.get("sections"), list):
            mistake = _find_wrong_sections([str(name) for name in digest["sections"]], grammar)
            if mistake is not None:
                yield ("digests", place, "sections"), mistake
    yield from _find_taken(data, digests)
    if not data.get("mail"):
        for place, digest in enumerate(digests if isinstance(digests, list) else ()):
            if isinstance(digest, dict) and digest.get("recipients"):
                yield ("digests", place, "recipients"), "a digest has recipients, but there is no mail section"


def _find_taken(data: dict[Any, Any], digests: Any) -> Iterator[tuple[Place, str]]:
    """Yield the names of digests of today that are said to be of the past."""
    items = [item if isinstance(item, dict) else {} for item in (digests if isinstance(digests, list) else ())]
    present = [item.get("name") for item in items]
    pasts: list[tuple[Place, Any]] = [
        (("digests", place, "formerly"), one.get("formerly")) for place, one in enumerate(items)
    ]
    for where, past in (*pasts, (("ended_digests",), data.get("ended_digests"))):
        for name in past if isinstance(past, list) else ():
            if name in present:
                yield where, f"there is a digest named {name} in these settings"


def _find_secrets(data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield where something else stands than the name of an environment variable; it may be a secret itself."""
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in steps:
        inner = (*place, step)
        if not str(step).endswith("_env"):
            yield from _find_secrets(value, inner)
        elif value is not None and not (isinstance(value, str) and _VARIABLE.fullmatch(value)):
            yield (
                inner,
                "write the name of an environment variable, in capital letters (such as MY_SECRET), not what it holds;"
                " what stands here is not repeated, in case it is a secret",
            )


def _find_wrong_sections(names: list[str], grammar: Grammar) -> str | None:
    """Return what is wrong with a digest's list of sections; None: nothing."""
    known = f"choose from {', '.join(grammar.sections)}"
    fixed = [name for name in names if name in grammar.fixed_sections]
    unknown = [name for name in names if name not in (*grammar.sections, *fixed)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if fixed:
        return f"{', '.join(fixed)} always appear, and always in their place; {known}"
    if unknown:
        return f"there is no section {', '.join(repr(name) for name in unknown)}; {known}"
    return f"listed twice: {', '.join(doubled)}" if doubled else None


def is_path(vocabulary: str) -> bool:
    """Return whether a vocabulary is named by its file, not by a built-in name."""
    return "/" in vocabulary or vocabulary.endswith((".yaml", ".yml"))


def _find_doubled(items: Any, where: Place, what: str) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for place, item in enumerate(items if isinstance(items, list) else ()):
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str):
            if name in seen:
                yield (*where, place, "name"), f"another {what} has the name {name}"
            seen.add(name)
