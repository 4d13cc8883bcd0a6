"""What Amazon SES tells, in our words: kinds, codes, and whose mail it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.report import Report, ReportKind
from digest.web.hooks.ses import parse
from tests.support.sns import bounce, mail

HARD, SOFT, COMPLAINT = ReportKind.HARD, ReportKind.SOFT, ReportKind.COMPLAINT


def read(event: dict[str, Any]) -> list[Report]:
    return parse(json.dumps(event))


def complaint(**more: Any) -> dict[str, Any]:
    told = {
        "complainedRecipients": [{"emailAddress": "reader@example.org"}],
        "timestamp": "2026-03-02T04:59:38.623Z",
        "complaintFeedbackType": "abuse",
        "complaintSubType": None,
        **more,
    }
    return {"notificationType": "Complaint", "complaint": told, "mail": mail()}


def test_a_bounce_is_told_whole() -> None:
    assert read(bounce()) == [
        Report(
            kind=HARD,
            address="reader@example.org",
            token="0123456789abcdef04",
            message_id="<edition.abc@example.com>",
            status="5.1.1",
            reason="smtp; 550 5.1.1 nobody of this name",
            by="Amazon SES",
            at=datetime(2026, 3, 2, 4, 59, 38, 237000, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize(
    ("type_", "subtype", "kind"),
    [
        ("Permanent", "General", HARD),
        ("Permanent", "NoEmail", HARD),
        ("Permanent", "Suppressed", HARD),
        ("Permanent", "OnAccountSuppressionList", HARD),
        ("Transient", "General", SOFT),
        ("Transient", "MailboxFull", SOFT),
        ("Transient", "ContentRejected", SOFT),
        ("Undetermined", "Undetermined", SOFT),
    ],
)
def test_kinds_of_bounces(type_: str, subtype: str, kind: ReportKind) -> None:
    assert [r.kind for r in read(bounce(bounceType=type_, bounceSubType=subtype))] == [kind]


def test_without_a_word_of_a_server() -> None:
    alone = [{"emailAddress": "reader@example.org"}]
    (report,) = read(bounce(bouncedRecipients=alone))
    assert (report.kind, report.status, report.reason) == (HARD, "", "Permanent: General")
    full = bounce(bounceType="Transient", bounceSubType="MailboxFull", bouncedRecipients=alone)
    assert [r.kind for r in read(full)] == [SOFT]
    away = bounce(bounceType="Transient", bounceSubType="General", bouncedRecipients=alone)
    assert read(away) == [], "somebody is on holiday"


def test_a_mail_that_is_only_late_is_no_hard_bounce() -> None:
    late = [{"emailAddress": "a@example.org", "action": "delayed", "status": "4.0.0"}]
    assert [(r.kind, r.status) for r in read(bounce(bouncedRecipients=late))] == [(SOFT, "4.0.0")]


def test_a_complaint() -> None:
    (report,) = read(complaint())
    assert (report.kind, report.address, report.reason) == (COMPLAINT, "reader@example.org", "abuse")
    assert report.message_id == "<edition.abc@example.com>"
    assert report.token == "0123456789abcdef04"
    assert read(complaint(complaintFeedbackType="not-spam")) == []
    assert read(complaint(complaintFeedbackType="auth-failure")) == []
    assert [r.kind for r in read(complaint(complaintFeedbackType=None))] == [COMPLAINT]


def test_events_of_a_configuration_set_are_read_too() -> None:
    event = bounce()
    event["eventType"] = event.pop("notificationType")
    assert len(read(event)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        json.dumps({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "hello"}),
        json.dumps({"notificationType": "Delivery", "mail": {}, "delivery": {}}),
        json.dumps({"eventType": "Open"}),
        json.dumps(bounce(bounceType="Sideways")),
        "[]",
        "",
    ],
)
def test_other_news_is_no_report(text: str) -> None:
    assert parse(text) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"headers": [], "commonHeaders": {"messageId": " <a@b.example>"}}, "<a@b.example>"),
        ({"headers": [], "commonHeaders": {"messageId": "a@b.example"}}, "<a@b.example>"),
        ({"headers": [{"name": "message-ID", "value": "<c@b.example>"}]}, "<c@b.example>"),
        ({"headers": None, "commonHeaders": None}, ""),
        ({"headers": [], "commonHeaders": {"messageId": "custom-message-ID"}}, ""),
        ({"headers": [], "commonHeaders": {"messageId": "<a@b>\r\nBcc: <x@y>"}}, ""),
    ],
)
def test_whose_mail_it_was(changed: dict[str, Any], expected: str) -> None:
    event = bounce()
    event["mail"] = mail(**changed)
    (report,) = read(event)
    assert report.message_id == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("bounces+0123456789ABCDEF04@example.com", "0123456789abcdef04"),
        ("b-0123456789abcdef04@example.com", "0123456789abcdef04"),
        ("news@0123456789abcdef04.example.com", ""),
        ("someone.with.a.name@example.com", ""),
        (None, ""),
    ],
)
def test_the_token_of_the_envelope_sender(source: str | None, expected: str) -> None:
    event = bounce()
    event["mail"] = mail(source=source)
    assert [r.token for r in read(event)] == [expected]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["bounce", "complaint"]), st.sampled_from(sorted(bounce()["bounce"])), _JSON, _JSON)
def test_no_value_breaks_it(part: str, key: str, value: Any, headers: Any) -> None:
    event = bounce(**{key: value}) if part == "bounce" else complaint(**{key: value}, complainedRecipients=value)
    event["mail"] = mail(headers=headers, source=value, commonHeaders=value)
    for report in read(event):
        assert all("\n" not in text for text in (report.address, report.reason, report.message_id))


@given(_JSON)
def test_no_event_breaks_it(event: Any) -> None:
    assert parse(json.dumps(event)) == []
