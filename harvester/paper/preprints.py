"""Preprint servers: how their DOIs look, and what in a DOI is only the version.

What a source says of a work comes before what its DOI looks like; the table is for feeds and exports that say nothing.
It goes by the whole form of a DOI, because most prefixes hold other things beside preprints: 10.1101 Cold Spring
Harbor's journals, 10.2196 JMIR's, 10.1590 SciELO's, 10.12688 F1000's.  Not in it are repositories in which a
preprint's DOI looks like a data set's (Zenodo, figshare, OSF's projects under 10.17605), and OSF's server for theses.

Sources: Crossref's records of 2024 to 2026 for each form; for OSF's communities the table `PREPRINT_DOI_NAMESPACE` of
its server (CenterForOpenScience/osf.io); for bioRxiv and medRxiv "Understanding DOIs for preprints"
(connect.biorxiv.org, 2025-11-18): 10.64898 since December 2025, and one DOI for all versions.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_V = r"[/._ -]v[0-9]{1,3}"  # "/v2", ".v2", "_v2", "-v2", " v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where works are posted, and the form of their DOIs."""

    name: str
    dois: tuple[str, ...]  # prefix, "/", and the pattern of what follows; in lower case, without version
    version: str = _V  # pattern of what a version adds at the end; empty: nothing
    registers_versions: bool = True  # whether each version has a DOI of its own
    # Addresses of its pages that name a work without its DOI: a pattern, in lower case, and the DOI made of its groups.
    pages: tuple[tuple[str, str], ...] = ()
    is_reviewed: bool = False  # whether these are articles of journals, which have versions as preprints do


_DAY = r"20[0-9]{2}\.[0-9]{2}\.[0-9]{2}\."
_OSF = r"osf\.io/[a-z0-9]{3,}"  # five letters, but three in a few
# In an address an id stands where "about" may; OSF's letters leave out those that look like digits.
_OSF_PAGE = r"((?:[a-hjkmnp-z2-9]{5}|[a-hjkmnp-z2-9]{3})(?:_v[0-9]+)?)(?![a-z0-9_.])"


def _osf_pages(name: str, prefix: str) -> tuple[tuple[str, str], ...]:
    """Return how OSF and a community's former site of its own address its works."""
    doi = rf"{prefix}/osf.io/\1"
    return (rf"osf\.io/preprints/{name}/{_OSF_PAGE}", doi), (rf"(?<![a-z.-]){name}\.(?:com|org)/{_OSF_PAGE}", doi)


_BARE_V = r"[/._ -]?v[0-9]{1,3}"  # "v2" too, behind a number
_NUMBER = r"\.[0-9]{1,3}"

# Feeds of bioRxiv and medRxiv lead to /cgi/content/short/2025.06.01.25328000v1, older pages end in /content/early/2019/
# 01/31/537647: without the prefix, which changed in December 2025.  What was submitted then is not guessed.
_BEFORE = r"(?:20(?:1[0-9]|2[0-4])\.[0-9]{2}|2025\.(?:0[0-9]|1[01]))\.[0-9]{2}\."
_SINCE = r"20(?:2[6-9]|[3-9][0-9])\.[0-9]{2}\.[0-9]{2}\."
_RXIV_PAGES = {
    name: (
        (rf"{name}\.org/(?:.*/)?({_BEFORE}{number})(?![0-9])", r"10.1101/\1"),
        (
            rf"{name}\.org/(?:.*/)?({_SINCE}{number})(?![0-9])",
            r"10.64898/\1",
        ),
        (rf"{name}\.org/.*content/(?:.*/)?{old}(?![0-9.])", r"10.1101/\1"),
    )
    for name, number, old in (("medrxiv", "[0-9]{8}", "(1[89][0-9]{6})"), ("biorxiv", "[0-9]{6}", "([0-9]{6})"))
}

