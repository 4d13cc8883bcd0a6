"""Days and dates that a text tells of, in one form for all languages: names of months and weekdays by CLDR.

`3 March`, `3. März` and `3 марта` are `3.03`, `in December` is `m12`, `on Tuesday` and `am Dienstag` are `tue`.
Which Tuesday is left open: two texts of one week that both name it mostly mean the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from babel import Locale, UnknownLocaleError

from digest.group.words import Remembered, Token, fold, word_stem
from digest.model import locales

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Languages whose nouns take endings: there these names are known by their stems too.
_DECLINING = frozenset({"ar", "cs", "el", "et", "fi", "hr", "hu", "lt", "pl", "ru", "sk", "sl", "sr", "sv", "tr", "uk"})
#: Forms that no stem leads to.
_ALSO = {
    "sl": {"marca": 3, "maja": 5, "avgusta": 8, "septembra": 9, "oktobra": 10, "novembra": 11, "decembra": 12},
}
#: A shorter name of a weekday is another word as well ("sat", "sun"), and a month's is told beside its day only.
_LEAST = 4
_ALONE = 5
#: Nor do these tell by themselves: verbs, planets, and ordinals in Portuguese.
_DOUBTFUL = frozenset({"march", "marca", "marts", "segunda", "terca", "quarta", "quinta", "sexta"})
#: `29 de marzo`, `the 3rd of May`.
_BETWEEN = frozenset({"de", "of", "th", "st", "nd", "rd"})
_DAYS = frozenset(str(day) for day in range(1, 32))


def moments(words: Sequence[Token], language: str) -> Iterator[str]:
    """Dates by day and month, months and weekdays that the words tell, in their order."""
    named = _named(language)
    for i in [i for i, token in enumerate(words) if named[token.text]]:
        name, folded = named[words[i].text], words[i].folded
        if isinstance(name, str):
            if folded not in _DOUBTFUL:
                yield name
        elif day := _day_beside(words, i):
            yield f"{day}.{name:02}"
        elif len(folded) >= _ALONE and folded not in _DOUBTFUL:
            yield f"m{name:02}"


def is_common(moment: str) -> bool:
    """Whether it comes round again soon: a weekday or a month, no date."""
    return "." not in moment


def _day_beside(words: Sequence[Token], i: int) -> str:
    before = [words[j] for j in (i - 1, i - 2) if j >= 0]
    if before and before[0].text in _DAYS:
        return before[0].text
    if len(before) == 2 and before[0].folded in _BETWEEN and before[1].text in _DAYS:
        return before[1].text
    after = words[i + 1] if i + 1 < len(words) else None
    return after.text if after and after.text in _DAYS else ""


def _stem(written: str, language: str) -> str:
    return f"{fold(word_stem(written, language))}-"  # a stem is never taken for a whole name


@cache
def _named(language: str) -> Remembered[int | str | None]:
    """Of each word, as it is written, the month or weekday that it names, if any."""
    names, by_stem = _names(language), language in _DECLINING
    return Remembered(lambda word: names.get(fold(word)) or (names.get(_stem(word, language)) if by_stem else None))


@cache
def _names(language: str) -> dict[str, int | str]:
    """Folded names, short names and stems of months, with their numbers; of weekdays, with their short forms."""
    found: dict[str, int | str] = dict(_ALSO.get(language, {}))
    locale = _locale(language)
    if locale is None:
        return found
    for style in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[style][width].items():
                word = str(name).strip(".")
                if " " not in word and len(word) > 2 and word.isalpha():
                    found.setdefault(fold(word), number)
                    if width == "wide":
                        found.setdefault(_stem(word, language), number)
        for number, name in locale.days[style]["wide"].items():
            word = str(name).split("-")[0]
            if len(word) >= _LEAST and " " not in word:
                found.setdefault(fold(word), _WEEKDAYS[number])
                found.setdefault(_stem(word, language), _WEEKDAYS[number])
    return found


@cache
def _locale(language: str) -> Locale | None:
    try:
        return locales.parse(language)
    except (UnknownLocaleError, ValueError):
        return None
