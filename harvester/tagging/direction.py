"""Which way the main finding points: for the compound, against it, neither, or both.

The sentences that most likely state the finding are read, and the title where it tells a result.  What their clauses
claim (`harvester.tagging.clauses`) is weighed together: conclusions before results.

A wrong direction is worse than none: where the words leave it open there is none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from harvester.paper.tags import SYNTHESES, Evidence
from harvester.tagging.clauses import INDUCED, Claim, Context, read_claims
from harvester.tagging.english import word_set
from harvester.tagging.findings import Statement
from harvester.tagging.lexicon import Mention
from harvester.tagging.reading import Reading, Sentence

# Designs that ask what a treatment does; what the next ones find must be said plainly; the others plan or discuss.
_ASK = frozenset(("rct", "open-label-trial", "cohort", "case-series", "case-report", "economic", "preclinical"))

_MAY_ASK = frozenset(("cross-sectional", "other"))

_OF_USERS = frozenset(("cohort", "cross-sectional", "case-series", "case-report", "other"))

_ONE_ARM = frozenset(("open-label-trial", "case-series", "case-report"))

# How likely a sentence must be to state the finding; they matter little, 0.1 more or less.
_READ_FROM = 0.2

_PLAINLY = 0.5

_LIKELY = 0.5  # from which on a direction is said; chosen by cross-validation (benchmarks/tags.md)

_AS_GOOD = 0.4  # sentences of results that far below the likeliest are read beside it


def read_direction(
    reading: Reading,
    statements: Sequence[Statement],
    *,
    design: str,
    conditions: tuple[str, ...],
    topics: tuple[str, ...],
) -> list[Evidence]:
    """Read which way the main finding points.

    Parameters
    ----------
    reading
        The citation.
    statements
        The sentences of its abstract, rated.
    design
        Its design; only studies of what a treatment does have a direction.
    conditions, topics
        Its tags: a drug that healthy people are challenged with, or that is observed in its users, treats nobody, and
        can only harm.

    Returns
    -------
    list of Evidence
        The value of each is ``favours`` (the compound helped, or did more than what it was compared with),
        ``against`` (it did less, or harm), ``no-difference`` (no effect, or as good as a comparator) or ``mixed``
        (two of these, of one finding); two proofs of a mixed one; none where nothing is stated.
    """
    proposed = propose_direction(reading, statements, design=design, conditions=conditions, topics=topics)
    if proposed is None or reading.vocabulary.learned["direction"].rate(proposed.features) < _LIKELY:
        return []
    return [
        Evidence(
            facet="direction",
            value=proposed.value,
            field=claim.sentence.passage.field,
            sentence=claim.sentence.text,
            words=claim.words,
        )
        for claim in proposed.claims
    ]


class Proposal(NamedTuple):
    """The direction that a paper seems to claim."""

    value: str
    features: set[str]  # by which it is weighed
    claims: Sequence[Claim]  # that prove it


def propose_direction(
    reading: Reading,
    statements: Sequence[Statement],
    *,
    design: str,
    conditions: tuple[str, ...],
    topics: tuple[str, ...],
) -> Proposal | None:
    """Return the direction that the clauses amount to, however sure it is; what it takes is as for `read_direction`."""
    if design not in _ASK | _MAY_ASK | SYNTHESES:
        return None
    title = next(reading.prose(("title",)), None)
    study = _know(reading, title, design, conditions, topics)
    if title is not None and not study.of_users and not study.is_antidote and _is_induced(title):
        return None  # "… of ketamine-induced delirium": of another drug
    top = max((statement.likelihood for statement in statements), default=0.0)
    claims = [
        claim
        for sentence, likelihood in statements
        if (likelihood >= _READ_FROM or "primary" in sentence.keys) and sentence.role not in _ABOUT_OTHERS
        for claim in read_claims(reading, study, sentence, likelihood)
        if _counts(claim, study, top)
    ]
    kept = _weigh(claims, study, top)
    told = None if title is None else _read_title(reading, study, title)
    if told is not None and (
        not kept or ([claim.verdict for claim in kept] == ["favours"] and told.verdict != "favours")
    ):
        kept = [told]
    if not kept:
        return None
    value = _AMOUNTS_TO.get(kept[0].verdict, kept[0].verdict) if len(kept) == 1 else "mixed"
    return Proposal(value, _describe(value, kept[0], study, len({claim.verdict for claim in claims})), kept)


def _describe(value: str, claim: Claim, study: Context, verdicts: int) -> set[str]:
    """Return the features of a direction: which it is, where it is claimed, beside how many other verdicts."""
    part = next((role for role in ("title", "conclusions", "results") if role in claim.traits), "methods")
    features = {value, part, f"{value} in {part}", f"design {study.design}", f"verdicts {verdicts}"}
    return features | {"asks why"} if study.asks_why else features


_ABOUT_OTHERS = frozenset(("limitations", "admin"))

_OF_EFFECTS = re.compile(r"\b(?:effects?|symptoms|deficits?|impairments?) (?:of|induced by|caused by|produced by) $")

_LESSENS = ("alleviat", "amelior", "attenuat", "mitigat", "prevent", "protect", "reliev", "rescu", "revers")

_AMOUNTS_TO = {"unharmed": "no-difference", "spares": "favours"}

_TREATED = re.compile(r"\b(?:received|treated with|infusions?|administered|were given|mg/kg)\b", re.IGNORECASE)


def _know(
    reading: Reading, title: Sentence | None, design: str, conditions: Collection[str], topics: Collection[str]
) -> Context:
    words = [] if title is None else reading.vocabulary.verdicts.find_in(title.text, title.words)
    asked = {m.value for m in words}
    is_antidote = title is not None and _is_against_effects(title, words)
    is_challenge = "healthy-volunteers" in conditions and set(conditions) <= {"healthy-volunteers", "psychosis"}
    told = reading.find("compounds", ("methods", "objective", "results"))
    of_misuse = "misuse" in topics
    observes = of_misuse and design in _OF_USERS and not any(_TREATED.search(s.text) for s, _ in told)
    return Context(
        design=design,
        of_users=(is_challenge or observes) and not is_antidote,
        of_misuse=of_misuse,
        is_antidote=is_antidote,
        asks_why=bool(asked & {"bodily", "links"}),
        asks_harm="burden" in asked,
        is_controlled=design in ("rct", "meta-analysis", "systematic-review"),
    )


# Verbs by which a title tells a result and not a question.
_TELLS = word_set(
    """
    is are was were does did do can fails lacks leads improves reduces relieves alleviates ameliorates attenuates
    prevents maintains exerts produces shows causes induces enhances worsens impairs reverses restores protects
    mitigates facilitates accelerates prolongs disrupted reduced improved relieved prevented induced produced
    """
)


def _read_title(reading: Reading, study: Context, title: Sentence) -> Claim | None:
    """Return what a title claims that is a statement: "Ketamine relieves fear of heights"."""
    is_statement = any(word.text.lower() in _TELLS for word in title.words) and "?" not in title.text
    if study.of_users or not is_statement:
        return None
    claims = read_claims(reading, study, title, 1.0)
    return next(
        (
            claim
            for claim in claims
            if claim.verdict in ("favours", "against", "no-difference")
            and "named" in claim.traits
            and "links" not in claim.traits
            and not (study.asks_why and claim.verdict == "against")
        ),
        None,
    )


def _is_induced(title: Sentence) -> bool:
    """Whether all that a title says of the compound is what it induces."""
    told = title.mentions_of("compounds")
    return bool(told) and all(INDUCED.match(title.text, mention.end) for mention in told)


def _is_against_effects(title: Sentence, words: Sequence[Mention]) -> bool:
    """Whether a title tells that something lessens, or fails to lessen, the ills that the compound brings about."""
    told = title.mentions_of("compounds")
    change = next((m for m in words if m.value == "lowers" or title.words[m.first].key.startswith(_LESSENS)), None)
    return (
        change is not None
        and bool(told)
        and all(
            m.first > change.first and (INDUCED.match(title.text, m.end) or _OF_EFFECTS.search(title.text, 0, m.start))
            for m in told
        )
        and any(m.value in ("ill", "burden") for m in words)
    )


def _counts(claim: Claim, study: Context, top: float) -> bool:
    """Whether a claim can be of the main finding in such a study."""
    if study.asks_why and claim.traits & {"links", "bodily", "unnamed"}:
        return False
    if claim.verdict == "favours":
        is_weak = "shows" in claim.traits or (study.is_controlled and claim.likelihood < _PLAINLY)
        return not study.of_users and not (is_weak and "unnamed" in claim.traits and "conclusions" not in claim.traits)
    if claim.verdict == "against":
        return claim.likelihood >= top - 0.25
    if claim.verdict == "no-difference":
        if study.of_users:
            return not study.of_misuse and claim.likelihood >= _PLAINLY and "alike" not in claim.traits
        return not (study.design in _ONE_ARM and "alike" in claim.traits)
    return True


# A result that holds for a while only, so that no difference at another time is half of the finding.
_SOON = re.compile(
    r"\b(?:on (?:POD|day)|at [0-9]+ ?(?:h|min)|for (?:one|1|[0-9]+) (?:week|day|month)|short[- ]term|transient)",
    re.IGNORECASE,
)


def _weigh(claims: list[Claim], study: Context, top: float) -> list[Claim]:
    """Choose the claim that is the direction, or the two that make it mixed."""
    main = [c for c in claims if c.verdict in ("favours", "against", "no-difference", "mixed")]
    if study.design in _MAY_ASK and not study.of_users:
        main = [c for c in main if c.likelihood >= _PLAINLY and "named" in c.traits and c.verdict != "against"]
    best = max((c.likelihood for c in main), default=0.0)
    least = max(0.35 if study.design == "review" else 0.2, top - (0.3 if study.asks_why else 0.45))
    if best < least:
        return _weigh_harm(claims, study)
    lead = [c for c in main if "conclusions" in c.traits]
    if lead:
        lead += [c for c in main if "primary" in c.traits and c.verdict == "no-difference" and c not in lead]
    if not lead:
        lead = [c for c in main if c.likelihood >= best - _AS_GOOD * (1.5 if study.design in SYNTHESES else 1)]
    first: dict[str, Claim] = {}
    for claim in lead:
        first.setdefault(claim.verdict, claim)
    doubt = next((c for c in claims if c.verdict == "doubt" and "conclusions" in c.traits), None)
    if "mixed" in first:
        return [] if doubt is not None and len(first) == 1 else [first["mixed"]]
    if set(first) == {"favours"}:
        favours = first["favours"]
        other = doubt
        if other is None and _SOON.search(favours.sentence.text):
            other = next((c for c in main if c.verdict == "no-difference"), None)
        return [favours] if other is None else [favours, other]
    return list(first.values())


def _weigh_harm(claims: list[Claim], study: Context) -> list[Claim]:
    """Choose the claim that no harm was done, where nothing else is claimed."""
    harm = [c for c in claims if c.verdict in ("unharmed", "spares", "burdens") and c.likelihood >= _PLAINLY]
    said = {c.verdict for c in harm}
    if said == {"burdens"} and study.asks_harm and not study.of_users and "conclusions" in harm[0].traits:
        return [harm[0]._replace(verdict="against")]
    if study.of_users or study.asks_why or len(said) != 1:
        return []
    if said == {"spares"}:
        counts = "conclusions" in harm[0].traits and (study.asks_harm or not study.is_controlled)
    else:
        counts = said == {"unharmed"} and study.is_controlled
    return harm[:1] if counts else []