# Of several that fit, the first counts.
SERVERS = (
    # Eight digits are medRxiv's, six bioRxiv's; only before 2020 do they stand without a day.
    Server(
        name="medRxiv",
        dois=(rf"10.1101/(?:{_DAY})?[0-9]{{8}}", rf"10.64898/{_DAY}[0-9]{{8}}"),
        version=_BARE_V,
        registers_versions=False,
        pages=_RXIV_PAGES["medrxiv"],
    ),
    Server(
        name="bioRxiv",
        dois=(rf"10.1101/(?:{_DAY}[0-9]+|[0-9]{{6}})", rf"10.64898/{_DAY}[0-9]{{6}}"),
        version=_BARE_V,
        registers_versions=False,
        pages=_RXIV_PAGES["biorxiv"],
    ),
    Server(name="openRxiv", dois=("10.64898/.*?[a-z0-9]",), version=_V, registers_versions=False),
    Server(
        name="arXiv",
        dois=(r"10.48550/arxiv\.(?:[0-9]{4}\.[0-9]{4,5}|[a-z.-]+/[0-9]{7})",),
        version=_BARE_V,
        registers_versions=False,
        pages=(
            (r"arxiv\.org/(?:abs|pdf|html|format)/([0-9]{4}\.[0-9]{4,5}|[a-z.-]+/[0-9]{7})", r"10.48550/arxiv.\1"),
            (r"^(?:oai:arxiv\.org:|arxiv:\s?)([0-9]{4}\.[0-9]{4,5}|[a-z.-]+/[0-9]{7})", r"10.48550/arxiv.\1"),
        ),
    ),
    Server(
        name="Research Square",
        dois=(r"10.21203/rs\.[0-9]\.(?:[a-z]+-)?[0-9]+",),
        pages=(
            (r"researchsquare\.com/article/(rs-[0-9]+/v[0-9]+)", r"10.21203/rs.3.\1"),
            (r"researchsquare\.com/article/(rs-[0-9]+)(?![0-9/])", r"10.21203/rs.3.\1/v1"),
        ),
    ),
    Server(
        name="Preprints.org",
        dois=(r"10.20944/preprints[0-9]+\.[0-9]+",),
        pages=((r"preprints\.org/(?:manuscript/)?([0-9]{6}\.[0-9]{4})/v([0-9]+)", r"10.20944/preprints\1.v\2"),),
    ),
    Server(
        name="SSRN",
        dois=(r"10.2139/ssrn\.[0-9]+",),
        version="",
        pages=((r"ssrn\.com/(?:sol3/papers\.cfm\?(?:.*&)?abstract_id=|abstract=)([0-9]+)", r"10.2139/ssrn.\1"),),
    ),
    Server(
        name="OSF Preprints",
        dois=(f"10.31219/{_OSF}",),
        pages=((rf"osf\.io/preprints/osf/{_OSF_PAGE}", r"10.31219/osf.io/\1"),),
    ),
    Server(name="MetaArXiv", dois=(f"10.31222/{_OSF}",)),
    Server(name="EarthArXiv", dois=(f"10.31223/(?:{_OSF}|x[a-z0-9]+)",)),
    Server(name="engrXiv", dois=(f"10.31224/(?:{_OSF}|[0-9]+)",)),
    Server(name="MindRxiv", dois=(f"10.31231/{_OSF}",)),
    Server(name="NutriXiv", dois=(f"10.31232/{_OSF}",)),
    Server(name="PsyArXiv", dois=(f"10.31234/{_OSF}",), pages=_osf_pages("psyarxiv", "10.31234")),
    Server(name="SocArXiv", dois=(f"10.31235/{_OSF}",), pages=_osf_pages("socarxiv", "10.31235")),
    Server(name="SportRxiv", dois=(f"10.31236/{_OSF}", r"10.51224/srxiv\.[0-9]+")),
    Server(name="AfricArXiv", dois=(f"10.31730/{_OSF}",)),
    Server(name="EcoEvoRxiv", dois=(f"10.32942/(?:{_OSF}|x[a-z0-9]+)",)),
    Server(name="MediArXiv", dois=(f"10.33767/{_OSF}",)),
    Server(name="EdArXiv", dois=(f"10.35542/{_OSF}",)),
    Server(name="BioHackrXiv", dois=(f"10.37044/{_OSF}",)),
    Server(name="ChemRxiv", dois=("10.26434/chemrxiv[.-].+?", "10.33774/chemrxiv[.-].+?")),
    Server(name="Cambridge Open Engage", dois=("10.33774/[a-z]+-.+?",)),
    Server(name="TechRxiv", dois=(r"10.36227/techrxiv\..+?",)),
    Server(name="Authorea", dois=("10.22541/.+?",)),
    Server(name="Advance: a SAGE preprints community", dois=(r"10.31124/advance\..+?",)),
    Server(
        name="SciELO Preprints",
        dois=(r"10.1590/scielopreprints\.[0-9]+",),
        pages=((r"preprints\.scielo\.org/.*preprint/view/([0-9]+)", r"10.1590/scielopreprints.\1"),),
    ),
    Server(
        name="JMIR Preprints",
        dois=(r"10.2196/preprints\.[0-9]+",),
        version="",
        pages=((r"preprints\.jmir\.org/preprint/([0-9]+)", r"10.2196/preprints.\1"),),
    ),
    Server(name="PeerJ Preprints", dois=(r"10.7287/peerj\.preprints\.[0-9]+",), version=_BARE_V),
    # Articles of ScienceOpen's journal name their subject where preprints name none: "sor-socsci.acke0y".
    Server(
        name="ScienceOpen Preprints", dois=(r"10.14293/s2199-1006\.1\.sor-\.pp[a-z0-9]+", r"10.14293/pr2199\.[0-9]+")
    ),
    Server(name="Qeios", dois=("10.32388/[a-z0-9]{6}",), version=_NUMBER),
    Server(name="Jxiv", dois=(r"10.51094/jxiv\.[0-9]+",)),
    Server(name="ChinaXiv", dois=(r"10.12074/[0-9]{6}\.[0-9]{5}",), version=_BARE_V),
    Server(name="NeuroLibre", dois=(r"10.55458/neurolibre\.[0-9]+",)),
    Server(name="Nature Precedings", dois=(r"10.1038/npre\.[0-9]{4}\.[0-9]+",), version=_NUMBER),
    Server(name="VeriXiv", dois=(r"10.12688/verixiv\.[0-9]+",), version=_NUMBER),
    # F1000's platforms publish first and review then; Crossref calls all of it articles, PubMed takes what passed.
    Server(
        name="F1000",
        dois=(
            r"10.12688/[a-z0-9]+\.[0-9]+",
            r"10.3310/nihropenres\.[0-9]+",
            r"10.35241/emeraldopenres\.[0-9]+",
            r"10.15694/mep\.[0-9]{4}\.[0-9]+",
        ),
        version=_NUMBER,
        is_reviewed=True,
    ),
)
# OSF's communities come and go; these prefixes hold its projects and its theses.
_OSF_COMMUNITY = Server(name="OSF Preprints", dois=())
_NO_OSF_COMMUNITIES = ("10.17605", "10.31237")
# Where a source calls a work a preprint whose server is not in the table.
_ANY_VERSION = re.compile(rf"(?:{_V}|(?<=[0-9])v[0-9]{{1,3}})+$")

