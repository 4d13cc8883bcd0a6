"""digest db, on good, old, new, missing and damaged databases"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from tests.unit.cli.running import Runner, make_home


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(make_home(tmp_path / "home"), capsys)


def _file(digest: Runner) -> Path:
    return digest.home / "digest.db"


def _sql(file: Path, *statements: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        return [row for statement in statements for row in connection.execute(statement).fetchall()]


def _remove(digest: Runner) -> None:
    for file in digest.home.glob("digest.db*"):
        file.unlink()


def test_status_json(digest: Runner) -> None:
    told = digest.well("db", "status", "--json").json
    assert set(told) == {"file", "schema", "head", "known", "ok", "size", "counts"}
    assert told["file"] == str(_file(digest))
    assert told["ok"] is True
    assert told["schema"] == told["head"]
    assert told["size"] > 0
    assert told["counts"]["topic"] == 17
    assert told["counts"]["delivery"] == 0
    assert "up to date" in digest.well("db", "status").out


def test_upgrade_of_what_is_up_to_date(digest: Runner) -> None:
    assert "is up to date" in digest.well("db", "upgrade").out


def test_without_a_database_nothing_makes_one_but_upgrade(digest: Runner, tmp_path: Path) -> None:
    _remove(digest)
    told = digest.well("db", "status", "--json").json
    assert (told["schema"], told["ok"], told["size"], told["counts"]) == (None, False, 0, {})
    assert "there is no database yet" in digest.well("db", "status").out
    assert "digest db upgrade" in digest.refused("db", "check", code=1)
    assert "digest db upgrade" in digest.refused("db", "backup", str(tmp_path / "copy.db"), code=1)
    assert "digest db upgrade" in digest.refused("source", "list", code=1)
    assert not list(digest.home.glob("digest.db*"))
    assert not (tmp_path / "copy.db").exists()
    assert f"Made {_file(digest)}" in digest.well("db", "upgrade").out
    assert len(digest.well("topic", "list", "--json").json) == 17


def test_a_newer_schema_is_refused_and_kept(digest: Runner) -> None:
    _sql(_file(digest), "UPDATE alembic_version SET version_num = '9999'")
    assert "9999" in digest.well("db", "status").out
    told = digest.well("db", "status", "--json").json
    assert (told["schema"], told["known"], told["ok"]) == ("9999", False, False)
    assert told["counts"]["topic"] == 17
    for command in (["db", "upgrade"], ["source", "list"], ["topic", "remove", "sport"], ["group"]):
        assert "use the newer digest" in digest.refused(*command, code=1)
    assert "is sound" in digest.well("db", "check").out
    assert _sql(_file(digest), "SELECT version_num FROM alembic_version") == [("9999",)]


def test_an_empty_file_is_an_older_database(digest: Runner) -> None:
    _remove(digest)
    _file(digest).touch()
    assert "digest db upgrade" in digest.refused("article", "list", code=1)
    digest.well("db", "upgrade")
    assert digest.well("article", "list", "--json").json == []


def test_backup_is_whole_and_never_overwrites(digest: Runner, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert f"Wrote {copy}" in digest.well("db", "backup", str(copy)).out
    assert _sql(copy, "PRAGMA integrity_check", "SELECT count(*) FROM topic") == [("ok",), (17,)]
    before = copy.read_bytes()
    assert "exists already" in digest.refused("db", "backup", str(copy))
    assert copy.read_bytes() == before
    missing = tmp_path / "no such"
    assert f"no such folder (make it: mkdir -p '{missing}')" in digest.refused("db", "backup", str(missing / "copy.db"))


def test_check_finds_what_points_nowhere(digest: Runner) -> None:
    assert "is sound" in digest.well("db", "check").out
    assert digest.well("db", "check", "--json").json == {"ok": True, "faults": []}
    _sql(_file(digest), "PRAGMA foreign_keys = OFF", "INSERT INTO storyline (id, merged_into) VALUES (1, 77)")
    assert "storyline" in digest.refused("db", "check", code=1)
    said = digest("db", "check", "--json")
    assert (said.code, said.json["ok"], len(said.json["faults"])) == (1, False, 1)


def test_what_is_no_database_is_one_line(digest: Runner) -> None:
    _remove(digest)
    _file(digest).write_bytes(b"not a database at all, but long enough to be looked at " * 100)
    for command in (["db", "status"], ["db", "check"], ["db", "upgrade"], ["article", "list"]):
        assert "file is not a database" in digest.refused(*command, code=1)
