"""Commands by mail: which there are, what proves that somebody may give one, and what it does.

Nobody is answered, whatever a mail says: its sender may be anybody's address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from digest.audience import tokens
from digest.deliver.commands import CommandMail
from digest.errors import UsageError
from digest.model.cause import By, Cause, Via
from digest.model.subscription import Subscription
from digest.pipeline import confirmations, links, moves
from digest.pipeline.confirmations import CONFIRM
from digest.pipeline.envelope import MOVE, UNSUBSCRIBE
from digest.pipeline.services import Services
from digest.store import changes, reports, subscribers
from digest.store.stories import Connection

#: What became of a mail that did nothing; one that did something is told by its command's own word.
KNOWN = "known"  # it was so already, or the mail was taken before
LEFT = "left"  # for a person
IGNORED = "ignored"  # a program wrote it, and it asks for nothing


@dataclass(frozen=True, slots=True)
class Command:
    """A use-case that a token proves the right to. `subscription` finds its number by what the token tells; 0: none.

    `act` raises UsageError for what cannot be. `alone`: a program may give it, where it writes nothing else.
    """

    purpose: str
    done: str
    subscription: Callable[[Connection, str], int]
    act: Callable[[Services, str, Cause], object]
    alone: bool = False
    effect: Callable[[Subscription], str] = lambda held: f"{held.publication} is {held.state}"


def _first_of(connection: Connection, person: str) -> int:
    """What becomes of a person is on record with each of the subscriptions."""
    return next((held.id for held in subscribers.subscriptions(connection, int(person))), 0)


#: By the word before the token.
COMMANDS: dict[str, Command] = {
    "unsubscribe": Command(UNSUBSCRIBE, "unsubscribed", lambda _, told: int(told), links.end, alone=True),
    "confirm": Command(CONFIRM, "confirmed", lambda _, told: int(told.split(":")[1]), confirmations.confirm),
    "move": Command(
        MOVE,
        "moved",
        lambda connection, told: _first_of(connection, told.split(":")[1]),
        moves.confirm,
        effect=lambda _: "mails go there from now on",
    ),
}
_STOP = COMMANDS["unsubscribe"]


@dataclass(frozen=True, slots=True)
class Done:
    """What one mail did, and whose subscription it was about; or why it did nothing."""

    did: str
    subscriber: str = ""
    effect: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Proven:
    command: Command
    token: str
    subscription: int
    reason: str


def take(services: Services, mail: CommandMail) -> Done:
    """Do what a mail asks for, if it proves that it may: durable when this returns. Taken again, it does nothing.

    Raises DigestError where the database is in trouble: the mail has to be kept, and taken later.
    """
    found = _proven(services, mail)
    if isinstance(found, str):
        return Done(IGNORED if mail.automatic and not mail.asked else LEFT, why=found)
    cause = Cause(found.reason, By.READER, Via.MAIL, origin=mail.message_id)
    with services.database.read() as connection:
        if _came(connection, found, mail):
            return _done(KNOWN, found.command, _of(connection, found))
    try:
        found.command.act(services, found.token, cause)
    except UsageError as error:
        return Done(LEFT, why=str(error))
    with services.database.read() as connection:
        did = found.command.done if _came(connection, found, mail) else KNOWN
        return _done(did, found.command, _of(connection, found))


def why_left(services: Services, mail: CommandMail) -> str:
    """Why a mail waits for a person; empty if it does not. Changes nothing."""
    found = _proven(services, mail)
    if isinstance(found, str):
        return "" if mail.automatic and not mail.asked else found
    with services.database.read() as connection:
        held = _of(connection, found)
        if _came(connection, found, mail):
            return ""
    state = f"the subscription is {held.state}" if held else "its subscription is no more"
    return f"its command was refused when it came; {state}"


def _proven(services: Services, mail: CommandMail) -> _Proven | str:
    """What is asked for by whom who may, or why nothing is."""
    secrets = services.home.secrets()
    for asked in mail.asked:
        command = COMMANDS[asked.word]
        told = tokens.verify(secrets, command.purpose, asked.token)
        if told is None:
            continue
        if mail.automatic and not command.alone:
            return f"a program wrote it, and only a person can {asked.word}"
        with services.database.read() as connection:
            number = command.subscription(connection, told)
        return _Proven(command, asked.token, number, "by a mail with its token")
    if mail.asked:
        return "its token is not one of ours"
    if mail.stop:
        return _answer(services, mail) or "nothing in it proves whose subscription is meant"
    return "a program wrote it" if mail.automatic else "there is no command in it"


def _answer(services: Services, mail: CommandMail) -> _Proven | None:
    """Our Message-IDs cannot be guessed: who knows one has the mail, and with it the token of its link."""
    with services.database.read() as connection:
        found = (reports.delivery(connection, message_id=each) for each in mail.answers)
        mine = next((each.subscription for each in found if each is not None and each.subscription is not None), None)
    if mine is None:
        return None
    token = tokens.sign(services.home.secret(), UNSUBSCRIBE, str(mine))
    return _Proven(_STOP, token, mine, "by an answer to a mail of ours")


def _came(connection: Connection, found: _Proven, mail: CommandMail) -> bool:
    """A mail is known by its Message-ID: taken out of an archive, it does not end what has begun anew since."""
    return changes.came_from(connection, found.subscription, Via.MAIL, mail.message_id)


def _of(connection: Connection, found: _Proven) -> Subscription | None:
    return subscribers.find(connection, found.subscription)


def _done(did: str, command: Command, held: Subscription | None) -> Done:
    if held is None:
        return Done(did, effect="nothing: its subscription is no more")
    return Done(did, held.subscriber.email, command.effect(held))
