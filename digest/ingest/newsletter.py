"""[pure] One mail of a newsletter to an article.

A mail is the most hostile thing that we read: everything in it was chosen by strangers. Headers are
cut before they are decoded, parts are counted, and only text comes out: no image, no link.
"""

from __future__ import annotations

import email
import re
from datetime import datetime
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from digest.errors import BadInput
from digest.ingest import dates, markup, plain
from digest.ingest.canonical import canonical_url
from digest.ingest.decode import tolerant
from digest.model.article import RawArticle
from digest.model.dates import PartialDate

MAX_BYTES = 5_000_000
_MAX_PARTS = 200
_MAX_DEPTH = 20
_MAX_HEADER = 2000
_LEAST_HTML = 80  # characters of text; under that the HTML part is a picture, and the text part is asked
_LONGEST_CHORE = 300
_A_LINK = 40  # characters: no sentence, but what a link said
_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)

# Every newsletter ends in these, and readers must not be shown somebody else's way out.
_CHORE = re.compile(
    r"unsubscribe|opt[ -]?out|manage (?:your )?(?:preferences|subscription)|email preferences|update your preferences"
    r"|view (?:this|it)? ?(?:e-?mail|newsletter|message)? ?in (?:your )?browser|view online|why (?:did i|am i) g[eo]t"
    r"|you(?:'re| are| have)? receiv\w+ this|add us to your address book|forward(?:ed)? (?:this|to a friend)"
    r"|abmelden|abbestellen|im browser (?:an(?:sehen|zeigen)|öffnen)|online[- ]?(?:version|ansicht)"
    r"|désabonn|désinscri|se désinscrire|version en ligne|dans (?:votre|le) navigateur"
    r"|uitschrijven|afmelden|in (?:je|uw) browser|webversie|online versie"
    r"|disiscri|cancella(?:re|ti)? (?:l')?iscrizione|annulla (?:l')?iscrizione|nel (?:tuo )?browser"
    r"|darse de baja|cancelar (?:la |su |tu )?suscripci|ver en (?:el|tu|su) navegador"
    r"|cancelar (?:a )?(?:inscrição|assinatura|subscrição)|ver no (?:seu )?navegador"
    r"|wypisz|anuluj subskrypcj|odhlásit|odhlási[ťt]|odjav|leiratkoz|dezabon|avregistrera|afmeld|avslutt abonnement"
    r"|отписаться|відписатися",
    re.IGNORECASE,
)
# In running text the words above are news as well ("the opt-out"), so there they need one of these beside them.
_OF_MAIL = re.compile(
    r"news-?letter|e-?mail|mailing|subscri|subskr|nieuwsbrief|rundbrief|abonn|lettre|correo|boletín|suscri|iscri"
    r"|inscri|assinatura|browser|navegador|navigateur|рассылк|розсилк|hírlevél|zpravodaj|biuletyn",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px)?\s*(?:;|$)|max-height\s*:\s*0", re.IGNORECASE
)
_WORDS = re.compile(r"[^\W\d_]{3,}")
_NOREPLY = re.compile(r"^(?:no-?reply|newsletter|info|mail|news|hello|contact)$", re.IGNORECASE)


