"""Settings: every mistake at once, each with its line; paths relative to the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harvester.config.loading import parse_settings
from harvester.config.settings import FollowSettings
from harvester.ground.errors import ConfigError
from harvester.jobs.job import GRAMMAR, read_settings
from harvester.tagging.ranking import DEFAULT_WEIGHTS

GOOD = """\
topic: Ketamine in mental health
contact: you@example.org
timezone: Europe/Zurich
sources:
  pubmed:
    query: ketamin*[tiab]
  feeds:
    - {name: A journal, url: "https://example.org/feed"}
digests:
  - name: weekly
    title: Weekly
    recipients: [a@example.org, a@example.org]
    where: "design = 'rct' and sample_size > 100"
mail:
  sender: "Digest <digest@example.org>"
"""


def mistakes_of(text: str, folder: Path) -> list[str]:
    """Give the mistakes of a config."""
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, GRAMMAR, name="config.yaml", folder=folder)
    return caught.value.mistakes


def test_paths_are_relative_to_the_file_and_absent_keys_have_their_documented_values(tmp_path: Path) -> None:
    """The rest of CONTRACT's defaults are not repeated here: these are the ones that a run depends on."""
    (tmp_path / "config.yaml").write_text(GOOD, encoding="utf-8")
    settings = read_settings(tmp_path / "config.yaml")
    assert settings.data == tmp_path / "data"
    assert settings.editions == tmp_path / "digests"
    assert settings.digests[0].recipients == ("a@example.org",)
    assert settings.sources.pubmed is not None
    assert settings.sources.pubmed.base_url == "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
    assert (settings.sources.pubmed.first_days, settings.sources.pubmed.overlap_days) == (30, 14)


def test_all_mistakes_are_reported_at_once_each_with_its_line(tmp_path: Path) -> None:
    """A person mends the file once, not eight times."""
    text = (
        GOOD.replace("you@example.org", "nobody")
        .replace("Europe/Zurich", "Mars/Olympus")
        .replace("query: ketamin*[tiab]", "qeury: x\n    first_days: many")
        .replace("https://example.org/feed", "ftp://example.org")
        .replace("sample_size > 100", "sample_sise > 100")
        .replace("name: weekly", "name: Weekly Digest")
        .replace("  sender:", "  port: 99999\n  sender:")
    )
    found = mistakes_of(text, tmp_path)
    lines = [mistake.split(": ", 2) for mistake in found]
    assert [(place, key) for place, key, _ in lines] == [
        ("config.yaml:2", "contact"),
        ("config.yaml:3", "timezone"),
        ("config.yaml:5", "sources.pubmed.query"),
        ("config.yaml:6", "sources.pubmed.qeury"),
        ("config.yaml:7", "sources.pubmed.first_days"),
        ("config.yaml:9", "sources.feeds[0].url"),
        ("config.yaml:11", "digests[0].name"),
        ("config.yaml:14", "digests[0].where"),
        ("config.yaml:16", "mail.port"),
    ]


def test_what_only_the_whole_file_can_get_wrong_is_told_with_the_rest(tmp_path: Path) -> None:
    """One round of mending, not four; each with the line of the entry that is in the way."""
    text = (
        "topic: x\ncontact: nobody\nvocabulary: tea\nsources:\n  feeds:\n"
        '    - {name: A, url: "https://example.org/a"}\n    - {name: A, url: "ftp://example.org/b"}\n'
        "digests:\n  - {name: w, title: W}\n  - {name: w, title: W, recipients: [a@example.org]}\n"
    )
    found = [mistake.split(": ", 2) for mistake in mistakes_of(text, tmp_path)]
    assert [(place, key) for place, key, _ in found] == [
        ("config.yaml:2", "contact"),
        ("config.yaml:3", "vocabulary"),
        ("config.yaml:7", "sources.feeds[1].name"),
        ("config.yaml:7", "sources.feeds[1].url"),
        ("config.yaml:10", "digests[1].name"),
        ("config.yaml:10", "digests[1].recipients"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "found nothing"),
        ("- a\n- b\n", "found a list"),
        ("topic: [unclosed\n", "not readable as YAML"),
        (GOOD + "topic: again\n", "config.yaml:16: topic: this key stands twice"),
        (GOOD.split("mail:")[0], "there is no mail section"),
        (GOOD.replace("url: ", "url: &a "), None),
        (GOOD + "vocabulary: mine.yaml\n", "config.yaml:16: vocabulary: there is no file mine.yaml"),
        (
            GOOD.replace(
                '  pubmed:\n    query: ketamin*[tiab]\n  feeds:\n    - {name: A journal, url: "https://example.org/feed"}\n',
                "  feeds: []\n",
            ),
            "no source",
        ),
    ],
)
def test_each_kind_of_mistake_is_told_in_words(tmp_path: Path, text: str, told: str | None) -> None:
    """One behaviour a row; None: no mistake."""
    if told is None:
        parse_settings(text, GRAMMAR, name="config.yaml", folder=tmp_path)
    else:
        assert any(told in mistake for mistake in mistakes_of(text, tmp_path))


