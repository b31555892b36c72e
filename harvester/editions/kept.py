"""What an edition said, and of which studies, as the ledger keeps it beside the answers: what was sent is a fact."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harvester.library.raw import load, pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An edition as it was made."""

    edition: str  # "2026-W47"
    document: str  # JSON, as `harvester.digest.edition.dump_edition` wrote it
    told: Sequence[str]  # ids of the studies that its readers met, in its order
    passed_over: Sequence[str]  # ids of those that it looked at and left out
    named: Sequence[str]  # ids of those that no edition had shown before

    def seal(self, digest: str) -> tuple[str, str, bytes]:
        """Return the name of its file below the folder of the answers, its SHA-256, and the file.

        It is named by what it holds: what a killed run leaves is in the way of no other edition.
        """
        lists = {"told": list(self.told), "passed_over": list(self.passed_over), "named": list(self.named)}
        content = pack({"edition": self.edition, **lists}, self.document.encode())
        sha256 = hashlib.sha256(content).hexdigest()
        return f"editions/{self.edition}-{digest}-{sha256[:12]}.gz", sha256, content


def load_kept(folder: Path, name: str, *, sha256: str | None) -> Kept:
    """Read an edition's file below the folder of the answers.

    Raises
    ------
    LibraryError
        If it is missing or damaged, or not the one that the ledger means.
    """
    stored = load(folder, name, sha256=sha256)
    return Kept(document=stored.content.decode(), **stored.header)
