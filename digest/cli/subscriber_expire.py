"""digest subscriber expire"""

from __future__ import annotations

import click

from digest.cli import context, show
from digest.model.cause import Cause


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list them.")
@show.as_json_option
@click.pass_context
def expire(ctx: click.Context, dry_run: bool, as_json: bool) -> None:
    """Remove who was asked and never confirmed (subscriber.forget_pending_days). Every pass does it by itself.

    \b
    Example:
      digest subscriber expire --dry-run
    """
    from digest.pipeline import expiry

    services = context.open_services(ctx)
    within = show.count(expiry.days_of(services), "day")
    if not dry_run:
        done = expiry.expire(services, Cause("never confirmed"))
        if as_json:
            show.print_json({"removed": done})
        else:
            click.echo(f"Removed {show.count(done, 'subscription')} that nobody confirmed within {within}.")
        return
    found = expiry.listing(services)
    if as_json:
        show.print_json([{"email": f.email, "publication": f.publication, "asked_at": f.asked_at} for f in found])
        return
    rows = [(f.email, f.publication, f.asked_at) for f in found]
    show.table(("email", "publication", "asked"), rows, empty=f"Nobody was asked more than {within} ago.")
