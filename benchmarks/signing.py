"""How long a DKIM signature takes: `python benchmarks/signing.py [KILOBYTES]`.

Each message has its own recipient, as in an edition; what they share is shared here too.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from digest.deliver import headers, message
from digest.deliver.dkim_keys import KeyPair
from digest.deliver.sign import Signer
from digest.model.splice import SlotNames

AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
MESSAGES = 1000


class NoKey:
    """Takes the place of the RSA operation, so that what is left is ours."""

    def sign(self, *_: object) -> bytes:
        return b"x" * 256


def messages(kilobytes: int) -> list[bytes]:
    slots = SlotNames("0123456789abcdef")
    facts = message.MessageFacts(
        sender_name="Morning news", sender_address="news@example.org", list_name="morning", list_title="Morning news",
        domain="example.org", language="en", key="variant-1", feedback=("morning", "day", "7"),
    )  # fmt: skip
    half = "Some words of an article. " * (kilobytes * 500 // 26)
    made = message.build(subject="Morning news of 2 March", text=half, html=half, slots=slots, facts=facts)
    template = message.Template(made)
    return [
        template.splice(
            {
                "to": headers.mailbox(f"Reader {number}", f"reader{number}@example.net"),
                "message_id": f"<{number:032x}@example.org>",
                "date": headers.date(AT),
                "address": f"reader{number}@example.net",
                "unsubscribe": f"mailto:stop@example.org?subject=unsubscribe%20{number:040x}",
            }
        )
        for number in range(MESSAGES)
    ]


def microseconds(work: Callable[[bytes], object], all_: Sequence[bytes], threads: int = 1) -> float:
    """For one message, the best of three runs."""

    def run(mine: Sequence[bytes]) -> None:
        for one in mine:
            work(one)

    best = float("inf")
    for _ in range(3):
        workers = [threading.Thread(target=run, args=(all_[n::threads],)) for n in range(threads)]
        start = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        best = min(best, time.perf_counter() - start)
    return best / len(all_) * 1e6


def main() -> None:
    made = messages(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
    pair = KeyPair.make()
    empty = Signer("example.org", "s1", NoKey(), None)  # type: ignore[arg-type]
    alone = Signer("example.org", "s1", pair.rsa, None)
    both = pair.signer("example.org", "s1")
    body = microseconds(lambda one: hashlib.sha256(one).digest(), made)
    ours = microseconds(lambda one: empty.sign(one, AT), made)
    rows = [
        ("all but the RSA operation", ours),
        ("of it the hash of the body", body),
        ("RSA-2048", microseconds(lambda one: alone.sign(one, AT), made)),
        ("RSA-2048 and Ed25519", microseconds(lambda one: both.sign(one, AT), made)),
        ("RSA-2048 and Ed25519, 2 threads", microseconds(lambda one: both.sign(one, AT), made, 2)),
    ]
    print(f"{len(made):,} messages of {len(made[0]):,} bytes\n")
    for name, cost in rows:
        print(f"{name:<42}{cost:8.1f} us {1e6 / cost:10,.0f}/s")


if __name__ == "__main__":
    main()
