"""Confirmations are deliveries: asked for once, sent like any mail, answered by a token, never news."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import re
from email.message import EmailMessage
from urllib.parse import unquote

import pytest

from digest.audience import rules, tokens
from digest.deliver.transports.base import Reply
from digest.errors import UsageError
from digest.model.cause import Cause
from digest.model.delivery import Delivery, DeliveryKind, DeliveryState, Mark
from digest.model.subscription import Subscription, SubscriptionState
from digest.pipeline import addresses, confirmations, deliver, moves, removing, subscriptions
from digest.pipeline.envelope import PREFERENCES
from digest.pipeline.messages import Messages
from digest.store import subscribers, windows
from digest.store.ledger import StoredLedger
from tests.support import home
from tests.support.home import DEFERRED, LOST, House

S = DeliveryState
A = "a@example.org"


@pytest.fixture
def asked(house: House) -> House:
    """A reader who signed up, and has not been mailed yet."""
    home.publication(house)
    sign_up(house)
    return house


def sign_up(house: House, address: str = A, **more: object) -> tuple[Subscription, bool]:
    wanted = subscriptions.Wanted(address, "news", **more)  # type: ignore[arg-type]
    return confirmations.sign_up(house.services, wanted, cause=Cause("asked for"))


def again(house: House) -> None:
    confirmations.sign_up(house.services, subscriptions.Wanted(A, "news"), cause=Cause("asked again"), again=True)


def the_mail(house: House, number: int = -1) -> EmailMessage:
    return email.message_from_bytes(house.mails(A)[number], policy=email.policy.default)


def token_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"^confirm (\S+)\r?$", body.get_content(), re.MULTILINE)
    assert found is not None
    return found[1]


def the_delivery(house: House) -> Delivery:
    return home.listing(house)[-1]


def state(house: House) -> SubscriptionState:
    with house.services.database.read() as connection:
        return subscribers.listing(connection)[0].state


def leave(house: House) -> None:
    subscriptions.act(house.services, A, "news", rules.Action.UNSUBSCRIBE, Cause("not me"))


def test_the_whole_way(asked: House) -> None:
    assert state(asked) is SubscriptionState.PENDING
    assert home.deliver_all(asked).sent == 1
    mail = the_mail(asked)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [name for name in mail.keys() if name.startswith("List-") or name == "Precedence"] == []  # noqa: SIM118
    assert mail["To"] == A
    assert mail["Message-ID"] == the_delivery(asked).message_id
    html = mail.get_body(("html",))
    assert html is not None
    (link,) = re.findall(r'href="\s*(mailto:[^"]+?)\s*"', html.get_content())
    token = token_in(mail)
    assert unquote(link) == f"mailto:digest@example.com?subject=confirm {token}"
    after, changed = confirmations.confirm(asked.services, token)
    assert (after.state, changed) == (SubscriptionState.ACTIVE, True)
    assert confirmations.confirm(asked.services, token)[1] is False, "links are opened twice"
    home.take_in(asked, 1)
    home.publish_now(asked)
    assert home.deliver_all(asked).sent == 1
    assert home.tokens(asked.mails(A)[-1]) == {home.token(1)}


def test_signing_up_twice_asks_once(asked: House) -> None:
    made, new = sign_up(asked)
    assert (made.state, new) == (SubscriptionState.PENDING, False)
    assert len(home.listing(asked)) == 1
    assert home.deliver_all(asked).sent == 1
    sign_up(asked)
    assert home.deliver_all(asked).sent == 0


def test_who_was_imported_as_pending_can_be_asked(house: House) -> None:
    home.publication(house)
    home.subscribe(house, A, state="pending")
    assert home.listing(house) == []
    sign_up(house)
    sign_up(house)
    assert home.deliver_all(house).sent == 1


def test_nothing_else_is_sent_before_the_answer(asked: House) -> None:
    home.take_in(asked, 1)
    assert home.publish_now(asked).planned == 0
    assert home.deliver_all(asked).sent == 1


def test_an_edition_neither_expires_a_confirmation_nor_waits_for_it(asked: House) -> None:
    for n in range(6):
        home.subscribe(asked, f"b{n}@example.org")
    home.take_in(asked, 1)
    assert home.publish_now(asked).planned == 6
    sign_up(asked, "late@example.org")
    first = home.listing(asked)[0]
    assert (first.kind, first.state) == (DeliveryKind.CONFIRMATION, S.PLANNED)
    assert home.deliver_all(asked).sent == 8
    # On two connections at a time.
    assert {A, "late@example.org"} <= {to for to, _ in asked.transport.wire[:3]}, "who waits for an answer comes first"


def test_it_covers_no_news(asked: House) -> None:
    home.take_in(asked, 1)
    home.deliver_all(asked)
    with asked.services.database.read() as connection:
        (subscription,) = subscribers.listing(connection)
        assert windows.covered(connection, [subscription.id]) == {}


def test_a_refusal_for_now_is_tried_again_with_the_same_bytes(asked: House) -> None:
    asked.transport.on_begin = lambda _to: DEFERRED
    home.deliver_all(asked)
    assert the_delivery(asked).state is S.DEFERRED
    asked.transport.on_begin = lambda _to: None
    asked.clock.go(hours=1)
    assert home.deliver_all(asked).sent == 1
    assert the_delivery(asked).attempts == 2


def test_one_that_may_have_arrived_is_sent_again_byte_for_byte(asked: House) -> None:
    asked.transport.on_send = lambda _to: LOST
    home.deliver_all(asked)
    assert the_delivery(asked).state is S.UNCERTAIN
    asked.transport.on_send = lambda _to: None
    asked.clock.go(hours=1)
    assert home.deliver_all(asked).sent == 1
    first, second = asked.mails(A)
    assert first == second


def test_it_is_given_up_after_a_day(asked: House) -> None:
    asked.transport.on_begin = lambda _to: DEFERRED
    home.deliver_all(asked)
    asked.clock.go(hours=25)
    home.deliver_all(asked)
    assert the_delivery(asked).state is S.FAILED


def test_one_that_never_went_out_within_a_day_does_not_go_out_any_more(asked: House) -> None:
    asked.clock.go(hours=24)
    assert home.deliver_all(asked).sent == 0
    assert the_delivery(asked).state is S.EXPIRED
    confirmations.resend(asked.services, A, "news")
    assert home.deliver_all(asked).sent == 1
    assert confirmations.confirm(asked.services, token_in(the_mail(asked)))[1]


@pytest.mark.parametrize("happens", ["unsubscribed", "confirmed", "suppressed"])
@pytest.mark.parametrize("when", ["planned", "claimed"])
def test_it_does_not_go_out_any_more_when_it_is_not_wanted(asked: House, happens: str, when: str) -> None:
    ledger = StoredLedger(asked.services.database)
    rows = [Mark(*c.row) for c in ledger.claim(asked.clock(), 9, "1-me", 900)] if when == "claimed" else []
    with asked.services.database.write() as connection:
        (found,) = subscribers.listing(connection)
        if happens == "suppressed":
            subscribers.suppress(connection, found.subscriber.id, "it bounced")
        elif happens == "confirmed":
            subscriptions.act_in(connection, found, rules.Action.CONFIRM, Cause("by hand"), asked.clock())
        else:
            subscriptions.act_in(connection, found, rules.Action.UNSUBSCRIBE, Cause("not me"), asked.clock())
    if rows:
        assert ledger.commit([], rows, asked.clock()).marked == set()
    else:
        assert home.deliver_all(asked).sent == 0
    assert the_delivery(asked).state is S.SUPPRESSED


def test_an_old_link_brings_nobody_back(asked: House) -> None:
    home.deliver_all(asked)
    old = token_in(the_mail(asked))
    leave(asked)
    with pytest.raises(UsageError, match="unsubscribed"):
        confirmations.confirm(asked.services, old)
    asked.clock.go(hours=1)
    again(asked)
    with pytest.raises(UsageError, match="earlier sign-up or address"):
        confirmations.confirm(asked.services, old)
    assert state(asked) is SubscriptionState.PENDING
    home.deliver_all(asked)
    assert confirmations.confirm(asked.services, token_in(the_mail(asked)))[1]


def test_a_link_expires_and_another_can_be_sent(asked: House) -> None:
    home.deliver_all(asked)
    old = token_in(the_mail(asked))
    asked.clock.go(days=7)
    with pytest.raises(UsageError, match="expired") as error:
        confirmations.confirm(asked.services, old)
    assert f"digest subscriber resend {A} --publication news" in str(error.value)
    confirmations.resend(asked.services, A, "")
    home.deliver_all(asked)
    new = token_in(the_mail(asked))
    assert new != old
    assert confirmations.confirm(asked.services, new)[1]


def test_what_is_no_token_of_ours_confirms_nothing(asked: House) -> None:
    home.deliver_all(asked)
    token = token_in(the_mail(asked))
    unsubscribe = tokens.sign(asked.services.home.secret(), "unsubscribe", "1")
    for wrong in (token[:-1], token[1:], token.swapcase(), "", ".", unsubscribe, token + "x"):
        with pytest.raises(UsageError, match="not one of ours"):
            confirmations.confirm(asked.services, wrong)
    with pytest.raises(UsageError, match="not one of ours"):
        subscriptions.unsubscribe_by_token(asked.services, token)
    assert state(asked) is SubscriptionState.PENDING


def test_it_is_resent_within_limits(asked: House) -> None:
    def resend() -> None:
        confirmations.resend(asked.services, A, "news")

    with pytest.raises(UsageError, match="on its way already"):
        resend()
    home.deliver_all(asked)
    with pytest.raises(UsageError, match=r"at 05:00 UTC \(wait until 05:10 UTC\)"):
        resend()
    for _ in range(2):
        asked.clock.go(minutes=10)
        resend()
        home.deliver_all(asked)
    asked.clock.go(hours=20)
    with pytest.raises(UsageError, match="was sent 3 confirmation mails in 7 days"):
        resend()
    leave(asked)
    with pytest.raises(UsageError, match="was sent 3"):
        again(asked)
    assert state(asked) is SubscriptionState.UNSUBSCRIBED, "nothing was done"
    assert len({token_in(the_mail(asked, n)) for n in range(3)}) == 3
    asked.clock.go(days=7)
    again(asked)
    assert home.deliver_all(asked).sent == 1


def test_one_address_is_asked_so_often_over_all_publications(asked: House) -> None:
    names = [f"p{n}" for n in range(7)]
    for name in names:
        home.publication(asked, name)
    for name in names[:5]:
        confirmations.sign_up(asked.services, subscriptions.Wanted(A, name), cause=Cause("asked for"))
    home.deliver_all(asked)
    what = r"was sent 6 confirmation mails in 7 days, over all publications \(.*confirm_times_in_all = 6\)"
    with pytest.raises(UsageError, match=what):
        confirmations.sign_up(asked.services, subscriptions.Wanted(A, "p5"), cause=Cause("asked for"))
    mover = home.subscribe(asked, "b@example.org")
    token = tokens.sign(asked.services.home.secret(), PREFERENCES, str(mover.id))
    moves.ask_by_page(asked.services, token, A)
    assert home.deliver_all(asked).sent == 0, "nor that mails come there already"
    sign_up(asked, "c@example.org")
    asked.clock.go(minutes=10)
    with pytest.raises(UsageError, match=what):
        confirmations.resend(asked.services, A, "news")
    asked.clock.go(days=7)
    confirmations.sign_up(asked.services, subscriptions.Wanted(A, "p5"), cause=Cause("asked for"))
    assert home.deliver_all(asked).sent == 1


def asks_to_move(house: House, reader: str, to: str) -> int:
    """How many mails somebody's asking for another address sends."""
    mover = home.subscribe(house, reader)
    moves.ask_by_page(house.services, tokens.sign(house.services.home.secret(), PREFERENCES, str(mover.id)), to)
    house.clock.go(minutes=11)
    return home.deliver_all(house).sent


