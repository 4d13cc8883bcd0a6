"""The copy of an edition on the web: whole, of nobody, gone with an article that is removed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.audience import tokens
from digest.compose import stored
from digest.pipeline import pruning, publications, removing
from digest.pipeline.envelope import COPY
from digest.store import tables as t
from tests.support.home import (
    House,
    all_rows,
    deliver_all,
    open_house,
    publication,
    publish_now,
    subscribe,
    take_in,
    token,
)
from tests.support.web import Site, over_http, site

A = "anna@example.org"
URL = "https://news.example.org"


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as opened:
        publication(opened, "news", title="The Morning", max_entries=2)
        subscribe(opened, A)
        yield opened


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


def sent(house: House, *numbers: int) -> str:
    """Mail these articles; the path of the copy that the mail links to."""
    take_in(house, *numbers)
    assert publish_now(house).planned == 1
    deliver_all(house)
    (*_, mail) = house.mails(A)
    found = re.search(rf"{URL}(/e/\S+)", mail.decode().replace("=\r\n", ""))
    assert found
    return found[1]


def headlines(text: str) -> set[str]:
    return set(re.findall(r"Tk\d+v1", text))


def test_it_holds_the_mail_and_what_did_not_fit(house: House, web: Site) -> None:
    path = sent(house, 1, 2, 3, 4, 5)
    mail = house.mails(A)[0].decode()
    assert "3 more stories did not fit in this mail" in mail.replace("=\r\n", "")
    answer = web.ask("GET", path)
    assert answer.status == 200
    assert headlines(answer.text) == {token(n) for n in range(1, 6)}
    kept, _, beyond = answer.text.partition("More stories")
    assert headlines(kept) == headlines(mail)
    assert len(headlines(beyond)) == 3
    assert beyond.count('class="passage"') == 3, "a sentence of each"
    assert web.said == []


def test_it_names_nobody_and_leads_to_nothing_that_changes_anything(house: House, web: Site) -> None:
    answer = web.ask("GET", sent(house, 1, 2, 3))
    assert "anna" not in answer.text
    assert "subscribed" not in answer.text
    assert not re.search(r"<(script|form|img|iframe|link|input|button)\b", answer.text)
    assert not re.search(r'href="[^"]*/(u|p)/', answer.text)
    assert "style=" not in answer.text
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


def test_what_is_there_already_is_not_sent_again(house: House, web: Site) -> None:
    path = sent(house, 1)
    first = web.ask("GET", path)
    assert first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = web.ask("GET", path, headers={"if-none-match": known})
        assert (again.status, again.body) == (304, b""), known
        assert again.headers["etag"] == tag
        assert "content-type" not in again.headers
    assert web.ask("GET", path, headers={"if-none-match": '"other"'}).status == 200
    assert web.ask("GET", path).headers["etag"] == tag


def test_it_speaks_the_language_and_the_hours_of_its_readers(tmp_path: Path, empty_home: Path) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as house:
        publication(house, "news", language="nl", zone="Asia/Tokyo")
        subscribe(house, A)
        web = site(house.services)
        answer = web.ask("GET", sent(house, 1))
        assert answer.headers["content-language"] == "nl"
        assert '<html lang="nl" dir="ltr">' in answer.text
        assert "maandag 2 maart 2026" in answer.text
        assert '<time datetime="2026-03-02T05:00Z">14:00</time>' in answer.text
        web.services.database.close()


def test_every_edition_keeps_its_own(house: House, web: Site) -> None:
    first = sent(house, 1)
    house.clock.go(days=1)
    second = sent(house, 2)
    assert headlines(web.ask("GET", first).text) == {token(1)}
    assert headlines(web.ask("GET", second).text) == {token(2)}


def test_of_a_publication_that_is_removed_too(house: House, web: Site) -> None:
    path = sent(house, 1)
    publications.remove(house.services, "news")
    assert web.ask("GET", path).status == 200


def test_links_that_lead_nowhere(house: House, web: Site) -> None:
    path = sent(house, 1)
    secret = house.services.home.secret()
    for bad in (path[:-1], path + "A", "/e/x", "/e/" + "a" * 5000, f"/e/{tokens.sign(secret, 'unsubscribe', '1:a')}"):
        answer = web.ask("GET", bad)
        assert answer.status == 404, bad
        assert "This link leads nowhere" in answer.text
    for payload in ("", "x:y", "1", "-1:a", "1:"):
        assert web.ask("GET", f"/e/{tokens.sign(secret, COPY, payload)}").status == 404
    preview = web.ask("GET", f"/e/{tokens.sign(secret, COPY, '0:abc')}")
    assert preview.status == 404
    assert "A preview or a test mail has no copy here." in preview.text


def test_only_get_and_head(house: House, web: Site) -> None:
    path = sent(house, 1)
    before = all_rows(house)
    for method in ("POST", "PUT", "DELETE", "PATCH", "BREW"):
        assert web.ask(method, path, b"x=y").status == 405
    options = web.ask("OPTIONS", path)
    assert (options.status, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    with web.served() as server:
        head = over_http(server, "HEAD", path)
        assert (head.status, head.body) == (200, b"")
        assert int(head.headers["content-length"]) == len(over_http(server, "GET", path).body)
    assert all_rows(house) == before


# --- what was taken down --------------------------------------------------------------------------------


@pytest.mark.parametrize("beyond", [False, True], ids=["in the mail", "beyond it"])
def test_with_an_article_that_is_removed_the_copy_is_gone(house: House, web: Site, beyond: bool) -> None:
    path = sent(house, 1, 2, 3, 4)
    kept, _, rest = web.ask("GET", path).text.partition("More stories")
    number = min(headlines(rest if beyond else kept)).removeprefix("Tk").removesuffix("v1")
    removing.remove(house.services, [number], "the publisher asked for it")
    answer = web.ask("GET", path, headers={"accept-language": "nl"})
    assert answer.status == 410
    assert "Deze editie staat niet meer op het web" in answer.text
    assert headlines(answer.text) == set()
    with house.services.database.read() as connection:
        views = connection.execute(sa.select(t.variant.c.view, t.variant.c.message)).all()
    assert [view for view, _ in views] == [None]
    assert bool(views[0].message) is beyond, "a mail that does not show it stays"


def test_a_copy_without_the_article_stays(house: House, web: Site) -> None:
    path = sent(house, 1)
    take_in(house, 2)
    removing.remove(house.services, ["2"], "the publisher asked for it")
    assert web.ask("GET", path).status == 200


def test_an_article_that_was_moved_since_is_known_by_its_words(house: House, web: Site) -> None:
    path = sent(house, 1, 2, 3, 4)
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.variant).values(over=[]))
        connection.execute(sa.delete(t.variant_entry))
    rest = web.ask("GET", path).text.partition("More stories")[2]
    number = min(headlines(rest)).removeprefix("Tk").removesuffix("v1")
    removing.remove(house.services, [number], "the publisher asked for it")
    assert web.ask("GET", path).status == 410


# --- what is broken -------------------------------------------------------------------------------------


def test_a_damaged_view_and_a_broken_template_are_told_of(house: House, web: Site) -> None:
    path = sent(house, 1)
    own = house.services.home.templates / "web"
    own.mkdir()
    (own / "edition.html").write_text("{{ nothing.here }}")
    assert (web.ask("GET", path).status, len(web.said)) == (500, 1)
    assert "web/edition.html" in web.said[0]
    (own / "edition.html").unlink()
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.variant).values(view=b"nothing"))
    assert web.ask("GET", path).status == 503
    assert "the stored view of a variant is damaged" in web.said[-1]


def test_a_variant_of_an_earlier_version_has_none(house: House, web: Site) -> None:
    path = sent(house, 1)
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.variant).values(view=None))
    assert web.ask("GET", path).status == 410


def test_hundreds_beyond_the_limits_stay_small(house: House) -> None:
    sent(house, *range(1, 121))
    with house.services.database.read() as connection:
        (packed,) = connection.execute(sa.select(t.variant.c.view)).scalars()
    view = stored.unpack(packed)
    entries = [e for s in view.beyond for e in s.entries]
    assert len(entries) == view.more == 118
    assert sum(bool(e.summary) for e in entries) == 60
    assert all(e.sources and e.headline for e in entries)
    assert len(packed) < 20_000


def test_an_old_copy_is_gone_with_its_text(house: House, web: Site) -> None:
    path = sent(house, 1)
    house.clock.go(days=730)
    pruning.prune(house.services)
    assert web.ask("GET", path).status == 200
    house.clock.go(days=1)
    pruning.prune(house.services)
    assert web.ask("GET", path).status == 410
