"""Cutting the text of a table into rows of cells, where a quotation mark may stand alone.

A mark that nobody closed makes one cell of all that follows up to the next mark, and the csv module says nothing of it.
A cell may hold line breaks of its own, though, as abstracts do.  So what stands behind a line break in a cell is looked
at: where it is a row of this table, the row above it is broken, and reading goes on with it.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from harvester.ground.errors import ParseError

# What a cell of these fields looks like, whoever wrote it.
_FORMS = {
    "doi": re.compile(r"(?:https?://\S+/|doi:\s*)?10\.[0-9]{4,9}/\S+", re.IGNORECASE),
    "pmid": re.compile(r"[0-9]{1,9}(?:[.,]0)?"),
    "year": re.compile(r"(?:19|20)[0-9]{2}(?:[.,]0)?"),
}
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_FEWEST_CELLS = 3  # by whose number alone a row is told from a sentence with commas
_LONG_NUMBER = 3  # characters; a line of a numbered list begins with fewer


class Cells:
    """The rows of a table, its header first.

    Attributes
    ----------
    broken : dict of int to str
        After reading, why a row cannot be read, by its number; that of the header is 0.
    """

    def __init__(self, text: str, delimiter: str, columns: Mapping[str, Sequence[int]], width: int) -> None:
        self.broken: dict[int, str] = {}
        self._lines = list(io.StringIO(text.replace("\0", ""), newline=""))
        self._delimiter = delimiter
        self._forms = [(place, _FORMS[name]) for name in _FORMS for place in columns.get(name, ())]
        self._width = width
        self._next = 0  # line

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the rows.

        Raises
        ------
        ParseError
            If the csv module refuses one, and no mark explains it.
        """
        reader = csv.reader(self._feed(), delimiter=self._delimiter)
        number = 0
        while self._next < len(self._lines):
            start = self._next
            refused: csv.Error | None = None
            try:
                row = next(reader)
            except csv.Error as error:
                row, refused = [], error
            if refused is None and not self._is_suspect(row, start):
                yield row
                number += 1
                continue
            is_odd = refused is not None or self._strict_error(start) != ""
            line = self._split_plainly(start)
            following = self._find_row(start, is_odd=is_odd, is_sound=not is_odd and self._fits(row))
            is_alone = start + 1 in (self._next, following)
            is_plain = len(line) == self._width or (is_odd and len(line) < self._width)
            if self._delimiter == "\t" and is_alone and is_plain:
                # Between tabs quotation marks are prose, unless they stand around a cell.
                self._next, row = start + 1, line
            elif following is not None or (is_odd and len(row) != self._width) or self._is_open(start):
                if refused is not None and following is None:
                    raise self._explain(refused) from refused
                self._next, row = self._next if following is None else following, line
                self.broken[number] = f"row {number} of the table has a quotation mark that is not closed"
            elif refused is not None:
                raise self._explain(refused) from refused
            reader = csv.reader(self._feed(), delimiter=self._delimiter)
            yield row
            number += 1

    def _feed(self) -> Iterator[str]:
        while self._next < len(self._lines):
            self._next += 1
            yield self._lines[self._next - 1]

    def _explain(self, error: csv.Error) -> ParseError:
        return ParseError(
            f"the table cannot be read at line {self._next} ({error})",
            advice="a quotation mark before that line is probably not closed",
        )

    def _is_suspect(self, row: list[str], start: int) -> bool:
        """Return whether a row that has been read may have lost cells, or swallowed others."""
        is_long = self._next > start + 1
        is_short = '"' in self._lines[start] and (len(row) != self._width or self._delimiter == "\t")
        return is_long or is_short or (self._next == len(self._lines) and self._is_open(start))

    def _strict_error(self, start: int) -> str:
        """Return what is wrong with the marks of the lines that have been read, or an empty text."""
        try:
            list(csv.reader(self._lines[start : self._next], delimiter=self._delimiter, strict=True))
        except csv.Error as error:
            return str(error)
        return ""

    def _is_open(self, start: int) -> bool:
        return "unexpected end" in self._strict_error(start)

    def _split_plainly(self, place: int) -> list[str]:
        """Cut a line at its separators, whatever marks there are; those around a whole cell are taken away."""
        cells = self._lines[place].rstrip("\r\n").split(self._delimiter)
        quoted = [_QUOTED.fullmatch(cell) for cell in cells]
        return [found[1].replace('""', '"') if found else cell for found, cell in zip(quoted, cells, strict=True)]

    def _fits(self, cells: list[str]) -> bool:
        """Return whether cells are as many as they should be, and those whose form is known have it."""
        there = [form.fullmatch(cells[at].strip()) for at, form in self._forms if cells[at:] and cells[at].strip()]
        return len(cells) == self._width and all(there)

    def _find_row(self, start: int, *, is_odd: bool, is_sound: bool) -> int | None:
        """Return the first of the lines read below a row that is a row of its own.

        Where the row is sound as it is, with all that it would swallow, only what no prose looks like counts.
        """
        if self._next > start + 1 and self._is_full(self._split_plainly(start), is_sound=is_sound):
            return start + 1
        own = self._lines[start].partition(self._delimiter)[0].strip('" ')
        places = range(start + 1, self._next)
        return next((at for at in places if self._is_row(self._lines[at], own, is_odd=is_odd, is_sound=is_sound)), None)

    def _is_full(self, line: list[str], *, is_sound: bool) -> bool:
        """Return whether a line is a row to its end: behind the cell with the open mark others are what they should."""
        opened = next((place for place, cell in enumerate(line) if _opens(cell)), self._width)
        signs = sum(at > opened and line[at:] != [] and line[at] != "" for at, _ in self._forms)
        is_prose = is_sound and (signs < 2 or _has_blank(line))
        return signs > 0 and not is_prose and self._fits(line)

    def _is_row(self, line: str, own: str, *, is_odd: bool, is_sound: bool) -> bool:
        """Return whether a line is a row: it begins as the row above does, or its cells are what they should be.

        Parameters
        ----------
        own
            The first cell of the row above.
        is_odd
            Whether the marks of the lines contradict each other: then the number of cells does.
        is_sound
            Whether the row above is right with all that it would swallow: then only what no prose looks like counts.
        """
        begin = line.partition(self._delimiter)[0].strip()
        is_closing = '"' in begin and (len(begin) - len(begin.lstrip('"'))) % 2 == 0 and begin != '""'
        if begin in (line.strip(), '"') or is_closing:
            return False  # the mark there closes the first cell of the row above
        try:
            printed = next(csv.reader([line], delimiter=self._delimiter))
        except csv.Error:
            return False
        cells = [cell.strip() for cell in printed]
        first = cells[0]
        if any(cells[self._width :]) or (first and first.isdigit() != own.isdigit()):
            return False
        begins_alike = any(map(str.isdigit, own)) and _shape(own) == _shape(first)
        is_cut = is_odd and begins_alike and line.count('"') % 2 == 1  # broken as well
        there = [form.fullmatch(cells[at]) for at, form in self._forms if 0 < at < len(cells) and cells[at]]
        if is_cut or not all(there):
            return is_cut
        signs = begins_alike + len(there)
        is_full = len(cells) == self._width >= _FEWEST_CELLS
        is_sure = signs > 1 or (begins_alike and len(own) >= _LONG_NUMBER)
        if is_sound:
            return is_full and is_sure and not _has_blank(printed)
        return signs > 1 or (is_full and (is_odd or is_sure))


def _opens(cell: str) -> bool:
    """Return whether a cell begins with a mark that is not closed in it; in ``5" scars`` it says nothing."""
    return cell.startswith('"') and cell.count('"') % 2 == 1


def _has_blank(cells: list[str]) -> bool:
    """Return whether a cell begins with a blank, as what stands behind a comma in prose does."""
    return any(cell.startswith(" ") for cell in cells)


def _shape(text: str) -> str:
    """Return how a number or an identifier is put together: ``S0000012`` is ``A9``; None of the others is like it."""
    letters = re.sub(r"[A-Za-z]+", "A", text)
    return re.sub(r"[0-9]+", "9", letters)
