"""/healthz, /metrics, `digest health` and the log of requests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from digest.pipeline import vitals
from digest.store import leader
from digest.store import tables as t
from digest.store import vitals as stored
from digest.web import server, weblog
from digest.web.application import application
from tests.support.cli import Cli
from tests.support.home import (
    House,
    bounce,
    deliver_all,
    listing,
    open_house,
    pass_,
    publication,
    publish_now,
    subscribe,
    take_in,
)
from tests.support.web import Site, ask, site

A, B = "anna@example.org", "bert@example.org"


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home) as opened:
        publication(opened)
        subscribe(opened, A)
        yield opened


@pytest.fixture
def web(house: House) -> Iterator[Site]:
    made = site(house.services)
    yield made
    made.services.database.close()


def health(web: Site) -> tuple[int, dict[str, Any]]:
    answer = web.ask("GET", "/healthz")
    return answer.status, json.loads(answer.body)


def samples(text: str) -> dict[str, float]:
    """As Prometheus reads it: a line is a comment, or a name with its labels and a number; families stand together."""
    found: dict[str, float] = {}
    families: list[str] = []
    for line in text.splitlines():
        if line.startswith("# "):
            assert re.fullmatch(r"# (HELP|TYPE) [a-z_]+ .+", line), line
            families += [line.split()[2]] if line.startswith("# TYPE") else []
            continue
        told = re.fullmatch(r'([a-z_]+(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})?) ([-+0-9.e]+)', line)
        assert told, line
        assert told[1] not in found, line
        assert re.sub(r"_(bucket|sum|count)$", "", told[1].partition("{")[0]) == families[-1], line
        found[told[1]] = float(told[2])
    assert len(families) == len(set(families))
    return found


# --- whether all is well -------------------------------------------------------------------------------


def test_well_once_a_pass_has_ended_and_not_when_none_comes_any_more(house: House, web: Site) -> None:
    assert health(web)[0] == 503
    pass_(house)
    status, told = health(web)
    assert status == 200
    assert told == {
        "ok": True,
        "database": {"ok": True},
        "schema": {"ok": True, "version": told["schema"]["version"]},
        "pass": {"ok": True, "ended_at": "2026-03-02T05:00:00Z", "seconds_ago": 0, "failed_stages": 0},
        "serving": False,
        "deliveries": {"ok": True, "overdue": 0},
    }
    house.clock.go(minutes=60)
    assert health(web)[0] == 200
    house.clock.go(minutes=1)
    status, told = health(web)
    assert (status, told["pass"]["ok"], told["pass"]["seconds_ago"]) == (503, False, 3660)


def test_mails_that_wait_beyond_their_time(house: House, web: Site) -> None:
    pass_(house)
    subscribe(house, B)
    take_in(house, 1)
    publish_now(house)
    first, _ = listing(house)
    with house.services.database.write() as connection:
        later = house.clock()
        values = {"state": "deferred", "next_attempt": later}
        connection.execute(sa.update(t.delivery).where(t.delivery.c.id == first.id).values(values))
    house.clock.go(minutes=119)
    with house.services.database.write() as connection:
        stored.record_pass(connection, stored.LastPass(house.clock(), house.clock(), 0))
    assert health(web)[0] == 200
    house.clock.go(minutes=2)
    status, told = health(web)
    assert (status, told["pass"]["ok"], told["deliveries"]) == (503, True, {"ok": False, "overdue": 2})
    deliver_all(house)
    assert health(web)[1]["deliveries"] == {"ok": True, "overdue": 0}


def test_what_waits_for_the_operator_is_not_overdue(house: House) -> None:
    take_in(house, 1)
    publish_now(house)
    late = house.clock.go(days=1)
    with house.services.database.read() as connection:
        assert stored.overdue(connection, late) == 1
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.edition).values(approval="waiting"))
    with house.services.database.read() as connection:
        assert stored.overdue(connection, late) == 0
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.edition).values(approval="approved", approval_at=late))
    with house.services.database.read() as connection:
        assert stored.overdue(connection, late) == 0, "since it was approved, it has not waited"


def test_a_mail_to_one_person_counts_too(house: House) -> None:
    take_in(house, 1)
    publish_now(house)
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.delivery).values(kind="notice", edition_id=None))
        connection.execute(sa.update(t.variant).values(edition_id=None))
    with house.services.database.read() as connection:
        assert stored.overdue(connection, house.clock()) == 0
    with house.services.database.read() as connection:
        assert stored.overdue(connection, house.clock.go(minutes=1)) == 1


def test_a_database_that_is_gone_or_older_is_told_of_without_a_word_of_where(house: House, web: Site) -> None:
    pass_(house)
    with house.services.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    status, told = health(web)
    assert status == 503
    assert told["schema"] == {"ok": False, "version": "0001"}
    assert told["deliveries"] == {"ok": False, "overdue": None}
    assert samples(web.ask("GET", "/metrics").text)["digest_healthy"] == 0
    house.services.database.close()
    web.services.database.close()
    (house.services.home.folder / "digest.db").write_bytes(b"no database" * 1000)
    answer = web.ask("GET", "/healthz")
    assert answer.status == 503
    assert json.loads(answer.body)["database"] == {"ok": False}
    assert str(house.services.home.folder) not in answer.text


def test_who_serves_is_seen_and_not_disturbed(house: House) -> None:
    folder = house.services.home.folder
    assert not leader.is_led(folder, vitals.SERVE)
    with leader.lead(house.services.database, folder, vitals.SERVE, house.clock()):
        assert vitals.health(house.services).serving
    assert not vitals.health(house.services).serving


# --- who is told ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("192.0.2.1", {}, 404),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.1"}, 404),  # a proxy that is not named: it would be everybody
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, 404),
        ("127.0.0.9", {"x-forwarded-for": "192.0.2.1"}, 404),
        ("127.0.0.9", {"x-forwarded-for": "10.1.2.3"}, 200),
        ("127.0.0.9", {"x-forwarded-for": "127.0.0.1, 192.0.2.1"}, 404),
        ("127.0.0.9", {"x-forwarded-for": "192.0.2.1", "forwarded": "for=10.1.2.3"}, 404),
    ],
)
def test_only_monitors_are_told(
    tmp_path: Path, empty_home: Path, path: str, client: str, headers: dict[str, str], status: int
) -> None:
    with open_house(
        tmp_path / "home",
        template=empty_home,
        DIGEST_WEB_MONITORS="10.0.0.0/8",
        DIGEST_WEB_TRUSTED_PROXIES="127.0.0.9",
        DIGEST_HEALTH_PASS_MINUTES="0",
    ) as house:
        web = site(house.services)
        app = web.application()

        async def from_there(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "client": (client, 1)}, receive, send)

        assert ask(from_there, "GET", path, headers=headers).status == status
        web.services.database.close()


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_with_a_token_only_who_shows_it_is_told(tmp_path: Path, empty_home: Path, path: str) -> None:
    word = "b1d6c0ffee5ca1ab1e7e57"
    right = {"authorization": f"Bearer {word}"}
    values = {"DIGEST_WEB_MONITOR_TOKEN": word, "DIGEST_HEALTH_PASS_MINUTES": "0"}
    with open_house(tmp_path / "home", template=empty_home, **values) as house:
        web = site(house.services)
        app = web.application()

        async def from_afar(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "client": ("192.0.2.7", 1)}, receive, send)

        wrong = ("", word, "Bearer ", f"Bearer {word[:-1]}", f"Bearer {word}x", f"Basic {word}", "Bearer \xff\xfe")
        for shown in ({}, *({"authorization": each} for each in wrong)):
            answer = ask(app, "GET", path, headers=shown)
            assert answer.status == 404, shown
            assert word not in answer.text
        assert ask(app, "GET", path, headers=right).status == 200
        assert ask(app, "GET", path, headers={"authorization": f"bearer  {word}"}).status == 200
        assert ask(from_afar, "GET", path, headers={**right, "x-forwarded-for": "192.0.2.9"}).status == 200
        assert not [line for line in web.said if word in line]
        web.services.database.close()


# --- the figures ---------------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_database_and_name_nobody(house: House, web: Site) -> None:
    subscribe(house, B)
    app = web.application()
    assert ask(app, "GET", "/u/secret-token").status == 404
    assert ask(app, "GET", "/nowhere/secret-token").status == 404
    ask(app, "BREW", "/healthz")
    take_in(house, 1, 2)
    publish_now(house)
    tally = vitals.Tally()
    tally.figures(house.services)
    pass_(house)
    bounce(house, listing(house)[0])
    text = ask(app, "GET", "/metrics").text
    found = samples(text)
    assert found['digest_subscriptions{publication="news",state="active"}'] == 2
    assert sum(n for name, n in found.items() if name.startswith("digest_deliveries{")) == 2
    assert found["digest_articles"] == 2
    assert found["digest_sources_failing"] == 0
    assert found["digest_healthy"] == 1
    assert found["digest_last_pass_failed_stages"] == 0
    assert found['digest_web_requests_total{route="/u/{token}",status="4xx"}'] == 1
    assert found['digest_web_requests_total{route="-",status="4xx"}'] == 1
    assert found['digest_web_request_duration_seconds_count{route="/u/{token}"}'] == 1
    assert "secret-token" not in text
    assert "anna" not in text
    assert tally.figures(house.services).settled["sent"] == 2


def test_what_was_sent_is_counted_from_the_first_question_on_and_never_falls(house: House) -> None:
    take_in(house, 1)
    publish_now(house)
    deliver_all(house)
    tally = vitals.Tally()
    assert tally.figures(house.services).settled.get("sent", 0) == 0, "before anybody asked"
    house.clock.go(days=1)
    take_in(house, 2)
    publish_now(house)
    deliver_all(house)
    assert tally.figures(house.services).settled["sent"] == 1
    with house.services.database.write() as connection:
        connection.execute(sa.delete(t.delivery_event))
    assert tally.figures(house.services).settled["sent"] == 1
    house.clock.go(days=1)
    take_in(house, 3)
    publish_now(house)
    deliver_all(house)
    assert tally.figures(house.services).settled["sent"] == 2


# --- the log -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("addresses", [False, True])
def test_the_log_has_a_line_for_each_request(tmp_path: Path, empty_home: Path, addresses: bool) -> None:
    with open_house(
        tmp_path / "home", template=empty_home, DIGEST_WEB_LOG="true", DIGEST_WEB_LOG_ADDRESSES=str(addresses).lower()
    ) as house:
        made = site(house.services)
        parts = server.make(made.services, made.said.append)
        with weblog.kept(parts) as log:
            app = application(parts, log)
            for path in ("/u/secret-token", "/nowhere/secret-token", "/u/secret-token?x=secret"):
                assert ask(app, "GET", path).status == 404
        (file,) = (house.services.home.folder / "weblog").iterdir()
        lines = file.read_text().splitlines()
        made.services.database.close()
    assert file.name == "2026-03-02.log"
    assert len(lines) == 3
    network = " 127.0.0.0/24" if addresses else ""
    assert re.fullmatch(rf"2026-03-02T05:00:00Z GET /u/{{token}} 404 \d+\.\d \d+{network}", lines[0])
    assert lines[1].split()[2] == "-"
    assert "secret" not in "".join(lines)


def test_there_is_none_unless_it_is_asked_for(house: House, web: Site) -> None:
    parts = server.make(web.services, web.said.append)
    with weblog.kept(parts) as log:
        assert ask(application(parts, log), "GET", "/nowhere").status == 404
    assert not (house.services.home.folder / "weblog").exists()


# --- from the command line -----------------------------------------------------------------------------


def test_the_command_says_the_same(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "home").init()
    assert "no pass has ended for 60 minutes" in cli.errors("health", code=1)[0]
    cli("run")
    told = cli("health")
    assert "overdue mails  0" in told
    assert cli.json("health")["ok"] is True
    (tmp_path / "home" / "digest.db").unlink()
    assert cli.json("health", code=1)["schema"] == {"ok": False, "version": ""}
