"""digest bounce, digest subscriber unsuppress, and the maildir in a pass."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from digest import app
from digest.deliver.relay import Relay
from digest.deliver.testing import FakeTransport
from digest.home import read_home
from digest.pipeline import bounces, inbox
from digest.pipeline.envelope import bounce_address
from tests.support import desk, returned
from tests.support.desk import Desk
from tests.support.home import REFUSED

CHECKOUT = Path(__file__).resolve().parents[2]
A, B = "a@example.org", "b@example.org"
_FIELDS = {
    "id", "at", "received", "kind", "subscriber", "address", "edition", "delivery", "status", "reason", "by", "proof",
    "counts", "effect", "forgotten",
}  # fmt: skip
VACATION = b"""From: A <a@example.org>
To: digest@example.com
Subject: Out of office: your digest
Auto-Submitted: auto-replied

I am on holiday until Monday.
"""


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day")
    for reader in (A, B):
        made.well("subscriber", "add", "--basis", "form", reader, "--publication", "p")
    return made


def publish(digest: Desk, number: int) -> None:
    digest.news(number)
    digest.well("edition", "publish", "p")


def bounced(digest: Desk, number: int, *, reader: str = A, **said: str) -> bytes:
    """One more edition is sent; what the reader's server makes of it."""
    publish(digest, number)
    digest.well("deliver")
    last = digest.well("delivery", "list", "--subscriber", reader, "--json").json[-1]
    sender = bounce_address("", read_home(digest.home, {}).secret(), last["id"], "digest@example.com")
    return returned.dsn(sender, reader, digest.clock(), **said)


def days_of_bounces(digest: Desk, days: int, first: int = 1) -> list[bytes]:
    found = []
    for number in range(first, first + days):
        found.append(bounced(digest, number))
        digest.clock.go(days=1)
    return found


def listed(digest: Desk, *options: str) -> list[dict[str, object]]:
    return list(digest.well("bounce", "list", "--json", *options).json)


def test_a_mail_on_standard_input(digest: Desk) -> None:
    digest.typed(bounced(digest, 1))
    assert digest.well("bounce", "take", "-").out == "1 mail: 1 counted.\n"
    (one,) = listed(digest)
    assert set(one) == _FIELDS
    assert (one["kind"], one["subscriber"], one["status"], one["proof"]) == ("hard", A, "5.1.1", "token")
    assert (one["edition"], one["counts"], one["effect"]) == ("p/extra/1", 1.0, "the address has 1 of 3")
    assert one["by"] == "relay.example.net"


def test_three_of_them_end_it_and_it_is_said_why(digest: Desk, tmp_path: Path) -> None:
    files = []
    for number, mail in enumerate(days_of_bounces(digest, 3)):
        files.append(tmp_path / f"{number}.eml")
        files[-1].write_bytes(mail)
    why = "3 mails bounced since 2 March 2026, the last: 550 5.1.1 no such user"
    assert digest.well("bounce", "take", *map(str, files)).out.splitlines() == [
        "3 mails: 1 suppressed, 2 counted.", f"  {A}: suppressed the address: {why}",
    ]  # fmt: skip
    assert digest.well("subscriber", "show", A, "--json").json["why"] == why
    shown = digest.well("subscriber", "show", A).out
    assert shown.count(why) == 2, "of the address, and in the history of the subscription"
    assert why in digest.refused("subscriber", "add", "--basis", "form", A, "--publication", "p")
    assert "digest subscriber unsuppress" in digest.refused(
        "subscriber", "add", "--basis", "form", A, "--publication", "p"
    )
    assert digest.well("bounce", "take", *map(str, files)).out == "3 mails: 3 known already.\n"
    lifted = digest.well("subscriber", "unsuppress", A, "--reason", "wrote that it works again").out
    assert lifted == f"{A} may be mailed again. It had been suppressed: {why}.\n"
    assert "wrote that it works again" in digest.well("subscriber", "show", A).out
    assert "not suppressed" in digest.refused("subscriber", "unsuppress", A, "--reason", "x")
    assert "no reason" in digest.refused("subscriber", "unsuppress", A, "--reason", " ")
    assert [one["forgotten"] is not None for one in listed(digest)] == [True] * 3


