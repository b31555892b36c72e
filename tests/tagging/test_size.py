"""How many people a text says there were.  The papers are invented."""

from __future__ import annotations

import pytest

from harvester.paper.records import AbstractSection, Citation
from harvester.tagging import classify, load_vocabulary

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
    (
        "studies in brackets",
        "METHODS: We searched databases. RESULTS: Studies (n = 12) of patients were included.",
        None,
    ),
    ("studies after a number", "METHODS: We gave ketamine to 40 adults (n = 25 trials read before).", 40),
    ("a share", "METHODS: One in ten patients stays depressed. We gave ketamine to 34 adults.", 34),
    (
        "only some",
        "METHODS: Patients (n = 28) had depression. RESULTS: Only two participants received more ketamine.",
        28,
    ),
    (
        "those who were excluded",
        "METHODS: Patients were randomised. RESULTS: Six patients who refused the infusion were excluded. "
        "The data of 426 cases were analysed.",
        426,
    ),
    ("out of a total", "RESULTS: Out of 33 randomised participants, 20 underwent the treatment.", 33),
    (
        "each of the whole",
        "METHODS: A total of 64 patients were divided into two groups, with 32 cases in each one.",
        64,
    ),
    (
        "included before allocated",
        "RESULTS: Among the 365 participants included, 195 were randomised to ketamine and 170 to ECT.",
        365,
    ),
    (
        "two studies in one paper",
        "METHODS: In study 1, adults with depression (N = 40) saw films. In study 2, participants (N = 43) saw films.",
        83,
    ),
    (
        "two trials in one sentence",
        "METHODS: We scanned 48 patients with depression (trial 1) and 45 patients with mania (trial 2).",
        93,
    ),
    (
        "a study of three groups beside another",
        "METHODS: In experiment 1, 48 participants received ketamine. In experiment 2, 19 ketamine users were compared "
        "with 19 polydrug controls and 26 controls.",
        112,
    ),
    (
        "healthy controls of another sentence",
        "METHODS: Patients with depression (n = 60) were scanned. Nineteen healthy controls were scanned as well.",
        79,
    ),
    (
        "but not to a total",
        "METHODS: In total, 79 patients and controls were scanned. Nineteen healthy controls were scanned twice.",
        79,
    ),
    (
        "what describes whom",
        "METHODS: We compared 22 ecstasy users with 20 drug-naive comparison subjects and 19 cannabis users.",
        61,
    ),
    (
        "the same done to both",
        "METHODS: Twelve patients were treated with ketamine, and twelve patients were treated with stimulation.",
        24,
    ),
    ("a subset", "METHODS: 30 patients were randomised. In a subset of patients (n = 20) blood was taken.", 30),
    # each kind in two wordings: numbers of studies are none
    (
        "of studies: people",
        "METHODS: Data of nine randomised, blinded trials in 162 healthy subjects were pooled.",
        162,
    ),
    ("pooled from studies", "METHODS: 81 healthy subjects of four randomised, controlled studies were typed.", 81),
    ("a trial and its number", "RESULTS: In a pilot trial (N = 12) ketamine worked. Two participants felt worse.", 12),
    ("a study and its number", "RESULTS: In this study (n = 30) ketamine worked. Three patients left.", 30),
    # those who began, not those who were left
    (
        "scans of most",
        "METHODS: Nineteen volunteers took ketamine. RESULTS: Scans from 17 participants were assessed.",
        19,
    ),
    ("of whom most", "RESULTS: Of the 31 patients, two left. So 15 patients received ketamine and 14 saline.", 31),
    ("approached, then enrolled", "RESULTS: Of 70 approached, 19 met the criteria and were enrolled.", 19),
    (
        "responders of the whole",
        "METHODS: In a first phase, 778 patients took ketamine. Among 580 responders, most stayed well.",
        778,
    ),
    (
        "some of them",
        "METHODS: A trial of ketamine in cancer (n = 29). Of those who were suicidal (n = 11), half got it.",
        29,
    ),
    (
        "some of the first study",
        "METHODS: In study 1 (N = 36) they got ketamine. In study 2 (N = 18 of 36) they got more.",
        36,
    ),
    # planned numbers of a study that is done
    ("planned", "METHODS: A planned sample size of 40 patients gave power. Ketamine was given.", None),
    ("will be", "METHODS: Fifteen patients will be recruited. RESULTS: To date, 8 patients have enrolled.", 8),
    # arms told far apart, in a list, as a comparison
    (
        "who had never",
        "METHODS: We enrolled 14 former users staying away from ketamine and 15 controls who had never used it.",
        29,
    ),
    (
        "including is of the first",
        "METHODS: We tested 23 users who took few other drugs, including alcohol, and 16 comparison individuals.",
        39,
    ),
    ("compared with", "METHODS: We compared 12 people who took ketamine with 12 people who drank.", 24),
    ("a list", "METHODS: Adults were asked about ketamine (n = 809 at home, 1184 abroad and 606 elsewhere).", 2599),
    ("groups", "RESULTS: A total of 79 participants were in one group, 75 in another and 79 in the third group.", 233),
    ("the last is no total", "METHODS: 51 users, 49 former users and 100 healthy controls were recruited.", 200),
    ("who has it, by its abbreviation", "METHODS: We scanned adults after ketamine (17 HV, 23 TRD).", 40),
    ("their own abbreviation", "METHODS: Healthy volunteers (HV) were sought. 64 HV were randomised to ketamine.", 64),
    ("as psychologists write", "METHODS: 27 Ss with depression received ketamine. Three people left.", 27),
    ("both sexes", "METHODS: Healthy participants (14 males, 9 female) received ketamine and placebo.", 23),
    (
        "hours are no arm",
        "METHODS: Forty-one adults were randomised and, four to six hours later, received ketamine.",
        41,
    ),
    (
        "a share, then how many",
        "METHODS: We surveyed 3,120 adults. RESULTS: Ketamine use was told by 9% (n = 281).",
        3120,
    ),
    (
        "days do not add up with people",
        "METHODS: Groups were controls (n = 24), users who took ketamine (n = 25) and users who had taken none for 8 "
        "days (n = 17).",
        66,
    ),
    (
        "who was excluded afterwards",
        "RESULTS: Five patients who did not receive ketamine were excluded after randomisation. Data of 318 patients "
        "were analysed.",
        318,
    ),
    (
        "some of all",
        "METHODS: Twelve of 74 patients (16%) in a trial of ketamine were randomly selected and filmed.",
        12,
    ),
    (
        "what is left of some of all",
        "RESULTS: Interviews from 18 of 27 participants who took ketamine were analysed.",
        18,
    ),
    ("all of whom some finished", "RESULTS: Fourteen of 23 participants completed the course of ketamine.", 23),
    (
        "as many in each group",
        "In this six-group open-label trial of ketamine four volunteers were tested in each group.",
        24,
    ),
    ("to either is all", "METHODS: Sixty-four users were assigned to either ketamine or talk, in two groups.", 64),
    ("answers are of people", "METHODS: We held an online survey on ketamine, with 3,310 responses.", 3310),
    ("groups as large", "METHODS: We tested 26 ketamine users and two equally sized groups of smokers.", 78),
    (
        "couples are counted already",
        "METHODS: Healthy participants (N = 44) in pairs (N = 22 couples) took ketamine.",
        44,
    ),
    (
        "responders of each arm are no arms",
        "METHODS: Fifty-eight patients received ketamine and were randomised to lithium (n = 28) or placebo (n = 30). "
        "RESULTS: Relapse did not differ by randomisation (lithium responders: n = 19, placebo responders: n = 21).",
        58,
    ),
    ("the same people, later", "METHODS: Patients received placebo (n = 21) followed by ketamine (n = 18).", 21),
    (
        "those chosen for this analysis",
        "METHODS: In this post hoc analysis of two trials of esketamine 610 patients had been enrolled. RESULTS: Of "
        "610 patients, 402 (66%) were severely ill and were included in this analysis (n = 199, esketamine; n = 203, "
        "placebo).",
        402,
    ),
    (
        "a sample in which it was replicated",
        "METHODS: We scanned 22 volunteers who were randomised to ketamine or placebo. RESULTS: Learning rose. This "
        "was replicated in an independent sample of 9 volunteers.",
        31,
    ),
    (
        "a sample from which a scale was made",
        "METHODS: We scanned 22 volunteers who were randomised to ketamine or placebo. The scale was drawn from "
        "interviews with an independent sample of 9 users.",
        22,
    ),
    ("one that includes patients is a study", "METHODS: Two trials tested ketamine, and one included patients.", None),
    # only some are counted: nothing is said
    ("controls alone", "METHODS: We looked for people who refused ketamine and found forty-seven controls.", None),
    ("women alone", "METHODS: Interviews on ketamine with mostly men (eight women) were coded.", None),
    ("a rate", "METHODS: We gave ketamine. A therapist sees ten patients a week.", None),
    ("no more than eligible", "RESULTS: Of the 1,699 eligible patients, 571 patients were included.", 571),
]


