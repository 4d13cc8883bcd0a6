"""What is older than it is to be kept goes, and nobody is mailed anything again for that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.audience import standing_said, tokens
from digest.audience.finding_said import Teller
from digest.audience.rules import Action
from digest.errors import UsageError
from digest.model.cause import By, Cause, Via
from digest.model.delivery import DeliveryState
from digest.model.explanation import Fate
from digest.model.report import Report, ReportKind
from digest.pipeline import (
    addresses,
    bounces,
    deliver,
    explaining,
    group,
    ingest,
    mailed,
    pruning,
    reporting,
    subscriptions,
)
from digest.store import asked, changes, deliveries, schema, subscribers, traces
from digest.store import tables as t
from tests.integration.test_editions_property import article
from tests.support import home
from tests.support.home import House, token

READER, OTHER = "ann@example.com", "bob@example.com"
SHORT = {
    "DIGEST_KEEP_ARTICLES": "100", "DIGEST_KEEP_EDITIONS": "50", "DIGEST_KEEP_DELIVERIES": "30",
    "DIGEST_KEEP_BOUNCES": "30", "DIGEST_KEEP_CONSENTS": "60", "DIGEST_KEEP_ORIGINS": "20",
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with home.open_house(tmp_path / "home", template=empty_home, **SHORT) as opened:
        home.publication(opened)
        home.subscribe(opened, READER)
        yield opened


def mail(house: House, *numbers: int, version: int = 1) -> None:
    home.take_in(house, *numbers, version=version)
    home.publish_now(house)
    home.deliver_all(house)


def pruned(house: House) -> dict[str, int]:
    """How many of each kind went."""
    report = pruning.prune(house.services)
    assert report.done
    return {name: amount.rows for name, amount in report.something.items()}


def count(house: House, table: sa.Table) -> int:
    with house.services.database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def said(house: House, number: int) -> tuple[Fate, str]:
    found = explaining.way(house.services, READER, str(number), "")
    (followed,) = found.followed
    teller = Teller(found.life, followed.reader, found.labels)
    (finding,) = followed.findings
    return finding.fate, " ".join(teller.sentences(finding))


# --- deliveries -----------------------------------------------------------------------------------


def test_the_record_of_an_old_mail_goes_and_nobody_is_mailed_it_again(house: House) -> None:
    mail(house, 1)
    house.clock.go(days=31)
    mail(house, 2)
    assert pruned(house) == {"deliveries": 1}
    assert [d.edition_name for d in home.listing(house)] == ["news/extra/2"]
    assert home.publish_now(house).skipped == {"nothing new": 1}
    mail(house, 3)
    assert home.tokens(house.mails(READER)[-1]) == {token(3)}


def test_it_is_said_that_the_record_is_gone(house: House) -> None:
    mail(house, 1)
    house.clock.go(days=31)
    mail(house, 2)
    pruned(house)
    fate, answer = said(house, 1)
    assert fate is Fate.TOLD
    assert "was sent on Mon 2 Mar 2026, 05:00; the record of it was deleted on 2 Apr 2026, after 31 days" in answer
    shown = mailed.mailed(house.services, "news/extra/1", READER)
    assert shown.message is None
    assert "It cannot be shown" in shown.withdrawn


def test_mails_are_still_counted(house: House) -> None:
    mail(house, 1)
    edition = home.listing(house)[0].edition
    house.clock.go(days=31)
    mail(house, 2)
    pruned(house)
    with house.services.database.read() as connection:
        assert deliveries.counts(connection, edition) == {"sent": 1}
        assert deliveries.counts(connection) == {"sent": 2}
    assert reporting.report(house.services, "news/extra/1").states == {DeliveryState.SENT: 1}


def test_the_records_are_found_by_their_numbers(house: House) -> None:
    """And not among all that were ever sent, for each few anew: the millionth goes as fast as the first."""
    mail(house, 1)
    house.clock.go(days=31)
    mail(house, 2)
    asked: list[tuple[str, object]] = []
    database = house.services.database
    kept = sa.event.listens_for(database.engine, "before_cursor_execute")
    kept(lambda _c, _cursor, statement, values, _context, _many: asked.append((statement, values)))
    assert pruned(house) == {"deliveries": 1}
    with database.read() as connection:
        named = [each for each in asked if "WHERE delivery.id" in each[0]]
        chosen = [each for each in named if each[0].startswith(("SELECT delivery.id", "INSERT INTO trace"))]
        assert len(chosen) == 4
        for text, values in chosen:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
            ways = [row[3] for row in plan if " delivery USING" in row[3]]
            assert ways, text
            assert all("INTEGER PRIMARY KEY" in way for way in ways), (text, ways)


@pytest.mark.parametrize("state", ["planned", "deferred", "uncertain", "held"])
def test_what_is_not_settled_stays(house: House, state: str) -> None:
    home.take_in(house, 1)
    home.publish_now(house)
    (found,) = home.listing(house)
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.delivery).values(state=state, uncertain="hold", planned_at=house.clock()))
    house.clock.go(days=400)
    with house.services.database.write() as connection:  # something newer, so that it is not the last of all
        row = dict(connection.execute(sa.select(t.delivery)).mappings().one())
        row |= {"id": 99, "key": "x", "message_id": "<x@y>", "state": "sent", "edition_id": None, "kind": "notice"}
        connection.execute(sa.insert(t.delivery).values(row))
    assert "deliveries" not in pruned(house)
    assert "editions" not in pruned(house)
    with house.services.database.read() as connection:
        assert deliveries.get(connection, str(found.id)).state == state


def test_what_goes_on_is_told_as_an_update_after_the_record_is_gone(house: House) -> None:
    def tell(number: int, version: int = 1) -> None:
        made = article(number, house.clock(), version=version, topic="sport", days_old=0)
        ingest.ingest(house.services, [made])
        group.group(house.services)
        home.publish_now(house)
        home.deliver_all(house)

    tell(1001)
    assert "Sa1001v1" in home.plain_of(house.mails(READER)[-1])
    house.clock.go(days=31)
    mail(house, 5)
    house.clock.go(days=31)
    mail(house, 6)
    assert {"deliveries", "editions"} <= set(pruned(house))
    tell(1001, version=2)
    text = home.plain_of(house.mails(READER)[-1])
    assert "Sc1001v2" in text
    assert "Sa1001v1" not in text


def test_a_bounce_that_comes_after_that_counts(house: House) -> None:
    mail(house, 1)
    (found,) = home.listing(house)
    house.clock.go(days=31)
    mail(house, 2)
    pruned(house)
    bounce = tokens.bounce_token(house.services.home.secret(), found.id)
    report = Report(ReportKind.HARD, READER, status="5.1.1", token=bounce)
    (taken,) = bounces.take(house.services, [report])
    assert taken.did is bounces.Did.COUNTED
    assert bounces.take(house.services, [report])[0].did is bounces.Did.KNOWN
    with house.services.database.read() as connection:
        assert not traces.variants(connection)
    assert "bounced" in said(house, 1)[1]


def test_a_complaint_after_that_ends_the_subscription(house: House) -> None:
    mail(house, 1)
    (found,) = home.listing(house)
    house.clock.go(days=31)
    mail(house, 2)
    pruned(house)
    bounce = tokens.bounce_token(house.services.home.secret(), found.id)
    (taken,) = bounces.take(house.services, [Report(ReportKind.COMPLAINT, READER, token=bounce)])
    assert taken.did is bounces.Did.UNSUBSCRIBED


def test_no_number_is_given_twice(house: House) -> None:
    mail(house, 1)
    before = home.listing(house)[-1].id
    house.clock.go(days=400)
    assert "deliveries" not in pruned(house)
    mail(house, 2)
    assert home.listing(house)[-1].id > before


def test_a_person_who_was_mailed_is_known_without_the_records(house: House) -> None:
    mail(house, 1)
    home.subscribe(house, OTHER)
    house.clock.go(days=31)
    mail(house, 2)
    subscriptions.act(house.services, READER, "", Action.UNSUBSCRIBE, Cause("enough"))
    pruned(house)
    with house.services.database.write() as connection:
        assert not subscribers.remove(connection, 1)


# --- editions -------------------------------------------------------------------------------------


def test_the_text_of_an_old_edition_goes_and_what_it_told_stays(house: House) -> None:
    mail(house, 1)
    house.clock.go(days=51)
    mail(house, 2)
    assert pruned(house) == {"deliveries": 1, "editions": 1}
    with house.services.database.read() as connection:
        first, second = connection.execute(sa.select(t.variant).order_by(t.variant.c.id)).mappings().all()
    assert (first["message"], first["view"], first["deleted_at"]) == (b"", None, house.clock())
    assert second["message"]
    assert second["deleted_at"] is None
    assert said(house, 1)[0] is Fate.TOLD


def test_a_failed_mail_whose_text_is_gone_is_not_sent_empty(house: House) -> None:
    house.transport.on_begin = lambda _to: home.REFUSED
    mail(house, 1)
    (found,) = home.listing(house)
    assert found.state is DeliveryState.FAILED
    house.clock.go(days=400)
    pruned(house)  # its record stays, it is the last
    with pytest.raises(UsageError, match="its text was deleted on 2027-04-06"):
        deliver.steer(house.services, "retry", delivery=str(found.id))


# --- articles -------------------------------------------------------------------------------------


def test_an_old_story_goes_with_all_that_was_made_of_it(house: House) -> None:
    mail(house, 1)
    house.clock.go(days=101)
    mail(house, 2)
    assert pruned(house)["articles"] == 1
    with house.services.database.read() as connection:
        titles = list(connection.execute(sa.select(t.revision.c.title).order_by(t.revision.c.id)).scalars())
        assert titles[0] == ""
        assert titles[1]
        assert connection.execute(sa.select(t.revision_body.c.revision_id)).scalars().all() == [2]
        words = "SELECT count(*) FROM article_index WHERE article_index MATCH 'tk1v1'"
        assert connection.exec_driver_sql(words).scalar_one() == 0
    assert not schema.check(house.services.database)
    fate, answer = said(house, 1)
    assert fate is Fate.REMOVED
    assert "articles are kept for 100 days" in answer


def test_what_mails_told_goes_with_the_last_of_the_articles(house: House) -> None:
    mail(house, 1)
    house.clock.go(days=101)
    mail(house, 2)
    assert pruned(house) == {"deliveries": 1, "editions": 1, "articles": 1, "traces": 2}
    assert count(house, t.trace) == 0
    assert home.publish_now(house).skipped == {"nothing new": 1}


def test_it_does_not_come_in_again_and_the_grouping_goes_on(house: House) -> None:
    mail(house, 1)
    house.clock.go(days=101)
    mail(house, 2)
    pruned(house)
    report = home.take_in(house, 1)
    assert (report.new, report.updated) == (0, 0)
    kept = house.services.memory
    home.take_in(house, 3, 4)
    assert kept
    home.publish_now(house)
    home.deliver_all(house)
    assert home.tokens(house.mails(READER)[-1]) == {token(3), token(4)}


def test_a_story_that_goes_on_keeps_its_past(house: House) -> None:
    for number in (1001, 1002):
        made = article(number, house.clock(), version=1, topic="sport", days_old=0)
        ingest.ingest(house.services, [made])
        group.group(house.services)
        if number == 1001:
            house.clock.go(hours=30)
    assert count(house, t.story) == 1
    house.clock.now = home.START + timedelta(days=100, hours=29)
    assert "articles" not in pruned(house)
    house.clock.go(hours=2)
    assert pruned(house) == {"articles": 2}


def test_what_a_reader_may_be_owed_stays_however_short_articles_are_kept(tmp_path: Path, empty_home: Path) -> None:
    with home.open_house(tmp_path / "home", template=empty_home, DIGEST_KEEP_ARTICLES="1") as house:
        home.publication(house)
        home.subscribe(house, READER)
        home.take_in(house, 1)
        house.clock.go(days=13)
        assert "articles" not in pruned(house)
        home.publish_now(house)
        home.deliver_all(house)
        assert home.tokens(house.mails(READER)[-1]) == {token(1)}
        house.clock.go(days=2)
        assert pruned(house)["articles"] == 1


# --- people ---------------------------------------------------------------------------------------


def act(house: House, action: Action, origin: str = "") -> None:
    cause = Cause("asked for it", By.READER, Via.PAGE, origin=origin, consent="I agree.", language="en")
    subscriptions.act(house.services, READER, "", action, cause)


def history(house: House) -> list[changes.Change]:
    with house.services.database.read() as connection:
        return changes.history(connection, 1)


def test_network_addresses_go_first(house: House) -> None:
    act(house, Action.PAUSE, "192.0.2.7")
    house.clock.go(days=21)
    act(house, Action.RESUME, "192.0.2.8")
    assert pruned(house) == {"origins": 1}
    assert [c.origin for c in history(house)][-2:] == ["", "192.0.2.8"]


def test_the_end_stays_whatever_became_of_the_address_later(house: House) -> None:
    act(house, Action.UNSUBSCRIBE)
    addresses.change(house.services, READER, "new@example.org")
    house.clock.go(days=61)
    assert "consents" in pruned(house)
    assert [c.action for c in history(house)] == ["unsubscribe", "move"]


def test_the_end_stays_and_what_was_chosen_after_it_goes(house: House) -> None:
    act(house, Action.UNSUBSCRIBE)
    subscriptions.edit(house.services, subscriptions.Wanted(READER, "", topics=("sport",)))
    assert [c.action for c in history(house)] == ["subscribe", "unsubscribe", "change"]
    house.clock.go(days=61)
    assert pruned(house)["consents"] == 2
    assert [c.action for c in history(house)] == ["unsubscribe"]


def test_of_a_subscription_that_ended_only_the_end_is_known(house: House) -> None:
    home.publish_now(house)
    house.clock.go(hours=1)
    act(house, Action.PAUSE)
    act(house, Action.UNSUBSCRIBE)
    before = len(history(house))
    house.clock.go(days=59)
    assert "consents" not in pruned(house)
    house.clock.go(days=2)
    assert pruned(house) == {"consents": before - 1}
    assert [c.after for c in history(house)] == ["unsubscribed"]
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.edition).values(deleted_at=None))  # as of an edition that nobody was left out of
        (held,) = subscribers.listing(connection)
        known = explaining.standing(connection, held, 5, house.clock())
    assert "what the subscription was then is not on record any more" in standing_said.of_part(known.parts[0], known)
    with house.services.database.read() as connection:
        assert subscribers.by_id(connection, 1).state == "unsubscribed"


def test_of_one_that_goes_on_nothing_is_lost(house: House) -> None:
    act(house, Action.PAUSE)
    act(house, Action.RESUME)
    house.clock.go(days=4000)
    before = history(house)
    pruned(house)
    assert history(house) == before
    assert count(house, t.consent) == 1


# --- the rest -------------------------------------------------------------------------------------


def test_answers_and_web_logs_go_by_their_days(house: House) -> None:
    with house.services.database.write() as connection:
        asked.remember(connection, "a", "old", house.clock())
        asked.remember(connection, "b", "young", house.clock() + timedelta(days=2))
    folder = house.services.home.folder / "weblog"
    folder.mkdir()
    for name in ("2026-03-01.log", "2026-03-03.log", "notes.log"):
        (folder / name).write_text("GET /\n")
    house.clock.go(days=31)
    assert pruned(house) == {"answers": 1, "weblog": 1}
    assert sorted(p.name for p in folder.iterdir()) == ["2026-03-03.log", "notes.log"]


def test_zero_is_for_ever(tmp_path: Path, empty_home: Path) -> None:
    values = dict.fromkeys([*SHORT, "DIGEST_KEEP_ANSWERS", "DIGEST_KEEP_WEBLOG"], "0")
    with home.open_house(tmp_path / "home", template=empty_home, **values) as house:
        home.publication(house)
        home.subscribe(house, READER)
        mail(house, 1)
        house.clock.go(days=30_000)
        mail(house, 2)
        before = home.all_rows(house)
        assert pruned(house) == {}
        assert home.all_rows(house) == before


def test_what_is_foretold_goes_and_foretelling_changes_nothing(house: House) -> None:
    mail(house, 1)
    act(house, Action.PAUSE, "192.0.2.7")
    act(house, Action.RESUME)
    house.clock.go(days=101)
    mail(house, 2)
    before = home.all_rows(house)
    foretold = pruning.preview(house.services)
    assert home.all_rows(house) == before
    done = pruning.prune(house.services)
    after = {name: amount for name, amount in done.gone.items() if name != "traces"}
    assert {name: amount for name, amount in foretold.gone.items() if name != "traces"} == after
    assert done.total.bytes > 1000


def test_a_pass_does_it_once_a_day(house: House) -> None:
    mail(house, 1)
    house.clock.go(days=31)
    mail(house, 2)
    assert home.pass_(house).pruned.something["deliveries"].rows == 1
    mail(house, 3)
    with house.services.database.write() as connection:
        old = house.clock() - timedelta(days=300)
        connection.execute(sa.update(t.delivery).values(planned_at=old, settled_at=old))
    assert not home.pass_(house).pruned.something
    house.clock.go(days=1)
    assert home.pass_(house).pruned.something["deliveries"].rows >= 1
