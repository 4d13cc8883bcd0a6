"""Whether what a sentence denies is denied in the articles too. Pure.

A sentence can use only names and numbers of an article and say the opposite of it. The sense is not
understood here either: looked at is whether, near what the sentence says, an article denies anything.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from digest.compose import sentences
from digest.model.article import Article

_NEAREST = 2  # sentences of an article; news tells the same thing in the lead and in the body


def unfounded(text: str, language: str, articles: Sequence[Article]) -> bool:
    """Whether a sentence denies something, and nothing like it is denied in the articles.

    Of an article in another language any sentence will do, since it is not known which is the nearest;
    one in a language whose words are not known settles nothing.
    """
    if not denials(text, language):
        return False
    return not any(a.language not in _words("says") or _backed(text, language, a) for a in articles)


def _backed(text: str, language: str, article: Article) -> bool:
    told = (article.title, *(s for p in article.paragraphs for s in sentences.split(p, article.language)))
    if article.language == language:
        mine = _beginnings(text)
        told = tuple(sorted(told, key=lambda s: -len(mine & _beginnings(s)))[:_NEAREST])
    return any(denials(s, article.language) or _hints(s, article.language) for s in told)


def denials(text: str, language: str) -> int:
    """How many words of a sentence deny something; 0 in a language whose words are not known."""
    said = _words("says").get(language, ())
    return sum(w in said or (language == "en" and w.endswith(("n't", "n’t"))) for w in _split(text))


def _hints(text: str, language: str) -> bool:
    return any(w.startswith(_words("backs")[language]) for w in _split(text))


def _split(text: str) -> list[str]:
    return [w.casefold() for w in sentences.words(text)]


def _beginnings(text: str) -> frozenset[str]:
    return frozenset(w[:6] for w in _split(text) if len(w) > 3) | frozenset(re.findall(r"\d+", text))


@functools.cache
def _words(table: str) -> dict[str, tuple[str, ...]]:
    text = files("digest.compose").joinpath("data", "negations.toml").read_text(encoding="utf-8")
    return {language: tuple(words.split()) for language, words in tomllib.loads(text)[table].items()}
