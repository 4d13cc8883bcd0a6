"""One suite over every built-in transport: what a sender may rely on, whatever the medium."""

from __future__ import annotations

import io
import os
import resource
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.deliver.retry import classify
from digest.deliver.transports.base import Reply, TransportSettings
from digest.deliver.transports.console import ConsoleTransport
from digest.model.delivery import DeliveryState
from tests.support import disk
from tests.support.media import LATER, MEDIA, NOBODY, SENDER, Medium

S = DeliveryState
READER = "jan@example.org"


def message(number: int, to: str = READER, lines: int = 3) -> bytes:
    head = f"From: a@example.com\r\nTo: {to}\r\nSubject: n{number}\r\nDate: Sat, 24 May 2025 05:00:00 +0000\r\n"
    body = "".join(f"{line} of {number}\r\n" for line in range(lines))
    return f"{head}Message-ID: <{number}.{to}>\r\n\r\n.dot\r\n..two\r\n.\r\n{body}".encode()


@pytest.fixture(params=MEDIA)
def medium(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Medium]:
    with MEDIA[request.param](tmp_path) as made:
        yield made


def state(reply: Reply) -> DeliveryState | None:
    return S.UNCERTAIN if reply.ambiguous else classify(reply.code, reply.enhanced, reply.text, reply.stage).state


def carry(medium: Medium, text: bytes, to: str = READER) -> Reply:
    """One message over a connection of its own: the last reply."""
    connection = medium.transport.open()
    try:
        agreed = connection.begin(SENDER, to)
        return connection.send(text) if agreed.ok else agreed
    finally:
        connection.close()


def test_the_list_is_that_of_the_entry_points() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["entry-points"]["digest.transports"]) == set(MEDIA)


def test_the_bytes_arrive_as_they_were(medium: Medium) -> None:
    text = message(1)
    assert state(carry(medium, text)) is S.SENT
    ((to, arrived),) = medium.arrived()
    assert to == READER
    if medium.transport.name == "console":  # for people: the text, not the bytes
        assert ".dot\n..two\n.\n0 of 1\n" in arrived.decode()
    else:
        assert arrived == medium.keeps(text)


def test_one_connection_carries_one_message_after_another(medium: Medium) -> None:
    connection = medium.transport.open()
    for number in range(5):
        assert connection.begin(SENDER, READER).ok
        assert state(connection.send(message(number))) is S.SENT
    connection.close()
    assert len(medium.arrived()) == 5


def test_what_was_reset_is_forgotten(medium: Medium) -> None:
    connection = medium.transport.open()
    assert connection.begin(SENDER, "wrong@example.org").ok
    again = connection.reset()
    assert state(connection.send(message(1))) not in (None, S.SENT)
    if not again:  # it cost the connection
        connection.close()
        connection = medium.transport.open()
    assert connection.begin(SENDER, READER).ok
    assert state(connection.send(message(2))) is S.SENT
    connection.close()
    assert [to for to, _ in medium.arrived()] == [READER]


def test_an_announcement_is_for_one_message(medium: Medium) -> None:
    connection = medium.transport.open()
    assert connection.begin(SENDER, READER).ok
    assert connection.send(message(1)).ok
    assert state(connection.send(message(2))) not in (None, S.SENT)
    connection.close()
    assert len(medium.arrived()) == 1


def test_begin_alone_lets_nothing_out(medium: Medium) -> None:
    connection = medium.transport.open()
    assert connection.begin(SENDER, READER).ok
    connection.close()
    assert medium.arrived() == []


def test_the_same_message_again_is_one_where_the_medium_can_know(medium: Medium) -> None:
    for _ in range(2):
        assert state(carry(medium, message(1))) is S.SENT
    assert state(carry(medium, message(2))) is S.SENT
    assert len(medium.arrived()) == (2 if medium.knows_repeats else 3)


def test_two_messages_to_one_reader_are_two_and_one_to_two_readers_too(medium: Medium) -> None:
    for number, to in ((1, READER), (2, READER), (3, "piet@example.org")):
        assert state(carry(medium, message(number, to), to)) is S.SENT
    assert Counter(to for to, _ in medium.arrived()) == {READER: 2, "piet@example.org": 1}


def test_an_international_address(medium: Medium) -> None:
    to = "jäger@bücher.example"
    assert state(carry(medium, message(1, to), to)) is S.SENT
    ((arrived, _),) = medium.arrived()
    assert arrived in (to, "jäger@xn--bcher-kva.example")


