"""What of an article the grouping looks at: names, stems, numbers, concepts, and the dates that it tells of.

An article is read once; what is found fits a line of JSON, so that stories can be rebuilt without
the texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from digest.group import lexicon
from digest.group.moments import moments
from digest.group.places import is_hub, is_place, is_setting, known_places, place
from digest.group.sounds import caseless
from digest.group.vocabulary import is_common, terms
from digest.group.words import Remembered, Token, fold, stem, token_list
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

    @property
    def title_alone(self) -> bool:
        """Whether there was no text beside the title: what stands in a title counts twice."""
        return all(count >= _TITLE for count in self.stems.values())

    @classmethod
    def from_json(cls, text: str) -> Features:
        return cls(*json.loads(text))


#: Where features are not kept.
NOTHING = Features({}, {}, {}, {}, {})


@dataclass(frozen=True, slots=True)
class _Passage:
    """`capitals`: where the words are that begin with one; few do, and only they are looked at for names."""

    tokens: Sequence[Token]
    capitals: Sequence[int]
    weight: int
    title_case: bool = False


def extract(article: Article) -> Features:
    """The features of an article's title and clean text."""
    language = article.language
    passages = _passages(article)
    proven = _proven_names(passages, language)
    names: dict[str, int] = {}
    plain: dict[str, int] = {}
    numbers: dict[str, int] = {}
    concepts: dict[str, int] = {}
    told: dict[str, int] = {}
    stem_of = _stems(language)
    for passage in passages:
        words, weight = passage.tokens, passage.weight
        found = known_places(words, language) if caseless(language) else _names(passage, proven, language)
        _count(names, found, weight)
        _count(plain, [known for t in words if (known := stem_of[t.text]) and not t.number], weight)
        _count(numbers, [t.text for t in words if t.number and _telling(t.text)], weight)
        _count(told, moments(words, language), weight)
        ideas = list(_ideas(words, proven, language))
        # Nations and bodies go by adjectives and acronyms that differ by language: they are names.
        _count(names, [idea for idea in ideas if idea.startswith("@")], weight)
        _count(concepts, [idea for idea in ideas if not idea.startswith("@")], weight)
    return Features(names, plain, numbers, concepts, told)


def _count(counts: dict[str, int], found: Iterable[str], weight: int) -> None:
    for what in found:
        counts[what] = counts.get(what, 0) + weight


@cache
def _stems(language: str) -> Remembered[str]:
    """Of each word, as it is written, the stem that counts; none of stop words and single letters."""
    stop = lexicon.stops(language)

    def telling(word: str) -> str:
        folded = fold(word)
        return "" if folded in stop or len(folded) < 2 else stem(word, language)

    return Remembered(telling)


def _ideas(words: Sequence[Token], proven: frozenset[str], language: str) -> Iterator[str]:
    """What the words stand for, phrases before single words; a person's name stands for nobody's idea."""
    for term in terms(words, language, further=False):
        named = not term.start and fold(term.text) in proven
        for sense in term.senses:
            if sense.concept.startswith("@") or not named:
                yield sense.concept


def _passages(article: Article) -> list[_Passage]:
    # A derived title is a sentence of the text: it has been counted once already.
    weight = _TITLE if article.title_given else _BODY
    title = token_list(without_site(article.title), article.language)
    text = token_list(article.text, article.language)
    return [
        _Passage(title, _capitals(title), weight, _is_title_case(title, article.language)),
        _Passage(text, _capitals(text), _BODY),
    ]


def _capitals(words: Sequence[Token]) -> list[int]:
    return [i for i, token in enumerate(words) if token.capital]


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


def _proven_names(passages: Sequence[_Passage], language: str) -> frozenset[str]:
    """Folded words that are names somewhere in the article, so that they count at sentence starts too."""
    stop, nameable = lexicon.stops(language), _nameable(language)
    lower = {t.folded for p in passages for t in p.tokens if not t.capital and not t.number}
    proven: set[str] = set()
    for passage in passages:
        for i in passage.capitals:
            token = passage.tokens[i]
            word = token.folded
            if word in proven or not nameable[word]:
                continue
            certain = token.acronym or not (token.start or passage.title_case)
            if certain or (word not in lower and _opens_name(passage, i, stop) and not is_common(token.text, language)):
                proven.add(word)
    if language == "de":
        proven -= _told_as_nouns(passages, proven)
    return frozenset(_without_genitives(proven, language))


def _told_as_nouns(passages: Sequence[_Passage], proven: set[str]) -> set[str]:
    """Words that stand behind an article or a number wherever a capital says nothing else: `im Depot`."""
    determined: set[str] = set()
    free: set[str] = set()
    for passage in passages:
        for i in passage.capitals:
            token = passage.tokens[i]
            word = token.folded
            if word not in proven:
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


@cache
def _nameable(language: str) -> Remembered[bool]:
    """Whether a folded word can be a name where it has a capital."""
    stop = lexicon.stops(language)

    def look(word: str) -> bool:
        if len(word) < 2 or word in stop:
            return False
        if language != "de" or is_place(word, language):
            return True
        return not (lexicon.is_german_noun(word) or is_common(word, language))

    return Remembered(look)


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


def _names(passage: _Passage, proven: frozenset[str], language: str) -> Iterator[str]:
    """Names and adjacent pairs of names, places in one form for all languages.

    A place beside another name makes no pair, unless both are known as one: `Tokyo Olympics` is said in other words
    in each language, and tells no more than its parts.
    """
    words, before, last = passage.tokens, "", -1
    for i in passage.capitals:
        token = words[i]
        word = token.folded
        if word not in proven:
            if not (word.endswith("s") and word[:-1] in proven):
                continue
            word = word[:-1]
        name = place(word, language, token.text)
        if before and token.joined and all(t.joined and t.folded in _PARTICLES for t in words[last + 1 : i]):
            pair = place(f"{before} {word}", language)
            if _is_known(pair) or not (_is_known(name) or _is_known(place(before, language))):
                yield pair
        yield name
        before, last = word, i


def _is_known(name: str) -> bool:
    """Whether it is a place, a body or an event that our lists have."""
    return is_setting(name) or is_hub(name)


def _telling(number: str) -> bool:
    """Small whole numbers are everywhere."""
    return len(number) > 1
