"""Topics: the 17 top-level IPTC Media Topics by a word lexicon, and the operator's own by their words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from digest.group import lexicon
from digest.group.features import Features
from digest.group.records import TopicScore
from digest.group.words import fold, stem, token_list, tokens
from digest.model.article import Article
from digest.model.story import Topic

_MOST = 3
#: Evidence under this is noise; a second or third topic needs this share of the first one's.
_LEAST = 2.0
_SHARE = 0.5
#: What a word in the source's own topic hint weighs.
_HINT = 6.0
_REASON_WORDS = 4


@cache
def default_topics() -> tuple[Topic, ...]:
    """The 17 top-level IPTC Media Topics, labels in English."""
    return tuple(
        Topic(entry.name, entry.labels["en"], "iptc", entry.code) for entry in lexicon.topic_entries().values()
    )


def topic_label(name: str, language: str) -> str:
    """A default topic's name in a language, in English where we lack it; an unknown topic's name as it is."""
    entry = lexicon.topic_entries().get(name)
    return entry.labels.get(language, entry.labels["en"]) if entry else name


def assign(article: Article, features: Features, topics: Sequence[Topic]) -> tuple[TopicScore, ...]:
    """The topics of an article, heaviest first: every operator's topic that matches, then default ones up to three."""
    words = _word_string(article) if any(t.match for t in topics) else ""
    own: list[TopicScore] = []
    allowed: list[str] = []
    for topic in topics:
        hits = _matches(words, topic.match)
        if topic.kind == "operator" and hits:
            own.append(TopicScore(topic.name, 1.0 + len(hits), f"matches {', '.join(hits[:_REASON_WORDS])}"))
        elif topic.kind != "operator" and (hits or not topic.match):
            allowed.append(topic.name)
    own.sort(key=lambda s: (-s.score, s.topic))
    default = _by_lexicon(article, features, allowed)
    return (*own, *default[: max(0, _MOST - len(own))])


def _by_lexicon(article: Article, features: Features, allowed: Sequence[str]) -> list[TopicScore]:
    evidence = _evidence(features)
    hinted = {topic: hint for hint in article.topic_hints if (topic := hint_topic(hint))}
    for topic in hinted:
        evidence[topic] = evidence.get(topic, 0.0) + _HINT
    strong = {t: e for t, e in evidence.items() if e >= _LEAST and t in allowed}
    if not strong:
        return []
    top, total = max(strong.values()), sum(evidence.values())
    chosen = sorted((t for t, e in strong.items() if e >= _SHARE * top), key=lambda t: (-strong[t], t))
    words = _telling_words(article, features)
    return [TopicScore(t, round(strong[t] / total, 4), _reason(words, t, hinted.get(t))) for t in chosen[:_MOST]]


def _evidence(features: Features) -> dict[str, float]:
    """Each concept counts by how often it is told, less and less for each time."""
    found: dict[str, float] = {}
    for concept, count in features.concepts.items():
        topic = concept.partition(".")[0]
        found[topic] = found.get(topic, 0.0) + lexicon.concept_weight(concept) * (1.0 + math.log(count))
    return found


def _telling_words(article: Article, features: Features) -> dict[str, dict[str, int]]:
    """Per topic the words that spoke for it, with how often their concept was told."""
    found: dict[str, dict[str, int]] = {}
    language = article.language
    for token in (*token_list(article.title, language), *token_list(article.text, language)):
        if token.number:
            continue
        for concept in lexicon.concepts_of(stem(token.text, language), language):
            if concept in features.concepts:
                words = found.setdefault(concept.partition(".")[0], {})
                word = token.text.lower()
                words[word] = max(words.get(word, 0), features.concepts[concept])
    return found


def _reason(words: dict[str, dict[str, int]], topic: str, hint: str | None) -> str:
    """The words that spoke for the topic, the most frequent concepts' first."""
    told = words.get(topic, {})
    heaviest = sorted(told, key=lambda w: (-told[w], w))[:_REASON_WORDS]
    parts = [f"filed under {hint!r}"] if hint else []
    return "; ".join(parts + ([f"words {', '.join(heaviest)}"] if heaviest else []))


@lru_cache(maxsize=4096)
def hint_topic(hint: str) -> str | None:
    """The default topic that a free word of a source's means ("Wirtschaft", "sport/voetbal"), if one."""
    whole = fold(hint).strip()
    parts = [whole, *(fold(t.text) for t in tokens(hint, "und"))]
    for part in parts:
        for entry in lexicon.topic_entries().values():
            if part in entry.hints:
                return entry.name
    return next((topic for part in parts if (topic := lexicon.topic_of_word().get(part))), None)


def _word_string(article: Article) -> str:
    return _joined(f"{article.title}\n{article.text}")


def _joined(text: str) -> str:
    """The folded words between blanks, so that whole words and phrases are found as substrings."""
    return f" {' '.join(fold(t.text) for t in tokens(text, 'und', limit=1_000_000))} "


@lru_cache(maxsize=4096)
def _phrase(text: str) -> str:
    return _joined(text.replace('"', " "))


def _matches(words: str, match: Iterable[str]) -> list[str]:
    return [m for m in match if _phrase(m).strip() and _phrase(m) in words]
