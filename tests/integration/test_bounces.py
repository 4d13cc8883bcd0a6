"""What reports do: to the mail, the subscription and the address."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from digest.deliver.retry import Stage
from digest.deliver.transports.base import Reply
from digest.errors import NotFound, UsageError
from digest.model.cause import By, Cause, Via
from digest.model.delivery import Delivery, DeliveryState
from digest.model.report import Report, ReportKind
from digest.pipeline import bounces, subscriptions
from digest.pipeline.bounces import Did
from digest.store import changes as store_changes
from digest.store import deliveries, reports, subscribers
from digest.store import tables as t
from tests.support import home, returned
from tests.support.home import House

A, B = "a@example.org", "b@example.org"
OK, SUPPRESSED = "ok", "suppressed"


@pytest.fixture
def ready(house: House) -> House:
    home.publication(house)
    for reader in (A, B):
        home.subscribe(house, reader)
    return house


def did(house: House, *found: Report, proven: bool = False) -> list[Did]:
    return [one.did for one in returned.take(house, *found, proven=proven)]


def told(house: House) -> list[tuple[str, str, str]]:
    """What became of A's subscription, by whom and by what means."""
    with house.services.database.read() as connection:
        (held,) = subscribers.subscriptions(connection, returned.person(house, A).id)
        return [(one.action, one.by, one.via) for one in store_changes.history(connection, held.id)]


def bounce_daily(house: House, days: int, kind: str = "hard", first: int = 1) -> list[bounces.Taken]:
    """An edition a day that A's server returns each time."""
    found = []
    for number in range(first, first + days):
        sent = returned.send(house, number)[A]
        house.clock.go(hours=1)
        found += returned.take(house, returned.report(house, sent, kind))
        house.clock.go(hours=23)
    return found


# --- scoring ---------------------------------------------------------------------------------------


def test_three_mails_on_three_days_suppress_the_address(ready: House) -> None:
    taken = bounce_daily(ready, 3)
    assert [one.did for one in taken] == [Did.COUNTED, Did.COUNTED, Did.SUPPRESSED]
    why = "3 mails bounced since 2 March 2026, the last: 550 5.1.1 no such user"
    assert taken[-1].effect == f"suppressed the address: {why}"
    assert returned.person(ready, A).address_reason == why
    assert returned.standing(ready, A) == (SUPPRESSED, {"news": "active"})
    assert returned.standing(ready, B)[0] == OK
    assert set(returned.send(ready, 9)) == {B}, "nothing is planned for it any more"


def test_soft_bounces_count_half(ready: House) -> None:
    taken = bounce_daily(ready, 6, "soft")
    assert [one.did for one in taken] == [Did.COUNTED] * 5 + [Did.SUPPRESSED]
    assert taken[0].effect == "the address has 0.5 of 3"


def test_many_of_one_day_count_once(ready: House) -> None:
    sent = [returned.send(ready, n)[A] for n in range(1, 5)]
    assert did(ready, *(returned.report(ready, d) for d in sent)) == [Did.COUNTED] * 4
    assert returned.kept(ready)[0].effect == "the address has 1 of 3"


def test_after_a_week_without_one_all_is_forgotten(ready: House) -> None:
    bounce_daily(ready, 2)
    ready.clock.go(days=8)
    assert [one.effect for one in bounce_daily(ready, 1, first=3)] == ["the address has 1 of 3"]


def test_settings_decide(tmp_path, empty_home) -> None:  # type: ignore[no-untyped-def]
    environ = {"DIGEST_BOUNCES_THRESHOLD": "1", "DIGEST_BOUNCES_SOFT": "0"}
    with home.open_house(tmp_path / "strict", template=empty_home, **environ) as house:
        home.publication(house)
        for reader in (A, B):
            home.subscribe(house, reader)
        sent = returned.send(house, 1)
        assert did(house, returned.report(house, sent[A]), returned.report(house, sent[B], "soft")) == [
            Did.SUPPRESSED, Did.COUNTED,
        ]  # fmt: skip


# --- proof -----------------------------------------------------------------------------------------


