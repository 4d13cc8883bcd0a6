"""Topics: the 17 top-level IPTC Media Topics by a word lexicon, and the operator's own by their words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from digest.group import lexicon
from digest.group.evidence import Evidence, weigh
from digest.group.records import TopicScore
from digest.group.words import fold, tokens
from digest.model.article import Article
from digest.model.story import Topic

_MOST = 3
#: Evidence under this is noise (one word that is told twice reaches it, one that is told once does not);
#: a second or third topic needs this share of the first one's.
_LEAST = 1.5
_SHARE = 0.6
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


def assign(article: Article, topics: Sequence[Topic]) -> tuple[TopicScore, ...]:
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
    default = _by_lexicon(article, allowed)
    return (*own, *default[: max(0, _MOST - len(own))])


def _by_lexicon(article: Article, allowed: Sequence[str]) -> list[TopicScore]:
    evidence = weigh(article)
    hinted = {topic: hint for hint in article.topic_hints if (topic := hint_topic(hint))}
    weight = {topic: found.weight for topic, found in evidence.items()}
    for topic in hinted:
        weight[topic] = weight.get(topic, 0.0) + _HINT
    strong = {t: w for t, w in weight.items() if w >= _LEAST and t in allowed}
    if not strong:
        return []
    top, total = max(strong.values()), sum(weight.values())
    chosen = sorted((t for t, w in strong.items() if w >= _SHARE * top), key=lambda t: (-round(strong[t], 6), t))
    return [TopicScore(t, round(strong[t] / total, 4), _reason(evidence.get(t), hinted.get(t))) for t in chosen[:_MOST]]


def _reason(evidence: Evidence | None, hint: str | None) -> str:
    """The words that spoke for the topic, the most telling ones first."""
    parts = [f"filed under {hint!r}"] if hint else []
    return "; ".join(parts + ([f"words {', '.join(evidence.words[:_REASON_WORDS])}"] if evidence else []))


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
