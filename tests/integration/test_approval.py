"""An edition that waits for the operator: nothing of it leaves before the answer, whatever the answer is and when."""

from __future__ import annotations

import email
import email.policy
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from digest.deliver import approval
from digest.errors import UsageError
from digest.model.cause import Cause
from digest.model.delivery import DeliveryKind, DeliveryState, Mark
from digest.model.edition import Approval, Edition, EditionState
from digest.pipeline import approving, calendar, deliver, explaining, publications, publish
from digest.store import editions
from digest.store import tables as t
from digest.store.ledger import StoredLedger
from tests.support import home
from tests.support.home import House, open_house, token

S = DeliveryState
BOSS = "boss@example.net"
READERS = ("ann@example.org", "ben@example.org", "cem@example.org")


@pytest.fixture
def waiting(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    """A daily publication whose editions wait for two hours, with three readers; and an operator."""
    with open_house(tmp_path / "home", template=empty_home, DIGEST_MAIL_OPERATOR=BOSS) as house:
        home.publication(house, approval_hours=2.0)
        for reader in READERS:
            home.subscribe(house, reader)
        yield house


def edition(house: House, *numbers: int) -> None:
    """The edition of the next morning, with these articles."""
    home.take_in(house, *numbers)
    house.clock.go_to(house.clock.now.day + (house.clock.now.hour >= 7), 7)
    home.pass_(house)


def found(house: House, name: str = "news/day/1") -> Edition:
    with house.services.database.read() as connection:
        return editions.find(connection, name)


def of_readers(house: House) -> list[tuple[str, str]]:
    return [(name, state) for name, to, state in home.states(house) if to in READERS]


def notices(house: House) -> list[EmailMessage]:
    return [email.message_from_bytes(mail, policy=email.policy.default) for mail in house.mails(BOSS)]


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


# --- waiting ----------------------------------------------------------------------------------------


def test_nothing_leaves_before_it_is_approved_and_all_of_it_after(waiting: House) -> None:
    edition(waiting, 1)
    assert of_readers(waiting) == [("news/day/1", "planned")] * 3
    waiting.clock.go(minutes=119)
    home.pass_(waiting)
    home.deliver_all(waiting)
    assert [waiting.mails(reader) for reader in READERS] == [[], [], []]
    done = approving.approve(waiting.services, "news/day/1")
    assert (done.zones, done.mails) == (("UTC",), 3)
    home.deliver_all(waiting)
    assert of_readers(waiting) == [("news/day/1", "sent")] * 3
    assert found(waiting).approval is Approval.APPROVED
    assert approving.approve(waiting.services, "news/day/1").zones == (), "saying it again changes nothing"


def test_what_is_approved_hours_later_is_dated_then_and_tried_from_then_on(waiting: House) -> None:
    edition(waiting, 1)
    waiting.clock.go(minutes=110)
    approving.approve(waiting.services, "news/day/1")
    home.deliver_all(waiting)
    mail = email.message_from_bytes(waiting.mails(READERS[0])[0], policy=email.policy.default)
    assert mail["Date"].datetime == waiting.clock.now
    for sent in home.listing(waiting, edition=found(waiting).id):
        assert sent.date == waiting.clock.now
        assert sent.give_up_at is not None
        assert sent.give_up_at - waiting.clock.now > timedelta(hours=4)


def test_an_edition_that_waits_holds_up_no_other_one(waiting: House) -> None:
    home.publication(waiting, "other")
    home.subscribe(waiting, "dan@example.org", "other")
    edition(waiting, 1)
    assert len(waiting.mails("dan@example.org")) == 1
    assert waiting.mails(READERS[0]) == []


def test_what_waits_is_nobodys_to_claim_to_mark_or_to_change(waiting: House) -> None:
    edition(waiting, 1)
    with waiting.services.database.write() as connection:  # what would settle any other delivery
        moved = sa.update(t.subscriber).where(t.subscriber.c.email == READERS[0])
        connection.execute(moved.values(email="moved@example.org", email_key="moved@example.org"))
    before = home.listing(waiting, edition=found(waiting).id)
    assert [d.state for d in before] == [S.PLANNED] * 3
    ledger, now = StoredLedger(waiting.services.database), waiting.clock()
    for _ in range(3):
        assert ledger.claim(now, 100, "1-one", 900) == []
    assert ledger.recover(now) == 0
    answer = ledger.commit([], [Mark(d.id, d.epoch) for d in before], now)
    assert answer.marked == frozenset()
    assert home.listing(waiting, edition=found(waiting).id) == before, "neither claimed nor moved nor marked"


def test_a_test_mail_and_a_preview_do_not_wait(waiting: House) -> None:
    from digest.pipeline import preview, trial_mail

    edition(waiting, 1)
    assert preview.preview(waiting.services, "news", preview.Wish(email=READERS[0])).mail is not None
    assert trial_mail.send(waiting.services, "news", to="me@example.org").answered.sent


def test_an_extra_edition_waits_too(waiting: House) -> None:
    home.take_in(waiting, 1)
    home.publish_now(waiting)
    home.deliver_all(waiting)
    assert waiting.mails(READERS[0]) == []
    assert len(notices(waiting)) == 1


# --- no --------------------------------------------------------------------------------------------


def test_what_is_rejected_never_leaves_and_the_next_edition_has_its_news(waiting: House) -> None:
    edition(waiting, 1)
    done = approving.reject(waiting.services, "news/day/1", "the lead is\n wrong")
    assert (done.mails, done.overtaken) == (3, False)
    home.deliver_all(waiting)
    assert waiting.mails(READERS[0]) == []
    assert {d.reason for d in home.listing(waiting, edition=found(waiting).id)} == {
        "the edition was rejected: the lead is wrong"
    }
    edition(waiting, 2)
    approving.approve(waiting.services, "news/day/2")
    home.deliver_all(waiting)
    assert [home.tokens(mail) for mail in waiting.mails(READERS[0])] == [{token(1), token(2)}]
    assert approving.reject(waiting.services, "news/day/1").zones == (), "saying it again changes nothing"


def test_a_rejected_edition_whose_news_a_later_one_has_says_so(waiting: House) -> None:
    edition(waiting, 1)
    home.publish_now(waiting)
    done = approving.reject(waiting.services, "news/day/1")
    assert (done.mails, done.overtaken) == (0, True)


def test_what_was_said_cannot_be_unsaid(waiting: House) -> None:
    edition(waiting, 1)
    approving.reject(waiting.services, "news/day/1")
    with pytest.raises(UsageError, match=r"news/day/1: cannot approve an edition that was rejected \(its news goes"):
        approving.approve(waiting.services, "news/day/1")
    edition(waiting, 2)
    approving.approve(waiting.services, "news/day/2")
    with pytest.raises(UsageError, match=r"an edition that was approved .*digest delivery cancel news/day/2"):
        approving.reject(waiting.services, "news/day/2")
    assert deliver.steer(waiting.services, "cancel", edition=found(waiting, "news/day/2")) == 3
    with pytest.raises(UsageError, match="cannot approve an edition that was cancelled"):
        approving.approve(waiting.services, "news/day/2")


def test_what_waits_for_nobody_needs_no_answer(waiting: House) -> None:
    publications.edit(waiting.services, publications.Asked("news", approval_hours=0.0))
    edition(waiting, 1)
    assert len(waiting.mails(READERS[0])) == 1
    for say in (approving.approve, approving.reject):
        with pytest.raises(UsageError, match="waits for nobody"):
            say(waiting.services, "news/day/1")


def test_to_cancel_what_waits_is_to_reject_it(waiting: House) -> None:
    edition(waiting, 1)
    deliver.steer(waiting.services, "cancel", edition=found(waiting))
    assert (found(waiting).approval, found(waiting).approval_reason) == (
        Approval.REJECTED, "cancelled by the operator",
    )  # fmt: skip
    assert approving.waiting(waiting.services) == []


# --- time ------------------------------------------------------------------------------------------


def test_when_time_is_up_it_goes_out_if_the_publication_says_so(waiting: House) -> None:
    edition(waiting, 1)
    waiting.clock.go(hours=2)
    report = home.pass_(waiting)
    assert [(one.edition.name, one.goes, one.mails) for one in report.lapsed] == [("news/day/1", True, 3)]
    assert of_readers(waiting) == [("news/day/1", "sent")] * 3
    assert (found(waiting).approval, found(waiting).approval_reason) == (Approval.LAPSED, approval.SENT)
    assert home.pass_(waiting).lapsed == []
    with pytest.raises(UsageError, match=r"waits no longer: nobody .*digest delivery cancel"):
        approving.reject(waiting.services, "news/day/1")


def test_when_time_is_up_it_is_dropped_if_the_publication_says_so(waiting: House) -> None:
    publications.edit(waiting.services, publications.Asked("news", unapproved="drop"))
    edition(waiting, 1)
    waiting.clock.go(hours=2)
    (lapsed,) = home.pass_(waiting).lapsed
    assert (lapsed.goes, lapsed.mails) == (False, 3)
    assert of_readers(waiting) == [("news/day/1", "cancelled")] * 3
    assert found(waiting).state is EditionState.CANCELLED
    with pytest.raises(UsageError, match="cannot approve an edition that was dropped: nobody approved it in time"):
        approving.approve(waiting.services, "news/day/1")
    edition(waiting, 2)
    approving.approve(waiting.services, "news/day/2")
    home.deliver_all(waiting)
    assert [home.tokens(mail) for mail in waiting.mails(READERS[0])] == [{token(1), token(2)}]


def test_a_newer_edition_takes_the_readers_of_one_that_waits_and_that_is_said(waiting: House) -> None:
    publications.edit(waiting.services, publications.Asked("news", approval_hours=40.0))
    edition(waiting, 1)
    edition(waiting, 2)
    assert of_readers(waiting) == [("news/day/1", "expired")] * 3 + [("news/day/2", "planned")] * 3
    assert (found(waiting).approval, found(waiting).approval_reason) == (Approval.LAPSED, approval.TAKEN_OVER)
    assert [w.edition.name for w in approving.waiting(waiting.services)] == ["news/day/2"]
    approving.approve(waiting.services, "news/day/2")
    home.deliver_all(waiting)
    assert [home.tokens(mail) for mail in waiting.mails(READERS[0])] == [{token(1), token(2)}]


def test_who_leaves_while_it_waits_gets_nothing(waiting: House) -> None:
    from digest.audience.rules import Action
    from digest.pipeline import subscriptions

    edition(waiting, 1)
    subscriptions.act(waiting.services, READERS[0], "news", Action.UNSUBSCRIBE, Cause("by mail"))
    approving.approve(waiting.services, "news/day/1")
    home.deliver_all(waiting)
    assert waiting.mails(READERS[0]) == []
    assert len(waiting.mails(READERS[1])) == 1


# --- zones -----------------------------------------------------------------------------------------


def test_an_answer_is_for_all_zones_that_wait_or_for_the_one_that_is_named(waiting: House) -> None:
    for zone in ("Africa/Abidjan", "Atlantic/Reykjavik"):  # their seven o'clock is ours
        home.subscribe(waiting, f"{zone.partition('/')[2].lower()}@example.org", zone=zone)
    edition(waiting, 1)
    assert len(notices(waiting)) == 1, "one notice for all zones"
    assert "For Africa" not in plain(notices(waiting)[0])
    assert approving.reject(waiting.services, "news/day/1@Africa/Abidjan").zones == ("Africa/Abidjan",)
    assert set(approving.approve(waiting.services, "news/day/1").zones) == {"UTC", "Atlantic/Reykjavik"}
    home.deliver_all(waiting)
    assert (len(waiting.mails("reykjavik@example.org")), len(waiting.mails("abidjan@example.org"))) == (1, 0)


def test_a_zone_whose_hour_comes_later_waits_for_an_answer_of_its_own(waiting: House) -> None:
    home.subscribe(waiting, "ny@example.org", zone="America/New_York")
    edition(waiting, 1)
    approving.approve(waiting.services, "news/day/1")
    waiting.clock.go_to(2, 12)
    home.pass_(waiting)
    assert waiting.mails("ny@example.org") == [], "it may have other news"
    assert len(notices(waiting)) == 2
    assert "edition approve news/day/1@America/New_York" in plain(notices(waiting)[1])
    approving.approve(waiting.services, "news/day/1")
    home.deliver_all(waiting)
    assert len(waiting.mails("ny@example.org")) == 1


# --- what is told ----------------------------------------------------------------------------------


def test_the_operator_is_told_once_what_waits_with_the_mail_itself(waiting: House) -> None:
    edition(waiting, 1, 2)
    home.pass_(waiting)
    (notice,) = notices(waiting)
    assert notice["Subject"] == (
        "An edition waits for your approval: news/day/1 waits with 3 mails (variants: 1; languages: English)."
    )
    said = plain(notice)
    start = f"digest --home {waiting.services.home.folder} "
    assert [line.strip().removeprefix(start) for line in said.splitlines() if line.startswith("  digest ")] == [
        "edition approve news/day/1", "edition reject news/day/1", "edition show news/day/1",
    ]  # fmt: skip
    told = " ".join(said.split())
    assert "It waits until 2 March, 09:00 (UTC). If you say nothing until then, it goes out." in told
    assert "What 3 readers get (English)" in told
    assert token(1) in told
    assert "1 publisher" in told, "why it stands there"
    (inner,) = [part for part in notice.walk() if part.get_content_type() == "message/rfc822"]
    assert inner.get_filename() == "news-day-1.eml"
    mail = inner.get_payload(0)
    assert isinstance(mail, EmailMessage)
    assert home.tokens(mail.as_bytes()) == {token(1), token(2)}
    assert "boss@example.net" in mail["To"]
    approving.approve(waiting.services, "news/day/1")
    home.deliver_all(waiting)
    theirs = email.message_from_bytes(waiting.mails(READERS[0])[0], policy=email.policy.default)
    assert theirs["Subject"] == mail["Subject"]
    assert mail["List-Unsubscribe"] != theirs["List-Unsubscribe"], "the operator's click ends nobody's subscription"


def test_a_notice_that_cannot_be_made_is_said_and_the_edition_waits(waiting: House) -> None:
    broken = waiting.services.home.templates / "notice"
    broken.mkdir(parents=True)
    (broken / "body.txt").write_text("{{ page.nonsense }}")
    home.take_in(waiting, 1)
    report = home.publish_now(waiting)
    assert report.planned == 3
    assert "the notice that an edition waits cannot be made" in str(report.error)
    assert [d for d in home.listing(waiting) if d.kind is DeliveryKind.NOTICE] == []
    (broken / "body.txt").unlink()
    home.publish_now(waiting)
    assert [d for d in home.listing(waiting) if d.kind is DeliveryKind.NOTICE]


def test_explain_and_the_lists_say_that_it_waits(waiting: House) -> None:
    from digest.audience import standing_said

    edition(waiting, 1)
    (known,) = explaining.person(waiting.services, READERS[0], "", 5).standings
    assert standing_said.of_part(known.parts[0], known) == (
        "Made on Mon 2 Mar 2026, 07:00 and waits for the operator's approval, until Mon 2 Mar 2026, 09:00."
    )
    approving.reject(waiting.services, "news/day/1", "wrong")
    (known,) = explaining.person(waiting.services, READERS[0], "", 5).standings
    assert "the edition was rejected: wrong" in standing_said.of_part(known.parts[0], known)


# --- at once ----------------------------------------------------------------------------------------


def test_planning_goes_on_while_it_is_rejected_and_nothing_of_it_leaves(waiting: House) -> None:
    home.take_in(waiting, 1)
    home.meanwhile(waiting, lambda: approving.reject(waiting.services, "news/extra/1"))
    home.deliver_all(waiting)
    assert waiting.mails(READERS[0]) == []
    assert {state for _, state in of_readers(waiting)} <= {"cancelled"}
    edition(waiting, 2)
    approving.approve(waiting.services, "news/day/1")
    home.deliver_all(waiting)
    assert [home.tokens(mail) for mail in waiting.mails(READERS[0])] == [{token(1), token(2)}]


@pytest.mark.parametrize("answer", [approving.approve, approving.reject])
def test_an_answer_while_senders_run_is_taken_whole(waiting: House, answer: Any) -> None:
    for number in range(40):
        home.subscribe(waiting, f"r{number}@example.org")
    edition(waiting, 1)
    go, stop = threading.Barrier(3), threading.Event()

    def send() -> None:
        go.wait()
        while not stop.is_set():
            deliver.deliver(waiting.services)

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    go.wait()
    assert answer(waiting.services, "news/day/1").mails == 43
    stop.set()
    for sender in senders:
        sender.join()
    home.deliver_all(waiting)
    mails = [to for to, _ in waiting.transport.wire if to != BOSS]
    after = {str(d.state) for d in home.listing(waiting, edition=found(waiting).id)}
    if answer is approving.approve:
        assert len(mails) == len(set(mails)) == 43
        assert after == {"sent"}
    else:
        assert mails == []
        assert after == {"cancelled"}


def test_cut_is_planned_by_what_the_publication_says_then(waiting: House) -> None:
    with waiting.services.database.read() as connection:
        from digest.store import publications as stored

        publication = stored.get(connection, "news")
    (made,) = calendar.cut_by_hand(waiting.services, publication, "", "")
    assert made.approve_by == waiting.clock.now + timedelta(hours=2)
    assert publish.plan_editions(waiting.services, [made])[0].skipped == {"nothing new": 3}
    assert [one.reason for one in approving.lapse(waiting.services)] == [approval.NOBODY]
