"""Conditions: which were treated, modelled or measured as a main matter, not merely named.

Every condition that a paper names is a candidate.  It is described by what its mentions do (said of the people,
counted, a comorbidity, a side effect, …), where they stand and what is named beside it, and weighed by what was learned
from labelled abstracts (`harvester.tagging.learned`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from harvester.paper.tags import SYNTHESES, Evidence
from harvester.tagging.english import word_set
from harvester.tagging.facets import read_headings
from harvester.tagging.lexicon import Mention
from harvester.tagging.reading import Reading, Sentence

Mentions = Mapping[str, Sequence[tuple[Sentence, Mention]]]

_LIKELY = 0.5  # chosen by cross-validation (benchmarks/tags.md)
_MOST_TIMES = 8  # a condition that is named more often is no surer
_OWN = ("title", "objective", "methods", "results", "conclusions")
# Which mention proves a condition best, by the part of the paper.
_PROVES = {role: place for place, role in enumerate((*_OWN, "background", "limitations", "admin", "term"))}
_HAVING = word_set("with having diagnosed suffering experiencing meeting met for of whose or and")
_ATTRIBUTE = re.compile(
    r"\b(?:comorbid\w*|co-?occurring|history of|previous\w*|prior|lifetime|concurrent|addition to|such as"
    r"|like)\b[^.;]{0,30}$",
    re.IGNORECASE,
)
_ATTRIBUTE_KEYS = word_set("occurring cooccurring history prior lifetime concurrent addition such like")
_SIDE_EFFECT = re.compile(r"\badverse(?! event in\b)|\bside[- ]effect", re.IGNORECASE)
_COUNTED = re.compile(r"\d[^.;]{0,25}\bwith (?:\w+ ){0,3}$")
_HAD = re.compile(r"\d\s?(?:%\))? (?:had|with|have) (?:\w+ ){0,3}$")
_HAD_KEYS = word_set("had with have")
_NAMES_A_MODEL = re.compile(
    r"\b(?:models? (?:of|for)|relevant to|resembl\w*|mimic\w*|imitat\w*|similar to|like|provoke\w*|psychotomimetic"
    r"|observed in)\b",
    re.IGNORECASE,
)
_ABOUT_A_DRUG = re.compile(r"(?:anti-?depressants?|oral antidepressants?)$", re.IGNORECASE)
_OF_DRUGS = ("drug", "medic", "agent", "class", "pharmaco", "use", "(ad", "(oad")
_RESISTS = re.compile(
    r"\bdepress\w+\b[^.;]{0,40}\b(?:refractory|resistant|(?:did|had|has|have) not respond\w*|failed) to\b"
    r"|\b(?:treatment|therapy|drug|medication)[- ](?:resistant|refractory)(?: [\w-]+)?"
    r" (?:(?:in|out)?patients|subjects|participants|individuals|adults|women|adolescents)\b[^.;]{0,60}\bdepress"
    r"|\bdepress\w+(?: disorder)?\b[^.;]{0,12}\((?:treatment|therapy|drug)[- ](?:resistant|refractory)\)",
    re.IGNORECASE,
)
_VOLUNTEERS = re.compile(
    r"\b(?:volunteers|healthy,? (?:[\w-]+,? ){0,3}?"
    r"(?:people|persons|(?:wo)?men|adults|students|subjects|participants))\b",
    re.IGNORECASE,
)


def tag_conditions(reading: Reading, design: str) -> list[Evidence]:
    """Tag the conditions that were treated, modelled or measured as a main matter.

    Parameters
    ----------
    reading
        The citation.
    design
        Its design: what a review names it reviews.
    """
    learned = reading.vocabulary.learned["condition"]
    named = read_mentions(reading)
    main = {
        value for value, features in describe_conditions(reading, design, named) if learned.rate(features) >= _LIKELY
    }
    tags = [_prove(value, named[value]) for value in named if value in main]
    if design not in SYNTHESES:
        if "depression" in main and "treatment-resistant-depression" not in main:
            tags += _resists(reading)
        if main <= {"psychosis"}:  # which the compound models in them
            tags += _bare_volunteers(reading)
    for facet, value, heading in read_headings(reading):
        if facet == "conditions" and value in named and value not in main:
            tags.append(Evidence(facet=facet, value=value, field="mesh_terms", sentence=heading, words=heading))
    return tags


def read_mentions(reading: Reading) -> Mentions:
    """Return where each condition is named as one: not denied, nor as part of the name of a scale or of a drug."""
    named: dict[str, list[tuple[Sentence, Mention]]] = {}
    for sentence, mention in reading.find("conditions"):
        if not (
            sentence.is_negated(mention)
            or _names_a_scale(sentence, mention)
            or _names_something_else(reading, sentence, mention)
        ):
            named.setdefault(mention.value, []).append((sentence, mention))
    return named


def describe_conditions(reading: Reading, design: str, named: Mentions) -> Iterator[tuple[str, set[str]]]:
    """Yield each condition that is named, and its features."""
    total = sum(map(len, named.values()))
    most = max(map(len, named.values()), default=0)
    titled = {value for value, mentions in named.items() if mentions[0][0].role == "title"}
    kind = "review" if design in SYNTHESES else "study"
    entries = reading.vocabulary.entries["conditions"]
    given = "healthy-volunteers" in named and _are_given(named["healthy-volunteers"])
    for value, mentions in named.items():
        roles = Counter(sentence.role for sentence, _ in mentions)
        features = {value, f"{kind} {value}", f"design {design}"}
        for sentence, mention in mentions:
            features.update(_describe_mention(sentence, mention, kind))
        for role, times in roles.items():
            features.add(f"{kind} in {role}")
            features.update(f"{many} in {role}" for least, many in ((2, "often"), (3, "very often")) if times >= least)
        features.add(f"times {min(_MOST_TIMES, len(mentions))}")
        features.add(f"roles {sum(1 for role in _OWN if roles[role])}")
        features.add(f"share {5 * len(mentions) // total}")
        features.update(f"{value} beside title {other}" for other in titled if other != value)
        if len(mentions) == most:
            features.add("named most")
        if titled and value not in titled:
            features.add(f"{kind} another in title")
        if any(other in entries and entries[other].broader == value for other in named):
            features.add("narrower named")
        if value in entries and entries[value].broader in named:
            features.add("broader named")
        if given:
            features.add("volunteers" if value == "healthy-volunteers" else "volunteers given")
            if any(_NAMES_A_MODEL.search(sentence.text) for sentence, _ in mentions):
                features.add(f"model of {value}")
        elif "healthy-volunteers" in named:
            features.add("volunteers as controls")
        yield value, features


def _describe_mention(sentence: Sentence, mention: Mention, kind: str) -> Iterator[str]:
    role = sentence.role
    if role == "title":
        if "compounds" in sentence.facets:
            yield "title with compound"
        return
    if role == "term":
        return
    before = sentence.text[: mention.start]
    beside = sentence.mentions_of("conditions")
    others = 1 if len(beside) == 1 else len({other.value for other in beside})
    yield f"{'alone' if others == 1 else 'two' if others == 2 else 'list'} {kind} {role}"
    if "compounds" in sentence.facets:
        yield f"with compound {kind} {role}"
    for facet in ("cues.aim", "scales", "people"):
        if facet in sentence.facets:
            yield f"{facet} {role}"
    if sentence.numbers:
        yield f"numbers {role}"
    if not sentence.has_none_of(_ATTRIBUTE_KEYS, "comorbid", "previous") and _ATTRIBUTE.search(before[-60:]):
        yield "attribute"
    if ("adverse" in sentence.lower or "side" in sentence.lower) and _SIDE_EFFECT.search(before):
        yield "side effect"
    if _is_of_people(sentence, mention):
        yield f"of people {role}"
    if "with" in sentence.keys and _COUNTED.search(before[-40:]):
        yield "counted"


def _prove(value: str, mentions: Sequence[tuple[Sentence, Mention]]) -> Evidence:
    """Prove a condition by the title, or else by what is said of the people in the study's own account."""
    sentence, mention = min(
        mentions, key=lambda each: (_PROVES.get(each[0].role, len(_PROVES)), not _is_of_people(*each), each[0].index)
    )
    return sentence.proves("conditions", value, mention)


