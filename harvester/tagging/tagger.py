"""From a citation to its tags: the order in which the rules ask each other."""

from __future__ import annotations

from itertools import chain
from typing import Any

from harvester.paper.records import Citation
from harvester.paper.tags import TAGS, Evidence, Tags
from harvester.tagging.account import read_analysis, read_doses, read_population, read_studies_included
from harvester.tagging.arms import tag_comparators
from harvester.tagging.claims import keep_likely
from harvester.tagging.conditions import tag_conditions
from harvester.tagging.design import read_design
from harvester.tagging.direction import read_direction
from harvester.tagging.facets import FACET_RULES, read_headings, tag_compounds, tag_routes
from harvester.tagging.findings import prove_finding, read_effect, read_key_finding, read_phase, read_statements
from harvester.tagging.follow_up import read_follow_up
from harvester.tagging.numbers import Count
from harvester.tagging.ranking import rank
from harvester.tagging.reading import Reading
from harvester.tagging.size import count_people, read_sample_size
from harvester.tagging.tiers import read_tier
from harvester.tagging.vocabulary import Vocabulary

_WITH_PHASE = ("rct", "protocol", "open-label-trial")
_TYPES = {tag.name: tag.type for tag in TAGS}
# Lists whose values stand in the vocabulary's order; the others in that of their proofs.
_ORDERED = ("compounds", "routes", "conditions", "topics")


def classify(citation: Citation, vocabulary: Vocabulary) -> Tags:
    """Tag a paper by its title, abstract and headings.

    Parameters
    ----------
    citation
        The paper; publication types and MeSH headings are used where they are there.
    vocabulary
        From `harvester.tagging.load_vocabulary`.

    Returns
    -------
    Tags
        Each with the sentence that proves it.  A citation without title and abstract has empty tags.
        The same citation and vocabulary always give the same tags.
    """
    reading = Reading(citation, vocabulary)
    if not reading.sentences:
        return Tags()
    people = count_people(reading)
    proofs = keep_likely(reading, people, prove_tags(reading, people))
    values = {name: _read_value(name, proving, vocabulary) for name, proving in proofs.items() if proving}
    proved = Tags(**values)
    tier = read_tier(reading, proofs["compounds"], proved.conditions, proved.design)
    relevance, reasons = rank(
        tier=tier,
        design=proved.design,
        sample_size=proved.sample_size,
        follow_up=proved.follow_up,
        in_title=any(proof.field == "title" for proof in proofs["compounds"]),
        comparators=tuple(vocabulary.label("comparators", value) for value in proved.comparators),
        weights=vocabulary.weights,
    )
    evidence = tuple(chain.from_iterable(proofs.values()))
    return Tags(**values, tier=tier, relevance=relevance, reasons=reasons, evidence=evidence)


def prove_tags(reading: Reading, people: list[Count]) -> dict[str, list[Evidence]]:
    """Return the proofs of each tag but those that follow from the others (tier and relevance).

    The rules are asked in the order in which they need each other; ``people`` are the numbers from `count_people`.
    """
    proved_design = read_design(reading, people)
    design = proved_design.value if proved_design else Tags().design
    # an essay by its title alone is a guess, which silences nothing
    guessed = proved_design is not None and proved_design.words == reading.citation.title
    known = Tags().design if guessed else design
    compounds = tag_compounds(reading, design)
    conditions = _broaden(tag_conditions(reading, design), reading.vocabulary)
    simple = {name: rule(reading) for name, rule in FACET_RULES.items()}
    statements = read_statements(reading, design)
    finding = prove_finding(read_key_finding(statements))
    effect = _listed(read_effect(reading, design))
    return {
        "compounds": compounds,
        "routes": tag_routes(reading, in_people=design != "preclinical") if compounds else [],
        "conditions": conditions,
        **simple,
        "comparators": tag_comparators(reading, known),
        "design": _listed(proved_design),
        "sample_size": read_sample_size(reading, people, design),
        "follow_up": _listed(read_follow_up(reading, known)),
        "phase": _listed(read_phase(reading)) if design in _WITH_PHASE else [],
        "key_finding": finding,
        "effect": effect,
        "direction": read_direction(
            reading,
            statements,
            design=design,
            conditions=tuple(proof.value for proof in conditions),
            topics=tuple(proof.value for proof in simple["topics"]),
        ),
        "analysis": read_analysis(reading, design, proved_design),
        "population": read_population(reading, design),
        "dose": read_doses(reading, design) if compounds else [],
        "studies_included": read_studies_included(reading, design),
    }


def _listed(proof: Evidence | None) -> list[Evidence]:
    return [] if proof is None else [proof]


def _read_value(name: str, proofs: list[Evidence], vocabulary: Vocabulary) -> Any:
    """Return what the proofs of a tag, one or more, amount to."""
    if _TYPES.get(name) == "list":
        values = tuple(dict.fromkeys(proof.value for proof in proofs))
        return tuple(value for value in vocabulary.entries[name] if value in values) if name in _ORDERED else values
    return int(proofs[0].value) if _TYPES.get(name) == "integer" else proofs[0].value


def _broaden(tags: list[Evidence], vocabulary: Vocabulary) -> list[Evidence]:
    """Add the broader condition of each, proved by the same words."""
    closed = {tag.value: tag for tag in tags}
    for tag in tags:
        for value in vocabulary.broaden(tag.facet, [tag.value]):
            closed.setdefault(
                value, Evidence(facet=tag.facet, value=value, field=tag.field, sentence=tag.sentence, words=tag.words)
            )
    return list(closed.values())


def is_on_topic(citation: Citation, vocabulary: Vocabulary) -> bool:
    """Whether a paper names one of the vocabulary's compounds otherwise than by accident.

    Title, abstract, keywords, MeSH headings and substances count.  A compound that only stands in a fixed mixture
    or anaesthetic phrase that the vocabulary lists under ``accidents`` does not.
    """
    reading = Reading(citation, vocabulary)
    if any(facet == "compounds" for facet, _, _ in read_headings(reading)):
        return True
    accidents: dict[int, list[tuple[int, int]]] = {}
    for sentence, mention in reading.find("accidents"):
        accidents.setdefault(sentence.index, []).append((mention.first, mention.last))
    return any(
        not any(first <= mention.last and mention.first <= last for first, last in accidents.get(sentence.index, ()))
        for sentence, mention in reading.find("compounds")
    )
