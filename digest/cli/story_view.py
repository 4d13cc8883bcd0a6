"""What the commands about stories and storylines show in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from digest.cli import article, show, timeline_view

if TYPE_CHECKING:
    from digest.model.dates import PartialDate
    from digest.model.development import Development
    from digest.model.edition import Step
    from digest.model.story import Correction, Story
    from digest.pipeline.storylines import Account

NONE_YET = "No stories yet. Group what came in: digest group"

language_option = click.option(
    "--lang", "language", default="en", metavar="LANG", help="Quote in this language where there is a choice.",
)  # fmt: skip


# --- corrections ----------------------------------------------------------------------------------


def told(made: Correction) -> str:
    """What a correction did, in words."""
    if made.action == "rename":
        return f"{made.level} {made.subject} " + (
            f"called “{made.title}”" if made.title else "goes by its automatic title again"
        )
    if made.action == "merge":
        return f"{made.level} {made.object} merged into {made.level} {made.subject}"
    return f"{show.count(made.articles, 'article')} of {made.level} {made.subject} put into {made.level} {made.object}"


def print_corrections(found: Sequence[Correction]) -> None:
    if not found:
        return
    show.heading("Corrected by hand")
    for made in found:
        why = f": {made.reason}" if made.reason else ""
        timeline_view.line("  ", show.plain(f"{made.id}  {told(made)}, {made.at:%Y-%m-%d}{why}"))


def correction_as_json(made: Correction) -> dict[str, Any]:
    """Fixed for scripts."""
    return {
        "id": made.id,
        "at": made.at,
        "level": made.level,
        "action": made.action,
        "subject": made.subject,
        "object": made.object,
        "title": made.title,
        "articles": made.articles,
        "reason": made.reason,
        "undone_at": made.undone_at,
    }


# --- who speaks -----------------------------------------------------------------------------------


def voices(seen: Account) -> str:
    """Who tells it, counted; nothing where it is not known of any article who published it."""
    from digest.compose.voices import voice

    known = any(voice(article) for held in seen.articles.values() for article in held)
    return seen.voices.told() if known else ""


# --- for scripts ----------------------------------------------------------------------------------


def account_as_json(account: Account) -> dict[str, Any]:
    """Timeline, developments, voices and corrections; articles by their keys."""
    keys = {a.id: a.key for held in account.articles.values() for a in held}
    return {
        "timeline": [_step_as_json(step, keys) for step in account.steps],
        "developments": [_development_as_json(found, keys) for found in account.developments],
        "publishers": account.voices.publishers,
        "voices": account.voices.independent,
        "corrections": [correction_as_json(made) for made in account.corrections],
    }


def _step_as_json(step: Step, keys: Mapping[int, str]) -> dict[str, Any]:
    return {
        "date": step.date.iso(),
        "precision": str(step.date.precision),
        "story": step.story,
        "quote": step.quote.text,
        "language": step.quote.language,
        "publisher": step.quote.publisher,
        "article": keys.get(step.quote.article),
    }


def _development_as_json(found: Development, keys: Mapping[int, str]) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "matter": found.matter,
        "unit": found.unit,
        "changed": found.changed,
        "stories": list(found.stories),
        "states": [
            {
                "date": state.date.iso(),
                "precision": str(state.date.precision),
                "values": list(state.values),
                "conflicting": state.conflicting,
                "reports": [
                    {
                        "value": r.value,
                        "rough": r.rough,
                        "article": keys.get(r.article),
                        "publisher": r.publisher,
                        "language": r.language,
                        "date": r.date.iso(),
                        "quote": r.quote,
                    }
                    for r in state.reports
                ],
            }
            for state in found.states
        ],
    }


# --- stories and their dates ----------------------------------------------------------------------


def find_storyline(connection: Any, storyline_id: int) -> int:
    from digest.errors import NotFound
    from digest.store import stories

    found = stories.storyline(connection, storyline_id)
    if found is None:
        raise NotFound("storyline", str(storyline_id))
    return found


def in_order(held: Any) -> list[Story]:
    return sorted(held, key=lambda entry: (entry.first.start, entry.last.start, entry.id))


def last_date(held: Sequence[Story]) -> PartialDate:
    return max((entry.last for entry in held), key=lambda date: date.start)


def languages_of(held: Sequence[Story]) -> list[str]:
    return sorted({code for entry in held for code in entry.languages})


def badges(languages: Sequence[str]) -> str:
    return " ".join(languages)


def few_badges(languages: Sequence[str]) -> str:
    """`de en fr`, `de en +3`: no wider than a list has room for on a terminal; off one they are all told."""
    short = len(languages) > 3 and article.on_screen()
    return badges([*languages[:2], f"+{len(languages) - 2}"] if short else languages)


def topics_of(held: Sequence[Story]) -> list[str]:
    """Those of the most stories first."""
    told = [topic for entry in held for topic in entry.topics]
    return sorted(set(told), key=lambda topic: (-told.count(topic), told.index(topic)))


def span(entry: Story, *, long: bool = False) -> str:
    return line_span([entry], long=long)


def line_span(held: Sequence[Story], *, long: bool = False) -> str:
    """`29 May 2022 – May 2025`; one date where both ends are shown alike."""
    if not held:
        return ""
    show_date = article.long_date if long else article.short_date
    return " – ".join(dict.fromkeys((show_date(held[0].first), show_date(last_date(held)))))


def as_json(entry: Story, keys: Mapping[int, str]) -> dict[str, Any]:
    """Fixed for scripts. The articles come earliest first."""
    mine = set(entry.articles)
    return {
        "id": entry.id,
        "storyline": entry.storyline,
        "title": entry.title,
        "topics": list(entry.topics),
        "first": entry.first.iso(),
        "last": entry.last.iso(),
        "languages": list(entry.languages),
        "articles": [key for article_id, key in keys.items() if article_id in mine],
    }


def line_as_json(number: int, held: Sequence[Story], given: str = "") -> dict[str, Any]:
    return {
        "id": number,
        "title": given or (held[-1].title if held else ""),
        "topics": topics_of(held),
        "first": held[0].first.iso() if held else None,
        "last": last_date(held).iso() if held else None,
        "languages": languages_of(held),
        "stories": [entry.id for entry in held],
    }
