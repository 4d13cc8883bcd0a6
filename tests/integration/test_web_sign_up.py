"""Signing up over the real store: what is asked, what is kept, and that the answer tells nothing of an address."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digest.audience.rules import Action
from digest.model.cause import Cause
from digest.pipeline import confirmations, publications, subscriptions
from digest.store import subscribers
from digest.web import sign_up
from tests.support.home import House, all_rows, deliver_all, listing, open_house, subscribe
from tests.support.signing_up import URL, form_of, held, history, link_in, post, subject
from tests.support.web import FORM, Answer, Site, over_http, site

A = "anna@example.org"
PATH = "/s/news"
TOPICS = ("sport", "politics", "other")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_up, "SECONDS", 0.0)


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as opened:
        asked = publications.Asked(
            "news", title="The Morning", every=["day", "week"], topics=TOPICS, zone="Europe/Brussels", sign_up="open",
            about=["News of the <town>.", "Since 1998."], consent=["We keep your address in Delft."],
            imprint=["The Morning, Market 1"],
        )  # fmt: skip
        publications.add(opened.services, asked)
        publications.add(opened.services, publications.Asked("inside", every=["day"]))
        yield opened


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


def send(web: Site, headers: dict[str, str] | None = None, **values: object) -> Answer:
    page = form_of(web.ask("GET", PATH).text)
    return post(web.application(), PATH, page.filled(**{"email": A, **values}), headers or {})


def told(answer: Answer) -> list[str]:
    found = re.search(r'<div class="told.*?</div>', answer.text, re.DOTALL)
    return re.findall(r"<li><a[^>]*>(.*?)</a></li>", found[0], re.DOTALL) if found else []


# --- looking ------------------------------------------------------------------------------------------


def test_the_page_says_what_it_is_and_what_one_agrees_to(house: House, web: Site) -> None:
    before = all_rows(house)
    answer = web.ask("GET", PATH)
    assert answer.status == 200
    for said in ("News of the &lt;town&gt;.", "Since 1998.", "We keep your address in Delft.", "Market 1",
                 "You agree to get the mails of The Morning at this address, as often as you choose.",
                 "You can end that at any time"):  # fmt: skip
        assert said in answer.text
    page = form_of(answer.text)
    chosen = dict(page.fields)
    assert page.method == "post"
    assert (chosen["cadence"], chosen["language"], chosen["zone"]) == ("day", "en", "Europe/Brussels")
    assert sorted(value for name, value in page.fields if name == "topic") == sorted(TOPICS)
    assert {"email", "topic", "cadence", "language", "zone"} <= page.named
    assert not re.search(r"<script|style=|\son\w+=", answer.text)
    assert "form-action 'self';" in answer.headers["content-security-policy"]
    assert answer.headers["strict-transport-security"]
    assert all_rows(house) == before


def test_the_page_speaks_the_language_that_is_asked_for(house: House, web: Site) -> None:
    assert web.ask("GET", PATH, headers={"accept-language": "nl"}).headers["content-language"] == "nl"
    answer = web.ask("GET", f"{PATH}?language=nl", headers={"accept-language": "de"})
    assert "U gaat ermee akkoord" in answer.text
    assert '<option value="nl" lang="nl" selected>' in answer.text
    assert web.ask("GET", f"{PATH}?language=../x").headers["content-language"] == "en"


@pytest.mark.parametrize(
    "path", ["/s/inside", "/s/none", "/s/inside/thanks", "/s/none/thanks", "/s/" + "x" * 3000, "/s/", "/s/%00"]
)
def test_what_is_closed_is_as_if_it_were_not_there(house: House, web: Site, path: str) -> None:
    unknown = web.ask("GET", "/s/nothing")
    for method in ("GET",) if path.endswith("thanks") else ("GET", "POST"):
        answer = web.ask(method, path, b"email=a%40example.org")
        assert (answer.status, answer.text) == (404, unknown.text)
    assert held(house, "a@example.org") == []


def test_a_removed_publication_has_no_page(house: House, web: Site) -> None:
    publications.remove(house.services, "news")
    assert web.ask("GET", PATH).status == 404
    assert web.ask("GET", "/").status == 404


def test_the_first_page_lists_what_is_open(house: House, web: Site) -> None:
    publications.add(house.services, publications.Asked("old", title="Archive only", every=["day"], archive="open"))
    answer = web.ask("GET", "/")
    assert answer.status == 200
    assert re.findall(r'href="([^"]*)"', answer.text) == ["s/news", "a/old"]
    assert "The Morning" in answer.text
    assert "Archive only" in answer.text
    assert "inside" not in answer.text.lower()
    for path in ("/", PATH, f"{PATH}/thanks"):
        options = web.ask("OPTIONS", path)
        assert options.status == 204
        assert "GET" in options.headers["allow"]


def test_scanners_change_nothing(house: House, web: Site) -> None:
    before = all_rows(house)
    with web.served() as server:
        for path in (f"{PATH}?email={A}&topic=sport", f"{PATH}/thanks?email={A}", "/"):
            for method in ("GET", "HEAD"):
                assert over_http(server, method, path).status == 200
    assert all_rows(house) == before


# --- signing up ---------------------------------------------------------------------------------------


def test_who_signs_up_is_asked_by_mail_and_what_was_agreed_to_is_kept(house: House, web: Site) -> None:
    answer = send(web, topic=["sport"], cadence="week", language="nl", zone="new york")
    assert (answer.status, answer.headers["location"]) == (303, "news/thanks?language=nl")
    (made,) = held(house, A)
    assert (made.state, made.topics, made.cadence, made.language, made.zone) == (
        "pending", ("sport",), "week", "nl", "America/New_York",
    )  # fmt: skip
    (change,) = history(house, A)
    assert (change.by, change.via, change.origin, change.reason) == (
        "reader",
        "page",
        "127.0.0.1",
        "by the sign-up page",
    )
    assert change.language == "en"
    assert change.consent == (
        "You agree to get the mails of The Morning at this address, as often as you choose.\n"
        "You can end that at any time: each mail has a link for it.\n"
        "We keep your address in Delft."
    )
    assert deliver_all(house).sent == 1
    assert "Bevestig" in subject(house.mails(A)[0])
    assert link_in(house.mails(A)[0])
    thanks = web.ask("GET", f"/s/{answer.headers['location']}")
    assert thanks.status == 200
    assert "Kijk in uw mailbox" in thanks.text


def test_all_topics_are_those_that_come_later_too(house: House, web: Site) -> None:
    send(web)
    assert held(house, A)[0].topics == ()


def test_a_form_that_asks_for_the_address_alone_takes_the_publications_choices(house: House, web: Site) -> None:
    assert (
        post(web.application(), PATH, b"email=anna%40example.org", {"origin": "https://elsewhere.example"}).status
        == 303
    )
    (made,) = held(house, A)
    assert (made.topics, made.cadence, made.language, made.zone) == ((), "day", "en", "Europe/Brussels")
    (change,) = history(house, A)
    assert change.consent == "", "nobody knows what that form said; the page behind the link says it"
    assert change.reason == "by a form of https://elsewhere.example"


def test_the_client_is_whom_a_named_proxy_names(tmp_path: Path, empty_home: Path) -> None:
    named = {"DIGEST_WEB_URL": URL, "DIGEST_WEB_TRUSTED_PROXIES": "127.0.0.1"}
    with open_house(tmp_path / "home", template=empty_home, **named) as house:
        publications.add(house.services, publications.Asked("news", every=["day"], sign_up="open"))
        web = site(house.services)
        post(web.application(), PATH, b"email=anna%40example.org", {"x-forwarded-for": "203.0.113.9, 192.0.2.7"})
        assert history(house, A)[0].origin == "192.0.2.7"
        web.services.database.close()


def test_a_page_of_the_operators_own_says_thanks(house: House, web: Site) -> None:
    thanks = "https://www.example.com/thanks"
    publications.edit(house.services, publications.Asked("news", thanks=thanks))
    answer = web.ask("GET", PATH)
    assert "form-action 'self' https://www.example.com;" in answer.headers["content-security-policy"]
    for extra in ({}, {"thanks": "https://evil.example"}, {"next": "//evil.example"}, {"language": "nl"}):
        assert send(web, **extra).headers["location"] == thanks


@pytest.mark.parametrize("query", ["next=https://evil.example", "language=//evil.example", "thanks=//evil.example"])
def test_nothing_of_the_request_leads_anywhere(house: House, web: Site, query: str) -> None:
    page = form_of(web.ask("GET", PATH).text)
    answer = post(
        web.application(),
        f"{PATH}?{query}",
        page.filled(email=A),
        {"host": "evil.example", "referer": "https://evil.example/"},
    )
    assert (answer.status, answer.headers["location"]) == (303, "news/thanks?language=en")


# --- what is wrong ------------------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_and_what_was_typed_stays(house: House, web: Site) -> None:
    before = all_rows(house)
    answer = send(web, email='"<b>"', topic=None, cadence="hour", language="tlh", zone="Mars")
    assert answer.status == 422
    assert told(answer) == [
        "“&#34;&lt;b&gt;&#34;” is not an e-mail address. Write it like name@example.org.",
        "Choose at least one topic.", "Choose one of these.", "Choose one of these.",
        "There is no time zone “Mars”. Choose one from the list, like Europe/Brussels.",
    ]  # fmt: skip
    assert "<title>Nothing is sent yet" in answer.text
    for field in ("email", "topics", "cadence", "language", "zone"):
        assert f'id="{field}-wrong"' in answer.text
        assert f'id="{field}"' in answer.text
    assert 'value="&#34;&lt;b&gt;&#34;"' in answer.text
    assert 'value="Mars"' in answer.text
    assert all_rows(house) == before


@pytest.mark.parametrize(
    "email",
    ["", " ", "anna", "a@b", "a@example.org,b@example.org", "a@example.org\r\nBcc: c@example.org",
     "a" * 250 + "@example.org", "\0@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_told(house: House, web: Site, email: str) -> None:
    answer = send(web, email=email)
    assert (answer.status, len(told(answer))) == (422, 1)
    assert listing(house) == []


def test_consent_that_has_changed_is_shown_again(house: House, web: Site) -> None:
    page = form_of(web.ask("GET", PATH).text)
    publications.edit(house.services, publications.Asked("news", consent=["We keep it in Paris now."]))
    answer = post(web.application(), PATH, page.filled(email=A))
    assert answer.status == 422
    assert told(answer) == ["What you agree to has changed meanwhile. Read it again, and send the form once more."]
    assert "Paris" in answer.text
    assert held(house, A) == []
    assert post(web.application(), PATH, form_of(answer.text).filled(email=A)).status == 303
    assert "Paris" in history(house, A)[0].consent


def test_bodies_that_are_no_form(house: House, web: Site) -> None:
    for body, status in (
        (b"", 422),
        (b"\xff\xfe", 400),
        (b"email=%ff", 400),
        (b"a=b&" * 501, 400),
        (b"a" * 16385, 413),
    ):
        assert post(web.application(), PATH, body).status == status, body[:20]
    for method in ("PUT", "DELETE", "PATCH"):
        assert web.ask(method, PATH).status == 405
    assert listing(house) == []


# --- who is asked, and who is not ---------------------------------------------------------------------


def leave(house: House) -> None:
    subscriptions.act(house.services, A, "news", Action.UNSUBSCRIBE, Cause("enough"))


def suppress(house: House, reason: str) -> None:
    with house.services.database.write() as connection:
        subscribers.suppress(connection, subscribers.listing(connection)[0].subscriber.id, reason)


def prepare(house: House, web: Site, case: str) -> None:
    if case in ("pending", "asked too often"):
        send(web)
        for _ in range(3 if case == "asked too often" else 1):
            deliver_all(house)
            house.clock.go(minutes=11)
            if case == "asked too often":
                send(web)
    elif case == "asked too often elsewhere":
        for n in range(6):
            publications.add(house.services, publications.Asked(f"p{n}", every=["day"]))
            confirmations.sign_up(house.services, subscriptions.Wanted(A, f"p{n}"), cause=Cause("asked for"))
        deliver_all(house)
    elif case != "new":
        subscribe(house, A)
        if case == "unsubscribed":
            leave(house)
        if case in ("suppressed", "removed"):
            suppress(house, "removed by the operator" if case == "removed" else "it bounced")
    house.transport.wire.clear()


CASES = {"new": 1, "pending": 1, "active": 1, "unsubscribed": 1, "suppressed": 0, "removed": 0, "asked too often": 0,
         "asked too often elsewhere": 0}  # fmt: skip


def test_the_answer_is_the_same_for_every_address(house: House, web: Site, tmp_path: Path, empty_home: Path) -> None:
    expected = send(web, email="somebody@else.example")
    for case, mails in CASES.items():
        with open_house(tmp_path / case, template=empty_home, DIGEST_WEB_URL=URL) as other:
            publications.add(other.services, publications.Asked("news", every=["day", "week"], sign_up="open"))
            there = site(other.services)
            prepare(other, there, case)
            answer = send(there)
            assert answer == expected, case
            assert deliver_all(other).sent == mails, case
            there.services.database.close()


def test_nobody_is_answered_sooner_than_others(house: House, web: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What work takes less is waited for: tests/unit/web/test_evenly.py has until when."""
    subscribe(house, A)
    suppress(house, "it bounced")
    monkeypatch.setattr(sign_up, "SECONDS", 1.0)
    for email, trap in ((A, None), ("new@example.org", None), ("caught@example.org", "Buy now")):
        body = form_of(web.ask("GET", PATH).text).filled(email=email, subject=trap)
        app, began = web.application(), time.monotonic()
        assert post(app, PATH, body).status == 303
        assert time.monotonic() - began >= 1.0


