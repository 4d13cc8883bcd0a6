"""Mails that come back: as a mail server writes them, and readers to whom something was sent."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime, parseaddr
from pathlib import Path

from digest.audience import tokens
from digest.model.delivery import Delivery, DeliveryState
from digest.model.report import Report, ReportKind
from digest.model.subscription import Subscriber
from digest.pipeline import bounces
from digest.pipeline.bounces import Taken
from digest.pipeline.envelope import bounce_address
from digest.store import reports, subscribers
from digest.store.reports import Kept
from tests.support import home
from tests.support.home import House

NOBODY = "550 5.1.1 no such user"


def send(house: House, number: int, *, name: str = "news") -> dict[str, Delivery]:
    """One more edition, sent to all its readers; what each was sent."""
    home.take_in(house, number)
    edition = home.publish_now(house, name).edition
    home.deliver_all(house)
    return {d.subscriber: d for d in home.listing(house) if d.edition_name == edition}


def token(house: House, delivery: Delivery) -> str:
    return tokens.bounce_token(house.services.home.secret(), delivery.id)


def report(house: House, delivery: Delivery, kind: str = "hard", **values: object) -> Report:
    """As it came back to the envelope sender."""
    said = {"hard": ("5.1.1", NOBODY), "soft": ("5.2.2", "552 5.2.2 mailbox full"), "complaint": ("", "")}[kind]
    facts = {"address": delivery.address, "token": token(house, delivery), "status": said[0], "reason": said[1]}
    facts |= {"by": "mx.example.org", "at": house.clock(), **values}
    return Report(ReportKind(kind), **facts)  # type: ignore[arg-type]


def take(house: House, *found: Report, proven: bool = False) -> list[Taken]:
    return bounces.take(house.services, found, proven=proven)


def kept(house: House, **where: object) -> list[Kept]:
    with house.services.database.read() as connection:
        return reports.listing(connection, **where)  # type: ignore[arg-type]


def person(house: House, email: str) -> Subscriber:
    with house.services.database.read() as connection:
        found = subscribers.by_key(connection, email)
    assert found is not None
    return found


def standing(house: House, email: str) -> tuple[str, dict[str, str]]:
    """The state of the address, and of each subscription."""
    with house.services.database.read() as connection:
        found = subscribers.by_key(connection, email)
        assert found is not None
        held = subscribers.subscriptions(connection, found.id)
    return str(found.address_state), {s.publication: str(s.state) for s in held}


def is_sent(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.SENT


def dsn(
    to: str, recipient: str, at: datetime, *, status: str = "5.1.1", said: str = NOBODY, action: str = "failed"
) -> bytes:
    """What Postfix sends back (RFC 3464)."""
    return f"""\
Return-Path: <>
Delivered-To: {to}
Received: by relay.example.net (Postfix) id 4F2A11B;
\t{format_datetime(at)}
Date: {format_datetime(at)}
From: MAILER-DAEMON@relay.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F2A11B.1/relay.example.net"
Message-Id: <20261121.4F2A11B@relay.example.net>

This is a MIME-encapsulated message.

--4F2A11B.1/relay.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host relay.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<{recipient}>: host mx.example.org[192.0.2.7] said: {said}
    (in reply to RCPT TO command)

--4F2A11B.1/relay.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.net
X-Postfix-Queue-ID: 4F2A11B
Arrival-Date: {format_datetime(at)}

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; {said}

--4F2A11B.1/relay.example.net--
""".encode()


def returned(house: House, delivery: Delivery, **said: str) -> bytes:
    """The same for a mail of ours, to its own envelope sender."""
    sender = parseaddr(house.services.settings.mail.from_)[1]
    home_ = house.services.home
    to = bounce_address(home_.settings.mail.bounces, home_.secret(), delivery.id, sender)
    return dsn(to, delivery.address, house.clock(), **said)


def maildir(folder: Path, *mails: bytes) -> Path:
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for number, mail in enumerate(mails):
        (folder / "new" / f"{1760000000 + number}.M{number}P7.mx").write_bytes(mail)
    return folder
