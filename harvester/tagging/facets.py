"""Compounds, routes, conditions, scales and topics: what is said often enough, in the right places.

A tag needs the title, or more weight than one passing mention in the background has.  Each facet counts every
sentence in which it stands by the part of the paper that the sentence belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from harvester.paper.tags import SYNTHESES, Evidence
from harvester.tagging.countries import tag_countries
from harvester.tagging.english import word_set
from harvester.tagging.lexicon import Mention
from harvester.tagging.reading import Reading, Sentence

# How much one sentence says about what a paper is about, by its role.  Chosen on half of the labelled records
# (benchmarks/tags.md) so that one sentence of methods, results or conclusions carries a compound.
WEIGHTS = {
    "title": 6.0,
    "objective": 2.0,
    "methods": 1.5,
    "results": 1.5,
    "conclusions": 1.5,
    "background": 0.5,
    "limitations": 0.4,
    "admin": 0.2,
    "term": 1.0,
}
Weighed = dict[str, tuple[float, Sentence, Mention]]  # tag -> weight, and its strongest proof


def weigh(reading: Reading, facet: str, *, skip_negated: bool = True) -> Weighed:
    """Weigh each tag of a facet by where it is mentioned.

    Returns
    -------
    dict
        For each tag its total weight, one count a sentence, and the sentence and mention that say most.
    """
    weights: dict[str, float] = {}
    proofs: dict[str, tuple[float, Sentence, Mention]] = {}
    counted: set[tuple[int, str]] = set()
    for sentence, mention in reading.mentions.get(facet, ()):
        key = (sentence.index, mention.value)
        if key in counted or (skip_negated and sentence.is_negated(mention)):
            continue
        counted.add(key)
        weight = WEIGHTS.get(sentence.role, 0.5)
        weights[mention.value] = weights.get(mention.value, 0.0) + weight
        if mention.value not in proofs or weight > proofs[mention.value][0]:
            proofs[mention.value] = (weight, sentence, mention)
    return {value: (weights[value], *proofs[value][1:]) for value in weights}


def read_headings(reading: Reading) -> list[tuple[str, str, str]]:
    """Return (facet, tag, heading) for each MeSH heading of the citation that the vocabulary names."""
    headings = reading.vocabulary.headings
    return [
        (facet, value, term.name)
        for term in reading.citation.mesh_terms
        for facet, value in headings.get(term.name.lower(), ())
    ]


# A compound outside the title was studied from this weight on, if it has its share of what the first one has;
# where there is no such compound, one sentence of the authors' own account is enough.
_STUDIED = 2.5
_SHARE_OF_FIRST = 0.3
_NAMED_ONCE = 1.5


_REVIEWS = SYNTHESES | {"comment"}
_GIVEN = re.compile(
    r"\b(?:received|receiv\w+|given|gave|administ\w+|infus\w+|inject\w+|randomi[sz]\w+|treated with|mg|µg|doses? of"
    r"|took|assigned|took)\b",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(r"\b(?:left out|exclu\w+|may join|eligible if|lately|not included|ineligible)\b", re.IGNORECASE)
_OTHER_DRUGS = re.compile(
    r"\b(?:LSD|MDMA|psilocybin|cocaine|cannabis|GHB|ecstasy|ibogaine|ayahuasca|DMT|mescaline|amphetamines?"
    r"|methamphetamine|nitrous oxide|alcohol|lithium|xenon|propofol"
    r"|opioids?|benzodiazepines?|zuranolone|brexanolone|esmethadone|dextromethorphan|lamotrigine|psychedelics?|glue"
    r"|poppers|heroin|midazolam|ECT|electroconvulsive therapy"
    r"|clozapine|zonisamide|lisdexamfetamine|naltrexone|acamprosate|gabapentin|sertraline|mephedrone|nicotine|tobacco"
    r"|rTMS|PCP|ephedrine|salvia|peyote|marijuana|tryptamines?|hallucinogens?|GBL|mushrooms?|khat|kratom|inhalants"
    r"|solvents|stimulants|cathinones?|synthetic cannabinoids|methoxetamine|crack|speed)\b"
)
_FIGURE = re.compile(
    r"[^.;,]{0,20}?[(\s](?:n ?= ?|p ?[=<>] ?|a?OR,? )?[0-9.]+(?:[.·][0-9]+)?\s?%|[^.;,]{0,8}\((?:n ?= ?|p ?[=<>] ?"
    r"|a?OR,? ?)?[0-9.]+"
)
_SUCH_AS = re.compile(r"\b(?:such as|including|among them|like|e\.g\.,?|comprise\w*|namely)\b", re.IGNORECASE)


def is_in_list(sentence: Sentence) -> bool:
    """Whether a sentence names the compound as one of several drugs."""
    return len(set(_OTHER_DRUGS.findall(sentence.text))) >= 2


def has_own_result(sentence: Sentence, mention: Mention) -> bool:
    """Whether a number stands with the compound itself: "ketamine by 9 %"."""
    return sentence.role in ("results", "conclusions") and _FIGURE.match(sentence.text, mention.end) is not None


def tag_compounds(reading: Reading, design: str) -> list[Evidence]:
    """Tag what was given or studied."""
    weighed = weigh(reading, "compounds", skip_negated=False)
    for value in list(weighed):
        if all(_LEFT_OUT.search(s.text) for s, m in reading.find("compounds") if m.value == value and s.role != "term"):
            del weighed[value]  # named only to be excluded
    top = max((weight for weight, _, _ in weighed.values()), default=0.0)
    tags = [
        sentence.proves("compounds", value, mention)
        for value, (weight, sentence, mention) in weighed.items()
        if sentence.role == "title"
        or weight >= max(_STUDIED, top * _SHARE_OF_FIRST)
        or (weight >= _NAMED_ONCE and _is_dosed(reading, value))
        or (design in _REVIEWS and _stands_beside(reading, value))
    ]
    if weighed and not tags:
        value, (weight, sentence, mention) = max(weighed.items(), key=lambda item: item[1][0])
        if (weight >= _NAMED_ONCE and sentence.role != "term") or (
            design in _REVIEWS and sentence.role != "term" and _SUCH_AS.search(sentence.text)
        ):
            tags.append(sentence.proves("compounds", value, mention))
    if design in _WATCHED and tags and not any(tag.field == "title" for tag in tags):
        named = [(s, m) for s, m in reading.find("compounds") if s.role not in ("term", "background")]
        if all(is_in_list(s) and not has_own_result(s, m) for s, m in named):
            tags = []  # an item in a list of what people take
    if design not in _REVIEWS:
        tags = _drop_short_name(reading, tags)
    # an indexer read the whole paper: what is a heading and is named, or has no abstract to be named in, was studied
    for facet, value, heading in read_headings(reading):
        if facet == "compounds" and not any(tag.value == value for tag in tags):
            named_here = any(m.value == value and s.role != "term" for s, m in reading.find("compounds"))
            if named_here or not reading.citation.abstract:
                tags.append(Evidence(facet=facet, value=value, field="mesh_terms", sentence=heading, words=heading))
    return tags


_WATCHED = frozenset(("cross-sectional", "cohort", "other", "qualitative"))


def _stands_beside(reading: Reading, value: str) -> bool:
    """Whether a review names a compound beside another as what it reviews: "ketamine and esketamine"."""
    for sentence, mention in reading.find("compounds", ("objective", "methods", "results", "conclusions")):
        if mention.value != value or _LEFT_OUT.search(sentence.text):
            continue
        for other in sentence.mentions_of("compounds"):
            if other.value != value and 0 < abs(other.first - mention.first) <= 8:
                return True
    return False


_SHORT_NAMES = {"esketamine": "ketamine", "arketamine": "ketamine"}


def _drop_short_name(reading: Reading, tags: list[Evidence]) -> list[Evidence]:
    """Read the bare name as the enantiomer that was given, where only that was given."""
    given: set[str] = set()
    for sentence, mention in reading.find("compounds", ("objective", "methods", "results", "background")):
        if mention.value not in _SHORT_NAMES or (sentence.role == "background" and sentence.passage.label):
            continue
        near = sentence.text[max(0, mention.start - 60) : mention.end + 40]
        if _GIVEN.search(near) and not _LEFT_OUT.search(sentence.text):
            given.add(mention.value)
    for long, short in _SHORT_NAMES.items():
        if long not in given or not _is_own_dose(reading, long):
            continue
        both = any(
            {m.value for m in s.mentions_of("compounds")} >= {long, short} and s.role != "background"
            for s in reading.prose()
        )
        if (
            both
            or _is_dosed(reading, short)
            or any(
                "racemic" in s.keys for s, m in reading.find("compounds", ("title", "objective", "methods", "results"))
            )
        ):
            continue
        kept = [tag for tag in tags if tag.value != short]
        if not any(tag.value == long for tag in kept):
            sentence, mention = next(
                (s, m)
                for s, m in reading.find("compounds", ("objective", "methods", "results", "background"))
                if m.value == long
            )
            kept.append(sentence.proves("compounds", long, mention))
        return kept
    return tags


def _is_own_dose(reading: Reading, value: str) -> bool:
    """Whether the account of what was done, in methods, names a compound as given."""
    return any(
        mention.value == value and (_GIVEN.search(sentence.text) is not None)
        for sentence, mention in reading.find("compounds", ("objective", "methods"))
    )


_DOSE = re.compile(r"\s?[(,]?\s?[0-9.]+(?:[–-][0-9.]+)?\s?(?:mg|µg|μg|mcg)\b")
_DOSE_BEFORE = re.compile(r"[0-9]\s?(?:mg|µg|μg|mcg)(?:/kg|\skg-1)?(?: of)? $")


def _is_dosed(reading: Reading, compound: str) -> bool:
    """Whether the authors' own account gives a dose of a compound: then it was given, however seldom it is named."""
    return any(
        _DOSE.match(sentence.text, mention.end) or _DOSE_BEFORE.search(sentence.text, 0, mention.start)
        for sentence, mention in reading.find("compounds", ("objective", "methods", "results"))
        if mention.value == compound
    )


