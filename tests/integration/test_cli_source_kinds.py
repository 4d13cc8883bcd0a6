"""digest source add, import and export: what a place is, and lists of feeds."""

from __future__ import annotations

import io
import json
import mailbox
import sys
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.unit.cli.running import Runner, make_home
from tests.unit.ingest.web import article_page

RSS = """<rss version="2.0"><channel><title>Quay</title><item><title>Ferry opens</title><guid>1</guid>
<link>https://quay.example/1</link><description>The ferry line opened on Saturday.</description></item>
</channel></rss>"""


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "true")
    monkeypatch.setenv("DIGEST_INGEST_HOST_SECONDS", "0")
    return Runner(make_home(tmp_path / "home"), capsys)


def added(digest: Runner) -> dict[str, tuple[str, str]]:
    return {told["name"]: (told["kind"], told["location"]) for told in digest.well("source", "list", "--json").json}


# --- what a place is ------------------------------------------------------------------------------


def test_a_page_leads_to_its_feed_and_the_articles_come(digest: Runner, httpserver: HTTPServer) -> None:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}" title="{title}">'
        for href, title in (("/comments", "Comments"), ("/main", "Quay"), ("/sport", "Sport"))
    )
    httpserver.expect_request("/").respond_with_data(article_page("Quay", extra=links), content_type="text/html")
    httpserver.expect_request("/main").respond_with_data(RSS)
    out = digest.well("source", "add", httpserver.url_for("/"), "--name", "quay").out
    assert out.splitlines() == [
        f"{httpserver.url_for('/')} is a page: taking its feed {httpserver.url_for('/main')}",
        "other feeds that it names:",
        f"  {httpserver.url_for('/comments')}  Comments",
        f"  {httpserver.url_for('/sport')}  Sport",
        f"Added source quay: feed {httpserver.url_for('/main')}",
        "Next: digest fetch",
    ]
    assert [request.path for request, _ in httpserver.log] == ["/", "/main"]
    digest.well("fetch")
    assert [article["title"] for article in digest.well("article", "list", "--json").json] == ["Ferry opens"]
    assert "is source 'quay' already" in digest("source", "add", httpserver.url_for("/main")).err


