"""Marks in a variant's bytes that stand for what is one recipient's own."""

from __future__ import annotations

from dataclasses import dataclass

#: Each stands alone on a line of its own in a body, so that no encoding can break it.
NAMES = ("to", "message_id", "date", "unsubscribe", "address")


@dataclass(frozen=True, slots=True)
class SlotNames:
    """`prefix` is 16 hex digits that nobody outside can guess, or an article could name a slot."""

    prefix: str

    def marker(self, name: str) -> str:
        return f"@@{self.prefix}:{name}@@"