def tag_routes(reading: Reading, *, in_people: bool) -> list[Evidence]:
    """Tag the routes by which the compound, not something else, was given.

    Parameters
    ----------
    reading
        The citation.
    in_people
        Whether people are studied: in them an infusion without another word is intravenous.
    """
    weighed: dict[str, tuple[float, Sentence, Mention]] = {}
    weights: dict[str, float] = {}
    for sentence in reading.prose():
        values = {
            mention.value: mention
            for mention in sentence.mentions_of("routes")[::-1]
            if _is_of_compound(sentence, mention) or _is_of_study_drug(sentence, mention)
        }
        for value, mention in values.items():
            weight = WEIGHTS.get(sentence.role, 0.5)
            if sentence.role == "background" and (_tells_dose(sentence) or _names_product(sentence, mention)):
                weight = _ONE_STATEMENT
            if (sentence.role == "conclusions" or "onclusion" in sentence.text) and _ON_SALE.search(sentence.text):
                weight = 0.3
            weights[value] = weights.get(value, 0.0) + weight
            if value not in weighed or weight > weighed[value][0]:
                weighed[value] = (weight, sentence, mention)
    titled = any(sentence.role == "title" for _, sentence, _ in weighed.values())
    tags = [
        sentence.proves("routes", value, mention)
        for value, (_, sentence, mention) in weighed.items()
        if weights[value] >= (2.5 if titled else 1.5)
    ]
    if in_people and not any(tag.value == "intravenous" for tag in tags):
        tags += _tag_infusion(reading) if not tags else _tag_infusion_beside(reading)
    return tags


