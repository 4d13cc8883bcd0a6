"""Promise 7, for a reader's editions: what is said of a mail in each state, and of an edition without a mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.audience import standing_said
from digest.audience.mail_said import of_mail
from digest.audience.rules import Action
from digest.model.cause import By, Cause, Via
from digest.model.delivery import DeliveryState, Mark
from digest.model.explanation import Standing
from digest.model.report import Report, ReportKind
from digest.pipeline import (
    addresses,
    bounces,
    calendar,
    deliver,
    explaining,
    publications,
    publish,
    reporting,
    subscriptions,
)
from digest.store import editions, subscribers
from digest.store import publications as stored
from digest.store import tables as t
from digest.store.ledger import StoredLedger
from tests.support import home
from tests.support.home import House

READER = "ann@example.com"
MONDAY = "Mon 2 Mar 2026"


@pytest.fixture
def ready(house: House) -> House:
    """An article that waits for the one reader."""
    home.publication(house)
    home.subscribe(house, READER)
    home.take_in(house, 1)
    return house


@pytest.fixture
def planned(ready: House) -> House:
    home.publish_now(ready)
    return ready


@pytest.fixture
def holding(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with home.open_house(tmp_path / "home", template=empty_home, DIGEST_MAIL_UNCERTAIN="hold") as house:
        home.publication(house)
        home.subscribe(house, READER)
        home.take_in(house, 1)
        home.publish_now(house)
        yield house


def standing(house: House) -> Standing:
    (found,) = explaining.person(house.services, READER, "", 10).standings
    return found


def said(house: House) -> list[tuple[str, str]]:
    """Edition and sentence, the newest first."""
    known = standing(house)
    return [(part.edition.name, standing_said.of_part(part, known)) for part in known.parts]


def last(house: House) -> str:
    return said(house)[0][1]


def following(house: House) -> str:
    return standing_said.of_next(standing(house))


def ids(house: House) -> str:
    return home.listing(house)[-1].message_id


def answered(house: House, reply: object) -> None:
    ambiguous = reply is home.LOST
    house.transport.on_begin = lambda _to: None if ambiguous else reply  # type: ignore[assignment,return-value]
    house.transport.on_send = lambda _to: reply if ambiguous else None  # type: ignore[assignment,return-value]
    home.deliver_all(house)


# --- the states of a mail -------------------------------------------------------------------------


def test_planned(planned: House) -> None:
    assert last(planned) == f"Made on {MONDAY}, 05:00 and waits to be sent."


def test_claimed_and_committing(planned: House) -> None:
    ledger = StoredLedger(planned.services.database)
    claimed = ledger.claim(planned.clock(), 10, "1-x", 900)
    assert last(planned) == "Being sent just now."
    ledger.commit([], [Mark(*claimed[0].row)], planned.clock())
    assert last(planned) == "Being sent just now."


def test_sent(planned: House) -> None:
    planned.clock.go(minutes=5)
    home.deliver_all(planned)
    reply = home.listing(planned)[0].reply
    expected = f"Sent on {MONDAY}, 05:05 to {READER} with the Message-ID {ids(planned)}; the server answered “{reply}”."
    assert last(planned) == expected


def test_deferred_then_sent(planned: House) -> None:
    answered(planned, home.DEFERRED)
    found = home.listing(planned)[0]
    again, until = (f"{MONDAY}, {at:%H:%M}" for at in (found.next_attempt, found.give_up_at) if at)
    assert last(planned) == (
        f"Not sent yet after 1 try: greylisted (450 4.7.1) on {MONDAY}, 05:00; the server answered"
        f" “450 4.7.1 greylisted, try again”; it is tried again on {again}, until {until}."
    )
    planned.clock.go(minutes=10)
    answered(planned, None)
    assert f"with the Message-ID {ids(planned)} after 2 tries; the server answered" in last(planned)


def test_failed(planned: House) -> None:
    answered(planned, home.REFUSED)
    assert last(planned) == (
        f"Given up on {MONDAY}, 05:00 after 1 try: no such mailbox (550 5.1.1);"
        " the server answered “550 5.1.1 no such user”."
    )


def test_uncertain_goes_out_again(planned: House) -> None:
    answered(planned, home.LOST)
    sentence = last(planned)
    assert sentence.startswith(f"May have arrived on {MONDAY}, 05:00 (no answer to the end of the message")
    assert f"; the same mail, {ids(planned)}, goes out again on {MONDAY}, 05:0" in sentence


def test_uncertain_under_hold(holding: House) -> None:
    answered(holding, home.LOST)
    assert home.listing(holding)[0].state is DeliveryState.HELD, "in the same run: the operator can decide at once"
    assert last(holding).startswith("May have arrived, and counts as received until the operator decides (uncertain")


def test_held(planned: House) -> None:
    deliver.steer(planned.services, "pause", delivery="1")
    assert last(planned) == f"Held since {MONDAY}, 05:00: paused by the operator."


def test_suppressed(planned: House) -> None:
    subscriptions.act(planned.services, READER, "", Action.UNSUBSCRIBE, Cause("by the link in a mail"))
    assert last(planned) == f"Not sent: unsubscribed: by the link in a mail (on {MONDAY}, 05:00)."
    assert following(planned) == (
        f"No edition comes: the subscription is unsubscribed since {MONDAY}, 05:00 (by the link in a mail)."
    )


def test_expired(planned: House) -> None:
    planned.clock.go(hours=1)
    home.publish_now(planned)
    assert said(planned)[1] == ("news/extra/1", f"Not sent: news/extra/2 covers it (on {MONDAY}, 06:00).")


def test_cancelled(planned: House) -> None:
    deliver.steer(planned.services, "cancel", delivery="1")
    assert last(planned) == f"Cancelled on {MONDAY}, 05:00: cancelled by the operator."


def test_bounced(planned: House) -> None:
    home.deliver_all(planned)
    planned.clock.go(hours=1)
    home.bounce(planned, home.listing(planned)[0])
    assert last(planned).endswith(f", but it bounced on {MONDAY}, 06:00, so its news is owed again.")


def test_every_state_is_said(planned: House) -> None:
    (part,) = standing(planned).parts
    assert part.mail is not None
    for state in DeliveryState:
        with planned.services.database.write() as connection:
            connection.execute(sa.update(t.delivery).values(state=state))
        (found,) = standing(planned).parts
        assert found.mail is not None
        assert of_mail(found.mail, "UTC")


# --- editions without a mail ----------------------------------------------------------------------


def test_nothing_new(ready: House) -> None:
    home.publish_now(ready)
    home.deliver_all(ready)
    home.publish_now(ready)
    assert last(ready) == "No mail: there was nothing new for this reader."
    assert following(ready) == f"The next edition is due on {MONDAY}, 07:00; nothing is new for it so far."


def test_too_soon(ready: House) -> None:
    ready.clock.go_to(2, 7, 1)
    home.pass_(ready)
    subscriptions.edit(ready.services, subscriptions.Wanted(READER, "news", zone="America/New_York"))
    assert "comes too soon after the last one, since the cadence or the time zone was changed" in following(ready)
    home.take_in(ready, 2)
    ready.clock.go_to(2, 12, 1)
    home.pass_(ready)
    assert last(ready).startswith("No mail: it came too soon after the one before, since the reader had changed")


def test_a_newer_edition_covers_it(ready: House) -> None:
    with ready.services.database.read() as connection:
        found = stored.get(connection, "news")
    first = calendar.cut_by_hand(ready.services, found, "", "")
    ready.clock.go(minutes=1)
    home.publish_now(ready)
    publish.plan_editions(ready.services, first)
    assert said(ready)[1] == (
        "news/extra/1",
        "No mail: a newer edition was made before it could be, and has its news.",
    )


def test_an_unusable_address(ready: House) -> None:
    with ready.services.database.write() as connection:
        connection.execute(sa.update(t.subscriber).values(email="ann,bob@example.com"))
    home.publish_now(ready)
    (known,) = explaining.person(ready.services, READER, "", 10).standings
    assert standing_said.of_part(known.parts[0], known) == "No mail: no mail can be addressed to this address."


def test_not_made_yet(ready: House) -> None:
    with ready.services.database.write() as connection:
        editions.cut(
            connection, 1, "extra", home.START.replace(tzinfo=None), "UTC", due=ready.clock(), now=ready.clock()
        )
    assert last(ready) == "No mail: it is not made yet; the next run does that."


def test_an_earlier_one_is_under_way(planned: House) -> None:
    answered(planned, home.LOST)
    planned.clock.go(hours=1)
    home.take_in(planned, 2)
    home.publish_now(planned)
    assert last(planned).startswith("No mail: it waits until news/extra/1 is settled, which may have arrived on")


def test_the_subscription_began_later(house: House) -> None:
    home.publication(house)
    home.take_in(house, 1)
    home.publish_now(house)
    house.clock.go(minutes=30)
    home.subscribe(house, READER)
    assert last(house) == f"No mail: the subscription began later, on {MONDAY}, 05:30."


def test_it_was_paused_then(ready: House) -> None:
    subscriptions.act(ready.services, READER, "", Action.PAUSE, Cause("holiday"))
    ready.clock.go(hours=1)
    home.publish_now(ready)
    ready.clock.go(hours=1)
    subscriptions.act(ready.services, READER, "", Action.RESUME, Cause("back"))
    assert last(ready) == f"No mail: the subscription was paused then (since {MONDAY}, 05:00: holiday)."
    past = standing_said.of_past(standing(ready))
    assert past == [
        f"before that, {MONDAY}, 05:00: active, added by the operator",
        f"before that, {MONDAY}, 05:00: paused, holiday",
    ]


def test_it_was_paused_before_the_mail_was_made(ready: House) -> None:
    with ready.services.database.write() as connection:
        made = editions.cut(
            connection, 1, "extra", home.START.replace(tzinfo=None), "UTC", due=ready.clock(), now=ready.clock()
        )
    ready.clock.go(minutes=5)
    subscriptions.act(ready.services, READER, "", Action.PAUSE, Cause("holiday"))
    publish.plan_editions(ready.services, [made])
    assert last(ready) == f"No mail: the subscription was paused on {MONDAY}, 05:05, before the mail was made."


def test_the_address_is_suppressed(ready: House) -> None:
    with ready.services.database.write() as connection:
        subscribers.suppress(connection, 1, "it bounced 5 times")
    home.publish_now(ready)
    assert last(ready) == "No mail: the address is suppressed (it bounced 5 times)."
    assert following(ready) == "No edition comes: the address is suppressed (it bounced 5 times)."


def test_an_address_that_bounced_moved_and_is_mailed_again(ready: House) -> None:
    services = ready.services
    with services.database.write() as connection:
        person = subscribers.get(connection, READER, READER)
        bounces.suppress(connection, person, Cause("3 mails bounced", By.SERVER, Via.MAIL), ready.clock())
    home.publish_now(ready)
    assert last(ready) == f"No mail: the address was suppressed then (since {MONDAY}, 05:00: 3 mails bounced)."
    (known,) = explaining.person(services, READER, "", 10).standings
    assert standing_said.of_past(known) == [
        f"before that, {MONDAY}, 05:00: active, added by the operator",
        f"on {MONDAY}, 05:00 the address was suppressed: 3 mails bounced",
    ]
    ready.clock.go(hours=1)
    bounces.lift(services, READER, "wrote that it works")
    assert last(ready) == f"No mail: the address was suppressed then (since {MONDAY}, 05:00: 3 mails bounced)."
    addresses.change(services, READER, "bea@example.com")
    (known,) = explaining.person(services, "bea@example.com", "", 10).standings
    assert standing_said.of_past(known) == [
        f"on {MONDAY}, 05:00 the address was suppressed: 3 mails bounced",
        f"on {MONDAY}, 06:00 the address was mailed again: wrote that it works",
        f"on {MONDAY}, 06:00 the address was changed: {READER} -> bea@example.com",
    ]


@pytest.mark.parametrize(("action", "word"), [("pause", "paused"), ("cancel", "cancelled")])
def test_the_operator_stopped_the_edition(ready: House, action: str, word: str) -> None:
    with ready.services.database.write() as connection:
        made = editions.cut(
            connection, 1, "extra", home.START.replace(tzinfo=None), "UTC", due=ready.clock(), now=ready.clock()
        )
    deliver.steer(ready.services, action, edition=made)
    assert last(ready) == f"No mail: the operator {word} the edition."


def test_the_reader_lived_by_another_clock(ready: House) -> None:
    home.subscribe(ready, "bob@example.com", zone="America/New_York")
    ready.clock.go_to(2, 12, 1)
    home.pass_(ready)
    ready.clock.go(hours=1)
    subscriptions.edit(ready.services, subscriptions.Wanted(READER, "news", zone="America/New_York"))
    until = "Mon 2 Mar 2026, 08:01"  # in New York
    assert said(ready)[0] == (
        "news/day/1",
        f"No mail: the reader had another cadence or time zone then, until {until}.",
    )


# --- what comes next ------------------------------------------------------------------------------


def test_what_waits(ready: House) -> None:
    assert following(ready) == f"The next edition is due on {MONDAY}, 07:00; 1 story waits for it."
    assert said(ready) == []


def test_an_overdue_edition(ready: House) -> None:
    ready.clock.go_to(2, 7, 20)
    expected = f"The edition of {MONDAY}, 07:00 is due and not made yet: the next run (digest run) does that."
    assert following(ready) == expected
    home.pass_(ready)
    assert following(ready).startswith("The next edition is due on Tue 3 Mar 2026, 07:00")


def test_a_paused_publication(ready: House) -> None:
    publications.set_paused(ready.services, "news", paused=True)
    assert following(ready) == "No edition comes while news is paused (digest publication resume news)."


def test_a_removed_publication(ready: House) -> None:
    publications.remove(ready.services, "news")
    assert following(ready).startswith("No edition comes: ")


def test_a_cadence_that_is_not_offered_any_more(ready: House) -> None:
    with ready.services.database.write() as connection:
        connection.execute(sa.update(t.subscription).values(cadence="week"))
    assert following(ready) == "No edition comes: news has no cadence 'week' any more (digest subscriber edit)."


def test_the_state_and_the_newest_editions_only(ready: House) -> None:
    for number in range(2, 5):
        home.take_in(ready, number)
        home.publish_now(ready)
        home.deliver_all(ready)
        ready.clock.now += timedelta(hours=1)
    (known,) = explaining.person(ready.services, READER, "news", 2).standings
    assert [part.edition.name for part in known.parts] == ["news/extra/3", "news/extra/2"]
    assert standing_said.of_state(known) == f"Active since {MONDAY}, 05:00 (added by the operator)."


def test_a_mail_that_belongs_to_no_edition(planned: House) -> None:
    notice = {"kind": "notice", "edition_id": None, "subscription_id": None}
    with planned.services.database.write() as connection:
        connection.execute(sa.update(t.delivery).values(notice))
    home.deliver_all(planned)
    found = explaining.person(planned.services, READER, "", 10)
    (mail,) = found.others
    assert standing_said.below(mail, "UTC").startswith(
        f"Sent on {MONDAY}, 05:00 to {READER} with the Message-ID {ids(planned)}"
    )
    assert found.standings[0].parts[0].mail is None


def test_what_the_bounce_and_the_complaint_said(planned: House) -> None:
    """Reports that nothing proves are no facts."""
    home.deliver_all(planned)
    planned.clock.go(hours=1)
    message = ids(planned)
    bounces.take(
        planned.services,
        [
            Report(ReportKind.SOFT, READER, message_id=message, status="4.2.2", reason="mailbox full"),
            Report(ReportKind.HARD, READER, status="5.1.1", reason="somebody wrote this"),
        ],
    )
    sentence = last(planned)
    assert f", but it bounced on {MONDAY}, 06:00 (4.2.2 mailbox full), so its news is owed again" in sentence
    assert "somebody" not in sentence
    planned.clock.go(hours=1)
    bounces.take(planned.services, [Report(ReportKind.COMPLAINT, READER, message_id=message, by="a provider")])
    assert f"; a complaint about it came on {MONDAY}, 07:00" in last(planned)
    made = reporting.report(planned.services, "news/extra/1")
    assert made.back == {"bounce": 1, "complaint": 1}
