"""How a preview is told: its moment, why it is as it is, and what its check found."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from digest.cli import show

if TYPE_CHECKING:
    from digest.compose.check.finished import Finished
    from digest.model.edition import View
    from digest.model.finding import Finding
    from digest.pipeline.preview import Looked, Wish


def moment(looked: Looked, wish: Wish) -> str:
    """In words what an edition of a slot is here; empty for a preview of now."""
    edition, when = looked.moment.edition, looked.moment.when
    slot = f"{edition.slot:%a %Y-%m-%d %H:%M} ({edition.zone})"
    if when == "coming":
        return (
            f"{edition.name}, {slot}, is to come: this is with what is known now, and its number if every edition "
            "before it is made."
        )
    if when == "cut":
        sent = f"; what was sent: digest edition show {edition.name}"
        who = "the reader" if wish.email else "a new reader"
        return (
            f"{edition.name}, {slot}, was made {show.moment(edition.cut_at)}: this is made anew as of its cutoff, from "
            f"what {who} had had before it, with today's templates and settings{sent}."
        )
    if when == "missed":
        publish = f"digest edition publish {edition.publication} --cadence {edition.cadence} --slot"
        return (
            f"No edition was made for {slot}: this is what it would be if it were made now "
            f"({publish} {edition.slot:%Y-%m-%dT%H:%M})."
        )
    return ""


def say_moment(looked: Looked, wish: Wish) -> None:
    if text := moment(looked, wish):
        show.folded(click.style(show.plain(text), dim=True), 0)
        click.echo()


def about(looked: Looked, wish: Wish) -> str:
    """Which mail it is, in a line or two."""
    assert looked.mail is not None
    view = looked.mail.composed.view
    who = wish.email or "a new reader"
    line = f"{looked.publication.name} as {who} would get it, in {view.language}, look {view.look}."
    return " ".join(filter(None, (line, moment(looked, wish))))


# --- why ------------------------------------------------------------------------------------------


def why(view: View) -> None:
    """Each entry with its rank, what it was ranked by and the reason; then what is not in the mail."""
    show.heading("Why it is so")
    ranks = _ranks(view)
    for section in view.sections:
        click.echo(f"  {click.style(show.plain(section.label or section.topic), bold=True)}")
        for entry in section.entries:
            mark = click.style("updated ", fg="cyan") if entry.kind == "updated" else ""
            rank = click.style(f"{ranks[entry.story]:>2}.", bold=True)
            show.folded(f"{rank} {mark}{show.plain(entry.headline)}", 4)
            show.folded(click.style(f"{entry.score:.2f}: {show.plain(entry.reason)}", dim=True), 8)
    known = len(view.left_out) - len(view.off_topic)
    show.heading("Not in the mail")
    show.facts(
        "",
        {
            "over its limits": _counted(view.more, "entry", "entries") + _stories(len(view.over), view.more),
            "nothing new": _counted(known, "story", "stories"),
            "no wanted topic": _counted(len(view.off_topic), "story", "stories"),
        },
    )


def _ranks(view: View) -> dict[int, int]:
    """By score, over all sections: 1 is the best."""
    order = sorted(view.entries, key=lambda e: (-e.score, -e.date.start.timestamp(), e.story))
    return {entry.story: rank for rank, entry in enumerate(order, 1)}


def _counted(number: int, one: str, many: str) -> str:
    return show.count(number, one, many) if number else "none"


def _stories(stories: int, entries: int) -> str:
    """An entry can fold several stories of one storyline."""
    return f" ({show.count(stories, 'story', 'stories')})" if stories != entries else ""


# --- the check ------------------------------------------------------------------------------------


def report(mail: Finished, about: str, findings: list[Finding], *, why: bool) -> None:
    """A line for each finding under the heading of its check, and the sum."""
    show.title(mail.subject)
    show.folded(click.style(show.plain(about), dim=True), 0)
    for check, found in groupby(findings, key=lambda f: f.check):
        show.heading(check.capitalize())
        for finding in found:
            if why or not finding.minor:
                below = [f"where: {finding.where}" if finding.where and not finding.minor else finding.where]
                show.graded(finding.level, finding.what, [*below, finding.mend and f"mend:  {finding.mend}"])
    click.echo("\n" + click.style(_sum(findings), bold=True))


def _sum(findings: list[Finding]) -> str:
    count = {level: sum(1 for f in findings if f.level == level and not f.minor) for level in ("ok", "warn", "fail")}
    if count["fail"]:
        told = f"{show.count(count['fail'], 'thing')} should not be sent so, {count['warn']} to look at"
    elif count["warn"]:
        told = f"nothing that should not be sent so, {show.count(count['warn'], 'thing')} to look at"
    else:
        told = "nothing to mend"
    return f"{count['ok']} ok; {told}."


# --- for scripts ----------------------------------------------------------------------------------


def facts(looked: Looked, wish: Wish, findings: list[Finding] | None) -> dict[str, Any]:
    edition = looked.moment.edition
    told: dict[str, Any] = {
        "publication": looked.publication.name,
        "as": wish.email,
        "when": looked.moment.when,
        "edition": edition.name if edition.number else "",
        "slot": edition.slot.strftime("%Y-%m-%dT%H:%M"),
        "zone": edition.zone,
        "cutoff": edition.cutoff,
        "subject": None,
        "entries": [],
    }
    if looked.mail is not None:
        view = looked.mail.composed.view
        told |= {
            "subject": looked.mail.composed.subject,
            "language": view.language,
            "look": view.look,
            "entries": _entries(view),
            "over": {"entries": view.more, "stories": len(view.over)},
            "nothing_new": len(view.left_out) - len(view.off_topic),
            "no_wanted_topic": len(view.off_topic),
        }
    if findings is not None:
        told["findings"] = [
            {"level": f.level, "check": f.check, "what": f.what, "where": f.where, "mend": f.mend} for f in findings
        ]
    return told


def _entries(view: View) -> list[dict[str, Any]]:
    ranks = _ranks(view)
    return [
        {
            "rank": ranks[entry.story],
            "story": entry.story,
            "section": section.topic,
            "kind": entry.kind,
            "headline": entry.headline,
            "score": entry.score,
            "reason": entry.reason,
        }
        for section in view.sections
        for entry in section.entries
    ]
