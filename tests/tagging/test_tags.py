"""Text in, tags out: one behaviour each.  The papers are invented."""

from __future__ import annotations

import pytest

from harvester.paper.records import AbstractSection, Citation, MeshTerm
from harvester.paper.tags import TAGS, Tags
from harvester.tagging import classify, is_on_topic, list_vocabularies, load_vocabulary
from harvester.tagging.reading import Reading
from harvester.tagging.size import count_people
from harvester.tagging.tagger import prove_tags

KETAMINE = load_vocabulary("ketamine")


def paper(title: str | None = None, abstract: str = "", **more: object) -> Citation:
    sections = (AbstractSection(text=abstract),) if abstract else ()
    return Citation(title=title, abstract=sections, **more)  # type: ignore[arg-type]


def tag(title: str | None = None, abstract: str = "", **more: object) -> Tags:
    return classify(paper(title, abstract, **more), KETAMINE)


TRIAL = (
    "BACKGROUND: Depression that resists treatment is common. METHODS: In this double-blind trial 84 adults with "
    "treatment-resistant depression (TRD) were randomised to intravenous ketamine 0.5 mg/kg (n = 43) or midazolam "
    "(n = 41) and followed for 12 weeks. The primary outcome was the MADRS score. RESULTS: At day 7 the MADRS score "
    "fell by 12.1 points with ketamine and 6.3 points with midazolam (difference −5.8 points, 95% CI −8.9 to −2.7). "
    "Nine patients (10.7%) stopped early. CONCLUSIONS: Ketamine reduced depressive symptoms more than midazolam over "
    "one week. Larger trials are needed."
)


def test_a_whole_trial_is_read() -> None:
    tags = tag("Ketamine against midazolam in treatment-resistant depression: an invented trial", TRIAL)
    assert tags.compounds == ("ketamine",)
    assert tags.routes == ("intravenous",)
    assert tags.conditions == ("depression", "treatment-resistant-depression")
    assert (tags.design, tags.sample_size, tags.tier) == ("rct", 84, "core")
    assert tags.scales == ("MADRS",)
    assert tags.comparators == ("midazolam",)
    assert tags.follow_up == "12 weeks"
    assert tags.key_finding == (
        "At day 7 the MADRS score fell by 12.1 points with ketamine and 6.3 points with midazolam (difference −5.8 "
        "points, 95% CI −8.9 to −2.7). … Ketamine reduced depressive symptoms more than midazolam over one week."
    )
    assert tags.effect is not None
    assert "95% CI −8.9 to −2.7" in tags.effect
    assert tags.reasons[:2] == ("randomised", "84 people")
    assert 0.4 <= tags.relevance <= 1


def test_every_declared_tag_has_a_rule() -> None:
    """The others follow from those that are proved."""
    reading = Reading(paper("Ketamine for depression"), KETAMINE)
    proved = prove_tags(reading, count_people(reading))
    assert {tag.name for tag in TAGS} - set(proved) == {"tier", "relevance", "guesses"}


def test_empty_input_gives_empty_tags() -> None:
    assert classify(Citation(), KETAMINE) == Tags()


def test_a_title_alone_is_enough() -> None:
    tags = tag("Esketamine nasal spray for postpartum depression: a case report")
    assert tags.compounds == ("esketamine",)
    assert tags.routes == ("intranasal",)
    assert tags.conditions == ("depression", "postpartum-depression")
    assert (tags.design, tags.sample_size, tags.key_finding) == ("case-report", 1, None)


COMPOUNDS = [
    ("S-ketamine and esketamine are one drug", "S-ketamine in depression", "", ("esketamine",)),
    ("the other enantiomer", "(R)-ketamine in depression", "", ("arketamine",)),
    ("both enantiomers in one word", "(Es)ketamine in depression", "", ("ketamine", "esketamine")),
    ("the racemate is ketamine", "(R,S)-ketamine in depression", "", ("ketamine",)),
    ("a metabolite", "(2R,6R)-hydroxynorketamine in mice", "", ("hydroxynorketamine",)),
    ("a brand", "Spravato in primary care", "", ("esketamine",)),
    (
        "one passing mention in the background is no compound",
        "Lithium after relapse",
        "BACKGROUND: Ketamine is known to act fast. METHODS: We gave lithium to 40 patients. RESULTS: Mood was stable.",
        (),
    ),
    (
        "an abbreviation that the paper defines",
        "A fast drug for low mood",
        "METHODS: We gave esketamine (ESK) to 30 adults. RESULTS: ESK lowered scores. ESK was well tolerated.",
        ("esketamine",),
    ),
]