def test_however_an_address_is_spelled_it_has_the_same_limits(house: House) -> None:
    """Whoever types its letters otherwise fills a mailbox no faster."""
    home.publication(house, "news")
    typed = ("reader@example.net", "Reader@example.net", "READER@example.net", "readeR@example.net")
    sent = [asks_to_move(house, f"m{n}@example.org", to) for n, to in enumerate(typed)]
    assert sent == [1, 1, 1, 0]


def test_however_it_is_spelled_its_owner_is_not_told_too_often(house: House) -> None:
    for name in ("news", *(f"p{n}" for n in range(6))):
        home.publication(house, name)
    for n in range(6):
        confirmations.sign_up(house.services, subscriptions.Wanted(A, f"p{n}"), cause=Cause("asked for"))
    home.deliver_all(house)
    assert asks_to_move(house, "m@example.org", A.replace("a@", "A@")) == 0


def test_mails_that_ask_about_a_new_address_count_too(house: House) -> None:
    names = [f"p{n}" for n in range(5)]
    for name in ("news", *names):
        home.publication(house, name)
    for n in range(2):
        home.subscribe(house, f"b{n}@example.org")
        moves.ask(house.services, f"b{n}@example.org", A)
        home.deliver_all(house)
        house.clock.go(minutes=10)
    for name in names[:4]:
        confirmations.sign_up(house.services, subscriptions.Wanted(A, name), cause=Cause("asked for"))
    with pytest.raises(UsageError, match="over all publications"):
        confirmations.sign_up(house.services, subscriptions.Wanted(A, "p4"), cause=Cause("asked for"))


