"""The schema's version: upgrade, compare, check, back up."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from digest import resources
from digest.errors import DigestError, SchemaError, UsageError
from digest.store import search
from digest.store.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

#: The tables whose rows people know by name.
_NOUNS = (
    "source", "article", "story", "storyline", "topic",
    "publication", "subscriber", "subscription", "edition", "delivery",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """`current` is None for an empty database; `known` is false for one made by a newer program."""

    current: str | None
    head: str
    known: bool

    @property
    def ok(self) -> bool:
        return self.current == self.head


_NAMES = re.compile(r"""^(revision|down_revision) = ['"](\w+)['"]""", re.MULTILINE)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.migrations()).replace("%", "%%"))
    return config


def _revisions() -> dict[str, str]:
    """Every version of the schema with the one before it, the first with none."""
    # Each command asks: Alembic would take longer to be imported than most of them do their work.
    texts = [path.read_text(encoding="utf-8") for path in (resources.migrations() / "versions").glob("*.py")]
    named = [dict(_NAMES.findall(text)) for text in texts]
    return {names["revision"]: names.get("down_revision", "") for names in named}


def status(database: Database) -> SchemaStatus:
    """Reads only; a database file that is not there is not made."""
    revisions = _revisions()
    (head,) = revisions.keys() - set(revisions.values())
    if database.file and not Path(database.file).exists():
        return SchemaStatus(None, head, True)
    with database.read() as connection:
        current = _current(connection)
    return SchemaStatus(current, head, current is None or current in revisions)


def _current(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.select(sa.column("version_num")).select_from(sa.table("alembic_version"))).scalar()


def require(database: Database) -> None:
    """Raises SchemaError unless the schema is this program's."""
    found = status(database)
    if found.ok:
        return
    if not found.known:
        raise SchemaError(
            f"the database has schema {found.current}, which this version of digest does not know",
            where=database.file or "",
            mend="use the newer digest that made it",
        )
    what = "there is no database yet" if found.current is None else f"the database has the older schema {found.current}"
    raise SchemaError(what, where=database.file or "", mend="digest db upgrade")


def upgrade(database: Database) -> SchemaStatus:
    """Bring the schema to this program's version in one transaction; returns what it was before."""
    before = status(database)
    if not before.known:
        require(database)
    if before.ok:
        return before
    from alembic import command

    config = _config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        search.without_view(connection)
        command.upgrade(config, "head")
        search.with_view(connection)
    return before


def check(database: Database) -> list[str]:
    """What is wrong with the file, one line each; empty when all is well."""
    if not database.sqlite:
        return []
    with database.read() as connection:
        found = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check")
        found += [f"table {row[0]}, row {row[1]}: refers to a {row[2]} that is not there" for row in broken]
        if number := search.differing(connection):
            found.append(
                f"the full-text index is wrong about {number:,} of the articles: to mend it, digest db reindex"
            )
        return found


def backup(database: Database, target: Path) -> int:
    """A consistent copy while others go on writing; returns its size in bytes. Never overwrites."""
    if not database.file:
        raise UsageError("digest backs up SQLite only", mend="use pg_dump")
    if target.exists():
        raise UsageError("this file exists already", where=str(target), mend="choose another name")
    if not target.parent.is_dir():
        folder = shlex.quote(str(target.parent))
        raise UsageError("there is no such folder", where=str(target.parent), mend=f"make it: mkdir -p {folder}")
    part = target.with_name(target.name + ".part")
    try:
        with (
            contextlib.closing(sqlite3.connect(database.file)) as source,
            contextlib.closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.rename(target)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise DigestError("the backup could not be written", where=str(target)) from error
    return target.stat().st_size


def place(database: Database) -> str:
    """Where the data are, fit to be shown: a file, or a URL without its password."""
    return database.file or database.engine.url.render_as_string(hide_password=True)


def size(database: Database) -> int:
    """Bytes on disk, the write-ahead log included; 0 where it is not our file."""
    files = [Path(database.file + suffix) for suffix in ("", "-wal")] if database.file else []
    return sum(file.stat().st_size for file in files if file.exists())


def counts(connection: sa.Connection) -> dict[str, int]:
    """Rows of each table that stands for a noun; of an older schema those that it has."""
    there = tables(connection)
    return {
        noun: connection.execute(sa.select(sa.func.count()).select_from(sa.table(noun))).scalar_one()
        for noun in _NOUNS
        if noun in there
    }


def tables(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())
