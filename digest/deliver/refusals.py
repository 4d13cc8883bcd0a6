"""Which refusals in the SMTP session are about the address, so that they count like a bounce. Pure.

Codes by RFC 3463 and IANA's registry. Where a refusal may be about the message, its sender or our standing, it
does not count: a reader must not lose mail because a server did not like ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.model.report import ReportKind

#: The last two parts of the enhanced code.
_GONE = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
_NOT_NOW = frozenset({"2.0", "2.2", "2.4"})
#: Without an enhanced code: no such mailbox, not here, its name is impossible (RFC 5321), no mail at all (RFC 7504).
_PLAIN = frozenset({550, 551, 553, 556})
_REPLY = re.compile(r"(?P<code>[45]\d\d)(?:[ -](?P<status>[45]\.\d{1,3}\.\d{1,3}))?(?=\s|$)")
#: What 550 is answered with as well (RFC 5321, 4.2.3: "command rejected for policy reasons").
_POLICY = re.compile(
    r"spam|block|black|banned|polic|listed|\brbl\b|\bdnsbl\b|reputation|\bspf\b|dkim|dmarc|relay|denied"
    r"|rejected due|unauth|not allowed|sender|content|virus|rate|too many",
    re.IGNORECASE,
)
#: Of the reason that a delivery failed for: the server refused at RCPT, and said no more (`retry.classify`).
_AT_RCPT = "the recipient was refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    kind: ReportKind
    status: str  # RFC 3463; empty where the server gave none


def refusal(reply: str, reason: str = "") -> Refusal | None:
    """What a final refusal says of the address; None where it says nothing. `reason` as in the delivery.

    A temporary one that was tried until it was given up counts as a soft bounce.
    """
    found = _REPLY.match(reply)
    if found is None:
        return None
    code, status = int(found["code"]), found["status"] or ""
    detail = status.partition(".")[2]
    if detail in _GONE | _NOT_NOW:
        gone = detail in _GONE and code >= 500 and status.startswith("5")
        return Refusal(ReportKind.HARD if gone else ReportKind.SOFT, status)
    if not status and code in _PLAIN and reason.startswith(_AT_RCPT) and not _POLICY.search(reply):
        return Refusal(ReportKind.HARD, status)
    return None
