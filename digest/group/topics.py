"""Topics: the 17 top-level IPTC Media Topics by a word lexicon, and the operator's own by their rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property, lru_cache

from digest.group import lexicon
from digest.group.evidence import Evidence, weigh
from digest.group.reading import Reading
from digest.group.records import TopicScore
from digest.group.topic_rule_lexer import RuleError
from digest.group.topic_rule_match import Matcher, matcher, reason
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


def is_named(topic: Topic) -> bool:
    """Whether its label is the operator's, and so the same in every language."""
    return topic.kind == "operator" or topic.label != topic_label(topic.name, "en")


def assign(article: Article, topics: Sequence[Topic]) -> tuple[TopicScore, ...]:
    """The topics of an article, heaviest first: every operator's topic that matches, then default ones up to three."""
    return assign_all(judge(article), topics)


def judge(article: Article) -> Judgement:
    """An article as topics look at it; to be asked about any number of them."""
    return Judgement(article)


class Judgement:
    """What an article's words say for topics. Each thing is looked up when a topic first asks for it."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.reading = Reading(article, self._by_vocabulary)

    @cached_property
    def evidence(self) -> Mapping[str, Evidence]:
        """By default topic: what its vocabulary found."""
        return weigh(self.article)

    @cached_property
    def hinted(self) -> Mapping[str, str]:
        """Default topic -> the source's own word for it."""
        return {topic: hint for hint in self.article.topic_hints if (topic := hint_topic(hint))}

    @cached_property
    def weight(self) -> Mapping[str, float]:
        """By default topic, heaviest first: words and hints together."""
        found = {topic: evidence.weight for topic, evidence in self.evidence.items()}
        for topic in self.hinted:
            found[topic] = found.get(topic, 0.0) + _HINT
        return dict(sorted(found.items(), key=lambda pair: (-round(pair[1], 6), pair[0])))

    def needed(self, allowed: Container[str]) -> float:
        """The weight that a default topic needs, if these are the ones that there are."""
        return max(_LEAST, _SHARE * max((w for t, w in self.weight.items() if t in allowed), default=0.0))

    def chosen(self, allowed: Container[str]) -> list[TopicScore]:
        """The default topics that weigh enough."""
        least, total = self.needed(allowed), sum(self.weight.values())
        heavy = [(topic, weight) for topic, weight in self.weight.items() if topic in allowed and weight >= least]
        return [TopicScore(topic, round(weight / total, 4), self.words(topic)) for topic, weight in heavy[:_MOST]]

    def words(self, topic: str) -> str:
        """The words that spoke for a default topic, the most telling ones first."""
        hint, evidence = self.hinted.get(topic), self.evidence.get(topic)
        parts = [f"filed under {hint!r}"] if hint else []
        return "; ".join(parts + ([f"words {', '.join(evidence.words[:_REASON_WORDS])}"] if evidence else []))

    def matcher(self, topic: Topic) -> Matcher:
        """The topic's rule for this article's language. Raises RuleError, which names the topic."""
        try:
            return matcher(topic.rule, self.article.language)
        except RuleError as error:
            error.where = f"topic {topic.name}: {error.where}"
            raise

    def _by_vocabulary(self) -> Mapping[str, str]:
        return {score.topic: score.reason for score in self.chosen(lexicon.TOPIC_NAMES)}


def assign_all(judged: Judgement, topics: Sequence[Topic]) -> tuple[TopicScore, ...]:
    """See `assign`."""
    if not topics:
        return ()
    reading = judged.reading
    own: list[TopicScore] = []
    narrowed: dict[str, str] = {}  # default topic -> why its rule lets it pass
    for topic in topics:
        found = judged.matcher(topic) if topic.rule else None
        if found is not None and not found.holds(reading):
            continue
        why = reason(found, reading, _REASON_WORDS) if found else ""
        if topic.kind != "operator":
            narrowed[topic.name] = why
        elif found:
            own.append(TopicScore(topic.name, 1.0 + len(found.hits(reading)), why))
    own.sort(key=lambda s: (-s.score, s.topic))
    default = judged.chosen(narrowed)[: max(0, _MOST - len(own))]
    return (*own, *(replace(s, reason="; ".join(filter(None, (s.reason, narrowed[s.topic])))) for s in default))


def of_story(articles: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The topics of a story from those of its articles, the heaviest first; at most three.

    Each article gives its first topic one vote, the second half a vote, and so on.
    """
    votes: Counter[str] = Counter()
    for topics in articles:
        for rank, topic in enumerate(topics):
            votes[topic] += 60 // (rank + 1)
    ranked = sorted(votes, key=lambda t: (-votes[t], t))
    # A topic that few of the articles have is no topic of the story.
    return tuple(t for t in ranked if votes[t] * 3 >= 30 * len(articles))[:_MOST]


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
