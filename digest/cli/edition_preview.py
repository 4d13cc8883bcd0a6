"""digest edition preview"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, mail_view, preview_view, show

if TYPE_CHECKING:
    from digest.compose.check.finished import Finished
    from digest.model.finding import Finding
    from digest.pipeline.preview import Looked, Wish
    from digest.pipeline.services import Services

_FOLDER = click.Path(file_okay=False, path_type=Path)


def _wishes(command: Callable[..., Any]) -> Callable[..., Any]:
    """What is looked at."""
    for option in reversed(
        (
            click.option("--as", "email", default="", metavar="EMAIL", help="As this subscriber would get it."),
            click.option("--slot", default="", metavar="WHEN", help="As of a slot, to come or past: 2026-03-02T07:00."),
            click.option("--cadence", default="", metavar="NAME", help="Whose slot; by default the first cadence."),
            click.option("--language", default="", metavar="LANG", help="In another language, like nl."),
            click.option("--look", default="", metavar="LOOK", help="In another look: a folder of templates/edition."),
        )
    ):
        command = option(command)
    return command


@click.command()
@click.argument("publication")
@_wishes
@click.option("--why", is_flag=True, help="Why each story stands where it stands, and what was left out.")
@click.option("--open", "open_", is_flag=True, help="Open it in the browser.")
@click.option("--out", type=_FOLDER, metavar="FOLDER", help="Write message.eml, body.html, body.txt there.")
@click.option("--check", is_flag=True, help="Size, structure, links, contrast, mail clients, spam filters.")
@click.option("--online", is_flag=True, help="With --check: ask each link whether it answers.")
@click.option("--screenshots", type=_FOLDER, metavar="FOLDER", help="Pictures of it, narrow to wide, light and dark.")
@show.as_json_option
@click.pass_context
def preview(
    ctx: click.Context,
    /,
    publication: str,
    why: bool,
    open_: bool,
    out: Path | None,
    check: bool,
    online: bool,
    screenshots: Path | None,
    as_json: bool,
    **wishes: str,
) -> int:
    """What would be mailed now, or for a slot. Nothing is planned and nothing is sent.

    With --check the exit code is 1 where something should not be sent so.

    \b
    Example:
      digest edition preview morning --as reader@example.org --why
      digest edition preview morning --slot 2026-03-02T07:00
      digest edition preview morning --out preview/ --open
      digest edition preview morning --check --online
      digest edition preview morning --look paper --language nl --screenshots pictures/
    """
    from digest.errors import UsageError
    from digest.pipeline.preview import Wish
    from digest.pipeline.preview import preview as make

    if online and not check:
        raise UsageError("--online is a part of the check", mend="give --check too")
    wishes["email"] = given.address(wishes["email"]) if wishes["email"] else ""
    wish = Wish(**wishes)
    services = context.open_services(ctx)
    looked = make(services, publication, wish)
    context.say_ungrouped(services)
    _say_unmailed(services, publication, wish.email)
    if looked.mail is None:
        return _nothing(looked, wish, as_json=as_json)
    about = preview_view.about(looked, wish)
    mail, findings = _findings(services, looked, check=check, online=online)
    if as_json:
        show.print_json(preview_view.facts(looked, wish, findings))
    elif check:
        preview_view.report(mail, about, findings or [], why=why)
    elif out is None and not open_ and screenshots is None:
        preview_view.say_moment(looked, wish)
        mail_view.read(looked.mail.composed.subject, looked.mail.message)
    if why and not as_json:
        preview_view.why(looked.mail.composed.view)
    opened = _written(services, looked, out, as_json=as_json) if out or (open_ and not screenshots) else None
    if screenshots is not None:
        opened = _photographed(services, mail, about, screenshots, as_json=as_json)
    if open_ and opened is not None:
        mail_view.open_(opened.resolve())
    return 1 if any(f.level == "fail" for f in findings or []) else 0


def _findings(
    services: Services, looked: Looked, *, check: bool, online: bool
) -> tuple[Finished, list[Finding] | None]:
    from digest import app
    from digest.compose.check.finished import read
    from digest.pipeline import checking

    assert looked.mail is not None
    mail = read(looked.mail.message)
    if not check:
        return mail, None
    return mail, checking.check(services, looked.publication, mail, online=online, judge=app.spam_filters())


def _nothing(looked: Looked, wish: Wish, *, as_json: bool) -> int:
    if as_json:
        show.print_json(preview_view.facts(looked, wish, None))
        return 0
    preview_view.say_moment(looked, wish)
    who = wish.email or "a new reader"
    click.echo(f"Nothing new for {who} in {looked.publication.name}; there would be no mail.")
    return 0


def _written(services: Services, looked: Looked, out: Path | None, *, as_json: bool) -> Path:
    """The three files, and the one of them to open."""
    assert looked.mail is not None
    folder = out or services.home.folder / "preview"
    mail_view.write(folder, looked.mail.message, "preview", quiet=as_json)
    return folder / "body.html"


def _photographed(services: Services, mail: Finished, about: str, folder: Path, *, as_json: bool) -> Path:
    """The pictures, and the page that shows them."""
    from digest import app
    from digest.pipeline import checking

    index, *pictures = checking.photograph(services, mail, about, folder, app.photographer(services.home))
    if not as_json:
        click.echo(f"Wrote {show.count(len(pictures), 'picture')} to {folder}; {index.name} shows them side by side.")
    return index


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
