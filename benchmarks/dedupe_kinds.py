"""What databases do to a record, and what is another paper however alike it looks: each kind, on real records.

`benchmarks/dedupe.py` reports what comes of it.  A *perturbation* makes of a record what another database would hold of
the same paper, without its PMID and DOI unless they are what it is about; a *sister* is another paper beside it.
"""

from __future__ import annotations

import gzip
import html
import json
import math
import random
import re
import tarfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harvester.ground.errors import ParseError
from harvester.matching import block_keys, compare, link
from harvester.matching.pair import VERDICT_PREPRINT, VERDICT_SAME
from harvester.matching.prepare import Prepared, prepare_row
from harvester.matching.venue import are_journals_alike, read_journal
from harvester.paper.records import Record
from harvester.sources.pubmed.xml import parse_pubmed_xml

Row = dict[str, str]
Change = Callable[[Row], Row | None]  # None: the record is not of this kind
_COLUMNS = ("title", "author", "year", "journal", "volume", "number", "pages", "abstract", "doi", "pmid")
_WHOLE = ("title", "author", "year", "journal")  # what a record must have to be one of a database


# --- records --------------------------------------------------------------------------------------------------


def load_records(folder: Path) -> list[Row]:
    """Give the papers of PubMed's documents in a folder, each once, as rows; what cannot be read is left out."""
    rows: dict[str, Row] = {}
    for document in _read_documents(folder):
        try:
            for record in parse_pubmed_xml(document):
                if isinstance(record, Record):
                    rows.setdefault(record.source_key, _make_row(record))
        except ParseError:
            continue
    return [row for row in rows.values() if all(row[name] for name in _WHOLE) and len(row["title"]) > 30]


