"""Mails that come to us, from maildirs or one at a time: bounces, complaints, commands. Whatever mailbox they came to.

Each is read, taken in, and moved only when that is durable.
"""

from __future__ import annotations

import os
import stat
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from digest.audience import tokens
from digest.deliver.commands import CommandMail
from digest.errors import BadInput, DigestError
from digest.model.report import Report
from digest.pipeline import bounces, commands
from digest.pipeline.bounces import Did, Taken
from digest.pipeline.commands import IGNORED, LEFT, Done
from digest.pipeline.faults import unexpected
from digest.pipeline.services import Services
from digest.store.chunks import chunks


@dataclass(frozen=True, slots=True)
class Said:
    """What a mail says: reports, or else a command, perhaps."""

    reports: tuple[Report, ...] = ()
    command: CommandMail | None = None


Parse = Callable[[bytes], Said]

_MOST_BYTES = 2_000_000  # the copy of our mail behind a report may be large; the report comes first
_AT_ONCE = 20  # mails in one transaction: those who send wait for it
_FAILED = "inbox.failed"  # mails that failed in this process: told once, and tried again by the next one


@dataclass
class IntakeReport:
    """What a look at new mails brought."""

    mails: int = 0
    taken: list[Taken] = field(default_factory=list)  # reports of bounces and complaints
    done: list[Done] = field(default_factory=list)  # mails that are none
    failed: list[DigestError] = field(default_factory=list)  # mails that stay where they are

    @property
    def counts(self) -> Counter[Did]:
        return Counter(one.did for one in self.taken)

    @property
    def commands(self) -> Counter[str]:
        """What became of those that ask for something, or that a person has to see."""
        return Counter(one.did for one in self.done if one.did != IGNORED)

    @property
    def others(self) -> int:
        return sum(one.did == IGNORED for one in self.done)

    def add(self, other: IntakeReport) -> None:
        self.mails += other.mails
        self.taken += other.taken
        self.done += other.done
        self.failed += other.failed


@dataclass(frozen=True, slots=True)
class _Outcome:
    taken: tuple[Taken, ...] = ()
    done: tuple[Done, ...] = ()

    @property
    def seen(self) -> bool:
        """Whether nobody need look at the mail any more."""
        return bool(self.taken) or any(one.did not in (LEFT, IGNORED) for one in self.done)


def parser(services: Services) -> Parse:
    """Of all that may be a bounce's token in a mail, only one that is ours is looked at."""
    from digest.deliver import commands as written
    from digest.deliver.bounces import parse, token_finder

    finders = [token_finder(services.settings.mail.bounces), token_finder()]  # they may have been set otherwise before
    secrets = services.home.secrets()

    def ours(text: str) -> str:
        found = (find(text) for find in finders)
        return next((token for token in found if token and tokens.bounced_delivery(secrets, token) is not None), "")

    def said(data: bytes) -> Said:
        reports = tuple(parse(data, ours))
        return Said(reports, None if reports else written.read(data, commands.COMMANDS))

    return said


def take_message(services: Services, data: bytes, *, recipient: str = "", parse: Parse | None = None) -> IntakeReport:
    """One mail. `recipient` is whom it was delivered to, where that is not in the mail. Raises what goes wrong."""
    said = (parse or parser(services))(with_recipient(data, recipient))
    done = [commands.take(services, said.command)] if said.command else []
    return IntakeReport(1, bounces.take(services, said.reports), done)


def with_recipient(data: bytes, recipient: str) -> bytes:
    """A server that pipes a mail may put a line `From …` before it, and the recipient into the environment."""
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    said = "".join(c for c in recipient if c.isprintable())
    return b"Delivered-To: " + said.encode() + b"\n" + data if said else data


def take_maildir(
    services: Services, folder: Path, *, parse: Parse | None = None, stop: threading.Event | None = None, name: str = ""
) -> IntakeReport:
    """All new mails of a maildir. What is done moves from `new` to `cur`; what cannot be read stays, and is named.

    What nobody need look at any more is marked as seen there; other mails are not: somebody may have answered.
    `name` is the setting that the folder stands in.
    """
    report, failed = IntakeReport(), services.memory.setdefault(_FAILED, set())
    waiting = [path for path in _new(folder, name) if str(path) not in failed]
    if waiting and parse is None:
        parse = parser(services)
    for batch in chunks(waiting, _AT_ONCE):
        if parse is None or (stop is not None and stop.is_set()):
            break
        read = list(_read(services, batch, parse, report))
        for path, outcome in _taken(services, read, report):
            report.mails += 1
            report.taken += outcome.taken
            report.done += outcome.done
            _move(path, folder, "S" if outcome.seen else "", report)
    failed.update(error.where for error in report.failed)
    return report


