"""Whether all is well, for monitors: the database, the passes, the mails that should have gone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from digest.errors import DigestError
from digest.model.report import ReportKind
from digest.pipeline.services import Services
from digest.store import leader, schema, vitals
from digest.store.vitals import LastPass, Place

#: The role of the process that runs the passes.
SERVE = "serve"


@dataclass(frozen=True, slots=True)
class Health:
    """What is not known since the database does not answer is None. `why` is for the operator, not for the web."""

    at: datetime
    database: bool
    schema: str
    schema_ok: bool
    last_pass: LastPass | None
    pass_ok: bool
    serving: bool
    overdue: int | None
    overdue_ok: bool
    why: str = ""

    @property
    def ok(self) -> bool:
        return self.database and self.schema_ok and self.pass_ok and self.overdue_ok

    @property
    def age(self) -> float | None:
        """Seconds since the last pass ended."""
        return (self.at - self.last_pass.ended_at).total_seconds() if self.last_pass else None


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is of what. `settled` and `reported` count from when this process began to."""

    subscriptions: list[tuple[str, str, int]]  # publication, state, number
    deliveries: dict[str, int]
    settled: dict[str, int]
    reported: dict[str, int]
    articles: int
    sources: dict[str, int]
    failing: int


class Tally:
    """What became of mails since this process began to count: it only ever grows, whatever is deleted meanwhile."""

    def __init__(self) -> None:
        self._place: Place | None = None
        self._settled: Counter[str] = Counter()
        self._reported: Counter[str] = Counter({str(kind): 0 for kind in ReportKind})

    def figures(self, services: Services) -> Figures:
        """Not for two threads at once."""
        with services.database.read() as connection:
            until = vitals.place(connection)
            since = self._place or until
            self._settled.update(vitals.settled(connection, since, until))
            self._reported.update(vitals.reported(connection, since, until))
            self._place = until
            sources, failing = vitals.sources(connection)
            return Figures(
                subscriptions=vitals.subscriptions(connection),
                deliveries=vitals.deliveries(connection),
                settled=dict(self._settled),
                reported=dict(self._reported),
                articles=vitals.articles(connection),
                sources=sources,
                failing=failing,
            )


def health(services: Services) -> Health:
    """Never raises: that something is wrong is its answer."""
    now, limits = services.clock(), services.settings.health
    serving = leader.is_led(services.home.folder, SERVE)
    try:
        found = schema.status(services.database)
        if not found.ok:
            return _unusable(now, serving, database=found.current is not None, schema=found.current or "")
        with services.database.read() as connection:
            last = vitals.last_pass(connection)
            late = vitals.overdue(connection, now - timedelta(minutes=limits.late_minutes))
    except (DigestError, OSError) as error:
        return _unusable(now, serving, why=str(error))
    oldest = now - timedelta(minutes=limits.pass_minutes)
    return Health(
        at=now,
        database=True,
        schema=found.current or "",
        schema_ok=True,
        last_pass=last,
        pass_ok=not limits.pass_minutes or (last is not None and last.ended_at >= oldest),
        serving=serving,
        overdue=late,
        overdue_ok=not limits.late_minutes or not late,
    )


def facts(found: Health) -> dict[str, Any]:
    """As monitors and `digest health --json` have it."""
    last = found.last_pass
    return {
        "ok": found.ok,
        "database": {"ok": found.database},
        "schema": {"ok": found.schema_ok, "version": found.schema},
        "pass": {
            "ok": found.pass_ok,
            "ended_at": last.ended_at.strftime("%Y-%m-%dT%H:%M:%SZ") if last else None,
            "seconds_ago": round(found.age) if found.age is not None else None,
            "failed_stages": last.failed if last else None,
        },
        "serving": found.serving,
        "deliveries": {"ok": found.overdue_ok, "overdue": found.overdue},
    }


def _unusable(now: datetime, serving: bool, *, database: bool = False, schema: str = "", why: str = "") -> Health:
    return Health(now, database, schema, False, None, False, serving, None, False, why)


def record_pass(services: Services, began: datetime, failed: int) -> None:
    """It is over. Raises DigestError."""
    with services.database.write() as connection:
        vitals.record_pass(connection, LastPass(began, services.clock(), failed))