def test_where_no_mail_can_be_made_nobody_is_thanked(house: House, web: Site) -> None:
    body = form_of(web.ask("GET", PATH).text).filled(email=A)
    house.services.home.path(house.services.settings.mail.secret_file).write_text("", encoding="utf-8")
    assert post(web.application(), PATH, body).status == 503
    assert "the key is empty" in web.said[-1]
    assert held(house, A) == []


@pytest.mark.parametrize("wrong", ["the template", "the key"])
def test_what_the_operator_has_to_mend_tells_nothing_of_an_address(
    house: House, web: Site, tmp_path: Path, empty_home: Path, wrong: str
) -> None:
    for case in CASES:
        with open_house(tmp_path / case, template=empty_home, DIGEST_WEB_URL=URL) as other:
            publications.add(other.services, publications.Asked("news", every=["day", "week"], sign_up="open"))
            there = site(other.services)
            prepare(other, there, case)
            body = form_of(there.ask("GET", PATH).text).filled(email=A)
            if wrong == "the key":
                other.services.home.path(other.services.settings.mail.secret_file).write_text("", encoding="utf-8")
            else:
                own(other, "confirm", "{{ page.nothing }}")
            assert post(there.application(), PATH, body).status == 503, case
            expected = "the key is empty" if wrong == "the key" else "confirm/body.txt:1"
            assert expected in there.said[-1]
            assert A not in there.said[-1]
            there.services.database.close()


