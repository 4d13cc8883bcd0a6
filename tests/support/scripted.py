"""A small SMTP server that answers one stage as it is told."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from digest.deliver.retry import Stage

#: Not an answer: what the server does instead of one.
RESET, SILENCE = "(the connection is closed)", "(no answer)"


class Scripted:
    """`answer` is given to `stage`, so many times; then it goes on as usual. With `pipelining` it offers that.

    `generous`: it says 354 even where it has refused the recipient. `taken` holds the texts up to their dots, as they
    came.
    """

    def __init__(
        self,
        stage: Stage | None,
        answer: str,
        times: int = 1,
        *,
        pipelining: bool = False,
        generous: bool = False,
        silence: float = 1.0,
    ) -> None:
        self.stage, self.answer, self.times = stage, answer, times
        self.pipelining, self.generous, self.silence = pipelining, generous, silence
        self.taken: list[bytes] = []
        self.commands: list[bytes] = []
        self.most_together = 0  # commands that came in one go
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        # shutdown wakes the accept that close alone would leave waiting
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in list(self._threads):
            thread.join(5)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self._threads.append(threading.Thread(target=self._serve, args=(client,), daemon=True))
                self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, StopIteration), client:
            _Session(self, client).run()

    def says(self, stage: Stage | None, usual: str, client: socket.socket) -> str:
        """What it answers. StopIteration: nothing more."""
        if stage is None or stage is not self.stage or self.times <= 0:
            return usual
        self.times -= 1
        if self.answer == SILENCE:
            time.sleep(self.silence)
        if self.answer in (SILENCE, RESET):
            client.shutdown(socket.SHUT_RDWR)
            raise StopIteration
        return self.answer


class _Session:
    def __init__(self, server: Scripted, client: socket.socket) -> None:
        self._server, self._client = server, client
        self._buffer = b""
        self._ready = False  # a recipient was taken

    def run(self) -> None:
        self._say(Stage.CONNECT, "220 scripted")
        while line := self._line():
            self._server.commands.append(line)
            self._server.most_together = max(self._server.most_together, 1 + self._buffer.count(b"\n"))
            if self._do(line[:4].upper()):
                return

    def _line(self) -> bytes:
        """Empty at the end."""
        while b"\n" not in self._buffer:
            if not (more := self._client.recv(65536)):
                return b""
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line + b"\n"

    def _do(self, verb: bytes) -> bool:
        if verb == b"DATA":
            self._data()
        elif verb == b"EHLO":
            self._say(Stage.EHLO, "250-scripted\r\n250 PIPELINING" if self._server.pipelining else "250 scripted")
        elif verb in (b"MAIL", b"RCPT"):
            said = self._say(Stage.MAIL if verb == b"MAIL" else Stage.RCPT, "250 2.1.0 fine")
            self._ready = said.startswith("250")
            return said.startswith("421")
        elif verb == b"QUIT":
            self._say(None, "221 bye")
            return True
        else:
            self._ready = False
            self._say(None, "250 fine")
        return False

    def _data(self) -> None:
        if not self._ready and not self._server.generous:
            self._say(None, "503 5.5.1 no valid recipients")
            return
        said = self._say(Stage.DATA, "354 go on")
        if said.startswith("421"):
            raise StopIteration
        if not said.startswith("354"):
            return
        lines = []
        while (line := self._line()) != b".\r\n":
            if not line:
                raise StopIteration  # it hung up in the middle of its text
            lines.append(line)
        self._server.taken.append(b"".join(lines))
        if self._say(Stage.DOT, "250 2.0.0 ok").startswith("421"):
            raise StopIteration

    def _say(self, stage: Stage | None, usual: str) -> str:
        said = self._server.says(stage, usual, self._client)
        self._client.sendall(said.encode() + b"\r\n")
        return said