@pytest.mark.parametrize(("shows", "title", "abstract", "expected"), COMPOUNDS, ids=lambda value: str(value)[:40])
def test_compounds(shows: str, title: str, abstract: str, expected: tuple[str, ...]) -> None:
    assert tag(title, abstract).compounds == expected, shows


ROUTES = [
    ("infusion in people is intravenous", "Ketamine infusion for depression in adults", ("intravenous",)),
    ("the route of another drug is not the compound's", "Ketamine added to oral antidepressants", ()),
    ("nor is one of an unknown drug", "Oral riluzole after ketamine", ()),
    ("two routes compared", "Oral versus intravenous ketamine", ("intravenous", "oral")),
    ("a scale's edition is no route", "Ketamine and DSM-IV depression", ()),
    ("abbreviations in capitals", "IM ketamine for suicidal adults", ("intramuscular",)),
    ("the same letters as a word are none", "Ketamine in adults", ()),
    ("a lozenge goes under the tongue", "Sublingual ketamine lozenges at home", ("sublingual",)),
]


@pytest.mark.parametrize(("shows", "title", "expected"), ROUTES)
def test_routes(shows: str, title: str, expected: tuple[str, ...]) -> None:
    assert tag(title).routes == expected, shows


def test_an_infusion_in_rats_is_not_called_intravenous() -> None:
    assert tag("Ketamine infusion in rats changes forced swim behaviour").routes == ()


def test_a_dose_in_brackets_belongs_to_the_drug_before_it() -> None:
    text = (
        "METHODS: We gave citalopram (40 mg i.v.) before ketamine (0.5 mg/kg p.o.) to 16 healthy volunteers. "
        "RESULTS: Ketamine (0.5 mg/kg p.o.) changed mood."
    )
    assert tag("Citalopram and ketamine", text).routes == ("oral",)


CONDITIONS = [
    ("a narrower condition brings the broader", "Ketamine for alcohol use disorder", ("substance-use", "alcohol-use")),
    ("respiratory depression is no depression", "Ketamine and respiratory depression", ()),
    ("a scale's name is no condition", "Ketamine and the Beck Depression Inventory", ()),
    ("both, where the words mean both", "Ketamine in treatment-resistant bipolar depression", None),
    ("lower case is read as well", "ketamine for ptsd", ("ptsd",)),
    ("capitals throughout", "KETAMINE FOR PAIN OR DEPRESSION IN ADULTS", ("depression", "pain")),
]


@pytest.mark.parametrize(("shows", "title", "expected"), CONDITIONS)
def test_conditions(shows: str, title: str, expected: tuple[str, ...] | None) -> None:
    found = tag(title).conditions
    if expected is None:
        assert set(found) == {"depression", "treatment-resistant-depression", "bipolar"}, shows
    else:
        assert found == expected, shows


def test_what_is_denied_is_no_condition() -> None:
    text = (
        "METHODS: We gave ketamine to 30 adults with depression and no history of psychosis. Patients with psychosis "
        "were excluded. RESULTS: Ketamine lowered depression scores without psychosis."
    )
    assert tag("Ketamine for depression", text).conditions == ("depression",)


RESISTING = [
    ("people before the disorder", "Eighty treatment-resistant subjects with major depressive disorder", True),
    ("in brackets behind it", "Twenty adults with major depressive disorder (treatment resistant)", True),
    ("by another adjective", "Twenty adults with drug-refractory depressed mood", True),
    ("nobody resists", "Twenty adults with major depressive disorder (never treated)", False),
]


