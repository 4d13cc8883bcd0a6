"""Which topics and concepts a word of an article stands for.

The listed form itself counts before everything else; then the forms with the same stem; then, where the
language writes compounds as one word, a listed word that is their last or first part. Accents are kept:
Swedish `för` is not `for`, `läge` is not `lag`. So are capitals where a word is listed with them: `Polish` counts
with a capital only, `WHO` in capitals only; what is listed in small letters counts however it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from digest.group import lexicon
from digest.group.endings import MIDDLING, common, is_form_of
from digest.group.words import Remembered, Token, tokens, word_stem

#: Languages that write compounds as one word, with what may stand between the parts.
_LINKS = {"de": ("", "s", "n", "en", "es", "e", "er"), "nl": ("", "s", "en", "e", "n"), "sv": ("", "s", "o", "e", "u")}
#: What a word's last part may carry.
_TAILS = {
    "de": ("", "s", "es", "e", "en", "n", "er", "ern"),
    "nl": ("", "s", "en", "e"),
    "sv": ("", "s", "n", "en", "et", "t", "ar", "er", "or", "na", "arna", "erna", "ens", "ets"),
}
#: The least length of a listed word inside a compound, and of what is left beside it.
_PART = 5
_REST = 3
#: A final vowel that a first part loses: `skola`, `skolbuss`.
_DROPPED = {"sv": ("", "a")}
#: Before a word these make another word, not a kind of it: `Beispiel` is no game, `onrecht` no right.
_PREFIXES = frozenset(
    {"aus", "auf", "bei", "ein", "ent", "her", "hin", "mit", "miss", "nach", "unter", "ver", "vor", "wider", "zer"}
    | {"zurück", "zusammen", "über", "durch", "aan", "bij", "door", "mis", "onder", "ont", "over", "terug", "toe"}
    | {"uit", "voor", "weg", "från", "för", "ned", "ner", "sam", "till", "upp", "åter", "över", "mot"}
)
#: What an everyday word weighs beside one that tells its topic.
_EVERYDAY = 0.35
#: In so many words around it in capitals, one of them longer than an acronym, an acronym is not known for one.
_NEAR = 3
_ACRONYM = 5
#: The first part of a compound says what it has to do with, the last part what it is.
_FIRST_PART = 0.7


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing that a word stands for. `concept` is empty for the further words of a topic."""

    topic: str
    concept: str
    weight: float


def _spelling(word: str) -> str:
    return word.lower().replace("œ", "oe")


def _spellings(word: str) -> tuple[str, ...]:
    """How the list may have a word of a text, what asks for most capitals first."""
    small = _spelling(word)
    if small == word or not word[:1].isupper():
        return (small,)
    return (small.upper(), small.capitalize(), small) if word.isupper() else (small.capitalize(), small)


def _is_written_so(word: str, listed: str) -> bool:
    """Whether a word of a text has the capitals that a listed one asks for."""
    if listed == listed.lower():
        return True
    return word.isupper() if listed.isupper() else word[:1].isupper()


class _Index(NamedTuple):
    forms: Mapping[str, tuple[Sense, ...]]  # in small letters, or with the capitals without which they do not count
    stems: Mapping[str, tuple[str, ...]]  # stem -> listed forms
    phrases: Mapping[str, tuple[Sense, ...]]  # stems side by side
    parts: Mapping[str, str]  # what compounds are made of, in small letters -> listed form
    openers: Mapping[str, frozenset[str]]  # stem that a phrase begins with -> the stems that may come next