def own(house: House, letter: str, text: str) -> None:
    """A template of the operator's."""
    folder = house.services.home.templates / letter
    folder.mkdir(parents=True)
    (folder / "body.txt").write_text(text, encoding="utf-8")


def test_a_fault_in_the_mail_to_readers_alone_is_told_to_the_operator_alone(house: House, web: Site) -> None:
    own(house, "subscribed", "{{ page.nothing }}")
    subscribe(house, A)
    expected = send(web, email="somebody@else.example")
    assert web.said == []
    assert send(web) == expected
    assert "subscribed/body.txt:1" in web.said[-1]
    assert A not in web.said[-1]
    assert deliver_all(house).sent == 1


def test_an_active_reader_is_told_so_and_nothing_changes(house: House, web: Site) -> None:
    mine = subscribe(house, A, cadence="week", language="nl", topics=("sport",))
    before = history(house, A)
    send(web, cadence="day")
    assert held(house, A) == [mine]
    assert history(house, A) == before
    assert deliver_all(house).sent == 1
    (mail,) = house.mails(A)
    assert subject(mail) == "Je krijgt het al: The Morning"
    assert f"{URL}/p/{web.token(mine.id, 'preferences')}".encode() in mail.replace(b"=\r\n", b"").replace(b"=3D", b"=")
    assert b"/c/" not in mail
    send(web)
    assert deliver_all(house).sent == 0, "limited as confirmations are"
    house.clock.go(minutes=11)
    send(web)
    assert deliver_all(house).sent == 1


