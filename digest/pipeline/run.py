"""One pass: fetch, group, cut and plan what is due, deliver. Every stage can be run again by itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from digest.deliver.send import Summary
from digest.errors import DigestError
from digest.pipeline import calendar, deliver, group, ingest, publish
from digest.pipeline.services import Services


@dataclass
class PassReport:
    """What one pass did. A stage that failed is named, and the others were done all the same."""

    fetched: ingest.FetchReport = field(default_factory=ingest.FetchReport)
    grouped: group.GroupReport = field(default_factory=group.GroupReport)
    decided: list[calendar.Decided] = field(default_factory=list)
    planned: list[publish.PlanReport] = field(default_factory=list)
    sent: Summary = field(default_factory=Summary)
    failed: dict[str, DigestError] = field(default_factory=dict)


def run(services: Services, stop: threading.Event | None = None) -> PassReport:
    """Stops between stages when asked to; what is left is done by the next pass."""
    stop = stop or threading.Event()
    report = PassReport()

    def fetch() -> None:
        report.fetched = ingest.fetch(services)

    def regroup() -> None:
        report.grouped = group.group(services)

    def plan() -> None:
        report.decided = calendar.cut_due_editions(services)
        report.planned = publish.plan_open_editions(services)
        report.failed |= {f"edition {r.edition}": r.error for r in report.planned if r.error is not None}

    def send() -> None:
        report.sent = deliver.deliver(services, stop)

    for name, stage in (("fetch", fetch), ("group", regroup), ("publish", plan), ("deliver", send)):
        if stop.is_set():
            break
        try:
            stage()
        except DigestError as error:
            report.failed[name] = error
    return report
