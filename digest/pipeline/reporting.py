"""The report of an edition's delivery, from what the store has counted."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from digest.deliver.reasons import general
from digest.model.delivery import DeliveryState
from digest.model.delivery_report import Cell, DeliveryReport, Domain, Reason
from digest.pipeline.services import Services
from digest.store import aftermath, delivery_reports, editions, traces

_S = DeliveryState
_MOST_TROUBLED, _MOST_SLOW = 10, 5
#: States in which a mail needs no reason.
_PLAIN = (_S.SENT, _S.PLANNED, _S.CLAIMED, _S.COMMITTING)


def report(services: Services, edition: str) -> DeliveryReport:
    """Of an edition by its id, or by its name in all its zones or in one. Raises NotFound."""
    with services.database.read() as connection:
        found = editions.in_zones(connection, edition)
        ids = [e.id for e in found]
        cells = delivery_reports.cells(connection, ids)
        total = sum(cell.mails for cell in cells if cell.state is _S.SENT)
        places = [max(1, math.ceil(part * total)) for part in (0, 0.5, 0.95, 1)]
        at = delivery_reports.sent_at(connection, ids, places)
        first, half, most, last = (at.get(place) for place in places)
        deleted = traces.counts(connection, *ids)
        back, left_out = aftermath.of_editions(connection, ids), editions.skips(connection, *ids)
    states: Counter[DeliveryState] = Counter()
    tries: Counter[int] = Counter()
    for cell in cells:
        states[cell.state] += cell.mails
        if cell.tries:
            tries[cell.tries] += cell.mails
    for state, number in deleted.items():  # all that is known of these
        states[DeliveryState(state)] += number
    domains = by_domain(cells)
    return DeliveryReport(
        editions=tuple(found),
        states=states,
        reasons=reasons(cells),
        first_sent=first,
        last_sent=last,
        half_sent=half,
        most_sent=most,
        tries=dict(sorted(tries.items())),
        back=back,
        left_out=left_out,
        domains=len(domains),
        troubled=_troubled(domains),
        slowest=_slowest(domains),
    )


def reasons(cells: Iterable[Cell]) -> tuple[Reason, ...]:
    """Why mails are in their states; reasons that differ only in what is one recipient's own are one."""
    groups: dict[tuple[DeliveryState, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.state not in _PLAIN or (cell.reason and cell.state is not _S.SENT):
            groups[cell.state, general(cell.reason)].append(cell)
    made = [
        Reason(
            state,
            reason,
            sum(cell.mails for cell in members),
            min((cell.first for cell in members if cell.first), default=None),
            max((cell.last for cell in members if cell.last), default=None),
        )
        for (state, reason), members in groups.items()
    ]
    order = list(DeliveryState)
    return tuple(sorted(made, key=lambda r: (order.index(r.state), -r.mails, r.reason)))


def by_domain(cells: Iterable[Cell]) -> list[Domain]:
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.domain].append(cell)
    return [_domain(name, members) for name, members in groups.items()]


def _domain(name: str, cells: Sequence[Cell]) -> Domain:
    states: Counter[DeliveryState] = Counter()
    for cell in cells:
        states[cell.state] += cell.mails
    return Domain(
        name=name,
        mails=sum(cell.mails for cell in cells),
        sent=states[_S.SENT],
        deferred=states[_S.DEFERRED],
        failed=states[_S.FAILED],
        uncertain=states[_S.UNCERTAIN],
        bounced=sum(cell.bounced for cell in cells),
        tries=sum(cell.tries * cell.mails for cell in cells),
        retried=sum(cell.mails for cell in cells if cell.tries > 1),
        last_sent=max((cell.settled for cell in cells if cell.state is _S.SENT and cell.settled), default=None),
    )


def _troubled(domains: Iterable[Domain]) -> tuple[Domain, ...]:
    found = sorted((d for d in domains if d.trouble), key=lambda d: (-d.trouble, d.name))
    return tuple(found[:_MOST_TROUBLED])


def _slowest(domains: Iterable[Domain]) -> tuple[Domain, ...]:
    """Those that took their last mail latest, of those that needed a second try for any."""

    def lateness(domain: Domain) -> tuple[datetime, str]:
        assert domain.last_sent is not None
        return domain.last_sent, domain.name

    found = sorted((d for d in domains if d.retried and d.last_sent), key=lateness, reverse=True)
    return tuple(found[:_MOST_SLOW])
