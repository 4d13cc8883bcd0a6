"""Publications, their cadences, and how far each of their clocks has been dealt with."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from digest.errors import AlreadyExists, NotFound
from digest.model.cadence import Cadence, Every, Lateness
from digest.model.publication import Access, NothingNew, Publication, Unapproved
from digest.store import tables as t


def add(connection: sa.Connection, publication: Publication, now: datetime) -> Publication:
    row = connection.execute(sa.select(t.publication).where(t.publication.c.name == publication.name)).first()
    if row is not None:
        raise AlreadyExists("publication", publication.name)
    made = connection.execute(
        sa.insert(t.publication).values(**_values(publication), removed=False, created_at=now)
    ).inserted_primary_key
    assert made is not None
    _set_cadences(connection, made[0], publication.cadences, now)
    return get(connection, publication.name)


def edit(connection: sa.Connection, publication: Publication, now: datetime) -> Publication:
    connection.execute(
        sa.update(t.publication).where(t.publication.c.id == publication.id).values(_values(publication))
    )
    _set_cadences(connection, publication.id, publication.cadences, now)
    return get(connection, publication.name)


def _set_cadences(connection: sa.Connection, publication_id: int, cadences: tuple[Cadence, ...], now: datetime) -> None:
    """A cadence whose rule changed starts anew: slots of the old rule are never made up for."""
    rows = connection.execute(sa.select(t.cadence).where(t.cadence.c.publication_id == publication_id)).mappings().all()
    before = {r["every"]: _cadence(r) for r in rows}
    since = {r["every"]: r["since"] for r in rows}
    connection.execute(sa.delete(t.cadence).where(t.cadence.c.publication_id == publication_id))
    for position, cadence in enumerate(cadences):
        same = before.get(str(cadence.every)) == cadence
        connection.execute(
            sa.insert(t.cadence).values(
                publication_id=publication_id,
                every=cadence.every,
                at=cadence.at.strftime("%H:%M"),
                weekday=cadence.weekday,
                day=cadence.day,
                position=position,
                since=since[str(cadence.every)] if same else now,
            )
        )


def get(connection: sa.Connection, name: str) -> Publication:
    query = sa.select(t.publication).where(t.publication.c.name == name, ~t.publication.c.removed)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("publication", name, [p.name for p in listing(connection)])
    return _publication(connection, row)


def of_edition(connection: sa.Connection, edition_id: int) -> Publication:
    """Of a removed publication too: what it sent stays explainable."""
    query = (
        sa.select(t.publication)
        .join(t.edition_slot, t.edition_slot.c.publication_id == t.publication.c.id)
        .join(t.edition, t.edition.c.slot_id == t.edition_slot.c.id)
        .where(t.edition.c.id == edition_id)
    )
    return _publication(connection, connection.execute(query).mappings().one())


def by_id(connection: sa.Connection, publication_id: int) -> tuple[Publication, bool]:
    """The publication, and whether it was removed."""
    row = connection.execute(sa.select(t.publication).where(t.publication.c.id == publication_id)).mappings().one()
    return _publication(connection, row), row["removed"]


def listing(connection: sa.Connection) -> list[Publication]:
    query = sa.select(t.publication).where(~t.publication.c.removed).order_by(t.publication.c.name)
    return [_publication(connection, row) for row in connection.execute(query).mappings().all()]


def restart_cadences(connection: sa.Connection, publication_id: int, now: datetime) -> None:
    """Slots before `now` were never meant."""
    connection.execute(sa.update(t.cadence).where(t.cadence.c.publication_id == publication_id).values(since=now))


def remove(connection: sa.Connection, name: str) -> None:
    """It stays in the books (what it sent must be explained), but its name becomes free."""
    publication = get(connection, name)
    gone = f"{name[:40]}#removed-{publication.id}"
    connection.execute(
        sa.update(t.publication).where(t.publication.c.id == publication.id).values(removed=True, name=gone)
    )


def since(connection: sa.Connection, publication_id: int, cadence: str) -> datetime:
    query = sa.select(t.cadence.c.since).where(
        t.cadence.c.publication_id == publication_id, t.cadence.c.every == cadence
    )
    found: datetime = connection.execute(query).scalar_one()
    return found


def handled_up_to(connection: sa.Connection, publication_id: int, cadence: str, zone: str) -> datetime | None:
    return connection.execute(sa.select(t.clock.c.handled_up_to).where(*_clock(publication_id, cadence, zone))).scalar()


def set_handled(connection: sa.Connection, publication_id: int, cadence: str, zone: str, instant: datetime) -> None:
    done = connection.execute(
        sa.update(t.clock).where(*_clock(publication_id, cadence, zone)).values(handled_up_to=instant)
    )
    if not done.rowcount:
        connection.execute(
            sa.insert(t.clock).values(publication_id=publication_id, cadence=cadence, zone=zone, handled_up_to=instant)
        )


def _clock(publication_id: int, cadence: str, zone: str) -> tuple[sa.ColumnElement[bool], ...]:
    c = t.clock.c
    return (c.publication_id == publication_id, c.cadence == cadence, c.zone == zone)


def _values(publication: Publication) -> dict[str, Any]:
    return {
        "name": publication.name,
        "title": publication.title,
        "zone": publication.zone,
        "language": publication.language,
        "late": publication.late,
        "late_limit_hours": publication.late_limit_hours,
        "sender": publication.sender,
        "look": publication.look,
        "topics": list(publication.topics),
        "sources": list(publication.sources),
        "languages": list(publication.languages),
        "max_entries": publication.max_entries,
        "max_per_section": publication.max_per_section,
        "catch_up_days": publication.catch_up_days,
        "uncertain": publication.uncertain,
        "paused": publication.paused,
        "reply_to": publication.reply_to,
        "postal": publication.postal,
        "imprint": publication.imprint,
        "nothing_new": publication.nothing_new,
        "images": publication.images,
        "approval_hours": publication.approval_hours,
        "unapproved": publication.unapproved,
        "sign_up": publication.sign_up,
        "archive": publication.archive,
        "about": publication.about,
        "consent": publication.consent,
        "thanks": publication.thanks,
    }


def _publication(connection: sa.Connection, row: Any) -> Publication:
    query = sa.select(t.cadence).where(t.cadence.c.publication_id == row["id"]).order_by(t.cadence.c.position)
    cadences = tuple(_cadence(r) for r in connection.execute(query).mappings())
    return Publication(
        name=row["name"],
        title=row["title"],
        cadences=cadences,
        zone=row["zone"],
        language=row["language"],
        late=Lateness(row["late"]),
        late_limit_hours=row["late_limit_hours"],
        sender=row["sender"],
        look=row["look"],
        topics=tuple(row["topics"]),
        sources=tuple(row["sources"]),
        languages=tuple(row["languages"]),
        max_entries=row["max_entries"],
        max_per_section=row["max_per_section"],
        catch_up_days=row["catch_up_days"],
        uncertain=row["uncertain"],
        paused=row["paused"],
        reply_to=row["reply_to"],
        postal=row["postal"],
        imprint=row["imprint"],
        nothing_new=NothingNew(row["nothing_new"]),
        images=row["images"],
        approval_hours=row["approval_hours"],
        unapproved=Unapproved(row["unapproved"]),
        sign_up=Access(row["sign_up"]),
        archive=Access(row["archive"]),
        about=row["about"],
        consent=row["consent"],
        thanks=row["thanks"],
        id=row["id"],
    )


def _cadence(row: Any) -> Cadence:
    return Cadence(Every(row["every"]), time.fromisoformat(row["at"]), row["weekday"], row["day"])
