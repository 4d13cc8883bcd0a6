"""digest edition preview"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli import context, given

if TYPE_CHECKING:
    from digest.pipeline.preview import Preview
    from digest.pipeline.services import Services


@click.command()
@click.argument("publication")
@click.option("--as", "email", default="", metavar="EMAIL", help="As this subscriber would get it.")
@click.option("--open", "open_", is_flag=True, help="Open it in the browser.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write message.eml, body.html, body.txt there."
)
@click.pass_context
def preview(ctx: click.Context, publication: str, email: str, open_: bool, out: Path | None) -> None:
    """What would be mailed now. Nothing is planned and nothing is sent.

    \b
    Example:
      digest edition preview morning --as reader@example.org
      digest edition preview morning --out preview/
    """
    from digest.pipeline.preview import preview as make

    services = context.open_services(ctx)
    made = make(services, publication, email=given.address(email) if email else "")
    context.say_ungrouped(services)
    _say_unmailed(services, publication, email)
    if made is None:
        click.echo(f"Nothing new for {email or 'a new reader'} in {publication}; there would be no mail.")
        return
    if out is None and not open_:
        click.echo(click.style("Subject: ", bold=True) + made.composed.subject + "\n")
        click.echo(_parts(made)[0], nl=False)
        return
    folder = out or services.home.folder / "preview"
    _write(folder, made)
    click.echo(f"Wrote message.eml, body.html and body.txt to {folder}.")
    if open_:
        _open((folder / "body.html").resolve())


def _open(file: Path) -> None:
    """Where nobody sees a window, the opener of the desktop only complains, in lines of its own."""
    import os
    import sys

    from digest.cli.main import say

    seen = sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
    if not seen or click.launch(str(file)) != 0:
        say(f"there is no browser here to open it in (open it where there is one: {file})")


def _say_unmailed(services: Services, publication: str, email: str) -> None:
    """Somebody who is not mailed any more can still be looked at as; but nobody should be misled by it."""
    from digest.store import subscribers

    if not email:
        return
    with services.database.read() as connection:
        person = subscribers.get(connection, email, given.address_key(email))
        states = [s.state for s in subscribers.subscriptions(connection, person.id) if s.publication == publication]
    standing = person.address_state if person.address_state != "ok" else states[0] if states else "active"
    if standing != "active":
        click.echo(f"digest: {person.email} is {standing}: this would not be mailed", err=True)


def _write(folder: Path, made: Preview) -> None:
    from digest.errors import DigestError

    text, html = _parts(made)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "message.eml").write_bytes(made.message)
        (folder / "body.html").write_text(html, encoding="utf-8")
        (folder / "body.txt").write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"cannot write the preview: {error.strerror or error}"
        raise DigestError(what, where=str(error.filename or folder), mend="name a folder that can be written") from None


def _parts(made: Preview) -> tuple[str, str]:
    """Text and HTML as the reader's mail program would show them, from the finished message."""
    import email
    import email.policy

    message = email.message_from_bytes(made.message, policy=email.policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")
