"""What a reader is owed: pure arithmetic on sequence numbers.

Every revision of an article falls in exactly one window of each subscription. A number is owed
until a delivery covers it or a waiver, stored with its reason, gives it up.
"""

from __future__ import annotations

from digest.model.ranges import Ranges


def owed(cutoff: int, covered: Ranges, waived: Ranges) -> Ranges:
    """The numbers 1 to `cutoff`, both included, that are neither covered nor waived.

    `covered` joins the ranges of the reader's deliveries that were sent (and did not bounce) or
    are uncertain under `hold`. Coverage beyond the cutoff does no harm.
    """
    return _up_to(cutoff) - covered - waived


def first_waiver(last_before: int) -> Ranges:
    """What a new subscription gives up: all up to `last_before`.

    That is the last number assigned earlier than one cadence before the activation (0: none), so
    that the first window starts there.
    """
    return _up_to(last_before)


def catch_up_waiver(due: Ranges, last_before: int) -> Ranges:
    """The part of what is owed (`due`) that lies too far back to be mailed.

    `last_before` is the last number assigned earlier than the catch-up limit before the edition.
    """
    return due & _up_to(last_before)


def _up_to(last: int) -> Ranges:
    return Ranges.of([(1, last + 1)])
