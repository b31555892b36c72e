"""Preparing and blocking: what a record is reduced to, and under which keys it is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.matching import block_keys, prepare
from harvester.matching.authors import read_author_text
from harvester.matching.levels import SAME, compare_journals
from harvester.matching.prepare import prepare_row
from harvester.matching.titles import is_generic, read_title, repair_encoding
from harvester.matching.venue import are_journals_alike, read_issue, read_journal, read_pages, read_volume
from harvester.paper.records import AbstractSection, Author, Citation, Identifiers


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("The <i>R</i>-ketamine &amp;lt; placebo", "the r ketamine placebo"),
        ("[Ketamin hos fyrvoktere (norsk)].", "ketamin hos fyrvoktere norsk"),
        ("Ketamine in keepers. [Article in Norwegian]", "ketamine in keepers"),
        ("Ketamine in keepers LA: Nor", "ketamine in keepers"),
        ("Ketamine in keepers [see comment]", "ketamine in keepers"),
        ("Ketamine in keepers (Review)", "ketamine in keepers"),
        ("Ketamine in keepers [version 2; peer review: 1 approved]", "ketamine in keepers"),
        ("RETRACTED: Ketamine in keepers", "ketamine in keepers"),
        ("Ketamine phase II, type i and i.v. use", "ketamine phase 2 type 1 and i v use"),
        ("TNF-α, ΔFosB and 5 µg", "tnf alpha deltafosb and 5 mug"),
        ("Во льдах: 抑郁症", "во льдах 抑郁症"),
        (None, ""),
        ("  ", ""),
        ("<b></b>", ""),
    ],
)
def test_titles_are_reduced_to_words(title: str | None, words: str) -> None:
    assert read_title(title).words == words


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Erratum", "erratum"),
        ("Corrigendum to 'Ketamine in keepers'", "erratum"),
        ("Author Correction: Ketamine in keepers", "erratum"),
        ("Correction for Fictional et al., Ketamine in keepers", "erratum"),
        ("Ketamine in keepers: an erratum", "erratum"),
        ("Ketamine in keepers (vol 12, pg 1, 2019)", "erratum"),
        ("Notice of Retraction: Ketamine in keepers", "retraction"),
        ("Ketamine in keepers - retraction", "retraction"),
        ("Expression of concern: ketamine in keepers", "concern"),
        ("Re: Ketamine in keepers", "reply"),
        ("Ketamine in keepers: authors' reply", "reply"),
        ("In response", "reply"),
        ("Commentary on ketamine in keepers", "comment"),
        ("Ketamine in keepers: an invited commentary", "comment"),
        ("Correction of low sodium in keepers", ""),
        # Ambiguous, and harmless: two records of one paper both say it.
        ("Response to ketamine in keepers", "reply"),
        ("Retraction of the eyelid in keepers", "retraction"),
        ("Ketamine in keepers. [Erratum appears in Imag J. 2020]", ""),
        ("Comments from keepers about ketamine", ""),
    ],
)
def test_labels_make_a_record_something_else_than_a_paper(title: str, kind: str) -> None:
    assert read_title(title).kind == kind


def test_protocols_and_translations_are_noticed() -> None:
    assert read_title("Ketamine in keepers: study protocol").is_protocol
    assert read_title("Rationale and design of a ketamine trial").is_protocol
    assert not read_title("A new design of lighthouse lamps").is_protocol
    assert not read_title("Protocols in lighthouses").is_protocol
    assert read_title("[Ketamin hos fyrvoktere]").is_translated
    assert not read_title("[11C]raclopride in keepers").words.startswith("raclopride")


@pytest.mark.parametrize("words", ["editorial", "authors reply", "letter to the editor 3", "sad keepers", ""])
def test_common_titles_are_generic(words: str) -> None:
    assert is_generic(words)


def test_a_short_chinese_title_is_not_generic() -> None:
    assert not is_generic("氯胺酮治疗抑郁症")


@given(st.text())
def test_repairing_and_reading_never_fail(text: str) -> None:
    assert repair_encoding(text).isascii() or not text.isascii()
    words = read_title(text).words
    assert read_title(words).words == words
    read_author_text(text)
    read_journal(text)
    read_pages(text)
    read_volume(text)
    read_issue(text)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Fictional, Ada and Mockman, Berthold", "fictional ada|mockman berthold"),
        ("Fictional A; Mockman B", "fictional a|mockman b"),
        ("Fictional A\nMockman B", "fictional a|mockman b"),
        ("Fictional A & Roth C", "fictional a|roth c"),
        ("Fictional, A., Mockman, B.", "fictional a|mockman b"),
        ("Fictional, Ada", "fictional ada"),
        ("Fictional A.Mockman B. C.van der Licht D.", "fictional a|mockman bc|vanderlicht d"),
        ("Ada Fictional, Jan van der Licht", "fictional ada|vanderlicht jan"),
        ("D'Arme, A.; Ortiz-Faro, B.", "darme a|ortizfaro b"),
        ("Fictional A Jr, Mockman B 3rd", "fictional a|mockman b"),
        ("Fictional A, et al.", "fictional a"),
        ("B., Roth K. Lewis G. Mockman B.", "roth k|lewis g|mockman bb"),
        ("Imaginary Study Group", "@imaginarystudygroup"),
        ("IMAGINARY KEEPERS", "imaginarykeepers"),
        ("Fictional", "fictional"),
        ("Anonymous", ""),
        ("[No authors listed]", ""),
        ("", ""),
    ],
)
def test_author_lists_in_all_their_forms(text: str, people: str) -> None:
    assert read_author_text(text) == people


def test_what_only_looks_like_damage_is_left_alone() -> None:
    assert repair_encoding("à\x80\x80") == "à\x80\x80"


def test_long_lists_are_cut() -> None:
    text = "; ".join(f"Name{chr(97 + place % 26)}{chr(97 + place // 26)}, A" for place in range(60))
    assert read_author_text(text).count("|") == 39


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("211-9", "211", "219"),
        ("211–219", "211", "219"),
        ("p. 17", "17", ""),
        ("e12345", "e12345", ""),
        ("S12-S15", "s12", "s15"),
        ("s12-5", "s12", "s15"),
        ("119-27; quiz 128", "119", "127"),
        ("06-Oct", "6", "10"),
        ("Oct-06", "6", "10"),
        ("Jan-30", "1", "30"),
        ("xiii-xv", "xiii", "xv"),
        ("v", "v", ""),
        ("62 p.", "", ""),
        ("no pagination", "", ""),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_pages(text: str | None, first: str, last: str) -> None:
    assert read_pages(text)[:2] == (first, last)


@pytest.mark.parametrize(
    ("text", "volume", "issue"),
    [
        ("12", "12", "12"),
        ("12 Suppl 2", "12", "12s2"),
        ("1)", "", "1"),
        ("19 (12) (no pagination)", "19", "19"),
        ("Suppl. 1", "", "s1"),
        ("000", "", ""),
        ("N/A", "", ""),
        ("xii", "xii", ""),
        (None, "", ""),
    ],
)
def test_volumes_and_issues(text: str | None, volume: str, issue: str) -> None:
    assert (read_volume(text), read_issue(text)) == (volume, issue)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("J. Imag. Psychiat.", "Journal of Imaginary Psychiatry", True),
        ("JIP", "Journal of Imaginary Psychiatry", True),
        ("Imaginary psychiatry (London, England)", "Imaginary Psychiatry", True),
        (
            "Proc Imag Acad Sci USA",
            "Proceedings of the Imaginary Academy of Sciences of the United States of America",
            True,
        ),
        ("Imaginary Medicine Insights: Sleep and Mood", "Imag Med Insights Sleep Mood", True),
        (
            "Fyr og sinn = Journal of Imaginary Psychiatry",
            "Journal of imaginary psychiatry : official journal of the Fog Society",
            True,
        ),
        ("Dtsch Fyr", "Deutsches Fyr", True),
        ("Imaginary Lancet", "Imaginary Lancet Neurology Asia Extra", False),
        ("Sleep", "Sleep Medicine", False),
        ("Journal of Imaginary …", "Journal of Imaginary Psychiatry", True),
        ("Journal of …", "Journal of Imaginary Psychiatry", False),
        ("PNIS", "Proceedings of the Notional Institute of Sleep of the Isles", True),
        ("JIP-Journal of Imaginary Psychiatry", "JIP", True),
        ("Prog Neuropsychofog Mood", "Progress in Neuro-Psychofogology and Mood", True),
        ("Journal of Neurology", "Journal of Neurosurgery", False),
        ("Mood Sleep", "Harbour Sleep", False),
    ],
)
def test_journals(one: str, other: str, alike: bool) -> None:
    left, right = read_journal(one).names, read_journal(other).names
    assert (left == right or are_journals_alike(left, right)) is alike
    assert are_journals_alike(left, right) is are_journals_alike(right, left)


def test_a_record_and_the_row_of_the_same_paper_are_prepared_alike() -> None:
    citation = Citation(
        title="Ketamine in keepers of invented lighthouses.",
        authors=(Author(family="Fictional", given="Ada"), Author(collective="Imaginary Study Group")),
        journal="Journal of Imaginary Psychiatry",
        published="2019-03",
        volume="12",
        issue="3",
        pages="211-9",
        identifiers=Identifiers(doi="10.1000/x", pmid="77"),
        abstract=(AbstractSection(text="Words."),),
    )
    row = prepare_row(
        5,
        title="Ketamine in keepers of invented lighthouses",
        author="Fictional, Ada; Imaginary Study Group",
        journal="Journal of Imaginary Psychiatry",
        year="2019",
        volume="12",
        number="3",
        pages="211-219",
        doi="https://doi.org/10.1000/X",
        pmid="77.0",
        abstract="Words.",
    )
    assert prepare(5, citation, source="import") == row


def test_what_pubmed_says_of_a_record_counts() -> None:
    erratum = prepare(
        1, Citation(title="Ketamine in keepers", publication_types=("Published Erratum",)), source="pubmed"
    )
    preprint = prepare(2, Citation(title="Ketamine in keepers", publication_types=("Preprint",)), source="pubmed")
    both = prepare(
        3,
        Citation(journal="Journal of Imaginary Psychiatry", journal_abbreviation="J Imag Psychiatry"),
        source="pubmed",
    )
    assert (erratum.kind, preprint.is_preprint) == ("erratum", True)
    assert both.journals == "journal imaginary psychiatry|j imag psychiatry"


@pytest.mark.parametrize(
    ("doi", "pages", "review"),
    [
        ("10.1002/14651858.cd001234.pub3", "", ("cd1234", "3")),
        ("10.1002/14651858.cd001234", "", ("cd1234", "1")),
        ("", "CD001234", ("cd1234", "")),
        ("", "17", ("", "")),
    ],
)
def test_cochrane_numbers(doi: str, pages: str, review: tuple[str, str]) -> None:
    prepared = prepare_row(1, journal="Cochrane Database Syst Rev", doi=doi, pages=pages)
    assert (prepared.review, prepared.version) == review


def test_journals_with_one_issn_are_one_journal() -> None:
    one, other = (Citation(journal=name, issns=("1234-5678",)) for name in ("Fyr og sinn", "Journal of Lamps"))
    prepared = [prepare(key, citation, source="pubmed") for key, citation in enumerate((one, other))]
    assert compare_journals(*prepared) == SAME


def test_identifiers_that_name_something_else_are_dropped() -> None:
    assert prepare_row(1, doi="doi:10.1002/(SICI)1097(19980815)17:15&lt;1661::AID-1>3.0").doi == (
        "10.1002/(sici)1097(19980815)17:15<1661::aid-1>3.0"
    )
    assert prepare_row(1, doi="10.1892/0891-6640(2003)017").doi == ""
    assert prepare_row(1, doi="10.1002/(SICI)1097-0258(19980815)17:15").doi == ""
    assert prepare_row(1, doi="10.1016/S0140-6736(26)00001-2").doi == "10.1016/s0140-6736(26)00001-2"
    assert prepare_row(1, doi="10.1101/2018.05.04.123456v2").doi == "10.1101/2018.05.04.123456"
    assert prepare_row(1, number="e0123456").first_page == "e123456"


def test_generic_titles_are_keys_only_with_author_and_year() -> None:
    assert block_keys(prepare_row(1, title="Editorial")) == ()
    assert block_keys(prepare_row(1, title="Editorial", author="Roth A", year="2019")) == ("g:editorial:roth:2019",)


def test_all_identifiers_are_keys() -> None:
    citation = Citation(title="Editorial", identifiers=Identifiers(pmid="1", pmcid="PMC2", doi="10.1000/x"))
    assert block_keys(prepare(1, citation, source="pubmed")) == ("m:1", "c:PMC2", "d:10.1000/x")
