"""Reading authors' names out of one string, as feeds, RIS files and spreadsheets hold them.

PubMed says which part of a name is the family name; other sources give a string, and the string decides
nothing by itself: "Doe, Jane, Smith, John" is two people, "Jane Doe, John Smith" is two others, and "Doe, J.,
Roe, A." two more.  The order of the questions is the rule:

1. A semicolon or a bar separates people, and commas then stand inside a name.
2. So does "and" where each side is a whole name ("Doe, Jane and Smith, John"); else it is one more comma, unless it
   stands inside the name of a group ("Invented Research & Development").
3. Among commas, a degree, a number or an institution is no person, and "Jr" belongs to the one before.
4. If every second piece is *initials only* or *a lone given name*, the pieces are pairs of names.
5. Otherwise each piece is a person.

Within one name, capitals at the end are initials (``Doe JA``, as PubMed prints); anything else is a given
name before a family name with its particles (``Erik van Widenfelt``).

Known exceptions: a family name of two words behind a given name ("Gabriel García Márquez") loses its first
word to the given name, and a name printed family first without a comma ("Wang Xiaoming") is read given first,
unless it is written in Chinese, Japanese or Korean.
The string does not tell, and whoever matches by names has to allow for it.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harvester.paper.records import Author
from harvester.paper.registries import normalise_trial_id
from harvester.paper.text import collapse, strip_markup

# Longer texts than these, in characters, are sentences that happen to stand where a name was expected.
_LONGEST_NAME = 80
_LONGEST_GROUP = 250
_LONGEST_LIST = 200_000  # of several thousand authors

# Words that belong to the family name that follows them.
_PARTICLE_WORDS = "van von der den de del della di da dos das do du la le los las ten ter te zu zur af av bin ibn al"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV|2nd|3rd|4th", re.IGNORECASE)
_DEGREE_WORDS = (
    "md phd msc bsc mph mbbs mbchb dphil psyd pharmd dsc mphil frcpsych frcp mrcpsych rn np pac do dnp"
    " edd lcsw scd drph mhs ms ma ba bs mba mrcp fapa faan msw habil prof fracp franzcp crna aprn"
)
_DEGREES = frozenset(_DEGREE_WORDS.split())
# These cannot be anybody's initials; the others are degrees only after a whole name.
_PLAIN_DEGREE = re.compile(r"Ph\.?\s?D|M\.D|MSc|M\.Sc|BSc|DPhil|PsyD|PharmD|MPhil|DSc|MBChB|FRCPsych|MRCPsych")
_HONORIFIC = re.compile(r"(?:(?:Dr|Prof|Professor|Mr|Mrs|Ms)(?:\.\s*|\s+))+(?=\w)")
# Words by which a group of authors, or an institution that signs as one, is told from a person.
GROUP = re.compile(
    r"\b(?:group|grp|consortium|collaborat(?:ion|ors|ive)|investigators?|network|committee|task ?force"
    r"|working party|society|initiative|trialists|panel|council|agency|organi[sz]ation|association|federation"
    r"|foundation|team|editorial board|commission|alliance|universit\w*|institut\w*|hospital|minist(?:ry|ère)"
    r"|laborator\w+|department|colleges?|academ(?:y|ies)|cent(?:re|er)s? (?:for|of)|compan(?:y|ies)|corporation"
    r"|administration|bureau|coalition|secretariat|authority|pharma(?:ceuticals?)?|inc|ltd|gmbh|program(?:me)?|collaboratory"
    r"|grupo|groupe|gruppe|arbeitsg\w+|gesellschaft|verband|stiftung|société|sociedade?|asociación|comit[ée]"
    r"|fondation|fundación|haute autorité)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:universit\w*|hospitals?|departments?|dept|institut\w*|colleges?|school|facult\w+|cent(?:er|re)s?"
    r"|laborator\w+|clinic|ministry|division|inc|ltd|gmbh)\b",
    re.IGNORECASE,
)
_ON_BEHALF = re.compile(r"^(?:(?:and\s+)?(?:on behalf of|for|with)\s+(?=the\b)|and\s+)", re.IGNORECASE)
_CUT = re.compile(
    r"(?:\bet\.? al(?:ii)?\b\.?|\band (?:[0-9]+ )?(?:others|colleagues|more)\b\.?|…|\.\.\.)$", re.IGNORECASE
)
_LABEL = re.compile(r"^(?:(?:written\s+)?by\s*:?\s+|authors?(?:\s*\(s\))?\s*:\s*)", re.IGNORECASE)
_EMAIL = re.compile(r"(?:mailto:)?[^\s@<>()\[\],;]{1,64}@[^\s@<>()\[\],;]{1,255}")
_ORCID = re.compile(
    r"(?:https?://)?(?:orcid\.org/|orcid\s*:?\s*)?\b([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X])\b", re.IGNORECASE
)
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_MARKS = re.compile(r"(?<=[^\W\d])\s?(?![0-9]{4})[0-9*†‡§¶#]+(?=\s*(?:[,;]|$))")
_AND = re.compile(r"\s*,?\s+(?:and|&|und)\s+|\s*&\s*", re.IGNORECASE)
# Words that join the parts of a group's name, and stand in nobody's.
_JOINING = re.compile(r"\s(?:of|for|on|in(?! ['’]t\b)|to|für|pour)\s")
# The full stop that closes a list of names printed without others: "Doe JA, O'Brien KE.", "Jane Doe, John Smith Jr."
_CLOSING_STOP = re.compile(
    r"(?<=[A-Z]{2})\.$|(?<=\))\.$|(?<=[^\W\d_]{3})\.$|(?<=[0-9](?:nd|rd|th))\.$|(?<=\bJr)\.$|(?<=\bSr)\.$"
)
# What programs print where a name lacks its given part.
_NO_GIVEN = frozenset(("null", "None", "undefined", "N/A", "n/a"))
# What stands where there is no author: "[Anonymous]", "No authors listed".
_NOBODY = re.compile(
    r"\W*(?:anon(?:ymous)?|no authors?(?:ship)?\b.*|authors? (?:unknown|not (?:listed|available|stated))"
    r"|not (?:available|known)|unknown(?: author)?|n/a|none|null|nan)\W*",
    re.IGNORECASE,
)
# "Adeli K.Lewis G. F.": spreadsheets that joined "Family I." without a separator.
_GLUED = re.compile(r"(?<=\b[A-Z]\.)(?=[^\W\d_]['’]?[^\W\d_])")
# Letters of Chinese, Japanese and Korean, whose names are not shortened to initials; and Japanese for foreign names.
_IDEOGRAPHS = re.compile("[々-〇぀-ヿ㐀-䶿一-鿿가-힣豈-﫿ｦ-ﾟ\U00020000-\U0003ffff]")
_WIDE_MARKS = str.maketrans("，、；", ",,;")  # between such names
_KATAKANA = re.compile("[゠-ヿｦ-ﾟ]+")
_FAMILY_AND_INITIALS = re.compile(r"[^\W\d_][^.,;]* (?:[A-Z]\.[ -]?)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The authors named by a string."""

    authors: tuple[Author, ...] = ()
    complete: bool = True  # False: the string ends in "et al." or the like


