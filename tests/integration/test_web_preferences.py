"""The page of preferences over the real store: GET changes nothing, POST all or nothing, and only one's own."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from digest.audience.rules import Action
from digest.model.cause import Cause
from digest.model.subscription import Subscription
from digest.pipeline import publications, subscriber_files, subscriptions, topics
from digest.pipeline.envelope import PREFERENCES
from digest.pipeline.import_batch import How
from digest.store import changes as store_changes
from digest.store import subscribers
from digest.store import tables as t
from tests.support.home import (
    House,
    all_rows,
    deliver_all,
    listing,
    open_house,
    pass_,
    publication,
    publish_now,
    subscribe,
    take_in,
)
from tests.support.web import FORM, Answer, Site, over_http, site

A, B = "anna@example.org", "bob@example.org"
URL = "https://news.example.org"
TOPICS = ("sport", "politics", "other")


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=URL) as opened:
        asked = publications.Asked("news", title="The Morning", every=["day", "week"], topics=TOPICS)
        publications.add(opened.services, asked)
        yield opened


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


@pytest.fixture
def mine(house: House) -> Subscription:
    return subscribe(house, A, cadence="day", language="en", zone="Europe/Brussels")


def path(web: Site, subscription: Subscription) -> str:
    return f"/p/{web.token(subscription.id, PREFERENCES)}"


def fields(**other: object) -> dict[str, object]:
    """The form as it is sent where nothing was changed in it."""
    there = {"topic": list(TOPICS), "cadence": "day", "language": "en", "zone": "Europe/Brussels", "mails": "send"}
    return there | other


def post(web: Site, subscription: Subscription, headers: dict[str, str] | None = None, **other: object) -> Answer:
    body = urlencode({k: v for k, v in fields(**other).items() if v is not None}, doseq=True).encode()
    return web.ask("POST", path(web, subscription), body, {"content-type": FORM, **(headers or {})})


def now(house: House, subscription: Subscription) -> Subscription:
    with house.services.database.read() as connection:
        return subscribers.by_id(connection, subscription.id)


def changes(house: House, subscription: Subscription) -> list[tuple[str, str]]:
    with house.services.database.read() as connection:
        return [(c.after, c.reason) for c in store_changes.history(connection, subscription.id)]


def history(house: House, subscription: Subscription) -> list[store_changes.Change]:
    with house.services.database.read() as connection:
        return store_changes.history(connection, subscription.id)


def told(answer: Answer) -> list[str]:
    """What the page says above the form."""
    found = re.search(r'<div class="told.*?</div>', answer.text, re.DOTALL)
    return re.findall(r"<li>(?:<a[^>]*>)?(.*?)(?:</a>)?</li>", found[0]) if found else []


def checked(answer: Answer) -> list[str]:
    return re.findall(r'value="([^"]*)"(?: id="\w+")? checked', answer.text)


# --- whose it is ----------------------------------------------------------------------------


def test_the_link_of_who_was_removed_never_is_anybody_elses(house: House, web: Site, mine: Subscription) -> None:
    """Links have no end, so a number that stands in one is not given again."""
    old = path(web, mine)
    subscriptions.remove(house.services, A)
    assert listing(house) == []
    new = subscribe(house, B, cadence="day", language="en", zone="Europe/Brussels")
    answer = web.ask("GET", old)
    assert answer.status == 410
    assert "b…@example.org" not in answer.text
    assert new.id > mine.id
    subscriptions.remove(house.services, B)
    rows = io.BytesIO(b"email,publication\nc@example.org,news\n")
    subscriber_files.import_file(house.services, subscriber_files.Import("-", How(basis="a form")), rows)
    assert web.ask("GET", old).status == 410
    assert web.ask("GET", path(web, new)).status == 410


# --- looking ------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_chosen_and_changes_nothing(house: House, web: Site, mine: Subscription) -> None:
    subscribe(house, B)
    before = all_rows(house)
    answer = web.ask("GET", path(web, mine))
    assert answer.status == 200
    assert "The Morning" in answer.text
    assert "a…@example.org" in answer.text
    assert not any(word in answer.text for word in ("anna", "bob"))
    assert checked(answer) == ["politics", "sport", "other", "day", "send"]
    assert '<option value="en" lang="en" selected>English</option>' in answer.text
    assert 'value="Europe/Brussels"' in answer.text
    assert 'action="' not in answer.text
    assert f'href="../u/{web.token(mine.id)}"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script|style=|\son\w+=", answer.text)
    assert all_rows(house) == before
    assert web.said == []


def test_scanners_that_follow_every_link_change_nothing(house: House, web: Site, mine: Subscription) -> None:
    take_in(house, 1, topic="sport")
    publish_now(house)
    deliver_all(house)
    mail = house.mails(A)[0].decode().replace("=\r\n", "").replace("=3D", "=")
    links = {link.removeprefix(URL) for link in re.findall(rf"{URL}/[\w./-]+", mail)}
    assert {link[:3] for link in links} == {"/u/", "/p/", "/e/"}
    before = all_rows(house)
    with web.served() as server:
        for link in links:
            for method in ("GET", "HEAD", "GET"):
                assert over_http(server, method, f"{link}?{urlencode(fields(mails='pause'), doseq=True)}").status == 200
            assert over_http(server, "OPTIONS", link).status == 204
    assert all_rows(house) == before


# --- changing -----------------------------------------------------------------------------------------


def test_everything_is_changed_at_once_and_told(house: House, web: Site, mine: Subscription) -> None:
    other = subscribe(house, B)
    wanted = {"topic": ["sport"], "cadence": "week", "language": "nl", "zone": "America/New_York", "mails": "pause"}
    answer = post(web, mine, **wanted)
    assert answer.status == 200
    with sqlite3.connect(house.services.database.file or "") as connection:  # as another process sees it
        query = "SELECT topics, cadence, language, zone, state FROM subscription WHERE id = ?"
        row = connection.execute(query, (mine.id,)).fetchone()
    assert row == ('["sport"]', "week", "nl", "America/New_York", "paused")
    assert answer.headers["content-language"] == "nl", "in the language that was chosen"
    assert told(answer) == [
        "Onderwerpen: Sport", "Hoe vaak: Elke week (maandag, 07:00)", "Taal: Nederlands",
        "Tijdzone: America/New_York", "De mails zijn gepauzeerd.",
    ]  # fmt: skip
    assert checked(answer) == ["sport", "week", "pause"]
    zones = "zone: Europe/Brussels -> America/New_York"
    chosen = f"cadence: day -> week; language: en -> nl; {zones}; topics: all -> sport"
    assert changes(house, mine)[1:] == [("active", chosen), ("paused", "by the preferences page")]
    for change in history(house, mine)[1:]:
        assert (change.by, change.via, change.origin) == ("reader", "page", "127.0.0.1")
    assert now(house, other) == other
    assert now(house, mine).schedule_changed_at == house.clock()


def test_what_is_not_changed_is_not_touched(house: House, web: Site, mine: Subscription) -> None:
    before = all_rows(house)
    house.clock.go(days=1)
    answer = post(web, mine)
    assert answer.status == 200
    assert "Everything stays as it was." in answer.text
    assert all_rows(house) == before


def test_a_pause_and_its_end(house: House, web: Site, mine: Subscription) -> None:
    take_in(house, 1, topic="sport")
    publish_now(house)
    assert told(post(web, mine, mails="pause")) == ["The mails are paused."]
    assert [str(d.state) for d in listing(house)] == ["suppressed"], "what waits does not go out"
    assert told(post(web, mine)) == ["The mails come again."]
    assert changes(house, mine)[1:] == [(s, "by the preferences page") for s in ("paused", "active")]


def test_what_stands_between_a_choice_and_its_name_is_the_languages_own(house: House, mine: Subscription) -> None:
    folder = house.services.home.folder / "templates" / "locale"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    message = 'msgid "%(label)s: %(value)s"\nmsgstr "%(label)s\u202f: %(value)s"\n'
    (folder / "en.po").write_text(head + message, encoding="utf-8")
    web = site(house.services)
    assert told(post(web, mine, zone="Europe/Paris")) == ["Time zone\u202f: Europe/Paris"]
    web.services.database.close()


def test_a_pause_until_a_day(house: House, web: Site, mine: Subscription) -> None:
    answer = post(web, mine, mails="until", until="2026-03-05")
    assert told(answer) == ["The mails are paused. They come again on Thursday, 5 March 2026."]
    assert checked(answer)[-1] == "until"
    assert 'name="until" value="2026-03-05"' in answer.text
    assert 'min="2026-03-03" max="2028-03-02"' in answer.text
    assert now(house, mine).paused_until == datetime(2026, 3, 4, 23, tzinfo=UTC), "midnight in Brussels"
    assert changes(house, mine)[1:] == [("paused", "by the preferences page, until 2026-03-05")]
    before = all_rows(house)
    assert "Everything stays as it was." in post(web, mine, mails="until", until="2026-03-05").text
    assert all_rows(house) == before
    moved = post(web, mine, mails="until", until="2026-03-05", zone="Asia/Tokyo")
    assert told(moved) == ["Time zone: Asia/Tokyo"], "the day is the same"
    assert now(house, mine).paused_until == datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert told(post(web, mine, mails="pause", zone="Asia/Tokyo")) == ["The mails are paused."]
    assert now(house, mine).paused_until is None
    assert told(post(web, mine, zone="Asia/Tokyo")) == ["The mails come again."]


@pytest.mark.parametrize(
    ("until", "zone"),
    [("", "Europe/Brussels"), ("5 March", "Europe/Brussels"), ("2026-03-02", "Europe/Brussels"),
     ("2026-03-03", "Pacific/Kiritimati"), ("2028-03-03", "UTC"), ("2026-03-05\0", "UTC"), ("٢٠٢٦-٠٣-٠٥", "UTC")],
)  # fmt: skip
def test_a_day_that_will_not_do_is_told_at_its_field(
    house: House, web: Site, mine: Subscription, until: str, zone: str
) -> None:
    house.clock.go(hours=6)  # 11:00 UTC: in Kiritimati the next day has begun
    before = all_rows(house)
    answer = post(web, mine, mails="until", until=until, zone=zone)
    assert answer.status == 422
    (why,) = told(answer)
    assert re.fullmatch(r"Choose a day from .* 2026 to .*2028, like 2027-01-15\.", why)
    assert 'id="until-wrong"' in answer.text
    assert checked(answer)[-1] == "until"
    assert all_rows(house) == before


def test_a_pause_that_is_over_ends_with_the_next_pass(house: House, web: Site, mine: Subscription) -> None:
    take_in(house, 1, topic="sport")
    post(web, mine, mails="until", until="2026-03-05")
    other = subscribe(house, B, zone="Europe/Brussels")
    with house.services.database.write() as connection:
        subscribers.suppress(connection, other.subscriber.id, "bounced too often")
    subscriptions.act(house.services, B, "news", Action.PAUSE, Cause("test"), until="2026-03-05")
    house.clock.go_to(5, 8)  # the pass comes two hours after that day's edition was due
    report = pass_(house)
    assert report.resumed == 1
    assert pass_(house).resumed == 0
    assert len(house.mails(A)) == 1, "the edition of the day on which mails come again"
    last = history(house, mine)[-1]
    assert (last.by, last.via, last.at) == ("digest", "pass", datetime(2026, 3, 4, 23, tzinfo=UTC))
    assert now(house, other).state == "paused", "an address that is not mailed stays as it is"


def test_all_topics_ticked_are_those_that_come_later_too(house: House, web: Site, mine: Subscription) -> None:
    take_in(house, 1)
    post(web, mine, topic=["sport", "politics"])
    assert now(house, mine).topics == ("politics", "sport")
    assert told(post(web, mine)) == ["Topics: all"]
    assert now(house, mine).topics == ()
    with house.services.database.read() as connection:
        waived = connection.execute(sa.select(t.waiver.c.topic).where(t.waiver.c.topic != "")).scalars().all()
    assert "other" in waived, "a new topic does not reach back, as with digest subscriber edit"


@pytest.mark.parametrize(
    ("said", "zone"),
    [("europe/brussels", "Europe/Brussels"), (" new york ", "America/New_York"), ("UTC", "UTC"),
     ("Asia/Calcutta", "Asia/Calcutta")],
)  # fmt: skip
def test_a_zone_is_found_however_it_is_typed(house: House, web: Site, mine: Subscription, said: str, zone: str) -> None:
    assert post(web, mine, zone=said).status == 200
    assert now(house, mine).zone == zone


def test_an_operators_topic_has_the_operators_name(house: House, web: Site, mine: Subscription) -> None:
    topics.add(house.services, "metro", rule="metro", label="The <Metro>")
    publications.edit(house.services, publications.Asked("news", topics=[*TOPICS, "metro"]))
    assert "The &lt;Metro&gt;" in web.ask("GET", path(web, mine)).text


# --- what is wrong ------------------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_at_its_field_and_nothing_is_saved(
    house: House, web: Site, mine: Subscription
) -> None:
    before = all_rows(house)
    answer = post(web, mine, topic=None, cadence="hour", language="tlh", zone="Mars/<Olympus>", mails="pause")
    assert answer.status == 422
    assert told(answer) == [
        "Choose at least one topic, or unsubscribe.", "Choose one of these.", "Choose one of these.",
        "There is no time zone “Mars/&lt;Olympus&gt;”. Choose one from the list, like Europe/Brussels.",
    ]  # fmt: skip
    for field in ("topics", "cadence", "language", "zone"):
        assert f'id="{field}-wrong"' in answer.text
        assert re.search(rf'aria-describedby="{field}-wrong', answer.text)
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
    assert 'value="Mars/&lt;Olympus&gt;"' in answer.text, "what was typed is still there"
    assert checked(answer) == ["pause"]
    assert "<title>Nothing is saved yet" in answer.text
    assert all_rows(house) == before


@pytest.mark.parametrize(
    "wrong",
    [{"topic": ["sport", "weather"]}, {"zone": ""}, {"zone": "../etc/passwd"}, {"zone": "x" * 5000},
     {"zone": "Zürich"}, {"zone": "\0"}, {"language": ""}, {"cadence": ""}],
)  # fmt: skip
def test_odd_values_are_refused(house: House, web: Site, mine: Subscription, wrong: dict[str, object]) -> None:
    before = all_rows(house)
    answer = post(web, mine, **wrong)
    assert answer.status == 422
    assert len(told(answer)) == 1
    assert all_rows(house) == before


def test_bodies_that_are_no_form(house: House, web: Site, mine: Subscription) -> None:
    before = all_rows(house)
    for body, status in (
        (b"", 422), (b"\xff\xfe", 400), (b"zone=%ff", 400), (b"a=b&" * 501, 400), (b"a" * 16385, 413),
        (b"List-Unsubscribe=One-Click", 422),
    ):  # fmt: skip
        assert web.ask("POST", path(web, mine), body, {"content-type": FORM}).status == status, body[:20]
    for method in ("PUT", "DELETE", "PATCH"):
        assert web.ask(method, path(web, mine)).status == 405
    options = web.ask("OPTIONS", path(web, mine))
    assert (options.status, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert all_rows(house) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": URL}, 200),
        ({"origin": "http://testserver"}, 200),  # as the server itself is called
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": URL}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "https://news.example.org.elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://[::"}, 403),
    ],
)
def test_a_form_of_another_site_is_refused(
    house: House, web: Site, mine: Subscription, headers: dict[str, str], status: int
) -> None:
    assert post(web, mine, headers, mails="pause").status == status
    assert now(house, mine).state == ("paused" if status == 200 else "active")


def test_a_token_for_something_else_is_of_no_use(house: House, web: Site, mine: Subscription) -> None:
    before = all_rows(house)
    good = web.token(mine.id, PREFERENCES)
    for bad in ("x", good[:-1], good + "A", web.token(mine.id), web.token(mine.id, "copy"), "a" * 5000):
        for method in ("GET", "POST"):
            assert web.ask(method, f"/p/{bad}", urlencode(fields(), doseq=True).encode()).status == 404
    assert web.ask("GET", f"/u/{good}").status == 404
    assert all_rows(house) == before


# --- what is over -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["unsubscribed", "removed", "publication", "test mail"])
def test_of_what_has_ended_nothing_can_be_changed(house: House, web: Site, mine: Subscription, how: str) -> None:
    link = path(web, mine)
    if how == "unsubscribed":
        subscriptions.act(house.services, A, "news", Action.UNSUBSCRIBE, Cause("test"))
    elif how == "removed":
        subscriptions.remove(house.services, A)
    elif how == "publication":
        publications.remove(house.services, "news")
    else:
        link = f"/p/{web.token(0, PREFERENCES)}"
    before = all_rows(house)
    for method in ("GET", "POST"):
        answer = web.ask(method, link, urlencode(fields(), doseq=True).encode(), {"content-type": FORM})
        assert answer.status == 410
        assert "This subscription has ended" in answer.text
        assert "example.org" not in answer.text
    assert all_rows(house) == before


def test_an_address_that_mail_does_not_reach_is_told_so(house: House, web: Site, mine: Subscription) -> None:
    post(web, mine, mails="pause")
    with house.services.database.write() as connection:
        subscribers.suppress(connection, mine.subscriber.id, "bounced too often")
    answer = post(web, mine)
    assert answer.status == 410
    assert "Mails do not reach you" in answer.text
    assert "bounced" not in answer.text
    assert now(house, mine).state == "paused"


def test_who_has_not_confirmed_cannot_pause_yet(house: House, web: Site) -> None:
    waiting = subscribe(house, A, state="pending", zone="Europe/Brussels")
    answer = web.ask("GET", path(web, waiting))
    assert answer.status == 200
    assert 'name="mails"' not in answer.text
    assert post(web, waiting, mails="pause", cadence="week").status == 200
    assert (now(house, waiting).state, now(house, waiting).cadence) == ("pending", "week")


def test_nothing_is_said_to_be_saved_that_is_not(house: House, mine: Subscription) -> None:
    web = site(house.services, patience=0.2)
    holder = sqlite3.connect(house.services.database.file or "", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = post(web, mine, mails="pause")
    assert answer.status == 503
    assert answer.headers["retry-after"]
    holder.execute("ROLLBACK")
    holder.close()
    assert now(house, mine).state == "active"
    assert post(web, mine, mails="pause").status == 200
    web.services.database.close()


def test_a_broken_template_changes_nothing_of_the_deed(house: House, web: Site, mine: Subscription) -> None:
    own = house.services.home.templates / "web"
    own.mkdir()
    (own / "preferences.html").write_text("{{ nothing.here }}")
    assert web.ask("GET", path(web, mine)).status == 500
    answer = post(web, mine, mails="pause")
    assert (answer.status, answer.text) == (200, "preferences\n")
    assert now(house, mine).state == "paused"
    assert len(web.said) == 2


def test_a_cadence_that_is_not_offered_any_more_must_be_chosen_anew(house: House, web: Site) -> None:
    publication(house, "daily", every="week")
    old = subscribe(house, A, "daily", zone="Europe/Brussels")
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.subscription).where(t.subscription.c.id == old.id).values(cadence="day"))
    answer = web.ask("GET", path(web, old))
    assert answer.status == 200
    assert "week" not in checked(answer)
    everything = re.findall(r'name="topic" value="([^"]*)"', answer.text)
    assert post(web, old, topic=everything).status == 422
    assert post(web, old, topic=everything, cadence="week").status == 200