def test_only_who_is_pending_is_asked_again(asked: House) -> None:
    home.deliver_all(asked)
    confirmations.confirm(asked.services, token_in(the_mail(asked)))
    asked.clock.go(hours=1)
    with pytest.raises(UsageError, match="is active"):
        confirmations.resend(asked.services, A, "news")


def test_a_suppressed_address_is_not_asked(asked: House) -> None:
    home.deliver_all(asked)
    asked.clock.go(hours=1)
    with asked.services.database.write() as connection:
        subscribers.suppress(connection, subscribers.listing(connection)[0].subscriber.id, "it bounced")
    with pytest.raises(UsageError, match="it bounced"):
        confirmations.resend(asked.services, A, "news")
    assert len(home.listing(asked)) == 1


def test_readers_who_are_told_the_same_share_a_variant(asked: House) -> None:
    sign_up(asked, "b@example.org")
    sign_up(asked, "c@example.org", language="nl")
    assert [d.variant for d in home.listing(asked)] == [1, 1, 2]
    home.deliver_all(asked)
    assert b"Bevestig even" in asked.mails("c@example.org")[0]
    assert token_in(the_mail(asked)) not in asked.mails("b@example.org")[0].decode()


def test_a_page_takes_the_place_of_the_mailbox(house: House) -> None:
    page = dataclasses.replace(house.services, confirm_page=lambda token: f"https://example.org/c/{token}")
    home.publication(house)
    confirmations.sign_up(page, subscriptions.Wanted(A, "news"), cause=Cause("asked for"))
    home.deliver_all(house)
    html = the_mail(house).get_body(("html",))
    assert html is not None
    (link,) = re.findall(r'href="\s*(\S+?)\s*"', html.get_content())
    assert link.startswith("https://example.org/c/")
    assert confirmations.confirm(house.services, link.removeprefix("https://example.org/c/"))[1]


