"""A name server on loopback that knows a few TXT records."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

#: Name without the dot at its end -> its TXT records, each as zone file text.
Records = dict[str, list[str]]


class NameServer:
    """Answers over UDP from `records`, which a test may change; `rcode` makes every answer an error, `mute` none."""

    def __init__(self, records: Records, port: int = 0) -> None:
        self.records = records
        self.rcode: dns.rcode.Rcode | None = None
        self.mute = False
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> NameServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as last:
            last.sendto(b"", ("127.0.0.1", self.port))  # wakes the thread, and ends it
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            question, asker = self._socket.recvfrom(4096)
            if not question:
                return
            if not self.mute:
                self._socket.sendto(self._answer(dns.message.from_wire(question)), asker)

    def _answer(self, query: dns.message.Message) -> bytes:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        asked = query.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if self.rcode is not None:
            response.set_rcode(self.rcode)
        elif name not in self.records:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif asked.rdtype == dns.rdatatype.TXT and self.records[name]:
            response.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", "TXT", self.records[name]))
        return response.to_wire(max_size=65535)


@contextlib.contextmanager
def serving(records: Records, port: int = 0) -> Iterator[NameServer]:
    with NameServer(records, port) as server:
        yield server
