"""`digest serve --web` as a process of its own, behind TLS, with an SMTP server for its mails; the house at hand."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import TypeVar

from digest import app
from digest.deliver.testing import FakeTransport
from tests.support import sink, tls
from tests.support.desk import text_of
from tests.support.home import Clock, House, publication, publish_now, take_in, token

T = TypeVar("T")
_SECONDS = 60.0


class _Now(Clock):
    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Living:
    url: str
    house: House
    relay: sink.Sink
    log: Path
    process: subprocess.Popen[bytes]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def mails(self, address: str) -> list[EmailMessage]:
        """What has come, in no order."""
        found = [each.message for each in self.relay.received() if each.recipient == address]
        # The sink writes while it receives: a mail of ours is whole with the last line of its last part.
        whole = [message for message in found if message.rstrip().endswith(b"--")]
        return [message_from_bytes(message, policy=policy.default) for message in whole]

    def mailed(self, address: str, saying: str) -> EmailMessage:
        """The mail with these words, as soon as it is there."""
        return self._until(lambda: [mail for mail in self.mails(address) if saying in text_of(mail)])[0]

    def edition(self) -> str:
        """Cut one with a new article, which the process then sends; what stands in the article's title."""
        number = next(self.numbers)
        take_in(self.house, number)
        publish_now(self.house)
        return token(number)

    def _until(self, what: Callable[[], T]) -> T:
        give_up = time.monotonic() + _SECONDS
        while not (found := what()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < give_up, self.log.read_text()
            time.sleep(0.05)
        return found


@contextmanager
def living(folder: Path, template: Path) -> Iterator[Living]:
    """With a publication `news` that is open, whose own slots are hours away: a test cuts its editions itself."""
    port = sink.free_port()
    with sink.running() as relay, tls.before(port) as secure:
        url = f"https://127.0.0.1:{secure}"  # without TLS a mail promises no one-click (RFC 8058)
        settings = {
            "DIGEST_WEB_URL": url, "DIGEST_WEB_PORT": str(port), "DIGEST_SCHEDULE_TICK_SECONDS": "1",
            "DIGEST_MAIL_TRANSPORT": "smtp", "DIGEST_SMTP_HOST": "127.0.0.1", "DIGEST_SMTP_PORT": str(relay.port),
        }  # fmt: skip
        shutil.copytree(template, folder, dirs_exist_ok=True)
        services = app.services(folder, settings)
        house, log = House(services, _Now(), FakeTransport()), folder / "serve.log"
        slot = datetime.now(UTC) + timedelta(hours=6)
        publication(house, title="The Morning", at=f"{slot:%H:%M}", zone="UTC", language="en", sign_up="open")
        command = [sys.executable, "-m", "digest", "--home", str(folder), "serve", "--web"]
        with log.open("wb") as said:
            process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **settings})
        made = Living(url, house, relay, log, process)
        try:
            made._until(lambda: "Serving" in log.read_text())
            yield made
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0, log.read_text()
        finally:
            process.kill()
            process.wait()
            services.database.close()
