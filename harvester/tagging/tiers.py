"""Core, adjacent or off-topic: whether the compound serves a mental-health purpose in this paper.

What counts is what the compound was given for in this study: for the mind (core), or for an operation, for pain or to
make somebody unconscious, with an outcome of the mind beside it (adjacent) or none (off-topic).  A paper in which the
compound is one of several drugs, a comparator or a former treatment is adjacent if it is about the mind.
"""

from __future__ import annotations

import re

from harvester.paper.tags import Evidence
from harvester.tagging.english import word_set
from harvester.tagging.facets import WEIGHTS, has_own_result, is_in_list
from harvester.tagging.lexicon import Mention, Word
from harvester.tagging.reading import Reading, Sentence

# Conditions that are no mental disorder, or one of bodily illness: alone they do not make a paper core.
_BODILY = frozenset(("pain", "palliative", "delirium", "healthy-volunteers"))
# What is prevented by giving an anaesthetic differently: with surgery around, these are outcomes beside it.
_AROUND_SURGERY = frozenset(("postpartum-depression", "depression", "anxiety", "delirium", "pain"))
_OWN = frozenset(("objective", "methods", "results"))
_TITLE = frozenset(("title",))
_MAIN = 3.0  # weight from which a compound is what a paper is about; a title has twice that
_NAMED = 1.5  # weight of a heading that an indexer gave
_SURGICAL = 3  # sentences of its own on surgery that make a paper perioperative without its title saying so


def read_tier(reading: Reading, compounds: list[Evidence], conditions: tuple[str, ...], design: str) -> str:
    """Return the tier of a paper.

    Parameters
    ----------
    reading
        The citation.
    compounds
        Its compound tags.
    conditions
        Its condition tags.
    design
        Its design: a review may have one of many drugs, a trial gives what it names.

    Returns
    -------
    str
        ``core``, ``adjacent`` or ``off-topic``.
    """
    mental = [value for value in conditions if value not in _BODILY]
    titled = reading.has("compounds", _TITLE)
    if _has(reading, "veterinary", _TITLE):
        return "off-topic"
    if not compounds and not reading.has("compounds"):
        return "off-topic"
    if titled and design in _OBSERVED and _is_one_of_many(reading):
        return "adjacent"
    if not titled and not _is_subject(reading, compounds, design):
        return _tier_beside(reading, compounds, mental, design)
    told = bool(mental) or "delirium" in conditions or _speaks_of_mind(reading, of_effects=False)
    beside = "adjacent" if told else "off-topic"
    if _is_surgical(reading, mental):
        return "core" if _is_of_the_depressed(reading) else beside
    if _is_anaesthesia_for_ect(reading):
        return "adjacent"
    if _has(reading, "neurological", _TITLE) and not _names(reading, mental):
        return "core" if mental else beside if reading.citation.abstract else "adjacent"
    if _is_of_pain(reading) and not _names(reading, mental):
        return beside
    if _has(reading, "sedation", _TITLE) and not (_names(reading, mental) and not _is_sedation(reading)):
        return beside
    if _has(reading, "emergency", _TITLE) and not _names(reading, mental):
        return "adjacent"
    if _is_for_the_body(reading) and not _is_of_the_depressed(reading):
        return beside if not (set(mental) - _AROUND_SURGERY - {"psychosis"}) else "core"
    if "pain" in conditions and not mental and not _has(reading, "mental", _TITLE):
        return beside
    if "healthy-volunteers" in conditions and len(conditions) == 1 and _is_made_unconscious(reading):
        return "off-topic"
    if mental or _has(reading, "mental", None) or titled:
        return "core"
    return beside


def _is_one_of_many(reading: Reading) -> bool:
    """Whether a title has the compound as one of several drugs that people take: "LSD, ketamine and MDMA"."""
    return not _was_given(reading) and all(
        is_in_list(sentence) and _JOINED.search(sentence.text[: mention.start] + "*" + sentence.text[mention.end :])
        for sentence, mention in reading.find("compounds", _TITLE)
    )


_JOINED = re.compile(r"(?:,|,? and|,? or) \*|\*(?:,|,? and|,? or) ")


def _is_subject(reading: Reading, compounds: list[Evidence], design: str) -> bool:
    """Whether a compound that the title does not name is still what the paper is about."""
    weight = _weight(reading, compounds)
    if not compounds:
        return False
    if any(tag.field == "mesh_terms" for tag in compounds):
        return True  # an indexer read the whole paper
    if design in _REVIEWS:
        named = [
            s for s, _ in reading.find("compounds", ("objective", "methods", "results", "conclusions", "background"))
        ]
        alone = {s.index for s in named if not is_in_list(s)}
        of_a_class = any("sychedelic" in s.text for s in reading.prose(_TITLE))
        if design in _SYSTEMATIC and {"results", "conclusions"} <= {s.role for s in named} and not of_a_class:
            return True  # one of those that came out of it
        return len(alone) >= _MANY and weight >= 2 * _MAIN
    if design in _OBSERVED and not _was_given(reading):
        alone = {s.index for s, _ in reading.find("compounds", _OWN) if not is_in_list(s)}
        return len(alone) >= _MANY
    return weight >= _MAIN and (_was_given(reading) or weight >= 2 * _MAIN)


