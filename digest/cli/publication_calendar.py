"""digest publication calendar"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show
from digest.model.cadence import Every

if TYPE_CHECKING:
    from digest.deliver.clock_changes import ClockChange
    from digest.model.cadence import Cadence, Slot

    Coming = tuple[Cadence, Slot]

_YEAR = 366


@click.command()
@click.argument("name")
@click.option("--days", default=_YEAR, show_default=True, type=given.NumberType(1, 400), help="How far ahead.")
@click.option("--zone", metavar="ZONE", help="As seen from this zone; by default the publication's own.")
@show.as_json_option
@click.pass_context
def calendar(ctx: click.Context, name: str, days: int, zone: str | None, as_json: bool) -> None:
    """The slots of the coming year, the next one first. Days on which the clocks change are marked.

    \b
    Example:
      digest publication calendar morning
      digest publication calendar morning --days 30 --zone America/New_York
    """
    from digest.pipeline.calendar import upcoming
    from digest.pipeline.choices import check_zone
    from digest.store import publications

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = publications.get(connection, name)
    zone, now = check_zone(zone or found.zone), services.clock()
    coming = upcoming(found, zone, now, days)
    if as_json:
        show.print_json([_facts(cadence, slot, zone) for cadence, slot in coming])
        return
    if not coming:
        click.echo(f"No slots in {show.count(days, 'day')}.")
    else:
        show.title(f"{found.title}, in {zone}: {show.count(len(coming), 'slot')} in {show.count(days, 'day')}")
        for line in lines(coming, zone, now, days):
            click.echo(line)
    if found.paused:
        click.echo(f"\n{name} is paused: none of these is published until digest publication pause {name} --resume")


def _facts(cadence: Cadence, slot: Slot, zone: str) -> dict[str, Any]:
    from digest.cli.publication_view import mark
    from digest.deliver.clock_changes import clock_change

    changed = clock_change(zone, slot.local.date())
    return {
        "cadence": cadence.name,
        "local": slot.local,
        "weekday": f"{slot.local:%a}",
        "instant": slot.instant,
        "note": mark(slot),
        "clocks": _clocks(changed) if changed else "",
    }


def lines(coming: Sequence[Coming], zone: str, now: datetime, days: int) -> Iterator[str]:
    """A heading for each month, and below it a line for each slot; of an hourly cadence, for each day."""
    from digest.deliver.clock_changes import clock_change

    by_day = {day: list(group) for day, group in groupby(coming, key=lambda pair: pair[1].local.date())}
    last = (now + timedelta(days=days)).astimezone(_tz(zone)).date()
    several = len({cadence.name for cadence, _ in coming}) > 1
    month = (0, 0)
    for day in _days(min(by_day), max(last, max(by_day))):
        changed = clock_change(zone, day)
        told = list(_of_day(by_day.get(day, []), changed, zone, several=several))
        if told and (day.year, day.month) != month:
            month = (day.year, day.month)
            yield "\n" + click.style(f"{day:%B %Y}", bold=True)
        for number, line in enumerate(told):
            head = f"{day:%a} {day.day:>2}" if number == 0 else " " * 6
            yield f"  {head}  {line}".rstrip()


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _of_day(pairs: Sequence[Coming], changed: ClockChange | None, zone: str, *, several: bool) -> Iterator[str]:
    """What stands beside the day, a line each; nothing on a day without a slot on which the clocks run on."""
    if changed is not None:
        yield click.style(f"{_clocks(changed)} this day{'' if pairs else '; no slot'}", fg="yellow")
    if hourly := [slot for cadence, slot in pairs if cadence.every is Every.HOUR]:
        yield _of_hours(hourly)
    for cadence, slot in pairs:
        if cadence.every is not Every.HOUR:
            name = f"  {cadence.name:<7}" if several else ""
            yield f"{slot.local:%H:%M}{name}  {_utc(slot)}{_moved(slot, zone)}"


def _of_hours(slots: Sequence[Slot]) -> str:
    first, last = slots[0].local, slots[-1].local
    span = f"{first:%H:%M} to {last:%H:%M}" if len(slots) > 1 else f"{first:%H:%M}"
    return f"{span}, {show.count(len(slots), 'slot')}"


def _utc(slot: Slot) -> str:
    """The day too where it is another one there."""
    other = f" {slot.instant:%a}" if slot.instant.date() != slot.local.date() else ""
    return click.style(f"{slot.instant:%H:%M} UTC{other}", dim=True)


def _moved(slot: Slot, zone: str) -> str:
    """What the change of the clocks makes of the slot itself."""
    if slot.shifted:
        sent = f"{slot.instant.astimezone(_tz(zone)):%H:%M}"
        return "  " + click.style(f"skipped: sent at {sent}", fg="yellow")
    return "  " + click.style("comes twice: sent the first time", fg="yellow") if slot.folded else ""


def _clocks(changed: ClockChange) -> str:
    """`clocks go back 1 hour at 03:00`."""
    minutes = abs(changed.by) // timedelta(minutes=1)
    by = show.count(minutes // 60, "hour") if minutes % 60 == 0 else show.count(minutes, "minute")
    return f"clocks go {'forward' if changed.by > timedelta() else 'back'} {by} at {changed.at:%H:%M}"


def _tz(zone: str) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(zone)