def test_who_unsubscribed_is_asked_again_about_what_is_chosen_now(house: House, web: Site) -> None:
    subscribe(house, A, cadence="day")
    leave(house)
    send(web, cadence="week", topic=["politics"])
    (made,) = held(house, A)
    assert (made.state, made.cadence, made.topics) == ("pending", "week", ("politics",))
    back, change = history(house, A)[-2:]
    assert (back.action, back.by, bool(back.consent)) == ("resubscribe", "reader", True)
    assert (change.action, change.by, change.via, change.consent) == ("change", "reader", "page", "")
    assert change.reason == "cadence: day -> week; topics: all -> politics"


def test_who_is_pending_is_asked_again_about_what_is_chosen_now(house: House, web: Site) -> None:
    send(web, cadence="day")
    deliver_all(house)
    send(web, cadence="week")
    assert held(house, A)[0].cadence == "day", "nobody is asked twice within minutes, so nothing changes"
    house.clock.go(minutes=11)
    send(web, cadence="week")
    assert held(house, A)[0].cadence == "week"
    assert deliver_all(house).sent == 1
    told = [(c.action, c.after) for c in history(house, A)]
    assert told == [("subscribe", "pending"), ("subscribe", "pending"), ("change", "pending")]
    assert history(house, A)[-1].reason == "cadence: day -> week"


