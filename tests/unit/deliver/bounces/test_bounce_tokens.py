"""What names the delivery: the token of the envelope sender, and our Message-ID."""

from __future__ import annotations

import pytest

from digest.audience import tokens
from digest.deliver.bounces import parse, token_finder
from tests.support.not_bounces import BOUNCE, written

DAEMON = "MAILER-DAEMON@mx.example.net"
SECRET = b"0123456789abcdef"
TOKEN = tokens.bounce_token(SECRET, 4711)


def bounce(body: str = BOUNCE, **fields: str) -> bytes:
    return written(DAEMON, "Undelivered Mail Returned to Sender", body, **{"To": "news@example.org", **fields})


@pytest.mark.parametrize(
    "field", ["To", "Delivered_To", "X_Original_To", "Envelope_To", "Apparently_To", "X_Envelope_To"]
)
def test_from_where_it_arrived(field: str) -> None:
    (report,) = parse(bounce(**{field: f"<news+{TOKEN}@example.org>"}))
    assert report.token == TOKEN


@pytest.mark.parametrize(
    "line", ["Return-Path: <news+{}@example.org>", "Received: from x by y (envelope-from <news+{}@example.org>) id 1"]
)
def test_from_the_copy_of_our_mail(line: str) -> None:
    copy = f"\n--- Below this line is a copy of the message.\n\n{line.format(TOKEN)}\n"
    copy += "Message-ID: <ours@example.org>\nTo: ada@example.net\n"
    (report,) = parse(bounce(BOUNCE + copy))
    assert (report.token, report.message_id) == (TOKEN, "<ours@example.org>")


@pytest.mark.parametrize("delivery", [0, 1, 255, 256, 2**40])
def test_every_token_is_found_in_any_case(delivery: int) -> None:
    token = tokens.bounce_token(SECRET, delivery)
    (report,) = parse(bounce(To=f"News+{token.upper()}@EXAMPLE.ORG"))
    assert report.token == token
    assert tokens.bounced_delivery(SECRET, report.token) == delivery


def test_in_the_shape_of_the_setting() -> None:
    find = token_finder("b-{token}-x@bounces.example.org")
    (report,) = parse(bounce(To=f"b-{TOKEN}-x@bounces.example.org"), find)
    assert report.token == TOKEN
    assert find(f"news+{TOKEN}@example.org") == ""
    assert find(f"bb-{TOKEN}-x@bounces.example.org") == ""
    assert find(f"b-{TOKEN}-x@bounces.example.organic") == ""


def test_several_shapes_and_none() -> None:
    find = token_finder("a+{token}@example.org", "b+{token}@example.com")
    assert find(f"b+{TOKEN}@example.com") == TOKEN
    assert token_finder("")(f"who+{TOKEN}@anywhere.example") == TOKEN


def test_the_message_id_is_never_the_reports_own() -> None:
    (report,) = parse(bounce(Message_ID="<its.own@mx.example.net>"))
    assert (report.message_id, report.token) == ("", "")


def test_the_message_id_from_the_text() -> None:
    body = f"Your message\n  Message-ID: <ours@example.org>\n\n{BOUNCE}"
    assert parse(bounce(body))[0].message_id == "<ours@example.org>"
