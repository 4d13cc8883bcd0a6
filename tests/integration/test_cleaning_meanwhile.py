"""Articles are cleaned while others write: nobody waits for that, and what others did meanwhile stays done."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from digest.model.article import Article
from digest.pipeline import cleaning, fetching, removing, sources
from digest.pipeline import repeated as repeated_lines
from digest.pipeline.repeated import Repeats
from digest.store import schema
from digest.store import sources as stored_sources
from digest.store import tables as t
from tests.support import home
from tests.support.home import House
from tests.support.polled import wired

PROMOTION = "Subscribe to our newsletter to get all the news of the county in your mailbox each morning."


@pytest.fixture
def waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Three articles of a feed, as they came."""
    wire = wired(house, monkeypatch)
    raw = [home.raw(n, house.clock()) for n in (1, 2, 3)]
    wire.gives = [dataclasses.replace(one, text=f"{one.text}\n\n{PROMOTION}") for one in raw]
    assert fetching.fetch(house.services, everything=True).articles.new == 3
    return house


def meanwhile(house: House, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Clean, and let something happen while the first text is being cleaned."""
    whole, todo = repeated_lines.cleaned, [happens]

    def slow(article: Article, languages: tuple[str, ...]) -> Article:
        while todo:
            todo.pop()()
        return whole(article, languages)

    monkeypatch.setattr(repeated_lines, "cleaned", slow)
    assert cleaning.clean(house.services) == {}


def texts(house: House) -> list[tuple[bool, str]]:
    """(cleaned, text) of every revision."""
    with house.services.database.read() as connection:
        query = sa.select(t.revision.c.cleaned, t.revision_body.c.paragraphs).outerjoin(t.revision_body)
        return [(clean, "\n".join(told or ())) for clean, told in connection.execute(query.order_by(t.revision.c.id))]


def test_others_can_write(waiting: House, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(waiting, monkeypatch, lambda: sources.add(waiting.services, sources.Asked("feed", "https://b.example/")))
    assert all(clean and text and PROMOTION not in text for clean, text in texts(waiting))
    assert len(texts(waiting)) == 3


def test_what_is_removed_meanwhile_stays_removed(waiting: House, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(waiting, monkeypatch, lambda: removing.remove(waiting.services, ["2"], "the publisher asked for it"))
    first, second, third = texts(waiting)
    assert second == (True, "")
    assert first[0]
    assert third[0]
    assert schema.check(waiting.services.database) == []


def test_what_is_cleaned_or_written_anew_meanwhile_is_left_alone(
    waiting: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_process() -> None:
        with waiting.services.database.write() as connection:
            source = stored_sources.get(connection, "wire").id
            repeats = Repeats(connection, source, ["en"], 3)
            cleaning.of_source(connection, source, repeats, waiting.clock())
            body = t.revision_body.c.revision_id == sa.select(sa.func.min(t.revision.c.id)).scalar_subquery()
            connection.execute(sa.update(t.revision_body).where(body).values(paragraphs=["By the other."]))

    meanwhile(waiting, monkeypatch, other_process)
    assert texts(waiting)[0] == (True, "By the other.")
    assert all(clean for clean, _ in texts(waiting))


def test_a_text_that_was_put_in_its_place_is_cleaned_itself(waiting: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_process() -> None:
        with waiting.services.database.write() as connection:
            first = sa.select(sa.func.min(t.revision.c.id)).scalar_subquery()
            connection.execute(sa.update(t.revision).where(t.revision.c.id == first).values(content_hash="0" * 16))
            body = t.revision_body.c.revision_id == first
            connection.execute(sa.update(t.revision_body).where(body).values(paragraphs=["It is another.", PROMOTION]))

    meanwhile(waiting, monkeypatch, other_process)
    assert texts(waiting)[0] == (True, "It is another.")
