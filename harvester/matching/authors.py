"""Author lists as databases write them, reduced to family names and given names.

How lists are corrupted: separators differ (";", " and ", ",", or none left: "Adeli K.Lewis G. F."), given names are
full or initials, accents are lost, transcribed (ü → ue) or damaged, hyphens become spaces or vanish, family and
given name are swapped (frequent with Chinese names: "Yujie, L. E. I." for "Lei, Yujie"), lists are cut after the
first, third or sixth author, re-ordered alphabetically, or replaced by a group's name.

A person becomes ``family given`` with all joints closed: ``villegascarlos felipe``, ``yujie lei``; a group its name
behind ``@``; a list is those, joined by ``|``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from harvester.matching.titles import fold_text, repair_encoding
from harvester.paper.records import Author

GROUP: Final = "@"  # stands before the name of a group
_MAX_PEOPLE = 40  # collaborations list hundreds; the first forty decide
_ET_AL = re.compile(r"\W*\b(?:et al|and others)\W*$", re.IGNORECASE)
_NOBODY = re.compile(
    r"\W*(?:anon(?:ymous)?|no authors? (?:listed|given|name available)|author unknown|unknown|n/?a|none|null|nan)\W*",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"\b(?:groups?|consortium|investigators|committee|society|association|collaborat(?:ion|ive|ors)|networks?|team|trial"
    r"|study|college|academy|institute|initiative|federation|foundation|ministry|department|council|board|force|party"
    r"|organi[sz]ation|alliance|agency|registry|members|panel|commission|hospital|pharmaceuticals?|inc|ltd|gmbh"
    r"|grupo|gruppe|gesellschaft|groupe|soci[eé]t[eé])\b",
    re.IGNORECASE,
)
# The same where all joints are closed; what is shorter is somebody's family name.
_BARE = re.compile(r"(?<![^|])[^| @]{10,}(?![^|])")
_CLOSED_GROUP = re.compile(
    "group|consortium|investigators|committee|society|association|collaborat|network|college|academy|institute"
    "|initiative|federation|foundation|ministry|department|council|taskforce|party|organi[sz]ation|alliance|agency"
    "|registry|hospital|pharmaceutical|gesellschaft|(?:team|trial|study|panel|commission|inc|ltd|gmbh)$"
)

# A full stop directly followed by a name: the separator between two authors was lost.
_PARTICLES = "van|von|de|den|der|del|della|di|da|dos|du|la|le|el|al|ter|ten"
_LOST_SEPARATOR = re.compile(rf"(?<=\.)(?=[^\W\d_]['’]?[^\W\d_][^\W\d_.]*[ ,]|(?:{_PARTICLES})[ -])")
# A list without separators read as one person, whose last initial came first: "J., Kass N. Faden R. Hallez K."
_MOVED_INITIAL = re.compile(r"([^\W\d_]\.?), *(\S+ [^\W\d_]\..*)", re.DOTALL)
_INITIAL_THEN_NAME = re.compile(r"(?<=[^\W\d_]\.) (?=[^\W\d_][^\W\d_])")
_INITIALS = re.compile(r"(?:[A-ZÀ-ÞŁŠŽ]\.?[ -]?){1,4}")
# Where the family name ends: at the comma, or before the initials that close it.
_END = "\x01"  # stands between family and given names while a list is being read
_LAST_INITIALS = re.compile(rf"[ {_END}]+((?:[A-ZÀ-ÞŁŠŽ]\.?[ -]?){{1,4}})(?=\||$)")
_NAME = re.compile(r"[^|]+")
_SUFFIX = re.compile(r",?\s+(?:jr|sr|ii|iii|iv|2nd|3rd)\.?(?=\s*(?:\||$))", re.IGNORECASE)
_SUFFIX_CUES = ("Jr", "JR", "jr", "Sr", "SR", "II", "2nd", "3rd")
# Deleting these closes the joints of names: "D'Amelio", "Villegas-Carlos", "G. F.".
_JOINTS = dict.fromkeys(map(ord, " \t\r.,;:'’‘`´\"-‐‑–—_()[]{}/*&?!+0123456789"))


def read_authors(authors: Iterable[Author]) -> str:
    """Reduce a record's authors; the empty string if there are none.

    Examples
    --------
    >>> read_authors((Author(family="König", given="Ada M"), Author(collective="ACME Study Group")))
    'konig adam|@acmestudygroup'
    """
    names = [
        (
            f"{GROUP}{author.collective}"
            if author.collective is not None
            else f"{author.family}{_END}{author.given or author.initials or ''}"
        ).replace("|", " ")
        for author in authors
    ]
    return _fold_list("|".join(names))


def read_author_text(text: str | None) -> str:
    """Reduce an author list that is one text, in any of the usual formats.

    Parameters
    ----------
    text
        ``Family, Given and Family, Given``, ``Family G; Family G``, ``Family G, Family G``, ``Family, G., Family, G.``
        or ``Family G.Family G.``; None, blank, "Anonymous" or "et al": nobody.

    Examples
    --------
    >>> [read_author_text(text) for text in ("Roth K.Lewis G. F.", "Roth, K. and Lewis, G. F.", "Roth K, Lewis GF")]
    ['roth k|lewis gf', 'roth k|lewis gf', 'roth k|lewis gf']
    >>> read_author_text("Villegas-Carlos, Felipe; Müller, Ada")
    'villegascarlos felipe|muller ada'
    """
    if not text or _NOBODY.fullmatch(text):
        return ""
    if not text.isascii():
        text = repair_encoding(text)
    text = text.replace("|", " ").strip()
    if " al" in text[-8:] or "others" in text[-8:]:
        text = _ET_AL.sub("", text)
    if text[1:3] == ".," or text[1:2] == ",":
        text = _MOVED_INITIAL.sub(r"\2 \1", text)
        text = _INITIAL_THEN_NAME.sub("|", text)
    listed = _separate(_keep_groups_whole(text))
    if any(cue in listed for cue in _SUFFIX_CUES):
        listed = _SUFFIX.sub("", listed)
    listed = listed.replace(",", _END)
    people = listed.count("|") + 1
    if listed.count(_END) < people:
        listed = _LAST_INITIALS.sub(lambda match: _END + match[1], listed)
        if listed.count(_END) < people:
            listed = _NAME.sub(_divide, listed)
    return _fold_list(listed)


def _keep_groups_whole(text: str) -> str:
    """Take the "and" out of the names of groups, where it would part them."""
    if (" and " not in text and " & " not in text) or ("," in text and ";" not in text):
        return text
    return ";".join(
        part.replace(" and ", " ").replace(" & ", " ") if "," not in part and _GROUP.search(part) else part
        for part in text.split(";")
    )


def _separate(text: str) -> str:
    """Put "|" between the authors."""
    if (", and " in text or ", & " in text) and ";" not in text and text.count(" and ") + text.count(" & ") == 1:
        text = text.replace(", and ", ", ").replace(", & ", ", ")  # before the last of a list of commas
    if "|" in text or ";" in text or "\n" in text or " and " in text or " & " in text:
        for separator in (" and ", " & ", ";", "\n"):
            text = text.replace(separator, "|")
        return text.strip("| ")
    if "." in text and _LOST_SEPARATOR.search(text):
        return _LOST_SEPARATOR.sub("|", text)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) < 2:
        return text
    if all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        return "|".join(", ".join(parts[start : start + 2]) for start in range(0, len(parts), 2))
    if len(parts) == 2 and " " not in parts[0]:
        return ", ".join(parts)  # "Family, Given"
    return "|".join(parts)


def _divide(match: re.Match[str]) -> str:
    """Divide a name in natural order, "Jane van Dyke", before the family name with its particles; groups stay whole."""
    name = match.group()
    words = name.split()
    if (
        _END in name
        or _GROUP.search(name)
        or len(words) < 2
        or not words[0][0].isupper()
        or (len(words[0]) > 2 and words[0].isupper())
    ):
        return name
    start = len(words) - 1
    while start > 1 and words[start - 1].islower():
        start -= 1
    return f"{' '.join(words[start:])}{_END}{' '.join(words[:start])}"


def _fold_list(listed: str) -> str:
    """Close all joints within names, fold, and cut the list."""
    folded = fold_text(listed.translate(_JOINTS))
    # Transcriptions of umlauts, so that Mueller, Müller and Muller are one name.
    folded = folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    if folded.count("|") >= _MAX_PEOPLE:
        folded = "|".join(folded.split("|")[:_MAX_PEOPLE])
    people = folded.replace(f"{_END}|", "|").rstrip(_END).replace(_END, " ")
    return people if people.count(" ") > people.count("|") else _BARE.sub(_mark_group, people)


def _mark_group(match: re.Match[str]) -> str:
    name = match.group()
    return GROUP + name if _CLOSED_GROUP.search(name) else name
