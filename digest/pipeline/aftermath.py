"""After sending: what stopped and what waits is said, and the operator is told of it by mail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.compose.letter import Line, Notice
from digest.deliver.send import Summary
from digest.errors import DigestError
from digest.model.delivery import OPEN, Delivery, DeliveryKind
from digest.pipeline import notices
from digest.pipeline.caps import caps_of
from digest.pipeline.imprint import imprint
from digest.pipeline.services import Services
from digest.store import caps, deliveries, singles
from digest.store.caps import Asked
from digest.store.stories import Connection

#: A notice of one kind rests so long; none is added to one that has not gone out yet.
REST = {"stopped": timedelta(hours=6), "uncertain": timedelta(hours=6), "edition": timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that the operator is to hear of. `asked`: the questions of caps that are told with it."""

    kind: str
    mark: str  # what tells it from others of its kind
    notice: Notice
    asked: Sequence[Asked] = ()


def see_to(services: Services, summary: Summary, stop: threading.Event) -> bool:
    """Say in the summary what waits for the operator, and plan the notices; whether there is more to send at once."""
    now = services.clock()
    broken = summary.stopped if not stop.is_set() else ""
    room = _has_room(services, now) and summary.done > 0
    with services.database.read() as connection:
        standing = caps.standing(connection, caps_of(services), now)
        events = _events(connection, services, broken, standing, now)
    if standing and not summary.stopped:
        summary.stopped = "; ".join(map(said, standing))
    planned = False
    if events and services.settings.mail.operator:
        try:
            planned = _plan(services, events, now)
        except DigestError as error:  # a broken template: the mails of readers are not to suffer
            summary.stopped = f"{summary.stopped or 'something waits'}; the notice of it cannot be made: {error}"
    return (planned or room) and not broken and not stop.is_set()


def _has_room(services: Services, now: datetime) -> bool:
    """Whether what was refused has left room under the cap of the hour, after its lanes had found none."""
    limits = caps_of(services)
    if not limits.per_hour:
        return False
    with services.database.write() as connection:
        return caps.has_room(connection, limits, now)


def said(asked: Asked) -> str:
    """A question of a cap, in a line."""
    if asked.edition:
        return (
            f"{asked.edition} has {asked.mails:,} mails, more than deliver.max_per_edition ({asked.cap:,}): "
            f"digest delivery allow {asked.edition}"
        )
    return (
        f"{asked.mails:,} mails left within an hour, and deliver.max_per_hour is {asked.cap:,}; "
        f"{asked.waiting:,} wait: digest delivery allow --hour"
    )


def _events(
    connection: Connection, services: Services, broken: str, standing: Sequence[Asked], now: datetime
) -> list[_Event]:
    command = notices.commands(services)
    waits = command("delivery", "list", "--state", "planned", "--limit", "20")
    found = []
    if broken:
        commands: tuple[str, ...] = (command("deliver"), waits)
        notice = Notice("stopped", deliveries.count_due(connection, now), now, broken, commands=commands)
        found.append(_Event("stopped", _slot("stopped", now), notice))
    number, first, newest = singles.undecided(connection)
    last = singles.last_notice(connection, f"{DeliveryKind.NOTICE}:uncertain:")
    if newest is not None and (last is None or last.planned_at is None or last.planned_at < newest):
        commands = (
            command("delivery", "list", "--state", "held"),
            command("delivery", "retry", str(first)),
            command("delivery", "cancel", str(first)),
        )
        notice = Notice("uncertain", number, now, commands=commands)
        found.append(_Event("uncertain", _slot("uncertain", now), notice))
    return found + _of_caps(command, waits, [asked for asked in standing if not asked.told], now)


def _of_caps(command: Callable[..., str], waits: str, new: Sequence[Asked], now: datetime) -> list[_Event]:
    found = []
    for asked in (each for each in new if not each.edition):
        allow = command("delivery", "allow", "--hour")
        notice = Notice(
            "hour",
            asked.waiting,
            now,
            gone=asked.mails,
            cap=asked.cap,
            commands=(waits, allow, f"{allow} {asked.waiting}"),
        )
        found.append(_Event("hour", str(asked.id), notice, [asked]))
    if large := [each for each in new if each.edition]:
        commands = [waits]
        for each in large:
            commands += [command("delivery", "allow", each.edition), command("delivery", "cancel", each.edition)]
        lines = tuple(Line(each.edition, each.mails, each.cap) for each in large)
        waiting = sum(each.waiting for each in large)
        notice = Notice("edition", waiting, now, editions=lines, commands=tuple(commands))
        found.append(_Event("edition", _slot("edition", now), notice, large))
    return found


def _slot(kind: str, now: datetime) -> str:
    """Two processes that see the same thing plan one notice of it."""
    rest = REST[kind]
    begun = now - (now - datetime.min.replace(tzinfo=UTC)) % rest
    return f"{begun:%Y-%m-%dT%H}"


def _plan(services: Services, events: Sequence[_Event], now: datetime) -> bool:
    planned = False
    with services.database.write() as connection:
        operator = notices.operator(connection, services, now)
        if operator is None:
            return False
        person, language, zone = operator
        for event in events:
            last = singles.last_notice(connection, f"{DeliveryKind.NOTICE}:{event.kind}:")
            if not _is_time(event.kind, last, now):
                continue
            single = notices.Single(
                kind=DeliveryKind.NOTICE,
                key=f"{event.kind}:{event.mark}",
                to=person,
                said=event.notice,
                by=imprint(services.settings.mail),
                language=language,
                zone=zone,
            )
            notices.plan(connection, services, single, now)
            caps.told(connection, [asked.id for asked in event.asked], now)
            planned = True
    return planned


def _is_time(kind: str, last: Delivery | None, now: datetime) -> bool:
    """Never a flood. The cap of an hour asks anew only after an answer, so that each of its questions is told."""
    if last is None or last.planned_at is None or kind not in REST:
        return True
    return last.state not in OPEN and last.planned_at <= now - REST[kind]
