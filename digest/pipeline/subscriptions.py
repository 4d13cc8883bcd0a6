"""Subscribe, change, pause, resume, unsubscribe, remove: the use-cases, one transaction each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from digest.audience import history_said, rules, tokens
from digest.audience.address import address_key, normalise
from digest.audience.windows import first_waiver
from digest.compose.candidates import OTHER
from digest.deliver.slots import day_begins, day_of, period
from digest.errors import UsageError
from digest.home import Home
from digest.model.cause import By, Cause, Via
from digest.model.delivery import DeliveryState
from digest.model.publication import Publication
from digest.model.subscription import AddressState, Subscriber, Subscription, SubscriptionState
from digest.pipeline import persons
from digest.pipeline.calendar import cadence_of
from digest.pipeline.choices import check_language, check_topics, check_until, check_zone
from digest.pipeline.envelope import UNSUBSCRIBE
from digest.pipeline.services import Services
from digest.store import changes, counters, deliveries, publications, subscribers, topics, windows
from digest.store.stories import Connection

#: The one reason of a suppression that the operator may lift again.
REMOVED = "removed by the operator"
ADDED = Cause("added by the operator")
EDITED = Cause("changed by the operator")
#: Why a reader is not owed what is older than the first window.
BEFORE = "before the subscription"
#: By what a mail carries; who writes or clicks is known by the token alone.
BY_LINK = Cause("by the link in a mail", By.READER, Via.PAGE)
#: States in which a delivery can be stopped before it reaches anybody.
_STOPPABLE = (DeliveryState.PLANNED, DeliveryState.DEFERRED, DeliveryState.HELD, DeliveryState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; empty means: the publication's default, or (when editing) as it was."""

    email: str
    publication: str
    cadence: str = ""
    language: str = ""
    zone: str = ""
    topics: tuple[str, ...] | None = None
    name: str = ""
    state: str = ""


def subscribe(
    services: Services, wanted: Wanted, *, cause: Cause = ADDED, again: bool = False
) -> tuple[Subscription, bool]:
    """Add a subscription; with it the subscriber where there is none. False: it was there already.

    `again`: somebody who had unsubscribed has asked to come back; the cause says how. It begins anew.
    """
    with services.database.write() as connection:
        return subscribe_in(connection, wanted, services.clock(), home=services.home, cause=cause, again=again)


def subscribe_in(
    connection: Connection, wanted: Wanted, now: datetime, *, home: Home, cause: Cause, again: bool = False
) -> tuple[Subscription, bool]:
    """The same inside a transaction of the caller's."""
    email = normalise(wanted.email)
    publication = publications.get(connection, wanted.publication)
    confirms = wanted.state == SubscriptionState.PENDING and (again or cause.by is By.READER)
    persons.may_come(connection, home, email, asks=confirms)
    person = subscribers.ensure(connection, email, address_key(email), wanted.name, now)
    if again and person.address_reason == REMOVED:
        subscribers.lift(connection, person.id)
        step = changes.Step("unsuppress", person.address_state, AddressState.OK)
        changes.record_for_person(connection, person.id, now, step, cause)
        person = subscribers.ensure(connection, email, address_key(email), wanted.name, now)
    found = subscribers.subscription(connection, person.id, publication.id)
    if found is not None and again and found.state is SubscriptionState.UNSUBSCRIBED:
        pending = act_in(connection, found, rules.Action.RESUBSCRIBE, cause, now)
        if wanted.state == SubscriptionState.PENDING:
            return pending, True
        return act_in(connection, pending, rules.Action.CONFIRM, cause, now), True
    if found is not None:
        return found, False
    may_be_mailed(person)
    asked = Subscription(
        subscriber=person,
        publication=publication.name,
        cadence=cadence_of(publication, wanted.cadence).name,
        language=check_language(wanted.language or publication.language),
        zone=check_zone(wanted.zone or publication.zone),
        topics=check_topics(connection, publication, wanted.topics or ()),
        state=SubscriptionState(wanted.state or SubscriptionState.ACTIVE),
        publication_id=publication.id,
    )
    made = subscribers.add(connection, asked, now, cause)
    if made.state is SubscriptionState.ACTIVE:
        _first_window(connection, publication, made, now)
    return made, True


