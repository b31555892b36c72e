"""PubMed's two forms of one record: what both say is read alike."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from harvester.paper.records import Record
from harvester.sources.imports import parse_import

# Only one of the forms has these: markup and the numbers of headings stand in XML, and the ISSNs of all media in nbib.
_OF_ONE_FORM = {"title_markup", "issns"}

ARTICLE_XML = """<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>99000401</PMID>
<DateRevised><Year>2026</Year><Month>11</Month><Day>10</Day></DateRevised>
<Article><Journal><ISSN IssnType="Electronic">1234-5679</ISSN><JournalIssue><Volume>7</Volume><Issue>2</Issue>
<PubDate><Year>2026</Year><Month>Nov</Month></PubDate></JournalIssue><Title>Invented journal of samples</Title>
<ISOAbbreviation>Inv J Sampl</ISOAbbreviation></Journal>
<ArticleTitle>{title}</ArticleTitle>{pages}
<ELocationID EIdType="doi">10.5555/inv.401</ELocationID>
<Abstract><AbstractText Label="AIMS">To invent.</AbstractText><AbstractText Label="RESULTS">It held in 12
people.</AbstractText></Abstract>
<AuthorList CompleteYN="Y">
<Author><LastName>Sample</LastName><ForeName>Anna Bo</ForeName><Initials>AB</Initials>
<Identifier Source="ORCID">https://orcid.org/0000-0001-2345-678X</Identifier>
<AffiliationInfo><Affiliation>Invented University, Basel.</Affiliation></AffiliationInfo>
<AffiliationInfo><Affiliation>Notional Clinic.</Affiliation></AffiliationInfo></Author>
<Author><CollectiveName>Invented Study Group</CollectiveName></Author>
<Author><LastName>van der Muster</LastName><ForeName>Carl</ForeName><Initials>C</Initials><Suffix>Jr</Suffix></Author>
<Author><LastName>Wang</LastName><ForeName>Y</ForeName><Initials>Y</Initials></Author>
<Author><LastName>Wang</LastName><ForeName>Y</ForeName><Initials>Y</Initials></Author></AuthorList>
<Language>fre</Language>
<DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>
<AccessionNumber>NCT01234567</AccessionNumber></AccessionNumberList></DataBank></DataBankList>
<PublicationTypeList><PublicationType>Journal Article</PublicationType>
<PublicationType>Retracted Publication</PublicationType></PublicationTypeList>
<VernacularTitle>Un échantillon inventé.</VernacularTitle>
<ArticleDate DateType="Electronic"><Year>2026</Year><Month>11</Month><Day>03</Day></ArticleDate></Article>
<MedlineJournalInfo><MedlineTA>Inv J Sampl</MedlineTA></MedlineJournalInfo>
<ChemicalList><Chemical><RegistryNumber>690G0D6V8H</RegistryNumber><NameOfSubstance>Ketamine</NameOfSubstance>
</Chemical></ChemicalList>
<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>Other J. 2026;1:9</RefSource>
<PMID>99000499</PMID></CommentsCorrections></CommentsCorrectionsList>
<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="N">Depression</DescriptorName>
<QualifierName MajorTopicYN="Y">drug therapy</QualifierName></MeshHeading></MeshHeadingList>
<KeywordList><Keyword>mood</Keyword></KeywordList></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>2026</Year><Month>11</Month><Day>4</Day></PubMedPubDate>
<PubMedPubDate PubStatus="pubmed"><Year>2026</Year><Month>11</Month><Day>5</Day></PubMedPubDate></History>
<PublicationStatus>ppublish</PublicationStatus><ArticleIdList><ArticleId IdType="pmc">PMC9900401</ArticleId>
</ArticleIdList></PubmedData></PubmedArticle></PubmedArticleSet>"""

ARTICLE_NBIB = """PMID- 99000401
OWN - NLM
STAT- MEDLINE
LR  - 20261110
IS  - 1234-5679 (Electronic)
VI  - 7
IP  - 2
DP  - 2026 Nov
TI  - {title}
{pages}LID - 10.5555/inv.401 [doi]
AB  - AIMS: To invent. RESULTS: It held in 12
      people.
