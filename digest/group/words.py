"""Text to tokens: folding, transliteration, elisions, numbers, sentence starts.

Everything here is table and regular expression: the same text gives the same tokens everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple, TypeVar

import Stemmer

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

#: Letters that Unicode does not decompose, and the scripts next door, as newspapers transliterate them.
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
    | dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ь": "", "ъ": ""}
    | dict(zip("αβγδεζηικλμνξοπρστυφω", "avgdeziiklmnxoprstyfo", strict=True))
    | {"θ": "th", "ς": "s", "χ": "ch", "ψ": "ps", "і": "i", "є": "e", "ґ": "g"}
)

#: The first part finds nothing that the last would not, but finds most words, and faster.
_TOKEN = re.compile(r"([a-zA-ZÀ-ÖØ-öø-ÿ]+(?![^ .,])|\d+(?:[.,:]\d+)*|[^\W\d_]+(?:[’'][^\W\d_]+)*)")
_CLOSES = re.compile(r"[.!?…:](?:[\"”“»’')\]]*)\s|[|•]|[–—]\s|\n")
_OPENS = re.compile(r"[\"„“«‹‘(\[¿¡]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TAILS = frozenset({"s", "t", "re", "ll", "ve", "d", "m", "n"})  # English and Dutch: it's, can't, zo'n
_ELIDING = frozenset({"it", "fr", "ca", "pt", "oc"})

#: So many words are remembered at a time, none longer than this: such come once, and may be of any length.
_MOST_WORDS = 32768
_LONGEST = 40

#: More words than this say nothing new about which event an article tells.
MAX_TOKENS = 450


@dataclass(frozen=True, slots=True)
class Token:
    """One word or number. `start`: it opens a sentence or a quotation, where a capital proves nothing.

    `joined`: only white space or a hyphen stands between it and the token before. `folded`, `capital` and `acronym`
    say how it is written; they are asked for so often that they are kept. Slots are read faster than a tuple's names.
    """

    text: str
    start: bool
    joined: bool
    number: bool
    folded: str
    capital: bool
    acronym: bool


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower case, without accents, in Latin letters where we know how."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_LETTERS)


Known = TypeVar("Known")


class Remembered(dict[str, Known]):
    """What was found of words before: a look-up per word, several times as fast as a cached function."""

    def __init__(self, find: Callable[[str], Known]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> Known:
        if len(word) > _LONGEST:
            return self._find(word)
        if len(self) >= _MOST_WORDS:
            for old in list(islice(self, _MOST_WORDS // 2)):
                del self[old]
        found = self[word] = self._find(word)
        return found


def token(text: str, start: bool, joined: bool, *, number: bool = False) -> Token:
    return Token(text, start, joined, number, fold(text), text[:1].isupper(), len(text) > 1 and text.isupper())


@lru_cache(maxsize=64)
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = _STEMMERS.get(language)
    return Stemmer.Stemmer(name, 0) if name else None


def stem(word: str, language: str) -> str:
    """The folded stem. Without a stemmer for the language, the beginning of the word stands in for it."""
    if _stemmer(language) is None and language not in _LIGHT:
        return fold(word)[:7]
    return fold(plain_stem(word, language))


@lru_cache(maxsize=65536)
def plain_stem(word: str, language: str) -> str:
    """The stem with its accents; without a stemmer for the language, the word itself."""
    stemmer = _stemmer(language)
    plain: str = stemmer.stemWord(word.lower()) if stemmer else _light_stem(word.lower(), language)
    return plain


#: Endings of nouns, adjectives and verbs, for languages without a stemmer of their own; longest first.
_SLOVENE = """
ovega ovemu ovima ejega ejemu ejših ajoče ujejo nega nemu evih ovih imi ami emi oma ema ega emu ali ili eli
ilo alo elo ila ala ela ata ati iti eti ajo ijo ejo ovi evi ova eva ove eve ov ev ih im om em ah eh al il el
je ja ju jo jem a e i o u
"""
_LIGHT = {"sl": tuple(_SLOVENE.split())}
_LIGHT_ROOT = 3


def _light_stem(word: str, language: str) -> str:
    """The word without its longest known ending, never shorter than a root."""
    for ending in _LIGHT.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= _LIGHT_ROOT:
            return word[: -len(ending)]
    return word


_ARABIC_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": ""})
_ARABIC_BEFORE = re.compile(r"^(?:[وف]?(?:[بك]?ال|لل)|و(?=\w{4}))(?=\w{3})")
_ARABIC_AFTER = re.compile(r"(?<=\w{3})(?:يات|ات|ين|ون|يه|ها|هم|ه|ي)$")


@lru_cache(maxsize=65536)
def arabic_stem(word: str) -> str:
    """An Arabic word without article, conjunction and the commonest endings, in one spelling."""
    plain = "".join(c for c in unicodedata.normalize("NFC", word) if not unicodedata.combining(c))
    return _ARABIC_AFTER.sub("", _ARABIC_BEFORE.sub("", plain.translate(_ARABIC_LETTERS)))


def word_stem(word: str, language: str) -> str:
    """The stem by which listed words are known in their other forms."""
    return arabic_stem(word.lower()) if language == "ar" else plain_stem(word, language)


def plain_number(text: str) -> str:
    """`41,200` and `41.200` are 41200; `1,3` is 1.3: one spelling for all languages."""
    parts = re.split(r"[.,]", text)
    if len(parts) > 1 and all(len(p) == 3 for p in parts[1:]) and len(parts[0]) <= 3:
        return "".join(parts)
    return ".".join(parts)


class _Written(NamedTuple):
    """The tokens of each word as texts write it, by what stands before it; texts share them, as most words come again.

    `opening`: the beginning of a sentence or quotation; `joined`: mere white space; `apart`: anything else.
    """

    opening: Remembered[tuple[Token, ...]]
    joined: Remembered[tuple[Token, ...]]
    apart: Remembered[tuple[Token, ...]]


@cache
def _written(eliding: bool) -> _Written:
    def read(start: bool, joined: bool) -> Remembered[tuple[Token, ...]]:
        return Remembered(lambda text: _pieces(text, start, joined, eliding))

    return _Written(opening=read(True, False), joined=read(False, True), apart=read(False, False))


def tokens(text: str, language: str, limit: int = MAX_TOKENS) -> list[Token]:
    """The first `limit` words and numbers of a text."""
    written = _written(language in _ELIDING)
    joined, found, before = written.joined, list[Token](), ""
    parts = _TOKEN.split(text, limit)  # what stands between words, and words, by turns
    parts[0] = "\n"  # a text begins as a line does
    for between, word in zip(parts[::2], parts[1::2], strict=False):
        if between == " ":  # as mostly
            found += joined[word]
        elif _is_start(between, before, first=len(found) == 1):
            found += written.opening[word]
        else:
            found += (written.apart if between.strip(" \u00a0-‐") else joined)[word]
        before = word
        if len(found) >= limit:  # sooner than by words, where pairs of characters stand for them
            break
    return found


@lru_cache(maxsize=8)
def token_list(text: str, language: str) -> tuple[Token, ...]:
    """The words of a text that several steps read one after the other."""
    return tuple(tokens(text, language))


def _is_start(between: str, before: str, *, first: bool) -> bool:
    """Whether a sentence or a quotation begins behind the word `before`."""
    if between in (" ", ", "):
        return False
    if _OPENS.search(between):
        return True
    if not _CLOSES.search(between):
        return False
    # An initial ("J. Smith") does not end a sentence.
    initial = (
        between.startswith(". ") and before[-1].isupper() and (not before[-2].isalpha() if before[1:] else not first)
    )
    return not initial


def _pieces(text: str, start: bool, joined: bool, eliding: bool) -> tuple[Token, ...]:
    if text[0].isdigit():
        return (token(plain_number(text), start, joined, number=True),)
    if text.isascii() or not _WIDE.search(text):
        return (token(_without_elision(text, eliding), start, joined),)
    # No spaces in this script: pairs of characters do for words.
    return tuple(_PAIRS[text[i : i + 2]] for i in range(max(1, len(text) - 1)))


_PAIRS = Remembered(lambda pair: token(pair, start=False, joined=False))


def _without_elision(text: str, eliding: bool) -> str:
    if "'" not in text and "’" not in text:
        return text
    parts = re.split(r"[’']", text)
    if parts[-1].lower() in _TAILS:
        return parts[0]
    if eliding and len(parts[0]) <= 6:
        return parts[-1]
    return "".join(parts)