@pytest.mark.parametrize("name", [name for name in MEDIA if name in ("smtp", "sendmail")])
@pytest.mark.parametrize(
    ("to", "after", "why"), [(NOBODY, S.FAILED, "no such user here"), (LATER, S.DEFERRED, "try again in a while")]
)
def test_a_refusal_says_why(name: str, to: str, after: DeliveryState, why: str, tmp_path: Path) -> None:
    with MEDIA[name](tmp_path) as medium:
        assert medium.refuses
        reply = carry(medium, message(1, to), to)
        assert state(reply) is after
        assert reply.text == why
        assert medium.arrived() == []
        assert state(carry(medium, message(2))) is S.SENT


@pytest.fixture
def little_space() -> Iterator[None]:
    """No file may grow beyond 2,000 octets: to whoever writes it is as a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", [name for name in MEDIA if name != "smtp"])  # a server's full disk is its reply
def test_a_full_disk_defers(name: str, tmp_path: Path, little_space: None) -> None:
    with MEDIA[name](tmp_path) as medium:
        connection = medium.transport.open()
        assert connection.begin(SENDER, READER).ok
        reply = connection.send(message(1, lines=1000))
        assert state(reply) is S.DEFERRED
        assert "too large" in reply.text.lower()
        connection.reset()
        assert connection.begin(SENDER, READER).ok
        if name != "console":  # a stream cannot take back the half that it holds
            assert state(connection.send(message(2))) is S.SENT
            assert [text for _, text in medium.arrived()] == [medium.keeps(message(2))]
        connection.close()


@pytest.mark.parametrize("name", ["maildir", "eml"])
def test_a_real_full_disk_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    with disk.small_disk(tmp_path / "disk", kilobytes=64) as full, MEDIA[name](full) as medium:
        assert state(carry(medium, message(1))) is S.SENT
        reply = carry(medium, message(2, lines=10_000))
        assert state(reply) is S.DEFERRED
        assert "space" in reply.text
        assert state(carry(medium, message(3))) is S.SENT
        assert len(medium.arrived()) == 2
        assert sum(1 for path in full.rglob("*") if path.is_file()) == 2


@pytest.mark.parametrize("name", ["maildir", "eml"])
def test_a_message_is_durable_before_it_is_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, the folder with its name, and the folders that had to be made."""
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with MEDIA[name](tmp_path) as medium:
        assert carry(medium, message(1)).ok
        (kept,) = [path for path in (tmp_path / "mail").rglob("*") if path.is_file()]
    for folder in kept.parents:
        assert str(folder) in synced, folder
        if folder == tmp_path:
            break
    drafts = [path for path in synced if not Path(path).is_dir()]
    assert len(drafts) == 1
    assert synced.index(drafts[0]) < max(n for n, path in enumerate(synced) if path == str(kept.parent))


def test_several_connections_at_once(medium: Medium) -> None:
    replies: list[DeliveryState | None] = []

    def lane(number: int) -> None:
        connection = medium.transport.open()
        for n in range(5):
            to = f"reader{number}@example.org"
            assert connection.begin(SENDER, to).ok
            replies.append(state(connection.send(message(10 * number + n, to, lines=500))))
        connection.close()

    threads = [threading.Thread(target=lane, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [S.SENT] * 20
    arrived = medium.arrived()
    assert Counter(to for to, _ in arrived) == {f"reader{n}@example.org": 5 for n in range(4)}
    if medium.transport.name != "console":
        sent = [
            message(10 * number + n, f"reader{number}@example.org", lines=500) for number in range(4) for n in range(5)
        ]
        assert sorted(text for _, text in arrived) == sorted(map(medium.keeps, sent))


def test_close_never_raises(medium: Medium) -> None:
    connection = medium.transport.open()
    assert connection.begin(SENDER, READER).ok
    medium.break_down()
    connection.close()
    connection.close()


def test_a_connection_whose_medium_is_gone_answers(medium: Medium) -> None:
    connection = medium.transport.open()
    medium.break_down()
    agreed = connection.begin(SENDER, READER)
    reply = connection.send(message(1)) if agreed.ok else agreed
    assert isinstance(reply, Reply)
    if medium.refuses:
        assert state(reply) is S.DEFERRED
        assert medium.arrived() == []
    connection.reset()
    connection.close()


def test_a_console_of_few_characters_shows_what_it_can() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    connection = ConsoleTransport(TransportSettings(), out).open()
    connection.begin("a@example.com", "b@example.org")
    text = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nh\xe9\r\n"
    assert connection.send(text.encode()).ok
    out.seek(0)
    assert "h?" in out.read()
