"""Which design a text shows.  The papers are invented."""

from __future__ import annotations

import pytest

from harvester.paper.records import AbstractSection, Citation, MeshTerm
from harvester.tagging import classify, load_vocabulary

KETAMINE = load_vocabulary("ketamine")


def design(title: str, abstract: str = "", **more: object) -> str:
    sections = (AbstractSection(text=abstract),) if abstract else ()
    return classify(Citation(title=title, abstract=sections, **more), KETAMINE).design  # type: ignore[arg-type]


TITLES = [
    ("Ketamine for depression: study protocol for a randomised trial", "protocol"),
    ("Ketamine for depression: a protocol", "protocol"),
    ("Ketamine for depression: a systematic review and meta-analysis", "meta-analysis"),
    ("Ketamine for depression: a scoping review", "systematic-review"),
    ("Ketamine for depression: a consensus statement", "guideline"),
    ("Ketamine for depression: a narrative review", "review"),
    ("Ketamine for depression: a chart review", "cohort"),
    ("Ketamine for depression: a double-blind crossover study", "rct"),
    ("Ketamine for depression: an open-label study", "open-label-trial"),
    ("Ketamine for depression: a retrospective cohort", "cohort"),
    ("Ketamine use at festivals: an online survey", "cross-sectional"),
    ("Ketamine for depression: a case series", "case-series"),
    ("Ketamine in four adolescents with depression", "case-series"),
    ("Ketamine in a woman with depression", "case-report"),
    ("How patients live with ketamine: a qualitative study", "qualitative"),
    ("Esketamine for depression: a cost-effectiveness analysis", "economic"),
    ("Ketamine reverses stress in mice", "preclinical"),
    ("Ketamine on alcohol relapse: a preclinical randomised controlled trial", "preclinical"),
    ("Reply to Example and others: ketamine for depression", "comment"),
    ("Ketamine for depression: a commentary", "comment"),
    ("Response to ketamine in depression: a randomised controlled trial", "rct"),
    ("Esketamine and depression: a Mendelian randomisation study", "other"),
]


@pytest.mark.parametrize(("title", "expected"), TITLES)
def test_a_title_tells_the_design(title: str, expected: str) -> None:
    assert design(title) == expected


