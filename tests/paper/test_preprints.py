"""Which works are preprints, and which DOIs are one work."""

from __future__ import annotations

import pytest

from harvester.paper.identifiers import address_doi
from harvester.paper.preprints import (
    SERVERS,
    doi_family,
    is_preprint_doi,
    is_preprint_server,
    looks_like_preprint,
    preprint_server,
    says_preprint,
)
from harvester.paper.records import Citation, Identifiers
from harvester.paper.statuses import derive_status

# One of each server, its name, and its DOI without version; the forms are Crossref's, the numbers invented.
PREPRINTS = {
    "10.1101/19008045": ("medRxiv", "10.1101/19008045"),
    "10.1101/2025.10.14.25337964v2": ("medRxiv", "10.1101/2025.10.14.25337964"),
    "10.64898/2026.05.11.26352943": ("medRxiv", "10.64898/2026.05.11.26352943"),
    "10.1101/270413": ("bioRxiv", "10.1101/270413"),
    "10.1101/2024.12.02.626299 v1": ("bioRxiv", "10.1101/2024.12.02.626299"),
    "10.64898/2026.05.04.722036v3": ("bioRxiv", "10.64898/2026.05.04.722036"),
    "10.64898/another-form.v2": ("openRxiv", "10.64898/another-form"),
    "10.48550/arxiv.2401.00001v2": ("arXiv", "10.48550/arxiv.2401.00001"),
    "10.48550/arxiv.q-bio/0301001": ("arXiv", "10.48550/arxiv.q-bio/0301001"),
    "10.21203/rs.3.rs-1000001/v1": ("Research Square", "10.21203/rs.3.rs-1000001"),
    "10.21203/rs.2.18850/v1": ("Research Square", "10.21203/rs.2.18850"),
    "10.20944/preprints202511.0001.v2": ("Preprints.org", "10.20944/preprints202511.0001"),
    "10.2139/ssrn.5186959": ("SSRN", "10.2139/ssrn.5186959"),
    "10.31219/osf.io/4k26r_v11": ("OSF Preprints", "10.31219/osf.io/4k26r"),
    "10.31234/osf.io/hq8sd_v1": ("PsyArXiv", "10.31234/osf.io/hq8sd"),
    "10.31235/osf.io/ny6h2": ("SocArXiv", "10.31235/osf.io/ny6h2"),
    "10.31222/osf.io/bdmte_v1": ("MetaArXiv", "10.31222/osf.io/bdmte"),
    "10.31730/osf.io/jak43": ("AfricArXiv", "10.31730/osf.io/jak43"),
    "10.35542/osf.io/dqw5h": ("EdArXiv", "10.35542/osf.io/dqw5h"),
    "10.1149/osf.io/mgujh_v1": ("OSF Preprints", "10.1149/osf.io/mgujh"),  # of a society, beside its journals
    "10.51224/srxiv.537": ("SportRxiv", "10.51224/srxiv.537"),
    "10.32942/x2hp4p": ("EcoEvoRxiv", "10.32942/x2hp4p"),
    "10.26434/chemrxiv-2022-w0jzh-v2": ("ChemRxiv", "10.26434/chemrxiv-2022-w0jzh"),
    "10.26434/chemrxiv.8326202.v1": ("ChemRxiv", "10.26434/chemrxiv.8326202"),
    "10.26434/chemrxiv.15005231/v1": ("ChemRxiv", "10.26434/chemrxiv.15005231"),
    "10.26434/chemrxiv-2024-abcv3": ("ChemRxiv", "10.26434/chemrxiv-2024-abcv3"),
    "10.33774/chemrxiv-2021-g285c-v2": ("ChemRxiv", "10.33774/chemrxiv-2021-g285c"),
    "10.33774/coe-2024-47ld9-v4": ("Cambridge Open Engage", "10.33774/coe-2024-47ld9"),
    "10.36227/techrxiv.15102072.v2": ("TechRxiv", "10.36227/techrxiv.15102072"),
    "10.22541/au.176463688.83698999/v1": ("Authorea", "10.22541/au.176463688.83698999"),
    "10.1590/scielopreprints.11371": ("SciELO Preprints", "10.1590/scielopreprints.11371"),
    "10.2196/preprints.96189": ("JMIR Preprints", "10.2196/preprints.96189"),
    "10.7287/peerj.preprints.27428v1": ("PeerJ Preprints", "10.7287/peerj.preprints.27428"),
    "10.14293/s2199-1006.1.sor-.ppa7be8.v1": ("ScienceOpen Preprints", "10.14293/s2199-1006.1.sor-.ppa7be8"),
    "10.14293/pr2199.000907.v1": ("ScienceOpen Preprints", "10.14293/pr2199.000907"),
    "10.32388/puo5ck.2": ("Qeios", "10.32388/puo5ck"),
    "10.12688/verixiv.54.1": ("VeriXiv", "10.12688/verixiv.54"),
    "10.12074/202310.03413v1": ("ChinaXiv", "10.12074/202310.03413"),
    "10.1038/npre.2010.4282.1": ("Nature Precedings", "10.1038/npre.2010.4282"),
}
# What shares a prefix with preprints, or looks as if it had a version.
OTHERS = {
    "10.1101/gr.279093.124": "10.1101/gr.279093.124",
    "10.1101/087969771.59.1": "10.1101/087969771.59.1",
    "10.2196/22081": "10.2196/22081",
    "10.1590/1806-9983e710401": "10.1590/1806-9983e710401",
    "10.1038/s41380-026-00001-1": "10.1038/s41380-026-00001-1",
    "10.14293/s2199-1006.1.sor-socsci.acke0y.v1": "10.14293/s2199-1006.1.sor-socsci.acke0y.v1",
    "10.5281/zenodo.18145874": "10.5281/zenodo.18145874",
    "10.17605/osf.io/ym5jd": "10.17605/osf.io/ym5jd",
    "10.31237/osf.io/ym5jd": "10.31237/osf.io/ym5jd",
    "10.1000/x.v2": "10.1000/x.v2",
    # Articles: read as what they are, but the versions of one are one.
    "10.12688/f1000research.161261.2": "10.12688/f1000research.161261",
    "10.12688/wellcomeopenres.18006.2": "10.12688/wellcomeopenres.18006",
    "10.3310/nihropenres.13837.1": "10.3310/nihropenres.13837",
}