_Forms = tuple[tuple[Server, re.Pattern[str]], ...]


def _compile_form(pattern: str, version: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<family>{pattern})(?:{version})*" if version else rf"(?P<family>{pattern})")


def _group_by_prefix() -> dict[str, _Forms]:
    forms: dict[str, list[tuple[Server, re.Pattern[str]]]] = defaultdict(list)
    for server in SERVERS:
        for doi in server.dois:
            prefix, _, pattern = doi.partition("/")
            forms[prefix].append((server, _compile_form(pattern, server.version)))
    return {prefix: tuple(listed) for prefix, listed in forms.items()} | dict.fromkeys(_NO_OSF_COMMUNITIES, ())


_FORMS = _group_by_prefix()
_PAGES = tuple((re.compile(form), doi) for server in SERVERS for form, doi in server.pages)
_OTHER_FORMS: _Forms = ((_OSF_COMMUNITY, _compile_form(_OSF, _V)),)

# How sources call the kind of work, compared without case, spaces and hyphens.
_WORDS = frozenset(("preprint", "preprints", "postedcontent", "ppr", "unpb"))
_NAMES = re.compile(
    r"\b(?:[a-z]*rxiv|preprints?|osf|"
    + "|".join(re.escape(server.name.lower()) for server in SERVERS if not server.is_reviewed)
    + r")\b"
)


def says_preprint(word: str | None) -> bool:
    """Return whether a source's own word for the kind of a work means a preprint.

    Examples
    --------
    >>> [says_preprint(word) for word in ("Preprint", "posted-content", "PPR", "UNPB", "Journal Article", None)]
    [True, True, True, True, False, False]
    """
    return re.sub(r"[^a-z]", "", (word or "").lower()) in _WORDS


def looks_like_preprint(doi: str | None, journal: str | None = None) -> bool:
    """Return whether a work is a preprint by its DOI, or by what stands where a journal's name would.

    For sources that do not say what a work is; both may be absent.

    Examples
    --------
    >>> looks_like_preprint("10.26434/chemrxiv-2026-abcde"), looks_like_preprint(None, "medRxiv")
    (True, True)
    >>> looks_like_preprint("10.1000/x", "Journal of Invented Psychiatry")
    False
    """
    return is_preprint_doi(doi) or is_preprint_server(journal)


