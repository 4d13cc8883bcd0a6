"""[pure] What a single line or sentence is, by its words: a link, an invitation, a credit, a note."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.ingest import plain
from digest.ingest.vocabulary import Vocabulary, folded, load
from digest.model.article import Cut

_LINK_LENGTH = 250
_LABEL_SENTENCE = 160
_PROMOTION_LENGTH = 280
_LONG_PROMOTION = 500
_CAPTION_LENGTH = 250
_CREDITED_LENGTH = 200  # beyond this a credit is stuck to a paragraph of the article
_NOTICE_LENGTH = 220
_NOTE_LENGTH = 90
ENOUGH, ENOUGH_LONG = 4, 6  # points that make a promotion
HINT = 2  # points that make one thinkable

_DECORATED = re.compile(
    r"(?:\+{2,}|>{1,}|→|⇒|➜|➔|►|▶|▸|👉|➡|-{2,}>|={2,}|\*{3,}|#{2,})\s*\S|.*\S\s*(?:\+{2,}|→|►|➜|>>+|»{2,})$"
)
_GUILLEMET = re.compile(r"»\s[^«]+$")  # a German quotation would be closed again
_SPEECH = re.compile(r"[–—]\s")
# Not closed means quoted to the end: a speaker's paragraphs each open and only the last closes.
_QUOTED = re.compile("(?:[“„«»\"]|'')[^“”„«»\"]*?(?:[”“»«\"]|''|$)")
_ASKS = re.compile(r"[^.!?]{3,60}\?\s+\S")
_PRICE = re.compile(r"\b\d+(?:[.,]\d+)?\s?(?:€|euro?s?|\$|£|kr(?:onor)?|zl|dollars?|pounds?)(?!\w)|[€£$]\s?\d")
_NOTE = re.compile(r"(?P<note>[(\[][^()\[\]]{1,90}[)\]])\.?\s*$")
_NAME = r"[A-ZÀ-ÖØ-ÞŁŚŻ][\w'’.-]+"
_PARTICLE = r"(?:de|den|der|van|von|da|di|del|della|dos|do|du|la|le|af|av|y|e|ter|ten|zu|al|el|bin)"
_PERSON = rf"{_NAME}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_NAME}){{1,3}}"
_PEOPLE = re.compile(
    rf"{_PERSON}(?:\s*(?:,|&|/|\ben\b|\bund\b|\band\b|\be\b|\bet\b|\by\b|\boch\b|\bi\b)\s*{_PERSON}){{0,3}}(?:\s*[,(|–-].{{0,40}})?"
)


class _Patterns:
    """The expressions that need the vocabulary."""

    def __init__(self, words: Vocabulary) -> None:
        quiet = r"[\W_]*"
        self.strong = re.compile(rf"{quiet}{words['strong']}(?P<rest>.*)", re.DOTALL)
        self.weak = re.compile(rf"{quiet}{words['weak']}(?P<rest>.*)", re.DOTALL)
        self.call = re.compile(
            rf"(?:^{quiet}|[.!?:;–—|…]\s+)"
            r"(?:(?:jetzt|hier|bitte|please|nu|dan|ora|subito|ahora|agora|maintenant|teraz|just|ou|o)\s+){0,2}"
            rf"{words['calls']}"
        )
        self.credit = re.compile(rf"{quiet}{words['credits']}(?:\s+\w+)?\s*[:/|©]\s*\S")
        self.credit_tail = re.compile(
            rf"(?:(?:^|[\s(|–—-])(?:{words['credits']}\s?:|fot\.)\s*\S.{{0,60}}|(?:^|\s)©\s?\S.{{0,60}}"
            r"|(?:getty images|shutterstock|picture alliance|imago images|istock"
            r"|/\s?(?:handout|dr|afp|ap|reuters|epa|dpa|anp)))\W*$"
        )
        self.source = re.compile(rf"\W*{words['sources']}(?P<rest>.*)", re.DOTALL)
        self.agency = re.compile(rf"\W*{words['agencies']}(?:\s*[/,;&+-]\s*\w[\w. ]{{0,20}}){{0,3}}\W*")
        self.by = re.compile(rf"{words['by']}[\s:]+", re.IGNORECASE)
        self.house = re.compile(words["house"])
        self.notice = re.compile(words["notices"])
        self.cookie = re.compile(words["cookies"])
        self.advert = re.compile(rf"\W*{words['adverts']}\W*")
        self.bracket = re.compile(words["brackets"])
        # "(ANP)", "(dpa/lno)", "(Reuters, Parijs)"
        agency = rf"\((?i:{words['agencies']})(?:\s*[/,-]\s*[\w. ]{{1,15}})?\)"
        # "BRUSSEL (ANP) - ", "PARIS, 12 May (Reuters) – ", "Berlin (dpa/lno) -"; "AMSTERDAM - "
        self.dateline = re.compile(
            rf"[A-ZÀ-Þ][\w'’./ -]{{1,40}}(?:,[^()]{{1,30}})?\s*{agency}\s*[-–—:.]+\s*|{agency}\s*[-–—:]+\s*"
            r"|[A-ZÀ-Þ]{3,}(?:[ /'’-]{1,3}[A-ZÀ-Þ]{2,}){0,3}(?:,\s[^-–—:]{2,25})?\s+[-–—]\s+(?=[\w\"'“„«‘])"
        )
        self.scores = [(re.compile(words[name]), points) for name, points in _POINTS]


_POINTS = (("channels", 2), ("offers", 2), ("free", 1), ("reader", 1), ("house", 1))


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    return _Patterns(load())


def judge(paragraph: str) -> str:
    """The reason to cut this paragraph whole, by its own words; "" to keep it."""
    text = folded(paragraph)
    patterns = _patterns()
    if patterns.advert.fullmatch(text):
        return "promotion"
    if len(text) <= 400 and patterns.cookie.search(text):
        return "cookie"
    if _is_link(text, paragraph):
        return "cross-link"
    if _is_byline(text, paragraph):
        return "byline"
    if _is_credit(text):
        return "caption"
    if is_promotion(text):
        return "promotion"
    return "note" if _is_notice(text) else ""


def judge_tail(sentences: str) -> str:
    """The same for what stands at a paragraph's end, where only the plain cases count."""
    text = folded(sentences)
    if len(text) > _LINK_LENGTH:
        return ""
    if _DECORATED.match(text) or _strong_link(text, strict=True):
        return "cross-link"
    if len(text) < 80 and _patterns().credit_tail.match(text):
        return "caption"
    return "promotion" if promotion_points(text) >= ENOUGH + 1 else ""