def parse_names(text: str | None) -> Names:
    """Return the authors named in one string, in its order; None names nobody.

    Two of one name are two people: initials do not tell them apart.

    Around the names may stand markup, addresses, degrees and affiliations.

    Examples
    --------
    >>> texts = ("Jane Doe, John van Smith", "Doe J, Smith K", "Doe, Jane; Smith, John", "Kukla, D., Roe, A.")
    >>> for text in texts:
    ...     print([author.display for author in parse_names(text).authors])
    ['Doe J', 'van Smith J']
    ['Doe J', 'Smith K']
    ['Doe J', 'Smith J']
    ['Kukla D', 'Roe A']
    >>> parse_names("Jane Doe et al.").complete
    False
    """
    line = _CLOSING_STOP.sub("", _clean((text or "")[:_LONGEST_LIST]))
    shown = _tidy(_CUT.sub("", line))
    people = (parse_name(part) for part in _split(shown))
    authors = tuple(author for author in people if author is not None)
    return Names(authors=authors, complete=shown == line)


def parse_name(text: str | None) -> Author | None:
    """Read one author's name, ``Family, Given``, ``Family GI`` or ``Given Family``; None if there is no name.

    Examples
    --------
    >>> parse_name("van den Berg, Jan P., Jr.").display, parse_name("Doe JA").initials, parse_name("1, 2")
    ('van den Berg JP Jr', 'JA', None)
    >>> parse_name("the ASPIRE Study Group").collective
    'the ASPIRE Study Group'
    """
    line = _CLOSING_STOP.sub("", _tidy(collapse(text) or ""))
    orcid = _ORCID.search(line)
    if orcid is not None:
        line = _ORCID.sub(" ", line)
    line = _HONORIFIC.sub("", _ON_BEHALF.sub("", _tidy(line)))
    pieces = _pieces(line)
    if _NOBODY.fullmatch(line) or normalise_trial_id(line) is not None:
        return None
    if pieces and _is_group(pieces, line):
        name = f"{line})" if line.count("(") > line.count(")") else line
        return Author(collective=name) if len(name) <= _LONGEST_GROUP else None
    suffix = next((piece for piece in pieces if _SUFFIX.fullmatch(piece)), None)
    pieces = [piece for piece in pieces if piece != suffix]
    if not pieces or len(line) > _LONGEST_NAME or _is_prose(line):
        return None
    family, given = pieces[0], pieces[1] if len(pieces) > 1 else None
    if given is None:
        family, given, suffix = _split_plain(family, suffix)
    elif (ending := family.rpartition(" "))[0] and _SUFFIX.fullmatch(ending[2]):
        family, suffix = ending[0], ending[2]
    return _build(family, given, suffix=suffix, orcid=orcid.group(1).upper() if orcid else None)