def test_a_token_with_any_other_character_proves_nothing(ready: House) -> None:
    sent = returned.send(ready, 1)
    good = returned.token(ready, sent[A])
    before = home.all_rows(ready)
    letters = "0123456789abcdefghijklmnopqrstuvwxyz.-"
    forged = [good[:n] + c + good[n + 1 :] for n in range(len(good)) for c in letters if c != good[n]]
    forged += [good[:-1], good + "0", "", good[::-1], returned.token(ready, sent[B])[:16] + good[16:]]
    found = [returned.report(ready, sent[A], token=token) for token in forged]
    assert set(did(ready, *found)) <= {Did.UNPROVEN, Did.KNOWN}
    after = home.all_rows(ready)
    assert {name for name in after if after[name] != before[name]} == {"report"}
    assert not any(one.weight for one in returned.kept(ready))
    assert did(ready, returned.report(ready, sent[A], token=good.upper())) == [Did.COUNTED]


def test_the_token_says_whose_mail_it_was_whatever_address_is_named(ready: House) -> None:
    """A reader forwards to B's mailbox, or wants B's mails stopped: it is the reader's own that counts."""
    sent = returned.send(ready, 1)
    (taken,) = returned.take(ready, returned.report(ready, sent[A], address=B))
    assert (taken.did, taken.subscriber) == (Did.COUNTED, A)
    (kept,) = returned.kept(ready)
    assert (kept.subscriber, kept.address, kept.delivery) == (A, B, sent[A].id)
    assert returned.kept(ready, subscriber=B) == []


def test_a_message_id_proves_it_and_a_number_does_not(ready: House) -> None:
    sent = returned.send(ready, 1)[A]
    bare = returned.report(ready, sent, token="")
    assert did(ready, replace(bare, message_id=str(sent.id))) == [Did.UNPROVEN]
    assert did(ready, replace(bare, message_id=sent.message_id.replace("e", "f"), reason="x")) == [Did.UNPROVEN]
    assert did(ready, replace(bare, message_id=sent.message_id)) == [Did.COUNTED]
    assert [str(one.proof) for one in returned.kept(ready)] == ["message", "", ""]
    without = replace(bare, message_id=sent.message_id.strip("<>"), kind=ReportKind.SOFT)
    assert did(ready, without) == [Did.COUNTED]


def test_an_address_alone_counts_only_from_who_is_proven(ready: House) -> None:
    returned.send(ready, 1)
    said = Report(ReportKind.HARD, address="A@Example.org", reason="bounced", at=ready.clock())
    assert did(ready, said) == [Did.UNPROVEN]
    assert did(ready, said, proven=True) == [Did.COUNTED]
    assert did(ready, replace(said, address="stranger@example.org"), proven=True) == [Did.NOTED]
    assert did(ready, replace(said, address="no address"), proven=True) == [Did.NOTED]
    assert [str(one.proof) for one in returned.kept(ready)] == ["provider", "provider", "provider", ""]


def test_what_a_provider_numbers_is_told_apart_by_its_numbers(ready: House) -> None:
    said = Report(ReportKind.HARD, address=A)
    done = [bounces.take(ready.services, [said], proven=True, event=event)[0].did for event in ("1", "1", "2")]
    assert done == [Did.COUNTED, Did.KNOWN, Did.COUNTED]


def test_unproven_ones_are_not_kept_for_ever(ready: House) -> None:
    sent = returned.send(ready, 1)[A]
    returned.take(ready, returned.report(ready, sent, token="forged"), returned.report(ready, sent))
    ready.clock.go(days=bounces.UNPROVEN_DAYS + 1)
    returned.take(ready, Report(ReportKind.SOFT, address=B))
    assert [str(one.proof) for one in returned.kept(ready)] == ["", "token"]


def test_hostile_words_are_kept_in_one_line(ready: House) -> None:
    sent = returned.send(ready, 1)[A]
    bad = "550 5.1.1 no\r\nsuch\x00\x1b[31m user\ud800 \u202egnp" + "x" * 5000
    assert did(ready, returned.report(ready, sent, reason=bad, address=bad, by=bad, status=bad)) == [Did.COUNTED]
    (kept,) = returned.kept(ready)
    assert kept.reason.startswith("550 5.1.1 no such [31m user gnp")
    assert len(kept.reason) == 300
    assert all(text.isprintable() for text in (kept.reason, kept.address, kept.reporter, kept.status))


@pytest.mark.parametrize("hours", [-300, 300])
def test_a_date_that_cannot_be_is_not_believed(ready: House, hours: int) -> None:
    sent = returned.send(ready, 1)[A]
    at = ready.clock.go(hours=2)
    ready.clock.go(hours=hours)
    wrong = ready.clock()
    ready.clock.now = at
    returned.take(ready, returned.report(ready, sent, at=wrong))
    assert returned.kept(ready)[0].at == at


