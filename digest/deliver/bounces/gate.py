"""Is this a machine's word about a mail that was not delivered? Asked before any text is believed."""

from __future__ import annotations

import re

from digest.deliver.bounces import phrases
from digest.deliver.bounces.mail import Mail

_OF_LISTS = ("list-id", "list-unsubscribe", "list-post", "feedback-id")


def from_daemon(mail: Mail) -> bool:
    """Whether the sender is nobody, or a mail system by its name."""
    if mail.first("x-failed-recipients"):
        return True
    senders = mail.all("from") or mail.all("sender")
    if not senders:
        return bool(mail.fields) and from_nobody(mail)
    name, address = _mailbox(senders[0])
    local = address.rpartition("@")[0] or address
    return (
        bool(phrases.DAEMON.match(local)) or bool(phrases.DAEMON_NAME.search(name)) or not address or _null(senders[0])
    )


def _mailbox(sender: str) -> tuple[str, str]:
    """Name and address. Not by the library's parser, which a thousand brackets break, nor strictly: `mailer-daemon`."""
    sender = sender[:500]
    angled = re.search(r"<([^<>]*)>", sender)
    if angled:
        return sender[: angled.start()] + sender[angled.end() :], angled[1].strip()
    found = re.match(r"[\s'\"]*([^\s()<>'\"]*)", sender)
    address = found[1] if found else ""
    return sender.replace(address, " ", 1), address


def _null(sender: str) -> bool:
    return "<>" in sender and "@" not in sender


def from_nobody(mail: Mail) -> bool:
    """The null reverse-path that no bounce can do without (RFC 5321, 4.5.5); vacation notes have it too."""
    paths = [path.strip().lower() for path in mail.all("return-path")]
    return any(path in ("<>", "") or "mailer-daemon" in path for path in paths)


def machine(mail: Mail) -> bool:
    """Whether its text may be read as a server's: no person, no list, no responder wrote it."""
    subject = mail.subject
    if phrases.ANSWER.match(subject) or phrases.AUTOREPLY.search(subject):
        return False
    nobody = from_nobody(mail)
    if any(mail.first(name) for name in _OF_LISTS) and not nobody and not _for_list_owner(mail):
        return False
    if from_daemon(mail):
        return True
    if (nobody or _clerk(mail)) and phrases.SUBJECT.match(subject):
        return True
    return nobody and bool(mail.of_kind("message/rfc822")) and _tells(mail)


def _tells(mail: Mail) -> bool:
    """Whether a mail from nobody, with a copy of another one, says what became of that and asks nothing."""
    text = "\n".join(mail.texts)[:5000]
    return bool(phrases.FAILED.search(text)) and not phrases.ASKS.search(text)


def _for_list_owner(mail: Mail) -> bool:
    """A bounce that a list's own address took, which puts its fields on whatever goes through it."""
    if "mailer-daemon" in mail.first("from").lower():
        return True
    return from_daemon(mail) and bool(phrases.SUBJECT.match(mail.subject))


def _clerk(mail: Mail) -> bool:
    """A sender that may be a mail system, if its subject says so too."""
    address = _mailbox(mail.first("from"))[1]
    return bool(phrases.CLERK.match(address.rpartition("@")[0].strip('"')))


def warning(text: str) -> bool:
    """Whether a text says that the mail is late, and no more than that."""
    return bool(phrases.WARNING_ONLY.search(text)) or (
        bool(phrases.WARNING.search(text)) and not phrases.FINAL.search(text)
    )
