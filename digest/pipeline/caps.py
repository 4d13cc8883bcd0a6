"""Caps on mails per hour and per edition: what the settings say, what the planner foresees, what is allowed."""

from __future__ import annotations

from digest.errors import UsageError
from digest.model.caps import Caps
from digest.model.edition import Edition, EditionState
from digest.pipeline.services import Services
from digest.store import caps, editions


def caps_of(services: Services) -> Caps:
    deliver = services.settings.deliver
    return Caps(deliver.max_per_hour, deliver.max_per_edition)


def expect(services: Services, edition: Edition, readers: int) -> None:
    """So many readers may get the edition besides those who have it planned.

    Said before the first mail is planned, so that none of it leaves while the rest is being composed.
    """
    limits = caps_of(services)
    if not limits.per_edition:
        return
    with services.database.write() as connection:
        caps.expect(connection, edition.id, caps.count(connection, edition.id) + readers, limits, services.clock())


def settle(services: Services, edition: Edition) -> None:
    """All are planned that will be for now."""
    if not services.settings.deliver.max_per_edition:
        return
    with services.database.write() as connection:
        caps.settle(connection, edition.id)


def allow_hour(services: Services, number: int | None) -> int:
    """Let so many more mails leave within the next hour, or as many as the cap says; how many. Raises UsageError."""
    cap = services.settings.deliver.max_per_hour
    if not cap:
        raise UsageError("there is no cap on the mails of an hour", where="deliver.max_per_hour", mend="nothing to do")
    with services.database.write() as connection:
        caps.allow(connection, None, number, cap, services.clock())
    return cap if number is None else number


def allow_edition(services: Services, name: str) -> Edition:
    """Let an edition go, however many mails it has. Raises UsageError."""
    cap = services.settings.deliver.max_per_edition
    with services.database.write() as connection:
        found = editions.find(connection, name)
        if not cap:
            raise UsageError(
                "there is no cap on the mails of an edition", where="deliver.max_per_edition", mend="nothing to do"
            )
        if found.state is EditionState.CANCELLED:
            mend = "its news goes into the next edition"
            raise UsageError("cannot allow an edition that is cancelled", where=found.name, mend=mend)
        caps.allow(connection, found.id, None, cap, services.clock())
    return found
