"""A person is forgotten: one transaction that erases, then the bytes that it may have left in files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.audience import rules, tokens
from digest.audience.address import address_key, normalise
from digest.errors import Busy, UsageError
from digest.model.cause import Cause
from digest.model.subscription import Subscriber
from digest.pipeline import persons, traces
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import act_in
from digest.store import erasure, forgotten, scrubbing, subscribers
from digest.store.scrubbing import Scrubbed
from digest.store.stories import Connection

FORGOTTEN = Cause(erasure.ERASED)
#: Another's mail could be called by it in the files, where nothing is said of whom.
NOBODY = "forgotten"


@dataclass(frozen=True, slots=True)
class Held:
    """What there is of a person. `before`: when the address was forgotten already."""

    email: str
    subscriptions: tuple[str, ...] = ()
    mails: int = 0
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """`pseudonym` is empty where nobody had the address. `articles`: that quote the address, as they were published.

    `trouble`: where bytes may be left; to forget again tries again.
    """

    held: Held
    pseudonym: str = ""
    stopped: int = 0
    articles: int = 0
    trouble: list[str] = field(default_factory=list)


def held(services: Services, email: str) -> Held:
    """Changes nothing."""
    address = normalise(email)
    with services.database.read() as connection:
        return _held(connection, services, address, subscribers.by_key(connection, address_key(address)))


def forget(services: Services, email: str, cause: Cause = FORGOTTEN) -> Done:
    """Erase the person, and keep a keyed hash of the address, so that no file brings it back.

    Durable as a whole or not at all. Raises Busy while a mail of theirs is on the wire, and UsageError for the
    operator's own address.
    """
    address = normalise(email)
    _refuse_operator(services, address)
    now = services.clock()
    with services.database.write() as connection:
        person = subscribers.by_key(connection, address_key(address))
        had = _held(connection, services, address, person)
        words, pseudonym, stopped = {address}, "", 0
        known = erasure.addresses(connection, person) if person is not None else [address]
        _refuse_leaving(connection, known, person, address)
        if person is not None:
            words |= erasure.forms(connection, person)
            pseudonym = tokens.pseudonym(services.home.secret(), person.id)
            stopped = _erase(connection, services, person, known, pseudonym, now, cause)
        else:
            erasure.mentions(connection, [address], "", address_key, NOBODY, now)
            _remember(connection, services, [address], now)
    scrubbed = scrubbing.scrub(services.database, words, busy_seconds=services.settings.store.busy_seconds)
    trouble = _trouble(services, scrubbed) + traces.wipe(services.home.folder, words)
    return Done(had, pseudonym, stopped, _quoted(services, address), trouble)


def _refuse_operator(services: Services, address: str) -> None:
    operator = services.settings.mail.operator
    if operator and address_key(normalise(operator)) == address_key(address):
        mend = "set mail.operator to another one first: this one would be kept anew with the next notice"
        raise UsageError("this is your own address (mail.operator)", where=address, mend=mend)


def _refuse_leaving(connection: Connection, known: Sequence[str], person: Subscriber | None, address: str) -> None:
    leaving = erasure.leaving(connection, known, person)
    if leaving is not None:
        mend = f"try again in a minute; if nothing is sending, digest deliver settles it (delivery {leaving.id})"
        raise Busy("a mail to this person is leaving just now; nothing was erased", where=address, mend=mend)


def _held(connection: Connection, services: Services, address: str, person: Subscriber | None) -> Held:
    before = persons.forgotten_since(connection, services.home, address)
    if person is None:
        return Held(address, before=before)
    names = tuple(s.publication for s in subscribers.subscriptions(connection, person.id))
    return Held(person.email, names, erasure.mails(connection, person), before)


def _erase(
    connection: Connection, services: Services, person: Subscriber, known: Sequence[str], pseudonym: str,
    now: datetime, cause: Cause,
) -> int:  # fmt: skip
    stopped = erasure.stop(connection, person, now)
    for subscription in subscribers.subscriptions(connection, person.id):
        act_in(connection, subscription, rules.Action.UNSUBSCRIBE, cause, now)
    erasure.erase(connection, person, pseudonym, now, cause)
    others = [each for each in known if subscribers.by_key(connection, address_key(each)) is None]
    erasure.mentions(connection, others, person.name, address_key, pseudonym, now)
    _remember(connection, services, others, now)
    return stopped


def _remember(connection: Connection, services: Services, addresses: Sequence[str], now: datetime) -> None:
    """Also those that were this person's before, but not where they are somebody else's by now."""
    for address in addresses:
        if persons.forgotten_since(connection, services.home, address) is None:
            forgotten.add(connection, persons.mac_of(services.home, address), now)


def _trouble(services: Services, scrubbed: Scrubbed) -> list[str]:
    if not scrubbed.trouble:
        return []
    return [f"{services.database.file}: old bytes may be left in it: {scrubbed.trouble}"]


def _quoted(services: Services, address: str) -> int:
    """Of articles, which are others' words, nothing is changed; the operator may want to take them down."""
    with services.database.read() as connection:
        return erasure.articles_with(connection, address)
