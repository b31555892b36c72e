"""The page of all editions and studies: what it holds, and what it does in a browser."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.digest.archive import EditionPage, build_archive
from harvester.digest.edition import dump_edition
from harvester.digest.render import render_archive
from harvester.digest.wordindex import build_index, fold_word
from harvester.editions.archiving import find_editions, write_archive
from harvester.ground.errors import ConfigError
from harvester.jobs import pipeline
from harvester.jobs.job import Job
from harvester.library import EditionMade, Library, Mark, StoredEdition
from harvester.paper.identifiers import doi_url, pubmed_url
from harvester.paper.records import AbstractSection, Author, Identifiers, Study
from harvester.paper.tags import BY_HAND, Evidence
from harvester.table.columns import build_row
from tests.browser import IN_BROWSER, browse, drive
from tests.conftest import NOW
from tests.digest.golden.digest_samples import WORDS, make_edition, make_study

MakeJob = Callable[..., Job]
EDITIONS = (
    EditionPage(edition="2026-W47", digest="weekly", title="Weekly"),
    EditionPage(edition="2026-W48", digest="weekly", title="Weekly"),
)


def page_of(
    *studies: Study,
    sample: bool = False,
    editions: Any = EDITIONS,
    held_in: Any = None,
    told: Any = (),
    joined: Any = (),
    corrected: Any = None,
    **columns: Any,
) -> str:
    """Render an archive; `columns` are added to every row."""
    view = build_archive(
        [{**build_row(study), **columns} for study in studies],
        words=WORDS,
        topic="Ketamine in mental health",
        editions=editions,
        held_in=held_in or {},
        told_as_changes=frozenset(told),
        joined=frozenset(joined),
        corrected=corrected,
        sample=sample,
    )
    return render_archive(view).decode()


def plain(text: str) -> str:
    """Give a text with ordinary spaces."""
    return text.replace("\u00a0", " ")


def data_of(page: str, part: str = "library") -> Any:
    found = re.search(rf'<script type="application/json" id="{part}">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found.group(1))


def unpack(index: dict[str, str], count: int) -> dict[str, set[int]]:
    """Read the index as its format says, independently of the program that writes it."""
    content = iter(base64.b64decode(index["lists"]))

    def number() -> int:
        total = shift = 0
        for byte in content:
            total |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        return total

    found = {}
    for token in index["tokens"].split():
        head, last, members = number(), -1, set()
        for _ in range(head >> 1):
            last += number()
            members.add(last)
        found[token] = set(range(count)) - members if head & 1 else members
    assert next(content, None) is None
    return found


def words_of(text: str) -> set[str]:
    return {fold_word(word) for word in re.findall(r"[^\W_]+", text.lower())} - {""}


TEXT = st.text(alphabet="abcé ß1-", max_size=30)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=12))
def test_the_index_finds_every_word_that_the_page_does_not_show(texts: list[tuple[str, str]]) -> None:
    """And no other, but for studies that show the word anyway."""
    held = unpack(build_index(texts), len(texts))
    for number, (text, known) in enumerate(texts):
        for token in words_of(text) | set(held):
            is_found = number in held.get(token, set())
            assert is_found or token not in words_of(text) or token in words_of(known)
            assert not is_found or token in words_of(text) | words_of(known)


def test_a_long_index_counts_beyond_seven_bits() -> None:
    texts = [("needle" if number in (3, 500, 40_000) else "hay", "") for number in range(40_001)]
    assert unpack(build_index(texts), len(texts))["needle"] == {3, 500, 40_000}
    assert unpack(build_index(texts), len(texts))["hay"] == set(range(40_001)) - {3, 500, 40_000}


def test_every_study_is_there_whatever_its_tier() -> None:
    studies = [make_study(number, tier=tier) for number, tier in enumerate(("core", "adjacent", "off-topic"), start=1)]
    page = page_of(*studies)
    assert [row[0] for row in data_of(page)["studies"]] == [1, 2, 3]
    assert "3\u00a0studies in 2\u00a0editions" in page
    assert page == page_of(*studies)


def test_editions_are_linked_newest_first_with_what_they_hold() -> None:
    pages = [EditionPage(edition=f"2025-W{week:02d}", digest="weekly", title="Weekly") for week in range(41, 53)]
    page = page_of(make_study(1), editions=pages, held_in={"S0000001": "2025-W52/weekly"})
    links = re.findall(r'<a href="([^"#]+)">([^<]+)</a>&nbsp;· <span class="quiet">([^<]+)', page)
    assert len(links) == 12
    assert links[0] == ("2025-W52/weekly/index.html", "22–28\u00a0December 2025", "1 new")
    assert links[1][2] == "nothing new"
    assert page.count("<summary>Earlier: 2025</summary>") == 1
    assert page.index("2025-W45") < page.index("<summary>Earlier: 2025") < page.index("2025-W44")


def test_an_edition_is_counted_as_its_masthead_counts_it() -> None:
    studies = [make_study(number, tier=tier) for number, tier in enumerate(("core", "core", "adjacent", "core"), 1)]
    held_in = {study.study_id: "2026-W48/weekly" for study in studies}
    page = page_of(*studies, held_in=held_in, told=("S0000004",))
    assert "2 new\u00a0· 1 perioperative or adjacent</span>" in page
    assert data_of(page)["studies"][3][7], "the article of a preprint is still found in its edition"
    page = page_of(*studies, held_in=held_in, told=("S0000004",), joined=("S0000001",))
    assert "1 new\u00a0· 2 perioperative or adjacent</span>" in page


def test_several_digests_of_a_week_stand_in_one_line() -> None:
    pages = [*EDITIONS, EditionPage(edition="2026-W48", digest="trials", title="Trials & <b>")]
    page = page_of(make_study(1), editions=pages, held_in={"S0000001": "2026-W48/trials"})
    line = next(line for line in page.splitlines() if line.startswith("<li>"))
    assert re.sub(r"<[^>]+>", "", line) == "23–29\u00a0November 2026: Trials &amp; &lt;b&gt;, Weekly&nbsp;· 1 new"
    assert data_of(page)["editions"][1] == ["2026-W48/trials", "Trials & <b>, edition of 23–29\u00a0November 2026"]


def test_sample_data_says_so_in_the_masthead_and_every_title() -> None:
    plain = make_study(1)
    study = make_study(2)
    page = page_of(plain, replace(study, title="Ketamine for nothing."), sample=True)
    assert "<strong>Invented sample data: none of these studies exists.</strong>" in page
    assert [row[1] for row in data_of(page)["studies"]] == [
        "A study with the number 1 (invented sample)",
        "Ketamine for nothing (invented sample)",
    ]
    assert "Invented sample data" not in page_of(plain)


def test_nothing_of_a_source_can_break_out() -> None:
    nasty = "</script><script>alert(1)</script><!-- \u2028 \u202e"
    page = page_of(make_study(1, nasty, journal=nasty, abstract=(AbstractSection(text=nasty),), key_finding=nasty))
    assert "alert(1)</script>" not in page
    assert data_of(page)["studies"][0][1].startswith("</script><script>alert(1)</script><!--")
    assert not re.search(
        r"""\b(src|action|style)=["']|https?://(?!doi\.org|pubmed)""", page.partition("<script type")[0]
    )