@pytest.mark.parametrize(("shows", "abstract", "expected"), SIZES)
def test_sample_sizes(shows: str, abstract: str, expected: int | None) -> None:
    assert size(abstract) == expected, shows


def test_a_protocol_has_its_planned_number() -> None:
    assert size("METHODS: We will randomise 90 adults.", "Ketamine: study protocol") == 90


@pytest.mark.parametrize(
    ("abstract", "people"),
    [
        ("METHODS: Each cohort will consist of 9 participants: Cohort 1 gets 10 mg, Cohort 2 gets 20 mg.", 18),
        ("CONDITION: Depression PRIMARY OUTCOME: Mood INCLUSION CRITERIA: Adults Target sample size: 96", 96),
        (
            "CONDITION: Depression PRIMARY OUTCOME: Mood INCLUSION CRITERIA: Are the trial subjects under 18? no "
            "Number of subjects for this age range: Adults (18-64 years) yes Number of subjects for this age range 70 "
            "Elderly (>=65 years) yes Number of subjects for this age range 14",
            84,
        ),
    ],
)
def test_a_register_has_its_planned_number(abstract: str, people: int) -> None:
    assert size(abstract, "Ketamine for depression: protocol") == people


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


def test_a_review_counts_people_not_studies() -> None:
    title = "Ketamine for depression: a systematic review"
    assert (
        size("RESULTS: Of all studies (n = 29), 15 (52%) agreed. Studies of mood disorders (n = 25) did.", title)
        is None
    )
    assert size("RESULTS: Six studies (n = 221) were included.", title) == 221
    assert size("METHODS: Data were extracted from 18 studies (n = 402 receiving ketamine).", title) == 402
    assert size("RESULTS: Data came from 9 papers with a total N = 1,310 ketamine infusions in adults.", title) is None
    assert size("RESULTS: Ketamine (six trials encompassing 133 treated participants) eased depression.", title) is None
    assert size("RESULTS: A cohort comprising 1068 patients was read.", title) == 1068
    assert size("RESULTS: Including 12,105 participants, the analysis favoured ketamine.", title) == 12105


