"""digest delivery report"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, edition_approval, given, show
from digest.model.delivery import DeliveryState

if TYPE_CHECKING:
    from digest.model.delivery_report import DeliveryReport, Domain
    from digest.model.edition import Edition

_BACK = {"bounce": "bounced since", "complaint": "complained of since"}
_WAIT = (DeliveryState.DEFERRED, DeliveryState.UNCERTAIN)


@click.command()
@click.argument("edition", metavar="EDITION")
@show.as_json_option
@click.pass_context
def report(ctx: click.Context, edition: str, as_json: bool) -> None:
    """What became of an edition's mails: states, reasons, how long it took, which domains made trouble.

    Without @ZONE it counts all the zones that the edition went out in.

    \b
    Example:
      digest delivery report morning/day/12
      digest delivery report morning/day/12@America/New_York
    """
    from digest.pipeline import reporting

    services = context.open_services(ctx)
    made = reporting.report(services, given.name_of("edition", edition))
    show.print_json(_as_json(made)) if as_json else _print(made)


def _print(made: DeliveryReport) -> None:
    first = made.editions[0]
    zones = f"{len(made.editions)} zones" if len(made.editions) > 1 else first.zone
    show.title(f"{first.name}, {first.slot:%a} {first.slot.day} {first.slot:%b %Y, %H:%M} ({zones})")
    for line in dict.fromkeys(filter(None, map(_approval, made.editions))):
        _say(line)
    if made.mails:
        _say(f"{show.count(made.mails, 'mail')} to {show.count(made.domains, 'domain')}")
    else:
        _say("No mails.")
    for reason, readers in sorted(made.left_out.items()):
        _say(f"{show.count(readers, 'reader')} without a mail: {reason}")
    if not made.mails:
        return
    click.echo()
    rows: list[tuple[str, str, str]] = [
        (state, f"{made.states[state]:,}", _percent(made, made.states[state])) for state in _ordered(made)
    ]
    rows += [(_BACK.get(kind, kind), f"{n:,}", _percent(made, n)) for kind, n in made.back.items()]
    show.table(("state", "mails", "%"), rows, right=("mails", "%"), empty="")
    _print_time(made)
    _print_reasons(made)
    _print_domains("Domains with trouble", made.troubled, made, slow=False)
    _print_domains("Slowest domains, after a second try", made.slowest, made, slow=True)


def _approval(edition: Edition) -> str:
    return edition_approval.told(edition)


def _ordered(made: DeliveryReport) -> list[DeliveryState]:
    """What was sent first: that is what is asked."""
    others = (state for state in DeliveryState if state is not DeliveryState.SENT)
    return [state for state in (DeliveryState.SENT, *others) if made.states.get(state)]


def _percent(made: DeliveryReport, number: int) -> str:
    share = made.share(number)
    return f"{share:.1f}" if share >= 0.05 or not number else "<0.1"


def _print_time(made: DeliveryReport) -> None:
    show.heading("Time")
    if made.first_sent is None:
        _say("Nothing was sent yet.")
        return
    _say(f"first sent {show.moment(made.first_sent)}")
    _say(f"last sent {show.moment(made.last_sent)}, after {_lasted(made.seconds)}")
    if made.half_sent and made.most_sent and made.seconds:
        half, most = (_lasted((at - made.first_sent).total_seconds()) for at in (made.half_sent, made.most_sent))
        rate = f": {made.rate:,.1f} a second" if made.rate is not None else ""
        _say(f"half within {half}, 95 % within {most}{rate}")
    tries = ", ".join(f"{mails:,} with {show.count(n, 'try', 'tries')}" for n, mails in made.tries.items())
    _say(f"tries: {tries}")


def _print_reasons(made: DeliveryReport) -> None:
    if not made.reasons:
        return
    show.heading("Reasons")
    rows = []
    for one in made.reasons:
        again = f"; next try {show.moment(one.first)}" if one.first and one.state in _WAIT else ""
        if again and one.last and show.moment(one.last) != show.moment(one.first):
            again += f" to {show.moment(one.last)}"
        rows.append((one.state, f"{one.mails:,}", _percent(made, one.mails), one.reason + again))
    show.table(("state", "mails", "%", "reason"), rows, right=("mails", "%"), empty="")


def _print_domains(title: str, domains: tuple[Domain, ...], made: DeliveryReport, *, slow: bool) -> None:
    if not domains:
        return
    show.heading(title)
    if slow:
        started = made.first_sent
        late = [
            (d.name, f"{d.mails:,}", f"{d.retried:,}", _lasted((d.last_sent - started).total_seconds()))
            for d in domains
            if d.last_sent and started
        ]
        columns = ("domain", "mails", "retried", "last after")
        show.table(columns, late, right=columns[1:], empty="")
        return
    rows = [(d.name, f"{d.mails:,}", _trouble(d)) for d in domains]
    show.table(("domain", "mails", "trouble"), rows, right=("mails",), empty="")


def _trouble(d: Domain) -> str:
    counted = {"failed": d.failed, "deferred": d.deferred, "uncertain": d.uncertain, "bounced": d.bounced}
    return ", ".join(f"{number:,} {what}" for what, number in counted.items() if number)


def _lasted(seconds: float) -> str:
    """`4 s`, `12:03 min`, `3:04 h`, `2 days 3:04 h`."""
    if seconds < 60:
        return f"{seconds:.0f} s" if seconds >= 1 or not seconds else "less than a second"
    if seconds < 3600:
        return f"{int(seconds // 60)}:{int(seconds % 60):02} min"
    span = timedelta(seconds=int(seconds))
    hours = f"{span.seconds // 3600}:{span.seconds // 60 % 60:02} h"
    return f"{show.count(span.days, 'day')} {hours}" if span.days else hours


def _say(text: str) -> None:
    show.folded(text, 2)


def _as_json(made: DeliveryReport) -> dict[str, Any]:
    first = made.editions[0]
    return {
        "edition": first.name,
        "zones": [e.zone for e in made.editions],
        "approval": [{"zone": e.zone, **edition_approval.facts(e)} for e in made.editions],
        "mails": made.mails,
        "domains": made.domains,
        "states": {state: made.states.get(state, 0) for state in DeliveryState},
        "bounces": made.back.get("bounce", 0),
        "complaints": made.back.get("complaint", 0),
        "without_mail": dict(made.left_out),
        "first_sent": made.first_sent,
        "last_sent": made.last_sent,
        "half_sent": made.half_sent,
        "most_sent": made.most_sent,
        "rate": round(made.rate, 2) if made.rate is not None else None,
        "tries": {str(n): mails for n, mails in made.tries.items()},
        "reasons": [
            {
                "state": r.state,
                "reason": r.reason,
                "mails": r.mails,
                "next_attempt": r.first if r.state in _WAIT else None,
                "last_attempt": r.last if r.state in _WAIT else None,
            }
            for r in made.reasons
        ],
        "troubled_domains": [_domain_as_json(d) for d in made.troubled],
        "slowest_domains": [_domain_as_json(d) for d in made.slowest],
    }


def _domain_as_json(d: Domain) -> dict[str, Any]:
    return {
        "domain": d.name,
        "mails": d.mails,
        "sent": d.sent,
        "failed": d.failed,
        "deferred": d.deferred,
        "uncertain": d.uncertain,
        "bounced": d.bounced,
        "tries": d.tries,
        "retried": d.retried,
        "last_sent": d.last_sent,
    }
