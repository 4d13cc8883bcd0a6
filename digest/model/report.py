"""What comes back after a mail was accepted: bounces and complaints, whatever brought the word of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class ReportKind(enum.StrEnum):
    HARD = "hard"  # this address will never take a mail
    SOFT = "soft"  # not now: a full mailbox, a server that was away for days
    COMPLAINT = "complaint"  # the reader called it spam


class Proof(enum.StrEnum):
    """How we know that a report is about a mail of ours."""

    NONE = ""  # we do not: it is kept, and changes nothing
    TOKEN = "token"  # noqa: S105 - it came back to the mail's own envelope sender
    MESSAGE = "message"  # it names the mail's Message-ID
    PROVIDER = "provider"  # its sender proved who it is
    SESSION = "session"  # the server refused the mail to our face


@dataclass(frozen=True, slots=True)
class Report:
    """One recipient's news. What the report does not say is empty.

    `token` and `message_id` were in the mail that we sent and nobody else can make them up; an address
    alone proves nothing, since anybody can write a bounce about it.
    """

    kind: ReportKind
    address: str = ""  # the recipient it is about
    token: str = ""  # of the envelope sender that it came back to (VERP)
    message_id: str = ""  # of our mail, with its angle brackets
    status: str = ""  # RFC 3463, like 5.1.1
    reason: str = ""  # one line, in the reporter's words
    by: str = ""  # a mail server's name, or a provider's
    at: datetime | None = None
