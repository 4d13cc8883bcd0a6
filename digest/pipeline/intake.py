"""What becomes of articles that arrive: compared with what is known, written down in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from digest.ingest import sameness
from digest.ingest.decide import Arrival, Change, Churn, Known, Limits, decide, standing
from digest.ingest.normalise import hashes
from digest.ingest.sameness import How, Match
from digest.model.article import Article, Standing
from digest.model.publication import Source
from digest.pipeline import cleaning
from digest.pipeline.ingest_report import IngestReport
from digest.pipeline.repeated import Repeats, name_of
from digest.pipeline.services import Services
from digest.store import arrivals, articles, removal
from digest.store.arrivals import KnownArticle
from digest.store.stories import Connection

_RECENT, _LEAST_RECENT = 2, 50  # articles among which those under new ids are looked for: for each entry, and besides
_TURNS = 3  # revisions, after which going back to an earlier one is no update


def repeats_of(services: Services, connection: Connection, source: Source) -> Repeats:
    settings = services.settings.ingest
    return Repeats(connection, source.id, settings.languages, settings.repeated)


@dataclass(frozen=True, slots=True)
class Rules:
    """Under which a batch comes in.

    `polled`: others wrote it, `first_fetch`: and we have nothing of theirs yet; `since`: when they were last read.
    """

    polled: bool = False
    first_fetch: bool = False
    limits: Limits = field(default_factory=Limits)
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """An article of a batch, and which known one it is."""

    article: Article
    known: KnownArticle | None = None
    change: Change = Change.NEW
    moved: bool = False
    came: bytes = b""  # the signature of the text as it came


def store(
    connection: Connection,
    source: Source,
    batch: Sequence[Article],
    repeats: Repeats,
    report: IngestReport,
    now: datetime,
    rules: Rules,
) -> None:
    """Write down what is new or changed. `repeats` are those of this source, in this transaction.

    What is new is written as it came, unless it is cleaned already; what changed is cleaned, to see whether it did.
    What cannot be cleaned for a fault is written as it came, and waits for the grouping to say so.
    """
    first = arrivals.is_first(connection, source.id)
    there = list(batch) if first else _without_removed(connection, source, batch, rules.polled)
    once, again = (sameness.told_apart(there), []) if rules.polled else _each_once(there)
    report.known += len(batch) - len(once) - len(again)
    by_identity, by_words = ({}, {}) if first else arrivals.known(connection, source.id, once)
    if rules.polled:
        most = 0 if first or rules.first_fetch else _RECENT * len(once) + _LEAST_RECENT
        last = partial(arrivals.recent, connection, source.id, most)
        matches = sameness.resolve(once, by_identity, by_words, last if most else tuple)
    else:
        mine = (by_identity.get(article.identity) for article in once)
        matches = [Match(known, How.OWN) if known else None for known in mine]
    # What is found to be one that was removed, under another id, is one: it does not come in again.
    pairs = [(a, m) for a, m in zip(once, matches, strict=True) if not m or m.known.standing is not Standing.REMOVED]
    found = _polled(pairs, by_words) if rules.polled else _by_hand(pairs, set(by_words))
    if any(one.known for one in found):
        cleaning.of_source(connection, source.id, repeats, now)
    found, ids = _cleaned(connection, found, repeats)
    report.known += len(once) - len(found)
    if not rules.polled:  # feeds of several papers may well carry the same agency copy
        fresh = [one.article for one in found if one.change is Change.NEW]
        report.elsewhere += arrivals.elsewhere(connection, source.id, fresh)
    moved = sum(match is not None and match.how is How.MOVED for _, match in pairs)
    standings = standing(
        [Arrival(one.article, one.change, one.known.standing if one.known else None, one.moved) for one in found],
        polled=rules.polled, first_fetch=rules.first_fetch, now=now, limits=rules.limits,
        churn=Churn(moved, rules.since),
    )  # fmt: skip
    arrived = [(one.known, _standing(one.article, stands)) for one, stands in zip(found, standings, strict=True)]
    arrivals.rename(connection, _renamed(pairs, by_identity) if rules.polled else {})
    came = [one.came for one in found]
    written = arrivals.write(connection, source.id, arrived, now, came=came, first=first)
    ids |= {name_of(article): i for (_, article), i in zip(arrived, written, strict=True)}
    for one, stands in zip(found, standings, strict=True):
        _count(report, one.change, stands)
    repeats.remember(ids, now)
    if again:
        store(connection, source, again, repeats, report, now, rules)


def _standing(article: Article, stands: Standing) -> Article:
    return article if article.standing is stands else replace(article, standing=stands)


def _without_removed(connection: Connection, source: Source, batch: Sequence[Article], polled: bool) -> list[Article]:
    """Whatever its source says by now of an article that was taken down."""
    gone = removal.known(connection, source.id)
    if not gone.hashes:
        return list(batch)

    def is_gone(article: Article) -> bool:
        place = gone.places.get(article.identity) if article.identity else None
        reused = polled and place is not None and sameness.is_reused(article, *place)
        return (place is not None and not reused) or not gone.hashes.isdisjoint(_known_by(article))

    return [article for article in batch if not is_gone(article)]


def _known_by(article: Article) -> set[str]:
    try:
        return hashes(article)
    except Exception:  # noqa: BLE001 - what cannot be cleaned holds up no other article: the grouping says so
        return {article.content_hash}


def _each_once(batch: Sequence[Article]) -> tuple[list[Article], list[Article]]:
    """By hand: each article once, and what else is said of it, for afterwards. What is given last is the update."""
    seen: dict[str, str] = {}
    once: list[Article] = []
    again: list[Article] = []
    for article in batch:
        name = name_of(article)
        if name not in seen:
            seen[name] = article.content_hash
            once.append(article)
        elif seen[name] != article.content_hash:
            again.append(article)
    return once, again


Pairs = Sequence[tuple[Article, Match[KnownArticle] | None]]


def _by_hand(pairs: Pairs, said: set[str]) -> list[_Found]:
    """The same files are given again and again: what an article said before is no news of it."""
    found: list[_Found] = []
    for article, match in pairs:
        known = match.known if match else None
        before = Known(known.key, known.content_hash, known.standing) if known else None
        change = decide(article, before, same_hash_in_source=article.content_hash in said).change
        if change is Change.KNOWN or (known and article.content_hash in known.earlier):
            continue
        said.add(article.content_hash)
        found.append(_Found(article, known, change))
    return found


def _polled(pairs: Pairs, by_words: Mapping[str, Sequence[KnownArticle]]) -> list[_Found]:
    """What is known by its own id has the first claim on its words: then it does not matter which entry comes first."""
    words: dict[str, list[Article]] = {}
    for article, match in pairs:
        if match:
            words.setdefault(article.content_hash, []).append(article)
    dated = not sameness.stamped([article for article, _ in pairs])
    found: list[_Found] = []
    for article, match in pairs:
        if match is None:
            same = words.setdefault(article.content_hash, [])
            if not any(sameness.same_words(article, other, stamped=not dated) for other in same):
                found.append(_Found(article))
            same.append(article)
        elif match.how is not How.COPY and not _said_before(article, match, by_words):
            found.append(_Found(article, match.known, Change.UPDATED, match.how is How.MOVED))
    return found


def _said_before(article: Article, match: Match[KnownArticle], by_words: Mapping[str, Sequence[KnownArticle]]) -> bool:
    """Known as it is; or told by turns with another text, as by servers that do not agree."""
    known = match.known
    if known.content_hash == article.content_hash:
        return True
    before = any(other.id == known.id for other in by_words.get(article.content_hash, ()))
    return before and (match.how is How.MOVED or known.ordinal > _TURNS)


def _cleaned(connection: Connection, found: Sequence[_Found], repeats: Repeats) -> tuple[list[_Found], dict[str, int]]:
    """What is cleaned now, and the rest as it came; and the stored articles that `repeats` has seen, by name."""
    wanted = [one for one in found if one.known or one.article.cleaned]
    made = [(one, article) for one in wanted if (article := cleaning.one(repeats, one.article))]
    ids = {name_of(one.article): one.known.id for one, _ in made if one.known}
    cleaned = repeats.clean([article for _, article in made], ids) if made else []
    instead = {
        id(one): replace(one, article=article, came=one.article.signature)
        for (one, _), article in zip(made, cleaned, strict=True)
    }
    return _without_the_same(connection, [instead.get(id(one), one) for one in found], repeats), ids


def _without_the_same(connection: Connection, found: list[_Found], repeats: Repeats) -> list[_Found]:
    """A site that changes its footer has not changed its articles."""
    updated = [(one, one.known) for one in found if one.change is Change.UPDATED and one.known]
    stored = articles.with_text(connection, [known.id for _, known in updated])
    same = repeats.same_text([(one.article, stored[known.id]) for one, known in updated])
    silent = {id(one): (one, known) for (one, known), alike in zip(updated, same, strict=True) if alike}
    # Else it would be cleaned again, or its page be asked for, each time.
    arrivals.restate(connection, {known.revision: one.article.content_hash for one, known in silent.values()})
    return [one for one in found if id(one) not in silent]


def _renamed(pairs: Pairs, by_identity: Mapping[str, KnownArticle]) -> dict[int, tuple[str, str | None]]:
    """Article -> the identity that it goes by from now on; by none, where another took it over."""
    moved: dict[int, tuple[str, str | None]] = {}
    left: dict[int, tuple[str, str | None]] = {}
    for article, match in pairs:
        before = by_identity.get(article.identity)
        if match is None or match.how is How.MOVED:
            if before and (match is None or match.known.id != before.id):
                left[before.id] = ("", None)
            if match and article.identity:
                moved[match.known.id] = (article.identity, article.external_id)
    return left | moved


def _count(report: IngestReport, change: Change, stands: Standing) -> None:
    if stands is Standing.QUARANTINED:
        report.held += 1
    elif change is Change.NEW:
        report.new += 1
    else:
        report.updated += 1
