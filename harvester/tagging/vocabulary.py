"""What a topic's words mean: the vocabulary, read from a YAML file.

The file is written for the people who know the field, not for programmers; `vocabulary/mental-health.yaml` says
how.  Its mistakes are all reported at once, each with its line, because the person who extends it will not read
a traceback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml

from harvester.config.weights import Weights
from harvester.ground.errors import ConfigError
from harvester.paper.tags import TAGS
from harvester.tagging.english import NEGATIONS, word_set
from harvester.tagging.learned import Learned, load_learned
from harvester.tagging.lexicon import Lexicon, Term, build_term
from harvester.tagging.ranking import DEFAULT_WEIGHTS

# Facets whose entries are tags, in the order of their declarations.
TAG_FACETS = tuple(tag.name for tag in TAGS if tag.in_vocabulary)
# Names that the rules ask for; a vocabulary may change their words, not invent new ones.
CUES = word_set(
    """
    protocol planned meta_analysis systematic_review guideline review searched randomised not_randomised
    randomised_trial blinded placebo_controlled crossover open_label pilot naturalistic secondary_analysis trial
    retrospective observational cross_sectional case_series case_report qualitative economic preclinical comment
    method own_study aim conclusion result
    """
)
CONTEXTS = word_set(
    """
    perioperative sedation emergency pain ect veterinary neurological service mental
    """
)
# Words by which a result is judged; the program reads only these few sentences for them.
VERDICTS = word_set(
    "favours against no-difference mixed lowers raises ill good bodily burden safe links shows alike differs agent"
)
# Facets that are looked up apart from the others, in few sentences, each by a lexicon of its own.
_APART = ("countries", "verdicts")
_PLAIN_LISTS = ("people", "animals", "accidents")
_TOP = ("extends", "title", *TAG_FACETS, "precedence", "cues", "contexts", "verdicts", *_PLAIN_LISTS)
_CLOSED = {"cues": CUES, "contexts": CONTEXTS, "verdicts": VERDICTS}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(slots=True)
class Entry:
    """One tag and what stands for it."""

    terms: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)  # phrases that hold a term and mean something else
    mesh: list[str] = field(default_factory=list)
    broader: str | None = None  # the tag of the same facet that this one brings along
    label: str | None = None  # how a reader should see it; None: see `Vocabulary.label`


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A topic's words, ready to be found in texts."""

    title: str  # the topic, for readers
    entries: dict[str, dict[str, Entry]]  # facet -> tag -> entry
    lexicon: Lexicon  # of all terms but those of countries and verdicts
    countries: Lexicon
    verdicts: Lexicon
    headings: dict[str, tuple[tuple[str, str], ...]]  # MeSH heading, lower case -> (facet, tag) pairs
    weights: Weights = DEFAULT_WEIGHTS  # what counts how much in relevance; set by whoever has settings
    learned: Mapping[str, Learned] = field(default_factory=load_learned)  # by facet; the same for every topic

    def broaden(self, facet: str, values: list[str]) -> list[str]:
        """Add to each tag the broader ones that it brings along, after it; each once."""
        closed: dict[str, None] = {}
        for value in values:
            step: str | None = value
            while step is not None and step not in closed:
                closed[step] = None
                entry = self.entries[facet].get(step)
                step = entry.broader if entry else None
        return list(closed)

    def label(self, facet: str, value: str) -> str:
        """Return a tag as a reader should see it: by its label, or else as it is written.

        The hyphens of a tag in small letters stand for spaces (``open-label``), those of a name do not (``HAM-D``).
        """
        entry = self.entries[facet].get(value)
        if entry is not None and entry.label is not None:
            return entry.label
        return value.replace("-", " ") if re.fullmatch(r"[a-z-]+", value) else value


def list_vocabularies() -> tuple[str, ...]:
    """List the names of the built-in vocabularies that name compounds, in alphabetical order."""
    return tuple(name for name in _built_in_names() if _read_built_in(name)["compounds"])


