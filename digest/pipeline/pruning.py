"""What is older than it is to be kept goes: a little at a time, so that others can write in between.

It can be broken off at any moment, and goes on where it was the next time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from digest.errors import Busy
from digest.pipeline import group
from digest.pipeline.services import Services
from digest.store import counters, leader, publications, windows
from digest.store.retention import articles, deliveries, editions, records
from digest.store.retention.kinds import Amount, Kind
from digest.store.stories import Connection

#: Seconds that one transaction aims at, and may at most take before the next one is made smaller.
_AIM, _MOST = 0.1, 0.25
_FEWEST, _FIRST, _LARGEST = 20, 200, 2000
#: Seconds that the pass of `run` and `serve` may spend on it, once a day or until all is done.
PASS_SECONDS = 20.0
WEBLOG = "weblog"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One kind of what is kept: for so many days, 0 for ever. `until` is when the youngest that goes was there."""

    name: str
    days: int
    until: datetime | None
    parts: tuple[Kind, ...] = ()


@dataclass
class PruneReport:
    """`done`: nothing is left that is too old. `free`: bytes of the database's file that are of no use now."""

    gone: dict[str, Amount] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    done: bool = True
    free: int = 0

    @property
    def something(self) -> dict[str, Amount]:
        """The kinds of which something went."""
        return {name: amount for name, amount in self.gone.items() if amount.rows}

    @property
    def total(self) -> Amount:
        return sum(self.gone.values(), Amount())


def prune(
    services: Services,
    what: Sequence[Wanted] | None = None,
    *,
    seconds: float | None = None,
    stop: threading.Event | None = None,
) -> PruneReport:
    """Delete what is too old by the settings, or `what` is named; `seconds`: no longer than that.

    Raises Busy while another process is at it.
    """
    stop = stop or threading.Event()
    end = time.monotonic() + seconds if seconds is not None else None
    report, now = PruneReport(), services.clock()
    with leader.lead(services.database, services.home.folder, "prune", now):
        for wanted in what if what is not None else kinds(services, now):
            report.days[wanted.name] = wanted.days
            report.gone[wanted.name] = Amount()
            for part in wanted.parts:
                amount, done = _prune(services, wanted.name, part, end, stop)
                report.gone[wanted.name] += amount
                report.done = report.done and done
            if wanted.name == WEBLOG and wanted.until is not None:
                report.gone[WEBLOG] += _delete_logs(services, wanted.until)
    report.free = services.database.free()
    return report


def preview(services: Services) -> PruneReport:
    """What would go. Changes nothing, and waits for nobody."""
    report = PruneReport(done=False)
    for wanted in kinds(services, services.clock()):
        report.days[wanted.name] = wanted.days
        report.gone[wanted.name] = sum((_measured(services, part) for part in wanted.parts), Amount())
        if wanted.name == WEBLOG and wanted.until is not None:
            sizes = [path.stat().st_size for path in _old_logs(services, wanted.until)]
            report.gone[WEBLOG] = Amount(len(sizes), sum(sizes))
    report.free = services.database.free()
    return report


def daily(services: Services, stop: threading.Event) -> PruneReport | None:
    """Once a day, as long as a pass may take for it; what is left goes with the next pass. None: nothing to do.

    Where somebody else is at it just now, there is nothing to do either.
    """
    today = services.clock().date().toordinal()
    with services.database.read() as connection:
        if counters.last(connection, counters.PRUNED) >= today:
            return None
    try:
        report = prune(services, seconds=PASS_SECONDS, stop=stop)
    except Busy:
        return None
    if report.done:
        with services.database.write() as connection:
            counters.advance(connection, counters.PRUNED, today)
    return report


# --- what, and how long ---------------------------------------------------------------------------