def dateline(paragraph: str) -> str:
    """The "BRUSSEL (ANP) - " before a paragraph, with the white space after it."""
    match = _patterns().dateline.match(paragraph)
    return match.group() if match and match.end() < len(paragraph) else ""


def closing_note(paragraph: str) -> Cut | None:
    """A bracket after the last sentence that is an aside of the newsroom, not of the author."""
    match = _NOTE.search(paragraph)
    if not match:
        return None
    inside = match.group("note")[1:-1].strip()
    text, before = folded(inside), paragraph[: match.start()]
    patterns = _patterns()
    if _is_credit(text):
        return Cut("caption", match.group().strip())
    if not plain.ends_sentence(before) and before.strip():
        return None
    known = patterns.bracket.match(text) or patterns.agency.fullmatch(text) or _strong_link(text, strict=False)
    # By its form: initials and desks, "(mvd)", "(jk/web)", "(AB)".
    initials = re.fullmatch(r"[a-z]{2,4}|[A-Z]{2,4}|\w{2,5}(?:/\w{2,6}){1,3}", inside)
    if known or (initials and before.strip()):
        return Cut("cross-link" if _strong_link(text, strict=False) else "byline", match.group().strip())
    return None


def _is_link(text: str, paragraph: str) -> bool:
    if len(text) > _LINK_LENGTH:
        return False
    if _DECORATED.match(text) or (_GUILLEMET.match(paragraph) and not plain.ends_sentence(paragraph)):
        return True
    return _strong_link(text, strict=False) or _weak_link(text)


def _strong_link(text: str, *, strict: bool) -> bool:
    match = _patterns().strong.match(text)
    if not match:
        return False
    rest = match.group("rest").strip()
    if not rest.strip(" .:…!>»→-]") or rest[0] in ":>|–—-»→" or re.match(r"[^.!?:]{1,40}:\s", rest):
        return True
    if strict:
        return not plain.ends_sentence(rest)
    return not plain.ends_sentence(rest) or (len(text) <= _LABEL_SENTENCE and not re.search(r"[.!?]\s", rest))


def _weak_link(text: str) -> bool:
    match = _patterns().weak.match(text)
    if not match:
        return False
    rest = match.group("rest").strip()
    labelled = bool(re.match(r"[:|>»]|[^.!?:]{1,25}:\s", rest)) or not rest
    return labelled and (len(text) <= _LABEL_SENTENCE or not re.search(r"[.!?]\s", rest))


def _is_credit(text: str) -> bool:
    if len(text) > _CAPTION_LENGTH:
        return False
    at_its_end = len(text) <= _CREDITED_LENGTH and _patterns().credit_tail.search(text)
    return bool(_patterns().credit.match(text) or at_its_end)


def _is_byline(text: str, paragraph: str) -> bool:
    if len(text) > 120:
        return False
    patterns = _patterns()
    if patterns.agency.fullmatch(text):
        return True
    source = patterns.source.match(text)
    if source and _names_only(source.group("rest").strip()):
        return True
    by = patterns.by.match(paragraph)
    if not by or len(text) > 90:
        return False
    ours = patterns.house.match(text[by.end() :]) and not plain.ends_sentence(text)  # "by our Brussels desk"
    return bool(ours or _PEOPLE.fullmatch(paragraph[by.end() :].rstrip(" .")))


def _names_only(rest: str) -> bool:
    """Whether what follows "Source" or "Updated" is a name or a time, and no sentence."""
    if len(rest) > 80:
        return False
    if not rest.strip(" .") or rest[0] in ":/|,©":
        return True
    return not plain.ends_sentence(rest) or bool(re.match(r"[^.:]{1,25}:", rest))


def _is_notice(text: str) -> bool:
    return len(text) <= _NOTICE_LENGTH and bool(_patterns().notice.search(text))


def is_promotion(text: str) -> bool:
    """Whether this (folded) paragraph invites the reader to something besides the article."""
    if len(text) > _LONG_PROMOTION:
        return False
    return promotion_points(text) >= (ENOUGH if len(text) <= _PROMOTION_LENGTH else ENOUGH_LONG)


def promotion_points(text: str) -> int:
    """Points for words and form; one kind of word alone is never enough."""
    if _SPEECH.match(text):
        return 0  # a spoken line: whoever speaks may say "you" and "our"
    own = _QUOTED.sub(" ", text)
    calls = len(_patterns().call.findall(own))
    points = 2 + min(calls - 1, 1) if calls else 0
    for pattern, worth in _patterns().scores:
        points += worth if pattern.search(own) else 0
    points += 1 if _PRICE.search(own) else 0
    points += 1 if text.endswith("!") or not plain.ends_sentence(text) else 0
    return points + (1 if _ASKS.match(own) else 0)
