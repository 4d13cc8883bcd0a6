"""[pure] What is printed among an article's paragraphs without being part of it: found and cut.

There is no model behind it. A paragraph is judged by its form (length, whether it ends like a
sentence), by where it stands, and by the vocabulary in data/boilerplate.toml; `phrases` reads
single lines, this module knows their neighbours. Two rules keep real text safe: what looks cut
only by its form is judged against the article's own habits, and never leaves an article empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.ingest import phrases, plain
from digest.ingest.vocabulary import folded
from digest.model.article import Cut

_HEADING_LENGTH = 90
_QUESTION_LENGTH = 75
_EXCLAMATION_LENGTH = 60
_FRAGMENT_LENGTH = 160
_BODY_LENGTH = 110  # from here on a paragraph is surely running text
_END_LENGTH = 50  # of quotes and white space behind a sentence, and far more than there are
_MOST_TAILS = 20  # off one paragraph: each has to be looked for anew
_HEAD_LEFT = 40  # a tail is cut only off a paragraph that stays one
_BULLET = re.compile(r"(?:[-–—•·*▪‣]|\d{1,2}[.)])\s+\S")
_INNER_END = re.compile("(?<=[.!?…])[\"'”’»«“)\\]]*\\s+|[。！？][」』]*")
_OPENING = tuple("\"'“”„«»‘‚(–—")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`lead` is a line before the first paragraph that reads like the article's headline."""

    paragraphs: tuple[str, ...]
    cut: tuple[Cut, ...]
    lead: str = ""


def clean(paragraphs: Sequence[str]) -> Cleaned:
    """Split paragraphs into those of the article and what was cut, with the reason."""
    pieces: list[str | Cut] = []
    for paragraph in paragraphs:
        pieces.extend(_split(paragraph))
    pieces = _without_buttons(_without_buttons(pieces)[::-1])[::-1]
    punctuated = _is_punctuated([piece for piece in pieces if isinstance(piece, str)])
    pieces = _cut_by_place(pieces, punctuated)
    pieces = _never_empty(pieces)
    kept = tuple(piece for piece in pieces if isinstance(piece, str))
    return Cleaned(kept, tuple(piece for piece in pieces if isinstance(piece, Cut)), _lead(pieces))


def _split(paragraph: str) -> list[str | Cut]:
    """One paragraph: cut whole, kept whole, or kept without what is stuck to its ends."""
    reason = phrases.judge(paragraph)
    if reason and not (reason == "promotion" and _only_ends_so(paragraph)):
        return [Cut(reason, paragraph)]
    pieces: list[str | Cut] = []
    dateline = phrases.dateline(paragraph)
    if dateline:
        pieces.append(Cut("byline", dateline.strip()))
        paragraph = paragraph[len(dateline) :]
    tails: list[str | Cut] = []
    while len(tails) < _MOST_TAILS and (tail := _tail(paragraph)):
        tails.insert(0, tail)
        paragraph = paragraph[: -len(tail.text)].rstrip()
    if not paragraph:
        return [*pieces, *tails]
    if tails and tails[0] and _is_caption(tails[0], paragraph):
        return [*pieces, Cut("caption", paragraph), *tails]
    return [*pieces, paragraph, *tails]


def _only_ends_so(paragraph: str) -> bool:
    """Whether a paragraph of the article has an invitation stuck to its end."""
    tail = _tail(paragraph)
    head = paragraph[: -len(tail.text)] if tail else ""
    return len(head) >= _HEADING_LENGTH and phrases.promotion_points(folded(head)) < phrases.HINT


def _is_caption(tail: str | Cut, head: str) -> bool:
    """A picture's description and its credit are one caption; a sentence of the news with a credit is not."""
    if not isinstance(tail, Cut) or tail.reason != "caption" or len(head) >= _FRAGMENT_LENGTH:
        return False
    return phrases.is_description(head, tail.text)