_ONE_STATEMENT = 1.5  # one clear statement is enough
_ON_SALE = re.compile(r"\b(?:approved?|approval|market|licen[sc]e\w*|FDA|reached the)\b", re.IGNORECASE)
_STUDY_DRUG = re.compile(
    r"\b(?:study drugs?|trial drugs?|study medications?|both drugs?|the drugs? (?:was|were)|the solutions? (?:was"
    r"|were))\b",
    re.IGNORECASE,
)
_GIVEN_IN_PEOPLE = re.compile(r"\b(?:mg|µg)\s?/?\s?kg|\d\s?mg\b")


def _is_of_study_drug(sentence: Sentence, route: Mention) -> bool:
    """Whether the route is that of "the study drug", which needs no name, or of a mixture with the compound."""
    if sentence.role == "background":
        return False
    if _STUDY_DRUG.search(sentence.text):
        return True
    after = sentence.text[route.end : route.end + 45]
    compounds = sentence.mentions_of("compounds")
    if re.match(r"\s(?:\w+ )(?:with|plus|and|combined with) ", after) and any(
        0 < c.first - route.last <= 5 for c in compounds
    ):
        return any(m.first == route.last + 1 for m in sentence.mentions_of("comparators"))
    return re.match(r"\s?(?:amount|dose|dosage)?:\s?[0-9]", after) is not None and bool(compounds)


