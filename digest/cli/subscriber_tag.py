"""digest subscriber tag"""

from __future__ import annotations

import click

from digest.cli import context, given, show


@click.group()
def tag() -> None:
    """Words of your own about people, to find them by.

    \b
    Example:
      digest subscriber tag add reader@example.org vip "book club"
      digest subscriber list --tag vip
    """


@tag.command()
@click.argument("email")
@click.argument("tags", nargs=-1, required=True, metavar="TAG...")
@click.pass_context
def add(ctx: click.Context, email: str, tags: tuple[str, ...]) -> None:
    """Tag a person; `VIP` and `vip` are one.

    \b
    Example:
      digest subscriber tag add reader@example.org vip
    """
    from digest.pipeline import tagging

    address = given.address(email)
    _tell(address, tagging.add(context.open_services(ctx), address, tags))


@tag.command()
@click.argument("email")
@click.argument("tags", nargs=-1, required=True, metavar="TAG...")
@click.pass_context
def remove(ctx: click.Context, email: str, tags: tuple[str, ...]) -> None:
    """Take tags from a person.

    \b
    Example:
      digest subscriber tag remove reader@example.org vip
    """
    from digest.pipeline import tagging

    address = given.address(email)
    _tell(address, tagging.remove(context.open_services(ctx), address, tags))


@tag.command("list")
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """All tags, and how many people have each.

    \b
    Example:
      digest subscriber tag list
    """
    from digest.store import tags

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = tags.listing(connection)
    if as_json:
        show.print_json([{"tag": name, "people": number} for name, number in found])
        return
    empty = "No tags yet. Give one: digest subscriber tag add EMAIL TAG"
    show.table(("tag", "people"), [(name, f"{number:,}") for name, number in found], empty=empty, right=("people",))


def _tell(email: str, tags: list[str]) -> None:
    click.echo(f"{email}: {', '.join(tags) or 'no tags'}")
