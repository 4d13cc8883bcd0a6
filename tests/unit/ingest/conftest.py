from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.model.article import RawArticle


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)


@pytest.fixture
def raw() -> RawArticle:
    return RawArticle(
        text=(
            "The town council of Marlow Ferry voted on Tuesday to replace the old swing bridge with a fixed one.\n\n"
            "Work begins in the spring and should take eleven months, the harbour master said after the meeting."
        ),
        origin="bridge.txt",
        identity="id:bridge-1",
    )
