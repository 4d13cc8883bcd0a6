"""Header values: what comes from outside made harmless, what we write encoded by ourselves.

The standard library's folding would turn List-* and Feedback-ID into encoded words, which their
readers do not decode, and can make one encoded word of several hundred characters. So the rules of
RFC 5322 (folding), RFC 2047 (words of at most 75 characters) and RFC 6532 are applied here.
"""

from __future__ import annotations

import base64
import email.header
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.utils import format_datetime
from urllib.parse import quote

import idna

from digest.errors import BadInput

LINE = 78
WORD = 75

# Direction marks, embeddings, overrides and isolates; byte order mark; interlinear annotation; and what is
# not seen at all, with which filters are dodged. The joiners stay: emoji and Persian need them.
_UNWANTED = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb"
    "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u206a\u206b\u206c\u206d\u206e\u206f"
)
_BAD = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~. -]+")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_URI_SAFE = "!#$%&'()*+,/:;=?@[]~-._"
_LINK = re.compile(r"[a-z]+:[!-;=?-~]+")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9._-]+")
_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")
#: RFC 2047, and the white space that stands between two of them and is not shown.
_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=(?:\s+(?==\?[^?\s]+\?[bBqQ]\?[^?]*\?=))?")
#: What no language writes once letter and mark are one sign: strokes through letters, towers of accents.
_STRUCK = re.compile(r"[\u0334-\u0338]+")
_STACKED = re.compile(r"([\u0300-\u036f])[\u0300-\u036f]+")
_ROUNDS = 5
_SUBJECT = 200


def clean(value: str) -> str:
    """Text from outside on one line, encoded words decoded first: they can hide a line break."""
    for _ in range(_ROUNDS):  # a word can hide another one, and what is taken out of it can make one
        cleaned = _one_line(_WORD.sub(_decoded, value))
        if cleaned == value:
            break
        value = cleaned
    return value


def _one_line(value: str) -> str:
    spaced = _SPACES.sub(" ", value)
    if not spaced.isascii():
        kept = (c for c in spaced if c not in _UNWANTED and unicodedata.category(c) not in _BAD)
        spaced = _STACKED.sub(r"\1", _STRUCK.sub("", unicodedata.normalize("NFC", "".join(kept))))
    return " ".join(spaced.split())


def _decoded(found: re.Match[str]) -> str:
    try:
        ((raw, charset),) = email.header.decode_header(found[0].strip())
        return raw if isinstance(raw, str) else raw.decode(charset or "latin-1", "replace")
    except (HeaderParseError, LookupError, ValueError):
        return found[0]


def text(value: str, column: int = 0) -> list[str]:
    """Unstructured text (Subject) as tokens to be folded; `column` is where the first one starts."""
    value = clean(value)
    tokens = value.split(" ")
    plain = value.isascii() and "=?" not in value
    if plain and all(len(t) < LINE - 1 for t in tokens) and len(tokens[0]) + column <= LINE:
        return tokens
    return words(value, column)


def words(value: str, column: int = 0) -> list[str]:
    """Encoded words, each of whole characters; B or Q, whichever is shorter."""
    found: list[str] = []
    room = min(WORD, LINE - column)
    current = word = ""
    for cluster in _clusters(value):
        longer = _word(current + cluster)
        if current and len(longer) > room:
            found.append(word)
            current, word, room = cluster, _word(cluster), WORD
        else:
            current, word = current + cluster, longer
    found.append(word or _word(""))
    return found


def _word(value: str) -> str:
    q, b = _q_word(value), _b_word(value)
    return q if len(q) <= len(b) else b


def _clusters(value: str) -> Iterable[str]:
    """Characters with the marks that belong to them, so that no word starts with a lone mark."""
    cluster = ""
    for char in value:
        joined = unicodedata.combining(char) or char in "\u200d\ufe0f" or cluster.endswith("\u200d")
        if cluster and (not joined or len(cluster) >= 8):
            yield cluster
            cluster = char
        else:
            cluster += char
    if cluster:
        yield cluster


def _q_word(value: str) -> str:
    coded = "".join(chr(b) if b in _Q_SAFE else "_" if b == 0x20 else f"={b:02X}" for b in value.encode())
    return f"=?utf-8?q?{coded}?="


def _b_word(value: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(value.encode()).decode('ascii')}?="


def fold(name: str, tokens: Sequence[str]) -> str:
    """A whole header field, broken between tokens where a line would pass 78 characters."""
    lines, line = [], f"{name}:"
    for number, token in enumerate(tokens):
        if number and len(line) + 1 + len(token) > LINE:
            lines.append(line)
            line = f" {token}"
        else:
            line += f" {token}"
    return "\r\n".join([*lines, line]) + "\r\n"


