"""digest init"""

from __future__ import annotations

from pathlib import Path

import click

from digest import app


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--from", "sender", default="Digest <digest@example.org>", metavar="ADDRESS", help="Who the mails come from."
)
@click.option(
    "--transport",
    type=click.Choice(["maildir", "smtp", "console"]),
    default="maildir",
    show_default=True,
    help="How mails leave.",
)
def init(folder: Path, sender: str, transport: str) -> None:
    """Make a home folder: commented settings, a key, the database.

    What is there already is kept.

    \b
    Example:
      digest init ~/news --from "Morning news <news@example.org>" --transport smtp
    """
    from digest.cli import show

    check_sender(sender)
    folder = folder.expanduser().resolve()
    made = app.init(folder, sender=sender, transport=transport)
    if not made:
        click.echo(f"{folder} is a digest home already; nothing was changed.")
        return
    show.facts(f"Made a digest home in {folder}", {path.name: _about(path) for path in made})
    click.echo(f"\nNext: digest --home {folder} source add feed https://…  or  digest --home {folder} ingest FILES")


def _about(path: Path) -> str:
    return {
        "digest.toml": "settings; every line is explained there",
        "secret.key": "keys Message-IDs and links: keep it, and back it up",
        "templates": "put templates of your own here",
    }.get(path.name, "the database")


def check_sender(sender: str) -> str:
    """`Name <address>` or an address; the same text. Raises BadInput."""
    from email.utils import parseaddr

    from digest.audience.address import normalise
    from digest.errors import UsageError

    address = parseaddr(sender)[1]
    if not address:
        raise UsageError(f"{sender!r} is not an address", mend='like "Morning news <news@example.org>"')
    normalise(address)
    return sender