def test_a_study_without_identifiers_leads_to_its_source_if_that_is_an_address() -> None:
    page = page_of(
        make_study(1, identifiers=Identifiers(), url="https://example.org/paper"),
        make_study(2, identifiers=Identifiers(), url=None),
    )
    one, other = data_of(page)["studies"]
    assert one[-1] == "https://example.org/paper"
    assert "https://example.org" not in json.dumps(other)


def test_countries_are_a_filter_where_the_table_has_them() -> None:
    assert 'data-facet="country"' not in page_of(make_study(1))
    page = page_of(make_study(1), countries="Austria; New Zealand")
    assert re.search(r'data-facet="country"[^§]*?New Zealand \(1\)', page)


def test_topics_are_a_filter_in_the_words_of_the_vocabulary() -> None:
    page = page_of(make_study(1, topics=("access-and-cost", "misuse")), make_study(2, topics=("misuse",)))
    choices = re.search(r'<select data-facet="topic"[^§]*?</select>', page)
    assert choices is not None
    assert re.findall(r'value="([^"]*)">([^<]+)', choices.group()) == [
        ("", "Any topic"),
        ("access-and-cost", "Access and cost (1)"),
        ("misuse", "Misuse (2)"),
    ]


def test_what_was_corrected_by_hand_is_marked() -> None:
    """With day and reason, once for the tags that share them; of tags that this program does not know, nothing."""
    said = {"value": "", "field": BY_HAND, "words": "2026-11-20"}
    why = "</script> two groups"
    words = [
        *(Evidence(facet=facet, sentence=why, **said) for facet in ("design", "sample_size")),
        *(Evidence(facet=facet, sentence="", **said) for facet in ("follow_up", "mood")),
    ]
    rows = data_of(page_of(make_study(1), make_study(2), corrected={"S0000002": words}))["studies"]
    assert BY_HAND not in str(rows[0])
    day = "corrected by hand on 20 November 2026"
    assert plain(rows[1][-1]) == f"Design, People: {day}: {why} · How long: {day}"


