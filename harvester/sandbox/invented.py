"""The invented corpus: reads the studies of ``corpus/*.yaml`` and writes them as PubMed XML and feed entries.

Every study is made up, and says so: the builder ends each title with "(invented sample)".  Journals and people do
not exist, DOIs stand under 10.5555 (Crossref's prefix for tests), PMIDs are above 99,000,000, and registrations have
numbers that no registry gave out.  Days in the files count from `now`, negative before it, so that the same two weeks
play at any date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zlib import crc32

import yaml

from harvester.sandbox.corpus import Corpus, Feed, FeedEntry, Version
from harvester.sandbox.pieces import (
    MARK,
    abstract,
    chemicals,
    day_parts,
    element,
    feed_name,
    feed_summary,
    initials,
    keywords,
    mesh,
    plain_summary,
    printed_date,
    ui,
    xml,
)

Study = Mapping[str, Any]

_FIRST_PMID = 99_000_001
_STUDY_FILES = ("week_one.yaml", "week_two.yaml", "background.yaml")
_HOUR_OF_ENTRY = time(4, 0, tzinfo=UTC)  # feeds are filled at night


def build_invented(now: datetime) -> Corpus:
    """Build the built-in corpus: about 60 studies, their revisions, and four feeds.

    Parameters
    ----------
    now
        The end of the two weeks that it plays in (aware).
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware time")
    common = _load("common.yaml")
    studies = [study for name in _STUDY_FILES for study in _load(name)]
    return build_corpus(studies, common, today=now.astimezone(UTC).date())


def build_corpus(studies: Sequence[Study], common: Mapping[str, Any], *, today: date) -> Corpus:
    """Build a corpus from studies in the form of ``corpus/*.yaml`` (explained in ``corpus/README.md``).

    Parameters
    ----------
    studies
        The studies; their order gives the PMIDs.
    common
        Journals, names and feeds.
    today
        The day from which the studies' days count.
    """
    writer = _Writer(studies, common, today)
    versions = [version for study in studies for version in writer.versions(study)]
    return Corpus(versions, tuple(writer.feed(feed) for feed in common["feeds"]))


@cache
def _load(name: str) -> Any:
    return yaml.safe_load(files("harvester.sandbox").joinpath("corpus", name).read_text(encoding="utf-8"))