@pytest.mark.parametrize(("shows", "people", "held"), RESISTING)
def test_depression_that_resists(shows: str, people: str, held: bool) -> None:
    found = tag("Ketamine and a hormone in depression", f"METHODS: {people} had one ketamine infusion.").conditions
    assert ("treatment-resistant-depression" in found) == held, shows


def test_healthy_people_in_a_model_of_psychosis() -> None:
    text = "METHODS: Thirty healthy, left-handed men took part. RESULTS: Ketamine raised scores of psychosis."
    assert tag("Ketamine, a model of psychosis", text).conditions == ("psychosis", "healthy-volunteers")
    assert tag("Ketamine, a model of psychosis", text.replace("healthy, ", "")).conditions == ("psychosis",)


def test_the_route_of_a_drug_with_a_code_is_not_the_compounds() -> None:
    text = "METHODS: Adults had a single oral dose of ABC-123 and then a ketamine infusion of 40 minutes."
    assert tag("ABC-123 and ketamine", text).routes == ("intravenous",)
    assert tag("A dose of ketamine", "METHODS: Adults had a single oral dose of ketamine.").routes == ("oral",)


def test_dextroketamine_is_esketamine() -> None:
    assert tag("Dextroketamine for depression", "METHODS: Adults had dextroketamine.").compounds == ("esketamine",)


DENIALS = [
    ("bipolar disorder was an exclusion", "Patients with bipolar disorder were excluded.", "bipolar", False),
    ("ruled out", "Delirium was ruled out, and delirium was absent.", "delirium", False),
    ("free of it", "All were free of psychosis and had no psychosis before.", "psychosis", False),
    ("other than it", "Disorders other than PTSD counted, but no PTSD.", "ptsd", False),
    ("denying the verb only", "Ketamine did not reduce anxiety. Anxiety did not change.", "anxiety", True),
    ("with or without", "Patients with or without PTSD took part. PTSD was measured.", "ptsd", True),
]


@pytest.mark.parametrize(("shows", "sentence", "condition", "held"), DENIALS)
def test_what_is_denied_and_what_only_seems_so(shows: str, sentence: str, condition: str, held: bool) -> None:
    text = f"METHODS: We gave ketamine to 30 adults with depression. {sentence} RESULTS: {sentence}"
    assert (condition in tag("Ketamine for depression", text).conditions) == held, shows


COMPARED = [
    ("versus", "Adults received ketamine versus midazolam.", ("midazolam",)),
    ("a group with its article", "Adults were assigned to the ketamine or the placebo group.", ("placebo",)),
    ("compared with", "Ketamine was compared with normal saline.", ("saline",)),
    ("given beside is not compared", "Adults on lithium received ketamine.", ()),
]


@pytest.mark.parametrize(("shows", "sentence", "expected"), COMPARED)
def test_comparators(shows: str, sentence: str, expected: tuple[str, ...]) -> None:
    assert tag("Ketamine for depression", f"METHODS: {sentence}").comparators == expected, shows


def test_a_dose_makes_a_compound_one_that_was_given() -> None:
    text = (
        "METHODS: We tested R-ketamine in rats. RESULTS: R-ketamine (40 mg/kg) lowered relapse. R-ketamine was safe. "
        "Ketamine (20 mg/kg) lowered relapse. CONCLUSIONS: R-ketamine lowers relapse. R-ketamine is safe."
    )
    assert tag("R-ketamine and relapse", text).compounds == ("ketamine", "arketamine")


def test_an_abbreviation_explained_in_brackets_is_not_taken_for_another() -> None:
    text = "METHODS: MDE (methylenedioxyethylamphetamine) was given. RESULTS: MDE users slept. MDE was weak."
    assert tag("Ketamine and another drug", text).conditions == ()


def test_with_and_without_denies_nothing() -> None:
    found = tag("Ketamine for depression with and without comorbid PTSD").conditions
    assert found == ("depression", "ptsd")


def test_an_abbreviation_that_the_paper_uses_otherwise_is_not_taken() -> None:
    text = "METHODS: We tested a personal performance device (PPD) in 9 adults. RESULTS: PPD won."
    assert "postpartum-depression" not in tag("Ketamine and a device", text).conditions


