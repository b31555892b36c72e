"""From a citation to its tags: the order in which the rules ask each other."""

from __future__ import annotations

from harvester.paper.records import Citation, Evidence, Tags
from harvester.tagging.countries import tag_countries
from harvester.tagging.design import read_design
from harvester.tagging.direction import read_direction
from harvester.tagging.facets import (
    read_headings,
    tag_comparators,
    tag_compounds,
    tag_conditions,
    tag_routes,
    tag_simple,
)
from harvester.tagging.findings import read_effect, read_follow_up, read_key_finding, read_phase
from harvester.tagging.ranking import rank
from harvester.tagging.reading import Reading
from harvester.tagging.size import count_people, read_sample_size
from harvester.tagging.tiers import read_tier
from harvester.tagging.vocabulary import Vocabulary


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
    compounds = tag_compounds(reading)
    counts = count_people(reading)
    design = read_design(reading, counts)
    design_name = design.value if design else "other"
    is_review = design_name in ("review", "systematic-review", "meta-analysis", "guideline")
    conditions = _broaden(tag_conditions(reading, is_review=is_review), vocabulary)
    routes = tag_routes(reading, in_people=design_name != "preclinical") if compounds else []
    size = read_sample_size(reading, counts, design_name)
    follow_up = read_follow_up(reading)
    finding = read_key_finding(reading, design_name)
    effect = read_effect(reading, design_name)
    phase = read_phase(reading) if design_name in ("rct", "protocol", "open-label-trial") else None
    scales = tag_simple(reading, "scales", enough=1.0)
    topics = tag_simple(reading, "topics", enough=3.0)
    comparators = tag_comparators(reading)
    countries = tag_countries(reading)
    compound_names = _in_order(compounds, vocabulary)
    condition_names = _in_order(conditions, vocabulary)
    direction = read_direction(
        reading,
        [tag for tag in (finding, effect) if tag is not None],
        design=design_name,
        conditions=condition_names,
        topics=tuple(tag.value for tag in topics),
    )
    tier = read_tier(reading, compounds, condition_names)
    relevance, reasons = rank(
        tier=tier,
        design=design_name,
        sample_size=int(size[0].value) if size else None,
        follow_up=follow_up.value if follow_up else None,
        in_title=any(tag.field == "title" for tag in compounds),
        comparators=tuple(vocabulary.label("comparators", tag.value) for tag in comparators),
        weights=vocabulary.weights,
    )
    single = [tag for tag in (design, *size, follow_up, phase, finding, effect, *direction) if tag is not None]
    return Tags(
        compounds=compound_names,
        routes=_in_order(routes, vocabulary),
        conditions=condition_names,
        design=design_name,
        sample_size=int(size[0].value) if size else None,
        scales=tuple(tag.value for tag in scales),
        topics=_in_order(topics, vocabulary),
        tier=tier,
        relevance=relevance,
        reasons=reasons,
        key_finding=finding.value if finding else None,
        comparators=tuple(tag.value for tag in comparators),
        follow_up=follow_up.value if follow_up else None,
        phase=phase.value if phase else None,
        effect=effect.value if effect else None,
        countries=tuple(tag.value for tag in countries),
        direction=direction[0].value if direction else None,
        evidence=(*compounds, *routes, *conditions, *scales, *topics, *comparators, *countries, *single),
    )


def _in_order(tags: list[Evidence], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Give the values in the vocabulary's order, each once."""
    held = {tag.value for tag in tags}
    return tuple(value for value in vocabulary.entries[tags[0].facet] if value in held) if tags else ()


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
    """Tell whether a paper names one of the vocabulary's compounds otherwise than by accident.

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