def _is_group(pieces: list[str], line: str) -> bool:
    """Return whether a name, given also in its pieces, is a group's: "Company, B." is a person."""
    if len(pieces) == 2 and " " not in pieces[0] and _is_initials(pieces[1]):
        return False
    if GROUP.search(pieces[0]) or GROUP.search(pieces[-1]):
        return True
    return len(pieces) == 1 and _is_joined(line)


def _is_joined(line: str) -> bool:
    """Return whether a text without commas is put together as no person's name is."""
    return _AND.search(line) is not None or (_JOINING.search(line) is not None and not _is_prose(line))


def _is_prose(line: str) -> bool:
    """Return whether a text is words rather than a name: several of them begin in lower case."""
    plain = [word for word in re.findall(r"[^\W\d_][^\s,]*", line) if word[0].islower() and word not in _PARTICLES]
    return (len(plain) > 1 and any(char.isupper() for char in line)) or len(plain) > 3


def _clean(text: str | None) -> str:
    """Drop what stands around names: markup, labels, addresses, bracketed affiliations, footnote marks."""
    line = strip_markup(text) or ""
    named_after_address = re.fullmatch(rf"{_EMAIL.pattern}\s*\(([^()]+)\)", line)  # RSS: "a@example.org (Jane Doe)"
    if named_after_address is not None:
        line = named_after_address.group(1)
    line = _BRACKETED.sub(" ", _EMAIL.sub(" ", _LABEL.sub("", line, count=1)))
    return _tidy(_MARKS.sub("", line))


def _tidy(line: str) -> str:
    """Collapse, and drop separators at the ends; a full stop stays, as it may belong to an initial."""
    return (collapse(line.translate(_WIDE_MARKS)) or "").strip(' ,;:|<>()[]{}"“”*†‡§¶-–')


def _split(line: str) -> list[str]:
    """Cut a line of names into one string for each person, those of a pair joined as ``Family, Given``."""
    if re.search(r"[;|]", line):
        # PubMed puts its groups behind a semicolon: "Doe JA, Roe K; Invented Group."
        parts = [_CLOSING_STOP.sub("", _tidy(part)) for part in re.split(r"[;|]", line)]
        return [name for part in parts for name in (_split(part) if is_plain_list(part) else [part])]
    glued = _GLUED.split(line)
    whole = [name for name in glued if _FAMILY_AND_INITIALS.fullmatch(name)]
    if len(glued) > 1 and glued[-1] in whole and 2 * len(whole) > len(glued):
        return glued
    sides = _join_groups(_AND.split(line))
    inverted = [_is_inverted(side) for side in sides]
    if any(inverted) and len(sides) > 1 and all(inverted[at] or "," not in side for at, side in enumerate(sides)):
        return sides
    kept, line = _keep_groups(line)
    if "," not in line and _AND.search(line):
        return [_restore(side, kept) for side in _AND.split(line)]
    pieces = _pieces(_AND.sub(", ", line))
    people = _join_pieces(pieces, in_pairs=_are_pairs([piece for piece in pieces if not _SUFFIX.fullmatch(piece)]))
    return [_restore(person, kept) for person in people]


def _is_inverted(side: str) -> bool:
    pieces = _pieces(side)
    return len(pieces) == 2 and _is_given(pieces[1])


def _join_groups(sides: list[str]) -> list[str]:
    """Join what stands between "and" in a list of inverted names and holds no comma: it is the name of one group."""
    joined: list[list[str]] = []
    for side in sides:
        before = joined[-1][-1] if joined else ","
        if "," in side or "," in before or GROUP.search(before):
            joined.append([side])
        else:
            joined[-1].append(side)
    return [" and ".join(parts) for parts in joined]