def test_mesh_headings_support_what_the_text_says() -> None:
    text = "RESULTS: Ketamine lowered scores of anxiety."
    assert "anxiety" in tag("Ketamine and scores", text, mesh_terms=(MeshTerm(name="Anxiety Disorders"),)).conditions


def test_a_heading_names_the_compound_of_a_paper_without_abstract() -> None:
    headings = (MeshTerm(name="Ketamine"), MeshTerm(name="Depressive Disorder, Major"))
    assert tag("A fast antidepressant", mesh_terms=headings).compounds == ("ketamine",)
    assert tag("A fast antidepressant", "We gave lithium.", mesh_terms=headings).compounds == ()
    assert tag("A fast drug", "BACKGROUND: Ketamine is fast.", mesh_terms=headings).compounds == ("ketamine",)
    assert tag("A fast antidepressant", mesh_terms=headings).tier == "core"


FINDINGS = [
    (
        "a sentence that leans on the one before brings it along",
        "CONCLUSIONS: Ketamine reduced depression. However, ketamine increased blood pressure significantly.",
        "Ketamine reduced depression. However, ketamine increased blood pressure significantly.",
    ),
    (
        "hopes are no findings",
        "RESULTS: Ketamine was superior to placebo. CONCLUSIONS: Further larger trials are warranted.",
        "Ketamine was superior to placebo.",
    ),
    (
        "nor is a sentence on what is unknown",
        "RESULTS: Ketamine reduced depression. CONCLUSIONS: Whether ketamine acts on sleep would need more research.",
        "Ketamine reduced depression.",
    ),
    (
        "nor one that says nothing in particular",
        "RESULTS: Ketamine reduced depression. CONCLUSIONS: This review provides valuable insights into ketamine.",
        "Ketamine reduced depression.",
    ),
    (
        "nor one that says what the paper is good for",
        "RESULTS: Ketamine reduced depression. CONCLUSIONS: This study deepens our understanding of ketamine.",
        "Ketamine reduced depression.",
    ),
    (
        "nor one that says what was expected",
        "RESULTS: Ketamine reduced depression. It was hypothesized that ketamine improves sleep.",
        "Ketamine reduced depression.",
    ),
    (
        "nor whose the text is",
        "CONCLUSIONS: Ketamine reduced depression. (PsycInfo Database Record (c) 2024 Nobody, all rights reserved).",
        "Ketamine reduced depression.",
    ),
    (
        "nor where it was printed",
        "CONCLUSIONS: Ketamine reduced depression. J Invented Psychiatry 2024;85(2):23m15102.",
        "Ketamine reduced depression.",
    ),
    (
        "a hope at the end takes nothing away",
        "CONCLUSIONS: Ketamine reduced depression more than placebo, and larger trials are needed.",
        "Ketamine reduced depression more than placebo, and larger trials are needed.",
    ),
    ("half a sentence is none", "CONCLUSIONS: Ketamine reduced scores (95% CI 1 to", None),
    ("nothing found", "METHODS: We gave ketamine.", None),
]


@pytest.mark.parametrize(("shows", "abstract", "expected"), FINDINGS)
def test_key_findings(shows: str, abstract: str, expected: str | None) -> None:
    assert tag("Ketamine and mood", abstract).key_finding == expected, shows


def test_a_protocol_has_found_nothing() -> None:
    tags = tag(
        "Ketamine: study protocol", "CONCLUSIONS: Ketamine reduced depression by 50% (p < 0.01) in a phase IIb trial."
    )
    assert (tags.key_finding, tags.effect) == (None, None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("phase 3", "phase 3"), ("Phase IIb", "phase 2b"), ("phase-4", "phase 4"), ("second phase", None)],
)
def test_phases(words: str, expected: str | None) -> None:
    assert tag(f"A {words} randomised trial of ketamine").phase == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("followed for six months", "6 months"),
        ("seen at week 4 and at 1 year of follow-up", "1 year"),
        ("seen on days 14, 28 and 42", "42 days"),
        ("seen at baseline, 30 days and 3 months after surgery", "3 months"),
        ("seen at Month 9", "9 months"),
        ("given 12 mg on day 3.5", None),
        ("aged over 65 years", None),
        ("30 days old", None),
        ("on the first day", None),
    ],
)
def test_follow_up(words: str, expected: str | None) -> None:
    assert tag("Ketamine", f"METHODS: Adults were {words}.").follow_up == expected


