"""What the unsubscribe link of a mail is about, and its end: the use-cases behind the web pages."""

from __future__ import annotations

from dataclasses import dataclass

from digest.audience import rules, tokens
from digest.model.cause import Cause
from digest.model.publication import Access
from digest.model.subscription import Subscription, SubscriptionState
from digest.pipeline.envelope import UNSUBSCRIBE
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import BY_LINK, act_in
from digest.store import linked as store
from digest.store import subscribers
from digest.store.stories import Connection

_ENDED = SubscriptionState.UNSUBSCRIBED


@dataclass(frozen=True, slots=True)
class Linked:
    """`title` and `language` are empty where the subscription is no more: nothing is sent for it then either.

    `others`: how many more subscriptions this address has. `sign_up`: the publication that everybody may subscribe to
    on the web; empty where that is closed.
    """

    title: str = ""
    language: str = ""
    ended: bool = True
    others: int = 0
    sign_up: str = ""


def is_link(services: Services, token: str) -> bool:
    """Whether the token is one of ours, as far as that can be told without the database."""
    return _told(services, token) is not None


def linked(services: Services, token: str) -> Linked | None:
    """What a link is about; None where the token is not one of ours. Changes nothing."""
    subscription_id = _told(services, token)
    if subscription_id is None:
        return None
    with services.database.read() as connection:
        return _linked(connection, subscribers.find(connection, subscription_id))


def end(services: Services, token: str, cause: Cause = BY_LINK, *, all_of_them: bool = False) -> Linked | None:
    """Unsubscribe: from the one that the link is about, or from all that its reader has. Durable when this returns.

    None where the token is not one of ours. Again changes nothing.
    """
    subscription_id = _told(services, token)
    if subscription_id is None:
        return None
    now = services.clock()
    with services.database.write() as connection:
        found = subscribers.find(connection, subscription_id)
        if found is not None:  # else the person was removed
            held = subscribers.subscriptions(connection, found.subscriber.id) if all_of_them else [found]
            ended = [act_in(connection, each, rules.Action.UNSUBSCRIBE, cause, now) for each in held]
            found = next(each for each in ended if each.id == subscription_id)
        return _linked(connection, found)


def _told(services: Services, token: str) -> int | None:
    told = tokens.verify(services.home.secrets(), UNSUBSCRIBE, token)
    return int(told) if told is not None and told.isdecimal() else None


def _linked(connection: Connection, found: Subscription | None) -> Linked:
    if found is None:
        return Linked()
    told = store.told(connection, found)
    sign_up = told.name if told.sign_up is Access.OPEN and not told.removed else ""
    title = told.name if told.removed else told.title
    return Linked(title, found.language, found.state is _ENDED, told.others, sign_up)
