"""BibTeX, in UTF-8 as biber and today's BibTeX styles read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from harvester.exports.citation import given_of, kind_of_work, note_of, page_span, title_of
from harvester.exports.format import TextFormat
from harvester.paper.records import Author, Study

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


def escape_latex(text: str) -> str:
    r"""Escape what LaTeX would read as a command; everything else stays as it is.

    Examples
    --------
    >>> print(escape_latex("50% of A & B_1"))
    50\% of A \& B\_1
    """
    return _SPECIALS.sub(lambda match: _SPECIAL[match.group()], text)


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


def _print(study: Study) -> str:
    """Print one entry; its key is the study's number, which names no other paper and outlives every change of words."""
    fields = ",\n".join(f"  {name} = {value}" for name, value in _fields(study))
    return f"@{_TYPES[kind_of_work(study)]}{{{study.study_id},\n{fields}\n}}\n"


def _fields(study: Study) -> Iterator[tuple[str, str]]:
    """Yield the fields in order, values with their braces."""
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
    for name, value in (
        ("pmid", identifiers.pmid),
        ("pmcid", identifiers.pmcid),
        ("keywords", ", ".join(study.keywords) or None),
        ("abstract", study.abstract_text),
        ("note", note_of(study) or ("Preprint" if kind_of_work(study) == "preprint" else None)),
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


BIBTEX = TextFormat(
    name="bibtex",
    label="BibTeX",
    suffix="bib",
    media_type="application/x-bibtex",
    print_study=_print,
    between="\n",
    is_on_page=True,
)
