"""The story so far: dated steps, each told by one sentence of an article. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from datetime import datetime

from digest.compose import sentences
from digest.compose.candidates import PastStory
from digest.compose.developments import developments
from digest.compose.fair import Quota
from digest.compose.folding import Fold, age
from digest.compose.matters import Said
from digest.compose.novelty import News, beside, latest
from digest.compose.statements import statements
from digest.compose.summarise import best_language, central, quote
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision
from digest.model.development import Development
from digest.model.edition import EntryKind, Quote, Step
from digest.model.story import Story

MAX_STEPS = 8
MAX_CHANGES = 4
_NO_LIMIT = 1_000_000  # words
_Told = tuple[Story, Sequence[Article]]
_DAY = len("2025-05-24")
_LONG_STEP = 45  # words
_FIRST, _SCENE_FIRST = 5, 10  # sentences that a step may be told by; more where the lead tells nothing


def timeline(
    fold_: Fold, past: Sequence[PastStory], language: str, above: Sequence[str], quota: Quota
) -> tuple[tuple[Step, ...], int]:
    """Dated steps, the oldest story's first; where there are too many the first, those with news for the reader and
    the newest. How many are left out.

    `above`: headline and sentences that stand right above. `quota` says how much of each article may still be quoted,
    and is drawn on.
    """
    news = {n.candidate.story.id: n for n in fold_.news}
    stories = {p.story.id: (p.story, latest(p.articles)) for p in past if p.story.id not in news}
    stories.update({n.candidate.story.id: (n.candidate.story, latest(n.candidate.articles)) for n in fold_.news})
    ordered = sorted(stories.values(), key=lambda pair: age(pair[0]))
    if len(ordered) < 2:
        return (), 0
    kept = _kept(ordered, news)
    shown = list(above)
    steps = []
    for story, articles in kept:
        fresh = story.id in news
        told = standing_alone(_untold(news[story.id], shown) if fresh else articles, language, shown, quota)
        if told is None and fresh:  # all that is new of it stands above: how it began
            fresh, told = False, standing_alone(articles, language, shown, quota)
        if told is not None:
            # The date is that of what is quoted: a story's own first day may be another article's.
            date = next(a.published for a in articles if a.id == told.article)
            steps.append(Step(date, told, story.id, fresh=fresh))
            shown.append(told.text)
    return (tuple(steps), len(ordered) - len(kept)) if len(steps) > 1 else ((), 0)


def _kept(ordered: Sequence[_Told], news: Container[int]) -> Sequence[_Told]:
    """Oldest first, as they are given."""
    if len(ordered) <= MAX_STEPS:
        return ordered
    first, *others = ordered
    others.sort(key=lambda pair: pair[0].id in news)  # within both the newest last
    return sorted((first, *others[1 - MAX_STEPS :]), key=lambda pair: age(pair[0]))


def _untold(news: News, shown: Sequence[str]) -> Sequence[Article]:
    """What a step can be told from that is news to the reader. Of a story that is new to them, all."""
    if news.kind is EntryKind.NEW:
        return news.articles
    return [
        a for one in news.articles if (a := beside(one, shown[0], "", (*news.known, *shown), frozenset())).paragraphs
    ]


def whole(told: Iterable[tuple[Story, Sequence[Article]]], language: str) -> tuple[Step, ...]:
    """Every date that matters in a storyline, oldest first: its stories, and what changed within each of them.

    `told`: of each story the newest revision of its articles. One quoted sentence a date, in the wanted language
    where there is one; nothing is left out, and no limit of quotation applies.
    """
    held = sorted(told, key=lambda pair: age(pair[0]))
    quota = Quota(_NO_LIMIT, (a for _, articles in held for a in articles))
    changes = _changes(held, language)
    steps = list(changes.values())
    for story, articles in held:
        days = {day.split()[0] for of, day in changes if of == story.id}
        first = sorted(articles, key=lambda a: (a.published.start, -a.published.precision.rank, a.id))
        untold = [a for a in first if _day(a.published) not in days]
        quoted = [step.quote.text for _, step in steps]
        if untold and (said := standing_alone(untold[:1] if days else untold, language, quoted, quota)) is not None:
            date = next(a.published for a in articles if a.id == said.article)
            steps.append((date.start, Step(date, said, story.id)))
    # Of two dates that begin together the coarser one comes first, unless what it tells came later.
    return tuple(step for _, step in sorted(steps, key=_place))


def _place(placed: tuple[datetime, Step]) -> tuple[datetime, bool, int, int]:
    reached, step = placed
    return reached, reached > step.date.start, step.date.precision.rank, step.story


def _day(date: PartialDate) -> str:
    return date.iso()[:_DAY]


def _changes(
    told: Sequence[tuple[Story, Sequence[Article]]], language: str
) -> dict[tuple[int, str], tuple[datetime, Step]]:
    """By story and date a step at which something changed, told by the sentence that says so; and where it stands."""
    by_id = {a.id: (story, a) for story, articles in told for a in articles}
    found: dict[tuple[int, str], tuple[datetime, Step]] = {}
    for development in developments(told):
        if not development.changed:
            continue
        reached: datetime | None = None
        for state in reversed(development.states):
            report = min(state.reports, key=lambda r: (r.language != language, r.date.start, r.article))
            story, article = by_id[report.article]
            reached = max(reached or report.date.start, report.date.start)
            step = Step(report.date, quote(article, report.quote), story.id)
            # Of one month there may be several, in an order that only their numbers tell.
            coarse = f" {article.id}" if report.date.precision.rank < Precision.DAY.rank else ""
            found.setdefault((story.id, _day(report.date) + coarse), (reached, step))
    return found


def fresh_developments(fold_: Fold, past: Sequence[PastStory]) -> tuple[Development, ...]:
    """What changed in the storyline by an article that is new to the reader; at most a few, the newest first.

    Not what the reader had: an update that says the same number again changes nothing.
    """
    mine = {n.candidate.story.id for n in fold_.news}
    told = [(p.story, latest(p.articles)) for p in past if p.story.id not in mine]
    told += [(n.candidate.story, latest(n.candidate.articles)) for n in fold_.news]
    fresh = {a for n in fold_.news for a in n.candidate.fresh}
    new = [d for d in developments(told) if any(r.article in fresh for r in d.now.reports)]
    had = [(n.candidate.story, n.had) for n in fold_.news if n.had]
    if new and had:
        before = developments([*told[: -len(fold_.news)], *had])
        new = [d for d in new if not _stood_so(d, before, had)]
    return tuple(new[:MAX_CHANGES])


def _stood_so(found: Development, before: Iterable[Development], had: Iterable[_Told]) -> bool:
    """Whether the reader had it that a matter stands so: who says the same in other words changes nothing."""
    matter, now = (found.kind, found.matter, found.unit), set(found.now.values)
    stood = [set(d.now.values) for d in before if (d.kind, d.matter, d.unit) == matter]
    if not stood:  # told once, and not as something that changed
        said = (Said(one, a, story.id) for story, articles in had for a in articles for one in statements(a))
        stood = [{one.value for one in said if one.matter == matter}]
    return any(now <= values for values in stood)


def standing_alone(articles: Sequence[Article], language: str, shown: Sequence[str], quota: Quota) -> Quote | None:
    """One sentence that can stand alone: a lead, not too long, and not shown just above."""
    chosen = best_language(articles, language)
    told = [a for a in articles if a.language == chosen]
    if not told:
        return None
    ranked = []
    for order, article in enumerate(sorted(told, key=lambda a: (a.published.start, a.id))):
        texts = sentences.of(article)
        scene = len(texts) > 1 and _sets_the_scene(texts[0], article)
        centrality = central(texts, article.language) if scene else []
        for place, text in enumerate(texts[: _SCENE_FIRST if scene else _FIRST]):
            standing = -centrality[place] if scene and place else place + scene
            repeated = any(sentences.repeats(text, s) or s in text for s in shown)
            speech = text[0] in "“„«\"‘'–—" or text.endswith("?")
            long = sentences.length(text) > _LONG_STEP
            beyond = not quota.fits(quote(article, text))
            ranked.append(((beyond, repeated, long, speech, standing, order), article, text))
    if not ranked:
        return None
    _, article, text = min(ranked, key=lambda r: r[0])
    return quota.take(quote(article, text))


def _sets_the_scene(lead: str, article: Article) -> bool:
    """Whether a lead opens with an earlier year ("Since 2021 …"): it tells how things were, not the news."""
    years = re.findall(r"\b(?:19|20)\d\d\b", " ".join(lead.split()[:3]))
    return any(int(year) < article.published.start.year for year in years)
