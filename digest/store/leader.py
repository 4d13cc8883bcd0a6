"""One leader a role: the kernel's file lock says who, a growing epoch fences off who was."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from digest.errors import Busy
from digest.store import tables as t
from digest.store.engine import Database


@contextlib.contextmanager
def lead(database: Database, folder: Path, role: str, now: datetime) -> Iterator[int]:
    """Be the leader of a role; yields the epoch. Raises Busy when another process is.

    The lock is the kernel's, so it goes with the process however that ends.
    """
    path = folder / f"{role}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            held = path.read_text().strip() or "?"
            raise Busy(f"another digest process (pid {held}) leads here", where=str(path)) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield _next_epoch(database, role, now)
    finally:
        os.close(handle)


def _next_epoch(database: Database, role: str, now: datetime) -> int:
    with database.write() as connection:
        owner = f"pid {os.getpid()}"
        query = sa.update(t.leader).where(t.leader.c.role == role)
        done = connection.execute(query.values(epoch=t.leader.c.epoch + 1, owner=owner, since=now))
        if not done.rowcount:
            connection.execute(sa.insert(t.leader).values(role=role, epoch=1, owner=owner, since=now))
        return int(connection.execute(sa.select(t.leader.c.epoch).where(t.leader.c.role == role)).scalar_one())
