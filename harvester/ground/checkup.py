"""What `harvester check` found of one thing that it looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from harvester.ground.errors import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str  # "settings", "PubMed", "feed JAMA Psychiatry", "mail", …
    verdict: Literal["ok", "warning", "failed"]
    told: str  # what was found, and what to do about it
    code: ExitCode = ExitCode.DONE  # what a run would exit with because of it

    def as_dict(self) -> dict[str, str | int]:
        """Return the finding as JSON has it."""
        return {**asdict(self), "code": int(self.code)}