def _tells_dose(sentence: Sentence) -> bool:
    return _GIVEN_IN_PEOPLE.search(sentence.text) is not None and bool(sentence.numbers)


def _names_product(sentence: Sentence, route: Mention) -> bool:
    """Whether a product's name carries the route and is given a short name for the rest of the paper."""
    is_name = any(c.first <= route.first <= c.last for c in sentence.mentions_of("compounds"))
    return is_name and re.search(r"\bhereafter\b|\bcalled\b|\([A-Z-]{2,7}\)", sentence.text) is not None


def _tag_infusion_beside(reading: Reading) -> list[Evidence]:
    """Tag "infusion of ketamine" beside another route of another compound."""
    for sentence in reading.prose(("title", "objective", "methods", "results", "conclusions")):
        match = re.search(r"\binfusions? of (?:racemic )?(?:es)?ketamine\b", sentence.text, re.IGNORECASE)
        if match is not None:
            return [
                Evidence(
                    facet="routes",
                    value="intravenous",
                    field=sentence.passage.field,
                    sentence=sentence.text,
                    words=match.group(),
                )
            ]
    return []


# Words that may stand between a route and its compound: "intravenous low-dose racemic ketamine".
_MODIFIERS = word_set(
    """
    low high dose single repeated multiple subanesthetic sub anesthetic racemic adjunctive adjunct hydrochloride
    hcl mg kg maintenance generic open label standard atomized compounded or and r s rs of the acute daily
    weekly intermittent serial slow continuous subdissociative dissociative injectable liquid pure versus vs a
    an slow extended prolonged controlled sustained modified immediate release atomised fast acting novel compounded
    """
)
# Words that take a route without being a drug: "by intravenous infusion", "the oral route".
_FORMS = word_set(
    """
    administration administered route infusion infused injection injected dose dosing formulation form solution
    treatment therapy use spray bolus delivery drip push anesthesia analgesia sedation group arm preparation
    product application agent anesthetic session thin film maintenance induction premedication regimen ingestion
    tablet capsule lozenge challenge given pump patient controlled only alone in for with to at over by on from
    during were was is are once twice every via as compared than mucosal space
    """
)
_ADVERB = ("ly", "mouth", "os")
_NEAR = 14  # words between a route and its compound in one sentence
_NAMES_BEFORE = frozenset(
    ("dsm", "cap", "phase", "type", "stage", "class", "schedule", "grade", "level", "cohort", "part", "icd")
)


def _is_of_compound(sentence: Sentence, route: Mention) -> bool:
    """Whether a route is one of the compound, not of another drug, a scale or a body part."""
    compounds = sentence.mentions_of("compounds")
    if any(compound.first <= route.first <= compound.last for compound in compounds):
        return True  # the name of a product says it: "esketamine nasal spray"
    if any(other.first <= route.first <= other.last for other in sentence.mentions_of("comparators")):
        return False  # "oral antidepressant"
    if _OTHER_NOUN.match(sentence.text, route.end):
        return False  # "oral AD", "intramuscular (IM) naltrexone"
    before = sentence.words[route.first - 1].key if route.first else ""
    if before in _NAMES_BEFORE:
        return False  # "DSM-IV", "phase IV"
    if not _reaches(sentence, route, compounds) or not _is_own_bracket(sentence, route, compounds):
        return False
    if any(abs(route.first - compound.first) <= _NEAR for compound in compounds):
        return True
    several = len({other.value for other in sentence.mentions_of("routes")}) > 1  # "by IV, IM or SC injection"
    if (compounds or several) and sentence.role in _TELLS_ROUTES and not sentence.mentions_of("comparators"):
        return True
    near = sentence.words[max(0, route.first - 12) : route.last + 12]
    return sentence.role not in ("background", "limitations", "admin") and any(word.key == "route" for word in near)


