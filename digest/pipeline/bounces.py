"""What reports of bounces and complaints do: to the mail, the subscription, the address. One transaction each."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.audience import rules, scoring, tokens
from digest.audience.address import address_key, normalise
from digest.deliver.refusals import refusal
from digest.deliver.slots import period
from digest.errors import BadInput
from digest.model.cause import By, Cause, Via
from digest.model.delivery import Delivery
from digest.model.report import Proof, Report, ReportKind
from digest.model.subscription import AddressState, Subscriber, SubscriptionState
from digest.pipeline import persons, subscriptions
from digest.pipeline.services import Services
from digest.store import changes, counters, publications, reports, subscribers, traces
from digest.store.changes import Step
from digest.store.reports import NewReport
from digest.store.stories import Connection
from digest.store.traces import Trace

#: How long a report that proves nothing is kept: anybody can send them.
UNPROVEN_DAYS = 90
_LONGEST = {"address": 320, "message_id": 998, "status": 12, "reason": 300, "by": 255}  # characters
_AT_ONCE = 200  # refusals in one transaction


class Did(enum.StrEnum):
    """What became of a report."""

    SUPPRESSED = "suppressed"  # the address: nothing more is sent to it
    UNSUBSCRIBED = "unsubscribed"
    COUNTED = "counted"
    NOTED = "noted"  # about a mail of ours, and there was nothing to do
    UNPROVEN = "unproven"  # kept, and nothing was changed
    KNOWN = "known"  # it was taken before


@dataclass(frozen=True, slots=True)
class Taken:
    """What one report did, and what people are told about it."""

    did: Did
    subscriber: str = ""  # the address; empty where it is not known
    effect: str = ""
    report: int = 0  # its number; 0 where it was known


@dataclass(frozen=True, slots=True)
class _About:
    """What a report is about, as far as it can be known, and how we know."""

    proof: Proof
    delivery: Delivery | None = None
    person: Subscriber | None = None
    moved: bool = False  # the subscriber has another address now
    via: Via = Via.MAIL
    trace: Trace | None = None  # of a delivery whose record was deleted

    @property
    def number(self) -> int | None:
        """The delivery's."""
        return self.delivery.id if self.delivery else self.trace.delivery if self.trace else None

    @property
    def subscription(self) -> int | None:
        return self.delivery.subscription if self.delivery else self.trace.subscription if self.trace else None


def take(services: Services, found: Sequence[Report], *, proven: bool = False, event: str = "") -> list[Taken]:
    """Take reports in, in one transaction: when this returns, it is durable. Each counts once, however often it comes.

    `proven`: whoever brought them proved to be who may say such things, like a provider by its signature. `event`
    tells them from others alike, where the provider numbers what it tells.
    """
    if not found:
        return []
    now = services.clock()
    with services.database.write() as connection:
        reports.drop_unproven(connection, now - timedelta(days=UNPROVEN_DAYS))
        return [take_in(services, connection, report, now, proven=proven, event=event) for report in found]


def take_in(
    services: Services, connection: Connection, report: Report, now: datetime, *, proven: bool = False, event: str = ""
) -> Taken:
    """The same for one report, inside a transaction of the caller's."""
    report = _clean(report)
    about = replace(_about(services, connection, report, proven), via=Via.WEBHOOK if proven else Via.MAIL)
    report = _nameless(services, connection, report, about)
    return _keep(services, connection, report, about, _key(report, about, event), now)


def refused(
    services: Services, connection: Connection, delivery: Delivery, status: str, reason: str, now: datetime
) -> Taken:
    """A server refused the address of this delivery for good while we spoke to it: that counts like a hard bounce."""
    return _refused(services, connection, delivery, ReportKind.HARD, status, reason, now)


def count_refusals(services: Services) -> list[Taken]:
    """Count every delivery that failed because of its address. Those that were counted are not counted again."""
    done: list[Taken] = []
    while True:
        with services.database.read() as connection:
            since, last = counters.last(connection, counters.REFUSED), reports.last_event(connection)
            found = reports.refused_since(connection, since, _AT_ONCE) if last > since else []
        if last <= since:
            return done
        upto = found[-1].event if len(found) == _AT_ONCE else last
        with services.database.write() as connection:
            for failed in found:
                said = refusal(failed.delivery.reply, failed.delivery.reason)
                if said is not None:
                    one = failed.delivery
                    done.append(_refused(services, connection, one, said.kind, said.status, one.reply, failed.at))
            if counters.last(connection, counters.REFUSED) < upto:
                counters.advance(connection, counters.REFUSED, upto)


