"""Names in a sentence, and whether they occur in articles: folded, inflected, in another script. Pure.

A name is told by its capital. Where a capital proves nothing (at the start of a sentence, on a German
noun) a word counts as a name unless it is known to be none: a sentence too few does less harm than a
name that stands nowhere.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from digest.compose.spelling import fold, semitic, skeleton

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_OPENS = re.compile(r"(?:[.!?…:;]|[\"„“«‹‘(\[¿¡–—])\s*[\"„“«‹‘'(\[¿¡]*\s*$")
_PARTICLES = frozenset(
    {"van", "von", "de", "der", "den", "del", "della", "di", "da", "du", "la", "le", "el", "al", "bin", "ibn", "y", "i"}
    | {"e", "und", "of", "the", "dos"}
)
#: Short for a name in one language; the name's form in `place` is what they stand for.
_SHORT_FORMS = {
    "us": "@us", "usa": "@us", "vs": "@us", "eeuu": "@us", "uk": "@gb", "vk": "@gb", "eu": "@eu", "ue": "@eu",
    "un": "@un", "vn": "@un", "uno": "@un", "onu": "@un", "nato": "nato", "otan": "nato",
}  # fmt: skip
_LONG_FORMS = {
    "european union": "@eu", "europese unie": "@eu", "europaische union": "@eu", "europaischen union": "@eu",
    "union europeenne": "@eu", "union europea": "@eu", "unione europea": "@eu", "uniao europeia": "@eu",
    "unia europejska": "@eu", "unii europejskiej": "@eu", "united nations": "@un", "verenigde naties": "@un",
    "vereinte nationen": "@un", "vereinten nationen": "@un", "nations unies": "@un", "naciones unidas": "@un",
    "nazioni unite": "@un",
}  # fmt: skip
#: Languages and the territory of the same name: who is German is from Germany.
_PEOPLE = {
    "de": "@de", "nl": "@nl", "fr": "@fr", "it": "@it", "es": "@es", "pl": "@pl", "pt": "@pt", "sv": "@se", "da": "@dk",
    "fi": "@fi", "no": "@no", "uk": "@ua", "ru": "@ru", "el": "@gr", "tr": "@tr", "hu": "@hu", "cs": "@cz", "ro": "@ro",
    "bg": "@bg", "hr": "@hr", "ja": "@jp", "zh": "@cn",
}  # fmt: skip
#: Languages that bend names, too.
_RICH = frozenset(
    {"pl", "cs", "sk", "ru", "uk", "be", "bg", "hr", "sr", "sl", "lt", "lv", "et", "fi", "hu", "tr", "el", "ro", "ar"}
)
_ENDINGS = ("'s", "’s", "s", "es", "n", "en", "e", "er", "ern", "se", "ens")
_CASELESS = re.compile(r"[\u0590-\u05ff\u0600-\u06ff\u0750-\u077f\u0900-\u0dff\u10a0-\u10ff]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def _as_it_is(word: str, _language: str) -> str:
    return word


def _unknown(_text: str, _expected: str) -> str:
    return "und"


def _never(_word: str, _language: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What telling names takes, and compose does not have: who puts the pieces together hands it in.

    `fold`: a word without case and accents, in Latin letters. `place`: a folded place name in the one
    form for all languages. `plain`: whether a word is of those that every text has, like "the".
    `common`: whether it is one of those or of the everyday words that are capitals at times.
    `language`: of a text that should be in the given one (ISO 639-1, or "und").
    """

    fold: Callable[[str], str] = fold
    place: Callable[[str, str], str] = _as_it_is
    plain: Callable[[str, str], bool] = _never
    common: Callable[[str, str], bool] = _never
    language: Callable[[str, str], str] = _unknown
    seen: frozenset[str] = frozenset()  # folded words that the reader's language writes with a small letter


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    folded: str
    start: int
    end: int
    opens: bool  # it stands where a sentence or a quotation begins
    joined: bool  # only a space or a hyphen stands between it and the word before

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


def words(text: str, knowledge: Knowledge) -> list[Word]:
    found: list[Word] = []
    end = 0
    for match in _TOKEN.finditer(text):
        between = text[end : match.start()]
        opens = not found or _OPENS.search(between) is not None
        joined = bool(found) and not opens and between.strip(" \u00a0-‐‑") == ""
        written = re.sub(r"^[dlmnstcDLMNSTC](?:ell|all|ull)?['’](?=[^\W\d_]{2})", "", match.group())
        bare = re.sub(r"['’]s?$", "", written)
        found.append(Word(written, knowledge.fold(bare), match.start(), match.end(), opens, joined))
        end = match.end()
    return found


@dataclass(frozen=True, slots=True)
class Index:
    """The words of one article, as names are looked up in them."""

    language: str
    folded: frozenset[str]
    forms: frozenset[str]  # what places, short forms and languages stand for
    skeletons: frozenset[str]


def index(text: str, language: str, knowledge: Knowledge) -> Index:
    found = words(text, knowledge)
    folded = {w.folded for w in found} | {fold(w.text) for w in found}
    folded |= {w.replace("ae", "a").replace("oe", "o").replace("ue", "u") for w in folded}
    forms = {f for i in range(len(found)) for _, f in _forms_at(found, i, language, knowledge)}
    return Index(language, frozenset(folded), frozenset(forms), frozenset(skeleton(w.text) for w in found) - {""})


