"""The edition of a slot as it would be, or would have been: for a preview, which cuts none."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.audience.windows import catch_up_waiver, owed
from digest.deliver.slots import parse_slot, slots
from digest.errors import UsageError
from digest.model.cadence import Cadence, Slot
from digest.model.edition import Edition, EditionKind
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.subscription import Subscription
from digest.pipeline.calendar import cadence_of
from digest.pipeline.compose import Group
from digest.store import as_of, counters, editions, windows
from digest.store.stories import Connection


class When(enum.StrEnum):
    NOW = "now"
    COMING = "coming"  # with what is known now
    CUT = "cut"  # the slot has an edition: as of its cutoff
    MISSED = "missed"  # the slot has come and gone without one: as if it were made now


@dataclass(frozen=True, slots=True)
class Moment:
    """`edition` has no id, since it is not stored; `of` is that of the one whose cutoff it has, if there is one.

    `now` is the time at which it would go out, or went.
    """

    edition: Edition
    when: When
    now: datetime
    of: int = 0


def of_slot(
    connection: Connection,
    publication: Publication,
    text: str,
    *,
    cadence: str = "",
    reader: Subscription | None = None,
    now: datetime,
) -> Moment:
    """Raises UsageError for what is no slot of the reader's clock, or of the publication's."""
    if reader is not None and cadence and cadence != reader.cadence:
        mend = "leave --cadence out, or --as"
        raise UsageError(f"{reader.subscriber.email} reads the cadence {reader.cadence!r}, not {cadence!r}", mend=mend)
    chosen = cadence_of(publication, reader.cadence if reader else cadence)
    zone = reader.zone if reader else publication.zone
    slot = parse_slot(chosen, zone, text)
    made = editions.of_slot(connection, publication.id, chosen.name, slot.local)
    mine = next((e for e in made if e.zone == zone), None)
    if mine is not None:
        return Moment(replace(mine, id=0), When.CUT, mine.cut_at, mine.id)
    coming = slot.instant > now
    at = slot.instant if coming else now
    number = made[0].number if made else _number(connection, publication, chosen, zone, slot, now)
    edition = Edition(
        publication=publication.name,
        number=number,
        cadence=chosen.name,
        kind=EditionKind.SLOT,
        slot=slot.local,
        zone=zone,
        due=slot.instant,
        cutoff=counters.last(connection, counters.SEQUENCE),
        cut_at=at,
        covers_from=editions.previous_cut(connection, publication.id, chosen.name, zone, slot.instant),
    )
    return Moment(edition, When.COMING if coming else When.MISSED, at)


def _number(
    connection: Connection, publication: Publication, cadence: Cadence, zone: str, slot: Slot, now: datetime
) -> int:
    """The number that it gets if every slot before it has its edition."""
    before = sum(1 for _ in slots(cadence, zone, now + timedelta(microseconds=1), slot.instant))
    return editions.last_number(connection, publication.id, cadence.name) + before + 1


def reader_then(
    connection: Connection, publication: Publication, moment: Moment, reader: Subscription
) -> tuple[Group, frozenset[int]]:
    """What the reader was owed when the edition was cut, and the variants that had been received.

    Language, zone and topics are the reader's of today. Raises UsageError where the reader came later.
    """
    cut = moment.edition.cut_at
    if reader.activated_at is not None and reader.activated_at > cut:
        what = f"{reader.subscriber.email} did not read {publication.name} yet when {moment.edition.name} was made"
        raise UsageError(what, mend="leave --as out: as a new reader would have got it")
    waived = as_of.waived(connection, reader.id, cut)
    ranges = owed(moment.edition.cutoff, as_of.covered(connection, reader.id, moment.of), waived.pop("", Ranges()))
    oldest = windows.number_at(connection, cut - timedelta(days=publication.catch_up_days))
    ranges -= catch_up_waiver(ranges, min(moment.edition.cutoff, oldest))
    topics = tuple((topic, mine) for topic, spans in sorted(waived.items()) if (mine := spans & ranges))
    group = Group(reader.language, reader.zone, reader.cadence, reader.topics, topics, ranges)
    return group, as_of.had(connection, reader.id, moment.of)
