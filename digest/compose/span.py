"""What an edition covers, said honestly: how long a time, and why it is longer than usual."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from digest.compose.words import Words
from digest.model.edition import Edition, View

_DAYS_FROM = timedelta(hours=72)  # what is as long is counted in days
_MONDAY = 0
_NO_HOUR = timedelta(minutes=30)  # what is shorter is no time that an edition covers: one cut by hand after another
#: So much earlier than the edition before it, and a reader had missed that one.
_TOLERANCE = timedelta(minutes=5)


def reaches_back(edition: Edition, covers_from: datetime | None) -> bool:
    """Whether a reader's copy covers more than the time since the last edition of its clock."""
    if covers_from is None or edition.covers_from is None:
        return False
    return covers_from < edition.covers_from - _TOLERANCE


def covers(view: View, words: Words) -> str:
    """ "Covers 24 hours"; empty where that is not known, or would be none."""
    if view.covers_from is None:
        return ""
    time = view.edition.cut_at - view.covers_from
    return _in_words(time, words) if time >= _NO_HOUR else ""


def _in_words(time: timedelta, words: Words) -> str:
    if time >= _DAYS_FROM:
        return words.count("Covers %(n)s day", "Covers %(n)s days", round(time / timedelta(days=1)))
    return words.count("Covers %(n)s hour", "Covers %(n)s hours", max(1, round(time / timedelta(hours=1))))


def nothing(view: View, words: Words, near: date) -> str:
    """ "Nothing new since Friday 07:00." From there on its readers were owed news. `near`: the day of the mail."""
    since = view.covers_from or view.edition.covers_from
    if since is None:
        return words.say("Nothing new.")
    return words.say("Nothing new since %(when)s.", when=words.recent(since.astimezone(words.zone), near))


def missed(view: View, words: Words) -> str:
    """ "Covers 41 hours: yesterday's edition was not sent." """
    said, edition = covers(view, words), view.edition
    if not said:
        one, many = "It stands in for %(n)s missed edition.", "It stands in for %(n)s missed editions."
        return words.count(one, many, edition.missed)
    if edition.missed == 1 and _daily(edition):
        return words.say("%(covers)s: yesterday's edition was not sent.", covers=said)
    one = "%(covers)s: %(n)s edition before it was not sent."
    many = "%(covers)s: %(n)s editions before it were not sent."
    return words.count(one, many, edition.missed, covers=said)


def since_the_last(view: View, words: Words) -> str:
    said = covers(view, words)
    return words.say("%(covers)s, since the last edition that reached you.", covers=said) if said else ""


def _daily(edition: Edition) -> bool:
    """Whether the slot before was the day before."""
    return edition.cadence == "day" or (edition.cadence == "weekday" and edition.slot.weekday() != _MONDAY)
