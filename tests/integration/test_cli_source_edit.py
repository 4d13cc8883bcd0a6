"""digest source edit: checked as `source add` checks, told, and heeded by the next fetch whatever came before."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.ingest import pages
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.model.publication import Source
from digest.pipeline import fetching, source_settings, sources
from digest.pipeline.sources import Asked
from digest.store import sources as stored
from tests.support.home import House
from tests.unit.cli.running import Runner, make_home
from tests.unit.ingest.web import TEXT, article_page

REST = "The council said that it would run every ten minutes from six in the morning until midnight."
_TOPICS = ("--topic", "sport", "--topic", "politics")


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "true")
    monkeypatch.setenv("DIGEST_INGEST_HOST_SECONDS", "0")
    return Runner(make_home(tmp_path / "home"), capsys)


@pytest.fixture
def example(digest: Runner) -> Runner:
    """A desk with one source, which nobody fetches."""
    digest.well("source", "add", "--kind", "feed", "https://example.org/f", "--publisher", "The Post", *_TOPICS)
    return digest


def told(digest: Runner, name: str = "example.org") -> dict[str, object]:
    found: dict[str, object] = digest.well("source", "show", name, "--json").json
    return found


def login(folder: Path, name: str = "login.txt") -> str:
    file = folder / name
    file.write_text("t0ken\n")
    file.chmod(0o600)
    return f"bearer:{file}"


# --- what is said ---------------------------------------------------------------------------------


def test_each_setting_changes_and_goes_again(example: Runner, tmp_path: Path) -> None:
    before = told(example)
    reference = login(tmp_path)
    said = {
        "publisher": ("--publisher", "Harbour Times"), "language": ("--lang", "nl-BE"),
        "topics": ("--topic", "weather"),
        "login": ("--login", reference), "proxy": ("--proxy", "proxy.example:3128"), "full_text": ("--full-text",),
        "location": ("--location", "https://example.org/new"),
    }  # fmt: skip
    example.well("source", "edit", "example.org", *(word for words in said.values() for word in words))
    after = told(example)
    assert {key: after[key] for key in said} == {
        "publisher": "Harbour Times", "language": "nl", "topics": ["weather"], "login": reference,
        "proxy": "http://proxy.example:3128", "full_text": True, "location": "https://example.org/new",
    }  # fmt: skip
    assert {key for key in after if after[key] != before[key]} == {*said, "next_fetch"}
    gone = ("--no-publisher", "--no-lang", "--no-topic", "--no-login", "--no-proxy", "--no-full-text")
    example.well("source", "edit", "example.org", *gone)
    after = told(example)
    assert [after[key] for key in said] == ["", "", [], "", "", False, "https://example.org/new"]


def test_it_says_what_changed_and_what_comes_next(example: Runner) -> None:
    out = example.well("source", "edit", "example.org", "--full-text", "--lang", "nl", "--publisher", "The Post").out
    assert out.splitlines() == [
        "Changed source example.org.",
        "  language   none -> nl",
        "  full text  no -> yes",
        "Articles that came in before stay as they are.",
        "The next fetch looks up the pages behind the teasers that stand in the feed, too.",
        "Next: digest fetch example.org",
    ]
    out = example.well("source", "edit", "example.org", "--no-topic").out
    assert out.splitlines()[1:] == [
        "  topics  sport, politics -> none",
        "Articles that came in before stay as they are.",
    ]
    out = example.well("source", "edit", "example.org", "--full-text").out
    assert out == "Source example.org is so already; nothing was changed.\n"


def test_a_paused_source_stays_so(example: Runner) -> None:
    example.well("source", "pause", "example.org")
    assert "Next" not in example.well("source", "edit", "example.org", "--proxy", "proxy.example:3128").out
    assert told(example)["state"] == "paused"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ((), "nothing to change was said (see: digest source edit --help)"),
        (("--login", "basic:x", "--no-login"), "--login and --no-login contradict each other (give one of them)"),
        (("--topic", "sport", "--no-topic"), "--topic and --no-topic contradict each other (give one of them)"),
        (("--publisher", " "), "--publisher is empty (to take it away: --no-publisher)"),
        (("--lang", "Dutch!"), "language code"),
        (("--topic", "spurt"), "did you mean 'sport'?"),
        (("--login", "magic:x"), "no kind of login"),
        (("--login", "basic:/nowhere/at/all"), "cannot be read"),
        (("--proxy", "ftp://x"), "is not the address of an HTTP proxy"),
        (("--location", "ftp://example.org/"), "is not a web address"),
        (("--location", ""), "is not a web address"),
        (("--location", "https://other.example/"), "is source 'other.example' already"),
    ],
)
def test_what_will_not_do_is_one_line_and_changes_nothing(
    example: Runner, arguments: tuple[str, ...], wanted: str
) -> None:
    example.well("source", "add", "--kind", "feed", "https://other.example/")
    before = told(example)
    assert wanted in example.refused("source", "edit", "example.org", *arguments)
    if arguments and "--publisher" not in arguments:  # nor does what is right beside it
        assert wanted in example.refused("source", "edit", "example.org", *arguments, "--publisher", "X")
    assert told(example) == before


def test_sources_that_cannot_be_set(example: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = tmp_path / "wire"
    wire.mkdir()
    (wire / "1.txt").write_text("date 2025-05-01 The old bridge opened to cyclists on Monday after two years of work.")
    change = ("source", "edit")
    assert "did you mean 'example.org'?" in example.refused(*change, "exmple.org", "--lang", "nl")
    example.well("source", "add", str(wire))
    assert "it is for feeds" in example.refused(*change, "wire", "--full-text")
    assert "needs no login and no proxy" in example.refused(*change, "wire", "--login", login(tmp_path))
    example.well("fetch", "wire")
    example.well("source", "remove", "wire")
    assert "was removed (digest source resume wire)" in example.refused(*change, "wire", "--lang", "en")
    example.well("ingest", str(wire), "--source", "desk")
    assert "filled by hand" in example.refused(*change, "desk", "--lang", "en")
    monkeypatch.setattr(pages, "available", lambda: False)
    assert "pip install" in example.refused(*change, "example.org", "--full-text")


def test_a_login_is_not_taken_along_to_another_server(example: Runner, tmp_path: Path) -> None:
    example.well("source", "edit", "example.org", "--login", login(tmp_path))
    example.well("source", "edit", "example.org", "--location", "https://example.org/elsewhere")
    move = ("source", "edit", "example.org", "--location", "https://evil.example/f")
    assert "is another server than the one that the login of source 'example.org' is for" in example.refused(*move)
    example.well(*move, "--no-login")
    example.well("source", "edit", "example.org", "--login", login(tmp_path))
    example.well(
        "source", "edit", "example.org", "--location", "https://new.example/f", "--login", login(tmp_path, "2")
    )


def test_what_will_keep_it_from_being_fetched_is_said(example: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "false")
    said = example("source", "edit", "example.org", "--location", "http://127.0.0.1/f")
    assert (said.code, "is a private network address, so it is not fetched" in said.err) == (0, True)


# --- what the next fetch makes of it --------------------------------------------------------------


@dataclass
class Site:
    """A feed that names its last state and answers 304; by a login there is more in it, under the same ETag."""

    server: HTTPServer
    asked: list[tuple[str, int]] = field(default_factory=list)
    teasers: list[str] = field(default_factory=lambda: ["Ferry opens"])

    def __post_init__(self) -> None:
        self.server.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow:\n")
        self.server.expect_request("/feed").respond_with_handler(self.feed)
        for number in range(40):
            self.server.expect_request(f"/story{number}").respond_with_handler(self.story)

    def feed(self, request: Request) -> Response:
        unchanged = request.headers.get("If-None-Match") == '"1"'
        self.asked.append((request.path, 304 if unchanged else 200))
        if unchanged:
            return Response(status=304, headers={"ETag": '"1"'})
        entries = [self.entry(n, title) for n, title in enumerate(self.teasers)]
        if request.headers.get("Authorization"):
            entries.append(self.entry(99, "For members"))
        body = f"<rss version='2.0'><channel><title>Quay</title>{''.join(entries)}</channel></rss>"
        return Response(body, headers={"ETag": '"1"'}, content_type="application/rss+xml")

    def entry(self, number: int, title: str) -> str:
        facts = {
            "title": title, "guid": str(number), "link": self.server.url_for(f"/story{number}"),
            "description": f"{title}: " + TEXT[:60] + "…",
        }  # fmt: skip
        return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in facts.items()) + "</item>"

    def story(self, request: Request) -> Response:
        self.asked.append((request.path, 200))
        title = self.teasers[int(request.path.removeprefix("/story"))]
        return Response(article_page(title, f"{title}: {TEXT}\n{REST}").decode(), content_type="text/html")

    def many(self) -> None:
        self.teasers = [f"Ferry number {n} opens" for n in range(40)]

    def since(self) -> list[tuple[str, int]]:
        """What was asked for since the last time."""
        asked, self.asked = self.asked, []
        return asked


@pytest.fixture
def site(httpserver: HTTPServer, digest: Runner) -> Site:
    made = Site(httpserver)
    digest.well("source", "add", httpserver.url_for("/feed"), "--name", "quay", "--kind", "feed")
    digest.well("fetch")
    digest.well("fetch", "--all")
    assert [status for _, status in made.since()] == [200, 304], "the server remembers"
    return made


def texts(digest: Runner) -> list[str]:
    listed = digest.well("article", "list", "--json").json
    found = [digest.well("article", "show", row["key"], "--json").json for row in listed]
    return ["\n".join(article["paragraphs"]) for article in found]


def test_full_text_comes_for_the_teasers_that_stand_in_the_feed(digest: Runner, site: Site) -> None:
    assert REST not in texts(digest)[0]
    digest.well("source", "edit", "quay", "--full-text")
    assert "1 updated" in digest.well("fetch").out, "it is due at once"
    assert site.since() == [("/feed", 200), ("/story0", 200)]
    assert [REST in text for text in texts(digest)] == [True]
    digest.well("fetch", "--all")
    assert site.since() == [("/feed", 304)], "and then all is as ever"

    digest.well("source", "edit", "quay", "--no-full-text")
    assert "all known already" in digest.well("fetch").out
    digest.well("source", "edit", "quay", "--full-text")
    digest.well("fetch")
    assert site.since() == [("/feed", 200), ("/feed", 200)], "what has its text is not asked for again"
    assert REST in texts(digest)[0]


def test_more_teasers_than_pages_at_once_come_with_the_next_fetches(digest: Runner, site: Site) -> None:
    site.many()
    digest.well("source", "edit", "quay", "--location", site.server.url_for("/feed") + "?all")
    digest.well("fetch")
    site.since()
    digest.well("source", "edit", "quay", "--full-text")
    digest.well("fetch")
    assert len(site.since()) == 1 + 30
    assert "10 updated" in digest.well("fetch", "--all").out
    assert len(site.since()) == 1 + 10
    assert sum(REST in text for text in texts(digest)) == 40


def test_a_page_that_fails_is_not_asked_for_again(digest: Runner, site: Site) -> None:
    site.server.clear_all_handlers()
    site.server.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow:\n")
    site.server.expect_request("/feed").respond_with_handler(site.feed)
    site.server.expect_request(re.compile("/story.*")).respond_with_data("", status=404)
    site.many()
    digest.well("source", "edit", "quay", "--full-text")
    said = digest("fetch").err.splitlines()
    assert ["teaser kept: http" in line for line in said] == [True, True, True, False], "all for one reason"
    assert said[3] == "digest: source quay: and 27 more teasers kept"
    assert digest.well("source", "edit", "quay", "--publisher", "The Post").code == 0
    digest("fetch", "--all")
    assert digest.well("fetch", "--all").err == ""
    assert len(texts(digest)) == 40


def test_a_login_counts_from_the_next_fetch_on(digest: Runner, site: Site, tmp_path: Path) -> None:
    digest("source", "edit", "quay", "--login", login(tmp_path))
    assert "1 new" in digest.well("fetch").out
    assert site.since() == [("/feed", 200)]
    digest.well("source", "edit", "quay", "--publisher", "The Post")
    assert "No source is due" in digest.well("fetch").out, "nothing about the fetching changed"


def test_a_source_that_was_gone_comes_back_at_another_address(digest: Runner, site: Site) -> None:
    site.server.clear_all_handlers()
    site.server.expect_request("/feed").respond_with_data("", status=410)
    digest("fetch", "--all")
    assert told(digest, "quay")["state"] == "gone"
    site.server.expect_request("/new").respond_with_handler(site.feed)
    out = digest.well("source", "edit", "quay", "--location", site.server.url_for("/new")).out
    assert "Source quay is active again.\nNext: digest fetch quay\n" in out
    digest.well("fetch")
    assert site.since() == [("/new", 200)]
    assert (told(digest, "quay")["state"], told(digest, "quay")["error"]) == ("active", "")


def test_what_is_set_while_it_is_fetched_is_not_lost(house: House) -> None:
    """The fetch under way went by the old settings: it must not have the last word."""
    to_do: list[Callable[[], object]] = []

    class Slow:
        kind, polled = "feed", True

        def check(self, location: str) -> str:
            return location

        def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
            while to_do:
                to_do.pop()()
            return Batch(memory={"etag": '"old"'}, location="https://moved.example/")

    services = replace(house.services, load_source_kind=lambda _: Slow())
    sources.add(services, Asked("feed", "https://example.org/f", name="quay"))
    fetching.fetch(services)
    house.clock.go(hours=5)
    to_do.append(lambda: source_settings.change(services, "quay", {"location": "https://example.org/new"}))
    fetching.fetch(services, everything=True)
    with services.database.read() as connection:
        found = stored.get(connection, "quay")
        assert found.location == "https://example.org/new"
        assert stored.on_record(connection, [found.id])[found.id].memory == {}
        assert stored.due(connection, services.clock()) == [found], "it is due as it is now"


def test_the_memory_of_pages_that_were_read_is_kept(house: House) -> None:
    with house.services.database.write() as connection:
        made = stored.add(connection, Source("map", "sitemap", "https://example.org/s.xml"), house.clock())
        seen = {"seen": "x", "etag": "1", "body": "2", "location": made.location, "hint": "60"}
        stored.change(connection, made, seen, None)
    source_settings.change(house.services, "map", {"proxy": "proxy.example:3128"})
    source_settings.change(house.services, "map", {"location": "https://example.org/t.xml"})
    with house.services.database.read() as connection:
        assert stored.on_record(connection, [made.id])[made.id].memory == {"seen": "x"}