def _refused(
    services: Services,
    connection: Connection,
    delivery: Delivery,
    kind: ReportKind,
    status: str,
    reason: str,
    now: datetime,
) -> Taken:
    report = _clean(
        Report(kind, delivery.address, status=status, reason=reason, by=delivery.relay or "the relay", at=now)
    )
    about = replace(_of_delivery(connection, Proof.SESSION, delivery), via=Via.SESSION)
    return _keep(services, connection, report, about, _hashed("session", str(delivery.id)), now)


def lift(services: Services, email: str, reason: str) -> Subscriber:
    """Mail may go to a suppressed address again, and its bounces are counted from anew.

    Raises UsageError for one that is not suppressed, or that the operator removed.
    """
    address, now = normalise(email), services.clock()
    with services.database.write() as connection:
        person = subscribers.get(connection, address, address_key(address))
        rules.may_lift(person, subscriptions.REMOVED)
        subscribers.lift(connection, person.id)
        reports.forget(connection, person.id, now)
        step = Step("unsuppress", AddressState.SUPPRESSED, AddressState.OK)
        changes.record_for_person(connection, person.id, now, step, Cause(reason))
    return person


def _about(services: Services, connection: Connection, report: Report, proven: bool) -> _About:
    number = tokens.bounced_delivery(services.home.secrets(), report.token) if report.token else None
    if number is not None and (found := reports.delivery(connection, number=number)) is not None:
        return _of_delivery(connection, Proof.TOKEN, found)
    if number is not None and (trace := traces.find(connection, number)) is not None:
        moved = changes.moved_since(connection, trace.subscription, trace.sent_at)
        return _About(Proof.TOKEN, None, subscribers.by_key(connection, trace.email), moved, trace=trace)
    if report.message_id and (found := reports.delivery(connection, message_id=report.message_id)) is not None:
        return _of_delivery(connection, Proof.MESSAGE, found)
    try:
        person = subscribers.by_key(connection, address_key(normalise(report.address)))
    except BadInput:
        person = None
    return _About(Proof.PROVIDER if proven else Proof.NONE, None, person)


def _of_delivery(connection: Connection, proof: Proof, found: Delivery) -> _About:
    """The mail went to the subscriber's address, wherever it was forwarded to."""
    key = reports.recipient(connection, found.id)
    person = subscribers.by_key(connection, key)
    return _About(proof, found, person, moved=address_key(found.address) != key)


def _keep(services: Services, connection: Connection, report: Report, about: _About, key: str, now: datetime) -> Taken:
    email = about.person.email if about.person else ""
    if reports.known(connection, key):
        return Taken(Did.KNOWN, email)
    counts = about.proof is not Proof.NONE and about.person is not None and not about.moved
    at = _when(report, about, now)
    wanted = NewReport(
        key=key,
        kind=report.kind,
        proof=about.proof,
        at=at,
        address=report.address,
        status=report.status,
        reason=report.reason,
        reporter=report.by,
        delivery=about.delivery.id if about.delivery else None,
        subscriber=about.person.id if about.person else None,
        weight=scoring.weight(report.kind, services.settings.bounces.soft) if counts else 0.0,
    )
    number = reports.add(connection, wanted, now)
    did, effect = _act(services, connection, wanted, about, now)
    reports.set_effect(connection, number, effect)
    return Taken(did, email, effect, number)


def _act(
    services: Services, connection: Connection, report: NewReport, about: _About, now: datetime
) -> tuple[Did, str]:
    if report.proof is Proof.NONE:
        return Did.UNPROVEN, "nothing: it does not prove that it is about a mail of ours"
    if report.proof is not Proof.SESSION and report.kind is not ReportKind.COMPLAINT:
        if about.delivery is not None:
            reports.not_arrived(connection, about.delivery, report.at, now)
        elif about.trace is not None:
            traces.not_arrived(connection, about.trace.delivery, report.at)
    if about.person is None:
        return Did.NOTED, "nothing: no subscriber has this address"
    if report.kind is ReportKind.COMPLAINT and about.delivery is not None and about.delivery.about_address:
        return Did.NOTED, "nothing: the mail was about a change of address, and of no subscription"
    if report.kind is ReportKind.COMPLAINT:
        return _complained(connection, report, about, about.person, now)
    if about.moved:
        return Did.NOTED, "nothing: the subscriber has another address by now"
    if about.person.address_state is not AddressState.OK:
        return Did.NOTED, f"the address was {about.person.address_state} already"
    return _bounced(services, connection, about.person, about.via, now)


