"""When: a tick every so often. Whether anything is due is decided from the database, by a pure function."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from digest.errors import DigestError
from digest.pipeline import vitals
from digest.pipeline.faults import unexpected
from digest.pipeline.run import PassReport, run
from digest.pipeline.services import Services
from digest.store import leader

#: Told of every pass that did something or failed.
Listener = Callable[[PassReport], None]


def serve(services: Services, *, on_pass: Listener, on_ready: Callable[[], None] = lambda: None) -> None:
    """Run a pass at every tick until SIGTERM or SIGINT; only one process per home does.

    A pass in progress ends at its next safe point. Whatever goes wrong in a pass is told of, and the next one tries
    again. Raises Busy where another process serves, and whatever `on_pass` raises: nobody would be told any more.
    """
    stop = threading.Event()
    broken: list[BaseException] = []

    def tick() -> None:
        try:
            on_pass(_pass(services, stop))
        except BaseException as error:  # noqa: BLE001 - it is raised again below, in the main thread
            broken.append(error)
            stop.set()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    with leader.lead(services.database, services.home.folder, vitals.SERVE, services.clock()):
        before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        # A tick that finds the last pass still at work is no news to anybody.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        scheduler = BackgroundScheduler(timezone="UTC")
        scheduler.add_job(
            tick,
            "interval",
            seconds=services.settings.schedule.tick_seconds,
            # The scheduler lives by the machine's clock, whatever clock decides what is due.
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        scheduler.start()
        on_ready()
        try:
            # In short waits, because a signal does not end a wait without a limit on every platform.
            while not stop.wait(0.5):
                pass
        finally:
            stop.set()
            scheduler.shutdown(wait=True)
            for number, handler in before.items():
                signal.signal(number, handler)
    if broken:
        raise broken[0]


def _pass(services: Services, stop: threading.Event) -> PassReport:
    report = PassReport()
    try:
        return run(services, stop)
    except DigestError as error:
        report.failed["pass"] = error
    except Exception as error:  # noqa: BLE001 - one pass that fails must not end all the others
        report.failed["pass"] = unexpected(services, error, "this pass")
    return report
