"""A citation, read: its sentences with what they mention and which part of the paper they are.

This is where a vocabulary meets a text; the rules (`facets`, `design`, `size`, `tiers`, `findings`) ask the
`Reading` and never search the text again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from harvester.paper.records import Citation
from harvester.paper.tags import Evidence
from harvester.tagging.english import NEGATIONS, read_number, word_set
from harvester.tagging.lexicon import Mention, Scan, Word, find_abbreviations, spell_out
from harvester.tagging.passages import Passage, split_citation
from harvester.tagging.vocabulary import Vocabulary

# Parts in which authors speak of their own study.
OWN_ROLES = frozenset(("title", "objective", "methods", "results", "conclusions"))
_EXCLUDED = frozenset(("excluded", "ineligible", "ruled", "absent"))
_BEFORE = NEGATIONS - frozenset(("ineligible", "ruled"))
# These deny a noun only where they stand right before it: the first because they deny verbs ("not depressed", "other
# than depression"), "non" because it is part of one word ("non-psychotic depression" is depression).
_NEXT_WORD_ONLY = frozenset(("not", "nor", "neither", "never", "than", "rather", "non"))
_CLAUSE_ENDS = frozenset((",", ";", ":"))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A passage with its words and what it mentions."""

    passage: Passage
    role: str  # as in Passage, inferred where the text does not say
    words: list[Word]
    mentions: list[Mention]
    index: int  # place in the reading
    facets: Mapping[str, list[Mention]]  # the same by facet
    numbers: list[int]  # places of the words that are numbers
    keys: frozenset[str]  # the normal forms of its words
    text: str  # as printed
    lower: str  # the same in small letters

    def has_none_of(self, keys: frozenset[str], *parts: str) -> bool:
        """Whether no word of the sentence has one of these normal forms, nor any of these parts stands in it.

        Asked before a slow search for one of many turns of phrase, each of which needs one of them.
        """
        return self.keys.isdisjoint(keys) and True not in map(self.lower.__contains__, parts)

    def mentions_of(self, facet: str) -> list[Mention]:
        """Return the mentions of one facet, in order."""
        return self.facets.get(facet, [])

    def between(self, first: int, second: int) -> str:
        """Return the text between two words, by their places."""
        return self.text[self.words[first].end : self.words[second].start]

    def proves(self, facet: str, value: str, mention: Mention) -> Evidence:
        """Make the evidence for a tag from a mention in this sentence."""
        return Evidence(
            facet=facet,
            value=value,
            field=self.passage.field,
            sentence=self.text,
            words=self.text[mention.start : mention.end],
        )

    def is_negated(self, mention: Mention) -> bool:
        """Whether the sentence denies what it mentions: "no history of …", "… were excluded"."""
        if "negation" not in self.facets:
            return False
        words = self.words
        for place in range(mention.first - 1, max(-1, mention.first - 6), -1):
            between = self.between(place, place + 1)
            if _CLAUSE_ENDS & set(between) and place + 1 != mention.first:
                break
            key = words[place].key
            if key in _NEXT_WORD_ONLY and place + 1 != mention.first:
                continue  # "did not reduce the incidence of delirium" is about delirium
            if key in _BEFORE:
                either = [word.key for word in words[max(0, place - 2) : place + 3]]
                return "with" not in either[:-1] or not {"and", "or"} & set(
                    either
                )  # "with and without", "with or without"
            if words[place].key in ("but", "however", "although", "and") and mention.first - place > 3:
                break
        for place in range(mention.last + 1, min(len(words), mention.last + 7)):
            if "," in self.between(place - 1, place) or ";" in self.between(place - 1, place):
                break
            if words[place].key in _EXCLUDED:
                return True
        return False


