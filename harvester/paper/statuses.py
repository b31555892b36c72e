"""Where a paper stands: published, ahead of print, preprint, corrected, in doubt, withdrawn, retracted.

PubMed says it in two ways, by the paper's publication types and by its CommentsCorrections; either is enough.
Publishers and feeds say it by a label before or behind the title ("RETRACTED: …", "[Retracted] …", "… (Retracted
article)"), in the language of the journal; the ordinary word is no label ("Withdrawn adolescents with depression").

What is *not* a status of the paper: being itself a notice.  A record of type "Retraction of Publication" (or
"Retraction Notice", as newer ones are typed) or "Published Erratum" speaks of another paper, and an erratum is never a
retraction.  Feeds know no types; there the title says it ("Retraction: …", "Correction to ‘…’", "Response to ‘…’"), and
again only a label: "Response to ketamine" and "Retraction of consent" are what papers are about.

Sources: NLM's fact sheet "Errata, Retractions, and Other Linked Citations in PubMed"; the DTD of 250101; Europe PMC's
types of preprints.

Nothing here touches network, disk or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from harvester.paper.records import Citation, Record, Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status, and what makes a paper have it."""

    name: str
    gravity: int = 0  # of several the highest counts; 0: nothing is wrong
    types: tuple[str, ...] = ()  # publication types of the paper's own record; the first is the one that we add
    relations: tuple[str, ...] = ()  # how the paper's own record names a notice of it; the first likewise
    publication_status: str | None = None  # PubMed's
    notices: tuple[tuple[str, str], ...] = ()  # how the notice's record names the paper, and the paper's the notice
    notice_types: tuple[str, ...] = ()  # publication types of the notice's record
    label: str = ""  # what stands before or behind the title, a regular expression
    notice: str = ""  # what its notices are called
    notice_label: str = ""  # how the title of a notice begins, a regular expression


_ENDS = r"(?:\s*[:：–—]|\s-\s|\s*$|\s*(?=[\])】）］]))"  # of a label that is no part of a sentence
_QUOTE = r"\s*[:：]?\s*[\"'“„«‘‚「『《]"
_BY_WHOM = r"(?:(?:the )?(?:author|publisher|editor|editorial|invited|expert)(?:s?['’]s?|s)? )?"
_OF_SOMEBODY = r" for .{2,80}? et al\b"  # "Correction for Sample et al., …"

# In the order in which the table's description lists them.
_DECLARED = (
    Status(name="published"),
    Status(name="ahead-of-print", publication_status="aheadofprint"),
    Status(name="preprint", types=("Preprint",)),
    Status(
        name="retracted",
        gravity=4,
        types=("Retracted Publication", "Retracted Article", "Retracted"),
        relations=("RetractionIn", "RetractedandRepublishedIn"),
        notices=(("RetractionOf", "RetractionIn"),),
        notice_types=("Retraction of Publication", "Retraction Notice"),
        label=r"retracted|rétractée?|retrac?tad[oa]|ritrattat[oa]|zurückgezogene?r?|ingetrokken|отозван[ао]?|отозванная"
        r"|ретрагирован[ао]?|已?撤稿|已?撤回|철회(?:된)?",
        notice="retraction",
        notice_label=r"(?:(?:notice|statement) of )?(?:partial )?retraction(?: (?:notice|note|statement))?"
        rf"(?:{_ENDS}| (?:to|of|for|on){_QUOTE}| (?:to|of|for|on)\s*:|{_OF_SOMEBODY})"
        r"|retraction (?:notice|note|statement) (?:to|of|for|on)\b|(?:notice|statement) of retraction\b"
        rf"|(?:nota de |nota di |avis de )?(?:retractación|retratação|ritrattazione|rétractation|zurückziehung){_ENDS}"
        r"|撤稿(?:声明|聲明|通知|公告)|撤回(?:公告|通知|のお知らせ)|論文撤回|철회 ?공지",
    ),
    Status(
        name="concern",
        gravity=2,
        relations=("ExpressionOfConcernIn",),
        notices=(("ExpressionOfConcernFor", "ExpressionOfConcernIn"),),
        notice_types=("Expression of Concern",),
        notice="expression of concern",
        notice_label=rf"{_BY_WHOM}(?:note|notice|expression) of (?:editorial )?concern"
        rf"(?:{_ENDS}| (?:to|for|on|about|regarding|over)\b)|expresión de preocupación{_ENDS}|关注声明",
    ),
    Status(
        name="corrected",
        gravity=1,
        relations=("ErratumIn", "CorrectedandRepublishedIn"),
        notices=(("ErratumFor", "ErratumIn"),),
        notice_types=("Published Erratum",),
        notice="correction",
        notice_label=rf"{_BY_WHOM}corrections?(?:{_ENDS}| to\b|{_OF_SOMEBODY})|{_BY_WHOM}amendment{_ENDS}"
        rf"|{_BY_WHOM}(?:erratum|errata|corrigend(?:um|a)|addend(?:um|a))\b|rectificatif\b|fe de erratas?\b"
        rf"|(?:berichtigung|korrektur)(?:{_ENDS}| zu\b)|(?:corrección|correção|correctif|correzione){_ENDS}"
        r"|更正|勘误|勘誤|訂正|정정",
    ),
    # Cochrane and several publishers take a paper back without a notice; a source may also delete its record.  NLM has
    # no type for it.
    Status(
        name="withdrawn",
        gravity=3,
        types=("Withdrawn Publication", "Preprint-Withdrawal", "Preprint-Removal"),
        label="withdrawn|removed|temporary removal|retirée?|retirad[oa]|ritirat[oa]",
        notice="withdrawal",
        notice_label=rf"(?:withdrawal|removal) notice\b|notice of (?:withdrawal|removal)\b|withdrawal{_QUOTE}",
    ),
)
# How the title of a reply or a comment begins.
_COMMENT_LABEL = (
    rf"re\s*[:：]|(?:in )?reply(?:{_ENDS}| to\b)|in reply\b|rebuttal\b"
    r"|(?:the )?(?:author|editor)(?:s?['’]s?|s)? (?:reply|response|comment)s?\b"
    rf"|(?:in )?response(?:{_ENDS}|(?: to)?(?:{_QUOTE}|\s*[:：]))"
    r"|(?:in )?response(?: to)? (?:the )?(?:letters?|comment\w*|editor\w*|correspondence|dr\.?|.{2,60}? et al)\b"
    rf"|(?:an? )?{_BY_WHOM}comment(?:ary|aries|s)?(?:{_ENDS}| (?:on|to|regarding)\b)|discussion of{_QUOTE}"
    r"|letter(?: to the editors?)? (?:regarding|concerning|on|about|re)\b"
    rf"|(?:antwort auf|réponse à|respuesta a|resposta a|risposta a){_QUOTE}|erwiderung\b|kommentar(?:{_ENDS}| zu\b)"
    rf"|commentaires?(?:{_ENDS}| sur\b)|comentarios? (?:a|sobre){_QUOTE}"
    r"|respuesta de los autores\b|resposta dos autores\b|评论[:：]|评《|答复|回复[:：]"
)
COMMENT = "comment"  # what `read_notice` calls a reply or a comment
STATUSES = tuple(status.name for status in _DECLARED)
_GRAVEST_FIRST = tuple(sorted((status for status in _DECLARED if status.gravity), key=lambda status: -status.gravity))

