"""Every route of the web part, asked all that strangers may ask: nothing breaks, nothing is written by looking, and
nothing of what was sent is said back unescaped.

FUZZ_EXAMPLES chooses how many requests.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from digest.audience import tokens
from digest.errors import BadInput
from digest.model.report import Report
from digest.pipeline import confirmations, moves, subscriptions
from digest.pipeline.envelope import CONFIRM_PATH, COPY, COPY_PATH, MOVE_PATH, PREFERENCES, PREFERENCES_PATH
from digest.web import server, sign_up
from digest.web.application import routes
from digest.web.guard import HEADERS
from digest.web.hooks.base import Refused, Webhook
from digest.web.watch import Counts, Seen
from tests.support.home import House, deliver_all, links_in, open_house, publication, publish_now, subscribe, take_in
from tests.support.web import FORM, ONE_CLICK, Answer, Site, ask, over_http, site

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "400"))
SOCKETS = max(200, EXAMPLES // 4)
A, URL = "anna@example.org", "https://news.example.org"
#: Told back as it is, it would be markup, or the end of an attribute.
MARK = "\"'><zq onx=1>"
UNESCAPED = re.compile(r"<zq|onx=1>|['\"]><zq", re.IGNORECASE)


class Doubting:
    """A webhook that takes what begins well."""

    def reports(self, headers: Any, body: bytes, now: Any) -> list[Report]:
        if body.startswith(b"{"):
            return []
        raise (BadInput("no JSON") if body else Refused("no signature"))


@dataclass
class Place:
    house: House
    site: Site
    app: Any
    routes: list[Route]
    good: dict[str, list[str]]  # values of parameters that lead somewhere
    watched: sqlite3.Connection
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)

    def version(self) -> int:
        """Another one after any commit by anybody else (SQLite, PRAGMA data_version)."""
        return int(self.watched.execute("PRAGMA data_version").fetchone()[0])

    def paths(self, route: Route) -> st.SearchStrategy[str]:
        """Those of a route, with values that are good, nearly good, and odd; and some beside it."""
        parts = re.split(r"(\{\w+(?::\w+)?\})", route.path)
        filled = [self.value(part[1:-1].partition(":")[0]) if part[:1] == "{" else st.just(part) for part in parts]
        whole = st.tuples(*filled).map("".join)
        return (
            whole | whole | st.tuples(whole, ODD).map("".join) | st.tuples(ODD, whole).map(lambda p: f"/{p[0]}{p[1]}")
        )

    def value(self, name: str) -> st.SearchStrategy[str]:
        known = st.sampled_from(self.good.get(name, ["x"]))
        changed = st.tuples(known, st.integers(0, 80), ODD).map(lambda p: p[0][: p[1]] + p[2] + p[0][p[1] + 1 :])
        return known | known | changed | ODD


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[Place]:
    environ = {"DIGEST_WEB_URL": URL, "DIGEST_WEB_SIGN_UPS_PER_HOUR": "1000000"}
    environ |= {"DIGEST_WEB_SIGN_UPS_PER_HOUR_IN_ALL": "1000000", "DIGEST_WEB_TRUSTED_PROXIES": "127.0.0.0/8"}
    folder = tmp_path_factory.mktemp("fuzz") / "home"
    with open_house(folder, template=empty_home, **environ) as house, pytest.MonkeyPatch.context() as patched:
        patched.setattr(sign_up, "SECONDS", 0.0)
        publication(house, "news", sign_up="open", archive="open", thanks="https://town.example/thanks")
        publication(house, "inside")
        mine = subscribe(house, A)
        hooks: dict[str, Webhook] = {"test": Doubting()}
        made = site(house.services, hooks=hooks)
        named = linked(house, made, mine.id)
        with contextlib.closing(sqlite3.connect(folder / "digest.db")) as watched:
            found = Place(house, made, None, routes(made.parts(), Counts()), named, watched)

            def note(seen: Seen) -> None:
                found.seen[seen.route, seen.status] += 1

            found.app = made.application(note)
            yield found
        made.services.database.close()


def linked(house: House, web: Site, number: int) -> dict[str, list[str]]:
    """Links of each kind: open, expired, and of what is no more."""
    take_in(house, 1)
    publish_now(house)
    wanted = subscriptions.Wanted("bob@example.org", "news")
    confirmations.sign_up(house.services, wanted, cause=subscriptions.ADDED)
    moves.ask(house.services, A, "new@example.net")
    deliver_all(house)
    found = [web.token(number, purpose) for purpose in ("unsubscribe", PREFERENCES)] + [
        web.token(10**9),
        web.token(-1),
    ]
    for _, message in house.transport.wire:
        for path in (CONFIRM_PATH, MOVE_PATH, COPY_PATH, PREFERENCES_PATH):
            found += links_in(message, path)
    past, secret = house.clock() - timedelta(days=1), house.services.home.secret()
    found += [tokens.sign_until(secret, purpose, "1:x:y:z", past) for purpose in ("confirm", "move")]
    found += [tokens.sign(secret, COPY, text) for text in ("1:1", "x", "\0")]
    parts = ["day", "2026-03", "feed.atom", "0000-00", "hour"]
    numbers = ["1", "0", "99999999999999999999", "-1"]
    return {"token": found, "name": ["news", "inside", "test", "none"], "part": parts, "number": numbers,
            "language": ["en", "nl", "xx", "ar"]}  # fmt: skip


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ODD = TEXT | st.sampled_from(
    [MARK, "\0", "%00", "%2e%2e%2f", "../../etc/passwd", "..", "//evil.example", "\\\\evil.example", "\r\nX: y",
     "{{7*7}}", "%ff", "\u202e", "ı", "٣", "x" * 5000, "a/b/c/d/e", ";", "?", "#", "'--", "1e9", "😀"]
)  # fmt: skip
METHODS = st.sampled_from(
    [
        "GET",
        "GET",
        "POST",
        "POST",
        "HEAD",
        "OPTIONS",
        "PUT",
        "DELETE",
        "PATCH",
        "TRACE",
        "PROPFIND",
        "get",
        "X" * 300,
        "Ü",
    ]
)
VALUE = st.binary(max_size=60) | st.sampled_from(
    [MARK.encode(), b"", b"\xff\xfe", b"0", b"-1", b"9" * 30, b"*", b'W/"x"', b"x" * 9000, b"https://evil.example",
     b"null", b"https://news.example.org", b"http://[", b"cross-site", b"same-origin",
     b"for=\"[::1]:80\";proto=https,for=_x", b"1.2.3.4, ::1, x", b"evil.example:99999", b"nl;q=nan, en;q=1e400",
     b"nl," * 500, b"multipart/form-data", b"multipart/form-data; boundary=" + b"x" * 300,
     b"multipart/form-data; boundary=x; charset=\xff", b"application/json", FORM.encode(), b"gzip", b"100-continue",
     b"bytes=0-1", b"Thu, 01 Jan 1970 00:00:00 GMT"]
)  # fmt: skip
NAMES = st.sampled_from(
    [b"host", b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"content-type",
     b"content-length", b"content-encoding", b"transfer-encoding", b"if-none-match", b"if-modified-since",
     b"accept-language", b"accept", b"origin", b"sec-fetch-site", b"referer", b"cookie", b"authorization", b"range",
     b"expect", b"upgrade", b"x-http-method-override"]
)  # fmt: skip
FIELDS = ["email", "topic", "topics", "cadence", "language", "zone", "agreed", "do", "mails", "until", "move",
     "address", "all", "List-Unsubscribe", "website", "chosen"]  # fmt: skip
PAIR = st.tuples(st.sampled_from(FIELDS), ODD | st.sampled_from(["yes", "confirm", "renew", "One-Click", "until",
     "en", "day", "2026-03-09", "UTC", "a@example.org",
                 '"x y"@example.org', "a@[1.2.3.4]", "new@example.net"]))  # fmt: skip


def quoted(pairs: list[tuple[str, str]]) -> bytes:
    from urllib.parse import urlencode

    return urlencode(pairs, errors="replace").encode()


def multipart(pairs: list[tuple[str, str]]) -> bytes:
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs]
    return "".join([*parts, "--x--\r\n"]).encode("utf-8", "replace")


FORMS = st.lists(PAIR, max_size=8)
BODY = (
    FORMS.map(quoted)
    | FORMS.map(multipart)
    | st.binary(max_size=200)
    | st.sampled_from(
        [ONE_CLICK, b"{", b'{"a":' * 2000, b"[]", b"a=b&" * 600, b"%" * 500, b"\x1f\x8b\x08\0\0", b"x" * 70_000]
    )
)
#: In pieces; broken off where the last is None.
BODIES = st.lists(BODY, min_size=1, max_size=3) | BODY.map(lambda b: [b, None]) | BODY.map(lambda b: [b[: len(b) // 2]])
QUERY = (
    st.just(b"")
    | FORMS.map(quoted)
    | st.binary(max_size=100)
    | st.just(b"language=" + MARK.encode())
    | st.just(b"&" * 9000)
)
HEADS = st.lists(st.tuples(NAMES, VALUE), max_size=6)


def check(place: Place, answer: Answer, path: str) -> None:
    # What is asked of /healthz may be "no"; it is not that something is wrong with the asking.
    assert answer.status < 500 or (path == "/healthz" and answer.status == 503), (answer, place.site.said)
    assert {name.lower() for name in HEADERS} <= set(answer.headers)
    assert "strict-transport-security" in answer.headers
    text = answer.body.decode("utf-8", "replace")
    assert "Traceback" not in text
    assert not re.search(r'File "[^"]+", line', text)
    assert not UNESCAPED.search(text)
    for name, value in answer.headers.items():
        assert not re.search(r"[\r\n\0<>]|zq|evil", f"{name}: {value}") or name == "etag", (name, value)
    where = answer.headers.get("location", "https://town.example/thanks")
    assert where == "https://town.example/thanks"
    assert [line for line in place.site.said if not line.startswith("webhook test: ")] == []


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), method=METHODS, query=QUERY, headers=HEADS, body=BODIES)
def test_no_request_breaks_anything(
    place: Place,
    data: st.DataObject,
    method: str,
    query: bytes,
    headers: list[tuple[bytes, bytes]],
    body: list[bytes | None],
) -> None:
    path = data.draw(place.paths(data.draw(st.sampled_from(place.routes))))
    target = path.replace("?", "%3F") + ("?" + query.decode("latin-1") if query else "")
    before = place.version()
    answer = ask(place.app, method, target, body, headers)
    check(place, answer, path)
    if method != "POST":
        assert place.version() == before, "only a POST may write"


def test_every_route_was_reached_and_looking_writes_nothing(place: Place) -> None:
    """With good values each route answers: else all of the above may have been of addresses that lead nowhere."""
    before = place.version()
    for route in place.routes:
        options = [place.good[name] for name in route.param_convertors]
        longest = max(map(len, options), default=1)
        for turn in range(longest):
            values = {name: place.good[name][turn % len(place.good[name])] for name in route.param_convertors}
            path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found, v=values: v[found[1]], route.path)  # type: ignore[misc]
            for method in ("GET", "HEAD", "OPTIONS"):
                check(place, ask(place.app, method, path, b"", ()), path)
    assert place.version() == before
    reached = {path for (path, status), _ in place.seen.items() if status in (200, 405, 503)}
    reached |= {path for (path, status), _ in place.seen.items() if status == 204}  # what is there for POST alone
    assert {route.path for route in place.routes} <= reached


# --- as bytes on a line ------------------------------------------------------------------------------

LINES = st.sampled_from(
    [b"", b"\r\n", b"GET", b"GET  /", b"GET / HTTP/1.1", b"get / http/1.1", b"GET / HTTP/0.9", b"GET / HTTP/2.0",
     b"POST / HTTP/1.1", b"PRI * HTTP/2.0", b"OPTIONS * HTTP/1.1", b"CONNECT evil.example:443 HTTP/1.1",
     b"GET http://evil.example/ HTTP/1.1", b"GET //evil.example HTTP/1.1", b"GET /\xff\0 HTTP/1.1",
     b"GET /%ff%00 HTTP/1.1", b"GET /a\tb HTTP/1.1", b"GET /s/news?\xff HTTP/1.1", b"HEAD /s/news HTTP/1.1",
     b"POST /s/news HTTP/1.1", b"POST /u/x HTTP/1.1", b"POST /hooks/test HTTP/1.1", b"GET /" + b"x" * 20_000]
)  # fmt: skip
FIELD = st.tuples(NAMES | st.binary(min_size=1, max_size=8), VALUE).map(b": ".join) | st.sampled_from(
    [b"Host: a", b"Host: a", b"Host: a", b"Content-Length: 5", b"Content-Length: 5\r\nContent-Length: 6",
     b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Content-Length: +5", b" folded",
     b"No colon", b": empty", b"X : y", b"X: a\0b"]
)  # fmt: skip
REST = st.binary(max_size=60) | st.sampled_from(
    [b"5\r\nhello\r\n0\r\n\r\n", b"zz\r\n", b"-1\r\n\r\n", b"ffffffffffffffffff\r\nx", b"5;x=" + b"y" * 20_000,
     b"0\r\nX: y\r\n\r\n", b"5\r\nhello", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", b"hello" * 10_000]
)  # fmt: skip
RAW = st.tuples(LINES, st.lists(FIELD, max_size=5), st.sampled_from([b"\r\n\r\n", b"\n\n", b"\r\n", b""]), REST)


@pytest.fixture(scope="module")
def line(place: Place) -> Iterator[tuple[str, int]]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(server, "_HEAD_SECONDS", 0.2)
        patched.setattr("digest.web.bodies.SECONDS", 0.2)
        running = server.Server(place.app, "127.0.0.1", 0)
        running.start()
        yield running.host, running.port
        running.stop()


def answered(line: tuple[str, int], sent: bytes) -> bytes:
    """All that comes back until the server closes, or has nothing more to say."""
    found = b""
    with socket.create_connection(line, timeout=20) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            found += piece
    return found


@settings(max_examples=SOCKETS, deadline=None, suppress_health_check=list(HealthCheck))
@given(RAW)
@example((b"GET / HTTP/1.1", [b"Host: " + MARK.encode()], b"\r\n\r\n", b""))
def test_no_bytes_on_a_line_break_anything(
    place: Place, line: tuple[str, int], raw: tuple[bytes, list[bytes], bytes, bytes]
) -> None:
    first, fields, end, rest = raw
    before = place.version()
    sent = b"\r\n".join([first, *fields]) + end + rest
    found = answered(line, sent)
    for status in re.findall(rb"^HTTP/1\.1 (\d{3})", found, re.MULTILINE):
        assert int(status) < 500 or b'"ok": false' in found, (sent[:80], found[:300])
    assert not found or found.startswith(b"HTTP/1.1 "), found[:80]
    assert b"Traceback" not in found
    assert not UNESCAPED.search(found.decode("utf-8", "replace"))
    assert b"evil" not in found.partition(b"\r\n\r\n")[0]
    # What is no HTTP at all is refused by the server, before there is a request.
    if found and b"Invalid HTTP request received." not in found:
        assert b"x-content-type-options: nosniff" in found.lower()
    if b"POST" not in sent:
        assert place.version() == before


def test_it_answers_as_before(line: tuple[str, int]) -> None:
    @dataclass
    class At:
        host: str
        port: int

    assert over_http(At(*line), "GET", "/s/news").status == 200
