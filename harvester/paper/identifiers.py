"""What names a paper outside this program: DOI, PMID, PMCID, ISSN; and the address that each leads to.

Every function is total on text: what cannot be understood is ``None``, never an exception, because a record with a
malformed DOI is still a paper.  Normalising twice changes nothing, and a normalised DOI's address reads back as it.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from harvester.paper.preprints import page_preprint, registered_doi

# What each looks like when normalised, as a regular expression of the whole.  Nine digits, because PubMed has eight.
DOI = r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+"
PMID = "[1-9][0-9]{0,8}"
PMCID = "PMC[1-9][0-9]*"

PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"

_PREFIX = r"10\.[0-9]{4,9}(?:\.[0-9]+)*/"
_DOI_IN_TEXT = re.compile(_PREFIX + r"[^\s\"<>{}|\\^`]+")
# DOIs of 1996 to 2003 that hold a SICI (ANSI/NISO Z39.56), angle brackets included; it ends in its version and, mostly,
# a check character.  Cut at the bracket they would all be the same for one issue of a journal.
_SICI_DOI = re.compile(
    _PREFIX + r"(?:\(sici\)|[0-9]{4}-?[0-9]{3}[0-9x]\([0-9]{4,8}[^\s\"()]{0,12}\))"
    r"[^\s\"]{3,80}?;2(?:-[a-z0-9#])?(?![a-z0-9])"
)
_TAG = re.compile(r"</?[a-z][^<>]*>")
# What a resolver, a label or a page puts before and behind a DOI.
_PAGE_TAIL = re.compile(
    r"(?:/(?:full|abstract|e?pdf|fulltext|meta|html?|reader|tables?|references)(?:/html)?"
    r"|\.full(?:\.pdf(?:\+html)?|-text)?|\.abstract|\.article-info|\.supplementary-material|\.pdf)+/?$"
)
_DOI_ASKED_FOR = re.compile(r"[?&](?:id|doi|article_?doi|uri)=([^&#]+)", re.IGNORECASE)
_NATURE_PAGE = re.compile(r"//(?:www\.)?nature\.com/(?:[a-z]+/)*articles/([a-z][a-z0-9-]{5,}[a-z0-9])(?![a-z0-9])")
_STOPS = ".,;:'’”»"
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#[0-9]{2,6}|#x[0-9a-f]{2,5});")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")  # soft hyphens, zero widths: they come with copied text
_MOST_DECODINGS = 4  # an address within an address within a feed; what is still encoded then is no DOI
_PUBMED_PAGE = re.compile(
    r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed/|europepmc\.org/(?:article|abstract)s?/med/"
    r"|ncbi\.nlm\.nih\.gov/.*[?&](?:list_uids|uid)=)"
    r"([0-9]{1,9})\b",
    re.IGNORECASE,
)
_PMC_PAGE = re.compile(r"(?:/pmc/|\bpmc\.|europepmc\.org/)\S*?articles?/(?:pmc/)?(?:PMC)?([0-9]+)\b", re.IGNORECASE)
_ISSN = re.compile(r"\b([0-9]{4})-?([0-9]{3}[0-9Xx])\b")


# --- DOI ------------------------------------------------------------------------------------------------------


def normalise_doi(text: str | None) -> str | None:
    """Find the DOI in a text, and return it in lower case without resolver; None where there is none.

    Percent signs and entities are decoded.  A version that the DOI's server does not register is dropped.

    Examples
    --------
    >>> normalise_doi("https://doi.org/10.1001/JAMA.2026.1.")
    '10.1001/jama.2026.1'
    >>> normalise_doi("doi:10.1016/S0140-6736(26)00001-2")
    '10.1016/s0140-6736(26)00001-2'
    >>> normalise_doi("10.1002/(SICI)1097-0258(19970515)16:9&lt;965::AID-SIM509&gt;3.0.CO;2-O")
    '10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-o'
    >>> normalise_doi("S0140-6736") is None
    True
    """
    plain = _decode(text)
    if plain is None:
        return None
    if (sici := _SICI_DOI.search(plain)) is not None:
        return sici.group()
    match = _DOI_IN_TEXT.search(plain)
    if match is None:
        return None
    doi = match.group().rstrip(_STOPS)
    # A closing bracket belongs to the DOI only if it was opened in it.
    while doi and doi[-1] in ")]" and doi.count(doi[-1]) > doi.count("(["[")]".index(doi[-1])]):
        doi = doi[:-1].rstrip(_STOPS)
    return registered_doi(doi) if re.fullmatch(DOI, doi) else None


def read_doi(text: str | None) -> str | None:
    """Return the DOI of a field that holds nothing else, normalised; None where there is none.

    Angle brackets belong to it there, unless they are markup, and white space in an old DOI (SICI) does not end it.

    Examples
    --------
    >>> read_doi("doi: 10.1002/(SICI)1097-0258(19970515)16:9 <965::AID-SIM509> 3.0.CO;2-O")
    '10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-o'
    >>> read_doi("10.1000/x<br>"), read_doi("see 10.1000/x and others")
    ('10.1000/x', '10.1000/x')
    """
    plain = _decode(text) or ""
    if "<" in plain:
        joined = "".join(plain.split())
        whole = re.search(DOI, joined)
        if whole is not None and (_SICI_DOI.fullmatch(whole.group()) or not _TAG.search(joined)):
            return whole.group()
    return normalise_doi(plain)


def page_doi(text: str | None) -> str | None:
    """Return the DOI in an identifier or an address, without what the pages of publishers add to it.

    Examples
    --------
    >>> page_doi("https://www.example.org/doi/10.1000/x/full?af=R#abstract"), page_doi("https://example.org/x")
    ('10.1000/x', None)
    """
    is_address = re.match(r"\s*https?:", text or "", re.IGNORECASE)
    doi = read_doi(re.split(r"[?#]" if is_address else r"\?", text or "", maxsplit=1)[0])
    return None if doi is None else registered_doi(drop_page_tail(doi))


def address_doi(address: str | None) -> str | None:
    """Return the DOI that an address leads to: the one in it, or that of a page known to name a paper by a part of it.

    Examples
    --------
    >>> address_doi("https://journals.example.org/article?id=10.1000/y"), address_doi("https://psyarxiv.com/hq8sd")
    ('10.1000/y', '10.31234/osf.io/hq8sd')
    >>> address_doi("https://www.nature.com/articles/s41386-026-01234-5"), address_doi("https://example.org/x?id=1")
    ('10.1038/s41386-026-01234-5', None)
    """
    plain = address or ""
    if (doi := page_doi(plain)) is not None:
        return doi
    if (asked := _DOI_ASKED_FOR.search(plain)) is not None and (doi := page_doi(asked[1])) is not None:
        return doi
    nature = _NATURE_PAGE.search(plain.lower())
    return page_preprint(plain) if nature is None else f"10.1038/{nature[1]}"


def drop_page_tail(doi: str) -> str:
    """Return a DOI without ``/full``, ``.pdf`` and the like, which are of the address that it was found in."""
    return _PAGE_TAIL.sub("", doi)


def doi_url(doi: str) -> str:
    """Return the resolver's address of a DOI, which may hold any character (DOI Handbook, "Encoding issues").

    Examples
    --------
    >>> doi_url("10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-#")
    'https://doi.org/10.1002/(sici)1097-0258(19970515)16:9%3C965::aid-sim509%3E3.0.co;2-%23'
    """
    return "https://doi.org/" + quote(doi, safe="/:;()", errors="surrogatepass")


def _decode(text: str | None) -> str | None:
    """Return a text in lower case without encoding or invisible characters; None if it does not come to an end."""
    plain = _INVISIBLE.sub("", text or "").lower()
    for _ in range(_MOST_DECODINGS):
        if "&" not in plain and "%" not in plain:
            return plain
        before = plain
        plain = unquote(_ENTITY.sub(lambda entity: html.unescape(entity.group()), plain))
        plain = _INVISIBLE.sub("", plain).lower()
        if plain == before:
            return plain
    return None


# --- PubMed's -------------------------------------------------------------------------------------------------


def normalise_pmid(text: str | None) -> str | None:
    """Return a PMID as digits without leading zeros; None if the text is not one.

    Examples
    --------
    >>> normalise_pmid(" pmid: 00123 "), normalise_pmid("PMC123"), normalise_pmid("0")
    ('123', None, None)
    """
    plain = _INVISIBLE.sub("", text or "")
    match = re.fullmatch(r"\s*(?:pmid\s*:?\s*)?0*([1-9][0-9]{0,8})\s*(?:\[pmid\])?\s*", plain, re.IGNORECASE)
    return match.group(1) if match else None


def page_pmid(text: str | None) -> str | None:
    """Return the PMID in the address of a page of PubMed or Europe PMC; None for any other text.

    Examples
    --------
    >>> page_pmid("https://pubmed.ncbi.nlm.nih.gov/123/?utm_source=x"), page_pmid("https://europepmc.org/article/MED/4")
    ('123', '4')
    >>> page_pmid("123") is None
    True
    """
    match = _PUBMED_PAGE.search(text or "")
    return normalise_pmid(match.group(1)) if match else None


def page_pmcid(text: str | None) -> str | None:
    """Return the PMCID in the address of a page of PubMed Central or Europe PMC; None for any other text.

    Examples
    --------
    >>> page_pmcid("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC123/"), page_pmcid("https://europepmc.org/articles/4")
    ('PMC123', 'PMC4')
    >>> page_pmcid("PMC5") is None
    True
    """
    match = _PMC_PAGE.search(text or "")
    return normalise_pmcid(f"PMC{match.group(1)}") if match else None


def pubmed_url(pmid: str) -> str:
    """Return PubMed's page of a paper, by its PMID."""
    return f"{PUBMED}{pmid}/"


