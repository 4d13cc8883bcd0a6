"""Editions that wait until the operator has looked at them: approve, reject, or time runs out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.deliver import approval, headers
from digest.deliver.retry import give_up_at
from digest.deliver.slots import next_slot
from digest.errors import UsageError
from digest.model.edition import Approval, Edition, EditionKind, EditionState
from digest.model.publication import Publication
from digest.pipeline.services import Services
from digest.store import approvals, editions, publications
from digest.store.approvals import Waiting
from digest.store.stories import Connection

_LONGEST_REASON = 200
_NEXT = "its news goes into the next edition"


@dataclass(frozen=True, slots=True)
class Answered:
    """What was said of an edition. `zones`: where it was still waiting; none: it was said before. `mails` of those.

    `overtaken`: it had no mail left, since a later edition has its news.
    """

    name: str
    zones: tuple[str, ...]
    mails: int
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Lapsed:
    """An edition that waits no longer though nobody said anything. `goes`: so many `mails` go out."""

    edition: Edition
    goes: bool
    reason: str
    mails: int


def waiting(services: Services) -> list[Waiting]:
    """The editions that wait and have mails to send."""
    with services.database.read() as connection:
        return [found for found in approvals.waiting(connection) if found.left]


def approve(services: Services, name: str) -> Answered:
    """Let an edition go, in every zone that waits, or in the one that is named. Raises UsageError."""
    now, mails = services.clock(), 0
    with services.database.write() as connection:
        found = editions.in_zones(connection, name)
        open_ = [e for e in found if _waits(e)]
        if not open_:
            _refuse(found, name, Approval.APPROVED)
        for edition in open_:
            approvals.answer(connection, edition.id, Approval.APPROVED, now, "")
            mails += _let_go(connection, publications.of_edition(connection, edition.id), edition, now)
    return Answered(name, tuple(e.zone for e in open_), mails)


def reject(services: Services, name: str, reason: str = "") -> Answered:
    """Cancel an edition that waits: the next one has its news. Raises UsageError."""
    now, mails = services.clock(), 0
    why = " ".join(reason.split())[:_LONGEST_REASON]
    with services.database.write() as connection:
        found = editions.in_zones(connection, name)
        open_ = [e for e in found if _waits(e)]
        if not open_:
            _refuse(found, name, Approval.REJECTED)
        for edition in open_:
            approvals.answer(connection, edition.id, Approval.REJECTED, now, why)
            mails += approvals.stop(connection, edition.id, now, f"the edition was rejected{f': {why}' if why else ''}")
        overtaken = not mails and any(approvals.overtaken(connection, edition.id) for edition in open_)
    return Answered(name, tuple(e.zone for e in open_), mails, overtaken)


def _waits(edition: Edition) -> bool:
    return edition.approval is Approval.WAITING and edition.state is not EditionState.CANCELLED


def _refuse(found: Sequence[Edition], name: str, wanted: Approval) -> None:
    """What was said before can be said again. Anything else cannot be said any more: raises UsageError."""
    said = next((e for e in found if e.approval is not wanted or e.state is EditionState.CANCELLED), None)
    if said is None or (wanted is Approval.REJECTED and said.approval is wanted):
        return
    verb = "approve" if wanted is Approval.APPROVED else "reject"
    cancel = f"to stop what has not gone out yet: digest delivery cancel {name}"
    gone = said.state is EditionState.CANCELLED
    if said.approval is Approval.NONE:
        mend = f"editions of it wait with: digest publication edit {said.publication} --approve-within HOURS"
        raise UsageError(f"cannot {verb} an edition that waits for nobody", where=name, mend=mend)
    why = f": {said.approval_reason}" if said.approval_reason else ""
    if said.approval is Approval.REJECTED or gone:
        was = {Approval.REJECTED: "rejected", Approval.LAPSED: "dropped"}.get(said.approval, "cancelled")
        raise UsageError(f"cannot {verb} an edition that was {was}{why}", where=name, mend=_NEXT)
    what = "was approved" if said.approval is Approval.APPROVED else "waits no longer"
    raise UsageError(f"cannot {verb} an edition that {what}{why}", where=name, mend=cancel)


def lapse(services: Services) -> list[Lapsed]:
    """See to the editions whose time is up, or for which nobody is left."""
    now = services.clock()
    with services.database.read() as connection:
        if not editions.waiting(connection):
            return []
    lapsed = []
    with services.database.write() as connection:
        for found in approvals.waiting(connection):
            edition, publication = found.edition, found.publication
            end = approval.lapse(edition, publication.unapproved, now, left=found.left, had=found.had)
            if end is None:
                continue
            approvals.answer(connection, edition.id, Approval.LAPSED, now, end.reason)
            if end.goes:
                mails = _let_go(connection, publication, edition, now)
            else:
                mails = approvals.stop(connection, edition.id, now, f"the edition was dropped: {end.reason}")
            lapsed.append(Lapsed(edition, end.goes, end.reason, mails))
    return lapsed


def _let_go(connection: Connection, publication: Publication, edition: Edition, now: datetime) -> int:
    cadence = next((c for c in publication.cadences if c.name == edition.cadence), None)
    slot = edition.kind is EditionKind.SLOT and cadence is not None
    following = next_slot(cadence, edition.zone, now).instant if slot and cadence else None
    return approvals.let_go(connection, edition.id, now, headers.date(now), give_up_at(now, following))
