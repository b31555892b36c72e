"""PubMed XML: bytes in, records out.

The document is never parsed as a whole.  It is cut into records first, and each record is parsed by itself, so
that a record which is not even well-formed XML costs exactly that record, and memory is that of one record.
No DTD is ever read: a new one each January changes nothing here, and elements that we do not know are passed
over.  A document type with declarations of its own is refused, because entities that expand are an attack.

How a record is cut: from its start tag to the next closing tag of that name.  Nearly always that is right, and
the XML parser confirms it.  Only when it does not, we look why: the closing tag may have stood in a comment or
CDATA section (the cut was too early), or it may be missing (the cut ran into the next record).

Why so, and why the standard library's tree builder: docs/decisions/pubmed-xml-parser.md.
No network, disk or clock.
"""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from harvester.ground.errors import ParseError
from harvester.paper.identifiers import normalise_pmid
from harvester.paper.records import BadRecord, Record
from harvester.sources.pubmed.record import read_record

CHUNK_BYTES = 1 << 18  # read at once; larger pieces fall out of the processor's cache, and are slower
MAX_RECORD_BYTES = 64 << 20  # a record that has not ended by then never will
TOKEN_BYTES = 1 << 16  # what stands between two records (a tag, a comment, a document type) is shorter than this

_RECORDS = rb"PubmedArticle|PubmedBookArticle|DeleteCitation|DeleteDocument"
_ROOTS = rb"PubmedArticleSet|PubmedBookArticleSet|MedlineCitationSet"
# In the sets of before 2016 a MedlineCitation is a record; today it is a part of one.
_START = re.compile(rb"<(?P<name>" + _RECORDS + rb")(?:\s[^<>]*?)?(?P<empty>/?)>")
_OLD_START = re.compile(rb"<(?P<name>" + _RECORDS + rb"|MedlineCitation)(?:\s[^<>]*?)?(?P<empty>/?)>")
_ROOT_END = re.compile(rb"</(?:" + _ROOTS + rb")\s*>")
_BETWEEN = re.compile(
    rb"(?P<skip>\s+|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->)"
    rb"|<!DOCTYPE\s+(?P<type>[^\s\[>]+)[^\[>]*(?P<subset>\[.*?\]\s*)?>"
    rb"|<(?P<root>" + _ROOTS + rb")(?:\s[^<>]*?)?(?P<empty>/?)>|</(?P<end>" + _ROOTS + rb")\s*>",
    re.DOTALL,
)
_OWN_PMID = re.compile(
    rb"<(?:MedlineCitation|BookDocument)\b[^<>]*>\s*<PMID(?:\s[^<>]*?Version=[\"'](?P<version>[0-9]{1,4})[\"'])?[^<>]*>"
    rb"\s*(?P<pmid>[0-9]+)\s*</PMID>"
)
_DECLARED = re.compile(rb"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"']")
_PREFIX = re.compile(rb"[<\s/]([A-Za-z_][\w.-]*):[A-Za-z_]")
_UNBOUND_PREFIX = 27  # expat's XML_ERROR_UNBOUND_PREFIX
_MARKS = (
    (codecs.BOM_UTF8, None),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's mark, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)

NOT_CLOSED = "it does not end"
ASK_AGAIN = "fetch it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedPmids:
    """Records that NLM has withdrawn from PubMed (DeleteCitation)."""

    pmids: tuple[str, ...]


def parse_pubmed_xml(
    source: bytes | IO[bytes], *, chunk_bytes: int = CHUNK_BYTES, max_record_bytes: int = MAX_RECORD_BYTES
) -> Iterator[Record | BadRecord | DeletedPmids]:
    """Read PubMed XML, one record at a time.

    Parameters
    ----------
    source
        An answer of efetch or a file of NLM's: a set of articles and books, or a single one.  Bytes, or a binary
        stream, read in pieces and not closed; not compressed.  Any encoding that the document declares.
    max_record_bytes
        The length at which a record that has not ended is given up.

    Yields
    ------
    Record or BadRecord or DeletedPmids
        In the document's order.  An older version of a PMID whose newer version came before it is left out.
        An empty set yields nothing.

    Raises
    ------
    ParseError
        If the document is no PubMed XML, declares entities, cannot be decoded, or ends too early; what could be
        read was given before.
    """
    newest: dict[str, int] = {}  # version by PMID, only of those PMIDs that have several, which are few
    for name, data, content in _Cutter(_read_utf8(source, chunk_bytes), max_record_bytes):
        if isinstance(content, str):
            yield BadRecord(pmid=_find_pmid(data), reason=content)
        elif name.startswith(b"Delete"):
            pmids = (normalise_pmid(item.text) for item in content.iter("PMID"))
            yield DeletedPmids(pmids=tuple(pmid for pmid in pmids if pmid is not None))
        else:
            try:
                record = read_record(content)
            except (ValueError, RecursionError) as error:
                yield BadRecord(pmid=_find_pmid(data), reason=str(error))
                continue
            version = _find_version(data)
            if version >= newest.get(record.source_key, 1):
                yield record
            if version > 1:
                newest[record.source_key] = max(version, newest.get(record.source_key, 1))


def _find_pmid(data: bytes) -> str | None:
    """Find a record's own PMID in bytes that may be no XML; those of other papers never stand in this place."""
    named = _OWN_PMID.search(data)
    return None if named is None else normalise_pmid(named["pmid"].decode("ascii"))


def _find_version(data: bytes) -> int:
    named = _OWN_PMID.search(data)
    return int(named["version"]) if named is not None and named["version"] else 1


class _Cutter:
    """Cut a document into records, holding no more of it than the record in hand.

    Iterating gives, for each record, its element's name, its bytes, and the element or, as text, why there is none.
    """

    def __init__(self, chunks: Iterator[bytes], max_record_bytes: int) -> None:
        self._chunks = chunks
        self._longest = max_record_bytes
        self._buffer = b""
        self._at = 0  # everything before this is dealt with
        self._start = _OLD_START
        self._open: str | None = None  # the root element that has begun and not ended
        self._has_begun = False  # a root element or record was seen

    def __iter__(self) -> Iterator[tuple[bytes, bytes, Element | str]]:
        while self._at < len(self._buffer) or self._read_more():
            start = self._start.match(self._buffer, self._at)
            if start is not None:
                self._has_begun = True
                yield (start["name"], *self._take_record(start))
            elif (between := _BETWEEN.match(self._buffer, self._at)) is not None:
                self._pass_over(between)
            elif len(self._buffer) - self._at > TOKEN_BYTES or not self._read_more():
                yield (b"", *self._take_rubbish())
        self._check_end()

    def _check_end(self) -> None:
        if self._open is not None:
            raise ParseError(f"the PubMed XML ends too early: <{self._open}> is not closed", advice=ASK_AGAIN)
        if not self._has_begun:
            raise ParseError("no PubMed XML: the document is empty")

    def _read_more(self) -> bool:
        """Put the next chunk behind what is not dealt with yet, and return whether there was one."""
        chunk = next(self._chunks, b"")
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return bool(chunk)

    def _pass_over(self, between: re.Match[bytes]) -> None:
        """Go past what stands between records, and record where the document's root begins and ends."""
        if between["subset"] is not None and between["subset"].strip(b"[] \t\r\n"):
            raise ParseError("the document type declares entities or elements of its own, which PubMed's never does")
        if between["root"] is not None:
            self._has_begun = True
            self._start = _OLD_START if between["root"] == b"MedlineCitationSet" else _START
            self._open = None if between["empty"] else between["root"].decode("ascii")
        elif between["end"] is not None:
            self._open = None
        self._at = between.end()

    def _take_record(self, start: re.Match[bytes]) -> tuple[bytes, Element | str]:
        """Take the record that begins here: its bytes, and its element or why there is none."""
        if start["empty"]:
            data = start.group()
            content = _parse(data)
        else:
            end = self._find_end(start["name"])
            data = self._buffer[self._at : end]
            content = _parse(data) if end is not None else NOT_CLOSED
            if isinstance(content, str):
                data, content = self._cut_again(start["name"], data, content)
        self._at += len(data)
        return data, content

    def _find_end(self, name: bytes, *, after: int = 0) -> int | None:
        """Find where the first closing tag after so many bytes ends in the buffer; None if there is none."""
        tag = b"</" + name + b">"
        while (start := self._buffer.find(tag, self._at + after)) < 0:
            after = max(after, len(self._buffer) - self._at - len(tag))
            if after > self._longest or not self._read_more():
                return None
        return start + len(tag)

    def _cut_again(self, name: bytes, data: bytes, reason: str) -> tuple[bytes, Element | str]:
        """Look why a cut gave no record, and cut where the record really ends."""
        spaced = re.search(b"</" + name + rb"\s+>", data)
        if spaced is not None and not isinstance(content := _parse(data[: spaced.end()]), str):
            return data[: spaced.end()], content
        longer: bytes | None = data if reason != NOT_CLOSED else None
        while longer is not None and _ends_in_section(longer):
            end = self._find_end(name, after=len(longer))
            longer = None if end is None else self._buffer[self._at : end]
            if longer is not None and not isinstance(content := _parse(longer), str):
                return longer, content
        starts = _OLD_START if name == b"MedlineCitation" else _START
        following = starts.search(data, 1) or (_ROOT_END.search(data) if reason == NOT_CLOSED else None)
        if following is not None:
            return data[: following.start()], f"</{name.decode('ascii')}> is missing"
        if reason == NOT_CLOSED:
            pmid = _find_pmid(data)
            which = "a record" if pmid is None else f"the record of PMID {pmid}"
            raise ParseError(f"the PubMed XML ends too early, inside {which}", advice=ASK_AGAIN)
        return data, reason

    def _take_rubbish(self) -> tuple[bytes, str]:
        """Take what is neither a record nor may stand between two of them."""
        if not self._has_begun:
            raise ParseError(f"no PubMed XML: the document begins with {_quote(self._buffer[self._at :])}")
        while (following := self._find_resumption()) is None and len(self._buffer) - self._at < self._longest:
            if not self._read_more():
                self._check_end()
                break
        data = self._buffer[self._at : len(self._buffer) if following is None else following]
        self._at += len(data)
        return data, f"what stands between two records is no record: {_quote(data)}"

    def _find_resumption(self) -> int | None:
        places = (
            self._start.search(self._buffer, self._at + 1),
            _ROOT_END.search(self._buffer, self._at + 1),
        )
        return min((place.start() for place in places if place is not None), default=None)


def _parse(data: bytes) -> Element | str:
    """Return one element, or in words why it cannot be parsed."""
    # A line break between elements is one more text for the parser to handle, and where files are indented there is
    # one at every element; to us it is white space like any other.
    data = data.replace(b"\n", b" ")
    try:
        return ElementTree.fromstring(data)  # noqa: S314 - no document type can stand inside an element
    except ElementTree.ParseError as error:
        if error.code != _UNBOUND_PREFIX:
            return f"it is not well-formed XML: {error}"
    # The DTD gives MathML's prefix a meaning where the record does not; we do not read it, and any meaning will do.
    prefixes = sorted({prefix for prefix in _PREFIX.findall(data) if not prefix.startswith(b"xml")})
    bindings = b"".join(b' xmlns:%b="urn:%b"' % (prefix, prefix) for prefix in prefixes)
    try:
        return ElementTree.fromstring(b"<bound" + bindings + b">" + data + b"</bound>")[0]  # noqa: S314 - as above
    except ElementTree.ParseError as error:
        return f"it is not well-formed XML: {error}"


def _ends_in_section(data: bytes) -> bool:
    """Return whether bytes end inside a comment or CDATA section."""
    return data.rfind(b"<![CDATA[") > data.rfind(b"]]>") or data.rfind(b"<!--") > data.rfind(b"-->")


def _quote(data: bytes) -> str:
    text = " ".join(data[:200].decode("utf-8", "replace").split())
    return f"{text[:60]!r}" if len(text) <= 60 else f"{text[:60] + '…'!r}"


def _read_utf8(source: bytes | IO[bytes], chunk_bytes: int) -> Iterator[bytes]:
    """Read a document in pieces, as UTF-8 whatever it is declared to be."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    head = _read_chunk(stream, chunk_bytes)
    if head.startswith(b"\x1f\x8b"):
        raise ParseError("no PubMed XML: the document is still compressed")
    encoding = _find_encoding(head)
    if encoding is None:
        while head:
            yield head
            head = _read_chunk(stream, chunk_bytes)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while head:
            yield decoder.decode(head).encode()
            head = _read_chunk(stream, chunk_bytes)
        yield decoder.decode(b"", True).encode()
    except UnicodeError as error:
        raise ParseError(f"the document is not in its encoding: {error}") from error


def _read_chunk(stream: IO[bytes], chunk_bytes: int) -> bytes:
    try:
        return stream.read(chunk_bytes)
    except (OSError, EOFError, zlib.error) as error:  # a compressed stream that is cut or damaged
        raise ParseError(f"the document cannot be read to its end: {error}", advice=ASK_AGAIN) from error


def _find_encoding(head: bytes) -> str | None:
    """Find a document's encoding by its mark or declaration; None for UTF-8, which needs no decoding."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    declared = _DECLARED.match(head)
    if declared is None:
        return None
    try:
        name = codecs.lookup(declared.group(1).decode("ascii")).name
    except LookupError as error:
        raise ParseError(f"the document is in an unknown encoding: {error}") from error
    # A declaration that we can read byte by byte is not UTF-16, whatever it says.
    return None if name in ("utf-8", "ascii") or name.startswith(("utf-16", "utf-32", "utf_16", "utf_32")) else name
