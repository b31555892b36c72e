"""Which design a study shows by what was done, where its authors do not name one, and whose data they used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvester.paper.tags import Evidence
from harvester.tagging.english import read_number, word_set
from harvester.tagging.lexicon import Mention
from harvester.tagging.numbers import Count
from harvester.tagging.reading import Reading, Sentence

TITLE = frozenset(("title",))
BEFORE_RESULTS = frozenset(("objective", "methods"))
DID = frozenset(("objective", "methods", "results"))
DID_OR_FOUND = frozenset(("objective", "methods", "results", "conclusions"))
Hit = tuple[Sentence, Mention]  # a cue, where it stands
# Words of a sentence that wishes for studies instead of reporting one.
_WISHES = word_set(
    """
    future further need needed warrant warranted larger should necessary await awaited lack limitation
    challenging
    """
)
_LOOSE = frozenset(("further", "larger", "awaited", "lack"))
# "to further examine", "larger in the ketamine group", "adults who awaited surgery" wish for nothing
_NO_WISH = re.compile(
    r"\bto further \w+|\blarger (?:than|in|for|with|after|among|reduction|decrease|increase|effect|change|improvement)"
    r"|\bwho awaited\b|\black of (?:response|effect|efficacy|improvement)\b",
    re.IGNORECASE,
)
# Tense of a study that has been done.
PAST = word_set("was were had did showed found demonstrated resulted revealed observed reported")
_WAS = frozenset(("was", "were", "had"))
# What people went through in a trial.
_PUT_ON_TRIAL = word_set(
    """
    received receive administered treated underwent given infused infusion injected injection administration
    treatment mg dose administrated ingested inhaled
    """
)
# Who takes a drug of their own accord is not given it.
_TAKEN = word_set("dependent dependence user use abuser abuse misuse addiction addicted")
_OF_LITERATURE = frozenset(("searched", "literature", "review", "reviewed", "published", "pubmed", "medline"))


# Words after a cue that make it something in the study: "randomly selected" chooses whom to ask, not what they are
# given; "cross-sectional correlations at baseline" are a result; "prospective and retrospective memory" is a scale.
_IN_THE_STUDY = {
    "cues.randomised": word_set(
        "selected sampled chosen picked drawn sample effect forest intercept selection training split"
    ),
    "cues.cross_sectional": word_set("correlation association difference comparison relationship imaging image area"),
    "cues.retrospective": word_set("memory report self recall rating interview"),
    "cues.pilot": word_set("sample data"),
}


def find_cue(reading: Reading, cue: str, roles: frozenset[str]) -> Hit | None:
    """Return the first of the cues that `find_cues` yields; None without."""
    return next(find_cues(reading, cue, roles), None) if f"cues.{cue}" in reading.mentions else None


def find_cues(reading: Reading, cue: str, roles: frozenset[str]) -> Iterator[Hit]:
    """Yield each cue of a kind in sentences of some roles that is of the study, neither wished for nor denied."""
    others = _IN_THE_STUDY.get(f"cues.{cue}", frozenset())
    for sentence, mention in reading.find(f"cues.{cue}", roles):
        if (
            not (sentence.role != "title" and is_wished(sentence))
            and not sentence.is_negated(mention)
            and sentence.text[mention.start : mention.end].lower() != "pilots"  # they fly
            and not {word.key for word in sentence.words[mention.last + 1 : mention.last + 4]} & others
            and not (cue in _OF_WORKS and sentence.role != "title" and _is_of_many(sentence, mention))
        ):
            yield sentence, mention


_OF_WORKS = frozenset(("observational", "open_label", "retrospective", "cross_sectional", "naturalistic", "pilot"))


def _is_of_many(sentence: Sentence, mention: Mention) -> bool:
    """Whether a cue says what others' works are: "observational and experimental studies suggest"."""
    works = [word.text.lower() for word in sentence.words[mention.first : mention.last + 6]]
    before = [word.text for word in sentence.words[max(0, mention.first - 8) : mention.first]]
    counted = any(read_number(word) for word in before) or "cues.own_study" in sentence.facets
    return not _MANY_WORKS.isdisjoint(works) and not counted


_MANY_WORKS = frozenset(("studies", "trials", "reports"))


def prove_hit(design: str, hit: Hit) -> Evidence:
    """Return the proof of a design by a cue."""
    sentence, mention = hit
    return sentence.proves("design", design, mention)


def prove_whole(design: str, sentence: Sentence) -> Evidence:
    """Return the proof of a design by a whole sentence."""
    return prove_term(design, sentence.passage.field, sentence.text)


