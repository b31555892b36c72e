"""What the authors found, in their own words and numbers, and in which phase of a trial.

Nothing here is composed: a finding is one or two neighbouring sentences as they stand in the abstract, whole.
Abstracts lose pieces on their way (a formula dropped by a publisher leaves half a sentence), and half a sentence
is no finding.
"""

from __future__ import annotations

import re

from harvester.paper.tags import Evidence
from harvester.tagging.english import word_set
from harvester.tagging.reading import Reading, Sentence

_OPENING, _CLOSING = "\"'“([", "\"'”’)]"
_SHORTEST = 20  # characters; shorter "sentences" are headings and left-overs
# A sentence that asks for more work, or says only that the work matters, is no finding; where it does so at its
# end only ("…, and larger trials are needed") what stands before still is.  Here as below, what begins a word is asked
# for once, before the alternatives: most places in a sentence begin none.
_HOPE = re.compile(
    r"\b(?:(?:further|future|more(?! than)|additional|larger|continued|prospective|rigorous|replication|head-to-head"
    r"|high-quality)\b"
    r"[^.;]{0,70}\b(?:research|stud(?:y|ies)|trials?|investigations?|work|data|exploration|validation|comparisons?)\b"
    r"|(?:is|are|be|remains?) (?:\w+ )?(?:needed|required|warranted|necessary|awaited|unclear|unknown|to be)\b"
    r"|needs? (?:to (?:be|include|consider)|for|further)\b|would need\b|should (?:be|consider|include)\b"
    r"|^whether\b|^should this\b|^considering unmet\b|\bthere is a need\b"
    r"|interpreted with caution\b|limitations?\b|hypothes[ei]s for future\b|calls? for\b)",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:shed (?:new )?light\b"
    r"|(?:valuable|important|new|novel|useful|critical) (?:insights?|knowledge|implications|avenue)"
    r"|(?:highlights?|underscores?|emphasi[sz]es?) the (?:\w+ )?"
    r"(?:importance|need|heterogene|complexity|potential of)"
    r"|this (?:article|review|paper|work) (?:\w+ )?"
    r"(?:explores?|discusses|examines|aims|reviews?|summari[sz]es|highlights)\b"
    r"|this is (?:\w+ ){0,4}(?:the )?first (?:\w+ ){0,3}(?:stud|report|case|trial|descri|to\b)|^(?:the "
    r"|our )?first (?:report|study)\b"
    r"|(?:essential|critical|crucial|key|vital|necessary) (?:for|to|in)\b|advances? the\b|may (?:lead to|inform"
    r"|be relevant|be applicable|enhance researchers)"
    r"|could (?:lead|inform)|signals? new directions|new (?:ways|directions) (?:to|in|for)\b|concludes with|^(?:such"
    r"|these) findings suggest new"
    r"|important information|could be revealed|poorly understood|supports? further research|promising avenue|deserves? "
    r"|merits? "
    r"|(?:the )?(?:article|review|paper) (?:also )?(?:provides?|offers?|outlines?|describes?|aims? to|concludes?"
    r"|considers?)"
    r"|present work (?:\w+ )?examines\b|paucity of\b|dearth of\b|will (?:ultimately )?(?:lead|inform|help)\b"
    r"|(?:studies|articles|records|entries|papers|trials|rcts)\b[^.;]{0,40}\bwere "
    r"(?:included|retrieved|identified|eligible|screened)\b)",
    re.IGNORECASE,
)
# What one treatment did against another says more than what it did since the start.
_BETWEEN = re.compile(
    r"\b(?:between[- ](?:the )?(?:\w+ ){0,2}(?:groups?|arms|treatments|conditions)\b|(?:versus|vs|superior|inferior)\b"
    r"|(?:compared (?:with|to)|relative to|than) (?!(?:the )?baseline))",
    re.IGNORECASE,
)
_SAYS = word_set(
    """
    significantly significant associated effective improved improvement reduced reduction reduce increased
    decreased superior inferior non-inferior difference differ safe tolerated efficacy remission response
    suggest suggested demonstrate demonstrated show showed found reveal indicate support effect better lower
    higher beneficial benefit alleviate alleviated prevent prevented failed effectively increase decrease improve
    greater fewer
    """
)
# Openings that lean on the sentence before, and ones that take something back from it.
_LEANS = re.compile(
    r"(?:however|nevertheless|but|yet|moreover|furthermore|in addition|additionally|this|these|it|they|conversely"
    r"|despite (?:this|these)|in contrast|by contrast)\b",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"(?:however|nevertheless|nonetheless|but|yet|in contrast|conversely|although)\b", re.IGNORECASE
)
# Sentences that end many abstracts or begin their results and say nothing of what was found.
_NO_FINDING = re.compile(
    r"\bregist(?:ration|ered|ry)\b.{0,60}[0-9]{5}|\b[A-Z]{3,8}[0-9]{7,}|^(?:at|on) (?:baseline|admission|enrol)"
    r"|\bbaseline characteristics\b|^(?:funding|funded by|copyright|©)|\ball rights reserved\b|\bPsycInfo\b"
    r"|\b[12][0-9]{3};\s?[0-9]+\s?[(:]|\bauthor affiliations\b",
    re.IGNORECASE,
)
_CONCLUDED = 2.0  # how much more a conclusion says than a result
_EARLY = 0.4  # of a sentence: what asks for more work in this first part of it asks for nothing else
# Each of these searches is slow, and needs one of few words: most sentences have none of them.
_HOPE_WORDS = word_set(
    """
    whether considering there
    further future more additional larger continued prospective rigorous replication head quality need needed required
    warranted necessary awaited unclear unknown remain remains be would should caution limitation call
    """
)
_VAGUE_WORDS = word_set(
    """
    essential critical crucial key vital necessary first advance advances may could signal direction new concludes
    conclude
    information revealed poorly understood support supports promising deserve merit present considers offers provides
    outlines
    light insight knowledge implication avenue highlight underscore emphasize heterogeneity article review paper work
    paucity dearth included retrieved identified eligible screened will
    """
)
_BETWEEN_WORDS = word_set("between versus vs superior inferior compared relative than")
_NO_FINDING_WORDS = (
    *("regist", "baseline", "admission", "enrol", "fund", "copyright", "©", "rights reserved", "psycinfo"),
    "author affil",
)
_CODE = re.compile(r"[A-Z]{3}[0-9]{7}|[12][0-9]{3};")
_DIGIT = re.compile(r"[0-9]")
# Numbers that state an effect: an interval, a test, a ratio, a difference, "8.2% vs 17.6%".
_EFFECT = re.compile(
    r"\b(?:95\s?%\s?(?:CI|confidence|credible)|CI\b|p\s?[<=>≤]\s?[0-9.]|(?:OR|RR|HR|SMD|MD|WMD|aOR|aHR|NNT)\b"
    r"|[dgtF]\s?[=(])"
    r"|[0-9]\s?%.{0,60}\b(?:vs|versus|compared|than|and)\b.{0,40}[0-9]\s?%|[−-]\s?[0-9]+(?:\.[0-9]+)?\s?points?",
    re.IGNORECASE,
)
_PHASE = re.compile(r"\bphase[\s-]?(?P<phase>[1-4]|I{1,3}V?|IV)(?P<part>[ab])?\b(?!\s*/)", re.IGNORECASE)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


