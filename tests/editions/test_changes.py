"""What happens to papers after they were sent: each event once, the gravest first, and nothing told twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harvester.config.loading import parse_settings
from harvester.digest import Change, load_edition
from harvester.digest.markup import web_link
from harvester.digest.words import read_words
from harvester.editions.changes import choose_new, find_changes
from harvester.editions.make import make_edition
from harvester.ground.clock import parse_time
from harvester.jobs.job import GRAMMAR
from harvester.library import Library, Mark, StoredEdition, StudiesIntegrated
from harvester.paper.identifiers import normalise_doi
from harvester.paper.records import Identifiers, Record, Relation
from harvester.studies.integrate import integrate
from harvester.tagging import load_vocabulary
from tests.factories import build_record

DAYS = [f"2026-11-{day:02d}T06:00:00Z" for day in (2, 9, 16, 23)]
VOCABULARY = load_vocabulary("ketamine")
WORDS = read_words(VOCABULARY)
PREPRINT_DOI = "10.1101/2026.01.02.26000001"


class Story:
    """A library that sends an edition after each chapter."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.mark = Mark()
        self.week = 0

    def tell(self, *records: Record, deleted: tuple[str, ...] = ()) -> tuple[list[str], list[Change]]:
        """Take records in, make the week's edition; gives the new studies in it, and the changes."""
        library, at = self.library, DAYS[self.week]
        with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
            library.records.save(records, seen_at=at)
            library.records.mark_deleted("pubmed", deleted, at=at)
        integrate(library, VOCABULARY, at=at)
        new = list(choose_new(library, ("weekly",), library.studies.iterate(after=self.mark.last_study_id)))
        changes = find_changes(library, ("weekly",), after=self.mark.last_event_id)
        self.mark = Mark(last_study_id=library.studies.last_id(), last_event_id=library.studies.last_event_id())
        stored = StoredEdition(
            digest="weekly", edition=f"2026-W{44 + self.week}", made_at=at, mark=self.mark, document="{}"
        )
        told = [*(study.study_id for study in new), *(change.study.study_id for change in changes)]
        with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
            library.editions.save(stored, told)
        self.week += 1
        return [study.study_id for study in new], changes


def build_notice(kind: str, relation: str, *, pmid: str = "99600001", about: str | None = "99500001") -> Record:
    """Give the record of a notice about a paper."""
    return build_record(
        60,
        source_key=pmid,
        title=f"{kind}: a paper (invented sample)",
        identifiers=Identifiers(pmid=pmid, doi=f"10.5555/notice.{pmid}"),
        abstract=(),
        publication_types=(kind,),
        relations=(Relation(kind=relation, pmid=about, reference="J Invent. 2026"),),
    )


NOTICES = [
    ("Retraction of Publication", "RetractionOf", "retracted"),
    ("Retraction Notice", "RetractionOf", "retracted"),
    ("Expression of Concern", "ExpressionOfConcernFor", "concern"),
    ("Published Erratum", "ErratumFor", "corrected"),
]


@pytest.mark.parametrize(("kind", "relation", "status"), NOTICES)
def test_a_notice_is_an_event_of_its_paper_and_no_study(tmp_path: Path, kind: str, relation: str, status: str) -> None:
    """Even before PubMed has revised the paper's own record; told once, with the notice's link."""
    with Library.open(tmp_path) as library:
        story = Story(library)
        assert story.tell(build_record(1)) == (["S0000001"], [])
        new, changes = story.tell(build_notice(kind, relation))
        assert new == []
        assert [(change.kind, change.sent_in) for change in changes] == [(status, "2026-W44")]
        assert changes[0].notice_url == "https://pubmed.ncbi.nlm.nih.gov/99600001/"
        (study,) = library.studies.iterate()
        assert study.status == status
        # Days later the paper's own record says the same: no news.
        own = {"RetractionOf": "RetractionIn", "ErratumFor": "ErratumIn"}.get(relation, "ExpressionOfConcernIn")
        said = Relation(kind=own, pmid="99600001", reference="J Invent. 2026 Nov;1(1):9")
        revised = replace(build_record(1), relations=(said,), revised="2026-11-15")
        assert story.tell(revised) == ([], [])
        assert [event.kind for event in library.studies.history("S0000001")].count("notice") == 1


