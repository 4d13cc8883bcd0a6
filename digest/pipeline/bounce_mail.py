"""Mails that came back, from a maildir or one at a time: read, taken in, and moved only when that is durable."""

from __future__ import annotations

import os
import stat
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from digest.audience import tokens
from digest.errors import BadInput, DigestError
from digest.model.report import Report
from digest.pipeline import bounces
from digest.pipeline.bounces import Did, Taken
from digest.pipeline.faults import unexpected
from digest.pipeline.services import Services
from digest.store.chunks import chunks

#: What a mail says: nothing where it is no bounce and no complaint.
Parse = Callable[[bytes], list[Report]]

_MOST_BYTES = 2_000_000  # the copy of our mail behind a report may be large; the report comes first
_AT_ONCE = 20  # mails in one transaction: those who send wait for it
_FAILED = "bounces.failed"  # mails that failed in this process: told once, and tried again by the next one


@dataclass
class IntakeReport:
    """What a look at the mails that came back brought."""

    mails: int = 0
    others: int = 0  # neither bounces nor complaints
    taken: list[Taken] = field(default_factory=list)
    failed: list[DigestError] = field(default_factory=list)  # mails that stay where they are

    @property
    def counts(self) -> Counter[Did]:
        return Counter(one.did for one in self.taken)


def parser(services: Services) -> Parse:
    """Of all that may be a token in a mail, only one that is ours is looked at."""
    from digest.deliver.bounces import parse, token_finder

    finders = [token_finder(services.settings.mail.bounces), token_finder()]  # they may have been set otherwise before
    secret = services.home.secret()

    def ours(text: str) -> str:
        found = (find(text) for find in finders)
        return next((token for token in found if token and tokens.bounced_delivery(secret, token) is not None), "")

    return lambda data: parse(data, ours)


def take_message(services: Services, data: bytes, *, recipient: str = "", parse: Parse | None = None) -> IntakeReport:
    """One mail. `recipient` is whom it was delivered to, where that is not in the mail. Raises what goes wrong."""
    found = (parse or parser(services))(_with_recipient(data, recipient))
    return IntakeReport(1, not found, bounces.take(services, found))


def _with_recipient(data: bytes, recipient: str) -> bytes:
    """A server that pipes a mail may put a line `From …` before it, and the recipient into the environment."""
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    said = "".join(c for c in recipient if c.isprintable())
    return b"Delivered-To: " + said.encode() + b"\n" + data if said else data


def take_maildir(
    services: Services, folder: Path, *, parse: Parse | None = None, stop: threading.Event | None = None
) -> IntakeReport:
    """All new mails of a maildir. What is done moves from `new` to `cur`; what cannot be read stays, and is named.

    Bounces and complaints are marked as seen there, other mails are not: somebody may have answered.
    """
    report, failed = IntakeReport(), services.memory.setdefault(_FAILED, set())
    waiting = [path for path in _new(folder) if str(path) not in failed]
    if waiting and parse is None:
        parse = parser(services)
    for batch in chunks(waiting, _AT_ONCE):
        if parse is None or (stop is not None and stop.is_set()):
            break
        read = list(_read(services, batch, parse, report))
        for path, taken in _taken(services, read, report):
            report.mails += 1
            report.others += not taken
            report.taken += taken
            _move(path, folder, "S" if taken else "", report)
    failed.update(error.where for error in report.failed)
    return report


def take_all(services: Services, stop: threading.Event | None = None) -> IntakeReport:
    """What a pass does: the maildir that the settings name, and refusals that nobody has counted yet."""
    refused = bounces.count_refusals(services)
    name = services.settings.bounces.maildir
    report = take_maildir(services, services.home.path(name), stop=stop) if name else IntakeReport()
    report.taken[:0] = refused
    return report


def _new(folder: Path) -> list[Path]:
    """Oldest first. Raises DigestError for what is no maildir."""
    mend = "bounces.maildir is the folder that has new and cur in it; check its permissions"
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


def _read(
    services: Services, batch: Iterable[Path], parse: Parse, report: IntakeReport
) -> Iterator[tuple[Path, list[Report]]]:
    for path in batch:
        try:
            with path.open("rb") as file:
                data = file.read(_MOST_BYTES)
            yield path, parse(_with_recipient(data, ""))
        except FileNotFoundError:  # another process was quicker
            continue
        except OSError as error:
            report.failed.append(_unreadable(path, "read", error))
        except DigestError as error:
            error.where = str(path)
            report.failed.append(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other mails are taken
            report.failed.append(unexpected(services, error, str(path)))


def _taken(
    services: Services, read: list[tuple[Path, list[Report]]], report: IntakeReport
) -> Iterator[tuple[Path, list[Taken]]]:
    """Durable when it is yielded. One mail that cannot be taken in does not hold up those beside it."""
    if not read:
        return
    try:
        done = iter(bounces.take(services, [one for _, found in read for one in found]))
        yield from [(path, [next(done) for _ in found]) for path, found in read]
    except DigestError:  # the database's trouble: no mail would fare better
        raise
    except Exception as error:  # noqa: BLE001 - as above
        if len(read) == 1:
            report.failed.append(unexpected(services, error, str(read[0][0])))
            return
        for one in read:
            yield from _taken(services, [one], report)


def _move(path: Path, folder: Path, flags: str, report: IntakeReport) -> None:
    """Killed before this, the mail is taken again, and counts once."""
    try:
        path.rename(folder / "cur" / f"{path.name.partition(':2,')[0]}:2,{flags}")
    except FileNotFoundError:
        return
    except OSError as error:
        report.failed.append(_unreadable(path, "moved", error))


def _unreadable(path: Path, what: str, error: OSError) -> BadInput:
    mend = "let the user that runs digest read and move the mails of this folder"
    return BadInput(f"cannot be {what}: {error.strerror or error}", where=str(path), mend=mend)
