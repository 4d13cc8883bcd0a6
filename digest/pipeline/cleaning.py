"""What came in from feeds is cleaned: promotion and the like is cut, and what its source repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.errors import DigestError
from digest.model.article import Article
from digest.pipeline.faults import unexpected
from digest.pipeline.repeated import Repeats, by_itself, name_of
from digest.pipeline.services import Services
from digest.store import articles, lines
from digest.store.stories import Connection

#: Articles of one source in one transaction: many together show best what repeats, and others want to write too.
BATCH = 200


@dataclass
class _Work:
    """What is left to do, and what cannot be done."""

    services: Services
    total: int
    done: int = 0
    failed: dict[str, DigestError] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)  # articles


def clean(services: Services) -> dict[str, DigestError]:
    """Clean all that has yet to be. Returns what waits for the next time, and why."""
    with services.database.read() as connection:
        waiting = articles.sources_to_clean(connection)
        work = _Work(services, articles.count_to_clean(connection))
    for source_id, name in waiting:
        try:
            while _one_batch(work, source_id):
                services.progress("cleaning articles", work.done, work.total)
        except DigestError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other sources' articles are cleaned
            where = f"cleaning the articles of source {name}"
            work.failed[where] = unexpected(services, error, where)
    services.progress("cleaning articles", work.done, work.done)
    return work.failed


def of_source(connection: Connection, source_id: int, repeats: Repeats, now: datetime) -> None:
    """All of one source, in the transaction of whoever wants to compare with it; but for what has a fault, which waits
    for `clean` to say so."""
    left_out: set[int] = set()
    while found := articles.to_clean(connection, source_id, BATCH, without=left_out):
        made = [done for article in found if (done := one(repeats, article))]
        left_out |= {article.id for article in found} - {article.id for article in made}
        _put(connection, repeats, made, now)


def one(repeats: Repeats, article: Article) -> Article | None:
    """By itself; None where that has a fault nobody foresaw: stored as it came it is tried again by `clean`."""
    try:
        return repeats.cleaned(article)
    except Exception:  # noqa: BLE001 - whatever it is, the other articles of its source come in
        return None


def _one_batch(work: _Work, source_id: int) -> bool:
    """Each text by itself before the transaction: that takes longest, and others want to write meanwhile."""
    services = work.services
    settings = services.settings.ingest
    with services.database.read() as connection:
        found = articles.to_clean(connection, source_id, BATCH, without=work.left_out)
    made = [done for article in found if (done := _cleaned(work, article))]
    if made:
        with services.database.write() as connection:
            repeats = Repeats(connection, source_id, settings.languages, settings.repeated)
            _put(connection, repeats, articles.still_to_clean(connection, made), services.clock())
    work.done += len(made)
    return bool(found)


def _put(connection: Connection, repeats: Repeats, done: Sequence[Article], now: datetime) -> None:
    """Without what the source repeats, which is known better by each batch."""
    ids = {name_of(article): article.id for article in done}
    lines.clean(connection, repeats.clean(done, ids))
    repeats.remember(ids, now)


def _cleaned(work: _Work, article: Article) -> Article | None:
    try:
        return by_itself(article, work.services.settings.ingest.languages)
    except Exception as error:  # noqa: BLE001 - as above
        work.left_out.add(article.id)
        where = f"article {article.key}"
        work.failed[where] = unexpected(work.services, error, where)
        return None
