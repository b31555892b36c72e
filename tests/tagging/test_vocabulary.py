"""The vocabulary file: what one may write, and what is said of mistakes."""

from __future__ import annotations

import pytest

from harvester.ground.errors import ConfigError
from harvester.paper.records import Citation
from harvester.tagging import classify, load_vocabulary

OWN = """
extends: mental-health
title: nitrous oxide
compounds:
  nitrous-oxide:
    label: nitrous oxide
    terms: [nitrous oxide, N2O, no laughing gas]
    mesh: [Nitrous Oxide]
conditions:
  burn-out:
    terms: [burnout, burn-out]
    broader: depression
    except: [burnout phase]
"""


def test_a_file_of_ones_own_extends_a_built_in_one() -> None:
    vocabulary = load_vocabulary(OWN)
    tags = classify(Citation(title="Inhaled N2O for burnout: a randomised trial"), vocabulary)
    assert (tags.compounds, tags.conditions, tags.design) == (("nitrous-oxide",), ("depression", "burn-out"), "rct")
    assert classify(Citation(title="N2O and burnout phase"), vocabulary).conditions == ()
    assert vocabulary.title == "nitrous oxide"
    assert vocabulary.label("compounds", "nitrous-oxide") == "nitrous oxide"
    assert vocabulary.label("conditions", "burn-out") == "burn out"
    assert vocabulary.broaden("conditions", ["burn-out", "unknown"]) == ["burn-out", "depression", "unknown"]


def test_own_precedence_comes_before_what_is_extended() -> None:
    own = load_vocabulary(f"{OWN}precedence: [burn-out, anxiety]\n")
    assert list(own.entries["precedence"])[:3] == ["burn-out", "anxiety", "postpartum-depression"]
    assert list(own.entries["precedence"]).count("anxiety") == 1


@pytest.mark.parametrize(
    ("tag", "label"), [("usual-care", "usual care"), ("HAM-D", "HAM-D"), ("5-ht", "5-ht"), ("vitamin C", "vitamin C")]
)
def test_hyphens_of_words_are_spaces_and_those_of_names_stay(tag: str, label: str) -> None:
    assert load_vocabulary(OWN).label("scales", tag) == label


def test_words_that_yaml_would_change_stay_words() -> None:
    vocabulary = load_vocabulary("compounds:\n  no:\n    terms: [no, 1, yes]\n")
    assert vocabulary.entries["compounds"]["no"].terms == ["no", "1", "yes"]


def test_built_in_names_give_one_object() -> None:
    assert load_vocabulary("ketamine") is load_vocabulary(" ketamine ")


MISTAKES = [
    ("not there", "nonsense", ["vocabulary: there is no built-in vocabulary 'nonsense'"]),
    ("a part without compounds is not offered", "mental-health", ["no built-in vocabulary 'mental-health'"]),
    ("not YAML", "compounds: [", ["my.yaml:1: not YAML"]),
    ("no mapping", "- a\n- b", ["my.yaml:1: a vocabulary is a list"]),
    ("no compound", "title: x", ["my.yaml:1: compounds: at least one"]),
    ("unknown keys", "compound: {}\ncompounds: {a: {terms: [b]}}", ["my.yaml:1: compound: unknown"]),
    ("unknown key inside", "compounds:\n  a:\n    term: [b]\n    terms: [c]", ["my.yaml:3: compounds.a.term: unknown"]),
    ("twice", "compounds:\n  a: {terms: [b]}\n  a: {terms: [c]}", ["my.yaml:3: compounds.a: stands here twice"]),
    ("no list", "compounds: {a: {terms: b}}", ["compounds.a.terms: should be a list"]),
    ("no words", "compounds: {a: {terms: ['']}}", ["compounds.a.terms: should be words"]),
    ("no word in them", "compounds: {a: {terms: ['--']}}", ["compounds.a.terms: no word"]),
    ("not lines", "compounds: [a]", ["compounds: should be `name: …` lines"]),
    ("a title that is a list", "title: [a]\ncompounds: {a: {terms: [b]}}", ["title: should be words"]),
    ("extends the unknown", "extends: moon\ncompounds: {a: {terms: [b]}}", ["extends: no built-in vocabulary 'moon'"]),
    ("broader than nothing", "compounds: {a: {terms: [b], broader: c}}", ["compounds.a.broader: there is no 'c'"]),
    ("in a circle", "compounds: {a: {terms: [b], broader: a}}", ["compounds.a.broader: leads back to itself"]),
    (
        "precedence of the unknown",
        "compounds: {a: {terms: [b]}}\nprecedence: [c]",
        ["my.yaml:2: precedence: there is no"],
    ),
    ("precedence that is no list", "compounds: {a: {terms: [b]}}\nprecedence: c", ["precedence: should be a list"]),
    ("unknown cue", "cues: {magic: [b]}\ncompounds: {a: {terms: [b]}}", ["cues.magic: unknown"]),
    ("unknown context", "contexts: {magic: [b]}\ncompounds: {a: {terms: [b]}}", ["contexts.magic: unknown"]),
    (
        "all at once",
        "compounds:\n  a: {terms: b}\nplaces: {}\ncues: {magic: [x]}",
        ["my.yaml:3: places: unknown", "my.yaml:2: compounds.a.terms", "my.yaml:4: cues.magic"],
    ),
]


@pytest.mark.parametrize(("shows", "text", "expected"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_mistakes_are_lines(shows: str, text: str, expected: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_vocabulary(text, filename="my.yaml")
    assert len(caught.value.mistakes) == len(expected)
    for part in expected:
        assert part in str(caught.value)