def test_twice_at_once_makes_one(house: House, web: Site) -> None:
    body = form_of(web.ask("GET", PATH).text).filled(email=A)
    with web.served() as server, ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: over_http(server, "POST", PATH, body, {"content-type": FORM}).status, range(8))
        )
    assert answers == [303] * 8
    assert len(held(house, A)) == len(listing(house)) == 1


def test_the_case_of_an_address_makes_no_second_one(house: House, web: Site) -> None:
    send(web)
    send(web, email="ANNA@Example.Org")
    assert len(listing(house)) == 1


def test_a_field_that_nobody_sees_catches_programs(house: House, web: Site) -> None:
    before = all_rows(house)
    caught, real = send(web, subject="Buy now"), send(web, email="b@example.org")
    assert caught == real
    assert held(house, A) == []
    assert len(all_rows(house)["delivery"]) == len(before["delivery"]) + 1


def test_a_database_that_is_busy_is_not_hidden(house: House) -> None:
    web = site(house.services, patience=0.2)
    body = form_of(web.ask("GET", PATH).text).filled(email=A)
    holder = sqlite3.connect(house.services.database.file or "", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = post(web.application(), PATH, body)
    assert answer.status == 503
    assert answer.headers["retry-after"]
    holder.execute("ROLLBACK")
    holder.close()
    assert held(house, A) == []
    web.services.database.close()
