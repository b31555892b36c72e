"""Blocking: short texts that two records of one paper are likely to share.

A pair is compared only if it shares a key, so each kind of corruption must leave at least one key whole:

===========  ======================================================  ============================================
key          survives                                                is lost with
===========  ======================================================  ============================================
``m:`` PMID  everything                                              no PMID
``c:`` PMCID everything                                              no PMCID
``d:`` DOI   everything                                              no DOI, two DOIs
``t:`` head  truncation, missing subtitle, damage behind the start   a typo at the start, a translated title
``e:`` tail  damage at the start, two titles in one field            truncation
``w:`` long  damage of short words, moved words, punctuation         damage of one of the three longest words
``l:`` place any title                                               missing volume, page or author
===========  ======================================================  ============================================

No key grows with the library: titles that thousands share ("Editorial") are keys only together with author, year
or page, and shared DOIs only together with the beginning of the title.
"""

from __future__ import annotations

from harvester.dedupe.prepare import Prepared

__all__ = ["block_keys"]

_HEAD = 26  # letters; a truncated title keeps about the first 30 characters in the shortest exports
_TAIL = 22
_LEADING = frozenset(("the", "a", "an"))


def block_keys(prepared: Prepared) -> tuple[str, ...]:
    """Give the keys under which a record is stored and looked up.

    Parameters
    ----------
    prepared
        The record.

    Returns
    -------
    tuple of str
        Distinct short texts, each with its kind as prefix; empty for a record about which nothing is known.

    Examples
    --------
    >>> from harvester.dedupe.prepare import prepare_row
    >>> block_keys(prepare_row(1, title="Editorial"))
    ()
    >>> block_keys(prepare_row(1, title="The ketamine and sleep study", author="Roe, A", volume="7", pages="211-9"))
    ('t:ketamineandsleepstudy', 'e:ketamineandsleepstudy', 'w:sleepstudyketamine', 'l:7:211:ro')
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
    if title:
        if prepared.is_generic:
            if family and prepared.year:
                keys.append(f"g:{title[:_HEAD]}:{family}:{prepared.year}")
        else:
            words = title.split()
            if words[0] in _LEADING and len(words) > 1:
                del words[0]
            joined = "".join(words)
            longest = sorted(sorted(set(words)), key=len)[-3:]
            keys += (f"t:{joined[:_HEAD]}", f"e:{joined[-_TAIL:]}", f"w:{''.join(longest)}")
    if prepared.first_page and prepared.volume:
        keys.append(f"l:{prepared.volume}:{prepared.first_page}:{prepared.year or family}")
    return tuple(keys)