def load_texts(path: Path) -> list[Row]:
    """Give the titles and texts of labelled records, one a line of JSON, as rows that have nothing else."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    empty = dict.fromkeys(_COLUMNS, "")
    return [empty | {"title": one["title"], "abstract": " ".join(one["sentences"])} for one in read]


def _read_documents(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*.xml")):
        yield path.read_bytes()
    for path in sorted(folder.rglob("*.xml.gz")):
        yield gzip.decompress(path.read_bytes())
    for path in sorted(folder.rglob("*.tar.gz")):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name.endswith(".xml") else None
                if content is not None:
                    yield content.read()


def _make_row(record: Record) -> Row:
    people = [
        one.collective or ", ".join(filter(None, (one.family, one.given or one.initials))) for one in record.authors
    ]
    return {
        "title": (record.title or "").rstrip("."),
        "author": "; ".join(people),
        "year": (record.published or "")[:4],
        "journal": record.journal or "",
        "volume": record.volume or "",
        "number": record.issue or "",
        "pages": record.pages or "",
        "abstract": record.abstract_text or "",
        "doi": record.identifiers.doi or "",
        "pmid": record.identifiers.pmid or "",
        "short journal": record.journal_abbreviation or "",
        "own title": record.vernacular_title or "",
    }


# --- perturbations --------------------------------------------------------------------------------------------

_SUBTITLE = re.compile(r"^(.{25,}?)(?:: | - |\. )(\S.{10,})$")
_NAME = re.compile(r"[^\W\d_]+")
_RANGE = re.compile(r"(\d{3,4})-(\d+)")
_BRITISH = (("randomized", "randomised"), ("behavior", "behaviour"), ("tumor", "tumour"), ("anesth", "anaesth"))


def _set(**cells: str) -> Change:
    return lambda row: row | cells


def _title(edit: Callable[[str], str | None]) -> Change:
    """Change the title; a title that stays as it is, is not of this kind."""

    def change(row: Row) -> Row | None:
        title = edit(row["title"])
        return row | {"title": title} if title and title != row["title"] else None

    return change


def _where(name: str, edit: Callable[[str], str | None]) -> Change:
    """Change another column, where it is filled."""

    def change(row: Row) -> Row | None:
        cell = edit(row[name]) if row.get(name) else None
        return row | {name: cell} if cell is not None and cell != row[name] else None

    return change


def _copy(source: str, target: str) -> Change:
    """Put one column into another, where it is filled."""
    return lambda row: row | {target: row[source]} if row.get(source) else None


def _people(edit: Callable[[list[str]], list[str]]) -> Change:
    def change(row: Row) -> Row | None:
        names = row["author"].split("; ")
        return row | {"author": "; ".join(edit(names))} if all(", " in name for name in names) else None

    return change


def _initials(name: str) -> str:
    family, _, given = name.partition(", ")
    return f"{family} {''.join(part[0] for part in _NAME.findall(given))}"


def _lose_subtitle(title: str) -> str | None:
    found = _SUBTITLE.match(title)
    return found[1] if found else None


def _without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _respell(title: str) -> str:
    for american, british in _BRITISH:
        title = title.replace(american, british)
    return title


def _range(form: Callable[[str, str], str]) -> Change:
    """Change a range of printed pages."""

    def edit(pages: str) -> str | None:
        found = _RANGE.fullmatch(pages)
        if found is None:
            return None
        last = found[1][: max(0, len(found[1]) - len(found[2]))] + found[2]
        return form(found[1], last)

    return _where("pages", edit)


def _date_of_pages(pages: str) -> str | None:
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", pages)
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{found[1]}-{months[int(found[2]) - 1]}" if found and 0 < int(found[2]) <= 12 >= int(found[1]) else None


def _chain(*changes: Change) -> Change:
    def change(row: Row) -> Row | None:
        result: Row | None = row
        for each in changes:
            result = each(result) if result is not None else None
        return result

    return change


def _shift_year(by: int) -> Change:
    return lambda row: row | {"year": str(int(row["year"]) + by)}


def _swap_typing(title: str) -> str:
    place = len(title) // 2
    return title[:place] + title[place + 1] + title[place] + title[place + 2 :]


_PLACELESS = dict.fromkeys(("volume", "number", "pages"), "")
_NO_PLACE = _set(**_PLACELESS)
PERTURBATIONS: dict[str, Change] = {
    "the record itself": _set(),
    "capitals": _title(str.upper),
    "subtitle lost": _title(_lose_subtitle),
    "subtitle and pages lost": _chain(_title(_lose_subtitle), _set(pages="")),
    "title in its own language": _copy("own title", "title"),
    "title in brackets, with its language": lambda row: row | {"title": f"[{row['title']}]. [German]"},
    "title cut at 60 letters": _title(lambda title: title[:60] if len(title) > 70 else None),
    "title cut at 100 letters, with dots": _title(lambda title: title[:100] + "..." if len(title) > 110 else None),
    "title with a label of retraction": _title(lambda title: f"RETRACTED: {title}"),
    "title with a typing error": _title(_swap_typing),
    "title with entities": _title(lambda title: html.escape(title).replace(" and ", " &amp; and ", 1)),
    "British spelling": _title(_respell),
    "accents lost": _where("author", _without_accents),
    "accents as question marks": _where("author", lambda names: re.sub(r"[^\x00-\x7f]", "?", names)),
    "UTF-8 read as Windows-1252": _where("author", lambda names: names.encode().decode("cp1252", "replace")),
    "NLM's abbreviation of the journal": _copy("short journal", "journal"),
    "journal missing": _set(journal=""),
    "journal in capitals, with a city": lambda row: row | {"journal": f"{row['journal'].upper()} (LONDON)"},
    "no authors": _set(author=""),
    "no authors, no place": _chain(_set(author=""), _NO_PLACE),
    "first author only": _people(lambda names: names[:1]),
    "initials only": _people(lambda names: [_initials(name) for name in names]),
    "people in natural order": _people(lambda names: [" ".join(reversed(name.split(", ", 1))) for name in names]),
    "a group for its people": _set(author="Invented Study Group"),
    "a group for its people, no place": _chain(_set(author="Invented Study Group"), _NO_PLACE),
    "names in Chinese characters": _set(author="王, 伟; 李, 明"),
    "people sorted": _people(sorted),
    "first page only": _range(lambda first, last: first),
    "article number for pages": _range(lambda first, last: f"e{first}{last}"),
    "pages without a first page": _range(lambda first, last: f"t-{last[-2:]}"),
    "pages cut at the left": _range(lambda first, last: f"{first[-1]}-{last[-1]}"),
    "pages as a date": _where("pages", _date_of_pages),
    "no pages": _set(pages=""),
    "no issue": _set(number=""),
    "no place (ahead of print)": _NO_PLACE,
    "no place, a year earlier": _chain(_NO_PLACE, _shift_year(-1)),
    "a year later": _shift_year(1),
    "other DOI": _set(doi="10.5555/other.1"),
    "title and people alone": _chain(_NO_PLACE, _set(year="", journal="", abstract="")),
    "title, journal and year alone": _chain(_NO_PLACE, _set(author="", abstract="")),
    "DOI and title alone": _chain(_copy("doi", "doi"), _NO_PLACE, _set(author="", journal="", year="", abstract="")),
    "DOI, title and another first author": _chain(_copy("doi", "doi"), _set(author="Nobody, Nina", pages="")),
}
_KEEPS_DOI = ("DOI and title alone", "DOI, title and another first author", "other DOI")


# --- sisters --------------------------------------------------------------------------------------------------

_SWAPPED = (
    ("rats", "patients"), ("mice", "humans"), ("patients", "rats"), ("adults", "children"), ("women", "men"),
    ("with", "without"), ("acute", "chronic"), ("before", "after"), ("increases", "decreases"),
)  # fmt: skip
_DRUGS = (("Ketamine", "Esketamine"), ("ketamine", "esketamine"), ("Psilocybin", "Psilocin"))
_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?![\w.])")


def _sister(*, title: Callable[[str], str | None] | None = None, **cells: str) -> Change:
    """Make another paper of the same people in the same journal, ahead of print: nothing but the title parts them."""

    def change(row: Row) -> Row | None:
        new = title(row["title"]) if title else row["title"]
        if not new or (new == row["title"] and not cells):
            return None
        goes_on = f"{row['abstract']} We now report more." if row["abstract"] else ""
        return row | _PLACELESS | {"title": new, "abstract": goes_on} | cells

    return change


def _append(words: str) -> Change:
    return _sister(title=lambda title: f"{title}: {words}")


def _prepend(words: str) -> Change:
    return _sister(title=lambda title: f"{words}: {title}")


def _swap(pairs: Iterable[tuple[str, str]]) -> Change:
    def edit(title: str) -> str | None:
        for one, other in pairs:
            if re.search(rf"\b{one}\b", title):
                return re.sub(rf"\b{one}\b", other, title, count=1)
        return None

    return _sister(title=edit)


def _other_number(title: str) -> str | None:
    found = _NUMBER.search(title)
    return title[: found.start()] + str(int(found[0]) + 1) + title[found.end() :] if found else None


def _move_number(title: str) -> str | None:
    found = list(_NUMBER.finditer(title))
    if len(found) < 2 or found[0][0] == found[1][0]:
        return None
    first, second = found[:2]
    middle = title[first.end() : second.start()]
    return title[: first.start()] + second[0] + middle + first[0] + title[second.end() :]


def _negate(title: str) -> str | None:
    found = re.search(r"(?<![\w-])[a-z]{5,}(?![\w-])", title)
    return f"{title[: found.start()]}non-{title[found.start() :]}" if found else None


def _pair(one: Row, other: Row) -> tuple[Change, Change]:
    return (lambda row: row | one), (lambda row: row | other)


_KEEP: Change = _set()
_EDITORIAL = {"title": "Editorial", "author": "Amsel, Ada", "volume": "12", "abstract": "", "doi": "", "pmid": ""}
_COLUMN = _EDITORIAL | {"title": "Research highlights in rapid-acting antidepressants"}
_CONGRESS = _PLACELESS | {"title": "Proceedings of the congress of invented medicine", "abstract": ""}
_REGISTERED = _PLACELESS | {"author": "", "journal": "", "doi": "", "pmid": ""}
_OTHER_ABSTRACT = (
    "Two hundred lighthouse keepers in harbours received repeated sprays; maintenance, relapse and bladder symptoms "
    "were followed."
)
# What is changed in the record, and in its copy; the two are two papers.
SISTERS: dict[str, tuple[Change, Change]] = {
    "part I and part II": (_append("part I"), _append("part II")),
    "a number changed": (_NO_PLACE, _sister(title=_other_number)),
    "two numbers changed places": (_NO_PLACE, _sister(title=_move_number)),
    'a "non" before another word': (_NO_PLACE, _sister(title=_negate)),
    "erratum": (_KEEP, _prepend("Erratum")),
    "correction, place unknown": (_NO_PLACE, _prepend("Correction to")),
    "retraction notice": (_NO_PLACE, _prepend("Retraction")),
    "reply": (_NO_PLACE, _append("authors' reply")),
    "comment": (_NO_PLACE, _prepend("Comment on")),
    "response that quotes the title": (_NO_PLACE, _sister(title=lambda title: f"Response to “{title}”")),
    "protocol and results": (_NO_PLACE, _append("study protocol")),
    "rationale and design": (_NO_PLACE, _append("rationale and design")),
    "follow-up": (_NO_PLACE, _append("one-year follow-up")),
    "cost-effectiveness": (_NO_PLACE, _append("a cost-effectiveness analysis")),
    "qualitative study": (_NO_PLACE, _append("a qualitative study")),
    "secondary analysis": (_NO_PLACE, _append("a secondary analysis of sleep")),
    "plain language summary": (_NO_PLACE, _append("plain language summary")),
    "animals and people, men and women, with and without": (_NO_PLACE, _swap(_SWAPPED)),
    "a drug and its relative": (_NO_PLACE, _swap(_DRUGS)),
    "editorial of another issue": _pair(
        _EDITORIAL | {"number": "1", "pages": "1-2"}, _EDITORIAL | {"number": "2", "pages": "1-3"}
    ),
    "editorial of another issue, own DOIs": _pair(
        _EDITORIAL | {"pages": "1-2", "doi": "10.5555/e.1"}, _EDITORIAL | {"pages": "1-2", "doi": "10.5555/e.2"}
    ),
    "column of another issue": _pair(_COLUMN | {"number": "1", "pages": ""}, _COLUMN | {"number": "2", "pages": ""}),
    "column of another issue, own DOIs": _pair(
        _COLUMN | {"pages": "1-2", "doi": "10.5555/c.1"}, _COLUMN | {"pages": "1-2", "doi": "10.5555/c.2"}
    ),
    "report of another year": (_append("annual report 2024"), _append("annual report 2025")),
    "congress of another year": _pair(_CONGRESS | {"year": "2024"}, _CONGRESS | {"year": "2025"}),
    "other registration": _pair(
        _REGISTERED | {"abstract": "NCT01111111. Forty adults."},
        _REGISTERED | {"abstract": "NCT02222222. Two hundred outpatients."},
    ),
    "other abstract, nobody named": (
        lambda row: row | _REGISTERED if len(row["abstract"]) > 200 else None,
        _set(**_REGISTERED, abstract=_OTHER_ABSTRACT),
    ),
    "congress abstract and paper": (
        _KEEP,
        _set(volume="77", number="Suppl 1", pages="S34", journal="Congress of Invented Medicine", abstract=""),
    ),
    "other people, other journal": (
        _KEEP,
        _set(author="Nobody, Nina; Niemand, Olaf", journal="Fog Medicine", volume="7", pages="9-12"),
    ),
    "preprint and article": (
        lambda row: None if "rxiv" in row["journal"].lower() else row,
        _set(**_PLACELESS, journal="medRxiv", doi="10.1101/2026.01.01.26000001", pmid=""),
    ),
    "two PMIDs": (lambda row: row if row["pmid"] else None, _set(pmid="1")),
}


# --- measuring ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with the interval in which 95 of 100 such shares lie (Wilson's)."""

    count: int
    number: int

    @property
    def interval(self) -> tuple[float, float]:
        """Give the lower and the upper end."""
        if not self.number:
            return 0.0, 1.0
        z, n, p = 1.96, self.number, self.count / self.number
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))

    def __str__(self) -> str:
        """Give it as a table prints it."""
        low, high = self.interval
        return f"{self.count} of {self.number} | {self.count / max(1, self.number):.3f} | {low:.3f}-{high:.3f}"