def _prove_words(value: str, sentence: Sentence, words: str) -> Evidence:
    return Evidence(facet="conditions", value=value, field=sentence.passage.field, sentence=sentence.text, words=words)


def _resists(reading: Reading) -> list[Evidence]:
    """Tag depression that resists treatment, said of the people in other words than the vocabulary's."""
    value = "treatment-resistant-depression"
    for sentence in reading.prose(("objective", "methods", "results")):
        match = _RESISTS.search(sentence.text) if "people" in sentence.facets and "depress" in sentence.lower else None
        if match is not None and value in reading.vocabulary.entries["conditions"]:
            return [_prove_words(value, sentence, match.group())]
    return []


def _bare_volunteers(reading: Reading) -> list[Evidence]:
    """Tag volunteers who have no illness that the paper names."""
    if "healthy-volunteers" not in reading.vocabulary.entries["conditions"]:
        return []
    for sentence in reading.prose(("title", "objective", "methods")):
        match = _VOLUNTEERS.search(sentence.text)
        if (
            match is not None
            and (sentence.role == "title" or "compounds" in sentence.facets or match.group().startswith("healthy"))
            and "patient" not in sentence.keys
        ):
            return [_prove_words("healthy-volunteers", sentence, match.group())]
    return []


def _are_given(mentions: Sequence[tuple[Sentence, Mention]]) -> bool:
    """Whether healthy people are those who were given the drug, not only the controls of others."""
    for sentence, mention in mentions:
        as_control = sentence.words[mention.last].key in ("control", "comparison", "hc", "HC")
        beside = re.search(r"\b(?:patients|users|TRD|MDD|individuals with|controls?|compared)\b", sentence.text)
        if sentence.role == "title" or (sentence.role in _OWN and not (as_control or beside)):
            return True
    return False


