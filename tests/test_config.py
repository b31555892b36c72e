"""Settings: every mistake at once, each with its line; paths relative to the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.config import load_settings, parse_settings
from harvester.errors import ConfigError

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
        parse_settings(text, name="config.yaml", folder=folder)
    return caught.value.mistakes


def test_paths_are_relative_to_the_file_and_absent_keys_have_their_documented_values(tmp_path: Path) -> None:
    """The rest of CONTRACT's defaults are not repeated here: these are the ones that a run depends on."""
    (tmp_path / "config.yaml").write_text(GOOD, encoding="utf-8")
    settings = load_settings(tmp_path / "config.yaml")
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
        parse_settings(text, name="config.yaml", folder=tmp_path)
    else:
        assert any(told in mistake for mistake in mistakes_of(text, tmp_path))


def test_a_missing_file_is_a_mistake_of_configuration(tmp_path: Path) -> None:
    """It has no line, but it exits like the others."""
    with pytest.raises(ConfigError, match="there is no such file"):
        load_settings(tmp_path / "nowhere.yaml")
