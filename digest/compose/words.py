"""Fixed words, plurals, dates and language names in the reader's language.

The catalogues are gettext `.po` files, read as they are: an operator mends a word with a text
editor, and there is nothing to compile.
"""

from __future__ import annotations

import functools
import gettext
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal

from digest.compose import bidi
from digest.errors import TemplateError
from digest.model import locales
from digest.model.dates import PartialDate, Precision

FALLBACK = "en"
#: Languages in Arabic letters, with a comma of their own.
_ARABIC_COMMA = frozenset({"ar", "fa", "ur", "ps", "sd", "ug", "ckb"})


@dataclass(frozen=True)
class Catalogue:
    """One `.po` file: message -> its forms, which form a number takes, and what `Language:` says in its head."""

    messages: dict[str, tuple[str, ...]]
    plural: Callable[[int], int]
    locale: str = ""

    def form(self, message: str, n: int | None) -> str | None:
        forms = self.messages.get(message)
        if forms is None:
            return None
        place = self.plural(n) if n is not None else 0
        return forms[min(place, len(forms) - 1)]


@functools.lru_cache(maxsize=128)
def _read(path: Path, _changed: int) -> Catalogue:
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
        plural = gettext.c2py(catalogue.plural_expr)
    except (PoFileError, ValueError, OSError) as error:
        line = getattr(error, "lineno", None)
        where = f"{path}:{line + 1}" if line is not None else str(path)
        # Babel ends in its own count of lines, which begins at 0.
        why = re.sub(r" on \d+$", "", str(error))
        what = f"the catalogue cannot be read: {why[:1].lower()}{why[1:]}"
        raise TemplateError(what, where=where, mend="it must be a gettext .po file") from None
    messages: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        if key and all(forms) and not message.fuzzy:
            messages[key] = tuple(map(str, forms))
    return Catalogue(messages, plural, catalogue.locale_identifier or "")