FAU - Sample, Anna Bo
AU  - Sample AB
AUID- ORCID: 0000-0001-2345-678X
AD  - Invented University, Basel.
AD  - Notional Clinic.
CN  - Invented Study Group
FAU - van der Muster, Carl Jr
AU  - van der Muster C Jr
FAU - Wang, Y
AU  - Wang Y
FAU - Wang, Y
AU  - Wang Y
LA  - fre
SI  - ClinicalTrials.gov/NCT01234567
PT  - Journal Article
PT  - Retracted Publication
TT  - Un échantillon inventé.
DEP - 20261103
TA  - Inv J Sampl
JT  - Invented journal of samples
RN  - 690G0D6V8H (Ketamine)
RIN - Other J. 2026;1:9. PMID: 99000499
MH  - Depression/*drug therapy
OT  - mood
CRDT- 2026/11/04 06:00
EDAT- 2026/11/05 06:00
PMC - PMC9900401
PST - ppublish
"""

BOOK_XML = """<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID>99000402</PMID>
<Book><Publisher><PublisherName>Invented Press</PublisherName></Publisher><BookTitle>The invented handbook</BookTitle>
<PubDate><Year>2026</Year></PubDate></Book>{chapter}<Language>eng</Language>
<AuthorList Type="authors"><Author><LastName>Sample</LastName><ForeName>Anna</ForeName><Initials>A</Initials></Author>
</AuthorList><PublicationType>Review</PublicationType></BookDocument></PubmedBookArticle></PubmedArticleSet>"""

BOOK_NBIB = """PMID- 99000402
OWN - NLM
PB  - Invented Press
DP  - 2026
{chapter}BTI - The invented handbook
FAU - Sample, Anna
AU  - Sample A
LA  - eng
PT  - Review
"""


def differences(xml: str, nbib: str) -> dict[str, tuple[object, object]]:
    """Return the fields that the two forms of a record do not say alike."""
    (one,) = parse_import(xml.encode(), filename="a.xml")
    (other,) = parse_import(nbib.encode(), filename="a.nbib")
    assert isinstance(one, Record)
    assert isinstance(other, Record)
    # nbib prints neither NLM's number of a heading nor its category of a part of the abstract.
    one = replace(
        one,
        mesh_terms=tuple(replace(term, ui=None) for term in one.mesh_terms),
        abstract=tuple(replace(part, category=None) for part in one.abstract),
    )
    other = replace(other, abstract=tuple(replace(part, category=None) for part in other.abstract))
    names = {field.name for field in fields(Record)} - _OF_ONE_FORM
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in sorted(names)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@pytest.mark.parametrize("title", ["[An invented sample].", "[Not Available].", "An invented sample: results."])
@pytest.mark.parametrize(
    ("in_xml", "in_nbib"),
    [
        ("<Pagination><MedlinePgn>211-9</MedlinePgn></Pagination>", "PG  - 211-9\n"),
        ('<ELocationID EIdType="pii">e401</ELocationID>', "LID - e401 [pii]\n"),
        ('<ELocationID EIdType="pii">S0140-6736(26)00001-2</ELocationID>', "LID - S0140-6736(26)00001-2 [pii]\n"),
        ("", ""),
    ],
    ids=["pages", "number", "pii", "none"],
)
def test_both_forms_of_an_article_say_the_same(title: str, in_xml: str, in_nbib: str) -> None:
    xml = ARTICLE_XML.format(title=title, pages=in_xml)
    assert differences(xml, ARTICLE_NBIB.format(title=title, pages=in_nbib)) == {}


@pytest.mark.parametrize(
    ("in_xml", "in_nbib"),
    [("<ArticleTitle>An invented chapter</ArticleTitle>", "TI  - An invented chapter\n"), ("", "")],
    ids=["chapter", "book"],
)
def test_both_forms_of_a_book_say_the_same(in_xml: str, in_nbib: str) -> None:
    assert differences(BOOK_XML.format(chapter=in_xml), BOOK_NBIB.format(chapter=in_nbib)) == {}


@pytest.mark.parametrize("stated", ["[Not Available].", "[Not Available]", "[not available].", "Not available."])
@pytest.mark.parametrize("form", ["xml", "nbib"])
def test_a_title_that_is_not_available_is_the_vernacular_one(form: str, stated: str) -> None:
    template = ARTICLE_XML if form == "xml" else ARTICLE_NBIB
    (found,) = parse_import(template.format(title=stated, pages="").encode(), filename="a")
    assert isinstance(found, Record)
    assert (found.title, found.vernacular_title) == ("Un échantillon inventé.", "Un échantillon inventé.")
    without = template.replace("<VernacularTitle>Un échantillon inventé.</VernacularTitle>", "").replace(
        "TT  -", "XX  -"
    )
    (bare,) = parse_import(without.format(title=stated, pages="").encode(), filename="a")
    assert isinstance(bare, Record)
    assert bare.title is None
