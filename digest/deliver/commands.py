"""What a mail to the commands mailbox asks for. A function of its bytes: no clock, no network, nothing stored.

Two things count, and only there: a command with its token (`unsubscribe MQ.EhYN…`), or a whole line that says "stop"
in one of the languages that we write in; in the subject, or in the first line of the sender's own words. Quotations
below them and attachments are not read. Whether a token is genuine has to be asked by who calls: anybody can write
a mail.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from digest.deliver.bounces import gate
from digest.deliver.bounces.mail import Mail, decoded
from digest.deliver.bounces.words import one_line

#: By language, as they are folded. Whole lines only, so that "do not stop" is none.
STOP = {
    "ar": ("إلغاء الاشتراك", "الغاء الاشتراك", "ألغ الاشتراك", "إلغاء", "توقف"),
    "da": ("afmeld", "afmeld mig", "frameld", "frameld mig", "afmelding"),
    "de": ("abmelden", "abmeldung", "bitte abmelden", "abbestellen", "bitte abbestellen", "austragen", "kündigen"),
    "en": ("unsubscribe", "unsubscribe me", "please unsubscribe", "please unsubscribe me", "stop", "opt out",
           "remove me", "please remove me", "cancel subscription"),
    "es": ("baja", "darme de baja", "darse de baja", "cancelar la suscripción", "cancelar suscripción",
           "desuscribirme"),
    "fr": ("se désabonner", "me désabonner", "désabonner", "désabonnez-moi", "désabonnement", "désinscrire",
           "désinscription", "me désinscrire"),
    "he": ("ביטול המינוי", "ביטול מינוי", "הסר", "הסר אותי", "להסיר", "הסרה"),
    "it": ("disiscriviti", "disiscrivimi", "disiscrizione", "annulla l'iscrizione", "annulla iscrizione", "cancellami",
           "cancella iscrizione"),
    "nl": ("afmelden", "meld me af", "uitschrijven", "schrijf me uit", "graag uitschrijven", "opzeggen"),
    "pl": ("zrezygnuj z subskrypcji", "rezygnuję", "rezygnacja", "wypisz", "wypisz mnie", "anuluj subskrypcję"),
    "pt": ("cancelar a subscrição", "cancelar subscrição", "cancelar a assinatura", "cancelar assinatura", "cancelar",
           "descadastrar", "remover"),
    "ru": ("отписаться", "отпишите меня", "отписка", "отменить подписку", "стоп"),
    "sl": ("odjava", "odjavi me", "odjavite me", "odjaviti"),
    "sv": ("avsluta prenumerationen", "avsluta", "avregistrera", "avregistrera mig", "avprenumerera"),
}  # fmt: skip

_MOST_LINES, _LONGEST_LINE, _LONGEST_ID, _MOST_IDS = 2_000, 1_000, 400, 20
#: As `audience/tokens.py` writes it: what is told, a dot, 16 bytes.
_TOKEN = r"[A-Za-z0-9_-]{2,400}\.[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])"  # noqa: S105 - a pattern
_BETWEEN = r"(?:\s|%20|[:+=<>\"'`(\[«„“])+"
#: What mail programs put before a subject: `Re:`, `AW:`, `Fwd:`, `RE[2]:`, `[External]`.
_BEFORE = re.compile(r"(?:\s*(?:[^\W\d_]{1,6}\s?(?:\[\d{1,3}\])?\s?[:：]|\[[^\[\]]{1,30}\]))+\s*")
_ANGLED = re.compile(rf"<[^<>\s]{{3,{_LONGEST_ID}}}>")
_MACHINES = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-vacation", "list-id", "list-post")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with what may be its token."""

    word: str
    token: str


@dataclass(frozen=True, slots=True)
class CommandMail:
    """What a mail says. `asked` in the order in which it is to be tried; only one of them is meant.

    `stop`: it says so in words alone, and `answers` are the mails that it may be an answer to, the nearest first.
    `automatic`: a program wrote it. Then nothing counts but a subject that is a command and nothing else: mail
    programs that unsubscribe for their user (RFC 2369) say of themselves that they are programs, and write what our
    link says; responders and lists write other subjects.
    """

    asked: tuple[Asked, ...] = ()
    stop: bool = False
    answers: tuple[str, ...] = ()
    automatic: bool = False
    message_id: str = ""  # where it has none, a hash of the whole mail
    sender: str = ""  # one line, as it was written; anybody can write anything there
    subject: str = ""
    text: str = ""  # for people, without what would steer a terminal


