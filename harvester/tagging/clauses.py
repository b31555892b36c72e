"""What the clauses of a sentence claim of the compound.

A sentence is cut into clauses, and each clause read by the words that the vocabulary lists under ``verdicts``: some
say it outright ("superior", "no difference"), others with what was changed ("reduced symptoms" favours, "reduced
remission" does not).  What was changed may also be a burden (side effects) or of the body (blood, brain, genes), which
says nothing of whether the compound helps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from harvester.tagging.english import key_set, word_set
from harvester.tagging.lexicon import Mention
from harvester.tagging.reading import Reading, Sentence


class Claim(NamedTuple):
    """What one clause says."""

    verdict: str  # favours, against, no-difference, mixed; unharmed, spares, burdens (side effects), doubt
    words: str
    sentence: Sentence
    likelihood: float  # of the sentence, to state the finding
    traits: frozenset[str]  # how it is said: of what, by whom, in which part


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a study before its sentences are read."""

    design: str
    of_users: bool  # of people who use the drug, or healthy ones challenged with it: nobody is treated
    of_misuse: bool
    is_antidote: bool  # of another drug against what the compound does to healthy people: that drug is judged
    asks_why: bool  # of mechanisms and predictors
    asks_harm: bool
    is_controlled: bool


# Where one statement ends and another may contradict it.
_CLAUSE = re.compile(
    r";|:\s|,?\s\b(?:but|whereas|while|although|though|however|yet|despite|without|with no|regardless|albeit)\b"
    r"|,\s(?=with (?:\w+ ){0,2}(?:similar|comparable|no)\b)"
    r"|,?\s(?=and (?:(?:was|is|were|are|had|has|did)\b|well[- ]tolerated|safe\b))",
    re.IGNORECASE,
)

_PARTS = key_set(  # one of these, a semicolon or a colon is in every match of the above
    """
    but whereas while although though however yet despite without no regardless albeit similar comparable
    was is were are had has did well safe
    """
)

_ALTHOUGH = re.compile(r"(?:[A-Z]+:? )?(?:Although|While|Though|Whereas|Despite)\b[^,;]*,")

# What takes part of a result back: "but not in men", "while the other lasted longer".
_NOT_ALL = re.compile(
    r"\W*but (?:not|perhaps not)\b(?! only| (?:increas|affect|serious|after|with|compared|placebo|the placebo|saline"
    r"|midazolam|control|in the (?:placebo|control)))|\W*(?:but|while|whereas)\b[^.;]{0,60}\b(?:for longer"
    r"|longer-lasting|(?:more|less) durabl\w+|short-lived)",
    re.IGNORECASE,
)

# What says, after a turn, that the benefit did not last.
_FADES = re.compile(
    r"\W*(?:but|however|although|though|yet|and)\b[^;]{0,60}\b(?:temporary|transient|short-lived|fleeting|waned|faded"
    r"|(?:not|no longer|never) (?:\w+ )?(?:maintained|sustained|lasting|persist\w*|last|endure\w*|evident|observed|seen"
    r"|significant|present)|fell short)\b",
    re.IGNORECASE,
)

_ONLY_SOME = re.compile(
    r"\bonly (?:(?:in|among|for|by|with) )?(?:the |those )?(?:\w+ )?(?:patients|participants|subjects|individuals"
    r"|people|adults|adolescents|children|women|men|females|males|those|carriers|group|subgroup)\b",
    re.IGNORECASE,
)

# A primary outcome that was missed, in words that need no other verdict.
_UNMET = re.compile(
    r"\bprimary (?:[\w-]+ ){0,3}(?:end ?points?|outcomes?(?: measures?)?|measures?|hypothes[ie]s|aims?)\b[^.;]{0,40}"
    r"\b(?:not (?:\w+ )?(?:met|achieved|reached|confirmed|supported|significant)|missed)\b",
    re.IGNORECASE,
)

_WITH = re.compile(r",?\s(?:with|without)\b")

_DOUBTS = re.compile(
    r"\bnot (?:yet )?provide (?:convincing |sufficient )?evidence\b"
    r"|\black(?:s|ing)? (?:of )?(?:sufficient |convincing )?(?:evidence|efficacy)|\binsufficient (?:evidence|data)"
    r"|\binsufficiently|\bremains? (?:lacking|elusive|unclear|uncertain)|\bone study\b|\ba single study\b",
    re.IGNORECASE,
)

