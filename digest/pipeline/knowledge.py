"""What grouping and ingest know of words, handed to whoever checks what a language model says."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from digest.compose.names import Knowledge
from digest.group import lexicon
from digest.group.places import place
from digest.group.vocabulary import senses_of
from digest.group.words import fold
from digest.ingest.language import detect

#: German words with these endings are no names, whatever stands before.
_NOUN_ENDINGS = ("ung", "ungen", "heit", "heiten", "keit", "keiten", "schaft", "schaften", "tion", "tionen", "ismus")
_SHORT = 3


@lru_cache(maxsize=8)
def knowledge(languages: tuple[str, ...]) -> Knowledge:
    """`languages` are those that are told apart."""
    return Knowledge(fold=fold, place=place, plain=plain, common=common, language=_detector(languages))


def _detector(languages: tuple[str, ...]) -> Callable[[str, str], str]:
    """The language that is expected wins unless the text plainly contradicts it."""
    return lambda text, expected: detect(text, tuple(sorted({*languages, expected})), expected)


def plain(word: str, language: str) -> bool:
    return fold(word) in lexicon.stops(language)


@lru_cache(maxsize=16384)
def common(word: str, language: str) -> bool:
    """Whether a word that stands with a capital is one of the language's everyday words, and no name.

    A compound is none for sure: `Bergbahn` and the name `Kirchbach` are made alike.
    """
    folded, small = fold(word), word.lower()
    if plain(word, language) or small in lexicon.faint_words(language):
        return True
    if language == "de":
        if len(folded) > 6 and folded.endswith(_NOUN_ENDINGS):
            return True
        return lexicon.is_german_noun(folded) and not _by_a_part(folded)
    return len(small) > _SHORT and bool(senses_of(word, language))


def _by_a_part(folded: str) -> bool:
    return any(lexicon.is_german_noun(folded[i:]) for i in range(_SHORT, len(folded) - _SHORT))
