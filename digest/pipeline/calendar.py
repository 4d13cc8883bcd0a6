"""Which editions are due: decided from the database by the pure function in `deliver.due`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.deliver.approval import approve_by
from digest.deliver.due import COUNT_LIMIT, Due, due
from digest.deliver.slots import latest_slot, next_slot, parse_slot, slots
from digest.errors import DigestError, UsageError
from digest.model.cadence import Cadence, Slot
from digest.model.edition import Edition
from digest.model.publication import Publication
from digest.model.subscription import Subscription
from digest.pipeline.faults import unexpected
from digest.pipeline.services import Services
from digest.store import editions, leader, publications, subscribers, windows
from digest.store.stories import Connection

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than anything of ours


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided for one clock of a publication."""

    publication: str
    cadence: str
    zone: str
    edition: Edition | None
    due: Due


def cut_due_editions(services: Services, failed: dict[str, DigestError] | None = None) -> list[Decided]:
    """Cut every edition that is due now, and put on record what becomes of the missed ones.

    A clock whose edition cannot be cut for a fault of ours goes into `failed`; without it, that is raised.
    """
    decided: list[Decided] = []
    with leader.lead(services.database, services.home.folder, "plan", services.clock(), wait_seconds=60):
        with services.database.read() as connection:
            watched = [(p, *clock) for p in publications.listing(connection) for clock in _clocks(connection, p)]
        for publication, cadence, zone in watched:
            try:
                found = _decide(services, publication, cadence, zone)
            except DigestError:
                raise
            except Exception as error:
                if failed is None:
                    raise
                name = f"{publication.name} ({cadence.name}, {zone})"
                failed[name] = unexpected(services, error, name)
                continue
            if found is not None:
                decided.append(found)
    return decided


def _clocks(connection: Connection, publication: Publication) -> Iterator[tuple[Cadence, str]]:
    if publication.paused:
        return
    by_name = {c.name: c for c in publication.cadences}
    for name, zone in subscribers.clocks(connection, publication.id):
        if name in by_name:
            yield by_name[name], zone


def _decide(services: Services, publication: Publication, cadence: Cadence, zone: str) -> Decided | None:
    """Decision and its record are one transaction: a crash between them would lose or repeat a slot."""
    now = services.clock()
    with services.database.write() as connection:
        found = due(
            cadence,
            zone,
            now=now,
            since=_since(connection, publication, cadence, zone),
            lateness=publication.late,
            limit=timedelta(hours=publication.late_limit_hours),
            grace=timedelta(minutes=services.settings.schedule.grace_minutes),
        )
        if found.handled_up_to is None:
            return None
        publications.set_handled(connection, publication.id, cadence.name, zone, found.handled_up_to)
        _discard(connection, publication, cadence, zone, found, now)
        edition = _cut(connection, publication, cadence, zone, found, now) if found.publish else None
    return Decided(publication.name, cadence.name, zone, edition, found)


def _since(connection: Connection, publication: Publication, cadence: Cadence, zone: str) -> datetime:
    """Slots up to here are dealt with, or were never anybody's."""
    handled = publications.handled_up_to(connection, publication.id, cadence.name, zone)
    meant = _meant_since(connection, publication, cadence, zone)
    return max(handled, meant) if handled else meant


def overdue(
    connection: Connection, publication: Publication, cadence: Cadence, zone: str, now: datetime
) -> datetime | None:
    """The newest slot of a clock that has come and that no pass has dealt with yet."""
    since = _since(connection, publication, cadence, zone)
    newest = latest_slot(cadence, zone, now, since + timedelta(microseconds=1)) if since < now else None
    return newest.instant if newest else None


def _meant_since(connection: Connection, publication: Publication, cadence: Cadence, zone: str) -> datetime:
    """Slots up to here nobody waited for: the cadence was another one, or its readers came or were back later."""
    readers = subscribers.readers(connection, publication.id, cadence.name, zone)
    first = min((_came(reader) for reader in readers), default=_EPOCH)
    return max(publications.since(connection, publication.id, cadence.name), first)


def _came(reader: Subscription) -> datetime:
    """Since when an active reader lives by its clock: subscribed, resumed, or moved to it."""
    return max((t for t in (reader.changed_at, reader.schedule_changed_at) if t is not None), default=_EPOCH)


