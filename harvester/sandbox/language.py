"""PubMed's query language: its tokens, field tags and word lists; nothing here knows a record."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harvester.sandbox.index import words_of

_TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])
    |(?P<operator>AND|OR|NOT)(?![\w*-])
    |(?P<colon>:)
    |"(?P<quoted>[^"]*)"\s*(?:\[(?P<quoted_tag>[^\]]*)\])?
    |\[(?P<stray_tag>[^\]]*)\]
    |(?P<bare>(?:(?!\s*(?:[()\["]|\b(?:AND|OR|NOT)(?![\w*-])))\S|\s(?!\s*(?:[()\["]|(?:AND|OR|NOT)(?![\w*-])|$)))+)\s*(?:\[(?P<tag>[^\]]*)\])?
    )""",
    re.VERBOSE,
)
# Tag (lower case): PubMed's full field name.  From PubMed Help, "Search field tags".
FIELDS = {
    **dict.fromkeys(("", "all", "all fields"), "All Fields"),
    **dict.fromkeys(("tiab", "title/abstract"), "Title/Abstract"),
    **dict.fromkeys(("ti", "title"), "Title"),
    **dict.fromkeys(("ab", "abstract"), "Abstract"),
    **dict.fromkeys(("ot", "other term"), "Other Term"),
    **dict.fromkeys(("tw", "text word", "text words"), "Text Word"),
    **dict.fromkeys(("mh", "mesh", "mesh terms", "mesh:terms"), "MeSH Terms"),
    **dict.fromkeys(("mh:noexp", "mesh:noexp", "mesh terms:noexp"), "MeSH Terms:noexp"),
    **dict.fromkeys(("majr", "mesh major topic"), "MeSH Major Topic"),
    **dict.fromkeys(("sh", "mesh subheading", "subheading"), "MeSH Subheading"),
    **dict.fromkeys(("nm", "supplementary concept", "substance name"), "Supplementary Concept"),
    **dict.fromkeys(("pa", "pharmacological action"), "Pharmacological Action"),
    **dict.fromkeys(("pt", "publication type"), "Publication Type"),
    **dict.fromkeys(("ta", "jour", "journal", "so"), "Journal"),
    **dict.fromkeys(("au", "author"), "Author"),
    **dict.fromkeys(("fau", "full author name"), "Author - Full"),
    **dict.fromkeys(("cn", "corporate author"), "Corporate Author"),
    **dict.fromkeys(("la", "lang", "language"), "Language"),
    **dict.fromkeys(("uid", "pmid"), "UID"),
    **dict.fromkeys(("aid", "doi", "article identifier", "lid", "location id"), "Article Identifier"),
    **dict.fromkeys(("si", "secondary source id"), "Secondary Source ID"),
    **dict.fromkeys(("sb", "subset", "filter"), "Filter"),
    **dict.fromkeys(("crdt", "date - create", "create date"), "Date - Create"),
    **dict.fromkeys(("edat", "date - entry", "entry date", "entrez date", "date - entrez"), "Date - Entry"),
    **dict.fromkeys(
        ("lr", "mdat", "date - modification", "date - last revision", "modification date"), "Date - Modification"
    ),
    **dict.fromkeys(("mhda", "date - mesh", "mesh date"), "Date - MeSH"),
    **dict.fromkeys(("dcom", "date - completion", "completion date"), "Date - Completion"),
    **dict.fromkeys(("dp", "pdat", "date - publication", "publication date"), "Date - Publication"),
}
DATE_FIELDS = {
    "Date - Create": "crdt",
    "Date - Entry": "edat",
    "Date - Modification": "mdat",
    "Date - MeSH": "mhda",
    "Date - Completion": "dcom",
    "Date - Publication": "pdat",
}
TEXT_FIELDS = {
    "Title/Abstract": ("title", "abstract", "keywords"),
    "Title": ("title",),
    "Abstract": ("abstract",),
    "Other Term": ("keywords",),
    "Text Word": ("title", "abstract", "keywords", "rest"),
    "All Fields": ("title", "abstract", "keywords", "rest"),
}
EXACT_FIELDS = {
    "MeSH Subheading": "heading",
    "Publication Type": "type",
    "Journal": "journal",
    "Article Identifier": "id",
    "Secondary Source ID": "id",
}
LANGUAGES = {
    "english": "eng",
    "german": "ger",
    "french": "fre",
    "spanish": "spa",
    "chinese": "chi",
    "japanese": "jpn",
    "portuguese": "por",
}
# Words of the searches that the server is made for.  PubMed's index holds every one of them, a small corpus does
# not: without this list a good query would look misspelt.
IN_PUBMED = words_of(
    "addict addiction affective alcohol anhedonia anorexia antidepress antidepressant anxiety arketamine autism "
    "autistic bipolar bulimia craving depress depression depressive disorder disorders dissociation dissociative "
    "dysthymia dysthymic eating esketamine ketamine ketanest health hydroxynorketamine mania manic mental mood "
    "norketamine obsessive ocd panic post postpartum posttraumatic psychiatric psychiatry psychotherapy ptsd "
    "schizophrenia self harm spravato suicidal suicide traumatic use abuse misuse recreational psychedelic "
    "psychedelics hallucinogen hallucinogens psychotomimetic ketalar dysphoria adjustment stress trauma grief "
    "burnout insomnia sleep delirium dementia"
)
STOP_WORDS = frozenset(words_of("a an and as at but by for from in is it not of on or that the to was were with"))


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a query."""

    kind: str  # "(", ")", "AND", "OR", "NOT", ":", "term"
    text: str = ""
    tag: str = ""
    quoted: bool = False


def tokenise(term: str) -> list[Token]:
    """Cut a query into brackets, operators, colons and terms with their tags; terms without text are left out."""
    tokens: list[Token] = []
    position = 0
    while (match := _TOKEN.match(term, position)) and match.end() > position:
        position = match.end()
        groups = match.groupdict()
        if groups["bracket"] or groups["operator"] or groups["colon"]:
            tokens.append(Token((groups["bracket"] or groups["operator"] or groups["colon"]).strip()))
        elif groups["quoted"] is not None:
            tokens.append(Token("term", groups["quoted"].strip(), groups["quoted_tag"] or "", quoted=True))
        elif groups["bare"]:
            tokens.append(Token("term", groups["bare"].strip(), groups["tag"] or ""))
    return [token for token in tokens if token.kind != "term" or token.text]


def query_words(text: str) -> list[str]:
    """Cut a term into index words; an asterisk stays with the word before it."""
    words: list[str] = []
    for piece in re.split(r"(?<=\*)", text):
        cut = words_of(piece)
        if cut and piece.endswith("*"):
            cut[-1] += "*"
        words.extend(cut)
    return words
