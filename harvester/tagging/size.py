"""How many people a study has: randomised, or else enrolled, or else analysed.

Of all the numbers of people that `harvester.tagging.numbers` finds, the one whose words say most wins.  Numbers
that one sentence lists side by side are arms and add up; what stands in brackets behind a total does not.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise

from harvester.paper.tags import SYNTHESES, Evidence
from harvester.tagging.english import key_set, read_number, word_set
from harvester.tagging.lexicon import Word
from harvester.tagging.numbers import ENROLLED, RANDOMISED, Count, find_counts
from harvester.tagging.reading import Reading, Sentence

_NO_SIZE = frozenset(("comment", "preclinical"))
_OF_A_MODEL = re.compile(
    r"\b(?:simulat|model|projected|hypothetical|expanded|eligible|Markov|budget|annually|per year|in year)",
    re.IGNORECASE,
)
_LITERATURE = word_set("study trial rct article report publication record paper")
_WHOLE = word_set("total overall sample altogether totaling totaled")
_TAKING_PART = key_set("included including received comprising comprised involving involved enrolled assigned pooled")
_OF_TOTALS = _LITERATURE | _WHOLE | _TAKING_PART
# What stands before a count at another time of the same people.
_TIMES = re.compile(
    r"\b(?:followed|baseline|week|weeks|day|days|month|months|hours?|later|morning|time|post|follow-up|at \d)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?:of whom|of which|among|completed|of these|of them|remained|analy[sz]ed|met|sub-?sample|subset|subgroup"
    r"|who reported)\b",
    re.IGNORECASE,
)
_DONE_BEFORE = re.compile(
    r"\b(?:were|was|underwent|received|enrolled|entered|started|recruited|included|completed)\b", re.IGNORECASE
)
# what is said of those who are left, not of another arm
_LEFT = re.compile(
    r"[^.;,]{0,25}\b(?:complet|remain|respond|achiev|discontinu|dropped|withdrew|experienced|reported|reached)",
    re.IGNORECASE,
)
# "with 32 cases in each" says again how many of the whole stand in one arm
_EACH = re.compile(r"\)?\s?(?:,\s)?(?:in |per |for )?(?:each|every|per|either)\b", re.IGNORECASE)
# "Out of 33 patients, 20 …": the second are some of the first
_OUT_OF = re.compile(r"(?:^|[;:(,]\s?)(?:out )?of (?:the |these |those |all |a total of )?$", re.IGNORECASE)
_NEAR = 40  # characters between a count and what says whose it is
_ONE_OF_STUDIES = re.compile(
    r"\b(?:(?:sub-?)?study|experiment|trial|sample|cohort|part) (1|2|3|one|two|three|I{1,3}|A|B)\b"
    r"|\b(first|second|third|initial|original|discovery|validation|confirmatory|replication)"
    r" (?:\w+ )?(?:study|experiment|sample|cohort|group|trial)\b|\b(independent) (?:\w+ )?(?:sample|cohort)\b",
    re.IGNORECASE,
)
_OTHERS_TOO = re.compile(r"\b(?:replicat|confirm|validat)\w*\b[^.;]{0,60}\b(?:sample|cohort)\b", re.IGNORECASE)
_ORDER = {
    **dict.fromkeys(("1", "one", "i", "a", "first", "initial", "original", "discovery"), "1"),
    **dict.fromkeys(("2", "two", "ii", "b", "second", "validation", "confirmatory", "replication", "independent"), "2"),
    **dict.fromkeys(("3", "three", "iii", "third"), "3"),
}
_SEXES = word_set("male female man men woman women boy girl")
_HEALTHY = re.compile(
    r"\b(?:healthy|matched|non-?depressed|unaffected|drug-na[iï]ve) (?:[\w-]+ ){0,2}"
    r"(?:controls?|volunteers?|participants?|subjects?|individuals?|adults?|comparison)\b|\bHCs?\b",
    re.IGNORECASE,
)
_NOT_ALL = re.compile(r" (?:out )?of (?:the )?\d| (?:an?|per) (?:day|week|month|year)\b")  # "18 of 36", "nine a week"
_OF_SOME = re.compile(r"\bof (?:those|these|them|the \w+) who\b[^.;,]{0,60}$", re.IGNORECASE)
# numbers of a plan, in a study that has been done
_INTENDED = re.compile(
    r"\b(?:planned|target|required|estimated|intended|projected) (?:sample|enrol?lment|number)"
    r"|\bpower (?:of|to)\b|% power\b|\bwill be\b",
    re.IGNORECASE,
)
_INTENDED_KEYS = word_set("planned target required estimated intended projected power will")  # one in every match
_COMPARED = re.compile(r"\bcompar(?:e|ed|ing) (?:the |a |an )?(?:\w+ of )?$", re.IGNORECASE)
_WITH = re.compile(r"\b(?:with|to|and|versus|vs\.?) (?:the |a |an )?$", re.IGNORECASE)
_GROUP_WORDS = ("control", "group", "cohort", "healthy", "user", "arm")

# What the words around a number say of the people.
_DIGITS = frozenset("0123456789")
_SCREENED = word_set(
    """
    screened screening eligible eligibility approached invited contacted considered consent consented
    """
)
_TOTAL = word_set("total overall sample altogether totaling totalling totaled")
# "(45%)" behind a number is a share; "(54% women)" describes everybody
_SHARE = re.compile(r"\s*[(\[]\s*\d+(?:[.·]\d+)?\s?%\s*[),;\]]")
# "8.9% (n = 412)", "60% of participants (n = 26)"
_OF_SHARE = re.compile(r"%(?: of (?:\w+ ){0,4})?\s?[(\[]$")
_ANALYSED = key_set("included analysed")
# "370 were included in this analysis (n = 189 and n = 181)", of more who had been enrolled
_IN_THIS_ANALYSIS = (
    r"\b(?:included|analy[sz]ed) in (?:this|the present|the current|our) (?:[\w-]+ ){0,3}(?:analysis|study)\b"
)
_FOR_THIS = re.compile(rf"[^;\d]{{0,120}}{_IN_THIS_ANALYSIS}", re.IGNORECASE)
_IN_THIS = re.compile(rf"{_IN_THIS_ANALYSIS} \($", re.IGNORECASE)
_WRITTEN_TO = re.compile(
    r"\b(?:sent|wrote|mailed|e-?mailed|distributed|invited|invitations?|addressed)\b[^.;]{0,50}$",
    re.IGNORECASE,
)
_WRITTEN_KEYS = word_set("sent wrote mailed emailed distributed invited invitation addressed")  # one in every match
_PARTS = word_set("subset subgroup subsample substudy")
_SUBSET_BEFORE = word_set(
    """
    these remaining other another additional more further week day age phase least grade stage only
    """
)
_SUBSET_AFTER = word_set(
    """
    additional subset subgroup subsample substudy responder discontinued dropped withdrew experienced achieved
    reported died
    """
)
# Who is said to have left is not who was there: "six patients who refused surgery were excluded".
_GONE = word_set("excluded withdrew withdrawn discontinued dropped")
_ROLE_SCORES = {"title": 2.0, "methods": 2.0, "results": 2.0, "objective": 1.5, "conclusions": 1.0, "background": -1.0}


def count_people(reading: Reading) -> list[Count]:
    """Find every number of people that the title and the abstract state, in reading order.

    Returns
    -------
    list of Count
        The score of each is above 0 where the words around it say that so many people took part in the study;
        randomised counts more than enrolled, enrolled more than analysed.
    """
    return [replace(count, score=_score(count)) for count in map(_take_chosen, find_counts(reading))]


def _score(count: Count) -> float:
    sentence, first, last = count.sentence, count.first, count.last
    words, text = sentence.words, sentence.text
    after = words[last + 1 : last + 13]
    before = words[max(0, first - 7) : first]
    near = {word.key for word in (*before, *words[first:last], *after)}
    score = _ROLE_SCORES.get(sentence.role, -1.5)
    # "Ninety-six adults with …, on lithium, were randomised": whom a sentence begins with is its subject to the end.
    far = {word.key for word in words[last + 13 : last + 26]} if first <= 5 else set()
    if (near | far) & RANDOMISED:
        score += 3
    elif near & ENROLLED:
        score += 2
    if _is_screened(count):
        score -= 3
    if _is_for_this(count):
        score += 6
    in_all = [word.key for word in before[-2:]] == ["in", "all"]
    if ({word.key for word in before[-4:]} & _TOTAL or in_all) and not count.subset:
        score += 2
    if count.subset and not {word.key for word in after[:4]} & RANDOMISED:
        score -= 2
    if count.kind == "n":
        score += 0.25 if first and any(m.facet == "people" and m.last == first - 1 for m in sentence.mentions) else -0.5
    if count.kind == "verb" and {word.key for word in after[:4]} & RANDOMISED:
        score += 1.5
    if _BORROWED.match(text, count.end) or _NOT_ALL.match(text, count.end):
        score -= 5
    if _OF_SOME.search(text, 0, count.start):
        score -= 3
    if count.kind == "n" and not _is_of_people(count):
        score -= 3
    if count.kind == "n" and _OF_SHARE.search(text, 0, count.start):
        score -= 5
    if _SHARE.match(text, words[last].end) or _SHARE.match(text, words[first].end):
        score -= 3
    # of two that tell the same, the larger is the whole
    joined = text[count.start - 2 : count.start] != ", "
    return score - _doubt(before, words[first:last], after, joined) + 0.7 * math.log10(count.number)


def _take_chosen(count: Count) -> Count:
    """Take those who were chosen instead of all of whom they are: "interviews of 19 of 24 patients were analysed"."""
    text = count.sentence.text
    chosen = _CHOSEN.search(text, 0, count.start)
    number = read_number(chosen.group("number")) if chosen else None
    if not number or number > count.number:
        return count
    if _WERE_CHOSEN.match(text, count.end) or _MATERIAL.search(text, 0, count.start):
        return replace(count, number=number)
    return count


_CHOSEN = re.compile(r"\b(?P<number>\d+|[a-z]+) (?:out )?of (?:the )?$", re.IGNORECASE)
_WERE_CHOSEN = re.compile(
    r"[^.;,]{0,60}\b(?:were|was) (?:\w+ )?(?:selected|chosen|sampled|interviewed)\b", re.IGNORECASE
)
_MATERIAL = re.compile(
    r"\b(?:interviews|samples|scans|recordings|images|specimens|plasma|serum) (?:\w+ ){0,2}(?:from|of) \w[\w-]*"
    r" (?:out )?of (?:the )?$",
    re.IGNORECASE,
)


def _is_for_this(count: Count) -> bool:
    """Whether so many of a larger number were chosen for this analysis."""
    if count.sentence.keys.isdisjoint(_ANALYSED):
        return False
    text = count.sentence.text
    return _FOR_THIS.match(text, count.end) is not None or _IN_THIS.search(text, 0, count.start) is not None


def _is_screened(count: Count) -> bool:
    """Whether so many were asked to take part, or looked at, and not so many took part."""
    words, comma = count.sentence.words, count.sentence.text.rfind(", ", 0, count.start)
    beside = {word.key for word in words[max(0, count.first - 3) : count.last + 7] if word.start > comma}
    if beside & _SCREENED and not beside & _LITERATURE:
        return True
    if count.sentence.keys.isdisjoint(_WRITTEN_KEYS):
        return False
    return _WRITTEN_TO.search(count.sentence.text, max(0, count.start - 60), count.start) is not None


def _doubt(before: list[Word], inside: list[Word], after: list[Word], joined: bool) -> float:
    """How much speaks for a part of the people: "of whom 12", "a subset of 20 patients", "10 patients per centre"."""
    doubt = 0.0
    if before and (
        (before[-1].key in _SUBSET_BEFORE and joined)
        or (before[-1].key in ("whom", "which") and len(before) > 1 and before[-2].key == "of")
    ):
        doubt += 3
    if {word.key for word in before} & _PARTS:
        doubt += 3
    if any(word.key in _SUBSET_AFTER for word in inside):
        doubt += 2
    if before and before[-1].key == "the":
        doubt += 1
    for word in after:
        if word.text[0] in _DIGITS:
            break
        if word.key in _GONE:
            doubt += 5
            break
    return doubt


def read_sample_size(reading: Reading, counts: list[Count], design: str) -> list[Evidence]:
    """Read the number of people.

    Parameters
    ----------
    reading
        The citation.
    counts
        Its numbers of people, from `count_people`.
    design
        Its design: animals have no sample size here, a case report has one, a review only its total.

    Returns
    -------
    list of Evidence
        The value of each is the number; several where it adds up several sentences; none where the text does not say.
    """
    if design in _NO_SIZE:
        return []
    if design == "case-report":
        return _find_single(reading)
    if design == "economic":
        counts = [
            c
            for c in counts
            if c.sentence.keys & RANDOMISED | c.sentence.keys & ENROLLED and not _OF_A_MODEL.search(c.sentence.text)
        ]
    counts = _drop_parts(counts)
    if design == "protocol" and (planned := _read_register(reading, _OF_AGE)):
        return planned
    if design != "protocol":
        counts = [count for count in counts if not _is_intended(count)]
    if design in SYNTHESES:
        arms = _add_arms([count for count in counts if count.kind != "n"])
        candidates = [count for count in counts + arms if _is_review_total(count)]
    elif design == "case-series":
        candidates = [
            replace(count, score=count.score + 2.5 * count.subset + 9 * (count.sentence.role == "title"))
            for count in counts
            if count.number > 1
        ]
    else:
        candidates = [count for count in counts if count.number > 1]
        candidates += _add_arms(candidates)
        candidates += _add_studies(candidates)
    candidates = [_with_equals(count) for count in candidates]
    if design in ("rct", "protocol", "open-label-trial"):
        candidates = _times_arms(reading, candidates)
    candidates = [count for count in candidates if count.score > 0] or [
        count for count in candidates if count.score > -1 and count.number > 4 and design not in SYNTHESES
    ]
    if not candidates:
        return _read_register(reading, _TARGET) if design == "protocol" else []
    best = max(candidates, key=lambda count: (count.score, -count.sentence.index, -count.start, count.end))
    if design not in SYNTHESES:
        if design != "case-series" or best.sentence.role != "title":
            best = _add_controls(_find_whole(best, counts), counts)
        if _is_of_some(best) and design != "case-series":
            return []
    parts = best.parts or (best,)
    return [_prove(best.number, part.sentence, part.sentence.text[part.start : part.end]) for part in parts]


# Fields of registers of trials.
_OF_AGE = re.compile(r"\bNumber of subjects for this age range:? (\d+)", re.IGNORECASE)
_TARGET = re.compile(
    r"\b(?:target|planned|estimated|anticipated|actual) (?:sample size|enrol?lment"
    r"|number of (?:subjects|participants|patients))(?: is| of| will be)?:? ?(\d+)(?![\d,.]*\d)",
    re.IGNORECASE,
)


def _read_register(reading: Reading, field: re.Pattern[str]) -> list[Evidence]:
    """Read the number that an entry of a register plans, added up where it is told by age."""
    found = [(s, match) for s in reading.prose() for match in field.finditer(s.text) if int(match.group(1))]
    number = sum(int(match.group(1)) for _, match in found)
    return [_prove(number, sentence, match.group()) for sentence, match in found]


def _is_intended(count: Count) -> bool:
    if count.sentence.keys.isdisjoint(_INTENDED_KEYS):
        return False
    return _INTENDED.search(count.sentence.text, max(0, count.start - 60), count.end + 60) is not None


def _is_of_some(best: Count) -> bool:
    """Whether the best that there is counts only some: a pair, the controls, "(eight women)"."""
    words = best.sentence.words
    is_control = best.kind == "people" and words[best.last].key == "control" and words[best.last - 1].key not in _WELL
    return (best.number < 3 and best.score < 3) or is_control or (best.subset and _is_nested(best))


_WELL = frozenset(("healthy", "normal"))


def _find_whole(best: Count, counts: list[Count]) -> Count:
    """Return the number of those who began, where the best is of those of them who were left."""
    if best.parts or best.sentence.keys & RANDOMISED or _is_for_this(best):
        return best
    wholes = [
        count
        for count in counts
        if best.number < count.number < best.number * _MOST_LEFT
        and count.score > 1
        and not (count.subset or _is_screened(count))
        and not _HEALTHY.search(count.sentence.text, max(0, count.start - _NEAR), count.end)
    ]
    return max(wholes, key=lambda count: count.number, default=best)


_MOST_LEFT = 20  # times those who were left: more are whom they were chosen from


def _drop_parts(counts: list[Count]) -> list[Count]:
    """Drop numbers that add up to the one right before: "1102 patients, 550 in one group and 552 in the other"."""
    parts: set[tuple[int, int]] = set()  # sentence and place
    for whole in counts:
        words = whole.sentence.words
        places = [
            place
            for place in whole.sentence.numbers
            if whole.last < place < whole.last + 30 and (place + 1 == len(words) or words[place + 1].key not in _UNITS)
        ]
        numbers = [(number, place) for place in places if (number := _read_digits(words[place])) and number > 2]
        sums = [run for i in range(len(numbers)) for j in range(i + 2, i + 6) if len(run := numbers[i:j]) == j - i]
        run = next((run for run in sums if sum(number for number, _ in run) == whole.number), [])
        parts |= {(whole.sentence.index, place) for _, place in run}
    return [
        count
        for count in counts
        if not any((count.sentence.index, place) in parts for place in range(count.first, count.last + 1))
    ]


_UNITS = word_set("day week month year hour h min minute mg kg ml point")


def _read_digits(word: Word) -> int | None:
    return read_number(word.text) if word.text[0] in _DIGITS else None


def _prove(number: int, sentence: Sentence, words: str) -> Evidence:
    return Evidence(
        facet="sample_size", value=str(number), field=sentence.passage.field, sentence=sentence.text, words=words
    )


_EACH_ARM = re.compile(
    r"\)?,?(?:\s(?:women|men|patients|cases|adults|participants|subjects))?,?"
    r"(?:\s(?:were |was )?(?:tested|studied|included|enrolled|treated|assigned|allocated|randomi[sz]ed))?"
    r"\s?(?:in |per |for )?(?:(?:to )?each\b|(?:every|either)\b|(?<=per )(?:group|arm)\b)",
    re.IGNORECASE,
)
_EACH_BEFORE = re.compile(r"\beach (?:cohort|group|arm|dose level)\b[^.;,(]{0,40}$", re.IGNORECASE)
_NUMBERED_ARM = re.compile(r"\b(?:cohort|arm|group) ([1-9A-F])\b", re.IGNORECASE)
_ARMS = re.compile(
    r"\b(?P<number>two|three|four|five|six|seven|eight|[2-8])(?:[- ](?:\w+ )?(?:groups|arms|arm)|-group)\b",
    re.IGNORECASE,
)


_EQUALS = re.compile(
    r"\b(?:and|with) (?P<number>an?|one|two|three|four|[2-4]) (?:equal(?:ly)?|similarly|same)[- ]sized?\b",
    re.IGNORECASE,
)


def _with_equals(count: Count) -> Count:
    """Add groups that are said to be as large: "28 users and two equally sized groups of others"."""
    match = _EQUALS.search(count.sentence.text, count.end)
    if match is None or count.kind != "people":
        return count
    groups = read_number(match.group("number").lower()) or 1
    return replace(count, number=count.number * (groups + 1), kind="groups")


def _times_arms(reading: Reading, counts: list[Count]) -> list[Count]:
    """Multiply the people of each arm by the arms, or leave them out where nobody says how many arms there are."""
    kept: list[Count] = []
    for count in counts:
        text = count.sentence.text
        each = _EACH_ARM.match(text, count.end) or _EACH_BEFORE.search(text, 0, count.start)
        if each is None or count.kind in ("sum", "groups") or count.sentence.role == "title":
            kept.append(count)
            continue
        told = next((m for s in reading.prose() for m in [_ARMS.search(s.text)] if m), None)
        arms = read_number(told.group("number").lower()) if told else None
        numbered = {match.group(1) for s in reading.prose() for match in _NUMBERED_ARM.finditer(s.text)}
        arms = arms or (len(numbered) if len(numbered) > 1 else None)
        named = {m.value for f in ("compounds", "comparators") for m in count.sentence.mentions_of(f)}
        arms = arms or (len(named) if len(named) == 2 else None)
        if arms:
            kept.append(replace(count, number=count.number * arms, kind="groups", score=count.score + 2))
    return kept


def _add_arms(counts: list[Count]) -> list[Count]:
    """Add up the arms that one sentence lists, or find the number in it that already is their total.

    "20 patients and 20 controls", "(n = 30) or … (n = 31)"; but "58 participants (33 ill and 25 healthy)" are 58.
    """
    by_sentence: dict[int, list[Count]] = {}
    for count in counts:
        by_sentence.setdefault(count.sentence.index, []).append(count)
    sums: list[Count] = []
    for group in by_sentence.values():
        for kind in ("n", "people", "verb"):
            kinds = (kind,) if kind == "n" else (kind, "arm")
            if kind == "people" and any(count.kind == "verb" for count in group):
                kinds = ("people",)  # the bare numbers go on with the verb's
            arms = [count for count in group if count.kind in kinds and not _EACH.match(count.sentence.text, count.end)]
            if kind == "verb" and not any(count.kind == "arm" for count in arms):
                continue  # "502 were screened and 330 were randomised"
            if kind == "people":
                arms = _until_semicolon(arms)
            if not 2 <= len(arms) <= 8:
                continue
            if any(_counted(count) in _OUTCOMES for count in arms):
                continue
            best = max(count.score + (2.0 if count.subset else 0.0) for count in arms) + 0.75
            total = _find_total(arms, [count for count in group if count not in arms])
            if total is not None:
                sums.append(replace(total, score=max(best, total.score)))
            elif _are_arms(arms):
                number = sum(count.number for count in arms)
                sums.append(Count(number, arms[0].sentence, arms[0].first, arms[-1].last, "sum", score=best))
    return sums


def _add_studies(counts: list[Count]) -> list[Count]:
    """Add up the people of several studies in one paper: "In study 1, 40 adults … In study 2, 43 adults …"."""
    best: dict[str, Count] = {}
    for count in counts:
        if count.score <= 0 or count.sentence.role not in ("objective", "methods", "results"):
            continue
        text = count.sentence.text
        marks = list(_ONE_OF_STUDIES.finditer(text, 0, count.start))
        mark = _ONE_OF_STUDIES.search(text, count.end, count.end + 2 * _NEAR)
        if mark is None and marks:
            mark = marks[-1]
        if mark is None:
            continue
        order = _ORDER[next(word for word in mark.groups() if word).lower()]
        if order not in best or count.score > best[order].score:
            best[order] = count
    if list(best) == ["2"] and _OTHERS_TOO.search(best["2"].sentence.text, 0, best["2"].start):
        unmarked = [c for c in counts if c.score > 0 and c.sentence is not best["2"].sentence and not c.subset]
        if unmarked:
            best["1"] = max(unmarked, key=lambda count: (count.score, -count.sentence.index))
    parts = tuple(best[order] for order in sorted(best))
    in_one = len({part.sentence.index for part in parts}) == 1
    if len(parts) < 2 or (in_one and all(part.kind == "n" for part in parts)):
        return []
    for one, two in pairwise(parts):
        if one.sentence is two.sentence and one.start < two.end and two.start < one.end:
            return []  # a sum of this sentence already holds both
    top = max(part.score for part in parts)
    return [replace(parts[0], number=sum(part.number for part in parts), score=top + 1, kind="sum", parts=parts)]


def _add_controls(best: Count, counts: list[Count]) -> Count:
    """Add the healthy controls whom another sentence counts: "… patients (n = 61). Healthy controls (n = 40) …"."""
    if best.kind not in ("people", "n") or best.subset or best.parts or _HEALTHY.search(best.sentence.text):
        return best
    keys = best.sentence.keys
    if keys & _WHOLE or best.sentence.role == "title":
        return best
    for count in counts:
        text = count.sentence.text
        if count.sentence.index == best.sentence.index or count.sentence.role not in ("objective", "methods"):
            continue
        said = _HEALTHY.search(text, max(0, count.start - _NEAR), count.end)
        if said is not None and not re.search("[.;]", text[said.end() : count.start]) and count.kind in ("people", "n"):
            parts = (best, count) if best.sentence.index < count.sentence.index else (count, best)
            return replace(best, number=best.number + count.number, kind="sum", parts=parts)
    return best


def _until_semicolon(arms: list[Count]) -> list[Count]:
    """Return the arms of the first part of a sentence: after a semicolon they are counted again."""
    for place, (one, two) in enumerate(pairwise(arms)):
        if place and ";" in one.sentence.text[one.end : two.start]:
            return arms[: place + 1]
    return arms


def _is_nested(count: Count) -> bool:
    before = count.sentence.text[: count.start]
    return before.count("(") > before.count(")")


def _find_total(arms: list[Count], others: list[Count]) -> Count | None:
    """Find the number of a sentence that the others add up to."""
    number = sum(count.number for count in arms)
    largest = max(arms, key=lambda count: count.number)
    if len(arms) > 2 and largest is arms[0] and abs(largest.number * 2 - number) <= number * 0.02:
        return largest
    for other in others:
        if number * 0.95 <= other.number <= number * 1.1:
            return other
    return None


def _are_arms(arms: list[Count]) -> bool:
    text = arms[0].sentence.text
    if arms[0].kind != "n" and any(_SHARE.match(text, arm.end) for arm in arms[1:]):
        return False  # "73 patients began and 51 (70 %) finished"
    in_one = ")" not in text[arms[0].start : arms[-1].start]  # what the first of a bracket is of, the others are
    if arms[0].kind == "n" and not all(_is_of_people(arm) for arm in (arms[:1] if in_one else arms)):
        return False  # "bad trips (n = 212) and worse tics (n = 109)"
    if arms[0].kind != "n" and _OUT_OF.search(text[: arms[0].start]):
        return False
    for one, two in pairwise(arms):
        between = text[one.end : two.start]
        if arms[0].kind == "n":
            whose = any(word in between.lower() for word in _GROUP_WORDS)
            if (_TIMES.search(between[-30:]) and not whose) or _PART.search(between) or "followed by" in between:
                return False
        elif between.count("(") > between.count(")") or between.lstrip().startswith(":"):
            return False
        if _LEFT.match(text, two.end) and _DONE_BEFORE.search(between):
            return False
    if arms[0].kind == "n" or any(arm.kind == "arm" for arm in arms):
        return True
    who = [arm.sentence.words[arm.last] for arm in arms]
    if all(word.text.isupper() for word in who):
        return True  # "18 HV, 26 TRD"
    if all(
        word.key in _SEXES for word in who
    ):  # "healthy participants (16 males, 4 female)", but not "6 (4 men, 2 women)"
        return not any(
            read_number(word.text) for word in arms[0].sentence.words[max(0, arms[0].first - 5) : arms[0].first]
        )
    whole = text[arms[0].start : arms[-1].end + 25].lower()
    between = text[arms[0].end : arms[-1].start].lower()
    if _COMPARED.search(text[: arms[0].start]) and _WITH.search(between):
        return True
    return any(word in whole for word in _GROUP_WORDS) or (" and " in between and len(between) < 60)


def _counted(count: Count) -> str:
    """Return the word that says who is counted: the last, or the one before "n = 12"."""
    words = count.sentence.words
    return words[max(0, count.first - 1)].key if count.kind == "n" else words[count.last].key


_OUTCOMES = word_set("responder nonresponder non-responder remitter completer")  # no arms


def _is_of_people(count: Count) -> bool:
    """Whether what stands before "(n = 12)" can be people: a group, a drug, a diagnosis."""
    sentence, place = count.sentence, count.first
    if sentence.role != "results" or _IN_THIS.search(sentence.text, 0, count.start):
        return True
    before = sentence.words[max(0, place - 6) : place]
    if before and before[-1].key in _LITERATURE:
        return True  # "in a pilot trial (N = 12)"; that it counts no trials, `numbers` has seen
    start = before[0].start if before else 0
    return any(
        start <= mention.start < count.start
        for facet in ("people", "compounds", "comparators", "conditions", "routes")
        for mention in sentence.mentions_of(facet)
    )


def _is_review_total(count: Count) -> bool:
    is_case = count.sentence.words[count.last].key == "case"
    if count.sentence.role in ("background", "limitations") or count.number < 4 or (count.subset and not is_case):
        return False
    text = count.sentence.text
    before = text[max(0, count.start - 40) : count.start]
    if _OF_ONE_DRUG.search(text, 0, count.start) and any(
        m.end <= count.start for f in ("compounds", "comparators") for m in count.sentence.mentions_of(f)
    ):
        return False
    of_all = (
        _TOTALS_BEFORE.search(before)
        or _FROM_WORKS.search(before)
        or (_WORKS_BEFORE.search(before) and _INCLUDED_AFTER.match(text, count.end))
    )
    if count.kind == "n" and not of_all:
        return False  # of some of the studies, or of studies
    return not count.sentence.keys.isdisjoint(_OF_TOTALS)


_TOTALS_BEFORE = re.compile(
    r"\b(?:participants?|patients?|subjects?|individuals?|people|total|overall|adults|women|sample|pooled"
    r"|(?:studies|trials|RCTs|articles|papers) (?:were )?(?:included|pooled|analy[sz]ed))\b[^.;]{0,14}$",
    re.IGNORECASE,
)
# "Ketamine (seven trials with 140 participants) was superior, …": of some of the trials
_OF_ONE_DRUG = re.compile(r"\w \((?:\w+ )?(?:[\w-]+ )(?:trials|RCTs|studies)\b[^()]*$", re.IGNORECASE)
_FROM_WORKS = re.compile(r"\b(?:from|of) (?:\w+ )?\w+ (?:studies|trials|RCTs|articles|papers) \($", re.IGNORECASE)
_WORKS_BEFORE = re.compile(r"\b(?:studies|trials|RCTs|articles|papers)\b[^.;]{0,4}$", re.IGNORECASE)
_INCLUDED_AFTER = re.compile(
    r"(?:[^()]*\))?[^.;]{0,12}\b(?:were|was|met|are) (?:\w+ )?(?:included|pooled|eligible|analy[sz]ed|inclusion)",
    re.IGNORECASE,
)
_BORROWED = re.compile(
    r"[^.;]{0,40}\bfrom an? (?:earlier|previous|prior|older|separate|published) (?:study|trial|sample|cohort)\b",
    re.IGNORECASE,
)


def _find_single(reading: Reading) -> list[Evidence]:
    for sentence, mention in reading.find("people"):
        if sentence.role != "term":
            return [sentence.proves("sample_size", "1", mention)]
    return [sentence.proves("sample_size", "1", mention) for sentence, mention in reading.find("cues.case_report")][:1]
