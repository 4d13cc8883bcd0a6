"""One-click unsubscribe over the real store: durable before it is answered, and nothing else changes anything."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.model.cause import Cause
from digest.pipeline import publications, subscriptions
from digest.store import changes as store_changes
from digest.store import subscribers
from digest.web.guard import HEADERS
from tests.support.home import House, all_rows, deliver_all, listing, open_house, publication, publish_now, subscribe
from tests.support.home import take_in as news
from tests.support.web import FORM, ONE_CLICK, Site, over_http, site

A, B = "a@example.org", "b@example.org"
URL = "https://news.example.org"


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as opened:
        publication(opened, "news", title="The Morning")
        yield opened


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


def state(house: House, email: str) -> str:
    """As another process sees it."""
    with sqlite3.connect(house.services.database.file or "") as connection:
        query = "SELECT s.state FROM subscription s JOIN subscriber p ON p.id = s.subscriber_id WHERE p.email = ?"
        return str(connection.execute(query, (email,)).fetchone()[0])


def test_one_click_ends_it_before_it_is_answered(house: House, web: Site) -> None:
    mine, other = subscribe(house, A), subscribe(house, B)
    answer = web.click(mine.id)
    assert answer.status == 200
    assert state(house, A) == "unsubscribed"
    assert state(house, B) == "active"
    assert not {"location", "set-cookie"} & set(answer.headers)
    assert web.click(mine.id).status == 200, "again is no error"
    with house.services.database.read() as connection:
        changes = store_changes.history(connection, mine.id)
    assert [c.after for c in changes] == ["active", "unsubscribed"]
    assert changes[-1].reason == "by the link in a mail"
    assert web.click(other.id).status == 200
    assert web.said == []


@pytest.mark.parametrize("kind", ["one-click", "multipart"])
def test_it_asks_for_nothing_but_the_token(house: House, web: Site, kind: str) -> None:
    mine = subscribe(house, A)
    body, type_ = ONE_CLICK, FORM
    if kind == "multipart":
        body = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
        type_ = "multipart/form-data; boundary=x"
    headers = {"content-type": type_, "origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    assert web.ask("POST", f"/u/{web.token(mine.id)}", body, headers).status == 200
    assert state(house, A) == "unsubscribed"


@pytest.mark.parametrize(
    ("headers", "via"),
    [
        ({}, "one-click"),
        ({"origin": "https://mail.example"}, "one-click"),  # a webmail that sends it from its users' browsers
        ({"origin": "null"}, "one-click"),
        ({"origin": URL}, "page"),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, "page"),
    ],
)
def test_by_what_means_it_was_told_is_on_record(house: House, web: Site, headers: dict[str, str], via: str) -> None:
    mine = subscribe(house, A)
    assert web.ask("POST", f"/u/{web.token(mine.id)}", ONE_CLICK, {"content-type": FORM, **headers}).status == 200
    with house.services.database.read() as connection:
        last = store_changes.history(connection, mine.id)[-1]
    assert (last.after, last.by, last.via, last.origin) == ("unsubscribed", "reader", via, "127.0.0.1")


# --- all of them, and back again ----------------------------------------------------------------------

ALL = b"all=yes"


def test_one_click_ends_one_and_the_page_after_it_offers_to_end_all(house: House, web: Site) -> None:
    for name in ("evening", "weekly"):
        publication(house, name)
        subscribe(house, A, name)
    mine, other = subscribe(house, A), subscribe(house, B)
    path = f"/u/{web.token(mine.id)}"
    assert "End all" not in web.ask("GET", path).text, "first the one that was asked about"
    answer = web.click(mine.id)
    assert "This address has 2 more subscriptions." in answer.text
    assert re.search(r'<form method="post"[^>]*>.*name="all" value="yes">\s*<button', answer.text, re.DOTALL)
    assert not any(word in answer.text for word in ("evening", "weekly", A)), "mails are forwarded"
    before = all_rows(house)
    assert "End all" in web.ask("GET", f"{path}?all=yes").text
    assert all_rows(house) == before
    ended = web.ask("POST", path, ALL, {"content-type": FORM, "origin": URL})
    assert ended.status == 200
    assert "All subscriptions of this address have ended." in ended.text
    assert "End all" not in ended.text
    with house.services.database.read() as connection:
        held = {(s.subscriber.email, s.publication): str(s.state) for s in subscribers.listing(connection)}
        evening = store_changes.history(connection, 1)[-1]
    assert {state for (email, _), state in held.items() if email == A} == {"unsubscribed"}
    assert held[(B, "news")] == "active"
    assert (evening.reason, evening.via) == ("by the link in a mail", "page")
    assert web.click(other.id).status == 200


def test_who_has_one_subscription_is_offered_no_more(house: House, web: Site) -> None:
    mine = subscribe(house, A)
    assert "End all" not in web.click(mine.id).text


def test_all_can_be_ended_in_one_step_and_again(house: House, web: Site) -> None:
    publication(house, "evening")
    subscribe(house, A, "evening")
    path = f"/u/{web.token(subscribe(house, A).id)}"
    for _ in range(2):
        assert web.ask("POST", path, ALL, {"content-type": FORM}).status == 200
    with house.services.database.read() as connection:
        assert {str(s.state) for s in subscribers.listing(connection)} == {"unsubscribed"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "ended"),
    [
        (ALL, {"origin": "https://elsewhere.example"}, 403, 0),
        (ALL, {"sec-fetch-site": "cross-site"}, 403, 0),
        (b"all=no", {}, 400, 0),
        (b"all", {}, 400, 0),
        (ALL + b"&" + ONE_CLICK, {}, 200, 1),  # who says both means what machines say
        (ONE_CLICK + b"&" + ALL, {"origin": "https://elsewhere.example"}, 200, 1),
    ],
)
def test_nobody_else_ends_all(
    house: House, web: Site, body: bytes, headers: dict[str, str], status: int, ended: int
) -> None:
    publication(house, "evening")
    subscribe(house, A, "evening")
    path = f"/u/{web.token(subscribe(house, A).id)}"
    assert web.ask("POST", path, body, {"content-type": FORM, **headers}).status == status
    with house.services.database.read() as connection:
        states = [str(s.state) for s in subscribers.listing(connection)]
    assert states.count("unsubscribed") == ended


def test_the_way_back_is_offered_where_everybody_may_subscribe(house: House, web: Site) -> None:
    mine = subscribe(house, A)
    assert "/s/" not in web.click(mine.id).text
    publications.edit(house.services, publications.Asked("news", sign_up="open"))
    assert '<a href="../s/news">It was a mistake: subscribe again</a>' in web.click(mine.id).text
    publications.remove(house.services, "news")
    assert "/s/" not in web.click(mine.id).text


def test_get_head_and_options_change_nothing(house: House, web: Site) -> None:
    mine = subscribe(house, A)
    before = all_rows(house)
    path = f"/u/{web.token(mine.id)}"
    page = web.ask("GET", path)
    assert page.status == 200
    assert "The Morning" in page.text
    assert "Unsubscribe" in page.text
    assert A not in page.text, "mails are forwarded"
    assert web.ask("HEAD", path).status == 200
    options = web.ask("OPTIONS", path)
    assert (options.status, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"):
        assert web.ask(method, path, ONE_CLICK).status == 405
    assert web.ask("GET", f"{path}?List-Unsubscribe=One-Click").status == 200
    assert web.ask("GET", path, ONE_CLICK, {"content-type": FORM}).status == 200
    assert all_rows(house) == before


def test_a_post_that_says_something_else_changes_nothing(house: House, web: Site) -> None:
    mine = subscribe(house, A)
    before = all_rows(house)
    path = f"/u/{web.token(mine.id)}"
    for body, status in ((b"", 400), (b"x=y", 400), (ONE_CLICK + b"x", 400), (b"a" * 8193, 413)):
        assert web.ask("POST", path, body, {"content-type": FORM}).status == status
    assert web.ask("POST", path, b"", {"content-length": "9" * 30}).status == 413
    assert web.ask("POST", path, (b"a" * 5000, b"b" * 5000)).status == 413
    assert all_rows(house) == before
    assert web.ask("POST", path, (ONE_CLICK[:10], ONE_CLICK[10:])).status == 200, "it may come in pieces"


def test_a_token_that_is_not_ours_is_not_found(house: House, web: Site) -> None:
    mine = subscribe(house, A)
    before = all_rows(house)
    good = web.token(mine.id)
    forged = ["x", "", good[:-1], good + "A", good.replace(".", ""), web.token(mine.id + 1).partition(".")[0] + good]
    forged.append(subscriptions.tokens.sign(house.services.home.secret(), "another", str(mine.id)))
    forged.append(subscriptions.tokens.sign(house.services.home.secret(), "unsubscribe", "me"))
    for token in forged:
        for method in ("GET", "POST"):
            answer = web.ask(method, f"/u/{token}", ONE_CLICK, {"content-type": FORM})
            assert answer.status == 404
            assert "This link leads nowhere" in answer.text
    assert web.ask("GET", "/u/" + "a" * 60_000).status == 404
    assert web.ask("GET", "/u/x?\x80\xff").status == 404, "no UTF-8"
    assert all_rows(house) == before


def test_who_was_removed_is_told_that_it_is_over(house: House, web: Site) -> None:
    mine = subscribe(house, A)
    subscriptions.remove(house.services, A)
    assert web.click(mine.id).status == 200
    assert web.ask("GET", f"/u/{web.token(mine.id)}").status == 200


# --- promise 4: what is on its way ------------------------------------------------------------------


def test_unsubscribing_while_it_is_claimed_stops_it(house: House, web: Site) -> None:
    """The sender holds it, and has said MAIL and RCPT: the transaction that would let it go looks again."""
    mine, _ = subscribe(house, A), subscribe(house, B)
    news(house, 1)
    publish_now(house)

    def begin(recipient: str) -> None:
        if recipient == A:
            assert web.click(mine.id).status == 200
            assert [d.state for d in listing(house) if d.subscriber == A] == ["claimed"]

    house.transport.on_begin = begin
    deliver_all(house)
    assert house.mails(A) == []
    assert len(house.mails(B)) == 1
    assert {d.subscriber: str(d.state) for d in listing(house)} == {A: "suppressed", B: "sent"}


def test_what_waits_is_not_claimed_afterwards(house: House, web: Site) -> None:
    mine = subscribe(house, A)
    news(house, 1)
    publish_now(house)
    assert web.click(mine.id).status == 200
    assert [str(d.state) for d in listing(house)] == ["suppressed"]
    deliver_all(house)
    assert house.transport.calls == []


# --- those who come at once -------------------------------------------------------------------------


def test_those_who_come_at_once_share_a_transaction_and_nobody_waits_for_a_forged_token(
    house: House, web: Site
) -> None:
    paths = [f"/u/{web.token(subscribe(house, f'r{n}@example.org').id)}" for n in range(12)]
    database, commits = web.services.database, []
    sa.event.listen(database.engine, "commit", lambda _connection: commits.append(1))
    holder = sqlite3.connect(database.file or "", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    headers = {"Content-Type": FORM}
    with web.served() as server, ThreadPoolExecutor(12) as pool:
        waiting = [pool.submit(over_http, server, "POST", path, ONE_CLICK, headers) for path in paths]
        time.sleep(1.0)
        for forged in ("/u/x.y", "/p/x.y", "/m/x.y", "/c/x.y"):
            assert over_http(server, "POST", forged, ONE_CLICK, headers).status == 404
        assert not any(each.done() for each in waiting)
        holder.execute("ROLLBACK")
        assert {each.result().status for each in waiting} == {200}
    holder.close()
    assert {state(house, f"r{n}@example.org") for n in range(12)} == {"unsubscribed"}
    assert len(commits) <= 3
    assert web.said == []


# --- nothing is promised that is not durable --------------------------------------------------------


def test_a_locked_database_is_said_and_nothing_is_promised(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_STORE_BUSY_SECONDS="0.2") as house:
        publication(house, "news")
        mine = subscribe(house, A)
        web = site(house.services, patience=0.5)
        holder = sqlite3.connect(house.services.database.file or "", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        answer = web.click(mine.id)
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "Nothing was changed" in answer.text
        assert web.ask("GET", f"/u/{web.token(mine.id)}").status == 200, "reading goes on"
        holder.execute("ROLLBACK")
        holder.close()
        assert len(web.said) == 1
        assert "locked" in web.said[0]
        assert web.token(mine.id) not in web.said[0]
        assert state(house, A) == "active"
        assert web.click(mine.id).status == 200
        assert state(house, A) == "unsubscribed"
        web.services.database.close()


def test_who_waits_too_long_for_a_turn_is_asked_to_come_again(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_STORE_BUSY_SECONDS="1.5") as house:
        publication(house, "news")
        first, second = subscribe(house, A), subscribe(house, B)
        web = site(house.services, patience=0.2)
        holder = sqlite3.connect(house.services.database.file or "", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with web.served() as server, ThreadPoolExecutor(2) as pool:
            paths = [f"/u/{web.token(s.id)}" for s in (first, second)]
            got = list(pool.map(lambda p: over_http(server, "POST", p, ONE_CLICK).status, paths))
            assert got == [503, 503]
            assert sorted(("too many" in s, "locked" in s) for s in web.said) == [(False, True), (True, False)]
            holder.execute("ROLLBACK")
            assert over_http(server, "POST", paths[0], ONE_CLICK).status == 200
        holder.close()
        web.services.database.close()


def test_a_broken_template_changes_nothing_of_the_deed(house: House) -> None:
    mine = subscribe(house, A)
    own = house.services.home.templates / "web"
    own.mkdir()
    (own / "unsubscribed.html").write_text("{{ nothing.here }}")
    web = site(house.services)
    answer = web.click(mine.id)
    assert (answer.status, answer.text) == (200, "unsubscribed\n")
    assert state(house, A) == "unsubscribed"
    web.services.database.close()


# --- what the page is like --------------------------------------------------------------------------


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_is_whole_in_itself_and_says_so(house: House, web: Site) -> None:
    mine = subscribe(house, A, language="nl")
    answer = web.ask("GET", f"/u/{web.token(mine.id)}")
    # Within the site a browser is to name our page as where the form comes from.
    for name, value in {**HEADERS, "Referrer-Policy": "same-origin"}.items():
        if name != "Content-Security-Policy":
            assert answer.headers[name.lower()] == value
    assert answer.headers["strict-transport-security"]
    assert answer.headers["content-language"] == "nl"
    assert '<html lang="nl" dir="ltr">' in answer.text
    assert "Uitschrijven?" in answer.text
    page = _Page()
    page.feed(answer.text)
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == 1
    assert not {"script", "img", "link", "iframe", "a"} & set(names)
    assert not any(name.startswith("on") or name in ("style", "src", "href") for _, a in page.tags for name in a)
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    hashed = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{hashed}'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "prefers-color-scheme: dark" in style[1]
    form = dict(page.tags)["form"]
    assert form == {"method": "post"}


@pytest.mark.parametrize(
    ("language", "says"),
    [("nl", "U bent uitgeschreven"), ("de", "Sie sind abgemeldet"), ("fr", "Vous êtes désabonné(e)"),
     ("es", "Suscripción cancelada"), ("it", "Iscrizione annullata"), ("en", "You are unsubscribed")],
)  # fmt: skip
def test_it_speaks_the_readers_language(house: House, web: Site, language: str, says: str) -> None:
    assert says in web.click(subscribe(house, A, language=language).id).text


def test_who_is_not_known_is_spoken_to_as_the_browser_asks(web: Site) -> None:
    answer = web.ask("GET", "/u/x", headers={"accept-language": "fy, de-CH;q=0.8, en;q=0.5"})
    assert answer.headers["content-language"] == "de"
    assert "Dieser Link führt nirgendwohin" in answer.text
    assert web.ask("GET", "/u/x").headers["content-language"] == "en"


def test_a_hostile_title_is_only_words(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home) as house:
        publication(house, "news", title='<script>alert(1)</script>"&')
        web = site(house.services)
        mine = subscribe(house, A)
        for answer in (web.ask("GET", f"/u/{web.token(mine.id)}"), web.click(mine.id)):
            assert "<script" not in answer.text
            assert "strict-transport-security" not in answer.headers, "nobody said that it is https"
        web.services.database.close()


# --- over the wire ----------------------------------------------------------------------------------


@pytest.mark.parametrize("clicks", [48, pytest.param(500, marks=pytest.mark.slow)])
def test_clicks_sixteen_at_a_time_are_each_durable(house: House, web: Site, clicks: int) -> None:
    now = house.clock()
    emails = [f"r{n}@example.org" for n in range(clicks)]
    with house.services.database.write() as connection:
        made = [
            subscriptions.subscribe_in(
                connection, subscriptions.Wanted(email, "news"), now, home=house.services.home, cause=Cause("test")
            )[0]
            for email in emails
        ]
    with web.served() as server:

        def click(number: int) -> tuple[int, str]:
            answer = over_http(server, "POST", f"/u/{web.token(made[number].id)}", ONE_CLICK, {"Content-Type": FORM})
            return answer.status, state(house, emails[number])

        with ThreadPoolExecutor(16) as pool:
            got = list(pool.map(click, range(clicks)))
    assert set(got) == {(200, "unsubscribed")}
    assert web.said == []


def test_who_is_slow_is_let_go(web: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from digest.web import bodies, server

    monkeypatch.setattr(server, "_HEAD_SECONDS", 0.3)
    monkeypatch.setattr(bodies.read, "__defaults__", (0.3,))
    with web.served() as running:

        def wait(first: bytes, then: bytes = b"x") -> bytes:
            with socket.create_connection((running.host, running.port), timeout=10) as line:
                line.sendall(first)
                line.settimeout(0.1)
                answer, begun = b"", time.monotonic()
                while time.monotonic() - begun < 20:
                    try:
                        piece = line.recv(4096)
                        if not piece:
                            return answer
                        answer += piece
                    except TimeoutError:
                        with contextlib.suppress(ConnectionError):
                            line.sendall(then)
                    except ConnectionError:  # a drop came after the end
                        return answer
                raise AssertionError("it is still waited for")

        assert wait(b"", b"") == b""
        assert wait(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ") == b""
        slow = wait(b"POST /u/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", b"")
        assert slow.startswith(b"HTTP/1.1 408 ")


def test_heads_without_an_end_and_other_nonsense(web: Site) -> None:
    with web.served() as running:
        for sent in (
            b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET /u/\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /u/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"POST /u/x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        ):
            with socket.create_connection((running.host, running.port), timeout=10) as line:
                line.sendall(sent)
                assert re.match(rb"HTTP/1.1 4\d\d ", line.recv(4096)), sent[:40]
        assert over_http(running, "GET", "/").status == 404
