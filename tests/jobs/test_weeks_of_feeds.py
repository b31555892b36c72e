"""Weeks as feeds bring them: what is retitled, notices, a journal's column, other languages; and asking for words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli.commands import cli
from harvester.digest import Edition, load_edition
from harvester.ground.errors import ExitCode, UsageError
from harvester.jobs import maintain, pipeline, questions
from harvester.jobs.job import Job, read_settings
from harvester.library import Library
from harvester.sandbox import Corpus, Sandbox, Version
from tests.conftest import IMPATIENT, NOW, open_unpaced, write_settings

Item = dict[str, str]
WEEKS = {NOW: "2026-W48", NOW + timedelta(days=7): "2026-W49"}
FIRST, SECOND = WEEKS
ABSTRACT = (
    "BACKGROUND: Little is known. METHODS: We randomised {} adults with major depression to intravenous ketamine or"
    " midazolam. RESULTS: Scores fell after ketamine. CONCLUSIONS: Ketamine reduced depressive symptoms."
)


def build_pubmed(pmid: int, title: str, day: date) -> Version:
    """Give a record of PubMed without a publication type."""
    parts = f"<Year>{day.year}</Year><Month>{day.month}</Month><Day>{day.day}</Day>"
    xml = (
        f'<PubmedArticle><MedlineCitation Status="Publisher" Owner="NLM"><PMID Version="1">{pmid}</PMID><Article>'
        f"<ArticleTitle>{escape(title)}</ArticleTitle><Abstract><AbstractText>{ABSTRACT.format(pmid - 99_000_000)}"
        "</AbstractText></Abstract></Article></MedlineCitation><PubmedData><History>"
        f'<PubMedPubDate PubStatus="entrez">{parts}</PubMedPubDate></History></PubmedData></PubmedArticle>'
    )
    return Version(pmid=str(pmid), since=day, xml=xml.encode())


def paper(number: int, title: str, **more: str) -> Item:
    """Give a feed's item of a paper, whose link has its DOI."""
    abstract = ABSTRACT.format(40 + number)
    return {"title": title, "link": f"https://example.org/doi/10.5555/week.{number}", "description": abstract, **more}


class Weeks:
    """A feed and PubMed, read and told week after week."""

    def __init__(self, box: Sandbox, folder: Path) -> None:
        self.box = box
        self.folder = folder

    def play(self, now: datetime, *items: Item) -> Edition:
        """Do the job of a week in which the feed has these items; give the edition."""
        inside = "".join(
            f"<item>{''.join(f'<{name}>{escape(text)}</{name}>' for name, text in item.items())}</item>"
            for item in items
        )
        self.box.now = now
        self.box.serve_feed("Invented J", f'<rss version="2.0"><channel>{inside}</channel></rss>'.encode())
        outcome = pipeline.run(self.job(now))
        assert outcome.exit_code == 0
        self.reports = {report.name: report for report in outcome.reports}
        path = self.folder / "digests" / WEEKS[now] / "weekly"
        self.page = (path / "index.html").read_text("utf-8")
        return load_edition((path / "digest.json").read_bytes())

    def job(self, now: datetime) -> Job:
        settings = read_settings(write_settings(self.folder / "config.yaml", self.box))
        return Job(settings=settings, now=now, http=IMPATIENT, open_sources=open_unpaced)

    def rows(self) -> dict[str, dict[str, object]]:
        """Give the table's rows by title."""
        with Library.open(self.folder / "data", writable=False) as library:
            return {str(row["title"]): row for row in library.studies.rows()}


@pytest.fixture
def make_weeks(tmp_path: Path) -> Iterator[Callable[..., Weeks]]:
    """Give a function that starts the server with records of PubMed."""
    started: list[Sandbox] = []

    def make(*versions: Version) -> Weeks:
        box = Sandbox(Corpus(versions), now=NOW, rate_limit=False).__enter__()
        started.append(box)
        return Weeks(box, tmp_path)

    yield make
    for box in started:
        box.__exit__(None, None, None)


MakeWeeks = Callable[..., Weeks]


@pytest.mark.parametrize(
    "label", ["RETRACTED: {}", "[Retracted] {}", "RETRACTED ARTICLE: {}", "Retracted Article — {}", "{} (Retracted)"]
)
def test_a_paper_is_retracted_where_only_its_title_says_so(make_weeks: MakeWeeks, label: str) -> None:
    """Also one that was sent and is retitled by its feed: told once, and never what to read first."""
    pubmed = build_pubmed(99_000_070, label.format("Ketamine in a false sample of sailors"), NOW.date())
    weeks = make_weeks(pubmed)
    sound = paper(1, "Ketamine infusions in an honest sample of islanders")
    told = weeks.play(FIRST, sound, paper(2, "Withdrawn adolescents with depression and ketamine: a cohort"))
    statuses = {study.title: study.status for study in told.studies}
    assert sorted(statuses.values()) == ["published", "published", "retracted"]
    first = {study.title for study in told.studies if study.study_id in told.read_first}
    assert first == {title for title, status in statuses.items() if status == "published"}
    told = weeks.play(SECOND, {**sound, "title": label.format(sound["title"])})
    assert [(change.kind, change.study.status) for change in told.changes] == [("retracted", "retracted")]
    assert (told.studies, told.read_first) == ((), ())


NOTICES = [
    ("Retraction: {}", "Notice of a retraction"),
    ("Retraction notice to “{}” [Invented J 1 (2026) 1-2]", "Notice of a retraction"),
    ("Correction: {}", "Notice of a correction"),
    ("Erratum to: {}", "Notice of a correction"),
    ("Expression of concern: {}", "Notice of concern about another paper"),
    ("Response to ‘{}’", ""),
    ("Reply to {}", ""),
    ("{}: authors’ reply", ""),
]