def read_key_finding(reading: Reading, design: str) -> Evidence | None:
    """Choose one or two neighbouring whole sentences that say what was found.

    Parameters
    ----------
    reading
        The citation.
    design
        Its design; a protocol has found nothing yet.

    Returns
    -------
    Evidence or None
        Its value is the finding, an exact part of the abstract: from the conclusions, else from the results; one
        with numbers before one without.  None where there is none.
    """
    if design == "protocol":
        return None
    sentences = [s for s in reading.prose(("conclusions", "results")) if s.passage.field == "abstract"]
    sentences = _until_plain_summary(sentences)
    matter = {mention.value for _, mention in reading.find("conditions", ("title",))}
    best = _choose(sentences, matter, design)
    if best is None:
        plain = [s for s in reading.prose(("methods", "objective")) if s.passage.field == "abstract"]
        best = _choose(
            [s for s in plain if not s.passage.label and _REPORTS.search(s.text) and not _DOING.search(s.text)],
            matter,
            design,
        )
        sentences = plain
    if best is None and design not in ("review", "comment", "guideline", "other"):
        sentences = [s for s in reading.prose(("results", "conclusions")) if s.passage.field == "abstract"]
        best = next(
            (
                s
                for s in sentences
                if _is_whole(s.text) and s.passage.label and not _emptiness(s) and not _DOING.search(s.text)
            ),
            None,
        )
    if best is None:
        return None
    words = _with_neighbour(reading, best, [s for s in sentences if s.role == best.role])
    return Evidence(facet="key_finding", value=words, field="abstract", sentence=words, words=words)


