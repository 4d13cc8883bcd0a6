"""One name in the spellings and cases of several languages.

`Zelensky`, `Selenskyj`, `Zełenskiego` and `Зеленський` are one name to those who look for it. What is compared is
a spelling with fewer letters than the alphabet has: near names may fall together, which first names keep apart.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from digest.group.places import place
from digest.group.words import fold, tokens

#: Languages whose script has no capitals: names are not told from other words there.
NO_CAPITALS = frozenset(
    {"ar", "bn", "fa", "gu", "he", "hi", "ja", "ka", "ko", "mr", "ta", "te", "th", "ur", "yi", "zh"}
)

#: Small words that names are read over: `Virgil van Dijk`.
_SMALL = frozenset(
    {"al", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el", "la", "le"}
    | {"ten", "ter", "van", "von", "y", "zu"}
)

#: Letters that languages write one sound with; the first that fits counts.
_SOUNDS = (
    ("tsch", "k"), ("tch", "k"), ("tsj", "k"), ("sch", "s"), ("ch", "k"), ("cz", "k"), ("ck", "k"), ("kh", "k"),
    ("sh", "s"), ("sj", "s"), ("sz", "s"), ("zh", "s"), ("ph", "f"), ("th", "t"), ("ae", "a"), ("ou", "u"),
    ("ue", "u"), ("qu", "k"), ("c", "k"), ("q", "k"), ("w", "v"), ("x", "ks"), ("z", "s"), ("y", "i"), ("j", "i"),
)  # fmt: skip
_SOUND = re.compile("|".join(letters for letters, _ in _SOUNDS) + "|oe")
_SOUND_OF = dict(_SOUNDS)
_DOUBLED = re.compile(r"(.)\1+")

#: What a language adds to a name, folded. English has an apostrophe there, which parts words already.
_CASES = {
    "cs": "a u e i em ovi ovy ova y ou ho ech um",
    "da": "s",
    "de": "s",
    "et": "i il ile ist iga",
    "fi": "n in a ia lla ille lle ssa ista sta iin ilta",
    "hr": "a u em om i e",
    "hu": "t ot et nak nek val vel ban ben rol tol hoz",
    "lt": "as o ui a u e is io iui",
    "nb": "s",
    "nl": "s",
    "no": "s",
    "pl": "a u em m owi ie e y i ego iego emu iemu im ym a ej ach ow",
    "ro": "ul ului",
    "ru": "a u om em e y i ym im ogo omu oi",
    "sk": "a u e i om em ovi ho",
    "sr": "a u om em i e",
    "sv": "s",
    "tr": "in un nin nun i yi u yu a ya e ye da de dan den",
    "uk": "a u om em e y i ym im ogo omu ovi evi oiu",
}
#: Without its ending a name must keep so many letters.
_KEPT = 4

_PLACES = ("en", "nl", "de", "it", "fr", "es", "pt", "pl", "sv")


@lru_cache(maxsize=65536)
def spelling(word: str, language: str = "") -> str:
    """A folded word in one spelling for all languages."""
    oe = "u" if language == "nl" else "o"
    return _DOUBLED.sub(r"\1", _SOUND.sub(lambda found: _SOUND_OF.get(found[0], oe), word))


@lru_cache(maxsize=65536)
def spellings(name: str, language: str) -> frozenset[str]:
    """What a name of an article (folded; a word, or two side by side) may be a form of, and the name itself."""
    return frozenset(
        {name} | {" ".join(pair) for pair in itertools.product(*(_of_word(w, language) for w in name.split()))}
    )


def _of_word(word: str, language: str) -> set[str]:
    endings = [e for e in _CASES.get(language, "").split() if word.endswith(e) and len(word) - len(e) >= _KEPT]
    return {spelling(bare, language) for bare in (word, *(word[: -len(e)] for e in endings))}


@lru_cache(maxsize=4096)
def wanted(name: str) -> tuple[frozenset[str], ...]:
    """What must all be among the spellings of an article's names: of each of these sets, one member.

    A name of several words is looked for in pairs of them, as articles are read.
    """
    words = [fold(token.text) for token in tokens(name, "und")]
    words = [word for word in words if word not in _SMALL] or words
    pairs = [" ".join(pair) for pair in itertools.pairwise(words)] or words
    whole = _forms(" ".join(words))
    if len(pairs) == 1:
        return (whole,)
    return tuple(_forms(pair) for pair in pairs)


def _forms(name: str) -> frozenset[str]:
    """In our spelling, with the Dutch `oe` too; of a place, the form that stands for it in all languages."""
    found = {" ".join(spelling(word, language) for word in name.split()) for language in ("", "nl")}
    places = {place(name, language) for language in _PLACES} - {name}
    return frozenset(found | places)
