"""digest edition show --as: what one reader was sent"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import given, mail_view, show

if TYPE_CHECKING:
    from digest.pipeline.mailed import Mailed
    from digest.pipeline.services import Services


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    folder = click.Path(file_okay=False, path_type=Path)
    for option in (
        click.option("--out", type=folder, help="Write this mail's message.eml, body.html, body.txt there."),
        click.option("--open", "open_", is_flag=True, help="Open this mail in the browser."),
        click.option("--as", "email", default="", metavar="EMAIL", help="The mail that this reader was sent."),
    ):
        command = option(command)
    return command


def is_wanted(email: str, open_: bool, out: Path | None) -> bool:
    """Whether one reader's mail is asked for. Raises UsageError where nobody is named."""
    from digest.errors import UsageError

    if (open_ or out is not None) and not email:
        option = "--open" if open_ else "--out"
        raise UsageError(f"{option} is for one reader's mail", mend="name the reader: --as EMAIL")
    return bool(email)


def show_mail(services: Services, edition: str, email: str, *, open_: bool, out: Path | None, as_json: bool) -> None:
    from digest.pipeline.mailed import mailed

    found = mailed(services, given.name_of("edition", edition), given.person(email))
    if as_json:
        show.print_json(_as_json(found))
    if found.message is None or found.variant is None:
        if not as_json:
            _say_which(found)
            show.folded(show.plain(found.withdrawn or found.said), 2)
        return
    if out is not None or open_:
        folder = out or services.home.folder / "preview"
        mail_view.write(folder, found.message, "mail", quiet=as_json)
        if open_:
            mail_view.open_((folder / "body.html").resolve())
    elif not as_json:
        _say_which(found)
        show.folded(show.plain(found.said), 2)
        click.echo(click.style(f"  {_SIGNED if found.signed else _UNSIGNED}\n", dim=True))
        mail_view.read(found.variant.subject, found.message)


_SIGNED = "As it was made; the signature, which it got as it left, is not shown."
_UNSIGNED = "As it was made, unsigned."


def _say_which(found: Mailed) -> None:
    e = found.edition
    show.title(f"{e.name} of {e.slot:%a %Y-%m-%d %H:%M} ({e.zone}), for {found.subscription.subscriber.email}")


def _as_json(found: Mailed) -> dict[str, Any]:
    from digest.compose.check.finished import parts

    delivery = found.part.mail.delivery if found.part.mail else None
    text, html = parts(found.message) if found.message is not None else (None, None)
    return {
        "edition": found.edition.name,
        "slot": found.edition.slot.strftime("%Y-%m-%dT%H:%M"),
        "zone": found.edition.zone,
        "subscriber": found.subscription.subscriber.email,
        "said": found.said,
        "withdrawn": bool(found.withdrawn),
        "delivery": {
            "id": delivery.id,
            "state": delivery.state,
            "address": delivery.address,
            "message_id": delivery.message_id,
            "date": delivery.date,
            "settled_at": delivery.settled_at,
            "bounced_at": delivery.bounced_at,
            "signed_with": delivery.signed_with,
        }
        if delivery
        else None,
        "subject": found.variant.subject if found.variant and found.message is not None else None,
        "language": found.variant.language if found.variant else None,
        "look": found.variant.look if found.variant else None,
        "text": text,
        "html": html,
    }
