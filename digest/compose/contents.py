"""An edition in a few lines, for lists of editions and for feeds. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from digest.compose import bidi
from digest.compose.blocks import lead_of
from digest.compose.page import SlotNames, Text
from digest.compose.present import Presenter
from digest.compose.words import Words
from digest.model.edition import View

_NOBODY = SlotNames("", "")


@dataclass(frozen=True, slots=True)
class Contents:
    """`headlines` begin with the one that leads the mail; `more` counts the others."""

    number: str
    date: str
    headlines: tuple[Text, ...]
    more: int


class _Brief(Presenter):
    def contents(self, most: int) -> Contents:
        lead = lead_of(self.view)
        entries = sorted(self.view.entries, key=lambda entry: entry is not lead)
        told = tuple(map(self._blocks.headline, entries[:most]))
        return Contents(self._number(), self._dateline(), told, len(entries) - len(told))


def contents(view: View, words: Words, most: int) -> Contents:
    """In these words, whatever the language of the view is."""
    return _Brief(view, words, _NOBODY).contents(most)


def titled(found: Contents) -> str:
    """One line of plain text."""
    return bidi.unsigned(" · ".join(filter(None, (found.number, *(h.text for h in found.headlines[:1])))))


def summed_up(found: Contents) -> str:
    """The headlines in a row, as plain text."""
    return bidi.unsigned(" · ".join(headline.text for headline in found.headlines))
