"""Who was asked and never confirmed is not kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.audience.rules import Action
from digest.model.cause import By, Cause, Via
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import act_in
from digest.store import subscribers, unconfirmed
from digest.store.stories import Connection

NEVER = Cause("never confirmed", By.DIGEST, Via.PASS)
#: In one transaction, so that readers' clicks get their turn; and in one pass.
BATCH, AT_MOST = 200, 5000


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A sign-up, and when its reader was asked last."""

    email: str
    publication: str
    asked_at: datetime


def days_of(services: Services) -> int:
    """How long a sign-up is kept after its last mail; at least for as long as that can be answered."""
    settings = services.settings.subscriber
    return max(settings.forget_pending_days, settings.confirm_days)


def listing(services: Services) -> list[Unconfirmed]:
    """What `expire` would remove now."""
    with services.database.read() as connection:
        found = unconfirmed.stale(connection, _before(services))
        known = subscribers.by_ids(connection, [number for number, _ in found])
    return [Unconfirmed(known[n].subscriber.email, known[n].publication, at) for n, at in found]


def expire(services: Services, cause: Cause = NEVER, *, at_most: int | None = None) -> int:
    """Remove them, with the people who have no other subscription and the addresses in their mails; how many.

    Who had ended the subscription once and wanted to come back is unsubscribed as before: that stays known.
    """
    done = 0
    while at_most is None or done < at_most:
        with services.database.read() as connection:  # nearly always there is none: no writer waits for that
            if not unconfirmed.stale(connection, _before(services), 1):
                break
        with services.database.write() as connection:
            done += _batch(services, connection, cause)
    return done


def _batch(services: Services, connection: Connection, cause: Cause) -> int:
    now = services.clock()
    found = [number for number, _ in unconfirmed.stale(connection, _before(services), BATCH)]
    earlier = unconfirmed.earlier_readers(connection, found)
    for subscription in subscribers.by_ids(connection, sorted(earlier)).values():
        act_in(connection, subscription, Action.UNSUBSCRIBE, cause, now)
    unconfirmed.remove(connection, [number for number in found if number not in earlier], now)
    return len(found)


def _before(services: Services) -> datetime:
    return services.clock() - timedelta(days=days_of(services))