def prove_term(design: str, field: str, term: str) -> Evidence:
    """Return the proof of a design by a term of a field's list."""
    return Evidence(facet="design", value=design, field=field, sentence=term, words=term)


def prove_match(design: str, sentence: Sentence, match: re.Match[str]) -> Evidence:
    """Return the proof of a design by a turn of phrase."""
    return Evidence(
        facet="design", value=design, field=sentence.passage.field, sentence=sentence.text, words=match.group().strip()
    )


_CONTROLLED_TRIALS = re.compile(r"\b(?:two|three|four|an?|[2-4]) (?:[\w-]+ )?controlled trials?\b", re.IGNORECASE)


def called_controlled(reading: Reading) -> Evidence | None:
    """Return the proof that a title calls the study a controlled trial; None without."""
    for sentence in reading.prose(TITLE):
        match = _CONTROLLED_TRIALS.search(sentence.text)
        if match is not None:
            return prove_match("rct", sentence, match)
    for cue in ("randomised_trial", "randomised", "placebo_controlled", "crossover", "blinded"):
        hit = find_cue(reading, cue, TITLE)
        if hit is not None:
            return prove_hit("rct", hit)
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
_TRIAL = word_set("trial rct")
_BLINDED_PARENT = re.compile(
    r"\brandomi[sz]|\bRCTs?\b|placebo|double.blind|crossover|cross-over|midazolam|controlled", re.IGNORECASE
)
OPEN_PARENT = re.compile(r"open.label|uncontrolled|single.arm|non.?randomi", re.IGNORECASE)


def data_of_trial(reading: Reading) -> Evidence | None:
    """Return the design of the trial whose data a paper uses."""
    if any(reading.has(f"cues.{cue}", TITLE | DID) for cue in ("systematic_review", "meta_analysis", "searched")):
        return None
    for sentence in reading.prose():
        if sentence.role in ("limitations", "admin") or is_wished(sentence) or speaks_of_literature(sentence):
            continue
        if sentence.keys.isdisjoint(_TRIAL) and not ("study" in sentence.keys and "analys" in sentence.lower):
            continue
        match = _PARENT.search(sentence.text)
        if match is None or (sentence.role == "background" and sentence.passage.label):
            continue
        if OPEN_PARENT.search(sentence.text) and not re.search(
            r"(?<!non-)(?<!non)\brandomi", sentence.text, re.IGNORECASE
        ):
            return prove_match("open-label-trial", sentence, match)
        if _BLINDED_PARENT.search(match.group()):
            return prove_match("rct", sentence, match)
        if "that trial" in match.group() and any(
            _BLINDED_PARENT.search(s.text) and "trial" in s.keys for s in reading.prose()
        ):
            return prove_match("rct", sentence, match)
    return None


_LOOKED_BACK = re.compile(
    r"\b(?:records?|charts?|treatment data|clinical data|files|(?:clinical|medical|case) (?:histories|notes))\b"
    r"[^.;]{0,160}\bwere (?:\w+ )?(?:pooled|reviewed"
    r"|looked through|analy[sz]ed|extracted|examined|searched|read|retrieved)\b"
    r"|\b(?:using|from) (?:an?|the) (?:[\w-]+ ){0,3}(?:register|registry|database) (?:of|for)\b"
    r"|\b(?:patients|cases|presentations|admissions|deaths|exposures)\b[^.;]{0,80}\b(?:in|by|of|from|to) (?:an?|the)"
    r" (?:[\w-]+ ){0,4}(?:dataset|database|registry|register)\b"
    r"|\b(?:read|reviewed|searched|looked through) (?:the )?(?:[\w-]+ ){0,3}(?:charts|records|register|files)\b",
    re.IGNORECASE,
)


_LIBRARY = word_set("literature published pubmed medline embase article publication")
_RECORDS = word_set("history note record chart data file register registry database dataset")  # one in every match


def looked_back(reading: Reading) -> Evidence | None:
    """Return the proof that what had happened before was looked up; None without."""
    for sentence in reading.prose(("objective", "methods", "results", "background")):
        match = None if sentence.keys.isdisjoint(_RECORDS) else _LOOKED_BACK.search(sentence.text)
        if match is not None and sentence.keys.isdisjoint(_LIBRARY):
            return prove_match("cohort", sentence, match)
    return None


_GIVEN = re.compile(r"\b(?:received|infus\w*|administered|were given|mg/kg)\b", re.IGNORECASE)
_FOLLOWED = re.compile(
    r"\bfollow|\blongitudinal|\bprospective(?:ly)? (?!and|memory)|\bbaseline\b|\bbefore\b.{1,60}\bafter\b"
    r"|\bre-?(?:assessed|tested)\b|\btwice\b|\b(?:days?|weeks?|months?|years?) (?:later|apart|after)\b"
    r"|\binpatients?\b|\badmitted\b|\bthe day after\b",
    re.IGNORECASE,
)