@cache
def _index(language: str, further: bool) -> _Index:
    """`further`: with the words of a topic that are no concept of all languages."""
    senses: dict[str, list[Sense]] = {}
    for concept in lexicon.concepts().values():
        for word in concept.words.get(language, "").split():
            _add(senses, word, Sense(concept.topic, concept.id, concept.tells))
    for entry in lexicon.topic_entries().values() if further else ():
        for word in entry.more.get(language, "").split():
            _add(senses, word, Sense(entry.name, "", 1.0))
    forms: dict[str, tuple[Sense, ...]] = {}
    stems: dict[str, list[str]] = {}
    phrases: dict[str, tuple[Sense, ...]] = {}
    faint = lexicon.faint_words(language)
    faint_stems = {stem for word in faint if len(stem := word_stem(word, language)) > MIDDLING}
    for word, found in senses.items():
        everyday = word.lower() in faint or word_stem(word, language) in faint_stems
        shared = _shared(found, _EVERYDAY if everyday else 1.0)
        written = _words_of(word, language)
        if len(written) == 1:
            form = written[0].replace("œ", "oe")
            if forms.setdefault(form, shared) is shared:
                stems.setdefault(word_stem(form, language), []).append(form)
        else:  # the first one counts: concepts come before the further words of a topic
            phrases.setdefault(" ".join(word_stem(part, language) for part in written), shared)
    alone = lexicon.whole_words(language) | lexicon.never_parts(language)
    parts = {form.lower(): form for form in forms if not form.isupper() and form.lower() not in alone}
    openers: dict[str, set[str]] = {}
    for phrase in phrases:
        one, two, *_ = phrase.split(" ")
        openers.setdefault(one, set()).add(two)
    return _Index(
        forms,
        {s: tuple(f) for s, f in stems.items()},
        phrases,
        parts,
        {one: frozenset(two) for one, two in openers.items()},
    )


def _words_of(listed: str, language: str) -> list[str]:
    # Nearly all are of letters alone, and end as they are.
    plain = listed.isalpha() and max(listed) < "\u3040"  # before the scripts without spaces
    return [listed] if plain else [t.text for t in tokens(listed.replace("-", " "), language)]


def _add(senses: dict[str, list[Sense]], word: str, sense: Sense) -> None:
    found = senses.setdefault(word, [])
    # A concept speaks for the topic already where the word is among its further words too.
    if not any(s.topic == sense.topic and (s.concept == sense.concept or not sense.concept) for s in found):
        found.append(sense)


def _shared(senses: Sequence[Sense], factor: float) -> tuple[Sense, ...]:
    """A word of several topics says less for each of them."""
    topics = len({s.topic for s in senses})
    if factor == topics == 1:
        return tuple(senses)
    return tuple(replace(s, weight=s.weight * factor / topics) for s in senses)


def senses_of(word: str, language: str, further: bool = True) -> tuple[Sense, ...]:
    """What one word, as the text has it, stands for; nothing for a stop word."""
    index = _index(language, further)
    *capitals, form = _spellings(word)
    for listed in capitals:  # `WHO`, although `who` is a stop word
        if listed in index.forms:
            return index.forms[listed]
    if form in lexicon.stop_forms(language):
        return ()
    if form in index.forms:
        return index.forms[form]
    if form in lexicon.unlike_words(language):
        return ()
    return _by_stem(word, form, language, index) or _by_part(form, language, index)


def _by_stem(word: str, form: str, language: str, index: _Index) -> tuple[Sense, ...]:
    stem = word_stem(form, language)
    listed = [f for f in index.stems.get(stem, ()) if _is_written_so(word, f)]
    near = _nearest(form, [f for f in listed if is_form_of(form, f.lower(), len(stem), language)])
    heaviest = sorted((sense for f in near for sense in index.forms[f]), key=lambda sense: sense.weight)
    unique = tuple({(sense.topic, sense.concept): sense for sense in heaviest}.values())
    # Where the forms with this stem are of several topics, any of them may be meant.
    return _shared(unique, 1.0) if len(near) > 1 else unique


def _nearest(form: str, listed: list[str]) -> list[str]:
    """The listed forms that differ least in their endings: `deporte` is nearer to `deportes` than to `deportado`."""
    if len(listed) < 2:
        return listed
    apart = {f: max(len(form), len(f)) - common(form, f.lower()) for f in listed}
    least = min(apart.values())
    return [f for f in listed if apart[f] == least]


def _by_part(form: str, language: str, index: _Index) -> tuple[Sense, ...]:
    """What the longest listed words at the end and at the beginning of a compound stand for."""
    if language not in _LINKS or len(form) < _PART + _REST:
        return ()
    last = index.forms.get(_last_part(form, language, index), ())
    first = index.forms.get(_first_part(form, language, index), ())
    known = {sense.topic for sense in last}
    return (*last, *(replace(s, weight=s.weight * _FIRST_PART) for s in first if s.topic not in known))


