"""How fast personal messages of 50 KB leave, signed and with every step on record, beside other programs, in one run.

    python benchmarks/delivery.py [MESSAGES] [--connections N] [--peers FOLDER] [--rounds N]

Postfix's smtp-sink takes the messages on loopback. `digest deliver` is timed as a whole process, from start to end: it
claims, splices, signs (RSA-2048) and writes the ledger durably. smtp-source, Postfix's own generator, sends the same
message over and over and is the measure.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from digest import app
from digest.audience import tokens
from digest.deliver import headers, message
from digest.model.splice import SlotNames
from digest.store import tables as t

_BYTES = 51_200
_WORDS = ("harbour", "council", "of", "the", "and", "bridge", "opened", "after", "years", "Genua", "Köln", "said")
_NOW = datetime.now(UTC).replace(microsecond=0)


def message_of(size: int) -> bytes:
    """A variant's message as the pipeline stores it, of about `size` bytes when it is sent."""
    chance = random.Random(5)
    slots = SlotNames("0123456789abcdef")

    def words(number: int) -> str:
        return " ".join(chance.choice(_WORDS) for _ in range(number))

    paragraphs = [words(60) for _ in range(round(size / 845))]
    text = "\n\n".join(paragraphs) + f"\n\n{slots.marker('unsubscribe')}\n{slots.marker('address')}\n"
    html = "<html><body>" + "".join(f"<p style='margin:0 0 12px;color:#222'>{p}</p>\n" for p in paragraphs)
    html += f'<a href="\n{slots.marker("unsubscribe")}\n">Unsubscribe</a>\n{slots.marker("address")}\n</body></html>'
    facts = message.MessageFacts(
        sender_name="News", sender_address="news@example.com", list_name="news", list_title="News",
        domain="example.com", language="en", key="bench", feedback=("news", "day", "1"),
    )  # fmt: skip
    return message.build(subject="The bridge opens", text=text, html=html, slots=slots, facts=facts)


def prepare(folder: Path, port: int, count: int, connections: int) -> None:
    """A home in which `count` deliveries of one edition are planned."""
    app.init(folder, sender="News <news@example.com>", transport="smtp", environ={})
    (folder / "digest.toml").write_text(
        '[mail]\nfrom = "News <news@example.com>"\ntransport = "smtp"\n'
        f'connections = {connections}\n[smtp]\nhost = "127.0.0.1"\nport = {port}\nhelo = "bench.example.com"\n'
    )
    services = app.services(folder, {})
    secret = services.home.secret()
    with services.database.write() as c:
        publication = {
            "id": 1, "name": "news", "title": "News", "zone": "UTC", "language": "en", "late": "late",
            "late_limit_hours": 12.0, "sender": "News <news@example.com>", "look": "paper", "topics": [],
            "sources": [], "languages": [], "max_entries": 30, "max_per_section": 10, "catch_up_days": 14,
            "uncertain": "resend", "paused": False, "removed": False, "created_at": _NOW,
        }  # fmt: skip
        c.execute(sa.insert(t.publication).values(publication))
        c.execute(sa.insert(t.edition_slot).values(id=1, publication_id=1, cadence="day", slot=_NOW, number=1))
        edition = {"id": 1, "slot_id": 1, "zone": "UTC", "kind": "slot", "due": _NOW, "cutoff": 1, "cut_at": _NOW}
        c.execute(sa.insert(t.edition).values(**edition, state="closed", lateness="", missed=0))
        look = {"key": "bench", "look": "paper", "language": "en", "zone": "UTC", "ranges": [[1, 1]], "subject": "x"}
        c.execute(sa.insert(t.variant).values(id=1, edition_id=1, message=message_of(_BYTES), more=0, **look))
        people = range(1, count + 1)
        address = "reader{}@example.org".format
        rows = [
            {"id": n, "email": address(n), "email_key": address(n), "name": f"Reader {n}", "address_state": "ok",
             "address_reason": "", "created_at": _NOW} for n in people
        ]  # fmt: skip
        c.execute(sa.insert(t.subscriber), rows)
        rows = [
            {"id": n, "subscriber_id": n, "publication_id": 1, "cadence": "day", "language": "en", "zone": "UTC",
             "topics": [], "state": "active", "reason": "", "changed_at": _NOW, "activated_at": _NOW,
             "settled_below": 1} for n in people
        ]  # fmt: skip
        c.execute(sa.insert(t.subscription), rows)
        rows = [
            {
                "id": n, "kind": "edition", "key": f"1:{n}", "edition_id": 1, "subscription_id": n, "subscriber_id": n,
                "variant_id": 1, "covers_hi": 1, "state": "planned", "uncertain": "resend", "address": address(n),
                "message_id": tokens.message_id(secret, "edition", f"1:{n}", "example.com"), "date": _NOW,
                "splice": {
                    "to": f"Reader {n} <{address(n)}>", "address": address(n), "date": headers.date(_NOW),
                    "message_id": tokens.message_id(secret, "edition", f"1:{n}", "example.com"),
                    "unsubscribe": f"https://news.example.com/u/{tokens.sign(secret, 'unsubscribe', str(n))}",
                },
                "attempts": 0, "epoch": 0, "owner": "", "was_uncertain": False, "reply": "", "reason": "",
                "planned_at": _NOW, "give_up_at": _NOW + timedelta(days=1),
            } for n in people
        ]  # fmt: skip
        c.execute(sa.insert(t.delivery), rows)
    services.database.close()


@contextlib.contextmanager
def sink() -> Iterator[int]:
    program = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        raise SystemExit("Postfix's smtp-sink is needed")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    process = subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "1024"])
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.05)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def ours(folder: Path) -> list[str]:
    return [sys.executable, "-m", "digest", "--home", str(folder), "deliver"]


def source(port: int, count: int, connections: int) -> list[str]:
    return [
        "/usr/sbin/smtp-source", "-d", "-s", str(connections), "-l", str(_BYTES), "-m", str(count),
        "-f", "news@example.com", "-t", "reader@example.org", f"127.0.0.1:{port}",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("messages", nargs="?", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=1)
    asked = parser.parse_args()
    found: dict[str, list[float]] = {"smtp-source": [], "digest": []}
    for _ in range(asked.rounds):
        with sink() as port, tempfile.TemporaryDirectory() as name:
            found["smtp-source"].append(asked.messages / timed(source(port, asked.messages, asked.connections)))
            prepare(Path(name), port, asked.messages, asked.connections)
            found["digest"].append(asked.messages / timed(ours(Path(name))))
    best = statistics.median(found["smtp-source"])
    for name, rates in found.items():
        rate = statistics.median(rates)
        print(f"{name:<14} {rate:8.0f}/s {100 * rate / best:5.1f} %")


if __name__ == "__main__":
    main()
