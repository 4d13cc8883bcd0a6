"""The schema and the engine: migrations, versions, backups, transactions of two processes, leaders."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from digest import app
from digest.errors import Busy, DigestError, SchemaError, UsageError
from digest.store import counters, leader, schema
from digest.store import tables as t
from digest.store.engine import Database
from digest.store.tables.outgoing import OPEN_DELIVERY
from tests.support import home
from tests.support.home import House

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'digest.db'}", busy_seconds=0.2)
    yield made
    made.close()


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index is no table of the models, and has tables of its own."""
    return kind != "table" or not str(name).startswith("article_index")


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    assert schema.upgrade(database).current is None
    with database.read() as connection:
        ours = {"compare_type": True, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, t.metadata) == []
        made = {
            (table, check["name"], " ".join(str(check["sqltext"]).split()))
            for table in sa.inspect(connection).get_table_names()
            for check in sa.inspect(connection).get_check_constraints(table)
        }
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
        indexes = {name: text for name, text in connection.exec_driver_sql(query)}
    said = {
        (table.name, constraint.name, " ".join(str(constraint.sqltext).split()))
        for table in t.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }
    assert made == said, "autogenerate does not look at checks"
    assert OPEN_DELIVERY in indexes["ix_delivery_open"]


def test_every_constraint_has_a_name(database: Database) -> None:
    """Alembic's batch mode loses those without."""
    schema.upgrade(database)
    with database.read() as connection:
        found = sa.inspect(connection)
        for table in found.get_table_names():
            if table == "alembic_version" or not _is_ours(table, "table", ()):
                continue
            assert found.get_pk_constraint(table)["name"], table
            for constraint in (
                *found.get_foreign_keys(table),
                *found.get_unique_constraints(table),
                *found.get_check_constraints(table),
            ):
                assert constraint["name"], (table, constraint)


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    schema.upgrade(database)
    assert schema.upgrade(database).ok
    assert schema.status(database).ok
    assert schema.check(database) == []
    schema.require(database)


def test_looking_at_the_status_makes_no_file(database: Database) -> None:
    assert schema.status(database).current is None
    assert database.file is not None
    assert not Path(database.file).exists()


@pytest.mark.parametrize(("version", "says"), [("9999", "does not know"), (None, "older|no database")])
def test_another_schema_is_refused_in_one_line(house: House, version: str | None, says: str) -> None:
    with house.services.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
        if version:
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{version}')")
    before = home.all_rows(house)
    with pytest.raises(SchemaError, match=says) as error:
        app.services(house.services.home.folder, {})
    assert "\n" not in str(error.value)
    if version:
        with pytest.raises(SchemaError):
            schema.upgrade(house.services.database)
    assert home.all_rows(house) == before


def test_foreign_keys_are_on_and_naive_instants_refused(house: House) -> None:
    naive = {**_story(), "first": home.START.replace(tzinfo=None)}
    nowhere = sa.insert(t.story).values(id=1, storyline_id=77, **_story())
    with pytest.raises(sa.exc.IntegrityError), house.services.database.write() as connection:
        connection.execute(nowhere)
    with pytest.raises(sa.exc.StatementError), house.services.database.write() as connection:
        connection.execute(sa.insert(t.story).values(id=1, storyline_id=1, **naive))


def _story() -> dict[str, object]:
    day = {"first": home.START, "first_precision": "day", "last": home.START, "last_precision": "day"}
    return {"title": "", "languages": [], "topics": [], "last_seq": 0, **day}


