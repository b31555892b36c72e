"""Under which names other programs' tables hold our fields: the one list that `import`, `dedupe` and `classify` ask.

Names are compared without regard to case, blanks, punctuation and byte-order marks: ``Author(s)``, ``authors`` and
``AUTHORS`` are one.  A field is called as its column in our own table (`columns`), where there is one.

Which column counts, where several could:

- Of the names of a field the one named first, which is the more specific: a table that has an ``Article Title`` and a
  ``Title`` means something else by the second.  Where the cell of that column is empty, the next column's is read, so
  that two exports in one table are read alike.
- A name behind ``||`` means the field only in a table that has no other column for it: Publish or Perish calls the
  journal ``Source``, Scopus the database.
- The title of something else is no title: ``Source title``, ``Publication Title`` and ``Journal Title`` name the
  journal, ``Short Title``, ``Series Title`` and ``Conference Title`` nothing that we read.
- The two letters of tagged formats, which some programs make columns of, are ambiguous (``IS`` is an issue in Web of
  Science and an ISSN in MEDLINE, ``ID`` a keyword or a number), so those that are no word count only among others of
  their format.

A program whose columns are not found is added here, and nowhere else.  Those of PubMed, Scopus, Web of Science, Embase,
EBSCO, ProQuest, CENTRAL, Europe PMC, Lens, OpenAlex, Dimensions, IEEE Xplore, Google Scholar, Publish or Perish,
Zotero, JabRef, EndNote, RefWorks, Covidence and Rayyan are here as their exports have them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

Columns = dict[str, tuple[int, ...]]  # by field the places of its columns in a table, the best first

_NAMES = {
    "id": "id",
    "title": "article title | document title | paper title | title primary | primary title | title | ti"
    " || display name",
    "authors": "authors | author | author names | authors primary | first authors | author string | au"
    " | authorships author display name | authorships raw author name | creators || author full names | contributors"
    " | authors raw | first author",
    "groups": "group authors | corporate author | corporate authors",
    "published": "published | date | publication date | date published | date of publication | pub date | cover date"
    " | pub date free from | first publication date | pub month day | publication date print"
    " | publication date online | early access date",
    "month": "month | published month | publication month | pub month",
    "day": "day | published day | publication day",
    "year": "year | publication year | published year | pub year | year published | year of publication | py",
    "journal": "journal | journal book | publication title | source title | journal title | journal name"
    " | secondary title | periodical full | container title | pub title | journal full"
    " | primary location source display name"
    " || publication | source | venue | book title | title secondary | how published",
    "journal_abbreviation": "journal abbreviation | iso abbreviation | journal iso abbreviation"
    " | abbreviated source title | abbrev source title | short journal | journal abbrev | periodical abbrev",
    "volume": "volume | vol | journal volume | biblio volume",
    "issue": "issue | issue number | issue no | biblio issue | number",
    "first_page": "page start | start page | first page | biblio first page",
    "last_page": "page end | end page | last page | biblio last page | other pages",
    "pages": "pages | page | page range | pagination | page info | art no | art number | article number",
    "abstract": "abstract | abstract note | abstract text | notes abstract | ab",
    "doi": "doi | digital object identifier | doi link | ids doi",
    "pmid": "pmid | pubmed id | medline pmid | ids pmid | pubmed",
    "pmcid": "pmcid | pmc id | pmc | ids pmcid | pubmed central id",
    "url": "url | link | links | pubmed url | article url | document url | external url | urls | p link"
    " | primary location landing page url | full text link | embase link | source linkout | dimensions url | doi url",
    "issn": "issn | eissn | issns | issn isbn | journal issn | primary location source issn | isbn",
    "keywords": "keywords | author keywords | manual tags | automatic tags | index keywords | keywords plus | subjects"
    " | subject terms | keywords display name | descriptors",
    "language": "language | language of original document | article language | languages | output language | langid",
    "publication_types": "publication types | publication type | document type | item type | entry type | doctype"
    " | doc types | reference type | type of reference | pub type || type | pt",
    "mesh_terms": "mesh terms | mesh | mesh headings | mh",
    "trial_ids": "trial ids | trial registration | clinical trial numbers | clinical trial number | c tgov id"
    " | ictrp id | nct number | nct id | trial registry number | registration number",
    "retracted": "is retracted | retracted",
    "stage": "publication stage",
    # What a database calls the record; `harvester.sources.imports.keys` tells which by its form.
    "accession": "eid | ut unique wos id | ut unique id | unique wos id | unique id | pui | embase accession id"
    " | lens id | central id | publication id | ids openalex | openalex id | accession number",
    "status": "status",  # our own table's
    "extra": "extra",
}


class _Tagged(NamedTuple):
    """A format of two-letter tags, as columns."""

    signs: str  # the columns that tell it, all of them
    names: Mapping[str, str]  # as above


_TAGGED = (
    _Tagged(  # Web of Science's tab-delimited files, and what bibliometrix makes of all databases
        "ti so py",
        {
            "authors": "au || af",
            "groups": "ca",
            "published": "pd | ea",
            "journal": "so",
            "journal_abbreviation": "ji | j9",
            "volume": "vl",
            "issue": "is",
            "first_page": "bp",
            "last_page": "ep",
            "pages": "ar",
            "doi": "di",
            "pmid": "pm",
            "issn": "sn | ei",
            "language": "la",
            "publication_types": "dt",
            "keywords": "de | id",
            "accession": "ut",
        },
    ),
    _Tagged(  # MEDLINE
        "ti dp",
        {
            "authors": "fau | au",
            "published": "dp",
            "journal": "jt",
            "journal_abbreviation": "ta",
            "volume": "vi",
            "issue": "ip",
            "pages": "pg",
            "issn": "is",
            "language": "la",
            "publication_types": "pt",
            "keywords": "ot",
        },
    ),
    _Tagged(  # RIS
        "ty",
        {
            "title": "ti | t1",
            "authors": "au | a1",
            "published": "da",
            "year": "py | y1",
            "journal": "jf | t2 | jo",
            "journal_abbreviation": "j2 | ja",
            "volume": "vl",
            "issue": "is",
            "first_page": "sp",
            "last_page": "ep",
            "abstract": "ab | n2",
            "doi": "do",
            "url": "ur",
            "issn": "sn",
            "language": "la",
            "keywords": "kw",
        },
    ),
)
_LAST_RESORT = 1000  # ranks from here on are of names behind "||"
# Columns that only programs have which print the month before the day: EBSCO.
_MONTH_FIRST = frozenset(("plink",))
# Columns that only programs have which part authors by semicolons: our own, Zotero, Web of Science, EBSCO, Lens,
# RefWorks, Scopus, CENTRAL, Dimensions, Covidence.
_SEMICOLONS = frozenset(
    (
        *("studyid", "itemtype", "articletitle", "lensid", "authorsprimary", "authorfullnames"),
        *("centralid", "pubyear", "covidence"),
    )
)


def _plain(name: object) -> str:
    """Reduce a column's name to its letters and digits; a byte-order mark may have been read as Latin-1."""
    return re.sub(r"[\W_]", "", str(name).removeprefix("ï»¿")).lower()


