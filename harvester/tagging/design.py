"""Which design a study has: exactly one, the most specific that holds.

The rules stand in the order in which they are asked; the first that finds its words decides.  A title is believed
before an abstract, and an abstract only where authors describe what they did: "randomised trials are needed", a
background full of other people's trials and "no randomised trial exists" prove nothing.  Here stands what a study is
called; `conduct` tells it by what was done.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from harvester.paper.tags import Evidence
from harvester.tagging.conduct import (
    BEFORE_RESULTS,
    BOTH,
    DID,
    DID_OR_FOUND,
    OPEN_PARENT,
    PAST,
    TITLE,
    Hit,
    arms_told,
    called_controlled,
    data_of_trial,
    data_of_trial_by_method,
    find_cue,
    find_cues,
    guess_design,
    guess_placebo,
    looked_back,
    open_dose,
    prove_hit,
    prove_match,
    prove_term,
    prove_whole,
    secondary_analysis,
    speaks_of_literature,
    users_compared,
)
from harvester.tagging.english import word_set
from harvester.tagging.numbers import Count
from harvester.tagging.reading import Reading, Sentence

# NLM's publication types that settle the design, most specific first.
_TYPES = (
    ("Clinical Trial Protocol", "protocol"),
    ("Meta-Analysis", "meta-analysis"),
    ("Network Meta-Analysis", "meta-analysis"),
    ("Systematic Review", "systematic-review"),
    ("Scoping Review", "systematic-review"),
    ("Practice Guideline", "guideline"),
    ("Guideline", "guideline"),
    ("Consensus Development Conference", "guideline"),
    ("Consensus Statement", "guideline"),
    ("Published Erratum", "comment"),
    ("Retraction of Publication", "comment"),
    ("Retraction Notice", "comment"),
    ("Editorial", "comment"),
    ("Comment", "comment"),
    ("News", "comment"),
    ("Randomized Controlled Trial", "rct"),
    ("Pragmatic Clinical Trial", "rct"),
    ("Equivalence Trial", "rct"),
)
# Titles of notes about other papers begin, or end, with these.  "Response to" alone begins many trials.
_NOTE = re.compile(
    r"^\W*(?:(?:author'?s?'?\s+)?reply\b|author'?s?'?\s+response\b|in\s+reply\b|re:|comments?\s+on\b|commentary\b"
    r"|letter\b"
    r"|response\s+(?:to|from|by)\s+(?:the\s+)?(?:comments?|letters?|editorial|article|authors?|drs?\b|\w+\s+et\s+al"
    r"|[\"“‘'])"
    r"|editorial\b|erratum\b|corrigendum\b|correction\b|retraction\b|expression\s+of\s+concern\b|in\s+this\s+issue\b)"
    r"|[:.\-–—]\s*(?:an?\s+)?(?:reply|comment|commentary|letter to the editor|editorial"
    r"|authors?'? repl(?:y|ies)|response)\W*$"
    r"|[:—–]\s*(?:a\s+)?(?:commentary|author reply)\b",
    re.IGNORECASE,
)
_LETTER = re.compile(
    r"\b(?:this|the|our) (?:letter|commentary|editorial|correspondence|column|viewpoint|opinion piece)\b"
    r"|\bletter to the editor\b",
    re.IGNORECASE,
)
# A review of papers, not of charts.
_REVIEW_TITLE = re.compile(
    r"(?<!chart )(?<!charts )(?<!record )(?<!records )(?<!database )(?<!peer )(?<!utilization )"
    r"\breview\b(?!s? of (?:medical )?(?:record|chart))",
    re.IGNORECASE,
)
# A review says in its abstract that it is one: of papers, not of charts, and not the board that approved a trial.
_HOW = r"(?:(?!chart|record|medical|retrospective|case|utili[sz]ation|quality|peer|board)[\w-]+,? ){0,3}"
_REVIEW_ITSELF = re.compile(
    rf"\b(?:this|the present|the current|our|present) {_HOW}(?:mini-?)?review(?: article| paper)?\b"
    r"(?! (?:board|of (?:medical|patient|clinical|chart|record)))"
    r"|\b(?:this|the present|our) (?:article|paper|chapter|work|manuscript) (?:briefly |critically |aims to |will )*"
    r"(?:reviews?|summari[sz]es?|provides? (?:an?|the) (?:[\w-]+,? ){0,3}(?:overview|review|summary))\b"
    r"|\bwe (?:here |briefly |critically |then |also |first |aim to |aimed to |will )*"
    r"(?:review|provide (?:an?|the) (?:[\w-]+,? ){0,3}(?:overview|review))\b"
    r"|\b(?:is|are|was|were) reviewed (?:here|in this)\b",
    re.IGNORECASE,
)
# A protocol says in its abstract that it is one.
_A = r"(?:an?|the|our)"
_PROTOCOL_ITSELF = re.compile(
    rf"\bthis proposal\b|\bthis (?:is {_A} |study |trial |paper |article |manuscript |report )*"
    rf"(?:describes?|presents?|outlines?|details)? ?{_A}? ?(?:\w+ )?protocol\b"
    rf"|\b(?:describes?|presents?|outlines?|reports?) (?:here )?{_A}? ?(?:\w+ ){{0,4}}"
    r"(?:protocol|design and rationale|rationale and design|design, rationale)\b",
    re.IGNORECASE,
)
_PROTOCOL_OF = re.compile(
    r"\bprotocol (?:for|of) (?:an? |the )?(?:[\w-]+,? ){0,8}?(?:study|trial|review|cohort|meta-analysis|survey"
    r"|evaluation)\b|[:.—–]\s*(?:an?\s|the\s)?(?:study\s|trial\s|research\s)?protocol\W*$",
    re.IGNORECASE,
)
# A plan has no results with a level of significance.
_TESTED = re.compile(r"\bp\s?[<=>]\s?0?\.\d", re.IGNORECASE)
# A plan in the present tense: an aim, and nothing that was done.
_AIM_IN_PRESENT = re.compile(
    r"\b(?:aims?|goals?|objectives?|purpose)\b[^.]{0,60}\b(?:is|are) to\b"
    r"|\bthis (?:\w+ ){0,3}(?:study|trial|project) (?:aims|assesses|compares|evaluates|investigates|examines|tests)\b"
    r"|\b(?:the )?present (?:study|trial) (?:therefore )?"
    r"(?:aims|assesses|compares|evaluates|investigates|examines|tests)\b",
    re.IGNORECASE,
)
# Headings that only reviews of literature have.
_SEARCH_LABEL = re.compile(
    r"search methods|search strategy|selection criteria|data sources|study selection|data extraction"
    r"|data collection and analysis|study eligibility|eligibility criteria for",
    re.IGNORECASE,
)
# ... and those that essays on a field have.
_REVIEW_LABEL = re.compile(
    r"areas covered|expert opinion|purpose of review|recent findings|therapeutic advances|areas of uncertainty",
    re.IGNORECASE,
)
_FEW = r"(?:two|three|four|five|six|seven|eight|nine|[2-9])"
_CASES = r"(?:cases|patients|adolescents|women|men|children)"
_ONE_PERSON = r"(?:patient|woman|man|girl|boy|adolescent|child|veteran|male|female)"
_CASES_IN_TITLE = re.compile(
    rf"\b(?:in|of|with|series) (?P<number>{_FEW}|of \d+) (?:[a-z-]+ ){{0,3}}{_CASES}\b"
    rf"|\b(?:in|of) (?P<one>an?|one|1) (?:[\w-]+ ){{0,5}}{_ONE_PERSON}\b(?! (?:population|cohort|sample|group|setting"
    rf"|care|experience|preference))",
    re.IGNORECASE,
)
# A "case report" that tells several cases.
_SEVERAL = re.compile(
    rf"\b{_FEW} (?:[\w-]+ ){{0,3}}{_CASES}\b[^.]{{0,60}}?\b(?:reported|presented|described|discussed)\b"
    r"|\b(?:report|present|describe|discuss)(?:s|ed)? (?:on )?(?:the )?(?:cases? of )?"
    rf"{_FEW} (?:[\w-]+ ){{0,3}}{_CASES}\b|\bboth (?:cases|patients)\b",
    re.IGNORECASE,
)
# Words for people that say nothing of people: rats have them too.
_SEXES = word_set("male female adult adolescent offspring youth infant child mother maternal")
# "preclinical", but not "preclinical and clinical" nor "clinical and preclinical"
_PRECLINICAL_TITLE = re.compile(r"(?<!clinical and )\bpre-?clinical\b(?!\s*(?:and|to|or|/|,)|-to)", re.IGNORECASE)


def read_design(reading: Reading, counts: list[Count]) -> Evidence | None:
    """Read the design.

    Parameters
    ----------
    reading
        The citation.
    counts
        The numbers of people that it states: a paper that counts people is no essay.

    Returns
    -------
    Evidence or None
        Its value is the design; None where nothing tells, which means ``other``.
    """
    people = max((count.number for count in counts if count.score > 0), default=0)
    for rule in _RULES:
        proof = rule(reading)
        if proof is not None and not (proof.value in _OF_FEW and people > _OF_FEW[proof.value]):
            return proof
    if not people:
        hit = find_cue(reading, "preclinical", DID_OR_FOUND | {"background"})
        if (
            hit is not None
            and ("cues.own_study" in hit[0].facets or hit[0].role in DID)
            and not speaks_of_literature(hit[0])
            and not reading.has("cues.review", DID)
        ):
            return prove_hit("preclinical", hit)
    if not reading.citation.abstract:
        return None  # a title alone is no essay
    return guess_placebo(reading, counts) or guess_design(reading, counts)


# A case is one person and a series a few, whatever the authors call them.
_OF_FEW = {"case-report": 4, "case-series": 60}


_A_CASE = "cues.case_report"  # which a letter may tell


def _note(reading: Reading) -> Evidence | None:
    if reading.has("cues.case_series", TITLE) or reading.has(_A_CASE, TITLE):
        return None
    for sentence in reading.prose():
        if sentence.role != "title" and ("cues.comment" not in sentence.facets or sentence.mentions_of(_A_CASE)):
            continue
        match = _NOTE.search(sentence.text) if sentence.role == "title" else _LETTER.search(sentence.text)
        if match is not None and match.group().strip():
            return prove_match("comment", sentence, match)
    return None


def _type(reading: Reading) -> Evidence | None:
    types = reading.citation.publication_types
    for name, design in _TYPES:
        if name in types:
            return prove_term(design, "publication_types", name)
    return None


def _protocol(reading: Reading) -> Evidence | None:
    proof = _called_protocol(reading)
    if proof is not None and any(_TESTED.search(sentence.text) for sentence in reading.prose(("results",))):
        return None
    return proof


def _called_protocol(reading: Reading) -> Evidence | None:
    hit = find_cue(reading, "protocol", TITLE)
    if hit is not None:
        return prove_hit("protocol", hit)
    for sentence in reading.prose(TITLE):
        match = _PROTOCOL_OF.search(sentence.text)
        if match is not None:
            return prove_match("protocol", sentence, match)
    for sentence in reading.prose(("objective", "methods", "conclusions")):
        if not ("rotocol" in sentence.text or "ationale" in sentence.text or "roposal" in sentence.text):
            continue
        match = _PROTOCOL_ITSELF.search(sentence.text)
        if match is not None:
            return prove_match("protocol", sentence, match)
    return _register_entry(reading)


def _planned(reading: Reading) -> Evidence | None:
    """Recognise a plan by its tense; a review, too, "will summarise"."""
    plan = _find_plan(reading)
    is_plan = plan is not None and _review(reading) is None and _review_itself(reading) is None
    return plan if is_plan else None


def _find_plan(reading: Reading) -> Evidence | None:
    """Return the proof that much "will be", or some of it and nothing that was."""
    under_way = [
        (sentence, match)
        for sentence in reading.prose(DID)
        if sentence.keys & _WAYS and (match := _UNDER_WAY.search(sentence.text)) and _is_of_a_study(sentence)
    ]
    if under_way and not any(_TESTED.search(s.text) for s in reading.prose(("results", "conclusions"))):
        return prove_match("protocol", *under_way[0])
    if any(s.role == "results" and s.passage.label and "RESULT" in s.passage.label.upper() for s in reading.prose()):
        return None
    sentences = list(reading.prose(("background", "objective", "methods", "results", "limitations")))
    planned = [
        (s, s.mentions_of("cues.planned")[0]) for s in sentences if "cues.planned" in s.facets and _is_of_a_study(s)
    ]
    past = any(not s.keys.isdisjoint(PAST) for s in sentences if s.role != "background")
    if planned and (not past or (len(planned) >= 2 and len(planned) >= len(sentences) * 0.25)):
        return prove_hit("protocol", planned[0])
    if past or reading.has("cues.result", DID) or any(reading.has(f"cues.{cue}") for cue in ("review", "searched")):
        return None
    for sentence in sentences:
        match = _AIM_IN_PRESENT.search(sentence.text)
        if match is not None and _is_of_a_study(sentence):
            return prove_match("protocol", sentence, match)
    return None


_WAYS = word_set("ongoing under underway recruiting enrolling being aim")
_UNDER_WAY = re.compile(
    r"\b(?:study|trial|patients|participants|subjects|adults) (?:is|are) (?:currently |now |still )*"
    r"(?:ongoing|under ?way|recruiting|enrolling|being (?:conducted|enrolled|recruited|carried out))\b"
    r"|\b(?:study|trial) (?:currently )?aims to (?:include|enroll?|recruit)\b",
    re.IGNORECASE,
)


def _is_of_a_study(sentence: Sentence) -> bool:
    return not _OF_A_STUDY.isdisjoint(sentence.facets)


_OF_A_STUDY = frozenset(("people", "compounds", "cues.own_study", "cues.randomised", "cues.trial", "scales"))


def _register_entry(reading: Reading) -> Evidence | None:
    """Recognise an entry of a trial register by its headings: a plan, with no results."""
    headings = {s.passage.label.upper(): s for s in reading.prose() if s.passage.label}
    wanted = [
        name
        for name in headings
        if name.startswith(("CONDITION", "PRIMARY OUTCOME", "SECONDARY OUTCOME", "INCLUSION CRITERIA"))
    ]
    if len(wanted) < 2 or any(name.startswith(("RESULT", "CONCLUSION", "FINDING")) for name in headings):
        return None
    sentence = headings[wanted[0]]
    return prove_whole("protocol", sentence)


def _meta_analysis(reading: Reading) -> Evidence | None:
    hit = find_cue(reading, "meta_analysis", TITLE)
    if hit is None:
        # a title that says only "systematic review" is believed unless the analysis was really done
        roles = frozenset(("results", "conclusions")) if find_cue(reading, "systematic_review", TITLE) else DID_OR_FOUND
        if any(reading.has(f"cues.{cue}", TITLE) for cue in ("review", "randomised_trial", "guideline")):
            return None
        hit = find_cue(reading, "meta_analysis", roles)
        if hit is not None and (not _is_own(hit[0]) or _REPORTING.search(hit[0].text) or _reads_reviews(hit)):
            hit = None
    elif _reads_reviews(hit):
        return prove_hit("systematic-review", hit)
    return prove_hit("meta-analysis", hit) if hit else _pooled(reading)


def _pooled(reading: Reading) -> Evidence | None:
    """Recognise by its figures a review that pooled what it read."""
    if not _was_searched(reading):
        return None
    for sentence in reading.prose(("results",)):
        match = _POOLED.search(sentence.text)
        if match is not None:
            return prove_match("meta-analysis", sentence, match)
    return None


def _was_searched(reading: Reading) -> bool:
    """Whether the authors say that they searched a database."""
    return any("search" in sentence.lower and _SEARCHED.search(sentence.text) for sentence in reading.prose(DID))


_DATABASE = r"(?:PubMed|MEDLINE|Embase|Cochrane|PsycINFO|Scopus|Web of Science|CINAHL|databases?)"
_SEARCHED = re.compile(
    rf"\bsearch(?:ed|es)?\b[^.;]{{0,80}}\b{_DATABASE}\b|\b{_DATABASE}\b[^;]{{0,120}}\bsearched\b", re.IGNORECASE
)
_POOLED = re.compile(
    r"\bI(?:²|2|\(2\)|\^2) ?=|\bstudies ?= ?\d"
    r"|\bpooled (?:estimates?|effects?|odds|risk|(?:mean )?difference|OR|RR|SMD)\b"
)


# The name of a way to report is not what was done; nor are the meta-analyses of others that an overview reads.
_REPORTING = re.compile(r"\bReporting Items\b|\bPRISMA\b[^.;]{0,10}guidelines", re.IGNORECASE)


def _reads_reviews(hit: Hit) -> bool:
    """Whether the meta-analyses are those that were read: "an overview of meta-analyses"."""
    sentence, mention = hit
    before = sentence.text[: mention.start]
    return sentence.words[mention.last].text.lower().endswith("es") and _OVERVIEW.search(before) is not None


_OVERVIEW = re.compile(r"\b(?:overview|umbrella review) (?:of )(?:[\w-]+ ){0,5}$", re.IGNORECASE)


def _is_own(sentence: Sentence) -> bool:
    return "cues.own_study" in sentence.facets or "cues.aim" in sentence.facets or not sentence.keys.isdisjoint(_DONE)


_DONE = frozenset(("performed", "conducted", "included", "identified", "was", "were"))


def _systematic_review(reading: Reading) -> Evidence | None:
    hit = find_cue(reading, "systematic_review", TITLE)
    title = next(iter(reading.prose(TITLE)), None)
    if hit is None and (
        not reading.has("cues.randomised_trial", TITLE) or _TRIALS_OF_OTHERS.search(title.text if title else "")
    ):
        hit = find_cue(reading, "systematic_review", DID_OR_FOUND)
        if hit is not None and (
            not _is_own(hit[0])
            or (hit[0].words[hit[1].last].text.lower() == "reviews" and not _REPORTING.search(hit[0].text))
        ):
            hit = None
    if hit is not None:
        return prove_hit("systematic-review", hit)
    labels = [(s, s.passage.label) for s in reading.prose() if s.passage.label]
    searched = {label.upper(): s for s, label in labels if _SEARCH_LABEL.match(label)}
    if len(searched) >= 2:
        return prove_whole("systematic-review", next(iter(searched.values())))
    if title is None or "review" in title.lower or not _was_searched(reading):
        return None
    for sentence in reading.prose(DID):
        match = _SIFTED.search(sentence.text)
        if match is not None:
            return prove_match("systematic-review", sentence, match)
    return None


# Who counts what was found and what was kept has searched as one searches for a systematic review.
_SIFTED = re.compile(
    r"\b\d[\d,]* (?:[\w-]+ ){0,4}(?:articles|studies|trials|records|papers|publications|RCTs|reports|citations)\b"
    r"[^.;]{0,60}\b(?:screened|eligible|included|met)\b",
    re.IGNORECASE,
)


_TRIALS_OF_OTHERS = re.compile(
    r"\b(?:in|of|from|across) (?:[\w-]+ ){0,2}(?:randomi[sz]ed|RCTs?)(?: (?:[\w-]+ ){0,2}trials)?\b", re.IGNORECASE
)


def _guideline(reading: Reading) -> Evidence | None:
    hit = find_cue(reading, "guideline", TITLE)
    if hit is not None and any(_REVIEW_ITSELF.search(sentence.text) for sentence in reading.prose(DID_OR_FOUND)):
        return None
    return prove_hit("guideline", hit) if hit else None


def _case(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(TITLE):
        match = _CASES_IN_TITLE.search(sentence.text)
        if match is not None:
            return prove_match("case-series" if match.group("number") else "case-report", sentence, match)
    for cue, design in (("case_series", "case-series"), ("case_report", "case-report")):
        hit = find_cue(reading, cue, TITLE)
        if hit is not None:
            return (_several(reading) if design == "case-report" else None) or prove_hit(design, hit)
    if "Case Reports" in reading.citation.publication_types:
        hit = find_cue(reading, "case_series", DID_OR_FOUND)
        if hit is not None:
            return prove_hit("case-series", hit)
        return prove_term("case-report", "publication_types", "Case Reports")
    for cue, design in (("case_series", "case-series"), ("case_report", "case-report")):
        hit = find_cue(reading, cue, DID_OR_FOUND | {"background"})
        if hit is not None and not _OWN.isdisjoint(hit[0].facets):
            return prove_hit(design, hit)
    return None


_OWN = frozenset(("cues.own_study", "cues.comment"))
_CASES_HERE = re.compile(
    r"\b(?:this|the present|our|we (?:here )?(?:report|present"
    r"|describe)(?: on)? an?) (?:[\w-]+ ){0,3}case (?P<what>series|report|study)\b",
    re.IGNORECASE,
)


def _cases_here(reading: Reading) -> Evidence | None:
    for sentence in reading.prose():
        match = _CASES_HERE.search(sentence.text) if "case" in sentence.keys else None
        if match is not None and sentence.role != "title" and "literature" not in sentence.keys:
            return prove_match(
                "case-series" if match.group("what").lower() == "series" else "case-report", sentence, match
            )
    return None


def _several(reading: Reading) -> Evidence | None:
    """Return the proof that a "case report" tells several cases."""
    for sentence in reading.prose(DID_OR_FOUND | {"background"}):
        match = _SEVERAL.search(sentence.text)
        if match is not None:
            return prove_match("case-series", sentence, match)
    return None


def _review(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(TITLE):
        match = _REVIEW_TITLE.search(sentence.text) if "eview" in sentence.text or "EVIEW" in sentence.text else None
        if match is not None:
            return prove_match("review", sentence, match)
    if "Review" in reading.citation.publication_types:
        return prove_term("review", "publication_types", "Review")
    for sentence in reading.prose():
        if sentence.passage.label and _REVIEW_LABEL.match(sentence.passage.label):
            return prove_whole("review", sentence)
    return None


def _review_itself(reading: Reading) -> Evidence | None:
    """Recognise a narrative review by its saying so of itself."""
    if any(
        reading.has(f"cues.{cue}", TITLE) for cue in ("randomised", "randomised_trial", "open_label", "retrospective")
    ):
        return None
    for sentence in reading.prose():
        if sentence.role == "title" or not ("eview" in sentence.text or "cues.review" in sentence.facets):
            continue
        match = _REVIEW_ITSELF.search(sentence.text)
        if match is not None:
            return prove_match("review", sentence, match)
    return None


def _method(reading: Reading) -> Evidence | None:
    hit = find_cue(reading, "method", TITLE)
    return prove_hit("other", hit) if hit and not reading.has("cues.qualitative", DID) else None


def _by_cue(cue: str, design: str, roles: frozenset[str]) -> Callable[[Reading], Evidence | None]:
    def rule(reading: Reading) -> Evidence | None:
        hit = find_cue(reading, cue, roles)
        return prove_hit(design, hit) if hit else None

    return rule


def _preclinical(reading: Reading) -> Evidence | None:
    names = {term.name.lower() for term in reading.citation.mesh_terms}
    if "animals" in names and "humans" not in names:
        return prove_term("preclinical", "mesh_terms", "Animals")
    hits = {sentence.index: (sentence, mention) for sentence, mention in reading.find("cues.preclinical", DID)}
    if not hits:
        return None
    people = {sentence.index for sentence, _ in reading.find("people", frozenset(("methods", "results", "objective")))}
    animals = set(hits)
    if len(animals) <= 2 * len(people - animals) and any(
        _is_trial_in_people(reading.sentences[index]) for index in people - animals
    ):
        return None  # a trial, and in rats as well
    if len(animals) >= 2 and len(animals) > len(people - animals):
        return prove_hit("preclinical", hits[min(animals)])
    return None


def _is_trial_in_people(sentence: Sentence) -> bool:
    """Whether a sentence tells of people who were randomised or given a placebo."""
    tried = any(facet in sentence.facets for facet in ("cues.randomised", "cues.placebo_controlled", "comparators"))
    named = not sentence.keys.isdisjoint(("human", "participant", "volunteer", "patient", "individual"))
    return tried and named and sentence.role in ("methods", "results")


def _preclinical_title(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(TITLE):
        match = _PRECLINICAL_TITLE.search(sentence.text)
        if match is not None:
            return prove_match("preclinical", sentence, match)
    for sentence, mention in reading.find("people", TITLE):
        if sentence.words[mention.last].key not in _SEXES:
            return None  # "in both humans and rats": the abstract decides
    title = find_cue(reading, "preclinical", TITLE)
    return prove_hit("preclinical", title) if title is not None else None


def _surveyed(roles: frozenset[str]) -> Callable[[Reading], Evidence | None]:
    """Return the rule for people who were asked: once, or again and again."""

    def rule(reading: Reading) -> Evidence | None:
        hit = find_cue(reading, "cross_sectional", roles)
        if hit is None:
            return None
        told = (hit[0], *reading.prose(TITLE), *(s for s, _ in reading.find("cues.cross_sectional", DID)))
        again = any(_AGAIN_AND_AGAIN.search(sentence.text) for sentence in told)
        return prove_hit("cohort" if again else "cross-sectional", hit)

    return rule


_AGAIN_AND_AGAIN = re.compile(r"\blongitudinal|\bprospective|\bfollow-?up\b", re.IGNORECASE)
_OPEN_TITLE = re.compile(r"\ban open(?:[- ]label)?,? (?:[\w-]+ ){0,3}(?:study|trial)\b", re.IGNORECASE)


def _open_in_title(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(TITLE):
        match = _OPEN_TITLE.search(sentence.text)
        if match is not None:
            return prove_match("open-label-trial", sentence, match)
    return None


def _rct_in_abstract(reading: Reading) -> Evidence | None:
    for cue in ("randomised", "placebo_controlled", "crossover", "blinded"):
        for sentence, mention in find_cues(reading, cue, DID_OR_FOUND):
            if sentence.role == "conclusions" and "cues.own_study" not in sentence.facets:
                continue
            if speaks_of_literature(sentence):
                continue
            is_open = OPEN_PARENT.search(sentence.text) and not BOTH.search(sentence.text)
            if cue == "blinded":
                is_open = is_open or any(_NO_CONTROL.search(other.text) for other in reading.prose(DID))
            if cue != "randomised" and is_open:
                return prove_hit("open-label-trial", (sentence, mention))  # "placebo-controlled but not randomised"
            return prove_hit("rct", (sentence, mention))
    return None


# Who rates may be blind where nobody is given anything else.
_NO_CONTROL = re.compile(
    r"\b(?:uncontrolled|single.arm|non.?randomi[sz]ed) (?:[\w-]+ ){0,4}(?:study|trial)\b", re.IGNORECASE
)
# What the authors call their study: "this open-label study", "ours was a retrospective audit".
_STATED = re.compile(
    r"\b(?:this|the present|the current|our|ours|it|the study) (?P<what>(?:[\w‐‑-]+,? ){0,9}?"
    r"(?:study|trial|audit|survey|review|series|analysis))\b",
    re.IGNORECASE,
)
_STATED_DESIGNS = tuple(
    (design, re.compile(words, re.IGNORECASE))
    for design, words in (
        ("", r"secondary|post.?hoc|first|protocol|previous|earlier|parent|original"),
        ("case-series", r"case series"),
        ("open-label-trial", r"open.label|single.arm|non.?randomi"),
        ("cross-sectional", r"cross.sectional"),
        ("rct", r"\brandomi[sz]ed|double.blind|placebo.controlled|\bRCT\b"),
        ("cohort", r"retrospective|chart review|cohort \w+$|case.control"),
    )
)


# One of these stands in what any of the above finds.
_STATED_PARTS = (
    frozenset(("rct",)),
    "first",
    *("secondary", "post", "protocol", "previous", "earlier", "parent", "original", "case", "open", "single", "random"),
    *("cross", "blind", "placebo", "retrospective", "chart", "cohort"),
)


def _stated(reading: Reading) -> Evidence | None:
    """Read "this was an open-label study", which is believed before a word of the title."""
    for sentence in reading.prose():
        if sentence.role == "title" or sentence.keys.isdisjoint(_KINDS) or sentence.has_none_of(*_STATED_PARTS):
            continue
        for match in _STATED.finditer(sentence.text):
            what = match.group("what")
            design = next((design for design, words in _STATED_DESIGNS if words.search(what)), None)
            if design is not None:
                return prove_match(design, sentence, match) if design else None
    return None


_KINDS = word_set("study trial audit survey review series analysis")


_RULES: tuple[Callable[[Reading], Evidence | None], ...] = (
    _note,
    _protocol,
    _meta_analysis,
    _systematic_review,
    _planned,
    _guideline,
    _type,
    _stated,
    _case,
    _cases_here,
    _review,
    _review_itself,
    _by_cue("economic", "economic", TITLE | BEFORE_RESULTS),
    data_of_trial_by_method,
    _method,
    _preclinical_title,
    called_controlled,
    _preclinical,
    _by_cue("retrospective", "cohort", TITLE),
    _open_in_title,
    _surveyed(TITLE),
    _by_cue("open_label", "open-label-trial", TITLE),
    open_dose,
    _by_cue("observational", "cohort", TITLE),
    _by_cue("qualitative", "qualitative", TITLE | DID),
    _rct_in_abstract,
    data_of_trial,
    secondary_analysis,
    _by_cue("retrospective", "cohort", DID),
    _surveyed(DID),
    looked_back,
    users_compared,
    arms_told,
    _by_cue("open_label", "open-label-trial", TITLE | DID),
    _by_cue("naturalistic", "cohort", TITLE | DID),
    _by_cue("observational", "cohort", DID),
    _by_cue("pilot", "open-label-trial", TITLE | DID),
)