def _forms_at(found: Sequence[Word], i: int, language: str, knowledge: Knowledge) -> Iterator[tuple[int, str]]:
    """(how many words, what they stand for), the longest first."""
    for size in (3, 2, 1):
        if i + size > len(found):
            continue
        name = " ".join(w.folded for w in found[i : i + size])
        form = _LONG_FORMS.get(name) or knowledge.place(name, language)
        if size == 1:
            form = _SHORT_FORMS.get(name, form) if found[i].text.isupper() else form
            form = form if form != name else _people(language).get(name, name)
            if form == name:  # an ending of the language: Duitse, deutschen, tedeschi
                form = next((people for stem, people in _people(language).items() if _bent(name, stem)), name)
        if form != name or size == 1:
            yield size, form


def _bent(word: str, stem: str) -> bool:
    return len(stem) >= 4 and word.startswith(stem) and word[len(stem) :] in ("e", "en", "er", "es", "em", "s", "er")


@functools.lru_cache(maxsize=64)
def _people(language: str) -> dict[str, str]:
    try:
        names = Locale.parse(language).languages
    except (UnknownLocaleError, ValueError):
        return {}
    return {fold(str(names[code])): land for code, land in _PEOPLE.items() if code in names}


def small_words(text: str, knowledge: Knowledge) -> set[str]:
    """Folded words that begin with a small letter: whatever opens a sentence with one of them, it is no name."""
    return {w.folded for w in words(text, knowledge) if w.text[:1].islower()}


def caseless(text: str) -> bool:
    return _CASELESS.search(text) is not None


def unspaced(text: str) -> bool:
    """Whether words have no bounds here, so that nothing can be looked up."""
    return _UNSPACED.search(text) is not None


def names(text: str, language: str, known: frozenset[str], knowledge: Knowledge) -> list[list[Word]]:
    """Runs of words that may be names. `known` are folded words of the articles that began with a small letter."""
    found = words(text, knowledge)
    runs: list[list[Word]] = []
    for i, word in enumerate(found):
        if not _may_be_name(found, i, language, known, knowledge):
            continue
        last = runs[-1][-1] if runs else None
        if last is not None and word.joined and found[i - 1] is last:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _may_be_name(found: Sequence[Word], i: int, language: str, known: frozenset[str], knowledge: Knowledge) -> bool:
    word = found[i]
    if word.text[0].isdigit():
        return False  # a figure
    if any(c.isdigit() for c in word.text):
        return True  # G7, F16
    if caseless(word.text):
        return len(word.text) > 2 and not knowledge.common(word.text, language)
    if not any(c.isupper() for c in word.text):
        return False
    if not word.capital:
        return True  # iPhone
    if word.text.isupper() and len(word.text) > 1:
        return True
    if not (word.opens or language == "de"):
        return len(word.text) > 1 and not (word.folded in _PARTICLES and knowledge.plain(word.text, language))
    # Here a capital proves nothing.
    if knowledge.plain(word.text, language):
        return False
    small = word.folded in known or word.folded in knowledge.seen
    everyday = knowledge.common(word.text, language) or (word.opens and small)
    return not everyday or _in_a_row(found, i, language, knowledge)


def _in_a_row(found: Sequence[Word], i: int, language: str, knowledge: Knowledge) -> bool:
    """Whether a word stands beside another capital that is no common word: `Grüner See`, `Bill Bridge`."""
    following = found[i + 1] if i + 1 < len(found) else None
    if following is not None and following.joined and following.capital and len(following.text) > 1:
        return language != "de" and not knowledge.common(following.text, language)
    return False


def missing(run: Sequence[Word], language: str, indexes: Sequence[Index], knowledge: Knowledge) -> Word | None:
    """The first word of a name that occurs in none of the articles; None where all do."""
    i = 0
    while i < len(run):
        step = 0
        for size, form in _forms_at(run, i, language, knowledge):
            if (form != run[i].folded or size > 1) and any(form in index.forms for index in indexes):
                step = size
                break
        if not step:
            word = run[i]
            particle = len(run) > 1 and word.folded in _PARTICLES
            if not particle and not any(occurs(word, language, index) for index in indexes):
                return word
            step = 1
        i += step
    return None


def occurs(word: Word, language: str, index: Index) -> bool:
    folded = word.folded
    if folded in index.folded or fold(word.text) in index.folded or folded in index.forms:
        return True
    if any(_inflected(folded, other, language, index.language) for other in index.folded):
        return True
    # In the same language and script a name is written in one way.
    if index.language == language and not caseless(word.text):
        return False
    bones = skeleton(word.text)
    shortest = 2 if caseless(word.text) or any(map(semitic, index.folded)) else 3
    return len(bones) >= shortest and bones in index.skeletons


def _inflected(one: str, other: str, language: str, other_language: str) -> bool:
    """Whether two forms are one word with different endings."""
    if min(len(one), len(other)) < 3 or one[:3] != other[:3]:
        return False
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    rests = (one[shared:], other[shared:])
    if language in _RICH or other_language in _RICH:
        longest = max(map(len, rests))
        return (
            shared >= 3 and longest <= 4 and min(map(len, rests)) <= 2 and shared * 5 >= min(len(one), len(other)) * 3
        )
    if "" in rests:
        return "".join(rests) in _ENDINGS and shared >= 4
    if language != other_language:  # European, Europese; Commissie, Commission
        return shared >= 5 and max(map(len, rests)) <= 3
    return shared >= 4 and all(rest in _ENDINGS for rest in rests) and max(map(len, rests)) <= 2