def take_returned(services: Services, stop: threading.Event | None = None) -> IntakeReport:
    """What a pass does: the maildir that `bounces.maildir` names, and refusals that nobody has counted yet."""
    refused = bounces.count_refusals(services)
    report = _take_named(services, "bounces.maildir", services.settings.bounces.maildir, stop)
    report.taken[:0] = refused
    return report


def take_commands(services: Services, stop: threading.Event | None = None) -> IntakeReport:
    """What a pass does: the maildir that `commands.maildir` names, where it is another one."""
    mine, returned = services.settings.commands.maildir, services.settings.bounces.maildir
    if mine and returned and services.home.path(mine).resolve() == services.home.path(returned).resolve():
        return IntakeReport()
    return _take_named(services, "commands.maildir", mine, stop)


def _take_named(services: Services, name: str, folder: str, stop: threading.Event | None) -> IntakeReport:
    return take_maildir(services, services.home.path(folder), stop=stop, name=name) if folder else IntakeReport()


def _new(folder: Path, name: str) -> list[Path]:
    """Oldest first. Raises DigestError for what is no maildir."""
    mend = f"{name or 'a maildir'} is the folder that has new and cur in it; check its permissions"
    try:
        if not (folder / "cur").is_dir():
            raise BadInput("is not a maildir", where=str(folder), mend=mend)
        found = [(entry, entry.stat(follow_symlinks=False)) for entry in os.scandir(folder / "new")]
    except FileNotFoundError:
        raise BadInput("is not a maildir", where=str(folder), mend=mend) from None
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror or error}", where=str(folder), mend=mend) from None
    mails = [(e, s) for e, s in found if stat.S_ISREG(s.st_mode) and not e.name.startswith(".")]
    return [Path(e.path) for e, s in sorted(mails, key=lambda both: (both[1].st_mtime_ns, both[0].name))]


def _read(services: Services, batch: Iterable[Path], parse: Parse, report: IntakeReport) -> Iterator[tuple[Path, Said]]:
    for path in batch:
        try:
            yield path, parse(with_recipient(beginning(path), ""))
        except FileNotFoundError:  # another process was quicker
            continue
        except OSError as error:
            report.failed.append(unreadable(path, "read", error))
        except DigestError as error:
            error.where = str(path)
            report.failed.append(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other mails are taken
            report.failed.append(unexpected(services, error, str(path)))


def beginning(path: Path) -> bytes:
    """As much of a mail as is looked at."""
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _taken(services: Services, read: list[tuple[Path, Said]], report: IntakeReport) -> Iterator[tuple[Path, _Outcome]]:
    """Durable when it is yielded. One mail that cannot be taken in does not hold up those beside it."""
    yield from _returned(services, [(path, said) for path, said in read if said.command is None], report)
    for path, said in read:
        if said.command is None:
            continue
        try:
            done = commands.take(services, said.command)
        except DigestError:  # the database's trouble: no mail would fare better
            raise
        except Exception as error:  # noqa: BLE001 - as above
            report.failed.append(unexpected(services, error, str(path)))
        else:
            yield path, _Outcome(done=(done,))


def _returned(
    services: Services, read: list[tuple[Path, Said]], report: IntakeReport
) -> Iterator[tuple[Path, _Outcome]]:
    if not read:
        return
    try:
        taken = iter(bounces.take(services, [one for _, said in read for one in said.reports]))
        yield from [(path, _Outcome(tuple(next(taken) for _ in said.reports))) for path, said in read]
    except DigestError:  # as above
        raise
    except Exception as error:  # noqa: BLE001 - as above
        if len(read) == 1:
            report.failed.append(unexpected(services, error, str(read[0][0])))
            return
        for one in read:
            yield from _returned(services, [one], report)


def _move(path: Path, folder: Path, flags: str, report: IntakeReport) -> None:
    """Killed before this, the mail is taken again, and counts once."""
    try:
        path.rename(folder / "cur" / f"{path.name.partition(':2,')[0]}:2,{flags}")
    except FileNotFoundError:
        return
    except OSError as error:
        report.failed.append(unreadable(path, "moved", error))


def unreadable(path: Path, what: str, error: OSError) -> BadInput:
    mend = "let the user that runs digest read and move the mails of this folder"
    return BadInput(f"cannot be {what}: {error.strerror or error}", where=str(path), mend=mend)
