"""What becomes of an edition that waits for the operator. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.edition import Edition, EditionState
from digest.model.publication import Publication, Unapproved

NOBODY = "there is no mail in it"
TAKEN_OVER = "nobody is left to send it to: a newer edition has its news, or its readers have left"
SENT = "nobody said anything in time, and it went out"
DROPPED = "nobody approved it in time"


@dataclass(frozen=True, slots=True)
class Lapse:
    """It waits no longer. `goes`: what is left of it goes out; else it is cancelled."""

    goes: bool
    reason: str


def approve_by(publication: Publication, cut_at: datetime) -> datetime | None:
    """Until when an edition of the publication waits; None where it waits for nobody."""
    return cut_at + timedelta(hours=publication.approval_hours) if publication.approval_hours else None


def lapse(edition: Edition, unapproved: Unapproved, now: datetime, *, left: int, had: bool) -> Lapse | None:
    """None: it goes on waiting. `left`: mails that may still go; `had`: there was a mail at all."""
    if edition.state is EditionState.CLOSED and not left:
        return Lapse(goes=True, reason=TAKEN_OVER if had else NOBODY)
    if edition.approve_by is not None and now < edition.approve_by:
        return None
    return Lapse(goes=True, reason=SENT) if unapproved is Unapproved.SEND else Lapse(goes=False, reason=DROPPED)
