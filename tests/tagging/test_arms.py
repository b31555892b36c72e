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
            "what they were on",
            "METHODS: Adults with shyness, on lithium or valproate, were randomised to ketamine or placebo.",
            {"placebo"},
        ),
        (
            "where it happened",
            "METHODS: Adults were randomised to ketamine or etomidate before each of six sessions of ECT.",
            {"etomidate"},
        ),
        ("controlled by", "METHODS: In a double-blind, placebo-controlled study adults had ketamine.", {"placebo"}),
        (
            "an active placebo is both",
            "METHODS: Adults were randomised to ketamine or the active placebo diphenhydramine.",
            {"diphenhydramine", "placebo"},
        ),
        (
            "a placebo control that is active is what it is",
            "METHODS: Adults were randomised to ketamine or to an active placebo control, diphenhydramine.",
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
            "an unknown name in a list",
            "METHODS: Adults received ketamine (0.5 mg/kg), inventol 5 mg, or saline.",
            {"inventol", "saline"},
        ),
        (
            "an unknown name against the compound",
            "METHODS: We compared ketamine with inventol in 40 adults.",
            {"inventol"},
        ),
        (
            "an unknown name of a group",
            "METHODS: Group K received ketamine 0.5 mg/kg, group I received inventol 5 mg.",
            {"inventol"},
        ),
        (
            "a therapy of two words",
            "METHODS: Adults were randomised to cognitive therapy or ketamine.",
            {"cognitive therapy"},
        ),
        (
            "what may be given together is no arm",
            "METHODS: Adults received ketamine and music before they were randomised to placebo.",
            {"placebo"},
        ),
        (
            "what both sides have",
            "METHODS: Adults were given inventol and ketamine compared with inventol and placebo in a blinded trial.",
            {"placebo"},
        ),
        (
            "a known drug on both sides",
            "METHODS: Adults were randomised to lithium + ketamine or lithium + placebo.",
            {"placebo"},
        ),
        (
            "a sham, named after its device",
            "METHODS: Adults had ketamine and were randomised to a TMS group or a TMS-sham group.",
            {"rTMS", "sham TMS"},
        ),
        (
            "a sham, named before it",
            "METHODS: Adults had ketamine and were randomised to real or sham acupuncture.",
            {"sham acupuncture"},
        ),
        (
            "a group that had one of two",
            "METHODS: Adults were randomised to midazolam plus ketamine or to midazolam alone.",
            {"midazolam"},
        ),
        (
            "what the control group had",
            "METHODS: The control group will receive 20 mg oral methylphenidate.",
            {"methylphenidate"},
        ),
        (
            "the drug that served as control",
            "METHODS: Adults had ketamine and midazolam (as an active control) in random order.",
            {"midazolam"},
        ),
        (
            "what the placebo was",
            "METHODS: Adults were randomised; the placebo group will receive 20 ml of preservative-free saline.",
            {"placebo", "saline"},
        ),
        (
            "a drug that is tested on the compound, given to all",
            "METHODS: Haloperidol or placebo was given before ketamine in a crossover study.",
            {"placebo"},
        ),
        (
            "a drug whose effect was crossed with the compound's",
            "METHODS: Haloperidol or placebo was given before ketamine or placebo in a crossover study.",
            {"haloperidol", "placebo"},
        ),
        (
            "the same by its name",
            "METHODS: We studied the effect of pretreatment with the blocker haloperidol on ketamine in a "
            "placebo-controlled study.",
            {"haloperidol", "placebo"},
        ),
        (
            "doses without a weight",
            "METHODS: Adults were randomised to placebo or to ketamine (15 and 30 mg).",
            {"lower dose", "placebo"},
        ),
        (
            "each dose by its word",
            "METHODS: Placebo, low (0.2 mg/kg) and high (0.5 mg/kg) doses of ketamine were given in random order.",
            {"lower dose", "placebo"},
        ),
        (
            "a dose so small that it is the control",
            "METHODS: Adults were randomised to 30 mg of ketamine or an active placebo dose of ketamine.",
            {"lower dose", "placebo"},
        ),
        (
            "how often is no dose",
            "METHODS: Adults were randomised to two doses of ketamine or to placebo.",
            {"placebo"},
        ),
        (
            "other numbers are no doses",
            "METHODS: A 19-channel recording was made 60, 90 and 180 min after ketamine (0.3 mg/kg) or placebo, "
            "in random order.",
            {"placebo"},
        ),
        (
            "a spray that is adjusted",
            "METHODS: Adults were randomised to esketamine nasal spray (56 or 84 mg) or placebo.",
            {"placebo"},
        ),
        (
            "controls in health, seen alone in their sentence",
            "METHODS: 20 patients with depression were randomised to ketamine or placebo. Twelve healthy controls were "
            "seen at like times.",
            {"healthy controls", "placebo"},
        ),
        (
            "people in health of one part, the ill of the next",
            "METHODS: In part one, safety was shown in healthy volunteers who had ketamine or placebo, to choose the "
            "dose that would then be given to patients.",
            {"placebo"},
        ),
        (
            "one session",
            "METHODS: Adults were randomised to six ketamine sessions or to a single ketamine session.",
            {"single ketamine session"},
        ),
        (
            "one session, in a list",
            "METHODS: Adults were given two ketamine infusions (n = 9), a single ketamine infusion (n = 8) or saline.",
            {"single ketamine infusion", "saline"},
        ),
        (
            "one infusion that all had",
            "METHODS: After a rest, a single ketamine infusion was given or placebo.",
            {"placebo"},
        ),
        (
            "what both groups had",
            "METHODS: 20 had ketamine and 21 had saline. Both groups received clonidine against high blood pressure.",
            {"saline"},
        ),
        (
            "what all had before the arms are told",
            "METHODS: In both arms all had ECT, under ketamine or under propofol.",
            {"propofol"},
        ),
        (
            "a combination by two routes",
            "METHODS: One group was given ketamine 1 mg/kg and midazolam 0.1 mg/kg by mouth, one ketamine 1 mg/kg and "
            "midazolam 0.1 mg/kg in the nose.",
            set(),
        ),
        (
            "a drug tested after all had the compound",
            "METHODS: Adults had an open-label infusion of ketamine and were then randomised to riluzole or placebo.",
            {"placebo"},
        ),
        (
            "another drug against placebo",
            "METHODS: Adults had ketamine or placebo. RESULTS: There was no difference between lithium and placebo.",
            {"placebo"},
        ),
        (
            "either or both are no arms",
            "METHODS: Adults received ketamine or placebo. All were treated with benzodiazepines and/or haloperidol.",
            {"placebo"},
        ),
        (
            "a name that is no drug's",
            "METHODS: Adults had ketamine or placebo. CONCLUSIONS: It is a better model than the amphetamine model.",
            {"placebo"},
        ),
        (
            "what is named as the control",
            "METHODS: Ketamine 0.5 mg/kg was given on three days, and midazolam 0.02 mg/kg, the control, on a fourth.",
            {"midazolam"},
        ),
        (
            "the part without the compound",
            "METHODS: Group A received 10 mg of ketamine plus 1 mg of midazolam, group B only 1 mg of midazolam.",
            {"midazolam"},
        ),
        (
            "with whose effects",
            "OBJECTIVE: To compare the effects of ketamine with those of triazolam in a randomised trial.",
            {"triazolam"},
        ),
        (
            "a list of what is compared",
            "METHODS: Ketamine was compared with placebo and escalating doses of escitalopram.",
            {"placebo", "escitalopram"},
        ),
        (
            "in the compound's place",
            "METHODS: Adults were randomised to propofol combined with ketamine or propofol combined with fentanyl.",
            {"fentanyl"},
        ),
        (
            "an alternative, whatever it is for",
            "METHODS: Adults were randomised to ketamine or methohexital anaesthesia.",
            {"methohexital"},
        ),
        (
            "two drugs crossed over",
            "METHODS: In a cross-over study 15 volunteers had dimethyltryptamine (DMT) and ketamine.",
            {"DMT"},
        ),
        (
            "a solvent",
            "METHODS: Syringes held midazolam or ketamine, dissolved in 0.9% saline.",
            {"midazolam"},
        ),
        (
            "a dose without its zero",
            "METHODS: Adults were randomised to .20 mg/kg or .40 mg/kg ketamine or placebo.",
            {"lower dose", "placebo"},
        ),
        (
            "with or without, where those without had placebo",
            "METHODS: In a placebo-controlled trial adults were operated on with or without ketamine.",
            {"placebo"},
        ),
        (
            "the ill and people in health, by adjective",
            "METHODS: Ketamine and placebo were given to normal and schizophrenic volunteers.",
            {"placebo", "healthy controls"},
        ),
        (
            "people in health of other studies",
            "METHODS: Ketamine, used in studies with healthy adults and in patients with OCD, was compared to placebo.",
            {"placebo"},
        ),
        (
            "sham of a kind is no placebo besides",
            "METHODS: Adults had ketamine plus TMS or ketamine plus TMS-sham, a sham course.",
            {"sham TMS"},
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
            "others of the same clinic",
            "Ketamine in the lift and later dreams: a cohort study",
            "RESULTS: Dreams of those who received ketamine did not differ from those of other patients.",
            {"no ketamine"},
        ),
        (
            "controls by their age",
            "The cortex before ketamine for depression: a cohort study",
            "METHODS: We scanned 20 patients with depression and 22 age- and sex-matched controls.",
            {"healthy controls"},
        ),
        (
            "two joined by or",
            "Esketamine or racemic ketamine for shyness: a randomised trial",
            "METHODS: 90 adults took part.",
            {"ketamine", "esketamine"},
        ),
        (
            "all that a review compares in its aim",
            "Four drugs for shyness: a network meta-analysis",
            "OBJECTIVE: To compare the efficacy and the cost of ketamine with lithium, aripiprazole and quetiapine.",
            {"lithium", "aripiprazole", "quetiapine"},
        ),
        (
            "what several studies were controlled by",
            "Repeated ketamine for shyness: a randomised trial",
            "Saline-controlled studies of ketamine are many. We randomised 40 adults to ketamine or midazolam.",
            {"midazolam"},
        ),
        (
            "two of one kind, neither of them first",
            "Comparative study of ketamine and esketamine for shyness: a cohort study",
            "METHODS: We read the charts of 90 patients.",
            {"ketamine", "esketamine"},
        ),
        (
            "the same in an aim",
            "Two drugs for shyness: a cohort study",
            "OBJECTIVE: We compared the effects of esketamine and ketamine in 90 shy patients.",
            {"ketamine", "esketamine"},
        ),
        (
            "users and those who never used",
            "Colour vision of people who use ketamine: a cross-sectional study",
            "METHODS: We compared 20 ketamine users with 22 controls who had never used ketamine.",
            {"non-users"},
        ),
        (
            "users and others, by what they do not take",
            "Memory of ketamine users: a cross-sectional study",
            "METHODS: 20 ketamine users and 22 non-ketamine using controls drew a clock.",
            {"non-users"},
        ),
        (
            "users of other things",
            "Patience of students who are ketamine users: a cross-sectional study",
            "METHODS: Four groups were compared: ketamine users, cannabis users, polydrug users and non-drug controls.",
            {"cannabis users", "polydrug users", "non-drug controls"},
        ),
        (
            "those who stopped",
            "Memory of ketamine users: a cross-sectional study",
            "METHODS: 20 current ketamine users and 22 ex-ketamine users drew a clock.",
            {"ex-ketamine users"},
        ),
        (
            "what the users take besides",
            "Memory of ketamine polydrug users: a cross-sectional study",
            "METHODS: 20 ketamine polydrug users drew a clock.",
            set(),
        ),
        (
            "a review joins two in its title",
            "Ketamine and electroconvulsive therapy for shyness: a meta-analysis",
            "RESULTS: Nine trials were pooled.",
            {"ECT"},
        ),
        (
            "a review asks for an alternative",
            "Is ketamine an alternative to ECT for shyness? A systematic review",
            "RESULTS: Nine trials were found.",
            {"ECT"},
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
