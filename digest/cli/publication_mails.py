"""Options of publications: what their mails say of whom they are from, and whether an edition goes out by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from digest.cli import given
from digest.model.publication import NothingNew, Unapproved

if TYPE_CHECKING:
    from digest.model.publication import Publication
    from digest.pipeline.services import Services

_LONGEST_WAIT = 720  # hours
#: An empty text is an answer too: what the settings say holds again.
CLEARED_BY_NOTHING = ("reply_to",)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    found = [
        click.option("--reply-to", metavar="ADDRESS", help='Who gets the answers; "": as mail.reply_to says.'),
        click.option(
            "--postal",
            multiple=True,
            metavar="LINE",
            help='Postal address in footers, a line each; "": mail.postal.',
        ),
        click.option(
            "--imprint", multiple=True, metavar="LINE", help='Who answers for the mails, below it; "": mail.imprint.'
        ),
        click.option(
            "--nothing-new",
            type=click.Choice([str(x) for x in NothingNew]),
            help="For whom nothing is new: no mail, or a short one that says so.",
        ),
        click.option(
            "--approve-within",
            "approval_hours",
            type=given.NumberType(0, _LONGEST_WAIT, whole=False),
            metavar="HOURS",
            help="Each edition waits so long for `digest edition approve`; 0: for nobody.",
        ),
        click.option(
            "--unapproved",
            type=click.Choice([str(x) for x in Unapproved]),
            help="What becomes of an edition that nobody approved in time.",
        ),
    ]
    for option in reversed(found):
        command = option(command)
    return command


def facts(p: Publication) -> dict[str, Any]:
    """For scripts."""
    return {
        "reply_to": p.reply_to,
        "postal": p.postal,
        "imprint": p.imprint,
        "nothing_new": p.nothing_new,
        "approval_hours": p.approval_hours,
        "unapproved": p.unapproved,
    }


def told(p: Publication) -> dict[str, Any]:
    """For people."""
    return {
        "reply to": p.reply_to,
        "postal": p.postal.splitlines(),
        "imprint": p.imprint.splitlines(),
        "nothing new": "a short mail says so" if p.nothing_new is NothingNew.SAY else "no mail",
        "approval": _approval(p),
    }


def _approval(p: Publication) -> str:
    if not p.approval_hours:
        return ""
    then = "it goes out" if p.unapproved is Unapproved.SEND else "it is dropped, and the next one has its news"
    return f"each edition waits {p.approval_hours:g} hours; then {then}"


def warn(services: Services, p: Publication) -> None:
    """Nobody would be told that an edition waits."""
    from digest.cli.main import say

    if p.approval_hours and not services.settings.mail.operator:
        say(
            "nobody is told by mail when an edition waits (set mail.operator to your address; "
            "digest edition list shows it)"
        )
