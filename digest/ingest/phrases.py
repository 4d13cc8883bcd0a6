"""[pure] What a single line or sentence is, by its words: a link, an invitation, a credit, a note."""

from __future__ import annotations

import re

from digest.ingest import plain
from digest.ingest.patterns import patterns as _patterns
from digest.ingest.vocabulary import folded
from digest.model.article import Cut

_LINK_LENGTH = 250
#: A text may become shorter as it is folded, but hardly by more.
LONGEST_TAIL = 2 * _LINK_LENGTH
_LABEL_SENTENCE = 160
_PROMOTION_LENGTH = 280
_LONG_PROMOTION = 500
_CAPTION_LENGTH = 250
_CREDITED_LENGTH = 200  # beyond this a credit is stuck to a paragraph of the article
_NOTICE_LENGTH = 220
_COOKIE_LENGTH = 400
_SHARE_LENGTH = 120
_STAMP_LENGTH = 90
_CORRECTION_LENGTH = 350
_CAPTION_HEAD, _CAPTION_HEAD_BRACKET = 120, 80  # of the description before its credit
ENOUGH, ENOUGH_LONG = 4, 6  # points that make a promotion
HINT = 2  # points that make one thinkable

_TO_THE_READER = frozenset({"offers", "reader", "house"})

_DECORATED = re.compile(
    r"(?:\+{2,}|>{1,}|→|⇒|➜|➔|►|▶|▸|👉|➡|-{2,}>|={2,}|\*{3,}|#{2,})\s*\S|.*\S\s*(?:\+{2,}|→|►|➜|>>+|»{2,})$"
)
_GUILLEMET = re.compile(r"»\s[^«]+$")  # a German quotation would be closed again
_SPEECH = re.compile(r"[–—]\s")
# Not closed means quoted to the end: a speaker's paragraphs each open and only the last closes.
_QUOTED = re.compile("(?:[“„«»\"]|'')[^“”„«»\"]*?(?:[”“»«\"]|''|$)")
_ASKS = re.compile(r"[^.!?]{3,60}\?\s+\S")
_PRICE = re.compile(r"\b\d+(?:[.,]\d+)?\s?(?:€|euro?s?|\$|£|kr(?:onor)?|zl|dollars?|pounds?)(?!\w)|[€£$]\s?\d")
_ADDRESS = re.compile(r"\S@\S+\.\w|https?://|\bwww\.")
_RIGHTS = re.compile(r"(?:©|\(c\)|copyright)\W")
_BY = re.compile(r"^\w+[\s:]+")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\d{6}")
_NOTE = re.compile(r"(?P<note>[(\[][^()\[\]]{1,90}[)\]])\.?\s*$")
_NAME = r"[A-ZÀ-ÖØ-ÞŁŚŻ][\w'’.-]+"
_PARTICLE = r"(?:de|den|der|van|von|da|di|del|della|dos|do|du|la|le|af|av|y|e|ter|ten|zu|al|el|bin)"
_PERSON = rf"{_NAME}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_NAME}){{1,3}}"
_PEOPLE = re.compile(
    rf"{_PERSON}(?:\s*(?:,|&|/|\ben\b|\bund\b|\band\b|\be\b|\bet\b|\by\b|\boch\b|\bi\b)\s*{_PERSON}){{0,3}}(?:\s*[,(|–-].{{0,40}})?"
)


def judge(paragraph: str) -> str:
    """The reason to cut this paragraph whole, by its own words; "" to keep it."""
    text = folded(paragraph)
    patterns = _patterns()
    if patterns.advert.fullmatch(text) or _is_share(text):
        return "promotion"
    if len(text) <= _COOKIE_LENGTH and _is_cookie_note(text):
        return "cookie"
    if len(text) <= _CORRECTION_LENGTH and _patterns().correction.match(text):
        return "note"
    promotes = is_promotion(text)
    if promotes and (_ADDRESS.search(text) or _is_paywall(text)):
        return "promotion"  # before the links that it may begin with
    if _is_link(text, paragraph):
        return "cross-link"
    if len(text) <= _CAPTION_LENGTH and _patterns().credit.match(text):
        return "caption"
    if _is_byline(text, paragraph):
        return "byline"
    if is_credit(text):
        return "caption"
    if promotes:
        return "promotion"
    return "note" if _is_notice(text) else ""


def is_button(paragraph: str) -> bool:
    """Whether this line is what stands on a button and nothing else."""
    return bool(_patterns().button.fullmatch(folded(paragraph)))


def points_elsewhere(line: str) -> bool:
    """Whether this line's words, and not its form alone, say that others follow that lead to other texts."""
    return bool(_patterns().strong.match(folded(line)))


def _is_share(text: str) -> bool:
    patterns = _patterns()
    if len(text) > _SHARE_LENGTH or not patterns.share.match(text):
        return False
    return not plain.ends_sentence(text) or bool(patterns.channel.search(text) or patterns.notice.search(text))


def _is_cookie_note(text: str) -> bool:
    patterns = _patterns()
    return bool(patterns.cookie.search(text) or (patterns.consent.search(text) and patterns.embed.search(text)))


