"""What the unsubscribe link of a mail is about, and its end: the use-cases behind the web pages."""

from __future__ import annotations

from dataclasses import dataclass

from digest.audience import tokens
from digest.errors import NotFound, UsageError
from digest.model.cause import Cause
from digest.model.subscription import Subscription, SubscriptionState
from digest.pipeline import subscriptions
from digest.pipeline.envelope import UNSUBSCRIBE
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import BY_LINK
from digest.store import publications, subscribers
from digest.store.stories import Connection


@dataclass(frozen=True, slots=True)
class Linked:
    """`title` and `language` are empty where the subscription is no more: nothing is sent for it then either."""

    title: str = ""
    language: str = ""
    ended: bool = True


def linked(services: Services, token: str) -> Linked | None:
    """What a link is about; None where the token is not one of ours. Changes nothing."""
    subscription_id = _told(services, token)
    if subscription_id is None:
        return None
    with services.database.read() as connection:
        found = subscribers.by_ids(connection, [subscription_id]).get(subscription_id)
        return _linked(connection, found) if found else Linked()


def end(services: Services, token: str, cause: Cause = BY_LINK) -> Linked | None:
    """Unsubscribe; durable when this returns. None where the token is not one of ours. Again changes nothing."""
    if _told(services, token) is None:
        return None
    try:
        ended = subscriptions.unsubscribe_by_token(services, token, cause)
    except UsageError:
        return Linked()  # the person was removed
    with services.database.read() as connection:
        return _linked(connection, ended)


def _told(services: Services, token: str) -> int | None:
    told = tokens.verify(services.home.secrets(), UNSUBSCRIBE, token)
    return int(told) if told is not None and told.isdecimal() else None


def _linked(connection: Connection, found: Subscription) -> Linked:
    try:
        title = publications.get(connection, found.publication).title
    except NotFound:  # removed since
        title = found.publication
    return Linked(title, found.language, found.state is SubscriptionState.UNSUBSCRIBED)
