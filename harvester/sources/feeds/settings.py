"""What config.yaml says of a feed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from harvester.config.settings import SourceSettings, check_http_url


class FeedSettings(SourceSettings):
    """One RSS or Atom feed."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    """The feed's name, in the receipt and in the column `sources`."""
    url: str
    """Its http(s) address."""
    required: bool = False
    """Whether a run without it has failed (exit code 69)."""

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return check_http_url(value)
