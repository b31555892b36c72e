"""Reading an XML record as the text that it is.

Building a tree of Python objects for a record costs more than twice as much as having expat look through it.  So
expat only confirms that a record is well-formed (`check_xml`), and what the record says is then found in its text
by its tags.  That is sound, and not the folly of parsing XML with regular expressions, under three conditions
which this module and its callers keep:

* the text is known to be well-formed, so that every ``<`` begins a tag, and every tag that opens is closed;
* comments, CDATA sections and processing instructions are gone (`simplify`);
* no element that is looked for contains another one of its own name.

No network, disk or clock.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from xml.parsers import expat

KEPT_MARKUP = frozenset(("i", "b", "em", "strong", "sub", "sup"))
LONG = 200  # characters

# The attributes of a start tag, as XML's grammar has them: a ``>`` or ``/`` inside a value does not end the tag.
_ATTRIBUTES = r"(?:\s[^<>/\"']*(?:(?:\"[^\"<]*\"|'[^'<]*')[^<>/\"']*)*)?"
_ATTRIBUTE = re.compile(r"([^\s=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.ASCII)
_TAG = re.compile(rf"<(/?)([^\s<>/\"']+)({_ATTRIBUTES})(/?)>", re.ASCII)
_SECTION = re.compile(r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def check_xml(data: bytes) -> str | None:
    """Say why bytes are not one well-formed XML element in UTF-8; None if they are.

    Entities other than XML's own five are undefined here, because no document type can stand inside an element.
    """
    try:
        expat.ParserCreate("utf-8").Parse(data, True)
    except expat.ExpatError as error:
        return str(error)
    return None


def simplify(data: bytes) -> str:
    """Make text of a well-formed element, with nothing in it but tags and text.

    Each byte becomes one character, so that looking for tags is as quick as in bytes; `read_text` and its like
    make Unicode of what they give.
    """
    text = data.decode("latin-1")
    # Single characters are found many times quicker than pairs, and these two are rare.
    if ("!" in text and "<!" in text) or ("?" in text and "<?" in text):
        return _SECTION.sub(lambda found: escape(found[1] or ""), text)
    return text


@lru_cache(maxsize=32)
def _elements(names: str) -> re.Pattern[str]:
    # The content is text, and between texts any tags but the element's own closing one.
    return re.compile(rf"<({names})({_ATTRIBUTES})>([^<]*(?:<(?!/\1[\s>])[^<]*)*)", re.ASCII)


def find_elements(text: str, names: str) -> list[tuple[str, str, str]]:
    """Find the elements of some names, in order and at whatever depth, but not inside of one another.

    Parameters
    ----------
    text
        Well-formed and simplified; looked through once.
    names
        One or several, as ``Volume|Issue``.

    Returns
    -------
    list of tuple
        The name, the attributes and the content of each, as they stand in the text.  Elements that are closed in
        their own tag are left out.

    Examples
    --------
    >>> find_elements('<a><b c="1">x<d>y</d></b><b/><d> <i>z</i></d></a>', "b|d")
    [('b', ' c="1"', 'x<d>y</d>'), ('d', '', ' <i>z</i>')]
    """
    return _elements(names).findall(text)


@lru_cache(maxsize=8192)
def read_attributes(text: str) -> dict[str, str]:
    """Read the attributes of a tag.

    The same few combinations come again and again, so the answers are kept, and are not to be changed.

    Examples
    --------
    >>> read_attributes(" a='1 &gt; 0' b='2'")
    {'a': '1 > 0', 'b': '2'}
    """
    return {name: _decode(double or single) for name, double, single in _ATTRIBUTE.findall(text)}


def read_text(content: str) -> str | None:
    """Give the text of an element, without markup and with white space collapsed; None if there is none.

    Examples
    --------
    >>> read_text(" p<sub>1</sub>  &lt; 2 "), read_text("<i/>")
    ('p1 < 2', None)
    """
    if "<" in content:
        content = _TAG.sub("", content)
    if "&" in content or not content.isascii():
        return " ".join(_decode(content).split()) or None
    # Nearly all text has single spaces already, and seeing that is quicker than taking a long text apart.
    if len(content) > LONG and not ("\n" in content or "\t" in content or "  " in content or "\r" in content):
        return content.strip(" ") or None
    return " ".join(content.split()) or None


def read_markup(content: str) -> str | None:
    """Give the text of an element with the markup that we keep, all else escaped; None if it has none of it.

    Examples
    --------
    >>> read_markup('<i x="1">R</i>-<u>a</u> &lt; b'), read_markup("<u>a</u>")
    ('<i>R</i>-a &lt; b', None)
    """
    parts = []
    place = 0
    has_markup = False
    for tag in _TAG.finditer(content):
        parts.append(escape(_decode(content[place : tag.start()]), quote=False))
        place = tag.end()
        if tag[2] in KEPT_MARKUP and not tag[4]:
            has_markup = True
            parts.append(f"<{tag[1]}{tag[2]}>")
    parts.append(escape(_decode(content[place:]), quote=False))
    return " ".join("".join(parts).split()) if has_markup else None


def _decode(text: str) -> str:
    """Make Unicode of text that stands between tags: its UTF-8, its character references, XML's five entities."""
    if not text.isascii():
        text = text.encode("latin-1").decode()
    return _REFERENCE.sub(_decode_reference, text) if "&" in text else text


def _decode_reference(reference: re.Match[str]) -> str:
    if reference[3]:
        return _NAMED[reference[3]]
    return chr(int(reference[1], 16) if reference[1] else int(reference[2]))
