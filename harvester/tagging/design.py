"""Which design a study has: exactly one, the most specific that holds.

The rules stand in the order in which they are asked; the first that finds its words decides.  A title is believed
before an abstract, and an abstract only where authors describe what they did: "randomised trials are needed", a
background full of other people's trials and "no randomised trial exists" prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from harvester.paper.tags import Evidence
from harvester.tagging.english import word_set
from harvester.tagging.lexicon import Mention
from harvester.tagging.numbers import Count
from harvester.tagging.reading import Reading, Sentence

_TITLE = frozenset(("title",))
_DID = frozenset(("objective", "methods", "results"))
_DID_OR_FOUND = frozenset(("objective", "methods", "results", "conclusions"))
Hit = tuple[Sentence, Mention]  # a cue, where it stands

# The turns of phrase by which a study shows its design, beyond the cues that a vocabulary lists: general English and
# NLM's own terms, so that a vocabulary for another topic needs no others.

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
# Words of a sentence that wishes for studies instead of reporting one.
_WISHES = word_set(
    """
    future further need needed warrant warranted larger should necessary await awaited lack limitation
    challenging
    """
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
    r"\b(?:this|the|our) (?:letter|commentary|editorial|correspondence|column|viewpoint)\b|\bletter to the editor\b",
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
    r"|evaluation)\b",
    re.IGNORECASE,
)
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
_FEW = r"(?:two|three|four|five|six|seven|eight|nine|[2-9])"
_CASES = r"(?:cases|patients|adolescents|women|men|children)"
_ONE_PERSON = r"(?:patient|woman|man|girl|boy|adolescent|child|veteran|male|female)"
_CASES_IN_TITLE = re.compile(
    rf"\b(?:in|of|with) (?P<number>{_FEW}) (?:[a-z-]+ ){{0,3}}{_CASES}\b"
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
# Tense of a study that has been done.
_PAST = word_set(
    """
    was were had did showed found demonstrated resulted revealed observed reported
    """
)
# What is cross-sectional about a result need not be the study: "cross-sectional correlations at baseline".
_CROSS_SECTIONAL_RESULT = word_set("correlation association difference comparison relationship imaging image area")
# Words for people that say nothing of people: rats have them too.
_SEXES = word_set("male female adult adolescent offspring youth infant child mother maternal")
# "randomly selected" chooses whom to ask, not what they are given
_SELECTED = word_set(
    """
    selected sampled chosen picked drawn sample effect forest intercept selection
    """
)
# What people went through in a trial.
_PUT_ON_TRIAL = word_set(
    """
    received receive administered treated underwent given infused infusion injected injection administration
    treatment mg dose
    """
)
# Who takes a drug of their own accord is not given it.
_TAKEN = word_set("dependent dependence user use abuser abuse misuse addiction addicted")
# What stands before cases that others reported: "9 case reports", "several case series".
_MANY = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|several|multiple|most|all|these|those|eligible|included)"
    r" (?:\w+ ){0,4}$",
    re.IGNORECASE,
)
# "preclinical", but not "preclinical and clinical"
_PRECLINICAL_TITLE = re.compile(r"\bpre-?clinical\b(?!\s*(?:and|to|or|/|,)|-to)", re.IGNORECASE)
_OF_LITERATURE = frozenset(("searched", "literature", "review", "reviewed", "published", "pubmed", "medline"))


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
        hit = _first(reading, "preclinical", _DID_OR_FOUND | {"background"})
        if (
            hit is not None
            and ("cues.own_study" in hit[0].facets or hit[0].role in _DID)
            and not _speaks_of_literature(hit[0])
            and not reading.has("cues.review", _DID)
        ):
            return _proof("preclinical", hit)
    return _guess_placebo(reading, counts) or _guess_design(reading, counts)


# A case is one person and a series a few, whatever the authors call them.
_OF_FEW = {"case-report": 4, "case-series": 60}


def _first(reading: Reading, cue: str, roles: frozenset[str]) -> Hit | None:
    for sentence, mention in reading.find(f"cues.{cue}", roles):
        if not (sentence.role != "title" and _is_wished(sentence)) and not sentence.is_negated(mention):
            return sentence, mention
    return None


def _proof(design: str, hit: Hit) -> Evidence:
    sentence, mention = hit
    return sentence.proves("design", design, mention)


def _proof_of_match(design: str, sentence: Sentence, match: re.Match[str]) -> Evidence:
    return Evidence(
        facet="design", value=design, field=sentence.passage.field, sentence=sentence.text, words=match.group().strip()
    )


def _note(reading: Reading) -> Evidence | None:
    if reading.has("cues.case_series", _TITLE) or reading.has("cues.case_report", _TITLE):
        return None  # cases told in a letter
    for sentence in reading.prose():
        if sentence.role != "title" and "cues.comment" not in sentence.facets:
            continue
        match = _NOTE.search(sentence.text) if sentence.role == "title" else _LETTER.search(sentence.text)
        if match is not None and match.group().strip():
            return _proof_of_match("comment", sentence, match)
    return None


def _type(reading: Reading) -> Evidence | None:
    types = reading.citation.publication_types
    for name, design in _TYPES:
        if name in types:
            return Evidence(facet="design", value=design, field="publication_types", sentence=name, words=name)
    return None


def _protocol(reading: Reading) -> Evidence | None:
    hit = _first(reading, "protocol", _TITLE)
    if hit is not None:
        return _proof("protocol", hit)
    for sentence in reading.prose(_TITLE):
        match = _PROTOCOL_OF.search(sentence.text)
        if match is not None:
            return _proof_of_match("protocol", sentence, match)
    for sentence in reading.prose(("objective", "methods", "conclusions")):
        if not ("rotocol" in sentence.text or "ationale" in sentence.text or "roposal" in sentence.text):
            continue
        match = _PROTOCOL_ITSELF.search(sentence.text)
        if match is not None:
            return _proof_of_match("protocol", sentence, match)
    return _register_entry(reading)


def _planned(reading: Reading) -> Evidence | None:
    """Recognise a plan by its tense: much of it "will be", or some of it and nothing that was."""
    if _review_itself(reading) is not None:
        return None  # a review, too, "will summarise"
    if any(s.role == "results" and s.passage.label and "RESULT" in s.passage.label.upper() for s in reading.prose()):
        return None
    sentences = list(reading.prose(("background", "objective", "methods", "results", "limitations")))
    planned = [
        (s, s.mentions_of("cues.planned")[0]) for s in sentences if "cues.planned" in s.facets and _is_of_a_study(s)
    ]
    past = any(not s.keys.isdisjoint(_PAST) for s in sentences if s.role != "background")
    if planned and (not past or (len(planned) >= 2 and len(planned) >= len(sentences) * 0.25)):
        return _proof("protocol", planned[0])
    if past or reading.has("cues.result", _DID) or any(reading.has(f"cues.{cue}") for cue in ("review", "searched")):
        return None
    for sentence in sentences:
        match = _AIM_IN_PRESENT.search(sentence.text)
        if match is not None and _is_of_a_study(sentence):
            return _proof_of_match("protocol", sentence, match)
    return None


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
    return Evidence(
        facet="design",
        value="protocol",
        field="abstract",
        sentence=sentence.text,
        words=sentence.words[0].text if sentence.words else sentence.text,
    )


def _meta_analysis(reading: Reading) -> Evidence | None:
    hit = _first(reading, "meta_analysis", _TITLE)
    if hit is None:
        # a title that says only "systematic review" is believed unless the analysis was really done
        roles = frozenset(("results", "conclusions")) if _first(reading, "systematic_review", _TITLE) else _DID_OR_FOUND
        if any(reading.has(f"cues.{cue}", _TITLE) for cue in ("review", "randomised_trial", "guideline")):
            return None
        hit = _first(reading, "meta_analysis", roles)
        if hit is not None and (not _is_own(hit[0]) or _REPORTING.search(hit[0].text) or _reads_reviews(hit)):
            hit = None
    elif _reads_reviews(hit):
        return _proof("systematic-review", hit)
    return _proof("meta-analysis", hit) if hit else None


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
    hit = _first(reading, "systematic_review", _TITLE)
    title = next(iter(reading.prose(_TITLE)), None)
    if hit is None and title is not None and "arrative review" in title.text:
        return None
    if hit is None and (
        not reading.has("cues.randomised_trial", _TITLE) or _TRIALS_OF_OTHERS.search(title.text if title else "")
    ):
        hit = _first(reading, "systematic_review", _DID_OR_FOUND)
        if hit is not None and (
            not _is_own(hit[0])
            or (hit[0].words[hit[1].last].text.lower() == "reviews" and not _REPORTING.search(hit[0].text))
        ):
            hit = None
    if hit is not None:
        return _proof("systematic-review", hit)
    labels = [(s, s.passage.label) for s in reading.prose() if s.passage.label]
    searched = {label.upper(): s for s, label in labels if _SEARCH_LABEL.match(label)}
    if len(searched) >= 2:
        sentence = next(iter(searched.values()))
        return Evidence(
            facet="design", value="systematic-review", field="abstract", sentence=sentence.text, words=sentence.text
        )
    return None


_TRIALS_OF_OTHERS = re.compile(
    r"\b(?:in|of|from|across) (?:[\w-]+ ){0,2}(?:randomi[sz]ed|RCTs?)(?: (?:[\w-]+ ){0,2}trials)?\b", re.IGNORECASE
)


def _guideline(reading: Reading) -> Evidence | None:
    hit = _first(reading, "guideline", _TITLE)
    if hit is not None and any(_REVIEW_ITSELF.search(sentence.text) for sentence in reading.prose(_DID_OR_FOUND)):
        return None
    return _proof("guideline", hit) if hit else None


def _case(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(_TITLE):
        match = _CASES_IN_TITLE.search(sentence.text)
        if match is not None:
            return _proof_of_match("case-series" if match.group("number") else "case-report", sentence, match)
    for cue, design in (("case_series", "case-series"), ("case_report", "case-report")):
        hit = _first(reading, cue, _TITLE)
        if hit is not None:
            return (_several(reading) if design == "case-report" else None) or _proof(design, hit)
    if "Case Reports" in reading.citation.publication_types:
        hit = _first(reading, "case_series", _DID_OR_FOUND)
        if hit is not None:
            return _proof("case-series", hit)
        return Evidence(
            facet="design",
            value="case-report",
            field="publication_types",
            sentence="Case Reports",
            words="Case Reports",
        )
    for cue, design in (("case_series", "case-series"), ("case_report", "case-report")):
        hit = _first(reading, cue, frozenset(("objective", "methods", "results", "conclusions")))
        if hit is not None and "cues.own_study" in hit[0].facets and not _in_list(hit):
            return _proof(design, hit)
    return None


_CASES_HERE = re.compile(
    r"\b(?:this|the present|our|we (?:here )?(?:report|present"
    r"|describe)(?: on)? an?) (?:[\w-]+ ){0,3}case (?P<what>series|report|study)\b",
    re.IGNORECASE,
)


def _cases_here(reading: Reading) -> Evidence | None:
    for sentence in reading.prose():
        match = _CASES_HERE.search(sentence.text) if "case" in sentence.keys else None
        if match is not None and sentence.role != "title" and "literature" not in sentence.keys:
            return _proof_of_match(
                "case-series" if match.group("what").lower() == "series" else "case-report", sentence, match
            )
    return None


def _several(reading: Reading) -> Evidence | None:
    """Return the proof that a "case report" tells several cases."""
    for sentence in reading.prose(_DID_OR_FOUND | {"background"}):
        match = _SEVERAL.search(sentence.text)
        if match is not None:
            return _proof_of_match("case-series", sentence, match)
    return None


def _in_list(hit: Hit) -> bool:
    """Whether the words count other people's work: "two retrospective case series and 9 case reports"."""
    sentence, mention = hit
    return bool(_MANY.search(sentence.text[: mention.start])) or (
        not sentence.keys.isdisjoint(("study", "article", "literature", "level")) and "this" not in sentence.keys
    )


