"""Invented studies and editions for the tests of the digest.

Nothing here exists: names, journals, numbers and identifiers are made up, and every title says so.  DOIs use the
prefix 10.5555, which is reserved for examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harvester.digest import select
from harvester.digest.edition import Change, Edition, load_edition
from harvester.digest.fieldmap import MapWork
from harvester.digest.words import read_words
from harvester.paper.records import AbstractSection, Author, Identifiers, Study
from harvester.paper.reports import SourceReport
from harvester.paper.tags import Evidence, Tags
from harvester.tagging import load_vocabulary

MADE_AT = "2026-11-23T06:00:00Z"
NAMES = ("Arvane GI", "Belloc T", "Cendrik AM", "Dossow P", "Elvane R", "Fenwick-Orr J", "Galdo M", "van der Hoorn S")
JOURNALS = (
    "Journal of Invented Psychiatry",
    "Annals of Imaginary Medicine",
    "Fictional Psychopharmacology",
    "Archives of Nowhere",
)
WORDS = read_words(load_vocabulary("ketamine"))
TITLE = "Ketamine & mental health, weekly"
QUERY = '("Ketamine"[Mesh] OR ketamin*[tiab] OR esketamin*[tiab]) AND (depress*[tiab] OR suicid*[tiab] OR PTSD[tiab])'


def make_author(name: str) -> Author:
    """Make an author from "Family GI"."""
    family, _, initials = name.rpartition(" ")
    return Author(family=family, initials=initials)


def make_study(number: int = 1, title: str | None = None, **changes: Any) -> Study:
    """Make one study; `changes` may name fields of the study and of its tags."""
    tag_names = set(Tags.__dataclass_fields__)
    tags: dict[str, Any] = {"tier": "core", "relevance": 0.5, "compounds": ("ketamine",)}
    tags |= {key: changes.pop(key) for key in list(changes) if key in tag_names}
    design = tags.get("design", "other")
    name = title or f"A study with the number {number}"
    fields: dict[str, Any] = {
        "study_id": f"S{number:07d}",
        "title": f"{name} (invented sample).",
        "authors": tuple(make_author(NAMES[(number + step) % len(NAMES)]) for step in range(1 + number % 4)),
        "journal": JOURNALS[number % len(JOURNALS)],
        "published": f"2026-11-{1 + number % 20:02d}",
        "identifiers": Identifiers(pmid=str(91000000 + number), doi=f"10.5555/invented.{number}"),
        "languages": ("eng",),
        "abstract": (
            AbstractSection(label="METHODS", text=f"This invented study used the design {design}."),
            AbstractSection(label="RESULTS", text="Every number in it was made up for the tests."),
        ),
        "first_seen": MADE_AT,
        "last_changed": MADE_AT,
        "sources": ("pubmed",),
    }
    return Study(tags=Tags(**tags), **(fields | changes))


def make_report(name: str = "PubMed", **changes: Any) -> SourceReport:
    """Make the report of one source that answered."""
    fields: dict[str, Any] = {
        "name": name,
        "kind": "pubmed" if name == "PubMed" else "feed",
        "asked_at": MADE_AT,
        "answered": True,
        "received": 87,
        "new": 19,
    }
    return SourceReport(**(fields | changes))


PUBMED = make_report(
    query=QUERY, translation=QUERY.replace("ketamin*", "ketamine"), window=("2026-11-09", "2026-11-23")
)
FEED = make_report("Journal of Invented Psychiatry", received=12, new=1)
FAILED_FEED = make_report(
    "Archives of Nowhere",
    answered=False,
    received=0,
    new=0,
    error="503 Service Unavailable after 4 attempts",
    failing_since="2026-11-16T06:00:00Z",
    next_try="2026-11-30T06:00:00Z",
)


def make_edition(new: Iterable[Study] = (), changes: Iterable[Change] = (), **settings: Any) -> Edition:
    """Make an edition of the week 2026-W48."""
    fields: dict[str, Any] = {
        "edition": "2026-W48",
        "previous": "2026-W47",
        "digest": "weekly",
        "title": TITLE,
        "topic": "Ketamine in mental health",
        "made_at": MADE_AT,
        "timezone": "Europe/Zurich",
        "since": "2026-11-16",
        "until": "2026-11-23",
        "new": new,
        "changes": changes,
        "held": YEAR,
        "reports": (PUBMED, FEED),
        "words": WORDS,
        "sample": True,
        "version": "0.1.0",
        "contact": "editor@example.org",
        "unsubscribe": "mailto:leave@example.org?subject=leave",
    }
    return select(**(fields | settings))


def _repeated(*counts: tuple[int, Sequence[str], str]) -> tuple[MapWork, ...]:
    return tuple(
        MapWork(conditions=conditions, design=design, year="2025")
        for number, conditions, design in counts
        for _ in range(number)
    )


YEAR = _repeated(
    (31, ("treatment-resistant-depression", "depression"), "rct"),
    (22, ("treatment-resistant-depression", "depression"), "open-label-trial"),
    (64, ("treatment-resistant-depression", "depression"), "cohort"),
    (48, ("depression",), "review"),
    (112, ("depression",), "preclinical"),
    (9, ("depression", "suicidality"), "rct"),
    (14, ("suicidality",), "cohort"),
    (6, ("bipolar",), "cohort"),
    (4, ("ptsd",), "rct"),
    (7, ("ptsd",), "protocol"),
    (5, ("alcohol-use", "substance-use"), "rct"),
    (3, ("substance-use",), "case-report"),
    (12, ("pain", "depression"), "rct"),
    (2, ("eating-disorder",), "case-series"),
    (8, ("healthy-volunteers",), "rct"),
    (3, ("depression",), "economic"),
)

_TRD = ("depression", "treatment-resistant-depression")

WEEK = (
    make_study(
        1,
        "Esketamine nasal spray or extended-release quetiapine in treatment-resistant depression: 32 weeks",
        design="rct",
        conditions=_TRD,
        compounds=("esketamine",),
        routes=("intranasal",),
        comparators=("quetiapine",),
        sample_size=676,
        follow_up="32 weeks",
        topics=("maintenance",),
        relevance=0.97,
        key_finding="Remission at week 8 was more frequent with esketamine than with quetiapine (27.1% vs 17.6%; "
        "adjusted odds ratio 1.74, 95% CI 1.20 to 2.52; P = 0.003). Of those in remission at week 8, 21.7% and "
        "14.1% had no relapse through week 32.",
        reasons=("randomised", "676 people", "follow-up over six months", "an active comparator"),
        trial_ids=("NCT00000001",),
        identifiers=Identifiers(pmid="91000001", doi="10.5555/invented.1", pmcid="PMC9100001"),
        evidence=(
            Evidence(
                facet="design",
                value="rct",
                field="abstract",
                sentence="We randomly assigned 676 patients to esketamine nasal spray or quetiapine.",
                words="randomly assigned",
            ),
            Evidence(
                facet="sample_size",
                value="676",
                field="abstract",
                sentence="We randomly assigned 676 patients to esketamine nasal spray or quetiapine.",
                words="676 patients",
            ),
            Evidence(
                facet="conditions",
                value="treatment-resistant-depression",
                field="title",
                sentence="Esketamine nasal spray or extended-release quetiapine in treatment-resistant depression",
                words="treatment-resistant depression",
            ),
        ),
    ),
    make_study(
        2,
        "Repeated subcutaneous ketamine and midazolam for suicidal ideation in the emergency department",
        design="rct",
        conditions=("depression", "suicidality"),
        routes=("subcutaneous",),
        comparators=("midazolam",),
        sample_size=124,
        follow_up="6 weeks",
        relevance=0.93,
        key_finding="Suicidal ideation fell by 7.2 points more with ketamine than with midazolam at 24 hours "
        "(95% CI 4.1 to 10.3); the difference was gone at six weeks.",
        reasons=("randomised", "124 people", "an active placebo", "a question that few have asked"),
        trial_ids=("ACTRN12600000000001",),
    ),
    make_study(
        3,
        "Ketamine-assisted psychotherapy for post-traumatic stress disorder: an open trial",
        design="open-label-trial",
        conditions=("ptsd",),
        routes=("intramuscular",),
        sample_size=41,
        follow_up="3 months",
        relevance=0.88,
        key_finding="CAPS-5 scores fell from 38.4 to 21.9 by week 12 (Hedges g = 1.1).",
        reasons=("41 people", "follow-up over three months", "first on ketamine with prolonged exposure"),
        status="preprint",
        journal="Invented Preprints",
        identifiers=Identifiers(doi="10.5555/preprint.3"),
        url="https://example.org/preprint/3",
    ),
    make_study(
        4,
        "(R)-ketamine and (S)-ketamine in bipolar depression: a crossover trial at two doses",
        title_markup="(<i>R</i>)-ketamine and (<i>S</i>)-ketamine in bipolar depression: a crossover trial at two "
        "doses (invented sample).",
        design="rct",
        conditions=("bipolar",),
        compounds=("arketamine", "esketamine"),
        routes=("intravenous",),
        comparators=("placebo",),
        sample_size=30,
        follow_up="4 weeks",
        relevance=0.81,
        key_finding="Neither enantiomer differed from placebo at day 7.",
    ),
    make_study(
        5,
        "Ambulatory ketamine in 1,806 people with depression: a registry",
        design="cohort",
        conditions=_TRD,
        routes=("intravenous", "oral"),
        sample_size=1806,
        follow_up="12 months",
        relevance=0.78,
        key_finding="Response was 54% after the first course and 31% at 12 months.",
    ),
    make_study(
        6,
        "Maintenance treatment with esketamine: who relapses after stopping?",
        design="cohort",
        conditions=_TRD,
        compounds=("esketamine",),
        routes=("intranasal",),
        topics=("maintenance",),
        relevance=0.74,
        key_finding="Relapse within a year of stopping was 46%.",
        languages=("ger",),
    ),
    make_study(
        7,
        "Ketamine for adults with depression: a systematic review and meta-analysis of repeated dosing",
        design="meta-analysis",
        conditions=("depression",),
        sample_size=5299,
        relevance=0.72,
        comparators=("placebo", "midazolam"),
        key_finding="Repeated dosing was better than placebo at week 4 (SMD −0.42, 95% CI −0.61 to −0.23; 64 trials).",
        trial_ids=("CRD42000000001",),
    ),
    make_study(
        8,
        "Ketamine and motivational therapy in alcohol use disorder: outcomes at six months",
        design="rct",
        conditions=("alcohol-use", "substance-use"),
        routes=("intravenous",),
        comparators=("saline",),
        sample_size=96,
        follow_up="6 months",
        relevance=0.7,
        key_finding="Days without alcohol did not differ between groups.",
    ),
    make_study(9, "Rapid relief of obsessions: two cases", design="case-series", conditions=("ocd",), sample_size=2),
    make_study(
        10, "What patients say about dissociation: interviews", design="qualitative", topics=("safety",), sample_size=18
    ),
    make_study(
        11,
        "What esketamine costs a health service: a model",
        design="economic",
        conditions=_TRD,
        topics=("access-and-cost",),
        relevance=0.4,
    ),
    make_study(
        12,
        "At-home sublingual ketamine for anxiety: protocol of a randomised trial",
        design="protocol",
        conditions=("anxiety",),
        routes=("sublingual",),
        comparators=("placebo",),
        sample_size=120,
        trial_ids=("NCT00000012",),
    ),
    make_study(
        13,
        "Esketamine and cognitive training: study protocol",
        design="protocol",
        conditions=_TRD,
        compounds=("esketamine",),
    ),
    make_study(
        14,
        "(2R,6R)-hydroxynorketamine restores CO2 sensitivity in stressed mice",
        title_markup="(2<i>R</i>,6<i>R</i>)-hydroxynorketamine restores CO<sub>2</sub> sensitivity in stressed mice "
        "(invented sample)",
        design="preclinical",
        conditions=("depression",),
        compounds=("hydroxynorketamine",),
        routes=("intraperitoneal",),
    ),
    make_study(
        15,
        "mTOR in the prefrontal cortex after one dose: a rat study",
        design="preclinical",
        conditions=("depression",),
    ),
    make_study(16, "Ketamine clinics: a letter on consent", design="comment"),
    make_study(
        17,
        "Esketamine at caesarean section and mood after birth",
        tier="adjacent",
        design="rct",
        conditions=("postpartum-depression", "depression"),
        compounds=("esketamine",),
        sample_size=202,
    ),
    make_study(
        18,
        "Postoperative delirium after intra-operative ketamine",
        tier="adjacent",
        design="cohort",
        conditions=("delirium",),
    ),
    make_study(19, "Ketamine as an anaesthetic for electroconvulsive therapy", tier="adjacent", design="rct"),
    make_study(20, "Horses, sedated", tier="off-topic", design="other"),
)

CHANGES = (
    Change(
        study=make_study(
            31,
            "A single infusion for postpartum depression",
            status="corrected",
            design="rct",
            conditions=("postpartum-depression",),
        ),
        kind="corrected",
        at="2026-11-18",
        sent_in="2026-W44",
        notice_url="https://pubmed.ncbi.nlm.nih.gov/91000099/",
        detail="Table 2 gave the two groups in the wrong order.",
    ),
    Change(
        study=make_study(
            30, "Oral ketamine cures everything", status="retracted", design="rct", conditions=("depression",)
        ),
        kind="retracted",
        at="2026-11-20T08:00:00Z",
        sent_in="2026-W41",
        notice_url="https://doi.org/10.5555/notice.30",
        detail="The data could not be provided.",
    ),
)

GOLDEN = {
    "ordinary": make_edition(WEEK, CHANGES, reports=(PUBMED, FEED, FAILED_FEED)),
    "empty": make_edition(
        reports=(replace(PUBMED, new=0), make_report("Archives of Nowhere", received=0, new=0, unchanged=True))
    ),
    # As a program stored it whose editions did not keep their words yet.
    "before-words": load_edition((Path(__file__).parent / "before-words" / "digest.json").read_bytes()),
}
