"""digest command: what readers ask for by mail, done where it is proven, and left for a person where it is not."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pytest

from digest import schedule
from digest.audience import tokens
from digest.home import read_home
from digest.pipeline import commands, inbox
from digest.pipeline.run import PassReport, run
from digest.pipeline.services import Services
from tests.support import desk, returned
from tests.support.desk import Desk

CHECKOUT = Path(__file__).resolve().parents[2]
A, B = "a@example.org", "b@example.org"
UNSUBSCRIBED = f"1 mail: 1 unsubscribed.\n  {A}: p is unsubscribed\n"
KNOWN = f"1 mail: 1 known already.\n  {A}: p is unsubscribed\n"
LEFT = "1 mail: 1 left for a person (digest command list).\n  left for a person: "


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day")
    for reader in (A, B):
        made.well("subscriber", "add", "--basis", "form", reader, "--publication", "p")
    return made


def sent(digest: Desk, number: int = 1) -> EmailMessage:
    """The mail of one more edition that A got."""
    digest.news(number)
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    return next(mail for mail in digest.mails(A) if desk.text_of(mail).count(desk.token(number)))


def subject_of(digest: Desk) -> str:
    """What A's mail program writes for the link in the header of a mail of ours (RFC 2369)."""
    (found,) = re.findall(r"<mailto:[^?>]+\?subject=([^>]+)>", str(sent(digest)["List-Unsubscribe"]))
    return unquote(found)