_MARK = "Group \x00"  # stands for a group's name while the list is cut


def _keep_groups(line: str) -> tuple[list[str], str]:
    """Put a mark for each group in whose name "and" stands, and return them with the line."""
    kept: list[str] = []
    pieces = line.split(",")
    for place, piece in enumerate(pieces):
        if _AND.search(piece) and _is_one_group(piece.strip()):
            kept.append(piece.strip())
            pieces[place] = f" {_MARK}"
    return kept, ",".join(pieces)


def _restore(person: str, kept: list[str]) -> str:
    return kept.pop(0) if kept and person == _MARK else person


def _is_one_group(piece: str) -> bool:
    """Return whether what stands around "and" is one name: "Ketamine and Esketamine Study Group".

    "Jane Doe and the Invented Group" is two, and so is "Doe J and Invented Study Group".
    """
    start = _AND.search(piece)
    if start is None or start.start() == 0:
        return False
    first, *_, last = _AND.split(piece)
    if _ends_in_initials(first) or re.match(r"(?:the|on behalf of|for the)\b", last, re.IGNORECASE):
        return False
    if GROUP.search(first) and not _ends_in_initials(last):
        return True
    if GROUP.search(last):
        # What is of or for something is an institution, what is not a group that follows a person.
        return " " not in first or " " not in last or _JOINING.search(last) is not None
    return " " in first and " " not in last


def is_plain_list(text: str) -> bool:
    """Return whether a text is a list as PubMed prints it, each name a family name and initials: "Doe JA, Roe K Jr".

    Examples
    --------
    >>> is_plain_list("Doe JA, Roe K Jr"), is_plain_list("Doe JA, Jr"), is_plain_list("Doe, Jane, Jr")
    (True, False, False)
    """
    pieces = [piece.split() for piece in text.split(",") if not _SUFFIX.fullmatch(piece.strip())]
    plain = [words[:-1] if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else words for words in pieces]
    return len(plain) > 1 and all(map(_ends_in_initials, map(" ".join, plain)))


def is_initials_first(text: str) -> bool:
    """Return whether a text is a list of names that begin with initials: "J. A. Doe, K.-H. Roe and P. van der Berg".

    Initials without full stops count only in a list that a closing "and" tells.

    Examples
    --------
    >>> [is_initials_first(text) for text in ("J. A. Doe, K. Roe", "JA Doe, K Roe", "JA Doe and K Roe")]
    [True, False, True]
    """
    pieces = [piece for piece in _pieces(_AND.sub(", ", text)) if not _SUFFIX.fullmatch(piece)]
    is_dotted = all(re.match(r"[^\W\d_]\.", piece) for piece in pieces)
    return (
        len(pieces) > 1
        and (is_dotted or _AND.search(text) is not None)
        and GROUP.search(text) is None
        and all(_begins_with_initials(piece) for piece in pieces)
    )


def _begins_with_initials(piece: str) -> bool:
    words = _GLUED.sub(" ", piece).split()
    return len(words) > 1 and _is_initials(words[0]) and not _is_initials(words[-1])


def _pieces(line: str) -> list[str]:
    """Cut at commas and drop what is no part of a name: numbers, degrees, institutions."""
    pieces: list[str] = []
    after_place = False
    for piece in map(_tidy, line.split(",")):
        if not any(char.isalpha() for char in piece):
            continue
        after_whole_name = bool(pieces) and " " in pieces[-1] and not _is_family(pieces[-1])
        bare = re.sub(r"[^a-z]", "", piece.lower())
        if pieces and (_PLAIN_DEGREE.match(piece) or (after_whole_name and bare in _DEGREES)):
            continue
        if pieces and _PLACE.search(piece) and not re.search(r"\bgroup\b", piece, re.IGNORECASE):
            after_place = True
            continue
        if after_place and " " not in piece:  # the town or the country of the institution
            continue
        pieces.append(piece)
        after_place = False
    return pieces


def _are_pairs(pieces: list[str]) -> bool:
    """Return whether the pieces are family and given names in turn."""
    if len(pieces) < 2 or len(pieces) % 2 or any(GROUP.search(piece) for piece in pieces):
        return False
    families, givens = pieces[::2], pieces[1::2]
    if all(_is_initials(given) for given in givens):
        return not any(_is_initials(family) for family in families)
    if len(pieces) == 2 and " " not in givens[0]:
        return not _ends_in_initials(families[0])
    # Nobody is called by a family name alone, so that what stands between such names are given ones.
    return all(map(_is_family, families)) and all(_is_given(given) or len(given.split()) <= 3 for given in givens)


