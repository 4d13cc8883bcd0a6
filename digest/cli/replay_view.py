"""How a replay looks: to people, and to scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from digest.cli import show

if TYPE_CHECKING:
    from digest.compose.difference import Changed, Item, Placed
    from digest.pipeline.replay import Replay, Replayed, ReplayedEdition
    from digest.pipeline.replay_mail import Mail

_SENTENCES = 3  # of each kind that are shown of an entry; scripts get all


def tell(found: Replay, said: Sequence[str], *, full: bool, asked: bool) -> None:
    """For people."""
    under = f"with {', '.join(said)}" if said else "as it would be made today"
    show.title(f"{found.publication.name} {under}")
    for one in found.editions:
        _edition(one, full=full)
    click.echo()
    show.folded(_total(found), 0)
    show.heading("What this cannot tell")
    for note in notes(found, asked=asked):
        show.folded(click.style(note, dim=True), 2)


def _edition(one: ReplayedEdition, *, full: bool) -> None:
    e = one.edition
    name = f"{click.style(e.name, bold=True)}  {click.style(f'{e.slot:%a %Y-%m-%d %H:%M} ({e.zone})', dim=True)}"
    readers = show.count(sum(v.readers for v in one.variants), "reader")
    same = all(v.same for v in one.variants)
    several = f"{show.count(len(one.variants), 'variant')}, {readers}"
    click.echo(f"{name}  {click.style('as it was', fg='green')}: {several}" if same else name)
    for variant in one.variants:
        if not variant.same:
            _variant(variant)
        if full and variant.after.text:
            click.echo(f"\n{variant.after.text}")
    if not same and (rest := [v for v in one.variants if v.same]):
        several = f"{show.count(len(rest), 'variant')}, {show.count(sum(v.readers for v in rest), 'reader')}"
        click.echo(f"  {click.style('as it was', fg='green')}: {several}")


def _variant(v: Replayed) -> None:
    show.folded(f"In {v.language} for {show.count(v.readers, 'reader')}: {_sizes(v)}", 2)
    if not v.alike:
        show.grid(_rows(v), 4)


def _sizes(v: Replayed) -> str:
    before, after = v.before, v.after
    if not after.subject and not after.items:
        return click.style("no mail at all", fg="red") + f", before {_entries(before)}"
    parts = ["the same entries, which look otherwise" if v.alike else _entries(after)]
    if len(after.items) != len(before.items):
        parts[0] += f", before {len(before.items)}"
    if after.more != before.more:
        parts.append(f"{after.more} more counted below, before {before.more}")
    if v.withdrawn:
        parts.append(f"HTML {_kilobytes(after)}, no longer known what it was: an article in it was removed")
    elif after.html != before.html:
        parts.append(f"HTML {_kilobytes(after)}, before {_kilobytes(before)}")
    return "; ".join(parts)


def _entries(mail: Mail) -> str:
    return show.count(len(mail.items), "entry", "entries")


def _kilobytes(mail: Mail) -> str:
    return f"{mail.bytes / 1000:.1f} KB"


#: Mark, place, section and text.
_Row = tuple[str, str, str, str]


def _rows(v: Replayed) -> list[_Row]:
    """All that is different, by where it stands."""
    rows: list[_Row] = []
    if v.before.subject != v.after.subject and v.after.subject and not v.withdrawn:
        text = show.plain(v.after.subject) + _dim(f"before “{show.plain(v.before.subject)}”")
        rows.append((_changes(), "", click.style("subject", dim=True), text))
    placed: list[tuple[int, int, list[_Row]]] = []
    placed += [(p.at, 0, [_lone("-", "red", p, v)]) for p in v.difference.fell]
    placed += [(p.at, 1, [_lone("+", "green", p, v)]) for p in v.difference.came]
    placed += [(c.after.at, 2, _changed(c, v)) for c in v.difference.changed]
    return rows + [row for _, _, mine in sorted(placed, key=lambda found: found[:2]) for row in mine]


def _changes() -> str:
    return click.style("~", fg="cyan")


def _dim(note: str) -> str:
    return click.style(f"  {note}", dim=True) if note else ""


def _row(mark: str, place: str, item: Item, note: str) -> _Row:
    headline = show.plain(item.headline) or "(an article was removed)"
    return mark, place, click.style(show.plain(item.section), dim=True), headline + _dim(note)


def _lone(mark: str, colour: str, placed: Placed, v: Replayed) -> _Row:
    return _row(click.style(mark, fg=colour), str(placed.at + 1), placed.item, "; ".join(_why(placed, v)))


def _why(placed: Placed, v: Replayed) -> list[str]:
    return sorted({v.why[story] for story in placed.item.stories if story in v.why})


def _changed(c: Changed, v: Replayed) -> list[_Row]:
    old, new = c.before.item, c.after.item
    place = f"{c.before.at + 1}→{c.after.at + 1}" if c.moved else str(c.after.at + 1)
    more, less = new.sentences - old.sentences, old.sentences - new.sentences
    told = [f"{show.count(len(more), 'sentence')} more"] if more else []
    told += [f"{show.count(len(less), 'sentence')} less"] if less else []
    told += [f"{new.kind}, before {old.kind}"] if new.kind != old.kind else []
    told += [f"in {new.section}, before {old.section}"] if new.section != old.section else []
    if new.headline != old.headline and not v.withdrawn:
        told.append(f"before “{show.plain(old.headline)}”")
    if new.stories != old.stories:
        told.append("of other stories")
    rows = [_row(_changes(), place, new, ", ".join(told) or "moved")]
    for mark, colour, marks in (("+", "green", more), ("-", "red", less)):
        known = sorted(show.plain(v.texts[m]) for m in marks if m in v.texts)
        left = len(marks) - len(known[:_SENTENCES])
        lines = known[:_SENTENCES] + ([f"… and {left} more"] if known and left else [])
        rows += [("", "", "", f"{click.style(mark, fg=colour)} {line}") for line in lines]
    return rows


def _total(found: Replay) -> str:
    variants = found.variants
    different = [e for e in found.editions if not all(v.same for v in e.variants)]
    editions = show.count(len(found.editions), "edition")
    if not different:
        return f"All as it was: {editions}, {show.count(len(variants), 'variant')}."
    counts = totals(found)
    parts = [
        f"{show.count(counts[name], 'entry', 'entries')} {verb if counts[name] != 1 else one}"
        for name, one, verb in (
            ("fell", "falls out", "fall out"),
            ("came", "comes in", "come in"),
            ("moved", "moves", "move"),
            ("changed", "changes", "change"),
        )
        if counts[name]
    ]
    said = ", ".join(parts) or "the same entries, which look otherwise"
    size = f"HTML {counts['html_after'] / 1000:,.1f} KB, before {counts['html_before'] / 1000:,.1f} KB"
    changed = sum(not v.same for v in variants)
    of = f"{len(different)} of {editions} ({changed} of {show.count(len(variants), 'variant')})"
    return f"{of} would be different: {said}; {size}."


def totals(found: Replay) -> dict[str, int]:
    """Sizes are of the mails that are known on both sides."""
    variants = found.variants
    known = [v for v in variants if not v.withdrawn]
    changed = [c for v in variants for c in v.difference.changed]
    return {
        "editions": len(found.editions),
        "variants": len(variants),
        "same": sum(v.same for v in variants),
        "fell": sum(len(v.difference.fell) for v in variants),
        "came": sum(len(v.difference.came) for v in variants),
        "moved": sum(c.moved for c in changed),
        "changed": sum(c.before.item != c.after.item for c in changed),
        "html_before": sum(v.before.bytes for v in known),
        "html_after": sum(v.after.bytes for v in known),
    }


def notes(found: Replay, *, asked: bool) -> list[str]:
    """What of the past is not known any more, as far as it plays a part here."""
    said = ["Stories, topics and templates are today's: what was grouped anew since is told as it is grouped now."]
    if gone := sum(v.withdrawn for v in found.variants):
        said.append(f"{show.count(gone, 'variant')} told of an article that was removed since: it is not told again.")
    if guessed := sum(not v.recorded for v in found.variants):
        what = show.count(guessed, "variant")
        said.append(f"For whom {what} was made is not on record: it is taken from a reader's present topics.")
    if unmailed := sum(e.unmailed for e in found.editions):
        said.append(
            f"{show.count(unmailed, 'time')} a reader got no mail, since nothing was new: that is not looked at."
        )
    if found.modelled and not asked:
        said.append("The language model is not asked: its earlier answers are used, else quotations (--ask-model).")
    return said


# --- for scripts ----------------------------------------------------------------------------------


def as_json(found: Replay, said: Sequence[str], *, full: bool, asked: bool) -> dict[str, Any]:
    return {
        "publication": found.publication.name,
        "set": list(said),
        "editions": [
            {
                "edition": e.edition.name,
                "slot": e.edition.slot.strftime("%Y-%m-%dT%H:%M"),
                "zone": e.edition.zone,
                "same": all(v.same for v in e.variants),
                "unmailed": e.unmailed,
                "variants": [_variant_as_json(v, full=full) for v in e.variants],
            }
            for e in found.editions
        ],
        "totals": totals(found),
        "notes": notes(found, asked=asked),
    }


def _variant_as_json(v: Replayed, *, full: bool) -> dict[str, Any]:
    return {
        "id": v.id,
        "language": v.language,
        "readers": v.readers,
        "recorded": v.recorded,
        "withdrawn": v.withdrawn,
        "same": v.same,
        "same_entries": v.alike,
        "before": _mail_as_json(v.before),
        "after": _mail_as_json(v.after) | ({"text": v.after.text} if full else {}),
        "fell": [_placed_as_json(p, v) for p in v.difference.fell],
        "came": [_placed_as_json(p, v) for p in v.difference.came],
        "changed": [_changed_as_json(c, v) for c in v.difference.changed],
    }


def _mail_as_json(mail: Mail) -> dict[str, Any]:
    return {"subject": mail.subject, "entries": len(mail.items), "more": mail.more, "html_bytes": mail.bytes}


def _item_as_json(item: Item) -> dict[str, Any]:
    stories = sorted(item.stories)
    return {"stories": stories, "section": item.section, "kind": item.kind, "headline": item.headline}


def _placed_as_json(placed: Placed, v: Replayed) -> dict[str, Any]:
    return {"position": placed.at + 1} | _item_as_json(placed.item) | {"why": _why(placed, v)}


def _changed_as_json(c: Changed, v: Replayed) -> dict[str, Any]:
    def told(marks: frozenset[str]) -> list[str]:
        return sorted(v.texts.get(m, "") for m in marks)

    return {
        "moved": c.moved,
        "before": {"position": c.before.at + 1} | _item_as_json(c.before.item),
        "after": {"position": c.after.at + 1} | _item_as_json(c.after.item),
        "sentences_more": told(c.after.item.sentences - c.before.item.sentences),
        "sentences_less": told(c.before.item.sentences - c.after.item.sentences),
    }