def test_a_notice_whose_doi_has_angle_brackets_has_an_address(tmp_path: Path) -> None:
    """As all have of the journals that took SICIs for their DOIs."""
    doi = "10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-#"
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(build_record(1))
        _, (change,) = story.tell(replace(build_record(1), relations=(Relation(kind="RetractionIn", doi=doi),)))
        assert change.notice_url == web_link(change.notice_url)
        assert normalise_doi(change.notice_url) == doi


@pytest.mark.parametrize(("kind", "relation", "status"), NOTICES)
def test_a_notice_waits_for_its_paper(tmp_path: Path, kind: str, relation: str, status: str) -> None:
    """Kept as a record; the paper that comes later bears its status from the start, and that is no change."""
    with Library.open(tmp_path) as library:
        story = Story(library)
        assert story.tell(build_notice(kind, relation)) == ([], [])
        assert len(library.notices.about([build_record(1).identifiers])) == 1
        assert story.tell(build_record(1)) == (["S0000001"], [])
        (study,) = library.studies.iterate()
        assert study.status == status


def test_a_notice_that_knows_only_the_doi_finds_its_paper(tmp_path: Path) -> None:
    """RetractionOf may hold no PMID."""
    notice = replace(
        build_notice("Retraction of Publication", "RetractionOf"),
        relations=(Relation(kind="RetractionOf", doi="10.5555/sample.1"),),
    )
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(build_record(1))
        assert [change.kind for change in story.tell(notice)[1]] == ["retracted"]


def test_a_notice_that_names_no_paper_is_listed_like_any_other_record(tmp_path: Path) -> None:
    """It would wait for ever; nothing is lost silently."""
    notice = replace(build_notice("Published Erratum", "ErratumFor"), relations=())
    with Library.open(tmp_path) as library:
        assert Story(library).tell(notice)[0] == ["S0000001"]


def test_a_second_erratum_is_told_and_the_first_is_not_told_again(tmp_path: Path) -> None:
    """The status stays `corrected`; there is news all the same."""
    first = Relation(kind="ErratumIn", reference="J Invent. 2026;1:9")
    named = replace(first, pmid="99600001")
    second = Relation(kind="ErratumIn", pmid="99600002")
    paper = build_record(1)
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(paper)
        assert [c.kind for c in story.tell(replace(paper, relations=(first,), revised="2026-11-08"))[1]] == [
            "corrected"
        ]
        assert story.tell(replace(paper, relations=(named,), revised="2026-11-15"))[1] == []
        told = story.tell(replace(paper, relations=(named, second), revised="2026-11-22"))[1]
        assert [change.notice_url for change in told] == ["https://pubmed.ncbi.nlm.nih.gov/99600002/"]


def test_an_erratum_of_a_retracted_paper_never_hides_that_it_is_retracted(tmp_path: Path) -> None:
    """One line a paper: the gravest."""
    paper = build_record(1)
    both = (Relation(kind="ErratumIn", pmid="99600001"), Relation(kind="RetractionIn", pmid="99600002"))
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(paper)
        (change,) = story.tell(replace(paper, relations=both, revised="2026-11-08"))[1]
        assert change.kind == "retracted"
        assert change.notice_url == "https://pubmed.ncbi.nlm.nih.gov/99600002/"
        assert change.study.status == "retracted"


def test_a_retraction_that_was_a_mistake_is_taken_back_in_words(tmp_path: Path) -> None:
    """Who was told that a paper is retracted is told that it is not."""
    paper = build_record(1)
    retracted = replace(paper, publication_types=("Retracted Publication",), revised="2026-11-08")
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(paper)
        assert [change.kind for change in story.tell(retracted)[1]] == ["retracted"]
        assert [change.kind for change in story.tell(replace(paper, revised="2026-11-15"))[1]] == ["reinstated"]


