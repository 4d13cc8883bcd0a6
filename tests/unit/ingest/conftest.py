from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.model.article import RawArticle


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real inputs beside the checkout; not part of it."""
    default = Path(__file__).resolve().parents[4] / "shared"
    folder = Path(os.environ.get("DIGEST_SHARED") or default)
    if not folder.is_dir():
        pytest.skip(f"needs the shared inputs ({folder}; DIGEST_SHARED says where)")
    return folder


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
