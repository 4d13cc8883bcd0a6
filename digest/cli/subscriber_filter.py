"""Options of commands that look for subscriptions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from digest.cli.given import since

if TYPE_CHECKING:
    from digest.pipeline.services import Services
    from digest.store.subscriber_lists import Filter

STATES = ["pending", "active", "paused", "unsubscribed"]
_ADDRESSES = ["ok", "suppressed", "erased"]

publication = click.option("--publication", default="", metavar="NAME", help="Only of this publication.")
state = click.option("--state", type=click.Choice(STATES), help="Only in this state.")
tag = click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only people with this tag; give several.")
_REST = (
    click.option("--lang", "language", default="", metavar="LANG", help="Only readers of this language."),
    click.option("--cadence", default="", metavar="NAME", help="Only with this cadence."),
    click.option("--zone", default="", metavar="ZONE", help="Only in this time zone."),
    click.option("--address", type=click.Choice(_ADDRESSES), help="Only people whose address is in this state."),
    click.option("--since", default="", metavar="DATE", help="Only who signed up on this day or later."),
    click.option(
        "--search", "text", default="", metavar="TEXT", help="Part of an address or name; case and accents count not."
    ),
)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """All of them; they come to the command as one mapping, `said`."""

    @functools.wraps(command)
    def told(*arguments: Any, **values: Any) -> Any:
        names = ("publication", "state", "tags", "language", "cadence", "zone", "address", "since", "text")
        return command(*arguments, said={name: values.pop(name) for name in names}, **values)

    made: Callable[..., Any] = told
    for option in reversed((publication, state, tag, *_REST)):
        made = option(made)
    return made


def wanted(services: Services, said: dict[str, Any]) -> Filter:
    """What was said, checked. Raises UsageError."""
    from digest.audience.tags import tag_of
    from digest.errors import BadInput, UsageError
    from digest.store import publications
    from digest.store.subscriber_lists import Filter

    found = {name: value for name, value in said.items() if value}
    if "publication" in found:
        with services.database.read() as connection:
            publications.get(connection, found["publication"])
    try:
        found["tags"] = tuple(tag_of(each) for each in said.get("tags", ()))
    except BadInput as error:
        raise UsageError(error.what, mend=error.mend) from None
    if "since" in found:
        found["since"] = since(found["since"])
    if "language" in found:
        from digest.pipeline.choices import check_language

        found["language"] = check_language(found["language"])
    return Filter(**found)
