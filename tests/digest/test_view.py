"""The words a reader meets: studies and reports in, finished strings out."""

from __future__ import annotations

import doctest
import html
import importlib
import pkgutil
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harvester.digest
from harvester.digest import render
from harvester.digest.budget import Cuts
from harvester.digest.edition import FieldCounts
from harvester.digest.entries import EntryStyle, build_entry
from harvester.digest.facts import facts_line
from harvester.digest.fieldmap import NOTHING, MapWork, build_map, count_field
from harvester.digest.markup import web_link
from harvester.digest.receipt import failure_lines
from harvester.digest.view import Group, Section, View, build_view, count_line, subject
from harvester.digest.words import shelf
from harvester.paper.records import Author, Identifiers, Study
from harvester.paper.tags import Evidence
from tests.digest.golden.digest_samples import (
    CHANGES,
    FAILED_FEED,
    FEED,
    GOLDEN,
    PUBMED,
    WEEK,
    WORDS,
    make_edition,
    make_report,
    make_study,
)

PUBMED_ONE = replace(PUBMED, received=1, new=1)


def plain(text: str) -> str:
    """Give a text with ordinary spaces, which is how a reader sees it."""
    return text.replace("\u00a0", " ")


def entry_of(study: Study, **style: Any) -> Any:
    return build_entry(study, WORDS, mark="", style=EntryStyle(**style))


def section_of(view: View, name: str) -> Section:
    return next(section for section in view.sections if section.name == name)


def groups_of(view: View) -> tuple[Group, ...]:
    return (view.read_first, *(group for section in view.sections for group in section.groups))


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(harvester.digest.__path__)])
def test_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"harvester.digest.{name}")).failed == 0


