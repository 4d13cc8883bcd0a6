"""The word lists of this room: stop words, German nouns, places, topics with their concepts.

All of them are data files beside the code, read once. Words are written as newspapers print them and
stemmed here by the same stemmer that reads the articles.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from babel import Locale, UnknownLocaleError

from digest.group.words import fold

TOPIC_NAMES = (
    "politics", "conflict-war", "economy-business", "crime-law", "disaster-accident", "health", "science-technology",
    "environment", "weather", "society", "education", "labour", "religion", "arts-culture", "sport",
    "lifestyle-leisure", "human-interest",
)  # fmt: skip


def _read(name: str) -> dict[str, Any]:
    path = files("digest.group").joinpath("data", *name.split("/"))
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """One default topic as its file tells it. `concepts` maps a concept id to its weight.

    `tells` is what a concept's words say for the topic, where that is not the weight that it has between
    articles. `more` are words that speak for the topic without being one idea that all languages share.
    """

    name: str
    code: str
    labels: Mapping[str, str]
    hints: frozenset[str]
    concepts: Mapping[str, float]
    tells: Mapping[str, float]
    words: Mapping[str, Mapping[str, str]]  # concept id -> language -> words
    more: Mapping[str, str]  # language -> words


@cache
def topic_entries() -> dict[str, TopicEntry]:
    return {name: _topic_entry(name) for name in TOPIC_NAMES}


def _topic_entry(name: str) -> TopicEntry:
    data = _read(f"topics/{name}.toml")
    concepts: dict[str, float] = {}
    tells: dict[str, float] = {}
    words: dict[str, dict[str, str]] = {}
    for concept, table in data["concept"].items():
        ident = f"{name}.{concept}"
        concepts[ident] = float(table.pop("weight", 1.0))
        tells[ident] = float(table.pop("tells", concepts[ident]))
        words[ident] = table
    labels = data["label"]
    hints = {fold(word) for word in (name, *labels.values(), *data.get("hints", "").split())}
    return TopicEntry(name, data["code"], labels, frozenset(hints), concepts, tells, words, data.get("more", {}))


@cache
def stop_words(language: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _read("stopwords.toml").get(language, "").split())


@cache
def stop_forms(language: str) -> frozenset[str]:
    """The stop words of one language with their accents."""
    return frozenset(_read("stopwords.toml").get(language, "").split())


@cache
def faint_words(language: str) -> frozenset[str]:
    """Everyday words: they stand in articles of every kind, so they tell little of any."""
    return frozenset(_read("faint.toml").get(language, "").split())


@cache
def currencies(language: str) -> frozenset[str]:
    return frozenset(_read("faint.toml")["currencies"].get(language, "").split())


@cache
def whole_words(language: str) -> frozenset[str]:
    """Words that count only as they are listed, with no other ending and in no compound."""
    return frozenset(_read("whole.toml").get(language, "").split())


@cache
def all_stop_words() -> frozenset[str]:
    """For texts in a language without a list of its own."""
    return frozenset(fold(word) for text in _read("stopwords.toml").values() for word in text.split())


def stops(language: str) -> frozenset[str]:
    return stop_words(language) or all_stop_words()


@cache
def _german() -> tuple[frozenset[str], tuple[str, ...]]:
    data = _read("german.toml")
    return frozenset(fold(word) for word in data["nouns"].split()), tuple(map(fold, data["endings"].split()))


@lru_cache(maxsize=65536)
def is_german_noun(folded: str) -> bool:
    """Whether a capitalised German word looks like a common noun rather than a name."""
    nouns, endings = _german()
    if folded in nouns or (len(folded) >= 6 and folded.endswith(endings)):
        return True
    # Plural and case endings, then the last part of a compound.
    for bare in {folded, *(folded[: -len(e)] for e in ("s", "n", "e", "en", "es", "er", "ern") if folded.endswith(e))}:
        if bare in nouns or any(bare[i:] in nouns for i in range(3, len(bare) - 3)):
            return True
    return False


@cache
def _place_forms() -> dict[str, str]:
    forms: dict[str, str] = {}
    for line in _read("places.toml")["same"].strip().splitlines():
        first, *others = line.split()
        for form in (first, *others):
            forms[form.replace("_", " ")] = first.replace("_", " ")
    return forms


@cache
def _territories(language: str) -> dict[str, str]:
    try:
        names = Locale(language).territories
    except UnknownLocaleError:
        return {}
    return {fold(str(name)): f"@{code.lower()}" for code, name in names.items() if code.isalpha()}


def place(name: str, language: str) -> str:
    """One form for a place, whatever the language: `@de` for a territory, the list's first form for a city."""
    found = _territories(language).get(name)
    if found is None and language != "en":
        found = _territories("en").get(name)
    return found or _place_forms().get(name, name)


@cache
def hubs() -> frozenset[str]:
    return frozenset(_read("places.toml")["hubs"].replace("_", " ").split())


def is_hub(name: str) -> bool:
    """Whether sharing this name proves little before a single article has been counted."""
    return name.startswith("@") or name in hubs() or name in _place_forms()


@cache
def _concept_weights() -> dict[str, float]:
    return {concept: weight for entry in topic_entries().values() for concept, weight in entry.concepts.items()}


def concept_weight(concept: str) -> float:
    """How much a concept says about the topic it belongs to; 1 where the lists do not know it (any more)."""
    return _concept_weights().get(concept, 1.0)


@cache
def topic_of_word() -> dict[str, str]:
    """Folded word of any language -> the one topic it belongs to; words of several topics are left out."""
    found: dict[str, set[str]] = {}
    for entry in topic_entries().values():
        for by_language in (*entry.words.values(), entry.more):
            for language, text in by_language.items():
                for word in set(text.split()) - faint_words(language):
                    found.setdefault(fold(word), set()).add(entry.name)
    return {word: next(iter(topics)) for word, topics in found.items() if len(topics) == 1}