def _first_window(connection: Connection, publication: Publication, made: Subscription, now: datetime) -> None:
    """The first window starts one cadence before activation: what came earlier is waived."""
    last = last_before(connection, publication, made.cadence, now)
    for lo, hi in first_waiver(last).spans:
        windows.waive(connection, made.id, lo, hi, reason=BEFORE, now=now)
    windows.settle_below(connection, {made.id: last + 1})


def last_before(connection: Connection, publication: Publication, cadence: str, now: datetime) -> int:
    """The last number that is not owed to a reader who begins now."""
    return windows.number_at(connection, now - period(cadence_of(publication, cadence)))


def edit(services: Services, wanted: Wanted, cause: Cause = EDITED) -> Subscription:
    """Change cadence, language, zone, topics or name. A new topic does not reach back."""
    now = services.clock()
    with services.database.write() as connection:
        publication, before = find(connection, wanted.email, wanted.publication)
        return edit_in(connection, publication, before, wanted, now, cause)


def edit_in(
    connection: Connection, publication: Publication, before: Subscription, wanted: Wanted, now: datetime, cause: Cause
) -> Subscription:
    """The same inside a transaction of the caller's."""
    after = replace(
        before,
        cadence=cadence_of(publication, wanted.cadence or before.cadence).name,
        language=check_language(wanted.language or before.language),
        zone=check_zone(wanted.zone or before.zone),
        topics=before.topics if wanted.topics is None else check_topics(connection, publication, wanted.topics),
    )
    if before.paused_until and after.zone != before.zone:  # until the same day, wherever its reader is by then
        after = replace(after, paused_until=day_begins(day_of(before.paused_until, before.zone), after.zone))
    rescheduled = (after.cadence, after.zone) != (before.cadence, before.zone)
    subscribers.edit(connection, after, schedule_changed_at=now if rescheduled else None)
    record_chosen(connection, before, after, now, cause)
    if wanted.name:
        subscribers.set_name(connection, before.subscriber.id, wanted.name)
    _waive_new_topics(connection, before, after, now)
    return subscribers.by_id(connection, before.id)


def record_chosen(
    connection: Connection, before: Subscription, after: Subscription, now: datetime, cause: Cause
) -> None:
    """Put on record what is chosen now and was not; the state is as it was, and so is the ground of being mailed."""
    said = history_said.chosen(before, after)
    if said:
        step = changes.Step(changes.CHOSEN, before.state, before.state)
        changes.record(connection, before.id, now, step, replace(cause, reason=said, basis="", consent="", language=""))


def _waive_new_topics(connection: Connection, before: Subscription, after: Subscription, now: datetime) -> None:
    if not before.topics or before.topics == after.topics:
        return
    every = (*(t.name for t in topics.listing(connection)), OTHER)
    last = counters.last(connection, counters.SEQUENCE)
    for topic in set(after.topics or every) - set(before.topics):
        reason = "before the topic was chosen"
        windows.waive(connection, before.id, 1, last + 1, topic=topic, reason=reason, now=now)


def act(
    services: Services, email: str, publication: str, action: rules.Action, cause: Cause, *, until: str = ""
) -> list[Subscription]:
    """Pause, resume or unsubscribe; without a publication each of the person's subscriptions where that is possible.

    `until` is the day on which a pause is to end, like 2027-01-15.
    """
    now = services.clock()
    with services.database.write() as connection:
        if publication:
            found = [find(connection, email, publication)[1]]
        else:
            address = normalise(email)
            person = subscribers.get(connection, address, address_key(address))
            found = subscribers.subscriptions(connection, person.id)
            possible = [s for s in found if (s.state, action) in rules.RULES]
            found = possible or found  # where it is possible for none, the first one's reason is told
        ends = [check_until(until, s.zone, now) if until else None for s in found]
        return [act_in(connection, s, action, cause, now, until=end) for s, end in zip(found, ends, strict=True)]


def unsubscribe_by_token(services: Services, token: str, cause: Cause = BY_LINK) -> Subscription:
    """End the subscription that a link in a mail names: people write from other addresses than they read at."""
    told = tokens.verify(services.home.secrets(), UNSUBSCRIBE, token)
    if told is None or not told.isdecimal():
        raise UsageError(
            "this token is not one of ours", mend="copy it whole from the subject: letters, digits, one dot"
        )
    now = services.clock()
    with services.database.write() as connection:
        found = subscribers.find(connection, int(told))
        if found is None:
            raise UsageError("the subscription of this token is no more", mend="nothing is sent for it")
        return act_in(connection, found, rules.Action.UNSUBSCRIBE, cause, now)


