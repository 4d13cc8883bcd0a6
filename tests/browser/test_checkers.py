"""What the Nu validator and axe make of every mail and page."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.web.pages import Pages
from tests.support.browser import opened
from tests.support.checkers import axe, validated
from tests.support.fixed_letters import LETTERS, letter
from tests.support.fixed_letters import spliced as spliced_letter
from tests.support.fixed_view import TEMPLATES
from tests.support.looks import LOOKS, everything, right_to_left

_PAGES = {
    "unsubscribe": {"title": "De Ochtendpost"},
    "unsubscribed": {"title": "De Ochtendpost", "others": 2, "every": False, "sign_up": "../s/news"},
    "move": {"over": False, "done": False, "address": "n…@example.net"},
    "problem": {"title": "", "kind": "missing"},
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By name everything that a reader or the operator can be shown, in two languages where directions differ."""
    folders = right_to_left(tmp_path_factory.mktemp("home") / "templates")
    shown = {look: everything(look) for look in LOOKS}
    shown |= {f"{look}-rtl": everything(look, "he", folders) for look in LOOKS}
    shown |= {name: spliced_letter(letter(name, "nl").html) for name in LETTERS}
    web = Pages([TEMPLATES])
    shown |= {name: bytes(web.page(name, "nl", **values).body).decode() for name, values in _PAGES.items()}
    return shown


def test_the_validator_finds_no_error(pages: dict[str, str], tmp_path: Path) -> None:
    assert validated(pages, tmp_path) == []


def test_the_validator_would_find_one(tmp_path: Path) -> None:
    bad = '<!doctype html><html lang="nl"><title>x</title><p><img src="x.png"></div></html>'
    found = validated({"bad": bad}, tmp_path)
    assert any("“alt”" in line for line in found)
    assert any("“div”" in line or "tag “div”" in line for line in found)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", [*LOOKS, *(f"{look}-rtl" for look in LOOKS), *LETTERS, *_PAGES])
def test_axe_finds_nothing_serious(browser, pages: dict[str, str], name: str, mode: str) -> None:
    with opened(browser, pages[name], width=360, mode=mode) as page:
        assert axe(page) == []


def test_axe_would_find_something(browser) -> None:
    bad = '<!doctype html><html><title>x</title><main><h1>a</h1><p style="color:#aaa">grey</p><img src="data:,"></main>'
    with opened(browser, bad) as page:
        found = " ".join(axe(page))
    assert "html-has-lang" in found
    assert "color-contrast" in found
    assert "image-alt" in found
