"""DOIs, numbers and the addresses they lead to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.paper.identifiers import (
    address_doi,
    doi_url,
    find_issns,
    normalise_doi,
    normalise_pmcid,
    normalise_pmid,
    page_doi,
    page_pmid,
    read_doi,
    safe_url,
)
from harvester.paper.preprints import doi_family
from harvester.paper.records import Citation, Identifiers

SICI = "10.1002/(sici)1097-0258(19970515)16:9<965::aid-sim509>3.0.co;2-o"


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("DOI: HTTPS://DOI.ORG/10.5555/INV.C22.", "10.5555/inv.c22"),
        ("https://j.example/doi/10.5555%2Finv.c22b", "10.5555/inv.c22b"),
        ("doi:10.5555/inv.c22c\u200b", "10.5555/inv.c22c"),
        ("https://doi.org/10.5555%252Finv", "10.5555/inv"),
        ("10.5555/a&amp;b", "10.5555/a&b"),
        ("(see 10.1016/S0140-6736(26)00001-2)", "10.1016/s0140-6736(26)00001-2"),
        ("“10.5555/inv”", "10.5555/inv"),
        (f"in {SICI}.", SICI),
        (SICI.replace("<", "%3C").replace(">", "%3E"), SICI),
        (SICI.replace("<", "&lt;").replace(">", "&gt;"), SICI),
        # After 2000 without the word SICI, and the American Meteorological Society's without a check character.
        (
            "10.1002/1521-3773(20010316)40:6<9823::AID-ANIE9823>3.3.CO;2-C",
            "10.1002/1521-3773(20010316)40:6<9823::aid-anie9823>3.3.co;2-c",
        ),
        (
            "10.1175/1520-0493(2001)129<0001:AIOTS>2.0.CO;2</a>",
            "10.1175/1520-0493(2001)129<0001:aiots>2.0.co;2",
        ),
        (
            "10.1641/0006-3568(2000)050[0053:ATEOIB]2.3.CO;2",
            "10.1641/0006-3568(2000)050[0053:ateoib]2.3.co;2",
        ),
        # bioRxiv's versions share a DOI; Research Square's do not.
        ("10.1101/2026.11.05.26000001v2", "10.1101/2026.11.05.26000001"),
        ("10.21203/rs.3.rs-1/v2", "10.21203/rs.3.rs-1/v2"),
        ("10.5555/", None),
        ("10.5555", None),
        ("10.5555/%" + "25" * 9 + "41", None),
        ("", None),
        (None, None),
    ],
)
def test_the_doi_in_a_text(text: str | None, doi: str | None) -> None:
    assert normalise_doi(text) == doi


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        (SICI, SICI),
        (SICI.replace("<", " <").replace(">", "> "), SICI),
        ("10.1002/(SICI)1097<965", "10.1002/(sici)1097<965"),
        ("10.5555/a<br>", "10.5555/a"),
        ("doi:10.5555/a", "10.5555/a"),
        ("none < 1", None),
        (None, None),
    ],
)
def test_the_doi_of_a_field(text: str | None, doi: str | None) -> None:
    assert read_doi(text) == doi


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://www.example.org/content/10.1101/2026.11.05.1v2.full.pdf", "10.1101/2026.11.05.1"),
        ("https://example.org/doi/abs/10.5555/a.5/full/html?af=R", "10.5555/a.5"),
        ("10.5555/a?source=x", "10.5555/a"),
        ("10.5555/a#1", "10.5555/a#1"),
        ("https://example.org/10.5555/a#1", "10.5555/a"),
        ("https://example.org/a", None),
        (None, None),
    ],
)
def test_the_doi_of_a_page(text: str | None, doi: str | None) -> None:
    assert page_doi(text) == doi


@pytest.mark.parametrize(
    ("text", "pmid"),
    [
        ("https://www.ncbi.nlm.nih.gov/pubmed/39000001", "39000001"),
        ("http://europepmc.org/abstract/MED/39000921", "39000921"),
        ("https://europepmc.org/article/PPR/PPR39000921", None),
        ("39000001", None),
        (None, None),
    ],
)
def test_the_pmid_of_a_page(text: str | None, pmid: str | None) -> None:
    assert page_pmid(text) == pmid


def test_issns_are_found_wherever_they_stand() -> None:
    assert find_issns(["1234-567x (print), 2345-6789", "urn:issn:12345678", "1234-567X", "123-4567"]) == (
        "1234-567X",
        "2345-6789",
        "1234-5678",
    )


@pytest.mark.parametrize(
    ("citation", "url"),
    [
        (Citation(url="https://example.org/a", identifiers=Identifiers(doi="10.5555/a")), "https://example.org/a"),
        (
            Citation(identifiers=Identifiers(doi="10.5555/ab#;%3c")),
            "https://doi.org/10.5555/ab%23;%253c",
        ),
        (Citation(identifiers=Identifiers(pmid="7")), "https://pubmed.ncbi.nlm.nih.gov/7/"),
        (Citation(), None),
    ],
)
def test_where_a_paper_is_found(citation: Citation, url: str | None) -> None:
    assert citation.page_url == url


PIECES = (
    *("10.1000/", "10.1101/2026.11.05.26000001", "10.64898/", "10.48550/arxiv.2301.12345", "osf.io/abcde", "v2", "/v1"),
    *("(sici)1097-0258(19970515)16:9", "<965::aid>", "3.0.co;2-o", "%3C", "%25", "3c", "&lt;", "&amp;", "lt;"),
    *("https://doi.org/", "doi:", " ", ".", ",", "(", ")", "[", "]", "#", "?", "’", "É", "İ", "\u200b"),
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8"), max_size=12).map("".join)


@given(TEXTS | TEXTS.map("10.1000/x".__add__))
def test_a_normalised_doi_stays_and_its_address_reads_back(text: str) -> None:
    doi = normalise_doi(text)
    if doi is not None:
        assert Identifiers(doi=doi).doi == normalise_doi(doi) == read_doi(doi) == normalise_doi(doi_url(doi))
        assert safe_url(doi_url(doi)) == doi_url(doi)
        assert doi_family(doi_family(doi)) == doi_family(doi)


@given(TEXTS)
def test_normalising_numbers_twice_changes_nothing(text: str) -> None:
    for normalise in (normalise_pmid, normalise_pmcid):
        found = normalise(text)
        assert found is None or normalise(found) == found


@pytest.mark.parametrize(
    ("address", "doi"),
    [
        ("https://www.nature.com/articles/s41386-025-01234-5?error=cookies", "10.1038/s41386-025-01234-5"),
        ("https://www.nature.com/articles/npp201512.pdf", "10.1038/npp201512"),
        ("https://www.nature.com/articles/d41586-025-00001-2", "10.1038/d41586-025-00001-2"),
        ("https://www.nature.com/subjects/depression", None),
        ("https://journals.example.org/one/article?id=10.1371/journal.pone.0301234", "10.1371/journal.pone.0301234"),
        ("https://example.org/a?type=x&id=10.5555%2Fa1&b=2", "10.5555/a1"),
        ("https://example.org/a?id=55", None),
        ("DOI: HTTPS://DX.DOI.ORG/10.5555/Inv&#x2E;A1.", "10.5555/inv.a1"),
        ("info:doi/10.5555/inv.a2", "10.5555/inv.a2"),
        ("10.5555/inv\u200b.a3\u00ad", "10.5555/inv.a3"),
        ("https://example.org/doi/10.5555%252Finv.a4", "10.5555/inv.a4"),
    ],
)
def test_a_page_or_an_identifier_names_its_doi(address: str, doi: str | None) -> None:
    assert address_doi(address) == doi


@pytest.mark.parametrize(
    "address",
    [
        "https://europepmc.org/abstract/MED/39000921",
        "https://europepmc.org/article/med/39000921?src=rss",
        "http://europepmc.org/articles/MED/39000921",
        "https://www.ncbi.nlm.nih.gov/entrez/query.fcgi?cmd=Retrieve&db=PubMed&list_uids=39000921&dopt=Abstract",
    ],
)
def test_a_page_names_its_pmid(address: str) -> None:
    assert page_pmid(address) == "39000921"
