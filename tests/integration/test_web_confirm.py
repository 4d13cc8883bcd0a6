"""The page behind a confirmation mail: looking changes nothing, the button subscribes, each other link has its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.audience import tokens
from digest.audience.rules import Action
from digest.model.cause import Cause
from digest.pipeline import addresses, confirmations, publications, subscriptions
from digest.store import subscribers
from tests.support.home import House, all_rows, deliver_all, listing, open_house, take_in
from tests.support.signing_up import URL, form_of, held, history, link_in, post
from tests.support.web import Answer, Site, over_http, site

A = "anna@example.org"


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as opened:
        asked = publications.Asked(
            "news", title="The Morning", every=["day", "week"], at="07:00", zone="Europe/Brussels", sign_up="open",
            consent=["We keep your address in Delft."],
        )  # fmt: skip
        publications.add(opened.services, asked)
        yield opened


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


@pytest.fixture
def link(house: House) -> str:
    """Of somebody who was asked."""
    return asked(house)


def asked(house: House, email: str = A) -> str:
    wanted = subscriptions.Wanted(email, "news", cadence="day", language="en")
    confirmations.sign_up(house.services, wanted, cause=Cause("asked for"), again=True)
    assert deliver_all(house).sent == 1
    return link_in(house.mails(email)[-1])


def press(web: Site, path: str, do: str = "confirm", headers: dict[str, str] | None = None) -> Answer:
    return post(web.application(), path, form_of(web.ask("GET", path).text).filled(do=do), headers or {})


def state(house: House) -> str:
    return str(held(house, A)[0].state)


# --- the way it goes ----------------------------------------------------------------------------------


def test_looking_changes_nothing(house: House, web: Site, link: str) -> None:
    before = all_rows(house)
    answer = web.ask("GET", link)
    assert answer.status == 200
    for said in ("The Morning", "a…@example.org", "(every day)", "We keep your address in Delft."):
        assert said in answer.text
    assert "anna" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script|style=|\son\w+=", answer.text)
    with web.served() as server:
        for method in ("GET", "HEAD"):
            assert over_http(server, method, f"{link}?do=confirm").status == 200
        assert over_http(server, "OPTIONS", link).headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert all_rows(house) == before


def test_the_button_subscribes_and_keeps_what_was_agreed_to(house: House, web: Site, link: str) -> None:
    answer = press(web, link)
    assert answer.status == 200
    assert "You are subscribed<" in answer.text
    assert "The next mail: Monday, 2 March 2026, 07:00, if there is something new by then." in answer.text
    (mine,) = held(house, A)
    assert mine.state == "active"
    assert f'href="../p/{web.token(mine.id, "preferences")}"' in answer.text
    change = history(house, A)[-1]
    assert (change.action, change.by, change.via, change.origin) == ("confirm", "reader", "page", "127.0.0.1")
    assert change.consent.splitlines() == [
        "You agree to get the mails of The Morning at this address (every day).",
        "You can end that at any time: each mail has a link for it.", "We keep your address in Delft.",
    ]  # fmt: skip
    assert change.language == "en"
    take_in(house, 1)
    before = history(house, A)
    shown = web.ask("GET", link)
    assert (shown.status, "You are subscribed already" in shown.text) == (200, True)
    assert history(house, A) == before


def test_pressed_twice_it_is_done_once(house: House, web: Site, link: str) -> None:
    body = form_of(web.ask("GET", link).text).filled(do="confirm")
    assert [post(web.application(), link, body).status for _ in range(2)] == [200, 200]
    assert [c.action for c in history(house, A)] == ["subscribe", "confirm"]


def test_a_paused_publication_names_no_day(house: House, web: Site, link: str) -> None:
    publications.set_paused(house.services, "news", paused=True)
    assert "Its mails are paused at present." in press(web, link).text


# --- links that confirm nothing -----------------------------------------------------------------------


def test_an_expired_link_offers_a_new_one(house: House, web: Site, link: str) -> None:
    house.clock.go(days=8)
    answer = web.ask("GET", link)
    assert (answer.status, "This link has expired" in answer.text) == (410, True)
    assert press(web, link).status == 410
    assert state(house) == "pending"
    sent = press(web, link, "renew")
    assert (sent.status, "A new link is on its way" in sent.text) == (200, True)
    assert "A link was sent to you recently" in press(web, link, "renew").text
    assert deliver_all(house).sent == 1
    assert press(web, link_in(house.mails(A)[-1])).status == 200
    assert state(house) == "active"


def test_a_link_that_works_sends_no_new_one(house: House, web: Site, link: str) -> None:
    assert press(web, link, "renew").status == 200
    assert len(listing(house)) == 1


def test_a_link_of_an_earlier_sign_up(house: House, web: Site, link: str) -> None:
    subscriptions.act(house.services, A, "news", Action.UNSUBSCRIBE, Cause("no"))
    ended = web.ask("GET", link)
    assert (ended.status, 'href="../s/news"' in ended.text) == (410, True)
    assert press(web, link).status == 410
    assert state(house) == "unsubscribed", "a link from before brings nobody back"
    house.clock.go(minutes=11)
    new = asked(house)
    old = web.ask("GET", link)
    assert (old.status, "This link is from an earlier mail" in old.text) == (410, True)
    assert press(web, link).status == 410
    assert state(house) == "pending"
    assert press(web, new).status == 200


def test_who_reads_at_an_earlier_address_learns_nothing_of_the_new_one(house: House, web: Site, link: str) -> None:
    press(web, link)
    addresses.change(house.services, A, "new@example.org")
    answer = web.ask("GET", link)
    assert answer.status == 410
    assert "/p/" not in answer.text
    assert "new" not in re.sub(r"newest", "", answer.text)


def test_what_came_back_what_was_removed_and_what_is_gone(house: House, web: Site, link: str) -> None:
    with house.services.database.write() as connection:
        (mine,) = subscribers.listing(connection)
        subscribers.suppress(connection, mine.subscriber.id, "it bounced")
    returned = press(web, link)
    assert (returned.status, "Mails do not reach you" in returned.text) == (410, True)
    assert state(house) == "pending"
    publications.remove(house.services, "news")
    assert web.ask("GET", link).status == 410
    gone = tokens.sign_until(
        house.services.home.secret(), confirmations.CONFIRM, "4711:1.x", house.clock.now.replace(year=2027)
    )
    answer = web.ask("GET", f"/c/{gone}")
    assert (answer.status, "This sign-up is no longer there" in answer.text) == (410, True)


def test_what_is_no_token_of_ours(house: House, web: Site, link: str) -> None:
    before = all_rows(house)
    token = link.removeprefix("/c/")
    for bad in ("x", token[:-1], token + "A", token.swapcase(), web.token(1), web.token(1, "preferences"), "a" * 5000):
        for method in ("GET", "POST"):
            assert web.ask(method, f"/c/{bad}", b"do=confirm").status == 404
    assert all_rows(house) == before


def test_pages_are_in_the_readers_language(house: House, web: Site) -> None:
    wanted = subscriptions.Wanted(A, "news", language="nl")
    confirmations.sign_up(house.services, wanted, cause=Cause("asked for"))
    deliver_all(house)
    link = link_in(house.mails(A)[0])
    german = {"accept-language": "de"}
    assert web.ask("GET", link, headers=german).headers["content-language"] == "nl"
    assert "U bent geabonneerd" in press(web, link, headers=german).text
    assert history(house, A)[-1].language == "nl"


# --- what else may be sent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": URL}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_a_form_of_another_site_is_refused(
    house: House, web: Site, link: str, headers: dict[str, str], status: int
) -> None:
    assert press(web, link, headers=headers).status == status
    assert state(house) == ("active" if status == 200 else "pending")


def test_bodies_that_do_not_say_what_is_wanted(house: House, web: Site, link: str) -> None:
    for body, status in ((b"", 400), (b"do=what", 400), (b"\xff", 400), (b"a" * 9000, 413), (b"do=confirm", 422)):
        assert post(web.application(), link, body).status == status, body[:20]
    assert state(house) == "pending"


def test_consent_that_has_changed_is_shown_again(house: House, web: Site, link: str) -> None:
    page = form_of(web.ask("GET", link).text)
    publications.edit(house.services, publications.Asked("news", consent=["We keep it in Paris now."]))
    answer = post(web.application(), link, page.filled(do="confirm"))
    assert (answer.status, "Paris" in answer.text, state(house)) == (422, True, "pending")
    assert press(web, link).status == 200
    assert "Paris" in history(house, A)[-1].consent


def test_without_an_address_on_the_web_it_is_answered_by_mail(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "other", template=empty_home) as house:
        publications.add(house.services, publications.Asked("news", every=["day"]))
        confirmations.sign_up(house.services, subscriptions.Wanted(A, "news"), cause=Cause("asked for"))
        deliver_all(house)
        assert b"mailto:" in house.mails(A)[0]
        assert b"/c/" not in house.mails(A)[0]
