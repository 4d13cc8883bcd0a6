"""Developments in a reader's words: how a matter stands, since when and by whom, and how it stood before. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from babel.numbers import format_compact_currency, format_currency
from babel.units import format_unit

from digest.compose.words import Words
from digest.model.dates import PartialDate, Precision
from digest.model.development import Development, Report, State

#: What a matter is called; a stage speaks for itself. Messages of templates/locale.
_LABELS = {
    "dead": "Dead", "missing": "Missing", "injured": "Injured", "ill": "Ill", "arrested": "Arrested",
    "thieves": "Suspects", "evacuated": "Evacuated", "postponed": "Operations put off", "strikers": "On strike",
    "attendance": "People there", "demanded": "Demanded", "worth": "Value", "damage": "Damage", "fee": "Fee",
    "salary": "Pay", "invested": "Investment", "price": "Price", "fine": "Fine", "start": "Planned for",
    "vote": "Vote", "day": "Date", "magnitude": "Magnitude", "height": "Height", "area": "Area", "weight": "Weight",
}  # fmt: skip
_STAGES = {
    "expected": "expected", "denied": "denied", "confirmed": "confirmed", "planned": "planned",
    "postponed": "postponed", "cancelled": "cancelled", "held": "took place", "suspected": "suspected",
    "charged": "charged", "convicted": "convicted", "cleared": "cleared", "lost": "lost", "found": "found",
    "fake": "not genuine", "halted": "halted", "approved": "approved",
}  # fmt: skip
#: What measures are told in, as Babel names it.
_UNITS = {"m": "length-meter", "ha": "area-hectare", "g": "mass-gram", "kg": "mass-kilogram", "t": "mass-tonne"}
_MILLION = 1_000_000
_EARLIER = 4  # states told besides the present one


@dataclass(frozen=True, slots=True)
class Told:
    """One value and who says so: `7`, of `A, B`."""

    value: str
    publishers: tuple[str, ...]
    comma: str = ", "

    @property
    def text(self) -> str:
        return f"{self.value} ({self.comma.join(self.publishers)})" if self.publishers else self.value


@dataclass(frozen=True, slots=True)
class Stood:
    """How it stood at one time; several values are reports that differ."""

    date: str
    values: tuple[Told, ...]
    state: State
    comma: str = ", "

    @property
    def differ(self) -> bool:
        return len(self.values) > 1

    @property
    def brief(self) -> str:
        """`7`, or `7 (A), 5 (B)` where reports differ."""
        return self.comma.join(v.text for v in self.values) if self.differ else self.values[0].value


@dataclass(frozen=True, slots=True)
class Change:
    """A matter: its name (empty for stages), how it stands now, and how it stood, the newest first.

    `skipped`: how many earlier states are not told.
    """

    label: str
    now: Stood
    earlier: tuple[Stood, ...]
    skipped: int = 0


def change(found: Development, words: Words, named: Callable[[str], str] = str) -> Change:
    """`named` makes what was read in an article fit to stand among our words."""
    if found.kind == "status":
        label = ""
    elif found.kind == "noun":
        label = named(found.matter)
    else:
        label = words.say(_LABELS.get(found.matter, found.matter))
    stood = [_stood(state, found, words, named) for state in found.states]
    return Change(label, stood[0], tuple(stood[1 : 1 + _EARLIER]), max(0, len(stood) - 1 - _EARLIER))


def _stood(state: State, found: Development, words: Words, named: Callable[[str], str]) -> Stood:
    told = []
    for value in state.values:
        mine = [r for r in state.reports if r.value == value]
        publishers = tuple(dict.fromkeys(named(r.publisher) for r in mine if r.publisher))
        told.append(Told(_shown(mine, found, words, named), publishers, words.comma))
    return Stood(words.day(state.date), tuple(told), state, words.comma)


def _shown(reports: list[Report], found: Development, words: Words, named: Callable[[str], str]) -> str:
    report = next((r for r in reports if not r.rough), reports[0])
    if found.kind == "status":
        return words.say(_STAGES.get(report.value, report.value))
    if found.kind == "year":
        return named(report.value)
    if found.kind == "day":
        return words.day(PartialDate(datetime.fromisoformat(report.value).replace(tzinfo=UTC), Precision.DAY))
    if found.kind == "vote":
        return words.isolate("–".join(words.number(Decimal(side)) for side in report.value.split("–")))
    text = _amount(Decimal(report.value), found, words)
    if report.rough == "about":
        return words.say("about %(value)s", value=text)
    return words.say("more than %(value)s", value=text) if report.rough == "over" else text


def _amount(number: Decimal, found: Development, words: Words) -> str:
    if found.kind == "sum":
        return words.isolate(_money(number, found.unit, words))
    if found.unit in _UNITS:
        return words.isolate(format_unit(number, _UNITS[found.unit], "short", locale=words.locale))
    return words.number(number)


def _money(number: Decimal, unit: str, words: Words) -> str:
    if unit == "KR":  # several countries' crowns
        return f"{words.number(number)} kr"
    if number >= _MILLION:
        return format_compact_currency(number, unit, locale=words.locale, fraction_digits=_digits(number))
    whole = number == number.to_integral_value()
    return format_currency(number, unit, "¤#,##0" if whole and words.language == "en" else None, locale=words.locale)


def _digits(number: Decimal) -> int:
    """As many decimals as its millions, or billions, have; two at most."""
    scaled = number / (_MILLION * 1000 if number >= _MILLION * 1000 else _MILLION)
    return next((n for n in range(2) if scaled == round(scaled, n)), 2)
