"""How a subscription looks: to people, and to scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from digest.cli import show

if TYPE_CHECKING:
    from digest.model.subscription import Subscription
    from digest.store.changes import Change

publication_option = click.option("--publication", default="", metavar="NAME", help="Which subscription is meant.")


def standing(s: Subscription) -> str:
    """The state that counts: an address that is never mailed any more outdoes an active subscription."""
    return state(s) if s.subscriber.address_state == "ok" else s.subscriber.address_state


def state(s: Subscription) -> str:
    """With the day on which a pause ends."""
    until = paused_until(s)
    return f"{s.state} until {until}" if until else str(s.state)


def paused_until(s: Subscription) -> date | None:
    """By the reader's calendar."""
    from digest.deliver.slots import day_of

    return day_of(s.paused_until, s.zone) if s.paused_until else None


def facts(s: Subscription) -> dict[str, Any]:
    return {
        "email": s.subscriber.email,
        "name": s.subscriber.name,
        "publication": s.publication,
        "cadence": s.cadence,
        "language": s.language,
        "zone": s.zone,
        "topics": s.topics,
        "state": s.state,
        "reason": s.reason,
        "since": s.changed_at,
        "paused_until": paused_until(s),
        "address": s.subscriber.address_state,
    }


def shown(s: Subscription) -> dict[str, Any]:
    return {
        "publication": s.publication,
        "state": state(s),
        "every": s.cadence,
        "language": s.language,
        "zone": s.zone,
        "topics": s.topics or "all",
        "reason": s.reason,
        "since": s.changed_at,
    }


def table(found: Sequence[Subscription], tagged: Mapping[int, Sequence[str]], *, narrowed: bool) -> None:
    """`tagged`: the tags of those who have some."""
    columns = ["email", "publication", "state", "every", "lang", "zone", "topics"]
    rows = [
        [s.subscriber.email, s.publication, standing(s), s.cadence, s.language, s.zone, s.topics or "all"]
        for s in found
    ]
    if tagged:
        columns.append("tags")
        rows = [[*row, tuple(tagged.get(s.subscriber.id, ()))] for row, s in zip(rows, found, strict=True)]
    empty = "No subscriptions yet. Add one: digest subscriber add EMAIL --publication NAME"
    show.table(columns, rows, empty="No such subscriptions." if narrowed else empty)


def change(change: Change) -> dict[str, Any]:
    return {
        "at": change.at,
        "action": change.action,
        "from": change.before,
        "to": change.after,
        "reason": change.reason,
    }