def _review(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(_TITLE):
        match = _REVIEW_TITLE.search(sentence.text) if "eview" in sentence.text or "EVIEW" in sentence.text else None
        if match is not None:
            return _proof_of_match("review", sentence, match)
    if "Review" in reading.citation.publication_types:
        return Evidence(facet="design", value="review", field="publication_types", sentence="Review", words="Review")
    return None


def _review_itself(reading: Reading) -> Evidence | None:
    """Recognise a narrative review by its saying so of itself."""
    if any(
        reading.has(f"cues.{cue}", _TITLE) for cue in ("randomised", "randomised_trial", "open_label", "retrospective")
    ):
        return None
    for sentence in reading.prose():
        if sentence.role == "title" or not ("eview" in sentence.text or "cues.review" in sentence.facets):
            continue
        match = _REVIEW_ITSELF.search(sentence.text)
        if match is not None:
            return _proof_of_match("review", sentence, match)
    return None


def _method(reading: Reading) -> Evidence | None:
    hit = _first(reading, "method", _TITLE)
    return _proof("other", hit) if hit else None


def _by_cue(cue: str, design: str, roles: frozenset[str]) -> Callable[[Reading], Evidence | None]:
    def rule(reading: Reading) -> Evidence | None:
        hit = _first(reading, cue, roles)
        return _proof(design, hit) if hit else None

    return rule


def _preclinical(reading: Reading) -> Evidence | None:
    names = {term.name.lower() for term in reading.citation.mesh_terms}
    if "animals" in names and "humans" not in names:
        return Evidence(facet="design", value="preclinical", field="mesh_terms", sentence="Animals", words="Animals")
    hits = {sentence.index: (sentence, mention) for sentence, mention in reading.find("cues.preclinical", _DID)}
    if not hits:
        return None
    people = {sentence.index for sentence, _ in reading.find("people", frozenset(("methods", "results", "objective")))}
    animals = set(hits)
    if len(animals) <= 2 * len(people - animals) and any(
        _is_trial_in_people(reading.sentences[index]) for index in people - animals
    ):
        return None  # a trial, and in rats as well
    if len(animals) >= 2 and len(animals) > len(people - animals):
        return _proof("preclinical", hits[min(animals)])
    return None


def _is_trial_in_people(sentence: Sentence) -> bool:
    """Whether a sentence tells of people who were randomised or given a placebo."""
    tried = any(facet in sentence.facets for facet in ("cues.randomised", "cues.placebo_controlled", "comparators"))
    named = not sentence.keys.isdisjoint(("human", "participant", "volunteer", "patient", "individual"))
    return tried and named and sentence.role in ("methods", "results")


def _preclinical_title(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(_TITLE):
        match = _PRECLINICAL_TITLE.search(sentence.text)
        if match is not None:
            return _proof_of_match("preclinical", sentence, match)
    for sentence, mention in reading.find("people", _TITLE):
        if sentence.words[mention.last].key not in _SEXES:
            return None  # "in both humans and rats": the abstract decides
    title = _first(reading, "preclinical", _TITLE)
    return _proof("preclinical", title) if title is not None else None


_CONTROLLED_TRIALS = re.compile(r"\b(?:two|three|four|an?|[2-4]) (?:[\w-]+ )?controlled trials?\b", re.IGNORECASE)
_OPEN_TITLE = re.compile(r"\ban open(?:[- ]label)?,? (?:[\w-]+ ){0,3}(?:study|trial)\b", re.IGNORECASE)


def _open_in_title(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(_TITLE):
        match = _OPEN_TITLE.search(sentence.text)
        if match is not None:
            return _proof_of_match("open-label-trial", sentence, match)
    return None


def _rct(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(_TITLE):
        match = _CONTROLLED_TRIALS.search(sentence.text)
        if match is not None:
            return _proof_of_match("rct", sentence, match)
    for cue in ("randomised_trial", "randomised", "placebo_controlled", "crossover", "blinded"):
        hit = _first(reading, cue, _TITLE)
        if hit is not None:
            return _proof("rct", hit)
    return None


def _cross_sectional(reading: Reading) -> Evidence | None:
    for sentence, mention in reading.find("cues.cross_sectional", _DID):
        after = sentence.words[mention.last + 1].key if mention.last + 1 < len(sentence.words) else ""
        if _is_wished(sentence) or sentence.is_negated(mention) or after in _CROSS_SECTIONAL_RESULT:
            continue
        return _proof("cross-sectional", (sentence, mention))
    return None


def _rct_in_abstract(reading: Reading) -> Evidence | None:
    for cue in ("randomised", "placebo_controlled", "crossover", "blinded"):
        for sentence, mention in reading.find(f"cues.{cue}", _DID_OR_FOUND):
            if _is_wished(sentence) or sentence.is_negated(mention):
                continue
            if sentence.role == "conclusions" and "cues.own_study" not in sentence.facets:
                continue
            if _speaks_of_literature(sentence) or _selects(sentence, mention):
                continue
            if cue != "randomised" and _OPEN_PARENT.search(sentence.text):
                return _proof("open-label-trial", (sentence, mention))  # "placebo-controlled but not randomised"
            return _proof("rct", (sentence, mention))
    return None


def _selects(sentence: Sentence, mention: Mention) -> bool:
    after = sentence.words[mention.last + 1 : mention.last + 2]
    return bool(after) and after[0].key in _SELECTED


# What the authors say that their study was.
_STATED = re.compile(
    r"\b(?:this|the present|the current|our|it|the study|ours) (?:[\w-]+ ){0,2}?(?:was"
    r"|is) (?:an? )?(?P<what>(?:[\w-]+,? ){0,6}?(?:study|trial|audit|survey|review|series|analysis))\b",
    re.IGNORECASE,
)


def _stated(reading: Reading) -> Evidence | None:
    """Read "this was an open-label study", which is believed before a word of the title."""
    for sentence in reading.prose():
        if sentence.role in ("title", "term"):
            continue
        match = _STATED.search(sentence.text)
        if match is None:
            continue
        what = match.group("what").lower()
        for design, words in (
            ("", r"secondary|post.?hoc|first|protocol"),
            ("open-label-trial", r"open.label|single.arm|non.?randomi"),
            ("cross-sectional", r"cross.sectional"),
            ("rct", r"\brandomi[sz]ed|double.blind|placebo.controlled"),
            ("cohort", r"retrospective|chart review|cohort|case.control"),
        ):
            if re.search(words, what):
                return (
                    _proof_of_match(design, sentence, match)
                    if design and not (design == "open-label-trial" and re.search(r"(?<!non.)(?<!non)randomi", what))
                    else None
                )
    return None


_MODEL = re.compile(
    r"\b(?:Markov|decision.analytic|decision.tree|cost.effectiveness|budget.impact|cost.utility"
    r"|health.economic) (?:[\w-]+ ){0,2}(?:model|simulation|analysis)",
    re.IGNORECASE,
)


def _model(reading: Reading) -> Evidence | None:
    """Recognise a model of costs, whatever trials fed it."""
    for sentence in reading.prose(("objective", "methods")):
        match = _MODEL.search(sentence.text)
        if match is not None:
            return _proof_of_match("economic", sentence, match)
    return None


# Data of a trial: the paper has the design of the trial whose data it uses.
_PARENT = re.compile(
    r"\b(?:data|patients|participants|adults|samples?|recordings?|scans?|saliva|blood|individuals|volunteers|subjects"
    r"|women|veterans|people)\b[^.;]{0,70}?"
    r"\b(?:from|of|in) (?:an?|the|that|this|our|two|three|four|five|[2-9]|previous\w*|one|parent|prior|completed"
    r"|larger?|published)\b[^.;]{0,90}?\b(?:trials?|RCTs?)\b"
    r"|\bkept (?:in|from) that trial\b|\b(?:secondary|post.?hoc|exploratory|pooled|re-?)\s?analys[ie]s (?:of"
    r"|from)\b[^.;]{0,90}\b(?:trials?|study|studies)\b",
    re.IGNORECASE,
)
_BLINDED_PARENT = re.compile(
    r"\brandomi[sz]|\bRCTs?\b|placebo|double.blind|crossover|cross-over|midazolam|controlled", re.IGNORECASE
)
_OPEN_PARENT = re.compile(r"open.label|uncontrolled|single.arm|non.?randomi", re.IGNORECASE)


def _parent(reading: Reading) -> Evidence | None:
    """Return the design of the trial whose data a paper uses."""
    if any(reading.has(f"cues.{cue}", _TITLE | _DID) for cue in ("systematic_review", "meta_analysis", "searched")):
        return None
    for sentence in reading.prose():
        if sentence.role in ("limitations", "admin") or _is_wished(sentence) or _speaks_of_literature(sentence):
            continue
        match = _PARENT.search(sentence.text)
        if match is None or (sentence.role == "background" and sentence.passage.label):
            continue
        if _OPEN_PARENT.search(sentence.text) and not re.search(
            r"(?<!non-)(?<!non)\brandomi", sentence.text, re.IGNORECASE
        ):
            return _proof_of_match("open-label-trial", sentence, match)
        if _BLINDED_PARENT.search(match.group()):
            return _proof_of_match("rct", sentence, match)
        if "that trial" in match.group() and any(
            _BLINDED_PARENT.search(s.text) and "trial" in s.keys for s in reading.prose()
        ):
            return _proof_of_match("rct", sentence, match)
    return None


_LOOKED_BACK = re.compile(
    r"\b(?:records?|charts?|treatment data|clinical data|files)\b[^.;]{0,60}\bwere (?:\w+ )?(?:pooled|reviewed"
    r"|looked through|analy[sz]ed|extracted|examined|searched|read)\b"
    r"|\b(?:read|reviewed|searched|looked through) (?:the )?(?:[\w-]+ ){0,3}(?:charts|records|register|files)\b",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"\b(?:completed|filled (?:in|out)|answered|responded to)\b[^.;]{0,60}\b(?:questionnaires?|scales?|surveys?"
    r"|household interview|interview|inventory|inventories)\b"
    r"|\bnational (?:household|survey|sample)\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\b(?:follow|later|weeks?|months?|baseline|after (?:the )?(?:infusion|treatment)|longitudinal|before and)\b",
    re.IGNORECASE,
)
_USE = re.compile(r"\busers?\b|\busing\b|\buse\b|\babuse\w*|\bmisuse\w*|\bdependen\w*", re.IGNORECASE)


def _looked_back(reading: Reading) -> Evidence | None:
    for sentence in reading.prose(("objective", "methods", "results", "background")):
        match = _LOOKED_BACK.search(sentence.text)
        if match is not None and not _speaks_of_literature(sentence):
            return _proof_of_match("cohort", sentence, match)
    return None


def _once(reading: Reading) -> Evidence | None:
    """Recognise people who use the compound and were asked, or examined, once."""
    texts = [s.text for s in reading.prose(("title", "objective", "methods"))]
    if not any(_USE.search(text) for text in texts) or any(_AGAIN.search(text) for text in texts):
        return None
    for sentence in reading.prose(("objective", "methods", "results")):
        match = _ONCE.search(sentence.text)
        if match is not None and not _GIVEN.search(sentence.text):
            return _proof_of_match("cross-sectional", sentence, match)
    return None


_GIVEN = re.compile(r"\b(?:received|infus\w*|administered|were given|mg/kg)\b", re.IGNORECASE)
_USERS_IN_TITLE = re.compile(
    r"\b(?:ketamine|drug|ecstasy|MDMA|polydrug) (?:\w+ )?users?\b|\b(?:chronic|recreational|frequent"
    r"|heavy) (?:[\w-]+ )?use\b",
    re.IGNORECASE,
)


def _users_compared(reading: Reading) -> Evidence | None:
    """Recognise users of a drug who were examined beside others, once."""
    title = next(iter(reading.prose(_TITLE)), None)
    match = _USERS_IN_TITLE.search(title.text) if title is not None else None
    if (
        title is None
        or match is None
        or any(
            re.search(r"follow|longitudinal|years later|inpatient|admitted", s.text)
            for s in reading.prose(("title", "methods", "objective"))
        )
    ):
        return None
    if any("control" in s.keys or "nonuser" in s.keys or "user" in s.keys for s in reading.prose(_DID)):
        return _proof_of_match("cross-sectional", title, match)
    return None


def _parent_if_method(reading: Reading) -> Evidence | None:
    """Return the parent's design where the title names a method only: a model or a scale tried on a trial's data."""
    if _first(reading, "method", _TITLE) is None:
        return None
    if any("endelian" in sentence.text for sentence in reading.prose(_TITLE)):
        return None  # "Mendelian randomisation" deals nobody out
    return _rct(reading) or _parent(reading)


def _open_dose(reading: Reading) -> Evidence | None:
    """Recognise a treatment that was given openly, in a study called naturalistic or longitudinal."""
    for sentence, mention in reading.find("cues.open_label", _DID | {"title"}):
        is_open = "open" in sentence.text[mention.start : mention.end].lower() and not reading.has("cues.randomised")
        if (
            is_open
            and _GIVEN.search(sentence.text)
            and not _is_wished(sentence)
            and not _speaks_of_literature(sentence)
        ):
            return _proof("open-label-trial", (sentence, mention))
    return None


def _secondary(reading: Reading) -> Evidence | None:
    hit = _first(reading, "secondary_analysis", _TITLE | _DID)
    if (
        hit is not None
        and reading.has("cues.trial", _TITLE | _DID)
        and not reading.has("cues.retrospective", _TITLE | _DID)
    ):
        is_open = _OPEN_PARENT.search(hit[0].text) and "randomi" not in hit[0].text.lower()
        return _proof("open-label-trial" if is_open else "rct", hit)
    return None


def _is_wished(sentence: Sentence) -> bool:
    """Whether a sentence speaks of studies that should be done."""
    return not sentence.keys.isdisjoint(_WISHES)


def _speaks_of_literature(sentence: Sentence) -> bool:
    """Whether randomised trials are what was read, not what was done: "trials were searched", "evidence from RCTs"."""
    return not sentence.keys.isdisjoint(_OF_LITERATURE) and "data" not in sentence.keys


def _guess_placebo(reading: Reading, counts: list[Count]) -> Evidence | None:
    """Return the proof that somebody was given a placebo, where nobody says "randomised"."""
    if not any(count.score > 0 for count in counts) and not any(
        m.value == "healthy-volunteers" for _, m in reading.find("conditions")
    ):
        return None
    for sentence, mention in reading.find("comparators", _DID_OR_FOUND):
        if (
            mention.value not in ("placebo", "saline")
            or (mention.value == "saline" and not _GIVEN.search(sentence.text))
            or not sentence.mentions_of("compounds")
            or _is_wished(sentence)
        ):
            continue
        if not _speaks_of_literature(sentence) and not sentence.is_negated(mention):
            return sentence.proves("design", "rct", mention)
    return None


def _guess_design(reading: Reading, counts: list[Count]) -> Evidence | None:
    """Guess from what was done where no design is named: people who were given the drug, or an essay."""
    if any(count.score > -1 and count.number > 1 for count in counts):
        for sentence, mention in reading.find("compounds", _DID):
            if _is_given(sentence, mention):
                return sentence.proves("design", "open-label-trial", mention)
        for sentence, mention in reading.find("people", _DID):
            if sentence.words[mention.last].text.lower() in ("users", "controls", "records"):
                return sentence.proves("design", "cohort", mention)
        return None
    for roles in (_DID_OR_FOUND, frozenset(("background",))):
        for sentence, mention in reading.find("cues.review", roles):
            return sentence.proves("design", "review", mention)
    for sentence in reading.prose(("methods", "results")):
        if (
            "people" in sentence.facets
            and sentence.passage.label
            and not sentence.keys.isdisjoint(_PAST | {"received", "had"})
        ):
            given = next((m for m in sentence.mentions_of("compounds") if _is_given(sentence, m)), None)
            return (
                sentence.proves("design", "open-label-trial", given)
                if given and "comparators" not in sentence.facets
                else None
            )
    tried = frozenset(("people", "compounds", "comparators"))
    for sentence in reading.prose(("methods", "results")):
        counted = "people" in sentence.facets and bool(sentence.numbers)
        done = counted if sentence.role == "results" else not tried.isdisjoint(sentence.facets)
        if sentence.passage.label and done:
            return None  # an essay has no methods
    title = next(iter(reading.prose(_TITLE)), None)
    figures = any("%" in s.text or "=" in s.text for s in reading.prose(_DID_OR_FOUND))
    if title is not None and title.words and not figures and not reading.has("cues.result", frozenset(("results",))):
        if "Letter" in reading.citation.publication_types:
            return Evidence(
                facet="design", value="comment", field="publication_types", sentence="Letter", words="Letter"
            )
        return Evidence(facet="design", value="review", field="title", sentence=title.text, words=title.text)
    return None


def _arms_told(reading: Reading) -> Evidence | None:
    """Recognise a trial by its arms: so many were given the compound and so many a placebo or saline."""
    for sentence, mention in reading.find("comparators", frozenset(("methods", "objective", "results"))):
        if (
            (mention.value in ("placebo", "saline") or "trial" in sentence.keys)
            and sentence.mentions_of("compounds")
            and len(sentence.numbers) >= 2
            and _GIVEN.search(sentence.text)
            and not (_speaks_of_literature(sentence) or sentence.is_negated(mention) or _is_wished(sentence))
        ):
            return _proof("rct", (sentence, mention))
    return None


def _is_given(sentence: Sentence, compound: Mention) -> bool:
    """Whether people were given a compound: "received ketamine", not "treatment-seeking, ketamine-dependent"."""
    words = sentence.words
    if compound.last + 1 < len(words) and words[compound.last + 1].key in _TAKEN:
        return False
    for place, word in enumerate(words):
        joined = sentence.text[word.end : word.end + 1] == "-"  # "treatment-seeking"
        if word.key in _PUT_ON_TRIAL and not joined:
            return "food" not in {other.key for other in words[max(0, place - 3) : place]}  # and Drug Administration
    return False


_RULES: tuple[Callable[[Reading], Evidence | None], ...] = (
    _note,
    _protocol,
    _meta_analysis,
    _systematic_review,
    _planned,
    _guideline,
    _type,
    _case,
    _cases_here,
    _by_cue("qualitative", "qualitative", _TITLE),
    _by_cue("economic", "economic", _TITLE),
    _review,
    _review_itself,
    _stated,
    _model,
    _parent_if_method,
    _method,
    _preclinical_title,
    _rct,
    _preclinical,
    _by_cue("retrospective", "cohort", _TITLE),
    _open_in_title,
    _by_cue("cross_sectional", "cross-sectional", _TITLE),
    _by_cue("open_label", "open-label-trial", _TITLE),
    _open_dose,
    _by_cue("observational", "cohort", _TITLE),
    _rct_in_abstract,
    _parent,
    _by_cue("qualitative", "qualitative", _DID),
    _by_cue("economic", "economic", frozenset(("objective", "methods"))),
    _secondary,
    _by_cue("retrospective", "cohort", _DID),
    _cross_sectional,
    _once,
    _users_compared,
    _arms_told,
    _looked_back,
    _by_cue("open_label", "open-label-trial", _TITLE | _DID),
    _by_cue("naturalistic", "cohort", _TITLE | _DID),
    _by_cue("observational", "cohort", _DID),
    _by_cue("pilot", "open-label-trial", _TITLE | _DID),
)