def _complained(
    connection: Connection, report: NewReport, about: _About, person: Subscriber, now: datetime
) -> tuple[Did, str]:
    """Ends the subscription that the mail came from, or all of them where that is not known."""
    held = subscribers.subscriptions(connection, person.id)
    if about.subscription is not None:
        held = [s for s in held if s.id == about.subscription]
    by = f", says {report.reporter}" if report.reporter else ""
    reason = f"reported as spam on {scoring.day_of(report.at)}{by}"
    ended = [s for s in held if s.state is not SubscriptionState.UNSUBSCRIBED]
    for subscription in ended:
        cause = Cause(reason, By.SERVER, about.via)
        subscriptions.act_in(connection, subscription, rules.Action.UNSUBSCRIBE, cause, now)
    if not ended:
        return Did.NOTED, "had unsubscribed already"
    return Did.UNSUBSCRIBED, f"unsubscribed from {', '.join(s.publication for s in ended)}: {reason}"


def _bounced(
    services: Services, connection: Connection, person: Subscriber, via: Via, now: datetime
) -> tuple[Did, str]:
    settings = services.settings.bounces
    score = score_of(services, connection, person, now)
    if score.total < settings.threshold:
        return Did.COUNTED, f"the address has {score.total:g} of {settings.threshold:g}"
    suppress(connection, person, Cause(score.told(), By.SERVER, via), now)
    return Did.SUPPRESSED, f"suppressed the address: {score.told()}"


def score_of(services: Services, connection: Connection, person: Subscriber, now: datetime) -> scoring.Score:
    """What an address's bounces come to."""
    counted = [scoring.Bounce(b.at, b.weight, b.delivery, b.reason) for b in reports.counted(connection, person.id)]
    stale = scoring.stale_after(services.settings.bounces.stale_days, _often(connection, person))
    return scoring.score(counted, now, stale)


def _often(connection: Connection, person: Subscriber) -> timedelta | None:
    """How far apart the mails of a person's most frequent subscription are."""
    active = [s for s in subscribers.subscriptions(connection, person.id) if s.state is SubscriptionState.ACTIVE]
    known = {s.publication: publications.get(connection, s.publication) for s in active}
    return min((period(c) for s in active for c in known[s.publication].cadences if c.name == s.cadence), default=None)


def suppress(connection: Connection, person: Subscriber, cause: Cause, now: datetime) -> None:
    """Nothing more is sent to the address; what waits does not go out."""
    reason = cause.reason
    subscribers.suppress(connection, person.id, reason)
    step = Step("suppress", AddressState.OK, AddressState.SUPPRESSED)
    changes.record_for_person(connection, person.id, now, step, cause)
    for held in subscribers.subscriptions(connection, person.id):
        subscriptions.stop_deliveries(connection, held.id, now, reason=f"the address is suppressed: {reason}")


def _nameless(services: Services, connection: Connection, report: Report, about: _About) -> Report:
    """Mails come back late: of who was forgotten meanwhile, nothing is put on record again."""
    erased = about.person is not None and about.person.address_state is AddressState.ERASED
    if not erased and not persons.is_forgotten(connection, services.home, report.address):
        return report
    return replace(report, address="", reason="", by="")


def _when(report: Report, about: _About, now: datetime) -> datetime:
    """When it happened, as far as that can be believed: after the mail was made, and not in the future."""
    if report.at is None or report.at > now:
        return now
    # A mail is dated when it is planned, by our clock; the reporter's may be behind it a little.
    if about.delivery is not None and report.at < about.delivery.date - timedelta(hours=1):
        return now
    return report.at


def _key(report: Report, about: _About, event: str) -> str:
    """The same for the same report. Of one mail there is one of each kind for each address that it went on to."""
    if about.number is not None:
        return _hashed("delivery", str(about.number), report.kind, report.address.lower())
    said = (report.message_id, report.token, report.status, report.reason, report.by, str(report.at))
    return _hashed("event", about.proof, report.kind, report.address.lower(), *((event,) if event else said))


def _hashed(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=32).hexdigest()


def _clean(report: Report) -> Report:
    """One line of each, of a bounded length, that can be stored and shown: strangers wrote it."""
    told = {name: _line(getattr(report, name), most) for name, most in _LONGEST.items()}
    if told["message_id"] and not told["message_id"].startswith("<"):
        told["message_id"] = f"<{told['message_id']}>"
    at = report.at if report.at is not None and report.at.tzinfo is not None else None
    return replace(report, **told, token=_line(report.token, 64), at=at)  # type: ignore[arg-type]


def _line(text: str, most: int) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(shown.split())[:most]
