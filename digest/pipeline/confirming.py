"""The link of a confirmation mail, where it leads to a page: what it is about, and the answer."""

from __future__ import annotations

import contextlib
import enum
from dataclasses import dataclass
from datetime import datetime

from digest.deliver.slots import next_slot
from digest.errors import NotFound, UsageError
from digest.model.cause import Cause
from digest.model.publication import Access, Publication
from digest.model.subscription import AddressState, Subscription, SubscriptionState
from digest.pipeline import confirmations
from digest.pipeline.calendar import cadence_of
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import REMOVED
from digest.store import publications, subscribers
from digest.store.stories import Connection


class Standing(enum.StrEnum):
    """How a link stands."""

    OPEN = "open"  # it waits for the answer
    EXPIRED = "expired"
    OLD = "old"  # of an earlier sign-up, or of another address
    CONFIRMED = "confirmed"
    ENDED = "ended"
    RETURNED = "returned"  # mails to its address came back
    GONE = "gone"  # the sign-up is on record no more


@dataclass(frozen=True, slots=True)
class Link:
    """`subscription` and `publication` are there where the link is open, expired or confirmed.

    `first` is when the next edition is due, on the reader's clock; none where the publication is paused.
    """

    standing: Standing
    language: str = ""
    subscription: Subscription | None = None
    publication: Publication | None = None
    first: datetime | None = None
    sign_up: str = ""  # the publication, where one can sign up anew


def shown(services: Services, token: str) -> Link | None:
    """What a link is about; None where the token is not one of ours. Changes nothing."""
    now = services.clock()
    told = confirmations.read(services, token, now)
    if told is None:
        return None
    with services.database.read() as connection:
        found = subscribers.find(connection, told.subscription)
        return _link(connection, found, told, now) if found else Link(Standing.GONE)


def confirm(services: Services, token: str, cause: Cause) -> Link | None:
    """Subscribe whom the link is about; durable when this returns. Any other link stays what it is."""
    before = shown(services, token)
    if before is None or before.standing is not Standing.OPEN:
        return before
    with contextlib.suppress(UsageError):  # it changed since it was looked at, which then shows
        confirmations.confirm(services, token, cause)
    return shown(services, token)


def renew(services: Services, token: str) -> bool | None:
    """Send a new link in place of one that has expired. False where that is too soon or too often; None for any
    other link.
    """
    found = shown(services, token)
    if found is None or found.standing is not Standing.EXPIRED or found.subscription is None:
        return None
    try:
        confirmations.resend(services, found.subscription.subscriber.email, found.subscription.publication)
    except UsageError:
        return False
    return True


def _link(connection: Connection, found: Subscription, told: confirmations.Told, now: datetime) -> Link:
    language, person = found.language, found.subscriber
    try:
        publication = publications.get(connection, found.publication)
    except NotFound:  # removed since
        return Link(Standing.ENDED, language)
    again = publication.name if publication.sign_up is Access.OPEN else ""
    if not told.is_to(found):  # whoever reads at an earlier address learns nothing of the new one
        return Link(Standing.OLD, language)
    if person.address_state is not AddressState.OK:
        return Link(Standing.ENDED if person.address_reason == REMOVED else Standing.RETURNED, language)
    if found.state is SubscriptionState.UNSUBSCRIBED:
        return Link(Standing.ENDED, language, sign_up=again)
    if found.state is SubscriptionState.PENDING and not told.is_of(found):
        return Link(Standing.OLD, language)
    standing = Standing.CONFIRMED
    if found.state is SubscriptionState.PENDING:
        standing = Standing.EXPIRED if told.expired else Standing.OPEN
    return Link(standing, language, found, publication, _first(publication, found, now), again)


def _first(publication: Publication, found: Subscription, now: datetime) -> datetime | None:
    if publication.paused or found.state is SubscriptionState.PAUSED:
        return None
    return next_slot(cadence_of(publication, found.cadence), found.zone, now).local