def _is_followed(reading: Reading) -> bool:
    """Whether people were seen again, or lay in hospital."""
    told = reading.prose(("title", "methods", "objective"))
    return any(_FOLLOWED.search(sentence.text) and not is_wished(sentence) for sentence in told)


def users_compared(reading: Reading) -> Evidence | None:
    """Recognise users of a drug who were examined beside others, once."""
    given = any(_is_given(sentence, mention) for sentence, mention in reading.find("compounds", BEFORE_RESULTS))
    if given or _is_followed(reading) or _is_of_method(reading):
        return None
    for sentence, mention in reading.find("people", TITLE | BEFORE_RESULTS):
        if sentence.words[mention.last].key in _USERS and any(
            not s.keys.isdisjoint(_BESIDE) for s in reading.prose(("title", "objective", "methods", "results"))
        ):
            return sentence.proves("design", "cross-sectional", mention)
    return None


_USERS = word_set("user abuser")
_BESIDE = word_set("control nonuser non-user compared comparison matched naive never user")


def data_of_trial_by_method(reading: Reading) -> Evidence | None:
    """Return the parent's design where the title names a method only: a model or a scale tried on a trial's data."""
    if find_cue(reading, "method", TITLE) is None:
        return None
    if any("endelian" in sentence.text for sentence in reading.prose(TITLE)):
        return None  # "Mendelian randomisation" deals nobody out
    return called_controlled(reading) or data_of_trial(reading)


def open_dose(reading: Reading) -> Evidence | None:
    """Recognise a treatment that was given openly, in a study called naturalistic or longitudinal."""
    for sentence, mention in reading.find("cues.open_label", DID | {"title"}):
        is_open = "open" in sentence.text[mention.start : mention.end].lower() and not reading.has("cues.randomised")
        if is_open and _GIVEN.search(sentence.text) and not is_wished(sentence) and not speaks_of_literature(sentence):
            return prove_hit("open-label-trial", (sentence, mention))
    return None


def secondary_analysis(reading: Reading) -> Evidence | None:
    """Return the proof by the trial of which it is a secondary analysis; None without."""
    hit = find_cue(reading, "secondary_analysis", TITLE | DID)
    if (
        hit is not None
        and reading.has("cues.trial", TITLE | DID)
        and not reading.has("cues.retrospective", TITLE | DID)
    ):
        is_open = OPEN_PARENT.search(hit[0].text) and "randomi" not in hit[0].text.lower()
        return prove_hit("open-label-trial" if is_open else "rct", hit)
    return None


def is_wished(sentence: Sentence) -> bool:
    """Whether a sentence speaks of studies that should be done."""
    wishes = sentence.keys & _WISHES
    return bool(wishes) and not (wishes <= _LOOSE and _NO_WISH.search(sentence.text))


def speaks_of_literature(sentence: Sentence) -> bool:
    """Whether randomised trials are what was read, not what was done: "trials were searched", "evidence from RCTs"."""
    if "data" in sentence.keys:
        return False
    if not sentence.keys.isdisjoint(_OF_LITERATURE):
        return True
    return not sentence.keys.isdisjoint(_WORKS) and _OTHERS_TRIALS.search(sentence.text) is not None


_WORKS = word_set("trial rct study")
# "21 trials were identified", "similar to what was seen in RCTs", "previous randomised trials found"
_OTHERS_TRIALS = re.compile(
    r"\b(?:trials|RCTs|studies)\)? (?:(?:were|have been|are) )?(?:\w+ )?(?:identified|eligible|retrieved)\b"
    r"|\b(?:reported|seen|observed|found|shown|those|than|described) (?:in|from|by|of) (?:[\w-]+ ){0,3}"
    r"(?:trials|RCTs)\b"
    r"|\b(?:previous|prior|earlier|existing) (?:[\w-]+ ){0,3}(?:trials|RCTs) (?:have|did|show|f[io]und|report|suggest)",
    re.IGNORECASE,
)
# Open and controlled in one: what is controlled decides.
BOTH = re.compile(
    r"\bopen.label (?:and|or|then|followed by)\b[^.;]{0,40}(?:double.blind|placebo|randomi)"
    r"|(?:double.blind|placebo.controlled|crossover)\b[^.;]{0,60}\band (?:an?|one|two|three|\d) (?:\w+ )?open.label",
    re.IGNORECASE,
)