@pytest.mark.parametrize(
    ("tags", "answer"),
    [
        ({"direction": "favours"}, " · favours ketamine"),
        ({"direction": "against"}, " · against ketamine"),
        ({"direction": "no-difference"}, " · no difference between groups"),
        ({"direction": "mixed", "design": "cohort"}, " · mixed results"),
        ({"direction": "favours", "compounds": ("ketamine", "esketamine")}, " · favours the treatment"),
        (
            {"direction": "favours", "compounds": ("ketamine", "esketamine"), "comparators": ("ketamine",)},
            "s esketamine",
        ),
        ({"direction": None}, " vs midazolam"),
        ({"direction": "favours", "comparators": ()}, "ketamine"),
        ({"direction": "favours", "design": "meta-analysis"}, " vs midazolam"),
        ({"direction": "favours", "design": "protocol"}, " vs midazolam"),
    ],
)
def test_only_a_controlled_study_has_an_answer(tags: dict[str, Any], answer: str) -> None:
    whole: dict[str, Any] = {"design": "rct", "sample_size": 36, "comparators": ("midazolam",), **tags}
    assert plain(facts_line(make_study(1, **whole).tags, WORDS)).endswith(answer)
    former = plain(facts_line(make_study(1, **whole).tags, WORDS, form=1))
    assert not re.search("favours|against|difference|mixed", former)


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        (
            {
                "design": "rct",
                "sample_size": 236,
                "conditions": ("depression", "treatment-resistant-depression"),
                "compounds": ("esketamine",),
                "routes": ("intranasal",),
                "comparators": ("quetiapine",),
                "follow_up": "32 weeks",
            },
            "Randomised trial · 236 people · treatment-resistant depression · esketamine spray vs quetiapine · "
            "32 weeks",
        ),
        ({"design": "rct"}, "Randomised trial · size not stated · ketamine"),
        ({"design": "cohort", "sample_size": 1}, "Cohort · 1 person · ketamine"),
        ({"design": "protocol", "sample_size": 1200}, "Protocol · 1,200 people planned · ketamine"),
        ({"design": "review", "sample_size": 5299}, "Review · 5,299 people · ketamine"),
        ({"design": "meta-analysis"}, "Meta-analysis · ketamine"),
        ({"design": "case-report", "sample_size": 1}, "Case report · ketamine"),
        ({"design": "preclinical", "routes": ("intraperitoneal",)}, "Preclinical study · intraperitoneal ketamine"),
        ({"design": "other", "conditions": ("ptsd",)}, "PTSD · ketamine"),
        ({"design": "other", "compounds": ()}, ""),
        ({"design": "other"}, ""),
        ({"design": "other", "comparators": ("midazolam",)}, "Ketamine vs midazolam"),
        ({"design": "cross-sectional", "compounds": ()}, "Cross-sectional study · size not stated"),
        ({"design": "n-of-1", "compounds": ()}, "N of 1"),
        ({"design": "comment", "compounds": ("psilocybin",), "routes": ("oral",)}, "Comment · oral psilocybin"),
        (
            {"design": "review", "compounds": ("ketamine", "esketamine"), "routes": ("oral",)},
            "Review · ketamine and esketamine",
        ),
        (
            {"design": "review", "routes": ("intravenous", "oral")},
            "Review · intravenous or oral ketamine",
        ),
        ({"design": "review", "routes": ("intravenous", "oral", "rectal")}, "Review · ketamine"),
        (
            {"design": "review", "compounds": ("ketamine", "esketamine"), "comparators": ("esketamine",)},
            "Review · ketamine vs esketamine",
        ),
        ({"design": "review", "comparators": ("ketamine",)}, "Review · ketamine"),
        (
            {"design": "rct", "sample_size": 61, "comparators": ("ketamine",), "routes": ("oral", "intravenous")}
            | {"direction": "favours"},
            "Randomised trial · 61 people · oral or intravenous ketamine",
        ),
        (
            {"design": "rct", "sample_size": 40, "comparators": ("placebo", "saline"), "direction": "favours"},
            "Randomised trial · 40 people · ketamine vs placebo (saline) · favours ketamine",
        ),
        (
            {"design": "rct", "sample_size": 40, "comparators": ("saline", "midazolam", "placebo")},
            "Randomised trial · 40 people · ketamine vs placebo (saline) or midazolam",
        ),
        (
            {"design": "rct", "sample_size": 28, "comparators": ("vitamin C", "placebo")},
            "Randomised trial · 28 people · ketamine vs placebo (vitamin C)",
        ),
        (
            {"design": "rct", "sample_size": 40, "comparators": ("saline",)},
            "Randomised trial · 40 people · ketamine vs saline",
        ),
        (
            {"design": "open-label-trial", "sample_size": 40, "comparators": ("healthy controls",)}
            | {"direction": "favours"},
            "Open-label trial · 40 people · ketamine vs healthy controls",
        ),
        (
            {"design": "cohort", "sample_size": 40, "comparators": ("healthy controls", "ECT"), "direction": "favours"},
            "Cohort · 40 people · ketamine vs healthy controls or electroconvulsive therapy · favours ketamine",
        ),
        (
            {"design": "review", "comparators": ("placebo", "ECT")},
            "Review · ketamine vs placebo or electroconvulsive therapy",
        ),
        ({"design": "review", "compounds": (), "comparators": ("placebo",)}, "Review"),
        (
            {"design": "rct", "analysis": "secondary", "sample_size": 96},
            "Secondary analysis of a randomised trial · 96 people · ketamine",
        ),
        (
            {"design": "open-label-trial", "analysis": "secondary"},
            "Secondary analysis of an open-label trial · size not stated · ketamine",
        ),
        ({"design": "cohort", "analysis": "secondary", "sample_size": 7}, "Cohort · 7 people · ketamine"),
        (
            {"design": "rct", "sample_size": 5, "population": ("adolescents",)},
            "Randomised trial · 5 adolescents · ketamine",
        ),
        (
            {"design": "rct", "sample_size": 44, "population": ("postpartum-women",)},
            "Randomised trial · 44 women after childbirth · ketamine",
        ),
        (
            {"design": "rct", "sample_size": 9, "population": ("children", "adolescents")},
            "Randomised trial · 9 children and adolescents · ketamine",
        ),
        (
            {"design": "rct", "sample_size": 9, "population": ("adolescents", "veterans")},
            "Randomised trial · 9 people · ketamine",
        ),
        (
            {"design": "rct", "population": ("adolescents",)},
            "Randomised trial · adolescents, size not stated · ketamine",
        ),
        (
            {"design": "meta-analysis", "studies_included": 9, "population": ("veterans",)},
            "Meta-analysis · 9 studies of veterans · ketamine",
        ),
        (
            {"design": "meta-analysis", "sample_size": 800, "studies_included": 9, "population": ("veterans",)},
            "Meta-analysis · 9 studies, 800 veterans · ketamine",
        ),
        (
            {"design": "meta-analysis", "sample_size": 4389, "studies_included": 21},
            "Meta-analysis · 21 studies, 4,389 people · ketamine",
        ),
        ({"design": "systematic-review", "studies_included": 21}, "Systematic review · 21 studies · ketamine"),
        (
            {"design": "review", "conditions": ("anxiety", "bipolar", "pain", "ptsd", "grief")},
            "Review · bipolar disorder, PTSD, anxiety · ketamine",
        ),
        (
            {"design": "review", "follow_up": "until the last of three visits in the second year"},
            "Review · ketamine · until the last of three visits in the second year",
        ),
    ],
)
def test_line_of_facts(tags: dict[str, Any], line: str) -> None:
    assert plain(facts_line(make_study(1, **tags).tags, WORDS)) == line