def _prepare(key: int, row: Row) -> Prepared:
    return prepare_row(key, **{name: row[name] for name in _COLUMNS})


def measure_recall(rows: list[Row], name: str) -> tuple[Share, int]:
    """Give how many records are joined with what another database holds of them, and how many with another paper."""
    without = {"pmid": ""} if name in _KEEPS_DOI else {"pmid": "", "doi": ""}
    changed = {place: new for place, row in enumerate(rows) if (new := PERTURBATIONS[name](row | without)) is not None}
    return _measure(rows, changed, VERDICT_SAME)


def measure_preprints(rows: list[Row]) -> tuple[Share, int]:
    """Give how many records are linked with a preprint of their title, and how many with that of another paper."""
    where = _PLACELESS | {"journal": "medRxiv", "pmid": ""}
    posted = {
        place: row | where | {"doi": f"10.1101/2026.01.01.26{place:06d}"}
        for place, row in enumerate(rows)
        if not prepare_row(1, journal=row["journal"]).is_preprint
    }
    return _measure(rows, posted, VERDICT_PREPRINT)


def _measure(rows: list[Row], changed: dict[int, Row], verdict: str) -> tuple[Share, int]:
    """Give how many rows have a link of a kind with what was made of them, and how many links are with other papers."""
    size = len(rows)
    prepared = [_prepare(place, rows[place]) for place in changed]
    prepared += [_prepare(size + place, row) for place, row in changed.items()]
    pairs = [(item.a, item.b - size) for item in link(prepared) if item.verdict == verdict and item.a < size <= item.b]
    # PubMed has two records of some papers: an article and its republished form, two language editions of a journal.
    own = sum(one == other for one, other in pairs)
    others = sum(one != other and rows[one]["title"] != rows[other]["title"] for one, other in pairs)
    return Share(own, len(changed)), others


