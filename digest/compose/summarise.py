"""Who may draft summaries and translations, and the default: sentences quoted from the articles. Pure.

What they draft is believed by nobody: `tell.py` checks every sentence, whoever it is from.
"""

from __future__ import annotations

import functools
import math
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import Stemmer

from digest.compose import sentences
from digest.model.article import Article
from digest.model.drafting import Ask, Draft, Limits, Piece, Rendering, Sentence, nobody
from digest.model.edition import Quote

#: Of several articles, how many words of the summary may come from one.
PER_ARTICLE = 40
_FREE = 30  # beyond as many words, at most half of an article is quoted
_FIRST = 5  # sentences of each article that are looked at: news says the important thing first

_STEMMERS = {
    "nl": "dutch", "de": "german", "it": "italian", "en": "english", "fr": "french", "es": "spanish",
    "pt": "portuguese", "sv": "swedish", "da": "danish", "no": "norwegian", "nb": "norwegian", "fi": "finnish",
    "ro": "romanian", "hu": "hungarian", "ru": "russian", "tr": "turkish", "ar": "arabic", "el": "greek",
}  # fmt: skip
_local = threading.local()  # Stemmer objects keep state: one set per thread


class Summariser(Protocol):
    """Drafts summaries; found through `digest.summarisers`, made with `Ask` for those who want a model.

    Given the articles of each story that is to be told (a paragraph is a sentence that is still news to
    the reader), it returns a draft for each, in their order. A sentence that claims to be quoted and
    does not stand in its article is dropped; one in other words is checked against the articles.
    """

    def summarise(self, stories: Sequence[Sequence[Article]], language: str, limits: Limits) -> Sequence[Draft]: ...


class Translator(Protocol):
    """Translates sentences; found through `digest.translators`. A rendering for each bundle, in their order."""

    def translate(self, bundles: Sequence[Sequence[Piece]], language: str) -> Sequence[Rendering]: ...


def quote(article: Article, text: str, *, continues: bool = False) -> Quote:
    return Quote(
        text, article.language, article.id, article.publisher, article.url, continues, published=article.published
    )


def best_language(articles: Sequence[Article], language: str) -> str:
    """The reader's language if any article has it, else the one that most articles have."""
    counts = Counter(a.language for a in articles)
    if not counts or language in counts:
        return language
    return min(counts, key=lambda name: (-counts[name], name))


class ExtractiveSummariser:
    """The lead of a single article; of several, the sentences nearest to what they have in common."""

    def __init__(self, ask: Ask = nobody) -> None:
        """It asks nobody."""

    def summarise(self, stories: Sequence[Sequence[Article]], language: str, limits: Limits) -> Sequence[Draft]:
        return [Draft(self.one(articles, language, limits)) for articles in stories]

    def one(self, articles: Sequence[Article], language: str, limits: Limits) -> tuple[Sentence, ...]:
        chosen = best_language(articles, language)
        told = [a for a in articles if a.language == chosen and sentences.of(a)]
        if not told:
            return ()
        taken = _lead(told[0], limits) if len(told) == 1 else _central(told, limits)
        return tuple(Sentence(text, (article.id,)) for article, text in taken)


Taken = tuple[Article, str]


def half_of(article: Article) -> int:
    """Words: so much of one article is quoted at most."""
    return max(_FREE, sum(sentences.length(s) for s in sentences.of(article)) // 2)


def _allowance(article: Article, limits: Limits) -> int:
    """Words that may be taken from an article: a summary quotes, it does not copy."""
    return min(limits.words, limits.max_quote_words, half_of(article))


def _lead(article: Article, limits: Limits) -> tuple[Taken, ...]:
    taken: list[str] = []
    allowed, longest = _allowance(article, limits), min(limits.words, limits.max_quote_words)
    used = 0
    for sentence in sentences.of(article)[:_FIRST]:
        size = sentences.length(sentence)
        if taken and (used + size > allowed or len(taken) == limits.sentences):
            break
        if not taken and size > longest and len(sentences.of(article)) > 1:
            continue  # a monster of a sentence: the next one will do
        if any(sentences.repeats(sentence, other) for other in taken):
            continue
        taken.append(sentence)
        used += size
    return tuple((article, s) for s in taken or sentences.of(article)[:1])


def _central(articles: Sequence[Article], limits: Limits) -> tuple[Taken, ...]:
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
    limit, longest = limits.words, min(limits.words, limits.max_quote_words)
    while True:
        best, best_gain = -1, 0.0
        for i, (article, place, text) in enumerate(pool):
            size = sentences.length(text)
            if i in taken or (taken and sum(words.values()) + size > limit) or size > longest:
                continue
            if taken and words[article.id] + size > min(PER_ARTICLE, _allowance(article, limits)):
                continue
            if any(sentences.repeats(text, pool[j][2]) or sentences.repeats(pool[j][2], text) for j in taken):
                continue
            gain = _cosine(summary + Counter(vectors[i]), centre) * (1.0 - 0.06 * place)
            if gain > best_gain:
                best, best_gain = i, gain
        if best < 0 or len(taken) == limits.sentences:
            break
        taken.append(best)
        summary.update(vectors[best])
        words[pool[best][0].id] += sentences.length(pool[best][2])
    if not taken:
        return _lead(articles[0], limits)
    # Sentences of one article stay together and in its order, articles in the order of their first.
    order = {pool[i][0].id: rank for rank, i in reversed(list(enumerate(taken)))}
    taken.sort(key=lambda i: (order[pool[i][0].id], pool[i][1]))
    return tuple((pool[i][0], pool[i][2]) for i in taken)


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
