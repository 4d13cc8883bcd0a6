"""What changes between the look at the readers and the transaction that plans for them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from digest.audience.rules import Action
from digest.errors import UsageError
from digest.model.cause import Cause
from digest.model.delivery import DeliveryState, Mark
from digest.model.subscription import AddressState
from digest.pipeline import calendar, deliver, publish, subscriptions
from digest.store import tables as t
from digest.store.ledger import StoredLedger
from tests.support import home
from tests.support.home import House

S = DeliveryState
READER = "a@example.com"


@pytest.fixture
def ready(house: House) -> House:
    home.publication(house)
    home.subscribe(house, READER)
    home.take_in(house, 1)
    return house


def told(house: House) -> list[set[str]]:
    return [home.tokens(mail) for mail in house.mails(READER)]


def test_a_mail_that_is_sent_while_the_next_one_is_composed(ready: House) -> None:
    home.publish_now(ready)
    home.take_in(ready, 2)
    ready.clock.go(minutes=5)
    report = home.meanwhile(ready, lambda: home.deliver_all(ready))
    home.deliver_all(ready)
    assert told(ready) == [{home.token(1)}, {home.token(2)}]
    assert report.planned == 1


def test_a_bounce_that_comes_while_the_next_one_is_composed(ready: House) -> None:
    home.publish_now(ready)
    home.deliver_all(ready)
    home.take_in(ready, 2)
    ready.clock.go(minutes=5)
    home.meanwhile(ready, lambda: home.bounce(ready, home.listing(ready)[0]))
    home.deliver_all(ready)
    assert told(ready) == [{home.token(1)}, {home.token(1), home.token(2)}]


def test_a_reader_who_is_removed_meanwhile(ready: House) -> None:
    report = home.meanwhile(ready, lambda: subscriptions.remove(ready.services, READER))
    assert (report.planned, report.skipped["not active any more"]) == (0, 1)
    assert home.listing(ready) == []


def test_a_reader_who_unsubscribes_meanwhile(ready: House) -> None:
    report = home.meanwhile(
        ready, lambda: subscriptions.act(ready.services, READER, "", Action.UNSUBSCRIBE, Cause("enough"))
    )
    assert report.planned == 0


def test_a_reader_who_changes_language_meanwhile_gets_it_in_that_language(ready: House) -> None:
    wanted = subscriptions.Wanted(READER, "news", language="nl")
    home.meanwhile(ready, lambda: subscriptions.edit(ready.services, wanted))
    home.deliver_all(ready)
    assert b"Content-Language: nl" in ready.mails(READER)[0]
    assert len(ready.mails()) == 1


@pytest.mark.parametrize("marked", [False, True])
def test_an_edition_waits_for_a_mail_that_is_in_flight(ready: House, marked: bool) -> None:
    home.publish_now(ready)
    ledger = StoredLedger(ready.services.database)
    claimed = ledger.claim(ready.clock(), 10, "1-gone", 900)
    if marked:
        ledger.commit([], [Mark(*claimed[0].row)], ready.clock())
    home.take_in(ready, 2)
    ready.clock.go(minutes=1)
    report = home.publish_now(ready)
    assert (report.planned, report.waiting, report.expired) == (0, 1, 0)
    home.deliver_all(ready)  # the first one, once more
    publish.plan_open_editions(ready.services)
    home.deliver_all(ready)
    assert told(ready) == [{home.token(1)}, {home.token(2)}]


@pytest.mark.parametrize("step", ["planned", "claimed"])
def test_who_unsubscribes_is_not_mailed_any_more(ready: House, step: str) -> None:
    """Promise 4, at each step before the final dot."""
    home.publish_now(ready)
    ledger = StoredLedger(ready.services.database)
    claimed = ledger.claim(ready.clock(), 10, "1-one", 900) if step == "claimed" else []
    subscriptions.act(ready.services, READER, "", Action.UNSUBSCRIBE, Cause("enough"))
    if claimed:
        assert ledger.commit([], [Mark(*claimed[0].row)], ready.clock()).marked == set()
    home.deliver_all(ready)
    assert ready.mails() == []
    assert [d.state for d in home.listing(ready)] == [S.SUPPRESSED]


def test_who_was_mailed_and_is_removed_is_suppressed_for_good(ready: House) -> None:
    home.publish_now(ready)
    home.deliver_all(ready)
    assert not subscriptions.remove(ready.services, READER)
    home.publication(ready, "other")
    with pytest.raises(UsageError, match="suppressed"):
        home.subscribe(ready, READER, "other")
    with ready.services.database.read() as connection:
        from digest.store import subscribers

        assert subscribers.listing(connection)[0].subscriber.address_state is AddressState.SUPPRESSED


# --- what the operator does -----------------------------------------------------------------------


def refused(house: House) -> None:
    house.transport.on_begin = lambda _to: home.REFUSED
    home.deliver_all(house)
    house.transport.on_begin = lambda _to: None


def test_a_retried_mail_that_may_have_arrived_is_still_known_as_such(ready: House) -> None:
    """So that it is signed with the same key, and goes to the relay that knows it."""
    home.publish_now(ready)
    ready.transport.on_send = lambda _to: home.LOST
    home.deliver_all(ready)
    ready.transport.on_send = lambda _to: None
    ready.clock.go(hours=1)
    refused(ready)
    (found,) = home.listing(ready)
    assert (found.state, found.sent_before) == (S.FAILED, True)
    deliver.steer(ready.services, "retry", delivery=str(found.id))
    (claimed,) = StoredLedger(ready.services.database).claim(ready.clock(), 10, "1-one", 900)
    assert claimed.delivery.sent_before
    assert claimed.delivery.relay == found.relay != ""


def test_a_failed_mail_can_be_retried_once_and_its_rival_not(ready: House) -> None:
    home.publish_now(ready)
    refused(ready)
    home.take_in(ready, 2)
    ready.clock.go(minutes=5)
    home.publish_now(ready)
    refused(ready)
    first, second = home.listing(ready)
    assert (first.state, second.state) == (S.FAILED, S.FAILED)
    deliver.steer(ready.services, "retry", delivery=str(first.id))
    home.deliver_all(ready)
    assert told(ready) == [{home.token(1)}]
    with pytest.raises(UsageError, match="covers the same news"):
        deliver.steer(ready.services, "retry", delivery=str(second.id))
    home.publish_now(ready)
    home.deliver_all(ready)
    assert told(ready) == [{home.token(1)}, {home.token(2)}]


def test_a_retried_mail_has_time_to_be_greylisted(ready: House) -> None:
    home.publish_now(ready)
    refused(ready)
    ready.clock.go(days=3)
    deliver.steer(ready.services, "retry", delivery="1")
    ready.transport.on_begin = lambda _to: home.DEFERRED
    home.deliver_all(ready)
    ready.transport.on_begin = lambda _to: None
    ready.clock.go(hours=2)
    home.deliver_all(ready)
    assert [d.state for d in home.listing(ready)] == [S.SENT]


def test_a_paused_edition_goes_on_when_it_is_resumed(ready: House) -> None:
    home.publish_now(ready)
    edition = calendar.editions.by_id
    with ready.services.database.read() as connection:
        found = edition(connection, 1)
    deliver.steer(ready.services, "pause", edition=found)
    home.deliver_all(ready)
    assert ready.mails() == []
    deliver.steer(ready.services, "resume", edition=found)
    home.deliver_all(ready)
    assert len(ready.mails()) == 1
    deliver.steer(ready.services, "cancel", edition=found)
    with pytest.raises(UsageError, match="cancelled"):
        deliver.steer(ready.services, "resume", edition=found)


@pytest.mark.parametrize(
    ("action", "state", "why"),
    [("pause", S.HELD, "paused by the operator"), ("cancel", S.CANCELLED, "cancelled by the operator")],
)
def test_what_a_sender_holds_already_is_stopped_too(ready: House, action: str, state: S, why: str) -> None:
    for number in range(3):
        home.subscribe(ready, f"more-{number}@example.org")
    home.publish_now(ready)
    with ready.services.database.read() as connection:
        found = calendar.editions.by_id(connection, 1)
    stopped: list[int] = []

    def while_it_is_announced(_to: str) -> None:
        stopped.append(deliver.steer(ready.services, action, edition=found))

    ready.transport.on_begin = while_it_is_announced
    said = home.deliver_all(ready)
    assert sum(stopped) == 4
    assert (said.sent, dict(said.reasons)) == (0, {why: 4})
    assert ready.mails() == []
    assert {d.state for d in home.listing(ready)} == {state}


def test_a_second_copy_in_a_senders_hands_is_paused_and_goes_on_as_it_was(ready: House) -> None:
    home.publish_now(ready)
    ready.transport.on_send = lambda _to: home.LOST
    home.deliver_all(ready)
    ready.transport.on_send = lambda _to: None
    stopped: list[int] = []
    ready.transport.on_begin = lambda _to: stopped.append(deliver.steer(ready.services, "pause", delivery="1"))
    ready.clock.go(hours=2)
    home.deliver_all(ready)
    assert (stopped, [d.state for d in home.listing(ready)]) == ([1], [S.HELD])
    ready.transport.on_begin = lambda _to: None
    deliver.steer(ready.services, "resume", delivery="1")
    home.deliver_all(ready)
    assert [d.state for d in home.listing(ready)] == [S.SENT]
    assert (len(ready.mails()), len(set(ready.mails()))) == (2, 1), "byte-identical"


@pytest.fixture
def holding(tmp_path: Any, empty_home: Any) -> Any:
    with home.open_house(tmp_path / "hold", template=empty_home, DIGEST_MAIL_UNCERTAIN="hold") as opened:
        home.publication(opened)
        home.subscribe(opened, READER)
        home.take_in(opened, 1)
        home.publish_now(opened)
        opened.transport.on_send = lambda _to: home.LOST
        home.deliver_all(opened)
        opened.transport.on_send = lambda _to: None
        yield opened


def test_what_may_have_arrived_is_not_told_again_under_hold(holding: House) -> None:
    subscriptions.act(holding.services, READER, "", Action.PAUSE, Cause(""))
    subscriptions.act(holding.services, READER, "", Action.RESUME, Cause(""))
    home.take_in(holding, 2)
    holding.clock.go(minutes=5)
    home.deliver_all(holding)
    home.publish_now(holding)
    home.deliver_all(holding)
    assert told(holding) == [{home.token(1)}, {home.token(2)}]
    assert [d.state for d in home.listing(holding)] == [S.HELD, S.SENT]


def test_an_uncertain_mail_goes_again_only_when_it_is_named(holding: House) -> None:
    home.deliver_all(holding)
    with holding.services.database.read() as connection:
        edition = calendar.editions.by_id(connection, 1)
    assert deliver.steer(holding.services, "resume", edition=edition) == 0
    assert deliver.steer(holding.services, "resume", delivery="1") == 1
    home.deliver_all(holding)
    assert [d.state for d in home.listing(holding)] == [S.SENT]
    assert len(set(holding.mails())) == 1, "byte-identical"


def test_an_address_that_no_header_can_carry_holds_up_nobody_else(house: House) -> None:
    home.publication(house)
    home.subscribe(house, "a@example.com")
    broken = home.subscribe(house, "b@example.com")
    with house.services.database.write() as connection:
        changed = sa.update(t.subscriber).where(t.subscriber.c.id == broken.subscriber.id)
        connection.execute(changed.values(email="b,b@example.com"))
    home.take_in(house, 1)
    report = home.publish_now(house)
    assert (report.planned, dict(report.skipped)) == (1, {"an unusable address": 1})
    home.deliver_all(house)
    assert len(house.mails("a@example.com")) == 1
