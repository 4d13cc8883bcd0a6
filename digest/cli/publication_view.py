"""How a publication looks: to people, and to scripts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from digest.cli import publication_mails, publication_pages, show
from digest.model.cadence import WEEKDAYS, Cadence, Every

if TYPE_CHECKING:
    from digest.model.cadence import Slot
    from digest.model.publication import Publication


def describe(cadence: Cadence) -> str:
    """`week on mon at 07:00`."""
    at = cadence.at.strftime("%H:%M")
    return {
        Every.HOUR: f"hour at :{cadence.at:%M}",
        Every.WEEK: f"week on {WEEKDAYS[cadence.weekday]} at {at}",
        Every.MONTH: f"month on {cadence.day} at {at}",
    }.get(cadence.every, f"{cadence.every} at {at}")


def on(cadence: Cadence) -> str | int | None:
    """The day of a week or of a month, as `--on` takes it."""
    if cadence.every is Every.WEEK:
        return WEEKDAYS[cadence.weekday]
    return cadence.day if cadence.every is Every.MONTH else None


def next_edition(p: Publication, now: datetime) -> str:
    """In the publication's own local time."""
    from zoneinfo import ZoneInfo

    from digest.pipeline.calendar import next_due

    if p.paused:
        return "paused"
    return f"{next_due(p, now).astimezone(ZoneInfo(p.zone)):%a %Y-%m-%d %H:%M}"


def mark(slot: Slot) -> str:
    """What a change of the clocks makes of a slot."""
    if slot.shifted:
        return "this local time is skipped: sent right after the gap"
    return "this local time comes twice: sent the first time" if slot.folded else ""


def facts(p: Publication) -> dict[str, Any]:
    """For scripts."""
    return {
        "name": p.name,
        "title": p.title,
        "every": [{"every": c.name, "at": c.at.strftime("%H:%M"), "on": on(c)} for c in p.cadences],
        "zone": p.zone,
        "language": p.language,
        "late": p.late,
        "from": p.sender,
        "look": p.look,
        "topics": p.topics,
        "sources": p.sources,
        "languages": p.languages,
        "late_limit_hours": p.late_limit_hours,
        "max_entries": p.max_entries,
        "max_per_section": p.max_per_section,
        "catch_up_days": p.catch_up_days,
        "uncertain": p.uncertain,
        "images": p.images,
        "paused": p.paused,
        **publication_mails.facts(p),
        **publication_pages.facts(p),
    }


def tell(p: Publication, now: datetime) -> None:
    """For people."""
    show.facts(
        p.title,
        {
            "name": p.name,
            "every": "; ".join(describe(c) for c in p.cadences),
            "zone": p.zone,
            "next edition": next_edition(p, now),
            "from": p.sender,
            "topics": p.topics or "all",
            "sources": p.sources or "all",
            "languages": p.languages or "all",
            "words in": p.language,
            "look": p.look,
            "when late": f"{p.late}, up to {p.late_limit_hours:g} hours" if p.late == "late" else p.late,
            "limits": f"{p.max_entries} stories a mail, {p.max_per_section} a section",
            "catches up": f"{p.catch_up_days} days",
            "if uncertain": p.uncertain,
            "lead images": f"up to {p.images} a mail" if p.images else "none",
            **publication_mails.told(p),
            **publication_pages.told(p),
        },
    )
