"""Places in one form for all languages: territories and big cities by the locale data (CLDR), others by our list.

`Mailand`, `Milano` and `Милане` are one place; so are `Niemczech`, `Alemanha` and `ألمانيا`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError

from digest.group import lexicon
from digest.group.words import Remembered, Token, fold, word_stem

#: Languages that decline the names of places: there a name is also known by its stem.
_DECLINING = frozenset({"ar", "cs", "el", "et", "fi", "hr", "hu", "lt", "pl", "ru", "sk", "sl", "sr", "tr", "uk"})
#: A shorter stem may be another word's.
_STEM = 4
_CASELESS_STEM = 3


def place(name: str, language: str, written: str = "") -> str:
    """One form for a folded name: `@de` for a territory, the English name of a city; other names as they are.

    `written`: the word as the text has it, to know its declined forms by.
    """
    found = _known(language).get(name)
    if found is None and written and language in _DECLINING:
        found = _stems(language).get(word_stem(written, language))
    if found is None and language != "en":
        found = _forms("en").get(name)
    return found or name


def is_place(name: str, language: str) -> bool:
    """Whether a folded word names a place, though it may look like a common noun: `mailand`, `russland`."""
    return name in _known(language)


def known_places(words: Sequence[Token], language: str) -> Iterator[str]:
    """The places that a text in a script without capitals names, in its order, those of two words first."""
    single, pairs, opens = _single(language), _known(language), _opens_pair(language)
    for at, token in enumerate(words):
        if token.folded in opens and at + 1 < len(words):
            pair = pairs.get(f"{token.folded} {words[at + 1].folded}")
            if pair:
                yield pair
        code = None if token.number else single[token.text]
        if code:
            yield code


@cache
def _single(language: str) -> Remembered[str | None]:
    """Of each word of such a text the place that it names by itself, if any."""
    known, by_stem = _known(language), _stems(language)
    return Remembered(lambda word: known.get(fold(word)) or by_stem.get(word_stem(word, language)))


@cache
def _opens_pair(language: str) -> frozenset[str]:
    """What names of several words begin with."""
    return frozenset(name[:end] for name in _known(language) for end, c in enumerate(name) if c == " ")


def is_hub(name: str) -> bool:
    """Whether sharing this name proves little before a single article has been counted."""
    return name in lexicon.hubs() or (is_setting(name) and not name.startswith("@@"))


def is_setting(name: str) -> bool:
    """Whether a name tells where something happens, or by which body: `@de`, `milan`, `@@nato`."""
    return name.startswith("@") or name in _own_places() or name in _cities()


@cache
def _known(language: str) -> dict[str, str]:
    """Every folded form that names a place in texts of a language: those of its locale go before our own."""
    return _own() | _forms(language)


@cache
def _forms(language: str) -> dict[str, str]:
    """Folded name of a territory or a big city -> its one form."""
    return {fold(written): code for written, code in _written(language)}


@lru_cache(maxsize=64)
def _written(language: str) -> tuple[tuple[str, str], ...]:
    locale = _locale(language)
    if locale is None:
        return ()
    zones = ((key, zone) for key, zone in locale.time_zones.items() if key != "Etc/Unknown")
    cities = [(str(zone["city"]), _city(key)) for key, zone in zones if "city" in zone]
    lands = [(str(name), f"@{code.lower()}") for code, name in locale.territories.items() if code.isalpha()]
    # A land goes before its capital of one name.
    return (*cities, *lands)


@cache
def _stems(language: str) -> dict[str, str]:
    least = _CASELESS_STEM if language == "ar" else _STEM
    own = [(form, code) for form, code in _own().items()] if language != "ar" else []
    found: dict[str, str] = {}
    for written, code in (*own, *_written(language)):
        stem = word_stem(written, language)
        if " " not in written and len(stem) >= least:
            found[stem] = code
    return found


@cache
def _own() -> dict[str, str]:
    """Folded form -> the first form of its line in the list."""
    forms: dict[str, str] = {}
    for line in lexicon.place_lines():
        first, *others = (form.replace("_", " ") for form in line.split())
        for form in (first, *others):
            forms[form] = first
    return forms


@cache
def _own_places() -> frozenset[str]:
    return frozenset(_own().values())


@cache
def _city(zone: str) -> str:
    """The English name of a time zone's city, in the form of our list where that has it too."""
    english = _locale("en")
    known = english.time_zones.get(zone, {}) if english else {}
    name = fold(str(known.get("city") or zone.rpartition("/")[2].replace("_", " ")))
    return _own().get(name, name)


@cache
def _cities() -> frozenset[str]:
    return frozenset(code for _, code in _written("ru") if not code.startswith("@"))


def _locale(language: str) -> Locale | None:
    try:
        return Locale(language)
    except (UnknownLocaleError, ValueError):
        return None
