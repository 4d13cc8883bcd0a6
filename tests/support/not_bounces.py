"""Mails that come to a bounce address and are no bounces: more than a hundred, made from the tables here."""

from __future__ import annotations

from collections.abc import Iterator

from digest.deliver import headers, message
from digest.model.splice import SlotNames
from tests.support.not_bounces_machines import NEWSLETTERS, NOTICES, RECEIPTS, STATUS_OF_NO_FAILURE, WARNINGS
from tests.support.not_bounces_text import AUTOREPLIES, CHALLENGES, LETTERS, LISTS, SPAM

US = "news+0123456789abcdefgh@example.org"
READER = "Ada Reader <ada@example.net>"
BOUNCE = """This is the mail system at host mx.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<ada@example.net>: host mail.example.net[192.0.2.7] said: 550 5.1.1
    <ada@example.net>: Recipient address rejected: User unknown (in reply to RCPT TO command)
"""
_ORIGINAL = f"""Return-Path: <{US}>
From: News <news@example.org>
To: ada@example.net
Subject: News of Monday
Message-ID: <edition.abc@example.org>

Hello
"""


def written(sender: str, subject: str, body: str, **more: str) -> bytes:
    """A mail as plain text; `more` are further fields, with `_` for `-`."""
    fields = {"From": sender, "To": US, "Subject": subject, "Date": "Mon, 03 Mar 2025 10:00:00 +0000"}
    fields |= {"Message-ID": "<1.2.3@mail.example.net>", "MIME-Version": "1.0"}
    fields |= {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}
    fields |= {name.replace("_", "-"): value for name, value in more.items()}
    return ("".join(f"{name}: {value}\n" for name, value in fields.items()) + "\n" + body).encode()


def parted(sender: str, subject: str, kind: str, *parts: tuple[str, str], **more: str) -> bytes:
    """A multipart mail of (content type, text)."""
    body = "".join(f"--=b\nContent-Type: {of}\n\n{text}\n" for of, text in parts) + "--=b--\n"
    return written(sender, subject, body, **{"Content_Type": f'{kind}; boundary="=b"', **more})


def all_of_them() -> Iterator[tuple[str, bytes]]:
    """Each with a name."""
    for n, (sender, subject, body, more) in enumerate(AUTOREPLIES):
        yield f"autoreply-{n}", written(sender, subject, body, **more)
    for kind, table in (("challenge", CHALLENGES), ("list", LISTS), ("letter", LETTERS), ("spam", SPAM)):
        for n, (sender, subject, body) in enumerate(table):
            yield f"{kind}-{n}", written(sender, subject, body, Return_Path=f"<{kind}@example.com>")
    for n, (sender, subject, body, more) in enumerate([*NEWSLETTERS, *NOTICES]):
        yield f"notice-{n}", written(sender, subject, body, **more)
    for n, (subject, body) in enumerate(WARNINGS):
        sender = "Mail Delivery System <MAILER-DAEMON@mx.example.net>"
        yield f"warning-{n}", written(sender, subject, body, Return_Path="<>", Auto_Submitted="auto-replied")
    yield from _reports()
    yield from _about_a_bounce()
    yield from _calendar()
    yield from _digests()


def _reports() -> Iterator[tuple[str, bytes]]:
    """Reports (RFC 6522) that tell of no failure: delays, deliveries, receipts, feedback that is no complaint."""
    daemon = "Mail Delivery System <MAILER-DAEMON@mx.example.net>"
    for n, (action, status, text) in enumerate(STATUS_OF_NO_FAILURE):
        fields = f"Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ada@example.net\nAction: {action}\n"
        fields += f"Status: {status}\nDiagnostic-Code: smtp; 450 {status} {text}\n"
        parts = (("text/plain", f"{text}\n"), ("message/delivery-status", fields), ("message/rfc822", _ORIGINAL))
        kind = "multipart/report; report-type=delivery-status"
        yield f"status-{n}", parted(daemon, "Delivery Status Notification", kind, *parts, Return_Path="<>")
    for n, (sender, subject, text, disposition) in enumerate(RECEIPTS):
        fields = (
            f"Reporting-UA: mail.example.net\nFinal-Recipient: rfc822; ada@example.net\nDisposition: {disposition}\n"
        )
        parts = (("text/plain", text), ("message/disposition-notification", fields), ("message/rfc822", _ORIGINAL))
        kind = "multipart/report; report-type=disposition-notification"
        yield f"receipt-{n}", parted(sender, subject, kind, *parts, Return_Path="<>")
    for of in ("auth-failure", "not-spam", "virus", "dkim"):
        fields = f"Feedback-Type: {of}\nUser-Agent: Filter/1.0\nVersion: 1\nOriginal-Rcpt-To: ada@example.net\n"
        parts = (("text/plain", f"A report of type {of}."), ("message/feedback-report", fields))
        kind = "multipart/report; report-type=feedback-report"
        sender = "reports@mx.example.net"
        yield f"feedback-{of}", parted(sender, f"Report: {of}", kind, *parts, ("message/rfc822", _ORIGINAL))


