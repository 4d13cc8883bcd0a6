"""Why a reader got what, and why not: the facts brought together for the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.audience import explaining
from digest.audience.rules import Action
from digest.compose.candidates import OTHER
from digest.deliver.due import too_soon
from digest.deliver.slots import next_slot
from digest.errors import UsageError
from digest.ingest.canonical import canonical_url
from digest.model.explanation import AddressChange, Change, Finding, Life, Mail, Reader, Seen, Skipped, Standing
from digest.model.subscription import Subscriber, Subscription, SubscriptionState
from digest.pipeline import persons
from digest.pipeline.calendar import overdue
from digest.pipeline.compose import wanted_topics
from digest.pipeline.outlook import outlook
from digest.pipeline.removing import needles_of, shows
from digest.pipeline.services import Services
from digest.store import changes as store_changes
from digest.store import editions, explanations, lives, publications, subscribers, topics, windows
from digest.store.stories import Connection

_SHORTEST_TITLE = 12  # characters by which an article is known in a mail; shorter titles may stand in any
OTHER_LABEL = "Other"


@dataclass(frozen=True, slots=True)
class Person:
    """Everything about one person: the subscriptions and the mails that belong to none."""

    subscriber: Subscriber
    standings: tuple[Standing, ...]
    others: tuple[Mail, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Followed:
    """An article's way to one subscription."""

    reader: Reader
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """An article's way to a person, by subscription."""

    subscriber: Subscriber
    life: Life
    followed: tuple[Followed, ...]
    labels: Mapping[str, str]  # of topics


def person(services: Services, email: str, publication: str, limit: int) -> Person:
    """The subscriptions of a person, each with its last editions. Raises NotFound or UsageError."""
    now = services.clock()
    with services.database.read() as connection:
        found, held = _subscriptions(services, connection, email, publication)
        standings = tuple(standing(connection, subscription, limit, now) for subscription in held)
        return Person(found, standings, tuple(explanations.other_mails(connection, found.id, limit)), now)


def way(services: Services, email: str, article: str, publication: str) -> Way:
    """What became of an article for a person. Raises NotFound or UsageError."""
    now = services.clock()
    with services.database.read() as connection:
        found, held = _subscriptions(services, connection, email, publication)
        name = article.strip()
        life = lives.load(connection, lives.find(connection, name, canonical_url(name)))
        labels = {t.name: t.label for t in topics.listing(connection)} | {OTHER: OTHER_LABEL}
        followed = tuple(_follow(connection, life, subscription, now) for subscription in held)
    return Way(found, life, followed, labels)


def _subscriptions(
    services: Services, connection: Connection, email: str, publication: str
) -> tuple[Subscriber, list[Subscription]]:
    found = persons.find(connection, services.home, email)
    held = subscribers.subscriptions(connection, found.id)
    if publication:
        publications.get(connection, publication)
        held = [s for s in held if s.publication == publication]
        if not held:
            mend = f"see: digest explain {found.email}"
            raise UsageError(f"{found.email} does not subscribe to {publication}", mend=mend)
    return found, held


_STATES = frozenset(SubscriptionState)  # what else is on record of a subscription is about its address


# --- one subscription -----------------------------------------------------------------------------


def _reader(connection: Connection, subscription: Subscription, now: datetime) -> Reader:
    publication, removed = publications.by_id(connection, subscription.publication_id)
    reads = subscription.state is SubscriptionState.ACTIVE and not removed
    owed, places = outlook(connection, publication, subscription, now, closely=reads)
    cadence = next((c for c in publication.cadences if c.name == subscription.cadence), None)
    return Reader(
        subscription=subscription,
        publication=publication,
        removed=removed,
        wanted=wanted_topics(subscription.topics, publication.topics),
        floor=windows.floors(connection, [subscription.id])[subscription.id],
        stale=owed.stale,
        waivers=explanations.waivers(connection, subscription.id),
        next_due=next_slot(cadence, subscription.zone, now).instant if cadence and reads else None,
        next_places=places,
    )


def standing(connection: Connection, subscription: Subscription, limit: int, now: datetime) -> Standing:
    """A subscription as it stands, with its part in the last editions."""
    reader = _reader(connection, subscription, now)
    publication = reader.publication
    clock = (subscription.cadence, subscription.zone)
    cadence = next((c for c in publication.cadences if c.name == subscription.cadence), None)
    last = editions.last_due(connection, [subscription.id], 0).get(subscription.id)
    due = reader.next_due
    changes = store_changes.history(connection, subscription.id)
    soon = cadence is not None and due is not None and too_soon(last, subscription.schedule_changed_at, due, cadence)
    late = overdue(connection, publication, cadence, subscription.zone, now) if cadence and due else None
    return Standing(
        reader=reader,
        history=tuple(Change(c.at, SubscriptionState(c.after), c.reason) for c in changes if _is_step(c)),
        address=tuple(AddressChange(c.at, c.after, c.reason) for c in changes if c.after not in _STATES),
        parts=tuple(explanations.parts(connection, subscription.id, publication.id, clock, limit)),
        waiting=len({place.number for place in reader.next_places if place.number}),
        late=late,
        too_soon=soon,
    )


def _is_step(change: store_changes.Change) -> bool:
    """Of the state: to another one, or to another end of a pause. What was chosen or asked for meanwhile is none."""
    return change.after in _STATES and (change.before != change.after or change.action == Action.PAUSE)


# --- one article ----------------------------------------------------------------------------------


def _follow(connection: Connection, life: Life, subscription: Subscription, now: datetime) -> Followed:
    reader = _reader(connection, subscription, now)
    numbers = [r.number for r in life.revisions if r.number]
    names = lives.story_ids(connection, life.story)
    reader = replace(reader, next_places=tuple(p for p in reader.next_places if p.story in names))
    mails = explanations.mails_with(connection, subscription.id, numbers, names)
    mails = _looked_through(connection, life, mails)
    told = explanations.mails_that_told(connection, subscription.id, names)
    passed: list[Skipped] = explanations.skipped(connection, subscription.id, min(numbers)) if numbers else []
    return Followed(reader, explaining.explain(life, reader, mails, told, passed))


def _looked_through(connection: Connection, life: Life, mails: Sequence[Mail]) -> list[Mail]:
    """The mails with whether the article, as it stood when they were made, is found in their messages."""
    words = lives.words(connection, life.id)
    stored = explanations.messages(connection, [m.delivery.variant for m in mails])
    found = []
    for mail in mails:
        message = stored.get(mail.delivery.variant)
        cutoff = mail.edition.cutoff if mail.edition else 0
        shown = [r.ordinal for r in life.revisions if 0 < r.number <= cutoff]
        if message is not None and shown and shown[-1] in words:
            mail = replace(mail, seen=_seen_in(message, *words[shown[-1]]))
        found.append(mail)
    return found


def _seen_in(message: bytes, title: str, url: str | None, paragraphs: Sequence[str]) -> Seen:
    if url and shows(message, [url]):
        return Seen.ADDRESS
    titles = [title] if len(title) >= _SHORTEST_TITLE else []
    return Seen.WORDS if shows(message, [*titles, *needles_of(paragraphs)]) else Seen.NOT
