"""Whatever the bytes: no exception, no long time, nothing unprintable out of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.deliver.bounces import parse
from tests.support.not_bounces import all_of_them

_HEAD = b"From: MAILER-DAEMON@x.example\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender\n"
_REPORT = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: "
_LONGEST = 2.0  # seconds; it takes a tenth of that, and a machine may be busy


def nested(times: int, kind: str) -> bytes:
    if kind == "message":
        return _HEAD + b"Content-Type: message/rfc822\n\n" * times + b"text"
    starts = (b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(times))
    return _HEAD + b"".join(starts) + b"\ntext"


def recipients(count: int) -> bytes:
    block = b"Final-Recipient: rfc822; a%d@b.example\nAction: failed\nDiagnostic-Code: smtp; %s\n\n"
    return b"".join(block % (n, b"user mailbox account " * 100) for n in range(count))


def named(count: int) -> bytes:
    return b"X-Failed-Recipients: " + b", ".join(b"a%d@b.example" % n for n in range(count))


HOSTILE = {
    "a hundred mails in mails": nested(100, "message"),
    "five thousand mails in mails": nested(5000, "message"),
    "five thousand parts in parts": nested(5000, "parts"),
    "line feeds": _HEAD + b"\n" * 2_000_000,
    "carriage returns": _HEAD + b"\r" * 2_000_000,
    "one line": _HEAD + b"\n" + b"a" * 3_000_000,
    "half addresses": _HEAD + b"\n" + b"a@" * 1_000_000,
    "addresses": _HEAD + b"\nnot delivered\n" + b"a@b.example\n" * 200_000,
    "brackets": _HEAD + b"\n" + b"<" * 2_000_000,
    "a long domain": _HEAD + b"\nnot delivered\n" + b"a@" + b"a." * 500_000,
    "words of failure": _HEAD + b"\nnot delivered\n<a@b.example>: " + b"user mailbox account " * 100_000,
    "words before": _HEAD + b"\nundelivered\n" + b"message to mail for deliver at " * 60_000,
    "a long field": _HEAD + b"X: " + b";" * 3_000_000 + b"\n\n",
    "parameters": _HEAD + b"Content-Type: multipart/report; " + b'a="' * 500_000 + b"\n\nx",
    "quotes in a parameter": _HEAD + b"Content-Type: multipart/report; boundary=" + b'\\"' * 500_000 + b"\n\nx",
    "comments": b"From: " + b"(" * 500_000 + b"\nTo: " + b"(" * 500_000 + b"\n\nx",
    "half encoded words": b"From: x@y.example\nSubject: " + b"=?utf-8?q?a?= =?b?" * 50_000 + b"\n\nx",
    "many fields": _HEAD + b"Received: x\n" * 200_000 + b"\n",
    "many recipients": _HEAD + _REPORT + b"message/delivery-status\n\n" + recipients(2_000),
    "many named": _HEAD + named(500) + b"\n\nfailed\n" + b"a1@b.example user unknown\n" * 30_000,
    "half tags": _HEAD + b"Content-Type: text/html\n\n" + b"<style" * 300_000,
    "marks": _HEAD + b"\nx\n" + b"-=*_ " * 200_000,
    "JSON": _HEAD + b'\n{"notificationType":' + b"[" * 60_000,
    "base 64": _HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"QUFB" * 500_000,
    "a charset that is none": _HEAD + b"Content-Type: text/plain; charset=base64\n\nnot delivered to <a@b.example>",
    "a date that is none": _HEAD + b"Date: Mon, 99 Foo 99999 99:99:99 +9999\n\n<a@b.example>: 550 not delivered",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_bounded(name: str) -> None:
    start = time.perf_counter()
    parse(HOSTILE[name])
    assert time.perf_counter() - start < _LONGEST


@given(st.binary(max_size=2000))
def test_any_bytes(raw: bytes) -> None:
    parse(raw)


_LINES = st.sampled_from(
    [
        b"From: MAILER-DAEMON@x.example",
        b"Return-Path: <>",
        b"Subject: failure notice",
        b"X-Failed-Recipients: a@b.example",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        b"Content-Type: message/delivery-status",
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=b",
        b"Content-Type: message/feedback-report",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"--b",
        b"--b--",
        b"",
        b"",
        b"Final-Recipient: rfc822; a@b.example",
        b"Final-Recipient: utf-8; \\x{110000}@b.example",
        b"Action: failed",
        b"Status: 5.1.1",
        b"Diagnostic-Code: smtp; 550 5.1.1 User unknown\x1b[2J\xe2\x80\xae",
        b"Feedback-Type: abuse",
        b"<a@b.example>: host x said: 550",
        b"    5.1.1 unknown",
        b"a@b.example",
        b"could not be delivered to:",
        b">>> RCPT TO:<a@b.example>",
        b"<<< 550 no",
        b"--- Below this line is a copy of the message.",
        b"Message-ID: <x@y.example>",
        b"\xff\xfe",
        b"\xc2\x85 a@b.example",
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(_LINES, max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_the_lines_of_bounces_in_any_order(lines: list[bytes], end: bytes) -> None:
    raw = b"\n".join(lines)
    reports = parse(raw)
    assert parse(raw.replace(b"\n", end)) == reports
    for report in reports:
        assert len(report.reason) <= 300
        assert all(
            text.isprintable() for text in (report.reason, report.address, report.by, report.message_id, report.status)
        )


@settings(deadline=None)
@given(st.sampled_from([raw for _, raw in all_of_them()]), st.integers(0, 3000), st.binary(max_size=20))
def test_damaged_mails(raw: bytes, at: int, what: bytes) -> None:
    parse(raw[:at] + what + raw[at + len(what) :])
    parse(raw[:at])