def _cut(
    connection: Connection, publication: Publication, cadence: Cadence, zone: str, found: Due, now: datetime
) -> Edition:
    assert found.publish is not None
    return editions.cut(
        connection,
        publication.id,
        cadence.name,
        found.publish.local,
        zone,
        due=found.publish.instant,
        now=now,
        lateness="late" if found.late else "discard" if found.discarded else "",
        missed=_missed(connection, publication, cadence, zone, found.publish),
        approve_by=approve_by(publication, now),
    )


def _missed(connection: Connection, publication: Publication, cadence: Cadence, zone: str, slot: Slot) -> int:
    """Slots without an edition of their own since the last one that had one."""
    last = editions.last_cut(connection, publication.id, cadence.name, zone)
    if last is None:
        return 0
    start = max(last, _meant_since(connection, publication, cadence, zone)) + timedelta(microseconds=1)
    return sum(1 for _ in itertools.islice(slots(cadence, zone, start, slot.instant), COUNT_LIMIT))


def _discard(
    connection: Connection, publication: Publication, cadence: Cadence, zone: str, found: Due, now: datetime
) -> None:
    """The policy `discard`: what had fallen due is waived, with the reason, for each reader whose slot it was."""
    if found.discarded is None:
        return
    last = windows.number_at(connection, found.discarded.last.instant)
    for reader in subscribers.readers(connection, publication.id, cadence.name, zone):
        if _came(reader) > found.discarded.last.instant:
            continue
        reason = f"discarded: the edition of {found.discarded.last.local:%Y-%m-%d %H:%M} was missed"
        windows.waive(connection, reader.id, 1, last + 1, reason=reason, now=now)


def cut_by_hand(services: Services, publication: Publication, slot: str, cadence: str) -> list[Edition]:
    """Publish now: an extra edition, or the edition of a named slot in every zone that has readers."""
    now = services.clock()
    folder = services.home.folder
    with leader.lead(services.database, folder, "plan", now, wait_seconds=60), services.database.write() as connection:
        if not slot:
            local = now.astimezone(ZoneInfo(publication.zone)).replace(tzinfo=None, second=0, microsecond=0)
            return [
                    editions.cut(
                        connection, publication.id, editions.EXTRA, _free(connection, publication, local),
                        publication.zone, due=now, now=now, approve_by=approve_by(publication, now),
                    )
                ]  # fmt: skip
        chosen = cadence_of(publication, cadence)
        zones = [z for name, z in subscribers.clocks(connection, publication.id) if name == chosen.name]
        return [_cut_slot(connection, publication, chosen, zone, slot, now) for zone in zones or [publication.zone]]


def _free(connection: Connection, publication: Publication, local: datetime) -> datetime:
    """Two extra editions within a minute are two: the second takes the next free minute for its name."""
    while editions.has_slot(connection, publication.id, editions.EXTRA, local):
        local += timedelta(minutes=1)
    return local


def _cut_slot(
    connection: Connection, publication: Publication, cadence: Cadence, zone: str, text: str, now: datetime
) -> Edition:
    slot = parse_slot(cadence, zone, text)
    if slot.instant > now + timedelta(days=1):
        raise UsageError("this slot lies more than a day ahead", where=text, mend="digest run will publish it in time")
    handled = publications.handled_up_to(connection, publication.id, cadence.name, zone)
    if handled is None or handled < slot.instant:
        publications.set_handled(connection, publication.id, cadence.name, zone, slot.instant)
    due_at, until = max(slot.instant, now), approve_by(publication, now)
    return editions.cut(
        connection, publication.id, cadence.name, slot.local, zone, due=due_at, now=now, approve_by=until
    )


def cadence_of(publication: Publication, name: str) -> Cadence:
    """The cadence of that name, or the publication's first."""
    found = next((c for c in publication.cadences if not name or c.name == name), None)
    if found is None:
        offered = ", ".join(c.name for c in publication.cadences)
        raise UsageError(f"{publication.name} has no cadence {name!r}", mend=f"it has: {offered}")
    return found


def upcoming(publication: Publication, zone: str, now: datetime, days: int) -> list[tuple[Cadence, Slot]]:
    """The slots of the coming days, in order."""
    found = [(c, s) for c in publication.cadences for s in slots(c, zone, now, now + timedelta(days=days))]
    return sorted(found, key=lambda pair: pair[1].instant)


def next_due(publication: Publication, now: datetime) -> datetime:
    """When the publication's next edition falls due, in its own zone."""
    return min(next_slot(c, publication.zone, now).instant for c in publication.cadences)
