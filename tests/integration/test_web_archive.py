"""The public archive: what was sent, of nobody, in the visitor's language, and closed unless it was opened."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import feedparser
import pytest
import sqlalchemy as sa

from digest.pipeline import approving, pruning, publications, removing, subscriptions
from digest.pipeline.publications import Asked
from digest.store import archive
from digest.store import tables as t
from tests.support.cli import Cli
from tests.support.home import (
    House,
    all_rows,
    deliver_all,
    open_house,
    pass_,
    publication,
    publish_now,
    subscribe,
    take_in,
    token,
)
from tests.support.web import Site, over_http, site

A, B, C = "anna@example.org", "bert@example.org", "cleo@example.org"
URL = "https://news.example.org"


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as opened:
        publication(opened, title="The Morning", archive="open", language="en")
        subscribe(opened, A)
        yield opened


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


def sent(house: House, *numbers: int) -> None:
    """An extra edition with these articles, and what was sent of it."""
    take_in(house, *numbers)
    publish_now(house)
    deliver_all(house)


def headlines(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"Tk\d+v1", text)))


def speaking(language: str) -> dict[str, str]:
    return {"accept-language": language}


# --- what is there ---------------------------------------------------------------------------------------


def test_the_newest_stand_first_and_each_is_whole(house: House, web: Site) -> None:
    sent(house, 1, 2, 3, 4)
    house.clock.go(days=1)
    sent(house, 5)
    listed = web.ask("GET", "/a/news")
    assert listed.status == 200
    assert headlines(listed.text)[0] == token(5)
    assert "and 1 more" in listed.text
    assert re.findall(r'<h2><a href="(news/[^"]+)"', listed.text) == ["news/extra/2", "news/extra/1"]
    one = web.ask("GET", "/a/news/extra/1")
    assert one.status == 200
    assert set(headlines(one.text)) == {token(n) for n in (1, 2, 3, 4)}
    assert 'href="../../news/extra/2"' in one.text, "the edition after"
    assert f'<link rel="canonical" href="{URL}/a/news/extra/1/en">' in one.text
    assert web.said == []


def test_it_names_nobody_and_may_be_indexed(house: House, web: Site) -> None:
    sent(house, 1)
    before = all_rows(house)
    for path in ("/a/news", "/a/news/2026-03", "/a/news/extra/1", "/a/news/extra/1/en"):
        answer = web.ask("GET", path)
        assert answer.headers["x-robots-tag"] == "all", path
        assert "noindex" not in answer.text
        assert "anna" not in answer.text
        assert not re.search(r'href="[^"]*/(u|p|e|c|m)/', answer.text), path
        assert not re.search(r"<(script|form|img|iframe|input|button)\b", answer.text)
        assert "style=" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers
    assert all_rows(house) == before


def test_only_what_was_sent(house: House, web: Site) -> None:
    take_in(house, 1)
    publish_now(house)
    assert "Nothing has been sent yet." in web.ask("GET", "/a/news").text
    assert web.ask("GET", "/a/news/extra/1").status == 404, "planned, and not sent"
    assert feedparser.parse(web.ask("GET", "/a/news/feed.atom").body).entries == []
    deliver_all(house)
    assert web.ask("GET", "/a/news/extra/1").status == 200


def test_what_is_rejected_or_cancelled_is_not_there(house: House, web: Site) -> None:
    sent(house, 1)
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.edition).values(state="cancelled"))
    assert web.ask("GET", "/a/news/extra/1").status == 404
    publications.edit(house.services, Asked("news", approval_hours=2.0))
    house.clock.go(days=1)
    take_in(house, 2)
    publish_now(house)
    approving.reject(house.services, "news/extra/2", "no")
    deliver_all(house)
    assert web.ask("GET", "/a/news/extra/2").status == 404
    assert headlines(web.ask("GET", "/a/news").text) == []


def test_the_operators_copy_is_never_shown(house: House, web: Site) -> None:
    sent(house, 1)
    assert web.ask("GET", "/a/news/extra/1").status == 200
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.variant).values(failing=[[1, "a feed"]]))
    assert web.ask("GET", "/a/news/extra/1").status == 404
    assert headlines(web.ask("GET", "/a/news").text) == []
    assert feedparser.parse(web.ask("GET", "/a/news/feed.atom").body).entries == []


def test_with_an_article_that_is_removed_it_is_gone(house: House, web: Site) -> None:
    sent(house, 1)
    removing.remove(house.services, ["1"], "the publisher asked for it")
    answer = web.ask("GET", "/a/news/extra/1", headers=speaking("nl"))
    assert answer.status == 410
    assert "Deze editie staat niet meer op het web" in answer.text
    assert headlines(web.ask("GET", "/a/news").text) == []
    assert headlines(web.ask("GET", "/a/news/feed.json").text) == []


def test_it_outlives_the_records_of_its_mails(house: House, web: Site) -> None:
    sent(house, 1)
    house.clock.go(days=1)
    sent(house, 2)  # the last delivery is never deleted
    house.clock.go(days=400)
    assert pruning.prune(house.services)
    with house.services.database.read() as connection:
        assert connection.execute(sa.select(t.delivery.c.edition_id)).scalars().all() == [2]
    assert web.ask("GET", "/a/news/extra/1").status == 200
    assert headlines(web.ask("GET", "/a/news").text) == [token(2), token(1)]
    house.clock.go(days=400)
    pruning.prune(house.services)
    assert web.ask("GET", "/a/news/extra/1").status in (404, 410), "its text is deleted too"


# --- who may -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["", "/2026-03", "/extra/1", "/extra/1/en", "/feed.atom", "/feed.json"], ids=lambda p: p or "list"
)
def test_one_that_is_closed_is_as_if_there_was_none(house: House, web: Site, path: str) -> None:
    sent(house, 1)
    open_, unknown = web.ask("GET", f"/a/news{path}"), web.ask("GET", f"/a/nothing{path}")
    assert (open_.status, unknown.status) == (200, 404)
    publications.edit(house.services, Asked("news", archive="closed"))
    closed = web.ask("GET", f"/a/news{path}")
    assert (closed.status, closed.body, closed.headers) == (404, unknown.body, unknown.headers)
    publications.edit(house.services, Asked("news", archive="open"))
    publications.remove(house.services, "news")
    assert web.ask("GET", f"/a/news{path}").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/2026-13", "/2026-3", "/0000-01", "/9999-12", "/2026-03/1", "/2026-03/0", "/2026-03/1001", "/x", "/%00",
        "/extra/0", "/extra/2", "/extra/99999999999999999999", "/extra/1/fr", "/2026-03/2/en", "/EXTRA/1",
    ],
)  # fmt: skip
def test_addresses_that_lead_nowhere(house: House, web: Site, path: str) -> None:
    sent(house, 1)
    assert web.ask("GET", f"/a/news{path}").status == 404
    assert web.said == []


# --- which one it is -----------------------------------------------------------------------------------


def test_the_visitors_language_where_there_is_one(house: House, web: Site) -> None:
    subscribe(house, B, language="nl")
    sent(house, 1)
    for wanted, spoken in (("nl-BE, en;q=0.5", "nl"), ("fr, nl;q=0.1", "nl"), ("fr", "en"), ("", "en")):
        answer = web.ask("GET", "/a/news/extra/1", headers=speaking(wanted))
        assert answer.headers["content-language"] == spoken, wanted
        assert answer.headers["vary"] == "Accept-Language"
    dutch = web.ask("GET", "/a/news/extra/1/nl", headers=speaking("en"))
    assert dutch.headers["content-language"] == "nl"
    assert "vary" not in dutch.headers
    for language in ("en", "nl"):
        assert f'<link rel="alternate" hreflang="{language}" href="{URL}/a/news/extra/1/{language}">' in dutch.text
    assert f'hreflang="x-default" href="{URL}/a/news/extra/1">' in dutch.text
    listed = web.ask("GET", "/a/news", headers=speaking("nl"))
    assert "Eerdere edities" in listed.text
    assert "Extra editie 1" in listed.text


def test_what_most_readers_had(house: House, web: Site) -> None:
    """Two who read all of it, and one who chose a topic."""
    subscribe(house, B)
    subscribe(house, C, topics=["sport"])
    take_in(house, 1, topic="sport")
    sent(house, 2)
    assert set(headlines(house.mails(C)[0].decode())) == {token(1)}
    assert set(headlines(web.ask("GET", "/a/news/extra/1").text)) == {token(1), token(2)}


def test_what_a_few_readers_chose_is_theirs(house: House, web: Site) -> None:
    """In Dutch there is nobody who reads all of it; of two, each would see what the other one chose."""
    for n, language in enumerate(("nl", "nl", "de", "de", "de")):
        subscribe(house, f"{n}@example.org", language=language, topics=["sport"])
    take_in(house, 1, topic="sport")
    sent(house, 2)
    assert web.ask("GET", "/a/news/extra/1/nl").status == 404
    shown = web.ask("GET", "/a/news/extra/1", headers=speaking("nl"))
    assert set(headlines(shown.text)) == {token(1), token(2)}
    assert shown.headers["content-language"] == "en"
    assert 'hreflang="nl"' not in shown.text
    assert set(headlines(web.ask("GET", "/a/news/extra/1/de").text)) == {token(1)}


def test_what_was_never_shown_is_not_gone_either(tmp_path: Path, empty_home: Path) -> None:
    """Where nobody could read it, nobody learns that there was anything."""
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as house:
        publication(house, archive="open", language="en")
        subscribe(house, A, topics=["sport"])
        take_in(house, 1, topic="sport")
        sent(house, 2)
        web = site(house.services)
        assert web.ask("GET", "/a/news/extra/1").status == 404
        removing.remove(house.services, ["1"], "the publisher asked for it")
        assert web.ask("GET", "/a/news/extra/1").status == 404
        web.services.database.close()


def test_one_who_reads_all_goes_before_many_who_chose(house: House, web: Site) -> None:
    for n in range(4):
        subscribe(house, f"{n}@example.org", language="nl", topics=["sport"])
    subscribe(house, B, language="nl", zone="Asia/Tokyo")
    take_in(house, 1, topic="sport")
    sent(house, 2)
    assert set(headlines(web.ask("GET", "/a/news/extra/1/nl").text)) == {token(1), token(2)}


def test_who_had_chosen_topics_until_now_is_not_shown_either(tmp_path: Path, empty_home: Path) -> None:
    """What was before the new topics is left out of their first mail: it would show what was chosen."""
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as house:
        publication(house, archive="open", language="en")
        subscribe(house, A, topics=["sport"])
        take_in(house, 1)
        take_in(house, 2, topic="sport")
        subscriptions.edit(house.services, subscriptions.Wanted(A, "news", topics=()))
        sent(house, 3)
        assert set(headlines(house.mails(A)[0].decode())) == {token(2), token(3)}
        web = site(house.services)
        assert web.ask("GET", "/a/news/extra/1").status == 404
        assert headlines(web.ask("GET", "/a/news").text) == []
        assert re.findall(r"2026-\d\d", web.ask("GET", "/a/news").text) == [], "nor a month that would be empty"
        sent(house, 4)
        assert set(headlines(web.ask("GET", "/a/news/extra/2").text)) == {token(4)}
        web.services.database.close()


def test_a_slot_of_several_zones_stands_there_once(house: House, web: Site) -> None:
    subscribe(house, B, zone="Asia/Tokyo")
    subscribe(house, C, zone="Asia/Tokyo")
    take_in(house, 1)
    house.clock.go_to(3, 7, 1)
    pass_(house)
    with house.services.database.read() as connection:
        zones = set(connection.execute(sa.select(t.edition.c.zone)).scalars())
    assert zones == {"UTC", "Asia/Tokyo"}
    listed = web.ask("GET", "/a/news").text
    found = re.findall(r'<h2><a href="news/(day/\d+)"', listed)
    assert len(found) == len(set(found)) >= 1
    with house.services.database.read() as connection:
        slot = archive.slots(connection, 1, limit=1)[0]
        chosen = {c.zone for c in archive.candidates(connection, [slot.id])[slot.id]}
    assert "UTC" in chosen
    assert web.ask("GET", f"/a/news/{found[0]}").status == 200


def test_months_and_pages(house: House, web: Site) -> None:
    sent(house, 1)
    with house.services.database.write() as connection:
        _many(connection, 100, datetime.fromisoformat("2025-11-20"))
    listed = web.ask("GET", "/a/news").text
    assert len(re.findall("<h2><a ", listed)) == 40
    assert re.findall(r'href="news/(\d{4}-\d\d)"', listed) == ["2026-03", "2026-02", "2026-01", "2025-12", "2025-11"]
    month = web.ask("GET", "/a/news/2025-12").text
    assert len(re.findall("<h2><a ", month)) == 31
    assert 'href="../news"' in month
    assert 'href="extra/1' in month
    assert "<h1>December 2025</h1>" in month
    with house.services.database.write() as connection:
        _many(connection, 1500, datetime.fromisoformat("2024-01-01"), timedelta(hours=1), first=5000)
    first, second = web.ask("GET", "/a/news/2024-01").text, web.ask("GET", "/a/news/2024-01/2").text
    assert 'rel="prev" href="2024-01/2"' in first
    assert 'rel="next" href="../2024-01"' in second
    assert 'rel="prev" href="../2024-01/3"' in second
    assert not set(re.findall(r"extra/\d+", first)) & set(re.findall(r"extra/\d+", second))


def _many(
    connection: sa.Connection, number: int, first_slot: datetime, step: timedelta = timedelta(days=1), first: int = 1000
) -> None:
    """Copies of the one edition that there is, further back."""
    edition, variant = (connection.execute(sa.select(table)).mappings().first() for table in (t.edition, t.variant))
    delivery, told = (
        connection.execute(sa.select(table)).mappings().first() for table in (t.delivery, t.variant_entry)
    )
    rows: dict[str, list[dict[str, object]]] = {"slot": [], "edition": [], "variant": [], "delivery": [], "told": []}
    for n in range(first, first + number):
        slot = {"publication_id": 1, "cadence": "extra", "slot": first_slot + (n - first) * step, "number": n}
        rows["slot"].append({"id": n, **slot})
        rows["edition"].append({**edition, "id": n, "slot_id": n})
        rows["variant"].append({**variant, "id": n, "edition_id": n})
        own = {"id": n, "edition_id": n, "variant_id": n, "key": f"k{n}", "message_id": f"m{n}"}
        rows["delivery"].append({**delivery, **own})
        rows["told"].append({**told, "variant_id": n})
    tables = {"slot": t.edition_slot, "edition": t.edition, "variant": t.variant, "delivery": t.delivery}
    for name, table in {**tables, "told": t.variant_entry}.items():
        connection.execute(sa.insert(table), rows[name])


def test_it_stays_quick_with_ten_thousand_editions(house: House, web: Site) -> None:
    """Steps of the database are counted, since time depends on the machine: an index, and no look at every edition."""
    sent(house, 1)
    with house.services.database.write() as connection:
        _many(connection, 10_000, datetime.fromisoformat("2010-01-01"), timedelta(hours=6))
    with house.services.database.read() as connection:
        steps = [0]

        def step() -> int:
            steps[0] += 1
            return 0

        connection.connection.driver_connection.set_progress_handler(step, 1000)  # type: ignore[union-attr]
        newest = archive.slots(connection, 1, limit=41)
        archive.candidates(connection, [each.id for each in newest])
        assert archive.find(connection, 1, "extra", 5000) is not None
        archive.beside(connection, 1, newest[5])
        few = steps[0]
        found = archive.months(connection, 1)
        connection.connection.driver_connection.set_progress_handler(None, 0)  # type: ignore[union-attr]
    assert len(found) > 80
    assert few < 20, few
    assert steps[0] < 200, steps[0]
    began = time.monotonic()
    assert web.ask("GET", "/a/news").status == 200
    assert time.monotonic() - began < 10


# --- caches --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/extra/1", "/feed.atom", "/feed.json"], ids=lambda p: p or "list")
def test_what_is_there_already_is_not_sent_again(house: House, web: Site, path: str) -> None:
    sent(house, 1)
    first = web.ask("GET", f"/a/news{path}")
    assert first.headers["cache-control"] == "public, max-age=60"
    again = web.ask("GET", f"/a/news{path}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    house.clock.go(days=1)
    sent(house, 2)
    changed = web.ask("GET", f"/a/news{path}", headers={"if-none-match": first.headers["etag"]})
    assert changed.status == 200, "there is one more"


# --- feeds ---------------------------------------------------------------------------------------------


def test_the_feeds_tell_the_same_as_the_pages(house: House, web: Site) -> None:
    publications.edit(house.services, Asked("news", about=["Every morning."], sender="The Desk <desk@example.org>"))
    sent(house, 1, 2)
    house.clock.go(days=1)
    sent(house, 3)
    answer = web.ask("GET", "/a/news/feed.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(answer.body)
    assert read.bozo == 0
    assert (read.feed.title, read.feed.subtitle, read.feed.author) == ("The Morning", "Every morning.", "The Desk")
    assert "desk@example.org" not in answer.text
    assert [e.link for e in read.entries] == [f"{URL}/a/news/extra/2", f"{URL}/a/news/extra/1"]
    assert [e.id for e in read.entries] == [
        "tag:news.example.org,2026-03-03:edition/2",
        "tag:news.example.org,2026-03-02:edition/1",
    ]
    assert headlines(read.entries[1].summary) == headlines(read.entries[1].content[0].value) != []
    assert read.entries[0].title.startswith("Extra edition 2 · ")
    assert read.feed.updated == read.entries[0].updated == "2026-03-03T05:00:00Z"
    told = json.loads(web.ask("GET", "/a/news/feed.json").body)
    assert [item["id"] for item in told["items"]] == [e.id for e in read.entries]
    assert [item["url"] for item in told["items"]] == [e.link for e in read.entries]
    page = web.ask("GET", "/a/news").text
    for kind, name in (("atom+xml", "atom"), ("feed+json", "json")):
        link = f'<link rel="alternate" type="application/{kind}" title="The Morning" href="{URL}/a/news/feed.{name}">'
        assert link in page


def test_the_page_to_sign_up_names_the_feeds_too(house: House, web: Site) -> None:
    publications.edit(house.services, Asked("news", sign_up="open"))
    assert f'href="{URL}/a/news/feed.atom"' in web.ask("GET", "/s/news").text
    assert 'href="../s/news"' in web.ask("GET", "/a/news").text
    publications.edit(house.services, Asked("news", archive="closed"))
    assert "feed.atom" not in web.ask("GET", "/s/news").text


def test_ids_stay_while_mails_still_go_out(house: House, web: Site) -> None:
    subscribe(house, B, language="nl")
    sent(house, 1)
    first = feedparser.parse(web.ask("GET", "/a/news/feed.atom").body).entries[0]
    publications.edit(house.services, Asked("news", language="nl"))
    then = feedparser.parse(web.ask("GET", "/a/news/feed.atom").body).entries[0]
    assert (first.content[0].language, then.content[0].language) == ("en", "nl")
    assert first.id == then.id


def test_the_newest_thirty(house: House, web: Site) -> None:
    sent(house, 1)
    with house.services.database.write() as connection:
        _many(connection, 40, datetime.fromisoformat("2025-11-20"))
    assert len(feedparser.parse(web.ask("GET", "/a/news/feed.atom").body).entries) == 30


@pytest.mark.parametrize("name", ["feed.atom", "feed.json"])
def test_we_read_it_ourselves(tmp_path: Path, empty_home: Path, name: str) -> None:
    """As a source of another digest: `digest source add`, and a fetch."""
    with open_house(tmp_path / "one", template=empty_home, DIGEST_WEB_URL="http://127.0.0.1:1") as house:
        publication(house, title="The Morning", archive="open")
        subscribe(house, A)
        sent(house, 1, 2)
        web = site(house.services)
        with web.served() as server:
            cli = Cli(tmp_path / "two", {"DIGEST_INGEST_ALLOW_PRIVATE": "true"}).init()
            cli("source", "add", f"http://{server.host}:{server.port}/a/news/{name}", "--name", "morning")
            cli("fetch")
            articles = cli.json("article", "list")
            shown = cli.json("article", "show", articles[0]["key"])
            again = over_http(server, "GET", f"/a/news/{name}")
            assert again.status == 200
        web.services.database.close()
    assert len(articles) == 1
    assert articles[0]["title"].startswith("Extra edition 1 · ")
    assert shown["url"] == "http://127.0.0.1:1/a/news/extra/1"


# --- List-Archive --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "access", "header"),
    [
        ("", "open", f"<{URL}/a/news>"),
        ("", "closed", None),
        ("https://other.example.org/{publication}", "open", "<https://other.example.org/news>"),
    ],
)
def test_mails_name_the_archive(
    tmp_path: Path, empty_home: Path, setting: str, access: str, header: str | None
) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL, DIGEST_MAIL_ARCHIVE=setting) as house:
        publication(house, archive=access)
        subscribe(house, A)
        sent(house, 1)
        found = re.search(r"^List-Archive: (.*)$", house.mails(A)[0].decode(), re.MULTILINE)
        assert (found[1].strip() if found else None) == header
