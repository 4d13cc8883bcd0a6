from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.home import House, make_home, open_house


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `digest init` leaves it; to be copied, never to be used."""
    return make_home(tmp_path_factory.mktemp("empty-home"))


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home) as opened:
        yield opened