@pytest.mark.parametrize(("proven", "via"), [(False, Via.MAIL), (True, Via.WEBHOOK)])
def test_by_what_means_it_was_told_is_on_record(ready: House, proven: bool, via: Via) -> None:
    sent = returned.send(ready, 1)[A]
    returned.take(ready, returned.report(ready, sent, "complaint"), proven=proven)
    assert told(ready)[-1] == ("unsubscribe", By.SERVER, via)


# --- once ------------------------------------------------------------------------------------------


def test_the_same_report_counts_once(ready: House) -> None:
    sent = returned.send(ready, 1)[A]
    report = returned.report(ready, sent)
    assert did(ready, report, report) == [Did.COUNTED, Did.KNOWN]
    rows = home.all_rows(ready)
    ready.clock.go(days=1)
    assert did(ready, report) == [Did.KNOWN]
    assert home.all_rows(ready) == rows


def test_one_mail_that_is_returned_every_day_never_suppresses(ready: House) -> None:
    """A reader's colleague who has one of the mails cannot end them all."""
    sent = returned.send(ready, 1)[A]
    for number in range(10):
        returned.take(ready, returned.report(ready, sent, address=f"x{number}@example.org"))
        ready.clock.go(days=1)
    assert returned.standing(ready, A)[0] == OK
    assert len(returned.kept(ready)) == 10


# --- what the mail told ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_what_bounced_is_told_in_the_next_edition(ready: House, kind: str) -> None:
    sent = returned.send(ready, 1)
    ready.clock.go(hours=1)
    returned.take(ready, returned.report(ready, sent[A], kind))
    assert [d.bounced_at for d in home.listing(ready) if d.id == sent[A].id] == [ready.clock()]
    ready.clock.go(days=1)
    returned.send(ready, 2)
    assert home.tokens(ready.mails(A)[-1]) == {home.token(1), home.token(2)}
    assert home.tokens(ready.mails(B)[-1]) == {home.token(2)}


@pytest.mark.parametrize("how", ["complaint", "unproven", "refused"])
def test_what_arrived_or_never_left_is_not_marked(ready: House, how: str) -> None:
    sent = returned.send(ready, 1)[A]
    if how == "refused":
        with ready.services.database.write() as connection:
            bounces.refused(ready.services, connection, sent, "5.1.1", returned.NOBODY, ready.clock())
    else:
        kind = "complaint" if how == "complaint" else "hard"
        token = "forged" if how == "unproven" else returned.token(ready, sent)
        returned.take(ready, returned.report(ready, sent, kind, token=token))
    assert [d.bounced_at for d in home.listing(ready)] == [None, None]


def in_state(house: House, delivery: Delivery, state: str, **values: object) -> None:
    with house.services.database.write() as connection:
        mine = t.delivery.c.id == delivery.id
        connection.execute(sa.update(t.delivery).where(mine).values(state=state, **values))


@pytest.mark.parametrize(("state", "was"), [("uncertain", True), ("held", True)])
def test_a_bounce_of_an_uncertain_mail_shows_that_it_was_taken(ready: House, state: str, was: bool) -> None:
    sent = returned.send(ready, 1)[A]
    in_state(ready, sent, state, was_uncertain=was, settled_at=None)
    returned.take(ready, returned.report(ready, sent))
    (now,) = [d for d in home.listing(ready) if d.id == sent.id]
    assert (now.state, now.bounced_at) == (DeliveryState.SENT, ready.clock())
    mails = len(ready.mails(A))
    home.deliver_all(ready)
    assert len(ready.mails(A)) == mails, "it is not sent again"


def test_a_bounce_that_is_quicker_than_our_books(ready: House) -> None:
    """The relay returned it before its answer was written down."""
    sent = returned.send(ready, 1)[A]
    in_state(ready, sent, "committing", settled_at=None)
    returned.take(ready, returned.report(ready, sent))
    (now,) = [d for d in home.listing(ready) if d.id == sent.id]
    assert (now.state, now.bounced_at) == (DeliveryState.COMMITTING, ready.clock())


# --- refusals in the session -----------------------------------------------------------------------


def refuse(house: House, reply: Reply) -> None:
    house.transport.on_begin = lambda recipient: reply if recipient == A else None


