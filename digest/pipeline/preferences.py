"""What readers see and change of their own subscription, by the link in its mails: the use-cases behind the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from digest.audience import rules, tokens
from digest.deliver.slots import day_of
from digest.errors import DigestError, NotFound, UsageError
from digest.model.cause import By, Cause, Via
from digest.model.publication import Publication
from digest.model.story import Topic
from digest.model.subscription import AddressState, Subscription, SubscriptionState
from digest.pipeline import offer, subscriptions
from digest.pipeline.choices import check_until, pause_days
from digest.pipeline.envelope import PREFERENCES
from digest.pipeline.offer import Offer
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import REMOVED, Wanted
from digest.pipeline.zones import zone_of
from digest.store import publications, subscribers
from digest.store.stories import Connection

BY_PAGE = Cause("by the preferences page", By.READER, Via.PAGE)


@dataclass(frozen=True, slots=True)
class Preferences:
    """A subscription that its reader can change, and what there is to choose from."""

    subscription: Subscription
    publication: Publication
    topics: tuple[Topic, ...]
    languages: tuple[str, ...]  # that there are words in, and the reader's own
    days: tuple[date, date] | None = None  # on which a pause may end, from the first to the last

    @property
    def until(self) -> date | None:
        """The day on which mails come again."""
        held = self.subscription
        return day_of(held.paused_until, held.zone) if held.paused_until else None

    @property
    def offer(self) -> Offer:
        return Offer(self.publication, self.topics, self.languages)

    @property
    def pausable(self) -> bool:
        """Not while it waits for its confirmation."""
        return self.subscription.state in (SubscriptionState.ACTIVE, SubscriptionState.PAUSED)


@dataclass(frozen=True, slots=True)
class Closed:
    """A subscription for which nothing is sent any more. `returned`: since mails to its address came back."""

    language: str = ""
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader chose. `paused` is None where that was not asked, `until` where a pause has no last day."""

    topics: tuple[str, ...]
    cadence: str
    language: str
    zone: str
    paused: bool | None = None
    until: str | None = None  # as it was typed


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it: the fields that changed; or, where nothing did, those that are wrong. `trouble` is for the
    operator alone.
    """

    preferences: Preferences
    changed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    trouble: DigestError | None = None


def is_link(services: Services, token: str) -> bool:
    """Whether the token is one of ours, as far as that can be told without the database."""
    return _told(services, token) is not None


def shown(services: Services, token: str) -> Preferences | Closed | None:
    """What a link is about; None where the token is not one of ours. Changes nothing."""
    subscription_id = _told(services, token)
    if subscription_id is None:
        return None
    with services.database.read() as connection:
        return _look_up(services, connection, subscription_id)


def change(services: Services, token: str, asked: Asked, cause: Cause = BY_PAGE) -> Done | Closed | None:
    """All that was asked in one transaction, or nothing of it; durable when this returns."""
    subscription_id = _told(services, token)
    if subscription_id is None:
        return None
    now = services.clock()
    with services.database.write() as connection:
        found = _look_up(services, connection, subscription_id)
        if isinstance(found, Closed):
            return found
        wrong = _wrong(found, asked, now)
        if wrong:
            return Done(found, wrong=wrong)
        before = found.subscription
        after = subscriptions.edit_in(connection, found.publication, before, _wanted(found, asked), now, cause)
        after = _paused(connection, after, asked, now, cause)
        made = replace(found, subscription=after, days=pause_days(now, after.zone))
        return Done(made, _changed(found, made))


def _changed(before: Preferences, after: Preferences) -> tuple[str, ...]:
    fields = ("topics", "cadence", "language", "zone", "state")
    found = tuple(f for f in fields if getattr(before.subscription, f) != getattr(after.subscription, f))
    return found if "state" in found or before.until == after.until else (*found, "state")


def _told(services: Services, token: str) -> int | None:
    told = tokens.verify(services.home.secrets(), PREFERENCES, token)
    return int(told) if told is not None and told.isdecimal() else None


def _look_up(services: Services, connection: Connection, subscription_id: int) -> Preferences | Closed:
    found = subscribers.find(connection, subscription_id)
    if found is None or found.state is SubscriptionState.UNSUBSCRIBED:
        return Closed(found.language if found else "")
    if found.subscriber.address_state is not AddressState.OK:
        return Closed(found.language, returned=found.subscriber.address_reason != REMOVED)
    try:
        publication = publications.get(connection, found.publication)
    except NotFound:  # removed since
        return Closed(found.language)
    offered = offer.offer(services, connection, publication, found.language)
    days = pause_days(services.clock(), found.zone)
    return Preferences(found, publication, offered.topics, offered.languages, days)


def _wrong(found: Preferences, asked: Asked, now: datetime) -> tuple[str, ...]:
    wrong = offer.wrong(found.offer, asked.topics, asked.cadence, asked.language, asked.zone)
    # By the zone that is asked for, where that is one.
    zone = found.subscription.zone if "zone" in wrong else zone_of(asked.zone)
    return wrong if _is_end(found, asked, zone, now) else (*wrong, "until")


def _wanted(found: Preferences, asked: Asked) -> Wanted:
    before = found.subscription
    chosen_topics = offer.chosen_topics(found.offer, asked.topics)
    if chosen_topics and set(chosen_topics) == set(before.topics):
        chosen_topics = before.topics
    # As it is where it says the same: an older spelling of a zone is no change of schedule.
    zone = before.zone if asked.zone.strip() == before.zone else zone_of(asked.zone)
    return Wanted(
        before.subscriber.email, before.publication, asked.cadence, asked.language, zone, topics=chosen_topics
    )


def _is_end(found: Preferences, asked: Asked, zone: str, now: datetime) -> bool:
    if not asked.paused or asked.until is None or not found.pausable:
        return True
    try:
        return bool(check_until(asked.until, zone, now))
    except UsageError:
        return False


def _paused(
    connection: Connection, subscription: Subscription, asked: Asked, now: datetime, cause: Cause
) -> Subscription:
    if asked.paused is None or subscription.state not in (SubscriptionState.ACTIVE, SubscriptionState.PAUSED):
        return subscription
    if not asked.paused:
        return subscriptions.act_in(connection, subscription, rules.Action.RESUME, cause, now)
    until = check_until(asked.until, subscription.zone, now) if asked.until is not None else None
    return subscriptions.act_in(connection, subscription, rules.Action.PAUSE, cause, now, until=until)
