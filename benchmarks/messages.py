"""What one message costs: built once for a variant, spliced for each recipient.

The size in kilobytes may be given: python benchmarks/messages.py 80
"""

from __future__ import annotations

import sys
import time
import timeit

from digest.deliver import message
from digest.model.splice import SlotNames

SLOTS = SlotNames("0123456789abcdef")
FACTS = message.MessageFacts(
    sender_name="Ochtendnieuws",
    sender_address="news@example.org",
    list_name="news",
    list_title="Ochtendnieuws",
    domain="example.org",
    language="nl",
    key="variant",
    feedback=("news", "day", "7"),
    list_help="mailto:news@example.org?subject=help",
)
HTTPS = "https://news.example.org/u/MTIzNDU2Nw.EhYN3nFbSzp5Sw8mS81ycw"
MAILTO = "mailto:news@example.org?subject=unsubscribe%20MTIzNDU2Nw.EhYN3nFbSzp5Sw8mS81ycw"
VALUES = {
    "to": "Jan de Vries <jan.devries@example.net>",
    "message_id": "<edition.abcdefghijklmnopqrstuvwxyz234567@example.org>",
    "date": "Sat, 24 May 2025 05:00:00 +0000",
    "address": "jan.devries@example.net",
}
LINKS = {"one-click link": {"unsubscribe": HTTPS, "mailto": MAILTO}, "mailbox alone": {"unsubscribe": MAILTO}}
_LINE = "Een regel over het weer aan zee, met één streepje, die zo lang is als regels zijn.\n"


def stored(kilobytes: int) -> bytes:
    """A variant of about this size, a fifth of it plain text."""
    lines = kilobytes * 1000 // len(_LINE.encode())
    address, unsubscribe = SLOTS.marker("address"), SLOTS.marker("unsubscribe")
    text = _LINE * (lines // 5) + f"{address}\n{unsubscribe}\n"
    html = f"<p>{_LINE}</p>" * (lines * 3 // 4) + f'<a href="\n{unsubscribe}\n">uit</a>\n{address}\n'
    return message.build(subject="Nieuws van zaterdag", text=text, html=html, slots=SLOTS, facts=FACTS)


def best(call: object, times: int) -> float:
    """Microseconds of computing, of twenty rounds the quickest: what else the machine does disturbs it little."""
    rounds = timeit.repeat(call, timer=time.process_time, number=times, repeat=20)  # type: ignore[call-overload]
    return float(min(rounds)) / times * 1e6


def main(kilobytes: int) -> None:
    raw = stored(kilobytes)
    template = message.Template(raw)
    size = len(template.splice({**VALUES, **LINKS["one-click link"]}))
    print(f"a message of {size:,} bytes")
    print(f"{'build, once for a variant':<32}{best(lambda: stored(kilobytes), 10):>10.1f} us")
    print(f"{'take apart, once for a variant':<32}{best(lambda: message.Template(raw), 200):>10.1f} us")
    for name, links in LINKS.items():
        values = {**VALUES, **links}
        print(f"{'splice, ' + name:<32}{best(lambda given=values: template.splice(given), 1000):>10.1f} us")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