@pytest.mark.parametrize(
    ("title", "tags", "design"),
    [
        ("Functional connectivity after ketamine", {"design": "rct"}, "Imaging in a randomised trial"),
        ("Ketamine: an fMRI study", {"design": "open-label-trial"}, "Imaging in an open-label trial"),
        ("White matter", {"design": "rct", "analysis": "secondary"}, "Imaging in a randomised trial"),
        ("MRI-guided stimulation with ketamine", {"design": "rct"}, "Randomised trial"),
        ("Imaging-guided stimulation with ketamine", {"design": "rct"}, "Randomised trial"),
        ("Ketamine and a pet", {"design": "rct"}, "Randomised trial"),
        ("Imaging in depression", {"design": "cohort"}, "Cohort"),
    ],
)
def test_a_paper_of_pictures_says_of_which_trial_they_are(title: str, tags: dict[str, Any], design: str) -> None:
    study = make_study(1, title, **tags)
    assert entry_of(study).facts.startswith(f"{design}\u00a0· ")
    assert not entry_of(study, form=1).facts.startswith("Imaging")


@pytest.mark.parametrize(
    ("authors", "complete", "expected"),
    [
        ((), True, ""),
        (("Arvane GI",), True, "Arvane GI"),
        (("Arvane GI", "Belloc T"), True, "Arvane GI and Belloc T"),
        (("Arvane GI", "Belloc T", "Cendrik AM"), True, "Arvane GI … Cendrik AM"),
        (("Arvane GI", "Belloc T"), False, "Arvane GI et al."),
    ],
)
def test_first_and_last_author(authors: tuple[str, ...], complete: bool, expected: str) -> None:
    people = tuple(Author(family=name.split()[0], initials=name.split()[1]) for name in authors)
    study = make_study(1, authors=people, authors_complete=complete, journal=None, published=None)
    assert entry_of(study).source == expected


def test_source_names_journal_date_language_and_version() -> None:
    study = make_study(1, authors=(), published="2026-11", languages=("ger", "fre"), status="preprint")
    assert plain(entry_of(study).source) == (
        "Annals of Imaginary Medicine · November 2026 · in German and French · preprint, not peer reviewed"
    )
    assert entry_of(make_study(1, authors=(), published=None, languages=("eng", "ger"))).source == (
        "Annals of Imaginary Medicine"
    )


def test_links_say_where_they_lead() -> None:
    study = make_study(
        1,
        identifiers=Identifiers(pmid="91000001", doi="10.5555/a<b>", pmcid="PMC91"),
        trial_ids=("NCT00000001", "ISRCTN00000001", "DRKS00000001", "CRD42000000001", "NCT00000009"),
    )
    entry = entry_of(study)
    assert [(link.text, link.href) for link in entry.links] == [
        ("PubMed 91000001", "https://pubmed.ncbi.nlm.nih.gov/91000001/"),
        ("doi:10.5555/a<b>", "https://doi.org/10.5555/a%3Cb%3E"),
        ("open full text in PMC", "https://pmc.ncbi.nlm.nih.gov/articles/PMC91/"),
    ]
    assert [link.text for link in entry.registrations] == list(study.trial_ids[:4])
    assert all(link.href.startswith("https://") for link in entry.registrations)
    assert entry.href == "https://doi.org/10.5555/a%3Cb%3E"


def test_study_without_identifiers_leads_to_its_source() -> None:
    entry = entry_of(make_study(1, identifiers=Identifiers(), url="https://example.org/a", trial_ids=("EUCTR1",)))
    assert entry.href == "https://example.org/a"
    assert [link.text for link in entry.links] == ["the paper at its source"]
    assert [(link.text, link.href) for link in entry.registrations] == [("EUCTR1", "")]
    assert entry_of(make_study(1, identifiers=Identifiers(), url=None)).href == ""
    assert entry_of(make_study(1, identifiers=Identifiers(pmid="9"))).href == "https://pubmed.ncbi.nlm.nih.gov/9/"
    too_long = Identifiers(pmid="9", doi="10.5555/" + "x" * 500)
    assert entry_of(make_study(1, identifiers=too_long)).href == "https://pubmed.ncbi.nlm.nih.gov/9/"
    assert [link.text for link in entry_of(make_study(1, identifiers=too_long)).links] == ["PubMed 9"]


@pytest.mark.parametrize(
    ("finding", "style", "shown"),
    [
        (None, {}, ""),
        ("It fell. It rose.", {"findings": 0}, ""),
        ("It fell. It rose.", {"findings": 1}, "“It fell.”"),
        ("It fell. It rose.", {"findings": 2}, "“It fell. It rose.”"),
        ("It fell (p = 0.03 vs. 0.2, i.e. much). It rose.", {}, "“It fell (p = 0.03 vs. 0.2, i.e. much).”"),
        ("It fell to 3.5 points", {}, "“It fell to 3.5 points”"),
        ("It fell. … It rose by 7.", {"findings": 1}, "“It fell.”"),
        ("It fell. … It rose by 7.", {"findings": 2}, "“It fell.” “It rose by 7.”"),
        (
            "It fell (p < 0.1). And it rose. … It was “7.” … It ended.",
            {"findings": 2},
            "“It fell (p < 0.1). And it rose.” “It was “7.”” “It ended.”",
        ),
        ("It fell. … It rose by 7.", {"findings": 2, "finding_limit": 15}, "“It fell.”"),
        ("One felt … free. It rose.", {"findings": 1}, "“One felt … free.”"),
        ("It fell. However, it rose. It ended.", {"findings": 1}, "“It fell. However, it rose.”"),
        ("It fell. But it rose. Nevertheless, it ended.", {}, "“It fell. But it rose. Nevertheless, it ended.”"),
        ("It fell. However, it rose. … It was 7.", {"findings": 1}, "“It fell. However, it rose.”"),
        ("However, it fell. It rose.", {"findings": 1}, "“However, it fell.”"),
        ("It fell. It rose.", {"findings": 2, "finding_limit": 10}, "“It fell.”"),
        ("It fell. It rose.", {"findings": 2, "finding_limit": 3}, ""),
    ],
)
def test_finding_is_quoted_in_whole_sentences(finding: str | None, style: dict[str, Any], shown: str) -> None:
    assert entry_of(make_study(1, key_finding=finding), **style).finding == shown


