"""A person is forgotten: every column, every byte; what stays; who can come back, and how."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.audience.importing import Outcome
from digest.compose.letter import Notice
from digest.errors import Busy, UsageError
from digest.model.cause import By, Cause, Via
from digest.model.delivery import DeliveryKind, DeliveryState, Mark
from digest.pipeline import (
    addresses,
    confirmations,
    explaining,
    forgetting,
    mailed,
    moves,
    notices,
    personal,
    persons,
    rotation,
    subscriber_files,
    subscriptions,
)
from digest.pipeline.import_batch import How
from digest.pipeline.imprint import imprint
from digest.store import erasure, forgotten, scrubbing, subscribers
from digest.store import tables as t
from digest.store.ledger import StoredLedger
from tests.support import home, returned
from tests.support.home import House

NEEDLE = "qplantedq"
A, OLD, B = f"{NEEDLE}@example.org", f"former-{NEEDLE}@example.org", "b@example.org"
PLANTED = f"y{NEEDLE}y"  # no address, so that nothing finds it but by its column
WITH_NEEDLE = {"subscriber.email", "subscriber.email_key", "subscriber_tag.tag", "delivery.address"}  # from the start
OPERATOR = "chief@example.org"

#: Columns of a person's own rows that may keep what they have, and why that names nobody.
KEPT = {
    "subscription.cadence": "one of the publication's",
    "subscription.language": "a code; editions cannot be explained without",
    "subscription.zone": "a name; editions cannot be explained without",
    "subscription.topics": "names of topics; editions cannot be explained without",
    "subscription_event.action": "a word of ours",
    "subscription_event.before": "a state",
    "subscription_event.after": "a state",
    "subscription_event.by": "a word of ours",
    "subscription_event.via": "a word of ours",
    "waiver.topic": "the name of a topic",
    "waiver.reason": "a sentence of ours",
    "edition_skip.reason": "a sentence of ours",
    "delivery.message_id": "made with a key, of numbers",
    "delivery.owner": "a sender's process",
    "delivery.signed_with": "a key's name",
    "delivery.relay": "a relay's name",
    "delivery_event.before": "a state",
    "delivery_event.after": "a state",
    "report.status": "a code (RFC 3463)",
}
#: Text in tables whose rows belong to no person: nothing of readers is written there, but into `erasure.REMARKS`.
OTHERS = {
    "allowance": "",
    "article": "key identity external_id",
    "article_topic": "topic reason",
    "cadence": "every at",
    "clock": "cadence zone",
    "consent": "key language text",
    "correction": "level action title before",
    "correction_article": "role",
    "counter": "name",
    "deleted_delivery": "state",
    "edition": "zone kind state lateness approval",
    "edition_slot": "cadence",
    "forgotten": "mac",
    "image": "url_hash url state reason mime content",
    "import_run": "key origin",
    "last_pass": "",
    "leader": "role owner",
    "model_answer": "key text",
    "model_use": "day occasion",
    "publication": "name title zone language late sender look topics sources languages uncertain reply_to postal "
    "imprint nothing_new unapproved sign_up archive about consent thanks",
    "removal": "",
    "revision": "standing title language precision publisher url content_hash signature signature_as_it_came "
    "topic_hints image_url image_alt",
    "revision_body": "paragraphs cut",
    "revision_vector": "model vector",
    "source": "name kind location state publisher language topics memory last_error note login proxy",
    "source_line": "last_of text",
    "story": "title given_title first_precision last_precision languages topics",
    "story_article": "features why",
    "story_past": "",
    "storyline": "given_title",
    "topic": "name label kind code rule",
    # of letters, message and subject are looked through
    "variant": "key look language zone ranges subject message over known failing view made_for",
    "variant_entry": "kind section headline sentences reason",
}


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with home.open_house(tmp_path / "home", template=empty_home, DIGEST_MAIL_OPERATOR=OPERATOR) as opened:
        home.publication(opened)
        yield opened


def of_persons() -> set[sa.Table]:
    """The subscribers' table, and all that refer to it, directly or by another."""
    found = {t.subscriber}
    while True:
        more = {
            table for table in t.metadata.sorted_tables if any(key.column.table in found for key in table.foreign_keys)
        }
        if more <= found:
            return found
        found |= more


