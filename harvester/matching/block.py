"""Blocking: short texts that two records of one paper are likely to share.

A pair is compared only if it shares a key, so each kind of corruption must leave at least one key whole:

======================  ===================================================  ==================================
key                     survives                                             is lost with
======================  ===================================================  ==================================
``m:`` PMID             everything                                           no PMID
``c:`` PMCID            everything                                           no PMCID
``d:`` DOI              everything                                           no DOI, two DOIs
``f:`` title            everything about authors and place                   damage within the first 60 letters
``w:`` longest words    damage of short words, moved words, lost subtitles   damage of one of these words
``h:`` head, author     truncation, lost subtitle                            damage at the start, other first author
``e:`` tail, author     damage at the start, two titles in one field         truncation, other first author
``l:`` place, journal   any title, any author                                no volume, page or year, wrong year
``p:`` place, author    any title, any journal, wrong year                   no volume or page, other first author
======================  ===================================================  ==================================

No key may grow with the library.  Titles that thousands share ("Editorial") are keys only together with author and
year; the ends of titles ("… a randomised controlled trial") only together with the first author.  Every journal has a
volume 12 with a page 211: a place counts only together with the first author, or with the year and the letter its
journal's name begins with, which abbreviations leave.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Final

from harvester.matching.prepare import Prepared

# How many neighbours in one block a record is compared with.  Real blocks hold a paper's few copies; what is larger
# is a title or DOI that many share, and there the neighbours in alphabetical order are the likeliest copies.
_NEIGHBOURS: Final = 20

# Letters.  Sixty tell titles of one topic apart; a truncated title keeps about thirty in the shortest exports.
_FULL, _HEAD, _TAIL = 60, 24, 24
_LONGEST = 4  # words; three are shared by many trials of one topic
_SPELLINGS = (("ae", "e"), ("oe", "e"), ("our", "or"), ("z", "s"), ("tre", "ter"), ("ll", "l"), ("mme", "m"))
_LEADING = frozenset(("the", "a", "an"))


def block_keys(prepared: Prepared) -> tuple[str, ...]:
    """Return the distinct keys under which a record is stored and looked up, each with its kind as prefix.

    Examples
    --------
    >>> from harvester.matching.prepare import prepare_row
    >>> block_keys(prepare_row(1, title="Editorial"))
    ()
    >>> record = prepare_row(1, title="The ketamine in keepers", author="Roth", volume="7", pages="9")
    >>> print(*block_keys(record), sep=" | ")
    f:ketamineinkeepers | w:inthekeepersketamine | h:ketamineinkeepers:roth | e:ketamineinkeepers:roth | p:7:9:roth
    """
    keys = []
    title = prepared.title
    family = prepared.authors.partition("|")[0].partition(" ")[0]
    if prepared.pmid:
        keys.append(f"m:{prepared.pmid}")
    if prepared.pmcid:
        keys.append(f"c:{prepared.pmcid}")
    if prepared.doi:
        keys.append(f"d:{prepared.doi}")
    if prepared.is_generic:
        if title and family and prepared.year:
            keys.append(f"g:{title[:_HEAD]}:{family}:{prepared.year}")
    else:
        words = _spell(title).split()
        joined = "".join(words[1:] if words[0] in _LEADING else words)
        longest = sorted(sorted(set(words)), key=len)[-_LONGEST:]
        keys += (
            f"f:{joined[:_FULL]}",
            f"w:{''.join(longest)}",
            f"h:{joined[:_HEAD]}:{family}",
            f"e:{joined[-_TAIL:]}:{family}",
        )
    if prepared.first_page and prepared.volume:
        place = f"{prepared.volume}:{prepared.first_page}"
        if prepared.year:
            keys.append(f"l:{place}:{prepared.year}:{prepared.journals[:1]}")
        if family:
            keys.append(f"p:{place}:{family}")
    return tuple(keys)


def _spell(title: str) -> str:
    """Return a title with British and American words spelled alike; what else becomes alike only adds candidates.

    Examples
    --------
    >>> _spell("randomised trial of oesophageal tumours") == _spell("randomized trial of esophageal tumors")
    True
    """
    for british, american in _SPELLINGS:
        title = title.replace(british, american)
    return title


def find_candidates(blocks: Iterable[tuple[str, ...]]) -> Iterator[tuple[int, list[int]]]:
    """Yield for each record the earlier ones that share a key with it.

    Parameters
    ----------
    blocks
        The keys of each record, in an order in which like records stand near each other.

    Yields
    ------
    position : int
        The place of a record in `blocks`, ascending; only of records that have candidates.
    candidates : list of int
        The places of earlier records, the nearest first: at most twenty for each key.

    Notes
    -----
    Each key becomes one number, its hash followed by its record's place; sorted, these numbers bring equal keys
    together.  For a million records that takes a tenth of the memory of a dictionary.  The place takes twenty bits of
    the hash then, and two keys in a whole table may meet that are not equal: one more candidate, no more.
    """
    count, pairs = _list_pairs(blocks)
    unpacked = (divmod(pair, count) for pair in pairs)
    for place, group in groupby(unpacked, key=itemgetter(0)):
        yield place, [count - 1 - back for _, back in group]


def _list_pairs(blocks: Iterable[tuple[str, ...]]) -> tuple[int, array[int]]:
    """Return the number of records, and pairs as ``later * number + (number - 1 - earlier)``, ascending, each once."""
    import numpy as np

    hashes, lengths = array("q"), array("i")
    for keys in blocks:
        hashes.extend(map(hash, keys))
        lengths.append(len(keys))
    count = len(lengths)
    if not hashes:
        return count, array("q")
    numbers = np.frombuffer(hashes, np.uint64)
    bits = np.uint64(count.bit_length())
    numbers <<= bits
    numbers |= np.repeat(np.arange(count, dtype=np.uint64), lengths)
    numbers.sort()
    placed = (numbers & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64)
    hashed = numbers
    hashed >>= bits
    parts = []
    for distance in range(1, min(_NEIGHBOURS + 1, len(hashed))):
        is_shared = hashed[distance:] == hashed[:-distance]
        if not is_shared.any():
            break
        later, earlier = placed[distance:][is_shared], placed[:-distance][is_shared]
        parts.append((later * count + (count - 1 - earlier))[later != earlier])
    pairs = np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)
    return count, array("q", pairs.tobytes())
