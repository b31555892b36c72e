"""For how long the people of a study were followed: the last time at which they were assessed.

A length of time is one of many things: the age of the people, how long an infusion ran, the gap between two doses,
what others found.  The words around it say which.  *Seen* are those at which somebody was assessed ("at 6 months",
"24 h after the infusion", "week 32"); *treated* are those over which a treatment was given ("twice weekly for 4
weeks"), which count only where nothing was seen later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from harvester.paper.tags import SYNTHESES, TRIALS, Evidence
from harvester.tagging.english import DAYS, key_set, read_number, word_set
from harvester.tagging.reading import Reading, Sentence

# Other people's patients, a model's years and what a person remembers are followed by nobody.
_NOT_FOLLOWED = SYNTHESES | {"economic", "qualitative", "comment"}
_SPELLINGS = {"min": "minute", "mins": "minute", "h": "hour", "hr": "hour", "hrs": "hour", "wk": "week", "wks": "week"}
_SPELLINGS |= {"yr": "year", "yrs": "year"}
_LONGEST = 3650  # days; more is an age or a period of records
_SMALL = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|eighteen|twenty-four|twenty|thirty"
_NUMBER = rf"(?:[0-9]{{1,3}}(?:\.[0-9])?|{_SMALL})"
_UNIT = r"minutes?|mins?|hours?|hrs?|h|days?|nights?|weeks?|wks?|months?|years?|yrs?"
_JOINED = r"(?:\s?,\s?(?:and\s|or\s)?|\s?(?:[-‐‑–/])\s?|\s(?:and|or|to|through)\s|\s?&\s?)"
_SPAN = re.compile(
    rf"(?:(?<![\w.,/-])|(?<=[0-9]h-))(?P<list>(?:{_NUMBER}{_JOINED}){{0,14}})(?P<number>{_NUMBER})[\s‐‑-]?"
    rf"(?P<after>post-?(?:operative|partum)\s)?(?P<unit>{_UNIT})\b(?!\s?[-−]1\b|/)",
    re.IGNORECASE,
)
_UNITS = key_set(
    "minutes mins min hours hrs hr h h.s. h.p.i. days nights weeks wks wk months years yrs yr POD postoperative"
    " postpartum post"
)
_MARK = re.compile(
    rf"\b(?P<unit>postoperative days?|POD|days?|weeks?|months?|years?|hours?)[\s‐‑-]"
    rf"(?P<list>(?:{_NUMBER}{_JOINED}){{0,14}})(?P<number>{_NUMBER})\b"
    r"(?![.·][0-9]|\s?(?:%|mg|ml|h\b|hours?|of [0-9])|\s(?:and|or|to) [0-9.]+\s?%)",
    re.IGNORECASE,
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = re.compile(
    rf"\b(?P<ordinal>{'|'.join(_ORDINALS)}|[0-9]{{1,2}}(?:st|nd|rd|th)) (?P<after>post-?(?:operative|partum) )?"
    r"(?P<unit>day|week|month)s?\b",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\brange[:,]? ?\(?[0-9.]+ ?[-–] ?(?P<number>[0-9]{1,3})\)", re.IGNORECASE)

# What stands right after a time at which people were seen.
_LATER = re.compile(
    r"\s?[-‐‑]?\s?(?:later\b|(?:of (?:\w+ and )?)?follow[-‐‑]?\s?ups?\b|post\b|post[-‐‑]?\s?(?:\w+ )?(?:infus|treat|dos"
    r"|operat|surg|part|base|random|inject|admin|deliv|ces|ketamine|esketamine|discharge|drug|intervention|end|ECT)"
    r"|(?:after|following|from|since)\s(?:[\w-]+ ){0,4}?"
    r"(?:infus|treat|dos|operat|surg|random|inject|admin|deliv|ces[ae]r|caesar|ketamine|esketamine|\(?[SR]\)?-ket"
    r"|discharge|intervention|ECT|session|procedure|start|drug|base|induct|birth|child|part|enrol|inclusion|therapy"
    r"|course|spray|an?esth|anaesth|extub|visit|trial|medic|it\b|placebo|midazolam|end\b))",
    re.IGNORECASE,
)
_ASSESSED_BEFORE = re.compile(
    r"(?:(?:up to|until|through|to|by|and|or)(?: the)?(?: end of)?|at(?: the| a| approximately| about)?(?: both)?"
    r"|after(?: the| a)?|\bwithin(?: the)?(?: first)?|weekly for|daily for|\bfirst)\s*[~≈(]?\s*$",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(r"follow", re.IGNORECASE)
_ASSESSES = re.compile(
    r"\b(?:assess|measur|evaluat|rat(?:ed|ing)|scor|scan|test|visit|monitor|record|complet|respon|remi|relaps|abstin"
    r"|improv|reduc|decreas|differ|lower|higher|outcome|end ?point|chang|incidence|symptom|maintain|sustain|persist"
    r"|seen|observ|effect|collected|obtained|depress|pain)",
    re.IGNORECASE,
)
_TREATED_BEFORE = re.compile(
    r"\b(?:over|for|during|throughout|across|in|lasting|of)"
    r"(?: (?:a|an|the|period|total|of|at|least|up|to|course|about|approximately|first))*\s*[~≈(]?\s*$",
    re.IGNORECASE,
)
_PHASE_AFTER = re.compile(
    r"\s?[-‐‑]?\s?(?:[\w-]+ ){0,4}?(?:periods?|course|phase|trial|study|regimen|program(?:me)?|extension|treatment"
    r"|protocol|intervention|end ?point|assessments?|visits?)\b",
    re.IGNORECASE,
)
# What is no time of this study's people.
_NOT_BEFORE = re.compile(
    r"\b(?:(?:drug|medication|substance|antidepressant)s?[\s-]free|age[ds]?|past|last|previous|preceding|prior|every|each"
    r"|at least|more than|less than|older than|history of"
    r"|since|ago|apart|intervals? of|separated by|wash-?out|infused|infusion|inject\w*|duration of|between|ill)"
    r"(?: (?:a|an|the|over|for|of|in|during|were|was|at|least|period))*\s*[(>≥<~≈]*\s*$|[>≥<≤]\s*$",
    re.IGNORECASE,
)
_NOT_AFTER = re.compile(
    r"\s?[-‐‑]?\s?(?:old\b|of age|(?:and|or) older|of data|of use|ago\b|apart\b|before|prior|earlier|intervals?\b"
    r"|wash-?out|history|of illness|duration of|infus(?!ion period)|intravenous|per\b|a week|a day|/|of life|window|gap"
    r"|between|screening"
    # What says whom a trial took: "mothers within six months of birth were randomised".
    r"|(?:of|after|from|since)\s(?:[\w-]+\s){1,4}(?:who\s)?(?:were|was)\s(?:\w+\s)?(?:randomi|allocat|assign|enrol|includ"
    r"|recruit|eligible))",
    re.IGNORECASE,
)
_NOT_SENTENCE = re.compile(
    r"\b(?:previous(?:ly)?|earlier|other) (?:\w+ ){0,2}(?:stud|trial|report|research|work)|\b(?:in|ex)clusion criteria"
    r"|\brecent findings\b|\bmedian time (?:to|until)\b|\bmaximal effects?\b|\bapproved?\b|\bhalf-li",
    re.IGNORECASE,
)
_ELSEWHERE_KEYS = word_set(  # one in every match
    "previous previously earlier other inclusion exclusion recent median maximal approve approved half"
)
_SHORT = ("minute", "hour")
_GIVEN_OVER = re.compile(r"\b(?:infus|inject|administ|given|receiv|IV|mg/kg)", re.IGNORECASE)
_USED = re.compile(
    r"\b(?:(?:had|have) used|abused|consumed|usage|of use|lifetime|records|database|between (?:19|20)|charts?"
    r"|insured)\b",
    re.IGNORECASE,
)


_ORDINAL_KEYS = frozenset((*_ORDINALS, "st", "nd", "rd", "th"))
_OF_STUDY = re.compile(r"\s?[-‐‑]?,?\s?(?:[\w-]+,? ){0,4}?(?:trial|study)\b(?! (?:drug|medication))", re.IGNORECASE)
_GIVEN_THEN = re.compile(
    r"[^.;]{0,60}?,(?:[^.;]{0,60}?\b(?:(?:was|were|will be) (?:given|administered|injected|infused)"
    r"|(?:will )?receive)\b|\s(?!(?:and|but|who|which|while|whereas|when)\b)(?:[\w-]+\s){1,3}received\b)",
    re.IGNORECASE,
)
_TAKEN_IN = re.compile(
    r"\b(?:included|presented|recruited|admitted|screened)\b[^.;]{0,30}\b(?:during|over|between|in) (?:the |a )?$",
    re.IGNORECASE,
)


# Before there was a study to follow: "a screening period (up to 31 days)"; and when something was done.
_BEFOREHAND = re.compile(r"\b(?:screening|run-in|wash-?out|lead-in|taper\w*)\b[^.;,]{0,40}$", re.IGNORECASE)
_GIVEN_AT = re.compile(
    r"\b(?:was|were|is|are|be) (?:then |also )?(?:injected|given|administered|infused|started|applied|performed"
    r"|induced)(?: at| about| approximately)?\s*$",
    re.IGNORECASE,
)
_AND_THEN = re.compile(r"(?: \([^()]{0,40}\))?,? (?:and|or|then) ")  # "for 4 weeks (acute) and 24 weeks (maintenance)"
_RUNS = re.compile(r"\b(?:peak\w*|resolv\w+|plateau\w*|subsid\w+)\b[^.;]{0,25}$", re.IGNORECASE)


_BRACKETED = re.compile(r" \((?:[DWMT][0-9]{1,3}|[a-z ]+)\)")


class _Time(NamedTuple):
    days: float
    is_seen: bool
    value: str
    words: str
    sentence: Sentence


def read_follow_up(reading: Reading, design: str) -> Evidence | None:
    """Read the longest time after the start at which people were assessed, as "32 weeks".

    Parameters
    ----------
    reading
        The citation.
    design
        Its design: only a study that saw people again has followed them.
    """
    if design in _NOT_FOLLOWED:
        return None
    times: list[_Time] = []
    for sentence in reading.prose():
        if not (sentence.numbers or not sentence.keys.isdisjoint(_ORDINAL_KEYS)) or _is_elsewhere(sentence):
            continue
        found = list(_find(sentence))
        if sentence.role in ("conclusions", "limitations", "background"):
            found = [time for time in found if time.is_seen and sentence.role == "conclusions"]
        times += found
    if design in ("cross-sectional", "preclinical"):
        times = [time for time in times if time.is_seen and time.days >= 1 and _FOLLOWED.search(time.sentence.text)]
    times += _add_phases(times)
    seen = [time for time in times if time.is_seen]
    best = max(seen or times, key=lambda time: time.days, default=None)
    if best is None:
        return None
    treated = max((t for t in times if not t.is_seen), key=lambda time: time.days, default=None)
    if treated is not None and best.days <= 1 < treated.days and design in TRIALS | {"protocol"}:
        best = treated  # rated after each of several sessions
    return Evidence(
        facet="follow_up",
        value=best.value,
        field=best.sentence.passage.field,
        sentence=best.sentence.text,
        words=best.words,
    )


_THEN = re.compile(r"\bfollowed by (?:an? )?$|\band (?:then )?an? $|\badditional $|\bfurther $", re.IGNORECASE)


def _add_phases(times: list[_Time]) -> list[_Time]:
    """Add up two phases that one sentence tells one after the other: "for 4 weeks, followed by a 4-week follow-up"."""
    sums: list[_Time] = []
    for one, two in pairwise(times):
        if one.sentence is not two.sentence or one.value.split()[1].rstrip("s") != two.value.split()[1].rstrip("s"):
            continue
        text = one.sentence.text
        first = text.find(one.words)
        second = text.find(two.words, first + len(one.words))
        if second < 0 or not _THEN.search(text[:second]) or not _PHASE_AFTER.match(text, second + len(two.words)):
            continue
        number = float(one.value.split()[0]) + float(two.value.split()[0])
        unit = one.value.split()[1].rstrip("s")
        sums.append(_Time(one.days + two.days, True, _write(number, unit), two.words, one.sentence))
    return sums


def _is_elsewhere(sentence: Sentence) -> bool:
    label = (sentence.passage.label or "").upper()
    if "CRITERIA" in label or "ELIGIB" in label:
        return True
    return not sentence.keys.isdisjoint(_ELSEWHERE_KEYS) and _NOT_SENTENCE.search(sentence.text) is not None


def _find(sentence: Sentence) -> Iterator[_Time]:
    text = _BRACKETED.sub("", sentence.text)
    # the searches are slow, and only a number beside a unit is found by them
    is_cut = len(text) != len(sentence.text)
    last = len(sentence.words) - 1
    after = {sentence.words[place + 1].key for place in sentence.numbers if place < last}
    before = {sentence.words[place - 1].key for place in sentence.numbers if place}
    before_this, last_kind = 0, None
    for match in _SPAN.finditer(text) if is_cut or not after.isdisjoint(_UNITS) else ():
        unit = _name(match.group("unit"))
        number = _highest(match)
        days = number * DAYS[unit]
        if not 0 < days <= _LONGEST:
            continue
        kind = _judge(sentence, text, match, unit)
        joined = _AND_THEN.fullmatch(text, before_this, match.start()) if before_this else None
        if kind is None and joined and not _NOT_AFTER.match(text, match.end()):
            kind = last_kind
        before_this, last_kind = match.end(), kind
        if kind is not None:
            yield _Time(days, kind, _write(number, unit), match.group().strip(), sentence)
    for match in _MARK.finditer(text) if is_cut or not before.isdisjoint(_UNITS) else ():
        words = text[max(0, match.start() - 30) : match.start()].split()
        if words and words[-1][-1] not in ",;)]" and read_number(words[-1]) is not None:
            continue  # "within six months 59 relapsed": the number belongs to what follows
        unit = "day" if match.group("unit").lower().startswith("p") else _name(match.group("unit"))
        number = _highest(match)
        days = number * DAYS[unit]
        if 0 < days <= 1100 and not (unit in ("year", "hour", "month") and days < 1) and not _is_schedule(text, match):
            yield _Time(days, True, _write(number, unit), match.group(), sentence)
    for match in _ORDINAL.finditer(text) if not sentence.keys.isdisjoint(_ORDINAL_KEYS) else ():
        if match.group("after") or _LATER.match(text, match.end()):
            word = match.group("ordinal").lower()
            number = _ORDINALS.index(word) + 1.0 if word in _ORDINALS else float(word[:-2])
            unit = match.group("unit").lower()
            yield _Time(number * DAYS[unit], True, _write(number, unit), match.group(), sentence)
    for match in _RANGE.finditer(text) if "range" in sentence.lower else ():
        unit_before = re.search(rf"\b(?P<unit>{_UNIT})\b[^.;]{{0,12}}$", text[: match.start()], re.IGNORECASE)
        if unit_before is not None and _FOLLOWED.search(text) is None and "age" not in text.lower():
            number = float(match.group("number"))
            unit = _name(unit_before.group("unit"))
            if unit not in _SHORT and "for" in text[: match.start()].split():
                yield _Time(number * DAYS[unit], True, _write(number, unit), match.group(), sentence)


def _is_schedule(text: str, match: re.Match[str]) -> bool:
    """Whether a mark numbers a dose, not a visit: "0.5 mg/kg on day 1", "year 1 of the programme"."""
    before = text[max(0, match.start() - 45) : match.start()]
    if _GIVEN_THEN.match(text, match.end()) or before.endswith("treatment "):
        return True
    return bool(
        re.search(
            r"\b(?:mg|dose|dosing|mg/kg|increased|infusions?|administered|given|taken)\b[^.;,]{0,14}\b(?:on|at) $",
            before,
        )
    ) or bool(re.search(r"\b(?:age|aged|grade|school|past|last|previous|per|each|every)\s$", before))


def _judge(sentence: Sentence, text: str, match: re.Match[str], unit: str) -> bool | None:
    """Return True for a time at which people were seen, False for one over which they were treated, else None."""
    before, after = text[max(0, match.start() - 80) : match.start()], text[match.end() : match.end() + 80]
    is_short = unit in _SHORT
    if match.group("after"):
        return True
    if _BEFOREHAND.search(before) or _GIVEN_AT.search(before):
        return None
    if is_short and _RUNS.search(before):
        return None
    if _NOT_AFTER.match(after):
        return None
    later = _LATER.match(after) is not None
    if later and _GIVEN_THEN.match(after):
        return None
    if later and not re.search(r"\b(?:first|previous|prior) $", before):
        return True
    if _NOT_BEFORE.search(before):
        return None
    assessed = _ASSESSED_BEFORE.search(before) is not None
    if re.search(r"\breceiv\w+ [^.;,]{0,40}\b(?:at|after) $", before):
        return None
    if _GIVEN_THEN.match(after) or (unit in ("month", "year") and _TAKEN_IN.search(before)):
        return None  # when the drug was given; the months in which people were taken in
    if is_short:
        if re.search(r"\bfirst\s*$", before):
            return None
        if assessed and not re.search(r"\b(?:over|for|during)\s*$", before) and _ASSESSES.search(text):
            return None if re.search(r"\bup to $", before) and _GIVEN_OVER.search(before) else True
        if re.match(r"\s?[-‐‑]?\s?(?:post|after|later|timepoint|time point|follow)", after):
            return True
        if (
            re.search(r"\bover (?:a |an )?$", before)
            and re.search(
                r"\b(?:measured|administered|collected|recorded|monitored|sampled)\b[^.;]{0,12}over (?:a |an )?$",
                before,
            )
            and not re.search(r"\bmg", text)
        ):
            return True
        return None
    follow = _FOLLOWED.search(before[-75:]) or _FOLLOWED.match(after.lstrip(" -"))
    if follow:
        return True
    if unit in ("year", "month") and _USED.search(text):
        return None
    if assessed and _ASSESSES.search(text):
        return True
    if re.match(
        r"\s?[-‐‑]?\s?(?:endpoint|end ?point|assessments?|visits?|outcome|relapse|timepoints?|time points?"
        r"|abstinence)\b",
        after,
    ):
        return True
    if _OF_STUDY.match(after) or re.search(r"\b(?:trial|study) (?:over|for|lasting) (?:a )?$", before):
        return True  # the study's own length
    if _PHASE_AFTER.match(after) or _TREATED_BEFORE.search(before):
        return False
    return None


def _highest(match: re.Match[str]) -> float:
    numbers = [
        *re.findall(rf"[0-9]+(?:\.[0-9]+)?|\b(?:{_SMALL})\b", match.group("list").lower()),
        match.group("number").lower(),
    ]
    return max(_read(number) for number in numbers)


def _read(number: str) -> float:
    if number[0].isdigit():
        return float(number)
    return float(sum(read_number(part) or 0 for part in number.split("-")))


def _name(unit: str) -> str:
    lower = unit.lower()
    return _SPELLINGS.get(lower) or lower.removesuffix("s").removeprefix("postoperative ")


def _write(number: float, unit: str) -> str:
    return f"{number:g} {unit}" + ("" if number == 1 else "s")
