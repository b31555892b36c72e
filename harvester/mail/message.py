"""Build the message of an edition, for one recipient.

Building is pure and deterministic: the same arguments give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any
from urllib.parse import quote

from harvester.ground.errors import MailError

_LONGEST_LINE = 998  # RFC 5322 2.1.1, without the line's end
# Programs read these as text, and an address cut into encoded words is no address any more.
_UNFOLDED = frozenset({"list-unsubscribe", "list-unsubscribe-post", "list-id", "message-id"})


class _Policy(EmailPolicy):
    """Line ends of SMTP; headers folded at 78, encoded words at 75 (RFC 2047), headers for programs never."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Serialise one header."""
        if name.lower() in _UNFOLDED:
            return f"{name}: {value}{self.linesep}".encode("utf-8" if self.utf8 else "ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def build_message(
    *,
    sender: str,
    recipient: str | None,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    date: datetime,
    list_id: str,
    unsubscribe: str | None,
) -> EmailMessage:
    """Build the message of an edition for one recipient.

    Parameters
    ----------
    sender
        ``Name <address>`` or an address.
    recipient
        One address; None for the copy that is kept in the files, which names nobody.
    subject
        One line.
    text, html
        The two renderings; the text part comes first, because readers show the last one they can.
    message_id
        As `build_message_id` builds it.
    date
        When the edition was made, aware.
    list_id
        ``name.domain``, or ``Phrase <name.domain>`` (RFC 2919).
    unsubscribe
        A ``mailto:`` or ``https:`` address.  An ``https:`` one must accept a POST, because it is announced as
        one-click (RFC 8058).

    Returns
    -------
    EmailMessage
        Its bytes, by `message_bytes`, depend on nothing but the arguments.

    Raises
    ------
    MailError
        If an argument cannot stand in a header (line breaks and other control characters, a malformed address).
    """
    if date.tzinfo is None:
        raise ValueError("the date of a message needs a time zone")
    sender_address, recipient_address = parse_address(sender), parse_address(recipient)
    utf8 = not f"{sender_address.addr_spec}{recipient_address.addr_spec}".isascii()
    message = EmailMessage(policy=_POLICY.clone(utf8=utf8))
    headers: dict[str, object] = {
        "From": sender_address,
        "To": "undisclosed-recipients:;" if recipient is None else recipient_address,
        "Subject": subject,
        "Date": date,
        "Message-ID": message_id,
        "List-Id": _build_list_id(list_id),
        **_build_unsubscribe(unsubscribe),
        # RFC 3834: vacation programs do not answer this.  `Precedence: bulk` says the same to programs older
        # than 2004, and makes some filters think of advertising; it is left out.
        "Auto-Submitted": "auto-generated",
    }
    for name, value in headers.items():
        if _has_control(str(value)):
            raise MailError(f"the header {name} would hold a line break or a control character ({str(value)!r})")
        message[name] = value
    # Quoted-printable whatever the text, so that no line is too long and no server has a reason to re-encode it.
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for part in message.iter_parts():
        del part["MIME-Version"]  # it belongs to the whole
    # "=_" cannot occur in quoted-printable text, so this boundary is in neither part.
    message.set_boundary(f"=_{_digest(message_id, text, html)}")
    return message


def build_message_id(edition: str, digest: str, recipient: str | None, *, sender: str) -> str:
    """Build the Message-ID of an edition for one recipient, always the same one.

    Parameters
    ----------
    edition, digest
        Their names (``2026-W47``, ``weekly``).
    recipient
        The address; only a digest of it is in the result.  None for the copy that is kept in the files.
    sender
        ``Name <address>`` or an address; its domain is the result's.

    Examples
    --------
    >>> build_message_id("2026-W47", "weekly", None, sender="Digest <digest@example.org>")
    '<2026-W47.weekly.0cac012e0eec5d0a11205cc9@example.org>'
    """
    address = parse_address(sender)
    local = re.sub(r"[^A-Za-z0-9-]+", "-", edition) + "." + re.sub(r"[^A-Za-z0-9-]+", "-", digest)
    return f"<{local}.{_digest(edition, digest, recipient or '', address.addr_spec)}@{address.domain}>"


def message_bytes(message: EmailMessage) -> bytes:
    """Return a message as it goes to the server: CR LF, short lines, ASCII unless an address is not."""
    return message.as_bytes()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _has_control(text: str) -> bool:
    # C0 and C1 controls, the Unicode line ends that str.splitlines knows, and halves of surrogate pairs.
    return re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", text) is not None


def parse_address(text: str | None) -> Address:
    """Read ``Name <address>`` or an address; an international domain becomes its ASCII form (IDNA).

    Raises
    ------
    MailError
        If it is neither, or holds a line break.  None gives an empty address.
    """
    if text is None:
        return Address()
    name, _, address = text.rpartition("<") if text.rstrip().endswith(">") else ("", "", text)
    username, at, domain = address.strip().removesuffix(">").strip().rpartition("@")
    if _has_control(text) or not (username and at and domain) or re.search(r"[\s<>(),;:\"\\]", username + domain):
        raise MailError(f"{text!r} is not an e-mail address", advice="write it as: Name <name@example.org>")
    try:
        return Address(name.strip().strip('"').strip(), username, _to_ascii(domain))
    except ValueError as error:
        raise MailError(f"{text!r} is not an e-mail address ({error})") from error


def _to_ascii(domain: str) -> str:
    return domain if domain.isascii() else domain.encode("idna").decode()


def _build_list_id(list_id: str) -> str:
    phrase, _, name = list_id.strip().removesuffix(">").rpartition("<")
    name = _to_ascii(name)
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise MailError(f"{list_id!r} is not a List-Id", advice="write it as: Title <name.example.org>")
    phrase = phrase.strip().strip('"')
    if not phrase or not phrase.isascii():
        return f"<{name}>"  # the phrase is for people, who see the sender's name; programs may not decode it
    escaped = re.sub(r'(["\\])', r"\\\1", phrase)
    return f'"{escaped}" <{name}>'


def _build_unsubscribe(address: str | None) -> dict[str, object]:
    if address is None:
        return {}
    # Whatever RFC 3986 does not allow in an address is percent-encoded.
    encoded = quote(address.strip(), safe=":/?#[]@!$&'()*+,;=%-._~")
    if not encoded.startswith(("mailto:", "https:")) or len(encoded) > _LONGEST_LINE - len("List-Unsubscribe: <>"):
        raise MailError(f"{address!r} cannot be a List-Unsubscribe", advice="give a mailto: or https: address")
    headers: dict[str, object] = {"List-Unsubscribe": f"<{encoded}>"}
    if encoded.startswith("https:"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
