"""Postmark: who may speak, and what it says."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import BadInput, SettingsError
from digest.model.report import Report, ReportKind
from digest.web.hooks.base import Refused, Setup
from digest.web.hooks.postmark import PostmarkWebhook, parse

HARD, SOFT, COMPLAINT = ReportKind.HARD, ReportKind.SOFT, ReportKind.COMPLAINT
PASSWORD = "correct horse battery"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def hook(user: str = "digest", password: str = PASSWORD) -> PostmarkWebhook:
    options: dict[str, str | list[str]] = {"user": user, "password_file": "pw"}
    return PostmarkWebhook(Setup("postmark", options, {"password": lambda: password}, lambda _url: b""))


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def event(**more: Any) -> dict[str, Any]:
    return {
        "RecordType": "Bounce",
        "ID": 42,
        "Type": "HardBounce",
        "TypeCode": 1,
        "MessageID": "00000000-0000-0000-0000-000000000000",
        "Description": "The server was unable to deliver your message.",
        "Details": "smtp;550 5.1.1 nobody of this name",
        "Email": "reader@example.org",
        "BouncedAt": "2026-03-01T16:33:54.9070259Z",
        "Metadata": {"Message-ID": "<edition.abc@example.com>"},
        **more,
    }


def change(**more: Any) -> dict[str, Any]:
    return {
        "RecordType": "SubscriptionChange",
        "MessageID": None,
        "ChangedAt": "2026-03-01T10:53:34.416071Z",
        "Recipient": "reader@example.org",
        "Origin": "Recipient",
        "SuppressSending": True,
        "SuppressionReason": "HardBounce",
        "Metadata": {},
        **more,
    }


def body(found: Any = None) -> bytes:
    return json.dumps(event() if found is None else found).encode()


def test_who_shows_the_password_is_believed() -> None:
    assert len(hook().reports(basic("digest", PASSWORD), body(), NOW)) == 1
    assert len(hook().reports({"x-webhook-secret": PASSWORD}, body(), NOW)) == 1
    assert len(hook(user="").reports({"x-webhook-secret": PASSWORD}, body(), NOW)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("digest", "wrong"),
        basic("digest", ""),
        basic("other", PASSWORD),
        basic("", PASSWORD),
        basic("digest:", PASSWORD),
        {"authorization": "Basic"},
        {"authorization": "Basic ÿ"},
        {"authorization": "Basic !!!"},
        {"authorization": f"Bearer {PASSWORD}"},
        {"authorization": basic("digest", PASSWORD)["authorization"].removeprefix("Basic ")},
        {"x-webhook-secret": ""},
        {"x-webhook-secret": PASSWORD + "x"},
        {"x-webhook-secret": PASSWORD[:-1]},
    ],
)
def test_nobody_else_is(headers: dict[str, str]) -> None:
    for mine in (hook(), hook(user="")):
        with pytest.raises(Refused, match="password") as error:
            mine.reports(headers, body(), NOW)
        assert PASSWORD not in str(error.value)


def test_without_a_user_an_empty_one_is_not_enough() -> None:
    with pytest.raises(Refused):
        hook(user="").reports(basic("", PASSWORD), body(), NOW)


@pytest.mark.parametrize(("password", "says"), [("", "is needed"), ("short", "guessed")])
def test_it_is_not_made_without_a_good_password(password: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as error:
        hook(password=password)
    assert "hooks.postmark_password_file" in str(error.value)


def test_a_bounce_is_told_whole() -> None:
    assert parse(event()) == [
        Report(
            kind=HARD,
            address="reader@example.org",
            message_id="<edition.abc@example.com>",
            status="5.1.1",
            reason="HardBounce: smtp;550 5.1.1 nobody of this name",
            by="Postmark",
            at=datetime(2026, 3, 1, 16, 33, 54, 907025, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("HardBounce", HARD),
        ("BadEmailAddress", HARD),
        ("ManuallyDeactivated", HARD),
        ("SoftBounce", SOFT),
        ("Transient", SOFT),
        ("DnsError", SOFT),
        ("Blocked", SOFT),
        ("Unknown", SOFT),
        ("SpamNotification", SOFT),
        ("DMARCPolicy", SOFT),
        ("SpamComplaint", COMPLAINT),
        ("Unsubscribe", COMPLAINT),
        ("AutoResponder", None),
        ("AddressChange", None),
        ("ChallengeVerification", None),
        ("Subscribe", None),
        ("OpenRelayTest", None),
        ("SMTPApiError", None),
        ("TemplateRenderingFailed", None),
        ("SomethingNew", None),
        (None, None),
        ([], None),
    ],
)
def test_kinds_of_bounces(type_: Any, kind: ReportKind | None) -> None:
    assert [r.kind for r in parse(event(Type=type_))] == ([kind] if kind else [])


def test_a_complaint() -> None:
    (report,) = parse(event(RecordType="SpamComplaint", Type="SpamComplaint", TypeCode=512, Details=""))
    assert (report.kind, report.address) == (COMPLAINT, "reader@example.org")
    assert [r.kind for r in parse(event(RecordType="SpamComplaint", Type=None))] == [COMPLAINT]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, HARD),
        ({"SuppressionReason": "SpamComplaint"}, COMPLAINT),
        ({"SuppressionReason": "ManualSuppression"}, COMPLAINT),  # the reader unsubscribed there
        ({"SuppressionReason": "ManualSuppression", "Origin": "Customer"}, HARD),
        ({"SuppressionReason": None}, None),
        ({"SuppressSending": False, "SuppressionReason": None}, None),
        ({"SuppressSending": "true"}, None),
    ],
)
def test_suppressions(changed: dict[str, Any], kind: ReportKind | None) -> None:
    found = parse(change(**changed))
    assert [r.kind for r in found] == ([kind] if kind else [])
    assert all(r.address == "reader@example.org" and r.at for r in found)


@pytest.mark.parametrize("kind", ["Delivery", "Open", "Click", None, 1, {}])
def test_other_news_is_no_report(kind: Any) -> None:
    assert parse(event(RecordType=kind)) == []


_JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.text(), max_size=2)


@given(st.dictionaries(st.sampled_from(sorted({**event(), **change()})), _JSON))
def test_no_value_breaks_it(fields: dict[str, Any]) -> None:
    for found in (event(**fields), change(**fields)):
        for report in parse({**found, "RecordType": found["RecordType"]}):
            assert "\n" not in report.reason + report.address


@given(st.binary(max_size=200))
def test_no_body_breaks_it(data: bytes) -> None:
    try:
        found = hook().reports(basic("digest", PASSWORD), data, NOW)
    except BadInput:
        return
    assert found == []
