"""What passes between the desk and whoever drafts summaries or translations. Nothing in it is believed yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one entry: its summary's words and sentences, and how many words of one article it may repeat."""

    words: int = 60
    sentences: int = 3
    max_quote_words: int = 100


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a draft and the articles (ids) that it rests on.

    `quoted`: it claims to stand in the first of them word for word; else it is in words of its own.
    """

    text: str
    articles: tuple[int, ...]
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """What a summariser would say of one story; `why` says why it is nothing."""

    sentences: tuple[Sentence, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence or headline to translate, and the language (ISO 639-1) that it is in."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """Translations of some pieces, in their order, empty where there is none; `why` says why there are none."""

    texts: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a language model is asked: who it is to be, what it is given, and the longest answer in tokens."""

    system: str
    user: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the endpoint said, and what it cost in tokens; 0 where it did not tell."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a question: a text, or why there is none."""

    text: str = ""
    why: str = ""


#: Asks all of them side by side, within the limits of time and cost; a reply for each, in their order.
Ask = Callable[[Sequence[Question]], Sequence[Reply]]


def nobody(questions: Sequence[Question]) -> Sequence[Reply]:
    """Where there is no language model."""
    return [Reply(why="there is no language model: see [llm] in the settings")] * len(questions)
