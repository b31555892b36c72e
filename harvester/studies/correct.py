"""Correct the tags of a study by hand, for ever, and read tags with what was corrected in them.

A correction is kept with the oldest record of the study, and holds for the study of that record, whatever rules, words
and records come later.  It is put in place of what the rules read; what follows from the tags (the broader conditions,
relevance and its reasons) follows from the corrected ones.  The tier does not: it is corrected like any other tag.
Why so: docs/decisions/decisions-by-hand.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from harvester.digest.markup import split_finding
from harvester.digest.words import DESIGNS
from harvester.ground.errors import LibraryError, UsageError
from harvester.library import Correction, Event, Library, StudyCorrected
from harvester.paper.records import Citation
from harvester.paper.tags import BY_HAND, TAGS, Evidence, Tag, Tags
from harvester.tagging import Vocabulary, classify
from harvester.tagging.passages import split_sentences
from harvester.tagging.ranking import rank

CORRECTABLE: Mapping[str, Tag] = {tag.name: tag for tag in TAGS if tag.name not in ("relevance", "guesses")}

_ABSENT = Tags()
# Lists that keep the order in which they were said; the others stand in the vocabulary's.
_AS_SAID = ("comparators", "countries")
# Lists whose values are the authors' own words, which a vocabulary only names alike.
_OPEN = ("comparators",)
# Texts from which a number is read.
_FORMS = {
    "follow_up": (
        re.compile(r"(?:[1-9][0-9]{0,4}|[0-9]{1,3}\.[0-9])\s(?:minute|hour|day|week|month|year)s?"),
        "write it as 24 hours or 32 weeks, in minutes to years",
    )
}
_MOST_PEOPLE = 10_000_000_000
_MOST_LISTED = 40  # values that an error names; of more, those that are like the wrong one


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a user wants of a study's tags, checked."""

    values: Mapping[str, Any]  # by tag, as `StudyCorrected` has them
    cleared: tuple[str, ...] | None  # tags whose corrections are taken back; None: all


def read_wish(arguments: Sequence[str], *, clear: bool, vocabulary: Vocabulary) -> Wish:
    """Check what a user typed: ``design=cohort``, or after ``--clear`` the names of tags, none for all.

    Raises
    ------
    UsageError
        If a tag or value is unknown, or there is nothing to do; with what is allowed.
    """
    pairs = [argument.partition("=") for argument in arguments]
    names = [name.strip() for name, _, _ in pairs]
    for name in names:
        if name not in CORRECTABLE:
            raise UsageError(f"{name!r} is no tag to correct", advice=f"there are {', '.join(CORRECTABLE)}")
        if names.count(name) > 1:
            raise UsageError(f"{name} stands there twice")
    if clear:
        if any(value.strip() for _, _, value in pairs):
            raise UsageError("--clear sets no value", advice="name the tags alone: --clear design")
        return Wish(values={}, cleared=tuple(names) or None)
    if not pairs:
        raise UsageError("nothing to correct", advice="write it as design=cohort, or take all back with --clear")
    for name, sign, _ in pairs:
        if not sign:
            raise UsageError(f"{name} has no value", advice=f"write {name}=VALUE, or {name}= if there is none")
    texts = {name: clean_words(text) for name, (_, _, text) in zip(names, pairs, strict=True)}
    values = {name: _read_value(CORRECTABLE[name], text, vocabulary) for name, text in texts.items()}
    return Wish(values=values, cleared=())


def clean_words(text: str) -> str:
    """Return what was typed as one line that can be stored."""
    printable = "".join(char if char.isprintable() else " " for char in text.encode("utf-8", "replace").decode())
    return " ".join(printable.split())