def _choose(sentences: list[Sentence], matter: set[str], design: str) -> Sentence | None:
    """Return the sentence that says most of what was found."""
    best: Sentence | None = None
    highest = 0.0
    for sentence in sentences:
        bonus = _CONCLUDED if sentence.role == "conclusions" else 0.0
        bonus += 1.0 * any(mention.value in matter for mention in sentence.mentions_of("conditions"))
        promise = _promise(sentence)
        if promise <= 0 or promise + bonus <= highest:
            continue  # what is left to look for, at more cost, only takes away
        score = promise - _emptiness(sentence) - _guesses(sentence, design)
        if score > 0 and score + bonus > highest and _is_whole(sentence.text):
            best, highest = sentence, score + bonus
    return best


def _guesses(sentence: Sentence, design: str) -> float:
    """Rate how far a sentence goes beyond what was found: what it may mean, or a change within both groups."""
    text = sentence.text
    loss = 1.5 * (_MAY_MEAN.search(text) is not None) + 1.0 * (_OTHERS_FOUND.search(text) is not None) * 3
    if design == "rct" and _WITHIN.search(text) and not _BETWEEN.search(text):
        loss += 2.0
    if _EMPTY.search(text):
        loss += 5.0
    return loss + 1.0 * ("adverse" in sentence.keys or "tolerated" in sentence.keys) * (
        "conditions" not in sentence.facets
    )


def _until_plain_summary(sentences: list[Sentence]) -> list[Sentence]:
    """Drop the plain-language summary that some journals print after the conclusion."""
    for place, sentence in enumerate(sentences):
        if place and _PLAIN_SUMMARY.match(sentence.text):
            return sentences[:place]
    return sentences


_EMPTY = re.compile(
    r"\bthis (?:is|report is|study is|case is) (?:[\w,]+ ){0,5}first\b|\b(?:is|are|remains?|be) (?:\w+ )?(?:essential"
    r"|critical|crucial|key|vital|imperative|paramount) (?:for|to|in)\b"
    r"|\b(?:review|article|paper|chapter|work) (?:\w+ )?(?:advances|aims|concludes with)\b|\badvances? the (?:care"
    r"|understanding|field)\b|\bsuch findings suggest new\b"
    r"|\bnew (?:ways|directions) (?:to look|in|for)\b|\bmay (?:inform|lead to better|be applicable|be relevant|guide)\b"
    r"|\bsignals? new\b|\btrials have shown\b"
    r"|\bstudies have shown\b|\bpoorly understood\b|\bneed to identify\b|\bunmet needs\b|\bwill be considered\b"
    r"|\bsupport further research\b|\bare reviewed\b|\bwas recognized for\b|\b(?:intriguing|exciting) possibility\b"
    r"|\bfurther (?:examination|exploration|evaluation)\b|\bwith the potential to become\b",
    re.IGNORECASE,
)
_DOING = re.compile(
    r"\b(?:were|was) (?:measured|assessed|evaluated|randomi[sz]ed|recorded|administered|examined|analy[sz]ed|recruited"
    r"|enrolled|given|scanned|included|selected|searched)\b"
    r"|\bwe (?:measured|assessed|evaluated|randomi[sz]ed|recorded|examined|analy[sz]ed|recruited|searched|asked|studied"
    r"|compared|review|discuss|aim)",
    re.IGNORECASE,
)
_PLAIN_SUMMARY = re.compile(
    r"(?:in plain words|plain[- ]language summary|lay summary|what does this mean)\b", re.IGNORECASE
)
_REPORTS = re.compile(
    r"\b(?:was|were|is|are|did|had|showed|show|found|observed|noted|revealed|suggest\w*|demonstrat\w*|induc\w*|alter\w*"
    r"|remain\w*|improv\w*|reduc\w*"
    r"|decreas\w*|increas\w*|respon\w*|achiev\w*|indicat\w*|report(?:ed)? (?:that|significant|reduced))\b",
    re.IGNORECASE,
)
_MAY_MEAN = re.compile(
    r"\b(?:suggest(?:s|ing|ed)? that \w+[^.;]{0,80}\b(?:might|may)\b|may play a role|raises? the (?:\w+ )?possibility"
    r"|hypothes[ie]s|may depend on|via\b[^.;]{0,30}potentiation"
    r"|important information|support (?:for )?further|reflects?\b[^.;]{0,60}\bimpairment|consistent with the hypothesis"
    r"|the mechanism behind)",
    re.IGNORECASE,
)
_OTHERS_FOUND = re.compile(
    r"\b(?:many|several|other|previous|earlier|international|trials|studies) (?:[\w-]+,? ){0,4}(?:trials"
    r"|studies) (?:have )?(?:shown?|found)\b|\btrials have shown\b"
    r"|\bstudies have (?:shown|found|demonstrated)\b|\bexpected to\b|\bone study\b",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    r"\b(?:in both groups|in all groups|in each group|compared (?:to|with) baseline|from baseline in both)\b",
    re.IGNORECASE,
)