# What speaks against a paper, the gravest first: what befalls a paper that a reader has is told, a correction too.
AGAINST = tuple(status.name for status in _GRAVEST_FIRST)
# What a reader must know before reading or citing it.
IN_DOUBT = frozenset(AGAINST) - {"corrected"}
# What is as if it had not been published.
TAKEN_BACK = IN_DOUBT - {"concern"}

# What a notice makes of its paper, by how the paper's own record names it.
NOTICE_KINDS = {relation: status.name for status in _DECLARED for relation in status.relations}
# How a notice's record names the paper that it speaks of, and how that paper's own record names the notice.
NOTICE_RELATIONS = {own: papers for status in _DECLARED for own, papers in status.notices}
# What a record is a notice of, by its publication type.
NOTICE_TYPES = {kind: status.name for status in _DECLARED for kind in status.notice_types}


def _compile_label(words: str) -> re.Pattern[str]:
    """Compile a label: it ends in a colon or a dash, or stands in brackets, at the beginning or at the end."""
    kinds = r"(?:article|paper|chapter|publication|manuscript|preprint|artikel|art[íi]culo|artigo|articolo|статья)"
    label = rf"(?:{kinds}\s+)?(?:{words})(?:\s+{kinds}|论文|論文|文章|\s?논문)?"
    in_brackets = rf"[\[(【（［]\s*{label}(?:[.,:;][^\])]{{0,150}})?\s*[\])】）］]"
    return re.compile(rf"^\W*{label}\s*(?:[:：|]|[–—]|-\s)|^\W*{in_brackets}|{in_brackets}\W*$", re.IGNORECASE)


_LABELS = {status.name: _compile_label(status.label) for status in _DECLARED if status.label}
_NOTICE_LABELS = {status.name: status.notice_label for status in _GRAVEST_FIRST} | {COMMENT: _COMMENT_LABEL}
_NOTICE_BEGINNINGS = {
    name: re.compile(rf"^(?:{label})|^[\[(【（［]\s*(?:{label})[^\])】）］]{{0,3}}[\])】）］]", re.IGNORECASE)
    for name, label in _NOTICE_LABELS.items()
}
# What stands behind the title of the paper: "…: authors' reply", "… (Correction)".
_NOTICE_ENDS = {
    "retracted": "retraction(?: notice| note)?",
    "concern": "expression of concern",
    "corrected": "correction|erratum|corrigendum",
    COMMENT: rf"(?:in )?{_BY_WHOM}(?:reply|rejoinder)|authors?['’]?s?['’]? response|(?:an? )?{_BY_WHOM}comment(?:ary)?",
}
_NOTICE_ENDINGS = {
    name: re.compile(rf"(?:[:：–—(\[]|\s-\s)\s*(?:{words})\s*[\])]?\W*$", re.IGNORECASE)
    for name, words in _NOTICE_ENDS.items()
}