def test_list_and_show(digest: Desk) -> None:
    assert digest.well("bounce", "list").out == "Nothing has come back yet.\n"
    digest.typed(bounced(digest, 1))
    digest.well("bounce", "take", "-")
    assert digest.well("bounce", "list", "--subscriber", B).out == "No such reports.\n"
    assert digest.well("bounce", "list", "--kind", "soft", "--kind", "complaint").out == "No such reports.\n"
    assert "there is no subscriber" in digest.refused("bounce", "list", "--subscriber", "c@example.org")
    out = digest.well("bounce", "list", "--subscriber", A).out
    assert "550 5.1.1 no such user" in out
    shown = digest.well("bounce", "show", "1").out
    for word in ("Report 1", "hard", A, "p/extra/1", "token", "relay.example.net", "the address has 1 of 3"):
        assert word in shown
    assert set(digest.well("bounce", "show", "1", "--json").json) == _FIELDS
    assert "there is no bounce '2'" in digest.refused("bounce", "show", "2")
    (delivery,) = digest.well("delivery", "list", "--subscriber", A, "--json").json
    assert delivery["bounced"] is not None
    assert "bounced" in digest.well("delivery", "show", str(delivery["id"])).out


@pytest.mark.parametrize("mail", [VACATION, b"", b"\x00\xff\r\n" * 50, b"From x\n\n"])
def test_what_is_no_bounce_is_said_and_is_no_error(digest: Desk, mail: bytes) -> None:
    digest.typed(mail)
    assert digest.well("bounce", "take", "-").out == "1 mail: no bounce and no command, nothing was changed.\n"


def test_a_recipient_that_only_the_server_knows(digest: Desk) -> None:
    mail = bounced(digest, 1)
    to = next(line for line in mail.decode().splitlines() if line.startswith("To: "))[4:]
    bare = b"From MAILER-DAEMON Mon Mar  2 05:00:00 2026\n" + mail.replace(to.encode(), b"bounces@example.com")
    digest.typed(bare)
    assert digest.well("bounce", "take", "-").out == "1 mail: 1 unproven (nothing was changed).\n"
    digest.typed(bare)
    assert digest.well("bounce", "take", "-", "--recipient", to).out == "1 mail: 1 counted.\n"


