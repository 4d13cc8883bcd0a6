"""An operator's desk: the command line in this process, a home of its own, a clock to move."""

from __future__ import annotations

import email
import email.policy
import io
import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest import app
from tests.support.home import Clock, token, word
from tests.unit.cli.running import Runner


@dataclass(frozen=True, slots=True)
class Desk(Runner):
    """Mails leave into a mail folder, one for each address."""

    clock: Clock
    monkeypatch: pytest.MonkeyPatch

    def typed(self, text: str | bytes) -> None:
        """What the next command reads on standard input."""
        data = text if isinstance(text, bytes) else text.encode()
        self.monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))

    def news(self, *numbers: int, topic: str = "", source: str = "wire") -> None:
        """Articles that are like no other one, taken in and grouped; `token(number)` stands in the title."""
        self.typed("\n".join(json.dumps(article(n, self.clock(), topic)) for n in numbers))
        self.well("ingest", "-", "--source", source)
        self.well("group")

    def mails(self, address: str = "*") -> list[EmailMessage]:
        found = sorted((self.home / "maildir").glob(f"{address}/new/*"))
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in found]

    def states(self) -> list[tuple[str, str]]:
        """Who was to get what, and where it stands."""
        return [(d["subscriber"], d["state"]) for d in self.well("delivery", "list", "--json").json]


def set_up(folder: Path, template: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    shutil.copytree(template, folder)
    clock = Clock()
    monkeypatch.setattr(app, "clock", clock)
    return Desk(folder, capsys, clock, monkeypatch)


def article(number: int, now: datetime, topic: str = "") -> dict[str, str]:
    """A line of JSON Lines."""
    words = [word(number * 37 + n).capitalize() for n in range(8)]
    return {
        "id": str(number),
        "date": now.isoformat(),
        "title": f"{words[0]} {words[1]} {token(number)}",
        "text": f"The {words[0]} of {words[1]} was opened by {words[2]} {words[3]} in front of many guests. "
        f"Later {words[4]} {words[5]} wrote to {words[6]} that the {words[7]} would follow.",
        "lang": "en",
    } | ({"topic": topic} if topic else {})


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
