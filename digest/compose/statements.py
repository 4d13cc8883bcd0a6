"""What an article states, sentence by sentence: numbers of something, sums, measures, days, stages. Pure.

Told by the words of data/developments.toml. Where a sentence can be read in two ways it states nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from digest.compose import counting, sentences
from digest.compose.figures import calendar
from digest.compose.phrasing import Sentence, names
from digest.compose.stages import days, stages
from digest.compose.stated import Statement, same
from digest.model.article import Article

_LEAD = 3  # sentences, besides the title, in which a stage is believed


@lru_cache(maxsize=8192)
def statements(article: Article) -> tuple[Statement, ...]:
    """Everything that an article states, in its order; of each matter at most one."""
    texts = [text for text in (" ".join(article.title.split()), *sentences.of(article)) if text]
    if len(texts) > 1 and texts[1].startswith(texts[0].rstrip("….")):
        texts = texts[1:]
    begin = names(" ".join(texts[: _LEAD + 1]))
    found: list[Statement] = []
    for order, text in enumerate(texts):
        if _tells_of_the_past(text, article):
            continue
        sentence = Sentence(text, article.language)
        found += counting.counts(sentence, order, article.language)
        found += counting.sums(sentence, order)
        found += counting.measures(sentence, order)
        found += counting.votes(sentence, order)
        found += counting.starts(sentence, order, article.published.start.year)
        found += days(sentence, order, article.language, article.published.start.date())
        if order <= _LEAD:
            found += stages(sentence, order)
    return tuple(replace(s, strangers=_strangers(s, article.language, begin)) for s in _settled(found))


def _strangers(said: Statement, language: str, begin: frozenset[str]) -> frozenset[str]:
    """Who is named, where it is several of whom the beginning of the article knows nobody."""
    if said.order <= _LEAD:
        return frozenset()
    plain = list(said.sentence)
    for start, end in calendar(said.sentence, language).spans:
        plain[start:end] = " " * (end - start)
    named = names("".join(plain))
    return named if len(named) > 1 and not named & begin else frozenset()


def _tells_of_the_past(text: str, article: Article) -> bool:
    """Whether a year before the article's own is named: the numbers may be of then."""
    years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", text)]
    return any(year < article.published.start.year for year in years)


def _settled(found: list[Statement]) -> list[Statement]:
    """Of each matter the first; none where the beginning of the article has two different ones."""
    kept: dict[tuple[str, str, str], Statement] = {}
    unclear: set[tuple[str, str, str]] = set()
    for statement in found:
        key = (statement.kind, statement.matter, statement.unit)
        first = kept.setdefault(key, statement)
        near = statement.order - first.order <= 1 or statement.order <= _LEAD
        if first.rough and not statement.rough and same(first, statement):
            kept[key] = statement  # the headline rounds what the text tells
        elif first.value != statement.value and near and not first.rough and not statement.rough:
            unclear.add(key)
    return [s for key, s in kept.items() if key not in unclear]