_TELLS_ROUTES = ("objective", "methods", "results")
_OTHER_NOUN = re.compile(
    r"\s(?:\((?:IM|IV|SC|IN)\)\s)?(?:AD|ADs|OAD|OADs|naltrexone|SSRIs?|antidepress\w+|medications?|opioids?"
    r"|midazolam (?!with|plus|and|or))\b"
    r"|\s(?:(?:administration|doses?|dosing|infusions?|injections?|solution) (?:of )?)?"
    r"[A-Z]{2,}[-‐ ]?[0-9]{2}"  # a code
)


def _reaches(sentence: Sentence, route: Mention, compounds: list[Mention]) -> bool:
    """Follow the words after a route until its noun: the compound, a form of giving, or something else."""
    words = sentence.words
    if sentence.text[route.start : route.end].lower().endswith(_ADVERB):
        return True
    starts = {compound.first for compound in compounds} | {mention.first for mention in sentence.mentions_of("routes")}
    for place in range(route.last + 1, min(len(words), route.last + 8)):
        if place in starts or words[place].key in _FORMS:
            return True
        if any(char in ",.;:()[]/" for char in sentence.between(place - 1, place)):
            return True
        if words[place].key not in _MODIFIERS and words[place].text[0] not in "0123456789":
            return False
    return True


def _is_own_bracket(sentence: Sentence, route: Mention, compounds: list[Mention]) -> bool:
    """Whether a dose in brackets, "(40 mg i.v.)", follows the compound's name rather than another drug's."""
    text = sentence.text
    opening = text.rfind("(", 0, route.start)
    if (
        opening < 0
        or not sentence.mentions_of("comparators")
        or ")" in text[opening : route.start]
        or not any(char.isdigit() for char in text[opening : route.start])
    ):
        return True
    return any(
        opening < compound.start or 0 <= opening - compound.end <= 30
        for compound in compounds
        if compound.start < route.start
    )


_OTHER_INFUSION = re.compile(r"\b(?:vasopressors?|needed|required|norepinephrine|number of infusions)\b", re.IGNORECASE)


def _tag_infusion(reading: Reading) -> list[Evidence]:
    """Tag "infusion" of the compound; without its name only where no other drug is named in the sentence."""
    for with_compound in (True, False):
        for sentence in reading.prose(("title", "objective", "methods", "results", "conclusions")):
            named = bool(sentence.mentions_of("compounds"))
            if named != with_compound or (not named and sentence.mentions_of("comparators")):
                continue
            for place, word in enumerate(sentence.words):
                if word.key in ("infusion", "infused", "postinfusion") and not _OTHER_INFUSION.search(sentence.text):
                    mention = Mention("routes", "intravenous", place, place, word.start, word.end)
                    return [sentence.proves("routes", "intravenous", mention)]
    return []


def tag_simple(reading: Reading, facet: str, *, enough: float) -> list[Evidence]:
    """Tag every value of a facet that has enough weight, heaviest first."""
    weighed = weigh(reading, facet)
    ordered = sorted(weighed.items(), key=lambda item: -item[1][0])
    return [
        sentence.proves(facet, value, mention) for value, (weight, sentence, mention) in ordered if weight >= enough
    ]


# The rules that need nothing but the reading, by the tag that they prove; `harvester.tagging.tagger` has the others.
FACET_RULES: Mapping[str, Callable[[Reading], list[Evidence]]] = {
    "scales": lambda reading: tag_simple(reading, "scales", enough=1.0),
    "topics": lambda reading: tag_simple(reading, "topics", enough=3.0),
    "countries": tag_countries,
}