@pytest.mark.parametrize("doi", PREPRINTS)
def test_a_preprint_is_known_by_its_doi(doi: str) -> None:
    name, family = PREPRINTS[doi]
    assert (preprint_server(doi), doi_family(doi), doi_family(family)) == (name, family, family)


@pytest.mark.parametrize("doi", OTHERS)
def test_a_prefix_that_holds_journals_too_proves_nothing(doi: str) -> None:
    assert (is_preprint_doi(doi), doi_family(doi)) == (False, OTHERS[doi])


def test_of_what_a_source_calls_a_preprint_any_version_is_one() -> None:
    dois = [f"10.5555/server.7{version}" for version in ("", "/v1", ".v2", "_v3", "-v4", "v5")]
    assert {doi_family(doi, is_preprint=True) for doi in dois} == {"10.5555/server.7"}
    assert doi_family("10.5555/curv3", is_preprint=True) == "10.5555/curv3"


@pytest.mark.parametrize(
    ("journal", "is_server"),
    [
        ("bioRxiv : the preprint server for biology", True),
        ("Research square", True),
        ("SSRN Electronic Journal", True),
        ("JMIR Preprints", True),
        ("NewCommunityRxiv", True),
        ("OSF", True),
        ("Molecular Psychiatry", False),
        ("F1000Research", False),
        ("Advances in Therapy", False),
        (None, False),
    ],
)
def test_a_server_in_the_place_of_a_journal(journal: str | None, is_server: bool) -> None:
    assert is_preprint_server(journal) is looks_like_preprint(None, journal) is is_server


