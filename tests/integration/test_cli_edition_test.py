"""digest edition test"""

from __future__ import annotations

import json
import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest import app
from digest.audience import tokens
from digest.deliver.relay import Relay
from digest.deliver.run import Ready
from digest.deliver.testing import FakeTransport
from digest.errors import TransportError
from digest.model.delivery import Delivery
from digest.pipeline.messages import Messages
from tests.support import desk, home
from tests.support.desk import Desk, text_of
from tests.support.home import token

A, ME = "a@example.org", "me@example.org"


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """A publication with one reader and one article of news."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day", "--from", "Morning <morning@example.org>")
    made.well("subscriber", "add", "--basis", "form", A, "--publication", "p", "--lang", "nl")
    made.news(1)
    return made


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    made = FakeTransport()
    monkeypatch.setattr(app, "relays", lambda _home: [Relay("fake", made, 1)])
    return made


def books(digest: Desk) -> object:
    services = app.services(digest.home, {})
    try:
        return home.all_rows(home.House(services, digest.clock, FakeTransport()))
    finally:
        services.database.close()


def mail_of(digest: Desk, *options: str) -> EmailMessage:
    """The test mail; nothing else has changed."""
    before = books(digest)
    said = digest.well("edition", "test", "p", "--to", ME, *options, "--json").json
    assert books(digest) == before
    (mail,) = [m for m in digest.mails(ME) if m["Message-ID"] == said["message_id"]]
    assert mail["Subject"] == said["subject"]
    return mail


def test_it_is_what_the_next_edition_would_be(digest: Desk) -> None:
    mail = mail_of(digest)
    assert mail["Subject"].startswith("[test] ")
    assert mail["From"] == "Morning <morning@example.org>"
    assert mail["To"] == ME
    assert token(1) in text_of(mail)
    assert mail["List-Id"]
    assert mail["List-Unsubscribe"]
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    (real,) = digest.mails(A)
    assert set(real.keys()) == set(mail.keys())
    assert token(1) in text_of(real), "the test mail told nobody anything"


def test_what_the_server_said_is_printed(digest: Desk) -> None:
    out = digest.well("edition", "test", "p", "--to", ME).out
    (mail,) = digest.mails(ME)
    assert out.startswith(f"Sent to {ME}\n")
    assert mail["Message-ID"] in out
    assert re.search(r"reply +250 ", out)


def test_its_link_ends_no_subscription(digest: Desk) -> None:
    mail = mail_of(digest, "--as", A)
    (found,) = re.findall(r"unsubscribe(?:%20| )([\w-]+\.[\w-]+)", mail["List-Unsubscribe"])
    services = app.services(digest.home, {})
    assert tokens.verify(services.home.secret(), "unsubscribe", found) == "0"
    services.database.close()
    assert "the subscription of this token is no more" in digest.refused("subscriber", "unsubscribe", found)
    assert [s["state"] for s in digest.well("subscriber", "list", "--json").json] == ["active"]


def test_each_test_has_a_message_id_of_its_own(digest: Desk) -> None:
    first = mail_of(digest)
    digest.clock.go(seconds=1)
    second = mail_of(digest)
    assert first["Message-ID"] != second["Message-ID"]


def test_as_a_reader_and_in_a_language(digest: Desk) -> None:
    assert mail_of(digest)["Content-Language"] == "en"
    assert mail_of(digest, "--as", A)["Content-Language"] == "nl"
    assert mail_of(digest, "--as", A, "--language", "de")["Content-Language"] == "de"


def test_nothing_new_shows_the_newest_stories(digest: Desk) -> None:
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    said = digest.well("edition", "test", "p", "--to", ME, "--as", A).out
    assert said.startswith(f"Nothing is new for {A} in p; the test mail shows the newest stories instead.\n")
    (mail,) = digest.mails(ME)
    assert token(1) in text_of(mail)


def test_it_is_made_and_sent_as_any_mail(
    digest: Desk, transport: FakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is done to a delivery's bytes (signing them, say) is done to these."""
    of = Messages.of

    def signed(self: Messages, delivery: Delivery) -> Ready:
        ready = of(self, delivery)
        return ready._replace(message=b"X-Signed: yes\r\n" + ready.message)

    monkeypatch.setattr(Messages, "of", signed)
    digest.well("edition", "test", "p", "--to", ME)
    ((to, message),) = transport.wire
    assert to == ME
    assert message.startswith(b"X-Signed: yes\r\n")


def test_a_refusal(digest: Desk, transport: FakeTransport) -> None:
    transport.on_begin = lambda _to: home.REFUSED
    error = digest.refused("edition", "test", "p", "--to", ME, code=1)
    assert error == (
        f"{ME}: the test mail was not sent: no such mailbox (550 5.1.1) (the server answered: 550 5.1.1 no such user)"
    )
    transport.on_begin = lambda _to: None
    transport.on_send = lambda _to: home.LOST
    assert "it may have arrived" in digest.refused("edition", "test", "p", "--to", ME, code=1)

    def unreachable() -> None:
        raise TransportError("Connection refused", where="relay.example:25")

    transport.on_open = unreachable
    assert "relay.example:25: Connection refused" in digest.refused("edition", "test", "p", "--to", ME, code=1)


def test_what_cannot_be(digest: Desk) -> None:
    assert "there is no publication" in digest.refused("edition", "test", "q", "--to", ME)
    assert "is not an e-mail address" in digest.refused("edition", "test", "p", "--to", "me")
    assert "there is no subscriber" in digest.refused("edition", "test", "p", "--to", ME, "--as", ME)
    assert "is not a language code" in digest.refused("edition", "test", "p", "--to", ME, "--language", "xx")
    assert "Missing option '--to'" in digest.refused("edition", "test", "p")
    digest.well("publication", "add", "q", "--every", "day", "--topic", "religion")
    assert "there is nothing to put into a test mail" in digest.refused("edition", "test", "q", "--to", ME, code=1)


def test_not_to_an_address_that_is_suppressed(digest: Desk) -> None:
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    digest.well("subscriber", "remove", A)
    assert "this address is suppressed" in digest.refused("edition", "test", "p", "--to", A)


def test_what_is_not_grouped_is_not_in_it(digest: Desk) -> None:
    digest.typed(json.dumps(desk.article(2, digest.clock())))
    digest.well("ingest", "-")
    assert digest("edition", "test", "p", "--to", ME).err == (
        "digest: 1 article not grouped yet: not in here (digest group)\n"
    )
