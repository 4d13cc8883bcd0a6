"""Points at which a process may be told to die: before and after each commit and each call on a socket.

Only for processes of tests. `install` before anything of digest is imported: it wraps what lies below
every library, `socket.socket` and the connections that `sqlite3` makes.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SENDING = ("send", "sendall", "sendmsg", "sendto")
_RECEIVING = ("recv", "recv_into", "recvmsg")


@dataclass
class Plan:
    """What is to happen in this process. `at` counts from 1; 0: nothing."""

    at: int = 0
    signal: int = signal.SIGKILL
    told: Path | None = None  # where the point's name is left
    extra_pages: int | None = None  # of the database: more is "disk full"
    passed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


_plan = Plan()


def use(plan: Plan) -> None:
    global _plan
    _plan = plan


def point(name: str) -> None:
    plan = _plan
    with plan.lock:
        plan.passed.append(name)
        due = len(plan.passed) == plan.at
        if due and plan.told is not None:
            plan.told.write_text(name)
    # Outside of the lock: a process that is stopped here must go on afterwards.
    if due:
        os.kill(os.getpid(), plan.signal)


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, *rest: Any) -> Any:
        if sql.lstrip()[:6].upper() not in ("COMMIT", "END", "END;"):
            return super().execute(sql, *rest)
        point("before commit")
        done = super().execute(sql, *rest)
        point("after commit")
        return done


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def commit(self) -> None:
        if not self.in_transaction:
            return super().commit()
        point("before commit")
        super().commit()
        return point("after commit")


def _connect(real: Any) -> Any:
    def connect(*args: Any, **options: Any) -> Any:
        made = real(*args, **{"factory": _Connection, **options})
        if _plan.extra_pages is not None:
            (pages,) = made.execute("PRAGMA page_count").fetchone()
            made.execute(f"PRAGMA max_page_count = {pages + _plan.extra_pages}")
        return made

    return connect


def _wrapped(name: str, word: str) -> Any:
    real = getattr(socket.socket, name)

    def call(self: socket.socket, *args: Any, **options: Any) -> Any:
        if self.family not in (socket.AF_INET, socket.AF_INET6):
            return real(self, *args, **options)
        point(f"before {word}")
        done = real(self, *args, **options)
        point(f"after {word}")
        return done

    return call


def install() -> None:
    sqlite3.connect = sqlite3.dbapi2.connect = _connect(sqlite3.connect)
    for names, word in ((_SENDING, "send"), (_RECEIVING, "recv"), (("connect", "connect_ex"), "connect")):
        for name in names:
            setattr(socket.socket, name, _wrapped(name, word))
