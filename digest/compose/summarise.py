"""Summaries made only of quoted sentences. Pure."""

from __future__ import annotations

import functools
import math
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit

import Stemmer

from digest.compose import sentences
from digest.model.article import Article
from digest.model.edition import Quote
from digest.model.publication import MANUAL

#: Words in a summary, and how many of them may come from one of several articles.
WORDS = 60
_PER_ARTICLE = 40
_FREE = 30  # beyond as many words, at most half of an article is quoted
_LEAD_SENTENCES = 3
_FIRST = 5  # sentences of each article that are looked at: news says the important thing first

_STEMMERS = {
    "nl": "dutch", "de": "german", "it": "italian", "en": "english", "fr": "french", "es": "spanish",
    "pt": "portuguese", "sv": "swedish", "da": "danish", "no": "norwegian", "nb": "norwegian", "fi": "finnish",
    "ro": "romanian", "hu": "hungarian", "ru": "russian", "tr": "turkish", "ar": "arabic", "el": "greek",
}  # fmt: skip
_local = threading.local()  # Stemmer objects keep state: one set per thread


class Summariser(Protocol):
    """Makes a summary of at most about `limit` words; found through `digest.summarisers`.

    Every quote must be a sentence of the article that it names: what is not is dropped.
    """

    def summarise(self, articles: Sequence[Article], language: str, limit: int) -> tuple[Quote, ...]: ...


def named(article: Article) -> str:
    """Whom a quotation is attributed to; empty where nobody is known and the headline must do."""
    if article.publisher:
        return article.publisher
    host = (urlsplit(article.url).hostname or "") if article.url else ""
    return host.removeprefix("www.") or (article.source if article.source != MANUAL else "")


def quote(article: Article, text: str, *, continues: bool = False) -> Quote:
    return Quote(text, article.language, article.id, named(article), article.url, continues)


def best_language(articles: Sequence[Article], language: str) -> str:
    """The reader's language if any article has it, else the one that most articles have."""
    counts = Counter(a.language for a in articles)
    if not counts or language in counts:
        return language
    return min(counts, key=lambda name: (-counts[name], name))


class ExtractiveSummariser:
    """The lead of a single article; of several, the sentences nearest to what they have in common."""

    def summarise(self, articles: Sequence[Article], language: str, limit: int = WORDS) -> tuple[Quote, ...]:
        chosen = best_language(articles, language)
        told = [a for a in articles if a.language == chosen and sentences.of(a)]
        if not told:
            return ()
        return _lead(told[0], limit) if len(told) == 1 else _central(told, limit)


def _allowance(article: Article, limit: int) -> int:
    """Words that may be taken from an article: a summary quotes, it does not copy."""
    return min(limit, max(_FREE, sum(sentences.length(s) for s in sentences.of(article)) // 2))


def _lead(article: Article, limit: int) -> tuple[Quote, ...]:
    taken: list[str] = []
    allowed = _allowance(article, limit)
    used = 0
    for sentence in sentences.of(article)[:_FIRST]:
        size = sentences.length(sentence)
        if taken and (used + size > allowed or len(taken) == _LEAD_SENTENCES):
            break
        if not taken and size > limit and len(sentences.of(article)) > 1:
            continue  # a monster of a sentence: the next one will do
        if any(sentences.repeats(sentence, other) for other in taken):
            continue
        taken.append(sentence)
        used += size
    return tuple(quote(article, s) for s in taken or sentences.of(article)[:1])


def _central(articles: Sequence[Article], limit: int) -> tuple[Quote, ...]:
    """Greedy centroid: take the sentence that brings the summary nearest to the whole, until full."""
    pool = [(a, place, s) for a in articles for place, s in enumerate(sentences.of(a)[:_FIRST])]
    bags = [_stems(s, a.language) for a, _, s in pool]
    seen_in = Counter(stem for bag in bags for stem in bag)
    vectors = [{t: n * math.log(1 + len(bags) / seen_in[t]) for t, n in bag.items()} for bag in bags]
    centre: Counter[str] = Counter()
    for vector in vectors:
        centre.update(vector)

    taken: list[int] = []
    summary: Counter[str] = Counter()
    words: Counter[int] = Counter()
    while True:
        best, best_gain = -1, 0.0
        for i, (article, place, text) in enumerate(pool):
            size = sentences.length(text)
            if i in taken or (taken and sum(words.values()) + size > limit) or size > limit:
                continue
            if taken and words[article.id] + size > min(_PER_ARTICLE, _allowance(article, limit)):
                continue
            if any(sentences.repeats(text, pool[j][2]) or sentences.repeats(pool[j][2], text) for j in taken):
                continue
            gain = _cosine(summary + Counter(vectors[i]), centre) * (1.0 - 0.06 * place)
            if gain > best_gain:
                best, best_gain = i, gain
        if best < 0 or len(taken) == _LEAD_SENTENCES:
            break
        taken.append(best)
        summary.update(vectors[best])
        words[pool[best][0].id] += sentences.length(pool[best][2])
    if not taken:
        return _lead(articles[0], limit)
    # Sentences of one article stay together and in its order, articles in the order of their first.
    order = {pool[i][0].id: rank for rank, i in reversed(list(enumerate(taken)))}
    taken.sort(key=lambda i: (order[pool[i][0].id], pool[i][1]))
    return tuple(quote(pool[i][0], pool[i][2]) for i in taken)


def central(sentences_: Sequence[str], language: str) -> list[float]:
    """How near each sentence is to all of them together."""
    bags = [_stems(s, language) for s in sentences_]
    centre: Counter[str] = Counter()
    for bag in bags:
        centre.update(bag)
    return [_cosine(bag, centre) for bag in bags]


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    dot = sum(value * b[key] for key, value in a.items())
    norm = math.sqrt(sum(v * v for v in a.values())) * math.sqrt(sum(v * v for v in b.values()))
    return dot / norm if norm else 0.0


@functools.lru_cache(maxsize=8192)
def _stems(sentence: str, language: str) -> Counter[str]:
    """Stems of the words that carry meaning: short words do not, unless they are names or numbers."""
    found = [w for w in sentences.words(sentence) if len(w) > 3 or w[0].isupper() or w[0].isdigit()]
    stemmer = _stemmer(language)
    return Counter(stemmer.stemWords([w.casefold() for w in found]) if stemmer else [w.casefold() for w in found])


def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = _STEMMERS.get(language)
    if name is None:
        return None
    kept: dict[str, Stemmer.Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if name not in kept:
        kept[name] = Stemmer.Stemmer(name)
    return kept[name]
