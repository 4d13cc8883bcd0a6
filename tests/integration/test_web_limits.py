"""How often strangers may ask: by network, over all, and never a reader whose link is good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.model.cause import Cause
from digest.pipeline import confirmations, publications, subscriptions
from digest.web import sign_up
from tests.support.home import House, deliver_all, listing, open_house
from tests.support.signing_up import URL, form_of, held, link_in, post
from tests.support.web import Site, ask, site

PATH = "/s/news"
SETTINGS = {
    "DIGEST_WEB_URL": URL, "DIGEST_WEB_TRUSTED_PROXIES": "127.0.0.1", "DIGEST_WEB_SIGN_UPS_PER_HOUR": "3",
    "DIGEST_WEB_SIGN_UPS_PER_HOUR_IN_ALL": "5",
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(sign_up, "SECONDS", 0.0)
    with open_house(tmp_path / "home", template=empty_home, **SETTINGS) as opened:
        publications.add(opened.services, publications.Asked("news", every=["day"], sign_up="open"))
        yield opened


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


@pytest.fixture
def app(web: Site) -> Any:
    """One that remembers."""
    return web.application()


def send(app: Any, email: str, client: str, **more: str) -> int:
    body = form_of(ask(app, "GET", PATH).text).filled(email=email, **more)
    return post(app, PATH, body, {"x-forwarded-for": client}).status


def test_one_network_may_so_often(house: House, app: Any) -> None:
    assert [send(app, f"r{n}@example.org", f"192.0.2.{n}") for n in range(4)] == [303, 303, 303, 429]
    assert len(listing(house)) == 3
    assert send(app, "r9@example.org", "198.51.100.1") == 303, "another network goes on"
    answer = post(app, PATH, b"email=x%40example.org", {"x-forwarded-for": "192.0.2.77"})
    assert 0 < int(answer.headers["retry-after"]) <= 1200
    assert "Too many requests for now" in answer.text
    assert ask(app, "GET", PATH).status == 200, "the page is there for everybody"


def test_of_ipv6_a_household_is_one(app: Any) -> None:
    clients = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "[2001:db8:0:1::3]:99", "2001:db8:0:1::4"]
    assert [send(app, f"r{n}@example.org", client) for n, client in enumerate(clients)] == [303, 303, 303, 429]
    assert send(app, "r9@example.org", "2001:db8:0:2::1") == 303


def test_all_networks_together_may_so_often(app: Any) -> None:
    assert [send(app, f"r{n}@example.org", f"198.51.{n}.1") for n in range(6)] == [303] * 5 + [429]


def test_who_is_caught_counts_and_what_is_wrong_does_not(app: Any) -> None:
    assert [send(app, "no address", "192.0.2.1") for _ in range(5)] == [422] * 5
    assert [send(app, "a@example.org", "192.0.2.1", subject="Buy") for _ in range(4)] == [303, 303, 303, 429]


def test_made_up_headers_make_no_new_client(house: House, web: Site) -> None:
    app = web.application()
    assert [send(app, f"r{n}@example.org", f"203.0.113.{n}, 192.0.2.1") for n in range(4)] == [303, 303, 303, 429]


def test_links_are_not_to_be_guessed_and_good_ones_always_work(house: House, app: Any) -> None:
    readers = [f"r{n}@example.org" for n in range(8)]
    for reader in readers:
        wanted = subscriptions.Wanted(reader, "news")
        confirmations.sign_up(house.services, wanted, cause=Cause("asked for"))
    deliver_all(house)
    guessed = [post(app, "/c/guess.ed", b"do=confirm", {"x-forwarded-for": "192.0.2.1"}).status for _ in range(5)]
    assert guessed == [404, 404, 404, 429, 429]
    for reader in readers:
        link = link_in(house.mails(reader)[0])
        body = form_of(ask(app, "GET", link).text).filled(do="confirm")
        assert post(app, link, body, {"x-forwarded-for": "192.0.2.1"}).status == 200
        assert held(house, reader)[0].state == "active"


def test_new_links_are_limited_too(house: House, app: Any) -> None:
    links = []
    for n in range(4):
        wanted = subscriptions.Wanted(f"r{n}@example.org", "news")
        confirmations.sign_up(house.services, wanted, cause=Cause("asked for"))
    deliver_all(house)
    links = [link_in(house.mails(f"r{n}@example.org")[0]) for n in range(4)]
    house.clock.go(days=8)
    found = [post(app, link, b"do=renew", {"x-forwarded-for": "192.0.2.1"}).status for link in links]
    assert found == [200, 200, 200, 429]
    assert deliver_all(house).sent == 3


def test_a_proxy_that_nobody_named_is_told_of_once(tmp_path: Path, empty_home: Path) -> None:
    settings = {**SETTINGS, "DIGEST_WEB_TRUSTED_PROXIES": ""}
    with open_house(tmp_path / "other", template=empty_home, **settings) as opened:
        publications.add(opened.services, publications.Asked("news", every=["day"], sign_up="open"))
        made = site(opened.services)
        app = made.application()
        assert [send(app, f"r{n}@example.org", f"192.0.2.{n}") for n in range(2)] == [303, 303]
        assert [line.partition(",")[0] for line in made.said] == ["a proxy at 127.0.0.1 passes requests on"]
        made.services.database.close()
