from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import mailed
from tests.support.home import House, make_home, open_house
from tests.support.mailed_cases import CASES
from tests.support.scripted import Scripted


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `digest init` leaves it; to be copied, never to be used."""
    return make_home(tmp_path_factory.mktemp("empty-home"))


@pytest.fixture(scope="session")
def mails(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> dict[str, bytes]:
    """The mail of each case, by its name."""
    return {name: mailed.mail(tmp_path_factory.mktemp(name) / "home", empty_home, case) for name, case in CASES.items()}


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home) as opened:
        yield opened


@pytest.fixture
def scripted() -> Iterator[Callable[..., Scripted]]:
    """Makes SMTP servers that answer as they are told, until the test ends."""
    made: list[Scripted] = []

    def make(*args: Any, **options: Any) -> Scripted:
        made.append(Scripted(*args, **options))
        return made[-1]

    yield make
    for server in made:
        server.close()
