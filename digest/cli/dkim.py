"""digest dkim"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from digest.deliver.dkim_keys import Record
    from digest.pipeline.dkim_check import Checked
    from digest.pipeline.services import Services
    from digest.pipeline.signing import Keyring, Selector

_KINDS = {"rsa-sha256": "RSA", "ed25519-sha256": "Ed25519"}


@click.group()
def dkim() -> None:
    """Keys that sign the mails, so that mailbox providers trust them.

    \b
    Example:
      digest dkim new
      digest dkim check
    """


@dkim.command()
@click.option(
    "--selector", default="", metavar="NAME", help="Their name in the DNS. Default: this month, like s202611."
)
@click.option(
    "--bits",
    type=click.Choice(["2048", "4096"]),
    default="2048",
    show_default=True,
    help="Of the RSA key. 4096 takes seven times as long to sign with.",
)
@click.pass_context
def new(ctx: click.Context, selector: str, bits: str) -> None:
    """Make a pair of keys, and print what to publish. Nothing is signed with them until digest.toml names them.

    \b
    Example:
      digest dkim new
      digest dkim new --selector s202611
    """
    from digest.deliver.dkim_names import check_selector
    from digest.errors import BadInput, UsageError
    from digest.pipeline.signing import domains, keyring

    services = context.open_services(ctx)
    keys = keyring(services.home)
    try:
        selector = check_selector(selector or keys.free_selector(services.clock()))
    except BadInput as error:
        raise UsageError(error.what, where="--selector", mend=error.mend) from None
    made = keys.make(selector, int(bits))
    files = {kind: str(path) for kind, path in zip(_KINDS.values(), made, strict=True)}
    show.facts(f"Made the keys of selector {selector}: back them up, and keep them for ever", files)
    _print_records([record for domain in domains(services) for record in keys.records(selector, domain)])
    show.heading("Next")
    click.echo(f"  Publish these records, then look whether they are out: digest dkim check {selector}")
    click.echo(f'  If they are, sign with them: in digest.toml, in [dkim], selector = "{selector}"')


def _print_records(records: list[Record]) -> None:
    """As lines of a zone file: from the first column on, and whole, to be copied."""
    show.heading("For the DNS")
    for record in records:
        click.echo(record.zone_line())


@dkim.command("show")
@click.argument("selector", required=False, default="")
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, selector: str, as_json: bool) -> None:
    """The keys that there are, which of them sign, and the records for the DNS.

    Without SELECTOR the records of those that sign, else of the newest.

    \b
    Example:
      digest dkim show
      digest dkim show s202611
    """
    from digest.pipeline.signing import domains, keyring

    services = context.open_services(ctx)
    keys = keyring(services.home)
    there = keys.selectors()
    chosen = keys.chosen(selector) if selector or there else None
    listed = [chosen] if selector and chosen else there
    records = [r for domain in domains(services) for r in keys.records(chosen.name, domain)] if chosen else []
    if as_json:
        facts = [_facts(services, keys, found) for found in listed]
        show.print_json({"selectors": facts, "records": [_record_facts(record) for record in records]})
        return
    rows = [
        (f["selector"], f["made"], f"{f['days']:,}", f["signs"]) for f in (_facts(services, keys, s) for s in listed)
    ]
    show.table(
        ("selector", "made", "days old", "signs"), rows, right=("days old",), empty="No keys yet: digest dkim new"
    )
    if records:
        _print_records(records)


def _facts(services: Services, keys: Keyring, found: Selector) -> dict[str, Any]:
    days = max(0, (services.clock() - found.made).days)
    signs = found.name == keys.settings.selector
    return {"selector": found.name, "made": found.made, "days": days, "signs": signs}


def _record_facts(record: Record) -> dict[str, Any]:
    kind = _KINDS[record.algorithm]
    return {"name": record.name, "kind": kind, "text": record.text, "zone_line": record.zone_line()}


@dkim.command()
@click.argument("selector", required=False, default="")
@click.option("--nameserver", default="", metavar="HOST:PORT", help="Ask this name server, not the system's.")
@show.as_json_option
@click.pass_context
def check(ctx: click.Context, selector: str, nameserver: str, as_json: bool) -> int:
    """Ask the DNS for the records, and try whether a signature holds by them. Exits with 1 where one does not.

    Without SELECTOR the keys that sign, else the newest.

    \b
    Example:
      digest dkim check
      digest dkim check s202611 --nameserver 9.9.9.9
    """
    from digest import app
    from digest.pipeline import dkim_check
    from digest.pipeline.signing import domains, keyring

    services = context.open_services(ctx)
    keys = keyring(services.home)
    name = keys.chosen(selector).name
    lookup = app.txt_records(nameserver)
    records = [record for domain in domains(services) for record in keys.records(name, domain)]
    checked = dkim_check.check(keys.pair(name), records, name, lookup, services.clock())
    failed = [c for c in checked if c.trouble]
    if as_json:
        show.print_json([_record_facts(c.record) | {"trouble": c.trouble, "mend": c.mend} for c in checked])
        return 1 if failed else 0
    _tell(checked)
    if not failed and name != keys.settings.selector:
        click.echo(f'\nNext: sign with them. In digest.toml, in [dkim]: selector = "{name}"')
    return 1 if failed else 0


def _tell(checked: list[Checked]) -> None:
    from digest.cli.main import say_error
    from digest.errors import DigestError

    rows = [(c.record.name, _KINDS[c.record.algorithm], "failed" if c.trouble else "ok") for c in checked]
    show.table(("record", "key", "state"), rows, empty="")
    for c in checked:
        if c.trouble:
            say_error(DigestError(c.trouble, where=c.record.name, mend=c.mend))
