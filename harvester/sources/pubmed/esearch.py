"""What ESearch answers, read with distrust: an error inside a 200, a list that is shorter than its count.

No network, disk or clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from harvester.ground.counted import counted
from harvester.ground.http import RetryableError
from harvester.paper.identifiers import normalise_pmid

_ERROR = re.compile(r"<ERROR>([^<]+)</ERROR>")
_ERROR_BYTES = 4_000  # of an answer in which its reason is looked for; answers that hold nothing else are short
_LOST_WORDS = {
    "phrasenotfound": "PubMed does not know {!r} and searched without it",
    "fieldnotfound": "PubMed has no field {!r} and searched all fields instead",
    "phraseignored": "PubMed ignored {!r}",
    "quotedphrasenotfound": "PubMed does not know the phrase {!r} and searched for its words",
}
_WARNINGS = {**_LOST_WORDS, "outputmessage": "PubMed says: {}"}
_NO_WARNINGS = ("No items found.",)  # a week without news


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What PubMed found."""

    term: str  # as we asked, dates included
    translation: str | None  # as PubMed understood it; None: it did not say
    count: int  # papers that match, by PubMed's count
    pmids: tuple[str, ...]  # all of them, in PubMed's order; as many as `count` says
    warnings: tuple[str, ...] = ()  # what is probably wrong with the query, what PubMed ignored; one sentence each
    since: date | None = None  # the window's first and last day, both included; None: not limited to one
    until: date | None = None
    url: str | None = field(default=None, compare=False)  # which program was asked
    asked_at: datetime | None = field(default=None, compare=False)  # when it answered, aware UTC


def read_search(content: bytes, term: str, *, at_most: int) -> Search:
    """Read an answer of ESearch.

    Parameters
    ----------
    content
        JSON, as NCBI writes it.
    term
        What was asked.
    at_most
        How many PMIDs were asked for; fewer are right only if no more match.

    Raises
    ------
    RetryableError
        If it is no answer, holds an error, or does not list as many papers as it counts.
    """
    try:
        # NCBI writes raw line breaks into the strings of its error messages.
        answer = json.loads(content.decode("utf-8", "replace"), strict=False)
    except ValueError as error:
        if (stated := find_error(content)) is not None:
            raise RetryableError(f"reports an error: {stated}", status=200) from error
        shown = " ".join(content[:60].decode("utf-8", "replace").split()) or "nothing"
        raise RetryableError(f"gave no search result but {shown!r}", status=200) from error
    result = answer.get("esearchresult") if isinstance(answer, dict) else None
    if not isinstance(result, dict):
        said = answer.get("error") if isinstance(answer, dict) else None
        raise RetryableError(f"gave no search result: {_say(said)}" if said else "gave no search result", status=200)
    failure = next((value for key, value in result.items() if key.lower() == "error"), None)
    if failure:
        raise RetryableError(f"reports an error: {_say(failure)}", status=200)
    count = str(result.get("count", ""))
    ids = result.get("idlist", [])
    if not re.fullmatch(r"[0-9]{1,9}", count) or not isinstance(ids, list):
        raise RetryableError("gave a search result without a count", status=200)
    pmids = tuple(dict.fromkeys(pmid for pmid in map(normalise_pmid, map(str, ids)) if pmid is not None))
    if len(pmids) != min(int(count), at_most):
        raise RetryableError(f"counts {counted(int(count), 'paper')} but lists {len(pmids)}", status=200)
    translation = result.get("querytranslation")
    return Search(
        term=term,
        translation=_say(translation) if translation else None,
        count=int(count),
        pmids=pmids,
        warnings=_read_warnings(result),
    )


def find_error(content: bytes) -> str | None:
    """Find the reason that an answer in XML states, whichever program gave it; None if it states none.

    Errors come as XML even where JSON was asked for.

    Examples
    --------
    >>> find_error(b"<eFetchResult><ERROR>ID list is empty</ERROR></eFetchResult>")
    'ID list is empty'
    """
    found = _ERROR.search(content[:_ERROR_BYTES].decode("utf-8", "replace"))
    return None if found is None else _say(found.group(1))


def has_lost_words(warning: str) -> bool:
    """Return whether a warning says that PubMed searched for something else than was asked."""
    return warning.startswith(tuple(sentence.partition("{")[0] for sentence in _LOST_WORDS.values()))


def _read_warnings(result: Mapping[str, object]) -> tuple[str, ...]:
    """Put into sentences what PubMed left out of a query or has to say of it."""
    found: list[str] = []
    for group in ("errorlist", "warninglist"):
        lists = result.get(group)
        for key, values in lists.items() if isinstance(lists, dict) else ():
            # The names are in the plural in JSON and in the singular in XML.
            sentence = _WARNINGS.get(key.lower().replace("phrases", "phrase").replace("fields", "field").rstrip("s"))
            said = [_say(value) for value in (values if isinstance(values, list) else [values]) if value]
            found += [
                (sentence or f"PubMed says ({key}): {{}}").format(text) for text in said if text not in _NO_WARNINGS
            ]
    return tuple(dict.fromkeys(found))


def _say(value: object) -> str:
    """Make one line of whatever NCBI put there."""
    return " ".join(str(value).split())