def written(subject: str = "", body: str = "", number: int = 1, **fields: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Message-ID"] = "Ann <ann@elsewhere.example>", "p@example.com", f"<{number}@pc>"
    if subject:
        made["Subject"] = subject
    for name, value in fields.items():
        made[name.replace("_", "-")] = value
    made.set_content(body)
    return made.as_bytes()


def take(digest: Desk, mail: bytes) -> str:
    digest.typed(mail)
    return digest.well("command", "take", "-").out


def states(digest: Desk) -> dict[str, str]:
    return {s["email"]: s["state"] for s in digest.well("subscriber", "list", "--json").json}


def rows(digest: Desk) -> list[tuple[object, ...]]:
    """All that is known of readers and their mails."""
    tables = ("subscriber", "subscription", "subscription_event", "delivery", "delivery_event", "report")
    with sqlite3.connect(digest.home / "digest.db") as database:
        return [row for table in tables for row in database.execute(f"SELECT * FROM {table} ORDER BY id")]


def names(folder: Path, part: str) -> list[str]:
    return sorted(path.name for path in (folder / part).iterdir())


def listed(digest: Desk) -> list[tuple[str, str]]:
    return [(one["subject"], one["why"]) for one in digest.well("command", "list", "--json").json]


# --- what is proven --------------------------------------------------------------------------------


def test_what_a_mail_program_sends_for_the_link_in_the_header(digest: Desk) -> None:
    mail = written(subject_of(digest))
    assert take(digest, mail) == UNSUBSCRIBED
    assert states(digest) == {A: "unsubscribed", B: "active"}
    with sqlite3.connect(digest.home / "digest.db") as database:
        last = database.execute('SELECT "by", via, origin, reason FROM subscription_event ORDER BY id DESC').fetchone()
    assert last == ("reader", "mail", "<1@pc>", "by a mail with its token")
    before = rows(digest)
    assert take(digest, mail) == KNOWN
    assert take(digest, written(subject_of_before(digest), number=2)) == KNOWN
    assert rows(digest) == before
    digest.news(2)
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    assert (len(digest.mails(A)), len(digest.mails(B))) == (1, 2)


def subject_of_before(digest: Desk) -> str:
    return "Re: " + f"unsubscribe {tokens.sign(read_home(digest.home, {}).secret(), 'unsubscribe', '1')}"


def test_an_answer_in_the_readers_words(digest: Desk) -> None:
    message_id = str(sent(digest)["Message-ID"])
    mail = written(
        "Re: your news", "Afmelden!\n\n> all of it", In_Reply_To="<other@x>", References=f"<0@x> {message_id}"
    )
    assert take(digest, mail) == UNSUBSCRIBED
    assert states(digest) == {A: "unsubscribed", B: "active"}
    assert "by an answer to a mail of ours" in digest.well("subscriber", "show", A).out


def test_a_new_address_is_confirmed_by_mail(digest: Desk) -> None:
    new = "new@example.org"
    digest.well("subscriber", "move", A, new, "--confirm")
    digest.well("deliver")
    (asked,) = digest.mails(new)
    (answer,) = set(re.findall(r"move [\w-]+\.[\w-]+", desk.text_of(asked)))
    mail = written(f"Re: {answer}")
    assert take(digest, mail) == f"1 mail: 1 moved.\n  {new}: mails go there from now on\n"
    assert take(digest, mail).startswith("1 mail: 1 known already.")
    assert states(digest) == {new: "active", B: "active"}
    assert "left for a person" in take(digest, written("move MQ.AAAAAAAAAAAAAAAAAAAAAA", number=2))


def test_a_confirmation_is_answered_by_mail(digest: Desk) -> None:
    digest.well("subscriber", "add", "c@example.org", "--publication", "p")
    digest.well("deliver")
    (asked,) = digest.mails("c@example.org")
    phrase = re.search(r"confirm [\w-]+\.[\w-]{22}", desk.text_of(asked).replace("=\n", ""))
    assert phrase
    mail = written(f"Re: {phrase[0]}", "Yes")
    machine = written(phrase[0], number=2, Auto_Submitted="auto-generated")
    assert take(digest, machine) == LEFT + "a program wrote it, and only a person can confirm\n"
    assert take(digest, mail) == "1 mail: 1 confirmed.\n  c@example.org: p is active\n"
    assert states(digest)["c@example.org"] == "active"
    assert take(digest, mail).startswith("1 mail: 1 known already.")
    digest.well("subscriber", "unsubscribe", "c@example.org")
    again = take(digest, written(phrase[0], number=3))
    assert "cannot confirm a subscription that is unsubscribed" in again
    assert states(digest)["c@example.org"] == "unsubscribed"


def test_a_token_that_has_expired_is_left_for_a_person(digest: Desk) -> None:
    digest.well("subscriber", "add", "c@example.org", "--publication", "p")
    digest.well("deliver")
    phrase = re.search(r"confirm [\w-]+\.[\w-]{22}", desk.text_of(digest.mails("c@example.org")[0]))
    assert phrase
    digest.clock.go(days=30)
    assert "this token has expired" in take(digest, written(phrase[0]))
    assert listed(digest) == [(phrase[0], "its command was refused when it came; the subscription is pending")]


def test_a_mail_out_of_an_archive_does_not_end_what_began_anew(digest: Desk) -> None:
    mail = written(subject_of(digest))
    take(digest, mail)
    digest.well("subscriber", "add", A, "--publication", "p", "--basis", "form", "--again", "asked by telephone")
    assert take(digest, mail) == f"1 mail: 1 known already.\n  {A}: p is active\n"
    assert states(digest)[A] == "active"
    assert take(digest, written(subject_of_before(digest), number=9)) == UNSUBSCRIBED


def test_the_token_of_a_test_mail_ends_nothing(digest: Desk) -> None:
    token = tokens.sign(read_home(digest.home, {}).secret(), "unsubscribe", "0")
    assert take(digest, written(f"unsubscribe {token}")) == "1 mail: 1 known already.\n"


# --- what is not -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "body", "why"),
    [
        ("stop", "", "nothing in it proves whose subscription is meant"),
        ("Re: your news", "unsubscribe", "nothing in it proves whose subscription is meant"),
        ("unsubscribe MQ.AAAAAAAAAAAAAAAAAAAAAA", "", "its token is not one of ours"),
        ("A question", "Can I have it weekly?", "there is no command in it"),
    ],
)
def test_without_proof_nothing_changes_and_nobody_is_told(digest: Desk, subject: str, body: str, why: str) -> None:
    sent(digest)
    before, mails = rows(digest), len(digest.mails())
    forged = written(subject, body, In_Reply_To="<edition.aaaa@example.com>").replace(
        b"ann@elsewhere.example", A.encode()
    )
    assert take(digest, forged) == f"{LEFT}{why}\n"
    assert rows(digest) == before
    assert digest.well("deliver").out == "Nothing is due.\n"
    assert len(digest.mails()) == mails
    assert listed(digest) == [(subject, why)]
    assert take(digest, forged) == f"{LEFT}{why}\n"
    assert len(listed(digest)) == 1, "piped twice, it is kept once"