def _read_value(tag: Tag, text: str, vocabulary: Vocabulary) -> Any:
    """Return a value as it is stored; raises UsageError if the tag cannot have it."""
    absent = getattr(_ABSENT, tag.name)
    allowed = _allowed(tag, vocabulary)
    if tag.type == "list":
        parts = [text] if text in (allowed or ()) else re.split(";" if ";" in text else ",", text)
        return list(dict.fromkeys(_choose(tag, part.strip(), allowed) for part in parts if part.strip()))
    if not text:
        if absent is not None:
            raise UsageError(f"every study has a {tag.name}", advice=_listed(allowed or ()))
        return None
    if tag.type == "integer":
        digits = re.sub(r"(?<=[0-9])[, ](?=[0-9]{3})", "", text)
        if not re.fullmatch("[0-9]{1,11}", digits) or not (tag.minimum or 0) <= int(digits) <= _MOST_PEOPLE:
            raise UsageError(f"{tag.name}: {text!r} is no whole number", advice="write it as 108")
        return int(digits)
    form, advice = _FORMS.get(tag.name, (None, ""))
    if form is not None and not form.fullmatch(text):
        raise UsageError(f"{tag.name}: {text!r} is no length of time", advice=advice)
    return _choose(tag, text, allowed)


def _allowed(tag: Tag, vocabulary: Vocabulary) -> dict[str, str] | None:
    """Return the values that a tag may have, with what readers call them; None: any."""
    if tag.name in _OPEN:
        return None
    if tag.in_vocabulary:
        return {value: vocabulary.label(tag.name, value) for value in vocabulary.entries[tag.name]}
    if tag.name == "design":
        return {value: words for value, (words, _) in DESIGNS.items()}
    return dict(tag.choices) if tag.choices is not None else None


def _choose(tag: Tag, text: str, allowed: Mapping[str, str] | None) -> str:
    """Return the allowed value that a text names, by itself or as readers call it."""
    if allowed is None:
        return text
    for value, words in allowed.items():
        if text.casefold() in (value.casefold(), words.casefold()):
            return value
    near = list(allowed) if len(allowed) <= _MOST_LISTED else get_close_matches(text, allowed, n=5, cutoff=0.4)
    raise UsageError(f"{tag.name} cannot be {text!r}", advice=_listed(near))


def _listed(values: Iterable[str]) -> str:
    return f"there are {', '.join(values)}" if values else "it must be one of the vocabulary's"


def correct_study(
    library: Library, vocabulary: Vocabulary, study_id: str, wish: Wish, *, why: str | None, at: str
) -> Event:
    """Correct tags of a study, or take corrections back; return what its history tells of it.

    Raises
    ------
    UsageError
        If there is no such study, what is to be taken back was not corrected, or a finding is not in its words.
    """
    study = library.studies.get(study_id)
    if study is None:
        raise UsageError(f"there is no study {study_id}", advice='find one with: harvester query "WORDS"')
    study_id = study.study_id
    if not _is_quoted(wish.values.get("key_finding"), study):
        raise UsageError("key_finding is quoted, and these are not the authors' words", advice="copy whole sentences")
    present = library.corrections.of_study(study_id)
    cleared = tuple(present) if wish.cleared is None else wish.cleared
    missing = [name for name in cleared if name not in present]
    if missing or not (wish.values or cleared):
        raise UsageError(f"{study_id} has no correction{' of ' * bool(missing)}{', '.join(missing)}")
    oldest = library.records.of_studies([study_id])[0].record
    entry = StudyCorrected(
        record=[oldest.source, oldest.source_key], values=wish.values, cleared=cleared, why=why, at=at
    )
    save_correction(library, vocabulary, entry)
    return library.studies.history(study_id)[-1]


def _is_quoted(finding: str | None, study: Citation) -> bool:
    """Whether every sentence of a finding stands in a study's title or abstract; so does none."""
    own = clean_words(f"{study.title or ''} {study.abstract_text or ''}")
    parts = split_finding(finding or "")
    return all(part[start:end] in own for part in parts for start, end in split_sentences(part))


