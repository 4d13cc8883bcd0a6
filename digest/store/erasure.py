"""A person's erasure: what is theirs goes, column by column; what others need to understand editions stays, without
a name.

A test walks all columns of the schema: each holds nothing of readers, or is seen to here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model import splice as slots
from digest.model.cause import Cause
from digest.model.delivery import OPEN, Delivery, DeliveryKind, DeliveryState
from digest.model.subscription import AddressState, Subscriber
from digest.store import changes, deliveries
from digest.store import tables as t
from digest.store.chunks import chunks
from digest.store.withdrawal import blank

ERASED = "the person asked to be forgotten"
_D, _R = t.delivery.c, t.report.c
_MOVE = re.compile(r"(\S+@\S+) -> (\S+@\S+)")
_SHORTEST_NAME = 3

#: Words that were written about a subscription or a mail, and go whole.
BLANKED: Mapping[sa.Table, Sequence[str]] = {
    t.subscription: ("reason",),
    t.subscription_event: ("reason", "origin", "basis"),
    t.delivery: ("reply", "reason"),
    t.delivery_event: ("reply", "reason"),
    t.report: ("address", "reason", "reporter", "effect"),
}
#: Remarks of the operator's, about whatever: in these the name and the address are replaced.
REMARKS: Mapping[sa.Table, Sequence[str]] = {
    t.removal: ("reason",),
    t.correction: ("reason",),
    t.edition: ("approval_reason",),
    t.subscription: ("reason",),
    t.subscription_event: ("reason", "origin", "basis"),
}
#: What servers said of others' mails: in these the address is.
REPLIES: Mapping[sa.Table, Sequence[str]] = {
    t.subscriber: ("address_reason",),
    t.delivery: ("reply", "reason"),
    t.delivery_event: ("reply", "reason"),
    t.report: ("address", "reason", "reporter", "effect"),
}


def addresses(connection: sa.Connection, person: Subscriber) -> list[str]:
    """Every address that was this person's: the present one first."""
    found = [person.email]
    query = sa.select(_D.address).distinct().where(_D.subscriber_id == person.id, _D.kind == DeliveryKind.EDITION)
    found += connection.execute(query).scalars()
    moves = sa.select(t.subscription_event.c.reason).where(t.subscription_event.c.action == "move", _events_of(person))
    for reason in connection.execute(moves).scalars():
        if told := _MOVE.fullmatch(reason):
            found += told.groups()
    return list(dict.fromkeys(found))


def forms(connection: sa.Connection, person: Subscriber) -> set[str]:
    """All spellings in which the database had this person's name and addresses: the headers of mails code them."""
    found = {*addresses(connection, person), person.name.strip()}
    query = sa.select(_D.address, _D.splice).where(_D.subscriber_id == person.id)
    for address, splice in connection.execute(query):
        found.add(address)
        found |= {word.strip("<>") for word in splice.get(slots.TO, "").split() if "@" in word or "=?" in word}
    return found - {""}


def leaving(connection: sa.Connection, found: Sequence[str], person: Subscriber | None) -> Delivery | None:
    """A mail to the person that is on the wire just now: what becomes of it must be put on record first."""
    theirs = sa.or_(_to(found), _D.subscriber_id == person.id) if person else _to(found)
    query = deliveries.select().where(theirs, _D.state == DeliveryState.COMMITTING).limit(1)
    row = connection.execute(query).mappings().first()
    return deliveries.delivery(row) if row else None


def mails(connection: sa.Connection, person: Subscriber) -> int:
    """How many there are of this person's, of whatever kind and state."""
    return connection.execute(sa.select(sa.func.count()).where(_D.subscriber_id == person.id)).scalar_one()


def stop(connection: sa.Connection, person: Subscriber, now: datetime) -> int:
    """Nothing that waits goes out; who holds it loses it, since its epoch changes."""
    rows = connection.execute(deliveries.select().where(_D.subscriber_id == person.id, _D.state.in_(OPEN)))
    found = [deliveries.delivery(row) for row in rows.mappings().all()]
    return sum(deliveries.move(connection, each, DeliveryState.SUPPRESSED, now, reason=ERASED) for each in found)


