"""Every number of people that an abstract states: "28 patients", "(n = 28)", "28 were randomised".

Numbers of studies, animals, years, doses and shares are not counted at all.  How much each says, and which of them is
the study's, is for `harvester.tagging.size` to decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harvester.tagging.english import key_set, read_number, read_number_words, word_set
from harvester.tagging.lexicon import Word
from harvester.tagging.reading import Reading, Sentence

_DIGITS = frozenset("0123456789")
_STOPS = frozenset(".;:=%±<>")
_HYPHENS = frozenset("-‐‑–")
# Words that end the search for who is counted: what was counted is something else.
_OTHER_THINGS = word_set(
    """
    week day month year hour minute min h s mg kg ml mcg ug g mm cm hz tesla session study trial article report
    rct record publication paper abstract database infusion dose treatment point item site center clinic
    hospital country visit time fold percent event episode question symptom test measure effect size variable
    group arm wk hr yr domain score level gene region feature language city state nation unit scale theme
    outcome intervention injection administration protein sample comparison citation search website occasion
    condition stage part step to of in on at with from per vs versus were was are had than after before for by
    the a an between who that year-old month-old week-old who whose aged targeting involving examining investigating
    assessing evaluating comparing
    """
)
# … but directly before a person's word these only say whose people they are.
_DESCRIBES = word_set("comparison treatment control group arm study trial test sample")
_IRREGULAR = word_set("people women men children adolescent youth elderly personnel offspring")
_SEXES = word_set("man men woman women male female boy girl")
_SUBSET_NOUNS = word_set(
    """
    women woman men man female male responder nonresponder control completer girl boy case remitter
    """
)
# What "(n = 12)" counts when it stands behind one of these: works, not people.
_WORKS = word_set("study trial rct article report publication paper record review dataset comparison meta-analysis")
_MONTHS = word_set(
    """
    january february march april may june july august september october november december jan feb mar apr jun
    jul aug sep sept oct nov dec
    """
)
_NUMBERED = word_set(
    """
    experiment study phase part stage step version grade year cohort substudy trial model table figure
    """
)
_COUNTED = word_set(
    """
    adult patient participant subject people person individual inpatient outpatient volunteer veteran child children
    adolescent women woman men man mother
    """
)
RANDOMISED = word_set("randomized randomly randomization allocated assigned randomize")
ENROLLED = key_set(
    """
    enrolled enroll enrolling included including include recruited recruit participated participate comprised
    comprising comprise involving involved received receive treated underwent consisted consisting studied took
    referred administered identified contributed provided surveyed responded investigated examined obtained
    interviewed tested given presented entered undergoing conducted pooled began begun initiated commenced started
    answered replied
    """
)
# One of these is in a sentence that counts people without a word for them.
_ASKED = word_set("survey questionnaire surveyed")
_COUNTS_NOBODY_NAMED = RANDOMISED | _ASKED | {"n", "ns", "approached"}
_LIMITS = word_set("than least score scoring of to above below")
_VERBS_AFTER_NUMBER = word_set(
    "were was met completed received underwent enrolled participated entered had answered responded replied"
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people in a sentence."""

    number: int
    sentence: Sentence
    first: int  # place of its first word in the sentence
    last: int  # place of its last word, the noun that it counts included
    kind: str  # people: followed by who they are; n: written as n = 12; verb: by what was done; arm, groups; sum
    subset: bool = False  # counted by a word for some of them only (women, controls)
    parts: tuple[Count, ...] = ()  # the counts of other sentences that a sum adds up
    score: float = 0.0  # how much its words say that so many people took part; `harvester.tagging.size` sets it

    @property
    def start(self) -> int:
        """Where it begins, in characters of the sentence."""
        return self.sentence.words[self.first].start

    @property
    def end(self) -> int:
        """Where it ends, in characters of the sentence."""
        return self.sentence.words[self.last].end


def find_counts(reading: Reading) -> list[Count]:
    """Find every number of people that the title and the abstract state, in reading order, not yet scored."""
    return [count for sentence in reading.prose() for count in _find_in(sentence)]


