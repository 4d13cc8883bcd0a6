"""digest subscriber import: on what ground, from where, merged with what is there, tried, reported, gone on with."""

from __future__ import annotations

import csv
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from digest.pipeline import import_source, subscriber_files
from tests.support import desk
from tests.support.desk import Desk

A, B, C = "a@example.org", "b@example.org", "c@example.org"
MAILCHIMP = "Email Address,First Name,Last Name,OPTIN_TIME,OPTIN_IP,TAGS\n"
BASIS = ("--publication", "p", "--basis", "the old list")


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day", "--zone", "Europe/Brussels")
    return made


def import_(digest: Desk, text: str, *options: str) -> dict[str, int]:
    digest.typed(text)
    said = digest("subscriber", "import", "-", *(options or BASIS), "--json")
    assert said.code == int(said.json["failed"] > 0), said
    return {name: number for name, number in said.json.items() if number}


def of(digest: Desk, email: str) -> dict[str, Any]:
    (found,) = digest.well("subscriber", "list", "--search", email, "--json").json
    return dict(found)


def rows(digest: Desk, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(digest.home / "digest.db")
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def events(digest: Desk, email: str) -> list[tuple[Any, ...]]:
    return rows(
        digest,
        "select e.action, e.before, e.after, e.reason, e.by, e.via, e.origin, e.basis from subscription_event e "
        "join subscription s on s.id = e.subscription_id join subscriber p on p.id = s.subscriber_id "
        f"where p.email = '{email}' order by e.id",
    )


def test_nobody_comes_in_on_no_ground(digest: Desk) -> None:
    digest.typed("email,state\nc@example.org,unsubscribed\na@example.org,\n")
    said = digest.refused("subscriber", "import", "-", "--publication", "p")
    assert said.startswith(
        "standard input:3: on what ground a@example.org may be mailed is not said; nothing was impor"
    )
    assert digest.well("subscriber", "list", "--json").json == []
    assert "contradict" in digest.refused("subscriber", "import", "-", *BASIS, "--confirm")
    assert import_(
        digest, "email,state\nc@example.org,unsubscribed\nd@example.org,pending\n", "--publication", "p"
    ) == {"added": 2}
    assert import_(digest, "email,basis\na@example.org,wrote a card\n", "--publication", "p") == {"added": 1}
    assert events(digest, A)[0][7] == "wrote a card"


def test_the_ground_and_what_the_file_tells_are_kept_with_the_cause(digest: Desk, tmp_path: Path) -> None:
    file = tmp_path / "subscribed_members_export_1.csv"
    file.write_text(f'{MAILCHIMP}{A},Ann,,"2020-01-02 03:04:05",192.0.2.1,"""VIP"""\n')
    digest("subscriber", "import", str(file), *BASIS)
    told = f"{file}:2; opted in 2020-01-02 03:04:05 from 192.0.2.1"
    assert events(digest, A) == [
        ("subscribe", "", "active", "imported by the operator", "operator", "file", told, "the old list")
    ]
    assert of(digest, A)["tags"] == ["vip"]


def test_who_is_asked_first_gets_a_mail_and_nothing_else(digest: Desk) -> None:
    text = "email,state\na@example.org,\nb@example.org,paused\nc@example.org,unsubscribed\n"
    digest.typed(text)
    said = digest.well("subscriber", "import", "-", "--publication", "p", "--confirm", "--dry-run").out
    assert said.splitlines() == [
        "Nothing was changed. It would be: 3 added, 0 known already, 0 failed.",
        "2 confirmation mails would be sent; no cap holds them up.",
    ]
    assert import_(digest, text, "--publication", "p", "--confirm") == {"added": 3, "asked": 2}
    assert import_(digest, text, "--publication", "p", "--confirm") == {"known": 3}
    assert [of(digest, x)["state"] for x in (A, B, C)] == ["pending", "pending", "unsubscribed"]
    digest.well("deliver")
    assert sorted(str(mail["To"]) for mail in digest.mails()) == [A, B]


def test_people_are_merged(digest: Desk) -> None:
    text = "email,name,topics,tags\na@example.org,,sport,new\nA@Example.org,Ann,politics,vip;new\na@example.org,,,vip\n"
    assert import_(digest, text) == {"added": 1, "merged": 1, "known": 1}
    found = of(digest, A)
    assert (found["name"], found["topics"], found["tags"]) == ("Ann", ["politics"], ["new", "vip"])
    again = "email,name,topics,tags\na@example.org,Other,sport,old\n"
    assert import_(digest, again) == {"merged": 1}
    found = of(digest, A)
    assert (found["name"], found["topics"], found["tags"]) == ("Ann", ["sport"], ["new", "old", "vip"])
    first, change = events(digest, A)
    assert (first[0], *change[:6]) == (
        "subscribe", "change", "active", "active", "topics: +sport, -politics", "operator", "file",
    )  # fmt: skip
    assert change[7] == "", "a change of topics is no ground for mails"
    assert rows(digest, "select count(*) from subscriber") == [(1,)]


def test_who_has_left_stays_away(digest: Desk) -> None:
    assert import_(digest, f"email\n{A}\n{B}\n{C}\n") == {"added": 3}
    digest.well("subscriber", "unsubscribe", A, "--reason", "too much")
    left = f"email,address,reason\n{B},suppressed,bounced there\n"
    assert import_(digest, left) == {"merged": 1}
    assert import_(digest, f"email,tags\n{A},x\n{B},x\n{C},\n") == {"unsubscribed": 1, "suppressed": 1, "known": 1}
    assert (of(digest, A)["state"], of(digest, B)["address"]) == ("unsubscribed", "suppressed")
    assert events(digest, B)[1][:6] == ("suppress", "ok", "suppressed", "bounced there", "operator", "file")
    digest.typed(f"email\n{A}\n{B}\n")
    assert digest.well("subscriber", "import", "-", *BASIS).out == (
        "0 added, 0 known already, 1 suppressed before, 1 unsubscribed before, 0 failed.\n"
    )
    assert import_(digest, f"email,state\n{C},unsubscribed\n") == {"merged": 1}
    assert of(digest, C)["state"] == "unsubscribed"
    assert [e[2] for e in events(digest, C)] == ["active", "unsubscribed"]


def test_mails_that_wait_do_not_go_to_who_has_left_by_a_file(digest: Desk) -> None:
    import_(digest, f"email\n{A}\n{B}\n{C}\n")
    digest.news(1, 2)
    digest.well("edition", "publish", "p")
    import_(digest, f"email,state,address\n{A},unsubscribed,\n{B},,suppressed\n")
    digest.well("deliver")
    assert [str(mail["To"]) for mail in digest.mails()] == [C]


def test_a_mailchimp_archive(digest: Desk, tmp_path: Path) -> None:
    file = tmp_path / "audience.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("subscribed_email_audience_export_1.csv", f"{MAILCHIMP}{A},Ann,,,,\n{B},,,,,\n")
        packed.writestr("unsubscribed_email_audience_export_1.csv", f"{MAILCHIMP}{B},,,,,\n")
        packed.writestr("cleaned_email_audience_export_1.csv", f"{MAILCHIMP}{C},,,,,\nnobody,,,,,\n")
        packed.writestr("nonsubscribed_email_audience_export_1.csv", f"{MAILCHIMP}d@example.org,,,,,\n")
        packed.writestr("notes.txt", "nothing")
    report = tmp_path / "report.csv"
    said = digest("subscriber", "import", str(file), *BASIS, "--report", str(report))
    assert (said.code, said.out) == (1, "3 added, 0 known already, 1 unsubscribed before, 1 failed.\n")
    assert "1 other file left out" in said.err
    assert "nonsubscribed_email_audience_export_1.csv: left out, its people never subscribed" in said.err
    assert [of(digest, x)["state"] for x in (A, B, C)] == ["active", "unsubscribed", "unsubscribed"]
    assert of(digest, C)["address"] == "suppressed"
    with report.open(newline="") as found:
        told = [(r["line"], r["email"], r["outcome"]) for r in csv.DictReader(found)]
    assert told == [
        ("cleaned_email_audience_export_1.csv:2", C, "added"),
        ("cleaned_email_audience_export_1.csv:3", "nobody", "failed"),
        ("unsubscribed_email_audience_export_1.csv:2", B, "added"),
        ("subscribed_email_audience_export_1.csv:2", A, "added"),
        ("subscribed_email_audience_export_1.csv:3", B, "unsubscribed"),
    ]


def test_a_broken_or_boundless_archive_is_one_line(
    digest: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "people.zip"
    imported = ("subscriber", "import", str(file), *BASIS)
    file.write_bytes(b"PK\x03\x04 and nothing more")
    assert "people.zip: this .zip file cannot be read" in digest.refused(*imported, code=1)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("people.csv", "email\n" + "x" * 3_000_000)
    monkeypatch.setattr(import_source, "LARGEST", 2_000_000)
    assert "are packed into it (unpack it yourself" in digest.refused(*imported, code=1)
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("posts/1.html", "<p>")
    assert "there is no CSV or JSON file in it" in digest.refused(*imported, code=1)


def test_to_try_is_to_change_nothing_and_to_say_the_same(
    digest: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriber_files, "BATCH", 2)
    import_(digest, f"email\n{A}\n")
    digest.well("subscriber", "unsubscribe", A)
    file = tmp_path / "people.csv"
    lines = [A, B, "nobody", B, C, f"{C},Cy", f"{C},Cy", f"{B},,unsubscribed", B]
    file.write_text("email,name,state\n" + "\n".join(lines) + "\n")
    before, reports = rows(digest, "select * from subscriber"), []
    for name, options in (("tried.csv", ["--dry-run"]), ("done.csv", [])):
        report = tmp_path / name
        said = digest("subscriber", "import", str(file), *BASIS, "--report", str(report), *options)
        assert said.code == 1
        assert said.out.endswith("2 added, 2 merged, 2 known already, 2 unsubscribed before, 1 failed.\n"), said.out
        reports.append(report.read_text())
        if options:
            assert said.out.startswith("Nothing was changed. ")
            assert rows(digest, "select * from subscriber") == before
            assert rows(digest, "select count(*) from import_run where ended_at is null") == [(0,)]
    assert reports[0] == reports[1]


def test_failures_beyond_twenty_are_in_the_report(digest: Desk, tmp_path: Path) -> None:
    file, report = tmp_path / "people.csv", tmp_path / "report.csv"
    file.write_text("email\n" + "=nobody\n" * 25 + f"{A}\n")
    said = digest("subscriber", "import", str(file), *BASIS, "--report", str(report))
    assert (said.code, said.out) == (1, "1 added, 0 known already, 25 failed.\n")
    assert len(said.err.splitlines()) == 21
    assert said.err.splitlines()[-1] == "digest: and 5 more lines that failed (all of them: --report FILE)"
    with report.open(newline="") as found:
        told = list(csv.reader(found))
    assert len(told) == 27
    assert told[1][:3] == ["2", "'=nobody", "failed"], "no cell is a formula"


def test_interrupted_it_goes_on_where_it_was(digest: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_files, "BATCH", 10)
    file, report = tmp_path / "people.csv", tmp_path / "report.csv"
    file.write_text("email\n" + "".join(f"r{n}@example.org\n" for n in range(34)) + "nobody\n")
    command = ("subscriber", "import", str(file), *BASIS, "--report", str(report))
    batches, seen = subscriber_files.Batch.take_in, []

    def break_off(self: Any, found: Any) -> Any:
        results = batches(self, found)
        seen.append(len(found))
        if len(seen) == 3:
            raise KeyboardInterrupt
        return results

    monkeypatch.setattr(subscriber_files.Batch, "take_in", break_off)
    assert digest(*command).code == 130
    assert rows(digest, "select line, added, ended_at from import_run") == [(20, 20, None)]
    with report.open("a") as file_:
        file_.write("22,r20@example.org,added,\n")  # told of, and killed before it was done
    said = digest(*command)
    assert said.out.splitlines() == [
        f"{file}: an earlier run was interrupted after 20 lines (20 added, 0 known already, 0 failed). The rest:",
        "14 added, 0 known already, 1 failed.",
    ]
    with report.open(newline="") as found:
        told = [(r["line"], r["outcome"]) for r in csv.DictReader(found)]
    assert told == [*((str(n), "added") for n in range(2, 36)), ("36", "failed")]
    assert digest(*command).out == "0 added, 34 known already, 1 failed.\n", "one that has ended begins anew"
    seen.clear()
    assert digest(*command).code == 130
    assert digest(*command, "--again").out == "0 added, 34 known already, 1 failed.\n"
    assert digest(*command[:-2]).out == "0 added, 34 known already, 1 failed.\n"


def test_what_was_mapped_wrong_is_said_before_anything_is_done(digest: Desk) -> None:
    for told, words in (
        ("email", "--map 'email' says nothing (like --map email=E-Mail)"),
        ("mail=X", "there is no column 'mail'"),
        ("email=", "says nothing"),
    ):
        assert words in digest.refused("subscriber", "import", "x.csv", *BASIS, "--map", told)
    twice = ("--map", "email=a", "--map", "email=b")
    assert "says twice" in digest.refused("subscriber", "import", "x.csv", *BASIS, *twice)
    digest.typed("E-Mail,Likes\na@example.org,sport\n")
    said = digest("subscriber", "import", "-", *BASIS, "--map", "email=E-Mail", "--map", "topics=Likes")
    assert (said.code, said.out) == (0, "1 added, 0 known already, 0 failed.\n")
    assert of(digest, A)["topics"] == ["sport"]


def test_our_own_export_brings_everything_back(digest: Desk, tmp_path: Path) -> None:
    import_(digest, f"email,state,tags,reason\n{A},active,vip,\n{B},paused,,\n{C},unsubscribed,,moved away\n")
    digest.well("subscriber", "add", "d@example.org", "--publication", "p")
    import_(digest, "email,address,reason\ne@example.org,suppressed,bounced\n")
    text = digest.well("subscriber", "export").out
    assert [line.split(",")[9] for line in text.splitlines()[1:3]] == ["the old list"] * 2
    other = tmp_path / "other"
    digest.well("init", str(other), "--from", "News <news@example.org>")
    moved = Desk(other, digest.capsys, digest.clock, digest.monkeypatch)
    moved.well("publication", "add", "p", "--every", "day", "--zone", "Europe/Brussels")
    assert import_(moved, text, "--publication", "p") == {"added": 5}
    assert moved.well("subscriber", "export").out == text
    assert import_(moved, text, "--publication", "p") == {"known": 5}
