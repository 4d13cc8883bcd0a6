"""The engine, and the two kinds of transaction that exist: reading and writing.

SQLite's driver would begin transactions by itself, deferred, after the first write; two writers
that have read the same rows then lose updates or fail at once with "database is locked". So the
driver is told to begin nothing, and every transaction is begun here: IMMEDIATE for writing (it
waits for its turn before it reads anything), plain for reading.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, OperationalError

from digest.errors import Busy, DigestError
from digest.store import spacing

_WRITE = "digest_write"
_PART = "digest_part"
_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "trusted_schema=ON",
    "cache_size=-16000", "wal_autocheckpoint=4000", "secure_delete=ON",
)  # fmt: skip


class Database:
    """One database. `write()` and `read()` are the only ways in; `together()` makes one transaction of several."""

    def __init__(self, url: str, *, busy_seconds: float = 30.0) -> None:
        self.url = url
        try:
            parsed = sa.make_url(url)
        except sa.exc.ArgumentError as error:
            raise DigestError("not a database URL", where="store.url", mend="like sqlite:////path/digest.db") from error
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self.file = parsed.database if self.sqlite else None
        connect: dict[str, Any] = {}
        if self.sqlite:
            connect = {"isolation_level": None, "timeout": busy_seconds, "check_same_thread": False}
        self.engine = sa.create_engine(
            parsed,
            pool_reset_on_return=None,
            connect_args=connect,
            json_serializer=_as_json,
            json_deserializer=_from_json,
        )
        self._joined = threading.local()  # what this thread's transactions are part of
        driver = self.engine.dialect.loaded_dbapi
        self._driver_errors = (driver.OperationalError,)
        if self.sqlite:
            event.listen(self.engine, "connect", _pragmas)
            event.listen(self.engine, "begin", _begin)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One durable transaction. Raises Busy when another writer keeps the lock too long."""
        whole = self._whole()
        with self._part(whole) if whole is not None else self._connection(write=True) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent snapshot."""
        whole = self._whole()
        with self._within(whole) if whole is not None else self._connection(write=False) as connection:
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that this thread writes in here is one transaction, durable when it ends. Each `write` in it stands or
        falls by itself, and each `read` sees what was written before.

        Raises as `write` does; then nothing of all that was kept, whatever had gone well.
        """
        with self._connection(write=True) as connection:
            self._joined.whole = connection
            try:
                yield
            finally:
                self._joined.whole = None
            self._check_open(connection)

    def _whole(self) -> sa.Connection | None:
        return getattr(self._joined, "whole", None)

    @contextmanager
    def _within(self, whole: sa.Connection) -> Iterator[sa.Connection]:
        with self._explained():
            yield whole

    @contextmanager
    def _part(self, whole: sa.Connection) -> Iterator[sa.Connection]:
        self._check_open(whole)
        cursor = whole.connection.cursor()
        with self._explained():
            cursor.execute(f"SAVEPOINT {_PART}")
            try:
                yield whole
            except BaseException:
                if self._is_open(whole):
                    cursor.execute(f"ROLLBACK TO {_PART}")
                    cursor.execute(f"RELEASE {_PART}")
                raise
            cursor.execute(f"RELEASE {_PART}")

    def _is_open(self, whole: sa.Connection) -> bool:
        """SQLite may end a transaction by itself, as where the disk is full (sqlite.org/lang_transaction.html)."""
        driver = whole.connection.driver_connection
        return driver is not None and (not self.sqlite or driver.in_transaction)

    def _check_open(self, whole: sa.Connection) -> None:
        """For its driver the commit of nothing is no error, and a savepoint begins a transaction of its own."""
        if not self._is_open(whole):
            raise DigestError("the transaction was broken off", where=self.file or "", mend="try again")

    @contextmanager
    def _connection(self, *, write: bool) -> Iterator[sa.Connection]:
        with (
            self._explained(),
            self.engine.connect().execution_options(**{_WRITE: write}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What goes wrong with the file or its locks, in one line."""
        try:
            yield
        except DatabaseError as error:
            # What is wrong with the file or its locks, not what is wrong with our statements.
            if type(error) not in (OperationalError, DatabaseError):
                raise
            place = self.file or self.engine.url.render_as_string(hide_password=True)
            raise _explain(str(error.orig), place) from error.orig
        except self._driver_errors as error:  # of a statement that went to the driver as it was
            place = self.file or self.engine.url.render_as_string(hide_password=True)
            raise _explain(str(error), place) from error

    @contextmanager
    def kept(self) -> Iterator[Callable[[], AbstractContextManager[sa.Connection]]]:
        """What `write` does, many times on one connection. Not for two threads at once."""
        with self.engine.connect().execution_options(**{_WRITE: True}) as connection:

            @contextmanager
            def write() -> Iterator[sa.Connection]:
                with self._explained(), connection.begin():
                    yield connection

            yield write

    def free(self) -> int:
        """Bytes of SQLite's file that hold nothing; they are used again before it grows."""
        if not self.sqlite:
            return 0
        with self.read() as connection:
            pages = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
            return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())

    def vacuum(self) -> None:
        """Write the file anew without its free pages. Nobody else writes meanwhile."""
        with self._explained(), self.engine.connect() as connection:
            connection.connection.cursor().execute("VACUUM")
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self.engine.dispose()


def _as_json(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:  # half of a pair, which only an escape can stand for
        return json.dumps(value)


def _from_json(text: str | bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError:  # as above, and what is no JSON though the standard library writes it
        return json.loads(text)


def _pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # FULL: a commit that was answered survives a power cut; WAL alone promises only consistency. What a fetch of many
    # sources touches of the indexes should stay at hand (16 MB), and not be copied into the file after each few.
    # What is deleted leaves no bytes behind.
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # The view behind the full-text index calls them.
    connection.create_function("digest_title", 1, spacing.title_text, deterministic=True)
    connection.create_function("digest_body", 1, spacing.body_text, deterministic=True)


def _begin(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, True)
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if write else "BEGIN")


def _explain(text: str, where: str) -> DigestError:
    if "locked" in text or "busy" in text:
        return Busy("the database is locked by another process", where=where, mend="try again when it has ended")
    if "full" in text:
        return DigestError("the disk is full", where=where, mend="free some space; nothing was lost")
    if "readonly" in text or "unable to open" in text:
        return DigestError("the database cannot be opened for writing", where=where, mend="check permissions and path")
    return DigestError(text, where=where)
