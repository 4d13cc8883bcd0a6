"""Whether what a language model says holds in the articles: names, numbers, dates, quotations. Pure.

What is checked is what can be checked without understanding. The sense is not: a sentence whose names
and numbers all stand in the article can still be wrong, and the mail says whose words it is in.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.compose import figures, names, negation, sentences
from digest.compose.clean import clean
from digest.compose.figures import Calendar, Day, Figure
from digest.compose.names import Index, Knowledge
from digest.model.article import Article

LONGEST = 45  # words
_LONGEST_SIGNS = 400
_MARKUP = re.compile(
    r"[<>{}\[\]|\\`_#*~]|://|\bwww\.|\S@\S|\b[\w-]+\.(?:com|org|net|io|info|biz|ru|xyz|app|dev|link)\b"
)
_ENDED = re.compile(r"[.!?…。！？؟।۔][\"”“»’')\]]*$")
_QUOTED = re.compile(
    r"„([^„“”]*)[“”]|“([^“”]*)”|«([^«»]*)»|\"([^\"]*)\""
    r"|(?<!\w)[‘‚]([^‘‚’]*)[’‘](?!\w)|(?<!\w)'([^']+)'(?!\w)"
)
_MARKS = '„“”«»"'
_SPEECH = 4  # words: from here on a quotation must be one in the article too
_SHARED = 0.5  # of the words that carry meaning, where there is nothing else to go by


@dataclass(frozen=True, slots=True)
class Source:
    """One article as evidence."""

    language: str
    text: str  # title and text, spaces made single
    quoted: str  # what stands between quotation marks in it
    figures: tuple[Figure, ...]
    years: frozenset[str]
    calendar: Calendar
    dated: Calendar
    index: Index
    lower: frozenset[str]
    stems: frozenset[str]


@functools.lru_cache(maxsize=256)
def source(article: Article, knowledge: Knowledge) -> Source:
    text = _single(f"{article.title.rstrip('.')}. {article.text}")
    told, dated = figures.calendar(text, article.language), figures.known_dates([article.published])
    told = replace(told, days=tuple(_with_years(told.days, article.published.start)))
    found = [f for f in figures.figures(text, article.language) if not _inside(f, told.day_spans)]
    years = {str(article.published.start.year), *(str(d.year) for d in told.days)}
    return Source(
        language=article.language,
        text=text,
        quoted=" | ".join(_plain(q) for q in quotations(text)),
        figures=tuple(found),
        years=frozenset(years),
        calendar=told,
        dated=dated,
        index=names.index(text, article.language, knowledge),
        lower=frozenset(names.small_words(text, knowledge)),
        stems=_stems(text),
    )


def why_not(text: str, language: str, articles: Sequence[Article], knowledge: Knowledge) -> str:
    """Why a sentence in a model's own words cannot be told of these articles; empty where it can."""
    if trouble := unfit(text, language):
        return trouble
    sources = [source(a, knowledge) for a in articles]
    trouble = _quotes(text, sources) or _dates(text, language, sources) or _numbers(text, language, sources)
    if trouble:
        return trouble
    if negation.unfounded(text, language, articles):
        return "it denies what no article denies"
    lower = frozenset().union(*(s.lower for s in sources if s.language == language))
    outside = _blank(text, figures.calendar(text, language).spans)
    runs = names.names(outside, language, lower, knowledge)
    for run in runs:
        if found := names.missing(run, language, [s.index for s in sources], knowledge):
            return f"the name {found.text!r} stands in no article that it names"
    return "" if runs or _anchored(text, language, sources) else "nothing in it can be found in an article"


def why_not_translated(text: str, original: str, language: str, article: Article, knowledge: Knowledge) -> str:
    """Why a translation cannot be right; empty where nothing speaks against it.

    Numbers must be the same on both sides, names must occur in the article, quotations be as many.
    """
    if trouble := unfit(text, language, whole=_ENDED.search(original) is not None, longest=2 * LONGEST):
        return trouble
    sizes = sentences.length(text), sentences.length(original)
    if sizes[0] > 2 * sizes[1] + 4 or 2 * sizes[0] + 4 < sizes[1]:
        return "it is not as long as what it translates"
    if len(quotations(text)) != len(quotations(original)):
        return "it has not the quotations of what it translates"
    here, there = figures.figures(text, language), figures.figures(original, article.language)
    dates = _day_numbers(text, language), _day_numbers(original, article.language)
    for one, others, known in ((here, there, dates[1]), (there, here, dates[0])):
        for figure in one:
            if not any(figure.agrees(o) for o in others) and not figure.values & known:
                return f"the number {_said(figure, text if one is here else original)} is not on both sides"
    if trouble := _dates(text, language, [source(article, knowledge)]):
        return trouble
    outside = _blank(text, figures.calendar(text, language).spans)
    index = [source(article, knowledge).index]
    for run in names.names(outside, language, frozenset(), knowledge):
        if found := names.missing(run, language, index, knowledge):
            return f"the name {found.text!r} is not in the article"
    return ""