@pytest.mark.parametrize(
    ("finding", "style", "shown"),
    [
        ("It fell.", {"findings": 2}, "“It fell.” “By 7.2 points (p < 0.01).”"),
        ("It fell by 7 points.", {"findings": 2}, "“It fell by 7 points.”"),
        ("It fell.", {"findings": 1}, "“It fell.”"),
        ("It fell.", {"findings": 2, "finding_limit": 12}, "“It fell.”"),
    ],
)
def test_finding_without_numbers_is_noted_by_the_sentence_that_has_them(
    finding: str, style: dict[str, Any], shown: str
) -> None:
    study = make_study(1, key_finding=finding, effect="By 7.2 points (p < 0.01).")
    assert entry_of(study, **style).finding == shown


def test_a_finding_of_sentences_that_are_no_neighbours_reads_well_everywhere() -> None:
    """On the page, in mail and text: each in marks of its own, whole where there is room."""
    finding = "Scores fell more with ketamine. … The difference was 4.2 points (95% CI 1 to 7)."
    studies = [
        make_study(number, design="rct", relevance=0.9 - number / 100, key_finding=finding, authors=())
        for number in range(1, 6)
    ]
    files = render(make_edition(studies))
    for name in ("index.html", "email.html", "email.txt"):
        content = re.sub(r"<(style|script).*?</\1>", "", files[name].decode(), flags=re.DOTALL)
        text = " ".join(html.unescape(content).split())
        assert text.count("“Scores fell more with ketamine.”") == 5, name
        assert text.count("ketamine.” “The difference was 4.2 points (95% CI 1 to 7).”") == 3, name
        assert "…" not in text, name


@given(st.lists(st.text(alphabet="ab .?!)“”0…", min_size=1), min_size=1).map(" ".join))
def test_finding_is_never_cut_inside_what_was_said(words: str) -> None:
    shown = entry_of(make_study(1, key_finding=words)).finding
    assert shown == "" or " ".join(words.split()).startswith(shown[1:-1])


def test_abstract_and_proofs_are_given_when_asked_for() -> None:
    proofs = (
        Evidence(facet="design", value="rct", field="abstract", sentence="We <randomised> them.", words="<randomised>"),
        Evidence(facet="conditions", value="ptsd", field="mesh_terms", sentence="Stress Disorders", words="nowhere"),
        Evidence(facet="key_finding", value="…", field="abstract", sentence="It fell.", words=""),
        Evidence(facet="phase_of_trial", value="2", field="title", sentence="A phase 2 trial", words="phase 2"),
    )
    entry = entry_of(make_study(1, evidence=proofs), with_text=True)
    assert [part.label for part in entry.abstract] == ["Methods", "Results"]
    assert [(part.label, str(part.text)) for part in entry.proofs] == [
        ("Design: randomised trial", "We <b>&lt;randomised&gt;</b> them. (abstract)"),
        ("Condition: PTSD", "Stress Disorders (MeSH term)"),
        ("Finding", "It fell. (abstract)"),
        ("Phase of trial: 2", "A <b>phase 2</b> trial (title)"),
    ]
    assert entry_of(make_study(1, evidence=proofs)).proofs == ()


def test_sample_data_says_so_in_every_title() -> None:
    marked = make_study(1, title_markup="<i>A</i> title")
    assert entry_of(make_study(2), sample=True).title_text == "A study with the number 2 (invented sample)"
    study = Study(study_id="S0000009", title="A title", first_seen="", last_changed="")
    assert entry_of(study, sample=True).title_text == "A title (invented sample)"
    assert entry_of(study).title_text == "A title"
    assert entry_of(marked).title == "<i>A</i> title"


