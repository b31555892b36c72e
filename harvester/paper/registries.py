"""Registries of trials and reviews: how their numbers look, how they are written here, and where each leads.

Authors and typesetters put spaces, hyphens, colons and words ("No.", "ID") between a registry's letters and its number,
write the letters in any case, and use any dash.  The WHO's portal (ICTRP) prefixes what has no letters of its own
("EUCTR2019-001588-63-DE", "CTIS2024-510663-34-00", "JPRN-UMIN000012345").  All forms of a number become one: the
registry's own, without the portal's prefix and country.  An EudraCT number and an EU CT number are two numbers, also
where they name one trial: which became which is stated by the register, not by the digits.

Sources: the registries' pages; the WHO's "International standards for clinical trial registries"; the forms of numbers
as collected by maia-sh/ctregistries and ecrin-mdr; NLM's list of data banks
(https://www.nlm.nih.gov/bsd/medline_databank_source.html).

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import quote


class Registry(NamedTuple):
    """A registry, and the form of its numbers."""

    name: str  # its short name
    pattern: str  # of a number as authors write it, case ignored; "~" is what they put between letters and digits
    form: str  # how it is written here, by the groups of the pattern
    letters: str = ""  # what its numbers begin with, where nothing else begins so
    banks: str = ""  # how NLM and others call it, in lower case without signs, each a word
    page: str | None = None  # of a number, which stands for {}, or its {digits}; None: there is none that lasts
    case: Callable[[str], str] = str.upper  # of what the groups hold


# The WHO's portal has a page for each number of the registries that report to it, under the number as it writes it.
_PORTAL = "https://trialsearch.who.int/Trial2.aspx?TrialID="
# Without letters of its own; behind "12-" or "10.1186/" it is part of something longer.
_EUROPEAN = r"(?:(?:EU-?CTR|EudraCT|CTIS|EU ?CT)~|(?<![0-9][-/]))"

# Of several that fit at one place, the first counts.
# fmt: off
REGISTRIES = (
    Registry("ClinicalTrials.gov", "NCT~([0-9]{8})", r"NCT\1", "NCT", "clinicaltrialsgov",
             "https://clinicaltrials.gov/study/{}"),
    Registry("ISRCTN", "ISRCTN~([0-9]{8})", r"ISRCTN\1", "ISRCTN", "isrctn", "https://www.isrctn.com/{}"),
    # The last two digits count the submissions, and some leave them out; the running number begins with a five.
    Registry("CTIS", _EUROPEAN + "(20[0-9]{2}-[0-9]{6}-[0-9]{2}-[0-9]{2})", r"\1", "",
             "ctis euclinicaltrialsinformationsystem",
             "https://euclinicaltrials.eu/search-for-clinical-trials/?lang=en&EUCT={}"),
    Registry("CTIS", _EUROPEAN + "(20[0-9]{2}-5[0-9]{5}-[0-9]{2})(?!-[0-9])", r"\1"),
    # Behind it the portal names a country, or "3rd" for those outside the Union.
    Registry("EudraCT", _EUROPEAN + "(20[0-9]{2}-[0-9]{6}-[0-9]{2})(?!-[0-9]{2})(?:-(?:[A-Z]{2}|3rd)(?![A-Z]))?",
             r"\1", "", "eudract euctr", "https://www.clinicaltrialsregister.eu/ctr-search/search?query={}"),
    Registry("DRKS", "DRKS~([0-9]{8})", r"DRKS\1", "DRKS", "drks", "https://drks.de/search/en/trial/{}"),
    # "p" marks what was registered before the registry had opened; some add a zero in front.
    Registry("ANZCTR", "(?:ACTRN|ANZCTRN?)~0?([0-9]{14}p?)", r"ACTRN\1", "ACTRN", "anzctr actrn",
             "https://www.anzctr.org.au/{}.aspx", str.lower),
    # Until 2017 with letters for the design and a running number, since then ten digits.
    Registry("ChiCTR", "ChiCTR~([0-9]{8,10})", r"ChiCTR\1", "ChiCTR", "chictr", _PORTAL + "{}"),
    Registry("ChiCTR", "ChiCTR[ -]{0,2}([A-Z]{2,5})[ -]{0,2}([0-9]{8,10})", r"ChiCTR-\1-\2", "", "", _PORTAL + "{}"),
    Registry("ITMCTR", "ITMCTR~([0-9]{10})", r"ITMCTR\1", "ITMCTR", "itmctr", _PORTAL + "{}"),
    Registry("UMIN-CTR", "(?:JPRN-)?UMIN(?:-?CTR)?~([0-9]{9})", r"UMIN\1", "UMIN", "umin umincctr uminctr jprn",
             _PORTAL + "JPRN-{}"),
    Registry("jRCT", "(?:JPRN-)?jRCT~([a-z]?[0-9]{9,10})", r"jRCT\1", "jRCT", "jrct",
             "https://jrct.mhlw.go.jp/en-latest-detail/{}", str.lower),
    Registry("JapicCTI", "(?:JPRN-)?Japic ?CTI~(R?[0-9]{6})", r"JapicCTI-\1", "JapicCTI", "japiccti",
             _PORTAL + "JPRN-{}"),
    Registry("JMACCT", "(?:JPRN-)?JMA-?IIA~([0-9]{5})", r"JMA-IIA\1", "JMA-IIA", "jmacct", _PORTAL + "JPRN-{}"),
    Registry("CTRI", "CTRI ?[/-] ?([0-9]{4}) ?[/-] ?([0-9]{2,3}) ?[/-] ?([0-9]{6})", r"CTRI/\1/\2/\3", "CTRI", "ctri",
             _PORTAL + "{}"),
    Registry("CRIS", "KCT~([0-9]{7})", r"KCT\1", "KCT", "cris kct", _PORTAL + "{}"),
    Registry("IRCT", "IRCT~([0-9]{8,20}(?:N[0-9]{1,3})?)", r"IRCT\1", "IRCT", "irct iranregistryofclinicaltrials",
             _PORTAL + "{}"),
    # The Dutch register was NTR, then NL, and is now part of OMON.  NL12345.068.18 is the dossier of a committee.
    Registry("OMON", "NL-?OMON~([0-9]{4,6})", r"NL-OMON\1", "NL-OMON", "omon nlomon",
             "https://onderzoekmetmensen.nl/en/trial/{digits}"),
    Registry("NTR", "(?-i:NTR)(?:[ :-]{1,2}(?=[0-9]{4}(?![0-9])))?([0-9]{3,5})", r"NTR\1", "", "ntr"),
    Registry("NTR", r"(?-i:NL)([0-9]{4,5})(?!\.[0-9])", r"NL\1"),
    Registry("PACTR", "PACTR~([0-9]{15,16})", r"PACTR\1", "PACTR", "pactr", _PORTAL + "{}"),
    # A digit, then digits and consonants (the registry's source, `generate_trial_id`): "RBR-ligases" is none.
    Registry("ReBEC", "RBR~([0-9][0-9a-z]{5,7})", r"RBR-\1", "RBR", "rebec rbr",
             "https://ensaiosclinicos.gov.br/rg/{}", str.lower),
    Registry("TCTR", "TCTR~([0-9]{11})", r"TCTR\1", "TCTR", "tctr", "https://www.thaiclinicaltrials.org/show/{}"),
    Registry("SLCTR", "SLCTR ?[/-] ?([0-9]{4}) ?[/-] ?([0-9]{3})", r"SLCTR/\1/\2", "SLCTR", "slctr", _PORTAL + "{}"),
    Registry("RPCEC", "RPCEC~([0-9]{8})", r"RPCEC\1", "RPCEC", "rpcec", "https://rpcec.sld.cu/en/trials/{}-En"),
    Registry("LBCTR", "LBCTR~([0-9]{10})", r"LBCTR\1", "LBCTR", "lbctr", _PORTAL + "{}"),
    Registry("REPEC", "(?-i:PER)-([0-9]{3})-([0-9]{2})", r"PER-\1-\2", "", "repec per", _PORTAL + "{}"),
    # Reviews; with the year 2025 the running number became a digit longer.
    Registry("PROSPERO", "CRD~([0-9]{11,12})", r"CRD\1", "CRD", "prospero",
             "https://www.crd.york.ac.uk/PROSPERO/view/{}"),
    # The WHO's number of a trial in all registries; it has no page.
    Registry("UTN", "U(?:TN~U?)? ?(1111)-([0-9]{4})-([0-9]{4})", r"U\1-\2-\3", "U1111", "utn"),
)
# fmt: on

# Dashes of all lengths are hyphens; soft hyphens and zero widths come with copied text.
_PLAIN = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_BETWEEN = r"[\s:#(-]{0,3}(?:(?:registration |trial )?(?:identifier|number|no|nr|id)\.?[\s:#(-]{0,3})?"
_FORMS = tuple(registry.pattern.replace("~", _BETWEEN) for registry in REGISTRIES)
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(f'(?P<r{place}>{form})' for place, form in enumerate(_FORMS))})"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_WHOLE = tuple(re.compile(form, re.IGNORECASE) for form in _FORMS)
# A text without any of these holds no number, and looking for them is cheap.
_LONG_NUMBER = re.compile("[0-9]{5}")
_MARKS = ("NTR", "NL", "PER-", "RBR", "rbr", "SLCTR", "slctr", "1111")
_BANKS = frozenset(bank for registry in REGISTRIES for bank in registry.banks.split())


def find_trial_ids(text: str | None) -> tuple[str, ...]:
    """Find registrations of trials and reviews in a text, in order of appearance, each once, as they are written here.

    Examples
    --------
    >>> find_trial_ids("Registered as NCT01234567 and ISRCTN12345678 (NCT 01234567).")
    ('NCT01234567', 'ISRCTN12345678')
    >>> find_trial_ids("EUCTR2019-001588-63-DE; CTIS2024-510663-34-00; JPRN-UMIN000012345; U1111-1234-5678")
    ('2019-001588-63', '2024-510663-34-00', 'UMIN000012345', 'U1111-1234-5678')
    >>> find_trial_ids(None)
    ()
    """
    if not text or not (_LONG_NUMBER.search(text) or any(mark in text for mark in _MARKS)):
        return ()
    return tuple(dict.fromkeys(_write(match)[1] for match in _NUMBER.finditer(text.translate(_PLAIN))))


def collect_trial_ids(stated: Iterable[str], text: str | None) -> tuple[str, ...]:
    """Return the registrations that a source lists, then those that a text names, each once.

    Parameters
    ----------
    stated
        Numbers in fields for them; one that no registry's form fits stays as it is.
    text
        Prose, as an abstract.

    Examples
    --------
    >>> collect_trial_ids(["nct 01234567", "2026/17"], "ISRCTN12345678, NCT01234567")
    ('NCT01234567', '2026/17', 'ISRCTN12345678')
    """
    listed = [number for field in stated for number in (find_trial_ids(field) or (field,))]
    return tuple(dict.fromkeys((*listed, *find_trial_ids(text))))


def normalise_trial_id(text: str | None) -> str | None:
    """Return a text that is one registration number, and nothing else, as it is written here; None for any other.

    Examples
    --------
    >>> normalise_trial_id(" nct 01234567"), normalise_trial_id("chictr-trc-12345678"), normalise_trial_id("NCT1")
    ('NCT01234567', 'ChiCTR-TRC-12345678', None)
    """
    match = _match_whole(text)
    return None if match is None else match[1]


def is_trial_id(text: str) -> bool:
    """Return whether a text can be a registration number: as its registry forms them, or one of no known registry.

    Of a known registry's numbers every digit counts: one too few would never be found.

    Examples
    --------
    >>> [is_trial_id(text) for text in ("NCT01234567", "NCT0123456", "2026/17-B", "ketamine", "")]
    [True, False, True, False, False]
    """
    bare = "".join(text.translate(_PLAIN).split()).upper()
    if _match_whole(text) is not None:
        return True
    if any(re.match(rf"{registry.letters}[^A-Z]", bare, re.IGNORECASE) for registry in REGISTRIES if registry.letters):
        return False
    return re.fullmatch(r"[A-Z0-9][A-Z0-9/._-]{4,39}", bare) is not None and any(char.isdigit() for char in bare)


def trial_url(trial_id: str) -> str | None:
    """Return the address of a registration's page; None for a number that no registry's form fits, or without a page.

    Examples
    --------
    >>> trial_url("ISRCTN12345678"), trial_url("NTR1234"), trial_url("2026/17")
    ('https://www.isrctn.com/ISRCTN12345678', None, None)
    """
    registry, number = _match_whole(trial_id) or (None, "")
    if registry is None or registry.page is None:
        return None
    return registry.page.format(quote(number, safe=""), digits=re.sub("[^0-9]", "", number))


def is_registry(name: str | None) -> bool:
    """Return whether a data bank that NLM names is a registry of studies; the others hold genes, structures and data.

    Examples
    --------
    >>> is_registry("ClinicalTrials.gov"), is_registry("UMIN-CTR"), is_registry("GENBANK")
    (True, True, False)
    """
    return re.sub("[^a-z]", "", (name or "").lower()) in _BANKS


def _match_whole(text: str | None) -> tuple[Registry, str] | None:
    match = _NUMBER.fullmatch((text or "").translate(_PLAIN).strip())
    return None if match is None else _write(match)


def _write(match: re.Match[str]) -> tuple[Registry, str]:
    """Return the registry of a number, and the number in the form in which it is written here."""
    place = int((match.lastgroup or "")[1:])
    registry = REGISTRIES[place]
    return registry, _WHOLE[place].sub(registry.form, registry.case(match.group()))
