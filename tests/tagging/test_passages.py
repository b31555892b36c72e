"""How texts are cut into sections, sentences and words, and how terms are found in them."""

from __future__ import annotations

import pytest

from harvester.paper.records import AbstractSection, Citation
from harvester.tagging.english import normal_form, read_number, read_number_words
from harvester.tagging.lexicon import Lexicon, build_term
from harvester.tagging.passages import read_role, split_citation, split_sections, split_sentences

SENTENCES = [
    ("an abbreviation", "Ketamine vs. placebo in 9 people. It worked.", 2),
    ("the longest abbreviation", "It took approx. Nine weeks passed. It worked.", 2),
    ("a long word that ends as an abbreviation does", "They took Somnomax. Nine slept.", 2),
    ("others are named", "As Wang et al. The authors said so.", 1),
    ("a dose", "We gave it i.v. Ketamine was safe.", 1),
    ("a decimal without its zero", "It differed (p < .05). It worked.", 2),
    ("a decimal with a space", "The mean was 0. 91 points. It worked.", 2),
    ("an initial", "Dr. J. Doe was there. He saw it.", 2),
    ("a letter that ends a sentence", "They took vitamin C. Patients slept.", 2),
    ("numbers of figures", "See fig. 2. It worked.", 2),
    ("no space between sentences", "It ended.The patients were well.", 2),
    ("questions", "Does it work? It does!", 2),
    ("nothing", "", 0),
]


@pytest.mark.parametrize(("shows", "text", "expected"), SENTENCES)
def test_sentences(shows: str, text: str, expected: int) -> None:
    spans = split_sentences(text)
    assert len(spans) == expected, shows
    assert "".join(text.split()) == "".join(text[start:end] for start, end in spans).replace(" ", "")


def test_of_an_endless_text_the_beginning_is_read() -> None:
    endless = AbstractSection(text="ketamine (KET) for depression " * 5000)
    cut = split_citation(Citation(abstract=(endless, AbstractSection(text="The end."))))
    assert sum(len(passage.text) for passage in cut) <= 30_000
    assert all(passage.text in endless.text for passage in cut)


def test_labels_in_running_text_are_found() -> None:
    text = "BACKGROUND AND AIMS: A. METHODS & RESULTS: B (NCT: 5). Conclusions: C. PROSPERO: CRD1."
    assert [label for label, _, _ in split_sections(text)] == [
        "BACKGROUND AND AIMS",
        "METHODS & RESULTS",
        "Conclusions",
    ]


def test_a_label_after_a_lost_formula_is_found() -> None:
    text = "RESULTS: It fell (95% CI 1 to 2, I CONCLUSION: It worked well."
    assert [label for label, _, _ in split_sections(text)] == ["RESULTS", "CONCLUSION"]


@pytest.mark.parametrize(
    ("label", "category", "expected"),
    [
        ("Patients and methods", None, "methods"),
        ("What this adds", "CONCLUSIONS", "conclusions"),
        ("Ketamine", "RESULTS", "results"),
        (None, "UNASSIGNED", ""),
        (None, None, ""),
        ("Trial registration", "BACKGROUND", "admin"),
    ],
)
def test_roles_of_sections(label: str | None, category: str | None, expected: str) -> None:
    assert read_role(label, category) == expected


def test_a_citation_is_cut_into_title_sentences_and_terms() -> None:
    citation = Citation(
        title="A title",
        abstract=(AbstractSection(text="One. Two.", label="RESULTS"), AbstractSection(text="AIM: Three.")),
        keywords=("ketamine",),
        chemicals=("Ketamine",),
    )
    cut = [(passage.field, passage.role, passage.text) for passage in split_citation(citation)]
    assert cut == [
        ("title", "title", "A title"),
        ("abstract", "results", "One."),
        ("abstract", "results", "Two."),
        ("abstract", "objective", "Three."),
        ("keywords", "term", "ketamine"),
        ("chemicals", "term", "Ketamine"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("randomised", "randomized"),
        ("anaesthesia", "anesthesia"),
        ("studies", "study"),
        ("analyses", "analysis"),
        ("Åsberg", "asberg"),
        ("patient’s", "patients"),
        ("behaviour", "behavior"),
        ("paediatric", "pediatric"),
    ],
)
def test_spellings_that_are_one_word(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


def test_a_superscript_is_no_number() -> None:
    assert read_number("²") is None
    assert Lexicon(()).find("m² and ₂₂")[2] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one hundred and five", (105, 4)),
        ("two thousand three hundred", (2300, 4)),
        ("twenty one two", (21, 2)),
        ("hundred", None),
        ("thousand", None),
        ("and one", None),
        ("forty and", (40, 1)),
    ],
)
def test_numbers_in_words(text: str, expected: tuple[int, int] | None) -> None:
    assert read_number_words(text.split()) == expected


def find(text: str, *phrases: str) -> list[str]:
    lexicon = Lexicon([build_term("facet", phrase, phrase) for phrase in phrases])
    return [mention.value for mention in lexicon.find(text)[1]]


def test_the_longest_term_wins() -> None:
    assert find("treatment-resistant depression", "depression", "treatment resistant depression") == [
        "treatment resistant depression"
    ]


def test_a_beginning_finds_any_ending() -> None:
    assert find("suicidal and suicidality", "suicid*") == ["suicid*", "suicid*"]


@pytest.mark.parametrize(
    ("phrase", "keys", "expected"),
    [
        ("New Zealand", {"new", "drug"}, True),
        ("UK", {"uk"}, True),
        ("Scandinavia*", {"in", "scandinavian"}, True),
        ("Scandinavia*", {"in", "scan"}, False),
        ("New Zealand", {"zealand"}, False),
    ],
)
def test_where_a_term_cannot_begin_nothing_is_looked_up(phrase: str, keys: set[str], *, expected: bool) -> None:
    assert Lexicon([build_term("countries", "x", phrase)]).may_occur(keys) is expected


def test_a_lexicon_without_terms_finds_the_words_alone() -> None:
    found = Lexicon(()).find("Nine people’s 1,234 i.v. doses")
    assert [word.text for word in found.words] == ["Nine", "people’s", "1,234", "i.v.", "doses"]
    assert [(word.start, word.end) for word in found.words][:2] == [(0, 4), (5, 13)]
    assert found.numbers == [0, 2]
    assert found.mentions == []


def test_commas_break_a_term_unless_it_has_them() -> None:
    assert find("resistant, depression", "resistant depression") == []
    assert find("Depression, Postpartum", "Depression, Postpartum") == ["Depression, Postpartum"]


def test_abbreviations_keep_their_case_and_take_a_plural() -> None:
    assert find("RCTs or rcts", "RCT") == ["RCT"]


@pytest.mark.parametrize("phrase", ["", "…", "a*", "dep*ress"])
def test_a_phrase_that_cannot_be_a_term(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"no word|too short|belongs at the end"):
        build_term("facet", "value", phrase)