def texts(table: sa.Table) -> list[sa.Column[object]]:
    kinds = (sa.String, sa.JSON, sa.LargeBinary)
    return [c for c in table.columns if isinstance(c.type, kinds)]


def bounded(column: sa.Column[object]) -> bool:
    """Whether it holds one of a few words, by a constraint."""
    return any(
        isinstance(c, sa.CheckConstraint) and str(c.sqltext).startswith(f"{column.name} IN")
        for c in column.table.constraints
    )


def files_with(folder: Path, needle: str = NEEDLE) -> list[str]:
    """Those in the home, but for mails that were sent."""
    found = [p for p in folder.rglob("*") if p.is_file() and p.relative_to(folder).parts[0] != "maildir"]
    return sorted(p.name for p in found if needle.encode() in p.read_bytes().lower())


def run_sql(house: House, statement: sa.Executable) -> None:
    with house.services.database.write() as connection:
        connection.execute(statement)


def scalar(house: House, query: sa.Select[tuple[int]]) -> int:
    with house.services.database.read() as connection:
        return int(connection.execute(query).scalar_one())


def forget(house: House, email: str = A) -> forgetting.Done:
    done = forgetting.forget(house.services, email)
    assert done.trouble == []
    return done


def subscribe(house: House, email: str, name: str) -> None:
    """With the person's own name."""
    subscriptions.subscribe(house.services, subscriptions.Wanted(email, "news", name=name))


def live(house: House) -> None:
    """A life with everything in it: moved, mailed, bounced, asked, quoted, tagged, waiting."""
    home.publication(house, "other")
    subscribe(house, OLD, f"{NEEDLE.title()} Zoé")
    home.subscribe(house, B)
    first = returned.send(house, 1)
    returned.take(house, returned.report(house, first[OLD], "soft"))
    addresses.change(house.services, OLD, A)
    returned.send(house, 2)
    asked = subscriptions.Wanted(A, "other")
    cause = Cause("signed up", By.READER, Via.PAGE, origin=f"192.0.2.1 {NEEDLE}", consent="Yes.", language="en")
    confirmations.sign_up(house.services, asked, cause=cause)
    home.deliver_all(house)
    returned.take(house, returned.Report(returned.ReportKind.HARD, A, reason=f"550 <{A}>", by="mx.example.org"))
    notice(house, f"550 5.1.1 <{A}>: no such user")
    home.take_in(house, 3)
    home.publish_now(house)
    person = returned.person(house, A)
    run_sql(house, sa.insert(t.subscriber_tag).values(subscriber_id=person.id, tag=NEEDLE))
    folder = house.services.home.folder
    (folder / "digest.log").write_text(f"before\nValueError: <{A.upper()}> is wrong\nafter\n", encoding="utf-8")
    (folder / "preview").mkdir()
    (folder / "preview" / "message.eml").write_text(f"To: {A}\n", encoding="utf-8")


def notice(house: House, why: str) -> int:
    services = house.services
    with services.database.write() as connection:
        operator = notices.operator(connection, services, house.clock())
        assert operator is not None
        told = Notice("stopped", 1, house.clock(), why, commands=("digest deliver",))
        person, language, zone = operator
        single = notices.Single(
            DeliveryKind.NOTICE, "stopped:x", person, told, imprint(services.settings.mail), language, zone
        )
        return notices.plan(connection, services, single, house.clock())


def plant(house: House) -> None:
    """Write the needle into every text of the person's rows that may hold one."""
    person = returned.person(house, A)
    with house.services.database.write() as connection:
        held = sa.select(t.subscription.c.id).where(t.subscription.c.subscriber_id == person.id)
        mails = sa.select(t.delivery.c.id).where(t.delivery.c.subscriber_id == person.id)
        for table in of_persons():
            names = {"subscriber_id": [person.id], "subscription_id": held, "delivery_id": mails}
            mine = [table.c[name].in_(of) for name, of in names.items() if name in table.c] or [table.c.id == person.id]
            for column in texts(table):
                name = f"{table.name}.{column.name}"
                if name in KEPT or name in WITH_NEEDLE or bounded(column):
                    continue
                where = [*mine[:1], t.delivery.c.kind == "confirmation"] if name == "delivery.key" else mine[:1]
                value = {"to": PLANTED} if isinstance(column.type, sa.JSON) else sa.literal(PLANTED)
                if column.unique:
                    value = sa.literal(PLANTED) + sa.cast(table.c.id, sa.String)
                connection.execute(sa.update(table).where(*where).values({column.name: value}))