def _numbers(sentence: Sentence) -> Iterator[tuple[int, int, int]]:
    """Yield each whole number of a sentence that could count people: the number, its first and its last word."""
    words, text = sentence.words, sentence.text
    done = -1
    for place in sentence.numbers:
        if place <= done:
            continue
        word = words[place]
        if word.text[0] in _DIGITS:
            number, last = _read_groups(words, text, place)
        else:
            spelt = read_number_words([other.text for other in words[place : place + 8]])
            number, last = (spelt[0], place + spelt[1] - 1) if spelt else (None, place)
        done = last
        if (
            number
            and not _is_part_of_something(text, word.start, words[last].end)
            and not _is_date(words, place, number)
        ):
            yield number, place, last


def _read_groups(words: list[Word], text: str, place: int) -> tuple[int | None, int]:
    """Read a number whose thousands stand apart, "12 345" or "12'345": thin spaces may have become plain."""
    number = read_number(words[place].text)
    if not words[place].text.isdigit() or not 1 <= len(words[place].text) <= 3 or words[place].text[0] == "0":
        return number, place
    last, digits = place, words[place].text
    while (
        last + 1 < len(words)
        and len(words[last + 1].text) == 3
        and words[last + 1].text.isdigit()
        and text[words[last].end : words[last + 1].start] in _BETWEEN_GROUPS
        and len(digits) < 9
    ):
        last += 1
        digits += words[last].text
    return (int(digits), last) if last > place else (number, place)


_BETWEEN_GROUPS = frozenset((" ", "'", "’", "\u2009", "\u202f", "\u00a0"))


def _is_part_of_something(text: str, start: int, end: int) -> bool:
    """Whether a number belongs to a name, a range, a share or a limit: "3,4-MDMA", "10th", "45%", "≥18", "PHQ-9"."""
    before = text[max(0, start - 2) : start]
    after = text[end : end + 3]
    if (before[-1:] == "(" and after[:1] == ")") or (
        after.lstrip()[:1] == "m" and text[end:].lstrip().startswith(("million", "m "))
    ):
        return True  # "(2) users", "350 million people"
    if (
        after[:1].isalpha()
        or (after[:1] in "-–‐‑" and after[1:2].isalnum())
        or after.lstrip()[:1] in ("%", "‰", "±", "+")
    ):
        return True
    return bool(before) and (before[-1] in "-–‐‑,.$€£±/" or before.rstrip()[-1:] in tuple("<>≥≤±$€£"))


def _is_date(words: list[Word], place: int, number: int) -> bool:
    """Whether a number is a day or a year: "26 January 2019", "Feb 6, 2014", "in 2019"."""
    before = words[place - 1].key if place else ""
    after = words[place + 1].key if place + 1 < len(words) else ""
    if before in _NUMBERED and words[place].start - words[place - 1].end == 1:
        # "Study 2 patients" and "trial 36 adults": people are counted where the noun is no name and no small number.
        named = words[place - 1].text[:1].isupper() or number < 10
        return named or not {word.key for word in words[place + 1 : place + 3]} & _COUNTED
    if number <= 31 and (before in _MONTHS or after in _MONTHS):
        return True
    if before == "in" and place > 1 and (read_number(words[place - 2].text) or number) < number:
        return True  # "one in ten patients" is a share
    if before in ("n", "ns"):
        return False
    return (
        1900 <= number <= 2099
        and "," not in words[place].text
        and (
            before in _MONTHS
            or before.isdigit()
            or after not in ("patient", "participant", "adult", "individual", "people")
        )
    )


