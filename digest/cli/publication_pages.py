"""Options of publications: what everybody may see and do of them on the web."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context
from digest.model.publication import Access

if TYPE_CHECKING:
    from digest.model.publication import Publication
    from digest.pipeline.services import Services

_ACCESS = click.Choice([str(x) for x in Access])
#: An empty text is an answer too.
CLEARED_BY_NOTHING = ("thanks",)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    found = [
        click.option("--sign-up", type=_ACCESS, help="Whether everybody may subscribe on the web; closed at first."),
        click.option("--archive", type=_ACCESS, help="Whether everybody may read its editions there; closed at first."),
        click.option("--about", multiple=True, metavar="LINE", help='What it is, for who may subscribe; "": nothing.'),
        click.option(
            "--consent",
            multiple=True,
            metavar="LINE",
            help='What who subscribes agrees to, besides getting the mails; "": nothing.',
        ),
        click.option(
            "--thanks", metavar="URL", help='Your own page for who has subscribed; "": the one that there is.'
        ),
    ]
    for option in reversed(found):
        command = option(command)
    return command


def facts(p: Publication) -> dict[str, Any]:
    """For scripts."""
    return {"sign_up": p.sign_up, "archive": p.archive, "about": p.about, "consent": p.consent, "thanks": p.thanks}


def told(p: Publication) -> dict[str, Any]:
    """For people."""
    open_ = [what for what, how in (("sign-up", p.sign_up), ("archive", p.archive)) if how is Access.OPEN]
    return {
        "on the web": ", ".join(open_),
        "about": p.about.splitlines(),
        "consent": p.consent.splitlines(),
        "thanks": p.thanks,
    }


def warn(services: Services, p: Publication) -> None:
    """A page that nobody can reach."""
    from digest.cli.main import say

    if Access.OPEN in (p.sign_up, p.archive) and not services.settings.web.url:
        say("its pages are nowhere yet (set web.url, and run: digest serve --web)")


@click.command("form")
@click.argument("name")
@click.option("--language", default="", metavar="LANG", help="Of its words; by default the publication's.")
@click.pass_context
def form(ctx: click.Context, name: str, language: str) -> None:
    """Print the sign-up form, as HTML to put into a page of your own site.

    \b
    Example:
      digest publication form morning --language nl > form.html
    """
    from digest.cli.web import installed

    with installed():
        from digest.web.embed import embedded

        click.echo(embedded(context.open_services(ctx), name, language))
