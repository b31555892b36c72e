"""What config.yaml says of a feed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_serializer, field_validator, model_validator

from harvester.config.settings import SourceSettings, check_http_url
from harvester.ground.secrets import mask_secrets


class FeedSettings(SourceSettings):
    """One RSS or Atom feed."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    """The feed's name, in the receipt and in the column `sources`."""
    url: str | None = None
    """Its http(s) address."""
    url_env: str | None = None
    """In the place of `url`: the environment variable that holds the address, where that is a secret; of the address
    only the host is printed or stored."""
    url_file: Path | None = None
    """In the place of `url`: a file that holds the address, likewise."""
    required: bool = False
    """Whether a run without it has failed (exit code 69)."""

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        return None if value is None else check_http_url(value)

    @model_validator(mode="after")
    def _has_one_address(self) -> FeedSettings:
        if [self.url, self.url_env, self.url_file].count(None) != 2:
            raise ValueError("give either url, or url_env with the name of the variable that holds it, or url_file")
        return self

    @field_serializer("url")
    def _masked(self, value: str | None) -> str | None:
        # The ledger keeps the settings of each edition.
        return None if value is None else mask_secrets(value)
