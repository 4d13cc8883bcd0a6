"""A reader's new address: nothing changes before it is confirmed there, and nobody learns who else is a reader."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from digest.audience import tokens
from digest.audience.rules import Action
from digest.errors import SettingsError, UsageError
from digest.model.cause import Cause
from digest.model.report import Report, ReportKind
from digest.model.subscription import Subscription
from digest.pipeline import addresses, bounces, moves, notices, publications, subscriptions
from digest.pipeline.envelope import PREFERENCES
from digest.store import changes as store_changes
from digest.store import subscribers
from digest.web import preferences as web_preferences
from tests.support import desk
from tests.support.home import (
    House,
    all_rows,
    deliver_all,
    links_in,
    listing,
    open_house,
    plain_of,
    publication,
    publish_now,
    subscribe,
    take_in,
)
from tests.support.web import FORM, Answer, Site, site

A, B, NEW = "anna@example.org", "bob@example.org", "new@example.net"
URL = "https://news.example.org"


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as opened:
        publication(opened, "news", title="The Morning")
        yield opened


@pytest.fixture
def web(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(web_preferences, "SECONDS", 0.0)
    made = site(house.services)
    yield made
    made.services.database.close()


@pytest.fixture
def mine(house: House) -> Subscription:
    wanted = subscriptions.Wanted(A, "news", language="en", zone="Europe/Brussels", name="Anna Ek")
    return subscriptions.subscribe(house.services, wanted)[0]


def give(web: Site, subscription: Subscription, to: str, headers: dict[str, str] | None = None) -> Answer:
    """The form with a new address."""
    path, body = f"/p/{web.token(subscription.id, PREFERENCES)}", urlencode({"move": "yes", "address": to}).encode()
    return web.ask("POST", path, body, {"content-type": FORM, **(headers or {})})


def asked(house: House, web: Site, subscription: Subscription, to: str = NEW) -> str:
    """The token that comes to the new address."""
    give(web, subscription, to)
    deliver_all(house)
    (token,) = links_in(house.mails(to)[-1], "/m/")
    return token


def press(web: Site, token: str, headers: dict[str, str] | None = None) -> Answer:
    return web.ask("POST", f"/m/{token}", b"", {"content-type": FORM, **(headers or {})})


def without_tokens(answer: Answer) -> str:
    return re.sub(r"\.\./u/[\w.-]+", "", answer.text)


def email(house: House, subscription: Subscription) -> str:
    with sqlite3.connect(house.services.database.file or "") as connection:  # as another process sees it
        query = "SELECT email FROM subscriber WHERE id = ?"
        return str(connection.execute(query, (subscription.subscriber.id,)).fetchone()[0])


def test_the_whole_way(house: House, web: Site, mine: Subscription) -> None:
    answer = give(web, mine, f" {NEW} ")
    assert answer.status == 200
    assert "Look in the new mailbox" in answer.text
    assert NEW not in answer.text
    assert email(house, mine) == A
    assert deliver_all(house).sent == 1
    (mail,) = house.mails(NEW)
    said = " ".join(plain_of(mail).split())
    assert "that go to a…@example.org now" in said
    assert "anna" not in mail.decode().lower(), "nobody knows yet whose address it is"
    (token,) = links_in(mail, "/m/")
    before = all_rows(house)
    page = web.ask("GET", f"/m/{token}")
    assert page.status == 200
    assert "n…@example.net" in page.text
    assert web.ask("HEAD", f"/m/{token}").status == 200
    assert web.ask("OPTIONS", f"/m/{token}").status == 204
    assert all_rows(house) == before, "scanners follow every link"
    done = press(web, token)
    assert done.status == 200
    assert "Your address has changed" in done.text
    assert email(house, mine) == NEW
    with house.services.database.read() as connection:
        last = store_changes.history(connection, mine.id)[-1]
    assert (last.action, last.by, last.via, last.origin) == ("move", "reader", "page", "127.0.0.1")
    assert deliver_all(house).sent == 1
    (notice,) = house.mails(A)
    told = " ".join(plain_of(notice).split())
    assert "From now on the mails go to n…@example.net, and no more to this address." in told
    assert "answer this mail" in told
    assert NEW not in plain_of(notice)
    take_in(house, 1)
    publish_now(house)
    deliver_all(house)
    assert (len(house.mails(NEW)), len(house.mails(A))) == (2, 1)
    again = press(web, token)
    assert (again.status, "Your address has changed" in again.text) == (200, True), "links are opened twice"
    assert deliver_all(house).sent == 0
    assert web.said == []


def test_the_notice_to_the_old_address_stays_with_it(house: House, web: Site, mine: Subscription) -> None:
    press(web, asked(house, web, mine))
    addresses.change(house.services, NEW, "third@example.org")  # before it has left
    deliver_all(house)
    assert len(house.mails(A)) == 1
    assert house.mails("third@example.org") == []


@pytest.mark.parametrize("who", ["nobody", "somebody", "myself", "suppressed", "removed", "unsubscribed", "too often"])
def test_the_answer_is_the_same_whoever_has_the_new_address(
    house: House, web: Site, mine: Subscription, who: str
) -> None:
    if who not in ("nobody", "myself"):
        other = subscribe(house, B)
    if who == "suppressed":
        with house.services.database.write() as connection:
            subscribers.suppress(connection, other.subscriber.id, "bounced too often")
    elif who == "removed":
        subscriptions.remove(house.services, B)
    elif who == "unsubscribed":
        subscriptions.act(house.services, B, "news", Action.UNSUBSCRIBE, Cause("test"))
    elif who == "too often":
        for _ in range(3):
            give(web, other, NEW)
            deliver_all(house)
            house.clock.go(minutes=10)
    to = {"nobody": NEW, "too often": NEW, "myself": A}.get(who, B)
    sent = len(house.mails(to))
    answer = give(web, mine, to)
    assert answer.status == 200
    plain = give(web, subscribe(house, "ann@example.org", zone="Europe/Brussels"), "d@example.net")
    assert without_tokens(answer) == without_tokens(plain)
    deliver_all(house)
    mails = house.mails(to)[sent:]
    # One that was removed before any mail is gone for good, so the address is nobody's.
    expected = {"nobody": 1, "removed": 1, "somebody": 1, "unsubscribed": 1}.get(who, 0)
    assert len(mails) == expected
    asks = [mail for mail in mails if links_in(mail, "/m/")]
    assert len(asks) == (expected if who in ("nobody", "removed") else 0)
    if who == "somebody":
        said = " ".join(plain_of(mails[0]).split())
        assert "Mails come here already, so nothing was changed." in said
        assert "anna" not in mails[0].decode().lower()
    assert email(house, mine) == A


@pytest.mark.parametrize("wrong", ["", "x", "a@b@c", "a@localhost\r\nBcc: x@example.org", "x" * 300 + "@example.org"])
def test_what_is_no_address_is_told_at_its_field(house: House, web: Site, mine: Subscription, wrong: str) -> None:
    before = all_rows(house)
    answer = give(web, mine, wrong)
    assert answer.status == 422
    assert 'id="address-wrong"' in answer.text
    assert "That is not an e-mail address" in answer.text
    assert all_rows(house) == before


def test_no_mailbox_is_filled(house: House, web: Site, mine: Subscription) -> None:
    """Three in seven days, ten minutes apart: to one address from whoever asks, and for one reader in all."""
    other = subscribe(house, B)
    for _ in range(4):
        for _ in range(2):  # at once: the first is still on its way, or has just gone
            give(web, mine, NEW)
            give(web, other, NEW)
            deliver_all(house)
        house.clock.go(minutes=10)
    assert len(house.mails(NEW)) == 3
    for n in range(4):
        give(web, mine, f"n{n}@example.net")
        deliver_all(house)
        house.clock.go(minutes=10)
    assert [to for to, _ in house.transport.wire if to.startswith("n") and to != NEW] == []
    house.clock.go(days=7)
    asked(house, web, mine)


@pytest.mark.parametrize("who", ["nobody", "somebody", "suppressed", "myself", "too often"])
def test_what_comes_of_the_next_asking_tells_nothing_either(
    house: House, web: Site, mine: Subscription, who: str
) -> None:
    """Who tries addresses has one mailbox of their own to look into."""
    other = subscribe(house, B) if who != "nobody" else mine
    if who == "suppressed":
        with house.services.database.write() as connection:
            subscribers.suppress(connection, other.subscriber.id, "bounced too often")
    for _ in range(3 if who == "too often" else 0):
        give(web, subscribe(house, f"c{house.clock():%H%M}@example.org"), B)
        deliver_all(house)
        house.clock.go(minutes=10)
    give(web, mine, A if who == "myself" else B)
    deliver_all(house)
    give(web, mine, NEW)
    deliver_all(house)
    assert house.mails(NEW) == [], "too soon, whoever the first address belongs to"
    house.clock.go(minutes=10)
    asked(house, web, mine)


def test_nobody_is_answered_sooner_than_others(
    house: House, web: Site, mine: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_preferences, "SECONDS", 1.0)
    for to in (A, NEW):
        began = time.monotonic()
        give(web, mine, to)
        assert time.monotonic() - began >= 1.0


def test_a_link_that_is_over_changes_nothing(house: House, web: Site, mine: Subscription) -> None:
    token = asked(house, web, mine)
    house.clock.go(days=7)
    before = all_rows(house)
    for method in ("GET", "POST"):
        answer = web.ask(method, f"/m/{token}", b"")
        assert answer.status == 410
        assert "This link does not work any more" in answer.text
        assert "example" not in answer.text
    assert all_rows(house) == before
    with pytest.raises(UsageError, match="expired"):
        moves.confirm(house.services, token)


@pytest.mark.parametrize("meanwhile", ["taken", "moved", "removed", "suppressed"])
def test_what_happened_meanwhile_counts(house: House, web: Site, mine: Subscription, meanwhile: str) -> None:
    token = asked(house, web, mine)
    if meanwhile == "taken":
        subscribe(house, NEW)
    elif meanwhile == "moved":
        addresses.change(house.services, A, "elsewhere@example.org")
    elif meanwhile == "removed":
        subscriptions.remove(house.services, A)
    else:
        with house.services.database.write() as connection:
            subscribers.suppress(connection, mine.subscriber.id, "bounced too often")
    before = all_rows(house)
    assert press(web, token).status == 410
    assert all_rows(house) == before


def test_a_token_for_something_else_is_of_no_use(house: House, web: Site, mine: Subscription) -> None:
    good = asked(house, web, mine)
    secret, until = house.services.home.secret(), house.clock() + timedelta(days=1)
    before = all_rows(house)
    forged = [good[:-1], good + "A", web.token(mine.id), web.token(mine.id, "move"), "x" * 5000]
    forged.append(tokens.sign_until(secret, "confirm", f"{mine.subscriber.id}:a:b:1", until))
    for bad in forged:
        for method in ("GET", "POST"):
            assert web.ask(method, f"/m/{bad}", b"").status == 404
    assert web.ask("GET", f"/p/{good}").status == web.ask("GET", f"/u/{good}").status == 404
    bound = tokens.sign_until(secret, "move", f"{mine.subscriber.id}:a:b:1", until)
    assert press(web, bound).status == 410, "bound to one that was sent"
    assert all_rows(house) == before


@pytest.mark.parametrize("headers", [{"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_form_of_another_site_is_refused(
    house: House, web: Site, mine: Subscription, headers: dict[str, str]
) -> None:
    assert give(web, mine, NEW, headers).status == 403
    token = asked(house, web, mine)
    assert press(web, token, headers).status == 403
    assert email(house, mine) == A


def test_without_pages_it_goes_by_mail(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home) as house:
        publication(house)
        subscribe(house, A)
        moves.ask(house.services, A, NEW)
        deliver_all(house)
        text = plain_of(house.mails(NEW)[0])
        (token,) = [line.split()[1] for line in text.splitlines() if line.startswith("move ")]
        assert f"mailto:digest@example.com?subject=move%20{token}" in text
        assert moves.is_move(house.services, token)
        assert moves.confirm(house.services, token).done
        deliver_all(house)
        assert len(house.mails(A)) == 1


def test_the_operator_is_told_what_the_reader_is_not(house: House, mine: Subscription) -> None:
    subscribe(house, B)
    with pytest.raises(UsageError, match="there is a subscriber with this address already"):
        moves.ask(house.services, A, B)
    moves.ask(house.services, A, NEW)
    with pytest.raises(UsageError, match="on its way already"):
        moves.ask(house.services, A, NEW)


def test_the_present_address_is_no_new_one(house: House, mine: Subscription) -> None:
    with pytest.raises(UsageError, match="their mails go there already"):
        moves.ask(house.services, A, A)
    assert listing(house) == []


def test_what_the_operator_has_to_mend_is_not_hidden_behind_an_answer_to_readers(
    house: House, web: Site, mine: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = asked(house, web, mine)
    house.clock.go(hours=1)
    before = all_rows(house)

    def plan(*_given: object) -> None:
        raise SettingsError("the key is gone")

    monkeypatch.setattr(notices, "plan", plan)
    assert give(web, mine, "other@example.net").status == 503
    assert press(web, token).status == 503
    assert all_rows(house) == before
    assert any("the key is gone" in line for line in web.said)


def test_a_broken_template_tells_nothing_of_the_new_address(house: House, web: Site, mine: Subscription) -> None:
    """What fails for nobody's address fails for each; what fails for its owner alone is the operator's to know."""
    subscribe(house, B, language="nl")
    bounced = subscribe(house, "bounced@example.net")
    with house.services.database.write() as connection:
        subscribers.suppress(connection, bounced.subscriber.id, "it bounced")
    subject = house.services.home.templates / "address" / "subject.txt"
    subject.parent.mkdir(parents=True)
    subject.write_text("{% if page.lang == 'nl' %}{{ page.nothing }}{% endif %}x", encoding="utf-8")
    answers = []
    for to in (NEW, B, "bounced@example.net"):
        answers.append(give(web, mine, to))
        house.clock.go(minutes=11)
    assert answers == [answers[0]] * 3
    assert answers[0].status == 200
    (line,) = web.said
    assert "subject.txt:1" in line
    assert B not in line
    subject.write_text("{{ page.nothing }}", encoding="utf-8")
    assert [give(web, mine, to).status for to in (NEW, B, "bounced@example.net", "d@example.net")] == [503] * 4


def test_a_bounce_or_complaint_from_the_new_address_says_nothing_of_the_reader(
    house: House, web: Site, mine: Subscription
) -> None:
    asked(house, web, mine)
    (ask,) = listing(house)
    for kind in (ReportKind.HARD, ReportKind.COMPLAINT):
        report = Report(kind, NEW, message_id=ask.message_id, status="5.1.1", reason="no such user")
        (taken,) = bounces.take(house.services, [report], proven=True)
        assert taken.did is bounces.Did.NOTED
    with house.services.database.read() as connection:
        assert str(subscribers.by_id(connection, mine.id).state) == "active"
        assert subscribers.by_id(connection, mine.id).subscriber.address_state == "ok"


def test_of_what_has_ended_no_address_is_changed(house: House, web: Site, mine: Subscription) -> None:
    publications.remove(house.services, "news")
    assert give(web, mine, NEW).status == 410
    assert listing(house) == []


def test_by_the_command_line(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    digest.well("publication", "add", "p", "--every", "day")
    digest.well("subscriber", "add", A, "--basis", "form", "--publication", "p")
    told = digest.well("subscriber", "move", A, NEW, "--confirm").out
    assert told == f"{NEW} is asked whether the mails to {A} are to come there. Next: digest deliver\n"
    assert "on its way already" in digest.refused("subscriber", "move", A, NEW, "--confirm")
    digest.well("deliver")
    (mail,) = digest.mails(NEW)
    (token,) = [line.split()[1] for line in desk.text_of(mail).splitlines() if line.startswith("move ")]
    assert digest.well("subscriber", "confirm", token).out == f"{A} is {NEW} from now on.\n"
    assert digest.well("subscriber", "confirm", token).out == f"{NEW} was the address already.\n"
    changes = digest.well("subscriber", "show", NEW, "--json").json["subscriptions"][0]["changes"]
    assert changes[-1]["reason"] == f"{A} -> {NEW}"
    digest.well("subscriber", "move", NEW, A)
    assert "earlier address" in digest.refused("subscriber", "confirm", token)
    assert "not one of ours" in digest.refused("subscriber", "confirm", token[:-1])
