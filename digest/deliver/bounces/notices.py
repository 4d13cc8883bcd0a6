"""Notices of Amazon SES that are mailed: JSON where others write sentences."""

from __future__ import annotations

import json
import re
from typing import Any

from digest.deliver.bounces.words import address_in, one_line, reason
from digest.model.report import Report, ReportKind

_MOST = 100


def read(text: str) -> list[Report] | None:
    """The reports in a notice; None if the text is none."""
    body = text.strip()
    if not body.startswith("{") or len(body) > 100_000 or not re.search(r"notificationType|eventType", body):
        return None
    outer = _first_object(body)
    inner = outer.get("Message")
    notice = _first_object(inner) if isinstance(inner, str) else outer
    kind = notice.get("notificationType") or notice.get("eventType")
    if not isinstance(kind, str):
        return None
    mail = _object(notice.get("mail"))
    if kind == "Bounce":
        return _bounces(_object(notice.get("bounce")), _message_id(mail))
    if kind == "Complaint":
        return _complaints(_object(notice.get("complaint")), _message_id(mail))
    return []


def _bounces(bounce: dict[str, Any], message_id: str) -> list[Report]:
    hard = _text(bounce.get("bounceType")) == "Permanent"
    kind = ReportKind.HARD if hard else ReportKind.SOFT
    found = []
    for each in _objects(bounce.get("bouncedRecipients")):
        said = _text(each.get("diagnosticCode"))
        status = _text(each.get("status"))
        found.append(
            Report(
                kind=kind,
                address=address_in(_text(each.get("emailAddress"))),
                message_id=message_id,
                status=status if re.fullmatch(r"[245]\.\d{1,3}\.\d{1,3}", status) else "",
                reason=reason(re.sub(r"^\s*smtp\s*;\s*", "", said))
                or one_line(_text(bounce.get("bounceSubType")))[:100],
                by="Amazon SES",
            )
        )
    return found


def _complaints(complaint: dict[str, Any], message_id: str) -> list[Report]:
    kind = one_line(_text(complaint.get("complaintFeedbackType")))[:60] or "abuse"
    if kind in ("not-spam", "auth-failure", "virus"):
        return []
    return [
        Report(
            kind=ReportKind.COMPLAINT,
            address=address_in(_text(each.get("emailAddress"))),
            message_id=message_id,
            reason=f"feedback report: {kind}",
            by="Amazon SES",
        )
        for each in _objects(complaint.get("complainedRecipients"))
    ]


def _message_id(mail: dict[str, Any]) -> str:
    for each in _objects(mail.get("headers")):
        value = _text(each.get("value"))
        if _text(each.get("name")).lower() == "message-id" and re.fullmatch(r"<[^<>\s]{3,400}>", value):
            return value
    return ""


def _first_object(text: str) -> dict[str, Any]:
    """The object at the start of a text: SNS signs off in words below it."""
    try:
        return _object(json.JSONDecoder(strict=False).raw_decode(text.strip())[0])
    except (ValueError, RecursionError):
        return {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)][:_MOST] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value[:4000] if isinstance(value, str) else ""
