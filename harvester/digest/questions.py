"""Which papers of an edition ask one question around an operation or a birth, and stand together for that.

Whether such a paper is core or adjacent hangs on a word in its abstract, so that reviews of one question came to stand
in two sections.  In an edition they stand where most of them do; if as many are core as adjacent, with the core ones,
where each has an entry of its own.  The tag in the table stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from harvester.digest.markup import clean
from harvester.digest.words import Words, shelf
from harvester.paper.records import Study

_BIRTH = re.compile(r"\bc(?:ae|e|a)sar[ei]an|\bchildbirth\b|\bperi-?partum\b|\bparturient", re.IGNORECASE)
_OPERATION = re.compile(
    rf"{_BIRTH.pattern}|\b(?:peri|post|pre|intra)-?operative|\b(?:post-?)?surg(?:ery|eries|ical)\b"
    r"|\bemergence (?:delirium|agitation)\b|(?<!sub-)(?<!sub )\ban(?:ae|e)sthe(?:sia|tized|tised)\b"
    r"|\b\w+(?:ectomy|ectomies|plasty)\b",
    re.IGNORECASE,
)
# Anaesthesia for it is a question of its own.
_SHOCK = re.compile(r"\belectroconvulsive\b|\b(?-i:ECT)\b", re.IGNORECASE)
# What comes of a birth, or of an operation, whether or not the title names it.
_OF_BIRTH, _OF_OPERATION = "postpartum-depression", "delirium"
_AFTER_BIRTH = frozenset({"postpartum-women"})


def names_operation(study: Study) -> bool:
    """Whether the title says that people were operated on or gave birth."""
    return _OPERATION.search(clean(study.title)) is not None


def find_question(study: Study, words: Words) -> str | None:
    """Return what names the question of a study around an operation or a birth; None: it is not about that.

    It is the condition that people were to be spared, or to be treated for under anaesthesia.
    """
    tags, condition = study.tags, shelf(study, words)
    if tags.design == "preclinical" or condition is None:
        return None
    if _OF_BIRTH in tags.conditions:
        return _OF_BIRTH
    if condition in words.rows_of([_OF_BIRTH]) and (
        not _AFTER_BIRTH.isdisjoint(tags.population) or _BIRTH.search(clean(study.title))
    ):
        return _OF_BIRTH  # depression of women after childbirth, in other words
    if condition != _OF_OPERATION and not names_operation(study):
        return None
    return f"{condition}, ECT" if _SHOCK.search(clean(study.title)) else condition


def find_joined(studies: Iterable[tuple[str, str, str | None]]) -> tuple[str, ...]:
    """Return the `study_id` of core and adjacent studies that stand in the sections of the other tier.

    There they stand beside most papers on their question.  Each study is given as id, tier and question.
    """
    groups: dict[str, dict[bool, list[str]]] = {}
    for study_id, tier, question in studies:
        if question is not None:
            group = groups.setdefault(question, {True: [], False: []})
            group[tier == "core"].append(study_id)
    return tuple(
        sorted(
            study_id
            for group in groups.values()
            for study_id in group[len(group[False]) > len(group[True])]
            if group[True] and group[False]
        )
    )
