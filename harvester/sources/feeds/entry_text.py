"""What a feed entry's title and description say, without what publishers put around it.

A description is rarely an abstract.  It is divided into paragraphs by its markup, or by blank lines where it has
none, and each paragraph is judged by its form: a line of citation ("Volume 40, Issue 11, Page 3-9, November 2026."),
labelled facts ("Publication date: … Source: … Author(s): …"), a line of names, a copyright line or a "Read more" is no
part of an abstract, wherever it comes from.  Facts are kept for the record, the rest is the abstract, and what is left
may be nothing.

Judging by form instead of by publisher is deliberate: publishers change platforms, and platforms serve many.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import nh3

from harvester.paper.abstracts import categorise_label, read_abstract
from harvester.paper.dates import parse_date
from harvester.paper.identifiers import page_doi
from harvester.paper.records import AbstractSection
from harvester.paper.text import TITLE_TAGS, collapse, compose, strip_markup

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
_BLOCK_TAG = re.compile(rf"</?(?:jats:|xhtml:)?(?:{_BLOCK})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t\r\u00a0]*\n\s*")
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
_ARXIV_IN_TITLE = re.compile(r"\s*\(arXiv:[^()]{4,60}\)$")  # its feeds before 2024: "(arXiv:2511.00832v1 [q-bio.NC])"
_PLACE_IN_TITLE = re.compile(r"^[^:]{2,80}, Vol\. \S+, Pages? \S+: ")  # MDPI: "Fluids, Vol. 9, Pages 120: …"

# What feeds label in a description, in the languages in which they do, and what a value of each looks like.
_FACTS = {
    "author": (
        r"(?:by|authors?|auteure?s?|autor(?:en|es|i|e)?)(?: ?\((?:s|en|es)\))?(?: list)?|作者|著者|저자|авторы?",
        r".*",
    ),
    "source": (
        "source|journal(?: title| name)?|publication(?: title| name)?|published in|zeitschrift|revue|revista|rivista"
        "|tijdschrift|期刊|来源|雑誌|학술지|журнал",
        r".{2,250}",
    ),
    "volume": ("vol(?:ume)?|band|tome|volumen|卷", r"\S{0,8}[0-9]\S{0,8}"),
    "issue": ("issue(?: number)?|number|no|heft|numéro|número|numero|期", r"(?:\S{0,8} )?\S{0,8}[0-9]\S{0,8}"),
    "pages": ("pages?|pp|article number|seiten?|páginas|pagine|页码", r"\S{1,20}(?: ?[-–] ?\S{1,12})?"),
    "date": (
        "(?:publication|issue|print|online|cover) (?:date|month)|date(?: of publication| published)?"
        "|published(?: online)?|available online|first published|epub|year|erschienen|date de publication"
        "|fecha(?: de publicación)?|data(?: de publicação| di pubblicazione)?|发布日期|出版日期|掲載日|дата публикации",
        r".{0,60}",
    ),
    "doi": ("doi", r"\S{0,40}10\..{4,200}"),
    "pmid": ("pmid|pubmed(?: id)?", r"[0-9]{1,9}\b.{0,20}"),
    "pmcid": ("pmcid|pmc(?: id)?", r"(?:pmc)?[0-9]{2,9}"),
    "keyword": (
        "key ?words?|keywords plus|author keywords|mots[- ]clés|schlüsselwörter|schlagwörter|palabras clave"
        "|palavras[- ]chave|parole chiave|关键词|キーワード|키워드|ключевые слова",
        r".*",
    ),
    "abstract": ("abstract", r".*"),
    # These begin no list of facts, as prose may begin with them too, but go on with one.
    "text": (
        "summary|description|résumé|zusammenfassung|resumen|resumo|riassunto|samenvatting|摘要|要旨|抄録|초록|аннотация|резюме",
        r".*",
    ),
    "other": (
        "(?:announce|article|document|publication) type|type|issn|eissn|publisher|url|link|title|language|categories"
        "|affiliations?|license|journal[- ]ref(?:erence)?|出版社",
        r".{0,350}",
    ),
}
_LABEL = re.compile(
    # Where markup was dropped, the last word of one fact stands against the next label: "2026Source:".
    r"(?:^|(?<=[\s;,.|·•。；])|(?-i:(?<=[a-z0-9])(?=[A-Z])|(?=Author\(s\)))"
    r")(?:(?P<arxiv>arxiv:)(?=\S)|(?-i:(?P<bare>A(?:bstract|BSTRACT))\s+(?=[A-Z]))|(?:"
    + "|".join(f"(?P<{name}>{words})" for name, (words, _) in _FACTS.items())
    + r")\s?[:：]\s*)",
    re.IGNORECASE,
)
_VALUES = {name: re.compile(form, re.IGNORECASE) for name, (_, form) in _FACTS.items()} | {"arxiv": re.compile(r"\S+")}
_RECORDED = frozenset(("author", "source", "volume", "issue", "pages", "date", "doi", "pmid", "pmcid", "keyword"))
_BEHIND_PROSE = frozenset(("keyword", "doi", "pmid", "pmcid"))
_SENTENCE_ENDS = (".", "?", "!", ")", "。")
_DATE_AND_PROSE = re.compile(r"((?:\S+ ){0,4}?\S*[12][0-9]{3}(?:-[0-9]{2}){0,2})[.;|]? ([^\W\d].{40,})")
# What stands before the word "Abstract:" within so many characters is no part of it.
_LONGEST_HEAD = 1500
_DOI_ADDRESS = r"(?:https?://(?:dx\.)?doi\.org/)?10\.\S+"
_CITATION = re.compile(
    r"(?:(?P<source>[^;:]{3,150}?)[,.;]?\s+)?(?:vol(?:ume|\.)?|band|tome)\s*(?P<volume>[0-9][\w-]*)"
    r"(?:\s*\(|,?\s+(?:issue|iss\.?|no\.?|number|nr\.?|heft)\s*)?(?P<issue>(?<=[( ])[\w-]{1,12})?\)?"
    r"(?:[,:]?\s+(?:pp?|pages?|seiten?|s)\.?\s*(?P<pages>[a-z]{0,3}[0-9][\w–-]{0,22}))?(?:[,.;: ].{0,150})?",
    re.IGNORECASE,
)
_MEDLINE = re.compile(
    r"(?P<source>[^;:]{2,100}?)\. (?P<date>[12][0-9]{3}(?: [A-Z][a-z]{2}(?: [0-9]{1,2})?)?);(?P<volume>[\w-]{1,10})"
    r"(?:\((?P<issue>[^()]{1,20})\))?:(?P<pages>[\w-]{1,24})\..{0,200}"
)
_ONLINE = re.compile(
    r"(?P<source>[^;:]{3,150}?),?\s+published online:?\s(?P<date>[^;]{4,60}?)(?:;.{0,150})?", re.IGNORECASE
)
_PAGED = re.compile(r"(?P<source>[^;:]{3,150}?),?\s+pp\.\s*(?P<pages>[a-z]{0,3}[0-9][\w–-]{0,22})\.?", re.IGNORECASE)
_CITED = (_CITATION, _MEDLINE, _ONLINE, _PAGED)
_CITATION_LINE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:.{0,150}?,\s*)?\bvol(?:ume|\.)?\s*[^\s,]*[0-9][^\s,]*,\s*(?:issue|no\.?|number|pp?\.|pages?)(?![a-z]).*",
        r"(?:.{0,150}?[,.]\s*)?(?:ahead of print|early\s?view|online ahead of print|accepted article"
        r"|(?:articles? )?in press|online first|advance access)\.?",
        r".{0,150}?,?\s*published online:?\s.{4,200}",
        _PAGED.pattern,
        r"(?:available online|first published|epub|received|accepted)\b[^.]{0,60}[0-9]{4}.{0,60}",
        rf".{{0,140}}?\bdoi:?\s*{_DOI_ADDRESS}(?:\s+(?:epub|online ahead of print)\b.{{0,60}})?",
        r"(?:doi:?\s*)?(?:https?://\S+|10\.[0-9]{4,}\S+)",
        r"[^:]{2,80}, vol\. \S+, pages? \S+: .*",
        r"pmid:.{0,200}",
        r"[^.:]{2,60}:\s*[0-9]{4}-[0-9]{2}(?:-[0-9]{2}\S*)?(?: \([^)]*\))?",  # a date, of whatever
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
# Between names, around them, and in them.
_BETWEEN_NAMES = re.compile(r"\s*[,;|·•]\s*(?:and\s|&\s)?|\s+(?:and|&|und|et|y|e)\s+")
_BY = re.compile(r"by\s+", re.IGNORECASE)
_ET_AL = re.compile(r",?\s*\bet al\b\.?$")
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?[ -]?){1,4}|PhD|MSc|Jr\.?")
_NAME_WORD = re.compile(r"[^\W\d_][\w'’.-]*")
_NO_PARTICLE = re.compile("of|in|for|on|the|with|to|from|by|as|at|or|an?|is|not|its")
# Of names alone on a line these say that they are names, and no headings.
_SURE_NAMES = re.compile(r"^[Bb]y\b|\b[A-Z]\b|\b[A-Z]{2,3}(?=[,;]|$)|\bet al\b")
_SECTION_WORDS = frozenset(word for section in _SECTIONS for word in section.split())
_OTHER_SEMICOLON = re.compile("[·•；、，]")
_ABSTRACT_BEFORE = re.compile(r"^(?:Abstract|ABSTRACT)(?:\s+(?=[A-Z0-9])|$)")
_DATABASE_NOTICE = re.compile(
    r"\s*[(\[]?\s*(?:APA )?Psyc\w+ Database Record\b.{0,80}?\breserved\W*(?:\((?:source: )?journal abstract\)\W*)?$"
    r"|\s*\((?:source: )?journal abstract\)\W*$",
    re.IGNORECASE,
)
# Words that say that a DOI beside them is another paper's.
ANOTHER_PAPER = re.compile(
    r"\b(?:correct(?:s|ion)|errat(?:um|a)|corrigendum|retract\w*|in reply|repl(?:y|ies) to|response to|comments? on"
    r"|commentary on|letter to|see also|related article|companion)\b",
    re.IGNORECASE,
)
_DOI_SAID = re.compile(r"(?:\bdoi:?\s*|doi\.org/)(10\.[0-9]{4,9}/[^\s\"'<>]+)", re.IGNORECASE)


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
    facts: dict[str, str] = field(default_factory=dict)  # by the names of `_FACTS`: "source", "author", …
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
    once = collapse(compose(_unescape_tags(source or "")[: 2 * _LONGEST_TITLE]))
    if once is None:
        return None
    once = _ARXIV_IN_TITLE.sub("", _PLACE_IN_TITLE.sub("", once))
    section = None
    bracket = _SECTION_LABEL.search(once)
    if bracket is not None and (label := (bracket["front"] or bracket["back"]).lower()) in _SECTIONS:
        section = label
        once = (once[: bracket.start()] + once[bracket.end() :]).strip()
    text = collapse(compose(strip_markup(once) or ""))
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
    judge = _Judge(title)
    for paragraph in _paragraphs((source or "")[:_LONGEST_SOURCE]):
        judge.take(paragraph)
    return judge.close()


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


def find_dois_said(text: str) -> set[str]:
    """Return the DOIs that a text calls DOIs.

    Examples
    --------
    >>> sorted(find_dois_said("doi:10.1000/a, https://doi.org/10.1000/B and 10.1000/c"))
    ['10.1000/a', '10.1000/b']
    """
    return {doi for doi in map(page_doi, _DOI_SAID.findall(text)) if doi}


def _is_citation_line(text: str) -> bool:
    return (
        len(text) <= _LONGEST_LINE
        and not ANOTHER_PAPER.search(text)
        and any(pattern.fullmatch(text) for pattern in _CITATION_LINE)
    )


def _is_aside(text: str) -> bool:
    """Return whether a line by itself is a line of citation, facts or names."""
    return _divide_facts(text, goes_on=False) is not None or _is_citation_line(text) or _names_people(text)


class _Judge:
    """Takes in the paragraphs of a description one after the other, each by its form and by what stood before it."""

    def __init__(self, title: str | None) -> None:
        self.facts: dict[str, str] = {}
        self.doi: str | None = None
        self.kept: list[_Paragraph] = []
        self._title = title
        self._names: str | None = None
        self._is_told = False  # whether a label has said which text is the abstract

    def take(self, paragraph: _Paragraph) -> None:
        """Take in a paragraph."""
        text = _ABSTRACT_BEFORE.sub("", _DATABASE_NOTICE.sub("", paragraph.text))
        goes_on = bool(self.facts) and not self.kept
        if _same(text, self._title):
            return
        if text.rstrip(":. ").lower() in ("abstract", "summary of abstract", "graphical abstract"):
            self.kept.clear()  # what stands before the word is not the abstract
        elif (pieces := _divide_facts(text, goes_on=goes_on)) is not None:
            is_others = not pieces[0][0] and ANOTHER_PAPER.search(pieces[0][1]) is not None
            for name, value in pieces:
                if not name:
                    self.take(replace(paragraph, text=value))
                elif name != "doi" or not is_others:
                    self._take(name, value)
        elif _is_citation_line(text):
            dois = find_dois_said(text)
            self.doi = self.doi or (dois.pop() if len(dois) == 1 else None)
            self._cite(text)
        elif not self.kept and self._names is None and _names_people(text):
            self._names = text
        elif not _CHATTER.fullmatch(text):
            self.kept.append(replace(paragraph, text=text))

    def close(self) -> Description:
        """Return what the description says; who stands in a line of names depends on what follows it."""
        first = self.kept[0].text if self.kept else ""
        if self.facts and self._names is None and _is_person(first) and not _SECTION_WORDS & set(first.lower().split()):
            self._names = self.kept.pop(0).text
        if self._names is not None and (self.facts or self.doi or _SURE_NAMES.search(self._names)):
            self.facts.setdefault("author", _OTHER_SEMICOLON.sub(";", self._names))
        return Description(abstract=_sections(self.kept), facts=self.facts, doi=self.doi)

    def _take(self, name: str, value: str) -> None:
        """Take in a labelled value."""
        if name == "abstract" or (name == "text" and not self._is_told):
            self._is_told = True
            text = _ABSTRACT_BEFORE.sub("", value)
            self.kept = [] if _CHATTER.fullmatch(text) else [_Paragraph(text=text, is_heading=False, lead=None)]
        elif name in _RECORDED and value:
            self.facts.setdefault(name, _OTHER_SEMICOLON.sub(";", value) if name == "author" else value)
            if name == "source":
                self._cite(value)

    def _cite(self, text: str) -> None:
        """Note the parts of a citation."""
        cited = next(filter(None, (form.fullmatch(text) for form in _CITED)), None)
        for name, value in (cited.groupdict() if cited is not None else {}).items():
            if value and name in _RECORDED:
                self.facts.setdefault(name, value)


def _divide_facts(text: str, *, goes_on: bool) -> list[tuple[str, str]] | None:
    """Divide a paragraph at the labels of facts in it.

    Parameters
    ----------
    goes_on
        Whether facts stood before it, and no prose yet.

    Returns
    -------
    list of (str, str) or None
        Each name of `_FACTS` with its value, and "" with what is before the first; None if the paragraph is prose.
    """
    marks: list[tuple[str, int, int]] = []  # name, where the label begins, where the value does
    is_list = False  # a label began the paragraph, and none said that prose follows
    for mark in _LABEL.finditer(text):
        name, start = str(mark.lastgroup), mark.start()
        if not start:
            is_label = is_list = name != "bare" and (goes_on or name not in ("text", "other"))
        elif mark.group()[0].islower():  # "data source: …" is no label
            is_label = False
        elif name == "abstract" and not marks:
            is_label = start <= _LONGEST_HEAD
        else:
            is_label = is_list or (
                name in _BEHIND_PROSE and text[max(0, start - 2) : start].rstrip().endswith(_SENTENCE_ENDS)
            )
        if is_label:
            name = "abstract" if name == "bare" else name
            marks.append((name, start, mark.end()))
            is_list = is_list and name not in ("abstract", "text")
    if not marks:
        return None
    pieces = [("", text[: marks[0][1]].rstrip())] if marks[0][1] else []
    ends = [start for _, start, _ in marks[1:]] + [len(text)]
    for (name, start, begin), end in zip(marks, ends, strict=True):
        value = text[begin:end].strip(" ;,|·•-–")
        value = value if name in ("author", "abstract", "text") else value.rstrip(".")
        if _is_value(name, value):
            pieces.append((name, value))
        elif name == "date" and (parts := _DATE_AND_PROSE.fullmatch(value)) is not None:
            pieces += [("date", parts[1]), ("", parts[2])]
        elif not start:
            return None
        elif pieces[-1][0] in ("abstract", "text"):
            pieces[-1] = (pieces[-1][0], f"{pieces[-1][1]} {text[start:end].strip()}")
    return pieces


def _is_value(name: str, value: str) -> bool:
    """Return whether a text may be the value of a fact; an empty one may."""
    if not value:
        return True
    is_date = name != "date" or parse_date(value) is not None or re.match("in press|ahead|online", value, re.IGNORECASE)
    return bool(is_date) and _VALUES[name].fullmatch(value) is not None


def _names_people(text: str) -> bool:
    """Return whether a line is nothing but the names of several people, or says by whom.

    Examples
    --------
    >>> [_names_people(text) for text in ("by Jane Doe", "Doe J, Roe KL; Li W", "Jane Doe", "Sleep, Mood and Pain")]
    [True, True, False, False]
    """
    names = _ET_AL.sub("", _BY.sub("", text))
    people = [name for name in _BETWEEN_NAMES.split(names) if name]
    whole = [_is_person(name) or _INITIALS.fullmatch(name) is not None for name in people]
    # The family name before its initials, and in a long list somebody with a single name.
    single = [name.istitle() and name.isalpha() for name, is_whole in zip(people, whole, strict=True) if not is_whole]
    most = len(people) // 2 if any(map(_INITIALS.fullmatch, people)) else len(people) // 3
    return len(people) > (names == text) and all(single) and len(single) <= most


def _is_person(text: str) -> bool:
    """Return whether a text has the form of one person's whole name."""
    words = text.rstrip("*†‡§0123456789").split()
    return 1 < len(words) <= 6 and all(
        _NAME_WORD.fullmatch(word) and (word[0].isupper() or (len(word) <= 4 and not _NO_PARTICLE.fullmatch(word)))
        for word in words
    )


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
    text = _escape_stray(_unescape_tags(source)).strip()
    if not _BLOCK_TAG.search(text):
        text = _mark_paragraphs(text)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.paragraphs


def _mark_paragraphs(text: str) -> str:
    """Mark, in plain text, the paragraphs that blank lines divide, and the lines at its head that are no prose."""
    head, lines = [], text.splitlines()
    while len(lines) > 1 and (not lines[0].strip() or _is_aside(strip_markup(lines[0]) or "")):
        head.append(lines.pop(0))
    return "<br>".join([*head, _BLANK_LINE.sub("<br>", "\n".join(lines))])


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
        text = collapse(compose(html.unescape("".join(self._texts))))
        if text is not None:
            self.paragraphs.append(_Paragraph(text=text, is_heading=self._is_heading, lead=self._lead or None))
        self._texts, self._lead, self._is_heading = [], None, False

    def close(self) -> None:
        """Read what is left."""
        super().close()
        self._flush()
