"""Signing up on the web, by somebody of whom nothing is known: the use-cases behind the page.

What becomes of it is told by mail alone, to the address itself. Whoever filled in the form learns nothing of it, not
even whether there was anything to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from digest.audience.address import address_key, normalise
from digest.compose.letter import Subscribed
from digest.errors import BadInput, DigestError, NotFound, SettingsError, TemplateError, UsageError
from digest.model import splice
from digest.model.cause import Cause
from digest.model.delivery import SUBSCRIBED, DeliveryKind
from digest.model.publication import Access, Publication
from digest.model.subscription import AddressState, Subscriber, Subscription, SubscriptionState
from digest.pipeline import confirmations, notices, offer
from digest.pipeline.envelope import preferences_link
from digest.pipeline.imprint import imprint
from digest.pipeline.offer import Offer
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import Wanted, record_chosen, subscribe_in
from digest.pipeline.zones import zone_of
from digest.store import changes, publications, singles, subscribers
from digest.store.stories import Connection

_LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody wrote into the form."""

    email: str
    topics: tuple[str, ...]
    cadence: str
    language: str
    zone: str


def open_ones(services: Services) -> list[Publication]:
    """The publications of which everybody may see something."""
    with services.database.read() as connection:
        found = publications.listing(connection)
    return [p for p in found if Access.OPEN in (p.sign_up, p.archive)]


def open_offer(services: Services, name: str) -> Offer | None:
    """What there is to sign up for; None where nobody may, as where there is no such publication."""
    with services.database.read() as connection:
        found = _open(connection, name)
        return offer.offer(services, connection, found, found.language) if found else None


def wrong(offered: Offer, filled: Filled) -> tuple[str, ...]:
    """The fields that are wrong."""
    found = offer.wrong(offered, filled.topics, filled.cadence, filled.language, filled.zone)
    return found if _is_address(filled.email) else ("email", *found)


def ask(services: Services, offered: Offer, filled: Filled, cause: Cause) -> DigestError | None:
    """Ask the address by mail whether that is wanted, or tell it that it gets the mails already.

    Nothing, where nothing may be sent to it, or where it was mailed about this often enough. `check` comes first. What
    only a reader's mail fails on is returned, for the operator. Raises SettingsError.
    """
    now = services.clock()
    try:
        with services.database.write() as connection:
            publication = _open(connection, offered.publication.name)
            if publication is not None:
                _ask(connection, services, replace(offered, publication=publication), filled, cause, now)
    except SettingsError:  # ours to mend, and nothing that the address has to do with
        raise
    except TemplateError as error:
        return error
    except UsageError:
        pass
    return None


def check(services: Services, offered: Offer, filled: Filled) -> None:
    """Raises SettingsError or TemplateError where no mail could be made that asks, whether this address would get one
    or not: else the fault would tell readers from strangers. Without the database, since to render takes its time.
    """
    publication, now = offered.publication, services.clock()
    stranger = Subscription(
        Subscriber(normalise(filled.email)), publication.name, filled.cadence, filled.language, zone_of(filled.zone),
        state=SubscriptionState.PENDING, changed_at=now,
    )  # fmt: skip
    notices.check(services, confirmations.single(services, publication, stranger, 1, now))


def _ask(
    connection: Connection, services: Services, offered: Offer, filled: Filled, cause: Cause, now: datetime
) -> None:
    email, publication = normalise(filled.email), offered.publication
    person = subscribers.by_key(connection, address_key(email))
    # Not even the operator's own removal is undone by what a stranger may have typed.
    if person is not None and person.address_state is not AddressState.OK:
        return
    held = subscribers.subscription(connection, person.id, publication.id) if person is not None else None
    if held is not None and held.state in (SubscriptionState.ACTIVE, SubscriptionState.PAUSED):
        _tell(connection, services, publication, held, now)
        return
    pending = str(SubscriptionState.PENDING)
    wanted = Wanted(email, publication.name, filled.cadence, filled.language, zone_of(filled.zone), state=pending)
    made, new = subscribe_in(connection, wanted, now, home=services.home, cause=cause, again=True)
    if not new:
        changes.record(connection, made.id, now, changes.Step("subscribe", made.state, made.state), cause)
    # Who is asked again is asked about what was chosen now.
    asked = replace(
        made,
        cadence=filled.cadence,
        language=filled.language,
        zone=zone_of(filled.zone),
        topics=offer.chosen_topics(offered, filled.topics),
    )
    subscribers.edit(connection, asked, schedule_changed_at=None)
    if held is not None:
        record_chosen(connection, made, asked, now, cause)
    confirmations.plan(connection, services, asked, now)


def _tell(
    connection: Connection, services: Services, publication: Publication, held: Subscription, now: datetime
) -> None:
    """A reader whom somebody has signed up again: that the mails come already. Limited as confirmations are."""
    earlier = singles.confirmations(connection, held.id)
    settings = services.settings.subscriber
    confirmations.check_limits(earlier, settings, held.subscriber.email, now)
    confirmations.check_in_all(connection, settings, held.subscriber.email, now)
    single = notices.Single(
        kind=DeliveryKind.CONFIRMATION,
        key=f"{held.id}:{SUBSCRIBED}:{len(earlier) + 1}",
        to=held.subscriber,
        said=Subscribed(publication.title, held.cadence, held.state is SubscriptionState.PAUSED),
        by=imprint(services.settings.mail, publication),
        language=held.language,
        zone=held.zone,
        subscription=held.id,
        values={splice.PREFERENCES: preferences_link(services.home, publication, held.id)},
    )
    notices.plan(connection, services, single, now)


def _open(connection: Connection, name: str) -> Publication | None:
    try:
        found = publications.get(connection, name)
    except NotFound:
        return None
    return found if found.sign_up is Access.OPEN else None


def _is_address(text: str) -> bool:
    if len(text.encode()) > _LONGEST_ADDRESS:
        return False
    try:
        return bool(normalise(text))
    except BadInput:
        return False
