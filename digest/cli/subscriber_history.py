"""digest subscriber history"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show

if TYPE_CHECKING:
    from digest.pipeline.personal import History
    from digest.store.changes import Change

#: The texts that were agreed to, by language and words, in the order in which they are numbered.
_Texts = dict[tuple[str, str], int]


@click.command()
@click.argument("email")
@show.as_json_option
@click.pass_context
def history(ctx: click.Context, email: str, as_json: bool) -> None:
    """Every change of a person's subscriptions: when, what, by whom, by what means, from where, on what ground.

    \b
    Example:
      digest subscriber history reader@example.org
    """
    from digest.pipeline import personal

    found = personal.history(context.open_services(ctx), given.person(email))
    texts: _Texts = {}
    for _, changes in found.lives:
        for change in changes:
            if change.consent:
                texts.setdefault((change.language, change.consent), len(texts) + 1)
    show.print_json(_facts(found, texts)) if as_json else _print(found, texts)


def _print(found: History, texts: _Texts) -> None:
    person = found.person
    address = f"{person.address_state}: {person.address_reason}" if person.address_reason else person.address_state
    show.title(person.email)
    show.listed({"name": person.name, "address": address})
    if not found.lives:
        show.folded("No subscription, so nothing has changed (digest subscriber add).", 2)
    for subscription, changes in found.lives:
        show.heading(subscription.publication)
        show.folded(click.style(f"times are those of {subscription.zone}", dim=True), 2)
        for change in changes:
            _print_change(change, subscription.zone, texts)
    if texts:
        show.heading("Texts that were agreed to")
    for (language, text), number in texts.items():
        show.folded(f"{number}  {click.style(language, dim=True)}", 2)
        for line in text.splitlines():
            show.folded(show.plain(line), 5)


def _print_change(change: Change, zone: str, texts: _Texts) -> None:
    from digest.audience import history_said, mail_said

    when = mail_said.when(change.at, zone)
    show.folded(f"{click.style(f'{when:<22}', dim=True)} {show.stated(history_said.state(change.after))}", 2)
    said = [history_said.cause(change.action, change.by, change.via, change.origin)]
    told = "" if change.action == "change" else "reason: "  # of a change it says what it is
    said += [f"{told}{change.reason}"] if change.reason else []
    said += [f"basis: {change.basis}"] if change.basis else []
    said += [f"agreed to text {texts[change.language, change.consent]}"] if change.consent else []
    for line in said:
        show.folded(show.plain(line), 6)


def _facts(found: History, texts: _Texts) -> dict[str, Any]:
    person = found.person
    return {
        "email": person.email,
        "name": person.name,
        "address": person.address_state,
        "why": person.address_reason,
        "subscriptions": [
            {
                "publication": subscription.publication,
                "state": subscription.state,
                "zone": subscription.zone,
                "changes": [_change(change, texts) for change in changes],
            }
            for subscription, changes in found.lives
        ],
        "texts": [{"number": n, "language": language, "text": text} for (language, text), n in texts.items()],
    }


def _change(change: Change, texts: _Texts) -> dict[str, Any]:
    return {
        "at": change.at,
        "action": change.action,
        "from": change.before,
        "to": change.after,
        "reason": change.reason,
        "by": change.by,
        "via": change.via,
        "origin": change.origin,
        "basis": change.basis,
        "text": texts.get((change.language, change.consent)),
    }