def test_each_address_is_what_it_holds(digest: Runner, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/rss").respond_with_data(RSS)
    httpserver.expect_request("/map.xml").respond_with_data(
        f"<urlset><url><loc>{httpserver.url_for('/story')}</loc><lastmod>2026-01-01</lastmod></url></urlset>"
    )
    httpserver.expect_request("/story").respond_with_data(article_page("Ferry closes"))
    for name in ("rss", "map.xml", "story"):
        said = digest.well("source", "add", httpserver.url_for(f"/{name}"), "--name", name).out
        assert ("has no feed: its text is read as one article" in said) == (name == "story")
    assert {name: kind for name, (kind, _) in added(digest).items()} == {
        "rss": "feed", "map.xml": "sitemap", "story": "page",
    }  # fmt: skip
    digest.well("fetch")
    titles = [article["title"] for article in digest.well("article", "list", "--json").json]
    assert sorted(titles) == ["Ferry closes", "Ferry closes", "Ferry opens"]


def test_each_path_is_what_it_holds(digest: Runner, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "wire.jsonl").write_text(json.dumps({"id": "1", "text": "The ferry line opened on Saturday."}) + "\n")
    box = mailbox.Maildir(tmp_path / "mails", create=True)
    box.add(b"From: The Quay <a@quay.example>\r\nSubject: Mail\r\n\r\nThe ferry line was closed again on Sunday.\r\n")
    for name in ("texts", "wire.jsonl", "mails"):
        digest.well("source", "add", str(tmp_path / name))
    assert {name: kind for name, (kind, _) in added(digest).items()} == {
        "texts": "folder", "wire.jsonl": "jsonl", "mails": "maildir",
    }  # fmt: skip
    digest.well("fetch")
    assert {(a["source"], a["title"]) for a in digest.well("article", "list", "--json").json} == {
        ("wire.jsonl", "The ferry line opened on Saturday"), ("mails", "Mail"),
    }  # fmt: skip


def test_nothing_is_fetched_where_the_kind_is_named(digest: Runner, httpserver: HTTPServer) -> None:
    digest.well("source", "add", httpserver.url_for("/x"), "--kind", "feed")
    assert httpserver.log == []


def test_what_cannot_be_a_source_is_one_line_with_a_way_on(
    digest: Runner, httpserver: HTTPServer, tmp_path: Path
) -> None:
    httpserver.expect_request("/pdf").respond_with_data(b"%PDF-1.4")
    httpserver.expect_request("/list").respond_with_data(b"<opml/>")
    (tmp_path / "saved.xml").write_text(RSS)
    (tmp_path / "feeds.opml").write_text("<opml/>")
    add = ("source", "add")
    assert "neither a feed nor a sitemap nor a page" in digest.refused(*add, httpserver.url_for("/pdf"))
    assert "digest source import FILE" in digest.refused(*add, httpserver.url_for("/list"))
    assert "or say what it is: --kind feed" in digest.refused(*add, httpserver.url_for("/none"), code=1)
    assert "or say what it is: --kind feed" in digest.refused(*add, "http://127.0.0.1:1/", code=1)
    assert "digest ingest" in digest.refused(*add, str(tmp_path / "saved.xml"))
    assert "digest source import" in digest.refused(*add, str(tmp_path / "feeds.opml"))
    assert "does not exist" in digest.refused(*add, str(tmp_path / "nothing"))
    assert "does not exist" in digest.refused(*add, "wire.jsonl")
    assert "is not a web address" in digest.refused(*add, "file:///etc/passwd")
    assert added(digest) == {}


def test_the_form_of_old_says_what_to_write_now(digest: Runner) -> None:
    said = digest.refused("source", "add", "feed", "https://example.org/f?a=1&b=2")
    assert said == (
        "source add feed: the kind is an option now"
        " (digest source add 'https://example.org/f?a=1&b=2' --kind feed, or without --kind)"
    )
    assert "one source at a time" in digest.refused("source", "add", "https://a.example/", "https://b.example/")


def test_a_private_address_is_not_looked_at(
    digest: Runner, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGEST_INGEST_ALLOW_PRIVATE")
    assert "allow_private = true" in digest.refused("source", "add", httpserver.url_for("/"), code=1)
    assert httpserver.log == []


# --- lists ----------------------------------------------------------------------------------------

OPML = """<opml version="2.0"><body>
<outline text="Tech"><outline text="Nested">
<outline text="Bits" type="rss" xmlUrl="https://bits.example/f" language="de-AT"/>
</outline></outline>
<outline text="My &amp; yours"><outline text="Bits" type="rss" xmlUrl="https://other.example/f"/></outline>
<outline text="Again" type="rss" xmlUrl="https://bits.example/f"/>
<outline text="-odd\u202e name" type="rss" xmlUrl="third.example/f" language="klingon!"/>
<outline text="Bad" type="rss" xmlUrl="ftp://bad.example/f"/>
<outline text="Empty" type="rss" xmlUrl=""/>
</body></opml>"""


@pytest.fixture
def opml(tmp_path: Path) -> Path:
    file = tmp_path / "feeds.opml"
    file.write_text(OPML, encoding="utf-8")
    return file


def test_import_adds_what_is_good_names_what_is_bad_and_can_be_run_again(digest: Runner, opml: Path) -> None:
    dry = digest("source", "import", str(opml), "--dry-run")
    assert dry.code == 1
    assert "3 would be added, 1 known already, 2 failed." in dry.out
    assert added(digest) == {}
    said = digest("source", "import", str(opml))
    assert (said.code, said.out) == (1, "3 added, 1 known already, 2 failed.\nNext: digest fetch\n")
    assert said.err.splitlines() == [
        f"digest: {opml}, outline 9 (Empty): has no address (add xmlUrl)",
        f"digest: {opml}, Bad: 'ftp://bad.example/f' is not a web address (give it as https://example.org/feed.xml)",
        "digest: source odd name: 'klingon!' is no language, so each article's is found",
    ]
    told = {s["name"]: (s["location"], s["topics"], s["language"]) for s in digest("source", "list", "--json").json}
    assert told == {
        "Bits": ("https://bits.example/f", ["science-technology"], "de"),
        "Bits-2": ("https://other.example/f", ["My & yours"], ""),
        "odd name": ("https://third.example/f", [], ""),
    }
    assert "My & yours" in digest.well("source", "show", "Bits-2").out
    again = digest("source", "import", str(opml), "--json")
    assert again.json == {"added": 0, "known": 4, "failed": 2, "sources": []}


def test_export_and_import_into_another_home_give_the_same_sources(
    digest: Runner, opml: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    digest("source", "import", str(opml))
    digest.well("source", "add", "https://x.example/f", "--kind", "feed", "--topic", "sport", "--topic", "politics")
    digest.well("source", "pause", "odd name")
    (tmp_path / "texts").mkdir()
    digest.well("source", "add", str(tmp_path / "texts"))
    said = digest("source", "export")
    assert (said.code, said.err) == (0, "digest: 1 source left out: OPML lists feeds only\n")
    assert digest("source", "export", str(tmp_path / "out.opml")).out == f"Wrote 4 feeds to {tmp_path}/out.opml\n"
    assert (tmp_path / "out.opml").read_text(encoding="utf-8") == said.out
    other = Runner(make_home(tmp_path / "other"), capsys)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said.out.encode())))
    assert other.well("source", "import", "-").out.startswith("4 added, 0 known already, 0 failed.")

    def facts(home: Runner) -> list[tuple[object, ...]]:
        found = home("source", "list", "--json").json
        return [tuple(s[key] for key in ("name", "kind", "location", "language", "topics")) for s in found]

    assert facts(other) == [fact for fact in facts(digest) if fact[1] == "feed"]


def test_what_is_no_list_is_one_line(digest: Runner, tmp_path: Path) -> None:
    (tmp_path / "x.opml").write_text("no list")
    assert "is not an OPML list" in digest.refused("source", "import", str(tmp_path / "x.opml"), code=1)
    assert "does not exist" in digest.refused("source", "import", str(tmp_path / "none.opml"), code=1)
    assert "cannot be written" in digest.refused("source", "export", str(tmp_path), code=1)
