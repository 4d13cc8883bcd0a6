"""What the Nu validator and axe make of every mail and page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import every_page
from tests.support.browser import opened
from tests.support.checkers import axe, validated
from tests.support.fixed_letters import LETTERS, letter
from tests.support.fixed_letters import spliced as spliced_letter
from tests.support.home import make_home
from tests.support.looks import LOOKS, everything, right_to_left

MODES = ("light", "dark")
WIDTHS = (320, 1000)
LANGUAGES = ("nl", "ar")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By name everything that a reader or the operator can be shown, in two languages where directions differ."""
    folders = right_to_left(tmp_path_factory.mktemp("home") / "templates")
    shown = {look: everything(look) for look in LOOKS}
    shown |= {f"{look}-rtl": everything(look, "he", folders) for look in LOOKS}
    shown |= {name: spliced_letter(letter(name, "nl").html) for name in LETTERS}
    return shown


@pytest.fixture(scope="module", params=LANGUAGES)
def web(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By name every page of the web part, in a language."""
    folder = tmp_path_factory.mktemp(request.param)
    with ThreadPoolExecutor(1) as other:  # a browser that is open keeps a loop of its own in this thread
        made = other.submit(every_page.pages, folder / "home", make_home(folder / "empty"), request.param)
        return made.result()


def test_the_validator_finds_no_error(pages: dict[str, str], tmp_path: Path) -> None:
    assert validated(pages, tmp_path) == []


def test_the_validator_finds_no_error_on_the_web(web: dict[str, str], tmp_path: Path) -> None:
    assert validated(web, tmp_path) == []


@pytest.mark.parametrize("mode", MODES)
def test_pages_fit_and_axe_finds_nothing_serious(browser, web: dict[str, str], mode: str) -> None:
    found: dict[tuple[str, int], list[str]] = {}
    with opened(browser, "", mode=mode) as page:
        for name, html in web.items():
            page.set_content(html)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                wide = page.evaluate("document.documentElement.scrollWidth")
                found[name, width] = axe(page) + ["scrolls sideways"] * (wide > width)
    assert {where: what for where, what in found.items() if what} == {}
    assert len(found) == len(every_page.STATUS) * len(WIDTHS)


def test_the_validator_would_find_one(tmp_path: Path) -> None:
    bad = '<!doctype html><html lang="nl"><title>x</title><p><img src="x.png"></div></html>'
    found = validated({"bad": bad}, tmp_path)
    assert any("“alt”" in line for line in found)
    assert any("“div”" in line or "tag “div”" in line for line in found)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [*LOOKS, *(f"{look}-rtl" for look in LOOKS), *LETTERS])
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
