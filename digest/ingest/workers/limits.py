"""What one task may take."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    cpu_seconds: float = 2.0  # of computing, for one task
    wall_seconds: float = 30.0  # of waiting; more than computing, for the machine may be busy with others
    memory_megabytes: int = 256  # of the whole child, what it shares with its siblings included
    answer_megabytes: int = 64
