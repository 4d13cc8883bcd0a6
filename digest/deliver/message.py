"""The message: built once for a variant, then spliced for each recipient.

What is stored is a first line that names the slots' prefix, then the message with its slots. A
spliced message depends on nothing but the stored bytes and the values, so a resend is identical.
"""

from __future__ import annotations

import hashlib
import html as markup
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.quoprimime import body_encode
from email.utils import parseaddr

from digest.deliver import headers
from digest.deliver.inline import Inline
from digest.errors import BadInput, DigestError
from digest.model.delivery import DeliveryKind
from digest.model.splice import MAILTO, UNSUBSCRIBE, SlotNames

_CRLF = "\r\n"
#: How a value is written where its slot stands: in a header as it is, in the parts encoded; or the two fields
#: that unsubscribing takes. What is stored names them by these letters, so none may change its meaning: the first
#: two are of earlier versions, whose lines could begin with a dot.
_EARLIER_TEXT, _EARLIER_HTML = "t", "m"
_HEADER, _FIELDS, _TEXT, _HTML = "h", "u", "p", "q"
#: A line end that no white space follows, or half of one: the rest would be a field of its own.
_UNFOLDED = re.compile(r"\r\n(?![ \t])|\r(?!\n)|(?<!\r)\n|\0")
_QP_LINE = 76
_DOTS = re.compile(r"^(\.+)([^\r\n]*)", re.MULTILINE)
_DOTS_A_LINE = 24
_VISIBLE = re.compile(r"[!-~]*")
#: What quoted-printable changes nothing of.
_PLAIN = re.compile(r"(?!\.)[!-<>-~]{0,76}")


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What the headers say besides the subject. `key` is the variant's.

    Only an edition is a list's mail. A confirmation or a notice answers one reader: it has no List-* fields,
    and says that a program wrote it (RFC 3834).
    """

    sender_name: str
    sender_address: str
    list_name: str
    list_title: str
    domain: str
    language: str
    key: str
    feedback: tuple[str, ...] = ()  # publication, cadence, edition number
    reply_to: str = ""
    kind: DeliveryKind = DeliveryKind.EDITION
    list_help: str = ""  # URIs; empty: no such field
    list_archive: str = ""
    complaints: str = ""  # the address of CFBL-Address (RFC 9477)


@dataclass(frozen=True, slots=True)
class Attached:
    """A whole mail that goes with another one, under the name of a file."""

    name: str
    message: bytes


def build(
    *,
    subject: str,
    text: str,
    html: str,
    slots: SlotNames,
    facts: MessageFacts,
    images: Sequence[Inline] = (),
    attached: Attached | None = None,
) -> bytes:
    """The stored form of a variant's message: multipart/alternative, the plain text first, all CRLF.

    With `images`, which the HTML names, the second part is multipart/related (RFC 2387): HTML, then each of them.

    A slot in `text` and `html` may have any name; `splice` wants a value for each. Raises BadInput for an
    address of the sender's that not every reader's server takes.
    """
    boundary = "=_" + hashlib.blake2b(facts.key.encode(), digest_size=12).hexdigest()
    body = [
        f'Content-Type: multipart/alternative;{_CRLF} boundary="{boundary}"',
        "",
        f"--{boundary}",
        *_part("plain", text, slots, _TEXT),
        f"--{boundary}",
        *_with_images(_part("html", html, slots, _HTML), images, facts.key),
        f"--{boundary}--",
        "",
    ]
    lines = [*_headers(subject, slots, facts), *(_with(attached, body, boundary) if attached else body)]
    return (slots.prefix + _CRLF + _CRLF.join(lines)).encode("utf-8")


def _with(attached: Attached, body: Sequence[str], inner: str) -> list[str]:
    """The mail goes below the text as message/rfc822, which mail programs show as a mail and filters look into."""
    boundary = f"{inner}-with"
    mail = attached.message.decode("utf-8").removesuffix(_CRLF)
    return [
        f'Content-Type: multipart/mixed;{_CRLF} boundary="{boundary}"',
        "",
        f"--{boundary}",
        *body,
        f"--{boundary}",
        "Content-Type: message/rfc822",
        f'Content-Disposition: inline;{_CRLF} filename="{headers.token(attached.name)}"',
        f"Content-Transfer-Encoding: {'7bit' if mail.isascii() else '8bit'}",
        "",
        mail,
        f"--{boundary}--",
        "",
    ]


def _headers(subject: str, slots: SlotNames, facts: MessageFacts) -> list[str]:
    def slot(name: str) -> str:
        return slots.marker(f"{name}.{_HEADER}")

    own = headers.own_address
    fields = [
        f"Date: {slot('date')}",
        _field("From", headers.mailbox_tokens(facts.sender_name, own(facts.sender_address))),
        f"To: {slot('to')}",
        headers.subject(subject),
        f"Message-ID: {slot('message_id')}",
        *(_of_list(slots, facts) if facts.kind is DeliveryKind.EDITION else ["Auto-Submitted: auto-generated"]),
        f"Feedback-ID: {headers.feedback_id(facts.feedback, facts.domain)}",
        f"Content-Language: {headers.token(facts.language)}",
        "MIME-Version: 1.0",
    ]
    if facts.complaints:
        fields.insert(-2, f"CFBL-Address: {own(headers.addr_spec(facts.complaints))}; report=arf")
    if facts.reply_to:
        name, address = parseaddr(facts.reply_to)
        fields.insert(2, _field("Reply-To", headers.mailbox_tokens(name, own(address))))
    return fields


def _of_list(slots: SlotNames, facts: MessageFacts) -> list[str]:
    """RFC 2919, 2369 and 8058."""
    links = {"List-Help": facts.list_help, "List-Archive": facts.list_archive}
    return [
        headers.list_id(facts.list_title, facts.list_name, facts.domain),
        *(f"{name}: <{headers.uri(link)}>" for name, link in links.items() if link),
        slots.marker(f"{UNSUBSCRIBE}.{_FIELDS}"),
        "Precedence: bulk",
    ]


def _field(name: str, tokens: Sequence[str]) -> str:
    return headers.fold(name, tokens).removesuffix(_CRLF)


def _part(subtype: str, body: str, slots: SlotNames, place: str) -> list[str]:
    body = re.sub(rf"@@{slots.prefix}:([a-z][a-z_]{{0,17}})@@", rf"@@{slots.prefix}:\1.{place}@@", body)
    head = [f"Content-Type: text/{subtype}; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", ""]
    quoted = _dotless(_quoted(body)).rstrip(_CRLF)
    if place == _HTML:
        # Inside an attribute the line ends around a slot become soft ones: no client sees a line break there.
        quoted = re.sub(rf'"\r\n(@@{slots.prefix}:[a-z_.]+@@)\r\n"', r'"=\r\n\1=\r\n"', quoted)
    return [*head, quoted, ""]


def _with_images(html: list[str], images: Sequence[Inline], key: str) -> list[str]:
    if not images:
        return html
    # Not one that begins with the outer one: such a line would end that part (RFC 2046, 5.1.2).
    boundary = "=-" + hashlib.blake2b(f"related {key}".encode(), digest_size=12).hexdigest()
    parts = [html, *(image.part() for image in images)]
    return [
        f'Content-Type: multipart/related; type="text/html";{_CRLF} boundary="{boundary}"',
        "",
        *(line for part in parts for line in (f"--{boundary}", *part)),
        f"--{boundary}--",
        "",
    ]


def _quoted(text: str) -> str:
    """Quoted-printable (RFC 2045, 6.7) of the text's UTF-8 bytes."""
    plain = "\n".join(text.splitlines())
    return body_encode(plain.encode("utf-8", "replace").decode("latin-1"), maxlinelen=_QP_LINE, eol=_CRLF)