def test_of_each_column_it_is_known_what_becomes_of_it() -> None:
    mine = of_persons()
    assert {table.name for table in mine} | OTHERS.keys() == set(t.metadata.tables), "a new table: decide"
    for table in t.metadata.sorted_tables:
        if table not in mine:
            seen_to = {*OTHERS[table.name].split(), *erasure.REMARKS.get(table, ())}
            assert {c.name for c in texts(table)} == seen_to, f"{table.name}: a new column: decide"
    for name in KEPT:
        table_name, _, column = name.partition(".")
        assert column in t.metadata.tables[table_name].c, name


def test_no_byte_is_left(house: House) -> None:
    live(house)
    plant(house)
    house.services.database.close()  # the log is written into the file, where older copies lie about
    assert files_with(house.services.home.folder) == ["digest.db", "digest.log", "message.eml"]
    done = forget(house)
    assert files_with(house.services.home.folder) == []
    assert done.pseudonym.startswith("forgotten-")
    log = (house.services.home.folder / "digest.log").read_text(encoding="utf-8")
    assert log == f"before\nValueError: <{'*' * len(A)}> is wrong\nafter\n"
    with sqlite3.connect(house.services.home.folder / "digest.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_no_byte_is_left_where_sqlite_leaves_what_is_deleted(house: House) -> None:
    """As of a database that another program, or an older version, wrote to."""
    live(house)
    file = house.services.home.folder / "digest.db"
    house.services.database.close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.executemany("INSERT INTO counter VALUES (?, 0)", [(f"{A} {n} {'x' * 200}",) for n in range(500)])
        connection.commit()
        connection.execute("DELETE FROM counter WHERE name LIKE ?", (f"{A}%",))
        connection.commit()
    assert forget(house).pseudonym
    assert files_with(file.parent) == []


def test_editions_stay_explainable(house: House) -> None:
    live(house)
    before = [(edition, state) for edition, who, state in home.states(house) if who == A and state == "sent"]
    done = forget(house)
    name = done.pseudonym
    states = [(edition, state) for edition, who, state in home.states(house) if who == name]
    assert [each for each in states if each[1] == "sent"] == before
    assert ("news/extra/3", "suppressed") in states, "what waited"
    assert done.stopped == 1
    person = explaining.person(house.services, name, "", 10)
    assert person.subscriber.email == name
    assert {s.reader.publication.name for s in person.standings} == {"news", "other"}
    article = explaining.way(house.services, name, "1", "news")
    assert article.followed[0].findings, "an article's way is told too"
    shown = mailed.mailed(house.services, "news/extra/1", name)
    assert shown.message is None
    assert "was erased" in shown.withdrawn
    assert [who for _, who, _ in home.states(house)].count(B) == 3, "nobody else is touched"
    had = len(house.mails(A))
    home.deliver_all(house)
    assert len(house.mails(A)) == had, "nothing more is sent"
    assert len(house.mails(B)) == 3


def test_who_is_mailed_with_a_longer_address_keeps_theirs(house: House) -> None:
    longer = f"x{A}"
    home.subscribe(house, A)
    home.subscribe(house, longer)
    returned.send(house, 1)
    notice(house, f"550 <{longer}> was refused")
    run_sql(house, sa.update(t.subscription).values(reason=f"{longer} and {A}, wrote {A}."))
    name = forget(house).pseudonym
    assert returned.person(house, longer).email == longer
    with house.services.database.read() as connection:
        (held,) = subscribers.subscriptions(connection, returned.person(house, longer).id)
        assert held.reason == f"{longer} and {name}, wrote {name}."
    assert scalar(house, sa.select(sa.func.count()).where(t.variant.c.withdrawn_at.is_not(None))) == 0


def test_remarks_of_the_operator_lose_the_name(house: House) -> None:
    subscribe(house, A, "Ada Quill")
    home.subscribe(house, B)
    run_sql(house, sa.update(t.subscription_event).values(basis="Ada Quill asked for both, not Ada Quillfeather"))
    name = forget(house).pseudonym
    with house.services.database.read() as connection:
        found = connection.execute(sa.select(t.subscription_event.c.basis)).scalars().all()
    assert f"{name} asked for both, not Ada Quillfeather" in found


def test_a_notice_that_quotes_the_address_goes(house: House) -> None:
    home.subscribe(house, A)
    number = notice(house, f"550 5.1.1 <{A}>: no such user")
    forget(house)
    found = {d.id: d.state for d in home.listing(house)}
    assert found[number] is DeliveryState.SUPPRESSED, "it was not sent yet: it is not sent without its words"
    with house.services.database.read() as connection:
        assert connection.execute(sa.select(t.variant.c.message)).scalars().all() == [b""]


def test_a_late_bounce_brings_nothing_back(house: House) -> None:
    home.subscribe(house, A)
    sent = returned.send(house, 1)[A]
    late = returned.report(house, sent, reason=f"550 <{A}> no such user", by=f"mx.{NEEDLE}.example.org")
    loose = dataclasses.replace(late, token="", message_id="")
    other = returned.Report(returned.ReportKind.HARD, "someone@example.org", reason="550")
    forget(house)
    assert [one.did for one in returned.take(house, late, loose, other)] == ["noted", "unproven", "unproven"]
    listed = returned.kept(house)
    assert sorted(r.address for r in listed) == ["", "", "someone@example.org"]
    house.services.database.close()
    assert files_with(house.services.home.folder) == []


def test_a_mail_that_is_leaving_is_waited_for(house: House) -> None:
    home.subscribe(house, A)
    home.take_in(house, 1)
    home.publish_now(house)
    ledger = StoredLedger(house.services.database)
    (claimed,) = ledger.claim(house.clock(), 10, "me", 60)
    ledger.commit([], [Mark(claimed.delivery.id, claimed.epoch)], house.clock())
    before = home.all_rows(house)
    with pytest.raises(Busy, match="leaving just now"):
        forgetting.forget(house.services, A)
    assert home.all_rows(house) == before, "nothing was erased"


def test_a_mail_in_a_senders_hands_does_not_leave(house: House) -> None:
    home.subscribe(house, A)
    home.take_in(house, 1)
    home.publish_now(house)
    ledger = StoredLedger(house.services.database)
    (claimed,) = ledger.claim(house.clock(), 10, "me", 60)
    assert forget(house).stopped == 1
    mark = Mark(claimed.delivery.id, claimed.epoch)
    assert ledger.commit([], [mark], house.clock()).marked == frozenset()
    assert [d.state for d in home.listing(house)] == [DeliveryState.SUPPRESSED]


def test_what_is_uncertain_is_not_sent_again(house: House) -> None:
    home.subscribe(house, A)
    home.take_in(house, 1)
    home.publish_now(house)
    run_sql(house, sa.update(t.delivery).values(state="uncertain", was_uncertain=True))
    assert forget(house).stopped == 1
    home.deliver_all(house)
    assert house.mails(A) == []


@pytest.mark.parametrize("sent", [True, False])
def test_an_address_that_somebody_wanted_to_move_to(house: House, sent: bool) -> None:
    home.subscribe(house, B)
    moves.ask(house.services, B, A)
    if sent:
        assert home.deliver_all(house).sent == 1
    forget(house)
    house.services.database.close()
    assert files_with(house.services.home.folder) == []
    home.deliver_all(house)
    assert len(house.mails(A)) == sent


# --- coming back ------------------------------------------------------------------------------------


def test_no_hand_and_no_file_bring_them_back(house: House) -> None:
    live(house)
    forget(house)
    services = house.services
    for email in (A, A.upper().replace("EXAMPLE.ORG", "example.org"), OLD):
        wanted = subscriptions.Wanted(email, "news")
        with pytest.raises(UsageError, match="asked to be forgotten"):
            subscriptions.subscribe(services, wanted, cause=Cause("", basis="form"))
        with pytest.raises(UsageError, match="asked to be forgotten"):
            subscriptions.subscribe(services, wanted, cause=Cause("phoned", basis="form"), again=True)
        with pytest.raises(UsageError, match="asked to be forgotten"):
            confirmations.sign_up(services, wanted, cause=Cause(""))
        file = io.BytesIO(f"email,publication\n{email},news\n".encode())
        asked = subscriber_files.Import("-", How(basis="a list"))
        report = subscriber_files.import_file(services, asked, file)
        assert report.counts == {Outcome.FORGOTTEN: 1}
        with pytest.raises(UsageError, match="asked to be forgotten"):
            addresses.change(services, B, email)
        with pytest.raises(UsageError, match="asked to be forgotten"), services.database.read() as connection:
            persons.find(connection, services.home, email)
    house.services.database.close()
    assert files_with(house.services.home.folder) == []


@pytest.mark.parametrize("by", [By.READER, By.OPERATOR])
def test_they_alone_come_back(house: House, by: By) -> None:
    home.subscribe(house, A)
    forget(house)
    asked = subscriptions.Wanted(A, "news")
    cause = Cause("signed up", by, Via.PAGE if by is By.READER else Via.COMMAND)
    made, new = confirmations.sign_up(house.services, asked, cause=cause, again=by is By.OPERATOR)
    assert new
    assert made.state == "pending"
    with pytest.raises(UsageError, match="asked to be forgotten"):
        subscriptions.subscribe(house.services, asked)  # it is not confirmed yet
    home.deliver_all(house)
    found = re.search(r"^confirm (\S+)\s*$", home.plain_of(house.mails(A)[-1]), re.MULTILINE)
    assert found is not None
    confirmations.confirm(house.services, found[1])
    home.publication(house, "other")
    assert subscriptions.subscribe(house.services, subscriptions.Wanted(A, "other"))[1]
    assert scalar(house, sa.select(sa.func.count()).select_from(t.forgotten)) == 0
    returned.send(house, 1)
    assert len(house.mails(A)) == 2
    first = sorted(row[0] for row in home.all_rows(house)["subscriber"])
    forget(house)
    assert len(set(first)) == 2, "a second person, as far as anybody knows"
    house.services.database.close()
    assert files_with(house.services.home.folder) == []


def test_a_confirmed_move_frees_the_address(house: House) -> None:
    home.subscribe(house, A)
    home.subscribe(house, B)
    forget(house)
    addresses.change(house.services, B, A, Cause("confirmed", By.READER, Via.PAGE))
    assert returned.person(house, A).email == A
    assert scalar(house, sa.select(sa.func.count()).select_from(t.forgotten)) == 0


def test_a_stranger_can_be_forgotten(house: House) -> None:
    returned.take(house, returned.Report(returned.ReportKind.HARD, A, reason=f"<{A}> unknown"))
    done = forget(house)
    assert done.pseudonym == ""
    assert done.held.before is None
    assert files_with(house.services.home.folder) == []
    with pytest.raises(UsageError, match="asked to be forgotten"):
        home.subscribe(house, A)
    assert forget(house).held.before == house.clock()


@pytest.mark.parametrize("deliver", [True, False], ids=["sent", "waiting"])
def test_an_address_that_another_reader_wanted_goes(house: House, deliver: bool) -> None:
    """Somebody asked for mails there, by mistake or not; its owner never was a reader."""
    home.subscribe(house, B)
    moves.ask(house.services, B, A)
    if deliver:
        home.deliver_all(house)
        assert len(house.mails(A)) == 1
    assert files_with(house.services.home.folder) != []
    (mail,) = personal.data(house.services, A)["mails"]
    assert (mail["address"], mail["kind"]) == (A, "confirmation")
    assert B not in str(mail), "whose reader asked is somebody else's affair"
    assert len(personal.data(house.services, B)["mails"]) == 1
    forget(house, A.upper())
    assert personal.data(house.services, A)["mails"] == []
    assert files_with(house.services.home.folder) == []
    home.deliver_all(house)
    assert len(house.mails(A)) == deliver
    assert returned.person(house, B).email == B


def test_an_earlier_address_of_somebody_goes(house: House) -> None:
    home.subscribe(house, A)
    returned.send(house, 1)
    addresses.change(house.services, A, B)
    forget(house)
    assert files_with(house.services.home.folder) == []
    assert returned.person(house, B).email == B


def test_an_ask_to_the_address_that_is_leaving_is_waited_for(house: House) -> None:
    home.subscribe(house, B)
    moves.ask(house.services, B, A)
    run_sql(house, sa.update(t.delivery).values(state=DeliveryState.COMMITTING))
    with pytest.raises(Busy, match="leaving just now"):
        forget(house)
    with house.services.database.read() as connection:
        assert not persons.is_forgotten(connection, house.services.home, A)


def test_no_hash_of_the_address_stays_that_can_be_tried(house: House) -> None:
    """Whoever guesses the address could prove it by a hash without a key."""
    mine = home.subscribe(house, A)
    home.subscribe(house, B)
    with house.services.database.write() as connection:
        other = subscribers.get(connection, B, B)
        moves._ask(house.services, connection, other, A, house.clock())
    home.deliver_all(house)
    assert len(house.mails(A)) == 1
    short = hashlib.blake2b(mine.subscriber.email.encode(), digest_size=6).hexdigest()
    assert files_with(house.services.home.folder, short) != []
    forget(house)
    assert files_with(house.services.home.folder, short) == []


def test_somebody_elses_address_is_not_barred_with_it(house: House) -> None:
    """One who had moved, and whose old address is another's by now."""
    home.subscribe(house, OLD)
    addresses.change(house.services, OLD, A)
    home.subscribe(house, OLD)
    forget(house)
    assert returned.person(house, OLD).email == OLD
    home.publication(house, "other")
    assert home.subscribe(house, OLD, "other").state == "active"


def test_keys_change_and_they_stay_forgotten(house: House) -> None:
    home.subscribe(house, A)
    forget(house)
    rotation.rotate(house.services)
    with pytest.raises(UsageError, match="asked to be forgotten"):
        home.subscribe(house, A)
    rotation.retire(house.services, 2)
    with pytest.raises(UsageError, match="asked to be forgotten"):
        home.subscribe(house, A)
    assert forget(house).held.before is not None
    assert scalar(house, sa.select(sa.func.count()).select_from(t.forgotten)) == 1


def test_the_operator_is_told_to_change_the_setting_first(house: House) -> None:
    with pytest.raises(UsageError, match=r"mail\.operator"):
        forgetting.forget(house.services, OPERATOR)
    with house.services.database.read() as connection:
        assert forgotten.since(connection, [persons.mac_of(house.services.home, OPERATOR)]) is None


def test_articles_are_others_words(house: House) -> None:
    home.take_in(house, 1)
    run_sql(house, sa.update(t.revision).values(title=f"Write to {A}"))
    home.subscribe(house, A)
    assert forget(house).articles == 1


# --- killed -----------------------------------------------------------------------------------------

_KILLED = """
import os, signal, sys
from digest.store import {module}
{module}.{name} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
from digest.cli.main import run
run(["--home", sys.argv[1], "subscriber", "forget", sys.argv[2], "--yes"])
"""


@pytest.mark.parametrize(("module", "name", "erased"), [("erasure", "mentions", False), ("scrubbing", "scrub", True)])
def test_killed_in_the_middle_leaves_all_or_nothing(house: House, module: str, name: str, *, erased: bool) -> None:
    live(house)
    before = home.all_rows(house)
    folder = house.services.home.folder
    code = _KILLED.format(module=module, name=name)
    died = subprocess.run([sys.executable, "-c", code, str(folder), A], check=False, timeout=60, env=dict(os.environ))
    assert died.returncode == -signal.SIGKILL
    if not erased:
        assert home.all_rows(house) == before
    else:
        assert files_with(folder), "bytes of it lie about"
        assert home.all_rows(house) != before
    forget(house)  # once more mends both
    assert files_with(folder) == []


def test_where_another_reads_it_is_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    home.subscribe(house, A)
    scrub = scrubbing.scrub
    monkeypatch.setattr(scrubbing, "scrub", lambda d, w, **_: scrub(d, w, busy_seconds=0.1))
    with sqlite3.connect(house.services.home.folder / "digest.db", isolation_level=None) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM subscriber").fetchall()
        done = forgetting.forget(house.services, A)
        assert done.pseudonym
        assert len(done.trouble) == 1
        assert "old bytes may be left" in done.trouble[0]
    assert forget(house).held.before is not None
    assert files_with(house.services.home.folder) == []
