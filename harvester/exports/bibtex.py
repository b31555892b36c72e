"""BibTeX, in UTF-8 as biber and today's BibTeX styles read it.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from harvester.exports.parts import given_of, kind_of_work, page_span, title_of, warning_of
from harvester.paper.records import Author, Study
from harvester.paper.text import fold

_TYPES = {
    "article": "article",
    "preprint": "misc",
    "thesis": "phdthesis",
    "dataset": "misc",
    "report": "techreport",
    "book": "book",
    "conference": "inproceedings",
    "news": "misc",
}
# Where each type of entry holds what the study appeared in.
_CONTAINERS = {"article": "journal", "inproceedings": "booktitle", "phdthesis": "school", "techreport": "institution"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_SPECIALS = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
# Words too common to name a paper in its key.
_COMMON = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to", "with")
)


def write_bibtex(studies: Sequence[Study]) -> str:
    """Write studies as BibTeX.

    Parameters
    ----------
    studies
        In the order in which they are to stand; none gives an empty text.

    Returns
    -------
    str
        Each entry's key is the first author's family name, the year and the first telling word of the title in
        ASCII, with a letter behind it where that is not unique.
    """
    keys = _keys(studies)
    return "\n".join(_entry(key, study) for key, study in zip(keys, studies, strict=True))


def escape_latex(text: str) -> str:
    r"""Escape what LaTeX would read as a command; everything else stays as it is.

    Examples
    --------
    >>> print(escape_latex("50% of A & B_1"))
    50\% of A \& B\_1
    """
    return _SPECIALS.sub(lambda found: _SPECIAL[found.group()], text)


def protect_capitals(title: str) -> str:
    """Escape a title and put braces around the words whose capitals styles must not lower.

    Examples
    --------
    >>> print(protect_capitals("Ketamine and the MADRS: a trial in Basel"))
    Ketamine and the {MADRS}: a trial in {Basel}
    """
    parts, at = [], 0
    for number, word in enumerate(_WORD.finditer(title)):
        parts.append(escape_latex(title[at : word.start()]))
        capitals = word.group() if number else word.group()[1:]  # styles keep the first letter of a title
        has_capitals = any(char.isupper() for char in capitals)
        parts.append(f"{{{word.group()}}}" if has_capitals else word.group())
        at = word.end()
    return "".join([*parts, escape_latex(title[at:])])


def _keys(studies: Sequence[Study]) -> list[str]:
    """Give each study a key of its own: ``doe2026ketamine``, then ``doe2026ketamineb``."""
    taken: set[str] = set()
    keys = []
    for study in studies:
        plain = _plain_key(study)
        key, number = plain, 1
        while key in taken:
            number += 1
            key = plain + _letters(number)
        taken.add(key)
        keys.append(key)
    return keys


def _letters(number: int) -> str:
    """Count in letters: 2 is b, 26 is z, 27 is aa."""
    text = ""
    while number > 0:
        number, place = divmod(number - 1, 26)
        text = chr(ord("a") + place) + text
    return text


def _plain_key(study: Study) -> str:
    author = study.authors[0] if study.authors else None
    name = "anonymous" if author is None else (author.family or author.collective or "")
    words = [_ascii(word) for word in title_of(study).split()]
    word = next((word for word in words if len(word) > 2 and word not in _COMMON), "")
    return f"{_ascii(name)[:40] or 'anonymous'}{study.year or ''}{word[:40]}"


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _entry(key: str, study: Study) -> str:
    fields = ",\n".join(f"  {name} = {value}" for name, value in _fields(study))
    return f"@{_TYPES[kind_of_work(study)]}{{{key},\n{fields}\n}}\n"


def _fields(study: Study) -> Iterator[tuple[str, str]]:
    """Give the fields in order, values with their braces."""
    kind = _TYPES[kind_of_work(study)]
    identifiers = study.identifiers
    yield "title", f"{{{protect_capitals(title_of(study))}}}"
    authors = [_print_author(author) for author in study.authors]
    if authors:
        yield "author", f"{{{' and '.join(authors if study.authors_complete else [*authors, 'others'])}}}"
    pages = page_span(study.pages)
    plain = {
        _CONTAINERS.get(kind, "howpublished"): study.journal or study.journal_abbreviation,
        "year": None if study.year is None else str(study.year),
        "volume": study.volume,
        "number": study.issue,
        "pages": None if pages is None else "--".join(part for part in pages if part),
        "issn": ", ".join(study.issns) or None,
    }
    for name, value in plain.items():
        if value is not None:
            yield name, f"{{{escape_latex(value)}}}"
    if study.published is not None and len(study.published) >= len("2026-11"):
        yield "month", _MONTHS[int(study.published[5:7]) - 1]
    for name, value in (("doi", identifiers.doi), ("url", study.page_url)):
        if value is not None:
            yield name, f"{{{_print_verbatim(value)}}}"
    for name, value in (("pmid", identifiers.pmid), ("pmcid", identifiers.pmcid)):
        if value is not None:
            yield name, f"{{{value}}}"
    for name, value in (
        ("keywords", ", ".join(study.keywords) or None),
        ("abstract", study.abstract_text),
        ("note", warning_of(study) or ("Preprint" if kind_of_work(study) == "preprint" else None)),
    ):
        if value is not None:
            yield name, f"{{{escape_latex(value)}}}"


def _print_verbatim(value: str) -> str:
    """Write a DOI or an address, which biblatex and hyperref read as they are; only braces that do not pair end it."""
    depths = list(accumulate((char == "{") - (char == "}") for char in value))
    is_balanced = not depths or (min(depths) == 0 == depths[-1])
    return value if is_balanced else value.replace("{", "%7B").replace("}", "%7D")


def _print_author(author: Author) -> str:
    """Print a name so that BibTeX divides it as we do; a group stands in braces of its own."""
    if author.collective is not None:
        return f"{{{escape_latex(author.collective)}}}"
    family = escape_latex(author.family or "")
    if " " in family and not family[0].islower():
        family = f"{{{family}}}"
    # "Jr" stands between the names in BibTeX.
    parts = (family, *((escape_latex(author.suffix),) if author.suffix else ()), escape_latex(given_of(author) or ""))
    return re.sub(r"\band\b", "{and}", ", ".join(part for part in parts if part))
