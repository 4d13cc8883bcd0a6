"""Variants: renderings shared by a group of readers, and what they told them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from digest.errors import UsageError
from digest.model.delivery import IN_FLIGHT, OPEN, Delivery, DeliveryState, Variant
from digest.model.ranges import Ranges
from digest.store import deliveries, traces
from digest.store import tables as t
from digest.store.chunks import chunks


@dataclass(frozen=True, slots=True)
class Told:
    """What a variant said of one story. `position` is -1 for what it only covered."""

    story: int
    last_seq: int
    position: int
    kind: str
    section: str
    headline: str
    sentences: tuple[str, ...]  # fingerprints of what was quoted
    reason: str


@dataclass(frozen=True, slots=True)
class Untold:
    """Stories that a variant covers without an entry, and why: over the limits, or nothing new in them.

    Those without a wanted topic are not kept: for a reader of one topic they are most of the news.
    """

    over: tuple[int, ...] = ()
    known: tuple[int, ...] = ()


def make_key(*facts: Any) -> str:
    """A name for all that a variant depends on: 32 hex digits, the same for the same facts."""
    told = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def add(
    connection: sa.Connection,
    edition_id: int | None,
    key: str,
    *,
    look: str,
    language: str,
    zone: str,
    ranges: Ranges,
    subject: str,
    message: bytes,
    more: int,
    told: Sequence[Told],
    untold: Untold | None = None,
    failing: Sequence[Sequence[Any]] | None = None,
    made_for: Mapping[str, Any] | None = None,
    view: bytes | None = None,
) -> int:
    """Store a variant; the one with this key that is there already is kept as it is. Returns its id."""
    found = find(connection, edition_id, key)
    if found is not None:
        return found
    made = connection.execute(
        sa.insert(t.variant).values(
            edition_id=edition_id,
            key=key,
            look=look,
            language=language,
            zone=zone,
            ranges=[list(span) for span in ranges.spans],
            subject=subject,
            message=message,
            more=more,
            failing=failing,
            made_for=made_for,
            view=view,
            over=list(untold.over) if untold else [],
            known=list(untold.known) if untold else [],
        )
    ).inserted_primary_key
    assert made is not None
    rows = [
        {
            "variant_id": made[0],
            "story_id": entry.story,
            "last_seq": entry.last_seq,
            "position": entry.position,
            "kind": entry.kind,
            "section": entry.section,
            "headline": entry.headline,
            "sentences": list(entry.sentences),
            "reason": entry.reason,
        }
        for entry in told
    ]
    if rows:
        connection.execute(sa.insert(t.variant_entry), rows)
    return int(made[0])


def require_text(connection: sa.Connection, found: Delivery) -> None:
    """Raises UsageError for a mail whose text was deleted, since it was old."""
    query = sa.select(t.variant.c.deleted_at).where(t.variant.c.id == found.variant)
    if at := connection.execute(query).scalar():
        mend = "its news is too old to be mailed"
        raise UsageError(f"its text was deleted on {at:%Y-%m-%d}", where=f"delivery {found.id}", mend=mend)


def last_failing(connection: sa.Connection, subscriber_id: int, subscription_id: int) -> list[list[Any]]:
    """What the newest mail that told this person of failing sources said of them; empty where none did.

    A mail counts that was sent or still may be. One that waits for this subscription does not: the next takes it over.
    """
    d = t.delivery.c
    waits = sa.and_(d.subscription_id == subscription_id, d.state.in_(OPEN - IN_FLIGHT))
    query = (
        sa.select(t.variant.c.failing)
        .join(t.delivery, d.variant_id == t.variant.c.id)
        .where(d.subscriber_id == subscriber_id, t.variant.c.failing.is_not(None))
        .where(d.state.in_([DeliveryState.SENT, *OPEN]), d.bounced_at.is_(None), sa.not_(waits))
        .order_by(d.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar() or _last_failing_of_traces(connection, subscriber_id)


def _last_failing_of_traces(connection: sa.Connection, subscriber_id: int) -> list[list[Any]]:
    """The same of mails whose records were deleted: they are older."""
    c, s = t.trace.c, t.subscription.c
    query = (
        sa.select(t.variant.c.failing)
        .join(t.trace, c.variant_id == t.variant.c.id)
        .join(t.subscription, s.id == c.subscription_id)
        .where(s.subscriber_id == subscriber_id, t.variant.c.failing.is_not(None), traces.covering())
        .order_by(c.delivery_id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar() or []


def find(connection: sa.Connection, edition_id: int | None, key: str) -> int | None:
    query = sa.select(t.variant.c.id).where(t.variant.c.edition_id == edition_id, t.variant.c.key == key)
    return connection.execute(query).scalar()


def view(connection: sa.Connection, edition_id: int, key: str) -> bytes | None:
    """What was stored for the copy on the web; None where there never was one, or it was dropped."""
    v = t.variant.c
    return connection.execute(sa.select(v.view).where(v.edition_id == edition_id, v.key == key)).scalar()


def load(connection: sa.Connection, variant_id: int) -> Variant:
    c = t.variant.c
    query = sa.select(c.id, c.key, c.message, c.subject, c.look, c.language).where(c.id == variant_id)
    row = connection.execute(query).one()
    return Variant(*row)


def told(connection: sa.Connection, variant_ids: Iterable[int]) -> dict[int, list[Told]]:
    """Per variant, what it told, in the order of the mail."""
    found: dict[int, list[Told]] = {}
    e = t.variant_entry.c
    query = sa.select(t.variant_entry).order_by(e.variant_id, e.position, e.story_id)
    for batch in chunks(sorted(set(variant_ids)), 500):
        for row in connection.execute(query.where(e.variant_id.in_(batch))).mappings():
            found.setdefault(row["variant_id"], []).append(_told(row))
    return found


def of_edition(connection: sa.Connection, edition_id: int) -> list[tuple[Variant, int]]:
    """Variants of an edition and how many readers each has."""
    c = t.variant.c
    readers = sa.select(sa.func.count()).where(t.delivery.c.variant_id == c.id).scalar_subquery()
    query = sa.select(c.id, c.key, c.message, c.subject, c.look, c.language, readers)
    rows = connection.execute(query.where(c.edition_id == edition_id).order_by(c.id))
    return [(Variant(*row[:6]), row[6]) for row in rows]


def had(
    connection: sa.Connection, subscription_ids: Sequence[int], story_ids: Iterable[int]
) -> dict[int, frozenset[int]]:
    """Per subscription the variants that told it anything of these stories and that count as received.

    Merged stories are looked for under their old ids too, and so are those that articles were moved from by hand.
    """
    wanted = set(story_ids)
    for batch in chunks(sorted(wanted), 500):
        wanted |= set(connection.execute(sa.select(t.story.c.id).where(t.story.c.merged_into.in_(batch))).scalars())
    for batch in chunks(sorted(wanted), 500):
        past = sa.select(t.story_past.c.former_id).where(t.story_past.c.story_id.in_(batch))
        wanted |= set(connection.execute(past).scalars())
    variants: set[int] = set()
    for batch in chunks(sorted(wanted), 500):
        query = sa.select(t.variant_entry.c.variant_id).distinct().where(t.variant_entry.c.story_id.in_(batch))
        variants |= set(connection.execute(query).scalars())
    if not variants:
        return {}
    found: dict[int, set[int]] = {}
    d = t.delivery.c
    for batch in chunks(subscription_ids, 500):
        query = sa.select(d.subscription_id, d.variant_id).where(d.subscription_id.in_(batch), deliveries.covering())
        for subscription_id, variant_id in connection.execute(query):
            if variant_id in variants:
                found.setdefault(subscription_id, set()).add(variant_id)
        for subscription_id, variant_id in traces.variants(connection, t.trace.c.subscription_id.in_(batch)):
            if variant_id in variants:
                found.setdefault(subscription_id, set()).add(variant_id)
    return {k: frozenset(v) for k, v in found.items()}


def _told(row: Any) -> Told:
    return Told(
        row["story_id"], row["last_seq"], row["position"], row["kind"], row["section"], row["headline"],
        tuple(row["sentences"]), row["reason"],
    )  # fmt: skip
