"""What a check of a finished mail found."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path


class Level(enum.StrEnum):
    OK = "ok"
    WARN = "warn"  # some readers, or some filters, may take it amiss
    FAIL = "fail"  # it should not be sent so


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what there is, where, and how to mend it. `check` is its heading.

    `minor` is for those who want to know all of it.
    """

    level: Level
    check: str
    what: str
    where: str = ""
    mend: str = ""
    minor: bool = False


def ok(check: str, what: str, where: str = "", *, minor: bool = False) -> Finding:
    return Finding(Level.OK, check, what, where, minor=minor)


def warn(check: str, what: str, where: str = "", mend: str = "") -> Finding:
    return Finding(Level.WARN, check, what, where, mend)


def fail(check: str, what: str, where: str = "", mend: str = "") -> Finding:
    return Finding(Level.FAIL, check, what, where, mend)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a spam filter makes of a mail. `score` is None where it said nothing, and `trouble` why."""

    name: str
    score: float | None = None
    against: tuple[tuple[str, float], ...] = ()  # rules and their points, the worst first
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to take of a page. `width` in pixels."""

    width: int
    dark: bool
    file: Path