def unfit(text: str, language: str, *, whole: bool = True, longest: int = LONGEST) -> str:
    """What keeps a text from being one plain sentence: markup, links, odd signs, length."""
    if clean(text) != text or not text:
        return "it is not plain text"
    if _MARKUP.search(text):
        return "it has a link or markup in it"
    if len(text) > _LONGEST_SIGNS + 200 * (longest > LONGEST) or sentences.length(text) > longest:
        return f"it is longer than {longest} words"
    if whole and not _ENDED.search(text):
        return "it does not end like a sentence"
    if whole and len(sentences.split(text, language)) != 1:
        return "it is more than one sentence"
    if names.unspaced(text):
        return "its script has no spaces, so that names cannot be told"
    return ""


# Quotations


def quotations(text: str) -> list[str]:
    return [next(filter(None, m.groups()), "") for m in _QUOTED.finditer(text)]


def _quotes(text: str, sources: Sequence[Source]) -> str:
    bare = _QUOTED.sub(" ", text)
    if any(mark in bare for mark in _MARKS):
        return "a quotation in it does not end"
    for found in quotations(text):
        said = _plain(found)
        if not said:
            return "a quotation in it is empty"
        speech = sentences.length(said) >= _SPEECH
        if not any(_stands(said, s.quoted if speech else _plain(s.text)) for s in sources):
            return f"nobody is quoted with “{found.strip()}” in an article that it names"
    return ""


def _stands(said: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(said)}(?!\w)", text) is not None


def _single(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Without what may differ around the same words: apostrophes' shapes, the last sign, spaces."""
    return _single(text).replace("’", "'").replace("‘", "'").strip(" .,;:!?…'")


# Numbers and dates


def _dates(text: str, language: str, sources: Sequence[Source]) -> str:
    said = figures.calendar(text, language)
    known = [c for s in sources for c in (s.calendar, s.dated)]
    for day in said.days:
        if not any(day.agrees(d) for c in known for d in c.days):
            return f"the date {day.day}-{day.month} stands in no article that it names"
    if not said.months <= frozenset().union(*(c.months for c in known)):
        return "it names a month that no article does"
    if not said.weekdays <= frozenset().union(*(c.weekdays for c in known)):
        return "it names a day of the week that no article does"
    return ""


def _numbers(text: str, language: str, sources: Sequence[Source]) -> str:
    days = figures.calendar(text, language).day_spans
    for figure in figures.figures(text, language):
        if _inside(figure, days) or any(figure.agrees(f) for s in sources for f in s.figures):
            continue
        if figure.unit or not any(figure.values & s.years for s in sources):
            return f"the number {_said(figure, text)} stands in no article that it names"
    return ""


def _inside(figure: Figure, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= figure.start < end for start, end in spans)


def _with_years(days: Iterable[Day], published: datetime) -> Iterator[Day]:
    """Where an article says no year it means its own; of a day that is still to come, the one before too."""
    for day in days:
        if day.year is not None:
            yield day
            continue
        yield replace(day, year=published.year)
        if (day.month, day.day) > (published.month, published.day):
            yield replace(day, year=published.year - 1)


def _day_numbers(text: str, language: str) -> frozenset[str]:
    return frozenset(str(n) for d in figures.calendar(text, language).days for n in (d.day, d.month, d.year))


def _said(figure: Figure, text: str) -> str:
    return repr(text[figure.start : figure.end].strip())


# What a sentence rests on where it names nothing


def _anchored(text: str, language: str, sources: Sequence[Source]) -> bool:
    """A number, a date or a quotation of the articles is in it, or most of its words are theirs."""
    told = figures.calendar(text, language)
    if figures.figures(text, language) or told.months or told.weekdays or quotations(text):
        return True
    stems = _stems(text)
    same = [s for s in sources if s.language == language]
    return bool(stems) and any(len(stems & s.stems) >= _SHARED * len(stems) for s in same)


def nearest(text: str, article: Article) -> tuple[str, ...]:
    """The one sentence of an article that says most of the same, by the beginnings of its words; or none."""
    mine = _stems(text) | frozenset(re.findall(r"\d+", text))
    best, most = "", 0
    for sentence in sentences.of(article):
        shared = len(mine & (_stems(sentence) | frozenset(re.findall(r"\d+", sentence))))
        if shared > most:
            best, most = sentence, shared
    return (best,) if best else ()


def _stems(text: str) -> frozenset[str]:
    return frozenset(w.casefold()[:6] for w in sentences.words(text) if len(w) > 3)


def _blank(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """With small letters where months and weekdays stand: they are checked as dates, not as names."""
    signs = list(text)
    for start, end in spans:
        signs[start:end] = text[start:end].lower()
    return "".join(signs) if len(signs) == len(text) else text
