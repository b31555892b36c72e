"""How well two records agree: each field in a few words instead of a number, and what follows from several together.

Every level is ordered: `DIFFERENT` < `MISSING` < `NEAR` < `SAME`.  So ``>= MISSING`` reads "nothing speaks against it"
and ``>= NEAR`` "something speaks for it".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rapidfuzz.distance import Indel
from rapidfuzz.fuzz import ratio

from harvester.matching.authors import GROUP
from harvester.matching.prepare import Prepared
from harvester.matching.titles import is_column, name_study, names_only_form
from harvester.matching.venue import are_journals_alike

DIFFERENT: Final = 0
MISSING: Final = 1  # one or both records do not say
NEAR: Final = 2
SAME: Final = 3

# Titles have finer levels.
OTHER: Final = 0  # other words, or words of other meaning: "with" against "without", 2 against 3
UNTITLED: Final = 1
LIKE: Final = 2  # most words agree
PART: Final = 3  # one is the beginning or the end of the other: truncation, subtitle, two languages
CLOSE: Final = 4  # the same words but for spelling and damage
EQUAL: Final = 5  # the same letters in the same order

# Shares of agreeing letters (Indel ratio).  Two versions of one title that differ by typing and spelling stay above
# .93; titles of sister papers ("… in men", "… in women") reach .95, which is why words are compared besides letters.
_CLOSE_RATIO: Final = 0.90
_LIKE_RATIO: Final = 0.72
RELATED_RATIO: Final = 0.5  # of two translations of one title; unrelated titles stay below, and are not told apart
_TYPO_RATIO: Final = 72.0  # per cent, of two single words: "tumour" and "tumor" 91, "rat" and "cat" 67
_LONG_TYPO_RATIO: Final = 80.0  # of words of eight letters and more: "physiological" and "psychological" 77
_SPELLING_RATIO: Final = 90.0  # "oesophagus" and "esophagus" 95, "fluoxetine" and "duloxetine" 80
_SHORT_WORD, _LONG_WORD = 5, 8  # letters
_GROUP_RATIO: Final = 70.0  # "the KETA study group" and "KETA investigators" 71
_LAST_LATIN: Final = "\u024f"
_MIN_PART: Final = 25  # letters the shorter title needs before it can count as part of the longer

_DIGITS = re.compile(r"[0-9]+")
# A number with the letter that closes a word: receptors (5-HT1A, GluN2B), isotopes, enzymes.
_CODES = re.compile(r"[0-9]+(?:[a-z](?![a-z]))?")
_FILLER_WORDS = "a an the of in on at to for and or by from its it as is are be their percent"
_SIGNS = frozenset(("plus", "vs", "versus"))  # "+" and "v." are not words elsewhere; but they are each other's opposite
_FILLERS = frozenset(_FILLER_WORDS.split())
# Prefixes that turn a word into its opposite, or a drug into another one (esketamine, norketamine).
_PREFIX_WORDS = (
    "a an non un in im ir anti dis de ab ant contra re sub supra post pre multi es ar nor des lev levo dex dextro oxy"
    " meth methyl hydroxy hydro"
)
_NEGATIONS = frozenset(_PREFIX_WORDS.split())
_NOT = frozenset(("no", "not", "without", "never", "neither"))
_OPPOSITES = (
    ("hypo", "hyper"),
    ("intra", "inter"),
    ("intra", "extra"),
    ("pre", "post"),
    ("peri", "post"),
    ("peri", "pre"),
    ("ab", "ad"),
    ("in", "de"),
    ("micro", "macro"),
    ("uni", "bi"),
    ("over", "under"),
    ("up", "down"),
    ("short", "long"),
    ("homo", "hetero"),
    ("nor", ""),
)


def compare_titles(one: str, other: str) -> tuple[int, float]:
    """Return the level of two `Prepared.title`, OTHER to EQUAL, and their share of agreeing letters, 0 to 1.

    Examples
    --------
    >>> compare_titles("ketamine and tumor growth in rats", "ketamine and tumour growth in rats")[0] == CLOSE
    True
    >>> compare_titles("ketamine for depression part 1", "ketamine for depression part 2")[0] == OTHER
    True
    """
    if not one or not other:
        return UNTITLED, 0.0
    left, right = one.replace(" ", ""), other.replace(" ", "")
    if left == right:
        return EQUAL, 1.0
    if len(one) == len(other) and f" {other} " in f" {one} {one} ":
        return CLOSE, 1.0  # "a trial: ketamine in rats" and "ketamine in rats: a trial"
    share = Indel.normalized_similarity(left, right, score_cutoff=RELATED_RATIO)
    short, long = (left, right) if len(left) <= len(right) else (right, left)
    is_part = len(short) >= _MIN_PART and _is_part(short, long)
    if share < _LIKE_RATIO and not is_part:
        return OTHER, share
    changes = _list_changes(one, other)
    if _contradict(changes, is_part=is_part):
        return OTHER, share
    is_typing = all(_is_typing(mine, theirs) for mine, theirs in changes)
    if is_typing and (is_part or share >= _CLOSE_RATIO):
        return CLOSE, share
    return (PART if is_part else LIKE), share


def _is_part(short: str, long: str) -> bool:
    return long.startswith(short) or long.endswith(short)


Change = tuple[list[str], list[str]]  # the words of one title that stand where the other has its own


def _list_changes(one: str, other: str) -> list[Change]:
    """Return where two titles differ, in order, without filler words; "non" is one word with the next.

    Examples
    --------
    >>> _list_changes("non invasive markers in responders", "noninvasive markers in non responders")
    [(['responders'], ['nonresponders'])]
    """
    joined = (f" {title}".replace(" non ", " non").split() for title in (one, other))
    mine, theirs = ([word for word in words if word not in _FILLERS] for words in joined)
    while mine and theirs and mine[-1] == theirs[-1]:
        del mine[-1], theirs[-1]
    if not mine or not theirs:
        return [(mine, theirs)] if mine or theirs else []
    changes: list[Change] = []
    is_open = False
    for step in Indel.opcodes(mine, theirs):
        if step.tag != "equal":
            if not is_open:
                changes.append(([], []))
            changes[-1][0].extend(mine[step.src_start : step.src_end])
            changes[-1][1].extend(theirs[step.dest_start : step.dest_end])
        is_open = step.tag != "equal"
    return changes


def _contradict(changes: list[Change], *, is_part: bool) -> bool:
    """Return whether the differing words mean different things."""
    mine = [word for words, _ in changes for word in words]
    theirs = [word for _, words in changes for word in words]
    numbers, others = _CODES.findall("".join(mine)), _CODES.findall("".join(theirs))
    if numbers and others and "".join(numbers) != "".join(others):
        return True
    if any(f"non{word}" in theirs for word in mine) or any(f"non{word}" in mine for word in theirs):
        return True
    if any(_are_opposites(word, their, {*mine, *theirs}) for word in mine for their in theirs):
        return True
    if is_part and len(changes) == 1:
        # A subtitle that was lost may say "not", but the rest may not begin behind that word.
        return (changes[0][0] or changes[0][1])[-1] in _NOT
    return any(_negate(left, right) for left, right in changes)


def _negate(mine: list[str], theirs: list[str]) -> bool:
    """Return whether one of two passages says "not" and the other does not, however it is joined to the next word."""
    if _NOT.isdisjoint(mine) == _NOT.isdisjoint(theirs):
        return False
    return ratio("".join(mine), "".join(theirs)) < _SPELLING_RATIO


def _are_opposites(one: str, other: str, rest: set[str]) -> bool:
    """Return whether two words differ by a prefix that does not stand apart in the rest, or are a known pair."""
    if one[-3:] != other[-3:]:  # a prefix makes the difference; most pairs end here
        return (one, other) in _PAIRS
    for left, right in _OPPOSITES:
        if one.startswith(left) and other.startswith(right) and one[len(left) :] == other[len(right) :]:
            return True
        if one.startswith(right) and other.startswith(left) and one[len(right) :] == other[len(left) :]:
            return True
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if len(short) > 3 and long.endswith(short):
        prefix = long[: -len(short)]
        is_spelling = prefix in "ao" and short[0] == "e"  # oedema and edema
        return prefix in _NEGATIONS and prefix not in rest and not is_spelling
    return (one, other) in _PAIRS


# Words of like length and place in a sentence that turn a title into another one.
_OPPOSITE_WORDS = (
    "with/without male/female men/women man/woman boys/girls left/right increase/decrease increased/decreased"
    " increases/decreases vivo/vitro mice/rats mouse/rat children/adults high/low early/late acute/chronic"
    " maternal/paternal before/after first/second second/third anterior/posterior upper/lower proximal/distal"
    " dorsal/ventral medial/lateral"
    " alpha/beta beta/gamma alpha/gamma efficacy/safety plus/versus plus/vs prednisone/prednisolone cortisone/cortisol"
    " intramuscular/intravascular intramuscular/intravenous"
)
_PAIRS = frozenset(
    pair for words in _OPPOSITE_WORDS.split() for pair in (tuple(words.split("/")), tuple(reversed(words.split("/"))))
)


def _is_typing(mine: list[str], theirs: list[str]) -> bool:
    """Return whether the differing words are the same words, spelled or cut differently."""
    mine, theirs = ([word for word in words if word not in _SIGNS] for words in (mine, theirs))
    if not mine and not theirs:
        return True
    left, right = "".join(mine), "".join(theirs)
    if not left or not right or ratio(left, right) < _TYPO_RATIO:
        return False
    return len(mine) != len(theirs) or all(_is_one_word(word, their) for word, their in zip(mine, theirs, strict=True))


def _is_one_word(one: str, other: str) -> bool:
    """Return whether two words are one, spelled in two ways; another first letter makes another word (duloxetine)."""
    agreement = ratio(one, other)
    if one[0] != other[0]:
        return agreement >= _SPELLING_RATIO
    if len(one) == len(other) <= _SHORT_WORD and sorted(one) != sorted(other):
        return False  # acronyms that differ in a letter (apoA, apoE); "fibre" and "fiber" have the same
    return agreement >= (_TYPO_RATIO if len(one) < _LONG_WORD else _LONG_TYPO_RATIO)


def have_same_numbers(one: str, other: str) -> bool:
    """Return whether two titles hold the same numbers in the same order.

    Examples
    --------
    >>> have_same_numbers("ketamine part 1", "ketamine"), have_same_numbers("5 ht2a", "5ht 2a")
    (False, True)
    """
    return "".join(_DIGITS.findall(one)) == "".join(_DIGITS.findall(other))


def compare_authors(one: str, other: str) -> int:
    """Return the level of two author lists.

    `SAME`: one starts with the other's first author and holds most of its names.  `NEAR`: some names are shared.
    `DIFFERENT`: none is.

    Examples
    --------
    >>> compare_authors("lei yujie|wang jia", "yujie lei|wang j") == SAME
    True
    >>> compare_authors("@ketastudygroup", "lei yujie|wang jia") == compare_authors("王 伟", "wang wei") == MISSING
    True

    Notes
    -----
    A group and the people in it, and names in two scripts, cannot be compared.
    """
    if not one or not other:
        return MISSING
    if one == other:
        return SAME
    if GROUP in one or GROUP in other:
        people, others = _list_people(one), _list_people(other)
        if not people or not others:
            return _compare_groups(one, other, is_alone=not people and not others)
        one, other = people, others
    if one.isascii() != other.isascii() and _is_foreign(one) != _is_foreign(other):
        return MISSING
    mine = [name.partition(" ") for name in one.split("|")]
    theirs = [name.partition(" ") for name in other.split("|")]
    short, long = (mine, theirs) if len(mine) <= len(theirs) else (theirs, mine)
    first = _is_same_person(mine[0], theirs[0])
    families = {name[0] for name in long}
    rest = [name for name in short if name[0] not in families]
    enough = 2 * len(short) / 3
    shared = len(short) - len(rest)
    if shared < enough or not first:
        shared += sum(1 for name in rest if any(_is_same_person(name, their) for their in long))
    if (first and shared >= enough) or (shared == len(short) and len(short) > 1):
        return SAME
    return NEAR if shared or first else DIFFERENT


def _list_people(authors: str) -> str:
    return "|".join(name for name in authors.split("|") if not name.startswith(GROUP))


def _compare_groups(one: str, other: str, *, is_alone: bool) -> int:
    """Return the level of two lists of which one names groups alone, and with `is_alone` both."""
    mine, theirs = ([name for name in names.split("|") if name.startswith(GROUP)] for names in (one, other))
    if any(ratio(name, their) >= _GROUP_RATIO for name in mine for their in theirs):
        return SAME
    return DIFFERENT if is_alone else MISSING


def _is_foreign(names: str) -> bool:
    """Return whether names are in letters that are not Latin."""
    return any(char > _LAST_LATIN for char in names)


def _is_same_person(one: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
    family, _, given = one
    their_family, _, their_given = other
    if family == their_family:
        return (
            not given
            or not their_given
            or given[0] == their_given[0]
            or their_given[0] in given[:4]
            or given[0] in their_given[:4]
        )
    if family == their_given or given == their_family:
        return True
    if len(family) > 3 and len(their_family) > 3:
        if ratio(family, their_family) >= 80:
            return True
        short, long = (family, their_family) if len(family) < len(their_family) else (their_family, family)
        return len(short) > 4 and (long.endswith(short) or long.startswith(short))
    return False


def compare_years(one: int, other: int) -> int:
    """Return the level of two years; one apart is `NEAR`, because online and print years differ by one.

    Examples
    --------
    >>> compare_years(2019, 2020) == NEAR, compare_years(2019, 2021) == DIFFERENT, compare_years(0, 2021) == MISSING
    (True, True, True)
    """
    if not one or not other:
        return MISSING
    if one == other:
        return SAME
    return NEAR if abs(one - other) == 1 else DIFFERENT


def compare_journals(one: Prepared, other: Prepared) -> int:
    """Return the level of two journals: one name or ISSN is `SAME`, an abbreviation of the other `NEAR`."""
    if one.issns and other.issns and not set(one.issns).isdisjoint(other.issns):
        return SAME
    if not one.journals or not other.journals:
        return MISSING
    if one.journals == other.journals:
        return SAME
    return NEAR if are_journals_alike(one.journals, other.journals) else DIFFERENT


def compare_texts(one: str, other: str) -> int:
    """Return the level of two fields that are either the same or not.

    Examples
    --------
    >>> compare_texts("12", "12") == SAME, compare_texts("12", "") == MISSING, compare_texts("12", "13") == DIFFERENT
    (True, True, True)
    """
    if not one or not other:
        return MISSING
    return SAME if one == other else DIFFERENT


_ISSUE = re.compile("([0-9]*)(s?)([0-9]*)")


def compare_issues(one: str, other: str) -> int:
    """Return the level of two issues.

    Databases write a supplement in many ways, as that of an issue or of the volume, or not at all; and a number that no
    volume reaches is a running one, of the journal or of the export, which another database has not.

    Examples
    --------
    >>> compare_issues("3", "4") == DIFFERENT, compare_issues("3s1", "s1") == compare_issues("3", "211") == MISSING
    (True, True)
    """
    if not one or not other:
        return MISSING
    if one == other:
        return SAME
    left, right = _ISSUE.fullmatch(one), _ISSUE.fullmatch(other)
    if left is None or right is None or left[2] != right[2]:
        return MISSING
    for number, their in ((left[1], right[1]), (left[3], right[3])):
        if number and their and number != their and max(int(number), int(their)) <= _MOST_ISSUES:
            return DIFFERENT
    return MISSING


def compare_dois(one: str, other: str) -> int:
    """Return the level of two DOIs.

    Two that differ only in their prefix (a journal changed its publisher) or of which one is cut count as
    `MISSING`: they neither prove nor exclude one paper.

    Examples
    --------
    >>> compare_dois("10.1046/j.1600-0447.x", "10.1111/j.1600-0447.x") == MISSING
    True
    """
    if not one or not other:
        return MISSING
    if one == other:
        return SAME
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if long.startswith(short) or one.partition("/")[2] == other.partition("/")[2]:
        return MISSING
    return DIFFERENT


_PAGE = re.compile(r"([a-z]*)0*([0-9]+)")
# What names an article of a journal that is not printed: "e1234", "a9754", 101234.
_ARTICLE_NUMBER = re.compile(
    r"e[0-9]+|[b-df-oq-rt-z][0-9]+|[a-z]?[0-9]{4,}[a-z]?|(?!ab|sup|pp|p?os?[0-9])[a-z]{2,4}[0-9]{2,}"
)
_MOST_ISSUES: Final = 52  # of a volume: those of a weekly journal
_PRINTED: Final = 4  # digits; a printed page has no more


def compare_pages(one: Prepared, other: Prepared) -> int:
    """Return the level of two page fields.

    `SAME`: one first page.  `NEAR`: the same but for a letter ("S9" and "9"), or one range lies within the other.
    `MISSING` also where "1-12" counts the pages of a file: beside an article number, or without a volume; where a page
    stands beside an article number; and where a field was damaged ("t-20" for 314-320, "2-8" for 125-128, "22-Jun").
    """
    first, second = one.first_page, other.first_page
    if not first or not second:
        return MISSING
    if first == second:
        return SAME
    left, right = _PAGE.match(first), _PAGE.match(second)
    if left is None or right is None:
        return DIFFERENT
    if left[2] == right[2] and (not left[1] or not right[1]):
        return NEAR
    if _counts_pages(one, other) or _counts_pages(other, one):
        return MISSING
    if one.has_damaged_pages or other.has_damaged_pages or _is_printed(one) != _is_printed(other):
        return MISSING
    if _is_rest_of(one, other) or _is_rest_of(other, one):
        return MISSING
    if left[1] == right[1] and (_lies_within(one, int(right[2])) or _lies_within(other, int(left[2]))):
        return NEAR
    return DIFFERENT


def _counts_pages(record: Prepared, beside: Prepared) -> bool:
    return record.first_page == "1" and record.last_page != "" and not (record.volume and beside.last_page)


def _is_printed(record: Prepared) -> bool:
    """Return whether what stands for a first page is one, of a volume or a supplement, and no article number."""
    page = record.first_page
    if (page.isdigit() and len(page) <= _PRINTED) or (record.last_page and page[0] != "e"):
        return True
    return _ARTICLE_NUMBER.fullmatch(page) is None


def _is_rest_of(record: Prepared, whole: Prepared) -> bool:
    """Return whether a range is what is left of another whose beginning was lost: "2-8" of 125-128."""
    first, last = record.first_page, record.last_page
    return (
        len(first) < len(whole.first_page) and 0 < len(last) < len(whole.last_page) and whole.last_page.endswith(last)
    )


def _lies_within(record: Prepared, page: int) -> bool:
    first, last = _PAGE.match(record.first_page), _PAGE.match(record.last_page)
    return first is not None and last is not None and int(first[2]) <= page <= int(last[2])


_TEXT_WORD = re.compile(r"[^\W\d_]{5,}")
_WHOLE_ABSTRACT: Final = 200  # letters
_MIN_ABSTRACT_WORDS: Final = 12


def compare_abstracts(one: str, other: str) -> int:
    """Return the level of two abstracts by the longer words at their beginnings.

    Databases label, cut and transcribe abstracts differently, but two thirds of the words of one beginning stand in
    the other's; abstracts of two papers of one group share less than half.
    """
    mine, theirs = set(_TEXT_WORD.findall(one.lower())), set(_TEXT_WORD.findall(other.lower()))
    fewer = min(len(mine), len(theirs))
    if fewer < _MIN_ABSTRACT_WORDS:
        return MISSING
    shared = len(mine & theirs) / fewer
    if shared >= 0.7:
        return SAME
    return NEAR if shared >= 0.5 else DIFFERENT


def have_one_abstract(one: Prepared, other: Prepared) -> bool:
    """Return whether two records have one abstract; companion papers begin alike, and go on differently."""
    return one.abstract_length == other.abstract_length >= _WHOLE_ABSTRACT and one.abstract == other.abstract


def compare_trials(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the level of two lists of registrations: `DIFFERENT` if a register numbers the two differently.

    A trial may be registered in several places, of which each record names another.

    Examples
    --------
    >>> compare_trials(["NCT00000001"], ["NCT00000002"]) == DIFFERENT
    True
    >>> compare_trials(["NCT00000001"], ["ISRCTN00000001"]) == MISSING
    True
    """
    if not one or not other:
        return MISSING
    if not set(one).isdisjoint(other):
        return SAME
    registers = ({_REGISTER.sub("", number) for number in numbers} for numbers in (one, other))
    return MISSING if next(registers).isdisjoint(next(registers)) else DIFFERENT


