"""Tagging a table: every row comes back, in order, with the tag columns as text."""

from __future__ import annotations

import pandas as pd

from harvester.tagging import classify_frame, load_vocabulary

KETAMINE = load_vocabulary("ketamine")
# What users rely on: these names, in this order.
PROMISED = """
compounds routes conditions design sample_size scales topics tier relevance key_finding comparators follow_up countries
direction
"""


def test_rows_come_back_with_the_tag_columns() -> None:
    frame = pd.DataFrame(
        {
            "ID": ["b", "a"],
            "title": ["Ketamine for depression: a randomised trial", None],
            "abstract": [
                "METHODS: 40 adults were randomised to oral ketamine. CONCLUSIONS: Ketamine was effective there.",
                "",
            ],
        }
    )
    tagged = classify_frame(frame, KETAMINE)
    names = ["ID", "title", "abstract", *PROMISED.split()]
    assert list(tagged.columns)[: len(names)] == names
    assert list(tagged["ID"]) == ["b", "a"]
    assert tagged.loc[tagged["sample_size"] > 30, "ID"].tolist() == ["b"]
    assert tagged["sample_size"].isna().tolist() == [False, True]
    assert list(tagged["design"]) == ["rct", "other"]
    assert list(tagged["tier"]) == ["core", "off-topic"]
    assert list(tagged["routes"]) == ["oral", ""]
    assert tagged["key_finding"][0] == "Ketamine was effective there."
    assert tagged["relevance"][1] == 0


def test_lists_in_cells_are_read_and_written_with_semicolons() -> None:
    frame = pd.DataFrame(
        {
            "title": ["Ketamine and esketamine in mood"],
            "abstract": ["RESULTS: Anxiety fell."],
            "publication_types": ["Journal Article; Randomized Controlled Trial"],
            "mesh_terms": ["Anxiety Disorders; Ketamine"],
        }
    )
    tagged = classify_frame(frame, KETAMINE)
    assert tagged["compounds"][0] == "ketamine; esketamine"
    assert tagged["design"][0] == "rct"
    assert tagged["conditions"][0] == "anxiety"


def test_columns_that_were_there_are_kept_and_an_empty_table_stays_empty() -> None:
    """Also those that are called like a tag."""
    frame = pd.DataFrame({"title": ["Ketamine for PTSD"], "tier": ["?"], "input_tier": ["!"]})
    tagged = classify_frame(frame, KETAMINE)
    assert list(tagged["tier"]) == ["core"]
    assert list(tagged.columns)[:3] == ["title", "input_input_tier", "input_tier"]
    assert tagged.iloc[0, :3].tolist() == ["Ketamine for PTSD", "?", "!"]
    assert list(classify_frame(pd.DataFrame({"title": []}), KETAMINE).columns)[:2] == ["title", "compounds"]


def test_what_programs_write_for_nothing_is_nothing() -> None:
    """And two columns for one field are read as one, as where two exports stand in one table."""
    frame = pd.DataFrame(
        {
            "Article Title": ["Ketamine for PTSD", "NA", float("nan")],
            "Title": ["Dr", "Ketamine for depression", "nan"],
            "mh": ["Depression/*drug therapy", "n/a", "-"],
        }
    )
    tagged = classify_frame(frame, KETAMINE)
    assert list(tagged["tier"]) == ["core", "core", "off-topic"]
    assert list(tagged["conditions"]) == ["depression; ptsd", "depression", ""]
