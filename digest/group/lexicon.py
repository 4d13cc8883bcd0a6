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

from digest.group.words import fold

TOPIC_NAMES = (
    "politics", "conflict-war", "economy-business", "crime-law", "disaster-accident", "health", "science-technology",
    "environment", "weather", "society", "education", "labour", "religion", "arts-culture", "sport",
    "lifestyle-leisure", "human-interest",
)  # fmt: skip


def _read(name: str) -> dict[str, Any]:
    path = files("digest.group").joinpath("data", *name.split("/"))
    return tomllib.loads(path.read_text(encoding="utf-8"))


#: A finer idea says less of its topic: an article has many words of such ideas, not all of what it is about.
_FINER = 0.7


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """One default topic as its file tells it.

    `more` are words that speak for the topic without being one idea that all languages share.
    """

    name: str
    code: str
    labels: Mapping[str, str]
    hints: frozenset[str]
    more: Mapping[str, str]  # language -> words


@dataclass(frozen=True, slots=True)
class Concept:
    """One idea with its words in every language.

    `weight`: how much sharing it proves between two articles. `tells`: how much its words say for `topic`
    (empty: of no topic).
    """

    id: str
    topic: str
    weight: float
    tells: float
    words: Mapping[str, str]  # language -> words


@cache
def _topic_files() -> dict[str, dict[str, Any]]:
    return {name: _read(f"topics/{name}.toml") for name in TOPIC_NAMES}


@cache
def topic_entries() -> dict[str, TopicEntry]:
    return {name: _topic_entry(name, data) for name, data in _topic_files().items()}


def _topic_entry(name: str, data: Mapping[str, Any]) -> TopicEntry:
    labels = data["label"]
    hints = {fold(word) for word in (name, *labels.values(), *data.get("hints", "").split())}
    return TopicEntry(name, data["code"], labels, frozenset(hints), data.get("more", {}))


@cache
def concepts() -> dict[str, Concept]:
    """All concepts by their id: those of the topics' own files, then those of the further files."""
    found: dict[str, Concept] = {}
    for name, data in _topic_files().items():
        for concept, table in data["concept"].items():
            found[f"{name}.{concept}"] = _concept(f"{name}.{concept}", table, name)
    folder = files("digest.group").joinpath("data", "concepts")
    for path in sorted(p.name for p in folder.iterdir() if p.name.endswith(".toml")):
        data = _read(f"concepts/{path}")
        for concept, table in data["concept"].items():
            ident = concept if concept.startswith("@") else f"{path.removesuffix('.toml')}.{concept}"
            found[ident] = _concept(ident, table, data["topic"], _FINER)
    return found


def _concept(ident: str, table: Mapping[str, Any], topic: str, share: float = 1.0) -> Concept:
    words = {key: value for key, value in table.items() if key not in ("topic", "weight", "tells")}
    weight = float(table.get("weight", 1.0))
    return Concept(ident, table.get("topic", topic), weight, share * float(table.get("tells", weight)), words)


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
def never_parts(language: str) -> frozenset[str]:
    """Listed words that stand in no compound: German `Zahlungen` has no `Lunge` in it, nor `Abteilung` an `Abtei`."""
    return frozenset(_read("whole.toml")["never_parts"].get(language, "").split())


@cache
def unlike_words(language: str) -> frozenset[str]:
    """Words that are no form of a listed word although they share its stem: English `date` and `dating`."""
    return frozenset(_read("whole.toml")["unlike"].get(language, "").split())


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
def german_determiners() -> frozenset[str]:
    return frozenset(fold(word) for word in _read("german.toml")["determiners"].split())


@cache
def german_names_with_article() -> frozenset[str]:
    return frozenset(fold(word) for word in _read("german.toml")["names_with_article"].split())


@cache
def place_lines() -> tuple[str, ...]:
    """The spellings of a place, one line each; the first form stands for all, `_` joins words."""
    return tuple(_read("places.toml")["same"].strip().splitlines())


@cache
def hubs() -> frozenset[str]:
    return frozenset(_read("places.toml")["hubs"].replace("_", " ").split())


def concept_weight(concept: str) -> float:
    """How much sharing a concept proves; 1 where the lists do not know it (any more)."""
    found = concepts().get(concept)
    return found.weight if found else 1.0


@cache
def topic_of_word() -> dict[str, str]:
    """Folded word of any language -> the one topic it belongs to; words of several topics are left out."""
    found: dict[str, set[str]] = {}
    of_topics = [(c.topic, c.words) for c in concepts().values() if c.topic]
    of_topics += [(entry.name, entry.more) for entry in topic_entries().values()]
    for topic, by_language in of_topics:
        for language, text in by_language.items():
            for word in set(text.split()) - faint_words(language):
                found.setdefault(fold(word), set()).add(topic)
    return {word: next(iter(topics)) for word, topics in found.items() if len(topics) == 1}


@cache
def score_tables() -> dict[str, Any]:
    """The learned weights: `same_language` and `other_language` with `titles` and `texts` each, and `bars`."""
    return _read("score.toml")
