"""Weeks played over the embedded servers: preprints, notices that change, columns of feeds; what readers are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from html import escape
from pathlib import Path

import pytest

from harvester.digest import Edition, load_edition
from harvester.jobs import maintain, pipeline
from harvester.jobs.job import Job, read_settings
from harvester.library import Library
from harvester.paper.records import Study
from harvester.sandbox import Sandbox
from harvester.sandbox.corpus import Corpus, Version
from tests.conftest import IMPATIENT, NOW, open_unpaced, write_settings

PEOPLE = (("Kestrel", "Mina"), ("Vole", "Oskar"), ("Heron", "Tilda"))
TODAY = NOW.date()
ABSTRACT = "We gave ketamine to forty adults with depression in an invented harbour town and asked how they felt."


def article(
    pmid: str,
    title: str,
    *,
    week: int = 0,
    doi: str = "",
    journal: str = "Journal of Invented Tides",
    kind: str = "Journal Article",
    relations: Sequence[tuple[str, str]] = (),
    abstract: str = ABSTRACT,
) -> Version:
    """Give a state of an invented PubMed record; relations are kinds and PMIDs, or DOIs."""
    day = (NOW + timedelta(weeks=week, days=-2)).date()
    parts = f"<Year>{day:%Y}</Year><Month>{day:%m}</Month><Day>{day:%d}</Day>"
    people = "".join(
        f"<Author><LastName>{family}</LastName><ForeName>{given}</ForeName></Author>" for family, given in PEOPLE
    )
    said = "".join(
        f'<CommentsCorrections RefType="{name}"><RefSource>J Invent. doi: {other}</RefSource>'
        + (f"<PMID>{other}</PMID>" if other.isdigit() else "")
        + "</CommentsCorrections>"
        for name, other in relations
    )
    names = f'<ArticleId IdType="pubmed">{pmid}</ArticleId>'
    names += f'<ArticleId IdType="doi">{doi}</ArticleId>' if doi else ""
    text = (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID>'
        f"<DateRevised>{parts}</DateRevised><Article><Journal><JournalIssue><PubDate>{parts}</PubDate></JournalIssue>"
        f"<Title>{journal}</Title></Journal><ArticleTitle>{escape(title)}</ArticleTitle>"
        f"<Abstract><AbstractText>{abstract}</AbstractText></Abstract><AuthorList>{people}</AuthorList>"
        f"<Language>eng</Language><PublicationTypeList><PublicationType>{kind}</PublicationType></PublicationTypeList>"
        f"</Article><CommentsCorrectionsList>{said}</CommentsCorrectionsList></MedlineCitation><PubmedData><History>"
        f'<PubMedPubDate PubStatus="entrez">{parts}</PubMedPubDate></History>'
        f"<ArticleIdList>{names}</ArticleIdList></PubmedData></PubmedArticle>"
    )
    return Version(pmid=pmid, since=day, xml=text.encode())


def item(title: str, link: str, *, text: str = ABSTRACT, day: date = TODAY, doi: str = "") -> str:
    """Give an item of an RSS feed."""
    people = "".join(f"<dc:creator>{given} {family}</dc:creator>" for family, given in PEOPLE)
    return (
        f"<item><title>{escape(title)}</title><link>{link}</link><guid>{link}</guid><description>{escape(text)}"
        f"</description><pubDate>{day:%a, %d %b %Y} 06:00:00 GMT</pubDate>{people}"
        + (f"<dc:identifier>doi:{doi}</dc:identifier>" if doi else "")
        + "</item>"
    )


def feed(*items: str, title: str = "Invented Tides") -> bytes:
    """Give an RSS feed."""
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{title}</title>{''.join(items)}</channel></rss>"
    ).encode()


class Weeks:
    """The weekly job on servers of one's own."""

    def __init__(self, folder: Path, corpus: Sequence[Version]) -> None:
        self.folder = folder
        self.box = Sandbox(Corpus(corpus), now=NOW, rate_limit=False)
        self.feeds: dict[str, str] = {}

    def serve(self, name: str, content: bytes) -> None:
        """Serve a feed from now on."""
        self.feeds[name] = self.box.serve_feed(name, content)

    def job(self, week: int) -> Job:
        """Give the job of a week."""
        self.box.now = NOW + timedelta(weeks=week)
        feeds = [{"name": name, "url": url} for name, url in self.feeds.items()]
        pubmed = {"query": "ketamin*[tiab]", "base_url": self.box.pubmed_url}
        path = write_settings(self.folder / "config.yaml", self.box, sources={"pubmed": pubmed, "feeds": feeds})
        return Job(settings=read_settings(path), now=self.box.now, http=IMPATIENT, open_sources=open_unpaced)

    def play(self, week: int) -> Edition:
        """Run the weekly job, and give the edition that it made."""
        assert pipeline.run(self.job(week), send=False).exit_code == 0
        with Library.open(self.folder / "data", writable=False) as library:
            stored = library.editions.latest("weekly")
        assert stored is not None
        return load_edition(stored.document.encode())

    def studies(self) -> list[Study]:
        """Give all studies."""
        with Library.open(self.folder / "data", writable=False) as library:
            return list(library.studies.iterate())

    def status_of(self, pmid: str) -> str:
        """Give the status of a paper."""
        return next(study.status for study in self.studies() if study.identifiers.pmid == pmid)

    def linked(self) -> list[str]:
        """Give the titles of studies that are said to be published elsewhere, or to have a preprint."""
        with Library.open(self.folder / "data", writable=False) as library:
            published = {event.study_id for event in library.studies.events(kind="published", after=0)}
        return [study.title or "" for study in self.studies() if study.preprint_doi or study.study_id in published]

    def asked(self) -> int:
        """Give how many pairs a person should look at."""
        with Library.open(self.folder / "data", writable=False) as library:
            return len(library.decisions.near_misses())


