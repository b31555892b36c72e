"""Core, adjacent or off-topic: whether the compound serves a mental-health purpose in this paper."""

from __future__ import annotations

from harvester.classify.reading import Reading

# Conditions that are no mental disorder: alone they do not make a paper core.
BODILY = frozenset(("pain", "palliative", "delirium", "healthy-volunteers", "dementia"))


def read_tier(reading: Reading, compounds: list[str], conditions: list[str]) -> str:
    """Tell the tier of a paper from its settings, compounds and conditions."""
    if not compounds:
        return "adjacent" if conditions and reading.has("compounds", ("objective", "methods", "results", "conclusions")) else "off-topic"
    surgical = sum(1 for _ in reading.find("contexts.perioperative", ("title", "objective", "methods", "results")))
    title_surgical = reading.has("contexts.perioperative", ("title",))
    mental = [value for value in conditions if value not in BODILY]
    if title_surgical or surgical >= 4:
        return "adjacent" if conditions or reading.has("contexts.mental") else "off-topic"
    if reading.has("contexts.ect", ("title",)) and reading.has("contexts.perioperative"):
        return "adjacent"
    if mental or reading.has("contexts.mental", ("title", "objective", "methods", "results", "conclusions")):
        return "core"
    return "adjacent" if conditions else "off-topic"
