"""Sentences: splitting that keeps quotations whole, fingerprints, and likeness. Pure.

A summary quotes whole sentences, so a wrong split is a wrong quotation. sentencex does the work;
what follows mends the cuts it makes inside quotations and after abbreviations.
"""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence

import sentencex

from digest.compose.numerals import numerals
from digest.model.article import Article

#: A quotation longer than this is taken apart after all: nobody wants a summary of one speech.
_LONGEST_JOIN = 450

_ABBREVIATIONS = {
    "nl": "o.a. m.n. bijv. bv. d.w.z. dhr. mevr. mw. dr. prof. ir. mr. nr. ca. resp. jl. e.d. enz. t.a.v. i.v.m. st.",
    "de": "z.b. d.h. u.a. bzw. ca. dr. prof. hr. fr. nr. vgl. evtl. ggf. inkl. mio. mrd. st. sog. rd. bspw.",
    "it": "sig. sig.ra dott. dott.ssa prof. avv. ing. on. art. n. pag. es. ecc. s. ss. mons.",
    "en": "mr. mrs. ms. dr. prof. st. jr. sr. vs. e.g. i.e. no. gen. sen. rep. gov. approx.",
    "fr": "m. mm. mme. mlle. dr. prof. st. ste. av. p. ex. art.",
    "es": "sr. sra. srta. dr. dra. d. dña. ud. uds. p. ej. art. núm. pág. ee. uu.",
}
_ABBREVIATED = {language: frozenset(words.split()) for language, words in _ABBREVIATIONS.items()}
#: These end a sentence as often as they stand inside one, so only a small letter after them joins.
_EITHER = frozenset({"ecc.", "enz.", "e.d.", "no.", "es.", "p.", "ex."})

_STRAY_OPENER = re.compile(r"\s[„“«‚‘(\[]\s*$")
_INITIAL = re.compile(r"(?:^|[\s(])\w\.$")
_ENDS = tuple(".!?…。！？؟।")
_CLOSERS = "”“»’‘\"')]›"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@functools.lru_cache(maxsize=8192)
def split(paragraph: str, language: str) -> tuple[str, ...]:
    """The sentences of one paragraph, each with its whitespace made single."""
    pieces: list[str] = []
    opener = ""
    for found in sentencex.segment(language if language != "und" else "en", paragraph):
        piece = opener + found
        # sentencex leaves a quotation's opening mark at the end of the sentence before it.
        opener = stray[0].lstrip() if (stray := _STRAY_OPENER.search(piece)) else ""
        piece = piece[: len(piece) - len(opener)]
        if pieces and _belongs(pieces[-1], piece, language):
            pieces[-1] += piece
        elif piece.strip():
            pieces.append(piece)
    if opener and pieces:
        pieces[-1] += opener
    return tuple(" ".join(p.split()) for p in pieces)


def _belongs(before: str, after: str, language: str) -> bool:
    """Whether `after` still is part of the sentence `before`."""
    tail, head = before.rstrip(), after.lstrip()
    if not tail or not head:
        return True
    if len(before) + len(after) > _LONGEST_JOIN:
        return False
    if head[0].islower() or head[0] in ",;)]" or not _has_word(head):
        return True
    if _open_quotation(tail):
        return True
    last = re.split(r"[\s“„«‘’'\"(\[]", tail)[-1].casefold()
    if last in _ABBREVIATED.get(language, ()) and last not in _EITHER:
        return True
    return bool(_INITIAL.search(tail)) and tail[-2].isupper()


def _open_quotation(text: str) -> bool:
    """Whether a quotation was opened and not closed. German closes with what others open with."""
    closing = ""
    for sign in text:
        if closing:
            if sign in closing:
                closing = ""
        elif sign == "„":
            closing = '“”"'
        elif sign == "“":
            closing = '”"'
        elif sign == "«":
            closing = "»"
    return bool(closing)


