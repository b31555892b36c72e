"""What an export format is: what it is called, and how it writes studies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harvester.paper.records import Study

# What no text file should hold and no XML may: control characters but tab and line ends, surrogates, noncharacters.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file of studies."""

    content: bytes
    warnings: tuple[str, ...] = ()  # what the format could not hold, for whoever asked


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """A format in which each study is a piece of text, whatever else is exported; the pieces stand in a frame."""

    name: str  # as the command takes it
    label: str  # as a button says it
    suffix: str  # of a file's name
    media_type: str
    print_study: Callable[[Study], str]
    head: str = ""
    between: str = ""
    tail: str = ""
    is_on_page: bool = False  # whether an edition's page offers it

    def piece(self, study: Study) -> str:
        """Return what the format says of one study."""
        return _UNPRINTABLE.sub(" ", self.print_study(study))

    def text(self, studies: Iterable[Study]) -> str:
        """Return studies as text, in the order given; of no studies the frame."""
        return self.head + self.between.join(map(self.piece, studies)) + self.tail

    def write(self, studies: Iterable[Study]) -> Written:
        """Return studies as a file, UTF-8."""
        return Written(content=self.text(studies).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """A format whose file is made as a whole."""

    name: str
    suffix: str
    media_type: str
    write: Callable[[Iterable[Study]], Written]


Format = TextFormat | FileFormat