def normalise_pmcid(text: str | None) -> str | None:
    """Return a PMCID as ``PMC`` and digits, without version; None if the text is not one.

    Examples
    --------
    >>> normalise_pmcid("pmc123.1"), normalise_pmcid("123")
    ('PMC123', None)
    """
    plain = _INVISIBLE.sub("", text or "")
    match = re.fullmatch(
        r"\s*(?:pmcid\s*:?\s*)?PMC\s?0*([1-9][0-9]*)(?:\.[0-9]+)?\s*(?:\[pmcid\])?\s*", plain, re.IGNORECASE
    )
    return f"PMC{match.group(1)}" if match else None


def pmc_url(pmcid: str) -> str:
    """Return the page of a paper's full text in PubMed Central, by its PMCID."""
    return f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid}/"


# --- journals and pages ---------------------------------------------------------------------------------------


def find_issns(texts: Iterable[str]) -> tuple[str, ...]:
    """Find ISSNs, each once; none in no text.

    Examples
    --------
    >>> find_issns(["1660-4601 1661-7827", "16066359"])
    ('1660-4601', '1661-7827', '1606-6359')
    """
    matches = (issn for text in texts for issn in _ISSN.finditer(text))
    return tuple(dict.fromkeys(f"{issn[1]}-{issn[2]}".upper() for issn in matches))


def safe_url(text: str | None) -> str | None:
    """Return the text if it is an http(s) address without white space or quotes, else None.

    Examples
    --------
    >>> safe_url("https://example.org/a"), safe_url("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    stripped = (text or "").strip()
    return stripped if re.fullmatch(r"https?://[^\s\"'<>\\]+", stripped, re.IGNORECASE) else None
