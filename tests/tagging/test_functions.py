"""What a mention does in its sentence decides: given, studied, listed, measured beside, other people's."""

from typing import Any

import pytest

from harvester.paper.records import AbstractSection, Citation
from harvester.paper.tags import Tags
from harvester.tagging import classify, load_vocabulary


def tag(title: str, abstract: str) -> Tags:
    return classify(Citation(title=title, abstract=(AbstractSection(text=abstract),)), load_vocabulary("ketamine"))


CASES: list[tuple[str, str, str, str, Any]] = [
    (
        "an outcome told beside the first",
        "Ketamine and low mood: a randomised trial",
        "METHODS: 80 patients with depression were randomised to ketamine or saline. The primary outcome was "
        "depression; "
        "pain was noted as well. RESULTS: Depression was less. Pain was alike.",
        "conditions",
        ("depression",),
    ),
    (
        "who took part, said once",
        "Ketamine and slow waves: a crossover trial",
        "METHODS: 20 adults with depression (9 with bipolar disorder) were given ketamine and placebo. "
        "RESULTS: Waves slowed.",
        "conditions",
        ("depression", "bipolar"),
    ),
    (
        "the day after an operation is no delirium",
        "Ketamine and low mood after surgery: a randomised trial",
        "METHODS: 80 patients with depression were randomised. Mood was rated on postoperative day (POD) 1. "
        "RESULTS: On POD 1 "
        "mood was better.",
        "conditions",
        ("depression",),
    ),
    (
        "a short name of what was given",
        "Ketamine and faces",
        "METHODS: 20 volunteers were given S-ketamine and placebo. RESULTS: Ketamine slowed reading.",
        "compounds",
        ("esketamine",),
    ),
    (
        "left out",
        "Psilocybin for hiccups: a scoping review",
        "METHODS: We searched for psilocybin; we left out studies of ketamine. RESULTS: Three were found.",
        "compounds",
        (),
    ),
    (
        "a route in passing",
        "Trends in papers on ketamine: a bibliometric analysis",
        "METHODS: We counted papers on ketamine. CONCLUSIONS: They grew once esketamine nasal spray was approved.",
        "routes",
        (),
    ),
    (
        "three routes in one list",
        "New ways to give ketamine: a randomised trial",
        "METHODS: 15 adults were randomised to ketamine or placebo. Treatments were by IV (n=4), IM (n=5) or SC (n=6) "
        "injection.",
        "routes",
        ("intravenous", "intramuscular", "subcutaneous"),
    ),
    (
        "a route far from its only drug",
        "Ketamine for shyness: an open trial",
        "METHODS: We tested ketamine in 12 patients with shyness or stage fright who were not low at the time and took "
        "nothing else, in rising doses (0.2 to 1 mg/kg given subcutaneously).",
        "routes",
        ("subcutaneous",),
    ),
    (
        "a tablet that melts is swallowed",
        "Two forms of ketamine: a crossover trial",
        "METHODS: 20 adults took ketamine as an orodispersible tablet.",
        "routes",
        ("oral",),
    ),
    (
        "the study drug has a route",
        "Esketamine during surgery: a randomised trial",
        "METHODS: 90 women were randomised to esketamine or saline. The study drugs were injected intravenously.",
        "routes",
        ("intravenous",),
    ),
    (
        "fear induction is no induction of anaesthesia",
        "Fear induction and ketamine in panic disorder",
        "METHODS: 40 adults with panic disorder were randomised to ketamine or midazolam.",
        "tier",
        "core",
    ),
    (
        "one of many drugs of the night, with a figure of its own",
        "Drug use at summer dances",
        "METHODS: We surveyed 900 adults about drug use. RESULTS: Cocaine was used by 30%, MDMA by 20% and "
        "ketamine by 9%.",
        "tier",
        "adjacent",
    ),
    (
        "an outcome of the mind beside an operation",
        "Esketamine and cognition after shoulder surgery: a randomised trial",
        "METHODS: 80 patients were randomised to esketamine or saline. RESULTS: Cognitive dysfunction was rarer.",
        "tier",
        "adjacent",
    ),
    (
        "no outcome of the mind",
        "Esketamine and blood pressure during hernia surgery: a randomised trial",
        "METHODS: 80 patients were randomised to esketamine or saline. RESULTS: Blood pressure was alike.",
        "tier",
        "off-topic",
    ),
    (
        "thousands apart",
        "Ketamine in a country: a cohort study",
        "METHODS: This retrospective cohort study included 1 204 377 women.",
        "sample_size",
        1204377,
    ),
    (
        "those who finished are some of those who began",
        "Esketamine in four towns: a cohort study",
        "RESULTS: Sixty-one patients began esketamine, and 40 patients (66%) finished it.",
        "sample_size",
        61,
    ),
    (
        "written to",
        "How clinicians use ketamine: a survey",
        "RESULTS: Questionnaires were sent to 400 members; 180 answered.",
        "sample_size",
        180,
    ),
    (
        "arms of so many each",
        "Esketamine for low mood: a randomised trial",
        "METHODS: 54 women each were randomised to esketamine and saline.",
        "sample_size",
        108,
    ),
    (
        "simulated people are none",
        "The cost of ketamine",
        "METHODS: A Markov model, fed by one randomised trial, included 40,000 eligible patients in year 1.",
        "sample_size",
        None,
    ),
    (
        "a trial that feeds a model does not make a trial",
        "The cost of ketamine",
        "METHODS: A Markov model, fed by one randomised trial, estimated costs.",
        "design",
        "economic",
    ),
    (
        "data of an open trial",
        "Leptin and ketamine",
        "METHODS: In a secondary analysis of an open-label trial, leptin was measured in 27 patients who "
        "received ketamine.",
        "design",
        "open-label-trial",
    ),
    (
        "the name of a way to report",
        "Ketamine after childbirth: what is known",
        "METHODS: We kept to the Preferred Reporting Items for Systematic Reviews and Meta-Analyses and "
        "searched three databases.",
        "design",
        "systematic-review",
    ),
    (
        "a patient population is not one patient",
        "Ketamine in a mixed patient population: a pilot study",
        "METHODS: 13 patients received one open-label dose of ketamine.",
        "design",
        "open-label-trial",
    ),
    (
        "no difference in other words",
        "Ketamine before an exam: a randomised trial",
        "METHODS: 60 students were randomised to ketamine or saline. CONCLUSIONS: Ketamine did not affect "
        "fear of the exam.",
        "direction",
        "no-difference",
    ),
    (
        "both groups improved",
        "Ketamine for depression: a randomised trial",
        "METHODS: 60 adults were randomised to ketamine or saline. RESULTS: Depression scores fell in both groups.",
        "direction",
        None,
    ),
    (
        "the rival won",
        "Ketamine or ECT for depression: a randomised trial",
        "METHODS: 60 adults were randomised to ketamine or ECT. CONCLUSIONS: ECT was superior to ketamine.",
        "direction",
        "against",
    ),
    (
        "an empty conclusion",
        "Ketamine and clocks: a cohort study",
        "RESULTS: Clocks slowed in 20 adults after ketamine. CONCLUSIONS: Knowing how ketamine moves clocks "
        "is essential for care.",
        "key_finding",
        "Clocks slowed in 20 adults after ketamine.",
    ),
]


@pytest.mark.parametrize(("shows", "title", "abstract", "facet", "expected"), CASES)
def test_functions(shows: str, title: str, abstract: str, facet: str, expected: Any) -> None:
    assert getattr(tag(title, abstract), facet) == expected, shows


@pytest.mark.parametrize("text", ["ketamine or placebo with 12 patients (n = 12) vs saline, ", "(n = 12) ((", "1 234 "])
def test_a_text_without_sentences_is_read_in_pieces(text: str) -> None:
    assert tag("Ketamine", text * 4000).tier in ("core", "adjacent", "off-topic")
