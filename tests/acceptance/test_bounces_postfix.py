"""A real relay, a real refusal behind it, a real bounce: from the mail that we send to the mark at the subscriber."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.resources import seeds
from tests.support import postfix, sink
from tests.support.cli import Cli

GONE, THERE = "gone@example.org", "there@example.org"


_REFUSES = ("-f", "RCPT", "-B", "550 5.1.1 no such user")


def set_up(home: Path, port: int) -> Cli:
    """An edition is sent through the relay on this port, to somebody who is gone and somebody who is there."""
    digest = Cli(home).init(port=port)
    digest.environ.update(DIGEST_MAIL_BOUNCES="bounces+{token}@returns.example.com", DIGEST_BOUNCES_THRESHOLD="1")
    digest("ingest", seeds())
    digest("publication", "add", "news", "--every", "day")
    for reader in (GONE, THERE):
        digest("subscriber", "add", "--basis", "form", reader, "--publication", "news")
    digest("edition", "publish", "news")
    return digest


@pytest.mark.slow
def test_what_postfix_returns_marks_the_subscriber(tmp_path: Path) -> None:
    with (
        sink.running(*_REFUSES) as bad,
        sink.running() as good,
        postfix.running(bad.port, {THERE: good.port}) as relay,
    ):
        digest = set_up(tmp_path / "home", relay.port)
        assert digest("deliver") == "Mails: 2 sent.\n", "the relay has taken both"
        (mail,) = postfix.wait_for_mail(relay, 1)
        assert b"message/delivery-status" in mail.read_bytes()

        said = digest("bounce", "take", "--maildir", relay.maildir)
        assert said.startswith("1 mail: 1 suppressed.\n")
        assert list((relay.maildir / "new").iterdir()) == []
        assert [path.name.rpartition(":")[2] for path in (relay.maildir / "cur").iterdir()] == ["2,S"]

        (report,) = digest.json("bounce", "list")
        assert (report["subscriber"], report["kind"], report["status"]) == (GONE, "hard", "5.1.1")
        assert (report["proof"], report["by"]) == ("token", "relay.example.net")
        assert "550 5.1.1 no such user" in report["reason"]
        states = {s["email"]: s["address"] for s in digest.json("subscriber", "list")}
        assert states == {GONE: "suppressed", THERE: "ok"}
        assert digest("bounce", "take", "--maildir", relay.maildir) == "No new mails.\n"
        digest("edition", "publish", "news")
        digest("deliver")
        assert [mail.recipient for mail in good.received()] == [THERE]
