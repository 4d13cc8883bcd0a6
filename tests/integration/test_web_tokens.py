"""How long a token may be: the longest of ours is looked at, a longer one costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.audience import tokens
from digest.pipeline.envelope import COPY, COPY_PATH, PREFERENCES, PREFERENCES_PATH, UNSUBSCRIBE, UNSUBSCRIBE_PATH
from tests.support.home import open_house
from tests.support.web import site

LAST = 2**63 - 1  # no row has a higher number
PAGES = {
    UNSUBSCRIBE_PATH: (UNSUBSCRIBE, str(LAST)),
    PREFERENCES_PATH: (PREFERENCES, str(LAST)),
    COPY_PATH: (COPY, f"{LAST}:{'f' * 32}"),
}


def test_of_each_page(tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL="https://news.example.org") as house:
        web = site(house.services)
        looked_at: list[str] = []
        verify = tokens.verify

        def watched(secrets: object, purpose: str, token: str) -> str | None:
            looked_at.append(token)
            return verify(secrets, purpose, token)  # type: ignore[arg-type]

        monkeypatch.setattr(tokens, "verify", watched)
        for path, (purpose, payload) in PAGES.items():
            longest = tokens.sign(house.services.home.secret(), purpose, payload)
            assert web.ask("GET", path + longest).status in (200, 404, 410)
            assert longest in looked_at, path
            assert web.ask("GET", path + longest + "A" * 200).status == 404
            assert web.ask("POST", path + longest + "A" * 200, b"").status in (403, 404, 405)
        assert len(set(looked_at)) == len(PAGES)
        web.services.database.close()
