"""Complaints: abuse reports (RFC 5965), and the mails that providers without them write."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.deliver.bounces import original, phrases
from digest.deliver.bounces.mail import Fields, Mail, header_fields
from digest.deliver.bounces.status import host, typed
from digest.deliver.bounces.words import address_in, one_line

#: What a reader did; the other types are about keys, policies and viruses, or say that it was no spam.
_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "other", "complaint", "spam", "unsubscribe"})
_RECIPIENT = ("original-rcpt-to", "removal-recipient", "original-recipient", "rcpt-to")


@dataclass(frozen=True, slots=True)
class Complaint:
    address: str
    reason: str
    by: str


def read(mail: Mail, originals: list[Fields]) -> list[Complaint] | None:
    """The complaints in a mail; None if it is no feedback at all, an empty list if it is some other feedback."""
    reports = mail.of_kind("message/feedback-report")
    if reports:
        return _standard(mail, [part.fields or header_fields(part.text.lstrip()) for part in reports[:1]], originals)
    if mail.report_type == "feedback-report":
        inline = [header_fields(text.lstrip()) for text in mail.texts if re.match(r"\s*Feedback-Type:", text, re.I)]
        return _standard(mail, inline[:1], originals) if inline else []
    if _by_hand(mail):
        return [_complaint(mail, original.recipient(originals), one_line(mail.subject)[:300])]
    return None


def _standard(mail: Mail, reports: list[Fields], originals: list[Fields]) -> list[Complaint]:
    found = []
    for fields in reports:
        kind = _first(fields, "feedback-type").split(";")[0].strip().lower() or "abuse"
        if kind not in _COMPLAINTS:
            continue
        listed = [typed(value) for name in _RECIPIENT for key, value in fields if key == name]
        addresses = list(dict.fromkeys(filter(None, listed))) or [original.recipient(originals)]
        by = host(_first(fields, "reporting-mta"))
        found += [
            _complaint(mail, address, f"feedback report: {one_line(kind)[:60]}", by) for address in addresses[:50]
        ]
    return found


def _by_hand(mail: Mail) -> bool:
    """A subject that says complaint, from a desk for them, with the mail itself; a person's words are not enough."""
    return bool(
        mail.of_kind("message/rfc822")
        and mail.kind.startswith("multipart/")
        and mail.report_type in ("", "feedback-report")
        and phrases.FEEDBACK_SUBJECT.match(mail.subject)
        and phrases.FEEDBACK_SENDER.match(address_in(mail.first("from")))
    )


def _complaint(mail: Mail, address: str, reason: str, by: str = "") -> Complaint:
    return Complaint(address, reason, by or address_in(mail.first("from")).rpartition("@")[2].lower())


def _first(fields: Fields, wanted: str) -> str:
    return next((value for name, value in fields if name == wanted), "")
