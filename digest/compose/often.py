"""How often mails come, in the reader's words."""

from __future__ import annotations

from digest.compose.words import Words
from digest.model.cadence import Cadence, Every

_LAST = 31  # of every month the last day, however long it is


def how_often(words: Words, cadence: Cadence) -> str:
    """Inside a sentence: `every week, Monday`."""
    said, day = words.say(f"every {cadence.name}"), on_day(words, cadence)
    return f"{said}{words.comma}{day}" if day else said


def on_day(words: Words, cadence: Cadence) -> str:
    """On which day of the week or month; empty where on more than one."""
    if cadence.every is Every.WEEK:
        return words.day_name(cadence.weekday)
    if cadence.every is not Every.MONTH:
        return ""
    return words.say("on the last day") if cadence.day == _LAST else words.say("on day %(day)s", day=cadence.day)