def _names(language: str) -> list[str]:
    """`pt-BR` -> pt_BR, pt. Only letters and digits: a language never names a path."""
    parts = [p for p in language.replace("-", "_").split("_") if p.isalnum()]
    names = ["_".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return [n for n in names if n]


def catalogues(folders: Sequence[Path], language: str) -> tuple[list[Catalogue], str]:
    """The catalogues to ask, nearest first, and the language that the words will be in.

    `folders` are in search order: an operator's own words stand before the shipped ones.
    """
    found: list[Catalogue] = []
    spoken = ""
    for name in dict.fromkeys((*_names(language), FALLBACK)):
        for folder in folders:
            path = folder / f"{name}.po"
            if path.is_file():
                found.append(_read(path, path.stat().st_mtime_ns))
                spoken = spoken or name
    return found, spoken or FALLBACK


class Words:
    """What templates say themselves, for one language."""

    def __init__(self, folders: Sequence[Path], language: str, zone: str) -> None:
        self._catalogues, self.language = catalogues(folders, language)
        self.zone = ZoneInfo(zone)
        self.locale = _locale(self._catalogues, self.language)
        self.dir = self.locale.text_direction  # ltr or rtl
        self.comma = "، " if self.locale.language in _ARABIC_COMMA else ", "

    def say(self, message: str, **values: object) -> str:
        return self._format(message, None, message, values)

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """`n` itself is filled in as %(n)s, written as the language writes numbers."""
        numbers = {"n": self.number(n), **values}
        return self._format(one, n, one if n == 1 else many, numbers)

    def number(self, n: int | Decimal) -> str:
        return _decimal(n, self.locale)

    def isolate(self, text: str, language: str = "") -> str:
        """A text from elsewhere as it can stand among these words, which may run the other way."""
        return bidi.isolate(text, self.dir, direction(language) if language else "")

    def _format(self, key: str, n: int | None, english: str, values: dict[str, object]) -> str:
        values = {name: self.isolate(v) if isinstance(v, str) else v for name, v in values.items()}
        for catalogue in self._catalogues:
            form = catalogue.form(key, n)
            if form is None:
                continue
            try:
                return form % values if values else form
            except (KeyError, ValueError, TypeError):
                continue  # a translator's slip must not keep the mail from leaving
        return english % values if values else english

    # Dates, never finer than what is known.

    def exact(self, when: PartialDate, near: date | None = None) -> str:
        """With its time, if it has one; the year is left out of a time in the year of `near`."""
        if when.precision is not Precision.MINUTE:
            return self.day(when)
        return self.moment(when.start.astimezone(self.zone), near)

    def day(self, when: PartialDate) -> str:
        """At most the day."""
        if when.precision is Precision.MINUTE:
            return self._day(when.start.astimezone(self.zone).date())
        if when.precision is Precision.DAY:
            return self._day(when.start.date())
        return _skeleton("yMMMM" if when.precision is Precision.MONTH else "y", when.start.date(), self.locale)

    def weekday(self, when: PartialDate) -> str:
        """As a heading: the weekday too, where the day is known."""
        if when.precision in (Precision.YEAR, Precision.MONTH):
            return self.day(when)
        local = when.start.astimezone(self.zone) if when.precision is Precision.MINUTE else when.start
        return self.full(local.date())

    def full(self, when: date) -> str:
        return _date(when, "full", self.locale)

    def short(self, when: date) -> str:
        """Day and month, for a subject."""
        return _skeleton("MMMd", when, self.locale)

    def month(self, when: date, *, year: bool = False) -> str:
        """Its short name, for an axis."""
        return _skeleton("yMMM" if year else "MMM", when, self.locale)

    def month_name(self, month: int) -> str:
        """By itself, 1 is January."""
        return str(self.locale.months["stand-alone"]["wide"][month])

    def moment(self, local: datetime, near: date | None = None) -> str:
        same = near is not None and near.year == local.year
        day = _skeleton("MMMMd", local.date(), self.locale) if same else self._day(local.date())
        return f"{day}{self.comma}{self.clock(local)}"

    def since(self, when: datetime, near: date) -> str:
        """The name of the day within a week of `near`, else its date."""
        day = when.astimezone(self.zone).date()
        return _date(day, "EEEE", self.locale) if 0 <= (near - day).days < 7 else self.short(day)

    def recent(self, local: datetime, near: date) -> str:
        """With the name of its day within a week before `near`, else with its date."""
        if 0 <= (near - local.date()).days < 7:
            return f"{_date(local.date(), 'EEEE', self.locale)} {self.clock(local)}"
        return self.moment(local, near)

    def clock(self, local: datetime) -> str:
        # Formatted without its zone: it is local already.
        return _time(local.time(), self.locale)

    def time(self, when: time) -> str:
        """A time of day, wherever that is."""
        return _time(when, self.locale)

    def day_name(self, weekday: int) -> str:
        """0 is Monday."""
        return str(self.locale.days["stand-alone"]["wide"][weekday])

    def _day(self, when: date) -> str:
        return _date(when, "long", self.locale)

    # Languages.

    def language_name(self, code: str) -> str:
        """`de` -> "Duits"; empty where nobody knows it."""
        name = _locale_or_none(code)
        return (name.get_display_name(self.locale) or "") if name is not None else ""

    def in_language(self, code: str) -> str:
        name = self.language_name(code)
        return self.say("In %(language)s", language=name) if name else ""


# Babel's forms, each made once: the mails of an edition are full of the same days. Days and times of day only: of two
# equal moments in different zones a cache would give one the other's.


@functools.lru_cache(maxsize=4096)
def _date(when: date, form: str, locale: Locale) -> str:
    return format_date(when, form, locale=locale)


@functools.lru_cache(maxsize=4096)
def _skeleton(skeleton: str, when: date, locale: Locale) -> str:
    return format_skeleton(skeleton, when, locale=locale)


@functools.lru_cache(maxsize=4096)
def _time(when: time, locale: Locale) -> str:
    return format_time(when, "short", locale=locale)


@functools.lru_cache(maxsize=4096, typed=True)
def _decimal(n: int | Decimal, locale: Locale) -> str:
    return str(format_decimal(n, locale=locale))


@functools.lru_cache(maxsize=256)
def _locale_or_none(code: str) -> Locale | None:
    if code == "und":
        return None
    for name in _names(code):
        try:
            return locales.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return None


def _locale(found: Sequence[Catalogue], language: str) -> Locale:
    """Whose dates and numbers: the country's that the nearest catalogue names, as plain "en" would be the US' own.

    Without any catalogue all is English, and of no country's that writes the month first.
    """
    if not found:
        return locales.parse("en_GB")
    named = (c.locale for c in found if _names(c.locale)[-1:] == [language] and len(_names(c.locale)) > 1)
    return _locale_or_none(next(named, language)) or locales.parse("en_GB")


def direction(code: str) -> str:
    """ltr or rtl, by language; `auto` where it is not known."""
    locale = _locale_or_none(code)
    return str(locale.text_direction) if locale is not None else "auto"


def own_name(code: str) -> str:
    """A language as its own readers call it: who looks for it in a list reads that."""
    known = _locale_or_none(code)
    name = (known.get_display_name() if known is not None else "") or code
    return name[:1].upper() + name[1:]
