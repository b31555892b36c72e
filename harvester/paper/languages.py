"""Languages: PubMed's codes, the shorter ones, and their English names.

PubMed has the codes of ISO 639-2/B, which are MARC's ("ger", "chi"); others write the terminological ones of
ISO 639-2/T ("deu", "zho"), the two letters of ISO 639-1 ("de", "zh"), or the name.

Source: NLM's "Language Abbreviations and Names in MEDLINE/PubMed" (https://www.nlm.nih.gov/bsd/language_table.html).

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

# Code, two letters, terminological code where it is another, name.
_TABLE = """
afr af - Afrikaans
alb sq sqi Albanian
ara ar - Arabic
arm hy hye Armenian
aze az - Azerbaijani
bos bs - Bosnian
bul bg - Bulgarian
cat ca - Catalan
chi zh zho Chinese
cze cs ces Czech
dan da - Danish
dut nl nld Dutch
eng en - English
est et - Estonian
fin fi - Finnish
fre fr fra French
geo ka kat Georgian
ger de deu German
glg gl - Galician
gre el ell Greek
heb he - Hebrew
hin hi - Hindi
hrv hr - Croatian
hun hu - Hungarian
ice is isl Icelandic
ind id - Indonesian
ita it - Italian
jpn ja - Japanese
kor ko - Korean
lav lv - Latvian
lit lt - Lithuanian
mac mk mkd Macedonian
may ms msa Malay
nor no - Norwegian
per fa fas Persian
pol pl - Polish
por pt - Portuguese
rum ro ron Romanian
rus ru - Russian
slo sk slk Slovak
slv sl - Slovenian
spa es - Spanish
srp sr - Serbian
swe sv - Swedish
tha th - Thai
tur tr - Turkish
ukr uk - Ukrainian
vie vi - Vietnamese
wel cy cym Welsh
"""
_ROWS = tuple(line.split() for line in _TABLE.strip().splitlines())
_NAMES = {code: name for code, _, _, name in _ROWS}
_SHORT = {code: short for code, short, _, _ in _ROWS}
_CODES = {
    # Norwegian's two written forms, and the code that Serbian had until 2008, are PubMed's "nor" and "srp".
    **dict.fromkeys(("nob", "nno", "nb", "nn"), "nor"),
    "scc": "srp",
    **{word.lower(): row[0] for row in _ROWS for word in row if word != "-"},
}

LANGUAGE_NAMES = tuple(sorted(_NAMES.values()))


def language_code(text: str | None) -> str | None:
    """Return PubMed's code of a language, from its name or any code; None for what is neither.

    Three letters that are not in the table are taken for a code.

    Examples
    --------
    >>> [language_code(text) for text in ("German", "deu", "en-US", "zh", "und", "Klingonese", None)]
    ['ger', 'ger', 'eng', 'chi', 'und', None, None]
    """
    word = (text or "").strip().lower().split("-")[0]
    return _CODES.get(word) or (word if len(word) == 3 and word.isascii() and word.isalpha() else None)


def language_name(code: str) -> str | None:
    """Return the English name of a language by PubMed's code; None if the code is not in the table.

    Examples
    --------
    >>> language_name("per"), language_name("und")
    ('Persian', None)
    """
    return _NAMES.get(code)


def language_tag(code: str) -> str:
    """Return the tag of a language as the Web and citation formats write it (BCP 47), from PubMed's code.

    Examples
    --------
    >>> language_tag("ger"), language_tag("und")
    ('de', 'und')
    """
    return _SHORT.get(code, code)
