"""Languages by whatever name."""

from __future__ import annotations

import pytest

from harvester.paper.languages import LANGUAGE_NAMES, language_code, language_name, language_tag


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" English ", "eng"),
        ("deu", "ger"),
        ("ger", "ger"),
        ("zh-CN", "chi"),
        ("nob", "nor"),
        ("scc", "srp"),
        ("mul", "mul"),
        ("xy", None),
        ("unknown", None),
        ("", None),
        (None, None),
    ],
)
def test_code_of_a_language(text: str | None, code: str | None) -> None:
    assert language_code(text) == code


def test_each_name_leads_to_a_code_and_back() -> None:
    codes = [language_code(name) for name in LANGUAGE_NAMES]
    assert tuple(language_name(code or "") for code in codes) == LANGUAGE_NAMES
    assert [language_code(language_tag(code or "")) for code in codes] == codes