def test_what_a_digest_follows_and_shows_has_documented_defaults(tmp_path: Path) -> None:
    """Nobody is followed, every section appears, the weights are the ranking's own."""
    settings = parse_settings(GOOD, GRAMMAR, name="config.yaml", folder=tmp_path)
    assert settings.digests[0].follow == FollowSettings()
    assert settings.digests[0].sections is None  # all of them, in their usual order
    assert settings.ranking.weights == DEFAULT_WEIGHTS
    assert settings.sources.retraction_watch is None


RICH = """\
topic: Ketamine in mental health
contact: you@example.org
sources:
  pubmed: {query: "ketamin*[tiab]"}
  retraction_watch: {file: lists/retractions.csv}
ranking:
  size: 1
  first: 0
digests:
  - name: weekly
    title: Weekly
    follow:
      authors: [Arvane GI, "Tilda Bélloc", The Nowhere Study Group]
      journals: [J Invent Psychiatry]
      trials: [nct01234567, "ISRCTN 12345678", ChiCTR-OOC-17000000, 2020-001234-12, RBR-6abc12]
    sections: [map, by-condition]
"""


def test_a_digest_may_follow_rank_and_order_in_its_own_way(tmp_path: Path) -> None:
    """What is not named keeps its default; the list of retractions is relative to the file."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "retractions.csv").touch()
    settings = parse_settings(RICH, GRAMMAR, name="config.yaml", folder=tmp_path)
    assert settings.sources.retraction_watch is not None
    assert settings.sources.retraction_watch.file == tmp_path / "lists" / "retractions.csv"
    assert settings.ranking.weights == replace(DEFAULT_WEIGHTS, size=1.0, first=0.0)
    assert settings.digests[0].sections == ("map", "by-condition")
    assert len(settings.digests[0].follow.trials) == 5


def test_mistakes_in_what_a_digest_follows_have_their_lines(tmp_path: Path) -> None:
    """All of them at once, beside the file that is missing."""
    text = (
        RICH.replace("size: 1", "size: -1")
        .replace("first: 0", "fist: 0")
        .replace("[Arvane GI,", "['1, 2',")
        .replace("[J Invent Psychiatry]", "['***']")
        .replace("nct01234567", "NCT0123456")
        .replace("[map, by-condition]", "[map, maps]")
    )
    assert mistakes_of(text, tmp_path) == [
        "config.yaml:5: sources.retraction_watch.file: there is no file lists/retractions.csv",
        "config.yaml:7: ranking.size: should be greater than or equal to 0",
        "config.yaml:8: ranking.fist: unknown key",
        "config.yaml:13: digests[0].follow.authors: not an author's name: '1, 2'; write it as Family GI",
        "config.yaml:14: digests[0].follow.journals: not a journal's name: '***'",
        "config.yaml:15: digests[0].follow.trials: not a registration number: 'NCT0123456'; write it as NCT01234567",
        "config.yaml:16: digests[0].sections: there is no section 'maps'; choose from by-condition, protocols, "
        "preclinical, comments, adjacent, map",
    ]


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ("[receipt, map]", "receipt always appear"),
        ("[map, map]", "listed twice: map"),
        ("map", "should be a valid"),
        ("[]", None),
    ],
)
def test_what_a_reader_needs_cannot_be_left_out(tmp_path: Path, sections: str, told: str | None) -> None:
    """An empty list leaves masthead, changes, read first and receipt."""
    text = GOOD.replace("    title: Weekly\n", f"    title: Weekly\n    sections: {sections}\n")
    if told is None:
        assert parse_settings(text, GRAMMAR, name="config.yaml", folder=tmp_path).digests[0].sections == ()
    else:
        assert any(told in mistake for mistake in mistakes_of(text, tmp_path))


def test_weights_that_leave_nothing_to_rank_by_are_a_mistake(tmp_path: Path) -> None:
    """The bonuses alone rank nothing."""
    text = GOOD + "ranking: {design: 0, size: 0, follow_up: 0, title: 0, comparator: 0}\n"
    assert mistakes_of(text, tmp_path) == [
        "config.yaml:16: ranking: design, size, follow_up, title and comparator are all 0: nothing is left to rank by"
    ]
    assert any("ranking.size" in item for item in mistakes_of(GOOD + "ranking: {size: .nan}\n", tmp_path))


def test_a_missing_file_is_a_mistake_of_configuration(tmp_path: Path) -> None:
    """It has no line, but it exits like the others."""
    with pytest.raises(ConfigError, match="there is no such file"):
        read_settings(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("query: ketamin*[tiab]", "query: ketamin*[tiab]\n    api_key_env: SECRET"),
        ('url: "https://example.org/feed"', "url_env: SECRET"),
        ("mail:\n", "mail:\n  password_env: SECRET\n"),
    ],
)
@pytest.mark.parametrize(
    "secret",
    [
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b",
        "hunter2!",
        "hunter2",
        "ABCDEF0123456789ABCDEF0123456789ABCD",
        "https://example.org/feed?token=hunter2",
        "12345678",
        "[hunter2]",
        "{hunter2: 1}",
        "*hunter2",
        "!hunter2 x",
        "&hunter2 [x",
        "%hunter2",
        "@hunter2",
        '"hunter2\\q"',
        "hunter2: x",
    ],
)
def test_a_secret_where_a_name_belongs_is_refused_and_not_repeated(
    tmp_path: Path, before: str, after: str, secret: str
) -> None:
    assert before in GOOD
    found = mistakes_of(GOOD.replace(before, after.replace("SECRET", secret)), tmp_path)
    assert found
    for part in ("hunter2", "0a1b2c3d", "ABCDEF01", "12345678"):
        assert part not in "\n".join(found)


def test_the_name_of_a_variable_is_taken_and_a_feed_has_one_address(tmp_path: Path) -> None:
    text = GOOD.replace('url: "https://example.org/feed"', "url_env: MEMBERS_FEED_2")
    feed = parse_settings(text, GRAMMAR, name="config.yaml", folder=tmp_path).sources.feeds[0]
    assert (feed.url, feed.url_env, feed.tolerate) == (None, "MEMBERS_FEED_2", 3)
    for wrong in ("name: A journal", 'name: A journal, url: "https://example.org/", url_env: MEMBERS'):
        (mistake,) = mistakes_of(GOOD.replace('name: A journal, url: "https://example.org/feed"', wrong), tmp_path)
        assert "url_env" in mistake
        assert "give" in mistake


def test_a_bundle_of_authorities_must_hold_some(tmp_path: Path) -> None:
    (mistake,) = mistakes_of(f"{GOOD}ca_bundle: none.pem\n", tmp_path)
    assert mistake.endswith("ca_bundle: there is no file none.pem")
    (tmp_path / "none.pem").write_text("not a certificate", encoding="utf-8")
    (mistake,) = mistakes_of(f"{GOOD}ca_bundle: none.pem\n", tmp_path)
    assert "none.pem holds no certificates in PEM form" in mistake


def test_a_home_folder_is_meant_by_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every path; a person who does not exist has none."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    words = tmp_path / "home" / "words.yaml"
    words.parent.mkdir()
    words.write_text("x", encoding="utf-8")
    text = f"{GOOD}data: ~/data\neditions: ~/editions\nvocabulary: ~/words.yaml\n"
    settings = parse_settings(text, GRAMMAR, name="config.yaml", folder=tmp_path)
    assert settings.data == tmp_path / "home" / "data"
    assert settings.editions == tmp_path / "home" / "editions"
    assert settings.vocabulary == str(words)
    assert mistakes_of(f"{GOOD}data: ~nobody-of-that-name/data\n", tmp_path) == [
        "config.yaml:16: data: there is no home folder ~nobody-of-that-name"
    ]


BOMB = "".join(
    f"x{number}: &x{number} [{', '.join([f'*x{number - 1}'] * 9) if number else 'a'}]\n" for number in range(12)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB + GOOD, "config.yaml:6: aliases (*) that make more than"),
        (f"x: &x [*x]\n{GOOD}", "or hold themselves"),
        (f"x: {'[' * 3000}{']' * 3000}\n{GOOD}", "within each other"),
        (GOOD + "# long\n" * 100_000, "longer than"),
        (f"x: 2026-13-45\n{GOOD}", "not readable as YAML"),
    ],
    ids=["aliases that grow", "itself", "deep", "long", "no day"],
)
def test_a_file_that_grows_without_end_is_refused_at_once(tmp_path: Path, text: str, told: str) -> None:
    """With the line where one is known, and before it has grown."""
    (mistake,) = mistakes_of(text, tmp_path)
    assert told in mistake


def test_a_file_without_an_end_is_not_read(tmp_path: Path) -> None:
    """As much as settings can be is read, and no more."""
    (tmp_path / "config.yaml").symlink_to("/dev/zero")
    with pytest.raises(ConfigError, match="longer than"):
        read_settings(tmp_path / "config.yaml")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("title: Weekly", 'title: "Week\\nly"', "config.yaml:11: digests[0].title: must be one line"),
        ("title: Weekly", 'title: "  "', "config.yaml:11: digests[0].title: must be one line"),
        ("title: Weekly", 'title: "Week\\u2028ly"', "config.yaml:11: digests[0].title: must be one line"),
        ("topic: Ketamine in", 'topic: "Keta\\tmine" #', "config.yaml:1: topic: must be one line"),
        ("a@example.org, a@example.org", 'b@example.org, "a\\"b@example.org"', "digests[0].recipients[1]"),
        ("Digest <digest@example.org>", "Dig\\u2028est <digest@example.org>", "config.yaml:15: mail.sender"),
        ("Digest <digest@example.org>", "Digest <digest@exa_mple .org>", "config.yaml:15: mail.sender"),
        ("Digest <digest@example.org>", "digest@exam\\\\ple.org", "config.yaml:15: mail.sender"),
        (
            'sender: "Digest <digest@example.org>"',
            f'sender: "Digest <digest@example.org>"\n  unsubscribe: "https://example.org/{"x" * 1000}"',
            "config.yaml:16: mail.unsubscribe",
        ),
    ],
)
def test_what_no_message_can_hold_is_refused_with_its_line(tmp_path: Path, before: str, after: str, told: str) -> None:
    """Before cron finds it, and the mail does not leave."""
    assert before in GOOD
    (mistake,) = mistakes_of(GOOD.replace(before, after), tmp_path)
    assert told in mistake


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("abs(-9223372036854775807 - 1) > 0", "integer overflow"),
        ("title like 'a' escape 'ab'", "ESCAPE"),
    ],
)
def test_a_condition_that_fails_only_when_it_runs_is_refused_with_its_line(
    tmp_path: Path, where: str, told: str
) -> None:
    """It is run before a week's edition depends on it."""
    text = GOOD.replace("design = 'rct' and sample_size > 100", where)
    (mistake,) = mistakes_of(text, tmp_path)
    assert mistake.startswith("config.yaml:13: digests[0].where: ")
    assert told in mistake


def test_a_title_of_a_block_loses_its_last_line_break(tmp_path: Path) -> None:
    text = GOOD.replace("title: Weekly", "title: >\n      The week\n      in ketamine\n")
    settings = parse_settings(text, GRAMMAR, name="config.yaml", folder=tmp_path)
    assert settings.digests[0].title == "The week in ketamine"