@pytest.mark.parametrize(
    ("finding", "shown"),
    [
        ("Scores fell. … The difference was 4.2 points.", "Scores fell."),
        ("Scores fell. However, they rose again. More was found.", "Scores fell. However, they rose again."),
        (f"{'x' * 300} fell. … {'x' * 300} rose.", f"{'x' * 300} fell."),
        ("x" * 500 + ".", ""),
    ],
)
def test_a_finding_is_its_first_statement(finding: str, shown: str) -> None:
    page = page_of(make_study(1, key_finding=finding), make_study(2, key_finding=finding, tier="adjacent"))
    one, other = data_of(page)["studies"]
    assert (one[13:14] or [""])[0] == shown
    assert len(other) < 14


def test_titles_lose_one_full_stop_and_are_never_empty() -> None:
    titles = ("Plain.", "Without", "And so on...", None)
    studies = [replace(make_study(number), title=title) for number, title in enumerate(titles, start=1)]
    assert [row[1] for row in data_of(page_of(*studies))["studies"]] == ["Plain", "Without", "And so on...", "Untitled"]


def test_a_mistake_in_a_template_of_ones_own_is_named(tmp_path: Path) -> None:
    (tmp_path / "archive.html").write_text("{{ view.nothing }}", encoding="utf-8")
    view = build_archive([], words=WORDS, topic="T", editions=(), held_in={}, sample=False)
    with pytest.raises(ConfigError, match="nothing"):
        render_archive(view, templates=tmp_path)
    (tmp_path / "archive.html").write_text("{{ view.topic }}", encoding="utf-8")
    assert render_archive(view, templates=tmp_path) == b"T\n"


def test_an_empty_library_has_a_page_too() -> None:
    page = page_of(editions=())
    assert "0\u00a0studies; no edition yet" in page
    assert data_of(page)["studies"] == []


# ---------------------------------------------------------------------------------------------------------------
# Beside a run


def test_a_run_writes_the_archive_and_every_link_of_it_leads_to_a_page(make_job: MakeJob, tmp_path: Path) -> None:
    digests = [{"name": "weekly", "title": "Weekly"}, {"name": "trials", "title": "Trials", "where": "design = 'rct'"}]
    pipeline.run(make_job(digests=digests))
    pipeline.run(make_job(now=NOW + timedelta(days=7), digests=digests))
    folder = tmp_path / "digests"
    page = (folder / "index.html").read_text("utf-8")
    links = re.findall(r'<a href="([^"#]+)"', page)
    assert len(links) == 4
    assert all((folder / link).is_file() for link in links)
    data = data_of(page)
    with Library.open(tmp_path / "data", writable=False) as library:
        rows = {row["study_id"]: row for row in library.studies.rows()}
    assert len(data["studies"]) == len(rows)
    held = {f"S{row[0]:07d}": data["editions"][row[7] - 1][0] for row in data["studies"] if row[7]}
    assert held
    for study_id, place in held.items():
        assert rows[study_id]["first_edition"] == place.partition("/")[0]
        assert f'id="{study_id}"' in (folder / place / "index.html").read_text("utf-8")


def test_the_archive_is_the_same_bytes_and_keeps_digests_that_left_the_settings(
    make_job: MakeJob, tmp_path: Path
) -> None:
    job = make_job(digests=[{"name": "weekly", "title": "Weekly"}, {"name": "old", "title": "Old"}])
    pipeline.run(job)
    path = tmp_path / "digests" / "index.html"
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    pipeline.run(job)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    (tmp_path / "digests" / "not-a-week" / "weekly").mkdir(parents=True)
    (tmp_path / "digests" / "not-a-week" / "weekly" / "index.html").touch()
    later = make_job(digests=[{"name": "weekly", "title": "Weekly"}])
    with Library.open(tmp_path / "data") as library:
        titles = [(page.place, page.title) for page in find_editions(library, later.settings)]
        assert titles == [("2026-W48/old", "old"), ("2026-W48/weekly", "Weekly")]
        assert b"Invented sample data" not in write_archive(library, later.settings, WORDS, sample=False).read_bytes()
        assert b"Invented sample data" in write_archive(library, later.settings, WORDS, sample=True).read_bytes()