def is_preprint_server(journal: str | None) -> bool:
    """Return whether the name in a journal's field is a preprint server's; False without a name.

    Examples
    --------
    >>> is_preprint_server("bioRxiv : the preprint server for biology"), is_preprint_server("Lancet")
    (True, False)
    """
    return journal is not None and _NAMES.search(journal.lower()) is not None


def preprint_server(doi: str | None) -> str | None:
    """Return the name of the server that a normalised DOI is a preprint of; None if it is no preprint's.

    Examples
    --------
    >>> preprint_server("10.31234/osf.io/abcde_v2"), preprint_server("10.12688/f1000research.1234.1")
    ('PsyArXiv', None)
    """
    found = _find_server(doi) if doi else None
    return None if found is None or found[0].is_reviewed else found[0].name


def is_preprint_doi(doi: str | None) -> bool:
    """Return whether a normalised DOI is a preprint's by its form.

    Examples
    --------
    >>> is_preprint_doi("10.1101/2026.11.05.26000001"), is_preprint_doi("10.1101/gr.280000.126"), is_preprint_doi(None)
    (True, False, False)
    """
    return preprint_server(doi) is not None


def doi_family(doi: str, *, is_preprint: bool = False) -> str:
    """Return a normalised DOI without the version in it: equal DOIs are one work.

    Parameters
    ----------
    doi
        Of any work; one in which there is no version is returned as it is.
    is_preprint
        Whether the source calls it a preprint: what looks like a version is one then, whatever the server.

    Examples
    --------
    >>> [doi_family(doi) for doi in ("10.21203/rs.3.rs-1/v2", "10.31234/osf.io/abcde_v1", "10.12688/f1000research.1.2")]
    ['10.21203/rs.3.rs-1', '10.31234/osf.io/abcde', '10.12688/f1000research.1']
    >>> doi_family("10.1000/x.v2"), doi_family("10.1000/x.v2", is_preprint=True)
    ('10.1000/x.v2', '10.1000/x')
    """
    found = _find_server(doi)
    if found is not None:
        return f"{doi.partition('/')[0]}/{found[1]}"
    return _ANY_VERSION.sub("", doi) if is_preprint else doi


def registered_doi(doi: str) -> str:
    """Return a DOI without the version that its server gives no DOI of its own, and that no resolver knows.

    Examples
    --------
    >>> registered_doi("10.1101/2026.11.05.26000001v2"), registered_doi("10.21203/rs.3.rs-1/v2")
    ('10.1101/2026.11.05.26000001', '10.21203/rs.3.rs-1/v2')
    """
    found = _find_server(doi)
    return doi if found is None or found[0].registers_versions else f"{doi.partition('/')[0]}/{found[1]}"


def page_preprint(address: str) -> str | None:
    """Return the DOI of the preprint whose page an address is, if the address names it; None for any other.

    Examples
    --------
    >>> page_preprint("https://osf.io/preprints/psyarxiv/abcde_v2"), page_preprint("https://arxiv.org/abs/2511.00832v1")
    ('10.31234/osf.io/abcde_v2', '10.48550/arxiv.2511.00832')
    >>> page_preprint("https://www.medrxiv.org/cgi/content/short/2025.06.01.25328000v1?rss=1")
    '10.1101/2025.06.01.25328000'
    >>> page_preprint("https://example.org/2511.00832") is None
    True
    """
    lower = address.strip().lower()
    return next((page.expand(doi) for form, doi in _PAGES if (page := form.search(lower)) is not None), None)


def _find_server(doi: str) -> tuple[Server, str] | None:
    """Return where a DOI is from, and what of it follows the prefix and is no version."""
    prefix, _, rest = doi.partition("/")
    for server, form in _FORMS.get(prefix, _OTHER_FORMS):
        if (found := form.fullmatch(rest)) is not None:
            return server, found["family"]
    return None


def add_preprint(
    types: Iterable[str], *, stated: Iterable[str | None], doi: str | None, journal: str | None
) -> tuple[str, ...]:
    """Return publication types, and "Preprint" among them where the source says so, or else DOI or journal do.

    Parameters
    ----------
    types
        NLM's publication types.
    stated
        What the source calls the work, in its own words.
    """
    kinds = [kind for kind in types if not says_preprint(kind)]
    is_preprint = any(map(says_preprint, stated)) or looks_like_preprint(doi, journal)
    return tuple(dict.fromkeys((*kinds, "Preprint") if is_preprint else kinds))
