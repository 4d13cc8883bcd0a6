"""What becomes of articles that arrive: normalised, compared with what is known, written down in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from digest.errors import BadInput, DigestError
from digest.ingest.decide import Arrival, Change, Known, Limits, decide, standing
from digest.ingest.normalise import normalise
from digest.ingest.plain import one_line
from digest.model.article import Article, RawArticle, Standing
from digest.model.publication import MANUAL, Source
from digest.pipeline.faults import unexpected
from digest.pipeline.repeated import Repeats, name_of
from digest.pipeline.services import Services
from digest.store import arrivals, articles
from digest.store.arrivals import KnownArticle
from digest.store.stories import Connection

_LONGEST_NAME = 100  # of a source, as the store keeps it


@dataclass
class IngestReport:
    """Counts as scripts read them, and one line for each thing that failed."""

    new: int = 0
    updated: int = 0
    known: int = 0
    held: int = 0
    failed: int = 0
    errors: list[DigestError] = field(default_factory=list)
    elsewhere: Counter[str] = field(default_factory=Counter)  # source -> new texts that it had already

    def fail(self, error: DigestError) -> None:
        self.failed += 1
        self.errors.append(error)

    def add(self, other: IngestReport) -> None:
        for name in ("new", "updated", "known", "held", "failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors += other.errors
        self.elsewhere += other.elsewhere


def repeats_of(services: Services, connection: Connection, source: Source) -> Repeats:
    settings = services.settings.ingest
    return Repeats(connection, source.id, settings.languages, settings.repeated)


def normalised(
    services: Services,
    batch: Iterable[RawArticle | BadInput],
    source: str,
    publisher: str,
    now: datetime,
    report: IngestReport,
) -> Iterator[Article]:
    languages = tuple(services.settings.ingest.languages)
    for raw in batch:
        if isinstance(raw, BadInput):
            report.fail(raw)
            continue
        try:
            name = source or one_line(raw.publisher or "")[:_LONGEST_NAME] or MANUAL
            yield normalise(raw, source=name, publisher=publisher, now=now, languages=languages)
        except BadInput as error:
            report.fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other articles go through
            report.fail(unexpected(services, error, raw.origin))


@dataclass(frozen=True, slots=True)
class Rules:
    """Under which a batch comes in. `polled`: others wrote it, `first_fetch`: and we have nothing of theirs yet."""

    polled: bool = False
    first_fetch: bool = False
    limits: Limits = field(default_factory=Limits)


def store(
    connection: Connection,
    source: Source,
    batch: Sequence[Article],
    repeats: Repeats,
    report: IngestReport,
    now: datetime,
    rules: Rules,
) -> None:
    """Write down what is new or changed. `repeats` are those of this source, in this transaction."""
    by_identity, hashes = arrivals.known(connection, source.id, batch)
    ids = {identity: known.id for identity, known in by_identity.items()}
    batch = repeats.clean(batch, ids)
    found: list[Arrival] = []
    again: list[Article] = []
    seen: dict[str, str] = {}
    for article in batch:
        known = by_identity.get(article.identity)
        name = article.identity or article.content_hash
        if name in seen:
            # Twice in one batch. A feed lists the newest first; what is given by hand, the update last.
            if rules.polled or seen[name] == article.content_hash:
                report.known += 1
            else:
                again.append(article)
            continue
        seen[name] = article.content_hash
        change = _change(article, known, article.content_hash in hashes, rules.polled)
        if change is Change.UPDATED and _tells_the_same(connection, article, known, repeats):
            change = Change.KNOWN
            if source.full_text and known is not None:  # else its page would be asked for again each time
                arrivals.restate(connection, known.id, article.content_hash)
        if change is Change.KNOWN or _is_an_older_one(article, known, rules.polled):
            report.known += 1
            continue
        hashes.add(article.content_hash)
        found.append(Arrival(article, change, known.standing if known else None))
    if not rules.polled:  # feeds of several papers may well carry the same agency copy
        fresh = [arrival.article for arrival in found if arrival.change is Change.NEW]
        report.elsewhere += arrivals.elsewhere(connection, source.id, fresh)
    standings = standing(found, polled=rules.polled, first_fetch=rules.first_fetch, now=now, limits=rules.limits)
    arrived = [
        (by_identity.get(arrival.article.identity), replace(arrival.article, standing=stands))
        for arrival, stands in zip(found, standings, strict=True)
    ]
    written = arrivals.write(connection, source.id, arrived, now)
    ids |= {name_of(article): i for (known, article), i in zip(arrived, written, strict=True) if known is None}
    for arrival, stands in zip(found, standings, strict=True):
        _count(report, arrival.change, stands)
    repeats.remember(ids, now)
    if again:
        store(connection, source, again, repeats, report, now, rules)


def _tells_the_same(connection: Connection, article: Article, known: KnownArticle | None, repeats: Repeats) -> bool:
    """A site that changes its footer has not changed its articles."""
    stored = articles.with_text(connection, [known.id]).get(known.id) if known else None
    return stored is not None and repeats.same_text(article, stored)


def _is_an_older_one(article: Article, known: KnownArticle | None, polled: bool) -> bool:
    """By hand the same files are given again and again: what an article said before is no news of it."""
    return not polled and known is not None and article.content_hash in known.earlier


def _change(article: Article, known: KnownArticle | None, same_hash: bool, polled: bool) -> Change:
    before = Known(known.key, known.content_hash, known.standing) if known else None
    return decide(article, before, same_hash_in_source=same_hash, polled=polled).change


def _count(report: IngestReport, change: Change, stands: Standing) -> None:
    if stands is Standing.QUARANTINED:
        report.held += 1
    elif change is Change.NEW:
        report.new += 1
    else:
        report.updated += 1
