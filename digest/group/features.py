"""What of an article the grouping looks at: names, stems, numbers, concepts, and the dates that it tells of.

An article is read once; what is found fits a line of JSON, so that stories can be rebuilt without
the texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from digest.group import lexicon
from digest.group.moments import moments
from digest.group.places import is_place, known_place, place
from digest.group.sounds import caseless
from digest.group.vocabulary import senses_of, terms
from digest.group.words import Token, fold, stems, token_list
from digest.model.article import Article

#: A word of the title counts as often as this.
_TITLE = 2
_BODY = 1
#: Small words that stand inside names: "Virgil van Dijk", "Vila do Conde".
_PARTICLES = frozenset(
    {"van", "de", "der", "den", "di", "del", "della", "do", "da", "dos", "das", "du", "la", "le", "von", "zu", "ter"}
    | {"ten", "y", "e", "el", "al", "bin"}
)
#: What parts a title from the name of its site or section, and how many words that has at most.
_SEPARATOR = re.compile(r"""\s+(?:[-–—|•·»"]|::|\|\|)\s+""")
_SITE_WORDS = 4
#: In a headline set in capitals throughout, capitals prove nothing.
_TITLE_CASE = 0.6


@dataclass(frozen=True, slots=True)
class Features:
    """Counts by kind; folded, transliterated, in the order of the text."""

    names: Mapping[str, int]
    stems: Mapping[str, int]
    numbers: Mapping[str, int]
    concepts: Mapping[str, int]
    moments: Mapping[str, int]

    def to_json(self) -> str:
        parts = (self.names, self.stems, self.numbers, self.concepts, self.moments)
        return json.dumps([dict(part) for part in parts], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Features:
        return cls(*json.loads(text))


#: Where features are not kept.
NOTHING = Features({}, {}, {}, {}, {})


@dataclass(slots=True)
class _Passage:
    tokens: Sequence[Token]
    weight: int
    title_case: bool = False


def extract(article: Article) -> Features:
    """The features of an article's title and clean text."""
    language = article.language
    passages = _passages(article)
    lower = {t.folded for p in passages for t in p.tokens if not t.number and not t.capital}
    proven = _proven_names(passages, language, lower)
    names: dict[str, int] = {}
    plain: dict[str, int] = {}
    numbers: dict[str, int] = {}
    concepts: dict[str, int] = {}
    told: dict[str, int] = {}
    stop, stem_of = lexicon.stops(language), stems(language)
    for passage in passages:
        found = _places(passage.tokens, language) if caseless(language) else _names(passage.tokens, proven, language)
        for name in found:
            names[name] = names.get(name, 0) + passage.weight
        for token in passage.tokens:
            stemmed = "" if token.number else stem_of[token.text]
            word = token.folded
            if token.number and _telling(token.text):
                numbers[token.text] = numbers.get(token.text, 0) + passage.weight
            elif stemmed and word not in stop and len(word) > 1:
                plain[stemmed] = plain.get(stemmed, 0) + passage.weight
        for moment in moments(passage.tokens, language):
            told[moment] = told.get(moment, 0) + passage.weight
        for idea in _ideas(passage.tokens, proven, language):
            # Nations and bodies go by adjectives and acronyms that differ by language: they are names.
            kind = names if idea.startswith("@") else concepts
            kind[idea] = kind.get(idea, 0) + passage.weight
    return Features(names, plain, numbers, concepts, told)


def _ideas(words: Sequence[Token], proven: frozenset[str], language: str) -> Iterator[str]:
    """What the words stand for, phrases before single words; a person's name stands for nobody's idea."""
    for term in terms(words, language, further=False):
        named = not term.start and fold(term.text) in proven
        for sense in term.senses:
            if sense.concept.startswith("@") or not named:
                yield sense.concept


def _places(words: Sequence[Token], language: str) -> Iterator[str]:
    """Where capitals tell no names, the places that we know are found by themselves."""
    for one, other in zip_longest(words, words[1:]):
        pair = known_place(f"{one.text} {other.text}", language) if other else None
        single = None if one.number else known_place(one.text, language)
        for code in (pair, single):
            if code:
                yield code


def _passages(article: Article) -> list[_Passage]:
    # A derived title is a sentence of the text: it has been counted once already.
    title = _Passage(
        token_list(without_site(article.title), article.language), _TITLE if article.title_given else _BODY
    )
    title.title_case = _is_title_case(title.tokens, article.language)
    return [title, _Passage(token_list(article.text, article.language), _BODY)]


def without_site(title: str) -> str:
    """The title without what stands after its last bar or dash, if that is short: mostly the site's name."""
    while found := list(_SEPARATOR.finditer(title)):
        head, tail = title[: found[-1].start()], title[found[-1].end() :]
        if len(tail.split()) > _SITE_WORDS or len(head.split()) < _SITE_WORDS:
            break
        title = head
    return title


def _is_title_case(title: Sequence[Token], language: str) -> bool:
    if language == "de":
        return False  # nouns are capitals there; they are told apart by the noun list
    stop = lexicon.stops(language)
    telling = [t for t in title if not t.number and t.folded not in stop]
    return len(telling) >= 4 and sum(t.capital for t in telling) / len(telling) > _TITLE_CASE


def _proven_names(passages: Sequence[_Passage], language: str, lower: set[str]) -> frozenset[str]:
    """Folded words that are names somewhere in the article, so that they count at sentence starts too."""
    stop = lexicon.stops(language)
    proven: set[str] = set()
    for passage in passages:
        for i, token in enumerate(passage.tokens):
            word = token.folded
            if not token.capital or not _can_be_name(word, language, stop):
                continue
            certain = token.acronym or not (token.start or passage.title_case)
            if certain or (
                word not in lower and _opens_name(passage, i, stop) and not _is_common(token.text, language)
            ):
                proven.add(word)
    if language == "de":
        proven -= _told_as_nouns(passages, proven)
    return frozenset(_without_genitives(proven, language))


def _told_as_nouns(passages: Sequence[_Passage], proven: set[str]) -> set[str]:
    """Words that stand behind an article or a number wherever a capital says nothing else: `im Depot`."""
    determined: set[str] = set()
    free: set[str] = set()
    for passage in passages:
        for i, token in enumerate(passage.tokens):
            word = token.folded
            if word not in proven or not token.capital:
                continue
            following = passage.tokens[i + 1] if i + 1 < len(passage.tokens) else None
            in_name = following is not None and following.joined and following.folded in proven
            if token.acronym or in_name:
                free.add(word)
            elif i and token.joined and _determines(passage.tokens[i - 1]):
                determined.add(word)
            elif not token.start:
                free.add(word)
    return {word for word in determined - free if not is_place(word, "de")} - lexicon.german_names_with_article()


def _determines(token: Token) -> bool:
    return token.number or token.folded in lexicon.german_determiners()


def _can_be_name(word: str, language: str, stop: frozenset[str]) -> bool:
    if len(word) < 2 or word in stop:
        return False
    if language != "de" or is_place(word, language):
        return True
    return not (lexicon.is_german_noun(word) or _is_common(word, language))


def _is_common(word: str, language: str) -> bool:
    """Whether the lexicon lists it as a common word; nations are names."""
    return any(not sense.concept.startswith("@") for sense in senses_of(word, language))


def _opens_name(passage: _Passage, i: int, stop: frozenset[str]) -> bool:
    """At a sentence start: a headline's first word, or the first of two capitals side by side."""
    if passage.weight == _TITLE:
        return True
    following = passage.tokens[i + 1] if i + 1 < len(passage.tokens) else None
    return following is not None and following.joined and following.capital and following.folded not in stop


def _without_genitives(names: set[str], language: str) -> set[str]:
    """`Ancelottis` is Ancelotti where both are found; the form with s is dropped from the names."""
    if language not in {"de", "nl", "sv", "en"}:
        return names
    return {n for n in names if not (n.endswith("s") and n[:-1] in names and len(n) > 4)}


def _names(words: Sequence[Token], proven: frozenset[str], language: str) -> Iterator[str]:
    """Names and adjacent pairs of names, places in one form for all languages."""
    before = ""
    for token in words:
        word = token.folded
        if token.capital and word.endswith("s") and word not in proven and word[:-1] in proven:
            word = word[:-1]
        if token.capital and not token.number and word in proven:
            if before and token.joined:
                yield place(f"{before} {word}", language)
            yield place(word, language, token.text)
            before = word
        elif not (before and token.joined and word in _PARTICLES):
            before = ""


def _telling(number: str) -> bool:
    """Small whole numbers are everywhere."""
    return len(number) > 1
