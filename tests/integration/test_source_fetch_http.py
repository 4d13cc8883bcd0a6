"""Sources over real HTTP, from the command line to the database: logins, patience, moves, robots.txt."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.errors import FetchError, NotNow
from digest.ingest import fetch, robots
from digest.ingest.hosts import Hosts
from digest.ingest.kinds.base import FetchOptions
from tests.unit.cli.running import Runner, make_home

SECRET = "s3cret-Pa55"
FEED = """<rss version="2.0"><channel><title>Quay</title><item><title>The {0} bridge opened</title><guid>{0}</guid>
<description>The {0} bridge opened on Monday after years of repairs.</description></item></channel></rss>"""


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "true")
    monkeypatch.setenv("DIGEST_INGEST_HOST_SECONDS", "0.05")
    return Runner(make_home(tmp_path / "home"), capsys)


def at(httpserver: HTTPServer, path: str) -> str:
    return f"http://127.0.0.1:{httpserver.port}{path}"


def secret_file(folder: Path, text: str = f"desk:{SECRET}\n", mode: int = 0o600) -> Path:
    file = folder / "login.txt"
    file.write_text(text)
    file.chmod(mode)
    return file


def everything_on_disk(home: Path) -> bytes:
    return b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())


def test_a_login_opens_the_feed_and_stands_nowhere_but_in_its_file(
    digest: Runner, httpserver: HTTPServer, tmp_path: Path
) -> None:
    def answer(request: Request) -> Response:
        mine = request.authorization
        well = mine is not None and (mine.username, mine.password) == ("desk", SECRET)
        return Response(FEED.format("old") if well else "", status=200 if well else 401)

    httpserver.expect_request("/feed").respond_with_handler(answer)
    file = secret_file(tmp_path)
    said = digest(
        "source", "add", "--kind", "feed", at(httpserver, "/feed"), "--name", "quay", "--login", f"basic:{file}"
    )
    assert said.code == 0
    assert "its login goes over the net for everybody to read" in said.err
    assert "1 article: 1 new" in digest.well("fetch", "quay").out
    told = digest.well("source", "show", "quay", "--json")
    assert told.json["login"] == f"basic:{file}"
    file.write_text("desk:wrong\n")
    refused = digest("fetch", "quay")
    assert refused.code == 1
    assert "its login was refused" in refused.err
    file.write_text(f"desk:{SECRET}\n")
    file.chmod(0o644)
    opened = digest("fetch", "quay")
    assert "every user of this machine" in opened.err
    listed = digest.well("source", "list")
    assert "quay: failing for " in listed.out
    assert SECRET not in said.err + told.out + refused.err + refused.out + opened.err + opened.out + listed.out
    assert SECRET.encode() not in everything_on_disk(digest.home)
    assert oct(file.stat().st_mode).endswith("644"), "we mend no files of others"


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--login", "basic", "is no kind of login|KIND:FILE"),
        ("--login", "oauth:x", "basic, bearer, cookies"),
        ("--login", "bearer:/no/such/file", "No such file"),
        ("--proxy", "socks5://proxy:1080", "HTTP proxy"),
        ("--proxy", "http://desk:s3cret-Pa55@proxy:3128", "leave user and password out"),
    ],
)
def test_what_cannot_be_used_is_refused_when_it_is_added(digest: Runner, option: str, value: str, says: str) -> None:
    error = digest.refused("source", "add", "--kind", "feed", "https://example.org/feed", option, value)
    assert any(part in error for part in says.split("|"))
    assert SECRET not in error
    assert digest.well("source", "list", "--json").json == []


def test_a_folder_needs_neither(digest: Runner, tmp_path: Path) -> None:
    assert "not fetched over the web" in digest.refused(
        "source", "add", "--kind", "folder", str(tmp_path), "--proxy", "p:1"
    )


def test_a_host_that_asks_for_patience_is_left_alone_by_all_its_sources(digest: Runner, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=503, headers={"Retry-After": "3600"})
    httpserver.expect_request("/b").respond_with_data(FEED.format("new"))
    for name in "ab":
        digest("source", "add", "--kind", "feed", at(httpserver, f"/{name}"), "--name", name)
    said = digest("fetch", "a")
    assert said.code == 1
    assert "source a: " in said.err
    assert "503" in said.err
    assert "No source is due" in digest.well("fetch").out
    assert [request.path for request, _ in httpserver.log] == ["/a"]
    found = {entry["name"]: entry for entry in digest.well("source", "list", "--json").json}
    assert (found["a"]["failures"], found["b"]["failures"]) == (1, 0)
    for entry in found.values():
        due = datetime.fromisoformat(entry["next_fetch"]) - datetime.now(UTC)
        assert timedelta(minutes=55) < due < timedelta(minutes=61)


@pytest.mark.parametrize(("status", "waits"), [(503, True), (429, True), (200, False), (404, False)])
def test_a_host_that_asks_for_patience_gets_it_at_once(httpserver: HTTPServer, status: int, waits: bool) -> None:
    httpserver.expect_request("/").respond_with_data("", status=status, headers={"Retry-After": "600"})
    hosts = Hosts(gap=0)
    fetch.get(at(httpserver, "/"), allow_private=True, hosts=hosts)
    if waits:
        with pytest.raises(NotNow) as error:
            fetch.get(at(httpserver, "/"), allow_private=True, hosts=hosts)
        assert 590 < error.value.seconds <= 600
    else:
        fetch.get(at(httpserver, "/"), allow_private=True, hosts=hosts)
    assert len(httpserver.log) == (1 if waits else 2)


def test_a_redirect_within_the_host_goes_on_at_once_and_to_another_host_takes_its_turn(httpserver: HTTPServer) -> None:
    port = httpserver.port
    for path, location in (("/0", "/1"), ("/1", f"http://localhost:{port}/2")):
        httpserver.expect_request(path).respond_with_data("", status=302, headers={"Location": location})
    httpserver.expect_request("/2").respond_with_data("in")
    hosts = Hosts(at_once=1, gap=60)
    assert fetch.get(f"http://127.0.0.1:{port}/0", allow_private=True, hosts=hosts).body == b"in"
    assert min(hosts.wait("127.0.0.1"), hosts.wait("localhost")) > 50
    with pytest.raises(NotNow):
        fetch.get(f"http://127.0.0.1:{port}/2", allow_private=True, hosts=hosts, timeout=0.1)


def test_a_server_that_heeds_no_validators(digest: Runner, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_data(FEED.format("same"), headers={"ETag": 'W/"1"'})
    digest("source", "add", "--kind", "feed", at(httpserver, "/feed"), "--name", "quay")
    digest.well("fetch", "quay")
    assert "unchanged" in digest.well("fetch", "quay").out
    assert httpserver.log[1][0].headers["If-None-Match"] == 'W/"1"'


def test_a_move_needs_a_readable_answer(digest: Runner, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/old").respond_with_data("", status=301, headers={"Location": "/new"})
    answers = iter(["<html>All new!</html>", FEED.format("moved")])
    httpserver.expect_request("/new").respond_with_handler(lambda _: Response(next(answers)))
    digest("source", "add", "--kind", "feed", at(httpserver, "/old"), "--name", "quay")
    assert digest("fetch", "quay").code == 1
    assert digest.well("source", "show", "quay", "--json").json["location"] == at(httpserver, "/old")
    digest.well("fetch", "quay")
    assert digest.well("source", "show", "quay", "--json").json["location"] == at(httpserver, "/new")


def test_new_ids_with_other_words_are_held_shown_and_released(digest: Runner, httpserver: HTTPServer) -> None:
    pier = (
        "<item><title>The pier of {0} was given a new crane</title><guid>{1}{0}</guid>"
        "<description>In {0} the crane lifts {2} boats of the fleet a day, the harbour of {0} said.</description>"
        "<pubDate>{3}</pubDate></item>"
    )
    day = format_datetime(datetime.now(UTC) - timedelta(hours=3))

    def body(ids: str, boats: int) -> str:
        items = "".join(pier.format(name, ids, boats, day) for name in ("Orme", "Kell", "Stowe", "Brill"))
        return f"<rss version='2.0'><channel><title>Quay</title>{items}</channel></rss>"

    answers = iter([body("a", 5), body("b", 5), body("c", 9)])
    httpserver.expect_request("/feed").respond_with_handler(lambda _: Response(next(answers)))
    digest("source", "add", "--kind", "feed", at(httpserver, "/feed"), "--name", "quay")
    assert "4 articles: 4 new" in digest.well("fetch", "quay").out
    assert "4 articles, all known" in digest.well("fetch", "quay").out
    assert "4 held back" in digest.well("fetch", "quay").out
    listed = digest.well("source", "list").out
    assert "4 articles to let go on as news: digest source release quay" in listed
    shown = digest.well("source", "show", "quay", "--json").json
    assert (shown["articles"], shown["held"]) == (4, 4)
    assert "Released 4 articles" in digest.well("source", "release", "quay").out
    assert digest.well("source", "show", "quay", "--json").json["held"] == 0


# --- robots.txt -------------------------------------------------------------------------------------

OPTIONS = FetchOptions(timeout=5.0, allow_private=True, user_agent="storyline-digest/0")
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def consult(httpserver: HTTPServer, memory: dict[str, str] | None = None, *, path: str = "/news") -> robots.Robots:
    return robots.consult(at(httpserver, path), memory or {}, now=NOW, options=OPTIONS)


def test_robots_txt_is_asked_for_once_and_heeded(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /private\n")
    found = consult(httpserver)
    again = consult(httpserver, dict(found.remembered))
    assert again.allow(at(httpserver, "/news"))
    with pytest.raises(FetchError, match="asks not to read it"):
        again.check(at(httpserver, "/private/x"))
    assert [r.path for r, _ in httpserver.log] == ["/robots.txt"]
    assert httpserver.log[0][0].headers["User-Agent"] == "storyline-digest/0"


@pytest.mark.parametrize(("status", "may"), [(404, True), (403, True), (500, False), (503, False), (429, False)])
def test_robots_txt_that_is_not_there(httpserver: HTTPServer, status: int, may: bool) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=status)
    assert consult(httpserver).allow(at(httpserver, "/news")) is may


def test_robots_txt_behind_redirects(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=301, headers={"Location": "/r"})
    httpserver.expect_request("/r").respond_with_data("User-agent: *\nDisallow: /\n")
    assert not consult(httpserver).allow(at(httpserver, "/news"))
    httpserver.clear()
    httpserver.expect_request("/robots.txt").respond_with_data("", status=301, headers={"Location": "/robots.txt"})
    assert consult(httpserver).allow(at(httpserver, "/news")), "in circles: there is none (RFC 9309, 2.3.1.2)"


def test_a_robots_txt_without_end_is_read_to_the_limit(httpserver: HTTPServer) -> None:
    text = b"User-agent: *\nDisallow: /private\n" + b"#" * 2_000_000
    httpserver.expect_request("/robots.txt").respond_with_data(text)
    found = consult(httpserver)
    assert isinstance(found.said, bytes)
    assert len(found.said) == robots.MAX_BYTES
    assert not found.allow(at(httpserver, "/private"))


def test_no_server_is_no_permission(httpserver: HTTPServer) -> None:
    found = robots.consult("http://127.0.0.1:1/news", {}, now=NOW, options=OPTIONS)
    assert not found.allow("http://127.0.0.1:1/news")
    with pytest.raises(FetchError, match="Connection refused"):
        found.check("http://127.0.0.1:1/news")


def test_robots_txt_of_a_host_that_is_left_alone_is_a_matter_of_turns(httpserver: HTTPServer) -> None:
    hosts = Hosts()
    hosts.hold("127.0.0.1", 600)
    options = dataclasses.replace(OPTIONS, hosts=hosts)
    with pytest.raises(NotNow):
        robots.consult(at(httpserver, "/news"), {}, now=NOW, options=options)
    assert not httpserver.log