@cache
def _built_in_names() -> tuple[str, ...]:
    folder = resources.files("harvester.tagging") / "vocabulary"
    return tuple(sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml")))


def load_vocabulary(name_or_text: str, *, filename: str = "vocabulary") -> Vocabulary:
    """Load a vocabulary by its built-in name, or from the text of a YAML file.

    Parameters
    ----------
    name_or_text
        ``ketamine``, ``psilocybin`` …, or the whole text of a file (the caller reads it).
    filename
        What to call the file in messages.

    Returns
    -------
    Vocabulary
        The same object for the same built-in name.

    Raises
    ------
    ConfigError
        With one line a mistake: ``FILE:LINE: KEY: what is wrong``.

    Examples
    --------
    >>> sorted(load_vocabulary("ketamine").entries["compounds"])
    ['arketamine', 'esketamine', 'hydroxynorketamine', 'ketamine', 'norketamine']
    """
    if _NAME.fullmatch(name_or_text.strip()):
        return _load_built_in(name_or_text.strip())
    reader = _Reader(name_or_text, filename)
    return _build(reader.read())


@cache
def _load_built_in(name: str) -> Vocabulary:
    if name not in list_vocabularies():
        known = ", ".join(list_vocabularies())
        raise ConfigError([f"vocabulary: there is no built-in vocabulary {name!r}; there are {known}"])
    return _build(_read_built_in(name))


@cache
def _read_built_in(name: str) -> dict[str, dict[str, Entry]]:
    text = (resources.files("harvester.tagging") / "vocabulary" / f"{name}.yaml").read_text(encoding="utf-8")
    return _Reader(text, f"{name}.yaml").read(complete=False)


def _build(entries: dict[str, dict[str, Entry]]) -> Vocabulary:
    title = next(iter(entries["title"]), "")
    terms: list[Term] = []
    apart: dict[str, list[Term]] = {facet: [] for facet in _APART}
    headings: dict[str, tuple[tuple[str, str], ...]] = {}
    for facet, values in entries.items():
        if facet == "title":
            continue
        for value, entry in values.items():
            # a cue is a facet of its own: "randomised trial" is a trial and says randomised
            name = f"{facet}.{value}" if facet in ("cues", "contexts") else facet
            collected = apart.get(facet, terms)
            collected += [build_term(name, value, phrase) for phrase in entry.terms]
            collected += [build_term(name, "", phrase) for phrase in entry.exceptions]
            for heading in entry.mesh:
                headings[heading.lower()] = (*headings.get(heading.lower(), ()), (facet, value))
    terms += [Term("negation", word, (word,)) for word in NEGATIONS]
    return Vocabulary(title, entries, Lexicon(terms), Lexicon(apart["countries"]), Lexicon(apart["verdicts"]), headings)


class _Reader:
    """Reads one file into entries, collecting mistakes with their lines.

    It walks the YAML nodes rather than the loaded values: nodes know their lines, and `no` or `1` in a list of
    terms stay the words that the author wrote.
    """

    def __init__(self, text: str, filename: str) -> None:
        self._text = text
        self._filename = filename
        self._mistakes: list[str] = []

    def read(self, *, complete: bool = True) -> dict[str, dict[str, Entry]]:
        """Read the file; with `complete`, insist on a compound."""
        entries: dict[str, dict[str, Entry]] = {facet: {} for facet in _TOP if facet != "extends"}
        try:
            root = yaml.compose(self._text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            raise ConfigError([self._describe(error)]) from error
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError([f"{self._filename}:1: a vocabulary is a list of `key: value` lines"])
        parts = dict(self._pairs(root, ""))
        for key, (key_node, _) in parts.items():
            if key not in _TOP:
                self._report(key_node, key, f"unknown; there are {', '.join(_TOP)}")
        if "extends" in parts:
            self._extend(parts["extends"][1], entries)
        for key, (_, node) in parts.items():
            if key == "title":
                entries["title"] = {self._text_of(node, key): Entry()}
            elif key in TAG_FACETS:
                self._read_facet(key, node, entries[key])
            elif key in _CLOSED:
                self._read_cues(key, node, entries[key])
            elif key == "precedence":
                own = {item.value: Entry() for item in self._items(node, key)}
                entries[key] = own | entries[key]
            elif key in _PLAIN_LISTS:
                entries[key].setdefault(key, Entry()).terms.extend(self._phrases(node, key))
        self._check_broader(entries, root)
        for name in entries["precedence"]:
            if name not in entries["conditions"]:
                self._report(parts["precedence"][1], "precedence", f"there is no {name!r} in conditions")
        if complete and not entries["compounds"] and not self._mistakes:
            self._report(root, "compounds", "at least one compound is needed")
        if self._mistakes:
            raise ConfigError(self._mistakes)
        return entries

    def _extend(self, node: yaml.Node, entries: dict[str, dict[str, Entry]]) -> None:
        names = [item.value for item in node.value] if isinstance(node, yaml.SequenceNode) else [node.value]
        for name in names:
            if name not in _built_in_names():
                self._report(
                    node, "extends", f"no built-in vocabulary {name!r}; there are {', '.join(_built_in_names())}"
                )
                continue
            for facet, values in _read_built_in(name).items():
                for value, entry in values.items():
                    known = entries[facet].setdefault(value, Entry(broader=entry.broader, label=entry.label))
                    known.terms += [term for term in entry.terms if term not in known.terms]
                    known.exceptions += [term for term in entry.exceptions if term not in known.exceptions]
                    known.mesh += [name for name in entry.mesh if name not in known.mesh]

    def _read_facet(self, facet: str, node: yaml.Node, entries: dict[str, Entry]) -> None:
        for value, (_, body) in self._pairs(node, facet):
            entry = entries.setdefault(value, Entry())
            for key, (key_node, part) in self._pairs(body, f"{facet}.{value}"):
                where = f"{facet}.{value}.{key}"
                if key == "terms":
                    entry.terms += self._phrases(part, where)
                elif key == "except":
                    entry.exceptions += self._phrases(part, where)
                elif key == "mesh":
                    entry.mesh += [item.value for item in self._items(part, where)]
                elif key == "label":
                    entry.label = self._text_of(part, where)
                elif key == "broader":
                    entry.broader = self._text_of(part, where)
                else:
                    self._report(key_node, where, "unknown; there are terms, except, mesh, label, broader")

    def _read_cues(self, facet: str, node: yaml.Node, entries: dict[str, Entry]) -> None:
        allowed = _CLOSED[facet]
        for value, (key_node, body) in self._pairs(node, facet):
            if value not in allowed:
                self._report(key_node, f"{facet}.{value}", f"unknown; there are {', '.join(sorted(allowed))}")
                continue
            entries.setdefault(value, Entry()).terms.extend(self._phrases(body, f"{facet}.{value}"))

    def _check_broader(self, entries: dict[str, dict[str, Entry]], root: yaml.Node) -> None:
        for facet in TAG_FACETS:
            for value, entry in entries[facet].items():
                seen = {value}
                step = entry.broader
                while step is not None:
                    if step not in entries[facet]:
                        self._report(root, f"{facet}.{value}.broader", f"there is no {step!r} in {facet}")
                        break
                    if step in seen:
                        self._report(root, f"{facet}.{value}.broader", "leads back to itself")
                        break
                    seen.add(step)
                    step = entries[facet][step].broader

    def _pairs(self, node: yaml.Node, where: str) -> Iterator[tuple[str, tuple[yaml.Node, yaml.Node]]]:
        if not isinstance(node, yaml.MappingNode):
            self._report(node, where, "should be `name: …` lines")
            return
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                self._report(key, f"{where}.{name}".lstrip("."), "stands here twice")
            seen.add(name)
            yield name, (key, value)

    def _items(self, node: yaml.Node, where: str) -> list[yaml.ScalarNode]:
        if not isinstance(node, yaml.SequenceNode):
            self._report(node, where, "should be a list: [a, b] or lines that begin with -")
            return []
        items: list[yaml.ScalarNode] = []
        for item in node.value:
            if isinstance(item, yaml.ScalarNode) and item.value.strip():
                items.append(item)
            else:
                self._report(item, where, 'should be words; put "quotes" around what holds a colon or a comma')
        return items

    def _phrases(self, node: yaml.Node, where: str) -> list[str]:
        phrases: list[str] = []
        for item in self._items(node, where):
            try:
                build_term("", "", item.value)
            except ValueError as error:
                self._report(item, where, str(error))
            else:
                phrases.append(item.value)
        return phrases

    def _text_of(self, node: yaml.Node, where: str) -> str:
        if isinstance(node, yaml.ScalarNode) and node.value.strip():
            return str(node.value)
        self._report(node, where, "should be words")
        return ""

    def _report(self, node: yaml.Node, where: str, what: str) -> None:
        self._mistakes.append(f"{self._filename}:{node.start_mark.line + 1}: {where}: {what}")

    def _describe(self, error: yaml.YAMLError) -> str:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        return f"{self._filename}:{line}: not YAML: {getattr(error, 'problem', None) or error}"
