"""Registration numbers in all the forms in which they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.paper.registries import (
    REGISTRIES,
    collect_trial_ids,
    find_trial_ids,
    is_registry,
    is_trial_id,
    normalise_trial_id,
    trial_url,
)

# How a number is written here, its page, and other ways of writing it.
NUMBERS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "NCT01234567": (
        "https://clinicaltrials.gov/study/NCT01234567",
        ("nct01234567", "NCT 01234567", "NCT#01234567", "NCT: 01234567", "NCT-01234567", "NCT number: 01234567"),
    ),
    "ISRCTN12345678": (
        "https://www.isrctn.com/ISRCTN12345678",
        ("ISRCTN 12345678", "isrctn12345678", "ISRCTN No. 12345678"),
    ),
    "2019-001588-63": (
        "https://www.clinicaltrialsregister.eu/ctr-search/search?query=2019-001588-63",
        (
            *("EUCTR2019-001588-63-DE", "EUCTR2019-001588-63-3rd", "EudraCT2019-001588-63", "EudraCT: 2019–001588–63"),
            *("EU-CTR 2019-001588-63", "EudraCT number 2019-001588-63", "2019‑001588‑63-GB"),
        ),
    ),
    "2024-510663-34-00": (
        "https://euclinicaltrials.eu/search-for-clinical-trials/?lang=en&EUCT=2024-510663-34-00",
        ("CTIS2024-510663-34-00", "EU CT 2024-510663-34-00", "CTIS number: 2024-510663-34-00"),
    ),
    "2024-510663-34": (
        None,
        (),
    ),
    "DRKS00012345": (
        "https://drks.de/search/en/trial/DRKS00012345",
        ("DRKS 00012345", "DRKS-00012345", "DRKS ID 00012345", "drks00012345"),
    ),
    "ACTRN12605000057684": (
        "https://www.anzctr.org.au/ACTRN12605000057684.aspx",
        ("ACTRN 12605000057684", "ACTRN012605000057684", "ANZCTR 12605000057684", "ANZCTRN 12605000057684"),
    ),
    "ACTRN12605000057684p": ("https://www.anzctr.org.au/ACTRN12605000057684p.aspx", ("ACTRN12605000057684P",)),
    "ChiCTR2000012345": (
        "https://trialsearch.who.int/Trial2.aspx?TrialID=ChiCTR2000012345",
        ("CHICTR2000012345", "ChiCTR-2000012345", "ChiCTR 2000012345", "ChiCTR ID: 2000012345"),
    ),
    "ChiCTR-TRC-12345678": (
        "https://trialsearch.who.int/Trial2.aspx?TrialID=ChiCTR-TRC-12345678",
        ("CHICTR-TRC-12345678", "chictr-trc-12345678", "ChiCTR‐TRC‐12345678", "ChiCTR-TRC 12345678"),
    ),
    "ITMCTR2000003456": ("https://trialsearch.who.int/Trial2.aspx?TrialID=ITMCTR2000003456", ("ITMCTR 2000003456",)),
    "UMIN000012345": (
        "https://trialsearch.who.int/Trial2.aspx?TrialID=JPRN-UMIN000012345",
        ("JPRN-UMIN000012345", "UMIN 000012345", "UMIN: 000012345", "UMIN-CTR 000012345", "umin000012345"),
    ),
    "jRCTs031180248": (
        "https://jrct.mhlw.go.jp/en-latest-detail/jRCTs031180248",
        ("JPRN-jRCTs031180248", "JRCTS031180248", "jRCT s031180248"),
    ),
    "jRCT2031200123": ("https://jrct.mhlw.go.jp/en-latest-detail/jRCT2031200123", ("jRCT 2031200123",)),
    "JapicCTI-142447": (
        "https://trialsearch.who.int/Trial2.aspx?TrialID=JPRN-JapicCTI-142447",
        ("JPRN-JapicCTI-142447", "JapicCTI142447", "Japic CTI-142447", "JAPICCTI-142447"),
    ),
    "JMA-IIA00123": ("https://trialsearch.who.int/Trial2.aspx?TrialID=JPRN-JMA-IIA00123", ("JPRN-JMA-IIA00123",)),
    "CTRI/2009/091/000051": (
        "https://trialsearch.who.int/Trial2.aspx?TrialID=CTRI%2F2009%2F091%2F000051",
        ("CTRI / 2009 / 091 / 000051", "ctri/2009/091/000051", "CTRI-2009-091-000051"),
    ),
    "KCT0001234": ("https://trialsearch.who.int/Trial2.aspx?TrialID=KCT0001234", ("KCT 0001234", "kct0001234")),
    "IRCT20190101012345N1": (
        "https://trialsearch.who.int/Trial2.aspx?TrialID=IRCT20190101012345N1",
        ("IRCT 20190101012345N1", "irct20190101012345n1"),
    ),
    "NTR1234": (None, ("NTR 1234", "NTR-1234", "NTR: 1234")),
    "NL8496": (None, ()),
    "NL-OMON57760": ("https://onderzoekmetmensen.nl/en/trial/57760", ("NL-OMON 57760",)),
    "PACTR201901012345678": (
        "https://trialsearch.who.int/Trial2.aspx?TrialID=PACTR201901012345678",
        ("PACTR 201901012345678",),
    ),
    "RBR-6gdyvz": ("https://ensaiosclinicos.gov.br/rg/RBR-6gdyvz", ("RBR-6GDYVZ", "RBR 6gdyvz")),
    "TCTR20190101012": ("https://www.thaiclinicaltrials.org/show/TCTR20190101012", ("TCTR 20190101012",)),
    "SLCTR/2018/002": (
        "https://trialsearch.who.int/Trial2.aspx?TrialID=SLCTR%2F2018%2F002",
        ("SLCTR / 2018 / 002", "slctr/2018/002"),
    ),
    "RPCEC00000139": ("https://rpcec.sld.cu/en/trials/RPCEC00000139-En", ("RPCEC 00000139",)),
    "LBCTR2019070214": ("https://trialsearch.who.int/Trial2.aspx?TrialID=LBCTR2019070214", ("LBCTR 2019070214",)),
    "PER-024-15": ("https://trialsearch.who.int/Trial2.aspx?TrialID=PER-024-15", ()),
    "CRD42019012345": (
        "https://www.crd.york.ac.uk/PROSPERO/view/CRD42019012345",
        ("CRD 42019012345", "PROSPERO: crd42019012345"),
    ),
    "CRD420251044665": ("https://www.crd.york.ac.uk/PROSPERO/view/CRD420251044665", ()),  # a digit longer since 2025
    "U1111-1131-4384": (None, ("UTN U1111-1131-4384", "UTN: 1111-1131-4384", "u1111–1131–4384")),
}
NOT_NUMBERS = (
    *("NCT0123456", "NCT012345678", "XNCT01234567", "NCT01234567X", "ISRCTN1234567", "ISCRTN12345678"),
    *("2019-004822-1", "12-2019-004822-12", "2019-004822-12-345", "10.1186/2019-004822-12"),
    *("DRKS0001234", "ACTRN1260500005768", "CRD4201901234", "KCT000123", "UMIN00001234"),
    *("NL67805.068.18", "nl 1234", "the NTR of 250 mg", "NTR 250 mg", "RBR-ligases", "RBR-domain proteins"),
    *("per 100 000", "per-024-15", "PER-1234-15", "U1112-1131-4384", "function 12345678", "electron 20190101"),
)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_form_of_a_number_is_one_number_with_one_page(number: str) -> None:
    page, forms = NUMBERS[number]
    for form in (number, *forms):
        assert find_trial_ids(f"Registered ({form}), and begun.") == (number,), form
        assert normalise_trial_id(form) == number or form.startswith(("PROSPERO", "UTN"))
        assert is_trial_id(form) or form.startswith("PROSPERO"), form
    assert trial_url(number) == page


def test_every_registry_of_the_table_is_tried() -> None:
    tried = {number[:3].lower() for number in NUMBERS}
    assert {registry.letters[:3].lower() for registry in REGISTRIES if registry.letters} <= tried


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_only_looks_like_a_number(text: str) -> None:
    assert find_trial_ids(text) == ()


def test_an_underscore_ends_a_number_and_an_address_holds_one() -> None:
    text = "NCT01882777_2, https://doi.org/10.1186/ISRCTN80181452, ISRCTN (12345678), NCT01882777"
    assert find_trial_ids(text) == ("NCT01882777", "ISRCTN80181452", "ISRCTN12345678")


def test_what_a_source_lists_stays_though_no_registry_forms_it_so() -> None:
    assert collect_trial_ids(["EUCTR2019-001588-63-DE", "IRB 17"], "See NCT01234567; 2019-001588-63.") == (
        "2019-001588-63",
        "IRB 17",
        "NCT01234567",
    )
    assert collect_trial_ids([], None) == ()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("ClinicalTrials.gov", True),
        ("UMIN CTR", True),
        ("JPRN", True),
        ("ReBec", True),
        ("GENBANK", False),
        (None, False),
    ],
)
def test_data_banks_that_are_registries(name: str | None, known: bool) -> None:
    assert is_registry(name) is known


@pytest.mark.parametrize(
    ("text", "can_be"),
    [
        ("NCT0123456", False),
        ("CRD4202510446650", False),
        ("UMIN12345", False),
        ("CHICTR-12", False),
        ("2026/17-B", True),
        ("HREC-12345", True),
        ("Ketamine", False),
        ("1 2", False),
    ],
)
def test_what_can_be_a_number_to_follow(text: str, can_be: bool) -> None:
    assert is_trial_id(text) is can_be


PIECES = st.sampled_from([*NUMBERS, *NOT_NUMBERS, " ", "-", "; "]) | st.text(max_size=3)


@given(st.lists(PIECES, max_size=6).map("".join))
def test_numbers_as_written_here_are_found_again_as_they_are(text: str) -> None:
    for number in find_trial_ids(text):
        assert find_trial_ids(number) == (number,)
        assert normalise_trial_id(number) == number
        assert is_trial_id(number)