def read(message: bytes, words: Collection[str]) -> CommandMail:
    """`words` are the commands that there are, in small letters."""
    mail = Mail.read(message)
    pattern = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, words))}){_BETWEEN}({_TOKEN})", re.I)
    subject, text = mail.subject[:_LONGEST_LINE], next(iter(mail.texts), "")
    automatic = _automatic(mail)
    own = _own_lines(text)
    return CommandMail(
        asked=tuple(dict.fromkeys(_exact(pattern, subject) if automatic else _asked(pattern, subject, own))),
        stop=not automatic and any(map(_is_stop, (_BEFORE.sub("", subject, count=1), *own[:1]))),
        answers=tuple(_answered(mail)),
        automatic=automatic,
        message_id=one_line(next(iter(_ANGLED.findall(mail.first("message-id"))), "")) or _hashed(message),
        sender=one_line(decoded(mail.first("from")))[:320],
        subject=one_line(subject),
        text="\n".join(map(one_line, text.split("\n")[:_MOST_LINES])),
    )


def _hashed(message: bytes) -> str:
    return f"blake2b:{hashlib.blake2b(message, digest_size=16).hexdigest()}"


def folded(text: str) -> str:
    """As the table above is looked up: without case, accents and the marks around the words."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    kept = "".join(c if unicodedata.category(c)[0] in "LNZ" or c in "-'" else "" for c in plain)
    return " ".join(kept.split()).strip("-' ")


_STOPS = frozenset(folded(line) for lines in STOP.values() for line in lines)


def _is_stop(line: str) -> bool:
    return len(line) <= 80 and folded(line) in _STOPS


def _automatic(mail: Mail) -> bool:
    """RFC 3834, and what was written before it. No mail program leaves out who writes."""
    submitted = mail.first("auto-submitted").partition(";")[0].strip().lower()
    precedence = mail.first("precedence").strip().lower()
    return (
        submitted not in ("", "no")
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or any(mail.first(name) for name in _MACHINES)
        or mail.kind == "multipart/report"
        or not mail.first("from").strip()
        or gate.from_nobody(mail)
        or gate.from_daemon(mail)
    )


def _exact(pattern: re.Pattern[str], subject: str) -> Iterator[Asked]:
    found = pattern.fullmatch(subject.strip())
    if found:
        yield Asked(found[1].lower(), found[2])


def _asked(pattern: re.Pattern[str], subject: str, own: list[str]) -> Iterator[Asked]:
    yield from _in_line(pattern, subject)
    if own:
        # A long token may have gone to a line of its own.
        yield from _in_line(pattern, " ".join(own), before=len(own[0]))


def _in_line(pattern: re.Pattern[str], line: str, before: int = _LONGEST_LINE) -> Iterator[Asked]:
    """Commands that begin in a line; then the same where a mail program has folded a token in its middle."""
    found = [match for match in pattern.finditer(line) if match.start() < before]
    yield from (Asked(match[1].lower(), match[2]) for match in found)
    word, _, rest = _BEFORE.sub("", line, count=1).partition(" ")
    if not found and " " in rest.strip():
        yield from _exact(pattern, f"{word} {''.join(rest.split())}")


def _own_lines(text: str) -> list[str]:
    """The first two lines that the sender wrote: not quoted, nor the sentence that introduces a quotation."""
    own: list[str] = []
    for line in (each.strip() for each in text.split("\n", _MOST_LINES)[:_MOST_LINES]):
        if line.startswith(">"):
            _without_introduction(own)
        else:
            own.append(line[:_LONGEST_LINE])
    return [line for line in own if line][:2]


def _without_introduction(own: list[str]) -> None:
    """`On Monday, News <news@example.org> wrote:`, on one line or two."""
    while own and not own[-1]:
        own.pop()
    if own and own[-1].endswith((":", "：")):
        short = len(own.pop()) < 25
        if short and own and re.search(r"[\d@]", own[-1]) and not _is_stop(own[-1]):
            own.pop()


def _answered(mail: Mail) -> list[str]:
    """What it answers, then what that answered, back to the first."""
    near = _ANGLED.findall(mail.first("in-reply-to"))
    return list(dict.fromkeys([*near, *reversed(_ANGLED.findall(mail.first("references")))]))[:_MOST_IDS]
