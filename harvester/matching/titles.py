"""Titles as databases write them, reduced to the words that name the paper.

How a title is corrupted on its way, and what is done about each:

- **Markup and entities** (`<sup>11</sup>C`, `&amp;`) are decoded; Greek letters get their names, because one
  database prints α, another "alpha", a third a lone "a".
- **Encoding damage**: UTF-8 read as Windows-1252 ("KÃ¶nig") is read back; a letter that became "?" is dropped, so
  that the word stays one word with one letter missing.
- **Translations** stand in square brackets (MEDLINE), carry ". [Chinese]" (Embase) or "LA: Chi" (Cochrane), or
  follow the original title after ";" or "=": brackets and language notes go, both titles stay.
- **Notes about the record** in brackets (Ovid's "[Erratum appears in …]", "[see comment]") belong to the paper
  itself and go.  The same words as a *label* ("Erratum: …", "… : reply") name another paper; they become `kind`.
- **Numbers** are kept: part 1 is not part 2.  Roman numerals become Arabic where they can only be numerals.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from harvester.paper.languages import LANGUAGE_NAMES
from harvester.paper.text import fold, strip_markup


class TitleFacts(NamedTuple):
    """What a title says, ready for comparing."""

    words: str  # folded words, separated by single spaces; "" without a title
    kind: str  # "" for a paper; erratum, retraction, concern, reply, comment for what is written about one
    is_protocol: bool  # calls itself a protocol or a design paper
    is_translated: bool  # marked as translated from another language


# --- letters --------------------------------------------------------------------------------------------------

# Greek letters carry meaning in this literature (TNF-α, 5-HT2α); their names are what ASCII databases print.
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau "
    "upsilon phi chi psi omega"
)
_GREEK = dict(zip(range(0x3B1, 0x3CA), _GREEK_NAMES.split(), strict=True))

# The bytes 0x80-0x9F as Windows-1252 shows them; with Latin-1 they are the control characters themselves.
_CONTINUATION = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MOJIBAKE = re.compile(f"[\xc3-\xdf][{_CONTINUATION}]|\xc2[{_CONTINUATION}]|[\xe0-\xef][{_CONTINUATION}]{{2}}")
# A dash of which only the first byte survived, between numbers: "2014â2017".
_LOST_DASH = re.compile("(?<=[0-9])â(?=[0-9])")
_LOST_LETTER = re.compile(r"(?<=\w)[?\ufffd]+(?=\w)|\ufffd")


def repair_encoding(text: str) -> str:
    """Read back UTF-8 that was read as Windows-1252 or Latin-1.

    Examples
    --------
    >>> repair_encoding("KÃ¶nig, â€˜2014â2017â€™"), repair_encoding("pâte à modeler")
    ('König, ‘2014-2017’', 'pâte à modeler')
    """
    return _LOST_DASH.sub("-", _MOJIBAKE.sub(_read_back, text))


def _read_back(match: re.Match[str]) -> str:
    damaged = match.group()
    try:
        return b"".join(_as_byte(char) for char in damaged).decode("utf-8")
    except UnicodeDecodeError:
        return damaged


def _as_byte(char: str) -> bytes:
    return char.encode("latin-1") if ord(char) < 256 else char.encode("cp1252")


def fold_text(text: str) -> str:
    """Fold case and accents after repairing what encodings did; Greek letters get their names.

    Examples
    --------
    >>> fold_text("TNF-α in KÃ¶nig's toracostom?a")
    "tnf-alpha in konig's toracostoma"
    """
    if text.isascii():
        return _LOST_LETTER.sub("", text).lower() if "?" in text else text.lower()
    return fold(_LOST_LETTER.sub("", repair_encoding(text))).translate(_GREEK)


# --- notes and labels -----------------------------------------------------------------------------------------

_BRACKET_NOTE = re.compile(
    r"[\[(]\s*(?:(?:published |author |publisher )?(?:erratum|errata|corrections?|corrigendum)"
    r"\s(?:appears|in\b|published)"
    r"|(?:see )?comments?\b|comment (?:on|in)\b|retract(?:ed|ion) in\b|retracted\b|retracted article"
    r"|summary for patients|reprint|republished|original (?:report|article)|update (?:in|of)\b"
    r"|corrected and republished|expression of concern in\b|article in\b|in process citation|letter|editorial"
    r"|abstract|review|structured abstract|author'?s transl|proceeding|meeting abstract|conference abstract"
    r"|journal article|version \d|\d+ refs?\b)[^\])]*[\])]"
)
_LANGUAGES = "|".join(LANGUAGE_NAMES).lower()
_LANGUAGE_NOTE = re.compile(rf"[\[(]\s*(?:{_LANGUAGES})\s*[\])]\s*\.?\s*$|\bla:\s*[a-z]{{3}}\.?\s*$")
_FORMAT = re.compile(r"\s*(?:\[(?:html|pdf|citation|book|doc|b|c)\]\s*)+")  # search engines' marks
_STATUS = re.compile(
    r"^\W*(?:retracted(?: article| paper| chapter)?|withdrawn|removed|reprint of|translation of)"
    r"\s*[\])]?\s*[:.\-–—]+\s*"
)
_AFTER = r"(?:^|[:.;?!(\[\-–—]\s*)"  # a label opens a title or follows a stop, a dash or a bracket
_AT_END = r"\s*[\])]?\s*\.?\s*$"
_ERRATUM = r"(?:erratum|errata|corrigend(?:um|a)|addend(?:um|a))"
_OF_WHOM = r"(?:publisher'?s?|authors?'?s?'?)"
_KINDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "erratum",
            rf"^\W*(?:(?:published|editorial|{_OF_WHOM}) )?{_ERRATUM}\b"
            rf"|^\W*(?:{_OF_WHOM} )?corrections?(?:\s*[:.\-–—(\[]| to\b| for [\w\s]+ et al|\s*$)"
            rf"|{_AFTER}(?:an? )?(?:{_ERRATUM}|corrections?){_AT_END}"
            r"|\(vol(?:ume|\.)? ?[0-9a-z]+, ?(?:pg|p|page|pp|art|issue)\b",
        ),
        (
            "retraction",
            r"^\W*(?:(?:notice|statement) of )?retraction"
            r"(?:s|\s*[:.\-–—(\[]| (?:of|to|for|note|notice|statement)\b|\s*$)"
            rf"|{_AFTER}(?:notice of )?retraction(?: notice| note)?{_AT_END}|\(retraction of ",
        ),
        ("concern", r"\bexpression of concern\b|\bnotice of concern\b"),
        (
            "reply",
            rf"^\W*re\s*:|^\W*(?:in )?reply\b|^\W*(?:the )?{_OF_WHOM} (?:reply|replies|response)\b"
            r"|^\W*(?:in )?response(?:\s*[:.]| to\s*[:\"“‘«]| to (?:the )?(?:letter|comment|editor|author)|\s*$)"
            r"|^\W*rebuttal\b"
            rf"|{_AFTER}(?:in )?(?:(?:the )?{_OF_WHOM} )?(?:reply|replies|response|rejoinder|rebuttal)\b"
            rf"(?: (?:to|from|by)\b.*)?{_AT_END}",
        ),
        (
            "comment",
            r"^\W*(?:(?:an? )?(?:invited|editorial|expert|discussion|guest) )?comment(?:s|ary|aries)?"
            r"(?:\s*[:.\-–—]| (?:on|to|regarding)\b|\s*$)"
            rf"|{_AFTER}(?:an? )?(?:(?:invited|editorial|expert|guest) )?comment(?:s|ary)?\b"
            rf"(?: (?:on|to)\b.*)?{_AT_END}",
        ),
    )
)
# A title in quotation marks behind such a word is another paper's.
_SAID_OF = re.compile(
    r"^\W*(?:\w+ ){0,3}(?:letters?|comments?|commentary|response|reply|replies|reactions?|remarks?|questions?|concerns?"
    r"|critique|discussion|rebuttal|correspondence|notes?|thoughts)\b[\w ]{0,30}?"
    r"\b(?:on|to|of|about|regarding|concerning|re|for|with)\W*[\"'“”„‘’«»].{20,}[\"'“”‘’«»]\W*$"
)
_PROTOCOL = re.compile(
    rf"\bprotocol (?:for|of)\b|\bprotocol{_AT_END}|\b(?:rationale|methods?),? (?:and )?design\b"
    r"|\bdesign(?: and|,) (?:rationale|methods?|protocol)\b|[:.\-–—(]\s*(?:study|trial)? ?(?:protocol|design)\b"
)
# Cheap words: only a title that holds one of them is searched with the expressions above.
_CUE_WORDS = (
    "erratum errata corrigendum corrigenda addendum addenda correction corrections retraction retractions concern "
    "re reply replies response rejoinder rebuttal comment comments commentary commentaries vol volume letter letters "
    "reaction reactions remark remarks question questions critique discussion correspondence note notes thoughts"
)
_CUES = frozenset(_CUE_WORDS.split())
_ANSWER = re.compile(r"\b(?:response|reply|replies|rebuttal)\b")
_PROTOCOL_CUES = frozenset(("protocol", "design"))

# --- words ----------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")
_SURE_ROMAN = {"ii": "2", "iii": "3", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}
# Some databases print numbers as words.  "One" is mostly a pronoun, but so it is in the other record.
_COUNTED = "one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = _SURE_ROMAN | {word: str(number) for number, word in enumerate(_COUNTED.split(), start=1)}
_NUMERALS = frozenset(_NUMBERS)
# "i", "iv", "v" and "x" are also letters, routes (i.v.) and factors; they count only after one of these words.
_CUED_NUMBER = re.compile(
    r"\b(part|parts|phase|type|stage|class|grade|study|experiment|paper|chapter|section|volume|report|trial|axis|cluster)"
    r" (i|iv|v|x)\b"
)
_CUED = {"i": "1", "iv": "4", "v": "5", "x": "10"}
_CUED_WORDS = frozenset(_CUED)
# Titles that thousands of papers share; alone they name nothing.  Short titles count as such without being listed.
_COMMON_WORDS = (
    "a abstract abstracts acknowledgement acknowledgements an and annotation announcement annual answer april "
    "article as at august author authors book by case clinical comment commentary comments conference congress "
    "contents contribution contributors correction corrections correspondence cover december diagnosis director "
    "directors discussion edition editor editorial editorials editors errata erratum february for foreword from guest "
    "image images in index instructions international introduction invited is issue issues january journal july june "
    "letter letters list march masthead may meeting meetings message month news note notes november obituary october "
    "of on opinion oral original paper papers patient patients perspective perspectives picture poster posters preface "
    "presentation presentations president presidents proceedings program programme question questions quiz re reader "
    "readers reply report reports response review reviewers reviews s scientific section selected september session "
    "special summary supplement symposium table thank thanks the this to topic topics update viewpoint volume week "
    "welcome what with year you your"
)
_GENERIC_WORDS = frozenset(_COMMON_WORDS.split())
_COLUMNS = frozenset(word for word in _GENERIC_WORDS if len(word) > 4)
_JOURNAL_SPLIT = re.compile("[ |]")
_MIN_LETTERS = 20  # shorter titles ("Ketamine in depression") are shared by unrelated papers


def read_title(title: str | None) -> TitleFacts:
    """Reduce a title to its words, folded and without brackets or record notes, and to the kind of paper it announces.

    Examples
    --------
    >>> read_title("[Ketamin bei Depression: Teil II]. [German]")
    TitleFacts(words='ketamin bei depression teil 2', kind='', is_protocol=False, is_translated=True)
    >>> read_title("Erratum: Ketamine, &alpha;-blockers and sleep").kind
    'erratum'
    """
    if not title:
        return TitleFacts("", "", False, False)
    if "<" in title or "&" in title:
        title = strip_markup(title) or ""
    text = fold_text(title)
    translated = False
    if "[" in text or "(" in text or "la:" in text:
        if marked := _FORMAT.match(text):
            text = text[marked.end() :]
        text = _BRACKET_NOTE.sub(" ", text).strip()
        plain = _LANGUAGE_NOTE.sub(" ", text).strip()
        translated = plain != text or plain.startswith("[")
        text = plain
    text = _STATUS.sub("", text)
    if "%" in text or " + " in text:
        text = text.replace("%", " percent ").replace(" + ", " plus ")
    text = text.replace("'s", "s").replace("’s", "s")  # one word, as where the apostrophe was lost
    words = _WORD.findall(text)
    present = set(words)
    kind = "" if present.isdisjoint(_CUES) else _find_kind(text)
    protocol = not present.isdisjoint(_PROTOCOL_CUES) and _PROTOCOL.search(text) is not None
    if not present.isdisjoint(_NUMERALS):
        words = [_NUMBERS.get(word, word) for word in words]
    joined = " ".join(words)
    if not present.isdisjoint(_CUED_WORDS):
        joined = _CUED_NUMBER.sub(lambda match: f"{match[1]} {_CUED[match[2]]}", joined)
    return TitleFacts(joined, kind, protocol, translated)


def _find_kind(text: str) -> str:
    kind = next((kind for kind, pattern in _KINDS if pattern.search(text)), "")
    if kind or not _SAID_OF.match(text):
        return kind
    return "reply" if _ANSWER.search(text) else "comment"


def is_generic(words: str, journals: str = "") -> bool:
    """Return whether a title is too common or too short to name one paper.

    `words` are `TitleFacts.words`; `journals` the record's `venue.Journal.names`, whose words name no paper either.

    Examples
    --------
    >>> [is_generic(words) for words in ("editorial", "letter to the editor reply", "ketamine and sleep in veterans")]
    [True, True, False]
    >>> is_generic("from the editors of imaginary sleep", "imaginary sleep")
    True
    """
    # A Chinese character says about as much as a short word.
    letters = len(words) if words.isascii() else 3 * len(words)
    if letters < _MIN_LETTERS:
        return True
    rest = []
    for word in words.split():
        if word not in _GENERIC_WORDS and not word.isdigit():
            if word not in journals:
                return False
            rest.append(word)
    if not rest:
        return True
    # A book has the title of its series; only beside a word like "editors" does the journal's name mean the journal.
    return set(rest) <= set(_JOURNAL_SPLIT.split(journals)) and not _COLUMNS.isdisjoint(words.split())


# --- what kind of study ---------------------------------------------------------------------------------------

# Words that make another paper of a title that is otherwise the same: the same trial, but another question.
_OTHER_STUDIES = re.compile(
    r"\b(?P<later>follow ?ups?|long(?:er)? term|extension|durability"
    r"|\d+ (?:day|week|month|year)s? (?:follow|outcome|result|data|observation|effect|later|after|experience|analysis))"
    r"|\b(?P<secondary>secondary|post ?hoc|subgroups?|sub ?stud(?:y|ies)|ancillary|exploratory|mediat\w+|moderat\w+"
    r"|predictors?|responders|sensitivity|re ?analysis|reanalyses)\b"
    r"|\b(?P<cost>costs?|economics?|budget)\b"
    r"|\b(?P<voices>qualitative|interviews?|focus groups?|mixed methods?|experiences|perspectives|views)\b"
    r"|\b(?P<plan>rationale|design|protocol|analysis plan|registration)\b"
    r"|\b(?P<start>baseline|interim|preliminary|pilot|feasibility|acceptability)\b"
    r"|\b(?P<process>process evaluation|implementation|fidelity|recruitment)\b"
    r"|\b(?P<summary>(?:plain|lay|easy) (?:\w+ )?(?:language|summary|words)|summary for|infographic|video|podcast)\b"
    r"|\b(?P<body>(?:neuro)?imaging|fmri|eeg|biomarkers?|genetics?|genomics?|pharmacokinetics?|(?:metabol|prote)omics?)\b"
)
# What says only of what form a study is: a subtitle of these words is often lost, and names no other paper.
_FORM_WORDS = (
    "1 2 3 4 a active adaptive an analyses analysis and arm arms based bayesian blind blinded case cases center "
    "centre chart clinical cluster cohort comparative comprehensive concept control controlled critical cross "
    "crossover data database dose double equivalence evidence factorial findings from group in inferiority "
    "international label letter literature longitudinal masked meta multi multicenter multicentre narrative "
    "national nationwide naturalistic network noninferiority nonrandomised nonrandomized non observational of open "
    "overview parallel phase "
    "placebo population pragmatic proof prospective quasi randomised randomized rapid real records regression report "
    "reports response results retrospective review reviews scoping sectional series sham single site study studies "
    "superiority survey systematic the trial trials triple umbrella using with world"
)
_FORM = frozenset(_FORM_WORDS.split())
_COLUMN = re.compile(
    r"(?:(?:research|editors?|clinical|literature|journal|issue|conference|congress|meeting) )?"
    r"(?:highlights?|roundup|digest)\b"
    r"|news(?:$| (?:and|from|in|of|notes|briefs?)\b)|in (?:this issue|brief|focus|the news)\b|ask the experts?\b"
    r"|journal club\b|this (?:month|week)(?: s)? (?:in|at|issue)\b"
    r"|research (?:watch|news|update)\b|from the (?:editors?|archives?|president)\b|(?:book|media|film) reviews?\b"
    r"|letters? to the editors?$|selected abstracts\b|abstracts? (?:of|from|presented)\b|proceedings of\b|calendar\b"
    r"|what ?s new\b|editors? (?:choice|note|page|corner)\b|presidents?\b|continuing (?:medical )?education\b|cme\b"
)


@lru_cache(maxsize=4096)
def name_study(words: str) -> frozenset[str]:
    """Return what kinds of study beside its main report a title names.

    Examples
    --------
    >>> name_study("ketamine in keepers 1 year follow up"), name_study("ketamine in keepers a randomised trial")
    (frozenset({'later'}), frozenset())
    """
    return frozenset(str(match.lastgroup) for match in _OTHER_STUDIES.finditer(words))


def names_only_form(words: Collection[str]) -> bool:
    """Return whether words say only of what form a study is ("a randomised trial"); a number is that of a phase."""
    return _FORM.issuperset(words) and ("phase" in words or not any(word.isdigit() for word in words))


@lru_cache(maxsize=4096)
def is_column(words: str) -> bool:
    """Return whether a title is that of a column, which comes again in other issues.

    Examples
    --------
    >>> [is_column(words) for words in ("research highlights in rapid antidepressants", "ketamine in the news")]
    [True, False]
    """
    return _COLUMN.match(words) is not None
