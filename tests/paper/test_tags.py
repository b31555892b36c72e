"""The declarations of tags: what everything that lists tags relies on."""

from __future__ import annotations

from harvester.paper.tags import FILTER_TAGS, TAGS, Tags


def test_the_type_of_a_tag_is_that_of_its_field() -> None:
    types = {tag.name: tag.type for tag in TAGS}
    assert types["conditions"] == "list"
    assert types["sample_size"] == "integer"
    assert types["relevance"] == "number"
    assert types["design"] == types["follow_up"] == "text"
    assert "evidence" not in types


def test_values_are_text_whatever_the_type() -> None:
    tags = Tags(compounds=("ketamine", "esketamine"), sample_size=36)
    values = {tag.name: tag.values(tags) for tag in TAGS}
    assert values["compounds"] == ("ketamine", "esketamine")
    assert values["sample_size"] == ("36",)
    assert values["design"] == ("other",)
    assert values["routes"] == values["direction"] == ()


def test_every_tag_can_be_shown_to_a_reader() -> None:
    for tag in TAGS:
        assert tag.label, tag.name
        assert tag.meaning.endswith("."), tag.name
        if tag.choices is not None:
            assert set(tag.values(Tags())) <= set(tag.choices), tag.name


def test_filters_do_not_stand_in_each_others_place() -> None:
    places = [shown.place for _, shown in FILTER_TAGS]
    assert places == sorted(set(places))
    assert 6 not in places  # that of the status, which is no tag
    assert len({shown.name for _, shown in FILTER_TAGS}) == len(places)
    assert [tag.name for tag, shown in FILTER_TAGS if shown.on_page] == [
        "conditions",
        "topics",
        "design",
        "compounds",
        "routes",
    ]