@pytest.fixture
def weeks(tmp_path: Path) -> Iterator[Callable[..., Weeks]]:
    """Give a function that opens servers with some PubMed records."""
    opened: list[Weeks] = []

    def start(*corpus: Version) -> Weeks:
        opened.append(Weeks(tmp_path, corpus))
        opened[-1].box.__enter__()
        return opened[-1]

    yield start
    for each in opened:
        each.box.__exit__(None, None, None)


def told(edition: Edition) -> list[str]:
    """Give the titles of the new studies of an edition."""
    return sorted(study.title or "" for study in edition.studies)


def preprint(title: str, number: int = 1) -> str:
    """Give an item of a preprint server's feed."""
    doi = f"10.1101/2026.10.01.2600000{number}"
    return item(title, f"https://www.medrxiv.org/content/{doi}v1", doi=doi)


SISTERS = {
    "condition": (
        "IV ketamine for treatment-resistant depression in lightship crews: an open-label trial",
        "IV ketamine for PTSD in lightship crews: an open-label trial",
    ),
    "protocol": (
        "Ketamine infusions for low mood in lightship crews: study protocol",
        "Ketamine infusions for low mood in lightship crews",
    ),
    "route": (
        "Oral ketamine for low mood in lightship crews of the north",
        "Intranasal ketamine for low mood in lightship crews of the north",
    ),
    "outcome": (
        "Ketamine and the sleep of depressed crews: a randomised trial",
        "Ketamine and the memory of depressed crews: a randomised trial",
    ),
    "people": (
        "Repeated ketamine for depression in lightship crews",
        "Repeated ketamine for depression in lightship crews and their families",
    ),
    "time": (
        "Repeated ketamine for depression in lightship crews",
        "Repeated ketamine for depression in lightship crews: six-month outcomes",
    ),
}


@pytest.mark.parametrize("kind", SISTERS)
def test_a_preprint_is_not_another_study_of_its_group(weeks: Callable[..., Weeks], kind: str) -> None:
    """Two studies, whichever comes first; what is alike is for a person to look at."""
    one, other = SISTERS[kind]
    play = weeks(article("88000001", other), article("88000002", "Ketamine and gulls in an invented bay", week=9))
    play.serve("medRxiv", feed(preprint(one), title="medRxiv"))
    assert told(play.play(0)) == sorted((one, other))
    assert play.linked() == []


def test_what_is_merely_alike_goes_to_review(weeks: Callable[..., Weeks]) -> None:
    one, other = SISTERS["outcome"]
    play = weeks(article("88000001", other))
    play.serve("medRxiv", feed(preprint(one), title="medRxiv"))
    play.play(0)
    assert play.asked() == 1


@pytest.mark.parametrize(
    "published",
    [
        "Ketamine and the tides of mood in lightship crews: a randomised trial",
        "KETAMINE AND THE TIDES OF MOOD IN LIGHTSHIP CREWS: A RANDOMISED TRIAL.",
        "Ketamine and the tides of mood in lightship crews - a randomized trial",
        "Ketamine and the tides of mood in lightship crews",
    ],
)
def test_a_preprint_becomes_the_article_of_its_title(weeks: Callable[..., Weeks], published: str) -> None:
    """Punctuation, case, spelling and a subtitle of design are no difference; told as what became of the preprint."""
    play = weeks(article("88000001", published, week=1))
    play.serve("medRxiv", feed(preprint("Ketamine and the tides of mood in lightship crews: a randomised trial")))
    assert len(told(play.play(0))) == 1
    edition = play.play(1)
    assert told(edition) == []
    assert [change.kind for change in edition.changes] == ["published"]