class Reading:
    """All sentences of a citation and, by facet, where each thing is mentioned.

    Parameters
    ----------
    citation
        What to read.
    vocabulary
        What to look for.
    """

    def __init__(self, citation: Citation, vocabulary: Vocabulary) -> None:
        self.citation = citation
        self.vocabulary = vocabulary
        passages = split_citation(citation)
        scans = [vocabulary.lexicon.find(passage.text) for passage in passages]
        prose = [
            (passage.text, scan.words, scan.mentions)
            for passage, scan in zip(passages, scans, strict=True)
            if passage.role != "term"
        ]
        meanings, others = find_abbreviations(prose)
        by_place = [
            [
                mention
                for mention in spell_out(passage.text, scan.words, _forget(scan, passage.text, others), meanings)
                if mention.value
            ]
            for passage, scan in zip(passages, scans, strict=True)
        ]
        facets = [_by_facet(mentions) for mentions in by_place]
        roles = _infer_roles(passages, scans, facets)
        self.sentences = [
            Sentence(
                passages[index],
                roles[index],
                scan.words,
                by_place[index],
                index,
                facets[index],
                scan.numbers,
                scan.keys,
                passages[index].text,
                passages[index].text.lower(),
            )
            for index, scan in enumerate(scans)
        ]
        self._prose: dict[tuple[str, ...] | frozenset[str] | None, list[Sentence]] = {}  # as asked for, by roles
        self.mentions: dict[str, list[tuple[Sentence, Mention]]] = {}
        for sentence in self.sentences:
            for facet, mentions in sentence.facets.items():
                self.mentions.setdefault(facet, []).extend([(sentence, mention) for mention in mentions])

    def find(self, facet: str, roles: Collection[str] | None = None) -> Iterator[tuple[Sentence, Mention]]:
        """Iterate over the mentions of a facet or cue, in reading order, in sentences of some roles (None: all)."""
        found = self.mentions.get(facet)
        if found is None:
            return iter(())  # at once, as most are not mentioned
        return iter(found) if roles is None else (each for each in found if each[0].role in roles)

    def has(self, facet: str, roles: Collection[str] | None = None) -> bool:
        """Whether a facet or cue is mentioned in sentences of the given roles."""
        return next(self.find(facet, roles), None) is not None

    def prose(self, roles: tuple[str, ...] | frozenset[str] | None = None) -> Iterator[Sentence]:
        """Yield the title and the abstract's sentences of the given roles (None: all), in reading order."""
        found = self._prose.get(roles)
        if found is None:
            found = self._prose[roles] = [
                sentence
                for sentence in self.sentences
                if sentence.role != "term" and (roles is None or sentence.role in roles)
            ]
        return iter(found)


def _by_facet(mentions: list[Mention]) -> dict[str, list[Mention]]:
    facets: dict[str, list[Mention]] = {}
    for mention in mentions:
        facets.setdefault(mention.facet, []).append(mention)
    return facets


def _forget(scan: Scan, text: str, others: Collection[str]) -> list[Mention]:
    """Drop mentions made by an abbreviation that this text uses for something else."""
    if not any(map(text.__contains__, others)):
        return scan.mentions
    return [
        mention
        for mention in scan.mentions
        if mention.first != mention.last or scan.words[mention.first].text.removesuffix("s") not in others
    ]


def _infer_roles(passages: list[Passage], scans: list[Scan], facets: list[dict[str, list[Mention]]]) -> list[str]:
    """Return the role of each passage; in plain prose, from how authors walk through an abstract.

    They begin with what is known, turn to their own study ("we", "this trial", "aimed"), say what they did and
    found, and end with what it means.  The turn and the end are found by their words; a labelled background or
    objective section is read the same way, because many hold the aim, some the design.
    """
    roles = [passage.role for passage in passages]
    plain = [place for place, passage in enumerate(passages) if passage.field == "abstract" and not passage.role]
    own = next((place for place in plain if _speaks_of_itself(facets[place], scans[place])), None)
    done = next(
        (place for place in plain if "people" in facets[place] and _tells_what_was_done(scans[place])),
        None,
    )
    own = done if own is None else own if done is None else min(own, done)
    if plain and own is None:
        own = plain[0]
    has_result = False
    for order, place in enumerate(plain):
        if own is None or place < own:
            roles[place] = "background"
        elif ("cues.conclusion" in facets[place] and order >= len(plain) * 0.6) or (
            order == len(plain) - 1 and len(plain) > 3 and order > 0
        ):
            roles[place] = "conclusions"
        elif place == own or "cues.aim" in facets[place]:
            roles[place] = "objective"
        elif "cues.result" in facets[place] or (has_result and not _tells_what_was_done(scans[place])):
            roles[place] = "results"
            has_result = True
        else:
            roles[place] = "methods"
    for place, role in enumerate(roles):
        if role == "background" and passages[place].role and _speaks_of_itself(facets[place], scans[place]):
            roles[place] = "objective"
    return roles


_THIS = frozenset(("current", "present", "this"))
_OWN_STUDY = frozenset(("study", "trial", "investigation", "experiment", "survey"))


def _speaks_of_itself(facets: Collection[str], scan: Scan) -> bool:
    """Whether a sentence says "we", states an aim, or names "the current … study"."""
    if "cues.own_study" in facets or "cues.aim" in facets:
        return True
    if scan.keys.isdisjoint(_OWN_STUDY) or scan.keys.isdisjoint(_THIS):
        return False
    return any(
        word.key in _THIS and any(other.key in _OWN_STUDY for other in scan.words[place + 1 : place + 5])
        for place, word in enumerate(scan.words)
    )


def _tells_what_was_done(scan: Scan) -> bool:
    """Whether a sentence counts somebody and says what they went through: "Nine volunteers received …"."""
    return not scan.keys.isdisjoint(_UNDERGONE) and any(
        read_number(scan.words[place].text) is not None or scan.words[place].text[0].isdecimal()
        for place in scan.numbers
    )


_UNDERGONE = word_set(
    """
    received underwent randomized randomly administered enrolled recruited participated given included completed
    tested assigned receiving collected scanned examined divided
    """
)
