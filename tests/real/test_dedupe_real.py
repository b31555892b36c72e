"""Deduplication of real exports: general promises, on records that nobody of this project wrote."""

from __future__ import annotations

import csv
import gzip
import random
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from harvester.matching import block_keys, cluster, dedupe_frame, link, prepare
from harvester.matching.prepare import prepare_row
from harvester.paper.records import Record
from harvester.sources.pubmed.xml import parse_pubmed_xml

pytestmark = pytest.mark.real
SETS = ("respiratory", "stroke", "neuroimaging", "diabetes")
COLUMNS = ("title", "author", "year", "journal", "volume", "number", "pages", "abstract", "doi")


def load(folder: Path) -> tuple[pd.DataFrame, list[list[str]]]:
    frame = pd.read_csv(folder / "records_pre_merged.csv.gz", dtype=str, keep_default_na=False)
    with (folder / "merged_record_ids.csv").open(encoding="utf-8", newline="") as stream:
        return frame, [row["merged_ids"].split(";") for row in csv.DictReader(stream)]


def list_pairs(groups: list[list[str]]) -> set[tuple[str, str]]:
    return {(min(pair), max(pair)) for group in groups for pair in combinations(group, 2)}


@pytest.mark.parametrize("name", SETS)
def test_labelled_sets(shared_data: Path, name: str) -> None:
    """Nearly all copies are found, and next to nothing that the labels keep apart is merged."""
    frame, gold = load(shared_data / "dedupe" / name)
    result = dedupe_frame(frame)
    assert list(result["ID"]) == list(frame["ID"])
    assert list(result.columns) == ["study_id", "merge_reason", *frame.columns]
    groups = result.groupby("study_id")["ID"].apply(list)
    assert not any(result.loc[result["study_id"].duplicated(keep=False), "merge_reason"] == "")
    found, expected = list_pairs([group for group in groups if len(group) > 1]), list_pairs(gold)
    assert len(found & expected) / len(expected) >= 0.985
    assert len(found - expected) <= 1


def test_the_order_of_a_real_table_does_not_matter(shared_data: Path) -> None:
    frame, _ = load(shared_data / "dedupe" / "stroke")
    order = list(range(len(frame)))
    random.Random(1).shuffle(order)

    def partition(table: pd.DataFrame) -> set[frozenset[str]]:
        return {frozenset(ids) for ids in dedupe_frame(table).groupby("study_id")["ID"].apply(list)}

    assert partition(frame) == partition(frame.iloc[order])


def test_looking_up_by_keys_loses_nothing(shared_data: Path) -> None:
    """A weekly run that reads only candidates links new records exactly as one that reads everything."""
    frame, _ = load(shared_data / "dedupe" / "respiratory")
    rows = frame.reindex(columns=COLUMNS, fill_value="").to_dict("records")
    prepared = [prepare_row(key, **{str(name): value for name, value in row.items()}) for key, row in enumerate(rows)]
    held, new = prepared[:-100], prepared[-100:]
    keys = {key for record in new for key in block_keys(record)}
    candidates = [record for record in held if not keys.isdisjoint(block_keys(record))]
    assert len(candidates) < 300
    assert link(new, candidates) == link(new, held)


def test_different_pmids_are_different_papers(shared_data: Path) -> None:
    """PubMed's own records, errata, retraction notices and preprints among them: no two of them are one."""
    records: dict[str, Record] = {}
    for path in sorted((shared_data / "pubmed_xml").glob("*/*.xml*")):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if b"<PubmedArticle" in content:
            for found in parse_pubmed_xml(content):
                if isinstance(found, Record) and found.identifiers.pmid is not None:
                    records[found.identifiers.pmid] = found
    assert len(records) > 500
    prepared = [prepare(int(pmid), record, source="pubmed") for pmid, record in records.items()]
    assert all(len(group) == 1 for group in cluster(prepared, link(prepared)))
