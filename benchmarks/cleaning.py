"""Noise that reaches a reader: labelled strings in a title, among the sentences that may be quoted, in a summary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sets import Part, Row

from digest.compose import sentences
from digest.compose.summarise import ExtractiveSummariser
from digest.model.article import Article
from digest.model.drafting import Limits

#: So much of a noise string in one piece counts as the string.
ENOUGH = 25


@dataclass(slots=True)
class Noise:
    """`strings`: labelled ones. The lists name the article and the piece that came through."""

    strings: int = 0
    in_title: list[str] = field(default_factory=list)
    quotable: list[str] = field(default_factory=list)
    in_summary: list[str] = field(default_factory=list)
    #: Of the text that is no noise: characters in all, and those that were cut.
    proper: int = 0
    lost: int = 0

    @property
    def reached(self) -> int:
        """Strings that reach a title or a summary."""
        return len({*self.in_title, *self.in_summary})


def check(part: Part) -> Noise | None:
    """None for a set that marks no noise."""
    if not any("boilerplate" in row for row in part.rows):
        return None
    found = Noise()
    told = summaries(part)
    for article, row in zip(part.articles, part.rows, strict=True):
        proper = proper_text(row)
        found.proper += len(proper)
        found.lost += sum(len(cut.text) for cut in article.cut if plain(cut.text) in proper)
        for string in strings_of(row):
            found.strings += 1
            name = f"{row.get('id')}: {string[:70]}"
            for places, texts in (
                (found.in_title, [article.title]),
                (found.quotable, sentences.of(article)),
                (found.in_summary, told[article.id]),
            ):
                if any(stands_in(string, text, proper) for text in texts):
                    places.append(name)
    return found


def summaries(part: Part) -> dict[int, list[str]]:
    """By article: the sentences quoted from it in a summary of its true story, in each of the story's languages."""
    stories: dict[str, list[Article]] = defaultdict(list)
    labels = part.labels(part.levels["story"]) if "story" in part.levels else [None] * len(part.articles)
    for article, label in zip(part.articles, labels, strict=True):
        stories[label or f"alone {article.id}"].append(article)
    told: dict[int, list[str]] = {article.id: [] for article in part.articles}
    summariser = ExtractiveSummariser()
    for articles in stories.values():
        for language in sorted({a.language for a in articles}):
            for sentence in summariser.one(articles, language, Limits()):
                told[sentence.articles[0]].append(sentence.text)
    return told


def strings_of(row: Row) -> Iterator[str]:
    yield from (string for noise in row.get("boilerplate") or () if (string := str(noise)).strip())


def proper_text(row: Row) -> str:
    """Title and text without the noise."""
    text = str(row.get("text") or "")
    for noise in strings_of(row):
        text = text.replace(noise, "\n")
    return plain(f"{row.get('title') or ''}\n{text}")


def plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def stands_in(noise: str, text: str, proper: str) -> bool:
    """Whether the noise, or enough of it that the article itself does not say, stands in the text."""
    noise, text = plain(noise), plain(text)
    return any(piece in text and piece not in proper for piece in _pieces(noise))


def _pieces(noise: str) -> Iterable[str]:
    size = min(ENOUGH, len(noise))
    return (noise[i : i + size] for i in range(len(noise) - size + 1))