def kinds(services: Services, now: datetime) -> list[Wanted]:
    """In the order in which they go: what others point to goes last."""
    keep = services.settings.keep

    def wanted(name: str, days: int, *parts: type[Any]) -> Wanted:
        until = now - timedelta(days=days) if days else None
        return Wanted(name, days, until, tuple(part(until, now) for part in parts) if until else ())

    return [
        wanted("deliveries", keep.deliveries, deliveries.Deliveries, deliveries.Skips, deliveries.Singles),
        wanted("editions", keep.editions, editions.Editions),
        _articles(services, keep.articles, now),
        Wanted("traces", 0, None, (editions.Traces(now, now),)),
        wanted("bounces", keep.bounces, records.Reports),
        wanted("consents", keep.consents, records.Consents, records.ConsentTexts),
        wanted("origins", keep.origins, records.Origins),
        wanted("answers", keep.answers, records.Answers),
        wanted(WEBLOG, keep.weblog),
    ]


def _articles(services: Services, days: int, now: datetime) -> Wanted:
    """None that a reader may still be owed, however short they are to be kept."""
    if not days:
        return Wanted("articles", 0, None)
    with services.database.read() as connection:
        caught_up = max((p.catch_up_days for p in publications.listing(connection)), default=0)
        until = now - timedelta(days=max(days, caught_up))
        number = windows.number_at(connection, until)
    reason = f"articles are kept for {days} days"
    parts = (articles.Articles(until, now, number, reason), articles.HeldBack(until, now, reason))
    return Wanted("articles", days, until, parts)


# --- a little at a time ---------------------------------------------------------------------------


def _prune(services: Services, name: str, part: Kind, end: float | None, stop: threading.Event) -> tuple[Amount, bool]:
    """What went, and whether all of it did."""
    total, after, size = Amount(), None, _FIRST
    while True:
        with services.database.read() as connection:
            found = part.found(connection, after, size)
        took = 0.0
        if found.names:
            amount, took = _delete(services, part, found.names)
            total += amount
            services.progress(f"deleting old {name}", total.rows, 0)
        if found.after is None:
            return total, True
        if stop.is_set() or (end is not None and time.monotonic() >= end):
            return total, False
        after = found.after
        size = _next_size(size, took)
        if took:
            stop.wait(took)  # as long as others had to wait they now have their turn


def _next_size(size: int, took: float) -> int:
    if took > _MOST:
        return max(_FEWEST, size // 2)
    return min(_LARGEST, size * 2) if took < _AIM else size


def _delete(services: Services, part: Kind, names: Sequence[Any]) -> tuple[Amount, float]:
    """One transaction: what went, and for how many seconds nobody else could write."""
    with _guarded(services, part) as before, services.database.write() as connection:
        began = time.monotonic()
        amount = part.delete(connection, before(connection, names))
    return amount, time.monotonic() - began


@contextmanager
def _guarded(services: Services, part: Kind) -> Iterator[Any]:
    """Stories go only while nobody groups; the rest goes at any time."""
    if not isinstance(part, articles.Articles):
        yield lambda _, names: names
        return
    with group.forgetting(services, wait_seconds=60) as forget:

        def before(connection: Connection, names: Sequence[int]) -> Sequence[int]:
            still = part.still(connection, names)
            forget(connection, articles.articles_of(connection, still))
            return still

        yield before


def _measured(services: Services, part: Kind) -> Amount:
    total, after = Amount(), None
    while True:
        with services.database.read() as connection:
            found = part.found(connection, after, _LARGEST)
            if found.names:
                total += part.measure(connection, found.names)
        if found.after is None:
            return total
        after = found.after


# --- files ----------------------------------------------------------------------------------------


def _old_logs(services: Services, until: datetime) -> list[Path]:
    """The day files of the web part whose day was over by then."""
    found = []
    for path in sorted((services.home.folder / WEBLOG).glob("*.log")):
        try:
            day = date.fromisoformat(path.stem)
        except ValueError:
            continue  # not one of ours
        if day < until.date():
            found.append(path)
    return found


def _delete_logs(services: Services, until: datetime) -> Amount:
    total = Amount()
    for path in _old_logs(services, until):
        size = path.stat().st_size
        path.unlink(missing_ok=True)
        total += Amount(1, size)
    return total
