"""What a reader would be mailed now. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.audience.address import address_key, normalise
from digest.compose.candidates import Sent
from digest.deliver.message import Template
from digest.deliver.slots import period
from digest.errors import UsageError
from digest.model.edition import Edition, EditionKind
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.subscription import Subscriber, Subscription
from digest.pipeline import candidates, failing
from digest.pipeline.compose import Composed, Composer, Group
from digest.pipeline.envelope import Envelope
from digest.pipeline.owed import groups_of, what_is_owed
from digest.pipeline.services import Services
from digest.settings import Settings
from digest.store import counters, publications, subscribers, variants, windows
from digest.store.stories import Connection

_NEWEST = 500  # sequence numbers
_NOBODY = "preview@example.invalid"  # an address that no reader can have (RFC 2606)


@dataclass(frozen=True, slots=True)
class Preview:
    """`message` is what would leave: the bytes for this reader."""

    composed: Composed
    message: bytes
    reader: str


def preview(services: Services, publication_name: str, *, email: str = "") -> Preview | None:
    """As one subscriber would get it, or as a new one would. None where there is nothing new."""
    now = services.clock()
    with services.database.read() as connection:
        publication = publications.get(connection, publication_name)
        edition = edition_now(connection, publication, now)
        subscription, group, held = _reader(connection, services.settings, publication, edition, email, now)
    composed = _composed(services, publication, edition, group, held)
    if composed is None:
        return None
    envelope = Envelope.of(services.home, publication, edition, subscription, now)
    message = Template(composed.message).splice(envelope.splice)
    return Preview(composed, message, subscription.subscriber.email)


def marked(
    services: Services, publication: Publication, *, email: str, language: str, mark: str, newest: bool
) -> Composed | None:
    """The same with a mark before its subject, in a language if one is given; `newest`: of what came last, new or not.

    None where there is nothing to tell.
    """
    now = services.clock()
    with services.database.read() as connection:
        edition = edition_now(connection, publication, now)
        _, group, held = _reader(connection, services.settings, publication, edition, email, now)
    group = replace(group, language=language or group.language)
    if newest:
        first = max(1, edition.cutoff - _NEWEST + 1)
        group, held = replace(group, ranges=Ranges.of([(first, edition.cutoff + 1)]), waivers=()), frozenset()
    return _composed(services, publication, edition, group, held, mark)


def _composed(
    services: Services, publication: Publication, edition: Edition, group: Group, held: frozenset[int], mark: str = ""
) -> Composed | None:
    with services.database.read() as connection:
        found = candidates.load(connection, publication, edition, group.ranges)
        told = variants.told(connection, held)
        sent = candidates.sent_before(connection, told, held) if held else Sent()
    return Composer(services, publication, edition, found, mark=mark).compose(group, sent)


def edition_now(connection: Connection, publication: Publication, now: datetime) -> Edition:
    local = now.astimezone(ZoneInfo(publication.zone)).replace(tzinfo=None, second=0, microsecond=0)
    return Edition(
        publication=publication.name,
        number=0,
        cadence="extra",
        kind=EditionKind.EXTRA,
        slot=local,
        zone=publication.zone,
        due=now,
        cutoff=counters.last(connection, counters.SEQUENCE),
        cut_at=now,
    )


def _reader(
    connection: Connection, settings: Settings, publication: Publication, edition: Edition, email: str, now: datetime
) -> tuple[Subscription, Group, frozenset[int]]:
    if not email:
        return _newcomer(connection, publication, edition, now)
    address = normalise(email)
    person = subscribers.get(connection, address, address_key(address))
    subscription = subscribers.subscription(connection, person.id, publication.id)
    if subscription is None:
        mend = f"digest subscriber add {email} --publication {publication.name}"
        raise UsageError(f"{email} does not subscribe to {publication.name}", mend=mend)
    owed = what_is_owed(connection, publication, edition, [subscription], now)
    due = failing.tell_operator(connection, settings, owed, now)
    union = candidates.load(connection, publication, edition, due[0].ranges)
    had = variants.had(connection, [subscription.id], union.stories)
    ((group, held),) = groups_of(due, had)
    return subscription, group, held


def _newcomer(
    connection: Connection, publication: Publication, edition: Edition, now: datetime
) -> tuple[Subscription, Group, frozenset[int]]:
    """Somebody who subscribes right now with the publication's defaults."""
    cadence = publication.cadences[0]
    first = windows.number_at(connection, now - period(cadence))
    ranges = Ranges.of([(first + 1, edition.cutoff + 1)])
    somebody = Subscriber(_NOBODY)
    subscription = Subscription(somebody, publication.name, cadence.name, publication.language, publication.zone)
    return subscription, Group(publication.language, publication.zone, cadence.name, (), (), ranges), frozenset()