def _tail(paragraph: str) -> Cut | None:
    """A note in brackets, a credit, a link or an invitation at the paragraph's end."""
    note = phrases.closing_note(paragraph)
    if note:
        return note
    # Not from the start: a paragraph of many ends is asked again for each tail that is cut.
    for end in _INNER_END.finditer(paragraph, max(len(paragraph) - phrases.LONGEST_TAIL - _END_LENGTH, 0)):
        tail = paragraph[end.end() :]
        if end.end() >= _HEAD_LEFT and tail and (reason := phrases.judge_tail(tail)):
            return Cut(reason, tail)
    return None


def _is_punctuated(paragraphs: list[str]) -> bool:
    """Whether this text ends its paragraphs like sentences, so that one that does not stands out."""
    body = [p for p in paragraphs if len(p) >= _BODY_LENGTH or (plain.is_cjk(p) and len(p) >= _BODY_LENGTH // 3)]
    return bool(body) and sum(map(_ends, body)) * 10 >= len(body) * 7


def _ends(paragraph: str) -> bool:
    return plain.ends_sentence(paragraph) or paragraph.rstrip().endswith(":")


def _without_buttons(pieces: list[str | Cut]) -> list[str | Cut]:
    """Without the names of buttons before the text, or, turned round, behind it."""
    result = list(pieces)
    for i, piece in enumerate(pieces):
        if isinstance(piece, str):
            if not phrases.is_button(piece):
                break
            result[i] = Cut("promotion", piece)
    return result


def _cut_by_place(pieces: list[str | Cut], punctuated: bool) -> list[str | Cut]:
    """Sub-headings, and lines that are no sentences: link lists, tags, captions."""
    result: list[str | Cut] = []
    links = False  # below a line that points elsewhere, by its words
    for i, piece in enumerate(pieces):
        if isinstance(piece, Cut) or not _stands_apart(piece):
            links = isinstance(piece, Cut) and phrases.points_elsewhere(piece.text)
            result.append(piece)
            continue
        links = links and bool(_BULLET.match(piece))
        if links:
            result.append(Cut("cross-link", piece))
            continue
        if not punctuated:
            result.append(piece)
            continue
        before = pieces[i - 1] if i else None
        after = next((p for p in pieces[i + 1 :] if isinstance(p, str)), "")
        if _BULLET.match(piece) and not _is_link_label(before):
            result.append(piece)
        elif len(after) > max(1.5 * len(piece), 60) and len(piece) <= _HEADING_LENGTH:
            result.append(Cut("heading", piece))
        elif piece.endswith(("?", "!")):
            result.append(piece)  # a sentence after all, unless a text follows that it heads
        else:
            result.append(Cut("cross-link", piece))
    return result


def _is_link_label(piece: str | Cut | None) -> bool:
    return isinstance(piece, Cut) and piece.reason == "cross-link"


def _stands_apart(paragraph: str) -> bool:
    """Whether its form alone says that it is no running text."""
    scale = 3 if plain.is_cjk(paragraph) else 1
    length = len(paragraph) * scale
    if paragraph.endswith(":"):
        return False  # it introduces what follows
    if not plain.ends_sentence(paragraph):
        return length <= _FRAGMENT_LENGTH
    if paragraph.startswith(_OPENING) or len(_INNER_END.findall(paragraph)) > 1:
        return False
    one_sentence = not _INNER_END.search(paragraph.rstrip("?!.…\"'”»“"))
    if paragraph.endswith(("?", "？", "؟")):
        return one_sentence and length <= _QUESTION_LENGTH
    return one_sentence and paragraph.endswith(("!", "！")) and length <= _EXCLAMATION_LENGTH


def _never_empty(pieces: list[str | Cut]) -> list[str | Cut]:
    """Where nothing would be left, what was cut for its form or place alone comes back."""
    if any(isinstance(piece, str) for piece in pieces):
        return pieces
    return [p.text if isinstance(p, Cut) and _may_be_text(p) else p for p in pieces]


def _may_be_text(cut: Cut) -> bool:
    return cut.reason in {"heading", "note"} or bool(cut.reason == "cross-link" and _BULLET.match(cut.text))


def _lead(pieces: list[str | Cut]) -> str:
    for piece in pieces:
        if isinstance(piece, str):
            break
        if piece.reason == "heading":
            return piece.text
    return ""
