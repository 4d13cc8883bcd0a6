"""How often mails come, as readers are told."""

from __future__ import annotations

from datetime import time

import pytest

from digest.compose.often import how_often
from digest.compose.words import Words
from digest.model.cadence import Cadence, Every
from digest.web import fields
from tests.support.fixed_view import TEMPLATES

AT = time(7, 0)


@pytest.mark.parametrize(
    ("cadence", "said", "offered"),
    [
        (Cadence(Every.HOUR, AT), "elk uur", "Elk uur"),
        (Cadence(Every.DAY, AT), "elke dag", "Elke dag (07:00)"),
        (Cadence(Every.WEEK, AT, weekday=2), "elke week, woensdag", "Elke week (woensdag, 07:00)"),
        (Cadence(Every.MONTH, AT, day=1), "elke maand, op dag 1", "Elke maand (op dag 1, 07:00)"),
        (Cadence(Every.MONTH, AT, day=31), "elke maand, op de laatste dag", "Elke maand (op de laatste dag, 07:00)"),
    ],
)
def test_the_day_is_told_where_there_is_one(cadence: Cadence, said: str, offered: str) -> None:
    words = Words([TEMPLATES / "locale"], "nl", "UTC")
    assert how_often(words, cadence) == said
    assert fields.cadences([cadence], "", words)[0].label == offered
