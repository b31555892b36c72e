"""Where a paper was printed: journal, volume, issue, pages.

How places are corrupted: journals are abbreviated in several ways, carry subtitles, cities, "The" or the name of a
conference, or stand in two languages; volume and issue share one field ("19 (12) (no pagination)"), a supplement
is sometimes the volume; pages are shortened (``211-9``), prefixed (``S9``, ``e12``), turned into dates by
spreadsheets (``6-10`` → ``06-Oct``), replaced by an article number, or by the page count of the PDF (``1-12``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from harvester.matching.titles import fold_text
from harvester.paper.preprints import is_preprint_server
from harvester.paper.text import strip_markup


class Pages(NamedTuple):
    """Pages with short forms expanded."""

    first: str  # first page or article number, folded, without leading zeros: "211", "s9", "e1234"; "" if unknown
    last: str  # last page in full: "219"; "" if there is none
    is_damaged: bool = False  # whether a spreadsheet or an export has changed what stood there


_PAGES = re.compile(r"([a-z]{0,4})\.?[ ]?0*([0-9]+)([a-z]?)(?:\s*(?:--?|[‐-―−]|to)\s*([a-z]{0,4})\.?[ ]?0*([0-9]+))?")
_PAGE_WORDS = re.compile(r"^\W*(?:pp?|pages?|pgs?|seiten?|s\.)\W*(?=[a-z]{0,2}\d)")
# What publishers number articles by in their own systems ("S0140-6736(26)30001-5"), and a range without its first page:
# "Suppl-12", "t-20".
_ITEM_NUMBER = re.compile(r"s?\d{4}-\d{3}[\dx](?:\(|\d)")
_HEADLESS = re.compile(r"\W*[a-z]*\.?\s*(?:--?|[‐-―−])\s*([a-z]{0,4}\d+)\W*")
_PAGE_COUNT = re.compile(r"\s*\d+\s*(?:pp?|pages|leaves)\b")  # "62 p.": how long, not where
_ROMAN_PAGES = re.compile(r"([ivxlc]+)(?:\s*[-‐-―]\s*([ivxlc]+))?")
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH.split("|"), start=1)}
_SPREADSHEET_DATE = re.compile(rf"(?:(\d{{1,2}})-({_MONTH})|({_MONTH})-(\d{{1,4}}))(?:-\d\d)?")


@lru_cache(maxsize=4096)
def read_pages(text: str | None) -> Pages:
    """Return first and last page of a page field.

    Examples
    --------
    >>> [tuple(read_pages(text)[:2]) for text in ("211-9", "pp. S12-S15", "119-27; quiz 128", "06-Oct", "Suppl-12")]
    [('211', '219'), ('s12', 's15'), ('119', '127'), ('6', '10'), ('', '12')]
    """
    low = _PAGE_WORDS.sub("", (text or "").lower())
    if _PAGE_COUNT.match(low) or _ITEM_NUMBER.match(low):
        return Pages("", "")
    dated = _SPREADSHEET_DATE.fullmatch(low.strip())
    if dated:
        return _undo_date(dated)
    if headless := _HEADLESS.fullmatch(low):
        return Pages("", headless[1], is_damaged=True)
    match = _PAGES.search(low)
    if match is None:
        roman = _ROMAN_PAGES.fullmatch(low.strip())
        return Pages(roman[1], roman[2] or "") if roman else Pages("", "")
    prefix, first, suffix, last_prefix, last = match.groups()
    if not last:
        return Pages(f"{prefix}{first}{suffix}", "")
    if len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return Pages(f"{prefix}{first}{suffix}", f"{last_prefix or prefix}{last}")


def _undo_date(match: re.Match[str]) -> Pages:
    day, month, month_first, number = match.group(1), match.group(2), match.group(3), match.group(4)
    low, high = sorted((int(day or number), _MONTHS[month or month_first]))
    return Pages(str(low), str(high), is_damaged=True)


_NUMBER = re.compile(r"[0-9]+")


@lru_cache(maxsize=4096)
def read_volume(text: str | None) -> str:
    """Return the volume's number without zeros; a volume without a number is folded text; "" if unknown.

    Examples
    --------
    >>> [read_volume(text) for text in ("Vol. 012", "19 (12) (no pagination)", "Suppl 3", "LXXI", None)]
    ['12', '19', '', 'lxxi', '']
    """
    low = (text or "").strip().lower()
    match = _NUMBER.search(low)
    if match is None:
        return re.sub(r"[\W_]+", "", low) if low not in _UNKNOWN else ""
    before = low[: match.start()]
    # "1)" is what is left of "64 (Suppl. 1)": the supplement, not the volume.
    if "sup" in before or "conf" in before or (")" in low and "(" not in low):
        return ""
    return match.group().lstrip("0")  # what is ahead of print has volume 0


_UNKNOWN = frozenset(
    ("", "-", "n/a", "na", "none", "null", "no pagination", "epub", "in press", "ahead of print", "online first")
)
_SUPPLEMENT = re.compile(r"sup|meeting|abstr|conf|spec")


@lru_cache(maxsize=4096)
def read_issue(text: str | None) -> str:
    """Return the issue's number; a supplement has "s" and its number behind; "" if unknown.

    Examples
    --------
    >>> [read_issue(text) for text in ("No. 04", "5 Suppl. 1", "Suppl", "Pt 2", "3-4", "MAY")]
    ['4', '5s1', 's', '2', '3', '']
    """
    low = (text or "").strip().lower()
    supplement = _SUPPLEMENT.search(low)
    if supplement is None:
        match = _NUMBER.search(low)
        return match.group().lstrip("0") if match else ""
    before, after = _NUMBER.search(low[: supplement.start()]), _NUMBER.search(low[supplement.end() :])
    return f"{before.group().lstrip('0') if before else ''}s{after.group().lstrip('0') if after else ''}"


_MEETING = re.compile(
    r"\bconference\b|\bcongress\b|\bmeeting\b|\bsymposium\b|\bproceedings? of the (?:annual|\d)|\babstracts?\b"
)
# What follows a journal's name: a conference, the society, the city, the medium.
_TAIL = re.compile(
    r"\s*(?:[;(\[/]|\. conference|: (?:an? |the )?(?:official|journal|publication)|\. an? | official | incorporating "
    r"|, the official|, vol(?:ume)?\b).*",
    re.DOTALL,
)
# "An" is rather "Anales" or "Annals" than the article.
_FILLER_WORDS = (
    "a and d da das de degli dei del dell della den der des di die do dos e ed el en et for fuer fur i in l la las le "
    "les los na nad nei och of og on part section series suppl supplement supplements the to und v van voor y"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
# What feeds put around the journal's name.
_FEED_LABEL = re.compile(
    r"\b(?:online (?:first|now)|early (?:view|online)|first online|current issue"
    r"|latest (?:articles|issue|results|papers)|recent articles|table of contents|articles? in press"
    r"|advance (?:articles?|access)|ahead of print|rss(?: feed)?|sciencedirect publication)\b"
)
_JOURNAL_WORD = re.compile(r"[^\W_]+")
# A second name behind the first: "Masui. The Japanese journal of anesthesiology"; not behind an abbreviation.
_SECOND_NAME = re.compile(r"(?<=[^\W\d_]{4})(?:\. | [-–—] )(?=[^\W\d_]{3})")
# What only the name of a journal has, or that of the society whose it is.
_NAMES_A_JOURNAL = re.compile(
    r"\b(?:journal|annals|archives|bulletin|proceedings|transactions|acta|revue|revista|rivista|zeitschrift|society"
    r"|association|academy|authority|college)\b"
)


class Journal(NamedTuple):
    """A journal's names and what kind of place the field names."""

    names: str  # folded words, alternatives joined by "|"; "" if unknown
    is_meeting: bool
    is_server: bool  # a preprint server


