"""digest deliver, digest delivery"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from digest import app
from digest.deliver import berth
from digest.deliver.relay import Relay
from digest.deliver.testing import FakeTransport
from digest.errors import TransportError
from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import DEFERRED, REFUSED, token

A, B = "a@example.org", "b@example.org"
_FIELDS = {
    "id", "kind", "edition", "subscriber", "state", "message_id", "attempts", "reply", "reason", "planned", "settled",
    "bounced", "next_attempt",
}  # fmt: skip
_COUNTS = {"sent", "deferred", "failed", "uncertain", "held", "suppressed", "released", "reasons"}


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """An edition with two mails planned. Where no connection can be had, the tries follow each other at once."""
    monkeypatch.setattr(berth, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(berth, "_LONGEST_PAUSE", 0.01)
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day")
    for reader in (A, B):
        made.well("subscriber", "add", "--basis", "form", reader, "--publication", "p")
    made.news(1)
    made.well("edition", "publish", "p")
    return made


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    made = FakeTransport()
    monkeypatch.setattr(app, "relays", lambda _home: [Relay("fake", made, 2)])
    return made


def rows(digest: Desk, *options: str) -> list[dict[str, object]]:
    return list(digest.well("delivery", "list", "--json", *options).json)


def the_id(digest: Desk, reader: str) -> str:
    (found,) = rows(digest, "--subscriber", reader)
    return str(found["id"])


def test_deliver_sends_once(digest: Desk) -> None:
    counts = digest.well("deliver", "--json").json
    assert set(counts) == _COUNTS
    assert (counts["sent"], counts["failed"], counts["reasons"]) == (2, 0, {})
    assert digest.well("deliver").out == "Nothing is due.\n"
    assert len(digest.mails()) == 2
    assert digest.states() == [(A, "sent"), (B, "sent")]


def test_the_list_is_fixed_for_scripts(digest: Desk) -> None:
    digest.well("deliver")
    first, second = rows(digest)
    assert set(first) == _FIELDS
    assert (first["edition"], first["subscriber"], first["state"], first["attempts"]) == ("p/extra/1", A, "sent", 1)
    assert str(first["reply"]).startswith("250 ")
    assert {first["message_id"], second["message_id"]} == {mail["Message-ID"] for mail in digest.mails()}


def test_list_filters(digest: Desk) -> None:
    digest.well("deliver")
    digest.news(2)
    digest.well("edition", "publish", "p")
    assert len(rows(digest)) == 4
    assert [row["edition"] for row in rows(digest, "--edition", "p/extra/2")] == ["p/extra/2"] * 2
    assert [row["subscriber"] for row in rows(digest, "--subscriber", "B@Example.org")] == [B, B]
    assert len(rows(digest, "--state", "sent")) == 2
    assert len(rows(digest, "--state", "sent", "--state", "planned")) == 4
    assert len(rows(digest, "--limit", "1")) == 1
    assert rows(digest, "--state", "failed") == []
    assert digest.well("delivery", "list", "--state", "failed").out == "No such deliveries.\n"
    assert "is not one of 'planned'" in digest.refused("delivery", "list", "--state", "sen")
    assert "give a whole number, " in digest.refused("delivery", "list", "--limit", "-1")
    assert "there is no edition" in digest.refused("delivery", "list", "--edition", "p/extra/9")
    assert "there is no subscriber" in digest.refused("delivery", "list", "--subscriber", "c@example.org")
    assert "is not an e-mail address" in digest.refused("delivery", "list", "--subscriber", "c")


def test_show_tells_every_change(digest: Desk) -> None:
    digest.well("deliver")
    first = rows(digest)[0]
    told = digest.well("delivery", "show", str(first["id"]), "--json").json
    assert set(told) == _FIELDS | {"changes"}
    assert [set(c) for c in told["changes"]] == [{"at", "from", "to", "reply", "reason"}] * len(told["changes"])
    assert [c["to"] for c in told["changes"]] == ["planned", "claimed", "committing", "sent"]
    assert digest.well("delivery", "show", str(first["message_id"]), "--json").json == told
    said = digest.well("delivery", "show", str(first["id"])).out
    assert str(first["message_id"]) in said
    assert "What happened" in said
    for name in ("99", "<x@y>", "", "9" * 30):
        assert "there is no delivery" in digest.refused("delivery", "show", name)


def test_why_a_mail_was_given_back_is_kept(digest: Desk, transport: FakeTransport) -> None:
    def refuse() -> None:
        raise TransportError("Name or service not known", where="nowhere.invalid:25")

    transport.on_open = refuse
    digest.monkeypatch.setattr("digest.deliver.berth._LONGEST_PAUSE", 0.0)
    assert digest("deliver").code == 1
    assert [row["state"] for row in rows(digest)] == ["planned", "planned"]
    assert all("Name or service not known" in str(row["reason"]) for row in rows(digest))


def test_what_a_relay_that_is_down_had_in_hand_goes_by_the_other(digest: Desk) -> None:
    def refuse() -> None:
        raise TransportError("Connection refused", where="relay.example:25", mend="check [smtp] in digest.toml")

    down, up = FakeTransport(on_open=refuse), FakeTransport()
    digest.monkeypatch.setattr(app, "relays", lambda _home: [Relay("down", down, 2), Relay("up", up, 2)])
    said = digest("deliver")
    assert (said.code, said.out) == (0, "Mails: 2 sent.\n")
    assert "relay down is left alone for a while: the relay failed 10 times in a row" in said.err
    assert sorted(to for to, _ in up.wire) == [A, B]


def test_a_secret_that_everybody_can_read_is_told_when_mails_are_sent(digest: Desk) -> None:
    key = digest.home / "secret.key"
    key.chmod(0o644)
    assert f"{key}: every user of this machine may read this secret (chmod 600 {key})" in digest("deliver").err
    key.chmod(0o600)
    digest.well("deliver")


def test_pause_resume_and_cancel_of_one(digest: Desk) -> None:
    number = the_id(digest, A)
    assert digest.well("delivery", "pause", number).out == "1 delivery held.\n"
    assert "cannot pause a delivery that is held" in digest.refused("delivery", "pause", number)
    assert digest.well("deliver").out == "Mails: 1 sent.\n"
    assert digest.states() == [(A, "held"), (B, "sent")]
    assert digest.well("delivery", "resume", number).out == "1 delivery resumed.\n"
    assert digest.well("delivery", "cancel", number).out == "1 delivery cancelled.\n"
    assert digest.well("deliver").out == "Nothing is due.\n"
    for action in ("pause", "resume", "retry", "cancel"):
        said = digest.refused("delivery", action, number)
        assert f"delivery {number}: cannot {action} a delivery that is cancelled" in said
        assert "there is no delivery" in digest.refused("delivery", action, "99")
        assert "there is no delivery" in digest.refused("delivery", action, "9" * 30)
        assert "names no edition" in digest.refused("delivery", action, "what")
    digest.news(2)
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    (mail,) = digest.mails(A)
    assert token(1) in desk.text_of(mail), "what was cancelled goes into the next edition"


def test_pause_resume_and_cancel_of_an_edition(digest: Desk) -> None:
    assert digest.well("delivery", "pause", "p/extra/1").out == "2 deliveries held.\n"
    digest.well("deliver")
    assert digest.mails() == []
    assert digest.well("delivery", "resume", "p/extra/1").out == "2 deliveries resumed.\n"
    assert digest.states() == [(A, "planned"), (B, "planned")]
    assert digest.well("delivery", "cancel", "p/extra/1").out == "2 deliveries cancelled.\n"
    assert digest.well("delivery", "cancel", "p/extra/1").out == "0 deliveries cancelled.\n"
    assert "cannot resume an edition that is cancelled" in digest.refused("delivery", "resume", "p/extra/1")
    digest.well("deliver")
    assert digest.mails() == []


def test_what_failed_can_be_tried_again(digest: Desk, transport: FakeTransport) -> None:
    transport.on_begin = lambda to: REFUSED if to == A else None
    said = digest("deliver")
    assert said.code == 1
    assert said.out.startswith("Mails: 1 sent, 1 failed.\n  1 x ")
    assert digest.states() == [(A, "failed"), (B, "sent")]
    assert "550" in digest.well("delivery", "list", "--state", "failed").out
    transport.on_begin = lambda _to: None
    assert digest.well("deliver").out == "Nothing is due.\n", "not by itself"
    assert digest.well("delivery", "retry", the_id(digest, A)).out == "1 delivery will be tried again.\n"
    assert digest.well("deliver").out == "Mails: 1 sent.\n"
    assert sorted(to for to, _ in transport.wire) == [A, B]


def test_what_was_deferred_waits_or_is_tried_at_once(digest: Desk, transport: FakeTransport) -> None:
    transport.on_begin = lambda to: DEFERRED if to == A else None
    assert digest("deliver").out.startswith("Mails: 1 sent, 1 deferred.")
    assert digest.states() == [(A, "deferred"), (B, "sent")]
    (row,) = rows(digest, "--state", "deferred")
    assert row["next_attempt"] is not None
    assert "next try" in digest.well("delivery", "show", str(row["id"])).out
    transport.on_begin = lambda _to: None
    assert digest.well("deliver").out == "Nothing is due.\n"
    assert digest.well("delivery", "retry", "p/extra/1").out == "1 delivery will be tried again.\n"
    assert digest.well("deliver").out == "Mails: 1 sent.\n"


def test_retry_is_refused_where_a_later_edition_covers_the_news(digest: Desk, transport: FakeTransport) -> None:
    transport.on_begin = lambda to: REFUSED if to == A else None
    digest("deliver")
    transport.on_begin = lambda _to: None
    failed = the_id(digest, A)
    digest.news(2)
    digest.well("edition", "publish", "p")
    assert "nothing is lost" in digest.refused("delivery", "retry", failed)
    digest.well("deliver")
    assert "another edition covers the same news" in digest.refused("delivery", "retry", failed)
    assert [to for to, _ in transport.wire].count(A) == 1


def test_the_console_transport_prints_what_would_be_mailed(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_MAIL_TRANSPORT", "console")
    said = digest.well("deliver").out
    assert f"To: {A}" in said
    assert f"To: {B}" in said
    assert said.count(token(1)) >= 2
    assert said.endswith("Mails: 2 sent.\n")
    assert digest.states() == [(A, "sent"), (B, "sent")]


def test_a_transport_that_is_not_there_is_one_line(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_MAIL_TRANSPORT", "pigeon")
    said = digest.refused("deliver", code=2)
    assert "pigeon" in said

    monkeypatch.setenv("DIGEST_MAIL_TRANSPORT", "smtp")
    monkeypatch.setenv("DIGEST_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("DIGEST_SMTP_PORT", "1")
    stopped = digest("deliver")
    assert stopped.code == 1
    assert "127.0.0.1:1" in stopped.err
    assert stopped.err.count("\n") == 1
    monkeypatch.setenv("DIGEST_MAIL_TRANSPORT", "maildir")
    digest.clock.go(hours=2)
    digest.well("deliver")
    assert len(digest.mails()) == 2, "nothing was lost"


def test_a_mail_folder_that_cannot_be_made_is_one_line(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (digest.home / "maildir").write_text("in the way")
    said = digest("deliver")
    assert said.code == 1
    assert "check [maildir] path" in said.err
    (digest.home / "maildir").unlink()
    digest.clock.go(hours=2)
    digest.well("deliver")
    assert len(digest.mails()) == 2


def test_a_lost_key_is_one_line_and_costs_nobody_a_mail(digest: Desk, tmp_path: Path) -> None:
    shutil.move(digest.home / "secret.key", tmp_path / "secret.key")
    digest.news(2)
    said = digest("edition", "publish", "p")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "secret.key" in said.err
    assert "2 readers: could not be made" in said.out
    shutil.move(tmp_path / "secret.key", digest.home / "secret.key")
    digest.well("run")
    digest.well("deliver")
    assert {token(n) in desk.text_of(mail) for mail in digest.mails() for n in (1, 2)} == {True}


def test_only_what_failed_is_tried_again(digest: Desk, transport: FakeTransport) -> None:
    transport.on_begin = lambda to: REFUSED if to == A else DEFERRED
    digest("deliver")
    assert digest.states() == [(A, "failed"), (B, "deferred")]
    assert digest.well("delivery", "retry", "p/extra/1", "--only-failed").out == "1 delivery will be tried again.\n"
    transport.on_begin = lambda _to: None
    assert digest.well("deliver").out == "Mails: 1 sent.\n"
    assert digest.states() == [(A, "sent"), (B, "deferred")]


def test_the_retry_of_an_edition_leaves_what_was_paused(digest: Desk) -> None:
    digest.well("delivery", "pause", the_id(digest, A))
    assert digest.well("delivery", "retry", "p/extra/1").out == "0 deliveries will be tried again.\n"
    assert digest.states() == [(A, "held"), (B, "planned")]
