"""Amazon SES, which tells through topics of Amazon SNS.

After "Amazon SNS notification contents for Amazon SES" and "Contents of event data that Amazon SES publishes to
Amazon SNS" in the Amazon SES Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from digest.errors import BadInput
from digest.model.report import Report, ReportKind
from digest.web.hooks import reading, sns
from digest.web.hooks.base import Setup

_BY = "Amazon SES"
_KINDS = {"Permanent": ReportKind.HARD, "Transient": ReportKind.SOFT, "Undetermined": ReportKind.SOFT}
#: Types of feedback (RFC 5965 and the registry of MARF) that are no complaint of a reader.
_NO_COMPLAINT = ("not-spam", "auth-failure")


class SesWebhook:
    """Posted by SNS for the topics in hooks.ses_topics; the subscription to them is confirmed by itself."""

    def __init__(self, setup: Setup) -> None:
        topics = setup.listed("topics")
        for topic in topics:
            if not sns.is_topic(topic):
                raise setup.wrong("topics", f"has {topic!r}, no topic of Amazon SNS", "like arn:aws:sns:REGION:ID:NAME")
        if not topics:
            raise setup.wrong("topics", "names no topic", 'like ["arn:aws:sns:eu-west-1:123456789012:bounces"]')
        self._verifier = sns.Verifier(topics, setup.fetch)

    def reports(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Report]:  # noqa: ARG002
        message = reading.record(body, "the message")
        kind = self._verifier.verify(message, now)
        if kind == sns.CONFIRMATION:
            self._verifier.confirm(message)
        return parse(reading.text(message.get("Message"))) if kind == sns.NOTIFICATION else []


def parse(text: str) -> list[Report]:
    """The reports in a notification; none where it is of something else, or the greeting of a new topic."""
    try:
        event = reading.record(text, "the notification")
    except BadInput:
        return []
    mail = reading.table(event.get("mail"))
    kind = event.get("notificationType") or event.get("eventType")
    if kind == "Bounce":
        return _bounces(reading.table(event.get("bounce")), mail)
    if kind == "Complaint":
        return _complaints(reading.table(event.get("complaint")), mail)
    return []


def _bounces(bounce: dict[str, Any], mail: dict[str, Any]) -> list[Report]:
    type_, subtype = reading.line(bounce.get("bounceType")), reading.line(bounce.get("bounceSubType"))
    kind = _KINDS.get(type_)
    if kind is None:
        return []
    found = []
    for one in reading.rows(bounce.get("bouncedRecipients")):
        said, code = reading.line(one.get("diagnosticCode")), reading.status(one.get("status"))
        if (type_, subtype) == ("Transient", "General") and not said and not code:
            continue  # without a word of a server it may be an answer from somebody on holiday
        delayed = reading.text(one.get("action")).lower() == "delayed"
        found.append(
            Report(
                kind=ReportKind.SOFT if delayed else kind,
                address=_address(one),
                token=reading.token(mail.get("source")),
                message_id=_message_id(mail),
                status=code or reading.status(said),
                reason=said or f"{type_}: {subtype}",
                by=_BY,
                at=reading.when(bounce.get("timestamp")),
            )
        )
    return found


def _complaints(complaint: dict[str, Any], mail: dict[str, Any]) -> list[Report]:
    feedback = reading.line(complaint.get("complaintFeedbackType"))
    if feedback.lower() in _NO_COMPLAINT:
        return []
    return [
        Report(
            kind=ReportKind.COMPLAINT,
            address=_address(one),
            token=reading.token(mail.get("source")),
            message_id=_message_id(mail),
            reason=reading.line(feedback, complaint.get("complaintSubType")),
            by=_BY,
            at=reading.when(complaint.get("timestamp")),
        )
        for one in reading.rows(complaint.get("complainedRecipients"))
    ]


def _address(recipient: dict[str, Any]) -> str:
    return reading.line(recipient.get("emailAddress"))


def _message_id(mail: dict[str, Any]) -> str:
    """Ours, where the topic is set to include the original headers; SES gives each mail another one on its way."""
    for header in reading.rows(mail.get("headers")):
        if reading.text(header.get("name")).lower() == "message-id" and (
            found := reading.message_id(header.get("value"))
        ):
            return found
    return reading.message_id(reading.table(mail.get("commonHeaders")).get("messageId"))
