"""What an SMTP reply means for a delivery, when to try again and when to give up.

Replies by RFC 5321 (4.2, 4.3.2, 4.5.3.1.10), RFC 3463 (enhanced codes), RFC 4954 (AUTH) and
RFC 7504 (521, 556). The guiding rule: a delivery fails only for what is wrong with this recipient
or this message. A refusal that would hit every reader alike concerns the relay or our settings, and
one wrong setting must not fail a whole list: such a delivery waits.
"""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.deliver.ledger import Claimed
from digest.model.delivery import DeliveryState, Outcome


class Stage(enum.StrEnum):
    """What the reply answers. `data` is the command and the text after it, `dot` the end of the text."""

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` is what to settle the delivery in; None: all is well, go on with the next command.

    `reason` is one short line. With `closes_session` the connection is of no more use.
    `relay_trouble`: every delivery through this relay would meet the same; do not try others now.
    """

    state: DeliveryState | None
    reason: str = ""
    closes_session: bool = False
    relay_trouble: bool = False


_ACCEPTED, _GO_ON = Verdict(DeliveryState.SENT), Verdict(None)
_BEFORE_MESSAGE = frozenset({Stage.CONNECT, Stage.EHLO, Stage.STARTTLS, Stage.AUTH})
_AUTH_CODES = frozenset({530, 534, 535, 538})  # RFC 4954, 6
_PROTOCOL_CODES = frozenset({500, 502, 503, 504})  # the command itself was refused, or its order

_WORDS = {
    "1.1": "no such mailbox",
    "1.2": "no such mail domain",
    "1.3": "the address is malformed",
    "1.6": "the mailbox has moved",
    "1.8": "the sender's domain does not exist",
    "1.10": "the domain accepts no mail",
    "2.0": "the mailbox is not available",
    "2.1": "the mailbox is disabled",
    "2.2": "the mailbox is full",
    "2.3": "the message is too large for the mailbox",
    "3.2": "the server is not accepting mail",
    "3.4": "the message is too large",
    "4.1": "no answer from the recipient's server",
    "4.2": "the connection was bad",
    "4.4": "the mail cannot be routed",
    "4.5": "the server is congested",
    "4.6": "the mail goes round in a loop",
    "4.7": "the mail was too long on its way",
    "5.3": "too many recipients",
    "6.7": "the server cannot take an international address",
    "7.0": "refused for a security reason",
    "7.1": "refused by policy",
    "7.8": "the login was refused",
    "7.20": "the DKIM signature did not pass",
    "7.23": "SPF did not pass",
    "7.26": "authentication of the mail did not pass",
}  # by the last two parts of the enhanced code: RFC 3463 and IANA's registry of enhanced status codes

_STAGE_WORDS = {
    Stage.CONNECT: "the connection was refused",
    Stage.EHLO: "the greeting was refused",
    Stage.STARTTLS: "TLS was refused",
    Stage.AUTH: "the login was refused",
    Stage.MAIL: "the sender was refused",
    Stage.RCPT: "the recipient was refused",
    Stage.DATA: "the message was refused",
    Stage.DOT: "the message was refused",
}


def classify(code: int, enhanced: str, text: str, stage: str) -> Verdict:
    """What a reply means. `code` 0 or less: the connection was lost, or the time-out passed, instead.

    `enhanced` is the RFC 3463 code or "" (then it is looked for in `text`); `stage` a Stage. After
    the final dot a lost connection or a reply that is none leaves it open whether the relay took
    the message (RFC 1047): `uncertain`. Raises ValueError for an unknown stage.
    """
    at = Stage(stage)
    if code <= 0:
        return _broken(at, f"the connection was lost ({at})")
    if code == 421:
        return Verdict(DeliveryState.DEFERRED, _reason(code, enhanced, text, at), True, at in _BEFORE_MESSAGE)
    if _expected(code, at):
        return _ACCEPTED if at is Stage.DOT else _GO_ON
    if 400 <= code < 500:
        early = at in _BEFORE_MESSAGE
        return Verdict(DeliveryState.DEFERRED, _reason(code, enhanced, text, at), early, early)
    if 500 <= code < 600:
        return _refused(code, enhanced or _enhanced_in(text), text, at)
    return _broken(at, f"the server answered out of turn ({code} to {at})")


def _expected(code: int, at: Stage) -> bool:
    if at is Stage.DATA:
        return code == 354
    return 200 <= code < 300 or (at is Stage.AUTH and code == 334)


def _broken(at: Stage, reason: str) -> Verdict:
    state = DeliveryState.UNCERTAIN if at is Stage.DOT else DeliveryState.DEFERRED
    return Verdict(state, reason, closes_session=True, relay_trouble=at in _BEFORE_MESSAGE)


def _refused(code: int, enhanced: str, text: str, at: Stage) -> Verdict:
    reason = _reason(code, enhanced, text, at)
    if at in _BEFORE_MESSAGE or code in _AUTH_CODES or code == 521:
        return Verdict(DeliveryState.DEFERRED, reason, closes_session=True, relay_trouble=True)
    if code in _PROTOCOL_CODES and at is not Stage.DOT:
        return Verdict(DeliveryState.DEFERRED, reason, closes_session=True, relay_trouble=True)
    if at is Stage.MAIL and not _about_message(code, enhanced):
        return Verdict(DeliveryState.DEFERRED, reason, relay_trouble=True)
    if at is Stage.RCPT and code == 552 and not enhanced.startswith("5."):
        # RFC 5321, 4.5.3.1.10: an old way to say "too many recipients now"; treat as temporary.
        return Verdict(DeliveryState.DEFERRED, reason)
    return Verdict(DeliveryState.FAILED, reason)


def _about_message(code: int, enhanced: str) -> bool:
    """Whether a refusal of MAIL is about this message: its size, or an address that needs SMTPUTF8."""
    return code == 552 or enhanced in {"5.2.3", "5.3.4"} or enhanced.startswith("5.6.")


def _enhanced_in(text: str) -> str:
    found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})(?!\S)", text)
    return found.group(1) if found else ""


def _reason(code: int, enhanced: str, text: str, at: Stage, words: str = "") -> str:
    enhanced = enhanced or _enhanced_in(text)
    if not words and code < 500 and re.search(r"gr[ea]y.?list", text, re.IGNORECASE):
        words = "greylisted"
    words = words or _WORDS.get(enhanced.partition(".")[2]) or _STAGE_WORDS[at]
    return f"{words} ({' '.join(filter(None, (str(code), enhanced)))})"


_STEPS = (5, 10, 20, 40, 55)  # minutes
_SPREAD = 12 / 55  # so that the last step ends at 67 minutes


def backoff(attempts: int, key: str) -> timedelta:
    """How long to wait after the attempt number `attempts` (1 = the first): 5 to 67 minutes, growing.

    The spread keeps a thousand deliveries that were deferred together from coming back together.
    It is drawn from a hash of `key` and `attempts`, so that the same call gives the same answer.
    """
    step = _STEPS[min(max(attempts, 1), len(_STEPS)) - 1]
    seed = hashlib.sha256(f"{attempts}:{key}".encode()).digest()
    fraction = int.from_bytes(seed[:4], "big") / 2**32
    return timedelta(seconds=round(step * 60 * (1 + _SPREAD * fraction)))


def outcome_of(claimed: Claimed, verdict: Verdict, reply: str, now: datetime, wait: timedelta | None = None) -> Outcome:
    """What to write down. With `wait` it was not tried at all, and is to be after this time."""
    delivery, state, reason = claimed.delivery, verdict.state, verdict.reason
    assert state is not None
    if state is DeliveryState.DEFERRED and delivery.sent_before:
        # The first copy may have arrived, so this stays as open as it was, and bound to the same bytes.
        state = DeliveryState.UNCERTAIN
        if delivery.give_up_at is not None and delivery.give_up_at <= now:
            state, reason = DeliveryState.FAILED, f"gave up; an earlier attempt may have arrived; {reason}"
    retry_at = None
    if state in (DeliveryState.DEFERRED, DeliveryState.UNCERTAIN):
        retry_at = now + (backoff(delivery.attempts + 1, delivery.key) if wait is None else wait)
    return Outcome(delivery.id, claimed.epoch, state, reply, reason, retry_at, tried=wait is None)


def give_up_at(planned_at: datetime, next_slot: datetime | None) -> datetime:
    """When to stop trying: at the next edition, which covers the same news, in 4 to 24 hours.

    Not before 4 hours, since greylisting alone can take one or two; without a next slot 24 hours.
    """
    latest = planned_at + timedelta(hours=24)
    if next_slot is None:
        return latest
    return min(max(next_slot, planned_at + timedelta(hours=4)), latest)