_DOUBTFUL = word_set("evidence lack lacking lacked insufficient insufficiently remain study")  # one in every match

_IN_ALL_GROUPS = re.compile(
    r"\b(?:both|all|each|the two|two|three) (?:\w+ )?(?:groups|arms|treatments|drugs|conditions)\b"
    r"|\bboth \w+ and \w+\b",
    re.IGNORECASE,
)

# A benefit that something else bears upon, or does not, is where the question starts.
_IS_MODERATED = re.compile(
    r"\b(?:was|were|is|are|not) (?:\w+ )?(?:impacted|affected|influenced|moderated|mediated|explained|predicted) by\b",
    re.IGNORECASE,
)

# What goes with an effect is another question than the effect.
_IS_LINKED = re.compile(
    r"\b(?:effects?|changes?|dissociat\w+|experiences?) (?:[\w-]+ ){0,5}(?:are|is|was|were|be) (?:\w+ )?"
    r"(?:associated|related|linked)\b",
    re.IGNORECASE,
)

# Before a verdict these say that it was not reached, or not yet.
_NOT_YET = word_set("trend numerically nominally nonsignificantly will")

# All improved alike: "…, with no significant differences between the two groups".
_LEVEL = re.compile(
    r"\bno (?:\w+ ){0,2}differences? (?:\w+ ){0,4}between (?:\w+ ){0,5}"
    r"(?:groups?|arms|treatments|drugs|therapies|conditions)\b",
    re.IGNORECASE,
)

# What a clause is about when it is not about whether the compound works.
_BESIDE = word_set(
    """
    predict predicted predictor predictive correlate correlated correlation moderated moderator mediate mediated
    mediator biomarker cost sensitivity specificity hypothesized aim aimed heterogeneity bias defined whether
    explain explained explainable accounted attributable
    """
)


def read_claims(reading: Reading, study: Context, sentence: Sentence, likelihood: float) -> Iterator[Claim]:
    """Yield what the clauses of a sentence claim."""
    text = sentence.text
    doubt = None if sentence.keys.isdisjoint(_DOUBTFUL) else _DOUBTS.search(text)
    if doubt is not None:
        yield Claim("doubt", doubt.group(), sentence, likelihood, frozenset((sentence.role,)))
        return
    if text.startswith(("If ", "At baseline")):
        return
    unmet = _UNMET.search(text) if "primary" in sentence.keys else None
    if unmet is not None:
        yield Claim("no-difference", unmet.group(), sentence, likelihood, frozenset((sentence.role, "primary")))
    mentions = reading.vocabulary.verdicts.find_in(text, sentence.words)
    if not mentions:
        return
    named = _add_conditions(sentence, mentions)
    # "ketamine-induced increases in distress" are what somebody else changes, where ketamine treats
    told = () if study.of_users else sentence.mentions_of("compounds")
    induced = {m.last for m in told if INDUCED.match(text, m.end)}
    named = [m for m in named if m.value not in ("raises", "lowers") or induced.isdisjoint((m.first - 1, m.first - 2))]
    level = None if "between" not in sentence.keys else _LEVEL.search(text)
    is_level = level is not None and not any(m.value == "burden" and m.start > level.start() for m in named)
    is_compared = study.is_controlled or any(m.value in ("no-difference", "alike") for m in named)
    linked = {m.value for m in mentions if m.value == "links"}
    is_subject = True  # a clause without a subject of its own ("but did not …") keeps that of the one before
    favoured: frozenset[str] = frozenset()  # the traits of a clause before that favours
    for start, end in _cut(sentence):
        inside = [m for m in named if start <= m.start < end and not _is_aside(text, m)]
        compounds = [m for m in sentence.mentions_of("compounds") if start <= m.start < end]
        stands = next((m for m in compounds if study.of_users or not _is_occasion(sentence, m)), None)
        is_subject = stands is not None or (is_subject and not compounds)
        keys = {word.key for word in sentence.words if start <= word.start < end}
        if (
            not (is_subject or study.is_antidote)
            or keys & _BESIDE
            or (study.asks_why and _ALTHOUGH.match(text[start:end]))
            or ("effect" in keys and _IS_LINKED.search(text, start, end))
        ):
            continue
        if favoured and (_NOT_ALL.match(text, start) or _FADES.match(text, start)):
            yield Claim("no-difference", text[start:end].strip(" ,;"), sentence, likelihood, favoured)
            continue
        read = _Clause(sentence, start, inside, stands, keys, study.of_users).read()
        if read is None:
            continue
        verdict, mention = read
        if any(word.key in _NOT_YET and start <= word.start < mention.start for word in sentence.words):
            continue
        if study.is_antidote and not any(m.first > mention.first for m in compounds):
            continue  # what the compound itself did
        if mention.value == "alike" and not study.is_controlled and "both" not in keys:
            arms = {m.value for m in (*compounds, *sentence.mentions_of("comparators")) if start <= m.start < end}
            if len(arms) < 2:
                continue  # as good as something, but in young and old
        is_named = stands is not None or study.is_antidote or any(m.value == "agent" for m in inside)
        if (
            (verdict == "against" and not is_named)
            or (verdict == "favours" and is_compared and _IN_ALL_GROUPS.search(text))
            or (verdict == "favours" and is_level)
            or (verdict == "no-difference" and favoured and not is_level and _WITH.match(text, start))
            or ("by" in keys and _is_moderated(text, start, end, compounds))
        ):
            continue
        beside = {m.value for m in inside if m.value in ("bodily", "burden")}
        traits = frozenset({"named" if is_named else "unnamed", sentence.role, mention.value, *beside, *linked})
        if "primary" in keys:
            traits |= {"primary"}
        if verdict == "favours":
            if "only" in keys and _ONLY_SOME.search(text, start, end):
                verdict = "mixed"
            favoured = traits
        yield Claim(verdict, text[mention.start : mention.end], sentence, likelihood, traits)