class _Writer:
    """Writes the studies of one corpus, which refer to each other by their keys."""

    def __init__(self, studies: Sequence[Study], common: Mapping[str, Any], today: date) -> None:
        self._studies = {study["key"]: study for study in studies}
        self._numbers = {study["key"]: number for number, study in enumerate(studies, start=1)}
        self._common = common
        self._today = today

    def versions(self, study: Study) -> Iterator[Version]:
        """Yield the states of a study's record; a study that is in a feed only has none."""
        if "created" not in study:
            return
        pmid, state = self._pmid(study), dict(study)
        yield Version(pmid=pmid, since=self._day(study["created"]), xml=self._record(state, study["created"]))
        for revision in study.get("revisions", ()):
            state |= {name: value for name, value in revision.items() if name != "day"}
            yield Version(pmid=pmid, since=self._day(revision["day"]), xml=self._record(state, revision["day"]))
        if "deleted" in study:
            yield Version(pmid=pmid, since=self._day(study["deleted"]), xml=None)

    def _day(self, offset: int) -> date:
        return self._today + timedelta(days=offset)

    def _pmid(self, study: Study) -> str:
        return str(_FIRST_PMID - 1 + self._numbers[study["key"]])

    def _doi(self, study: Study) -> str:
        return f"10.5555/{study['journal']}.{self._numbers[study['key']]:04d}"

    def _journal(self, study: Study) -> Mapping[str, str]:
        journal: Mapping[str, str] = self._common["journals"][study["journal"]]
        return journal

    def _record(self, study: Study, revised: int) -> bytes:
        is_indexed = "mesh" in study
        revised_on = day_parts(self._day(revised))
        citation = "".join(
            (
                element("PMID", self._pmid(study), Version="1"),
                element("DateCompleted", revised_on) if is_indexed else "",
                element("DateRevised", revised_on),
                self._article(study),
                self._journal_info(study),
                chemicals(study.get("chemicals", ())),
                element("CitationSubset", "IM"),
                self._relations(study.get("relations", ())),
                mesh(study.get("mesh", ())),
                plain_summary(study.get("plain_summary", "")),
                keywords(study.get("keywords", ())),
            )
        )
        identifiers = element("ArticleId", self._pmid(study), IdType="pubmed") + element(
            "ArticleId", self._doi(study), IdType="doi"
        )
        data = (
            self._history(study, revised)
            + element("PublicationStatus", study.get("status", "epublish"))
            + element("ArticleIdList", identifiers)
        )
        status = "MEDLINE" if is_indexed else "Publisher"
        whole = element("MedlineCitation", citation, Status=status, Owner="NLM") + element("PubmedData", data)
        return element("PubmedArticle", whole).encode()

    def _article(self, study: Study) -> str:
        is_printed = "pages" in study
        published = self._day(study.get("published", study["created"]))
        title = f"{xml(study['title'])} {MARK}"
        types = study.get("types", ["Journal Article"])
        return element(
            "Article",
            "".join(
                (
                    self._issue(study, published),
                    # A translated title stands in brackets (PubMed help, "Non-English titles").
                    element("ArticleTitle", f"[{title}]." if "vernacular" in study else f"{title}."),
                    element("Pagination", element("MedlinePgn", xml(study.get("pages", "")))),
                    element("ELocationID", self._doi(study), EIdType="doi", ValidYN="Y"),
                    abstract(study.get("abstract")),
                    self._authors(study),
                    *(element("Language", code) for code in study.get("languages", ["eng"])),
                    _registrations(study.get("trials", ())),
                    element("PublicationTypeList", "".join(element("PublicationType", t, UI=ui(t)) for t in types)),
                    element("VernacularTitle", f"{xml(study['vernacular'])} {MARK}.") if "vernacular" in study else "",
                    "" if is_printed else element("ArticleDate", day_parts(published), DateType="Electronic"),
                )
            ),
            PubModel="Print-Electronic" if is_printed else "Electronic",
        )

    def _issue(self, study: Study, published: date) -> str:
        journal = self._journal(study)
        numbers = element("Volume", xml(study.get("volume", ""))) + element("Issue", xml(study.get("issue", "")))
        dated = element("PubDate", printed_date(published, study.get("printed", "day")))
        return element(
            "Journal",
            element("ISSN", journal["issn"], IssnType="Electronic")
            + element("JournalIssue", numbers + dated, CitedMedium="Internet")
            + element("Title", xml(journal["title"]))
            + element("ISOAbbreviation", xml(journal["abbreviation"])),
        )

    def _journal_info(self, study: Study) -> str:
        journal = self._journal(study)
        return element(
            "MedlineJournalInfo",
            element("Country", "Nowhere")
            + element("MedlineTA", xml(journal["abbreviation"]))
            + element("NlmUniqueID", journal["nlm_id"])
            + element("ISSNLinking", journal["issn"]),
        )

    def _people(self, study: Study) -> list[tuple[str, str]]:
        """Return (family, given) of each author: drawn by the study's key from the invented names."""
        names = self._common["names"]
        family, given = names["family"], names["given"]
        # A preprint and its article are by the same people.
        seed = crc32(study.get("same_authors_as", study["key"]).encode())
        return [
            (family[(seed + 7 * n) % len(family)], given[(seed // 64 + 5 * n) % len(given)])
            for n in range(study.get("authors", 4))
        ]

    def _authors(self, study: Study) -> str:
        place = element("AffiliationInfo", element("Affiliation", xml(self._common["affiliation"])))
        people = (
            element("LastName", xml(family))
            + element("ForeName", xml(given))
            + element("Initials", initials(given))
            + (place if number == 0 else "")
            for number, (family, given) in enumerate(self._people(study))
        )
        groups = (element("CollectiveName", xml(group)) for group in study.get("groups", ()))
        authors = (element("Author", inside, ValidYN="Y") for inside in (*people, *groups))
        return element("AuthorList", "".join(authors), CompleteYN="Y")

    def _relations(self, relations: Sequence[Mapping[str, str]]) -> str:
        items = []
        for relation in relations:
            source, pmid = relation.get("source", ""), ""
            if "study" in relation:
                other = self._studies[relation["study"]]
                year = self._day(other["created"]).year
                source = f"{self._journal(other)['abbreviation']}. {year}. doi: {self._doi(other)}"
                pmid = element("PMID", self._pmid(other), Version="1")
            items.append(
                element("CommentsCorrections", element("RefSource", xml(source)) + pmid, RefType=relation["kind"])
            )
        return element("CommentsCorrectionsList", "".join(items))

    def _history(self, study: Study, revised: int) -> str:
        days = {"entrez": study["created"], "pubmed": study.get("entered", study["created"])}
        if "mesh" in study:
            days["medline"] = max(revised, days["pubmed"])
        dates = (element("PubMedPubDate", day_parts(self._day(day)), PubStatus=status) for status, day in days.items())
        return element("History", "".join(dates))

    def feed(self, feed: Mapping[str, Any]) -> Feed:
        """Build a feed from the studies that name it and from its entries of its own."""
        home, dialect = f"https://example.org/{feed['key']}", feed["dialect"]
        entries = [
            FeedEntry(
                key=f"{home}/{study['key']}",
                title=f"{study['title']} {MARK}",
                link=f"{home}/{study['key']}",
                since=self._moment(study["feeds"][feed["key"]]),
                summary=feed_summary(study.get("abstract"), feed["summary"]),
                authors=tuple(feed_name(person, dialect) for person in self._people(study)),
                # DOIs have no case; some publishers print them in capitals.
                doi=self._doi(study).upper() if dialect == "rss2" else self._doi(study),
            )
            for study in self._studies.values()
            if feed["key"] in study.get("feeds", {})
        ]
        entries += [
            FeedEntry(
                key=f"{home}/other-{number}",
                title=f"{entry['title']} {MARK}",
                link=f"{home}/other-{number}",
                since=self._moment(entry["day"]),
                summary=entry.get("summary", ""),
                doi=f"10.5555/{feed['key']}.other{number}",
            )
            for number, entry in enumerate(feed.get("entries", ()), start=1)
        ]
        return Feed(name=feed["name"], dialect=dialect, entries=tuple(entries))

    def _moment(self, offset: int) -> datetime:
        return datetime.combine(self._day(offset), _HOUR_OF_ENTRY)


def _registrations(numbers: Sequence[str]) -> str:
    listed = element("AccessionNumberList", "".join(element("AccessionNumber", number) for number in numbers))
    bank = element("DataBank", element("DataBankName", "ClinicalTrials.gov") + listed) if numbers else ""
    return element("DataBankList", bank, CompleteYN="Y")