def _find_in(sentence: Sentence) -> list[Count]:
    if not sentence.numbers or ("people" not in sentence.facets and sentence.keys.isdisjoint(_COUNTS_NOBODY_NAMED)):
        return []
    people = {mention.first: mention.last for mention in sentence.mentions_of("people")}
    counts: list[Count] = []
    waiting: list[tuple[int, int, int]] = []
    if not _ASKED.isdisjoint(sentence.keys):  # who answered a survey gave a response
        words = sentence.words
        people |= {place: place for place, word in enumerate(words) if word.text.lower() == "responses"}
    for number, first, last in _numbers(sentence):
        if _is_n(sentence, first):
            if _counts_works(sentence, first, last) or _counts_things(sentence, last, people):
                continue
            counts.append(_count(sentence, number, first - 1, last, "n", None))
            continue
        who = _who(sentence, number, last + 1, people)
        if who is None and people and (_is_ill(sentence, last + 1) or _is_other_sex(sentence, counts, last + 1)):
            who = last + 1
        if who is not None:
            groups = _groups_of(sentence, first)
            if groups is not None:
                counts.append(_count(sentence, number * groups[0], groups[1], who, "groups", sentence.words[who]))
                waiting = []
                continue
            chained = _chain(sentence, waiting, first)
            counts += [_count(sentence, *earlier, "people", sentence.words[who]) for earlier in chained]
            counts.append(_count(sentence, number, first, who, "people", sentence.words[who]))
            waiting = []
        elif counts and _is_next_of_list(sentence, counts[-1], first, last):
            counts.append(_count(sentence, number, first, last, "n", None))
        elif counts and _is_next_arm(sentence, first, last):
            counts.append(_count(sentence, number, first, last, "arm", None))
        elif (people or "approached" in sentence.keys) and _does(sentence, last + 1):
            counts.append(_count(sentence, number, first, last, "verb", None))
        else:
            waiting.append((number, first, last))
    return counts


def _counts_things(sentence: Sentence, last: int, people: dict[int, int]) -> bool:
    """Whether "N = 240" goes on with what was counted, and these are no people: "N = 240 ketamine infusions"."""
    for place in range(last + 1, min(last + 6, len(sentence.words))):
        if sentence.between(place - 1, place).strip() or place in people:
            return False
        if sentence.words[place].key in _THINGS and sentence.words[place].text.endswith("s"):
            return True
    return False


_THINGS = word_set(
    """
    treatment infusion session dose injection administration procedure visit scan image observation assessment
    measurement couple pair dyad family site center clinic hospital
    """
)


def _is_other_sex(sentence: Sentence, counts: list[Count], place: int) -> bool:
    """Whether a number goes on with the other sex of one bracket: "(16 males, 4 female)"."""
    return (
        bool(counts)
        and place < len(sentence.words)
        and sentence.words[place].key in _SEXES
        and sentence.words[counts[-1].last].key in _SEXES
        and sentence.text[counts[-1].end : sentence.words[place - 1].start] in (", ", " and ")
    )


def _is_ill(sentence: Sentence, place: int) -> bool:
    """Whether an abbreviation stands for people who have what it names: "26 TRD, 30 HV"."""
    return any(
        mention.first == mention.last == place
        and sentence.words[place].text.isupper()
        and not sentence.between(place - 1, place).strip()
        and sentence.text[mention.end : mention.end + 1] in ",;)"
        for mention in sentence.mentions_of("conditions")
    )


def _groups_of(sentence: Sentence, first: int) -> tuple[int, int] | None:
    """Read "two groups of" before a number: how many, and the place of that word."""
    words = sentence.words
    if first < 3 or words[first - 1].key != "of" or words[first - 2].key not in ("group", "arm", "cohort"):
        return None
    for place in range(first - 3, max(-1, first - 6), -1):
        groups = read_number(words[place].text)
        if groups is not None:
            return (groups, place) if 2 <= groups <= 8 else None
    return None


def _chain(sentence: Sentence, waiting: list[tuple[int, int, int]], until: int) -> list[tuple[int, int, int]]:
    """Return the numbers that share a noun with the next one: "45 ecstasy, 48 cannabis and 40 legal drug users"."""
    chained: list[tuple[int, int, int]] = []
    for number, first, last in reversed(waiting):
        between = sentence.words[last + 1 : until]
        gap = sentence.text[sentence.words[last].end : sentence.words[until].start]
        if (
            len(between) > 5
            or any(char in gap for char in "().;:=%")
            or not ("," in gap or any(w.key in ("and", "or") for w in between))
        ):
            break
        if number < 2 or any(word.key in _OTHER_THINGS or _is_thing(word) for word in between):
            break
        chained.append((number, first, last))
        until = first
    return chained[::-1]


