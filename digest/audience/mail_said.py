"""What became of a mail, in plain words that can be pasted into an answer. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from digest.model.delivery import Delivery, DeliveryState, Uncertain
from digest.model.edition import Approval, Edition
from digest.model.explanation import CameBack, Mail

_S = DeliveryState
_LONGEST = 200  # characters of a server's answer


def when(moment: datetime | None, zone: str) -> str:
    """`Mon 2 Mar 2026, 07:00`, on the reader's clock."""
    if moment is None:
        return "an unknown day"
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def of_mail(mail: Mail, zone: str) -> str:
    """`was sent on …`: what is said of a mail after its name."""
    found = mail.delivery
    said = {
        _S.PLANNED: _planned,
        _S.CLAIMED: _leaving,
        _S.COMMITTING: _leaving,
        _S.SENT: _sent,
        _S.DEFERRED: _deferred,
        _S.FAILED: _failed,
        _S.UNCERTAIN: _uncertain,
        _S.HELD: _held,
        _S.SUPPRESSED: _stopped,
        _S.EXPIRED: _stopped,
        _S.CANCELLED: _cancelled,
    }[found.state](mail, zone)
    return said + "".join(_came_back(back, mail, zone) for back in mail.came_back)


def _planned(mail: Mail, zone: str) -> str:
    if mail.edition is not None and mail.edition.approval is Approval.WAITING:
        made, until = when(mail.delivery.planned_at, zone), when(mail.edition.approve_by, zone)
        return f"was made on {made} and waits for the operator's approval, until {until}"
    reason = f" ({mail.delivery.reason})" if mail.delivery.reason else ""
    return f"was made on {when(mail.delivery.planned_at, zone)} and waits to be sent{reason}"


def _leaving(_mail: Mail, _zone: str) -> str:
    return "is being sent just now"


def _sent(mail: Mail, zone: str) -> str:
    found = mail.delivery
    on = when(found.settled_at or mail.at, zone)
    if mail.deleted_at is not None:
        return f"was sent on {on}; the record of it was deleted on {_old(mail.deleted_at, found.settled_at, zone)}"
    head = f"was sent on {on} to {found.address} with the Message-ID {found.message_id}{_after_tries(found)}"
    return head + (f"; the server answered {quoted(found.reply)}" if found.reply else "")


def _deferred(mail: Mail, zone: str) -> str:
    found = mail.delivery
    last = f"{found.reason or 'it was put off'} on {when(mail.at, zone)}{_answer(found)}"
    until = f", until {when(found.give_up_at, zone)}" if found.give_up_at else ""
    again = f"it is tried again on {when(found.next_attempt, zone)}{until}" if found.next_attempt else "it goes on"
    after = f" after {_tries(found)}" if found.attempts else ""
    return f"is not sent yet{after}: {last}; {again}"


def _failed(mail: Mail, zone: str) -> str:
    found = mail.delivery
    return f"was given up on {when(mail.at, zone)} after {_tries(found)}: {found.reason or 'refused'}{_answer(found)}"


def _uncertain(mail: Mail, zone: str) -> str:
    found = mail.delivery
    why = f" ({found.reason})" if found.reason else ""
    if found.uncertain is Uncertain.HOLD:
        return f"may have arrived on {when(mail.at, zone)}{why}, and counts as received until the operator decides"
    again = f" on {when(found.next_attempt, zone)}" if found.next_attempt else ""
    return f"may have arrived on {when(mail.at, zone)}{why}; the same mail, {found.message_id}, goes out again{again}"


def _held(mail: Mail, zone: str) -> str:
    found = mail.delivery
    if found.sent_before:
        return f"may have arrived, and counts as received until the operator decides ({found.reason})"
    return f"is held since {when(mail.at, zone)}: {found.reason}"


def _stopped(mail: Mail, zone: str) -> str:
    return f"was not sent: {mail.delivery.reason} (on {when(mail.at, zone)})"


def _cancelled(mail: Mail, zone: str) -> str:
    return f"was cancelled on {when(mail.at, zone)}: {mail.delivery.reason}"


def _came_back(back: CameBack, mail: Mail, zone: str) -> str:
    reason = f" ({back.reason})" if back.reason else ""
    if back.kind != "bounce":
        return f"; a complaint about it came on {when(back.at, zone)}{reason}"
    owed = "" if mail.counts else ", so its news is owed again"
    return f", but it bounced on {when(back.at, zone)}{reason}{owed}"


def _old(at: datetime, since: datetime | None, zone: str) -> str:
    """`3 Mar 2027, after 366 days`."""
    local = at.astimezone(ZoneInfo(zone))
    after = f", after {(at - since).days} days" if since is not None else ""
    return f"{local.day} {local:%b %Y}{after}"


def deleted(edition: Edition, zone: str) -> str:
    """What is said where an edition's records were deleted, and with them what became of a reader's mail."""
    assert edition.deleted_at is not None
    return f"the record of it was deleted on {_old(edition.deleted_at, edition.cut_at, zone)}"


def _after_tries(found: Delivery) -> str:
    return f" after {_tries(found)}" if found.attempts > 1 else ""


def _tries(found: Delivery) -> str:
    return "1 try" if found.attempts == 1 else f"{found.attempts} tries"


def _answer(found: Delivery) -> str:
    return f"; the server answered {quoted(found.reply)}" if found.reply else ""


def quoted(text: str) -> str:
    """A server's words on one line, no longer than need be."""
    plain = " ".join(text.split())
    return f"“{plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + '…'}”"
