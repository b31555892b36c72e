"""What a study compares: its other arms, not whatever else it names."""

import pytest

from harvester.paper.records import AbstractSection, Citation
from harvester.tagging import classify, load_vocabulary

TRIAL = "Ketamine for hiccups of the invented: a randomised trial"


def compare(title: str, abstract: str) -> set[str]:
    citation = Citation(title=title, abstract=(AbstractSection(text=abstract),))
    return set(classify(citation, load_vocabulary("ketamine")).comparators)


@pytest.mark.parametrize(
    ("shows", "abstract", "expected"),
    [
        (
            "an arm after an amount",
            "METHODS: 40 adults were randomised to ketamine 0.5 mg/kg or an equal volume of saline.",
            {"saline"},
        ),
        (
            "an arm by its verb",
            "METHODS: In this trial 20 received ketamine and 21 received haloperidol.",
            {"haloperidol"},
        ),
        (
            "a list of arms",
            "METHODS: Adults were randomised to ketamine, lorazepam or placebo.",
            {"lorazepam", "placebo"},
        ),
        (
            "what every arm had",
            "METHODS: Adults were randomised to ketamine or midazolam, each added to usual care.",
            {"midazolam"},
        ),
        (
            "an addition and its sibling",
            "METHODS: Adults maintained on lithium or valproate were randomised to ketamine or placebo.",
            {"placebo"},
        ),
        (
            "where it happened",
            "METHODS: Adults were randomised to ketamine or etomidate before each of six sessions of ECT.",
            {"etomidate"},
        ),
        ("controlled by", "METHODS: In a double-blind, placebo-controlled study adults had ketamine.", {"placebo"}),
        (
            "an active placebo is what it is",
            "METHODS: Adults were randomised to ketamine or the active placebo diphenhydramine.",
            {"diphenhydramine"},
        ),
        ("no name", "METHODS: Adults were randomised to the ketamine group or to the control group.", {"control"}),
        (
            "two doses",
            "METHODS: Adults were randomised to 0.2 mg/kg or 0.5 mg/kg of ketamine, or to saline.",
            {"lower dose", "saline"},
        ),
        (
            "a bolus and its infusion are one arm",
            "METHODS: Adults were randomised to ketamine (0.2 mg/kg bolus, then 0.1 mg/kg) or saline.",
            {"saline"},
        ),
        (
            "people without the illness",
            "METHODS: 20 patients with depression and 22 healthy controls were scanned; patients were randomised to "
            "ketamine or placebo.",
            {"healthy controls", "placebo"},
        ),
        (
            "volunteers who are all there are",
            "METHODS: 20 healthy volunteers were randomised to ketamine or placebo.",
            {"placebo"},
        ),
        (
            "a drug that no list has",
            "METHODS: Adults were randomised to ketamine or inventazepam.",
            {"inventazepam"},
        ),
        (
            "one session",
            "METHODS: Adults were randomised to six ketamine sessions or to a single ketamine session.",
            {"single ketamine session"},
        ),
    ],
)
def test_arms(shows: str, abstract: str, expected: set[str]) -> None:
    assert compare(TRIAL, abstract) == expected, shows


@pytest.mark.parametrize(
    ("shows", "title", "abstract", "expected"),
    [
        (
            "a review names one in its title",
            "Ketamine versus morphine for stitches: a meta-analysis",
            "RESULTS: Pain was less than with placebo in four trials.",
            {"morphine"},
        ),
        (
            "a review's trials had others",
            "Ketamine for shyness: a systematic review",
            "RESULTS: Compared with midazolam, ketamine eased shyness in three trials.",
            set(),
        ),
        (
            "one patient has no other arm",
            "Ketamine for a shy man: a case report",
            "CASE: He would have been given lithium. Lithium is slow.",
            set(),
        ),
        (
            "those who did not get it",
            "Ketamine in the lift and later dreams: a cohort study",
            "METHODS: We matched 30 people given ketamine to 30 who had no ketamine.",
            {"no ketamine"},
        ),
        (
            "two of one kind",
            "Ketamine versus esketamine for shyness: a cohort study",
            "METHODS: We read the charts of 90 patients.",
            {"esketamine"},
        ),
        (
            "the drug under test is not its own comparator",
            "Scopolamine or clonidine for drooling under ketamine: a randomised trial",
            "METHODS: Children were randomised to scopolamine or clonidine.",
            {"clonidine"},
        ),
    ],
)
def test_arms_of_other_papers(shows: str, title: str, abstract: str, expected: set[str]) -> None:
    assert compare(title, abstract) == expected, shows