def test_a_second_topic_needs_only_a_file() -> None:
    tags = classify(
        paper(
            "Psilocybin for alcohol use disorder: a randomised controlled trial",
            "METHODS: 52 adults were randomised to oral psilocybin or niacin. CONCLUSIONS: Psilocybin helped.",
        ),
        load_vocabulary("psilocybin"),
    )
    assert (tags.compounds, tags.routes, tags.design, tags.sample_size) == (("psilocybin",), ("oral",), "rct", 52)
    assert (tags.tier, tags.comparators) == ("core", ("niacin",))
    assert list_vocabularies() == ("ketamine", "psilocybin", "psychedelics")


TIERS = [
    ("treatment of a mental disorder", "Ketamine for treatment-resistant depression", "", "core"),
    ("misuse of the compound", "Ketamine use disorder among clubbers: a survey", "", "core"),
    (
        "an operation with a mental outcome",
        "Esketamine during caesarean section and postpartum depression",
        "",
        "adjacent",
    ),
    ("an operation without one", "Esketamine for pain after knee arthroplasty", "", "off-topic"),
    ("the anaesthetic of ECT", "Ketamine anaesthesia for electroconvulsive therapy in depression", "", "adjacent"),
    ("animals' medicine", "Ketamine and medetomidine in dogs: a veterinary study", "", "off-topic"),
    (
        "a low dose is named after anaesthesia but is none",
        "Sub-anaesthetic ketamine in psychiatric disorders",
        "",
        "core",
    ),
    (
        "another paper",
        "Lithium in bipolar disorder",
        "BACKGROUND: Ketamine acts fast. METHODS: We gave lithium.",
        "off-topic",
    ),
    ("pain alone", "Ketamine for migraine", "", "off-topic"),
    ("a bodily illness", "Ketamine after stroke", "", "adjacent"),
    ("agitation in an emergency", "Ketamine for agitation in the emergency department", "", "adjacent"),
    ("ECT itself, compared", "Ketamine versus electroconvulsive therapy in depression", "", "core"),
    ("sedation", "Ketamine for procedural sedation", "", "off-topic"),
    (
        "an operation all through the abstract",
        "Esketamine and postpartum depression",
        "METHODS: Women had caesarean surgery. Anaesthesia was spinal. RESULTS: After surgery fewer had depression.",
        "adjacent",
    ),
    (
        "a drug among others in a paper on something else",
        "Drugs found in waste water",
        "RESULTS: We found ketamine in waste water.",
        "off-topic",
    ),
    ("pain of the depressed", "Ketamine for pain in depression", "", "core"),
    (
        "pain that the title does not name, and a class of drugs",
        "A year of oral ketamine",
        "METHODS: 34 adults with chronic neuropathic pain took oral ketamine beside opioids and antidepressants. "
        "RESULTS: Pain fell in 19.",
        "off-topic",
    ),
    (
        "a side effect of an analgesic",
        "Ketamine for cluster headache",
        "METHODS: 18 adults with cluster headache received ketamine. RESULTS: Attacks were fewer. Dissociation and "
        "hallucinations were rare. CONCLUSIONS: Its abuse potential should be kept in mind.",
        "off-topic",
    ),
    (
        "the same as the aim",
        "Ketamine for cluster headache",
        "AIM: To measure dissociation in people who take ketamine for headache. METHODS: 18 adults received ketamine.",
        "adjacent",
    ),
    (
        "an outcome of the mind beside pain",
        "Ketamine for cluster headache",
        "METHODS: 18 adults with cluster headache received ketamine. RESULTS: Attacks were fewer. Sleep was better.",
        "adjacent",
    ),
    (
        "a depression of the cortex",
        "Ketamine for migraine with aura",
        "METHODS: 18 adults received ketamine, which stops cortical spreading depression. RESULTS: Auras were shorter.",
        "off-topic",
    ),
    (
        "volunteers are not ill",
        "Pain under ketamine in healthy volunteers",
        "METHODS: 22 healthy volunteers received ketamine before heat pain. RESULTS: Pain was lower.",
        "off-topic",
    ),
    (
        "the mind in an illness of the body",
        "Ketamine after traumatic brain injury",
        "METHODS: 29 veterans with brain injury and PTSD received ketamine. RESULTS: PTSD and depression improved.",
        "core",
    ),
    (
        "an effect of the drug during a procedure",
        "Psychotomimetic effects of ketamine in the young",
        "METHODS: 52 children undergoing repair of a fracture received ketamine. The primary outcome was "
        "psychotomimetic symptoms. RESULTS: Psychotomimetic symptoms were mild.",
        "adjacent",
    ),
    (
        "treatment of the depressed, during an operation",
        "Ketamine and depressive symptoms after surgery: a trial",
        "METHODS: We randomised 46 adults with major depression scheduled for surgery to ketamine or saline. RESULTS: "
        "Depressive symptoms fell.",
        "core",
    ),
    (
        "prevention in people who were well",
        "Ketamine and depressive symptoms after surgery: a trial",
        "METHODS: We randomised 46 adults scheduled for surgery to ketamine or saline. RESULTS: Their symptoms fell.",
        "adjacent",
    ),
    (
        "an anaesthetic of the depressed",
        "Ketamine anaesthesia and depressive symptoms after surgery",
        "METHODS: We randomised 46 adults with major depression scheduled for surgery to ketamine or propofol.",
        "adjacent",
    ),
    (
        "who had it was left out",
        "Magnetic stimulation for major depression",
        "METHODS: We followed 210 patients with depression. RESULTS: 31 were excluded because of earlier treatment or "
        "receiving esketamine. Depression improved.",
        "off-topic",
    ),
    (
        "save for it",
        "Psilocybin for depression: a review",
        "METHODS: We summarise trials of psilocybin. CONCLUSIONS: Other than ketamine, psilocybin acts fastest.",
        "off-topic",
    ),
    (
        "set beside the finding in the end",
        "Psilocybin and mismatch negativity",
        "METHODS: We gave psilocybin or placebo to 24 volunteers. RESULTS: Mismatch negativity fell, as did mood. "
        "CONCLUSIONS: This is in line with earlier studies of ketamine.",
        "off-topic",
    ),
    (
        "but compared with it",
        "Psilocybin and mismatch negativity",
        "METHODS: We gave psilocybin or ketamine to 24 volunteers. RESULTS: Mismatch negativity fell, as did mood. "
        "CONCLUSIONS: This is in line with earlier studies of ketamine.",
        "adjacent",
    ),
    (
        "one of those that came out of it",
        "Treatments for refractory depression: a network meta-analysis",
        "RESULTS: We pooled 61 trials. Remission was likelier with ketamine, lithium and ECT than with placebo. "
        "CONCLUSIONS: Ketamine, lithium and ECT should be tried first in depression.",
        "core",
    ),
    (
        "one of a class",
        "Psychedelics for depression: a meta-analysis",
        "RESULTS: We pooled 14 trials. Remission was likelier with ketamine, psilocybin and LSD than with placebo. "
        "CONCLUSIONS: Ketamine, psilocybin and LSD may help in depression.",
        "adjacent",
    ),
    (
        "a model in which another drug is tested",
        "A glycine enhancer and working memory in volunteers",
        "BACKGROUND: It blunts the effects of a ketamine challenge. METHODS: 38 healthy volunteers were randomised to "
        "the enhancer plus ketamine or placebo plus ketamine. RESULTS: Memory and psychotic symptoms were better.",
        "core",
    ),
    (
        "one street drug of several in a title",
        "Who takes cocaine, ketamine and mephedrone? A survey of students",
        "METHODS: We asked 940 students. RESULTS: Use of ketamine (7%) went with depression.",
        "adjacent",
    ),
    (
        "compared among other drugs",
        "What people write about psychedelic drugs",
        "METHODS: We compared 2,100 reports on LSD, ketamine, MDMA and psilocybin. RESULTS: LSD, MDMA and ketamine "
        "differed little in words of emotion.",
        "adjacent",
    ),
    ("an illness of the ear", "Ketamine for tinnitus: a trial", "METHODS: 20 adults received ketamine.", "off-topic"),
]