ABSTRACTS = [
    (
        "randomised trials that are wished for are none",
        "METHODS: We read the charts of 60 patients retrospectively. CONCLUSIONS: Randomised trials are needed.",
        "cohort",
    ),
    (
        "nor are those of the background",
        "BACKGROUND: Randomised trials show that ketamine works. METHODS: In an open-label study 12 patients received "
        "ketamine.",
        "open-label-trial",
    ),
    (
        "a placebo and no word of chance",
        "METHODS: Ketamine or placebo was given to 20 healthy volunteers on two days. RESULTS: Placebo did less.",
        "rct",
    ),
    (
        "whom one asks may be drawn at random",
        "METHODS: We surveyed randomly selected adults.",
        "cross-sectional",
    ),
    (
        "what will be done is a plan",
        "METHODS: Forty adults will receive ketamine. Mood will be rated weekly. DISSEMINATION: It will be published.",
        "protocol",
    ),
    (
        "an entry of a register is a plan",
        "INTERVENTION: Ketamine 0.5 mg/kg. CONDITION: Depression. PRIMARY OUTCOME: Mood. INCLUSION CRITERIA: Adults.",
        "protocol",
    ),
    (
        "a review in all but name: its headings",
        "SEARCH METHODS: Three databases. SELECTION CRITERIA: Trials of ketamine. MAIN RESULTS: Ten trials.",
        "systematic-review",
    ),
    (
        "an analysis of a trial's data is still of a trial",
        "METHODS: This post hoc analysis used data from a phase 3 trial of esketamine in 200 patients.",
        "rct",
    ),
    (
        "animals in every sentence",
        "METHODS: Rats received ketamine. We used the forced swim test in rats. RESULTS: Rats moved more.",
        "preclinical",
    ),
    (
        "people before and after, with no design named",
        "METHODS: Twenty patients with depression received ketamine and had scans before and after.",
        "open-label-trial",
    ),
    (
        "users against others, with no design named",
        "METHODS: We compared 30 ketamine users and 30 controls on memory. RESULTS: Users remembered less.",
        "cross-sectional",
    ),
    ("an essay", "We discuss what ketamine may mean for psychiatry.", "review"),
    ("a letter that says so", "This letter to the editor was written about a study of ketamine.", "comment"),
    (
        "case reports counted by a review",
        "METHODS: We conducted a systematic review. RESULTS: Two case series and 9 case reports were found.",
        "systematic-review",
    ),
    ("one patient", "We report a case of depression treated with ketamine.", "case-report"),
    ("interviews", "METHODS: We held semi-structured interviews with 15 patients given ketamine.", "qualitative"),
    ("a model of costs", "METHODS: A Markov model gave the cost per QALY of esketamine.", "economic"),
    (
        "a review says that it is one, and what it will do",
        "Depression is common. The present review summarises ketamine and will conclude with what is missing. "
        "A proof-of-concept trial showed that ketamine works.",
        "review",
    ),
    (
        "so does a paper that reviews",
        "This paper provides a comprehensive review of drugs. Registries were read.",
        "review",
    ),
    (
        "the board that approves is no review",
        "METHODS: The institutional review board agreed. In this open-label study 12 patients received ketamine.",
        "open-label-trial",
    ),
    (
        "nor are charts",
        "METHODS: In this retrospective chart review 12 patients received ketamine.",
        "cohort",
    ),
    ("a viewpoint", "In this viewpoint, we propose to give ketamine during sleep.", "comment"),
    (
        "what is cross-sectional of a result",
        "METHODS: 40 adults received an infusion of ketamine. RESULTS: Cross-sectional correlations were found.",
        "open-label-trial",
    ),
    (
        "a table of random numbers",
        "METHODS: 94 patients were divided into two groups by the random number table method and received ketamine.",
        "rct",
    ),
    (
        "people of their own accord",
        "METHODS: We enrolled 64 treatment-seeking ketamine-dependent patients and 80 healthy controls.",
        "cohort",
    ),
    (
        "people and rats",
        "METHODS: Forty patients were randomised to ketamine or placebo. Rats were given ketamine. RESULTS: Patients "
        "improved. Rats moved.",
        "rct",
    ),
    (
        "rats, and a few people",
        "METHODS: Twelve patients were randomised. Rats were stressed. Rats were given ketamine. RESULTS: Rats swam. "
        "Mice swam. In rats proteins changed.",
        "preclinical",
    ),
]


@pytest.mark.parametrize(("shows", "abstract", "expected"), ABSTRACTS)
def test_an_abstract_tells_the_design(shows: str, abstract: str, expected: str) -> None:
    assert design("Ketamine and mood", abstract) == expected, shows


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Clinical Trial Protocol", "protocol"),
        ("Meta-Analysis", "meta-analysis"),
        ("Practice Guideline", "guideline"),
        ("Randomized Controlled Trial", "rct"),
        ("Editorial", "comment"),
        ("Case Reports", "case-report"),
        ("Review", "review"),
    ],
)
def test_publication_types_tell_the_design_where_the_text_does_not(name: str, expected: str) -> None:
    assert design("Ketamine and mood", publication_types=("Journal Article", name)) == expected


def test_a_case_report_with_two_cases_is_a_series() -> None:
    assert (
        design("Ketamine after trauma: a case report", "We report two cases of adults given ketamine.") == "case-series"
    )
    assert design("Ketamine", "We report a series of cases.", publication_types=("Case Reports",)) == "case-series"


def test_headings_tell_animal_work() -> None:
    animals = (MeshTerm(name="Animals"), MeshTerm(name="Ketamine"))
    assert design("Ketamine and synapses", mesh_terms=animals) == "preclinical"
    assert design("Ketamine and synapses", mesh_terms=(*animals, MeshTerm(name="Humans"))) != "preclinical"


def test_the_design_has_its_proof() -> None:
    tags = classify(Citation(title="Ketamine for depression: a cohort study"), KETAMINE)
    (proof,) = [evidence for evidence in tags.evidence if evidence.facet == "design"]
    assert (proof.value, proof.field, proof.words) == ("cohort", "title", "cohort study")


def test_young_and_male_rats_are_rats() -> None:
    assert design("Ketamine causes poor maternal care in rats and changes their male offspring") == "preclinical"