def _is_whole(text: str) -> bool:
    return (
        len(text) >= _SHORTEST
        and text.rstrip(_CLOSING)[-1:] in (".", "!", "?")
        and text.lstrip(_OPENING)[:1].isalnum()
        and text.count("(") == text.count(")")
        and not _says_nothing(text)
    )


def _says_nothing(text: str) -> bool:
    lower = text.lower()
    if not any(word in lower for word in _NO_FINDING_WORDS) and not _CODE.search(text):
        return False  # the search is slow, and needs one of these
    return _NO_FINDING.search(text) is not None


def _promise(sentence: Sentence) -> float:
    """Rate how much of a finding the words of a sentence promise."""
    keys = sentence.keys
    score = 2.0 * ("compounds" in sentence.facets) + min(2, len(keys & _SAYS))
    score += 0.5 * bool(_DIGIT.search(sentence.text)) + 0.5 * ("conditions" in sentence.facets)
    return score + 0.5 * (not keys.isdisjoint(_BETWEEN_WORDS) and bool(_BETWEEN.search(sentence.text)))


def _emptiness(sentence: Sentence) -> float:
    """Rate how much of that is taken back: by asking for more research, or by saying nothing in particular."""
    keys = sentence.keys
    loss = 0.0
    hope = None if keys.isdisjoint(_HOPE_WORDS) else _HOPE.search(sentence.text)
    if hope is not None:
        loss = 4.0 if hope.start() < len(sentence.text) * _EARLY else 0.5
    return loss + 2.0 * (not keys.isdisjoint(_VAGUE_WORDS) and bool(_VAGUE.search(sentence.text)))


def _rate(sentence: Sentence) -> float:
    return _promise(sentence) - _emptiness(sentence) if _is_whole(sentence.text) else 0.0


def _with_neighbour(reading: Reading, best: Sentence, sentences: list[Sentence]) -> str:
    """Add the sentence that the best one leans on, or the one that takes something back from it."""
    others = {sentence.index: sentence for sentence in sentences}
    before, after = others.get(best.index - 1), others.get(best.index + 1)
    if before is not None and _LEANS.match(best.text) and _rate(before) > 0:
        pair = (before, best)
    elif after is not None and _TAKES_BACK.match(after.text) and _rate(after) > 0:
        pair = (best, after)
    else:
        return best.text
    first, second = pair
    whole = f"{first.text} {second.text}"
    return whole if whole in (reading.citation.abstract_text or "") else best.text


def read_effect(reading: Reading, design: str) -> Evidence | None:
    """Choose the whole sentence of the results that states the main effect in numbers.

    Returns
    -------
    Evidence or None
        Its value is the sentence, an exact part of the abstract.  None where no result has numbers.
    """
    if design in ("protocol", "comment"):
        return None
    best: tuple[float, Sentence] | None = None
    for sentence in reading.prose(("results", "conclusions")):
        if sentence.passage.field != "abstract" or not sentence.numbers:
            continue
        keys = sentence.keys
        score = 2.0 * ("primary" in keys) + 1.5 * ("compounds" in sentence.facets)
        score += min(2, len(keys & _SAYS)) + 1.0 * ("CI" in sentence.text or "confidence" in keys)
        score -= 1.0 * bool(keys & {"adverse", "baseline", "secondary", "exploratory", "subgroup", "heterogeneity"})
        least = 2.0 if best is None else best[0]
        if (score > least or (best is None and score == least)) and _is_whole(sentence.text):
            best = (score, sentence) if _EFFECT.search(sentence.text) else best
    if best is None:
        return None
    text = best[1].text
    return Evidence(facet="effect", value=text, field="abstract", sentence=text, words=text)


def read_phase(reading: Reading) -> Evidence | None:
    """Read the phase of a trial, as "phase 2b", from the title or the authors' account of their study."""
    for sentence in reading.prose(("title", "objective", "methods")):
        if "hase" not in sentence.text and "HASE" not in sentence.text:
            continue
        match = _PHASE.search(sentence.text)
        if match is not None:
            phase = match.group("phase").lower()
            value = f"phase {_ROMAN.get(phase, phase)}{(match.group('part') or '').lower()}"
            return Evidence(
                facet="phase", value=value, field=sentence.passage.field, sentence=sentence.text, words=match.group()
            )
    return None