def _dotless(quoted: str) -> str:
    """The same text with no line that begins with a dot: SMTP would have to double it, in each copy anew."""
    return _DOTS.sub(_dots_coded, quoted) if "." in quoted else quoted


def _dots_coded(found: re.Match[str]) -> str:
    dots, rest = len(found[1]), found[2]
    if 3 * dots + len(rest) <= _QP_LINE:
        return "=2E" * dots + rest
    lines = ["=2E" * min(_DOTS_A_LINE, dots - done) for done in range(0, dots, _DOTS_A_LINE)]
    return f"={_CRLF}".join([*lines, rest])


class Template:
    """A variant's message taken apart at its slots, once: splicing is then a join."""

    def __init__(self, stored: bytes) -> None:
        prefix, found, message = stored.partition(b"\r\n")
        if not found or not re.fullmatch(rb"[0-9a-f]{16}", prefix):
            raise DigestError("the stored message of a variant is damaged", mend="digest db check")
        pieces = re.split(rb"@@" + prefix + rb":([a-z_]+)\.([a-z])@@", message)
        self._first = pieces[0]
        #: Whatever is spliced in: every line ends with CRLF, and none begins with a dot.
        self.fit = _is_fit(message) and not {b"t", b"m"} & set(pieces[2::3])
        self._rest = [
            (_writer(place.decode()), name.decode(), fixed)
            for name, place, fixed in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True)
        ]

    def splice(self, values: Mapping[str, str]) -> bytes:
        """The message of one recipient. Raises KeyError for a value that is missing, BadInput for a hostile one."""
        parts = [self._first]
        for write, name, fixed in self._rest:
            parts.append(write(values, name))
            parts.append(fixed)
        return b"".join(parts)