def _last_part(form: str, language: str, index: _Index) -> str:
    bare = {form[: len(form) - len(tail)] for tail in _TAILS[language] if form.endswith(tail)}
    for start in range(_REST, len(form) - _PART + 1):
        if form[:start] in _PREFIXES:
            continue
        for word in sorted(bare, key=len, reverse=True):
            if len(word) - start >= _PART and word[start:] in index.parts:
                return index.parts[word[start:]]
    return ""


def _first_part(form: str, language: str, index: _Index) -> str:
    dropped = _DROPPED.get(language, ("",))
    for end in range(len(form) - _REST, _PART - 2, -1):
        for word in (form[:end] + vowel for vowel in dropped):
            if len(word) >= _PART and word in index.parts and _is_rest(form[end:], language):
                return index.parts[word]
    return ""


def _is_rest(rest: str, language: str) -> bool:
    """Whether a word can follow: longer than a mere ending, with or without the letter that links it."""
    return any(rest.startswith(link) and len(rest) - len(link) > _REST for link in _LINKS[language])


class Term(NamedTuple):
    """A word or a listed phrase of a text and what it stands for; `at` counts the words before it."""

    text: str
    senses: tuple[Sense, ...]
    at: int
    start: bool
    name: bool  # a capital where none is due


def terms(words: Sequence[Token], language: str, further: bool = True) -> Iterator[Term]:
    """The words and phrases of a text that stand for something; not `further`: for a concept."""
    after = 0  # the last phrase
    known = _known(language, further)
    read = [known[token.text] for token in words]
    for at in [at for at, word in enumerate(read) if word.tells]:
        token = words[at]
        if at < after or token.number:
            continue
        senses, size = (known[_as_meant(words, at)] if token.acronym else read[at]).senses, 1
        following = read[at].following
        if (
            following
            and at + 1 < len(read)
            and read[at + 1].stem in following
            and (phrase := _phrase_at(read, at, _index(language, further)))
        ):
            size, senses = phrase
            after = at + size
        if senses:
            text = " ".join([t.text for t in words[at : at + size]]) if size > 1 else token.text
            yield Term(text, senses, at, token.start, token.capital and not token.start and not token.acronym)


@dataclass(frozen=True, slots=True)
class _Known:
    """A word as the vocabulary sees it. `stem`: by which phrases know it.

    `following`: the stems of the words that may come next in a phrase. `tells`: whether it can
    say anything here; if not, it is passed by.
    """

    senses: tuple[Sense, ...]
    stem: str
    following: frozenset[str]
    tells: bool


@cache
def _known(language: str, further: bool) -> Remembered[_Known]:
    openers, none = _index(language, further).openers, frozenset[str]()

    def look(word: str) -> _Known:
        senses, stem = senses_of(word, language, further), word_stem(word, language)
        following = openers.get(stem, none)
        # What is all in capitals may be read otherwise beside other such words.
        return _Known(senses, stem, following, bool(senses or following or word.isupper()))

    return Remembered(look)


def is_common(word: str, language: str) -> bool:
    """Whether the lexicon lists it as a common word; nations are names."""
    return any(not sense.concept.startswith("@") for sense in _known(language, True)[word].senses)


def _as_meant(words: Sequence[Token], at: int) -> str:
    """An acronym as the text has it; none where all around it is in capitals, as in `WHO WINS TODAY`."""
    word = words[at]
    near = [t for t in (*words[max(0, at - _NEAR) : at], *words[at + 1 : at + 1 + _NEAR]) if not t.number]
    shouted = all(t.text.isupper() for t in near) and any(len(t.text) > _ACRONYM for t in near)
    return word.text.capitalize() if shouted else word.text


def _phrase_at(read: Sequence[_Known], at: int, index: _Index) -> tuple[int, tuple[Sense, ...]] | None:
    """The longest listed phrase that begins there: how many words it takes, and what it stands for."""
    for size in range(min(4, len(read) - at), 1, -1):
        found = index.phrases.get(" ".join([word.stem for word in read[at : at + size]]))
        if found:
            return size, found
    return None
