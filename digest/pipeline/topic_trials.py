"""Trying topics out: which articles one matches and nearly matches, and which topics an article gets, and why."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from digest.errors import BadInput, NotFound
from digest.group.records import TopicScore
from digest.group.topic_rule_match import reason
from digest.group.topic_rule_parser import parse
from digest.group.topic_rules import tell
from digest.group.topics import Judgement, assign_all, judge
from digest.ingest.normalise import normalise
from digest.model.article import Article, RawArticle
from digest.model.story import Topic
from digest.pipeline.services import Services
from digest.pipeline.topics import said_rule
from digest.store import articles, topics
from digest.store.chunks import chunks

#: Articles whose texts are in memory at a time.
_AT_ONCE = 200
#: A default topic nearly matches from this share of the weight that it needs.
_NEARLY = 0.5
_CONDITIONS = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a topic says of an article. `missing` is empty where it matches."""

    article: Article
    topic: str
    matches: bool
    why: str
    missing: str = ""
    nearly: bool = False
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One topic or rule, tried on articles: how many were looked at, and those that match or nearly do."""

    topic: Topic
    looked_at: int
    matching: tuple[Verdict, ...]
    nearly: tuple[Verdict, ...]
    others: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All topics, tried on one article."""

    article: Article
    topics: tuple[TopicScore, ...]
    nearly: tuple[Verdict, ...]


def find_topic(services: Services, text: str) -> tuple[Topic, str]:
    """The topic of this name; else the text is a rule, tried as a topic without a name. Raises RuleError.

    With it the name of a topic that may have been meant, if there is one.
    """
    known = {topic.name: topic for topic in _known(services)}
    if text in known:
        return known[text], ""
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.75)
    return Topic("", "", rule=said_rule(text, ()) or tell(parse(text))), near[0] if near else ""


def try_stored(services: Services, topic: Topic, *, language: str = "", newest: int) -> Trial:
    """On the newest articles by date, as they stand now."""
    with services.database.read() as connection:
        ids = [article.id for article in articles.listing(connection, language=language, limit=newest)]
        known = topics.listing(connection)

        def read() -> Iterator[Article]:
            for number, batch in enumerate(chunks(ids, _AT_ONCE)):
                services.progress("reading articles", number * _AT_ONCE, len(ids))
                found = articles.with_text(connection, batch)
                yield from (found[i] for i in batch)
            services.progress("reading articles", len(ids), len(ids))

        return _try(topic, known, read())


def try_given(services: Services, topic: Topic, given: Iterable[Article]) -> Trial:
    return _try(topic, _known(services), given)


def explain(services: Services, article: Article) -> Explanation:
    """Which topics the article would get if it were grouped now."""
    known, judged = _known(services), judge(article)
    assigned = assign_all(judged, known)
    verdicts = [_verdict(judged, topic, known, assigned) for topic in known]
    return Explanation(article, assigned, tuple(v for v in verdicts if v.nearly))


def stored_article(services: Services, key: str) -> Article:
    """By key, or by the id that it was ingested with. Raises NotFound."""
    with services.database.read() as connection:
        found = articles.find(connection, key)
    if found is None:
        raise NotFound("article", key)
    return found


def given_articles(
    services: Services, found: Iterable[RawArticle | BadInput], language: str, complain: Callable[[BadInput], None]
) -> list[Article]:
    """Articles that are not stored, read as `ingest` would read them."""
    languages = tuple(services.settings.ingest.languages)
    made = []
    for raw in found:
        try:
            if isinstance(raw, BadInput):
                raise raw
            article = normalise(raw, source="", publisher="", now=services.clock(), languages=languages)
        except BadInput as error:
            complain(error)
            continue
        made.append(replace(article, language=language) if language else article)
    return made


def _known(services: Services) -> Sequence[Topic]:
    with services.database.read() as connection:
        return topics.listing(connection)


def _try(topic: Topic, known: Sequence[Topic], found: Iterable[Article]) -> Trial:
    verdicts = []
    for article in found:
        judged = judge(article)
        assigned = assign_all(judged, known) if topic.kind != "operator" else ()
        verdict = _verdict(judged, topic, known, assigned)
        # Texts by the thousand are not kept.
        verdicts.append(replace(verdict, article=replace(article, paragraphs=(), cut=())))
    return Trial(
        topic,
        len(verdicts),
        tuple(v for v in verdicts if v.matches),
        tuple(v for v in verdicts if v.nearly),
        tuple(v for v in verdicts if not v.matches and not v.nearly),
    )


def _verdict(judged: Judgement, topic: Topic, known: Sequence[Topic], assigned: Sequence[TopicScore]) -> Verdict:
    """`assigned`: what the article gets among all the topics that are `known`; an operator's needs none of it."""
    if topic.kind != "operator":
        return _default_verdict(judged, topic, known, assigned)
    found = judged.matcher(topic)
    if found.holds(judged.reading):
        why = reason(found, judged.reading, _CONDITIONS)
        score = 1.0 + len(found.hits(judged.reading))
        return Verdict(judged.article, topic.name, True, why, score=score)
    gap = found.gap(judged.reading)
    return Verdict(judged.article, topic.name, False, "", "; ".join(gap.missing), gap.nearly)


def _default_verdict(
    judged: Judgement, topic: Topic, known: Sequence[Topic], assigned: Sequence[TopicScore]
) -> Verdict:
    got = next((score for score in assigned if score.topic == topic.name), None)
    if got:
        return Verdict(judged.article, topic.name, True, got.reason, score=got.score)
    words, weight = judged.words(topic.name), judged.weight.get(topic.name, 0.0)
    needed = judged.needed(_allowed(judged, known) | {topic.name})
    missing: list[str] = []
    nearly = weight >= _NEARLY * needed
    if topic.rule and not (found := judged.matcher(topic)).holds(judged.reading):
        gap = found.gap(judged.reading)
        missing += gap.missing
        nearly = nearly and len(gap.missing) == 1 and weight >= needed
    if weight < needed:
        missing.append(f"its words weigh {weight:.1f}, and {needed:.1f} is needed here")
    elif not missing:
        missing.append("an article gets three topics, and others come first")
    return Verdict(judged.article, topic.name, False, words, "; ".join(missing), nearly)


def _allowed(judged: Judgement, known: Sequence[Topic]) -> set[str]:
    """The default topics whose rule, if they have one, lets the article pass."""
    default = (topic for topic in known if topic.kind != "operator")
    return {t.name for t in default if not t.rule or judged.matcher(t).holds(judged.reading)}