def test_a_deleted_paper_is_told_as_withdrawn(tmp_path: Path) -> None:
    """And its history says who deleted it."""
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(build_record(1))
        (change,) = story.tell(deleted=("99500001",))[1]
        assert (change.kind, change.detail) == ("withdrawn", "Its source has deleted the record.")
        assert "deleted" in [event.kind for event in library.studies.history("S0000001")]


def test_ahead_of_print_becomes_print(tmp_path: Path) -> None:
    """Volume and pages are in the history, the reader is told once."""
    ahead = replace(build_record(1), publication_status="aheadofprint")
    printed = replace(ahead, publication_status="ppublish", volume="9", pages="1-8", revised="2026-11-08")
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(ahead)
        assert [change.kind for change in story.tell(printed)[1]] == ["in-print"]
        assert story.tell(replace(printed, keywords=("mood",), revised="2026-11-15"))[1] == []
        changed = [event.detail for event in library.studies.history("S0000001") if event.kind == "changed"]
        assert changed[1]["volume"] == [None, "9"]
        assert changed[2] == {"keywords": "added"}


def build_preprint(**changes: object) -> Record:
    """Give a preprint of paper 1, with a title of its own."""
    return build_record(
        1,
        source_key="99500098",
        title="An early word on esketamine and sleep (invented sample)",
        identifiers=Identifiers(pmid="99500098", doi=PREPRINT_DOI),
        journal="mockRxiv",
        publication_types=("Preprint",),
        **changes,
    )


ARTICLE = build_record(1)
LINKS = {
    "the article names the preprint's PMID": (
        build_preprint(),
        replace(ARTICLE, relations=(Relation(kind="UpdateOf", pmid="99500098"),)),
    ),
    "the article names the preprint's DOI only": (
        build_preprint(),
        replace(ARTICLE, relations=(Relation(kind="UpdateOf", doi=PREPRINT_DOI),)),
    ),
    "title and authors agree": (
        build_preprint(),
        replace(ARTICLE, title="An early word on esketamine and sleep (invented sample)"),
    ),
}


@pytest.mark.parametrize("how", LINKS)
def test_the_article_of_a_preprint_that_was_sent_is_told_once_as_a_change(tmp_path: Path, how: str) -> None:
    """One work, one entry: not listed as new beside it."""
    preprint, article = LINKS[how]
    with Library.open(tmp_path) as library:
        story = Story(library)
        assert story.tell(preprint)[0] == ["S0000001"]
        new, changes = story.tell(article)
        assert new == []
        assert [(c.kind, c.study.study_id, c.sent_in) for c in changes] == [("published", "S0000002", "2026-W44")]
        assert changes[0].study.preprint_doi == PREPRINT_DOI
        assert story.tell(replace(article, volume="9", revised="2026-11-15")) == ([], [])
        # The article counts as sent: what happens to it later is told.
        retracted = replace(article, publication_types=("Retracted Publication",), revised="2026-11-22")
        assert [(c.kind, c.sent_in) for c in story.tell(retracted)[1]] == [("retracted", "2026-W45")]


def test_the_preprints_own_record_may_name_the_article(tmp_path: Path) -> None:
    """UpdateIn sits on the older record and may come weeks after the article."""
    article = replace(ARTICLE, title="Something quite different about sleep (invented sample)", authors=())
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(build_preprint())
        assert story.tell(article)[0] == ["S0000002"]
        told = build_preprint(relations=(Relation(kind="UpdateIn", pmid="99500001"),), revised="2026-11-15")
        assert [(change.kind, change.study.study_id) for change in story.tell(told)[1]] == [("published", "S0000002")]


def test_a_preprint_whose_article_is_held_is_not_listed(tmp_path: Path) -> None:
    """In the same week, or later: one work, one entry."""
    preprint, article = LINKS["the article names the preprint's PMID"]
    with Library.open(tmp_path / "same") as library:
        assert Story(library).tell(preprint, article)[0] == ["S0000002"]
    with Library.open(tmp_path / "later") as library:
        story = Story(library)
        assert story.tell(article)[0] == ["S0000001"]
        assert story.tell(preprint)[0] == []
        study = library.studies.get("S0000001")
        assert study is not None
        assert study.preprint_doi == PREPRINT_DOI