@pytest.mark.parametrize(
    ("studies", "changes", "line"),
    [
        ((), (), "Nothing new"),
        ((), CHANGES[:1], "Nothing new · 1 changed since you read it"),
        ((make_study(1, tier="adjacent"),), (), "Nothing new · 1 perioperative or adjacent"),
        ((make_study(1, design="comment"),), (), "1 new: 1 comment"),
        ((make_study(1, design="other"),), (), "1 new"),
        ((make_study(1, design="rct"), make_study(2)), (), "2 new: 1 randomised trial, 1 other"),
        (
            WEEK,
            CHANGES,
            "16 new: 4 randomised trials, 1 review, 2 cohorts, 2 protocols, 2 preclinical studies, 5 others · "
            "2 changed since you read them · 3 perioperative or adjacent",
        ),
    ],
)
def test_summary_line(studies: Any, changes: Any, line: str) -> None:
    assert plain(count_line(make_edition(studies, changes))) == line


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"sample": False, "title": "Weekly"}, "16 new, 1 retracted, 1 changed: Weekly, 2026-W48"),
        ({"title": "Weekly"}, "16 new, 1 retracted, 1 changed (sample): Weekly, 2026-W48"),
        (
            {"title": "Ketamine – “mental” health…"},
            '16 new, 1 retracted, 1 changed (sample): Ketamine - "mental" health...',
        ),
        ({"title": "A name " * 17}, "16 new, 1 retracted, 1 changed (sample): A name A name A name A name A name..."),
        (
            {"new": (), "changes": (), "reports": (make_report(answered=False),), "title": "Weekly"},
            "Nothing new, PubMed not reached (sample): Weekly, 2026-W48",
        ),
    ],
)
def test_subject_is_one_short_line(settings: dict[str, Any], line: str) -> None:
    edition = make_edition(**({"new": WEEK, "changes": CHANGES} | settings))
    assert subject(edition) == line
    assert len(line) <= 78


def test_failure_says_which_since_when_and_what_it_means() -> None:
    silent = make_report(answered=False)
    assert failure_lines([PUBMED, FEED], zone="UTC") == ("", "")
    failure, meaning = failure_lines([FAILED_FEED], zone="UTC")
    assert plain(failure) == "Archives of Nowhere (failing since 16 November 2026) did not answer."
    assert meaning == "Papers that only it lists may be missing; what is in PubMed is here."
    failure, meaning = failure_lines([silent, FAILED_FEED], zone="UTC")
    assert failure.startswith("PubMed and Archives of Nowhere")
    assert meaning.startswith("Most new papers come from PubMed")
    many = [make_report(f"Feed {number}", answered=False) for number in range(6)]
    failure, meaning = failure_lines(many, zone="UTC")
    assert plain(failure) == "Feed 0, Feed 1, Feed 2 and 3 other sources did not answer."
    assert meaning.startswith("Papers that only they list")


def test_quiet_week_says_that_the_sources_answered() -> None:
    assert build_view(make_edition(WEEK)).answered == ""
    assert build_view(make_edition(reports=(make_report(answered=False),))).answered == ""
    assert build_view(make_edition(reports=())).answered == ""
    assert build_view(make_edition()).answered == (
        "All 2 sources were asked and answered; none of the 20 new papers is on the topic."
    )
    assert build_view(make_edition(where="design = 'rct'")).answered == (
        "All 2 sources were asked and answered; none of the 20 new papers meets this digest's own condition."
    )
    old = tuple(replace(report, new=0) for report in (PUBMED, FEED))
    assert build_view(make_edition(reports=old)).answered == (
        "All 2 sources were asked and answered; none of the 99 papers they gave is new."
    )
    assert build_view(make_edition(reports=(PUBMED, FEED, FAILED_FEED))).answered == (
        "Of 3 sources that were asked, 2 answered; none of the 20 new papers is on the topic."
    )


@pytest.mark.parametrize(
    ("reports", "where", "line"),
    [
        ([PUBMED_ONE], None, "The one source was asked and answered; the one new paper is not on the topic."),
        (
            [PUBMED_ONE],
            "x",
            "The one source was asked and answered; the one new paper does not meet this digest's own condition.",
        ),
        (
            [replace(PUBMED_ONE, new=0)],
            None,
            "The one source was asked and answered; the one paper it gave is not new.",
        ),
        ([replace(PUBMED_ONE, new=0, received=0)], None, "The one source was asked and answered; it gave no papers."),
        (
            [replace(PUBMED_ONE, new=0), FAILED_FEED],
            None,
            "Of 2 sources that were asked, 1 answered; the one paper it gave is not new.",
        ),
        (
            [replace(PUBMED_ONE, new=0), replace(FEED, new=0, received=0)],
            None,
            "All 2 sources were asked and answered; the one paper they gave is not new.",
        ),
    ],
)
def test_one_of_a_thing_is_in_the_singular_in_a_quiet_week(reports: Any, where: str | None, line: str) -> None:
    assert build_view(make_edition(reports=reports, where=where)).answered == line


