"""What names a paper or a trial outside this program: DOI, PMID, PMCID, registrations, addresses.

Every function is total on text: what cannot be understood is ``None``, never an exception, because a record
with a malformed DOI is still a paper.  Normalising twice changes nothing.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_DOI_IN_TEXT = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\"<>{}|\\^`]+", re.IGNORECASE)
# DOIs of 1996 to 2003 that hold a SICI (ANSI/NISO Z39.56), angle brackets included; they end in its version and a check
# character.  Cut at the bracket they would all be the same for one issue of a journal.
_SICI_DOI = re.compile(r"10\.[0-9]{4,9}/\(SICI\)[^\s\"]{10,80}?;2-[A-Z0-9#]", re.IGNORECASE)
# Registries' own formats: clinicaltrials.gov, isrctn.com, anzctr.org.au, EU CTR and CTIS, chictr.org.cn, drks.de,
# ctri.nic.in, umin.ac.jp and jrct, irct.ir, trialregister.nl, crd.york.ac.uk/prospero, pactr, slctr.lk.  Authors and
# typesetters put a space, a hyphen or a sign between the register's letters and the number of the commonest ones.
_TRIAL_ID = re.compile(
    r"\b(?:(?P<register>NCT|ISRCTN|ACTRN|DRKS|UMIN|CRD|KCT)[\s:#-]{1,2}(?P<number>[0-9]{7,14})"
    r"|NCT[0-9]{8}|ISRCTN[0-9]{8}|ACTRN[0-9]{14}p?|ChiCTR(?:-?[A-Z]{2,4})?-?[0-9]{8,10}|DRKS[0-9]{8}"
    r"|CTRI/[0-9]{4}/[0-9]{2,3}/[0-9]{6}|UMIN[0-9]{9}|jRCTs?[0-9]{9,10}|IRCT[0-9]{8,20}N?[0-9]{0,3}|NTR[0-9]{3,5}|NL[0-9]{4,5}"
    r"|PACTR[0-9]{15,16}|KCT[0-9]{7}|TCTR[0-9]{11}|RBR-[0-9a-z]{6,8}|CRD[0-9]{11}|SLCTR/[0-9]{4}/[0-9]{3}"
    r"|20[0-9]{2}-[0-9]{6}-[0-9]{2}(?:-[0-9]{2})?)\b"
)
# How many digits those registers' numbers have.
_REGISTER_DIGITS = {"NCT": 8, "ISRCTN": 8, "ACTRN": 14, "DRKS": 8, "UMIN": 9, "CRD": 11, "KCT": 7}


def normalise_doi(text: str | None) -> str | None:
    """Find the DOI in a text and give it in lower case without resolver; None where there is none.

    Examples
    --------
    >>> normalise_doi("https://doi.org/10.1001/JAMA.2026.1.")
    '10.1001/jama.2026.1'
    >>> normalise_doi("doi:10.1016/S0140-6736(26)00001-2")
    '10.1016/s0140-6736(26)00001-2'
    >>> normalise_doi("10.1002/(SICI)1097-0258(19970515)16:9<965::AID-SIM509>3.0.CO;2-O")
    '10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-o'
    >>> normalise_doi("S0140-6736") is None
    True
    """
    if not text:
        return None
    if (sici := _SICI_DOI.search(text)) is not None:
        return sici.group().lower()
    match = _DOI_IN_TEXT.search(unquote(text) if "%" in text else text)
    if match is None:
        return None
    doi = match.group().rstrip(".,;:'")
    # A closing bracket belongs to the DOI only if it was opened in it.
    while doi and doi[-1] in ")]" and doi.count(doi[-1]) > doi.count("(["[")]".index(doi[-1])]):
        doi = doi[:-1].rstrip(".,;:'")
    doi = doi.lower()
    return doi if re.fullmatch(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+", doi) else None


# Prefixes of preprint servers (doi.org registrants): bioRxiv and medRxiv until and since December 2025, PsyArXiv, OSF,
# Research Square, Preprints.org, SSRN, arXiv, Authorea.  10.1101 is also the prefix of Cold Spring Harbor's journals,
# whose suffixes begin with letters.
_PREPRINT_DOI = re.compile(r"10\.(?:1101/[0-9]|(?:64898|31234|31219|21203|20944|2139|48550|22541)/)")


def is_preprint_doi(doi: str | None) -> bool:
    """Tell whether a normalised DOI is a preprint server's.

    Examples
    --------
    >>> is_preprint_doi("10.1101/2026.11.05.26000001"), is_preprint_doi("10.1101/gr.280000.126"), is_preprint_doi(None)
    (True, False, False)
    """
    return doi is not None and _PREPRINT_DOI.match(doi) is not None


def normalise_pmid(text: str | None) -> str | None:
    """Give a PMID as digits without leading zeros; None if the text is not one.

    Examples
    --------
    >>> normalise_pmid(" pmid: 00123 "), normalise_pmid("PMC123"), normalise_pmid("0")
    ('123', None, None)
    """
    match = re.fullmatch(r"\s*(?:pmid\s*:?\s*)?0*([1-9][0-9]{0,8})\s*(?:\[pmid\])?\s*", text or "", re.IGNORECASE)
    return match.group(1) if match else None


def normalise_pmcid(text: str | None) -> str | None:
    """Give a PMCID as ``PMC`` and digits, without version; None if the text is not one.

    Examples
    --------
    >>> normalise_pmcid("pmc123.1"), normalise_pmcid("123")
    ('PMC123', None)
    """
    match = re.fullmatch(r"\s*PMC0*([1-9][0-9]*)(?:\.[0-9]+)?\s*", text or "", re.IGNORECASE)
    return f"PMC{match.group(1)}" if match else None


def find_trial_ids(text: str | None) -> tuple[str, ...]:
    """Find trial and review registrations in a text, in order of appearance, each once.

    Examples
    --------
    >>> find_trial_ids("Registered as NCT01234567 and ISRCTN12345678 (NCT 01234567).")
    ('NCT01234567', 'ISRCTN12345678')
    """
    found = []
    for match in _TRIAL_ID.finditer(text or ""):
        register, number = match["register"], match["number"]
        if register is None:
            found.append(match.group())
        elif len(number) == _REGISTER_DIGITS[register]:
            found.append(register + number)
    return tuple(dict.fromkeys(found))


def safe_url(text: str | None) -> str | None:
    """Give the text if it is an http(s) address without white space or quotes, else None.

    Examples
    --------
    >>> safe_url("https://example.org/a"), safe_url("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    stripped = (text or "").strip()
    return stripped if re.fullmatch(r"https?://[^\s\"'<>\\]+", stripped, re.IGNORECASE) else None
