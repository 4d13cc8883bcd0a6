"""Several writings as one durable transaction: each stands or falls by itself, and all of them with the disk."""

from __future__ import annotations

import sqlite3
import threading

import anyio
import pytest
import sqlalchemy as sa

from digest.errors import DigestError
from digest.pipeline import links
from digest.store import counters
from digest.store import tables as t
from digest.web.turns import Turns
from tests.support.home import House, publication, subscribe
from tests.support.web import Site


def durable(house: House) -> dict[str, int]:
    """As another process sees it."""
    with sqlite3.connect(house.services.database.file or "") as connection:
        return dict(connection.execute("SELECT name, value FROM counter WHERE name LIKE 'test %'"))


def put(house: House, name: str, value: int = 1) -> None:
    with house.services.database.write() as connection:
        connection.execute(sa.insert(t.counter).values(name=f"test {name}", value=value))


def got(house: House, name: str) -> int:
    with house.services.database.read() as connection:
        return counters.last(connection, f"test {name}")


def put_and_fail(house: House, name: str) -> None:
    with house.services.database.write() as connection:
        connection.execute(sa.insert(t.counter).values(name=f"test {name}", value=1))
        raise LookupError


def test_it_is_one_transaction_that_sees_itself(house: House) -> None:
    with house.services.database.together():
        put(house, "a")
        put(house, "b", 2)
        assert (got(house, "a"), got(house, "b")) == (1, 2)
        assert durable(house) == {}
    assert durable(house) == {"test a": 1, "test b": 2}
    put(house, "c", 3)
    assert durable(house)["test c"] == 3, "what comes after is a transaction of its own"


def test_what_fails_undoes_its_own_part_alone(house: House) -> None:
    with house.services.database.together():
        put(house, "a")
        with pytest.raises(LookupError):
            put_and_fail(house, "b")
        with pytest.raises(sa.exc.IntegrityError):
            put(house, "a", 7)
        put(house, "c")
    assert durable(house) == {"test a": 1, "test c": 1}


def test_where_it_is_left_by_an_exception_nothing_is_kept(house: House) -> None:
    with pytest.raises(LookupError), house.services.database.together():
        put_and_fail(house, "a")
    assert durable(house) == {}
    put(house, "b")
    assert durable(house) == {"test b": 1}


def test_other_threads_are_no_part_of_it(house: House) -> None:
    seen: list[int] = []
    with house.services.database.together():
        put(house, "a")
        other = threading.Thread(target=lambda: seen.append(got(house, "a")))
        other.start()
        other.join()
    assert seen == [0]


def test_what_goes_wrong_while_it_is_read_is_told_in_a_line_too(house: House) -> None:
    def read_page() -> None:
        with house.services.database.read() as connection:
            connection.execute(sa.text("SELECT 1"))
            raise sa.exc.OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))

    with pytest.raises(DigestError, match="disk I/O error"):
        read_page()
    with house.services.database.together(), pytest.raises(DigestError, match="disk I/O error"):
        read_page()


def test_a_transaction_that_sqlite_ended_is_no_success(house: House) -> None:
    """As it may where the disk is full; then a commit of nothing must not count, nor a savepoint as a beginning."""
    later: list[str] = []

    def end_it() -> None:
        with house.services.database.write() as connection:
            connection.connection.cursor().execute("ROLLBACK")
            raise sqlite3.OperationalError("database or disk is full")

    def run() -> None:
        with house.services.database.together():
            put(house, "a")
            for work in (end_it, lambda: put(house, "b")):
                try:
                    work()
                except DigestError as error:
                    later.append(error.what)

    with pytest.raises(DigestError, match="broken off"):
        run()
    assert later == ["the disk is full", "the transaction was broken off"]
    assert durable(house) == {}
    put(house, "c")
    assert durable(house) == {"test c": 1}


def test_on_a_full_disk_whoever_is_told_yes_is_on_record(house: House) -> None:
    publication(house, "news")
    mine = [subscribe(house, f"r{n}@example.org").id for n in range(6)]
    database, site = house.services.database, Site(house.services)
    turns = Turns(database.together)
    told: dict[int, bool] = {}

    def fill() -> None:
        with database.write() as connection:
            connection.connection.cursor().execute("PRAGMA max_page_count = 1")  # no more than there are
            for n in range(1000):
                values = {"name": f"test {n}" + "x" * 3000, "value": n}
                connection.execute(sa.insert(t.counter).values(values))

    async def click(number: int) -> None:
        try:
            found = await turns.write(lambda: links.end(house.services, site.token(number)))
            told[number] = found is not None and found.ended
        except DigestError:
            told[number] = False

    async def full() -> None:
        with pytest.raises(DigestError, match="full"):
            await turns.write(fill)

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for number in mine[:3]:
                group.start_soon(click, number)
            group.start_soon(full)
            for number in mine[3:]:
                group.start_soon(click, number)

    anyio.run(run)
    with sqlite3.connect(database.file or "") as connection:
        query = "SELECT id FROM subscription WHERE state = 'unsubscribed'"
        ended = {number for (number,) in connection.execute(query)}
    assert {number for number, yes in told.items() if yes} <= ended
    assert len(told) == len(mine)
    assert durable(house) == {}
