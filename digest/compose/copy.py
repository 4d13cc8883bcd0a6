"""The page of a view on the web: the blocks of the mail, whole, and behind them what the mail had no room for."""

from __future__ import annotations

from dataclasses import replace

from digest.compose.beyond import uncut
from digest.compose.page import Facts, Page, SlotNames
from digest.compose.present import Presenter
from digest.compose.words import Words
from digest.model.edition import View

_NOBODY = SlotNames("", "")


class _Roomy(Presenter):
    shown_sources = 40


def copy(view: View, words: Words, facts: Facts) -> Page:
    """`more` counts what is not even here."""
    mailed = uncut(view)
    listed = sum(len(section.entries) for section in view.beyond)
    whole = replace(view, sections=(*mailed, *view.beyond), more=max(0, view.more - listed))
    page = _Roomy(whole, words, _NOBODY).page(facts)
    return replace(page, sections=page.sections[: len(mailed)], beyond=page.sections[len(mailed) :])
