"""Answers of the server, and what a fault makes of them; nothing here touches a socket."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from harvester.sandbox.faults import ERRORS, Fault

_RECORD = re.compile(rb"<(PubmedArticle|PubmedBookArticle)(?:\s[^>]*)?>.*?</\1\s*>", re.DOTALL)
_FEED_DATES = re.compile(
    rb"<(pubDate|lastBuildDate|dc:date|prism:publicationDate|published|updated)>.*?</\1>", re.DOTALL
)
_FEED_ENTRY = re.compile(rb"<(item|entry)(?:\s[^>]*)?>.*?</\1>\s*", re.DOTALL)
_FEED_KEYS = re.compile(rb"(<(?:guid|id)\b[^>]*>|rdf:about=\")([^<\"]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer before it is sent."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(value: object, *, status: int = 200) -> Answer:
    """Return an answer that holds a value as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status=status, body=body, content_type="application/json; charset=UTF-8")


def xml_answer(text: str | bytes, *, status: int = 200) -> Answer:
    """Return an answer that holds XML."""
    return Answer(
        status=status, body=text.encode() if isinstance(text, str) else text, content_type="text/xml; charset=UTF-8"
    )


def html_answer(title: str, text: str, *, status: int = 200) -> Answer:
    """Return an HTML page, as servers answer when it is not the program that answers."""
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1><p>{text}</p><hr><p>Invented server for tests</p></body></html>\n"
    )
    return Answer(status=status, body=page.encode(), content_type="text/html; charset=UTF-8")


def rate_limited(*, limit: int, count: int, retry_after: str | int) -> Answer:
    """Return NCBI's refusal of too many requests."""
    body = {"error": "API rate limit exceeded", "api-key": "127.0.0.1", "count": str(count), "limit": str(limit)}
    return replace(json_answer(body, status=429), headers={"Retry-After": str(retry_after)})


def invalid_key() -> Answer:
    """Return NCBI's refusal of an API key that it does not know."""
    return json_answer(
        {"error": "API key invalid", "api-key": "***", "type": "client", "status": "unknown"}, status=400
    )


def error_inside(name: str, path: str, *, as_json: bool) -> Answer:
    """Return a 200 with an error inside, in the shape of the program that was asked.

    Parameters
    ----------
    name
        One of `harvester.sandbox.faults.ERRORS`.
    path
        The request's path.
    as_json
        Whether JSON was asked for.  A line break stays raw in the string, as NCBI sends it.
    """
    text = ERRORS[name]
    if as_json:
        body = f'{{"header":{{"type":"esearch","version":"0.3"}},"esearchresult":{{"ERROR":"{text}"}}}}'
        return Answer(body=body.encode(), content_type="application/json; charset=UTF-8")
    root = next((r for p, r in _RESULT_NAMES.items() if p in path), "eSearchResult")
    return xml_answer(f'<?xml version="1.0" encoding="UTF-8" ?>\n<{root}>\n\t<ERROR>{text}</ERROR>\n</{root}>\n')


_RESULT_NAMES = {"efetch": "eFetchResult", "epost": "ePostResult", "esummary": "eSummaryResult", "einfo": "eInfoResult"}


def find_substitute(fault: Fault, path: str, *, as_json: bool) -> Answer | None:
    """Return the answer that a fault sends instead of the right one; None if it only changes the right one."""
    retry = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    match fault.kind:
        case "status":
            status = fault.status or 500
            return replace(
                html_answer(f"Error {status}", "The server could not do this.", status=status), headers=retry
            )
        case "rate-limit":
            return rate_limited(limit=3, count=4, retry_after=2 if fault.retry_after is None else fault.retry_after)
        case "redirect":
            return replace(
                html_answer("Moved", "See there.", status=fault.status or 302), headers={"Location": fault.url}
            )
        case "html":
            return html_answer("Maintenance", "This service is being serviced.")
        case "captcha":
            return html_answer("Just a moment…", "Please confirm that you are human, then reload this page.")
        case "empty-body":
            return xml_answer(b"")
        case "body":
            return xml_answer(fault.body)
        case "billion-laughs":
            return xml_answer(_laughs())
        case "error":
            return replace(error_inside(fault.error, path, as_json=as_json), status=fault.status or 200)
        case "no-result":
            return json_answer({"version": "0.0"}) if as_json else xml_answer('<?xml version="1.0" ?>\n<Result/>\n')
        case "invalid-key":
            return invalid_key()
        case "not-modified":
            return Answer(status=304)
    return None


def _laughs() -> str:
    """Return XML whose ten entities each hold the one before ten times: a billion words when expanded."""
    entities = ['<!ENTITY a0 "ha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    return (
        f'<?xml version="1.0"?>\n<!DOCTYPE rss [{"".join(entities)}]>\n'
        '<rss version="2.0"><channel><title>&a9;</title><item><title>&a9;</title></item></channel></rss>\n'
    )


def spoil(fault: Fault, answer: Answer, played: int) -> Answer:
    """Return what a fault makes of the right answer.

    Parameters
    ----------
    fault
        What to play; kinds that concern only the sending leave the answer as it is.
    answer
        The right answer.
    played
        How often the fault was played before.
    """
    change = _CHANGES.get(fault.kind)
    return answer if change is None else replace(answer, body=change(answer.body, fault, played))


