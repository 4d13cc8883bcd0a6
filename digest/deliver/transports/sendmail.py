"""A program that takes one message on its standard input: sendmail, as Postfix, Exim, msmtp and others have it.

The program reads from a file without a name, not from a pipe: should we die on the way, a pipe would
end early and the program would send half a message. And how far it has read says whether a program
that died can have sent anything.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, ClassVar

from digest.deliver import headers
from digest.deliver.retry import Stage
from digest.deliver.transports.base import Reply, TransportSettings
from digest.errors import DigestError, TransportError, UsageError

_PLACE = re.compile(r"\{(\w*)\}")
_TOLD = 4096  # octets of what the program says that are looked at

#: Exit codes (sysexits.h), as the SMTP reply that says the same. A stage before the message stands for what
#: every message would meet: the program's fault or the settings'.
_EXITS: dict[int, tuple[int, str, Stage]] = {
    os.EX_USAGE: (501, "5.5.4", Stage.CONNECT),
    os.EX_DATAERR: (554, "5.6.0", Stage.DOT),
    os.EX_NOUSER: (550, "5.1.1", Stage.RCPT),
    os.EX_NOHOST: (550, "5.1.2", Stage.RCPT),
    os.EX_UNAVAILABLE: (451, "4.3.2", Stage.CONNECT),
    os.EX_TEMPFAIL: (451, "4.3.0", Stage.DOT),
    os.EX_NOPERM: (550, "5.7.1", Stage.MAIL),
    os.EX_CONFIG: (451, "4.3.5", Stage.CONNECT),
}
_OTHER_EXIT = (451, "4.3.0", Stage.CONNECT)


def check_command(command: Sequence[str]) -> None:
    """Whether it can be the template of a command. Raises UsageError."""
    mend = 'like ["/usr/sbin/sendmail", "-i", "-f", "{sender}", "--", "{recipient}"]'
    if not command or not command[0]:
        raise UsageError("it names no program", mend=mend)
    places = {name for part in command for name in _PLACE.findall(part)}
    if "recipient" not in places or places - {"sender", "recipient"} or _PLACE.search(command[0]):
        raise UsageError("it needs {recipient} and may have {sender} behind the program", mend=mend)


class SendmailTransport:
    """Entry point `sendmail`."""

    name: ClassVar[str] = "sendmail"

    def __init__(self, settings: TransportSettings) -> None:
        self._command, self._timeout = tuple(settings.command), settings.command_timeout

    def open(self) -> SendmailConnection:
        mend = "check [sendmail] command in digest.toml"
        try:
            check_command(self._command)
        except UsageError as error:
            raise TransportError(error.what, where="sendmail.command", mend=error.mend) from None
        if shutil.which(self._command[0]) is None:
            raise TransportError("there is no such program", where=self._command[0], mend=mend)
        return SendmailConnection(self._command, self._timeout)


class SendmailConnection:
    """One process for each message."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self._command, self._timeout = command, timeout
        self._arguments: list[bytes] | None = None

    def begin(self, sender: str, recipient: str) -> Reply:
        self._arguments = None
        try:
            places = {"sender": headers.wire_address(sender), "recipient": headers.wire_address(recipient)}
        except DigestError as error:
            return Reply(553, error.what, Stage.RCPT, "5.1.3")
        if places["recipient"].startswith("-") and not _is_guarded(self._command):
            text = "it would be taken for an option: put '--' before {recipient} in [sendmail] command"
            return Reply(553, text, Stage.RCPT, "5.1.3")
        self._arguments = [_filled(part, places).encode() for part in self._command]
        return Reply(250, f"{sender} to {recipient}", Stage.RCPT)

    def send(self, message: bytes) -> Reply:
        arguments, self._arguments = self._arguments, None
        if arguments is None:
            return Reply(503, "no message was announced", Stage.DATA, "5.5.1")
        data = message.replace(b"\r\n", b"\n")
        try:
            with tempfile.TemporaryFile() as text, tempfile.TemporaryFile() as said:
                text.write(data)
                text.flush()
                text.seek(0)
                ended = _run(arguments, text, said, self._timeout)
        except OSError as error:
            # Nothing ran: no space for the message, or no process to be had.
            return Reply(451, error.strerror or str(error), Stage.CONNECT, "4.3.0")
        return _reply(ended, len(data))

    def reset(self) -> bool:
        self._arguments = None
        return True

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Ended:
    """What became of a program: `code` None where its time was up."""

    code: int | None
    read: int  # octets of the message
    said: str


def _filled(part: str, places: dict[str, str]) -> str:
    """In one go: an address that holds a placeholder is no template."""
    return _PLACE.sub(lambda found: places[found[1]], part)


def _is_guarded(command: Sequence[str]) -> bool:
    at = next(n for n, part in enumerate(command) if "{recipient}" in part)
    return "--" in command[:at] or not command[at].startswith("{recipient}")


def _run(arguments: Sequence[bytes], text: IO[bytes], said: IO[bytes], timeout: float) -> _Ended:
    # A file for what it says: a pipe would be held open by whatever the program leaves running.
    process = subprocess.Popen(  # noqa: S603 - the operator's own command, and no shell
        arguments, stdin=text, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True, env=_environment()
    )
    try:
        code: int | None = process.wait(timeout)
    except subprocess.TimeoutExpired:
        _kill(process)
        code = None
    except BaseException:
        _kill(process)
        raise
    # The program shares our place in the file: where it stands is how far it has read.
    return _Ended(code, os.lseek(text.fileno(), 0, os.SEEK_CUR), _last_line(said))


def _environment() -> dict[str, str]:
    """Ours without our settings, among which are secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(said: IO[bytes]) -> str:
    try:
        end = said.seek(0, os.SEEK_END)
        said.seek(max(end - _TOLD, 0))
        lines = said.read().decode("utf-8", "replace").split("\n")
    except OSError:  # the program has run: what it said must not decide what became of the message
        return ""
    return next((text for line in reversed(lines) if (text := headers.clean(line))), "")


def _reply(ended: _Ended, size: int) -> Reply:
    """What the end of the program means for the message."""
    whole = ended.read >= size
    if ended.code is None or ended.code < 0:
        how = "its time was up" if ended.code is None else f"it was ended by signal {-ended.code}"
        text = f"the program gave no answer: {how}" + (f"; it said: {ended.said}" if ended.said else "")
        return Reply(0, text, Stage.DOT if whole else Stage.DATA, ambiguous=whole)
    if ended.code == os.EX_OK and whole:
        return Reply(250, ended.said or "taken by the program", Stage.DOT, "2.0.0")
    if ended.code == os.EX_OK:
        text = f"the program ended well, but read only {ended.read} of {size} octets"
        return Reply(451, text, Stage.CONNECT, "4.3.0")
    code, enhanced, stage = _EXITS.get(ended.code, _OTHER_EXIT)
    return Reply(code, ended.said or f"the program ended with exit code {ended.code}", stage, enhanced)
