"""Learn the weights of `harvester.tagging.learned` from labelled abstracts: ``make train``.

Run beside the real data (``../shared/data``) or with ``--data FOLDER``.  For each facet the candidates of
every labelled abstract (`ketamine_labels`, and the analogues of `analogues.py`) are described by the features that the
program itself will see, and a logistic regression with an L1 penalty says what each feature weighs; most weigh nothing
and are left out.  The same data give the same file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from analogues import read_analogues, read_unread
from labels import DEFAULT, Case, as_citation, is_same_time, name, overlap, read_labels
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from harvester.tagging import classify, load_vocabulary
from harvester.tagging.claims import LINES, describe_claim, split_claims
from harvester.tagging.conditions import describe_conditions, read_mentions, tag_conditions
from harvester.tagging.design import read_design
from harvester.tagging.direction import propose_direction
from harvester.tagging.facets import FACET_RULES
from harvester.tagging.findings import describe_sentence, read_statements
from harvester.tagging.learned import read_learned
from harvester.tagging.reading import Reading
from harvester.tagging.size import count_people
from harvester.tagging.tagger import prove_tags
from harvester.tagging.vocabulary import Vocabulary

FILE = Path(__file__).resolve().parents[1] / "harvester" / "tagging" / "learned.json"
Label = dict[str, Any]
# Whoever wrote rules had read the abstract: they are oftener right there.  No abstract that is new has this feature.
READ = "was read"
Candidate = tuple[set[str], Set[str], bool]  # its features, its words, and whether the label takes it
Described = dict[str, list[Candidate]]  # by facet


@dataclass(frozen=True)
class Plan:
    """How the weights of a facet are learned."""

    strength: float  # the inverse of the penalty, chosen by cross-validation (benchmarks/tags.md)
    rarest: int = 8  # candidates that must have a feature


# What is read of an abstract, and what is then claimed of it: claims rest on what was read.
READ_OFF = {"finding": Plan(strength=0.4), "condition": Plan(strength=0.5)}
DIRECTED = {"direction": Plan(strength=1.0)}
CLAIMED = {facet: Plan(strength=1.0 if facet == "design" else 0.3) for facet in LINES}


def describe_read(label: Label, vocabulary: Vocabulary) -> Described:
    """Return the candidates of `READ_OFF`: the sentences, right if they state the finding, and the conditions named."""
    reading = Reading(as_citation(label), vocabulary)
    proof = read_design(reading, count_people(reading))
    design = proof.value if proof else "other"
    sentences = [sentence for sentence in reading.prose() if sentence.passage.field == "abstract"]
    best = [label["sentences"][number] for number in label["finding_best"]]
    return {
        "finding": [
            (
                describe_sentence(sentences, place, design),
                sentence.keys,
                any(overlap(text, sentence.text) for text in best),
            )
            for place, sentence in enumerate(sentences)
        ],
        "condition": [
            (features, frozenset(), value in label["conditions"])
            for value, features in describe_conditions(reading, design, read_mentions(reading))
        ],
    }


def describe_direction(label: Label, vocabulary: Vocabulary) -> Described:
    """Return the candidate of `DIRECTED`: the direction that the clauses amount to, right if the label says it."""
    reading = Reading(as_citation(label), vocabulary)
    proof = read_design(reading, count_people(reading))
    design = proof.value if proof else "other"
    proposed = propose_direction(
        reading,
        read_statements(reading, design),
        design=design,
        conditions=tuple(proof.value for proof in tag_conditions(reading, design)),
        topics=tuple(proof.value for proof in FACET_RULES["topics"](reading)),
    )
    if proposed is None:
        return {"direction": []}
    features = proposed.features | ({READ} if label["read"] else set())
    return {"direction": [(features, frozenset(), is_so("direction", proposed.value, label))]}


def describe_claims(label: Label, vocabulary: Vocabulary) -> Described:
    """Return the candidates of `CLAIMED`: each claim that the rules make, right if the label makes it, too."""
    reading = Reading(as_citation(label), vocabulary)
    people = count_people(reading)
    proofs = prove_tags(reading, people)
    design = next((proof.value for proof in proofs["design"]), "other")
    described: Described = {}
    for facet in CLAIMED:
        claims = split_claims(facet, proofs[facet])
        described[facet] = []
        for claim in claims:
            features, words = describe_claim(reading, people, design, claim, len(claims))
            is_right = is_so(facet, claim[0].value, label)
            described[facet].append((features | ({READ} if label["read"] else set()), words, is_right))
    return described


def is_so(facet: str, value: str, label: Label) -> bool:
    if facet == "comparators":
        return name(value) in {name(each) for each in label["comparators"]}
    if facet == "follow_up":
        return is_same_time(label["follow_up"], value)
    return str(label[facet] or "none") == value


def learn(labels: Sequence[Label], vocabulary: Vocabulary, read: Sequence[Described] = ()) -> dict[str, Any]:
    """Learn the weights of every facet: a document as `harvester.tagging.learned.read_learned` takes it.

    Parameters
    ----------
    labels
        What is learned from.
    vocabulary
        Its own weights are not asked.
    read
        What `describe_read` returns of each label, if that was done before.
    """
    learned = fit_all(read or [describe_read(label, vocabulary) for label in labels], READ_OFF)
    for describe, plans in ((describe_direction, DIRECTED), (describe_claims, CLAIMED)):
        reading = replace(vocabulary, learned=read_learned(learned))
        learned |= fit_all([describe(label, reading) for label in labels], plans)
    return learned


def fit_all(described: Sequence[Described], plans: Mapping[str, Plan]) -> dict[str, Any]:
    return {
        facet: fit([each for candidates in described for each in candidates[facet]], plan)
        for facet, plan in plans.items()
    }


def read_crossed(labels: Sequence[Label], vocabulary: Vocabulary, folds: int = 10) -> list[Case]:
    """Read each abstract by weights that were learned from the others: those of the other folds, every tenth one."""
    read = [describe_read(label, vocabulary) for label in labels]
    cases: dict[int, Case] = {}
    for fold in range(folds):
        others = [place for place in range(len(labels)) if place % folds != fold]
        learned = learn([labels[place] for place in others], vocabulary, [read[place] for place in others])
        crossed = replace(vocabulary, learned=read_learned(learned))
        for place in range(fold, len(labels), folds):
            cases[place] = Case(labels[place], classify(as_citation(labels[place]), crossed))
    return [cases[place] for place in range(len(labels))]


def fit(candidates: Sequence[Candidate], plan: Plan) -> dict[str, Any]:
    """Fit the weights of candidates that were described before."""
    named = [
        [("feature", name) for name in features] + [("word", name) for name in words]
        for features, words, _ in candidates
    ]
    counts = Counter(name for names in named for name in names)
    reader = DictVectorizer()
    matrix = reader.fit_transform([{name: 1.0 for name in names if counts[name] >= plan.rarest} for names in named])
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    model = LogisticRegression(C=plan.strength, l1_ratio=1, solver="liblinear", max_iter=1000, random_state=0)
    model.fit(matrix, [right for *_, right in candidates])
    weights = zip(reader.feature_names_, (round(float(weight), 3) for weight in model.coef_[0]), strict=True)
    ordered = sorted((each for each in weights if each[1]), key=lambda each: (-each[1], each[0]))
    return {
        "bias": round(float(model.intercept_[0]), 3),
        "features": {name: weight for (kind, name), weight in ordered if kind == "feature"},
        "words": {name: weight for (kind, name), weight in ordered if kind == "word"},
    }


def read_all(folder: Path) -> list[Label]:
    """Return all labelled abstracts: those of `labels.py`, the analogues, and those that nobody read.

    Each says of which ``set`` it is, and whether who wrote rules had ``read`` it.
    """
    labels = [
        label | {"set": name, "read": True}
        for name, set_aside in (("development", False), ("set aside", True))
        for label in read_labels(folder, set_aside=set_aside)
    ]
    return labels + read_analogues(folder) + read_unread(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEFAULT, help="the folder of real data")
    arguments = parser.parse_args()
    labels = read_all(arguments.data)
    vocabulary = load_vocabulary("ketamine")
    weights = learn(labels, vocabulary)
    FILE.write_text(json.dumps(weights, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for facet, learned in weights.items():
        print(f"{facet}: {len(learned['features']) + len(learned['words'])} weights from {len(labels)} abstracts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
