"""digest init"""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--from",
    "sender",
    metavar="ADDRESS",
    help="Who the mails come from; needed for smtp and sendmail.",
)
@click.option(
    "--transport",
    type=click.Choice(["maildir", "smtp", "sendmail", "eml", "console"]),
    default="maildir",
    show_default=True,
    help="How mails leave.",
)
@click.pass_context
def init(ctx: click.Context, folder: Path | None, sender: str | None, transport: str) -> None:
    """Make a home folder: commented settings, a key, the database.

    Without FOLDER it is the one that --home or DIGEST_HOME names, else this one. What is there
    already is kept.

    \b
    Example:
      digest init ~/news --from "Morning news <news@example.org>" --transport smtp
    """
    from digest import app
    from digest.cli import given, show
    from digest.errors import UsageError

    if transport in ("smtp", "sendmail") and sender is None:
        mend = 'like --from "Morning news <news@your.domain>"'
        raise UsageError("mail that is really sent needs a sender of yours", mend=mend)
    sender = "Digest <digest@example.org>" if sender is None else sender
    folder = Path(folder or ctx.find_root().obj or os.environ.get("DIGEST_HOME") or ".").expanduser().resolve()
    made = app.init(folder, sender=given.sender(sender), transport=transport)
    if not made:
        click.echo(f"{folder} is a digest home already; nothing was changed.")
        return
    show.facts(f"Made a digest home in {folder}", {path.name: _about(path) for path in made})
    click.echo(f"\nNext: digest --home {folder} ingest FILES")
    click.echo(f"or    digest --home {folder} source add https://…")


def _about(path: Path) -> str:
    return {
        "digest.toml": "settings; every line is explained there",
        "secret.key": "keys Message-IDs and links: keep it, and back it up",
        "templates": "put templates of your own here",
    }.get(path.name, "the database")
