"""How long deleting old records of mails takes, how much memory, and how long others wait to write meanwhile.

    python benchmarks/retention.py [MAILS]

MAILS (1,000,000) sent to 1,000 readers over the years are put into a new database, each with its three events. All
are older than a year: `digest db prune`, a process of its own, deletes them while another writer comes and goes.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tables import show

from digest import app

_READERS = 1000
#: `e` is an edition and its instant: one a day, the newest of them a year and a day old.
_FILL = """
CREATE TEMP TABLE e AS WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :editions)
    SELECT n, strftime('%Y-%m-%d 06:00:00.000000', 'now', '-' || (:editions - n + 366) || ' days') AS at FROM number;
INSERT INTO publication(id, name, title, zone, language, late, late_limit_hours, sender, look, topics, sources,
    languages, max_entries, max_per_section, catch_up_days, uncertain, paused, removed, created_at)
    SELECT 1, 'news', 'News', 'UTC', 'en', 'late', 12, '', 'paper', '[]', '[]', '[]', 30, 10, 14, 'resend', 0, 0,
    min(at) FROM e;
INSERT INTO subscriber(id, email, email_key, name, address_state, address_reason, created_at)
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :readers)
    SELECT n, 'reader' || n || '@example.org', 'reader' || n || '@example.org', '', 'ok', '', at
    FROM number JOIN (SELECT min(at) AS at FROM e);
INSERT INTO subscription(id, subscriber_id, publication_id, cadence, language, zone, topics, state, reason, changed_at,
    settled_below) SELECT id, id, 1, 'day', 'en', 'UTC', '[]', 'active', '', created_at, 1 FROM subscriber;
INSERT INTO edition_slot(id, publication_id, cadence, slot, number) SELECT n, 1, 'day', substr(at, 1, 16), n FROM e;
INSERT INTO edition(id, slot_id, zone, kind, due, cutoff, cut_at, state, lateness, missed)
    SELECT n, n, 'UTC', 'slot', at, n, at, 'closed', '', 0 FROM e;
INSERT INTO variant(id, edition_id, key, look, language, zone, ranges, subject, message, more)
    SELECT n, n, 'k' || n, 'paper', 'en', 'UTC', '[[' || n || ',' || (n + 1) || ']]', 'News', zeroblob(30000), 0 FROM e;
INSERT INTO delivery(id, kind, key, edition_id, subscription_id, subscriber_id, variant_id, covers_hi, state, uncertain,
    address, message_id, date, splice, attempts, epoch, owner, was_uncertain, reply, reason, planned_at, settled_at)
    SELECT (e.n - 1) * :readers + s.id, 'edition', 'edition:' || e.n || ':' || s.id, e.n, s.id, s.id, e.n, e.n + 1,
    'sent', 'resend', s.email, '<' || hex(randomblob(16)) || '@example.org>', at,
    json_object('to', s.email, 'unsubscribe', hex(randomblob(150))), 1, 2, '', 0,
    '250 2.0.0 Ok: queued as ' || hex(randomblob(5)), '', at, at FROM e JOIN subscriber s;
INSERT INTO delivery_event(delivery_id, at, before, after, reply, reason)
    SELECT id, settled_at, 'planned', 'claimed', '', '' FROM delivery;
INSERT INTO delivery_event(delivery_id, at, before, after, reply, reason)
    SELECT id, settled_at, 'claimed', 'committing', '', '' FROM delivery;
INSERT INTO delivery_event(delivery_id, at, before, after, reply, reason)
    SELECT id, settled_at, 'committing', 'sent', reply, '' FROM delivery;
"""


def fill(file: Path, mails: int) -> None:
    values = {"readers": _READERS, "editions": mails // _READERS}
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        # Message-IDs come in no order: their index is to fit into the memory. Nobody needs this after a power cut.
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -500000")
        for statement in filter(str.strip, _FILL.split(";")):
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(statement, named)


def others_write(file: Path, over: threading.Event, waits: list[float]) -> None:
    """A counter goes up again and again; how long each time took."""
    with contextlib.closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as connection:
        connection.execute("INSERT INTO counter(name, value) VALUES ('benchmark', 0)")
        while not over.wait(0.02):
            began = time.perf_counter()
            connection.execute("UPDATE counter SET value = value + 1 WHERE name = 'benchmark'")
            waits.append(time.perf_counter() - began)


def main() -> None:
    mails = int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        app.init(home, sender="News <news@example.org>", transport="maildir", environ={})
        file = home / "digest.db"
        fill(file, mails)
        size = file.stat().st_size
        over, waits = threading.Event(), list[float]()
        other = threading.Thread(target=others_write, args=(file, over, waits))
        other.start()
        began = time.perf_counter()
        command = [sys.executable, "-m", "digest", "--home", str(home), "db", "prune"]
        child = subprocess.Popen(command)
        _, status, used = os.wait4(child.pid, 0)
        took = time.perf_counter() - began
        over.set()
        other.join()
        assert status == 0, status
        waits.sort()
        rows = [
            ("mails on record", f"{mails:,}"),
            ("database before, MB", f"{size / 1e6:,.0f}"),
            ("seconds", f"{took:,.1f}"),
            ("deleted a second", f"{mails / took:,.0f}"),
            ("memory at most, MiB", f"{used.ru_maxrss / 1024:,.0f}"),
            ("others' writes meanwhile", f"{len(waits):,}"),
            ("waited, middle, ms", f"{waits[len(waits) // 2] * 1000:,.0f}"),
            ("waited, 99 %, ms", f"{waits[int(len(waits) * 0.99)] * 1000:,.0f}"),
            ("waited at most, ms", f"{waits[-1] * 1000:,.0f}"),
        ]
        show("Deleting old records of mails", ("what", "measured"), rows)


if __name__ == "__main__":
    main()