def erase(connection: sa.Connection, person: Subscriber, pseudonym: str, now: datetime, cause: Cause) -> None:
    """All rows of this person, which stay as rows."""
    held = sa.select(t.subscription.c.id).where(t.subscription.c.subscriber_id == person.id)
    mailed = sa.select(_D.id).where(_D.subscriber_id == person.id)
    owned: Mapping[sa.Table, sa.ColumnElement[bool]] = {
        t.subscription: t.subscription.c.subscriber_id == person.id,
        t.subscription_event: t.subscription_event.c.subscription_id.in_(held),
        t.delivery: _D.subscriber_id == person.id,
        t.delivery_event: t.delivery_event.c.delivery_id.in_(mailed),
        t.report: sa.or_(_R.subscriber_id == person.id, _R.delivery_id.in_(mailed)),
    }
    # What this erasure itself stopped says so; the rest is somebody's words about somebody.
    for table, columns in BLANKED.items():
        for column in columns:
            value = sa.case((table.c[column] == ERASED, ERASED), else_="")
            connection.execute(sa.update(table).where(owned[table]).values({column: value}))
    _letters_of(connection, person, now)
    # Their keys have the address in them, hashed without a secret: whoever guesses it could prove it.
    for table, where in ((t.delivery, _D.kind != DeliveryKind.EDITION), (t.report, sa.true())):
        key = sa.literal("forgotten:") + sa.cast(table.c.id, sa.String)
        connection.execute(sa.update(table).where(owned[table], where).values(key=key))
    connection.execute(sa.update(t.delivery).where(owned[t.delivery]).values(address=pseudonym, splice={}))
    connection.execute(sa.delete(t.subscriber_tag).where(t.subscriber_tag.c.subscriber_id == person.id))
    values = {"email": pseudonym, "email_key": pseudonym, "name": ""}
    state = {"address_state": AddressState.ERASED, "address_reason": ERASED}
    connection.execute(sa.update(t.subscriber).where(t.subscriber.c.id == person.id).values(values | state))
    step = changes.Step("forget", person.address_state, AddressState.ERASED)
    changes.record_for_person(connection, person.id, now, step, cause)


def mentions(
    connection: sa.Connection, found: Iterable[str], name: str, key_of: Callable[[str], str], told: str, now: datetime
) -> None:
    """What names the person elsewhere: reports that belong to nobody, remarks, letters that quote a server, mails that
    somebody else's doings brought to the address.

    `key_of` folds an address as those are compared; `told` is put in the place of what is found.
    """
    wanted = [*found]
    keys = {key_of(address) for address in wanted}
    loose = sa.select(_R.id, _R.address).where(_R.subscriber_id.is_(None), _R.address != "")
    theirs = [number for number, address in connection.execute(loose) if key_of(address) in keys]
    for number in theirs:
        blanked = dict.fromkeys(BLANKED[t.report], "") | {"key": f"forgotten:{number}"}
        connection.execute(sa.update(t.report).where(_R.id == number).values(blanked))
    _mails_there(connection, wanted, told, now)
    for table, columns in REPLIES.items():
        for column in columns:
            _replace(connection, table.c[column], wanted, told)
    names = [name.strip()] if len(name.strip()) >= _SHORTEST_NAME else []
    for table, columns in REMARKS.items():
        for column in columns:
            _replace(connection, table.c[column], [*wanted, *names], told)
    _letters_that_name(connection, pattern_of(wanted), now)


