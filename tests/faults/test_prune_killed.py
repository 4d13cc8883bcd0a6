"""`digest db prune` is killed again and again: what went is gone whole, and the next run does the rest."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from digest.pipeline import pruning
from digest.store import bulk, schema
from digest.store import tables as t
from tests.support import home

READERS, MAILS, KILLS = 50, 2500, 3
SHORT = {"DIGEST_KEEP_DELIVERIES": "30"}


def many_old_mails(house: home.House) -> None:
    """So many mails of one edition after the other, all of them sent more than a year ago, each with an event."""
    home.publication(house)
    for n in range(READERS):
        home.subscribe(house, f"r{n}@example.com")
    home.take_in(house, 1)
    home.publish_now(house)
    home.deliver_all(house)
    with house.services.database.write() as connection:
        pattern = dict(connection.execute(sa.select(t.delivery).limit(1)).mappings().one())
        edition = dict(connection.execute(sa.select(t.edition)).mappings().one())
        slot = dict(connection.execute(sa.select(t.edition_slot)).mappings().one())
        variant = dict(connection.execute(sa.select(t.variant)).mappings().one())
        for e in range(2, MAILS // READERS + 2):
            at = slot["slot"] + timedelta(days=e)
            connection.execute(sa.insert(t.edition_slot).values({**slot, "id": e, "number": e, "slot": at}))
            connection.execute(sa.insert(t.edition).values({**edition, "id": e, "slot_id": e}))
            connection.execute(sa.insert(t.variant).values({**variant, "id": e, "edition_id": e}))
        rows = [
            {**pattern, "id": 1000 + n, "key": f"k{n}", "message_id": f"<{n}@example.com>",
             "edition_id": 2 + n // READERS, "variant_id": 2 + n // READERS,
             "subscription_id": 1 + n % READERS, "subscriber_id": 1 + n % READERS}
            for n in range(MAILS)
        ]  # fmt: skip
        bulk.insert(connection, t.delivery, rows)
        event = {"at": house.clock(), "before": "committing", "after": "sent", "reply": "250 ok", "reason": ""}
        bulk.insert(connection, t.delivery_event, [{**event, "delivery_id": row["id"]} for row in rows])


def test_a_prune_that_is_killed_leaves_nothing_half_done(tmp_path: Path) -> None:
    chance = random.Random(7)
    with home.open_house(home.make_home(tmp_path / "home"), **SHORT) as house:
        many_old_mails(house)
        house.clock.now = datetime.now(UTC)
        command = [sys.executable, "-m", "digest", "--home", str(house.services.home.folder), "db", "prune"]
        left = counts(house)["deliveries"]
        began = left
        killed = 0
        while killed < KILLS:
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **SHORT})
            wait_for_less_than(house, left, child)
            time.sleep(chance.uniform(0, 0.05))
            child.send_signal(signal.SIGKILL)
            child.wait()
            killed += 1
            now = counts(house)
            left = now["deliveries"]
            assert now["deliveries"] + now["traces"] == began, "a mail was lost without a trace, or left with one"
            assert now["orphans"] == 0
        assert not schema.check(house.services.database)
        assert left > 1, "it was over before it was killed"
        assert pruning.prune(house.services).done
        now = counts(house)
        assert now["deliveries"] == 1  # the last one stays
        assert now["traces"] == now["counted"] == began - 1
        assert not schema.check(house.services.database)


def wait_for_less_than(house: home.House, number: int, child: subprocess.Popen[bytes]) -> None:
    """Until it has begun to delete."""
    end = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < end and counts(house)["deliveries"] == number:
        time.sleep(0.01)


def counts(house: home.House) -> dict[str, int]:
    many = sa.func.count()
    held = sa.select(t.delivery.c.id)
    queries = {
        "deliveries": sa.select(many).select_from(t.delivery),
        "traces": sa.select(many).select_from(t.trace),
        "counted": sa.select(sa.func.coalesce(sa.func.sum(t.deleted_delivery.c.number), 0)),
        "orphans": sa.select(many).where(t.delivery_event.c.delivery_id.not_in(held)),
    }
    with house.services.database.read() as connection:
        return {name: int(connection.execute(query).scalar_one()) for name, query in queries.items()}