def test_every_part_of_a_sum_is_proved() -> None:
    text = "METHODS: Patients with depression (n = 60) were scanned. Nineteen healthy controls were scanned as well."
    tags = classify(Citation(title="Ketamine", abstract=(AbstractSection(text=text),)), KETAMINE)
    proofs = [proof for proof in tags.evidence if proof.facet == "sample_size"]
    assert [(proof.value, proof.words) for proof in proofs] == [("79", "n = 60"), ("79", "Nineteen healthy controls")]


@pytest.mark.parametrize(
    ("methods", "results", "people"),
    [
        ("In this crossover trial 36 adults with OCD received ketamine or midazolam.", "Three participants left.", 36),
        ("In this study 40 patients received ketamine.", "Two patients left the study.", 40),
        (
            "Ninety-six adults with bipolar I or II disorder in a depressive episode, on lithium or valproate, were"
            " randomised to esketamine or placebo.",
            "Two participants given esketamine and one given placebo had mania.",
            96,
        ),
        ("Study 1 included 40 patients and Study 2 included 50 patients, who received ketamine.", "It helped.", 90),
    ],
)
def test_a_few_people_among_the_results_are_not_the_sample(methods: str, results: str, people: int) -> None:
    """Nor does "trial 36 adults" name a trial of that number."""
    abstract = (AbstractSection(label="METHODS", text=methods), AbstractSection(label="RESULTS", text=results))
    tags = classify(Citation(title="Ketamine in a sample: a randomised trial", abstract=abstract), KETAMINE)
    assert tags.sample_size == people


def test_a_review_adds_no_numbers_of_outcomes() -> None:
    title = "Ketamine for depression: a meta-analysis"
    outcomes = "Response (4 RCTs; n = 373) and remission (4 RCTs; n = 373) favoured it."
    assert size(f"RESULTS: We found 6 eligible RCTs (pooled N = 427). {outcomes}", title) == 427
    assert size(f"RESULTS: {outcomes}", title) is None
    assert size("RESULTS: Three RCTs (N = 161, mean age 38 years) were included.", title) == 161
    assert size("RESULTS: Twenty articles were included, 18 targeting healthy adults.", title) is None


def test_a_series_has_the_number_of_its_title() -> None:
    text = "A trial randomised 29 patients to ketamine. Here, we tell the courses of four participants."
    assert size(text, "Ketamine in four patients: a case series") == 4
