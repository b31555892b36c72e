"""What config.yaml says of PubMed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from harvester.config.settings import SourceSettings, check_http_url


class PubmedSettings(SourceSettings):
    """How PubMed is asked."""

    query: str
    """The search, in PubMed's own syntax, without dates."""
    journals: tuple[str, ...] = ()
    """Journals of which every paper that names one of the vocabulary's compounds is wanted, too; titles as PubMed's
    [Journal] knows them."""
    api_key_env: str = "NCBI_API_KEY"
    """The environment variable that holds NCBI's key."""
    api_key_file: Path | None = None
    """A file that holds it, instead."""
    base_url: str = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
    """Where the E-utilities are."""
    first_days: Annotated[int, Field(ge=1, le=36500)] = 30
    """How far back the first run looks, in days."""
    overlap_days: Annotated[int, Field(ge=0, le=365)] = 14
    """How far each later run looks behind the last, in days."""
    required: bool = True
    """Whether a run without it has failed (exit code 69)."""

    @field_validator("query")
    @classmethod
    def _has_words(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the query is empty")
        return value.strip()

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return check_http_url(value).rstrip("/") + "/"