def _is_moderated(text: str, start: int, end: int, compounds: Sequence[Mention]) -> bool:
    """Whether a clause tells that something else than the compound bears upon what happened, or does not."""
    match = _IS_MODERATED.search(text, start, end)
    return match is not None and not any(mention.start > match.end() for mention in compounds)


def _cut(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Cut a sentence into clauses: where each starts and ends."""
    text = sentence.text
    ends = {len(text)}
    if not sentence.has_none_of(_PARTS, ";", ":"):
        people = {m.end for m in sentence.mentions_of("people")}  # "patients without insomnia" are no clause
        ends |= {
            match.start()
            for match in _CLAUSE.finditer(text)
            if match.start() > 0 and match.start() not in people and not _is_in_brackets(text, match.start())
        }
    although = _ALTHOUGH.match(text)
    if although is not None:
        ends.add(although.end())
    start = 0
    for end in sorted(ends):
        yield start, end
        start = end


def _is_aside(text: str, mention: Mention) -> bool:
    """Whether words stand in brackets, or are taken back by a prefix: "non-improvement"."""
    before = text[: mention.start].lower()
    return _is_in_brackets(text, mention.start) or before.endswith(("non-", "non"))


def _is_in_brackets(text: str, place: int) -> bool:
    return text.count("(", 0, place) > text.count(")", 0, place)


def _add_conditions(sentence: Sentence, mentions: list[Mention]) -> list[Mention]:
    """Add the conditions and scales that a sentence names, by abbreviations of its own too, as what may be changed.

    Of two things side by side the second is meant: "performance deficits", "depression remission".
    """
    covered = {place for m in mentions for place in range(m.first, m.last + 1)}
    added = [
        m._replace(value="ill")
        for facet in ("conditions", "scales")
        for m in sentence.mentions_of(facet)
        if m.first not in covered and m.value != "healthy-volunteers"
    ]
    named = sorted([*mentions, *added], key=lambda m: (m.first, m.last))
    lowered = {m.first for m in named if m.value == "lowers"}  # a "reduction" in itself is no good
    starts = {m.first: m.value for m in named if m.value in ("ill", "good") and m.first not in lowered}
    return [m for m in named if m.value not in ("ill", "good") or starts.get(m.last + 1, m.value) == m.value]


# Before these a compound is the occasion of what is said, not its subject; "treated with ketamine" is its subject.
_OCCASION = word_set("before during response responder respond nonresponder exposure user sensitive sensitivity prior")

INDUCED = re.compile(
    r"[-‐](?:induced|related|associated|dependent|na[iï]ve|non)"
    r"|\s(?:users?|abusers?|(?:non-?)?respon(?:ders?|se(?! rate)|sive\w*)|dependence)\b"
)


def _is_occasion(sentence: Sentence, compound: Mention) -> bool:
    if INDUCED.match(sentence.text, compound.end):
        return True  # "ketamine-induced delirium"
    if any(m.first == compound.first and m.value == "ECT" for m in sentence.mentions_of("comparators")):
        return True
    before = [word.key for word in sentence.words[max(0, compound.first - 3) : compound.first]]
    return before[-1:] != ["with"] and not _OCCASION.isdisjoint(before)


_THINGS = ("ill", "good", "bodily", "burden")

_SAYS = ("favours", "against", "lowers", "raises")

_LONGEST = 6  # words between a change and what was changed

_QUALIFIES = 4  # words between "greater" and what was greater

_NOT = word_set("no not without neither nor never absent failed fail lack cannot little minimal unable unlikely")

_OPPOSITE = {"favours": "against", "against": "favours", "spares": "burdens", "burdens": "spares"}

_DENIED = {"favours": "no-difference", "against": "unharmed", "burdens": "spares"}

_FINDINGS = word_set("result finding evidence effect outcome data conclusion")

# What users "show" is an ill; what patients show must be a good to say anything.
_USERS_SHOW = word_set(
    "had showed show exhibited reported displayed demonstrated experienced associated produce produced evidence"
)

_SAFETY = word_set("safety tolerability acceptability")

_VAGUE = word_set("score rating response effect reduction decrease increase improvement")

_COMPARATIVES = word_set(
    "greater higher larger lower fewer less better worse highest lowest elevated reduced increased decreased"
)

_PLACES = word_set("in among for with at after during than on by when from")

# Words between "than" and a compound: "than those who had been given ketamine".
_THOSE = word_set(
    """
    with those who that had been were given treated treatment receiving received on the in a an group patient
    participant people intravenous iv intranasal oral single dose low high subanesthetic infusion repeated
    """
)

_BEFORE_IT = word_set("has have had less")  # what somebody has comes after it

_OPTION = word_set("treatment therapy option alternative choice strategy approach drug medication agent anesthetic")

_NEEDED = word_set("required needed necessary")

_OVER = word_set("than versus vs against over compared")

_AGAINST = word_set("compared relative superior inferior superiority inferiority preferred")


@dataclass(frozen=True, slots=True)
class _Clause:
    """A part of a sentence that makes one statement."""

    sentence: Sentence
    start: int  # where it begins in its sentence
    inside: list[Mention]  # its words of verdict
    stands: Mention | None  # the compound, where it is spoken of
    keys: set[str]
    of_users: bool

    def read(self) -> tuple[str, Mention] | None:
        """Return the verdict and the mention that gives it."""
        mixed = next((m for m in self.inside if m.value == "mixed"), None)
        if mixed is not None and self.keys & _FINDINGS:
            return "mixed", mixed
        said = [m for m in self.inside if m.value not in _THINGS]
        for mention in said:
            if mention.value in ("no-difference", "alike", "differs") and self._key(mention) != "evidence":
                verdict = self._read_none(mention)
                if verdict is not None:
                    return (verdict, mention) if verdict else None
        for place, mention in enumerate(said):
            verdict = self._read_change(mention, said[place + 1 :])
            if verdict:
                return verdict, mention
        for mention in said:
            if mention.value == "no-difference" and self._key(mention) == "evidence":
                return ("unharmed" if self._changed(mention)[0] == "ill" else "no-difference"), mention
        safe = next((m for m in said if m.value == "safe"), None)
        return None if safe is None or self._is_denied(safe) else ("spares", safe)

    def _read_none(self, mention: Mention) -> str | None:
        """Read words of no difference; "" where they silence the clause, None where they say nothing."""
        things = self._things
        if mention.value == "differs":
            if not self._is_denied(mention):
                return None
            if not self.sentence.words[mention.first].key.startswith("differ"):  # "did not affect …"
                thing, _ = self._changed(mention)
                if thing not in ("ill", "good") and (thing or self.sentence.role != "conclusions"):
                    return ""
        if "bodily" in things:
            return ""
        beside = self._nearest(mention)
        if beside is not None and beside.value == "burden" and beside.last == mention.first - 1:
            return "spares"  # "no side effect differences"
        if mention.value == "alike" and not self._changed(mention)[0]:
            return None
        if "burden" in things and not things & {"ill", "good"}:
            return "spares"
        is_denied = mention.first > 0 and self.sentence.words[mention.first - 1].key in ("not", "no")
        return "against" if is_denied and "inferior" in self._key(mention) else "no-difference"

    def _read_change(self, mention: Mention, later: list[Mention]) -> str:
        """Read words that say a verdict outright, or with what was changed; "" where they say nothing."""
        verdict, words = mention.value, self.sentence.words
        is_subject = self.stands is not None and self.stands.first < mention.first
        if (
            is_subject
            and words[mention.first].key == "better"
            and not _OPTION.isdisjoint(w.key for w in words[mention.last + 1 :][:4])
        ):
            verdict = "favours"
        if verdict not in (*_SAYS, "shows"):
            return ""
        if verdict in ("raises", "shows") and any(
            m.value in _SAYS and 0 < m.first - mention.last <= _QUALIFIES for m in later
        ):
            return ""  # "greater reduction", "rapid improvement": the second word says which way
        if verdict == "lowers" and "number" in self.keys and self.keys & _NEEDED:
            return ""  # where a number of sessions falls, what they are needed for has not fallen
        thing, is_vague = self._changed(mention)
        if thing == "bodily" or (not thing and (verdict not in ("favours", "against") or "bodily" in self._things)):
            return ""
        if verdict in ("favours", "against"):
            if thing == "burden" and not self._things & {"ill", "good"}:
                return ""  # "better tolerated"
        elif thing == "burden":
            verdict = "spares" if verdict == "lowers" or is_vague else "burdens"
        elif verdict == "shows" and (
            is_vague or (thing == "ill" and not (self.of_users and words[mention.first].key in _USERS_SHOW))
        ):
            return ""
        else:
            verdict = "favours" if (verdict == "lowers") == (thing == "ill") else "against"
            if verdict == "against" and is_vague:
                return ""
        if verdict == "favours" == mention.value and words[mention.first - 1].key == "less" and mention.first:
            return "against"
        if self._is_denied(mention) or (mention.value == "shows" and self._lacks(mention)):
            return _DENIED.get(verdict, "")
        return _OPPOSITE[verdict] if self._is_surpassed(mention) else verdict

    @property
    def _things(self) -> set[str]:
        return {m.value for m in self.inside if m.value in _THINGS}

    def _key(self, mention: Mention) -> str:
        return self.sentence.words[mention.last].key

    def _changed(self, change: Mention) -> tuple[str, bool]:
        """Return what sort of thing was changed, and whether it is vague: the nearest after the word, else before."""
        thing = self._nearest(change)
        if thing is None:
            return "", False
        words = self.sentence.words
        key = words[thing.last].key
        is_vague = (
            thing.facet == "scales"
            or words[thing.first].key == "change"
            or key in _SAFETY
            or (thing.first == thing.last and key in _VAGUE)
        )
        return thing.value, is_vague

    def _nearest(self, change: Mention) -> Mention | None:
        """Return what was changed: the nearest thing after the word, else before."""
        words = self.sentence.words
        things = [m for m in self.inside if m.value in _THINGS]
        after = [m for m in things if 0 < m.first - change.last <= _LONGEST]
        before = [m for m in things if 0 < change.first - m.last <= _LONGEST]
        if words[change.last].key in _COMPARATIVES and {w.key for w in words[change.last + 1 :][:1]} & _PLACES:
            after = []  # "scores were lower in depression"
        if self.stands is not None and self.stands.first < change.first:
            before = [m for m in before if m.first > self.stands.last]  # "In depression, ketamine increased pleasure"
        if words[change.last].key in _BEFORE_IT:
            return next(iter(after), None)
        adjoining = before[-1:] if before and before[-1].last == change.first - 1 else []
        return next(iter(adjoining or after or before[-1:]), None)  # "craving reduction" before "rising abstinence"

    def _lacks(self, change: Mention) -> bool:
        """Whether what was shown is the want of it: "suggests a lack of efficacy"."""
        thing = self._nearest(change)
        between = self.sentence.words[change.last + 1 : thing.first if thing else change.last]
        return not _NOT.isdisjoint(word.key for word in between)

    def _is_denied(self, mention: Mention) -> bool:
        words = self.sentence.words[max(0, mention.first - 5) : mention.first]
        before = {word.key for word in words if word.start >= self.start}
        return not _NOT.isdisjoint(before) and "only" not in before

    def _is_surpassed(self, mention: Mention) -> bool:
        """Whether the compound is what something else was better or worse than: "ECT was superior to ketamine"."""
        if self.stands is None or self.stands.first < mention.first:
            return False
        between = [word.key for word in self.sentence.words[mention.last : self.stands.first]]
        word = next((key for key in reversed(between) if key not in _THOSE), "")
        return word in _OVER or (word == "to" and not _AGAINST.isdisjoint(between))
