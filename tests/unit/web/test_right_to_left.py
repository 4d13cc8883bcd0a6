"""What forms say in Arabic and Hebrew: their own comma, and figures in the order that they are typed in."""

from __future__ import annotations

from datetime import date, time

import pytest

from digest.compose.words import Words
from digest.model.cadence import Cadence, Every, Lateness
from digest.model.publication import Publication
from digest.model.subscription import Subscriber, Subscription
from digest.pipeline.preferences import Asked, Done, Preferences
from digest.web import fields
from digest.web.form import form
from tests.support.fixed_view import TEMPLATES

WEEKLY = Cadence(Every.WEEK, time(18, 30), weekday=4)


def _words(language: str) -> Words:
    return Words([TEMPLATES / "locale"], language, "UTC")


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("ar", "كل أسبوع (الجمعة، 6:30 م)"),
        ("he", "בכל שבוע (יום שישי, 18:30)"),
        ("nl", "Elke week (vrijdag, 18:30)"),
    ],
)
def test_a_list_has_the_comma_of_its_script(language: str, label: str) -> None:
    said = fields.cadences([WEEKLY], "week", _words(language))[0].label
    assert " ".join(said.split()) == label  # a narrow space in some versions of the data


@pytest.mark.parametrize(
    ("language", "example"), [("ar", "\u20662027-01-15\u2069"), ("he", "\u20662027-01-15\u2069"), ("nl", " 2027-01-15")]
)
def test_the_example_of_a_day_is_not_turned_around(language: str, example: str) -> None:
    news = Publication("news", "News", (WEEKLY,), "UTC", "nl", Lateness.LATE, 12.0, "", "paper")
    held = Subscription(Subscriber("ann@example.org"), "news", "week", language, "UTC")
    found = Preferences(held, news, (), (language,), (date(2026, 3, 3), date(2028, 3, 2)))
    asked = Asked((), "week", language, "UTC", True, "soon")
    assert example in form(Done(found, wrong=("until",)), _words(language), asked).wrong["until"]
