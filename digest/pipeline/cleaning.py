"""What came in from feeds is cleaned: promotion and the like is cut, and what its source repeats."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from digest.errors import DigestError
from digest.model.article import Article
from digest.pipeline.faults import unexpected
from digest.pipeline.repeated import Repeats, name_of
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

    def careful(article: Article) -> Article | None:
        made = one(repeats, article)
        if made is None:
            left_out.add(article.id)
        return made

    while _done(connection, source_id, repeats, now, careful, without=left_out) is not None:
        pass


def one(repeats: Repeats, article: Article) -> Article | None:
    """By itself; None where that has a fault nobody foresaw: stored as it came it is tried again by `clean`."""
    try:
        return repeats.cleaned(article)
    except Exception:  # noqa: BLE001 - whatever it is, the other articles of its source come in
        return None


def _one_batch(work: _Work, source_id: int) -> bool:
    services = work.services
    settings = services.settings.ingest
    with services.database.write() as connection:
        repeats = Repeats(connection, source_id, settings.languages, settings.repeated)
        careful = partial(_cleaned, work, repeats)
        done = _done(connection, source_id, repeats, services.clock(), careful, without=work.left_out)
    work.done += done or 0
    return done is not None


def _done(
    connection: Connection,
    source_id: int,
    repeats: Repeats,
    now: datetime,
    cleaned: Callable[[Article], Article | None],
    without: Collection[int] = (),
) -> int | None:
    """How many of a batch were cleaned; None where none was left."""
    found = articles.to_clean(connection, source_id, BATCH, without=without)
    if not found:
        return None
    done = [made for article in found if (made := cleaned(article))]
    lines.clean(connection, repeats.clean(done, {name_of(article): article.id for article in done}))
    repeats.remember({name_of(article): article.id for article in done}, now)
    return len(done)


def _cleaned(work: _Work, repeats: Repeats, article: Article) -> Article | None:
    try:
        return repeats.cleaned(article)
    except Exception as error:  # noqa: BLE001 - as above
        work.left_out.add(article.id)
        where = f"article {article.key}"
        work.failed[where] = unexpected(work.services, error, where)
        return None