def save_correction(library: Library, vocabulary: Vocabulary, entry: StudyCorrected) -> None:
    """Write a user's corrections of the study of a record, and read its tags again."""
    source, source_key = entry.record
    stored = library.records.get(source, source_key)
    if stored is None:
        raise LibraryError(f"a correction names {source} {source_key}, which the library does not hold")
    study = library.studies.get(stored.study_id) if stored.study_id is not None else None
    with library.transaction(entry):
        records = library.records.of_studies([study.study_id]) if study is not None else [stored]
        library.corrections.forget([record.record_id for record in records], entry.cleared)
        library.corrections.save(stored.record_id, entry.values, why=entry.why, at=entry.at)
        if study is None:
            return  # newer rules take the record for a notice, which is no study
        tags = read_tags(study, library.corrections.of_study(study.study_id), vocabulary)
        library.studies.save(replace(study, tags=tags, last_changed=entry.at))
        touched = [name for name in CORRECTABLE if name in entry.values or name in entry.cleared]
        detail = {
            "tags": {name: [getattr(study.tags, name), getattr(tags, name)] for name in touched},
            "cleared": list(entry.cleared),
            "why": entry.why,
        }
        library.studies.add_event(study.study_id, "by-hand", detail, at=entry.at)


def read_tags(citation: Citation, corrections: Mapping[str, Correction], vocabulary: Vocabulary) -> Tags:
    """Return the tags of a study: what the rules read, with what a user corrected in its place."""
    return apply_corrections(classify(citation, vocabulary), corrections, vocabulary)


def apply_corrections(tags: Tags, corrections: Mapping[str, Correction], vocabulary: Vocabulary) -> Tags:
    """Return tags with a user's values in place of those of the rules, and with what follows from them.

    A correction of a tag that this program does not know is left alone.
    """
    known = {name: correction for name, correction in corrections.items() if name in CORRECTABLE}
    if not known:
        return tags
    values = {name: _as_tag(CORRECTABLE[name], correction.value, vocabulary) for name, correction in known.items()}
    values["guesses"] = tuple(name for name in tags.guesses if name not in values)
    if "key_finding" in values:
        values["effect"] = None  # the sentence that the rules added to the finding that they read
    proofs = [proof for proof in tags.evidence if proof.facet not in values]
    corrected = replace(tags, **values)
    for name, correction in known.items():
        stated = CORRECTABLE[name].values(corrected)
        proofs += [proof for proof in tags.evidence if proof.facet == name and proof.value in stated]
        proofs += [
            Evidence(facet=name, value=value, field=BY_HAND, sentence=correction.why or "", words=correction.at[:10])
            for value in stated or ("",)
        ]
    places = {name: place for place, name in enumerate(CORRECTABLE)}
    proofs.sort(key=lambda proof: places.get(proof.facet, len(places)))
    relevance, reasons = rank(
        tier=corrected.tier,
        design=corrected.design,
        sample_size=corrected.sample_size,
        follow_up=corrected.follow_up,
        in_title=any(proof.facet == "compounds" and proof.field == "title" for proof in proofs),
        comparators=tuple(vocabulary.label("comparators", value) for value in corrected.comparators),
        weights=vocabulary.weights,
    )
    return replace(corrected, relevance=relevance, reasons=reasons, evidence=tuple(proofs))


def _as_tag(tag: Tag, value: Any, vocabulary: Vocabulary) -> Any:
    """Return a stored value as a tag has it: a list in the vocabulary's order, with the broader ones that it brings."""
    if tag.type != "list":
        return value
    if not tag.in_vocabulary:
        return tuple(value)
    values = vocabulary.broaden(tag.name, value)
    if tag.name in _AS_SAID:
        return tuple(values)
    places = {known: place for place, known in enumerate(vocabulary.entries[tag.name])}
    return tuple(sorted(values, key=lambda item: places.get(item, len(places))))
