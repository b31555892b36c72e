"""What can go wrong, and what the program exits with when it does.

::

    HarvesterError                    70  a defect of ours, unless a subclass says otherwise
    ├── ConfigError                   78  config.yaml is wrong; lists every mistake
    ├── UsageError                     2  the command was asked something it cannot do
    ├── SourceError                   69  a source did not give what it was asked for
    │   ├── FetchError                69  no usable answer (network, status, size, time)
    │   └── ParseError                69  an answer, but not in the format it should have
    ├── LibraryError                  65  stored data is damaged; nothing was overwritten
    │   ├── SchemaError               65  the data is of a newer or unknown schema version
    │   └── LockedError               75  another run holds the library
    ├── StorageError                  75  the disk is full or a place cannot be written
    └── MailError                     75  a message could not be handed over

Libraries raise these; only `harvester.cli.commands` prints them and exits.  Each carries what it concerns and, where we
know it, what to do next.  The numbers are those of BSD's sysexits.h (65 EX_DATAERR, 69 EX_UNAVAILABLE,
70 EX_SOFTWARE, 75 EX_TEMPFAIL, 78 EX_CONFIG), which cron wrappers and systemd understand.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

_log = logging.getLogger(__name__)


class ExitCode(IntEnum):
    """What `harvester` exits with."""

    DONE = 0
    USAGE = 2
    DATA = 65
    UNAVAILABLE = 69
    DEFECT = 70
    PARTIAL = 75
    CONFIG = 78


class HarvesterError(Exception):
    """The base of everything that this program raises on purpose.

    Parameters
    ----------
    message
        One readable line: what happened, to what.
    advice
        What the person can do about it; None where we do not know.
    """

    exit_code = ExitCode.DEFECT

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        """Return the message and the advice as one line."""
        line = self.message if self.advice is None else f"{self.message}: {self.advice}"
        return " ".join(line.split())


class ConfigError(HarvesterError):
    """The settings are wrong.

    Parameters
    ----------
    mistakes
        One line each, as ``FILE:LINE: KEY: what is wrong``; at least one.
    """

    exit_code = ExitCode.CONFIG

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes

    def __str__(self) -> str:
        """Return a line for each mistake."""
        return self.message


class UsageError(HarvesterError):
    """The command was asked something it cannot do."""

    exit_code = ExitCode.USAGE


class SourceError(HarvesterError):
    """A source did not give what it was asked for.

    Parameters
    ----------
    message
        What happened.
    source
        The source's name (``pubmed``, ``feed:NAME``); None before it is known.
    advice
        What to do next.
    """

    exit_code = ExitCode.UNAVAILABLE

    def __init__(self, message: str, *, source: str | None = None, advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.source = source


class FetchError(SourceError):
    """No usable answer came.

    Parameters
    ----------
    message
        What happened, without secrets.
    source
        The source's name.
    status
        The HTTP status, None where there was none (refused, timed out, reset).
    advice
        What to do next.
    """

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        status: int | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message, source=source, advice=advice)
        self.status = status


class ParseError(SourceError):
    """An answer came, but not in the format it should have."""


class LibraryError(HarvesterError):
    """Stored data is damaged; nothing was overwritten."""

    exit_code = ExitCode.DATA


class SchemaError(LibraryError):
    """The stored data is of a schema version this program does not know."""


class LockedError(LibraryError):
    """Another run holds the library."""

    exit_code = ExitCode.PARTIAL


class StorageError(HarvesterError):
    """A file or the library could not be written (disk full, no permission)."""

    exit_code = ExitCode.PARTIAL


class MailError(HarvesterError):
    """A message could not be handed over to the mail server."""

    exit_code = ExitCode.PARTIAL


def describe_error(error: Exception) -> str:
    """Return what went wrong as one line, whoever raised it.

    Examples
    --------
    >>> describe_error(FileNotFoundError(2, "No such file", "a.csv")), describe_error(MailError("refused"))
    ('a.csv: No such file', 'refused')
    """
    if isinstance(error, HarvesterError):
        return " ".join(str(error).split())
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"this is a defect of the program ({what}); run with -v and report it"


@contextmanager
def contain(tell: Callable[[str], object], what: str = "", *, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Let what goes wrong inside end only what is inside: it is told, as one line.

    Parameters
    ----------
    what
        What the line begins with, before a colon.
    but
        What concerns more than what is inside, and is raised.
    """
    try:
        yield
    except but:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
        _log.info("contained:", exc_info=error)
        tell(f"{what}: {describe_error(error)}" if what else describe_error(error))
