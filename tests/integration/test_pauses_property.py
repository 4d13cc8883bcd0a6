"""A pause until a day, wherever its reader lives and whatever the clocks do: nothing before, and nothing lost."""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from digest.audience.rules import Action
from digest.deliver.slots import day_begins
from digest.model.cause import Cause
from digest.pipeline import subscriptions
from tests.support.home import open_house, pass_, publication, subscribe, take_in, token, tokens

#: The clocks go forward at midnight, at two, by half an hour, backward from midnight, and never.
ZONES = ("America/Asuncion", "Africa/Cairo", "Europe/Brussels", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata")
#: Near to when many of them do.
DAYS = tuple(date(2026, month, day) for month, day in ((3, 7), (3, 28), (4, 4), (4, 23), (10, 24), (10, 31)))
_STEP = timedelta(hours=8)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(zone="Africa/Cairo", first=date(2026, 4, 23), begins=7, length=1, moved="Africa/Cairo")
@given(
    zone=st.sampled_from(ZONES),
    first=st.sampled_from(DAYS),
    begins=st.integers(0, 20),  # hours after the first day has begun
    length=st.integers(1, 3),  # days
    moved=st.sampled_from(ZONES),
)
def test_nothing_comes_before_the_day_and_all_of_it_then(
    empty_home: Path, zone: str, first: date, begins: int, length: int, moved: str
) -> None:
    start = day_begins(first, zone)
    until = (start + timedelta(hours=begins)).astimezone(ZoneInfo(zone)).date() + timedelta(days=length)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_house(Path(folder) / "home", template=empty_home) as house,
    ):
        house.clock.now = start
        publication(house, at="07:00", max_entries=50, max_per_section=50)
        subscribe(house, "a@example.org", zone=zone)
        told: list[tuple[datetime, set[str]]] = []
        paused_at: datetime | None = None
        wanted: set[str] = set()
        for number in range(1, 21):
            if paused_at is None and house.clock() >= start + timedelta(hours=begins):
                paused_at = house.clock()
                subscriptions.act(
                    house.services, "a@example.org", "news", Action.PAUSE, Cause("away"), until=until.isoformat()
                )
                subscriptions.edit(house.services, subscriptions.Wanted("a@example.org", "news", zone=moved))
            if number < 14:
                take_in(house, number)
                wanted.add(token(number))
            before = len(house.mails())
            pass_(house)
            told += [(house.clock(), tokens(mail)) for mail in house.mails()[before:]]
            house.clock.go(seconds=_STEP.total_seconds())
        assert paused_at is not None
        comes_again = day_begins(until, moved)
        assert [at for at, _ in told if paused_at <= at < comes_again] == []
        after = [at for at, _ in told if at >= comes_again]
        if paused_at < comes_again:
            assert after[0].astimezone(ZoneInfo(moved)).date() == until, "that day's edition, or a late one of it"
        all_told = [name for _, names in told for name in names]
        assert sorted(all_told) == sorted(wanted), "each once"
