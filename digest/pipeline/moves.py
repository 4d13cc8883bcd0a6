"""A reader's new address: asked for, confirmed by a mail to it, and told to the old one."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.audience import tokens
from digest.audience.address import address_key, masked, normalise
from digest.compose.letter_address import Moving
from digest.deliver import headers
from digest.errors import BadInput, DigestError, NotFound, SettingsError, TemplateError, UsageError
from digest.model import splice
from digest.model.cause import By, Cause, Via
from digest.model.delivery import ABOUT_ADDRESS, DeliveryKind
from digest.model.publication import Publication
from digest.model.subscription import AddressState, Subscriber, SubscriptionState
from digest.pipeline import addresses, notices, preferences
from digest.pipeline.confirmations import (
    answer_by_mail,
    check_in_all,
    check_limits,
    check_often,
    print_of,
    print_of_any,
)
from digest.pipeline.envelope import MOVE, commands_mailbox, move_url
from digest.pipeline.imprint import imprint
from digest.pipeline.preferences import BY_PAGE, Closed, Done, Preferences
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import may_be_mailed
from digest.store import changes, publications, singles, subscribers
from digest.store.stories import Connection

CONFIRMED = Cause("by the link in a mail to the new address", By.READER, Via.PAGE)
ASKED = "ask to move"  # what is on record, whatever comes of it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Move:
    """A change of address that a link is about. `over`: the link does not work any more, and nothing was done."""

    old: str = ""
    new: str = ""
    language: str = ""
    done: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class _Voice:
    """How a person is spoken to: as by the first subscription that goes on, else as the settings say."""

    publication: Publication | None
    title: str
    language: str
    zone: str


def ask(services: Services, email: str, to: str) -> None:
    """A mail to the new address asks whether it is right. Raises UsageError where it cannot be the person's, and
    where too many went there.
    """
    old, new = normalise(email), normalise(to)
    with services.database.write() as connection:
        person = subscribers.get(connection, old, address_key(old))
        addresses.check(connection, person, new)
        if person.email == new:
            raise UsageError("their mails go there already", where=new)
        _ask(services, connection, person, new, services.clock())
        _count(services, connection, person, Cause(""), services.clock())


def ask_by_page(services: Services, token: str, to: str, cause: Cause = BY_PAGE) -> Done | Closed | None:
    """The same for who has the link to the preferences. What becomes of it does not show who else there is: nobody but
    the owner of the new address is told, and each time counts as one.
    """
    found = preferences.shown(services, token)
    if not isinstance(found, Preferences):
        return found
    try:
        new = normalise(to)
    except BadInput:
        return Done(found, wrong=("address",))
    person, now = found.subscription.subscriber, services.clock()
    trouble: DigestError | None = None
    with services.database.write() as connection:
        # Whoever has the address: what fails for one nobody has must fail for all alike.
        notices.check(services, _asking(services, connection, person, new, now))
        try:
            _count(services, connection, person, cause, now)
            _ask(services, connection, person, new, now)
        except SettingsError:  # the operator's to mend, and no word about the address
            raise
        except TemplateError as error:  # of the mail to the owner
            trouble = error
        except UsageError:
            pass
    return Done(found, trouble=trouble)


def is_move(services: Services, token: str) -> bool:
    """Whether it is a token for this, however old."""
    return tokens.verify_until(services.home.secrets(), MOVE, token, services.clock()) is not None


def shown(services: Services, token: str) -> Move | None:
    """What a link is about; None where the token is not one of ours. Changes nothing."""
    if not is_move(services, token):
        return None
    with services.database.read() as connection:
        try:
            return _look_up(services, connection, token)[1]
        except SettingsError:
            raise
        except UsageError:
            return Move(over=True)


def confirm(services: Services, token: str, cause: Cause = CONFIRMED) -> Move:
    """From now on everything goes to the new address, and the old one is told. Again changes nothing.

    Raises UsageError for a token that is not ours, has expired, or is of another address than the present one.
    """
    now = services.clock()
    with services.database.write() as connection:
        person, found = _look_up(services, connection, token)
        if found.done:
            return found
        addresses.change_in(services, connection, person, found.new, now, cause)
        _tell_old(services, connection, person, found, now)
    return Move(found.old, found.new, found.language, done=True)


def _look_up(services: Services, connection: Connection, token: str) -> tuple[Subscriber, Move]:
    told = tokens.verify_until(services.home.secrets(), MOVE, token, services.clock())
    number, _, rest = told.payload.partition(":") if told else ("", "", "")
    if told is None or not number.isdecimal():
        mend = "copy it whole from the subject: letters, digits, one dot"
        raise UsageError("this token is not one of ours", mend=mend)
    before, _, at = rest.partition(":")
    new = at.partition(":")[0]
    asked = singles.by_key(connection, f"{DeliveryKind.CONFIRMATION}:{_key(new, 'ask', number, rest)}")
    person = subscribers.by_number(connection, int(number))
    if asked is None or person is None or new not in _prints(asked.address):
        raise UsageError("what this token was for is no more", mend="ask for another")
    voice = _voice(services, connection, person)
    if person.email == asked.address:
        return person, Move(asked.address, asked.address, voice.language, done=True)
    # Who came back to the old address does not go away again by the same link: perhaps it was a stranger's.
    moved = changes.of_person(connection, person.id, "move")
    if print_of(person.email) != before or (moved and asked.planned_at and moved[-1] >= asked.planned_at):
        raise UsageError("this token is of an earlier address", where=person.email, mend="ask for another")
    if told.expired:
        raise UsageError("this token has expired", where=person.email, mend="ask for another")
    may_be_mailed(person)
    return person, Move(person.email, asked.address, voice.language)


def _count(services: Services, connection: Connection, person: Subscriber, cause: Cause, now: datetime) -> None:
    """Raises UsageError for who asks too often. By the record of asking, not by the mails: those of somebody who tries
    addresses would tell which of them are readers'.
    """
    may_be_mailed(person)
    check_often(changes.of_person(connection, person.id, ASKED), services.settings.subscriber, person.email, now)
    for held in subscribers.subscriptions(connection, person.id):
        if held.state is not SubscriptionState.UNSUBSCRIBED:
            changes.record(connection, held.id, now, changes.Step(ASKED, held.state, held.state), cause)
            return


def _ask(services: Services, connection: Connection, person: Subscriber, new: str, now: datetime) -> None:
    settings = services.settings.subscriber
    check_limits(singles.about_address(connection, print_of_any(new)), settings, new, now)
    check_in_all(connection, settings, new, now)
    other = subscribers.by_key(connection, address_key(new))
    if other is not None:
        _tell_owner(services, connection, person, other, now)
        return
    notices.plan(connection, services, _asking(services, connection, person, new, now), now)


def _asking(services: Services, connection: Connection, person: Subscriber, new: str, now: datetime) -> notices.Single:
    """The mail to an address that nobody has."""
    days, voice = services.settings.subscriber.confirm_days, _voice(services, connection, person)
    rest = f"{print_of(person.email)}:{print_of_any(new)}:{_micros(now)}"
    token = tokens.sign_until(services.home.secret(), MOVE, f"{person.id}:{rest}", now + timedelta(days=days))
    page = move_url(services.home, token)
    mailbox = "" if page else commands_mailbox(services.home, voice.publication)
    return _single(
        services, voice, DeliveryKind.CONFIRMATION,
        key=_key(print_of_any(new), "ask", str(person.id), rest),
        to=Subscriber(new, id=person.id),  # no name: whose address it is, nobody knows yet
        said=Moving("ask", voice.title, masked(person.email), days, mailbox),
        values={splice.CONFIRM: headers.uri(page)} if page else answer_by_mail(mailbox, MOVE, token),
    )  # fmt: skip


def _tell_owner(
    services: Services, connection: Connection, person: Subscriber, owner: Subscriber, now: datetime
) -> None:
    """Who has the address already is told, and nobody else."""
    if owner.id == person.id or owner.address_state is not AddressState.OK:
        return
    voice = _voice(services, connection, owner)
    notice = _single(
        services, voice, DeliveryKind.NOTICE,
        key=_key(print_of_any(owner.email), "taken", str(person.id), str(_micros(now))),
        to=owner,
        said=Moving("taken", voice.title),
        values={},
    )  # fmt: skip
    notices.plan(connection, services, notice, now)


def _tell_old(services: Services, connection: Connection, person: Subscriber, found: Move, now: datetime) -> None:
    voice = _voice(services, connection, person)
    notice = _single(
        services, voice, DeliveryKind.NOTICE,
        key=_key(print_of_any(found.old), "moved", str(person.id), str(_micros(now))),
        to=person,
        said=Moving("moved", voice.title, masked(found.new)),
        values={},
    )  # fmt: skip
    notices.plan(connection, services, notice, now)


def _single(
    services: Services, voice: _Voice, kind: DeliveryKind,
    *, key: str, to: Subscriber, said: Moving, values: dict[str, str],
) -> notices.Single:  # fmt: skip
    by = imprint(services.settings.mail, voice.publication)
    return notices.Single(kind, key, to, said, by, voice.language, voice.zone, values=values)


def _voice(services: Services, connection: Connection, person: Subscriber) -> _Voice:
    held = subscribers.subscriptions(connection, person.id)
    for subscription in sorted(held, key=lambda s: s.state is SubscriptionState.UNSUBSCRIBED):
        with contextlib.suppress(NotFound):  # removed since
            found = publications.get(connection, subscription.publication)
            return _Voice(found, found.title, subscription.language, subscription.zone)
    default = services.settings.publication
    return _Voice(None, imprint(services.settings.mail).sender, default.language, default.zone)


def _prints(email: str) -> tuple[str, str]:
    """Links have the one; those of earlier versions the other."""
    return print_of_any(email), print_of(email)


def _key(address: str, what: str, person: str, rest: str) -> str:
    """Found again by the address that the mail goes to: what is asked for there has a limit."""
    made = hashlib.blake2b(rest.encode(), digest_size=8).hexdigest()
    return f"{ABOUT_ADDRESS}{address}:{what}:{person}:{made}"


def _micros(now: datetime) -> int:
    return (now - _EPOCH) // timedelta(microseconds=1)
