"""Asking a reader by mail whether a subscription is wanted (double opt-in), and taking the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from digest.audience import rules, tokens
from digest.audience.address import address_key
from digest.compose.letter import Confirm
from digest.deliver import headers
from digest.errors import UsageError
from digest.model import splice
from digest.model.cause import By, Cause, Via
from digest.model.delivery import OPEN, Delivery, DeliveryKind, DeliveryState
from digest.model.publication import Publication
from digest.model.subscription import Subscription, SubscriptionState
from digest.pipeline import notices, persons
from digest.pipeline.envelope import commands_mailbox
from digest.pipeline.imprint import imprint
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import Wanted, act_in, find, may_be_mailed, subscribe_in
from digest.settings import SubscriberSettings
from digest.store import publications, singles, subscribers
from digest.store.stories import Connection

CONFIRMED = Cause("by the link in a confirmation mail", By.READER, Via.PAGE)
CONFIRM = "confirm"  # what its tokens are for, and the word before one in a subject
_IN_ALL = "subscriber.confirm_times_in_all"
_NEVER_SENT = (DeliveryState.SUPPRESSED, DeliveryState.EXPIRED, DeliveryState.CANCELLED)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """What a token says: which subscription, and `since` as it stood when the link was sent."""

    subscription: int
    since: str
    expired: bool

    def is_of(self, pending: Subscription) -> bool:
        return self.since == _since(pending)

    def is_to(self, subscription: Subscription) -> bool:
        """Whether it was sent to the address that the reader has now."""
        return self.since.partition(".")[2] == print_of(subscription.subscriber.email)


def sign_up(services: Services, wanted: Wanted, *, cause: Cause, again: bool = False) -> tuple[Subscription, bool]:
    """A subscription that waits for its confirmation, and the mail that asks for it; False: it was there already.

    Raises UsageError where this reader was asked too often.
    """
    now = services.clock()
    pending = replace(wanted, state=str(SubscriptionState.PENDING))
    with services.database.write() as connection:
        made, new = subscribe_in(connection, pending, now, home=services.home, cause=cause, again=again)
        ask_in(connection, services, made, now)
    return made, new


def ask_in(
    connection: Connection, services: Services, made: Subscription, now: datetime, *, limited: bool = True
) -> bool:
    """Plan the mail that asks, inside a transaction of the caller's. False: nothing is to be asked, or it was.

    `limited`: whatever else was asked of the address counts; not so where the operator's own file names it.
    """
    # One that was imported as pending has not been asked yet.
    if made.state is not SubscriptionState.PENDING or _asked(singles.confirmations(connection, made.id), made):
        return False
    plan(connection, services, made, now, limited=limited)
    return True


def resend(services: Services, email: str, publication: str) -> Subscription:
    """Ask once more, with a link that works anew. Raises UsageError where that is too soon or too often."""
    with services.database.write() as connection:
        _, found = find(connection, email, publication)
        if found.state is not SubscriptionState.PENDING:
            mend = "only one that is pending waits for a confirmation"
            raise UsageError(f"the subscription to {found.publication} is {found.state}", where=email, mend=mend)
        plan(connection, services, found, services.clock())
        return found


def confirm(services: Services, token: str, cause: Cause = CONFIRMED) -> tuple[Subscription, bool]:
    """Activate the subscription that the token names. False: it was confirmed already."""
    now = services.clock()
    told = read(services, token, now)
    if told is None:
        raise UsageError(
            "this token is not one of ours", mend="copy it whole from the subject: letters, digits, one dot"
        )
    with services.database.write() as connection:
        found = subscribers.find(connection, told.subscription)
        if found is None:
            raise UsageError("the subscription of this token is no more", mend="sign up again")
        if found.state is SubscriptionState.PENDING:
            _still_counts(found, told)
        after = act_in(connection, found, rules.Action.CONFIRM, cause, now)
        if after.state is not found.state:
            persons.has_come_back(connection, services.home, after.subscriber.email)
        return after, after.state is not found.state


def read(services: Services, token: str, now: datetime) -> Told | None:
    """What a token of a confirmation says; None where it is not one of ours."""
    told = tokens.verify_until(services.home.secrets(), CONFIRM, token, now)
    number, _, since = told.payload.partition(":") if told is not None else ("", "", "")
    if told is None or not number.isdecimal():
        return None
    return Told(int(number), since, told.expired)


def _still_counts(pending: Subscription, told: Told) -> None:
    email, publication = pending.subscriber.email, pending.publication
    if not told.is_of(pending):
        raise UsageError(
            "this token is of an earlier sign-up or address", where=email, mend="take that of the newest mail"
        )
    if told.expired:
        mend = f"digest subscriber resend {email} --publication {publication}"
        raise UsageError("this token has expired", where=email, mend=mend)


def _since(pending: Subscription) -> str:
    """Which sign-up it is, and of which address: a link that was sent before somebody left does not bring them back,
    and one that was sent to another address says nothing of this one.
    """
    assert pending.changed_at is not None
    return f"{(pending.changed_at - _EPOCH) // timedelta(microseconds=1)}.{print_of(pending.subscriber.email)}"


def print_of(email: str) -> str:
    """Of an address, short, so that a token is bound to it without naming it."""
    return hashlib.blake2b(email.encode(), digest_size=6).hexdigest()


def print_of_any(email: str) -> str:
    """The same for all spellings of an address: one limit holds for them."""
    return print_of(address_key(email))


def _prefix(pending: Subscription) -> str:
    return f"{pending.id}:{_since(pending)}:"


def _asked(earlier: Sequence[Delivery], pending: Subscription) -> list[Delivery]:
    """The confirmations of this sign-up."""
    return [d for d in earlier if d.key.startswith(f"{DeliveryKind.CONFIRMATION}:{_prefix(pending)}")]


def plan(
    connection: Connection, services: Services, pending: Subscription, now: datetime, *, limited: bool = True
) -> None:
    """The mail that asks, within a transaction of the caller's. Raises UsageError where that is too soon or too often,
    or where nothing may be sent to the address.
    """
    may_be_mailed(pending.subscriber)
    settings = services.settings.subscriber
    earlier = singles.confirmations(connection, pending.id)
    check_limits(earlier, settings, pending.subscriber.email, now)
    if limited:
        check_in_all(connection, settings, pending.subscriber.email, now)
    publication = publications.get(connection, pending.publication)
    number = len(_asked(earlier, pending)) + 1
    notices.plan(connection, services, single(services, publication, pending, number, now), now)


def single(
    services: Services, publication: Publication, pending: Subscription, number: int, now: datetime
) -> notices.Single:
    """The mail that asks for the `number`th time."""
    settings = services.settings.subscriber
    payload = f"{pending.id}:{_since(pending)}"
    until = now + timedelta(days=settings.confirm_days)
    token = tokens.sign_until(services.home.secret(), CONFIRM, payload, until)
    page = services.confirm_page(token)
    mailbox = "" if page else commands_mailbox(services.home, publication)
    by_mail = answer_by_mail(mailbox, CONFIRM, token)
    return notices.Single(
        kind=DeliveryKind.CONFIRMATION,
        key=f"{_prefix(pending)}{number}",
        to=pending.subscriber,
        said=Confirm(publication.title, pending.cadence, settings.confirm_days, mailbox),
        by=imprint(services.settings.mail, publication),
        language=pending.language,
        zone=pending.zone,
        subscription=pending.id,
        values={splice.CONFIRM: headers.uri(page)} if page else by_mail,
    )


def check_limits(earlier: Sequence[Delivery], settings: SubscriberSettings, email: str, now: datetime) -> None:
    """Raises UsageError where a reader must not be asked now: no mailbox is filled by somebody else's sign-ups."""
    waits = [d for d in earlier if d.state in OPEN and d.address == email]
    if waits:
        what = f"a confirmation mail is on its way already (delivery {waits[-1].id}: {waits[-1].state})"
        raise UsageError(what, where=email, mend=f"see: digest delivery show {waits[-1].id}")
    check_often(_planned(earlier), settings, email, now)