_OR_DRUG = re.compile(r"\b(?:received|given|under|administered|took|after|with) [\w-]+ (?:and|or) $", re.IGNORECASE)
_OF_A_TRIAL = re.compile(r"\s(?:sessions?|infusions?|conditions?|groups?|days?|arm)\b", re.IGNORECASE)


def guess_placebo(reading: Reading, counts: list[Count]) -> Evidence | None:
    """Return the proof that somebody was given a placebo, where nobody says "randomised"."""
    people = any(count.score > 0 for count in counts) or any(
        m.value == "healthy-volunteers" for _, m in reading.find("conditions")
    )
    for sentence, mention in reading.find("comparators", DID_OR_FOUND):
        if (
            mention.value not in ("placebo", "saline")
            or not (
                sentence.mentions_of("compounds")
                or _OF_A_TRIAL.match(sentence.text, mention.end)
                or _OR_DRUG.search(sentence.text, 0, mention.start)
            )
            or is_wished(sentence)
            or not (people or "cues.own_study" in sentence.facets)
        ):
            continue
        if not speaks_of_literature(sentence) and not sentence.is_negated(mention):
            return sentence.proves("design", "rct", mention)
    return None


_IN_CARE = re.compile(
    r"\boff-label|\bclinical practice\b|\broutine|\busual (?:care|treatment)\b|\bas an? (?:clinical )?treatment\b"
    r"|\b(?:at|in) (?:an?|the|our) (?:[\w-]+ ){0,3}clinics?\b",
    re.IGNORECASE,
)
_OF_METHOD = re.compile(
    r"\bbiomarkers?\b|\b(?:epi)?genom\w+|\bgenes?\b|\bproteom\w+"
    r"|\bpolymorphisms?\b|\bmachine learning\b|\bpsychometric"
    r"|\bmethod for\b|\bassay\b|\bvalidation\b",
    re.IGNORECASE,
)


def _settle(reading: Reading, sentence: Sentence, compound: Mention) -> Evidence | None:
    """Return what a study is in which people were given the compound: care, a trial, or neither."""
    for other in reading.prose(("title", "objective", "methods")):
        if match := _IN_CARE.search(other.text):
            return prove_match("cohort", other, match)
    return None if _is_of_method(reading) else sentence.proves("design", "open-label-trial", compound)


def _is_of_method(reading: Reading) -> bool:
    """Whether the title tells of markers, genes, models or scales, and of no treatment."""
    return any(_OF_METHOD.search(sentence.text) for sentence in reading.prose(TITLE))


_SEEN = re.compile(
    r"\b(?:asked|questioned|completed|filled (?:in|out)|answered|responded|interviewed|tested|examined|assessed|scanned"
    r"|underwent|compared|questionnaires?|inventory|prevalence|online|measured)\b",
    re.IGNORECASE,
)


_IN_TRIAL = re.compile(
    r"\b(?:participated|took part|enrolled|included|entered|treated) in (?:the|this|our|an?) (?:[\w-]+ ){0,3}trial\b",
    re.IGNORECASE,
)


def _seen(reading: Reading) -> Evidence | None:
    """Recognise people who were asked or examined: once, or again."""
    for sentence in reading.prose(("objective", "methods", "results")):
        match = _IN_TRIAL.search(sentence.text) if "trial" in sentence.keys and sentence.numbers else None
        if match is not None:
            return prove_match("open-label-trial", sentence, match)
        match = _SEEN.search(sentence.text) if "people" in sentence.facets or sentence.numbers else None
        if match is not None and not speaks_of_literature(sentence):
            again = _is_followed(reading) or _FOLLOWED.search(sentence.text)
            return prove_match("cohort" if again else "cross-sectional", sentence, match)
    return None


# What was done, where no design is named, with the words that must be there: the first that is told decides.
_TOLD = tuple(
    (design, word_set(keys), re.compile(words, re.IGNORECASE))
    for design, keys, words in (
        (
            "case-report",
            "patient man woman male female boy girl",
            r"\b(?:report|describe|present)(?:s|ed)? (?:on |(?:the |our )?(?:findings|effects?|response|course|use"
            r"|treatment) (?:in|of) )?an? (?:[\w-]+ ){0,3}(?:patient|man|woman|boy|girl)\b"
            r"|^an? (?:[\w-]+ ){0,5}(?:patient|man|woman|male|female|boy|girl)\b.{0,40}"
            r"\b(?:had|was|developed|presented)\b",
        ),
        (
            "cohort",
            "presentation call admission exposure admitted seen presented treated died death",
            r"\b(?:presentations?|calls|admissions|exposures)\b.*\b(?:emergency|hospitals?|poisons?)\b"
            r"|\b(?:admitted|seen|presented|treated|died|deaths?)\b.*"
            r"\b(?:from|between) (?:\w+ )?(?:19|20)\d\d (?:to|and) (?:\w+ )?(?:19|20)\d\d",
        ),
        ("rct", "assigned allocated", r"\b(?:assigned|allocated) (?:in)?to\b.*\b(?:or|and|groups?)\b"),
    )
)


