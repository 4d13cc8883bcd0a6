"""Header values: what comes from outside made harmless, what we write encoded by ourselves.

The standard library's folding would turn List-* and Feedback-ID into encoded words, which their
readers do not decode, and can make one encoded word of several hundred characters. So the rules of
RFC 5322 (folding), RFC 2047 (words of at most 75 characters) and RFC 6532 are applied here.
"""

from __future__ import annotations

import base64
import email.header
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

# Direction marks, embeddings, overrides and isolates; byte order mark; interlinear annotation.
_UNWANTED = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb"
)
_BAD = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~. -]+")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_URI_SAFE = "!#$%&'()*+,/:;=?@[]~-._"
_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")


def clean(value: str) -> str:
    """Text from outside on one line, encoded words decoded first: they can hide a line break."""
    for _ in range(5):  # a word can hide another one
        decoded = _decode(value)
        if decoded == value:
            break
        value = decoded
    kept = "".join(c for c in _SPACES.sub(" ", value) if c not in _UNWANTED and unicodedata.category(c) not in _BAD)
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def _decode(value: str) -> str:
    if "=?" not in value:
        return value
    try:
        parts = email.header.decode_header(_SPACES.sub(" ", value))
        return "".join(p if isinstance(p, str) else p.decode(charset or "latin-1", "replace") for p, charset in parts)
    except (HeaderParseError, LookupError, ValueError):
        return value


def text(value: str, column: int = 0) -> list[str]:
    """Unstructured text (Subject) as tokens to be folded; `column` is where the first one starts."""
    value = clean(value)
    tokens = value.split(" ")
    plain = value.isascii() and "=?" not in value
    if plain and all(len(t) < LINE - 1 for t in tokens) and len(tokens[0]) + column <= LINE:
        return tokens
    return words(value, column)


def words(value: str, column: int = 0) -> list[str]:
    """Encoded words, each of whole characters; B or Q, whichever is shorter here."""
    raw = value.encode()
    as_q = sum(1 if b in _Q_SAFE or b == 0x20 else 3 for b in raw)
    encode = _q_word if as_q <= 4 * len(raw) / 3 else _b_word
    found: list[str] = []
    room = min(WORD, LINE - column)
    current = ""
    for cluster in _clusters(value):
        if current and len(encode(current + cluster)) > room:
            found.append(encode(current))
            current, room = cluster, WORD
        else:
            current += cluster
    found.append(encode(current))
    return found


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


def unstructured(name: str, value: str) -> str:
    """A whole field of free text (Subject), without its line end."""
    return fold(name, text(value, len(name) + 2)).removesuffix("\r\n")


def list_id(title: str, name: str, domain: str) -> str:
    """RFC 2919: the title only where it is ASCII, since encoded words are not for this field."""
    label = clean(title)
    phrase = f"{_quoted(label)} " if label.isascii() and label else ""
    return f"{phrase}<{token(name)}.{ascii_domain(domain)}>"


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
