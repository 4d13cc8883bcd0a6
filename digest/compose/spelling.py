"""Names as they are spelt from language to language and script to script, made comparable. Pure."""

from __future__ import annotations

import functools
import re
import unicodedata

#: Consonants of scripts that leave the vowels out, in the sound classes of `skeleton`.
_SEMITIC = str.maketrans(
    {"ب": "b", "پ": "b", "ت": "t", "ث": "t", "ط": "t", "خ": "k", "ق": "k", "ك": "k", "د": "d", "ذ": "d", "ض": "d"}
    | {"ظ": "d", "ر": "r", "ز": "s", "س": "s", "ش": "s", "ص": "s", "چ": "s", "غ": "g", "گ": "g", "ف": "f", "ڤ": "f"}
    | {"ل": "l", "م": "m", "ن": "n"}
)
_SOUNDS = (
    ("tsch", "s"), ("sch", "s"), ("tch", "s"), ("sh", "s"), ("sj", "s"), ("ch", "s"), ("cz", "s"), ("sz", "s"),
    ("zh", "s"), ("kh", "k"), ("ph", "f"), ("ck", "k"), ("qu", "k"), ("q", "k"), ("ce", "se"), ("ci", "si"),
    ("c", "k"), ("x", "ks"), ("z", "s"), ("w", "v"), ("th", "t"), ("dj", "j"),
)  # fmt: skip


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("ß", "ss")


def semitic(text: str) -> bool:
    """Whether it is in Arabic letters, which leave most vowels out."""
    return any("\u0600" <= c <= "\u06ff" for c in text)


@functools.lru_cache(maxsize=16384)
def skeleton(word: str) -> str:
    """What is left of a name in every spelling: its consonants, by sound."""
    plain = word
    if semitic(word):
        plain = re.sub(r"^[وفبكل]?ال(?=\w{2})", "", plain).translate(_SEMITIC)
    else:
        plain = fold(_latin(plain))
        for sound, letter in _SOUNDS:
            plain = plain.replace(sound, letter)
    plain = plain.replace("p", "b").replace("v", "f")
    bones = re.sub(r"[^bdfgklmnrstj]", "", plain).replace("j", "")
    return re.sub(r"(.)\1+", r"\1", bones)


_CYRILLIC = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэ", "abvgdezijklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya", "ь": "", "ъ": ""}
    | {"і": "i", "ї": "i", "є": "e", "ґ": "g"}
    | dict(zip("αβγδεζηικλμνξοπρστυφω", "avgdeziiklmnxoprstyfo", strict=True))
    | {"θ": "th", "ς": "s", "χ": "kh", "ψ": "ps"}
)


def _latin(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_CYRILLIC)