def balanced(text: str) -> bool:
    """No quotation is cut through: none left open, none closed that was not opened."""
    return not _open_quotation(text) and not _open_quotation(text[::-1].translate(_MIRROR))


_MIRROR = str.maketrans("”“»«", "“”«»")


#: So much of all the words of two sentences, and they say the same.
_ALIKE = 0.7
#: No sign before it takes two columns.
_FIRST_WIDE = "\u1100"


def _has_word(text: str) -> bool:
    return _WORD.search(text) is not None


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def length(text: str) -> int:
    """Words as a reader counts them; scripts without spaces count two signs as a word."""
    if text.isascii() or max(text) < _FIRST_WIDE:
        return len(text.split())
    wide = sum(1 for c in text if unicodedata.east_asian_width(c) in "WF")
    return wide // 2 + len(words(text)) if wide > len(text) // 2 else len(text.split())


@functools.lru_cache(maxsize=16384)
def fingerprint(text: str) -> str:
    """The same for sentences that differ only in case, spaces, punctuation or accents' encoding."""
    plain = " ".join(words(unicodedata.normalize("NFKC", text).casefold()))
    return hashlib.blake2b(plain.encode(), digest_size=8).hexdigest()


@functools.lru_cache(maxsize=16384)
def _bag(text: str) -> frozenset[str]:
    found = words(unicodedata.normalize("NFKC", text).casefold())
    if length(text) > 2 * len(found):  # no spaces between words: pairs of signs do as well
        joined = "".join(found)
        return frozenset(joined[i : i + 2] for i in range(len(joined) - 1))
    return frozenset(found)


def alike(one: str, other: str) -> bool:
    """Near-identical: nearly the same words."""
    a, b = _bag(one), _bag(other)
    return bool(a and b) and len(a & b) / len(a | b) >= _ALIKE


def repeats(sentence: str, known: str) -> bool:
    """Whether a sentence says nothing beyond a known one; a longer one with the same words may."""
    a, b = _bag(sentence), _bag(known)
    return alike(sentence, known) or (len(a) >= 6 and len(a & b) / len(a) >= 0.9)


def retold(sentence: str, known: Sequence[str], language: str) -> Iterator[str]:
    """Of many known ones those that it repeats, with no figure besides theirs."""
    a, figures = _bag(sentence), _figures(sentence, language)
    least = _ALIKE * len(a)  # words in common, without which neither rule holds
    for said, b in zip(known, _bags(tuple(known)), strict=True):
        if len(b) >= least and len(a & b) >= least and repeats(sentence, said) and figures <= _figures(said, language):
            yield said


@functools.lru_cache(maxsize=1024)
def _bags(known: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    return tuple(map(_bag, known))


@functools.lru_cache(maxsize=16384)
def _figures(text: str, language: str) -> frozenset[int]:
    named = numerals(language)
    found = (int(w) if w.isdecimal() else named.get(w) for w in words(text.casefold()))
    return frozenset(n for n in found if n is not None)


def quotable(sentence: str) -> bool:
    """Whether a sentence can stand in a summary: long enough, ended, and not a heading or a lead-in."""
    words = length(sentence)
    if words < 3 or sentence.startswith(("++", "+++", "»»", ">>")):
        return False
    # "Nobody was hurt." is news; "A new bluff?" is a heading.
    return sentence.rstrip(_CLOSERS + " ").endswith(_ENDS if words > 3 else (".", "۔", "。"))


@functools.lru_cache(maxsize=4096)
def _of_text(paragraphs: tuple[str, ...], language: str) -> tuple[str, ...]:
    return tuple(s for p in paragraphs for s in split(p, language) if quotable(s))


def of(article: Article) -> tuple[str, ...]:
    """The quotable sentences of an article; of one that is only a title, the title."""
    found = _of_text(article.paragraphs, article.language)
    return found or ((" ".join(article.title.split()),) if article.title.strip() else ())