def test_a_preferences_token_does_not_unsubscribe(digest: Desk) -> None:
    token = tokens.sign(read_home(digest.home, {}).secret(), "preferences", "1")
    assert take(digest, written(f"unsubscribe {token}")) == LEFT + "its token is not one of ours\n"
    assert states(digest)[A] == "active"


def test_a_responder_that_quotes_all_of_it_does_nothing(digest: Desk) -> None:
    subject, message_id = subject_of(digest), str(digest.mails(A)[0]["Message-ID"])
    away = written("Re: your news", f"{subject}\nstop", Auto_Submitted="auto-replied", In_Reply_To=message_id)
    assert take(digest, away) == "1 mail: no bounce and no command, nothing was changed.\n"
    assert states(digest)[A] == "active"
    assert digest.well("command", "list").out == "No mail waits for a person.\n"
    assert (
        take(digest, written(subject, "This was sent by a program.", Auto_Submitted="auto-generated")) == UNSUBSCRIBED
    )


def test_a_mail_for_a_person_is_kept_shown_and_settled(digest: Desk) -> None:
    take(digest, written("A question", "Can I have it weekly?\x1b[31m"))
    (one,) = digest.well("command", "list", "--json").json
    assert set(one) == {"mail", "when", "from", "subject", "why", "file"}
    assert Path(one["file"]).parent == digest.home / "left" / "new"
    out = digest.well("command", "list").out
    assert "A question" in out
    shown = digest.well("command", "show", one["mail"]).out
    assert "Can I have it weekly?" in shown
    assert "\x1b[31m" not in shown
    assert "Ann <ann@elsewhere.example>" in shown
    assert f"{one['mail']} is marked as seen" in digest.well("command", "done", one["mail"]).out
    assert digest.well("command", "list").out == "No mail waits for a person.\n"
    assert f"there is no command '{one['mail']}'" in digest.refused("command", "show", one["mail"])
    assert "there is no command 'x'" in digest.refused("command", "done", "x")
    assert [name.rpartition(":")[2] for name in names(digest.home / "left", "cur")] == ["2,S"]


# --- maildirs and pipes ----------------------------------------------------------------------------


