"""All that is held of one person, row by row: every column that is not left out here, under its own name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from digest.model.delivery import ABOUT_ADDRESS
from digest.store import editions, variants
from digest.store import tables as t

Facts = dict[str, Any]

_NUMBER = "a number that leads from table to table; what it leads to stands below its owner"
_SENDER = "by what senders agree who has a mail in hand"
#: Columns of the tables that belong to a person which are not told, and why.
LEFT_OUT: Mapping[str, str] = {
    "subscriber.id": _NUMBER,
    "subscriber_tag.subscriber_id": _NUMBER,
    "subscription.id": _NUMBER,
    "subscription.subscriber_id": _NUMBER,
    "subscription.publication_id": "the publication is named",
    "subscription.settled_below": "how far its books were looked through",
    "subscription_event.id": _NUMBER,
    "subscription_event.subscription_id": _NUMBER,
    "subscription_event.consent_id": "the text is told",
    "waiver.id": _NUMBER,
    "waiver.subscription_id": _NUMBER,
    "edition_skip.edition_id": "the edition is named",
    "edition_skip.subscription_id": _NUMBER,
    "delivery.edition_id": "the edition is named",
    "delivery.subscription_id": "the publication is named by the edition",
    "delivery.subscriber_id": _NUMBER,
    "delivery.variant_id": "what it said is told",
    "delivery.covers_hi": "to find it by",
    "delivery.epoch": _SENDER,
    "delivery.owner": _SENDER,
    "delivery.lease_until": _SENDER,
    "trace.delivery_id": _NUMBER,
    "trace.subscription_id": _NUMBER,
    "trace.variant_id": "what it said is told",
    "trace.covers_hi": "to find it by",
    "delivery_event.id": _NUMBER,
    "delivery_event.delivery_id": _NUMBER,
    "report.subscriber_id": _NUMBER,
}

_LOOSE = ("kind", "state", "address", "subject", "planned_at", "settled_at", "changes")


def of_person(connection: sa.Connection, person_id: int) -> Facts:
    """The keys are those of docs/privacy.md."""
    (person,) = _rows(connection, t.subscriber, t.subscriber.c.id == person_id)
    tags = _rows(connection, t.subscriber_tag, t.subscriber_tag.c.subscriber_id == person_id)
    mine = t.delivery.c.subscriber_id == person_id
    theirs = t.report.c.delivery_id.in_(sa.select(t.delivery.c.id).where(mine))
    return {
        "person": {**told(t.subscriber, person), "tags": [row["tag"] for row in tags]},
        "subscriptions": _subscriptions(connection, person_id),
        "mails": _mails(connection, mine),
        "reports": _rows_told(connection, t.report, sa.or_(t.report.c.subscriber_id == person_id, theirs)),
    }


def loose_reports(connection: sa.Connection, key: str, key_of: Callable[[str], str]) -> list[Facts]:
    """Reports that name an address and belong to no subscriber."""
    c = t.report.c
    found = _rows(connection, t.report, sa.and_(c.subscriber_id.is_(None), c.address != ""))
    return [told(t.report, row) for row in found if key_of(row["address"]) == key]


def loose_mails(connection: sa.Connection, address: str, person_id: int | None) -> list[Facts]:
    """Mails to an address that belong to somebody else: such as one that asks whether it is a reader's new one."""
    d = t.delivery.c
    there = sa.or_(d.address == address, sa.func.lower(d.address) == address.lower())
    found = _mails(connection, sa.and_(there, d.subscriber_id != (person_id or 0), d.key.contains(f":{ABOUT_ADDRESS}")))
    # How to answer them is in the mails; the rest is about somebody else.
    return [{name: each[name] for name in _LOOSE} for each in found]


def told(table: sa.Table, row: Mapping[str, Any]) -> Facts:
    return {c.name: row[c.name] for c in table.columns if f"{table.name}.{c.name}" not in LEFT_OUT}


def _subscriptions(connection: sa.Connection, person_id: int) -> list[Facts]:
    s, p = t.subscription, t.publication.c
    held = _rows(connection, s, s.c.subscriber_id == person_id)
    names = {number: name for number, name in connection.execute(sa.select(p.id, p.name))}
    return [
        {
            "publication": names[row["publication_id"]],
            **told(s, row),
            "history": _history(connection, row["id"]),
            "waivers": [
                told(t.waiver, w) for w in _rows(connection, t.waiver, t.waiver.c.subscription_id == row["id"])
            ],
            "skipped": _skipped(connection, row["id"]),
            "traces": _traces(connection, row["id"]),
        }
        for row in held
    ]


def _history(connection: sa.Connection, subscription_id: int) -> list[Facts]:
    e = t.subscription_event
    texts = {row.id: {"language": row.language, "text": row.text} for row in connection.execute(sa.select(t.consent))}
    found = _rows(connection, e, e.c.subscription_id == subscription_id)
    return [{**told(e, row), "consent": texts.get(row["consent_id"])} for row in found]


def _skipped(connection: sa.Connection, subscription_id: int) -> list[Facts]:
    s = t.edition_skip
    found = _rows(connection, s, s.c.subscription_id == subscription_id)
    cut = editions.by_ids(connection, {row["edition_id"] for row in found})
    return [{"edition": cut[row["edition_id"]].name, **told(s, row)} for row in found]


def _traces(connection: sa.Connection, subscription_id: int) -> list[Facts]:
    """Mails whose records were deleted, and what they had told."""
    found = _rows(connection, t.trace, t.trace.c.subscription_id == subscription_id)
    said = variants.told(connection, {row["variant_id"] for row in found})
    return [
        {
            **told(t.trace, row),
            "told": [entry.headline for entry in said.get(row["variant_id"], ()) if entry.position >= 0],
        }
        for row in found
    ]


def _mails(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Facts]:
    v = t.variant.c
    found = _rows(connection, t.delivery, where)
    cut = editions.by_ids(connection, {row["edition_id"] for row in found if row["edition_id"] is not None})
    said = variants.told(connection, {row["variant_id"] for row in found})
    return [
        {
            "edition": cut[row["edition_id"]].name if row["edition_id"] is not None else "",
            **told(t.delivery, row),
            "subject": connection.execute(sa.select(v.subject).where(v.id == row["variant_id"])).scalar_one(),
            "told": [entry.headline for entry in said.get(row["variant_id"], ()) if entry.position >= 0],
            "changes": _rows_told(connection, t.delivery_event, t.delivery_event.c.delivery_id == row["id"]),
        }
        for row in found
    ]


def _rows_told(connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool]) -> list[Facts]:
    return [told(table, row) for row in _rows(connection, table, where)]


def _rows(connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool]) -> Sequence[Mapping[str, Any]]:
    order: Iterable[sa.Column[Any]] = table.primary_key.columns
    return [dict(row) for row in connection.execute(sa.select(table).where(where).order_by(*order)).mappings()]
