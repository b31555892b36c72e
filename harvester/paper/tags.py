"""What is read out of a study's text: its tags, each declared once, and the evidence that proves them.

A tag is a field of `Tags` with a declaration, `Tag`.  Everything that lists tags reads `TAGS`: the table's columns (and
with them the CSV, Parquet, ``datapackage.json``, SQL, `read_table` and docs/table.md), the columns that
`harvester.classify` adds, the facets of a vocabulary file, the filters and proofs of the pages, a study's history and
the index of words.  To add a tag, declare it at the end of `Tags` and name its rule in `harvester.tagging.facets`, or
in `harvester.tagging.tagger` if it needs other tags; its words stand in a vocabulary's file or in its `choices`.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, get_type_hints

# Designs that tell of other people's studies.
SYNTHESES = frozenset({"review", "systematic-review", "meta-analysis", "guideline"})
# Designs in which somebody decided what people were given.
TRIALS = frozenset({"rct", "open-label-trial"})

TagType = Literal["text", "list", "integer", "number"]

BY_HAND = "corrected by hand"  # the field of a proof that is a user's word
GAP = " … "  # between two sentences of a finding that are not neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The proof of one tag."""

    facet: str  # the column it proves: "compounds", "design", "sample_size", …
    value: str  # the tag ("esketamine", "rct", "236")
    # where it was read: title, abstract, keywords, mesh_terms, chemicals, publication_types, journal, affiliations
    field: str  # or BY_HAND: then the sentence is the user's reason, "" without one, and the words are the ISO day
    sentence: str  # the sentence or term, as printed
    words: str  # the words in it that decided, as printed


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFilter:
    """How readers choose studies by a tag."""

    name: str  # in the addresses and the data of the pages
    place: int  # among the filters, the first is 1
    every: str = ""  # the choice that filters nothing, if it is not "Any" and the tag's label
    on_page: bool = True  # on the page of an edition, too; False: only in the archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """The declaration of one tag."""

    label: str  # what a reader calls it, in the singular
    meaning: str  # what the table's column holds, in one sentence or two
    choices: Mapping[str, str] | None = None  # the only values there are, with their words; None: any
    minimum: float | None = None
    maximum: float | None = None
    in_vocabulary: bool = False  # a vocabulary file lists its values and their words
    in_history: bool = False  # a study's history tells when newer rules read another; the rest follow from these
    in_search: bool = False  # a search for words finds a study by its values
    filter: TagFilter | None = None
    name: str = ""  # its field and its column, filled in by `TAGS`
    type: TagType = "text"  # likewise, from the field's type

    def values(self, tags: Tags) -> tuple[str, ...]:
        """Return a study's values of this tag as text; none if it has none."""
        value = getattr(tags, self.name)
        if isinstance(value, tuple):
            return value
        return () if value is None else (str(value),)

    def words(self, value: str) -> str:
        """Return a value in words, or as it is written where the declaration has none for it.

        Examples
        --------
        >>> next(tag for tag in TAGS if tag.name == "tier").words("off-topic")
        'Off the topic'
        """
        return (self.choices or {}).get(value, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What a study is about, read from its words.  New tags go to the end, where the table appends their columns."""

    compounds: Annotated[
        tuple[str, ...],
        Tag(
            label="Compound",
            meaning="Compounds studied, tags of the vocabulary (`ketamine`, `esketamine`).",
            in_vocabulary=True,
            in_history=True,
            in_search=True,
            filter=TagFilter(name="compound", place=4),
        ),
    ] = ()
    routes: Annotated[
        tuple[str, ...],
        Tag(
            label="Route",
            meaning="Routes of administration, tags of the vocabulary (`intravenous`, `intranasal`).",
            in_vocabulary=True,
            in_history=True,
            filter=TagFilter(name="route", place=5),
        ),
    ] = ()
    conditions: Annotated[
        tuple[str, ...],
        Tag(
            label="Condition",
            meaning="Conditions, tags of the vocabulary; a narrower one brings its broader one too.",
            in_vocabulary=True,
            in_history=True,
            in_search=True,
            filter=TagFilter(name="condition", place=1),
        ),
    ] = ()
    design: Annotated[
        str,
        Tag(
            label="Design",
            meaning="Study design, one tag (`rct`, `protocol`, `systematic-review`, `preclinical`, `other`).",
            in_history=True,
            in_search=True,
            filter=TagFilter(name="design", place=3),
        ),
    ] = "other"
    sample_size: Annotated[
        int | None,
        Tag(label="People", meaning="People randomised, else enrolled, else analysed.", minimum=0, in_history=True),
    ] = None
    scales: Annotated[
        tuple[str, ...],
        Tag(label="Scale", meaning="Rating scales named in the text (`MADRS`).", in_vocabulary=True, in_history=True),
    ] = ()
    topics: Annotated[
        tuple[str, ...],
        Tag(
            label="Topic",
            meaning="What the study asks, tags of the vocabulary (`efficacy`, `safety`, `mechanism`).",
            in_vocabulary=True,
            in_history=True,
            filter=TagFilter(name="topic", place=2),
        ),
    ] = ()
    tier: Annotated[
        str,
        Tag(
            label="Tier",
            meaning="How close to the topic the study is.",
            choices={"core": "Core", "adjacent": "Perioperative or adjacent", "off-topic": "Off the topic"},
            in_history=True,
            filter=TagFilter(name="tier", place=8, every="Core and adjacent", on_page=False),
        ),
    ] = "off-topic"
    relevance: Annotated[
        float,
        Tag(label="Relevance", meaning="Order within a tier, higher is nearer, two decimals.", minimum=0, maximum=1),
    ] = 0.0
    reasons: tuple[str, ...] = ()  # why it ranks there, in words for the reader
    key_finding: Annotated[
        str | None,
        Tag(
            label="Finding",
            meaning="The authors' own sentences that state the result, one or two, ` … ` between two that stand apart.",
        ),
    ] = None
    comparators: Annotated[
        tuple[str, ...],
        Tag(label="Against", meaning="What it was compared with (`midazolam`, `placebo`, `ECT`).", in_vocabulary=True),
    ] = ()
    follow_up: Annotated[
        str | None,
        Tag(label="How long", meaning="Length of follow-up, as written (`32 weeks`)."),
    ] = None
    phase: str | None = None  # "phase 2b"; None: not stated
    effect: str | None = None  # the whole sentence of the results that states the main effect in numbers
    countries: Annotated[
        tuple[str, ...],
        Tag(
            label="Country",
            meaning="Where the study was done, then where its authors work (English short names).",
            in_vocabulary=True,
            filter=TagFilter(name="country", place=7, on_page=False),
        ),
    ] = ()
    direction: Annotated[
        str | None,
        Tag(
            label="Direction",
            meaning="Which way the main finding points; empty where the paper does not say.",
            choices={"favours": "favours", "against": "against", "no-difference": "no difference", "mixed": "mixed"},
        ),
    ] = None
    analysis: Annotated[
        str | None,
        Tag(
            label="Analysis",
            meaning="Whether it is the first report of a study, a later look at its data, its plan, or a review.",
            choices={
                "primary": "primary report",
                "secondary": "secondary analysis",
                "protocol": "protocol",
                "review": "review",
            },
        ),
    ] = None
    population: Annotated[
        tuple[str, ...],
        Tag(
            label="Population",
            meaning="Who was studied, where it is not adults in general.",
            choices={
                "children": "children",
                "adolescents": "adolescents",
                "older-adults": "older adults",
                "pregnant-women": "pregnant women",
                "postpartum-women": "women after childbirth",
                "veterans": "veterans",
                "students": "students",
                "prisoners": "people in prison",
            },
        ),
    ] = ()
    dose: Annotated[
        tuple[str, ...],
        Tag(
            label="Dose",
            meaning="Doses of the compound, as written (`0.5 mg/kg`).",
        ),
    ] = ()
    studies_included: Annotated[
        int | None,
        Tag(
            label="Studies included",
            meaning="Studies that a review includes.",
            minimum=0,
        ),
    ] = None
    guesses: Annotated[
        tuple[str, ...],
        Tag(
            label="Guesses",
            meaning="Tags that are likely, not sure; entries word them so.",
            choices={"design": "design"},
        ),
    ] = ()
    evidence: tuple[Evidence, ...] = ()


_TYPES: Mapping[Any, TagType] = {tuple[str, ...]: "list", int | None: "integer", float: "number"}  # all else is text


def _collect_tags() -> tuple[Tag, ...]:
    plain, declared = get_type_hints(Tags), get_type_hints(Tags, include_extras=True)
    return tuple(
        replace(tag, name=field.name, type=_TYPES.get(plain[field.name], "text"))
        for field in fields(Tags)
        for tag in getattr(declared[field.name], "__metadata__", ())
    )


TAGS: tuple[Tag, ...] = _collect_tags()
FILTER_TAGS: tuple[tuple[Tag, TagFilter], ...] = tuple(
    sorted(((tag, tag.filter) for tag in TAGS if tag.filter), key=lambda pair: pair[1].place)
)
