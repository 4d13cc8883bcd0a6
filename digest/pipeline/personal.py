"""What a person may ask for: all that is held of them, and what became of their subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from digest.audience.address import address_key, known_by
from digest.errors import NotFound
from digest.model.subscription import Subscriber, Subscription
from digest.pipeline import persons
from digest.pipeline.services import Services
from digest.store import changes, subscribers
from digest.store import personal as stored
from digest.store.changes import Change

#: Of one database all keys are there; of one who is nobody's reader they are empty.
_NOTHING: Mapping[str, Any] = {"person": None, "subscriptions": [], "mails": [], "reports": []}


@dataclass(frozen=True, slots=True)
class History:
    """Each subscription with its changes, the first one first."""

    person: Subscriber
    lives: tuple[tuple[Subscription, tuple[Change, ...]], ...]


def data(services: Services, name: str) -> dict[str, Any]:
    """Everything, by address or pseudonym. Raises NotFound where nothing at all is held."""
    known = known_by(name)
    now = services.clock()
    with services.database.read() as connection:
        person = subscribers.by_key(connection, address_key(known))
        since = persons.forgotten_since(connection, services.home, known)
        loose = stored.loose_reports(connection, address_key(known), address_key)
        mails = stored.loose_mails(connection, known, person.id if person is not None else None)
        if person is None and since is None and not loose and not mails:
            raise NotFound("subscriber", known)
        held = stored.of_person(connection, person.id) if person is not None else dict(_NOTHING)
        held["reports"] = [*held["reports"], *loose]
        held["mails"] = [*held["mails"], *mails]
    return {"asked_for": known, "made_at": now, "forgotten_at": since, **held}


def history(services: Services, name: str) -> History:
    """Raises NotFound, or UsageError for the address of one who was forgotten."""
    with services.database.read() as connection:
        person = persons.find(connection, services.home, name)
        held = subscribers.subscriptions(connection, person.id)
        return History(person, tuple((s, tuple(changes.history(connection, s.id))) for s in held))
