"""One batch of an import: what is known of its people is read at once, what changes is written at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from digest.audience.address import address_key
from digest.audience.formats import BadLine, SubscriberRow
from digest.audience.importing import Outcome, Person, Standing, state_of, take
from digest.audience.rules import Action
from digest.errors import DigestError, UsageError
from digest.model.cause import Cause, Via
from digest.model.subscription import AddressState, Subscriber, Subscription, SubscriptionState
from digest.pipeline import bounces, confirmations, persons, subscriptions
from digest.pipeline.calendar import cadence_of
from digest.pipeline.choices import check_language, check_topics, check_zone
from digest.pipeline.services import Services
from digest.store import imports, publications, subscribers, tags
from digest.store.changes import Step
from digest.store.stories import Connection

IMPORTED = "imported by the operator"
_S = SubscriptionState
_Choices = tuple[str, str, str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class How:
    """What the operator says of everybody in a file: the publication where a line names none, and either on what
    ground they may be mailed, or that each is asked first."""

    publication: str = ""
    basis: str = ""
    ask: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line."""

    where: str
    line: int
    email: str
    outcome: Outcome
    why: str = ""
    error: DigestError | None = None


@dataclass(slots=True)
class Batch:
    """`seen`: people of earlier batches that nobody has stored, since all this is only tried."""

    services: Services
    connection: Connection
    how: How
    now: datetime
    seen: dict[str, Person] | None = None
    asked: int = 0  # mails that ask
    _people: dict[str, Person] = field(default_factory=dict)
    _chosen: dict[_Choices, Standing | DigestError] = field(default_factory=dict)
    _firsts: dict[tuple[str, str], int] = field(default_factory=dict)
    _forgotten: set[str] = field(default_factory=set)

    def take_in(self, found: Sequence[SubscriberRow | BadLine]) -> list[Result]:
        keys = {row.email: address_key(row.email) for row in found if isinstance(row, SubscriberRow)}
        self._people = _known(self.connection, set(keys.values()))
        self._forgotten = persons.forgotten_among(self.connection, self.services.home, keys)
        if self.seen is not None:
            self._people |= {key: self.seen[key] for key in keys.values() if key in self.seen}
        results = [self._line(row, keys) for row in found]
        if self.seen is None:
            self._write()
        else:
            self.seen |= {key: self._people[key] for key in keys.values() if key in self._people}
        return results

    def _line(self, row: SubscriberRow | BadLine, keys: dict[str, str]) -> Result:
        if isinstance(row, BadLine):
            return Result(row.where, row.line, row.email, Outcome.FAILED, _why(row), row)
        if row.email in self._forgotten:
            return Result(row.where, row.line, row.email, Outcome.FORGOTTEN, "asked to be forgotten")
        try:
            asked = self._standing(row)
            key = keys[row.email]
            person = self._people.get(key) or Person(row.email, key)
            outcome, why = take(person, row, asked)
            self._people[key] = person
        except (DigestError, ValueError) as error:
            wrong = BadLine(_plain(error), where=row.where, line=row.line)
            return Result(row.where, row.line, row.email, Outcome.FAILED, _why(wrong), wrong)
        return Result(row.where, row.line, row.email, outcome, why)

    def _standing(self, row: SubscriberRow) -> Standing:
        """What the line asks for. Raises DigestError."""
        name = row.publication or self.how.publication
        if not name:
            raise UsageError("the row names no publication", mend="give --publication NAME")
        choices = (name, row.cadence, row.language, row.zone, row.topics)
        if choices not in self._chosen:
            self._chosen[choices] = self._choose(*choices)
        found = self._chosen[choices]
        if isinstance(found, DigestError):
            raise found
        state = str(state_of(row))
        if self.how.ask and state != _S.UNSUBSCRIBED:
            state = str(_S.PENDING)
        mailed = state in (_S.ACTIVE, _S.PAUSED)
        cause = Cause(
            row.reason if state == _S.UNSUBSCRIBED and row.reason else IMPORTED,
            via=Via.FILE,
            origin="; ".join(filter(None, (row.where, row.signed_up))),
            basis=(row.basis or self.how.basis) if mailed else "",
        )
        until = datetime.fromisoformat(row.paused_until) if row.paused_until and state == _S.PAUSED else None
        return replace(found, state=state, cause=cause, reason=cause.reason, paused_until=until)

    def _choose(
        self, name: str, cadence: str, language: str, zone: str, topics: tuple[str, ...]
    ) -> Standing | DigestError:
        """Checked once for all that choose the same."""
        try:
            publication = publications.get(self.connection, name)
            return Standing(
                publication.id,
                publication.name,
                cadence=cadence_of(publication, cadence).name,
                language=check_language(language or publication.language),
                zone=check_zone(zone or publication.zone),
                topics=check_topics(self.connection, publication, topics),
                state="",
                cause=Cause(IMPORTED),
            )
        except DigestError as error:
            return error

    def _write(self) -> None:
        """In an order in which each has what it refers to."""
        people = list(self._people.values())
        new = [person for person in people if not person.id]
        ids = imports.add_people(self.connection, [(_noun(p), p.key) for p in new], self.now) if new else []
        for person, i in zip(new, ids, strict=True):
            person.id = i
        tags.add(self.connection, [(p.id, tag) for p in people for tag in sorted(p.tags - p.had)])
        self._write_subscriptions([(p, s) for p in people for s in p.subscriptions.values() if not s.id])
        came = {p.id for p in new}
        self._write_changes([p for p in people if p.id not in came])
        hidden = [(s.id, p, s) for p in new if p.address != AddressState.OK for s in p.subscriptions.values()]
        step = Step("suppress", AddressState.OK, AddressState.SUPPRESSED)
        told = [(i, step, replace(s.cause, reason=p.address_reason, basis="")) for i, p, s in hidden]
        imports.record(self.connection, told, self.now)

    def _write_subscriptions(self, made: Sequence[tuple[Person, Standing]]) -> None:
        if not made:
            return
        firsts = [self._first(s) for _, s in made]
        wanted = [(self._subscription(p, s), s.cause, first) for (p, s), first in zip(made, firsts, strict=True)]
        ids = imports.add_subscriptions(self.connection, wanted, self.now)
        for (_, standing), i in zip(made, ids, strict=True):
            standing.id = i
        firsts_of = zip(ids, firsts, strict=True)
        imports.waive_before(self.connection, firsts_of, subscriptions.BEFORE, self.now)
        if self.how.ask:
            self._ask([s.id for p, s in made if s.state == _S.PENDING and p.address == AddressState.OK])

    def _ask(self, ids: list[int]) -> None:
        for found in subscribers.by_ids(self.connection, ids).values():
            self.asked += confirmations.ask_in(self.connection, self.services, found, self.now, limited=False)

    def _first(self, standing: Standing) -> int:
        """The first number that a reader who begins now is owed."""
        if standing.state != _S.ACTIVE:
            return 1
        clock = (standing.publication, standing.cadence)
        if clock not in self._firsts:
            publication = publications.get(self.connection, standing.publication)
            last = subscriptions.last_before(self.connection, publication, standing.cadence, self.now)
            self._firsts[clock] = last + 1
        return self._firsts[clock]

    def _subscription(self, person: Person, standing: Standing) -> Subscription:
        return Subscription(
            subscriber=replace(_noun(person), id=person.id),
            publication=standing.publication,
            cadence=standing.cadence,
            language=standing.language,
            zone=standing.zone,
            topics=standing.topics,
            state=SubscriptionState(standing.state),
            activated_at=self.now if standing.state == _S.ACTIVE else None,
            paused_until=standing.paused_until,
            publication_id=standing.publication_id,
        )

    def _write_changes(self, people: Iterable[Person]) -> None:
        """Of those who were there before: by the same use-cases as any other change."""
        for person in people:
            if person.name != person.was[0]:
                subscribers.set_name(self.connection, person.id, person.name)
            for standing in person.subscriptions.values():
                if standing.was != ("", ()) and standing.was != (standing.state, standing.topics):
                    self._change(standing)
            if person.address != person.was[1]:
                cause = replace(person.cause or Cause(IMPORTED, via=Via.FILE), reason=person.address_reason)
                noun = replace(_noun(person), id=person.id)
                bounces.suppress(self.connection, noun, cause, self.now)

    def _change(self, standing: Standing) -> None:
        before = subscribers.by_id(self.connection, standing.id)
        if standing.topics != standing.was[1]:
            publication = publications.get(self.connection, standing.publication)
            wanted = subscriptions.Wanted(before.subscriber.email, publication.name, topics=standing.topics)
            before = subscriptions.edit_in(self.connection, publication, before, wanted, self.now, standing.cause)
        if standing.state != standing.was[0]:
            subscriptions.act_in(self.connection, before, Action.UNSUBSCRIBE, standing.cause, self.now)


