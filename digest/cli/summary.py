"""digest summary"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import article, context, given, show

if TYPE_CHECKING:
    from digest.model.edition import Quote
    from digest.pipeline.services import Services
    from digest.pipeline.trying import Attempt, Trial


@click.group()
def summary() -> None:
    """Try summaries out, and see what a language model costs.

    \b
    Example:
      digest summary test 12 --lang nl
      digest summary costs
    """


@summary.command("test")
@click.argument("story_id", type=given.ID, required=False, metavar="[STORY]")
@click.option(
    "--lang", "language", default="", metavar="CODE", help="The reader's language; else publication.language."
)
@click.option(
    "--summariser", "names", multiple=True, metavar="NAME", help="Only this one; may be given more than once."
)
@click.option("--again", is_flag=True, help="Ask a language model anew, and pay again.")
@show.as_json_option
@click.pass_context
def test_(
    ctx: click.Context, story_id: int | None, language: str, names: tuple[str, ...], again: bool, as_json: bool
) -> None:
    """What each summariser makes of a story, what of it was dropped, and why.

    Without STORY it is the newest one. Nothing is mailed; what a language model is asked is paid for,
    and counts towards the day's limit.

    \b
    Example:
      digest summary test
      digest summary test 12 --lang nl --summariser extract --summariser llm
    """
    from digest.pipeline.choices import check_language
    from digest.pipeline.trying import try_out

    services = context.open_services(ctx)
    wanted = language or services.settings.publication.language
    check_language(wanted)
    trial = try_out(services, story_id, wanted, names or _usual(services), again=again)
    if as_json:
        show.print_json(_as_json(trial))
        return
    _show(trial)


def _usual(services: Services) -> list[str]:
    """The default, the one that is set, and the model where there is one."""
    found = ["extract", services.settings.summary.summariser]
    if services.settings.llm.url and services.settings.llm.model:
        found.append("llm")
    return list(dict.fromkeys(found))


def _show(trial: Trial) -> None:
    told = ", ".join(sorted({a.language for a in trial.articles}))
    facts = {
        "story": trial.story.id,
        "articles": f"{len(trial.articles)} ({told})",
        "reader's language": article.language_name(trial.language),
    }
    show.facts(trial.attempts[0].entry.headline if trial.attempts else "", facts)
    for attempt in trial.attempts:
        show.heading(attempt.summariser)
        _wrapped(_effort(attempt), "  ", dim=True)
        if attempt.entry.original_headline:
            _wrapped(attempt.entry.headline, "  ")
        for quote in attempt.entry.summary:
            _wrapped(f"… {quote.text}" if quote.continues else quote.text, "  ")
            _wrapped(_from(quote), "      ", dim=True)
        if not attempt.entry.summary:
            click.echo("  (no sentence)")
        for dropped in attempt.dropped:
            why = click.wrap_text(show.plain(dropped.why), 78, initial_indent=" " * 11, subsequent_indent=" " * 11)
            click.echo(click.style("  dropped: ", fg="yellow") + why.lstrip())
            _wrapped(dropped.text, "           ")


def _effort(attempt: Attempt) -> str:
    parts = [f"{attempt.seconds:.1f} s"]
    if attempt.use.requests:
        parts.append(f"{attempt.use.tokens:,} tokens")
    if attempt.use.cost:
        parts.append(f"{attempt.use.cost:.4f} in money")
    return "; ".join([", ".join(parts), *filter(None, [show.plain(attempt.note)])])


def _from(quote: Quote) -> str:
    publishers = [quote.publisher, *(c.publisher for c in quote.also)]
    named = ", ".join(dict.fromkeys(filter(None, map(show.plain, publishers)))) or "no publisher"
    if quote.manner == "retold":
        return f"in our words, after {named}"
    origin = f", translated from {quote.original_language}" if quote.manner == "translated" else f" ({quote.language})"
    return f"— {named}{origin}"


def _wrapped(text: str, margin: str, *, dim: bool = False) -> None:
    filled = click.wrap_text(show.plain(text), 78, initial_indent=margin, subsequent_indent=margin)
    click.echo(click.style(filled, dim=True) if dim else filled)


def _as_json(trial: Trial) -> dict[str, Any]:
    return {
        "story": trial.story.id,
        "language": trial.language,
        "articles": [{"key": a.key, "language": a.language, "title": a.title} for a in trial.articles],
        "attempts": [
            {
                "summariser": a.summariser,
                "headline": a.entry.headline,
                "sentences": [_sentence(q) for q in a.entry.summary],
                "dropped": [{"text": d.text, "why": d.why} for d in a.dropped],
                "note": a.note,
                "seconds": round(a.seconds, 3),
                "requests": a.use.requests,
                "tokens_in": a.use.tokens_in,
                "tokens_out": a.use.tokens_out,
                "cost": a.use.cost,
            }
            for a in trial.attempts
        ],
    }


def _sentence(quote: Quote) -> dict[str, Any]:
    return {
        "text": quote.text,
        "language": quote.language,
        "manner": str(quote.manner),
        "publishers": [quote.publisher, *(c.publisher for c in quote.also)],
    }


@summary.command("costs")
@click.option("--limit", default=20, show_default=True, type=given.COUNT, metavar="N", help="The newest.")
@show.as_json_option
@click.pass_context
def costs(ctx: click.Context, limit: int, as_json: bool) -> None:
    """What a language model was asked, for which edition, and how much of the limits is used.

    \b
    Example:
      digest summary costs
    """
    from digest.store import asked

    services = context.open_services(ctx)
    llm = services.settings.llm
    day = services.clock().strftime("%Y-%m-%d")
    with services.database.read() as connection:
        found = asked.uses(connection, limit)
        today = asked.spent(connection, day=day)
    if as_json:
        told = [
            {"day": d, "for": occasion, "requests": u.requests, "tokens_in": u.tokens_in, "tokens_out": u.tokens_out}
            | {"cost": u.cost}
            for d, occasion, u in found
        ]
        limits = {"edition_tokens": llm.edition_tokens, "day_tokens": llm.day_tokens}
        limits |= {"edition_cost": llm.edition_cost, "day_cost": llm.day_cost}  # type: ignore[dict-item]
        show.print_json({"today": {"tokens": today.tokens, "cost": today.cost}, "limits": limits, "costs": told})
        return
    money = f", {today.cost:.4f} of {llm.day_cost:g} in money" if llm.day_cost else ""
    click.echo(f"Today: {today.tokens:,} of {llm.day_tokens:,} tokens{money}.\n")
    rows = [(d, u.requests, f"{u.tokens_in:,}", f"{u.tokens_out:,}", f"{u.cost:.4f}", name) for d, name, u in found]
    columns = ("day", "requests", "tokens in", "out", "money", "for")
    show.table(columns, rows, right=columns[1:5], empty="No language model was asked yet.")