_REGISTER = re.compile(r"[0-9].*")  # what follows the register's letters; European numbers have none

# Words of titles that come again every year; a case report does not.
_SERIAL_WORDS = (
    "annual annually biennial bulletin census guideline guidelines highlights news proceedings report reports"
    " statistics update updates yearbook yearly"
)
_SERIAL = frozenset(_SERIAL_WORDS.split())


class Comparison:
    """Two records side by side, and how well each field agrees."""

    __slots__ = (
        "authors",
        "doi",
        "issue",
        "journal",
        "one",
        "other",
        "pages",
        "pmid",
        "share",
        "title",
        "volume",
        "year",
    )

    def __init__(self, one: Prepared, other: Prepared, title: int, share: float) -> None:
        self.one = one
        self.other = other
        self.title = title
        self.share = share
        self.authors = compare_authors(one.authors, other.authors)
        self.year = compare_years(one.year, other.year)
        self.journal = compare_journals(one, other)
        self.volume = compare_texts(one.volume, other.volume)
        self.issue = compare_issues(one.issue, other.issue)
        self.pages = compare_pages(one, other)
        self.doi = compare_dois(one.doi, other.doi)
        self.pmid = compare_texts(one.pmid, other.pmid)

    @property
    def abstract(self) -> int:
        """The level of the abstracts, worked out only where a rule asks."""
        return compare_abstracts(self.one.abstract, self.other.abstract)

    @property
    def one_abstract(self) -> bool:
        """Whether both have one abstract, to the last letter."""
        return have_one_abstract(self.one, self.other)

    @property
    def unlike_texts(self) -> bool:
        """Whether both have a text, and neither says what the other does: a register's title is that of many trials."""
        one, other = self.one.abstract, self.other.abstract
        return one != "" != other and one != other and self.abstract < NEAR

    @property
    def at_meeting(self) -> bool:
        """Whether either stands among conference abstracts, where a place, a DOI and authors are shared by many."""
        return self.one.is_meeting or self.other.is_meeting

    @property
    def mixed_meeting(self) -> bool:
        """Whether one is a conference abstract and the other, not known to be in its volume, may be the paper."""
        return self.one.is_meeting != self.other.is_meeting and self.volume != SAME

    @property
    def other_text(self) -> bool:
        """Whether these are abstracts of a meeting with like titles and other texts: sister abstracts of one group."""
        return self.at_meeting and self.title < EQUAL and self.abstract == DIFFERENT

    @property
    def serial(self) -> bool:
        """Whether the title is one that comes again every year."""
        words = {*self.one.title.split(), *self.other.title.split()}
        return not _SERIAL.isdisjoint(words) and words.isdisjoint(("case", "cases"))

    @property
    def column(self) -> bool:
        """Whether the title is one that comes again in other issues, as "Editorial" and "Research highlights" do."""
        return self.generic or is_column(self.one.title) or (self.title < EQUAL and is_column(self.other.title))

    @property
    def other_issue(self) -> bool:
        """Whether what comes again under one title stands in two places, or has two DOIs."""
        is_elsewhere = self.issue == DIFFERENT or self.volume == DIFFERENT
        is_later = self.year != SAME and self.year != MISSING and not self.spot
        if not (is_elsewhere or is_later or self.doi == DIFFERENT):
            return False
        if self.column and (is_elsewhere or self.doi == DIFFERENT):
            return True
        if not (self.column or self.serial):
            return False
        return (is_later and self.abstract != SAME) or (is_elsewhere and not self.whole_range)

    @property
    def other_supplement(self) -> bool:
        """Whether one stands in a supplement, and the other in an issue that is none."""
        one, other = self.one.issue, self.other.issue
        return one != "" != other and ("s" in one) != ("s" in other)

    @property
    def other_place(self) -> bool:
        """Whether one page is that of two issues, or begins two ranges with a DOI each."""
        if self.doi == DIFFERENT:
            return self.issue == DIFFERENT or self.other_end
        return self.issue == DIFFERENT and not self.whole_range and self.abstract != SAME

    @property
    def other_study(self) -> bool:
        """Whether one title names another kind of study ("follow-up", "cost-effectiveness"), and the other does not."""
        if self.title >= CLOSE:
            return False
        changes = _list_changes(self.one.title, self.other.title)
        mine, theirs = (" ".join(word for change in changes for word in change[side]) for side in (0, 1))
        return name_study(mine) != name_study(theirs)

    @property
    def lost_form(self) -> bool:
        """Whether one title is the other but for words that say of what form the study is ("a randomised trial")."""
        if self.title != PART:
            return False
        changes = _list_changes(self.one.title, self.other.title)
        return len(changes) == 1 and not all(changes[0]) and names_only_form(changes[0][0] or changes[0][1])

    @property
    def identified(self) -> bool:
        """Whether an identifier is the same."""
        return self.doi == SAME or self.pmid == SAME or self.one.pmcid == self.other.pmcid != ""

    @property
    def letters(self) -> int:
        """The length of the shorter title."""
        return min(len(self.one.title), len(self.other.title))

    @property
    def unplaced(self) -> bool:
        """Whether one of the two gives no place at all."""
        return any(not (record.volume or record.issue or record.first_page) for record in (self.one, self.other))

    @property
    def generic(self) -> bool:
        """Whether the title is one that many papers have."""
        return self.one.is_generic or self.other.is_generic

    @property
    def spot(self) -> bool:
        """Whether volume and first page are the same and nothing else about the place disagrees much."""
        return self.volume == SAME and self.pages >= NEAR and self.year >= MISSING

    @property
    def whole_range(self) -> bool:
        """Whether both have the same range of at least two pages: it holds one paper, unless of another issue."""
        one, other = self.one, self.other
        return self.pages == SAME and one.last_page == other.last_page != "" and one.last_page != one.first_page

    @property
    def other_end(self) -> bool:
        """Whether both begin on one page and end on two."""
        return self.pages == SAME and compare_texts(self.one.last_page, self.other.last_page) == DIFFERENT