_TRIAL_OF_TWO = re.compile(r"\btrial of [^.;:]{1,60} (?:v|vs|versus|compared (?:with|to))\b", re.IGNORECASE)
_DOSED = re.compile(r"\b(?:administered|gave|infused|injected|received)\b[^;]{0,60}\d ?(?:mg|µg|μg)\b", re.IGNORECASE)


def guess_design(reading: Reading, counts: list[Count]) -> Evidence | None:
    """Guess from what was done where no design is named: people who were given the drug, or an essay."""
    for sentence in reading.prose(TITLE):
        match = _TRIAL_OF_TWO.search(sentence.text)
        if match is not None:
            return prove_match("rct", sentence, match)
    own = [sentence for sentence in reading.prose(DID) if not is_wished(sentence)]
    for design, keys, words in _TOLD:
        for sentence in own:
            match = words.search(sentence.text) if keys & sentence.keys else None
            if match is not None:
                return prove_match(design, sentence, match)
    if any(count.score > -1 and count.number > 1 for count in counts):
        for sentence, mention in reading.find("compounds", DID):
            if _is_given(sentence, mention):
                return _settle(reading, sentence, mention)
        if _is_of_method(reading):
            return None
        for sentence, mention in reading.find("people", DID):
            if sentence.words[mention.last].key == "control":
                return sentence.proves("design", "cohort", mention)
        return _seen(reading)
    for sentence, mention in reading.find("compounds", BEFORE_RESULTS):
        if "people" in sentence.facets and "cues.own_study" in sentence.facets and _DOSED.search(sentence.text):
            return _settle(reading, sentence, mention)
    for sentence, mention in reading.find("cues.review", DID):
        return sentence.proves("design", "review", mention)
    tried = frozenset(("people", "compounds", "comparators"))
    for sentence in reading.prose(("methods", "results")):
        counted = "people" in sentence.facets and bool(sentence.numbers)
        done = counted if sentence.role == "results" else not tried.isdisjoint(sentence.facets)
        if sentence.passage.label and done:
            return None  # an essay has no methods
    for sentence, mention in reading.find("cues.review", frozenset(("conclusions", "background"))):
        return sentence.proves("design", "review", mention)
    title = next(iter(reading.prose(TITLE)), None)
    figures = any("%" in s.text or "=" in s.text for s in reading.prose(DID_OR_FOUND))
    done = sum(not sentence.keys.isdisjoint(_WAS) for sentence in own) * 2 > len(own)
    if (
        title is not None
        and title.words
        and not (figures or done)
        and not reading.has("cues.result", frozenset(("results",)))
    ):
        if "Letter" in reading.citation.publication_types:
            return prove_term("comment", "publication_types", "Letter")
        return prove_whole("review", title)
    return None


def arms_told(reading: Reading) -> Evidence | None:
    """Recognise a trial by its arms: so many were given the compound and so many a placebo or saline."""
    for sentence, mention in reading.find("comparators", frozenset(("methods", "objective", "results"))):
        if (
            (mention.value in ("placebo", "saline") or "trial" in sentence.keys)
            and sentence.mentions_of("compounds")
            and len(sentence.numbers) >= 2
            and _GIVEN.search(sentence.text)
            and not (speaks_of_literature(sentence) or sentence.is_negated(mention) or is_wished(sentence))
        ):
            return prove_hit("rct", (sentence, mention))
    return None


def _is_given(sentence: Sentence, compound: Mention) -> bool:
    """Whether people were given a compound: "received ketamine", not "treatment-seeking, ketamine-dependent"."""
    words = sentence.words
    if compound.last + 1 < len(words) and words[compound.last + 1].key in _TAKEN:
        return False
    for place, word in enumerate(words):
        joined = "-" in (sentence.text[word.end : word.end + 1], sentence.text[max(0, word.start - 1) : word.start])
        if word.key in _PUT_ON_TRIAL and not joined:  # not "treatment-seeking", "self-administration"
            return _NOT_DRUGS.isdisjoint(other.key for other in words[max(0, place - 5) : place + 3])
    return False


_NOT_DRUGS = word_set("food battery test questionnaire scale interview")  # Food and Drug Administration