def test_the_archive_counts_what_an_edition_joined_as_the_edition_does(make_job: MakeJob) -> None:
    job = make_job()
    birth: dict[str, Any] = {"conditions": ("postpartum-depression",), "first_edition": "2026-W48"}
    studies = [make_study(1, **birth), *(make_study(number, **birth, tier="adjacent") for number in (2, 3))]
    edition = make_edition(studies)
    assert edition.joined == ("S0000001",)
    with Library.open(job.settings.data) as library:
        made = EditionMade(digest="weekly", sample=False, settings={}, at=edition.made_at)
        with library.transaction(made):
            for study in studies:
                library.studies.save(study)
            stored = StoredEdition(
                digest="weekly",
                edition="2026-W48",
                made_at=edition.made_at,
                mark=Mark(),
                document=dump_edition(edition).decode(),
            )
            library.editions.save(stored, [study.study_id for study in studies])
        page = write_archive(library, job.settings, WORDS, sample=False).read_text(encoding="utf-8")
    assert "nothing new\u00a0· 3 perioperative or adjacent</span>" in page


def test_sample_data_stays_sample_data_when_the_archive_is_written_again(make_job: MakeJob) -> None:
    job = replace(make_job(), is_sample=True)
    pipeline.run(job)
    with Library.open(job.settings.data) as library:
        assert b"Invented sample data" in write_archive(library, job.settings, WORDS, sample=False).read_bytes()


# ---------------------------------------------------------------------------------------------------------------
# In a browser

SHELF = (
    make_study(
        1,
        "Esketamine for an invented sadness",
        design="rct",
        conditions=("depression", "treatment-resistant-depression"),
        compounds=("esketamine",),
        routes=("intranasal",),
        comparators=("quetiapine",),
        follow_up="32 weeks",
        sample_size=236,
        topics=("efficacy", "safety"),
        relevance=0.9,
        key_finding="Scores fell by 4.2 points. More was found.",
        published="2026-11-05",
        authors=(Author(family="Zárvane", initials="GI"), Author(family="Belloc", initials="T")),
        trial_ids=("NCT01234567",),
        abstract=(AbstractSection(text="Anhedonia was among the treatment-emergent outcomes."),),
    ),
    make_study(
        2,
        "A retracted cohort",
        design="cohort",
        status="retracted",
        published="2019",
        relevance=0.5,
        sample_size=40,
        topics=("safety",),
    ),
    make_study(3, "Off the topic", tier="off-topic", relevance=0.0, published="2026-12"),
    make_study(4, "Rats and anhedonia", design="preclinical", sample_size=20, published=None, relevance=0.6),
    *(make_study(number, f"Filler {number}", published=f"20{number % 20:02d}") for number in range(5, 65)),
)
HELPERS = """
    const shown = () => document.getElementById("shown").value;
    const ids = () => [...document.querySelectorAll("#hits article")].map((part) => part.id);
    const put = (where, value) => { document.querySelector(where).value = value; };
    const search = (given) => {
      document.getElementById("reset").click();
      for (const [where, value] of Object.entries(given)) put(where, value);
      document.getElementById("tools").requestSubmit();
      return ids();
    };
"""


