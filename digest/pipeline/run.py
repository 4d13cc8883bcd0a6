"""One pass: fetch, group, hear what came back and what readers ask for, cut and plan what is due, deliver.

Once a day what is too old is deleted.

Every stage can be run again by itself.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from digest.deliver.send import Summary
from digest.errors import DigestError
from digest.pipeline import (
    approving,
    bounces,
    calendar,
    deliver,
    expiry,
    fetching,
    group,
    inbox,
    pauses,
    pruning,
    publish,
    vitals,
)
from digest.pipeline.faults import unexpected
from digest.pipeline.plan_batch import PlanReport
from digest.pipeline.services import Services
from digest.store.approvals import Waiting


@dataclass
class PassReport:
    """What one pass did. A stage that failed is named, and the others were done all the same."""

    fetched: fetching.FetchReport = field(default_factory=fetching.FetchReport)
    grouped: group.GroupReport = field(default_factory=group.GroupReport)
    incoming: inbox.IntakeReport = field(default_factory=inbox.IntakeReport)
    resumed: int = 0  # subscriptions whose pause ended
    expired: int = 0  # subscriptions that nobody confirmed
    decided: list[calendar.Decided] = field(default_factory=list)
    planned: list[PlanReport] = field(default_factory=list)
    lapsed: list[approving.Lapsed] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)  # for the operator's approval, when it was over
    sent: Summary = field(default_factory=Summary)
    pruned: pruning.PruneReport = field(default_factory=pruning.PruneReport)
    failed: dict[str, DigestError] = field(default_factory=dict)


def run(services: Services, stop: threading.Event | None = None) -> PassReport:
    """Stops between stages when asked to; what is left, or failed, is done by the next pass."""
    stop = stop or threading.Event()
    report, began = PassReport(), services.clock()

    def fetch() -> None:
        report.fetched = fetching.fetch(services)

    def regroup() -> None:
        report.grouped = group.group(services)
        report.failed |= report.grouped.failed

    def hear() -> None:
        report.incoming.add(inbox.take_returned(services, stop))

    def cut() -> None:
        report.decided = calendar.cut_due_editions(services, report.failed)

    def plan() -> None:
        report.planned = publish.plan_open_editions(services)
        report.failed |= {f"edition {r.edition}": r.error for r in report.planned if r.error is not None}

    def send() -> None:
        report.sent = deliver.deliver(services, stop)

    def count() -> None:
        report.incoming.taken += bounces.count_refusals(services)

    # What came back is owed again, who unsubscribed is owed nothing, who is back something: all before it is looked up.
    stages = (
        ("fetch", fetch),
        ("group", regroup),
        ("bounces", hear),
        ("commands", partial(_obey, services, report, stop)),
        ("pauses", partial(_resume, services, report)),
        ("cut", cut),
        ("publish", plan),
        ("approve", partial(_see_to_approval, services, report)),
        ("deliver", send),
        ("refusals", count),
        ("prune", partial(_delete_old, services, report, stop)),
        ("expiry", partial(_expire, services, report)),
    )
    for name, stage in stages:
        if stop.is_set():
            break
        try:
            stage()
        except DigestError as error:
            report.failed[name] = error
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the other stages
            report.failed[name] = unexpected(services, error, name)
    _record(services, report, began)
    return report


def _obey(services: Services, report: PassReport, stop: threading.Event) -> None:
    report.incoming.add(inbox.take_commands(services, stop))


def _delete_old(services: Services, report: PassReport, stop: threading.Event) -> None:
    report.pruned = pruning.daily(services, stop) or report.pruned


def _record(services: Services, report: PassReport, began: datetime) -> None:
    try:
        vitals.record_pass(services, began, len(report.failed))
    except DigestError as error:
        report.failed["pass"] = error


def _resume(services: Services, report: PassReport) -> None:
    report.resumed = pauses.resume_due(services)


def _expire(services: Services, report: PassReport) -> None:
    report.expired = expiry.expire(services, at_most=expiry.AT_MOST)


def _see_to_approval(services: Services, report: PassReport) -> None:
    report.lapsed = approving.lapse(services)
    report.waiting = approving.waiting(services)
