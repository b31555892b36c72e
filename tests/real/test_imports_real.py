"""Real exports of databases and reference managers."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
from Bio import Medline

from harvester.paper.records import Record
from harvester.paper.text import decode_text
from harvester.sources.imports import parse_import, read_rows

pytestmark = pytest.mark.real


def read(path: Path) -> list[Record]:
    """Read a file of which no record may be bad."""
    found = parse_import(path.read_bytes(), filename=path.name)
    bad = [item for item in found if not isinstance(item, Record)]
    assert bad == [], path.name
    return [item for item in found if isinstance(item, Record)]


def plain_ris(path: Path) -> list[dict[str, list[str]]]:
    """Read RIS by the letter of its specification, with no tolerance: an independent reading."""
    text = decode_text(gzip.decompress(path.read_bytes()))
    entries: list[dict[str, list[str]]] = []
    for line in re.split(r"\r\n|\n|\r", text):
        found = re.fullmatch(r"([A-Z][A-Z0-9])  - ?(.*)", line)
        if found is None:
            continue
        if found.group(1) == "TY":
            entries.append({})
        entries[-1].setdefault(found.group(1), []).append(found.group(2).strip())
    return entries


def ris_files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "imports").glob("*.gz") if ".ris" in path.name or "ris_" in path.name)


def test_every_real_ris_record_is_read_with_title_year_and_doi(shared_data: Path) -> None:
    files = ris_files(shared_data)
    assert len(files) >= 5
    for path in files:
        wanted, found = plain_ris(path), read(path)
        assert len(found) == len(wanted) == len(read_rows(path.read_bytes(), filename=path.name).rows), path.name
        for entry, record in zip(wanted, found, strict=True):
            title = (entry.get("TI") or entry.get("T1") or entry["T2"])[0]
            assert (
                re.sub(r"\W", "", record.title or "")[:30]
                == re.sub(r"\W", "", unescape(re.sub("<[^>]*>", "", title)))[:30]
            )
            year = re.search("[0-9]{4}", " ".join(entry.get("PY", entry.get("Y1", []))))
            assert record.year == (int(year.group()) if year else record.year)
            doi = "".join(entry.get("DO", [])[:1]).lower()
            assert not doi.startswith("10.") or record.identifiers.doi == doi.rstrip("."), path.name


def test_nearly_every_real_ris_record_has_its_authors(shared_data: Path) -> None:
    for path in ris_files(shared_data):
        stated = named = 0
        for entry, record in zip(plain_ris(path), read(path), strict=True):
            names = [name for name in entry.get("AU", entry.get("A1", [])) if 0 < len(name) < 60]
            stated += len(names)
            named += min(len(names), len(record.authors))
            assert all(author.display.strip() for author in record.authors)
        assert named >= 0.98 * stated, path.name


def test_every_real_csv_row_comes_back(shared_data: Path) -> None:
    paths = [*(shared_data / "imports").glob("*.csv.gz"), *(shared_data / "dedupe").glob("*/records_pre_merged.csv.gz")]
    assert paths
    for path in paths:
        text = gzip.decompress(path.read_bytes()).decode("utf-8-sig", "replace")
        wanted = list(csv.DictReader(io.StringIO(text, newline="")))
        rows = read_rows(path.read_bytes(), filename=path.name).rows
        assert [list(row) for row in rows[:1]] == [list(row) for row in wanted[:1]]
        assert len(rows) == len(wanted)
        if "�" not in text:
            assert rows == wanted
    zotero = shared_data / "imports" / "zotero_export.csv.gz"
    years = Counter(len(str(record.year)) for record in read(zotero))
    assert years[4] == sum(years.values())


def test_medline_text_agrees_with_biopython(shared_data: Path) -> None:
    for path in sorted((shared_data / "pubmed_xml" / "biopython" / "Medline").glob("*.txt")):
        with path.open(encoding="utf-8") as stream:
            wanted = list(Medline.parse(stream))
        for fields, record in zip(wanted, read(path), strict=True):
            assert record.source_key == fields["PMID"]
            assert record.title == " ".join(fields["TI"].split())
            assert record.abstract_text == " ".join(fields["AB"].split())
            assert str(record.year) == fields["DP"][:4]
            assert [author.display for author in record.authors] == fields["AU"]
            assert (record.journal, record.pages) == (fields["JT"], fields["PG"])
            assert list(record.publication_types) == fields["PT"]
            assert len(record.mesh_terms) == len(fields.get("MH", []))


def bibtex_entries(path: Path) -> list[dict[str, str]]:
    """Read JabRef's expected entries, far enough for their simple fields."""
    entries = []
    for entry in re.split(r"^@", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        fields = re.findall(r"^\s*([A-Za-z-]+)\s*=\s*\{(.*?)\},?\s*$", entry, re.MULTILINE | re.DOTALL)
        entries.append(
            {name.lower(): " ".join(value.replace("{", "").replace("}", "").split()) for name, value in fields}
        )
    return entries


def test_fields_agree_with_jabrefs_expectations(shared_data: Path) -> None:
    folder = shared_data / "pubmed_xml" / "jabref"
    compared = Counter[str]()
    for path in sorted([*folder.glob("Medline*.xml"), *folder.glob("MedlinePlain*.txt")]):
        expected = path.with_suffix(".bib")
        if not expected.exists() or path.stem.endswith(("MinimalEntry", "MultiAbstract")):
            continue  # JabRef makes entries of records that have neither title nor PMID
        for entry, record in zip(bibtex_entries(expected), read(path), strict=False):
            ours = {
                "pmid": record.identifiers.pmid,
                "doi": record.identifiers.doi,
                "volume": record.volume,
                "issue": record.issue,
                "pages": None if record.pages is None else record.pages.partition("-")[0],
                "year": None if record.year is None else str(record.year),
                "journal": record.journal,
                "language": ", ".join(record.languages),
            }
            for name, value in ours.items():
                stated = entry.get(name)
                if name == "pages" and stated:
                    stated = stated.partition("-")[0]
                # JabRef keeps the malformed rest of a line in the PMID, and shortens pages differently.
                if stated and value and re.fullmatch(r"[\w./() :-]+", stated) and "invalid" not in stated:
                    assert re.sub(r"\W", "", value).lower().startswith(re.sub(r"\W", "", stated).lower()[:8]), (
                        path.name,
                        name,
                    )
                    compared[name] += 1
    assert compared["pmid"] >= 8
    assert compared["doi"] >= 3
    assert compared["year"] >= 5
