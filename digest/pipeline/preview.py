"""What a reader would be mailed, now or for a slot. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.audience.address import address_key, normalise
from digest.compose.candidates import Sent
from digest.compose.render import Renderer
from digest.deliver.message import Template
from digest.deliver.slots import period
from digest.errors import UsageError
from digest.model.edition import Edition, EditionKind
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.subscription import Subscriber, Subscription
from digest.pipeline import candidates, failing
from digest.pipeline.choices import check_language
from digest.pipeline.compose import Composed, Composer, Group
from digest.pipeline.envelope import Envelopes
from digest.pipeline.moment import Moment, When, of_slot, reader_then
from digest.pipeline.owed import groups_of, what_is_owed
from digest.pipeline.services import Services
from digest.settings import Settings
from digest.store import counters, publications, subscribers, variants, windows
from digest.store.stories import Connection

_NEWEST = 500  # sequence numbers
_NOBODY = "preview@example.invalid"  # an address that no reader can have (RFC 2606)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to look at. Empty: as a new reader, now, in the language of the reader and the publication's look."""

    email: str = ""
    slot: str = ""
    cadence: str = ""
    language: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """`message` is what would leave: the bytes for this reader."""

    composed: Composed
    message: bytes
    reader: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A moment, and the mail of it; None where there was nothing new to tell."""

    moment: Moment
    publication: Publication
    mail: Preview | None


def preview(services: Services, publication_name: str, wish: Wish) -> Looked:
    """As one subscriber would get it, or as a new one would."""
    with services.database.read() as connection:
        publication = _changed(services, publications.get(connection, publication_name), wish)
        moment, subscription, group, held = _moment(connection, services, publication, wish)
    composed = _composed(services, publication, moment.edition, group, held)
    if composed is None:
        return Looked(moment, publication, None)
    envelope = Envelopes.of(services.home, publication, moment.edition, moment.now).to(subscription)
    message = Template(composed.message).splice(envelope.splice)
    return Looked(moment, publication, Preview(composed, message, subscription.subscriber.email))


def _changed(services: Services, publication: Publication, wish: Wish) -> Publication:
    """With another look, if one is wished for. Raises UsageError where there is no such look."""
    if not wish.look:
        return publication
    looks = Renderer(services.template_folders).looks()
    if wish.look not in looks:
        raise UsageError(f"there is no look {wish.look!r}", mend=f"there is: {', '.join(looks)}")
    return replace(publication, look=wish.look)


def _moment(
    connection: Connection, services: Services, publication: Publication, wish: Wish
) -> tuple[Moment, Subscription, Group, frozenset[int]]:
    now = services.clock()
    if wish.cadence and not wish.slot:
        raise UsageError("--cadence says whose slot is meant", mend="give --slot too")
    reader = _subscription(connection, publication, wish.email) if wish.email else None
    moment = (
        of_slot(connection, publication, wish.slot, cadence=wish.cadence, reader=reader, now=now)
        if wish.slot
        else Moment(edition_now(connection, publication, now), When.NOW, now)
    )
    if reader is not None and moment.when is When.CUT:
        subscription = reader
        group, held = reader_then(connection, publication, moment, reader)
    else:
        since = moment.now if moment.when is When.CUT else now
        subscription, group, held = _reader(
            connection, services.settings, publication, moment.edition, reader, moment.now, since
        )
    language = check_language(wish.language) if wish.language else group.language
    return moment, subscription, replace(group, language=language), held


def marked(
    services: Services, publication: Publication, *, email: str, language: str, mark: str, newest: bool
) -> Composed | None:
    """The same with a mark before its subject, in a language if one is given; `newest`: of what came last, new or not.

    None where there is nothing to tell.
    """
    now = services.clock()
    with services.database.read() as connection:
        edition = edition_now(connection, publication, now)
        reader = _subscription(connection, publication, email) if email else None
        _, group, held = _reader(connection, services.settings, publication, edition, reader, now, now)
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


def _subscription(connection: Connection, publication: Publication, email: str) -> Subscription:
    address = normalise(email)
    person = subscribers.get(connection, address, address_key(address))
    subscription = subscribers.subscription(connection, person.id, publication.id)
    if subscription is None:
        mend = f"digest subscriber add {email} --publication {publication.name}"
        raise UsageError(f"{email} does not subscribe to {publication.name}", mend=mend)
    return subscription


def _reader(
    connection: Connection,
    settings: Settings,
    publication: Publication,
    edition: Edition,
    reader: Subscription | None,
    now: datetime,
    since: datetime,
) -> tuple[Subscription, Group, frozenset[int]]:
    """`since`: when the new reader subscribes, where it is to be one."""
    if reader is None:
        return _newcomer(connection, publication, edition, since)
    owed = what_is_owed(connection, publication, edition, [reader], now)
    due = failing.tell_operator(connection, settings, owed, now)
    union = candidates.load(connection, publication, edition, due[0].ranges)
    had = variants.had(connection, [reader.id], union.stories)
    ((group, held),) = groups_of(due, had)
    return reader, group, held


def _newcomer(
    connection: Connection, publication: Publication, edition: Edition, now: datetime
) -> tuple[Subscription, Group, frozenset[int]]:
    """Somebody who subscribes right then with the publication's defaults."""
    cadence = next((c for c in publication.cadences if c.name == edition.cadence), publication.cadences[0])
    first = windows.number_at(connection, now - period(cadence))
    ranges = Ranges.of([(first + 1, edition.cutoff + 1)])
    somebody = Subscriber(_NOBODY)
    subscription = Subscription(somebody, publication.name, cadence.name, publication.language, publication.zone)
    return subscription, Group(publication.language, publication.zone, cadence.name, (), (), ranges), frozenset()