def _names_something_else(reading: Reading, sentence: Sentence, mention: Mention) -> bool:
    """Whether the words are a way of giving a drug, a class of drugs or a day ("POD 1")."""
    text, words = sentence.text, sentence.text[mention.start : mention.end]
    if words == "POD":
        return (
            "postoperative day" in (reading.citation.abstract_text or "").lower()
            or text[mention.end : mention.end + 2].strip().isdigit()
        )
    if mention.value == "pain" and words.lower() == "analgesia":
        return True
    if mention.value == "depression" and _ABOUT_A_DRUG.search(words):
        after = text[mention.end : mention.end + 14].lower().lstrip()
        return words.lower().endswith("s") or after.startswith(_OF_DRUGS)
    return False


def _names_a_scale(sentence: Sentence, condition: Mention) -> bool:
    """Whether the words are part of an instrument's name: "Beck Depression Inventory"."""
    return any(scale.first <= condition.first <= scale.last for scale in sentence.mentions_of("scales"))


def _is_of_people(sentence: Sentence, condition: Mention) -> bool:
    """Whether a condition is said of the people: "patients with TRD", "depressed patients"."""
    near = False
    for person in sentence.mentions_of("people"):
        if 0 < person.first - condition.last <= 2:
            return True
        near = near or 0 < condition.first - person.last <= 14
    if near and not _HAVING.isdisjoint(
        [word.key for word in sentence.words[max(0, condition.first - 5) : condition.first]]
    ):
        return True
    if sentence.keys.isdisjoint(_HAD_KEYS):
        return False
    return _HAD.search(sentence.text[: condition.start]) is not None
