"""[pure] Titles: the given one made clean, or a first sentence that can stand as one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import sentencex

from digest.ingest import phrases, plain
from digest.ingest.markup import to_line

LONGEST = 110
_LONGEST_GIVEN = 250
_SHORTEST = 40  # of what stays in front of a clause boundary
_ELLIPSIS = "…"
_PAIRS = {"“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", "‚": "‘’", "(": ")", "[": "]", "「": "」"}
# Where a sentence can be left without losing its sense; a comma in "1,3" is not followed by a blank.
_CLAUSE = re.compile(r"(?:[,;:](?=\s)|\s+[–—](?=\s)|[、，；])")
_SEPARATOR = re.compile(r"\s+(?:[-–—|·•:»«]|::|\|\|)\s+")
_WWW = re.compile(r"^(?:https?://)?(?:www\d?\.)?")
_DOMAIN = re.compile(r"(?:\.(?:co|com|org|net|gov|ac))?\.[a-z]{2,7}$")  # behind the name of a host
_PRONOUN_LEFT = re.compile(r"(?:\s+\S{1,3})$")


def clean_title(title: str | None, publisher: str = "", host: str = "") -> str | None:
    """The given title on one line, without markup, hidden characters and the site's own name."""
    text = to_line(title or "")
    if "&" in text:  # escaped twice by the feed's writer
        text = to_line(text)
    text = plain.one_line(text)
    ours = _names(publisher) | _names(host)
    while (parted := part_tail(text)) and _names(parted[1]) & ours:
        text = parted[0]
    text = _balanced(text.strip())
    return shorten(text, _LONGEST_GIVEN) or None if any(c.isalnum() for c in text) else None


def part_tail(title: str) -> tuple[str, str] | None:
    """`Ferry sails - The Quay` -> what stands before and after the last separator; None without one."""
    parts = list(_SEPARATOR.finditer(title))
    if not parts or not title[: parts[-1].start()].strip() or not title[parts[-1].end() :].strip():
        return None
    return title[: parts[-1].start()], title[parts[-1].end() :]


@lru_cache(maxsize=1024)
def _names(site: str) -> frozenset[str]:
    """How a site may be called: `The Quay`, `thequay.example` and `www.the-quay.example` are one."""
    name = _WWW.sub("", plain.fold(site))
    spelt = {name, _DOMAIN.sub("", name)}
    return frozenset(found for s in spelt if (found := "".join(c for c in s if c.isalnum())))


def derive(paragraphs: Sequence[str], language: str, lead: str = "") -> str:
    """A title for an article that came without one; "" only where there is no text."""
    if lead and len(lead) <= LONGEST and plain.word_count(lead) >= 3:
        return _balanced(lead)
    sentences = _first_sentences(paragraphs, language)
    if not sentences:
        return shorten(plain.one_line(" ".join(paragraphs)))
    best = next((s for s in sentences if _is_headline_like(s)), sentences[0])
    return shorten(_without_stop(_balanced(best)))


def shorten(text: str, limit: int = LONGEST) -> str:
    """At most `limit` characters, left at a clause boundary or else between words."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    ends = [
        m.start()
        for m in _CLAUSE.finditer(text[:limit])
        if _SHORTEST <= m.start() < limit and _is_balanced(text[: m.start()])
    ]
    if ends:
        return head[: ends[-1]].rstrip() + _ELLIPSIS
    blank = head.rfind(" ")
    if blank < _SHORTEST:  # a script without blanks, or one endless word
        return head.rstrip() + _ELLIPSIS
    head = head[:blank]
    for _ in range(2):  # an article or preposition left dangling
        head = _PRONOUN_LEFT.sub("", head)
    return _balanced(head.rstrip(" ,;:–—-")) + _ELLIPSIS


def _first_sentences(paragraphs: Sequence[str], language: str) -> list[str]:
    """The sentences of the first paragraphs, without a dateline before them."""
    found: list[str] = []
    for paragraph in paragraphs[:2]:
        text = paragraph[len(phrases.dateline(paragraph)) :]
        pieces = sentencex.segment(language if language != "und" else "en", text)
        found.extend(sentence for piece in pieces if (sentence := plain.one_line(piece)))
    return found[:5]


def _is_headline_like(sentence: str) -> bool:
    """Tells something by itself: no question, no speech, no two-word opener, no promotion."""
    least = 10 if plain.is_cjk(sentence) else 25
    if len(sentence) < least or plain.word_count(sentence) < 4 or sentence.endswith(("?", "？")):
        return False
    if sentence.startswith(("–", "—", "- ", "“", "„", "«", '"', "»", "(")):
        return False
    return not phrases.judge(sentence)


def _without_stop(text: str) -> str:
    """Headlines end without a full stop; an abbreviation's or an ellipsis' dots stay."""
    if text.endswith("。"):
        return text[:-1]
    last = text.rsplit(" ", 1)[-1]
    return text[:-1] if text.endswith(".") and not text.endswith("..") and last.count(".") == 1 else text


def _is_balanced(text: str) -> bool:
    return text.count('"') % 2 == 0 and not _unclosed(text)


def _unclosed(text: str) -> int | None:
    """The place of a quote or bracket that is never closed; None where all are."""
    stack: list[tuple[int, str]] = []
    for i, c in enumerate(text):
        if stack and c in stack[-1][1]:
            stack.pop()
        elif c in _PAIRS and not (c in "‘’" and i and text[i - 1].isalnum()):
            stack.append((i, _PAIRS[c]))
    return stack[0][0] if stack else None


def _balanced(text: str) -> str:
    """Without a quotation mark or bracket that opens or closes nothing."""
    while (place := _unclosed(text)) is not None:
        text = text[:place] + text[place + 1 :]
    for mark in ('"',):
        if text.count(mark) % 2:
            text = text.removeprefix(mark) if text.startswith(mark) else "".join(text.rsplit(mark, 1))
    for opening, closing in (("“„", "”"), ("«", "»"), ("(", ")")):
        if text.endswith(closing) and not any(mark in text for mark in opening):
            text = text[: -len(closing)]
    return text.strip()