def _known(connection: Connection, keys: Iterable[str]) -> dict[str, Person]:
    found = imports.people(connection, sorted(keys))
    ids = [subscriber.id for subscriber in found.values()]
    tagged = tags.of(connection, ids)
    people = {key: _person(key, s, tagged.get(s.id, [])) for key, s in found.items()}
    by_id = {person.id: person for person in people.values()}
    for held in subscribers.of_people(connection, ids):
        by_id[held.subscriber.id].subscriptions[held.publication_id] = _held(held)
    return people


def _person(key: str, found: Subscriber, tagged: Sequence[str]) -> Person:
    return Person(
        found.email,
        key,
        found.name,
        str(found.address_state),
        found.address_reason,
        set(tagged),
        id=found.id,
        was=(found.name, str(found.address_state)),
        had=frozenset(tagged),
    )


def _held(s: Subscription) -> Standing:
    return Standing(
        s.publication_id,
        s.publication,
        s.cadence,
        s.language,
        s.zone,
        s.topics,
        str(s.state),
        Cause(IMPORTED, via=Via.FILE),
        reason=s.reason,
        id=s.id,
        was=(str(s.state), s.topics),
    )


def _noun(person: Person) -> Subscriber:
    return Subscriber(person.email, person.name, AddressState(person.address), person.address_reason)


def _plain(error: Exception) -> DigestError:
    return error if isinstance(error, DigestError) else DigestError(str(error))


def _why(error: DigestError) -> str:
    return f"{error.what} ({error.mend})" if error.mend else error.what
