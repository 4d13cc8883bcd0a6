"""Who was asked and never confirmed: removed in time, whole, and nobody else."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.audience.rules import Action
from digest.errors import UsageError
from digest.model.cause import Cause
from digest.model.delivery import DeliveryState
from digest.pipeline import confirmations, expiry, subscriptions
from digest.store import changes, subscribers
from digest.store import tables as t
from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import (
    LOST,
    REFUSED,
    House,
    deliver_all,
    listing,
    open_house,
    pass_,
    plain_of,
    publication,
    subscribe,
)

A, B = "anna@example.org", "bob@example.org"


@pytest.fixture
def asked(house: House) -> House:
    """One who signed up and was asked."""
    publication(house)
    sign_up(house)
    deliver_all(house)
    return house


def sign_up(house: House, email: str = A, *, again: bool = False, **more: object) -> None:
    wanted = subscriptions.Wanted(email, "news", name="Anna Ek", **more)  # type: ignore[arg-type]
    confirmations.sign_up(house.services, wanted, cause=Cause("asked for"), again=again)


def readers(house: House) -> dict[str, str]:
    with house.services.database.read() as connection:
        return {s.subscriber.email: str(s.state) for s in subscribers.listing(connection)}


def traces(house: House, *words: str) -> list[str]:
    """Tables with one of these words in any column of any row."""
    with house.services.database.read() as connection:
        names = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        rows = {name: str(connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()) for name in names}
    return sorted(name for name, told in rows.items() if any(word.lower() in told.lower() for word in words))


def test_a_pass_removes_them_with_every_trace(asked: House) -> None:
    token = re.findall(r"^confirm (\S+)\r?$", plain_of(asked.mails(A)[0]), re.MULTILINE)[0]
    assert {"subscriber", "delivery"} <= set(traces(asked, "anna"))
    asked.clock.go(days=30)
    assert pass_(asked).expired == 0
    asked.clock.go(minutes=1)
    assert pass_(asked).expired == 1
    assert pass_(asked).expired == 0
    assert readers(asked) == {}
    assert traces(asked, "anna", " ek", token) == []
    (mail,) = listing(asked)
    assert (mail.state, mail.address, mail.subscriber, mail.subscription) == (DeliveryState.SENT, "", "", None)
    with pytest.raises(UsageError, match="is no more"):
        confirmations.confirm(asked.services, token)
    sign_up(asked)
    assert deliver_all(asked).sent == 1, "they begin anew"


def test_what_a_server_said_goes_too(house: House) -> None:
    publication(house)
    sign_up(house)
    house.transport.on_begin = lambda to: dataclasses.replace(REFUSED, text=f"<{to}> no such user")
    deliver_all(house)
    assert "anna" in listing(house)[0].reply
    with house.services.database.write() as connection:  # not often enough to be suppressed
        connection.execute(sa.update(t.subscriber).values(address_state="ok", address_reason=""))
    house.clock.go(days=31)
    assert expiry.expire(house.services) == 1
    assert traces(house, "anna") == []


def test_the_last_mail_counts(asked: House) -> None:
    asked.clock.go(days=20)
    confirmations.resend(asked.services, A, "news")
    deliver_all(asked)
    asked.clock.go(days=29)
    assert expiry.expire(asked.services) == 0
    asked.clock.go(days=2)
    assert expiry.expire(asked.services) == 1


@pytest.mark.parametrize("who", ["active", "unsubscribed", "never asked", "suppressed", "mail on its way"])
def test_nobody_else_is_removed(house: House, who: str) -> None:
    publication(house)
    if who == "never asked":
        subscribe(house, A, state="pending")
    else:
        sign_up(house)
        if who == "mail on its way":
            house.transport.on_send = lambda _to: LOST
        deliver_all(house)
    with house.services.database.write() as connection:
        (found,) = subscribers.listing(connection)
        if who == "suppressed":
            subscribers.suppress(connection, found.subscriber.id, "bounced too often")
        elif who == "active":
            subscriptions.act_in(connection, found, Action.CONFIRM, Cause("test"), house.clock())
        elif who == "unsubscribed":
            subscriptions.act_in(connection, found, Action.UNSUBSCRIBE, Cause("test"), house.clock())
    house.clock.go(days=100)
    assert expiry.expire(house.services) == 0
    assert set(readers(house)) == {A}


def test_a_person_with_another_subscription_stays(asked: House) -> None:
    publication(asked, "evening")
    subscribe(asked, A, "evening")
    asked.clock.go(days=31)
    assert expiry.expire(asked.services) == 1
    with asked.services.database.read() as connection:
        (left,) = subscribers.listing(connection)
    assert (left.subscriber.email, left.publication) == (A, "evening")
    assert listing(asked)[0].address == ""


def test_who_had_left_once_is_unsubscribed_as_before(asked: House) -> None:
    """The next file must not bring them in again."""
    subscriptions.act(asked.services, A, "news", Action.UNSUBSCRIBE, Cause("not me"))
    asked.clock.go(hours=1)
    sign_up(asked, again=True)
    deliver_all(asked)
    asked.clock.go(days=31)
    assert expiry.expire(asked.services) == 1
    assert readers(asked) == {A: "unsubscribed"}
    with asked.services.database.read() as connection:
        (left,) = subscribers.listing(connection)
        last = changes.history(connection, left.id)[-1]
    assert (last.reason, last.by, last.via) == ("never confirmed", "digest", "pass")
    assert expiry.expire(asked.services) == 0


def test_many_are_removed_in_batches(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    publication(house)
    for n in range(5):
        sign_up(house, f"r{n}@example.org")
    subscribe(house, B)
    deliver_all(house)
    house.clock.go(days=31)
    assert expiry.expire(house.services, at_most=3) == 4, "whole batches"
    assert expiry.expire(house.services) == 1
    assert readers(house) == {B: "active"}
    with house.services.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(t.subscriber)).scalar_one() == 2


def test_no_sign_up_is_removed_while_its_link_still_works(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_SUBSCRIBER_CONFIRM_DAYS="60") as house:
        publication(house)
        sign_up(house)
        deliver_all(house)
        house.clock.go(days=59)
        assert expiry.expire(house.services) == 0
        house.clock.go(days=2)
        assert expiry.expire(house.services) == 1


def test_by_hand(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    assert isinstance(digest, Desk)
    digest.well("publication", "add", "p", "--every", "day")
    digest.well("subscriber", "add", A, "--publication", "p")
    digest.well("deliver")
    assert digest.well("subscriber", "expire", "--dry-run").out == "Nobody was asked more than 30 days ago.\n"
    assert digest.well("subscriber", "expire").out == "Removed 0 subscriptions that nobody confirmed within 30 days.\n"
    digest.clock.go(days=31)
    told = digest.well("subscriber", "expire", "--dry-run").out
    assert A in told
    assert digest.well("subscriber", "expire", "--dry-run", "--json").json == [
        {"email": A, "publication": "p", "asked_at": "2026-03-02T05:00:00+00:00"}
    ]
    assert A in digest.well("subscriber", "list").out, "that was a dry run"
    assert digest.well("subscriber", "expire").out == "Removed 1 subscription that nobody confirmed within 30 days.\n"
    assert A not in digest.well("subscriber", "list").out