# The publication type that says of a record what its title does.
NOTICE_TYPE = {status.name: status.notice_types[0] for status in _DECLARED if status.notice_types} | {
    COMMENT: "Comment"
}
# What notices are called, with how the paper's own record names them, the gravest first.
NOTICES = {status.notice: status.relations[0] for status in _GRAVEST_FIRST if status.relations}


def read_notice(title: str | None) -> str | None:
    """Return what an item about another paper makes of that paper, by the label of its title.

    Returns
    -------
    str or None
        A status, `COMMENT` for a reply or a comment; None for the title of a paper.

    Examples
    --------
    >>> [read_notice(title) for title in ("Retraction: Ketamine and sleep", "Correction to ‘Ketamine’", "Reply to A")]
    ['retracted', 'corrected', 'comment']
    >>> [read_notice(title) for title in ("Response to ketamine", "Withdrawal: a review", "RETRACTED: Ketamine", None)]
    [None, None, None, None]
    """
    shown = re.sub(r"^[^\w\[(【（［]+", "", title or "")
    forms = (*_NOTICE_BEGINNINGS.items(), *_NOTICE_ENDINGS.items()) if shown else ()
    return next((name for name, form in forms if form.search(shown) is not None), None)


def drop_label(title: str) -> str:
    """Return a title without the label that says its paper was retracted or withdrawn.

    Examples
    --------
    >>> drop_label("RETRACTED: A sample"), drop_label("Withdrawn adolescents with depression")
    ('A sample', 'Withdrawn adolescents with depression')
    """
    for label in _LABELS.values():
        title = label.sub("", title).strip()
    return title


def is_notice(citation: Citation) -> bool:
    """Return whether a record is a notice about another paper, not a paper of its own.

    Examples
    --------
    >>> is_notice(Citation(publication_types=("Retraction Notice",)))
    True
    """
    if "Expression of Concern" in citation.publication_types:
        # The type also stands on some papers that a concern is about; those name the notice instead.
        return not any(NOTICE_KINDS.get(relation.kind) == "concern" for relation in citation.relations)
    return not NOTICE_TYPES.keys().isdisjoint(citation.publication_types)


def is_about_another(citation: Citation) -> bool:
    """Return whether a record is about another paper: a notice by its type, or by the label of its title, or a reply.

    Examples
    --------
    >>> is_about_another(Citation(title="Response to: ketamine and sleep")), is_about_another(Citation(title="Sleep"))
    (True, False)
    """
    return is_notice(citation) or read_notice(citation.title) is not None


def derive_status(citation: Citation, *, titles: Iterable[str | None] = ()) -> str:
    """Return where a paper stands, one of `STATUSES`, the gravest if it has several.

    Parameters
    ----------
    titles
        The paper's titles as other records have them: a publisher's feed labels a paper before PubMed does.

    Examples
    --------
    >>> derive_status(Citation(publication_types=("Journal Article", "Retracted Publication")))
    'retracted'
    >>> derive_status(Citation(publication_types=("Retraction of Publication",)))
    'published'
    >>> derive_status(Citation(title="RETRACTED: Ketamine in an invented sample"))
    'retracted'
    """
    types = {kind.casefold() for kind in citation.publication_types}
    noticed = {NOTICE_KINDS.get(relation.kind) for relation in citation.relations}
    shown = [title for title in (citation.title, *titles) if title and read_notice(title) is None]
    for status in _GRAVEST_FIRST:
        label = _LABELS.get(status.name)
        is_labelled = label is not None and any(map(label.search, shown))
        if is_labelled or status.name in noticed or not types.isdisjoint(map(str.casefold, status.types)):
            return status.name
    if citation.is_preprint:
        return "preprint"
    return "ahead-of-print" if citation.publication_status == "aheadofprint" else "published"


def with_status(record: Record, status: str) -> Record:
    """Return a record of a source that names the status alone, so that `derive_status` finds it, or a graver one.

    Examples
    --------
    >>> record = Record(source="import:a.ris", source_key="1")
    >>> derive_status(with_status(record, "concern")), with_status(record, "on loan") == record
    ('concern', True)
    """
    wanted = next((declared for declared in _DECLARED if declared.name == status), None)
    if wanted is None or derive_status(record) == status:
        return record
    if wanted.types:
        return replace(record, publication_types=(*record.publication_types, wanted.types[0]))
    if wanted.relations:
        return replace(record, relations=(*record.relations, Relation(kind=wanted.relations[0])))
    return replace(record, publication_status=wanted.publication_status or record.publication_status)
