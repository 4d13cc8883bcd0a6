"""digest db: works on an older, a newer and an empty database too"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli import context, db_prune, show

if TYPE_CHECKING:
    from digest.store.engine import Database
    from digest.store.schema import SchemaStatus


@click.group()
def db() -> None:
    """The database: upgrade, status, backup, check, prune.

    \b
    Example:
      digest db status
      digest db backup ~/backups/digest-monday.db
    """


db.add_command(db_prune.prune)
db.add_command(db_prune.vacuum)


@db.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring the database to this program's schema; make it where there is none.

    \b
    Example:
      digest db backup before-upgrade.db
      digest db upgrade
    """
    from digest import app
    from digest.store import schema

    before = app.upgrade(context.open_home(ctx))
    where = schema.place(_database(ctx))
    if before.ok:
        click.echo(f"{where} is up to date (schema {before.head}).")
    elif before.current is None:
        click.echo(f"Made {where} (schema {before.head}).")
    else:
        click.echo(f"Upgraded {where} from schema {before.current} to {before.head}.")


@db.command()
@show.as_json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show where the database is, its schema, its size and what is in it.

    \b
    Example:
      digest db status
      digest db status --json | jq -e .ok
    """
    from digest.store import schema

    database = _database(ctx)
    found = schema.status(database)
    counts: dict[str, int] = {}
    if found.current is not None:
        with database.read() as connection:
            counts = schema.counts(connection)
    where, size = schema.place(database), schema.size(database)
    if as_json:
        told = {"schema": found.current, "head": found.head, "known": found.known, "ok": found.ok}
        show.print_json({"file": where, **told, "size": size, "counts": counts})
        return
    rows = {noun: f"{number:,}" for noun, number in counts.items()}
    show.facts(where, {"schema": _told(found), "size": show.size(size) if size else "", **rows})


def _told(found: SchemaStatus) -> str:
    if found.ok:
        return f"{found.current} (up to date)"
    if found.current is None:
        return "none: there is no database yet (digest db upgrade)"
    if not found.known:
        return f"{found.current}, which this version of digest does not know: use the newer digest that made it"
    return f"{found.current}, older than this program's {found.head} (digest db upgrade)"


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def backup(ctx: click.Context, file: Path) -> None:
    """Write a consistent copy of the database to FILE, while others go on working with it.

    Never overwrites. Settings and secret.key are files of their own: keep copies of them too.

    \b
    Example:
      digest db backup ~/backups/digest-$(date +%F).db
    """
    from digest.store import schema

    size = schema.backup(_existing(ctx), file.expanduser())
    click.echo(f"Wrote {file} ({show.size(size)}).")


@db.command()
@show.as_json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> int:
    """Look for damage in the database file. Changes nothing.

    \b
    Example:
      digest db check
    """
    from digest.store import schema

    database = _existing(ctx)
    faults = schema.check(database)
    if as_json:
        show.print_json({"ok": not faults, "faults": faults})
    elif not faults:
        click.echo(f"{schema.place(database)} is sound.")
    for fault in faults if not as_json else ():
        click.echo(f"digest: {fault}", err=True)
    return 1 if faults else 0


@db.command()
@click.pass_context
def reindex(ctx: click.Context) -> None:
    """Make the full-text index of the articles anew. Only needed where `digest db check` asks for it.

    \b
    Example:
      digest db reindex
    """
    from digest.store import schema, search

    database = _existing(ctx)
    schema.require(database)
    with database.write() as connection:
        search.rebuild(connection)
        number = schema.counts(connection)["article"]
    click.echo(f"Made the full-text index of {show.count(number, 'article')} anew.")


def _database(ctx: click.Context) -> Database:
    from digest import app

    database = app.open_database(context.open_home(ctx))
    ctx.call_on_close(database.close)
    return database


def _existing(ctx: click.Context) -> Database:
    """The database, if there is one: looking for it must not make it."""
    from digest.errors import SchemaError
    from digest.store import schema

    database = _database(ctx)
    if schema.status(database).current is None:
        raise SchemaError("there is no database yet", where=schema.place(database), mend="digest db upgrade")
    return database
