"""Whether a word may be another form of a listed one with the same stem: by what the two end in."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from digest.group import lexicon

#: A stem this short stands for too many words: only the listed forms count.
_SHORT = 3
#: Up to this length the two words may differ by an ending of their language only.
MIDDLING = 4
_ENDINGS = {
    "en": {"", "s", "es", "d", "ed", "ing", "ings", "e", "er", "ers", "y", "ies"},
    "nl": {"", "en", "s", "e", "n", "t", "de", "den", "er", "ers", "je", "jes"},
    "de": {"", "e", "en", "es", "s", "n", "er", "ern", "em", "in", "innen", "t", "te", "ten"},
    "sv": {"", "s", "n", "en", "et", "t", "a", "ar", "er", "or", "na", "arna", "erna", "orna", "ens", "ets", "ade"},
    "it": {"", "a", "e", "i", "o", "he", "hi"},
    "fr": {"", "s", "e", "es", "x"},
    "es": {"", "s", "es", "a", "o", "as", "os"},
    "pt": {"", "s", "es", "a", "o", "as", "os"},
    "pl": {"", "a", "u", "em", "owi", "ie", "e", "y", "i", "ów", "ami", "om", "ach", "ę", "ą", "o", "owie"},
}


def _endings(text: str) -> frozenset[str]:
    return frozenset(["", *text.split()])


#: Case endings of the languages whose nouns are often no longer than three letters: `лес`, `суд`, `nož`.
_CASES = {
    "ru": _endings("а у ом ем е ы и ов ев ей ам ям ами ями ах ях я ю ь ью ой"),
    "sl": _endings("a u om em e i o ov ev ih oma ema ama ima imi ami ah eh je ju ja jo"),
}
_ADJECTIVES = {
    "ru": _endings("о ии ию ия ией ый ий ая яя ое ее ые ие ого его ому ему ым им ую юю ых их ыми ими"),
    "sl": _endings("ega emu im ni na no ne nega nemu nih nim ski ska sko ske skega"),
}
#: Longer stems too are blind to some differences: English `import` and `important`, `author` and `authority`.
_FAMILY = {
    "en": _ENDINGS["en"] | {"or", "ors", "ion", "ions", "ied", "ist", "ists", "ical", "al", "als", "ally", "ly"},
}
#: By language, what middling stems may differ in.
_MIDDLE: dict[str, AbstractSet[str]] = {**_ENDINGS, **{key: _CASES[key] | _ADJECTIVES[key] for key in _CASES}}
#: The longest ending in a language without a list.
_ENDING = 3
_ARABIC = "ar"
#: Where a regular plural is the word with an s.
_PLURAL_S = frozenset({"en", "es", "fr", "nl", "pt"})


def common(one: str, other: str) -> int:
    """How many letters two words have in common from the start."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def is_form_of(form: str, listed: str, stem: int, language: str) -> bool:
    """Both in small letters; `stem`: how long the one is that they have in common."""
    if listed in lexicon.whole_words(language):
        return False
    if language == _ARABIC:
        return True  # its roots are short
    if stem <= _SHORT and language not in _CASES:
        return language in _PLURAL_S and (form == f"{listed}s" or listed == f"{form}s")
    table = _CASES if stem <= _SHORT else _MIDDLE if stem <= MIDDLING else _FAMILY
    return _differ_by(table.get(language), form, listed) or (table is _FAMILY and language not in _FAMILY)


def _differ_by(endings: AbstractSet[str] | None, form: str, listed: str) -> bool:
    """Whether two words are one up to an ending of theirs, where the last letter may be written twice before it."""
    shared = common(form, listed)
    if endings is None:
        return max(len(form), len(listed)) - shared <= _ENDING
    last = form[shared - 1 : shared]
    return all(rest in endings or rest.removeprefix(last) in endings for rest in (form[shared:], listed[shared:]))
