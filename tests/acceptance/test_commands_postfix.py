"""A reader's mail program and a real relay: from the link in a mail that we sent to the end of the subscription."""

from __future__ import annotations

import re
import smtplib
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pytest

from digest.resources import seeds
from tests.support import postfix, sink
from tests.support.cli import Cli

GONE, THERE = "gone@example.org", "there@example.org"
LEAVE = "leave@returns.example.com"


@pytest.mark.slow
def test_one_mailbox_takes_what_came_back_and_what_readers_ask_for(tmp_path: Path) -> None:
    refuses = ("-f", "RCPT", "-B", "550 5.1.1 no such user")
    with (
        sink.running(*refuses) as bad,
        sink.running() as good,
        postfix.running(bad.port, {THERE: good.port}) as relay,
    ):
        digest = Cli(tmp_path / "home").init(port=relay.port)
        box = str(relay.maildir)
        digest.environ.update(DIGEST_MAIL_BOUNCES="bounces+{token}@returns.example.com", DIGEST_MAIL_UNSUBSCRIBE=LEAVE)
        digest.environ.update(DIGEST_BOUNCES_MAILDIR=box, DIGEST_COMMANDS_MAILDIR=box)
        digest("ingest", seeds())
        digest("publication", "add", "news", "--every", "day")
        for reader in (GONE, THERE):
            digest("subscriber", "add", "--basis", "form", reader, "--publication", "news")
        digest("edition", "publish", "news")
        digest("deliver")
        postfix.wait_for_mail(relay, 1)
        (mail,) = good.received()
        asked = re.search(r"^List-Unsubscribe:\s+<mailto:([^?>]+)\?subject=([^>]+)>", mail.message.decode(), re.M)
        assert asked
        assert asked[1] == LEAVE
        said = EmailMessage()
        said["From"], said["To"], said["Subject"] = THERE, LEAVE, unquote(asked[2])
        with smtplib.SMTP("127.0.0.1", relay.port) as server:
            server.send_message(said)
        postfix.wait_for_mail(relay, 2)

        told = digest("run")
        assert "Came back: 1 counted.\n" in told
        assert f"Commands by mail: 1 unsubscribed.\n  {THERE}: news is unsubscribed\n" in told
        assert [path.name.rpartition(":")[2] for path in (relay.maildir / "cur").iterdir()] == ["2,S", "2,S"]
        states = {s["email"]: s["state"] for s in digest.json("subscriber", "list")}
        assert states == {GONE: "active", THERE: "unsubscribed"}
        digest("edition", "publish", "news")
        digest("deliver")
        assert [each.recipient for each in good.received()] == [THERE], "and nothing more"
