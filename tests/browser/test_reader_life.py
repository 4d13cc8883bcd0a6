"""A reader's whole life in a real browser, with real mails: from the sign-up page to the last mail there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from digest.model.subscription import Subscription
from tests.support.desk import text_of
from tests.support.home import make_home, states, subscribe
from tests.support.living import Living, living
from tests.support.signing_up import held, history
from tests.support.web import FORM, ONE_CLICK

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

WITNESS = "witness@example.net"  # who stays, so that one can tell that an edition was sent
#: What is on record of a reader before the end.
CHANGES = [(action, "page") for action in ("subscribe", "confirm", "change", "pause", "resume")]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    folder = tmp_path_factory.mktemp("life")
    with living(folder / "home", make_home(folder / "empty")) as made:
        subscribe(made.house, WITNESS)
        yield made


@contextmanager
def browsing(browser: Any, *, scripts: bool) -> Iterator[Any]:
    context = browser.new_context(java_script_enabled=scripts, locale="en-GB", ignore_https_errors=True)
    context.set_default_timeout(30_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def link_to(life: Living, mail: EmailMessage, path: str) -> str:
    found = re.search(rf"{re.escape(life.url)}{path}\S+", text_of(mail))
    assert found, text_of(mail)
    return found[0]


def press(page: Any, name: str) -> int:
    """A button that sends a form; the status of the page that it leads to."""
    with page.expect_navigation() as led:
        page.get_by_role("button", name=name, exact=True).click()
    return int(led.value.status)


def heading(page: Any) -> str:
    return str(page.locator("h1").inner_text())


def sign_up(life: Living, page: Any, email: str) -> None:
    page.goto(life.url)
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Sport", exact=True).uncheck()
    assert press(page, "Sign up") == 200
    assert heading(page) == "Look in your mailbox"


def confirm(life: Living, page: Any, email: str) -> None:
    """By the link in the mail; it ends on the page of preferences."""
    assert mine(life, email).state == "pending"
    page.goto(link_to(life, life.mailed(email, "/c/"), "/c/"))
    assert heading(page) == "One more click"
    assert mine(life, email).state == "pending", "looking changes nothing"
    assert press(page, "Confirm the subscription") == 200
    assert heading(page) == "You are subscribed"
    assert mine(life, email).state == "active"
    page.get_by_role("link", name="Change your preferences").click()
    assert heading(page) == "Your preferences"


def prefer(life: Living, page: Any, email: str) -> None:
    """What was chosen at sign-up stands there; then topics and zone change, and a pause begins and ends."""
    assert not page.get_by_label("Sport", exact=True).is_checked()
    page.get_by_label("Weather", exact=True).uncheck()
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.get_by_label("Pause: send nothing until I change this").check()
    assert press(page, "Save") == 200
    told = page.get_by_role("status").inner_text()
    assert "Asia/Tokyo" in told
    assert mine(life, email).state == "paused"
    page.get_by_label("Send them").check()
    assert press(page, "Save") == 200
    now = mine(life, email)
    assert (now.state, now.zone) == ("active", "Asia/Tokyo")
    assert not {"sport", "weather"} & set(now.topics)


def mine(life: Living, email: str) -> Subscription:
    (found,) = held(life.house, email)
    return found


def one_click(life: Living, mail: EmailMessage, page: Any) -> None:
    """As RFC 8058 has it: a POST to the link in the header, by a program of the mailbox provider."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.search(rf"<({re.escape(life.url)}/u/[^>]+)>", mail["List-Unsubscribe"])
    assert found
    headers = {"content-type": FORM, "user-agent": "a mailbox provider"}
    answer = page.context.request.post(found[1], data=ONE_CLICK, headers=headers, max_redirects=0)
    assert answer.status == 200


def by_hand(life: Living, mail: EmailMessage, page: Any) -> None:
    page.goto(link_to(life, mail, "/u/"))
    assert heading(page) == "Unsubscribe?"
    assert press(page, "Unsubscribe") == 200
    assert heading(page) == "You are unsubscribed"


@pytest.mark.parametrize(("scripts", "leave"), [(True, one_click), (False, by_hand)])
def test_from_the_sign_up_page_to_the_last_mail(life: Living, browser: Any, scripts: bool, leave: Any) -> None:
    email = f"{leave.__name__}@example.net"
    with browsing(browser, scripts=scripts) as page:
        sign_up(life, page, email)
        confirm(life, page, email)
        prefer(life, page, email)
        mail = life.mailed(email, life.edition())
        leave(life, mail, page)
    assert mine(life, email).state == "unsubscribed"
    life.mailed(WITNESS, life.edition())
    assert len(life.mails(email)) == 2, "the confirmation and one edition, and nothing more"
    assert [reader for _, reader, _ in states(life.house) if reader == email] == [email] * 2
    changes = [(c.action, c.via) for c in history(life.house, email)]
    assert changes == [*CHANGES, ("unsubscribe", "one-click" if leave is one_click else "page")]


# --- by the keyboard alone ---------------------------------------------------------------------------------


def tab_to(page: Any, target: Any) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            outline = target.evaluate("e => getComputedStyle(e).outlineStyle")
            assert outline != "none", "where the focus is can be seen"
            return
    pytest.fail("Tab does not lead there")


def enter(page: Any) -> int:
    with page.expect_navigation() as led:
        page.keyboard.press("Enter")
    return int(led.value.status)


@pytest.mark.parametrize("scripts", [True, False])
def test_by_the_keyboard_alone(life: Living, browser: Any, scripts: bool) -> None:
    """Tab, Space, Enter, and what is typed."""
    email = f"keys.{scripts}@example.net".lower()
    with browsing(browser, scripts=scripts) as page:
        page.goto(life.url)
        tab_to(page, page.get_by_role("link", name="Sign up"))
        assert enter(page) == 200
        tab_to(page, page.get_by_label("E-mail address"))
        page.keyboard.type("keys")
        assert enter(page) == 422
        assert "Nothing is sent yet" in page.get_by_role("alert").inner_text()
        tab_to(page, page.get_by_role("alert").get_by_role("link").first)
        page.keyboard.press("Enter")  # to the field
        page.keyboard.press("Control+A")
        page.keyboard.type(email)
        tab_to(page, page.get_by_label("Sport", exact=True))
        page.keyboard.press("Space")
        tab_to(page, page.get_by_role("button", name="Sign up"))
        assert enter(page) == 200
        assert heading(page) == "Look in your mailbox"

        page.goto(link_to(life, life.mailed(email, "/c/"), "/c/"))
        tab_to(page, page.get_by_role("button", name="Confirm the subscription"))
        assert enter(page) == 200
        assert mine(life, email).state == "active"
        tab_to(page, page.get_by_role("link", name="Change your preferences"))
        assert enter(page) == 200

        tab_to(page, page.get_by_label("Weather", exact=True))
        page.keyboard.press("Space")
        tab_to(page, page.get_by_label("Send them"))
        page.keyboard.press("ArrowDown")
        tab_to(page, page.get_by_label("They come again on"))
        until = datetime.now(UTC).date() + timedelta(days=30)
        page.keyboard.type(f"{until:%m%d%Y}")  # as the browser is, whatever the page speaks
        tab_to(page, page.get_by_role("button", name="Save"))
        assert enter(page) == 200
        assert "Saved" in page.get_by_role("status").inner_text()
        now = mine(life, email)
        assert now.state == "paused"
        assert now.paused_until
        assert now.paused_until.date() == until
        assert not {"sport", "weather"} & set(now.topics)
