"""The standard library by itself: an EmailMessage for each reader, over kept connections; signed by dkimpy or not."""

from __future__ import annotations

import json
import smtplib
import sys
import threading
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

port, count, connections, file, key = sys.argv[1:6]
bodies = json.loads(Path(file).read_text())
private = Path(key).read_bytes() if key else b""


def message(number: int) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"] = "News <news@example.com>"
    made["To"] = f"Reader {number} <reader{number}@example.org>"
    made["Subject"] = "The bridge opens"
    made["Message-ID"] = f"<{number}@example.com>"
    made.set_content(bodies["text"].replace("{reader}", f"reader{number}@example.org"))
    made.add_alternative(bodies["html"].replace("{reader}", f"reader{number}@example.org"), subtype="html")
    raw = made.as_bytes()
    if private:
        import dkim

        raw = dkim.sign(raw, b"bench", b"example.com", private, canonicalize=(b"relaxed", b"simple")) + raw
    return raw


def send(numbers: range) -> None:
    with smtplib.SMTP("127.0.0.1", int(port), "bench.example.com") as server:
        for number in numbers:
            server.sendmail("news@example.com", [f"reader{number}@example.org"], message(number))


lanes = int(connections)
threads = [threading.Thread(target=send, args=(range(n, int(count), lanes),)) for n in range(lanes)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
