"""A new key between planning and sending: nothing is sent twice, and old links go on working."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.audience import tokens
from digest.deliver.message import Template
from digest.errors import UsageError
from digest.model.delivery import DeliveryState
from digest.pipeline import confirmations, copies, inbox, links, preferences, removing, rotation, subscriptions
from digest.pipeline.envelope import copy_link
from digest.store import tables as t
from digest.store import variants
from tests.support import home, returned
from tests.support.home import House

A, B = "a@example.org", "b@example.org"


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    web = {"DIGEST_WEB_URL": "https://news.example.org"}
    with home.open_house(tmp_path / "home", template=empty_home, **web) as opened:
        home.publication(opened)
        home.subscribe(opened, A)
        home.subscribe(opened, B)
        yield opened


def plan(house: House) -> None:
    home.take_in(house, 1)
    assert home.publish_now(house).planned == 2


def test_between_planning_and_sending(house: House) -> None:
    plan(house)
    ids = {d.message_id for d in home.listing(house)}
    rotation.rotate(house.services)
    home.pass_(house)
    home.publish_now(house)
    home.deliver_all(house)
    assert len(house.mails()) == 2, "each once"
    assert {d.message_id for d in home.listing(house)} == ids
    for mail in house.mails():
        assert any(f"Message-ID: {name}".encode() in mail for name in ids)


def test_while_a_mail_is_put_off_or_lost(house: House) -> None:
    plan(house)
    begins, sends = {A: [home.DEFERRED]}, {B: [home.LOST]}
    house.transport.on_begin = lambda to: begins[to].pop() if begins.get(to) else None
    house.transport.on_send = lambda to: sends[to].pop() if sends.get(to) else None
    home.deliver_all(house)
    before = house.mails(B)
    rotation.rotate(house.services)
    house.clock.go(hours=3)
    home.deliver_all(house)
    assert {d.state for d in home.listing(house)} == {DeliveryState.SENT}
    assert len(house.mails(A)) == 1
    assert len({*before, *house.mails(B)}) == 1, "a second copy is the same, byte for byte"


def test_what_is_composed_anew_keeps_its_message_id(house: House) -> None:
    home.take_in(house, 1, 2)
    assert home.publish_now(house).planned == 2
    ids = {d.address: d.message_id for d in home.listing(house)}
    rotation.rotate(house.services)
    removing.remove(house.services, ["1"], "asked for")
    home.pass_(house)
    assert {d.address: d.message_id for d in home.listing(house)} == ids
    for address, name in ids.items():
        (mail,) = house.mails(address)
        assert f"Message-ID: {name}".encode() in mail


def test_variants_made_before_are_found_and_can_be_spliced(house: House) -> None:
    """The key of a variant says nothing of ours, so that an edition goes on as it began."""
    plan(house)
    rotation.rotate(house.services)
    home.subscribe(house, "c@example.org")
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.edition).values(state="planning"))
        connection.execute(sa.update(t.subscription).values(changed_at=house.clock() - timedelta(days=1)))
    home.pass_(house)
    with house.services.database.read() as connection:
        made = connection.execute(sa.select(t.variant.c.id)).scalars().all()
        assert Template(variants.load(connection, made[0]).message)
    assert len(house.mails(A)) == 1


def test_links_of_older_keys_go_on_working(house: House) -> None:
    services = house.services
    plan(house)
    home.deliver_all(house)
    first, second = home.listing(house)
    asked = subscriptions.Wanted("new@example.org", "news")
    confirmations.sign_up(services, asked, cause=subscriptions.ADDED)
    home.deliver_all(house)
    text = home.plain_of(house.mails("new@example.org")[0])
    confirm = re.search(r"confirm (\S+\.\S+)\s", text)
    key = services.home.secret()
    with services.database.read() as connection:
        variant = connection.execute(sa.select(t.variant.c.key).where(t.variant.c.edition_id == 1)).scalar_one()
    copy = copy_link(services.home, 1, variant).rpartition("/")[2]
    reported = returned.report(house, second)  # with a token of the key that there is
    for _ in range(2):
        rotation.rotate(services)
    assert services.home.secret() != key
    unsubscribe = tokens.sign(key, "unsubscribe", str(first.subscription))
    assert links.linked(services, unsubscribe) is not None
    assert preferences.shown(services, tokens.sign(key, "preferences", str(first.subscription))) is not None
    found = copies.copied(services, copy)
    assert found is not None
    assert found.view is not None
    assert returned.take(house, reported)[0].did == "counted"
    assert links.end(services, unsubscribe) is not None
    if confirm is not None:
        assert confirmations.confirm(services, confirm[1])[1]


def test_a_mail_that_came_back_is_known_by_an_older_key(house: House) -> None:
    """Its reader looks for a token of ours among all that may be one."""
    plan(house)
    home.deliver_all(house)
    first = home.listing(house)[0]
    sender = f"digest+{returned.token(house, first)}@example.com"
    rotation.rotate(house.services)
    mail = (
        f"From: MAILER-DAEMON@mx.example.org\r\nTo: {sender}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
        "--x\r\nContent-Type: text/plain\r\n\r\nno such user\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {A}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x--\r\n"
    )
    (taken,) = inbox.take_message(house.services, mail.encode()).taken
    assert (taken.did, taken.subscriber) == ("counted", A)


def test_the_file_is_its_owners_alone_and_says_since_when(house: House) -> None:
    path = house.services.home.folder / "secret.key"
    before = path.read_text(encoding="utf-8")
    house.clock.go(days=1)
    rotation.rotate(house.services)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text(encoding="utf-8").endswith(before)
    newest, older = rotation.listed(house.services.home)
    assert newest.since == older.until == house.clock()


# --- an old key counts no more ------------------------------------------------------------------------


def test_a_retired_key_opens_nothing(house: House) -> None:
    services = house.services
    token = tokens.sign(services.home.secret(), "unsubscribe", "1")
    with pytest.raises(UsageError, match="signs what is sent"):
        rotation.retire(services, 1)
    with pytest.raises(UsageError, match="no key 2"):
        rotation.retire(services, 2)
    rotation.rotate(services)
    assert links.linked(services, token) is not None
    rotation.retire(services, 2)
    assert links.linked(services, token) is None
    with pytest.raises(UsageError, match="retired already"):
        rotation.retire(services, 2)


def test_no_mail_leaves_with_dead_links(house: House) -> None:
    plan(house)
    house.clock.go(minutes=1)
    rotation.rotate(house.services)
    with pytest.raises(UsageError, match="2 mails wait that may have links of key 2"):
        rotation.retire(house.services, 2)
    home.deliver_all(house)
    assert rotation.retire(house.services, 2).retired


def test_keys_of_the_environment_are_not_ours_to_write(tmp_path: Path, empty_home: Path) -> None:
    key = "a key that is long enough"
    with home.open_house(tmp_path / "home", template=empty_home, DIGEST_MAIL_SECRET=key) as opened:
        with pytest.raises(UsageError, match=r"DIGEST_MAIL_SECRET: .* \(put a new key \(openssl rand -hex 32\)"):
            rotation.rotate(opened.services)
        assert len(rotation.listed(opened.services.home)) == 1