def _rank(names: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """Return for each plain name its field, and its place among the names of that field."""
    ranks = {}
    for field, listed in names.items():
        for group, part in enumerate(listed.split("||")):
            for place, name in enumerate(part.split("|")):
                ranks[_plain(name)] = field, group * _LAST_RESORT + place
    return ranks


_RANKS = _rank(_NAMES)
_TAG_RANKS = tuple((frozenset(tagged.signs.split()), _rank(tagged.names)) for tagged in _TAGGED)


def find_columns(header: Iterable[object]) -> Columns:
    r"""Return which columns of a table hold which field.

    Returns
    -------
    dict
        By field the places of its columns, from 0, the best first; a field without a column is not there.

    Examples
    --------
    >>> find_columns(["Source title", "Title", "Document Title", "Source", "mine"])
    {'title': (2, 1), 'journal': (0,)}
    >>> find_columns(["\ufeffTI", "SO", "PY", "ID"])["keywords"], find_columns(["ID", "title"])["id"]
    ((3,), (0,))
    """
    plain = [_plain(name) for name in header]
    ranks = dict(_RANKS)
    for signs, tags in _TAG_RANKS:
        if signs.issubset(plain):
            ranks |= tags
    ranked: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, name in enumerate(plain):
        if name in ranks:
            field, rank = ranks[name]
            ranked[field].append((rank, place))
    return {field: _choose(ranked[field]) for field in _NAMES if field in ranked}


def prints_month_first(header: Iterable[object]) -> bool:
    """Return whether a table is of a program that prints ``11/5/2026`` for the fifth of November."""
    return not _MONTH_FIRST.isdisjoint(map(_plain, header))


def parts_by_semicolons(header: Iterable[object]) -> bool:
    """Return whether a table is of a program that parts authors by semicolons, and never by commas."""
    return not _SEMICOLONS.isdisjoint(map(_plain, header))


def _choose(ranked: list[tuple[int, int]]) -> tuple[int, ...]:
    """Return the places by rank, those of last resort only where there are no others."""
    ranked.sort()
    has_better = ranked[0][0] < _LAST_RESORT
    return tuple(place for rank, place in ranked if rank < _LAST_RESORT or not has_better)


def list_names(field: str) -> str:
    """Return the names under which a field is known, as one text."""
    return ", ".join(name.strip() for name in re.split(r"\|+", _NAMES[field]))