def test_a_refusal_counts_as_a_bounce_once(ready: House) -> None:
    refuse(ready, home.REFUSED)
    for number in range(1, 4):
        returned.send(ready, number)
        taken = bounces.count_refusals(ready.services)
        assert [(one.did, one.subscriber) for one in taken] == [(Did.SUPPRESSED if number == 3 else Did.COUNTED, A)]
        assert bounces.count_refusals(ready.services) == []
        ready.clock.go(days=1)
    assert returned.person(ready, A).address_reason == (
        "3 mails bounced since 2 March 2026, the last: 550 5.1.1 no such user"
    )
    assert {str(one.proof) for one in returned.kept(ready)} == {"session"}
    assert told(ready)[-1] == ("suppress", By.SERVER, Via.SESSION)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(550, "we do not like your address space", Stage.RCPT, "5.7.1"),
        Reply(552, "too large", Stage.RCPT, "5.3.4"),
        Reply(550, "blocked", Stage.RCPT),
        home.DEFERRED,
    ],
)
def test_other_refusals_do_not_count(ready: House, reply: Reply) -> None:
    refuse(ready, reply)
    returned.send(ready, 1)
    assert bounces.count_refusals(ready.services) == []
    assert returned.kept(ready) == []


def test_a_full_mailbox_that_was_given_up_counts_half(ready: House) -> None:
    refuse(ready, Reply(452, "mailbox full", Stage.RCPT, "4.2.2"))
    returned.send(ready, 1)
    ready.clock.go(days=2)
    home.deliver_all(ready)
    assert [one.did for one in bounces.count_refusals(ready.services)] == [Did.COUNTED]
    (kept,) = returned.kept(ready)
    assert (str(kept.kind), kept.status, kept.weight) == ("soft", "4.2.2", 0.5)


def test_what_a_crash_left_uncounted_is_counted_by_the_next_pass(ready: House) -> None:
    refuse(ready, home.REFUSED)
    returned.send(ready, 1)  # and nothing was counted: the process ended
    report = home.pass_(ready)
    assert [one.did for one in report.incoming.taken] == [Did.COUNTED]
    assert home.pass_(ready).incoming.taken == []


def test_more_refusals_than_one_transaction_takes(ready: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounces, "_AT_ONCE", 2)
    for number in range(5):
        home.subscribe(ready, f"r{number}@example.org")
    ready.transport.on_begin = lambda _recipient: home.REFUSED
    returned.send(ready, 1)
    assert len(bounces.count_refusals(ready.services)) == 7
    assert bounces.count_refusals(ready.services) == []


# --- complaints ------------------------------------------------------------------------------------


def test_a_complaint_ends_the_subscription_that_the_mail_came_from(ready: House) -> None:
    home.publication(ready, "other")
    home.subscribe(ready, A, "other")
    sent = returned.send(ready, 1)[A]
    home.take_in(ready, 2)
    home.publish_now(ready)
    (taken,) = returned.take(ready, returned.report(ready, sent, "complaint"))
    assert taken.did is Did.UNSUBSCRIBED
    assert taken.effect == "unsubscribed from news: reported as spam on 2 March 2026, says mx.example.org"
    assert returned.standing(ready, A) == (OK, {"news": "unsubscribed", "other": "active"})
    waiting = [d.state for d in home.listing(ready) if d.subscriber == A and d.id != sent.id]
    assert waiting == [DeliveryState.SUPPRESSED], "what waits does not go out"
    with pytest.raises(UsageError, match="cannot resume"):
        subscriptions.act(ready.services, A, "news", subscriptions.rules.Action.RESUME, Cause(""))


def test_a_complaint_about_no_known_mail_ends_them_all(ready: House) -> None:
    home.publication(ready, "other")
    home.subscribe(ready, A, "other")
    said = Report(ReportKind.COMPLAINT, address=A, by="provider")
    assert did(ready, said) == [Did.UNPROVEN]
    assert did(ready, said, proven=True) == [Did.UNSUBSCRIBED]
    assert returned.standing(ready, A) == (OK, {"news": "unsubscribed", "other": "unsubscribed"})
    assert did(ready, replace(said, by="again"), proven=True) == [Did.NOTED]


# --- suppressing, and lifting it --------------------------------------------------------------------


def test_what_waits_does_not_go_out_to_a_suppressed_address(ready: House) -> None:
    bounce_daily(ready, 2)
    sent = returned.send(ready, 3)[A]
    home.take_in(ready, 4)
    home.publish_now(ready)
    returned.take(ready, returned.report(ready, sent))
    (last,) = [d for d in home.listing(ready) if d.subscriber == A and d.id > sent.id]
    assert last.state is DeliveryState.SUPPRESSED
    assert last.reason.startswith("the address is suppressed: 3 mails bounced since 2 March 2026")
    mails = len(ready.mails(A))
    home.deliver_all(ready)
    assert len(ready.mails(A)) == mails