@lru_cache(maxsize=8192)
def read_journal(text: str | None) -> Journal:
    """Return a journal's names as folded words, in both languages and with and without subtitle.

    Examples
    --------
    >>> read_journal("JPEN. Journal of Parenteral & Enteral Nutrition").names
    'journal parenteral enteral nutrition|jpen'
    >>> read_journal("Zhongguo fei ai za zhi = Chinese journal of lung cancer").names
    'zhongguo fei ai za zhi|chinese journal lung cancer'
    >>> read_journal("Circulation. Conference: Resuscitation Science Symposium")
    Journal(names='circulation', is_meeting=True, is_server=False)
    """
    plain = _FEED_LABEL.sub(" ", fold_text(strip_markup(text) or "")).strip(" :-–|")
    plain = plain.replace("'s", "s").replace("’s", "s")
    names = []
    for name in plain.split(" = ") if " = " in plain else plain.split(" / "):
        core = _TAIL.sub("", name) or name
        for form in (core, core.partition(":")[0], *_split_names(core), name if "(" in name else ""):
            words = [word for word in _JOURNAL_WORD.findall(form) if word not in _FILLERS]
            if len(words) > 2 and words[0] == _join_initials(words[1:]):
                del words[0]  # "JAMA-Journal of the American Medical Association"
            if words:
                names.append(" ".join(words) + (" ..." if form.rstrip().endswith("...") else ""))
    return Journal("|".join(dict.fromkeys(names)), _MEETING.search(plain) is not None, is_preprint_server(plain))