def _is_n(sentence: Sentence, place: int) -> bool:
    if place == 0 or sentence.words[place - 1].text not in ("n", "N", "ns", "Ns"):
        return False
    return any(char in sentence.between(place - 1, place) for char in "=≈:")


def _counts_works(sentence: Sentence, first: int, last: int) -> bool:
    """Whether "n = 12" counts studies: "studies (n = 12)", "n = 12 studies"."""
    words = sentence.words
    after = words[last + 1].key if last + 1 < len(words) else ""
    before = words[first - 2] if first > 1 else None
    if after in _WORKS and not sentence.between(last, last + 1).strip():
        return True
    if before is None or before.key not in _WORKS or not before.text.endswith("s"):
        return False
    # "six studies (n = 221)" has counted its studies: these are people
    counted = any(word.text[0] in _DIGITS or read_number(word.text) for word in words[max(0, first - 8) : first - 2])
    return not counted and "," not in sentence.between(first - 2, first - 1)


def _who(sentence: Sentence, number: int, after: int, people: dict[int, int]) -> int | None:
    """Find the last word of who is counted, within six words after a number; None if something else is."""
    words = sentence.words
    place, steps = after, 0
    if place < len(words) and words[place].key in ("or", "and"):
        return None
    spelt = words[place - 1].text[0] not in _DIGITS
    while place < len(words) and steps < 7:
        gap = sentence.between(place - 1, place)
        if gap.lstrip().startswith("(") and place == after:
            place = after = _skip_brackets(sentence, place)
            if place < len(words) and sentence.between(place - 1, place).strip() == ")" and place not in people:
                steps += 1
                place += 1
            elif place in people:
                return people[place] if number == 1 or _is_plural(words[people[place]]) else None
            continue
        if not _STOPS.isdisjoint(gap) or (place != after and ("(" in gap or ")" in gap)):
            return None
        if "," in gap and place == after and not spelt:
            return None  # but "Twenty, healthy, male participants"
        if place in people:
            last = people[place]
            if _is_both_sexes(sentence, last + 2):
                return last + 2  # "65 men and women"
            while last + 1 in people and not sentence.between(last, last + 1).strip():
                last = people[last + 1]
            if number == 1 and words[last].text.endswith("s"):
                return None  # "and one included patients with depression"
            if number == 1 or _is_plural(words[last]):
                return last
            place, steps = last + 1, steps + 1  # "19 male, abstinent users": described, not yet named
            continue
        word = words[place]
        if word.key in _DESCRIBES and place + 1 in people:
            place, steps = place + 1, steps + 1
            continue  # "20 comparison subjects", "12 study participants"
        hyphenated = sentence.text[word.end : word.end + 1] in _HYPHENS or sentence.text[word.start - 1] in _HYPHENS
        if word.text[0] in _DIGITS and place - 1 in people and words[place - 1].key in _SEXES:
            return place - 1  # "18 healthy male 20-28 year olds"
        if (word.key in _OTHER_THINGS and not hyphenated) or word.text[0] in _DIGITS:
            return None  # but "treatment-seeking patients", "past-year users"
        if _is_thing(word) and not hyphenated:
            return place if _are_people_by_trade(sentence, place, number) else None
        place += 1
        steps += 1
    return None


def _are_people_by_trade(sentence: Sentence, place: int, number: int) -> bool:
    """Whether a plural that no list has names people: "90 sailors with depression were randomised"."""
    words = sentence.words
    if number < 5 or place + 1 >= len(words) or "animals" in sentence.facets or words[place].key in _WORKS:
        return False
    if words[place + 1].key not in _SAID_OF_PEOPLE or sentence.between(place, place + 1).strip():
        return False
    return any(word.key in RANDOMISED for word in words[place + 1 : place + 16])


_SAID_OF_PEOPLE = word_set("with who were having undergoing aged scheduled")


