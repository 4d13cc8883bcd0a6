"""digest health: works on an older and an empty database too"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from digest.pipeline.vitals import Health
    from digest.settings import HealthSettings


@click.command("health")
@show.as_json_option
@click.pass_context
def health_(ctx: click.Context, as_json: bool) -> int:
    """Whether all is well: the database, the passes, mails that wait too long. Exit code 1 where something is not.

    The web part tells monitors the same at /healthz.

    \b
    Example:
      digest health || echo "look at it"
      digest health --json | jq .deliveries.overdue
    """
    from digest.pipeline import vitals

    services = context.open_services(ctx, check_schema=False)
    found = vitals.health(services)
    if as_json:
        show.print_json(vitals.facts(found))
    else:
        show.facts("", _told(found))
    for line in _wrong(found, services.settings.health):
        click.echo(f"digest: {line}", err=True)
    return 0 if found.ok else 1


def _told(found: Health) -> dict[str, object]:
    last = found.last_pass
    overdue = None if found.overdue is None else f"{found.overdue:,}"
    failed = f", {show.count(last.failed, 'stage')} failed" if last and last.failed else ""
    return {
        "database": "ok" if found.database else "failed",
        "schema": f"{found.schema} (up to date)" if found.schema_ok else found.schema,
        "last pass": f"{show.moment(last.ended_at)}{failed}" if last else "none yet" if found.schema_ok else "",
        "serving": "yes (digest serve)" if found.serving else "no",
        "overdue mails": overdue,
    }


def _wrong(found: Health, limits: HealthSettings) -> list[str]:
    """A line each, with what mends it."""
    if found.why:
        return [found.why]
    if not found.schema_ok:
        return ["there is no database of this program's schema (digest db status)"]
    lines = []
    if not found.pass_ok:
        lines.append(f"no pass has ended for {limits.pass_minutes} minutes (digest serve, or digest run from cron)")
    if not found.overdue_ok and found.overdue:
        waits = show.count(found.overdue, "mail has", "mails have")
        lines.append(f"{waits} waited for {limits.late_minutes} minutes (digest delivery list)")
    return lines