def subject(value: str) -> str:
    """The Subject field, without its line end. One of more than 200 characters counts as spam with some filters."""
    value = clean(value)
    if len(value) > _SUBJECT:
        *whole, _ = _clusters(value[:_SUBJECT])
        value = "".join(whole).rstrip() + "…"
    return unstructured("Subject", value)


def unstructured(name: str, value: str) -> str:
    """A whole field of free text (Subject), without its line end."""
    return fold(name, text(value, len(name) + 2)).removesuffix("\r\n")


def list_id(title: str, name: str, domain: str) -> str:
    """A whole List-Id field (RFC 2919): the title only where it is short ASCII, since it takes no encoded words."""
    label, named = _quoted(clean(title)), f"<{token(name)}.{ascii_domain(domain)}>"
    fits = label.isascii() and "=?" not in label and 2 < len(label) <= LINE - len("List-Id: ")
    return fold("List-Id", [label, named] if fits else [named]).removesuffix("\r\n")


def feedback_id(parts: Iterable[str], domain: str) -> str:
    """The value of Feedback-ID: what complaints are counted by, and last the sender, in the 5 to 15 signs allowed."""
    sender = token(domain)
    if not 5 <= len(sender) <= 15:
        sender = hashlib.blake2b(sender.lower().encode(), digest_size=5).hexdigest()
    return ":".join([*map(token, parts), sender])


def unsubscribe(links: Sequence[str]) -> str:
    """List-Unsubscribe with these links in their order, and with the promise of RFC 8058 where the first is https."""
    for link in links:
        if not _LINK.fullmatch(link):
            raise BadInput(f"{link!r} cannot stand in a header as a link")
    field = "List-Unsubscribe:\r\n <" + ">,\r\n <".join(links) + ">"
    one_click = "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click" if links[0].startswith("https:") else ""
    return field + one_click


def mailbox(name: str, address: str) -> str:
    """`Name <address>` with the name encoded where it must be; not folded (see `mailbox_tokens`)."""
    return " ".join(mailbox_tokens(name, address))


def mailbox_tokens(name: str, address: str, column: int = len("Reply-To: ")) -> list[str]:
    address = addr_spec(address)
    name = clean(name)
    if not name:
        return [address]
    if name.isascii() and "=?" not in name and len(name) <= LINE - column - 4:
        phrase = name if _ATOM.fullmatch(name) and "." not in name else _quoted(name)
        return [phrase, f"<{address}>"]
    return [*words(name, column), f"<{address}>"]


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def addr_spec(address: str) -> str:
    """An address as it stands in headers and in the envelope: the domain in ASCII, the local part untouched.

    A local part outside ASCII stays as it is: such a mail needs SMTPUTF8.
    """
    if _PLAIN_ADDRESS.fullmatch(address):  # as nearly all are
        return address
    local, at, domain = address.strip().rpartition("@")
    bad = any(c.isspace() or c in '<>(),;:\\"[]' or not c.isprintable() for c in local) or "@" in local
    if not at or not local or bad:
        raise BadInput(f"{clean(address)!r} is not an address that mail can be sent to")
    return f"{local}@{ascii_domain(domain)}"


def wire_address(address: str) -> str:
    """As it stands in MAIL and RCPT; the null sender stays empty."""
    return addr_spec(address) if address else ""


def ascii_domain(domain: str) -> str:
    if domain.isascii() and re.fullmatch(r"\[[0-9A-Fa-f:.]+\]|\[IPv6:[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+", domain):
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise BadInput(f"{clean(domain)!r} is not a domain") from error


def own_address(address: str) -> str:
    """An address of the sender's own: a local part outside ASCII would ask SMTPUTF8 of every reader's server."""
    if needs_smtputf8(address):
        mend = "choose one with only ASCII letters before the @"
        raise BadInput(f"{clean(address)} cannot send to everybody, many servers refuse it", mend=mend)
    return address


def needs_smtputf8(address: str) -> bool:
    """Only a local part can need it: a domain has its ASCII form."""
    return not address.rpartition("@")[0].isascii()


def uri(value: str) -> str:
    """A URI for List-*: ASCII, nothing in it that could end the angle brackets or the line."""
    stripped = "".join(c for c in value.strip() if c.isprintable() and c not in _UNWANTED)
    return quote(stripped, safe=_URI_SAFE)


def token(value: str) -> str:
    """One field of Feedback-ID, or one label of List-Id: ASCII, and nothing that separates."""
    return _TOKEN.sub("-", clean(value)).strip("-.") or "-"


def plain(value: str) -> str:
    """A structured value that is ASCII by nature (Message-ID, Date): anything else is dropped."""
    return "".join(c for c in value.strip() if " " <= c <= "~")


def date(moment: datetime) -> str:
    """RFC 5322, in UTC: the same string wherever it is made."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0))