@pytest.mark.parametrize(
    "label",
    [
        "Correction: {}",
        "Author Correction: {}",
        "Erratum to: {}",
        "Response to '{}'",
        "Reply to “{}”",
        'Comment on "{}"',
        "Letter regarding ‘{}’",
        "Concerns about '{}'",
        "Retraction: {}",
    ],
)
def test_what_is_said_of_a_preprint_is_not_its_article(weeks: Callable[..., Weeks], label: str) -> None:
    title = "Ketamine and the tides of mood in lightship crews"
    play = weeks()
    play.serve("medRxiv", feed(preprint(title), title="medRxiv"))
    play.play(0)
    play.serve("Tides", feed(item(label.format(title), "https://example.org/tides/2")))
    edition = play.play(1)
    assert not [change for change in edition.changes if change.kind == "published"]
    assert play.linked() == []


def test_a_notice_that_names_another_paper_is_read_again(weeks: Callable[..., Weeks]) -> None:
    """The first paper is what it was, the second retracted; readers are told of both; also after a rebuild."""
    papers = [article(f"8800000{number}", f"Ketamine and {what} of lightship crews in winter")
              for number, what in ((1, "the appetite"), (2, "the handwriting"))]  # fmt: skip
    notice = "Retraction: Ketamine in lightship crews"
    play = weeks(
        *papers,
        article("88000009", notice, week=1, kind="Retraction Notice", relations=[("RetractionOf", "88000001")]),
        article("88000009", notice, week=2, kind="Retraction Notice", relations=[("RetractionOf", "88000002")]),
    )
    assert len(told(play.play(0))) == 2
    first = play.play(1)
    assert [(change.kind, change.study.identifiers.pmid) for change in first.changes] == [("retracted", "88000001")]
    second = play.play(2)
    assert {(change.kind, change.study.identifiers.pmid) for change in second.changes} == {
        ("reinstated", "88000001"),
        ("retracted", "88000002"),
    }
    assert (play.status_of("88000001"), play.status_of("88000002")) == ("published", "retracted")
    assert play.play(3).changes == ()
    assert maintain.rebuild(play.job(3)).differences == {}
    assert (play.status_of("88000001"), play.status_of("88000002")) == ("published", "retracted")


@pytest.mark.parametrize(
    ("kind", "relation", "status"),
    [
        ("Expression of Concern", "ExpressionOfConcernFor", "concern"),
        ("Published Erratum", "ErratumFor", "corrected"),
    ],
)
def test_a_concern_or_correction_that_names_another_paper_is_taken_back(
    weeks: Callable[..., Weeks], kind: str, relation: str, status: str
) -> None:
    play = weeks(
        article("88000001", "Ketamine and the appetite of lightship crews in winter"),
        article("88000002", "Ketamine and the handwriting of lightship crews in winter"),
        article("88000009", "A notice on ketamine", week=1, kind=kind, relations=[(relation, "88000001")]),
        article("88000009", "A notice on ketamine", week=2, kind=kind, relations=[(relation, "88000002")]),
    )
    play.play(0)
    assert [change.kind for change in play.play(1).changes] == [status]
    changes = {(change.kind, change.study.identifiers.pmid) for change in play.play(2).changes}
    assert changes == {("cleared", "88000001"), (status, "88000002")}


@pytest.mark.parametrize("retyped", ["Journal Article", "Comment", "Letter"])
def test_a_notice_that_is_retyped_speaks_of_no_paper_any_more(weeks: Callable[..., Weeks], retyped: str) -> None:
    said = [("RetractionOf", "88000001")]
    play = weeks(
        article("88000001", "Ketamine and the appetite of lightship crews in winter"),
        article("88000009", "On ketamine in crews that are afloat", week=1, kind="Retraction Notice", relations=said),
        article("88000009", "On ketamine in crews that are afloat", week=2, kind=retyped, relations=said),
    )
    play.play(0)
    assert [change.kind for change in play.play(1).changes] == ["retracted"]
    edition = play.play(2)
    assert [(change.kind, change.study.identifiers.pmid) for change in edition.changes] == [("reinstated", "88000001")]
    assert told(edition) == ["On ketamine in crews that are afloat"]
    assert maintain.rebuild(play.job(2)).differences == {}
    assert play.status_of("88000001") == "published"