@pytest.mark.parametrize(("label", "flag"), NOTICES)
def test_a_notice_in_a_feed_is_told_as_what_it_is(make_weeks: MakeWeeks, label: str, flag: str) -> None:
    """An item of its own, which is never read first, not even in a week without anything else."""
    weeks = make_weeks()
    sent = paper(1, "Ketamine infusions in an honest sample of islanders")
    assert weeks.play(FIRST, sent).read_first == ("S0000001",)
    told = weeks.play(SECOND, sent, {**paper(2, label.format(sent["title"])), "description": ""})
    (item,) = told.studies
    assert (item.title, item.status, item.tags.design) == (label.format(sent["title"]), "published", "comment")
    assert told.read_first == ()
    assert flag in weeks.page
    assert weeks.rows()[sent["title"]]["status"] == "published"


def test_two_items_of_a_feeds_column_are_two(make_weeks: MakeWeeks) -> None:
    """Of one title, with links, dates and texts of their own; in one week and in two."""
    weeks = make_weeks()
    first, second, third = (
        {
            "title": "Research highlights: ketamine",
            "link": f"https://example.org/highlights/{day}",
            "description": text,
            "pubDate": f"{day} Nov 2026 06:00:00 GMT",
        }
        for day, text in (
            ("09", "Sailors slept longer after a single infusion of ketamine, an invented group reports."),
            ("16", "Rats on an island remembered mazes better, says another group that was invented."),
            ("30", "Costs of ketamine clinics differ between towns that nobody has ever been to."),
        )
    )
    told = weeks.play(FIRST, first, second)
    assert sorted(str(study.url) for study in told.studies) == [first["link"], second["link"]]
    told = weeks.play(SECOND, third, second, first)
    assert [study.url for study in told.studies] == [third["link"]]


def test_what_is_off_the_topic_is_counted_and_can_be_listed(make_weeks: MakeWeeks) -> None:
    """Titles in other languages are on it."""
    weeks = make_weeks()
    titles = [
        "Kétamine et sommeil",
        "Esketamina en la práctica",
        "氯胺酮治疗抑郁症",
        "Кетамин при депрессии",
        "케타민의 효과",
    ]
    others = ["Music and sleep in an invented town", "Paracetamol et sommeil", "安慰剂治疗抑郁症"]
    items = [paper(number, title, description="") for number, title in enumerate((*titles, *others))]
    weeks.play(FIRST, *items)
    assert set(weeks.rows()) == set(titles)
    assert (weeks.reports["Invented J"].received, weeks.reports["Invented J"].left_out) == (8, 3)
    assert "3\u00a0entries off the topic left out." in weeks.page
    weeks.play(SECOND, *items, paper(9, "Birds of an island", description=""))
    data = weeks.folder / "data"
    listed = questions.left_out(data)
    assert [entry["title"] for entry in listed] == ["Birds of an island", *others]
    assert [entry["at"][:10] for entry in listed] == [f"{SECOND:%F}", *[f"{FIRST:%F}"] * 3]
    assert questions.left_out(data, since=SECOND.date()) == listed[:1]
    (row, _) = [row for row in questions.search_log(data) if row["kind"] == "feed"]
    assert (row["count"], row["fetched"], row["left_out"]) == (8, 8, 3)
    arguments = ["log", "--left-out", "--config", str(weeks.folder / "config.yaml")]
    printed = CliRunner().invoke(cli, arguments, obj={})
    assert (printed.exit_code, printed.output.count("https://example.org/doi/")) == (0, 4)
    assert "Birds of an island" in CliRunner().invoke(cli, [*arguments, "--csv"], obj={}).output


def test_words_are_asked_for_as_people_type_them(make_weeks: MakeWeeks) -> None:
    weeks = make_weeks()
    titles = ("Ketamine for sailors", "Arketamine for islanders", "Esketamine for nobody", "氯胺酮治疗抑郁症")
    weeks.play(FIRST, *(paper(number, title, description="") for number, title in enumerate(titles)))

    def find(text: str) -> list[str]:
        done = CliRunner().invoke(cli, ["query", text, "--config", str(weeks.folder / "config.yaml")], obj={})
        assert done.exit_code == 0
        return [title for title in titles if title in done.output]

    chinese = titles[3]  # found by its compound in English, too
    assert find("ketamine OR arketamine") == [*titles[:2], chinese]
    assert find("ketamine -sailors") == [chinese]
    assert find("arketamine OR esketamine -nobody") == ["Arketamine for islanders"]
    assert find('"for sailors"') == ["Ketamine for sailors"]
    assert find("氯胺酮") == [chinese]
    for text in ("arketamine esketamine OR ketamine", '"for sailors', "title:ketamine", "(ketamine", "ketamine -"):
        with pytest.raises(UsageError) as refused:
            questions.find(weeks.folder / "data", text, where="", limit=9)
        assert refused.value.exit_code == ExitCode.USAGE
        assert "harvester query" in str(refused.value) or "--where" in str(refused.value)


def test_a_rebuild_reads_a_feed_as_it_was_read(make_weeks: MakeWeeks) -> None:
    """Names, dates and DOIs that are found in text and addresses come out of the answers again."""
    weeks = make_weeks()
    weeks.play(
        FIRST,
        paper(1, "Ketamine one", description=f"Authors: Ada Example\n\nAbstract: {ABSTRACT.format(41)}"),
        paper(2, "Ketamine two", link="https://www.nature.com/articles/s41386-026-01234-5", pubDate="9. November 2026"),
        paper(3, "Retraction: Ketamine three"),
    )
    rebuilt = maintain.rebuild(weeks.job(SECOND))
    assert rebuilt.differences == {}
