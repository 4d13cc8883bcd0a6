"""Spans of time in words: how long ago, how far ahead, since when."""

from __future__ import annotations

from datetime import datetime


def since(then: datetime | None, now: datetime) -> str:
    """`failing since Tuesday: `; of the last day the hours, of more than a week ago the date (UTC)."""
    if then is None:
        return ""
    days = (now.date() - then.date()).days
    if days == 0:
        return f"failing for {span((now - then).total_seconds()) or 'a minute'}: "
    return f"failing since {then:%A}: " if days < 7 else f"failing since {then:%Y-%m-%d}: "


def ago(then: datetime | None, now: datetime) -> str:
    return f"{told} ago" if then and (told := span((now - then).total_seconds())) else "just now" if then else ""


def ahead(then: datetime | None, now: datetime) -> str:
    return f"in {told}" if then and (told := span((then - now).total_seconds())) else "now"


def span(seconds: float) -> str:
    """`25 min`, `3 h`, `2 days`; empty for less than a minute."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return ""
    if minutes < 90:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"
