"""What may happen to a subscription, in one table."""

from __future__ import annotations

import enum

from digest.errors import UsageError
from digest.model.subscription import AddressState, Subscriber, SubscriptionState


class Action(enum.StrEnum):
    CONFIRM = "confirm"
    PAUSE = "pause"
    RESUME = "resume"
    UNSUBSCRIBE = "unsubscribe"
    RESUBSCRIBE = "resubscribe"


_S = SubscriptionState
_A = Action

#: The state after an action. What is not here is refused. An action whose aim is reached already
#: changes nothing and is no error: links are opened twice, and mail programs send the one-click
#: unsubscribe (RFC 8058) more than once. Nobody comes back from `unsubscribed` without a new
#: confirmation, not even by a confirmation link sent earlier.
RULES: dict[tuple[SubscriptionState, Action], SubscriptionState] = {
    (_S.PENDING, _A.CONFIRM): _S.ACTIVE,
    (_S.PENDING, _A.UNSUBSCRIBE): _S.UNSUBSCRIBED,
    (_S.PENDING, _A.RESUBSCRIBE): _S.PENDING,
    (_S.ACTIVE, _A.CONFIRM): _S.ACTIVE,
    (_S.ACTIVE, _A.PAUSE): _S.PAUSED,
    (_S.ACTIVE, _A.RESUME): _S.ACTIVE,
    (_S.ACTIVE, _A.UNSUBSCRIBE): _S.UNSUBSCRIBED,
    (_S.ACTIVE, _A.RESUBSCRIBE): _S.ACTIVE,
    (_S.PAUSED, _A.CONFIRM): _S.PAUSED,
    (_S.PAUSED, _A.PAUSE): _S.PAUSED,
    (_S.PAUSED, _A.RESUME): _S.ACTIVE,
    (_S.PAUSED, _A.UNSUBSCRIBE): _S.UNSUBSCRIBED,
    (_S.UNSUBSCRIBED, _A.UNSUBSCRIBE): _S.UNSUBSCRIBED,
    (_S.UNSUBSCRIBED, _A.RESUBSCRIBE): _S.PENDING,
}

_WAYS_OUT = {
    _S.PENDING: "it waits for its confirmation",
    _S.PAUSED: "resume it instead",
    _S.UNSUBSCRIBED: "if the reader asked to come back: digest subscriber add … --again REASON",
}


def state_after(state: SubscriptionState, action: Action, *, who: str = "") -> SubscriptionState:
    """The state that follows. Raises UsageError if the action is not possible; `who` names the subscription."""
    after = RULES.get((state, action))
    if after is None:
        raise UsageError(f"cannot {action} a subscription that is {state}", where=who, mend=_WAYS_OUT.get(state, ""))
    return after


def may_lift(person: Subscriber, removed: str) -> None:
    """Raises UsageError unless the operator may let mail go to this person's address again."""
    if person.address_state is not AddressState.SUPPRESSED:
        raise UsageError("this address is not suppressed", where=person.email)
    if person.address_reason == removed:
        mend = "if the reader asked to come back: digest subscriber add … --again REASON"
        raise UsageError(f"this address was {removed}", where=person.email, mend=mend)
