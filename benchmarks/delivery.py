"""How fast personal messages of 50 KB leave, signed and with every step on record, beside other programs, in one run.

    python benchmarks/delivery.py [MESSAGES] [--connections N] [--peers FOLDER] [--rounds N] [--postfix]

Postfix's smtp-sink takes the messages on loopback. `digest deliver` is timed as a whole process, from start to end: it
claims, splices, signs (RSA-2048) and writes the ledger durably. smtp-source, Postfix's own generator, sends the same
message over and over and is the measure.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tables import show

from digest import app
from digest.audience import tokens
from digest.deliver import headers, message
from digest.model.splice import SlotNames
from digest.pipeline.signing import keyring
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


def prepare(folder: Path, port: int, count: int, connections: int, *, signed: bool = False) -> None:
    """A home in which `count` deliveries of one edition are planned."""
    app.init(folder, sender="News <news@example.com>", transport="smtp", environ={})
    (folder / "digest.toml").write_text(
        '[mail]\nfrom = "News <news@example.com>"\ntransport = "smtp"\n'
        f'connections = {connections}\n[smtp]\nhost = "127.0.0.1"\nport = {port}\nhelo = "bench.example.com"\n'
    )
    services = app.services(folder, {})
    if signed:
        keyring(services.home).make("bench")
        with (folder / "digest.toml").open("a") as file:
            file.write('[dkim]\nselector = "bench"\n')
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


def _mail() -> bytes:
    """What a reader gets, unsigned, with the line ends of a file."""
    values = {"to": "Reader <reader@example.org>", "address": "reader@example.org", "date": headers.date(_NOW)}
    links = {"message_id": "<1@example.com>", "unsubscribe": "https://news.example.com/u/MQ.EhYN3nFbSzp5Sw8mS81ycw"}
    return message.Template(message_of(_BYTES)).splice(values | links).replace(b"\r\n", b"\n")


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


def digest(scratch: Path, port: int, asked: argparse.Namespace, *, signed: bool) -> float:
    """Messages a second of the whole process, from its start to its end."""
    home = Path(tempfile.mkdtemp(dir=scratch))
    prepare(home, port, asked.messages, asked.connections, signed=signed)
    return asked.messages / timed(ours(home))


def peers(scratch: Path, port: int, asked: argparse.Namespace) -> Iterator[tuple[str, Callable[[], float]]]:
    """Other ways to send the same, with what they take. They are slower, so they send fewer."""
    few, lanes = max(200, asked.messages // 10), str(asked.connections)
    bodies, key = scratch / "bodies.json", scratch / "rsa.pem"
    bodies.write_text(json.dumps({"text": "word " * 4000 + "{reader}", "html": "<p>word</p> " * 2200 + "{reader}"}))
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    here = Path(__file__).parent / "mailers"

    def plain(signed: str) -> Callable[[], float]:
        command = [sys.executable, str(here / "plain.py"), str(port), str(few), lanes, str(bodies), signed]
        return lambda: few / timed(command)

    def pooled(signed: list[str]) -> Callable[[], float]:
        command = ["node", str(here / "pooled.mjs"), asked.peers, str(port), str(few), lanes, str(bodies), *signed]
        return lambda: few / timed(command)

    yield "smtplib + EmailMessage", plain("")
    if importlib.util.find_spec("dkim"):
        yield "smtplib + EmailMessage + dkimpy", plain(str(key))
    if asked.peers:
        yield "nodemailer, pooled", pooled([])
        yield "nodemailer, pooled, DKIM", pooled([str(key)])


def once(scratch: Path, port: int, asked: argparse.Namespace) -> Iterator[tuple[str, float]]:
    """One round: each by itself, one after another."""
    yield "smtp-source", asked.messages / timed(source(port, asked.messages, asked.connections))
    yield "digest, signed (RSA and Ed25519)", digest(scratch, port, asked, signed=True)
    yield "digest, unsigned", digest(scratch, port, asked, signed=False)
    if not asked.only_us:
        yield from ((label, run()) for label, run in peers(scratch, port, asked))


def through_postfix(asked: argparse.Namespace) -> Iterator[tuple[str, float]]:
    """What a local Postfix accepts, which hands on to the sink meanwhile."""
    from tests.support import postfix

    for label in ("smtp-source", "digest, signed (RSA and Ed25519)"):
        with (
            sink() as behind,
            postfix.running(behind, {"nobody@example.org": behind}) as relay,
            tempfile.TemporaryDirectory() as name,
        ):
            if label == "smtp-source":
                # The same message as ours, and as we do to a reader of its own each time.
                mail = Path(name) / "mail"
                mail.write_bytes(_mail())
                command = source(relay.port, asked.messages, asked.connections)
                at = command.index("-l")
                yield label, asked.messages / timed([*command[:at], "-N", "-F", str(mail), *command[at + 2 :]])
            else:
                yield label, digest(Path(name), relay.port, asked, signed=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("messages", nargs="?", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--peers", default="", metavar="FOLDER", help="with node_modules/nodemailer in it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-us", action="store_true")
    parser.add_argument("--postfix", action="store_true", help="through a Postfix of our own (as root)")
    asked = parser.parse_args()
    rates: dict[str, list[float]] = {}
    for _ in range(asked.rounds):
        with sink() as port, tempfile.TemporaryDirectory() as name:
            for label, rate in through_postfix(asked) if asked.postfix else once(Path(name), port, asked):
                rates.setdefault(label, []).append(rate)
    best = statistics.median(rates["smtp-source"])
    rows = [
        (label, f"{statistics.median(found):,.0f}", f"{100 * statistics.median(found) / best:.1f}")
        for label, found in rates.items()
    ]
    show(f"{asked.messages:,} messages of 50 KB over {asked.connections} connections", ("", "a second", "%"), rows)


if __name__ == "__main__":
    main()
