from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import planned
from tests.support.warm import Warm


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    with Warm() as started:
        yield started


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, str], Path]:
    """A home with an edition planned for so many readers under that policy: made once, to be copied."""
    made: dict[tuple[int, str], Path] = {}

    def get(readers: int, policy: str = "resend") -> Path:
        if (readers, policy) not in made:
            folder = tmp_path_factory.mktemp(f"planned-{readers}-{policy}")
            made[readers, policy] = planned.make(folder, readers=readers, policy=policy)
        return made[readers, policy]

    return get