def read(data: bytes, origin: str, identity: str, *, now: datetime | None = None) -> RawArticle:
    """The mail's article; `identity` is for mails without a Message-ID. Raises BadInput."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"is larger than {MAX_BYTES:,} bytes", where=origin, mend="it is passed over")
    if len(_BOUNDARY.findall(data)) > _MAX_PARTS:
        raise BadInput(f"has more than {_MAX_PARTS} nested parts", where=origin, mend="it is passed over")
    try:
        message = email.message_from_bytes(data, policy=policy.compat32)
        return _article(message, origin, identity, now)
    except BadInput:
        raise
    except SelectolaxError:  # as in `markup`
        raise MemoryError from None
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, HeaderParseError) as error:
        what = f"is a mail that cannot be read ({type(error).__name__})"
        raise BadInput(what, where=origin, mend="it is passed over") from None


def _article(message: Message, origin: str, identity: str, now: datetime | None) -> RawArticle:
    text, is_markup = _body(message)
    title = _header(message, "Subject")
    if not title and not text.strip():
        raise BadInput("has neither a subject nor a text", where=origin, mend="it is passed over")
    number = "".join(_raw(message, "Message-ID").split()).strip("<>")[:500]
    return RawArticle(
        text=text,
        origin=origin,
        identity=f"id:{number}" if number else identity,
        external_id=number or None,
        title=title or None,
        language=plain.one_line(_raw(message, "Content-Language")).partition(",")[0][:10] or None,
        date=_date(_raw(message, "Date"), now),
        url=_archived(message),
        publisher=_publisher(message) or None,
        markup=is_markup,
    )


def _raw(message: Message, name: str) -> str:
    return str(message.get(name, ""))[:_MAX_HEADER]


def _header(message: Message, name: str) -> str:
    return _decoded(_raw(message, name))


def _decoded(written: str) -> str:
    """RFC 2047 undone, bytes that are no ASCII read as well as they can be, on one line."""
    try:
        parts = decode_header(written)
    except (HeaderParseError, ValueError):
        return plain.one_line(written.encode("utf-8", "replace").decode("utf-8"))
    words = [
        tolerant(part, charset or "") if isinstance(part, bytes) else tolerant(part.encode("utf-8", "surrogateescape"))
        for part, charset in parts
    ]
    return plain.one_line("".join(words))


def _publisher(message: Message) -> str:
    """The list's own name if it has words in it, else whom the mail is from."""
    listed, _, _ = _raw(message, "List-Id").partition("<")
    name = _decoded(listed.strip().strip('"'))
    if _WORDS.search(name) and "@" not in name and sum(map(str.isdigit, name)) * 3 < len(name):
        return name
    name, address = parseaddr(_raw(message, "From"))
    name = _decoded(name)
    if name and "@" not in name and not _NOREPLY.match(name):
        return name
    return address.rpartition("@")[2].lower().strip()


def _date(written: str, now: datetime | None) -> PartialDate | None:
    """A date that is broken or too far ahead is none: nobody here can mend it."""
    try:
        date = dates.parse(written)
    except BadInput:
        return None
    return None if now and dates.too_far_ahead(date, now, dates.FEED_AHEAD) else date


def _archived(message: Message) -> str | None:
    """Where the mail stands for everybody; a link out of its text would lead to one reader's copy."""
    url = canonical_url(_raw(message, "Archived-At").strip().strip("<>"))
    return url if url and not urlsplit(url).query else None


def _body(message: Message) -> tuple[str, bool]:
    """The HTML part, or the text part where there is none or hardly any text in it."""
    parts: dict[str, Message] = {}
    _collect(message, parts, [0], 0)
    html = _clean(_payload(parts["text/html"])) if "text/html" in parts else []
    if sum(map(len, html)) >= _LEAST_HTML or "text/plain" not in parts:
        # Paragraphs are text by now; a blank line between them keeps them apart.
        return "\n\n".join(html), False
    text = plain.paragraphs(_payload(parts["text/plain"]))
    return "\n\n".join(paragraph for paragraph in text if not _is_chore(paragraph)), False


def _collect(message: Message, parts: dict[str, Message], seen: list[int], depth: int) -> None:
    """The first part of each kind that is not attached. A mail in a mail is somebody else's."""
    seen[0] += 1
    if seen[0] > _MAX_PARTS or depth > _MAX_DEPTH:
        return
    kind = message.get_content_type()
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                _collect(part, parts, seen, depth + 1)
    elif kind in {"text/html", "text/plain"} and message.get_content_disposition() != "attachment":
        parts.setdefault(kind, message)


def _payload(part: Message) -> str:
    data = part.get_payload(decode=True)
    return tolerant(data, str(part.get_content_charset() or "")) if isinstance(data, bytes) else ""


def _clean(html: str) -> list[str]:
    """Paragraphs without what is hidden (previews, pixels), and without links that manage a subscription."""
    tree = LexborHTMLParser(markup.flattened(plain.tidy(html)))
    for node in tree.css("[style]"):
        if _HIDDEN.search(node.attributes.get("style") or ""):
            node.decompose()
    for node in tree.css("a"):
        if _CHORE.search(node.text()[:_LONGEST_CHORE]) or _CHORE.search(_path(node.attributes.get("href"))):
            node.decompose()
    return [paragraph for paragraph in markup.to_paragraphs(tree.html or "") if not _is_chore(paragraph)]


def _path(href: str | None) -> str:
    try:
        return urlsplit(href or "").path.replace("_", " ")[:_LONGEST_CHORE]
    except ValueError:
        return ""


def _is_chore(paragraph: str) -> bool:
    if len(paragraph) > _LONGEST_CHORE or not (chore := _CHORE.search(paragraph)):
        return False
    rest = paragraph[: chore.start()] + paragraph[chore.end() :]
    return len(paragraph) <= _A_LINK or bool(_OF_MAIL.search(rest))