def _tier_beside(reading: Reading, compounds: list[Evidence], mental: list[str], design: str) -> str:
    """Return the tier of a paper in which the compound is one of several, a comparator or a former treatment."""
    about_mind = bool(mental) or _has(reading, "mental", _TITLE | _OWN | {"conclusions"}) or _speaks_of_mind(reading)
    if not about_mind:
        about_mind = design in _REVIEWS and _has(reading, "mental", None)
    own = [
        (s, m)
        for s, m in reading.find("compounds")
        if s.role in ("objective", "methods", "results", "conclusions", "term")
    ]
    if own and all(_is_in_passing(s, m, design) for s, m in own):
        return "off-topic"
    if design in _REVIEWS:
        return "adjacent" if about_mind else "off-topic"
    if not own and not any("sychedelic" in s.text for s in reading.prose(_TITLE)):
        return "off-topic"
    if _was_given(reading):
        if any(_CHALLENGE.match(s.text, m.end) for s, m in reading.find("compounds")):
            return "core"
        return "adjacent" if about_mind else "off-topic"
    compared = {"methods", "results"} <= {s.role for s, _ in own}
    of_its_own = compared or any(has_own_result(s, m) or not is_in_list(s) for s, m in own if s.role != "term")
    if design in _OBSERVED and not of_its_own:
        return "off-topic"
    return "adjacent" if about_mind else "off-topic"


def _is_in_passing(sentence: Sentence, mention: Mention, design: str) -> bool:
    """Whether a sentence leaves the compound out, or in the end sets its finding beside what others know of it."""
    if _SAVE_FOR.search(sentence.text, 0, mention.start):
        return True
    return sentence.role == "conclusions" and design not in _REVIEWS and _OF_OTHERS.search(sentence.text) is not None


