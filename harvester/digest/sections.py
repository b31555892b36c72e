"""The sections of a digest, each declared once, in their usual order.

Whoever lists sections reads this list: the settings (which names may be chosen), an edition (which section takes a
study), the view and the templates (heading and layout), the mail's budget (what is cut).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionKind:
    """One section as every edition may have it."""

    name: str  # in the settings, and on the page as what a link leads to
    heading: str
    # How the templates set it: "entries", "conditions" (entries under headings of their own), "titles", "map"; a
    # fixed section has a place of its own in each template.
    layout: str = "entries"
    is_fixed: bool = False  # always there, and always in its place
    tier: str = ""  # the tier of the studies that it takes; "": it takes none
    designs: frozenset[str] = frozenset()  # the designs that it takes of this tier; empty: what no other section takes
    cut: str = ""  # the field of `harvester.digest.budget.Cuts` that says how many the mail lists


# Masthead, changes and what to read first always come before the others, the receipt after them: without those a
# reader cannot tell what happened.
SECTION_KINDS = (
    SectionKind(name="masthead", heading="", is_fixed=True),
    SectionKind(name="changes", heading="Since you read them", is_fixed=True),
    SectionKind(name="read-first", heading="Read first", is_fixed=True),
    SectionKind(name="by-condition", heading="By condition", layout="conditions", tier="core", cut="entries"),
    SectionKind(
        name="protocols",
        heading="Protocols and registrations",
        tier="core",
        designs=frozenset({"protocol"}),
        cut="entries",
    ),
    SectionKind(
        name="preclinical",
        heading="Mechanism and preclinical",
        tier="core",
        designs=frozenset({"preclinical"}),
        cut="preclinical",
    ),
    SectionKind(name="comments", heading="Comments", tier="core", designs=frozenset({"comment"}), cut="comments"),
    SectionKind(
        name="adjacent",
        heading="Perioperative and other adjacent work",
        layout="titles",
        tier="adjacent",
        cut="adjacent",
    ),
    SectionKind(name="map", heading="The map", layout="map"),
    SectionKind(name="receipt", heading="Receipt", is_fixed=True),
)
BY_NAME = {kind.name: kind for kind in SECTION_KINDS}
FIXED_SECTIONS = tuple(kind.name for kind in SECTION_KINDS if kind.is_fixed)
SECTIONS = tuple(kind.name for kind in SECTION_KINDS if not kind.is_fixed)  # may be left out or stand in another order
# Designs that have a section of their own: they are read for other reasons than results.
APART = frozenset().union(*(kind.designs for kind in SECTION_KINDS))


def section_for(tier: str, design: str) -> str:
    """Return the name of the section that takes a study, unless it is read first."""
    takers = [kind for kind in SECTION_KINDS if kind.tier == ("core" if tier == "core" else "adjacent")]
    own = [kind for kind in takers if design in kind.designs]
    return (own or [kind for kind in takers if not kind.designs])[0].name