def test_the_envelope_names_the_delivery_and_the_publications_sender(house: House) -> None:
    home.publication(house, sender="Paper <paper@example.net>")
    sign_up(house)
    sender, message, _ = Messages(house.services).of(the_delivery(house))
    assert re.fullmatch(r"paper\+[a-z0-9]+@example\.net", sender)
    assert b"From: Paper <paper@example.net>" in message


def test_refused_for_good_counts_as_any_refusal(asked: House) -> None:
    asked.transport.on_begin = lambda _to: Reply(550, "no such user", home.REFUSED.stage, "5.1.1")
    assert home.deliver_all(asked).failed == 1
    assert the_delivery(asked).state is S.FAILED
    deliver.steer(asked.services, "retry", delivery=str(the_delivery(asked).id))
    asked.transport.on_begin = lambda _to: None
    assert home.deliver_all(asked).sent == 1


def test_removing_an_article_leaves_it_alone(asked: House) -> None:
    home.subscribe(asked, "b@example.org")
    home.take_in(asked, 1)
    home.publish_now(asked)
    with asked.services.database.read() as connection:
        key = connection.exec_driver_sql("SELECT key FROM article").scalar_one()
    removing.remove(asked.services, [key], "asked by its publisher")
    assert home.listing(asked)[0].state is S.PLANNED
    assert home.deliver_all(asked).sent == 1


@pytest.mark.parametrize("sent", [True, False])
def test_what_went_to_an_old_address_does_not_confirm_a_new_one(asked: House, sent: bool) -> None:
    if sent:
        home.deliver_all(asked)
        old = token_in(the_mail(asked))
        asked.clock.go(minutes=10)
    addresses.change(asked.services, A, "b@example.org")
    if sent:
        with pytest.raises(UsageError, match="earlier sign-up or address"):
            confirmations.confirm(asked.services, old)
    assert home.deliver_all(asked).sent == 0, "what asks at the old address asks nobody any more"
    confirmations.resend(asked.services, "b@example.org", "news")
    assert home.deliver_all(asked).sent == 1
    mail = email.message_from_bytes(asked.mails("b@example.org")[-1], policy=email.policy.default)
    assert confirmations.confirm(asked.services, token_in(mail))[1]