def measure_journals(rows: list[Row], *, tries: int = 200_000) -> tuple[Share, Share]:
    """Give how many journals are alike to their NLM abbreviation, and how many to another journal's, at random."""
    shorts: dict[str, set[str]] = {}
    for row in rows:
        if row.get("short journal"):
            shorts.setdefault(row["journal"], set()).add(row["short journal"])
    pairs = [(name, short) for name, found in sorted(shorts.items()) for short in sorted(found)]
    own = Share(sum(_are_alike(*pair) for pair in pairs), len(pairs))
    draw = random.Random(1)
    others = [(draw.choice(pairs)[0], draw.choice(pairs)[1]) for _ in range(tries)]
    others = [(name, short) for name, short in others if short not in shorts[name]]
    return own, Share(sum(_are_alike(*pair) for pair in others), len(others))


def _are_alike(name: str, short: str) -> bool:
    return are_journals_alike(read_journal(name).names, read_journal(short).names)


def measure_sisters(rows: list[Row], name: str) -> Share:
    """Give how many records are joined with another paper."""
    pairs = []
    for row in rows:
        plain = row if name == "two PMIDs" else row | {"pmid": "", "doi": ""}
        one, other = (change(plain) for change in SISTERS[name])
        if one is not None and other is not None:
            pairs.append((one, other))
    return Share(sum(is_one(one, other) for one, other in pairs), len(pairs))


def is_one(one: Row, other: Row) -> bool:
    """Tell whether two rows are found and joined."""
    left, right = _prepare(1, one), _prepare(2, other)
    if set(block_keys(left)).isdisjoint(block_keys(right)):
        return False
    found = compare(left, right)
    return found is not None and found.verdict == VERDICT_SAME
