"""Postmark, which signs nothing: it shows a user and a password that were agreed on, or a header with the password.

After "Bounce webhook", "Spam complaint webhook", "Subscription change webhook" and "Webhooks overview" in Postmark's
developer documentation, and the types of bounces in its "Bounce API".
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from digest.model.report import Report, ReportKind
from digest.web.hooks import reading
from digest.web.hooks.base import Refused, Setup

HEADER = "x-webhook-secret"
_BY = "Postmark"
_SHORTEST = 12
#: By the name of the type. What is not here is no bounce: automatic answers, challenges, errors of our own.
_KINDS = {
    "HardBounce": ReportKind.HARD,
    "BadEmailAddress": ReportKind.HARD,
    "ManuallyDeactivated": ReportKind.HARD,
    "SoftBounce": ReportKind.SOFT,
    "Transient": ReportKind.SOFT,
    "DnsError": ReportKind.SOFT,
    "Undeliverable": ReportKind.SOFT,
    "Unknown": ReportKind.SOFT,
    "Blocked": ReportKind.SOFT,
    "SpamNotification": ReportKind.SOFT,  # a filter's opinion of the words, not the reader's
    "VirusNotification": ReportKind.SOFT,
    "DMARCPolicy": ReportKind.SOFT,
    "SpamComplaint": ReportKind.COMPLAINT,
    "Unsubscribe": ReportKind.COMPLAINT,  # the reader asked the provider to end it: it ends at once
}
#: (reason, origin) of a suppression; an empty origin stands for any.
_SUPPRESSIONS = {
    ("HardBounce", ""): ReportKind.HARD,
    ("SpamComplaint", ""): ReportKind.COMPLAINT,
    ("ManualSuppression", "Recipient"): ReportKind.COMPLAINT,
    ("ManualSuppression", ""): ReportKind.HARD,
}
_MESSAGE_IDS = ("message-id", "message_id", "messageid")


class PostmarkWebhook:
    def __init__(self, setup: Setup) -> None:
        password = setup.secret("password")
        if len(password) < _SHORTEST:
            raise setup.wrong("password_file", "holds a password that can be guessed", f"{_SHORTEST} letters or more")
        self._login = f"{setup.text('user')}:{password}".encode() if setup.text("user") else b""
        self._password = password.encode()

    def reports(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Report]:  # noqa: ARG002
        shown = _basic(headers.get("authorization", ""))
        secret = headers.get(HEADER, "").encode("utf-8", "replace")
        # Both are compared, whatever the first says: the time it takes tells nothing.
        known = [bool(self._login) and hmac.compare_digest(shown, self._login)]
        known.append(hmac.compare_digest(secret, self._password))
        if not any(known):
            raise Refused("no or wrong password", mend="see hooks.postmark_user and hooks.postmark_password_file")
        return parse(reading.record(body, "the message"))


def _basic(authorization: str) -> bytes:
    """`user:password` of HTTP basic authentication (RFC 7617)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        return base64.b64decode(encoded.strip(), validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""


def parse(event: dict[str, Any]) -> list[Report]:
    """The report in an event; none where it is of something else."""
    kind = event.get("RecordType")
    if kind == "SubscriptionChange":
        return _suppressed(event)
    if kind not in ("Bounce", "SpamComplaint"):
        return []
    type_ = reading.text(event.get("Type")) or ("SpamComplaint" if kind == "SpamComplaint" else "")
    found = _KINDS.get(type_)
    if found is None:
        return []
    said = reading.line(event.get("Details")) or reading.line(event.get("Description"))
    return [
        Report(
            kind=found,
            address=reading.line(event.get("Email")),
            message_id=_message_id(event),
            status=reading.status(event.get("Details"), event.get("Description")),
            reason=reading.line(f"{type_}: {said}" if said else type_),
            by=_BY,
            at=reading.when(event.get("BouncedAt")),
        )
    ]


def _suppressed(event: dict[str, Any]) -> list[Report]:
    """An address that Postmark sends nothing more to. What it sends to again is for the operator to bring back."""
    if event.get("SuppressSending") is not True:
        return []
    reason, origin = reading.line(event.get("SuppressionReason")), reading.line(event.get("Origin"))
    kind = _SUPPRESSIONS.get((reason, origin)) or _SUPPRESSIONS.get((reason, ""))
    if kind is None:
        return []
    return [
        Report(
            kind=kind,
            address=reading.line(event.get("Recipient")),
            message_id=_message_id(event),
            reason=f"{reason} by {origin}" if origin else reason,
            by=_BY,
            at=reading.when(event.get("ChangedAt")),
        )
    ]


def _message_id(event: dict[str, Any]) -> str:
    """Ours, where it was sent along as X-PM-Metadata-Message-ID; Postmark's own `MessageID` says nothing to us."""
    for key, value in reading.table(event.get("Metadata")).items():
        if key.lower() in _MESSAGE_IDS:
            return reading.message_id(value)
    return ""