def test_one_of_a_thing_is_in_the_singular_everywhere() -> None:
    """No page, mail or text of a week of ones says "1 studies"."""
    week = [
        make_study(1, design="rct", conditions=("ptsd",), sample_size=1, reasons=("an author you follow",)),
        make_study(2, design="comment"),
        make_study(3, design="protocol", sample_size=1),
        make_study(4, tier="adjacent"),
        make_study(5, tier="off-topic"),
    ]
    change = [CHANGES[0]]
    held = [MapWork(conditions=("ptsd",), design="rct")]
    for sections in (("map",), ("by-condition", "comments", "adjacent", "map")):
        edition = make_edition(week, change, reports=(PUBMED_ONE,), held=held, sections=sections)
        for cuts in (Cuts(), Cuts(comments=0, adjacent=0, findings=0, entries=0, changes=0, sources=0, details=False)):
            said = repr(build_view(edition, cuts=cuts)).replace("\\xa0", " ")
            assert not re.search(
                r"\b1 (more )?(new )?(studies|papers|people|reviews|sources|titles|changes|others)\b", said
            )
            assert not re.search(r"\b1 [^;.']*\b(they|them)\b", said)


def test_a_source_says_itself_what_readers_miss_without_it() -> None:
    """The reports of a source that the digest has never heard of; the required one's sentence wins."""
    trials = make_report(
        "Registry", kind="registry", answered=False, is_required=True, loss="New trials come from {there}."
    )
    notices = make_report("Notices", kind="notices", answered=False, loss="Notices that {it lists} may be missing.")
    assert failure_lines([trials], zone="UTC")[1] == "New trials come from there."
    assert failure_lines([notices], zone="UTC")[1] == "Notices that it lists may be missing."
    assert failure_lines([notices, trials], zone="UTC")[1] == "New trials come from Registry."
    assert subject(make_edition(reports=(PUBMED, notices, trials))).startswith("Nothing new, Registry not reached")
    both = make_report(answered=False, loss="Most.", is_required=True)
    assert "2 sources not reached" in subject(make_edition(reports=(both, trials)))
    optional = make_report(kind="pubmed", answered=False, loss="Most.")
    assert "reached" not in subject(make_edition(reports=(optional,)))


def test_an_edition_of_before_is_told_by_the_kind_of_its_sources() -> None:
    old = make_report("Retraction Watch", kind="list", answered=False)
    assert failure_lines([old], zone="UTC")[1] == "Retractions that PubMed does not know of yet may be missing."
    assert failure_lines([FAILED_FEED, old], zone="UTC")[1] == (
        "Papers that only Archives of Nowhere lists may be missing; what is in PubMed is here."
        " Retractions that PubMed does not know of yet may be missing."
    )


def test_a_source_that_gave_a_part_is_not_called_silent() -> None:
    """Subject, masthead and receipt say that something is missing, not that nothing came."""
    report = replace(PUBMED, error="3 records that PubMed listed did not come: 1, 2, 3", failing_since=PUBMED.asked_at)
    edition = make_edition(WEEK, reports=(report, FEED))
    assert "PubMed incomplete" in subject(edition)
    view = build_view(edition)
    row = view.receipt.rows[0]
    assert row.received == "87"
    assert row.note.startswith("Incomplete: 3 records")
    told, _ = failure_lines((report,), zone="UTC")
    assert told.endswith("gave only a part of what was asked for.")
    both, _ = failure_lines((report, FAILED_FEED), zone="UTC")
    assert "did not answer. PubMed" in both


def test_receipt_tells_quiet_from_broken() -> None:
    reports = (
        PUBMED,
        make_report("Quiet", received=0, new=0, unchanged=True),
        make_report("feed:Noted", asked_at="2026-11-22T06:00:00Z", notes=("two entries\nwithout a title",)),
        FAILED_FEED,
        make_report("Silent", answered=False),
    )
    receipt = build_view(make_edition(reports=reports, where="tier = 'core'", new=WEEK)).receipt
    assert [row.name for row in receipt.rows] == ["PubMed", "Quiet", "Noted", "Archives of Nowhere", "Silent"]
    assert [row.received for row in receipt.rows] == ["87", "0", "87", "no answer", "no answer"]
    assert receipt.asked == "Asked"
    notes = [plain(row.note) for row in receipt.rows]
    assert notes == [
        "",
        "Nothing changed since it was last asked.",
        "two entries without a title",
        "Failed: 503 Service Unavailable after 4 attempts, failing since 16 November 2026, 07:00. "
        "It will be asked again on 30 November 2026, 07:00.",
        "Failed: no usable answer. It will be asked again with the next run.",
    ]
    assert plain(" ".join(receipt.remarks)) == (
        "It holds what was first seen from 16 November 2026 to 23 November 2026. "
        "Only what meets this digest's own condition: tier = 'core'. "
        "1 new paper is off the topic and only in the table."
    )
    search = receipt.searches[0]
    assert plain(search.heading) == "The search as PubMed was asked it, for 9–23 November 2026:"
    assert search.query == PUBMED.query
    assert search.translation == PUBMED.translation


def test_times_share_their_day_in_the_heading() -> None:
    receipt = build_view(make_edition()).receipt
    assert plain(receipt.asked) == "Asked on 23 November 2026"
    assert [row.asked for row in receipt.rows] == ["07:00", "07:00"]


