"""Many new rows at once: they are what SQLAlchemy's own insert would make of the same values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa

from digest.store import bulk
from digest.store import tables as t
from tests.support.home import House

NOW = datetime(2026, 3, 1, 12, 30, 45, 123456, tzinfo=timezone(timedelta(hours=2)))


def revision(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "article_id": 1, "ordinal": number, "standing": "news", "arrived_at": NOW, "title": "Ünd “wij”",
        "title_given": bool(number % 2), "language": "nl", "published": NOW.astimezone(UTC), "precision": "minute",
        "publisher": "", "url": None, "content_hash": "0" * 16, "signature": b"\0\xff", "signature_as_it_came": None,
        "topic_hints": ["sea", "“é”"], "cleaned": number % 2 == 0,
    } | changes  # fmt: skip


def test_rows_are_as_sqlalchemy_writes_them(house: House) -> None:
    with house.services.database.write() as connection:
        source = connection.execute(sa.select(t.source.c.id)).scalars().first()
        if source is None:
            from digest.model.publication import Source
            from digest.store import sources

            source = sources.add(connection, Source("s", "manual"), NOW).id
        article = {"key": "a1", "source_id": source, "identity_hash": -5, "identity": "id:1", "first_seen": NOW}
        (made,) = bulk.ids(connection, t.article, 1)
        bulk.insert(connection, t.article, [article | {"id": made}])
        mine = [revision(n, article_id=made) for n in (1, 2)]
        bulk.insert(connection, t.revision, mine)
        connection.execute(
            sa.insert(t.revision), [row | {"id": row["id"] + 2, "ordinal": row["id"] + 2} for row in mine]
        )
    with house.services.database.read() as connection:
        raw = [dict(row) for row in connection.exec_driver_sql("SELECT * FROM revision ORDER BY id").mappings()]
        read = connection.execute(sa.select(t.revision.c.published, t.revision.c.topic_hints)).all()
    told = [{name: value for name, value in row.items() if name not in ("id", "ordinal")} for row in raw]
    assert told[:2] == told[2:]
    assert len(raw) == 4
    assert read[0] == (NOW, ["sea", "“é”"])


def test_ids_follow_on_what_is_there_and_nothing_is_no_statement(house: House) -> None:
    with house.services.database.write() as connection:
        assert list(bulk.ids(connection, t.article, 3)) == [1, 2, 3]
        bulk.insert(connection, t.article, [])
        assert list(bulk.ids(connection, t.article, 0)) == []
