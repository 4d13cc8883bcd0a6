"""One leader a role: the kernel's file lock says who, a growing epoch fences off who was."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from digest.errors import Busy
from digest.store import tables as t
from digest.store.engine import Database

#: Seconds: who only looks whether there is a leader (`is_led`) holds the lock for a moment.
_GLANCE = 0.1


@contextlib.contextmanager
def lead(database: Database, folder: Path, role: str, now: datetime, *, wait_seconds: float = 0.0) -> Iterator[int]:
    """Be the leader of a role; yields the epoch. Raises Busy when another process still is after waiting.

    The lock is the kernel's, so it goes with the process however that ends.
    """
    path = folder / f"{role}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle, path, time.monotonic() + max(wait_seconds, _GLANCE))
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield _next_epoch(database, role, now)
    finally:
        os.close(handle)


def is_led(folder: Path, role: str) -> bool:
    """Whether a process is the leader of a role at this moment."""
    try:
        handle = os.open(folder / f"{role}.lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(handle)


@contextlib.contextmanager
def alive(folder: Path) -> Iterator[str]:
    """A name for this sender, and a kernel lock that says for as long as it lives that it does."""
    owner = f"{os.getpid()}-{secrets.token_hex(4)}"
    path = _life(folder, owner)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield owner
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def is_dead(folder: Path, owner: str) -> bool:
    """Whether a sender of that name is surely gone; its leftover lock file goes too."""
    path = _life(folder, owner)
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        path.unlink(missing_ok=True)
        return True
    finally:
        os.close(handle)


def _life(folder: Path, owner: str) -> Path:
    return folder / f"sender-{owner}.lock"


def _lock(handle: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            held = path.read_text().strip() or "?"
            raise Busy(f"another digest process (pid {held}) is at it", where=str(path)) from None
        return


def _next_epoch(database: Database, role: str, now: datetime) -> int:
    with database.write() as connection:
        owner = f"pid {os.getpid()}"
        query = sa.update(t.leader).where(t.leader.c.role == role)
        done = connection.execute(query.values(epoch=t.leader.c.epoch + 1, owner=owner, since=now))
        if not done.rowcount:
            connection.execute(sa.insert(t.leader).values(role=role, epoch=1, owner=owner, since=now))
        return int(connection.execute(sa.select(t.leader.c.epoch).where(t.leader.c.role == role)).scalar_one())
