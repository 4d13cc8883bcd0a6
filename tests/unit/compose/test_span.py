"""What an edition covers is said honestly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.compose import span
from digest.compose.words import Words
from digest.model.edition import Edition, View
from tests.support.fixed_view import TEMPLATES, view
from tests.support.making import edition

CUT = datetime(2025, 5, 27, 5, tzinfo=UTC)  # a Tuesday


def words(language: str = "en") -> Words:
    return Words([TEMPLATES / "locale"], language, "Europe/Brussels")


def shown(hours: float, **changes: object) -> View:
    made = edition(cut_at=CUT, slot=datetime.fromisoformat("2025-05-27T07:00"), cadence="day", missed=0, **changes)
    return replace(view("en"), edition=made, covers_from=CUT - timedelta(hours=hours))


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0.1, ""), (0.5, "Covers 1 hour"), (24, "Covers 24 hours"),
        (41.2, "Covers 41 hours"), (71.9, "Covers 72 hours"),
        (72, "Covers 3 days"), (31 * 24, "Covers 31 days"),
    ],
)  # fmt: skip
def test_how_long(hours: float, said: str) -> None:
    assert span.covers(shown(hours), words()) == said


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert span.covers(replace(shown(24), covers_from=None), words()) == ""


def _missed(number: int, **changes: object) -> str:
    late = shown(41)
    return span.missed(replace(late, edition=replace(late.edition, missed=number, **changes)), words())  # type: ignore[arg-type]


def test_why_it_is_longer() -> None:
    assert _missed(1) == "Covers 41 hours: yesterday's edition was not sent."
    assert _missed(2) == "Covers 41 hours: 2 editions before it were not sent."
    assert _missed(1, cadence="hour") == "Covers 41 hours: 1 edition before it was not sent."
    assert _missed(1, cadence="weekday") == "Covers 41 hours: yesterday's edition was not sent."
    monday = datetime.fromisoformat("2025-05-26T07:00")
    assert _missed(1, cadence="weekday", slot=monday) == "Covers 41 hours: 1 edition before it was not sent."


def test_a_reader_whom_the_last_edition_did_not_reach() -> None:
    before: Edition = edition(covers_from=CUT - timedelta(hours=24))
    assert span.reaches_back(before, CUT - timedelta(hours=48))
    assert not span.reaches_back(before, CUT - timedelta(hours=24))
    assert not span.reaches_back(before, None)
    assert not span.reaches_back(edition(covers_from=None), CUT - timedelta(hours=48))
    assert span.since_the_last(shown(48), words("nl")) == "Beslaat 48 uur, sinds de laatste editie die je bereikte."
    assert span.since_the_last(shown(0.2), words("nl")) == ""