def test_another_shape_of_the_envelope_sender(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_MAIL_BOUNCES", "b-{token}-x@returns.example.com")
    publish(digest, 1)
    digest.well("deliver")
    shape, secret = os.environ["DIGEST_MAIL_BOUNCES"], read_home(digest.home, {}).secret()
    sender = bounce_address(shape, secret, 1, "digest@example.com")
    assert sender.startswith("b-")
    digest.typed(returned.dsn(sender, A, digest.clock()))
    assert digest.well("bounce", "take", "-").out == "1 mail: 1 counted.\n"


def test_nothing_that_a_server_pipes_to_us_is_lost(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = bounced(digest, 1)

    def fails(*_: object) -> None:
        raise sqlite3.OperationalError("something nobody foresaw")

    with monkeypatch.context() as patch:
        patch.setattr(bounces, "take", fails)
        digest.typed(mail)
        result = digest("bounce", "take", "-")
        assert (result.code, result.out) == (os.EX_TEMPFAIL, "")
        assert "failed unexpectedly" in result.err
    elsewhere = ("--home", str(digest.home / "nowhere"))
    assert run_elsewhere(digest, elsewhere, mail) == os.EX_TEMPFAIL
    digest.typed(mail)
    assert digest.well("bounce", "take", "-").out == "1 mail: 1 counted.\n"


def run_elsewhere(digest: Desk, home: tuple[str, ...], mail: bytes) -> int:
    from digest.cli.main import run

    digest.typed(mail)
    return run([*home, "bounce", "take", "-"])


def test_what_is_to_be_taken_must_be_said(digest: Desk, tmp_path: Path) -> None:
    for wrong in ([], ["x.eml", "--maildir", str(tmp_path)], ["x.eml", "--recipient", A], ["--recipient", A]):
        assert "what is to be taken was not said" in digest.refused("bounce", "take", *wrong)
    result = digest("bounce", "take", str(tmp_path / "absent.eml"))
    assert result.code == 1
    assert "absent.eml: cannot be read" in result.err
    assert "is not a maildir" in digest("bounce", "take", "--maildir", str(tmp_path / "absent")).err


def test_files_beside_a_bad_one_are_taken(digest: Desk, tmp_path: Path) -> None:
    good = tmp_path / "good.eml"
    good.write_bytes(bounced(digest, 1))
    result = digest("bounce", "take", str(tmp_path / "absent.eml"), str(good))
    assert (result.code, result.out) == (1, "1 mail: 1 counted.\n")


# --- the maildir ------------------------------------------------------------------------------------


def names(folder: Path, part: str) -> list[str]:
    return sorted(path.name for path in (folder / part).iterdir())


def test_a_maildir_is_emptied_and_what_was_done_is_marked(digest: Desk, tmp_path: Path) -> None:
    box = returned.maildir(tmp_path / "box", bounced(digest, 1), VACATION)
    (box / "new" / ".hidden").write_bytes(b"")
    assert digest.well("bounce", "take", "--maildir", str(box)).out == "2 mails: 1 counted, 1 of other kinds.\n"
    assert names(box, "new") == [".hidden"]
    assert names(box, "cur") == ["1760000000.M0P7.mx:2,S", "1760000001.M1P7.mx:2,"]
    assert digest.well("bounce", "take", "--maildir", str(box)).out == "No new mails.\n"
    counts = digest.well("bounce", "take", "--maildir", str(box), "--json").json
    assert counts == {
        "mails": 0, "others": 0, "failed": 0, "commands": {},
        "reports": {"suppressed": 0, "unsubscribed": 0, "counted": 0, "noted": 0, "unproven": 0, "known": 0},
    }  # fmt: skip


def test_a_mail_that_was_taken_but_not_moved_counts_once(digest: Desk, tmp_path: Path) -> None:
    """Killed between the two."""
    mail = bounced(digest, 1)
    digest.well("bounce", "take", "--maildir", str(returned.maildir(tmp_path / "box", mail)))
    again = returned.maildir(tmp_path / "again", mail)
    assert digest.well("bounce", "take", "--maildir", str(again)).out == "1 mail: 1 known already.\n"
    assert names(again, "cur") == ["1760000000.M0P7.mx:2,S"]


def test_one_mail_that_cannot_be_taken_stays_and_holds_up_no_other(
    digest: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [bounced(digest, 1), bounced(digest, 2, reader=B)]
    box = returned.maildir(tmp_path / "box", mails[0], b"X-Bad: parse\n\n", mails[1])
    parsed, took = inbox.parser, bounces.take_in

    def parser(services: object) -> inbox.Parse:
        read = parsed(services)  # type: ignore[arg-type]

        def parse(data: bytes) -> list[object]:
            if b"X-Bad" in data:
                raise RuntimeError("a fault in the parser")
            return read(data)  # type: ignore[return-value]

        return parse  # type: ignore[return-value]

    def take_in(services: object, connection: object, report: object, *rest: object, **named: object) -> object:
        if getattr(report, "address", "") == B:
            raise RuntimeError("a fault in what follows")
        return took(services, connection, report, *rest, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "parser", parser)
        patch.setattr(bounces, "take_in", take_in)
        result = digest("bounce", "take", "--maildir", str(box))
    assert (result.code, result.out) == (1, "1 mail: 1 counted.\n")
    assert result.err.count("failed unexpectedly") == 2
    assert names(box, "new") == ["1760000001.M1P7.mx", "1760000002.M2P7.mx"]
    assert [one["subscriber"] for one in listed(digest)] == [A]
    assert digest.well("bounce", "take", "--maildir", str(box)).out == "2 mails: 1 counted, 1 of other kinds.\n"


def test_two_at_once_count_once(digest: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process takes the mail and moves it while we are reading it."""
    mail = bounced(digest, 1)
    box = returned.maildir(tmp_path / "box", mail)
    took, todo = bounces.take, [1]

    def take(services: object, found: object, **named: object) -> object:
        if todo:
            todo.pop()
            digest.well("bounce", "take", "--maildir", str(box))
        return took(services, found, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(bounces, "take", take)
    assert digest.well("bounce", "take", "--maildir", str(box)).out == "1 mail: 1 known already.\n"
    assert len(listed(digest)) == 1
    assert names(box, "cur") == ["1760000000.M0P7.mx:2,S"]


def test_a_pass_takes_the_maildir_before_it_makes_editions(
    digest: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest.well("run")  # the clock of the publication begins
    mails = days_of_bounces(digest, 3)
    returned.maildir(digest.home / "bounces", *mails)
    monkeypatch.setenv("DIGEST_BOUNCES_MAILDIR", "bounces")
    digest.clock.go_to(6, 7, 1)
    digest.news(9)
    out = digest.well("run").out
    assert "Came back: 1 suppressed, 2 counted.\n" in out
    assert f"  {A}: suppressed the address: 3 mails bounced since 2 March 2026" in out
    assert digest.well("run", "--json").json["bounces"] == {}
    sent = [d["subscriber"] for d in digest.well("delivery", "list", "--json").json if "/day/" in d["edition"]]
    assert sent == [B]


def test_a_maildir_that_is_not_there_stops_nothing_else(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_BOUNCES_MAILDIR", "bounces")
    publish(digest, 1)
    result = digest("run")
    assert result.code == 1
    assert "bounces: is not a maildir (bounces.maildir is the folder" in result.err
    assert "Mails: 2 sent." in result.out


def test_deliver_tells_who_was_refused_for_the_last_time(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = FakeTransport(on_begin=lambda recipient: REFUSED if recipient == A else None)
    monkeypatch.setattr(app, "relays", lambda _home: [Relay("fake", transport, 1)])
    monkeypatch.setenv("DIGEST_BOUNCES_THRESHOLD", "1")
    publish(digest, 1)
    result = digest("deliver")
    assert f"  {A}: suppressed the address: a mail bounced on 2 March 2026: 550 5.1.1 no such user" in result.out
    (one,) = listed(digest)
    assert (one["proof"], one["by"]) == ("session", "the relay")


_KILLED = """
import os, signal, sys
from digest.cli.main import run
from digest.pipeline import inbox

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

inbox._move = killed
run(sys.argv[1:])
"""


def test_killed_between_the_books_and_the_move_it_is_taken_again_and_counts_once(digest: Desk, tmp_path: Path) -> None:
    box = returned.maildir(tmp_path / "box", bounced(digest, 1), bounced(digest, 2, reader=B))
    # The process has the real clock, which is later than the desk's.
    arguments = ["--home", str(digest.home), "bounce", "take", "--maildir", str(box)]
    process = subprocess.run([sys.executable, "-c", _KILLED, *arguments], cwd=CHECKOUT, check=False)
    assert process.returncode == -signal.SIGKILL
    assert len(names(box, "new")) == 2
    assert [one["subscriber"] for one in listed(digest)] == [B, A]
    before = listed(digest)
    assert digest.well("bounce", "take", "--maildir", str(box)).out == "2 mails: 2 known already.\n"
    assert names(box, "new") == []
    assert listed(digest) == before