def _is_paywall(text: str) -> bool:
    """For whom an article is, said of this one or beside what is to be done about it."""
    patterns = _patterns()
    if len(text) > _NOTICE_LENGTH or not patterns.paywall.search(_QUOTED.sub(" ", text), within=text):
        return False
    said_here = (patterns.notice, patterns.call, patterns.offer)
    return any(pattern.search(text) for pattern in said_here) or not plain.ends_sentence(text)


def judge_tail(sentences: str) -> str:
    """The same for what stands at a paragraph's end, where only the plain cases count."""
    if len(sentences) > LONGEST_TAIL:
        return ""  # a paragraph has as many ends as sentences: what is plainly too long must cost nothing
    text = folded(sentences)
    if len(text) > _LINK_LENGTH:
        return ""
    if _DECORATED.match(text) or _strong_link(text, strict=True):
        return "cross-link"
    if len(text) < 80 and _patterns().credit_tail.match(text):
        return "caption"
    # No form is worth so much by itself.
    return "promotion" if _patterns().inviting(text) and promotion_points(text) >= ENOUGH + 1 else ""


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
    if not patterns.agency.fullmatch(text) and is_credit(text):
        return Cut("caption", match.group().strip())
    if not plain.ends_sentence(before) and before.strip():
        return None
    source = patterns.source.match(text)
    credited = source and _names_only(source.group("rest").strip())
    tried = (patterns.bracket.match(text), patterns.agency.fullmatch(text), patterns.correction.match(text))
    known = any(tried) or credited or text.startswith("©") or _strong_link(text, strict=False)
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
        match, strict = _patterns().topical.match(text), True
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
    labelled = labelled or (bool(re.match(r"[-–—]\s", rest)) and not plain.ends_sentence(rest))
    if rest.endswith("."):  # headlines have none: "Background: the bridge was closed in May."
        return labelled and promotion_points(text) >= HINT
    return labelled and (len(text) <= _LABEL_SENTENCE or not re.search(r"[.!?]\s", rest))


def is_credit(text: str) -> bool:
    """Whether this (folded) text names who made a picture, with or without describing it first."""
    if len(text) > _CAPTION_LENGTH:
        return False
    at_its_end = _patterns().credit_tail.search(text) if len(text) <= _CREDITED_LENGTH else None
    return bool(_patterns().credit.match(text) or (at_its_end and is_description(text[: at_its_end.start()], text)))


def is_description(head: str, text: str) -> bool:
    """Whether what stands before a credit tells of the picture and not of the news: it is short, or no sentence."""
    most = _CAPTION_HEAD_BRACKET if text.rstrip(" .").endswith((")", "]")) else _CAPTION_HEAD
    if head.count("(") > head.count(")"):
        head = head[: head.rindex("(")]
    head = head.rstrip(" ([|–—-")
    return len(head) <= most or not plain.ends_sentence(head)


def _is_byline(text: str, paragraph: str) -> bool:
    if len(text) > 120:
        return False
    patterns = _patterns()
    if patterns.agency.fullmatch(text) or _is_stamp(text):
        return True
    if _RIGHTS.match(text) and (_YEAR.search(text) or patterns.source.search(text[1:])):
        return True
    source = patterns.source.match(text)
    if source and _names_only(source.group("rest").strip()):
        return True
    by = patterns.by.match(text)
    if not by or len(text) > 90:
        return False
    ours = patterns.house.match(text[by.end() :]) and not plain.ends_sentence(text)  # "by our Brussels desk"
    named = _BY.sub("", paragraph)
    return bool(ours or _PEOPLE.fullmatch(named.rstrip(" .")))


def _is_stamp(text: str) -> bool:
    """A date, a time, the minutes that reading takes, and no word besides: figures alone may be a result."""
    if len(text) > _STAMP_LENGTH or not any(c.isdigit() for c in text) or re.search(r"[$€£%]", text):
        return False
    return bool(_patterns().stamp.fullmatch(text) and (re.search(r"[^\W\d_]{3,}", text) or _YEAR.search(text)))


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
    if text.endswith(".") and not _patterns().inviting(text):
        return False  # as most sentences: without a word for it, form alone is not enough
    if _is_paywall(text):
        return True
    return promotion_points(text) >= (ENOUGH if len(text) <= _PROMOTION_LENGTH else ENOUGH_LONG)


def promotion_points(text: str) -> int:
    """Points for words and form; one kind of word alone is never enough."""
    if _SPEECH.match(text):
        return 0  # a spoken line: whoever speaks may say "you" and "our"
    own = _QUOTED.sub(" ", text)
    calls = _patterns().call.count(own, within=text)
    points = 2 + min(calls - 1, 1) if calls else 0
    found = [(name, worth) for name, pattern, worth in _patterns().scores if pattern.search(own, within=text)]
    points += sum(worth for _, worth in found)
    addressed = calls or any(name in _TO_THE_READER for name, _ in found)
    points += 1 if _PRICE.search(own) else 0
    points += 1 if _ADDRESS.search(own) else 0
    points += 1 if text.endswith("!") or not plain.ends_sentence(text) else 0
    points += 1 if _ASKS.match(own) else 0
    # A whole sentence that speaks to nobody reports what somebody offers.
    return points if addressed or not text.endswith(".") else min(points, ENOUGH - 1)