def test_a_pass_takes_both_mailboxes_even_where_they_are_one(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = subject_of(digest)
    (delivery,) = digest.well("delivery", "list", "--subscriber", B, "--json").json
    bounced = returned.dsn(returned_to(digest, delivery["id"]), B, digest.clock())
    box = returned.maildir(digest.home / "box", written(subject), bounced, written("Hello", "a person's words"))
    monkeypatch.setenv("DIGEST_BOUNCES_MAILDIR", "box")
    monkeypatch.setenv("DIGEST_COMMANDS_MAILDIR", "./box/")
    out = digest.well("run").out
    assert "Came back: 1 counted.\n" in out
    assert f"Commands by mail: 1 unsubscribed, 1 left for a person (digest command list).\n  {A}: p is unsub" in out
    assert [name.rpartition(":")[2] for name in names(box, "cur")] == ["2,S", "2,S", "2,"]
    assert listed(digest) == [("Hello", "there is no command in it")]
    (one,) = digest.well("command", "list", "--json").json
    digest.well("command", "done", one["mail"])
    assert listed(digest) == []
    again = digest.well("run", "--json").json
    assert (again["bounces"], again["commands"]) == ({}, {})


def test_each_mailbox_takes_what_was_meant_for_the_other(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = subject_of(digest)
    (delivery,) = digest.well("delivery", "list", "--subscriber", B, "--json").json
    returned.maildir(digest.home / "bounces", written(subject))
    bounced = returned.dsn(returned_to(digest, delivery["id"]), B, digest.clock())
    returned.maildir(digest.home / "commands", bounced)
    monkeypatch.setenv("DIGEST_BOUNCES_MAILDIR", "bounces")
    monkeypatch.setenv("DIGEST_COMMANDS_MAILDIR", "commands")
    found = digest.well("run", "--json").json
    assert (found["bounces"], found["commands"]) == ({"counted": 1}, {"unsubscribed": 1})


def returned_to(digest: Desk, delivery: int) -> str:
    from digest.pipeline.envelope import bounce_address

    return bounce_address("", read_home(digest.home, {}).secret(), delivery, "digest@example.com")


def test_a_maildir_that_is_not_there_is_named_by_its_setting(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_COMMANDS_MAILDIR", "commands")
    result = digest("run")
    assert result.code == 1
    assert "commands: is not a maildir (commands.maildir is the folder" in result.err


def test_while_it_serves_a_maildir_that_is_not_there_is_named_once(
    digest: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bounces", "commands"):
        monkeypatch.setenv(f"DIGEST_{name.upper()}_MAILDIR", name)
    said = []

    def serve(services: Services, *, on_pass: Callable[[PassReport], None], **_: object) -> None:
        for act in (None, None, returned.maildir, None, shutil.rmtree, None):
            for name in ("bounces", "commands") if act else ():
                act(services.home.folder / name)
            on_pass(run(services))
            said.append(digest.capsys.readouterr().err.splitlines())

    monkeypatch.setattr(schedule, "serve", serve)
    digest("serve")
    both = [f"digest: {digest.home / name}: is not a maildir ({name}.maildir is" for name in ("bounces", "commands")]
    assert [len(lines) for lines in said] == [2, 0, 0, 0, 2, 0], "again when it is gone again"
    assert [line[: len(start)] for line, start in zip(said[0], both, strict=True)] == both


def test_who_pipes_tries_again_while_the_database_is_busy(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = written(subject_of(digest))
    monkeypatch.setenv("DIGEST_STORE_BUSY_SECONDS", "0.1")
    writer = sqlite3.connect(digest.home / "digest.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    digest.typed(mail)
    result = digest("command", "take", "-")
    assert (result.code, result.out) == (os.EX_TEMPFAIL, "")
    writer.close()
    assert take(digest, mail) == UNSUBSCRIBED


def test_who_pipes_keeps_what_cannot_be_put_aside(digest: Desk) -> None:
    (digest.home / "left").write_text("no folder")
    digest.typed(written("A question", "Can I have it weekly?"))
    assert digest("command", "take", "-").code == os.EX_TEMPFAIL


def test_a_fault_in_one_mail_holds_up_no_other(digest: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = subject_of(digest)
    box = returned.maildir(tmp_path / "box", written("Oh", "no"), written(subject))
    took = commands.take

    def breaks(services: object, mail: object) -> object:
        if getattr(mail, "subject", "") == "Oh":
            raise RuntimeError("a fault")
        return took(services, mail)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(commands, "take", breaks)
        result = digest("command", "take", "--maildir", str(box))
    assert (result.code, result.out) == (1, UNSUBSCRIBED)
    assert result.err.count("failed unexpectedly") == 1
    assert len(names(box, "new")) == 1


_KILLED = """
import os, signal, sys
from digest.cli.main import run
from digest.pipeline import inbox

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

inbox._move = killed
run(sys.argv[1:])
"""


def test_killed_between_the_books_and_the_move_it_is_done_once(digest: Desk, tmp_path: Path) -> None:
    box = returned.maildir(tmp_path / "box", written(subject_of(digest)))
    arguments = ["--home", str(digest.home), "command", "take", "--maildir", str(box)]
    process = subprocess.run([sys.executable, "-c", _KILLED, *arguments], cwd=CHECKOUT, check=False)
    assert process.returncode == -signal.SIGKILL
    assert len(names(box, "new")) == 1
    assert states(digest)[A] == "unsubscribed"
    before = rows(digest)
    out = digest.well("command", "take", "--maildir", str(box)).out
    assert out == KNOWN
    assert names(box, "new") == []
    assert rows(digest) == before


def test_a_file_stays_where_it_is_and_is_read_within_limits(digest: Desk, tmp_path: Path) -> None:
    huge = tmp_path / "huge.eml"
    huge.write_bytes(written(subject_of(digest)) + b"x" * 3 * inbox._MOST_BYTES)
    assert digest.well("command", "take", str(huge)).out == UNSUBSCRIBED
    (tmp_path / "left.eml").write_bytes(written("A question", "x"))
    assert "left for a person" in digest.well("command", "take", str(tmp_path / "left.eml")).out
    assert not (digest.home / "left").exists()
