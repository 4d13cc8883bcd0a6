"""How sources fare, through the real pipeline: when each is due, what moves, what the operator alone hears."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic import command

from digest.errors import BadInput, DigestError, FetchError, NotNow
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.model.publication import Source, SourceState
from digest.pipeline import fetching, preview
from digest.pipeline.fetching import FetchReport
from digest.store import schema, sources
from digest.store.engine import Database
from digest.store.sources import SourceHealth
from tests.support import home
from tests.support.home import House, open_house, raw

DAY = timedelta(days=1)
_LINE = re.compile(r"\d+ of \d+ sources failing since \w+: [a-d](?:, [a-d])*\b")
OPERATOR = "Desk@example.org"
DOWN = FetchError("the server answered 500", status=500)


class Web:
    """Every source of this kind reads what the test put under its name: a batch, or an error."""

    kind = "feed"
    polled = True

    def __init__(self) -> None:
        self.gives: dict[str, Batch | DigestError] = {}
        self.options = FetchOptions()
        self.memory: dict[str, dict[str, str]] = {}

    def check(self, location: str) -> str:
        return location

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
        self.options, self.memory[source.name] = options, memory
        found = self.gives.get(source.name, Batch())
        if isinstance(found, DigestError):
            raise found
        return found


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def watched(tmp_path: Path, empty_home: Path, web: Web) -> Iterator[House]:
    """With four sources, an operator, and two readers of a daily edition besides."""
    with open_house(tmp_path / "home", template=empty_home, DIGEST_MAIL_OPERATOR="desk@EXAMPLE.org") as house:
        house.services = dataclasses.replace(house.services, load_source_kind=lambda _: web)
        for name in "abcd":
            add(house, name)
        home.publication(house)
        for reader in (OPERATOR, "ann@example.org", "ben@example.org"):
            home.subscribe(house, reader)
        yield house


def add(house: House, name: str, **more: Any) -> None:
    made = Source(name, "feed", **({"location": f"https://{name}.example/feed"} | more))
    with house.services.database.write() as connection:
        sources.add(connection, made, house.clock())


def known(house: House, name: str) -> tuple[Source, SourceHealth]:
    with house.services.database.read() as connection:
        source = sources.get(connection, name)
        return source, sources.health(connection, source.id)


def fetch(house: House) -> FetchReport:
    return fetching.fetch(house.services, everything=True)


def days(house: House, number: int) -> None:
    """So many mornings: everything is fetched, and the edition goes out with a new article."""
    for _ in range(number):
        house.clock.go(days=1)
        fetch(house)
        home.take_in(house, house.clock.now.toordinal())
        home.publish_now(house)
        home.deliver_all(house)


def text(message: bytes) -> str:
    found = email.message_from_bytes(message, policy=email.policy.default)
    parts = [part for kind in ("plain", "html") if (part := found.get_body((kind,)))]
    assert len(parts) == 2
    return " ".join(" ".join(part.get_content().split()) for part in parts)


def lines(house: House, reader: str = OPERATOR) -> list[str]:
    """What each mail to the reader says of failing sources; empty where it says nothing."""
    told = []
    for message in house.mails(reader):
        found = _LINE.findall(text(message))
        assert len(found) in (0, 2), "in both parts or in none"
        told.append(found[0] if found else "")
    return told


# --- what the operator hears ------------------------------------------------------------------------


def test_the_operator_hears_once_of_what_has_failed_for_days_and_again_when_that_changes(
    watched: House, web: Web
) -> None:
    days(watched, 1)  # Tuesday
    web.gives["b"] = DOWN
    days(watched, 1)  # Wednesday: it fails for the first time
    assert known(watched, "b")[1].failing_since == watched.clock()
    days(watched, 1)
    assert lines(watched) == ["", "", ""], "a blip is not told"
    days(watched, 3)  # Friday tells, Saturday and Sunday do not
    assert lines(watched)[3:] == ["1 of 4 sources failing since Wednesday: b", "", ""]


def test_readers_never_see_it_and_share_one_variant_as_before(watched: House, web: Web) -> None:
    web.gives["b"] = DOWN
    days(watched, 4)
    assert [bool(line) for line in lines(watched)] == [False, False, True, False]
    for reader in ("ann@example.org", "ben@example.org"):
        assert lines(watched, reader) == [""] * 4
        assert all("failing" not in text(message) for message in watched.mails(reader))
    found = home.listing(watched)
    by_edition = [{d.variant for d in found if d.edition_name == name} for name in {d.edition_name for d in found}]
    assert sorted(map(len, by_edition)) == [1, 1, 1, 2]


def test_what_recovers_changes_the_set_and_what_fails_anew_is_told_anew(watched: House, web: Web) -> None:
    web.gives |= {"b": DOWN, "c": DOWN}
    days(watched, 3)
    assert "2 of 4" in text(watched.mails(OPERATOR)[-1])
    assert "b, c" in text(watched.mails(OPERATOR)[-1])
    del web.gives["c"]
    days(watched, 1)
    assert "1 of 4 sources failing since Tuesday: b" in text(watched.mails(OPERATOR)[-1])
    del web.gives["b"]
    days(watched, 2)
    assert lines(watched)[-2:] == ["", ""]
    web.gives["b"] = DOWN
    days(watched, 3)
    assert [bool(line) for line in lines(watched)[-3:]] == [False, False, True]


def test_a_mail_that_did_not_arrive_told_nobody(watched: House, web: Web) -> None:
    web.gives["b"] = DOWN
    days(watched, 3)
    assert lines(watched)[-1]
    newest = max((d for d in home.listing(watched) if d.subscriber == OPERATOR), key=lambda d: d.id)
    home.bounce(watched, newest)
    days(watched, 1)
    assert lines(watched)[-1]
    days(watched, 1)
    assert not lines(watched)[-1]


def test_a_mail_that_the_next_one_takes_over_told_nobody(watched: House, web: Web) -> None:
    web.gives["b"] = DOWN
    days(watched, 2)
    watched.clock.go(days=1)
    fetch(watched)
    home.take_in(watched, 77)
    home.publish_now(watched)  # and never sent
    days(watched, 1)
    assert lines(watched) == ["", "", "1 of 4 sources failing since Tuesday: b"]


def test_an_operator_with_two_subscriptions_hears_it_in_one(watched: House, web: Web) -> None:
    home.publication(watched, "sport")
    home.subscribe(watched, OPERATOR, "sport")
    web.gives["b"] = DOWN
    days(watched, 2)
    watched.clock.go(days=1)
    fetch(watched)
    home.take_in(watched, 77)
    home.publish_now(watched)
    home.publish_now(watched, "sport")
    home.deliver_all(watched)
    assert [bool(line) for line in lines(watched)[2:]] == [True, False]


def test_without_an_operator_nobody_is_told(house: House, web: Web) -> None:
    house.services = dataclasses.replace(house.services, load_source_kind=lambda _: web)
    add(house, "a")
    home.publication(house)
    home.subscribe(house, OPERATOR)
    web.gives["a"] = DOWN
    days(house, 4)
    assert lines(house) == [""] * 4


def test_a_preview_of_the_operators_copy_is_what_would_leave(watched: House, web: Web) -> None:
    web.gives["b"] = DOWN
    days(watched, 2)
    watched.clock.go(days=1)
    fetch(watched)
    home.take_in(watched, 77)
    for reader, says in ((OPERATOR, True), ("ann@example.org", False), ("", False)):
        shown = preview.preview(watched.services, "news", preview.Wish(email=reader)).mail
        assert shown is not None
        assert ("sources failing" in text(shown.message)) is says


def test_paused_and_removed_sources_do_not_fail(watched: House, web: Web) -> None:
    web.gives |= {"b": DOWN, "c": DOWN}
    fetch(watched)
    with watched.services.database.write() as connection:
        sources.set_state(connection, "b", SourceState.PAUSED)
    days(watched, 3)
    assert "1 of 3 sources failing since Monday: c" in " ".join(map(text, watched.mails(OPERATOR)))


def flood(web: Web, source: str, *numbers: int) -> None:
    """Old entries, all at once, of a source that was read before: the next fetch holds them back."""
    found = [raw(n, home.START, days_old=90, identity=f"{source}:{n}") for n in numbers]
    web.gives[source] = Batch(articles=found)


_HELD = re.compile(r"\d+ articles? (?:is|are) held back from: [^(]*\(digest source release\)")


def told_held(house: House, reader: str = OPERATOR) -> list[str]:
    return [" ".join(dict.fromkeys(_HELD.findall(text(message)))) for message in house.mails(reader)]


def test_the_operator_hears_once_what_is_held_back_and_again_of_what_came_since(watched: House, web: Web) -> None:
    for source, first in (("a", 100), ("b", 200)):
        web.gives[source] = Batch(articles=[raw(first, home.START, identity=f"{source}:{first}")])
    days(watched, 1)
    flood(web, "a", *range(101, 125))
    flood(web, "b", *range(201, 226))
    days(watched, 2)
    assert told_held(watched) == ["", "49 articles are held back from: a, b (digest source release)", ""]
    flood(web, "b", *range(226, 248))
    days(watched, 2)
    assert told_held(watched)[3:] == ["22 articles are held back from: b (digest source release)", ""]
    assert told_held(watched, "ann@example.org") == [""] * 5


def test_what_fails_and_what_is_held_back_stand_in_one_line(watched: House, web: Web) -> None:
    web.gives |= {"a": Batch(articles=[raw(100, home.START, identity="a:100")]), "b": DOWN}
    days(watched, 2)
    flood(web, "a", *range(101, 125))
    days(watched, 2)
    last = text(watched.mails(OPERATOR)[2])
    assert "failing since Tuesday: b · 24 articles are held back from: a (digest source release)" in last
    assert told_held(watched)[3] == lines(watched)[3] == "", "nothing has changed"


def test_the_footer_can_be_left_out(watched: House, web: Web) -> None:
    web.gives["b"] = DOWN
    settings = watched.services.settings
    mail = msgspec.structs.replace(settings.mail, operator_footer=False)
    own = watched.services.home
    quiet = type(own)(own.folder, msgspec.structs.replace(settings, mail=mail), own.environ)
    watched.services = dataclasses.replace(watched.services, home=quiet)
    days(watched, 3)
    assert lines(watched) == [""] * 3


# --- failing and recovering -------------------------------------------------------------------------


def test_failing_since_is_the_first_failure_in_a_row(watched: House, web: Web) -> None:
    web.gives["a"] = DOWN
    began = watched.clock()
    for _ in range(3):
        fetch(watched)
        watched.clock.go(hours=5)
    assert (known(watched, "a")[1].failures, known(watched, "a")[1].failing_since) == (3, began)
    web.gives["a"] = Batch()
    fetch(watched)
    assert (known(watched, "a")[1].failures, known(watched, "a")[1].failing_since) == (0, None)
    web.gives["a"] = DOWN
    fetch(watched)
    assert known(watched, "a")[1].failing_since == watched.clock()


def test_failures_back_off(watched: House, web: Web) -> None:
    web.gives["a"] = DOWN
    waits = []
    for _ in range(9):
        fetch(watched)
        waits.append((known(watched, "a")[1].next_fetch or watched.clock()) - watched.clock())
    for n, wait in enumerate(waits):
        assert wait / min(timedelta(minutes=30) * 2**n, DAY) == pytest.approx(1, abs=0.101)


def test_what_cannot_be_read_at_all_is_a_failure_of_the_source(watched: House, web: Web) -> None:
    web.gives["a"] = Batch([BadInput("is not an RSS or Atom feed", where="a")], location="https://a.example/")
    report = fetch(watched)
    assert "is not an RSS" in str(report.failed["a"])
    source, health = known(watched, "a")
    assert (source.location, health.failures, health.last_ok) == ("https://a.example/feed", 1, None)
    web.gives["a"] = Batch([BadInput("has neither title nor text", where="a"), raw(1, watched.clock())])
    assert fetch(watched).articles.new == 1
    assert known(watched, "a")[1].failures == 0


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_holds_for_all_sources_of_the_host(watched: House, web: Web, status: int) -> None:
    add(watched, "a2", location="https://A.example:8443/other")
    until = watched.clock() + timedelta(hours=7)
    fetch(watched)
    web.gives["a"] = FetchError("busy", status=status, retry_after=until)
    fetch(watched)
    assert known(watched, "a")[1].next_fetch == known(watched, "a2")[1].next_fetch == until
    assert known(watched, "a2")[1].failures == 0
    near = known(watched, "b")[1].next_fetch
    assert near is not None
    assert near < watched.clock() + timedelta(hours=5)


def test_a_turn_that_did_not_come_is_no_failure(watched: House, web: Web) -> None:
    web.gives["a"] = NotNow("a.example", 600)
    report = fetch(watched)
    assert "a" not in report.failed
    health = known(watched, "a")[1]
    assert (health.failures, health.last_error) == (0, "")
    assert health.next_fetch == watched.clock() + timedelta(seconds=600)


# --- rhythm -----------------------------------------------------------------------------------------


def test_busy_sources_are_fetched_more_often_than_quiet_ones(watched: House, web: Web) -> None:
    for n in range(12):
        web.gives["a"] = Batch([raw(100 + n, watched.clock())])
        fetch(watched)
        watched.clock.go(hours=5)
    assert known(watched, "a")[1].interval == timedelta(minutes=30)
    assert known(watched, "b")[1].interval == timedelta(minutes=240)
    web.gives["b"] = Batch([raw(200, watched.clock())])
    fetch(watched)
    assert known(watched, "b")[1].interval == timedelta(minutes=120)


def test_what_a_feed_says_of_itself_is_heeded(watched: House, web: Web) -> None:
    web.gives["a"] = Batch(hint=timedelta(hours=2))
    web.gives["b"] = Batch(hint=timedelta(days=300))
    fetch(watched)
    waits = [(known(watched, name)[1].next_fetch or watched.clock()) - watched.clock() for name in "abc"]
    assert waits[:2] == [timedelta(hours=2), timedelta(hours=4)], "to the ceiling, not for ever"
    assert waits[2] < timedelta(minutes=34)


# --- moving -----------------------------------------------------------------------------------------

NEW = "https://new.example/feed"


def test_a_source_moves(watched: House, web: Web) -> None:
    web.gives["a"] = Batch(location=NEW, memory={"location": NEW})
    fetch(watched)
    assert known(watched, "a")[0].location == NEW
    fetch(watched)
    assert web.memory["a"] == {"location": NEW}


def test_two_that_move_to_one_address_do_not_clash(watched: House, web: Web) -> None:
    web.gives |= {name: Batch(location=NEW, memory={"location": NEW, "etag": "x"}) for name in "ab"}
    for name in "ab":
        fetching.fetch(watched.services, names=[name])
    a, b = known(watched, "a"), known(watched, "b")
    assert (a[0].location, a[1].note) == (NEW, "")
    assert b[0].location == "https://b.example/feed"
    assert b[1].note == "has moved to the address of source 'a': remove one of the two"
    fetch(watched)
    assert web.memory["b"] == {"location": "https://b.example/feed", "etag": "x"}, "conditional as before"
    web.gives["b"] = Batch()
    fetch(watched)
    assert known(watched, "b")[1].note == ""


def test_nor_do_two_that_have_moved_and_have_no_news(watched: House, web: Web) -> None:
    web.gives |= {name: Batch(location=NEW, memory={"location": NEW}, unchanged=True) for name in "ab"}
    fetch(watched)
    found = [known(watched, name) for name in "ab"]
    assert sum(source.location == NEW for source, _ in found) == 1
    (stays,) = [health for source, health in found if source.location != NEW]
    assert stays.note.startswith("has moved to the address of source")


def test_the_address_of_a_removed_source_is_free(watched: House, web: Web) -> None:
    with watched.services.database.write() as connection:
        sources.set_state(connection, "c", SourceState.REMOVED)
    web.gives["a"] = Batch(location="https://c.example/feed")
    fetch(watched)
    assert known(watched, "a")[0].location == "https://c.example/feed"


@pytest.mark.parametrize(
    ("to", "moves"),
    [("https://login.example/new", True), ("https://other.example/feed", False), ("http://login.example/feed", False)],
)
def test_a_login_does_not_move_to_another_origin(watched: House, web: Web, to: str, moves: bool) -> None:
    add(watched, "login", login="bearer:/x")
    web.gives["login"] = Batch(location=to)
    if not moves:
        fetch(watched)
        source, health = known(watched, "login")
        assert source.location == "https://login.example/feed"
        assert "where its login is not sent" in health.note
        assert health.note.endswith(f"digest source edit login --location {to} --login bearer:/x")
        return
    fetch(watched)
    assert known(watched, "login")[0].location == to


def test_gone_is_fetched_no_more(watched: House, web: Web) -> None:
    web.gives["a"] = Batch(gone=True)
    fetch(watched)
    assert known(watched, "a")[0].state is SourceState.GONE
    del web.memory["a"]
    watched.clock.go(days=30)
    fetch(watched)
    assert "a" not in web.memory


# --- what every fetch is told -----------------------------------------------------------------------


def test_what_the_settings_say_of_fetching(tmp_path: Path, empty_home: Path, web: Web) -> None:
    said = {"CONTACT": "desk@example.org", "PROXY": "proxy.example:3128", "HOST_SECONDS": "0.5"}
    environ = {f"DIGEST_INGEST_{key}": value for key, value in said.items()}
    with open_house(tmp_path / "home", template=empty_home, **environ) as house:
        house.services = dataclasses.replace(house.services, load_source_kind=lambda _: web)
        add(house, "a")
        fetch(house)
        first = web.options
        fetch(house)
    assert first.user_agent.startswith("storyline-digest/")
    assert first.user_agent.endswith(" (+mailto:desk@example.org)")
    assert first.proxy == "http://proxy.example:3128"
    assert first.hosts is not None
    assert first.hosts is web.options.hosts, "one for the whole process"


# --- many at once -----------------------------------------------------------------------------------


def test_those_without_news_are_put_on_record_some_at_a_time(
    watched: House, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_QUIET", 2)
    web.gives = {name: Batch(unchanged=True) for name in "abcd"}
    on_record: list[int] = []

    def look(_what: str, _done: int, _total: int) -> None:
        on_record.append(sum(known(watched, name)[1].last_ok is not None for name in "abcd"))

    report = fetching.fetch(dataclasses.replace(watched.services, progress=look), everything=True)
    assert (report.fetched, report.unchanged) == (4, 4)
    assert on_record == [0, 2, 2, 4]


@pytest.mark.parametrize("gives", [Batch(unchanged=True), Batch(), FetchError("is away", where="x")])
def test_a_source_that_is_removed_while_it_is_read(
    watched: House, web: Web, gives: Batch | DigestError, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = web.read

    def removed(source: Source, *rest: Any, **options: Any) -> Batch:
        if source.name == "a":
            with watched.services.database.write() as connection:
                sources.remove(connection, "a")
        return read(source, *rest, **options)

    monkeypatch.setattr(web, "read", removed)
    web.gives = dict.fromkeys("abcd", gives)
    fetch(watched)
    assert all(known(watched, name)[1].last_fetch for name in "bcd")
    with watched.services.database.read() as connection:
        assert sources.get_or_none(connection, "a") is None


def test_what_is_broken_in_a_source_without_news_is_said(house: House) -> None:
    """A kind of somebody's own, that says that nothing changed and complains all the same."""
    web = Web()
    web.polled = False
    house.services = dataclasses.replace(house.services, load_source_kind=lambda _: web)
    add(house, "a")
    web.gives["a"] = Batch(articles=[BadInput("is broken", where="x", mend="mend it")], unchanged=True)
    assert [str(error) for error in fetch(house).articles.errors] == ["x: is broken (mend it)"]


# --- from before ------------------------------------------------------------------------------------


def test_the_migration_keeps_sources_and_says_since_when(tmp_path: Path) -> None:
    made = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    config = schema._config()
    with made.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        for name, failures, ok in (("well", 0, "2026-01-02"), ("ill", 3, "2026-01-02"), ("never", 1, None)):
            connection.exec_driver_sql(
                "INSERT INTO source (name, kind, location, state, publisher, language, topics, memory, added_at,"
                " last_ok, failures, last_error)"
                " VALUES (?, 'feed', '', 'active', '', '', '[]', '{}', '2026-01-01 00:00:00', ?, ?, '')",
                (name, f"{ok} 00:00:00" if ok else None, failures),
            )
    schema.upgrade(made)
    with made.read() as connection:
        found = {s.name: (s.login, h.failing_since and h.failing_since.day) for s, h in sources.listing(connection)}
    assert found == {"well": ("", None), "ill": ("", 2), "never": ("", 1)}
    with made.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")
        assert connection.exec_driver_sql("SELECT count(*) FROM source").scalar() == 3
    made.close()
