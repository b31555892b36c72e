"""In which countries a study was done and its authors work.

What a paper says of its own setting comes first ("in Canada", "Chinese patients"), then the authors' affiliations in
printed order.  An affiliation ends with its country, so its parts are asked from the last to the first; one that
stops at a state's letters ("New Haven, CT 06511") is American, because that is whose custom it is.
"""

from __future__ import annotations

import re

from harvester.paper.tags import Evidence
from harvester.tagging.english import word_set
from harvester.tagging.lexicon import Mention
from harvester.tagging.reading import Reading

_OWN = ("title", "objective", "methods", "results")
_MOST_AFFILIATIONS = 400  # read of one paper; consortia list thousands, all from the same countries
_STATES = word_set(
    """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
    PA RI SC SD TN TX UT VT VA WA WV WI WY DC
    """
)
_STATE = re.compile(r"(?P<state>[A-Z]{2})(?:,? [0-9]{5}(?:-[0-9]{4})?)?\.?$")
_AFTER_ADDRESS = re.compile(r"\s*(?:electronic address|e-?mail)?\s*:?\s*\S+@\S+.*$", re.IGNORECASE)
_AMERICA = "United States"
# A place within so many words before one of these is part of a name: "Edinburgh Postnatal Depression Scale".
_NAMES = word_set(
    """
    scale score inventory test questionnaire assessment index task journal database registry register criteria version
    translation infrastructure bureau declaration dollar
    """
)
_NAME_LENGTH = 4


def tag_countries(reading: Reading) -> list[Evidence]:
    """Tag the countries of a paper's setting and of its authors, each once.

    Returns
    -------
    list of Evidence
        Values are the vocabulary's names of countries (English short names), those of the setting first, then by
        affiliation in printed order.
    """
    tags: dict[str, Evidence] = {}
    lexicon = reading.vocabulary.countries
    for sentence in reading.prose(_OWN):
        if not lexicon.may_occur(sentence.keys):
            continue
        for mention in lexicon.find_in(sentence.text, sentence.words):
            if not mention.value or not sentence.text[mention.start].isupper() or sentence.is_negated(mention):
                continue  # "turkey", "outside Europe"
            after = sentence.words[mention.last + 1 : mention.last + 1 + _NAME_LENGTH]
            if any(word.key in _NAMES for word in after):
                continue
            tags.setdefault(mention.value, sentence.proves("countries", mention.value, mention))
    for affiliation in _affiliations(reading):
        proof = _read_affiliation(reading, affiliation)
        if proof is not None:
            tags.setdefault(proof.value, proof)
    return list(tags.values())


def _affiliations(reading: Reading) -> list[str]:
    listed = dict.fromkeys(place for author in reading.citation.authors for place in author.affiliations)
    return list(listed)[:_MOST_AFFILIATIONS]


def _read_affiliation(reading: Reading, affiliation: str) -> Evidence | None:
    text = _AFTER_ADDRESS.sub("", affiliation).rstrip(" .;,")
    for part in reversed(re.split(r"[,;]\s*", text)):
        mentions: list[Mention] = [m for m in reading.vocabulary.countries.find(part)[1] if m.value]
        if mentions:
            last = mentions[-1]
            return _proof(last.value, affiliation, part[last.start : last.end])
        state = _STATE.match(part.strip())
        if state is not None and state.group("state") in _STATES:
            return _proof(_AMERICA, affiliation, state.group("state"))
    return None


def _proof(value: str, affiliation: str, words: str) -> Evidence:
    return Evidence(facet="countries", value=value, field="affiliations", sentence=affiliation, words=words)