def test_lifting_begins_anew_and_brings_what_was_missed(ready: House) -> None:
    bounce_daily(ready, 3)
    returned.send(ready, 4)
    bounces.lift(ready.services, "A@example.org", "the mailbox is there again")
    assert returned.standing(ready, A) == (OK, {"news": "active"})
    sent = returned.send(ready, 5)
    assert home.tokens(ready.mails(A)[-1]) == {home.token(n) for n in range(1, 6)}
    (taken,) = returned.take(ready, returned.report(ready, sent[A]))
    assert taken.effect == "the address has 1 of 3"
    with ready.services.database.read() as connection:
        person = returned.person(ready, A)
        (held,) = subscribers.subscriptions(connection, person.id)
        changes = [(c.action, c.after, c.reason) for c in store_changes.history(connection, held.id)][1:]
    assert [c[:2] for c in changes] == [("suppress", "suppressed"), ("unsuppress", "ok")]
    assert changes[1][2] == "the mailbox is there again"


def test_only_what_is_suppressed_can_be_lifted(ready: House) -> None:
    with pytest.raises(UsageError, match="not suppressed"):
        bounces.lift(ready.services, A, "why not")
    with pytest.raises(NotFound):
        bounces.lift(ready.services, "c@example.org", "why not")
    returned.send(ready, 1)
    subscriptions.remove(ready.services, A)
    with pytest.raises(UsageError, match=r"removed by the operator.*--again"):
        bounces.lift(ready.services, A, "why not")


def test_who_was_never_mailed_is_removed_with_what_was_said_about_them(ready: House) -> None:
    returned.take(ready, Report(ReportKind.HARD, address=A), proven=True)
    assert subscriptions.remove(ready.services, A)
    assert returned.kept(ready) == []


# --- while others write -----------------------------------------------------------------------------


def test_reports_while_mails_are_being_sent(ready: House) -> None:
    """Every report counts once, no mail goes to an address after it was suppressed, and no delivery is lost."""
    readers = [f"r{n}@example.org" for n in range(30)]
    for reader in readers:
        home.subscribe(ready, reader)
    sent = returned.send(ready, 1)
    found = [returned.report(ready, sent[r]) for r in readers]
    with ready.services.database.write() as connection:
        for number, reader in enumerate(readers):  # two bounces each from the days before
            for day in (1, 2):
                person = subscribers.by_key(connection, reader)
                assert person is not None
                old = reports.NewReport(
                    key=f"{number}/{day}", kind=ReportKind.HARD, proof=bounces.Proof.PROVIDER,
                    at=ready.clock() - bounces.timedelta(days=day), subscriber=person.id, weight=1.0,
                )  # fmt: skip
                reports.add(connection, old, ready.clock())
    home.take_in(ready, 2)
    home.publish_now(ready)
    suppressed: set[str] = set()
    barred: set[str] = set()  # suppressed before the server had heard of the mail
    broken: list[str] = []

    def begin(recipient: str) -> None:
        if recipient in suppressed:
            barred.add(recipient)

    def send(recipient: str) -> None:
        if recipient in barred:
            broken.append(recipient)

    ready.transport.on_begin, ready.transport.on_send = begin, send
    taken: list[bounces.Taken] = []

    def hear(mine: list[Report]) -> None:
        for report in mine:
            taken.extend(returned.take(ready, report))
            suppressed.add(report.address)

    threads = [threading.Thread(target=hear, args=(found,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    home.deliver_all(ready)
    for thread in threads:
        thread.join()
    assert sorted(str(one.did) for one in taken) == ["known"] * 30 + ["suppressed"] * 30
    with ready.services.database.read() as connection:
        last = [d for d in deliveries.listing(connection) if d.id > max(s.id for s in sent.values())]
    assert {d.state for d in last} <= {DeliveryState.SENT, DeliveryState.SUPPRESSED}
    assert len(last) == 32
    arrived = {to for to, message in ready.transport.wire if home.token(2) in home.tokens(message)}
    assert {d.address for d in last if d.state is DeliveryState.SENT} == arrived
    assert broken == []
    home.take_in(ready, 3)
    home.publish_now(ready)
    barred.clear()
    home.deliver_all(ready)
    assert barred == set(), "none of them is even begun"