def _mails_there(connection: sa.Connection, found: Sequence[str], told: str, now: datetime) -> None:
    """Those that asked whether the address is a reader's new one, and what went there when it was a reader's."""
    rows = connection.execute(deliveries.select().where(_to(found))).mappings().all()
    mine = [
        each
        for each in map(deliveries.delivery, rows)
        if each.state not in OPEN or each.kind is not DeliveryKind.EDITION
    ]
    for each in mine:
        if each.state in OPEN:
            deliveries.move(connection, each, DeliveryState.SUPPRESSED, now, reason=ERASED)
    for batch in chunks([each.id for each in mine], 500):
        these = sa.update(t.delivery).where(_D.id.in_(batch))
        connection.execute(these.values(address=told, splice={}))
        key = sa.literal("forgotten:") + sa.cast(_D.id, sa.String)
        connection.execute(these.where(_D.kind != DeliveryKind.EDITION).values(key=key))


def _to(found: Sequence[str]) -> sa.ColumnElement[bool]:
    """Of mails: they went to one of these addresses, however that was spelt."""
    return sa.or_(_D.address.in_(found), sa.func.lower(_D.address).in_([each.lower() for each in found]))


def articles_with(connection: sa.Connection, address: str) -> int:
    """How many articles have the address in their text or their title, as it stands there now."""
    a, r, b = t.article.c, t.revision.c, t.revision_body.c
    said = sa.or_(r.title.icontains(address, autoescape=True), _text(b.paragraphs).icontains(address, autoescape=True))
    query = sa.select(sa.func.count(sa.distinct(a.id))).join(t.revision, r.id == a.revision_id)
    query = query.outerjoin(t.revision_body, b.revision_id == r.id).where(said)
    return connection.execute(query).scalar_one()


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.Text)


def pattern_of(words: Iterable[str]) -> re.Pattern[str]:
    """Finds these in a text, but not the end of a longer address or name."""
    listed = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"(?<![\w.!#$%&'*+/=?^`{{|}}~-])(?:{listed})(?![\w-]|\.\w)", re.IGNORECASE)


def _replace(connection: sa.Connection, column: sa.Column[str], words: Sequence[str], told: str) -> None:
    (key,) = column.table.primary_key.columns
    some = sa.or_(*(column.icontains(word, autoescape=True) for word in words))
    pattern = pattern_of(words)
    for number, text in connection.execute(sa.select(key, column).where(some)).all():
        values = {column.key: pattern.sub(told, text)}
        connection.execute(sa.update(column.table).where(key == number).values(values))


def _events_of(person: Subscriber) -> sa.ColumnElement[bool]:
    held = sa.select(t.subscription.c.id).where(t.subscription.c.subscriber_id == person.id)
    return t.subscription_event.c.subscription_id.in_(held)


def _letters_of(connection: sa.Connection, person: Subscriber, now: datetime) -> None:
    """Mails to one person that this person alone had."""
    v = t.variant.c
    others = sa.select(_D.variant_id).where(_D.subscriber_id != person.id)
    mine = sa.select(_D.variant_id).where(_D.subscriber_id == person.id)
    query = sa.select(v.id).where(v.edition_id.is_(None), v.id.in_(mine), v.id.not_in(others))
    blank(connection, list(connection.execute(query).scalars()), now)


def _letters_that_name(connection: sa.Connection, pattern: re.Pattern[str], now: datetime) -> None:
    """A notice quotes what a server said, which may be whom it would not take."""
    v = t.variant.c
    query = sa.select(v.id, v.message, v.subject).where(v.edition_id.is_(None), v.withdrawn_at.is_(None))
    named = [row.id for row in connection.execute(query) if pattern.search(_readable(row.message) + row.subject)]
    for number in named:
        waits = deliveries.select().where(_D.variant_id == number, _D.state.in_(OPEN))
        for row in connection.execute(waits).mappings().all():
            found: Any = deliveries.delivery(row)
            if found.state is not DeliveryState.COMMITTING:
                deliveries.move(connection, found, DeliveryState.SUPPRESSED, now, reason=ERASED)
    blank(connection, named, now)


def _readable(message: bytes) -> str:
    """A stored letter with all of its parts decoded."""
    import email
    import email.policy

    parsed = email.message_from_bytes(message, policy=email.policy.compat32)
    texts = [str(value) for value in parsed.values()]
    for part in parsed.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            texts.append(content.decode("utf-8", "replace"))
    return "\n".join(texts)