def test_a_paper_that_turns_out_to_be_a_notice_speaks_of_its_paper(weeks: Callable[..., Weeks]) -> None:
    """It stays the study that it was: ids are for ever."""
    said = [("RetractionOf", "88000001")]
    play = weeks(
        article("88000001", "Ketamine and the appetite of lightship crews in winter"),
        article("88000009", "A word on ketamine in crews that are afloat"),
        article(
            "88000009", "A word on ketamine in crews that are afloat", week=1, kind="Retraction Notice", relations=said
        ),
    )
    assert len(told(play.play(0))) == 2
    edition = play.play(1)
    assert [(change.kind, change.study.identifiers.pmid) for change in edition.changes] == [("retracted", "88000001")]
    assert len(play.studies()) == 2


def test_a_work_on_two_servers_and_its_article_is_told_once(weeks: Callable[..., Weeks]) -> None:
    """The article names the copy that came second."""
    title = "Ketamine and the tides of mood in lightship crews"
    second = "10.31234/osf.io/tides"
    play = weeks(
        article("88000001", "Mood, tides and ketamine", week=2, doi="10.5555/t.1", relations=[("UpdateOf", second)])
    )
    play.serve("medRxiv", feed(preprint(title), title="medRxiv"))
    assert told(play.play(0)) == [title]
    play.serve(
        "PsyArXiv", feed(item(f"{title}.", "https://osf.io/preprints/psyarxiv/tides", doi=second), title="PsyArXiv")
    )
    assert told(play.play(1)) == []
    edition = play.play(2)
    assert told(edition) == []
    assert [change.kind for change in edition.changes] == ["published"]
    assert len(play.studies()) == 2


def test_versions_of_a_preprint_are_told_once(weeks: Callable[..., Weeks]) -> None:
    """Whatever became of the title."""
    play = weeks()
    names = ("10.21203/rs.3.rs-1000001/v1", "10.21203/rs.3.rs-1000001/v2")
    play.serve("RS", feed(item("Ketamine and sextants", "https://example.org/rs/1", doi=names[0])))
    assert len(told(play.play(0))) == 1
    play.serve("RS", feed(item("How lightship crews find north on ketamine", "https://example.org/rs/2", doi=names[1])))
    assert told(play.play(1)) == []


@pytest.mark.parametrize(
    "title",
    [
        "Research highlights: ketamine and other news of the tides",
        "Ask the expert: ketamine clinics by the sea and their patients",
        "Ketamine at sea: a letter from the harbour",
    ],
)
def test_two_items_of_one_feed_are_two(weeks: Callable[..., Weeks], title: str) -> None:
    """Same title and people, other links, days and texts: a column that comes again."""
    play = weeks()
    other = "This month the harbour board asks what sailors want of infusions, and why tides delay the ferry home."
    play.serve(
        "Tides",
        feed(
            item(title, "https://example.org/tides/1", day=TODAY - timedelta(days=20)),
            item(title, "https://example.org/tides/2", text=other),
        ),
    )
    assert told(play.play(0)) == [title, title]


def test_an_item_that_gets_its_doi_is_the_item_that_it_was(weeks: Callable[..., Weeks]) -> None:
    """The link says so."""
    title, link = "Ketamine and the tides of mood in lightship crews", "https://example.org/tides/1"
    play = weeks()
    play.serve("Tides", feed(item(title, link)))
    play.play(0)
    play.serve("Tides", feed(item(title, link, doi="10.5555/tides.1")))
    assert told(play.play(1)) == []
    assert len(play.studies()) == 1


@pytest.mark.parametrize("label", ["RETRACTED: {}", "[Retracted] {}", "Retracted Article: {}", "{} (retracted)"])
def test_an_item_that_is_retitled_as_retracted_is_told(weeks: Callable[..., Weeks], label: str) -> None:
    title, link = "Ketamine and the tides of mood in lightship crews", "https://example.org/tides/1"
    play = weeks()
    play.serve("Tides", feed(item(title, link)))
    play.play(0)
    play.serve("Tides", feed(item(label.format(title), link)))
    edition = play.play(1)
    assert told(edition) == []
    assert [change.kind for change in edition.changes] == ["retracted"]


def test_the_ordinary_word_retracts_nothing(weeks: Callable[..., Weeks]) -> None:
    play = weeks(article("88000001", "Withdrawn adolescents with depression, and ketamine in lightship crews"))
    play.play(0)
    assert play.status_of("88000001") == "published"
