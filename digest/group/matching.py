"""Which story, or which storyline, an article fits best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from digest.group import scoring
from digest.group.centroids import centroid
from digest.group.documents import FREE, NAMES, NUMBERS, STEMS, Document, Floats
from digest.group.meanings import cosines
from digest.group.records import Member
from digest.group.scoring import Match, Scorer
from digest.group.state import State
from digest.group.votes import Votes
from digest.model.signature import near_duplicate

#: The keys that candidates are sought by: what an article shares within its language, and with any other.
KEYS = ((NAMES, NUMBERS, STEMS), FREE)
#: So many stories are compared in full with a title, and with a full text, whose nearest articles tell more surely.
_STORIES = (16, 6)
#: And so many articles looked up to find them.
_NEAR_STORY = 3000
#: What a story is sought by is more than what an article is.
_STORY_KEYS = 24
_TWINS = 32
#: Where articles have vectors, so many stories more that only these show, found by so many articles.
_MEANT = 4
_MEANT_ARTICLES = 64
#: A near-duplicate is among the very nearest.
_COPIES = 24
#: Storylines likewise are as like as the average of their best articles.
_BEST_OF_LINE = 2
#: So many articles are looked at to find them.
_LINE_ARTICLES = 24

#: Near-duplicates are one story only within so many days: a text may be printed again years later.
_DUPLICATE_DAYS = 30.0
#: A near-duplicate is certain.
_CERTAIN = 20.0


def find_story(state: State, document: Document, language: str, signature: bytes) -> Match | None:
    """The story that an article belongs to, if there is one; the older id among equals."""
    found = candidates(state, document, language, signature, ())
    scores = found.scores(state.scorer, "join").round(6).tolist()
    certain = [_CERTAIN if story in found.copies else score for story, score in zip(found.stories, scores, strict=True)]
    best = max(range(len(certain)), key=lambda row: (certain[row], -found.stories[row]), default=None)
    if best is None or certain[best] < state.scorer.bar("join", scoring.fullness(document.length)):
        return None
    story = found.stories[best]
    if story in found.copies:
        return Match(story, _CERTAIN, f"nearly the same text as article {found.copies[story]}")
    return Match(story, certain[best], found.why(best, certain[best]))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Stories that may tell an article's event, one row of measures each. `copies`: near-duplicate found there."""

    stories: list[int]
    same: list[bool]
    measures: Floats
    nearest: list[int]
    copies: dict[int, int]
    fullness: float
    alike: Floats | None = None  # cosines of the vectors, where a model is set

    def scores(self, scorer: Scorer, kind: str) -> Floats:
        """The log odds of each; `kind` is join or merge."""
        return scorer.score(kind, self.same, self.measures, self.fullness, self.alike)

    def why(self, row: int, score: float) -> str:
        """The match in words."""
        alike = dict(zip(scoring.MEASURES, self.measures[row].tolist(), strict=True))
        shown = ", ".join(f"{name} {alike[name]:.2f}" for name in ("names", "words", "concepts"))
        if self.alike is not None and not np.isnan(self.alike[row]):
            shown += f", meaning {self.alike[row]:.2f}"
        return f"{scoring.sureness(score)}, most like article {self.nearest[row]}: likeness of {shown}"


def candidates(
    state: State, document: Document, language: str, signature: bytes, without: Collection[int]
) -> Candidates:
    """The stories most worth a comparison, measured."""
    copies: dict[int, int] = {}
    stories: dict[int, int] = {}  # with the article found nearest
    near, limit, votes = state.corpus.near(document, KEYS), _most_stories(document), Votes()
    meant = _meant(state, document)
    members, documents = state.members, state.corpus
    for rank, (article, shared) in enumerate(near + meant):
        if rank >= _COPIES and len(stories) >= limit and votes.full and not meant:
            break
        if rank == len(near):
            limit += _MEANT
        member = members[article]
        story = member.story
        votes.add(story, shared)
        known = story in stories
        if story in without or (not known and len(stories) >= limit) or (known and rank >= _COPIES):
            continue
        gap = document.span.gap(documents.document(article).span)
        if rank < _COPIES and gap <= _DUPLICATE_DAYS and near_duplicate(signature, member.signature):
            copies.setdefault(story, article)
        if not known:
            far = gap > scoring.MAX_DAYS or document.span.lo - state.dates(story)[1] > scoring.MAX_DAYS
            if far and story not in copies:
                continue
            stories[story] = article
    found = _measured(state, document, language, stories, votes)
    found.copies.update(copies)
    return found


def _most_stories(document: Document) -> int:
    title, text = _STORIES
    return title + round((text - title) * scoring.fullness(document.length))


def _meant(state: State, document: Document, own: int = 0) -> list[tuple[int, float]]:
    """Articles that may tell the same in quite other words, the most alike first; `own`: so many are its own."""
    return [(a, 0.0) for a in state.corpus.near_in_meaning(document, scoring.MAX_DAYS, _MEANT_ARTICLES + own)]


def likeness_of_meaning(state: State, document: Document, targets: Sequence[Document]) -> Floats | None:
    """The cosines of the vectors, where they count."""
    if state.scorer.meaning is None or document.meaning is None:
        return None
    return cosines(document.meaning, [target.meaning for target in targets])


def _measured(state: State, document: Document, language: str, stories: Mapping[int, int], votes: Votes) -> Candidates:
    """Each story beside the document; with each the article found nearest."""
    numbers, nearest = list(stories), list(stories.values())
    same = [any(state.members[a].language == language for a in state.stories[s]) for s in numbers]
    centroids = [state.centroid(story, language) for story in numbers]
    measures = _beside(state, document, language, centroids, same, nearest, votes.of(numbers))
    alike = likeness_of_meaning(state, document, centroids)
    return Candidates(numbers, same, measures, nearest, {}, scoring.fullness(document.length), alike)


