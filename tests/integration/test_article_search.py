"""digest article search: what is found, and that the index goes with the articles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from digest.store import lines, schema, search
from digest.store import tables as t
from digest.store.articles import find
from digest.store.words import parse
from tests.support import home
from tests.support.desk import Desk, set_up
from tests.support.home import House

_ARTICLES = [
    ("tunnel", "de", "Neue Brücke über die Aller", "Die Brücke bei Celle wurde am Montag eröffnet. Brückenbauer."),
    ("ferry", "en", "Ferry line opens", "The ferry of the new line left on time, past the old bridge."),
    ("tokyo", "ja", "東京の新しい橋", "東京で新しい橋が開通した。市民が集まった。"),
    ("strike", "fr", "Grève à la mairie", "Les employés de la mairie ont commencé une grève."),
    ("bus", "en", "Night bus stays", "The night bus stays. A bridge of wood, old and low, is in its way."),
]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    give(made, *_ARTICLES)
    return made


def give(desk: Desk, *articles: tuple[str, str, str, str], source: str = "wire") -> None:
    rows = [
        {"id": name, "lang": lang, "title": title, "text": text, "date": f"2026-02-{day:02}"}
        for day, (name, lang, title, text) in enumerate(articles, 1)
    ]
    desk.typed("\n".join(map(json.dumps, rows)))
    desk.well("ingest", "-", "--source", source)
    desk.well("group")


def found(desk: Desk, *words: str) -> list[str]:
    answer = desk.well("article", "search", *words, "--json").json
    assert answer["total"] >= len(answer["articles"])
    return [entry["id"] for entry in answer["articles"]]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["bridge"], {"ferry", "bus"}),
        (["BRÜCKE"], {"tunnel"}),
        (["brucken*"], {"tunnel"}),
        (["brucken"], set()),
        (["greve", "mairie"], {"strike"}),
        (["old bridge"], {"ferry"}),
        (["old", "bridge"], {"ferry", "bus"}),
        (["bridge", "-ferry"], {"bus"}),
        (["bridge", "-old bridge"], {"bus"}),
        (['"night bus" -ferry'], {"bus"}),
        (["東京"], {"tokyo"}),
        (["橋"], {"tokyo"}),
        (["京東"], set()),
        (["bridge", "--lang", "DE"], set()),
        (["br*", "--lang", "de"], {"tunnel"}),
        (["bridge", "--since", "2026-02-05"], {"bus"}),
        (["bridge", "--since", "2026"], {"ferry", "bus"}),
        (["bridge", "--source", "wire"], {"ferry", "bus"}),
        (["title"], set()),
    ],
)
def test_what_is_found(desk: Desk, words: list[str], ids: set[str]) -> None:
    assert set(found(desk, *words)) == ids


def test_the_best_or_the_newest_first(desk: Desk) -> None:
    give(desk, ("best", "en", "Bridge, bridge, bridge", "A bridge."), source="other")  # of the 1st of February
    assert found(desk, "bridge")[0] == "best"
    assert found(desk, "bridge", "--newest") == ["bus", "ferry", "best"]


def test_a_limit_says_how_many_more_there_are(desk: Desk) -> None:
    lines_ = desk.well("article", "search", "bridge", "--limit", "1").out.splitlines()
    assert lines_[-1] == "1 more: --limit N shows them."
    assert len(lines_) == 4
    answer = desk.well("article", "search", "bridge", "--limit", "1", "--json").json
    assert (answer["total"], len(answer["articles"])) == (2, 1)


def test_hits_are_marked_on_a_terminal_only(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = desk.well("article", "search", "old bridge").out
    assert "past the old bridge." in plain
    assert "\x1b" not in plain
    import click

    monkeypatch.setattr(click, "echo", lambda text="": print(text))  # as if it were a terminal: the styles stay
    marked = desk.well("article", "search", "old bridge").out
    assert "past the \x1b[1mold bridge\x1b[0m." in marked


def test_by_topic(desk: Desk) -> None:
    desk.well("topic", "add", "bridges", "--rule", "bridge")
    give(desk, ("late", "en", "Another bridge", "A bridge of iron fell."), source="other")
    assert found(desk, "bridge", "--topic", "bridges") == ["late"]
    assert "there is no topic" in desk.refused("article", "search", "x", "--topic", "nope")


def test_what_cannot_be_asked(desk: Desk) -> None:
    assert desk.well("article", "search", "unheardof").out == "No such articles.\n"
    for words, says in [
        (["-bridge"], "only what must not"),
        (["*"], "no word"),
        (["x", "--since", "May"], "no date"),
        (["x", "--source", "nope"], "there is no source"),
        (["x", "--lnag", "de"], "No such option"),
    ]:
        assert says in desk.refused("article", "search", *words)
    assert desk("article", "search", "-h").out.startswith("Usage: digest article search")


# --- the index goes with the articles ---------------------------------------------------------------


def sought(house: House, *words: str) -> set[str | None]:
    with house.services.database.read() as connection:
        hits, total = search.find(connection, search.Wanted(parse(words)), None)
    assert total == len(hits)
    return {hit.article.external_id for hit in hits}


def test_a_new_revision_is_found_and_the_old_one_is_not(house: House) -> None:
    home.take_in(house, 1, 2)
    assert sought(house, home.token(1)) == {"1"}
    home.take_in(house, 1, version=2)
    assert sought(house, home.token(1)) == set()
    assert sought(house, home.token(1, 2)) == {"1"}
    assert schema.check(house.services.database) == []
    with house.services.database.write() as connection:
        connection.exec_driver_sql("INSERT INTO article_index(article_index, rank) VALUES ('integrity-check', 1)")


def test_what_is_not_grouped_yet_is_not_found(house: House) -> None:
    from digest.pipeline import group, ingest

    ingest.ingest(house.services, [home.raw(1, house.clock())])
    assert sought(house, home.token(1)) == set()
    group.group(house.services)
    assert sought(house, home.token(1)) == {"1"}


def test_text_that_is_cut_where_it_lies_is_not_found(house: House) -> None:
    from dataclasses import replace

    home.take_in(house, 1)
    with house.services.database.write() as connection:
        held = find(connection, "1")
        assert held is not None
        lines.clean_again(connection, replace(held, paragraphs=("Something else altogether.",)))
    assert sought(house, "guests") == set()
    assert sought(house, "altogether") == {"1"}
    assert schema.check(house.services.database) == []


def _spoil(house: House, how: str) -> None:
    with house.services.database.write() as connection:
        if how == "missing":
            search.forget(connection, [1])
        elif how == "too many":
            search.forget(connection, [1])
            connection.execute(sa.update(t.article).where(t.article.c.id == 1).values(revision_id=None))
            connection.exec_driver_sql("INSERT INTO article_index(rowid, title, body) VALUES (1, 'a', 'b')")
        else:
            connection.execute(sa.update(t.revision).where(t.revision.c.article_id == 1).values(title="Another one"))


@pytest.mark.parametrize("how", ["missing", "too many", "another text"])
def test_check_finds_where_the_index_is_wrong_and_reindex_mends_it(house: House, how: str, desk_of: Any) -> None:
    home.take_in(house, 1, 2, 3)
    assert schema.check(house.services.database) == []
    _spoil(house, how)
    (fault,) = schema.check(house.services.database)
    assert "wrong about 1 of the articles" in fault
    assert "digest db reindex" in fault
    assert desk_of(house).well("db", "reindex").out == "Made the full-text index of 3 articles anew.\n"
    assert schema.check(house.services.database) == []


@pytest.fixture
def desk_of(capsys: pytest.CaptureFixture[str]) -> Any:
    from tests.unit.cli.running import Runner

    return lambda house: Runner(house.services.home.folder, capsys)


def test_the_migration_indexes_what_is_there(house: House) -> None:
    """And a later change of a table that the index reads is possible."""
    home.take_in(house, 1, 2)
    database = house.services.database
    with database.write() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")
        search.drop(connection)
        connection.exec_driver_sql("DROP TABLE removal")
        connection.exec_driver_sql("ALTER TABLE story DROP COLUMN removed_at")
        connection.exec_driver_sql("ALTER TABLE variant DROP COLUMN withdrawn_at")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0008'")
    schema.upgrade(database)
    assert sought(house, home.token(2)) == {"2"}
    assert schema.check(database) == []
    with database.write() as connection:
        search.without_view(connection)
        connection.exec_driver_sql("ALTER TABLE revision RENAME TO other")
        connection.exec_driver_sql("ALTER TABLE other RENAME TO revision")
        search.with_view(connection)
    assert sought(house, home.token(1)) == {"1"}
