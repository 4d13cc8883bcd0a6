"""Mails as they leave the house: articles in several languages through the whole pipeline, and as an MX keeps them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.model.article import RawArticle
from digest.model.dates import PartialDate, Precision
from digest.pipeline import group, ingest, subscriptions
from tests.support.home import House, deliver_all, open_house, publication, publish_now

DOMAIN = "example.org"
SENDER_IP = "2001:db8::25"  # RFC 3849: nobody's
READER = "jan.devries@example.net"
SETTINGS = {
    "DIGEST_MAIL_FROM": f"Morning news <news@{DOMAIN}>",
    "DIGEST_MAIL_REPLY_TO": f"editors@{DOMAIN}",
    "DIGEST_MAIL_CFBL": f"complaints@{DOMAIN}",
    "DIGEST_MAIL_ARCHIVE": f"https://news.{DOMAIN}/{{publication}}/",
    "DIGEST_MAIL_IMPRINT": "Morning news, 1 Market Square, 2611 Delft, The Netherlands",
    "DIGEST_WEB_URL": f"https://news.{DOMAIN}",
}


@dataclasses.dataclass(frozen=True)
class Case:
    """What one reader is mailed: (title, publisher, text) of each article, most important first."""

    language: str
    articles: Sequence[tuple[str, str, str]]
    title: str = "Morning news"
    reader_name: str = "Jan de Vries"
    reader: str = READER
    subject: str = ""  # a template for the subject, where it is not the look's own


def mail(folder: Path, template: Path, case: Case, **settings: str) -> bytes:
    """The message that this reader is sent: ingested, grouped, composed, planned, spliced."""
    with open_house(folder, template=template, **{**SETTINGS, **settings}) as house:
        if case.subject:
            look = folder / "templates" / "edition" / "paper"
            look.mkdir(parents=True)
            look.joinpath("subject.txt").write_text(case.subject, encoding="utf-8")
        publication(house, title=case.title, language=case.language)
        house.clock.now = datetime.now(UTC).replace(microsecond=0)  # a filter dislikes mail from another day
        subscriptions.subscribe(house.services, subscriptions.Wanted(case.reader, "news", name=case.reader_name))
        take_in(house, case)
        publish_now(house)
        assert deliver_all(house).sent == 1
        (message,) = house.mails(case.reader)
        return message


def take_in(house: House, case: Case, start: int = 0) -> None:
    """Its articles, the most important first; `start` is the number of the first one."""
    now = house.clock()
    raw = [
        RawArticle(
            text=text,
            origin=f"{number}.txt",
            identity=f"id:{number}",
            external_id=str(number),
            title=title,
            language=case.language,
            date=PartialDate(now - timedelta(minutes=10 * number), Precision.MINUTE),
            url=f"https://www.example.com/{case.language}/{number}",
            publisher=publisher,
        )
        for number, (title, publisher, text) in enumerate(case.articles, start)
    ]
    report = ingest.ingest(house.services, raw)
    assert report.new == len(raw), report
    group.group(house.services)


def as_received(message: bytes, *, recipient: str = READER) -> bytes:
    """With what the reader's MX puts on top: a filter behind it sees that, too."""
    date = message.partition(b"Date: ")[2].partition(b"\r\n")[0].decode()
    top = (
        f"Return-Path: <bounces@{DOMAIN}>\r\n"
        f"Received: from mail.{DOMAIN} (mail.{DOMAIN} [IPv6:{SENDER_IP}])\r\n"
        f"\tby mx.example.net (Postfix) with ESMTPS id 4ZJ2qk1Wm5z9sXN\r\n"
        f"\tfor <{recipient}>; {date}\r\n"
    )
    return top.encode() + message
