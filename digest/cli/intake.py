"""What `bounce take` and `command take` do: both take whatever comes, since both may come to one mailbox."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from digest.pipeline.bounces import Taken
    from digest.pipeline.inbox import IntakeReport

_AGAIN = getattr(os, "EX_TEMPFAIL", 75)  # sysexits.h: the mail server keeps the mail and tries again
_MOST_BYTES = 50_000_000  # of a mail on standard input; mail servers take less
_WORDS = {
    "noted": "noted",
    "known": "known already",
    "unproven": "unproven (nothing was changed)",
    "left": "left for a person (digest command list)",
}


def take_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """From where mails are taken."""
    for option in (
        show.as_json_option,
        click.option(
            "--recipient", default="", metavar="ADDRESS", help="Whom the mail on standard input was delivered to."
        ),
        click.option(
            "--maildir", default="", metavar="FOLDER", help="All new mails of a maildir; those done move to cur."
        ),
        click.argument("files", nargs=-1, metavar="[FILE…|-]"),
    ):
        command = option(command)
    return command


def take(ctx: click.Context, files: tuple[str, ...], maildir: str, recipient: str, *, as_json: bool) -> int:
    from digest.errors import UsageError

    if bool(files) == bool(maildir) or (recipient and files != ("-",)):
        mend = "give files, - for standard input (with --recipient, perhaps), or --maildir FOLDER"
        raise UsageError("what is to be taken was not said", mend=mend)
    report = _piped(ctx, recipient) if files == ("-",) else _taken(ctx, files, maildir)
    if report is None:
        return _AGAIN
    if as_json:
        show.print_json(_counts(report))
    else:
        for line in lines(report):
            click.echo(line)
    complain(report)
    return 1 if report.failed else 0


def _piped(ctx: click.Context, recipient: str) -> IntakeReport | None:
    """None where whoever pipes it to us must keep the mail: whatever went wrong, it must not be lost."""
    from digest.cli.main import say
    from digest.pipeline import left
    from digest.pipeline.faults import unexpected

    services = None
    try:
        services = context.open_services(ctx)
        return left.take_piped(services, _standard_input(), recipient=recipient)
    except DigestError as error:
        say(str(error))
    except Exception as error:  # noqa: BLE001 - as above
        told = unexpected(services, error, "standard input") if services else f"{type(error).__name__}: {error}"
        say(str(told))
    return None


def _taken(ctx: click.Context, files: tuple[str, ...], maildir: str) -> IntakeReport:
    from digest.errors import BadInput
    from digest.pipeline import inbox

    services = context.open_services(ctx)
    if maildir:
        return inbox.take_maildir(services, Path(maildir).expanduser())
    report = inbox.IntakeReport()
    for file in files:
        try:
            data = _standard_input() if file == "-" else inbox.beginning(Path(file))
        except OSError as error:
            report.failed.append(BadInput(f"cannot be read: {error.strerror or error}", where=file))
            continue
        report.add(inbox.take_message(services, data))
    return report


def _standard_input() -> bytes:
    """One mail. What is beyond the limit is read and dropped: who writes to us must not be left with a broken pipe."""
    data = sys.stdin.buffer.read(_MOST_BYTES)
    while sys.stdin.buffer.read(1_000_000):
        pass
    return data


def lines(report: IntakeReport) -> list[str]:
    """What was taken in, and what it did to whom."""
    return [_sentence(report), *consequences(report.taken), *_done(report), *_left(report)]


def told_in_a_pass(report: IntakeReport) -> list[str]:
    """The same in a pass, which counts refusals as well; of mails for a person, how many."""
    found = []
    others = f"{report.others:,} other mails" if report.others > 1 else "1 other mail" if report.others else ""
    if report.taken or others:
        found += [f"Came back: {', '.join(filter(None, (told(report.taken), others)))}.", *consequences(report.taken)]
    if report.commands:
        found += [f"Commands by mail: {_counted(report.commands)}.", *_done(report)]
    return found


def _sentence(report: IntakeReport) -> str:
    if not report.mails:
        return "No new mails."
    mails = show.count(report.mails, "mail")
    if report.others == report.mails:
        return f"{mails}: no bounce and no command, nothing was changed."
    others = f"{report.others:,} of other kinds" if report.others else ""
    return f"{mails}: {', '.join(filter(None, (told(report.taken), _by_mail(report), others)))}."


def _by_mail(report: IntakeReport) -> str:
    """With a word that tells them from what complaints do."""
    found = _counted(report.commands)
    return f"by command {found}" if found and report.taken else found


def told(taken: Iterable[Taken]) -> str:
    """`2 counted, 1 suppressed, 1 known already`."""
    from collections import Counter

    found = Counter(str(one.did) for one in taken)
    order = ("suppressed", "unsubscribed", "counted", "noted", "unproven", "known")
    return ", ".join(f"{found[name]:,} {_WORDS.get(name, name)}" for name in order if found[name])


def _counted(found: Mapping[str, int]) -> str:
    order = sorted(found, key=lambda did: (did in ("known", "left"), did == "left", did))
    return ", ".join(f"{found[did]:,} {_WORDS.get(did, did)}" for did in order)


def consequences(taken: Iterable[Taken]) -> list[str]:
    """Who gets no more mail, and why: a line each."""
    return [f"  {one.subscriber}: {one.effect}" for one in taken if one.did in ("suppressed", "unsubscribed")]


def _done(report: IntakeReport) -> list[str]:
    return [f"  {one.subscriber}: {one.effect}" for one in report.done if one.did in report.commands and one.subscriber]


def _left(report: IntakeReport) -> list[str]:
    return [f"  left for a person: {one.why}" for one in report.done if one.did == "left"]


def complain(report: IntakeReport) -> None:
    """Mails that stay where they are, a line each."""
    from digest.cli.main import say, say_error

    for error in report.failed[:20]:
        say_error(error)
    if len(report.failed) > 20:
        say(f"… and {len(report.failed) - 20:,} more")


def _counts(report: IntakeReport) -> dict[str, Any]:
    from digest.pipeline.bounces import Did

    counts = {str(did): report.counts[did] for did in Did}
    whole = {"mails": report.mails, "others": report.others, "failed": len(report.failed)}
    return {**whole, "reports": counts, "commands": dict(report.commands)}
