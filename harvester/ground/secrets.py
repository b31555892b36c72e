"""Keep secrets out of whatever is printed, logged, stored or mailed.

By what they look like (keys and tokens in addresses, user names before a host), and by value: what was read from the
environment is noted here, once for the whole program, because text goes out at many places and no place should have
to be handed the secrets to leave them out.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote, quote_plus, unquote

# What stands in the place of a secret.
MASK = "…"

# A shorter value would be found within ordinary words, and is no secret worth the name.
_SHORTEST = 6
_NAMES = r"api[-_]?key|access[-_]?token|auth|token|key|password|passwd|secret"
_NAMED = re.compile(rf"(?<![A-Za-z0-9])({_NAMES})([\"']?\s*[=:]\s*[\"']?)[^&\s\"',;)]+", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?://)([^/?#\s\"'<>]*)([^?#\s\"'<>]*)([^\s\"'<>]*)", re.IGNORECASE)
_PARAMETER = re.compile(r"([?&;#])([^=&;#]*)(=?)([^&;#]*)")
_SECRET_PARAMETER = re.compile(
    r"key(?!word|board)|token|secret|passw|pwd|auth(?!or)|signature|credential|session|jwt"
    r"|^(?:sig|sid|pass|pw|hmac|hash|user(?:name)?|login)$",
    re.IGNORECASE,
)
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_CHANGE = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)

_known: dict[str, str] = {}  # each spelling of a secret, and what stands in its place


def note_secret(value: str | None) -> str | None:
    """Remember a secret, so that `mask_secrets` knows it, and return it as it is.

    Of an address the host may still be told; what in it would be a secret by itself is one.
    """
    address = _ADDRESS.fullmatch((value or "").strip())
    if value is None:
        return None
    if address is None:
        _note(value.strip(), MASK)
        return value
    _, host, path, rest = address.groups()
    _note(address.group(), hide_address(address.group()))
    _note(address.group().removesuffix(rest), hide_address(address.group()))
    _note(path + rest, f"/{MASK}")
    values = [match[4] for match in _PARAMETER.finditer(rest) if len(match[4]) >= 8]
    for word in (*host.rpartition("@")[0].split(":"), *values, *filter(_looks_random, path.split("/"))):
        _note(word, MASK)
        _note(unquote(word), MASK)
    return value


def hide_address(url: str) -> str:
    """Return of an address only the host.

    Examples
    --------
    >>> hide_address("https://me:pw@example.org:8080/private/feed?id=1")
    'https://example.org:8080/…'
    """
    match = _ADDRESS.match(url)
    return f"{match[1]}{match[2].rpartition('@')[2]}/{MASK}" if match is not None else MASK


def mask_secrets(text: str) -> str:
    """Replace in a text the secrets that are known, and what looks like one.

    Examples
    --------
    >>> mask_secrets("https://me:pw@example.org/?db=pubmed&api_key=0123abc&term=x")
    'https://…@example.org/?db=pubmed&api_key=…&term=x'
    >>> mask_secrets("https://example.org/feeds/0a1b2c3d4e5f6a7b8c9d/new.xml")
    'https://example.org/feeds/…/new.xml'
    """
    for spelling, masked in _longest_first():
        text = text.replace(spelling, masked)
    return _NAMED.sub(rf"\1\2{MASK}", _ADDRESS.sub(_mask_address, text))


def mask_bytes(content: bytes) -> bytes:
    """Replace the secrets that are known in the body of an answer, whose character set nobody knows yet."""
    for spelling, masked in _longest_first():
        content = content.replace(spelling.encode(), masked.replace(MASK, "...").encode())
    return content


def _longest_first() -> list[tuple[str, str]]:
    # A copy, because another source's thread may note a secret meanwhile.
    return sorted(_known.copy().items(), key=lambda item: -len(item[0]))


def _note(value: str, masked: str) -> None:
    """Note a secret in each way in which it is written: as it is, in an address, in HTML."""
    if len(value) >= _SHORTEST and MASK not in value:
        for spelling in (value, quote(value), quote(value, safe=""), quote_plus(value), html.escape(value)):
            _known[spelling] = masked


def _mask_address(match: re.Match[str]) -> str:
    address = match.group().rstrip(".,;:)")  # what follows is the sentence's
    after = match.group()[len(address) :]
    scheme, host, path, rest = (_ADDRESS.match(address) or match).groups()
    user, at, host = host.rpartition("@")
    segments = [MASK if _looks_random(segment) else segment for segment in path.split("/")]
    return f"{scheme}{MASK if user else ''}{at}{host}{'/'.join(segments)}{_PARAMETER.sub(_mask_parameter, rest)}{after}"


def _mask_parameter(match: re.Match[str]) -> str:
    before, name, equals, value = match.groups()
    if not equals:
        return f"{before}{MASK if _looks_random(name) else name}"
    is_secret = value and (_SECRET_PARAMETER.search(name) or _looks_random(value))
    return f"{before}{name}={MASK if is_secret else value}"


def _looks_random(text: str) -> bool:
    """Whether a part of an address looks like a token: long, without words, letters and digits in turn."""
    return bool(_UUID.search(text)) or any(
        any(map(str.isdigit, run)) and len(_CHANGE.findall(run)) >= 3 for run in _RUN.findall(text)
    )
