"""A proxy that speaks TLS before a program that does not, as one stands before the web part."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

#: With its key; nobody vouches for it.
CERTIFICATE = Path(__file__).with_name("public.example.pem")


@contextlib.contextmanager
def before(behind: int) -> Iterator[int]:
    """The port on loopback where TLS is spoken for the one that is given; nothing need listen there yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):  # a browser ends connections as it likes
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", behind)
            await asyncio.gather(_copy(reader, back_writer), _copy(back_reader, writer))

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(carry, "127.0.0.1", 0, ssl=context)

    async def end(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