def _beside(
    state: State,
    document: Document,
    language: str,
    centroids: Sequence[Document],
    same: list[bool],
    nearest: Sequence[int],
    votes: Floats,
) -> Floats:
    """The measures of each story, and of the article in it that was found nearest."""
    articles = [state.corpus.document(article) for article in nearest]
    shared = state.corpus.compare(document, [*centroids, *articles])
    spoken = [state.members[article].language == language for article in nearest]
    return scoring.measure(
        shared.part(slice(len(centroids))),
        same,
        np.array([document.span.gap(c.span) for c in centroids]),
        np.array([max(0.0, document.span.lo - c.began) for c in centroids]),
        votes,
        scoring.told(shared.cosines[len(centroids) :], spoken),
    )


def twins(state: State, story: int) -> list[Candidates]:
    """Stories that may be the same as this one, measured: one group per language that they share with it."""
    members = [state.members[a] for a in state.stories[story]]
    count = Counter(m.language for m in members)
    spoken = sorted(count, key=lambda language: (-count[language], language))
    document = state.centroid(story, spoken[0])
    groups: dict[str, dict[int, int]] = {}
    language_of: dict[int, str] = {}
    near, limit, votes = state.corpus.near(document, KEYS, _NEAR_STORY, _STORY_KEYS), _TWINS, Votes()
    meant = _meant(state, document, len(members))
    for rank, (article, shared) in enumerate(near + meant):
        if len(language_of) >= limit and votes.full and not meant:
            break
        if rank == len(near):
            limit += _MEANT
        other = state.members[article].story
        if other != story:
            votes.add(other, shared)
        if other == story or (len(language_of) >= limit and other not in language_of):
            continue
        if other not in language_of:
            if document.span.gap(state.dates(other)[0]) > scoring.MAX_DAYS:
                continue
            there = {state.members[a].language for a in state.stories[other]}
            language_of[other] = next((code for code in spoken if code in there), spoken[0])
        groups.setdefault(language_of[other], {}).setdefault(other, article)
    return [_measured(state, state.centroid(story, code), code, found, votes) for code, found in groups.items()]


def measure_pair(state: State, one: Sequence[Member], other: Sequence[Member]) -> tuple[float, float]:
    """The log odds that two sets of articles tell one event, and how full their texts are."""
    count = Counter(m.language for m in one)
    spoken = sorted(count, key=lambda language: (-count[language], language))
    there = {m.language for m in other}
    language = next((code for code in spoken if code in there), spoken[0])
    here, beside = ([(m, state.corpus.document(m.article)) for m in side] for side in (one, other))
    document, target = (centroid(state.corpus, told, language) for told in (here, beside))
    mine, theirs, votes, nearest = {m.article for m in one}, {m.article for m in other}, Votes(), 0
    for article, shared in state.corpus.near(document, KEYS, keys=_STORY_KEYS):
        if article in theirs:
            nearest = nearest or article
        if article not in mine:
            votes.add(0 if article in theirs else state.members[article].story, shared)
    same = [language in there]
    measures = _beside(state, document, language, [target], same, [nearest or min(theirs)], votes.of([0]))
    alike = likeness_of_meaning(state, document, [target])
    found = Candidates([0], same, measures, [0], {}, scoring.fullness(document.length), alike)
    return float(found.scores(state.scorer, "merge")[0]), found.fullness


def find_line(
    state: State, document: Document, names: Collection[str], language: str, without: Collection[int] = ()
) -> Match | None:
    """The storyline that an article continues: like in its heaviest names, with rare names in common.

    No date counts: storylines go on for years.
    """
    articles = [
        a
        for a, _ in state.corpus.near(document, ((NAMES,),), _LINE_ARTICLES)
        if state.members[a].storyline not in without
    ]
    cosines = state.corpus.similarities(document, articles)
    same = [state.members[a].language == language for a in articles]
    context = scoring.context(cosines, same)
    by_line: dict[int, list[int]] = {}
    for i, article in enumerate(articles):
        by_line.setdefault(state.members[article].storyline, []).append(i)
    links = [
        match
        for line, rows in sorted(by_line.items())
        if (match := _line_match(state, names, line, rows, articles, cosines, context))
    ]
    return max(links, key=lambda m: (m.score, -m.target), default=None)


def _line_match(
    state: State,
    told: Collection[str],
    line: int,
    rows: list[int],
    articles: list[int],
    cosines: Floats,
    context: Floats,
) -> Match | None:
    best = sorted(rows, key=lambda i: (-round(float(cosines[i, NAMES]), 6), articles[i]))[:_BEST_OF_LINE]
    names = sum(float(cosines[i, NAMES]) for i in best) / len(best)
    alike = sum(float(context[i]) for i in best) / len(best)
    if alike < scoring.LINK_TOPIC or names + scoring.LINK_BONUS * (alike - scoring.LINK_TOPIC) < scoring.LINK_NAMES:
        return None
    nearest = articles[best[0]]
    told_there = {name for i in best for name in state.names[articles[i]]}
    shared = state.shared_rare_names(told, told_there)
    if len(shared) < scoring.RARE_NAMES:
        return None
    score = round(names + scoring.TOLD * alike, 6)
    return Match(line, score, f"continues article {nearest}: names {names:.2f}, both tell of {', '.join(shared[:3])}")