def _is_fit(message: bytes) -> bool:
    """Whether a connection would have nothing to mend in it."""
    ends = message.count(b"\r\n")
    dotless = b"\n." not in message and not message.startswith(b".")
    return dotless and message.count(b"\r") == message.count(b"\n") == ends


def _writer(place: str) -> Callable[[Mapping[str, str], str], bytes]:
    try:
        return _WRITERS[place]
    except KeyError:
        raise DigestError("a newer digest made this message", mend="upgrade digest") from None


def _in_header(values: Mapping[str, str], name: str) -> bytes:
    value = values[name]
    if _UNFOLDED.search(value):
        raise BadInput(f"{value!r} would break out of its header field")
    return value.encode("utf-8")


def _fields(values: Mapping[str, str], name: str) -> bytes:
    """Both fields follow from the values, so that no message promises one-click without the link for it."""
    second = values.get(MAILTO)
    return headers.unsubscribe([values[name], second] if second else [values[name]]).encode("ascii")


def _in_text(values: Mapping[str, str], name: str) -> bytes:
    return _spliced(values[name])


def _in_html(values: Mapping[str, str], name: str) -> bytes:
    return _spliced(markup.escape(values[name]))


def _in_earlier_text(values: Mapping[str, str], name: str) -> bytes:
    return _quoted(values[name]).encode("ascii")


def _in_earlier_html(values: Mapping[str, str], name: str) -> bytes:
    return _quoted(markup.escape(values[name])).encode("ascii")


_WRITERS = {
    _HEADER: _in_header,
    _FIELDS: _fields,
    _TEXT: _in_text,
    _HTML: _in_html,
    _EARLIER_TEXT: _in_earlier_text,
    _EARLIER_HTML: _in_earlier_html,
}


def _spliced(value: str) -> bytes:
    """As `_dotless(_quoted())`, with short ways for what nearly every address and link is."""
    if _PLAIN.fullmatch(value):
        return value.encode("ascii")
    if _VISIBLE.fullmatch(value) and not value.startswith("."):
        coded = value.replace("=", "=3D")
        if len(coded) <= _QP_LINE:
            return coded.encode("ascii")
    return _dotless(_quoted(value)).encode("ascii")
