"""PubMed's query language as the embedded server evaluates it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.sandbox import Corpus, Version, build_invented
from harvester.sandbox.evaluate import QueryError, SearchResult, search
from harvester.sandbox.index import from_bits, to_bits

TODAY = date(2031, 3, 12)
# The search that the settings propose, written as people write it.
DEFAULT = """
("Ketamine"[Mesh] OR "Esketamine"[Supplementary Concept] OR ketamin*[tiab] OR esketamin*[tiab] OR "S-ketamine"[tiab])
AND
("Mental Disorders"[Mesh] OR "Suicide"[Mesh] OR "Antidepressive Agents"[Pharmacological Action]
 OR depress*[tiab] OR "self-harm"[tiab] OR "mental disorder*"[tiab] OR anxiety[tiab] OR PTSD[tiab] OR panic[tiab])
"""


def article(pmid: int, title: str, **parts: str) -> Version:
    """Write a record from a title and pieces of XML."""
    day = parts.get("day", "2031-03-01")
    created = "<Year>{}</Year><Month>{}</Month><Day>{}</Day>".format(*day.split("-"))
    authors, kind = parts.get("authors", ""), parts.get("type", "Journal Article")
    xml = (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><DateRevised>{created}</DateRevised><Article>'
        f"<Journal><ISSN>9990-0001</ISSN><JournalIssue><PubDate><Year>{day[:4]}</Year></PubDate></JournalIssue>"
        f"<Title>{parts.get('journal', 'Invented Annals')}</Title><ISOAbbreviation>Invent Ann</ISOAbbreviation>"
        f"</Journal><ArticleTitle>{title}</ArticleTitle>"
        f"<Abstract><AbstractText>{parts.get('abstract', '')}</AbstractText></Abstract>"
        f"<AuthorList>{authors}</AuthorList><Language>{parts.get('language', 'eng')}</Language>"
        f"<PublicationTypeList><PublicationType>{kind}</PublicationType></PublicationTypeList>"
        f"</Article>{parts.get('tail', '')}</MedlineCitation><PubmedData><History>"
        f'<PubMedPubDate PubStatus="entrez">{created}</PubMedPubDate>{parts.get("history", "")}</History>'
        f'<ArticleIdList><ArticleId IdType="doi">10.5555/{pmid}</ArticleId></ArticleIdList>'
        "</PubmedData></PubmedArticle>"
    )
    return Version(pmid=str(pmid), since=date.fromisoformat(day), xml=xml.encode())


def heading(*names: str) -> str:
    items = "".join(
        f'<MeshHeading><DescriptorName MajorTopicYN="{"Y" if name.endswith("*") else "N"}">'
        f"{name.strip('*')}</DescriptorName><QualifierName>drug therapy</QualifierName></MeshHeading>"
        for name in names
    )
    return f"<MeshHeadingList>{items}</MeshHeadingList>"


ENTERED = '<PubMedPubDate PubStatus="pubmed"><Year>2030</Year><Month>5</Month><Day>6</Day></PubMedPubDate>'
AUTHOR = "<Author><LastName>Mockridge</LastName><ForeName>Ada Bo</ForeName><Initials>AB</Initials></Author>"
GROUP = "<Author><CollectiveName>The Nowhere Group</CollectiveName></Author>"
CORPUS = Corpus(
    [
        article(
            11, "Ketamine in major depression", tail=heading("Ketamine*", "Depressive Disorder, Major"), authors=AUTHOR
        ),
        article(12, "Esketamine spray", abstract="People with depressive disorders and self harm.", day="2031-03-05"),
        article(
            13, "Suicide and lithium", tail=heading("Suicidal Ideation", "Lithium"), day="2031-03-06", authors=GROUP
        ),
        article(14, "A German study of mood", language="ger", type="Randomized Controlled Trial", history=ENTERED),
        article(
            15,
            "Naïve rats",
            tail="<ChemicalList><Chemical><NameOfSubstance>Esketamine</NameOfSubstance></Chemical>"
            "<Chemical><NameOfSubstance>Fluoxetine</NameOfSubstance></Chemical></ChemicalList>"
            "<KeywordList><Keyword>major</Keyword><Keyword>depression</Keyword></KeywordList>",
            journal="Other Invented Annals",
        ),
        article(16, "Ketamine next week", day="2031-03-20"),
    ]
)


def find(term: str, today: date = TODAY) -> SearchResult:
    return search(CORPUS, term, today)


def pmids(term: str, today: date = TODAY) -> list[int]:
    return sorted(int(CORPUS.index.pmids[number]) for number in find(term, today).numbers)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("ketamine[tiab]", [11]),
        ("ketamin*[tiab]", [11]),
        ("esketamine[ti] OR ketamine[ti]", [11, 12]),
        ('"major depression"[tiab]', [11]),
        ("major depression[tiab]", [11]),
        ("depression major[tiab]", [11, 15]),  # no such phrase: its words
        ('"depressive disorder*"[tiab]', [12]),
        ('"self-harm"[tiab]', [12]),
        ("naive[ti]", [15]),
        ("depression[ot]", [15]),
        ("depressive[ab]", [12]),
        ("lithium[tw]", [13]),
        ('"Ketamine"[Mesh]', [11]),
        ('"Mental Disorders"[Mesh]', [11]),
        ('"Mental Disorders"[mh:noexp]', []),
        ('"Suicide"[mh]', [13]),
        ('"ketamine"[majr]', [11]),
        ('"Depressive Disorder, Major"[majr]', []),
        ("Suicidal Ideation/drug therapy[mh]", [13]),
        ("drug therapy[sh]", [11, 13]),
        ('"Esketamine"[Supplementary Concept]', [15]),
        ("esketamine[nm]", [15]),
        ('"Antidepressive Agents"[Pharmacological Action]', [15]),
        ('"randomized controlled trial"[pt]', [14]),
        ('"Invented Annals"[jour]', [11, 12, 13, 14]),
        ('"Invent Ann"[ta]', [11, 12, 13, 14, 15]),
        ("9990-0001[ta]", [11, 12, 13, 14, 15]),
        ("Mockridge AB[au]", [11]),
        ("mockridge a[au]", [11]),
        ("mockridge[au]", [11]),
        ("Mockridge Ada Bo[fau]", [11]),
        ("The Nowhere Group[cn]", [13]),
        ("german[la]", [14]),
        ("ger[la]", [14]),
        ("hasabstract[filter]", [11, 12, 13, 14, 15]),
        ("english[filter]", [11, 12, 13, 15]),
        ("11,13[uid]", [11, 13]),
        ("12 15", [12, 15]),
        ("12:14[uid]", [12, 13, 14]),
        ("10.5555/13", [13]),
        ("10.5555/13[aid]", [13]),
        ("10.5555/1*[aid]", [11, 12, 13, 14, 15]),
        ("2031/03/05:2031/03/06[crdt]", [12, 13]),
        ('"2031/03/05"[CRDT] : "2031/03/06"[CRDT]', [12, 13]),
        ('("2031/03/05"[Date - Create] : "3000"[Date - Create])', [12, 13]),
        ("2031/03[crdt]", [11, 12, 13, 14, 15]),
        ("2031/02[crdt]", []),
        ("2031/12[crdt] OR 2031[crdt]", [11, 12, 13, 14, 15]),
        ("2030/05/06[edat]", [14]),
        ("2031/03/06[lr]", [13]),
        ("2031[dp]", [11, 12, 13, 14, 15]),
        ('"last 7 days"[crdt]', [12, 13]),
        ("2031/03/06:2031/03/06[mhda]", []),
        ("ketamine", [11]),
        ("suicidal ideation", [13]),
        ("suicide lithium", [13]),
        ("lithium and the suicide", [13]),
        ("suicide[tiab] NOT lithium[tiab]", []),
        ("NOT ketamine[tiab]", []),
        ("mood[ti] OR spray[ti] AND german[la]", [14]),  # from left to right
        ("mood[ti] OR (spray[ti] AND german[la])", [14]),
        ("spray[ti] OR mood[ti] NOT german[la]", [12]),
        ("spray[ti] OR (mood[ti] NOT german[la])", [12]),
        ("ketamine[tiab] OR zzqqxx[tiab]", [11]),
        ("ketamine[tiab] AND zzqqxx[tiab]", [11]),  # what is not found is dropped
        ("ketamine[tiab] NOT zzqqxx[tiab]", [11]),
        ('"Some Real Journal"[jour] AND ketamine[tiab]', []),
        ("(ketamine[tiab]", [11]),
        ("ketamine[tiab])", [11]),
        ("ketamine[tiab] AND", [11]),
        ("ANDROGEN[tiab] OR spray[tiab]", [12]),
    ],
)
def test_finds(term: str, expected: list[int]) -> None:
    assert pmids(term) == expected


def test_the_default_search_finds_what_it_should_and_no_term_is_unknown() -> None:
    found = find(DEFAULT)
    assert pmids(DEFAULT) == [11, 12, 15]
    assert not found.phrases_not_found
    assert not found.quoted_not_found
    assert not found.messages
    assert '"Ketamine"[MeSH Terms] OR "Esketamine"[Supplementary Concept]' in found.translation


def test_the_default_search_finds_the_invented_corpus() -> None:
    corpus = build_invented(datetime(2031, 3, 12, tzinfo=UTC))
    found = search(corpus, DEFAULT, TODAY)
    assert not found.phrases_not_found
    assert len(found.numbers) >= 0.7 * corpus.shown(TODAY).bit_count()


def test_what_is_not_there_yet_is_not_found() -> None:
    assert pmids("ketamine[tiab]", date(2031, 3, 20)) == [11, 16]
    assert pmids("ketamine[tiab]", date(2031, 2, 1)) == []


def test_newest_first() -> None:
    found = find("2031[dp]")
    assert [CORPUS.index.pmids[number] for number in found.numbers] == ["13", "12", "15", "14", "11"]


class TestWhatPubmedSays:
    def test_a_misspelt_word(self) -> None:
        found = find("ketamine[tiab] AND deppression[tiab]")
        assert found.phrases_not_found == ["deppression[tiab]"]
        assert found.translation == '"ketamine"[Title/Abstract]'

    def test_a_heading_that_does_not_exist(self) -> None:
        assert find('"Ketamin"[Mesh] OR ketamine[tiab]').phrases_not_found == ["Ketamin[Mesh]"]

    def test_a_known_word_without_hits_is_no_mistake(self) -> None:
        found = find("bulimia[tiab]")
        assert found.numbers == []
        assert not found.phrases_not_found
        assert found.messages == ["No items found."]

    def test_too_short_a_truncation(self) -> None:
        assert find("ket*[tiab]").phrases_not_found == ["ket*[tiab]"]

    def test_a_quoted_phrase_that_is_not_in_the_index(self) -> None:
        found = find('"german zzqqxx"[tiab]')
        assert found.quoted_not_found == ['"german zzqqxx"[Title/Abstract]']
        assert found.numbers == []

    def test_an_unknown_field(self) -> None:
        found = find("ketamine[nonsense]")
        assert found.fields_not_found == ["nonsense"]
        assert len(found.numbers) == 1

    def test_a_date_that_is_none(self) -> None:
        assert find("2031/13/01[crdt]").phrases_not_found == ["2031/13/01[crdt]"]
        assert find("2031:2032:2033[crdt]").phrases_not_found == ["2031:2032:2033[crdt]"]

    def test_words_it_ignores(self) -> None:
        assert find("the ketamine").ignored == ["the"]

    def test_brackets_that_do_not_match(self) -> None:
        assert "Unbalanced parentheses." in find("((ketamine[tiab])").messages

    def test_how_it_mapped_a_word(self) -> None:
        found = find("ketamine")
        assert found.translations == [("ketamine", '"ketamine"[MeSH Terms] OR "ketamine"[All Fields]')]

    @pytest.mark.parametrize("term", ["((", "AND", ")(", '""', "[tiab]"])
    def test_nothing_to_search(self, term: str) -> None:
        with pytest.raises(QueryError):
            find(term)


def test_an_earlier_search_by_its_number() -> None:
    earlier = {1: find("2031/03/05:2031/03/06[crdt]").numbers}
    found = search(CORPUS, "#1 AND spray[tiab]", TODAY, history=earlier.get)
    assert [CORPUS.index.pmids[number] for number in found.numbers] == ["12"]
    assert search(CORPUS, "#2", TODAY, history=earlier.get).numbers == []


@given(st.sets(st.integers(min_value=0, max_value=300)))
def test_sets_and_bits_are_the_same(numbers: set[int]) -> None:
    assert from_bits(to_bits(numbers)) == sorted(numbers)


@given(st.text(alphabet='()"[]:*# ANDORketamine20/31tiab', max_size=40))
def test_any_text_is_answered_or_refused(term: str) -> None:
    try:
        found = find(term)
    except QueryError:
        return
    assert set(found.numbers) <= set(range(6))
