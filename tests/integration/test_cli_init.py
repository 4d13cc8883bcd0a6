"""digest init, and what every command says of a home that is not as it should be"""

from __future__ import annotations

import os
import sqlite3
import tomllib
from pathlib import Path

import pytest

from digest.cli.main import run
from tests.unit.cli.running import Runner, make_home


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path / "home", capsys)


def test_init_makes_a_home_once(digest: Runner) -> None:
    said = digest.well("init", str(digest.home), "--from", "Morning <morning@example.org>").out
    assert all(name in said for name in ("digest.toml", "secret.key", "templates", "digest.db", "Next: "))
    assert sorted(path.name for path in digest.home.iterdir()) == [
        "digest.db", "digest.toml", "secret.key", "templates",
    ]  # fmt: skip
    assert (digest.home / "secret.key").stat().st_mode & 0o077 == 0
    before = (digest.home / "digest.toml").read_bytes(), (digest.home / "secret.key").read_bytes()
    again = digest.well("init", str(digest.home), "--from", "Other <other@example.org>").out
    assert "is a digest home already; nothing was changed" in again
    assert before == ((digest.home / "digest.toml").read_bytes(), (digest.home / "secret.key").read_bytes())


def test_without_a_folder_it_is_the_home_that_was_named(
    digest: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    digest.well("init")
    assert (digest.home / "digest.toml").exists()
    assert list(elsewhere.iterdir()) == []
    monkeypatch.setenv("DIGEST_HOME", str(tmp_path / "named"))
    assert run(["init"]) == 0
    assert (tmp_path / "named" / "digest.toml").exists()
    monkeypatch.delenv("DIGEST_HOME")
    assert run(["init"]) == 0
    assert (elsewhere / "digest.toml").exists()


@pytest.mark.parametrize(
    "sender", ["news@example.org", '"News, Morning" <news@example.org>', "Ärzteblatt <post@bücher.example>"]
)
def test_the_sender_is_kept_as_it_was_said(digest: Runner, sender: str) -> None:
    digest.well("init", "--from", sender)
    settings = tomllib.loads((digest.home / "digest.toml").read_text(encoding="utf-8"))
    assert settings["mail"]["from"] == sender
    digest.well("publication", "add", "p", "--every", "day")
    assert digest.well("publication", "show", "p", "--json").json["from"] == sender


@pytest.mark.parametrize(
    "sender", ["", "News", "News <news@localhost>", "a@example.org, b@example.org", "N\nBcc: x <a@example.org>"]
)
def test_what_is_no_sender_makes_nothing(digest: Runner, sender: str) -> None:
    assert "address" in digest.refused("init", "--from", sender)
    assert not digest.home.exists()


def test_a_folder_that_cannot_be_made_is_one_line(digest: Runner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "is a file" in digest.refused("init", str(tmp_path / "file"))
    assert "file/home: Not a directory" in digest.refused("init", str(tmp_path / "file" / "home"), code=1)


def test_no_home_is_one_line(digest: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (["publication", "list"], ["run"], ["deliver"], ["serve"], ["subscriber", "export"]):
        said = digest.refused(*command)
        assert (
            said
            == f"{digest.home}: there is no digest home here (digest init {digest.home}, or say where: --home FOLDER)"
        )
    assert not digest.home.exists()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert run(["publication", "list"]) == 2
    make_home(tmp_path / "data" / "digest")
    assert run(["publication", "list"]) == 0, "the user's data folder, where no other one is named"


def test_wrong_settings_are_one_line(digest: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    make_home(digest.home)
    file = digest.home / "digest.toml"
    good = file.read_text()
    for text, said in (
        ("[smpt]", "unknown setting smpt (did you mean smtp?)"),
        ("[smtp]\nprot = 25", "unknown setting smtp.prot (did you mean smtp.port?)"),
        ("[smtp]\nport = 'x'", "smtp.port: expected"),
        ("[smtp]\npassword = 'x'", "secrets do not go into this file"),
        ("[smtp", "not valid TOML"),
    ):
        file.write_text(text)
        told = digest.refused("publication", "list")
        assert told.startswith(str(file))
        assert said in told
    file.write_text(good)
    monkeypatch.setenv("DIGEST_SMTP_PROT", "25")
    assert "unknown setting DIGEST_SMTP_PROT (did you mean DIGEST_SMTP_PORT?)" in digest.refused("run")
    monkeypatch.delenv("DIGEST_SMTP_PROT")
    monkeypatch.setenv("DIGEST_SMTP_PORT", "abc")
    assert "smtp.port: expected `int`" in digest.refused("run")


def test_the_environment_overrides_the_file(digest: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    make_home(digest.home)
    monkeypatch.setenv("DIGEST_PUBLICATION_ZONE", "Europe/Lisbon")
    monkeypatch.setenv("DIGEST_PUBLICATION_AT", "05:45")
    digest.well("publication", "add", "p", "--every", "day")
    told = digest.well("publication", "show", "p", "--json").json
    assert (told["zone"], told["every"]) == ("Europe/Lisbon", [{"every": "day", "at": "05:45", "on": None}])


@pytest.mark.parametrize(
    "command", [["publication", "list"], ["publication", "add", "p", "--every", "day"], ["run"], ["serve"], ["deliver"]]
)
def test_another_schema_is_refused_and_nothing_is_changed(digest: Runner, command: list[str]) -> None:
    make_home(digest.home)
    database = digest.home / "digest.db"
    with sqlite3.connect(database) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    before = database.read_bytes()
    assert "schema 9999, which this version of digest does not know" in digest.refused(*command, code=1)
    assert database.read_bytes() == before
    assert not list(digest.home.glob("*.lock"))
    with sqlite3.connect(database) as connection:
        connection.execute("delete from alembic_version")
    connection.close()
    assert "digest db upgrade" in digest.refused(*command, code=1)
    database.unlink()
    assert "there is no database yet (digest db upgrade)" in digest.refused(*command, code=1)
    assert not database.exists()
    database.write_text("not a database, but long enough to be looked at")
    assert "not a database" in digest.refused(*command, code=1)


def test_a_group_without_a_command_shows_its_help(digest: Runner) -> None:
    assert run([]) == 2
    assert "Commands:\n" in digest.capsys.readouterr().err
    for group in (["publication"], ["subscriber"], ["edition"], ["delivery"]):
        said = digest(*group)
        assert (said.code, said.out) == (2, "")
        assert "Commands:\n" in said.err


def test_a_name_that_is_near_to_none_is_not_guessed(digest: Runner) -> None:
    assert digest.refused("list") == "No such command 'list'. (see: digest --help)"
    assert "Did you mean 'deliver'?" in digest.refused("delivr")
    assert "Did you mean 'publish'?" in digest.refused("edition", "publsh")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_behind_standard_output_is_one_line(digest: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    make_home(digest.home)
    for command in (["topic", "list"], ["topic", "list", "--json"]):
        with Path("/dev/full").open("w", buffering=1) as full:
            monkeypatch.setattr("sys.stdout", full)
            assert run(["--home", str(digest.home), *command]) == 1
            monkeypatch.undo()
            # What could not be written must not be tried again when the file is closed.
            os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())
        assert digest.capsys.readouterr().err == "digest: No space left on device\n"


def test_real_mail_needs_a_real_sender(digest: Runner) -> None:
    assert "--from" in digest.refused("init", str(digest.home), "--transport", "smtp")
    assert not digest.home.exists()