@pytest.mark.parametrize(("shows", "title", "abstract", "expected"), TIERS, ids=lambda value: str(value)[:40])
def test_tiers(shows: str, title: str, abstract: str, expected: str) -> None:
    assert tag(title, abstract).tier == expected, shows


def test_no_adjacent_paper_outranks_a_core_one() -> None:
    best_adjacent = tag(
        "Esketamine during surgery and postoperative depression: a randomised controlled trial",
        "METHODS: 9,000 patients were randomised to esketamine or placebo during surgery and followed for 24 months.",
    )
    worst_core = tag("Editorial: ketamine for depression")
    off_topic = tag("Ketamine for knee arthroplasty pain: a randomised controlled trial of 500 patients")
    assert best_adjacent.tier == "adjacent"
    assert worst_core.tier == "core"
    assert off_topic.tier == "off-topic"
    assert off_topic.relevance < best_adjacent.relevance < worst_core.relevance


def test_reasons_are_words_for_the_reader() -> None:
    text = (
        "METHODS: 236 patients with depression were randomised to esketamine or quetiapine "
        "and followed up over 32 weeks."
    )
    tags = tag("Esketamine against quetiapine for depression", text)
    assert tags.reasons == ("randomised", "236 people", "follow-up over six months", "against quetiapine")


