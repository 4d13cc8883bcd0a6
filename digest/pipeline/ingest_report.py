"""What became of articles that came in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from digest.errors import DigestError


@dataclass
class IngestReport:
    """Counts as scripts read them, and one line for each thing that failed."""

    new: int = 0
    updated: int = 0
    known: int = 0
    held: int = 0
    failed: int = 0
    errors: list[DigestError] = field(default_factory=list)
    elsewhere: Counter[str] = field(default_factory=Counter)  # source -> new texts that it had already

    def fail(self, error: DigestError) -> None:
        self.failed += 1
        self.errors.append(error)

    def add(self, other: IngestReport) -> None:
        for name in ("new", "updated", "known", "held", "failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors += other.errors
        self.elsewhere += other.elsewhere
