"""A finished mail on the operator's desk: in the terminal, in three files, in a browser."""

from __future__ import annotations

from pathlib import Path

import click


def write(folder: Path, message: bytes, what: str, *, quiet: bool = False) -> None:
    """message.eml, body.html and body.txt; `what` they are is said where they cannot be written."""
    import email
    import email.policy

    from digest.compose.check.finished import parts
    from digest.deliver.inline import in_a_browser
    from digest.errors import DigestError

    text, _ = parts(message)
    html = in_a_browser(email.message_from_bytes(message, policy=email.policy.default)).replace("\r\n", "\n")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "message.eml").write_bytes(message)
        (folder / "body.html").write_text(html, encoding="utf-8")
        (folder / "body.txt").write_text(text, encoding="utf-8")
    except OSError as error:
        said = f"cannot write the {what}: {error.strerror or error}"
        raise DigestError(said, where=str(error.filename or folder), mend="name a folder that can be written") from None
    if not quiet:
        click.echo(f"Wrote message.eml, body.html and body.txt to {folder}.")


def open_(file: Path) -> None:
    """Where nobody sees a window, the opener of the desktop only complains, in lines of its own."""
    import os
    import sys

    from digest.cli.main import say

    seen = sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
    if not seen or click.launch(str(file)) != 0:
        say(f"there is no browser here to open it in (open it where there is one: {file})")


def read(subject: str, message: bytes) -> None:
    """Subject and plain text, to be read in the terminal."""
    from digest.compose.check.finished import parts

    click.echo(click.style("Subject: ", bold=True) + subject + "\n")
    click.echo(parts(message)[0], nl=False)