@pytest.mark.parametrize(
    "url", ["https://[bad", "https://:80/", "https://" + "é" * 70 + ".example", "https://a/" + "x" * 400]
)
def test_what_is_no_address_is_no_link(url: str) -> None:
    assert web_link(url) is None


def test_who_cannot_leave_by_a_link_writes_to_the_contact() -> None:
    receipt = build_view(make_edition(unsubscribe=None)).receipt
    assert receipt.leave.href == receipt.contact.href == "mailto:editor@example.org"


def test_a_study_stands_under_the_condition_its_title_names() -> None:
    proof = Evidence(facet="conditions", value="anxiety", field="title", sentence="", words="")
    conditions = ("anxiety", "suicidality")
    assert shelf(make_study(1, conditions=conditions), WORDS) == "suicidality"
    assert shelf(make_study(1, conditions=conditions, evidence=(proof,)), WORDS) == "anxiety"
    assert shelf(make_study(1), WORDS) is None


def test_every_study_appears_exactly_once() -> None:
    edition = GOLDEN["ordinary"]
    view = build_view(edition)
    shown = [entry.study_id for group in groups_of(view) for entry in group.entries]
    assert sorted(shown) == sorted(study.study_id for study in edition.studies)


def test_conditions_keep_their_order_and_unknown_ones_follow() -> None:
    studies = [
        make_study(number, conditions=(name,) if name else ())
        for number, name in enumerate(["", "zoster", "grief", "pain", "ptsd", "depression"], start=10)
    ]
    first = [make_study(number, relevance=1.0) for number in (1, 2, 3)]
    view = build_view(make_edition([*studies, *first]))
    assert [group.heading for group in section_of(view, "by-condition").groups] == [
        "Depression",
        "PTSD",
        "Pain",
        "Grief",
        "Zoster",
        "Without a condition of its own",
    ]


def test_counts_name_the_commonest_designs_and_add_up() -> None:
    numbers = {
        "cohort": 9,
        "case-report": 8,
        "review": 4,
        "meta-analysis": 3,
        "preclinical": 5,
        "rct": 2,
        "economic": 1,
    }
    designs = [design for design, number in numbers.items() for _ in range(number)]
    line = plain(
        count_line(make_edition([make_study(place, design=design) for place, design in enumerate(designs, 1)]))
    )
    assert line == ("32 new: 2 randomised trials, 7 reviews, 9 cohorts, 8 case reports, 5 preclinical studies, 1 other")


def test_counts_tell_later_looks_at_a_trial_from_trials() -> None:
    later = {"analysis": "secondary"}
    studies = [
        make_study(1, design="rct"),
        make_study(2, design="rct", **later),
        make_study(3, design="cohort", **later),
    ]
    assert plain(count_line(make_edition(studies))) == "3 new: 1 randomised trial, 1 secondary analysis, 1 cohort"


def test_masthead_says_what_came_in_until_the_day_it_is_sent() -> None:
    held = build_view(make_edition(since="2026-11-16", until="2026-11-23")).held
    assert plain(held) == "What came in up to Monday 23 November 2026, since 16 November"
    first = build_view(make_edition(since="2026-11-23", until="2026-11-24", previous=None))
    assert plain(first.held) == "What came in up to Tuesday 24 November 2026"
    assert "It holds what was first seen up to 24 November 2026." in plain(" ".join(first.receipt.remarks))
    turn = build_view(make_edition(since="2026-12-28", until="2027-01-04")).held
    assert plain(turn) == "What came in up to Monday 4 January 2027, since 28 December 2026"


def test_receipt_accounts_for_the_article_of_a_preprint_that_was_sent() -> None:
    change = replace(CHANGES[0], study=make_study(90, first_edition="2026-W48"))
    told = replace(make_edition((), (change,)), form=2)
    assert "1 new paper is the article of a preprint that you had, under ‘Since you read them’." in (
        build_view(told).receipt.remarks
    )
    assert not any("article" in remark for remark in build_view(replace(told, form=1)).receipt.remarks)


def test_first_and_late_editions_say_what_they_span() -> None:
    assert build_view(make_edition()).span == ""
    assert build_view(make_edition(previous=None)).span == "The first edition of this digest."
    assert plain(build_view(make_edition(previous="2026-W44", since="2026-10-26")).span) == (
        "The last edition was that of 26 October – 1 November 2026."
    )
    assert build_view(make_edition(previous=None)).earlier is None


def test_page_is_linked_or_its_place_is_told() -> None:
    told = build_view(make_edition())
    assert told.page is None
    assert "2026-W48/weekly/index.html" in told.page_place
    linked = build_view(make_edition(page_url="https://example.org/digests/"))
    assert linked.page is not None
    assert linked.page_place == ""


def map_work(design: str, *conditions: str, trials: str = "", year: str = "2025") -> MapWork:
    return MapWork(conditions=conditions, design=design, trial_ids=trials.split(), year=year)