def test_a_preprint_that_is_not_held_is_named_by_its_doi(tmp_path: Path) -> None:
    """Only DOIs that are registered for preprints count; others are versions of something else."""
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(
            replace(build_record(1), relations=(Relation(kind="UpdateOf", doi=PREPRINT_DOI),)),
            replace(build_record(2), relations=(Relation(kind="UpdateOf", doi="10.5555/version.1"),)),
        )
        assert [study.preprint_doi for study in library.studies.iterate()] == [PREPRINT_DOI, None]


def test_versions_of_a_cochrane_review_are_two_papers_and_no_preprint(tmp_path: Path) -> None:
    """UpdateOf joins them too; the older one is no preprint."""
    old = build_record(
        1,
        journal="Cochrane Database Syst Rev",
        identifiers=Identifiers(pmid="99500001", doi="10.1002/14651858.cd099999"),
    )
    new = replace(
        old,
        source_key="99500002",
        identifiers=Identifiers(pmid="99500002", doi="10.1002/14651858.cd099999.pub2"),
        relations=(Relation(kind="UpdateOf", pmid="99500001"),),
        published="2026-11-20",
    )
    updated = replace(old, relations=(Relation(kind="UpdateIn", pmid="99500002"),), revised="2026-11-08")
    with Library.open(tmp_path) as library:
        story = Story(library)
        story.tell(old)
        assert story.tell(new, updated) == (["S0000002"], [])
        assert [study.preprint_doi for study in library.studies.iterate()] == [None, None]


def test_what_happened_before_a_paper_was_sent_is_no_change(tmp_path: Path) -> None:
    """Two harvests before the edition: the reader meets the paper as it is."""
    paper = build_record(1)
    with Library.open(tmp_path) as library:
        with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
            library.records.save([paper], seen_at=DAYS[0])
        integrate(library, VOCABULARY, at=DAYS[0])
        story = Story(library)
        new, changes = story.tell(build_notice("Published Erratum", "ErratumFor"))
        assert new == ["S0000001"]
        assert changes == []


def test_a_paper_that_was_off_the_topic_until_its_abstract_came_is_announced_then(tmp_path: Path) -> None:
    """Once, like any new paper; the weekly run itself, on a library of its own."""
    bare = build_record(1, title="A second look at sleep (invented sample)", abstract=())
    whole = replace(build_record(1), title=bare.title, revised="2026-11-15")
    other = build_record(2)
    settings = parse_settings(
        "topic: t\ncontact: a@example.org\nsources: {feeds: [{name: x, url: 'http://127.0.0.1:9/'}]}\n"
        "digests: [{name: weekly, title: W}, {name: trials, title: T, where: \"design = 'rct'\"}]\n",
        GRAMMAR,
        name="config.yaml",
        folder=tmp_path,
    )
    sent: list[list[list[str]]] = []
    with Library.open(tmp_path) as library:
        for week, records in enumerate([[bare, other], [whole], [replace(whole, volume="9", revised="2026-11-22")]]):
            at = DAYS[week]
            with library.transaction(StudiesIntegrated(at="2026-11-23T06:00:00Z")):
                library.records.save(records, seen_at=at)
            integrate(library, VOCABULARY, at=at)
            made = [
                make_edition(library, settings, digest, WORDS, now=parse_time(at), sample=True)
                for digest in settings.digests
            ]
            editions = [load_edition(stored.document.encode()) for stored in made if stored is not None]
            sent.append([[study.study_id for study in edition.studies] for edition in editions])
        first = library.studies.get("S0000001")
    assert sent == [[["S0000002"], ["S0000002"]], [["S0000001"], ["S0000001"]], [[], []]]
    assert first is not None
    assert first.first_edition == "2026-W46"
