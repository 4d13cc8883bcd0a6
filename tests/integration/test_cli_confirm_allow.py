"""digest subscriber add, confirm, resend; digest delivery allow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk

A = "a@example.org"


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day")
    return made


def token(digest: Desk) -> str:
    found = re.search(r"^confirm (\S+)$", desk.text_of(digest.mails(A)[-1]), re.MULTILINE)
    assert found is not None
    return found[1]


def test_asking_answering_and_asking_again(digest: Desk) -> None:
    add = ("subscriber", "add", A, "--publication", "p")
    assert digest.well(*add).out == f"{A}: p waits for a confirmation. Next: digest deliver\n"
    assert "waits for a confirmation already" in digest.well(*add).out
    assert "on its way already" in digest.refused("subscriber", "resend", A)
    assert "(confirmation)" in digest.well("delivery", "list").out
    (row,) = digest.well("delivery", "list", "--json").json
    assert (row["kind"], row["edition"], row["state"]) == ("confirmation", "", "planned")
    assert "kind        confirmation" in digest.well("delivery", "show", "1").out
    assert digest.well("deliver").out == "Mails: 1 sent.\n"
    first = token(digest)
    digest.clock.go(minutes=10)
    said = digest.well("subscriber", "resend", A, "--publication", "p").out
    assert said == f"{A} is asked once more about p. Next: digest deliver\n"
    digest.well("deliver")
    (listed,) = digest.well("subscriber", "list", "--json").json
    assert listed["state"] == "pending"
    assert digest.well("subscriber", "confirm", first).out == f"{A}: p is active.\n"
    assert digest.well("subscriber", "confirm", first).out == f"{A}: p was active already.\n"
    assert "active already; nothing was changed" in digest.well(*add).out
    assert "is active" in digest.refused("subscriber", "resend", A)
    assert "not one of ours" in digest.refused("subscriber", "confirm", "x.y")
    shown = digest.well("subscriber", "show", A).out
    assert "by the link in a confirmation mail" in shown


def test_who_left_is_asked_only_with_a_reason(digest: Desk) -> None:
    add = ("subscriber", "add", A, "--publication", "p")
    digest.well(*add)
    digest.well("subscriber", "unsubscribe", A)
    assert "has unsubscribed" in digest.refused(*add)
    digest.clock.go(hours=1)
    assert "waits for a confirmation" in digest.well(*add, "--again", "wrote to us").out
    assert digest.well("deliver").out == "Mails: 1 sent.\n"


def test_caps_are_said_and_lifted(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        digest.well("subscriber", "add", "--basis", "form", f"r{n}@example.org", "--publication", "p")
    digest.news(1)
    digest.well("edition", "publish", "p")
    assert "no cap on the mails of an hour" in digest.refused("delivery", "allow", "--hour")
    assert "no cap on the mails of an edition" in digest.refused("delivery", "allow", "p/extra/1")
    monkeypatch.setenv("DIGEST_DELIVER_MAX_PER_EDITION", "3")
    stopped = digest("deliver")
    assert (stopped.code, stopped.out) == (1, "Nothing was sent.\n")
    assert stopped.err == (
        "digest: sending stopped: p/extra/1@UTC has 4 mails, more than deliver.max_per_edition (3): "
        "digest delivery allow p/extra/1@UTC\n"
    )
    assert digest("run").code == 1
    said = digest.well("delivery", "allow", "p/extra/1@UTC").out
    assert said == "p/extra/1 may go, however many mails it has. Next: digest deliver\n"
    monkeypatch.setenv("DIGEST_DELIVER_MAX_PER_HOUR", "1")
    assert digest("deliver").out == "Mails: 1 sent.\n"
    assert digest.well("delivery", "allow", "--hour").out.startswith("1 more mail may leave within the next hour.")
    assert digest("deliver").out == "Mails: 1 sent.\n"
    assert digest.well("delivery", "allow", "--hour", "2").out.startswith("2 more mails may leave")
    assert digest.well("deliver").out == "Mails: 2 sent.\n"
    for wrong in ((), ("p/extra/1", "--hour", "3"), ("nothing",), ("--hour", "-1")):
        digest.refused("delivery", "allow", *wrong)


def test_a_notice_that_cannot_go_out_is_said(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.deliver.berth._FIRST_PAUSE", 0.0)
    monkeypatch.setattr("digest.deliver.berth._LONGEST_PAUSE", 0.0)
    monkeypatch.setenv("DIGEST_MAIL_OPERATOR", "boss@example.net")
    digest.well("subscriber", "add", "--basis", "form", A, "--publication", "p")
    digest.news(1)
    digest.well("edition", "publish", "p")
    monkeypatch.setenv("DIGEST_MAIL_TRANSPORT", "smtp")
    monkeypatch.setenv("DIGEST_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("DIGEST_SMTP_PORT", "1")
    for command in ("deliver", "run"):
        stopped = digest(command)
        assert stopped.code == 1
        assert stopped.err.splitlines()[-1] == (
            "digest: a notice to boss@example.net waits too (digest delivery show 2)"
        )