def test_every_server_is_known_by_its_name() -> None:
    assert [server.name for server in SERVERS if is_preprint_server(server.name) is server.is_reviewed] == []


@pytest.mark.parametrize("word", ["preprint", "Posted Content", "posted-content", "PPR", "UNPB"])
def test_the_sources_own_word(word: str) -> None:
    assert says_preprint(word)


def test_a_preprint_that_no_source_calls_one_has_the_status_of_one() -> None:
    told = Citation(publication_types=("Preprint",), identifiers=Identifiers(doi="10.5281/zenodo.1"))
    untold = Citation(identifiers=Identifiers(doi="10.26434/chemrxiv-2026-abcde"))
    article = Citation(identifiers=Identifiers(doi="10.12688/f1000research.1.1"))
    assert [derive_status(work) for work in (told, untold, article)] == ["preprint", "preprint", "published"]


@pytest.mark.parametrize(
    ("address", "doi"),
    [
        ("http://biorxiv.org/cgi/content/short/2025.06.01.123456v1?rss=1", "10.1101/2025.06.01.123456"),
        ("https://www.biorxiv.org/content/early/2019/01/31/537647", "10.1101/537647"),
        ("https://www.medrxiv.org/content/early/2025/06/01/2025.06.01.25328000.full", "10.1101/2025.06.01.25328000"),
        ("http://medrxiv.org/cgi/content/short/2026.01.02.26343210v1?rss=1", "10.64898/2026.01.02.26343210"),
        ("http://medrxiv.org/cgi/content/short/2025.12.02.25343210v1?rss=1", None),  # either prefix may be
        ("https://www.biorxiv.org/collection/123456", None),
        ("https://psyarxiv.com/hq8sd/", "10.31234/osf.io/hq8sd"),
        ("https://psyarxiv.com/hq8sd_v2", "10.31234/osf.io/hq8sd_v2"),
        ("https://osf.io/preprints/psyarxiv/hq8sd_v1/", "10.31234/osf.io/hq8sd_v1"),
        ("https://osf.io/preprints/socarxiv/x3k", "10.31235/osf.io/x3k"),
        ("https://osf.io/preprints/osf/x3k7p", "10.31219/osf.io/x3k7p"),
        ("https://psyarxiv.com/about", None),
        ("https://osf.io/hq8sd", None),  # a project, as likely as not
        ("https://arxiv.org/abs/2511.00832v2", "10.48550/arxiv.2511.00832"),
        ("http://arxiv.org/pdf/q-bio/0301001v1", "10.48550/arxiv.q-bio/0301001"),
        ("oai:arXiv.org:2511.00832v1", "10.48550/arxiv.2511.00832"),
        ("https://papers.ssrn.com/sol3/papers.cfm?abstract_id=1234567", "10.2139/ssrn.1234567"),
        ("https://ssrn.com/abstract=1234567", "10.2139/ssrn.1234567"),
        ("https://www.researchsquare.com/article/rs-7654321/v2", "10.21203/rs.3.rs-7654321/v2"),
        ("https://www.researchsquare.com/article/rs-7654321", "10.21203/rs.3.rs-7654321/v1"),
        ("https://www.preprints.org/manuscript/202511.0123/v1", "10.20944/preprints202511.0123.v1"),
        ("https://preprints.jmir.org/preprint/12345", "10.2196/preprints.12345"),
        ("https://preprints.scielo.org/index.php/scielo/preprint/view/1234", "10.1590/scielopreprints.1234"),
        ("https://example.org/2511.00832", None),
    ],
)
def test_a_page_names_its_preprint(address: str, doi: str | None) -> None:
    assert address_doi(address) == doi
    assert doi is None or is_preprint_doi(doi)