def _is_thing(word: Word) -> bool:
    """Whether a word is a noun in the plural: adjectives have none, so it is what was counted."""
    return (
        len(word.text) > 3
        and word.text.endswith("s")
        and not word.text.endswith(("ss", "us", "is", "'s", "’s", "ies"))
        and (word.key not in ("diabete", "hiv/aid"))
    )


def _skip_brackets(sentence: Sentence, place: int) -> int:
    """Return the place of the first word after the brackets that open before a word."""
    close = sentence.text.find(")", sentence.words[place].start)
    while place < len(sentence.words) and sentence.words[place].start < close:
        place += 1
    return place if close >= 0 else len(sentence.words)


def _is_plural(word: Word) -> bool:
    return (
        word.key in _IRREGULAR
        or word.text.lower().endswith("s")
        or word.text.isupper()  # an abbreviation: "120 HV"
        or "children" in word.key
    )


def _does(sentence: Sentence, after: int) -> bool:
    """Whether a number is followed by what was done with so many: "672 were randomly assigned"."""
    words = sentence.words[after : after + 4]
    if sentence.words[max(0, after - 2)].key in _LIMITS:
        return False  # "scores greater than 20 were included"
    if not words or sentence.between(after - 1, after).strip():
        return False
    if words[0].key == "randomized" and sentence.text[words[0].end : words[0].end + 1] in ",.;)":
        # "435 were screened, 227 randomised, …", but not "nine randomised, double-blind studies"
        return _WORKS.isdisjoint(word.key for word in sentence.words[after : after + 12])
    if words[0].key not in _VERBS_AFTER_NUMBER:
        return False
    if words[0].key == "met":
        words = sentence.words[after : after + 8]  # "19 met the criteria and were enrolled"
    return any(word.key in RANDOMISED | ENROLLED for word in words)


def _is_next_of_list(sentence: Sentence, before: Count, first: int, last: int) -> bool:
    """Whether a number goes on with the groups of one bracket: "(n = 80 at home, 95 abroad and 12 unknown)"."""
    gap = sentence.text[before.end : sentence.words[first].start]
    return (
        before.kind == "n"
        and gap.endswith((", ", " and "))
        and _STOPS.isdisjoint(gap)
        and gap.count("(") == gap.count(")")
        and 0 < first - before.last - 1 < 6
        and last + 1 < len(sentence.words)
        and sentence.words[last + 1].key not in _OTHER_THINGS
        and not sentence.between(last, last + 1).strip()
    )


def _is_next_arm(sentence: Sentence, first: int, last: int) -> bool:
    """Whether a bare number goes on with the arms: "336 patients were randomised to A and 340 to B"."""
    words = sentence.words
    if (
        first < 2
        or last + 1 >= len(words)
        or not {word.key for word in words[:first]} & (RANDOMISED | {"received", "underwent", "group", "arm"})
    ):
        return False
    joined = words[first - 1].key in ("and", "while", "or", "with") or "," in sentence.between(first - 1, first)
    gap = sentence.between(last, last + 1)
    if last + 2 < len(words) and words[last + 1].key == "to" and read_number(words[last + 2].text) is not None:
        return False  # "four to six hours later"
    return joined and not gap.strip() and words[last + 1].key in ("to", "received", "underwent", "in")


def _count(sentence: Sentence, number: int, first: int, last: int, kind: str, who: Word | None) -> Count:
    subset = (
        who is not None
        and who.key in _SUBSET_NOUNS
        and not _are_mothers(sentence, last)
        and not _is_both_sexes(sentence, last)
    )
    return Count(number, sentence, first, last, kind, subset)


def _are_mothers(sentence: Sentence, last: int) -> bool:
    return last > 0 and sentence.words[last - 1].key in (
        "pregnant",
        "postpartum",
        "parturient",
        "perinatal",
        "puerperal",
    )


def _is_both_sexes(sentence: Sentence, last: int) -> bool:
    words = sentence.words
    return (
        2 <= last < len(words)
        and words[last].key in _SEXES
        and words[last - 2].key in _SEXES
        and words[last - 1].key in ("and", "or")
    )
