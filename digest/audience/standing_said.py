"""What a reader has got of a publication, and why no more, edition by edition. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from digest.audience.finding_said import standing
from digest.audience.mail_said import deleted, of_mail, when
from digest.model.delivery import DeliveryState
from digest.model.edition import Approval, Edition, EditionKind, EditionState
from digest.model.explanation import AddressChange, Change, Mail, Part, Standing
from digest.model.subscription import AddressState, SubscriptionState

_BY_OPERATOR = "the operator cancelled the edition"
_C = TypeVar("_C", Change, AddressChange)
_SKIPPED = {
    "nothing new": "there was nothing new for this reader",
    "too soon after a change of schedule": (
        "it came too soon after the one before, since the reader had changed the cadence or the time zone;"
        " its news goes into the next one"
    ),
    "a newer edition covers it": "a newer edition was made before it could be, and has its news",
    "an unusable address": "no mail can be addressed to this address",
}


def of_part(part: Part, known: Standing) -> str:
    """What became of one edition for the reader, in a sentence."""
    zone = known.reader.subscription.zone
    if part.mail is not None:
        nothing = " It says that there is nothing new." if part.mail.nothing else ""
        return below(part.mail, zone) + nothing
    if part.skipped is not None:
        return f"No mail: {_SKIPPED.get(part.skipped.reason, part.skipped.reason)}."
    if part.edition.deleted_at is not None:
        said = deleted(part.edition, zone)
        return f"Whether there was a mail is not known any more: {said}."
    return f"No mail: {_neither(part, known)}."


def _neither(part: Part, known: Standing) -> str:
    """Neither a delivery nor a reason for none is on record."""
    edition, subscription = part.edition, known.reader.subscription
    zone = subscription.zone
    was = state_at(known.history, edition.due)
    if was is None and known.history and known.history[0].state is SubscriptionState.UNSUBSCRIBED:
        return "what the subscription was then is not on record any more"  # none begins so: the rest was deleted
    if was is None:
        return f"the subscription began later, on {when(known.history[0].at if known.history else None, zone)}"
    if was.state is not SubscriptionState.ACTIVE:
        reason = f": {was.reason}" if was.reason else ""
        return f"the subscription was {was.state} then (since {when(was.at, zone)}{reason})"
    address = state_at(known.address, edition.due)
    if address is not None and address.state == AddressState.SUPPRESSED:
        return f"the address was suppressed then (since {when(address.at, zone)}: {address.reason})"
    if subscription.subscriber.address_state != "ok":
        return standing(known.reader)
    if edition.state is EditionState.CANCELLED:
        return _cancelled(edition)
    if edition.state is EditionState.PAUSED:
        return "the operator paused the edition"
    changed = subscription.schedule_changed_at
    if edition.kind is EditionKind.SLOT and changed is not None and changed > edition.due:
        return f"the reader had another cadence or time zone then, until {when(changed, zone)}"
    stopped = next((c for c in known.history if c.at > edition.due), None)
    if stopped is not None:
        return f"the subscription was {stopped.state} on {when(stopped.at, zone)}, before the mail was made"
    if edition.state is EditionState.PLANNING:
        return _planning(known)
    return "the reader was not among its readers when it was made"


def _cancelled(edition: Edition) -> str:
    why = f": {edition.approval_reason}" if edition.approval_reason else ""
    if edition.approval is Approval.LAPSED:
        return "the edition was dropped, since nobody approved it in time"
    return f"the operator rejected the edition{why}" if edition.approval is Approval.REJECTED else _BY_OPERATOR


def _planning(known: Standing) -> str:
    leaving = (DeliveryState.CLAIMED, DeliveryState.COMMITTING, DeliveryState.UNCERTAIN)
    earlier = next((p.mail for p in known.parts if p.mail and p.mail.delivery.state in leaving), None)
    if earlier is not None:
        return f"it waits until {earlier.name} is settled, which {of_mail(earlier, known.reader.subscription.zone)}"
    return "it is not made yet; the next run does that"


def state_at(history: Sequence[_C], moment: datetime) -> _C | None:
    """The state that the subscription or its address was in; None before there was one."""
    earlier = [change for change in history if change.at <= moment]
    return earlier[-1] if earlier else None


def of_next(known: Standing) -> str:
    """When the reader gets the next mail, or why none, in a sentence."""
    reader = known.reader
    subscription, name, zone = reader.subscription, reader.publication.name, reader.subscription.zone
    if subscription.state is not SubscriptionState.ACTIVE or subscription.subscriber.address_state != "ok":
        return f"No edition comes: {standing(reader)}."
    if reader.removed:
        return "No edition comes: the publication was removed."
    if reader.publication.paused:
        return f"No edition comes while {name} is paused (digest publication resume {name})."
    if reader.next_due is None:
        return f"No edition comes: {name} has no cadence {subscription.cadence!r} any more (digest subscriber edit)."
    if known.late is not None:
        return f"The edition of {when(known.late, zone)} is due and not made yet: the next run (digest run) does that."
    if known.too_soon:
        return (
            f"The next edition, on {when(reader.next_due, zone)}, comes too soon after the last one, since the cadence"
            " or the time zone was changed: its news comes with the one after."
        )
    stories = "1 story waits" if known.waiting == 1 else f"{known.waiting} stories wait"
    waits = f"{stories} for it" if known.waiting else "nothing is new for it so far"
    return f"The next edition is due on {when(reader.next_due, zone)}; {waits}."


def of_state(known: Standing) -> str:
    """`Active since …`."""
    return _sentence(standing(known.reader).removeprefix("the subscription is "))


def below(mail: Mail, zone: str) -> str:
    """What became of a mail, below its name."""
    return _sentence(of_mail(mail, zone).removeprefix("was ").removeprefix("is "))


def _sentence(said: str) -> str:
    return f"{said[0].upper()}{said[1:]}."


_ADDRESS = {"suppressed": "was suppressed", "ok": "was mailed again", "moved": "was changed", "erased": "was erased"}


def of_past(known: Standing) -> list[str]:
    """Every state that it was in before this one, and what became of its address; the first one first."""
    subscription = known.reader.subscription
    zone = subscription.zone
    # Where the address bars all mail, that is what `of_state` says, and the newest state is told here.
    left_out = 1 if subscription.subscriber.address_state == AddressState.OK else 0
    said = [
        (c.at, f"before that, {when(c.at, zone)}: {c.state}{f', {c.reason}' if c.reason else ''}")
        for c in known.history[: len(known.history) - left_out]
    ]
    said += [(c.at, f"on {when(c.at, zone)} the address {_ADDRESS[c.state]}: {c.reason}") for c in known.address]
    return [line for _, line in sorted(said, key=lambda each: each[0])]