# Each kind in two wordings.
KINDS = [
    # what a study calls itself is believed before a small word of its title or of its first sentence
    (
        "Ketamine in 7 patients with bulimia",
        "This modified double-blind study gave seven patients ketamine in rising doses.",
        "rct",
    ),
    (
        "Ketamine in eight women with pain",
        "Methods: This randomised, waiting-list controlled study enrolled eight women.",
        "rct",
    ),
    (
        "Weight and the effect of ketamine",
        "Adults (N = 90) received ketamine. The observational design of this retrospective analysis is a limit.",
        "cohort",
    ),
    ("Smoking and ketamine", "Our retrospective audit held 40 adults who received ketamine.", "cohort"),
    # users examined beside others, once; or again
    ("Memory in heavy ketamine users", "We tested 20 heavy ketamine users and 20 matched controls.", "cross-sectional"),
    (
        "Brains and ketamine",
        "Fourteen abstinent users and ten people who had never used it were scanned.",
        "cross-sectional",
    ),
    ("Memory of ketamine users", "Thirty ketamine users and 30 controls were tested twice, two years apart.", "cohort"),
    ("Mood and ketamine", "We followed 50 ketamine users and 40 controls for a year.", "cohort"),
    ("Ketamine use at home: an online survey", "A prospective survey of 80 users, asked every week.", "cohort"),
    ("Ketamine and well-being", "We conducted a longitudinal survey of 80 adults who use ketamine.", "cohort"),
    # people who were asked or seen, with no design named
    ("Attitudes to ketamine", "We asked 99 patients whether they would accept ketamine.", "cross-sectional"),
    ("Insight under ketamine", "Forty people filled in a questionnaire on ketamine.", "cross-sectional"),
    ("A ketamine retreat", "We assessed 40 people before the retreat and one month later.", "cohort"),
    (
        "Ketamine at a rite",
        "Guests (N = 57) of ketamine rites were assessed on the day and four weeks after.",
        "cohort",
    ),
    # a trial in which people took part; seen again in the sentence itself
    (
        "Function after oral ketamine",
        "Thirty-two adults participated in the trial. Function was rated.",
        "open-label-trial",
    ),
    ("A ketamine rite", "RESULTS: Guests (N = 41) were assessed before, the day after and later.", "cohort"),
    # given to people whom nobody counts
    (
        "Ketamine and blood flow",
        "To further study psychosis we administered 0.3 mg/kg of ketamine to schizophrenic individuals during PET.",
        "open-label-trial",
    ),
    ("A trial of lithium v. ketamine: expectancy", "Expectancy was related to outcome in both arms.", "rct"),
    # trials of others, seen beside
    (
        "Esketamine in daily practice",
        "This observational, retrospective study read the records of 83 patients given esketamine. RESULTS: Side "
        "effects were comparable to those reported in RCTs.",
        "cohort",
    ),
    # open and controlled, or blind to the rater only
    (
        "Side effects of ketamine",
        "METHODS: Data were pooled from three placebo-controlled, crossover trials and one open-label study of "
        "ketamine (n = 140).",
        "rct",
    ),
    (
        "Fear after ketamine",
        "METHODS: We used data from an open-label and double-blind placebo-controlled study.",
        "rct",
    ),
    (
        "Ketamine for gambling",
        "AIM: This uncontrolled proof of concept trial tested ketamine. METHODS: Nine gamblers completed this "
        "single-blind study of ketamine.",
        "open-label-trial",
    ),
    # a drug or a placebo, of which the compound is not one
    ("Psilocybin and tones", "Brain activity of 22 volunteers was recorded under psilocybin and placebo.", "rct"),
    # searched and sifted; pooled
    (
        "Ketamine: from the street to the clinic",
        "METHODS: PubMed was searched up to 2023. A total of 1,204 articles were screened. RESULTS: 18 randomized "
        "controlled trials were identified. Most found an effect.",
        "systematic-review",
    ),
    (
        "Ketamine for bipolar depression",
        "METHODS: We searched MEDLINE and Embase for trials. RESULTS: Response was likelier (OR 4.1; I² = 0%).",
        "meta-analysis",
    ),
    # what others' studies are
    (
        "How ketamine works: an outlook",
        "Observational and open-label studies in volunteers suggest that ketamine lifts mood. Pilot trials agree.",
        "review",
    ),
    # looked up
    ("Ketamine in emergency rooms", "The clinical histories of 93 patients who took ketamine were reviewed.", "cohort"),
    (
        "Street drugs in emergency rooms",
        "We analysed all patients with acute poisoning by ketamine included by the Northern Tox dataset in 39 months.",
        "cohort",
    ),
    (
        "Ketamine and psychosis",
        "The case records of 129 patients from three clinics for users were retrieved.",
        "cohort",
    ),
    ("Ketamine harms", "Calls about ketamine to eight poison centres were counted.", "cohort"),
    ("Ketamine poisoning", "Adults admitted after ketamine between 2005 and 2014 were counted.", "cohort"),
    # given in care, by assignment, with a placebo
    ("Ketamine at a hospital", "Fifty-four patients received ketamine as an off-label therapy.", "cohort"),
    ("Ketamine for anxiety", "Sixty adults at a community clinic received ketamine.", "cohort"),
    (
        "Ketamine by mouth or by vein",
        "Seventy children were assigned to one of two groups and received ketamine.",
        "rct",
    ),
    ("Ketamine with talks", "Fifty patients were assigned to ketamine with psychotherapy or to ward care.", "rct"),
    ("Ketamine and gamma waves", "Ten men received ketamine. Power rose compared with placebo sessions.", "rct"),
    ("Ketamine and theta waves", "We studied ketamine compared to placebo. Theta fell.", "rct"),
    # markers, genes and models
    ("Ketamine and a genome-wide scan", "Sixty patients received ketamine.", "other"),
    ("A biomarker of ketamine response", "Blood of 21 patients was drawn before they received ketamine.", "other"),
    ("Proteomic patterns and ketamine", "Plasma of 33 patients was drawn after they received ketamine.", "other"),
    ("A machine learning approach to ketamine", "Data of 83 patients who received ketamine were split.", "other"),
    # interviews
    ("A thematic and content analysis of ketamine", "METHODS: Semi-structured interviews were held.", "qualitative"),
    (
        "Sets and settings of ketamine",
        "METHODS: Phenomenological interviews with 22 patients were read.",
        "qualitative",
    ),
    # plans
    (
        "Ketamine for suicidality: a new design",
        "METHODS: A randomised trial of ketamine. The study is being conducted.",
        "protocol",
    ),
    ("Ketamine for anorexia", "Twenty adults are being enrolled in this trial of ketamine.", "protocol"),
    (
        "Ketamine therapy: study design and rationale from a pooled analysis",
        "METHODS: Two randomised trials were pooled. RESULTS: Scores fell (p < 0.001).",
        "rct",
    ),
    # essays
    (
        "Ketamine: a primer",
        "AREAS OF UNCERTAINTY: Risk. THERAPEUTIC ADVANCES: A randomised trial showed remission.",
        "review",
    ),
    ("Clinical and preclinical studies of ketamine", "We present the latest research on ketamine.", "review"),
    ("Ketamine in theatre: a narrative review", "Patients will use it more. Animal work is old.", "review"),
    ("Ketamine and hope", "In this opinion piece I sum up the work on ketamine.", "comment"),
    # a cue that is something in the study
    (
        "Ketamine and hair",
        "Users of ketamine and 20 controls did a prospective and retrospective memory scale.",
        "cross-sectional",
    ),
    ("Ketamine and teens", "A pilot sample of 6 ketamine users and 6 non-users was scanned.", "cross-sectional"),
    # cases
    ("Ketamine for OCD", "The letter presents a case report of a man in his twenties.", "case-report"),
    ("ECT after ketamine", "We report findings in a patient who was depressed after ketamine.", "case-report"),
    ("Psychosis after ketamine", "A 21-year-old man developed psychosis after ketamine at a party.", "case-report"),
]


@pytest.mark.parametrize(("title", "abstract", "expected"), KINDS)
def test_what_was_done_tells_the_design(title: str, abstract: str, expected: str) -> None:
    assert design(title, abstract) == expected


@pytest.mark.parametrize(
    "title",
    [
        "Ketamine reduces suicidal ideation in veterans",
        "Ketamine for depression in Peru",
        "Étude de la kétamine chez les marins",
        "Ketamine for grief in pilots",
    ],
)
def test_a_title_alone_is_no_essay(title: str) -> None:
    tags = classify(Citation(title=title), KETAMINE)
    assert (tags.design, tags.analysis, tags.guesses) == ("other", None, ())


def test_a_design_that_an_indexer_gave_is_no_guess() -> None:
    citation = Citation(
        title="Ketamine at sea",
        abstract=(AbstractSection(text="Sailors received ketamine. They felt better."),),
        publication_types=("Randomized Controlled Trial",),
    )
    tags = classify(citation, KETAMINE)
    assert (tags.design, tags.guesses) == ("rct", ())