ON_TOPIC = [
    ("named in the title", paper("Ketamine for pain"), True),
    ("named in a keyword", paper("A fast antidepressant", keywords=("esketamine",)), True),
    ("named among the substances", paper("A fast antidepressant", chemicals=("Ketamine",)), True),
    ("named by a heading", paper("A fast antidepressant", mesh_terms=(MeshTerm(name="Ketamine"),)), True),
    ("not named", paper("Lithium for bipolar disorder"), False),
    ("only in a mixture for anaesthesia", paper("Rats under ketamine-xylazine anaesthesia learn a maze"), False),
    ("only as an anaesthetic", paper("A maze", "The mice were anaesthetised with ketamine."), False),
    ("in a mixture and also on its own", paper("Ketamine", "Ketamine/xylazine was avoided."), True),
    ("nothing at all", Citation(), False),
]


@pytest.mark.parametrize(("shows", "citation", "expected"), ON_TOPIC, ids=lambda value: str(value)[:40])
def test_is_on_topic(shows: str, citation: Citation, expected: bool) -> None:
    assert is_on_topic(citation, KETAMINE) is expected, shows


@pytest.mark.parametrize(
    ("title", "conditions"),
    [
        ("Ketamine for severe non-psychotic depression", ("depression",)),
        ("Ketamine for non-suicidal depression", ("depression",)),
        ("Ketamine in non-depressed adults", ()),
    ],
)
def test_non_denies_only_the_word_that_it_is_part_of(title: str, conditions: tuple[str, ...]) -> None:
    """A condition after the hyphenated word is not denied with it."""
    assert classify(Citation(title=title), load_vocabulary("ketamine")).conditions == conditions


@pytest.mark.parametrize(
    "last",
    [
        "ClinicalTrials.gov registration: NCT01234567.",
        "At baseline, the ketamine group had significantly higher scores than the placebo group.",
        "Registered in the Invented Registry under the number 1234567.",
    ],
)
def test_a_registration_or_a_baseline_is_no_finding(last: str) -> None:
    """Such sentences hold numbers, and stand where findings stand."""
    found = "Ketamine reduced depressive symptoms more than placebo."
    abstract = AbstractSection(text=f"We gave ketamine to 40 adults with depression. {found} {last}")
    tags = classify(Citation(title="Ketamine for depression", abstract=(abstract,)), load_vocabulary("ketamine"))
    assert tags.key_finding == found