def test_a_backup_is_whole_while_others_write(house: House, tmp_path: Path) -> None:
    database, stop = house.services.database, threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with database.write() as connection:
                counters.advance(connection, "one", number)
                counters.advance(connection, "two", number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(3):
            assert schema.backup(database, tmp_path / f"{n}.db") > 0
    finally:
        stop.set()
        writer.join()
    for n in range(3):
        copy = Database(f"sqlite:///{tmp_path / f'{n}.db'}")
        with copy.read() as connection:
            assert counters.last(connection, "one") == counters.last(connection, "two")
        assert schema.check(copy) == []
        copy.close()
    with pytest.raises(UsageError, match="exists already"):
        schema.backup(database, tmp_path / "0.db")
    assert not list(tmp_path.glob("*.part"))


def test_check_finds_what_points_nowhere(house: House) -> None:
    file = house.services.database.file
    assert file is not None
    plain = sqlite3.connect(file)
    plain.execute("INSERT INTO waiver VALUES (1, 99, '', 1, 2, '', '2026-01-01')")
    plain.commit()
    plain.close()
    assert schema.check(house.services.database) == ["table waiver, row 1: refers to a subscription that is not there"]


# --- transactions -----------------------------------------------------------------------------------

_COUNT = """
import sys
from digest.store import counters
from digest.store.engine import Database
database = Database(sys.argv[1])
for _ in range(100):
    with database.write() as connection:
        counters.advance(connection, "n", counters.last(connection, "n") + 1)
database.close()
"""


def test_two_processes_that_read_and_write_lose_nothing(house: House) -> None:
    arguments = [sys.executable, "-c", _COUNT, house.services.database.url]
    both = [subprocess.Popen(arguments, cwd=CHECKOUT) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    with house.services.database.read() as connection:
        assert counters.last(connection, "n") == 200


def test_a_writer_that_waits_too_long_says_so_in_one_line(database: Database) -> None:
    schema.upgrade(database)
    other = Database(database.url, busy_seconds=0.1)
    try:
        with database.write(), pytest.raises(Busy, match="locked by another process") as error, other.write():
            pass
    finally:
        other.close()
    assert "\n" not in str(error.value)
    assert "SQL" not in str(error.value)


def test_a_reader_sees_one_moment(database: Database) -> None:
    schema.upgrade(database)
    with database.read() as reading:
        assert counters.last(reading, "n") == 0
        with database.write() as writing:
            counters.advance(writing, "n", 1)
        assert counters.last(reading, "n") == 0
    with database.read() as reading:
        assert counters.last(reading, "n") == 1


def test_what_fails_is_undone(database: Database) -> None:
    schema.upgrade(database)
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:  # noqa: PT012 - the second undoes the first
        counters.advance(connection, "n", 1)
        connection.execute(sa.insert(t.story).values(id=1, storyline_id=77, **_story()))
    with database.read() as connection:
        assert counters.last(connection, "n") == 0


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "digest.db"
    file.write_text("this is no database at all\n" * 100)
    broken = Database(f"sqlite:///{file}")
    try:
        with pytest.raises(DigestError, match="not a database") as error:
            schema.status(broken)
    finally:
        broken.close()
    assert "\n" not in str(error.value)
    assert str(file) in str(error.value)


def test_a_url_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DigestError, match="not a database URL"):
        Database("nonsense")


# --- leaders ----------------------------------------------------------------------------------------


def test_one_leader_a_role_with_a_growing_epoch(house: House) -> None:
    folder, database = house.services.home.folder, house.services.database
    with leader.lead(database, folder, "serve", home.START) as first:
        with pytest.raises(Busy, match="another digest process"), leader.lead(database, folder, "serve", home.START):
            pass
        with leader.lead(database, folder, "fetch", home.START):
            pass
    with leader.lead(database, folder, "serve", home.START) as second:
        assert second == first + 1


def test_a_sender_is_dead_when_its_process_is(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from digest.store import leader\n"
        "with leader.alive(Path(sys.argv[1])) as owner:\n"
        "    print(owner, flush=True); sys.stdin.read(); os._exit(9)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=-1, stdout=-1, text=True, cwd=CHECKOUT
    )
    assert process.stdin is not None
    assert process.stdout is not None
    owner = process.stdout.readline().strip()
    assert not leader.is_dead(tmp_path, owner)
    process.communicate()
    assert process.returncode == 9
    assert list(tmp_path.iterdir()), "it left its lock file behind"
    assert leader.is_dead(tmp_path, owner)
    assert not list(tmp_path.iterdir())


# --- removed publications ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["news", "n" * 60])
def test_a_removed_publication_frees_its_name(house: House, name: str) -> None:
    from digest.pipeline import publications

    for _ in range(2):
        home.publication(house, name)
        publications.remove(house.services, name)


def test_versions_are_told_without_alembic_as_alembic_tells_them() -> None:
    script = ScriptDirectory.from_config(schema._config())
    assert {s.revision: s.down_revision or "" for s in script.walk_revisions()} == schema._revisions()
    asked = "import sys; from digest.store import schema; schema._revisions(); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