def _split_names(name: str) -> list[str]:
    """Return the names in a field that holds two, or a name and its section; none where they would say too little.

    Examples
    --------
    >>> _split_names("masui. the japanese journal of anesthesiology"), _split_names("the lancet. psychiatry")
    (['masui', 'the japanese journal of anesthesiology'], [])
    """
    parts = _SECOND_NAME.split(name)
    if len(parts) != 2:
        return []
    is_journal = [_NAMES_A_JOURNAL.search(part) is not None for part in parts]
    first = parts[:1] if is_journal[1] or len(parts[0].split()) > 2 else []
    return first + (parts[1:] if is_journal[1] else [])


@lru_cache(maxsize=65536)
def are_journals_alike(one: str, other: str) -> bool:
    """Return whether two journal names, as `read_journal` returns them, can name one journal.

    Abbreviations count word by word ("curr opin lipidol"), as initials ("jama") and as the beginning of a longer
    name ("respirology carlton").

    Examples
    --------
    >>> are_journals_alike("curr opin lipidol", "current opinion lipidology")
    True
    >>> are_journals_alike("jama", "journal american medical association")
    True
    >>> are_journals_alike("journal neurology", "journal neurosurgery")
    False
    """
    return any(
        _is_short_for(*sorted((left.split(), right.split()), key=len))
        for left in one.split("|")
        for right in other.split("|")
    )


def _is_short_for(short: list[str], long: list[str]) -> bool:
    """Return whether each word of one name stands for the next word or words of the other."""
    if "..." in (short[-1], long[-1]):
        return _is_beginning(short, long)
    if len(short) == 1:
        initials = _join_initials(long)  # the last ones may be left out: PNAS of the USA
        if short[0] == initials or (len(short[0]) > 3 and initials.startswith(short[0])):
            return True
        # "Psychooncology" for "Psycho-oncology", "Psychooncol", "Healthc" for "Healthcare".
        one, other = sorted((short[0], "".join(long)), key=len)
        is_cut = len(one) > 4 and len(long) < 3 and (len(long) == 1 or len(one) > len(long[0]) + 2)
        return one == other or (is_cut and other.startswith(one))
    position = 0
    for word in short:
        here = long[position] if position < len(long) else ""
        if len(word) > len(here) > 2 and "".join(long[position : position + 2]).startswith(word):
            position += 2  # "neuropsychopharmacol" for "Neuro-Psychopharmacology"
        elif here and _abbreviates(word, here):
            position += 1
        elif word == _join_initials(long[position : position + len(word)]):
            position += len(word)  # "usa" for "United States of America"
        else:
            return False
    # A longer name may go on with a city or a section, but two words name too many journals to be a beginning.
    return position == len(long) or (len(short) > 2 and len(long) - position <= 2)


def _is_beginning(one: list[str], other: list[str]) -> bool:
    """Return whether two names, of which a search engine cut one at least ("..."), are alike as far as both go."""
    pairs = [pair for pair in zip(one, other, strict=False) if "..." not in pair]
    # "Journal of ..." may be any of them.
    return len(pairs) > 1 and all(_abbreviates(word, their) for word, their in pairs)


def _join_initials(words: list[str]) -> str:
    return "".join(word[0] for word in words)


def _abbreviates(one: str, other: str) -> bool:
    """Return whether one word can stand for the other: "lipidol" for "lipidology", "dtsch" for "deutsches"."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if long.startswith(short):
        return True
    if short[0] != long[0] or len(short) < 3:
        return False
    if len(short) > 6 and not long.startswith(short[: 2 * len(short) // 3]):
        return False  # of a long word only the end is drawn together: "kinderheilkd"
    letters = iter(long)
    return all(letter in letters for letter in short)
