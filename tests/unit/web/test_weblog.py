"""Lines of the log of requests, and what writes them."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.web.watch import Seen
from digest.web.weblog import Writer, line, network_of_client

AT = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
SEEN = Seen("GET", "/u/{token}", 200, 0.01234, 512, {})


def test_a_line_holds_no_token_and_the_network_only_where_it_is_wanted() -> None:
    assert line(AT, SEEN) == "2026-03-02T23:59:59Z GET /u/{token} 200 12.3 512"
    assert line(AT, SEEN, "192.0.2.0/24").endswith(" 512 192.0.2.0/24")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("", "-"),
        ("nonsense", "-"),
    ],
)
def test_so_much_of_an_address_as_names_nobody(address: str, network: str) -> None:
    assert network_of_client(address) == network


def test_a_file_a_day_that_others_cannot_read(tmp_path: Path) -> None:
    said: list[str] = []
    writer = Writer(tmp_path / "weblog", said.append)
    for n in range(500):
        writer.write(AT, f"late {n}")
    writer.write(AT.replace(day=3), "early")
    writer.close()
    first, second = sorted((tmp_path / "weblog").iterdir())
    assert (first.name, second.name) == ("2026-03-02.log", "2026-03-03.log")
    assert first.read_text().splitlines() == [f"late {n}" for n in range(500)]
    assert second.read_text() == "early\n"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert said == []


def test_a_disk_that_fails_is_told_of_once_and_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "weblog").write_text("a file in its place")
    said: list[str] = []
    writer = Writer(tmp_path / "weblog", said.append, most=10)
    for n in range(10_000):
        writer.write(AT, str(n))
    writer.close()
    assert len(said) == 1
    assert "requests are answered, and not logged" in said[0]
