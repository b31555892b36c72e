"""Which way the main finding points: for the compound, against it, neither, or both.

The finding is read first, then its numbers, then what else is concluded.  Each sentence is cut into clauses, and each
clause judged by the words that the vocabulary lists under ``verdicts``: some say it outright ("superior", "no
difference"), others with what was changed ("reduced symptoms" favours, "reduced remission" does not).  A clause on
adverse effects, on what predicts or correlates, or in which the compound is only the occasion ("response to
ketamine") says nothing about the direction.

A wrong direction is worse than none: where the words leave it open there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvester.paper.tags import Evidence
from harvester.tagging.english import word_set
from harvester.tagging.lexicon import Lexicon, Mention
from harvester.tagging.reading import Reading, Sentence

# Designs that find something about a treatment; the others discuss, plan, count costs or ask people.
_FIND = frozenset(
    (
        *("rct", "open-label-trial", "cohort", "case-series", "case-report", "economic"),
        *("meta-analysis", "systematic-review", "review", "preclinical"),
    )
)
# What a paper is about when it does not ask whether the treatment works.
_ASKS_WHY = re.compile(
    r"\b(?:predict\w*|moderat\w*|mediat\w*|biomarkers?|correlat\w*|polymorphisms?|genom\w*|genes?|genetic|EEG|MEG|fMRI"
    r"|MRI"
    r"|connectivity|imaging|PET|spectroscopy|neural|cort(?:ex|ical)|brain|network|plasma|serum|BDNF|metabol\w*"
    r"|receptors?"
    r"|glutamat\w*|NMDA|mechanis\w*|oscillat\w*|gamma|hippocamp\w*|amygdala|volume|blood flow|pharmacokinetics?"
    r"|model of"
    r"|electrophysiolog\w*|magnetoencephalograph\w*|inflammat\w*|cytokines?|microbio\w*|potentials?|mismatch negativity"
    r"|mediators?|signature|trajector\w*|subtypes?|profiles?|machine learning|influence|psychometric|factors?"
    r"|associated with"
    r"|relationship|association between (?!intraop)|challenge|misattribution|self-monitoring|binding|transporter"
    r"|occupancy)\b",
    re.IGNORECASE,
)
_OF_BODY = re.compile(
    r"\b(?:activation|connectivity|cort(?:ex|ical)|amygdal\w*|hippocamp\w*|amplitudes?|MMN|P300|plasma|serum|BDNF"
    r"|volumes?"
    r"|metabol\w*|receptors?|genes?|polymorphisms?|EEG|gamma|theta|delta|alpha|BOLD|blood flow|occupancy|glutamat\w*"
    r"|networks?"
    r"|mediat\w*|predict\w*|correlat\w*|moderat\w*|proteins?|lactate|synaptic|plasticity|microb\w*|expression|levels of"
    r"|axon"
    r"|biomarkers?|signal\w*|neuro(?:trophic|genesis|plasticity)|cytokines?|interleukin|inflammatory|protein|mTOR)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:future|further|larger|more) (?:\w+ ){0,2}(?:stud|research|trials|work|investigation)|\b(?:needed|warranted"
    r"|necessary)\b"
    r"|\bshould be\b|\bmay (?:bring|lead|inform|help to|guide)\b|\bone day\b|\bin future\b|\bmay be applicable\b",
    re.IGNORECASE,
)
# Verdicts that are said in one breath, whatever the vocabulary knows.
_MIXED = re.compile(
    r"\b(?:mixed(?! model| effect|-)|inconsistent|conflicting|contradictory|inconclusive|equivocal"
    r"|heterogeneous)\b[^.;]{0,30}\b(?:results?"
    r"|findings?|evidence|effects?"
    r"|outcomes?|conclusions?)|\b(?:results?|findings?|evidence|effects?|outcomes?|data)\b[^.;]{0,60}\b(?:mixed"
    r"|inconsistent|conflicting|varied|varies"
    r"|inconclusive|equivocal|contradictory|lacking)\b",
    re.IGNORECASE,
)
_NOTHING = r"(?:differences?|effects?|benefits?|advantage|improvements?|reduction|association|superiority|impact)"
_NONE = re.compile(
    rf"\bno (?:\w+[ -]){{0,4}}?{_NOTHING}\b"
    r"|\b(?:did|does|do|was|were|is|are|has|have|had|could|may|might) not (?:\w+ly )?(?:appear to |seem to "
    r"|be )?(?:differ\w*|affect|alter|influence|improve|reduce"
    r"|decrease|increase|prevent|show|demonstrate|result in|have|lead to|produce|provide|support|impact|impair|lower"
    r"|enhance|superior|more effective"
    r"|associated with|different|confer|alleviate|attenuate|found|statistically|significant)\b"
    r"|\bnon-?inferior\b|\bneither\b[^.;]{0,60}\bnor\b|\bneither\b[^.;]{0,40}\bsuperior|\bfail(?:ed|s)? to\b"
    r"|\bnot met\b"
    r"|\bunlikely to be (?:an )?effective|\blikely lacks\b"
    r"|\b(?:equally|similarly) (?:effective|efficacious|well)|\bequally effective|\bas (?:effective|efficacious) as\b"
    r"|\b(?:comparable|similar|equivalent) (?:\w+ ){0,2}(?:efficacy|effectiveness|effects?|outcomes?|improvements?"
    r"|response|remission|rates?|reductions?)"
    r"|\b(?:was|were|is|are|remained) (?:\w+ )?(?:comparable|similar)\b",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"\b(?:is|are|was|were|be|as|appears?|seems?|offers?|an?|highly|clinically|and|safe,?) (?:\w+ly )?(?:effective"
    r"|efficacious|beneficial|promising)\b"
    r"|\b(?:support\w*|demonstrat\w*|show\w*|suggest\w*|confirm\w*|evidence|indicat\w*|prov\w*|marginal|had|has|have"
    r"|exert\w*)\b[^.;,]{0,60}\b(?:efficacy|effectiveness"
    r"|antidepressant (?:\w+ )?(?:effects?|action|activity|efficacy|potential)|antidepressant effects?|activity against"
    r"|anti-?suicidal effects?)\b"
    r"|\b(?:significant\w*|large|marked|robust|rapid|strong|substantial|sustained|clinically meaningful|greater"
    r"|positive|lasting|enduring) (?:[\w-]+ ){0,3}"
    r"(?:improvements?|antidepressant effects?|antidepressant response|effect (?:of|on|in)|benefits?)\b"
    r"|\b(?:scores?|symptoms?|severity|ideation|suicidality|depression|anxiety|incidence|craving|consumption|prevalence"
    r"|distress|BDI|MADRS|HAM-?D)\b[^.;]{0,70}"
    r"\b(?:decreas\w*|reduc\w*|improv\w*|declin\w*|dropped|fell|fallen|resolved|remitted|lifted|eased|was less"
    r"|were less|lower in the (?:es)?ketamine)\b"
    r"|\b(?:led to|resulted in|with|found|observed|showed|noted) (?:an? )?(?:[\w-]+ ){0,3}(?:improvement|decrease"
    r"|reduction|drop)s? (?:in|of)\b"
    r"|\bachiev\w* (?:\w+ )?(?:remission|response)|\bresponded (?:better|well)|\b(?:can|could|may|might"
    r"|to) (?:\w+ly )?(?:reduce|improve|prevent|alleviate|relieve|treat)\b"
    r"|\bprophylactic agent\b|\b(?:hold|show)s? promise\b|\bsafe (?:and \w+ )?(?:treatment|option|alternative)\b"
    r"|\bgood choice\b"
    r"|\bsupport (?:for )?the use\b|\bmaintain\w* the (?:benefit|response|antidepressant)",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"\b(?:less effective|inferior to|worse than|higher (?:incidence|risk|rate)s? of|increased (?:the )?(?:risk"
    r"|incidence|odds)|causes? \w* ?impairment"
    r"|users (?:had|have|showed|were) (?:\w+ )?(?:impair|poor|worse|higher|more|greater|lower)\w*|poorer)\b",
    re.IGNORECASE,
)
_RIVAL_WINS = re.compile(
    r"\b(?P<who>[\w-]+) (?:was|is|were|appears?|remains?|to be|may be)? ?(?:significantly |more )*(?:superior to"
    r"|better than|more effective than|faster than) (?:\w+ ){0,2}(?:es)?ketamine",
    re.IGNORECASE,
)
_ABOUT_HARM = re.compile(
    r"\b(?:adverse|side effects?|nausea|dizz\w*|vomit\w*|tolera\w*|safety|dissociat\w*|hallucinat\w*|psychotomimetic"
    r"|blood pressure|hemodynamic\w*|cost\w*|complications?)\b",
    re.IGNORECASE,
)
_TURNS = re.compile(r"(?:,|;)?\s\b(?:but|whereas|while|although|though|however|yet|despite)\b|;", re.IGNORECASE)
_TURNED = re.compile(
    r"(?:CONCLUSIONS?:? |RESULTS?:? )?(?:However|But|Yet|In contrast|Nevertheless|Nonetheless|Conversely)\b"
)
_OF_GROUPS = re.compile(
    r"\b(?:groups?|arms?|treatments?|infusions?|both|scores?|symptoms?|intervention|therapy|drug|patients?"
    r"|participants?|combination|response|remission|two)\b",
    re.IGNORECASE,
)
# Where one statement ends and another may contradict it.
_CLAUSE = re.compile(
    r";|:\s|,?\s\b(?:but|whereas|while|although|though|however|yet|despite|without|with no|regardless|albeit)\b"
    r"|,?\s(?=and (?:(?:was|is|were|are|had|has|did)\b|well[- ]tolerated|safe\b))",
    re.IGNORECASE,
)
# What a clause is about when it is not about whether the compound works.
_BESIDE = word_set(
    """
    adverse side nausea dizziness vomiting hallucination dissociation dissociative
    predict predicted predictor predictive correlate correlated correlation moderated moderator mediate
    mediated mediator biomarker baseline cost sensitivity specificity hypothesize hypothesized aim aimed
    heterogeneity bias impact influence defined
    """
)
# Before these a compound is the occasion of what is said, not its subject; "treated with ketamine" is its subject.
_OCCASION = word_set("before to during")
_INDUCED = re.compile(
    r"-(?:induced|related|associated|dependent|na[iï]ve|non)"
    r"|\s(?:users?|abusers?|non-?respon\w+|dependence)\b"
)
# Where a number of sessions falls, what they are needed for has not fallen.
_NEEDED = word_set("required needed necessary")
_BORNE = re.compile(r"\W*(?:\w+ )?(?:tolera|accept|safe)", re.IGNORECASE)
_COMPARED = word_set("compared relative due superior inferior comparable similar equal")
_OVER = word_set("than over versus vs to with against")
_NOT = word_set("no not without neither nor never absent failed fail lack cannot")
_LONGEST = 6  # words between a change and what was changed
_QUALIFIES = 4  # words between "greater" and what was greater


def read_direction(
    reading: Reading, statements: list[Evidence], *, design: str, conditions: tuple[str, ...], topics: tuple[str, ...]
) -> list[Evidence]:
    """Read which way the main finding points.

    Parameters
    ----------
    reading
        The citation.
    statements
        Its key finding and its effect, those that there are.
    design
        Its design; only studies of what a treatment does have a direction.
    conditions, topics
        Its tags: a drug that healthy people are challenged with, or that is observed in its users, treats nobody.

    Returns
    -------
    list of Evidence
        The value of each is ``favours`` (the compound helped, or did more than what it was compared with),
        ``against`` (it did less, or harm), ``no-difference`` (no effect, or as good as a comparator) or ``mixed``
        (two of these, of one finding); two proofs of a mixed one; none where nothing is stated.
    """
    if design not in _FIND or _is_challenge(conditions):
        return []
    observes_users = (
        "misuse" in topics
        and design in ("cohort", "case-series", "case-report")
        and not any(_TREATED.search(s.text) for s, _ in reading.find("compounds", ("methods", "objective", "results")))
    )
    asks_why = any(_ASKS_WHY.search(sentence.text) for sentence in reading.prose(("title",)))
    for place, sentences in enumerate(_candidates(reading, statements)):
        if asks_why and place > 1:
            break
        verdicts: dict[str, tuple[Sentence, str]] = {}
        for sentence in sentences:
            for verdict, words in _weigh(reading, sentence, design, asks_why=asks_why, is_first=place == 0):
                if verdict == "against" and place > 0:
                    continue
                if (
                    verdict == "no-difference"
                    and place >= len(statements)
                    and not _COMPARES_GROUPS.search(sentence.text)
                ):
                    continue  # of something beside the main finding
                if not (observes_users and verdict == "favours"):
                    verdicts.setdefault(verdict, (sentence, words))
        if verdicts:
            if "mixed" not in verdicts and len(verdicts) == 1 and "favours" in verdicts:
                turned = _find_turn(reading, verdicts["favours"][0])
                if turned is not None:
                    verdicts["no-difference"] = turned
            value = next(iter(verdicts)) if len(verdicts) == 1 else "mixed"
            return [
                Evidence(facet="direction", value=value, field="abstract", sentence=sentence.text, words=words)
                for sentence, words in verdicts.values()
            ]
    return []


def _weigh(
    reading: Reading, sentence: Sentence, design: str, *, asks_why: bool, is_first: bool
) -> list[tuple[str, str]]:
    """Return the verdicts of a sentence that stand: (verdict, its words)."""
    text = sentence.text
    if asks_why and (_OF_BODY.search(text) or _LINKS.search(text)):
        return []
    if _DOUBTS.search(text):
        return []
    rival = _RIVAL_WINS.search(text)
    if rival is not None and "ketamine" not in rival.group("who").lower():
        return [("against", rival.group())]
    judged = _judge(sentence, reading.vocabulary.verdicts)
    if not judged or (len(judged) == 1 and _TURNS.search(text)):
        known = {verdict for verdict, _ in judged}
        judged += [
            each for each in _read_plainly(sentence, asks_why=asks_why, is_first=is_first) if each[0] not in known
        ]
    said = {verdict for verdict, _ in judged}
    if said == {"favours"} and not asks_why:
        limit = _BUT_NOT.search(text)
        if limit is not None and not _ABOUT_HARM.search(text[limit.start() : limit.end() + 40]):
            return [("mixed", limit.group())]
    kept = []
    for verdict, words in judged:
        if verdict == "favours" and design in _CONTROLLED and _IN_ALL_GROUPS.search(text):
            continue  # both groups improved
        if verdict == "against" and (_ABOUT_HARM.search(text) or _OF_BODY.search(text) or "favours" in said):
            continue
        if verdict == "no-difference" and design in _ONE_ARM and ("favours" in said or _ALIKE.search(words)):
            continue  # as good as elsewhere, or in either sort of patient
        if verdict == "no-difference" and _ALIKE.search(words) and _LARGE.search(text):
            verdict = "favours"  # a large effect, whichever way it was given
        kept.append((verdict, words))
    return kept


_CONTROLLED = frozenset(("rct", "meta-analysis", "systematic-review"))
_ONE_ARM = frozenset(("open-label-trial", "case-series", "case-report"))
_IN_ALL_GROUPS = re.compile(
    r"\b(?:both|all|each|the two|two) (?:study |treatment )?(?:groups|arms|treatments|drugs|conditions)\b"
    r"|\bequally in\b|\bcompared (?:to|with) baseline\b",
    re.IGNORECASE,
)
_ALTHOUGH = re.compile(r"(?:[A-Z]+:? )?(?:Although|While|Though|Whereas)\b[^,;]*,")
_OF_SOME = re.compile(r"\b(?:comorbid\w*|BMI|body mass|age|sex|gender|interaction)\b", re.IGNORECASE)
_LARGE = re.compile(
    r"\b(?:large|significant|marked|rapid|robust)\b[^.;]{0,110}\b(?:decreases?|reductions?|improvements?) (?:of|in)\b",
    re.IGNORECASE,
)
_TREATED = re.compile(r"\b(?:received|treated with|infusions?|administered|were given|mg/kg)\b", re.IGNORECASE)
_BUT_NOT = re.compile(
    r"\bbut (?:not|did not|had no|without)\b(?! only| (?:increas|affect|serious|after|with|placebo|the placebo|saline"
    r"|midazolam|control|in the (?:placebo|control)))|\b(?:while|whereas)\b[^.;]{0,60}\b(?:for longer|longer-lasting"
    r"|more durabl\w+)"
    r"|\bonly (?:in the short term|short[- ]term|transient\w*)\b|\bnot (?:sustained|maintained|persist)",
    re.IGNORECASE,
)
_COMPARES_GROUPS = re.compile(
    r"\bprimary\b|\bbetween (?:the )?(?:two |treatment |study )?(?:groups|arms|treatments|conditions)\b|\bplacebo\b"
    r"|\bsaline\b|\bmidazolam\b|\bECT\b",
    re.IGNORECASE,
)
_ALIKE = re.compile(r"similar|comparable|equal", re.IGNORECASE)
_LINKS = re.compile(
    r"\b(?:relationship|associated with|association|related to|predict\w*|mediat\w*|moderat\w*|correlat\w*|hypothesis"
    r"|influenced? by)\b",
    re.IGNORECASE,
)
_DOUBTS = re.compile(
    r"\bone day\b|\b(?:may|might|could) (?:bring|lead to|open)\b|\bnot (?:yet )?provide (?:convincing "
    r"|sufficient )?evidence\b|\black(?:s|ing)? (?:of )?(?:sufficient |convincing )?(?:evidence|efficacy)"
    r"|\binsufficient (?:evidence|data)"
    r"|\bone study\b|\ba single study\b"
    r"|\bsimulation studies\b|\bat baseline\b|\bburden of\b|\bevidence for (?:the )?efficacy\b[^.;]*\black",
    re.IGNORECASE,
)


def _is_challenge(conditions: tuple[str, ...]) -> bool:
    """Whether healthy people were given the drug to see what it does, not to help them."""
    return "healthy-volunteers" in conditions and set(conditions) <= {"healthy-volunteers", "psychosis"}


def _read_plainly(sentence: Sentence, *, asks_why: bool, is_first: bool) -> list[tuple[str, str]]:
    """Read what a sentence says outright of the treatment, named or not: (verdict, its words)."""
    text = sentence.text
    if _WISH.search(text) and not is_first:
        return []
    if "compounds" not in sentence.facets and not _OF_GROUPS.search(text):
        return []
    mixed = _MIXED.search(text)
    if mixed is not None and not asks_why:
        return [("mixed", mixed.group())]
    found: list[tuple[str, str]] = []
    start = 0
    although = _ALTHOUGH.match(text)
    turns = [match.start() for match in _TURNS.finditer(text) if match.start() > 12]
    for end in sorted({*turns, len(text), *([although.end()] if although else [])}):
        clause, start = text[start:end], end
        if _ABOUT_HARM.search(clause) or _OF_SOME.search(clause) or _OF_BODY.search(clause):
            continue
        for verdict, pattern in (("no-difference", _NONE), ("against", _BAD), ("favours", _GOOD)):
            match = pattern.search(clause)
            if match is not None:
                if not (asks_why and verdict != "favours"):
                    found.append((verdict, match.group().strip()))
                break
    return found


def _find_turn(reading: Reading, said: Sentence) -> tuple[Sentence, str] | None:
    """Find, right behind a sentence that favours, the one that takes part of it back: "However, not after a month"."""
    following = reading.sentences[said.index + 1 : said.index + 2]
    for sentence in following:
        if (
            sentence.passage.field == "abstract"
            and _TURNED.match(sentence.text)
            and not _ABOUT_HARM.search(sentence.text)
        ):
            match = _NONE.search(sentence.text)
            if match is not None:
                return sentence, match.group()
    return None


def _candidates(reading: Reading, statements: list[Evidence]) -> Iterator[list[Sentence]]:
    """Yield the groups of sentences to judge, best first: the finding, its numbers, what else is concluded or found."""
    sentences = [s for s in reading.prose() if s.passage.field == "abstract" and s.role not in _ABOUT_OTHERS]
    for statement in statements:
        yield [sentence for sentence in sentences if sentence.text in statement.value]
    for role in ("conclusions", "results"):
        for sentence in sentences:
            if sentence.role == role:
                yield [sentence]


_ABOUT_OTHERS = frozenset(("limitations", "admin"))


def _judge(sentence: Sentence, verdicts: Lexicon) -> list[tuple[str, str]]:
    """Judge each clause of a sentence that says something of the compound: (verdict, its words)."""
    judged: list[tuple[str, str]] = []
    if "compounds" not in sentence.facets:
        return judged
    words, mentions, _, _ = verdicts.find(sentence.text)
    ends = [match.start() for match in _CLAUSE.finditer(sentence.text)] + [len(sentence.text)]
    start = 0
    is_subject = False  # a clause without a subject of its own ("but did not …") keeps that of the one before
    for end in ends:
        inside = [m for m in mentions if start <= m.start < end and not _is_aside(sentence, m)]
        compounds = [m for m in sentence.mentions_of("compounds") if start <= m.start < end]
        keys = {word.key for word in words if start <= word.start < end}
        if "from baseline" in sentence.text[start:end]:
            keys.discard("baseline")
        start = end
        stands = next((m for m in compounds if not _is_occasion(sentence, m)), None)
        if compounds and stands is None:
            is_subject = False
            continue
        is_subject = stands is not None or is_subject
        if not is_subject or not inside or keys & _BESIDE:
            continue
        verdict = _judge_clause(sentence, inside, stands)
        if verdict is not None:
            judged.append((verdict[0], sentence.text[verdict[1].start : verdict[1].end]))
    return judged


def _is_aside(sentence: Sentence, mention: Mention) -> bool:
    """Whether words stand in brackets, or are taken back by a prefix: "non-improvement"."""
    before = sentence.text[: mention.start]
    return before.count("(") > before.count(")") or before.lower().endswith(("non-", "non"))


def _is_occasion(sentence: Sentence, compound: Mention) -> bool:
    before = sentence.words[max(0, compound.first - 3) : compound.first]
    keys = [word.key for word in before]
    if _INDUCED.match(sentence.text, compound.end):
        return True  # "ketamine-induced delirium"
    if any(key in _OCCASION for key in keys) and not any(key in _COMPARED for key in keys):
        return True
    return bool({"response", "responder", "user"} & set(keys[-2:]))


def _judge_clause(sentence: Sentence, inside: list[Mention], stands: Mention | None) -> tuple[str, Mention] | None:
    said = [m for m in inside if m.value in ("no-difference", "favours", "against", "lowers", "raises")]
    for mention in said:
        if mention.value == "no-difference":
            denied = mention.first > 0 and sentence.words[mention.first - 1].key in ("not", "no")
            verdict = "against" if denied and "inferior" in sentence.words[mention.last].key else "no-difference"
            return verdict, mention
    for place, mention in enumerate(said):
        verdict = mention.value
        if verdict == "raises" and any(0 < other.first - mention.last <= _QUALIFIES for other in said[place + 1 :]):
            continue  # "greater reduction", "rapid improvement": the second word says which way
        if _BORNE.match(sentence.text, mention.end) or (
            verdict == "lowers" and "number" in sentence.keys and sentence.keys & _NEEDED
        ):
            continue
        if verdict in ("lowers", "raises"):
            changed = _changed(sentence, inside, mention, stands)
            if changed is None:
                continue
            verdict = "favours" if (verdict == "lowers") == (changed == "ill") else "against"
        if _is_denied(sentence, mention):
            verdict = "no-difference" if verdict == "favours" else ""
        elif stands is not None and _is_surpassed(sentence, mention, stands):
            verdict = {"favours": "against", "against": "favours"}[verdict]
        if verdict:
            return verdict, mention
    return None


def _changed(sentence: Sentence, inside: list[Mention], change: Mention, stands: Mention | None) -> str | None:
    """Return whether an ill or a good was changed: the nearest after the word of change, else the nearest before."""
    things = [m for m in inside if m.value in ("ill", "good")]
    after = [m for m in things if 0 < m.first - change.last <= _LONGEST]
    before = [m for m in things if 0 < change.first - m.last <= _LONGEST]
    if stands is not None and stands.first < change.first:
        before = [m for m in before if m.first > stands.last]  # "In depression, ketamine increased pleasure"
    if not after and not before:
        return None
    adjoining = before[-1:] if before and before[-1].last == change.first - 1 else []
    thing = (adjoining or after or before[-1:])[0]  # "craving reduction" before "rising abstinence"
    is_opposed = sentence.text[: thing.start].lower().endswith(("anti-", "anti"))  # "anti-suicidal effects"
    return "good" if is_opposed else thing.value


def _is_denied(sentence: Sentence, mention: Mention) -> bool:
    before = {word.key for word in sentence.words[max(0, mention.first - 5) : mention.first]}
    after = [word.key for word in sentence.words[mention.last + 1 : mention.last + 4]]
    is_taken_back = "not" in after and "," not in sentence.between(mention.last, mention.last + 1 + after.index("not"))
    return (bool(before & _NOT) and "only" not in before) or is_taken_back


def _is_surpassed(sentence: Sentence, mention: Mention, compound: Mention) -> bool:
    """Whether the compound is what something else was better or worse than: "ECT was superior to ketamine"."""
    if compound.first < mention.first:
        return False
    between = [word.key for word in sentence.words[mention.last + 1 : compound.first]]
    return bool(set(between[-3:]) & _OVER) and ("with" not in between[-3:] or "compared" in between)
