"""What a feed entry's title and description say, without what publishers put around it.

A description is rarely an abstract.  It is divided into paragraphs by its markup, and each paragraph is
judged by its form: a line of citation ("Volume 40, Issue 11, Page 3-9, November 2026."), a labelled fact
("Publication date: …", "Author(s): …"), a copyright line or a "Read more" is no part of an abstract, wherever
it comes from. Facts are kept for the record, the rest is the abstract, and what is left may be nothing.

Judging by form instead of by publisher is deliberate: publishers change platforms, and platforms serve many.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

from harvester.paper.abstracts import categorise_label, read_abstract
from harvester.paper.identifiers import normalise_doi
from harvester.paper.records import AbstractSection
from harvester.paper.text import TITLE_TAGS, collapse, strip_markup

# Longer than any title, in characters; then it is something else, and its markup is not worth the work.
_LONGEST_TITLE = 2000
# Longer than any abstract, in characters: the feed carries whole articles, and its summary is preferred.
_LONGEST_ABSTRACT = 12_000
# What stands behind this many characters of a description is not looked at.
_LONGEST_SOURCE = 100_000
# Lines of citation and of facts are shorter than this, in characters; abstracts are longer.
_LONGEST_LINE = 350

_INLINE = "a|abbr|b|big|cite|code|em|font|i|img|ins|del|mark|q|s|small|span|strike|strong|sub|sup|tt|u|italic|bold"
_BLOCK = (
    "address|article|aside|blockquote|body|br|caption|center|dd|div|dl|dt|figcaption|footer|h[1-6]|head|header|hr|html"
    "|li|main|nav|ol|p|pre|section|sec|table|tbody|td|tfoot|th|thead|tr|ul|title"
)
_SKIPPED = "script|style|figure|svg|math|iframe|object|form|button|noscript|video|audio"
_TAG = re.compile(rf"</?(?:jats:|xhtml:)?(?:{_INLINE}|{_BLOCK}|{_SKIPPED})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(rf"&lt;/?(?:{_INLINE}|{_BLOCK})\b(?:(?!&[lg]t;|<).)*?&gt;", re.IGNORECASE | re.DOTALL)
_JATS = re.compile(r"(</?)(?:jats:)?(?:italic|(bold))>")
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_IS_BLOCK = re.compile(_BLOCK)
_IS_SKIPPED = re.compile(_SKIPPED)

# What publishers add to titles in brackets, and NLM's publication type for it where there is one.
_SECTIONS: dict[str, str | None] = {
    **dict.fromkeys(("article", "articles", "original article", "original articles", "original paper", "research")),
    **dict.fromkeys(("original research", "original investigation", "research article", "research articles")),
    **dict.fromkeys(("research paper", "full length article", "brief report", "brief reports", "report", "reports")),
    **dict.fromkeys(("short communication", "brief communication", "perspective", "perspectives", "viewpoint")),
    **dict.fromkeys(("correspondence", "letter", "letters", "letter to the editor", "research letter"), "Letter"),
    **dict.fromkeys(("letters to the editor",), "Letter"),
    **dict.fromkeys(("editorial", "editorials"), "Editorial"),
    **dict.fromkeys(("comment", "commentary", "invited commentary"), "Comment"),
    **dict.fromkeys(("review", "reviews", "review article", "review articles"), "Review"),
    **dict.fromkeys(("systematic review", "systematic reviews"), "Systematic Review"),
    **dict.fromkeys(("meta-analysis", "meta-analyses"), "Meta-Analysis"),
    **dict.fromkeys(("case report", "case reports"), "Case Reports"),
    **dict.fromkeys(("guideline", "guidelines"), "Guideline"),
    **dict.fromkeys(("news", "news in brief"), "News"),
    **dict.fromkeys(("study protocol", "protocol"), "Clinical Trial Protocol"),
    **dict.fromkeys(("correction", "corrections", "erratum", "corrigendum"), "Published Erratum"),
}
_SECTION_LABEL = re.compile(r"^\[(?P<front>[A-Za-z -]{4,30})\]\s+(?=\S)|(?<=\S)\s*\[(?P<back>[A-Za-z -]{4,30})\]$")
_PLACE_IN_TITLE = re.compile(r"^[^:]{2,80}, Vol\. \S+, Pages? \S+: ")  # MDPI: "Fluids, Vol. 9, Pages 120: …"

_FACT = re.compile(
    r"(?P<name>publication date|published(?: online)?|available online|source|authors?(?:\s*\(s\))?|keywords?|doi"
    r"|pmid|pmcid|article type)\s*:\s*(?P<value>.*)",
    re.IGNORECASE,
)
_DOI_ADDRESS = r"(?:https?://(?:dx\.)?doi\.org/)?10\.\S+"
_CITATION_LINE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:.{0,150}?,\s*)?\bvol(?:ume|\.)\s*[^\s,]+,\s*(?:issue|no\.?|number|pages?)\b.*",
        r"(?:.{0,150}?[,.]\s*)?(?:ahead of print|early\s?view|online ahead of print|accepted article"
        r"|(?:articles? )?in press|online first|advance access)\.?",
        r".{0,150}?,?\s*published online:?\s.{4,200}",
        r"(?:available online|first published|epub|received|accepted)\b[^.]{0,60}[0-9]{4}.{0,60}",
        rf".{{0,140}}?\bdoi:?\s*{_DOI_ADDRESS}(?:\s+(?:epub|online ahead of print)\b.{{0,60}})?",
        r"(?:doi:?\s*)?(?:https?://\S+|10\.[0-9]{4,}\S+)",
        r"[^:]{2,80}, vol\. \S+, pages? \S+: .*",
        r"pmid:.{0,200}",
    )
)
_CHATTER = re.compile(
    r"the post .{1,300} (?:appeared first|first appeared) on .*"
    r"|(?:\W*)(?:read (?:more|the full|full)|continue reading|(?:view|see) (?:full|the|article|abstract)|full text"
    r"|click here|more\b).{0,80}|(?:©|\(c\)|copyright\s+(?:©|\(c\)|[12][0-9]{3}|of)).{0,300}"
    r"|no abstract(?: is)? available\W*|abstract not available\W*|\W*",
    re.IGNORECASE,
)
_COPYRIGHT_TAIL = re.compile(r"(?<=[.?!])\s*(?:Copyright\s*)?(?:©|\([cC]\) ?(?=[12][0-9]{3})).{0,250}$")
# Words that say that a DOI beside them is another paper's.
ANOTHER_PAPER = re.compile(
    r"\b(?:correct(?:s|ion)|errat(?:um|a)|corrigendum|retract\w*|in reply|repl(?:y|ies) to|response to|comments? on"
    r"|commentary on|letter to|see also|related article|companion)\b",
    re.IGNORECASE,
)
_DOI_SAID = re.compile(r"(?:\bdoi:?\s*|doi\.org/)(10\.[0-9]{4,9}/[^\s\"<>]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title as we keep it."""

    text: str  # plain
    markup: str | None  # with the tags that we keep, everything else escaped; None: no markup
    section: str | None  # the publisher's section that stood in brackets, in lower case; None: none did


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a description says."""

    abstract: tuple[AbstractSection, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)  # by name in lower case: "source", "authors", …
    doi: str | None = None  # said in a line of citation, not in the abstract


@dataclass(slots=True)
class _Paragraph:
    text: str
    is_heading: bool  # a heading by its tag
    lead: str | None  # what is bold at its beginning


def read_title(source: str | None) -> Title | None:
    """Read a title that may hold markup, escaped once or twice; None if no text is left.

    Examples
    --------
    >>> title = read_title("&lt;i&gt;R&lt;/i&gt;-ketamine &amp; p &lt; 0.05 [Research Article]")
    >>> title.text, title.markup, title.section
    ('R-ketamine & p < 0.05', '<i>R</i>-ketamine &amp; p &lt; 0.05', 'research article')
    """
    once = collapse(_unescape_tags(source or "")[: 2 * _LONGEST_TITLE])
    if once is None:
        return None
    once = _PLACE_IN_TITLE.sub("", once)
    section = None
    bracket = _SECTION_LABEL.search(once)
    if bracket is not None and (label := (bracket["front"] or bracket["back"]).lower()) in _SECTIONS:
        section = label
        once = (once[: bracket.start()] + once[bracket.end() :]).strip()
    text = strip_markup(once)
    if text is None:
        return None
    markup = None
    if len(once) <= _LONGEST_TITLE:
        jats = _JATS.sub(lambda tag: f"{tag[1]}{'b' if tag[2] else 'i'}>", once)
        cleaned = collapse(nh3.clean(_escape_stray(jats), tags=set(TITLE_TAGS), attributes={})) or ""
        if re.search(r"<[a-z]+>[^<]", cleaned):
            markup = cleaned.replace("&nbsp;", " ")
    return Title(text=text, markup=markup, section=section)


def publication_type(section: str | None) -> str | None:
    """Return NLM's publication type for a publisher's section; None if it says nothing about the type.

    Examples
    --------
    >>> publication_type("Case Reports"), publication_type("Articles"), publication_type(None)
    ('Case Reports', None, None)
    """
    return _SECTIONS.get((section or "").strip().lower())


def read_description(source: str | None, *, title: str | None = None) -> Description:
    """Divide a description into the abstract and what stands around it.

    Parameters
    ----------
    source
        HTML or text, escaped once or twice; None gives an empty description.
    title
        The entry's title, plain; a paragraph that only repeats it is dropped.

    Examples
    --------
    >>> shown = read_description("<p>Invented J, Published online: 5 November 2026; doi:10.1000/x1</p>We asked.")
    >>> shown.abstract[0].text, shown.doi
    ('We asked.', '10.1000/x1')
    """
    facts: dict[str, str] = {}
    doi: str | None = None
    paragraphs: list[_Paragraph] = []
    for paragraph in _paragraphs((source or "")[:_LONGEST_SOURCE]):
        text = paragraph.text
        if text.rstrip(":. ").lower() in ("abstract", "summary of abstract", "graphical abstract"):
            paragraphs.clear()  # what stands before the word is not the abstract
        elif _same(text, title):
            continue
        elif len(text) <= _LONGEST_LINE and _is_citation_line(text):
            dois = {normalise_doi(name) for name in _DOI_SAID.findall(text)}
            doi = doi or (dois.pop() if len(dois) == 1 else None)
            _note_fact(facts, text)
        elif not _note_fact(facts, text) and not _CHATTER.fullmatch(text):
            paragraphs.append(paragraph)
    return Description(abstract=_sections(paragraphs), facts=facts, doi=doi)


def choose_description(candidates: list[str], *, title: str | None) -> Description:
    """Read several descriptions of one entry: the facts of all, and the longest abstract that is no whole article."""
    descriptions = [read_description(candidate, title=title) for candidate in candidates]
    lengths = [sum(len(part.text) for part in one.abstract) for one in descriptions]
    fitting = [index for index, length in enumerate(lengths) if length <= _LONGEST_ABSTRACT] or range(len(lengths))
    best = max(fitting, key=lambda index: lengths[index], default=None)
    return Description(
        abstract=() if best is None else descriptions[best].abstract,
        facts={name: value for one in reversed(descriptions) for name, value in one.facts.items()},
        doi=next((one.doi for one in descriptions if one.doi), None),
    )


def drop_between(text: str, start: str, end: str) -> str:
    """Drop each passage between two marks, and the marks; one that never ends stays.

    By search instead of a pattern, which would look for the end again from every beginning.

    Examples
    --------
    >>> drop_between("a<!-- b -->c<!-- d", "<!--", "-->")
    'ac<!-- d'
    """
    parts, at = [], 0
    while (begin := text.find(start, at)) >= 0 and (close := text.find(end, begin + len(start))) >= 0:
        parts.append(text[at:begin])
        at = close + len(end)
    return "".join([*parts, text[at:]])


def _is_citation_line(text: str) -> bool:
    return not ANOTHER_PAPER.search(text) and any(pattern.fullmatch(text) for pattern in _CITATION_LINE)


def _note_fact(facts: dict[str, str], text: str) -> bool:
    """Add a labelled fact, and return whether the paragraph is one."""
    fact = _FACT.fullmatch(text)
    if fact is None:
        return False
    name = re.sub(r"\s*\(s\)$|s$", "", fact["name"].lower())
    # A list of authors or keywords may be long; another fact is short, and a long one is prose after a colon.
    if name not in ("author", "keyword") and len(text) > _LONGEST_LINE:
        return False
    if fact["value"].strip():
        facts.setdefault(name, fact["value"].strip())
    return True


def _same(text: str, title: str | None) -> bool:
    return title is not None and text.rstrip(". ").casefold() == title.rstrip(". ").casefold()


def _sections(paragraphs: list[_Paragraph]) -> tuple[AbstractSection, ...]:
    """Join paragraphs into sections, at headings and at bold or written labels."""
    sections: list[tuple[str | None, list[str]]] = []
    for paragraph in paragraphs:
        label, text = _take_label(paragraph)
        if label is not None or not sections:
            sections.append((label, []))
        if text:
            sections[-1][1].append(text)
    abstract: list[AbstractSection] = []
    for label, texts in sections:
        text = _COPYRIGHT_TAIL.sub("", " ".join(texts))
        if label is None:
            abstract.extend(read_abstract(text))
        elif text:
            abstract.append(AbstractSection(text=text, label=label, category=categorise_label(label)))
    return tuple(abstract)


def _take_label(paragraph: _Paragraph) -> tuple[str | None, str]:
    """Divide a paragraph into its label, if it begins with one, and its text."""
    text = paragraph.text
    shown = text if paragraph.is_heading else paragraph.lead
    if shown is not None and categorise_label(shown) is not None:
        return shown.rstrip(":. "), text[len(shown) :].lstrip(":. ")
    written = re.match(r"([A-Z][A-Za-z/, ]{2,40}):\s+(?=\S)", text)
    if written is not None and categorise_label(written.group(1)) is not None and len(read_abstract(text)) == 1:
        return written.group(1), text[written.end() :]
    return None, text


def _unescape_tags(source: str) -> str:
    """Decode markup that was escaped once too often."""
    return html.unescape(source) if _ESCAPED_TAG.search(source) else source


def _escape_stray(source: str) -> str:
    """Escape each ``<`` that begins no tag we know, so that ``p<b`` and what follows stay text."""
    source = _DECLARATION.sub(" ", drop_between(source, "<!--", "-->"))
    parts, at = [], 0
    for tag in _TAG.finditer(source):
        parts += [source[at : tag.start()].replace("<", "&lt;"), tag.group()]
        at = tag.end()
    return "".join([*parts, source[at:].replace("<", "&lt;")])


def _paragraphs(source: str) -> list[_Paragraph]:
    """Divide HTML or text into paragraphs of plain text."""
    reader = _Reader()
    reader.feed(_escape_stray(_unescape_tags(source)))
    reader.close()
    return reader.paragraphs


class _Reader(HTMLParser):
    """Collect the text of HTML, paragraph by paragraph."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[_Paragraph] = []
        self._texts: list[str] = []
        self._lead: str | None = None
        self._bold = 0
        self._skipped = 0
        self._is_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _IS_SKIPPED.fullmatch(tag):
            self._skipped += 1
        elif _IS_BLOCK.fullmatch(tag):
            self._flush()
            self._is_heading = re.fullmatch("h[1-6]|title|dt|th", tag) is not None
        elif tag in ("b", "strong"):
            self._bold += 1

    def handle_endtag(self, tag: str) -> None:
        if _IS_SKIPPED.fullmatch(tag):
            self._skipped = max(0, self._skipped - 1)
        elif _IS_BLOCK.fullmatch(tag):
            self._flush()
        elif tag in ("b", "strong"):
            self._bold = max(0, self._bold - 1)
            if not self._bold and self._lead is None:
                self._lead = collapse("".join(self._texts))

    def handle_data(self, data: str) -> None:
        if self._skipped:
            return
        if not self._bold and self._lead is None and data.strip():
            self._lead = ""  # it does not begin in bold
        self._texts.append(data)

    def _flush(self) -> None:
        # Twice, because feeds escape entities twice as well.
        text = collapse(html.unescape("".join(self._texts)))
        if text is not None:
            self.paragraphs.append(_Paragraph(text=text, is_heading=self._is_heading, lead=self._lead or None))
        self._texts, self._lead, self._is_heading = [], None, False

    def close(self) -> None:
        """Read what is left."""
        super().close()
        self._flush()