class TestInBrowser:
    pytestmark = IN_BROWSER

    def test_own_script_runs_under_the_policy_and_a_foreign_one_does_not(self, tmp_path: Path) -> None:
        foreign = page_of(*SHELF).replace("</body>", "<script>document.title = 'broken into'</script></body>")
        seen = browse(tmp_path, foreign)
        assert seen.count('<article class="study"') == 50
        assert "<title>broken into" not in seen

    def test_words_filters_years_and_order(self, tmp_path: Path) -> None:
        answer = drive(
            tmp_path,
            page_of(*SHELF),
            HELPERS
            + """
            const answer = { start: shown(), first: ids().length };
            document.getElementById("more").click();
            answer.more = [ids().length, document.getElementById("more").hidden, document.activeElement.id];
            answer.author = search({ "#words": "zarvane" });
            answer.accents = search({ "#words": "ZÁRVANE sadness" });
            answer.abstract = search({ "#words": "anhedon" });
            answer.hyphen = search({ "#words": "treatment-emergent" });
            answer.number = search({ "#words": "nct01234567" });
            answer.nothing = search({ "#words": "unheard" });
            answer.nothingShown = shown();
            answer.design = search({ "[data-facet=design]": "rct" });
            answer.condition = search({ "[data-facet=condition]": "depression", "[data-facet=route]": "intranasal" });
            answer.topic = search({ "[data-facet=topic]": "safety" });
            answer.topicAndDesign = search({ "[data-facet=topic]": "safety", "[data-facet=design]": "cohort" });
            answer.status = search({ "[data-facet=status]": "retracted" });
            answer.off = search({ "[data-facet=tier]": "off-topic" });
            search({ "#words": "off topic" });
            answer.aside = shown();
            answer.all = (search({ "[data-facet=tier]": "all" }), shown());
            answer.years = search({ "#from": "2026", "#to": "2026" });
            answer.people = search({ "#sort": "people" }).slice(0, 3);
            answer.relevance = search({ "#sort": "relevance" }).slice(0, 2);
            answer.oldest = search({ "#sort": "oldest" })[0];
            answer.newest = search({})[0];
            return answer;
            """,
        )
        assert answer == {
            "start": "63 of 64 studies, 1 more off the topic",
            "first": 50,
            "more": [63, True, answer["more"][2]],
            "author": ["S0000001"],
            "accents": ["S0000001"],
            "abstract": ["S0000001", "S0000004"],
            "hyphen": ["S0000001"],
            "number": ["S0000001"],
            "nothing": [],
            "nothingShown": "0 of 64 studies",
            "design": ["S0000001"],
            "condition": ["S0000001"],
            "topic": ["S0000001", "S0000002"],
            "topicAndDesign": ["S0000002"],
            "status": ["S0000002"],
            "off": ["S0000003"],
            "aside": "0 of 64 studies, 1 more off the topic",
            "all": "64 of 64 studies",
            "years": ["S0000001"],
            "people": ["S0000001", "S0000002", "S0000004"],
            "relevance": ["S0000001", "S0000004"],
            "oldest": "S0000020",
            "newest": "S0000001",
        }
        assert answer["more"][2].startswith("S")

    def test_an_entry_says_what_it_is_and_where_it_leads(self, tmp_path: Path) -> None:
        word = Evidence(facet="design", value="", field=BY_HAND, sentence="", words="2026-11-20")
        page = page_of(*SHELF, held_in={"S0000001": "2026-W47/weekly"}, corrected={"S0000001": [word]})
        answer = drive(
            tmp_path,
            page,
            """
            document.getElementById("more").click();
            const article = document.getElementById("S0000001");
            const grave = document.getElementById("S0000002");
            return {
              lines: [...article.children].map((line) => line.textContent),
              links: [...article.querySelectorAll("a")].map((link) => link.getAttribute("href")),
              flag: grave.querySelector("strong").textContent,
              people: document.getElementById("S0000004").querySelector(".facts").textContent,
            };
            """,
        )
        assert [plain(line) for line in answer["lines"]] == [
            "Esketamine for an invented sadness (invented sample)",
            "Randomised trial · 236 people · treatment-resistant depression · "
            "esketamine spray vs quetiapine · 32 weeks",
            "“Scores fell by 4.2 points.”",
            "Annals of Imaginary Medicine · Zárvane GI and Belloc T · 5 November 2026 · PubMed 91000001 · "
            "doi:10.5555/invented.1 · NCT01234567 · edition of 16–22 November 2026 · S0000001",
            "Design: corrected by hand on 20 November 2026",
        ]
        assert answer["links"] == [
            "https://doi.org/10.5555/invented.1",
            "https://pubmed.ncbi.nlm.nih.gov/91000001/",
            "https://doi.org/10.5555/invented.1",
            "2026-W47/weekly/index.html#S0000001",
            "#S0000001",
        ]
        assert answer["flag"] == "Retracted"
        assert answer["people"].replace("\u00a0", " ") == "Preclinical study · ketamine"

    @pytest.mark.parametrize(
        ("fragment", "ids", "shown", "design"),
        [
            ("#S0000003", ["S0000003"], "1 of 64 studies", ""),
            ("#S9999999", [], "There is no study S9999999", ""),
            ("#q=anhedonia&design=rct", ["S0000001"], "1 of 64 studies", "rct"),
            ("#topic=efficacy&design=rct", ["S0000001"], "1 of 64 studies", "rct"),
            ("#design=unheard-of&q=sadness", ["S0000001"], "1 of 64 studies", ""),
            ("#%E0%A4%A&q=sadness", ["S0000001"], "1 of 64 studies", ""),
        ],
    )
    def test_a_search_and_a_study_have_an_address(
        self, tmp_path: Path, fragment: str, ids: list[str], shown: str, design: str
    ) -> None:
        answer = drive(
            tmp_path,
            page_of(*SHELF),
            HELPERS + "return [ids(), shown(), document.querySelector('[data-facet=design]').value];",
            fragment=fragment,
        )
        assert answer == [ids, shown, design]

    def test_the_address_follows_the_search(self, tmp_path: Path) -> None:
        answer = drive(
            tmp_path,
            page_of(*SHELF),
            HELPERS
            + """
            search({ "#words": "filler 7", "#sort": "people" });
            const link = document.getElementById("here").getAttribute("href");
            const typed = location.hash;
            location.hash = "#q=sadness";
            await new Promise((done) => setTimeout(done, 50));
            const followed = ids();
            put("#words", "anhedonia");
            document.getElementById("words").dispatchEvent(new Event("input", { bubbles: true }));
            const early = ids();
            await new Promise((done) => setTimeout(done, 400));
            return { link, typed, followed, early, late: ids() };
            """,
        )
        assert answer == {
            "link": "#q=filler+7&sort=people",
            "typed": "#q=filler+7&sort=people",
            "followed": ["S0000001"],
            "early": ["S0000001"],
            "late": ["S0000001", "S0000004"],
        }

    def test_one_study_is_in_the_singular(self, tmp_path: Path) -> None:
        for fragment in ("", "#S0000001"):
            shown = drive(
                tmp_path, page_of(make_study(1)), "return document.getElementById('shown').value;", fragment=fragment
            )
            assert shown == "1 of 1 study"

    def test_hostile_text_stays_text(self, tmp_path: Path) -> None:
        nasty = '<img src=x onerror="document.title=1">'
        answer = drive(
            tmp_path,
            page_of(
                make_study(1, nasty, journal=nasty, key_finding=nasty, identifiers=Identifiers(doi='10.5555/"><b>'))
            ),
            "return [document.querySelectorAll('#hits img, #hits b').length, document.title,"
            " document.querySelector('#hits h3').textContent, document.querySelector('#hits a').href];",
        )
        assert answer[0] == 0
        assert answer[1] == "Ketamine in mental health: all editions and studies"
        assert answer[2] == f"{nasty} (invented sample)"
        assert answer[3] == "https://doi.org/10.5555/%22%3E%3Cb%3E"

    def test_links_lead_where_the_program_s_own_addresses_lead(self, tmp_path: Path) -> None:
        dois = (
            "10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-#",
            "10.5555/" + "".join(chr(sign) for sign in range(33, 127) if not chr(sign).isupper()),
            "10.5555/é·ø",
        )
        studies = [make_study(n, identifiers=Identifiers(doi=doi, pmid=str(n))) for n, doi in enumerate(dois, start=1)]
        hrefs = drive(
            tmp_path,
            page_of(*studies),
            "return [...document.querySelectorAll('#hits a')].map((part) => part.getAttribute('href'));",
        )
        assert {href for href in hrefs if "doi.org" in href} == set(map(doi_url, dois))
        assert {href for href in hrefs if "pubmed" in href} == {pubmed_url(str(n)) for n in range(1, 4)}

    def test_nothing_scrolls_sideways_and_every_control_has_a_name(self, tmp_path: Path) -> None:
        long = make_study(60, "Un" + "breakable" * 40, trial_ids=("NCT" + "0" * 40,))
        page = page_of(*SHELF, replace(long, study_id="S0000070"), held_in={"S0000070": "2026-W47/weekly"})
        frames = "".join(
            f'<iframe width="{width}" height="900" srcdoc="{html.escape(page)}"></iframe><p>'
            for width in (320, 375, 700, 1200)
        )
        answer = drive(
            tmp_path,
            f"<!DOCTYPE html><body>{frames}</body>",
            """
            return [...document.querySelectorAll("iframe")].map(({ contentDocument: page }) => [
              page.documentElement.scrollWidth,
              [...page.querySelectorAll("input, select, button")].filter(
                (part) => !part.getAttribute("aria-label") && !part.textContent.trim()).length,
            ]);
            """,
        )
        assert answer == [[320, 0], [375, 0], [700, 0], [1200, 0]]