def _about_a_bounce() -> Iterator[tuple[str, bytes]]:
    """A person sends a bounce on, answers it or asks about it."""
    quoted = "".join(f"> {line}\n" for line in BOUNCE.splitlines())
    status = "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ada@example.net\n"
    status += "Action: failed\nStatus: 5.1.1\n"
    report = (
        "From: MAILER-DAEMON@mx.example.net\nSubject: Undelivered Mail Returned to Sender\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="in"\n\n'
        f"--in\nContent-Type: text/plain\n\n{BOUNCE}\n--in\nContent-Type: message/delivery-status\n\n{status}\n--in--\n"
    )
    subject = "Undelivered Mail Returned to Sender"
    yield "answer-quoted", written(READER, f"Re: {subject}", f"Is this yours?\n\n{quoted}")
    yield (
        "answer-on-top",
        written(READER, f"AW: {subject}", f"Was heißt das?\n\n-----Ursprüngliche Nachricht-----\n{BOUNCE}"),
    )
    yield "answer-pasted", written(READER, "What does this mean?", f"I got this when I wrote to Ada:\n\n{BOUNCE}")
    yield "answer-same-subject", written(READER, subject, f"I got this when I wrote to Ada:\n\n{BOUNCE}")
    yield "answer-postmaster", written("postmaster@example.net", f"Re: {subject}", f"Fixed now.\n\n{quoted}")
    yield (
        "answer-indented",
        written(READER, "Sv: Delivery failure", "\n".join(f"    {line}" for line in BOUNCE.splitlines())),
    )
    yield "forward-inline", written(READER, f"Fwd: {subject}", f"---------- Forwarded message ---------\n{BOUNCE}")
    parts = (("text/plain", "See what came back."), ("message/rfc822", report))
    yield "forward-attached", parted(READER, f"Fwd: {subject}", "multipart/mixed", *parts)
    yield "forward-attached-bare", parted(READER, subject, "multipart/mixed", ("message/rfc822", report))
    parts = (("text/plain", BOUNCE), ("message/delivery-status", status))
    yield "forward-apple", parted(READER, f"Fwd: {subject}", "multipart/mixed", *parts)
    markup = f"<p>Help, please!</p><blockquote><pre>{BOUNCE.replace('<', '&lt;')}</pre></blockquote>"
    yield "answer-html", written(READER, f"RE: {subject}", markup, Content_Type="text/html; charset=utf-8")
    yield (
        "answer-json",
        written(READER, "a notice", 'Look: {"notificationType":"Bounce","bounce":{"bounceType":"Permanent"}}'),
    )


def _calendar() -> Iterator[tuple[str, bytes]]:
    for method, subject in (
        ("REQUEST", "Invitation: editors' meeting"),
        ("REPLY", "Accepted: editors' meeting"),
        ("REPLY", "Declined: editors' meeting"),
        ("CANCEL", "Cancelled: delivery of the failed boiler"),
    ):
        event = f"BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\nATTENDEE:mailto:ada@example.net\n"
        event += "END:VEVENT\nEND:VCALENDAR\n"
        parts = (("text/plain", subject), (f"text/calendar; method={method}", event))
        yield f"calendar-{subject.split(':')[0].lower()}", parted(READER, subject, "multipart/alternative", *parts)


def _digests() -> Iterator[tuple[str, bytes]]:
    """Our own mails, one of them with a bounce for its news."""
    slots = SlotNames("0123456789abcdef")
    texts = (
        ("en", "News of Monday", "A bridge opened in the north.\n"),
        ("de", "Zustellung verspätet: Post streikt", "Briefe konnten nicht zugestellt werden.\n"),
        ("fr", "Échec de la remise des clefs", "Le maire n'a pas pu être remis à flot.\n"),
        ("ja", "メールが配信できません", "宛先が見つかりません。\n"),
        ("en", "Undelivered Mail Returned to Sender", BOUNCE),
        (
            "en",
            "Delivery Status Notification (Failure)",
            "The following addresses failed:\n\n  ada@example.net\n    550 gone\n",
        ),
    )
    for n, (language, subject, text) in enumerate(texts):
        facts = message.MessageFacts(
            sender_name="News", sender_address="news@example.org", list_name="news", list_title="News",
            domain="example.org", language=language, key=str(n), feedback=("news", "day", str(n)),
        )  # fmt: skip
        values = {"to": headers.mailbox("Ada", "ada@example.net"), "message_id": f"<d.{n}@example.org>"}
        values |= {
            "date": "Mon, 03 Mar 2025 05:00:00 +0000",
            "address": "ada@example.net",
            "unsubscribe": "mailto:u@x.y",
        }
        foot = f"{slots.marker('address')}\n{slots.marker('unsubscribe')}\n"
        stored = message.build(subject=subject, text=text + foot, html=f"<p>{text}</p>\n", slots=slots, facts=facts)
        yield f"digest-{n}", message.Template(stored).splice(values)
