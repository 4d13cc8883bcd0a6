"""[pure] What an arriving article is to us, and whether it may be mailed."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.ingest.dates import last_instant
from digest.model.article import Article, Standing

_CHURN = 3  # so many entries under new ids are no accident
_LATE = timedelta(days=1)  # feeds list an article some hours after its date, and their zones are often wrong


class Change(enum.StrEnum):
    NEW = "new"
    UPDATED = "updated"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Known:
    """The article of the same source and identity that the store has."""

    key: str
    content_hash: str  # of its latest revision
    standing: Standing = Standing.NEWS


@dataclass(frozen=True, slots=True)
class Decision:
    change: Change
    key: str = ""  # of the article that it revises or repeats, where the identity told


@dataclass(frozen=True, slots=True)
class Arrival:
    """One article of a batch that is not KNOWN; `before` is the standing of what it revises.

    `moved`: it came under another id than before.
    """

    article: Article
    change: Change
    before: Standing | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Settings for polled sources."""

    first_news: int = 10
    flood: int = 20
    old_days: int = 7


def decide(article: Article, known: Known | None, *, same_hash_in_source: bool) -> Decision:
    """NEW, UPDATED or KNOWN, of what comes in by hand (`sameness` has what others wrote).

    The same content under another identity is known: a renamed file. Only an id that the operator gave stands for an
    article of its own, whatever its text: two agencies' clients may print the same words.
    """
    if known is not None:
        change = Change.KNOWN if known.content_hash == article.content_hash else Change.UPDATED
        return Decision(change, known.key)
    own_id = article.identity.startswith("id:")
    return Decision(Change.KNOWN if same_hash_in_source and not own_id else Change.NEW)


@dataclass(frozen=True, slots=True)
class Churn:
    """How many entries of a batch came under another id than before; `since`: when the source was last read."""

    moved: int = 0
    since: datetime | None = None


def standing(
    arrivals: Sequence[Arrival],
    *,
    polled: bool,
    first_fetch: bool,
    now: datetime,
    limits: Limits | None = None,
    churn: Churn | None = None,
) -> list[Standing]:
    """The standing of each arrival of one batch, in its order.

    By hand everything is news. Of a polled source's first fetch only the newest entries are. Later,
    old articles that are new to us, or changed, are a flood when they are more than `flood`: those wait for the
    operator. So does what a site changed in many articles as it gave them new ids, and what it
    brought besides that should have come before. A revision of an old article that never was news
    does not become news.
    """
    limits, churn = limits or Limits(), churn or Churn()
    if not polled:
        return [Standing.NEWS] * len(arrivals)
    new = [i for i, arrival in enumerate(arrivals) if arrival.change is Change.NEW]
    if first_fetch:
        # Feeds list the newest first: among equal dates their order decides (the sort is stable).
        newest = sorted(new, key=lambda i: last_instant(arrivals[i].article.published), reverse=True)
        held, instead = set(newest[limits.first_news :]), Standing.BACKGROUND
    else:
        old = {i for i, arrival in enumerate(arrivals) if _is_old(arrival.article, now, limits)}
        held, instead = (old if len(old) > limits.flood else set()), Standing.QUARANTINED
        held |= _churned(arrivals, churn)
    return [_stands(arrival, instead if i in held else None, now, limits) for i, arrival in enumerate(arrivals)]


def _churned(arrivals: Sequence[Arrival], churn: Churn) -> set[int]:
    if churn.moved < _CHURN:
        return set()
    changed = {i for i, arrival in enumerate(arrivals) if arrival.moved}
    # A feed whose ids never hold may still update one article or two.
    held = changed if len(changed) >= _CHURN and 2 * len(changed) >= churn.moved else set()
    if churn.since is not None:
        late = churn.since - _LATE
        new = (i for i, arrival in enumerate(arrivals) if arrival.change is Change.NEW)
        held |= {i for i in new if last_instant(arrivals[i].article.published) < late}
    return held


def _stands(arrival: Arrival, held: Standing | None, now: datetime, limits: Limits) -> Standing:
    silent = arrival.before in {Standing.BACKGROUND, Standing.QUARANTINED}
    if arrival.before and silent and _is_old(arrival.article, now, limits):
        return arrival.before
    return held or Standing.NEWS


def _is_old(article: Article, now: datetime, limits: Limits) -> bool:
    return last_instant(article.published) < now - timedelta(days=limits.old_days)
