"""Every built-in transport with a medium behind it that can be looked into, for one suite over all."""

from __future__ import annotations

import contextlib
import io
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from digest.deliver.transports.base import Transport, TransportSettings
from digest.deliver.transports.console import ConsoleTransport
from digest.deliver.transports.eml import EmlTransport
from digest.deliver.transports.maildir import MaildirTransport
from digest.deliver.transports.sendmail import SendmailTransport
from digest.deliver.transports.smtp import SmtpTransport

SENDER = "bounces+abc@example.com"
#: To these the media that can refuse a recipient say no.
NOBODY, LATER = "nobody@example.org", "later@example.org"

#: A program in sendmail's place: keeps what it read under the recipient's name, with its sender.
PROGRAM = r"""
import os, sys, tempfile
folder, sender, recipient = sys.argv[1:]
text = sys.stdin.buffer.read()
if recipient.startswith("nobody@"):
    sys.exit(print("warming up\nno such user here", file=sys.stderr) or 67)
if recipient.startswith("later@"):
    sys.exit(print("try again in a while", file=sys.stderr) or 75)
handle, _ = tempfile.mkstemp(prefix=recipient + "=", dir=folder)
os.write(handle, sender.encode() + b"\n" + text)
"""


@dataclass
class Medium:
    """What a transport writes to. `arrived` are pairs of recipient and message."""

    transport: Transport
    arrived: Callable[[], list[tuple[str, bytes]]]
    keeps: Callable[[bytes], bytes] = lambda message: (
        message
    )  # what becomes of a message's bytes by the medium's own form
    knows_repeats: bool = False  # the same message again is no second one
    refuses: bool = False  # it can say no to a recipient
    break_down: Callable[[], None] = lambda: None  # take the medium away


def _lf(message: bytes) -> bytes:
    return message.replace(b"\r\n", b"\n")


@contextlib.contextmanager
def maildir(folder: Path) -> Iterator[Medium]:
    root = folder / "mail" / "dir"

    def arrived() -> list[tuple[str, bytes]]:
        return [(path.parts[-3], path.read_bytes()) for path in sorted(root.glob("*/new/*"))]

    yield Medium(MaildirTransport(TransportSettings(folder=root)), arrived, _lf, knows_repeats=True)


@contextlib.contextmanager
def eml(folder: Path) -> Iterator[Medium]:
    root = folder / "mail" / "eml"

    def arrived() -> list[tuple[str, bytes]]:
        files = sorted(root.glob("*.eml"))
        return [(re.sub(r"\.[0-9a-f]{24}\.eml$", "", path.name), path.read_bytes()) for path in files]

    yield Medium(EmlTransport(TransportSettings(eml_folder=root)), arrived, knows_repeats=True)


@contextlib.contextmanager
def console(folder: Path) -> Iterator[Medium]:
    """On a file, which can fill up as a pipe's reader can go away."""
    with (folder / "out").open("w", encoding="utf-8") as out:

        def arrived() -> list[tuple[str, bytes]]:
            printed = (folder / "out").read_text(encoding="utf-8").split("=" * 78 + "\n")[1:]
            return [(found[1], text.encode()) for text in printed if (found := re.search(r"^To: (.*)$", text, re.M))]

        yield Medium(ConsoleTransport(TransportSettings(), out), arrived)
        with contextlib.suppress(OSError, io.UnsupportedOperation):
            out.flush()


@contextlib.contextmanager
def sendmail(folder: Path) -> Iterator[Medium]:
    root = folder / "sent"
    root.mkdir()
    program = folder / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = (sys.executable, "-ISX", "utf8", str(program), str(root), "{sender}", "{recipient}")

    def arrived() -> list[tuple[str, bytes]]:
        return [(p.name.partition("=")[0], p.read_bytes().partition(b"\n")[2]) for p in sorted(root.iterdir())]

    settings = TransportSettings(command=command, command_timeout=20)
    yield Medium(SendmailTransport(settings), arrived, _lf, refuses=True, break_down=program.unlink)


class _Keeper:
    def __init__(self) -> None:
        self.mails: list[Envelope] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if address == NOBODY:
            return "550 5.1.1 no such user here"
        if address == LATER:
            return "451 4.3.0 try again in a while"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 go on"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope)
        return "250 2.0.0 kept"


@contextlib.contextmanager
def smtp(_folder: Path) -> Iterator[Medium]:
    keeper = _Keeper()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    controller = Controller(keeper, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    stopped: list[bool] = []

    def stop() -> None:
        if not stopped:
            stopped.append(True)
            controller.stop()

    def arrived() -> list[tuple[str, bytes]]:
        return [(mail.rcpt_tos[0], bytes(mail.original_content or b"")) for mail in keeper.mails]

    settings = TransportSettings(host="127.0.0.1", port=port, timeout=10, helo="client.example.org")
    try:
        yield Medium(SmtpTransport(settings), arrived, refuses=True, break_down=stop)
    finally:
        stop()


MEDIA: dict[str, Callable[[Path], AbstractContextManager[Medium]]] = {
    "smtp": smtp, "maildir": maildir, "eml": eml, "console": console, "sendmail": sendmail,
}  # fmt: skip
