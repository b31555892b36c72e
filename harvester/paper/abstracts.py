"""Abstracts in one string, divided into their labelled parts, as PubMed's XML has them.

Feeds, MEDLINE text, RIS and spreadsheets hold "BACKGROUND: … METHODS: …" in one line.  A label is recognised
only if it is one that authors use for the parts of an abstract, stands at the beginning or after the end of a
sentence, and is not alone: "Results: see text" in the middle of prose divides nothing.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re

from harvester.paper.records import AbstractSection
from harvester.paper.text import collapse

# Labels in lower case by the category that NLM gives them (nlm.nih.gov, "Structured Abstracts").
_LABELS = {
    "BACKGROUND": "background|introduction|context|importance|rationale|background and (?:purpose|aims?|objectives?)"
    "|introduction and objectives?|what is already known",
    "OBJECTIVE": "objectives?|aims?|purpose|goals?|hypothes[ie]s|aims?(?: and |/)objectives?|study objectives?"
    "|objectives?/introduction|purpose of review",
    "METHODS": "methods?|materials? and methods|methods and materials|(?:patients|subjects|participants) and methods"
    "|methodology|design|study design|trial design|settings?|participants|patients|interventions?|exposures?"
    "|main outcomes?(?: and)? measures?|outcome measures?|measures?|measurements|data sources?|study selection"
    "|data extraction(?: and synthesis)?|data synthesis|search strategy|procedures?|sample|methods/design"
    "|design, setting,? and participants|methods and (?:analysis|findings)|experimental approach"
    "|statistical analysis",
    "RESULTS": "results?|findings|(?:main|key) results|(?:recent|principal) findings|outcomes?|observations?"
    "|case(?: report| presentation)?|results and discussion",
    "CONCLUSIONS": "conclusions?|conclusions? and (?:relevance|implications)|interpretation|discussion|implications"
    "|limitations|discussion and conclusions?|summary|clinical implications|significance|conclusions?/significance"
    "|strengths and limitations(?: of this study)?",
    "UNASSIGNED": "ethics and dissemination|(?:clinical )?trial registration(?: number)?|registration|funding"
    "|keywords|systematic review registration|declaration of interest|clinicaltrials.gov(?: identifier)?",
}
_CATEGORIES = tuple((re.compile(pattern), category) for category, pattern in _LABELS.items())
_CANDIDATE = re.compile(r"(?:^|(?<=[.?!)\]] ))(?P<label>[A-Z][A-Za-z/(), -]{2,50}(?:\.gov)?):\s")


def categorise_label(label: str) -> str | None:
    """Return NLM's category of an abstract's label; None if it is none that we know.

    Examples
    --------
    >>> categorise_label("Materials and Methods"), categorise_label("Ketamine")
    ('METHODS', None)
    """
    folded = (collapse(label) or "").rstrip(":. ").lower()
    return next((category for pattern, category in _CATEGORIES if pattern.fullmatch(folded)), None)


def read_abstract(text: str | None) -> tuple[AbstractSection, ...]:
    """Divide an abstract without markup at its labels; None or blank gives no section.

    Without labels, or with a single one, it is one unlabelled section.  Joined again (`Citation.abstract_text`) they
    are the text, white space collapsed.

    Examples
    --------
    >>> [(part.label, part.text) for part in read_abstract("AIMS: To test. RESULTS: It worked.")]
    [('AIMS', 'To test.'), ('RESULTS', 'It worked.')]
    """
    line = collapse(text)
    if line is None:
        return ()
    marks = [mark for mark in _CANDIDATE.finditer(line) if categorise_label(mark["label"]) is not None]
    if len(marks) < 2:
        return (AbstractSection(text=line),)
    sections = []
    if before := line[: marks[0].start()].strip():
        sections.append(AbstractSection(text=before))
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(line)
        part = line[mark.end() : end].strip()
        if part:
            label = mark["label"]
            sections.append(AbstractSection(text=part, label=label, category=categorise_label(label)))
    return tuple(sections)
