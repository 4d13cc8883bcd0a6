"""Doubles of labelled events: told in the same words on the same days, of other people in other places.

No collected set holds two such events, though every news stream does: forms of words are used again by each
newsroom, for each fire and each quarter point. A score that never saw them learns that many words in common are
enough. Each event of one double has its names replaced throughout in the same way, each place by another place;
in every second one the numbers are others, too.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import cache

from babel import Locale
from labelled import Labelled

from digest.group.features import extract
from digest.group.places import is_setting, place
from digest.group.sounds import caseless
from digest.group.words import fold

#: One event in so many has a double.
ONE_IN = 4
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*|\d+")
_SYLLABLES = ("bra", "zel", "quo", "dun", "fi", "gar", "ho", "ju", "kem", "lo", "mip", "na", "pu", "rik", "so", "te")


def doubles(rows: list[Labelled]) -> list[Labelled]:
    """New rows, in sets named `double`, with events of their own in the groups of those that they double."""
    return [_double(row) for row in rows if _hash(row.event) % ONE_IN == 0 and not caseless(row.article.language)]


def _double(row: Labelled) -> Labelled:
    article = row.article
    found = extract(article).names
    keeps = _hash(f"names {row.event}") % 2  # as a commentator's agency, or a club's next match, is the same one
    names = {
        n for n, count in found.items() if " " not in n and (count > 1 or not keeps or _hash(f"{row.event} {n}") % 2)
    }
    new = {"title": _retold(article.title, names, row), "paragraphs": ()}
    new["paragraphs"] = tuple(_retold(p, names, row) for p in article.paragraphs)
    told = replace(article, identity=f"{article.identity}/double", **new)
    return Labelled(told, f"{row.event}/double", row.group, "double")


def _retold(text: str, names: set[str], row: Labelled) -> str:
    return _WORD.sub(lambda found: _instead(found[0], names, row), text)


def _instead(word: str, names: set[str], row: Labelled) -> str:
    if word.isdecimal():
        return word if _hash(f"numbers {row.event}") % 2 or len(word) == 1 else _other_number(word, row.event)
    language = row.article.language
    known = place(fold(word), language, word)
    if not word[0].isupper() or known not in names:
        return word
    listed = is_setting(known) and _hash(f"places {row.event}") % 2
    return _other_place(known, row) if listed else _other_name(known, row.event)


def _other_number(number: str, event: str) -> str:
    return str(_hash(f"{event} {number}") % (9 * 10 ** (len(number) - 1)) + 10 ** (len(number) - 1))


def _other_name(name: str, event: str) -> str:
    number = _hash(f"{event} {name}")
    count = 2 + number % 2
    return "".join(_SYLLABLES[number >> 4 * place & 15] for place in range(1, count + 1)).capitalize()


def _other_place(known: str, row: Labelled) -> str:
    """A land for a land, a city for a city, in the language of the article."""
    language = row.article.language
    kind = "lands" if known.startswith("@") else "cities"
    pool, here = _pool("en", kind), dict(_pool(language, kind))
    key, name = pool[_hash(f"{row.event} {known}") % len(pool)]
    return here.get(key, name)


@cache
def _pool(language: str, kind: str) -> tuple[tuple[str, str], ...]:
    locale = Locale(language)
    if kind == "lands":
        found = {key: str(name) for key, name in locale.territories.items() if key.isalpha()}
    else:
        zones = locale.time_zones.items()
        found = {key: str(zone["city"]) for key, zone in zones if "city" in zone}
    return tuple(sorted((key, name) for key, name in found.items() if name.isalpha() and name[0].isupper()))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")
