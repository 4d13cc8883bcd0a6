"""Topics of a database from before there were rules keep their meaning."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command

from digest.group.topic_rules import any_phrase
from digest.store import schema, topics
from digest.store.engine import Database

_ROWS = {
    "cycling": ["Tour de France", "peloton"],
    "quoted": ['"the phrase"', '" ', "or"],
    "sport": [],
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """At the first schema, with the topics above; the one called quoted is removed."""
    made = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    _go(made, "0001")
    with made.write() as connection:
        for name, match in _ROWS.items():
            kind = "iptc" if name == "sport" else "operator"
            connection.exec_driver_sql(
                "INSERT INTO topic (name, label, kind, code, match, removed) VALUES (?, ?, ?, '', ?, ?)",
                (name, name.capitalize(), kind, json.dumps(match), name == "quoted"),
            )
    yield made
    made.close()


def _go(database: Database, revision: str) -> None:
    config = schema._config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if revision.startswith("-") else command.upgrade)(config, revision.removeprefix("-"))


def _column(database: Database, column: str) -> dict[str, object]:
    with database.read() as connection:
        return {row[0]: row[1] for row in connection.exec_driver_sql(f"SELECT name, {column} FROM topic")}


def test_words_become_the_rule_that_means_the_same(database: Database) -> None:
    schema.upgrade(database)
    rules = _column(database, "rule")
    assert rules == {"cycling": '"Tour de France" or "peloton"', "quoted": '"the phrase" or "or"', "sport": ""}
    assert rules["cycling"] == any_phrase(_ROWS["cycling"]), "as --match would write it"
    with database.read() as connection:
        assert [(t.name, t.rule) for t in topics.listing(connection)] == [("sport", ""), ("cycling", rules["cycling"])]


def test_the_way_back_keeps_the_phrases(database: Database) -> None:
    _go(database, "0002")
    _go(database, "-0001")
    back = {name: json.loads(str(phrases)) for name, phrases in _column(database, "match").items()}
    assert back == {"cycling": _ROWS["cycling"], "quoted": ["the phrase", "or"], "sport": []}
