"""The turns of phrase by which a study shows its design, beyond the cues that a vocabulary lists.

They are general English and NLM's own terms: a vocabulary for another topic needs no others.
"""

from __future__ import annotations

import re

from harvester.tagging.english import word_set

# NLM's publication types that settle the design, most specific first.
TYPES = (
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
WISHES = word_set(
    """
    future further need needed warrant warranted larger should necessary await awaited lack limitation
    challenging
    """
)
# Titles of notes about other papers begin, or end, with these.  "Response to" alone begins many trials.
NOTE = re.compile(
    r"^\W*(?:(?:author'?s?'?\s+)?reply\b|author'?s?'?\s+response\b|in\s+reply\b|re:|comments?\s+on\b|commentary\b|letter\b"
    r"|response\s+(?:to|from|by)\s+(?:the\s+)?(?:comments?|letters?|editorial|article|authors?|drs?\b|\w+\s+et\s+al|[\"“‘'])"
    r"|editorial\b|erratum\b|corrigendum\b|correction\b|retraction\b|expression\s+of\s+concern\b|in\s+this\s+issue\b)"
    r"|[:.\-–—]\s*(?:an?\s+)?(?:reply|comment|commentary|letter to the editor|editorial"
    r"|authors?'? repl(?:y|ies)|response)\W*$"
    r"|[:—–]\s*(?:a\s+)?(?:commentary|author reply)\b",
    re.IGNORECASE,
)
LETTER = re.compile(
    r"\b(?:this|the|our) (?:letter|commentary|editorial|correspondence|column|viewpoint)\b|\bletter to the editor\b",
    re.IGNORECASE,
)
# A review of papers, not of charts.
REVIEW_TITLE = re.compile(
    r"(?<!chart )(?<!charts )(?<!record )(?<!records )(?<!database )(?<!peer )(?<!utilization )"
    r"\breview\b(?!s? of (?:medical )?(?:record|chart))",
    re.IGNORECASE,
)
# A review says in its abstract that it is one: of papers, not of charts, and not the board that approved a trial.
_HOW = r"(?:(?!chart|record|medical|retrospective|case|utili[sz]ation|quality|peer|board)[\w-]+,? ){0,3}"
REVIEW_ITSELF = re.compile(
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
PROTOCOL_ITSELF = re.compile(
    rf"\bthis proposal\b|\bthis (?:is {_A} |study |trial |paper |article |manuscript |report )*"
    rf"(?:describes?|presents?|outlines?|details)? ?{_A}? ?(?:\w+ )?protocol\b"
    rf"|\b(?:describes?|presents?|outlines?|reports?) (?:here )?{_A}? ?(?:\w+ ){{0,4}}"
    r"(?:protocol|design and rationale|rationale and design|design, rationale)\b",
    re.IGNORECASE,
)
# A plan told in the present: an aim, and nothing that was done.
AIM_IN_PRESENT = re.compile(
    r"\b(?:aims?|goals?|objectives?|purpose)\b[^.]{0,60}\b(?:is|are) to\b"
    r"|\bthis (?:\w+ ){0,3}(?:study|trial|project) (?:aims|assesses|compares|evaluates|investigates|examines|tests)\b"
    r"|\b(?:the )?present (?:study|trial) (?:therefore )?"
    r"(?:aims|assesses|compares|evaluates|investigates|examines|tests)\b",
    re.IGNORECASE,
)
# Headings that only reviews of literature have.
SEARCH_LABEL = re.compile(
    r"search methods|search strategy|selection criteria|data sources|study selection|data extraction"
    r"|data collection and analysis|study eligibility|eligibility criteria for",
    re.IGNORECASE,
)
_FEW = r"(?:two|three|four|five|six|seven|eight|nine|[2-9])"
_CASES = r"(?:cases|patients|adolescents|women|men|children)"
_ONE_PERSON = r"(?:patient|woman|man|girl|boy|adolescent|child|veteran|male|female)"
CASES_IN_TITLE = re.compile(
    rf"\b(?:in|of|with) (?P<number>{_FEW}) (?:[a-z-]+ ){{0,3}}{_CASES}\b"
    rf"|\b(?:in|of) (?P<one>an?|one|1) (?:[\w-]+ ){{0,5}}{_ONE_PERSON}\b",
    re.IGNORECASE,
)
# A "case report" that tells several cases.
SEVERAL = re.compile(
    rf"\b{_FEW} (?:[\w-]+ ){{0,3}}{_CASES}\b[^.]{{0,60}}?\b(?:reported|presented|described|discussed)\b"
    r"|\b(?:report|present|describe|discuss)(?:s|ed)? (?:on )?(?:the )?(?:cases? of )?"
    rf"{_FEW} (?:[\w-]+ ){{0,3}}{_CASES}\b|\bboth (?:cases|patients)\b",
    re.IGNORECASE,
)
# Tense of a study that has been done.
PAST = word_set(
    """
    was were had did showed found demonstrated resulted revealed observed reported
    """
)
# What is cross-sectional about a result need not be the study: "cross-sectional correlations at baseline".
CROSS_SECTIONAL_RESULT = word_set("correlation association difference comparison relationship imaging image area")
# Words for people that say nothing of people: rats have them too.
SEXES = word_set("male female adult adolescent offspring youth infant child mother maternal")
# "randomly selected" chooses whom to ask, not what they are given
SELECTED = word_set(
    """
    selected sampled chosen picked drawn sample effect forest intercept selection
    """
)
# What people went through in a trial.
PUT_ON_TRIAL = word_set(
    """
    received receive administered treated underwent given infused infusion injected injection administration
    treatment mg dose
    """
)
# Who takes a drug of their own accord is not given it.
TAKEN = word_set("dependent dependence user use abuser abuse misuse addiction addicted")
# What stands before cases that others reported: "9 case reports", "several case series".
MANY = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|several|multiple|most|all|these|those|eligible|included)"
    r" (?:\w+ ){0,4}$",
    re.IGNORECASE,
)
# "preclinical", but not "preclinical and clinical"
PRECLINICAL_TITLE = re.compile(r"\bpre-?clinical\b(?!\s*(?:and|to|or|/|,)|-to)", re.IGNORECASE)
