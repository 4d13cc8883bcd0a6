"""What `digest topic test` shows."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from digest.cli import show
from digest.cli.article import language_name, short_date

if TYPE_CHECKING:
    from digest.errors import BadInput
    from digest.model.article import Article, RawArticle
    from digest.model.story import Topic
    from digest.pipeline.services import Services
    from digest.pipeline.topic_trials import Explanation, Trial, Verdict

SHOWN = 20


class Asked(NamedTuple):
    """`rule` is a rule or a topic's name; without it all topics are tried on what is given."""

    rule: str | None
    key: str
    text: str
    file: str
    language: str
    newest: int
    limit: int | None

    @property
    def stored(self) -> bool:
        return not (self.key or self.text or self.file)


def test(services: Services, asked: Asked, *, as_json: bool) -> int:
    """Prints what came of it; returns the exit code."""
    from digest.pipeline import topic_trials

    given: list[Article] = []
    failed: list[BadInput] = []
    topic, near = topic_trials.find_topic(services, asked.rule) if asked.rule is not None else (None, "")
    if asked.key:
        given = [topic_trials.stored_article(services, asked.key)]
    elif not asked.stored:
        given = topic_trials.given_articles(services, _raw(asked), asked.language, failed.append)
    _complain(failed)
    if failed and not given:
        return 1
    if topic is None:
        _explanations([topic_trials.explain(services, article) for article in given], as_json)
    else:
        if asked.stored:
            trial = topic_trials.try_stored(services, topic, language=asked.language, newest=asked.newest)
        else:
            trial = topic_trials.try_given(services, topic, given)
        _trial(trial, asked, near, as_json)
    return 1 if failed else 0


def _raw(asked: Asked) -> Iterable[RawArticle | BadInput]:
    from digest.errors import BadInput
    from digest.ingest.decode import decode
    from digest.ingest.files import SUFFIXES, contents, read_bytes, read_path
    from digest.model.article import RawArticle

    file = Path(asked.file)
    if asked.text:
        return [_plain(asked.text, "the text", RawArticle)]
    if asked.file == "-":
        data = sys.stdin.buffer.read()
    elif not file.is_file() or SUFFIXES.get(file.suffix.lower(), "seed") != "seed":
        return read_path(file)
    else:
        try:
            data = contents(file)
        except BadInput as error:
            return [error]
    # Here a text needs no date, which the files that `ingest` reads begin with.
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:4].lower() == b"date" or data.lstrip()[:1] in (b"<", b"{", b"["):
        return read_bytes(data, asked.file)
    try:
        return [_plain(decode(data, asked.file), asked.file, RawArticle)]
    except BadInput as error:
        return [error]


def _plain(text: str, origin: str, made: type[RawArticle]) -> RawArticle:
    title, _, body = text.strip().partition("\n")
    return made(text=body, title=title, origin=origin) if body.strip() else made(text=text, origin=origin)


def _complain(failed: Sequence[BadInput]) -> None:
    from digest.cli.main import say_error

    for error in failed:
        say_error(error)


# --- one topic, many articles -----------------------------------------------------------------------


def _trial(trial: Trial, asked: Asked, near: str, as_json: bool) -> None:
    if as_json:
        show.print_json(_trial_as_json(trial, asked))
        return
    _subject(trial.topic, near)
    click.echo(_counts(trial, asked))
    limit = asked.limit or SHOWN
    _verdicts("Matching", trial.matching, limit)
    _verdicts("Nearly: one thing is missing", trial.nearly, limit)
    if not asked.stored:
        _verdicts("Not matching", trial.others, limit)


def _subject(topic: Topic, near: str) -> None:
    if not topic.name:
        click.echo(f"{click.style('Rule:', bold=True)} {show.plain(topic.rule)}")
        if near:
            click.echo(f"(No topic has this name. To test topic {near}: digest topic test {near})")
        return
    by = "its vocabulary" if topic.kind != "operator" else ""
    parts = [part for part in (by, topic.rule) if part]
    click.echo(f"{click.style(f'Topic {topic.name}:', bold=True)} {show.plain(' and '.join(parts))}")


def _counts(trial: Trial, asked: Asked) -> str:
    which = f" in {language_name(asked.language)}" if asked.language and asked.stored else ""
    if not trial.looked_at:
        return f"There are no articles{which} yet."
    number = show.count(trial.looked_at, "article")
    looked = f"the newest {number}" if asked.stored and trial.looked_at == asked.newest else number
    nearly = f", {len(trial.nearly):,} nearly" if trial.nearly else ""
    does = "matches" if len(trial.matching) == 1 else "match"
    return f"Looked at {looked}{which}: {len(trial.matching) or 'none'} {does}{nearly}."


def _verdicts(heading: str, found: Sequence[Verdict], limit: int) -> None:
    if not found:
        return
    show.heading(heading)
    for verdict in found[:limit]:
        _article(verdict.article)
        if verdict.why:
            click.echo(f"    {show.plain(verdict.why)}")
        if verdict.missing:
            click.echo(f"    missing: {show.plain(verdict.missing)}")
    if len(found) > limit:
        click.echo(f"  … and {len(found) - limit:,} more (--limit N)")


def _article(article: Article) -> None:
    about = [article.key, short_date(article.published), article.language] if article.key else [article.language]
    click.echo(f"  {click.style('  '.join(about), dim=True)}  {show.plain(article.title)}")


def _trial_as_json(trial: Trial, asked: Asked) -> dict[str, Any]:
    limit = asked.limit
    return {
        "topic": trial.topic.name or None,
        "rule": trial.topic.rule,
        "looked_at": trial.looked_at,
        "matching": len(trial.matching),
        "nearly": len(trial.nearly),
        "articles": [
            _head_as_json(v.article) | {"matches": v.matches, "score": v.score, "why": v.why, "missing": v.missing}
            for found in (trial.matching, trial.nearly, () if asked.stored else trial.others)
            for v in found[:limit]
        ],
    }


def _head_as_json(article: Article) -> dict[str, Any]:
    return {
        "key": article.key or None,
        "title": article.title,
        "language": article.language,
        "date": article.published.iso(),
    }


# --- one article, all topics ------------------------------------------------------------------------


def _explanations(found: Sequence[Explanation], as_json: bool) -> None:
    if as_json:
        show.print_json([_explanation_as_json(entry) for entry in found])
        return
    for number, entry in enumerate(found):
        if number:
            click.echo()
        _explanation(entry)


def _explanation(entry: Explanation) -> None:
    article = entry.article
    click.echo(f"{click.style(show.plain(article.title), bold=True)}  ({language_name(article.language)})")
    rows = [[score.topic, f"{score.score:.2f}", score.reason] for score in entry.topics]
    show.table(["topic", "score", "why"], rows, empty="No topic.", right=["score"])
    if article.seq and set(article.topics) != {score.topic for score in entry.topics}:
        kept = ", ".join(article.topics) or "none"
        click.echo(f"It keeps the topics that it got when it was grouped: {kept}.")
    if entry.nearly:
        show.heading("Nearly")
        rows = [[v.topic, v.missing + (f" ({v.why})" if v.why else "")] for v in entry.nearly]
        show.table(["topic", "missing"], rows, empty="")


def _explanation_as_json(entry: Explanation) -> dict[str, Any]:
    return _head_as_json(entry.article) | {
        "topics": [{"topic": s.topic, "score": s.score, "reason": s.reason} for s in entry.topics],
        "kept": list(entry.article.topics),
        "nearly": [{"topic": v.topic, "missing": v.missing, "why": v.why} for v in entry.nearly],
    }
