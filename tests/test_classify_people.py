"""How many people a text says there were.  The papers are invented."""

from __future__ import annotations

import pytest

from harvester.classify import classify, load_vocabulary
from harvester.records import AbstractSection, Citation

KETAMINE = load_vocabulary("ketamine")


def size(abstract: str, title: str = "Ketamine for depression") -> int | None:
    return classify(Citation(title=title, abstract=(AbstractSection(text=abstract),)), KETAMINE).sample_size


SIZES = [
    ("digits", "METHODS: We randomised 34 adults with depression.", 34),
    ("a thousand with a comma", "METHODS: A total of 1,234 patients were enrolled.", 1234),
    ("words", "METHODS: Forty-two patients were randomised.", 42),
    ("long words", "METHODS: One hundred and twenty-five women were enrolled.", 125),
    ("a letter", "METHODS: Adults (n = 60) received ketamine.", 60),
    ("arms that add up", "METHODS: Adults were randomised to ketamine (n = 43) or midazolam (n = 41).", 84),
    (
        "patients and controls",
        "METHODS: Twenty patients with depression and 20 healthy controls received ketamine.",
        40,
    ),
    ("one noun for two numbers", "METHODS: We tested 30 current and 31 former ketamine users.", 61),
    (
        "the second arm without its noun",
        "METHODS: 336 patients were randomised to esketamine and 340 to quetiapine.",
        676,
    ),
    ("a total before its parts", "METHODS: 58 participants (33 patients and 25 controls) received ketamine.", 58),
    ("groups of equal size", "METHODS: We gave ketamine to two groups of 12 healthy volunteers.", 24),
    ("the total beside its groups", "METHODS: 236 patients were randomised to two groups (n = 118 each).", 236),
    ("randomised before screened", "METHODS: 1360 patients were screened and 672 were randomly assigned.", 672),
    (
        "those who were left are no arm",
        "METHODS: 23 patients received ketamine, and 18 patients completed all sessions.",
        23,
    ),
    ("a share is no number", "METHODS: 64 patients were randomised. RESULTS: 31 patients (48%) responded.", 64),
    ("whom the rest describes", "METHODS: Forty-eight participants (54% women) received ketamine.", 48),
    ("weeks, doses, ages and years", "METHODS: Adults aged 18-65 received 40 mg over 12 weeks in 2019.", None),
    ("studies are not people", "METHODS: We searched databases. RESULTS: We included 21 trials.", None),
    ("brackets between number and noun", "METHODS: We asked 171,766 (unweighted) adults about ketamine.", 171766),
    ("adjectives after a comma", "METHODS: Twenty, healthy, male participants received ketamine.", 20),
    ("hyphens are adjectives", "METHODS: Ninety treatment-seeking patients were randomised.", 90),
    ("a number in a chemical name", "METHODS: Users of 3,4-methylenedioxymethamphetamine users were asked.", None),
    (
        "later counts of the same people",
        "RESULTS: Adults were seen at baseline (n = 50), at week 4 (n = 44), at week 8 (n = 40).",
        50,
    ),
    (
        "all over the world is not the study",
        "BACKGROUND: 350 million people have depression. METHODS: We gave ketamine.",
        None,
    ),
    ("counted again after a semicolon", "METHODS: 20 patients and 22 patients were randomised; 18 patients left.", 42),
    ("one of three is the total", "METHODS: There were 40 patients, 25 ill patients and 15 healthy users.", 40),
    (
        "the number that the arms make up",
        "METHODS: 90 patients were seen and 60 were randomised, with 31 in the first group and 29 in the second.",
        60,
    ),
    ("a part of the people", "METHODS: We enrolled 50 adults. RESULTS: In a subset of 12 adults scans were done.", 50),
    ("dates", "METHODS: Between 26 January 2019 and Feb 6, 2020, 502 patients were enrolled.", 502),
    ("a number after its noun is none", "METHODS: In experiment 2, 19 adults received ketamine.", 19),
    ("of the people, most", "METHODS: Of 80 enrolled patients, 72 patients completed the study.", 80),
    ("per group", "METHODS: We enrolled 10 patients per centre.", 10),
    ("both sexes", "METHODS: Data came from 65 men and women given ketamine.", 65),
]


@pytest.mark.parametrize(("shows", "abstract", "expected"), SIZES)
def test_sample_sizes(shows: str, abstract: str, expected: int | None) -> None:
    assert size(abstract) == expected, shows


def test_a_protocol_has_its_planned_number() -> None:
    assert size("METHODS: We will randomise 90 adults.", "Ketamine: study protocol") == 90


def test_a_review_has_its_total_or_none() -> None:
    title = "Ketamine for depression: a systematic review"
    assert size("RESULTS: Twelve studies with 368 participants were included.", title) == 368
    assert size("RESULTS: Five trials were included. In one trial 40 responders relapsed.", title) is None


def test_animals_and_comments_have_none() -> None:
    assert size("METHODS: 40 mice received ketamine.", "Ketamine in mice") is None
    assert size("They randomised 40 patients.", "Reply to the authors: ketamine") is None


def test_a_case_report_is_one_person_and_a_series_several() -> None:
    assert size("A 56-year-old woman received ketamine.", "Ketamine for depression: a case report") == 1
    assert size("We present three cases of depression.", "Ketamine for depression: a case series") == 3
    assert classify(Citation(title="Case report: ketamine"), KETAMINE).sample_size == 1