_SAVE_FOR = re.compile(
    r"\b(?:aside from|apart from|other than|except(?: for)?|with the exception of|besides|unlike|in contrast to)"
    r" (?:\w+ ){0,2}$|\bexclu(?:ded|ding|sion)\b[^.;]*$",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(?:previous|prior|earlier|recent|other|past|published|existing) (?:\w+ )?(?:studies|findings|work|reports"
    r"|research|trials|data|evidence|literature|observations)\b|\bconsisten(?:t|cy|cies) with\b|\bin line with\b"
    r"|\bsimilar(?:ity|ities)? (?:to|with|between)\b|\b(?:commonly|typically|often|previously|also|already)"
    r" (?:been )?(?:seen|observed|reported|described|shown|known)\b|\breminiscent of\b|\bresembl\w+"
    r"|\banalogous to\b|\bbased on (?:\w+ ){1,2}findings\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"\b(?:received|receiv\w+|given|administ\w+|infus\w+|inject\w+|randomi[sz]\w+|treated with|mg/kg|mg|doses? of"
    r"|anesth\w+|anaesth\w+|assigned)\b",
    re.IGNORECASE,
)


def _was_given(reading: Reading) -> bool:
    return any(
        _GIVEN.search(sentence.text) and not _OF_WISH.search(sentence.text) and not _EARLIER.search(sentence.text)
        for sentence, _ in reading.find("compounds", ("objective", "methods", "background", "results"))
        if sentence.role != "background" or not sentence.passage.label
    )


_OF_WISH = re.compile(
    r"\b(?:excluded|left out|may join|lately|previous studies|other studies|trials of|studies of)\b", re.IGNORECASE
)
_EARLIER = re.compile(
    r"\b(?:earlier treatments?|previous treatments?|lifetime|past[- ]year|prior treatments?)\b", re.IGNORECASE
)
# The compound as a model, in which another drug is tested.
_CHALLENGE = re.compile(r"[ ‐-](?:challenge|induced)\b", re.IGNORECASE)
_SYSTEMATIC = frozenset(("systematic-review", "meta-analysis"))
_REVIEWS = frozenset(("review", "systematic-review", "meta-analysis", "guideline", "comment"))
_OBSERVED = frozenset(("cross-sectional", "cohort", "qualitative", "other", "economic"))
_MANY = 3  # sentences that name the compound without other drugs beside it
_MIND = re.compile(
    r"\b(?:cognit\w+|delirium|agitation|POCD|neurocognitive|dementia|sleep|insomnia|anxi\w+|mood|emotion\w*|affective"
    r"|(?:anti)?depress\w+|(?:neuro)?psychiatr\w+|psycholog\w+|psychotherap\w+|psychedelic\w*|electroconvulsive|ECT"
    r"|psychos\w+|psychotic|psych(?:oto)?mimetic|schizophreni\w+|bipolar|PTSD|dissociat\w+|mental|restless\w*"
    r"|behaviou?ral changes?|suicid\w+|addict\w+|abuse\w*|misuse|hallucinat\w+)\b",
    re.IGNORECASE,
)
# ... but for these, which are of the body, or say what sort of drug something is.
_NOT_OF_MIND = re.compile(
    r"\b(?:(?:respiratory|circulatory|cardiovascular|myocardial|cardiac|spreading|bone marrow|immune"
    r"|nervous system|CNS|ST|synaptic|long-term) depression|antidepressants|dissociative (?:an(?:a)?esthe\w+|agents?"
    r"|drugs?)|abuse potential|cognitive (?:neuro)?science)\b",
    re.IGNORECASE,
)
_PASSING = re.compile(r"\b(?:not seen|were not|no hallucinations|without psychiatric|poor sleep)\b", re.IGNORECASE)
# What the drug itself does to the mind: where it is given for the body, a side effect, unless it is the aim.
_SIDE_EFFECT = re.compile(
    r"psychedelic|psych(?:oto)?mimetic|psycho[st]i|dissociat|hallucinat|abuse|addict|misuse|behaviou?ral", re.IGNORECASE
)


_ACCOUNT = frozenset(("title", "objective", "methods", "results", "conclusions"))


def _speaks_of_mind(reading: Reading, *, of_effects: bool = True) -> bool:
    """Whether the authors' own account has an outcome of the mind, of any rank.

    Parameters
    ----------
    reading
        The citation.
    of_effects
        Whether what the drug does to the mind counts outside the title and the aim.
    """
    for sentence in reading.prose():
        if _PASSING.search(sentence.text) or (sentence.role not in _ACCOUNT and "compounds" not in sentence.facets):
            continue
        for match in _MIND.finditer(_NOT_OF_MIND.sub("", sentence.text)):
            if of_effects or sentence.role in ("title", "objective") or not _SIDE_EFFECT.match(match.group()):
                return True
    return False


def _is_of_pain(reading: Reading) -> bool:
    """Whether the title is about pain as what is treated: not "analgesic doses", not one of two aims."""
    for sentence, mention in reading.find("contexts.pain", _TITLE):
        after = sentence.words[mention.last + 1].key if mention.last + 1 < len(sentence.words) else ""
        if after in ("dose", "effect") or re.search(
            r"psychiatr|mental|dissociat|suicid|PTSD", sentence.text, re.IGNORECASE
        ):
            continue
        if not _is_below(sentence.words, mention.first):
            return True
    return False


def _is_sedation(reading: Reading) -> bool:
    return any(
        re.search(r"\b(?:for|during|in) (?:deep |procedural )?sedation|sedation and analgesia", s.text, re.IGNORECASE)
        for s in reading.prose(_TITLE)
    )


_PROCEDURE = re.compile(
    r"\b(?:undergoing|underwent|scheduled for|having|have|had|after|before|during|for) (?:an? "
    r"|the )?(?:[\w-]+,? ){0,4}(?:surgery|operation|hysteroscop\w*|endoscop\w*"
    r"|colonoscop\w*|gastroscop\w*|curettage|abortion|caesarean|cesarean|bronchoscop\w*|intubation|biops\w*|delivery"
    r"|arthroplasty|mastectomy|premedication"
    r"|procedures?|fractures?)\b|\b(?:acute|rib fracture|trauma\w*|postoperative|chronic|neuropathic) pain\b",
    re.IGNORECASE,
)


_NOTHING: frozenset[str] = frozenset()
_PROCEDURES = (  # one stands in every match
    *("surgery", "operation", "scop", "curettage", "abortion", "esarean", "intubation", "biops", "delivery"),
    *("arthroplasty", "mastectomy", "premedication", "procedure", "fracture", "pain"),
)


def _is_for_the_body(reading: Reading) -> bool:
    """Whether the drug was given for a procedure or for pain, though the title does not name anaesthesia."""
    for sentence in reading.prose(("title", "objective", "methods")):
        if sentence.role != "title" and "people" not in sentence.facets:
            continue
        if not sentence.has_none_of(_NOTHING, *_PROCEDURES) and _PROCEDURE.search(sentence.text):
            return True
    return False


def _is_made_unconscious(reading: Reading) -> bool:
    return any(
        re.search(
            r"\bloss of (?:consciousness|responsiveness)|\bunconscious|\bdeep sedation|\bno longer (?:answered"
            r"|responded)|\bgeneral an(?:a)?esthesia",
            s.text,
            re.IGNORECASE,
        )
        for s in reading.prose(("title", "objective", "methods", "results"))
    )


def _has(reading: Reading, context: str, roles: frozenset[str] | None) -> bool:
    return any(
        not _is_below(sentence.words, mention.first) for sentence, mention in reading.find(f"contexts.{context}", roles)
    )


def _is_below(words: list[Word], first: int) -> bool:
    """Whether a word is taken back by what stands before it: "sub-anaesthetic", "non-surgical"."""
    return first > 0 and words[first - 1].key in ("sub", "non", "no")


def _weight(reading: Reading, compounds: list[Evidence]) -> float:
    """Weigh how much the paper is about its compounds, all together, one count a sentence."""
    values = {tag.value for tag in compounds}
    seen = {
        sentence.index: WEIGHTS.get(sentence.role, 0.5)
        for sentence, mention in reading.find("compounds")
        if mention.value in values
    }
    # a heading that stands for a compound was given by someone who read the whole paper
    return max(sum(seen.values()), _NAMED if any(tag.field == "mesh_terms" for tag in compounds) else 0.0)


_THE_DEPRESSED = re.compile(
    r"\b(?:patients?|women|men|adults|participants|people|individuals|subjects) (?:[\w-]+ ){0,4}"
    r"(?:with|who had|suffering from|diagnosed with) (?!or\b|and\b)(?:[\w-]+ ){0,4}"
    r"(?:depress\w+|MDD|TRD|bipolar|PTSD)\b",
    re.IGNORECASE,
)


def _is_of_the_depressed(reading: Reading) -> bool:
    """Whether those who had an operation were given the compound for a depression that they had, and not to sleep."""
    title = next(iter(reading.prose(_TITLE)), None)
    if title is None or not reading.has("conditions", _TITLE) or _ASLEEP.search(title.text):
        return False
    told = reading.prose(("objective", "methods"))
    return _ANTIDEPRESSANT.search(title.text) is not None or any(_THE_DEPRESSED.search(s.text) for s in told)


_ANTIDEPRESSANT = re.compile(r"\bantidepress\w+ (?:effects?|response|efficacy|actions?|activity)\b", re.IGNORECASE)
_ASLEEP = re.compile(r"an(?:a)?esth|sedat|induction|electroconvulsive|\bECT\b", re.IGNORECASE)
_OF_MIND = word_set("fear mood anxiety stress symptom emotion sadness euphoria pain just craving")


def _is_surgical(reading: Reading, mental: list[str]) -> bool:
    for sentence, mention in reading.find("contexts.perioperative", _TITLE):
        before = [word.key for word in sentence.words[max(0, mention.first - 2) : mention.first]]
        if _is_below(sentence.words, mention.first) or _OF_MIND & set(before):
            continue  # "fear induction", "not just anesthesia"
        if len({m.value for m in sentence.mentions_of("conditions") if m.value in mental}) >= 2 and "bipolar" in mental:
            continue  # one of several sorts of depression
        if not (
            mention.value == "perioperative" and sentence.text[mention.start : mention.end].lower() in _LOOSE and mental
        ):
            return True
    surgical = {
        sentence.index
        for sentence, mention in reading.find("contexts.perioperative", _OWN)
        if not _is_below(sentence.words, mention.first)
    }
    return len(surgical) >= _SURGICAL and not [value for value in mental if value not in _AROUND_SURGERY]


_LOOSE = frozenset(("induction", "delivery", "anesthetic", "anaesthetic"))


def _is_anaesthesia_for_ect(reading: Reading) -> bool:
    if any(_AGAINST_ECT.search(sentence.text) for sentence in reading.prose(_TITLE)):
        return False
    if not reading.has("contexts.ect", _TITLE):
        return any(
            _UNDER.search(sentence.text)
            for sentence, _ in reading.find("contexts.ect", ("objective", "methods", "background"))
            if "compounds" in sentence.facets
        )
    return any(
        any(key.startswith("anesth") for key in sentence.keys) for sentence in reading.prose(("title", "objective"))
    )


_AGAINST_ECT = re.compile(
    r"ketamine\b[^.;]{0,30}\b(?:versus|vs\.?|over|compared (?:with|to))\b[^.;]{0,20}(?:\bECT\b|electroconvulsive)"
    r"|(?:\bECT\b|electroconvulsive)[^.;]{0,30}\b(?:versus|vs\.?)\b",
    re.IGNORECASE,
)
_UNDER = re.compile(r"\b(?:under|with|using|for|as) (?:[\w-]+ ){0,5}an(?:a)?esth", re.IGNORECASE)


def _names(reading: Reading, mental: list[str]) -> bool:
    """Whether the title itself names one of the mental conditions."""
    return any(mention.value in mental for _, mention in reading.find("conditions", _TITLE))