def check_in_all(connection: Connection, settings: SubscriberSettings, email: str, now: datetime) -> None:
    """Raises UsageError where this address was asked too often, whatever the publications: else with each that is open
    a stranger could send it more.
    """
    person = subscribers.by_key(connection, address_key(email))
    earlier = singles.about_address(connection, print_of_any(email))
    earlier += singles.asking(connection, person.id, person.email) if person is not None else []
    recent = [at for at in _planned(earlier) if at > now - timedelta(days=settings.confirm_days)]
    if len(recent) >= settings.confirm_times_in_all:
        what = f"was sent {len(recent)} confirmation mails in {settings.confirm_days} days, over all publications"
        mend = f"ask the reader to look for them, or wait ({_IN_ALL} = {settings.confirm_times_in_all})"
        raise UsageError(what, where=email, mend=mend)


def _planned(earlier: Sequence[Delivery]) -> list[datetime]:
    return [d.planned_at for d in earlier if d.planned_at is not None and d.state not in _NEVER_SENT]


def check_often(asked: Sequence[datetime], settings: SubscriberSettings, email: str, now: datetime) -> None:
    """The same by when it was, oldest first."""
    recent = [at for at in asked if at > now - timedelta(days=settings.confirm_days)]
    if len(recent) >= settings.confirm_times:
        what = f"was sent {len(recent)} confirmation mails in {settings.confirm_days} days"
        raise UsageError(what, where=email, mend="ask the reader to look for them, or wait")
    pause = timedelta(minutes=settings.confirm_minutes)
    if recent and now < recent[-1] + pause:
        what = f"was sent a confirmation mail at {recent[-1]:%H:%M} UTC"
        raise UsageError(what, where=email, mend=f"wait until {recent[-1] + pause:%H:%M} UTC")


def answer_by_mail(mailbox: str, word: str, token: str) -> dict[str, str]:
    """The values of a mail that is answered by another one, and its subject: a word and a token."""
    link = headers.uri(f"mailto:{quote(mailbox, safe='@+')}?subject={quote(f'{word} {token}')}")
    return {splice.CONFIRM: link, splice.PHRASE: f"{word} {token}"}