def act_in(
    connection: Connection,
    before: Subscription,
    action: rules.Action,
    cause: Cause,
    now: datetime,
    *,
    until: datetime | None = None,
) -> Subscription:
    """One change of state, with all that follows from it. `until`: when a pause ends by itself."""
    who = f"{before.subscriber.email} in {before.publication}"
    after = rules.state_after(before.state, action, who=who)
    longer = action is rules.Action.PAUSE and before.paused_until != until
    if after is before.state and not longer:
        return before
    if until is not None:
        cause = replace(cause, reason=f"{cause.reason}, until {day_of(until, before.zone)}")
    if after is SubscriptionState.ACTIVE:
        may_be_mailed(before.subscriber)
    # A pause is caught up on; who was not a reader at all until now begins with a first window.
    begins = after is SubscriptionState.ACTIVE and (
        before.activated_at is None or before.state is not SubscriptionState.PAUSED
    )
    made = subscribers.set_state(
        connection, before, after, now, action=action, cause=cause, activate=begins, until=until
    )
    if begins:
        _first_window(connection, publications.get(connection, before.publication), before, now)
    # What asks for a confirmation has its answer.
    if after is not SubscriptionState.ACTIVE or before.state is SubscriptionState.PENDING:
        stop_deliveries(connection, before.id, now, reason=f"{after}: {cause.reason}" if cause.reason else str(after))
    return made


def stop_deliveries(connection: Connection, subscription_id: int, now: datetime, *, reason: str) -> int:
    """What has not gone out yet does not go out. Claimed ones are stopped by the sender's own check.

    What may have arrived and is never sent again by itself stays as it is: it counts as covered.
    """
    stopped = 0
    for delivery in deliveries.of_subscription(connection, subscription_id, _STOPPABLE):
        if deliveries.may_have_arrived(delivery):
            continue
        stopped += deliveries.move(connection, delivery, DeliveryState.SUPPRESSED, now, reason=reason)
    return stopped


def remove(services: Services, email: str) -> bool:
    """Delete a person. One who was mailed or opted out is suppressed instead (False), for the record."""
    address = normalise(email)
    now = services.clock()
    with services.database.write() as connection:
        person = subscribers.get(connection, address, address_key(address))
        held = subscribers.subscriptions(connection, person.id)
        opted_out = any(s.state is SubscriptionState.UNSUBSCRIBED for s in held)
        for subscription in held:
            if subscription.state is not SubscriptionState.UNSUBSCRIBED:
                act_in(connection, subscription, rules.Action.UNSUBSCRIBE, Cause(REMOVED), now)
        # An opt-out outlives its person's removal, or the next import would undo it.
        if not opted_out and subscribers.remove(connection, person.id):
            return True
        subscribers.suppress(connection, person.id, REMOVED)
        if person.address_reason != REMOVED:
            step = changes.Step("suppress", person.address_state, AddressState.SUPPRESSED)
            changes.record_for_person(connection, person.id, now, step, Cause(REMOVED))
        return False


def find(connection: Connection, email: str, publication: str) -> tuple[Publication, Subscription]:
    """The one subscription meant; the publication may be left out where there is only one."""
    address = normalise(email)
    person = subscribers.get(connection, address, address_key(address))
    found = subscribers.subscriptions(connection, person.id)
    if publication:
        publications.get(connection, publication)
        found = [s for s in found if s.publication == publication]
    if not found:
        raise UsageError(
            f"{email} does not subscribe to {publication or 'anything'}", mend="see: digest subscriber list"
        )
    if len(found) > 1:
        names = ", ".join(s.publication for s in found)
        raise UsageError(f"{email} has {len(found)} subscriptions", mend=f"say which with --publication: {names}")
    return publications.get(connection, found[0].publication), found[0]


def may_be_mailed(person: Subscriber) -> None:
    if person.address_state is not AddressState.OK:
        raise UsageError(
            f"this address is {person.address_state}: {person.address_reason}",
            where=person.email,
            mend="nothing is sent to it" + way_back(person),
        )


def way_back(person: Subscriber) -> str:
    """What can be done about an address that bounced too often, to be said behind what is wrong."""
    bounced = person.address_state is AddressState.SUPPRESSED and person.address_reason != REMOVED
    return "; where mail reaches it again: digest subscriber unsuppress EMAIL --reason …" if bounced else ""