def test_map_shows_gaps_and_news() -> None:
    held = [
        map_work(design, "ptsd") for design in ("rct", "rct", "rct", "rct", "meta-analysis", "meta-analysis", "review")
    ]
    new = [map_work("rct", "ptsd"), map_work("review", "grief"), map_work("economic", "ptsd")]
    drawn = build_map(count_field(held, new, WORDS), WORDS)
    assert drawn.columns == ("RCT", "Open", "Cohort", "Cases", "Review", "Plan", "Lab")
    ptsd = next(row for row in drawn.rows if row.label == "PTSD")
    assert [(cell.held, cell.new) for cell in ptsd.cells] == [
        ("4", "+1"),
        (NOTHING, ""),
        (NOTHING, ""),
        (NOTHING, ""),
        ("3", ""),
        (NOTHING, ""),
        (NOTHING, ""),
    ]
    assert [(cell.held, cell.is_gap) for cell in drawn.rows[-1].cells[3:5]] == [(NOTHING, True), ("", False)]
    assert drawn.rows[-1].label == "Grief"
    assert "held here, published 2025. Plain" in drawn.note
    former = FieldCounts(held=(), new=())
    assert "nothing is held yet" in build_map(former, WORDS).note
    assert "held here. Plain" in build_map(count_field([], [], WORDS), WORDS).note


def cells_of(counts: FieldCounts) -> dict[str, dict[tuple[str, str], int]]:
    return {
        name: {(cell.condition, cell.design): cell.count for cell in cells}
        for name, cells in (("held", counts.held), ("new", counts.new))
    }


def test_map_counts_a_trial_once_however_many_papers_tell_of_it() -> None:
    held = [
        map_work("rct", "ptsd", trials="NCT00000001 2015-001234-12", year="2019"),
        map_work("rct", "ptsd", trials="2015-001234-12"),
        map_work("cohort", "ptsd", "anxiety", trials="NCT00000001"),
        map_work("protocol", "ocd", trials="NCT00000002"),
        map_work("protocol", "ocd", trials="NCT00000003"),
    ]
    new = [
        map_work("rct", "ptsd", trials="NCT00000001"),  # one more paper of a trial that is held
        map_work("rct", "ocd", trials="NCT00000003", year="2026"),  # the results after a protocol
        map_work("rct", "ocd", trials="NCT00000004"),
        map_work("rct", "ocd", trials="NCT00000002 NCT00000003"),  # pools two trials
        map_work("review", "ptsd", trials="NCT00000001"),  # names the trial
        map_work("review", "ptsd", trials="NCT00000001"),
    ]
    counts = count_field(held, new, WORDS)
    assert cells_of(counts) == {
        "held": {("anxiety", "rct"): 1, ("ptsd", "rct"): 1, ("ocd", "protocol"): 1},
        "new": {("ocd", "rct"): 3, ("ptsd", "review"): 2},
    }
    assert counts.years == ("2019", "2026")


def test_map_counts_adjacent_work_so_that_no_gap_is_shown_where_work_is_held() -> None:
    edition = make_edition([make_study(1, tier="adjacent", design="cohort", conditions=("delirium",))], held=())
    drawn = section_of(build_view(edition), "map").field_map
    assert drawn is not None
    delirium = next(row for row in drawn.rows if row.label == "Delirium")
    assert [cell.new for cell in delirium.cells if not cell.is_gap] == ["+1"]
    assert drawn.note.startswith("Core and adjacent work held here, published 2026.")


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_what_is_cut_is_counted(entries: int, adjacent: int, comments: int) -> None:
    edition = GOLDEN["ordinary"]
    view = build_view(edition, cuts=Cuts(entries=entries, adjacent=adjacent, comments=comments, preclinical=comments))
    shown = sum(len(group.entries) for group in groups_of(view))
    cut = sum(int(plain(group.more).split()[0]) for group in groups_of(view) if group.more)
    assert shown + cut == len(edition.studies)


def test_cuts_of_findings_map_and_changes_are_told() -> None:
    view = build_view(
        GOLDEN["ordinary"], cuts=Cuts(findings=1, show_map=False, changes=1, details=False, sources=1, query=10)
    )
    by_condition, drawn = section_of(view, "by-condition"), section_of(view, "map")
    shown = [entry.finding for group in by_condition.groups for entry in group.entries if entry.finding]
    assert len(shown) == 1
    assert plain(by_condition.more) == "4 findings on the page."
    assert drawn.field_map is None
    assert drawn.more == "The map of condition and design is on the page."
    assert plain(view.changes.more) == "1 more change on the page."
    assert view.changes.items[0].kind == "Retracted"
    assert view.changes.items[0].detail == ""
    assert [row.name for row in view.receipt.rows] == ["Archives of Nowhere"]
    assert plain(view.receipt.more_rows) == "2 more sources on the page."
    assert view.receipt.searches[0].more == "On the page: the search and how PubMed read it."


def test_a_study_that_changed_twice_has_one_anchor() -> None:
    twice = (CHANGES[0], CHANGES[0])
    assert [item.anchor for item in build_view(make_edition(changes=twice)).changes.items] == ["S0000031", ""]
