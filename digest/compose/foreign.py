"""What is in another language than the reader's, translated where a translator is set and what it says holds.

A translation is marked as one, with the language that it is from, and what the article says is
remembered with it: the reader has been told that sentence. Pure, but for what the translator does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digest.compose import holds
from digest.compose.names import Knowledge
from digest.compose.summarise import Translator
from digest.model.article import Article
from digest.model.drafting import Piece, Rendering
from digest.model.edition import Entry, Manner, Quote

_MOST = 16  # pieces of one entry


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A text of an entry, of one of the kinds below; `place`: in the summary or in the story so far."""

    kind: int
    place: int
    text: str
    language: str
    article: int


def translated(
    entries: Sequence[tuple[Entry, Article, Mapping[int, Article]]],
    language: str,
    translator: Translator | None,
    knowledge: Knowledge,
) -> list[Entry]:
    """The entries as far as possible in the reader's language.

    Each is given with the article that its headline is from, and all the articles that it quotes.
    """
    if translator is None:
        return [entry for entry, _, _ in entries]
    foreign = [_foreign(entry, headed, articles, language) for entry, headed, articles in entries]
    bundles = [[Piece(f.text, f.language) for f in found] for found in foreign if found]
    answers = list(translator.translate(bundles, language)) if bundles else []
    if len(answers) != len(bundles):
        answers = [Rendering(why="the translator did not answer for every story")] * len(bundles)
    left = iter(answers)
    done = []
    for (entry, _, articles), found in zip(entries, foreign, strict=True):
        done.append(_apply(entry, found, next(left), articles, language, knowledge) if found else entry)
    return done


_HEADLINE, _SUMMARY, _STEP = range(3)


def _foreign(entry: Entry, headed: Article, articles: Mapping[int, Article], language: str) -> list[_Foreign]:
    found: list[_Foreign] = []
    # A headline that the first sentence goes on from is half of one: it stays with its other half.
    halved = any(q.continues for q in entry.summary)
    if entry.headline and not halved and headed.id in articles and entry.headline_language not in (language, "und"):
        found.append(_Foreign(_HEADLINE, 0, entry.headline, entry.headline_language, headed.id))
    quotes = [(_SUMMARY, i, q) for i, q in enumerate(entry.summary)]
    quotes += [(_STEP, i, s.quote) for i, s in enumerate(entry.timeline)]
    for kind, place, quote in quotes:
        plain = quote.manner is Manner.QUOTED and not quote.continues
        if plain and quote.language not in (language, "und") and quote.article in articles:
            found.append(_Foreign(kind, place, quote.text, quote.language, quote.article))
    return found[:_MOST]


def _apply(
    entry: Entry,
    found: Sequence[_Foreign],
    rendering: Rendering,
    articles: Mapping[int, Article],
    language: str,
    knowledge: Knowledge,
) -> Entry:
    summary, steps = list(entry.summary), list(entry.timeline)
    headline: dict[str, str] = {}
    whys = [rendering.why] if rendering.why else []
    done = 0
    texts = (*rendering.texts, *("",) * (len(found) - len(rendering.texts)))
    for piece, said in zip(found, texts, strict=False):
        text = " ".join(said.split())
        why = holds.why_not_translated(text, piece.text, language, articles[piece.article], knowledge) if text else ""
        if not text or why:
            whys.append(why or "a sentence has no translation")
            continue
        done += 1
        if piece.kind == _HEADLINE:
            headline = {"headline": text, "headline_language": language}
            headline |= {"original_headline": piece.text, "original_language": piece.language}
        elif piece.kind == _SUMMARY:
            summary[piece.place] = _as_translation(summary[piece.place], text, language)
        else:
            step = steps[piece.place]
            steps[piece.place] = replace(step, quote=_as_translation(step.quote, text, language))
    note = f"{done} of {len(found)} texts translated" + (f" ({whys[0]})" if done < len(found) and whys else "")
    reason = "; ".join(filter(None, (entry.reason, note)))
    return replace(entry, summary=tuple(summary), timeline=tuple(steps), reason=reason, **headline)  # type: ignore[arg-type]


def _as_translation(quote: Quote, text: str, language: str) -> Quote:
    return replace(
        quote,
        text=text,
        language=language,
        manner=Manner.TRANSLATED,
        basis=(quote.text,),
        original_language=quote.language,
    )
