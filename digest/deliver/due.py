"""What is due now: which slot to publish, and what becomes of the slots that were missed.

Pure decisions after downtime. A slot is handled exactly once: it is published, or it passes (the
published edition, or else the next one, stands in for it), or it is discarded.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.deliver.slots import latest_slot, period, slots
from digest.model.cadence import Cadence, Lateness, Slot

#: Slots missed in one stretch of downtime are counted up to here; nobody needs to know more.
COUNT_LIMIT = 1000

#: Within this time after its instant a slot is not late at all: a tick takes a while.
GRACE = timedelta(minutes=15)

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class SlotRun:
    """All slots of one cadence and zone from `first` to `last`, both included.

    The slots between are not kept: years of downtime would make hundreds of thousands of them.
    `count` is exact unless `at_least` is set; then there were more than COUNT_LIMIT.
    """

    first: Slot
    last: Slot
    count: int
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """What to do now.

    `missed` are slots that get no edition of their own: `publish` stands in for them, or, where
    nothing is published, the next edition does. `discarded` are slots whose news the caller waives:
    all that had fallen due up to `discarded.last`. The caller stores `handled_up_to` (an instant,
    UTC) as the next `since`, in the transaction that carries the decision out; None: nothing was due.
    """

    publish: Slot | None = None
    late: bool = False
    missed: SlotRun | None = None
    discarded: SlotRun | None = None
    handled_up_to: datetime | None = None


def due(
    cadence: Cadence,
    zone: str,
    *,
    now: datetime,
    since: datetime,
    lateness: Lateness,
    limit: timedelta,
    grace: timedelta = GRACE,
) -> Due:
    """Decide over the slots in (since, now]; both are aware instants.

    `since` is the newest slot already handled, or when the publication, its cadence or its zone
    came into being. The newest slot is published if it lies within `grace`, whatever the policy.
    Otherwise `late` publishes it still within `limit`, and passes it beyond; `merge` passes it;
    `discard` discards it. Older slots pass, but under `discard` those beyond `grace` are discarded.
    Work is bounded, however far `since` lies back. Raises UsageError where the zone is unknown.
    """
    newest = latest_slot(cadence, zone, now, since + _TICK)
    if newest is None:
        return Due()
    in_time = newest.instant >= now - grace
    late = not in_time and lateness is Lateness.LATE and newest.instant >= now - limit
    publish = newest if in_time or late else None
    stop = newest.instant if publish else newest.instant + _TICK
    # The past that is passed over: first what is discarded, then what merges.
    split = since + _TICK
    if lateness is Lateness.DISCARD:
        split = min(max(split, now - grace), stop)
    return Due(
        publish=publish,
        late=late,
        missed=_run(cadence, zone, split, stop),
        discarded=_run(cadence, zone, since + _TICK, split),
        handled_up_to=newest.instant,
    )


def too_soon(last: datetime | None, schedule_changed_at: datetime | None, this: datetime, cadence: Cadence) -> bool:
    """Whether a change of zone or cadence has brought this edition too near to the reader's last one.

    All are aware instants: of the reader's last edition's slot, of the reader's last change of zone
    or cadence, and of the slot to be published; `cadence` is the new one. A change that an edition
    has followed already no longer counts: from then on the distances are the schedule's own.
    """
    if last is None or schedule_changed_at is None or schedule_changed_at < last:
        return False
    return this - last < period(cadence) / 2


def _run(cadence: Cadence, zone: str, start: datetime, stop: datetime) -> SlotRun | None:
    """The slots in [start, stop), counted up to the limit."""
    if start >= stop:
        return None
    counted = list(itertools.islice(slots(cadence, zone, start, stop), COUNT_LIMIT + 1))
    if not counted:
        return None
    if len(counted) <= COUNT_LIMIT:
        return SlotRun(counted[0], counted[-1], len(counted))
    last = latest_slot(cadence, zone, stop - _TICK, start)
    assert last is not None
    return SlotRun(counted[0], last, COUNT_LIMIT, at_least=True)
