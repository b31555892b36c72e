"""Who was studied, at which dose, in how many studies, and whether it is the first report."""

import pytest

from harvester.paper.records import AbstractSection, Citation
from harvester.paper.tags import Tags
from harvester.tagging import classify, load_vocabulary


def tag(title: str, abstract: str) -> Tags:
    return classify(Citation(title=title, abstract=(AbstractSection(text=abstract),)), load_vocabulary("ketamine"))


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        (
            "Ketamine for shyness: a randomised trial",
            "METHODS: 40 adults were randomised to ketamine or saline.",
            "primary",
        ),
        (
            "Ketamine and sleep",
            "METHODS: This is a secondary analysis of a randomised trial of ketamine in 40 adults.",
            "secondary",
        ),
        (
            "Ketamine and sleep: a post hoc analysis",
            "METHODS: 40 adults had been randomised to ketamine or saline.",
            "secondary",
        ),
        ("Ketamine for shyness: study protocol", "METHODS: 40 adults will be randomised.", "protocol"),
        ("Ketamine for shyness: a systematic review", "RESULTS: Nine trials were included.", "review"),
        ("Ketamine for shyness: a letter to the editor", "Dear editor.", None),
    ],
)
def test_analysis(title: str, abstract: str, expected: str | None) -> None:
    assert tag(title, abstract).analysis == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Ketamine in adolescents with depression: a pilot trial", ("adolescents",)),
        ("Ketamine for late-life depression: a trial", ("older-adults",)),
        ("Esketamine and mood after caesarean delivery: a trial", ("postpartum-women",)),
        ("Ketamine for veterans with PTSD: a cohort study", ("veterans",)),
        ("Ketamine and childhood trauma in adults: a cohort study", ()),
        ("Ketamine for depression: a trial", ()),
        ("Ketamine in adolescent mice", ()),
    ],
)
def test_population(title: str, expected: tuple[str, ...]) -> None:
    assert tag(title, "METHODS: They were given ketamine.").population == expected


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("Paediatric outpatients", "children"),
        ("Preschoolers", "children"),
        ("Teenagers", "adolescents"),
        ("Youths", "adolescents"),
        ("Octogenarians", "older-adults"),
        ("LATE-LIFE depression", "older-adults"),
        ("Expectant mothers", "pregnant-women"),
        ("Puerperal women", "postpartum-women"),
        ("Caesarean section", "postpartum-women"),
        ("Lying-in women", "postpartum-women"),
        ("Mothers after delivery", "postpartum-women"),
        ("Service members", "veterans"),
        ("Undergraduates", "students"),
        ("Incarcerated men", "prisoners"),
    ],
)
def test_population_in_any_of_its_words(who: str, expected: str) -> None:
    assert tag(f"Ketamine: {who}", "METHODS: They were given ketamine.").population == (expected,)


@pytest.mark.parametrize(
    "words",
    [
        "A posthoc analysis of a ketamine trial",
        "Reanalysing a ketamine trial",
        "Re-analysis of a ketamine trial",
        "Substudies of a ketamine trial",
        "Ketamine: the parent trial",
    ],
)
def test_a_later_look_in_any_words(words: str) -> None:
    assert tag(words, "METHODS: 40 adults had been randomised to ketamine or saline.").analysis == "secondary"


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("Of 412 records, 14 studies were eligible for synthesis.", 14),
        ("We summarised 21 controlled trials.", 21),
        ("Evidence across 32 cohorts was sought.", 32),
        ("Twelve randomised trials told of mood.", 12),
    ],
)
def test_studies_included_in_any_words(sentence: str, number: int) -> None:
    assert tag("Ketamine for shyness: a systematic review", f"RESULTS: {sentence}").studies_included == number


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        ("METHODS: 40 adults received ketamine 0.5 mg/kg over 40 minutes or midazolam 0.045 mg/kg.", ("0.5 mg/kg",)),
        ("METHODS: 40 adults received esketamine (56-84 mg) twice weekly.", ("56-84 mg",)),
        ("METHODS: 40 adults received ketamine; serum iron was 90 mg/dl.", ()),
    ],
)
def test_dose(abstract: str, expected: tuple[str, ...]) -> None:
    assert tag("Ketamine for depression: a randomised trial", abstract).dose == expected


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        ("RESULTS: Of 412 records screened, twenty-one studies were included.", 21),
        ("RESULTS: We included 17 randomised trials with 1,370 patients.", 17),
        ("RESULTS: Some trials were small.", None),
    ],
)
def test_studies_included(abstract: str, expected: int | None) -> None:
    assert tag("Ketamine for depression: a systematic review", abstract).studies_included == expected
