"""Pauses that end by themselves."""

from __future__ import annotations

from digest.audience.rules import Action
from digest.model.cause import By, Cause, Via
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import act_in
from digest.store import subscribers

ENDED = Cause("the pause ended", By.DIGEST, Via.PASS)
#: In one transaction, so that readers' clicks get their turn.
BATCH = 500


def resume_due(services: Services) -> int:
    """Resume every subscription whose pause is over; how many. Its next edition catches up."""
    now, done = services.clock(), 0
    while True:
        with services.database.read() as connection:  # nearly always there is none: no writer waits for that
            if not subscribers.paused_out(connection, now, 1):
                return done
        with services.database.write() as connection:
            found = subscribers.paused_out(connection, now, BATCH)
            for subscription in found:
                # As of its end, however late the pass: an edition that was missed since then is theirs too.
                act_in(connection, subscription, Action.RESUME, ENDED, subscription.paused_until or now)
        done += len(found)