def _join_pieces(pieces: list[str], *, in_pairs: bool) -> list[str]:
    """Join the pieces that are one person: a suffix and what stands before it, family and given name of a pair."""
    people: list[str] = []
    is_open = False  # whether the last person lacks the given name
    for piece in pieces:
        is_suffix = bool(people) and _SUFFIX.fullmatch(piece) is not None
        if is_suffix or is_open:
            people[-1] += f", {piece}"
        else:
            people.append(piece)
        if not is_suffix:
            is_open = in_pairs and not is_open
    return people


def _is_initials(text: str) -> bool:
    """Return whether a text is initials only: ``J``, ``J. A.``, ``JA``, ``J.-P.``."""
    letters = [char for char in text if char.isalpha()]
    dotted = "." in text or " " in text
    return (
        0 < len(letters) <= (4 if dotted else 3)
        and all(char.isupper() for char in letters)
        and all(len(word) <= (1 if dotted else 3) for word in re.findall(r"[^\W\d_]+", text))
    )


def _ends_in_initials(text: str) -> bool:
    words = text.split()
    return len(words) > 1 and _is_initials(words[-1])


def _is_family(text: str) -> bool:
    """Return whether a text can only be a family name: one word, with particles before it."""
    words = [word for word in text.split() if not _SUFFIX.fullmatch(word)]
    return not _is_initials(text) and all(word.lower() in _PARTICLES for word in words[:-1])


def _is_given(text: str) -> bool:
    """Return whether a text looks like given names only: one name, with initials or one more name after it."""
    words = [word for word in text.split() if word not in _PARTICLES]
    return _is_initials(text) or len(words) == 1 or (len(words) <= 3 and all(map(_is_initials, words[1:])))


def _split_plain(name: str, suffix: str | None) -> tuple[str, str | None, str | None]:
    """Divide a name without commas into family, given and suffix."""
    if _IDEOGRAPHS.match(name) and not _KATAKANA.match(name):
        before, _, behind = name.partition(" ")
        return before, behind or None, suffix
    spaced = _GLUED.sub(" ", name)  # "J.Smith"
    words = [word for word in spaced.split() if not _PLAIN_DEGREE.match(word)] or spaced.split()
    if suffix is None and len(words) > 2 and _SUFFIX.fullmatch(words[-1]):
        suffix = words.pop()
    initials = len(words)
    while initials > 1 and _is_initials("".join(words[initials - 1 :])):
        initials -= 1
    family = words[:initials]
    mixed_case = any(char.islower() for char in "".join(family))
    if initials < len(words) and not all(map(_is_initials, family)) and (mixed_case or len(words[-1]) < 3):
        return " ".join(family), " ".join(words[initials:]), suffix
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[start:]), " ".join(words[:start]) or None, suffix


def _build(family: str, given: str | None, *, suffix: str | None, orcid: str | None) -> Author:
    """Make the author; particles left behind the given name ("Berg, Jan van den") go to the family name."""
    words = (given or "").split()
    while len(words) > 1 and words[-1] in _PARTICLES:
        family = f"{words.pop()} {family}"
    given = " ".join(words) or None
    if given in _NO_GIVEN:
        given = None
    # "ADA EXAMPLE" shouts; "EXAMPLE NJ" is initials.
    is_shouted = (
        given is not None and family.isupper() and re.fullmatch("[A-Z]*[AEIOUY][A-Z]*", given) and len(given) > 2
    )
    is_block = given is not None and _is_initials(given) and "." not in given and " " not in given and not is_shouted
    return Author(
        family=family.strip(" ."),
        given=None if is_block else given,
        initials=given[0] if given is not None and is_shouted else _initials(given),
        suffix=None if suffix is None else suffix.rstrip("."),
        orcid=orcid,
    )


def _initials(given: str | None) -> str | None:
    """Return the initials of given names as PubMed prints them: ``Jean-Pierre A.`` is ``JPA``, ``小明`` has none."""
    if given is None:
        return None
    if _is_initials(given):
        return "".join(char for char in given if char.isalpha())
    words = re.findall(r"[^\W\d_]+", given.replace("'", "").replace("’", ""))
    return "".join(word[0] for word in words if not _IDEOGRAPHS.match(word)).upper() or None