def _records(body: bytes, alter: Callable[[list[bytes]], list[bytes]]) -> bytes:
    matches = list(_RECORD.finditer(body))
    if not matches:
        return body
    records = alter([match.group() for match in matches])
    return body[: matches[0].start()] + b"\n".join(records) + body[matches[-1].end() :]


def _alter_middle(body: bytes, alter: Callable[[bytes], bytes]) -> bytes:
    def one(records: list[bytes]) -> list[bytes]:
        middle = len(records) // 2
        return [alter(record) if number == middle else record for number, record in enumerate(records)]

    return _records(body, one)


def _drop_records(body: bytes, fault: Fault, played: int) -> bytes:
    # The last ones: what a server loses that stops early.
    return _records(body, lambda records: records[: max(0, len(records) - (fault.amount or 1))])


def _repeated_record(body: bytes, fault: Fault, played: int) -> bytes:
    return _records(body, lambda records: [*records, records[0]])


def _other_record(body: bytes, fault: Fault, played: int) -> bytes:
    # Another number of the same length as the record's own; references to other papers stay as they are.
    def under_another(record: bytes) -> bytes:
        return re.sub(rb"(<PMID\b[^>]*>)[0-9]([0-9]*)(</PMID>)", rb"\g<1>1\g<2>\g<3>", record, count=1)

    return _alter_middle(body, under_another)


def _truncated(body: bytes, fault: Fault, played: int) -> bytes:
    return body[: len(body) // 2]


def _malformed_record(body: bytes, fault: Fault, played: int) -> bytes:
    return _alter_middle(body, lambda record: record.replace(b"</ArticleTitle>", b"</Artic", 1))


def _invalid_record(body: bytes, fault: Fault, played: int) -> bytes:
    def without(record: bytes) -> bytes:
        return re.sub(
            rb"<PMID\b[^>]*>.*?</PMID>|<ArticleTitle\b.*?</ArticleTitle>", b"<Surprise/>", record, flags=re.DOTALL
        )

    return _alter_middle(body, without)


def _next_dtd(body: bytes, fault: Fault, played: int) -> bytes:
    body = re.sub(rb"1st January \d{4}", b"1st January 2099", body, count=1)
    body = re.sub(rb"pubmed_\d{6}\.dtd", b"pubmed_990101.dtd", body, count=1)
    return body.replace(b"</ArticleTitle>", b"</ArticleTitle><PlainTitle>New in this DTD</PlainTitle>")


def _empty_set(body: bytes, fault: Fault, played: int) -> bytes:
    if body.lstrip().startswith(b"{"):
        value = json.loads(body)
        value["esearchresult"].update(
            count="0", retmax="0", idlist=[], warninglist={"outputmessages": ["No items found."]}
        )
        return json.dumps(value).encode()
    if _FEED_ENTRY.search(body):
        return _FEED_ENTRY.sub(b"", body)
    if b"eSearchResult" in body:
        return re.sub(rb"<Id>.*?</Id>\s*", b"", re.sub(rb"<Count>\d+</Count>", b"<Count>0</Count>", body, count=1))
    return b'<?xml version="1.0" ?>\n<PubmedArticleSet></PubmedArticleSet>\n'


def _cut_idlist(body: bytes, fault: Fault, played: int) -> bytes:
    amount = fault.amount or 1
    if body.lstrip().startswith(b"{"):
        value = json.loads(body)
        result = value["esearchresult"]
        result["idlist"] = result["idlist"][:-amount]
        return json.dumps(value).encode()
    ids = list(re.finditer(rb"<Id>\d+</Id>\s*", body))
    return body[: ids[-amount].start()] + body[ids[-1].end() :] if len(ids) >= amount else body


def _xml_error(body: bytes, fault: Fault, played: int) -> bytes:
    middle = body.find(b">", len(body) // 2) + 1
    return body[:middle] + b"<broken & <<" + body[middle:]


def _wrong_charset(body: bytes, fault: Fault, played: int) -> bytes:
    # One letter outside ASCII is enough; a body without any would be valid in both.
    text = body.decode("utf-8", "replace").replace("</title>", " – Universität Müller</title>", 1)
    return text.encode("cp1252", "replace")


def _no_dates(body: bytes, fault: Fault, played: int) -> bytes:
    return _FEED_DATES.sub(b"", body)


def _changed_guids(body: bytes, fault: Fault, played: int) -> bytes:
    return _FEED_KEYS.sub(lambda match: match.group(1) + match.group(2) + b"?v=%d" % (played + 1), body)


_CHANGES: dict[str, Callable[[bytes, Fault, int], bytes]] = {
    "truncated": _truncated,
    "drop-records": _drop_records,
    "repeated-record": _repeated_record,
    "other-record": _other_record,
    "malformed-record": _malformed_record,
    "invalid-record": _invalid_record,
    "next-dtd": _next_dtd,
    "empty-set": _empty_set,
    "cut-idlist": _cut_idlist,
    "xml-error": _xml_error,
    "wrong-charset": _wrong_charset,
    "no-dates": _no_dates,
    "changed-guids": _changed_guids,
}
